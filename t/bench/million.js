'use strict';
// million: what a million orders and a million due messages cost. Two houses side by side, one empty and one full, take turns: routes,
// the relay, and the statements with which it finds and claims what is due. One destination of the due messages hangs.
//
// Loading takes minutes. ORDERS=100000 takes less of everything.

const fs = require('node:fs');
const path = require('node:path');
const clones = require('./clones.js');
const orderGet = require('./order_get.js');
const orders = require('./orders.js');
const relay = require('./relay.js');
const usage = require('./usage.js');
const { Recorder, argument } = require('./record.js');
const { median, spread, sum, table } = require('./table.js');
const { top } = require('../stack/layout.js');
const { until } = require('../stack/process.js');

const ORDERS = Number(process.env.ORDERS ?? 1000000);
const CHUNK = 50000;
const CALLS = Number(process.env.CALLS ?? 4000);
const HUNG = 250;
const LIMIT = 1.15;
const STATEMENTS = ['outbox_look', 'outbox_firsts', 'outbox_seen_lock'];

const say = (text) => process.stderr.write(`${text}\n`);

// Orders with everything that belongs to them; `due`: SQL of when their messages are, null for none.
async function load(house, of, from, to, due) {
	for (let n = from; n <= to; n += CHUNK) await clones.make(house, of, n, Math.min(to, n + CHUNK - 1), due, 'SET SESSION unique_checks = 0, foreign_key_checks = 0;');
}

// --- routes

const WANTED = ['POST /orders, 100 restaurants', 'GET /orders/{id}'];

async function routes(houses) {
	const parts = [];
	for (const house of houses) {
		const of = [await orders.prepare(house), await orderGet.prepare(house)];
		await house.pool('orders');
		parts.push({ turns: Object.assign({}, ...of.map(({ turns }) => turns)), rows: of.flatMap(({ rows }) => rows).filter(({ name }) => WANTED.includes(name)) });
	}
	for (const { rows } of parts) for (const { warm } of rows) await warm();
	const found = Object.fromEntries(WANTED.map((name) => [name, houses.map(() => [])]));
	for (let r = 0; r < houses[0].settings.rounds; r++)
		for (const name of WANTED)
			for (const h of r % 2 === 0 ? [0, 1] : [1, 0]) {
				const { ours } = parts[h].rows.find((row) => row.name === name);
				found[name][h].push(await houses[h].turn(() => parts[h].turns[ours](houses[h].settings.seconds)));
			}
	return WANTED.map((name) => ({ name, figures: found[name].map((turns) => turns.map((turn) => ({
		rate: turn.rate, cpu: sum(Object.values(turn.cpu)) / turn.n }))) }));
}

// --- the relay

// Lets the relay work until the POS has answered so many calls.
async function serve(house, calls) {
	await house.posAsk(`set?delay=${relay.DELAY_MS}&hang=${HUNG}`);
	const child = house.world.startRunner('relay');
	const database = house.world.child('mariadb').pid;
	const before = { relay: usage.cpu([child.pid]), database: usage.cpu([database]) };
	let pos;
	await until(`${calls} calls`, async () => (pos = await house.posAsk('report')).answers >= calls, { ms: 600000, every: 200, alive: () => child.death() });
	const cpu = usage.cpu([child.pid]) - before.relay + usage.cpu([database]) - before.database;
	child.signal('SIGTERM');
	await child.stop();
	house.world.children.delete('relay');
	return { rate: relay.rateOf(pos), cpu: cpu / pos.answers };
}

