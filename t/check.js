'use strict';
// check: what must be true of a house that has come to rest, by what providers committed and what the database holds.
//
//	assert.deepEqual(await check(world), []);       // sentences, each saying what is wrong; world.until(... isQuiet) first
//
// The oracle is the providers' journals (t/sim/) and the tables of transitions (lib/order/*.def), read here as text. The
// letters are those of the invariants that it holds:
//	I1  an order is at the POS once, or it has ended, or staff were told          I3  never two tickets, a repeat has the same bytes
//	I4  every delivery answered 2xx is stored, and applied or set aside           I5  histories are paths of the tables
//	I6  one order per key                                                         I7  events and numbers without gap or repeat
//	I8  one completion per message, nothing held past its lease                   I14 no text about what was not committed

const fs = require('node:fs');
const path = require('node:path');
const { top } = require('./stack/layout.js');

// Rows of a table of transitions: Set of "from event to".
function table(file, macro) {
	const text = fs.readFileSync(path.join(top, 'lib', 'order', file), 'utf8');
	return new Set([...text.matchAll(new RegExp(`^${macro}_ROW\\(([a-z_]+), ([a-z_]+), ([a-z_]+)`, 'gm'))].map(([, from, event, to]) => `${from} ${event} ${to}`));
}

const TABLES = {
	status: { rows: table('order_state.def', 'STATUS'), first: 'received' },
	pos: { rows: table('pos_state.def', 'POS'), first: 'not_required' },
	payment: { rows: new Set(['pending cash_received paid']), first: 'pending' },
};
const ENDS = new Set(['completed', 'cancelled', 'rejected']);

const numbered = (list) => list.every((n, i) => Number(n) === i + 1);
const group = (rows, key) => rows.reduce((map, row) => map.set(row[key], [...(map.get(row[key]) ?? []), row]), new Map());

// Everything that is asked for once. The mariadb client gives text; NULL is null.
async function read(world) {
	const sql = (text) => world.sql(text);
	return {
		orders: await sql(`SELECT id, restaurant_id, order_number, status, pos_state, payment_status, by_hand, cancel_wanted, submission_no,
			pos_reference, pos_order_id, pos_proved_at, history_seq, LOWER(HEX(public_id)) AS public_id FROM orders ORDER BY id`),
		history: await sql('SELECT order_id, seq, axis, event, old_status, new_status, changed_by FROM order_status_history ORDER BY order_id, seq'),
		events: await sql('SELECT restaurant_id, seq, kind, order_id FROM events ORDER BY restaurant_id, seq'),
		counters: await sql('SELECT restaurant_id, event_seq, order_seq, order_day FROM restaurant_counters'),
		outbox: await sql(`SELECT id, runner, kind, subject_id, subject_no, owner, attempts, lost_claims, last_error, due_at > UTC_TIMESTAMP(6) AS is_future,
			lease_until < UTC_TIMESTAMP(6) AS is_over FROM outbox ORDER BY id`),
		done: await sql('SELECT id, kind, subject_id, outcome FROM outbox_done ORDER BY id'),
		deliveries: await sql(`SELECT id, restaurant_id, webhook_type, subject, state, is_verified, http_status, LOWER(SHA2(body, 256)) AS digest,
			body IS NOT NULL AS has_body FROM webhook_logs ORDER BY id`),
		notices: await sql('SELECT id, order_id, type, phone_number, message, status, staff_id FROM notification_queue ORDER BY id'),
		pos: await world.sim.petpooja.seen(),
		sms: await world.sim.msg91.seen(),
	};
}

class Checker {
	constructor(now) {
		Object.assign(this, now);
		this.wrong = [];
		this.effects = this.pos.filter((row) => row.kind === 'effect');
		this.history_of = group(this.history, 'order_id');
		this.notices_of = group(this.notices, 'order_id');
		this.outbox_of = group(this.outbox.filter((row) => row.kind.startsWith('pos_')), 'subject_id');
		this.tickets = group(this.effects.filter((row) => row.effect === 'order_saved'), 'orderID');
		this.cancelled = new Set([...this.effects.filter((row) => row.effect === 'order_cancelled').map((row) => row.orderID),
			...this.effects.filter((row) => row.effect === 'kitchen_status' && row.status === '-1').map((row) => row.orderID)]);
	}

	say(invariant, what) {
		this.wrong.push(`${invariant} ${what}`);
	}

	// The names under which an order may be at the POS: its number, and "-2" and so on for a corrected one.
	references(order) {
		return [order.order_number, ...Array.from({ length: Math.max(0, Number(order.submission_no) - 1) }, (_, i) => `${order.order_number}-${i + 2}`)];
	}

