'use strict';
// Who brings an order: given by the back office, seen and moved by whoever has it, and by nobody else.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { check, quiet } = require('./check.js');
const { Tiffin, said, fields, hex } = require('./tiffin.js');

let world, tiffin, other, ravi, mina;

before(async () => {
	world = await World.start({ onboard: false });
	tiffin = await Tiffin.open(world);
	other = await Tiffin.open(world, { slug: 'elsewhere' });
	ravi = await tiffin.hire('Ravi Kumar');
	mina = await tiffin.hire('Mina');
});
after(() => world?.stop());

const delivery = (more) => tiffin.order({ order_type: 'delivery', ...more });
const mine = (rider, query = '') => tiffin.fetch(`/api/v1/delivery/orders${query}`, { token: rider.token });
const one = (rider, id) => tiffin.fetch(`/api/v1/delivery/orders/${id}`, { token: rider.token });
const rowOf = async (id) => (await world.sql(`SELECT d.* FROM delivery_assignments d JOIN orders o ON o.id = d.order_id WHERE o.public_id = ${hex(id)}`))[0];

test('ADM-03 ADM-04 ORD-21 DB-29 from the back office to the door, with the cash taken there', async () => {
	const order = await delivery({ special_instructions: 'ring twice' });
	const given = await tiffin.assign(order.id, ravi);
	assert.equal(given.status, 200, given.text);
	assert.deepEqual({ ...given.json.order.delivery, assigned_at: null },
		{ status: 'assigned', staff: { id: ravi.id, name: 'Ravi Kumar', is_active: true }, assigned_at: null, picked_up_at: null, delivered_at: null });
	assert.equal((await one(mina, order.id)).status, 404, "another's is not there");

	const seen = (await mine(ravi)).json.orders.find((o) => o.id === order.id);
	assert.equal(seen.customer_phone, tiffin.guest.phone);
	assert.equal(`${seen.delivery_address}, ${seen.special_instructions}`, 'Hostel 7, room 42, ring twice');
	assert.equal(seen.cash_due, order.total, 'so much is to be taken at the door');
	assert.deepEqual(seen.items.map((line) => `${line.quantity} ${line.name}`), ['2 Thali of the day']);

	await tiffin.move(order.id, 'ready');
	const left = await tiffin.ride(ravi, order.id, { status: 'picked_up' });
	assert.equal(left.status, 200, left.text);
	assert.equal(`${left.json.order.status} ${left.json.order.delivery.status}`, 'out_for_delivery picked_up');
	const guests = (await tiffin.guest.order(order.id)).json.order;
	assert.equal(`${guests.status} ${guests.delivery.status} ${guests.delivery.staff_name}`, 'out_for_delivery picked_up Ravi', 'a first name to ask for');
	assert.deepEqual(Object.keys(guests.delivery).sort(), ['assigned_at', 'delivered_at', 'picked_up_at', 'staff_name', 'status'], 'and nothing more of them');

	const unpaid = await tiffin.ride(ravi, order.id, { status: 'delivered' });
	assert.equal(said(unpaid), '409 ORDER_NOT_PAID', 'ADM-06');
	assert.equal((await one(ravi, order.id)).json.order.delivery.status, 'picked_up', 'and nothing has changed');
	const done = await tiffin.ride(ravi, order.id, { status: 'delivered', cash_received: true });
	assert.equal(done.status, 200, done.text);
	assert.equal(`${done.json.order.status} ${done.json.order.payment_status} ${done.json.order.delivery.status}`, 'completed paid delivered');
	assert.equal(done.json.order.cash_due, 0);
	assert.equal(`${done.json.order.customer_phone} ${done.json.order.delivery_address} ${done.json.order.customer_name}`, 'null null null',
		'whom it was for is nobody\'s business any more');

	const row = await tiffin.row(order.id);
	for (const stamp of ['out_for_delivery_at', 'completed_at']) assert.notEqual(row[stamp], null, `ORD-23 ${stamp}`);
	const a = await rowOf(order.id);
	assert.equal(`${a.status} ${a.is_open}`, 'delivered 0');
	for (const stamp of ['assigned_at', 'picked_up_at', 'delivered_at']) assert.notEqual(a[stamp], null, stamp);
	assert.deepEqual((await tiffin.history(order.id, 'delivery')).map((h) => `${h.old_status} ${h.event} ${h.new_status} ${h.changed_by} ${h.change_reason}`), [
		'none assign assigned staff:tiffin-admin Ravi Kumar', `assigned pick_up picked_up staff:${ravi.username} Ravi Kumar`,
		`picked_up deliver delivered staff:${ravi.username} Ravi Kumar`]);
	assert.deepEqual((await tiffin.events(order.id, 'delivery_changed')).map((e) => JSON.parse(e.data).delivery.status), ['assigned', 'picked_up', 'delivered'],
		'RT watchers see each step');
});

