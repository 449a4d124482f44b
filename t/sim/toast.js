#!/usr/bin/env nodejs
'use strict';
/*
 * A simulated Toast: authentication, orders v2, menus v2 and v3, stock, configuration and restaurants, as Toast's developer guide and
 * its published API definitions describe them, with webhooks. Its files: toast_place.js (restaurants and their configuration),
 * toast_door.js (tokens, scopes, limits), toast_menu.js and toast_larder.js (menu and stock), toast_order.js and toast_price.js (what an order must be, what it costs),
 * toast_book.js (orders that live here), toast_kitchen.js (what becomes of them), toast_event.js (what it tells us).
 *
 * Options beside those of sim.js:
 *   --client-id --client-secret --authority NAME    the machine client and its naming authority (defaults in toast_door.js)
 *   --scopes a,b             what the client may do (default: all that is used here)
 *   --token-life S           how long a token lives (86400); --token-margin S  its last so many seconds (60) give a new one
 *   --rate N                 requests a second, by client and restaurant (20); --rate-long N/S (10000/900);
 *   --menu-rate N (1) --bulk-rate N (5)             limits of GET menus and of ordersBulk; 0 is no limit
 *   --locations a,L{1..500}  restaurants (default: diner). A name that is no GUID has one that follows from it (toast_place.js)
 *   --approval needs|auto    whether somebody must approve an order first (default: needs)
 *   --duplicate STATUS       how a repeated externalId is refused (default 400)
 *   --bulk-lag MS            how long until ordersBulk finds a new order (default 0)
 *   --get-by-external-id     GET /orders/v2/orders/{AUTHORITY:id} finds an order (default: it is a malformed GUID)
 *   --hub URL                where our webhooks are: {hub}/api/webhooks/toast; {location} in it is the restaurant's name
 *   --webhook-secret TEXT    of every subscription; --webhook-secret-of KIND=TEXT of one (order, guest, menu, in_stock, …)
 *   --events order,guest     what is told of an order: order, channel_order, guest
 *   --api-events yes|no      whether what the API did is told too (yes); --event-delay MS  how long after (0)
 *   --latency MS             how long an answer takes (0)
 *   --auto accept@500,ready@3000   plays an order's life, in ms after it came, or after it was fired
 *
 * Control face beside that of sim.js; location is a name or a GUID, by default the first:
 *   GET  /_sim/orders ?location=  {reference: what the kitchen sees}, those voided or not approved not among them; money in cents
 *   GET  /_sim/tickets            all of them                     DELETE /_sim/orders   forgets them
 *   GET  /_sim/locations          [{name, guid, dining, payment, charge, discount, table, revenue_center}]
 *   POST /_sim/kitchen            {id | reference, location?, status | statuses, events?:["order"], quiet?, guest?:"TEXT", line?, copies?, concurrent?,
 *                                 shuffle?, delay_ms?, url?, signature?:"bad"|"none"|text, secret?, timestamp?, renew?, details?, headers?, raw?}
 *                                 status: accept fire reject hold prepare ready pickup deliver pay complete cancel delete void_line, or the hub's words;
 *                                 shuffle: all happens in order, the news of it comes in any; guest: only that news, nothing moves
 *   POST /_sim/foreign            {location?, name?, price?}      a guest at the counter, told of like any other
 *   GET, POST /_sim/menu          {location?, menu?}              shows it, replaces it (everywhere if no location) and publishes
 *   POST /_sim/menu-changed       {location?}                     publishes it again and says so
 *   POST /_sim/stock              {location?, items:[guid | name], status, quantity?}   and the event of each
 *   POST /_sim/store              {location?, online}             POST /_sim/schedule-changed, /_sim/packaging {location?}
 *   POST /_sim/partners           {location?, connected}          connects or disconnects the restaurant, and says so
 *   POST /_sim/event              {location?, category, type, details}   any event
 *   POST /_sim/tokens             {do:"revoke"}                   GET /_sim/tokens   those issued, by digest
 *
 * Misdeeds beside those of sim.js. Of /login: short_token (seconds), dead_token (revoked already), login_without_token. Of any call:
 * token_revoked (from now on), unauthorized_once, forbidden_once. Of POST /orders: duplicate_409, order_wrapped ({"orders":[…]}), drop_silently
 * (answered, no order), not_approved, hidden (no screen shows it), lines_lost (the last line), total_differs (a dollar more than
 * /prices said), external_id_lost (no look-up finds it, and a repeat makes another), key_forgotten (found, but a repeat makes another),
 * early (status: its event comes before the answer). Of /ordersBulk: bulk_lost (leaves out the newest). Of /metadata: menu_stale.
 * With path "webhook": duplicate (copies, concurrent), late (ms), reordered, lost, bad_signature, no_signature, other_secret,
 * old_timestamp (ms), other_case, big (bytes).
 *
 * Effects: order_saved, order_repeated (same: whether the bytes were the same), order_cancelled (by: hub or kitchen), silently_dropped,
 * payment_saved, lines_saved, delivery_saved, kitchen_status, foreign_order, refused, token_issued, token_repeated, token_refused,
 * token_revoked, menu_fetched, menu_replaced, stock_saved, webhook. Those of orders have outlet, reference, id, total and paid (cents).
 *
 * What the sources leave open is decided so: a duplicate is refused with 400; codes of errors but 10025 are ours; a voided order
 * can not be voided again (400); rules on form come before the look at externalId; an option that allows no duplicates is
 * refused when it comes twice; more than 100 checks are too many; an open item needs an item with an open price, and its
 * displayName is Toast's own.
 */
