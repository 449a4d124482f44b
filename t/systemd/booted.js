'use strict';
// booted: what must hold of the installed house under systemd. Runs inside the container that t/systemd/run.sh booted, as root,
// with the checkout at /srv/ticketrail: the operator, the guests and the simulated providers are here, everything else is units.
//
// STAGE=first sets the house up as README.md tells an operator to, and plays; STAGE=again finds it after a reboot.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { test, before, after } = require('node:test');
const { World, POOLS } = require('../world.js');
const { check, quiet } = require('../check.js');
const { Client } = require('../stack/client.js');
const { run, until } = require('../stack/process.js');
const demo = require('../stack/demo.js');
const story = require('../story.js');
const tls = require('../stack/tls.js');

const ETC = '/etc/ticketrail';
const CONF = `${ETC}/ticketrail.conf`;
const SERVICES = [...POOLS.map((name) => `ticketrail@${name}.service`), 'ticketrail-relay.service', 'ticketrail-jobs.service'];
const SOCKETS = POOLS.map((name) => `ticketrail@${name}.socket`);
const GUESTS = 6;

// The world of the other tests, with systemd in the place of its own children: only the simulators are that.
class Machine extends World {
	constructor() {
		super({ dir: '/var/tmp/ticketrail', build: '/usr/bin' });
		this.url = 'https://localhost';
	}

	// As README.md says: keys, a configuration file, a certificate.
	async setUp() {
		await run(['systemd-sysusers']);
		await run(['systemd-tmpfiles', '--create']);
		await run(['systemctl', 'daemon-reload']);
		this.lines = await run(['ticketrail', 'keys', `${ETC}/credentials`]);
		this.config = { MSG91_AUTHKEY: crypto.randomBytes(12).toString('hex') };
		fs.writeFileSync(`${ETC}/credentials/MSG91_AUTHKEY`, `${this.config.MSG91_AUTHKEY}\n`, { mode: 0o400 });
		for (const name of fs.readdirSync(`${ETC}/credentials`))
			this.canary(fs.readFileSync(`${ETC}/credentials/${name}`, 'utf8').trim());
		this.tls = await tls.certificates(this.at.tls);
		fs.copyFileSync(this.tls.cert, `${ETC}/tls/cert.pem`);
		fs.copyFileSync(this.tls.key, `${ETC}/tls/key.pem`);
		this.client = new Client(this.url, fs.readFileSync(this.tls.ca));
		unlimit();
		await this.startSimulators();
		await this.ticketrail(['migrate']);
		this.demo = await demo.onboard(this);
	}

	async configure(more = {}) {
		Object.assign(this.config, more);
		fs.writeFileSync(CONF, this.lines + [
			'WORKERS=2', 'RATE_PER_MIN=600000', 'RATE_BURST=1000', 'DEFAULT_RESTAURANT=demo', 'ALLOW_HTTP=yes',
			`PUBLIC_URL=${this.url}`, 'MSG91_SENDER=TICKTR', 'MSG91_OTP_TEMPLATE_ID=demo-one-time-password', 'MSG91_FLOW_TEMPLATE_ID=demo-notice',
			`MSG91_BASE_URL=${this.config.MSG91_BASE_URL ?? 'https://control.msg91.com'}`, '',
		].join('\n'));
		fs.chmodSync(CONF, 0o400);
		await run(['chown', 'ticketrail:ticketrail', CONF]);
	}

	environment() {
		return { TICKETRAIL_CONFIG: CONF, CREDENTIALS_DIRECTORY: `${ETC}/credentials` };
	}

	ticketrail(args) {
		return run(['ticketrail', ...args], { env: this.environment() });
	}

	async sql(text) {
		const out = await run(['mariadb', '--batch', '--database=ticketrail'], { input: text });
		const [names, ...rows] = out.split('\n').filter(Boolean).map((line) => line.split('\t'));
		return rows.map((row) => Object.fromEntries(row.map((value, n) => [names[n], value])));
	}
}

// One machine plays all the guests, and one kitchen cooks for all: nginx's limits are for one guest each, and the adapter's
// rate (RATE_PER_MIN) for a kitchen.
function unlimit() {
	const at = '/usr/share/ticketrail/nginx';
	for (const [name, from, to] of [['limits.conf', /rate=[^;]*;/g, 'rate=100000r/s;'], ['ticketrail.conf', /burst=\d+/g, 'burst=100000']])
		fs.writeFileSync(`${at}/${name}`, fs.readFileSync(`${at}/${name}`, 'utf8').replace(from, to));
}

