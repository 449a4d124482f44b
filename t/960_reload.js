'use strict';
// Reloads under load: the pools, fifty times in ten seconds those that are asked, nginx, a new binary, workers and masters killed.
// The clients ask for small and for large answers, send small and large bodies, and hold each answer to its length and digest.
//
//	N=100 nodejs t/960_reload.js      reloads, at the same pace

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after, afterEach } = require('node:test');
const { World, POOLS } = require('./world.js');
const { Bistro, REST_ID, document } = require('./bistro.js');
const { Load, lines, sha256, sleep } = require('./load.js');
const nginx = require('./stack/nginx.js');
const pos = require('./sim/petpooja.js').DEFAULTS;

const RELOADS = Number(process.env.N ?? 50);
const ITEM = crypto.randomUUID();
let world, bistro, guest, load, order, feast;
const told = []; // regular expressions of what nginx may complain of, because a test did it
const placed = [];

// The programs in a directory of their own, so that a test can put another binary in a place.
function programs() {
	const from = path.resolve(process.env.TICKETRAIL_BUILD || 'build/test');
	const to = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'programs.'));
	for (const name of [...POOLS, 'pool', 'relay', 'jobs', 'ticketrail']) fs.copyFileSync(path.join(from, name), path.join(to, name));
	return to;
}

const hex = (uuid) => `UNHEX('${uuid.replaceAll('-', '')}')`;

// One dish to order.
const dish = (id) => world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (${hex(crypto.randomUUID())}, ${id}, 'Thali', 1);
	INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at)
	VALUES (${hex(ITEM)}, ${id}, LAST_INSERT_ID(), 'Thali of the day', 4550, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
	UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${id}`);

// 1,100 dishes, each with two thousand characters about it: a menu of more than two megabytes.
const dishes = (id) => world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (${hex(crypto.randomUUID())}, ${id}, 'All', 1);
	SET @category = LAST_INSERT_ID();
	INSERT INTO items (public_id, restaurant_id, category_id, name, description, price_minor, created_at, updated_at)
	WITH RECURSIVE few AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM few WHERE i < 550),
		n AS (SELECT i FROM few UNION ALL SELECT i + 550 FROM few)
	SELECT UNHEX(MD5(i)), ${id}, @category, CONCAT('Dish ', i), LEFT(REPEAT(SHA2(i, 256), 40), 2000), 100 + i, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM n;
	UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${id}`);

// The provider's document with long texts about the dishes: 300 kB.
function large_document() {
	const doc = document();
	for (const r of doc.restaurants) r.details.menusharingcode = REST_ID;
	const missing = 300000 - Buffer.byteLength(JSON.stringify(doc));
	for (const item of doc.items) item.itemdescription += ' It is good.'.repeat(Math.ceil(missing / doc.items.length / 12)).slice(0, 1990);
	const text = JSON.stringify(doc);
	return text + ' '.repeat(Math.max(0, 300000 - Buffer.byteLength(text)));
}

function kinds(on) {
	const { token } = guest;
	on.add('GET', 4, () => ({ at: `/r/tiffin/api/v1/orders/${order.id}`, token }),
		({ status, body }) => (status === 200 && JSON.parse(body).order.id === order.id) || 'is another answer', { pause: 5 });
	on.add('POST', 2, () => {
		const mark = crypto.randomUUID();
		placed.push(mark);
		return { at: '/r/tiffin/api/v1/orders', token, mark, headers: { 'content-type': 'application/json' }, body: JSON.stringify({
			items: [{ menu_item_id: ITEM, quantity: 1 }], order_type: 'pickup', payment_method: 'cash', special_instructions: mark }) };
	}, ({ status, body }) => (status === 201 && JSON.parse(body).order.total === 45.5) || 'was not placed', { pause: 20 });
	const push = large_document();
	assert.ok(push.length >= 290000, `${push.length}`);
	on.add('POST 300 kB', 2, () => ({ at: '/api/webhooks/petpooja/push-menu', body: push,
		headers: { 'content-type': 'application/json', authorization: pos.authorization } }),
	({ status, body }) => (status === 200 && JSON.parse(body).success === '1') || 'was not taken', { pause: 300 });
	// Whole, nginx gives it out as a file; what was searched for comes from the worker each time.
	for (const [name, query] of [['GET 2 MB file', ''], ['GET 2 MB', '?search=dish']])
		on.add(name, 2, () => ({ at: `/r/feast/api/v1/menu/items${query}`, token }),
			({ status, body }) => (status === 200 && body.length === feast.length && sha256(body) === feast.digest) || `is another menu of ${body.length} bytes`, { pause: 40 });
}

