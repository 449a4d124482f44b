'use strict';
// The staff's list of orders: whole orders in one request, by every filter, in pages that overlap nowhere and leave nothing out.
// What must be in a list is worked out here, from what was ordered.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Tiffin, said, fields, hex } = require('./tiffin.js');

let world, tiffin, other, all = [];

const list = (query = '', token = tiffin.cook) => tiffin.fetch(`/api/v1/admin/orders${query}`, { token });

// All pages of a query, by this many.
async function pages(query, limit, token) {
	const ids = [];
	let cursor = null;
	for (let n = 0; n < 100; n++) {
		const page = await list(`?limit=${limit}${query ? `&${query}` : ''}${cursor ? `&cursor=${cursor}` : ''}`, token);
		assert.equal(page.status, 200, page.text);
		assert.ok(page.json.orders.length <= limit);
		ids.push(...page.json.orders.map((o) => o.id));
		cursor = page.json.next_cursor;
		if (cursor === null) return ids;
	}
	throw new Error('there is no end');
}

const HOUR = 3600000;
const WAYS = ['confirmed', 'preparing', 'ready', 'out_for_delivery', 'completed', 'cancelled', 'rejected'];

before(async () => {
	world = await World.start({ onboard: false });
	tiffin = await Tiffin.open(world, { settings: { day_starts_at: '04:00' } });
	other = await Tiffin.open(world, { slug: 'elsewhere' });
	const second = await tiffin.bistro.guest();
	await other.order();
	for (let i = 0; i < 21; i++) {
		const status = WAYS[i % 7], guest = i % 4 === 0 ? second : tiffin.guest;
		const type = ['pickup', 'delivery', status === 'out_for_delivery' ? 'delivery' : 'dine_in'][i % 3]; // what is eaten at a table is brought by no rider
		const order = await tiffin.order({ order_type: type, ...(type === 'dine_in' ? { table_number: `T${i}` } : {}), special_instructions: `note ${i}` }, guest);
		const paid = i % 2 === 0 || status === 'completed';
		if (paid) await tiffin.deed(order.id, '/cash-received');
		if (status !== 'confirmed') assert.equal((await tiffin.move(order.id, status)).status, 200);
		// Two hours between one and the next, three of them at the same moment.
		const at = Math.floor(Date.now() / 1000) * 1000 - (i < 3 ? 48 : 44 - 2 * i + 6) * HOUR;
		await world.sql(`UPDATE orders SET created_at = FROM_UNIXTIME(${at / 1000}) WHERE public_id = ${hex(order.id)}`);
		all.push({ ...order, type, status, paid, at, i, phone: guest.phone });
	}
	await world.sql("SET time_zone = '+00:00'");
	for (const o of all) {
		const [{ at, id }] = await world.sql(`SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', created_at) AS at, id FROM orders WHERE public_id = ${hex(o.id)}`);
		Object.assign(o, { at: Number(at) * 1000, no: Number(id) });
	}
	all.sort((a, b) => b.at - a.at || b.no - a.no);
});
after(() => world?.stop());

const ids = (orders) => orders.map((o) => o.id);
const oldest = (orders) => [...orders].reverse();

test('ADM-01 in pages of any size, either way round, each order once', async () => {
	for (const limit of [1, 2, 3, 7, 20, 200]) {
		assert.deepEqual(await pages('', limit), ids(all), `newest first by ${limit}`);
		assert.deepEqual(await pages('sort=oldest', limit), ids(oldest(all)), `oldest first by ${limit}`);
	}
});

test('ADM-01 by status, type, payment and POS, one word or several, and together', async () => {
	const OPEN = ['confirmed', 'preparing', 'ready', 'out_for_delivery'];
	for (const [query, is] of [
		['status=preparing', (o) => o.status === 'preparing'], ['status=ready,cancelled', (o) => ['ready', 'cancelled'].includes(o.status)],
		['status=open', (o) => OPEN.includes(o.status)], ['status=open,completed', (o) => OPEN.includes(o.status) || o.status === 'completed'],
		['order_type=delivery', (o) => o.type === 'delivery'], ['order_type=pickup,dine_in', (o) => o.type !== 'delivery'],
		['payment_status=paid', (o) => o.paid], ['payment_status=pending', (o) => !o.paid], ['payment_status=failed,refunded', () => false],
		['pos_state=not_required', () => true], ['pos_state=failed,manual', () => false],
		['status=open&order_type=delivery&payment_status=pending', (o) => OPEN.includes(o.status) && o.type === 'delivery' && !o.paid],
	])
		for (const limit of [2, 50]) {
			assert.deepEqual(await pages(query, limit), ids(all.filter(is)), query);
			assert.deepEqual(await pages(`${query}&sort=oldest`, limit), ids(oldest(all.filter(is))), `${query}, the kitchen's way`);
		}
});

