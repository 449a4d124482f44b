'use strict';
// deeds: what the programs do with the database, one deed at a time, so that a test can meddle with any command of it (between.js)
// and see what became of it.
//
//	const deeds = new Deeds(world, bistro, guest);
//	await deeds.stock(20);                              // what the deeds need before they can be done 20 times
//	const sites = await deeds.order.survey();           // [{program, sql, nth, in_transaction}] of a calm one
//	const answer = await deeds.order.attempt(site, () => ({ do: 'cut_after' }));
//
// A deed is {program, once(), settle()}: once() does it and answers {status, headers}; settle() repeats it as a client would until it
// is done, and throws if it is not done exactly once.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { isSetup } = require('./between.js');
const { newPhone } = require('./story.js');

const NTH_MAX = 3;
const shown = (site) => `${site.program} ${site.nth > 1 ? `${site.nth}. ` : ''}${site.kind === 'QUERY' || site.kind === 'EXECUTE' ? '' : `${site.kind} `}"${site.sql?.slice(0, 60)}"`;

// What a runner asks to see what is due: at once, or for a while in steps if that was slow. Either is the same site.
const IS_LOOK = /^SELECT (destination, MIN\(due_at\) AS due_at|MIN\(destination\) AS destination|MIN\(due_at\) AS due_at) FROM outbox\b/;
const isAt = (site, { kind, sql }) => kind === site.kind && (sql === site.sql || (IS_LOOK.test(site.sql) && IS_LOOK.test(sql)));

class Deed {
	// isRunner: it does as much in its own time. prepare() → what once(it), settle(it, answer) need; calm(): brings the program's connection back, where a request does that.
	constructor(world, program, what) {
		Object.assign(this, { world, program, kept: [], calm: async () => {}, ...what });
	}

	async ready() {
		await this.calm();
		return this.kept.pop() ?? this.prepare();
	}

	async stock(n) {
		while (this.kept.length < n) this.kept.push(...await Promise.all(Array.from({ length: Math.min(16, n - this.kept.length) }, () => this.prepare())));
	}

	// The commands of a deed that went well: those of several in turn that each had, so that neither what is learnt once and then
	// known nor what happened to fall into one counts.
	async survey() {
		let found = null;
		for (let i = 0; i < 4; i++) {
			const it = await this.ready();
			const commands = [];
			this.world.between.rules.set(this.program, (command) => { commands.push(command); });
			const answer = await this.once(it);
			this.world.between.rules.delete(this.program);
			await this.settle(it, answer);
			const sites = sites_of(commands, this.isRunner);
			const same = (a) => (b) => a.sql === b.sql && a.nth === b.nth;
			found = i < 2 ? sites : found.filter((one) => sites.some(same(one)));
		}
		assert.ok(found.length > 3, `${this.program} has commands`);
		return found;
	}

	// Does it with `what(command)` done at the site. → {answer, was_there, ms, after: commands of that connection behind it}. What a
	// program says once in a while it may not say this time; then it is done again.
	async attempt(site, what) {
		let done;
		for (let i = 0; i < 3 && !done?.was_there; i++) done = await this.once_with(site, what);
		return done;
	}

	async once_with(site, what) {
		const it = await this.ready();
		const counts = new Map();
		let hit = null;
		const after = [];
		this.world.between.rules.set(this.program, (command) => {
			if (hit && command.connection === hit.connection) after.push(command);
			if (hit || !isAt(site, command)) return null;
			const nth = (counts.get(site.sql) ?? 0) + 1;
			counts.set(site.sql, nth);
			if (nth !== site.nth) return null;
			hit = command;
			return what(command);
		});
		const begun = process.hrtime.bigint();
		const answer = await this.once(it);
		const ms = Number((process.hrtime.bigint() - begun) / 1000000n);
		// What is done once in a while, such as a heartbeat, comes after it.
		if (this.isRunner) await this.world.until('the command', () => hit !== null, { ms: 3000 }).catch(() => {});
		this.world.between.rules.delete(this.program);
		await this.settle(it, answer, site);
		return { answer, was_there: hit !== null, ms, after };
	}
}

