'use strict';
// Asking a POS whether it answers us: questions that change nothing there, and what is wrong said with what helps.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { quiet } = require('./check.js');

let world, bistro;

before(async () => {
	world = await World.start({ onboard: false, sims: ['petpooja', 'square', 'toast', 'msg91'] });
	bistro = await Bistro.open(world);
});
after(() => world?.stop());

const at = (slug = 'bistro') => `/api/pos-integration/${slug}/test`;
const post = (token = bistro.admin, slug) => world.fetch(at(slug), { method: 'POST', token });
const get = (token = bistro.admin, slug) => world.fetch(at(slug), { token });

// The result of a new test.
async function tested() {
	assert.equal((await post()).status, 202);
	return world.until('its end', async () => {
		const { json } = await get();
		return json.status !== 'running' && json;
	});
}
const named = (result, name) => result.checks.find((one) => one.name === name);

test('POS-35 who may ask, and of what', async () => {
	assert.equal((await get()).status, 404, 'it was never tested');
	assert.equal((await post(bistro.cook)).status, 403);
	assert.equal((await world.fetch(at(), { method: 'POST' })).status, 401);
	assert.equal((await post(bistro.admin, 'nowhere')).status, 404);
	const other = await Bistro.open(world, { slug: 'tea-house', pos: false });
	assert.equal((await post(other.admin)).status, 403, 'another restaurant\'s');
	assert.equal((await post(other.admin, 'tea-house')).status, 404, 'which has no POS');
});

test('POS-35 a POS that answers: its menu is asked for, and nothing changes', async () => {
	await bistro.pos.next({ path: '/mapped_restaurant_menus', do: 'commit_then_delay', ms: 1000 });
	const first = await post();
	assert.equal(first.status, 202);
	assert.equal(first.json.status, 'running');
	assert.deepEqual(first.json.checks.map((one) => one.name), ['configuration', 'webhooks']);
	const again = await post();
	assert.equal(again.json.started_at, first.json.started_at, 'one at a time');
	const before_ = (await bistro.pos.seen('?kind=effect')).length;
	const result = await world.until('its end', async () => {
		const { json } = await get();
		return json.status !== 'running' && json;
	});
	assert.equal(result.status, 'passed', JSON.stringify(result));
	assert.deepEqual(result.checks.map((one) => [one.name, one.passed, one.remedy]), [['configuration', true, null], ['webhooks', true, null], ['menu', true, null]]);
	assert.ok(result.completed_at >= result.started_at);
	const effects = (await bistro.pos.seen('?kind=effect')).slice(before_).filter((row) => /order/.test(row.effect));
	assert.deepEqual(effects, []);
	assert.equal((await bistro.pos.seen('?kind=request')).filter((row) => /mapped_restaurant_menus/.test(row.path)).length > 0, true);
});

test('POS-34 E36 what is wrong is said, and what helps', async () => {
	const cases = [
		[{ do: 'body', body: JSON.stringify({ success: '0', errorCode: 'GN_102', message: 'Invalid Token' }) }, 'auth', /access_token/, /[Cc]redentials|authorise/],
		[{ do: '403' }, 'config', /path|IP/, /settings/],
		[{ do: '500', times: 3 }, 'provider', /500/, /failure of its own/],
	];
	for (const [misdeed, cause, sentence, remedy] of cases) {
		await bistro.pos.next({ path: '/mapped_restaurant_menus', ...misdeed });
		const result = await tested();
		assert.equal(result.status, 'failed', JSON.stringify(result));
		const menu = named(result, 'menu');
		assert.deepEqual([menu.passed, menu.cause], [false, cause]);
		assert.match(menu.sentence, sentence);
		assert.match(menu.remedy, remedy);
	}
});

test('POS-35 what is not set is told without asking anybody', async () => {
	await quiet(world);
	await world.sql("DELETE s FROM restaurant_webhook_secrets s JOIN restaurants r ON r.id = s.restaurant_id WHERE r.slug = 'bistro' AND s.purpose <> 'callback'");
	const result = await tested();
	assert.deepEqual([result.status, named(result, 'webhooks').passed, named(result, 'webhooks').cause], ['failed', false, 'config']);
});

// A restaurant at that POS, tested. scopes: its token allows no more than these.
async function tested_at(at, { slug = at, n = 0, scopes, misdeed } = {}) {
	const config = scopes ? { access_token: (await world.sim[at].control('/grant', { json: { scopes } })).access_token } : {};
	const there = await Bistro.open(world, { slug, at, n, config });
	if (misdeed) await there.pos.next(misdeed);
	assert.equal((await post(there.admin, slug)).status, 202);
	return world.until('its end', async () => {
		const { json } = await get(there.admin, slug);
		return json.status !== 'running' && json;
	});
}
const USED = ['ORDERS_READ', 'ORDERS_WRITE', 'ITEMS_READ', 'PAYMENTS_READ', 'PAYMENTS_WRITE'];

test('POS-34 a seller\'s token that may do all that is done there is good, though it may not read the seller\'s profile', async () => {
	const all = await tested_at('square');
	assert.deepEqual(all.checks.map((one) => [one.name, one.passed]), [['configuration', true], ['webhooks', true], ['restaurant', true], ['menu', true], ['orders', true]], JSON.stringify(all));
	const bare = await tested_at('square', { slug: 'square-bare', n: 1, scopes: USED });
	assert.equal(bare.status, 'passed', JSON.stringify(bare));
});

test('POS-34 without the permission to write orders the test fails, and says which one is missing', async () => {
	const result = await tested_at('square', { slug: 'square-reader', n: 2, scopes: [...USED, 'MERCHANT_PROFILE_READ'].filter((one) => !one.endsWith('_WRITE')) });
	assert.equal(result.status, 'failed', JSON.stringify(result));
	const { passed, cause, sentence, remedy } = named(result, 'restaurant');
	assert.deepEqual([passed, cause], [false, 'auth']);
	assert.match(sentence, /lacks ORDERS_WRITE, PAYMENTS_WRITE/);
	assert.match(remedy, /authorise/);
	const after_ = (await world.sim.square.seen('?kind=effect')).filter((row) => /order|payment/.test(row.effect));
	assert.deepEqual(after_, [], 'nothing was ordered for it');
});

test('POS-34 a location that is none of the seller\'s fails the test', async () => {
	const result = await tested_at('square', { slug: 'square-elsewhere', n: 98 });
	assert.equal(result.status, 'failed', JSON.stringify(result));
	assert.match(named(result, 'restaurant').sentence, /no location L99/);
});

test('POS-34 Toast\'s standard access, which is for reading only, fails the test, and orders are not tried for it', async () => {
	const good = await tested_at('toast');
	assert.equal(good.status, 'passed', JSON.stringify(good));
	assert.ok(named(good, 'restaurant').passed);
	const result = await tested_at('toast', { slug: 'toast-reader', n: 1, misdeed: { path: '/orders/v2/prices', do: 'forbidden_once' } });
	assert.equal(result.status, 'failed', JSON.stringify(result));
	assert.match(named(result, 'restaurant').sentence, /orders\.orders:write.*partners/);
	assert.deepEqual((await world.sim.toast.seen('?kind=effect')).filter((row) => /^order_/.test(row.effect)), []);
});