test('ADM-01 by moments, and by business days that begin at four in the morning', async () => {
	const stamp = (ms) => encodeURIComponent(new Date(ms).toISOString());
	const from = all[12].at, to = all[4].at;
	assert.deepEqual(await pages(`since=${stamp(from)}`, 3), ids(all.filter((o) => o.at >= from)), 'then or later');
	assert.deepEqual(await pages(`until=${stamp(to)}`, 3), ids(all.filter((o) => o.at < to)), 'before');
	assert.deepEqual(await pages(`since=${stamp(from)}&until=${stamp(to)}&sort=oldest`, 2), ids(oldest(all.filter((o) => o.at >= from && o.at < to))));
	// Four hours and half past five behind Greenwich: a day of the tiffin begins 22:30 the evening before.
	const dayOf = (ms) => new Date(ms + 5.5 * HOUR - 4 * HOUR).toISOString().slice(0, 10);
	const days = [...new Set(all.map((o) => dayOf(o.at)))];
	assert.ok(days.length >= 2, 'they are of several days');
	for (const day of days) {
		assert.deepEqual(await pages(`from=${day}&to=${day}`, 4), ids(all.filter((o) => dayOf(o.at) === day)), day);
		assert.deepEqual(await pages(`from=${day}`, 50), ids(all.filter((o) => dayOf(o.at) >= day)), `from ${day}`);
		assert.deepEqual(await pages(`to=${day}`, 50), ids(all.filter((o) => dayOf(o.at) <= day)), `to ${day}`);
	}
	assert.deepEqual(await pages('from=2031-01-01', 5), []);
});

test('ADM-01 by number, and by the last digits of it or of a telephone', async () => {
	const some = all[5];
	assert.deepEqual(await pages(`search=${some.order_number}`, 5), [some.id]);
	const sequence = some.order_number.slice(-3);
	assert.deepEqual((await pages(`search=${sequence}`, 50)).filter((id) => id === some.id), [some.id]);
	for (const guest of new Set(all.map((o) => o.phone))) {
		const tail = guest.slice(-4);
		const want = ids(all.filter((o) => o.phone.endsWith(tail) || o.order_number.endsWith(tail)));
		assert.deepEqual(await pages(`search=${tail}`, 3), want, 'the kitchen by the four that it sees');
		assert.deepEqual(await pages(`search=${encodeURIComponent(guest)}`, 50, tiffin.admin), ids(all.filter((o) => o.phone === guest)));
		assert.deepEqual(await pages(`search=${guest.slice(-8)}`, 50), [], 'and cannot feel its way to the rest');
	}
	const old = all.at(-1);
	await world.sql(`UPDATE orders SET created_at = created_at - INTERVAL 30 DAY WHERE public_id = ${hex(old.id)}`);
	assert.ok(!(await pages(`search=${old.order_number.slice(-3)}`, 50)).includes(old.id), 'digits are looked for in the last week');
	assert.ok((await pages(`search=${old.order_number.slice(-3)}&since=2020-01-01T00:00:00Z`, 50)).includes(old.id), 'or as far back as one says');
	assert.deepEqual(await pages(`search=${old.order_number}`, 50), [old.id], 'a whole number is found however old');
	await world.sql(`UPDATE orders SET created_at = created_at + INTERVAL 30 DAY WHERE public_id = ${hex(old.id)}`);
});

test('ADM-01 what is not paid for yet is not the kitchen\'s, unless it asks', async () => {
	const [hidden] = all;
	await world.sql(`UPDATE orders SET released_at = NULL WHERE public_id = ${hex(hidden.id)}`);
	const rest = all.slice(1);
	assert.deepEqual(await pages('', 50), ids(rest));
	assert.deepEqual(await pages('released=true', 50), ids(rest));
	assert.deepEqual(await pages('released=false', 50), [hidden.id]);
	assert.deepEqual(await pages('released=any', 50), ids(all));
	await world.sql(`UPDATE orders SET released_at = created_at WHERE public_id = ${hex(hidden.id)}`);
});

test('ADM-01 by who brings it, of open orders', async () => {
	const rider = await tiffin.hire('Ravi');
	const open = all.filter((o) => o.type === 'delivery' && ['confirmed', 'preparing', 'ready'].includes(o.status));
	const under = all.filter((o) => o.type === 'delivery' && ['confirmed', 'preparing', 'ready', 'out_for_delivery'].includes(o.status));
	assert.ok(open.length >= 2);
	await tiffin.assign(open[0].id, rider);
	await tiffin.assign(open[1].id, rider);
	await tiffin.ride(rider, open[1].id, { status: 'picked_up' });
	assert.deepEqual(await pages('delivery=assigned', 1), [open[0].id]);
	assert.deepEqual(await pages('delivery=picked_up', 1), [open[1].id]);
	assert.deepEqual(await pages('delivery=unassigned', 1), ids(under.filter((o) => o !== open[0] && o !== open[1])));
	assert.deepEqual(await pages('delivery=stranded', 1), []);
	open[1].status = 'out_for_delivery';
});

