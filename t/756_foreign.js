'use strict';
// What is not the caller's to say: prices, totals, states, roles, ids, and everything that an answer has and a request has not.
// Each such member, in each object of each body, is refused by name, and nothing has changed. Nor does an answer say more than is
// described: openapi.yaml is closed (005), and every answer of every test is held to it.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { load } = require('./openapi.js');
const { World } = require('./world.js');
const { operations } = require('./matrix/operations.js');
const { build, described, idsOf } = require('./matrix/requests.js');
const { Town } = require('./matrix/town.js');
const { pathText, sums } = require('./matrix/spoil.js');

const api = load();
let world, town, all;

before(async () => {
	world = await World.start({ onboard: false });
	town = await Town.open(world);
	all = operations(world.build, api).filter((one) => one.body === 'json').map((one) => ({ ...one, ids: idsOf(api, one, town) }));
});
after(() => world?.stop());

// A value of each member that nobody may set.
const NEVER = { price: 0.01, unit_price: 0.01, total: 1, subtotal: 1, tax: 0, discount: 100, amount_minor: 1, status: 'completed', payment_status: 'paid', pos_state: 'accepted', role: 'admin', is_admin: true,
	restaurant_id: 1, restaurant: 'there', user_id: 1, staff_id: 1, id: '0190163d-8694-739b-aea5-966c26f8ad02', public_id: '0190163d-8694-739b-aea5-966c26f8ad02', is_active: true, created_at: '2026-02-13T08:30:00Z',
	updated_at: '2026-02-13T08:30:00Z', created_by: 'me', order_number: 'ORD-20260213-001', currency: 'XXX', version: 1, __proto: {}, constructor: 1 };

// Every member that an answer of the operation has.
function* told(schema, depth = 0) {
	const one = described(api, schema);
	if (depth > 6) return;
	if (one.items) yield* told(one.items, depth + 1);
	for (const [name, member] of Object.entries(one.properties ?? {})) {
		yield name;
		yield* told(member, depth + 1);
	}
}

// Every object in a body, with the path to it and its schema.
function* objects(schema, value, at = []) {
	const one = described(api, schema);
	if (Array.isArray(value)) for (const [i, element] of value.entries()) yield* objects(one.items, element, [...at, i]);
	else if (value !== null && typeof value === 'object') {
		if (one.additionalProperties === false || one.properties) yield { at, properties: one.properties ?? {} };
		for (const [name, member] of Object.entries(value)) if (one.properties?.[name]) yield* objects(one.properties[name], member, [...at, name]);
	}
}

test('S03 SEC-04 ORD-02 every member that is not the caller\'s, in every object of every body, is refused by name and changes nothing', async (t) => {
	let n = 0, expected = 0;
	for (const operation of all)
		await t.test(`${operation.method} ${operation.template}`, async () => {
			const answers = Object.entries(operation.answers).filter(([status]) => status < 300).map(([, one]) => api.resolve(one).content?.['application/json']?.schema).filter(Boolean);
			const foreign = { ...Object.fromEntries(answers.flatMap((schema) => [...told(schema)]).map((name) => [name, null])), ...NEVER };
			const { at, json, ...request } = await build(town, operation, operation.ids);
			const place = operation.tenant === 'none' ? '' : town.here.base;
			const before_all = await sums(world);
			const list = [...objects(operation.schema, json)];
			for (const { at: where, properties } of list)
				for (const [name, value] of Object.entries(foreign).filter(([one]) => !Object.hasOwn(properties, one))) {
					expected++;
					const body = structuredClone(json);
					Object.assign(where.reduce((node, key) => node[key], body), { [name]: value });
					const answer = await world.fetch(`${place}${at}`, { ...request, json: body, token: town.tokenOf(operation) });
					assert.equal(`${answer.status} ${answer.json?.error?.code}`, '400 VALIDATION_ERROR', `${pathText([...where, name])}: ${answer.text}`);
					const field = pathText(where[0] === 'restaurant_config' ? [name] : [...where, name]); // a POS's settings go by their own keys
					assert.ok(answer.json.error.details.fields?.some((one) => one.field === field), `${field}: ${answer.text}`);
					n++;
				}
			assert.deepEqual(await sums(world), before_all);
		});
	t.diagnostic(`${n} members of ${expected} in the bodies of ${all.length} operations`);
	assert.equal(n, expected);
	assert.ok(n > 1000);
});