	order(o) {
		const what = `order ${o.order_number} (${o.status}, pos ${o.pos_state})`;
		const committed = this.references(o).flatMap((name) => this.tickets.get(name) ?? []);
		const live = committed.filter((row) => !this.cancelled.has(row.orderID));
		const waiting = (this.outbox_of.get(o.id) ?? []).map((row) => row.kind);
		const told = (this.notices_of.get(o.id) ?? []).filter((row) => row.staff_id !== null);
		const isEnded = o.status === 'cancelled' || o.status === 'rejected';

		if (live.length > 1) this.say('I3', `${what} has ${live.length} live tickets`);
		switch (o.pos_state) {
		case 'accepted':
			if (o.by_hand === '1') break;
			if (committed.length === 0 && !waiting.includes('pos_proof')) this.say('I1', `${what} is at no POS and nobody will notice`);
			if (o.pos_proved_at !== null && committed.length === 0) this.say('I1', `${what} is proved but was never there`);
			if (live.length === 1 && live[0].orderID !== o.pos_reference) this.say('I3', `${what} is there as ${live[0].orderID}, not ${o.pos_reference}`);
			if (isEnded && live.length > 0 && !waiting.includes('pos_void')) this.say('I1', `${what} is still on the kitchen's screen`);
			break;
		case 'failed':
			if (live.length > 0) this.say('I1', `${what} is on the kitchen's screen all the same`);
			if (!ENDS.has(o.status) && !told.some((row) => row.type === 'pos_failed')) this.say('I1', `${what} has failed and staff were not told`);
			if (!ENDS.has(o.status) && !waiting.includes('pos_compensate')) this.say('I1', `${what} has failed and no deadline is set`);
			break;
		case 'manual':
			if (!told.some((row) => row.type === 'pos_manual' || row.type === 'pos_void_refused')) this.say('I1', `${what}: staff were not told`);
			if (waiting.includes('pos_submit')) this.say('I1', `${what} would still be sent`);
			break;
		case 'not_required':
			if (committed.length > 0) this.say('I1', `${what} was sent`);
			break;
		default: // queued, submitting, unsure
			if (waiting.length === 0) this.say('I1', `${what} waits for nothing`);
		}
		if (!['received', 'cancelled', 'rejected'].includes(o.status) && o.pos_state !== 'accepted' && o.by_hand !== '1')
			this.say('I1', `${what} goes on and nobody has it`);
		if (o.cancel_wanted !== null && !isEnded && o.pos_state === 'accepted' && !waiting.includes('pos_void'))
			this.say('I1', `${what}: the wish to cancel was dropped`);
		if (o.status === 'completed' && o.payment_status !== 'paid') this.say('I5', `${what} is not paid`);
	}

	path(o) {
		const rows = this.history_of.get(o.id) ?? [];
		const at = { status: 'none', pos: 'not_required', payment: 'pending' };

		if (!numbered(rows.map((row) => row.seq)) || rows.length !== Number(o.history_seq)) this.say('I5', `order ${o.order_number}: history is not 1..${o.history_seq}`);
		for (const { axis, event, old_status: from, new_status: to } of rows) {
			const step = `order ${o.order_number}: ${axis} ${from} ${event} ${to}`;
			if (from !== at[axis]) this.say('I5', `${step}, but it was ${at[axis]}`);
			const isFirst = axis === 'status' && from === 'none' && event === 'place' && to === 'received';
			if (!isFirst && from !== to && !TABLES[axis].rows.has(`${from} ${event} ${to}`)) this.say('I5', `${step} is in no table`);
			at[axis] = to;
		}
		for (const [axis, column] of [['status', 'status'], ['pos', 'pos_state'], ['payment', 'payment_status']])
			if (at[axis] !== o[column]) this.say('I5', `order ${o.order_number} is ${o[column]}, its history ends with ${at[axis]}`);
	}

	numbers() {
		for (const c of this.counters) {
			const mine = this.events.filter((row) => row.restaurant_id === c.restaurant_id);
			if (!numbered(mine.map((row) => row.seq)) || mine.length !== Number(c.event_seq)) this.say('I7', `restaurant ${c.restaurant_id}: ${mine.length} events, counted ${c.event_seq}`);
			const orders = this.orders.filter((row) => row.restaurant_id === c.restaurant_id);
			const days = group(orders.map((row) => ({ day: row.order_number.slice(0, 12), n: Number(row.order_number.slice(13)) })), 'day');
			for (const [day, list] of days)
				if (!numbered(list.map((row) => row.n).sort((a, b) => a - b))) this.say('I7', `restaurant ${c.restaurant_id}: order numbers of ${day} have gaps`);
			const placed = new Set(mine.filter((row) => row.kind === 'order_placed').map((row) => row.order_id));
			for (const o of orders) if (!placed.has(o.id)) this.say('I7', `order ${o.order_number} has no event`);
			if (placed.size !== orders.length) this.say('I7', `restaurant ${c.restaurant_id}: ${placed.size} orders were announced, ${orders.length} exist`);
		}
	}