test('ADM-01 a kitchen\'s screen needs no second request', async () => {
	const page = (await list('?status=open&sort=oldest')).json;
	for (const order of page.orders) {
		const placed = all.find((o) => o.id === order.id);
		const alone = (await tiffin.fetch(`/api/v1/admin/orders/${order.id}`, { token: tiffin.cook })).json.order;
		delete alone.history;
		assert.deepEqual(order, alone, 'as it is when one looks at it alone');
		assert.equal(order.special_instructions, `note ${placed.i}`);
		assert.equal(order.table_number, placed.type === 'dine_in' ? `T${placed.i}` : null);
		assert.equal(order.customer_phone, `******${placed.phone.slice(-4)}`);
	}
	assert.equal((await list('?limit=1', tiffin.admin)).json.orders[0].customer_phone, all[0].phone);
});

test('ADM-01 lines, sizes, extras and taxes of a page are each order\'s own', async () => {
	const bistro = await Bistro.open(world, { slug: 'bistro' });
	const guest = await bistro.guest();
	for (let i = 0; i < 8; i++) await guest.ordered(bistro.cart(bistro.lines(1 + (i * 5) % 7)));
	const page = (await world.fetch('/r/bistro/api/v1/admin/orders', { token: bistro.cook })).json;
	assert.equal(page.orders.length, 8);
	for (const order of page.orders) {
		const mine = (await guest.order(order.id)).json.order;
		assert.deepEqual(order.items, mine.items, order.order_number);
	}
	assert.ok(page.orders.some((o) => o.items.some((line) => line.addons.length > 0)) && page.orders.some((o) => o.items.some((line) => line.taxes.length > 0)));
});

test('ADM-01 PERF-01 a page is read in as many statements for fifty orders as for one', async () => {
	const count = async (limit) => {
		const asked = () => world.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'").then(([row]) => Number(row.Value));
		const begun = await asked();
		assert.equal((await list(`?limit=${limit}`)).status, 200);
		return await asked() - begun;
	};
	await count(1);
	const alone = Math.min(await count(1), await count(1)), many = Math.min(await count(20), await count(20), await count(20));
	assert.ok(many <= alone + 3, `${alone} for one, ${many} for twenty`); // others' runners ask meanwhile
});

test('ADM-01 ERR-02 what no list is made of', async () => {
	const foreign = (await other.order()).id;
	for (const [query, field] of [
		['status=eaten', 'status'], ['status=', 'status'], ['status=ready,', 'status'], ['status=,ready', 'status'], ['status=ready;cancelled', 'status'], ['order_type=drone', 'order_type'],
		['payment_status=free', 'payment_status'], ['pos_state=asleep', 'pos_state'], ['released=maybe', 'released'], ['delivery=lost', 'delivery'], ['sort=price', 'sort'],
		['limit=0', 'limit'], ['limit=201', 'limit'], ['limit=1e2', 'limit'], ['since=yesterday', 'since'], ['until=2026-13-01T00:00:00Z', 'until'], ['since=2026-02-13', 'since'],
		['from=2026-02-30', 'from'], ['from=13.02.2026', 'from'], ['to=x', 'to'], ['from=2026-02-13&since=2026-02-13T00:00:00Z', 'from'], ['search=4', 'search'], ['search=', 'search'],
		['search=abc', 'search'], ['search=ORD-%C3%A9', 'search'], ['search=ORD-abc', 'search'], ['search=%25', 'search'], ['search=12345678901234567', 'search'], ['cursor=x', 'cursor'], [`cursor=${crypto.randomUUID()}`, 'cursor'],
		[`cursor=${foreign}`, 'cursor'], ['from=2026-02-13&to=2026-02-12', 'to'], ['since=2026-02-13T00:00:01Z&until=2026-02-13T00:00:00Z', 'until'], ['form=2026-02-13', 'form'],
	]) {
		const answer = await list(`?${query}`);
		assert.equal(said(answer), '400 VALIDATION_ERROR', `${query}: ${answer.text}`);
		assert.deepEqual(fields(answer), [field], query);
	}
	for (const query of ['from=2026-02-13&to=2026-02-13', 'since=2026-02-13T00:00:00Z&until=2026-02-13T00:00:00Z']) assert.equal(said(await list(`?${query}`)), '200', query);
	assert.equal(said(await list('?status=ready&status=cancelled')), '400 VALIDATION_ERROR');
});

test('ADM-01 S01 S03 who may, and only their own restaurant\'s', async () => {
	assert.equal((await list('', tiffin.guest.token)).status, 403);
	assert.equal((await list('', undefined)).status, 200, 'by default the cook');
	assert.equal((await tiffin.fetch('/api/v1/admin/orders')).status, 401);
	assert.equal((await list('', (await tiffin.hire('Ravi')).token)).status, 403);
	assert.equal((await list('', other.admin)).status, 403);
	const theirs = (await other.fetch('/api/v1/admin/orders?released=any', { token: other.admin })).json.orders.map((o) => o.id);
	assert.ok(theirs.length >= 1 && theirs.every((id) => !all.some((o) => o.id === id)));
	assert.deepEqual(await pages('released=any', 50, (await tiffin.platform()).token), ids(all), 'the platform sees them all');
});
