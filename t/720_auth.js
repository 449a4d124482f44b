'use strict';
// auth: logging in through nginx, as a client sees it. Tokens are judged by node's own cryptography and the keys of jwks.json.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { World } = require('./world.js');

let world;
const username = 'asha';
const password = crypto.randomBytes(9).toString('base64url');

// A restaurant without a POS: only who works there matters here.
before(async () => {
	world = await World.start({ onboard: false, programs: ['auth', 'admin', 'orders', 'ops', 'relay'], sims: ['msg91'] });
	const file = path.join(world.at.conf, 'demo.json');
	fs.writeFileSync(file, JSON.stringify({ slug: 'demo', name: 'Demo', staff: [{ username, password, role: 'admin', name: 'Asha' }] }));
	world.canary(password);
	await world.ticketrail(['onboard', file]);
	await world.until('the auth pool', async () => (await world.fetch('/.well-known/jwks.json')).json.keys?.length > 0);
});
after(() => world?.stop());

let phones = 0;
const newPhone = () => `+1415555${String(1000 + phones++)}`;

const post = (at, json, options = {}) => world.fetch(at, { method: 'POST', json, ...options });

async function refused(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.json.error.code, code);
	return answer;
}

function keep(session) {
	world.canary(session.access_token);
	world.canary(session.refresh_token);
	return session;
}

const parts = (token) => token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));

async function staff(slug = '') {
	const answer = await post(`${slug}/api/v1/admin/auth/login`, { username, password });
	assert.equal(answer.status, 200, answer.text);
	return keep(answer.json);
}

// How many codes MSG91 has sent there.
async function sent(phone) {
	const answer = await world.sim.msg91.fetch(`/_sim/otp?phone=${encodeURIComponent(phone)}`);
	return answer.status === 200 ? answer.json.n : 0;
}

async function guest(phone = newPhone()) {
	const already = await sent(phone);
	const asked = await post('/api/v1/auth/request-otp', { phone });
	assert.equal(asked.status, 200, asked.text);
	assert.deepEqual(asked.json, { message: 'OTP sent successfully', expires_in: 300 });
	await world.until(`a new code for ${phone}`, async () => await sent(phone) > already);
	const otp = await world.otp(phone);
	const answer = await post('/api/v1/auth/verify-otp', { phone, otp });
	assert.equal(answer.status, 200, answer.text);
	return { otp, phone, ...keep(answer.json) };
}

test('AUTH-11 jwks.json holds the keys, for everybody and for a minute', async () => {
	const answer = await world.fetch('/.well-known/jwks.json');
	assert.equal(answer.status, 200);
	assert.equal(answer.headers['cache-control'], 'public, max-age=60');
	for (const key of answer.json.keys)
		assert.deepEqual([key.kty, key.use, key.alg], ['RSA', 'sig', 'RS256']);
	const again = await world.fetch('/.well-known/jwks.json', { headers: { 'if-none-match': answer.headers.etag } });
	assert.deepEqual([again.status, again.text], [304, ''], 'who has it is told so');
	assert.equal((await world.fetch('/.well-known/jwks.json', { headers: { 'if-none-match': '"k-x"' } })).status, 200);
});

test('AUTH-11 AUTH-12 AUTH-14 staff log in and get an RS256 token that anybody can verify', async () => {
	const session = await staff();
	assert.equal(session.token_type, 'bearer');
	assert.equal(session.expires_in, 3600);
	assert.deepEqual({ ...session.user, id: null },
		{ id: null, username: username, name: 'Asha', role: 'admin', restaurant: 'demo' });
	const [header, claims] = parts(session.access_token);
	const { keys } = (await world.fetch('/.well-known/jwks.json')).json;
	const key = crypto.createPublicKey({ key: keys.find((one) => one.kid === header.kid), format: 'jwk' });
	const [data, signature] = [session.access_token.slice(0, session.access_token.lastIndexOf('.')), session.access_token.split('.')[2]];
	assert.ok(crypto.verify('RSA-SHA256', Buffer.from(data), key, Buffer.from(signature, 'base64url')));
	assert.deepEqual([header.alg, header.typ], ['RS256', 'at+jwt']);
	assert.deepEqual([claims.sub, claims.user_id, claims.role, claims.rid], [session.user.id, session.user.id, 'admin', 'demo']);
	assert.equal(claims.exp - claims.iat, 3600);
	assert.ok(Math.abs(claims.iat - Date.now() / 1000) < 60);
	assert.equal((await world.fetch('/api/v1/admin/orders', { token: session.access_token })).status, 200);
});

