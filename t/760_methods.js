'use strict';
// Methods and paths: HEAD is GET without its body, a method that an address has not is told which it has, and there is one view
// of a path, however it is written. For every path of openapi.yaml.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const tls = require('node:tls');
const { after, before, test } = require('node:test');
const { load } = require('./openapi.js');
const { World } = require('./world.js');
const { operations } = require('./matrix/operations.js');
const { build, idsOf } = require('./matrix/requests.js');
const { each, sums } = require('./matrix/spoil.js');
const { Town } = require('./matrix/town.js');

const api = load();
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
let world, town, all, paths;

before(async () => {
	world = await World.start({ onboard: false });
	town = await Town.open(world);
	all = operations(world.build, api).map((one) => ({ ...one, ids: idsOf(api, one, town) }));
	for (const one of all) one.request = await build(town, one, one.ids);
	paths = new Map(); // template to {at, methods, operation}
	for (const one of all) {
		const known = paths.get(one.template) ?? { at: one.request.at.split('?')[0], methods: new Set(), operation: one };
		known.methods.add(one.method);
		if (one.method === 'GET') known.methods.add('HEAD');
		paths.set(one.template, known);
	}
});
after(() => world?.stop());

test('S06 SEC-04 HEAD is GET without its body, at every operation that has one', async (t) => {
	let n = 0;
	for (const operation of all.filter((one) => one.method === 'GET')) {
		const { at, headers } = operation.request;
		const get = await world.fetch(at, { headers, token: town.tokenOf(operation) });
		const head = await world.fetch(at, { method: 'HEAD', headers, token: town.tokenOf(operation) });
		assert.equal(head.status, get.status, operation.id);
		assert.equal(head.text, '', operation.id);
		for (const name of ['content-type', 'etag', 'cache-control', 'x-content-type-options', ...(['health', 'metrics', 'getWebhookLog', 'listWebhookLogs'].includes(operation.id) ? [] : ['content-length'])])
			assert.equal(head.headers[name], get.headers[name], `${operation.id} ${name}`);
		n++;
	}
	t.diagnostic(`${n} operations`);
});

test('S06 ERR-01 every other method: 405, and Allow has what the path has; nothing changes', async (t) => {
	const before_all = await sums(world);
	let n = 0;
	for (const [template, { at, methods, operation }] of paths)
		await each([...METHODS, 'TRACE', 'OPTIONS', 'FOO', 'PROPFIND', 'PURGE', 'SEARCH', 'MKCOL', 'LOCK'].filter((one) => !methods.has(one)), async (method) => {
			n++;
			const answer = await world.fetch(at, { method, token: town.tokenOf(operation) });
			const where = `${method} ${template}: ${answer.status} ${answer.text}`;
			assert.equal(answer.status, 405, where);
			if (method !== 'HEAD') assert.equal(answer.json.error.code, 'METHOD_NOT_ALLOWED', where);
			const allowed = answer.headers.allow.split(', ');
			if (method === 'TRACE' && !operation.byNginx) for (const one of methods) assert.ok(allowed.includes(one), `${where}: ${allowed}`);
			else assert.deepEqual(allowed.sort(), [...methods].sort(), where);
		});
	assert.deepEqual(await sums(world), before_all);
	t.diagnostic(`${n} refused at ${paths.size} paths`);
});

