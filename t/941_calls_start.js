'use strict';
// What 940 does to a house at work, done to those who set it up: each call of the operator's command, `ticketrail`, and of the pools'
// master fails in turn. A command says so with one of the exit codes of sysexits.h and does its work when it is run again; a
// master leaves nobody behind, and starts when it is started again.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { test, before, after } = require('node:test');
const { Boards } = require('./fail/board.js');
const { Sweep } = require('./fail/sweep.js');
const { World } = require('./world.js');
const { survivors } = require('./stack/process.js');
const { top } = require('./stack/layout.js');

const build = path.resolve(top, process.env.TICKETRAIL_BUILD || 'build/test');
// What the other programs have too is failed there.
const MINE = /^(fcgi\/(pool|ticketrail)|lib\/process\/asker|lib\/check\/\w+|lib\/db\/(raw|migrate|grant|account|script)|lib\/provider\/onboard)\.c |^lib\/crypto\/(rsa\.c rsa_(generate|private_pem|public_pem)|password\.c password_hash) /;

const dir = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'fail.'));
process.env.TICKETRAIL_FAIL_DIR = dir;
const boards = new Boards(build, dir);
for (const name of ['ticketrail', 'pool']) boards.of(name);

let world, sweep, databases = 0;

before(async () => {
	world = await World.start({ onboard: false, programs: [], sims: [] });
	sweep = new Sweep(world, boards);
});
after(async () => {
	await world?.stop();
	fs.rmSync(dir, { recursive: true });
});

// Runs to the end: {status, out, err}.
function run(argv, { env = {}, input, fds = [] } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(argv[0], argv.slice(1), { cwd: world.at.dir, env: { ...process.env, ...world.environment(), ...env }, stdio: ['pipe', 'pipe', 'pipe', ...fds] });
		let out = '', err = '';
		child.stdout.on('data', (text) => { out += text; });
		child.stderr.on('data', (text) => { err += text; });
		child.stdin.on('error', () => {});
		child.stdin.end(input);
		const late = setTimeout(() => child.kill('SIGKILL'), 20000);
		child.on('exit', () => clearTimeout(late));
		child.on('error', reject);
		child.on('close', (code, signal) => resolve({ status: signal ? `signal ${signal}` : `exit ${code}`, out, err }));
	});
}

// The command until it succeeds; what it says then must be what it says when nothing fails.
async function command(words, { says = /./, ...options } = {}) {
	for (let tries = 0; tries < 4; tries++) {
		const { status, out, err } = await run([path.join(build, 'ticketrail'), ...words], options);
		if (status === 'exit 0') {
			assert.match(out, says, `${words[0]} says that all is well`);
			return out;
		}
		assert.match(status, /^(signal SIGABRT|exit (64|66|69|70|71|73|74|75|78))$/, `${words.join(' ')}: ${err}`);
		assert.ok(status.startsWith('signal') || err.length > 0, `${words[0]} ends with ${status} and says nothing`);
	}
	throw new Error(`${words[0]} never succeeds`);
}

const mine = (site) => MINE.test(`${site.name} `);
const over = (drive, more) => sweep.over('ticketrail', { drive, only: mine, ...more });

test('F21 F22 the operator is told, and the command works when it is run again', async () => {
	const password = world.canary('a password of twenty');
	let made = 0;
	// A restaurant that nobody has heard of before.
	const restaurant = () => JSON.stringify({ slug: `n${++made}`, name: 'One', time_zone: 'Asia/Kolkata', currency: 'INR', settings: { max_orders_per_slot: 5 },
		staff: [{ username: 'asha', password, role: 'admin', name: 'Asha', phone: '+919900000101' }],
		pos: { provider_name: 'petpooja', pos_restaurant_id: `abc${made}`, endpoint: 'http://127.0.0.1:9', webhook_secret: 'w'.repeat(20),
			authorization: 'z'.repeat(20), config: { app_key: 'k', app_secret: 's', access_token: 't', webhook_policy: 'hmac', restaurant_name_petpooja: 'One' } } });
	const file = path.join(world.at.conf, 'one.json');
	const template = await command(['config']);
	await over(async () => assert.equal(await command(['config']), template));
	await over(() => command(['keys'], { says: /^DB_PASSWORD=\w{64}\nHASH_KEY=\w{64}\n(\w+_KEY=\w{64}\n){4}$/ }));
	await over(() => {
		fs.writeFileSync(file, restaurant(), { mode: 0o600 });
		return command(['onboard', file], { says: /^restaurant n\d+ \(\d+\): POS connected, 1 staff/ });
	});
	await over(() => command(['onboard', '-'], { input: restaurant(), says: /^restaurant n\d+/ }));
	assert.deepEqual(await world.sql(`SELECT COUNT(*) AS n FROM restaurants`), [{ n: String(made) }]);
	await over(() => command(['rotate-signing-key'], { says: /^tokens are signed with \w+/ }));
	await over(() => command(['messages']));
	await over(() => command(['check'], { says: /^/ }));
	const journal = path.join(world.at.conf, 'journal');
	fs.writeFileSync(journal, '{}\n'.repeat(9) + '{"what":"nothing that is known"}\n');
	await over(async () => assert.match((await run([path.join(build, 'ticketrail'), 'check', '--journal', journal])).err, /./));
	let keys = 0;
	const wrong = [];
	await over(async () => {
		let into;
		await world.until('keys', async () => {
			into = path.join(world.at.conf, `keys${keys++}`);
			fs.mkdirSync(into);
			const { status, out, err } = await run([path.join(build, 'ticketrail'), 'keys', into]);
			if (status === 'exit 0') assert.match(out, /^RELAY_PUBLIC_KEY=\w{64}\nAUTH_PUBLIC_KEY=\w{64}\n$/);
			else if (!/^exit 7[034]$/.test(status) || err === '') wrong.push(`${sweep.label}: ${status} ${err}`);
			return status === 'exit 0';
		});
		assert.equal(fs.readdirSync(into).filter((name) => fs.statSync(path.join(into, name)).size === 65).length, 4);
	}, { deep: 2, deepAt: /^open$/ });
	assert.deepEqual(wrong, []);
	sweep.assertDeaths();
});

