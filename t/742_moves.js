'use strict';
// Every move of an order by everybody who might try it, through HTTP, held against the rows of order_state.def as they stand in the
// file; and the money before the end.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { check, quiet } = require('./check.js');
const { Tiffin, said, fields } = require('./tiffin.js');

const def = fs.readFileSync(path.join(__dirname, '..', 'lib', 'order', 'order_state.def'), 'utf8');
const STATES = [...def.matchAll(/^STATUS_STATE\((\w+), (\w+)\)/gm)].map(([, word]) => word);
const STAMPS = Object.fromEntries([...def.matchAll(/^STATUS_STATE\((\w+), (\w+)\)/gm)].map(([, word, stamp]) => [word, stamp]));
const ROWS = [...def.matchAll(/^STATUS_ROW\((\w+), (\w+), (\w+), ([A-Z_| ]+)\)/gm)].map(([, from, event, to, who]) => ({ from, event, to, who: who.split(' | ') }));
const OPEN = STATES.filter((s) => !['completed', 'cancelled', 'rejected'].includes(s));
const may = (from, to, who) => ROWS.find((row) => row.from === from && row.to === to && row.who.includes(who));

let world, tiffin, other, rider, platform;

before(async () => {
	world = await World.start({ onboard: false });
	tiffin = await Tiffin.open(world);
	other = await Tiffin.open(world, { slug: 'elsewhere' });
	rider = await tiffin.hire('Ravi');
	platform = await tiffin.platform();
});
after(() => world?.stop());

// A delivery order that stands there; an end is come to by its own way.
async function standing(status, { paid = true } = {}) {
	const order = await tiffin.order({ order_type: 'delivery' });
	if (paid) assert.equal((await tiffin.deed(order.id, '/cash-received')).status, 200);
	if (OPEN.includes(status)) {
		if (status !== 'confirmed') {
			await tiffin.put(order.id, status);
			if (paid) await tiffin.world.sql(`INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, trace_id, created_at)
				SELECT id, history_seq + 1, 'payment', 'cash_received', 'pending', 'paid', 'test', REPEAT('0', 32), UTC_TIMESTAMP(6) FROM orders WHERE order_number = '${order.order_number}' AND restaurant_id = ${tiffin.id};
				UPDATE orders SET history_seq = history_seq + 1 WHERE order_number = '${order.order_number}' AND restaurant_id = ${tiffin.id}`);
		}
	} else assert.equal((await tiffin.move(order.id, status)).status, 200, status);
	return order;
}

test('the table was read', () => {
	assert.equal(STATES.length, 8);
	assert.ok(ROWS.length >= 23, `${ROWS.length} rows`);
});

for (const [role, token] of [['kitchen', () => tiffin.cook], ['admin', () => tiffin.admin], ['platform', () => platform.token]])
	test(`ADM-02 ORD-14 ORD-23 each status to each other by ${role}: as the table says, with its stamp and its history, or 409 and nothing`, async () => {
		let moved = 0, refused = 0;
		for (const from of STATES)
			for (const to of STATES.filter((s) => s !== 'received')) {
				const order = await standing(from);
				const before = await tiffin.row(order.id), steps = (await tiffin.history(order.id)).length;
				const answer = await tiffin.move(order.id, to, {}, token());
				const after = await tiffin.row(order.id), history = await tiffin.history(order.id, 'status');
				const name = `${from} to ${to}: ${answer.text}`;
				if (from === to) {
					assert.equal(answer.status, 200, name);
					assert.equal(after.history_seq, before.history_seq, `${name}: being there already is no move`);
				} else if (may(from, to, 'WHO_STAFF')) {
					moved++;
					assert.equal(answer.status, 200, name);
					assert.equal(after.status, to, name);
					assert.notEqual(after[STAMPS[to]], null, name);
					const last = history.at(-1);
					assert.deepEqual([last.event, last.old_status, last.new_status], [may(from, to, 'WHO_STAFF').event, from, to], name);
					assert.match(last.changed_by, /^staff:/, name);
				} else {
					refused++;
					assert.equal(said(answer), '409 ILLEGAL_TRANSITION', name);
					assert.deepEqual({ ...after }, { ...before }, name);
					assert.equal((await tiffin.history(order.id)).length, steps, name);
				}
			}
		assert.ok(moved >= 20 && refused >= 20, `${moved} moved, ${refused} refused`);
	});

