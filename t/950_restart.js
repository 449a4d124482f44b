'use strict';
// The database dies and comes back, again and again, while guests order, the kitchen answers, staff look on and the relay and the
// jobs run: kill -9 ten times, then as an administrator restarts it. What was acknowledged is there once, what was not is settled
// by the client's repeating itself, meanwhile everybody is told 503 and when to come again, and nobody has to be started anew.
//
//	KILLS=100 nodejs t/950_restart.js

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const { test, before, after } = require('node:test');
const { World, POOLS } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const KILLS = Number(process.env.KILLS ?? 10);
const GUESTS = 6;
const BUDGET_MS = 10000;  // of one request, whatever the database does
const RECOVERY_MS = 2000; // reliability: first success after the database is ready

let world, bistro, guests;
const placed = [];

before(async () => {
	world = await World.start({ onboard: false, workers: 2, env: { LEASE_MS: '2000', BACKOFF_MS: '60', RELAY_POLL_MS: '50' } });
	bistro = await Bistro.open(world, { seed: 950 });
	guests = await Promise.all(Array.from({ length: GUESTS }, () => bistro.guest()));
	assert.deepEqual(probes().map(([name]) => name).sort(), [...POOLS].sort(), 'every pool is asked');
});
after(() => world?.stop());

const now = () => Number(process.hrtime.bigint() / 1000000n);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Does somebody greet at the database's socket? A greeting begins with protocol version 10, a refusal with 255.
const greets = () => new Promise((resolve) => {
	const socket = net.connect(world.database.socket);
	const say = (is) => {
		socket.destroy();
		resolve(is);
	};
	socket.on('data', (data) => say(data[4] === 10)).on('error', () => say(false)).on('close', () => say(false));
});

// One request per pool that needs the database; what counts as an answer of somebody who has it.
const probes = () => [
	['auth', '/.well-known/jwks.json', {}, 200],
	['menu', `${bistro.base}/api/v1/menu/categories`, { token: guests[0].token }, 200],
	['orders', `${bistro.base}/api/v1/orders?limit=1`, { token: guests[0].token }, 200],
	['webhooks', `/pp_callback/${bistro.slug}/?k=nobody`, { json: { orderID: 'x', status: '1' } }, [400, 404]],
	['admin', `${bistro.base}/api/v1/admin/orders?limit=1`, { token: bistro.admin }, 200],
	['integrations', '/api/pos-integration/health', { token: bistro.admin }, 200],
	['office', `${bistro.base}/api/v1/restaurant`, {}, 200],
	['delivery', `${bistro.base}/api/v1/delivery/orders`, { token: bistro.admin }, 200],
	['catalog', `${bistro.base}/api/v1/admin/menu/categories?limit=1`, { token: bistro.admin }, 200],
	['people', '/api/v1/users/me', { token: guests[0].token }, 200],
	['reports', `${bistro.base}/api/v1/admin/reports/daily-sales`, { token: bistro.admin }, 200],
	['ops', '/health', {}, 200],
];

// What everybody was told, and how long it took.
const told = { statuses: new Map(), slowest: 0, wrong: [] };
function note(what, begun, answer, ok = []) {
	const ms = now() - begun;
	told.statuses.set(answer.status, (told.statuses.get(answer.status) ?? 0) + 1);
	told.slowest = Math.max(told.slowest, ms);
	if (ms > BUDGET_MS) told.wrong.push(`${what}: ${answer.status} after ${ms} ms`);
	if (answer.status === 503 ? !(Number(answer.headers['retry-after']) > 0) : answer.status >= 500 || !(answer.status < 300 || ok.includes(answer.status)))
		told.wrong.push(`${what}: ${answer.status} ${answer.text}`);
	return answer;
}

// A guest who orders and does not give up, then looks at the order; the kitchen answers what it has a ticket for.
async function custom(guest, isOver) {
	while (!isOver()) {
		const lines = bistro.lines();
		const key = crypto.randomUUID();
		for (;;) {
			const begun = now();
			const answer = note('POST order', begun, await guest.place(bistro.cart(lines), { key }), [409]);
			if (answer.status === 409) assert.equal(answer.json.error.code, 'IDEMPOTENCY_IN_PROGRESS');
			if (answer.status === 201) {
				assert.equal(Math.round(answer.json.order.total * 100), bistro.priceOf(lines));
				placed.push({ id: answer.json.order.id, number: answer.json.order.order_number, key, at: now() });
				break;
			}
			await pause(20);
		}
		const { id } = placed.at(-1);
		note('GET order', now(), await guest.order(id));
	}
}

