'use strict';
// house: the world that is measured, the programs that measure it, and what a measurement used beside its figures.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { World } = require('../world.js');
const { Client } = require('../stack/client.js');
const { top } = require('../stack/layout.js');
const { run, until } = require('../stack/process.js');
const { Recorder } = require('./record.js');
const town = require('./town.js');
const usage = require('./usage.js');

const build = path.resolve(top, process.env.TICKETRAIL_BUILD || 'build/release');
const COUNTED = ['Innodb_deadlocks', 'Innodb_data_fsyncs', 'Innodb_row_lock_waits', 'Innodb_row_lock_time', 'Innodb_os_log_written'];

class House {
	// settings: {seconds, rounds, workers, clients, keys}
	static async open(settings, dir = process.env.BENCH_DIR) {
		const world = await World.start({ build, flush: 1, onboard: false, programs: ['auth', 'ops', 'relay'], sims: ['msg91'],
			workers: settings.workers, dir });
		const house = new House(world, settings);
		try {
			await house.furnish();
		} catch (error) {
			console.error((await world.end()).join('\n'));
			throw error;
		}
		return house;
	}

	constructor(world, settings) {
		Object.assign(this, { world, settings, answers: path.join(world.at.dir, 'answers'), recorders: [] });
		fs.mkdirSync(this.answers);
	}

	file(name) {
		return path.join(this.world.at.dir, name);
	}

	program(name) {
		return path.join(build, 'bench', name);
	}

	sql(text) {
		return this.world.sql(text);
	}

