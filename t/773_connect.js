'use strict';
// Connecting a restaurant to each POS: what the API lists of its settings, what README.md says it must have, and that it is so.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');

let world, bistro, providers;

before(async () => {
	world = await World.start({ onboard: false, sims: [] });
	bistro = await Bistro.open(world, { pos: false });
	const answer = await list(bistro.admin);
	assert.equal(answer.status, 200, answer.text);
	({ providers } = answer.json);
});
after(() => world?.stop());

const PLACE = '0c7e5e3a-6a1f-4a7e-8f57-2f3f1c1d9a10'; // Toast's are GUIDs, all others take any text

const valueOf = (key) => (key.startsWith('dining_options.') ? PLACE : world.canary(`its-${key}`.slice(0, 16)));
const list = (token) => world.fetch('/api/pos-integration/providers', { token });
const save = (json) => world.fetch(`/api/pos-integration/${bistro.slug}`, { token: bistro.admin, json });

// README's table: {petpooja: [['app_key', 'app_secret', 'access_token']], square: [[...], [...]], ...}
const needs = Object.fromEntries(fs.readFileSync(path.join(__dirname, '..', 'README.md'), 'utf8').split('\n')
	.map((line) => /^\| `(\w+)` \|[^|]*\|([^|]*)\|/.exec(line)).filter((found) => found && found[1] !== 'provider_name')
	.map(([, name, cell]) => [name, cell.split('; or').map((one) => [...one.matchAll(/`([\w.]+)`/g)].map((found) => found[1]))]));

test('CFG-01 POS-33 the POS that can be integrated are listed for admins, with where their calls go', async () => {
	assert.deepEqual(providers.map((one) => one.name), ['petpooja', 'toast', 'square', 'clover']);
	for (const one of providers) assert.equal(one.webhook_url, `${world.url}/api/webhooks/${one.name}`);
	assert.equal((await list(bistro.cook)).status, 403);
	assert.equal((await list()).status, 401);
});

test('CFG-02 POS-17 POS-29 what README.md says a POS must have is enough, and none of it too much', async (t) => {
	assert.deepEqual(Object.keys(needs), providers.map((one) => one.name));
	for (const [provider_name, ways] of Object.entries(needs))
		for (const keys of ways)
			await t.test(`${provider_name}: ${keys.join(', ')}`, async () => {
				const form = providers.find((one) => one.name === provider_name);
				assert.deepEqual(keys.filter((key) => !form.fields.some((field) => field.key === key)), [], 'each is a setting of it');
				const whole = { provider_name, pos_restaurant_id: PLACE, restaurant_config: Object.fromEntries(keys.map((key) => [key, valueOf(key)])) };
				await world.sql('DELETE FROM integration_secrets; DELETE FROM restaurant_pos_integrations');
				for (const key of ['pos_restaurant_id', ...keys]) {
					const less = structuredClone(whole);
					delete (key === 'pos_restaurant_id' ? less : less.restaurant_config)[key];
					const answer = await save(less);
					assert.equal(`${answer.status} ${answer.json.error?.code}`, '400 VALIDATION_ERROR', `without ${key}: ${answer.text}`);
				}
				const answer = await save(whole);
				assert.equal(answer.status, 200, answer.text);
				const { config } = (await world.fetch(`/api/pos-config/${bistro.slug}/${provider_name}`, { token: bistro.admin })).json;
				assert.deepEqual(Object.keys(config), form.fields.map((field) => field.key), 'the form has what is shown');
				for (const { key, is_secret, default: usual, stands_for } of form.fields)
					if (is_secret) assert.equal(config[key], keys.includes(key) ? '********' : null, key);
					else if (!keys.includes(key) && usual !== null && stands_for === null && !['device_type', 'udid_prefix'].includes(key))
						assert.equal(config[key], { true: '1', false: '0' }[usual] ?? String(usual), key);
			});
});

test('POS-17 what the list says of a setting is what is held of it', async () => {
	const way = ([[name, [keys]]]) => ({ provider_name: name, restaurant_config: Object.fromEntries(keys.map((key) => [key, valueOf(key)])) });
	for (const form of providers) {
		const good = way([[form.name, needs[form.name]]]);
		good.pos_restaurant_id = PLACE;
		const wrong = form.fields.filter((field) => !field.is_secret).flatMap((field) => ({
			integer: [[field.key, field.max + 1], [field.key, field.min - 1]], choice: [[field.key, 'neither']], list: [[field.key, ['neither']]],
			switch: [[field.key, 'perhaps']], url: [[field.key, 'not an address']], time_zone: [[field.key, 'Mars/Olympus']],
			text: field.stands_for === 'pos_restaurant_id' ? [] : [[field.key, 'x'.repeat(field.max + 1)]],
		}[field.kind]));
		const answer = await save({ ...good, restaurant_config: { ...good.restaurant_config, ...Object.fromEntries(wrong) } });
		assert.equal(answer.status, 400, answer.text);
		assert.deepEqual([...new Set(answer.json.error.details.fields.map((one) => one.field))].sort(), [...new Set(wrong.map(([key]) => key))].sort(), form.name);
	}
});