test('ADM-02 ORD-14 ORD-24 a guest\'s cancel from each status', async () => {
	for (const from of STATES) {
		const order = await standing(from, { paid: from === 'completed' });
		const before = await tiffin.row(order.id);
		const answer = await tiffin.guest.cancel(order.id, 'changed my mind');
		const after = await tiffin.row(order.id);
		if (from === 'cancelled' || may(from, 'cancelled', 'WHO_GUEST')) {
			assert.equal(answer.status, 200, `${from}: ${answer.text}`);
			assert.equal(after.status, 'cancelled');
			if (from !== 'cancelled') assert.equal(after.cancellation_reason, 'changed my mind');
			else assert.equal(after.cancellation_reason, before.cancellation_reason, 'the first time decides');
		} else {
			assert.equal(said(answer), '409 ILLEGAL_TRANSITION', from);
			assert.deepEqual({ ...after }, { ...before }, from);
		}
	}
	assert.deepEqual(OPEN.filter((s) => may(s, 'cancelled', 'WHO_GUEST')), ['received', 'confirmed', 'preparing'], 'until the food is ready');
});

test('ADM-02 who brings it: from each status by their own routes, as the table says', async () => {
	for (const [what, to] of [['picked_up', 'out_for_delivery'], ['delivered', 'completed']])
		for (const from of OPEN) {
			const order = await standing(from);
			await tiffin.assign(order.id, rider);
			if (what === 'delivered' && from === 'out_for_delivery') await tiffin.ride(rider, order.id, { status: 'picked_up' });
			const answer = await tiffin.ride(rider, order.id, { status: what });
			const can = from === to || may(from, to, 'WHO_DELIVERY');
			assert.equal(said(answer), can ? '200' : '409 ILLEGAL_TRANSITION', `${from} ${what}: ${answer.text}`);
			assert.equal((await tiffin.row(order.id)).status, can ? to : from);
			await tiffin.move(order.id, 'cancelled');
		}
});

test('ADM-02 ORD-14 ORD-20 what is eaten at a table is never out for delivery, from wherever', async () => {
	for (const from of OPEN.filter((status) => status !== 'out_for_delivery')) {
		const order = await tiffin.order({ order_type: 'dine_in', table_number: '4' });
		if (from !== 'confirmed') await tiffin.put(order.id, from);
		const steps = (await tiffin.history(order.id)).length;
		assert.equal(said(await tiffin.move(order.id, 'out_for_delivery')), '409 ILLEGAL_TRANSITION', from);
		assert.deepEqual([(await tiffin.row(order.id)).status, (await tiffin.history(order.id)).length], [from, steps]);
		assert.equal(said(await tiffin.move(order.id, 'cancelled')), '200');
	}
});

test('ADM-05 ADM-06 nothing that is not paid is completed, from wherever and by whomever', async () => {
	for (const from of OPEN) {
		const order = await standing(from, { paid: false });
		const before = await tiffin.row(order.id);
		for (const token of [tiffin.cook, tiffin.admin, platform.token])
			assert.equal(said(await tiffin.move(order.id, 'completed', {}, token)), '409 ORDER_NOT_PAID', from);
		assert.deepEqual({ ...(await tiffin.row(order.id)) }, { ...before }, from);
		await tiffin.assign(order.id, rider);
		if ((await tiffin.ride(rider, order.id, { status: 'picked_up' })).status === 200)
			assert.equal(said(await tiffin.ride(rider, order.id, { status: 'delivered' })), '409 ORDER_NOT_PAID', from);
		assert.equal((await tiffin.deed(order.id, '/cash-received', undefined, { token: tiffin.cook })).status, 200);
		assert.equal((await tiffin.move(order.id, 'completed')).status, 200);
	}
});

