'use strict';
// The connection to the database is cut at every command of every deed, in both directions: before the server has it, and after it
// was carried out, in place of the answer (or within it). Whoever was told yes keeps it, whoever was not repeats himself, and there is one of each.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { Deeds, shown } = require('./deeds.js');
const { check, quiet } = require('./check.js');

const CUTS = ['cut_before', 'cut_after'];

let world, bistro, deeds;

before(async () => {
	world = await World.start({ onboard: false, between: true, workers: 1, env: { LEASE_MS: '1000', BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: 951 });
	deeds = new Deeds(world, bistro, await bistro.guest());
});
after(() => world?.stop());

async function well() {
	await quiet(world, 60000);
	for (const row of await world.sql("SELECT order_number FROM orders WHERE pos_state = 'unsure'")) await bistro.deadline(row.order_number, 'pos_deadline');
	await quiet(world, 60000);
	assert.deepEqual(await check(world, { placed: deeds.placed }), []);
	const [{ n }] = await world.sql('SELECT COUNT(*) AS n FROM orders');
	assert.equal(Number(n), deeds.placed.length, 'as many orders as were acknowledged');
}

// Cuts at every command of the deed. `at_once(site, cut)`: the first answer must be the good one.
async function cut_everywhere(deed, good, { cuts = CUTS, at_once = () => false } = {}) {
	const begun = Date.now();
	const sites = await deed.survey();
	let n = 0, unsure = 0;
	for (const site of sites)
		for (const cut of cuts) {
			const label = `${shown(site)} ${cut}`;
			const { answer, was_there } = await deed.attempt(site, () => ({ do: cut })).catch((error) => {
				throw new Error(`${label}: ${error.message}`, { cause: error });
			});
			assert.ok(was_there, `${label} was not reached`);
			if (answer.status !== good) {
				deeds.is_polite(answer);
				unsure++;
			}
			if (at_once(site, cut)) assert.equal(answer.status, good, `${label}: ${answer.text}`);
			n++;
		}
	return `${deed.program}: ${sites.length} commands, ${n} cuts, ${unsure} x 503, ${Date.now() - begun} ms`;
}

test('F11 I1 I6 F13 cut at every command of an order, a login, a callback and staff\'s word, in both directions', async (t) => {
	await Promise.all([deeds.callback, deeds.move].map((deed) => deed.stock(50)));
	const done = await Promise.all([
		cut_everywhere(deeds.order, 201, { cuts: [...CUTS, 'cut_within'], at_once: (site) => site.in_transaction }),
		cut_everywhere(deeds.login, 200, { cuts: [...CUTS, 'cut_within'], at_once: (site) => site.in_transaction }),
		cut_everywhere(deeds.callback, 200),
		cut_everywhere(deeds.move, 200),
	]);
	for (const line of done) t.diagnostic(line);
	await well();
});

test('F11 I6 an order without a key whose COMMIT lost its answer is looked for, not placed again', async () => {
	for (const cut of CUTS) {
		await deeds.order.ready();
		let isCut = false;
		world.between.rules.set('orders', ({ sql }) => (isCut || sql !== 'COMMIT' ? null : (isCut = true, { do: cut })));
		const answer = await deeds.guest.place(bistro.cart(), { key: null });
		world.between.rules.delete('orders');
		assert.ok(isCut);
		assert.equal(answer.status, 201, answer.text);
		deeds.placed.push({ id: answer.json.order.id, key: answer.json.order.id });
	}
	await well();
});

test('F11 I1 I3 I8 cut at every command with which the relay and the jobs carry a message out', async (t) => {
	await deeds.jobs.stock(54);
	for (const line of await Promise.all([cut_everywhere(deeds.relay, 200), cut_everywhere(deeds.jobs, 200)])) t.diagnostic(line);
	await well();
});