test('AUTH-12 S07 a wrong name and a wrong password are told alike', async () => {
	const one = await refused(await post('/api/v1/admin/auth/login', { username: 'asha', password: 'wrong password' }), 401, 'INVALID_CREDENTIALS');
	const two = await refused(await post('/api/v1/admin/auth/login', { username: 'nobody', password: 'wrong password' }), 401, 'INVALID_CREDENTIALS');
	assert.equal(one.text, two.text);
});

test('AUTH-18 staff log in at their restaurant, and no restaurant is a 404', async () => {
	await staff('/r/demo');
	await refused(await post('/r/nowhere/api/v1/admin/auth/login', { username: 'asha', password: 'x' }), 404, 'NOT_FOUND');
});

test('AUTH-09 S05 a refresh token works once; one that comes again ends the session', async () => {
	const first = await staff();
	const answer = await post('/api/v1/auth/refresh', { refresh_token: first.refresh_token });
	assert.equal(answer.status, 200, answer.text);
	const second = keep(answer.json);
	assert.equal((await world.fetch('/api/v1/admin/orders', { token: second.access_token })).status, 200);
	await refused(await post('/api/v1/auth/refresh', { refresh_token: first.refresh_token }), 401, 'INVALID_TOKEN');
	await refused(await post('/api/v1/auth/refresh', { refresh_token: second.refresh_token }), 401, 'INVALID_TOKEN');
});

test('AUTH-10 S05 logout needs a token and ends the refresh token', async () => {
	const one = await staff();
	const two = await staff();
	await refused(await post('/api/v1/auth/logout', { refresh_token: one.refresh_token }), 401, 'INVALID_TOKEN');
	const answer = await post('/api/v1/auth/logout', { refresh_token: one.refresh_token }, { token: one.access_token });
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual(answer.json, { message: 'Logged out' });
	await refused(await post('/api/v1/auth/refresh', { refresh_token: one.refresh_token }), 401, 'INVALID_TOKEN');
	await refused(await world.fetch('/api/v1/admin/orders', { token: one.access_token }), 401, 'INVALID_TOKEN');
	assert.equal((await world.fetch('/api/v1/admin/orders', { token: two.access_token })).status, 200);
	assert.equal((await post('/api/v1/auth/logout', {}, { token: two.access_token })).status, 200);
	await refused(await post('/api/v1/auth/refresh', { refresh_token: two.refresh_token }), 401, 'INVALID_TOKEN');
});

test('AUTH-01 AUTH-04 AUTH-05 AUTH-21 a guest logs in by the code that was sent', async () => {
	const session = await guest();
	assert.equal(session.user.phone, session.phone);
	assert.equal(session.user.name, null);
	assert.match(session.otp, /^[0-9]{6}$/);
	const [, claims] = parts(session.access_token);
	assert.deepEqual([claims.sub, claims.role, claims.rid], [session.user.id, 'guest', null]);
	assert.equal((await world.fetch('/api/v1/orders', { token: session.access_token })).status, 200);
	await refused(await post('/api/v1/auth/verify-otp', { phone: session.phone, otp: session.otp }), 400, 'INVALID_OTP');
	const again = await guest(session.phone);
	assert.equal(again.user.id, session.user.id);
});