	async count(table, where = 'TRUE') {
		return Number((await this.sql(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`))[0].n);
	}

	// --- what everything needs

	async furnish() {
		const { world } = this;
		const child = world.spawn('pos', [this.program('pos'), world.tls.cert, world.tls.key, this.file('pos.journal')], { lines: true });
		this.pos = `https://127.0.0.1:${JSON.parse(await child.line()).port}`;
		this.posClient = new Client(this.pos.replace('127.0.0.1', 'localhost'), fs.readFileSync(world.tls.ca));
		this.restaurants = await town.settle(world, this.settings.restaurants, this.pos);
		this.tokens = await town.guests(world, town.GUESTS);
		await world.child('relay').stop(); // it would compete for what is measured
		world.children.delete('relay');
	}

	// What the slow POS counted, or a new beginning of its counting.
	async posAsk(at) {
		const answer = await this.posClient.fetch(`/_pos/${at}`);
		assert.equal(answer.status, 200);
		return answer.json;
	}

	// --- recording what a request says to the database

	// The log has values only of statements prepared while it was on, so a pool lives for this alone, with one worker.
	async recording(pool, work) {
		const { world } = this;
		const log = this.file('general.log');
		const { workers } = world.options;
		await this.poolEnds(pool);
		await this.sql(`SET GLOBAL general_log_file = '${log}'; SET GLOBAL general_log = 1`);
		world.options.workers = 1;
		await world.startPool(pool);
		await world.answers();
		const recorder = new Recorder(top, log);
		await work(recorder);
		await this.poolEnds(pool);
		world.options.workers = workers;
		await this.sql('SET GLOBAL general_log = 0');
		fs.rmSync(log);
		this.recorders.push(recorder);
		return recorder;
	}

	// The pool, started if it is not there yet.
	async pool(name) {
		if (!this.world.children.has(name)) await this.world.startPool(name);
	}

	async poolEnds(name) {
		if (!this.world.children.has(name)) return;
		await this.world.child(name).stop();
		this.world.children.delete(name);
	}

	// --- what stands beside it

	// An answer that hello gives at /api/pos-config/NAME: ours, byte for byte, but for what nginx adds.
	helloKnows(name, { status, headers, text }) {
		const kept = ['content-type', 'cache-control', 'location', 'etag'].filter((one) => headers[one] !== undefined);
		fs.writeFileSync(path.join(this.answers, name), [`Status: ${status}`, ...kept.map((one) => `${one}: ${headers[one]}`),
			`Content-Length: ${Buffer.byteLength(text)}`, '', text].join('\r\n'));
		return `/api/pos-config/${name}`;
	}

	async helloStart() {
		const { world } = this;
		const socket = path.join(world.at.run, 'integrations.sock'); // nginx knows the way; the pool itself is not started
		world.spawn('hello', [path.join(build, 'pool'), '--name', 'integrations', '--socket', socket, '--workers', String(this.settings.workers),
			'--', this.program('hello'), this.answers]);
		await until('hello', () => fs.existsSync(socket));
		for (const name of fs.readdirSync(this.answers))
			await until(`its answer ${name}`, () => world.client.fetch(`/api/pos-config/${name}`).then(({ status }) => status < 300));
	}

	// A file that nginx gives out by itself.
	async staticFile(name, text) {
		const { world } = this;
		const dir = this.file('static');
		const conf = path.join(world.at.nginx, 'ticketrail.conf');
		fs.mkdirSync(path.join(dir, 'bench'), { recursive: true });
		fs.writeFileSync(path.join(dir, 'bench', name), text);
		const before = fs.readFileSync(conf, 'utf8');
		if (!before.includes('location /bench/')) {
			fs.writeFileSync(conf, before.replace('location / {', `location /bench/ { root ${dir}; }\n\t\tlocation / {`));
			world.child('nginx').signal('SIGHUP');
		}
		return until(name, () => world.client.fetch(`/bench/${name}`).then((answer) => answer.status === 200 && answer));
	}

	// --- one turn

	processes() {
		const { world } = this;
		const nginx = world.child('nginx').pid;
		const children = (name) => (world.children.has(name) ? usage.childrenOf(world.child(name).pid) : []);
		return {
			nginx: [nginx, ...usage.childrenOf(nginx)],
			workers: ['orders', 'menu', 'webhooks'].flatMap(children),
			hello: children('hello'),
			mariadbd: [world.child('mariadb').pid],
			relay: world.children.has('relay') ? [world.child('relay').pid] : [],
			pos: [world.child('pos').pid],
		};
	}

	async status() {
		const rows = await this.sql(`SHOW GLOBAL STATUS WHERE Variable_name IN ('${COUNTED.join("', '")}')`);
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

	// requests: [{method, path, token, etag, body}], to be sent by wrk: the file they are in.
	requests(name, list) {
		const file = this.file(`requests.${name.replace(/\W+/g, '-')}`);
		fs.writeFileSync(file, list.map(({ method = 'GET', path: at, token = '', etag = '', body = '' }) =>
			[method, at, token, etag, body].join('\t')).join('\n'));
		return file;
	}

	// bytes: what each answer has at least (and, as [least, most], at most).
	async wrk(requests, { seconds = this.settings.seconds, once = false, keys = false, bytes } = {}) {
		const said = await run(['wrk', '--threads', '1', '--connections', String(this.settings.clients), '--duration', `${seconds}s`, '--timeout', '10s',
			'--script', path.join(__dirname, 'requests.lua'), '--header', `Host: localhost:${this.world.port}`, `https://127.0.0.1:${this.world.port}/`],
		{ dir: this.world.at.dir, env: { BENCH_REQUESTS: requests, BENCH_KEYS: keys ? '1' : '0', BENCH_ONCE: once ? '1' : '0' } });
		const figures = JSON.parse(said.trim().split('\n').at(-1));
		assert.equal(figures.refused, 0, `${figures.refused} answers were refusals`);
		assert.equal(figures.broken, 0, `${figures.broken} requests were broken off`);
		if (once) assert.equal(figures.spent, 0, 'there were not enough requests for the time');
		const each = figures.bytes / figures.requests;
		if (bytes) assert.ok(each >= bytes[0] && each <= bytes[1], `an answer has ${each.toFixed(0)} bytes, not ${bytes.join(' to ')}`);
		return { by: 'wrk', n: figures.requests, rate: figures.requests / (figures.us / 1e6), ...figures };
	}

	async bare(user, script, { seconds = this.settings.seconds, processes = this.settings.workers } = {}) {
		const { world } = this;
		const said = JSON.parse(await run([this.program('bare'), world.database.socket, `ticketrail_${user}`, world.database.name,
			script, String(processes), String(seconds)], { dir: world.at.dir, env: { DB_PASSWORD: world.config.DB_PASSWORD ?? '' } }));
		return { by: 'bare', n: said.requests, rate: said.requests / said.seconds, ...said };
	}
}

module.exports = { House };
