#!/usr/bin/env nodejs
'use strict';
/*
 * A simulated Clover: REST v3 (orders, inventory, payments, printing), atomic orders, OAuth v2 and webhooks, for many merchants.
 *
 * Sources: docs.clover.com (custom orders, atomic orders, order totals, OAuth v2, rate limits, webhooks, changelog of March 2026),
 * the API Evangelist's OpenAPI files, clover-android-sdk (lengths), and what integrators measured in the sandbox.
 * Files: clover_order (orders), clover_cart (lines and sums), clover_read (lists, inventory), clover_token, clover_limit,
 * clover_kitchen (staff, webhooks), clover_menu (the inventory a merchant begins with).
 *
 * Two ways to a ticket. Atomic: POST …/atomic_order/orders. In steps: POST …/orders without state (a draft: seen by nobody, in no
 * list, found by its id), POST …/orders/{id}/bulk_line_items, POST …/line_items/{id}/modifications, POST …/orders/{id}
 * {"state":"open"}. No call is idempotent.
 *
 * Options beside those of sim.js:
 *   --locations L            merchants: ids with commas between, also ranges: 'M{001..500}' (default DEMO4BISTRO01)
 *   --client-id --client-secret   the app (its id is also appId of the webhooks)
 *   --token-prefix P         each merchant's test token, which never expires, is P followed by its id; --test-tokens no: there are none
 *   --access-seconds --refresh-seconds   lives of OAuth tokens (1800, 31536000)
 *   --permissions A,B        of the app (default all: ORDERS_R,ORDERS_W,INVENTORY_R,INVENTORY_W,MERCHANT_R,PAYMENTS_W,CUSTOMERS_W)
 *   --per-token 16 --per-app 50 --concurrent-token 5 --concurrent-app 10   limits; 0: none.  --retry-after 1  seconds, of the latter two
 *   --latency MS             how long each call of the API takes before it does anything (0)
 *   --index-lag MS           how long after it became visible an order is in lists and look-ups (1000)
 *   --atomic no              outside of the US and Canada: no atomic orders
 *   --external-reference dropped      externalReferenceId is taken and forgotten (kept; never more than 12 characters)
 *   --inline-modifications kept       modifications in bulk_line_items count (dropped, in silence)
 *   --bulk-answer items      bulk_line_items answers {"items":[…]} (array).  --answer-order kept  in the order sent (shuffled)
 *   --lines-open yes         a line added to a draft opens it, as the reference says of devices (no)
 *   --totals dynamic         the total of an order made in steps is added up from its lines, as the newer reference has it (posted: it is
 *                            what the caller posted last, and 0 before, as the tutorial has it and integrators found)
 *   --printer no             print events print nothing: lines stay printed:false (yes)
 *   --user-agent any         calls without User-Agent are served (required)
 *   --more-items N           plain items added to the menu, for many pages
 *   --hub URL                where our webhook is: URL/api/webhooks/clover; without it none are sent
 *   --webhook-auth-code UUID X-Clover-Auth.   --batch MS  events within that time travel together (50)
 *   --echo no                changes made through the API are not told, only those of the kitchen (yes)
 *   --auto LIST              plays each ticket's life: accepted@500,preparing@2000,completed@9000
 *
 * Control face beside that of sim.js. outlet is a merchant's id, the first one where it is missing:
 *   GET    /_sim/orders      {orders:{"outlet reference": order}} what the kitchen sees now ("… #2" a second one of that reference);
 *                            ?outlet= &reference=
 *   GET    /_sim/tickets     the same of all there ever was, drafts and deleted ones among them     DELETE /_sim/orders
 *   POST   /_sim/kitchen     {reference | id, outlet?, status | statuses, copies?, concurrent?, shuffle?, delay_ms?, none?,
 *                            signature?:"bad"|"none"|text, raw?, url?}; status: accepted ready (nothing changes there) preparing (lines
 *                            printed) completed paid (staff take what is owed) locked cancelled (deleted, refunded if paid) refunded
 *                            line_deleted {line} edited {title?, note?}; accept, confirmed, reject and the like are understood
 *   POST   /_sim/stock       {item | items | modifier, available?, quantity?, hidden?, price?, deleted?, autoManage?, outlet?, …}
 *   POST   /_sim/store       {open, outlet?, …}        POST /_sim/event  {objectId, type?, ts?} or {events:[…]} or {raw} sent as it is
 *   POST   /_sim/verify      sends a verificationCode
 *   GET    /_sim/menu        ?outlet=                  POST /_sim/menu   replaces it, for all or ?outlet=; {"notify":true} in it tells
 *   POST   /_sim/authorize   {outlet?} → {code}        POST /_sim/tokens {outlet?, revoke? | expire?: "access"|"refresh"|"all"} → how many live
 *   GET    /_sim/merchants   [{outlet, api_token, refresh_token}] as they began
 *
 * Misdeeds beside those of sim.js. With "like" they find calls whose path has an id in it ("/orders/[0-9A-Z]{13}$" is the opening):
 *   of creating and opening: hidden (answered as open, seen by nobody) · index_lag (ms) · index_lost (never in a look-up) · total_differs (by)
 *     · reference_dropped · early (the webhook is answered before the call is)
 *   of the steps: lines_lost (half of them) · modification_lost · opened_by_line (the draft is on the screen too soon) · draft_deleted (404)
 *   anywhere: rate, app_rate (429) · concurrent, app_concurrent (429 with retry-after) · unauthorized (401 once) · token_revoked (401 from now on)
 *   at /oauth/v2/refresh: refresh_revoked; with commit_then_drop the new pair is lost and the old token used
 *   with path "webhook": duplicate (copies, concurrent) · late (ms) · reordered · lost · bad_signature · no_signature
 *
 * Effects: order_saved (a ticket that can be seen came to be; step: by which call) draft_saved lines_saved modification_saved discount_saved
 * line_deleted order_updated order_repeated payment_saved print_requested order_cancelled draft_deleted order_refunded kitchen_status
 * orders_forgotten; token_issued token_refused token_revoked token_expired code_issued; customer_saved menu_fetched menu_changed menu_replaced
 * hours_set; webhook; refused rate_limited.
 */
