'use strict';
/*
 * The orders that live at the simulated Toast: each a ticket {outlet, reference, hidden, own, behavior, order, created_ms,
 * external_ids, body_sha256}. The book keeps what must be unique, finds orders, and comes back from the journal.
 */
const { business_date, date_text, moment_of } = require('./toast_order.js');
const { Refusal, need } = require('./toast_price.js');
const { move, sums_of, view_of } = require('./toast_kitchen.js');
const { guid_of } = require('./toast_place.js');

/* Our name for the order: what follows the naming authority and, if there is a dot, whose it is. */
const reference_of = (external_id) => (external_id ? external_id.replace(/^[^:]*:([^.:]*\.)?/, '') : null);

class Book {
	constructor(sim) {
		this.sim = sim;
		this.clear();
	}

	clear() {
		this.tickets = new Map();
		this.by_outlet = new Map(); /* outlet → its tickets, in the order in which they came */
		this.by_reference = new Map(); /* reference → tickets */
		this.by_external = new Map(); /* "outlet kind externalId" → order id */
		this.numbers = new Map();
	}

	/* Toast counts up from one each day; here from one. */
	next_number(outlet) {
		const n = (this.numbers.get(outlet) ?? 0) + 1;
		this.numbers.set(outlet, n);
		return String(n);
	}

	put(ticket) {
		if (!this.tickets.has(ticket.order.guid)) {
			this.under(this.by_outlet, ticket.outlet, ticket);
			if (ticket.reference !== null)
				this.under(this.by_reference, ticket.reference, ticket);
		}
		this.tickets.set(ticket.order.guid, ticket);
		for (const [kind, external_id] of ticket.external_ids)
			this.by_external.set(`${ticket.outlet} ${kind} ${external_id}`, ticket.order.guid);
		this.numbers.set(ticket.outlet, Math.max(this.numbers.get(ticket.outlet) ?? 0, Number(ticket.order.displayNumber) || 0));
	}

	under(map, key, ticket) {
		if (map.has(key))
			map.get(key).push(ticket);
		else
			map.set(key, [ticket]);
	}

	/* The first of these identifiers that is taken at the restaurant. → {kind, external_id, ticket} or null */
	taken(outlet, external_ids) {
		for (const [kind, external_id] of external_ids) {
			const id = this.by_external.get(`${outlet} ${kind} ${external_id}`);
			if (id)
				return { kind, external_id, ticket: this.tickets.get(id) };
		}
		return null;
	}

	/* What every effect about an order says of it. */
	about(ticket) {
		const { total, paid } = sums_of(ticket.order);
		return { outlet: ticket.outlet, reference: ticket.reference, id: ticket.order.guid, total, paid };
	}

	/* A new order: on disk, then in the book. */
	save(effect, ticket, more) {
		const { order, external_ids, hidden, own, behavior, body_sha256 } = ticket;
		this.sim.effect(effect, { ...more, ...this.about(ticket), visible: view_of(ticket).visible, tip: sums_of(order).tip, external_ids, hidden, own, behavior,
			body_sha256, created_ms: ticket.created_ms, order });
		this.put(ticket);
	}

	/* A change of an order by the API: the row has the whole of it. */
	change(effect, ticket, more) {
		ticket.order.modifiedDate = date_text(Date.now());
		this.sim.effect(effect, { ...more, ...this.about(ticket), order: ticket.order });
	}

	/* A move of the kitchen. → what guests are told, or null */
	move(ticket, name, more = {}) {
		const at = Date.now();
		const guest = move(ticket.order, name, at, { ...more, guid_of });
		this.sim.effect('kitchen_status', { ...this.about(ticket), status: name, moved_ms: at, line: more.line ?? null });
		if (['cancel', 'reject', 'delete'].includes(name))
			this.sim.effect('order_cancelled', { ...this.about(ticket), by: 'kitchen', how: name });
		return guest;
	}

	restore(row) {
		const ticket = this.tickets.get(row.id);

		if (row.effect === 'order_saved' || row.effect === 'foreign_order')
			this.put({ outlet: row.outlet, reference: row.reference, hidden: row.hidden, own: row.own, behavior: row.behavior, order: row.order,
				created_ms: row.created_ms, external_ids: row.external_ids, body_sha256: row.body_sha256 });
		else if (row.effect === 'orders_forgotten')
			this.clear();
		else if (ticket && row.effect === 'kitchen_status')
			move(ticket.order, row.status, row.moved_ms, { line: row.line ?? undefined, guid_of });
		else if (ticket && row.order)
			ticket.order = row.order;
	}

