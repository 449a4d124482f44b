'use strict';
// The menu under many hands at once: staff, the POS's imports and stock calls, guests who read and order. Nobody reads or pays what
// was before an answer that somebody has already, nobody undoes another unawares, and nobody meets a deadlock.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Frost } = require('./frost.js');
const { check, quiet } = require('./check.js');

const MS = Number(process.env.S ?? 4) * 1000;
let world, bistro, frost, guest;

before(async () => {
	world = await World.start({ onboard: false, workers: 4, crash: true, env: { RELAY_POLL_MS: '50', BACKOFF_MS: '100' } });
	bistro = await Bistro.open(world);
	frost = new Frost(world);
	guest = await bistro.guest();
	await quiet(world);
});
after(() => world?.stop());

const say = (method, at, json, headers) => world.fetch(`${bistro.base}/api/v1/admin${at}`, { method, token: bistro.admin, headers, ...(json === undefined ? {} : { json }) });
async function good(method, at, json, status = { POST: 201, DELETE: 204 }[method] ?? 200) {
	const answer = await say(method, at, json);
	assert.equal(answer.status, status, `${method} ${at}: ${answer.text}`);
	return answer.json;
}
const version = async () => Number((await world.sql(`SELECT menu_version AS v FROM restaurant_counters WHERE restaurant_id = ${bistro.id}`))[0].v);
const all = (n, fn) => Promise.all(Array.from({ length: n }, (_, i) => fn(i)));

async function dish(price, more = {}) {
	const category = await good('POST', '/menu/categories', { name: `Races ${Math.random()}` });
	const wish = { name: 'Racer', price, category_id: category.id, ...more };
	return { ...await good('POST', '/menu/items', wish), wish };
}

test('D9 MENU-09 ADM-09 what was answered is what everybody reads next, whichever worker they ask', async () => {
	const { id, wish } = await dish(1000);
	let least = 1000, reads = 0, isOver = false;
	// Readers all the time, so that every worker of the pool has some menu or other in memory.
	const readers = all(6, async (i) => {
		while (!isOver) {
			const floor = least;
			const answer = await guest.fetch(i % 2 ? `/api/v1/menu/items/${id}` : '/api/v1/menu/items');
			const { price } = i % 2 ? answer.json : answer.json.items.find((one) => one.id === id);
			assert.ok(price >= floor, `${price} was read after ${floor} was answered`);
			reads++;
		}
	});
	for (let price = 1001; price <= 1040; price++) {
		await good('PUT', `/menu/items/${id}`, { ...wish, price });
		least = price;
	}
	isOver = true;
	await readers;
	assert.ok(reads > 80, `${reads} reads`);
});

test('D9 ORD-04 ADM-09 an order that was priced by the old menu is priced again: the total is the new one, or it is refused', async () => {
	const { id, wish } = await dish(100);
	const cart = { items: [{ menu_item_id: id, quantity: 1 }], order_type: 'pickup', payment_method: 'cash' };
	const overtaken = async (change) => {
		const { pid } = world.child('orders');
		const frozen = () => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').find((one) => /\) T /.test(fs.readFileSync(`/proc/${one}/stat`, 'latin1')));
		frost.arm('orders', 'order_place.before_counter');
		const said = guest.place(cart);
		const held = Number(await world.until('a frozen worker', frozen, { every: 5 }));
		try {
			await change();
		} finally {
			process.kill(held, 'SIGCONT');
		}
		return said;
	};
	const dearer = await overtaken(() => good('PUT', `/menu/items/${id}`, { ...wish, price: 130 }));
	assert.deepEqual([dearer.status, dearer.json.order?.total], [201, 130], dearer.text);
	const gone = await overtaken(() => good('PATCH', `/menu/items/${id}/availability`, { is_available: false }));
	assert.equal(`${gone.status} ${gone.json.error?.code}`, '409 ITEM_UNAVAILABLE');
	await good('PATCH', `/menu/items/${id}/availability`, { is_available: true });
	const tax = await good('POST', '/taxes', { name: 'T', kind: 'percent', percent: '10' });
	const taxed = await overtaken(() => good('PUT', `/menu/items/${id}`, { ...wish, price: 130, tax_ids: [tax.id] }));
	assert.equal(taxed.json.order.total, 143);
	const deleted = await overtaken(() => good('DELETE', `/menu/items/${id}`));
	assert.equal(`${deleted.status} ${deleted.json.error?.details.unavailable?.[0].cause}`, '409 gone');
});

