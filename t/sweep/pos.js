'use strict';
// The sweep (935) of what has to do with a POS, at another one than PetPooja: somebody is killed at every crash point on an order's
// way there and back while the simulator commits its misdeeds. In a test run each point is met, in `make soak` each misdeed too.
//
//	SEED=7 CYCLE=42 nodejs t/939_sweep_clover.js     that cycle alone, again
//	CYCLES=2000 nodejs t/939_sweep_clover.js         more of them

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test } = require('node:test');
const { PROVIDERS } = require('../providers.js');
const { Sweep } = require('./sweep.js');

// The suite plays the same each time, so that a change is judged by itself; more cycles are other ones each time.
const SEED = process.env.SEED ?? (process.env.CYCLES === undefined ? '7' : String(crypto.randomInt(1e9)));
const CYCLES = Number(process.env.CYCLES ?? 34);

// way: one of its row's `ways`.
function sweepAt(at, way) {
	const name = PROVIDERS[at].ways?.[way]?.name ?? PROVIDERS[at].name;
	test(`F02 F03 F23 F24 F25 F26 F27 F28 I1 I2 I3 I4 I5 I6 I7 I8 I14 POS-21 TEST-05 killed anywhere while ${name} does anything: one ticket, or staff know`, async (t) => {
		const sweep = new Sweep({ seed: SEED, at, way, say: (what) => t.diagnostic(what), progress: (what) => process.stderr.write(`# ${what}\n`) });
		if (process.env.CYCLE !== undefined) {
			await sweep.only(Number(process.env.CYCLE));
			assert.deepEqual(sweep.failures, []);
			return;
		}
		await sweep.run(CYCLES);
		t.diagnostic(sweep.summary());
		assert.deepEqual(sweep.failures, []);
		assert.ok(CYCLES >= sweep.points.length, 'every point has its turn');
		const isAll = CYCLES >= 4 * Math.max(...Object.values(sweep.misdeeds).map((list) => list.length));
		assert.deepEqual(sweep.missed().filter((what) => isAll || !what.includes('never did')), []);
		assert.ok(sweep.cycles >= CYCLES);
	});
}

module.exports = { sweepAt };