const systemctl = (...words) => run(['systemctl', ...words]);
const show = async (unit, property) => (await systemctl('show', '--value', '--property', property, unit)).trim();
const mainPid = async (unit) => Number(await show(unit, 'MainPID'));
const children = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
const fails = (promise) => promise.then(() => null, (error) => error);

// Does something with a line of the configuration changed, and puts it back.
async function configured(from, to, fn) {
	const good = fs.readFileSync(CONF, 'utf8');
	const write = (text) => {
		fs.chmodSync(CONF, 0o600);
		fs.writeFileSync(CONF, text);
		fs.chmodSync(CONF, 0o400);
	};
	write(good.replace(from, to));
	try {
		return await fn();
	} finally {
		write(good);
	}
}

async function workers(pool) {
	return children(await mainPid(`ticketrail@${pool}.service`));
}

async function active(units) {
	const states = await Promise.all(units.map(async (unit) => `${unit} ${await show(unit, 'ActiveState')}`));
	return states.filter((line) => !line.endsWith(' active'));
}

// Every process of the user ticketrail: {pid, command}.
function ours() {
	const uid = fs.readFileSync('/etc/passwd', 'utf8').match(/^ticketrail:[^:]*:(\d+):/m)?.[1];
	return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
		try {
			if (!new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) return [];
			return [{ pid: Number(pid), command: fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').replace(/\0/g, ' ').trim() }];
		} catch {
			return []; // gone meanwhile
		}
	});
}

// Guests who read the menu, order, and look at their order, until they are told to go. Whatever is not answered as it should
// be is a complaint.
class Load {
	constructor(machine, guests) {
		this.machine = machine;
		this.asked = 0;
		this.orders = 0;
		this.failed = [];
		this.running = Promise.all(guests.map((guest) => this.guest(guest)));
	}

	async ask(expected, path, options) {
		this.asked++;
		const answer = await this.machine.fetch(path, { ...options, ms: 40000 }).catch((error) => ({ status: error.message }));
		if (answer.status === expected) return answer.json;
		this.failed.push(`${options.json ? 'POST' : 'GET'} ${path}: ${answer.status} ${answer.text ?? ''}`);
		return null;
	}

	async guest({ token, line }) {
		while (!this.isOver) {
			await this.ask(200, '/api/v1/menu/items', { token });
			const key = crypto.randomUUID();
			const placed = await this.ask(201, '/api/v1/orders', {
				token, headers: { 'idempotency-key': key },
				json: { items: [line], order_type: 'pickup', payment_method: 'cash', special_instructions: '', delivery_address: null },
			});
			if (!placed) continue;
			this.orders++;
			promised.push({ id: placed.order.id, key });
			await this.ask(200, `/api/v1/orders/${placed.order.id}`, { token });
		}
	}

	// Goes on until so many more were answered, so that what was done meanwhile was done under load.
	more(n) {
		const goal = this.asked + n;
		return until('the load', () => this.asked >= goal, { ms: 60000 });
	}

	async end() {
		this.isOver = true;
		await this.running;
		return this.failed;
	}
}

const promised = []; // every order that a guest was told of
let machine, guests;
const stage = process.env.STAGE;

// --- after a reboot -------------------------------------------------------------------------------------------------

if (stage === 'again') {
	test('DEP-02 after a reboot everything is there by itself', async () => {
		await until('all units', async () => (await active([...SERVICES, ...SOCKETS, 'ticketrail-nginx.service'])).length === 0, { ms: 60000 });
		const client = new Client('https://localhost', fs.readFileSync('/var/tmp/ticketrail/tls/ca.crt'));
		for (const path of ['/health', '/.well-known/jwks.json', '/api/v1/menu/categories'])
			assert.equal((await client.fetch(path)).status, path.includes('menu') ? 401 : 200, path);
		client.close();
		assert.equal((await systemctl('is-system-running').catch((error) => error.message)).trim(), 'running');
	});
	return;
}

// --- the first time -------------------------------------------------------------------------------------------------

before(async () => {
	machine = new Machine();
	await machine.setUp();
});
after(async () => {
	for (const child of machine.children.values()) await child.stop();
	machine.client.close();
	for (const sim of Object.values(machine.sim)) sim.close();
});

