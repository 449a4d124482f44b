'use strict';
// The same restaurant at Toast, at Square and at Clover: its menu, an order with everything that an order may have, what its
// kitchen sees and what it makes of it, told or found out, and all that goes otherwise. What PetPooja does has tests of its own.
//
// A row says what one POS has that another has not. POS=clover nodejs t/803_pos.js plays that one alone.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro, uuid } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const ROWS = {
	toast: {
		dish: ['Cheese Pizza', 'Medium', { 'Pizza toppings': 'Mushrooms' }], menu: ['Cheeseburger', 'Coffee'], hidden: ['Staff Brownie', 'Family Meal'],
		differs: { do: 'total_differs', path: '/orders' }, stranger: ['/foreign', {}], holds: true,
	},
	square: {
		dish: ['Paneer Tikka', 'Full', { 'Spice level': 'Medium', 'Extra toppings': 'Cheese' }], menu: ['Samosa (2 pc)', 'Dal Makhani'], hidden: ['Staff curry', 'Mutton Rogan Josh'],
		differs: { do: 'other_total', path: '/v2/orders', minor: 100 }, stranger: ['/foreign', {}], holds: true,
	},
	clover: {
		dish: ['Double Burger', null, { 'How done': 'Medium', Toppings: 'Bacon', 'Choose a side': 'Onion rings' }], menu: ['Veggie Burger', 'House Lemonade'], hidden: ['Staff Meal', 'Old Special'],
		differs: { do: 'total_differs', path: '/orders', by: 100 }, stranger: ['/event', { objectId: 'O:ZZZZZZZZZZZZZ' }], holds: false,
	},
};
const NAMES = process.env.POS?.split(',') ?? Object.keys(ROWS);
const ADDRESS = '14 Elm Street, Apt 3, Boston, MA 02215';

let world;
const at = {}; // by POS: {bistro, guest}

before(async () => {
	world = await World.start({ onboard: false, sims: [...NAMES, 'msg91'], env: { BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	for (const name of NAMES) {
		const bistro = await Bistro.open(world, { slug: name, at: name, seed: 803 });
		at[name] = { bistro, guest: await bistro.guest(), row: ROWS[name] };
	}
});
after(() => world?.stop());

// For each of them a test of its own.
function each(title, run) {
	for (const name of NAMES) test(`${title} (${name})`, (t) => run({ ...at[name], t, name }));
}

// The row's dish, by our ids: {menu_item_id, variation_id, addons}.
async function line({ guest, row }, more = {}) {
	const [name, size, extras] = row.dish;
	const { json: menu } = await guest.fetch('/api/v1/menu/items');
	const item = menu.items.find((one) => one.name === name);
	assert.ok(item, `${name} is on the menu`);
	const variation = item.variations.find((one) => one.name === size);
	const groups = [...item.addon_groups, ...(variation?.addon_groups ?? [])];
	const addon = ([group, extra]) => groups.find((one) => one.name === group).addon_items.find((one) => one.name === extra);
	return {
		menu_item_id: item.id, quantity: 2, ...(variation && { variation_id: variation.id }),
		addons: Object.entries(extras).map((one) => ({ addon_item_id: addon(one).id, quantity: 1 })), ...more,
	};
}

const pickup = async (who, more = {}) => ({ items: [await line(who)], order_type: 'pickup', payment_method: 'cash', ...more });
const place = async (who, more) => (await who.guest.ordered(await pickup(who, more))).order;
// Placed and at the POS.
async function placed(who, more) {
	const order = await place(who, more);
	await who.bistro.becomes(order.order_number, (row) => row.pos_state === 'accepted' && row.pos_order_id !== null);
	return order;
}

const steps = async (bistro, number) => (await bistro.history(number, 'status')).filter((row) => row.old_status !== row.new_status).map((row) => row.new_status);
// Webhooks are lost until they are not.
const deaf = (bistro) => bistro.pos.next({ path: 'webhook', do: 'lost', times: 1000 });
const hearing = (bistro) => bistro.pos.control('/next', { method: 'DELETE' });
const poll = (bistro, number) => world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_look' AND owner = 0
	AND subject_id = (SELECT id FROM orders WHERE restaurant_id = ${bistro.id} AND order_number = '${number}')`);

each('MENU-20 POS-01 its menu is read: what is for sale is shown, what is not is not', async ({ guest, row }) => {
	const { json: menu } = await guest.fetch('/api/v1/menu/items');
	const names = menu.items.filter((one) => one.is_available).map((one) => one.name);
	for (const name of [row.dish[0], ...row.menu]) assert.ok(names.includes(name), `${name} is among ${names}`);
	for (const name of row.hidden) assert.ok(!names.includes(name), `${name} is not for sale`);
	const item = menu.items.find((one) => one.name === row.dish[0]);
	assert.ok(row.dish[1] === null || item.variations.some((one) => one.name === row.dish[1] && one.price > 0));
});

each('POS-01 POS-05 size, extras, notes, tip, address and time: nothing of an order is lost on the way to the kitchen', async (who) => {
	const { bistro, row } = who;
	const tonight = new Date(Math.ceil(Date.now() / 60000) * 60000 + 3 * 3600000);
	const order = await place(who, { items: [await line(who, { special_instructions: 'no onions please' })], order_type: 'delivery', delivery_address: ADDRESS, tip: 3.5,
		special_instructions: 'ring twice', customer_name: 'Maya Jones', scheduled_time: tonight.toISOString() });
	const number = order.order_number;
	if (!row.holds) { // one for later waits here, and may leave now
		await quiet(world);
		assert.deepEqual(await bistro.requests(number), [], 'it waits here');
		await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_submit' AND subject_id = (SELECT id FROM orders WHERE order_number = '${number}' AND restaurant_id = ${bistro.id})`);
	}
	await bistro.becomes(number, { pos_state: 'accepted' });
	const { orders } = await bistro.pos.control('/tickets');
	const seen = JSON.stringify(Object.entries(orders).filter(([key]) => key.includes(number)));
	const [dish, size, extras] = row.dish;
	for (const word of [dish, ...(size ? [size] : []), ...Object.values(extras), 'no onions please', 'ring twice', '14 Elm Street', 'Maya'])
		assert.ok(seen.includes(word), `the kitchen sees "${word}": ${seen}`);
	const [{ total_minor: total, pos_total_minor: theirs }] = await world.sql(`SELECT total_minor, pos_total_minor FROM orders WHERE order_number = '${number}' AND restaurant_id = ${bistro.id}`);
	assert.equal(theirs, total, 'it comes to the same there');
});

