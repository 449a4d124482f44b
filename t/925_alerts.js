'use strict';
// Retry and alert: how often the POS is asked and when, who hears that it does not answer, what staff can do about it, and how
// fast a provider is called at most. The product's own times: due times are read to the microsecond, and brought forward in SQL.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

let world, bistro, other, guest;

before(async () => {
	world = await World.start({ onboard: false, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: 925 });
	other = await Bistro.open(world, { slug: 'other', pos: false, staffPhone: '+919900000202' });
	guest = await bistro.guest();
});
after(() => world?.stop());

const order = async (more) => (await guest.ordered(bistro.cart(bistro.usual(), more))).order;
const tickets = async (number) => (await bistro.pos.seen('?effect=order_saved')).filter((row) => row.orderID.startsWith(number)).map((row) => row.orderID);
const code = (said) => `${said.status} ${said.json?.error?.code ?? ''}`.trim();

// The waiting message of an order; undefined if there is none.
async function message(number, kind) {
	return (await world.sql(`SELECT o.id, o.attempts, o.owner, o.subject_no, o.last_error, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), o.due_at) / 1e6 AS in_s
		FROM outbox o JOIN orders x ON x.id = o.subject_id WHERE o.kind = '${kind}' AND x.order_number = '${number}'`))[0];
}
const forward = (number, kind) => world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE owner = 0 AND kind = '${kind}'
	AND subject_id = (SELECT id FROM orders WHERE order_number = '${number}')`);

// Seconds from the end of attempt n, as its history has it, to when the next is due.
async function pause(number, n) {
	await world.until(`attempt ${n}`, async () => {
		const now = await message(number, 'pos_submit');
		return now?.attempts === String(n) && now.owner === '0' && (await bistro.row(number)).pos_state === 'queued' && now.last_error !== null;
	});
	const [{ s }] = await world.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, h.created_at, o.due_at) / 1e6 AS s FROM outbox o JOIN orders x ON x.id = o.subject_id
		JOIN order_status_history h ON h.order_id = x.id AND h.seq = x.history_seq AND h.event = 'later'
		WHERE o.kind = 'pos_submit' AND x.order_number = '${number}'`);
	return Number(s);
}

async function posDown(body) {
	await world.kill('sim-petpooja');
	try {
		return await body();
	} finally {
		await world.startSimulator('petpooja');
		bistro.pos = world.sim.petpooja;
	}
}

// A relay without the memory of the one before it: of circuits, of peace asked for.
async function relayNew() {
	await world.kill('relay', 'SIGTERM');
	world.startRunner('relay');
}

async function well() {
	await quiet(world);
	assert.deepEqual(await check(world), []);
}

const within = (s, least, most, what) => assert.ok(s >= least && s <= most, `${what}: ${s} s, not ${least} to ${most}`);

test('POS-23 POS-25 NOT-08 NOT-09 TEST-06 E14 F24 three attempts, one and two minutes apart; staff hear within five seconds; ten minutes later it is closed', async () => {
	const { order_number: number, id } = await posDown(async () => {
		const one = await order();
		within(await pause(one.order_number, 1), 48, 72, 'the first pause is a minute, give or take a fifth');
		assert.equal((await bistro.row(one.order_number)).pos_state, 'queued', 'surely not there: it waits');
		await forward(one.order_number, 'pos_submit');
		within(await pause(one.order_number, 2), 96, 144, 'the second is twice as long');
		await forward(one.order_number, 'pos_submit');
		await bistro.becomes(one.order_number, { pos_state: 'failed' });
		return one;
	});
	const row = await bistro.row(number);
	assert.equal(`${row.status} ${row.pos_failure}`, 'received exhausted');
	assert.deepEqual((await world.sql(`SELECT attempts, outcome FROM outbox_done WHERE kind = 'pos_submit' AND subject_id = ${row.id}`))[0], { attempts: '3', outcome: 'LATER' });
	await bistro.told(number, /is NOT at the POS/);
	const [{ failed_us: failed }] = await world.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', failed_at) AS failed_us FROM orders WHERE id = ${row.id}`);
	const text = (await world.sim.msg91.seen('?effect=sms')).find((one) => JSON.stringify(one.variables ?? '').includes(number));
	within(Date.parse(text.at) / 1e3 - Number(failed) / 1e6, 0, 5, 'from the failure to the text');
	assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM notification_queue WHERE order_id = ${row.id} AND type = 'pos_failed'`))[0].n, '1', 'in the table, once');
	within(Number((await world.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, x.failed_at, o.due_at) / 1e6 AS s FROM outbox o JOIN orders x ON x.id = o.subject_id
		WHERE o.kind = 'pos_compensate' AND x.id = ${row.id}`))[0].s), 600, 600, 'the time to mend it');
	assert.equal((await guest.order(id)).json.order.status, 'received');
	await bistro.deadline(number, 'pos_compensate');
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	await bistro.told(number, /was cancelled. The restaurant could not take the order/, guest.phone);
	assert.equal((await guest.order(id)).json.order.status, 'cancelled');
	assert.equal(code(await bistro.staff('POST', id, '/retry-pos')), '400 VALIDATION_ERROR', 'what is closed is not sent again');
	await relayNew();
	await well();
});

