'use strict';
// Many guests at one restaurant at once: nobody sees a deadlock, no number is lost or given twice, every total is what the
// provider's menu says, and the kitchen gets each order once. Then the same while the menu changes under their hands.
//
//	S=10 nodejs t/900_concurrency.js      seconds of ordering (of each part)

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const CLIENTS = 16;
const MS = Number(process.env.S ?? 10) * 1000;

let world, bistro, guests;

before(async () => {
	world = await World.start({ onboard: false, workers: 4, crash: true, env: { RELAY_POLL_MS: '50', BACKOFF_MS: '100' } });
	bistro = await Bistro.open(world);
	guests = await Promise.all(Array.from({ length: CLIENTS }, () => bistro.guest()));
});
after(() => world?.stop());


// Every client orders again and again until the time is over; `one` sees each order that was tried.
async function everybody(ms, one) {
	const end = Date.now() + ms;
	await Promise.all(guests.map(async (guest) => {
		while (Date.now() < end) await one(guest);
	}));
}

// Each of these is in the database with this total and at the POS once, and nothing else is wrong.
async function all_there(placed) {
	await quiet(world, 60000);
	const rows = new Map((await world.sql(`SELECT order_number, total_minor, pos_state FROM orders`)).map((row) => [row.order_number, row]));
	const tickets = (await bistro.pos.seen('?effect=order_saved')).map((row) => row.orderID);
	assert.equal(rows.size, placed.length);
	assert.equal(tickets.length, placed.length, 'as many tickets as orders');
	assert.equal(new Set(tickets).size, tickets.length);
	for (const { order, total } of placed) {
		assert.equal(Number(rows.get(order.order_number).total_minor), total, order.order_number);
		assert.equal(rows.get(order.order_number).pos_state, 'accepted');
	}
	assert.deepEqual(await check(world, { placed: placed.map(({ order, key }) => ({ id: order.id, key })) }), []);
}

const placed = [];

test('ORD-03 ORD-04 ORD-05 TEST-05 TEST-08 I7 sixteen guests order at once: no deadlock, no gap, every total right, every ticket once', async (t) => {
	const calm = await world.deadlocks();
	await everybody(MS, async (guest) => {
		const lines = bistro.lines();
		const type = ['pickup', 'dine_in', 'delivery'][placed.length % 3];
		const total = bistro.priceOf(lines, type);
		const key = `${guest.phone}-${placed.length}-${Math.random()}`;
		const answer = await guest.place(bistro.cart(lines, { order_type: type, delivery_address: type === 'delivery' ? 'Room 12' : null,
			table_number: type === 'dine_in' ? '7' : null }), { key });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(Math.round(answer.json.order.total * 100), total, JSON.stringify(lines));
		placed.push({ order: answer.json.order, total, key });
	});
	t.diagnostic(`${placed.length} orders in ${MS} ms`);
	assert.ok(placed.length >= CLIENTS);
	await all_there(placed);
	await world.noDeadlockSince(calm);
});

// The provider's menu with other prices: round n adds n rupees to everything that has a price.
function dearer(doc, n) {
	const more = (text) => (Number(text) > 0 ? (Number(text) + n).toFixed(2) : text);
	const copy = JSON.parse(JSON.stringify(doc));
	for (const item of copy.items) {
		item.price = more(item.price);
		for (const one of item.variation) one.price = more(one.price);
	}
	for (const one of copy.addongroups.flatMap((of) => of.addongroupitems)) one.addonitem_price = more(one.addonitem_price);
	return copy;
}

