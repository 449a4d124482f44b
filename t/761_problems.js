'use strict';
// Refusals as a client meets them: each code in the envelope and as application/problem+json, from the workers and from nginx by
// itself, each with the page that its type names; and of our own failures not a word of what is inside.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');
const { after, before, test } = require('node:test');
const { Bistro } = require('./bistro.js');
const { World } = require('./world.js');

const PROBLEM = 'application/problem+json';
const NOBODYS = '0190163d-8694-739b-aea5-966c26f8ad02';
const ROWS = [...fs.readFileSync(path.join(__dirname, '../lib/err/err.def'), 'utf8').matchAll(/^ERR_ROW\((\w+), (\d+), (\w+), \w+, "(.*)"\)/gm)]
	.map(([, name, status, band, sentence]) => ({ name, status: Number(status), band, sentence }))
	.filter(({ name }) => !['NO_ROW', 'DUPLICATE', 'BUSY'].includes(name));
const row = (name) => ROWS.find((one) => one.name === name);
const slug = (name) => name.toLowerCase().replace(/_/g, '-');
let world, bistro, guest;

before(async () => {
	world = await World.start({ onboard: false, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
});
after(() => world?.stop());

// Asks twice, for each form once, and holds both to the table and to each other. Answers the problem.
async function refused(name, ask, { isExact = false } = {}) {
	const { status, sentence } = row(name);
	const plain = await ask({}), problem = await ask({ accept: PROBLEM });
	for (const one of [plain, problem]) {
		assert.equal(one.status, status, `${name}: ${one.text}`);
		assert.equal(one.headers['cache-control'], 'no-store', name);
		assert.equal(one.headers['x-content-type-options'], 'nosniff', name);
	}
	assert.equal(plain.headers['content-type'], 'application/json');
	assert.deepEqual(Object.keys(plain.json), ['error']);
	assert.deepEqual(Object.keys(plain.json.error), ['code', 'message', 'details']);
	assert.equal(plain.json.error.code, name, plain.text);
	assert.equal(problem.headers['content-type'], PROBLEM);
	const { type, title, status: said, detail, code, details, errors, ...rest } = problem.json;
	assert.deepEqual([type, title, said, code], [`/problems/${slug(name)}`, sentence, status, name], problem.text);
	assert.equal(detail, plain.json.error.message);
	assert.deepEqual(rest, {});
	assert.ok(!('fields' in details), problem.text);
	assert.deepEqual({ ...details, ...(errors ? { fields: errors.map((one) => one.detail) } : {}) },
		{ ...plain.json.error.details, ...(plain.json.error.details.fields ? { fields: plain.json.error.details.fields.map((one) => one.message) } : {}) });
	if (isExact) assert.deepEqual(plain.json, { error: { code: name, message: sentence, details: {} } });
	const page = await world.fetch(type);
	assert.equal(page.status, 200, type);
	assert.ok(page.text.includes(`<code>${name}</code>`), type);
	return problem.json;
}

const place = (change, what = {}) => (headers) => {
	const cart = bistro.cart();
	change(cart);
	return guest.place(cart, { headers, ...what });
};
const ask = (at, options = {}) => (headers) => guest.fetch(at, { ...options, headers: { ...options.headers, ...headers } });

test('ERR-01 every code that can leave the house has a page, and no other has one', async () => {
	assert.ok(ROWS.length >= 30);
	for (const { name, status, sentence } of ROWS) {
		const page = await world.fetch(`/problems/${slug(name)}`);
		assert.equal(page.status, 200, name);
		assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
		assert.match(page.headers['content-security-policy'], /^default-src 'none'; /);
		assert.ok(page.text.includes(sentence.replace(/&/g, '&amp;')) && page.text.includes(`HTTP status ${status}`), name);
	}
	const list = await world.fetch('/problems/');
	assert.deepEqual([...list.text.matchAll(/href="\/problems\/([a-z-]+)"/g)].map((one) => one[1]), ROWS.map((one) => slug(one.name)));
	for (const at of ['/problems/no-row', '/problems/duplicate', '/problems/busy', '/problems/NOT-FOUND', '/problems/not-found.html', '/problems/a/b', '/problems', '/problems/..%2fgen/stmt.c'])
		assert.equal((await world.fetch(at)).status, 404, at);
});

test('ERR-02 SEC-04 400 VALIDATION_ERROR says what is wrong where, by JSON Pointer in a problem', async () => {
	const said = await refused('VALIDATION_ERROR', place((cart) => {
		cart.items[0].quantity = 0;
		cart.items[0].addons[0].quantity = 'two';
		cart['a/b.c'] = 1;
	}));
	assert.deepEqual(said.errors.map((one) => one.pointer).sort(), ['#/a~1b.c', '#/items/0/addons/0/quantity', '#/items/0/quantity']);
	assert.ok(said.errors.every((one) => one.detail && !('parameter' in one)));
	const query = await refused('VALIDATION_ERROR', ask('/api/v1/orders?limit=many'));
	assert.deepEqual(query.errors.map(({ parameter, pointer }) => [parameter, pointer]), [['limit', undefined]]);
	assert.deepEqual((await refused('VALIDATION_ERROR', ask('/api/v1/orders', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }))).errors, undefined);
});

test('ERR-02 400 INVALID_OTP and CART_EMPTY', async () => {
	await refused('INVALID_OTP', (headers) => world.fetch('/api/v1/auth/verify-otp', { json: { phone: '+919812345678', otp: '000000' }, headers }));
	await refused('CART_EMPTY', place((cart) => { cart.items = []; }));
});

test('ERR-03 401 INVALID_TOKEN and INVALID_CREDENTIALS, each with its challenge', async () => {
	for (const [name, one] of [['INVALID_TOKEN', (headers) => world.fetch('/api/v1/orders', { headers })],
		['INVALID_TOKEN', (headers) => world.fetch('/api/v1/orders', { token: 'e30.e30.c2ln', headers })],
		['INVALID_CREDENTIALS', (headers) => world.fetch('/r/bistro/api/v1/admin/auth/login', { json: { username: 'nobody', password: 'not this one' }, headers })]]) {
		await refused(name, one);
		assert.match((await one({})).headers['www-authenticate'], /^Bearer realm="ticketrail"/);
	}
});

test('ERR-04 ERR-05 403 INSUFFICIENT_ROLE, 404 NOT_FOUND, 405 METHOD_NOT_ALLOWED', async () => {
	await refused('INSUFFICIENT_ROLE', ask('/api/v1/admin/orders'));
	await refused('NOT_FOUND', ask(`/api/v1/orders/${NOBODYS}`), { isExact: true });
	await refused('NOT_FOUND', ask('/api/v1/nowhere'), { isExact: true });
	await refused('METHOD_NOT_ALLOWED', ask('/api/v1/orders', { method: 'DELETE' }), { isExact: true });
	await refused('UNSUPPORTED_MEDIA_TYPE', ask('/api/v1/orders', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }));
	await refused('PAYLOAD_TOO_LARGE', ask('/api/v1/orders', { method: 'POST', body: 'x'.repeat(65537) }), { isExact: true });
});