test('DEP-02 the target starts every unit, and they are ready when it says so', async () => {
	fs.mkdirSync('/etc/systemd/system/ticketrail@orders.service.d', { recursive: true });
	fs.writeFileSync('/etc/systemd/system/ticketrail@orders.service.d/override.conf', '[Service]\nEnvironment=WORKERS=3\n');
	await systemctl('daemon-reload');
	await systemctl('enable', '--quiet', 'ticketrail.target', 'ticketrail-nginx.service');
	await systemctl('disable', '--quiet', '--now', 'nginx.service');
	await systemctl('start', 'ticketrail.target', 'ticketrail-nginx.service');
	assert.deepEqual(await active(['ticketrail.target', ...SERVICES, ...SOCKETS, 'ticketrail-nginx.service']), []);
	assert.equal((await machine.fetch('/health')).status, 200);
	assert.equal((await systemctl('--failed', '--no-legend')).trim(), '');
	for (const unit of SERVICES) assert.equal(await show(unit, 'Type'), 'notify', unit);
	await until('the menu', () => demo.hasMenu(machine));
});

test('DEP-02 WORKERS of the configuration reaches the masters, and a drop-in changes it for one pool', async () => {
	for (const pool of POOLS) assert.equal((await workers(pool)).length, pool === 'orders' ? 3 : 2, pool);
});

test('DEP-02 S87 dedicated user, no capability, no new privilege, a filter, no core, nothing to look into', async () => {
	const uid = (await run(['id', '-u', 'ticketrail'])).trim();
	const found = ours();
	assert.ok(found.length >= 2 * POOLS.length + 2, `${found.length} processes`);
	for (const { pid, command } of found) {
		const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
		const value = (name) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)[1].trim();
		assert.equal(value('Uid'), [uid, uid, uid, uid].join('\t'), command);
		for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.equal(BigInt(`0x${value(set)}`), 0n, `${command} ${set}`);
		assert.equal(value('NoNewPrivs'), '1', command);
		assert.equal(value('Seccomp'), '2', command);
		assert.match(fs.readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size\s+0\s+0\s/m, command);
		// PR_SET_DUMPABLE 0: its files in /proc are root's. The masters hold no secret.
		if (!/\/pool /.test(command)) assert.equal(fs.statSync(`/proc/${pid}/mem`).uid, 0, `${command} can be looked into`);
	}
});

test('DEP-02 S87 code and configuration cannot be written by the user they run as', async () => {
	const writable = await run(['setpriv', '--reuid=ticketrail', '--regid=ticketrail', '--clear-groups', 'sh', '-c',
		'find "$@" -not -type l -writable 2>/dev/null; echo looked', 'look', '/usr/lib/ticketrail', '/usr/bin/ticketrail',
		'/usr/share/ticketrail', ETC, '/usr/lib/systemd/system', '/etc/systemd/system']);
	assert.equal(writable, 'looked\n');
});

test('DEP-02 sockets are ticketrail:www-data 0660, and their directory shows nothing to others', async () => {
	const stat = (path) => run(['stat', '-c', '%U:%G %a', path]).then((text) => text.trim());
	for (const pool of POOLS) assert.equal(await stat(`/run/ticketrail/${pool}.sock`), 'ticketrail:www-data 660', pool);
	assert.equal(await stat('/run/ticketrail'), 'ticketrail:ticketrail 711');
	assert.equal(await stat(`${ETC}/credentials`), 'root:root 700');
	assert.equal(await stat(CONF), 'ticketrail:ticketrail 400');
	for (const unit of SOCKETS) assert.equal(await show(unit, 'Backlog'), '4096');
});

test('DEP-02 S46 a pool has its own secrets and cannot come by those of another', async () => {
	const [worker] = await workers('menu'), [auth] = await workers('auth');
	const look = (path) => run(['nsenter', '--target', String(worker), '--mount', '--', 'setpriv', '--reuid=ticketrail', '--regid=ticketrail',
		'--clear-groups', 'cat', path]);
	const own = '/run/credentials/ticketrail@menu.service';
	assert.match(await look(`${own}/HASH_KEY`), /^[0-9a-f]{64}$/m);
	assert.equal((await run(['nsenter', '-t', String(worker), '-m', '--', 'ls', own])).trim(), 'DB_PASSWORD\nHASH_KEY');
	const theirs = '/run/credentials/ticketrail@auth.service/AUTH_SECRET_KEY';
	assert.match((await run(['nsenter', '-t', String(auth), '-m', '--', 'cat', theirs])).trim(), /^[0-9a-f]{64}$/);
	for (const path of [theirs, `${ETC}/credentials/AUTH_SECRET_KEY`, `/proc/${auth}/root${theirs}`, `/proc/${auth}/environ`,
		'/run/credentials/ticketrail-relay.service/RELAY_SECRET_KEY'])
		assert.ok(await fails(look(path)), `${path} can be read by the menu pool`);
	for (const { pid, command } of ours()) {
		const told = fs.readFileSync(`/proc/${pid}/environ`, 'latin1') + command;
		for (const secret of machine.secrets) assert.ok(!told.includes(secret), command);
	}
});

