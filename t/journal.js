'use strict';
// journal: what the simulators have journalled, in the neutral form that `ticketrail check --journal` reads
// (lib/check/journal.h). One file a simulator, beside its own, carried on from where it was left.
//
//	const files = new Journals(world).update();
//
// A new simulator has a row here: from one of its rows to neutral ones.

const fs = require('node:fs');
const path = require('node:path');

const ticket = (what, row) => [{ what, restaurant: row.restID, reference: row.orderID }];

// A call to us and what we answered.
const delivery = (row) => (row.sent_sha256 && row.status_code !== null
	? [{ what: 'delivery', sha256: row.sent_sha256, status: row.status_code, about: `${row.effect} ${row.orderID ?? row.restID ?? ''}`.trim() }] : []);

const FORMS = {
	petpooja(row) {
		if (row.kind === 'request' && row.path.endsWith('/save_order')) {
			const of = (name) => new RegExp(`"${name}":"([^"]*)"`).exec(row.body)?.[1];
			return of('orderID') === undefined ? []
				: [{ what: 'request', restaurant: of('restID') ?? '', reference: of('orderID'), sha256: row.body_sha256 }];
		}
		if (row.kind !== 'effect') return [];
		if (row.effect === 'order_saved') return ticket('ticket', row);
		if (row.effect === 'order_cancelled' || (row.effect === 'kitchen_status' && row.status === '-1')) return ticket('ticket_gone', row);
		return delivery(row);
	},
	msg91(row) {
		if (row.kind !== 'effect' || row.effect !== 'sms' || row.route !== 'flow') return [];
		return [{ what: 'text', to: `+${row.mobile}`, text: String(row.variables.message) }];
	},
};

class Journals {
	constructor(world) {
		this.of = Object.keys(world.sim).map((name) => ({
			form: FORMS[name],
			from: path.join(world.at.dir, 'sim', name, 'journal.jsonl'),
			to: path.join(world.at.dir, 'sim', name, 'neutral.jsonl'),
			offset: 0,
		}));
	}

	// Takes in what has been added; the names of the files.
	update() {
		for (const one of this.of) {
			const bytes = fs.readFileSync(one.from).subarray(one.offset);
			const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
			if (one.offset === 0) fs.writeFileSync(one.to, '', { mode: 0o600 });
			let rows = whole.toString().split('\n').filter(Boolean).map((line) => JSON.parse(line));
			const forgot = rows.map((row) => row.kind).lastIndexOf('reset');
			if (forgot >= 0) {
				fs.truncateSync(one.to);
				rows = rows.slice(forgot + 1);
			}
			fs.appendFileSync(one.to, rows.flatMap(one.form).map((row) => `${JSON.stringify(row)}\n`).join(''));
			one.offset += whole.length;
		}
		return this.of.map((one) => one.to);
	}
}

module.exports = { Journals };
