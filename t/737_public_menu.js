'use strict';
// The menu as guests read it: filters, words in any script, validators, and whether nobody in particular may read it too.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');

const NOBODYS = '0190163d-8694-739b-aea5-966c26f8ad02';
let world, bistro, other, guest;

before(async () => {
	world = await World.start({ onboard: false, workers: 3, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world);
	other = await Bistro.open(world, { slug: 'other', pos: false });
	guest = await bistro.guest();
});
after(() => world?.stop());

const code = (answer) => `${answer.status} ${answer.json?.error?.code}`;
const ask = (at, { token = guest.token, of = bistro, ...more } = {}) => world.fetch(`${of.base}/api/v1/menu${at}`, { token, ...more });
const say = (method, at, json) => world.fetch(`${bistro.base}/api/v1/admin${at}`, { method, token: bistro.admin, json });
async function read(at, options) {
	const answer = await ask(at, options);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}
const open = (isOpen, of = bistro) => world.sql(`INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (${of.id}, 'public_menu', '${isOpen}', NOW(6), 'test')
	ON DUPLICATE KEY UPDATE value = VALUES(value)`);
const THREE = async () => ['/categories', '/items', `/items/${bistro.items.get('10464009')}`];

test('MENU-01 active categories in display order, and nothing of what is not active', async () => {
	const { categories } = await read('/categories');
	const expected = bistro.doc.categories.filter((one) => one.active === '1').sort((a, b) => Number(a.categoryrank) - Number(b.categoryrank)).map((one) => one.categoryname);
	assert.deepEqual(categories.map((one) => one.name), expected);
	assert.deepEqual(Object.keys(categories[0]), ['id', 'name', 'display_order', 'image_url']);
});

test('MENU-02 MENU-04 the whole menu and its total; by category, of another restaurant, of none', async () => {
	const { items, total } = await read('/items');
	const shown = bistro.doc.items.filter((one) => one.active === '1' && bistro.doc.categories.find((c) => c.categoryid === one.item_categoryid)?.active === '1');
	assert.equal(total, items.length);
	assert.deepEqual(items.map((one) => one.name).sort(), shown.map((one) => one.itemname).sort());
	assert.deepEqual(Object.keys(items[0]), ['id', 'name', 'description', 'price', 'image_url', 'is_veg', 'is_available', 'time_slots', 'category', 'variations', 'addon_groups']);
	const { categories } = await read('/categories');
	for (const { id } of categories) {
		const of = await read(`/items?category_id=${id}`);
		assert.deepEqual(of, { items: items.filter((one) => one.category.id === id), total: items.filter((one) => one.category.id === id).length });
	}
	assert.deepEqual(await read(`/items?category_id=${NOBODYS}`), { items: [], total: 0 });
	assert.deepEqual(await read(`/items?category_id=${categories[0].id}`, { of: other }), { items: [], total: 0 }, 'ARC-02 another restaurant\'s category is none');
	assert.deepEqual(items.find((one) => one.name === 'Bun Maska').is_available, false, 'what is sold out is shown');
});

test('MENU-02 words are found in names and descriptions, whatever their case, accents and script', async () => {
	const category = (await say('POST', '/menu/categories', { name: 'Words' })).json;
	const made = async (name, description = null) => (await say('POST', '/menu/items', { name, description, price: 10, category_id: category.id })).json.id;
	const ids = { cafe: await made('Café Crème brûlée'), russian: await made('БОРЩ со сметаной'), greek: await made('ΜΟΥΣΑΚΑ'), hindi: await made('गुलाब जामुन'), wide: await made('Tea', 'with  MILK and 100% sugar_cane') };
	const found = async (words) => (await read(`/items?category_id=${category.id}&search=${encodeURIComponent(words)}`)).items.map((one) => Object.keys(ids).find((name) => ids[name] === one.id));
	for (const [words, expected] of [['cafe', ['cafe']], ['CAFÉ CREME', ['cafe']], ['BRULEE', ['cafe']], ['борщ', ['russian']], ['Сметаной', ['russian']], ['μουσακα', ['greek']], ['गुलाब', ['hindi']], ['milk', ['wide']],
		['with milk', ['wide']], ['100%', ['wide']], ['sugar_c', ['wide']], ['%', ['wide']], ['_', ['wide']], ['\'', []], ['" OR 1=1 --', []], ['\\', []], ['coffee', []], ['  ', ['cafe', 'russian', 'greek', 'hindi', 'wide']]])
		assert.deepEqual((await found(words)).sort(), [...expected].sort(), words);
	assert.equal((await read('/items?search=')).total, (await read('/items')).total, 'no words: all');
	for (const query of [`search=${'x'.repeat(101)}`, 'search=%ff', 'category_id=seven', 'time_slot=midnight', 'time_slot=', 'time_slot=Lunch', 'search=a&search=b'])
		assert.equal(code(await ask(`/items?${query}`)), '400 VALIDATION_ERROR', query);
	assert.equal((await ask(`/items?search=${encodeURIComponent('é'.repeat(100))}`)).status, 200, 'a hundred characters, not bytes');
	await say('DELETE', `/menu/categories/${category.id}`);
});

test('MENU-02 MENU-05 by time slot: those of the slot and those of every hour; shown at any hour, ordered inside only', async () => {
	const category = (await say('POST', '/menu/categories', { name: 'Hours' })).json;
	const made = async (time_slots) => (await say('POST', '/menu/items', { name: time_slots.join(' ') || 'always', price: 10, category_id: category.id, time_slots })).json;
	const items = [await made(['breakfast']), await made(['lunch', 'dinner']), await made([])];
	const of = async (slot) => (await read(`/items?category_id=${category.id}&time_slot=${slot}`)).items.map((one) => one.name);
	assert.deepEqual([await of('breakfast'), await of('lunch'), await of('dinner')], [['breakfast', 'always'], ['lunch dinner', 'always'], ['lunch dinner', 'always']]);
	assert.equal((await read(`/items?category_id=${category.id}`)).total, 3, 'all are shown at any hour');
	const minute = (new Date(Date.now() + 330 * 60000).getUTCHours() * 60 + new Date(Date.now() + 330 * 60000).getUTCMinutes());
	const clock = (m) => `${String(Math.floor(m / 60) % 24).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;
	const slots = { breakfast: { start: clock((minute + 600) % 1440), end: clock((minute + 700) % 1440) }, lunch: { start: clock((minute + 1380) % 1440), end: clock((minute + 120) % 1440) }, dinner: { start: clock((minute + 600) % 1440), end: clock((minute + 700) % 1440) } };
	await world.sql(`INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (${bistro.id}, 'time_slots', '${JSON.stringify(slots)}', NOW(6), 'test')`);
	const place = (item) => guest.place({ items: [{ menu_item_id: item.id, quantity: 1 }], order_type: 'pickup', payment_method: 'cash' });
	assert.deepEqual([code(await place(items[0])), (await place(items[1])).status, (await place(items[2])).status], ['409 ITEM_UNAVAILABLE', 201, 201]);
	await world.sql(`DELETE FROM system_config WHERE restaurant_id = ${bistro.id} AND config_key = 'time_slots'`);
	await say('DELETE', `/menu/categories/${category.id}`);
});

test('MENU-03 one item; a retired one, a hidden one, another restaurant\'s and none at all are all the same nothing', async () => {
	const id = bistro.items.get('10464009');
	assert.equal((await read(`/items/${id}`)).name, 'Paneer Tikka');
	const category = (await say('POST', '/menu/categories', { name: 'Hidden' })).json;
	const made = async () => (await say('POST', '/menu/items', { name: 'X', price: 10, category_id: category.id })).json.id;
	const retired = await made(), hidden = await made();
	await say('DELETE', `/menu/items/${retired}`);
	await say('DELETE', `/menu/categories/${category.id}`);
	const texts = [];
	for (const [at, of] of [[retired], [hidden], [NOBODYS], [id, other]]) {
		const answer = await ask(`/items/${at}`, { of });
		assert.equal(code(answer), '404 NOT_FOUND');
		texts.push(answer.text);
	}
	assert.equal(new Set(texts).size, 1);
	assert.equal(code(await ask('/items/seven')), '404 NOT_FOUND');
});

test('MENU-09 D9 each of the three has a validator that every change of the menu changes, and 304 has no body', async () => {
	const id = bistro.items.get('10464009');
	const tags = new Set();
	for (const is_available of [false, true]) {
		for (const at of await THREE()) {
			const first = await ask(at);
			assert.equal(first.headers['cache-control'], 'private, no-cache');
			for (const list of [first.headers.etag, `"x", ${first.headers.etag}`, `W/${first.headers.etag}`, '*']) for (let worker = 0; worker < 4; worker++) {
				const known = await ask(at, { headers: { 'if-none-match': list } });
				assert.deepEqual([known.status, known.text, known.headers.etag, known.headers['cache-control']], [304, '', first.headers.etag, 'private, no-cache'], `${at} ${list}`);
			}
			assert.equal((await ask(at, { headers: { 'if-none-match': '"x"' } })).status, 200);
			tags.add(`${at} ${first.headers.etag}`);
		}
		await say('PATCH', `/menu/items/${id}/availability`, { is_available });
	}
	assert.equal(tags.size, 6, 'all three have changed');
	const [, , one] = await THREE();
	assert.equal((await ask(one, { of: other, headers: { 'if-none-match': '*' } })).status, 404, 'what is not there is not known');
});

test('MENU-06 C11 without a token: 401 by default, and where public_menu is on the same menu for everybody', async () => {
	for (const at of await THREE()) {
		const closed = await ask(at, { token: null });
		assert.equal(code(closed), '401 INVALID_TOKEN', at);
		assert.match(closed.headers['www-authenticate'], /^Bearer /);
		assert.ok(!closed.headers.etag && closed.headers['cache-control'] === 'no-store');
		assert.equal(code(await ask(at, { token: null, headers: { 'if-none-match': '*' } })), '401 INVALID_TOKEN', 'nor is anything known to nobody');
	}
	assert.equal(code(await ask('/items?time_slot=midnight', { token: null })), '401 INVALID_TOKEN', 'they are told nothing else');
	assert.equal(code(await ask('/items/seven', { token: null })), '401 INVALID_TOKEN');
	await open(true);
	for (const at of await THREE()) {
		const mine = await ask(at), nobodys = await ask(at, { token: null });
		assert.equal(nobodys.status, 200);
		assert.equal(nobodys.text, mine.text);
		assert.equal(nobodys.headers.etag, mine.headers.etag);
		assert.deepEqual([mine.headers['cache-control'], nobodys.headers['cache-control']], ['private, no-cache', 'public, no-cache']);
		const known = await ask(at, { token: null, headers: { 'if-none-match': nobodys.headers.etag } });
		assert.deepEqual([known.status, known.headers['cache-control']], [304, 'public, no-cache']);
		for (const token of ['not.a.token', guest.token.slice(0, -4) + (guest.token.endsWith('AAAA') ? 'BBBB' : 'AAAA'), ''])
			assert.equal(code(await ask(at, { token: null, headers: { authorization: `Bearer ${token}` } })), '401 INVALID_TOKEN', 'a bad token is bad all the same');
		assert.equal(code(await ask(at, { token: null, headers: { authorization: 'Basic eDp5' } })), '401 INVALID_TOKEN');
	}
	assert.equal((await ask('/items?search=paneer', { token: null })).json.total > 0, true);
	assert.equal(code(await ask('/items?time_slot=midnight', { token: null })), '400 VALIDATION_ERROR');
	assert.equal(code(await ask('/items', { token: null, of: other })), '401 INVALID_TOKEN', 'each restaurant for itself');
	assert.equal(code(await ask('/items', { token: null, of: { base: '/r/nowhere' } })), '404 NOT_FOUND');
	assert.equal(code(await world.fetch(`${bistro.base}/api/v1/orders`)), '401 INVALID_TOKEN', 'and it is the menu only');
	assert.equal(code(await world.fetch(`${bistro.base}/api/v1/admin/menu/items`)), '401 INVALID_TOKEN');
	const id = bistro.items.get('10464009');
	await say('PATCH', `/menu/items/${id}/availability`, { is_available: false });
	for (let i = 0; i < 6; i++) assert.equal((await ask(`/items/${id}`, { token: null })).json.is_available, false, 'nor is it ever old');
	await say('PATCH', `/menu/items/${id}/availability`, { is_available: true });
	await open(false);
	for (let i = 0; i < 6; i++) assert.equal(code(await ask('/items', { token: null })), '401 INVALID_TOKEN', 'closed again for every worker');
});