test('ORD-04 ORD-07 MENU-08 I7 while the menu is published anew and dishes run out: the price of some published menu, or a no, never a wrong total', async (t) => {
	const calm = await world.deadlocks();
	const docs = [{ doc: bistro.doc, version: 0, published: 0 }];
	const out = { item: bistro.dishes[3].item, isOff: false, changing: false, era: 0 };
	let isOver = false, refused = 0, published = 0;
	const [{ id: last }] = await world.sql(`SELECT MAX(id) AS id FROM menu_sync_history`);

	// The kitchen: a new menu, a dish out, the dish back.
	const kitchen = (async () => {
		for (let n = 1; !isOver; n++) {
			const doc = dearer(bistro.doc, n);
			docs.push({ doc, began: Date.now() });
			assert.equal((await bistro.pos.control('/push-menu', { json: { menu: doc } })).status, 200);
			const row = await world.until('the menu is published', async () => (await world.sql(`SELECT menu_version FROM menu_sync_history
				WHERE id > ${last} AND status = 'success' ORDER BY id`))[n - 1], { every: 30 });
			docs[n].version = Number(row.menu_version);
			published = n;
			for (const inStock of [false, true]) {
				out.changing = true;
				out.era++;
				assert.equal((await bistro.pos.control('/stock', { json: { itemID: [out.item], inStock } })).status, 200);
				Object.assign(out, { isOff: !inStock, changing: false });
				await everybody_has_asked(docs);
			}
		}
	})();
	// A few orders have been tried since: otherwise the kitchen would be alone with its changes.
	const everybody_has_asked = async () => {
		const since = tried;
		await world.until('some orders', () => isOver || tried > since + 4, { every: 5 });
	};
	let tried = 0;
	const made = [];
	const ordering = everybody(MS, async (guest) => {
		const lines = bistro.lines();
		const has = lines.some((line) => line.item === out.item);
		const seen = { era: out.era, certain: !out.changing, isOff: out.isOff, oldest: published };
		const key = `${guest.phone}-m${made.length}-${Math.random()}`;
		const answer = await guest.place(bistro.cart(lines), { key });
		tried++;
		const wasSteady = seen.certain && seen.era === out.era && !out.changing;
		if (answer.status === 409) {
			assert.equal(answer.json.error.code, 'ITEM_UNAVAILABLE', answer.text);
			assert.ok(has, `${answer.text} for ${JSON.stringify(lines)}`);
			assert.ok(!wasSteady || seen.isOff, 'refused although it was there');
			refused++;
			return;
		}
		assert.equal(answer.status, 201, answer.text);
		assert.ok(!(has && wasSteady && seen.isOff), 'a dish that had run out was sold');
		made.push({ order: answer.json.order, total: Math.round(answer.json.order.total * 100), lines, key, oldest: seen.oldest });
	});
	await ordering;
	isOver = true;
	await kitchen;
	// Which menu an order was priced by is in its row; which document that menu was, we know.
	const versions = new Map((await world.sql('SELECT order_number, menu_version FROM orders')).map((row) => [row.order_number, Number(row.menu_version)]));
	for (const one of made) {
		const version = versions.get(one.order.order_number);
		const n = docs.findLastIndex((of) => of.version !== undefined && of.version <= version);
		assert.equal(one.total, bistro.priceOf(one.lines, 'pickup', docs[n].doc), `${one.order.order_number} by menu ${version}`);
		assert.ok(n >= one.oldest, `${one.order.order_number} was priced by a menu that had been replaced before it was placed`);
	}
	t.diagnostic(`${made.length} orders, ${refused} refused, ${published} menus`);
	assert.ok(published >= 2 && made.length >= CLIENTS);
	placed.push(...made);
	await all_there(placed);
	await world.noDeadlockSince(calm);
});

// An order that has been priced and not yet numbered is held there while `deed` is done. → its answer
async function between_price_and_number(cart, deed) {
	const stop = path.join(world.crashDir('orders'), 'stop.order_place.before_counter');
	const { pid } = world.child('orders');
	const frozen = () => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').find((one) =>
		/\) T /.test(fs.readFileSync(`/proc/${one}/stat`, 'latin1')));
	fs.writeFileSync(stop, '');
	const answer = guests[0].place(cart);
	const held = Number(await world.until('a frozen worker', frozen));
	try {
		await deed();
	} finally {
		process.kill(held, 'SIGCONT');
	}
	return answer;
}

