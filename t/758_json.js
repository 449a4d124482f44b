'use strict';
// What is JSON and what is none, for every operation that takes a body: all that RFC 8259 allows is read, all that it forbids is
// refused and named as what it is, and what it leaves open is decided here, in a table (matrix/json_texts.js).

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { load } = require('./openapi.js');
const { World } = require('./world.js');
const { operations } = require('./matrix/operations.js');
const { build, idsOf } = require('./matrix/requests.js');
const { BAD, GOOD, OPEN, WHOLE } = require('./matrix/json_texts.js');
const { each, sums } = require('./matrix/spoil.js');
const { Town } = require('./matrix/town.js');

const api = load();
let world, town, all;

before(async () => {
	world = await World.start({ onboard: false });
	town = await Town.open(world);
	all = operations(world.build, api).filter((one) => one.body === 'json').map((one) => ({ ...one, ids: idsOf(api, one, town) }));
	for (const one of all) one.request = await build(town, one, one.ids);
});
after(() => world?.stop());

// A body of bytes: {kind, answer}. kind: 'read' if it was JSON (whatever was then said of it), 'none' if it was not.
async function send(operation, bytes) {
	const { at, method, headers } = operation.request;
	const answer = await world.fetch(`${operation.tenant === 'none' ? '' : town.here.base}${at}`, { method, token: town.tokenOf(operation), body: Buffer.from(bytes, 'latin1'), headers: { ...headers, 'content-type': 'application/json' } });
	assert.equal(`${answer.status} ${answer.json?.error?.code}`, '400 VALIDATION_ERROR', answer.text);
	const { message, details } = answer.json.error;
	return details.fields ? 'read' : /^The body is not valid JSON: /.test(message) ? 'none' : message;
}

// The body with one member more, which nobody knows: refused by name if the value can be read, and never done.
const with_value = (operation, value) => `{"x_unknown":${value}${JSON.stringify(operation.request.json) === '{}' ? '' : ','}${Buffer.from(JSON.stringify(operation.request.json), 'utf8').toString('latin1').slice(1)}`;
const all_of = (table) => Object.entries(table).flatMap(([kind, list]) => list.map((text) => [kind, text]));
// Every one of them for every operation would say the same again and again: some, in turns, so that each is said by each pool.
const share = (list, i) => list.filter((_, n) => n % 4 === i % 4);

test('S58 SEC-04 ERR-02 must be read: all that RFC 8259 allows', async (t) => {
	const values = all_of(GOOD);
	let n = 0;
	for (const [i, operation] of all.entries())
		await each(share(values, i), async ([kind, value]) => {
			n++;
			assert.equal(await send(operation, with_value(operation, value)), 'read', `${operation.id}, ${kind}: ${value.slice(0, 60)}`);
		});
	t.diagnostic(`${values.length} values, ${n} bodies`);
});

test('S58 SEC-04 ERR-02 must be refused: all that it forbids, and members that are there twice; nothing changes', async (t) => {
	const values = all_of(BAD);
	const before_all = await sums(world);
	let n = 0;
	for (const [i, operation] of all.entries())
		await each(share(values, i), async ([kind, value]) => {
			n++;
			assert.equal(await send(operation, with_value(operation, value)), 'none', `${operation.id}, ${kind}: ${JSON.stringify(value.slice(0, 60))}`);
		});
	assert.deepEqual(await sums(world), before_all);
	t.diagnostic(`${values.length} values, ${n} bodies`);
});

test('S58 SEC-04 whole bodies that are none: what stands before, behind and instead; every operation, nothing changes', async (t) => {
	const before_all = await sums(world);
	let n = 0;
	for (const operation of all) {
		const good = Buffer.from(JSON.stringify(operation.request.json), 'utf8').toString('latin1');
		await each(WHOLE.filter((text) => text !== ''), async (text) => {
			n++;
			assert.equal(await send(operation, text.replace(/@/g, () => good)), 'none', `${operation.id}: ${JSON.stringify(text)}`);
		});
		if (!operation.schema.required && !api.resolve(operation.schema).required) continue; // nothing is {} where nothing is needed
		n++;
		assert.match(await send(operation, ''), /^The body is missing: /, operation.id);
	}
	assert.deepEqual(await sums(world), before_all);
	t.diagnostic(`${WHOLE.length} texts, ${n} bodies`);
});

test('S58 what the RFC leaves open: a table of what this house does', async (t) => {
	const table = [];
	for (const [name, value, isRead] of OPEN) {
		const said = new Set();
		for (const operation of all.filter((one) => one.bodyMax > value.length + 2000)) said.add(await send(operation, with_value(operation, value)));
		assert.equal(said.size, 1, `${name}: ${[...said].join(' and ')}`);
		const [kind] = said;
		if (isRead !== null) assert.equal(kind, isRead ? 'read' : 'none', name);
		else assert.ok(kind === 'read' || kind === 'none', `${name}: ${kind}`);
		table.push(`${name}: ${kind === 'read' ? 'read' : 'refused'}`);
	}
	for (const line of table) t.diagnostic(line);
});

test('S58 linear: a body that is twice as long takes about twice as long to refuse', async (t) => {
	const operation = all.find((one) => one.bodyMax >= 65536);
	const time = async (text) => {
		const times = [];
		for (let i = 0; i < 9; i++) {
			const begun = process.hrtime.bigint();
			await send(operation, text);
			times.push(Number(process.hrtime.bigint() - begun) / 1e6);
		}
		return Math.min(...times);
	};
	const keys = (n) => `{${Array.from({ length: n }, (_, i) => `"k${i}":1`).join(',')}}`;
	// What a machine makes of it is printed; that it ends is held.
	for (const [name, one, two] of [['members', keys(2500), keys(5000)], ['brackets', '['.repeat(30000), '['.repeat(60000)], ['a text', `{"x":"${'x'.repeat(30000)}"}`, `{"x":"${'x'.repeat(60000)}"}`]])
		t.diagnostic(`${name}: ${(await time(one)).toFixed(1)} ms, twice as many ${(await time(two)).toFixed(1)} ms`);
});
