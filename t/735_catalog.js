'use strict';
// The menu as staff see and change it: what they make is what guests read and order next, whoever of the workers answers.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');

const NOBODYS = '0190163d-8694-739b-aea5-966c26f8ad02';
const MENU = '/api/v1/admin/menu';
let world, bistro, other, guest;

before(async () => {
	world = await World.start({ onboard: false, workers: 3, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { pos: false });
	other = await Bistro.open(world, { slug: 'other', pos: false });
	guest = await bistro.guest();
});
after(() => world?.stop());

// What an admin of the bistro says; at is below its /api/v1/admin.
const say = (method, at, json, more = {}) => world.fetch(`${(more.of ?? bistro).base}/api/v1/admin${at}`,
	{ method, token: (more.of ?? bistro).admin, ...(json === undefined ? {} : { json }), ...more });

async function good(method, at, json, status = { POST: 201, DELETE: 204 }[method] ?? 200, more) {
	const answer = await say(method, at, json, more);
	assert.equal(answer.status, status, `${method} ${at}: ${answer.text}`);
	return answer.json;
}

const code = (answer) => `${answer.status} ${answer.json?.error?.code}`;
const fields = (answer) => (answer.json.error.details.fields ?? []).map((one) => one.field);

// The guest's menu, asked more often than there are workers: all of them agree.
async function menu(query = '', who = guest) {
	const answers = [];
	for (let i = 0; i < 6; i++) answers.push(await who.fetch(`/api/v1/menu/items${query}`));
	for (const one of answers) {
		assert.equal(one.status, 200, one.text);
		assert.equal(one.text, answers[0].text, 'two workers differ');
		assert.equal(one.headers.etag, answers[0].headers.etag);
	}
	return { ...answers[0].json, etag: answers[0].headers.etag, of: (id) => answers[0].json.items.find((item) => item.id === id) };
}

const version = async (of = bistro) => Number((await world.sql(`SELECT menu_version AS v FROM restaurant_counters WHERE restaurant_id = ${of.id}`))[0].v);
const audits = (action) => world.sql(`SELECT actor, subject, detail FROM audit_log WHERE restaurant_id = ${bistro.id} AND action = '${action}' ORDER BY id`);

// A menu of one dish in two sizes with cheese and two taxes; answers what was made.
async function small(of = bistro, more = {}) {
	const category = await good('POST', '/menu/categories', { name: `Pizza ${Math.random()}`, display_order: 1 }, 201, { of });
	const group = await good('POST', '/menu/addon-groups', { name: 'Cheese', addon_items: [{ name: 'Cheddar', price: 30 }, { name: 'Feta', price: '40.50' }] }, 201, { of });
	const tax = await good('POST', '/taxes', { name: 'CGST', kind: 'percent', percent: '2.5' }, 201, { of });
	const wish = {
		name: 'Margherita', description: 'Tomato, basil', price: 0, category_id: category.id, is_veg: true, time_slots: [], tax_ids: [tax.id],
		packing_charge: 5, order_types: ['pickup', 'delivery'], tax_inclusive: false, image_url: 'https://img.example/m.png',
		addon_groups: [{ id: group.id, min: 0, max: 2 }],
		variations: [{ name: 'Small', price: 200 }, { name: 'Large', price: 350, packing_charge: 5, addon_groups: [{ id: group.id, min: 1, max: 1 }] }], ...more,
	};
	const item = await good('POST', '/menu/items', wish, 201, { of });
	return { category, group, tax, item, wish };
}

test('ADM-08 MENU-04 MENU-08 an item with sizes, extras, taxes and packing is made, shown and ordered', async () => {
	const was = await version();
	const { category, group, tax, item } = await small();
	assert.deepEqual([item.name, item.price, item.is_veg, item.diet, item.is_available, item.is_active, item.tax_ids, item.order_types, item.external_id, item.locked_fields],
		['Margherita', 0, true, 'veg', true, true, [tax.id], ['delivery', 'pickup'], null, []]);
	assert.deepEqual(item.category, { id: category.id, name: category.name });
	assert.deepEqual(item.variations.map((v) => [v.name, v.price, v.packing_charge, v.is_active, v.addon_groups.map((g) => [g.id, g.min, g.max])]),
		[['Small', 200, 0, true, []], ['Large', 350, 5, true, [[group.id, 1, 1]]]]);
	assert.deepEqual(item.addon_groups.map((g) => [g.id, g.min, g.max, g.addon_items.map((a) => [a.name, a.price])]), [[group.id, 0, 2, [['Cheddar', 30], ['Feta', 40.5]]]]);
	assert.equal(await version(), was + 4, 'each change is one version');
	const shown = (await menu()).of(item.id);
	assert.deepEqual(shown.variations.map((v) => v.name), ['Small', 'Large']);
	assert.deepEqual(shown.addon_groups[0].addon_items.map((a) => a.price), [30, 40.5]);
	const line = { menu_item_id: item.id, variation_id: item.variations[0].id, quantity: 2, addons: [{ addon_item_id: group.addon_items[0].id, quantity: 1 }] };
	const { order } = await guest.ordered({ items: [line], order_type: 'pickup', payment_method: 'cash' });
	assert.equal(order.total, 471.5, '2 x (200 + 30), 2.5 %, no packing for the small one');
	const [row] = await audits('menu.item.create');
	assert.equal(row.actor, 'staff:bistro-admin');
	assert.equal(row.subject, item.id);
});

test('ADM-07 all items, in pages, by category, activity and words in any case and script', async () => {
	const category = await good('POST', '/menu/categories', { name: 'Page' });
	const names = ['Café au lait', 'CAFÉ GLACÉ', 'पनीर टिक्का', 'Tea', 'cafe crema', 'Iced tea'];
	const ids = [];
	for (const name of names) ids.push((await good('POST', '/menu/items', { name, price: 10, category_id: category.id, description: name === 'Tea' ? 'no café here' : null })).id);
	await good('DELETE', `/menu/items/${ids[4]}`);
	await good('PATCH', `/menu/items/${ids[5]}/availability`, { is_available: false });
	const of = `category_id=${category.id}`;
	const all = async (query) => {
		const found = [];
		let cursor = '';
		do {
			const page = await good('GET', `/menu/items?${query}${cursor}`);
			found.push(...page.items);
			cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : '';
		} while (cursor);
		return found.map((item) => item.name);
	};
	for (const limit of [1, 2, 4, 6, 200]) assert.deepEqual(await all(`${of}&limit=${limit}`), names, `pages of ${limit}`);
	assert.deepEqual(await all(`${of}&active=true`), names.filter((one) => one !== 'cafe crema'));
	assert.deepEqual(await all(`${of}&active=false`), ['cafe crema']);
	assert.deepEqual(await all(`${of}&search=cafe&limit=2`), ['Café au lait', 'CAFÉ GLACÉ', 'Tea', 'cafe crema']);
	assert.deepEqual(await all(`${of}&search=${encodeURIComponent('CAFÉ')}&active=true`), ['Café au lait', 'CAFÉ GLACÉ', 'Tea']);
	assert.deepEqual(await all(`${of}&search=${encodeURIComponent('टिक्का')}`), ['पनीर टिक्का']);
	assert.deepEqual(await all(`${of}&search=`), names);
	assert.deepEqual(await all(`${of}&search=nothing`), []);
	const sold = (await good('GET', `/menu/items?${of}&search=iced`)).items[0];
	assert.deepEqual([sold.is_available, sold.is_active], [false, true], 'what is sold out is there');
	const here = await menu(`?${of}`);
	assert.deepEqual([here.total, here.items.map((item) => item.name).sort()], [5, names.filter((one) => one !== 'cafe crema').sort()]);
	assert.equal(here.of(ids[5]).is_available, false);
	for (const [query, field] of [['limit=0', 'limit'], ['limit=201', 'limit'], ['active=maybe', 'active'], ['cursor=x', 'cursor'], [`cursor=${NOBODYS}`, 'cursor'], [`search=${'x'.repeat(101)}`, 'search'], ['category_id=7', 'category_id']]) {
		const answer = await say('GET', `/menu/items?${query}`);
		assert.equal(code(answer), '400 VALIDATION_ERROR', query);
		assert.deepEqual(fields(answer), [field]);
	}
});

test('ADM-07 a search that finds little comes in pages all the same, each after a bounded look', async () => {
	const category = await good('POST', '/menu/categories', { name: 'Many' });
	const [{ id }] = await world.sql(`SELECT id FROM categories WHERE public_id = UNHEX('${category.id.replaceAll('-', '')}')`);
	await world.sql(`INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at)
		SELECT UNHEX(MD5(CONCAT('many', seq))), ${bistro.id}, ${id}, IF(seq IN (1, 2500), 'needle', 'hay'), 1, NOW(6), NOW(6) FROM seq_1_to_2600`);
	const pages = [];
	for (let cursor = ''; cursor !== null;) {
		const page = await good('GET', `/menu/items?category_id=${category.id}&search=needle${cursor}`);
		pages.push(page.items.length);
		cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : null;
	}
	assert.deepEqual([pages.reduce((a, b) => a + b), pages.length], [2, 2], `${pages}`);
	await world.sql(`DELETE FROM items WHERE category_id = ${id}`);
});

test('ADM-09 MENU-08 an item is replaced whole: ids that are given are kept, others go, new ones are made', async () => {
	const { group, item, wish } = await small();
	const [smallSize, large] = item.variations;
	const other_group = await good('POST', '/menu/addon-groups', { name: 'Crust', addon_items: [{ name: 'Thin', price: 0 }] });
	const now = await good('PUT', `/menu/items/${item.id}`, {
		...wish, name: ' Margherita   DOP ', price: '0.00', description: null, time_slots: ['lunch'], tax_ids: [], is_veg: false, tax_inclusive: true,
		addon_groups: [{ id: other_group.id, min: 1, max: 1 }, { id: group.id }],
		variations: [{ id: large.id, name: 'Huge', price: 400.25, addon_groups: [] }, { name: 'Tiny', price: 99 }],
	});
	assert.deepEqual([now.id, now.name, now.description, now.time_slots, now.tax_ids, now.diet, now.is_veg, now.tax_inclusive], [item.id, 'Margherita DOP', null, ['lunch'], [], 'non_veg', false, true]);
	assert.deepEqual(now.addon_groups.map((g) => [g.id, g.min, g.max]), [[other_group.id, 1, 1], [group.id, 0, 0]], 'in the order in which they were sent');
	const of = (name) => now.variations.find((v) => v.name === name);
	assert.deepEqual([of('Huge').id, of('Huge').price, of('Huge').is_active, of('Huge').addon_groups], [large.id, 400.25, true, []]);
	assert.deepEqual([of('Small').id, of('Small').is_active], [smallSize.id, false]);
	assert.ok(![smallSize.id, large.id].includes(of('Tiny').id));
	assert.deepEqual((await menu()).of(item.id).variations.map((v) => v.name).sort(), ['Huge', 'Tiny']);
	assert.deepEqual(await good('GET', `/menu/items/${item.id}`), now);
	const refused = await guest.place({ items: [{ menu_item_id: item.id, variation_id: smallSize.id, quantity: 1 }], order_type: 'pickup', payment_method: 'cash' });
	assert.equal(code(refused), '409 ITEM_UNAVAILABLE', 'a size that is gone');
	const back = await good('PUT', `/menu/items/${item.id}`, { name: 'M', price: 5, category_id: wish.category_id, variations: [{ id: smallSize.id, name: 'Small', price: 200 }] });
	assert.deepEqual(back.variations.filter((v) => v.is_active).map((v) => v.id), [smallSize.id], 'one that was gone comes back by its id');
	assert.deepEqual([back.time_slots, back.tax_inclusive, back.addon_groups.length, back.diet], [['lunch'], true, 2, 'non_veg'], 'what is not sent stays');
	const egg = await good('PUT', `/menu/items/${item.id}`, { name: 'M', price: 5, category_id: wish.category_id, diet: 'egg' });
	assert.deepEqual([egg.diet, egg.is_veg], ['egg', false]);
	assert.equal((await good('PUT', `/menu/items/${item.id}`, { name: 'M', price: 5, category_id: wish.category_id, is_veg: false })).diet, 'egg', 'is_veg is the coarse word');
});

test('ADM-09 D9 nothing different: nothing is written, no version, no audit', async () => {
	const { item, wish, category, group, tax } = await small();
	const was = await version(), said = (await audits('menu.item.update')).length;
	const same = await say('PUT', `/menu/items/${item.id}`, { ...wish, variations: item.variations.map((v) => ({ id: v.id, name: v.name, price: v.price })) });
	assert.deepEqual(same.json, item);
	await good('PUT', `/menu/categories/${category.id}`, { name: category.name });
	await good('PUT', `/menu/addon-groups/${group.id}`, { name: group.name, addon_items: group.addon_items.map((a) => ({ id: a.id, name: a.name, price: a.price })) });
	await good('PUT', `/taxes/${tax.id}`, { name: tax.name, kind: 'percent', percent: '2.50' });
	await good('PATCH', `/menu/items/${item.id}/availability`, { is_available: true });
	assert.deepEqual([await version(), (await audits('menu.item.update')).length], [was, said]);
});

test('ADM-09 an edit names what it was made of: 412 when that, or what belongs to it, has changed', async () => {
	const { item, wish, group } = await small();
	const read = await say('GET', `/menu/items/${item.id}`);
	const { etag } = read.headers;
	assert.equal((await say('GET', `/menu/items/${item.id}`, undefined, { headers: { 'if-none-match': etag } })).status, 304);
	assert.equal(read.headers['cache-control'], 'private, no-cache');
	const put = (tag, json = wish) => say('PUT', `/menu/items/${item.id}`, json, { headers: { 'if-match': tag } });
	assert.equal(code(await put('"x"')), '412 PRECONDITION_FAILED');
	assert.equal(code(await put(`W/${etag}`)), '412 PRECONDITION_FAILED', 'a weak one names nothing');
	const first = await put(`"x", ${etag}`, { ...wish, name: 'First', variations: undefined });
	assert.equal(first.status, 200, first.text);
	assert.notEqual(first.headers.etag, etag);
	assert.equal(code(await put(etag, { ...wish, name: 'Second' })), '412 PRECONDITION_FAILED');
	await good('PATCH', `/menu/addon-items/${group.addon_items[0].id}/availability`, { is_available: false });
	assert.equal(code(await put(first.headers.etag, { ...wish, name: 'Second' })), '412 PRECONDITION_FAILED', 'an add-on of a group of it is sold out');
	assert.equal((await good('GET', `/menu/items/${item.id}`)).name, 'First');
	for (const [method, what, json] of [['DELETE', ''], ['POST', '/unlock', {}]])
		assert.equal(code(await say(method, `/menu/items/${item.id}${what}`, json, { headers: { 'if-match': etag } })), '412 PRECONDITION_FAILED', method);
	assert.equal((await put('*', { ...wish, name: 'Third', variations: undefined })).status, 200);
});

test('ADM-10 a deleted item is gone for guests, stays for staff and old orders, and may come back', async () => {
	const { item, wish } = await small();
	const line = { menu_item_id: item.id, variation_id: item.variations[0].id, quantity: 1 };
	const cart = { items: [line], order_type: 'pickup', payment_method: 'cash' };
	const { order } = await guest.ordered(cart);
	await good('DELETE', `/menu/items/${item.id}`);
	assert.equal((await menu()).of(item.id), undefined);
	assert.equal(code(await guest.fetch(`/api/v1/menu/items/${item.id}`)), '404 NOT_FOUND');
	assert.equal(code(await guest.place(cart)), '409 ITEM_UNAVAILABLE');
	assert.equal((await good('GET', `/menu/items/${item.id}`)).is_active, false);
	assert.equal((await guest.order(order.id)).json.order.items[0].name, 'Margherita');
	const was = await version();
	await good('DELETE', `/menu/items/${item.id}`);
	assert.equal(await version(), was, 'twice is once');
	await good('PUT', `/menu/items/${item.id}`, { ...wish, variations: undefined, is_active: true });
	assert.equal((await guest.place(cart)).status, 201);
	assert.equal((await audits('menu.item.delete')).filter((row) => row.subject === item.id).length, 1);
});

test('ADM-11 ADM-12 DB-26 categories: made, renamed, hidden with their items, and back', async () => {
	const { item } = await small();
	const made = await good('POST', '/menu/categories', { name: 'Starters', display_order: -3, image_url: 'https://img.example/s.png' });
	assert.deepEqual(made, { id: made.id, name: 'Starters', display_order: -3, image_url: 'https://img.example/s.png', is_active: true, external_id: null, locked_fields: [] });
	const shown = async () => (await guest.fetch('/api/v1/menu/categories')).json.categories;
	assert.deepEqual((await shown())[0], { id: made.id, name: 'Starters', display_order: -3, image_url: 'https://img.example/s.png' });
	for (const name of ['Starters', 'STARTERS', ' starters ']) {
		const twice = await say('POST', '/menu/categories', { name });
		assert.deepEqual([code(twice), fields(twice)], ['409 CONFLICT', ['name']], name);
	}
	assert.equal((await good('PUT', `/menu/categories/${made.id}`, { name: 'Small plates', image_url: null })).image_url, null);
	await good('PUT', `/menu/items/${item.id}`, { name: 'Moved', price: 0, category_id: made.id });
	assert.equal((await menu(`?category_id=${made.id}`)).items[0].name, 'Moved');
	await good('DELETE', `/menu/categories/${made.id}`);
	assert.ok(!(await shown()).some((one) => one.id === made.id));
	assert.equal((await menu()).of(item.id), undefined, 'its items go with it');
	assert.equal((await good('GET', `/menu/items/${item.id}`)).is_active, true, 'and stay what they are');
	await good('POST', '/menu/categories', { name: 'Small plates' });
	const clash = await say('PUT', `/menu/categories/${made.id}`, { name: 'Small plates', is_active: true });
	assert.equal(code(clash), '409 CONFLICT', 'its name is taken meanwhile');
	assert.deepEqual(fields(clash), ['name']);
	await good('PUT', `/menu/categories/${made.id}`, { name: 'Small plates again', is_active: true });
	assert.ok((await menu()).of(item.id), 'they come back with it');
	assert.ok((await good('GET', '/menu/categories?active=true&limit=200')).categories.every((one) => one.is_active));
	assert.ok((await good('GET', '/menu/categories?limit=1')).next_cursor);
});

test('MENU-08 add-on groups: changed, an add-on dropped and made, deleted and with it the choice', async () => {
	const { item, group } = await small();
	const [cheddar, feta] = group.addon_items;
	const now = await good('PUT', `/menu/addon-groups/${group.id}`, { name: 'More cheese', addon_items: [{ id: feta.id, name: 'Feta', price: 45 }, { name: 'Gouda', price: 0 }] });
	assert.deepEqual(now.addon_items.map((a) => [a.name, a.price, a.is_active]).sort(), [['Cheddar', 30, false], ['Feta', 45, true], ['Gouda', 0, true]]);
	assert.equal(now.addon_items.find((a) => a.name === 'Cheddar').id, cheddar.id);
	assert.deepEqual((await menu()).of(item.id).addon_groups.map((g) => [g.name, g.addon_items.map((a) => a.name).sort()]), [['More cheese', ['Feta', 'Gouda']]]);
	const cart = (addon) => ({ items: [{ menu_item_id: item.id, variation_id: item.variations[0].id, quantity: 1, addons: [{ addon_item_id: addon, quantity: 1 }] }], order_type: 'pickup', payment_method: 'cash' });
	assert.equal(code(await guest.place(cart(cheddar.id))), '409 ITEM_UNAVAILABLE');
	assert.equal((await guest.ordered(cart(feta.id))).order.total, 251.13, '(200 + 45) x 1.025');
	await good('DELETE', `/menu/addon-groups/${group.id}`);
	assert.deepEqual((await menu()).of(item.id).addon_groups, []);
	assert.equal((await good('GET', `/menu/addon-groups/${group.id}`)).is_active, false);
	assert.equal(code(await guest.place(cart(feta.id))), '409 ITEM_UNAVAILABLE');
});

test('ADM-09 taxes: percent to four decimals and fixed amounts, by the way of eating, and what they do to a total', async () => {
	const { item, tax, wish } = await small();
	const total = async (type = 'pickup') => (await guest.ordered({ items: [{ menu_item_id: item.id, variation_id: item.variations[0].id, quantity: 1 }], order_type: type,
		payment_method: 'cash', ...(type === 'delivery' ? { delivery_address: 'Hostel 4' } : {}) })).order.total;
	assert.equal(await total(), 205);
	for (const [percent, shown, sum] of [['9', '9', 218], ['0.0001', '0.0001', 200], ['12.3456', '12.3456', 224.69], ['0', '0', 200], ['100', '100', 400]]) {
		assert.equal((await good('PUT', `/taxes/${tax.id}`, { name: 'CGST', kind: 'percent', percent })).percent, shown);
		assert.equal(await total(), sum, percent);
	}
	await good('PUT', `/taxes/${tax.id}`, { name: 'Levy', kind: 'fixed', amount: 3.5, order_types: ['delivery'] });
	assert.equal(await total(), 200, 'not for pickup');
	assert.equal(await total('delivery'), 223.5, 'and delivery');
	await good('DELETE', `/taxes/${tax.id}`);
	assert.equal(await total('delivery'), 220);
	assert.deepEqual((await good('GET', `/menu/items/${item.id}`)).tax_ids, [tax.id]);
	await good('PUT', `/taxes/${tax.id}`, { name: 'GST', kind: 'percent', percent: '5', is_active: true, order_types: ['pickup', 'delivery', 'dine_in'] });
	assert.equal(await total(), 210);
	await good('PUT', `/menu/items/${item.id}`, { ...wish, variations: undefined, tax_inclusive: true });
	assert.equal(await total(), 200, 'a price that holds its taxes');
	for (const [wrong, field] of [[{ kind: 'percent' }, 'percent'], [{ kind: 'percent', percent: '101' }, 'percent'], [{ kind: 'percent', percent: '-1' }, 'percent'], [{ kind: 'percent', percent: '1.23456' }, 'percent'],
		[{ kind: 'percent', percent: 'five' }, 'percent'], [{ kind: 'percent', percent: '' }, 'percent'], [{ kind: 'percent', percent: 5 }, 'percent'], [{ kind: 'percent', percent: '5', amount: 1 }, 'amount'], [{ kind: 'fixed' }, 'amount'],
		[{ kind: 'fixed', amount: -1 }, 'amount'], [{ kind: 'fixed', amount: 0.001 }, 'amount'], [{ kind: 'fixed', amount: 1, percent: '1' }, 'percent'], [{ kind: 'both', percent: '1' }, 'kind'],
		[{ kind: 'percent', percent: '1', order_types: [] }, 'order_types'], [{ kind: 'percent', percent: '1', order_types: ['pickup', 'pickup'] }, 'order_types'], [{ kind: 'percent', percent: '1', rate_micro: 1 }, 'rate_micro']]) {
		const answer = await say('POST', '/taxes', { name: 'Wrong', ...wrong });
		assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', [field]], JSON.stringify(wrong));
	}
	assert.deepEqual((await good('GET', '/taxes?active=true&limit=200')).taxes.filter((one) => one.name === 'Wrong'), []);
});

// Everything of both restaurants that a refused request could have changed.
const TABLES = ['categories', 'items', 'variations', 'addon_groups', 'addon_items', 'item_addon_groups', 'taxes', 'item_taxes', 'audit_log', 'outbox'];
async function picture() {
	const rows = [];
	for (const table of TABLES) {
		const [{ columns }] = await world.sql(`SELECT GROUP_CONCAT(CONCAT('COALESCE(HEX(', column_name, '), 0)')) AS columns FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name = '${table}'`);
		rows.push(...await world.sql(`SELECT '${table}' AS name, COUNT(*) AS n, BIT_XOR(CRC32(CONCAT_WS('|', ${columns}))) AS x FROM ${table}`));
	}
	return [rows, await version(), await version(other)];
}

test('ADM-08 ADM-09 S03 S04 SEC-04 a wrong item is refused with what is wrong, and changes nothing', async () => {
	const { item, wish, group, category, tax } = await small();
	const was = await picture();
	const rows = [
		['no name', (w) => { delete w.name; }, 'name'], ['a blank name', (w) => { w.name = ' \t '; }, 'name'], ['an empty name', (w) => { w.name = ''; }, 'name'],
		['a long name', (w) => { w.name = 'x'.repeat(201); }, 'name'], ['a name that is a number', (w) => { w.name = 7; }, 'name'], ['a control character', (w) => { w.name = 'a\u0007b'; }, 'name'],
		['no price', (w) => { delete w.price; }, 'price'], ['a negative price', (w) => { w.price = -1; }, 'price'], ['half a paisa', (w) => { w.price = 1.005; }, 'price'],
		['a price beyond DECIMAL(10,2)', (w) => { w.price = 100000000; }, 'price'], ['a price in words', (w) => { w.price = 'ten'; }, 'price'], ['no price for what has no sizes', (w) => { w.variations = []; }, 'price'],
		['only sizes that are not there', (w) => { w.variations = [{ name: 'S', price: 1, is_active: false }]; }, 'price'],
		['no category', (w) => { delete w.category_id; }, 'category_id'], ['a category that is no id', (w) => { w.category_id = 'x'; }, 'category_id'], ['null for it', (w) => { w.category_id = null; }, 'category_id'],
		['a slot nobody has', (w) => { w.time_slots = ['lunch', 'midnight']; }, 'time_slots[1]'], ['a slot twice', (w) => { w.time_slots = ['lunch', 'lunch']; }, 'time_slots[1]'], ['a slot in another case', (w) => { w.time_slots = ['Lunch']; }, 'time_slots[0]'],
		['slots that are no list', (w) => { w.time_slots = 'lunch'; }, 'time_slots'], ['too many slots', (w) => { w.time_slots = Array(25).fill('lunch'); }, 'time_slots'],
		['another diet', (w) => { w.diet = 'vegan'; }, 'diet'], ['two diets', (w) => { w.diet = 'egg'; w.is_veg = true; }, 'is_veg'], ['is_veg in words', (w) => { w.is_veg = 'yes'; }, 'is_veg'],
		['an image that is no address', (w) => { w.image_url = 'javascript:alert(1)'; }, 'image_url'], ['an image with a password', (w) => { w.image_url = 'https://a:b@c/'; }, 'image_url'],
		['a long description', (w) => { w.description = 'x'.repeat(2001); }, 'description'], ['no way of eating', (w) => { w.order_types = []; }, 'order_types'], ['one twice', (w) => { w.order_types = ['pickup', 'pickup']; }, 'order_types'],
		['another one', (w) => { w.order_types = ['standing']; }, 'order_types[0]'], ['a place beyond all', (w) => { w.display_order = 2147483648; }, 'display_order'], ['half a place', (w) => { w.display_order = 1.5; }, 'display_order'],
		['more than max', (w) => { w.addon_groups = [{ id: group.id, min: 3, max: 2 }]; }, 'addon_groups[0].min'], ['fewer than none', (w) => { w.addon_groups = [{ id: group.id, min: -1 }]; }, 'addon_groups[0].min'],
		['a hundred', (w) => { w.addon_groups = [{ id: group.id, max: 100 }]; }, 'addon_groups[0].max'], ['a group twice', (w) => { w.addon_groups = [{ id: group.id }, { id: group.id }]; }, 'addon_groups[1]'],
		['a group without an id', (w) => { w.addon_groups = [{ min: 1 }]; }, 'addon_groups[0].id'], ['a tax twice', (w) => { w.tax_ids = [tax.id, tax.id]; }, 'tax_ids[1]'], ['a tax that is no id', (w) => { w.tax_ids = [7]; }, 'tax_ids[0]'],
		['a size without a name', (w) => { w.variations = [{ price: 1 }]; }, 'variations[0].name'], ['a size with a blank one', (w) => { w.variations = [{ name: '  ', price: 1 }]; }, 'variations[0].name'],
		['a size for nothing', (w) => { w.variations = [{ name: 'S', price: 0 }]; }, 'variations[0].price'], ['too many sizes', (w) => { w.variations = Array(51).fill({ name: 'S', price: 1 }); }, 'variations'],
		...['id', 'external_id', 'restaurant_id', 'locked_fields', 'category', 'created_at', 'updated_at', 'price_minor', 'available_at', 'gst_liability', 'active', '__proto__'].map((name) =>
			[`${name} of one's own`, (w) => Object.defineProperty(w, name, { value: 1, enumerable: true }), name]),
		...['item_id', 'external_id', 'price_minor'].map((name) => [`${name} of a size`, (w) => { w.variations = [{ name: 'S', price: 1, [name]: 1 }]; }, `variations[0].${name}`]),
	];
	for (const [name, spoil, field] of rows)
		for (const [method, at] of [['POST', '/menu/items'], ['PUT', `/menu/items/${item.id}`]]) {
			const wrong = structuredClone(wish);
			spoil(wrong);
			const answer = await say(method, at, wrong);
			assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', [field]], `${method} ${name}: ${answer.text}`);
		}
	const twice = await say('PUT', `/menu/items/${item.id}`, { ...wish, variations: [0, 0].map(() => ({ id: item.variations[0].id, name: 'S', price: 1 })) });
	assert.deepEqual([code(twice), fields(twice)], ['400 VALIDATION_ERROR', ['variations[1]']]);
	for (const [at, wrong, field] of [[`/menu/categories/${category.id}`, { name: 'x'.repeat(101) }, 'name'], [`/menu/categories/${category.id}`, { name: 'x', timings: [] }, 'timings'], [`/menu/categories/${category.id}`, {}, 'name'],
		[`/menu/addon-groups/${group.id}`, { name: 'x', addon_items: [{ name: 'a', price: -1 }] }, 'addon_items[0].price'], [`/menu/addon-groups/${group.id}`, { name: 'x', addon_items: [{ name: '', price: 1 }] }, 'addon_items[0].name'],
		[`/menu/addon-groups/${group.id}`, { name: 'x', addon_items: [0, 0].map(() => ({ id: group.addon_items[0].id, name: 'a', price: 1 })) }, 'addon_items[1]'], [`/menu/addon-groups/${group.id}`, { name: 'x', min: 1 }, 'min'],
		[`/menu/items/${item.id}/unlock`, { fields: ['cost'] }, 'fields[0]'], [`/menu/items/${item.id}/unlock`, { fields: [] }, 'fields']]) {
		const answer = await say(at.endsWith('unlock') ? 'POST' : 'PUT', at, wrong);
		assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', [field]], JSON.stringify(wrong));
	}
	assert.deepEqual(await picture(), was);
});

test('ADM-09 ADM-10 ERR-02 two variations of one name are refused; those that a POS told so may stay', async () => {
	const { item, wish } = await small();
	const two = (a, b, more = {}) => ({ ...wish, variations: [{ name: a, price: 1, ...more }, { name: b, price: 2 }] });
	for (const [method, at] of [['POST', '/menu/items'], ['PUT', `/menu/items/${item.id}`]])
		for (const [a, b] of [['Half', 'Half'], ['Half', ' half '], ['Caf\u00e9', 'CAFE']]) {
			const answer = await say(method, at, two(a, b));
			assert.deepEqual([code(answer), fields(answer)], ['409 CONFLICT', ['variations[1].name']], `${method} ${a} ${b} ${answer.text}`);
		}
	assert.deepEqual((await good('GET', `/menu/items/${item.id}`)).variations, item.variations);
	const made = await good('PUT', `/menu/items/${item.id}`, two('Half', 'half', { is_active: false }));
	assert.equal(made.variations.filter((one) => one.is_active).length, 1, 'the name of an inactive one is nobody\'s');
	const [a, b] = (await good('PUT', `/menu/items/${item.id}`, two('Half', 'Full'))).variations.filter((one) => one.is_active);
	await world.sql(`UPDATE variations SET name = 'Half' WHERE public_id = UNHEX('${b.id.replaceAll('-', '')}')`);
	const again = (name) => say('PUT', `/menu/items/${item.id}`, { ...wish, variations: [{ id: a.id, name: 'Half', price: 5 }, { id: b.id, name, price: 6 }] });
	assert.equal((await again('Half')).status, 200, 'as it came');
	assert.equal(code(await again('HALF')), '409 CONFLICT', 'but not anew');
	assert.equal((await again('Whole')).status, 200);
});

test('S02 I10 TEN-04 another restaurant\'s ids, in paths and bodies, are ids of nothing', async () => {
	const ours = await small(), theirs = await small(other);
	const was = await picture();
	const body = (answer) => ({ ...answer.json, error: { ...answer.json.error, details: JSON.stringify(answer.json.error.details) } });
	// The same request about theirs and about nobody's: the same answer to the letter.
	const same = async (method, at, json, id, field) => {
		const [one, two] = [await say(method, at(id), json?.(id)), await say(method, at(NOBODYS), json?.(NOBODYS))];
		assert.equal(code(one), field ? '400 VALIDATION_ERROR' : '404 NOT_FOUND', `${method} ${at('{id}')} ${one.text}`);
		if (field) assert.deepEqual(fields(one), [field], `${method} ${at('{id}')} ${one.text}`);
		assert.deepEqual(body(one), body(two), `${method} ${at('{id}')}`);
	};
	const parts = { items: theirs.item, categories: theirs.category, 'addon-groups': theirs.group };
	for (const [family, row] of [...Object.entries(parts).map(([name, one]) => [`/menu/${name}`, one]), ['/taxes', theirs.tax]]) {
		const mine = { '/menu/items': ours.wish, '/menu/categories': { name: 'x' }, '/menu/addon-groups': { name: 'x' }, '/taxes': { name: 'x', kind: 'percent', percent: '1' } }[family];
		await same('GET', (id) => `${family}/${id}`, undefined, row.id);
		await same('PUT', (id) => `${family}/${id}`, () => mine, row.id);
		await same('DELETE', (id) => `${family}/${id}`, undefined, row.id);
		await same('POST', (id) => `${family}/${id}/unlock`, () => ({}), row.id);
	}
	for (const [at, row] of [['items', theirs.item], ['variations', theirs.item.variations[0]], ['addon-items', theirs.group.addon_items[0]]])
		await same('PATCH', (id) => `/menu/${at}/${id}/availability`, () => ({ is_available: false }), row.id);
	await same('GET', (id) => `/menu/items?category_id=${id}`, undefined, theirs.category.id, 'category_id');
	const nested = [
		[(id) => ({ category_id: id }), theirs.category.id, 'category_id'], [(id) => ({ tax_ids: [ours.tax.id, id] }), theirs.tax.id, 'tax_ids[1]'],
		[(id) => ({ addon_groups: [{ id }] }), theirs.group.id, 'addon_groups[0].id'],
		[(id) => ({ variations: [{ name: 'S', price: 1, addon_groups: [{ id: ours.group.id }, { id }] }] }), theirs.group.id, 'variations[0].addon_groups[1].id'],
		[(id) => ({ variations: [{ id, name: 'S', price: 1 }] }), theirs.item.variations[0].id, 'variations[0].id'],
	];
	for (const [spoil, id, field] of nested)
		for (const [method, at] of [['POST', '/menu/items'], ['PUT', `/menu/items/${ours.item.id}`]])
			await same(method, () => at, (one) => ({ ...ours.wish, ...spoil(one) }), id, field);
	await same('PUT', () => `/menu/addon-groups/${ours.group.id}`, (id) => ({ name: 'x', addon_items: [{ id, name: 'a', price: 1 }] }), theirs.group.addon_items[0].id, 'addon_items[0].id');
	await same('PATCH', () => '/menu/availability', (id) => ({ is_available: false, items: [ours.item.id, id] }), theirs.item.id, 'items[1]');
	await same('PATCH', () => '/menu/availability', (id) => ({ is_available: false, variations: [id] }), theirs.item.variations[0].id, 'variations[0]');
	await same('PATCH', () => '/menu/availability', (id) => ({ is_available: false, addon_items: [id] }), theirs.group.addon_items[0].id, 'addon_items[0]');
	const sibling = (await small()).item;
	await same('PUT', () => `/menu/items/${ours.item.id}`, (id) => ({ ...ours.wish, variations: [{ id, name: 'S', price: 1 }] }), sibling.variations[0].id, 'variations[0].id');
	const cursor = await say('GET', `/menu/items?cursor=${theirs.item.id}`);
	assert.deepEqual(cursor.json, (await say('GET', `/menu/items?cursor=${NOBODYS}`)).json);
	for (const family of ['items', 'categories', 'addon-groups']) assert.equal(code(await say('GET', `/menu/${family}/seven`)), '404 NOT_FOUND');
	const now = await picture();
	assert.equal(now[2], was[2], 'nothing of theirs');
	assert.equal(code(await say('GET', '/menu/items', undefined, { token: other.admin })), '403 INSUFFICIENT_ROLE', 'their admin here');
});

test('S01 AUTH-15 AUTH-16 who may: admins all of it, the kitchen what is to be had, nobody else', async () => {
	const { item, group } = await small();
	const routes = ['items', 'categories', 'addon-groups'].map((name) => `/menu/${name}`).concat('/taxes').flatMap((at) => [['GET', at], ['POST', at, {}], ['GET', `${at}/${NOBODYS}`],
		['PUT', `${at}/${NOBODYS}`, {}], ['DELETE', `${at}/${NOBODYS}`], ['POST', `${at}/${NOBODYS}/unlock`, {}]]);
	const stock = [`/menu/items/${item.id}/availability`, `/menu/variations/${item.variations[0].id}/availability`, `/menu/addon-items/${group.addon_items[0].id}/availability`].map((at) => ['PATCH', at, { is_available: true }])
		.concat([['PATCH', '/menu/availability', { is_available: true, items: [item.id] }]]);
	for (const [method, at, json] of [...routes, ...stock]) {
		const ask = (token) => say(method, at, json, { token });
		assert.equal(code(await ask(undefined)), '401 INVALID_TOKEN', `${method} ${at}`);
		assert.equal(code(await ask(guest.token)), '403 INSUFFICIENT_ROLE', `${method} ${at}`);
	}
	for (const [method, at, json] of routes) assert.equal(code(await say(method, at, json, { token: bistro.cook })), '403 INSUFFICIENT_ROLE', `${method} ${at}`);
	for (const [method, at, json] of stock) assert.equal((await say(method, at, json, { token: bistro.cook })).status, 200, `${method} ${at}`);
});

test('ADM-09 MENU-08 a list that is sent again without ids is the same list: sizes and extras are told by their names', async () => {
	const { group, item, wish } = await small();
	const was = await version();
	assert.deepEqual(await good('PUT', `/menu/items/${item.id}`, wish), item, 'as it was made');
	const extras = { name: 'Cheese', addon_items: [{ name: 'Cheddar', price: 30 }, { name: 'Feta', price: '40.50' }] };
	assert.deepEqual(await good('PUT', `/menu/addon-groups/${group.id}`, extras), group);
	assert.equal(await version(), was, 'nothing has changed');
	const [half, full] = item.variations;
	await good('PATCH', `/menu/variations/${half.id}/availability`, { is_available: false });
	// Gone, and back by name alone; what is not sent stays; another name is another size, and one by id leaves its name to nobody.
	let now = await good('PUT', `/menu/items/${item.id}`, { ...wish, variations: [{ name: ' Large ', price: 360 }] });
	assert.deepEqual(now.variations.map((v) => [v.id, v.price, v.packing_charge, v.addon_groups.length, v.is_active]), [[half.id, 200, 0, 0, false], [full.id, 360, 5, 1, true]]);
	now = await good('PUT', `/menu/items/${item.id}`, { ...wish, variations: [{ name: 'Large', price: 360 }, { name: 'Small', price: 210 }, { name: 'large', price: 1, is_active: false }] });
	assert.deepEqual(now.variations.filter((v) => v.name !== 'large').map((v) => [v.id, v.price, v.is_available, v.is_active]), [[half.id, 210, false, true], [full.id, 360, true, true]]);
	assert.equal(now.variations.length, 3);
	now = await good('PUT', `/menu/items/${item.id}`, { ...wish, variations: [{ id: half.id, name: 'Medium', price: 250 }, { name: 'Small', price: 199 }] });
	const made = now.variations.find((v) => v.name === 'Small');
	assert.ok(![half.id, full.id].includes(made.id), 'what has its name from an id is nobody else\'s');
	assert.deepEqual([now.variations.length, now.variations.filter((v) => v.is_active).map((v) => v.id).sort()], [4, [half.id, made.id].sort()]);
	// Two extras of one name are two, each time.
	const twins = { name: 'Cheese', addon_items: [{ name: 'Feta', price: 1 }, { name: 'Feta', price: 2 }] };
	const first = await good('PUT', `/menu/addon-groups/${group.id}`, twins);
	assert.deepEqual(first.addon_items.map((a) => [a.name, a.is_active]).sort(), [['Cheddar', false], ['Feta', true], ['Feta', true]]);
	for (let i = 0; i < 3; i++) assert.deepEqual(await good('PUT', `/menu/addon-groups/${group.id}`, twins), first);
});

test('ADM-07 ADM-08 MENU-02 SYNC-09 ERR-09 dozens of dishes with hundreds of extras each: shown whole, in pages that fit, and no dish becomes larger than can be shown', async () => {
	const of = await Bistro.open(world, { slug: 'large', pos: false });
	const category = await good('POST', '/menu/categories', { name: 'Pizza' }, 201, { of });
	const groups = [];
	for (let g = 0; g < 6; g++)
		groups.push((await good('POST', '/menu/addon-groups', { name: `Toppings ${g}`, addon_items: Array.from({ length: 200 }, (_, i) => ({ name: `${i} ${'x'.repeat(95)}`, price: 10 })) }, 201, { of })).id);
	const wish = (name, more) => ({ name, price: 300, category_id: category.id, addon_groups: groups.map((id) => ({ id, min: 0, max: 5 })), ...more });
	const made = [];
	for (let i = 0; i < 42; i++) made.push((await good('POST', '/menu/items', wish(`Pizza ${i}`), 201, { of })).id);
	const listed = [];
	for (let cursor = ''; cursor !== null;) {
		const page = await world.client.fetch(`${of.base}/api/v1/admin/menu/items?limit=200${cursor}`, { token: of.admin });
		assert.equal(page.status, 200, page.text.slice(0, 300));
		assert.ok(page.text.length < 3 * 1024 * 1024 && page.json.items.length > 0, `${page.text.length} bytes`);
		listed.push(...page.json.items.map((item) => item.id));
		cursor = page.json.next_cursor && `&cursor=${page.json.next_cursor}`;
	}
	assert.deepEqual(listed, made, 'each once, in their order');
	const eater = await of.guest();
	for (const query of ['', '?search=pizza']) {
		const whole = await world.client.fetch(`${of.base}/api/v1/menu/items${query}`, { token: eater.token });
		assert.equal(whole.status, 200, whole.text.slice(0, 300));
		assert.ok(whole.text.length > 9e6, `${whole.text.length} bytes`);
		assert.deepEqual(whole.json.items.map((item) => [item.id, item.addon_groups.map((g) => g.addon_items.length).join()]), made.map((id) => [id, '200,200,200,200,200,200']));
	}
	const was = await version(of);
	const sizes = Array.from({ length: 20 }, (_, n) => ({ name: `Size ${n}`, price: 100, addon_groups: groups.map((id) => ({ id })) }));
	for (const [method, at] of [['POST', '/menu/items'], ['PUT', `/menu/items/${made[0]}`]]) {
		const answer = await say(method, at, wish('Monster', { variations: sizes }), { of });
		assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', ['addon_groups']], answer.text.slice(0, 300));
	}
	assert.equal(await version(of), was, 'nothing has changed');
});
