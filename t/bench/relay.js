'use strict';
// relay: five hundred restaurants whose POS takes half a second to answer, a thousand calls under way at once, over HTTPS: the
// relay beside a sender that only sends (sender.c), both to the same slow POS (pos.c; a simulator in JavaScript would be
// what is measured). Orders fall due at a steady pace, as many as a thousand calls at once can serve, and what is counted is what
// went out while they did, from when the first of them had time for all of its steps: before and after that there is less to be
// done than could be. POS=mixed: all four kinds of POS, a hundred and twenty-five restaurants each; then what it costs besides
// to look at orders that they have taken.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const clones = require('./clones.js');
const places = require('./places.js');
const town = require('./town.js');
const usage = require('./usage.js');
const { median, spread, table } = require('./table.js');
const { until } = require('../stack/process.js');

const RESTAURANTS = 500;
const RELAYS = Number(process.env.RELAYS ?? 1); // that share the work
const AT_ONCE = 1000; // lib/relay/relay.h: RELAY_CALLS_MAX
const DELAY_MS = 500;
const PACE = AT_ONCE * 1000 / DELAY_MS; // calls a second
const COUNTED_S = Number(process.env.COUNTED_S ?? 8);
const FILLED_S = 1 + Math.max(...places.names().map((name) => places.STEPS[name].length)) * DELAY_MS / 1000;
const CALLS = PACE * COUNTED_S;
const RECORDED = 2 * places.names().length; // restaurants of whose calls the sender sends copies
// What brings orders to the POS, and who looks at them: as long as anything of it is to be done.
const ORDERS = "runner = 'relay' AND kind IN ('pos_submit', 'pos_follow', 'pos_login') AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR";
const LOOKS = "runner = 'relay' AND kind = 'pos_look' AND (owner <> 0 OR due_at < UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE)";
// Looks fall due again, and are no part of what is measured then.
const LOOKS_END = "UPDATE outbox SET due_at = due_at + INTERVAL 1 YEAR WHERE runner = 'relay' AND kind = 'pos_look' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 DAY";

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

// Of those that went out while orders fell due.
function steadyRate(calls) {
	const from = calls[0].us + FILLED_S * 1e6;
	return calls.filter(({ us }) => us >= from && us < from + COUNTED_S * 1e6).length / COUNTED_S;
}

async function figuresOf(house, pids, over, { delay_ms = DELAY_MS, record = 0 } = {}) {
	const database = house.world.child('mariadb').pid;
	await house.posAsk(`set?delay=${delay_ms}&hang=0&total=${town.TOTAL_MINOR}&record=${record}`);
	const cpu = usage.cpu([database]), machine = usage.machine();
	const watched = await watch(pids, over);
	const pos = await house.posAsk('report');
	const after = usage.machine();
	return { ...watched, pos, rate: rateOf(pos), mariadbd_s: usage.cpu([database]) - cpu, busy: (after.busy - machine.busy) / (after.all - machine.all) };
}

async function sender(house, requests, calls) {
	const child = house.world.spawn('sender', [house.program('sender'), house.pos, house.world.tls.ca, requests, String(calls), String(AT_ONCE)],
		{ lines: true });
	child.expected = true;
	const figures = await figuresOf(house, [child.pid], () => child.ended);
	const said = JSON.parse(child.out);
	assert.equal(said.failed, 0, `${said.failed} of the sender's calls failed`);
	return { ...figures, cpu_s: said.cpu_s };
}

// Runs RELAYS relays until nothing of `what` is to be done.
async function untilDone(house, what, options) {
	const names = Array.from({ length: RELAYS }, (_, i) => (i === 0 ? 'relay' : `relay-${i + 1}`));
	const children = names.map((name) => house.world.startRunner('relay', name));
	const figures = await figuresOf(house, children.map(({ pid }) => pid), () => until('the end of the outbox', async () => await house.count('outbox', what) === 0,
		{ ms: 600000, every: 300, alive: () => children.map((child) => child.death()).find(Boolean) }), options);
	for (const child of children) await child.stop();
	for (const name of names) house.world.children.delete(name);
	return figures;
}