test('ADM-04 said again nothing changes, and nothing goes back', async () => {
	const order = await delivery();
	await tiffin.assign(order.id, ravi);
	const before = (await rowOf(order.id)).assigned_at;
	assert.equal((await tiffin.assign(order.id, ravi)).status, 200);
	assert.equal((await rowOf(order.id)).assigned_at, before);
	assert.equal(said(await tiffin.ride(ravi, order.id, { status: 'delivered', cash_received: true })), '409 ILLEGAL_TRANSITION', 'it has not been picked up');
	assert.equal((await tiffin.row(order.id)).payment_status, 'pending', 'and no cash was taken');
	for (const round of [1, 2]) assert.equal((await tiffin.ride(ravi, order.id, { status: 'picked_up' })).status, 200, `round ${round}`);
	const when = (await rowOf(order.id)).picked_up_at;
	assert.equal((await tiffin.deed(order.id, '/cash-received')).status, 200);
	for (const json of [{ status: 'delivered' }, { status: 'delivered' }, { status: 'delivered', cash_received: true }])
		assert.equal((await tiffin.ride(ravi, order.id, json)).status, 200);
	assert.equal((await rowOf(order.id)).picked_up_at, when);
	assert.equal(said(await tiffin.ride(ravi, order.id, { status: 'picked_up' })), '409 ILLEGAL_TRANSITION');
	assert.equal((await tiffin.history(order.id, 'delivery')).length, 3, 'one row of history for each step');
	assert.equal((await tiffin.history(order.id, 'payment')).length, 1);
});

test('ADM-04 it is picked up from confirmed or later, not before the restaurant has said yes', async () => {
	for (const [status, want] of [['received', '409 ILLEGAL_TRANSITION'], ['confirmed', '200'], ['preparing', '200'], ['ready', '200'], ['out_for_delivery', '200']]) {
		const order = await delivery();
		await tiffin.put(order.id, status);
		assert.equal((await tiffin.assign(order.id, ravi)).status, 200);
		assert.equal(said(await tiffin.ride(ravi, order.id, { status: 'picked_up' })), want, status);
		assert.equal((await tiffin.row(order.id)).status, want === '200' ? 'out_for_delivery' : status);
		assert.equal((await rowOf(order.id)).status, want === '200' ? 'picked_up' : 'assigned');
	}
});

test('ADM-03 somebody else may have it until it is picked up, and nobody', async () => {
	const order = await delivery();
	await tiffin.assign(order.id, ravi);
	const given = await tiffin.assign(order.id, mina);
	assert.equal(given.json.order.delivery.staff.name, 'Mina');
	assert.equal(said(await tiffin.ride(ravi, order.id, { status: 'picked_up' })), '404 NOT_FOUND', 'who had it has it no more');
	const taken = await tiffin.deed(order.id, '/assign-delivery', undefined, { method: 'DELETE' });
	assert.equal(`${taken.status} ${taken.json.order.delivery}`, '200 null');
	assert.equal((await tiffin.deed(order.id, '/assign-delivery', undefined, { method: 'DELETE' })).status, 200, 'nobody has it already');
	assert.equal((await one(mina, order.id)).status, 404);
	await tiffin.assign(order.id, mina);
	assert.equal((await tiffin.ride(mina, order.id, { status: 'picked_up' })).status, 200);
	assert.equal(said(await tiffin.assign(order.id, ravi)), '409 ILLEGAL_TRANSITION');
	assert.equal(said(await tiffin.deed(order.id, '/assign-delivery', undefined, { method: 'DELETE' })), '409 ILLEGAL_TRANSITION');
	assert.equal((await tiffin.assign(order.id, mina)).status, 200, 'who has it may be named again');
	assert.deepEqual((await tiffin.history(order.id, 'delivery')).map((h) => h.event), ['assign', 'reassign', 'unassign', 'assign', 'pick_up']);
	const audits = (await tiffin.audits('order.assign_delivery')).filter((a) => a.subject === order.order_number);
	assert.deepEqual(audits.map((a) => JSON.parse(a.detail).staff_id), [ravi.id, mina.id, mina.id, mina.id], 'ADM-03 who gave it to whom is recorded');
});

