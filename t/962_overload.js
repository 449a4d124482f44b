'use strict';
// More than the house can do: what is taken is done in time, what is not is refused at once and in our words, and nobody else
// notices. A refusal is a promise too: what was refused has had no effect.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Load, lines, sleep } = require('./load.js');
const nginx = require('./stack/nginx.js');
const { responder } = require('./stack/responder.js');

const QUEUE = 16, BUDGET_S = 5, CLIENTS = 200;
const ITEM = crypto.randomUUID();
const hex = (uuid) => `UNHEX('${uuid.replaceAll('-', '')}')`;
let world, guest, order;

before(async () => {
	world = await World.start({ onboard: false, limits: { ORDERS_QUEUE: String(QUEUE), MENU_QUEUE: nginx.LIMITS.MENU_QUEUE } });
	const bistro = await Bistro.open(world, { slug: 'tiffin', pos: false });
	await world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (${hex(crypto.randomUUID())}, ${bistro.id}, 'Thali', 1);
		INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at)
		VALUES (${hex(ITEM)}, ${bistro.id}, LAST_INSERT_ID(), 'Thali of the day', 4550, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${bistro.id}`);
	guest = await bistro.guest();
	({ order } = await guest.ordered(cart()));
});
after(() => world?.stop());

const cart = (mark = null) => ({ items: [{ menu_item_id: ITEM, quantity: 1 }], order_type: 'pickup', payment_method: 'cash', special_instructions: mark });
const posting = (mark) => ({ at: '/r/tiffin/api/v1/orders', token: guest.token, mark, headers: { 'content-type': 'application/json' }, body: JSON.stringify(cart(mark)) });

// 429 and 503 as the description of the interface has them (RFC 9110 section 10.2.3: seconds).
function is_refusal({ status, headers, body }) {
	if (status !== 429 && status !== 503) return false;
	const { error } = JSON.parse(body);
	assert.match(headers['retry-after'] ?? 'none', /^[1-9]\d*$/);
	assert.equal(error.code, status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE');
	assert.equal(typeof error.message, 'string');
	assert.equal(typeof error.details, 'object');
	return true;
}

// Marks of the orders that are in the database, each once.
async function found() {
	const rows = await world.sql('SELECT special_instructions AS mark, COUNT(*) AS n FROM orders WHERE special_instructions IS NOT NULL GROUP BY special_instructions');
	assert.deepEqual(rows.filter(({ n }) => n !== '1'), []);
	return new Set(rows.map(({ mark }) => mark));
}

const access_log = () => world.logged('nginx.access');

test('SEC-03 F41 a pool that stands still: so many wait, the others are refused at once, and who waited too long is not served', async (t) => {
	const workers = nginx.workers(world.child('orders').pid);
	const nginx_workers = nginx.workers(world.child('nginx').pid).length;
	const seen = access_log().length;
	const load = new Load(world);
	const outcomes = [];
	for (const pid of workers) process.kill(pid, 'SIGSTOP');
	try {
		const all = Array.from({ length: CLIENTS }, (_, i) => {
			const asked = posting(crypto.randomUUID());
			return load.send(asked, false, i).then((answer) => outcomes.push({ ...answer, mark: asked.mark }));
		});
		// Who is refused need not wait for anybody.
		const least = CLIENTS - QUEUE * nginx_workers;
		await world.until('the others to be refused', () => outcomes.length >= least, { ms: 30000 });
		assert.ok(outcomes.every((one) => one.status === 503), 'nobody is answered but with 503');
		const waiting = CLIENTS - outcomes.length;
		assert.ok(waiting >= QUEUE, `${waiting} wait`);
		const refused_s = Math.max(...access_log().slice(seen).map((line) => Number(line.seconds)));
		t.diagnostic(`${outcomes.length} refused within ${refused_s} s, ${waiting} wait`);
		assert.equal((await world.fetch('/r/tiffin/api/v1/menu/items', { token: guest.token })).status, 200, 'another pool serves');
		await sleep((BUDGET_S + 1) * 1000);
		const thawed = Date.now();
		for (const pid of workers) process.kill(pid, 'SIGCONT');
		await Promise.all(all);
		t.diagnostic(`thawed, ${waiting} answers took ${Date.now() - thawed} ms`);
	} finally {
		for (const pid of workers) process.kill(pid, 'SIGCONT');
	}
	const placed = outcomes.filter((one) => one.status === 201);
	for (const one of outcomes) assert.ok(one.status === 201 || is_refusal(one), `${one.status} ${one.body}`);
	// Two may have been read before the workers were stopped.
	assert.ok(placed.length <= workers.length, `${placed.length} were placed though they had waited too long`);
	assert.deepEqual([...await found()].sort(), placed.map((one) => one.mark).sort(), 'what was refused is not there');
	assert.equal((await guest.place(cart())).status, 201, 'and the next one is served');
});

test('SEC-03 SEC-04 many times more clients than can be served: each answer is right or a refusal, those in time, others untouched', async (t) => {
	const seen = access_log().length, before = await found();
	const load = new Load(world), placed = [];
	const served = (answer, asked) => {
		if (answer.status === 201) placed.push(asked.mark);
		return answer.status === 200 || answer.status === 201 || is_refusal(answer) || 'is neither an answer nor a refusal';
	};
	load.add('POST', 150, () => posting(crypto.randomUUID()), served, { pause: 50, keeps: true });
	load.add('GET', 150, () => ({ at: `/r/tiffin/api/v1/orders/${order.id}`, token: guest.token }), served, { pause: 50, keeps: true });
	load.add('other pool', 2, () => ({ at: '/r/tiffin/api/v1/menu/items', token: guest.token }), ({ status }) => status === 200 || 'is refused', { pause: 20 });
	load.start();
	const so_far = (name, status) => load.kinds.get(name).statuses[status] ?? 0;
	await world.until('it to be too much', () => so_far('POST', 503) + so_far('GET', 503) > 100 && so_far('POST', 201) > 20 && so_far('GET', 200) > 20, { ms: 60000 })
		.catch(() => {}); // what is missing is said below
	await sleep(1500);
	const report = await load.stop(); // before anything is asserted
	for (const line of lines(report)) t.diagnostic(line);
	for (const [name, { failures }] of Object.entries(report)) assert.deepEqual(failures.slice(0, 5), [], name);
	assert.ok((report.POST.statuses[503] ?? 0) + (report.GET.statuses[503] ?? 0) > 0, 'it was too much');
	assert.ok(report.POST.statuses[201] > 20 && report.GET.statuses[200] > 20, 'and yet some were served');
	assert.deepEqual([...await found()].filter((mark) => !before.has(mark)).sort(), placed.sort(), 'what was answered 201 is there, what was refused is not');
	const log = access_log().slice(seen);
	assert.deepEqual([...new Set(log.map((line) => line.status))].filter((one) => !['200', '201', '429', '503'].includes(one)), []);
	const slowest = Math.max(...log.filter((line) => line.status === '201' || line.status === '200').map((line) => Number(line.worker_seconds)));
	t.diagnostic(`the slowest of the served took ${slowest} s behind nginx`);
	assert.ok(slowest < BUDGET_S + 2, `${slowest} s`);
	assert.equal((await guest.place(cart())).status, 201, 'and when they are gone, all is as before');
});

test('S75 one address has a share of what is open, another one is served', async () => {
	const small = await World.start({ bare: true, limits: { ADDRESS_OPEN: '20' } });
	let release, waiting = 0;
	const gate = new Promise((resolve) => { release = resolve; });
	const pool = await responder(path.join(small.at.run, 'orders.sock'), 'orders', () => {
		waiting++;
		return gate.then(() => ({}));
	});
	try {
		const load = new Load(small), refused = [];
		const ask = (from) => load.send({ at: '/api/v1/orders', from }, false, 0);
		const all = Array.from({ length: 50 }, () => ask('127.0.1.1').then((one) => one.status === 200 || refused.push(one)));
		await small.until('thirty refusals', () => refused.length === 30 && waiting === 20);
		for (const one of refused) assert.ok(one.status === 429 && is_refusal(one));
		const neighbour = ask('127.0.1.2');
		await small.until('the neighbour', () => waiting === 21);
		release();
		assert.equal((await neighbour).status, 200);
		await Promise.all(all);
		assert.equal((await ask('127.0.1.1')).status, 200);
	} finally {
		release();
		pool.close();
		await small.stop();
	}
});
