'use strict';
// The orders pool as an app sees it, through nginx: what an order would cost, when it can be had, what one has ordered, and that the
// same request said twice is one.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Tiffin } = require('./tiffin.js');

const TABLES = ['orders', 'order_items', 'order_item_addons', 'order_taxes', 'order_status_history', 'events', 'outbox', 'idempotency_keys', 'order_slots'];
const HOUR = 3600000;

let world, bistro, guest, other;

before(async () => {
	world = await World.start({ onboard: false, env: { RELAY_POLL_MS: '20', BACKOFF_MS: '60' } });
	bistro = await Bistro.open(world, { seed: 474 });
	guest = await bistro.guest();
	other = await bistro.guest();
});
after(() => world?.stop());

const code = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();
const fields = (answer) => (answer.json.error.details.fields ?? []).map((one) => one.field);
const quote = (cart, who = guest) => who.fetch('/api/v1/orders/quote', { method: 'POST', json: cart });
const set = (key, value) => world.sql(`REPLACE INTO system_config VALUES (${bistro.id}, '${key}', '${JSON.stringify(value)}', UTC_TIMESTAMP(6), 'test')`);
const unset = (key) => world.sql(`DELETE FROM system_config WHERE restaurant_id = ${bistro.id} AND config_key = '${key}'`);
const at = (ms) => new Date(Math.floor((Date.now() + ms) / 1000) * 1000).toISOString().replace('.000', '');
const rows = async () => (await world.sql(`SELECT CONCAT_WS(' ', ${TABLES.map((name) => `(SELECT COUNT(*) FROM ${name})`).join(', ')}) AS n`))[0].n;

test('ORD-04 ORD-05 ORD-19 a quote says what the order costs, line for line, and leaves nothing behind', async () => {
	await quiet(world);
	const before_all = await rows();
	const quotes = [];
	for (const type of ['pickup', 'delivery', 'dine_in']) {
		const lines = bistro.lines(3);
		const cart = bistro.cart(lines, { order_type: type, tip: 7.5, table_number: type === 'dine_in' ? '4' : null, delivery_address: type === 'delivery' ? 'Room 12' : null });
		const answer = await quote(cart);
		assert.equal(answer.status, 200, answer.text);
		assert.equal(Math.round(answer.json.quote.total * 100), bistro.priceOf(lines, type) + 750);
		quotes.push({ cart, quote: answer.json.quote });
	}
	assert.equal(await rows(), before_all, 'nothing is written');
	for (const { cart, quote: said } of quotes) {
		const { order } = await guest.ordered(cart);
		const { order: full } = (await guest.order(order.id)).json;
		for (const name of ['order_type', 'currency', 'subtotal', 'tax', 'packing_charge', 'delivery_charge', 'tip', 'total', 'items', 'scheduled_time'])
			assert.deepEqual(full[name], said[name], name);
	}
});

test('ORD-06 ORD-07 ORD-08 ORD-09 ORD-10 ORD-22 ERR-06 whatever placing refuses a quote refuses in the same words', async () => {
	const cart = bistro.cart();
	const [soldOut] = bistro.dishes.filter((dish) => dish.item !== bistro.usual()[0].item);
	const refused = [
		['400 CART_EMPTY', () => ({ ...cart, items: [] })],
		['400 VALIDATION_ERROR', () => ({ ...cart, items: [{ ...cart.items[0], menu_item_id: crypto.randomUUID() }] })],
		['400 VALIDATION_ERROR', () => ({ ...cart, items: [{ ...cart.items[0], quantity: 0 }] })],
		['400 VALIDATION_ERROR', () => ({ ...cart, items: [{ ...cart.items[0], quantity: -1 }] })],
		['400 VALIDATION_ERROR', () => ({ ...cart, total: 1 })],
		['400 VALIDATION_ERROR', () => ({ ...cart, order_type: 'delivery' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, order_type: 'dine_in' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, order_type: 'dine_in', table_number: '' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, order_type: 'dine_in', table_number: '\u2003' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, order_type: 'delivery', delivery_address: ' \u00a0\u200b\n' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, payment_method: 'upi' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, scheduled_time: '9999-12-31T23:59:59Z' })],
		['400 VALIDATION_ERROR', () => ({ ...cart, scheduled_time: '0001-01-01T00:00:00Z' })],
		['409 ITEM_UNAVAILABLE', async () => {
			await world.sql(`UPDATE items SET is_available = 0 WHERE restaurant_id = ${bistro.id} AND external_id = '${soldOut.item}';
				UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${bistro.id}`);
			return bistro.cart([{ item: soldOut.item, variation: soldOut.variations[0] ?? null, quantity: 1, addons: soldOut.groups.flatMap((group) => group.addons.slice(0, group.min)) }]);
		}],
		['409 ORDER_LIMIT_REACHED', async () => (await set('max_orders_per_slot', 0), cart)],
		['400 VALIDATION_ERROR', async () => (await set('cash_payment_enabled', false), cart)],
		['409 RESTAURANT_CLOSED', async () => (await set('restaurant_open', false), cart)],
	];
	await quiet(world);
	const before_all = await rows();
	for (const [want, make] of refused) {
		const body = await make();
		const asked = await quote(body), placed = await guest.place(body);
		assert.equal(code(asked), want, JSON.stringify(body).slice(0, 200) + asked.text);
		assert.deepEqual(asked.json.error, placed.json.error);
	}
	assert.equal(await rows(), before_all);
	await set('max_orders_per_slot', 100000);
	for (const key of ['cash_payment_enabled', 'restaurant_open']) await unset(key);
	await world.sql(`UPDATE restaurant_counters SET accepting = 0 WHERE restaurant_id = ${bistro.id}`);
	assert.equal(`${code(await quote(cart))} ${code(await guest.place(cart))}`, '409 RESTAURANT_CLOSED 409 RESTAURANT_CLOSED');
	await world.sql(`UPDATE restaurant_counters SET accepting = 1 WHERE restaurant_id = ${bistro.id}`);
	assert.equal((await quote(cart)).status, 200);
});

