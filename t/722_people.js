'use strict';
// people: guests and their devices, admins and their staff, through nginx as a client sees it.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { World } = require('./world.js');

let world;
const secret = () => world.canary(crypto.randomBytes(9).toString('base64url'));
const people = {}; // "slug/name" to {password, session}

function onboard(document) {
	const file = path.join(world.at.conf, 'document.json');
	fs.writeFileSync(file, JSON.stringify(document));
	return world.ticketrail(['onboard', file]);
}

async function restaurant(slug, staff) {
	for (const [username] of staff) people[`${slug}/${username}`] = { password: secret() };
	await onboard({ slug, name: slug, staff: staff.map(([username, role]) =>
		({ username, role, name: username, password: people[`${slug}/${username}`].password })) });
}

before(async () => {
	world = await World.start({ onboard: false, programs: ['auth', 'admin', 'orders', 'people', 'ops', 'relay'], sims: ['msg91'] });
	await restaurant('demo', [['asha', 'admin'], ['ravi', 'kitchen']]);
	await restaurant('other', [['bela', 'admin'], ['asha', 'kitchen']]);
	await restaurant('third', []);
	people['third/pia'] = { password: secret() };
	for (let twice = 0; twice < 2; twice++)
		await onboard({ platform: true, staff: [{ username: 'pia', name: 'pia', password: people['third/pia'].password }] });
	await world.until('the auth pool', async () => (await world.fetch('/.well-known/jwks.json')).json.keys?.length > 0);
});
after(() => world?.stop());

test('AUTH-18 a document of the platform is that alone, and its staff are admins', async () => {
	const staff = [{ username: 'pit', password: secret() }];
	for (const wrong of [{ platform: false, staff }, { platform: true, slug: 'demo', name: 'Demo', staff }, { platform: 'yes', staff },
		{ platform: true, staff: [{ ...staff[0], role: 'kitchen' }] }, { platform: true, staff: [{ ...staff[0], role: 'platform' }] }])
		await assert.rejects(onboard(wrong), JSON.stringify(wrong));
	const rows = await world.sql("SELECT username, role FROM staff_users WHERE restaurant_id IS NULL OR username = 'pit'");
	assert.deepEqual(rows.map((r) => `${r.username} ${r.role}`), ['pia admin']);
});

const code = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();
const fields = (answer) => (answer.json?.error?.details?.fields ?? []).map((one) => one.field).sort();
const refused = (answer, want) => assert.equal(code(answer), want, answer.text);

function keep(session) {
	world.canary(session.access_token);
	world.canary(session.refresh_token);
	return session;
}

const login = (slug, username, password) => world.fetch(`/r/${slug}/api/v1/admin/auth/login`, { json: { username, password } });

async function tokenOf(slug, username) {
	const who = people[`${slug}/${username}`];
	if (!who.session) {
		const answer = await login(slug, username, who.password);
		assert.equal(answer.status, 200, answer.text);
		who.session = keep(answer.json);
	}
	return who.session.access_token;
}

let phones = 0;
async function guest() {
	const phone = `+1415557${String(1000 + phones++)}`;
	await world.fetch('/api/v1/auth/request-otp', { json: { phone } });
	const answer = await world.fetch('/api/v1/auth/verify-otp', { json: { phone, otp: await world.otp(phone) } });
	assert.equal(answer.status, 200, answer.text);
	return { phone, ...keep(answer.json), token: answer.json.access_token };
}

// --- guests -------------------------------------------------------------------------------------------------------------

test('USR-01 USR-02 a guest sees and names themselves', async () => {
	const { token, phone, user } = await guest();
	const seen = (await world.fetch('/api/v1/users/me', { token })).json;
	assert.deepEqual({ ...seen, created_at: 0 }, { id: user.id, phone, name: null, email: null, created_at: 0 });
	const put = (json, at = '/api/v1/users/me') => world.fetch(at, { method: 'PUT', token, json });
	const named = await put({ name: ' Asha Rao\u0950 ' });
	assert.equal(named.status, 200, named.text);
	assert.deepEqual([named.json.name, named.json.email], ['Asha Rao\u0950', null]);
	assert.equal((await put({ name: 'Asha', email: 'a.b+c@mail.example.com' })).json.email, 'a.b+c@mail.example.com');
	assert.equal((await put({ name: 'A' }, '/r/other/api/v1/users/me')).json.email, 'a.b+c@mail.example.com', 'what is left out stays');
	assert.equal((await put({ name: 'A', email: null })).json.email, null, 'null takes it away');
	assert.deepEqual((await world.fetch('/api/v1/users/me', { token })).json, { ...seen, name: 'A' });
	assert.equal((await world.fetch('/api/v1/users/me', { token, method: 'HEAD' })).status, 200);
});

