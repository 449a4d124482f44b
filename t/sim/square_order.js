'use strict';
/*
 * Orders at the simulated Square: create, calculate, read, search, change, pay without money. What a payment does to an order is in
 * square_pay.js, what the kitchen does in square_kitchen.js; all of them go through change() here.
 */
const { DETAILS, ENDS, builder, clean } = require('./square_build.js');
const { price } = require('./square_price.js');
const { Refusal } = require('./square_refusal.js');

const FORWARD = ['PROPOSED', 'RESERVED', 'PREPARED', 'COMPLETED'];
/* What Square writes down when a fulfillment gets somewhere. */
const STAMPS = {
	PICKUP: { RESERVED: 'accepted_at', PREPARED: 'ready_at', COMPLETED: 'picked_up_at', CANCELED: 'canceled_at', FAILED: 'rejected_at' },
	DELIVERY: { RESERVED: 'in_progress_at', PREPARED: 'ready_at', COMPLETED: 'delivered_at', CANCELED: 'canceled_at', FAILED: 'rejected_at' },
	SHIPMENT: { RESERVED: 'in_progress_at', PREPARED: 'packaged_at', COMPLETED: 'shipped_at', CANCELED: 'canceled_at', FAILED: 'failed_at' },
	IN_STORE: { RESERVED: 'in_progress_at', PREPARED: 'prepared_at', COMPLETED: 'completed_at', CANCELED: 'canceled_at', FAILED: 'canceled_at' },
};