const { digest, main, random_of, sleep } = require('./sim.js');
const { Refusal, is_object } = require('./clover_cart.js');
const { clover_kitchen, STATUSES } = require('./clover_kitchen.js');
const { LIMITS, answer_of, clover_limit } = require('./clover_limit.js');
const { DAYS, menu_of } = require('./clover_menu.js');
const { clover_order } = require('./clover_order.js');
const { clover_read } = require('./clover_read.js');
const { api_token, clover_token, first_refresh_token } = require('./clover_token.js');

const DEFAULTS = {
	locations: 'DEMO4BISTRO01', 'client-id': 'CLOVERAPP0001', 'client-secret': '5a1f7c3e-0000-4000-8000-c10ce25ec2e7', 'token-prefix': 'simulated-clover-',
	'test-tokens': 'yes', 'access-seconds': '1800', 'refresh-seconds': '31536000',
	permissions: 'ORDERS_R,ORDERS_W,INVENTORY_R,INVENTORY_W,MERCHANT_R,PAYMENTS_W,CUSTOMERS_W',
	'per-token': '16', 'per-app': '50', 'concurrent-token': '5', 'concurrent-app': '10', 'retry-after': '1', latency: '0', 'index-lag': '1000',
	atomic: 'yes', 'external-reference': 'kept', 'inline-modifications': 'dropped', 'bulk-answer': 'array', 'answer-order': 'shuffled', 'lines-open': 'no',
	totals: 'posted', printer: 'yes', 'user-agent': 'required', 'more-items': '0',
	hub: '', 'webhook-auth-code': '0307e264-b33a-4913-88aa-37b10014a0b8', batch: '50', echo: 'yes', auto: '',
};

/* Misdeeds of Clover's own, and where they are committed. */
const CREATING = ['/orders', '/atomic_order/orders'];
const OWN = {
	hidden: CREATING, index_lag: CREATING, index_lost: CREATING, total_differs: CREATING, reference_dropped: CREATING, early: CREATING,
	lines_lost: ['/bulk_line_items'], opened_by_line: ['/bulk_line_items', '/line_items'], modification_lost: ['/modifications'],
	draft_deleted: ['/bulk_line_items', '/modifications'],
	rate: ['*'], app_rate: ['*'], concurrent: ['*'], app_concurrent: ['*'], unauthorized: ['*'], token_revoked: ['*'], refresh_revoked: ['/oauth/v2/refresh'],
	duplicate: ['webhook'], late: ['webhook'], reordered: ['webhook'], lost: ['webhook'], bad_signature: ['webhook'], no_signature: ['webhook'],
};
/* Where a misdeed that anybody can commit is to be met with. */
const PATHS = ['/atomic_order/orders', '/orders', '/bulk_line_items', '/modifications', '/payments', '/print_event', '/items', '/oauth/v2/refresh'];

