'use strict';
// Locks that are held and heartbeats that are not heard: what must go on goes on, what must stop stops. Leases of production.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Frost } = require('./frost.js');
const { Beats } = require('./stack/beats.js');

let world, bistro, frost, beats, guests, turn = 0;

before(async () => {
	world = await World.start({ onboard: false, crash: true, workers: 3, env: { BACKOFF_MS: '60' } });
	bistro = await Bistro.open(world, { seed: 922 });
	frost = new Frost(world);
	guests = await Promise.all([1, 2, 3, 4].map(() => bistro.guest()));
});
after(() => {
	frost?.wakeAll();
	beats?.stop();
	return world?.stop();
});

const guest = () => guests[turn++ % guests.length];
const order = async () => (await guest().ordered(bistro.cart(bistro.lines()))).order;
const misdeed = (what, more) => bistro.pos.next({ path: '/save_order', do: what, ...more });
const requests = async (number) => (await bistro.requests(number)).length;
const log = (name) => fs.readFileSync(path.join(world.at.log, `${name}.log`), 'utf8');
const elapse = (ms) => {
	const end = Date.now() + ms;
	return world.until('time', () => Date.now() >= end, { ms: ms + 5000, every: 20 });
};

async function well() {
	await quiet(world);
	assert.deepEqual(await check(world), []);
}

// Somebody's transaction that holds the row of an order for so many seconds. → when it has it; .over: when it has let go
async function lock(number, seconds) {
	const { id } = await bistro.row(number);
	const over = world.database.batch(`START TRANSACTION; SELECT id FROM orders WHERE id = ${id} FOR UPDATE;
		SELECT SLEEP(${seconds}), '${number}'; COMMIT;`);
	await world.until('the lock', async () => (await world.sql(`SELECT ID FROM information_schema.PROCESSLIST
		WHERE INFO LIKE 'SELECT SLEEP%${number}%'`)).length === 1);
	return { over };
}

test('F05 I6 I9 a worker frozen in its transaction: others\' orders go on within six seconds, and it ends well when it thaws', async (t) => {
	const key = 'a-frozen-order', cart = bistro.cart();
	frost.arm('orders', 'order_place.after_counter');
	const stuck = guests[0].place(cart, { key });
	await frost.frozen('orders', 'order_place.after_counter');
	const began = Date.now(), answers = [];
	while (answers.filter((one) => one.status === 201).length < 8) {
		const asked = Date.now();
		const { status } = await guests[1 + answers.length % 3].place(bistro.cart(bistro.lines()));
		assert.ok(status === 201 || status === 503, `${status}`);
		answers.push({ status, after: Date.now() - began, took: Date.now() - asked });
		assert.ok(Date.now() - began < 20000, 'they do not go on');
	}
	const first = answers.find((one) => one.status === 201);
	const later = answers.slice(answers.indexOf(first) + 1);
	t.diagnostic(`others go on after ${first.after} ms; then each takes ${Math.max(...later.map((one) => one.took))} ms at most`);
	assert.ok(first.after <= 6000, `${first.after} ms`);
	assert.ok(first.took > 1000, 'they had to wait');
	assert.ok(later.every((one) => one.status === 201 && one.took < first.took), JSON.stringify(later));
	const { pid } = world.child('orders');
	for (const worker of fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' '))
		if (/\) T /.test(fs.readFileSync(`/proc/${worker}/stat`, 'latin1'))) process.kill(Number(worker), 'SIGCONT');
	const said = await stuck;
	const again = await guests[0].place(cart, { key });
	assert.deepEqual([said.status, again.status], [201, 201], said.text);
	assert.equal(again.json.order.id, said.json.order.id);
	await well();
});