test('ORD-07 MENU-05 what cannot be had says why, and until when', async () => {
	const why = async (cart) => {
		const [asked, placed] = [await quote(cart), await guest.place(cart)];
		assert.deepEqual([code(asked), asked.json.error], [code(placed), placed.json.error], asked.text + placed.text);
		assert.equal(code(placed), '409 ITEM_UNAVAILABLE', placed.text);
		return placed.json.error.details.unavailable.map(({ id, ...one }) => one);
	};
	const hex = (id) => `UNHEX('${id.replaceAll('-', '')}')`;
	const change = (text) => world.sql(`${text}; UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${bistro.id}`);
	const cart = bistro.cart(bistro.usual(), { order_type: 'pickup' }), [line] = cart.items;
	const [item, variation, addon] = [line.menu_item_id, line.variation_id, line.addons[0].addon_item_id];
	const at_item = 'items[0].menu_item_id', at_variation = 'items[0].variation_id', at_addon = 'items[0].addons[0].addon_item_id';
	const soon = '2040-01-02 03:04:05', then = '2040-01-02T03:04:05Z';
	for (const [table, id, field] of [['items', item, at_item], ['variations', variation, at_variation], ['addon_items', addon, at_addon]]) {
		await change(`UPDATE ${table} SET is_available = 0, returns_at = '${soon}' WHERE public_id = ${hex(id)}`);
		assert.deepEqual(await why(cart), [{ field, cause: 'sold_out', until: then }]);
		await change(`UPDATE ${table} SET returns_at = NULL WHERE public_id = ${hex(id)}`);
		assert.deepEqual(await why(cart), [{ field, cause: 'sold_out', until: null }]);
		await change(`UPDATE ${table} SET is_available = 1, is_active = 0 WHERE public_id = ${hex(id)}`);
		assert.deepEqual(await why(cart), [{ field, cause: 'gone', until: null }]);
		await change(`UPDATE ${table} SET is_active = 1 WHERE public_id = ${hex(id)}`);
	}
	await change(`UPDATE categories c JOIN items i ON i.category_id = c.id SET c.is_active = 0 WHERE i.public_id = ${hex(item)}`);
	assert.deepEqual((await why(cart)).filter((one) => one.field === at_item), [{ field: at_item, cause: 'hidden', until: null }]);
	await change(`UPDATE categories c JOIN items i ON i.category_id = c.id SET c.is_active = 1 WHERE i.public_id = ${hex(item)}`);
	await change(`UPDATE addon_groups g JOIN addon_items a ON a.addon_group_id = g.id SET g.is_active = 0 WHERE a.public_id = ${hex(addon)}`);
	assert.deepEqual((await why(cart)).filter((one) => one.field === at_addon), [{ field: at_addon, cause: 'hidden', until: null }]);
	await change(`UPDATE addon_groups g JOIN addon_items a ON a.addon_group_id = g.id SET g.is_active = 1 WHERE a.public_id = ${hex(addon)}`);
	const [{ order_types: types }] = await world.sql(`SELECT order_types FROM items WHERE public_id = ${hex(item)}`);
	await change(`UPDATE items SET order_types = order_types & ~2 WHERE public_id = ${hex(item)}`);
	assert.deepEqual(await why(cart), [{ field: at_item, cause: 'not_for_order_type', until: null }]);
	await change(`UPDATE items SET order_types = ${types} WHERE public_id = ${hex(item)}`);
	// Somebody else's, and nobody's, are no more known than before.
	for (const spoil of [{ menu_item_id: crypto.randomUUID() }, { variation_id: crypto.randomUUID() }, { addons: [{ addon_item_id: crypto.randomUUID(), quantity: 1 }] }])
		assert.equal(code(await guest.place({ ...cart, items: [{ ...line, ...spoil }] })), '400 VALIDATION_ERROR');
	const elsewhere = await Tiffin.open(world, { slug: 'elsewhere' });
	await world.sql(`UPDATE items SET is_active = 0 WHERE public_id = ${hex(elsewhere.item)}`);
	assert.equal(code(await guest.place({ ...cart, items: [{ ...line, menu_item_id: elsewhere.item }] })), '400 VALIDATION_ERROR');
	assert.equal((await quote(cart)).status, 200);
});

