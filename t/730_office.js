'use strict';
// office: settings, hours, pauses and busy mode through nginx, and what each of them does to an order.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { World } = require('./world.js');
const { Bistro, REST_ID } = require('./bistro.js');
const { DEFAULTS } = require('./sim/petpooja.js');

let world, bistro, other, guest, root;

before(async () => {
	world = await World.start({ onboard: false, workers: 3, env: { DEFAULT_RESTAURANT: 'bistro', RELAY_POLL_MS: '50' } });
	bistro = await Bistro.open(world);
	other = await Bistro.open(world, { slug: 'other', pos: false, staffPhone: '+919900000202' });
	root = await platformToken();
	guest = await bistro.guest();
	await world.sql('DELETE FROM system_config');
});
after(() => world?.stop());

// Staff of the whole platform.
async function platformToken() {
	const file = path.join(world.at.conf, 'third.json');
	const password = world.canary(crypto.randomBytes(12).toString('base64url'));
	fs.writeFileSync(file, JSON.stringify({ slug: 'third', name: 'Third', staff: [{ username: 'chief', role: 'admin', name: 'Chief', password }] }));
	await world.ticketrail(['onboard', file]);
	await world.sql("UPDATE staff_users SET restaurant_id = NULL WHERE username = 'chief'");
	const answer = await world.fetch('/api/v1/admin/auth/login', { json: { username: 'chief', password } });
	assert.equal(answer.status, 200, answer.text);
	world.canary(answer.json.refresh_token);
	return world.canary(answer.json.access_token);
}

const code = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();
const fields = (answer) => (answer.json?.error?.details?.fields ?? []).map((one) => one.field);
const at = (where, key) => `${where.base}/api/v1/admin/config${key === undefined ? '' : `/${key}`}`;
const put = (key, value, { where = bistro, token = bistro.admin, ...options } = {}) =>
	world.fetch(at(where, key), { method: 'PUT', token, json: { value }, ...options });
const reset = (key) => world.fetch(at(bistro, key), { method: 'DELETE', token: bistro.admin });
const get = (key, { where = bistro, token = bistro.admin, ...options } = {}) => world.fetch(at(where, key), { token, ...options });
const store = (what, json, token = bistro.cook) =>
	world.fetch(`${bistro.base}/api/v1/admin/${what}`, { method: json === undefined && what === 'pause' ? 'GET' : 'POST', token, ...(json ? { json } : {}) });
const shown = async (base = bistro.base) => (await world.fetch(`${base}/api/v1/restaurant`)).json.restaurant;
const set = async (key, value) => {
	const answer = await put(key, value);
	assert.equal(answer.status, 200, answer.text);
	return answer.json.config;
};
const clean = async () => {
	for (const { key, source } of (await get()).json.config) if (source !== 'default') await reset(key);
};

test('ADM-13 CFG-04 CFG-05 the configuration: seven keys with their defaults, and ours', async () => {
	const answer = await get();
	assert.equal(answer.status, 200, answer.text);
	const all = Object.fromEntries(answer.json.config.map((one) => [one.key, one]));
	const seven = { restaurant_open: true, delivery_enabled: true, delivery_charge: 20, cash_payment_enabled: true, upi_payment_enabled: true,
		max_orders_per_slot: 50, time_slots: { breakfast: { start: '07:00', end: '10:00' }, lunch: { start: '12:00', end: '15:00' }, dinner: { start: '18:00', end: '22:00' } } };
	for (const [key, value] of Object.entries(seven)) {
		assert.deepEqual(all[key].value, value, key);
		assert.deepEqual([all[key].default, all[key].source, all[key].updated_at, all[key].updated_by], [value, 'default', null, null], key);
	}
	assert.match(answer.text, /"key":"delivery_charge","type":"money","value":20\.00,"default":20\.00/);
	assert.deepEqual(Object.keys(all).slice(0, 7).sort(), Object.keys(seven).sort());
	for (const key of ['slot_minutes', 'public_menu', 'prep_minutes', 'busy_minutes', 'weekly_hours', 'holidays', 'schedule_days_max', 'day_starts_at'])
		assert.ok(all[key].description.length > 5, key);
	assert.ok(!('pause' in all) && !('busy_until' in all));
});

