'use strict';
// Relays and jobs that are killed or frozen with something in their hands, with the leases of production (8 s, a heartbeat every
// 2 s): how soon another goes on, by the database's clock, and that who thaws sends nothing and changes no row.
//
// Many are frozen at once, each at its own point, and share the wait for the leases to run out.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Frost, spread } = require('./frost.js');

const KILLED_MS = 2000, FROZEN_MS = 10000; // reliability: E6

let world, bistro, frost, guests, turn = 0;

before(async () => {
	world = await World.start({ onboard: false, crash: true, env: { BACKOFF_MS: '60' } });
	bistro = await Bistro.open(world, { seed: 921 });
	frost = new Frost(world);
	guests = await Promise.all([1, 2, 3, 4].map(() => bistro.guest()));
});
after(() => {
	frost?.wakeAll();
	return world?.stop();
});

const order = async () => (await guests[turn++ % guests.length].ordered(bistro.cart(bistro.lines()))).order;
const tickets = async (number) => (await bistro.pos.seen('?effect=order_saved')).filter((row) => row.orderID === number);
const sent = async () => (await bistro.pos.seen('?kind=request')).length;

async function well() {
	await quiet(world);
	assert.deepEqual(await check(world), []);
}

// Milliseconds from an instant of the database until somebody next moved the order's submission.
async function movedAfter(number, since) {
	const [{ us }] = await world.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, '${since}', MIN(h.created_at)) AS us FROM order_status_history h
		JOIN orders o ON o.id = h.order_id WHERE o.order_number = '${number}' AND h.axis = 'pos' AND h.created_at > '${since}'`);
	return Number(us) / 1000;
}

// An order whose acceptance nothing has proved, and a deadline that is over: work for a job. → {id of the message, since}
async function proofDue(number) {
	const { id } = await bistro.row(number);
	await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_proof' AND subject_id = ${id}`);
	const [message] = await world.sql(`SELECT id FROM outbox WHERE kind = 'pos_proof' AND subject_id = ${id}`);
	return message.id;
}