test('ORD-20 C6 an order at a table says at which one', async () => {
	assert.deepEqual(fields(await guest.place(bistro.cart(bistro.usual(), { order_type: 'dine_in', table_number: null }))), ['table_number']);
	const { order } = await guest.ordered(bistro.cart(bistro.usual(), { order_type: 'dine_in', table_number: '12' }));
	assert.equal((await guest.order(order.id)).json.order.table_number, '12');
});

test('ORD-15 ORD-17 an order is promised for when it is wanted, else as soon as the kitchen can, which a busy one says', async () => {
	const ready = async (more, minutes) => {
		const asked = Date.now();
		const { order } = await guest.ordered(bistro.cart(bistro.usual(), more));
		const full = (await guest.order(order.id, '/status')).json;
		const late = Date.parse(full.estimated_ready_time) - asked - minutes * 60000;
		assert.ok(late >= -2000 && late < 60000, `${full.estimated_ready_time}, asked at ${new Date(asked).toISOString()}`);
	};
	await ready({}, 20);
	await set('prep_minutes', 35);
	await ready({}, 35);
	await set('busy_minutes', 15);
	await ready({}, 50);
	const soon = at(5 * 60000), later = at(3 * HOUR);
	await ready({ scheduled_time: soon }, 50); // as wanted, but no sooner than the kitchen can
	const { order } = await guest.ordered(bistro.cart(bistro.usual(), { scheduled_time: later }));
	const { order: full } = (await guest.order(order.id)).json;
	assert.deepEqual([Date.parse(full.scheduled_time), Date.parse(full.estimated_ready_time)], [Date.parse(later), Date.parse(later)]);
	assert.equal(Date.parse((await quote(bistro.cart(bistro.usual(), { scheduled_time: later }))).json.quote.estimated_ready_time), Date.parse(later));
	for (const key of ['prep_minutes', 'busy_minutes']) await unset(key);
});

test('ORD-17 a time that is over, too far ahead, or none at all is refused by name', async () => {
	const wanted = (scheduled_time) => guest.place(bistro.cart(bistro.usual(), { scheduled_time }));
	for (const time of [at(-60000), at(8 * 24 * HOUR + 60000), '2026-02-30T12:00:00Z', 'soon', '2026-02-13', 1770000000])
		assert.deepEqual([code(await wanted(time)), fields(await wanted(time))], ['400 VALIDATION_ERROR', ['scheduled_time']], String(time));
	assert.equal((await wanted(at(7 * 24 * HOUR - 60000))).status, 201, 'the last day');
	await set('schedule_days_max', 0);
	assert.equal(code(await wanted(at(25 * HOUR))), '400 VALIDATION_ERROR', 'today only');
	await unset('schedule_days_max');
});