function orders(w) {
	const { sim, options } = w;
	const { build } = builder(w);
	const tickets = new Map();   /* order id → ticket */
	const at_place = new Map();  /* location id → [tickets], in the order of their creation */
	/* ticket: {merchant, order, body_sha256, visible, gone, hidden, paid, tip, refunded, before} */

	function put(ticket) {
		if (!tickets.has(ticket.order.id)) {
			const place = at_place.get(ticket.order.location_id) ?? [];
			at_place.set(ticket.order.location_id, place);
			place.push(ticket);
		}
		tickets.set(ticket.order.id, ticket);
		return ticket;
	}

	/* What every effect about an order says. */
	const about = (t) => ({ outlet: t.order.location_id, reference: t.order.reference_id ?? '', id: t.order.id, merchant: t.merchant,
		total: t.order.total_money.amount, paid: t.paid - t.refunded, currency: t.order.total_money.currency, body_sha256: t.body_sha256 });

	/* A new order is journalled whole, a changed one by what changed since the step before, which was journalled too. */
	function kept(t) {
		const { before, order, ...rest } = t;
		if (!before)
			return { ticket: { ...rest, order } };
		const changed = Object.entries(order).filter(([k, v]) => JSON.stringify(v) !== JSON.stringify(before[k]));
		return { ticket: rest, changed: Object.fromEntries(changed), cleared: Object.keys(before).filter((k) => !(k in order)) };
	}

	const commit = (effect, t, more = {}) => w.done(effect, { ...about(t), ...more, ...kept(t) });
	const say = (effect, t, more = {}) => w.done(effect, { ...about(t), ...more,
		became: { visible: t.visible, gone: t.gone, hidden: t.hidden } });

	function event(t, kind, more = {}) {
		const { order } = t;
		const name = kind.replaceAll('.', '_');
		return w.event(t.merchant, order.location_id, kind, name, order.id, { [name]: {
			order_id: order.id, version: order.version, location_id: order.location_id, state: order.state, created_at: order.created_at,
			...(kind !== 'order.created' && { updated_at: order.updated_at }), ...more,
		} });
	}

	const mine = (id, merchant, field = 'order_id') => {
		const t = tickets.get(id);
		if (t?.merchant !== merchant)
			throw new Refusal(404, 'NOT_FOUND', `Order not found for id ${id}.`, field);
		return t;
	};

	/* One step of an order: `alter` changes a copy; the version goes up. → events of the step. Committed by the caller. */
	function step(t, alter) {
		const was = t.order;
		const order = JSON.parse(JSON.stringify(was));
		order.version++;
		order.updated_at = w.now();
		alter(order);
		if (order.state !== was.state && order.state !== 'OPEN')
			order.closed_at = order.updated_at;
		const moved = (order.fulfillments ?? []).flatMap((f) => {
			const old = was.fulfillments?.find((x) => x.uid === f.uid)?.state;
			if (old === f.state)
				return [];
			if (old !== undefined) {
				f[DETAILS[f.type]] = f[DETAILS[f.type]] ?? {};
				f[DETAILS[f.type]][STAMPS[f.type][f.state] ?? 'placed_at'] = order.updated_at;
			}
			return [{ fulfillment_uid: f.uid, old_state: old, new_state: f.state }];
		});
		t.before = was;
		t.order = order;
		return [
			...(moved.length ? [event(t, 'order.fulfillment.updated', { fulfillment_update: moved })] : []),
			event(t, 'order.updated'),
		];
	}

	/* Prices again after lines, payments or refunds changed. */
	const reprice = (t, order) => price(order, order.total_money.currency, t.tip, t.paid, () => w.digest(`${order.id} ${order.version} ${w.uuid()}`).slice(0, 22));

	/* The kitchen sees an order that is paid in full and says how the guest gets it. From then on it is a ticket. */
	function show(t) {
		const { order } = t;
		if (t.visible || t.hidden || t.gone || order.state === 'DRAFT' || order.net_amount_due_money.amount !== 0 || !t.settled)
			return false;
		if (!order.fulfillments?.length && !options['show-unfulfilled'])
			return false;
		t.visible = true;
		say('order_saved', t);
		w.kitchen.play(t);
		return true;
	}

	/* A cancelled fulfillment or order is one that nobody cooks. Said once. */
	function ended(t, by, reason) {
		const { order } = t;
		if (t.gone || !(order.state === 'CANCELED' || order.fulfillments?.some((f) => f.state === 'CANCELED' || f.state === 'FAILED')))
			return;
		t.gone = true;
		say(t.visible ? 'order_cancelled' : 'draft_cancelled', t, { by, ...(reason && { reason }) });
	}

	const reuse = (id) => {
		const how = options['key-reuse'];
		const word = how === 'mixed' ? (w.digest(`${options.seed} ${id}`) < '8' ? 'exists' : 'reused') : how;
		return word === 'exists' ? new Refusal(400, 'BAD_REQUEST', `Order ${id} already exists.`)
			: new Refusal(400, 'IDEMPOTENCY_KEY_REUSED', 'Different request parameters used for the same idempotency_key.', 'idempotency_key');
	};

	function create(x) {
		const { req, body, merchant } = x;
		const how = req.order?.do;
		const known = w.keys.look(merchant, 'order', body.idempotency_key);

		w.place(merchant, body.order.location_id, 'order.location_id');
		if (known) {
			const t = tickets.get(known.id);
			const same = known.sha === w.canonical(body);
			say('order_repeated', t, { request: req.id, same, repeat_sha256: x.body_sha256 });
			if (!same || how === 'duplicate_refused')
				throw reuse(known.id);
			return { order: t.order };
		}
		if (how === 'conflict')
			throw new Refusal(409, 'CONFLICT', 'Another request with the same idempotency_key is in progress.', 'idempotency_key');
		const notes = [];
		const id = w.id('order', `${merchant} ${body.order.location_id} ${body.idempotency_key ?? req.id}`, (i) => tickets.has(i));
		const order = build(body.order, { id, square_version: x.square_version, now: w.now(), note: (note, about_it) => notes.push({ note, ...about_it }) });
		if (how === 'lines_lost')
			order.line_items.pop();
		if (how === 'other_total')
			order.rounding_adjustment = { name: 'Rounding', amount_money: { amount: req.order.minor ?? 1, currency: order.total_money.currency } };
		if (how === 'lines_lost' || how === 'other_total')
			price(order, order.total_money.currency, 0, 0, () => w.uuid().slice(0, 22));
		const t = { merchant, order, body_sha256: x.body_sha256, visible: false, gone: false, hidden: false, settled: false, paid: 0, tip: 0, refunded: 0 };
		if (how === 'drop_silently') {
			w.done('silently_dropped', { request: req.id, ...about(t) });
			return { order };
		}
		put(t);
		const key = how === 'forget_key' ? null : w.keys.row(merchant, 'order', body.idempotency_key, w.canonical(body), id);
		const events = [event(t, 'order.created')];
		commit('draft_saved', t, { request: req.id, key, events });
		w.keys.put(key);
		for (const n of notes)
			sim.note(n.note, { request: req.id, outlet: order.location_id, reference: order.reference_id ?? '', ...n });
		x.send(events);
		if (how === 'answer_exists' || how === 'answer_reused')
			throw how === 'answer_exists' ? new Refusal(400, 'BAD_REQUEST', `Order ${id} already exists.`)
				: new Refusal(400, 'IDEMPOTENCY_KEY_REUSED', 'The provided idempotency key has already been used.', 'idempotency_key');
		return { order };
	}

	function calculate({ body, merchant, square_version }) {
		w.place(merchant, body.order.location_id, 'order.location_id');
		const { id, version, ...order } = build(body.order, { id: 'calculated', square_version, now: w.now(), note: () => {} });
		return { order };
	}

	const seen_at = (t, how) => (how === 'stale' && t.before ? t.before : t.order);

	const get = ({ req, params, merchant }) => ({ order: seen_at(mine(params.id, merchant), req.order?.do) });

	function batch({ body, merchant }) {
		if (!body.order_ids.length)
			throw new Refusal(400, 'ARRAY_EMPTY', 'Array must not be empty.', 'order_ids');
		const found = body.order_ids.map((id) => tickets.get(id)).filter((t) => t?.merchant === merchant && (!body.location_id || t.order.location_id === body.location_id));
		return found.length ? { orders: found.map((t) => t.order) } : {};
	}

	const FIELDS = { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', CLOSED_AT: 'closed_at' };

	function filter_of(filter = {}) {
		const within = (range, text) => text !== undefined && (!range.start_at || Date.parse(text) >= Date.parse(range.start_at))
			&& (!range.end_at || Date.parse(text) < Date.parse(range.end_at));
		const dates = Object.entries(filter.date_time_filter ?? {});
		const f = filter.fulfillment_filter ?? {};
		return (o) => (!filter.state_filter || filter.state_filter.states.includes(o.state))
			&& dates.every(([field, range]) => within(range, o[field]))
			&& (!filter.source_filter?.source_names?.length || filter.source_filter.source_names.includes(o.source?.name))
			&& (!f.fulfillment_types?.length || (o.fulfillments ?? []).some((x) => f.fulfillment_types.includes(x.type)))
			&& (!f.fulfillment_states?.length || (o.fulfillments ?? []).some((x) => f.fulfillment_states.includes(x.state)))
			&& (!filter.customer_filter?.customer_ids?.length || filter.customer_filter.customer_ids.includes(o.customer_id));
	}

	/* No filter by reference there, and what was just made may not be found yet (--search-lag). */
	function search({ req, body, merchant }) {
		const places = body.location_ids ?? [];
		const { filter = {}, sort = { sort_field: 'CREATED_AT', sort_order: 'DESC' } } = body.query ?? {};
		const field = FIELDS[sort.sort_field];
		const dates = Object.keys(filter.date_time_filter ?? {});

		if (!places.length)
			throw new Refusal(400, 'ARRAY_EMPTY', 'Must provide at least 1 location_id.', 'location_ids');
		if (places.length > 10)
			throw new Refusal(400, 'ARRAY_LENGTH_TOO_LONG', 'Array must not have more than 10 elements.', 'location_ids');
		places.forEach((l) => w.place(merchant, l, 'location_ids'));
		if (body.limit !== undefined && (body.limit < 1 || body.limit > 1000))
			throw new Refusal(400, 'INVALID_VALUE', 'Limit must be between 1 and 1000.', 'limit');
		if (dates.length > 1)
			throw new Refusal(400, 'BAD_REQUEST', 'Only one of created_at, updated_at and closed_at may be set.', 'query.filter.date_time_filter');
		if (dates.length && dates[0] !== field)
			throw new Refusal(400, 'BAD_REQUEST', `sort_field must be ${dates[0].toUpperCase()} where date_time_filter is of ${dates[0]}.`, 'query.sort.sort_field');
		if (sort.sort_field === 'CLOSED_AT' && !filter.state_filter?.states.every((s) => s === 'COMPLETED' || s === 'CANCELED'))
			throw new Refusal(400, 'BAD_REQUEST', 'CLOSED_AT needs a state_filter of COMPLETED and CANCELED.', 'query.sort.sort_field');
		const fits = filter_of(filter);
		const latest = Date.now() - Number(options['search-lag']);
		const up = sort.sort_order === 'ASC' ? 1 : -1;
		const rows = req.order?.do === 'search_empty' ? [] : places.flatMap((l) => at_place.get(l) ?? [])
			.filter((t) => t.merchant === merchant && Date.parse(t.order.created_at) <= latest).map((t) => t.order).filter(fits)
			.sort((a, b) => up * (Date.parse(a[field] ?? 0) - Date.parse(b[field] ?? 0)) || (a.id < b.id ? -1 : 1));
		const p = w.menu.page(rows, body.limit ?? 500, body.cursor, `orders ${JSON.stringify({ ...body, cursor: 0, limit: 0 })}`);
		const entries = p.rows.map((o) => ({ order_id: o.id, version: o.version, location_id: o.location_id }));
		return { ...(p.rows.length && (body.return_entries ? { order_entries: entries } : { orders: p.rows })), ...(p.cursor && { cursor: p.cursor }) };
	}

	/* --- changes -------------------------------------------------------------------------------------------------- */

	function may_move(f, to, field) {
		if (to === f.state)
			return;
		const back = FORWARD.includes(to) && FORWARD.indexOf(to) < FORWARD.indexOf(f.state);
		if (ENDS.includes(f.state) || back)
			throw new Refusal(400, 'BAD_REQUEST', `Fulfillment state cannot change from ${f.state} to ${to}.`, field);
	}

	/* Puts a sparse order over a whole one. What has a uid is changed, what has none is added. */
	function merge(order, sparse, cleared) {
		for (const [key, value] of Object.entries(clean(sparse))) {
			if (['version', 'location_id', 'id'].includes(key))
				continue;
			if (key === 'metadata')
				order.metadata = { ...order.metadata, ...value };
			else if (['line_items', 'fulfillments', 'taxes', 'discounts', 'service_charges'].includes(key)) {
				order[key] = order[key] ?? [];
				value.forEach((part, i) => {
					const there = order[key].find((p) => p.uid !== undefined && p.uid === part.uid);
					if (key === 'fulfillments' && there && part.state)
						may_move(there, part.state, `order.fulfillments[${i}].state`);
					if (there)
						for (const [k, v] of Object.entries(part))
							there[k] = typeof v === 'object' && !Array.isArray(v) ? { ...there[k], ...v } : v;
					else
						order[key].push(part);
				});
			} else {
				order[key] = value;
			}
		}
		for (const path of cleared ?? []) {
			const m = /^(\w+)(?:\[(\w[\w-]*)\])?(?:\.(\w+))?$/.exec(path);
			if (!m || ['id', 'location_id', 'version', 'state'].includes(m[1]))
				throw new Refusal(400, 'INVALID_VALUE', `\`${path}\` is not a field that can be cleared.`, 'fields_to_clear');
			const [, field, uid, inner] = m;
			const part = uid && (order[field] ?? []).find((p) => p.uid === uid);
			if (uid && !part)
				throw new Refusal(400, 'INVALID_VALUE', `No \`${path}\`.`, 'fields_to_clear');
			if (part && inner)
				delete part[inner];
			else if (part)
				order[field] = order[field].filter((p) => p !== part);
			else
				delete order[field];
		}
	}

	function update_rules(t, order, body) {
		const held = t.paid - t.refunded;

		if (body.order?.line_items && t.paid > 0)
			throw new Refusal(400, 'BAD_REQUEST', 'LineItems cannot be modified for finalized tenders.', 'order.line_items');
		if (order.state === 'CANCELED') {
			if (held > 0)
				throw new Refusal(400, 'BAD_REQUEST', 'Orders with completed tenders cannot be canceled.', 'order.state');
			if (t.paid > 0 && options['cancel-refunded'] === 'no')
				throw new Refusal(400, 'BAD_REQUEST', 'Orders with tenders cannot be canceled.', 'order.state');
			if ((order.fulfillments ?? []).some((f) => !ENDS.includes(f.state)))
				throw new Refusal(400, 'BAD_REQUEST', 'All fulfillments must be in a terminal state before the order is canceled.', 'order.fulfillments');
		}
		if (order.state === 'COMPLETED') {
			if (order.net_amount_due_money.amount !== 0 || !t.settled)
				throw new Refusal(400, 'BAD_REQUEST', 'An order must be paid in full before it is completed.', 'order.state');
			if ((order.fulfillments ?? []).some((f) => !ENDS.includes(f.state)))
				throw new Refusal(400, 'BAD_REQUEST', 'All fulfillments must be in a terminal state before the order is completed.', 'order.fulfillments');
		}
		if (order.state === 'DRAFT' && t.order.state === 'OPEN')
			throw new Refusal(400, 'BAD_REQUEST', 'An open order cannot become a draft.', 'order.state');
	}

	/* Without a new idempotency_key nothing changes and the answer is 200: so it is documented. */
	function update(x) {
		const { req, body, params, merchant } = x;
		const t = mine(params.id, merchant);

		if (!body.order && !body.fields_to_clear?.length)
			throw new Refusal(400, 'BAD_REQUEST', 'Missing required parameter.', 'order');
		if (!body.idempotency_key || w.keys.look(merchant, `update ${params.id}`, body.idempotency_key)) {
			say('update_repeated', t, { request: req.id, key_given: Boolean(body.idempotency_key) });
			return { order: t.order };
		}
		if (body.order?.location_id === undefined || body.order.location_id === '')
			throw new Refusal(400, 'MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'order.location_id');
		if (body.order.location_id !== t.order.location_id)
			throw new Refusal(400, 'BAD_REQUEST', 'The location of an order cannot change.', 'order.location_id');
		if (body.order.version === undefined)
			throw new Refusal(400, 'BAD_REQUEST', 'Missing required parameter.', 'order.version');
		if (req.order?.do === 'version_moves') {
			const events = step(t, () => {});
			commit('order_touched', t, { events });
		}
		if (body.order.version !== t.order.version)
			throw new Refusal(Number(options['mismatch-status']), 'VERSION_MISMATCH',
				`Supplied version ${body.order.version} does not match the current version ${t.order.version} of order ${t.order.id}.`, 'order.version');
		if (t.order.state === 'COMPLETED' || t.order.state === 'CANCELED')
			throw new Refusal(400, 'BAD_REQUEST', `Order is in the terminal state ${t.order.state} and cannot be updated.`, 'order.state');
		const trial = JSON.parse(JSON.stringify(t.order));
		merge(trial, body.order, body.fields_to_clear);
		if (body.order.line_items || body.order.taxes || body.order.discounts || body.order.service_charges || body.fields_to_clear?.length) {
			const rebuilt = build({ ...strip(trial), state: 'OPEN', fulfillments: [] }, { id: trial.id, square_version: x.square_version, now: w.now(), note: () => {} });
			Object.assign(trial, { ...rebuilt, state: trial.state, fulfillments: trial.fulfillments, version: trial.version, created_at: trial.created_at });
			reprice(t, trial);
		}
		update_rules(t, trial, body);
		const events = step(t, (o) => {
			for (const k of Object.keys(o))
				if (!(k in trial))
					delete o[k];
			Object.assign(o, trial, { version: o.version, updated_at: o.updated_at });
		});
		const key = w.keys.row(merchant, `update ${params.id}`, body.idempotency_key, w.canonical(body), params.id);
		commit('order_updated', t, { request: req.id, key, state: t.order.state, events });
		w.keys.put(key);
		ended(t, 'hub');
		show(t);
		x.send(events);
		return { order: t.order };
	}

	/* An order as it could be asked for: what Square computed is left out. */
	function strip(order) {
		const copy = JSON.parse(JSON.stringify(order));
		for (const k of ['id', 'version', 'created_at', 'updated_at', 'closed_at', 'tenders', 'refunds', 'net_amounts', 'net_amount_due_money',
			'total_money', 'total_tax_money', 'total_discount_money', 'total_tip_money', 'total_service_charge_money'])
			delete copy[k];
		return copy;
	}

	/* Pays with what was approved before, or with nothing where nothing is due. */
	function pay(x) {
		const { req, body, params, merchant } = x;
		const t = mine(params.id, merchant);
		const known = w.keys.look(merchant, `pay ${params.id}`, body.idempotency_key);

		if (known) {
			if (known.sha !== w.canonical(body))
				throw new Refusal(400, 'IDEMPOTENCY_KEY_REUSED', 'Different request parameters used for the same idempotency_key.', 'idempotency_key');
			say('order_repeated', t, { request: req.id, same: true, of: 'pay' });
			return { order: t.order };
		}
		if (body.order_version !== undefined && body.order_version !== t.order.version)
			throw new Refusal(Number(options['mismatch-status']), 'VERSION_MISMATCH',
				`Supplied version ${body.order_version} does not match the current version ${t.order.version} of order ${t.order.id}.`, 'order_version');
		if (t.order.state !== 'OPEN' || t.settled)
			throw new Refusal(400, 'BAD_REQUEST', t.settled ? 'The order is already paid.' : `An order in the state ${t.order.state} cannot be paid.`, 'order_id');
		if ((body.payment_ids ?? []).length)
			throw new Refusal(400, 'BAD_REQUEST', 'Only payments that are approved and not completed can pay for an order.', 'payment_ids');
		if (t.order.net_amount_due_money.amount !== 0)
			throw new Refusal(400, 'BAD_REQUEST', 'The payment total does not match the order total.', 'payment_ids');
		const key = w.keys.row(merchant, `pay ${params.id}`, body.idempotency_key, w.canonical(body), params.id);
		const events = settle(t, null);
		t.hidden = req.order?.do === 'hide_order';
		commit('payment_saved', t, { request: req.id, key, amount: 0, tip: 0, events });
		w.keys.put(key);
		show(t);
		x.send(events);
		return { order: t.order };
	}

	/* Money has come, or none was due: → events. An order that nobody is to hand out is done with it. */
	function settle(t, tender) {
		return step(t, (o) => {
			if (tender)
				o.tenders = [...(o.tenders ?? []), tender];
			reprice(t, o);
			t.settled = o.net_amount_due_money.amount === 0;
			if (t.settled && !o.fulfillments?.length)
				o.state = 'COMPLETED';
		});
	}

	function forget() {
		tickets.clear();
		at_place.clear();
	}

	return {
		forget, create, calculate, get, batch, search, update, pay, step, settle, show, ended, commit, say, about, event, mine, reprice, tickets,
		restore: (row) => {
			if (row.ticket?.order) {
				put(row.ticket);
			} else if (row.ticket && tickets.has(row.id)) {
				const t = Object.assign(tickets.get(row.id), row.ticket);
				Object.assign(t.order, row.changed);
				row.cleared.forEach((k) => delete t.order[k]);
			}
			if (row.became && tickets.has(row.id))
				Object.assign(tickets.get(row.id), row.became);
			if (row.effect === 'orders_forgotten')
				forget();
		},
		reset: forget,
	};
}

module.exports = { orders };