	/* The order of a restaurant that somebody who may not see others' orders asks for. */
	find(place, id, own_only) {
		const ticket = this.tickets.get(id);
		return ticket && ticket.outlet === place.guid && (ticket.own || !own_only) ? ticket : null;
	}

	by_external_id(place, external_id) {
		return this.tickets.get(this.by_external.get(`${place.guid} order ${external_id}`)) ?? null;
	}

	/* For the control face: by id, or by our reference, at one restaurant or at any. */
	look(id, reference, outlet) {
		if (id)
			return this.tickets.get(id) ?? null;
		return (this.by_reference.get(reference) ?? []).find((t) => !outlet || t.outlet === outlet) ?? null;
	}

	/*
	 * ordersBulk: those modified from startDate on and before endDate, or of one businessDate, oldest first; what is younger than
	 * lag_ms is not found yet. → {list, page, pages, size}
	 */
	bulk(place, query, { own_only, lag_ms }) {
		const day = query.get('businessDate');
		const size = this.number(query, 'pageSize', 100);
		const page = this.number(query, 'page', 1);
		let fits;

		need(size >= 1 && size <= 100, 'pageSize must be from 1 to 100');
		need(page >= 1, 'page must be at least 1');
		if (day !== null) {
			need(/^\d{8}$/.test(day), 'businessDate must be of the form yyyymmdd');
			fits = (t) => t.order.businessDate === Number(day);
		} else {
			need(query.get('startDate') !== null && query.get('endDate') !== null, 'startDate and endDate, or businessDate, are required');
			const from = moment_of(query.get('startDate'), 'startDate');
			const to = moment_of(query.get('endDate'), 'endDate');
			need(from <= to, 'startDate must not be after endDate');
			fits = (t) => {
				const at = moment_of(t.order.modifiedDate, 'modifiedDate');
				return at >= from && at < to;
			};
		}
		const visible = Date.now() - lag_ms;
		const found = (this.by_outlet.get(place.guid) ?? []).filter((t) => (t.own || !own_only) && t.created_ms <= visible && fits(t))
			.sort((a, b) => (a.order.modifiedDate < b.order.modifiedDate ? -1 : a.order.modifiedDate > b.order.modifiedDate ? 1 : 0));
		return { list: found.slice((page - 1) * size, page * size), page, size, pages: Math.max(1, Math.ceil(found.length / size)) };
	}

	number(query, name, otherwise) {
		const text = query.get(name);
		need(text === null || /^\d{1,6}$/.test(text), `${name} must be a number`);
		return text === null ? otherwise : Number(text);
	}

	/* {reference: view}; an order of nobody's stands under its id, a reference that two restaurants have under both. */
	views(fits) {
		const out = {};
		for (const t of this.tickets.values()) {
			if (!fits(t))
				continue;
			const key = t.reference ?? t.order.guid;
			out[key in out ? `${key} ${t.outlet}` : key] = view_of(t);
		}
		return out;
	}

	/* A guest at the counter: an order that is none of ours, and that Toast tells of all the same. */
	foreign(place, { name = 'Walk-in', price = 1000 } = {}) {
		const now = Date.now();
		const order_id = guid_of(`${this.sim.options.seed} foreign ${place.guid} ${now} ${this.tickets.size}`);
		const selection = { guid: guid_of(`${order_id} line`), entityType: 'MenuItemSelection', externalId: null, item: null, quantity: 1, price: price / 100, tax: 0, voided: false,
			displayName: name, modifiers: [], fulfillmentStatus: 'SENT', selectionType: 'OPEN_ITEM' };
		const check = { guid: guid_of(`${order_id} check`), entityType: 'Check', externalId: null, selections: [selection], customer: null, amount: price / 100, taxAmount: 0,
			totalAmount: price / 100, payments: [], paymentStatus: 'OPEN', appliedDiscounts: [], appliedServiceCharges: [], tabName: null, voided: false };
		const order = { guid: order_id, entityType: 'Order', externalId: null, source: 'In Store', approvalStatus: 'APPROVED', modifiedDate: date_text(now), createdDate: date_text(now),
			openedDate: date_text(now), promisedDate: null, businessDate: business_date(now), voided: false, deleted: false, displayNumber: this.next_number(place.guid),
			diningOption: { guid: place.dining.DINE_IN, entityType: 'DiningOption' }, deliveryInfo: null, curbsidePickupInfo: null, table: null, checks: [check] };
		const ticket = { outlet: place.guid, reference: null, hidden: false, own: false, behavior: 'DINE_IN', order, created_ms: now, external_ids: [], body_sha256: null };
		this.save('foreign_order', ticket, {});
		return ticket;
	}
}

module.exports = { Book, Refusal, reference_of };
