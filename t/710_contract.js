'use strict';
/*
 * What every pool answers to what it should refuse, and to what needs no order, held to openapi.yaml: the statuses are named
 * here, the rest of each answer is checked by the world. (Orders have their stories in 8xx.)
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { DEFAULTS } = require('./sim/petpooja.js');

const PASSWORD = { asha: 'the-password-of-asha', ravi: 'the-password-of-ravi', uma: 'the-password-of-uma' };
const NOBODYS = '0190163d-8694-739b-aea5-966c26f8ad02';
const token = {};
let world;

/* One restaurant with a POS and two kinds of staff, another one with none. */
async function onboard(document) {
	const file = path.join(world.at.conf, `${document.slug}.json`);
	fs.writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
	await world.ticketrail(['onboard', file]);
}

const staff = (username, role) => ({ username, role, name: username, password: PASSWORD[username] });

async function log_in(username, tenant = '') {
	const answer = await world.fetch(`${tenant}/api/v1/admin/auth/login`, { json: { username, password: PASSWORD[username] } });
	assert.strictEqual(answer.status, 200, answer.text);
	token[username] = world.canary(answer.json.access_token);
	return answer.json;
}

before(async () => {
	world = await World.start({ onboard: false });
	await onboard({
		slug: 'demo', name: 'Demo', staff: [staff('asha', 'admin'), staff('ravi', 'kitchen')],
		pos: {
			provider_name: 'petpooja', pos_restaurant_id: 'demo4bistro', endpoint: world.sim.petpooja.url,
			webhook_secret: world.canary(DEFAULTS['webhook-secret']), authorization: world.canary(DEFAULTS.authorization),
			config: { app_key: DEFAULTS['app-key'], app_secret: DEFAULTS['app-secret'], access_token: DEFAULTS['access-token'], webhook_policy: 'hmac' },
		},
	});
	await onboard({ slug: 'other', name: 'Other', staff: [staff('uma', 'admin')] });
	await log_in('asha');
	await log_in('ravi');
	await log_in('uma', '/r/other');
});
after(() => world?.stop());

/* [status, path, options] of world.fetch: each is answered with that status, in the documented form. */
async function all(t, rows) {
	for (const [status, at, options = {}] of rows)
		await t.test(`${options.method ?? (options.json || options.body ? 'POST' : 'GET')} ${at} ${status}`, async () => {
			const answer = await world.fetch(at, options);
			assert.strictEqual(answer.status, status, answer.text);
		});
}

const json = (body, options) => ({ json: body, ...options });

test('OBS-01 OBS-02 AUTH-11 what is open to everybody', (t) => all(t, [
	[200, '/health'], [200, '/health', { method: 'HEAD' }], [200, '/metrics'], [200, '/.well-known/jwks.json'],
	[200, '/openapi.yaml'], [200, '/api/v1/openapi.yaml'], [404, '/nowhere'], [404, '/api/v1/nowhere'], [405, '/health', { method: 'DELETE' }],
]));

test('AUTH-01 AUTH-06 AUTH-08 AUTH-12 ERR-02 ERR-03 logging in, and not', (t) => all(t, [
	[200, '/api/v1/auth/request-otp', json({ phone: '+919812345678' })],
	[400, '/api/v1/auth/request-otp', json({ phone: '12' })],
	[400, '/api/v1/auth/request-otp', json({})],
	[400, '/api/v1/auth/request-otp', json({ phone: '+919812345678', colour: 'red' })],
	[400, '/api/v1/auth/request-otp', { body: '{"phone":', headers: { 'content-type': 'application/json' } }],
	[415, '/api/v1/auth/request-otp', { body: 'phone=1', headers: { 'content-type': 'text/plain' } }],
	[413, '/api/v1/auth/request-otp', json({ phone: '1'.repeat(5000) })],
	[405, '/api/v1/auth/request-otp'],
	[400, '/api/v1/auth/verify-otp', json({ phone: '+919812345678', otp: '000000' })],
	[401, '/api/v1/auth/refresh', json({ refresh_token: 'x' })],
	[401, '/api/v1/admin/auth/login', json({ username: 'asha', password: 'wrong' })],
	[401, '/r/other/api/v1/admin/auth/login', json({ username: 'asha', password: PASSWORD.asha })],
	[401, '/api/v1/auth/logout', json({})],
]));

