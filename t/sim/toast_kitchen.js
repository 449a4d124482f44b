'use strict';
/*
 * The kitchen of the simulated Toast: what happens to an order there, what its people see of it, and which word of ours that is.
 *
 * Moves are pure: they change an Order at a moment, so that a journal can be played again.
 */
const { business_date, date_text } = require('./toast_order.js');

/* Other words for the same moves; those of the hub's own states among them. */
const WORDS = {
	accepted: 'accept', confirmed: 'accept', approve: 'accept', preparing: 'prepare', sent: 'prepare', out_for_delivery: 'pickup', dispatched: 'pickup',
	picked_up: 'pickup', delivered: 'deliver', completed: 'complete', closed: 'complete', rejected: 'reject', cancelled: 'cancel', canceled: 'cancel',
	void: 'cancel', voided: 'cancel', deleted: 'delete',
};

const selections_of = (order) => order.checks.flatMap((c) => c.selections);
const fulfil = (order, status) => selections_of(order).filter((s) => !s.voided).forEach((s) => {
	s.fulfillmentStatus = status;
	s.modifiers.forEach((m) => { m.fulfillmentStatus = status; });
});
const delivery = (order, state) => {
	if (order.deliveryInfo)
		order.deliveryInfo.deliveryState = state;
};
const cents = (amount) => Math.round(amount * 100);

function approve(order) {
	if (order.approvalStatus !== 'APPROVED')
		order.approvalStatus = 'APPROVED';
}

function void_all(order, at) {
	const mark = (x) => Object.assign(x, { voided: true, voidDate: date_text(at), voidBusinessDate: business_date(at) });

	mark(order);
	for (const c of order.checks) {
		mark(c);
		c.selections.forEach((s) => mark(s).modifiers.forEach(mark));
		for (const p of c.payments)
			Object.assign(p, { paymentStatus: 'VOIDED', voidInfo: { voidDate: date_text(at), voidBusinessDate: business_date(at), voidReason: null, voidUser: null, voidApprover: null } });
		Object.assign(c, { amount: 0, taxAmount: 0, totalAmount: 0, paymentStatus: 'CLOSED' });
	}
}

/* What is still owed is paid over the counter. */
function pay(order, at, guid_of) {
	for (const [i, c] of order.checks.entries()) {
		const owed = cents(c.totalAmount) - c.payments.reduce((n, p) => n + cents(p.amount), 0);
		if (owed > 0)
			c.payments.push({
				guid: guid_of(`${order.guid} counter ${i} ${c.payments.length}`), entityType: 'OrderPayment', externalId: null, paidDate: date_text(at), paidBusinessDate: business_date(at),
				type: 'CASH', amount: owed / 100, tipAmount: 0, amountTendered: owed / 100, refundStatus: 'NONE', voidInfo: null, otherPayment: null, paymentStatus: 'CAPTURED',
				checkGuid: c.guid, orderGuid: order.guid,
			});
		Object.assign(c, { paymentStatus: 'CLOSED', paidDate: date_text(at) });
	}
	order.paidDate = date_text(at);
}

/* A line is taken off the order at the restaurant: what it cost goes with it. */
function void_line(order, at, no) {
	const c = order.checks.find((check) => check.selections[no]);
	const line = c?.selections[no];

	if (!line || line.voided)
		throw new Error(`no line ${no}`);
	Object.assign(line, { voided: true, voidDate: date_text(at), voidBusinessDate: business_date(at) });
	c.amount = (cents(c.amount) - cents(line.price)) / 100;
	c.taxAmount = Math.max(0, cents(c.taxAmount) - cents(line.tax)) / 100;
	c.totalAmount = (cents(c.amount) + cents(c.taxAmount)) / 100;
}

/* guest: what guests are told by it; absent: nothing. */
const MOVES = {
	fire: { apply: (o) => approve(o), guest: 'RECEIVED' },
	accept: { apply: (o) => approve(o), guest: 'RECEIVED' },
	reject: { apply: (o) => { o.approvalStatus = 'NOT_APPROVED'; } },
	hold: { apply: (o) => fulfil(o, 'HOLD') },
	prepare: { apply: (o) => { approve(o); fulfil(o, 'SENT'); delivery(o, 'IN_PROGRESS'); }, guest: 'IN_PREPARATION' },
	ready: { apply: (o) => { approve(o); fulfil(o, 'READY'); }, guest: 'READY_FOR_PICKUP' },
	pickup: {
		apply: (o, at) => {
			delivery(o, 'PICKED_UP');
			if (o.deliveryInfo)
				o.deliveryInfo.dispatchedDate = date_text(at);
		},
	},
	deliver: {
		apply: (o, at) => {
			delivery(o, 'DELIVERED');
			if (o.deliveryInfo)
				o.deliveryInfo.deliveredDate = date_text(at);
		},
	},
	pay: { apply: (o, at, { guid_of }) => pay(o, at, guid_of) },
	complete: { apply: (o, at, { guid_of }) => { pay(o, at, guid_of); o.closedDate = date_text(at); o.checks.forEach((c) => { c.closedDate = date_text(at); }); }, guest: 'CLOSED' },
	cancel: { apply: (o, at) => void_all(o, at), guest: 'VOIDED' },
	delete: { apply: (o, at) => { o.deleted = true; o.deletedDate = date_text(at); } },
	void_line: { apply: (o, at, { line }) => void_line(o, at, line ?? 0) },
};

