'use strict';
// Relays that are frozen with an order for Toast, Square or Clover in their hands, at every step of its way there, before the step
// and behind it, and while that is under way by which the kitchen gets it, longer than their leases: others bring it to its end, and
// who thaws sends nothing and changes nothing. One ticket. (At PetPooja: 921.)
//
// All are frozen at once, each with an order of its own; no lease runs out before the last of them is, and then all do.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Frost } = require('./frost.js');
const { PROVIDERS } = require('./providers.js');

// calls: that an order takes at least; the freeze is before each of them, and behind it. effect: the call by which it gets to the
// kitchen. first: the number of its first restaurant there. By atomic orders a doubt is resolved by looking
// alone, when nothing can come any more (minutes): it is frozen where the order is there, and the clock is put forward.
const BEFORE = 'transfer.before_first_byte', BEHIND = 'relay.call_ended';
const HOUSES = {
	toast: { calls: 2, effect: { path: '/orders/v2/orders' } },
	square: { calls: 2, effect: { path: '/v2/payments' } },
	clover: { calls: 5, effect: { method: 'POST', like: '/orders/[0-9A-Z]{13}$' } },
	atomic: { at: 'clover', first: 10, calls: 1, points: [BEHIND], effect: { path: '/atomic_order/orders' }, config: PROVIDERS.clover.ways.atomic.config },
};
const UNDER_WAY = 'under way';
const UNDER_WAY_MS = 500; // so long the answer takes; it comes while the relay sleeps
const HELD_MAX = 4; // a place is given no more calls at once than it allows, and those of the frozen count
const LEASE_MS = 8000; // of production: a relay that was asleep for longer knows that what it had is not its own any more

let world, frost;
const at = {}; // by house: its restaurants

before(async () => {
	world = await World.start({ onboard: false, crash: true, sims: ['toast', 'square', 'clover', 'msg91'], simArgs: { clover: PROVIDERS.clover.ways.atomic.simArgs }, env: { BACKOFF_MS: '60' } });
	for (const [name, { at: pos = name, first = 0, calls, config }] of Object.entries(HOUSES)) {
		at[name] = [];
		for (let i = 0; i * HELD_MAX < 2 * calls + 1; i++) {
			const n = first + i;
			const bistro = await Bistro.open(world, { slug: `${name}-${n}`, at: pos, n, seed: 927, config: { ...PROVIDERS[pos].renewing(n), ...config } });
			at[name].push({ bistro, guest: await bistro.guest() });
		}
	}
	frost = new Frost(world);
});
after(() => {
	frost?.wakeAll();
	return world?.stop();
});

// Calls that give an order or something of one.
const sent = async () => {
	const rows = await Promise.all(['toast', 'square', 'clover'].map((name) => at[name][0].bistro.pos.seen('?kind=request')));
	return rows.flat().filter((row) => row.method !== 'GET').length;
};
const checksum = async () => JSON.stringify(await world.sql('CHECKSUM TABLE orders, order_status_history, notification_queue, events EXTENDED'));

// What frozen relays have is theirs for an hour, or no more.
const leases = (until) => world.sql(`UPDATE outbox SET lease_until = ${until}, due_at = ${until} WHERE owner <> 0 AND kind = 'pos_submit'`);

// A doubt has settled: time for a look.
async function settled(bistro, number) {
	await bistro.becomes(number, { pos_state: 'unsure' });
	const [{ id }] = await world.sql(`SELECT id FROM orders WHERE restaurant_id = ${bistro.id} AND order_number = '${number}'`);
	await world.sql(`UPDATE orders SET settled_at = UTC_TIMESTAMP(6) WHERE id = ${id}`);
	await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_look' AND subject_id = ${id} AND owner = 0`);
}

// A relay takes one order and freezes at its k-th call.
async function freeze({ name, point, skips, place }, relay) {
	const { bistro, guest } = at[name][place];
	if (point === UNDER_WAY) await bistro.pos.next({ ...HOUSES[name].effect, do: 'commit_then_delay', ms: UNDER_WAY_MS });
	else frost.arm(relay, point, { skips });
	frost.wake(relay);
	const { order } = await guest.ordered(bistro.cart());
	if (point === UNDER_WAY) {
		await world.until('its ticket', async () => (await bistro.effects('order_saved', order.order_number)).length > 0, { every: 5 });
		frost.sleep(relay);
		assert.notEqual((await bistro.row(order.order_number)).pos_state, 'accepted', 'the answer has not come');
	} else {
		await frost.frozen(relay, point);
	}
	await leases('UTC_TIMESTAMP(6) + INTERVAL 1 HOUR');
	return { name, point, skips, relay, bistro, number: order.order_number };
}

test('E6 F04 I1 I2 I3 I8 frozen at every step past their leases, taken over, thawed: one ticket at each POS, and who thaws does nothing', async (t) => {
	const cases = Object.entries(HOUSES).flatMap(([name, { calls, points = [BEFORE, BEHIND] }]) => [...points.flatMap((point) =>
		Array.from({ length: calls }, (_, skips) => ({ name, point, skips }))), { name, point: UNDER_WAY }].map((one, i) => ({ ...one, place: Math.floor(i / HELD_MAX) })));
	const relays = cases.map((_, i) => `relay-${i}`);
	await frost.runners('relay', relays);
	await quiet(world);
	frost.sleep('relay');
	const frozen = [];
	for (const [i, one] of cases.entries()) frozen.push(await freeze(one, relays[i]));
	const began = Date.now();
	await leases('UTC_TIMESTAMP(6)');
	frost.wake('relay');
	for (const { bistro, number } of frozen.filter(({ name }) => name === 'atomic')) await settled(bistro, number);
	for (const { bistro, number, name, point, skips } of frozen)
		await bistro.becomes(number, { pos_state: 'accepted' }, 60000).catch((error) => { throw new Error(`${name} ${point} ${skips}: ${error.message}`); });
	const taken_ms = Date.now() - began;
	await world.until('the end of their leases', () => Date.now() >= began + LEASE_MS + 1000, { ms: LEASE_MS + 5000, every: 50 });
	await quiet(world);

	const [sum, requests] = [await checksum(), await sent()];
	const beats = (relay) => fs.readFileSync(path.join(world.crashDir(relay), 'seen'), 'utf8').split('\n').filter((point) => point === 'relay.before_beat').length;
	const before_all = new Map(relays.map((relay) => [relay, beats(relay)]));
	for (const relay of relays) frost.wake(relay);
	for (const relay of relays) await world.until(`${relay} awake`, () => beats(relay) >= before_all.get(relay) + 2);
	await quiet(world);
	assert.equal(await sent(), requests, 'who thaws sends nothing');
	assert.equal(await checksum(), sum, 'who thaws changes nothing of an order');
	await frost.end(relays);
	for (const { bistro, number, name, point, skips } of frozen)
		for (const effect of ['order_saved', ...(bistro.at === 'clover' ? ['print_requested'] : [])])
			assert.equal((await bistro.effects(effect, number)).length, 1, `${name} ${point} ${skips}: ${effect}`);
	t.diagnostic(`${frozen.length} relays frozen; their orders were at the POS ${taken_ms} ms later`);
	assert.deepEqual(await check(world), []);
});
