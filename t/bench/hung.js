'use strict';
// hung: one POS of five hundred never answers. How long does an order of the others wait from its commit until the first byte of
// its call arrives at their POS, with and without that one? Orders come at a steady pace; the hung one has more than its share
// of them waiting from the start.

const fs = require('node:fs');
const clones = require('./clones.js');
const relay = require('./relay.js');
const { spread, table } = require('./table.js');
const { until } = require('../stack/process.js');

const PACE = Number(process.env.PACE ?? 100); // orders a second, of all
const SECONDS = 10;
const BATCH_MS = 100;
const HUNG = 250; // the restaurant's number
const BACKLOG = 50;

// Which restaurant clone number n goes to (clones.js): places are in the order of restaurants.
const numbersOf = (place, first, n) => Array.from({ length: n }, (unused, i) => Math.ceil((first - place) / relay.RESTAURANTS + i) * relay.RESTAURANTS + place);

async function run(house, of, isHung) {
	const [{ n: place }] = await house.sql(`SELECT p.n FROM bench_places p JOIN restaurants r ON r.id = p.restaurant_id WHERE r.slug = 'bench-${HUNG}'`);
	const first = await clones.next(house);
	const backlog = isHung ? numbersOf(Number(place), first, BACKLOG) : [];
	for (const n of backlog) await clones.make(house, of, n, n);
	let next = Math.max(first, ...backlog) + 1;
	const begin = next;
	await house.posAsk(`set?delay=${relay.DELAY_MS}&hang=${isHung ? HUNG : 0}`);
	const child = house.world.startRunner('relay');
	await until('the relay', async () => (await house.sql("SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'ticketrail_relay'"))[0].n !== '0');
	const each = PACE * BATCH_MS / 1000;
	for (let t = Date.now(), end = t + 1000 * SECONDS; t < end; t += BATCH_MS) {
		await clones.make(house, of, next, next + each - 1);
		next += each;
		await new Promise((resolve) => setTimeout(resolve, Math.max(0, t + BATCH_MS - Date.now())));
	}
	const others = `runner = 'relay' AND restaurant_id <> (SELECT restaurant_id FROM bench_places WHERE n = ${place})`;
	await until('the others', async () => await house.count('outbox', `${others} AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR`) === 0, { ms: 120000, every: 200 });
	await house.posAsk('report');
	child.signal('SIGTERM'); // and again: what hangs is not waited for
	await child.stop();
	house.world.children.delete('relay');
	const waits = await waited(house, begin, next);
	await house.sql("DELETE FROM outbox WHERE runner = 'relay' AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	return waits;
}

// Milliseconds from the commit to the first byte, of the orders from..to of all but the hung one, sorted.
async function waited(house, from, to) {
	const rows = await house.sql(`SELECT o.order_number, UNIX_TIMESTAMP(d.created_at) * 1000000 AS us FROM outbox_done d JOIN orders o ON o.id = d.subject_id
		WHERE d.kind = 'pos_submit' AND o.id BETWEEN ${clones.id(from)} AND ${clones.id(to)}`);
	const put = new Map(rows.map(({ order_number: number, us }) => [number, Number(us)]));
	const waits = [];
	for (const line of fs.readFileSync(house.file('pos.journal'), 'utf8').trim().split('\n')) {
		const [us, who, number] = line.split('\t');
		if (Number(who) !== HUNG && put.has(number)) waits.push((Number(us) - put.get(number)) / 1000);
	}
	return waits.sort((a, b) => a - b);
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
	await run(house, of, false); // whoever meets the others for the first time
	for (let r = 0; r < Math.max(1, Math.round(house.settings.rounds / 2)); r++) {
		const round = {};
		for (const name of r % 2 === 0 ? ['well', 'hung'] : ['hung', 'well']) round[name] = await run(house, of, name === 'hung');
		all.push(round);
	}
	const row = (name, part) => {
		const of_ = (who) => all.map((round) => at(round[who], part));
		return [name, spread(of_('well'), 1), spread(of_('hung'), 1), spread(all.map(({ well, hung }) => at(hung, part) / at(well, part)), 2),
			part === 0.99 ? '<= 1.10' : ''];
	};
	return { wrong: [], text: `One hung POS of ${relay.RESTAURANTS}: ${PACE} orders a second; ms from the commit to the first byte at the others' POS

${table(['', 'none hangs', 'one hangs', 'ratio', 'aim'], [row('half of them', 0.5), row('90 of 100', 0.9), row('99 of 100', 0.99)])}` };
}

module.exports = { prepare, POOL: 'orders', restaurants: relay.RESTAURANTS };
