'use strict';
/*
 * The API's description by itself: it is well formed, its examples are what it says, its answers are closed, its error codes are
 * those of err.def, and it describes the routes that the programs have, no more and no fewer.
 */
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Api, load } = require('./openapi.js');
const { POOLS } = require('./stack/pools.js');

const top = path.join(__dirname, '..');
const build = path.resolve(top, process.env.TICKETRAIL_BUILD || 'build/test');
const api = load();
const { document } = api;

/* Every object of the document, with the path to it. */
function* walk(node, at = '#') {
	if (node === null || typeof node !== 'object')
		return;
	yield [node, at];
	for (const [key, value] of Object.entries(node))
		yield* walk(value, `${at}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`);
}

/* The schemas an answer is made of, each once, and those inside them. */
function answer_schemas() {
	const seen = new Map();
	const visit = (schema, at) => {
		if (schema?.$ref)
			return visit(api.at(schema.$ref), schema.$ref);
		if (schema === null || typeof schema !== 'object' || seen.has(schema))
			return undefined;
		seen.set(schema, at);
		for (const [key, value] of Object.entries(schema.properties ?? {}))
			visit(value, `${at}/properties/${key}`);
		visit(schema.items, `${at}/items`);
		for (const key of ['oneOf', 'anyOf', 'allOf'])
			(schema[key] ?? []).forEach((s, i) => visit(s, `${at}/${key}/${i}`));
		return undefined;
	};
	const responses = [...api.operations.flatMap((o) => Object.values(o.responses)), ...Object.values(document.components.responses)];
	for (const response of responses.map((r) => api.resolve(r)))
		for (const [type, media] of Object.entries(response.content ?? {}))
			visit(media.schema, type);
	return seen;
}

test('ERR-01 the document is OpenAPI 3.1 with the parts that 3.1 wants', () => {
	assert.match(document.openapi, /^3\.1\.\d+$/);
	for (const key of ['title', 'version', 'license'])
		assert.ok(document.info[key], key);
	const known = new Set(['openapi', 'info', 'servers', 'tags', 'security', 'paths', 'components', 'webhooks', 'externalDocs', 'jsonSchemaDialect']);
	assert.deepStrictEqual(Object.keys(document).filter((k) => !known.has(k) && !k.startsWith('x-')), []);
});

test('every $ref leads somewhere and stands alone; every component is used', () => {
	const used = new Set();
	for (const [node, at] of walk(document))
		if (typeof node.$ref === 'string') {
			api.at(node.$ref);
			used.add(node.$ref);
			assert.deepStrictEqual(Object.keys(node), ['$ref'], `${at} has words beside its $ref, which ajv would not see`);
		}
	const lonely = Object.entries(document.components).filter(([kind]) => kind !== 'securitySchemes')
		.flatMap(([kind, all]) => Object.keys(all).map((name) => `#/components/${kind}/${name}`))
		.filter((ref) => !used.has(ref) && ref !== '#/components/responses/E405');
	assert.deepStrictEqual(lonely, []);
});