test('ADM-14 CFG-07 a change says who made it and when; put back it is nobody\'s', async () => {
	const before = Date.now();
	const answer = await put('delivery_charge', 25.5);
	assert.equal(answer.status, 200, answer.text);
	assert.match(answer.text, /"value":25\.50,"default":20\.00,"source":"restaurant"/);
	const { updated_by: by, updated_at: when } = answer.json.config;
	assert.equal(by, 'staff:bistro-admin');
	assert.ok(Math.abs(Date.parse(when) - before) < 60000, when);
	const one = await get('delivery_charge');
	assert.deepEqual(one.json, answer.json);
	assert.equal(one.headers.etag, answer.json.config.etag);
	assert.equal((await get('delivery_charge', { headers: { 'if-none-match': one.headers.etag } })).status, 304);
	const [row] = await world.sql(`SELECT actor, action, JSON_EXTRACT(detail, '$.old') AS old, JSON_EXTRACT(detail, '$.new') AS new FROM audit_log
		WHERE subject = 'delivery_charge' ORDER BY id DESC LIMIT 1`);
	assert.deepEqual({ ...row }, { actor: 'staff:bistro-admin', action: 'config.set', old: '20.00', new: '25.50' });
	const back = await reset('delivery_charge');
	assert.deepEqual([back.json.config.value, back.json.config.source, back.json.config.updated_by], [20, 'default', null]);
	assert.equal((await reset('delivery_charge')).status, 200, 'once more changes nothing');
});

test('ADM-14 SEC-04 S03 what is not right is named and changes nothing', async () => {
	const before = await world.sql('SELECT * FROM system_config ORDER BY 1, 2');
	const bad = [
		['restaurant_open', 'yes', 'value'], ['restaurant_open', null, 'value'], ['delivery_charge', -0.01, 'value'], ['delivery_charge', 1.005, 'value'],
		['delivery_charge', 1e12, 'value'], ['delivery_charge', [20], 'value'], ['max_orders_per_slot', 1.5, 'value'], ['max_orders_per_slot', -1, 'value'],
		['time_slots', { lunch: { start: '12:00', end: '26:00' } }, 'value.lunch.end'], ['time_slots', 'lunch', 'value'],
		['weekly_hours', { funday: [] }, 'value.funday'], ['weekly_hours', { monday: [{ start: '10:00' }] }, 'value.monday[0]'],
		['holidays', { '2026-02-30': [] }, 'value.2026-02-30'], ['day_starts_at', '4:00', 'value'], ['schedule_days_max', 10000, 'value'],
		['time_slots', Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`s${i}`, { start: '10:00', end: '11:00' }])), 'value'],
	];
	for (const [key, value, field] of bad) {
		const answer = await put(key, value);
		assert.equal(code(answer), '400 VALIDATION_ERROR', `${key} ${answer.text}`);
		assert.deepEqual(fields(answer), [field], key);
	}
	const raw = (body, options) => world.fetch(at(bistro, 'prep_minutes'), { method: 'PUT', token: bistro.admin, body, headers: { 'content-type': 'application/json' }, ...options });
	for (const [body, want, field] of [['{}', '400 VALIDATION_ERROR', ['value']], ['{"value":1,"updated_by":"me"}', '400 VALIDATION_ERROR', ['updated_by']],
		['{"value":1', '400 VALIDATION_ERROR', []], ['{"value":NaN}', '400 VALIDATION_ERROR', []], ['{"value":99999999999999999999}', '400 VALIDATION_ERROR', []], ['5', '400 VALIDATION_ERROR', []],
		['', '400 VALIDATION_ERROR', []]]) {
		const answer = await raw(body);
		assert.equal(code(answer), want, `${body} ${answer.text}`);
		if (field.length) assert.deepEqual(fields(answer), field, body);
	}
	assert.equal(code(await raw('{"value":1}', { headers: { 'content-type': 'text/plain' } })), '415 UNSUPPORTED_MEDIA_TYPE');
	assert.equal(code(await put('weekly_hours', { monday: Array(5000).fill({ start: '10:00', end: '11:00' }) })), '413 PAYLOAD_TOO_LARGE');
	for (const key of ['colour', 'pause', 'busy_until', 'Restaurant_open', 'a%00b', 'x'.repeat(300)]) {
		assert.match(code(await put(key, 1)), /^(404 NOT_FOUND|400 VALIDATION_ERROR)$/, key);
		assert.match(code(await get(key)), /^(404 NOT_FOUND|400 VALIDATION_ERROR)$/, key);
	}
	assert.deepEqual(await world.sql('SELECT * FROM system_config ORDER BY 1, 2'), before);
});

