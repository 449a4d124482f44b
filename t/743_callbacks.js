'use strict';
// What the POS says of orders whose cash is not confirmed, who bring them, and the log of what it delivered.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { quiet } = require('./check.js');
const { Tiffin, said, fields } = require('./tiffin.js');

let world, bistro, guest, tiffin;

before(async () => {
	world = await World.start({ onboard: false });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
	tiffin = await Tiffin.open(world);
});
after(() => world?.stop());

async function confirmed(more = {}) {
	const { order } = await guest.ordered(bistro.cart(bistro.usual(), more));
	await bistro.ticket(order.order_number);
	await bistro.kitchen(order.order_number, '1');
	await bistro.becomes(order.order_number, { status: 'confirmed' });
	return order;
}

const events = (number, kind) => world.sql(`SELECT e.data FROM events e JOIN orders o ON o.id = e.order_id WHERE o.order_number = '${number}' AND o.restaurant_id = ${bistro.id} AND e.kind = '${kind}'`);

test('ADM-06 ADM-05 WH-03 "delivered" of an order whose cash nobody confirmed is kept, and takes effect with the cash', async () => {
	const order = await confirmed();
	const number = order.order_number;
	const first = await bistro.kitchen(number, '10');
	assert.deepEqual(first.answers?.map((a) => a.status) ?? [first.status], [200], 'the POS is answered that all is well');
	let row = await bistro.becomes(number, (r) => r.pos_completed_at !== null);
	assert.equal(`${row.status} ${row.payment_status} ${row.completed_at}`, 'confirmed pending null');
	const history = (await bistro.history(number, 'status')).at(-1);
	assert.deepEqual([history.event, history.old_status, history.new_status, history.change_reason], ['complete', 'confirmed', 'confirmed', 'kept until the cash is confirmed']);
	assert.equal((await events(number, 'cash_due')).length, 1, 'whoever watches is told');
	const shown = (await bistro.staff('GET', order.id)).json.order;
	assert.notEqual(shown.pos_completed_at, null, 'and the board shows it');
	const when = row.pos_completed_at;
	await bistro.kitchen(number, '10');
	row = await bistro.row(number);
	assert.equal(row.pos_completed_at, when, 'the first time counts');
	assert.equal((await events(number, 'cash_due')).length, 1);
	assert.equal(said(await bistro.move(order.id, 'completed')), '409 ORDER_NOT_PAID', 'people must still say that they have it');
	const paid = await bistro.staff('POST', order.id, '/cash-received', undefined, bistro.cook);
	assert.equal(`${paid.status} ${paid.json.order.status} ${paid.json.order.payment_status}`, '200 completed paid', 'and with that it is completed');
	assert.notEqual((await bistro.row(number)).completed_at, null, 'ORD-23');
	assert.equal((await bistro.staff('POST', order.id, '/cash-received')).status, 200);
});

test('ADM-06 of one that was cancelled meanwhile nothing is kept, and one that is paid is completed at once', async () => {
	const paid = await confirmed();
	await bistro.staff('POST', paid.id, '/cash-received');
	await bistro.kitchen(paid.order_number, '10');
	const row = await bistro.becomes(paid.order_number, { status: 'completed' });
	assert.equal(row.pos_completed_at, null);
	const struck = await confirmed();
	await bistro.kitchen(struck.order_number, '-1');
	await bistro.becomes(struck.order_number, { status: 'cancelled' });
	await bistro.kitchen(struck.order_number, '10');
	const after = await bistro.row(struck.order_number);
	assert.equal(`${after.status} ${after.pos_completed_at}`, 'cancelled null');
});

test('E6 ORD-15 the kitchen\'s minutes reach whoever watches, once each', async () => {
	const { order } = await guest.ordered(bistro.cart());
	await bistro.ticket(order.order_number);
	const told = async () => (await events(order.order_number, 'estimated_time')).length;
	const begun = await told();
	await bistro.kitchen(order.order_number, '1', { body: { minimum_prep_time: 35 } });
	await bistro.becomes(order.order_number, { status: 'confirmed' });
	assert.equal(await told(), begun + 1);
	const at = (await guest.order(order.id)).json.order.estimated_ready_time;
	const event = JSON.parse((await events(order.order_number, 'estimated_time')).at(-1).data);
	assert.equal(Date.parse(event.estimated_ready_time), Date.parse(at));
	assert.ok(Math.abs(Date.parse(at) - Date.now() - 35 * 60000) < 120000);
});

