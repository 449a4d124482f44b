'use strict';
// world: a whole house of its own for one test, for `make run` and for `make up`: MariaDB, the programs, nginx and the
// simulated providers, in one directory, on unix sockets and ports nobody chose.
//
//	const { World } = require('./world.js');
//	const world = await World.start();
//	const answer = await world.fetch('/api/v1/menu/categories', { token });
//	await world.stop();         // throws if anything died, survived, was leaked or told a secret
//
// Everything is waited for by looking (a socket, a readiness, a row), never by sleeping. Whatever happens to the test,
// kill -9 included, nothing of its world lives on.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const config = require('./stack/config.js');
const demo = require('./stack/demo.js');
const logs = require('./stack/logs.js');
const nginx = require('./stack/nginx.js');
const openapi = require('./openapi.js');
const tls = require('./stack/tls.js');
const { PROVIDERS } = require('./providers.js');
const { Between } = require('./between.js');
const { Client } = require('./stack/client.js');
const { Database } = require('./stack/database.js');
const { POOLS, RUNNERS } = require('./stack/pools.js');
const { Child, run, until, survivors } = require('./stack/process.js');
const { layout, remove, top } = require('./stack/layout.js');

const SIMULATORS = [...Object.keys(PROVIDERS), 'msg91'];
const POS = 'petpooja'; // the demo restaurant's, if nobody says another
const build = path.resolve(top, process.env.TICKETRAIL_BUILD || 'build/test');

class World {
	// Options, all with a default:
	//	dir       where it lies, kept afterwards (else a new one, removed by stop() when all was well)
	//	build     the directory of the programs
	//	port      of nginx on 127.0.0.1 (else the kernel chooses); `from`: the first free one from there on
	//	workers   of each pool, poolArgs for its master; sims: which simulators (else the demo restaurant's POS and MSG91); simArgs: {petpooja: ['--auto-accept', '50']}
	//	pos       the demo restaurant's POS (providers.js); programs: which pools and runners (else all that are built)
	//	bare      nginx alone
	//	onboard   false: without the demo restaurant (it needs the orders pool and its simulated POS)
	//	flush     innodb_flush_log_at_trx_commit; env: configuration keys on top; limits: of nginx ('product' or values)
	//	origins   whose pages may use the API
	//	under     a command under which the database's server runs: ['unshare', ...]
	//	between   true: the programs reach the database through world.between (between.js)
	//	crash     true: every program may be killed at its crash points (lib/op/crash.h), by crashDir(name)
	static async start(options = {}) {
		const world = new World(options);
		try {
			await world.up();
			return world;
		} catch (error) {
			await world.end();
			throw new Error(`${error.message}\n(logs in ${world.at.log})`, { cause: error });
		}
	}