// A runner looks again and again: of what it says outside of its transactions the first counts.
function sites_of(commands, isRunner) {
	const counts = new Map(), open = new Set();
	const found = [];
	for (const { program, kind, sql, connection } of commands) {
		if (isSetup({ kind, sql })) continue;
		if (/^START TRANSACTION/.test(sql)) open.add(connection);
		const nth = (counts.get(sql) ?? 0) + 1;
		counts.set(sql, nth);
		if (nth <= (isRunner && kind !== 'QUERY' ? 1 : NTH_MAX)) found.push({ program, kind, sql, nth, in_transaction: open.has(connection) });
		if (/^(COMMIT|ROLLBACK)/.test(sql)) open.delete(connection);
	}
	return found;
}

class Deeds {
	constructor(world, bistro, guest) {
		Object.assign(this, { world, bistro, guest, placed: [] });
		world.between.rules = new Map(); // by program
		world.between.rule = (command) => world.between.rules.get(command.program)?.(command) ?? null;
		const calm_orders = () => this.answered(() => guest.fetch('/api/v1/orders?limit=1'));
		this.order = new Deed(world, 'orders', { calm: calm_orders, prepare: () => this.cart(), once: (it) => this.place(it), settle: (it, answer) => this.placed_once(it, answer) });
		this.login = new Deed(world, 'auth', { calm: () => this.answered(() => world.fetch('/.well-known/jwks.json')), prepare: () => this.code(),
			once: (it) => this.verify(it), settle: (it, answer) => this.logged_in(it, answer) });
		this.callback = new Deed(world, 'webhooks', { calm: () => this.answered(() => world.fetch(`/pp_callback/${bistro.slug}/?k=no`, { json: { orderID: 'x', status: '1' } })),
			prepare: () => this.ticket(), once: (it) => this.kitchen(it), settle: (it, answer) => this.confirmed(it, answer) });
		this.move = new Deed(world, 'admin', { calm: () => this.answered(() => world.fetch(`${bistro.base}/api/v1/admin/orders?limit=1`, { token: bistro.admin })),
			prepare: () => this.ticket(), once: (it) => bistro.move(it.id, 'preparing'), settle: (it, answer) => this.moved(it, answer) });
		this.relay = new Deed(world, 'relay', { isRunner: true, prepare: () => this.cart(), once: (it) => this.submitted(it), settle: (it) => this.one_ticket(it) });
		this.jobs = new Deed(world, 'jobs', { isRunner: true, prepare: () => this.ticket(), once: (it) => this.applied_by_job(it), settle: (it) => this.confirmed(it, { status: 200 }) });
		this.requests = [this.order, this.login, this.callback, this.move];
	}

	// Asks until somebody with a database answers.
	answered(ask) {
		return this.world.until('a database', async () => (await ask()).status !== 503, { every: 5 });
	}

	// Repeats until one of these statuses; everything before is 503 and says when to come again.
	async repeat(first, again, ok) {
		const end = Date.now() + 15000;
		for (let answer = first; ; answer = await again()) {
			if (ok.includes(answer.status)) return answer;
			if (answer.status !== 409) this.is_polite(answer);
			assert.ok(Date.now() < end, `still ${answer.status}`);
		}
	}

	is_polite(answer) {
		assert.equal(answer.status, 503, answer.text ?? JSON.stringify(answer));
		assert.ok(Number(answer.headers['retry-after']) > 0, 'says when to come again');
	}

	async cart() {
		return { lines: this.bistro.usual(), key: crypto.randomUUID() }; // always the same, so that the commands are
	}

	place({ lines, key }) {
		return this.guest.place(this.bistro.cart(lines), { key });
	}

	async placed_once(it, first) {
		const answer = await this.repeat(first, () => this.place(it), [201]);
		assert.equal(Math.round(answer.json.order.total * 100), this.bistro.priceOf(it.lines));
		Object.assign(it, { id: answer.json.order.id, number: answer.json.order.order_number });
		this.placed.push({ id: it.id, key: it.key });
		return it;
	}