const journal = (house) => fs.readFileSync(house.file('pos.journal'), 'utf8').trim().split('\n').map((line) => {
	const [us, who, number, url, step, more] = line.split('\t');
	return { us: Number(us), who: Number(who), number, url, step, more };
});

// The orders whose steps are not those of their POS, each once.
function astray(calls) {
	const of = new Map();
	for (const call of calls) {
		if (!of.has(call.number)) of.set(call.number, { name: places.at(call.who), steps: [], marks: new Set(), marked: 0 });
		const order = of.get(call.number);
		order.steps.push(call.step);
		if (!call.more) continue;
		order.marks.add(call.more);
		order.marked++;
	}
	const wrong = [...of].filter(([, { name, steps, marks, marked }]) => steps.sort().join() !== places.STEPS[name].join() || marks.size !== marked);
	return { n: of.size, wrong };
}

// Carries out what is due, and sees that each step of each order went out once and that it was written down.
async function carryOut(house, from, to, options) {
	const figures = await untilDone(house, ORDERS, options);
	const n = to - from + 1, calls = journal(house);
	const { n: named, wrong: bad } = astray(calls);
	const rows = await house.sql(`SELECT p.provider_name AS name, o.pos_state AS state, o.history_seq AS seq, COUNT(*) AS n FROM orders o
		JOIN restaurant_pos_integrations i ON i.restaurant_id = o.restaurant_id JOIN pos_providers p ON p.id = i.pos_provider_id
		WHERE o.id BETWEEN ${clones.id(from)} AND ${clones.id(to)} GROUP BY 1, 2, 3`);
	const accepted = rows.filter(({ name, state, seq }) => state === 'accepted' && Number(seq) === places.SEQ[name]).reduce((sum, row) => sum + Number(row.n), 0);
	await house.sql(LOOKS_END);
	const wrong = named !== n || bad.length > 0 || accepted !== n
		? [`relay: of ${n} orders ${accepted} are accepted, calls named ${named}, ${bad.length} not as they should (${JSON.stringify(bad[0]?.[1].steps)}); ${JSON.stringify(rows)}`] : [];
	if (figures.pos.most_in_flight > AT_ONCE * RELAYS) wrong.push(`relay: ${figures.pos.most_in_flight} calls at once`);
	return { ...figures, orders: n, order_rate: figures.rate * n / calls.length, calls, wrong };
}

