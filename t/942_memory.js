'use strict';
// Memory runs out anywhere: of all allocations that a program makes while it does its work, those inside of libmariadb, libcurl,
// OpenSSL, json-c and the C library too, one gets none, alone or with those that follow (t/fail/heap.h). What 940 does at each
// call of ours is done here at any depth. Nobody is told a definite no because of that: who asks again is served, every order is
// at the POS once, and a process that cannot go on ends, in an abort.
//
//	SEED=7 nodejs t/942_memory.js     which of the allocations; EVERY=1: each of them, in three minutes; EVERY=10: each tenth

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { Heap } = require('./fail/heap.js');
const { Patron } = require('./fail/patron.js');
const { Sweep, POOLS } = require('./fail/sweep.js');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { random_of } = require('./sim/sim.js');
const { remove } = require('./stack/layout.js');
const { newPhone } = require('./story.js');

const SEED = process.env.SEED ?? String(crypto.randomInt(1e9));
const EVERY = Number(process.env.EVERY ?? 0);
const RUNNERS = ['relay', 'jobs'];
const MANY = 40; // as if there were none for a while
// json-c 0.16 looks for a member by the copy of its name also where it got none, and ends at that. It is an end.
const NAMELESS = /: signal (11|SIGSEGV) \(.* libc\.so\.6 __strdup\)$/;

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap.'));
process.env.TICKETRAIL_FAIL_DIR = dir;
const random = random_of(SEED);
const heaps = new Map([...POOLS, ...RUNNERS].map((name) => [name, new Heap(dir, name)]));
const met = new Map(); // who asked for what was not there → how often

// libfcgi says so before it ends.
const WITHOUT = /fcgiapp\.c:\d+: Malloc: Assertion/;

let world, bistro, guest, sweep, patron;

before(async () => {
	world = await World.start({ onboard: false, workers: 1, poolArgs: ['--ready-within', '3'], env: { LEASE_MS: '1000', BACKOFF_MS: '60', RELAY_POLL_MS: '100' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
	sweep = new Sweep(world, null);
	patron = new Patron(world, bistro, guest, () => sweep.label);
	for (const name of RUNNERS) sweep.keep(name);
});
after(async () => {
	if (!world) return;
	for (const name of RUNNERS) world.children.get(name).isOver = true;
	const wrong = (await world.end()).filter((line) => !WITHOUT.test(line));
	assert.deepEqual(wrong, [], `logs in ${world.at.log}`);
	remove(world.at);
	fs.rmSync(dir, { recursive: true });
});

// Which ones: so many of n, evenly spread, beginning by chance.
function chosen(n, some) {
	const step = Math.max(1, EVERY || n / some), all = [];
	for (let at = 1 + random() * step; at <= n; at += step) all.push(Math.floor(at));
	return all;
}

// drive() ends well whatever happens, or throws.
async function over(t, program, drive, some = 12) {
	const heap = heaps.get(program);
	let n = Infinity, what = 'nothing failed';
	Object.defineProperty(sweep, 'label', { get: () => `${program}: ${what}, ${heap.who()}`, configurable: true });
	for (let calm = 0; calm < 3; calm++) {
		heap.clear();
		await drive();
		n = Math.min(n, heap.made());
	}
	const all = chosen(n, some);
	let failed = 0, ended = 0;
	for (const [i, at] of all.entries()) {
		const times = i % 3 === 2 ? MANY : 1;
		what = `${times} from ${at} of ${n}`;
		heap.arm(at, times);
		const done = await drive().then(() => null, (error) => error);
		const now = heap.disarm(), who = heap.who();
		if (done) throw new Error(`${sweep.label}; SEED=${SEED}: ${done.message}`, { cause: done });
		if (now > 0) {
			failed++;
			met.set(who.split(' ')[0], (met.get(who.split(' ')[0]) ?? 0) + 1);
		}
		if (POOLS.includes(program)) {
			const deaths = sweep.poolDeaths(program);
			ended += deaths;
			if (deaths > 0) await sweep.renew(program);
		}
	}
	t.diagnostic(`${program}: ${failed} of ${n} allocations failed, ${ended} workers ended by it; SEED=${SEED}`);
	assert.ok(failed >= all.length / 2, `${failed} of ${all.length} came to pass`);
	assert.deepEqual(sweep.deaths.filter((one) => !NAMELESS.test(one)), [], `SEED=${SEED}`);
}

test('F21 I1 I6 I12 an order is placed while the orders pool is out of memory', async (t) => {
	await over(t, 'orders', () => patron.place());
	await over(t, 'menu', () => patron.get(`${bistro.base}/api/v1/menu/items?search=a`, guest.token), 6);
	await patron.well();
});

test('F21 I3 I7 I8 it gets to the POS while the relay is', async (t) => {
	await over(t, 'relay', async () => patron.accepted((await patron.place()).order_number), 16);
	await patron.well();
});

test('F21 I4 I5 the kitchen is heard while the webhooks pool is', async (t) => {
	await over(t, 'webhooks', async () => {
		const { order_number: number } = await patron.place();
		await patron.accepted(number);
		await world.until('a callback that was taken', async () => {
			const { status } = await bistro.kitchen(number, '1');
			assert.ok(status === 200 || status >= 500, `${status} to the kitchen`);
			return status === 200;
		}, { every: 10 });
		await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'inbox_apply' AND owner = 0`);
		await bistro.becomes(number, { status: 'confirmed' });
	});
	await patron.well();
});

test('F21 I7 a deadline is seen to while the jobs are', async (t) => {
	await over(t, 'jobs', async () => {
		const { order_number: number } = await patron.place();
		await patron.accepted(number);
		await bistro.deadline(number, 'pos_proof');
		await bistro.becomes(number, { pos_state: 'manual' });
	}, 8);
	await patron.well();
});

test('F21 AUTH-01 who logs in is logged in, and nobody is told that a code or a token is wrong which is not', async (t) => {
	await over(t, 'auth', async () => {
		const phone = newPhone();
		await world.sql('DELETE FROM budgets');
		await patron.patient('a code', () => world.fetch('/api/v1/auth/request-otp', { json: { phone } }), [200]);
		// Who was not told asked once more: only the newest is good, and texts overtake each other.
		const asked = await world.sql(`SELECT id FROM otp_codes WHERE phone = '${phone}'`);
		const otp = await world.otp(phone);
		const said = await patron.patient('a session', () => world.fetch('/api/v1/auth/verify-otp', { json: { phone, otp } }), asked.length > 1 ? [200, 400] : [200], [400]);
		if (said.status === 400) return;
		for (const name of ['access_token', 'refresh_token']) world.canary(said.json[name]);
		await patron.get(`${bistro.base}/api/v1/orders`, said.json.access_token);
	});
	await patron.well();
});

test('F21 it was the libraries\' memory too', (t) => {
	for (const [who, n] of met) t.diagnostic(`${who}: ${n}`);
	for (const library of ['libmariadb', 'libcrypto', 'libjson-c']) assert.ok([...met.keys()].some((who) => who.startsWith(library)), library);
});
