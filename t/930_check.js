'use strict';
// `ticketrail check` must see. A house comes to rest and the command says nothing; then each violation that it knows of is planted
// into the database or into a provider's journal, alone, and it must name that one, and afterwards nothing again.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, command, findings, quiet } = require('./check.js');
const { Journals } = require('./journal.js');

const TABLES = ['system_config', 'orders', 'delivery_assignments', 'order_status_history', 'events', 'restaurant_counters', 'outbox', 'outbox_done', 'webhook_logs', 'notification_queue',
	'menu_sync_history', 'idempotency_keys', 'order_slots', 'discount_uses', 'day_sums', 'day_sales', 'day_hours', 'day_taxes', 'day_items', 'day_addons'];

let world, bistro, restoring, lines, kinds;
const order = {}; // by what became of it: {id, number}

async function ordered(name) {
	const { order: placed } = await order.guest.ordered(bistro.cart());
	const row = await bistro.becomes(placed.order_number, (now) => now.pos_state !== 'queued' && now.pos_state !== 'submitting');
	order[name] = { id: row.id, number: row.order_number, public_id: placed.id, total: Number(row.total_minor) };
	return order[name];
}

before(async () => {
	world = await World.start({ onboard: false, env: { BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: 930 });
	order.guest = await bistro.guest();
	const { number } = await ordered('confirmed');
	await bistro.kitchen(number, '1');
	const completed = await ordered('completed');
	await bistro.kitchen(completed.number, ['1', '5']);
	assert.equal((await bistro.staff('POST', completed.public_id, '/cash-received')).status, 200);
	await bistro.kitchen(completed.number, '10');
	const cancelled = await ordered('cancelled');
	await order.guest.cancel(cancelled.public_id);
	await bistro.becomes(cancelled.number, { status: 'cancelled' });
	await bistro.pos.next({ path: '/save_order', do: 'refuse' });
	await ordered('failed');
	await bistro.pos.next({ path: '/save_order', do: '500', times: 2 });
	const manual = await ordered('manual');
	await world.until('its repeat', async () => (await bistro.requests(manual.number)).length === 2);
	await world.until('its rest', async () => (await world.sql(`SELECT id FROM outbox WHERE kind = 'pos_submit' AND subject_id = ${manual.id}`)).length === 0);
	await bistro.deadline(manual.number, 'pos_deadline');
	// Paid before it is sent: the POS does not take it, the guest pays all the same, and it is sent again.
	await bistro.pos.next({ path: '/save_order', do: 'refuse' });
	const prepaid = await ordered('prepaid');
	assert.equal((await bistro.staff('POST', prepaid.public_id, '/cash-received')).status, 200);
	assert.equal((await bistro.staff('POST', prepaid.public_id, '/retry-pos')).status, 200);
	await bistro.becomes(prepaid.number, { pos_state: 'accepted' });
	await bistro.kitchen(`${prepaid.number}-2`, '1');
	await ordered('received');
	await bistro.becomes(order.received.number, { status: 'received', pos_state: 'accepted' });
	await quiet(world);
	for (const name of ['relay', 'jobs']) await world.kill(name); // who would mend or trip over what is planted
	lines = new Journals(world).update().flatMap((file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)).map((line) => JSON.parse(line));
	const columns = await world.sql(`SELECT TABLE_NAME AS t, GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) AS c FROM information_schema.COLUMNS
		WHERE TABLE_SCHEMA = DATABASE() AND EXTRA NOT LIKE '%GENERATED%' AND TABLE_NAME IN (${TABLES.map((name) => `'${name}'`)}) GROUP BY TABLE_NAME`);
	assert.equal(columns.length, TABLES.length);
	await world.sql(`CREATE DATABASE kept; ${columns.map(({ t, c }) => `CREATE TABLE kept.${t} AS SELECT ${c} FROM ${t}`).join('; ')}`);
	restoring = `SET FOREIGN_KEY_CHECKS = 0; ${columns.map(({ t, c }) => `DELETE FROM ${t}; INSERT INTO ${t} (${c}) SELECT ${c} FROM kept.${t}`).join('; ')}`;
});
after(() => world?.stop());

// As it was.
const restore = () => world.sql(restoring);

// What the command says, with a journal of these lines.
async function said(journal) {
	if (!journal) return findings(world, { journal: false });
	const file = path.join(world.at.dir, 'planted.jsonl');
	fs.writeFileSync(file, journal.map((row) => `${JSON.stringify(row)}\n`).join(''));
	const { code, out, err } = await command(world, ['--json', '--journal', file]);
	assert.ok(code < 2, err);
	return out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const HOUR = 'UTC_TIMESTAMP(6) - INTERVAL 1 HOUR';
const LATER = 'UTC_TIMESTAMP(6) + INTERVAL 1 HOUR';
const message = (kind, id, no = 1) => `INSERT INTO outbox (runner, kind, destination, subject_id, subject_no, due_at, trace_id, created_at)
	VALUES ('relay', '${kind}', 'planted', ${id}, ${no}, ${LATER}, REPEAT('0', 32), UTC_TIMESTAMP(6))`;
const done = (id, kind, subject) => `INSERT INTO outbox_done (id, runner, kind, destination, subject_id, outcome, attempts, trace_id, created_at, finished_at)
	VALUES (${id}, 'relay', '${kind}', 'planted', ${subject}, 'DONE', 1, REPEAT('0', 32), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`;
const set = (name, what) => `UPDATE orders SET ${what} WHERE id = ${order[name].id}`;
const assigned = (name, status, is_open) => `INSERT INTO delivery_assignments (order_id, restaurant_id, staff_id, status, is_open, assigned_at)
	SELECT ${order[name].id}, ${bistro.id}, MIN(id), '${status}', ${is_open}, UTC_TIMESTAMP(6) FROM staff_users WHERE restaurant_id = ${bistro.id}`;
const ticketOf = (name) => lines.find((row) => row.what === 'ticket' && [order[name].number, `${order[name].number}-2`].includes(row.reference));
const deliveryOf = (name) => lines.find((row) => row.what === 'delivery' && row.about.includes(order[name].number));
// With more said of a ticket, and more lines.
const with_ticket = (name, said_of, ...more) => [...lines.map((row) => (row === ticketOf(name) ? { ...row, ...said_of } : row)), ...more];
// The ticket as a POS that adds up itself tells of it.
const summed = (total, ...more) => with_ticket('confirmed', { total }, ...more);
const aText = () => lines.find((row) => row.what === 'text' && row.text.includes(order.failed.number));

// [what must be named and nothing else, where it must be named, SQL (or none), journal (or none)].
const PLANTED = [
	[['waits_for_nothing', 'history_end'], 'received', () => set('received', "pos_state = 'queued'")],
	[['waits_for_nothing', 'history_end'], 'received', () => set('received', "pos_state = 'unsure'")],
	[['failed_untold'], 'failed', () => `DELETE FROM notification_queue WHERE order_id = ${order.failed.id}`],
	[['failed_for_ever'], 'failed', () => `DELETE FROM outbox WHERE kind = 'pos_compensate' AND subject_id = ${order.failed.id}`],
	[['manual_untold'], 'manual', () => `DELETE FROM notification_queue WHERE order_id = ${order.manual.id}`],
	[['manual_sending', 'submitted_often'], 'manual', () => message('pos_submit', order.manual.id)],
	[['nobody_has_it', 'history_end'], 'confirmed', () => set('confirmed', "pos_state = 'not_required'")],
	[['history_end'], 'failed', () => set('failed', "status = 'completed', payment_status = 'paid'")], // ended by people: nobody else need have it
	[['nameless'], 'confirmed', () => set('confirmed', 'pos_reference = NULL')],
	[['unproved_for_ever'], 'received', () => `DELETE FROM outbox WHERE kind = 'pos_proof' AND subject_id = ${order.received.id}`],
	[['cancel_dropped'], 'confirmed', () => set('confirmed', "cancel_wanted = 'guest'")],
	[['cancel_dropped'], 'failed', () => set('failed', "cancel_wanted = 'house'")],
	[['guest_untold'], 'cancelled', () => `DELETE FROM notification_queue WHERE order_id = ${order.cancelled.id}`],
	[['notice_untrue'], 'confirmed', () => `INSERT INTO notification_queue (restaurant_id, user_id, order_id, type, channel, status, dedupe_key, created_at, updated_at)
		VALUES (${bistro.id}, NULL, ${order.confirmed.id}, 'order_ended', 'sms', 'failed', 'planted', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`],
	[['ticket_sum'], 'confirmed', null, () => summed(Math.ceil(order.confirmed.total * 1.02))],
	[['ticket_sum'], 'confirmed', null, () => summed(0)],
	[['ticket_overpaid'], 'confirmed', null, () => summed(order.confirmed.total, { ...ticketOf('confirmed'), what: 'paid', total: order.confirmed.total + 1 })],
	[['ticket_unprinted'], 'confirmed', null, () => with_ticket('confirmed', { to_print: true })],
	[['ticket_unpaid'], 'confirmed', null, () => with_ticket('confirmed', { to_pay: 'all' })],
	[['ticket_unpaid'], 'prepaid', null, () => with_ticket('prepaid', { to_pay: 'paid', total: order.prepaid.total })],
	[['ticket_vanished'], 'confirmed', null, () => [...lines, { ...ticketOf('confirmed'), what: 'ticket_gone' }]],
	[['ticket_missing'], 'confirmed', null, () => lines.filter((row) => row !== ticketOf('confirmed'))],
	[['ticket_unwanted'], 'failed', null, () => [...lines, { ...ticketOf('confirmed'), reference: order.failed.number }]],
	[['ticket_unwanted'], 'cancelled', null, () => lines.filter((row) => row.what !== 'ticket_gone')],
	[['ticket_of_ended', 'history_end', 'guest_untold', 'place_miscounted'], 'confirmed', () => set('confirmed', "status = 'rejected'"), () => lines],
	[['tickets_two'], 'confirmed', () => set('confirmed', 'submission_no = 2'), () => [...lines, { ...ticketOf('confirmed'), reference: `${order.confirmed.number}-2` }]],
	[['ticket_repeated'], 'confirmed', null, () => [...lines, ticketOf('confirmed')]],
	[['ticket_misnamed'], 'confirmed', () => set('confirmed', "pos_reference = CONCAT(order_number, '-9')"), () => lines],
	[['bytes_changed'], 'confirmed', null, () => [...lines, { ...ticketOf('confirmed'), what: 'request', sha256: 'f'.repeat(64) }]],
	[['ticket_stranger'], /ORD-19991231-001/, null, () => [...lines, { ...ticketOf('confirmed'), reference: 'ORD-19991231-001' }]],
	[['ticket_stranger'], 'confirmed', null, () => [...lines, { ...ticketOf('confirmed'), restaurant: 'elsewhere' }]],
	[['delivery_lost'], 'confirmed', () => `UPDATE webhook_logs SET state = 'received' WHERE subject = '${order.confirmed.number}'`],
	[['delivery_lost'], 'confirmed', () => `UPDATE webhook_logs SET state = 'parked' WHERE subject = '${order.confirmed.number}'`],
	[['delivery_empty'], 'confirmed', () => `UPDATE webhook_logs SET body = NULL WHERE subject = '${order.confirmed.number}'`],
	[['delivery_unstored'], 'confirmed', () => `DELETE FROM webhook_logs WHERE subject = '${order.confirmed.number}'`, () => lines],
	[['delivery_unstored'], 'confirmed', () => `UPDATE webhook_logs SET body = 'other bytes' WHERE subject = '${order.confirmed.number}'`, () => lines],
	[['delivery_unstored'], 'confirmed', () => `DELETE FROM webhook_logs WHERE subject = '${order.confirmed.number}'`, () => lines.map((row) => (row === deliveryOf('confirmed') ? { ...row, event: 'e1' } : row))],
	[['delivery_unstored'], /news e2/, null, () => [...lines, { what: 'delivery', event: 'e2', status: 200, about: 'news e2' }]],
	[['delivery_unstored'], /news e3/, () => `UPDATE webhook_logs SET event_key = 'e3' WHERE subject = '${order.confirmed.number}'`, () => [...lines, { what: 'delivery', event: 'e3', sha256: 'f'.repeat(64), status: 200, about: 'news e3' }]],
	[['sync_lost'], /menu/, () => `INSERT INTO menu_sync_history (restaurant_id, sync_type, status, started_at) VALUES (${bistro.id}, 'full', 'running', UTC_TIMESTAMP(6))`],
	[['history_gap'], 'confirmed', () => set('confirmed', 'history_seq = history_seq + 1')],
	[['history_gap', 'history_jump'], 'confirmed', () => `DELETE FROM order_status_history WHERE order_id = ${order.confirmed.id} AND event = 'claim'`],
	[['history_gap', 'history_end'], 'received', () => `DELETE FROM order_status_history WHERE order_id = ${order.received.id}`],
	[['history_jump', 'history_stray'], 'completed', () => `UPDATE order_status_history SET old_status = 'ready', new_status = 'preparing', event = 'prepare'
		WHERE order_id = ${order.completed.id} AND event = 'ready'`],
	[['history_stray'], 'confirmed', () => `UPDATE order_status_history SET event = 'ready' WHERE order_id = ${order.confirmed.id} AND event = 'confirm'`],
	[['history_stray'], 'completed', () => `UPDATE order_status_history SET event = 'found' WHERE order_id = ${order.completed.id} AND axis = 'payment'`],
	[['history_end'], 'confirmed', () => set('confirmed', "payment_status = 'paid'")],
	[['history_end'], 'confirmed', () => set('confirmed', "status = 'ready'")],
	[['completed_unpaid', 'history_end'], 'completed', () => set('completed', "payment_status = 'pending'")],
	[['assignment_stray', 'history_end'], 'confirmed', () => assigned('confirmed', 'assigned', 1)], // which is not to be brought
	[['assignment_stray', 'history_end'], 'completed', () => `${set('completed', "order_type = 'delivery'")}; ${assigned('completed', 'picked_up', 0)}`],
	[['assignment_stray', 'history_end'], 'completed', () => `${set('completed', "order_type = 'delivery'")}; ${assigned('completed', 'delivered', 1)}`],
	[['key_unanswered'], /without an answer/, () => 'UPDATE idempotency_keys SET status = NULL LIMIT 1'],
	[['key_orderless'], /not there/, () => "UPDATE idempotency_keys SET answer = CONCAT(LEFT(answer, 16), UUID(), SUBSTRING(answer, 53)) LIMIT 1"],
	[['event_gap'], /events go from/, () => "DELETE FROM events WHERE kind = 'pos_changed' LIMIT 1"],
	[['event_gap'], /events end with/, () => 'UPDATE restaurant_counters SET event_seq = event_seq + 1'],
	[['event_orphan'], /424242/, () => "UPDATE events SET order_id = 424242 WHERE kind = 'pos_changed' LIMIT 1"],
	[['order_unannounced'], 'confirmed', () => `UPDATE events SET kind = 'planted' WHERE kind = 'order_placed' AND order_id = ${order.confirmed.id}`],
	[['order_unannounced'], 'confirmed', () => `UPDATE events SET kind = 'order_placed' WHERE kind = 'status_changed' AND order_id = ${order.confirmed.id}`],
	[['number_gap', 'number_behind'], /numbered to/, () => set('received', "order_number = CONCAT(LEFT(order_number, 13), '099')")],
	[['number_behind'], /it counts/, () => `UPDATE restaurant_counters SET order_seq = order_seq + 1 WHERE restaurant_id = ${bistro.id}`],
	[['place_miscounted'], /places are taken/, () => 'UPDATE order_slots SET taken = taken + 1'],
	[['place_miscounted'], /0 orders hold one/, () => `INSERT INTO order_slots (restaurant_id, slot_date, slot, taken, max_orders) VALUES (${bistro.id}, '2026-01-01', 'tea', 1, 50)`],
	[['place_miscounted'], / 0 places are taken/, () => 'DELETE FROM order_slots'],
	[['place_miscounted'], /places are taken/, () => set('confirmed', 'slot = NULL, slot_date = NULL')],
	[['discount_miscounted'], /counts 1 uses, 0 orders/, () => `INSERT INTO discount_uses VALUES (${bistro.id}, 77, 1)`],
	[['discount_miscounted'], /counts 0 uses, 1 orders/, () => set('confirmed', 'discount_id = 77')],
	[['bill_wrong'], 'confirmed', () => set('confirmed', 'total_minor = total_minor + 1')],
	[['bill_wrong'], 'confirmed', () => set('confirmed', 'total_minor = total_minor - 1, discount_minor = 1')],
	[['bill_wrong'], 'confirmed', () => set('confirmed', 'total_minor = total_minor + 1, tax_minor = tax_minor + 1')],
	[['bill_wrong'], 'confirmed', () => set('confirmed', 'total_minor = total_minor + 1, subtotal_minor = subtotal_minor + 1')],
	[['sums_untrue'], /the sums of \d{4}-\d\d-\d\d say "nothing more"/, () => `INSERT INTO day_sums (restaurant_id, business_date, is_stale, time_zone)
		SELECT restaurant_id, business_date, 0, 'Asia/Kolkata' FROM orders WHERE id = ${order.confirmed.id}`],
	[['switch_split'], /takes no orders/, () => `UPDATE restaurant_counters SET accepting = 0 WHERE restaurant_id = ${bistro.id}`],
	[['switch_split'], /takes orders/, () => `INSERT INTO system_config VALUES (${bistro.id}, 'restaurant_open', 'false', UTC_TIMESTAMP(6), 'planted')`],
	[['pause_for_ever'], /nothing waits/, () => `UPDATE restaurant_counters SET accepting = 0 WHERE restaurant_id = ${bistro.id};
		INSERT INTO system_config VALUES (${bistro.id}, 'restaurant_open', 'false', UTC_TIMESTAMP(6), 'planted'),
			(${bistro.id}, 'pause', '{"reason":null,"until":"${new Date(Date.now() + 3600000).toISOString()}"}', UTC_TIMESTAMP(6), 'planted')`],
	[['message_late', 'not_at_rest'], /pos_proof/, () => `UPDATE outbox SET due_at = ${HOUR} WHERE kind = 'pos_proof'`],
	[['message_held', 'not_at_rest'], /pos_proof/, () => `UPDATE outbox SET owner = 7, lease_until = ${HOUR} WHERE kind = 'pos_proof'`],
	[['message_twice'], /pos_proof/, () => `INSERT INTO outbox_done (id, runner, kind, destination, subject_id, outcome, attempts, trace_id, created_at, finished_at)
		SELECT id, runner, kind, destination, subject_id, 'DONE', 1, trace_id, created_at, created_at FROM outbox WHERE kind = 'pos_proof'`],
	[['submits_two', 'submitted_often'], 'confirmed', () => `${message('pos_submit', order.confirmed.id)}; ${message('pos_submit', order.confirmed.id)}`],
	[['submitted_often'], 'confirmed', () => done(424242, 'pos_submit', order.confirmed.id)],
	[['notice_lost'], /pos_failed/, () => `UPDATE notification_queue SET status = 'pending' WHERE order_id = ${order.failed.id} LIMIT 1`],
	[['notice_again'], /pos_failed/, () => message('notice_sms', `(SELECT MIN(id) FROM notification_queue WHERE order_id = ${order.failed.id})`)],
	[['text_unsent'], /pos_failed/, null, () => lines.filter((row) => row !== aText())],
	[['text_stranger'], /planted/, null, () => [...lines, { ...aText(), text: 'planted' }]],
	[['text_stranger'], 'failed', null, () => [...lines, { ...aText(), to: '+919999999999' }]],
	[['text_often'], 'failed', null, () => [...lines, aText()]],
];

test('I1 I3 I4 I5 I6 I7 I8 I14 M11 M14 a house at rest: the operator\'s command says nothing and ends with 0', async () => {
	assert.deepEqual(await check(world), []);
	const { code, out, err } = await command(world, []);
	assert.equal(`${code} ${out}`, '0 ');
	assert.match(err, /7 orders, 0 findings/);
	kinds = (await command(world, ['--kinds'])).out.split('\n').filter(Boolean).map((line) => line.split(/[ :]/)[1]);
	assert.ok(kinds.length >= 40, `${kinds.length} kinds`);
});

test('every kind of violation is planted here', () => {
	const planted = new Set(PLANTED.flatMap(([names]) => names));
	assert.deepEqual(kinds.filter((name) => !planted.has(name)), []);
});

for (const [names, where, sql, journal] of PLANTED) {
	test(`I1 I3 I4 I5 I6 I7 I8 I14 M11 M14 planted: ${names.join(' and ')}, ${where}${journal ? ', by a journal' : ''}`, async () => {
		const place = where instanceof RegExp ? where : new RegExp(`${order[where].number}\\b`);
		if (sql) await world.sql(sql());
		try {
			const found = await said(journal?.());
			assert.deepEqual([...new Set(found.map((one) => one.kind))].sort(), [...names].sort(), JSON.stringify(found));
			assert.match(found.find((one) => one.kind === names[0]).sentence, place);
		} finally {
			if (sql) await restore();
		}
		assert.deepEqual(await said(journal && lines), []);
	});
}

test('I2 I3 I4 sums that agree, a request of several parts, and news that has a name and comes often and is kept once: nothing is wrong', async () => {
	const { total } = order.confirmed;
	const part = { ...ticketOf('confirmed'), what: 'request', part: 'payment' };
	await world.sql(`UPDATE webhook_logs SET event_key = 'e4' WHERE subject = '${order.completed.number}' LIMIT 1`);
	try {
		const named = { ...deliveryOf('confirmed'), event: 'e1' };
		assert.deepEqual(await said([...summed(Math.floor(total * 1.01), { ...ticketOf('confirmed'), what: 'paid', total })
			.filter((row) => row.what !== 'delivery' || !row.about.includes(order.completed.number)).map((row) => (row === deliveryOf('confirmed') ? named : row)),
			named, named, { ...named, sha256: 'f'.repeat(64) }, { ...part, sha256: 'e'.repeat(64) }, { ...part, sha256: 'e'.repeat(64) },
			...['e4', 'e4'].map((event) => ({ what: 'delivery', event, status: 200, about: 'news e4' })), { what: 'delivery', event: 'e5', status: 503, about: 'news e5' }]), []);
	} finally {
		await restore();
	}
});

test('I1 I2 a cancelled ticket that is to be looked at, one that is marked as paid, and one that need not be: nothing is wrong', async () => {
	const paid = { ...ticketOf('prepaid'), what: 'paid', total: order.prepaid.total };
	assert.deepEqual(await said(with_ticket('prepaid', { to_pay: 'paid' }, paid)), []);
	assert.deepEqual(await said(with_ticket('confirmed', { to_pay: 'all' }, { ...paid, reference: order.confirmed.number, total: 1 })), []);
	assert.deepEqual(await said(with_ticket('confirmed', { to_pay: 'paid' })), [], 'who pays there later pays there');
	await world.sql(message('pos_look', order.confirmed.id));
	try {
		assert.deepEqual(await said([...lines, { ...ticketOf('confirmed'), what: 'ticket_gone' }]), []);
	} finally {
		await restore();
	}
});

test('how it ends: 1 with findings, 75 with something due, 64 and 65 for words and journals it cannot take', async () => {
	const file = path.join(world.at.dir, 'planted.jsonl');
	await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_proof'");
	const due = await command(world, ['--journal', file]);
	assert.equal(`${due.code} ${due.out}`, '75 ');
	assert.match(due.err, /not at rest: \d+ messages due, 0 held; journals were not compared/);
	await world.sql(set('confirmed', 'history_seq = 99'));
	const found = await command(world, []);
	assert.equal(found.code, 1);
	assert.match(found.out, new RegExp(`^I5 order ${order.confirmed.number}: .*\n$`));
	await restore();
	assert.equal((await command(world, ['--journal'])).code, 64);
	for (const [text, why] of [['{"what":"ticket"}', /:1: "restaurant" is not a text/],
		['{"what":"ticket","restaurant":"a","reference":"b","to_pay":"some"}', /:1: "to_pay" is neither "all" nor "paid"/], ['\n{"what":"tickets"}', /:2: "tickets" is not known/], ['[]', /:1: it is not an object/],
		['{"a":1', /:1: /], ['{"what":"delivery","sha256":"a","about":"b"}', /"status" is not a number/]]) {
		fs.writeFileSync(file, text);
		const refused = await command(world, ['--journal', file]);
		assert.equal(refused.code, 65, text);
		assert.match(refused.err, why);
	}
	assert.equal((await command(world, ['--journal', `${file}.none`])).code, 65);
	fs.writeFileSync(file, '{"kind":"effect","of":"somebody else"}\n');
	assert.deepEqual((await command(world, ['--journal', file])).out.split('\n').filter((line) => !/ticket|POS|screen|sent/.test(line)), ['']);
});
