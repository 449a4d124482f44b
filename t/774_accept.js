'use strict';
// How long a kitchen may leave an order without a yes (accept_minutes), and what becomes of one that it has left so: staff are told,
// or it is taken off the POS and ends (accept_or_cancel).

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Tiffin } = require('./tiffin.js');

let world, bistro, guest;

before(async () => {
	world = await World.start({ onboard: false, env: { RELAY_POLL_MS: '20', BACKOFF_MS: '60' } });
	bistro = await Bistro.open(world);
	guest = await bistro.guest();
});
after(() => world?.stop());

const put = (key, value) => world.fetch(`${bistro.base}/api/v1/admin/config/${key}`, { method: 'PUT', json: { value }, token: bistro.admin });
async function set(settings) {
	for (const [key, value] of Object.entries(settings)) assert.equal((await put(key, value)).status, 200, key);
}
const order = async () => (await guest.ordered(bistro.cart())).order;
async function taken() {
	const one = await order();
	await bistro.becomes(one.order_number, { pos_state: 'accepted' });
	return one;
}
const due = (number) => world.sql(`SELECT TIMESTAMPDIFF(SECOND, o.created_at, m.due_at) AS s FROM outbox m JOIN orders o ON o.id = m.subject_id
	WHERE m.kind = 'pos_accept' AND o.restaurant_id = ${bistro.id} AND o.order_number = '${number}'`);
const onScreen = async (number) => (await bistro.screen()).has(number);
const well = async () => {
	await quiet(world);
	assert.deepEqual(await check(world), []);
};

test('E8 CFG-04 unless a restaurant says so, a kitchen has all the time it wants; a wrong time is refused', async () => {
	const { order_number: number } = await taken();
	assert.deepEqual(await due(number), []);
	for (const [key, value] of [['accept_minutes', -1], ['accept_minutes', 1441], ['accept_minutes', 'soon'], ['accept_or_cancel', 1]]) assert.equal((await put(key, value)).status, 400, `${key} ${value}`);
});

test('E8 an order that is not confirmed in time is told to staff, once, and waits on', async () => {
	await set({ accept_minutes: 5 });
	const { order_number: number, id } = await taken();
	const [{ s }] = await due(number);
	assert.ok(Number(s) >= 299 && Number(s) <= 301, `${s} s after it was placed`);
	await bistro.deadline(number, 'pos_accept');
	await bistro.told(number, /waits to be confirmed \(at the POS: accepted\)/);
	await quiet(world);
	const row = await bistro.row(number);
	assert.equal(`${row.status} ${row.pos_state} ${row.cancel_wanted}`, 'received accepted null');
	assert.equal((await bistro.texts(number)).length, 1);
	assert.deepEqual(await bistro.texts(number, guest.phone), [], 'the guest is told nothing');
	assert.deepEqual(await due(number), []);
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	await bistro.becomes(number, { status: 'confirmed' });
	assert.equal((await guest.order(id)).json.order.status, 'confirmed', 'a late yes is a yes');
	await well();
});

test('E8 one that was confirmed, or has ended, is left alone, whatever the settings say', async () => {
	await set({ accept_minutes: 5, accept_or_cancel: true });
	const { order_number: confirmed } = await taken();
	const { order_number: cancelled, id } = await taken();
	assert.equal((await bistro.kitchen(confirmed, '1')).status, 200);
	await bistro.becomes(confirmed, { status: 'confirmed' });
	assert.ok((await guest.cancel(id)).status < 300);
	await bistro.becomes(cancelled, { status: 'cancelled' });
	for (const number of [confirmed, cancelled]) await bistro.deadline(number, 'pos_accept');
	await quiet(world);
	for (const number of [confirmed, cancelled]) assert.deepEqual((await bistro.texts(number)).filter((text) => /confirmed/.test(text)), [], number);
	assert.equal((await bistro.row(confirmed)).status, 'confirmed');
	assert.ok(await onScreen(confirmed));
	await well();
});

test('E8 I1 where the restaurant wants it so, it is cancelled at the POS, ends, and the guest is told why', async () => {
	const { order_number: number, id } = await taken();
	await bistro.deadline(number, 'pos_accept');
	await bistro.becomes(number, { status: 'cancelled' });
	assert.deepEqual((await bistro.effects('order_cancelled', number)).map((one) => one.by), ['hub']);
	await bistro.told(number, /was not confirmed in time and is being cancelled/);
	await bistro.told(number, /was cancelled\. The restaurant did not confirm the order in time/, guest.phone);
	const { order: seen } = (await guest.order(id)).json;
	assert.deepEqual([seen.status, seen.cancellation_reason], ['cancelled', 'The restaurant did not confirm the order in time']);
	assert.deepEqual((await bistro.history(number, 'status')).map((one) => one.new_status), ['received', 'cancelled']);
	await well();
});

test('E8 I1 one that never left the house ends at once, and never leaves it', async () => {
	await world.kill('relay', 'SIGTERM');
	const { order_number: number } = await order();
	await bistro.deadline(number, 'pos_accept');
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	world.startRunner('relay');
	await bistro.told(number, /was cancelled\. The restaurant did not confirm/, guest.phone);
	await quiet(world);
	assert.equal((await bistro.requests(number)).length, 0);
	await well();
});

test('E8 I1 one in doubt is not ended before it is known; if the kitchen says yes after all, people have the last word', async () => {
	await bistro.pos.next({ path: '/save_order', do: 'commit_then_500' }, { path: '/save_order', do: '500' });
	const { order_number: number } = await order();
	await bistro.becomes(number, async (row) => row.pos_state === 'unsure' && (await bistro.requests(number)).length === 2);
	await bistro.deadline(number, 'pos_accept');
	const row = await bistro.row(number);
	assert.equal(`${row.status} ${row.pos_state} ${row.cancel_wanted}`, 'received unsure house');
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	await bistro.told(number, /the POS did not cancel it/); // PetPooja cancels nothing that was accepted
	await bistro.becomes(number, { status: 'confirmed', pos_state: 'manual' });
	assert.ok(await onScreen(number));
	await well();
});

test('E8 a POS that will not take it back keeps it, and staff are told', async () => {
	await bistro.pos.next({ path: '/update_order_status', do: 'refuse', message: 'Already cooking' });
	const { order_number: number } = await taken();
	await bistro.deadline(number, 'pos_accept');
	await bistro.told(number, /the POS did not cancel it: .*Already cooking/);
	await quiet(world);
	assert.ok(await onScreen(number));
	await well();
});

test('E8 a restaurant without a POS confirms by itself: nothing is watched', async () => {
	const tiffin = await Tiffin.open(world, { settings: { accept_minutes: 5, accept_or_cancel: true } });
	assert.equal((await tiffin.order()).status, 'confirmed');
	assert.deepEqual(await world.sql(`SELECT id FROM outbox WHERE kind = 'pos_accept' AND restaurant_id = ${tiffin.id}`), []);
});

test('I13 all of it was answered as openapi.yaml says', () => {
	assert.deepEqual([...world.undocumented], []);
});