const move_of = (word) => {
	const name = WORDS[String(word).toLowerCase()] ?? String(word);

	if (!Object.hasOwn(MOVES, name))
		throw new Error(`the kitchen knows no ${word}`);
	return name;
};

/* Plays a move. → what guests are told, or null */
function move(order, name, at, more) {
	MOVES[name].apply(order, at, more);
	order.modifiedDate = date_text(at);
	return MOVES[name].guest ?? null;
}

/* Where the order is, in the hub's words. */
function state_of(o) {
	const lines = selections_of(o).filter((s) => !s.voided);
	const every = (status) => lines.length > 0 && lines.every((s) => s.fulfillmentStatus === status);

	if (o.voided || o.deleted)
		return 'cancelled';
	if (o.approvalStatus === 'NOT_APPROVED')
		return 'rejected';
	if (o.closedDate || o.deliveryInfo?.deliveryState === 'DELIVERED')
		return 'completed';
	if (o.deliveryInfo?.deliveryState === 'PICKED_UP')
		return 'out_for_delivery';
	if (every('READY'))
		return 'ready';
	if (lines.some((s) => s.fulfillmentStatus === 'SENT' || s.fulfillmentStatus === 'READY'))
		return 'preparing';
	return o.approvalStatus === 'APPROVED' ? 'confirmed' : 'placed';
}

/* Everything about money in cents. */
function sums_of(order) {
	const sum = (pick) => order.checks.reduce((n, c) => n + pick(c), 0);

	return {
		total: sum((c) => cents(c.totalAmount)), tax: sum((c) => cents(c.taxAmount)),
		paid: sum((c) => c.payments.filter((p) => p.paymentStatus !== 'VOIDED').reduce((n, p) => n + cents(p.amount), 0)),
		tip: sum((c) => c.payments.filter((p) => p.paymentStatus !== 'VOIDED').reduce((n, p) => n + cents(p.tipAmount), 0)),
	};
}

/* What stands on the screen for a modifier, with what belongs to it in brackets. */
const words_of = (m) => m.displayName + (m.modifiers.length ? ` (${m.modifiers.map(words_of).join(', ')})` : '');
const requests_of = (list) => list.flatMap((m) => [...(m.selectionType === 'SPECIAL_REQUEST' ? [m.displayName] : []), ...requests_of(m.modifiers)]);

/* The order as the kitchen sees it. ticket: {outlet, reference, hidden, order, behavior} */
function view_of(ticket) {
	const { order } = ticket;
	const line = (s) => ({
		guid: s.guid, item: s.item?.guid ?? null, name: s.displayName, quantity: s.quantity, price: cents(s.price), voided: s.voided, status: s.fulfillmentStatus,
		modifiers: s.modifiers.filter((m) => m.selectionType !== 'SPECIAL_REQUEST').map(words_of), notes: requests_of(s.modifiers),
	});

	return {
		outlet: ticket.outlet, reference: ticket.reference, id: order.guid, externalId: order.externalId, displayNumber: order.displayNumber, state: state_of(order),
		visible: !ticket.hidden && order.approvalStatus !== 'FUTURE', type: ticket.behavior, approvalStatus: order.approvalStatus, promisedDate: order.promisedDate,
		/* A special request that is no modifier is not shown on the screens. */
		lines: selections_of(order).filter((s) => s.selectionType !== 'SPECIAL_REQUEST').map(line), ...sums_of(order),
		tabName: order.checks.map((c) => c.tabName).filter(Boolean).join(' / ') || null, customer: order.checks[0].customer,
		notes: [order.deliveryInfo?.notes, order.curbsidePickupInfo?.notes].filter(Boolean), delivery: order.deliveryInfo, table: order.table?.guid ?? null,
		discounts: order.checks.flatMap((c) => c.appliedDiscounts.map((d) => [d.name, cents(d.discountAmount)])),
		charges: order.checks.flatMap((c) => c.appliedServiceCharges.map((f) => [f.name, cents(f.chargeAmount)])), own: ticket.own,
	};
}

module.exports = { move, move_of, state_of, sums_of, view_of };