test('USR-02 SEC-04 what is no name and no address changes nothing', async () => {
	const { token } = await guest();
	const bad = [[{}, ['name']], [{ name: '' }, ['name']], [{ name: '   ' }, ['name']], [{ name: '\u00a0\u3000' }, ['name']], [{ name: null }, ['name']], [{ name: 7 }, ['name']],
		[{ name: 'x'.repeat(101) }, ['name']], [{ name: 'a\nb' }, ['name']], [{ name: 'a\u009bb' }, ['name']],
		[{ name: 'A', phone: '+14155550000' }, ['phone']], [{ name: 'A', is_active: true }, ['is_active']], [{ name: 'A', role: 'admin' }, ['role']],
		[{ name: 'A', id: '0190163d-8694-739b-aea5-966c26f8ad91' }, ['id']]];
	for (const email of ['', 'a', 'a@', '@a.b', 'a@b', 'a b@c.de', 'a@b..de', '.a@b.de', 'a.@b.de', 'a..b@c.de', 'a@-b.de', 'a@b.d', `${'a'.repeat(65)}@b.de`,
		`a@${'b.'.repeat(130)}de`, 'a@b.de\nbcc: x', 7, 'a@b@c.de', 'ä@b.de', '"a"@b.de', 'a@[127.0.0.1]'])
		bad.push([{ name: 'A', email }, ['email']]);
	for (const [json, want] of bad) {
		const answer = await world.fetch('/api/v1/users/me', { method: 'PUT', token, json });
		refused(answer, '400 VALIDATION_ERROR');
		assert.deepEqual(fields(answer), want, JSON.stringify(json));
		assert.doesNotMatch(answer.text, /200/, 'and no other bound is told than the one that holds');
	}
	assert.equal((await world.fetch('/api/v1/users/me', { token })).json.name, null);
});

const devices = (phone) => world.sql(`SELECT d.token, d.platform, d.is_active FROM device_tokens d JOIN users u ON u.id = d.user_id
	WHERE u.phone = '${phone}' ORDER BY d.id`);
const register = (who, token, platform = 'android') => world.fetch('/api/v1/users/device-token', { token: who.token, json: { token, platform } });
const forget = (who, token) => world.fetch('/api/v1/users/device-token', { method: 'DELETE', token: who.token, json: { token } });
const push = () => world.canary(`${crypto.randomBytes(11).toString('base64url')}:APA91b${crypto.randomBytes(100).toString('base64url')}`);

test('USR-03 USR-04 DB-30 a device is registered once, however often, and forgotten', async () => {
	const one = await guest();
	const [first, second] = [push(), push()];
	for (let i = 0; i < 3; i++) assert.deepEqual((await register(one, first)).json, { message: 'Device registered' });
	assert.equal((await register(one, second, 'ios')).status, 200);
	assert.deepEqual(await devices(one.phone), [{ token: first, platform: 'android', is_active: '1' }, { token: second, platform: 'ios', is_active: '1' }]);
	for (let i = 0; i < 2; i++) assert.deepEqual((await forget(one, first)).json, { message: 'Device unregistered' });
	assert.deepEqual((await devices(one.phone)).map((row) => row.is_active), ['0', '1']);
	await register(one, first, 'ios');
	assert.deepEqual(await devices(one.phone), [{ token: first, platform: 'ios', is_active: '1' }, { token: second, platform: 'ios', is_active: '1' }]);
});

test('USR-03 a device belongs to whoever registers it last, and only they may take it away', async () => {
	const [one, two] = [await guest(), await guest()];
	const device = push();
	await register(one, device);
	await register(two, device);
	assert.deepEqual([(await devices(one.phone)).length, (await devices(two.phone)).length], [0, 1]);
	assert.equal((await forget(one, device)).status, 200, 'says nothing of others');
	assert.equal((await devices(two.phone))[0].is_active, '1');
	await Promise.all([one, two, one, two, one, two].map((who) => register(who, device)));
	assert.equal((await devices(one.phone)).length + (await devices(two.phone)).length, 1);
});

