'use strict';
// A restaurant without a POS: an order is confirmed at once and handled by hand to its end, and nobody is called.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const ITEM = crypto.randomUUID(), CATEGORY = crypto.randomUUID();
let world, bistro, guest;

// What a menu fetched from nowhere consists of: one dish of ₹ 45.50.
async function menu_written(id) {
	const hex = (uuid) => `UNHEX('${uuid.replaceAll('-', '')}')`;
	await world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (${hex(CATEGORY)}, ${id}, 'Thali', 1);
		INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at)
		VALUES (${hex(ITEM)}, ${id}, LAST_INSERT_ID(), 'Thali of the day', 4550, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${id}`);
}

before(async () => {
	world = await World.start({ onboard: false });
	bistro = await Bistro.open(world, { slug: 'tiffin', pos: false });
	await menu_written(bistro.id);
	guest = await bistro.guest();
});
after(() => world?.stop());

const cart = (more) => ({ items: [{ menu_item_id: ITEM, quantity: 2 }], order_type: 'pickup', payment_method: 'cash', ...more });

test('POS-22 ORD-01 ORD-02 confirmed at once, by hand, and by hand to completed', async () => {
	const answer = await guest.place(cart());
	assert.equal(answer.status, 201, answer.text);
	const { id, order_number: number, total } = answer.json.order;
	assert.equal(total, 91);
	let row = await bistro.row(number);
	assert.equal(`${row.status} ${row.pos_state} ${row.by_hand}`, 'confirmed not_required 1');
	assert.notEqual(row.confirmed_at, null);
	assert.equal((await guest.order(id)).json.order.status, 'confirmed');
	for (const status of ['preparing', 'ready']) {
		const said = await bistro.staff('PATCH', id, '/status', { status }, bistro.cook);
		assert.equal(said.status, 200, said.text);
		assert.equal(said.json.order.status, status);
	}
	const early = await bistro.move(id, 'completed');
	assert.equal(`${early.status} ${early.json.error.code}`, '409 ORDER_NOT_PAID');
	assert.equal((await bistro.staff('POST', id, '/cash-received', undefined, bistro.cook)).status, 200);
	assert.equal((await bistro.move(id, 'completed')).status, 200);
	row = await bistro.row(number);
	assert.equal(`${row.status} ${row.payment_status} ${row.pos_state}`, 'completed paid not_required');
	for (const stamp of ['confirmed_at', 'preparing_at', 'ready_at', 'completed_at']) assert.notEqual(row[stamp], null, stamp);
	assert.equal((await bistro.staff('POST', id, '/retry-pos')).status, 400, 'there is nothing to retry');
});

test('POS-22 ORD-24 a guest and staff can cancel it at once', async () => {
	const first = (await guest.ordered(cart())).order;
	const said = await guest.cancel(first.id, 'no longer hungry');
	assert.equal(said.status, 200, said.text);
	assert.equal(`${said.json.order.status} ${said.json.order.cancellation_reason}`, 'cancelled no longer hungry');
	const second = (await guest.ordered(cart())).order;
	assert.equal((await bistro.move(second.id, 'rejected', 'the gas is out')).status, 200);
	assert.equal((await guest.order(second.id)).json.order.status, 'rejected');
	await bistro.told(second.order_number, /was cancelled. the gas is out/, guest.phone);
});

test('POS-22 and no POS was ever called', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
	assert.deepEqual(await world.sim.petpooja.seen('?kind=request'), []);
	assert.deepEqual(await world.sql("SELECT id FROM outbox_done WHERE kind LIKE 'pos_%'"), []);
});