async function kitchen(isOver) {
	let next = 0;
	while (!isOver() || next < placed.length) {
		if (next === placed.length) {
			await pause(10);
			continue;
		}
		const { number } = placed[next];
		const begun = now();
		const answer = await bistro.kitchen(number, '1').catch((error) => {
			if (!/no live order/.test(error.message)) throw error;
			return null; // the relay has not brought it yet
		});
		if (answer === null) {
			await pause(20);
			continue;
		}
		if (answer.status === 200 || answer.status === 202) next++;
		else if (answer.status === 503) assert.ok(Number(answer.headers['retry-after']) > 0, JSON.stringify(answer));
		else told.wrong.push(`callback of ${number}: ${answer.status} ${JSON.stringify(answer.answers)}`);
		if (now() - begun > BUDGET_MS) told.wrong.push(`callback of ${number}: ${now() - begun} ms`);
		await pause(answer.status === 503 ? 30 : 1);
	}
}

// The processes that serve: no pid among them may change.
function serving() {
	const of = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
	return [...world.children.entries()].filter(([name]) => !['mariadb', 'nginx'].includes(name) && !name.startsWith('sim-'))
		.map(([name, child]) => `${name} ${child.pid} ${of(child.pid).join(' ')}`);
}

// Ends the database so, starts it again. → ms from its first greeting to the first success of each pool
async function fall(signal) {
	const old = world.child('mariadb');
	const gone = now();
	old.expected = true;
	old.signal(signal);
	await old.ended;
	await Promise.all(probes().map(async ([name, at, options]) => {
		const answer = await world.fetch(at, options);
		assert.equal(answer.status, 503, `${name} without a database: ${answer.status} ${answer.text}`);
		assert.ok(Number(answer.headers['retry-after']) > 0, `${name} says when to come again`);
	}));
	const starting = world.database.start().then((child) => { world.children.set('mariadb', child); });
	await world.until('a greeting', greets, { every: 2 });
	const up = now();
	const back = await Promise.all(probes().map(async ([name, at, options, ok]) => {
		await world.until(`an answer of ${name}`, async () => {
			const answer = note(name, now(), await world.fetch(at, options), [ok].flat());
			return [ok].flat().includes(answer.status);
		}, { every: 5 });
		return [name, now() - up];
	}));
	await world.until('an order', () => placed.at(-1).at > up, { every: 2 });
	back.push(['POST orders', placed.find((one) => one.at > up).at - up]);
	await starting;
	return { back, down: up - gone };
}

async function storm(t, signal, n) {
	const pids = serving();
	const worst = new Map();
	const downs = [];
	let isOver = false;
	const before_all = placed.length;
	const load = [...guests.map((guest) => custom(guest, () => isOver)), kitchen(() => isOver)];
	const all = Promise.all(load);
	all.catch(() => {});
	try {
		for (let i = 0; i < n; i++) {
			const so_far = placed.length;
			await Promise.race([all, world.until('orders between two falls', () => placed.length >= so_far + 2 * GUESTS)]);
			const { back, down } = await fall(signal);
			downs.push(down);
			for (const [name, ms] of back) worst.set(name, [...(worst.get(name) ?? []), ms]);
		}
	} finally {
		isOver = true;
	}
	await all;
	const line = [...worst].map(([name, list]) => `${name} ${list.sort((a, b) => a - b)[list.length >> 1]}/${list.at(-1)}`).join(', ');
	t.diagnostic(`${n} x ${signal}: ${placed.length - before_all} orders; down ${Math.min(...downs)}-${Math.max(...downs)} ms; ` +
		`first success after the greeting, median/worst ms: ${line}; slowest answer ${told.slowest} ms; ` +
		`answers ${[...told.statuses].map(([status, count]) => `${count} x ${status}`).join(', ')}`);
	assert.deepEqual(told.wrong, []);
	for (const [name, list] of worst)
		assert.ok(list.at(-1) <= RECOVERY_MS, `${name} was back after ${list.at(-1)} ms`);
	assert.deepEqual(serving(), pids, 'nobody was started anew');
	await quiet(world, 60000);
	for (const row of await world.sql("SELECT order_number FROM orders WHERE pos_state = 'unsure'")) await bistro.deadline(row.order_number, 'pos_deadline');
	await quiet(world, 60000);
	assert.deepEqual(await check(world, { placed }), []);
	const [{ n: stored }] = await world.sql('SELECT COUNT(*) AS n FROM orders');
	assert.equal(Number(stored), placed.length, 'as many orders as were acknowledged');
}

test('F09 TEST-08 I1 I4 I6 I7 kill -9 of the database under load, again and again: nothing acknowledged lost, nothing doubled, back at once', async (t) => {
	await storm(t, 'SIGKILL', KILLS);
});

test('F10 I9 I13 the database is restarted by its administrator under load: 503 and when to come again, nothing lost', async (t) => {
	await storm(t, 'SIGTERM', 3);
});
