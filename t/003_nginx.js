'use strict';
// nginx by itself: every path reaches its pool, and is told once and rightly; everything else is answered in our words.
// The pools are stand-ins that answer what they were told.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { test, before, after } = require('node:test');
const { World, POOLS } = require('./world.js');
const nginx = require('./stack/nginx.js');
const { Client } = require('./stack/client.js');
const { run } = require('./stack/process.js');
const { responder } = require('./stack/responder.js');

const SECRET = 'c4n4ry-in-the-query-0123456789';
let world;
const pools = [];
let shelved; // what the menu's stand-in answers to who asks for the whole menu

function answer({ params }) {
	const at = new Map(params).get('ROUTE_PATH');
	if (at.endsWith('/die')) return 'die';
	if (at.endsWith('/overloaded')) return { status: 503, headers: { 'Retry-After': 7 }, body: '{"from":"the worker"}' };
	if (at === '/api/v1/menu/items') return shelved?.(new Map(params)) ?? {};
	return {};
}

before(async () => {
	world = await World.start({ bare: true, limits: { ...nginx.LIMITS, ADDRESS_BURST: '1000' } });
	for (const name of POOLS) pools.push(await responder(path.join(world.at.run, `${name}.sock`), name, answer));
	world.canary(SECRET);
});
after(async () => {
	for (const pool of pools) pool.close();
	await world?.stop();
});

// Tests do not count against each other: each caller has a name of its own.
let callers = 0;
function ask(at, options = {}) {
	return world.fetch(at, { ...options, headers: { authorization: `Bearer test-${++callers}`, ...options.headers } });
}

const told = (response, name) => response.json.params.filter(([one]) => one === name).map(([, value]) => value);

function isOurError(response, status, code) {
	assert.equal(response.status, status);
	assert.match(response.headers['content-type'], /^application\/json/);
	assert.equal(response.json.error.code, code);
	assert.equal(typeof response.json.error.message, 'string');
	assert.ok('details' in response.json.error);
	isGuarded(response);
}

function isGuarded(response) {
	assert.match(response.headers['strict-transport-security'], /^max-age=\d{8}/);
	assert.equal(response.headers['x-content-type-options'], 'nosniff');
	assert.equal(response.headers.server, 'nginx');
	assert.match(response.headers['x-request-id'], /^[0-9A-Za-z._-]{8,64}$/);
}

test('ARC-04 ARC-12 a path is answered by its pool', async () => {
	const table = {
		'/api/v1/auth/request-otp': 'auth', '/api/v1/admin/auth/login': 'auth', '/api/v1/admin/auth/password': 'auth', '/.well-known/jwks.json': 'auth',
		'/api/v1/menu/items': 'menu', '/api/v1/menu/items/3': 'menu',
		'/api/v1/orders': 'orders', '/api/v1/orders/x/status': 'orders', '/api/common/orders/x/': 'orders',
		'/pp_callback/demo/': 'webhooks', '/api/webhooks/petpooja/order-status': 'webhooks', '/api/webhooks/logs': 'integrations', '/api/webhooks/logs/1': 'integrations',
		'/api/v1/delivery/orders': 'delivery', '/api/v1/delivery/orders/x': 'delivery',
		'/api/v1/admin/reports/daily-sales': 'reports', '/api/v1/admin/reports': 'reports', '/api/v1/admin/reportsx': 'admin',
		'/api/v1/restaurant': 'office', '/api/v1/admin/config': 'office', '/api/v1/admin/config/x': 'office', '/api/v1/admin/configx': 'admin',
		'/api/v1/admin/platform-config': 'office', '/api/v1/admin/platform-config/x': 'office', '/api/v1/admin/pause': 'office',
		'/api/v1/admin/resume': 'office', '/api/v1/admin/busy': 'office',
		'/api/v1/admin/menu/items': 'catalog', '/api/v1/admin/taxes': 'catalog', '/api/v1/admin/discounts': 'catalog', '/api/v1/admin/discounts/x': 'catalog', '/api/v1/admin/discountsx': 'admin', '/api/v1/admin/taxes/x': 'catalog', '/api/v1/admin/taxesx': 'admin',
		'/api/v1/users/me': 'people', '/api/v1/admin/staff': 'people', '/api/v1/admin/staff/3': 'people',
		'/api/v1/admin/orders': 'admin', '/api/v1/admin/auth/logout': 'admin',
		'/api/pos-config/1/petpooja': 'integrations', '/api/pos-integration/health': 'integrations',
		'/api/menu-sync/1/sync': 'integrations', '/health': 'ops', '/metrics': 'ops',
	};
	for (const [at, pool] of Object.entries(table)) {
		const response = await ask(at);
		assert.equal(response.status, 200, at);
		assert.equal(response.json.pool, pool, at);
		isGuarded(response);
	}
});

