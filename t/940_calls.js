'use strict';
// Each call of ours to the database's library, to libcurl, to libsodium, OpenSSL, json-c, libfcgi and the kernel, and each
// allocation, failed in turn while the house works (t/fail/). Whoever asks is answered with a documented error or ends in an
// abort; asks again and is served; and afterwards providers' journals and database agree (check.js). No call of the programs
// is left out but those of t/fail/unreached.tsv. The operator's command and the pool's master: 941.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { Boards, unknown } = require('./fail/board.js');
const { Patron } = require('./fail/patron.js');
const { Sweep, POOLS } = require('./fail/sweep.js');
const { World } = require('./world.js');
const pos = require('./sim/petpooja.js').DEFAULTS;
const { Bistro, REST_ID } = require('./bistro.js');
const { newPhone } = require('./story.js');
const { top } = require('./stack/layout.js');

const RUNNERS = ['relay', 'jobs'];
const build = path.resolve(top, process.env.TICKETRAIL_BUILD || 'build/test');
// 941, and what is built for tests only.
const ELSEWHERE = /^(fcgi\/(pool|ticketrail)\.c|lib\/op\/crash\.c|lib\/crypto\/rsa\.c rsa_(generate|private_pem|public_pem)) /;

const dir = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'fail.'));
process.env.TICKETRAIL_FAIL_DIR = dir;
const boards = new Boards(build, dir);
for (const name of [...POOLS, ...RUNNERS]) boards.of(name);

let world, bistro, guest, sweep, patron;

