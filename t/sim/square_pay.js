'use strict';
/*
 * Payments and refunds at the simulated Square. It takes what a hub records of money that was paid elsewhere: EXTERNAL and CASH. A card
 * nonce is not found here.
 */
const { Refusal } = require('./square_refusal.js');

/* ExternalPaymentDetails.type by the description of 2025-08-20. A word beside these is taken and noted: the field is a plain text. */
const EXTERNAL_TYPES = ['CHECK', 'BANK_TRANSFER', 'OTHER_GIFT_CARD', 'CRYPTO', 'SQUARE_CASH', 'SOCIAL', 'EXTERNAL', 'EMONEY', 'CARD',
	'STORED_BALANCE', 'FOOD_VOUCHER', 'OTHER'];

const reused = () => new Refusal(400, 'IDEMPOTENCY_KEY_REUSED', 'Different request parameters used for the same idempotency_key.', 'idempotency_key');
const missing = (field) => new Refusal(400, 'MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', field);

function payments(w) {
	const { sim } = w;
	const made = new Map();     /* payment id → {merchant, payment} */
	const refunds = new Map();  /* refund id → {merchant, refund} */

	const payment_event = (p, kind) => w.event(p.merchant, undefined, `payment.${kind}`, 'payment', p.payment.id, { payment: p.payment });
	const refund_event = (r, kind) => w.event(r.merchant, undefined, `refund.${kind}`, 'refund', r.refund.id, { refund: r.refund });

	/* null, or why this money does not pay for that order. */
	function against_order(t, body, sum) {
		const { order } = t;
		if (body.location_id !== undefined ? body.location_id !== order.location_id : order.location_id !== w.locations_of(t.merchant)[0])
			return new Refusal(400, 'LOCATION_MISMATCH', 'The location of the payment does not match that of the order.', 'location_id');
		if (order.state !== 'OPEN' || t.settled || t.pending)
			return new Refusal(400, 'BAD_REQUEST', t.settled || t.pending ? 'The order is already paid.' : `An order in the state ${order.state} cannot be paid.`, 'order_id');
		if (sum !== order.net_amount_due_money.amount)
			return new Refusal(400, 'BAD_REQUEST', 'The payment total does not match the order total.', 'amount_money.amount');
		return null;
	}

	function source_rules(body) {
		const { source_id: source } = body;
		if (source !== 'EXTERNAL' && source !== 'CASH')
			throw new Refusal(404, 'NOT_FOUND', 'Card nonce not found', 'source_id');
		if (!body.amount_money)
			throw missing('amount_money');
		if (body.amount_money.amount <= 0)
			throw new Refusal(400, 'VALUE_TOO_LOW', 'Amount must be greater than zero.', 'amount_money.amount');
		if (source === 'EXTERNAL' && !body.external_details)
			throw missing('external_details');
		if (source === 'CASH' && !body.cash_details)
			throw missing('cash_details');
		if (body.autocomplete === false)
			throw new Refusal(400, 'BAD_REQUEST', `Payments of source ${source} must be completed at once.`, 'autocomplete');
		const tip = body.tip_money?.amount ?? 0;
		if (tip < 0)
			throw new Refusal(400, 'VALUE_TOO_LOW', 'Amount must not be negative.', 'tip_money.amount');
		if (source === 'CASH' && body.cash_details.buyer_supplied_money.amount < body.amount_money.amount + tip)
			throw new Refusal(400, 'VALUE_TOO_LOW', 'The buyer supplied less than the payment.', 'cash_details.buyer_supplied_money');
		for (const field of ['amount_money', 'tip_money'])
			if (body[field] && body[field].currency !== w.options.currency)
				throw new Refusal(400, 'CURRENCY_MISMATCH', `The currency \`${body[field].currency}\` is not the location's.`, field);
	}

	function payment_of(body, id, now, location) {
		const { currency } = body.amount_money;
		const tip = body.tip_money?.amount ?? 0;
		const total = { amount: body.amount_money.amount + tip, currency };
		const details = body.source_id === 'CASH'
			? { cash_details: { ...body.cash_details, change_back_money: { amount: body.cash_details.buyer_supplied_money.amount - total.amount, currency } } }
			: { external_details: body.external_details };
		return {
			id, created_at: now, updated_at: now, amount_money: body.amount_money, ...(body.tip_money && { tip_money: body.tip_money }), status: 'COMPLETED',
			source_type: body.source_id, location_id: location, ...(body.order_id && { order_id: body.order_id }),
			...(body.reference_id && { reference_id: body.reference_id }), ...(body.note && { note: body.note }), total_money: total, ...details,
			receipt_number: id.slice(0, 4), version_token: w.digest(`${id} 1`).slice(0, 40),
			application_details: { square_product: 'ECOMMERCE_API', application_id: w.options['client-id'] },
		};
	}

	/* The money of a payment reaches its order. → events */
	function apply(t, p) {
		const { payment } = p;
		t.paid += payment.total_money.amount;
		t.tip += payment.tip_money?.amount ?? 0;
		t.pending = null;
		return w.orders.settle(t, {
			id: payment.id, location_id: payment.location_id, transaction_id: payment.order_id, created_at: payment.created_at,
			amount_money: payment.total_money, ...(payment.tip_money && { tip_money: payment.tip_money }), type: payment.source_type === 'CASH' ? 'CASH' : 'OTHER',
			payment_id: payment.id,
		});
	}

	const row_of = (p, more) => ({ payment_id: p.payment.id, amount: p.payment.amount_money.amount, tip: p.payment.tip_money?.amount ?? 0, pay: p, ...more });

	function create(x) {
		const { req, body, merchant } = x;
		const how = req.order?.do;
		const known = w.keys.look(merchant, 'payment', body.idempotency_key);

		if (known) {
			const p = made.get(known.id);
			const same = known.sha === w.canonical(body);
			w.done('payment_repeated', { request: req.id, outlet: p.payment.location_id, id: p.payment.order_id ?? '', payment_id: known.id, same });
			if (!same)
				throw reused();
			return { payment: p.payment };
		}
		source_rules(body);
		const tip = body.tip_money?.amount ?? 0;
		const t = body.order_id === undefined ? null : w.orders.mine(body.order_id, merchant, 'order_id');
		if (body.location_id !== undefined)
			w.place(merchant, body.location_id, 'location_id');
		const problem = t && against_order(t, body, body.amount_money.amount);
		if (problem)
			throw problem;
		const id = w.id('payment', `${merchant} ${body.idempotency_key}`, (i) => made.has(i));
		const p = { merchant, payment: payment_of(body, id, w.now(), t?.order.location_id ?? body.location_id ?? w.locations_of(merchant)[0]) };
		if (body.external_details && !EXTERNAL_TYPES.includes(body.external_details.type))
			sim.note('external_type_unlisted', { request: req.id, type: body.external_details.type });
		const key = how === 'forget_key' ? null : w.keys.row(merchant, 'payment', body.idempotency_key, w.canonical(body), id);
		made.set(id, p);
		const events = [payment_event(p, 'created')];
		if (how === 'payment_pending') {
			p.payment.status = 'APPROVED';
			if (t) {
				t.pending = id;
				w.orders.commit('payment_pending', t, { request: req.id, ...row_of(p), key, events });
			} else {
				w.done('payment_pending', { request: req.id, ...row_of(p), key, events });
			}
			if (req.order.ms !== undefined)
				setTimeout(() => finish(id), req.order.ms).unref();
		} else {
			if (t) {
				t.hidden = how === 'hide_order';
				events.push(...apply(t, p));
			}
			events.push(payment_event(p, 'updated'));
			if (t)
				w.orders.commit('payment_saved', t, { request: req.id, key, ...row_of(p), tip, events });
			else
				w.done('payment_saved', { request: req.id, outlet: p.payment.location_id, reference: '', id: '', key, ...row_of(p), tip, events });
			if (t)
				w.orders.show(t);
		}
		w.keys.put(key);
		x.send(events);
		return { payment: p.payment };
	}

	/* A payment that was held back comes through after all. */
	function finish(id) {
		const p = made.get(id);
		if (p?.payment.status !== 'APPROVED')
			return;
		p.payment = { ...p.payment, status: 'COMPLETED', updated_at: w.now() };
		const t = w.orders.tickets.get(p.payment.order_id);
		const events = [payment_event(p, 'updated')];
		if (t) {
			events.push(...apply(t, p));
			w.orders.commit('payment_saved', t, { ...row_of(p), events });
			w.orders.show(t);
		} else {
			w.done('payment_saved', { outlet: p.payment.location_id, reference: '', id: '', ...row_of(p), events });
		}
		w.hook.later(events);
	}

	const find = (map, name, id, merchant) => {
		const one = map.get(id);
		if (one?.merchant !== merchant)
			throw new Refusal(404, 'NOT_FOUND', `Could not find ${name} with id: ${id}`, `${name}_id`);
		return one;
	};
	const get = ({ params, merchant }) => ({ payment: find(made, 'payment', params.id, merchant).payment });
	const get_refund = ({ params, merchant }) => ({ refund: find(refunds, 'refund', params.id, merchant).refund });

	function refund(x) {
		const { req, body, merchant } = x;
		const known = w.keys.look(merchant, 'refund', body.idempotency_key);

		if (known) {
			w.done('refund_repeated', { request: req.id, refund_id: known.id, same: known.sha === w.canonical(body) });
			if (known.sha !== w.canonical(body))
				throw reused();
			return { refund: refunds.get(known.id).refund };
		}
		if (body.unlinked)
			throw new Refusal(400, 'BAD_REQUEST', 'Unlinked refunds are not enabled for this account.', 'unlinked');
		if (body.payment_id === undefined)
			throw missing('payment_id');
		const p = find(made, 'payment', body.payment_id, merchant);
		if (p.payment.status !== 'COMPLETED')
			throw new Refusal(400, 'PAYMENT_NOT_REFUNDABLE', 'The payment is not completed.', 'payment_id');
		if (body.amount_money.currency !== p.payment.total_money.currency)
			throw new Refusal(400, 'CURRENCY_MISMATCH', 'The currency of the refund is not that of the payment.', 'amount_money.currency');
		const left = p.payment.total_money.amount - (p.payment.refunded_money?.amount ?? 0);
		if (body.amount_money.amount <= 0)
			throw new Refusal(400, 'VALUE_TOO_LOW', 'Amount must be greater than zero.', 'amount_money.amount');
		if (body.amount_money.amount > left)
			throw new Refusal(400, 'REFUND_AMOUNT_INVALID', 'The requested refund amount exceeds the amount available to refund.', 'amount_money.amount');
		const now = w.now();
		const id = w.id('refund', `${merchant} ${body.idempotency_key}`, (i) => refunds.has(i));
		const r = { merchant, refund: {
			id, status: 'COMPLETED', amount_money: body.amount_money, payment_id: body.payment_id, ...(p.payment.order_id && { order_id: p.payment.order_id }),
			location_id: p.payment.location_id, destination_type: p.payment.source_type, ...(body.reason && { reason: body.reason }), created_at: now, updated_at: now,
		} };
		const given = (p.payment.refunded_money?.amount ?? 0) + body.amount_money.amount;
		p.payment = { ...p.payment, updated_at: now, refunded_money: { ...body.amount_money, amount: given }, refund_ids: [...(p.payment.refund_ids ?? []), id] };
		refunds.set(id, r);
		const t = w.orders.tickets.get(p.payment.order_id);
		const events = [refund_event(r, 'created'), payment_event(p, 'updated')];
		const key = w.keys.row(merchant, 'refund', body.idempotency_key, w.canonical(body), id);
		const row = { request: req.id, key, refund_id: id, payment_id: p.payment.id, amount: body.amount_money.amount, refund: r, pay: p };
		if (t) {
			t.refunded += body.amount_money.amount;
			events.push(...w.orders.step(t, (o) => {
				o.refunds = [...(o.refunds ?? []), { id, location_id: o.location_id, transaction_id: o.id, tender_id: p.payment.id, created_at: now,
					reason: body.reason ?? '', amount_money: body.amount_money, status: 'APPROVED' }];
			}));
			w.orders.commit('order_refunded', t, { ...row, events });
		} else {
			w.done('order_refunded', { outlet: p.payment.location_id, reference: '', id: '', ...row, events });
		}
		w.keys.put(key);
		x.send(events);
		return { refund: r.refund };
	}

	return {
		create, get, refund, get_refund, finish, made, refunds,
		restore: (row) => {
			if (row.pay)
				made.set(row.pay.payment.id, row.pay);
			if (row.refund)
				refunds.set(row.refund.refund.id, row.refund);
		},
		reset: () => {
			made.clear();
			refunds.clear();
		},
	};
}

module.exports = { EXTERNAL_TYPES, payments };
