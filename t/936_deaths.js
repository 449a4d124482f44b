'use strict';
// Deaths with nobody lying. Whoever carries an order from POST /orders to the kitchen's yes is killed with kill -9 at every crash
// point on that way and at every hit of it, once: the order is confirmed all the same, and there is one ticket. Then at random
// moments under load. (With providers that misbehave meanwhile: 935_sweep.js.)
//
//	SEED=7 nodejs t/936_deaths.js     what is chosen by chance; a failing run prints its seed

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { check, findings, quiet } = require('./check.js');
const { random_of } = require('./sim/sim.js');
const { ACTIONS, Cycle, Sweep } = require('./sweep/sweep.js');

const SEED = process.env.SEED ?? String(crypto.randomInt(1e9));
const RUNNERS = ['relay', 'jobs'];
const HITS_MAX = 10; // crash.h: nine can be skipped, and the tenth is as good as the eleventh

let sweep, world, bistro;

before(async () => {
	sweep = new Sweep({ seed: SEED });
	await sweep.open();
	({ world, bistro } = sweep);
});
after(() => sweep?.close());

const seen = (program) => {
	const file = path.join(world.crashDir(program), 'seen');
	return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
};

// The workers of a pool: the children of its master.
const workers = (pool) => {
	const { pid } = world.child(pool);
	return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
};

// One order on its way to the kitchen's yes, and who dies on it. → the cycle
async function order(n, action, kill) {
	const cycle = new Cycle(sweep, { n, kill, misdeeds: [], actions: [action] });
	const wrong = await cycle.run();
	const label = kill ? `${kill.program} ${kill.point}, hit ${kill.hit}` : 'nobody';
	assert.deepEqual(wrong, [], `${label} died; SEED=${SEED}`);
	const rows = await cycle.sql.rows(`SELECT order_number, CONCAT(status, ' ', pos_state) AS now FROM orders WHERE id > ${cycle.since.order}`);
	assert.deepEqual(rows.map((row) => row.now), ['confirmed accepted'], `${label} died; ${JSON.stringify(rows)}`);
	return cycle;
}

// What a calm order passes, and how often: [{action, program, point, hit}].
async function survey() {
	const all = [];
	for (const action of ['order', 'by_job']) {
		const programs = Object.keys(ACTIONS[action].passes);
		const before_all = Object.fromEntries(programs.map((name) => [name, seen(name).length]));
		await order(0, action, null);
		for (const program of programs) {
			const counts = new Map();
			for (const point of seen(program).slice(before_all[program])) counts.set(point, (counts.get(point) ?? 0) + 1);
			for (const point of ACTIONS[action].passes[program]) {
				if (all.some((one) => one.program === program && one.point === point)) continue;
				const hits = point === 'relay.before_beat' ? 1 : Math.min(HITS_MAX, counts.get(point) ?? 1); // one beat is like another
				for (let hit = 1; hit <= hits; hit++) all.push({ action, program, point, hit });
			}
		}
	}
	return all;
}

test('F02 F03 I1 I3 I4 I5 I6 I7 I8 POS-21 killed at every crash point on the way, an order is confirmed and there is one ticket', async (t) => {
	const all = await survey();
	t.diagnostic(`${all.length} deaths, SEED=${SEED}`);
	const first = new Set();
	for (const [n, { action, ...kill }] of all.entries()) {
		const cycle = await order(n + 1, action, kill);
		if (cycle.killed.length > 0) first.add(`${kill.program} ${kill.point}`);
	}
	assert.deepEqual(all.map((one) => `${one.program} ${one.point}`).filter((name) => !first.has(name)), [], 'points at which nobody died');
});

test('F01 F03 I1 I5 I6 I7 I8 I13 killed at random under load: at no moment is anything wrong, every client gets its one order, every order its one ticket', async (t) => {
	const random = random_of(Number(SEED) + 1);
	// What an order costs is known from the provider's menu: nothing is taken off here.
	await world.sql(`UPDATE discounts SET is_active = 0 WHERE restaurant_id = ${bistro.id};
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${bistro.id}`);
	const guests = [sweep.guest, ...await Promise.all([1, 2, 3, 4, 5].map(() => bistro.guest()))];
	const end = Date.now() + 3500;
	const placed = [];
	let killed = 0;
	const load = Promise.all(guests.map(async (one) => {
		while (Date.now() < end) {
			const key = crypto.randomUUID();
			const lines = bistro.lines();
			const answer = await world.until('201', async () => {
				const said = await one.place(bistro.cart(lines), { key }).catch(() => ({ status: 0 }));
				assert.ok([0, 201, 409, 502, 503, 504].includes(said.status), `${said.status} ${said.text}`);
				if (said.status === 409) assert.equal(said.json.error.code, 'IDEMPOTENCY_IN_PROGRESS');
				return said.status === 201 ? said : null;
			});
			assert.equal(Math.round(answer.json.order.total * 100), bistro.priceOf(lines));
			placed.push({ id: answer.json.order.id, key, number: answer.json.order.order_number });
		}
	}));
	// The operator's command may be asked of a house at work: what is under way is no finding.
	const looking = (async () => {
		let looks = 0;
		for (; Date.now() < end; looks++)
			assert.deepEqual((await findings(world, { journal: false })).filter((one) => one.kind !== 'not_at_rest'), [], `SEED=${SEED}`);
		return looks;
	})();
	while (Date.now() < end) {
		const victim = ['orders', 'webhooks', 'relay', 'jobs'][Math.floor(random() * 4)];
		const pids = RUNNERS.includes(victim) ? [world.child(victim).pid] : workers(victim);
		const pid = pids[Math.floor(random() * pids.length)];
		if (pid) {
			try {
				process.kill(pid, 'SIGKILL');
				killed++;
			} catch (error) {
				assert.equal(error.code, 'ESRCH');
			}
		}
		const wait = Date.now() + 60 + random() * 120;
		await world.until('the next victim', () => Date.now() >= wait, { every: 10 });
	}
	await load;
	const looks = await looking;
	for (const pool of ['orders', 'webhooks']) world.child(pool).signal('SIGHUP');
	t.diagnostic(`${placed.length} orders, ${killed} deaths, ${looks} looks, SEED=${SEED}`);
	await quiet(world, 60000);
	for (const row of await world.sql("SELECT order_number, id FROM orders WHERE pos_state = 'unsure'")) await bistro.deadline(row.order_number, 'pos_deadline');
	await quiet(world);
	assert.deepEqual(await check(world, { placed }), [], `SEED=${SEED}`);
	assert.deepEqual(sweep.deaths, []);
	const states = await world.sql(`SELECT DISTINCT pos_state FROM orders WHERE order_number IN (${placed.map((one) => `'${one.number}'`)})`);
	assert.deepEqual(states.map((row) => row.pos_state).filter((word) => !['accepted', 'manual'].includes(word)), []);
});
