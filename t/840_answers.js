'use strict';
// What guests and staff are answered at each stage of an order: repeats, pages, cancelling, moving on, paying, the view of old.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

let world, bistro, guest;

before(async () => {
	world = await World.start({ onboard: false, simArgs: { petpooja: ['--cancel-until', '5'] }, env: { RELAY_POLL_MS: '20', BACKOFF_MS: '60' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
});
after(() => world?.stop());

const order = async (more) => (await guest.ordered(bistro.cart(bistro.usual(), more))).order;
const accepted = async (more) => {
	const one = await order(more);
	await bistro.becomes(one.order_number, { pos_state: 'accepted' });
	return one;
};
// While the relay is frozen nothing leaves the house.
async function frozen(deed) {
	await quiet(world);
	world.child('relay').signal('SIGSTOP');
	try {
		return await deed();
	} finally {
		world.child('relay').signal('SIGCONT');
	}
}
const code = (answer) => `${answer.status} ${answer.json.error?.code}`;

test('ORD-01 ORD-02 ORD-18 I6 a repeat is answered with the same bytes and the same Location', async () => {
	const key = crypto.randomUUID();
	const cart = bistro.cart(bistro.usual(), { special_instructions: 'no cutlery' });
	cart.items[0].special_instructions = 'not too hot';
	const first = await guest.place(cart, { key });
	assert.equal(first.status, 201);
	assert.deepEqual(Object.keys(first.json.order).sort(), ['created_at', 'id', 'order_number', 'payment_status', 'status', 'total']);
	assert.equal(`${first.json.order.status} ${first.json.order.payment_status} ${first.json.payment}`, 'received pending null');
	assert.match(first.json.order.order_number, /^ORD-\d{8}-\d{3}$/);
	assert.match(first.text, new RegExp(`"total":${(bistro.priceOf(bistro.usual()) / 100).toFixed(2)}`));
	await bistro.becomes(first.json.order.order_number, { pos_state: 'accepted' }); // it has gone on, the answer has not
	for (let i = 0; i < 3; i++) {
		const again = await guest.place(cart, { key });
		assert.equal(again.status, 201);
		assert.equal(again.text, first.text);
		assert.equal(again.headers.location, first.headers.location);
	}
	assert.ok(first.headers.location.endsWith(first.json.order.id));
	assert.equal(first.headers.location, `${bistro.base}/api/v1/orders/${first.json.order.id}`, 'where it is for whoever came by the slug');
	assert.equal((await world.fetch(first.headers.location, { token: guest.token })).status, 200);
	assert.equal(code(await guest.place({ ...cart, special_instructions: 'two forks' }, { key })), '422 IDEMPOTENCY_MISMATCH');
	const seen = (await guest.order(first.json.order.id)).json;
	assert.equal(seen.payment, null);
	assert.equal(`${seen.order.special_instructions} / ${seen.order.items[0].special_instructions}`, 'no cutlery / not too hot');
	const [request] = await bistro.requests(first.json.order.order_number);
	assert.ok(request.body.includes('no cutlery') && request.body.includes('not too hot'), 'the kitchen reads both');
	const refused = crypto.randomUUID(); // a refusal is not kept under its key
	assert.equal(code(await guest.place({ ...cart, items: [] }, { key: refused })), '400 CART_EMPTY');
	assert.equal((await guest.place(cart, { key: refused })).status, 201);
});

test('POS-12 POS-15 POS-28 ORD-19 ORD-20 what the kitchen gets is what was ordered', async () => {
	for (const [type, letter] of [['pickup', 'P'], ['delivery', 'H'], ['dine_in', 'D']]) {
		const lines = bistro.lines(2);
		const answer = await guest.ordered(bistro.cart(lines, { order_type: type, tip: 12.5,
			delivery_address: type === 'delivery' ? 'Room 12' : null, table_number: type === 'dine_in' ? '7' : null }));
		const { order_number: number, total } = answer.order;
		assert.equal(Math.round(total * 100), bistro.priceOf(lines, type) + 1250);
		const { order: info } = await bistro.ticket(number);
		assert.equal(info.Order.details.order_type, letter);
		// PetPooja's total is what the restaurant sells: neither tip nor delivery charge are in it, each is told apart.
		assert.equal(Math.round(Number(info.Order.details.total) * 100), bistro.priceOf(lines, type) - (type === 'delivery' ? 2000 : 0));
		assert.equal(Number(info.Order.details.delivery_charges), type === 'delivery' ? 20 : 0);
		assert.match(JSON.stringify(info.Order.details), /Tip 12.50/);
		assert.ok(new URL(info.Order.details.callback_url).pathname.endsWith('/pp_callback/bistro/'));
		assert.deepEqual(info.OrderItem.details.map((one) => [one.id, Number(one.quantity)]), lines.map((line) => [line.variation ?? line.item, line.quantity]));
		assert.deepEqual(info.OrderItem.details.map((one) => (one.AddonItem?.details ?? []).map((addon) => addon.id)), lines.map((line) => line.addons));
	}
	const complaints = (await bistro.pos.seen('?kind=effect')).filter((row) => /mismatch|arithmetic|silently_dropped|refused/.test(row.effect));
	assert.deepEqual(complaints, [], 'the simulated PetPooja has nothing to say against our sums');
	assert.equal((await bistro.pos.seen('?kind=note')).filter((row) => /unknown|differ/.test(row.note)).length, 0);
});

test('ORD-11 ORD-12 ORD-13 pages: everything once, newest first, also while orders come in', async () => {
	const reader = await bistro.guest();
	const mine = [];
	for (let i = 0; i < 11; i++) mine.push((await reader.ordered(bistro.cart())).order.id);
	const found = [];
	let cursor = null, pages = 0;
	do {
		const { json } = await reader.fetch(`/api/v1/orders?limit=4${cursor ? `&cursor=${cursor}` : ''}`);
		found.push(...json.orders.map((one) => one.id));
		cursor = json.next_cursor;
		if (pages++ === 0) await reader.ordered(bistro.cart()); // must not shift what follows
	} while (cursor);
	assert.deepEqual(found, [...mine].reverse());
	assert.equal((await reader.fetch('/api/v1/orders')).json.orders.length, 12);
	const poll = (await reader.order(mine[0], '/status')).json;
	assert.deepEqual(Object.keys(poll).sort(), ['estimated_ready_time', 'id', 'order_number', 'payment_status', 'status', 'updated_at']);
	assert.ok((await guest.fetch('/api/v1/orders?limit=100')).json.orders.every((one) => !mine.includes(one.id)), 'AUTH-17 nobody else\'s');
});

test('ORD-14 ORD-24 a guest cancels: at once while it is here, after asking while it is there, not any more when it is ready', async (t) => {
	await t.test('queued: 200, and it never leaves', async () => {
		const one = await frozen(async () => {
			const made = await order();
			const said = await guest.cancel(made.id, 'wrong dish');
			assert.equal(said.status, 200, said.text);
			assert.equal(`${said.json.order.status} ${said.json.order.cancellation_reason}`, 'cancelled wrong dish');
			assert.equal((await guest.cancel(made.id)).status, 200, 'said again it is no mistake');
			return made;
		});
		await accepted(); // the relay is awake
		assert.equal((await bistro.requests(one.order_number)).length, 0);
		assert.notEqual((await bistro.row(one.order_number)).cancelled_at, null);
		await bistro.told(one.order_number, /was cancelled. wrong dish/, guest.phone);
	});
	for (const [name, codes] of [['accepted', []], ['confirmed', ['1']]]) {
		await t.test(`${name}: 202, and 200 when the POS has let go`, async () => {
			const one = await accepted();
			for (const status of codes) assert.equal((await bistro.kitchen(one.order_number, status)).status, 200);
			const said = await guest.cancel(one.id);
			assert.equal(said.status, 202, said.text);
			assert.equal(said.json.order.cancel_requested, true);
			await bistro.becomes(one.order_number, { status: 'cancelled', pos_state: 'failed' });
			assert.equal((await guest.cancel(one.id)).status, 200);
			assert.equal((await guest.order(one.id)).json.order.status, 'cancelled');
		});
	}
	await t.test('failed: 200', async () => {
		await bistro.pos.next({ path: '/save_order', do: 'refuse' });
		const one = await order();
		await bistro.becomes(one.order_number, { pos_state: 'failed' });
		assert.equal((await guest.cancel(one.id)).status, 200);
		await bistro.deadline(one.order_number, 'pos_compensate'); // has become idle
		assert.equal((await bistro.texts(one.order_number, guest.phone)).length, 1);
	});
	await t.test('ready and completed: 409', async () => {
		const one = await accepted();
		assert.equal((await bistro.kitchen(one.order_number, ['1', '5'])).status, 200);
		assert.equal(code(await guest.cancel(one.id)), '409 ILLEGAL_TRANSITION');
		assert.equal((await bistro.staff('POST', one.id, '/cash-received')).status, 200);
		assert.equal((await bistro.move(one.id, 'completed')).status, 200);
		assert.equal(code(await guest.cancel(one.id)), '409 ILLEGAL_TRANSITION');
		assert.equal(code(await bistro.move(one.id, 'cancelled')), '409 ILLEGAL_TRANSITION');
		assert.equal(code(await bistro.move(one.id, 'preparing')), '409 ILLEGAL_TRANSITION');
	});
});

test('ADM-02 ORD-14 ORD-24 staff cancel and reject, with the reason kept and told', async () => {
	const here = await frozen(async () => {
		const made = await order();
		const said = await bistro.staff('PATCH', made.id, '/status', { status: 'rejected', reason: 'too busy' }, bistro.cook);
		assert.equal(said.status, 200, said.text);
		assert.equal(said.json.order.status, 'rejected');
		return made;
	});
	await bistro.told(here.order_number, /was cancelled. too busy/, guest.phone);
	const there = await accepted();
	const said = await bistro.move(there.id, 'cancelled', 'oven broken');
	assert.equal(said.status, 202, said.text);
	const row = await bistro.becomes(there.order_number, { status: 'cancelled', pos_state: 'failed' });
	assert.equal(row.cancellation_reason, 'oven broken');
	const known = (await bistro.staff('GET', there.id)).json.order;
	assert.equal(known.history.at(-1).new_status, 'cancelled');
	assert.ok(known.history.some((one) => one.event === 'cancel_wanted'));
});

test('ADM-01 ADM-02 ADM-05 ADM-06 ORD-14 ORD-21 ORD-23 staff move it on, forwards only, and take the money once', async () => {
	const one = await accepted({ order_type: 'delivery', delivery_address: 'Room 12' });
	for (const status of ['confirmed', 'preparing', 'preparing', 'ready', 'out_for_delivery']) {
		const said = await bistro.staff('PATCH', one.id, '/status', { status }, bistro.cook);
		assert.equal(`${said.status} ${said.json.order?.status}`, `200 ${status}`);
	}
	for (const back of ['confirmed', 'preparing', 'ready']) assert.equal(code(await bistro.move(one.id, back)), '409 ILLEGAL_TRANSITION');
	assert.equal(code(await bistro.move(one.id, 'completed')), '409 ORDER_NOT_PAID');
	const paid = await Promise.all([1, 2, 3].map(() => bistro.staff('POST', one.id, '/cash-received')));
	assert.deepEqual(paid.map((said) => said.status), [200, 200, 200]);
	assert.equal((await bistro.history(one.order_number, 'payment')).length, 1);
	assert.equal((await guest.order(one.id)).json.order.payment_status, 'paid');
	assert.equal((await bistro.move(one.id, 'completed')).json.order.status, 'completed');
	assert.equal((await bistro.kitchen(one.order_number, '1')).status, 200, 'the POS is late');
	assert.equal((await bistro.row(one.order_number)).status, 'completed');
	const list = async (query) => (await world.fetch(`${bistro.base}/api/v1/admin/orders?limit=200&${query}`, { token: bistro.cook })).json.orders;
	assert.ok((await list('status=completed&payment_status=paid&order_type=delivery')).some((row) => row.id === one.id));
	assert.ok((await list('status=received')).every((row) => row.status === 'received' && row.id !== one.id));
	assert.ok((await list('pos_state=failed')).every((row) => row.pos_state === 'failed'));
	const cancelled = (await list('status=cancelled'))[0];
	assert.equal(code(await bistro.staff('POST', cancelled.id, '/cash-received')), '409 ILLEGAL_TRANSITION');
});

test('ADM-20 POS-21 F32 a failed order is sent once more, however often staff click', async () => {
	await bistro.pos.next({ path: '/save_order', do: 'refuse', message: 'closed for lunch' });
	const one = await order();
	await bistro.becomes(one.order_number, { pos_state: 'failed' });
	const clicks = await Promise.all(Array.from({ length: 6 }, () => bistro.staff('POST', one.id, '/retry-pos')));
	assert.deepEqual(clicks.map((said) => said.status).sort(), [200, 400, 400, 400, 400, 400]);
	assert.deepEqual(clicks.find((said) => said.status === 200).json, { status: 'retry_scheduled' });
	assert.match(clicks.find((said) => said.status === 400).json.error.message, /not in failed state/);
	await bistro.becomes(one.order_number, { pos_state: 'accepted' });
	const tickets = (await bistro.pos.seen('?effect=order_saved')).filter((row) => row.orderID.startsWith(one.order_number));
	assert.deepEqual(tickets.map((row) => row.orderID), [`${one.order_number}-2`]);
	await bistro.deadline(one.order_number, 'pos_compensate'); // of the submission before
	assert.equal((await bistro.row(one.order_number)).status, 'received', 'an old deadline does not close what was mended');
	assert.equal((await bistro.kitchen(`${one.order_number}-2`, '1')).status, 200);
	await bistro.becomes(one.order_number, { status: 'confirmed' });
});

test('E36 E25 what the POS does not have is listed with why and what to do; a cancellation that it refused too', async (t) => {
	const failures = async (query = '', token = bistro.cook) => (await world.fetch(`${bistro.base}/api/v1/admin/pos-failures${query}`, { token })).json;
	const rest = async (made, misdeed, state) => {
		if (misdeed) await bistro.pos.next({ path: '/save_order', ...misdeed });
		const one = await made();
		await bistro.becomes(one.order_number, { pos_state: state });
		return one;
	};
	const before_ = (await failures('?limit=200')).failures.map((one) => one.id);
	const payload = await rest(order, { do: 'refuse', message: 'closed for lunch' }, 'failed');
	const config = await rest(order, { do: '403' }, 'failed');
	const kept = await accepted();
	await bistro.pos.next({ path: '/update_order_status', do: 'refuse', message: 'it is in the oven' });
	assert.equal((await guest.cancel(kept.id)).status, 202);
	await bistro.becomes(kept.order_number, { pos_state: 'manual' });
	const found = (await failures('?limit=200')).failures.filter((one) => !before_.includes(one.id));
	assert.deepEqual(found.map((one) => one.id), [payload.id, config.id, kept.id], 'the oldest first');
	assert.deepEqual(found.map((one) => one.cancel_state), [null, null, 'refused']);
	assert.deepEqual(found.map((one) => one.pos_cause), ['payload', 'config', null]);
	assert.ok(found[2].pos_failure_reason.includes('it is in the oven'), found[2].pos_failure_reason);
	assert.match(found[1].pos_remedy, /settings/);
	assert.ok(found[0].pos_failure_reason.includes('closed for lunch'), found[0].pos_failure_reason);
	assert.notEqual(found[0].pos_remedy, null);
	const ids = [];
	for (let cursor = null; ;) {
		const page = await failures(`?limit=1${cursor ? `&cursor=${cursor}` : ''}`);
		ids.push(...page.failures.map((one) => one.id));
		if ((cursor = page.next_cursor) === null) break;
	}
	assert.deepEqual(ids.filter((id) => !before_.includes(id)), found.map((one) => one.id), 'page by page');
	await t.test('and what is there, but was not seen to', async () => {
		const there = await accepted();
		assert.equal((await failures('?limit=200')).failures.some((one) => one.id === there.id), false);
		await world.sql(`UPDATE orders SET pos_cause = 'auth', pos_failure_reason = 'we had no access to the POS' WHERE order_number = '${there.order_number}'`);
		const one = (await failures('?limit=200')).failures.find((row) => row.id === there.id);
		assert.deepEqual([one.pos_state, one.pos_cause, one.pos_failure_reason], ['accepted', 'auth', 'we had no access to the POS']);
		assert.match(one.pos_remedy, /is at the POS.*renew the POS credentials/);
		assert.doesNotMatch(one.pos_remedy, /send the order/);
		await world.sql(`UPDATE orders SET pos_cause = NULL, pos_failure_reason = NULL WHERE order_number = '${there.order_number}'`);
	});
	await t.test('and what is mended is on it no more', async () => {
		assert.equal((await bistro.staff('POST', config.id, '/retry-pos')).status, 200);
		await bistro.becomes(config.order_number, { pos_state: 'accepted' });
		assert.equal((await bistro.row(config.order_number)).pos_cause, null, 'nor said of it');
		await bistro.settled(kept.order_number);
		assert.equal((await bistro.decide(kept.id, 'there')).status, 200);
		assert.equal((await bistro.move(payload.id, 'cancelled', 'no lunch')).status, 200);
		assert.deepEqual((await failures('?limit=200')).failures.map((one) => one.id).sort(), before_.sort());
	});
});

test('E36 E38 what this POS cannot be told is not sent, and why and what to do is said', async () => {
	const one = await frozen(async () => {
		const made = await order();
		await world.sql(`UPDATE order_items SET external_id = '', variation_external_id = NULL WHERE order_id = (SELECT id FROM orders WHERE order_number = '${made.order_number}')`);
		return made;
	});
	const row = await bistro.becomes(one.order_number, { pos_state: 'failed' });
	assert.deepEqual([row.pos_failure, row.pos_cause], ['refused', 'payload']);
	assert.match(row.pos_failure_reason, /items\[0\]/);
	assert.deepEqual(await bistro.requests(one.order_number), []);
	assert.equal((await bistro.move(one.id, 'cancelled', 'not to be had')).status, 200);
});

test('E36 which orders are listed, whatever their states, and what is to be done about each cause', async () => {
	const one = await accepted();
	const mine = `order_number = '${one.order_number}'`;
	const [kept] = await world.sql(`SELECT status, pos_state, updated_at FROM orders WHERE ${mine}`);
	const put = (what) => world.sql(`UPDATE orders SET ${what} WHERE ${mine}`);
	const listed = async () => (await world.fetch(`${bistro.base}/api/v1/admin/pos-failures?limit=200`, { token: bistro.cook })).json.failures.find((row) => row.id === one.id);
	const open = ['received', 'confirmed', 'preparing', 'ready', 'out_for_delivery'], off = ['cancelled', 'rejected'];
	try {
		for (const status of [...open, ...off, 'completed'])
			for (const state of ['not_required', 'queued', 'submitting', 'accepted', 'failed', 'unsure', 'manual']) {
				await put(`status = '${status}', pos_state = '${state}', updated_at = UTC_TIMESTAMP(6) - INTERVAL 6 DAY`);
				const wanted = (open.includes(status) && state === 'failed') || (status !== 'completed' && ['unsure', 'manual'].includes(state));
				assert.equal(Boolean(await listed()), wanted, `${status} ${state}`);
			}
		await put("status = 'cancelled', pos_state = 'manual', updated_at = UTC_TIMESTAMP(6) - INTERVAL 8 DAY");
		assert.equal(await listed(), undefined, 'what ended more than a week ago is history');
		await put("status = 'preparing'");
		assert.ok(await listed(), 'what has not ended never is');
		const words = { config: /POS settings/, auth: /credentials|authorise/, payload: /menu|by hand/, busy: /too busy/, provider: /failure of its own/, network: /connection/, garbled: /look whether/ };
		for (const [cause, remedy] of Object.entries(words)) {
			await put(`pos_cause = '${cause}'`);
			const row = await listed();
			assert.equal(row.pos_cause, cause);
			assert.match(row.pos_remedy, remedy);
		}
	} finally {
		await put(`status = '${kept.status}', pos_state = '${kept.pos_state}', updated_at = '${kept.updated_at}', pos_cause = NULL`);
	}
});

test('F32 I1 I5 staff retry and the compensation\'s deadline at the same moment: one of them wins, and it is whole', async () => {
	for (let i = 0; i < 6; i++) {
		await bistro.pos.next({ path: '/save_order', do: 'refuse' });
		const one = await order();
		await bistro.becomes(one.order_number, { pos_state: 'failed' });
		const [said] = await Promise.all([bistro.staff('POST', one.id, '/retry-pos'), bistro.deadline(one.order_number, 'pos_compensate')]);
		if (said.status === 200) await bistro.becomes(one.order_number, { pos_state: 'accepted', status: 'received' });
		else {
			assert.equal(said.status, 400, said.text);
			await bistro.becomes(one.order_number, { pos_state: 'failed', status: 'cancelled' });
		}
	}
});

test('ARC-12 /api/common/orders: an order in the words of older clients', async () => {
	const seen = async (id) => (await guest.fetch(`/api/common/orders/${id}/`)).json;
	const words = ({ order: o }) => `${o.order_status} ${o.payment_status}`;
	const one = await accepted();
	const first = await seen(one.id);
	assert.equal(words(first), 'PENDING PENDING');
	assert.deepEqual([first.payments, first.status_updated], [[], false]);
	assert.equal(first.order.total_amount, one.total);
	assert.equal(first.order.currency, 'INR');
	assert.equal(first.order.items.length, 1);
	await bistro.staff('POST', one.id, '/cash-received');
	assert.equal(words(await seen(one.id)), 'CONFIRMED COMPLETED');
	const two = await frozen(async () => {
		const made = await order();
		await guest.cancel(made.id);
		return made;
	});
	assert.equal(words(await seen(two.id)), 'CANCELLED PENDING');
});

test('I1 I3 I4 I5 I7 I8 after all this the house is whole', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
});
