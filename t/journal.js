'use strict';
// journal: what the simulators have journalled, in the neutral form that `ticketrail check --journal` reads
// (lib/check/journal.h). One file a simulator, beside its own, carried on from where it was left.
//
//	const files = new Journals(world).update();

const fs = require('node:fs');
const path = require('node:path');

const { PROVIDERS } = require('./providers.js');

// A POS has a row of its own in providers.js.
const FORMS = {
	msg91(row) {
		if (row.kind !== 'effect' || row.effect !== 'sms' || row.route !== 'flow') return [];
		return [{ what: 'text', to: `+${row.mobile}`, text: String(row.variables.message) }];
	},
};

class Journals {
	constructor(world) {
		this.of = Object.keys(world.sim).map((name) => ({
			form: FORMS[name] ?? ((row) => PROVIDERS[name].journal(row)),
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