test('ADM-03 whom and what: only those who deliver here, only what is to be delivered', async () => {
	const order = await delivery();
	const cook = await tiffin.hire('Cook', 'kitchen'), stranger = await other.hire('Stranger'), gone = await tiffin.hire('Gone');
	const boss = await tiffin.hire('Boss', 'admin');
	await world.sql(`UPDATE staff_users SET is_active = 0 WHERE username = '${gone.username}'`);
	for (const [who, why] of [[crypto.randomUUID(), 'nobody'], [stranger, 'of another restaurant'], [gone, 'not active'], [cook, 'a cook']]) {
		const answer = await tiffin.assign(order.id, who);
		assert.equal(said(answer), '400 VALIDATION_ERROR', why);
		assert.deepEqual(fields(answer), ['staff_id'], why);
	}
	const [absent, strange] = await Promise.all([tiffin.assign(order.id, crypto.randomUUID()), tiffin.assign(order.id, stranger)]);
	assert.equal(absent.text, strange.text, 'who works elsewhere is nobody');
	for (const json of [{}, { staff_id: 7 }, { staff_id: 'x' }, { staff_id: null }, { staff_id: ravi.id, status: 'delivered' }])
		assert.equal(said(await tiffin.deed(order.id, '/assign-delivery', json)), '400 VALIDATION_ERROR', JSON.stringify(json));
	assert.equal((await rowOf(order.id)), undefined, 'and nobody has it');
	assert.equal((await tiffin.assign(order.id, boss)).status, 200, 'the owner may drive');
	assert.equal((await tiffin.ride(boss, order.id, { status: 'picked_up' })).status, 200);

	const pickup = await tiffin.order();
	assert.equal(said(await tiffin.assign(pickup.id, ravi)), '409 ILLEGAL_TRANSITION', 'pickup');
	const ended = await delivery();
	await tiffin.move(ended.id, 'cancelled');
	assert.equal(said(await tiffin.assign(ended.id, ravi)), '409 ILLEGAL_TRANSITION', 'ended');
	const unpaid = await delivery();
	await world.sql(`UPDATE orders SET released_at = NULL WHERE public_id = ${hex(unpaid.id)}`);
	assert.equal(said(await tiffin.assign(unpaid.id, ravi)), '409 ILLEGAL_TRANSITION', 'not released');
	await world.sql(`UPDATE orders SET released_at = created_at WHERE public_id = ${hex(unpaid.id)}`);
	assert.equal(said(await other.assign(order.id, stranger)), '404 NOT_FOUND', 'an order of another restaurant');
	assert.equal(said(await tiffin.assign(crypto.randomUUID(), ravi)), '404 NOT_FOUND');
});

test('ADM-04 S01 every role meets every delivery route', async () => {
	const order = await delivery();
	await tiffin.assign(order.id, ravi);
	const routes = [['GET', '/api/v1/delivery/orders'], ['GET', `/api/v1/delivery/orders/${order.id}`], ['PATCH', `/api/v1/delivery/orders/${order.id}`, { status: 'picked_up' }],
		['POST', `/api/v1/admin/orders/${order.id}/assign-delivery`, { staff_id: ravi.id }], ['DELETE', `/api/v1/admin/orders/${order.id}/assign-delivery`]];
	const who = { nobody: undefined, guest: tiffin.guest.token, cook: tiffin.cook, mina: mina.token, stranger: (await other.hire('Stranger')).token, admin: tiffin.admin };
	const expected = {
		nobody: [401, 401, 401, 401, 401], guest: [403, 403, 403, 403, 403], cook: [403, 403, 403, 403, 403], mina: [200, 404, 404, 403, 403],
		stranger: [403, 403, 403, 403, 403], admin: [200, 404, 404, 200, 200],
	};
	for (const [role, token] of Object.entries(who)) {
		const got = [];
		for (const [method, at, json] of routes) got.push((await tiffin.fetch(at, { method, token, ...(json ? { json } : {}) })).status);
		assert.deepEqual(got, expected[role], role);
	}
	assert.equal((await tiffin.fetch(`/api/v1/admin/orders/${order.id}/status`, { method: 'PATCH', token: ravi.token, json: { status: 'ready' } })).status, 403,
		'ADM-02 who brings it moves it by their own routes only');
	await tiffin.assign(order.id, ravi);
	for (const json of [{}, { status: 'assigned' }, { status: 'completed' }, { status: 'picked_up', cash_received: true }, { status: 'delivered', cash_received: 'yes' },
		{ status: 'delivered', staff_id: ravi.id }, { status: ['delivered'] }])
		assert.equal(said(await tiffin.ride(ravi, order.id, json)), '400 VALIDATION_ERROR', JSON.stringify(json));
});