test('S06 an empty, a lower-case and an overlong method, and methods that would be told to somebody else: refused, at once', async () => {
	for (const [line, status] of [['get /api/v1/orders', 400], ['GETx /api/v1/orders', 405], [' GET /api/v1/orders', 400], [`${'X'.repeat(9000)} /api/v1/orders`, 414], ['CONNECT evil.example:443', 400], ['G\x01T /api/v1/orders', 400], ['* /api/v1/orders', 400]]) {
		const said = await new Promise((resolve) => {
			let text = '';
			const socket = tls.connect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ca: fs.readFileSync(world.tls.ca) }, () => socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`));
			socket.on('data', (data) => { text += data; if (text.endsWith('}}')) socket.destroy(); });
			socket.setTimeout(5000, () => socket.destroy());
			socket.on('error', () => resolve(text));
			socket.on('close', () => resolve(text));
		});
		const got = Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);
		assert.ok(got === status || (got >= 400 && got < 500), `${line.slice(0, 40)}: ${said.slice(0, 100)}`);
	}
});

test('S61 SEC-04 every path is the same, written as one may, and another one or none, written as one may not', async (t) => {
	let n = 0;
	for (const [template, { at, operation }] of paths) {
		if (!at.startsWith('/api/')) continue; // nginx's files, and what is open to everybody
		const ask = async (path) => {
			n++;
			return world.client.fetch(path, { method: operation.method }); // openapi.yaml knows one spelling of each
		};
		const plain = await ask(at);
		const told = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''} ${answer.json?.error?.message ?? ''}`;
		const isRaw = operation.body === 'raw', isOpen = operation.roles.has('anybody') || isRaw;
		await each([`/${at}`, at.replace(/\//g, '//'), at.replace('/api/', '/api/./'), at.replace('/api/', '/api/x/../'), at.replace('/api/', '/api%2f'), at.replace('/api/', '/%61pi/'), at.replace('/api/', '/x/%2e%2e/api/'), `/r/here${at}`], async (same) => {
			const answer = await ask(same);
			if (!isOpen) assert.equal(told(answer), told(plain), `${same} is ${template}`);
			else assert.notEqual(answer.json?.error?.code, 'NOT_FOUND' + (plain.status === 404 ? ' not' : ''), `${same} is ${template}`);
		});
		// Where the last segment is an id, these are other ids; what a route does with those is the matrix's matter.
		if (/\}$/.test(template) || template.endsWith('/')) continue;
		await each([`${at}.`, `${at};x=1`, `${at}%20`, `${at}%2e`, `${at}~`, `${at}.json`, `${at}%3b`, `${at}%5c`, at.toUpperCase(), at.replace('/api/', '/Api/'), at.replace('/api/', '/api.'), `/x${at}`, at.replace(/\/(?=[^/]*\/?$)/, '%5c'), `${at}/`], async (other) => {
			const answer = await ask(other);
			assert.ok(answer.status === 404 || (answer.status === 405 && !isOpen) || (answer.status === 401 && !isOpen), `${other} is not ${template}: ${told(answer)}`);
			if (paths.size && answer.status !== 404) assert.ok([...paths.keys()].some((one) => new RegExp(`^${one.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(decodeURIComponent(other))), `${other}: ${told(answer)}`);
		});
		for (const bad of [`${at}%00`, `${at}%0a`, `${at}%0d%0aX:y`, `${at}%7f`, `${at}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e`, `${at}%zz`, `${at}%`])
			assert.equal((await ask(bad)).status, 400, bad);
	}
	t.diagnostic(`${n} ways to write ${paths.size} paths`);
});

test('S42 S52 nothing that a client wrote becomes a header, and nothing says which nginx this is', async () => {
	const tokens = { admin: town.tokens.admin, guest: town.tokens.guest };
	for (const at of ['/api/v1/orders?x=%0d%0aSet-Cookie:%20a=b', '/%0d%0aSet-Cookie:%20a=b', '/r/here%0d%0aX/api/v1/orders', `/api/v1/orders/${encodeURIComponent('\r\nLocation: https://evil.example')}`, '/nowhere?\u0000'.replace('\u0000', '%00')])
		for (const token of [undefined, tokens.guest]) {
			const answer = await world.fetch(at, { token, headers: { 'x-request-id': 'a b', origin: 'https://evil.example' } });
			assert.ok(answer.status < 500 && !('set-cookie' in answer.headers) && !('location' in answer.headers), `${at}: ${JSON.stringify(answer.headers)}`);
			assert.ok(!JSON.stringify(answer.headers).includes('evil'), at);
			assert.equal(answer.headers.server, 'nginx');
			assert.ok(!/nginx\/|\d+\.\d+\.\d+|<html/i.test(answer.text), answer.text);
		}
	// What is sent out as a header later is refused when it is set.
	for (const name of ['authorization', 'webhook_secret', 'endpoint', 'api_key'])
		for (const value of [`${'x'.repeat(20)}\r\nX-Injected: 1`, `${'x'.repeat(20)}\nX: 1`, `https://pos.example/\r\nX: ${'y'.repeat(20)}`]) {
			const answer = await world.fetch('/api/pos-integration/here', { token: tokens.admin, json: { provider_name: 'petpooja', [name]: value } });
			assert.equal(`${answer.status} ${answer.json?.error?.code}`, '400 VALIDATION_ERROR', `${name}: ${answer.text}`);
		}
	const secret = await world.fetch('/api/pos-integration/here', { token: tokens.admin, json: { provider_name: 'petpooja', restaurant_config: { access_token: 'x\r\nX-Injected: 1' } } });
	assert.equal(`${secret.status} ${secret.json?.error?.code}`, '400 VALIDATION_ERROR', secret.text);
	for (const at of ['/.git/config', '/.git/HEAD', '/.env', '/.htaccess', '/docs/.git', '/server-status', '/nginx_status', '/problems/../nothing', '/r/', '/r/here/', '/api/', '/api/v1/', '/_shelf/', '/_e/404', '/_p/404', '/index.html', '/robots.txt~', '/openapi.yaml~', '/openapi.yaml/']) {
		const answer = await world.fetch(at);
		assert.equal(answer.status, 404, at);
		assert.ok(!/<a href|Index of/i.test(answer.text), at);
	}
});

test('S59 SEC-04 every answer says what it is, that it is not to be guessed at, and is kept by nobody who should not', async () => {
	for (const operation of all) {
		const { at, json, headers } = operation.request;
		for (const token of [undefined, town.tokenOf(operation)]) {
			const answer = await world.fetch(at, { method: operation.method, ...(json === undefined || token ? {} : { json }), token, headers });
			if (answer.text === '') continue;
			assert.equal(answer.headers['x-content-type-options'], 'nosniff', operation.id);
			assert.match(answer.headers['content-type'] ?? '', /^(application\/(json|yaml|problem\+json)|text\/(html|plain|csv))/, operation.id);
			if (answer.headers['content-type'] === 'application/json' && !['jwks'].includes(operation.id)) assert.match(answer.headers['cache-control'] ?? '', /^(no-store|private, no-cache|private, max-age=0)/, `${operation.id} ${answer.status}: ${answer.headers['cache-control']}`);
		}
	}
});
