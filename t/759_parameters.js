'use strict';
// What stands beside the body: query parameters that are garbage, repeated or nobody's, headers that come twice, bodies where there
// are none. Made from openapi.yaml for every operation. Refused by name where the schema says so, never a failure, nothing changed.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { load } = require('./openapi.js');
const { World } = require('./world.js');
const { operations } = require('./matrix/operations.js');
const { build, idsOf } = require('./matrix/requests.js');
const { each, sums } = require('./matrix/spoil.js');
const { Town } = require('./matrix/town.js');

const api = load();
let world, town, all, asked = 0;

before(async () => {
	world = await World.start({ onboard: false });
	town = await Town.open(world);
	all = operations(world.build, api).filter((one) => !one.byNginx && one.body !== 'raw').map((one) => ({ ...one, ids: idsOf(api, one, town) }));
	for (const one of all) one.request = await build(town, one, one.ids);
});
after(() => world?.stop());

async function ask(operation, query, more = {}) {
	asked++;
	const { at, method, json, headers } = operation.request;
	const prefix = at.startsWith('/api/') && operation.tenant !== 'none' ? town.here.base : '';
	const answer = await world.fetch(`${prefix}${at}${query && `${at.includes('?') ? '&' : '?'}${query}`}`, { method, ...(json === undefined ? {} : { json }), token: town.tokenOf(operation), ...more, headers: { ...headers, ...more.headers } });
	assert.ok(answer.status < 500, `${operation.id} ${query}: ${answer.status} ${answer.text}`);
	return answer;
}
const told = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();

// Values that a parameter of this schema may not have.
function* garbage(schema) {
	const one = api.resolve(schema) ?? {};
	const values = ['', 'x', '-1', '0', '1.5', '1e2', '+1', ' 1', '01', '0x1', '2147483648', '9223372036854775807', '9223372036854775808', '99999999999999999999', 'true', 'TRUE', 'null', '2026-02-30', '2026-02-13', '2026-13-01T00:00:00Z', '2026-02-13T08:30:00',
		'0000-00-00', '9999-12-31T23:59:59Z', '0190163d-8694-739b-aea5-966c26f8ad0', '0190163d-8694-739b-aea5-966c26f8ad02x', "' OR 1=1 -- ", '../../x', 'x'.repeat(2000), '\u{1f336}', '\u0000', '\u0007', '%s%n', 'a,b', ','];
	for (const value of values) yield [value, !fits(one, value)];
}

// Surely not what the schema says; what is not sure is not held against anybody.
function fits(one, value) {
	if (one.enum) return one.enum.map(String).includes(value) || value.includes(',');
	if (one.type === 'integer') return /^-?(0|[1-9]\d*)$/.test(value) && Number(value) >= (one.minimum ?? -Infinity) && Number(value) <= (one.maximum ?? Infinity);
	if (one.type === 'boolean') return value === 'true' || value === 'false';
	if (one.format === 'uuid') return false;
	if (one.format === 'date') return /^\d{4}-(0[1-9]|1[0-2])-\d\d$/.test(value) && value !== '2026-02-30';
	if (one.format === 'date-time') return value === '9999-12-31T23:59:59Z';
	return !(one.maxLength !== undefined && [...value].length > one.maxLength);
}

test('SEC-04 ERR-02 ORD-22 every query parameter of every operation with garbage: refused by its name, never a failure', async (t) => {
	let refused = 0;
	for (const operation of all) {
		const list = operation.parameters.filter((one) => one.in === 'query' && !operation.ids.some((slot) => slot.where === 'query' && slot.name === one.name && slot.kind === 'restaurant'));
		const cases = list.flatMap((one) => [...garbage(one.schema)].map(([value, isBad]) => ({ name: one.name, value, isBad })));
		if (cases.length === 0) continue;
		const before_all = operation.method === 'GET' ? null : await sums(world);
		await each(cases, async ({ name, value, isBad }) => {
			operation.request.at = operation.request.at.replace(new RegExp(`([?&])${name}=[^&]*&?`), '$1').replace(/[?&]$/, '');
			const answer = await ask(operation, `${name}=${encodeURIComponent(value)}`);
			if (!isBad) return;
			refused++;
			assert.equal(told(answer), '400 VALIDATION_ERROR', `${operation.id} ${name}=${JSON.stringify(value.slice(0, 50))}: ${answer.text}`);
			if (value !== '\u0000') assert.ok(answer.json.error.details.fields?.some((one) => one.field === name) , `${operation.id} ${name}=${JSON.stringify(value.slice(0, 50))}: ${answer.text}`);
		});
		if (before_all) assert.deepEqual(await sums(world), before_all, operation.id);
		operation.request = await build(town, operation, operation.ids);
	}
	t.diagnostic(`${asked} asked, ${refused} refused by name`);
});

