'use strict';
// sweep: somebody is killed at a crash point while the simulated providers misbehave, again and again; after each time the house is
// let come to rest, and providers' journals and database must agree (`ticketrail check`).
//
//	const sweep = new Sweep({ seed: 7, at: 'toast' });     // at PetPooja, if nothing is said, with all that has to do with no POS
//	await sweep.run(100);           // cycles 0..99; sweep.failures says what was wrong, sweep.missed() what was never met
//	new Sweep({ seed: 7, at: 'clover', way: 'atomic' });   // a setting that changes what is called: `ways` of its row in PROVIDERS
//	await sweep.only(42);           // the same deaths, misdeeds and deeds as cycle 42 of that seed
//
// What a cycle does follows from the seed and its number alone (plan()). Point and misdeeds go round so that P cycles meet every
// crash point, M every misdeed, and P × M every pair of a point and a misdeed, of each provider. What is done meanwhile are
// actions that pass that point and meet those misdeeds, and one more by chance (actions.js).

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { World } = require('../world.js');
const { Bistro, document } = require('../bistro.js');
const { findings } = require('../check.js');
const { random_of } = require('../sim/sim.js');
const { top } = require('../stack/layout.js');
const { ACTIONS } = require('./actions.js');
const { PROVIDERS } = require('../providers.js');
const { misdeedsOf } = require('./misdeeds.js');

const RUNNERS = ['relay', 'jobs'];
// Access is renewed for ever; a renewal that failed is tried again within a minute.
const ENDLESS = "(m.kind = 'pos_login' AND m.due_at > UTC_TIMESTAMP(6) + INTERVAL 60 SECOND)";
// An open order is looked at as often as its POS is polled: until nothing else moves.
const POLLED = "m.kind = 'pos_look'";
const POLLED_S = 12 * 3600;    // POLL_OVER_US (lib/provider/look.c)
const LOOKS_MAX = 5;
const WORLD_CYCLES = 120;     // after so many there is a new world: what a cycle reads grows with what was before it
const PATIENCE_MS = 500;      // an action waits so long for what a misdeed may keep away
const REST_MS = 30000;
const LOOKS_S = 30;            // SUBMISSION_LOOKS_US (lib/order/submission.h)
const WATCH_S = 4 * 3600;      // SUBMISSION_WATCH_US
const WATCHED_MS = 1000;       // longer than anything that a simulator does late
const SKIPS_MAX = 3;
const AGAIN_MAX = 8;

// Every CRASH_POINT of the source.
function points() {
	const found = new Set();
	const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).forEach((entry) => {
		const file = path.join(dir, entry.name);
		if (entry.isDirectory()) walk(file);
		else if (file.endsWith('.c')) for (const [, name] of fs.readFileSync(file, 'utf8').matchAll(/CRASH_POINT\("([^"]+)"\)/g)) found.add(name);
	});
	walk(path.join(top, 'lib'));
	walk(path.join(top, 'fcgi'));
	return [...found].sort();
}

// Where somebody can be killed: [{point, program, action}], one for each program and action that passes.
const placesOf = (actions, isCounted = () => true) => actions.flatMap((action) => Object.entries(ACTIONS[action].passes).flatMap(([program, list]) =>
	list.map((point) => ({ point, program, action })))).filter(isCounted);
// Who has to do with a POS: what others do is the same at all of them.
const isNear = ({ program, point }) => ['relay', 'webhooks', 'jobs'].includes(program) && !/^(capacity|discount_use|menu_import)\./.test(point);
const actionsAt = (at) => Object.keys(ACTIONS).filter((name) => ACTIONS[name].at?.includes(at) ?? true);

function shuffled(list, random) {
	const out = [...list];
	for (let i = out.length - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		[out[i], out[j]] = [out[j], out[i]];
	}
	return out;
}

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