test('ORD-04 ORD-07 what is published between an order\'s price and its number: priced anew, or refused', async () => {
	const lines = bistro.lines(2);
	const doc = dearer(bistro.doc, 99);
	const [{ menu_version: old }] = await world.sql(`SELECT menu_version FROM restaurant_counters WHERE restaurant_id = ${bistro.id}`);
	const dear = await between_price_and_number(bistro.cart(lines), async () => {
		assert.equal((await bistro.pos.control('/push-menu', { json: { menu: doc } })).status, 200);
		await world.until('the new menu', async () => (await world.sql(`SELECT menu_version FROM restaurant_counters WHERE restaurant_id = ${bistro.id}`))[0].menu_version !== old);
	});
	assert.equal(dear.status, 201, dear.text);
	const total = Math.round(dear.json.order.total * 100);
	assert.equal(total, bistro.priceOf(lines, 'pickup', doc));
	placed.push({ order: dear.json.order, total, key: dear.json.order.id });
	const { item } = lines[0];
	const out = await between_price_and_number(bistro.cart(lines), async () => {
		assert.equal((await bistro.pos.control('/stock', { json: { itemID: [item], inStock: false } })).status, 200);
	});
	assert.equal(`${out.status} ${out.json.error.code}`, '409 ITEM_UNAVAILABLE');
	assert.deepEqual(out.json.error.details.items, lines.filter((line) => line.item === item).map(() => bistro.items.get(item)));
	assert.deepEqual([...new Set(out.json.error.details.unavailable.map((one) => one.cause))], ['sold_out']);
	assert.equal((await bistro.pos.control('/stock', { json: { itemID: [item], inStock: true } })).status, 200);
	const closed = await between_price_and_number(bistro.cart(lines), async () => {
		assert.equal((await bistro.pos.control('/store', { json: { store_status: '0' } })).status, 200);
	});
	assert.equal(`${closed.status} ${closed.json.error.code}`, '409 RESTAURANT_CLOSED');
	assert.equal((await bistro.pos.control('/store', { json: { store_status: '1' } })).status, 200);
	await all_there(placed);
});

test('ORD-08 a restaurant that closes amid the rush takes nothing after it has said so', async () => {
	let isClosed = false;
	const answers = [];
	// Everybody goes on until they have been told no after it was closed.
	const rush = Promise.all(guests.map(async (guest) => {
		for (let knew = false; !knew;) {
			knew = isClosed;
			const answer = await guest.place(bistro.cart());
			answers.push([knew, answer]);
			if (answer.status === 201) placed.push({ order: answer.json.order, total: Math.round(answer.json.order.total * 100), key: answer.json.order.id });
		}
	}));
	await world.until('some orders', () => answers.length > CLIENTS, { every: 5 });
	assert.equal((await bistro.pos.control('/store', { json: { store_status: '0', reason: 'rush' } })).status, 200);
	isClosed = true;
	await rush;
	for (const [knew, answer] of answers) {
		if (answer.status !== 201) assert.equal(answer.json?.error.code, 'RESTAURANT_CLOSED', answer.text);
		if (knew) assert.equal(answer.status, 409);
	}
	assert.equal(answers.filter(([knew]) => knew).length, CLIENTS);
	assert.equal((await bistro.pos.control('/store', { json: { store_status: '1' } })).status, 200);
	const answer = await guests[0].place(bistro.cart());
	assert.equal(answer.status, 201, answer.text);
	placed.push({ order: answer.json.order, total: Math.round(answer.json.order.total * 100), key: answer.json.order.id });
	await all_there(placed);
});

test('F37 I6 one key said by everybody of one guest at once is one order; other guests\' equal keys are their own', async () => {
	const key = 'the-same-key-for-all';
	const first = await Promise.all(Array.from({ length: 40 }, () => guests[0].place(bistro.cart(), { key })));
	const made = first.filter((answer) => answer.status === 201);
	assert.ok(made.length >= 1);
	for (const answer of first) {
		if (answer.status === 201) assert.equal(answer.text, made[0].text);
		else assert.equal(`${answer.status} ${answer.json.error.code}`, '409 IDEMPOTENCY_IN_PROGRESS');
	}
	const other = await guests[0].place(bistro.cart(bistro.lines(2)), { key });
	assert.equal(`${other.status} ${other.json.error.code}`, '422 IDEMPOTENCY_MISMATCH');
	const theirs = await guests[1].place(bistro.cart(), { key });
	assert.equal(theirs.status, 201);
	assert.notEqual(theirs.json.order.id, made[0].json.order.id);
	for (const answer of [made[0], theirs]) placed.push({ order: answer.json.order, total: Math.round(answer.json.order.total * 100), key: answer.json.order.id });
	await all_there(placed);
});