before(async () => {
	world = await World.start({ onboard: false, workers: 1, poolArgs: ['--ready-within', '3'], env: { LEASE_MS: '1000', BACKOFF_MS: '60', RELAY_POLL_MS: '100' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
	sweep = new Sweep(world, boards);
	patron = new Patron(world, bistro, guest, () => sweep.label);
	for (const name of RUNNERS) sweep.keep(name);
});
after(async () => {
	for (const name of RUNNERS) if (world?.children.has(name)) world.children.get(name).isOver = true;
	await world?.stop();
	fs.rmSync(dir, { recursive: true });
});

const patient = (...asked) => patron.patient(...asked);
const get = (at, token) => patron.get(at, token);
const place = (lines) => patron.place(lines);
const accepted = (number) => patron.accepted(number);

async function allIsWell() {
	await patron.well();
	for (const pool of POOLS) sweep.poolDeaths(pool);
	sweep.assertDeaths();
}

test('F22 every call of our objects is known: it can be failed, or why it cannot fail is written down', () => {
	const objects = fs.readdirSync(path.join(build, 'fcgi'), { recursive: true }).filter((name) => name.endsWith('.o')).map((name) => path.join(build, 'fcgi', name));
	assert.deepEqual(unknown(path.join(build, 'libticketrail.a'), objects), []);
});

test('F21 F22 F40 who cannot start is started again, and a worker that cannot leaves the one before it serving', async () => {
	const drive = async () => {
		await sweep.renew('orders');
		await get(`${bistro.base}/api/v1/orders`, guest.token);
	};
	await sweep.over('orders', { drive });
	for (const name of RUNNERS) await sweep.over(name, { drive: async () => {
		await sweep.restart(name);
		await accepted((await place()).order_number);
	} });
	await allIsWell();
});

test('F21 F22 I1 I6 I12 I13 an order is placed while each call of the orders pool fails', async () => {
	await sweep.over('orders', { drive: () => place(), deep: 30 });
	await allIsWell();
});

test('F21 F22 I13 what is read is right or an error', async () => {
	const order = await place();
	await accepted(order.order_number);
	await sweep.over('orders', { drive: () => get(`${bistro.base}/api/v1/orders/${order.id}`, guest.token), deep: 20 });
	const nonsense = () => patient('a body that is a number', () => guest.fetch('/api/v1/orders', { method: 'POST', json: 5 }), [400]);
	await sweep.over('orders', { drive: nonsense });
	await sweep.over('menu', { drive: () => get(`${bistro.base}/api/v1/menu/items`, guest.token), only: (site) => !isOfShelf(site) });
});


const isOfShelf = ({ file }) => file === 'lib/http/shelf.c';

// Whatever it is that cannot be done, the menu is given; a worker that could not does not try at once again, so each is a new one.
test('F18 F22 MENU-09 a menu is shown while each call for the shelf fails', async () => {
	const shelf = path.join(world.at.run, 'shelf');
	const before_each = async () => {
		await sweep.renew('menu');
		fs.rmSync(shelf, { recursive: true, force: true });
	};
	const drive = async () => {
		const answer = await get(`${bistro.base}/api/v1/menu/items`, guest.token);
		fs.mkdirSync(shelf, { recursive: true });
		for (const name of [`${bistro.id}-old`, '999999-other']) fs.writeFileSync(path.join(shelf, name), '');
		for (const name of fs.readdirSync(shelf)) if (!/-(old|other)$/.test(name)) fs.rmSync(path.join(shelf, name));
		assert.equal((await get(`${bistro.base}/api/v1/menu/items`, guest.token)).text, answer.text);
		for (const name of fs.readdirSync(shelf)) if (!/-(old|other)$/.test(name)) fs.writeFileSync(path.join(shelf, name), 'spoilt');
		assert.equal((await get(`${bistro.base}/api/v1/menu/items`, guest.token)).text, answer.text);
	};
	await sweep.over('menu', { drive, before: before_each, only: isOfShelf });
});

test('F21 F22 I7 I13 a dish is made and changed once and whole while each call of the catalog pool fails', async () => {
	const of = `${bistro.base}/api/v1/admin/menu`;
	const token = bistro.admin;
	const { json: { categories } } = await get(`${of}/categories?limit=1`, token);
	let n = 0;
	const drive = async () => {
		const name = `Dish ${++n}`;
		const wish = { name, price: 10, category_id: categories[0].id, time_slots: ['lunch'], variations: [{ name: 'Half', price: 6 }] };
		const { json: made } = await patient('a dish', () => world.fetch(`${of}/items`, { json: wish, token }), [201]);
		const now = await patient('another size', () => world.fetch(`${of}/items/${made.id}`, { method: 'PUT', json: { ...wish, variations: [{ name: 'Whole', price: 9 }] }, token }), [200]);
		// A PUT whose answer was lost and that is sent again makes the size twice: one of them is the first's, and gone.
		assert.equal(now.json.variations.filter((one) => one.is_active).length, 1);
		await patient('86', () => world.fetch(`${of}/items/${made.id}/availability`, { method: 'PATCH', json: { is_available: false, until: new Date(Date.now() + 3600000).toISOString() }, token }), [200]);
		await patient('gone', () => world.fetch(`${of}/items/${made.id}`, { method: 'DELETE', token }), [204]);
		const { json: found } = await get(`${of}/items?search=${encodeURIComponent(name)}&active=false`, token);
		assert.ok(found.items.every((one) => one.name !== name || one.category.id === categories[0].id));
		await patient('nonsense', () => world.fetch(`${of}/items`, { json: { ...wish, image_url: 'x' }, token }), [400]);
	};
	await sweep.over('catalog', { drive, deep: 3 });
	await world.sql("DELETE FROM outbox WHERE kind = 'stock_return' AND owner = 0");
	await allIsWell();
});

test('F21 F22 I3 I7 I8 the order gets to the POS while each call of the relay fails', async () => {
	const drive = async () => accepted((await place()).order_number);
	await sweep.over('relay', { drive, deep: 6 });
	await allIsWell();
});

test('F21 F22 I4 I5 the kitchen is heard while each call of the webhooks pool fails', async () => {
	const drive = async () => {
		const { order_number: number } = await place();
		await accepted(number);
		await world.until('a callback that was taken', async () => (await bistro.kitchen(number, '1')).status === 200, { every: 10 });
		await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'inbox_apply' AND owner = 0`);
		await bistro.becomes(number, { status: 'confirmed' });
	};
	await sweep.over('webhooks', { drive, deep: 8 });
	await allIsWell();
});

test('F21 F22 a menu is published whole or not at all while each call of the jobs fails', async () => {
	const [{ n: items }] = await world.sql(`SELECT COUNT(*) AS n FROM items WHERE restaurant_id = ${bistro.id}`);
	const drive = async () => {
		const synced = async () => (await world.sql(`SELECT COUNT(*) AS n FROM menu_sync_history WHERE restaurant_id = ${bistro.id} AND status = 'success'`))[0].n;
		const before_ = await synced();
		await patient('a synchronisation', () => world.fetch(`/api/menu-sync/${bistro.slug}/sync`, { method: 'POST', token: bistro.admin }), [200, 202]);
		await world.until('a menu', async () => Number(await synced()) > Number(before_));
		const [{ n }] = await world.sql(`SELECT COUNT(*) AS n FROM items WHERE restaurant_id = ${bistro.id}`);
		assert.equal(n, items);
	};
	await sweep.over('jobs', { drive, deep: 8 });
	await allIsWell();
});

test('F21 F22 AUTH-01 who logs in is logged in or told to come back', async () => {
	let password = world.canary(crypto.randomBytes(9).toString('base64url')), before_ = password;
	const file = path.join(world.at.conf, 'cook.json');
	fs.writeFileSync(file, JSON.stringify({ slug: bistro.slug, name: 'The bistro', staff: [{ username: 'cook', password, role: 'kitchen', name: 'Cook' },
		{ username: 'older', password_hash: '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', role: 'kitchen', name: 'Older' }] }));
	await world.ticketrail(['onboard', file]);
	const log_in = async () => {
		const phone = newPhone();
		await world.sql('DELETE FROM budgets'); // all come from one address
		await patient('a code', () => world.fetch('/api/v1/auth/request-otp', { json: { phone } }), [200]);
		// Who was not told asked once more: only the newest is good, and texts overtake each other.
		const asked = await world.sql(`SELECT id FROM otp_codes WHERE phone = '${phone}'`);
		const otp = await world.otp(phone);
		const said = await patient('a session', () => world.fetch('/api/v1/auth/verify-otp', { json: { phone, otp } }), asked.length > 1 ? [200, 400] : [200], [400]);
		if (said.status === 400) return;
		world.canary(said.json.access_token);
		const read = await get(`${bistro.base}/api/v1/orders`, said.json.access_token);
		assert.equal(read.status, 200);
	};
	const drive = async () => {
		await log_in();
		const cook = await patient('staff', () => world.fetch(`${bistro.base}/api/v1/admin/auth/login`, { json: { username: 'cook', password } }), [200]);
		world.canary(cook.json.access_token);
		password = world.canary(crypto.randomBytes(9).toString('base64url'));
		const change = () => world.fetch(`${bistro.base}/api/v1/admin/auth/password`, { token: cook.json.access_token, json: { old_password: before_, new_password: password } });
		// Its sessions are over once it is done: who is not told has to log in.
		await patient('another password', change, [200], [401]);
		before_ = password;
		await world.sql("UPDATE staff_users SET password_hash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' WHERE username = 'older'");
		await patient('an older hash', () => world.fetch(`${bistro.base}/api/v1/admin/auth/login`, { json: { username: 'older', password: 'U*U' } }), [200]);
		await get('/.well-known/jwks.json');
	};
	await sweep.over('auth', { drive });
	await sweep.over('auth', { drive: async () => {
		await sweep.renew('auth');
		await drive();
	} });
	await allIsWell();
});

test('F21 F22 USR-02 USR-03 ADM-15 ADM-16 guests and staff are seen to once and whole while each call of the people pool fails', async () => {
	let n = 0;
	const at = `${bistro.base}/api/v1/admin/staff`;
	const drive = async () => {
		n++;
		const username = `drive-${n}`;
		await patient('a name', () => world.fetch('/api/v1/users/me', { method: 'PUT', token: guest.token, json: { name: `Name ${n}`, email: `n${n}@example.com` } }), [200]);
		assert.equal((await get('/api/v1/users/me', guest.token)).json.name, `Name ${n}`);
		const device = { token: `device-${n}`, platform: 'android' };
		await patient('a device', () => world.fetch('/api/v1/users/device-token', { token: guest.token, json: device }), [200]);
		await patient('no device', () => world.fetch('/api/v1/users/device-token', { method: 'DELETE', token: guest.token, json: { token: device.token } }), [200]);
		const wish = { username, password: 'saffron thali 42', role: 'kitchen', name: 'D' };
		await patient('an account', () => world.fetch(at, { token: bistro.admin, json: wish }), [201], [409]);
		const made = (await get(`${at}?limit=200&is_active=true`, bistro.admin)).json.staff.filter((one) => one.username === username);
		assert.equal(made.length, 1);
		const one = `${at}/${made[0].id}`;
		await patient('another password', () => world.fetch(one, { method: 'PATCH', token: bistro.admin, json: { password: 'saffron thali 43', is_active: false } }), [200]);
		assert.equal((await get(one, bistro.admin)).json.staff.is_active, false);
		assert.equal((await get(`${at}/me`, bistro.admin)).json.staff.role, 'admin');
		await patient('a cursor of nobody', () => world.fetch(`${at}?cursor=019a0000-0000-7000-8000-000000000001`, { token: bistro.admin }), [400]);
	};
	await sweep.over('people', { drive });
	await sweep.over('people', { drive: async () => {
		await sweep.renew('people');
		await get('/api/v1/users/me', guest.token);
	} });
	await allIsWell();
});

test('F21 F22 ADM-14 E4 a setting is set and a pause begun and ended whole while each call of the office pool fails', async () => {
	const of = `${bistro.base}/api/v1/admin`;
	const token = bistro.admin;
	const say = (what, json) => patient(what, () => world.fetch(`${of}/${what}`, { method: 'POST', token, ...(json ? { json } : {}) }), [200]);
	const week = { monday: [{ start: '10:00', end: '14:00' }, { start: '18:00', end: '02:00' }] };
	const values = { delivery_charge: 20.5, prep_minutes: 21, day_starts_at: '04:00', weekly_hours: week, holidays: { '2099-12-25': [] },
		time_slots: { lunch: { start: '12:00', end: '15:00' } } };
	const drive = async () => {
		for (const [key, value] of Object.entries(values)) {
			const said = await patient(key, () => world.fetch(`${of}/config/${key}`, { method: 'PUT', token, json: { value } }), [200]);
			assert.deepEqual(said.json.config.value, value);
		}
		assert.ok((await get(`${of}/config`, token)).json.config.every((one) => !(one.key in values) || one.source === 'restaurant'));
		await patient('nonsense', () => world.fetch(`${of}/config/time_slots`, { method: 'PUT', token, json: { value: { a: 1 } } }), [400]);
		const shown = (await get(`${bistro.base}/api/v1/restaurant`)).json.restaurant;
		assert.deepEqual([shown.prep_minutes, shown.weekly_hours.monday], [21, week.monday]);
		const paused = (await say('pause', { reason: 'the calls', minutes: 60 })).json.store;
		assert.deepEqual([paused.is_open, paused.cause, paused.reason], [false, 'paused', 'the calls']);
		await say('busy', { minutes: 5, for_minutes: 60 });
		await say('busy', { minutes: 0 });
		assert.equal((await say('resume')).json.store.is_paused, false);
		for (const key of Object.keys(values)) await patient(key, () => world.fetch(`${of}/config/${key}`, { method: 'DELETE', token }), [200]);
	};
	await sweep.over('office', { drive });
	await sweep.over('office', { drive: async () => {
		await sweep.renew('office');
		await get(`${bistro.base}/api/v1/restaurant`);
	} });
	await allIsWell();
});

test('F21 F22 OBS-08 what is counted is told whole or not at all', async () => {
	const numbers = (text) => new Map(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(/ (?=\S+$)/)));
	let before_ = new Map();
	const drive = async () => {
		const said = await get('/metrics');
		const now = numbers(said.text);
		for (const [name, value] of before_) if (/_total|_count|_bucket/.test(name))
			assert.ok(Number(now.get(name)) >= Number(value), `${name} was ${value} and is ${now.get(name)}`);
		before_ = now;
		await get('/health');
	};
	await sweep.over('ops', { drive });
	await sweep.over('ops', { drive: async () => {
		await sweep.renew('ops');
		await drive();
	} });
});


test('F21 F22 POS-04 a POS is connected once and whole while each call of the integrations pool fails', async () => {
	const connection = { provider_name: 'petpooja', pos_restaurant_id: REST_ID, restaurant_config: { app_key: pos['app-key'], app_secret: pos['app-secret'],
		access_token: pos['access-token'], webhook_policy: 'hmac', restaurant_name_petpooja: 'The bistro' } };
	const of = `/api/pos-integration/${bistro.slug}`;
	const drive = async () => {
		await patient('a connection', () => world.fetch(of, { json: connection, token: bistro.admin }), [200, 201]);
		const { json } = await get(`/api/pos-config/${bistro.slug}/petpooja`, bistro.admin);
		assert.equal(JSON.stringify(json).includes('The bistro'), true, JSON.stringify(json));
	};
	await sweep.over('integrations', { drive });
	const { order_number: number } = await place();
	await accepted(number);
	await allIsWell();
});

test('F21 F22 F25 F45 a POS that hangs up, and one that may not be called, while each call of the relay fails', async () => {
	await sweep.over('relay', { drive: async () => {
		await bistro.pos.next({ path: '/save_order', do: 'commit_then_drop' });
		await accepted((await place()).order_number);
	} });
	// The POS is not called at all; whoever sends codes is, in vain, until its circuit opens.
	const log = path.join(world.at.log, 'relay.log');
	const sent = () => fs.readFileSync(log, 'utf8').split('\n').filter((line) => line.includes('"provider_call"') && line.includes('"kind":"otp_sms"')).length;
	const drive = async () => {
		const before_ = sent();
		await world.sql('DELETE FROM budgets');
		await patient('a code', () => world.fetch('/api/v1/auth/request-otp', { json: { phone: newPhone() } }), [200]);
		const { order_number: number } = await place();
		await bistro.becomes(number, (row) => ['failed', 'manual'].includes(row.pos_state));
		await world.until('a code that could not be sent', () => sent() > before_);
	};
	await sweep.over('relay', { drive, before: () => sweep.restart('relay', { ALLOW_HTTP: 'no', MSG91_BASE_URL: 'https://127.0.0.1:9' }) });
	await sweep.restart('relay', {});
	await accepted((await place()).order_number);
	await allIsWell();
});

test('F21 F22 no call of ours was left out', (t) => {
	const { n, missed, exempt, wrong } = sweep.missed([...POOLS, ...RUNNERS], (site) => !ELSEWHERE.test(site.name));
	t.diagnostic(`${n} calls, of which ${exempt} are exempt; ${sweep.failures} failures in ${Math.round((Date.now() - sweep.began) / 1000)} s`);
	for (const line of [...sweep.slow, ...sweep.lost.map((label) => `not reached again: ${label}`)]) t.diagnostic(line);
	assert.deepEqual(missed, [], 'never failed');
	assert.deepEqual(wrong, [], 'exempt, and failed all the same');
});
