'use strict';
// Access to a POS that has to be got and renewed: single flight, tokens used once, relays that die with one in their hands, merchants
// who take it back and give it again. The oracle is the simulators' journals.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Frost } = require('./frost.js');
const { first_refresh_token } = require('./sim/clover_token.js');
const square = require('./sim/square.js').DEFAULTS;
const clover = require('./sim/clover.js').DEFAULTS;

let world, frost;
const at = {};

before(async () => {
	world = await World.start({ onboard: false, crash: true, sims: ['toast', 'square', 'clover', 'petpooja', 'msg91'], env: { BACKOFF_MS: '100' },
		simArgs: { toast: ['--token-life', '200000'], square: ['--merchants', 'MLSIM0001,MLSIM0002'] } });
	frost = new Frost(world);
	world.canary(first_refresh_token(clover.locations));
	at.toast = await Bistro.open(world, { at: 'toast', slug: 'toasted', staffPhone: '+919900000201' });
	at.square = await Bistro.open(world, { at: 'square', slug: 'squared', staffPhone: '+919900000202', config: { access_token: null,
		client_id: square['client-id'], client_secret: square['client-secret'], refresh_token: square['refresh-token'] } });
	at.clover = await Bistro.open(world, { at: 'clover', slug: 'clovered', staffPhone: '+919900000203', config: { access_token: null,
		client_id: clover['client-id'], client_secret: clover['client-secret'], refresh_token: first_refresh_token(clover.locations) } });
	for (const bistro of Object.values(at)) bistro.anybody = await bistro.guest();
});
after(async () => {
	frost?.wakeAll();
	await world?.stop();
});