test('ORD-08 ORD-17 E5 an order for later is taken at any hour, for hours at which the restaurant takes orders', async () => {
	const tomorrow = new Date(Date.now() + 24 * HOUR).toISOString().slice(0, 10);
	const week = (spans) => Object.fromEntries(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, spans]));
	const wanted = (time) => guest.place(bistro.cart(bistro.usual(), time ? { scheduled_time: time } : {}));
	await set('weekly_hours', week([{ start: '12:00', end: '13:00' }]));
	const early = await wanted(`${tomorrow}T02:30:00Z`);
	assert.equal(code(early), '409 RESTAURANT_CLOSED', '08:00 in India');
	assert.deepEqual([early.json.error.details.cause, Date.parse(early.json.error.details.opens_at)], ['outside_hours', Date.parse(`${tomorrow}T06:30:00Z`)]);
	assert.equal((await wanted(`${tomorrow}T06:30:00Z`)).status, 201, '12:00: the first moment');
	assert.equal(code(await wanted(`${tomorrow}T07:30:00Z`)), '409 RESTAURANT_CLOSED', '13:00: over');
	await set('weekly_hours', week([]));
	assert.equal(code(await wanted(null)), '409 RESTAURANT_CLOSED', 'now, when it never opens');
	await set('holidays', { [tomorrow]: [{ start: '06:00', end: '07:00' }] });
	assert.equal((await wanted(`${tomorrow}T00:45:00Z`)).status, 201, '06:15 of a day that has hours of its own');
	assert.equal(code(await quote(bistro.cart(bistro.usual(), { scheduled_time: `${tomorrow}T06:30:00Z` }))), '409 RESTAURANT_CLOSED');
	await set('restaurant_open', false);
	assert.equal(code(await wanted(`${tomorrow}T00:45:00Z`)), '409 RESTAURANT_CLOSED', 'the switch is for later orders too');
	for (const key of ['weekly_hours', 'holidays', 'restaurant_open']) await unset(key);
});

test('ORD-17 MENU-07 what is for breakfast can be had for tomorrow\'s breakfast, whenever that is ordered', async () => {
	const dish = bistro.usual()[0];
	const tomorrow = new Date(Date.now() + 24 * HOUR).toISOString().slice(0, 10);
	await set('time_slots', { breakfast: { start: '07:00', end: '10:00' } });
	await world.sql(`UPDATE items SET time_slots = '["breakfast"]' WHERE restaurant_id = ${bistro.id} AND external_id = '${dish.item}';
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${bistro.id}`);
	const wanted = (time) => guest.place(bistro.cart(bistro.usual(), { scheduled_time: time }));
	const taken = async () => Number((await world.sql(`SELECT COALESCE(SUM(taken), 0) AS n FROM order_slots WHERE restaurant_id = ${bistro.id} AND slot = 'breakfast' AND slot_date = '${tomorrow}'`))[0].n);
	const before_all = await taken(); // of orders for later that happen to fall there
	assert.equal((await wanted(`${tomorrow}T02:30:00Z`)).status, 201, '08:00 in India');
	assert.equal(code(await wanted(`${tomorrow}T07:00:00Z`)), '409 ITEM_UNAVAILABLE', '12:30 in India');
	assert.equal(code(await wanted(`${tomorrow}T04:30:00Z`)), '409 ITEM_UNAVAILABLE', '10:00 in India: it has just ended');
	assert.equal(await taken() - before_all, 1);
	await world.sql(`UPDATE items SET time_slots = NULL WHERE restaurant_id = ${bistro.id} AND external_id = '${dish.item}';
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${bistro.id}`);
	await unset('time_slots');
});