test('schemas use only words that draft-07 and 2020-12 read alike', () => {
	const words = new Set(['$ref', 'type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'pattern', 'format',
		'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'oneOf', 'anyOf', 'description', 'default', 'example', 'examples']);
	const formats = new Set(['uuid', 'date-time', 'money', 'decimal', 'password', 'uri', 'date']);
	const roots = [...Object.entries(document.components.schemas).map(([k, v]) => [v, k]),
		...[...walk(document.paths)].filter(([n]) => n.schema).map(([n, at]) => [n.schema, at])];
	const visit = (schema, at) => {
		assert.ok(schema !== null && typeof schema === 'object', at);
		for (const [key, value] of Object.entries(schema)) {
			assert.ok(words.has(key), `${at}: ${key}`);
			if (key === 'format')
				assert.ok(formats.has(value), `${at}: format ${value}`);
			if (key === 'pattern')
				assert.doesNotThrow(() => new RegExp(value, 'u'), at);
			if (key === 'properties')
				Object.entries(value).forEach(([k, v]) => visit(v, `${at}.${k}`));
			if (key === 'items')
				visit(value, `${at}[]`);
			if (key === 'oneOf' || key === 'anyOf')
				value.forEach((v, i) => visit(v, `${at}|${i}`));
		}
		for (const key of schema.required ?? [])
			assert.ok(key in (schema.properties ?? {}), `${at}: requires ${key}, which it does not describe`);
		if (schema.type === 'array')
			assert.ok(schema.items, `${at}: an array of what?`);
	};
	for (const [schema, at] of roots)
		visit(schema, at);
});

test('every operation says what it is, who may, and has a name of its own', () => {
	const names = new Set();
	const tags = new Set(document.tags.map((t) => t.name));
	const words = [...fs.readFileSync(path.join(top, 'lib/person/role.def'), 'utf8').matchAll(/^ROLE_ROW\(\w+, \d+, "(\w+)"/gm)].map((m) => m[1]);
	for (const o of api.operations) {
		const where = `${o.method} ${o.template}`;
		assert.match(o.operationId ?? '', /^[a-z][A-Za-z0-9]+$/, where);
		assert.ok(!names.has(o.operationId), `${o.operationId} twice`);
		names.add(o.operationId);
		assert.ok(o.summary && !o.summary.endsWith('.'), where);
		assert.ok(o.tags?.length === 1 && tags.has(o.tags[0]), where);
		assert.ok(o['x-roles']?.length && o['x-roles'].every((r) => r === 'anybody' || words.includes(r)), `${where}: x-roles`);
		const security = o.security ?? document.security;
		const wants_token = security.some((s) => 'bearer' in s) && !security.some((s) => Object.keys(s).length === 0);
		assert.strictEqual(wants_token, !o['x-roles'].includes('anybody'), `${where}: roles and security differ`);
		for (const s of security.flatMap((one) => Object.keys(one)))
			assert.ok(s in document.components.securitySchemes, `${where}: ${s}`);
		const in_path = [...o.template.matchAll(/\{([^}]+)\}/g)].map((m) => m[1]);
		assert.deepStrictEqual(o.parameters.filter((p) => p.in === 'path').map((p) => p.name).sort(), in_path.sort(), `${where}: path parameters`);
		assert.ok(o.parameters.every((p) => p.in !== 'path' || p.required), where);
	}
});

test('ERR-02 ERR-03 ERR-04 ERR-05 ERR-08 ERR-09 every operation has the refusals of its kind', () => {
	for (const o of api.operations) {
		const where = `${o.method} ${o.template}`;
		const has = (status) => assert.ok(status in o.responses, `${where}: ${status}`);
		assert.ok(Object.keys(o.responses).some((s) => /^2|^303$/.test(s)), `${where}: how does it go well?`);
		[400, 404, 408, 414, 429, 431, 500, 503].forEach(has);
		if (o.requestBody)
			has(413);
		/* A provider's delivery is bytes, whatever it calls them. */
		if (o.requestBody)
			assert.strictEqual('415' in o.responses, !o.tags.includes('deliveries'), `${where}: 415`);
		if (!o['x-roles'].includes('anybody'))
			[401, 403].forEach(has);
		if (o.parameters.some((p) => p.name === 'Idempotency-Key'))
			[409, 422].forEach(has);
		for (const [status, given] of Object.entries(o.responses)) {
			const response = api.resolve(given);
			assert.ok(response.description, `${where} ${status}`);
			if (Number(status) >= 400)
				assert.ok('application/json' in response.content && 'application/problem+json' in response.content, `${where} ${status}`);
		}
	}
});

test('ERR-01 the codes of each status are those of err.def, and what nginx says by itself', () => {
	const expected = {};
	for (const [, name, status] of fs.readFileSync(path.join(top, 'lib/err/err.def'), 'utf8').matchAll(/^ERR_ROW\((\w+), (\d+)/gm))
		if (!['NO_ROW', 'DUPLICATE', 'BUSY'].includes(name))
			(expected[status] ??= []).push(name);
	for (const [, status, body] of fs.readFileSync(path.join(top, 'nginx/errors.conf'), 'utf8').matchAll(/return (\d+) '(\{.*\})'/g))
		assert.deepStrictEqual(api.complaints({ $ref: `#/components/schemas/${body.startsWith('{"error"') ? `Error${status}` : 'Problem'}` }, body), [],
			`nginx's own ${status}`);
	/* What a provider said is told in the order, not in an answer: no operation waits for one. */
	delete expected[502];
	const actual = Object.fromEntries(Object.entries(document.components.schemas).filter(([k]) => /^Error\d+$/.test(k))
		.map(([k, s]) => [k.slice(5), s.properties.error.properties.code.enum]));
	for (const map of [expected, actual])
		for (const status of Object.keys(map))
			map[status] = [...map[status]].sort();
	assert.deepStrictEqual(actual, expected);
});

test('I13 no answer may hold what is not described', () => {
	const open = [...answer_schemas()].filter(([s]) => [s.type].flat().includes('object'))
		.filter(([s]) => s.additionalProperties !== false && typeof s.additionalProperties !== 'object').map(([, at]) => at);
	assert.deepStrictEqual(open, []);
	for (const [s, at] of answer_schemas())
		assert.ok(s.type || s.oneOf || s.anyOf || s.const !== undefined, `${at} has no type`);
});

test('every example is what it is an example of', () => {
	let n = 0;
	/* YAML has no 180.00: a price is written with its decimals again. */
	const text_of = (schema, value) => {
		const text = JSON.stringify(value);
		if (!api.complaints(schema, text).length)
			return text;
		const walk_prices = (s, v) => {
			const one = api.resolve(s);
			if (one?.format === 'money' && typeof v === 'number')
				return `\u0001${v.toFixed(2)}\u0001`;
			if (Array.isArray(v))
				return v.map((e) => walk_prices(one?.items ?? {}, e));
			if (v && typeof v === 'object') {
				const props = [one, ...(one?.oneOf ?? []).map((x) => api.resolve(x))].reduce((all, x) => ({ ...all, ...(x?.properties ?? {}) }), {});
				return Object.fromEntries(Object.entries(v).map(([k, e]) => [k, walk_prices(props[k] ?? {}, e)]));
			}
			return v;
		};
		return JSON.stringify(walk_prices(schema, value)).replace(/"\\u0001([^"]*)\\u0001"/g, '$1');
	};
	for (const [node, at] of walk(document)) {
		const schema = node.schema ?? (at.includes('/schemas/') ? node : null);
		const examples = ['example' in node ? node.example : undefined, ...Object.values(node.examples ?? {}).map((e) => e?.value ?? e)].filter((e) => e !== undefined);
		if (!schema || /\/examples?(\/|$)/.test(at) || /\/properties$/.test(at))
			continue;
		for (const example of examples) {
			n++;
			assert.deepStrictEqual(api.complaints(schema, text_of(schema, example)), [], at);
		}
	}
	assert.ok(n >= 20, `${n} examples`);
});

test('every request body has an example', () => {
	for (const o of api.operations)
		if (o.requestBody) {
			const media = api.resolve(o.requestBody).content['application/json'];
			assert.ok(media?.schema, `${o.method} ${o.template}`);
			assert.ok('example' in media, `${o.method} ${o.template} shows no request`);
		}
});

/* What a program prints of its routes, as rows of the heading's words. */
function routes_of(program) {
	const [heading, ...lines] = execFileSync(path.join(build, program), ['--routes'], { encoding: 'utf8' }).trimEnd().split('\n');
	const names = heading.split('\t');
	return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])));
}