const effects = async (bistro, effect) => (await bistro.pos.seen(`?effect=${effect}`)).length;
const health = async (bistro) => (await world.fetch(`/api/pos-integration/${bistro.slug}/health`, { token: bistro.admin })).json;
const token = async (bistro) => (await health(bistro)).token;
const merchant_of = async (bistro) => (await world.sql(`SELECT pos_merchant_id FROM restaurant_pos_integrations WHERE restaurant_id = ${bistro.id}`))[0].pos_merchant_id;
const integration = (bistro) => `(SELECT id FROM restaurant_pos_integrations WHERE restaurant_id = ${bistro.id})`;
const told = async (bistro, type = 'pos_access') => Number((await world.sql(`SELECT COUNT(*) AS n FROM notification_queue WHERE restaurant_id = ${bistro.id} AND type = '${type}'`))[0].n);
const state = (bistro, wanted) => world.until(`a token that is ${wanted}`, async () => (await token(bistro)).state === wanted);
// Its time is over, as if it had passed.
const expire = (bistro) => world.sql(`UPDATE pos_sessions SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND, refreshed_at = UTC_TIMESTAMP(6) - INTERVAL 1 HOUR WHERE integration_id = ${integration(bistro)}`);
const age = (bistro) => world.sql(`UPDATE pos_sessions SET refreshed_at = UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE WHERE integration_id = ${integration(bistro)}`);
const logins = (bistro) => world.sql(`SELECT due_at, lane FROM outbox WHERE kind = 'pos_login' AND subject_id = ${integration(bistro)}`);
// What waits for access, and a login that failed, tries again now.
const hurry = (bistro) => world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE restaurant_id = ${bistro.id} AND kind IN ('pos_submit', 'pos_login') AND owner = 0 AND due_at < UTC_TIMESTAMP(6) + INTERVAL 1 HOUR`);

async function placed(bistro) {
	const { order } = await bistro.anybody.ordered(bistro.cart());
	return order.order_number;
}

async function accepted(bistro, number) {
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await bistro.effects('order_saved', number)).length, 1, 'one ticket');
}

// Somebody's browser: what it goes to and keeps.
class Browser {
	async goes(at) {
		const answer = await world.fetch(at, { headers: this.cookie ? { cookie: `theme=dark; ${this.cookie}; lang=en` } : {} });
		const kept = [answer.headers['set-cookie'] ?? []].flat();
		if (kept.length > 0) {
			assert.equal(kept.length, 1);
			assert.match(kept[0], /^__Host-ticketrail_authorize=[\w-]{43}; Path=\/; Max-Age=900; Secure; HttpOnly; SameSite=Lax$/);
			[this.cookie] = kept[0].split(';');
			world.canary(this.cookie.split('=')[1]);
		}
		return answer;
	}
}

// The link that staff hand out, as a path.
async function link(bistro) {
	const asked = await world.fetch(`/api/pos-integration/${bistro.slug}/authorize`, { token: bistro.admin });
	assert.equal(asked.status, 200, asked.text);
	const url = new URL(asked.json.url);
	assert.equal(`${url.origin}${url.pathname}`, `${world.url}/api/pos-integration/oauth/${bistro.at}/start`);
	return `${url.pathname}${url.search}`;
}

// The merchant goes where staff send them, and agrees. → the address to which they come back
async function agrees(bistro, browser, by, who = '') {
	const sent = await browser.goes(by ?? await link(bistro));
	assert.equal(sent.status, 303, sent.text);
	assert.equal(sent.text, '');
	assert.ok(sent.headers.location.startsWith(bistro.pos.url), sent.headers.location);
	const page = await bistro.pos.fetch(sent.headers.location.slice(bistro.pos.url.length) + who);
	assert.equal(page.status, 302, page.text);
	assert.ok(page.headers.location.startsWith(`${world.url}/api/pos-integration/oauth/${bistro.at}/callback?`), page.headers.location);
	const back = new URL(page.headers.location);
	world.canary(back.searchParams.get('code'));
	return `${back.pathname}${back.search}`;
}

test('DB-37 POS-19 each is logged in to once, before its menu is fetched; health shows the days', async () => {
	for (const [name, bistro] of Object.entries(at)) {
		assert.equal(await effects(bistro, 'token_issued'), 1, name);
		assert.equal((await logins(bistro)).length, 1, name);
		const { status, token: it } = await health(bistro);
		assert.equal(`${status} ${it.state} ${it.last_error}`, 'healthy valid null', name);
	}
	assert.equal((await token(at.toast)).days_left, 2);
	assert.equal((await token(at.square)).days_left, 29);
	assert.equal((await token(at.clover)).days_left, 0);
	assert.notEqual((await token(at.clover)).refresh_expires_at, null);
	const [{ days }] = await world.sql(`SELECT TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(6), due_at) AS days FROM outbox WHERE kind = 'pos_login' AND subject_id = ${integration(at.square)}`);
	assert.ok(Number(days) <= 7 * 24 && Number(days) > 6 * 24, `a token of 30 days is renewed after a week: ${days} h`);
});

test('E54 single flight: two relays, many orders and no token: one is fetched, and each order is there once', async () => {
	world.startRunner('relay', 'relay-2');
	for (const bistro of Object.values(at)) {
		const issued = await effects(bistro, 'token_issued');
		if (bistro === at.toast) await bistro.pos.control('/tokens', { json: { do: 'revoke' } });
		await expire(bistro);
		const numbers = await Promise.all(Array.from({ length: 6 }, () => placed(bistro)));
		for (const number of numbers) await accepted(bistro, number);
		assert.equal(await effects(bistro, 'token_issued'), issued + 1, bistro.at);
		assert.equal((await logins(bistro)).length, 1, bistro.at);
		assert.equal(await told(bistro), 0, 'nobody is told of what works');
	}
	await world.kill('relay-2', 'SIGTERM');
});

test('POS-19 a token that is refused before its time is renewed once, and the order goes', async () => {
	for (const [bistro, misdeed] of [[at.toast, 'token_revoked'], [at.square, 'expired_token'], [at.clover, 'token_revoked']]) {
		const issued = await effects(bistro, 'token_issued');
		await age(bistro);
		await bistro.pos.next({ do: misdeed });
		const number = await placed(bistro);
		await accepted(bistro, number);
		assert.equal(await effects(bistro, 'token_issued'), issued + 1, bistro.at);
		assert.equal(await told(bistro), 0, bistro.at);
	}
});

test('E54 POS-21 a relay is killed between the answer and its commit: Toast says the same token again', async () => {
	await at.toast.pos.control('/tokens', { json: { do: 'revoke' } });
	await expire(at.toast);
	frost.arm('relay', 'login.before_commit', { what: 'kill' });
	world.child('relay').expected = true;
	const issued = await effects(at.toast, 'token_issued');
	const number = await placed(at.toast);
	await world.until('the death of the relay', () => world.child('relay').status !== null);
	assert.equal((await token(at.toast)).state, 'expired', 'nothing of it was kept');
	world.startRunner('relay');
	await accepted(at.toast, number);
	assert.equal(await effects(at.toast, 'token_issued'), issued + 1);
	assert.equal(await told(at.toast), 0);
});

test('E54 ... Clover has used the refresh token up: orders wait, staff are told once, and the merchant authorises again', async () => {
	const bistro = at.clover;
	const refused = await effects(bistro, 'token_refused');
	await expire(bistro);
	frost.arm('relay', 'login.before_commit', { what: 'kill' });
	world.child('relay').expected = true;
	const first = await placed(bistro);
	await world.until('the death of the relay', () => world.child('relay').status !== null);
	world.startRunner('relay');
	await state(bistro, 'refused');
	assert.equal(await effects(bistro, 'token_refused'), refused + 1, 'the same token was tried once more');
	const second = await placed(bistro);
	await world.until('the wait', async () => (await world.sql(`SELECT 1 AS n FROM outbox o JOIN orders p ON p.id = o.subject_id WHERE o.kind = 'pos_submit'
		AND p.order_number = '${second}' AND o.last_error = 'Waiting for access to the POS' AND o.attempts = 0`)).length > 0);
	assert.equal((await bistro.row(first)).pos_state, 'queued');
	assert.equal((await logins(bistro)).length, 0, 'nobody tries what is known to be of no use');
	assert.equal(await told(bistro), 1, 'once');
	await bistro.told('authorise', /no access to the POS/);
	const shown = await health(bistro);
	assert.equal(`${shown.status} ${shown.token.state}`, 'degraded refused');
	assert.match(shown.token.last_error, /authorise/);

	const browser = new Browser();
	const back = await agrees(bistro, browser);
	const answer = await browser.goes(back);
	assert.equal(`${answer.status} ${answer.json.status}`, '200 authorized', answer.text);
	await state(bistro, 'valid');
	await hurry(bistro);
	for (const number of [first, second]) await accepted(bistro, number);
	const names = (await world.sql(`SELECT name FROM integration_secrets WHERE integration_id = ${integration(bistro)} ORDER BY name`)).map((row) => row.name);
	assert.ok(!names.includes('authorization_code') && names.includes('refresh_token'), names.join(' '));
	const again = await browser.goes(back);
	assert.equal(again.status, 400, 'the same again is of no use');
	assert.match(again.text, /used already/);
	assert.equal((await health(bistro)).status, 'healthy');
});

test('E54 a seller takes our access back at Square: the order waits, staff are told, and it can be given again', async () => {
	const bistro = at.square;
	await bistro.pos.control('/revoke', { json: {} });
	await age(bistro);
	const number = await placed(bistro);
	await state(bistro, 'refused');
	assert.equal(await told(bistro), 1);
	assert.equal((await bistro.row(number)).pos_state, 'queued');
	const browser = new Browser();
	const answer = await browser.goes(await agrees(bistro, browser));
	assert.equal(answer.json?.status, 'authorized', answer.text);
	await state(bistro, 'valid');
	await hurry(bistro);
	await accepted(bistro, number);
});

test('E54 login is not there: it is told at once that access could not be renewed, and again only if it is lost', async () => {
	const bistro = at.square;
	await world.sql(`UPDATE pos_sessions SET refreshed_at = UTC_TIMESTAMP(6) - INTERVAL 8 DAY WHERE integration_id = ${integration(bistro)}`);
	await bistro.pos.next(...Array.from({ length: 3 }, () => ({ do: '503', path: '/oauth2/token' })));
	await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_login' AND subject_id = ${integration(bistro)}`);
	await state(bistro, 'failing');
	assert.equal(await told(bistro, 'pos_renewal'), 1);
	await accepted(bistro, await placed(bistro));
	await world.until('three tries and one that works', async () => {
		await hurry(bistro);
		return (await token(bistro)).state === 'valid';
	});
	assert.equal(`${await told(bistro, 'pos_renewal')} ${await told(bistro)}`, '1 1', 'once, and the one before');
});