test('ADM-14 of twenty who edit the same value one does, and the others are told', async () => {
	const { etag } = (await get('prep_minutes')).headers;
	const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => put('prep_minutes', 30 + i, { headers: { 'if-match': etag } })));
	const done = answers.filter((one) => one.status === 200);
	assert.equal(done.length, 1);
	assert.deepEqual(new Set(answers.map(code)), new Set(['200', '412 PRECONDITION_FAILED']));
	assert.equal((await get('prep_minutes')).json.config.value, done[0].json.config.value);
	assert.equal(code(await put('prep_minutes', 1, { headers: { 'if-match': etag } })), '412 PRECONDITION_FAILED', 'what it was made of is gone');
	assert.equal((await put('prep_minutes', 2, { headers: { 'if-match': done[0].headers.etag } })).status, 200);
	assert.equal((await put('prep_minutes', 3, { headers: { 'if-match': '*' } })).status, 200);
	assert.equal(code(await world.fetch(at(bistro, 'prep_minutes'), { method: 'DELETE', token: bistro.admin, headers: { 'if-match': etag } })), '412 PRECONDITION_FAILED');
	await reset('prep_minutes');
	assert.deepEqual(await world.sql('SELECT * FROM system_config'), [], 'nothing is left of those who were refused');
});

