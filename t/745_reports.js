'use strict';
/*
 * Reports, by somebody else's arithmetic: orders of several days and two restaurants, chosen by chance, are put into the tables; what
 * the reports must say is computed here from those rows, in BigInt, without a line of the library; every cell of every answer is
 * compared, as JSON and as CSV, before days are summed up, after, and after orders of old days have changed.
 */
const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { random_of } = require('./sim/sim.js');
const ledger = require('./report_ledger.js');
const { run } = require('./stack/process.js');

const SEED = Number(process.env.SEED ?? 745);
const ORDERS = Number(process.env.ORDERS ?? 400);

let world;
const shops = [];

before(async () => {
	console.log(`# SEED=${SEED}`);
	world = await World.start({ onboard: false, sims: [], programs: ['auth', 'admin', 'reports', 'orders', 'ops'] });
	const random = random_of(SEED);
	for (const [slug, currency, digits, zone, starts] of [['sydney', 'INR', 2, 'Australia/Lord_Howe', '04:00'], ['tokyo', 'JPY', 0, 'Asia/Tokyo', '00:00'],
		['kuwait', 'KWD', 3, 'America/New_York', '02:30']]) {
		const bistro = await Bistro.open(world, { slug, pos: false });
		await world.sql(`UPDATE restaurants SET currency = '${currency}', time_zone = '${zone}' WHERE id = ${bistro.id};
			INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by)
			VALUES (${bistro.id}, 'day_starts_at', '"${starts}"', UTC_TIMESTAMP(6), 'test')`);
		const shop = { bistro, slug, currency, digits, zone, starts, id: bistro.id };
		await ledger.fill(world, shop, { random, orders: ORDERS });
		shops.push(shop);
	}
});
after(() => world?.stop());

const get = (shop, report, query, more = {}) => world.fetch(`/r/${shop.slug}/api/v1/admin/reports/${report}?${new URLSearchParams(query)}`,
	{ token: shop.bistro.admin, ...more });

/* All three reports of a range, JSON and CSV, cell by cell. */
async function holds(shop, from, to, what) {
	const rows = await ledger.read(world, shop.id);
	const asked = { from, to };
	for (const [report, expected] of [['daily-sales', ledger.sales(rows, shop, from, to)], ['order-volume', ledger.volume(rows, shop, from, to)],
		['item-performance', ledger.items(rows, shop, from, to, 'revenue')]]) {
		const json = await get(shop, report, asked);
		assert.equal(json.status, 200, json.text);
		assert.deepEqual(ledger.exact(json.text), expected, `${shop.slug} ${report} ${from} ${to} ${what}`);
		const csv = await get(shop, report, { ...asked, format: 'csv' });
		assert.equal(csv.status, 200, csv.text);
		assert.deepEqual(ledger.parseCsv(csv.text), ledger.csvOf(report, expected), `${shop.slug} ${report} as CSV, ${what}`);
	}
	const byQuantity = await get(shop, 'item-performance', { ...asked, sort: 'quantity' });
	assert.deepEqual(ledger.exact(byQuantity.text), ledger.items(rows, shop, from, to, 'quantity'));
}

/* The job, until nothing is due. */
async function summedUp() {
	await world.sql('UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = \'day_sums\'');
	await run([require('node:path').join(world.build, 'jobs'), '--once'], { dir: world.at.dir, env: world.environment('jobs') });
	assert.equal((await world.sql('SELECT COUNT(*) AS n FROM outbox WHERE kind = \'day_sums\''))[0].n, '0');
}

test('ADM-17 ADM-18 ADM-19 DB-32 every figure of orders that nobody has summed up is that of the orders', async () => {
	for (const shop of shops) {
		await holds(shop, shop.days[0], shop.days.at(-1), 'from the orders');
		await holds(shop, shop.days[2], shop.days[2], 'one day');
	}
});

test('ADM-17 ADM-18 ADM-19 the same figures when days that are over are summed up', async () => {
	for (const shop of shops) await ledger.wanted(world, shop);
	await summedUp();
	for (const shop of shops) {
		const [{ n }] = await world.sql(`SELECT COUNT(*) AS n FROM day_sums WHERE restaurant_id = ${shop.id} AND is_stale = 0`);
		assert.equal(Number(n), new Set((await ledger.read(world, shop.id)).orders.map((o) => o.business_date)).size - 1, 'all but the last day');
		await holds(shop, shop.days[0], shop.days.at(-1), 'from sums');
		await holds(shop, shop.days[1], shop.days[3], 'from sums, a part');
		await holds(shop, '2024-01-01', '2026-12-31', 'three years');
	}
});