	// What was sent under one name was always the same, and what the POS has of us is ours.
	requests() {
		const first = new Map();
		const names = new Set(this.orders.flatMap((o) => this.references(o)));
		for (const row of this.pos.filter((one) => one.kind === 'request' && one.path.endsWith('/save_order'))) {
			const name = /"orderID":"([^"]+)"/.exec(row.body)?.[1];
			if (first.has(name) && first.get(name) !== row.body_sha256) this.say('I3', `${name} was sent again with other bytes`);
			first.set(name, row.body_sha256);
		}
		for (const [name, list] of this.tickets) {
			if (!names.has(name)) this.say('I7', `the POS has ${name}, which is no order`);
			if (list.length > 1) this.say('I3', `the POS committed ${name} ${list.length} times`);
		}
		for (const row of this.effects.filter((one) => one.effect === 'ignored')) this.say('I3', `${row.orderID} was repeated with other bytes`);
	}

	deliveries_applied() {
		const stored = group(this.deliveries.filter((row) => row.is_verified === '1'), 'digest');
		const sent = group(this.effects.filter((row) => row.status_code >= 200 && row.status_code < 300 && row.sent_sha256), 'sent_sha256');
		for (const [digest, list] of sent) {
			const rows = stored.get(digest) ?? [];
			if (rows.length < list.length) this.say('I4', `${list.length} deliveries of ${list[0].effect} ${list[0].orderID ?? ''} were answered, ${rows.length} are stored`);
		}
		for (const row of this.deliveries.filter((one) => one.is_verified === '1')) {
			if (row.has_body !== '1') this.say('I4', `delivery ${row.id} has no body`);
			const waits = this.outbox.some((one) => one.subject_id === row.id && (one.kind === 'inbox_apply' || one.kind === 'menu_publish'));
			if (row.state === 'received' && !waits) this.say('I4', `delivery ${row.id} is neither applied nor waiting`);
			if (row.state === 'parked' && !waits) this.say('I4', `delivery ${row.id} is parked for ever`);
		}
	}

	messages() {
		for (const m of this.outbox) {
			const what = `message ${m.id} (${m.kind}, ${m.last_error ?? 'no error'})`;
			if (m.is_future !== '1') this.say('I8', `${what} is due and nobody carries it out`);
			if (m.owner !== '0' && m.is_over === '1') this.say('I8', `${what} is held past its lease`);
		}
		const open = new Set(this.outbox.map((row) => row.id));
		for (const m of this.done) if (open.has(m.id)) this.say('I8', `message ${m.id} (${m.kind}) is finished and is not`);
	}

	texts() {
		const sent = this.sms.filter((row) => row.effect === 'sms' && row.route === 'flow');
		const has = (n) => sent.filter((row) => row.mobile === String(n.phone_number).replace('+', '') && JSON.stringify(row.variables).includes(JSON.stringify(n.message).slice(1, 60)));
		for (const n of this.notices) {
			if (n.status === 'sent' && has(n).length === 0) this.say('I14', `notice ${n.id} is marked sent and was not`);
			if (n.status === 'pending' && !this.outbox.some((row) => row.kind === 'notice_sms' && row.subject_id === n.id)) this.say('I14', `notice ${n.id} (${n.type}) waits for nobody`);
		}
		for (const row of sent)
			if (!this.notices.some((n) => has(n).includes(row))) this.say('I14', `a text nobody wrote: ${JSON.stringify(row.variables)}`);
	}
}

// placed: [{key, id}] of what clients were told, if the caller knows.
async function check(world, { placed = [] } = {}) {
	const c = new Checker(await read(world));

	for (const o of c.orders) {
		c.order(o);
		c.path(o);
	}
	c.numbers();
	c.requests();
	c.deliveries_applied();
	c.messages();
	c.texts();
	const ids = new Set(c.orders.map((o) => o.public_id));
	for (const one of placed) if (!ids.has(one.id.replaceAll('-', ''))) c.say('I6', `order ${one.id} was promised and is not there`);
	if (new Set(placed.map((one) => one.id)).size !== new Set(placed.map((one) => one.key)).size) c.say('I6', 'keys and orders are not one to one');
	return c.wrong;
}

// Nothing is due and nothing is held: only what waits for its time is left.
async function isQuiet(world) {
	const [row] = await world.sql(`SELECT COUNT(*) AS n FROM outbox WHERE owner <> 0 OR due_at <= UTC_TIMESTAMP(6) + INTERVAL
		IF(kind IN ('pos_deadline', 'pos_proof', 'pos_compensate'), 0, 20) SECOND`);
	return row.n === '0';
}

const quiet = (world, ms = 30000) => world.until('rest', () => isQuiet(world), { ms, every: 50 });

module.exports = { check, isQuiet, quiet, table };