test('MENU-06 AUTH-15 AUTH-16 ERR-04 who may', (t) => all(t, [
	[401, '/api/v1/menu/items'],
	[401, '/api/v1/menu/items', { headers: { accept: 'application/problem+json' } }],
	[401, '/api/v1/menu/items', { token: 'not.a.token' }],
	[401, '/api/v1/admin/orders'],
	[403, '/api/v1/orders', { token: token.asha }],
	[403, '/api/v1/orders', json({}, { token: token.asha })],
	[403, `/api/v1/admin/orders/${NOBODYS}/retry-pos`, { method: 'POST', token: token.ravi }],
	[403, '/api/pos-config/demo/petpooja', { token: token.ravi }],
]));

test('AUTH-18 I10 staff of one restaurant are nobody in another', (t) => all(t, [
	[403, '/r/demo/api/v1/admin/orders', { token: token.uma }],
	[200, '/r/other/api/v1/admin/orders', { token: token.uma }],
	[403, '/api/pos-config/demo/petpooja', { token: token.uma }],
	[403, '/api/menu-sync/demo/sync', { method: 'POST', token: token.uma }],
	[404, '/api/pos-integration/nowhere/health', { token: token.asha }],
]));

test('MENU-01 MENU-02 MENU-03 ERR-05 a menu that nobody has filled', async (t) => {
	const first = await world.fetch('/api/v1/menu/items', { token: token.asha });
	await all(t, [
		[200, '/api/v1/menu/categories', { token: token.asha }],
		[200, '/r/demo/api/v1/menu/categories', { token: token.asha }],
		[404, '/r/nowhere/api/v1/menu/categories', { token: token.asha }],
		[200, '/api/v1/menu/items?search=paneer', { token: token.asha }],
		[400, '/api/v1/menu/items?time_slot=midnight', { token: token.asha }],
		[400, '/api/v1/menu/items?category_id=7', { token: token.asha }],
		[304, '/api/v1/menu/items', { token: token.asha, headers: { 'if-none-match': first.headers.etag } }],
		[404, `/api/v1/menu/items/${NOBODYS}`, { token: token.asha }],
		[404, '/api/v1/menu/items/seven', { token: token.asha }],
	]);
});

test('ADM-01 ADM-20 ERR-05 orders that are not there', (t) => all(t, [
	[200, '/api/v1/admin/orders', { token: token.ravi }],
	[200, '/api/v1/admin/orders?status=received&pos_state=failed&payment_status=pending&order_type=pickup&limit=200', { token: token.ravi }],
	[400, '/api/v1/admin/orders?status=eaten', { token: token.ravi }],
	[400, '/api/v1/admin/orders?limit=0', { token: token.ravi }],
	[404, `/api/v1/admin/orders/${NOBODYS}`, { token: token.ravi }],
	[404, `/api/v1/admin/orders/${NOBODYS}/status`, json({ status: 'ready' }, { method: 'PATCH', token: token.ravi })],
	[400, `/api/v1/admin/orders/${NOBODYS}/status`, json({ status: 'eaten' }, { method: 'PATCH', token: token.ravi })],
	[404, `/api/v1/admin/orders/${NOBODYS}/cash-received`, { method: 'POST', token: token.ravi }],
	[404, `/api/v1/admin/orders/${NOBODYS}/retry-pos`, { method: 'POST', token: token.asha }],
]));

