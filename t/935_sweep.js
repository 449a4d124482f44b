'use strict';
// Every crash point × kill -9 × every misdeed of every simulator (t/sweep/): a hundred cycles in which each point and each misdeed
// occurs; thousands in `make soak`.
//
//	SEED=7 nodejs t/935_sweep.js              what is chosen by chance; a failing run prints its seed
//	SEED=7 CYCLE=42 nodejs t/935_sweep.js     that cycle alone, again
//	CYCLES=2000 nodejs t/935_sweep.js         more of them

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test } = require('node:test');
const { Sweep } = require('./sweep/sweep.js');

const SEED = process.env.SEED ?? String(crypto.randomInt(1e9));
const CYCLES = Number(process.env.CYCLES ?? 100);

test('one seed is one plan, whoever makes it; another seed is another, and each point and each misdeed has its turn', () => {
	const some = Array.from({ length: 400 }, (_, n) => n);
	const plans = (seed, at) => {
		const sweep = new Sweep({ seed, at });
		return { sweep, all: some.map((n) => sweep.plan(n)) };
	};
	for (const at of ['petpooja', 'toast', 'square', 'clover']) {
		const { sweep, all } = plans(7, at), backwards = new Sweep({ seed: '7', at });
		assert.deepEqual([...some].reverse().map((n) => backwards.plan(n)).reverse(), all, 'the same, whatever was planned before it');
		assert.notDeepEqual(plans(8, at).all, all);
		assert.equal(new Set(all.slice(0, sweep.points.length).map((plan) => plan.kill.point)).size, sweep.points.length);
		for (const [sim, list] of Object.entries(sweep.misdeeds))
			assert.equal(new Set(all.slice(0, list.length).map((plan) => plan.misdeeds.find((one) => one.sim === sim).do)).size, list.length, sim);
	}
});

test('F01 F02 F03 F23 F24 F25 F26 F27 F28 F46 I1 I3 I4 I5 I6 I7 I8 I14 POS-21 TEST-05 killed anywhere while providers do anything: one ticket, or staff know; nothing lost, nothing twice', async (t) => {
	// A run of an hour is watched: what it says comes at its end only.
	const sweep = new Sweep({ seed: SEED, say: (what) => t.diagnostic(what), progress: (what) => process.stderr.write(`# ${what}\n`) });
	if (process.env.CYCLE !== undefined) {
		await sweep.only(Number(process.env.CYCLE));
		assert.deepEqual(sweep.failures, []);
		return;
	}
	await sweep.run(CYCLES);
	t.diagnostic(sweep.summary());
	assert.deepEqual(sweep.failures, []);
	assert.deepEqual(sweep.missed(), []);
	assert.ok(sweep.cycles >= CYCLES);
});
