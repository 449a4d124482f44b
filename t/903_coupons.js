'use strict';
// Two hundred clients want one of twenty uses of a code, all at once, through nginx: twenty have it and the others are told so, also
// while workers are killed; a discount that applies by itself is had so often and no more, and nobody is refused an order for it.
//
//	ROUNDS=20 nodejs t/903_coupons.js

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const [CLIENTS, GUESTS, MAX] = [200, 10, 20];
const ROUNDS = Number(process.env.ROUNDS ?? 3);
let world, bistro, guests, dish;

before(async () => {
	world = await World.start({ onboard: false, workers: 4, env: { RELAY_POLL_MS: '50' } });
	bistro = await Bistro.open(world, { pos: false });
	const say = async (at, json) => (await world.fetch(`${bistro.base}/api/v1/admin${at}`, { method: 'POST', token: bistro.admin, json })).json;
	const category = await say('/menu/categories', { name: 'All' });
	dish = await say('/menu/items', { name: 'Dosa', price: 100, category_id: category.id });
	guests = await Promise.all(Array.from({ length: GUESTS }, () => bistro.guest()));
});
after(() => world?.stop());

let n = 0;
async function make(more) {
	const made = await world.fetch(`${bistro.base}/api/v1/admin/discounts`, { method: 'POST', token: bistro.admin, json: { name: 'Few', kind: 'fixed', amount: 10, uses_max: MAX, ...more } });
	assert.equal(made.status, 201, made.text);
	return made.json;
}

// Under one key until it knows. → the order, or null: the code is used up
async function wanted(guest, code, mayBeLost) {
	const key = crypto.randomUUID();
	return world.until('an answer', async () => {
		const answer = await guest.place({ items: [{ menu_item_id: dish.id, quantity: 1 }], order_type: 'pickup', payment_method: 'cash', discount_code: code }, { key })
			.catch((error) => ({ status: 0, text: error.message }));
		if (answer.status === 201) return { order: answer.json.order };
		if (answer.status === 400) {
			assert.deepEqual(answer.json.error.details.fields.map((f) => f.field), ['discount_code']);
			return { order: null };
		}
		assert.ok(mayBeLost || answer.status === 503, `${answer.status} ${answer.text}`);
		return null;
	}, { ms: 120000, every: 50 });
}

// Those of one guest stand together: they meet.
const client = (nth, code, mayBeLost) => wanted(guests[Math.floor(nth * GUESTS / CLIENTS)], code, mayBeLost);
const rush = (code, mayBeLost) => Promise.all(Array.from({ length: CLIENTS }, (_, nth) => client(nth, code, mayBeLost)));
const uses = async (made) => (await world.sql(`SELECT used, (SELECT COUNT(*) FROM orders o WHERE o.discount_id = u.discount_id AND status <> 'cancelled') AS orders
	FROM discount_uses u WHERE discount_id = (SELECT id FROM discounts WHERE public_id = UNHEX('${made.id.replaceAll('-', '')}'))`))[0];

test(`F38 S76 C9 ${CLIENTS} clients and ${MAX} uses of a code: exactly ${MAX}, ${ROUNDS} times in a row, without a deadlock`, async () => {
	const calm = await world.deadlocks();
	for (let round = 0; round < ROUNDS; round++) {
		const made = await make({ code: `FEW-${++n}` });
		const answers = await rush(made.code, false);
		assert.equal(answers.filter((one) => one.order !== null).length, MAX);
		assert.ok(answers.every((one) => one.order === null || one.order.total === 90));
		assert.deepEqual(await uses(made), { used: String(MAX), orders: String(MAX) });
	}
	await world.noDeadlockSince(calm);
});

test(`F38 C9 once per guest, however many of a guest's clients ask at once: ${GUESTS}`, async () => {
	const made = await make({ code: `ONCE-${++n}`, uses_max: null, uses_per_guest_max: 1 });
	const answers = await rush(made.code, false);
	assert.equal(answers.filter((one) => one.order !== null).length, GUESTS);
	assert.deepEqual(await uses(made), { used: String(GUESTS), orders: String(GUESTS) });
});

test(`F38 C9 one that applies by itself: all have their orders, exactly ${MAX} of them for less`, async () => {
	const made = await make({});
	const answers = await rush(undefined, false);
	assert.deepEqual([90, 100].map((total) => answers.filter((one) => one.order?.total === total).length), [MAX, CLIENTS - MAX]);
	assert.deepEqual(await uses(made), { used: String(MAX), orders: String(MAX) });
});

test('F38 C9 a guest has one first order, by however many codes it is asked for at once', async () => {
	const codes = [];
	for (let i = 0; i < 6; i++) codes.push((await make({ code: `FIRST-${++n}`, uses_max: null, first_order_only: true })).code);
	for (let round = 0; round < ROUNDS; round++) {
		const fresh = await Promise.all(Array.from({ length: 6 }, () => bistro.guest()));
		const answers = await Promise.all(fresh.map((guest) => Promise.all(codes.map((code) => wanted(guest, code, false)))));
		assert.deepEqual(answers.map((own) => own.filter((one) => one.order !== null).map((one) => one.order.total)), fresh.map(() => [90]));
	}
});

test(`F01 F38 C9 while workers are killed: exactly ${MAX}`, async () => {
	const made = await make({ code: `KILL-${++n}` });
	const { pid } = world.child('orders');
	let isOver = false;
	const killing = (async () => {
		while (!isOver) {
			const [victim] = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
			try {
				if (victim) process.kill(victim, 'SIGKILL');
			} catch (error) {
				assert.equal(error.code, 'ESRCH');
			}
			const until = Date.now() + 200;
			await world.until('the next victim', () => isOver || Date.now() >= until, { every: 10 });
		}
	})();
	try {
		const answers = await rush(made.code, true);
		assert.equal(answers.filter((one) => one.order !== null).length, MAX);
	} finally {
		isOver = true;
		await killing;
	}
	world.child('orders').signal('SIGHUP');
	assert.deepEqual(await uses(made), { used: String(MAX), orders: String(MAX) });
});

test('M11 M12 at rest uses are those of the orders, and every bill adds up', async () => {
	await quiet(world, 60000);
	assert.deepEqual(await check(world), []);
});
