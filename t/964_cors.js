'use strict';
// Cross-origin requests: which pages a browser lets read our answers, by exactly the list that the operator wrote. The oracle is
// the Fetch standard: what may_read() says is what a browser would do with the answer.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World, POOLS } = require('./world.js');
const nginx = require('./stack/nginx.js');
const { responder } = require('./stack/responder.js');

const APP = 'https://order.bistro.example', OTHER = 'https://kiosk.bistro.example:8443', LOCAL = 'http://localhost:3000';
let world, asked = 0;
const pools = [];

before(async () => {
	world = await World.start({ bare: true, limits: { ...nginx.LIMITS, ADDRESS_BURST: '1000' }, origins: [APP, OTHER, LOCAL] });
	for (const name of POOLS)
		pools.push(await responder(path.join(world.at.run, `${name}.sock`), name, ({ params }) => {
			asked++;
			const at = new Map(params).get('ROUTE_PATH');
			if (at.endsWith('/created')) return { status: 201, headers: { Location: '/api/v1/orders/1', ETag: '"a"', Vary: 'Accept' } };
			return at.endsWith('/die') ? 'die' : {};
		}));
});
after(async () => {
	for (const pool of pools) pool.close();
	await world?.stop();
});

let callers = 0;
const ask = (at, headers = {}, options = {}) => world.fetch(at, { ...options,
	headers: { authorization: `Bearer cors-${++callers}`, ...headers } });
const preflight = (at, origin, method = 'POST', headers = 'authorization,content-type,idempotency-key') => world.fetch(at, { method: 'OPTIONS',
	headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers } });

// Fetch standard, "CORS check": the page of this origin may read it, with credentials (cookies) or without.
function may_read(answer, origin, with_credentials = false) {
	const allowed = answer.headers['access-control-allow-origin'];
	if (allowed === '*' && !with_credentials) return true;
	return allowed === origin && (!with_credentials || answer.headers['access-control-allow-credentials'] === 'true');
}

const list = (text) => (text ?? '').split(',').map((one) => one.trim().toLowerCase()).filter(Boolean);

function isSilent(answer, what) {
	for (const name of Object.keys(answer.headers)) assert.ok(!name.startsWith('access-control-'), `${what}: ${name}`);
	assert.ok(list(answer.headers.vary).includes('origin'), `${what}: Vary`);
}

test('SEC-02 S65 a listed page may read, with what it needs of the head, and never with cookies', async () => {
	for (const origin of [APP, OTHER, LOCAL]) {
		const answer = await ask('/api/v1/orders/created', { origin }, { body: '{}' });
		assert.equal(answer.status, 201);
		assert.ok(may_read(answer, origin));
		assert.ok(!may_read(answer, origin, true));
		assert.equal(answer.headers['access-control-allow-credentials'], undefined);
		assert.deepEqual(list(answer.headers.vary).sort(), ['accept', 'origin']); // the worker's own stands
		const exposed = list(answer.headers['access-control-expose-headers']);
		for (const name of ['etag', 'location', 'retry-after', 'x-request-id', 'idempotent-replayed']) assert.ok(exposed.includes(name), name);
		for (const name of ['allow-methods', 'allow-headers', 'max-age']) assert.equal(answer.headers[`access-control-${name}`], undefined, name);
	}
});

test('SEC-02 S65 nobody else may: other names, suffixes, ports, schemes, cases, null', async () => {
	const others = ['https://evil.example', 'null', '*', '', 'https://order.bistro.example.evil.example', 'https://evil-order.bistro.example',
		'https://evilorder.bistro.example', 'https://orderXbistro.example', 'https://bistro.example', 'https://a.order.bistro.example',
		'http://order.bistro.example', 'https://order.bistro.example:443', 'https://order.bistro.example:8443', 'https://kiosk.bistro.example',
		'https://kiosk.bistro.example:84430', 'https://kiosk.bistro.example:844', 'https://ORDER.bistro.example', 'HTTPS://order.bistro.example',
		'https://order.bistro.example/', 'https://order.bistro.example.', 'https://order.bistro.example ' + APP, `${APP},${OTHER}`, `x ${APP}`,
		`${APP}@evil.example`, 'https://evil.example#' + APP, 'http://localhost', 'http://localhost:3001', 'http://127.0.0.1:3000',
		'file://', 'chrome-extension://abcdef', 'default', 'https://order.bistro.example%00.evil.example', `1 ${APP}`];
	for (const origin of others) {
		const answer = await ask('/api/v1/menu/items', { origin });
		assert.equal(answer.status, 200, origin);
		isSilent(answer, origin);
		const before = asked;
		isSilent(await preflight('/api/v1/menu/items', origin), `preflight of ${origin}`);
		// One without an origin asks nothing of this kind: it is a request like any other.
		if (origin !== '') assert.equal(asked, before, `a worker heard the preflight of ${origin}`);
	}
	isSilent(await ask('/api/v1/menu/items'), 'no origin');
});

