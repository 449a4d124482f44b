'use strict';
// A POS that refuses, hangs, lies, forgets and repeats itself, and a relay that is frozen at the wrong moment: each misdeed by
// itself, and as far as it goes. Deadlines of minutes are brought forward in SQL; nothing here waits for one.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const PAID_LIFE = ['1', '5', '4', '10'];

let world, bistro, guest;

before(async () => {
	world = await World.start({ onboard: false, crash: true, env: { LEASE_MS: '1000', BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: 920 });
	guest = await bistro.guest();
});
after(() => world?.stop());

const misdeed = (what, more) => bistro.pos.next({ path: '/save_order', do: what, ...more });
const order = async (more, by = guest) => (await by.ordered(bistro.cart(bistro.lines(), more))).order;
const tickets = async (number) => (await bistro.pos.seen('?effect=order_saved')).filter((row) => row.orderID === number);
const effects = async (effect, number) => (await bistro.pos.seen(`?effect=${effect}`)).filter((row) => row.orderID === number);
const steps = async (number, axis) => (await bistro.history(number, axis)).filter((row) => row.old_status !== row.new_status).map((row) => row.new_status);

async function well() {
	await quiet(world);
	assert.deepEqual(await check(world), []);
}

// In doubt, and nothing will be sent any more.
async function doubtful(number) {
	return bistro.becomes(number, async (row) => row.pos_state === 'unsure' && (await bistro.requests(number)).length === 2 &&
		(await world.sql(`SELECT id FROM outbox WHERE kind = 'pos_submit' AND subject_id = ${row.id}`)).length === 0);
}

// Ten seconds, the adapter's own time-out; alone, since its repeat would take the misdeed meant for somebody else.
test('ARC-06 F23 I1 I3 a request that hangs: others go on meanwhile; beyond its time-out it is repeated, and there is one ticket', async () => {
	await misdeed('hang');
	const hung = (await order()).order_number;
	await world.until('its request', async () => (await bistro.requests(hung)).length === 1);
	const other = await order();
	await bistro.becomes(other.order_number, { pos_state: 'accepted' }, 8000);
	assert.equal((await bistro.row(hung)).pos_state, 'submitting');
	await bistro.becomes(hung, { pos_state: 'accepted' });
	assert.deepEqual(await steps(hung, 'pos'), ['queued', 'submitting', 'unsure', 'accepted']);
	const requests = await bistro.requests(hung);
	assert.equal(requests.length, 2);
	assert.ok(Date.parse(requests[1].at) - Date.parse(requests[0].at) >= 9000, 'not before the time-out');
	assert.equal((await tickets(hung)).length, 1);
	await well();
});

test('POS-25 NOT-08 NOT-09 TEST-06 F24 I1 refused: staff are told, and after its deadline the order is closed and the guest told why', async () => {
	await misdeed('refuse', { message: 'Item is out of stock today' });
	const { order_number: number, id } = await order();
	const row = await bistro.becomes(number, { pos_state: 'failed' });
	assert.equal(row.pos_failure, 'refused');
	assert.match(row.pos_failure_reason, /out of stock/);
	assert.notEqual(row.failed_at, null);
	assert.equal(row.status, 'received');
	assert.equal((await bistro.requests(number)).length, 1, 'a refusal is not repeated');
	await bistro.told(number, /is NOT at the POS: .*out of stock/);
	assert.equal((await guest.order(id)).json.order.status, 'received');
	await bistro.deadline(number, 'pos_compensate');
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	await bistro.told(number, /was cancelled. The restaurant could not take the order/, guest.phone);
	assert.equal((await bistro.texts(number)).length, 1, 'staff are told once');
	assert.equal((await tickets(number)).length, 0);
});

// Committed, and the answer lost or spoilt in every way: one repeat of the same bytes clears it up.
for (const [what, commits] of [['commit_then_drop', true], ['commit_then_close', true], ['commit_then_500', true], ['truncate', true], ['not_utf8', true],
	['duplicate_keys', true], ['deep', true], ['nan', true], ['empty', true], ['oversize', true], ['many_headers', true], ['gzip_bomb', true],
	['wrong_client_order_id', true], ['drop_then_nothing', false], ['html', false], ['redirect', false], ['500', false], ['503', false], ['408', false], ['404', false]]) {
	test(`F24 F25 F26 F27 F28 I3 POS-21 ${what}: unsure, the same bytes once more, exactly one ticket`, async () => {
		await misdeed(what, { n: 20000, bytes: 2 << 20 });
		const { order_number: number } = await order();
		const row = await bistro.becomes(number, (now) => now.pos_state === 'accepted' || now.pos_state === 'failed');
		const requests = await bistro.requests(number);
		const history = await steps(number, 'pos');
		if (row.pos_state === 'failed') { // a definite no, as good as a refusal
			assert.equal(commits, false);
			assert.equal((await tickets(number)).length, 0);
			await bistro.told(number, /is NOT at the POS/);
			return;
		}
		assert.equal(requests.length, 2);
		assert.equal(new Set(requests.map((one) => one.body_sha256)).size, 1);
		assert.equal((await tickets(number)).length, 1);
		assert.equal((await effects('repeat', number)).length, commits ? 1 : 0);
		assert.ok(history.join(' ') === 'queued submitting unsure accepted' || !commits && history.join(' ') === 'queued submitting queued submitting accepted', history.join(' '));
	});
}

test('F24 429: nothing is sent before Retry-After has passed', async () => {
	await misdeed('429', { retry_after: 2 });
	const { order_number: number } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	const [first, second, ...rest] = (await bistro.requests(number)).map((row) => Date.parse(row.at));
	assert.deepEqual(rest, []);
	assert.ok(second - first >= 1990, `${second - first} ms`);
	assert.equal((await tickets(number)).length, 1);
});

test('I1 I3 in doubt twice: it is not sent a third time, staff decide after settling', async () => {
	await misdeed('500', { times: 2 });
	await misdeed('commit_then_500'); // would commit a third
	const { order_number: number, id } = await order();
	await doubtful(number);
	assert.equal((await bistro.staff('POST', id, '/retry-pos')).status, 400, 'nobody sends it again while it is in doubt');
	await bistro.deadline(number, 'pos_deadline');
	await bistro.becomes(number, { pos_state: 'manual' });
	await bistro.told(number, /may or may not be at the POS/);
	assert.equal((await bistro.requests(number)).length, 2);
	await bistro.pos.control('/next', { method: 'DELETE' });
	const said = await bistro.move(id, 'confirmed', 'entered by hand');
	assert.equal(said.status, 200, said.text);
	const after_all = await bistro.row(number);
	assert.equal(`${after_all.status} ${after_all.pos_state} ${after_all.by_hand}`, 'confirmed accepted 1');
	await well();
});

test('I1 the deadline of doubt does not come before the request has settled', async () => {
	await misdeed('commit_then_500');
	await misdeed('500');
	const { order_number: number } = await order();
	const row = await doubtful(number);
	await world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_deadline' AND subject_id = ${row.id}`);
	await world.until('the deadline looked and went', async () => (await world.sql(`SELECT last_error FROM outbox WHERE kind = 'pos_deadline'
		AND subject_id = ${row.id} AND owner = 0`))[0]?.last_error === 'Not settled yet');
	assert.equal((await bistro.row(number)).pos_state, 'unsure');
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	await bistro.becomes(number, { status: 'confirmed', pos_state: 'accepted' });
	await bistro.deadline(number, 'pos_deadline');
	assert.equal((await bistro.row(number)).pos_state, 'accepted', 'a deadline that has become idle does nothing');
	await well();
});

test('F26 I1 success, and no ticket: without proof by its deadline it goes to staff', async () => {
	await misdeed('drop_silently');
	const { order_number: number, id } = await order();
	const row = await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal(`${row.status} ${row.pos_proved_at}`, 'received null', 'an answer alone is no yes of the kitchen');
	await bistro.deadline(number, 'pos_proof');
	await bistro.becomes(number, { pos_state: 'manual' });
	await bistro.told(number, /no word from the kitchen/);
	assert.equal((await bistro.move(id, 'rejected', 'not there')).status, 202, 'a wish; of the POS it says nothing');
	assert.equal((await bistro.decide(id, 'not_there')).status, 200);
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	await bistro.told(number, /was cancelled. not there/, guest.phone);
	await well();
});

test('I1 I4 the callback is lost: staff are asked; when it comes after all it is believed', async () => {
	const { order_number: number } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	await bistro.pos.next({ path: 'callback', do: 'lost' });
	await bistro.kitchen(number, '1');
	await bistro.deadline(number, 'pos_proof');
	await bistro.becomes(number, { pos_state: 'manual', status: 'received' });
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	await bistro.becomes(number, { pos_state: 'accepted', status: 'confirmed' });
	await well();
});

test('I1 a proof that came in time makes its deadline do nothing', async () => {
	const { order_number: number } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	await bistro.deadline(number, 'pos_proof');
	assert.equal((await bistro.row(number)).pos_state, 'accepted');
});

test('WH-27 I5 the kitchen\'s yes comes before save_order has answered: applied, and the answer changes nothing', async () => {
	await misdeed('early');
	const { order_number: number } = await order();
	await bistro.becomes(number, { status: 'confirmed', pos_state: 'accepted' });
	await quiet(world);
	assert.deepEqual(await steps(number, 'pos'), ['queued', 'submitting', 'accepted']);
	assert.equal((await effects('callback', number))[0].status_code, 200);
	assert.notEqual((await bistro.row(number)).pos_proved_at, null);
	await well();
});

test('I1 I5 the kitchen\'s no comes before save_order has answered: closed, and the late success does not revive it', async () => {
	await misdeed('early', { status: '-1' });
	const { order_number: number } = await order();
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	await quiet(world);
	const row = await bistro.row(number);
	assert.equal(`${row.status} ${row.pos_state} ${row.cancellation_reason}`, 'cancelled failed Item out of stock');
	await bistro.told(number, /was cancelled. Item out of stock/, guest.phone);
	await well();
});

test('F33 WH-10 I4 I5 a hundred copies at once move it once', async () => {
	const { order_number: number } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	const said = await bistro.kitchen(number, '1', { copies: 100, concurrent: true });
	assert.deepEqual([...new Set(said.answers.map((one) => one.status))], [200]);
	assert.deepEqual([...new Set(said.answers.map((one) => one.json.new_status))], ['confirmed']);
	assert.deepEqual(await steps(number, 'status'), ['received', 'confirmed']);
	const stored = await world.sql(`SELECT state, COUNT(*) AS n FROM webhook_logs WHERE subject = '${number}' GROUP BY state ORDER BY state`);
	assert.equal(stored.reduce((sum, row) => sum + Number(row.n), 0), 100);
	assert.equal(stored.find((row) => row.state === 'processed').n, '1');
	assert.ok((await bistro.history(number)).length < 10, 'repeats do not fill the history');
	await well();
});

// Every order of the four calls of a delivery.
function permutations(list) {
	return list.length < 2 ? [list] : list.flatMap((one, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [one, ...rest]));
}

test('F33 WH-03 ORD-14 ORD-23 I5 callbacks in every order of four: never backwards, the same end', async () => {
	const all = permutations(PAID_LIFE);
	const rank = ['received', 'confirmed', 'preparing', 'ready', 'out_for_delivery', 'completed'];
	const orders = await Promise.all(all.map(() => order({ order_type: 'delivery', delivery_address: 'Room 12' })));
	await Promise.all(orders.map(async ({ order_number: number, id }, i) => {
		await bistro.becomes(number, { pos_state: 'accepted' });
		assert.equal((await bistro.staff('POST', id, '/cash-received')).status, 200);
		const said = await bistro.kitchen(number, all[i]);
		assert.deepEqual([...new Set(said.answers.map((one) => one.status))], [200]);
		const row = await bistro.row(number);
		assert.equal(row.status, 'completed', all[i].join(' '));
		assert.notEqual(row.completed_at, null);
		const passed = (await steps(number, 'status')).map((word) => rank.indexOf(word));
		assert.deepEqual(passed, [...passed].sort((a, b) => a - b));
		for (const [word, stamp] of [['confirmed', 'confirmed_at'], ['ready', 'ready_at'], ['out_for_delivery', 'out_for_delivery_at'], ['completed', 'completed_at']])
			assert.equal(row[stamp] !== null, passed.includes(rank.indexOf(word)), `${stamp} after ${all[i].join(' ')}`);
	}));
	await well();
});

test('ADM-06 I5 the POS cannot complete an order that is not paid', async () => {
	const { order_number: number, id } = await order({ order_type: 'delivery', delivery_address: 'Room 12' });
	await bistro.becomes(number, { pos_state: 'accepted' });
	const said = await bistro.kitchen(number, ['4', '10']);
	assert.deepEqual(said.answers.map((one) => [one.status, one.json.new_status]), [[200, 'out_for_delivery'], [200, 'out_for_delivery']]);
	assert.equal((await bistro.row(number)).status, 'out_for_delivery');
	assert.equal((await bistro.staff('POST', id, '/cash-received')).status, 200);
	assert.equal((await bistro.move(id, 'completed')).status, 200);
	await well();
});

test('WH-03 WH-11 status as a number, held back, overtaken and late: all the same', async () => {
	const { order_number: number } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	await bistro.pos.next({ path: 'callback', do: 'reordered' }); // the first is held back until the next has gone
	await bistro.kitchen(number, '1');
	const said = await bistro.kitchen(number, '5', { as: 'number', body: { minimum_prep_time: 25, rider_name: 'Uma', rider_phone_number: '9812345678', is_modified: 'Yes' } });
	assert.deepEqual(said.answers.map((one) => one.status), [200, 200]);
	const row = await bistro.becomes(number, { status: 'ready' });
	assert.equal(`${row.rider_name} ${row.is_modified}`, 'Uma 1');
	assert.notEqual(row.estimated_ready_time, null);
	assert.deepEqual(await steps(number, 'status'), ['received', 'ready']);
	await well();
});

test('F26 I1 one id of the POS for two orders: the first keeps it, people are told of the second', async () => {
	await misdeed('order_id', { order_id: '777001' });
	const first = await order();
	await bistro.becomes(first.order_number, { pos_state: 'accepted', pos_order_id: '777001' });
	await misdeed('order_id', { order_id: '777001' });
	const second = await order();
	const row = await bistro.becomes(second.order_number, { pos_state: 'accepted' });
	assert.equal(row.pos_order_id, null);
	await bistro.told(second.order_number, /id of another order/);
});

test('F32 ORD-24 I1 a guest cancels while the POS is being told: 202, and then it is taken back there', async () => {
	await misdeed('commit_then_delay', { ms: 400 });
	const { order_number: number, id } = await order();
	await bistro.ticket(number);
	const said = await guest.cancel(id, 'changed my mind');
	assert.equal(said.status, 202, said.text);
	assert.equal(said.json.order.cancel_requested, true);
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed', pos_failure: 'cancelled' });
	assert.equal((await effects('order_cancelled', number)).length, 1);
	assert.equal((await bistro.row(number)).cancellation_reason, 'changed my mind');
	await well();
});

test('F32 I1 a guest cancels while it is in doubt: it is made certain, and then taken back', async () => {
	await bistro.pos.next({ path: '/save_order', do: 'commit_then_drop' }, { path: '/save_order', do: 'delay_ms', ms: 500 });
	const { order_number: number, id } = await order();
	await bistro.becomes(number, { pos_state: 'unsure' });
	const said = await guest.cancel(id);
	assert.equal(said.status, 202, said.text);
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	assert.equal((await tickets(number)).length, 1);
	assert.equal((await effects('order_cancelled', number)).length, 1);
	await well();
});

test('I1 the POS does not take it back: staff are told, the order goes on until they decide', async () => {
	const { order_number: number, id } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	assert.equal((await guest.cancel(id)).status, 202);
	const row = await bistro.becomes(number, { pos_state: 'manual' });
	assert.equal(row.status, 'confirmed');
	await bistro.told(number, /the POS did not cancel it/);
	assert.equal((await bistro.move(id, 'cancelled', 'as the guest wished')).status, 202, 'that is known already');
	assert.equal((await bistro.row(number)).status, 'confirmed', 'and takes nothing off the kitchen\'s screen');
	await bistro.settled(number);
	assert.equal((await bistro.decide(id, 'removed')).status, 200);
	assert.equal((await bistro.kitchen(number, '-1')).status, 200);
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	await well();
});

test('I1 I5 the kitchen accepts an order that has ended: staff are told and it is taken back', async () => {
	await bistro.pos.next({ path: '/save_order', do: 'commit_then_500' }, { path: '/save_order', do: '500' });
	const { order_number: number, id } = await order();
	await doubtful(number);
	await bistro.deadline(number, 'pos_deadline');
	await bistro.becomes(number, { pos_state: 'manual' });
	assert.equal((await bistro.move(id, 'cancelled', 'nobody wants it')).status, 202);
	assert.equal((await bistro.decide(id, 'not_there')).status, 200); // but it is there
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	await bistro.told(number, /accepted order .* which has ended/);
	await world.until('the void', async () => (await bistro.pos.seen('?kind=request')).some((one) => one.path.endsWith('/update_order_status') && one.body.includes(number)));
	assert.equal((await bistro.row(number)).status, 'cancelled', 'an end is an end');
	// The kitchen had begun: it does not let go, and people know.
	await bistro.becomes(number, { pos_state: 'manual' });
	await bistro.told(number, /the POS did not cancel it/);
	assert.equal((await bistro.kitchen(number, '-1')).status, 200);
	await well();
});

test('ARC-10 POS-23 POS-25 ADM-20 ORD-25 TEST-06 the POS is down: three attempts, staff are told; up again, a retry sends it once', async () => {
	await world.kill('sim-petpooja');
	const { order_number: number, id } = await order();
	const row = await bistro.becomes(number, { pos_state: 'failed' });
	assert.equal(row.pos_failure, 'exhausted');
	const [{ attempts, outcome }] = await world.sql(`SELECT attempts, outcome FROM outbox_done WHERE kind = 'pos_submit' AND subject_id = ${row.id}`);
	assert.equal(`${attempts} ${outcome}`, '3 LATER');
	await bistro.told(number, /is NOT at the POS/);
	await world.startSimulator('petpooja');
	bistro.pos = world.sim.petpooja;
	const clicks = await Promise.all([bistro.staff('POST', id, '/retry-pos'), bistro.staff('POST', id, '/retry-pos')]);
	assert.deepEqual(clicks.map((one) => one.status).sort(), [200, 400]);
	assert.deepEqual(clicks.find((one) => one.status === 200).json, { status: 'retry_scheduled' });
	await bistro.becomes(number, { pos_state: 'accepted', pos_reference: `${number}-2` });
	assert.equal((await tickets(`${number}-2`)).length, 1);
	assert.equal((await bistro.kitchen(`${number}-2`, '1')).status, 200);
	await bistro.becomes(number, { status: 'confirmed' });
	await well();
});

// --- relays ---------------------------------------------------------------------------------------------------------

// The relay is frozen at this point of its next order until another one has taken over and finished; then it thaws.
async function frozen(point) {
	await quiet(world);
	fs.writeFileSync(path.join(world.crashDir('relay'), `stop.${point}`), '');
	const { order_number: number } = await order();
	await world.until('the freeze', () => !fs.existsSync(path.join(world.crashDir('relay'), `stop.${point}`)));
	const sent_before = (await bistro.requests(number)).length;
	world.startRunner('relay', 'relay-2');
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await bistro.kitchen(number, '1')).status, 200);
	const sent = (await bistro.requests(number)).length;
	world.child('relay').signal('SIGCONT');
	// Awake again: it carries something out, and so has seen whatever it had missed.
	await world.kill('relay-2', 'SIGTERM');
	const next = await order();
	await bistro.becomes(next.order_number, { pos_state: 'accepted' });
	await quiet(world);
	assert.equal((await bistro.requests(number)).length, sent, 'the thawed relay sent nothing');
	assert.equal((await tickets(number)).length, 1);
	assert.deepEqual((await steps(number, 'status')), ['received', 'confirmed']);
	await well();
	return { number, sent_before, sent };
}