test('ADM-04 the kitchen and an end take the assignment along', async () => {
	for (const [name, deeds, want] of [
		['the kitchen sends it out', [['out_for_delivery']], 'out_for_delivery picked_up 1'],
		['the kitchen completes it', [['cash'], ['completed']], 'completed delivered 0'],
		['it is cancelled', [['cancelled']], 'cancelled assigned 0'],
		['it is cancelled on the way', [['out_for_delivery'], ['cancelled']], 'cancelled picked_up 0'],
		['it is rejected', [['rejected']], 'rejected assigned 0'],
	]) {
		const order = await delivery();
		await tiffin.assign(order.id, ravi);
		for (const [deed] of deeds) {
			const answer = deed === 'cash' ? await tiffin.deed(order.id, '/cash-received') : await tiffin.move(order.id, deed);
			assert.equal(answer.status, 200, answer.text);
		}
		const row = await tiffin.row(order.id), a = await rowOf(order.id);
		assert.equal(`${row.status} ${a.status} ${a.is_open}`, want, name);
		if (want.endsWith('cancelled assigned 0')) assert.equal(said(await tiffin.ride(ravi, order.id, { status: 'picked_up' })), '409 ILLEGAL_TRANSITION');
	}
	const guests = await delivery();
	await tiffin.assign(guests.id, ravi);
	assert.equal((await tiffin.guest.cancel(guests.id, 'no')).status, 200);
	assert.equal((await rowOf(guests.id)).is_open, '0', 'a guest cancels');
	const late = await delivery();
	await tiffin.move(late.id, 'out_for_delivery');
	assert.equal((await tiffin.assign(late.id, mina)).json.order.delivery.status, 'assigned', 'sent out before anybody was named');
	assert.equal((await tiffin.ride(mina, late.id, { status: 'picked_up' })).json.order.delivery.status, 'picked_up');
});

test('ADM-04 two at once: one order is with one of them, and is picked up by who has it', async () => {
	for (let round = 0; round < 8; round++) {
		const order = await delivery();
		await tiffin.assign(order.id, ravi);
		const [left, given] = await Promise.all([tiffin.ride(ravi, order.id, { status: 'picked_up' }), tiffin.assign(order.id, mina)]);
		const a = await rowOf(order.id);
		const staff = (await world.sql(`SELECT username FROM staff_users WHERE id = ${a.staff_id}`))[0].username;
		if (left.status === 200) assert.equal(`${said(given)} ${staff} ${a.status}`, `409 ILLEGAL_TRANSITION ${ravi.username} picked_up`);
		else assert.equal(`${said(left)} ${given.status} ${staff} ${a.status}`, `404 NOT_FOUND 200 ${mina.username} assigned`);
	}
});

test('ADM-03 whoever is disabled with an order in hand is seen so, and somebody else may have it', async () => {
	const order = await delivery();
	const lost = await tiffin.hire('Lost Rider');
	await tiffin.assign(order.id, lost);
	const disabled = await tiffin.fetch(`/api/v1/admin/staff/${lost.id}`, { method: 'PATCH', token: tiffin.admin, json: { is_active: false } });
	assert.equal(disabled.status, 200, disabled.text);
	const listed = (await tiffin.fetch('/api/v1/admin/orders?delivery=stranded', { token: tiffin.admin })).json.orders;
	assert.deepEqual(listed.map((o) => [o.id, o.delivery.staff.name, o.delivery.staff.is_active]), [[order.id, 'Lost Rider', false]]);
	assert.equal((await mine(lost)).status, 401, 'a disabled person is out');
	assert.equal((await tiffin.assign(order.id, ravi)).status, 200);
	assert.deepEqual((await tiffin.fetch('/api/v1/admin/orders?delivery=stranded', { token: tiffin.admin })).json.orders, []);
});