test('SEC-04 E54 nobody comes back with a state that we did not give', async () => {
	const browser = new Browser();
	const back = new URL(await agrees(at.square, browser), world.url);
	const with_ = (change, provider = 'square') => {
		const url = new URL(back);
		for (const [name, value] of Object.entries(change)) value === null ? url.searchParams.delete(name) : url.searchParams.set(name, value);
		return `/api/pos-integration/oauth/${provider}/callback${url.search}`;
	};
	const good = back.searchParams.get('state');
	const [id, until, nonce, who, mac] = good.split('.');
	const saved = async () => JSON.stringify(await world.sql('SELECT integration_id, name, updated_at FROM integration_secrets ORDER BY 1, 2'));
	const before_all = await saved();
	const ticket = new URL(await link(at.square), world.url).searchParams.get('ticket');
	for (const state_ of [null, '', 'x', `${at.toast.id}.${until}.${nonce}.${who}.${mac}`, `${id}.${until}9.${nonce}.${who}.${mac}`, `${id}.1.${nonce}.${who}.${mac}`,
		`${id}.${until}.x.${who}.${mac}`, `${id}.${until}.${nonce}.x.${mac}`, `${id}.${until}.${nonce}.${who}.${mac.slice(0, -1)}`, `${id}.${until}.${nonce}.${who}`,
		`999999.${until}.${nonce}.${who}.${mac}`, ticket, 'y'.repeat(300)]) {
		const answer = await browser.goes(with_({ state: state_ }));
		assert.equal(`${answer.status} ${answer.json.error.code}`, '400 VALIDATION_ERROR', `${state_}: ${answer.text}`);
	}
	for (const change of [with_({}, 'clover'), with_({}, 'petpooja'), with_({ code: null }), with_({ code: 'a b' }), with_({ merchant_id: 'ANOTHER' })])
		assert.equal((await browser.goes(change)).status, 400, change);
	assert.equal((await browser.goes(with_({}, 'nothing'))).status, 404);
	assert.equal(await saved(), before_all, 'nothing is kept');
	const no = await browser.goes(with_({ code: null, error: 'access_denied' }));
	assert.equal(`${no.status} ${no.json.status}`, '200 declined');
	assert.equal(await saved(), before_all);
	assert.equal((await world.fetch(`/api/pos-integration/${at.toast.slug}/authorize`, { token: at.toast.admin })).status, 400, 'Toast has no such way');
	assert.equal((await world.fetch(`/api/pos-integration/${at.square.slug}/authorize`, { token: at.square.cook })).status, 403);
	assert.equal((await world.fetch(`/api/pos-integration/${at.square.slug}/authorize`, { token: at.toast.admin })).status, 403);
});