test('DEP-02 TEST-04 the story, from a new phone to a plate carried off', async (t) => {
	const facts = await story.play(machine, { say: (line) => t.diagnostic(line) });
	assert.equal(facts.order.status, 'completed');
	assert.equal(facts.tickets, 1);
	guests = await Promise.all(Array.from({ length: GUESTS }, async () => {
		const one = new story.Story(machine);
		await one.logIn();
		return { token: one.token, line: await one.choose() };
	}));
});

test('OBS-01 DEP-02 the journal has one JSON object per line of ours, with a time, and no secret', async () => {
	// Pools that nobody has asked anything so far.
	for (const at of ['/api/v1/users/me', '/api/v1/restaurant', '/api/v1/admin/menu/items', '/api/v1/delivery/orders', '/api/v1/admin/reports/daily-sales',
		'/api/pos-integration/health', '/health'])
		assert.ok((await machine.fetch(at)).status < 500, at);
	const journal = await run(['journalctl', '--output=json', '--no-pager', ...SERVICES.flatMap((unit) => ['--unit', unit])]);
	const said = journal.trim().split('\n').map((line) => JSON.parse(line)).filter((entry) => entry._TRANSPORT === 'stdout');
	assert.ok(said.length > 20, `${said.length} lines`);
	const programs = new Set();
	for (const entry of said) {
		const line = JSON.parse(entry.MESSAGE);
		assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
		programs.add(line.program);
	}
	for (const program of [...POOLS, 'relay', 'jobs', 'pool'])
		assert.ok(programs.has(program), `${program} said nothing`);
	const everything = await run(['journalctl', '--output=cat', '--no-pager']);
	for (const secret of machine.secrets)
		if (secret.length > 9) assert.ok(!everything.includes(secret), 'the journal tells a secret');
});

test('DEP-02 S81 the units as they run: a pool and the jobs 0.8 at most, the relay 1.5', async (t) => {
	for (const [unit, most] of [...SERVICES.map((one) => [one, one.includes('relay') ? 15 : 8]), ['ticketrail-nginx.service', 30]]) {
		const out = await run(['systemd-analyze', 'security', '--no-pager', `--threshold=${most}`, unit]);
		if (!unit.includes('@') || unit.includes('orders')) t.diagnostic(out.trim().split('\n').at(-1).replace(/[^ -~]/g, '').trim());
	}
});

test('DEP-02 F41 every pool reloaded ten times under load: nothing fails, and every worker is new', async (t) => {
	const first = (await Promise.all(POOLS.map(workers))).flat();
	const load = new Load(machine, guests);
	for (let n = 0; n < 10; n++) {
		await load.more(20);
		const old = (await Promise.all(POOLS.map(workers))).flat();
		await systemctl('reload', 'ticketrail@*.service');
		const young = (await Promise.all(POOLS.map(workers))).flat().filter((pid) => !old.includes(pid));
		assert.ok(young.length >= old.length, 'systemctl reload ended before the new ones served');
	}
	await load.more(20);
	assert.deepEqual(await load.end(), []);
	t.diagnostic(`${load.asked} requests, ${load.orders} orders, 0 failed`);
	assert.equal((await Promise.all(POOLS.map(workers))).flat().filter((pid) => first.includes(pid)).length, 0);
	for (const unit of SERVICES) assert.equal(await show(unit, 'NRestarts'), '0', unit);
});

test('DEP-02 systemctl reload ticketrail.target reloads every pool', async () => {
	const old = (await Promise.all(POOLS.map(workers))).flat();
	await systemctl('reload', 'ticketrail.target');
	await until('new workers', async () => (await Promise.all(POOLS.map(workers))).flat().every((pid) => !old.includes(pid)));
});

