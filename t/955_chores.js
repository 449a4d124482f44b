'use strict';
// What staff, riders and telephones say (chores.js) while the connection to the database is cut, or the database refuses, at every
// command of it. Whoever was told yes keeps it, whoever was not is told to come back and says it again, and it was done once.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Chores } = require('./chores.js');
const { Deeds, shown } = require('./deeds.js');
const { check, quiet } = require('./check.js');

// What is run again by whoever was refused; what is not; and what costs the connection. They take turns (952 has them all).
const REFUSALS = [{ errno: 1213, rolls_back: true, isAgain: true }, { errno: 1205, isAgain: true }, { errno: 1317 }, { errno: 1290 }, { errno: 1040 }, { errno: 1927 }];
const CUTS = ['cut_before', 'cut_after'];

let world, deeds, chores;

before(async () => {
	world = await World.start({ onboard: false, between: true, workers: 1, env: { RELAY_POLL_MS: '50' } });
	const bistro = await Bistro.open(world, { pos: false });
	deeds = new Deeds(world, bistro, await bistro.guest());
	chores = await Chores.open(world, deeds);
});
after(() => world?.stop());

const waysAt = (i) => [...CUTS.map((cut) => ({ do: cut })), { do: 'error', ...REFUSALS[i % REFUSALS.length] }];

// → how many were told to come back.
async function meddled({ deed, good, name }, sites) {
	let unsure = 0;
	for (const [i, site] of sites.entries())
		for (const way of waysAt(i)) {
			const label = `${name}: ${shown(site)} ${way.do} ${way.errno ?? ''}`;
			const { answer, was_there } = await deed.attempt(site, () => way).catch((error) => {
				throw new Error(`${label}: ${error.message}`, { cause: error });
			});
			assert.ok(was_there, `${label} was not reached`);
			if (answer.status === good) continue;
			assert.ok(!(way.isAgain && site.in_transaction), `${label}: was to be run again, not ${answer.status}`);
			assert.equal(answer.status, 503, `${label}: ${answer.text}`);
			deeds.is_polite(answer);
			unsure++;
		}
	return unsure;
}

test('F11 F12 I6 ADM-04 ADM-05 ADM-08 ADM-14 ADM-16 USR-03 cut and refused at every command of what staff and telephones say', async (t) => {
	const chains = new Map();
	for (const chore of chores.all) {
		const sites = await chore.deed.survey();
		chains.set(chore.deed.program, [...chains.get(chore.deed.program) ?? [], { chore, sites }]);
	}
	// What one program needs of another is there before anybody meddles with that.
	for (const { chore, sites } of [...chains.values()].flat()) await chore.deed.stock(sites.length * waysAt(0).length + 6);
	await Promise.all([...chains.values()].map(async (chain) => {
		for (const { chore, sites } of chain) {
			const begun = Date.now();
			const unsure = await meddled(chore, sites);
			t.diagnostic(`${chore.deed.program}, ${chore.name}: ${sites.length} commands, ${unsure} x 503, ${Date.now() - begun} ms`);
		}
	}));
	await quiet(world, 60000);
	assert.deepEqual(await check(world, { placed: chores.placed }), []);
});
