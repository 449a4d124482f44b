'use strict';
// relay: five hundred restaurants whose POS takes half a second to answer, a thousand calls under way at once, over HTTPS: the
// relay beside a sender that only sends (sender.c), both to the same slow POS (pos.c; a simulator in JavaScript would be
// what is measured).

const assert = require('node:assert/strict');
const fs = require('node:fs');
const clones = require('./clones.js');
const usage = require('./usage.js');
const { median, spread, table } = require('./table.js');
const { until } = require('../stack/process.js');

const RESTAURANTS = 500;
const RELAYS = Number(process.env.RELAYS ?? 1); // that share the work
const AT_ONCE = 1000; // lib/relay/relay.h: RELAY_CALLS_MAX
const DELAY_MS = 500;
const CALLS = Number(process.env.CALLS ?? 8000);

// The body of one call as the relay made it.
async function bodyOf(house, n) {
	const [row] = await house.sql(`SELECT TO_BASE64(pos_request) AS body FROM orders WHERE id = ${clones.id(n)}`);
	return JSON.parse(Buffer.from(row.body, 'base64').toString()).body;
}

// Looks at processes until `over`: {peak_kb, cpu_s, seconds}.
async function watch(pids, over) {
	const begun = process.hrtime.bigint(), cpu = usage.cpu(pids);
	let peak_kb = 0, last = cpu;
	const look = setInterval(() => {
		peak_kb = Math.max(peak_kb, pids.reduce((kb, pid) => kb + usage.pss(pid), 0));
		last = usage.cpu(pids) || last;
	}, 200);
	await over();
	clearInterval(look);
	return { peak_kb, cpu_s: Math.max(last, usage.cpu(pids)) - cpu, seconds: Number(process.hrtime.bigint() - begun) / 1e9 };
}

// Calls a second, of the middle eight tenths as the POS answered them.
const rateOf = ({ answers, p10_us, p90_us }) => answers * 0.8 / ((p90_us - p10_us) / 1e6);

async function figuresOf(house, pids, over, delay_ms = DELAY_MS) {
	const database = house.world.child('mariadb').pid;
	await house.posAsk(`set?delay=${delay_ms}&hang=0`);
	const cpu = usage.cpu([database]), machine = usage.machine();
	const watched = await watch(pids, over);
	const pos = await house.posAsk('report');
	const after = usage.machine();
	return { ...watched, pos, rate: rateOf(pos), mariadbd_s: usage.cpu([database]) - cpu, busy: (after.busy - machine.busy) / (after.all - machine.all) };
}

async function sender(house, body, calls) {
	const child = house.world.spawn('sender', [house.program('sender'), `${house.pos}/1/save_order`, house.world.tls.ca, body, String(calls),
		String(AT_ONCE)], { lines: true });
	child.expected = true;
	const figures = await figuresOf(house, [child.pid], () => child.ended);
	const said = JSON.parse(child.out);
	assert.equal(said.failed, 0, `${said.failed} of the sender's calls failed`);
	return { ...figures, cpu_s: said.cpu_s };
}

const waiting = (house) => house.count('outbox', "runner = 'relay' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");

// Carries out what is due, and sees that each order went out once and was written down.
async function carryOut(house, from, to, delay_ms = DELAY_MS) {
	const names = Array.from({ length: RELAYS }, (_, i) => (i === 0 ? 'relay' : `relay-${i + 1}`));
	const children = names.map((name) => house.world.startRunner('relay', name));
	const figures = await figuresOf(house, children.map(({ pid }) => pid), () => until('the end of the outbox', async () => await waiting(house) === 0,
		{ ms: 600000, every: 300, alive: () => children.map((child) => child.death()).find(Boolean) }), delay_ms);
	for (const child of children) await child.stop();
	for (const name of names) house.world.children.delete(name);
	const n = to - from + 1;
	const sent = fs.readFileSync(house.file('pos.journal'), 'utf8').trim().split('\n').map((line) => line.split('\t')[2]);
	const accepted = await house.count('orders', `id BETWEEN ${clones.id(from)} AND ${clones.id(to)} AND pos_state = 'accepted' AND history_seq = 4`);
	const wrong = sent.length !== n || new Set(sent).size !== n || accepted !== n
		? [`relay: of ${n} orders ${accepted} are accepted, ${sent.length} calls named ${new Set(sent).size}`] : [];
	return { ...figures, wrong };
}

async function prepare(house) {
	await house.pool('orders');
	await house.world.answers();
	return { own: () => measure(house) };
}

async function measure(house) {
	const rounds = Math.max(1, Math.round(house.settings.rounds / 2));
	const of = await clones.template(house, RESTAURANTS);
	const all = [];
	const again = async (n) => {
		const first = await clones.next(house);
		await clones.make(house, of, first, first + n - 1);
		return { first, ...await carryOut(house, first, first + n - 1) };
	};
	const { first } = await again(RESTAURANTS);
	const body = house.file('call.json');
	fs.writeFileSync(body, await bodyOf(house, first));
	for (let r = 0; r < rounds; r++) {
		const round = {};
		for (const who of r % 2 === 0 ? ['sender', 'relay'] : ['relay', 'sender'])
			round[who] = who === 'relay' ? await again(CALLS) : await sender(house, body, CALLS);
		all.push(round);
		process.stderr.write(`relay: round ${r + 1} of ${rounds}, ${round.relay.rate.toFixed(0)} beside ${round.sender.rate.toFixed(0)}\n`);
	}
	return { text: text(all), wrong: all.flatMap(({ relay: { wrong } }) => wrong), all };
}

function text(all) {
	const per = (what) => all.map((round) => what(round.relay) / what(round.sender));
	const rows = [
		['calls a second', ({ rate }) => rate, 0, '>= 0.90'],
		['peak PSS, kB', ({ peak_kb }) => peak_kb, 0, '<= 1.30'],
		['cores of its own', ({ cpu_s, seconds }) => cpu_s / seconds, 2, ''],
		['CPU s per 1,000, its own', ({ cpu_s, pos }) => 1000 * cpu_s / pos.answers, 3, ''],
		['CPU s per 1,000, mariadbd', ({ mariadbd_s, pos }) => 1000 * mariadbd_s / pos.answers, 3, ''],
		['CPU s per 1,000, the POS', ({ pos }) => 1000 * pos.cpu_s / pos.answers, 3, ''],
		['under way at once, most', ({ pos }) => pos.most_in_flight, 0, ''],
		['connections made', ({ pos }) => pos.handshakes, 0, ''],
		['machine busy', ({ busy }) => busy, 2, ''],
	];
	return `The relay${RELAYS > 1 ? `, ${RELAYS} of them` : ''}: ${RESTAURANTS} restaurants, HTTPS, a POS that answers after ${DELAY_MS} ms, up to ${AT_ONCE} under way, ${CALLS} calls a turn

${table(['', 'relay', 'bare sender', 'ratio', 'aim'], rows.map(([name, what, digits, aim]) => [name, spread(all.map((one) => what(one.relay)), digits),
		spread(all.map((one) => what(one.sender)), digits), aim ? spread(per(what), 2) : '', aim]))}`;
}

module.exports = { prepare, text, carryOut, rateOf, sender, waiting, median, POOL: 'orders', restaurants: RESTAURANTS, RESTAURANTS, DELAY_MS };
