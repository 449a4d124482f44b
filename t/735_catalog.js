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
