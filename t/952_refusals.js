'use strict';
// The database refuses a command of a deed, in each of the ways in which one can: deadlock, time-out, killed query, full disk, too
// many connections, read-only after a fail-over, a Galera node cut off. What can be run again is, as a whole and after ROLLBACK;
// else the client hears 503 and when to come again, and coming again helps. Never 500, but for what is a defect of ours.
//
//	EVERY=1 nodejs t/952_refusals.js      every code at every command of every deed (else each way of them at every command, the
//	                                      codes taking turns; at those of an order every second)

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Deeds, shown } = require('./deeds.js');
const { check, quiet } = require('./check.js');

// Each way, and the codes that mean it (MariaDB's "Error Codes", MySQL's "Server Error Message Reference").
const WAYS = {
	again: [1213, 1205, 1020, 1412],                                 // deadlock, lock wait, snapshot, the table has changed
	later: [1317, 1969, 1040, 1041, 1203, 1226, 1114, 1021, 1030, 1026, 1180, 1206, 1637, 1135, 3, 20],
	gone: [1290, 1836, 1047, 1053, 1927, 1158, 1159, 1160, 1161, 1243, 1615], // the connection is of no more use
};
const ROLLS_BACK = new Set([1213, 1020, 1206]);
const IS_ASKED_NOWAIT = /NOWAIT/;

let world, bistro, deeds;
const cells = [];