test('SEC-04 E54 nobody ends what was begun in another browser', async () => {
	const bistro = at.square;
	const [mine, another, none] = [new Browser(), new Browser(), new Browser()];
	const saved = async () => JSON.stringify(await world.sql('SELECT integration_id, name, updated_at FROM integration_secrets ORDER BY 1, 2'));
	const before_all = await saved();
	const by = await link(bistro);
	const back = await agrees(bistro, mine, by);
	await agrees(bistro, another, by); // the same link, opened elsewhere
	for (const other of [none, another, Object.assign(new Browser(), { cookie: '__Host-ticketrail_authorize=' }), Object.assign(new Browser(), { cookie: `${mine.cookie}x` }),
		Object.assign(new Browser(), { cookie: `${mine.cookie}; ${another.cookie}` })]) {
		const answer = await other.goes(back);
		assert.equal(`${answer.status} ${answer.json.error.code}`, '400 VALIDATION_ERROR', answer.text);
		assert.match(answer.json.error.details.fields[0].message, /another browser.*keeps no cookies/);
	}
	assert.equal(await saved(), before_all, 'nothing is kept');
	const kept = mine.cookie;
	const second = await agrees(bistro, mine);
	assert.equal(mine.cookie, kept, 'two in one browser do not disturb each other');
	const five = await Promise.all([1, 2, 3, 4, 5].map(() => mine.goes(back)));
	assert.deepEqual(five.map((one) => one.status).sort(), [200, 400, 400, 400, 400], 'once, also of five at once');
	await state(bistro, 'valid');
	for (const late of [second, by]) assert.match((await mine.goes(late)).text, /used already/, 'of all that were handed out one is good');

	const clock = await link(bistro);
	const stale = await agrees(bistro, mine, clock);
	for (const at_ of [clock, stale]) {
		const url = new URL(at_, world.url);
		const name = url.searchParams.has('ticket') ? 'ticket' : 'state';
		url.searchParams.set(name, 'x');
		assert.match((await mine.goes(`${url.pathname}${url.search}`)).text, /none of ours/);
	}
	assert.equal((await mine.goes('/api/pos-integration/oauth/square/start')).status, 400);
	assert.equal((await mine.goes(clock.replace('/square/', '/nothing/'))).status, 404);
	assert.equal((await mine.goes(clock.replace('/square/', '/clover/'))).status, 400);
	assert.equal((await mine.goes(`${clock}&more=1`)).status, 400);
	assert.equal((await world.fetch(clock, { method: 'POST', json: {} })).status, 405);
});