test('ERR-06 409 ITEM_UNAVAILABLE, ORDER_LIMIT_REACHED, RESTAURANT_CLOSED, with what a client needs to know', async () => {
	const [line] = bistro.cart([{ item: '10464015', variation: null, addons: [], quantity: 1 }]).items;
	assert.deepEqual((await refused('ITEM_UNAVAILABLE', place((cart) => { cart.items = [{ ...line, addons: [] }]; }))).details,
		{ items: [line.menu_item_id], unavailable: [{ id: line.menu_item_id, field: 'items[0].menu_item_id', cause: 'sold_out', until: null }] });
	const setting = (key, value) => world.sql(`UPDATE system_config SET value = '${value}' WHERE restaurant_id = ${bistro.id} AND config_key = '${key}'`);
	await guest.ordered(bistro.cart());
	await setting('max_orders_per_slot', '1');
	assert.deepEqual((await refused('ORDER_LIMIT_REACHED', place(() => {}))).details, { current: 1, max: 1 });
	await setting('max_orders_per_slot', '100000');
	await world.sql(`INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (${bistro.id}, 'restaurant_open', 'false', UTC_TIMESTAMP(6), 'test')`);
	await refused('RESTAURANT_CLOSED', place(() => {}));
	await setting('restaurant_open', 'true');
});