class Sweep {
	constructor({ seed, at = 'petpooja', way, say = () => {}, progress = () => {} }) {
		this.seed = String(seed);
		this.at = at;
		this.provider = { ...PROVIDERS[at], ...PROVIDERS[at].ways?.[way] };
		this.sims = at === 'petpooja' ? [at, 'msg91'] : [at]; // whose misdeeds these are
		this.say = say;
		this.progress = progress;
		this.actions = actionsAt(at);
		this.places = placesOf(this.actions, at === 'petpooja' ? undefined : isNear);
		this.points = points().filter((point) => this.places.some((place) => place.point === point));
		this.unlisted = points().filter((point) => !placesOf(Object.keys(ACTIONS)).some((place) => place.point === point));
		this.order = shuffled(this.points, random_of(`${seed} points`));
		this.misdeeds = Object.fromEntries(this.sims.map((sim) => [sim, shuffled(misdeedsOf(sim, sim === at && this.provider.meets), random_of(`${seed} ${sim}`))]));
		this.killed = new Map();    // point → times somebody died there
		this.committed = new Map(); // "sim misdeed" → times
		this.pairs = new Set();
		this.failures = [];
		this.cycles = 0;
		this.ms = { actions: 0, rest: 0, check: 0, world: 0 };
	}

	// What cycle n does: {n, kill: {point, program, hit}, misdeeds: [{sim, path, do, …}], actions: [name]}.
	plan(n) {
		const random = random_of(`${this.seed} ${n}`);
		const pick = (list) => list[Math.floor(random() * list.length)];
		const P = this.order.length;
		const point = this.order[n % P];
		const place = pick(this.places.filter((one) => one.point === point));
		const hit = n < 2 * P ? 1 : 1 + Math.floor(random() * SKIPS_MAX);
		const actions = new Set([place.action]);
		const misdeeds = this.sims.map((sim) => {
			const list = this.misdeeds[sim], M = list.length;
			const { at, ...misdeed } = list[(n + Math.floor(n / (P * M / gcd(P, M)))) % M];
			const { role, where } = pick(at);
			if (![...actions].some((name) => ACTIONS[name].calls.includes(role)))
				actions.add(pick(this.actions.filter((name) => ACTIONS[name].calls.includes(role))));
			return { sim, ...where, ...misdeed };
		});
		const more = pick(this.actions.filter((name) => !ACTIONS[name].alone));
		if (actions.size < 3) actions.add(more);
		return { n, kill: { point, program: place.program, hit }, misdeeds, actions: [...actions] };
	}

	async open() {
		const began = Date.now();
		this.world = await World.start({ onboard: false, crash: true, pos: this.at, simArgs: { [this.at]: this.provider.simArgs ?? [] },
			env: { LEASE_MS: '600', BACKOFF_MS: '40', RELAY_POLL_MS: '20' } });
		const { world } = this;
		fs.mkdirSync(world.crashDir('ticketrail'), { recursive: true, mode: 0o700 });
		this.sql = { rows: (text) => patiently(world, text) };
		this.bistro = await Bistro.open(world, { seed: this.seed, at: this.at, config: { ...this.provider.renewing(0), ...this.provider.config } });
		this.tiffin = await tiffinOf(world);
		for (const { id } of [this.bistro, this.tiffin]) await discounted(world, id);
		this.guest = await this.bistro.guest();
		this.deaths = [];
		this.placed = [];
		this.theirs = new Set(); // findings that a POS is to blame for
		this.read = Object.fromEntries(this.sims.map((sim) => [sim, 0]));
		for (const name of RUNNERS) this.keep(name);
		this.ms.world += Date.now() - began;
	}

	async close() {
		const { world } = this;
		if (!world) return;
		this.world = null;
		for (const name of RUNNERS) world.children.get(name).isOver = true;
		await world.stop();
	}

	// Starts a runner again whenever it was killed, as systemd would.
	keep(name) {
		const child = this.world.child(name), { world } = this;
		child.expected = true;
		child.ended.then((status) => {
			if (child.isOver) return;
			if (status !== 'signal SIGKILL') this.deaths.push(`${name}: ${status}`);
			world.startRunner(name);
			this.keep(name);
		});
	}

	async run(cycles, every = 100) {
		for (let n = 0; n < cycles; n++) {
			if (n > 0 && n % every === 0) this.progress(this.summary());
			if (n % WORLD_CYCLES === 0) this.isSpoilt = true;
			await this.one(n);
			if (this.failures.length >= 20) break;
		}
		if (this.failures.length === 0) await this.again(cycles);
		await this.end();
	}