test('USR-03 S60 a guest has ten devices at most, the newest, also when all come at once', async () => {
	const one = await guest();
	const tokens = Array.from({ length: 12 }, push);
	for (const token of tokens) assert.equal((await register(one, token)).status, 200);
	assert.deepEqual((await devices(one.phone)).filter((row) => row.is_active === '1').map((row) => row.token), tokens.slice(2));
	await register(one, tokens[0]);
	assert.deepEqual((await devices(one.phone)).map((row) => row.is_active).join(''), '100111111111', 'the one that is oldest now has made room');
	await Promise.all(Array.from({ length: 12 }, () => register(one, push())));
	assert.equal((await devices(one.phone)).filter((row) => row.is_active === '1').length, 10);
});

test('USR-03 USR-04 SEC-04 what is no device is refused by field', async () => {
	const one = await guest();
	const rows = [[{}, ['platform', 'token']], [{ token: '', platform: 'android' }, ['token']], [{ token: 'a b', platform: 'ios' }, ['token']],
		[{ token: 'x', platform: 'web' }, ['platform']], [{ token: 'x', platform: 'Android' }, ['platform']], [{ token: 7, platform: 'ios' }, ['token']],
		[{ token: 'x'.repeat(4097), platform: 'ios' }, ['token']], [{ token: 'x', platform: 'ios', user_id: 1 }, ['user_id']], [{ token: 'é', platform: 'ios' }, ['token']]];
	for (const [json, want] of rows) {
		const answer = await world.fetch('/api/v1/users/device-token', { token: one.token, json });
		refused(answer, '400 VALIDATION_ERROR');
		assert.deepEqual(fields(answer), want, JSON.stringify(json));
	}
	assert.equal((await register(one, 'x'.repeat(4096))).status, 200);
	refused(await world.fetch('/api/v1/users/device-token', { method: 'DELETE', token: one.token, json: {} }), '400 VALIDATION_ERROR');
	refused(await world.fetch('/api/v1/users/device-token', { method: 'DELETE', token: one.token }), '400 VALIDATION_ERROR');
});

test('AUTH-15 guests have no staff routes, staff no guest routes, strangers neither', async () => {
	const { token } = await guest();
	const kitchen = await tokenOf('demo', 'ravi');
	const at = '019a0000-0000-7000-8000-000000000001';
	const guests = [['GET', '/api/v1/users/me'], ['PUT', '/api/v1/users/me', { name: 'A' }], ['POST', '/api/v1/users/device-token', { token: 'x', platform: 'ios' }],
		['DELETE', '/api/v1/users/device-token', { token: 'x' }]];
	const admins = [['GET', '/api/v1/admin/staff'], ['POST', '/api/v1/admin/staff', { username: 'x', password: 'saffron thali', role: 'admin', name: 'X' }],
		['GET', `/api/v1/admin/staff/${at}`], ['PATCH', `/api/v1/admin/staff/${at}`, { name: 'X' }]];
	for (const [method, where, json] of [...guests, ...admins]) {
		refused(await world.fetch(where, { method, json }), '401 INVALID_TOKEN');
		refused(await world.fetch(where, { method, json, token: kitchen }), '403 INSUFFICIENT_ROLE');
	}
	for (const [method, where, json] of [...admins, ['GET', '/api/v1/admin/staff/me']])
		refused(await world.fetch(where, { method, json, token }), '403 INSUFFICIENT_ROLE');
});

// --- staff --------------------------------------------------------------------------------------------------------------

const staffOf = async (slug, query = '', who = 'asha') => world.fetch(`/r/${slug}/api/v1/admin/staff${query}`, { token: await tokenOf(slug, who) });
const add = async (json, slug = 'demo', who = 'asha') => world.fetch(`/r/${slug}/api/v1/admin/staff`, { token: await tokenOf(slug, who), json });
const change = async (id, json, slug = 'demo', who = 'asha') =>
	world.fetch(`/r/${slug}/api/v1/admin/staff/${id}`, { method: 'PATCH', token: await tokenOf(slug, who), json });
