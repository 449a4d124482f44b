'use strict';
// How much of the house one caller may have, with the product's own limits (nginx/product.sed): a hundred requests a minute for each
// token, or address without one; a coarser limit for an address, whatever it calls itself; three codes in ten minutes for a phone.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const https = require('node:https');
const { after, before, beforeEach, test } = require('node:test');
const { newPhone } = require('./story.js');
const { LIMITS } = require('./stack/nginx.js');
const { World } = require('./world.js');

const PER_S = 100 / 60; // nginx counts as a bucket leaks: one more every 600 ms
let world;

before(async () => {
	world = await World.start({ limits: 'product', onboard: false, programs: ['auth', 'menu', 'orders', 'people', 'ops', 'relay'], sims: ['msg91'] });
	await world.until('the auth pool', async () => (await world.fetch('/api/v1/auth/refresh', { json: {} })).status === 400);
});
after(() => world?.stop());

// n requests at once: how many of each status, how long it took, and the refusals.
async function many(n, ask) {
	const begun = process.hrtime.bigint();
	const answers = await Promise.all(Array.from({ length: n }, (_, i) => ask(i)));
	const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
	const refused = answers.filter((one) => one.status === 429);
	for (const one of refused) {
		assert.equal(one.json.error.code, 'RATE_LIMITED');
		assert.match(one.headers['retry-after'], /^[1-9]\d*$/);
	}
	return { taken: n - refused.length, refused: refused.length, seconds, answers };
}
// Each test comes from an address of its own.
let addresses = 1;
function elsewhere() {
	world.client.close();
	world.client.agent = new https.Agent({ keepAlive: true, maxSockets: 50, ca: fs.readFileSync(world.tls.ca), localAddress: `127.0.0.${++addresses}` });
}
beforeEach(elsewhere);
const as = (token, at = '/api/v1/users/me') => () => world.fetch(at, { token });

test('SEC-03 ERR-08 S75 a hundred at once are taken and the next is refused; what leaks away meanwhile is all that comes on top', async (t) => {
	assert.deepEqual([LIMITS.CLIENT_RATE, LIMITS.CLIENT_BURST], ['100r/m', '99']);
	const { taken, refused, seconds } = await many(150, as('one'));
	t.diagnostic(`${taken} of 150 taken in ${seconds.toFixed(2)} s`);
	assert.ok(taken >= 100 && taken <= 101 + Math.floor(seconds * PER_S), `${taken} taken in ${seconds} s`);
	assert.equal(taken + refused, 150);
});

test('SEC-03 S75 another token behind the same address has a hundred of its own', async () => {
	const { taken } = await many(100, as('two'));
	assert.equal(taken, 100);
});

test('SEC-03 S75 who was refused is served again when Retry-After has passed', async () => {
	await many(130, as('three'));
	const { answers } = await many(5, as('three'));
	const { headers } = answers.find((one) => one.status === 429);
	await world.until('the next one', async () => (await world.fetch('/api/v1/users/me', { token: 'three' })).status !== 429, { ms: 1000 * Number(headers['retry-after']) + 500, every: 100 });
});

test('SEC-03 ERR-08 the fourth code for a phone in ten minutes is refused, by every worker and after a restart of all', async () => {
	const phone = newPhone();
	const otp = (token) => world.fetch('/api/v1/auth/request-otp', { json: { phone }, token });
	for (let i = 0; i < 3; i++) assert.equal((await otp(`otp-${i}`)).status, 200);
	for (let i = 0; i < 4; i++) {
		const said = await otp(`otp-${i}`);
		assert.equal(`${said.status} ${said.json.error.code}`, '429 RATE_LIMITED');
		assert.ok(Number(said.headers['retry-after']) > 0 && Number(said.headers['retry-after']) <= 600);
	}
	await world.kill('auth', 'SIGTERM');
	await world.startPool('auth');
	await world.until('auth', async () => (await world.fetch('/api/v1/auth/refresh', { json: {}, token: 'after' })).status === 400);
	assert.equal((await otp('otp-9')).status, 429, 'it is in the database');
});

// Last: the address is ours.
test('SEC-03 S75 forged tokens, one for each request, are held by the limit of the address', async (t) => {
	const rate = Number(/^(\d+)r\/s$/.exec(LIMITS.ADDRESS_RATE)[1]), burst = Number(LIMITS.ADDRESS_BURST);
	const { taken, refused, seconds } = await many(1500, (i) => as(`forged-${i}`)());
	t.diagnostic(`${taken} of 1500 taken in ${seconds.toFixed(2)} s`);
	assert.ok(taken <= burst + 1 + Math.ceil(seconds * rate), `${taken} in ${seconds} s`);
	assert.ok(refused > 0 || seconds * rate > 1500 - burst);
});

test('SEC-03 S75 MENU-06 the menu without a token has a limit of its own for an address, apart from the hundred', async () => {
	assert.deepEqual([LIMITS.MENU_RATE, LIMITS.MENU_BURST], ['600r/m', '599']);
	const read = (at = '/api/v1/menu/items', token) => world.fetch(at, token ? { token } : {});
	const menus = await many(150, (i) => read(i % 2 ? '/r/demo/api/v1/menu/items' : '/api/v1/menu/categories'));
	assert.equal(menus.refused, 0, 'more than a hundred');
	elsewhere();
	await many(120, () => world.fetch('/api/v1/users/me'));
	assert.notEqual((await read()).status, 429, 'who has spent the hundred still reads the menu');
	elsewhere();
	const told = await many(130, () => read('/api/v1/menu/items', 'four'));
	assert.ok(told.refused > 0, 'with a token it is one of the hundred');
	elsewhere();
	const forged = await many(130, () => world.fetch('/api/v1/users/me', { headers: { authorization: '1:' } }));
	assert.ok(forged.refused > 0, 'and no token makes another address a menu');
	const small = await World.start({ onboard: false, programs: ['menu', 'orders', 'ops'], sims: [], limits: { MENU_RATE: '10r/m', MENU_BURST: '9' } });
	try {
		const answers = await Promise.all(Array.from({ length: 30 }, () => small.fetch('/api/v1/menu/items')));
		const refused = answers.filter((one) => one.status === 429);
		assert.ok(refused.length >= 18 && refused.length <= 20, `${refused.length} of 30`);
		for (const one of refused) assert.match(one.headers['retry-after'], /^[1-9]\d*$/);
		assert.notEqual((await small.fetch('/api/v1/orders')).status, 429);
	} finally {
		await small.stop();
	}
});