	// Whoever was to die and passed the point too late, or not at all, has more turns (a misdeed may bar the way to it), and so has a
	// misdeed that nobody met in time.
	async again(cycles) {
		const turns = AGAIN_MAX * Math.max(this.order.length, ...this.sims.map((sim) => this.misdeeds[sim].length));
		const isOpen = ({ kill, misdeeds }) => !this.killed.has(kill.point) ||
			misdeeds.some(({ sim, do: what }) => cycles >= this.misdeeds[sim].length && !this.committed.has(`${sim} ${what}`));
		for (let n = cycles; n < cycles + turns; n++)
			if (isOpen(this.plan(n))) await this.one(n);
	}

	async only(n) {
		await this.one(n);
		await this.end();
	}

	// What a world complains of when it ends belongs to the last cycle's account.
	async end() {
		this.isSpoilt = false;
		await this.close().catch((error) => this.failures.push(`the world's end: ${error.message}`));
	}

	async one(n) {
		if (this.isSpoilt || !this.world) {
			await this.end();
			await this.open();
		}
		const plan = this.plan(n);
		let wrong;
		try {
			wrong = await new Cycle(this, plan).run();
		} catch (error) {
			wrong = [error.stack];
		}
		this.cycles++;
		if (wrong.length === 0) return;
		this.isSpoilt = true;
		this.world.keep = true;
		const what = `SEED=${this.seed} CYCLE=${n} in ${this.world.at.dir}\n${JSON.stringify(plan)}\n${wrong.join('\n')}`;
		this.failures.push(what);
		this.say(what);
	}

	// What was to be met and was not.
	missed() {
		return [...this.unlisted.map((point) => `${point} is on no action's way (t/sweep/actions.js)`),
			...this.points.filter((point) => !this.killed.has(point)).map((point) => `nobody died at ${point}`),
			...this.sims.flatMap((sim) => this.misdeeds[sim].filter((one) => !this.committed.has(`${sim} ${one.do}`)).map((one) => `${sim} never did ${one.do}`))];
	}

	summary() {
		const sum = (map) => [...map.values()].reduce((a, b) => a + b, 0);
		const each = (ms) => `${Math.round(ms / Math.max(1, this.cycles))} ms`;
		const whole = this.points.length * this.sims.reduce((n, sim) => n + this.misdeeds[sim].length, 0);
		return `${this.provider.name}: ${this.cycles} cycles, ${this.failures.length} with findings; ${sum(this.killed)} deaths at ${this.killed.size} of ${this.points.length} points; ` +
			`${sum(this.committed)} misdeeds of ${this.committed.size} kinds of ${this.sims.reduce((n, sim) => n + this.misdeeds[sim].length, 0)}; ` +
			`${this.pairs.size} of ${whole} pairs of a death and a misdeed; a cycle: actions ${each(this.ms.actions)}, rest ${each(this.ms.rest)}, ` +
			`check ${each(this.ms.check)}, worlds ${each(this.ms.world)}; SEED=${this.seed}`;
	}
}

// A question to the database; one that met the programs' own work in a deadlock is asked again.
async function patiently(world, text, tries = 5) {
	try {
		return await world.sql(text);
	} catch (error) {
		if (tries === 0 || ![1020, 1205, 1213].includes(error.errno)) throw error;
		return patiently(world, text, tries - 1);
	}
}

// Whoever orders there has something taken off.
const discounted = (world, id) => world.sql(`INSERT INTO discounts (public_id, restaurant_id, name, kind, amount_minor, uses_max, created_at, updated_at)
	VALUES (UNHEX(MD5('sweep ${id}')), ${id}, 'Five off', 'fixed', 500, 1000000, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
	UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${id}`);