	constructor({ dir, build: programs = build, ...options } = {}) {
		this.options = { pos: POS, ...options };
		this.keep = Boolean(dir) || Boolean(process.env.TICKETRAIL_KEEP);
		this.at = layout(dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'trail.')));
		this.build = path.resolve(programs);
		this.children = new Map();
		this.secrets = new Set();
		this.codes = new Map(); // phone to the message whose code was given last
		this.undocumented = new Set();
		this.sim = {};
	}

	async up() {
		const { at, options } = this;
		logs.begin(at);
		this.tls = await tls.certificates(at.tls);
		const listener = await nginx.listen({ port: options.port ?? 0, from: options.from ?? 0 });
		this.port = listener.port;
		this.url = `https://localhost:${this.port}`;
		const limits = options.limits === 'product' ? nginx.LIMITS : { ...nginx.UNLIMITED, ...options.limits };
		try {
			if (!options.bare) await this.startPrograms();
			nginx.render(at, { port: this.port, tls: this.tls, limits, origins: options.origins });
			this.children.set('nginx', nginx.start(at, listener));
		} finally {
			listener.close();
		}
		this.client = new Client(this.url, fs.readFileSync(this.tls.ca));
		await this.answers();
		if (this.demo && RUNNERS.every((name) => this.has(name))) await until('the menu', () => demo.hasMenu(this));
	}

	// Everything behind nginx.
	async startPrograms() {
		const { at, options } = this;
		this.database = new Database(at, options.flush ?? 2, options.under);
		this.children.set('mariadb', await this.database.start());
		if (options.between) this.between = await Between.start(path.join(at.run, 'between.sock'), this.database.socket);
		await this.configure();
		await this.startSimulators();
		await this.ticketrail(['migrate']);
		if (options.onboard !== false && this.sim[options.pos] && this.has('orders')) this.demo = await demo.onboard(this);
		await Promise.all(POOLS.filter((name) => this.has(name)).map((name) => this.startPool(name)));
		for (const name of RUNNERS.filter((one) => this.has(one))) this.startRunner(name);
	}

	// Built and asked for.
	has(name) {
		return fs.existsSync(path.join(this.build, name)) && (this.options.programs?.includes(name) ?? true);
	}

	// The configuration file: what the stack knows, the simulators' addresses once they are known, the test's own keys.
	async configure(more = {}) {
		const { at, options } = this;
		this.configFile = path.join(at.conf, 'ticketrail.env');
		const keys = await config.keys(at, this.build);
		this.config = {
			DB_SOCKET: this.between?.path ?? this.database.socket,
			DB_NAME: this.database.name,
			PUBLIC_URL: this.url,
			RUN_DIR: at.run,
			DEFAULT_RESTAURANT: demo.slugOf(options.pos),
			ALLOW_HTTP: 'yes',
			// One restaurant takes here what a hundred do; with the product's limits the product's rates too.
			...(options.limits === 'product' ? {} : { RATE_PER_MIN: '600000', RATE_BURST: '1000', OTP_BLOCK_PER_HOUR: '0', OTP_COUNTRY_PER_HOUR: '0', OTP_PER_HOUR: '0' }),
			WORKERS: String(options.workers ?? 2),
			CA_FILE: this.tls.ca,
			MSG91_OTP_TEMPLATE_ID: 'demo-one-time-password',
			MSG91_FLOW_TEMPLATE_ID: 'demo-notice',
			MSG91_SENDER: 'TICKTR',
			...keys,
			...this.config,
			...more,
			...options.env,
		};
		config.write(this.configFile, this.config);
		for (const secret of config.secrets(this.config)) this.secrets.add(secret);
	}

	// Where files order the program `name` to die at its next crash point of a name, and where it notes those it reached.
	crashDir(name) {
		return path.join(this.at.dir, 'crash', name);
	}

	environment(name) {
		const log = path.join(this.at.log, 'sanitizer');
		if (this.options.crash && name) fs.mkdirSync(this.crashDir(name), { recursive: true, mode: 0o700 });
		return {
			TICKETRAIL_CONFIG: this.configFile,
			ASAN_OPTIONS: `log_path=${log}:abort_on_error=0`,
			UBSAN_OPTIONS: `log_path=${log}:print_stacktrace=1`,
			...(this.options.crash && name ? { TICKETRAIL_CRASH_DIR: this.crashDir(name) } : {}),
		};
	}

	spawn(name, argv, options = {}) {
		const child = new Child(name, argv, {
			dir: this.at.dir, log: path.join(this.at.log, `${name}.log`), ...options,
			env: { ...this.environment(name), ...options.env },
		});
		this.children.set(name, child);
		return child;
	}

	// Runs the operator's command to its end and answers what it printed.
	ticketrail(args, { input } = {}) {
		return run([path.join(this.build, 'ticketrail'), ...args], { dir: this.at.dir, env: this.environment(), input });
	}

	async startPool(name) {
		const socket = path.join(this.at.run, `${name}.sock`);
		const child = this.spawn(name, [path.join(this.build, 'pool'), '--name', name, '--socket', socket,
			'--workers', String(this.options.workers ?? 2), ...(this.options.poolArgs ?? []), '--', path.join(this.build, name)]);
		await until(`${name}.sock`, () => fs.existsSync(socket), { alive: () => child.death() });
		return child;
	}

	// `as`: the name under which a second one of it runs.
	startRunner(name, as = name) {
		return this.spawn(as, [path.join(this.build, name)]);
	}

	async startSimulators() {
		for (const name of this.options.sims ?? [this.options.pos, 'msg91']) await this.startSimulator(name);
	}

	// The address is known once it says so; a simulator started again keeps its port and what it knew.
	async startSimulator(name) {
		const dir = path.join(this.at.dir, 'sim', name);
		fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
		const before = this.sim[name]?.port;
		const provider = PROVIDERS[name];
		const about = provider ? [...provider.sim(this.url), ...(this.options.limits === 'product' ? [] : provider.unlimited)] : ['--authkey', this.config.MSG91_AUTHKEY];
		const child = this.spawn(`sim-${name}`, [process.execPath, path.join(top, 't', 'sim', `${name}.js`), '--dir', dir,
			'--ca', this.tls.ca, '--resolve', 'localhost=127.0.0.1', ...(before ? ['--port', String(before)] : []), ...about,
			...(this.options.simArgs?.[name] ?? [])], { lines: true });
		const { port } = JSON.parse(await child.line());
		this.sim[name] = new Simulator(port);
		await this.configure(name === 'msg91' ? { MSG91_BASE_URL: this.sim[name].url } : {});
		return child;
	}

	startNginx() {
		this.children.set('nginx', nginx.start(this.at, null));
		return this.answers();
	}

	// When this ends, no worker of before is left, and no connection to one: nginx has closed those that were idle, and a request
	// sent before this process has noticed would fail.
	async reloadNginx(options) {
		await nginx.reload(this.child('nginx'), options);
		this.client.close();
	}

	// nginx answers, and so does every pool that was started (a worker's socket exists before the worker does).
	async answers() {
		const alive = () => [...this.children.values()].filter((child) => !child.expected)
			.map((child) => child.death()).find(Boolean) ?? null;
		await until('nginx', () => this.fetch('/_none').then((answer) => answer.status === 404), { alive });
		if (this.children.has('ops'))
			await until('/health', () => this.fetch('/health').then((answer) => answer.status === 200), { alive });
	}

	// Every answer must be as openapi.yaml says; stop() complains of those that were not. A bare world has pools of its own making.
	async fetch(at, options = {}) {
		const answer = await this.client.fetch(at, options);
		if (!this.options.bare) {
			this.api ??= openapi.load();
			const has_body = options.body !== undefined || options.json !== undefined;
			const method = options.method ?? (has_body ? 'POST' : 'GET');
			for (const wrong of this.api.check({ ...answer, method, path: at })) this.undocumented.add(wrong);
		}
		return answer;
	}

	// Rows as objects of strings (null is null), as the administrator sees them.
	sql(text) {
		return this.database.rows(text);
	}

	// How often InnoDB has undone a transaction because two waited for each other.
	async deadlocks() {
		return Number((await this.sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"))[0].Value);
	}

	// None since there were so many; else it is told who waited for what.
	async noDeadlockSince(calm) {
		const n = await this.deadlocks() - calm;
		const log = fs.readFileSync(path.join(this.at.db, 'error.log'), 'utf8');
		assert.equal(n, 0, `${n} deadlocks in InnoDB:\n${log.slice(log.indexOf('Transactions deadlock detected'))}`);
	}

	// The newest one-time password that was sent to this phone. None is given twice: whoever asks again waits for another.
	async otp(phone, options = {}) {
		const sent = await until(`a one-time password for ${phone}`, async () => {
			const newest = await this.sim.msg91.otp(phone);
			return newest !== null && newest.requestId !== this.codes.get(phone) ? newest : null;
		}, options);
		this.codes.set(phone, sent.requestId);
		return sent.otp;
	}

	until(what, fn, options) {
		return until(what, fn, options);
	}

	// Every line of a log; each must be JSON.
	logged(name) {
		return fs.readFileSync(path.join(this.at.log, `${name}.log`), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}

	// Those lines of a log, once there is one: nginx and a worker tell of a request when its answer is out, which its caller may have sooner.
	untilLogged(name, those) {
		return until(`a line of ${name}.log`, () => {
			const found = this.logged(name).filter(those);
			return found.length > 0 && found;
		});
	}

	// A value that must not be found in any log when the world ends.
	canary(value) {
		this.secrets.add(value);
		return value;
	}

	child(name) {
		const child = this.children.get(name);
		if (!child) throw new Error(`${name} was not started`);
		return child;
	}

	// Ends one program as a fault, which stop() will not complain about.
	async kill(name, signal = 'SIGKILL') {
		const child = this.child(name);
		child.expected = true;
		child.signal(signal);
		return child.ended;
	}

	// Ends everything, in the order in which nobody asks somebody who has gone. Answers the complaints.
	async end() {
		const complaints = [...this.undocumented].map((wrong) => `not as openapi.yaml says: ${wrong}`);
		for (const child of this.children.values()) {
			if (child.status !== null && !child.expected) complaints.push(child.death());
			child.expected = true;
		}
		const order = ['nginx', ...POOLS, ...RUNNERS, ...SIMULATORS.map((name) => `sim-${name}`)];
		const rest = [...this.children.keys()].filter((name) => !order.includes(name) && name !== 'mariadb');
		for (const names of [order.slice(0, 1), [...order.slice(1), ...rest], ['mariadb']]) {
			await Promise.all(names.map(async (name) => {
				const child = this.children.get(name);
				if (child && !await child.stop()) complaints.push(`${name} did not end and was killed`);
			}));
		}
		this.client?.close();
		await this.between?.stop();
		this.database?.close();
		for (const sim of Object.values(this.sim)) sim.close();
		await until('the end of all', () => survivors(this.at.dir).length === 0, { ms: 3000 })
			.catch(() => complaints.push(`still running: ${survivors(this.at.dir).join('; ')}`));
		return [...complaints, ...logs.complaints(this.at, this.secrets)];
	}

	async stop() {
		const complaints = await this.end();
		if (complaints.length > 0) throw new Error(`${complaints.join('\n')}\n(logs in ${this.at.log})`);
		if (!this.keep) remove(this.at);
	}
}

// The control face of a simulated provider (t/sim/sim.js).
class Simulator extends Client {
	constructor(port) {
		super(`http://127.0.0.1:${port}`);
		this.port = port;
		this.url = this.base;
	}

	async control(at, options) {
		const answer = await this.fetch(`/_sim${at}`, options);
		if (answer.status >= 300) throw new Error(`simulator ${at}: ${answer.status} ${answer.text}`);
		return answer.json;
	}

	// Orders misdeeds, the next ones first.
	next(...misdeeds) {
		return this.control('/next', { json: misdeeds });
	}

	// The journal: requests seen, effects committed.
	async seen(query = '') {
		return (await this.control(`/seen${query}`)).rows;
	}

	reset() {
		return this.control('', { method: 'DELETE' });
	}

	// MSG91's: the newest message with a code, or null.
	async otp(phone) {
		const answer = await this.fetch(`/_sim/otp?phone=${encodeURIComponent(phone)}`);
		return answer.status === 200 ? answer.json : null;
	}
}

module.exports = { World, POOLS, RUNNERS, SIMULATORS };