test('I8 I9 a locked order holds up neither relay nor jobs, and no lease', async () => {
	const accepted = async (one, ms) => bistro.becomes(one.order_number, { pos_state: 'accepted' }, ms);
	const lost = async () => [await frost.counted('lost_claims_total', 'relay'), await frost.counted('lost_claims_total', 'jobs')];
	const [c, d] = [await order(), await order()];
	for (const one of [c, d]) await accepted(one);
	const before_all = await lost();
	// One that is to be begun, and one whose deadline is over.
	await world.kill('relay', 'SIGTERM');
	const b = await order();
	const held = await Promise.all([b, c].map((one) => lock(one.order_number, 5)));
	await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND
		WHERE kind = 'pos_proof' AND subject_id = ${(await bistro.row(c.order_number)).id}`);
	world.startRunner('relay');
	const e = await order();
	await Promise.all([accepted(e, 4000), (async () => {
		await bistro.deadline(d.order_number, 'pos_proof');
		await bistro.becomes(d.order_number, { pos_state: 'manual' }, 4000);
	})()]);
	assert.deepEqual([(await bistro.row(b.order_number)).pos_state, (await bistro.row(c.order_number)).pos_state], ['queued', 'accepted'],
		'the locks were there all the time');
	// One that is locked while its call is under way: its ending cannot be written.
	await misdeed('commit_then_delay', { ms: 700 });
	const f = await order();
	await bistro.ticket(f.order_number);
	held.push(await lock(f.order_number, 4));
	await accepted(await order(), 3500);
	assert.equal((await bistro.row(f.order_number)).pos_state, 'submitting');
	await Promise.all(held.map((one) => one.over));
	await accepted(f);
	await accepted(b);
	await bistro.becomes(c.order_number, { pos_state: 'manual' });
	assert.deepEqual([await requests(f.order_number), await requests(b.order_number)], [1, 1]);
	assert.deepEqual(await lost(), before_all, 'no claim was lost');
	assert.doesNotMatch(log('relay') + log('jobs'), /database_unavailable/);
	await well();
});

test('ARC-06 F29 I9 a window that trouble has shrunk to one, and a call that hangs in it: the next order does not wait for its time-out', async () => {
	await misdeed('500', { times: 2 });
	const first = await order();
	await bistro.becomes(first.order_number, async (row) => row.pos_state === 'unsure' && await requests(first.order_number) === 2);
	await misdeed('hang');
	const hung = await order();
	await world.until('its request', async () => await requests(hung.order_number) === 1);
	for (let i = 0; i < 3; i++) {
		const began = Date.now();
		const next = await order();
		await bistro.becomes(next.order_number, { pos_state: 'accepted' });
		assert.ok(Date.now() - began < 4000, `${Date.now() - began} ms`);
	}
	assert.equal((await bistro.row(hung.order_number)).pos_state, 'submitting', 'it hung all the time');
	await world.kill('sim-petpooja'); // which ends it
	await world.startSimulator('petpooja');
	bistro.pos = world.sim.petpooja;
	// Repeated once it is back, or given to staff if its attempts were over before.
	const row = await bistro.becomes(hung.order_number, async ({ id, pos_state: state }) => state === 'accepted' || state === 'unsure' &&
		(await world.sql(`SELECT id FROM outbox WHERE kind = 'pos_submit' AND subject_id = ${id}`)).length === 0);
	if (row.pos_state === 'unsure') await bistro.deadline(hung.order_number, 'pos_deadline');
	await bistro.deadline(first.order_number, 'pos_deadline');
});

test('F07 I3 I8 heartbeats are not heard while everything else is: the relay begins nothing, another goes on, and the late one is stale', async () => {
	await quiet(world);
	frost.sleep('relay');
	beats = await Beats.start(path.join(world.at.run, 'beats.sock'), world.database.socket);
	world.spawn('relay-cut', [path.join(world.build, 'relay')], { env: { DB_SOCKET: beats.path } });
	await misdeed('hang');
	const held = await order();
	await world.until('its request', async () => await requests(held.order_number) === 1);

	for (const mode of ['refuse', 'drop', 'swallow']) {
		const stopped = beats.stopped;
		beats.mode = mode;
		await world.until('a heartbeat that is not heard', () => beats.stopped > stopped);
		const { order_number: number } = await order();
		await elapse(1200);
		assert.equal(await requests(number), 0, `${mode}: it begins nothing`);
		if (mode === 'refuse') {
			assert.match(log('relay-cut'), /"event":"leases_unconfirmed"/);
			frost.wake('relay');
			await bistro.becomes(number, { pos_state: 'accepted' });
			await bistro.becomes(held.order_number, { pos_state: 'accepted' });
			assert.equal(await requests(held.order_number), 2);
			await world.until('the stale ending', () => /"event":"claim_passed_on"/.test(log('relay-cut')));
			assert.equal(await requests(number), 1);
			frost.sleep('relay');
		}
		beats.mode = 'pass';
		await bistro.becomes(number, { pos_state: 'accepted' });
		await world.until('trust', () => /"event":"leases_confirmed"/.test(log('relay-cut')));
		assert.equal(await requests(number), 1, mode);
	}
	frost.wake('relay');
	await world.kill('relay-cut', 'SIGTERM');
	await well();
});

test('F08 I7 I8 I14 three job runners and three relays of one configuration: every job is done once, every order is sent once', async () => {
	const orders = await Promise.all(guests.map(async (one) => (await one.ordered(bistro.cart(bistro.lines()))).order.order_number));
	for (const number of orders) await bistro.becomes(number, { pos_state: 'accepted' });
	const more = ['jobs-b', 'jobs-c', 'relay-b', 'relay-c'];
	for (const name of more) world.startRunner(name.split('-')[0], name);
	await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_proof'`);
	const sent = (await Promise.all(guests.map(async (one) => {
		const mine = [];
		for (let i = 0; i < 5; i++) mine.push((await one.ordered(bistro.cart(bistro.lines()))).order.order_number);
		return mine;
	}))).flat();
	for (const number of orders) await bistro.becomes(number, { pos_state: 'manual' });
	for (const number of sent) await bistro.becomes(number, { pos_state: 'accepted' });
	for (const number of sent) assert.equal(await requests(number), 1);
	for (const number of orders) {
		await bistro.told(number, /no word from the kitchen/);
		const steps = (await bistro.history(number, 'pos')).filter((row) => row.new_status === 'manual');
		assert.equal(steps.length, 1);
	}
	await Promise.all(more.map((name) => world.kill(name, 'SIGTERM')));
	await well();
	for (const number of orders) assert.equal((await bistro.texts(number)).length, 1);
});
