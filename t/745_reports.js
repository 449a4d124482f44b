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
const { command } = require('./check.js');
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

/* What the operator's command has to say of sums. */
async function untrue() {
	const { out } = await command(world, ['--json']);
	return out.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'sums_untrue');
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

test('M14 the operator\'s command says nothing of sums that are true, and finds every cell that is not', async () => {
	assert.deepEqual(await untrue(), []);
	for (const table of ['day_sales', 'day_hours', 'day_taxes', 'day_items', 'day_addons'])
		for (const { name } of await world.sql(`SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}'
			AND DATA_TYPE = 'bigint' AND COLUMN_KEY = ''`)) {
			const change = (sign) => world.sql(`UPDATE ${table} SET ${name} = ${name} ${sign} 1 WHERE restaurant_id = ${shops[0].id} AND business_date = '${shops[0].days[1]}'`);
			await change('+');
			const found = await untrue();
			await change('-');
			assert.equal(found.length, 1, `${table}.${name}`);
			assert.ok(found[0].sentence.includes(shops[0].days[1]), found[0].sentence);
		}
	assert.deepEqual(await untrue(), []);
});

test('ADM-17 ADM-18 ADM-19 an order of an old day is changed, and the next answer says so', async () => {
	const random = random_of(SEED + 1);
	for (const shop of shops) {
		const movable = (await world.sql(`SELECT id, LOWER(HEX(public_id)) AS hex, status, payment_status, business_date FROM orders WHERE restaurant_id = ${shop.id}
			AND payment_method = 'cash' AND payment_status = 'pending' AND status IN ('received', 'confirmed', 'preparing') AND business_date < '${shop.days.at(-1)}'`))
			.sort(() => random() - 0.5).slice(0, 6);
		assert.ok(movable.length >= 2, `${movable.length} orders can be moved`);
		for (const [i, order] of movable.entries()) {
			const id = order.hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
			const at = `/r/${shop.slug}/api/v1/admin/orders/${id}`;
			await world.sql(`UPDATE orders SET history_seq = 0, pos_state = 'not_required' WHERE id = ${order.id}`);
			const answer = i % 2 === 0 ? await world.client.fetch(`${at}/cash-received`, { method: 'POST', token: shop.bistro.cook })
				: await world.client.fetch(`${at}/status`, { method: 'PATCH', json: { status: 'cancelled', reason: 'gone' }, token: shop.bistro.cook });
			assert.equal(answer.status, 200, answer.text);
			const [day] = await world.sql(`SELECT is_stale FROM day_sums WHERE restaurant_id = ${shop.id} AND business_date = '${order.business_date}'`);
			assert.equal(day.is_stale, '1');
			await holds(shop, order.business_date, order.business_date, `after order ${order.id}`);
			await holds(shop, shop.days[0], shop.days.at(-1), `after order ${order.id}`);
		}
		const [{ n }] = await world.sql(`SELECT COUNT(*) AS n FROM outbox WHERE kind = 'day_sums' AND restaurant_id = ${shop.id}`);
		assert.equal(Number(n), new Set(movable.map((o) => o.business_date)).size, 'a message for each day that was true');
	}
	await summedUp();
	assert.deepEqual(await untrue(), []);
	for (const shop of shops) await holds(shop, shop.days[0], shop.days.at(-1), 'summed up again');
});

test('ADM-17 ADM-19 a restaurant that moves to another zone has its hours told by the new clock at once', async () => {
	const shop = shops[1];
	await world.sql(`UPDATE restaurants SET time_zone = 'Europe/Berlin' WHERE id = ${shop.id}`);
	const there = { ...shop, zone: 'Europe/Berlin' };
	await holds(there, shop.days[0], shop.days.at(-1), 'moved');
	await ledger.wanted(world, shop);
	await summedUp();
	await holds(there, shop.days[0], shop.days.at(-1), 'moved and summed up');
	await world.sql(`UPDATE restaurants SET time_zone = '${shop.zone}' WHERE id = ${shop.id}`);
	await holds(shop, shop.days[0], shop.days.at(-1), 'and back');
});

test('ADM-17 ADM-18 ADM-19 the last seven days without words; what is given moves the rest', async () => {
	const [shop] = shops;
	const today = ledger.businessDate(shop.zone, shop.starts, Date.now());
	const days = (n, from = today) => new Date(Date.parse(`${from}T00:00:00Z`) + n * 86400000).toISOString().slice(0, 10);
	for (const [query, from, to] of [[{}, days(-6), today], [{ to: '2026-04-05' }, '2026-03-30', '2026-04-05'], [{ from: days(-20) }, days(-20), today],
		[{ from: '2026-04-05', to: '2026-04-05' }, '2026-04-05', '2026-04-05'], [{ from: days(-1097), to: today }, days(-1097), today]])
		for (const report of ['daily-sales', 'item-performance', 'order-volume']) {
			const { status, json } = await get(shop, report, query);
			assert.equal(status, 200);
			assert.equal(`${json.from} ${json.to}`, `${from} ${to}`);
		}
	assert.equal((await get(shop, 'daily-sales', { from: '1999-12-31', to: '2000-01-01' })).status, 400);
});