test('ERR-01 409 and 422 of a key, and 412', async () => {
	const key = 'one-key-for-two-carts';
	await guest.ordered(bistro.cart(), { key });
	await refused('IDEMPOTENCY_MISMATCH', place((cart) => { cart.special_instructions = 'other'; }, { key }));
	const { order } = await guest.ordered(bistro.cart());
	const staff = (what, json, more) => (headers) => world.fetch(`${bistro.base}/api/v1/admin/orders/${order.id}${what}`,
		{ method: json.method, token: bistro.admin, json: json.json, headers: { ...headers, ...more } });
	await refused('PRECONDITION_FAILED', staff('/status', { method: 'PATCH', json: { status: 'confirmed' } }, { 'if-match': '"0"' }));
	await refused('ORDER_NOT_PAID', staff('/status', { method: 'PATCH', json: { status: 'completed' } }));
});

test('ERR-08 429 RATE_LIMITED says when to come back', async () => {
	const otp = (headers) => world.fetch('/api/v1/auth/request-otp', { json: { phone: '+919812345670' }, headers });
	for (let i = 0; i < 3; i++) assert.equal((await otp({})).status, 200);
	await refused('RATE_LIMITED', otp);
	const after_s = Number((await otp({})).headers['retry-after']);
	assert.ok(after_s > 0 && after_s <= 600, `${after_s} s`);
});

test('ERR-09 S52 500 INTERNAL_ERROR and 503 UNAVAILABLE: nothing of what is inside, in either form', async () => {
	await world.sql('RENAME TABLE order_items TO order_items_elsewhere');
	try {
		const { order } = { order: (await world.sql('SELECT LOWER(HEX(public_id)) AS id FROM orders ORDER BY id LIMIT 1'))[0] };
		const at = `/api/v1/orders/${order.id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`;
		await refused('INTERNAL_ERROR', ask(at), { isExact: true });
		for (const accept of ['application/json', PROBLEM]) {
			const said = await guest.fetch(at, { headers: { accept } });
			assert.ok(!/order_items|table|exist|sql|1146|42S02|\.c\b|lib\//i.test(said.text + JSON.stringify({ ...said.headers, 'x-request-id': '' })), said.text);
		}
	} finally {
		await world.sql('RENAME TABLE order_items_elsewhere TO order_items');
	}
	await world.kill('people');
	await refused('UNAVAILABLE', ask('/api/v1/users/me'), { isExact: true });
	assert.match((await guest.fetch('/api/v1/users/me')).headers['retry-after'], /^\d+$/);
});

// --- nginx by itself ---------------------------------------------------------------------------------------------------

// What comes back for these bytes over TLS, until nginx closes or has said the whole of it.
function raw(bytes) {
	return new Promise((resolve, reject) => {
		let said = '';
		const socket = tls.connect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ca: fs.readFileSync(world.tls.ca) }, () => socket.write(bytes));
		socket.setTimeout(15000, () => socket.destroy(new Error('no end')));
		socket.on('data', (data) => {
			said += data;
			if (said.endsWith('}}')) socket.destroy();
		});
		socket.on('error', (error) => (said ? resolve(said) : reject(error)));
		socket.on('close', () => resolve(said));
	});
}