before(async () => {
	world = await World.start({ onboard: false, build: programs(), limits: Object.fromEntries(
		Object.entries(nginx.LIMITS).filter(([word]) => word.endsWith('_QUEUE'))) });
	bistro = await Bistro.open(world);
	const tiffin = await Bistro.open(world, { slug: 'tiffin', pos: false });
	const big = await Bistro.open(world, { slug: 'feast', pos: false });
	await dish(tiffin.id);
	await dishes(big.id);
	guest = await tiffin.guest();
	({ order } = await guest.ordered({ items: [{ menu_item_id: ITEM, quantity: 1 }], order_type: 'pickup', payment_method: 'cash' }));
	const menu = Buffer.from((await world.fetch('/r/feast/api/v1/menu/items', { token: guest.token })).text);
	assert.ok(menu.length >= 2 << 20, `the large menu has ${menu.length} bytes`);
	feast = { length: menu.length, digest: sha256(menu) };
	load = new Load(world);
	kinds(load);
});
afterEach(() => load?.stop()); // of a test that failed in the middle
after(async () => {
	if (!world) return;
	const programs_dir = world.build;
	const complaints = (await world.end()).filter((one) => !told.some((known) => known.test(one)));
	const log = fs.readFileSync(path.join(world.at.log, 'nginx.error.log'), 'utf8').split('\n');
	complaints.push(...log.filter((line) => /\[(emerg|alert|crit)\]/.test(line) && !told.some((known) => known.test(line))));
	assert.deepEqual(complaints, [], `logs in ${world.at.log}`);
	if (!world.keep) for (const dir of [world.at.run, world.at.dir]) fs.rmSync(dir, { recursive: true, force: true });
	fs.rmSync(programs_dir, { recursive: true, force: true });
});

const events = (pool, name) => fs.readFileSync(path.join(world.at.log, `${pool}.log`), 'utf8').split('\n')
	.filter((line) => line.includes(`"event":"${name}"`)).map((line) => JSON.parse(line));
const children = (pid) => nginx.workers(pid);
const descriptors = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;

// HUP, and waits for its end. → true if it was taken
async function reload(pool) {
	const n = () => [events(pool, 'pool_reloaded').length, events(pool, 'pool_reload_failed').length];
	const [good, bad] = n();
	world.child(pool).signal('SIGHUP');
	return world.until(`the reload of ${pool}`, () => {
		const [now_good, now_bad] = n();
		return now_good > good ? 'good' : now_bad > bad ? 'bad' : null;
	}, { ms: 60000, every: 10 });
}

function is_spotless(report, t, what) {
	for (const line of lines(report)) t.diagnostic(`${what}: ${line}`);
	for (const [name, { failures }] of Object.entries(report)) for (const one of failures.slice(0, 5)) t.diagnostic(`${name}: ${one}`);
	for (const [name, { failures, requests }] of Object.entries(report)) {
		assert.deepEqual(failures.slice(0, 5), [], `${what}: ${failures.length} of ${requests} ${name} failed`);
		assert.ok(requests > 0, `${what}: no ${name}`);
	}
}

// One order for each that was asked for, and none was asked of two workers.
async function is_once() {
	const rows = await world.sql('SELECT special_instructions AS mark, COUNT(*) AS n FROM orders WHERE special_instructions IS NOT NULL GROUP BY special_instructions');
	const found = new Map(rows.map(({ mark, n }) => [mark, Number(n)]));
	assert.deepEqual([...found].filter(([, n]) => n !== 1), []);
	const twice = fs.readFileSync(path.join(world.at.log, 'nginx.access.log'), 'utf8').split('\n').filter((line) => /"worker_status":"[^"]*[,:]/.test(line));
	assert.deepEqual(twice, []);
	return found;
}

const ASKED = ['orders', 'menu', 'webhooks']; // what the load is for
const WITHIN_MS = 10000;

// Told within ten seconds so many times to reload, whether it has done with the one before or not; then as often as is missing to
// so many that were carried out. → {name, bad, so_far: how many were carried out in that time}
async function reloads(name, n, pace_ms) {
	const done = () => events(name, 'pool_reloaded').length;
	const had = done(), had_bad = events(name, 'pool_reload_failed').length;
	const begun = Date.now();
	for (let i = 0; i < n && pace_ms > 0; i++) {
		const next = begun + i * pace_ms;
		if (Date.now() < next) await sleep(next - Date.now());
		world.child(name).signal('SIGHUP');
	}
	assert.ok(pace_ms === 0 || Date.now() - begun <= WITHIN_MS * n / 50, `${name} was told for ${Date.now() - begun} ms`);
	const so_far = done() - had;
	while (done() - had < n && await reload(name) === 'good');
	return { name, bad: events(name, 'pool_reload_failed').length - had_bad, so_far };
}