test('ARC-04 every route of every pool is dispatched to that pool, with the largest body it takes', async (t) => {
	let n = 0;
	for (const pool of POOLS.filter((name) => fs.existsSync(path.join(world.build, name)))) {
		const [heading, ...lines] = (await run([path.join(world.build, pool), '--routes'])).trim().split('\n').map((line) => line.split('\t'));
		assert.deepEqual(heading.slice(0, 5), ['method', 'path', 'roles', 'tenant', 'body_max']);
		for (const [method, at, , , bodyMax] of lines) {
			const response = await ask(at.replace(/\{[^}]*\}/g, '019a0000-0000-7000-8000-000000000001'),
				{ method, ...(Number(bodyMax) > 0 ? { body: 'x'.repeat(Number(bodyMax)) } : {}) });
			assert.equal(response.json?.pool, pool, `${method} ${at}: ${response.status}`);
			n++;
		}
	}
	t.diagnostic(`${n} routes`);
});

test('ARC-02 ARC-03 a tenant in the path is taken off it', async () => {
	const named = await ask('/r/spice-garden/api/v1/orders?limit=2');
	assert.deepEqual(told(named, 'TENANT'), ['spice-garden']);
	assert.deepEqual(told(named, 'ROUTE_PATH'), ['/api/v1/orders']);
	assert.deepEqual(told(named, 'QUERY_STRING'), ['limit=2']);
	assert.deepEqual(told(await ask('/api/v1/orders'), 'TENANT'), ['']);
	for (const at of ['/r/spice/health', '/r/spice/pp_callback/x/', '/r/a/r/b/api/v1/orders', '/r/Spice/api/v1/orders', '/r//api/v1/orders'])
		isOurError(await ask(at), 404, 'NOT_FOUND');
});

test('SEC-04 there is one view of a path, however it is written', async () => {
	for (const at of ['/api//v1/./orders', '/api/v1/x/../orders', '/api%2fv1%2Forders', '/%61pi/v1/orders', '//api/v1/orders'])
		assert.deepEqual(told(await ask(at), 'ROUTE_PATH'), ['/api/v1/orders'], at);
	const login = await ask('/api/v1/admin/x/..%2fauth/login');
	assert.equal(login.json.pool, 'auth');
	assert.deepEqual(told(login, 'ROUTE_PATH'), ['/api/v1/admin/auth/login']);
	for (const at of ['/API/v1/orders', '/api/v1/orders;x', '/api/v1/orders.', '/api/v1', '/.git/config', '/openapi.yaml.bak'])
		isOurError(await ask(at), 404, 'NOT_FOUND');
	const top = await ask('/');
	assert.deepEqual([top.status, top.headers.location], [302, '/docs'], 'who comes in by the front door is shown the description');
	assert.ok(top.headers['x-request-id'] && top.headers['x-content-type-options']);
	for (const at of ['/api/v1/orders/%0a', '/api/v1/orders/%00', '/../api/v1/orders'])
		assert.equal((await ask(at)).status, 400, at);
});

test('SEC-04 what a worker is told is told once and cannot be forged', async () => {
	const response = await ask('/api/v1/orders?a=1', {
		method: 'POST', body: '{}', headers: {
			proxy: 'http://evil/', 'x-request-id': 'bad id', tenant: 'forged', 'route-path': '/forged', 'content-type': 'application/json',
		},
	});
	const names = response.json.params.map(([name]) => name);
	assert.deepEqual([...new Set(names)], names);
	assert.deepEqual(told(response, 'HTTP_PROXY'), []);
	assert.deepEqual(told(response, 'REMOTE_ADDR'), ['127.0.0.1']);
	assert.deepEqual(told(response, 'REQUEST_METHOD'), ['POST']);
	assert.deepEqual(told(response, 'CONTENT_LENGTH'), ['2']);
	assert.deepEqual(told(response, 'ROUTE_PATH'), ['/api/v1/orders']);
	assert.deepEqual(told(response, 'TENANT'), ['']);
	assert.deepEqual(told(response, 'HTTP_HOST'), ['localhost']);
	assert.match(told(response, 'REQUEST_ID')[0], /^[0-9a-f]{32}$/);
	for (const name of ['REMOTE_USER', 'HTTPS', 'SCRIPT_NAME', 'REQUEST_URI', 'DOCUMENT_ROOT']) assert.deepEqual(told(response, name), []);
});

