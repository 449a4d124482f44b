'use strict';
// bench: POST /orders beside its floor, in one run on one machine, with 1 and with 100 restaurants.
//
//	ours     wrk → nginx (TLS, HTTP/1.1, kept connections) → the orders pool → MariaDB, real tokens
//	bare     bare_order: the same statements from as many processes as the pool has workers, nothing in front
//	hello    wrk → the same nginx → a worker that answers a constant of the same size
//	floor    1 / (1 / bare + 1 / hello): what the two cost one after the other
//
// They take turns, a few seconds each, several rounds; the ratio is taken within a round. MariaDB flushes at every commit.
// Environment: S seconds each (4), ROUNDS (5), WORKERS (8), CLIENTS (16), KEYS=1: with an Idempotency-Key, RESTAURANTS (1,100).

process.env.REDO ??= '512M';
process.env.POOL ??= '1G';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { World } = require('../world.js');
const { top } = require('../stack/layout.js');
const { run, until } = require('../stack/process.js');
const { Recorder } = require('./record.js');
const report = require('./report.js');
const town = require('./town.js');
const usage = require('./usage.js');

const number = (name, preset) => Number(process.env[name] ?? preset);
const SECONDS = number('S', 4);
const ROUNDS = number('ROUNDS', 5);
const WORKERS = number('WORKERS', 8);
const CLIENTS = number('CLIENTS', 16);
const KEYS = number('KEYS', 0) === 1;
const SIZES = (process.env.RESTAURANTS ?? '1,100').split(',').map(Number);
const GUESTS = 8;

const build = path.resolve(top, process.env.TICKETRAIL_BUILD || 'build/release');

class Bench {
	constructor(world) {
		this.world = world;
		this.program = (name) => path.join(build, 'bench', name);
		this.file = (name) => path.join(world.at.dir, name);
	}

	// --- the town, the script of an order, the requests

	async prepare() {
		const { world } = this;
		this.restaurants = await town.settle(world, Math.max(...SIZES));
		this.tokens = await town.guests(world, GUESTS);
		if (world.children.has('relay')) await world.child('relay').stop(); // it would compete for what is measured
		await this.record();
		await world.startPool('orders');
		this.sizes = SIZES.map((count) => ({ count, requests: this.requestsFile(count), script: this.file(`script.${count}`) }));
		for (const { count, script } of this.sizes) this.recorder.write(script, this.recorded.get(count));
		await this.startHello();
	}

	// Who orders where: every restaurant, and with few of them every guest.
	pairs(count) {
		return Array.from({ length: Math.max(count, GUESTS) }, (unused, i) => ({ restaurant: this.restaurants[i % count], guest: i % GUESTS }));
	}

	requestsFile(count) {
		const file = this.file(`requests.${count}`);
		fs.writeFileSync(file, this.pairs(count).map(({ restaurant, guest }) =>
			[`/r/${restaurant.slug}/api/v1/orders`, this.tokens[guest], JSON.stringify(town.cart(restaurant.n))].join('\t')).join('\n'));
		return file;
	}

	async post({ restaurant, guest }) {
		const key = KEYS ? crypto.randomUUID() : undefined;
		const answer = await this.world.fetch(`/r/${restaurant.slug}/api/v1/orders`, { token: this.tokens[guest],
			json: town.cart(restaurant.n), headers: key ? { 'idempotency-key': key } : {} });
		assert.equal(answer.status, 201, answer.text);
		this.answer = answer.text;
		const [row] = await this.world.sql(`SELECT o.id, o.order_number, o.total_minor, o.created_at, e.seq FROM orders o
			JOIN events e ON e.restaurant_id = o.restaurant_id AND e.order_id = o.id AND e.kind = 'order_placed'
			WHERE o.public_id = X'${answer.json.order.id.replaceAll('-', '')}'`);
		assert.equal(Number(row.total_minor), town.TOTAL_MINOR);
		const [whole, part] = row.created_at.split('.');
		return { id: Number(row.id), public_id: answer.json.order.id, number: row.order_number, event_no: Number(row.seq), key,
			now_us: BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(part) };
	}

