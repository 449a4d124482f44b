'use strict';
// What goes between a restaurant and its POS is in the log while somebody wants to see it, for that restaurant alone, and nothing of it
// tells a secret or who a guest is.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro, REST_ID } = require('./bistro.js');
const { quiet } = require('./check.js');

const word = () => crypto.randomBytes(6).toString('hex').replace(/\d/g, (d) => 'ghijklmnop'[d]);
const NAME = [`Zarina${word()}`, `Quill${word()}`];
const STREET = `Wexford${word()}`;
const NOTE = `Ring${word()}`;
let world, bistro, other, guest;

before(async () => {
	world = await World.start({ onboard: false, workers: 2, env: { RELAY_POLL_MS: '50' } });
	bistro = await Bistro.open(world);
	other = await Bistro.open(world, { slug: 'other', pos: false, staffPhone: '+919900000202' });
	guest = await bistro.guest();
	for (const one of [...NAME, STREET, NOTE, guest.phone.slice(1), guest.phone.slice(3)]) world.canary(one);
	const answer = await world.fetch('/api/v1/users/me', { method: 'PUT', token: guest.token, json: { name: NAME.join(' '), email: world.canary(`${NAME[0]}@example.org`) } });
	assert.equal(answer.status, 200, answer.text);
});
after(() => world?.stop());

const shown = (name, event, of = () => true) => world.logged(name).filter((line) => line.event === event && of(line));
const put = async (value, where = bistro) => {
	const answer = await world.fetch(`${where.base}/api/v1/admin/config/pos_traffic_debug`, { method: 'PUT', token: where.admin, json: { value } });
	assert.equal(answer.status, 200, answer.text);
};
const cart = () => bistro.cart(bistro.usual(), { order_type: 'delivery', delivery_address: `7 ${STREET} Lane`, special_instructions: `${NOTE} twice` });
const ordered = async () => {
	const { order } = await guest.ordered(cart());
	const row = await bistro.becomes(order.order_number, (it) => it.pos_state === 'accepted' || it.pos_state === 'failed');
	await quiet(world);
	return row;
};
const call = async (row) => {
	const [line] = await world.untilLogged('relay', (one) => one.event === 'pos_call' && one.message !== undefined && one.body?.includes(`"${row.order_number}"`));
	return line;
};
const everywhere = () => [...shown('relay', 'pos_call'), ...shown('webhooks', 'pos_delivery')];

test('CFG-09 off unless somebody says so: no call and no delivery is shown', async () => {
	const row = await ordered();
	assert.equal((await bistro.kitchen(row.order_number, '1')).status, 200);
	assert.deepEqual(everywhere(), []);
	await put(true, other);
	const more = await ordered();
	assert.equal((await bistro.kitchen(more.order_number, '1')).status, 200);
	assert.deepEqual(everywhere(), [], 'another restaurant is no business of theirs');
	await put(false, other);
});

test('CFG-09 within a second each call is a line: what was sent, secrets by name, and what came back', async () => {
	await put(true);
	await new Promise((done) => setTimeout(done, 1000));
	const row = await ordered();
	const line = await call(row);
	const [sent] = await bistro.requests(row.order_number);
	assert.equal(`${line.method} ${new URL(line.url).pathname} ${line.kind} ${line.status}`, `POST ${sent.path} pos_submit 200`);
	assert.equal(String(line.restaurant_id), String(bistro.id));
	assert.match(line.headers, /^content-type: application\/json$/im);
	assert.equal(line.truncated, undefined);
	const body = JSON.parse(line.body), real = JSON.parse(sent.body);
	assert.deepEqual([body.app_key, body.app_secret, body.access_token], ['{{secret:app_key}}', '{{secret:app_secret}}', '{{secret:access_token}}']);
	const { Order, Customer, OrderItem, Restaurant } = body.orderinfo.OrderInfo, theirs = real.orderinfo.OrderInfo;
	assert.deepEqual([Order.details.orderID, Order.details.total, Order.details.created_on], [row.order_number, theirs.Order.details.total, theirs.Order.details.created_on]);
	assert.deepEqual(OrderItem.details.map((one) => [one.id, one.name, one.price]), theirs.OrderItem.details.map((one) => [one.id, one.name, one.price]), 'what was ordered is there');
	assert.equal(Restaurant.details.restID, REST_ID);
	for (const key of ['name', 'phone', 'address']) {
		assert.ok(theirs.Customer.details[key].length > 3, key);
		assert.equal(Customer.details[key], '[redacted]', key);
	}
	assert.equal(Order.details.description, '[redacted]');
	assert.match(Order.details.callback_url, /\?\[redacted\]$/);
	assert.equal(JSON.parse(line.answer).success, '1');
	assert.equal(line.answer_bytes > 10 && line.body_bytes > 1000, true);
});