test('ADM-04 a list of one\'s own: open ones first, in pages that overlap nowhere', async () => {
	const rider = await tiffin.hire('Pager');
	const ids = [];
	for (let i = 0; i < 7; i++) {
		const order = await delivery();
		await tiffin.assign(order.id, rider);
		ids.push(order.id);
	}
	for (const id of [ids[6], ids[2], ids[4]]) await tiffin.move(id, 'cancelled');
	const want = [ids[5], ids[3], ids[1], ids[0], ids[6], ids[4], ids[2]];
	for (const limit of [1, 2, 3, 7, 200]) {
		const got = [];
		for (let cursor = null, pages = 0; pages < 10; pages++) {
			const page = await mine(rider, `?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`);
			assert.equal(page.status, 200, page.text);
			assert.ok(page.json.orders.length <= limit);
			got.push(...page.json.orders.map((o) => o.id));
			cursor = page.json.next_cursor;
			if (cursor === null) break;
		}
		assert.deepEqual(got, want, `pages of ${limit}`);
	}
	const first = (await mine(rider, '?limit=2')).json.next_cursor;
	await tiffin.move(ids[3], 'cancelled'); // where the page ended has moved on
	assert.deepEqual((await mine(rider, `?cursor=${first}`)).json.orders.map((o) => o.id), [ids[1], ids[0], ids[6], ids[4], ids[3], ids[2]]);
	const foreign = (await other.order()).id;
	for (const cursor of ['x', 'open-', `open-${crypto.randomUUID()}`, ids[0], `open-${foreign}`])
		assert.equal(said(await mine(rider, `?cursor=${cursor}`)), '400 VALIDATION_ERROR', cursor);
	for (const limit of ['0', '201', '-1', 'many']) assert.equal(said(await mine(rider, `?limit=${limit}`)), '400 VALIDATION_ERROR', limit);
	assert.deepEqual((await mine(await tiffin.hire('Idle'))).json, { orders: [], next_cursor: null });
});

test('ADM-04 If-Match: an order that somebody has moved meanwhile is left alone', async () => {
	const order = await delivery();
	await tiffin.assign(order.id, ravi);
	const tag = (await one(ravi, order.id)).headers.etag;
	assert.equal((await tiffin.fetch(`/api/v1/delivery/orders/${order.id}`, { token: ravi.token, headers: { 'if-none-match': tag } })).status, 304);
	await tiffin.move(order.id, 'ready');
	const patch = (etag) => tiffin.fetch(`/api/v1/delivery/orders/${order.id}`, { method: 'PATCH', token: ravi.token, json: { status: 'picked_up' }, headers: { 'if-match': etag } });
	assert.equal(said(await patch(tag)), '412 PRECONDITION_FAILED');
	assert.equal((await tiffin.row(order.id)).status, 'ready');
	assert.equal((await patch((await one(ravi, order.id)).headers.etag)).status, 200);
});

test('ADM-01 ADM-04 an ETag stands for all that is shown: who is told 304 has what there is', async () => {
	const order = await delivery(), rider = await tiffin.hire('Asif Khan');
	await tiffin.assign(order.id, rider);
	const staff = `/api/v1/admin/orders/${order.id}`, riders = `/api/v1/delivery/orders/${order.id}`;
	const read = (at, token, tag, method = 'GET') => tiffin.fetch(at, { method, token, headers: tag ? { 'if-none-match': tag } : {} });
	// What leaves no row of history: the kitchen's estimate is another one, and somebody has another name, or has left.
	const estimate = `UPDATE orders SET estimated_ready_time = UTC_TIMESTAMP(6) + INTERVAL 90 MINUTE, updated_at = UTC_TIMESTAMP(6) WHERE public_id = ${hex(order.id)}`;
	const named = `UPDATE staff_users SET name = 'Asif K' WHERE username = '${rider.username}'`, left = `UPDATE staff_users SET is_active = 0 WHERE username = '${rider.username}'`;
	for (const [at, token, changes] of [[riders, rider.token, [estimate]], [staff, tiffin.admin, [estimate, named, left]], [staff, tiffin.cook, [estimate]]])
		for (const change of changes) {
			const had = await read(at, token);
			for (const method of ['GET', 'HEAD']) assert.equal((await read(at, token, had.headers.etag, method)).status, 304, 'it is what there is');
			await world.sql(change);
			const has = await read(at, token, had.headers.etag);
			assert.equal(has.status, 200, change);
			assert.notDeepEqual(has.json, had.json);
			assert.notEqual(has.headers.etag, had.headers.etag);
			const move = (tag) => tiffin.fetch(`${staff}/ready-time`, { token: tiffin.admin, json: { minutes: 30 }, headers: { 'if-match': tag } });
			if (at === staff) assert.equal((await move(had.headers.etag)).status, 200, 'nobody has moved it');
			if (at === staff) assert.equal(said(await move(had.headers.etag)), '412 PRECONDITION_FAILED', 'now somebody has');
		}
	const { etag } = (await read(staff, tiffin.admin)).headers;
	const done = await tiffin.fetch(`${staff}/cash-received`, { method: 'POST', token: tiffin.admin, headers: { 'if-none-match': etag } });
	assert.equal(done.status, 200, 'a deed is no reading');
});

test('I5 I7 and the books agree', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
});
