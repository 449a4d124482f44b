'use strict';
// Everything that may be wrong with what strangers, guests, staff and a POS send: the exact status and code, never a 5xx, and
// nothing half-written. (What the dashboard calls prove, and what needs no order, is in 710.)

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const NOBODYS = '0190163d-8694-739b-aea5-966c26f8ad02';
let world, bistro, other, guest, stranger, placed;

before(async () => {
	world = await World.start({ onboard: false, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world);
	other = await Bistro.open(world, { slug: 'other', pos: false });
	guest = await bistro.guest();
	stranger = await bistro.guest();
	placed = (await guest.ordered(bistro.cart())).order;
	await bistro.becomes(placed.order_number, { pos_state: 'accepted' });
	await quiet(world);
});
after(() => world?.stop());

// How much there is of everything that a refused request could have left behind.
const TABLES = ['orders', 'order_items', 'order_item_addons', 'order_taxes', 'order_status_history', 'events', 'outbox', 'outbox_done', 'idempotency_keys', 'notification_queue'];
async function amount() {
	const [row] = await world.sql(`SELECT ${TABLES.map((name) => `(SELECT COUNT(*) FROM ${name}) AS ${name}`)},
		(SELECT SUM(event_seq * 1000 + order_seq) FROM restaurant_counters) AS counters,
		(SELECT MD5(GROUP_CONCAT(CONCAT_WS(' ', id, status, pos_state, payment_status, history_seq) ORDER BY id)) FROM orders) AS states`);
	return row;
}

// [name, expected "status CODE" (or a status), request] each, and nothing has changed after all of them.
async function all_refused(t, rows) {
	const before_all = await amount();
	for (const [name, expected, ask] of rows)
		await t.test(name, async () => {
			const answer = await ask();
			assert.equal(typeof expected === 'number' ? answer.status : `${answer.status} ${answer.json?.error?.code}`, expected, answer.text);
			assert.ok(!/at \/|\.c:\d|SELECT|mysql|mariadb/i.test(answer.text), answer.text);
		});
	assert.deepEqual(await amount(), before_all);
}

const post = (body, options = {}) => () => guest.fetch('/api/v1/orders', { method: 'POST', body, headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...options.headers } });