test('F21 F22 F43 the schema is whole when migrate says so', async () => {
	const tables = async (name) => (await world.sql(`SELECT COUNT(*) AS n FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${name}'`))[0].n;
	const fresh = async () => {
		const name = `fresh${databases++}`;
		await command(['migrate'], { env: { DB_NAME: name }, says: /^schema \d{4}: / });
		const n = await tables(name);
		await world.sql(`DROP DATABASE ${name}`);
		return n;
	};
	const whole = await fresh();
	assert.ok(Number(whole) > 100);
	await over(async () => assert.equal(await fresh(), whole));
});

test('F21 F22 F40 a master starts, reloads, replaces and ends, or it has not begun', async () => {
	const socket = path.join(world.at.run, 'calls.sock');
	const script = path.join(world.at.dir, 'worker.sh');
	const log = path.join(world.at.log, 'calls.log');
	const pool = path.join(build, 'pool');
	const mute = path.join(world.at.dir, 'mute');
	fs.writeFileSync(script, '#!/bin/sh\n[ ! -e mute ] || exec sleep 1000\nprintf R >&"$READY_FD"\nexec 3>&-\nexec sleep 1000\n', { mode: 0o700 });
	const children = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	const told = (from, event) => fs.readFileSync(log, 'utf8').slice(from).includes(`"event":"${event}"`);

	// Up and ready, however often it takes.
	const start = async () => {
		for (let tries = 0; tries < 4; tries++) {
			fs.appendFileSync(log, '');
			const from = fs.statSync(log).size;
			const child = world.spawn('calls', [pool, '--name', 'calls', '--socket', socket, '--workers', '1', '--ready-within', '2', '--', script],
				{ env: { NOTIFY_SOCKET: '@ticketrail-nobody' } });
			child.expected = true;
			await world.until('a master', () => child.status !== null || told(from, 'pool_ready'));
			if (child.status === null) return child;
			assert.match(child.status, /^(signal SIGABRT|exit (1|78|127))$/, fs.readFileSync(log, 'utf8').slice(from));
		}
		throw new Error('the master never starts');
	};
	const connects = () => new Promise((resolve) => {
		const one = net.connect(socket, () => resolve(one.destroy()));
		one.on('error', () => resolve(null));
	});
	const life = async () => {
		const child = await start();
		assert.notEqual(await connects(), null, 'the socket is there');
		await world.until('a reload', async () => {
			const { status, err } = await run([pool, '--reload', String(child.pid)]);
			assert.match(status, /^exit [01]$/, err);
			return status === 'exit 0';
		});
		const [worker] = await world.until('the worker', () => {
			const now = children(child.pid);
			return now.length === 1 && now;
		});
		process.kill(worker, 'SIGKILL');
		await world.until('another worker', () => {
			const now = children(child.pid);
			return now.length === 1 && now[0] !== worker && fs.readFileSync(`/proc/${now[0]}/comm`, 'utf8').trim() === 'sleep';
		});
		child.signal('SIGTERM');
		assert.ok(await child.stop(), 'it ends when it is told to');
		assert.equal(child.status, 'exit 0');
		assert.deepEqual(survivors(world.at.dir).filter((line) => line.includes('sleep 1000')), []);
	};
	await sweep.over('pool', { drive: life, only: mine });
	// One that neither says anything nor ends is given up.
	await sweep.over('pool', { only: (site) => site.fn === 'worker_forget', drive: async () => {
		const child = await start();
		fs.writeFileSync(mute, '');
		assert.equal((await run([pool, '--reload', String(child.pid)])).status, 'exit 1');
		fs.rmSync(mute);
		assert.ok(await child.stop(), 'it ends when it is told to');
	} });
});

test('F21 F22 no call of theirs was left out', (t) => {
	const { n, missed, exempt, wrong } = sweep.missed(['ticketrail', 'pool'], mine);
	t.diagnostic(`${n} calls, of which ${exempt} are exempt; ${sweep.failures} failures in ${Math.round((Date.now() - sweep.began) / 1000)} s`);
	for (const line of [...sweep.slow, ...sweep.lost.map((label) => `not reached again: ${label}`)]) t.diagnostic(line);
	assert.deepEqual(missed, [], 'never failed');
	assert.deepEqual(wrong, [], 'exempt, and failed all the same');
});