test('F04 I3 I8 a relay frozen between intent and sending, past its lease: another one sends, the thawed one does not', async () => {
	const { sent_before, sent } = await frozen('provider_begin.after_commit');
	assert.deepEqual([sent_before, sent], [0, 1]);
});

test('F04 I3 I8 a relay frozen with the answer in its hand: what it writes is stale and changes nothing', async () => {
	const { number, sent_before, sent } = await frozen('relay.call_ended');
	assert.deepEqual([sent_before, sent], [1, 2]);
	assert.equal((await effects('repeat', number)).length, 1);
	assert.match(fs.readFileSync(path.join(world.at.log, 'relay.log'), 'utf8'), /"event":"claim_passed_on"/);
});

test('F04 I3 I8 the stale answer comes while another relay is still waiting for its own: only the newest claim may write', async () => {
	await quiet(world);
	const stop = path.join(world.crashDir('relay'), 'stop.relay.call_ended');
	fs.writeFileSync(stop, '');
	await misdeed('refuse');
	await misdeed('commit_then_delay', { ms: 1500 });
	const { order_number: number } = await order();
	await world.until('the freeze', () => !fs.existsSync(stop));
	world.startRunner('relay', 'relay-2');
	await bistro.ticket(number);
	const stale = async () => Number(/stale_token_writes_total\{program="relay"\} (\d+)/.exec((await world.fetch('/metrics')).text)[1]);
	const before_all = await stale();
	world.child('relay').signal('SIGCONT');
	await world.until('a stale write', async () => await stale() > before_all);
	const row = await bistro.row(number);
	assert.equal(`${row.pos_state} ${row.pos_failure}`, 'unsure null', 'the refusal of the first does not speak for the second');
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.deepEqual(await steps(number, 'pos'), ['queued', 'submitting', 'unsure', 'accepted']);
	await world.kill('relay-2', 'SIGTERM');
	await well();
});