test('CFG-02 two who save different parts at once both have their way', async () => {
	const square = (json) => save({ provider_name: 'square', ...json });
	await world.sql('DELETE FROM integration_secrets; DELETE FROM restaurant_pos_integrations');
	assert.equal((await square({ pos_restaurant_id: 'L7', endpoint: 'https://pos.example/0', restaurant_config: { access_token: world.canary('its-raced-token') } })).status, 200);
	for (let i = 1; i <= 30; i++) {
		const answers = await Promise.all([square({ endpoint: `https://pos.example/${i}` }), square({ restaurant_config: { source_name: `Hub ${i}` } })]);
		assert.deepEqual(answers.map((one) => one.status), [200, 200], answers.map((one) => one.text).join('\n'));
		const { endpoint, config } = (await world.fetch(`/api/pos-config/${bistro.slug}/square`, { token: bistro.admin })).json;
		assert.equal(`${endpoint} ${config.source_name}`, `https://pos.example/${i} Hub ${i}`);
	}
});

test('S40 SEC-07 who leads calls elsewhere has to bring the credentials along', async () => {
	const square = (config, more = {}) => save({ provider_name: 'square', restaurant_config: config, ...more });
	const stored = async () => (await world.sql(`SELECT s.name FROM integration_secrets s JOIN restaurant_pos_integrations i ON i.id = s.integration_id
		WHERE i.restaurant_id = ${bistro.id} AND i.pos_type = 'square' ORDER BY s.name`)).map((row) => row.name);
	await world.sql('DELETE FROM integration_secrets; DELETE FROM restaurant_pos_integrations');
	const [token, secret, fresh] = ['token-1', 'secret-1', 'token-2'].map((name) => world.canary(`its-${name}-of-square`));
	assert.equal((await square({ access_token: token, client_secret: secret }, { pos_restaurant_id: 'L7', endpoint: 'https://pos.example' })).status, 200);
	for (const [what, config, more] of [['nothing', {}], ['another path', {}, { endpoint: 'https://pos.example/v9/' }], ['our own address', { notification_url: 'https://us.example/hook' }],
		['the same port', {}, { endpoint: 'https://pos.example:443' }]]) {
		assert.equal((await square(config, more)).status, 200, what);
		assert.deepEqual(await stored(), ['access_token', 'client_secret'], what);
	}
	for (const [config, more] of [[{}, { endpoint: 'https://elsewhere.example' }], [{}, { endpoint: 'https://pos.example:8443' }], [{ client_secret: 'another one' }, { endpoint: 'https://elsewhere.example' }]]) {
		const answer = await square(config, more);
		assert.equal(answer.status, 400, answer.text);
		assert.deepEqual(answer.json.error.details.fields.map((one) => one.field).sort(), ['access_token', 'endpoint']);
		assert.match(answer.text, /leads elsewhere/);
	}
	assert.deepEqual(await stored(), ['access_token', 'client_secret'], 'what is refused changes nothing');
	assert.equal((await square({ access_token: fresh }, { endpoint: 'https://elsewhere.example' })).status, 200);
	assert.deepEqual(await stored(), ['access_token'], 'and what was not brought along is forgotten');
	await world.sql('DELETE FROM integration_secrets; DELETE FROM restaurant_pos_integrations');
	assert.equal((await save({ provider_name: 'square', pos_restaurant_id: 'L7', api_key: token })).status, 200, 'the older single credential is one');
	assert.deepEqual(await stored(), ['access_token']);
});

test('WH-23 a secret is rotated by whoever makes it', async () => {
	const rotate = (provider) => world.fetch(`/api/pos-integration/${bistro.slug}/${provider}/rotate-secret`, { method: 'POST', token: bistro.admin });
	const active = async () => (await world.sql(`SELECT purpose FROM restaurant_webhook_secrets WHERE restaurant_id = ${bistro.id} AND is_active = 1
		AND purpose <> 'callback' AND pos_provider_id = (SELECT id FROM pos_providers WHERE provider_name = 'petpooja') ORDER BY purpose`)).map((row) => row.purpose);
	for (const [provider_name, [keys]] of Object.entries(needs)) {
		const config = Object.fromEntries(keys.map((key) => [key, valueOf(key)]));
		assert.equal((await save({ provider_name, pos_restaurant_id: PLACE, restaurant_config: config })).status, 200);
		const answer = await rotate(provider_name);
		if (provider_name !== 'petpooja') {
			assert.equal(answer.status, 400, answer.text);
			assert.match(answer.text, /makes its secret itself/);
			continue;
		}
		assert.equal(answer.status, 200, answer.text);
		world.canary(answer.json.webhook_secret);
		assert.deepEqual(await active(), ['signature']);
		assert.equal((await save({ provider_name, restaurant_config: { ...config, webhook_policy: 'authorization' } })).status, 200);
		world.canary((await rotate(provider_name)).json.webhook_secret);
		assert.deepEqual((await active()).sort(), ['authorization', 'signature'], 'the one that its calls are known by');
	}
	assert.equal((await rotate('nothing')).status, 404);
});

test('I13 all of it was answered as openapi.yaml says', () => {
	assert.deepEqual([...world.undocumented], []);
});