// A worker that names a file of the shelf, with the headers that only it can know.
const onShelf = (name) => ({ headers: { 'X-Accel-Redirect': `/_shelf/${name}`, ETag: '"7"', 'Cache-Control': 'private, no-cache' }, body: '' });

test('MENU-09 PERF-03 an answer that a worker named is a file, and looks like any answer of a worker', async () => {
	const file = path.join(world.at.run, 'shelf', '5-0a');
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, '{"items":["all"],"total":1}');
	const asked = [];
	shelved = (params) => { asked.push(params); return onShelf('5-0a'); };
	const plain = await ask('/r/spice/api/v1/menu/items');
	assert.equal(plain.text, '{"items":["all"],"total":1}');
	assert.equal(asked[0].get('SHELF'), '/_shelf/');
	for (const headers of [{}, { range: 'bytes=0-3' }, { 'if-modified-since': fs.statSync(file).mtime.toUTCString() }, { 'if-none-match': '"6"' }]) {
		const one = await ask('/r/spice/api/v1/menu/items', { headers });
		assert.equal(one.status, 200, JSON.stringify(headers));
		assert.equal(one.text, plain.text, JSON.stringify(headers));
		assert.equal(one.headers.etag, '"7"');
		assert.equal(one.headers['cache-control'], 'private, no-cache');
		assert.equal(one.headers['content-type'], 'application/json');
		for (const name of ['last-modified', 'accept-ranges', 'x-accel-redirect', 'expires']) assert.equal(one.headers[name], undefined, name);
		isGuarded(one);
	}
	const head = await ask('/r/spice/api/v1/menu/items', { method: 'HEAD' });
	assert.equal(head.headers['content-length'], '27');
	assert.equal(head.headers.etag, '"7"');
	shelved = null;
});

test('MENU-09 a file that is not on the shelf is asked of the worker again, as of one without a shelf, and its answer stands', async () => {
	const asked = [];
	let second = { headers: { ETag: '"8"', 'Cache-Control': 'private, no-cache' }, body: '{"from":"the worker"}' };
	shelved = (params) => { asked.push(params); return params.has('SHELF') ? onShelf('5-none') : second; };
	const answer = await ask('/r/spice/api/v1/menu/items?total=1');
	assert.equal(answer.status, 200);
	assert.equal(answer.text, '{"from":"the worker"}');
	assert.equal(answer.headers.etag, '"8"');
	assert.equal(answer.headers['cache-control'], 'private, no-cache');
	isGuarded(answer);
	assert.equal(asked.length, 2);
	assert.deepEqual(['TENANT', 'ROUTE_PATH', 'REQUEST_METHOD'].map((name) => asked[1].get(name)), ['spice', '/api/v1/menu/items', 'GET']);
	assert.equal(asked[1].get('HTTP_AUTHORIZATION'), asked[0].get('HTTP_AUTHORIZATION'));
	second = { status: 304, headers: { ETag: '"8"' }, body: '' };
	assert.equal((await ask('/r/spice/api/v1/menu/items')).status, 304);
	second = { status: 401, body: '{"error":"no"}' };
	assert.equal((await ask('/r/spice/api/v1/menu/items')).status, 401);
	second = { status: 503, headers: { 'Retry-After': 7 }, body: '{"from":"the worker"}' };
	assert.equal((await ask('/r/spice/api/v1/menu/items')).headers['retry-after'], '7');
	second = 'die';
	isOurError(await ask('/r/spice/api/v1/menu/items'), 503, 'UNAVAILABLE');
	const [died] = await world.untilLogged('nginx.access', (line) => line.path === '/r/spice/api/v1/menu/items' && /502$/.test(line.worker_status));
	assert.equal(died.tenant, 'spice');
	shelved = null;
});