test('ORD-11 ORD-12 one\'s own orders by status and by time, page by page, everything once', async () => {
	const reader = await bistro.guest();
	const mine = [];
	for (let i = 0; i < 9; i++) mine.push((await reader.ordered(bistro.cart())).order);
	const gone = new Set();
	for (const { id, order_number: number } of mine.slice(0, 4)) {
		await reader.cancel(id);
		await bistro.becomes(number, { status: 'cancelled' });
		gone.add(id);
	}
	const list = async (query) => {
		const found = [];
		for (let cursor = null, pages = 0; pages === 0 || cursor; pages++) {
			const answer = await reader.fetch(`/api/v1/orders?limit=2${query}${cursor ? `&cursor=${cursor}` : ''}`);
			assert.equal(answer.status, 200, answer.text);
			assert.ok(answer.json.orders.length <= 2 && pages < 10);
			found.push(...answer.json.orders.map((one) => one.id));
			cursor = answer.json.next_cursor;
		}
		return found;
	};
	const newest = [...mine].reverse();
	assert.deepEqual(await list(''), newest.map((one) => one.id));
	assert.deepEqual(await list('&status=cancelled'), newest.filter((one) => gone.has(one.id)).map((one) => one.id));
	assert.deepEqual(await list('&status=completed'), []);
	const since = encodeURIComponent(mine[3].created_at), until = encodeURIComponent(mine[6].created_at);
	assert.deepEqual(await list(`&since=${since}`), newest.slice(0, 6).map((one) => one.id), 'from then on');
	assert.deepEqual(await list(`&until=${until}`), newest.slice(3).map((one) => one.id), 'before then');
	assert.deepEqual(await list(`&since=${since}&until=${until}`), newest.slice(3, 6).map((one) => one.id));
	assert.deepEqual(await list(`&since=${since}&until=${until}&status=cancelled`), [mine[3].id]);
	assert.deepEqual(await list(`&since=${encodeURIComponent('2026-02-13T14:00:00+05:30')}&until=2026-02-13T08:30:00Z`), [], 'the same moment');
	for (const [query, name] of [['since=2026-02-14T00:00:00Z&until=2026-02-13T00:00:00Z', 'until'], ['status=processing', 'status'], ['status=', 'status'], ['since=yesterday', 'since'], ['until=2026-02-30T00:00:00Z', 'until'], ['since=1900-01-01T00:00:00Z', 'since'],
		['limit=0', 'limit'], ['limit=101', 'limit'], ['cursor=none', 'cursor'], [`cursor=${crypto.randomUUID()}`, 'cursor'], [`cursor=${(await other.ordered(bistro.cart())).order.id}`, 'cursor']]) {
		const answer = await reader.fetch(`/api/v1/orders?${query}`);
		assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', [name]], query);
	}
});

test('AUTH-17 S02 ORD-12 ORD-13 ORD-24 an order of somebody else is one that is not there, whatever is asked of it', async () => {
	const { order } = await guest.ordered(bistro.cart());
	const none = crypto.randomUUID();
	for (const [method, what] of [['GET', ''], ['GET', '/status'], ['POST', '/cancel']]) {
		const ask = (id, who) => who.fetch(`/api/v1/orders/${id}${what}`, { method, ...(method === 'POST' ? { json: {} } : {}) });
		const theirs = await ask(order.id, other), absent = await ask(none, other);
		assert.equal(code(theirs), '404 NOT_FOUND');
		assert.deepEqual(theirs.json, absent.json);
	}
	assert.equal((await guest.order(order.id)).json.order.status, 'received');
});

test('I6 the same key and request: the same bytes, 201, and a word that it was there; anything else is another matter', async () => {
	const key = crypto.randomUUID(), cart = bistro.cart();
	const first = await guest.place(cart, { key });
	assert.equal(`${first.status} ${first.headers['idempotent-replayed']}`, '201 undefined');
	await set('restaurant_open', false); // what was answered is answered, whatever has become of the house
	const again = await guest.place(cart, { key });
	await unset('restaurant_open');
	assert.equal(`${again.status} ${again.headers['idempotent-replayed']}`, '201 true');
	assert.deepEqual([again.text, again.headers.location, again.headers['content-type']], [first.text, first.headers.location, first.headers['content-type']]);
	assert.equal(code(await guest.place({ ...cart, special_instructions: 'two forks' }, { key })), '422 IDEMPOTENCY_MISMATCH');
	assert.equal(code(await guest.place(`${JSON.stringify(cart)} `, { key, json: undefined, body: `${JSON.stringify(cart)} `, headers: { 'content-type': 'application/json' } })),
		'422 IDEMPOTENCY_MISMATCH', 'a blank more is another body');
	const theirs = await other.place(cart, { key });
	assert.equal(`${theirs.status} ${theirs.headers['idempotent-replayed']}`, '201 undefined');
	assert.notEqual(theirs.json.order.id, first.json.order.id);
	for (const bad of ['', ' ', 'a b', 'x'.repeat(256)])
		assert.equal(code(await guest.place(cart, { key: null, headers: { 'idempotency-key': bad } })), '400 VALIDATION_ERROR', JSON.stringify(bad));
	assert.equal((await guest.place(cart, { key: 'x'.repeat(255) })).status, 201);
	const failed = crypto.randomUUID();
	assert.equal(code(await guest.place({ ...cart, items: [] }, { key: failed })), '400 CART_EMPTY');
	assert.equal((await guest.place(cart, { key: failed })).status, 201, 'a failure leaves the key free');
	await world.sql(`UPDATE idempotency_keys SET created_at = created_at - INTERVAL 6 DAY - INTERVAL 23 HOUR`);
	assert.equal((await guest.place(cart, { key })).headers['idempotent-replayed'], 'true', 'almost seven days later');
});

test('I1 I5 I7 M11 at rest nothing is wrong', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
});