	// The log has values only of statements prepared while it was on, so the pool lives for this alone, with one worker.
	async record() {
		const { world } = this;
		const log = this.file('general.log');
		const workers = world.options.workers;
		await world.sql(`SET GLOBAL general_log_file = '${log}'; SET GLOBAL general_log = 1`);
		world.options.workers = 1;
		const pool = await world.startPool('orders');
		this.recorder = new Recorder(top, log);
		this.recorded = new Map();
		for (const count of SIZES) {
			const orders = [];
			for (const pair of this.pairs(count)) orders.push(await this.recordOne(pair));
			this.recorded.set(count, orders);
		}
		await pool.stop();
		world.options.workers = workers;
		await world.sql('SET GLOBAL general_log = 0');
		fs.rmSync(log);
	}

	// A worker that meets a menu for the first time reads it: not what happens every time.
	async recordOne(pair) {
		for (;;) {
			const order = await this.recorder.record(() => this.post(pair));
			if (order) return order;
		}
	}

	async startHello() {
		const { world } = this;
		fs.writeFileSync(this.file('answer'), this.answer);
		const socket = path.join(world.at.run, 'integrations.sock'); // nginx knows the way; the pool itself is not started
		world.spawn('hello', [path.join(build, 'pool'), '--name', 'integrations', '--socket', socket, '--workers', String(WORKERS), '--',
			this.program('hello'), this.file('answer')]);
		fs.writeFileSync(this.file('requests.hello'), fs.readFileSync(this.file(`requests.${Math.max(...SIZES)}`), 'utf8')
			.replace(/^\/r\/([^/]*)\/api\/v1\/orders/gm, '/r/$1/api/pos-config/hello'));
		await until('hello', () => fs.existsSync(socket));
		await until('its answer', () => world.client.fetch('/api/pos-config/hello').then(({ status }) => status === 201));
	}

	// --- one turn

	processes() {
		const { world } = this;
		const nginx = world.child('nginx').pid;
		return {
			nginx: [nginx, ...usage.childrenOf(nginx)],
			workers: usage.childrenOf(world.child('orders').pid),
			hello: usage.childrenOf(world.child('hello').pid),
			mariadbd: [world.child('mariadb').pid],
		};
	}