test('SEC-04 E54 what another merchant gives is not taken: the access there was goes on, and staff are told why', async () => {
	const theirs = (bistro) => world.until('nothing new is to be confirmed', async () => {
		const names = (await world.sql(`SELECT name FROM integration_secrets WHERE integration_id = ${integration(bistro)} ORDER BY name`)).map((row) => row.name);
		return !names.some((name) => name.startsWith('unconfirmed')) && names;
	});
	assert.equal(await merchant_of(at.square), 'MLSIM0001', 'whose it is was told with the token');

	const browser = new Browser();
	const kept = await theirs(at.square);
	await state(at.square, 'valid');
	const before_all = await told(at.square, 'pos_renewal');
	assert.equal((await browser.goes(await agrees(at.square, browser, null, '&merchant=MLSIM0002'))).json?.status, 'authorized');
	await world.until('the notice', async () => (await told(at.square, 'pos_renewal')) > before_all);
	assert.equal((await world.sql(`SELECT 1 FROM notification_queue WHERE restaurant_id = ${at.square.id} AND message LIKE '%has no location%'`)).length, 1);
	await state(at.square, 'valid');
	assert.deepEqual(await theirs(at.square), kept);
	assert.equal(await merchant_of(at.square), 'MLSIM0001');
	await accepted(at.square, await placed(at.square));

	const had = await theirs(at.clover);
	const told_before = await told(at.clover, 'pos_renewal');
	const back = new URL(await agrees(at.clover, browser, null, '&merchant_id=DEMO4BISTRO02'), world.url);
	const refused = await browser.goes(`${back.pathname}${back.search}`);
	assert.equal(refused.status, 400);
	assert.match(refused.text, /another merchant's/);
	back.searchParams.delete('merchant_id'); // the address is theirs to change, the code is not
	assert.equal((await browser.goes(`${back.pathname}${back.search}`)).json?.status, 'authorized');
	await world.until('the notice', async () => (await told(at.clover, 'pos_renewal')) > told_before);
	await state(at.clover, 'valid');
	assert.deepEqual(await theirs(at.clover), had);
	await accepted(at.clover, await placed(at.clover));
});