	// An order that the POS has accepted.
	async ticket() {
		const it = await this.cart();
		await this.placed_once(it, await this.place(it));
		await this.bistro.becomes(it.number, { pos_state: 'accepted' });
		return it;
	}

	async code() {
		const phone = newPhone();
		await this.world.sql('DELETE FROM budgets'); // more codes, and more tries, than one network is given
		const asked = await this.world.fetch('/api/v1/auth/request-otp', { json: { phone } });
		assert.equal(asked.status, 200, asked.text);
		return { phone, otp: await this.world.otp(phone) };
	}

	verify({ phone, otp }) {
		return this.world.fetch('/api/v1/auth/verify-otp', { json: { phone, otp } });
	}

	// The same code again is good until somebody was told that it was.
	async logged_in(it, first) {
		const answer = await this.repeat(first, () => this.verify(it), [200]);
		this.world.canary(answer.json.access_token);
		this.world.canary(answer.json.refresh_token);
		const me = await this.world.fetch('/api/v1/orders', { token: answer.json.access_token, headers: { host: 'localhost' } });
		assert.notEqual(me.status, 401, 'the session is one');
		assert.equal((await this.verify(it)).status, 400, 'the code was good once');
		it.phones = (await this.world.sql(`SELECT u.id, COUNT(s.id) AS n FROM users u LEFT JOIN refresh_tokens s ON s.user_id = u.id WHERE u.phone = '${it.phone}' GROUP BY u.id`));
		assert.equal(it.phones.length, 1, 'one user');
	}

	async kitchen({ number }) {
		const { answers, status } = await this.bistro.kitchen(number, '1');
		return answers?.[0] ?? { status, headers: {} };
	}

	async confirmed(it, first) {
		await this.repeat(first, () => this.kitchen(it), [200]);
		await this.bistro.becomes(it.number, { status: 'confirmed' });
		await this.moved_once(it.number, 'confirmed');
	}

	async moved_once(number, status) {
		const rows = (await this.bistro.history(number, 'status')).filter((row) => row.new_status === status && row.old_status !== status);
		assert.equal(rows.length, 1, `${number} became ${status} once`);
	}

	async moved(it, first) {
		await this.repeat(first, () => this.bistro.move(it.id, 'preparing'), [200]);
		await this.moved_once(it.number, 'preparing');
	}

	async submitted(it) {
		await this.placed_once(it, await this.place(it));
		await this.carried_out(it, 'pos_submit', (row) => row.pos_state === 'accepted');
		return { status: 200, headers: {} };
	}

	// The message has gone and the order is so. A pause before another attempt is cut short.
	async carried_out(it, kind, isSo) {
		await this.world.until(`${kind} of ${it.number}`, async () => {
			const [row] = await this.world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = '${kind}' AND owner = 0;
				SELECT status, pos_state, (SELECT COUNT(*) FROM outbox WHERE kind = '${kind}') AS n FROM orders
				WHERE restaurant_id = ${this.bistro.id} AND order_number = '${it.number}'`);
			return isSo(row) && row.n === '0';
		}, { every: 15 });
	}

	async one_ticket(it) {
		const tickets = (await this.bistro.pos.seen('?effect=order_saved')).filter((row) => row.orderID === it.number);
		assert.equal(tickets.length, 1, `${it.number} is at the POS once`);
	}

	// The worker stores what the kitchen says and gets no further, so that a job has to apply it.
	async applied_by_job(it) {
		const { rules } = this.world.between;
		rules.set('webhooks', ({ sql }) => (/FROM webhook_logs WHERE id = \? FOR UPDATE/.test(sql) ? { do: 'error', errno: 1317 } : null));
		const answer = await this.kitchen(it);
		rules.delete('webhooks');
		assert.equal(answer.status, 503, 'the worker did not apply it');
		await this.carried_out(it, 'inbox_apply', (row) => row.status === 'confirmed');
		return { status: 200, headers: {} };
	}
}

module.exports = { Deed, Deeds, shown };
