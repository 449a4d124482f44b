'use strict';
// Asking a POS whether it answers us: questions that change nothing there, and what is wrong said with what helps.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { quiet } = require('./check.js');

let world, bistro;

before(async () => {
	world = await World.start({ onboard: false });
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