const shape = (at) => at.replace(/\{[^}]+\}/g, '{}');

test('ARC-12 the programs\' routes and the document are the same list', async (t) => {
	const there = POOLS.filter((p) => fs.existsSync(path.join(build, p)));
	const written = POOLS.filter((p) => fs.existsSync(path.join(top, 'fcgi', `${p}.c`)));
	assert.deepStrictEqual(there.filter((p) => written.includes(p)), written, 'what is written is built');
	const routes = there.flatMap(routes_of);
	const documented = new Map(api.operations.map((o) => [`${o.method} ${shape(o.template)}`, o]));
	const printed = new Map(routes.map((r) => [`${r.method} ${shape(r.path)}`, r]));
	for (const [key, r] of printed)
		await t.test(key, () => {
			const o = documented.get(key);
			assert.ok(o, `${key} (${r.sentence}) is not in openapi.yaml`);
			const roles = r.roles.split(/[ ,|]+/).sort();
			assert.deepStrictEqual([...o['x-roles']].sort(), roles, 'roles');
			assert.strictEqual(o.parameters.some((p) => p.name === 'Idempotency-Key'), r.idempotency === 'accepted', 'Idempotency-Key');
			assert.strictEqual(Boolean(o.requestBody), r.body !== '-', 'body');
			const query = o.parameters.filter((p) => p.in === 'query').map((p) => p.name).sort();
			if (r.query !== '*') assert.deepStrictEqual(query, r.query === '-' ? [] : r.query.split(' ').sort(), 'query parameters');
			assert.strictEqual(r.query === '*', r.body === 'raw' || /\/oauth\/.*\/callback$/.test(r.path), 'only what a provider sends may have more than is known');
			assert.strictEqual(o.tags.includes('deliveries'), r.body === 'raw', 'only deliveries are raw');
		});
	if (written.length === POOLS.length)
		assert.deepStrictEqual([...documented].filter(([key, o]) => !printed.has(key) && o['x-served-by'] !== 'nginx').map(([key]) => key), [],
			'documented, but no program has it');
});