let made = 0;
async function cook(more = {}) {
	const wish = { username: `cook-${++made}`, password: secret(), role: 'kitchen', name: `Cook ${made}`, ...more };
	const answer = await add(wish);
	assert.equal(answer.status, 201, answer.text);
	people[`demo/${wish.username}`] = { password: wish.password };
	return answer.json.staff;
}

test('ADM-15 ADM-16 DB-25 an admin makes accounts and lists them, a page at a time', async () => {
	const one = await cook({ role: 'delivery', phone: '+919000000009' });
	assert.deepEqual({ ...one, id: 0, created_at: 0 }, { id: 0, username: one.username, name: one.name, phone: '+919000000009', role: 'delivery', restaurant: 'demo', is_active: true, created_at: 0 });
	assert.deepEqual((await staffOf('demo', `/${one.id}`)).json, { staff: one });
	for (let i = 0; i < 3; i++) await cook();
	const all = (await staffOf('demo')).json;
	assert.deepEqual(all.staff.map((s) => s.username), ['asha', 'ravi', one.username, 'cook-2', 'cook-3', 'cook-4']);
	assert.equal(all.next_cursor, null);
	const seen = [];
	for (let cursor = null; ;) {
		const page = (await staffOf('demo', `?limit=2${cursor ? `&cursor=${cursor}` : ''}`)).json;
		assert.ok(page.staff.length <= 2);
		seen.push(...page.staff);
		if (!(cursor = page.next_cursor)) break;
	}
	assert.deepEqual(seen, all.staff);
	assert.deepEqual((await staffOf('demo', '?role=delivery')).json.staff, [one]);
	await change(one.id, { is_active: false });
	assert.ok((await staffOf('demo')).json.staff.some((s) => s.id === one.id && !s.is_active), 'who is not active is listed');
	assert.deepEqual((await staffOf('demo', '?is_active=false')).json.staff.map((s) => s.id), [one.id]);
	assert.ok(!(await staffOf('demo', '?is_active=true')).json.staff.some((s) => s.id === one.id));
	for (const query of ['?role=chef', '?is_active=1', '?limit=0', '?limit=201', '?cursor=7', '?cursor=019a0000-0000-7000-8000-000000000001'])
		refused(await staffOf('demo', query), '400 VALIDATION_ERROR');
	assert.equal((await login('demo', 'cook-2', people['demo/cook-2'].password)).status, 200, 'and they log in');
	const text = JSON.stringify((await staffOf('demo')).json);
	assert.ok(!text.includes('argon2') && !text.includes('password'), 'nothing of a password is told');
});

test('ADM-16 DB-25 a username is taken once in a restaurant, also at the same time, and free in another', async () => {
	const wish = { username: 'double', password: secret(), role: 'kitchen', name: 'D' };
	const answers = await Promise.all(Array.from({ length: 5 }, () => add(wish)));
	assert.deepEqual(answers.map((one) => one.status).sort(), [201, 409, 409, 409, 409]);
	const no = answers.find((one) => one.status === 409);
	refused(no, '409 CONFLICT');
	assert.deepEqual(no.json.error.details, { fields: [{ field: 'username', message: 'is taken' }] });
	assert.equal((await add(wish, 'other', 'bela')).status, 201);
	assert.equal((await world.sql("SELECT COUNT(*) AS n FROM audit_log WHERE action = 'staff.add' AND subject = 'double'"))[0].n, '2', 'ARC-09 each is recorded');
});

test('ADM-16 S07 SEC-04 what is no account is refused by field, and so are passwords that everybody tries', async () => {
	const good = { username: 'new-one', password: 'saffron thali 42', role: 'kitchen', name: 'N' };
	const rows = [[{}, ['name', 'password', 'role', 'username']]];
	for (const [field, ...values] of [['username', '', 'Asha', 'a b', 'é', 'x'.repeat(51), 7, null, "a'--"], ['role', 'guest', 'platform', '', 1, null],
		['name', '', ' ', 'x'.repeat(101), 'a\nb', null], ['phone', '12', 'x', 7, '+0123456789'],
		['password', '', 'short', 'x'.repeat(201), 7, null, 'password', 'PASSWORD', 'Password1', '12345678', 'qwertyuiop', 'iloveyou', '1qaz2wsx', 'baseball', 'trustno1', 'superman']])
		for (const value of values) rows.push([{ ...good, [field]: value }, [field]]);
	for (const field of ['id', 'is_active', 'restaurant', 'restaurant_id', 'password_hash', 'created_at']) rows.push([{ ...good, [field]: 1 }, [field]]);
	rows.push([{ ...good, username: 'new-one-42', password: 'New-One-42' }, ['password']]);
	for (const [json, want] of rows) {
		const answer = await add(json);
		refused(answer, '400 VALIDATION_ERROR');
		assert.deepEqual(fields(answer), want, JSON.stringify(json));
	}
	assert.equal((await world.sql("SELECT COUNT(*) AS n FROM staff_users WHERE username LIKE 'new-one%'"))[0].n, '0');
});