const { digest, main, sleep } = require('./sim.js');
const { DOOR_DEFAULTS, Door, error } = require('./toast_door.js');
const { EVENT_DEFAULTS } = require('./toast_event.js');
const { Larder } = require('./toast_larder.js');
const { RATES, for_partners, menu_of } = require('./toast_menu.js');
const { Reading, date_text } = require('./toast_order.js');
const { Refusal, need } = require('./toast_price.js');
const { move } = require('./toast_kitchen.js');
const { Book, reference_of } = require('./toast_book.js');
const { control_of } = require('./toast_control.js');
const { config_of, expand, guid_of, is_guid, place_of, restaurant_of } = require('./toast_place.js');

const DEFAULTS = {
	...DOOR_DEFAULTS, ...EVENT_DEFAULTS, locations: 'diner', approval: 'needs', duplicate: '400', 'bulk-lag': '0', 'get-by-external-id': false, auto: '', latency: '0',
};

/* Misdeeds of Toast's own, and where they are committed. */
const OWN = {
	short_token: '/login', dead_token: '/login', login_without_token: '/login', token_revoked: '', unauthorized_once: '', forbidden_once: '',
	duplicate_409: '/orders', order_wrapped: '/orders', drop_silently: '/orders', not_approved: '/orders', hidden: '/orders', lines_lost: '/orders',
	total_differs: '/orders', external_id_lost: '/orders', key_forgotten: '/orders', early: '/orders', bulk_lost: '/ordersBulk', menu_stale: '/metadata',
	duplicate: 'webhook', late: 'webhook', reordered: 'webhook', lost: 'webhook', bad_signature: 'webhook', no_signature: 'webhook', other_secret: 'webhook',
	old_timestamp: 'webhook', other_case: 'webhook', big: 'webhook',
};
/* Where a misdeed that anybody can commit is to be met with. */
const PATHS = ['/login', '/prices', '/orders', '/ordersBulk', '/void', '/menus', '/metadata'];

const BODY_MAX = 1 << 20;