test('POS-23 F24 Retry-After is kept to the second, and never more than a quarter of an hour of it', async () => {
	for (const [asked, least, most] of [[100, 100, 100], [5000, 900, 900], [1, 1, 1.2]]) {
		await bistro.pos.next({ path: '/save_order', do: '429', retry_after: asked });
		const { order_number: number } = await order();
		within(await pause(number, 0), least, most, `Retry-After: ${asked}`);
		await relayNew();
		await forward(number, 'pos_submit');
		await bistro.becomes(number, { pos_state: 'accepted' });
	}
	await well();
});

test('NOT-08 everybody of the restaurant who has a telephone hears of a failure: admins and the kitchen, and no rider', async () => {
	const [cook, rider] = ['+919900000301', '+919900000302'];
	await world.sql(`UPDATE staff_users SET phone = '${cook}' WHERE username = 'bistro-cook';
		INSERT INTO staff_users (public_id, restaurant_id, username, name, password_hash, role, phone, created_at, updated_at)
		VALUES (UNHEX(REPLACE(UUID(), '-', '')), ${bistro.id}, 'bistro-rider', 'Rana', 'x', 'delivery', '${rider}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`);
	const { order_number: number } = await failedOrder();
	for (const phone of [bistro.staffPhone, cook]) await bistro.told(number, /is NOT at the POS/, phone);
	assert.deepEqual((await world.sql(`SELECT phone_number AS phone FROM notification_queue q JOIN orders x ON x.id = q.order_id
		WHERE x.order_number = '${number}' AND q.type = 'pos_failed' ORDER BY phone_number`)).map((row) => row.phone), [bistro.staffPhone, cook].sort());
	await world.sql(`UPDATE staff_users SET phone = NULL WHERE username IN ('bistro-cook', 'bistro-rider')`);
	await well();
});

test('POS-25 the restaurant says how long it wants: no time at all, it is closed at once', async () => {
	await world.sql(`INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (${bistro.id}, 'pos_compensate_minutes', '0', UTC_TIMESTAMP(6), 'test')`);
	await bistro.pos.next({ path: '/save_order', do: 'refuse' });
	const { order_number: number } = await order();
	await bistro.becomes(number, { status: 'cancelled', pos_state: 'failed' });
	await bistro.told(number, /was cancelled/, guest.phone);
	await world.sql(`DELETE FROM system_config WHERE config_key = 'pos_compensate_minutes'`);
	await well();
});

