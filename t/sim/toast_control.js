'use strict';
/*
 * The control face of the simulated Toast: what its kitchens, its office and its guests do, and the news of it. What can be said here
 * stands at the top of toast.js.
 */
const { Events, for_event } = require('./toast_event.js');
const { move_of, state_of } = require('./toast_kitchen.js');
const { date_text } = require('./toast_order.js');

const STOCK_KINDS = { IN_STOCK: 'in_stock', OUT_OF_STOCK: 'out_of_stock', QUANTITY: 'low_quantity' };

/* world: {sim, places, door, larder, book, set_online}. → {control, kitchen, tell_change, tell_stock, clear} */
function control_of(world) {
	const { sim, places, door, larder, book } = world;
	const events = new Events(sim, sim.options);
	const first = () => places.values().next().value;
	const has_hub = (how) => Boolean(how.url || sim.options.hub);

	/* By name or GUID; the first when none is named. */
	function place_named(name) {
		const place = name === undefined || name === null ? first() : places.get(String(name).toLowerCase()) ?? [...places.values()].find((p) => p.name === name);
		if (!place)
			throw new Error(`no restaurant ${name}`);
		return place;
	}

	/* One event about something that concerns no order. */
	const tell = async (place, kind, details, body, about) => {
		if (body.quiet || !has_hub(body))
			return { sent: [], answers: [] };
		const answers = await events.send(events.event(place, kind, details, about, body), body);
		return { sent: [kind], answers, ...answers[answers.length - 1] };
	};

	/* --- orders ---------------------------------------------------------------------------------------------------- */

	/* The order as it is now, whatever becomes of it before the event leaves. */
	function order_event(ticket, kind, how) {
		const about = { reference: ticket.reference, id: ticket.order.guid };
		const order = JSON.parse(JSON.stringify(for_event(ticket.order)));
		return events.event(places.get(ticket.outlet), kind, { restaurantGuid: ticket.outlet, order, appliedPackagingInfo: order.appliedPackagingInfo ?? null }, about, how);
	}

	function guest_event(ticket, word, how) {
		return events.event(places.get(ticket.outlet), 'guest', (guid) => ({
			eventGuid: guid, orderGuid: ticket.order.guid, restaurantGuid: ticket.outlet, guestOrderStatus: word, lastUpdated: new Date().toISOString(), version: null,
		}), { reference: ticket.reference, id: ticket.order.guid, status: word }, how);
	}

	/* What is told of a move: the whole order, and to the channel that placed it the guest's word. */
	function news_of(ticket, guest, how) {
		const kinds = how.events ?? sim.options.events.split(',').filter(Boolean);
		return kinds.filter((k) => k !== 'guest' || (guest && ticket.own)).map((k) => (k === 'guest' ? guest_event(ticket, guest, how) : order_event(ticket, k, how)));
	}

	/* What the API did to an order is told too, a little later. */
	function tell_change(ticket, guest = null) {
		if (sim.options['api-events'] !== 'yes' || !has_hub({}))
			return;
		const news = news_of(ticket, guest, {});
		setTimeout(() => events.send_all(news, {}).catch(() => {}), Number(sim.options['event-delay'])).unref();
	}

	async function kitchen(body) {
		const outlet = body.location === undefined ? null : place_named(body.location).guid;
		const ticket = book.look(body.id ?? null, body.reference ?? null, outlet);
		if (!ticket)
			throw new Error(`no order ${body.id ?? body.reference}`);
		const moves = body.guest ? [] : (body.statuses ?? [body.status]).map(move_of);
		const news = body.guest ? [guest_event(ticket, body.guest, body)] : [];
		for (const name of moves) {
			const guest = book.move(ticket, name, body);
			if (!body.quiet && has_hub(body))
				news.push(...news_of(ticket, guest, body));
		}
		const sent = news.map((e) => e.kind);
		const answers = await events.send_all(news, body);
		return { sent: moves, events: sent, answers, ...answers[answers.length - 1] };
	}

	/* --- what is not about orders ------------------------------------------------------------------------------------ */

	function replace_menu(body) {
		const menu = body.menu ?? (body.menus ? body : null);
		const place = body.location === undefined ? null : place_named(body.location);
		if (!menu)
			throw new Error('no menu');
		const updated = date_text(Date.now());
		larder.replace(place, menu, updated);
		sim.effect('menu_replaced', { outlet: place?.guid ?? null, updated, menu });
		return { menus: menu.menus.length, lastUpdated: updated };
	}

	async function menu_changed(body) {
		const place = place_named(body.location);
		const updated = date_text(Date.now());
		larder.replace(place, larder.at(place).menu, updated);
		sim.effect('menu_replaced', { outlet: place.guid, updated, menu: larder.at(place).menu });
		return tell(place, 'menu', { restaurantGuid: place.guid, publishedDate: updated }, body);
	}

	function tell_stock(place, guid, how = {}) {
		const { status, quantity, multiLocationId, versionId } = larder.stock_row(place, guid);
		return tell(place, STOCK_KINDS[status], { itemGuid: guid, restaurantGuid: place.guid, status, quantity, multiLocationId, versionId }, how);
	}

	async function stock(body) {
		const place = place_named(body.location);
		const answers = [];

		if (!STOCK_KINDS[body.status])
			throw new Error(`no stock status ${body.status}`);
		for (const key of [body.items].flat()) {
			const guid = larder.guid(place, key);
			if (!guid)
				throw new Error(`no item ${key}`);
			const quantity = body.status === 'QUANTITY' ? body.quantity ?? 1 : null;
			larder.stock(place).set(guid, { status: body.status, quantity });
			sim.effect('stock_saved', { outlet: place.guid, item: guid, status: body.status, quantity });
			const said = await tell_stock(place, guid, body);
			answers.push(...said.answers);
		}
		return { sent: [body.items].flat(), answers, ...answers[answers.length - 1] };
	}

	async function store(body) {
		const place = place_named(body.location);
		world.set_online(place, Boolean(body.online));
		sim.effect('store_status', { outlet: place.guid, online: Boolean(body.online) });
		return tell(place, body.online ? 'online' : 'offline', { restaurantGuid: place.guid, availability: body.online ? 'ONLINE' : 'OFFLINE' }, body);
	}

	async function partners(body) {
		const place = place_named(body.location);
		place.disconnected = !body.connected;
		sim.effect('connection', { outlet: place.guid, connected: Boolean(body.connected) });
		return tell(place, body.connected ? 'partner_added' : 'partner_removed', { restaurantGuid: place.guid, partnerGuid: sim.options['client-id'] }, body);
	}

	const plain = (kind) => (body) => tell(place_named(body.location), kind, { restaurantGuid: place_named(body.location).guid }, body);

	const listed = (place) => {
		const { name, guid, dining, payment, charge, discount, table, revenue_center } = place;
		return { name, guid, dining, payment, charge, discount, table, revenue_center };
	};

	const control = {
		'GET /_sim/orders': (body, req) => {
			const outlet = req.query.has('location') ? place_named(req.query.get('location')).guid : null;
			return { orders: book.views((t) => !['cancelled', 'rejected'].includes(state_of(t.order)) && (!outlet || t.outlet === outlet)) };
		},
		'GET /_sim/tickets': () => ({ orders: book.views(() => true) }),
		'DELETE /_sim/orders': () => {
			book.clear();
			sim.effect('orders_forgotten', {});
			return { orders: {} };
		},
		'GET /_sim/locations': () => ({ locations: [...places.values()].map(listed) }),
		'POST /_sim/kitchen': kitchen,
		'POST /_sim/foreign': async (body) => {
			const ticket = book.foreign(place_named(body.location), body);
			const answers = body.quiet || !has_hub(body) ? [] : await events.send(order_event(ticket, 'order', body), body);
			return { id: ticket.order.guid, answers, ...answers[answers.length - 1] };
		},
		'GET /_sim/menu': (body, req) => larder.menu(place_named(req.query.get('location'))),
		'POST /_sim/menu': replace_menu,
		'POST /_sim/menu-changed': menu_changed,
		'POST /_sim/stock': stock,
		'POST /_sim/store': store,
		'POST /_sim/partners': partners,
		'POST /_sim/schedule-changed': plain('schedule'),
		'POST /_sim/packaging': plain('packaging'),
		'POST /_sim/event': (body) => tell(place_named(body.location), body.type, { ...(body.bare ? {} : { restaurantGuid: place_named(body.location).guid }) }, body),
		'GET /_sim/tokens': () => ({ tokens: [...door.tokens.issued].map(([sha256, t]) => ({ sha256, exp: t.exp, revoked: Boolean(t.revoked) })) }),
		'POST /_sim/tokens': (body) => {
			if (body.do !== 'revoke')
				throw new Error(`tokens can not be told to ${body.do}`);
			door.tokens.revoke();
			return { tokens: door.tokens.issued.size };
		},
	};

	return { control, kitchen, tell_change, tell_stock, clear: () => events.held.clear() };
}

module.exports = { control_of };