// Looks at the last so many orders that have been taken.
async function polls(house, n) {
	await house.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE runner = 'relay' AND kind = 'pos_look' ORDER BY id DESC LIMIT ${n}`);
	const figures = await untilDone(house, LOOKS);
	await house.sql(LOOKS_END);
	const looks = journal(house).filter(({ step }) => step === 'look').length;
	return { ...figures, wrong: looks === n && looks === figures.pos.answers ? [] : [`relay: ${n} orders were to be looked at, and ${looks} were`] };
}

async function prepare(house) {
	await house.pool('orders');
	await house.world.answers();
	return { own: () => measure(house) };
}

async function measure(house) {
	const rounds = Math.max(1, Math.round(house.settings.rounds / 2)), orders = Math.round(PACE * (FILLED_S + COUNTED_S) / places.callsOfOrder());
	const of = await clones.template(house, RESTAURANTS);
	const all = [];
	const once = async (n, due, options) => {
		const first = await clones.next(house);
		await clones.make(house, of, first, first + n - 1, due(first));
		return carryOut(house, first, first + n - 1, options);
	};
	const steadily = async () => {
		const pause_us = Math.round(1e6 * places.callsOfOrder() / PACE);
		const { calls, ...figures } = await once(orders, (first) => `UTC_TIMESTAMP(6) + INTERVAL (s.seq - ${first}) * ${pause_us} MICROSECOND`);
		return { ...figures, rate: steadyRate(calls) };
	};
	const { wrong } = await once(RESTAURANTS, () => undefined, { record: RECORDED });
	const requests = house.file('requests');
	fs.copyFileSync(house.file('pos.journal.requests'), requests);
	for (let r = 0; r < rounds; r++) {
		const round = {};
		for (const who of r % 2 === 0 ? ['sender', 'relay'] : ['relay', 'sender'])
			round[who] = who === 'relay' ? await steadily() : await sender(house, requests, CALLS);
		if (places.isMixed()) round.polls = await polls(house, Math.round(orders / 2));
		all.push(round);
		wrong.push(...round.relay.wrong, ...round.polls?.wrong ?? []);
		process.stderr.write(`relay: round ${r + 1} of ${rounds}, ${round.relay.rate.toFixed(0)} beside ${round.sender.rate.toFixed(0)}\n`);
	}
	return { text: text(all), wrong, all };
}

function text(all) {
	const per = (what) => all.map((round) => what(round.relay) / what(round.sender));
	const orders = ({ pos, orders: n }) => n ?? pos.answers / places.callsOfOrder();
	const rows = [
		['orders a second', (one) => one.rate * orders(one) / one.pos.answers, 0, ''],
		['calls a second', ({ rate }) => rate, 0, '>= 0.90'],
		['peak PSS, kB', ({ peak_kb }) => peak_kb, 0, '<= 1.30'],
		['cores of its own', ({ cpu_s, pos, rate }) => rate * cpu_s / pos.answers, 2, '<= 1'],
		['CPU s per 1,000 calls, its own', ({ cpu_s, pos }) => 1000 * cpu_s / pos.answers, 3, ''],
		['CPU s per 1,000 calls, mariadbd', ({ mariadbd_s, pos }) => 1000 * mariadbd_s / pos.answers, 3, ''],
		['CPU s per 1,000 calls, the POS', ({ pos }) => 1000 * pos.cpu_s / pos.answers, 3, ''],
		['CPU s per 1,000 orders, its own', (one) => 1000 * one.cpu_s / orders(one), 3, ''],
		['CPU s per 1,000 orders, mariadbd', (one) => 1000 * one.mariadbd_s / orders(one), 3, ''],
		['under way at once, most', ({ pos }) => pos.most_in_flight, 0, ''],
		['connections made', ({ pos }) => pos.handshakes, 0, ''],
		['machine busy', ({ busy }) => busy, 2, ''],
	];
	const allowed = places.callsAllowed(PACE, RESTAURANTS, DELAY_MS / 1000);
	const shown = all.filter((round) => round.polls);
	const looks = (what, digits) => spread(shown.map((round) => what(round.polls)), digits);
	return `The relay${RELAYS > 1 ? `, ${RELAYS} of them` : ''}: ${RESTAURANTS} restaurants${places.isMixed() ? ` (${places.names().join(', ')})` : ''}, HTTPS, a POS that answers after ${DELAY_MS} ms, up to ${AT_ONCE} under way, ${PACE} calls a second for ${FILLED_S + COUNTED_S} s, of which the last ${COUNTED_S} count

${table(['', 'relay', 'bare sender', 'ratio', 'aim'], rows.map(([name, what, digits, aim]) => [name, spread(all.map((one) => what(one.relay)), digits),
		spread(all.map((one) => what(one.sender)), digits), aim.endsWith('0') ? spread(per(what), 2) : '', aim]))}${allowed === PACE ? '' : `
What a POS allows of one restaurant at once, which the relay keeps to and the bare sender does not, lets ${allowed.toFixed(0)} through: a ratio of ${(allowed / PACE).toFixed(2)} at most.
`}${shown.length === 0 ? '' : `
Looks at orders that a POS has taken: ${looks(({ rate }) => rate, 0)} a second; CPU s per 1,000: relay ${looks(({ cpu_s, pos }) => 1000 * cpu_s / pos.answers, 3)}, mariadbd ${looks(({ mariadbd_s, pos }) => 1000 * mariadbd_s / pos.answers, 3)}
`}`;
}

module.exports = { prepare, text, carryOut, journal, rateOf, sender, median, POOL: 'orders', restaurants: RESTAURANTS, RESTAURANTS, DELAY_MS };