// A restaurant without a POS, and its one dish.
async function tiffinOf(world) {
	const tiffin = await Bistro.open(world, { slug: 'tiffin', pos: false });
	const item = crypto.randomUUID(), hex = (uuid) => `UNHEX('${uuid.replaceAll('-', '')}')`;
	await world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (${hex(crypto.randomUUID())}, ${tiffin.id}, 'Thali', 1);
		INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at)
		VALUES (${hex(item)}, ${tiffin.id}, LAST_INSERT_ID(), 'Thali of the day', 4550, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${tiffin.id}`);
	tiffin.cart = () => ({ items: [{ menu_item_id: item, quantity: 1 }], order_type: 'pickup', payment_method: 'cash' });
	const password = world.canary(crypto.randomBytes(9).toString('base64url'));
	const made = await world.fetch(`${tiffin.base}/api/v1/admin/staff`, { token: tiffin.admin, json: { username: 'rider', password, role: 'delivery', name: 'Rider' } });
	tiffin.rider = { id: made.json.staff.id, token: await tiffin.logIn('rider', { rider: password }) };
	return tiffin;
}

// One cycle, and what actions may do in it.
class Cycle {
	constructor(sweep, plan) {
		Object.assign(this, { sweep, plan, n: plan.n, seed: sweep.seed, world: sweep.world, sql: sweep.sql, bistro: sweep.bistro, tiffin: sweep.tiffin });
		this.wrong = [];
		this.armed = [];
		this.killed = [];
		this.provider = sweep.provider;
		this.dish = this.bistro.dishes.at(-1).item;
	}

	async run() {
		const { sweep, plan, world } = this;
		const times = [Date.now()];
		[this.since] = await this.sql.rows(`SELECT (SELECT COALESCE(MAX(id), 0) FROM orders) AS \`order\`,
			(SELECT GREATEST((SELECT COALESCE(MAX(id), 0) FROM outbox), (SELECT COALESCE(MAX(id), 0) FROM outbox_done))) AS message,
			(SELECT COALESCE(MAX(id), 0) FROM menu_sync_history) AS sync`);
		for (const { sim, ...misdeed } of plan.misdeeds) await world.sim[sim].next(misdeed);
		if (plan.kill) this.kill(plan.kill.program, plan.kill.point, plan.kill.hit);
		await Promise.all(plan.actions.map((name) => ACTIONS[name].run(this)));
		if (plan.kill) await this.until(() => this.isDead(this.armed[0]), plan.kill.point.includes('beat') ? 1000 : this.sweep.at === 'petpooja' ? 100 : 500);
		times.push(Date.now());
		await this.restart();
		await this.rest();
		times.push(Date.now());
		await this.check();
		times.push(Date.now());
		['actions', 'rest', 'check'].forEach((name, i) => { sweep.ms[name] += times[i + 1] - times[i]; });
		return this.wrong;
	}

	complain(what) {
		this.wrong.push(what);
	}

	// --- deaths ---------------------------------------------------------------------------------------------------------

	// The program dies at the hit-th time that it passes the point from now on. → for isDead()
	kill(program, point, hit = 1) {
		const dir = this.world.crashDir(program);
		for (let i = 0; i < hit - 1; i++) fs.writeFileSync(path.join(dir, i === 0 ? `skip.${point}` : `skip.${i}.${point}`), '');
		fs.writeFileSync(path.join(dir, `kill.${point}`), '');
		this.armed.push({ program, point });
		return this.armed.at(-1);
	}

	isDead({ program, point }) {
		return !fs.existsSync(path.join(this.world.crashDir(program), `kill.${point}`));
	}

	// Nobody dies and nobody lies from here on; who claimed something is gone, and others stand in their place.
	async restart() {
		const { sweep, world, plan } = this;
		for (const sim of sweep.sims) await world.until(`${sim} answers`, () => world.sim[sim].control('/next', { method: 'DELETE' }));
		const pools = new Set();
		for (const one of this.armed) {
			if (!this.isDead(one)) continue;
			this.killed.push(one);
			sweep.killed.set(one.point, (sweep.killed.get(one.point) ?? 0) + 1);
			for (const { sim, do: what } of plan.misdeeds) sweep.pairs.add(`${one.point} ${sim} ${what}`);
			if (world.children.has(one.program) && !RUNNERS.includes(one.program)) pools.add(one.program);
		}
		for (const { program } of this.armed)
			for (const name of fs.readdirSync(world.crashDir(program))) fs.rmSync(path.join(world.crashDir(program), name), { force: true });
		// A request that is held back there comes yet, and nobody may decide before.
		const held = Math.max(0, ...plan.misdeeds.filter((one) => one.do === 'delay_ms').map((one) => one.ms));
		if (held > 0) await this.until(() => false, held + 50);
		for (const name of RUNNERS) {
			const old = world.child(name);
			old.signal('SIGKILL');
			await world.until(`another ${name}`, () => world.child(name) !== old, { every: 5 });
		}
		for (const name of pools) world.child(name).signal('SIGHUP'); // a master forgets the deaths of late, and starts the next at once
	}

	// --- coming to rest -------------------------------------------------------------------------------------------------

	// What waits for its time is brought forward, people decide what is theirs to decide, until nothing moves any more.
	async rest() {
		const moving = `m.owner <> 0 OR m.due_at <= UTC_TIMESTAMP(6) + INTERVAL 300000 MICROSECOND OR (m.runner = 'relay' AND NOT ${ENDLESS} AND NOT ${POLLED}) OR m.kind = 'menu_publish'
			OR (m.kind = 'inbox_apply' AND NOT EXISTS (SELECT 1 FROM webhook_logs w WHERE w.id = m.subject_id AND w.state = 'parked'))`;
		let calm = 0, open = [];
		await this.world.until('rest', async () => {
			await this.forward();
			await this.barred();
			await this.unwatch();
			open = await this.decide();
			const [row] = await this.sql.rows(`SELECT COUNT(*) AS n FROM outbox m WHERE ${moving}`);
			calm = open.length === 0 && row.n === '0' ? calm + 1 : 0;
			if (calm >= 2 && !await this.looked()) calm = 0;
			return calm >= 2;
		}, { ms: REST_MS, every: 15 }).catch(async (error) => {
			const left = await this.sql.rows(`SELECT * FROM outbox m WHERE ${moving} ORDER BY m.id LIMIT 20`);
			throw new Error([error.message, ...[...open, ...left].map((row) => JSON.stringify(row))].join('\n'));
		});
	}

	// Retries, and what the dead had claimed (their connections are gone). Deadlines are decide()'s, parked deliveries wait for theirs.
	forward() {
		return this.sql.rows(`UPDATE outbox m SET due_at = UTC_TIMESTAMP(6) WHERE owner = 0 AND due_at > UTC_TIMESTAMP(6) AND ((runner = 'relay' AND NOT ${ENDLESS} AND NOT ${POLLED}) OR kind = 'menu_publish'
				OR (kind = 'inbox_apply' AND subject_id IN (SELECT id FROM webhook_logs WHERE state <> 'parked')));
			UPDATE outbox SET due_at = UTC_TIMESTAMP(6), lease_until = UTC_TIMESTAMP(6) WHERE owner <> 0 AND due_at > UTC_TIMESTAMP(6)
				AND owner NOT IN (SELECT ID FROM information_schema.PROCESSLIST)`);
	}

	// Access that is lost comes back only when a merchant gives it again: what waits for that has waited for as long as it may.
	async barred() {
		if (this.sweep.at === 'petpooja' || (await this.sql.rows('SELECT 1 AS n FROM pos_sessions WHERE is_refused = 1')).length === 0) return;
		this.sweep.isSpoilt = true;
		await this.sql.rows("UPDATE outbox SET expires_at = UTC_TIMESTAMP(6) WHERE runner = 'relay' AND owner = 0 AND expires_at > UTC_TIMESTAMP(6)");
	}

	// What is watched for hours, and looked at all the time here, has been watched for them after a while.
	unwatch() {
		return this.sql.rows(`UPDATE outbox SET created_at = created_at - INTERVAL ${WATCH_S} SECOND WHERE kind = 'pos_watch'
			AND created_at BETWEEN UTC_TIMESTAMP(6) - INTERVAL ${WATCH_S} SECOND AND UTC_TIMESTAMP(6) - INTERVAL ${WATCHED_MS} * 1000 MICROSECOND`);
	}

	// Nothing moves any more: what is open is looked at once, whoever has told of it or not, and then the hours are over in which it is
	// polled. What no look has shown by then nobody will notice. → whether they are over
	async looked() {
		const waits = (await this.sql.rows(`SELECT m.id FROM outbox m WHERE ${POLLED}`)).map((row) => row.id);
		if (waits.length === 0) return true;
		this.looks ??= { rounds: 0, busy: -1 };
		const busy = (this.journal(this.sweep.at).match(/"status":429/g) ?? []).length;
		// Who was asked for peace has not looked.
		const isSeen = this.looks.rounds > 0 && (busy === this.looks.busy || this.looks.rounds > LOOKS_MAX);
		this.looks = { rounds: this.looks.rounds + 1, busy };
		await this.sql.rows(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6)${isSeen ? `, created_at = created_at - INTERVAL ${POLLED_S} SECOND` : ''}
			WHERE owner = 0 AND id IN (${waits})`);
		return false;
	}

	// What a simulator has journalled since the last cycle.
	journal(sim) {
		return fs.readFileSync(path.join(this.world.at.dir, 'sim', sim, 'journal.jsonl')).subarray(this.sweep.read[sim]).toString();
	}

	// Each order of the cycle, whoever heard of it. → those of which something was decided, or is to be waited for
	async decide() {
		const rows = await this.sql.rows(`SELECT o.id, o.restaurant_id, o.order_number, LOWER(HEX(o.public_id)) AS public_id, o.pos_reference AS reference, o.status, o.pos_state, o.cancel_wanted,
			o.settled_at > UTC_TIMESTAMP(6) AS is_early,
			(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_submit' AND m.subject_id = o.id) AS submits,
			(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_proof' AND m.subject_id = o.id) AS proofs,
			(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_look' AND m.subject_id = o.id) AS looks
			FROM orders o WHERE o.id > ${this.since.order} AND o.restaurant_id = ${this.bistro.id} ORDER BY o.id`);
		const open = [];
		for (const [i, row] of rows.entries())
			if (await this.decideOne(row, random_of(`${this.seed} ${this.n} ${i}`)())) open.push(row);
		return open;
	}

	// True if something was done, or is to be waited for.
	async decideOne(row, coin) {
		const order = { ...row, id: row.public_id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), row_id: row.id };
		const isOpen = !['completed', 'cancelled', 'rejected'].includes(row.status);
		this.decided ??= new Map(); // who has pressed their button, and how often
		const times = this.decided.get(row.id) ?? 0;
		const once = async (deed) => {
			this.decided.set(row.id, times + 1);
			await deed();
			return true;
		};
		switch (row.pos_state) {
		case 'queued':
		case 'submitting':
			return true;
		case 'unsure':
			if (row.submits !== '0') return true;
			if (coin < 0.4 && times < 2) return once(() => this.yes(order));
			await this.press(row, order, coin < 0.7 && row.looks !== '0' && times < 4 ? 'pos_look' : 'pos_deadline');
			this.decided.set(row.id, times + 1);
			return true;
		case 'accepted':
			if (row.cancel_wanted !== null && isOpen) return true;
			if (row.status !== 'received') return false;
			if (times < 2) return once(() => this.yes(order));
			await this.due(order, 'pos_proof');
			return row.proofs !== '0';
		case 'failed':
			if (!isOpen || coin < 0.4) return false;
			if (times < 1 && coin < 0.7) return once(() => this.staff('POST', order, '/retry-pos'));
			await this.due(order, 'pos_compensate');
			return true;
		case 'manual':
			if (!isOpen || times > 2 || coin < 0.2) return false;
			return once(() => this.look(order, (coin - 0.2) / 0.8));
		default:
			return false;
		}
	}

	// Nothing that was sent can take effect any more, and before the deadline looks have had their time after that.
	async press(row, order, kind) {
		const settled = `UTC_TIMESTAMP(6) - INTERVAL ${kind === 'pos_deadline' ? LOOKS_S : 0} SECOND`;
		await this.sql.rows(`UPDATE orders SET settled_at = ${settled} WHERE id = ${row.id} AND settled_at > ${settled}`);
		await this.due(order, kind);
	}

	// --- what must hold -------------------------------------------------------------------------------------------------

	async check() {
		const { sweep, world } = this;
		let found = await findings(world);
		// Something may come due by itself between the last look and the snapshot.
		for (let i = 0; i < 5 && found.length > 0 && found.every((one) => one.kind === 'not_at_rest'); i++) {
			await this.rest();
			found = await findings(world);
		}
		for (const one of found.filter((each) => !this.isTheirs(each))) this.complain(`${one.invariant} ${one.sentence}`);
		for (const death of sweep.deaths.splice(0)) this.complain(`a death that nobody ordered: ${death}`);
		const kept = new Set((await this.sql.rows(`SELECT LOWER(HEX(public_id)) AS id FROM orders WHERE id > ${this.since.order}`)).map((row) => row.id));
		for (const one of sweep.placed.splice(0)) if (!kept.has(one.replaceAll('-', ''))) this.complain(`I6 order ${one} was promised and is not there`);
		for (const sim of sweep.sims) {
			const text = this.journal(sim);
			sweep.read[sim] += Buffer.byteLength(text);
			for (const [, what] of text.matchAll(/"kind":"misdeed",(?:"request":\d+,)?"do":"([^"]+)"/g))
				sweep.committed.set(`${sim} ${what}`, (sweep.committed.get(`${sim} ${what}`) ?? 0) + 1);
		}
	}

	// Of a POS that does not keep its own promise: two orders under one name, or one that it says is paid and shows nobody, or that it
	// does not list; or of one that cannot be asked and whose word of a cancelled order nobody has heard. What they did in a cycle is
	// found in all that follow.
	isTheirs({ kind, sentence }) {
		if (kind === 'ticket_vanished' && this.provider.tells && !this.isTold(/order (\S+)/.exec(sentence)[1])) this.sweep.theirs.add(sentence);
		const { broken, unseen, unlisted = [] } = this.provider;
		const misdeeds = { ticket_missing: unseen, ticket_repeated: [...broken, ...unlisted], tickets_two: [...broken, ...unlisted], ticket_unwanted: unlisted }[kind] ?? [];
		if (this.plan.misdeeds.some((one) => misdeeds.includes(one.do))) this.sweep.theirs.add(sentence);
		return this.sweep.theirs.has(sentence);
	}

	// Was our answer to their word that it is cancelled a yes?
	isTold(number) {
		return this.journal(this.sweep.at).split('\n').filter((line) => line.includes(number))
			.some((line) => [number, ...[2, 3, 4].map((n) => `${number}-${n}`)].includes(this.provider.tells(JSON.parse(line))));
	}

	// --- for actions ----------------------------------------------------------------------------------------------------

	// What fn answers, or nothing when it takes too long.
	async until(fn, ms = PATIENCE_MS) {
		const end = Date.now() + ms;
		do {
			const answer = await fn();
			if (answer) return answer;
			await new Promise((resolve) => setTimeout(resolve, 10));
		} while (Date.now() < end);
		return null;
	}

	// A client that does not give up at once: asks until the answer is one of these, or a no that will stay. → answer or null
	ask(fn, wanted, ms = 6000) {
		return this.until(async () => {
			const said = await fn().catch(() => ({ status: 0 }));
			if (wanted.includes(said.status)) return said;
			return [0, 502, 503, 504].includes(said.status) || said.json?.error?.code === 'IDEMPOTENCY_IN_PROGRESS' ? null : { status: said.status, isRefused: true };
		}, ms).then((said) => (said === null || said.isRefused ? null : said));
	}

	// An order, under one key until it is told 201. → {id, order_number, base} or null
	async place(at = this.bistro, more = {}) {
		const headers = { 'idempotency-key': crypto.randomUUID() };
		const said = await this.ask(() => this.world.fetch(`${at.base}/api/v1/orders`, { json: { ...at.cart(), ...more }, token: this.sweep.guest.token, headers }), [201]);
		if (said) this.sweep.placed.push(said.json.order.id);
		return said && { ...said.json.order, base: at.base };
	}

	row(order) {
		return this.sql.rows(`SELECT id, status, pos_state FROM orders WHERE public_id = UNHEX('${order.id.replaceAll('-', '')}')`).then((rows) => rows[0]);
	}

	// Waits a little until the POS has said something definite.
	accepted(order) {
		return order && this.until(async () => ['accepted', 'failed', 'manual'].includes((await this.row(order)).pos_state));
	}

	// Waits a little until the order is no longer just received.
	moved(order, isSo = (row) => row.status !== 'received') {
		return order && this.until(async () => isSo(await this.row(order)));
	}

	// The kitchen's button; no ticket, no button.
	async kitchen(order, status) {
		const name = order && (order.reference ?? order.order_number);
		const isThere = name && await this.bistro.screen().then((screen) => screen.has(name), () => false);
		return isThere ? this.bistro.kitchen(name, status).catch(() => null) : null;
	}

	// It says yes, or what it says first where taking an order is a yes.
	yes(order) {
		return this.kitchen(order, this.provider.hears[0]);
	}

	// Staff look at the POS's screen and say, or do, what goes with what they see there.
	async look(order, coin) {
		const seen = [...(await this.bistro.screen()).keys()].filter((name) => name === order.order_number || name.startsWith(`${order.order_number}-`));
		const say = (decision) => this.staff('POST', order, '/pos-decision', { decision, reason: 'seen to' });
		const move = (status) => this.staff('PATCH', order, '/status', { status, reason: 'seen to' });
		if (seen.length > 0 && coin < 0.5) return say('there');
		for (const reference of seen) await this.strike({ ...order, reference });
		if (seen.length > 0) return coin < 0.8 ? say('removed') : move('cancelled');
		if (coin < 0.4) return say('not_there');
		return coin < 0.7 ? say('by_hand') : move(coin < 0.85 ? 'confirmed' : 'cancelled');
	}

	// One more than the plan's. A simulator whose door is closed for a moment is told again.
	misdeed(what) {
		return this.ask(() => this.bistro.pos.next(what).then(() => ({ status: 200 })), [200], 2000);
	}

	// None of their calls arrives any more.
	deaf() {
		const [path] = Object.entries(this.provider.meets).find(([, role]) => role === 'news');
		return this.misdeed({ path, do: 'lost', times: 100 });
	}

	// Staff take it off the POS there; no callback says so.
	async strike(order) {
		await this.deaf();
		await this.kitchen(order, 'cancelled');
		await this.bistro.pos.control('/next', { method: 'DELETE' });
	}

	// Something else that the provider's side does: push-menu, stock, order-status.
	push(what, body) {
		return this.ask(() => this.bistro.pos.control(`/${what}`, { json: body }).then((said) => ({ status: said.status ?? 0, json: said.json })), [200, 202], 2000);
	}

	// Who gets no answer looks before pressing again: "rejected", said of an order that has come to staff meanwhile, says that it is
	// off the POS.
	staff(method, order, what, json) {
		return order && this.ask(() => this.bistro.staff(method, order.id, what, json), [200, 202], json?.status === 'rejected' ? 0 : 2000);
	}

	cancel(order) {
		return order && this.ask(() => this.world.fetch(`${order.base}/api/v1/orders/${order.id}/cancel`, { method: 'POST', token: this.sweep.guest.token, json: {} }),
			[200, 202], 2000);
	}

	// A deadline of this order falls due now.
	async due(order, kind) {
		if (!order) return;
		const { id } = await this.row(order);
		await this.sql.rows(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = '${kind}' AND subject_id = ${id} AND owner = 0`);
	}

	// The menu with other prices in each cycle.
	menu() {
		const doc = document();
		for (const item of doc.items.slice(0, 5)) item.price = (Number(item.price) + 1 + this.n % 7).toFixed(2);
		return doc;
	}

	published() {
		return this.until(async () => (await this.sql.rows(`SELECT id FROM menu_sync_history WHERE id > ${this.since.sync} AND status <> 'running'`)).length > 0);
	}
}

module.exports = { ACTIONS, Cycle, Sweep };