test('C1 ARC-03 SEC-09 one restaurant without an id, by host and by name; nobody sets another\'s', async () => {
	await set('prep_minutes', 33);
	await world.sql("UPDATE restaurants SET host_name = 'bistro.example' WHERE slug = 'bistro'");
	await world.sql("UPDATE restaurants SET host_name = 'other.example' WHERE slug = 'other'");
	for (const [name, options] of [['/api/v1/restaurant', {}], ['/r/bistro/api/v1/restaurant', {}], ['/api/v1/restaurant', { headers: { host: 'bistro.example' } }]]) {
		const { json } = await world.fetch(name, options);
		assert.deepEqual([json.restaurant.slug, json.restaurant.prep_minutes], ['bistro', 33], name);
	}
	for (const [name, options] of [['/r/other/api/v1/restaurant', {}], ['/api/v1/restaurant', { headers: { host: 'other.example' } }]])
		assert.deepEqual([(await world.fetch(name, options)).json.restaurant.slug, (await world.fetch(name, options)).json.restaurant.prep_minutes], ['other', 20]);
	for (const base of ['', '/r/bistro']) {
		const answer = await world.fetch(`${base}/api/v1/admin/config/prep_minutes`, { token: bistro.admin });
		assert.equal(answer.json.config.value, 33, base);
	}
	assert.equal((await world.fetch('/api/v1/admin/config/prep_minutes', { token: bistro.admin, headers: { host: 'bistro.example' } })).json.config.value, 33);
	assert.equal((await world.fetch('/api/v1/admin/config/prep_minutes', { token: other.admin })).json.config.value, 20, 'where only the default was meant it is one\'s own');
	for (const [method, what, json] of [['GET', 'config'], ['GET', 'config/prep_minutes'], ['PUT', 'config/prep_minutes', { value: 1 }], ['DELETE', 'config/prep_minutes'],
		['GET', 'pause'], ['POST', 'pause', {}], ['POST', 'resume'], ['POST', 'busy', { minutes: 5 }]]) {
		const options = { method, token: other.admin, ...(json ? { json } : {}) };
		assert.equal(code(await world.fetch(`/r/bistro/api/v1/admin/${what}`, options)), '403 INSUFFICIENT_ROLE', `${method} ${what}`);
		assert.equal(code(await world.fetch(`/api/v1/admin/${what}`, { ...options, headers: { host: 'bistro.example' } })), '403 INSUFFICIENT_ROLE', `${method} ${what}`);
		assert.equal(code(await world.fetch(`/r/nowhere/api/v1/admin/${what}`, options)), '404 NOT_FOUND', `${method} ${what}`);
		assert.equal(code(await world.fetch(`/r/bistro/api/v1/admin/${what}`, { ...options, token: guest.token })), '403 INSUFFICIENT_ROLE', `${method} ${what}`);
		assert.equal(code(await world.fetch(`/r/bistro/api/v1/admin/${what}`, { ...options, token: undefined })), '401 INVALID_TOKEN', `${method} ${what}`);
	}
	for (const [method, what, json] of [['GET', 'config'], ['PUT', 'config/prep_minutes', { value: 1 }], ['DELETE', 'config/prep_minutes'], ['GET', 'platform-config'],
		['PUT', 'platform-config/prep_minutes', { value: 1 }]])
		assert.equal(code(await world.fetch(`/r/bistro/api/v1/admin/${what}`, { method, token: bistro.cook, ...(json ? { json } : {}) })), '403 INSUFFICIENT_ROLE', `the kitchen: ${method} ${what}`);
	assert.equal(code(await world.fetch('/api/v1/admin/platform-config/prep_minutes', { method: 'PUT', token: bistro.admin, json: { value: 1 } })), '403 INSUFFICIENT_ROLE');
	assert.equal((await get('prep_minutes')).json.config.value, 33, 'nobody has changed anything');
	await clean();
});

test('C1 CFG-07 the platform\'s word holds where a restaurant says nothing', async () => {
	const at_platform = (key, options) => world.fetch(`/api/v1/admin/platform-config${key ? `/${key}` : ''}`, { token: root, ...options });
	assert.equal((await at_platform('')).status, 200);
	const answer = await at_platform('prep_minutes', { method: 'PUT', json: { value: 44 } });
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual([answer.json.config.source, answer.json.config.updated_by], ['platform', 'staff:chief']);
	const own = (await get('prep_minutes')).json.config;
	assert.deepEqual([own.value, own.default, own.source, own.updated_by], [44, 44, 'platform', 'staff:chief']);
	await set('prep_minutes', 12);
	assert.deepEqual([(await shown()).prep_minutes, (await shown(other.base)).prep_minutes], [12, 44]);
	assert.equal((await reset('prep_minutes')).json.config.value, 44);
	const whole = await at_platform('delivery_charge', { method: 'PUT', json: { value: 20.5 } });
	assert.equal(code(whole), '400 VALIDATION_ERROR');
	assert.equal((await at_platform('delivery_charge', { method: 'PUT', json: { value: 30 } })).status, 200);
	assert.equal((await shown()).delivery_charge, 30);
	assert.equal(code(await at_platform('colour', { method: 'PUT', json: { value: 1 } })), '404 NOT_FOUND');
	for (const key of ['prep_minutes', 'delivery_charge']) assert.equal((await at_platform(key, { method: 'DELETE' })).status, 200);
	assert.equal((await shown()).prep_minutes, 20);
	assert.equal((await world.fetch(`${bistro.base}/api/v1/admin/config`, { token: root })).status, 200, 'and they are admins everywhere');
});