test('S05 AUTH-20 a new role, a new password and the end of an account end its sessions with the next request', async () => {
	const works = async (token) => (await world.fetch('/api/v1/admin/staff/me', { token })).status;
	for (const [what, json] of [['role', { role: 'delivery' }], ['password', { password: secret() }], ['is_active', { is_active: false }]]) {
		const one = await cook();
		const token = await tokenOf('demo', one.username);
		const { refresh_token } = people[`demo/${one.username}`].session;
		assert.equal(await works(token), 200);
		const answer = await change(one.id, json);
		assert.equal(answer.status, 200, answer.text);
		assert.equal(await works(token), 401, `${what}: at once`);
		refused(await world.fetch('/api/v1/auth/refresh', { json: { refresh_token } }), '401 INVALID_TOKEN');
		await change(one.id, { role: 'kitchen', is_active: true });
		assert.equal(await works(token), 401, `${what}: what was ended stays ended`);
	}
	const one = await cook();
	const token = await tokenOf('demo', one.username);
	const answer = await change(one.id, { name: 'Another', phone: '+919000000010' });
	assert.deepEqual([answer.json.staff.name, answer.json.staff.phone], ['Another', '+919000000010']);
	assert.equal((await change(one.id, {})).json.staff.phone, '+919000000010', 'what is left out stays');
	assert.equal((await change(one.id, { phone: null })).json.staff.phone, null);
	assert.equal(await works(token), 200, 'a name or a number ends nothing');
	const rows = await world.sql(`SELECT actor, detail FROM audit_log WHERE action = 'staff.change' AND subject = '${one.username}' ORDER BY id`);
	assert.deepEqual(rows.map((row) => [row.actor, row.detail]), [['staff:asha', '{"name":true,"phone":true}'], ['staff:asha', '{}'], ['staff:asha', '{"phone":true}']]);
});

test('ADM-16 a password that was reset is the only one; a disabled account has none', async () => {
	const one = await cook();
	const fresh = secret();
	await change(one.id, { password: fresh });
	refused(await login('demo', one.username, people[`demo/${one.username}`].password), '401 INVALID_CREDENTIALS');
	assert.equal((await login('demo', one.username, fresh)).status, 200);
	await change(one.id, { is_active: false });
	refused(await login('demo', one.username, fresh), '401 INVALID_CREDENTIALS');
	await change(one.id, { is_active: true });
	assert.equal((await login('demo', one.username, fresh)).status, 200);
	for (const password of ['password1', 'short', one.username])
		assert.deepEqual(fields(await change(one.id, { password })), ['password'], password);
});

test('S05 AUTH-14 AUTH-15 a token holds no longer than what it says of its owner, whoever changed that', async () => {
	const one = await cook();
	const { access_token: token } = (await login('demo', one.username, people[`demo/${one.username}`].password)).json;
	const ask = () => world.fetch('/api/v1/admin/staff/me', { token });
	const row = (sets) => world.sql(`UPDATE staff_users SET ${sets} WHERE username = '${one.username}'`);
	const [{ restaurant_id: here }] = await world.sql(`SELECT restaurant_id FROM staff_users WHERE username = '${one.username}'`);
	for (const [sets, back] of [["role = 'admin'", "role = 'kitchen'"], ['is_active = 0', 'is_active = 1'], ["restaurant_id = (SELECT id FROM restaurants WHERE slug = 'other')", `restaurant_id = ${here}`]]) {
		assert.equal((await ask()).status, 200);
		await row(sets);
		refused(await ask(), '401 INVALID_TOKEN', sets);
		await row(back);
	}
});