test('F04 I8 a relay frozen in the transaction that ends an attempt', async () => {
	await quiet(world);
	fs.writeFileSync(path.join(world.crashDir('relay'), 'stop.batch.after_commit'), '');
	const { order_number: number } = await order();
	await world.until('the freeze', () => !fs.existsSync(path.join(world.crashDir('relay'), 'stop.batch.after_commit')));
	world.startRunner('relay', 'relay-2');
	const other = await order();
	await bistro.becomes(other.order_number, { pos_state: 'accepted' });
	world.child('relay').signal('SIGCONT');
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await bistro.requests(number)).length, 1);
	await world.kill('relay-2', 'SIGTERM');
	await well();
});

test('F08 I3 I8 two relays at once: every order is sent once', async () => {
	world.startRunner('relay', 'relay-2');
	const guests = [guest, ...await Promise.all([1, 2, 3].map(() => bistro.guest()))];
	const numbers = (await Promise.all(guests.map(async (one) => {
		const mine = [];
		for (let i = 0; i < 10; i++) mine.push((await order({}, one)).order_number);
		return mine;
	}))).flat();
	for (const number of numbers) await bistro.becomes(number, { pos_state: 'accepted' });
	const all = (await bistro.pos.seen('?kind=request')).filter((row) => row.path.endsWith('/save_order'));
	for (const number of numbers) assert.equal(all.filter((row) => row.body.includes(`"${number}"`)).length, 1, number);
	await world.kill('relay-2', 'SIGTERM');
	await well();
});

test('F48 I1 an order that kills whoever takes it is set aside, and staff are told', async () => {
	await quiet(world);
	const kill = path.join(world.crashDir('relay'), 'kill.outbox_claim.after_commit');
	let number;
	for (let i = 0; i < 3; i++) {
		fs.writeFileSync(kill, '');
		world.child('relay').expected = true;
		number ??= (await order()).order_number;
		await world.child('relay').ended;
		world.startRunner('relay');
	}
	const row = await bistro.becomes(number, (now) => ['failed', 'manual', 'accepted'].includes(now.pos_state));
	assert.notEqual(row.pos_state, 'accepted');
	await bistro.told(number, /is NOT at the POS|may or may not/);
	assert.equal((await bistro.requests(number)).length, 0);
	await well();
});