test('ADM-05 a mistake about cash is undone, in the books too, while the order has not ended in them', async () => {
	const order = await tiffin.order();
	const undo = (json = { reason: 'the wrong order' }, token = tiffin.admin) => tiffin.deed(order.id, '/cash-undone', json, { token });
	assert.equal((await undo()).status, 200, 'there was none: nothing changes');
	await tiffin.deed(order.id, '/cash-received');
	for (const json of [{}, { reason: '' }, { reason: null }, { reason: 'x'.repeat(256) }, { reason: 'x', amount: 1 }]) assert.equal(said(await undo(json)), '400 VALIDATION_ERROR');
	assert.equal((await undo(undefined, tiffin.cook)).status, 403, 'by the back office only');
	const undone = await undo();
	assert.equal(`${undone.status} ${undone.json.order.payment_status}`, '200 pending');
	assert.equal((await undo()).status, 200);
	assert.equal(said(await tiffin.move(order.id, 'completed')), '409 ORDER_NOT_PAID');
	await tiffin.deed(order.id, '/cash-received');
	await tiffin.move(order.id, 'completed');
	assert.equal(said(await undo()), '409 ILLEGAL_TRANSITION', 'what is completed is in the books');
	assert.deepEqual((await tiffin.history(order.id, 'payment')).map((h) => `${h.old_status} ${h.event} ${h.new_status} ${h.change_reason}`),
		['pending cash_received paid null', 'paid cash_undone pending the wrong order', 'pending cash_received paid null']);
	assert.ok((await tiffin.audits('order.cash_undone')).length >= 3);
});

test('ADM-02 two at once: one wins, and the other is told how it stands', async () => {
	for (let round = 0; round < 6; round++) {
		const order = await tiffin.order();
		const [one, two] = await Promise.all([tiffin.move(order.id, 'cancelled', { reason: 'no gas' }, tiffin.admin), tiffin.move(order.id, 'preparing')]);
		assert.equal(one.status, 200, 'a cancel may come before or after');
		assert.equal((await tiffin.row(order.id)).status, 'cancelled');
		assert.ok(two.status === 200 || /cancelled cannot become preparing/.test(two.text), two.text);
		const same = await tiffin.order();
		const both = await Promise.all([tiffin.move(same.id, 'ready'), tiffin.move(same.id, 'ready', {}, tiffin.admin)]);
		assert.deepEqual(both.map((a) => a.status), [200, 200]);
		assert.equal((await tiffin.history(same.id, 'status')).filter((h) => h.event === 'ready').length, 1, 'one move');
		const seen = (await tiffin.fetch(`/api/v1/admin/orders/${same.id}`, { token: tiffin.cook })).headers.etag;
		const tagged = (status, token) => tiffin.deed(same.id, '/status', { status }, { method: 'PATCH', token, headers: { 'if-match': seen } });
		const pair = await Promise.all([tagged('rejected', tiffin.admin), tagged('out_for_delivery', tiffin.cook), tagged('cancelled', tiffin.admin)]);
		const won = pair.filter((a) => a.status === 200).length;
		assert.equal(won, pair.every((a) => a.status !== 200) ? 0 : 1, pair.map(said).join(', '));
		assert.ok(pair.every((a) => a.status === 200 || ['412 PRECONDITION_FAILED', '409 ILLEGAL_TRANSITION'].includes(said(a))), pair.map(said).join(', '));
	}
});

test('E24 ORD-24 ADM-02 an end has a reason: one of the list, or in their own words', async () => {
	const list = await tiffin.fetch('/api/v1/admin/cancel-reasons', { token: tiffin.cook });
	assert.ok(list.json.reasons.length >= 8);
	for (const { code, sentence } of list.json.reasons) {
		const order = await tiffin.order();
		const answer = await tiffin.move(order.id, 'rejected', { reason_code: code });
		assert.equal(answer.status, 200, answer.text);
		assert.equal(`${answer.json.order.cancellation_code}: ${answer.json.order.cancellation_reason}`, `${code}: ${sentence}`);
		assert.equal((await tiffin.guest.order(order.id)).json.order.cancellation_reason, sentence, 'which the guest reads');
	}
	const own = await tiffin.order();
	const answer = await tiffin.move(own.id, 'cancelled', { reason_code: 'too_busy', reason: 'a wedding came in' });
	assert.equal(`${answer.json.order.cancellation_code}: ${answer.json.order.cancellation_reason}`, 'too_busy: a wedding came in');
	const plain = await tiffin.order();
	assert.equal((await tiffin.move(plain.id, 'cancelled')).json.order.cancellation_code, null);
	const order = await tiffin.order();
	assert.deepEqual(fields(await tiffin.move(order.id, 'ready', { reason_code: 'too_busy' })), ['reason_code']);
	for (const json of [{ reason_code: 'because' }, { reason_code: 7 }]) assert.equal(said(await tiffin.move(order.id, 'cancelled', json)), '400 VALIDATION_ERROR');
	assert.equal((await tiffin.row(order.id)).status, 'confirmed');
});

