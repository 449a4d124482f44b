'use strict';
/*
 * Orders of a simulated Clover: one atomic call, or step by step (a draft that nobody sees because its state was omitted, its
 * lines, their modifications, and the update that opens it). Nothing here is idempotent, as nothing there is: a repeated create
 * makes another order, a repeated payment another payment, repeated lines more lines.
 */
const { Refusal, against_menu, bad, bool_of, discount_of, int_of, is_object, line_of, list_of, modification_of, ref_of, text_of, totals_of } = require('./clover_cart.js');

const LINES_MAX = 2500;      /* an order, since March 2026 (3,000 before) */
const BULK_MAX = 100;
const REFERENCE_MAX = 12;    /* of externalReferenceId, measured */
const NESTED_MAX = 100;      /* of an expanded list */

/* Fields that POST /orders and POST /orders/{id} read. The rest of the order object is ignored there. */
const ORDER_KEYS = ['state', 'currency', 'title', 'note', 'orderType', 'externalReferenceId', 'total', 'taxRemoved', 'testMode', 'groupLineItems',
	'manualTransaction', 'customers', 'employee', 'clientCreatedTime'];
const CART_KEYS = ['orderType', 'title', 'note', 'externalReferenceId', 'currency', 'groupLineItems', 'employee', 'customers', 'lineItems', 'discounts',
	'serviceCharge', 'clientCreatedTime', 'taxRemoved'];