each('WH-26 WH-27 WH-28 POS-04 its kitchen\'s word comes back by webhook, each step once', async (who) => {
	const { bistro } = who;
	const { id, order_number: number } = await placed(who);
	assert.equal((await bistro.effects('order_saved', number)).length, 1);
	for (const status of bistro.provider.hears.filter((one) => one !== 'completed')) {
		const said = await bistro.kitchen(number, status);
		assert.ok(said.answers.length > 0 && said.answers.every((one) => one.status === 200), JSON.stringify(said));
		await bistro.becomes(number, { status });
	}
	assert.equal((await bistro.staff('POST', id, '/cash-received')).status, 200);
	await bistro.kitchen(number, 'completed');
	await bistro.becomes(number, { status: 'completed' });
	assert.deepEqual((await steps(bistro, number)).filter((word) => word !== 'received'), [...new Set(['confirmed', ...bistro.provider.hears])]);
});

each('E48 with every webhook lost, polling finds out what its kitchen did', async (who) => {
	const { bistro } = who;
	await deaf(bistro);
	try {
		const { id, order_number: number } = await placed(who);
		assert.equal((await bistro.staff('POST', id, '/cash-received')).status, 200);
		for (const status of bistro.provider.hears) {
			await bistro.kitchen(number, status);
			await poll(bistro, number);
			await bistro.becomes(number, { status });
		}
		const { is_modified: is_amended } = await bistro.row(number);
		assert.equal(Number(is_amended), 0, 'E23 looked at again and again, it is what it was');
	} finally {
		await hearing(bistro);
	}
});

// Of those whose tills can take a line off, by which word.
for (const [name, word] of [['toast', 'void_line'], ['clover', 'line_deleted']].filter(([one]) => NAMES.includes(one))) test(`E23 a line is taken off at the till: staff and the guest are told, and both see it (${name})`, async () => {
	const { bistro, guest } = at[name];
	const { id, order_number: number } = await placed(at[name], { items: [await line(at[name]), await line(at[name], { quantity: 1 })] });
	await poll(bistro, number);
	await bistro.becomes(number, (row) => row.pos_contents !== null);
	assert.equal((await guest.order(id)).json.order.amended, null);
	assert.ok((await bistro.kitchen(number, word)).status < 300);
	await poll(bistro, number);
	await bistro.told(number, /was changed at the POS: now .*; in all/);
	await bistro.told(number, /The restaurant has changed your order/, guest.phone);
	const { amended, total } = (await guest.order(id)).json.order;
	assert.match(amended.items, /^\d x /);
	if (name === 'toast') assert.ok(amended.total < total, `${amended.total} there, ${total} here`); // Clover's total is whoever's who sets it
	assert.deepEqual((await bistro.staff('GET', id)).json.order.amended, amended);
});