test(`F40 E9 ${RELOADS} reloads in ten seconds of the pools that are under load, then of the others: no request fails, no answer is cut, nothing grows`, async (t) => {
	load.start();
	await sleep(2000);
	is_spotless(load.report(), t, 'quiet');
	const pools = POOLS.map((name) => ({ name, pid: world.child(name).pid, had: descriptors(world.child(name).pid) }));
	const results = await Promise.all(ASKED.map((name) => reloads(name, RELOADS, 0.95 * WITHIN_MS / 50)));
	t.diagnostic(`of ${RELOADS} reloads that were asked for in ten seconds were done by then: ${results.map((one) => `${one.name} ${one.so_far}`).join(', ')}`);
	is_spotless(load.report(), t, `${RELOADS} reloads`);
	const others = POOLS.filter((name) => !ASKED.includes(name));
	results.push(...await Promise.all(others.map((name) => reloads(name, 10, 0))));
	is_spotless(await load.stop(), t, `10 reloads of ${others.length} others`);
	assert.deepEqual(results.filter((one) => one.bad > 0), []);
	for (const { name, pid, had } of pools) {
		await world.until(`${name}'s two workers`, () => children(pid).length === 2, { ms: 30000 });
		assert.equal(descriptors(pid), had, `descriptors of ${name}'s master`);
		for (const child of children(pid)) assert.ok(descriptors(child) < 20, `${name}'s worker has ${descriptors(child)}`);
	}
	const found = await is_once();
	assert.equal(found.size, placed.length, 'each order that was answered is there');
});

test(`F39 E9 ${RELOADS} nginx reloads under load: no answer is lost, to clients that keep connections and others; a broken configuration is refused`, async (t) => {
	const child = world.child('nginx');
	const had = descriptors(child.pid);
	load.start();
	const begun = Date.now();
	for (let i = 0; i < RELOADS; i++) {
		const old = new Set(children(child.pid));
		child.signal('SIGHUP');
		await world.until('new workers of nginx', () => children(child.pid).some((pid) => !old.has(pid)), { every: 5 });
	}
	t.diagnostic(`${RELOADS} reloads of nginx took ${Date.now() - begun} ms`);
	const file = path.join(world.at.nginx, 'pools.conf');
	const good = fs.readFileSync(file, 'utf8');
	told.push(/unknown directive "upstreem"/);
	fs.writeFileSync(file, good.replace('upstream auth', 'upstreem auth'));
	await assert.rejects(nginx.check(world.at), /upstreem/);
	await world.until('the old workers to have left', () => children(child.pid).length <= 4, { ms: 40000 });
	const before_broken = children(child.pid);
	child.signal('SIGHUP');
	await world.until('nginx to complain', () => fs.readFileSync(path.join(world.at.log, 'nginx.error.log'), 'utf8').match(/upstreem/g)?.length >= 2);
	await sleep(500);
	assert.deepEqual(children(child.pid).filter((pid) => !before_broken.includes(pid)), [], 'no worker has the broken one');
	fs.writeFileSync(file, good);
	is_spotless(await load.stop(), t, 'nginx');
	await world.reloadNginx({ ms: 40000 });
	assert.equal((await world.fetch('/health')).status, 200);
	assert.ok(Math.abs(descriptors(child.pid) - had) <= 2, `nginx's master had ${had} descriptors, has ${descriptors(child.pid)}`);
	assert.equal((await is_once()).size, placed.length);
});

test('F40 E33 an upgrade by rename and HUP serves, one that is no good does not', async (t) => {
	const at = path.join(world.build, 'orders');
	const install = (text) => {
		if (text === null) fs.copyFileSync(path.join(world.build, 'orders.good'), `${at}.new`);
		else fs.writeFileSync(`${at}.new`, `#!/bin/sh\n${text}\n`);
		fs.chmodSync(`${at}.new`, 0o755);
		fs.renameSync(`${at}.new`, at);
	};
	const master = world.child('orders').pid;
	const inodes = () => [...new Set(children(master).map((pid) => fs.statSync(`/proc/${pid}/exe`).ino))];
	fs.copyFileSync(at, path.join(world.build, 'orders.good'));
	load.start();
	for (const [text, why] of [['exit 3', '"exit":3'], ['printf R >&$READY_FD', 'died after it had said'], ['echo broken release >&2; exit 78', 'broken release']]) {
		const old = children(master);
		install(text);
		assert.equal(await reload('orders'), 'bad', text);
		assert.deepEqual(children(master).filter((pid) => !old.includes(pid)), [], text);
		assert.ok(fs.readFileSync(path.join(world.at.log, 'orders.log'), 'utf8').includes(why), why);
	}
	install(null);
	assert.equal(await reload('orders'), 'good');
	await world.until('only the new one', () => inodes().length === 1 && inodes()[0] === fs.statSync(at).ino);
	const config = fs.readFileSync(world.configFile, 'utf8');
	fs.writeFileSync(world.configFile, `${config}DB_PORT=soon\n`, { mode: 0o600 });
	const old = children(master);
	assert.equal(await reload('orders'), 'bad', 'a wrong configuration');
	assert.match(fs.readFileSync(path.join(world.at.log, 'orders.log'), 'utf8'), /DB_PORT/);
	assert.deepEqual(children(master).sort(), old.sort());
	fs.writeFileSync(world.configFile, config, { mode: 0o600 });
	assert.equal(await reload('orders'), 'good');
	is_spotless(await load.stop(), t, 'upgrade');
	assert.equal((await is_once()).size, placed.length);
});

