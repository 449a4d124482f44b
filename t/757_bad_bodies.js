'use strict';
// Bodies that are JSON and wrong, for every operation that takes one, made from its schema: whatever stands where, the answer is a
// refusal with its code and the member's name, or what the schema allows; never a failure, and what was refused has changed nothing.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { load } = require('./openapi.js');
const { World } = require('./world.js');
const { operations } = require('./matrix/operations.js');
const { build, described, idsOf } = require('./matrix/requests.js');
const { Town } = require('./matrix/town.js');
const { each, membersOf, pathText, spoilt, sums, textOf } = require('./matrix/spoil.js');

const api = load();
let world, town, all;

before(async () => {
	world = await World.start({ onboard: false });
	town = await Town.open(world);
	all = operations(world.build, api).filter((one) => one.body === 'json').map((one) => ({ ...one, ids: idsOf(api, one, town) }));
});
after(() => world?.stop());

const send = (operation, request, body, more = {}) => world.fetch(`${operation.tenant === 'none' ? '' : town.here.base}${request.at}`, { ...request, json: undefined, body,
	token: town.tokenOf(operation), ...more, headers: { ...request.headers, 'content-type': 'application/json', ...more.headers } });

// Not a failure, and if it is a refusal, one of the table's that says where it is.
function isGood(operation, where, answer) {
	const code = answer.json?.error?.code;
	assert.ok(answer.status < 500, `${where}: ${answer.status} ${answer.text}`);
	if (answer.status >= 400) assert.match(code ?? '', /^[A-Z_]+$/, `${where}: ${answer.text}`);
	return answer;
}

test('S04 SEC-04 ERR-02 ORD-22 every member of every body missing, null, of another type, and beyond its bounds', async (t) => {
	let n = 0, refusals = 0;
	for (const operation of all)
		await t.test(`${operation.method} ${operation.template}`, async () => {
			const request = await build(town, operation, operation.ids);
			// A POS's settings are read as several providers write them, "1" for true (POS-30): they are 501_pos_config.c's.
			const members = [...membersOf(api, operation.schema, request.json)].filter(({ at }) => at[0] !== 'restaurant_config' || at.length === 1);
			const before_all = await sums(world);
			const cases = members.flatMap(({ at, schema, isNeeded }) => [...spoilt(api, schema, isNeeded)].map(([what, text, mustBeRefused]) => ({ at, what, text, mustBeRefused })));
			n += cases.length;
			await each(cases.filter((one) => one.mustBeRefused), async ({ at, what, text }) => {
				const answer = isGood(operation, `${pathText(at)}: ${what}`, await send(operation, request, textOf(request.json, at, text)));
				assert.ok(answer.status >= 400, `${pathText(at)}: ${what} was taken: ${answer.status} ${answer.text}`);
				refusals++;
				if (answer.json.error.code !== 'VALIDATION_ERROR' || /not valid JSON/.test(answer.json.error.message)) return;
				const fields = (answer.json.error.details.fields ?? []).map((one) => one.field);
				assert.ok(fields.some((one) => pathText(at).startsWith(one) || one.startsWith(pathText(at))), `${pathText(at)}: ${what}: ${answer.text}`);
			});
			assert.deepEqual(await sums(world), before_all, 'what was refused has written');
			// The schema allows the rest, whatever the house then thinks of it.
			await each(cases.filter((one) => !one.mustBeRefused), async ({ at, what, text }) => {
				const again = await build(town, operation, operation.ids, [], { isFresh: true });
				isGood(operation, `${pathText(at)}: ${what}`, await send(operation, again, textOf(again.json, at, text)));
				if (operation.id === 'pauseStore') await town.mend();
			});
			if (operation.template.startsWith('/api/v1/admin/')) await town.mend();
		});
	t.diagnostic(`${n} bodies, ${refusals} of them refused`);
});

test('SEC-04 S59 ERR-02 every body with another content type, of another kind, too large, and empty', async (t) => {
	for (const operation of all)
		await t.test(`${operation.method} ${operation.template}`, async () => {
			const request = await build(town, operation, operation.ids);
			const good = JSON.stringify(request.json);
			const before_all = await sums(world);
			const refused = async (expected, what, body, headers = {}) => {
				const answer = await send(operation, request, body, { headers });
				assert.equal(`${answer.status} ${answer.json?.error?.code}`, expected, `${what}: ${answer.text}`);
			};
			await each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/jsonp', 'application/problem+json', 'text/json',
				'application/json; charset=utf-16', 'application/json; charset=latin1', 'application/json; charset=utf-8; charset=utf-7', 'application/json, text/plain'],
			(type) => refused('415 UNSUPPORTED_MEDIA_TYPE', type, good, { 'content-type': type }));
			const bare = await world.fetch(`${operation.tenant === 'none' ? '' : town.here.base}${request.at}`, { method: operation.method, token: town.tokenOf(operation), body: good, headers: request.headers });
			assert.equal(`${bare.status} ${bare.json?.error?.code}`, '415 UNSUPPORTED_MEDIA_TYPE', 'no content type');
			if (described(api, operation.schema).required?.length) {
				const none = await world.fetch(`${operation.tenant === 'none' ? '' : town.here.base}${request.at}`, { method: operation.method, token: town.tokenOf(operation), headers: request.headers });
				assert.equal(`${none.status} ${none.json?.error?.code} ${none.json?.error?.message}`, '400 VALIDATION_ERROR The body is missing: it must be a JSON object', 'nothing at all');
				await refused('400 VALIDATION_ERROR', 'nothing of a type', '', { 'content-type': 'text/plain' });
			}
			for (const text of ['null', 'true', '7', '"x"', '[]', `[${good}]`]) await refused('400 VALIDATION_ERROR', text, text);
			await refused('413 PAYLOAD_TOO_LARGE', 'one byte too many', `${good}${' '.repeat(operation.bodyMax - Buffer.byteLength(good) + 1)}`);
			await refused('413 PAYLOAD_TOO_LARGE', 'a text of a megabyte', JSON.stringify({ ...request.json, x: 'x'.repeat(1 << 20) }));
			const keys = `{${Array.from({ length: 100000 }, (_, i) => `"k${i}":1`).join(',')}}`;
			await refused('413 PAYLOAD_TOO_LARGE', 'a hundred thousand members', keys);
			assert.deepEqual(await sums(world), before_all);
			// As large as it may be: what follows the body are blanks, which JSON allows.
			const largest = await send(operation, await build(town, operation, operation.ids, [], { isFresh: true }), `${good}${' '.repeat(operation.bodyMax - Buffer.byteLength(good))}`);
			assert.ok(![413, 415].includes(largest.status) && largest.status < 500, largest.text);
		});
});