test('ORD-22 SEC-04 ERR-01 ERR-02 ERR-09 what is not JSON, in every way', async (t) => {
	const good = JSON.stringify(bistro.cart());
	const broken = {
		'nothing': '', 'a blank': ' ', 'half of it': good.slice(0, good.length >> 1), 'something behind it': `${good} x`, 'two of them': good + good,
		'a comma too many': good.replace(/}$/, ',}'), 'single quotes': good.replaceAll('"', "'"), 'a comment': `/* */${good}`,
		'a name twice': good.replace('{', '{"order_type":"delivery",'), 'NaN': good.replace('"quantity":2', '"quantity":NaN'),
		'a leading zero': good.replace('"quantity":2', '"quantity":02'), 'plus': good.replace('"quantity":2', '"quantity":+2'),
		'a byte order mark': `\ufeff${good}`, 'a lone surrogate': good.replace('"pickup"', '"\\ud800"'), 'a zero byte': good.replace('"pickup"', '"pick\\u0000up"'),
		'a raw control character': good.replace('"pickup"', '"pick\nup"'), 'too deep': '['.repeat(5000) + ']'.repeat(5000),
		'not UTF-8': Buffer.concat([Buffer.from('{"order_type":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
		'an array': `[${good}]`, 'a text': '"order"', 'a number': '7', 'null': 'null', 'true': 'true',
	};
	await all_refused(t, Object.entries(broken).map(([name, body]) => [name, '400 VALIDATION_ERROR', post(body)]));
	await all_refused(t, [
		['another type of content', '415 UNSUPPORTED_MEDIA_TYPE', post(good, { headers: { 'content-type': 'text/plain' } })],
		['no type of content', '415 UNSUPPORTED_MEDIA_TYPE', () => guest.fetch('/api/v1/orders', { method: 'POST', body: good })],
		['a form', '415 UNSUPPORTED_MEDIA_TYPE', post('items=1', { headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
		['larger than allowed', 413, post(JSON.stringify({ ...bistro.cart(), special_instructions: 'x'.repeat(70000) }))],
		['another method', '405 METHOD_NOT_ALLOWED', () => guest.fetch('/api/v1/orders', { method: 'DELETE' })],
	]);
});

// A cart with one thing changed.
function spoilt(change) {
	const cart = bistro.cart();
	change(cart, cart.items[0]);
	return cart;
}

test('ORD-02 ORD-04 ORD-06 ORD-20 ORD-22 MENU-08 SEC-04 S03 S04 an order in which one thing is wrong', async (t) => {
	const dish = bistro.dishes.find((one) => one.variations.length > 1);
	const plain = bistro.dishes.find((one) => one.variations.length === 0);
	const must = bistro.dishes.find((one) => one.groups.some((group) => group.min > 0));
	const row = (name, expected, change) => [name, expected, () => guest.place(spoilt(change))];
	const bad = '400 VALIDATION_ERROR';
	await all_refused(t, [
		row('an empty cart', '400 CART_EMPTY', (cart) => { cart.items = []; }),
		row('no items', bad, (cart) => { delete cart.items; }),
		row('items of another type', bad, (cart) => { cart.items = 'all of them'; }),
		row('an item that is a text', bad, (cart) => { cart.items = ['dosa']; }),
		row('null for items', bad, (cart) => { cart.items = null; }),
		row('too many lines', bad, (cart) => { cart.items = Array.from({ length: 101 }, () => cart.items[0]); }),
		...[0, -1, 1000, 1e9, '9223372036854775807', '9223372036854775808', 1.5, '2', true, null].map((quantity) => [`a quantity of ${JSON.stringify(quantity)}`, bad,
			() => guest.fetch('/api/v1/orders', { method: 'POST', headers: { 'content-type': 'application/json' },
				body: JSON.stringify(bistro.cart()).replace('"quantity":2', `"quantity":${/^\d{10,}$/.test(quantity) ? quantity : JSON.stringify(quantity)}`) })]),
		row('no quantity', bad, (cart, line) => { delete line.quantity; }),
		row('no item', bad, (cart, line) => { delete line.menu_item_id; }),
		row('an item by number', bad, (cart, line) => { line.menu_item_id = 7; }),
		row('an item that is no id', bad, (cart, line) => { line.menu_item_id = 'dosa'; }),
		row('an item nobody has', bad, (cart, line) => { line.menu_item_id = NOBODYS; }),
		row('no size where one is needed', bad, (cart) => { cart.items = bistro.cart([{ item: dish.item, variation: null, addons: [], quantity: 1 }]).items; }),
		row('the size of another dish', bad, (cart, line) => {
			const theirs = bistro.dishes.find((one) => one.variations.length && bistro.items.get(one.item) !== line.menu_item_id);
			line.variation_id = bistro.variations.get(`${theirs.item} ${theirs.variations[0]}`);
		}),
		row('a size of a dish without sizes', bad, (cart) => {
			cart.items = bistro.cart([{ item: plain.item, variation: null, addons: plain.groups.map((group) => group.addons[0]), quantity: 1 }]).items;
			cart.items[0].variation_id = bistro.variations.get(`${dish.item} ${dish.variations[0]}`);
		}),
		row('an extra of another dish', bad, (cart) => {
			const without = bistro.dishes.find((one) => one.groups.length === 0 && one.variations.length === 0);
			cart.items = bistro.cart([{ item: without.item, variation: null, addons: [must.groups[0].addons[0]], quantity: 1 }]).items;
		}),
		row('an extra twice', bad, (cart, line) => { line.addons.push({ ...line.addons[0] }); }),
		row('an extra that must be chosen and is not', bad, (cart) => {
			cart.items = bistro.cart([{ item: must.item, variation: must.variations[0] ?? null, addons: [], quantity: 1 }]).items;
		}),
		row('an extra minus once', bad, (cart, line) => { line.addons[0].quantity = -1; }),
		row('another way of eating', bad, (cart) => { cart.order_type = 'standing'; }),
		row('no way of eating', bad, (cart) => { delete cart.order_type; }),
		row('another way of paying', bad, (cart) => { cart.payment_method = 'shells'; }),
		row('a price of the guest\'s own', bad, (cart, line) => { line.price = 0.01; }),
		row('a total of the guest\'s own', bad, (cart) => { cart.total = 1; }),
		row('a status', bad, (cart) => { cart.status = 'completed'; }),
		row('a restaurant', bad, (cart) => { cart.restaurant_id = 1; }),
		row('a tip that takes something back', bad, (cart) => { cart.tip = -50; }),
		row('a tip of a third of a paisa', bad, (cart) => { cart.tip = 0.003; }),
		row('a long instruction', bad, (cart) => { cart.special_instructions = 'x'.repeat(501); }),
		row('a long instruction of a line', bad, (cart, line) => { line.special_instructions = 'x'.repeat(256); }),
		row('a time that is none', bad, (cart) => { cart.scheduled_time = 'tomorrow'; }),
		row('what has run out', '409 ITEM_UNAVAILABLE', (cart) => {
			cart.items = [{ ...bistro.cart([{ item: '10464015', variation: null, addons: [], quantity: 1 }]).items[0], addons: [] }];
		}),
	]);
	const refused = await guest.place(spoilt((cart, line) => { line.quantity = 0; }));
	assert.match(JSON.stringify(refused.json.error.details), /items\[0\]\.quantity/);
	const long = await guest.place(spoilt(() => {}), { key: 'k'.repeat(256) });
	assert.equal(`${long.status} ${long.json.error.code}`, '400 VALIDATION_ERROR', 'a key that is too long');
});

test('AUTH-15 AUTH-16 AUTH-17 AUTH-18 ERR-03 ERR-04 ERR-05 SEC-12 I10 somebody else\'s, nobody\'s and no id at all', async (t) => {
	const here = (method, what, token, json) => () => world.fetch(`${bistro.base}${what}`, { method, token, ...(json ? { json } : {}) });
	const there = (method, what, token, json) => () => world.fetch(`${other.base}${what}`, { method, token, ...(json ? { json } : {}) });
	const { id } = placed;
	const key = crypto.randomUUID(), again = bistro.cart();
	assert.equal((await guest.place(again, { key })).status, 201);
	const said_there = { method: 'POST', token: guest.token, json: again, headers: { 'idempotency-key': key } };
	await quiet(world);
	await all_refused(t, [
		['one\'s own key of this restaurant at another one', '422 IDEMPOTENCY_MISMATCH', () => world.fetch(`${other.base}/api/v1/orders`, said_there)],
		...['', '/status'].flatMap((what) => [
			[`another guest's order${what}`, '404 NOT_FOUND', here('GET', `/api/v1/orders/${id}${what}`, stranger.token)],
			[`nobody's order${what}`, '404 NOT_FOUND', here('GET', `/api/v1/orders/${NOBODYS}${what}`, guest.token)],
			[`no id${what}`, '404 NOT_FOUND', here('GET', `/api/v1/orders/seven${what}`, guest.token)],
			[`one's own order at another restaurant${what}`, '404 NOT_FOUND', there('GET', `/api/v1/orders/${id}${what}`, guest.token)],
			[`without a token${what}`, '401 INVALID_TOKEN', here('GET', `/api/v1/orders/${id}${what}`)],
			[`staff at a guest's door${what}`, '403 INSUFFICIENT_ROLE', here('GET', `/api/v1/orders/${id}${what}`, bistro.admin)],
		]),
		['another guest\'s order of old', '404 NOT_FOUND', here('GET', `/api/common/orders/${id}/`, stranger.token)],
		['another guest cancels', '404 NOT_FOUND', here('POST', `/api/v1/orders/${id}/cancel`, stranger.token, {})],
		['a guest at the kitchen door', '403 INSUFFICIENT_ROLE', here('PATCH', `/api/v1/admin/orders/${id}/status`, guest.token, { status: 'completed' })],
		['staff of another restaurant, here', '403 INSUFFICIENT_ROLE', here('PATCH', `/api/v1/admin/orders/${id}/status`, other.admin, { status: 'ready' })],
		['staff of another restaurant, there', '404 NOT_FOUND', there('PATCH', `/api/v1/admin/orders/${id}/status`, other.admin, { status: 'ready' })],
		['staff of another restaurant, cash', '404 NOT_FOUND', there('POST', `/api/v1/admin/orders/${id}/cash-received`, other.admin)],
		['staff of another restaurant, retry', '404 NOT_FOUND', there('POST', `/api/v1/admin/orders/${id}/retry-pos`, other.admin)],
		['staff of another restaurant look', '404 NOT_FOUND', there('GET', `/api/v1/admin/orders/${id}`, other.admin)],
		['the cook retries', '403 INSUFFICIENT_ROLE', here('POST', `/api/v1/admin/orders/${id}/retry-pos`, bistro.cook)],
		['what has not failed is retried', '400 VALIDATION_ERROR', here('POST', `/api/v1/admin/orders/${id}/retry-pos`, bistro.admin)],
		['a dish of this restaurant at another one', '400 VALIDATION_ERROR', there('POST', '/api/v1/orders', guest.token, bistro.cart())],
		['an unknown restaurant', 404, () => world.fetch('/r/nowhere/api/v1/orders', { token: guest.token })],
		['a slug that is none', 404, () => world.fetch('/r/..%2fbistro/api/v1/orders', { token: guest.token })],
		['a forged token', '401 INVALID_TOKEN', here('GET', '/api/v1/orders', guest.token.slice(0, -4) + (guest.token.endsWith('AAAA') ? 'BBBB' : 'AAAA'))],
		['a page behind somebody else\'s order', '400 VALIDATION_ERROR', here('GET', `/api/v1/orders?cursor=${id}`, stranger.token)],
		['a page of minus one', '400 VALIDATION_ERROR', here('GET', '/api/v1/orders?limit=-1', guest.token)],
		['a page of a thousand', '400 VALIDATION_ERROR', here('GET', '/api/v1/orders?limit=1000', guest.token)],
		['to where nobody goes', '400 VALIDATION_ERROR', here('PATCH', `/api/v1/admin/orders/${id}/status`, bistro.admin, { status: 'eaten' })],
		['back to the beginning', '400 VALIDATION_ERROR', here('PATCH', `/api/v1/admin/orders/${id}/status`, bistro.admin, { status: 'received' })],
		['without a status', '400 VALIDATION_ERROR', here('PATCH', `/api/v1/admin/orders/${id}/status`, bistro.admin, {})],
		['completed before it is paid', '409 ORDER_NOT_PAID', here('PATCH', `/api/v1/admin/orders/${id}/status`, bistro.admin, { status: 'completed' })],
	]);
});

test('AUTH-19 AUTH-23 ARC-07 SEC-07 SEC-14 the way to the POS: made at onboarding, sealed, and shown to its own admin only', async (t) => {
	const at = '/api/pos-config/bistro/petpooja';
	const save = { provider_name: 'petpooja', pos_restaurant_id: 'demo4bistro' };
	await all_refused(t, [['nobody', undefined], ['a guest', guest.token], ['the cook', bistro.cook], ['another restaurant\'s admin', other.admin]].flatMap(([who, token]) => [
		[`${who} looks`, token ? '403 INSUFFICIENT_ROLE' : '401 INVALID_TOKEN', () => world.fetch(at, { token })],
		[`${who} saves`, token ? '403 INSUFFICIENT_ROLE' : '401 INVALID_TOKEN', () => world.fetch('/api/pos-integration/bistro', { token, json: save })],
		[`${who} rotates`, token ? '403 INSUFFICIENT_ROLE' : '401 INVALID_TOKEN', () => world.fetch('/api/pos-integration/bistro/petpooja/rotate-secret', { method: 'POST', token })],
	]));
	assert.equal((await world.fetch(at, { token: bistro.admin })).status, 200);
	const keys = await world.sql(`SELECT purpose, HEX(secret_key) AS sealed FROM restaurant_webhook_secrets WHERE restaurant_id = ${bistro.id} AND is_active = 1`);
	assert.deepEqual(keys.map((row) => row.purpose).sort(), ['authorization', 'callback', 'signature']);
	const sealed = (await world.sql('SELECT HEX(sealed) AS sealed FROM integration_secrets')).concat(keys).map((row) => row.sealed);
	for (const secret of world.secrets) for (const one of sealed) assert.ok(!one.includes(Buffer.from(secret).toString('hex').toUpperCase()));
	const [own] = await world.sql(`SELECT restaurant_specific_config AS config FROM restaurant_pos_integrations WHERE restaurant_id = ${bistro.id}`);
	const [all] = await world.sql("SELECT global_config AS config FROM pos_providers WHERE provider_name = 'petpooja'");
	assert.ok(own.config.includes('webhook_policy') && !all.config.includes('webhook_policy') && all.config.includes('device_type'));
	for (const secret of world.secrets) assert.ok(!own.config.includes(secret) && !all.config.includes(secret));
});

// --- callbacks ---------------------------------------------------------------------------------------------------------

const callbackUrl = async (number) => JSON.parse((await bistro.requests(number))[0].body).orderinfo.OrderInfo.Order.details.callback_url;
const pathOf = (url) => new URL(url).pathname + new URL(url).search;
const says = (number, status = '1', more = {}) => JSON.stringify({ restID: 'demo4bistro', orderID: number, status, cancel_reason: '', minimum_prep_time: '20',
	minimum_delivery_time: '', rider_name: '', rider_phone_number: '', is_modified: 'No', ...more });
const call = (at, body) => world.fetch(at, { method: 'POST', body, headers: { 'content-type': 'application/json' } });

test('TEST-03 WH-06 WH-07 WH-08 WH-31 SEC-08 F34 I10 a callback that is not the kitchen\'s', async (t) => {
	const number = placed.order_number;
	const second = (await stranger.ordered(bistro.cart())).order;
	await bistro.becomes(second.order_number, { pos_state: 'accepted' });
	await quiet(world);
	const at = pathOf(await callbackUrl(number));
	const token = new URL(`https://x${at}`).searchParams.get('k');
	const theirs = pathOf(await callbackUrl(second.order_number));
	world.canary(token);
	const before_all = await amount();
	const answers = [];
	for (const [name, status, where, body] of [
		['no token', 404, '/pp_callback/bistro/', says(number)],
		['an empty token', 404, '/pp_callback/bistro/?k=', says(number)],
		['a forged token', 404, `/pp_callback/bistro/?k=${crypto.randomBytes(16).toString('base64url')}`, says(number)],
		['half of the token', 404, at.slice(0, -6), says(number)],
		['another order\'s token', 404, theirs, says(number)],
		['an order that is not there', 404, at, says('ORD-20990101-001')],
		['an unknown restaurant', 404, at.replace('/bistro/', '/nowhere/'), says(number)],
		['another restaurant', 404, at.replace('/bistro/', '/other/'), says(number)],
	]) {
		const answer = await call(where, body);
		assert.equal(answer.status, status, `${name}: ${answer.text}`);
		answers.push(answer.text);
	}
	assert.equal(new Set(answers).size, 1, `one and the same answer: ${[...new Set(answers)].join(' | ')}`);
	for (const [name, status, body, where = at] of [
		['a status nobody knows', 400, says(number, '7')], ['a status that is a word', 400, says(number, 'CONFIRMED')], ['no status', 400, says(number, null)],
		['no order', 400, says(undefined)], ['half a body', 400, says(number).slice(0, 30)], ['no body', 400, ''], ['an array', 400, `[${says(number)}]`],
		['a status that is an object', 400, says(number, {})], ['an order with a blank in it', 400, says('ORD 1')], ['a large body', 413, says(number, '1', { x: 'x'.repeat(70000) })],
		['deep', 400, '['.repeat(3000) + ']'.repeat(3000)],
	]) {
		const answer = await call(where, body);
		assert.equal(answer.status, status, `${name}: ${answer.text}`);
		if (status === 400) assert.equal(answer.json.success, false);
	}
	assert.deepEqual(await amount(), before_all);
	const [logged] = await world.sql('SELECT COUNT(*) AS n FROM webhook_logs WHERE is_verified = 0');
	assert.ok(Number(logged.n) >= 10, 'WH-10 what was refused is on record');
	await t.test('WH-05 and the kitchen\'s own is applied, in the documented words', async () => {
		const answer = await call(at, says(number));
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(answer.json, { success: true, message: 'Order status updated successfully', order_id: number, new_status: 'confirmed' });
		const row = await bistro.row(number);
		assert.equal(row.status, 'confirmed');
		const [{ body }] = await world.sql(`SELECT CONVERT(pos_callback USING utf8mb4) AS body FROM orders WHERE order_number = '${number}'`);
		assert.equal(body, says(number), 'WH-09 the whole callback is kept');
	});
});

test('TEST-03 WH-05 WH-27 I5 a callback that is repeated, late, or before our record of the POS\'s answer', async () => {
	const { order_number: number, id } = (await guest.ordered(bistro.cart())).order;
	await bistro.becomes(number, { pos_state: 'accepted' });
	const at = pathOf(await callbackUrl(number));
	for (const [status, word] of [['1', 'confirmed'], ['1', 'confirmed'], ['5', 'food_ready'], ['1', 'food_ready'], ['3', 'food_ready'], ['5', 'food_ready'], ['4', 'food_ready'], ['10', 'food_ready']]) {
		const answer = await call(at, says(number, status));
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.json.new_status, word, `after ${status}`);
	}
	assert.equal((await bistro.row(number)).status, 'ready', 'WH-04 a guest who fetches it is not dispatched to');
	assert.equal((await guest.order(id, '/status')).json.status, 'ready');

	// The relay is frozen, and cannot write down what the POS has answered.
	await bistro.pos.next({ path: '/save_order', do: 'commit_then_delay', ms: 300 });
	const early = (await guest.ordered(bistro.cart())).order.order_number;
	await bistro.ticket(early);
	world.child('relay').signal('SIGSTOP');
	try {
		assert.equal((await bistro.row(early)).pos_state, 'submitting');
		assert.equal((await call(pathOf(await callbackUrl(early)), says(early))).json.new_status, 'confirmed');
		const row = await bistro.row(early);
		assert.equal(`${row.status} ${row.pos_state}`, 'confirmed accepted', 'the callback is the proof');
	} finally {
		world.child('relay').signal('SIGCONT');
	}
	await quiet(world);
	assert.deepEqual((await bistro.history(early, 'status')).map((one) => one.new_status), ['received', 'confirmed']);
});

test('WH-04 dine-in: what is only for deliveries is ignored', async () => {
	const { order_number: number } = (await guest.ordered(bistro.cart(bistro.usual(), { order_type: 'dine_in', table_number: '7' }))).order;
	await bistro.becomes(number, { pos_state: 'accepted' });
	const at = pathOf(await callbackUrl(number));
	for (const [status, word] of [['1', 'confirmed'], ['4', 'confirmed'], ['10', 'confirmed'], ['5', 'food_ready'], ['10', 'food_ready']])
		assert.equal((await call(at, says(number, status))).json.new_status, word, status);
});

test('WH-12 WH-13 WH-16 WH-19 WH-27 F34 I4 an event about an id that we do not know yet is kept, and applied when we do', async () => {
	const pos_order_id = '881234';
	const early = await bistro.pos.control('/order-status', { json: { order_id: '', pos_order_id, status: 'CONFIRMED' } });
	assert.equal(early.status, 202, early.body);
	assert.equal((await world.sql(`SELECT state FROM webhook_logs WHERE subject = '${pos_order_id}'`))[0].state, 'parked');
	await bistro.pos.next({ path: '/save_order', do: 'order_id', order_id: pos_order_id });
	const { order_number: number } = (await guest.ordered(bistro.cart())).order;
	await bistro.becomes(number, { status: 'confirmed', pos_state: 'accepted', pos_order_id });
	await world.until('the delivery is applied', async () => (await world.sql(`SELECT state FROM webhook_logs WHERE subject = '${pos_order_id}'`))[0].state === 'processed');
	const ready = await bistro.pos.control('/order-status', { json: { order_id: '', pos_order_id, status: 'READY' } });
	assert.equal(ready.status, 200, ready.body);
	await bistro.becomes(number, { status: 'ready' });
	const wrong = await bistro.pos.control('/order-status', { json: { order_id: placed.order_number, pos_order_id, status: 'READY' } });
	assert.equal(wrong.status, 400, wrong.body);
	for (const bad of [{ signature: 'bad' }, { signature: 'none' }, { secret: 'another' }])
		assert.equal((await bistro.pos.control('/order-status', { json: { order_id: number, pos_order_id, status: 'CANCELLED', ...bad } })).status, 401);
	assert.equal((await bistro.pos.control('/order-status', { json: { order_id: number, pos_order_id, status: 'EATEN' } })).status, 400);
	assert.equal((await bistro.row(number)).status, 'ready');
});

test('SEC-05 S70 quotes, comments and other languages are only text', async () => {
	const nasty = `x'); DROP TABLE orders; -- "\\ %s %n \u{1f336}\ufe0f <script>`;
	const { id, order_number: number } = (await guest.ordered(bistro.cart(bistro.usual(), { special_instructions: nasty }))).order;
	assert.equal((await guest.order(id)).json.order.special_instructions, nasty);
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await guest.fetch(`/api/v1/menu/items?search=${encodeURIComponent("' OR 1=1 -- %_")}`)).json.items.length, 0);
	assert.equal((await guest.fetch("/api/v1/orders/'%20OR%20'1'='1")).status < 500, true);
});

test('I1 I4 I5 I7 after all this the house is whole', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
	const log = require('node:fs').readFileSync(`${world.at.log}/nginx.access.log`, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
	assert.deepEqual(log.filter((line) => Number(line.status) >= 500).map((line) => `${line.status} ${line.method} ${line.path}`), []);
});