const quote = (more) => guest.fetch('/api/v1/orders/quote', { method: 'POST', json: bistro.cart(bistro.usual(), more) });
const delivery = { order_type: 'delivery', delivery_address: '1 Main Road' };

test('CFG-06 every worker\'s next request sees a change, without a reload', async () => {
	const workers = (name) => new Set([...fs.readFileSync(path.join(world.at.log, `${name}.log`), 'utf8').matchAll(/"pid":(\d+).*?"event":"request"/g)].map((m) => m[1]));
	for (let round = 0; round < 12; round++) {
		const charge = 20 + round, isOpen = round % 2 === 0;
		await set('delivery_charge', charge);
		await set('delivery_enabled', isOpen);
		const begun = Date.now();
		const [quotes, seen] = await Promise.all([Promise.all(Array.from({ length: 9 }, () => quote(delivery))), Promise.all(Array.from({ length: 9 }, () => shown()))]);
		assert.ok(Date.now() - begun < 60000);
		for (const answer of quotes)
			if (isOpen) assert.equal(answer.json.delivery_charge ?? answer.json.order?.delivery_charge ?? answer.json.quote?.delivery_charge, charge, answer.text);
			else assert.deepEqual(fields(answer), ['order_type'], answer.text);
		for (const one of seen) assert.deepEqual([one.delivery_charge, one.order_types.includes('delivery')], [charge, isOpen]);
	}
	assert.deepEqual([workers('orders').size, workers('office').size], [3, 3], 'all three workers of both pools were asked');
	await clean();
});

test('ORD-08 ORD-10 ORD-05 CFG-06 what each key does to an order', async () => {
	const place = (more) => guest.place(bistro.cart(bistro.usual(), more));
	await set('restaurant_open', false);
	const closed = await place();
	assert.equal(code(closed), '409 RESTAURANT_CLOSED');
	assert.deepEqual(closed.json.error.details, { cause: 'closed', reason: null, opens_at: null });
	assert.deepEqual([(await shown()).is_open, (await shown()).cause], [false, 'closed']);
	await set('restaurant_open', true);
	await set('delivery_enabled', false);
	assert.deepEqual(fields(await place(delivery)), ['order_type']);
	await set('delivery_enabled', true);
	await set('delivery_charge', 37.25);
	const brought = await place(delivery);
	assert.equal(brought.status, 201, brought.text);
	assert.equal(Math.round(brought.json.order.total * 100), bistro.priceOf(bistro.usual(), 'delivery') - 2000 + 3725);
	const fetched = await place();
	assert.equal(Math.round(fetched.json.order.total * 100), bistro.priceOf(bistro.usual()));
	await set('cash_payment_enabled', false);
	assert.deepEqual(fields(await place()), ['payment_method']);
	assert.deepEqual((await shown()).payment_methods, []);
	await set('cash_payment_enabled', true);
	await set('upi_payment_enabled', false);
	const upi = await place({ payment_method: 'upi' });
	assert.match(upi.json.error.details.fields[0].message, /not taken by this restaurant/);
	await set('upi_payment_enabled', true);
	await set('max_orders_per_slot', 0);
	assert.equal(code(await place()), '409 ORDER_LIMIT_REACHED');
	await set('max_orders_per_slot', 50);
	await set('time_slots', { whenever: { start: '00:00', end: '00:00' } });
	assert.deepEqual((await shown()).time_slots, { whenever: { start: '00:00', end: '00:00' } });
	assert.equal((await place()).status, 201);
	const [{ slot }] = await world.sql('SELECT slot FROM orders ORDER BY id DESC LIMIT 1');
	assert.equal(slot, 'whenever');
	await clean();
});