// What the clients of one pool may see while it is killed, and the others not at all.
function is_refused_well(report, t, what, most) {
	for (const line of lines(report)) t.diagnostic(`${what}: ${line}`);
	let refused = 0;
	for (const [name, { statuses, failures }] of Object.entries(report)) {
		if (name.endsWith('B')) assert.deepEqual(failures.slice(0, 3), [], `${what}: ${name} asks another pool`);
		for (const [status, n] of Object.entries(statuses)) {
			assert.ok(['200', '201', '503'].includes(status), `${what}: ${n} ${name} were answered ${status}: ${failures[0]}`);
			if (status === '503') refused += n;
		}
		for (const one of failures) assert.match(one, /503 .*"code":"UNAVAILABLE"/);
	}
	assert.ok(refused <= most, `${what}: ${refused} were refused, of which at most ${most} should be`);
	return refused;
}

test('F01 kill -9 of five workers at once: only what they were at fails, and the pool is whole within 500 ms', async (t) => {
	await world.kill('orders', 'SIGTERM');
	world.options.workers = 5;
	await world.startPool('orders');
	world.options.workers = 2;
	await world.answers();
	const { pid } = world.child('orders');
	await world.until('five workers', () => events('orders', 'pool_ready').at(-1)?.workers === 5);
	load.start();
	let killed = 0;
	for (let round = 0; round < 3; round++) {
		await sleep(1200);
		const five = children(pid);
		assert.equal(five.length, 5);
		for (const one of five) process.kill(one, 'SIGKILL');
		killed += 5;
		await world.until('five others', () => events('orders', 'worker_back').length === killed);
	}
	const back = events('orders', 'worker_back').map((event) => event.after_ms);
	t.diagnostic(`killed ${killed}, back after ${back.join(', ')} ms`);
	const refused = is_refused_well(await load.stop(), t, 'five killed', killed);
	const lost = fs.readFileSync(path.join(world.at.log, 'nginx.access.log'), 'utf8').split('\n').filter((line) => line.includes('"worker_status":"502"')).length;
	assert.ok(lost <= killed, `${lost} were lost`);
	t.diagnostic(`${refused} requests failed`);
	// 961_upgrade.c holds every one to 500 ms, with a worker that needs no database. Here one of fifteen may be late where the load
	// itself keeps both processors busy.
	assert.ok(back.sort((a, b) => a - b).at(-2) <= 500, `slots are filled within 500 ms: ${back}`);
	await is_once();
});

test('F01 F41 kill -9 of the master, and TERM: those it had answered are whole, the next one serves at once', async (t) => {
	told.push(/connect\(\) to unix:\S*orders\.sock failed \(2: No such file/);
	load.start();
	await sleep(1000);
	await world.kill('orders', 'SIGKILL');
	const killed = Date.now();
	await world.startPool('orders');
	await world.until('an answer', async () => (await world.fetch(`/r/tiffin/api/v1/orders/${order.id}`, { token: guest.token })).status === 200, { every: 5 });
	t.diagnostic(`master killed: an answer again after ${Date.now() - killed} ms`);
	await sleep(500);
	const asked = Date.now();
	const child = world.child('orders');
	child.expected = true;
	for (const signal of ['SIGTERM', 'SIGTERM']) child.signal(signal);
	assert.equal(await child.ended, 'exit 0');
	t.diagnostic(`TERM under load, twice: ended after ${Date.now() - asked} ms`);
	assert.ok(Date.now() - asked < 30000);
	await world.startPool('orders');
	await world.answers();
	const quit = Date.now();
	assert.equal(await world.kill('orders', 'SIGQUIT'), 'exit 0');
	t.diagnostic(`QUIT under load: ended after ${Date.now() - quit} ms`);
	await world.startPool('orders');
	await world.until('an answer', async () => (await world.fetch(`/r/tiffin/api/v1/orders/${order.id}`, { token: guest.token })).status === 200);
	is_refused_well(await load.stop(), t, 'masters', Infinity);
	const found = await is_once();
	assert.ok(found.size <= placed.length);
});