// {status, headers, json} of what raw() said.
function parsed(said) {
	const [head, body] = said.split('\r\n\r\n');
	const [first, ...lines] = head.split('\r\n');
	return { status: Number(first.split(' ')[1]), json: JSON.parse(body), text: said,
		headers: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)])) };
}

test('ERR-01 ERR-05 S56 nginx\'s own refusals have both forms too, in the words of the table', async () => {
	const get = (line, more = '') => async (headers) => parsed(await raw(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
		`${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}${more}\r\n`));
	await refused('NOT_FOUND', get('GET /nowhere'), { isExact: true });
	await refused('VALIDATION_ERROR', get('GET /api/v1/orders/%0a'), { isExact: true });
	await refused('VALIDATION_ERROR', get('GET /api/v1/orders', 'Content-Length: x\r\n'), { isExact: true });
	await refused('METHOD_NOT_ALLOWED', get('POST /openapi.yaml', 'Content-Length: 0\r\n'), { isExact: true });
	await refused('METHOD_NOT_ALLOWED', get('TRACE /api/v1/orders'), { isExact: true });
	await refused('PAYLOAD_TOO_LARGE', get('POST /api/v1/orders', 'Content-Length: 70000\r\n'), { isExact: true });
	await refused('URI_TOO_LONG', get(`GET /api/v1/orders?x=${'y'.repeat(4200)}`), { isExact: true });
	await refused('HEADERS_TOO_LARGE', get('GET /api/v1/orders', `X-Wide: ${'y'.repeat(9000)}\r\n`), { isExact: true });
});

test('ERR-01 every page of nginx\'s own is in the words of err.def', () => {
	const found = [...fs.readFileSync(path.join(__dirname, '../nginx/errors.conf'), 'utf8').matchAll(/= \/_([ep])\/(\d+) \{ return (\d+) '(.*)'; \}/g)];
	const codes = { e: new Set(), p: new Set() };
	for (const [, form, at, status, body] of found) {
		const json = JSON.parse(body);
		const name = form === 'e' ? json.error.code : json.code;
		codes[form].add(name);
		const { status: expected, sentence } = row(name);
		assert.deepEqual([at, status], [String(expected), String(expected)]);
		assert.deepEqual(json, form === 'e' ? { error: { code: name, message: sentence, details: {} } }
			: { type: `/problems/${slug(name)}`, title: sentence, status: expected, detail: sentence, code: name, details: {} });
	}
	assert.equal(codes.e.size, 10);
	assert.deepEqual(codes.e, codes.p);
});

test('ERR-01 nginx and the workers read an Accept alike', async () => {
	const cases = [['application/json', 0], ['*/*', 0], ['application/*', 0], [PROBLEM, 1], ['APPLICATION/Problem+JSON', 1], [`application/json, ${PROBLEM}`, 1],
		[`${PROBLEM};q=0.1,text/html`, 1], [`text/html , ${PROBLEM} ; charset=utf-8`, 1], [`${PROBLEM};q=0`, 0], [`${PROBLEM}; q=0.000`, 0], [`${PROBLEM};Q=0;x=y`, 0],
		[`${PROBLEM};x=y;q=0`, 0], [`${PROBLEM};q=0.001`, 1], [`${PROBLEM}x`, 0], [`x${PROBLEM}`, 0], [`text/x;y=${PROBLEM}`, 0], [`${PROBLEM};q=0, ${PROBLEM}`, 1], [`,, ${PROBLEM}`, 1]];
	for (const [accept, isWanted] of cases)
		for (const at of ['/nowhere', '/api/v1/nowhere', '/api/v1/menu/nowhere'])
			assert.equal((await world.fetch(at, { token: guest.token, headers: { accept } })).headers['content-type'] === PROBLEM, Boolean(isWanted), `${at}: ${accept}`);
});