test('CFG-01 CFG-02 OBS-03 OBS-04 OBS-05 SYNC-01 an integration, seen and changed', async (t) => {
	const save = (change) => json({ provider_name: 'petpooja', pos_restaurant_id: 'demo4bistro', ...change }, { token: token.asha });
	await all(t, [
		[200, '/api/pos-config/demo/petpooja', { token: token.asha }],
		[200, '/api/pos-config/1/petpooja', { token: token.asha }],
		[404, '/api/pos-config/demo/toast', { token: token.asha }],
		[200, '/api/pos-integration/health', { token: token.asha }],
		[200, '/api/pos-integration/demo/health', { token: token.asha }],
		[200, '/api/pos-integration/demo/status', { token: token.asha }],
		[200, '/api/pos-integration/other/status', { token: token.uma }],
		[404, '/api/pos-integration/other/health', { token: token.uma }],
		[400, '/api/menu-sync/other/sync', { method: 'POST', token: token.uma }],
		[202, '/api/menu-sync/demo/sync', { method: 'POST', token: token.asha }],
		[400, '/api/pos-integration/demo', save({ provider_name: 'toaster' })],
		[400, '/api/pos-integration/demo', save({ restaurant_config: { colour: 'red' } })],
	]);
	const shown = (await world.fetch('/api/pos-config/demo/petpooja', { token: token.asha })).text;
	for (const key of ['app-key', 'app-secret', 'access-token'])
		assert.ok(!shown.includes(DEFAULTS[key]), `${key} is shown`);
});

test('WH-16 WH-17 C22 deliveries: proved, unproved and malformed, each in its own form', async (t) => {
	const types = ['order-status', 'menu-update', 'inventory-update', 'push-menu', 'item-stock', 'store-status', 'store-status-update'];
	const raw = (body) => ({ body, headers: { 'content-type': 'application/json' } });
	await all(t, types.flatMap((type) => [[400, `/api/webhooks/petpooja/${type}`, raw('{}')], [400, `/api/webhooks/petpooja/${type}`, raw('{')]]));
	await all(t, [
		[404, '/api/webhooks/petpooja/party', raw('{}')],
		[413, '/api/webhooks/petpooja/item-stock', raw(`{"restID":"${'x'.repeat(70000)}"}`)],
		[404, '/pp_callback/demo/?k=abc', raw('{"restID":"demo4bistro","orderID":"A","status":"1"}')],
		[404, '/pp_callback/nowhere/?k=abc', raw('{"restID":"demo4bistro","orderID":"A","status":"1"}')],
	]);
	/* What the simulator says goes its own way to nginx: the checker is asked by hand. */
	const said = async (face, body, endpoint = face) => {
		const answer = await world.sim.petpooja.control(`/${face}`, { json: body });
		const about = { method: 'POST', path: `/api/webhooks/petpooja/${endpoint}`, status: answer.status, headers: answer.headers, text: answer.body };
		assert.deepStrictEqual(world.api.check(about), []);
		return answer.status;
	};
	assert.strictEqual(await said('stock', { itemID: ['1'], inStock: false }, 'item-stock'), 200);
	assert.strictEqual(await said('stock', { itemID: ['1'], inStock: true, authorization: 'somebody else' }, 'item-stock'), 401);
	assert.strictEqual(await said('stock', { itemID: ['1'], inStock: true, authorization: null }, 'item-stock'), 401);
	assert.strictEqual(await said('store-get', {}, 'store-status'), 200);
	assert.strictEqual(await said('store', { store_status: '0' }, 'store-status-update'), 200);
	assert.strictEqual(await said('store', { store_status: '1' }, 'store-status-update'), 200);
	assert.strictEqual(await said('push-menu', {}), 200);
	assert.strictEqual(await said('push-menu', { authorization: null }), 401);
	assert.strictEqual(await said('menu-update', {}), 200);
	assert.strictEqual(await said('menu-update', { signature: 'bad' }), 401);
	assert.strictEqual(await said('inventory-update', { item_id: '1', availability: true }), 200);
	assert.strictEqual(await said('order-status', { order_id: 'A', pos_order_id: 'PP', status: 'CONFIRMED' }), 202);
	assert.strictEqual(await said('order-status', { order_id: 'A', status: 'CONFIRMED', signature: 'none' }), 401);
	assert.strictEqual(await said('order-status', { order_id: 'A', status: 'CONFIRMED', signature: 'bad' }), 401);
});