test('ORD-15 E3 an order is promised for when the kitchen can have it', async () => {
	const minutes = async (more) => {
		const answer = await guest.place(bistro.cart(bistro.usual(), more));
		assert.equal(answer.status, 201, answer.text);
		const [row] = await world.sql(`SELECT TIMESTAMPDIFF(MINUTE, created_at, estimated_ready_time) AS n FROM orders WHERE order_number = '${answer.json.order.order_number}'`);
		const { json } = await guest.order(answer.json.order.id, '/status');
		assert.ok(json.estimated_ready_time !== null, 'and the guest sees it');
		return Number(row.n);
	};
	assert.equal(await minutes(), 20);
	await set('prep_minutes', 35);
	assert.equal(await minutes(), 35);
	const busy = await store('busy', { minutes: 15, for_minutes: 60 });
	assert.equal(busy.status, 200, busy.text);
	assert.equal(busy.json.store.busy_minutes, 15);
	assert.ok(Math.abs(Date.parse(busy.json.store.busy_until) - Date.now() - 3600000) < 60000);
	assert.equal((await shown()).busy_minutes, 15);
	assert.equal(await minutes(), 50);
	assert.equal(await minutes({ scheduled_time: new Date(Date.now() + 2 * 3600000).toISOString() }), 119, 'when it is wanted');
	assert.equal(await minutes({ scheduled_time: new Date(Date.now() + 600000).toISOString() }), 50, 'but no sooner than they can');
	const soon = await store('busy', { minutes: 15, until: new Date(Date.now() + 1200).toISOString() });
	assert.equal(soon.status, 200, soon.text);
	await world.until('the calm', async () => (await shown()).busy_minutes === 0);
	assert.equal(await minutes(), 35);
	await world.until('the row of it', async () => (await get('busy_minutes')).json.config.updated_by === 'jobs');
	assert.equal((await store('busy', { minutes: 0 })).json.store.busy_until, null);
	for (const [json, field] of [[{}, 'minutes'], [{ minutes: -1 }, 'minutes'], [{ minutes: 1441 }, 'minutes'], [{ minutes: 5, for_minutes: 0 }, 'for_minutes'],
		[{ minutes: 5, for_minutes: 5, until: '2099-01-01T00:00:00Z' }, 'for_minutes'], [{ minutes: 5, until: '2020-01-01T00:00:00Z' }, 'until']])
		assert.deepEqual(fields(await store('busy', json)), [field], JSON.stringify(json));
	await clean();
});

test('E4 a pause ends by itself, in every worker, and says why meanwhile', async () => {
	const paused = await store('pause', { reason: 'No gas', until: new Date(Date.now() + 1500).toISOString() });
	assert.equal(paused.status, 200, paused.text);
	const { is_open: isOpen, cause, reason, until, changed_by: by } = paused.json.store;
	assert.deepEqual([isOpen, cause, reason, by], [false, 'paused', 'No gas', 'staff:bistro-cook']);
	const refused = await guest.place();
	if (refused.status !== 201) {
		assert.equal(code(refused), '409 RESTAURANT_CLOSED');
		assert.deepEqual(refused.json.error.details, { cause: 'paused', reason: 'No gas', opens_at: until });
	}
	await world.until('the end of the pause', async () => (await shown()).is_open);
	assert.ok(Date.now() >= Date.parse(until), 'not before its time');
	assert.equal((await guest.place()).status, 201);
	const state = (await store('pause')).json.store;
	assert.deepEqual([state.is_paused, state.reason, state.until, state.changed_by], [false, null, null, 'jobs']);
	const audit = await world.sql(`SELECT actor, action FROM audit_log WHERE action LIKE 'store.%' AND restaurant_id = ${bistro.id} ORDER BY id DESC LIMIT 2`);
	assert.deepEqual(audit.map((one) => `${one.actor} ${one.action}`), ['jobs store.resume', 'staff:bistro-cook store.pause']);
	await clean();
});