test('ADM-09 of twenty who edit what they have all read one is taken, and nineteen are told', async () => {
	const { id, wish } = await dish(10);
	for (let round = 0; round < 5; round++) {
		const { etag } = (await say('GET', `/menu/items/${id}`)).headers;
		const was = await version();
		const answers = await all(20, (i) => say('PUT', `/menu/items/${id}`, { ...wish, price: 20 + round * 100 + i }, { 'if-match': etag }));
		assert.deepEqual(answers.map((one) => one.status).sort(), [200, ...Array(19).fill(412)]);
		assert.equal((await good('GET', `/menu/items/${id}`)).price, answers.find((one) => one.status === 200).json.price);
		assert.equal(await version(), was + 1);
	}
});

test('DB-26 ADM-11 of twenty categories of one name one is made', async () => {
	const answers = await all(20, () => say('POST', '/menu/categories', { name: 'The one' }));
	assert.deepEqual(answers.map((one) => one.status).sort(), [201, ...Array(19).fill(409)]);
	assert.equal((await world.sql("SELECT COUNT(*) AS n FROM categories WHERE name = 'The one'"))[0].n, '1');
});

test('ADM-09 F12 F32 I7 staff, imports, stock calls, returns and orders at once: no deadlock, no 5xx, each change one version', async (t) => {
	const calm = await world.deadlocks(), end = Date.now() + MS, was = await version();
	const group = await good('POST', '/menu/addon-groups', { name: 'Racing', addon_items: [{ name: 'A', price: 1 }, { name: 'B', price: 2 }] });
	const tax = await good('POST', '/taxes', { name: 'Racing', kind: 'percent', percent: '1' });
	const category = await good('POST', '/menu/categories', { name: 'Racing' });
	const tikka = bistro.items.get('10464009');
	const bad = [];
	const done = { edits: 0, orders: 0, refused: 0, pushes: 0, stock: 0 };
	const during = (n, fn) => all(n, async (i) => {
		for (let k = 0; Date.now() < end; k++) await fn(i, k).catch((error) => bad.push(error.message));
	});
	const took = (answer, ...wanted) => {
		if (!wanted.includes(answer.status)) bad.push(`${answer.status} ${answer.text}`);
		return wanted.includes(answer.status);
	};
	await Promise.all([
		during(3, async (i, k) => {
			const wish = { name: `R${i}`, price: 0, category_id: category.id, tax_ids: [tax.id], addon_groups: [{ id: group.id, max: 1 }], variations: [{ name: 'S', price: 5 }, { name: 'L', price: 9, addon_groups: [{ id: group.id }] }] };
			const made = await say('POST', '/menu/items', wish);
			if (!took(made, 201)) return;
			took(await say('PUT', `/menu/items/${made.json.id}`, { ...wish, price: 3, variations: [{ id: made.json.variations[k % 2].id, name: 'M', price: 7 }, { name: 'XL', price: 11 }] }), 200);
			took(await say('DELETE', `/menu/items/${made.json.id}`), 204);
			done.edits += 3;
		}),
		during(1, async (i, k) => {
			took(await say('PUT', `/menu/items/${tikka}`, { name: 'Paneer Tikka', price: 240 + (k % 7), category_id: category.id }), 200);
			took(await say('POST', `/menu/items/${tikka}/unlock`, {}), 200);
			took(await say('PUT', `/menu/addon-groups/${group.id}`, { name: 'Racing', addon_items: [{ id: group.addon_items[0].id, name: `A${k}`, price: k % 5 }, { name: `C${k}`, price: 1 }] }), 200);
			took(await say('PUT', `/taxes/${tax.id}`, { name: 'Racing', kind: 'percent', percent: String(k % 9) }), 200);
			done.edits += 4;
		}),
		during(2, async (i, k) => {
			const until = new Date(Date.now() + 1000).toISOString();
			took(await say('PATCH', '/menu/availability', { is_available: k % 2 === 1, ...(k % 2 ? {} : { until }), items: [bistro.items.get('10464024'), bistro.items.get('10464027')] }), 200);
			done.edits++;
		}),
		during(1, async (i, k) => {
			const doc = structuredClone(bistro.doc);
			doc.items[k % doc.items.length].price = `${100 + k}.00`;
			await bistro.pos.control('/push-menu', { json: { menu: doc } });
			done.pushes++;
			await new Promise((resolve) => setTimeout(resolve, 30));
		}),
		during(2, async (i, k) => {
			await bistro.pos.control('/stock', { json: { itemID: ['10464025', '10464026'], inStock: k % 2 === 1 } });
			done.stock++;
		}),
		during(8, async () => {
			const answer = await guest.place(bistro.cart(bistro.lines()));
			if (took(answer, 201, 409)) done[answer.status === 201 ? 'orders' : 'refused']++;
		}),
		during(2, async () => {
			took(await guest.fetch('/api/v1/menu/items'), 200);
			took(await say('GET', '/menu/items?limit=200&search=a'), 200);
		}),
	]);
	t.diagnostic(JSON.stringify(done));
	assert.deepEqual(bad.slice(0, 5), []);
	assert.ok(done.edits > 20 && done.orders > 5 && done.pushes > 2, JSON.stringify(done));
	await quiet(world, 60000);
	await world.noDeadlockSince(calm);
	assert.ok(await version() - was >= done.edits / 2);
	// Every order's total is that of the version it names: lines, charges and taxes add up to it.
	const [{ n }] = await world.sql('SELECT COUNT(*) AS n FROM orders o WHERE total_minor <> subtotal_minor + tax_minor + packing_minor + delivery_charge_minor + tip_minor');
	assert.equal(n, '0');
	assert.deepEqual(await check(world), []);
});