test('ORD-15 E6 when it will be ready: staff say it, the guest and whoever watches see it', async () => {
	const order = await tiffin.order();
	const say = (json, token = tiffin.cook) => tiffin.deed(order.id, '/ready-time', json, { token });
	const answer = await say({ minutes: 25 });
	assert.equal(answer.status, 200, answer.text);
	const at = Date.parse(answer.json.order.estimated_ready_time);
	assert.ok(Math.abs(at - Date.now() - 25 * 60000) < 60000);
	assert.equal(Date.parse((await tiffin.guest.order(order.id)).json.order.estimated_ready_time), at);
	assert.equal(Date.parse((await tiffin.guest.order(order.id, '/status')).json.estimated_ready_time), at);
	const [event] = (await tiffin.events(order.id, 'estimated_time')).slice(-1);
	assert.equal(Date.parse(JSON.parse(event.data).estimated_ready_time), at);
	const later = new Date(Date.now() + 3600000).toISOString();
	assert.equal(Date.parse((await say({ at: later }, tiffin.admin)).json.order.estimated_ready_time), Date.parse(later));
	const history = (await tiffin.history(order.id, 'status')).filter((h) => h.event === 'ready_time');
	assert.deepEqual(history.map((h) => h.changed_by), ['staff:tiffin-cook', 'staff:tiffin-admin']);
	assert.equal((await tiffin.audits('order.ready_time')).length, 2);
	const past = new Date(Date.now() - 1000).toISOString(), far = new Date(Date.now() + 8 * 86400000).toISOString();
	for (const json of [{}, { minutes: 0 }, { minutes: 1441 }, { minutes: -5 }, { minutes: 2.5 }, { minutes: '5' }, { at: past }, { at: far }, { at: 'soon' },
		{ minutes: 5, at: later }, { minutes: 5, status: 'ready' }])
		assert.equal(said(await say(json)), '400 VALIDATION_ERROR', JSON.stringify(json));
	assert.equal((await say({ minutes: 5 }, tiffin.guest.token)).status, 403);
	assert.equal((await say({ minutes: 5 }, rider.token)).status, 403);
	assert.equal(said(await other.deed(order.id, '/ready-time', { minutes: 5 })), '404 NOT_FOUND');
	await tiffin.move(order.id, 'ready');
	assert.equal(said(await say({ minutes: 5 })), '409 ILLEGAL_TRANSITION', 'it is ready');
});

test('ADM-02 DB-14 one order with its history: what happened, when, and by whom', async () => {
	const order = await tiffin.order();
	await tiffin.move(order.id, 'preparing');
	await tiffin.deed(order.id, '/cash-received');
	const answer = await tiffin.fetch(`/api/v1/admin/orders/${order.id}`, { token: tiffin.admin });
	assert.deepEqual(answer.json.order.history.map((h) => `${h.seq} ${h.axis} ${h.old_status} ${h.event} ${h.new_status} ${h.changed_by}`), [
		'1 status none place received user', '2 status received confirm confirmed user', '3 status confirmed prepare preparing staff:tiffin-cook',
		'4 payment pending cash_received paid staff:tiffin-admin']);
	assert.equal(answer.json.order.customer_phone, tiffin.guest.phone, 'the back office may call');
	assert.equal((await tiffin.fetch(`/api/v1/admin/orders/${order.id}`, { token: tiffin.cook })).json.order.customer_phone,
		`******${tiffin.guest.phone.slice(-4)}`, 'the kitchen need not');
	for (const deed of [['GET', ''], ['PATCH', '/status', { status: 'ready' }], ['POST', '/cash-received'], ['POST', '/cash-undone', { reason: 'x' }]])
		assert.equal(said(await other.deed(order.id, deed[1], deed[2], { method: deed[0] })), '404 NOT_FOUND', `another restaurant's ${deed[0]} ${deed[1]}`);
});

test('I5 I7 and the books agree', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
});