test('E12 NOT-08 the relay is dead: after 90 s staff are on the list of texts once; it comes back, they are told, and the order goes on', async () => {
	await world.kill('relay');
	const { order_number: number } = await order();
	const [{ s }] = await world.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, x.released_at, o.due_at) / 1e6 AS s FROM outbox o JOIN orders x ON x.id = o.subject_id
		WHERE o.kind = 'pos_undecided' AND x.order_number = '${number}'`);
	within(Number(s), 90, 90, 'from the release');
	await bistro.deadline(number, 'pos_undecided');
	const row = await bistro.row(number);
	assert.deepEqual(await world.sql(`SELECT type, status FROM notification_queue WHERE order_id = ${row.id}`), [{ type: 'pos_undecided', status: 'pending' }]);
	assert.equal(`${row.status} ${row.pos_state}`, 'received queued');
	world.startRunner('relay');
	await bistro.told(number, /is not settled with the POS yet: it has not been sent/);
	await bistro.becomes(number, { pos_state: 'accepted' });
	assert.equal((await bistro.texts(number)).length, 1);
	await well();
});

test('E12 POS-23 F29 the POS is down, or its circuit open: staff are told once, attempts go on, and what was decided alarms nobody', async () => {
	await posDown(async () => {
		const { order_number: number } = await order();
		await pause(number, 1);
		await bistro.deadline(number, 'pos_undecided');
		await bistro.told(number, /is not settled with the POS yet/);
		within(Number((await message(number, 'pos_submit')).in_s), 1, 72, 'the next attempt still stands');
		await forward(number, 'pos_submit');
		await pause(number, 2);
		assert.equal(await message(number, 'pos_undecided'), undefined, 'nothing tells them again');
		await forward(number, 'pos_submit');
		await bistro.becomes(number, { pos_state: 'failed' });
		await bistro.told(number, /is NOT at the POS/);
		assert.equal((await bistro.texts(number)).length, 2);
	});
	await relayNew();
	const decided = (await order()).order_number;
	await bistro.becomes(decided, { pos_state: 'accepted' });
	assert.equal(await message(decided, 'pos_undecided'), undefined, 'it went with the decision');
	await bistro.pos.next({ path: '/save_order', do: 'commit_then_delay', ms: 700 });
	const cancelled = await order();
	await guest.cancel(cancelled.id);
	await bistro.becomes(cancelled.order_number, { status: 'cancelled' });
	assert.equal(await message(cancelled.order_number, 'pos_undecided'), undefined);
	await bistro.pos.control('/next', { method: 'DELETE' }); // if it was never sent
	await well();
});

test('E12 a restaurant without a POS has its orders by hand from the first moment: nothing to be undecided about', async () => {
	const [{ n }] = await world.sql(`SELECT COUNT(*) AS n FROM outbox WHERE kind = 'pos_undecided' AND restaurant_id = ${other.id}`);
	assert.equal(n, '0');
});

// --- staff ------------------------------------------------------------------------------------------------------------

async function failedOrder() {
	await bistro.pos.next({ path: '/save_order', do: 'refuse' });
	const one = await order();
	await bistro.becomes(one.order_number, { pos_state: 'failed' });
	return one;
}

async function acceptedOrder() {
	const one = await order();
	await bistro.becomes(one.order_number, { pos_state: 'accepted' });
	return one;
}

// The POS said yes and no proof came: people have to look. is_there: it has it; else it dropped it.
async function manualOrder(is_there = false) {
	if (!is_there) await bistro.pos.next({ path: '/save_order', do: 'drop_silently' });
	const one = await acceptedOrder();
	await bistro.deadline(one.order_number, 'pos_proof');
	await bistro.becomes(one.order_number, { pos_state: 'manual' });
	return one;
}

const retry = (id, token) => bistro.staff('POST', id, '/retry-pos', undefined, token);
const decide = (id, decision, more) => bistro.decide(id, decision, more);

test('ADM-20 TEN-04 only from failed, only an admin, only of this restaurant', async () => {
	const failed = await failedOrder(), accepted = await acceptedOrder(), cancelled = await failedOrder();
	await bistro.move(cancelled.id, 'cancelled');
	const manual = await manualOrder();
	for (const one of [accepted, cancelled, manual])
		assert.equal(code(await retry(one.id)), '400 VALIDATION_ERROR', (await bistro.row(one.order_number)).pos_state);
	assert.equal(code(await retry(failed.id, bistro.cook)), '403 INSUFFICIENT_ROLE');
	assert.equal(code(await retry(failed.id, guest.token)), '403 INSUFFICIENT_ROLE');
	assert.equal(code(await world.fetch(`${bistro.base}/api/v1/admin/orders/${failed.id}/retry-pos`, { method: 'POST' })), '401 INVALID_TOKEN');
	assert.equal(code(await retry(failed.id, other.admin)), '403 INSUFFICIENT_ROLE');
	assert.equal(code(await other.staff('POST', failed.id, '/retry-pos')), '404 NOT_FOUND', 'at their own restaurant there is no such order');
	assert.equal(code(await retry('0190163d-8694-739b-aea5-966c26f8ad02')), '404 NOT_FOUND');
	assert.equal((await bistro.row(failed.order_number)).submission_no, '1', 'none of this sent it');
	const said = await retry(failed.id);
	assert.deepEqual([said.status, said.json], [200, { status: 'retry_scheduled' }]);
	await bistro.becomes(failed.order_number, { pos_state: 'accepted', submission_no: '2', pos_reference: `${failed.order_number}-2` });
	assert.equal((await message(failed.order_number, 'pos_undecided')), undefined);
	assert.equal((await decide(manual.id, 'removed')).status, 200);
	await well();
});

test('ADM-20 F32 twenty clicks, a guest who cancels and a cook who enters it by hand, all at once: one of them wins, one ticket at most', async () => {
	for (let i = 0; i < 4; i++) {
		const one = await failedOrder();
		const [cancel, hand, ...clicks] = await Promise.all([i % 2 ? guest.cancel(one.id) : null, i > 1 ? decide(one.id, 'by_hand') : null,
			...Array.from({ length: 20 }, () => retry(one.id))]);
		const sent = clicks.filter((said) => said.status === 200).length;
		assert.ok(sent <= 1, `${sent} clicks sent it`);
		assert.ok(clicks.every((said) => [200, 400].includes(said.status)));
		await quiet(world);
		const row = await bistro.row(one.order_number);
		assert.equal(row.submission_no, String(1 + sent));
		assert.ok((await tickets(one.order_number)).length <= 1);
		assert.ok(sent === 1 || cancel?.status === 200 || hand?.status === 200, 'somebody won');
	}
	await well();
});

test('ADM-20 rule 9 a retry after the POS said yes to nobody: the new ticket is to be proved like the first', async () => {
	const one = await manualOrder();
	assert.equal((await decide(one.id, 'not_there', { reason: 'nothing on the screen' })).status, 200);
	assert.equal(`${(await bistro.row(one.order_number)).pos_state} ${(await bistro.row(one.order_number)).status}`, 'failed received');
	assert.equal((await retry(one.id)).status, 200);
	const row = await bistro.becomes(one.order_number, { pos_state: 'accepted', submission_no: '2' });
	assert.equal(row.pos_proved_at, null);
	assert.deepEqual(await world.sql(`SELECT actor, COUNT(*) AS n FROM audit_log WHERE action = 'order.retry_pos' AND subject = '${one.order_number}' GROUP BY actor`),
		[{ actor: 'staff:bistro-admin', n: '1' }]);
	assert.equal((await bistro.kitchen(`${one.order_number}-2`, '1')).status, 200);
	await bistro.becomes(one.order_number, { status: 'confirmed' });
	await well();
});

test('ADM-20 rule 8 staff look and decide: there, removed, not there, by hand; once, and not before it has settled', async () => {
	const all = { there: 'confirmed accepted', removed: 'cancelled failed', not_there: 'received failed', by_hand: 'confirmed accepted' };
	for (const [decision, want] of Object.entries(all)) {
		const one = await manualOrder(decision === 'there' || decision === 'removed');
		if (decision !== 'by_hand') {
			await world.sql(`UPDATE orders SET settled_at = UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE WHERE order_number = '${one.order_number}'`);
			assert.equal(code(await decide(one.id, decision)), '409 ILLEGAL_TRANSITION', 'something may be under way');
			await world.sql(`UPDATE orders SET settled_at = UTC_TIMESTAMP(6) WHERE order_number = '${one.order_number}'`);
		}
		const said = await Promise.all([decide(one.id, decision, { reason: 'looked' }), decide(one.id, decision), decide(one.id, decision)]);
		assert.deepEqual(said.map((x) => x.status).sort(), [200, 409, 409], decision);
		const row = await bistro.row(one.order_number);
		assert.equal(`${row.status} ${row.pos_state}`, want, decision);
		const winner = said.find((x) => x.status === 200).json.order;
		assert.equal(`${winner.status} ${winner.pos_state}`, want);
		assert.equal((await world.sql(`SELECT COUNT(*) AS n FROM audit_log WHERE action = 'order.pos_decision' AND subject = '${one.order_number}'`))[0].n, '1');
		if (decision === 'removed') await bistro.kitchen(one.order_number, '-1');
		if (decision === 'not_there') await bistro.deadline(one.order_number, 'pos_compensate');
		await quiet(world);
	}
	assert.equal(code(await decide((await failedOrder()).id, 'there')), '409 ILLEGAL_TRANSITION', 'a failed one is not in doubt');
	assert.equal((await decide((await failedOrder()).id, 'by_hand')).status, 200, 'but can be entered');
	assert.equal(code(await decide((await acceptedOrder()).id, 'eaten')), '400 VALIDATION_ERROR');
	assert.equal(code(await other.staff('POST', (await failedOrder()).id, '/pos-decision', { decision: 'there' })), '404 NOT_FOUND');
});

test('ADM-20 rule 7 the guest wants it cancelled, the kitchen keeps it: the wish is answered, and the guest is told', async () => {
	const one = await acceptedOrder();
	assert.equal((await bistro.kitchen(one.order_number, '1')).status, 200);
	assert.equal((await guest.cancel(one.id)).status, 202);
	await bistro.becomes(one.order_number, { pos_state: 'manual' });
	await world.sql(`UPDATE orders SET settled_at = UTC_TIMESTAMP(6) WHERE order_number = '${one.order_number}'`);
	assert.equal((await decide(one.id, 'there')).status, 200);
	await bistro.told(one.order_number, /could not be cancelled any more/, guest.phone);
	const said = (await guest.order(one.id)).json.order;
	assert.equal(`${said.status} ${said.cancel_requested}`, 'confirmed false');
	await well();
});

// --- how fast ---------------------------------------------------------------------------------------------------------

// In no time t do more than burst + t * rate requests arrive. What was claimed within its rate may be late by `late` seconds.
function paced(times, { burst, rate, late = 0.5 }) {
	const at = times.map((one) => Date.parse(one) / 1000).sort((a, b) => a - b);
	for (let i = 0; i < at.length; i++)
		for (let k = i; k < at.length; k++) {
			const most = burst + rate * (at[k] - at[i] + late);
			assert.ok(k - i + 1 <= most, `${k - i + 1} requests in ${(at[k] - at[i]).toFixed(3)} s`);
		}
	return at[at.length - 1] - at[0];
}

test('POS-18 F29 two relays share one rate: never more than a burst and the pace, and nothing is dropped', async () => {
	const limits = { RATE_PER_MIN: '300', RATE_BURST: '3' };
	await quiet(world);
	await world.kill('relay', 'SIGTERM');
	const numbers = [];
	for (let i = 0; i < 18; i++) numbers.push((await order()).order_number);
	const relay = (name) => world.spawn(name, [path.join(world.build, 'relay')], { env: limits });
	relay('relay-1');
	relay('relay-2');
	for (const number of numbers) await bistro.becomes(number, { pos_state: 'accepted' });
	const sent = (await Promise.all(numbers.map((number) => bistro.requests(number)))).flat();
	assert.equal(sent.length, 18, 'each once');
	const took = paced(sent.map((row) => row.at), { burst: 3, rate: 5 });
	within(took, 15 / 5 - 0.5, 15 / 5 + 8, 'and not for ever');
	for (const name of ['relay-1', 'relay-2'])
		assert.match(fs.readFileSync(path.join(world.at.log, `${name}.log`), 'utf8'), /"provider_call"/, 'both had a part in it');
	assert.equal((await world.sql(`SELECT SUM(attempts) AS n FROM outbox_done d JOIN orders x ON x.id = d.subject_id
		WHERE kind = 'pos_submit' AND x.order_number IN (${numbers.map((one) => `'${one}'`).join()})`))[0].n, '18', 'waiting is no attempt');
	// One account for texts of every kind.
	const since = Number((await world.sim.msg91.control('/seen')).next);
	await Promise.all(Array.from({ length: 12 }, () => bistro.guest()));
	const texts = (await world.sim.msg91.seen(`?kind=request&since=${since}`)).map((row) => row.at);
	assert.ok(texts.length >= 12);
	paced(texts, { burst: 3, rate: 5 });
	await world.kill('relay-1', 'SIGTERM');
	await world.kill('relay-2', 'SIGTERM');
	world.startRunner('relay');
	await well();
});