function toast(sim) {
	const { options } = sim;
	const places = new Map(expand(options.locations).map((name) => place_of(name)).map((p) => [p.guid, p]));
	const door = new Door(sim, places);
	const larder = new Larder();
	const book = new Book(sim);
	const own_only = !door.scopes.has('orders:read');
	const steps = options.auto.split(',').filter(Boolean).map((s) => ({ status: s.split('@')[0], ms: Number(s.split('@')[1]) }));
	let online = new Set(places.keys());
	const world = { sim, places, door, larder, book, is_online: (place) => online.has(place.guid), set_online: (place, on) => (on ? online.add(place.guid) : online.delete(place.guid)) };
	const { control, kitchen, tell_change, tell_stock, clear } = control_of(world);

	function json_of(req) {
		need(/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''), 'Unsupported Media Type', 415);
		need(req.body.length <= BODY_MAX, 'the body has more than 1 MB');
		try {
			return JSON.parse(req.body.toString());
		} catch {
			throw new Refusal('the body is not JSON');
		}
	}

	/* What a client without the scopes for people and addresses does not get to see. */
	function shown(order) {
		const guests = door.scopes.has('guest.pi:read');
		const addresses = door.scopes.has('delivery_info.address:read');
		return {
			...order, checks: guests ? order.checks : order.checks.map((c) => ({ ...c, customer: null })),
			deliveryInfo: addresses || !order.deliveryInfo ? order.deliveryInfo : { ...order.deliveryInfo, address1: null, address2: null, city: null, state: null, zipCode: null },
		};
	}

	/* --- orders ---------------------------------------------------------------------------------------------------- */

	function read_order(place, body, guid) {
		const { index } = larder.at(place);
		const reading = new Reading({ place, index, rates: larder.rates, authority: options.authority, now: Date.now(),
			stock: (item) => larder.stock(place).get(item)?.status ?? 'IN_STOCK', guid, is_price: !guid });
		return { reading, order: reading.order(body) };
	}

	function prices(place, req) {
		const { order } = read_order(place, json_of(req), null);
		sim.note('priced', { request: req.id, outlet: place.guid, reference: reference_of(order.externalId), total: order.checks.reduce((n, c) => n + Math.round(c.totalAmount * 100), 0) });
		return { status: 200, body: order };
	}

	/* Things that Toast is ordered to do to an order before it is kept. */
	function spoil(how, ticket) {
		const { order } = ticket;
		const [check] = order.checks;
		const add = (cents) => {
			check.amount = (Math.round(check.amount * 100) + cents) / 100;
			check.totalAmount = (Math.round(check.totalAmount * 100) + cents) / 100;
		};

		if (how === 'not_approved')
			order.approvalStatus = 'NOT_APPROVED';
		if (how === 'hidden')
			ticket.hidden = true;
		if (how === 'total_differs')
			add(100);
		if (how === 'lines_lost' && check.selections.length > 1) {
			const lost = check.selections.pop();
			add(-Math.round((lost.price + lost.tax) * 100));
		}
		if (how === 'external_id_lost')
			order.externalId = null;
		if (how === 'external_id_lost' || how === 'key_forgotten')
			ticket.external_ids = [];
	}

	async function post_order(place, req) {
		const how = req.order?.do;
		const body = json_of(req);
		const body_sha256 = digest(req.body);
		/* An order's GUID follows from its name, unless it has none or had it before. */
		const base = `${options.seed} ${place.guid} ${body?.externalId ?? ''} ${book.by_external.has(`${place.guid} order ${body?.externalId}`) || !body?.externalId ? req.id : ''}`;
		const taken_base = book.tickets.has(guid_of(`${base} order`)) ? `${base} ${req.id}` : base;
		const { reading, order } = read_order(place, body, (part) => guid_of(`${taken_base} ${part}`));
		const reference = reference_of(order.externalId);
		const twice = book.taken(place.guid, reading.external_ids);

		if (twice) {
			sim.effect('order_repeated', { request: req.id, ...book.about(twice.ticket), kind_of: twice.kind, same: twice.ticket.body_sha256 === body_sha256,
				body_sha256, first_sha256: twice.ticket.body_sha256 });
			return error(how === 'duplicate_409' ? 409 : Number(options.duplicate), `${twice.kind} with externalId ${twice.external_id} already exists`);
		}
		order.displayNumber = book.next_number(place.guid);
		order.checks.forEach((c) => { c.displayNumber = order.displayNumber; });
		if (options.approval === 'auto' && order.approvalStatus === 'NEEDS_APPROVAL')
			order.approvalStatus = 'APPROVED';
		const ticket = { outlet: place.guid, reference, hidden: false, own: true, behavior: reading.behavior, order, created_ms: Date.now(), external_ids: reading.external_ids, body_sha256 };
		const answer = () => ({ status: 200, body: how === 'order_wrapped' ? { orders: [shown(order)] } : shown(order) });
		if (how === 'drop_silently') {
			sim.effect('silently_dropped', { request: req.id, outlet: place.guid, reference });
			return answer();
		}
		spoil(how, ticket);
		book.save('order_saved', ticket, { request: req.id });
		if (how === 'not_approved')
			sim.effect('order_cancelled', { request: req.id, ...book.about(ticket), by: 'kitchen', how: 'reject' });
		for (const n of reading.notes)
			sim.note(n.note, { request: req.id, outlet: place.guid, reference, where: n.where });
		start(ticket);
		tell_change(ticket, order.approvalStatus === 'APPROVED' ? 'RECEIVED' : null);
		if (how === 'early')
			await kitchen({ id: order.guid, status: req.order.status ?? 'accept' });
		return answer();
	}

	/* An order for later is fired in time to be ready; then, and for all others now, its life begins. */
	function start(ticket) {
		const live = () => steps.forEach((s) => setTimeout(() => kitchen({ id: ticket.order.guid, status: s.status }).catch(() => {}), s.ms).unref());
		const { order } = ticket;

		if (order.approvalStatus !== 'FUTURE')
			return live();
		const minutes = /(?:(\d+)H)?(?:(\d+)M)?$/.exec(order.requiredPrepTime ?? 'PT15M');
		const wait = Date.parse(order.promisedDate.replace('+0000', 'Z')) - (Number(minutes[1] ?? 0) * 60 + Number(minutes[2] ?? 0)) * 60000 - Date.now();
		if (wait < 2147483647)
			setTimeout(() => {
				if (order.approvalStatus === 'FUTURE' && !order.voided)
					kitchen({ id: order.guid, status: 'fire' }).then(live, () => {});
			}, Math.max(0, wait)).unref();
		return undefined;
	}

	function wanted(place, id) {
		need(is_guid(id), `${id} is not a valid GUID`);
		const ticket = book.find(place, id.toLowerCase(), own_only);
		need(ticket, 'Order not found', 404);
		return ticket;
	}

	function get_order(place, req, [id]) {
		const name = decodeURIComponent(id.replace(/%(?![0-9a-f]{2})/gi, '%25'));
		const ticket = options['get-by-external-id'] && name.includes(':') ? book.by_external_id(place, name) : wanted(place, id);
		need(ticket, 'Order not found', 404);
		return { status: 200, body: shown(ticket.order) };
	}

	const open_order = (place, id) => {
		const ticket = wanted(place, id);
		need(!ticket.order.voided, 'the order is voided and can not be changed');
		return ticket;
	};

	function orders_bulk(place, req, as) {
		const { list, page, pages } = book.bulk(place, req.query, { own_only, lag_ms: Number(options['bulk-lag']) });
		if (req.order?.do === 'bulk_lost')
			list.pop();
		const next = new URLSearchParams(req.query);
		next.set('page', String(page + 1));
		return { status: 200, headers: page < pages ? { Link: `<${req.path}?${next}>; rel="next"` } : {}, body: list.map(as) };
	}

	function void_order(place, req, [id]) {
		const body = json_of(req);
		const ticket = open_order(place, id);
		const payments = ticket.order.checks.flatMap((c) => c.payments);
		need(body?.selections?.voidAll === true, 'selections.voidAll must be true');
		need(payments.length === 0 || body.payments?.voidAll === true, 'payments.voidAll must be true: the order has payments');
		need(payments.every((p) => p.type === 'OTHER'), 'only payments of type OTHER can be voided');
		move(ticket.order, 'cancel', Date.now(), {});
		book.change('order_cancelled', ticket, { request: req.id, by: 'hub' });
		tell_change(ticket, 'VOIDED');
		return { status: 200, body: shown(ticket.order) };
	}

	function patch_delivery(place, req, [id]) {
		const body = json_of(req);
		const ticket = open_order(place, id);
		need(ticket.order.deliveryInfo, 'the order is no delivery');
		need(body && typeof body === 'object' && !Array.isArray(body), 'deliveryInfo must be an object');
		need(!('deliveryState' in body) || ['PENDING', 'IN_PROGRESS', 'PICKED_UP', 'DELIVERED'].includes(body.deliveryState), 'deliveryState is not known');
		for (const key of Object.keys(body))
			need(key in ticket.order.deliveryInfo, `deliveryInfo.${key} is not known`);
		Object.assign(ticket.order.deliveryInfo, body);
		book.change('delivery_saved', ticket, { request: req.id });
		tell_change(ticket);
		return { status: 200, body: shown(ticket.order) };
	}

	function check_of(place, id, check_id) {
		const ticket = open_order(place, id);
		const no = ticket.order.checks.findIndex((c) => c.guid === check_id);
		need(no >= 0, 'Check not found', 404);
		return { ticket, no, check: ticket.order.checks[no] };
	}

	/* More payments or lines for a check: it is read again as an order of its own, and what is new is taken from it. */
	function reread(place, req, ticket, check) {
		const base = `${options.seed} ${ticket.order.guid} ${req.id}`;
		const item = [...larder.at(place).index.items.values()].find((x) => x.item.modifierGroupReferences.length === 0);
		const whole = { diningOption: { guid: place.dining.DINE_IN }, checks: [{ selections: [{ item: { guid: item.item.guid }, quantity: 1 }], ...check }] };
		const { reading, order } = read_order(place, whole, (part) => guid_of(`${base} ${part}`));
		need(!book.taken(ticket.outlet, reading.external_ids), 'externalId already exists', Number(options.duplicate));
		ticket.external_ids = [...ticket.external_ids, ...reading.external_ids];
		book.put(ticket);
		return order.checks[0];
	}

	function post_payments(place, req, [id, check_id]) {
		const list = [json_of(req)].flat();
		const { ticket, check } = check_of(place, id, check_id);
		const made = reread(place, req, ticket, { payments: list }).payments.map((p) => ({ ...p, checkGuid: check.guid, orderGuid: ticket.order.guid }));
		check.payments.push(...made);
		const paid = check.payments.reduce((n, p) => n + Math.round(p.amount * 100), 0);
		if (paid >= Math.round(check.totalAmount * 100))
			Object.assign(check, { paymentStatus: 'CLOSED', paidDate: date_text(Date.now()) });
		ticket.order.paidDate = date_text(Date.now());
		book.change('payment_saved', ticket, { request: req.id, check: check.guid });
		tell_change(ticket);
		return { status: 200, body: shown(ticket.order) };
	}

	function post_selections(place, req, [id, check_id]) {
		const list = [json_of(req)].flat();
		const { ticket, check } = check_of(place, id, check_id);
		const made = reread(place, req, ticket, { selections: list });
		check.selections.push(...made.selections);
		for (const key of ['amount', 'taxAmount', 'totalAmount'])
			check[key] = (Math.round(check[key] * 100) + Math.round(made[key] * 100)) / 100;
		check.paymentStatus = 'OPEN';
		book.change('lines_saved', ticket, { request: req.id, check: check.guid });
		tell_change(ticket);
		return { status: 200, body: shown(ticket.order) };
	}

	function patch_payment(place, req, [id, check_id, payment_id]) {
		const body = json_of(req);
		const { ticket, check } = check_of(place, id, check_id);
		const payment = check.payments.find((p) => p.guid === payment_id);
		need(payment, 'Payment not found', 404);
		need(typeof body?.tipAmount === 'number' && body.tipAmount >= 0, 'tipAmount must be a number, not negative');
		payment.tipAmount = body.tipAmount;
		book.change('payment_saved', ticket, { request: req.id, check: check.guid });
		tell_change(ticket);
		return { status: 200, body: shown(ticket.order) };
	}

	/* --- menus, stock, the restaurant ------------------------------------------------------------------------------ */

	function metadata(place, req) {
		return { status: 200, body: { restaurantGuid: place.guid, lastUpdated: req.order?.do === 'menu_stale' ? menu_of().lastUpdated : larder.at(place).updated } };
	}

	const menus = (of) => (place, req) => {
		const menu = of(larder.menu(place));
		sim.effect('menu_fetched', { request: req.id, outlet: place.guid, items: larder.at(place).index.items.size });
		return { status: 200, body: menu };
	};

	function inventory(place, req) {
		const status = req.query.get('status');
		need(status === null || ['OUT_OF_STOCK', 'QUANTITY'].includes(status), 'status must be OUT_OF_STOCK or QUANTITY');
		const rows = [...larder.stock(place).keys()].map((guid) => larder.stock_row(place, guid));
		return { status: 200, body: rows.filter((r) => (status ? r.status === status : r.status !== 'IN_STOCK')) };
	}

	function inventory_search(place, req) {
		const body = json_of(req);
		need(Array.isArray(body?.guids) || Array.isArray(body?.multiLocationIds), 'guids or multiLocationIds is required');
		const keys = [...(body.guids ?? []), ...(body.multiLocationIds ?? [])];
		return { status: 200, body: keys.map((key) => larder.stock_row(place, larder.guid(place, key) ?? String(key))) };
	}

	function inventory_update(place, req) {
		const body = json_of(req);
		need(Array.isArray(body) && body.length > 0, 'the body must be a list');
		const rows = body.map((row, i) => {
			const guid = larder.guid(place, row?.guid ?? row?.multiLocationId ?? '');
			need(guid, `[${i}]: item not found`);
			need(['IN_STOCK', 'OUT_OF_STOCK', 'QUANTITY'].includes(row.status), `[${i}].status is not known`);
			need(row.status !== 'QUANTITY' || (typeof row.quantity === 'number' && row.quantity > 0), `[${i}].quantity must be above zero`);
			return { guid, status: row.status, quantity: row.status === 'QUANTITY' ? row.quantity : null };
		});
		for (const { guid, status, quantity } of rows) {
			larder.stock(place).set(guid, { status, quantity });
			sim.effect('stock_saved', { request: req.id, outlet: place.guid, item: guid, status, quantity });
			if (options['api-events'] === 'yes')
				tell_stock(place, guid).catch(() => {});
		}
		return { status: 200, body: rows.map((r) => larder.stock_row(place, r.guid)) };
	}

	function configuration(place, req, [what, guid]) {
		const list = config_of(place, RATES)[what];
		need(list, 'Not Found', 404);
		if (guid === undefined)
			return { status: 200, body: list };
		const one = list.find((e) => e.guid === guid);
		need(one, 'Not Found', 404);
		return { status: 200, body: one };
	}

	function restaurant(place, req, [guid]) {
		need(is_guid(guid), `${guid} is not a valid GUID`);
		need(guid.toLowerCase() === place.guid, 'Restaurant not found', 404);
		return { status: 200, body: restaurant_of(place, online.has(place.guid)) };
	}

	const WRITE = ['orders.orders:write'];
	const READ = ['orders:read', 'orders.channel:read'];
	const ORDER = '/orders/v2/orders/([^/]+)';
	/* [method, path, scopes any of which will do, what it does, the limit it has of its own] */
	const routes = [
		['POST', '/orders/v2/prices', [...WRITE, ...READ], prices],
		['POST', '/orders/v2/orders', WRITE, post_order],
		['GET', '/orders/v2/orders', READ, (place, req) => orders_bulk(place, req, (t) => t.order.guid)],
		['GET', '/orders/v2/ordersBulk', READ, (place, req) => orders_bulk(place, req, (t) => shown(t.order)), 'ordersBulk'],
		['GET', ORDER, READ, get_order],
		['POST', `${ORDER}/void`, ['orders:void', 'orders.channel:void'], void_order],
		['PATCH', `${ORDER}/deliveryInfo`, ['orders.delivery_info:write'], patch_delivery],
		['POST', `${ORDER}/checks/([^/]+)/payments`, WRITE, post_payments],
		['POST', `${ORDER}/checks/([^/]+)/selections`, WRITE, post_selections],
		['PATCH', `${ORDER}/checks/([^/]+)/payments/([^/]+)`, WRITE, patch_payment],
		['GET', '/menus/v2/metadata', ['menus:read', 'menus.channel:read'], metadata],
		['GET', '/menus/v3/metadata', ['menus.channel:read', 'menus:read'], metadata],
		['GET', '/menus/v2/menus', ['menus:read'], menus((m) => m), 'menus'],
		['GET', '/menus/v3/menus', ['menus.channel:read'], menus(for_partners), 'menus'],
		['GET', '/stock/v1/inventory', ['stock:read'], inventory],
		['POST', '/stock/v1/inventory/search', ['stock:read'], inventory_search],
		['PUT', '/stock/v1/inventory/update', ['stock:write'], inventory_update],
		['GET', '/config/v2/([A-Za-z]+)(?:/([^/]+))?', ['config:read'], configuration],
		['GET', '/restaurants/v1/restaurants/([^/]+)', ['restaurants:read'], restaurant],
	].map(([method, where, ...rest]) => [method, new RegExp(`^${where}$`), ...rest]);

	async function handle(req) {
		if (Number(options.latency))
			await sleep(Number(options.latency));
		if (req.path === '/authentication/v1/authentication/login')
			return req.method === 'POST' ? door.tokens.login(req) : error(405, 'Method Not Allowed');
		const fits = routes.map((r) => ({ route: r, found: r[1].exec(req.path) })).filter((f) => f.found);
		const hit = fits.find((f) => f.route[0] === req.method);
		if (!hit)
			return fits.length ? error(405, 'Method Not Allowed') : error(404, 'Not Found');
		const [, , scopes, action, endpoint] = hit.route;
		const { place, headers, refusal } = door.enter(req, scopes, endpoint);
		if (refusal)
			return refusal;
		try {
			const answer = await action(place, req, hit.found.slice(1));
			return { ...answer, headers: { ...headers, ...answer.headers } };
		} catch (e) {
			if (!(e instanceof Refusal))
				throw e;
			sim.effect('refused', { request: req.id, outlet: place.guid, path: req.path, status: e.status, reason: e.message });
			return error(e.status, e.message, { headers });
		}
	}

	const secrets = [options['client-secret'], options['webhook-secret'], ...options['webhook-secret-of'].map((s) => s.slice(s.indexOf('=') + 1))].filter((v) => v.length > 7);
	const short = (text) => `sha256:${digest(text).slice(0, 16)}`;

	return {
		handle,
		refusal: (order) => error(Number(order.status ?? 400), order.message ?? 'refused', { code: order.code }),
		control,
		misdeeds: Object.fromEntries(Object.keys(OWN).map((name) => [name, { commits: true, send: (x) => x.plain() }])),
		secret: (text) => secrets.reduce((t, s) => t.split(s).join(short(s)), text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, short)),
		restore: (row) => {
			door.tokens.restore(row);
			book.restore(row);
			if (row.effect === 'menu_replaced')
				larder.replace(row.outlet ? places.get(row.outlet) : null, row.menu, row.updated);
			else if (row.effect === 'stock_saved' && places.has(row.outlet))
				larder.stock(places.get(row.outlet)).set(row.item, { status: row.status, quantity: row.quantity });
			else if (row.effect === 'store_status')
				world.set_online(places.get(row.outlet), row.online);
			else if (row.effect === 'connection' && places.has(row.outlet))
				places.get(row.outlet).disconnected = !row.connected;
		},
		reset: () => {
			book.clear();
			larder.clear();
			clear();
			online = new Set(places.keys());
			places.forEach((p) => { p.disconnected = false; });
		},
	};
}

module.exports = { DEFAULTS, OWN, PATHS, toast };

if (require.main === module)
	main('toast', DEFAULTS, toast);
