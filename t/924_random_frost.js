'use strict';
// Relays, jobs and workers frozen at random instants, past their leases and not, under load. Leases are short here (one second), so
// that there are many freezes; afterwards every order is at the POS once, or staff know.
//
//	SEED=7 S=30 nodejs t/924_random_frost.js      what is chosen by chance, and for how many seconds

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Frost } = require('./frost.js');
const { random_of } = require('./sim/sim.js');

const SEED = Number(process.env.SEED ?? crypto.randomInt(1e9));
const MS = 1000 * Number(process.env.S ?? 8);
const LONGER_MS = 30000;
const CALL_MS = 120;
const RUNNERS = ['relay', 'relay-b', 'jobs', 'jobs-b'];

let world, bistro, frost;

before(async () => {
	world = await World.start({ onboard: false, crash: true, workers: 3, env: { LEASE_MS: '1000', BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: SEED });
	frost = new Frost(world);
});
after(() => {
	frost?.wakeAll();
	if (world?.children.has('orders')) for (const pid of workers('orders')) signal(pid, 'SIGCONT');
	return world?.stop();
});

const workers = (pool) => {
	const { pid } = world.child(pool);
	return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
};

function signal(pid, name) {
	try {
		process.kill(pid, name);
	} catch (error) {
		assert.equal(error.code, 'ESRCH');
	}
}

test('F04 F05 I1 I3 I5 I6 I8 frozen at random under load: one ticket each or staff know, and nothing is done twice', async (t) => {
	const random = random_of(SEED);
	const pick = (list) => list[Math.floor(random() * list.length)];
	const guests = await Promise.all([1, 2, 3, 4].map(() => bistro.guest()));
	const end = Date.now() + MS;
	const elapse = (ms) => {
		const over = Date.now() + ms;
		return world.until('time', () => Date.now() >= over, { ms: Math.ceil(ms) + 5000, every: 10 });
	};
	const placed = [];
	let freezes = 0, lost = 0;
	// Until a claim was lost by it: chance may have every relay empty-handed when it freezes.
	const isOver = () => Date.now() >= end + (lost > 0 ? 0 : LONGER_MS);

	for (const name of ['relay-b', 'jobs-b']) world.startRunner(name.split('-')[0], name);
	// Calls take their time: whoever freezes has some under way.
	await bistro.pos.next({ path: '/save_order', do: 'commit_then_delay', ms: CALL_MS, times: 1e6 });
	const load = Promise.all(guests.map(async (one) => {
		while (!isOver()) {
			const key = crypto.randomUUID(), cart = bistro.cart(bistro.lines());
			const said = await world.until('201', async () => {
				const answer = await one.place(cart, { key }).catch(() => ({ status: 0 }));
				assert.ok([0, 201, 409, 502, 503, 504].includes(answer.status), `${answer.status} ${answer.text}`);
				return answer.status === 201 ? answer : null;
			}, { ms: 40000, every: 50 });
			placed.push({ id: said.json.order.id, key, number: said.json.order.order_number });
			await elapse(60);
		}
	}));
	// One of each runner is always awake, and two of three workers.
	const freezer = async (choose) => {
		while (!isOver()) {
			const pid = choose();
			signal(pid, 'SIGSTOP');
			freezes++;
			await elapse(random() < 0.5 ? 100 + random() * 500 : 1200 + random() * 1500);
			signal(pid, 'SIGCONT');
			await elapse(50 + random() * 200);
		}
	};
	const due = (async () => {
		while (!isOver()) {
			await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_proof' AND owner = 0 AND due_at > UTC_TIMESTAMP(6) ORDER BY id LIMIT 2");
			await elapse(200);
		}
	})();
	const counter = (async () => {
		while (!isOver()) {
			lost = await frost.counted('lost_claims_total', 'relay');
			await elapse(200);
		}
	})();
	await Promise.all([load, due, counter, freezer(() => world.child(pick(RUNNERS.slice(0, 2))).pid), freezer(() => world.child(pick(RUNNERS.slice(2))).pid),
		freezer(() => pick(workers('orders')))]);
	frost.wakeAll();
	const stale = await frost.counted('stale_token_writes_total', 'relay');
	lost = await frost.counted('lost_claims_total', 'relay');
	t.diagnostic(`${placed.length} orders, ${freezes} freezes, ${lost} claims of relays lost, ${stale} stale writes, SEED=${SEED}`);
	await bistro.pos.control('/next', { method: 'DELETE' });
	await quiet(world, 60000);
	for (const row of await world.sql("SELECT order_number FROM orders WHERE pos_state = 'unsure'")) await bistro.deadline(row.order_number, 'pos_deadline');
	await quiet(world, 60000);
	assert.deepEqual(await check(world, { placed }), [], `SEED=${SEED}`);
	assert.ok(lost > 0, `what a frozen relay held was taken over; SEED=${SEED}`);
	const states = await world.sql('SELECT pos_state, COUNT(*) AS n FROM orders GROUP BY pos_state');
	assert.deepEqual(states.map((row) => row.pos_state).filter((word) => !['accepted', 'manual'].includes(word)), [], `${JSON.stringify(states)} SEED=${SEED}`);
	await Promise.all(['relay-b', 'jobs-b'].map((name) => world.kill(name, 'SIGTERM')));
});