test('CFG-03 AUTH-10 a new secret, and the way out', async () => {
	const rotated = await world.fetch('/api/pos-integration/demo/petpooja/rotate-secret', { method: 'POST', token: token.asha });
	assert.strictEqual(rotated.status, 200);
	world.canary(rotated.json.webhook_secret);
	const signed = async (secret) => (await world.sim.petpooja.control('/menu-update', { json: { secret } })).status;
	assert.deepStrictEqual([await signed(rotated.json.webhook_secret), await signed(DEFAULTS['webhook-secret']), await signed('another')], [200, 200, 401]);
	const { refresh_token } = await log_in('ravi');
	const next = await world.fetch('/api/v1/auth/refresh', { json: { refresh_token } });
	assert.strictEqual(next.status, 200);
	assert.strictEqual((await world.fetch('/api/v1/auth/logout', { json: { refresh_token: next.json.refresh_token }, token: token.ravi })).status, 200);
	assert.strictEqual((await world.fetch('/api/v1/auth/refresh', { json: { refresh_token: next.json.refresh_token } })).status, 401);
});

test('ARC-07 ARC-09 CFG-02 DB-05 SEC-07 POS-29 a restaurant is connected by its own staff', async () => {
	const secrets = ['an-app-key-of-others', 'an-app-secret-of-others', 'an-access-token-of-others', 'a-webhook-secret-of-others'];
	secrets.forEach((secret) => world.canary(secret));
	const [app_key, app_secret, access_token, webhook_secret] = secrets;
	const saved = await world.fetch('/api/pos-integration/other', json({
		provider_name: 'PetPooja', pos_restaurant_id: 'other4bistro', endpoint: world.sim.petpooja.url, webhook_secret,
		restaurant_config: { app_key, app_secret, access_token, udid_prefix: 'tablet_' },
	}, { token: token.uma }));
	assert.strictEqual(saved.status, 200, saved.text);
	const { config, provider_name } = saved.json;
	assert.strictEqual(provider_name, 'petpooja');
	assert.strictEqual(config.device_type, 'Web', 'what holds for the provider');
	assert.strictEqual(config.udid_prefix, 'tablet_', 'what the restaurant overrides');
	assert.deepStrictEqual([config.app_key, config.app_secret, config.access_token], Array(3).fill('********'));
	const [row] = await world.sql(`SELECT i.pos_type, i.restaurant_specific_config AS own, p.global_config AS everybodys, i.api_key
		FROM restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id WHERE i.pos_restaurant_id = 'other4bistro'`);
	assert.strictEqual(row.pos_type, 'petpooja');
	assert.ok(row.own.includes('tablet_') && !row.everybodys.includes('tablet_'), 'two tables, two settings');
	const [clear] = await world.sql(`SELECT (SELECT COUNT(*) FROM integration_secrets WHERE ${secrets.map((one) => `LOCATE('${one}', sealed)`).join(' OR ')})
		+ (SELECT COUNT(*) FROM restaurant_webhook_secrets WHERE LOCATE('${webhook_secret}', secret_key))
		+ (SELECT COUNT(*) FROM restaurant_pos_integrations WHERE restaurant_specific_config LIKE '%-of-others%') AS n`);
	assert.strictEqual(Number(clear.n), 0, 'nothing of a secret stands in clear');
	const [audit] = await world.sql(`SELECT COUNT(*) AS n FROM audit_log WHERE action = 'integration.save' AND actor = 'staff:uma'`);
	assert.strictEqual(Number(audit.n), 1);
	assert.strictEqual((await world.fetch('/api/pos-integration/other', json({ provider_name: 'petpooja' }, { token: token.asha }))).status, 403);
	const theirs = await world.fetch('/api/pos-integration/other', json({ provider_name: 'petpooja', pos_restaurant_id: 'demo4bistro' }, { token: token.uma }));
	assert.strictEqual(theirs.status, 400, theirs.text);
	assert.match(theirs.text, /connected to another restaurant/);
	assert.deepStrictEqual((await world.sql(`SELECT r.slug, i.pos_restaurant_id AS pos FROM restaurant_pos_integrations i
		JOIN restaurants r ON r.id = i.restaurant_id ORDER BY i.id`)).map((one) => `${one.slug} ${one.pos}`), ['demo demo4bistro', 'other other4bistro']);
});

test('I13 all of it was answered as openapi.yaml says', () => {
	assert.deepStrictEqual([...world.undocumented], []);
});
