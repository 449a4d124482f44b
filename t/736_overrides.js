'use strict';
// Two who speak of one menu: the POS, whose menu it is, and the staff, whose changes survive until they are unlocked. And what
// is sold out, by whom, until when.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

let world, bistro, guest;

before(async () => {
	world = await World.start({ onboard: false, workers: 3, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
	await quiet(world);
});
after(() => world?.stop());

const say = (method, at, json, more = {}) => world.fetch(`${bistro.base}/api/v1/admin${at}`, { method, token: bistro.admin, ...(json === undefined ? {} : { json }), ...more });
async function good(method, at, json, status = { POST: 201, DELETE: 204 }[method] ?? 200) {
	const answer = await say(method, at, json);
	assert.equal(answer.status, status, `${method} ${at}: ${answer.text}`);
	return answer.json;
}
const unlock = (at, json = {}) => good('POST', `${at}/unlock`, json, 200);
const version = async () => Number((await world.sql(`SELECT menu_version AS v FROM restaurant_counters WHERE restaurant_id = ${bistro.id}`))[0].v);

// The POS's menu as it is there, changed by fn and pushed; → the history's row of that synchronisation.
async function push(change = () => {}) {
	const doc = structuredClone(bistro.doc);
	change(doc, (id) => doc.items.find((one) => one.itemid === id));
	const [{ id: last }] = await world.sql('SELECT COALESCE(MAX(id), 0) AS id FROM menu_sync_history');
	const said = await bistro.pos.control('/push-menu', { json: { menu: doc } });
	assert.equal(said.status, 200, JSON.stringify(said));
	return world.until('the import', async () => {
		const [row] = await world.sql(`SELECT status, changed, errors, overrides FROM menu_sync_history WHERE id > ${last} AND status <> 'running'`);
		return row && { ...row, changed: Number(row.changed), overrides: JSON.parse(row.overrides) };
	});
}

// The guest's menu and the staff's, as every worker has them.
async function both(id) {
	const shown = [];
	for (let i = 0; i < 6; i++) shown.push((await guest.fetch(`/api/v1/menu/items/${id}`)).text);
	assert.equal(new Set(shown).size, 1, 'all workers agree');
	return { guest: JSON.parse(shown[0]), staff: await good('GET', `/menu/items/${id}`) };
}

// What a PUT must say of an item besides what is changed.
const whole = (item, change) => ({ name: item.name, price: item.price, category_id: item.category.id, ...change });
const TIKKA = '10464009', VEG = '500772'; // Paneer Tikka, in two sizes, with a choice of spice

test('E14 C21 SYNC-02 what staff change in a row of the POS is locked, survives every import, is told in the history, and can be unlocked', async () => {
	const id = bistro.items.get(TIKKA);
	const was = (await both(id)).staff;
	assert.deepEqual([was.external_id, was.locked_fields], [TIKKA, []]);
	const mine = await good('POST', '/menu/categories', { name: 'From the oven' });
	const tax = await good('POST', '/taxes', { name: 'Festival', kind: 'percent', percent: '1' });
	const change = { name: 'Paneer Tikka (house)', description: 'Ours', price: 250, image_url: 'https://img.example/t.png', category_id: mine.id, time_slots: ['lunch', 'dinner'], packing_charge: 7,
		order_types: ['pickup'], tax_inclusive: true, diet: 'other', display_order: 77, tax_ids: [tax.id], addon_groups: [] };
	const now = await good('PUT', `/menu/items/${id}`, change);
	const LOCKED = ['name', 'description', 'price', 'packing_charge', 'image_url', 'category_id', 'time_slots', 'display_order', 'order_types', 'tax_inclusive', 'diet', 'tax_ids', 'addon_groups'];
	assert.deepEqual(now.locked_fields, LOCKED);
	const same = await push();
	assert.deepEqual([same.status, same.changed], ['success', 0], same.errors);
	assert.deepEqual((await good('GET', `/menu/items/${id}`)), now, 'nothing of it has changed');
	const told = (row, field) => row.overrides.find((one) => one.what === `item ${TIKKA}` && one.field === field);
	assert.deepEqual(told(same, 'price'), { what: `item ${TIKKA}`, field: 'price', ours: '250.00', theirs: '240.00' });
	assert.deepEqual([told(same, 'name').theirs, told(same, 'order_types').ours], ['Paneer Tikka', '2']);
	for (const field of LOCKED.filter((one) => !['time_slots', 'tax_ids', 'addon_groups'].includes(one))) assert.ok(told(same, field), field);
	// Whatever the POS says of it next, and what it says of what is not locked.
	const other = await push((doc, item) => Object.assign(item(TIKKA), { itemname: 'PT', price: '999.00', itemdescription: 'theirs', item_categoryid: '500774', itemrank: '3', item_tax: '', addon: [], in_stock: '0',
		item_packingcharges: '9', item_ordertype: '1,2,3', tax_inclusive: true, item_attributeid: '1' }));
	assert.equal(other.status, 'success', other.errors);
	assert.equal(told(other, 'price').theirs, '999.00');
	const after_it = await good('GET', `/menu/items/${id}`);
	assert.deepEqual({ ...after_it, is_available: true, updated_at: now.updated_at }, { ...now }, 'only what was not locked');
	assert.equal(after_it.is_available, false, 'the POS\'s 86 counts');
	assert.deepEqual((await both(id)).guest.category.name, 'From the oven');
	// One field is given back, then the others.
	assert.deepEqual((await unlock(`/menu/items/${id}`, { fields: ['price'] })).locked_fields, LOCKED.filter((one) => one !== 'price'));
	const v = await version();
	await push();
	assert.ok(await version() > v);
	assert.deepEqual([(await both(id)).guest.price, (await both(id)).guest.name], [240, 'Paneer Tikka (house)']);
	assert.deepEqual((await unlock(`/menu/items/${id}`)).locked_fields, []);
	assert.deepEqual((await push()).overrides, []);
	const back = await good('GET', `/menu/items/${id}`);
	assert.deepEqual({ ...back, updated_at: was.updated_at, time_slots: [] }, was, 'all of it is the POS\'s again');
	assert.deepEqual(back.time_slots, ['lunch', 'dinner'], 'but the slots, of which PetPooja does not speak');
	await good('PUT', `/menu/items/${id}`, whole(back, { time_slots: [] }));
});

test('E14 SYNC-04 the history of menus is shown to admins, a page at a time, with what differed', async () => {
	const at = (query = '', token = bistro.admin) => world.fetch(`/api/menu-sync/${bistro.slug}/history${query}`, { token });
	const id = bistro.items.get(TIKKA);
	await good('PUT', `/menu/items/${id}`, whole(await good('GET', `/menu/items/${id}`), { price: 199 }));
	await push((doc, item) => { item(TIKKA).itemname = ''; });
	const all = [];
	for (let cursor = ''; cursor !== null;) {
		const { status, json, text } = await at(`?limit=2${cursor}`);
		assert.equal(status, 200, text);
		all.push(...json.syncs);
		cursor = json.next_cursor && `&cursor=${json.next_cursor}`;
	}
	const rows = await world.sql(`SELECT id, sync_type, status, items_synced, changed, errors, overrides FROM menu_sync_history WHERE restaurant_id = ${bistro.id} ORDER BY id DESC`);
	assert.deepEqual(all.map((one) => [one.id, one.type, one.status, one.items_synced, one.changed, one.errors, one.overrides]),
		rows.map((row) => [row.id, row.sync_type, row.status, row.items_synced, row.changed, row.errors, row.overrides].map((cell, i) => ([0, 3, 4].includes(i) ? Number(cell) : i > 4 ? JSON.parse(cell) : cell))));
	const [newest] = all;
	assert.equal(newest.status, 'partial');
	assert.ok(newest.errors_n === newest.errors.length && newest.errors.some((one) => one.what.includes(TIKKA)), JSON.stringify(newest.errors));
	assert.ok(newest.completed_at >= newest.started_at && newest.menu_version > 0);
	assert.deepEqual(newest.overrides.map((one) => one.field), [], 'of what is not in the document nothing differs');
	await push();
	assert.deepEqual((await at('?limit=1')).json.syncs[0].overrides, [{ what: `item ${TIKKA}`, field: 'price', ours: '199.00', theirs: '240.00' }]);
	await world.sql(`UPDATE menu_sync_history SET overrides = JSON_ARRAY(JSON_OBJECT('what', REPEAT('x', 70000))) ORDER BY id DESC LIMIT 1`);
	const [large] = (await at('?limit=1')).json.syncs;
	assert.deepEqual([large.overrides_n, large.overrides], [1, null], 'too much for a list');
	for (const query of ['?limit=0', '?limit=51', '?cursor=0', '?cursor=x', '?since=now']) assert.equal((await at(query)).status, 400, query);
	assert.deepEqual([(await at('', bistro.cook)).status, (await at('', '')).status, (await world.fetch('/api/menu-sync/nowhere/history', { token: bistro.admin })).status], [403, 401, 404]);
	await unlock(`/menu/items/${id}`);
	await push();
});

test('E14 variations: changed, taken off and made beside the POS\'s, each for itself', async () => {
	const id = bistro.items.get(TIKKA);
	const { staff } = await both(id);
	const [half, full] = ['Half', 'Full'].map((name) => staff.variations.find((one) => one.name === name));
	const bread = bistro.addons.get('1150790') && (await good('GET', '/menu/addon-groups?limit=200')).addon_groups.find((one) => one.external_id === '135699');
	const now = await good('PUT', `/menu/items/${id}`, whole(staff, { variations: [{ id: half.id, name: 'Half plate', price: 222, addon_groups: [{ id: bread.id, min: 1, max: 1 }] }, { name: 'Bite', price: 60, addon_groups: [{ id: bread.id, max: 1 }] }] }));
	const of = (item, name) => item.variations.find((one) => one.name === name);
	assert.deepEqual([of(now, 'Half plate').locked_fields, of(now, 'Full').locked_fields, of(now, 'Bite').locked_fields], [['name', 'price', 'addon_groups'], ['is_active'], []]);
	const row = await push((doc, item) => { item(TIKKA).variation[0].price = '300.00'; });
	assert.equal(row.status, 'success', row.errors);
	assert.deepEqual(row.overrides.filter((one) => one.what.startsWith('variation')).map((one) => [one.what, one.field, one.ours, one.theirs]).sort(),
		[['variation 7765090', 'name', 'Half plate', 'Half'], ['variation 7765090', 'price', '222.00', '300.00'], ['variation 7765091', 'is_active', 'false', 'true']]);
	assert.deepEqual((await good('GET', `/menu/items/${id}`)).variations, now.variations);
	const shown = (await both(id)).guest.variations;
	assert.deepEqual(shown.map((one) => [one.name, one.price, one.addon_groups?.map((g) => [g.id, g.min, g.max])]).sort(), [['Bite', 60, [[bread.id, 0, 1]]], ['Half plate', 222, [[bread.id, 1, 1]]]]);
	// One that the POS drops but staff want, and one that staff made: both stay when the POS speaks of neither.
	await good('PUT', `/menu/items/${id}`, whole(staff, { variations: [{ id: full.id, name: 'Full', price: 420 }, { id: of(now, 'Bite').id, name: 'Bite', price: 60 }] }));
	await push((doc, item) => { item(TIKKA).variation = item(TIKKA).variation.slice(0, 1); });
	assert.deepEqual((await both(id)).guest.variations.map((one) => one.name).sort(), ['Bite', 'Full']);
	await unlock(`/menu/items/${id}`);
	await push();
	const back = (await both(id)).guest.variations;
	assert.deepEqual(back.map((one) => [one.name, one.price]).sort(), [['Bite', 60], ['Full', 420], ['Half', 240]]);
	assert.deepEqual(back.find((one) => one.name === 'Half').addon_groups, undefined, 'with the groups that the POS gives them');
	assert.ok(back.find((one) => one.name === 'Bite').addon_groups, 'and those of ours stay ours');
	await good('PUT', `/menu/items/${id}`, whole(staff, { variations: [half, full].map((one) => ({ id: one.id, name: one.name, price: one.price })) }));
});

test('E14 categories, add-on groups, add-on items and taxes are locked in the same way', async () => {
	const find = async (at, list, external) => (await good('GET', `${at}?limit=200`))[list].find((one) => one.external_id === external);
	const category = await find('/menu/categories', 'categories', VEG), group = await find('/menu/addon-groups', 'addon_groups', '135700'), tax = await find('/taxes', 'taxes', '11213');
	await good('PUT', `/menu/categories/${category.id}`, { name: 'Small plates', display_order: 99, image_url: 'https://img.example/c.png' });
	const mild = group.addon_items.find((one) => one.external_id === '1150790');
	await good('PUT', `/menu/addon-groups/${group.id}`, { name: 'How hot?', addon_items: [{ id: mild.id, name: 'Gentle', price: 1 }, { name: 'Ghost', price: 9 }] });
	await good('PUT', `/taxes/${tax.id}`, { name: 'Central', kind: 'percent', percent: '3', order_types: ['pickup'] });
	const row = await push((doc) => { // the POS gives another category the name that ours has now
		doc.categories.find((one) => one.categoryid === '500780').categoryname = 'Small plates';
		doc.taxes[0].tax = '4';
	});
	const overrides = row.overrides.map((one) => `${one.what} ${one.field} ${one.ours}/${one.theirs}`);
	for (const one of ['category 500772 name Small plates/Starters – Veg', 'add-on group 135700 name How hot?/Spice level', 'add-on 1150790 name Gentle/Mild', 'add-on 1150790 price 1.00/0.00', 'add-on 1150791 is_active false/true',
		'tax 11213 name Central/CGST', 'tax 11213 price 30000/40000'])
		assert.ok(overrides.includes(one), `${one} in ${overrides.join('\n')}`);
	const shown = (await guest.fetch('/api/v1/menu/categories')).json.categories;
	assert.deepEqual([shown.filter((one) => one.name === 'Small plates').map((one) => one.id), shown.some((one) => one.name === 'Small plates (2)')], [[category.id], true]);
	const of = await find('/menu/addon-groups', 'addon_groups', '135700');
	assert.deepEqual(of.addon_items.filter((one) => one.is_active).map((one) => one.name).sort(), ['Gentle', 'Ghost']);
	assert.deepEqual([(await find('/taxes', 'taxes', '11213')).percent, (await find('/taxes', 'taxes', '11213')).locked_fields], ['3', ['name', 'price', 'order_types']]);
	// The POS takes them out of its menu: what staff have made inactive or want stays as it is.
	await good('DELETE', `/menu/categories/${category.id}`);
	assert.equal((await push()).status, 'success');
	assert.equal((await find('/menu/categories', 'categories', VEG)).is_active, false, 'deleted here is deleted');
	for (const at of [`/menu/categories/${category.id}`, `/menu/addon-groups/${group.id}`, `/taxes/${tax.id}`]) await unlock(at);
	assert.deepEqual((await push()).overrides, []);
	assert.deepEqual([await find('/menu/categories', 'categories', VEG), (await find('/menu/addon-groups', 'addon_groups', '135700')).addon_items.filter((one) => one.external_id), await find('/taxes', 'taxes', '11213')],
		[category, group.addon_items, tax]);
	await good('PUT', `/menu/addon-groups/${group.id}`, { name: group.name, addon_items: group.addon_items.map((one) => ({ id: one.id, name: one.name, price: one.price })) });
});

test('E14 ADM-10 an item of the POS that staff deleted stays deleted; what they made is nobody else\'s', async () => {
	const id = bistro.items.get('10464010');
	const { staff } = await both(id);
	const own = await good('POST', '/menu/items', { name: 'Chef\'s idea', price: 99, category_id: staff.category.id, tax_ids: staff.tax_ids, addon_groups: [{ id: staff.addon_groups[0].id, max: 1 }] });
	await good('DELETE', `/menu/items/${id}`);
	const row = await push((doc, item) => { item('10464010').price = '191.00'; });
	assert.equal(row.status, 'success', row.errors);
	assert.equal((await guest.fetch(`/api/v1/menu/items/${id}`)).status, 404);
	assert.equal((await good('GET', `/menu/items/${id}`)).price, 191, 'what is not locked follows');
	assert.deepEqual(await good('GET', `/menu/items/${own.id}`), own);
	assert.deepEqual((await unlock(`/menu/items/${id}`)).locked_fields, []);
	await push();
	assert.equal((await both(id)).guest.price, 190);
	// One that the POS no longer has, but staff keep.
	const kept = await good('PUT', `/menu/items/${id}`, whole(staff, { is_active: false }));
	assert.deepEqual(kept.locked_fields, ['is_active']);
	await good('PUT', `/menu/items/${id}`, whole(staff, { is_active: true }));
	const gone = await push((doc) => { doc.items = doc.items.filter((one) => one.itemid !== '10464010'); });
	assert.ok(gone.overrides.some((one) => one.what === 'item 10464010' && one.field === 'is_active' && one.theirs === null));
	assert.equal((await both(id)).guest.name, staff.name);
	await unlock(`/menu/items/${id}`);
	await push((doc) => { doc.items = doc.items.filter((one) => one.itemid !== '10464010'); });
	assert.equal((await guest.fetch(`/api/v1/menu/items/${id}`)).status, 404);
	await push();
	await good('DELETE', `/menu/items/${own.id}`);
});

test('E10 E14 WH-22 sold out: the POS\'s word counts, an import does not undo the kitchen\'s, the last word about a thing wins', async () => {
	const id = bistro.items.get(TIKKA);
	const state = async () => { const { staff } = await both(id); return [staff.is_available, staff.available_at, staff.locked_fields]; };
	const kitchen = (is_available, more) => say('PATCH', `/menu/items/${id}/availability`, { is_available, ...more }, { token: bistro.cook });
	const stock = (inStock, more) => bistro.pos.control('/stock', { json: { itemID: [TIKKA], inStock, ...more } });
	const answer = await kitchen(false);
	assert.deepEqual(answer.json, { is_available: false, available_at: null, changed: 1 });
	assert.deepEqual(await state(), [false, null, ['is_available']]);
	const row = await push();
	assert.deepEqual(row.overrides.map((one) => [one.what, one.field, one.ours, one.theirs]), [[`item ${TIKKA}`, 'is_available', 'false', 'true']]);
	assert.deepEqual(await state(), [false, null, ['is_available']], 'its document knows nothing of the kitchen');
	assert.equal((await stock(true)).status, 200);
	assert.deepEqual(await state(), [true, null, []], 'but a word about just this thing does');
	await stock(false);
	assert.deepEqual(await state(), [false, null, []]);
	await push();
	assert.deepEqual(await state(), [true, null, []], 'what the POS switched off its menu switches on');
	await push((doc, item) => { item(TIKKA).in_stock = '0'; });
	assert.deepEqual(await state(), [false, null, []]);
	assert.deepEqual((await kitchen(true)).json.changed, 1);
	assert.deepEqual(await state(), [true, null, []]);
	await push();
	const refused = await say('PATCH', `/menu/items/${id}/availability`, { is_available: false, reason: 'x' });
	assert.equal(refused.status, 400);
	const [audit] = await world.sql(`SELECT actor, detail FROM audit_log WHERE restaurant_id = ${bistro.id} AND action = 'menu.availability' ORDER BY id LIMIT 1`);
	assert.deepEqual([audit.actor, JSON.parse(audit.detail)], ['staff:bistro-cook', { is_available: false, until: null, ids: [id] }]);
});

// As if its time had come: rows and message.
const come = () => world.sql(`UPDATE items SET returns_at = UTC_TIMESTAMP(6) WHERE returns_at IS NOT NULL AND restaurant_id = ${bistro.id}; UPDATE variations SET returns_at = UTC_TIMESTAMP(6) WHERE returns_at IS NOT NULL AND restaurant_id = ${bistro.id};
	UPDATE addon_items SET returns_at = UTC_TIMESTAMP(6) WHERE returns_at IS NOT NULL AND restaurant_id = ${bistro.id}; UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'stock_return' AND owner = 0`);
const fired = () => world.until('the message', async () => (await world.sql("SELECT id FROM outbox WHERE kind = 'stock_return' AND due_at <= UTC_TIMESTAMP(6) + INTERVAL 10 SECOND")).length === 0);
const soon = (s) => new Date((Math.floor(Date.now() / 1000) + s) * 1000).toISOString().replace('.000Z', 'Z');

test('E10 E12 sold out until a time: items, sizes and extras come back by themselves, together, as one version', async () => {
	const { staff } = await both(bistro.items.get(TIKKA));
	const size = staff.variations[0], extra = staff.addon_groups[0].addon_items[0], other = bistro.items.get('10464024');
	const until = soon(3600), was = await version();
	const said = await say('PATCH', '/menu/availability', { is_available: false, until, items: [staff.id, other], variations: [size.id], addon_items: [extra.id] }, { token: bistro.cook });
	assert.deepEqual(said.json, { is_available: false, available_at: until, changed: 4 });
	assert.equal(await version(), was + 1);
	const of = (item) => [item.available_at, item.is_available, item.variations[0].available_at, item.variations[0].is_available, item.addon_groups[0].addon_items[0].available_at, item.addon_groups[0].addon_items[0].is_available];
	assert.deepEqual(of((await both(staff.id)).staff), [until, false, until, false, until, false]);
	const shown = (await both(staff.id)).guest;
	assert.deepEqual([shown.is_available, shown.variations[0].is_available, shown.addon_groups[0].addon_items[0].is_available], [false, false, false]);
	assert.equal((await guest.place(bistro.cart([{ item: '10464024', variation: null, addons: [], quantity: 1 }]))).status, 409);
	await push();
	assert.deepEqual(of((await both(staff.id)).staff), [until, false, until, false, until, false], 'an import changes nothing of it');
	await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'stock_return'");
	await fired();
	assert.equal((await both(staff.id)).staff.is_available, false, 'a message that comes too early does nothing');
	const again = await say('PATCH', '/menu/availability', { is_available: false, until, items: [staff.id, other], variations: [size.id], addon_items: [extra.id] });
	assert.deepEqual(again.json.changed, 0);
	const before_ = await version();
	await come();
	await fired();
	assert.equal(await version(), before_ + 1);
	const back = (await both(staff.id)).staff;
	assert.deepEqual([of(back), back.locked_fields, back.variations[0].locked_fields], [[null, true, null, true, null, true], [], []]);
	assert.equal((await both(other)).guest.is_available, true);
});

test('E10 a message whose time was overtaken does nothing: switched on, switched off for good, given another time', async () => {
	const id = bistro.items.get(TIKKA);
	const set = (is_available, until) => good('PATCH', `/menu/items/${id}/availability`, { is_available, ...(until ? { until } : {}) });
	await set(false, soon(3600));
	await set(false); // for good
	await come();
	await fired();
	assert.deepEqual((await both(id)).staff.is_available, false);
	await set(false, soon(3600));
	const later = soon(7200);
	await set(false, later);
	await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'stock_return' ORDER BY id LIMIT 1");
	await fired();
	assert.deepEqual([(await both(id)).staff.is_available, (await both(id)).staff.available_at], [false, later]);
	await set(true);
	const was = await version();
	await come();
	await fired();
	assert.deepEqual([(await both(id)).staff.is_available, (await both(id)).staff.available_at, await version()], [true, null, was]);
	for (const [wrong, field] of [[{ is_available: false, until: soon(-5) }, 'until'], [{ is_available: false, until: soon(367 * 86400) }, 'until'], [{ is_available: true, until: soon(60) }, 'until'], [{ is_available: true, until_end_of_day: true }, 'until_end_of_day'],
		[{ is_available: false, until: soon(60), until_end_of_day: true }, 'until'], [{ is_available: false, until: 'tonight' }, 'until'], [{ until: soon(60) }, 'is_available'], [{ is_available: 'no' }, 'is_available']]) {
		const answer = await say('PATCH', `/menu/items/${id}/availability`, wrong);
		assert.deepEqual([answer.status, answer.json.error.details.fields.map((one) => one.field)], [400, [field]], JSON.stringify(wrong));
	}
	for (const wrong of [{ is_available: false }, { is_available: false, items: [] }, { is_available: false, items: Array(401).fill(id) }, { is_available: false, items: Array(300).fill(id), variations: Array(101).fill(id) }, { is_available: false, items: [7] }])
		assert.equal((await say('PATCH', '/menu/availability', wrong)).status, 400);
});

test('E10 E5 until the end of the business day, which is the restaurant\'s', async () => {
	const id = bistro.items.get(TIKKA);
	const minute = 60000, ist = 330 * minute;
	for (const [begins, min] of [['00:00', 0], ['04:00', 240]]) {
		await world.sql(`INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (${bistro.id}, 'day_starts_at', '"${begins}"', NOW(6), 'test') ON DUPLICATE KEY UPDATE value = VALUES(value)`);
		const [{ now }] = await world.sql('SELECT UNIX_TIMESTAMP(UTC_TIMESTAMP(3)) * 1000 AS now');
		const day = Math.floor((Date.now() + ist - min * minute) / (1440 * minute));
		const end = new Date((day + 1) * 1440 * minute + min * minute - ist).toISOString().replace('.000Z', 'Z');
		assert.equal((await good('PATCH', `/menu/items/${id}/availability`, { is_available: false, until_end_of_day: true })).available_at, end, `${begins} ${now}`);
		assert.equal((await bistro.pos.control('/stock', { json: { itemID: [TIKKA], inStock: false, autoTurnOnTime: 'endofday' } })).status, 200);
		assert.equal((await both(id)).staff.available_at, end, 'the POS says so too');
	}
	await world.sql(`DELETE FROM system_config WHERE restaurant_id = ${bistro.id} AND config_key = 'day_starts_at'`);
	await good('PATCH', `/menu/items/${id}/availability`, { is_available: true });
});

test('E10 WH-22 PetPooja\'s autoTurnOnTime: custom is by the restaurant\'s clock, endless is endless, a time that has come is now', async () => {
	const id = bistro.items.get(TIKKA), size = '7765091';
	const stock = (more) => bistro.pos.control('/stock', { json: { itemID: [TIKKA], inStock: false, ...more } });
	const local = (s) => new Date(Date.now() + s * 1000 + 330 * 60000).toISOString().replace('T', ' ').slice(0, 16);
	const at = local(7200);
	await stock({ autoTurnOnTime: 'custom', customTurnOnTime: at });
	const { staff } = await both(id);
	assert.equal(new Date(Date.parse(staff.available_at) + 330 * 60000).toISOString().slice(0, 16).replace('T', ' '), at);
	assert.deepEqual([staff.is_available, staff.locked_fields], [false, []]);
	await stock({ itemID: [size], autoTurnOnTime: 'custom', customTurnOnTime: at });
	await come();
	await fired();
	const back = (await both(id)).staff;
	assert.deepEqual([back.is_available, back.available_at, back.variations.every((one) => one.is_available)], [true, null, true]);
	await stock({ autoTurnOnTime: '' });
	assert.deepEqual([(await both(id)).staff.is_available, (await both(id)).staff.available_at], [false, null]);
	await stock({ autoTurnOnTime: 'custom', customTurnOnTime: local(-120) });
	await world.until('at once', async () => (await both(id)).staff.is_available);
	await stock({ inStock: true });
	await fired();
});

test('D9 I9 and all of it leaves the house in order', async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
});