test('DEP-02 F47 a wrong configuration: the reload is refused, says so, and the old workers serve on', async () => {
	const old = await workers('orders'), [{ token }] = guests;
	await configured(/$/, 'DB_PORT=many\n', async () => {
		assert.ok(await fails(systemctl('reload', 'ticketrail@orders.service')));
		assert.deepEqual(await active(['ticketrail@orders.service']), []);
		assert.deepEqual(await workers('orders'), old);
		assert.equal((await machine.fetch('/api/v1/orders', { token })).status, 200);
		assert.match(await run(['journalctl', '--output=cat', '--unit=ticketrail@orders.service']), /configuration: DB_PORT/);
		assert.match(await show('ticketrail@orders.service', 'StatusText'), /reload failed/);
	});
	await systemctl('reload', 'ticketrail@orders.service');
	assert.equal(await show('ticketrail@orders.service', 'StatusText'), '');
});

test('DEP-02 WORKERS changed in the configuration is followed by a reload', async () => {
	await configured('WORKERS=2', 'WORKERS=4', async () => {
		await systemctl('reload', 'ticketrail@*.service');
		await until('four workers', async () => (await workers('menu')).length === 4);
		assert.equal((await workers('orders')).length, 3, 'the drop-in is the last word');
	});
	await systemctl('reload', 'ticketrail@*.service');
	await until('two workers', async () => (await workers('menu')).length === 2);
});

test('DEP-02 F41 the target restarted five times under load: systemd holds the sockets, nothing fails', async (t) => {
	const sockets = await Promise.all(SOCKETS.map((unit) => show(unit, 'InvocationID')));
	const load = new Load(machine, guests);
	for (let n = 0; n < 5; n++) {
		await load.more(20);
		const old = await mainPid('ticketrail@orders.service');
		await systemctl('restart', 'ticketrail.target');
		assert.notEqual(await mainPid('ticketrail@orders.service'), old);
	}
	await load.more(20);
	assert.deepEqual(await load.end(), []);
	t.diagnostic(`${load.asked} requests, ${load.orders} orders, 0 failed`);
	assert.deepEqual(await Promise.all(SOCKETS.map((unit) => show(unit, 'InvocationID'))), sockets, 'a socket was made anew');
	assert.deepEqual(await active([...SERVICES, ...SOCKETS]), []);
});

// The unit was killed, and another process is its main one.
async function killed(unit) {
	const old = await mainPid(unit);
	process.kill(old, 'SIGKILL');
	await until(unit, async () => ![0, old].includes(await mainPid(unit)) && (await active([unit])).length === 0);
}

test('DEP-02 F01 masters, the relay and the jobs killed under load: there again, nothing fails, and an order goes its way', async (t) => {
	const load = new Load(machine, guests);
	for (const unit of ['ticketrail@orders.service', 'ticketrail@menu.service', 'ticketrail-relay.service', 'ticketrail-jobs.service',
		'ticketrail@orders.service']) {
		await load.more(20);
		await killed(unit);
	}
	await load.more(20);
	assert.deepEqual(await load.end(), []);
	t.diagnostic(`${load.asked} requests, ${load.orders} orders, 0 failed`);
	assert.deepEqual(await active(['ticketrail.target', ...SERVICES, ...SOCKETS]), []);
	const facts = await story.play(machine);
	assert.equal(facts.tickets, 1);
});

test('DEP-02 nginx killed: there again', async () => {
	await killed('ticketrail-nginx.service');
	await until('nginx', () => machine.fetch('/health').then((answer) => answer.status === 200));
	await systemctl('reload', 'ticketrail-nginx.service');
	assert.equal((await machine.fetch('/health')).status, 200);
});

test('DEP-02 F01 I1 I6 after all that every order is in the database and at the kitchen, once', async (t) => {
	await quiet(machine, 120000);
	assert.deepEqual(await check(machine, { placed: promised }), []);
	t.diagnostic(`${promised.length} orders`);
});

test('DEP-02 a relay, jobs or master that stands still is ended and started again: the watchdog', async () => {
	const units = ['ticketrail-relay.service', 'ticketrail-jobs.service', 'ticketrail@menu.service'];
	const soon = (unit) => `/run/systemd/system/${unit}.d`;
	for (const unit of units) {
		assert.match(await show(unit, 'WatchdogUSec'), /^[12]min$/);
		fs.mkdirSync(soon(unit), { recursive: true });
		fs.writeFileSync(`${soon(unit)}/soon.conf`, '[Service]\nWatchdogSec=3\n');
	}
	await systemctl('daemon-reload');
	await systemctl('restart', ...units);
	const old = await Promise.all(units.map(mainPid));
	await new Promise((resolve) => setTimeout(resolve, 7000));
	assert.deepEqual(await Promise.all(units.map(mainPid)), old, 'those that turn are left alone');
	for (const pid of old) process.kill(pid, 'SIGSTOP');
	await until('others', async () => (await Promise.all(units.map(mainPid))).every((pid, n) => ![0, old[n]].includes(pid)));
	for (const unit of units) fs.rmSync(soon(unit), { recursive: true });
	await systemctl('daemon-reload');
	await systemctl('restart', ...units);
});