test('ADM-16 a restaurant is never left without an active admin, whoever tries, at the same time or not', async () => {
	const asha = (await staffOf('demo')).json.staff.find((s) => s.username === 'asha');
	for (const json of [{ is_active: false }, { role: 'kitchen' }, { role: 'delivery', is_active: false }])
		refused(await change(asha.id, json), '409 CONFLICT');
	const token = await tokenOf('third', 'pia');
	refused(await world.fetch(`/r/demo/api/v1/admin/staff/${asha.id}`, { method: 'PATCH', token, json: { role: 'kitchen' } }), '409 CONFLICT');
	assert.equal((await change(asha.id, { name: 'Asha' })).status, 200, 'anything else may be changed');
	const second = await cook({ role: 'admin' });
	const hers = await tokenOf('demo', second.username);
	const [a, b] = await Promise.all([change(asha.id, { role: 'kitchen' }, 'demo', second.username), change(second.id, { role: 'kitchen' })]);
	assert.deepEqual([a.status, b.status].filter((status) => status === 200).length, 1, `${a.text} ${b.text}`);
	assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM staff_users s JOIN restaurants r ON r.id = s.restaurant_id
		WHERE r.slug = 'demo' AND s.role = 'admin' AND s.is_active = 1`))[0].n, '1');
	assert.ok(hers);
	await world.sql("UPDATE staff_users SET role = 'admin' WHERE username = 'asha' AND restaurant_id = (SELECT id FROM restaurants WHERE slug = 'demo')");
	delete people['demo/asha'].session;
});

test('AUTH-18 DB-34 S02 another restaurant\'s staff are nobody: the same 404 as for an id that is not there, and nothing changes', async () => {
	const bela = (await staffOf('other', '', 'bela')).json.staff.find((s) => s.username === 'bela');
	const nobody = '019a0000-0000-7000-8000-000000000001';
	const state = JSON.stringify(await world.sql('SELECT * FROM staff_users ORDER BY id'));
	const told = [];
	for (const id of [bela.id, nobody, 'x', `${bela.id}x`]) {
		told.push((await staffOf('demo', `/${id}`)).text, (await change(id, { is_active: false })).text);
		refused(await staffOf('demo', `/${id}`), '404 NOT_FOUND');
		refused(await change(id, { password: 'saffron thali 42' }), '404 NOT_FOUND');
	}
	assert.equal(new Set(told).size, 1, told.join('\n'));
	refused(await world.fetch('/r/other/api/v1/admin/staff', { token: await tokenOf('demo', 'asha') }), '403 INSUFFICIENT_ROLE');
	refused(await world.fetch(`/r/other/api/v1/admin/staff/${bela.id}`, { method: 'PATCH', token: await tokenOf('demo', 'asha'), json: { is_active: false } }), '403 INSUFFICIENT_ROLE');
	refused(await staffOf('demo', `?cursor=${bela.id}`), '400 VALIDATION_ERROR');
	assert.equal(JSON.stringify(await world.sql('SELECT * FROM staff_users ORDER BY id')), state);
});

test('C1 AUTH-18 staff of the platform manage any restaurant, and are in the list of none', async () => {
	const token = await tokenOf('third', 'pia');
	for (const slug of ['demo', 'other']) {
		const answer = await world.fetch(`/r/${slug}/api/v1/admin/staff`, { token, json: { username: 'by-pia', password: secret(), role: 'admin', name: 'P' } });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(answer.json.staff.restaurant, slug);
	}
	const all = await Promise.all(['demo', 'other'].map((slug) => world.fetch(`/r/${slug}/api/v1/admin/staff`, { token })));
	assert.ok(all.every((one) => one.status === 200 && !one.text.includes('"pia"')));
	const me = await world.fetch('/api/v1/admin/staff/me', { token });
	assert.deepEqual([me.json.staff.username, me.json.staff.role, me.json.staff.restaurant], ['pia', 'platform', null]);
	refused(await world.fetch(`/r/demo/api/v1/admin/staff/${me.json.staff.id}`, { token }), '404 NOT_FOUND');
});

test('ADM-15 any of the staff may see who they are, and their own password is not an admin\'s matter', async () => {
	const me = (await world.fetch('/api/v1/admin/staff/me', { token: await tokenOf('other', 'asha') })).json.staff;
	assert.deepEqual([me.username, me.role, me.restaurant], ['asha', 'kitchen', 'other']);
	const asha = (await staffOf('demo')).json.staff.find((s) => s.username === 'asha');
	assert.deepEqual(fields(await change(asha.id, { password: 'saffron thali 42' })), ['password']);
});

const newPassword = async (slug, username, old_password, new_password) =>
	world.fetch('/api/v1/admin/auth/password', { token: await tokenOf(slug, username), json: { old_password, new_password } });

test('AUTH-13 S05 staff change their own password with the present one: every session ends, and the answer begins a new one', async () => {
	const one = await cook();
	const who = people[`demo/${one.username}`];
	const old = await tokenOf('demo', one.username);
	const other = keep((await login('demo', one.username, who.password)).json);
	const fresh = secret();
	for (const [was, is, field] of [['wrong password', fresh, 'old_password'], [who.password, 'short', 'new_password'], [who.password, 'iloveyou', 'new_password'],
		[who.password, one.username, 'new_password'], [who.password, who.password, 'new_password']]) {
		const answer = await newPassword('demo', one.username, was, is);
		refused(answer, '400 VALIDATION_ERROR');
		assert.deepEqual(fields(answer), [field]);
	}
	const answer = await newPassword('demo', one.username, who.password, fresh);
	assert.equal(answer.status, 200, answer.text);
	const session = keep(answer.json);
	assert.equal(session.user.id, one.id);
	for (const token of [old, other.access_token]) refused(await world.fetch('/api/v1/admin/staff/me', { token }), '401 INVALID_TOKEN');
	refused(await world.fetch('/api/v1/auth/refresh', { json: { refresh_token: other.refresh_token } }), '401 INVALID_TOKEN');
	assert.equal((await world.fetch('/api/v1/admin/staff/me', { token: session.access_token })).status, 200);
	assert.equal((await world.fetch('/api/v1/auth/refresh', { json: { refresh_token: session.refresh_token } })).status, 200);
	refused(await login('demo', one.username, who.password), '401 INVALID_CREDENTIALS');
	assert.equal((await login('demo', one.username, fresh)).status, 200);
	assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM audit_log WHERE action = 'staff.password' AND subject = '${one.username}' AND actor = 'staff:${one.username}'`))[0].n, '1');
	who.password = fresh;
	delete who.session;
});