test('ADM-04 the POS sends it out and hands it over: the assignment goes along', async () => {
	const order = await confirmed({ order_type: 'delivery', delivery_address: 'Hostel 7' });
	const made = await world.fetch(`${bistro.base}/api/v1/admin/staff`, { token: bistro.admin, json: { username: 'rider', password: world.canary('saffron-thali-4242'), role: 'delivery', name: 'Ravi Kumar' } });
	assert.equal(made.status, 201, made.text);
	assert.equal((await bistro.staff('POST', order.id, '/assign-delivery', { staff_id: made.json.staff.id })).status, 200);
	await bistro.kitchen(order.order_number, '4');
	await bistro.becomes(order.order_number, { status: 'out_for_delivery' });
	assert.equal((await guest.order(order.id)).json.order.delivery.status, 'picked_up');
	await bistro.kitchen(order.order_number, '10');
	await bistro.becomes(order.order_number, (r) => r.pos_completed_at !== null);
	assert.equal((await guest.order(order.id)).json.order.delivery.status, 'picked_up', 'the cash is not confirmed');
	await bistro.staff('POST', order.id, '/cash-received');
	const done = (await guest.order(order.id)).json.order;
	assert.equal(`${done.status} ${done.delivery.status}`, 'completed delivered');
});

const logs = (query = '', token = bistro.admin, base = '') => world.fetch(`${base}/api/webhooks/logs${query}`, { token });

test('ADM-21 OBS-06 C13 deliveries by type, status, state, subject and time, newest first, in pages', async () => {
	await quiet(world);
	const rows = (await world.sql(`SELECT id, state, status, webhook_type, subject FROM webhook_logs WHERE restaurant_id = ${bistro.id} ORDER BY id DESC`))
		.map((row) => ({ ...row, id: Number(row.id) }));
	assert.ok(rows.length >= 8, `${rows.length} deliveries`);
	const known = rows.find((row) => row.subject?.startsWith('ORD-')).subject;
	const ids = (list) => list.map((one) => one.id);
	const pages = async (query, limit) => {
		const got = [];
		for (let cursor = null, n = 0; n < 60; n++) {
			const page = await logs(`?limit=${limit}${query ? `&${query}` : ''}${cursor ? `&cursor=${cursor}` : ''}`);
			assert.equal(page.status, 200, page.text);
			got.push(...ids(page.json.logs));
			cursor = page.json.next_cursor;
			if (cursor === null) return got;
		}
		throw new Error('there is no end');
	};
	await world.sql(`UPDATE webhook_logs SET state = 'dead', error_message = 'planted' WHERE id = ${rows[1].id}; UPDATE webhook_logs SET state = 'failed' WHERE id = ${rows[3].id}`);
	rows[1].state = 'dead';
	rows[3].state = 'failed';
	const failed = (row) => ['failed', 'dead'].includes(row.state);
	for (const [query, is] of [
		['', () => true], ['type=petpooja', () => true], ['type=callback', (r) => r.webhook_type === 'callback'], ['type=push-menu', (r) => r.webhook_type === 'push-menu'], ['type=toast', () => false],
		['status=failed', failed], ['status=success', (r) => !failed(r)], ['type=petpooja&status=failed', failed], ['state=dead', (r) => r.state === 'dead'],
		['state=processed,duplicate', (r) => ['processed', 'duplicate'].includes(r.state)], ['state=dead&status=success', () => false],
		[`subject=${known}`, (r) => r.subject === known], ['since=2020-01-01T00:00:00Z', () => true], ['until=2020-01-01T00:00:00Z', () => false],
	])
		for (const limit of [2, 200]) assert.deepEqual(await pages(query, limit), ids(rows.filter(is)), query);
	for (const [query, field] of [['status=bad', 'status'], ['state=lost', 'state'], ['limit=0', 'limit'], ['cursor=x', 'cursor'], ['cursor=0', 'cursor'], ['since=now', 'since'], ['type=', 'type'], ['since=2026-02-14T00:00:00Z&until=2026-02-13T00:00:00Z', 'until'],
		[`subject=${'x'.repeat(101)}`, 'subject']]) {
		const answer = await logs(`?${query}`);
		assert.equal(said(answer), '400 VALIDATION_ERROR', query);
		assert.deepEqual(fields(answer), [field], query);
	}
});