before(async () => {
	world = await World.start({ onboard: false, between: true, workers: 1, env: { LEASE_MS: '1000', BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: 952 });
	deeds = new Deeds(world, bistro, await bistro.guest());
});
after(() => world?.stop());

async function well() {
	await quiet(world, 60000);
	for (const row of await world.sql("SELECT order_number FROM orders WHERE pos_state = 'unsure'")) await bistro.deadline(row.order_number, 'pos_deadline');
	await quiet(world, 60000);
	assert.deepEqual(await check(world, { placed: deeds.placed }), []);
	const [{ n }] = await world.sql('SELECT COUNT(*) AS n FROM orders');
	assert.equal(Number(n), deeds.placed.length, 'as many orders as were acknowledged');
}

// [[way, code]] for the i-th command: `share` 1 is every code, 2 every second, Infinity one of each way.
function codes_of(share, i) {
	const list = (codes) => (share === Infinity ? [codes[i % codes.length]] : codes.filter((_, k) => (k + i) % share === 0));
	return Object.entries(WAYS).flatMap(([way, codes]) => list(codes).map((code) => [way, code]));
}

// What went out on that connection behind a refusal inside a transaction: ROLLBACK first, or nothing but goodbye.
function is_rolled_back(after_it, label) {
	if (after_it.length === 0 || after_it[0].kind === 'QUIT') return;
	assert.equal(after_it[0].sql, 'ROLLBACK', `${label}: first comes ROLLBACK, not ${after_it[0].sql}`);
}

async function one(deed, good, site, way, errno) {
	const label = `${shown(site)} ${errno}`;
	const { answer, was_there, after: behind } = await deed.attempt(site, () => ({ do: 'error', errno, rolls_back: ROLLS_BACK.has(errno) })).catch((error) => {
		throw new Error(`${label}: ${error.message}`, { cause: error });
	});
	assert.ok(was_there, `${label} was not reached`);
	cells.push(label);
	if (site.in_transaction) is_rolled_back(behind, label);
	const is_held = errno === 1205 && IS_ASKED_NOWAIT.test(site.sql);
	if (answer.status === good) return;
	if (is_held) {
		assert.equal(`${answer.status} ${answer.json.error.code}`, '409 IDEMPOTENCY_IN_PROGRESS', label);
		return;
	}
	assert.equal(answer.status, 503, `${label}: ${answer.status} ${answer.text}`);
	deeds.is_polite(answer);
	assert.notEqual(way, 'again', `${label}: was to be run again`);
}

async function everywhere(deed, good, share = Infinity) {
	const sites = await deed.survey();
	for (const [i, site] of sites.entries())
		for (const [way, errno] of codes_of(process.env.EVERY ? 1 : share, i)) await one(deed, good, site, way, errno);
}

test('F12 I1 I8 each refusal at the commands of an order, a login, a callback and staff\'s word', async (t) => {
	await Promise.all([deeds.callback, deeds.move].map((deed) => deed.stock(66)));
	await Promise.all([everywhere(deeds.order, 201, 2), everywhere(deeds.login, 200), everywhere(deeds.callback, 200), everywhere(deeds.move, 200)]);
	t.diagnostic(`${cells.length} cells of code and command`);
	for (const code of Object.values(WAYS).flat()) assert.ok(cells.some((cell) => cell.endsWith(` ${code}`)), `${code} was met`);
	await well();
});

test('F12 I1 I3 I8 each refusal at the commands with which the relay and the jobs carry a message out', async (t) => {
	const before_all = cells.length;
	await deeds.jobs.stock(80);
	await Promise.all([everywhere(deeds.relay, 200), everywhere(deeds.jobs, 200)]);
	t.diagnostic(`${cells.length - before_all} cells of code and command`);
	await well();
});

// Every command that matches is refused until further notice; → when each was, in ms.
async function refused_always(program, sql, errno, what) {
	const times = [];
	world.between.rules.set(program, (command) => {
		if (!sql.test(command.sql ?? '')) return null;
		times.push(Number(process.hrtime.bigint() / 1000n) / 1000);
		return { do: 'error', errno, rolls_back: ROLLS_BACK.has(errno) };
	});
	const begun = Date.now();
	const answer = await what();
	const ms = Date.now() - begun;
	world.between.rules.delete(program);
	return { answer, times, ms };
}

test('F12 what is refused again and again is tried a limited number of times, with pauses that grow and differ', async (t) => {
	const it = await deeds.cart();
	const { answer, times, ms } = await refused_always('orders', /^UPDATE restaurant_counters/, 1213, () => deeds.place(it));
	deeds.is_polite(answer);
	assert.equal(times.length, 10, 'ten tries');
	const gaps = times.slice(1).map((at, i) => at - times[i]);
	t.diagnostic(`pauses of a deadlock, ms: ${gaps.map((gap) => gap.toFixed(0)).join(' ')}; 503 after ${ms} ms`);
	const sum = (list) => list.reduce((a, b) => a + b, 0);
	assert.ok(sum(gaps.slice(-3)) - sum(gaps.slice(0, 3)) > 100, 'they grow');
	assert.ok(ms < 10000);
	await deeds.placed_once(it, await deeds.place(it));
	const other = await deeds.cart();
	const second = await refused_always('orders', /^UPDATE restaurant_counters/, 1213, () => deeds.place(other));
	assert.notDeepEqual(second.times.slice(1).map((at, i) => Math.round(at - second.times[i])), gaps.map(Math.round), 'by chance');
	await deeds.placed_once(other, await deeds.place(other));
});

test('F12 a server that stays read-only after a fail-over: 503, soon, and all is well when it can be written again', async () => {
	for (const errno of [1290, 1047]) {
		const it = await deeds.cart();
		const { answer, ms } = await refused_always('orders', /^(INSERT|UPDATE)/, errno, () => deeds.place(it));
		deeds.is_polite(answer);
		assert.ok(ms < 10000, `${errno}: ${ms} ms`);
		await deeds.placed_once(it, await deeds.place(it));
	}
});

test('F12 F09 no connection is to be had: 503 at once, and the first that is serves', async () => {
	for (const errno of [1040, 1203, 1226, 1129]) {
		const it = await deeds.cart();
		const told = [];
		world.between.rule = (command) => (command.kind === 'CONNECT' ? (told.push(command), { do: 'error', errno }) : command.program === 'orders' ? { do: 'cut_before' } : null);
		const first = await deeds.place(it);
		deeds.is_polite(first);
		const begun = Date.now();
		const second = await deeds.place(it);
		deeds.is_polite(second);
		assert.ok(Date.now() - begun < 2000, 'at once');
		assert.ok(told.length > 0);
		world.between.rule = (command) => world.between.rules.get(command.program)?.(command) ?? null;
		await deeds.placed_once(it, await deeds.place(it));
	}
	await well();
});

test('F12 what is a defect of ours is 500, and leaves nothing behind', async () => {
	const it = await deeds.cart();
	const { answer } = await refused_always('orders', /^UPDATE restaurant_counters/, 1146, () => deeds.place(it));
	assert.equal(`${answer.status} ${answer.json.error.code}`, '500 INTERNAL_ERROR');
	await deeds.placed_once(it, await deeds.place(it));
	await well();
});
