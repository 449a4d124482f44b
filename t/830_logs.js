'use strict';
// One request can be followed by its trace id from nginx through the worker, the outbox and the call to the POS; and whatever
// happens, no log tells a secret, a code, a token, a phone number or an address.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { test, before, after } = require('node:test');
const { World, POOLS, RUNNERS } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { quiet } = require('./check.js');

const TRACE = crypto.randomBytes(16).toString('hex');
const PARENT = `00-${TRACE}-${crypto.randomBytes(8).toString('hex')}-01`;
const ADDRESS = `Flat ${crypto.randomInt(1e6)}, Canary Heights`;
let world, bistro, guest, order;

before(async () => {
	world = await World.start({ onboard: false, env: { LOG_LEVEL: 'debug' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
});
after(() => world?.stop());

const lines = (name) => world.logged(name);
const traced = (name, event) => world.untilLogged(name, (line) => line.trace_id === TRACE && (!event || line.event === event));

test('OBS-07 one trace from nginx to the POS: access log, worker, relay, traceparent, history, outbox', async () => {
	({ order } = await guest.ordered(bistro.cart(bistro.usual(), { order_type: 'delivery', delivery_address: world.canary(ADDRESS) }),
		{ headers: { traceparent: PARENT } }));
	await bistro.becomes(order.order_number, { pos_state: 'accepted' });
	await quiet(world);
	const [front, ...more] = await traced('nginx.access');
	assert.deepEqual(more, []);
	assert.equal(`${front.status} ${front.method}`, '201 POST');
	const [worker, ...others] = await traced('orders', 'request');
	assert.deepEqual(others, [], 'one line for one request');
	assert.equal(`${worker.status} ${worker.route} ${worker.request_id}`, `201 /api/v1/orders ${front.request_id}`);
	const calls = await traced('relay', 'provider_call');
	assert.deepEqual(calls.map((line) => `${line.kind} ${line.outcome}`), ['pos_submit DONE']);
	const [request] = await bistro.requests(order.order_number);
	assert.match(request.headers.traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
	assert.notEqual(request.headers.traceparent, PARENT, 'our own span, not the caller\'s');
	const history = await world.sql(`SELECT h.event, h.trace_id FROM order_status_history h JOIN orders o ON o.id = h.order_id WHERE o.order_number = '${order.order_number}' ORDER BY h.seq`);
	assert.deepEqual(history.map((row) => row.trace_id), history.map(() => TRACE));
	const done = await world.sql(`SELECT kind FROM outbox_done WHERE trace_id = '${TRACE}'`);
	assert.deepEqual(done.map((row) => row.kind), ['pos_submit']);
});

test('OBS-07 WH-10 a delivery has a trace of its own: access log, worker, what is stored, history', async () => {
	assert.equal((await bistro.kitchen(order.order_number, '1')).status, 200);
	const [stored] = await world.sql(`SELECT trace_id FROM webhook_logs WHERE subject = '${order.order_number}'`);
	const of_it = (line) => line.trace_id === stored.trace_id;
	const [front] = await world.untilLogged('nginx.access', of_it);
	assert.equal(front.status, '200');
	assert.equal(front.path, '/pp_callback/bistro/', 'without what follows the question mark');
	assert.equal((await world.untilLogged('webhooks', (line) => of_it(line) && line.event === 'request')).length, 1);
	const [row] = await world.sql(`SELECT trace_id FROM order_status_history WHERE event = 'confirm' AND trace_id = '${stored.trace_id}'`);
	assert.ok(row);
});

test('OBS-07 a trace that is none is replaced; a request without one gets one', async () => {
	for (const parent of ['00-00000000000000000000000000000000-0000000000000000-01', 'ff-' + PARENT.slice(3), 'x'.repeat(100), undefined]) {
		const before_all = lines('orders').length;
		const answer = await guest.fetch('/api/v1/orders', { headers: parent ? { traceparent: parent } : {} });
		assert.equal(answer.status, 200);
		const line = await world.until('its line', () => lines('orders').slice(before_all).find((one) => one.event === 'request'));
		assert.match(line.trace_id, /^[0-9a-f]{32}$/);
		assert.notEqual(line.trace_id, TRACE);
		assert.doesNotMatch(line.trace_id, /^0+$/);
	}
});

test('SEC-06 SEC-10 I11 wrong and right, refused and broken: nothing of it is told by any log', async () => {
	const url = JSON.parse((await bistro.requests(order.order_number))[0].body).orderinfo.OrderInfo.Order.details.callback_url;
	const k = world.canary(new URL(url).searchParams.get('k'));
	for (const phone of [guest.phone, bistro.staffPhone]) {
		world.canary(phone.slice(1));
		world.canary(phone.slice(3));
	}
	const secret = world.canary('canary-pa55word-0123456789');
	const bearer = world.canary('canary.bearer.token0123456789');
	const tries = [
		['/api/v1/admin/auth/login', { json: { username: 'bistro-admin', password: secret } }],
		['/api/v1/auth/verify-otp', { json: { phone: guest.phone, otp: '000000' } }],
		['/api/v1/auth/refresh', { json: { refresh_token: world.canary('canary-refresh-0123456789') } }],
		['/api/v1/orders', { token: bearer }],
		['/api/v1/orders', { method: 'POST', token: guest.token, body: `{"delivery_address":"${ADDRESS}"`, headers: { 'content-type': 'application/json' } }],
		[`/pp_callback/bistro/?k=${world.canary('canary-callback-token-01')}`, { json: { orderID: order.order_number, status: '1' } }],
		[`/pp_callback/bistro/?k=${k}`, { json: { orderID: order.order_number, status: '77' } }],
		[`/pp_callback/bistro/?k=${k}`, { method: 'POST', body: 'x'.repeat(100000), headers: { 'content-type': 'application/json' } }],
		['/api/webhooks/petpooja/item-stock', { json: { restID: 'demo4bistro' }, headers: { authorization: world.canary('canary-authorization-value') } }],
		['/api/webhooks/petpooja/order-status', { json: { restaurant_id: 'demo4bistro', order_id: 'x', status: 'READY' }, headers: { 'x-petpooja-signature': 'sha256=00' } }],
	];
	for (const [at, options] of tries) assert.ok((await world.fetch(at, options)).status >= 400, at);
	// A POS that repeats our credentials in its answer, and a worker's death under a callback.
	await bistro.pos.next({ path: '/save_order', do: 'body', commit: false, body: JSON.stringify({ success: '0', message: `no such ${ADDRESS} ${guest.phone}` }) });
	const refused = (await guest.ordered(bistro.cart())).order;
	await bistro.becomes(refused.order_number, { pos_state: 'failed' });
	await bistro.told(refused.order_number, /is NOT at the POS/);
	for (const pool of ['auth', 'orders', 'webhooks', 'admin']) world.child(pool).signal('SIGHUP');
	await quiet(world);
	for (const name of ['auth', 'orders', 'webhooks', 'admin', 'menu', 'relay', 'jobs', 'nginx.access']) assert.ok(lines(name).length > 0, name);
	// world.stop() looks for every canary in every log.
	for (const name of [...POOLS, ...RUNNERS]) {
		const told = fs.readFileSync(`/proc/${world.child(name).pid}/cmdline`, 'latin1');
		for (const one of world.secrets) assert.ok(!told.includes(one), `${name} has a secret among its arguments`);
	}
});

test('OBS-02 SEC-10 /metrics counts, and names nobody', async () => {
	const { text } = await world.fetch('/metrics');
	for (const one of world.secrets) assert.ok(!text.includes(one));
	assert.match(text, /orders_placed_total\{program="orders"\} [1-9]/);
});
