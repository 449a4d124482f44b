'use strict';
// Slow clients, of whom there are many: half a header, half a body, a handshake that goes no further, an answer that is never
// read. They hold a socket of nginx and nothing else; whoever behaves does not notice.
//
//	N=5000 nodejs t/963_slow.js      slow sockets

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');

const SLOW = Number(process.env.N ?? 1000);
const SECRET = 'c4n4ry-of-a-slow-header-0123456789';
const KINDS = ['header', 'body', 'handshake', 'reader'];

// The attacker, in a process of its own: `n` sockets of all kinds, from many addresses, one byte each second.
function attack([port, ca_file, count]) {
	const ca = fs.readFileSync(ca_file);
	const counts = Object.fromEntries(KINDS.map((kind) => [kind, { open: 0, ended: 0, answer: {}, ended_s: [] }]));
	const say = () => process.send(counts);
	const one = (i) => {
		const kind = KINDS[i % KINDS.length], mine = counts[kind];
		const to = { port: Number(port), host: '127.0.0.1', localAddress: `127.0.2.${1 + i % 100}` };
		const socket = kind === 'handshake' ? net.connect(to) : tls.connect({ ...to, servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] });
		let timer, begun;
		socket.on('error', () => {});
		socket.on(kind === 'handshake' ? 'connect' : 'secureConnect', () => {
			mine.open++;
			begun = Date.now();
			if (kind === 'header') socket.write(`GET /pp_callback/demo/?k=${SECRET} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `);
			if (kind === 'body') socket.write('POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{');
			if (kind === 'reader') {
				for (let k = 0; k < 8; k++) socket.write('GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n');
				socket.pause();
			} else if (kind !== 'handshake') timer = setInterval(() => socket.write('x'), 1000);
		});
		if (kind !== 'reader') socket.on('data', (data) => {
			const status = /^HTTP\/1.1 (\d+)/.exec(String(data))?.[1];
			if (status) mine.answer[status] = (mine.answer[status] ?? 0) + 1;
		});
		socket.on('close', () => {
			clearInterval(timer);
			if (begun === undefined) return;
			mine.open--;
			mine.ended++;
			mine.ended_s.push(Math.round((Date.now() - begun) / 1000));
		});
	};
	for (let i = 0; i < Number(count); i++) setTimeout(one, i, i);
	setInterval(say, 100);
	process.on('disconnect', () => process.exit());
}

if (process.argv[2] === 'attack') attack(process.argv.slice(3));
else tests();

function tests() {
	const { test, before, after } = require('node:test');
	const { World } = require('./world.js');
	const { Load, lines, sleep } = require('./load.js');
	const nginx = require('./stack/nginx.js');
	let world;

	before(async () => {
		world = await World.start({ onboard: false, sims: [], programs: ['ops'], limits: { ADDRESS_OPEN: nginx.LIMITS.ADDRESS_OPEN } });
		world.canary(SECRET);
	});
	after(() => world?.stop()); // no log may tell the canary

	const rss_kb = () => nginx.workers(world.child('nginx').pid).map((pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]))
		.reduce((a, b) => a + b, 0);

	test(`S56 E29 SEC-04 ${SLOW} slow sockets do not hurt who behaves`, async (t) => {
		const load = new Load(world);
		load.add('good', 6, () => ({ at: '/health' }), ({ status }) => status === 200 || 'is refused', { pause: 5, keeps: true });
		const measure = async (ms) => {
			load.start();
			await sleep(ms);
			const report = await load.stop();
			assert.deepEqual(report.good.failures.slice(0, 5), []);
			return report;
		};
		await measure(500);
		const quiet = [await measure(2500)];
		const before_kb = rss_kb();
		const attacker = fork(__filename, ['attack', String(world.port), world.tls.ca, String(SLOW)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
		let counts = {};
		attacker.on('message', (said) => { counts = said; });
		let slow;
		try {
			await world.until('all slow sockets', () => KINDS.reduce((sum, kind) => sum + (counts[kind]?.open ?? 0) + (counts[kind]?.ended ?? 0), 0) === SLOW, { ms: 30000 });
			const grown_kb = rss_kb() - before_kb;
			await measure(500); // what all of them asked for at once has been done
			slow = await measure(2500);
			t.diagnostic(`nginx grew by ${grown_kb} kB with ${SLOW} slow sockets`);
			assert.ok(grown_kb <= 64 * 1024, `${grown_kb} kB`);
			// Half a header has ten seconds in all, however it drips.
			await world.until('the slow headers to be ended', () => counts.header.open === 0, { ms: 20000 });
			assert.ok(Math.max(...counts.header.ended_s) <= 13, `${counts.header.ended_s}`);
			await world.until('the handshakes to be ended', () => counts.handshake.open === 0, { ms: 20000 });
			assert.ok(counts.body.open > 0, 'a body that drips is waited for, and holds nobody up');
		} finally {
			attacker.disconnect();
			await new Promise((resolve) => attacker.once('exit', resolve));
		}
		await world.until('nginx to be rid of them', async () => (await world.fetch('/health')).status === 200);
		quiet.push(await measure(2500));
		for (const [what, report] of [['quiet', quiet[0]], ['with slow ones', slow], ['quiet again', quiet[1]]])
			for (const line of lines(report)) t.diagnostic(`${what}: ${line}`);
		const usual = Math.max(...quiet.map((one) => one.good.p99));
		// 50 ms are what a machine on which others work adds to a p99; a worker held by a slow client would add seconds.
		assert.ok(slow.good.p99 <= 2 * usual + 50, `p99 ${slow.good.p99} ms beside ${usual} ms`);
		const said = fs.readFileSync(path.join(world.at.log, 'nginx.error.log'), 'utf8').split('\n').filter((line) => line && !/\[notice\]/.test(line));
		assert.deepEqual(said, [], 'nginx has nothing to say about it');
	});
}