test('the checker itself: what is right passes, what is not is told', () => {
	const item = {
		id: '0190163d-8694-739b-aea5-966c26f8ad02', name: 'x', description: null, price: 0, image_url: null, is_veg: true, is_available: true, time_slots: [],
		category: { id: '0190163d-8694-739b-aea5-966c26f8ad01', name: 'c' }, variations: [], addon_groups: [],
	};
	const text = (change = {}, price = '180.00') => JSON.stringify({ ...item, ...change }).replace('"price":0', `"price":${price}`);
	const answer = { method: 'GET', path: `/r/demo/api/v1/menu/items/${item.id}?x=1`, status: 200, headers: { 'content-type': 'application/json', etag: '"7"' }, text: text() };
	const told = (change) => api.check({ ...answer, ...change });
	assert.deepStrictEqual(told({}), []);
	assert.deepStrictEqual(told({ method: 'HEAD', text: '' }), []);
	const wrong = {
		'an undocumented status': { status: 299 },
		'another content type': { headers: { ...answer.headers, 'content-type': 'text/html' } },
		'a missing header': { headers: { 'content-type': 'application/json' } },
		'a header of another form': { headers: { ...answer.headers, etag: 'seven' } },
		'no JSON': { text: '{' },
		'a missing member': { text: text({ name: undefined }) },
		'one member too many': { text: text({ cost: 1 }) },
		'a price with one decimal': { text: text({}, '180.0') },
		'a price without decimals': { text: text({}, '180') },
		'a price in exponents': { text: text({}, '1.80e2') },
		'an id that is none': { text: text({ id: '7' }) },
		'null where there is none': { text: text({ is_veg: null }) },
		'a path nobody knows': { path: '/api/v1/menu/drinks' },
		'a method the path has not': { method: 'DELETE' },
		'401 without its challenge': { status: 401, text: '{"error":{"code":"INVALID_TOKEN","message":"x","details":{}}}' },
		'a code of another status': { status: 404, text: '{"error":{"code":"RATE_LIMITED","message":"x","details":{}}}' },
		'an error in another envelope': { status: 404, text: '{"message":"not found"}' },
		'429 that does not say when': { status: 429, text: '{"error":{"code":"RATE_LIMITED","message":"x","details":{}}}' },
		'304 with a body': { status: 304 },
	};
	for (const [name, change] of Object.entries(wrong))
		assert.notDeepStrictEqual(told(change), [], name);
	const error = (code) => JSON.stringify({ error: { code, message: 'x', details: {} } });
	assert.deepStrictEqual(told({ status: 429, headers: { ...answer.headers, 'retry-after': '5' }, text: error('RATE_LIMITED') }), []);
	assert.deepStrictEqual(told({ path: '/nowhere', status: 404, text: error('NOT_FOUND') }), []);
	assert.deepStrictEqual(told({ method: 'DELETE', status: 405, headers: { 'content-type': 'application/json', allow: 'GET, HEAD' }, text: error('METHOD_NOT_ALLOWED') }), []);
	assert.deepStrictEqual(told({ status: 404, headers: { 'content-type': 'application/problem+json' },
		text: '{"type":"/problems/not-found","title":"x","status":404,"detail":"x","code":"NOT_FOUND","details":{}}' }), []);
	assert.strictEqual(Api.path_of('/r/demo/api/v1/orders?limit=1'), '/api/v1/orders');
	assert.strictEqual(Api.path_of('/r/demo/health'), '/r/demo/health');
});