test('ADM-17 ADM-18 ADM-19 ERR-02 what makes no sense is refused by name', async () => {
	const [shop] = shops;
	for (const [field, query] of [['from', { from: '2026-02-30' }], ['to', { to: 'yesterday' }], ['to', { from: '2026-02-02', to: '2026-02-01' }], ['from', { from: '2999-01-01' }],
		['from', { from: '2023-01-01', to: '2026-01-04' }], ['format', { format: 'xml' }], ['from', { from: '' }], ['from', { from: "2026-01-01' OR 1" }], ['to', { to: '12026-01-01' }],
		['from', { from: '2026-1-1' }]])
		for (const report of ['daily-sales', 'item-performance', 'order-volume']) {
			const answer = await get(shop, report, query);
			assert.equal(answer.status, 400, JSON.stringify(query));
			assert.equal(answer.json.error.code, 'VALIDATION_ERROR');
			assert.equal(answer.json.error.details.fields[0].field, field, answer.text);
		}
	for (const [report, field, query] of [['item-performance', 'sort', { sort: 'name' }], ['item-performance', 'limit', { limit: '0' }], ['item-performance', 'limit', { limit: '1001' }],
		['daily-sales', 'currency', { currency: 'XYZ' }], ['item-performance', 'currency', { currency: 'inr' }]]) {
		const answer = await get(shop, report, query);
		assert.equal(answer.status, 400);
		assert.equal(answer.json.error.details.fields[0].field, field);
	}
});

test('ADM-18 the best so many, and another currency', async () => {
	const [shop] = shops;
	const range = { from: shop.days[0], to: shop.days.at(-1) };
	const rows = await ledger.read(world, shop.id);
	const all = ledger.items(rows, shop, range.from, range.to, 'revenue');
	const some = ledger.exact((await get(shop, 'item-performance', { ...range, limit: 3 })).text);
	assert.deepEqual(some, { ...all, items: all.items.slice(0, 3), addons: all.addons.slice(0, 3) });
	const dollars = ledger.exact((await get(shop, 'daily-sales', { ...range, currency: 'USD' })).text);
	assert.deepEqual(dollars, ledger.sales(rows, { ...shop, currency: 'USD', digits: 2 }, range.from, range.to));
	assert.ok(dollars.other_currencies.includes(shop.currency));
});

test('ADM-17 ADM-18 ADM-19 CSV by Accept or by word, as a file with a name', async () => {
	const [shop] = shops;
	const ask = (accept, query = {}) => get(shop, 'order-volume', { from: '2026-04-02', to: '2026-04-03', ...query }, { headers: accept ? { accept } : {} });
	const is_csv = async (...of) => /^text\/csv; charset=utf-8; header=present$/.test((await ask(...of)).headers['content-type']);
	assert.equal(await is_csv('text/csv'), true);
	assert.equal(await is_csv('text/csv, */*;q=0.1'), true);
	assert.equal(await is_csv('application/json;q=0.5, Text/CSV;q=0.75'), true);
	assert.equal(await is_csv('application/json, text/csv;q=0.9'), false);
	assert.equal(await is_csv('text/csv;q=0'), false);
	assert.equal(await is_csv('*/*'), false);
	assert.equal(await is_csv('text/csvx'), false);
	assert.equal(await is_csv(null), false);
	assert.equal(await is_csv('text/csv', { format: 'json' }), false);
	assert.equal(await is_csv('application/json', { format: 'csv' }), true);
	const file = await ask(null, { format: 'csv' });
	assert.equal(file.headers['content-disposition'], 'attachment; filename="sydney-order-volume-2026-04-02-to-2026-04-03.csv"');
	assert.equal(file.headers['cache-control'], 'no-store');
	assert.notEqual(file.text.charCodeAt(0), 0xfeff);
});

test('SEC-03 ADM-17 ADM-18 ADM-19 an admin of the place and the platform\'s; nobody else', async () => {
	const [shop, other] = shops;
	for (const report of ['daily-sales', 'item-performance', 'order-volume']) {
		const at = `/r/${shop.slug}/api/v1/admin/reports/${report}`;
		assert.equal((await world.fetch(at)).status, 401);
		assert.equal((await world.fetch(at, { token: shop.bistro.cook })).status, 403);
		assert.equal((await world.fetch(at, { token: other.bistro.admin })).status, 403);
		assert.equal((await world.fetch(`/r/nowhere/api/v1/admin/reports/${report}`, { token: shop.bistro.admin })).status, 404);
		assert.equal((await world.fetch(at, { token: shop.bistro.admin, method: 'POST', json: {} })).status, 405);
	}
	assert.equal((await world.fetch(`/r/${shop.slug}/api/v1/admin/reports/profit`, { token: shop.bistro.admin })).status, 404);
	assert.equal((await world.fetch(`/r/${shop.slug}/api/v1/admin/reports`, { token: shop.bistro.admin })).status, 404);
});

test('SEC-08 the pool\'s user of the database may read and nothing else', async () => {
	const may = await world.sql("SELECT DISTINCT PRIVILEGE_TYPE AS p FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE LIKE '_ticketrail\\_reports_@%' ORDER BY p");
	assert.deepEqual(may.map(({ p }) => p), ['SELECT']);
});

test('DB-32 jobs that sum up at the same time, and one that dies in the middle, leave sums that are true', async () => {
	await world.sql('UPDATE day_sums SET is_stale = 1');
	for (const shop of shops) for (let i = 0; i < 3; i++) await ledger.wanted(world, shop);
	const jobs = () => run([require('node:path').join(world.build, 'jobs'), '--once'], { dir: world.at.dir, env: world.environment('jobs') });
	await Promise.all([jobs(), jobs(), jobs()]);
	await summedUp();
	assert.equal((await world.sql('SELECT COUNT(*) AS n FROM day_sums WHERE is_stale = 1'))[0].n, '0');
	assert.deepEqual(await untrue(), []);
	for (const shop of shops) await holds(shop, shop.days[0], shop.days.at(-1), 'after three at once');
});