async function finishedAfter(id, since) {
	const [row] = await world.until(`message ${id}`, async () => {
		const rows = await world.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, '${since}', finished_at) AS us FROM outbox_done WHERE id = ${id}`);
		return rows.length > 0 ? rows : null;
	});
	return Number(row.us) / 1000;
}

// --- killed -----------------------------------------------------------------------------------------------------------

const KILLS = ['outbox_claim.before_take', 'outbox_claim.after_commit', 'provider_begin.after_commit', 'transfer.before_first_byte',
	'relay.call_ended', 'batch.before_commit'];
const JOB_KILLS = ['outbox_claim.after_commit', 'job.before_commit', 'outbox_claim.before_take'];

// Whichever of two takes it dies at the point; the other is wide awake. → {made, since: the death by the database, restart}
async function killedAt(runner, point, make) {
	const names = [runner, `${runner}-2`];
	frost.arm(runner, point, { what: 'kill' }); // both look there, and one finds it
	const death = Promise.race(names.map((name) => world.child(name).ended.then(() => name)));
	for (const name of names) world.child(name).expected = true;
	const made = await make();
	const dead = await death;
	return { made, since: await frost.now(), restart: () => world.startRunner(runner, dead) };
}

test('E6 F03 I8 a relay or a job is killed: another goes on within two seconds, by the database', async (t) => {
	const relayed = [], done = [], waiting = [];
	for (const runner of ['relay', 'jobs']) fs.symlinkSync(world.crashDir(runner), world.crashDir(`${runner}-2`));
	await frost.runners('relay', ['relay-2']);
	await frost.runners('jobs', ['jobs-2']);
	for (const name of ['relay-2', 'jobs-2']) frost.wake(name);
	for (const point of KILLS) {
		const { made: { order_number: number }, since, restart } = await killedAt('relay', point, order);
		await bistro.becomes(number, { pos_state: 'accepted' });
		relayed.push(await movedAfter(number, since));
		assert.equal((await tickets(number)).length, 1, point);
		waiting.push(number);
		restart();
	}
	for (const point of JOB_KILLS) {
		const { made: id, since, restart } = await killedAt('jobs', point, () => proofDue(waiting.pop()));
		done.push(await finishedAfter(id, since));
		restart();
	}
	t.diagnostic(`killed relays: ${spread(relayed)}; killed jobs: ${spread(done)}`);
	await world.kill('relay-2', 'SIGTERM');
	await world.kill('jobs-2', 'SIGTERM');
	await well();
	for (const ms of [...relayed, ...done]) assert.ok(ms <= KILLED_MS, `${ms} ms`);
});

// --- frozen -----------------------------------------------------------------------------------------------------------

// sends: requests that had left before. when: the point is armed once the request was seen, or there is none and it is frozen then.
const OUTSIDE = [
	{ point: 'outbox_claim.after_commit', sends: 0 },
	{ point: 'provider_begin.after_commit', sends: 0 },
	{ point: 'transfer.before_first_byte', sends: 0 },
	{ point: 'relay.call_ended', sends: 1 },
	{ point: null, sends: 1, delay: 300 },                   // after the first byte; the answer comes while it sleeps
	{ point: 'relay.before_beat', sends: 1, delay: 4000 },
];
const INSIDE = [
	{ point: 'submit.intent_written', sends: 0 },            // the order's row
	{ point: 'provider_begin.before_commit', sends: 0 },     // both
	{ point: 'submit.before_outcome', sends: 1 },            // the order's row
	{ point: 'batch.before_commit', sends: 1 },              // both
	{ point: 'db.before_commit', skips: 1, sends: 0 },       // and the restaurant's counters, under the intent
];

// One relay takes one order and freezes there.
async function freeze(name, one) {
	if (one.delay) await bistro.pos.next({ path: '/save_order', do: 'commit_then_delay', ms: one.delay });
	else frost.arm(name, one.point, { skips: one.skips });
	frost.wake(name);
	const { order_number: number } = await order();
	if (one.delay) {
		await world.until('its request', async () => (await bistro.requests(number)).length === 1, { every: 5 });
		if (one.point) frost.arm(name, one.point);
		else frost.sleep(name);
	}
	if (one.point) await frost.frozen(name, one.point);
	return { ...one, name, number, since: await frost.now() };
}

async function freezeJob(name, point, number, skips) {
	frost.arm(name, point, { skips });
	frost.wake(name);
	const id = await proofDue(number);
	await frost.frozen(name, point);
	return { name, point, id, since: await frost.now() };
}

async function frozenAll(t, cases, job_points, { isStale = true } = {}) {
	const relays = cases.map((_, i) => `relay-${i}`), jobs = job_points.map((_, i) => `jobs-${i}`);
	const unproved = [];
	for (const _ of job_points) {
		const { order_number: number } = await order();
		await bistro.becomes(number, { pos_state: 'accepted' });
		unproved.push(number);
	}
	await frost.runners('relay', relays);
	await frost.runners('jobs', jobs);
	await quiet(world);
	for (const name of ['relay', 'jobs']) frost.sleep(name);
	const frozen = [];
	for (const [i, one] of cases.entries()) frozen.push(await freeze(relays[i], one));
	const frozen_jobs = [];
	for (const [i, { point, skips }] of job_points.entries()) frozen_jobs.push(await freezeJob(jobs[i], point, unproved[i], skips));
	for (const name of ['relay', 'jobs']) frost.wake(name);
	// Another order, placed and sent while they sleep.
	const began = Date.now();
	const { order_number: other } = await order();
	await bistro.becomes(other, { pos_state: 'accepted' });
	const other_ms = Date.now() - began;

	const relayed = [], done = [];
	for (const one of frozen) {
		await bistro.becomes(one.number, { pos_state: 'accepted' }, 30000);
		relayed.push(await movedAfter(one.number, one.since));
	}
	for (const one of frozen_jobs) done.push(await finishedAfter(one.id, one.since));
	t.diagnostic(`taken over from frozen relays: ${spread(relayed)}; jobs: ${spread(done)}; another order meanwhile: ${other_ms} ms`);
	for (const one of frozen) {
		// On a slow machine a lock is freed while others are still being frozen, and one of these takes the order over before it
		// freezes too: each claim may have sent once.
		const [{ token }] = await world.sql(`SELECT token FROM outbox_done WHERE kind = 'pos_submit' AND subject_id = ${(await bistro.row(one.number)).id}`);
		const requests = (await bistro.requests(one.number)).length;
		if (token === '2') assert.equal(requests, one.sends + 1, one.point ?? 'after the first byte');
		else assert.ok(requests >= 1 && requests <= Number(token), `${requests} requests under ${token} claims`);
		assert.equal((await tickets(one.number)).length, 1, one.point);
		assert.equal((await bistro.kitchen(one.number, '1')).status, 200);
	}
	await thaw(relays, jobs, isStale);
	for (const ms of [...relayed, ...done]) assert.ok(ms <= FROZEN_MS, `taken over after ${ms} ms`);
	return { other_ms };
}

// Whoever wakes finds that everything has been done: it sends nothing and changes nothing, and what a relay would have written is
// counted. (A job that was asleep is told by its first heartbeat that it is somebody else's, and does not even try.)
async function thaw(relays, jobs, isStale) {
	await quiet(world);
	const [sum, requests] = [await frost.checksum(), await sent()];
	const stale = await frost.counted('stale_token_writes_total', 'relay');
	const beats = (name) => fs.readFileSync(path.join(world.crashDir(name), 'seen'), 'utf8').split('\n').filter((one) => one === 'relay.before_beat').length;
	const before_all = new Map(relays.map((name) => [name, beats(name)]));

	for (const name of [...relays, ...jobs]) frost.wake(name);
	for (const name of relays) await world.until(`${name} awake`, () => beats(name) >= before_all.get(name) + 2);
	await world.until('all jobs awake', async () => await frost.awake('jobs') === jobs.length + 1);
	await quiet(world);
	assert.equal(await sent(), requests, 'who thaws sends nothing');
	assert.equal(await frost.checksum(), sum, 'who thaws changes no row');
	if (isStale) assert.ok(await frost.counted('stale_token_writes_total', 'relay') > stale, 'and its writes are counted');
	await frost.end([...relays, ...jobs]);
	await well();
}

test('E6 F04 I3 I8 relays and jobs frozen outside of transactions past their leases: others go on within ten seconds, who thaws does nothing', async (t) => {
	await frozenAll(t, OUTSIDE, [{ point: 'outbox_claim.after_commit' }]);
});

test('E6 F04 F05 I3 I8 I9 relays and jobs frozen inside of transactions: their locks are freed, others go on, who thaws does nothing', async (t) => {
	const { other_ms } = await frozenAll(t, INSIDE, [{ point: 'outbox_claim.before_take' }, { point: 'job.before_commit' }]);
	assert.ok(other_ms <= 6000, `another order of the restaurant took ${other_ms} ms`);
});

// It holds the message and the rate of its place, which is every order's there: this one waits until the server ends it.
test('E6 F04 F05 I3 I8 a relay frozen inside of a claim: what it was about to take goes to another', async (t) => {
	const { other_ms } = await frozenAll(t, [{ point: 'outbox_claim.before_take', sends: 0 }], [], { isStale: false });
	assert.ok(other_ms <= 6000, `another order of the restaurant took ${other_ms} ms`);
});
