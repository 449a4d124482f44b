'use strict';
// patron: a client that does not give up while something fails behind the door.
//
//	const patron = new Patron(world, bistro, guest, () => label);   // label: what fails just now, for complaints
//	const order = await patron.place();                             // told 500, 502, 503, and asks again: one order, one key
//	await patron.accepted(order.order_number);                      // whatever became of the first attempt
//	await patron.well();                                            // at rest providers' journals and database agree

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { check, quiet } = require('../check.js');

// What a client may be told while something fails behind the door: ours, and try again. 502 and 504 are nginx's.
const FAULTS = { 500: ['INTERNAL_ERROR'], 503: ['UNAVAILABLE', 'COMMIT_UNSURE', 'unhealthy'], 409: ['IDEMPOTENCY_IN_PROGRESS'] };

class Patron {
	constructor(world, bistro, guest, label) {
		Object.assign(this, { world, bistro, guest, label, cases: new Map(), placed: [] }); // cases: order number → what was failed
	}

	// Asks the same until the answer is a good one. Once something failed, one of `then` is good too: what was asked for had happened.
	async patient(what, ask, good, then = []) {
		const wrong = [];
		let tries = 0;
		const answer = await this.world.until(what, async () => {
			const said = await ask().catch((error) => ({ status: 0, text: error.message }));
			if (good.includes(said.status) || (tries > 0 && then.includes(said.status))) return said;
			const code = said.json?.error?.code ?? said.json?.status;
			if (![0, 502, 504].includes(said.status) && !FAULTS[said.status]?.includes(code)) wrong.push(`${said.status} ${said.text}`);
			tries++;
			return null;
		}, { every: 10 });
		assert.deepEqual(wrong, [], what);
		return answer;
	}

	get(at, token) {
		return this.patient(at, () => this.world.fetch(at, { token }), [200]);
	}

	async place(lines = this.bistro.usual()) {
		const key = crypto.randomUUID();
		const said = await this.patient('an order', () => this.guest.place(this.bistro.cart(lines), { key }), [201]);
		const { order } = said.json;
		assert.equal(Math.round(order.total * 100), this.bistro.priceOf(lines));
		this.placed.push({ id: order.id, key });
		this.cases.set(order.order_number, this.label());
		return order;
	}

	async waitsFor(row, kind) {
		return (await this.world.sql(`SELECT id FROM outbox WHERE kind = '${kind}' AND subject_id = ${row.id}`)).length > 0;
	}

	async accepted(number) {
		await this.world.until(`the POS's yes to ${number}`, async () => {
			const row = await this.bistro.row(number);
			if (row.pos_state === 'accepted') return true;
			if (row.pos_state === 'unsure' && !await this.waitsFor(row, 'pos_submit') && await this.waitsFor(row, 'pos_deadline'))
				await this.bistro.deadline(number, 'pos_deadline');
			return false;
		}, { ms: 20000, every: 10 });
	}

	async well() {
		let found;
		// What was put off can fall due between the look and the check.
		await this.world.until('rest', async () => {
			await quiet(this.world);
			found = await check(this.world, { placed: this.placed });
			return !found.some((line) => line.includes('not at rest'));
		}, { ms: 60000 });
		assert.deepEqual(found.map((line) => line.replace(/ORD-\d+-\d+/, (number) => `${number} (${this.cases.get(number)})`)), []);
	}
}

module.exports = { Patron };