test('ADM-21 SEC-11 what was in one: secrets out, numbers cut, who looked is recorded', async () => {
	const order = await confirmed({ order_type: 'delivery', delivery_address: 'Hostel 7' });
	await bistro.kitchen(order.order_number, '4', { body: { rider_name: 'Ravi', rider_phone_number: '9876543210' } });
	await bistro.becomes(order.order_number, { status: 'out_for_delivery' });
	const [newest] = (await logs(`?subject=${order.order_number}`)).json.logs;
	const answer = await logs(`/${newest.id}`);
	assert.equal(answer.status, 200, answer.text);
	const body = JSON.parse(answer.json.log.body);
	assert.equal(`${body.orderID} ${body.status} ${body.rider_name} ${body.rider_phone_number}`, `${order.order_number} 4 Ravi ******3210`);
	assert.ok(!answer.text.includes('9876543210'));
	assert.ok(answer.json.log.headers.some((line) => /^content-type: /.test(line)));
	await world.sql(`UPDATE webhook_logs SET body = '{"access_token":"t-1","data":[{"App-Key":"k-1","Signature":{"v":"s-1"},"mobileNumber":9876543210,"note":"\\\\u00e9 9876543210","n":1.50,"x":null,"contact_information":""}]}' WHERE id = ${newest.id}`);
	const cut = JSON.parse((await logs(`/${newest.id}`)).json.log.body);
	assert.deepEqual(cut, { access_token: '[redacted]', data: [{ 'App-Key': '[redacted]', Signature: '[redacted]', mobileNumber: '******3210', note: 'é 9876543210', n: 1.5, x: null, contact_information: '' }] });
	await world.sql(`UPDATE webhook_logs SET body = '{"phones":["+919876543210",[9876543210,null]],"contact":{"who":"+919876543210","list":[{"n":"9876543210","otp":"1"}]},"n":[1]}' WHERE id = ${newest.id}`);
	const inner = JSON.parse((await logs(`/${newest.id}`)).json.log.body);
	assert.deepEqual(inner, { phones: ['******3210', ['******3210', null]], contact: { who: '******3210', list: [{ n: '******3210', otp: '[redacted]' }] }, n: [1] });
	for (const body of ['not json', '{"a":1', '']) {
		await world.sql(`UPDATE webhook_logs SET body = '${body}' WHERE id = ${newest.id}`);
		assert.equal((await logs(`/${newest.id}`)).json.log.body, null, 'what is no JSON is not shown');
	}
	const looked = await world.sql(`SELECT actor FROM audit_log WHERE restaurant_id = ${bistro.id} AND action = 'delivery.read' AND subject = '${newest.id}'`);
	assert.ok(looked.length >= 3 && looked.every((row) => row.actor === 'staff:bistro-admin'));
});

test('ADM-21 S01 S03 admins see their own restaurant\'s, the platform all or one', async () => {
	const [mine] = (await logs()).json.logs;
	const platform = (await tiffin.platform()).token;
	await world.sql(`INSERT INTO webhook_logs (provider, webhook_type, headers, source_address, body_len, body_digest, is_verified, http_status, trace_id, received_at, state)
		VALUES ('petpooja', 'order-status', '', '192.0.2.1', 0, REPEAT('x', 32), 0, 401, REPEAT('0', 32), UTC_TIMESTAMP(6), 'failed')`);
	assert.deepEqual((await logs('', tiffin.admin)).json.logs, []);
	assert.equal(said(await logs(`/${mine.id}`, tiffin.admin)), '404 NOT_FOUND');
	assert.equal(said(await logs('?restaurant=bistro', tiffin.admin)), '403 INSUFFICIENT_ROLE');
	assert.equal(said(await logs('', tiffin.admin, bistro.base)), '403 INSUFFICIENT_ROLE');
	assert.equal((await logs('?restaurant=bistro')).status, 200, 'one\'s own may be named');
	const all = (await logs('', platform)).json.logs;
	assert.ok(all.some((l) => l.restaurant_id === null) && all.some((l) => l.restaurant_id === Number(bistro.id)));
	for (const answer of [await logs('?restaurant=bistro', platform), await logs('', platform, bistro.base), await logs(`?restaurant=${bistro.id}`, platform)])
		assert.ok(answer.json.logs.length > 0 && answer.json.logs.every((l) => l.restaurant_id === Number(bistro.id)));
	assert.equal(said(await logs('?restaurant=nowhere', platform)), '404 NOT_FOUND');
	for (const token of [bistro.cook, guest.token, (await tiffin.hire('Ravi')).token]) assert.equal((await logs('', token)).status, 403);
	assert.equal((await logs('', undefined)).status, 200);
	assert.equal((await world.fetch('/api/webhooks/logs')).status, 401);
	for (const id of ['0', 'x', '99999999', '-1']) assert.equal(said(await logs(`/${id}`)), '404 NOT_FOUND', id);
});