test('I6 ADM-09 a worker that dies in the middle of an edit has done nothing of it, or all', async () => {
	const { id, wish, variations } = await dish(0, { variations: [{ name: 'S', price: 5 }] });
	for (const point of ['menu_edit.links_written', 'menu_edit.before_version', 'event.before_counter', 'db.before_commit', 'db.after_commit']) {
		const was = await good('GET', `/menu/items/${id}`), v = await version();
		frost.arm('catalog', point, { what: 'kill' });
		const answer = await say('PUT', `/menu/items/${id}`, { ...wish, name: point, variations: [{ id: variations[0].id, name: 'S', price: was.variations[0].price + 1 }, { name: point, price: 3 }] });
		assert.equal(answer.status, 503, point);
		const now = await world.until('another worker', async () => { const one = await say('GET', `/menu/items/${id}`); return one.status === 200 && one.json; });
		if (point === 'db.after_commit') assert.deepEqual([now.name, now.variations.length, await version()], [point, was.variations.length + 1, v + 1]);
		else assert.deepEqual([now, await version()], [was, v], point);
	}
});

test('I6 ADM-08 ADM-11 what is made under one Idempotency-Key is made once, however often and at once it is asked', async () => {
	const { category } = await dish(10);
	const wishes = { '/menu/items': { name: 'Once', price: 5, category_id: category.id, variations: [{ name: 'S', price: 1 }] }, '/menu/categories': { name: 'Once' }, '/menu/addon-groups': { name: 'Once', addon_items: [{ name: 'A', price: 1 }] },
		'/taxes': { name: 'Once', kind: 'percent', percent: '1' } };
	for (const [at, wish] of Object.entries(wishes)) {
		const key = { 'idempotency-key': `once${at}` };
		const answers = await all(12, () => say('POST', at, wish, key));
		const made = answers.filter((one) => one.status === 201);
		assert.deepEqual(answers.filter((one) => one.status !== 201).map((one) => `${one.status} ${one.json.error.code}`).filter((one) => one !== '409 IDEMPOTENCY_IN_PROGRESS'), []);
		const again = await say('POST', at, wish, key);
		for (const one of [...made, again]) assert.deepEqual([one.status, one.text, one.headers.etag, one.headers.location], [201, made[0].text, made[0].headers.etag, made[0].headers.location], at);
		assert.equal(again.headers['idempotent-replayed'], 'true');
		assert.equal(made.filter((one) => one.headers['idempotent-replayed'] === undefined).length, 1);
		assert.equal(again.headers.location, `${bistro.base}/api/v1/admin${at}/${again.json.id}`);
		assert.equal((await world.fetch(again.headers.location, { token: bistro.admin })).status, 200, 'there it is');
		const read = await say('GET', `${at}/${again.json.id}`);
		assert.deepEqual([read.text, read.headers.etag], [again.text, again.headers.etag], 'its ETag is what a GET gives');
		const other = await say('POST', at, { ...wish, name: 'Twice' }, key);
		assert.equal(`${other.status} ${other.json.error.code}`, '422 IDEMPOTENCY_MISMATCH');
	}
	for (const table of ['items', 'categories', 'addon_groups', 'taxes']) assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM ${table} WHERE name = 'Once'`))[0].n, '1', table);
	const refused = await say('POST', '/menu/categories', { name: 'Once' }, { 'idempotency-key': 'taken' });
	assert.equal(refused.status, 409);
	await good('DELETE', `/menu/categories/${(await say('POST', '/menu/categories', { name: 'Once' }, { 'idempotency-key': 'once/menu/categories' })).json.id}`);
	assert.equal((await say('POST', '/menu/categories', { name: 'Once' }, { 'idempotency-key': 'taken' })).status, 201, 'a refusal is not kept');
	// Who dies before the answer: the same again is the same thing.
	for (const point of ['db.before_commit', 'db.after_commit']) {
		frost.arm('catalog', point, { what: 'kill' });
		const ask = () => say('POST', '/taxes', { name: point, kind: 'fixed', amount: 1 }, { 'idempotency-key': point });
		assert.equal((await ask()).status, 503);
		await world.until('an answer', async () => (await ask()).status === 201);
		assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM taxes WHERE name = '${point}'`))[0].n, '1', point);
	}
});