each('ORD-30 E25 a guest cancels: it is taken back at the POS, once, and the guest is told', async (who) => {
	const { bistro, guest } = who;
	const order = await placed(who);
	assert.ok([200, 202].includes((await guest.cancel(order.id, 'changed my mind')).status));
	await bistro.becomes(order.order_number, { status: 'cancelled' });
	assert.equal((await bistro.effects('order_cancelled', order.order_number)).length, 1);
	assert.ok(!(await bistro.screen()).has(order.order_number));
});

each('ADM-20 POS-22 refused: staff are told why and send it again, two clicks are one order', async (who) => {
	const { bistro } = who;
	await bistro.pos.next({ path: bistro.provider.create, method: 'POST', do: 'refuse' });
	const order = await place(who);
	await bistro.becomes(order.order_number, { pos_state: 'failed' });
	await bistro.told(order.order_number, /POS/);
	const clicks = await Promise.all([1, 2].map(() => bistro.staff('POST', order.id, '/retry-pos')));
	assert.ok(clicks.some((one) => one.status === 200 || one.status === 202), clicks.map((one) => one.text).join());
	await bistro.becomes(order.order_number, { pos_state: 'accepted' });
	assert.equal((await bistro.effects('order_saved', `${order.order_number}-2`)).length, 1);
	assert.equal((await bistro.effects('order_saved', order.order_number)).length, 0);
});

// Refused, paid here, and sent again: paid before it is there.
async function prepaid(who) {
	const { bistro } = who;
	await bistro.pos.next({ path: bistro.provider.create, method: 'POST', do: 'refuse' });
	const { id, order_number: number } = await place(who);
	await bistro.becomes(number, { pos_state: 'failed' });
	assert.equal((await bistro.staff('POST', id, '/cash-received')).status, 200);
	assert.equal((await bistro.staff('POST', id, '/retry-pos')).status, 200);
	await bistro.becomes(number, { pos_state: 'accepted' });
	return `${number}-2`;
}

each('I2 POS-10 an order that was paid before it is there is marked as paid there, in full', async (who) => {
	const { bistro } = who;
	const name = await prepaid(who);
	await quiet(world);
	const rows = (await bistro.pos.seen('?kind=effect')).filter((one) => one.reference === name && Number.isInteger(one.paid));
	assert.ok(rows.length > 0 && rows.at(-1).total > 0, `${name} is there`);
	assert.equal(rows.at(-1).paid, rows.at(-1).total);
});

each('E38 a dish that is not on its menu goes by name and price, and staff are told', async (who) => {
	const { bistro, guest } = who;
	const [{ id: category }] = await world.sql(`SELECT LOWER(HEX(public_id)) AS id FROM categories WHERE restaurant_id = ${bistro.id} AND is_active ORDER BY id LIMIT 1`);
	const made = await world.fetch(`${bistro.base}/api/v1/admin/menu/items`, { token: bistro.admin,
		json: { name: 'Dish of the house', price: 7, category_id: uuid(category) } });
	assert.equal(made.status, 201, made.text);
	const { order } = await guest.ordered({ items: [{ menu_item_id: made.json.id, quantity: 1 }, await line(who)], order_type: 'pickup', payment_method: 'cash' });
	await bistro.becomes(order.order_number, { pos_state: 'accepted' });
	await bistro.told(order.order_number, /not on its menu: Dish of the house/);
	assert.match(JSON.stringify((await bistro.screen()).get(order.order_number)), /Dish of the house/);
});

each('E22 another sum at the POS than here: staff are told both', async (who) => {
	const { bistro, row } = who;
	await bistro.pos.next(row.differs);
	const order = await placed(who);
	await bistro.told(order.order_number, /another sum/);
	const screen = (await bistro.screen()).get(order.order_number);
	assert.ok(screen, 'it is cooked all the same');
});

