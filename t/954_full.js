'use strict';
// The disk under the database is full: a small file system of its own, filled to the last byte. What cannot be stored is not
// acknowledged: the POS is told to bring its word again, the guest to come again; and when there is room again all goes on, with
// nobody started anew. Then the same under the logs: whoever cannot write his log serves all the same.
//
// The file system is a tmpfs in a mount namespace of the server's own, which ends with it. Where that is not allowed (a container
// without privileges) the largest size of a file stands in for it: RLIMIT_FSIZE, lowered to the longest table's.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync, spawnSync } = require('node:child_process');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const SIZE_MB = 128;
const AS_ROOT = process.getuid() === 0;
// A namespace of mounts; for who is not root one of users with it.
const OWN_MOUNTS = ['unshare', AS_ROOT ? '-m' : '-rm', '--propagation', 'private', '--'];
const may_mount = (dir) => spawnSync(OWN_MOUNTS[0], [...OWN_MOUNTS.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', dir]).status === 0;

let world, bistro, guest, disk;
const placed = [];

// {wrap: what stands before the server's command, fill(), free(), label}
class Tmpfs {
	constructor(dir) {
		this.dir = dir;
		this.label = `a tmpfs of ${SIZE_MB} MB`;
		this.wrap = [...OWN_MOUNTS, 'sh', '-c', `mount -t tmpfs -o size=${SIZE_MB}m tmpfs "$1" && shift && exec "$@"`, 'sh', dir];
	}

	// The directory as the server sees it.
	inside() {
		return `/proc/${world.child('mariadb').pid}/root${this.dir}`;
	}

	fill() {
		const to = fs.openSync(path.join(this.inside(), 'ballast'), 'a');
		for (let piece = Buffer.alloc(1 << 20); piece.length >= 512;) {
			try {
				fs.writeSync(to, piece);
			} catch (error) {
				assert.equal(error.code, 'ENOSPC');
				piece = piece.subarray(0, piece.length >> 1);
			}
		}
		fs.closeSync(to);
	}

	free() {
		fs.rmSync(path.join(this.inside(), 'ballast'));
	}
}

// No file may grow beyond the longest there is, which are made those of the events and of the deliveries: without the one no order
// moves, without the other no delivery is stored. What made them long goes when there is room again.
class FileSize {
	constructor() {
		this.label = 'RLIMIT_FSIZE, there being no leave to mount';
		this.wrap = ['env', '--ignore-signal=XFSZ'];
		this.seq = 0;
	}

	async pad(size, n) {
		await world.sql(`INSERT INTO events (restaurant_id, seq, kind, data, created_at)
			SELECT 0, ${this.seq} + seq, 'padding', CONCAT('"', REPEAT('x', ${size}), '"'), UTC_TIMESTAMP(6) FROM seq_1_to_${n}`);
		this.seq += n;
		await world.sql(`INSERT INTO webhook_logs (provider, webhook_type, headers, source_address, body, body_len, body_digest, is_verified,
			http_status, trace_id, received_at) SELECT 'padding', 'padding', '', '', REPEAT('x', ${size}), ${size}, UNHEX(SHA2('', 256)), 0,
			0, '', UTC_TIMESTAMP(6) FROM seq_1_to_${n}`);
	}

	async fill() {
		for (let i = 0; i < 70; i++) await this.pad(6000, 50); // in small pieces, of which the undo log stays small
		const data = path.join(world.at.db, 'data');
		const sizes = fs.readdirSync(data, { recursive: true }).map((name) => fs.statSync(path.join(data, name))).filter((stat) => stat.isFile());
		this.limit(String(Math.max(...sizes.map((stat) => stat.size))));
		for (const size of [6000, 1000, 200])
			for (let i = 0; await this.pad(size, 1).then(() => true, (error) => assert.equal(error.errno, 1114, error.message)); i++)
				assert.ok(i < 20000);
	}

	async free() {
		this.limit('unlimited');
		await world.sql("DELETE FROM events WHERE kind = 'padding'; DELETE FROM webhook_logs WHERE provider = 'padding'");
	}

	limit(soft) {
		execFileSync('prlimit', ['--pid', String(world.child('mariadb').pid), `--fsize=${soft}:`]);
	}
}

before(async () => {
	world = new World({ onboard: false, workers: 2, env: { LEASE_MS: '2000', BACKOFF_MS: '60', RELAY_POLL_MS: '50' } });
	disk = may_mount(world.at.db) && !process.env.NO_MOUNT ? new Tmpfs(world.at.db) : new FileSize();
	world.options.under = disk.wrap;
	await world.up();
	bistro = await Bistro.open(world, { seed: 954 });
	guest = await bistro.guest();
});
after(() => world?.stop());

const serving = () => [...world.children].filter(([name]) => name !== 'mariadb').map(([name, child]) =>
	`${name} ${child.pid} ${name === 'nginx' ? '' : fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')}`);

async function order() {
	const key = crypto.randomUUID();
	const answer = await guest.place(bistro.cart(), { key });
	if (answer.status === 201) placed.push({ id: answer.json.order.id, number: answer.json.order.order_number, key });
	return { answer, key };
}

function is_polite(answer) {
	assert.equal(answer.status, 503, answer.text ?? JSON.stringify(answer));
	assert.ok(Number(answer.headers['retry-after']) > 0, 'says when to come again');
}

async function stored() {
	return Number((await world.sql('SELECT COUNT(*) AS n FROM webhook_logs WHERE is_verified = 1'))[0].n);
}

test('F18 I4 I13 the disk of the database is full: nothing is acknowledged that is not stored, and all goes on when there is room', async (t) => {
	t.diagnostic(disk.label);
	const pids = serving();
	for (let i = 0; i < 3; i++) assert.equal((await order()).answer.status, 201);
	await quiet(world);
	// A menu that came while there was room; nobody has looked at it yet.
	world.child('jobs').signal('SIGSTOP');
	assert.equal((await bistro.pos.control('/push-menu', { json: { menu: bistro.doc } })).status, 200);
	await disk.fill();
	// What the tables still have room for is taken; then there is none.
	const refused = [];
	const begun = Date.now();
	for (let i = 0; refused.length < 5; i++) {
		const { answer, key } = await order();
		if (answer.status !== 201) {
			is_polite(answer);
			refused.push(key);
		}
		assert.ok(i < 20000 && Date.now() - begun < 90000, 'the disk is full in the end');
	}
	const n = placed.length;
	// The kitchen's words: stored, or not acknowledged; there is still room for some.
	const words = [];
	for (let i = 0; words.filter((status) => status === 503).length < 5; i++) {
		const had = await stored();
		const answer = await bistro.kitchen(placed[i % 3].number, '1');
		words.push(answer.status);
		if (answer.status < 300) assert.ok(await stored() > had, 'acknowledged, hence stored');
		else assert.equal(answer.status, 503, JSON.stringify(answer));
		assert.ok(i < 2000, 'the disk is full in the end');
	}
	world.child('jobs').signal('SIGCONT');
	await world.until('the menu to be put off twice', async () => (fs.readFileSync(path.join(world.at.log, 'jobs.log'), 'utf8')
		.match(/"job_put_off".*menu_publish/g) ?? []).length >= 2);
	assert.equal((await world.sql("SELECT attempts FROM outbox WHERE kind = 'menu_publish'"))[0].attempts, '0', 'no fault of the menu');
	const health = await world.fetch('/health');
	t.diagnostic(`${n} orders taken, then 503; ${words.length - 5} callbacks, then 503; /health ${health.status}`);
	assert.equal((await guest.order(placed[0].id)).status, 200, 'what is there can be read');

	await disk.free();
	const freed = Date.now();
	for (const key of refused) {
		const answer = await world.until('an order', async () => {
			const said = await guest.place(bistro.cart(), { key });
			if (said.status !== 201) is_polite(said);
			return said.status === 201 ? said : null;
		});
		placed.push({ id: answer.json.order.id, number: answer.json.order.order_number, key });
	}
	t.diagnostic(`orders again ${Date.now() - freed} ms after there was room`);
	for (const { number } of placed.slice(0, 3)) await world.until('the kitchen\'s word', async () => (await bistro.kitchen(number, '1')).status === 200);
	await quiet(world, 60000);
	assert.deepEqual(serving(), pids, 'nobody was started anew');
	assert.deepEqual((await world.sql("SELECT outcome FROM outbox_done WHERE kind = 'menu_publish' ORDER BY id DESC LIMIT 1")), [{ outcome: 'DONE' }]);
	assert.deepEqual(await check(world, { placed }), []);
	assert.equal(Number((await world.sql('SELECT COUNT(*) AS n FROM orders'))[0].n), placed.length, 'as many orders as were acknowledged');
});

// Everything that is written there fails for want of room.
const FULL = '/dev/full';

test('F18 I12 the disk of the logs is full, or the log at the largest size of a file: everybody serves, and nobody dies', async () => {
	const names = ['orders', 'webhooks', 'relay', 'jobs'];
	for (const name of names) {
		await world.child(name).stop();
		fs.rmSync(path.join(world.at.log, `${name}.log`));
		fs.symlinkSync(FULL, path.join(world.at.log, `${name}.log`));
		if (['relay', 'jobs'].includes(name)) world.startRunner(name);
		else await world.startPool(name);
	}
	const nginx_logs = ['nginx.access.log', 'nginx.error.log'].map((name) => path.join(world.at.log, name));
	for (const log of nginx_logs) {
		fs.rmSync(log);
		fs.symlinkSync(FULL, log);
	}
	world.child('nginx').signal('SIGUSR1');
	const limited = ['admin', 'menu', 'auth'];
	const of = (name) => [world.child(name).pid, ...fs.readFileSync(`/proc/${world.child(name).pid}/task/${world.child(name).pid}/children`, 'utf8').trim().split(' ')];
	for (const pid of limited.flatMap(of)) execFileSync('prlimit', ['--pid', String(pid), '--fsize=0:']);
	const pids = serving();
	for (let i = 0; i < 5; i++) {
		const { answer } = await order();
		assert.equal(answer.status, 201, answer.text);
		const { number, id } = placed.at(-1);
		await bistro.becomes(number, { pos_state: 'accepted' });
		assert.equal((await bistro.kitchen(number, '1')).status, 200);
		assert.equal((await bistro.move(id, 'preparing')).status, 200);
		assert.equal((await guest.fetch('/api/v1/menu/categories')).status, 200);
		assert.equal((await world.fetch('/api/v1/orders', {})).status, 401);
	}
	await bistro.guest();
	assert.deepEqual(serving(), pids, 'nobody died');
	for (const log of [...nginx_logs, ...names.map((name) => path.join(world.at.log, `${name}.log`))]) {
		assert.equal(fs.readlinkSync(log), FULL);
		fs.rmSync(log);
	}
	await quiet(world, 60000);
	assert.deepEqual(await check(world, { placed }), []);
});