test('E4 of several pauses the last wins; an end that is no more opens nothing', async () => {
	assert.equal((await store('pause', { reason: 'one', until: new Date(Date.now() + 700).toISOString() })).status, 200);
	assert.equal((await store('pause', { reason: 'two' })).status, 200);
	assert.deepEqual(await world.sql("SELECT id FROM outbox WHERE kind = 'store_resume' AND owner = 0"), [], 'the first one\'s end is dropped');
	// One whose message a job runner had in hand meanwhile: it comes all the same.
	await world.sql(`INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
		VALUES ('jobs', 'store_resume', 'store_resume', ${bistro.id}, ${bistro.id}, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))`);
	await world.until('the stale message', async () => (await world.sql("SELECT id FROM outbox WHERE kind = 'store_resume'")).length === 0);
	assert.deepEqual([(await shown()).is_open, (await shown()).reason, (await shown()).opens_at], [false, 'two', null]);
	const open = await store('resume', undefined);
	assert.deepEqual([open.status, open.json.store.is_open], [200, true]);
	assert.equal((await guest.place()).status, 201);
	const [empty] = [await world.fetch(`${bistro.base}/api/v1/admin/pause`, { method: 'POST', token: bistro.cook })];
	assert.deepEqual([empty.status, empty.json.store.reason, empty.json.store.until], [200, null, null], 'no body: until further notice');
	for (const [json, field] of [[{ reason: '' }, 'reason'], [{ reason: 'x'.repeat(201) }, 'reason'], [{ minutes: 0 }, 'minutes'], [{ minutes: 1.5 }, 'minutes'], [{ until: 'soon' }, 'until'],
		[{ until: '2020-01-01T00:00:00Z' }, 'until'], [{ until: '2999-01-01T00:00:00Z' }, 'until'], [{ minutes: 5, until: '2099-01-01T00:00:00Z' }, 'minutes'], [{ by: 'me' }, 'by']])
		assert.deepEqual(fields(await store('pause', json)), [field], JSON.stringify(json));
	await clean();
	assert.equal((await shown()).is_open, true);
});

test('E3 E4 F48 a pause or busy mode whose end kills whoever brings it about is told to staff', async () => {
	for (const [kind, begin, words] of [['store_resume', () => store('pause', { minutes: 60 }), /pause should have ended by itself/], ['store_calm', () => store('busy', { minutes: 15, until: new Date(Date.now() + 3600000).toISOString() }), /Busy mode should have ended/]]) {
		const begun = await begin();
		assert.equal(begun.status, 200, begun.text);
		await world.sql(`UPDATE outbox SET lost_claims = 3, due_at = UTC_TIMESTAMP(6) WHERE kind = '${kind}' AND restaurant_id = ${bistro.id}`);
		const text = await bistro.told('', words);
		assert.match(text, /Whoever carried it out died of it/);
		assert.deepEqual((await world.sql(`SELECT outcome FROM outbox_done WHERE kind = '${kind}' ORDER BY id DESC LIMIT 1`)), [{ outcome: 'DEAD' }]);
	}
	assert.equal((await shown()).is_open, false, 'nobody opens it but staff');
	assert.equal((await store('resume', undefined)).status, 200);
	assert.equal((await store('busy', { minutes: 0 })).status, 200);
	await world.sql("DELETE FROM outbox_done WHERE outcome = 'DEAD'");
	await clean();
});

test('E4 ORD-08 the POS throws the same switch, and its turn-on time opens the store', async () => {
	const hook = (what, json) => world.fetch(`/api/webhooks/petpooja/${what}`, { json: { restID: REST_ID, ...json }, headers: { authorization: DEFAULTS.authorization } });
	const kolkata = (ms) => new Date(Date.now() + 5.5 * 3600000 + ms).toISOString().slice(0, 19).replace('T', ' ');
	assert.equal((await hook('store-status-update', { store_status: '0', reason: 'Kitchen closed', turn_on_time: kolkata(3000) })).status, 200);
	assert.equal((await hook('store-status', {})).json.store_status, '0');
	const state = await shown();
	assert.deepEqual([state.cause, state.reason], ['paused', 'Kitchen closed']);
	assert.ok(state.opens_at !== null);
	await world.until('the end of the POS\'s pause', async () => (await shown()).is_open);
	assert.equal((await hook('store-status', {})).json.store_status, '1');
	assert.equal((await guest.place()).status, 201);
	await store('pause', { reason: 'staff' });
	assert.equal((await hook('store-status', {})).json.store_status, '0', 'it hears of a pause by staff');
	assert.equal((await hook('store-status-update', { store_status: '1' })).status, 200);
	assert.equal((await shown()).is_open, true, 'whoever throws it last has it');
	await clean();
});