test('CFG-09 a POS that says it all again, in JSON or not, and one that fails', async () => {
	const echoes = [
		[JSON.stringify({ success: '0', message: `no rider for ${NAME[1].toUpperCase()} at 7 ${STREET} lane (${guest.phone}), ${NOTE}`, orderID: '812345' }), (text) => {
			assert.equal(JSON.parse(text).orderID, '812345');
			assert.match(JSON.parse(text).message, /^no rider for \[redacted\]/);
		}],
		[JSON.stringify({ success: '0', message: 'x', debug: { access_token: 'simulated-access-token-0123456789abcdef0', says: ['simulated-app-secret-0123456789abcdef012'] } }),
			(text) => assert.deepEqual(JSON.parse(text).debug, { access_token: '[redacted]', says: ['[redacted]'] })],
		[`<h1>Error</h1> near ${STREET}, key simulated-app-key-0123456789abcd`, (text) => assert.match(text, /^<h1>Error<\/h1> near \[redacted\], key \[redacted\]$/)],
		[`{"customer":"${NAME[0]}", broken`, (text) => assert.equal(text, null)],
	];
	for (const [body, check] of echoes) {
		await bistro.pos.next({ path: '/save_order', do: 'body', commit: false, body });
		const { order } = await guest.ordered(cart());
		const line = await call(order);
		assert.equal(line.answer_bytes, Buffer.byteLength(body));
		check(line.answer);
	}
	await bistro.pos.next({ path: '/save_order', do: 'drop_then_nothing' });
	const { order } = await guest.ordered(cart());
	const line = await call(order);
	assert.equal(line.status, 0);
	assert.ok(line.failure.length > 3 && line.answer === null, JSON.stringify(line));
	await quiet(world);
});

test('CFG-09 a delivery is a line too: taken, refused and not to be read', async () => {
	const row = await ordered();
	const k = new URL(JSON.parse((await bistro.requests(row.order_number))[0].body).orderinfo.OrderInfo.Order.details.callback_url).searchParams.get('k');
	world.canary(k);
	const from = shown('webhooks', 'pos_delivery').length;
	const rider = world.canary(`Rider${word()}`);
	await bistro.kitchen(row.order_number, '4', { body: { rider_name: rider, rider_phone_number: world.canary('9812345670'), cancel_reason: NOTE } });
	await world.fetch(`/pp_callback/bistro/?k=${k}`, { method: 'POST', body: `{"customer_name":"${NAME[0]}"`, headers: { 'content-type': 'application/json' } });
	await world.fetch('/api/webhooks/petpooja/order-status', { json: { restaurant_id: REST_ID, order_id: row.order_number, status: 'READY', customer: { name: NAME.join(' '), phone: guest.phone } },
		headers: { 'x-petpooja-signature': world.canary('sha256=00canary00'), authorization: world.canary('canary-authorization-831') } });
	const lines = await world.until('three lines', () => { const all = shown('webhooks', 'pos_delivery').slice(from); return all.length >= 3 && all; });
	const [taken, broken, refused] = ['callback 200', 'callback 400', 'order-status 401'].map((what) => lines.find((one) => `${one.type} ${one.status}` === what));
	assert.ok(taken && broken && refused, JSON.stringify(lines.map((one) => [one.type, one.status])));
	assert.deepEqual([JSON.parse(taken.body).status, JSON.parse(taken.body).rider_name, taken.path], ['4', '[redacted]', '/pp_callback/bistro/']);
	assert.equal(broken.body, null);
	assert.ok(broken.body_bytes > 10);
	assert.deepEqual([JSON.parse(refused.body).status, JSON.parse(refused.body).customer.name], ['READY', '[redacted]']);
	assert.match(refused.headers, /^authorization: \(withheld\)$/m);
});

test('CFG-09 the menu that is fetched is shown up to a length, text messages never', async () => {
	const answer = await world.fetch(`/api/menu-sync/${bistro.slug}/sync`, { method: 'POST', token: bistro.admin });
	assert.ok(answer.status < 300, answer.text);
	const [line] = await world.untilLogged('relay', (one) => one.event === 'pos_call' && one.kind === 'menu_fetch');
	assert.ok(line.answer.length > 5000 && line.answer.length <= 16384 && line.answer_bytes > line.answer.length, `${line.answer?.length} of ${line.answer_bytes}`);
	await bistro.guest();
	assert.deepEqual(shown('relay', 'pos_call', (one) => !['pos_submit', 'pos_void', 'menu_fetch'].includes(one.kind)), []);
});

test('CFG-09 CFG-06 within a second of being switched off nothing is shown any more', async () => {
	await put(false);
	await new Promise((done) => setTimeout(done, 1000));
	await quiet(world);
	const n = everywhere().length;
	const row = await ordered();
	await bistro.kitchen(row.order_number, '1');
	await quiet(world);
	assert.equal(everywhere().length, n);
	assert.ok(n >= 8);
	const told = everywhere().map((line) => JSON.stringify(line)).join('\n');
	for (const secret of world.secrets) assert.ok(!told.includes(secret), 'nothing of it is told');
});
