'use strict';
/*
 * The kitchen's side of the simulated Square: what the screen shows, and what the cook presses.
 */
const { DETAILS, ENDS } = require('./square_build.js');

/* What a test may say, in words of any POS or of Square. */
const STATES = {
	accept: 'RESERVED', accepted: 'RESERVED', confirmed: 'RESERVED', preparing: 'RESERVED', ready: 'PREPARED', complete: 'COMPLETED', completed: 'COMPLETED',
	pickup: 'COMPLETED', deliver: 'COMPLETED',
	cancel: 'CANCELED', cancelled: 'CANCELED', reject: 'FAILED', fail: 'FAILED', failed: 'FAILED',
	PROPOSED: 'PROPOSED', RESERVED: 'RESERVED', PREPARED: 'PREPARED', COMPLETED: 'COMPLETED', CANCELED: 'CANCELED', FAILED: 'FAILED',
};

const state_of = (word) => {
	const state = STATES[word];
	if (!state)
		throw new Error(`no such status: ${word}`);
	return state;
};

function kitchen(w) {
	const { options } = w;
	const steps = options.auto.split(',').filter(Boolean).map((s) => ({ state: state_of(s.split('@')[0]), ms: Number(s.split('@')[1]) }));

	/* A line as it is printed. */
	const printed = (l) => ({
		id: l.catalog_object_id ?? null, name: l.name, variation: l.variation_name ?? '', quantity: l.quantity, note: l.note ?? '', total: l.total_money.amount,
		modifiers: (l.modifiers ?? []).map((m) => ({ id: m.catalog_object_id ?? null, name: m.name, quantity: m.quantity })),
	});

	function screen(t) {
		const { order } = t;
		const [f] = order.fulfillments ?? [];
		const d = f?.[DETAILS[f.type]] ?? {};
		return {
			outlet: order.location_id, merchant: t.merchant, id: order.id, reference: order.reference_id ?? '', visible: t.visible && !t.gone, paid: t.paid - t.refunded,
			state: order.state, status: f?.state ?? null, type: f?.type ?? null, version: order.version, ticket_name: order.ticket_name ?? '', lines: (order.line_items ?? []).map(printed),
			note: d.note ?? '', recipient: d.recipient ?? null, schedule: d.schedule_type ?? null, at: d.pickup_at ?? d.deliver_at ?? null,
			total: order.total_money.amount, tax: order.total_tax_money.amount, discount: order.total_discount_money.amount, tip: t.tip,
			due: order.net_amount_due_money.amount, currency: order.total_money.currency, body_sha256: t.body_sha256, order,
		};
	}

	/* By our reference; where two orders have the same, the later ones are "reference #2" and so on. */
	function by_reference(wanted) {
		const out = {};
		for (const t of w.orders.tickets.values()) {
			if (!wanted(t))
				continue;
			const name = t.order.reference_id ?? t.order.id;
			let key = name;
			for (let n = 2; key in out; n++)
				key = `${name} #${n}`;
			out[key] = screen(t);
		}
		return { orders: out };
	}

	const place_in = (body) => body.outlet ?? body.location;

	const found = (body) => {
		const all = [...w.orders.tickets.values()].filter((t) => (body.id ? t.order.id === body.id : t.order.reference_id === body.reference)
			&& (!place_in(body) || t.order.location_id === place_in(body)));
		return all.find((t) => t.visible) ?? all[0];
	};

	/* One press of a button. A cook can only touch what he sees; `force` is the seller in his dashboard. → events */
	function move(t, state, reason) {
		const { order } = t;
		const at = order.fulfillments?.[0];
		if (!at && state !== 'CANCELED' && state !== 'COMPLETED')
			throw new Error(`order ${order.id} has no fulfillment to be ${state}`);
		const paid = t.paid - t.refunded > 0 || (t.settled && t.paid === 0);
		const events = w.orders.step(t, (o) => {
			for (const f of o.fulfillments ?? []) {
				f.state = state;
				if (reason && ENDS.includes(state))
					f[DETAILS[f.type]] = { ...f[DETAILS[f.type]], cancel_reason: reason };
			}
			/* A paid order that is not going to be handed out is COMPLETED all the same: only its fulfillment is CANCELED. */
			if (ENDS.includes(state))
				o.state = state !== 'COMPLETED' && !paid ? 'CANCELED' : 'COMPLETED';
		});
		w.orders.commit('kitchen_status', t, { status: state, events });
		w.orders.ended(t, 'kitchen', reason);
		return events;
	}

	/* The order goes up a version and nothing else. */
	function touch(t) {
		const events = w.orders.step(t, () => {});
		w.orders.commit('order_touched', t, { events });
		return events;
	}

	async function press(body) {
		if (body.raw !== undefined) {
			const answer = await w.hook.raw(body);
			return { sent: ['raw'], answers: [answer], ...answer };
		}
		const states = (body.statuses ?? [body.status]).map(state_of);
		const t = found(body);
		if (!t)
			throw new Error(`no order ${body.reference ?? body.id}`);
		if (!t.visible && !body.force)
			throw new Error(`the kitchen does not see order ${body.reference ?? body.id}`);
		if (ENDS.includes(t.order.fulfillments?.[0]?.state) && !body.again)
			throw new Error(`order ${body.reference ?? body.id} has ended: ${t.order.fulfillments[0].state}`);
		const answers = [];
		const batch = states.map((s) => (body.again ? touch(t) : move(t, s, body.reason)));
		if (!body.quiet)
			answers.push(...await w.hook.deliver(batch.flat(), body));
		return { sent: states, answers, ...answers[answers.length - 1], version: t.order.version };
	}

	/* --auto: the life of a ticket, played from the moment when it is seen. */
	function play(t) {
		for (const s of steps)
			setTimeout(() => {
				if (t.gone || ENDS.includes(t.order.fulfillments?.[0]?.state) || w.orders.tickets.get(t.order.id) !== t)
					return;
				w.hook.later(move(t, s.state));
			}, s.ms).unref();
	}

	/* A sale rung up at the till: an order that is none of ours, and its events. */
	async function foreign(body) {
		const location = place_in(body) ?? w.locations_of(body.merchant ?? w.merchants[0])[0];
		const merchant = w.merchant_of(location);
		const id = w.id('foreign', `${location} ${w.uuid()}`, (i) => w.orders.tickets.has(i));
		const now = w.now();
		const about = { order_id: id, version: 1, location_id: location, state: 'COMPLETED', created_at: now };
		const events = [
			w.event(merchant, location, 'order.created', 'order_created', id, { order_created: about }),
			w.event(merchant, location, 'order.updated', 'order_updated', id, { order_updated: { ...about, updated_at: now } }),
		];
		w.done('foreign_order', { outlet: location, id, events });
		return { id, answers: await w.hook.deliver(events, body) };
	}

	const at_place = (req, t) => !req.query.get('location') || t.order.location_id === req.query.get('location');

	return {
		play,
		control: {
			'GET /_sim/orders': (body, req) => by_reference((t) => at_place(req, t) && !t.gone && t.order.state !== 'CANCELED'),
			'GET /_sim/tickets': (body, req) => by_reference((t) => at_place(req, t)),
			'DELETE /_sim/orders': () => {
				w.orders.forget();
				w.done('orders_forgotten', {});
				return { orders: {} };
			},
			'POST /_sim/kitchen': press,
			'POST /_sim/foreign': foreign,
		},
	};
}

module.exports = { STATES, kitchen };