test('DEP-02 started without a database: 503 until it is there, then ready without a request', async () => {
	const [{ token }] = guests;
	// Debian's mariadb has a socket that would start it again.
	await systemctl('stop', 'ticketrail.target', 'mariadb.service', 'mariadb.socket');
	await systemctl('start', '--no-block', 'ticketrail.target');
	const answer = await until('an answer', () => machine.fetch('/api/v1/orders', { token, ms: 40000 }), { ms: 60000 });
	assert.equal(answer.status, 503);
	assert.ok(answer.headers['retry-after']);
	assert.equal(await show('ticketrail@admin.service', 'ActiveState'), 'activating');
	await systemctl('start', 'mariadb.socket');
	await systemctl('start', 'mariadb.service');
	await until('all units', async () => (await active(['ticketrail.target', ...SERVICES, ...SOCKETS])).length === 0, { ms: 30000 });
	assert.equal((await machine.fetch('/api/v1/orders', { token })).status, 200);
});

test('DEP-02 one pool is stopped by its socket, whatever is asked of it; stopped alone it comes back when it is asked', async () => {
	const [{ token }] = guests;
	await systemctl('stop', 'ticketrail@menu.service');
	assert.equal((await machine.fetch('/api/v1/menu/items', { token })).status, 200);
	await systemctl('stop', 'ticketrail@menu.socket');
	assert.equal((await machine.fetch('/api/v1/menu/items', { token })).status, 503);
	assert.equal(await show('ticketrail@menu.service', 'ActiveState'), 'inactive');
	await systemctl('start', 'ticketrail@menu.service');
	assert.equal((await machine.fetch('/api/v1/menu/items', { token })).status, 200);
});

test('DEP-02 F47 a pool that cannot start (78) is left alone after a few tries, requests are told 503, and start mends it', async () => {
	const unit = 'ticketrail@orders.service', [{ token }] = guests;
	const tries = async () => (await run(['journalctl', '--output=cat', `--unit=${unit}`])).split('Failed to start').length - 1;
	const already = await tries();
	await configured(/$/, 'DB_PORT=many\n', async () => {
		assert.ok(await fails(systemctl('restart', unit)), 'a start that fails is told');
		assert.equal(await show(unit, 'ExecMainStatus'), '78');
		const answer = await until('the socket to give up', async () => {
			const told = await machine.fetch('/api/v1/orders', { token });
			assert.equal(told.status, 503);
			return await show('ticketrail@orders.socket', 'ActiveState') === 'failed' ? told : null;
		});
		assert.ok(answer.headers['retry-after']);
		const then = await tries();
		assert.ok(then - already <= 20, `${then - already} tries`); // StartLimitBurst
		await new Promise((resolve) => setTimeout(resolve, 2000));
		assert.equal((await machine.fetch('/api/v1/orders', { token })).status, 503);
		assert.equal(await tries(), then, 'and no more');
		assert.equal((await machine.fetch('/api/v1/menu/items', { token })).status, 200, 'the other pools serve');
	});
	await systemctl('start', 'ticketrail.target');
	assert.deepEqual(await active([...SERVICES, ...SOCKETS]), []);
	assert.equal((await machine.fetch('/api/v1/orders', { token })).status, 200);
});

test('DEP-02 F41 stopped, under load, it leaves nothing behind', async () => {
	const load = new Load(machine, guests);
	await load.more(20);
	const began = Date.now();
	await systemctl('stop', 'ticketrail.target', 'ticketrail-nginx.service');
	await load.end();
	// systemd does not wait for what ends with the target; the relay has calls under way.
	await until('nothing of ours', () => ours().length === 0, { ms: 30000 });
	assert.ok(Date.now() - began < 30000);
	assert.equal((await run(['find', '/run/ticketrail', '-type', 's'])).trim(), '');
	assert.deepEqual(fs.readdirSync('/run/credentials').filter((name) => name.startsWith('ticketrail')), []);
	const units = (await systemctl('list-units', '--no-legend', '--plain', 'ticketrail*')).trim().split('\n').filter(Boolean);
	assert.deepEqual(units.filter((line) => / (failed|active) /.test(line)), []);
});