	async status() {
		const rows = await this.world.sql(`SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_deadlocks', 'Innodb_data_fsyncs',
			'Innodb_row_lock_waits', 'Innodb_row_lock_time', 'Innodb_os_log_written')`);
		const known = Object.fromEntries(rows.map((row) => [row.Variable_name, Number(row.Value)]));
		const metrics = (await this.world.fetch('/metrics')).text;
		const counters = [...metrics.matchAll(/^ticketrail_transaction_retries_total\{[^}]*\} (\d+)$/gm)];
		return { ...known, retries: counters.reduce((sum, [, n]) => sum + Number(n), 0) };
	}

	// Runs `what` and says beside its figures who used how much of the CPU, and what the database counted.
	async turn(what) {
		const pids = this.processes();
		const sums = () => Object.fromEntries(Object.entries(pids).map(([name, list]) => [name, usage.cpu(list)]));
		const before = { cpu: sums(), status: await this.status(), machine: usage.machine() };
		const figures = await what();
		const after = { cpu: sums(), machine: usage.machine() };
		after.status = await this.status();
		const difference = (of) => Object.fromEntries(Object.keys(before[of]).map((name) => [name, after[of][name] - before[of][name]]));
		const cpu = difference('cpu');
		cpu[figures.by] = figures.cpu_s;
		return { ...figures, cpu, status: difference('status'), machine: difference('machine') };
	}

	async wrk(requests, seconds = SECONDS) {
		const said = await run(['wrk', '--threads', '1', '--connections', String(CLIENTS), '--duration', `${seconds}s`, '--timeout', '10s',
			'--script', path.join(__dirname, 'post.lua'), '--header', `Host: localhost:${this.world.port}`, `https://127.0.0.1:${this.world.port}/`],
		{ dir: this.world.at.dir, env: { BENCH_REQUESTS: requests, BENCH_KEYS: KEYS ? '1' : '0' } });
		const said_last = JSON.parse(said.trim().split('\n').at(-1));
		assert.equal(said_last.refused, 0, `${said_last.refused} answers were refusals`);
		assert.equal(said_last.broken, 0, `${said_last.broken} requests were broken off`);
		return { by: 'wrk', n: said_last.requests, rate: said_last.requests / (said_last.us / 1e6), ...said_last };
	}

	async bare(script, seconds = SECONDS, processes = WORKERS) {
		const { world } = this;
		const said = JSON.parse(await run([this.program('bare_order'), world.database.socket, 'ticketrail_orders', world.database.name,
			script, String(processes), String(seconds)], { dir: world.at.dir, env: { DB_PASSWORD: world.config.DB_PASSWORD ?? '' } }));
		return { by: 'bare_order', n: said.orders, rate: said.orders / said.seconds, ...said };
	}

	orders() {
		return this.world.sql('SELECT COUNT(*) AS n FROM orders').then(([row]) => Number(row.n));
	}

	// 201 every time, as the database sees it: what was answered is there, and no more than was under way at the end besides.
	async ours(requests, seconds = SECONDS) {
		const before = await this.orders();
		const figures = await this.wrk(requests, seconds);
		const made = await this.orders() - before;
		assert.ok(made >= figures.n && made <= figures.n + CLIENTS, `${figures.n} answers of 201, ${made} orders`);
		return figures;
	}

	// Until no worker meets a menu any more that it has not read: an order is then the recorded statements and no others.
	async warm(requests) {
		const executed = async () => Number((await this.world.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'"))[0].Value);
		const usual = this.recorder.steps.filter(({ name }) => name).length;
		for (let tries = 0; ; tries++) {
			const before = { executed: await executed(), orders: await this.orders() };
			await this.ours(requests, 2);
			const each = (await executed() - before.executed) / (await this.orders() - before.orders);
			if (each < usual + 0.05) return;
			if (tries === 30) throw new Error(`an order is ${each.toFixed(2)} statements, not ${usual}: workers still read menus`);
		}
	}

	async rounds() {
		const all = [];
		for (const { requests, script } of this.sizes) {
			await this.warm(requests);
			await this.bare(script, 1);
		}
		await this.wrk(this.file('requests.hello'), 1);
		for (let r = 0; r < ROUNDS; r++) {
			const round = { hello: await this.turn(() => this.wrk(this.file('requests.hello'))), sizes: [] };
			for (const { count, requests, script } of this.sizes) {
				const turns = { bare: () => this.bare(script), ours: () => this.ours(requests) };
				const size = { count };
				for (const name of r % 2 === 0 ? ['bare', 'ours'] : ['ours', 'bare']) size[name] = await this.turn(turns[name]);
				round.sizes.push(size);
			}
			all.push(round);
			process.stderr.write(`round ${r + 1} of ${ROUNDS}\n`);
		}
		return all;
	}

	// --- afterwards

	// What must hold of all orders, ours and bare_order's. Answers the complaints.
	async correctness() {
		const wrong = [];
		const check = async (what, sql) => {
			const [row] = await this.world.sql(sql);
			if (Number(row.n) !== 0) wrong.push(`${what}: ${row.n}`);
		};
		await check('restaurants whose order numbers have a gap or a repetition', `SELECT COUNT(*) AS n FROM (SELECT o.restaurant_id
			FROM orders o JOIN restaurant_counters c ON c.restaurant_id = o.restaurant_id GROUP BY o.restaurant_id
			HAVING COUNT(DISTINCT o.order_number) <> COUNT(*) OR MIN(CAST(SUBSTRING_INDEX(o.order_number, '-', -1) AS UNSIGNED)) <> 1
			OR MAX(CAST(SUBSTRING_INDEX(o.order_number, '-', -1) AS UNSIGNED)) <> COUNT(*) OR MAX(c.order_seq) <> COUNT(*)) x`);
		await check('restaurants whose events have a gap', `SELECT COUNT(*) AS n FROM (SELECT e.restaurant_id
			FROM events e JOIN restaurant_counters c ON c.restaurant_id = e.restaurant_id WHERE e.seq > ${town.FAR / 1000}
			GROUP BY e.restaurant_id HAVING MIN(e.seq) <> ${town.FAR / 1000} + 1 OR MAX(e.seq) <> MAX(c.event_seq)
			OR COUNT(*) <> MAX(c.event_seq) - ${town.FAR / 1000}) x`);
		await check('orders with another total', `SELECT COUNT(*) AS n FROM orders WHERE total_minor <> ${town.TOTAL_MINOR}`);
		await check('orders whose lines and taxes do not add up', `SELECT COUNT(*) AS n FROM orders o LEFT JOIN
			(SELECT order_id, SUM(line_total_minor) AS s, COUNT(*) AS k FROM order_items GROUP BY order_id) i ON i.order_id = o.id LEFT JOIN
			(SELECT order_id, SUM(amount_minor) AS s, COUNT(*) AS k FROM order_taxes GROUP BY order_id) t ON t.order_id = o.id
			WHERE NOT (i.k <=> 2 AND t.k <=> 4 AND i.s <=> o.subtotal_minor AND i.s + t.s <=> o.total_minor)`);
		await check('orders without their two add-ons', `SELECT COUNT(*) AS n FROM orders o LEFT JOIN
			(SELECT order_id, COUNT(*) AS k FROM order_item_addons GROUP BY order_id) a ON a.order_id = o.id WHERE NOT (a.k <=> 2)`);
		await check('orders without exactly one submission in the outbox', `SELECT COUNT(*) AS n FROM orders o LEFT JOIN
			(SELECT subject_id, COUNT(*) AS k FROM outbox WHERE kind = 'pos_submit' GROUP BY subject_id) m ON m.subject_id = o.id
			WHERE NOT (m.k <=> 1)`);
		return wrong;
	}

	async flushMicroseconds() {
		const fd = fs.openSync(this.file('flush'), 'w');
		const took = [];
		for (let i = 0; i < 200; i++) {
			fs.writeSync(fd, Buffer.alloc(512, i), 0, 512, i * 512);
			const begin = process.hrtime.bigint();
			fs.fdatasyncSync(fd);
			took.push(Number(process.hrtime.bigint() - begin) / 1000);
		}
		fs.closeSync(fd);
		return took.sort((a, b) => a - b)[100];
	}

	// What a worker must do besides: an RS256 signature verified.
	verifyMicroseconds() {
		const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
		const text = Buffer.from(this.tokens[0]);
		const signature = crypto.sign('sha256', text, privateKey);
		const begin = process.cpuUsage();
		for (let i = 0; i < 1000; i++) crypto.verify('sha256', text, publicKey, signature);
		const { user, system } = process.cpuUsage(begin);
		return (user + system) / 1000;
	}

	async facts() {
		return {
			machine: { cpus: os.cpus().length, model: os.cpus()[0].model },
			settings: { SECONDS, ROUNDS, WORKERS, CLIENTS, KEYS },
			steps: this.recorder.steps,
			pss_kb: usage.childrenOf(this.world.child('orders').pid).map(usage.pss),
			alone: await this.bare(this.sizes.at(-1).script, 2, 1),
			flush_us: await this.flushMicroseconds(),
			verify_us: this.verifyMicroseconds(),
			orders: await this.orders(),
			wrong: await this.correctness(),
		};
	}
}

async function main() {
	const world = await World.start({ build, flush: 1, onboard: false, programs: ['auth', 'ops', 'relay'], sims: ['msg91'], workers: WORKERS,
		dir: process.env.BENCH_DIR });
	let facts;
	try {
		const bench = new Bench(world);
		await bench.prepare();
		const rounds = await bench.rounds();
		facts = await bench.facts();
		if (process.env.BENCH_JSON) fs.writeFileSync(process.env.BENCH_JSON, JSON.stringify({ facts, rounds }, null, '\t'));
		process.stdout.write(report.text(facts, rounds));
	} catch (error) {
		console.error((await world.end()).join('\n'));
		throw error;
	}
	await world.stop();
	process.exitCode = facts.wrong.length > 0 ? 1 : 0;
}

main().catch((error) => {
	console.error(error.stack);
	process.exit(1);
});