function clover_order(house) {
	const { sim, options, orders } = house;

	const order_not_found = () => new Refusal(404, 'Not Found', 'Order not found');

	/* Our reference, for the oracle: what was sent as externalReferenceId, kept or not, else the whole title. */
	const reference_of = (order) => order.reference_sent ?? order.title ?? order.id;
	const is_visible = (order) => order.state !== null && !order.is_hidden;
	const paid_of = (order) => order.payments.reduce((sum, p) => sum + (p.result === 'SUCCESS' ? p.amount - p.refunded : 0), 0);

	function added_up(order) {
		const sums = totals_of(house.menu(order.outlet), order);
		const posted = order.way === 'steps' && options.totals === 'posted';
		const total = (posted ? order.total_posted ?? 0 : sums.total) + (order.total_off ?? 0);
		const refunded = order.payments.reduce((sum, p) => sum + p.refunded, 0);
		const paid = paid_of(order);

		Object.assign(order, { total, sum: sums.total, subtotal: sums.subtotal, tax: sums.tax, taxes: sums.taxes, service: sums.service, discount: sums.discount });
		order.paymentState = order.payments.length === 0 ? 'OPEN'
			: refunded > 0 ? (paid > 0 ? 'PARTIALLY_REFUNDED' : 'REFUNDED')
				: paid >= total ? 'PAID' : 'PARTIALLY_PAID';
		return order;
	}

	/* An order has changed: on disk with everything it is now, and then told to those who listen. */
	function commit(effect, order, req, more, type = 'UPDATE') {
		const seen_before = order.is_ticket;

		added_up(order);
		order.modifiedTime = Math.max(house.now(), (order.modifiedTime ?? 0) + 1);
		orders.set(order.id, order);
		/* Whatever made it visible: that is the moment at which the kitchen has a ticket. */
		if (!seen_before && is_visible(order) && order.deletedTime === null) {
			order.is_ticket = true;
			order.index_from ??= order.modifiedTime + Number(options['index-lag']);
			if (effect !== 'order_saved')
				more = { ...more, step: effect };
			effect = 'order_saved';
			order.lines.forEach((l, i) => against_menu(house.menu(order.outlet), l, `lineItems[${i}]`, (name, data) => sim.note(name,
				{ request: req?.id, outlet: order.outlet, reference: reference_of(order), id: order.id, ...data })));
		}
		const row = sim.effect(effect, {
			request: req?.id, outlet: order.outlet, reference: reference_of(order), id: order.id, state: order.state, visible: is_visible(order),
			lines: order.lines.length, total: order.total, paid: paid_of(order), ...more, order,
		});
		if (effect === 'order_saved')
			house.live(order);
		house.notify(order.outlet, `O:${order.id}`, type);
		return row;
	}

	/* --- fields of an order ------------------------------------------------------------------------------------- */

	function external_reference(ctx, raw) {
		const reference = text_of(raw, 'externalReferenceId', 127);
		if (reference !== null && [...reference].length > REFERENCE_MAX)
			throw bad(`externalReferenceId must not be longer than ${REFERENCE_MAX} characters`);
		return reference;
	}

	/* Sets what the body names; a key that is absent leaves the order as it was. */
	function fields(ctx, order, raw) {
		const menu = house.menu(ctx.outlet);
		const has = (key) => raw[key] !== undefined;

		if (has('title'))
			order.title = text_of(raw.title, 'title', 127);
		if (has('note'))
			order.note = text_of(raw.note, 'note', 2047);
		if (has('externalReferenceId')) {
			order.reference_sent = external_reference(ctx, raw.externalReferenceId);
			const dropped = options['external-reference'] === 'dropped' || ctx.do === 'reference_dropped';
			order.externalReferenceId = dropped ? null : order.reference_sent;
		}
		if (has('orderType')) {
			order.orderType = ref_of(raw.orderType, 'orderType');
			if (order.orderType !== null && !menu.order_types.some((t) => t.id === order.orderType))
				throw bad(`orderType: no order type ${order.orderType}`);
		}
		if (has('currency') && String(raw.currency).toUpperCase() !== menu.merchant.currency)
			throw bad(`currency must be ${menu.merchant.currency}`);
		if (has('employee')) {
			order.employee = ref_of(raw.employee, 'employee');
			if (order.employee !== null && !menu.employees.some((e) => e.id === order.employee))
				throw bad(`employee: no employee ${order.employee}`);
		}
		if (has('customers')) {
			order.customers = list_of(raw.customers, 'customers').map((c, i) => ref_of(c, `customers[${i}]`));
			if (!order.customers.every((c) => c !== null && house.customer(ctx.outlet, c)))
				throw new Refusal(400, 'insufficient_customer_info');
		}
		for (const key of ['taxRemoved', 'testMode', 'groupLineItems', 'manualTransaction'])
			if (has(key))
				order[key] = bool_of(raw[key], key, order[key]);
		if (has('clientCreatedTime'))
			order.clientCreatedTime = int_of(raw.clientCreatedTime, 'clientCreatedTime');
	}

	function order_new(ctx, way) {
		const now = house.now();
		return {
			id: house.id('order'), outlet: ctx.outlet, way, state: null, is_hidden: false, is_ticket: false, title: null, note: null, reference_sent: null,
			externalReferenceId: null, orderType: null, employee: null, customers: [], taxRemoved: false, testMode: false, groupLineItems: false,
			manualTransaction: false, currency: house.menu(ctx.outlet).merchant.currency, lines: [], discounts: [], serviceCharge: null, payments: [],
			prints: 0, total_posted: null, createdTime: now, clientCreatedTime: now, modifiedTime: now, deletedTime: null, index_from: null,
		};
	}

	const reader = (ctx, way, where) => ({
		way, id: house.id, now: house.now(),
		note: (note, data) => sim.note(note, { request: ctx.req.id, outlet: ctx.outlet, where, ...data }),
	});

	function ignored(ctx, raw, keys, where) {
		for (const key of Object.keys(raw))
			if (!keys.includes(key))
				sim.note('ignored_key', { request: ctx.req.id, outlet: ctx.outlet, where: `${where}.${key}` });
	}

	/* The body of an atomic call as an order that is not stored. */
	function cart_of(ctx) {
		const cart = ctx.body.orderCart;

		if (!is_object(cart))
			throw new Refusal(400, 'cart_is_empty_or_missing');
		if (!Array.isArray(cart.lineItems) || cart.lineItems.length === 0)
			throw new Refusal(400, 'cart_is_empty_or_missing');
		if (cart.lineItems.length > LINES_MAX)
			throw bad(`an order must not have more than ${LINES_MAX} line items`);
		const menu = house.menu(ctx.outlet);
		const order = order_new(ctx, 'atomic');
		ignored(ctx, cart, CART_KEYS, 'orderCart');
		fields(ctx, order, cart);
		const how = reader(ctx, 'atomic');
		order.lines = list_of(cart.lineItems, 'lineItems').map((l, i) => line_of(menu, l, `lineItems[${i}]`, how));
		order.discounts = list_of(cart.discounts, 'discounts').map((d, i) => discount_of(d, `discounts[${i}]`, house.id));
		if (cart.serviceCharge !== undefined && cart.serviceCharge !== null) {
			const known = menu.service_charges.find((s) => s.id === ref_of(cart.serviceCharge, 'serviceCharge'));
			if (!known)
				throw new Refusal(400, 'service_charge_does_not_exist', cart.serviceCharge.id);
			const own = int_of(cart.serviceCharge.percentageDecimal, 'serviceCharge.percentageDecimal');
			if (cart.serviceCharge.enabled !== false)
				order.serviceCharge = { id: known.id, name: known.name, percentageDecimal: own ?? known.percentageDecimal };
		}
		return order;
	}

	/* --- calls ---------------------------------------------------------------------------------------------------- */

	function checkout(ctx) {
		const order = added_up(cart_of(ctx));
		return { status: 200, body: {
			currency: order.currency, subtotal: order.subtotal, totalTaxAmount: order.tax, total: order.total,
			taxSummaries: order.taxes.map((t) => ({ id: t.id, name: t.name, rate: t.rate, amount: t.amount })),
			lineItems: order.lines.map((l) => line_wire(order, l, ['lineItems.modifications'])),
		} };
	}

	/* What a misdeed does to an order about to be seen. */
	function mischief(ctx, order) {
		if (ctx.do === 'index_lag')
			order.index_from = house.now() + (ctx.req.order.ms ?? 60000);
		if (ctx.do === 'index_lost')
			order.index_from = Number.MAX_SAFE_INTEGER;
		if (ctx.do === 'hidden')
			order.is_hidden = true;
		if (ctx.do === 'total_differs')
			order.total_off = ctx.req.order.by ?? 100;
	}

	async function create_atomic(ctx) {
		expands_of(ctx);
		const order = cart_of(ctx);
		order.state = 'open';
		mischief(ctx, order);
		commit(is_visible(order) ? 'order_saved' : 'draft_saved', order, ctx.req, { way: 'atomic' }, 'CREATE');
		if (ctx.do === 'early')
			await house.flush();
		return { status: 200, body: order_wire(ctx, order, ['lineItems', 'lineItems.modifications', 'lineItems.discounts', 'discounts'], { state: order.state }) };
	}

	async function create(ctx) {
		const expands = expands_of(ctx);
		const order = order_new(ctx, 'steps');
		ignored(ctx, ctx.body, ORDER_KEYS, 'order');
		fields(ctx, order, ctx.body);
		order.state = text_of(ctx.body.state, 'state', 127);
		order.total_posted = int_of(ctx.body.total, 'total');
		mischief(ctx, order);
		commit(is_visible(order) ? 'order_saved' : 'draft_saved', order, ctx.req, { way: 'steps' }, 'CREATE');
		if (ctx.do === 'early')
			await house.flush();
		return { status: 200, body: order_wire(ctx, order, expands, { state: order.state }) };
	}

	/* The order that the path names; a misdeed may have taken it away. */
	function found(ctx) {
		const order = orders.get(ctx.ids[0]);
		if (!order || order.outlet !== ctx.outlet)
			throw order_not_found();
		if (ctx.do === 'draft_deleted' && order.deletedTime === null) {
			order.deletedTime = house.now();
			commit(order.is_ticket ? 'order_cancelled' : 'draft_deleted', order, ctx.req, { by: 'clover' }, 'DELETE');
		}
		if (order.deletedTime !== null)
			throw order_not_found();
		return order;
	}

	async function update(ctx) {
		const expands = expands_of(ctx);
		const order = found(ctx);
		const changed = structuredClone(order);
		ignored(ctx, ctx.body, ORDER_KEYS, 'order');
		fields(ctx, changed, ctx.body);
		if (ctx.body.state !== undefined) {
			changed.state = text_of(ctx.body.state, 'state', 127);
			changed.is_hidden = false;
		}
		if (ctx.body.total !== undefined)
			changed.total_posted = int_of(ctx.body.total, 'total');
		if (!order.is_ticket)
			mischief(ctx, changed);
		const differs = JSON.stringify(changed) !== JSON.stringify(order);
		commit(differs ? 'order_updated' : 'order_repeated', changed, ctx.req, { way: order.way });
		if (ctx.do === 'early')
			await house.flush();
		return { status: 200, body: order_wire(ctx, changed, expands, { state: changed.state }) };
	}

	function remove(ctx) {
		const order = found(ctx);
		if (order.payments.length > 0)
			throw new Refusal(400, 'Order has payments and cannot be deleted');
		order.deletedTime = house.now();
		commit(order.is_ticket ? 'order_cancelled' : 'draft_deleted', order, ctx.req, { by: 'hub' }, 'DELETE');
		return { status: 200, body: {} };
	}

	function unlocked(order) {
		if (order.state !== null && order.state.toLowerCase() === 'locked')
			throw new Refusal(400, 'Order is locked');
		return order;
	}

	function lines_added(ctx, order, lines, more) {
		if (order.lines.length + lines.length > LINES_MAX)
			throw new Refusal(400, `An order must not have more than ${LINES_MAX} line items`);
		const kept = ctx.do === 'lines_lost' ? lines.slice(0, lines.length >> 1) : lines;
		order.lines.push(...kept);
		if (order.state === null && (options['lines-open'] === 'yes' || ctx.do === 'opened_by_line'))
			order.state = 'open';
		commit('lines_saved', order, ctx.req, { added: kept.length, ...more });
	}

	function add_line(ctx) {
		const order = unlocked(found(ctx));
		const line = line_of(house.menu(ctx.outlet), ctx.body, 'line', reader(ctx, 'custom'));
		lines_added(ctx, order, [line]);
		return { status: 200, body: line_wire(order, line, ['lineItems.modifications']) };
	}

	/* Each line whole, or none. Modifications that stand in a line are kept or not, by option; the answer is in no order. */
	function add_lines(ctx) {
		const order = unlocked(found(ctx));
		if (!Array.isArray(ctx.body.items) || ctx.body.items.length === 0)
			throw bad('items must be an array of line items');
		if (ctx.body.items.length > BULK_MAX)
			throw bad(`items must not have more than ${BULK_MAX} elements`);
		const menu = house.menu(ctx.outlet);
		const how = reader(ctx, 'bulk');
		const lines = list_of(ctx.body.items, 'items').map((l, i) => line_of(menu, l, `items[${i}]`, how));
		if (options['inline-modifications'] === 'dropped')
			for (const [i, line] of lines.entries())
				if (line.modifications.length > 0) {
					how.note('inline_modifications_dropped', { where: `items[${i}]` });
					line.modifications = [];
				}
		lines_added(ctx, order, lines, { bulk: true });
		const answer = options['answer-order'] === 'kept' ? [...lines] : house.shuffled(lines);
		const wire = answer.map((l) => line_wire(order, l, []));
		return { status: 200, body: options['bulk-answer'] === 'items' ? { items: wire } : wire };
	}

	function line_found(ctx, order) {
		const line = order.lines.find((l) => l.id === ctx.ids[1]);
		if (!line)
			throw new Refusal(404, 'Not Found', 'Line item not found');
		return line;
	}

	function add_modification(ctx) {
		const order = unlocked(found(ctx));
		const line = line_found(ctx, order);
		const how = reader(ctx, 'custom');
		const modification = modification_of(house.menu(ctx.outlet), ctx.body, 'modification', house.id, how.note);
		if (!modification)
			throw new Refusal(400, 'invalid_modifier', 'modifier.id is missing');
		if (ctx.do !== 'modification_lost')
			line.modifications.push(modification);
		commit('modification_saved', order, ctx.req, { line: line.id, modifier: modification.modifier.id });
		return { status: 200, body: { ...modification, lineItemRef: { id: line.id } } };
	}

	function remove_line(ctx) {
		const order = unlocked(found(ctx));
		const line = line_found(ctx, order);
		order.lines = order.lines.filter((l) => l !== line);
		commit('line_deleted', order, ctx.req, { line: line.id });
		return { status: 200, body: {} };
	}

	function add_discount(ctx) {
		const order = unlocked(found(ctx));
		const discount = discount_of(ctx.body, 'discount', house.id);
		order.discounts.push(discount);
		commit('discount_saved', order, ctx.req, {});
		return { status: 200, body: { ...discount, orderRef: { id: order.id } } };
	}

	function add_line_discount(ctx) {
		const order = unlocked(found(ctx));
		const line = line_found(ctx, order);
		const discount = discount_of(ctx.body, 'discount', house.id);
		line.discounts.push(discount);
		commit('discount_saved', order, ctx.req, { line: line.id });
		return { status: 200, body: { ...discount, lineItemRef: { id: line.id } } };
	}

	/* Taken by whom it may be: the hub through the API, or staff at the till. An order that is paid is locked. */
	function pay(order, req, { tender, amount, tip, tax, external_id, external_reference, by }) {
		const now = house.now();
		const payment = {
			id: house.id('payment'), tender, amount, tipAmount: tip ?? 0, taxAmount: tax ?? 0, refunded: 0, result: 'SUCCESS', createdTime: now, modifiedTime: now,
			externalPaymentId: external_id ?? null, externalReferenceId: external_reference ?? null,
		};
		order.payments.push(payment);
		if (paid_of(order) >= order.total)
			order.state = 'locked';
		commit('payment_saved', order, req, { payment: payment.id, amount, tip: payment.tipAmount, tender, external_payment_id: payment.externalPaymentId, by });
		house.notify(order.outlet, `P:${payment.id}`, 'CREATE');
		if (paid_of(order) > order.total)
			sim.note('overpaid', { outlet: order.outlet, reference: reference_of(order), id: order.id, paid: paid_of(order), total: order.total });
		return payment;
	}

	function add_payment(ctx) {
		const order = found(ctx);
		const { body } = ctx;
		const tender = ref_of(body.tender, 'tender');
		const known = house.menu(ctx.outlet).tenders.find((t) => t.id === tender && t.enabled && t.external);
		if (!known || !Number.isSafeInteger(body.amount) || body.amount <= 0)
			throw new Refusal(400, 'Payment must include a positive amount and a valid tender ID');
		const payment = pay(order, ctx.req, {
			tender, amount: body.amount, tip: int_of(body.tipAmount, 'tipAmount'), tax: int_of(body.taxAmount, 'taxAmount'),
			external_id: text_of(body.externalPaymentId, 'externalPaymentId', 32), external_reference: text_of(body.externalReferenceId, 'externalReferenceId', 32), by: 'hub',
		});
		return { status: 200, body: payment_wire(ctx, order, payment) };
	}

	function payments_list(ctx) {
		const order = found(ctx);
		return { status: 200, body: { elements: order.payments.map((p) => payment_wire(ctx, order, p)), href: house.href(ctx, `orders/${order.id}/payments`) } };
	}

	const payments_of = (outlet) => [...orders.values()].filter((o) => o.outlet === outlet).flatMap((o) => o.payments.map((payment) => ({ ...payment, of: o, payment })));

	/* What an event about a payment leads to: it says whose it is. */
	function get_payment(ctx) {
		const row = payments_of(ctx.outlet).find((p) => p.id === ctx.ids[0]);
		if (!row)
			throw new Refusal(404, 'Not Found', 'Payment not found');
		return { status: 200, body: payment_wire(ctx, row.of, row.payment) };
	}

	const payments = (ctx) => house.page(ctx, payments_of(ctx.outlet), 'payments', {
		fields: ['id', 'createdTime', 'modifiedTime', 'result', 'externalPaymentId', 'amount'], wire: (p) => payment_wire(ctx, p.of, p.payment),
	});

	/* A refund is a record of its own, never a payment below zero. None can be made here: the tender of the hub gives nothing back. */
	const refunds = (ctx) => house.page(ctx, payments_of(ctx.outlet).filter((p) => p.refunded > 0), 'refunds', {
		fields: ['id', 'createdTime'], wire: (p) => ({ id: `R${p.id.slice(1)}`, amount: p.refunded, createdTime: p.of.modifiedTime, orderRef: { id: p.of.id }, payment: { id: p.id } }),
	});

	/* With no printer attached it is DONE at once; lines count as printed from then on. */
	function print(ctx) {
		const id = ref_of(ctx.body.orderRef, 'orderRef');
		if (id === null)
			throw new Refusal(400, 'order_uuid_is_null');
		const order = found({ ...ctx, ids: [id] });
		order.prints += 1;
		if (options.printer === 'yes')
			for (const line of order.lines)
				line.printed = true;
		const event = { id: house.id('print'), orderRef: { id }, state: 'CREATED', createdTime: house.now() };
		commit('print_requested', order, ctx.req, { print: event.id });
		return { status: 200, body: event };
	}

	/* --- as Clover shows them ------------------------------------------------------------------------------------- */

	function expands_of(ctx) {
		const list = ctx.req.query.getAll('expand').flatMap((e) => e.split(',')).filter(Boolean);
		if (list.length > 3)
			throw bad('no more than 3 fields can be expanded');
		return list;
	}

	const without_nulls = (o) => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== null && v !== undefined));
	const elements = (list) => ({ elements: list.slice(0, NESTED_MAX) });

	function line_wire(order, line, expands) {
		return without_nulls({
			id: line.id, orderRef: { id: order.id }, item: line.item, name: line.name, price: line.price, note: line.note, unitQty: line.unitQty, printed: line.printed,
			createdTime: line.createdTime, orderClientCreatedTime: order.clientCreatedTime, exchanged: false, refunded: false, isRevenue: true,
			modifications: expands.includes('lineItems.modifications') && line.modifications.length > 0 ? elements(line.modifications) : null,
			discounts: expands.includes('lineItems.discounts') && line.discounts.length > 0 ? elements(line.discounts) : null,
		});
	}

	function payment_wire(ctx, order, payment) {
		const { refunded, tender, ...rest } = payment;
		return without_nulls({ ...rest, order: { id: order.id }, tender: { id: tender, href: house.href(ctx, `tenders/${tender}`) }, cashbackAmount: 0,
			offline: false, clientCreatedTime: payment.createdTime });
	}

	/* more: what an answer claims beside it. */
	function order_wire(ctx, order, expands, more = {}) {
		const has_lines = expands.some((e) => e.startsWith('lineItems'));
		return without_nulls({
			href: house.href(ctx, `orders/${order.id}`), id: order.id, currency: order.currency, total: order.total,
			employee: order.employee === null ? null : { id: order.employee },
			externalReferenceId: order.externalReferenceId, unpaidBalance: Math.max(0, order.total - paid_of(order)), paymentState: order.paymentState, title: order.title, note: order.note,
			orderType: order.orderType === null ? null : { id: order.orderType }, taxRemoved: order.taxRemoved, isVat: house.menu(order.outlet).merchant.isVat,
			state: order.is_hidden ? null : order.state, manualTransaction: order.manualTransaction, groupLineItems: order.groupLineItems, testMode: order.testMode,
			createdTime: order.createdTime, clientCreatedTime: order.clientCreatedTime, modifiedTime: order.modifiedTime,
			lineItems: has_lines ? elements(order.lines.map((l) => line_wire(order, l, expands))) : null,
			payments: expands.includes('payments') && order.payments.length > 0 ? elements(order.payments.map((p) => payment_wire(ctx, order, p))) : null,
			discounts: expands.includes('discounts') && order.discounts.length > 0 ? elements(order.discounts) : null,
			customers: expands.includes('customers') && order.customers.length > 0 ? elements(order.customers.map((c) => house.customer(order.outlet, c))) : null,
			serviceCharge: expands.includes('serviceCharge') ? order.serviceCharge : null,
			...more,
		});
	}

	function get(ctx) {
		const order = found(ctx);
		return { status: 200, body: order_wire(ctx, order, expands_of(ctx)) };
	}

	/* All of them, in pages, beyond the hundred that an expanded list shows. */
	function lines_list(ctx) {
		const order = found(ctx);
		const expands = expands_of(ctx).map((e) => `lineItems.${e}`);
		return house.page(ctx, order.lines, `orders/${order.id}/line_items`, { fields: ['id', 'name'], wire: (l) => line_wire(order, l, expands) });
	}

	/* Orders with no state are in no list; the others from when the index knows of them. */
	function list(ctx) {
		const now = house.now();
		const oldest = now - 90 * 86400000;
		const expands = expands_of(ctx);
		const rows = [...orders.values()].filter((o) => o.outlet === ctx.outlet && o.deletedTime === null && is_visible(o) && o.index_from !== null
			&& o.index_from <= now && o.createdTime >= oldest).sort((a, b) => b.createdTime - a.createdTime);
		const field = (o, name) => ({ 'employee.id': o.employee, orderType: o.orderType })[name] ?? o[name];
		return house.page(ctx, rows, 'orders', { field, fields: FILTERS, wire: (o) => order_wire(ctx, o, expands) });
	}

	return { add_discount, add_line, add_line_discount, add_lines, add_modification, add_payment, checkout, commit, create, create_atomic, expands_of, get, get_payment,
		is_visible, lines_list, list, paid_of, pay, payments, payments_list, refunds, print, reference_of, remove, remove_line, update };
}

const FILTERS = ['title', 'externalReferenceId', 'note', 'createdTime', 'modifiedTime', 'clientCreatedTime', 'orderType', 'total', 'state', 'testMode', 'id',
	'employee.id', 'paymentState'];

module.exports = { BULK_MAX, FILTERS, LINES_MAX, REFERENCE_MAX, clover_order };