const UNAUTHORIZED = { status: 401, body: { message: '401 Unauthorized' } };

/* "A,M{01..12}" → ids; a leading zero gives the width. */
function locations_of(text) {
	return text.split(',').filter(Boolean).flatMap((one) => {
		const m = /^(.*)\{(\d+)\.\.(\d+)\}(.*)$/.exec(one);
		if (!m)
			return [one];
		const width = m[2].startsWith('0') ? m[2].length : 0;
		return Array.from({ length: Number(m[3]) - Number(m[2]) + 1 }, (_, i) => m[1] + String(Number(m[2]) + i).padStart(width, '0') + m[4]);
	});
}

function clover(sim) {
	const { options } = sim;
	let base_menu = menu_of(Number(options['more-items']));
	let ids_n = 0;
	const house = {
		sim, options, orders: new Map(), merchants: new Map(), now: () => Date.now(),
		menu: (outlet) => (house.merchants.get(outlet).menu ??= structuredClone(base_menu)),
		customer: (outlet, id) => house.merchants.get(outlet).customers.get(id),
		outlet_of: (body) => {
			const outlet = body.outlet ?? [...house.merchants.keys()][0];
			if (!house.merchants.has(outlet))
				throw new Error(`no merchant ${outlet}`);
			return outlet;
		},
		/* 13 characters. The journal only grows, so none comes twice, not after a restart either. */
		id: (kind) => {
			const n = BigInt(`0x${digest(`${options.seed} ${kind} ${sim.journal.seq} ${ids_n++}`).slice(0, 20)}`);
			let text = '';
			for (let i = 0n; i < 13n; i++)
				text += '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number((n >> (5n * i)) & 31n)];
			return text;
		},
		href: (ctx, where) => `http${options['tls-key'] ? 's' : ''}://${ctx.req.headers.host ?? 'localhost'}/v3/merchants/${ctx.outlet}/${where}`,
		shuffled: (list) => {
			const random = random_of(`${options.seed} ${list[0]?.id}`);
			return list.map((v) => [random(), v]).sort((a, b) => a[0] - b[0]).map(([, v]) => v);
		},
		set_hours: (outlet, open) => {
			for (const hours of house.menu(outlet).opening_hours)
				for (const day of DAYS)
					hours[day] = open ? structuredClone(base_menu.opening_hours[0]?.[day] ?? []) : [];
			sim.effect('hours_set', { outlet, open });
		},
	};
	for (const outlet of locations_of(options.locations))
		house.merchants.set(outlet, { menu: null, customers: new Map() });
	const limit = clover_limit(options);
	const token = house.token = clover_token(house);
	const kitchen = clover_kitchen(house);
	Object.assign(house, { notify: kitchen.notify, flush: kitchen.flush, live: kitchen.live });
	const read = house.read = clover_read(house);
	house.page = read.page;
	const order = house.order = clover_order(house);
	house.expands = order.expands_of;
	token.begin();

	/* [method, path below /v3/merchants/{mId}, permission, handler]; ":" stands for an id. */
	const routes = [
		['GET', '', 'MERCHANT_R', read.merchant], ['GET', 'properties', 'MERCHANT_R', read.properties],
		['GET', 'opening_hours', 'MERCHANT_R', read.opening_hours], ['GET', 'order_types', 'MERCHANT_R', read.order_types],
		['GET', 'tenders', 'MERCHANT_R', read.tenders], ['GET', 'service_charges', 'MERCHANT_R', read.service_charges],
		['GET', 'default_service_charge', 'MERCHANT_R', read.default_service_charge],
		['GET', 'items', 'INVENTORY_R', read.items], ['GET', 'items/:', 'INVENTORY_R', read.item],
		['POST', 'items/:', 'INVENTORY_W', read.update_item], ['PUT', 'items/:', 'INVENTORY_W', read.update_item],
		['GET', 'item_stocks', 'INVENTORY_R', read.item_stocks], ['GET', 'item_stocks/:', 'INVENTORY_R', read.item_stock],
		['POST', 'item_stocks/:', 'INVENTORY_W', read.update_stock], ['PUT', 'item_stocks/:', 'INVENTORY_W', read.update_stock],
		['GET', 'item_groups', 'INVENTORY_R', read.item_groups], ['GET', 'categories', 'INVENTORY_R', read.categories],
		['GET', 'modifier_groups', 'INVENTORY_R', read.modifier_groups], ['GET', 'modifier_groups/:', 'INVENTORY_R', read.modifier_group],
		['POST', 'modifier_groups/:/modifiers/:', 'INVENTORY_W', read.update_modifier], ['GET', 'tax_rates', 'INVENTORY_R', read.tax_rates],
		['POST', 'customers', 'CUSTOMERS_W', read.create_customer],
		...(options.atomic === 'yes' ? [['POST', 'atomic_order/checkouts', 'ORDERS_R', order.checkout], ['POST', 'atomic_order/orders', 'ORDERS_W', order.create_atomic]] : []),
		['GET', 'orders', 'ORDERS_R', order.list], ['POST', 'orders', 'ORDERS_W', order.create],
		['GET', 'orders/:', 'ORDERS_R', order.get], ['POST', 'orders/:', 'ORDERS_W', order.update], ['DELETE', 'orders/:', 'ORDERS_W', order.remove],
		['GET', 'orders/:/line_items', 'ORDERS_R', order.lines_list],
		['POST', 'orders/:/line_items', 'ORDERS_W', order.add_line], ['POST', 'orders/:/bulk_line_items', 'ORDERS_W', order.add_lines],
		['DELETE', 'orders/:/line_items/:', 'ORDERS_W', order.remove_line], ['POST', 'orders/:/line_items/:/modifications', 'ORDERS_W', order.add_modification],
		['POST', 'orders/:/line_items/:/discounts', 'ORDERS_W', order.add_line_discount], ['POST', 'orders/:/discounts', 'ORDERS_W', order.add_discount],
		['POST', 'orders/:/payments', 'PAYMENTS_W', order.add_payment], ['GET', 'orders/:/payments', 'ORDERS_R', order.payments_list],
		['GET', 'payments', 'ORDERS_R', order.payments], ['GET', 'payments/:', 'ORDERS_R', order.get_payment], ['GET', 'refunds', 'ORDERS_R', order.refunds],
		['POST', 'print_event', 'ORDERS_W', order.print],
	].map(([method, form, permission, run]) => ({ method, permission, run,
		is: new RegExp(`^${form.replace(/:/g, '([^/]+)')}$`) }));
	const permissions = new Set(options.permissions.split(','));

	function refused(req, answer, reason) {
		sim.effect('refused', { request: req.id, path: req.path, reason: reason ?? answer.body.details ?? answer.body.message, code: answer.body.message, status: answer.status });
		return answer;
	}

	/* A JSON object of type application/json; what has no body is {}. */
	function body_of(req) {
		if (req.method === 'GET' || (req.method === 'DELETE' && req.body.length === 0))
			return {};
		if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
			throw new Refusal(415, '415 Unsupported Media Type');
		let body;
		try {
			body = JSON.parse(req.body.toString());
		} catch { /* said below */ }
		if (!is_object(body))
			throw new Refusal(400, 'bad_request', 'the body is not a JSON object');
		return body;
	}

	function oauth(req) {
		if (req.path === '/oauth/v2/authorize' && req.method === 'GET')
			return token.authorize_page(req);
		if (req.path !== '/oauth/v2/token' && req.path !== '/oauth/v2/refresh')
			throw new Refusal(404, 'Not Found');
		if (req.method !== 'POST')
			throw new Refusal(405, '405 Method Not Allowed');
		return req.path === '/oauth/v2/token' ? token.exchange(req, body_of(req)) : token.renew(req, body_of(req));
	}

	async function api(req) {
		const m = /^\/v3\/merchants\/([^/]+)(?:\/(.*))?$/.exec(req.path);
		if (!m)
			throw new Refusal(404, 'Not Found');
		if (req.limited) {
			sim.effect('rate_limited', { request: req.id, outlet: m[1], limit: req.limited.limit });
			return req.limited.answer;
		}
		if (Number(options.latency) > 0)
			await sleep(Number(options.latency));
		if (options['user-agent'] !== 'any' && !/^\S+\/\S+/.test(req.headers['user-agent'] ?? ''))
			throw new Refusal(400, 'User-Agent header is required');
		const outlet = token.outlet_of(req.headers.authorization);
		if (outlet !== null && outlet === m[1] && req.order?.do === 'token_revoked')
			token.revoke(req, outlet, 'access');
		if (outlet === null || outlet !== m[1] || req.order?.do === 'token_revoked')
			return refused(req, UNAUTHORIZED, outlet === null ? 'token' : outlet !== m[1] ? 'token of another merchant' : 'token revoked');
		const fitting = routes.map((r) => ({ r, ids: r.is.exec(m[2] ?? '') })).filter((f) => f.ids);
		if (fitting.length === 0)
			throw new Refusal(404, 'Not Found');
		const here = fitting.find((f) => f.r.method === req.method);
		if (!here)
			throw new Refusal(405, '405 Method Not Allowed');
		if (!permissions.has(here.r.permission))
			return refused(req, UNAUTHORIZED, `no permission ${here.r.permission}`);
		return here.r.run({ req, outlet, body: body_of(req), ids: here.ids.slice(1), do: req.order?.do });
	}

	async function handle(req) {
		try {
			return req.path.startsWith('/oauth/') ? oauth(req) : await api(req);
		} catch (e) {
			if (!(e instanceof Refusal))
				throw e;
			return refused(req, e.answer);
		}
	}

	/* --- control face ----------------------------------------------------------------------------------------------- */

	function shown(o) {
		const menu = house.menu(o.outlet);
		return {
			outlet: o.outlet, reference: order.reference_of(o), id: o.id, way: o.way, state: o.state, paymentState: o.paymentState, visible: order.is_visible(o),
			deleted: o.deletedTime !== null, title: o.title, note: o.note, externalReferenceId: o.externalReferenceId, order_type: menu.order_types.find((t) => t.id === o.orderType)?.label ?? null,
			lines: o.lines.map(({ item, name, price, note, unitQty, printed, modifications, discounts }) => ({
				item: item?.id ?? null, name, price, note, unitQty, printed, modifications: modifications.map((x) => ({ modifier: x.modifier.id, name: x.name, amount: x.amount })), discounts,
			})),
			discounts: o.discounts, subtotal: o.subtotal, discount: o.discount, service: o.service, tax: o.tax, sum: o.sum, total: o.total, paid: order.paid_of(o),
			payments: o.payments, prints: o.prints, customers: o.customers.map((c) => house.customer(o.outlet, c)),
		};
	}

	function orders_by_reference(fits) {
		const out = {};
		for (const o of [...house.orders.values()].filter(fits)) {
			const key = `${o.outlet} ${order.reference_of(o)}`;
			let name = key;
			for (let n = 2; name in out; n++)
				name = `${key} #${n}`;
			out[name] = shown(o);
		}
		return { orders: out };
	}

	const asked = (o, query) => (query.get('outlet') ?? o.outlet) === o.outlet && (query.get('reference') ?? order.reference_of(o)) === order.reference_of(o);

	function menu_replaced(outlet, menu) {
		if (outlet) {
			house.merchants.get(outlet).menu = menu;
			return;
		}
		base_menu = menu;
		for (const m of house.merchants.values())
			m.menu = null;
	}

	const control = {
		'GET /_sim/orders': (body, req) => orders_by_reference((o) => o.is_ticket && order.is_visible(o) && o.deletedTime === null && asked(o, req.query)),
		'GET /_sim/tickets': (body, req) => orders_by_reference((o) => asked(o, req.query)),
		'DELETE /_sim/orders': () => {
			house.orders.clear();
			sim.effect('orders_forgotten', {});
			return { orders: {} };
		},
		'POST /_sim/kitchen': kitchen.kitchen,
		'POST /_sim/stock': kitchen.stock,
		'POST /_sim/store': kitchen.store,
		'POST /_sim/event': kitchen.event,
		'POST /_sim/verify': kitchen.verify,
		'GET /_sim/menu': (body, req) => house.menu(house.outlet_of({ outlet: req.query.get('outlet') ?? undefined })),
		'POST /_sim/menu': async (body, req) => {
			const { notify, ...menu } = body;
			const outlet = req.query.get('outlet');
			for (const key of ['merchant', 'items', 'categories', 'modifier_groups', 'tax_rates', 'order_types', 'tenders'])
				if (menu[key] === undefined)
					throw new Error(`a menu needs ${key}`);
			if (outlet)
				house.outlet_of({ outlet });
			menu_replaced(outlet, { ...structuredClone(base_menu), ...menu });
			sim.effect('menu_replaced', { outlet, menu: { ...structuredClone(base_menu), ...menu } });
			if (notify)
				for (const item of menu.items)
					house.notify(outlet ?? house.outlet_of({}), `I:${item.id}`, 'UPDATE');
			return { items: menu.items.length };
		},
		'POST /_sim/authorize': (body) => ({ code: token.authorize(null, house.outlet_of(body), body.challenge) }),
		'POST /_sim/tokens': (body) => {
			const outlet = house.outlet_of(body);
			if (body.revoke)
				token.revoke(null, outlet, body.revoke);
			if (body.expire)
				token.expire(outlet, body.expire);
			return token.state(outlet);
		},
		'GET /_sim/merchants': () => [...house.merchants.keys()].map((outlet) => ({ outlet, api_token: api_token(options, outlet), refresh_token: first_refresh_token(outlet) })),
	};

	function restore(row) {
		if (row.order && row.id)
			house.orders.set(row.id, row.order);
		else if (row.effect === 'orders_forgotten')
			house.orders.clear();
		else if (row.effect === 'customer_saved')
			house.merchants.get(row.outlet)?.customers.set(row.id, row.customer);
		else if (row.effect === 'menu_replaced')
			menu_replaced(row.outlet, row.menu);
		else if (row.effect === 'menu_changed' && house.merchants.has(row.outlet)) {
			const menu = house.menu(row.outlet);
			const thing = [...menu.items, ...menu.modifier_groups.flatMap((g) => g.modifiers)].find((r) => r.id === row.id);
			if (thing)
				Object.assign(thing, row.values);
		} else
			token.restore(row);
	}

	const limited = (n) => (x) => {
		const l = LIMITS.find((one) => one.option === n);
		x.answer = answer_of(l, Number(options[n]) || Number(DEFAULTS[n]), l.running ? x.order.retry_after ?? Number(options['retry-after']) : undefined);
		x.bytes = Buffer.from(JSON.stringify(x.answer.body));
		x.plain();
	};
	const secrets = [options['client-secret'], options['webhook-auth-code']].filter((v) => v.length > 7);
	const token_forms = new RegExp(`${options['token-prefix'].replace(/[^A-Za-z0-9-]/g, '\\$&')}[A-Za-z0-9]+|clvroar-[0-9a-f]+|eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+`, 'g');

	return {
		handle, control, restore,
		arrived: (req, res) => {
			if (req.path.startsWith('/v3/'))
				req.limited = limit.arrived(req, res);
		},
		refusal: (how) => ({ status: how.status ?? 400, body: { message: how.message ?? 'bad_request', ...(how.details !== undefined && { details: how.details }) } }),
		misdeeds: {
			...Object.fromEntries(Object.keys(OWN).map((name) => [name, { commits: true, send: (x) => x.plain() }])),
			rate: { commits: false, send: limited('per-token') }, app_rate: { commits: false, send: limited('per-app') },
			concurrent: { commits: false, send: limited('concurrent-token') }, app_concurrent: { commits: false, send: limited('concurrent-app') },
			unauthorized: { commits: false, send: (x) => { x.answer = UNAUTHORIZED; x.bytes = Buffer.from(JSON.stringify(UNAUTHORIZED.body)); x.plain(); } },
		},
		secret: (text) => secrets.reduce((t, s) => t.split(s).join(`sha256:${digest(s).slice(0, 16)}`), text)
			.replace(token_forms, (t) => `sha256:${digest(t).slice(0, 16)}`),
		reset: () => {
			house.orders.clear();
			for (const m of house.merchants.values())
				Object.assign(m, { menu: null, customers: new Map() });
			base_menu = menu_of(Number(options['more-items']));
			limit.reset();
			kitchen.forget();
			token.begin();
		},
	};
}

module.exports = { DEFAULTS, OWN, PATHS, STATUSES, api_token, clover, first_refresh_token, locations_of };

if (require.main === module)
	main('clover', DEFAULTS, clover);