each('WH-11 E46 news of an order that is none of ours is taken in and moves nothing', async (who) => {
	const { bistro, row } = who;
	const [path, json] = row.stranger;
	const [{ n: before_n }] = await world.sql(`SELECT COUNT(*) AS n FROM order_status_history`);
	const [{ id: last }] = await world.sql('SELECT COALESCE(MAX(id), 0) AS id FROM webhook_logs');
	const said = await bistro.pos.control(path, { json });
	assert.ok(said.answers.length > 0 && said.answers.every((one) => one.status >= 200 && one.status < 300), JSON.stringify(said.answers));
	await world.until('what came of it', async () => {
		const rows = await world.sql(`SELECT state FROM webhook_logs WHERE id > ${last} AND is_verified = 1`);
		return rows.length > 0 && rows.every((one) => ['parked', 'ignored', 'processed', 'duplicate'].includes(one.state));
	});
	assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM order_status_history`))[0].n, before_n);
});

if (NAMES.includes('clover'))
	test('WH-24 WH-26 SEC-08 one address for all restaurants, one for each; what a call cannot prove is refused (clover)', async () => {
		const { bistro } = at.clover, { authorization } = bistro.provider.pos(world, 0);
		const news = (ts, merchant = bistro.provider.outlet(0)) => ({ appId: 'APP', merchants: { [merchant]: [{ objectId: 'C:CUSTOMER00001', type: 'UPDATE', ts }] } });
		const send = (path, json, code) => world.fetch(path, { method: 'POST', json, headers: code ? { 'x-clover-auth': code } : {} });
		for (const [i, path] of ['/api/webhooks/clover', '/api/webhooks/clover/clover'].entries()) {
			assert.equal((await send(path, news(1 + i), authorization)).status, 200, path);
			assert.equal((await send(path, news(1 + i), authorization)).status, 200, 'told again');
			assert.equal((await send(path, news(1 + i), `${authorization}x`)).status, 401);
			assert.equal((await send(path, news(1 + i))).status, 401);
		}
		assert.equal((await send('/api/webhooks/clover/nowhere', news(9), authorization)).status, 404);
		assert.equal((await send('/api/webhooks/clover/clover', news(9, 'SOMEBODYELSE1'), authorization)).status, 401, 'another merchant\'s');
		assert.equal((await send('/api/webhooks/clover', news(9, 'SOMEBODYELSE1'), authorization)).status, 200, 'of merchants that are none of ours nothing is made');
	});

if (NAMES.includes('clover')) {
	const waiting = (bistro, number, kind) => world.sql(`SELECT m.attempts, m.owner FROM outbox m JOIN orders o ON o.id = m.subject_id
		WHERE m.kind = '${kind}' AND o.restaurant_id = ${bistro.id} AND o.order_number = '${number}'`);
	const OPENING = { like: '/orders/[0-9A-Z]{13}$', method: 'POST' };

	test('POS-10 ORD-30 a draft whose order is cancelled meanwhile is deleted there (clover)', async () => {
		const { bistro, guest } = at.clover;
		await bistro.pos.next({ path: '/bulk_line_items', do: '503', times: 50 });
		const { id, order_number: number } = await place(at.clover);
		const drafts = async () => Object.entries((await bistro.pos.control('/tickets')).orders).filter(([key]) => key.includes(number)).map(([, one]) => one);
		await world.until('a draft', async () => (await drafts()).length > 0);
		assert.ok([200, 202].includes((await guest.cancel(id, 'changed my mind')).status));
		await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
		await world.until('its drafts are deleted', async () => (await drafts()).every((one) => one.deleted), { ms: 40000 });
		await hearing(bistro);
	});

	test('POS-10 POS-21 an order whose opening was in doubt, and its repeat too, is found there and printed, once (clover)', async () => {
		const { bistro } = at.clover;
		await bistro.pos.next({ ...OPENING, do: 'commit_then_drop', times: 2 });
		const { order_number: number } = await place(at.clover);
		await bistro.becomes(number, { pos_state: 'accepted' });
		const [{ is_early }] = await world.sql(`SELECT settled_at > UTC_TIMESTAMP(6) AS is_early FROM orders WHERE restaurant_id = ${bistro.id} AND order_number = '${number}'`);
		assert.equal(Number(is_early), 1, 'nobody waits until what was sent has settled');
		await world.until('it is printed', async () => (await bistro.effects('print_requested', number)).length > 0);
		await quiet(world);
		assert.equal((await bistro.effects('print_requested', number)).length, 1);
		const [{ n }] = await world.sql(`SELECT COUNT(*) AS n FROM order_status_history h JOIN orders o ON o.id = h.order_id
			WHERE o.restaurant_id = ${bistro.id} AND o.order_number = '${number}' AND h.axis = 'pos' AND h.new_status = 'unsure'`);
		assert.equal(Number(n), 1, 'it was in doubt');
	});

	test('POS-10 a print whose answer is lost is looked at, and not made twice (clover)', async () => {
		const { bistro } = at.clover;
		await bistro.pos.next({ path: '/print_event', do: 'commit_then_drop' });
		const { order_number: number } = await placed(at.clover);
		await world.until('it is over', async () => {
			await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_follow' AND owner = 0");
			return (await waiting(bistro, number, 'pos_follow')).length === 0;
		});
		assert.equal((await bistro.effects('print_requested', number)).length, 1);
	});

	test('I2 POS-10 a payment whose answer is lost is looked at, and not made twice (clover)', async () => {
		const { bistro } = at.clover;
		await bistro.pos.next({ path: '/payments', do: 'commit_then_drop' });
		const name = await prepaid(at.clover);
		await world.until('it is over', async () => {
			await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_follow' AND owner = 0");
			return (await waiting(bistro, name.replace(/-2$/, ''), 'pos_follow')).length === 0;
		});
		assert.equal((await bistro.effects('payment_saved', name)).length, 1);
	});
}

test('I1 I2 I3 I4 I5 I7 I8 journals of all three and the database agree', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
});