test('SEC-02 S65 a preflight of any route is answered without a worker', async (t) => {
	const { document } = require('./openapi.js').load();
	const before = asked;
	let n = 0;
	for (const [template, item] of Object.entries(document.paths))
		for (const method of ['get', 'put', 'post', 'delete', 'patch'].filter((one) => item[one]))
			for (const at of [template.replace(/\{[^}]+\}/g, '7'), `/r/demo${template.replace(/\{[^}]+\}/g, '7')}`]) {
				const answer = await preflight(at, APP, method.toUpperCase());
				assert.equal(answer.status, 204, at);
				assert.equal(answer.text, '');
				assert.ok(may_read(answer, APP), at);
				assert.ok(list(answer.headers['access-control-allow-methods']).includes(method), `${method} ${at}`);
				for (const name of ['authorization', 'content-type', 'idempotency-key', 'if-none-match'])
					assert.ok(list(answer.headers['access-control-allow-headers']).includes(name), name);
				assert.equal(answer.headers['access-control-max-age'], '7200');
				assert.ok(list(answer.headers.vary).includes('origin'));
				n++;
			}
	t.diagnostic(`${n} preflights`);
	assert.ok(n > 60);
	assert.equal(asked, before, 'no worker heard of any');
	// A browser is told no method or header by a star, which would not cover Authorization.
	const one = await preflight('/api/v1/orders', APP);
	for (const name of ['allow-methods', 'allow-headers', 'expose-headers']) assert.ok(!(one.headers[`access-control-${name}`] ?? '').includes('*'));
	// OPTIONS that is no preflight goes where every request goes.
	await ask('/api/v1/orders', { origin: APP }, { method: 'OPTIONS' });
	assert.equal(asked, before + 1);
});

test('SEC-02 ERR-01 a listed page can read every refusal, also those of nginx itself', async () => {
	const statuses = {};
	const note = (answer) => {
		assert.ok(may_read(answer, APP), `${answer.status} ${answer.text}`);
		assert.equal(typeof answer.json.error.code, 'string');
		assert.ok(list(answer.headers['access-control-expose-headers']).includes('retry-after'));
		statuses[answer.status] = answer.headers['retry-after'] ?? '';
	};
	note(await ask('/nowhere', { origin: APP }));
	note(await ask('/api/v1/orders/die', { origin: APP }, { body: '{}' }));
	note(await ask('/api/v1/orders', { origin: APP }, { body: 'x'.repeat((64 << 10) + 1) }));
	note(await ask(`/api/v1/orders?x=${'y'.repeat(4200)}`, { origin: APP }));
	for (let i = 0; i < 300 && !(429 in statuses); i++) {
		const answer = await world.fetch('/api/v1/menu/items', { headers: { origin: APP, authorization: 'Bearer eager' } });
		if (answer.status !== 200) note(answer);
	}
	assert.deepEqual(Object.keys(statuses), ['404', '413', '414', '429', '503']);
	assert.match(statuses[429], /^\d+$/);
	assert.match(statuses[503], /^\d+$/);
});

test('SEC-02 without a list nobody may, and a careless list allows no more than origins', async () => {
	const file = path.join(world.at.conf, 'origins.conf');
	const ask_once = (origin) => ask('/api/v1/menu/items', { origin, connection: 'close' });
	const reload = async (text, origin, allowed) => {
		if (text === null) fs.rmSync(file);
		else fs.writeFileSync(file, text);
		await nginx.check(world.at);
		await world.reloadNginx();
		assert.equal(may_read(await ask_once(origin), origin), allowed, `${origin} is ${allowed ? 'allowed' : 'refused'}`);
	};
	await reload('~. 1;\n', 'https://anybody.example', true); // the operator's own words
	for (const origin of ['null', '*', 'https://*.example', 'https://a.example b'])
		isSilent(await ask_once(origin), origin);
	await reload(null, 'https://anybody.example', false);
	isSilent(await ask_once(APP), APP);
	await reload(`${APP} 1;\n`, APP, true);
});
