'use strict';
// The database is there and does not answer: a connection that is half open, a statement that takes for ever, a table that somebody
// has locked, no connection to be had. Every request ends within its budget with 503 and when to come again, the others of the pool
// go on, and when the database answers again so does everybody, at once.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Deeds } = require('./deeds.js');
const { check, quiet } = require('./check.js');

const TIMEOUT_S = 2;
// One answer that does not come; then asking after a COMMIT: a connection (3 s at most), and the question.
const BUDGET_MS = TIMEOUT_S * 1000 + 3000 + TIMEOUT_S * 1000;
const SLACK_MS = 3000; // a machine with other work

let world, bistro, deeds, guest;

before(async () => {
	world = await World.start({ onboard: false, between: true, workers: 2, env: { DB_TIMEOUT_S: String(TIMEOUT_S), LEASE_MS: '4000', BACKOFF_MS: '60', RELAY_POLL_MS: '50' } });
	bistro = await Bistro.open(world, { seed: 953 });
	guest = await bistro.guest();
	deeds = new Deeds(world, bistro, guest);
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

async function timed(what) {
	const begun = Date.now();
	const answer = await what();
	return { answer, ms: Date.now() - begun };
}

test('F11 F13 a connection that is half open at one command: the request ends in time, and what became of a COMMIT is found out', async (t) => {
	const sites = [/^SELECT UTC_TIMESTAMP|^SELECT .* FROM users/, /^UPDATE restaurant_counters/, /^COMMIT/];
	const longest = [];
	for (const how of ['hang', 'hang_after']) {
		for (const site of sites) {
			const it = await deeds.cart();
			let isDone = false;
			world.between.rules.set('orders', (command) => {
				if (isDone || !site.test(command.sql ?? '') || command.kind === 'PREPARE') return null;
				isDone = true;
				return { do: how };
			});
			const [{ answer, ms }, beside] = await Promise.all([timed(() => deeds.place(it)), timed(() => world.until('the hang', () => isDone).then(() => guest.fetch('/api/v1/orders?limit=1')))]);
			world.between.rules.delete('orders');
			longest.push(ms);
			assert.ok(isDone, `${site} was reached`);
			assert.ok(ms <= BUDGET_MS + SLACK_MS, `${site} ${how}: ${ms} ms`);
			if (answer.status !== 201) deeds.is_polite(answer);
			assert.equal(beside.answer.status, 200, 'the other worker goes on');
			await deeds.placed_once(it, answer);
		}
	}
	t.diagnostic(`${longest.length} hangs, answered after ms: ${longest.join(' ')}`);
	await well();
});

test('F13 I9 the whole database falls silent under load: everybody is told in time, nobody is left waiting, and it ends when the silence does', async (t) => {
	const silent = () => ({ do: 'hang' });
	world.between.rule = silent;
	const asks = Array.from({ length: 24 }, (_, i) => timed(() => (i % 2 ? guest.fetch('/api/v1/orders?limit=1') : guest.fetch('/api/v1/menu/categories'))));
	const told = await Promise.all(asks);
	world.between.rule = (command) => world.between.rules.get(command.program)?.(command) ?? null;
	for (const { answer } of told) deeds.is_polite(answer);
	const slowest = Math.max(...told.map((one) => one.ms));
	t.diagnostic(`slowest of ${told.length}: ${slowest} ms`);
	assert.ok(slowest <= 10000 + SLACK_MS, `${slowest} ms`);
	const { ms } = await timed(() => deeds.answered(() => guest.fetch('/api/v1/orders?limit=1')));
	t.diagnostic(`served again after ${ms} ms`);
	assert.ok(ms <= 2000 + SLACK_MS, `${ms} ms`);
	await well();
});

// What of the server's sessions is at this.
const sessions = (state) => world.sql(`SELECT id, info FROM information_schema.processlist WHERE state LIKE '${state}%'`);

test('F13 a statement that takes for ever is ended by the server before its client gives up, and nothing of it goes on', async (t) => {
	const it = await deeds.cart();
	await world.sql('CREATE TRIGGER slow BEFORE INSERT ON orders FOR EACH ROW DO SLEEP(60)');
	const asked = timed(() => deeds.place(it));
	await world.until('the sleep', async () => (await sessions('User sleep')).length > 0);
	const { answer, ms } = await asked;
	t.diagnostic(`${answer.status} after ${ms} ms`);
	deeds.is_polite(answer);
	assert.ok(ms <= BUDGET_MS + SLACK_MS, `${ms} ms`);
	assert.deepEqual(await sessions('User sleep'), [], 'nobody sleeps on');
	await world.sql('DROP TRIGGER slow');
	await deeds.placed_once(it, await deeds.place(it));
	await well();
});

test('F13 a table that somebody has locked: 503 in time, and no session is left behind waiting for it', async (t) => {
	const it = await deeds.cart();
	const locked = world.sql('LOCK TABLES orders WRITE; DO SLEEP(4); UNLOCK TABLES');
	await world.until('the lock', async () => (await world.sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'")).length > 0);
	const { answer, ms } = await timed(() => deeds.place(it));
	t.diagnostic(`${answer.status} after ${ms} ms`);
	assert.ok(ms <= BUDGET_MS + SLACK_MS, `${ms} ms`);
	if (answer.status !== 201) deeds.is_polite(answer);
	assert.deepEqual((await sessions('Waiting for table')).filter((row) => /INTO orders /.test(row.info)), [], 'nobody waits on');
	await locked;
	await deeds.placed_once(it, answer);
	await well();
});

test('F12 F13 no connection to be had while programs start: they stay, say 503, and serve as soon as there is one', async (t) => {
	const children = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	const master = world.child('orders').pid;
	const old = children(master);
	let isFull = true;
	let asked = 0;
	world.between.rule = (command) => (isFull && command.kind === 'CONNECT' ? (asked++, { do: 'error', errno: 1040 }) : null);
	for (const pid of old) process.kill(pid, 'SIGKILL');
	world.startRunner('relay', 'relay-2');
	const fresh = await world.until('new workers', () => {
		const now = children(master);
		return now.length === old.length && now.every((pid) => !old.includes(pid)) ? now : null;
	});
	await world.until('some tries', () => asked > 8);
	const { answer, ms } = await timed(() => guest.fetch('/api/v1/orders?limit=1'));
	t.diagnostic(`${answer.status} after ${ms} ms, ${asked} connections refused`);
	deeds.is_polite(answer);
	assert.ok(ms <= SLACK_MS, 'told soon: nobody else serves');
	isFull = false;
	await deeds.answered(() => guest.fetch('/api/v1/orders?limit=1'));
	assert.deepEqual(children(master), fresh, 'nobody died of it');
	assert.equal(world.child('relay-2').status, null, 'nor the relay');
	world.between.rule = (command) => world.between.rules.get(command.program)?.(command) ?? null;
	const it = await deeds.cart();
	await deeds.placed_once(it, await deeds.place(it));
	await well();
});