test('SEC-04 nobody gets at the shelf but by a worker\'s word', async () => {
	fs.mkdirSync(path.join(world.at.run, 'shelf'), { recursive: true });
	fs.writeFileSync(path.join(world.at.run, 'shelf', '5-0b'), 'mine');
	for (const at of ['/_shelf/5-0b', '/_shelf/none', '/_shelf/', '/_shelf_missed', '/r/spice/_shelf_missed', '//_shelf/5-0b', '/%5fshelf/5-0b', '/r/spice/_shelf/5-0b', '/api/v1/menu/%2e%2e/%2e%2e/%2e%2e/_shelf/5-0b'])
		isOurError(await ask(at), 404, 'NOT_FOUND');
});

test('OBS-07 a request keeps the names its caller gave it, when they are well formed', async () => {
	const trace = 'ab'.repeat(16);
	const kept = await ask('/health', { headers: { 'x-request-id': 'caller-0001', traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
	assert.deepEqual(told(kept, 'REQUEST_ID'), ['caller-0001']);
	assert.equal(kept.headers['x-request-id'], 'caller-0001');
	assert.deepEqual(told(kept, 'TRACE_ID'), [trace]);
	for (const bad of [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${trace}-${'0'.repeat(16)}-01`, `ff-${trace}-00f067aa0ba902b7-01`,
		`00-${trace.toUpperCase()}-00f067aa0ba902b7-01`, 'x']) {
		const made = await ask('/health', { headers: { traceparent: bad } });
		assert.match(told(made, 'TRACE_ID')[0], /^[0-9a-f]{32}$/);
		assert.notEqual(told(made, 'TRACE_ID')[0], trace);
	}
});

test('ERR-01 SEC-04 a body has a size its path allows, with a length and without', async () => {
	const body = (n) => 'x'.repeat(n);
	assert.equal((await ask('/api/v1/orders', { body: body(64 << 10) })).status, 200);
	isOurError(await ask('/api/v1/orders', { body: body((64 << 10) + 1) }), 413, 'PAYLOAD_TOO_LARGE');
	assert.equal((await ask('/api/webhooks/petpooja/push-menu', { body: body(1 << 20) })).json.body.length, 1 << 20);
	isOurError(await ask('/api/webhooks/petpooja/push-menu', { body: body((1 << 20) + 1) }), 413, 'PAYLOAD_TOO_LARGE');
	assert.equal((await ask('/api/webhooks/toast', { body: body(2 << 20) })).json.body.length, 2 << 20);
	isOurError(await ask('/api/webhooks/toast', { body: body((2 << 20) + 1) }), 413, 'PAYLOAD_TOO_LARGE');
	const chunk = `${(70 << 10).toString(16)}\r\n${body(70 << 10)}\r\n0\r\n\r\n`;
	const said = await raw(`POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}`);
	assert.match(said, /^HTTP\/1.1 413 /);
	assert.match(said, /PAYLOAD_TOO_LARGE/);
});

// What comes back for these bytes over TLS, up to the end of an error's body or of the connection.
function raw(bytes) {
	return new Promise((resolve, reject) => {
		let said = '';
		const socket = tls.connect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ca: fs.readFileSync(world.tls.ca) },
			() => socket.write(bytes));
		socket.setTimeout(15000, () => socket.destroy(new Error('no end')));
		socket.on('data', (data) => {
			said += data;
			if (said.endsWith('}}')) socket.destroy(); // nginx would linger
		});
		socket.on('error', (error) => (said ? resolve(said) : reject(error)));
		socket.on('close', () => resolve(said));
	});
}

test('ERR-01 a request too long, too wide or malformed is refused in our words', async () => {
	const get = (line, headers = '') => raw(`${line}\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);
	const expect = async (said, status, code) => {
		assert.match(await said, new RegExp(`^HTTP/1.1 ${status} `));
		if (code) assert.match(await said, new RegExp(`"code":"${code}"`));
		assert.match(await said, /Strict-Transport-Security/i);
	};
	await expect(get(`GET /api/v1/orders?x=${'y'.repeat(4200)} HTTP/1.1`), 414, 'URI_TOO_LONG');
	await expect(get(`GET /api/v1/orders?x=${'y'.repeat(9000)} HTTP/1.1`), 414, 'URI_TOO_LONG');
	await expect(get('GET /api/v1/orders HTTP/1.1', `X-Wide: ${'y'.repeat(9000)}\r\n`), 431, 'HEADERS_TOO_LARGE');
	await expect(get('GET /api/v1/orders HTTP/1.1', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400, 'VALIDATION_ERROR');
	await expect(get('POST /api/v1/orders HTTP/1.1', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'), 400, 'VALIDATION_ERROR');
	await expect(get('GET /api/v1/orders HTTP/1.1', 'Authorization: a\r\nAuthorization: b\r\n'), 400, 'VALIDATION_ERROR');
	await expect(get('TRACE /api/v1/orders HTTP/1.1'), 405, 'METHOD_NOT_ALLOWED');
	isOurError(await ask('/_e/503'), 404, 'NOT_FOUND');
});

test('ERR-01 a worker that is gone or dies is 503, says when to come back, and is asked once', async () => {
	const died = await ask('/api/v1/orders/die', { body: '{}' });
	isOurError(died, 503, 'UNAVAILABLE');
	assert.equal(died.headers['retry-after'], '2');
	const busy = await ask('/api/v1/orders/overloaded');
	assert.equal(busy.text, '{"from":"the worker"}');
	assert.equal(busy.headers['retry-after'], '7');
	const menu = pools[POOLS.indexOf('menu')];
	await new Promise((resolve) => menu.close(resolve));
	const socket = path.join(world.at.run, 'menu.sock');
	const deaf = net.createServer().listen(socket);
	await new Promise((resolve) => deaf.once('listening', resolve));
	fs.renameSync(socket, `${socket}.kept`); // closing unlinks the name; a crashed master leaves it
	await new Promise((resolve) => deaf.close(resolve));
	fs.renameSync(`${socket}.kept`, socket);
	isOurError(await ask('/api/v1/menu/items'), 503, 'UNAVAILABLE');
	fs.rmSync(socket);
	pools[POOLS.indexOf('menu')] = await responder(socket, 'menu', answer);
	assert.equal((await ask('/api/v1/menu/items')).status, 200);
});

test('SEC-03 ERR-08 a caller has a hundred requests a minute, its neighbour at the same address too', async () => {
	const statuses = async (token, n, at = '/api/v1/menu/items') => {
		const found = {};
		for (let i = 0; i < n; i++) {
			const response = await world.fetch(at, { headers: token ? { authorization: token } : {} });
			found[response.status] = (found[response.status] ?? 0) + 1;
			if (response.status === 429) {
				isOurError(response, 429, 'RATE_LIMITED');
				assert.match(response.headers['retry-after'], /^\d+$/);
			}
		}
		return found;
	};
	const one = await statuses('Bearer one', 130);
	assert.ok(one[200] >= 100 && one[200] <= 110, JSON.stringify(one));
	assert.equal(one[200] + one[429], 130);
	assert.deepEqual(await statuses('Bearer two', 100), { 200: 100 });
	assert.ok((await statuses(null, 120, '/api/v1/orders'))[429] >= 5);
	assert.deepEqual(await statuses(null, 120), { 200: 120 }, 'the menu is not among them');
});

test('SEC-03 S75 S07 passwords are tried at the pace of people, under however many names', async () => {
	const login = '/api/v1/admin/auth/login';
	const statuses = (await Promise.all(Array.from({ length: 60 }, () => ask(login, { body: '{}' })))).map((one) => one.status);
	assert.ok(statuses.filter((one) => one === 429).length >= 25);
	assert.equal((await ask('/api/v1/auth/verify-otp', { body: '{}' })).status, 200);
});

test('WH-30 a provider has a limit for each restaurant, wide enough for a lunch hour', async () => {
	const burst = (slug) => Promise.all(Array.from({ length: 130 }, () => world.fetch(`/pp_callback/${slug}/`, { body: '{}' })));
	const statuses = (await burst('crowded')).map((response) => response.status);
	assert.ok(statuses.filter((status) => status === 200).length >= 100);
	assert.ok(statuses.includes(429));
	assert.equal((await world.fetch('/pp_callback/other/', { body: '{}' })).status, 200);
});

test('SEC-03 more than the house can hold is refused with 503 before it reaches a socket', async () => {
	const small = await World.start({ bare: true, limits: { ORDERS_QUEUE: '3' } });
	let release, waiting = 0;
	const gate = new Promise((resolve) => { release = resolve; });
	const pool = await responder(path.join(small.at.run, 'orders.sock'), 'orders', () => {
		waiting++;
		return gate.then(() => ({}));
	});
	const refused = [], held = [];
	// Three for each process of nginx, of which there are at most four.
	const all = Array.from({ length: 20 }, () => small.fetch('/api/v1/orders').then((one) => (one.status === 200 ? held : refused).push(one)));
	try {
		await small.until('twenty requests', () => waiting + refused.length === 20);
		assert.ok(waiting >= 3 && waiting <= 12, `${waiting} wait`);
		for (const one of refused) {
			isOurError(one, 503, 'UNAVAILABLE');
			assert.equal(one.headers['retry-after'], '2');
		}
		release();
		await Promise.all(all);
		assert.equal(held.length, waiting);
		assert.equal((await small.fetch('/api/v1/orders')).status, 200);
	} finally {
		release();
		pool.close();
		await small.stop();
	}
});

test('AUTH-22 SEC-10 no log tells a query string, neither of a success nor of a failure', async () => {
	for (const at of ['/pp_callback/secretive/', '/pp_callback/secretive/die', '/api/v1/orders', '/nowhere'])
		await ask(`${at}?k=${SECRET}`, { body: '{}' });
	await Promise.all(Array.from({ length: 130 }, () => world.fetch(`/pp_callback/limited/?k=${SECRET}`, { body: '{}' })));
	await world.untilLogged('nginx.access', (line) => line.path === '/nowhere');
	const lines = world.logged('nginx.access');
	assert.ok(lines.some((line) => line.path === '/pp_callback/secretive/' && line.status === '200'));
	assert.ok(lines.some((line) => line.path === '/pp_callback/secretive/die' && line.status === '503'));
	assert.ok(lines.some((line) => line.path === '/pp_callback/limited/' && line.status === '429'));
	for (const name of ['nginx.access.log', 'nginx.error.log'])
		assert.ok(!fs.readFileSync(path.join(world.at.log, name), 'utf8').includes(SECRET), name);
});

test('ARC-11 the description of the interface is there for everybody, at both addresses', async () => {
	const text = fs.readFileSync(path.join(world.at.top, 'nginx/html/openapi.yaml'), 'utf8');
	for (const at of ['/openapi.yaml', '/api/v1/openapi.yaml']) {
		const response = await ask(at);
		assert.equal(response.status, 200);
		assert.equal(response.headers['content-type'], 'application/yaml');
		assert.equal(response.text, text);
		isGuarded(response);
		isOurError(await ask(at, { method: 'POST', body: '{}' }), 405, 'METHOD_NOT_ALLOWED');
	}
});

test('SEC-01 only TLS 1.2 and 1.3, and HTTP/2 for who can', async () => {
	const connect = (options) => new Promise((resolve) => {
		const socket = tls.connect({
			port: world.port, host: '127.0.0.1', servername: 'localhost', ca: fs.readFileSync(world.tls.ca), ALPNProtocols: ['h2', 'http/1.1'],
			...options,
		}, () => {
			resolve(`${socket.getProtocol()} ${socket.alpnProtocol} ${socket.authorized}`);
			socket.destroy();
		});
		socket.on('error', () => resolve('refused'));
	});
	assert.equal(await connect({}), 'TLSv1.3 h2 true');
	assert.equal(await connect({ maxVersion: 'TLSv1.2' }), 'TLSv1.2 h2 true');
	assert.equal(await connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'refused');
	assert.equal(await connect({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES128-GCM-SHA256' }), 'refused');
	const plain = new Client(`http://127.0.0.1:${world.port}`);
	assert.equal((await plain.fetch('/health')).status, 400);
	plain.close();
});

test('ARC-04 nginx has nothing to say against its configuration', async () => {
	await nginx.check(world.at);
});

test('SEC-03 an address has a limit, however many names it gives itself', async () => {
	// Few enough that no machine is too slow to reach it before it refills.
	const small = await World.start({ bare: true, limits: { ADDRESS_RATE: '1r/s', ADDRESS_BURST: '20' } });
	try {
		const asked = Array.from({ length: 200 }, (_, i) => small.fetch('/openapi.yaml', { token: `name-${i}` }));
		const statuses = (await Promise.all(asked)).map((one) => one.status);
		assert.ok(statuses.filter((one) => one === 429).length >= 100);
		assert.ok(statuses.some((one) => one !== 429));
	} finally {
		await small.stop();
	}
});