test('AUTH-03 the fourth code in ten minutes is 429 and says when', async () => {
	const phone = newPhone();
	for (let i = 0; i < 3; i++)
		assert.equal((await post('/api/v1/auth/request-otp', { phone })).status, 200);
	const answer = await refused(await post('/api/v1/auth/request-otp', { phone }), 429, 'RATE_LIMITED');
	assert.ok(Number(answer.headers['retry-after']) > 500);
});

test('AUTH-06 a wrong code, and one for a number that never asked, are told alike', async () => {
	const phone = newPhone();
	await post('/api/v1/auth/request-otp', { phone });
	const otp = await world.otp(phone);
	const wrong = otp === '000000' ? '000001' : '000000';
	const one = await refused(await post('/api/v1/auth/verify-otp', { phone, otp: wrong }), 400, 'INVALID_OTP');
	const two = await refused(await post('/api/v1/auth/verify-otp', { phone: newPhone(), otp: wrong }), 400, 'INVALID_OTP');
	assert.equal(one.text, two.text);
});

test('AUTH-15 AUTH-16 roles and tokens are told apart', async () => {
	const session = await guest();
	await refused(await world.fetch('/api/v1/admin/orders', { token: session.access_token }), 403, 'INSUFFICIENT_ROLE');
	await refused(await world.fetch('/api/v1/orders', { token: session.refresh_token }), 401, 'INVALID_TOKEN');
	await refused(await world.fetch('/api/v1/orders'), 401, 'INVALID_TOKEN');
	await refused(await world.fetch('/api/v1/orders', { token: `${session.access_token}x` }), 401, 'INVALID_TOKEN');
});

test('AUTH-20 a disabled account is out at once', async () => {
	const session = await guest();
	await world.sql(`UPDATE users SET is_active = 0 WHERE phone = '${session.phone}'`);
	await refused(await world.fetch('/api/v1/orders', { token: session.access_token }), 401, 'INVALID_TOKEN');
	await refused(await post('/api/v1/auth/refresh', { refresh_token: session.refresh_token }), 401, 'INVALID_TOKEN');
});

test('S15 the signing key changes under way: old tokens stay good, new ones are good at once', async () => {
	const old = await staff();
	const before_n = (await world.fetch('/.well-known/jwks.json')).json.keys.length;
	await world.ticketrail(['rotate-signing-key']);
	assert.equal((await world.fetch('/.well-known/jwks.json')).json.keys.length, before_n + 1);
	assert.equal((await world.fetch('/api/v1/admin/orders', { token: old.access_token })).status, 200);
	world.child('auth').signal('SIGHUP');
	await world.until('a token of the new key', async () => {
		const session = await staff();
		return parts(session.access_token)[0].kid !== parts(old.access_token)[0].kid &&
			(await world.fetch('/api/v1/admin/orders', { token: session.access_token })).status === 200;
	}, { every: 300 });
});

test('SEC-04 what is malformed is refused by field', async () => {
	const rows = [
		['/api/v1/auth/request-otp', {}, 'phone'],
		['/api/v1/auth/request-otp', { phone: '9876543210' }, 'phone'],
		['/api/v1/auth/request-otp', { phone: 919876543210 }, 'phone'],
		['/api/v1/auth/request-otp', { phone: newPhone(), name: 'x' }, 'name'],
		['/api/v1/auth/verify-otp', { phone: newPhone(), otp: '12345' }, 'otp'],
		['/api/v1/auth/verify-otp', { phone: newPhone(), otp: 123456 }, 'otp'],
		['/api/v1/auth/refresh', { refresh_token: '' }, 'refresh_token'],
		['/api/v1/admin/auth/login', { username: 'asha' }, 'password'],
	];
	for (const [at, json, field] of rows) {
		const { error } = (await refused(await post(at, json), 400, 'VALIDATION_ERROR')).json;
		assert.ok(error.details.fields.some((one) => one.field === field), `${at} ${JSON.stringify(json)}: ${JSON.stringify(error)}`);
	}
});