test('S55 SEC-04 a parameter that comes twice, a query that is none, too many: 400 at every operation', async () => {
	const before_all = await sums(world);
	for (const operation of all)
		await each(['x=1&x=2', 'x=1&x=1', 'x&x', '%78=1&x=2', 'limit=1&limit=2', 'x=%', 'x=%zz', 'x=%ff', 'x=%00', '%00=1', 'x=%c0%af', 'x=%ed%a0%80', Array.from({ length: 65 }, (_, i) => `p${i}=1`).join('&')], async (query) => {
			const answer = await ask(operation, query);
			assert.equal(told(answer), '400 VALIDATION_ERROR', `${operation.id}?${query.slice(0, 40)}: ${answer.text}`);
		});
	assert.deepEqual(await sums(world), before_all);
});

test('ERR-02 SEC-04 a parameter that an operation does not have: refused by its name at every operation, and nothing happens', async () => {
	const before_all = await sums(world);
	for (const operation of all.filter((one) => one.query !== '*' && !one.byNginx))
		for (const name of ['_', 'Limit', 'limit ', 'page', 'status[]', 'user_id']) {
			const answer = await ask(operation, `${encodeURIComponent(name)}=1`);
			assert.equal(told(answer), '400 VALIDATION_ERROR', `${operation.id} ${name}: ${answer.text}`);
			assert.ok(answer.json.error.details.fields.some((one) => one.field === name.trim()), `${operation.id} ${name}: ${answer.text}`);
		}
	assert.deepEqual(await sums(world), before_all);
});

test('S55 SEC-04 a header that is no list and comes twice: 400 at every operation, whatever the two are', async () => {
	const before_all = await sums(world);
	for (const operation of all) {
		const token = `Bearer ${town.tokenOf(operation) ?? 'x'}`;
		await each([['authorization', [token, token]], ['authorization', [token, 'Bearer x']], ['idempotency-key', ['key-0001', 'key-0001']], ['idempotency-key', ['key-0001', 'key-0002']], ['x-request-id', ['request-0001', 'request-0002']],
			['traceparent', ['00-x', '00-y']], ['x-petpooja-signature', ['a', 'b']], ['x-anything', ['a', 'b']]], async ([name, values]) => {
			const answer = await ask(operation, '', { headers: { [name]: values }, ...(name === 'authorization' ? { token: undefined } : {}) });
			assert.equal(told(answer), '400 VALIDATION_ERROR', `${operation.id} ${name}: ${answer.text}`);
		});
	}
	assert.deepEqual(await sums(world), before_all);
});

test('SEC-04 a body where there is none: 400 at every such operation, GET and DELETE and POST alike', async () => {
	const before_all = await sums(world);
	for (const operation of all.filter((one) => one.body === '-'))
		await each(['{}', 'x', ' ', JSON.stringify({ id: 1 })], async (body) => {
			const answer = await ask(operation, '', { body, headers: { 'content-type': 'application/json' } });
			assert.equal(told(answer), '400 VALIDATION_ERROR', `${operation.id}: ${answer.text}`);
		});
	assert.deepEqual(await sums(world), before_all);
});

test('SEC-04 headers that are strange at every operation: never a failure, and none of it comes back as a header', async () => {
	const strange = { accept: ['*/*;q=x', ',', '\u00ff', 'x'.repeat(4000)], 'accept-encoding': ['gzip, br;q=0', 'identity;q=0, *;q=0'], 'if-none-match': ['*', '"', 'W/"x', '"a", "b"', 'x'.repeat(4000)], 'if-match': ['"', 'W/"x"', 'x'.repeat(4000)],
		'if-modified-since': ['yesterday'], 'content-encoding': ['gzip'], expect: ['200-ok'], range: ['bytes=0-1', 'bytes=9-1,'], 'x-forwarded-for': ['127.0.0.1', "' OR 1=1"], 'x-http-method-override': ['DELETE'], 'x-original-url': ['/api/v1/admin/orders'],
		'x-rewrite-url': ['/x'], forwarded: ['for=evil;host=evil'], 'x-forwarded-host': ['evil.example'], origin: ['null', 'https://evil.example\u00ff'], referer: ['http://\u00ff'], cookie: ['a=b; c'], 'idempotency-key': ['\u00e9', ' ', 'x'.repeat(256), 'a b'],
		traceparent: ['00-0-0-0', 'x'.repeat(1000)], tracestate: ['x'.repeat(2000)], 'user-agent': ['() { :;}; x', 'x'.repeat(4000)], connection: ['close, x-anything'], 'accept-language': ['%n%n'] };
	for (const operation of all.filter((one) => one.method === 'GET' || one.id === 'quoteOrder'))
		await each(Object.entries(strange).flatMap(([name, values]) => values.map((value) => [name, value])), async ([name, value]) => {
			const answer = await ask(operation, '', { headers: { [name]: Buffer.from(value, 'utf8').toString('latin1') } }).catch((error) => {
				if (/ECONNRESET|socket hang up/.test(error.message)) return null; // 417 closes
				throw error;
			});
			if (answer) assert.ok(!('set-cookie' in answer.headers) && !JSON.stringify(answer.headers).includes('evil'), `${operation.id} ${name}`);
		});
});