test('AUTH-13 S07 whoever has somebody\'s token has not their password: guesses are held back', async () => {
	const one = await cook();
	const answers = [];
	for (let i = 0; i < 12; i++) answers.push(code(await newPassword('demo', one.username, `guess number ${i}`, 'saffron thali 42')));
	assert.deepEqual(answers, [...Array(10).fill('400 VALIDATION_ERROR'), ...Array(2).fill('429 RATE_LIMITED')]);
	const held = await login('demo', one.username, people[`demo/${one.username}`].password);
	refused(held, '429 RATE_LIMITED');
	assert.ok(Number(held.headers['retry-after']) <= 91);
	await world.sql('DELETE FROM budgets');
});

test('AUTH-13 staff of the platform change theirs from anywhere; guests have none', async () => {
	const fresh = secret();
	const token = await tokenOf('third', 'pia');
	const answer = await world.fetch('/r/demo/api/v1/admin/auth/password', { token, json: { old_password: people['third/pia'].password, new_password: fresh } });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(keep(answer.json).user.role, 'platform');
	people['third/pia'] = { password: fresh };
	refused(await world.fetch('/api/v1/admin/auth/password', { token: (await guest()).token, json: { old_password: 'x', new_password: 'y' } }), '403 INSUFFICIENT_ROLE');
	refused(await world.fetch('/api/v1/admin/auth/password', { json: { old_password: 'x', new_password: 'y' } }), '401 INVALID_TOKEN');
});

test('AUTH-13 an account with the bcrypt hash of an older system lets in once and is Argon2id from then on', async () => {
	const file = path.join(world.at.conf, 'older.json');
	fs.writeFileSync(file, JSON.stringify({ slug: 'older', name: 'Older', staff: [{ username: 'old', role: 'admin', name: 'Old',
		password_hash: '$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW' }] }));
	await world.ticketrail(['onboard', file]);
	refused(await login('older', 'old', 'abc123xyZ'), '401 INVALID_CREDENTIALS');
	assert.equal((await login('older', 'old', 'abc123xyz')).status, 200);
	assert.match((await world.sql("SELECT password_hash FROM staff_users WHERE username = 'old'"))[0].password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	assert.equal((await login('older', 'old', 'abc123xyz')).status, 200);
});