// The weekday and the time of day on the wall in Kolkata, minutes from now.
const wall = (minutes) => {
	const then = new Date(Date.now() + 5.5 * 3600000 + minutes * 60000);
	return { date: then.toISOString().slice(0, 10), day: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'][then.getUTCDay()], time: then.toISOString().slice(11, 16) };
};

test('E5 ORD-08 outside its hours nothing is taken but for later', async () => {
	const opens = wall(180), ends = wall(300);
	const week = { [opens.day]: [{ start: opens.time, end: ends.time }] };
	await set('weekly_hours', week);
	const state = await shown();
	assert.deepEqual([state.is_open, state.cause], [false, 'outside_hours']);
	assert.deepEqual(state.weekly_hours[opens.day], week[opens.day]);
	assert.equal(Object.keys(state.weekly_hours).length, 7);
	assert.ok(Math.abs(Date.parse(state.opens_at) - Date.now() - 180 * 60000) < 61000, state.opens_at);
	const now = await guest.place();
	assert.equal(code(now), '409 RESTAURANT_CLOSED');
	assert.deepEqual(now.json.error.details, { cause: 'outside_hours', reason: null, opens_at: state.opens_at });
	const later = (minutes) => guest.place(bistro.cart(bistro.usual(), { scheduled_time: new Date(Date.now() + minutes * 60000).toISOString() }));
	assert.equal((await later(240)).status, 201, 'wanted within the hours');
	const outside = await later(360);
	assert.equal(code(outside), '409 RESTAURANT_CLOSED');
	assert.ok(Date.parse(outside.json.error.details.opens_at) > Date.now() + 6 * 86400000, 'and told when it opens after that');
	assert.deepEqual(fields(await later(9 * 24 * 60)), ['scheduled_time'], 'too far ahead');
	assert.deepEqual(fields(await later(-10)), ['scheduled_time'], 'past');
	await set('holidays', { [opens.date]: [] });
	assert.deepEqual((await shown()).holidays, { [opens.date]: [] });
	assert.equal(code(await later(240)), '409 RESTAURANT_CLOSED', 'a holiday');
	const here = wall(0), before = wall(-60), soon = wall(60);
	await set('holidays', { [before.date]: [{ start: before.time, end: soon.time }] });
	assert.equal((await guest.place()).status, 201, `open on this date (${here.date})`);
	await store('pause', { reason: 'rain' });
	assert.deepEqual((await later(240)).json.error.details.cause, 'paused', 'a pause is for later orders too');
	await clean();
	assert.deepEqual([(await shown()).weekly_hours, (await guest.place()).status], [null, 201], 'none set: always open');
});

test('ARC-03 a restaurant that is not active shows nothing', async () => {
	await world.sql("UPDATE restaurants SET is_active = 0 WHERE slug = 'other'");
	assert.equal(code(await world.fetch('/r/other/api/v1/restaurant')), '404 NOT_FOUND');
	await world.sql("UPDATE restaurants SET is_active = 1 WHERE slug = 'other'");
	assert.equal((await world.fetch('/r/other/api/v1/restaurant', { method: 'HEAD' })).status, 200);
	assert.equal(code(await world.fetch('/api/v1/restaurant', { method: 'POST', json: {} })), '405 METHOD_NOT_ALLOWED');
});