async function relays(houses, ofs) {
	const figures = [[], []];
	for (let r = 0; r < Math.max(1, Math.round(houses[0].settings.rounds / 2)); r++)
		for (const h of r % 2 === 0 ? [0, 1] : [1, 0]) {
			if (h === 0) {
				const first = await clones.next(houses[0]);
				await clones.make(houses[0], ofs[0], first, first + CALLS + 999); // more than will be answered, as there
			}
			figures[h].push(await serve(houses[h], CALLS));
			if (h === 0) await houses[0].sql("DELETE FROM outbox WHERE runner = 'relay' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
		}
	return { name: 'the relay, calls', figures };
}

// --- finding and claiming

// What the relay says to find what is due and to claim at many places, each in a transaction that is rolled back.
async function claims(houses) {
	const scripts = [];
	for (const house of houses) {
		const log = house.file('relay.log');
		await house.sql(`SET GLOBAL general_log_file = '${log}'; SET GLOBAL general_log = 1`);
		const child = house.world.startRunner('relay');
		await until('a look and a claim', () => fs.existsSync(log)
			&& ['SELECT j.destination AS', 'SELECT j.place AS'].every((said) => fs.readFileSync(log, 'latin1').includes(`Execute\t${said}`)));
		child.signal('SIGTERM');
		await child.stop();
		house.world.children.delete('relay');
		await house.sql('SET GLOBAL general_log = 0');
		const recorder = new Recorder(top, log);
		const said = recorder.steps('SELECT f.place AS place');
		fs.rmSync(log);
		const lines = STATEMENTS.flatMap((name) => {
			const step = said.find((one) => one.name === name);
			const values = step.values.map((value) => (value.kind === 'T' ? 'T0' : argument(value)));
			return ['say START TRANSACTION', ['run', recorder.number(step), '-', ...values].join(' '), 'say ROLLBACK'];
		});
		scripts.push(recorder.write(house.file('script.claim'), [['request', ...lines]]));
	}
	const found = Object.fromEntries(STATEMENTS.map((name) => [name, [[], []]]));
	for (let r = 0; r < houses[0].settings.rounds; r++)
		for (const h of r % 2 === 0 ? [0, 1] : [1, 0]) {
			const { steps } = await houses[h].bare('relay', scripts[h], { seconds: 2, processes: 1 });
			for (const name of Object.keys(found)) {
				const { n, ns, p99_ns: p99 } = steps.find((step) => step.name === name);
				found[name][h].push({ mean: ns / n / 1000, p99: p99 / 1000 });
			}
		}
	return Object.entries(found).map(([name, figures]) => ({ name, figures }));
}

// ---

async function prepare(house) {
	await house.pool('orders');
	await house.world.answers();
	return { own: () => measure(house) };
}

async function filled(empty) {
	const { House } = require('./house.js');
	process.env.POOL = process.env.MILLION_POOL ?? '4G';
	const dir = process.env.BENCH_DIR && path.join(process.env.BENCH_DIR, 'full');
	const full = await House.open(empty.settings, dir);
	await full.pool('orders');
	await full.world.answers();
	return full;
}

async function measure(empty) {
	const full = await filled(empty);
	try {
		return await compare(empty, full);
	} finally {
		full.posClient.close();
		await full.world.stop();
	}
}

async function compare(empty, full) {
	const houses = [empty, full];
	const begun = Date.now();
	const ofs = [];
	for (const house of houses) ofs.push(await clones.template(house, relay.RESTAURANTS));
	say(`loading ${ORDERS} orders`);
	await load(full, ofs[1], 1, ORDERS, null);
	say(`loaded in ${((Date.now() - begun) / 1000).toFixed(0)} s; routes`);
	const routesFound = await routes(houses);
	for (const house of houses) await house.sql("DELETE FROM outbox WHERE runner = 'relay' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	say(`${ORDERS} due messages`);
	await full.sql(await clones.messages(full, ofs[1], 1, ORDERS, 'UTC_TIMESTAMP(6) - INTERVAL (s.seq % 3600) SECOND'));
	await clones.make(empty, ofs[0], 1, 2000);
	say('finding and claiming');
	const claimsFound = await claims(houses);
	await empty.sql("DELETE FROM outbox WHERE runner = 'relay' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	say('the relay');
	const relayFound = await relays(houses, ofs);
	return { wrong: [], text: text([...routesFound, relayFound], claimsFound) };
}

const ratio = (figures, what) => figures[0].map((unused, r) => what(figures, r));

function text(rates, claimsFound) {
	const verdict = (value) => (value <= LIMIT ? 'met' : 'MISSED');
	const rows = rates.map(({ name, figures }) => {
		const slower = ratio(figures, ([none, full], r) => none[r].rate / full[r].rate);
		const dearer = ratio(figures, ([none, full], r) => full[r].cpu / none[r].cpu);
		return [name, ...figures.map((turns) => spread(turns.map(({ rate }) => rate))), spread(slower, 2), spread(dearer, 2), '<= 1.15', verdict(median(slower))];
	});
	const claimRows = claimsFound.flatMap(({ name, figures }) => ['mean', 'p99'].map((what) => [`${name}, ${what} us`,
		...figures.map((of) => spread(of.map((one) => one[what]))), spread(ratio(figures, ([none, full], r) => full[r][what] / none[r][what]), 2)]));
	return `${ORDERS} orders and what belongs to them; ${ORDERS} due messages for ${relay.RESTAURANTS} places, one of which hangs. An empty house beside a full one

${table(['a second', 'empty', 'full', 'times slower', 'CPU, times', 'aim', ''], rows)}
${table(['', 'empty', 'full', 'ratio'], claimRows)}`;
}

module.exports = { prepare, POOL: 'orders', restaurants: relay.RESTAURANTS };
