'use strict';
// hung: one POS of five hundred never answers. How long does an order of the others wait from its commit until the first byte of
// its first call arrives at their POS, and until that has taken it, with and without that one? Orders come at a steady pace; the
// hung one has more than its share of them waiting from the start. POS=mixed: it is of another kind each round.

const fs = require('node:fs');
const clones = require('./clones.js');
const places = require('./places.js');
const relay = require('./relay.js');
const { spread, table } = require('./table.js');
const town = require('./town.js');
const { until } = require('../stack/process.js');

const PACE = Number(process.env.PACE ?? 100); // orders a second, of all
const SECONDS = 10;
const BATCH_MS = 100;
const HUNG = 249; // the restaurant's number, of the first round
const BACKLOG = 50;

// Which restaurant clone number n goes to (clones.js): places are in the order of restaurants.
const numbersOf = (place, first, n) => Array.from({ length: n }, (unused, i) => Math.ceil((first - place) / relay.RESTAURANTS + i) * relay.RESTAURANTS + place);

async function run(house, of, isHung, who) {
	const [{ n: place }] = await house.sql(`SELECT p.n FROM bench_places p JOIN restaurants r ON r.id = p.restaurant_id WHERE r.slug = 'bench-${who}'`);
	const first = await clones.next(house);
	const backlog = isHung ? numbersOf(Number(place), first, BACKLOG) : [];
	for (const n of backlog) await clones.make(house, of, n, n);
	let next = Math.max(first, ...backlog) + 1;
	const begin = next;
	await house.posAsk(`set?delay=${relay.DELAY_MS}&hang=${isHung ? who : 0}&total=${town.TOTAL_MINOR}`);
	const child = house.world.startRunner('relay');
	await until('the relay', async () => (await house.sql("SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'ticketrail_relay'"))[0].n !== '0');
	const each = PACE * BATCH_MS / 1000;
	for (let t = Date.now(), end = t + 1000 * SECONDS; t < end; t += BATCH_MS) {
		await clones.make(house, of, next, next + each - 1);
		next += each;
		await new Promise((resolve) => setTimeout(resolve, Math.max(0, t + BATCH_MS - Date.now())));
	}
	const others = `runner = 'relay' AND kind <> 'pos_look' AND restaurant_id <> (SELECT restaurant_id FROM bench_places WHERE n = ${place})`;
	await until('the others', async () => await house.count('outbox', `${others} AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR`) === 0, { ms: 120000, every: 200 });
	await house.posAsk('report');
	child.signal('SIGTERM'); // and again: what hangs is not waited for
	await child.stop();
	house.world.children.delete('relay');
	const waits = await waited(house, begin, next, who);
	await house.sql("DELETE FROM outbox WHERE runner = 'relay' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	return waits;
}

const sorted = (list) => list.sort((a, b) => a - b);

// Milliseconds from the commit to the first byte, and to the acceptance, of the orders from..to of all but the hung one, sorted.
async function waited(house, from, to, who) {
	const rows = await house.sql(`SELECT o.order_number, UNIX_TIMESTAMP(d.created_at) * 1000000 AS us, UNIX_TIMESTAMP(d.finished_at) * 1000000 AS end_us
		FROM outbox_done d JOIN orders o ON o.id = d.subject_id WHERE d.kind = 'pos_submit' AND o.id BETWEEN ${clones.id(from)} AND ${clones.id(to)}`);
	const put = new Map(rows.map(({ order_number: number, us, end_us: end }) => [number, { us: Number(us), end: Number(end) }]));
	const first = [], last = [];
	for (const call of relay.journal(house)) {
		const order = put.get(call.number);
		if (call.who === who || !order || order.is_seen) continue;
		order.is_seen = true; // lines are in the order of time
		first.push((call.us - order.us) / 1000);
		last.push((order.end - order.us) / 1000);
	}
	return { first: sorted(first), last: sorted(last) };
}

const at = (waits, part) => waits[Math.min(waits.length - 1, Math.floor(waits.length * part))];

async function prepare(house) {
	await house.pool('orders');
	await house.world.answers();
	return { own: () => measure(house) };
}

async function measure(house) {
	const of = await clones.template(house, relay.RESTAURANTS);
	await house.world.configure({ RELAY_POLL_MS: '20' }); // an order that is copied in the database pokes nobody
	const all = [];
	await run(house, of, false, HUNG); // whoever meets the others for the first time
	for (let r = 0; r < Math.max(1, Math.round(house.settings.rounds / 2)); r++) {
		const round = {};
		for (const name of r % 2 === 0 ? ['well', 'hung'] : ['hung', 'well']) round[name] = await run(house, of, name === 'hung', HUNG + r);
		all.push(round);
	}
	const row = (name, of, part) => {
		const of_ = (who) => all.map((round) => at(round[who][of], part));
		return [name, spread(of_('well'), 1), spread(of_('hung'), 1), spread(all.map(({ well, hung }) => at(hung[of], part) / at(well[of], part)), 2),
			of === 'first' && part === 0.99 ? '<= 1.10' : ''];
	};
	const rows = [['first', 'to the first byte'], ['last', 'to its acceptance']].flatMap(([of, name]) =>
		[row(`${name}, half of them`, of, 0.5), row('90 of 100', of, 0.9), row('99 of 100', of, 0.99)]);
	const hung = all.map((unused, r) => places.at(HUNG + r)).join(', ');
	return { wrong: [], text: `One hung POS of ${relay.RESTAURANTS}${places.isMixed() ? ` (${hung})` : ''}: ${PACE} orders a second; ms from the commit, at the others' POS

${table(['', 'none hangs', 'one hangs', 'ratio', 'aim'], rows)}` };
}

module.exports = { prepare, POOL: 'orders', restaurants: relay.RESTAURANTS };
