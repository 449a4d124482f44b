#!/usr/bin/env nodejs
'use strict';
/*
 * A simulated Square: Orders, Payments, Refunds, Catalog, Inventory, Locations, Webhooks and OAuth of the Connect API, as the host
 * connect.squareup.com serves them. Its files: square_check.js (forms of bodies), square_build.js and square_price.js (what becomes of an
 * order that is asked for), square_order.js and square_pay.js (orders and money that live here), square_menu.js (catalog, stock),
 * square_oauth.js (tokens), square_hook.js (what it tells us), square_kitchen.js (the cook), square_refusal.js (its no).
 *
 * Sources: connect-api-specification, release 2025-08-20 (fields, lengths, words, error codes); Square's guides on orders, idempotency,
 * webhooks and OAuth; threads of its developer forum, for the words of errors. SDK 46 for IN_STORE (Square-Version 2026-09-16).
 *
 * How an order becomes a ticket: POST /v2/orders makes it (nobody sees it: effect draft_saved), POST /v2/payments pays for it
 * (payment_saved), and an order with a fulfillment that is paid in full is on the kitchen's screen (order_saved). An order for which
 * nothing is due gets there by POST /v2/orders/ID/pay.
 *
 * Options beside those of sim.js:
 *   --merchants 'ML{1..9}'     sellers (default MLSIM0001)
 *   --locations 'L{1..500}'    their locations, dealt out in turn: the i-th belongs to merchant i modulo their number (default L{1..2})
 *   --access-token T           the own token of the first seller, without end; of each seller M it is also T.M
 *   --refresh-token T          a refresh token of the code flow, likewise
 *   --client-id --client-secret  the application's
 *   --access-life S --short-life S --pkce-life S   seconds that tokens live (2592000, 86400, 7776000)
 *   --hub URL                  events go to URL/api/webhooks/square
 *   --notification-url URL     or to just this one; {merchant} and {location} in it, and in the key, are filled in
 *   --signature-key KEY        of the events' signatures
 *   --events all|none          whether what the API did is told by events too (all); --event-delay MS  how long after
 *   --auto accept@MS,ready@MS,complete@MS   the life of a ticket, counted from when it is seen
 *   --currency USD  --environment sandbox|production  --source-name NAME   of orders that name no source
 *   --page N                   objects on a page of the catalog (100)
 *   --search-lag MS            how long a new order is not found by search
 *   --key-life MS              how long an idempotency key is remembered (default: for ever); after it the key makes another order
 *   --key-reuse exists|reused|mixed   what another body under an order's key is answered: BAD_REQUEST "Order X already exists."
 *                              or IDEMPOTENCY_KEY_REUSED, or either by the order's id
 *   --mismatch-status N        HTTP status of VERSION_MISMATCH (409)
 *   --cancel-refunded yes|no   whether an order whose payment was refunded in full can be CANCELED (yes)
 *   --show-unfulfilled         paid orders without a fulfillment are seen by the kitchen too
 *   --rate N --concurrency N   requests of one token a second, and at once (0: any number); --retry-after S  what 429 says (1)
 *   --latency MS               how long an answer takes
 *
 * Control face beside that of sim.js:
 *   GET  /_sim/orders          {reference: {outlet, id, visible, paid, state, status, lines, note, total, tip, order, …}}, the cancelled
 *                              not among them; ?location=   GET /_sim/tickets  those too   DELETE /_sim/orders  forgets them
 *   POST /_sim/kitchen         {reference | id, location?, status | statuses, reason?} moves a ticket: accept ready complete cancel fail or
 *                              Square's words, and sends order.fulfillment.updated and order.updated. How they are sent:
 *                              copies, concurrent, shuffle, delay_ms, types:[…], quiet, url, body:{…}, headers, signature:"bad"|"none"|
 *                              "other_key"|"other_url"|"body_only"|text; raw:"…" sends just that. force: what the kitchen does not see
 *                              too; again: a new version, nothing else changed
 *   POST /_sim/foreign         {location?} a sale of the till's own, with events
 *   POST /_sim/stock           {id, location?, sold_out, until?} | {id, location?, quantity}, with events (how they are sent: as above)
 *   GET  /_sim/menu            POST /_sim/menu {objects, merchant?, quiet?} replaces it   POST /_sim/menu-changed  only the event
 *   POST /_sim/store           {location?, status?, business_hours?, …} changes a location, with event
 *   POST /_sim/code {merchant?, scopes?, code_challenge?, ms?}   POST /_sim/grant {merchant?, scopes?, pkce?, ms?} → tokens
 *   POST /_sim/revoke {merchant?}   the seller disconnects us       POST /_sim/finish {payment_id}  ends a payment_pending
 *
 * Misdeeds beside those of sim.js. `refuse` and `error` {status, code, detail} answer in Square's form. Of a create (path "/v2/orders"):
 *   forget_key       the key is not remembered: a repeat makes a second order     conflict        409, nothing happens
 *   duplicate_refused  an identical repeat is answered "already exists"           drop_silently   answered, never stored
 *   answer_exists    stored, yet answered "already exists"                        answer_reused   stored, yet IDEMPOTENCY_KEY_REUSED
 *   lines_lost       the last line is gone                                        other_total {minor}  a rounding nobody asked for
 *   early            the events arrive before the answer (of any request that makes some)
 * Of a payment ("/v2/payments") or "/pay": hide_order (paid, but on no screen), payment_pending {ms?} (APPROVED only), forget_key
 * Elsewhere: stale (GET: the order before its last change), search_empty ("/search"), version_moves (PUT: the version goes up first);
 *   expired_token, token_revoked (for good), insufficient_scopes, rate_limited {retry_after}
 *   at "/oauth2/token": rotate (the refresh token is used up), short_token {ms}, revoke_early
 * With path "webhook": duplicate {copies, concurrent}, late {ms}, reordered, lost, bad_signature, no_signature.
 *
 * Effects: draft_saved, payment_saved, payment_pending, order_saved, order_repeated (same: whether the body was), update_repeated,
 * payment_repeated, refund_repeated, order_updated, order_touched, order_refunded, order_cancelled (by: hub or kitchen), draft_cancelled,
 * kitchen_status, silently_dropped, foreign_order, orders_forgotten, refused, token_issued, token_refused, token_revoked, code_issued,
 * menu_fetched, menu_replaced, stock_saved, location_saved, subscriptions_saved, webhook. Those of orders have outlet (location), reference, id,
 * total, paid (what was refunded taken off) in minor units, and body_sha256, the digest of the create.
 *
 * What the sources leave open is decided so: VERSION_MISMATCH is 409; a location of another seller is 404, like none; an INACTIVE one
 * takes no order; an adjustment without a scope is of the ORDER; read-only fields are refused, unknown ones are not; more modifiers
 * than the menu allows, or fewer, and dishes sold out or absent are taken (and noted); a payment must pay the whole order; events
 * of what the API did are sent as well; a paid order that the kitchen cancels ends COMPLETED with a CANCELED fulfillment.
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const { digest, main, sleep } = require('./sim.js');
const { check } = require('./square_check.js');
const { hooks } = require('./square_hook.js');
const { kitchen } = require('./square_kitchen.js');
const { catalog } = require('./square_menu.js');
const { oauth } = require('./square_oauth.js');
const { orders } = require('./square_order.js');
const { payments } = require('./square_pay.js');
const { Refusal, error_of } = require('./square_refusal.js');

const DEFAULTS = {
	merchants: 'MLSIM0001', locations: 'L{1..2}', 'access-token': 'EAAAsimulated-access-token-of-the-seller', 'refresh-token': 'EQAAsimulated-refresh-token-of-the-seller',
	'client-id': 'sandbox-sq0idb-simulated0client0id', 'client-secret': 'sandbox-sq0csb-simulated-client-secret', 'access-life': '2592000', 'short-life': '86400',
	'pkce-life': '7776000', hub: '', 'notification-url': '', 'signature-key': 'simulated-signature-key', events: 'all', 'event-delay': '0', auto: '',
	currency: 'USD', environment: 'sandbox', 'source-name': 'Simulated application', page: '100', 'search-lag': '0', 'key-life': '', 'key-reuse': 'exists',
	'mismatch-status': '409', 'cancel-refunded': 'yes', 'show-unfulfilled': false, rate: '0', concurrency: '0', 'retry-after': '1', latency: '0',
};

/* Misdeeds of Square's own, and where they are committed. */
const OWN = {
	forget_key: '/v2/orders', conflict: '/v2/orders', duplicate_refused: '/v2/orders', drop_silently: '/v2/orders', answer_exists: '/v2/orders',
	answer_reused: '/v2/orders', lines_lost: '/v2/orders', other_total: '/v2/orders', early: '/v2/orders',
	hide_order: '/v2/payments', payment_pending: '/v2/payments', stale: 'GET', search_empty: '/search', version_moves: 'PUT',
	expired_token: '', token_revoked: '', insufficient_scopes: '', rate_limited: '', error: '',
	rotate: '/oauth2/token', short_token: '/oauth2/token', revoke_early: '/oauth2/token',
	duplicate: 'webhook', late: 'webhook', reordered: 'webhook', lost: 'webhook', bad_signature: 'webhook', no_signature: 'webhook',
};
/* Where a misdeed that anybody can commit is to be met with. */
const PATHS = ['/v2/orders', '/v2/payments', '/v2/orders/search', '/v2/catalog/list', '/oauth2/token'];

/* "A,L{1..3}" → A L1 L2 L3 */
function names(pattern) {
	return pattern.split(',').filter(Boolean).flatMap((part) => {
		const m = /^(.*)\{(\d+)\.\.(\d+)\}(.*)$/.exec(part);
		return m ? Array.from({ length: Number(m[3]) - Number(m[2]) + 1 }, (_, i) => `${m[1]}${Number(m[2]) + i}${m[4]}`) : [part];
	});
}

/* The same value whatever the order of its keys. */
const canonical = (v) => (Array.isArray(v) ? `[${v.map(canonical)}]` : v !== null && typeof v === 'object'
	? `{${Object.keys(v).sort().filter((k) => v[k] !== null).map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`)}}` : JSON.stringify(v));

function square(sim) {
	const { options } = sim;
	const keys = new Map(); /* "merchant what key" → {sha, id, at_ms} */
	const w = { sim, options, digest, merchants: names(options.merchants) };
	const places = new Map(); /* location id → {merchant, location} */

	function place_all() {
		names(options.locations).forEach((id, i) => places.set(id, { merchant: w.merchants[i % w.merchants.length], location: {
			id, name: `Simulated restaurant ${id}`, timezone: 'America/Los_Angeles', capabilities: ['CREDIT_CARD_PROCESSING'], status: 'ACTIVE',
			created_at: '2026-01-05T10:00:00Z', merchant_id: w.merchants[i % w.merchants.length], country: 'US', language_code: 'en-US', currency: options.currency, type: 'PHYSICAL',
			business_hours: { periods: ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'].map((day_of_week) => ({ day_of_week, start_local_time: '09:00:00', end_local_time: '23:00:00' })) },
		} }));
	}

	w.now = () => new Date().toISOString();
	w.uuid = () => crypto.randomUUID();
	w.canonical = (body) => digest(canonical(body));
	/* An id that the seed and what it is for decide, so that two runs agree. */
	w.id = (kind, base, taken) => {
		for (let n = 0; ; n++) {
			const id = Buffer.from(digest(`${options.seed} ${kind} ${base} ${n}`), 'hex').toString('base64').replace(/[+/=]/g, '').slice(0, 26) + (kind === 'refund' ? '' : 'ZY');
			if (!taken(id))
				return id;
		}
	};
	w.all_locations = () => [...places.keys()];
	w.locations_of = (merchant) => w.by_merchant.get(merchant) ?? [];
	w.merchant_of = (id) => places.get(id)?.merchant;
	w.location = (id) => places.get(id).location;
	w.place = (merchant, id, field) => {
		if (places.get(id)?.merchant !== merchant)
			throw new Refusal(404, 'NOT_FOUND', `Location \`${id}\` not found.`, field);
	};
	/*
	 * An effect; the events that it causes are part of it. What one request did is brought to disk together, before anybody hears of it:
	 * before its answer and before each event.
	 */
	let dirty = false;
	w.done = (effect, row) => {
		sim.journal.add({ kind: 'effect', effect, ...row }, false);
		if (row.events)
			w.hook.remember(row.events);
		if (!dirty)
			setImmediate(w.flush);
		dirty = true;
	};
	w.flush = () => {
		if (dirty)
			fs.fsyncSync(sim.journal.fd);
		dirty = false;
	};
	w.event = (...a) => w.hook.event(...a);
	const key_name = (merchant, what, key) => `${merchant} ${what} ${key}`;
	w.keys = {
		look: (merchant, what, key) => {
			const known = key === undefined ? undefined : keys.get(key_name(merchant, what, key));
			return known && !(options['key-life'] && Date.now() - known.at_ms > Number(options['key-life'])) ? known : undefined;
		},
		row: (merchant, what, key, sha, id) => (key === undefined ? null : { name: key_name(merchant, what, key), sha, id, at_ms: Date.now() }),
		put: (row) => row && keys.set(row.name, { sha: row.sha, id: row.id, at_ms: row.at_ms }),
	};
	place_all();
	w.by_merchant = new Map(w.merchants.map((m) => [m, [...places.values()].filter((p) => p.merchant === m).map((p) => p.location.id)]));
	w.hook = hooks(w);
	w.menu = catalog(w);
	w.orders = orders(w);
	w.kitchen = kitchen(w);
	w.pay = payments(w);
	w.oauth = oauth(w);

	/* --- locations ------------------------------------------------------------------------------------------------- */

	const READ_ONLY = ['id', 'merchant_id', 'country', 'currency', 'created_at', 'capabilities'];
	function location_change(id, change) {
		const { merchant, location } = places.get(id);
		const next = { ...location, ...change };
		const events = [w.event(merchant, id, 'location.updated', 'location', id)];
		w.done('location_saved', { outlet: id, location: next, events });
		places.set(id, { merchant, location: next });
		return events;
	}
	const of_path = (params, merchant) => {
		const id = params.id === 'main' ? w.locations_of(merchant)[0] : params.id;
		w.place(merchant, id, 'location_id');
		return id;
	};
	function update_location({ body, params, merchant, send }) {
		const id = of_path(params, merchant);
		for (const k of READ_ONLY)
			if (body.location[k] !== undefined)
				throw new Refusal(400, 'BAD_REQUEST', 'Read-only field cannot be set.', `location.${k}`);
		if (body.location.status !== undefined && !['ACTIVE', 'INACTIVE'].includes(body.location.status))
			throw new Refusal(400, 'INVALID_ENUM_VALUE', `\`${body.location.status}\` is not a valid enum value for \`location.status\`.`, 'location.status');
		for (const [i, p] of (body.location.business_hours?.periods ?? []).entries())
			if (!/^(MON|TUE|WED|THU|FRI|SAT|SUN)$/.test(p.day_of_week) || !/^\d\d:\d\d(:\d\d)?$/.test(p.start_local_time) || !/^\d\d:\d\d(:\d\d)?$/.test(p.end_local_time))
				throw new Refusal(400, 'INVALID_VALUE', 'Invalid business hours.', `location.business_hours.periods[${i}]`);
		send(location_change(id, body.location));
		return { location: w.location(id) };
	}

	/* --- the API ---------------------------------------------------------------------------------------------------- */

	/* [method, path, scopes, form of the body, handler]; OAuth has no bearer. */
	const ROUTES = [
		['GET', '/oauth2/authorize', null, null, w.oauth.authorize],
		['POST', '/oauth2/token', null, '', w.oauth.obtain],
		['POST', '/oauth2/revoke', null, '', w.oauth.revoke],
		['POST', '/oauth2/token/status', [], null, w.oauth.status],
		['POST', '/v2/orders', ['ORDERS_WRITE'], 'create_order', w.orders.create],
		['POST', '/v2/orders/calculate', [], 'calculate_order', w.orders.calculate],
		['POST', '/v2/orders/batch-retrieve', ['ORDERS_READ'], 'batch_retrieve', w.orders.batch],
		['POST', '/v2/orders/search', ['ORDERS_READ'], 'search_orders', w.orders.search],
		['GET', '/v2/orders/:id', ['ORDERS_READ'], null, w.orders.get],
		['PUT', '/v2/orders/:id', ['ORDERS_WRITE'], 'update_order', w.orders.update],
		['POST', '/v2/orders/:id/pay', ['ORDERS_WRITE', 'PAYMENTS_WRITE'], 'pay_order', w.orders.pay],
		['POST', '/v2/payments', ['PAYMENTS_WRITE'], 'create_payment', w.pay.create],
		['GET', '/v2/payments/:id', ['PAYMENTS_READ'], null, w.pay.get],
		['POST', '/v2/refunds', ['PAYMENTS_WRITE'], 'refund_payment', w.pay.refund],
		['GET', '/v2/refunds/:id', ['PAYMENTS_READ'], null, w.pay.get_refund],
		['GET', '/v2/catalog/list', ['ITEMS_READ'], null, w.menu.list],
		['POST', '/v2/catalog/search', ['ITEMS_READ'], 'search_catalog', w.menu.search],
		['GET', '/v2/catalog/object/:id', ['ITEMS_READ'], null, w.menu.get],
		['POST', '/v2/inventory/counts/batch-retrieve', ['INVENTORY_READ'], 'inventory_counts', w.menu.inventory],
		['POST', '/v2/inventory/changes/batch-create', ['INVENTORY_WRITE'], 'inventory_changes', w.menu.change],
		['GET', '/v2/locations', ['MERCHANT_PROFILE_READ'], null, ({ merchant }) => ({ locations: w.locations_of(merchant).map(w.location) })],
		['GET', '/v2/locations/:id', ['MERCHANT_PROFILE_READ'], null, ({ params, merchant }) => ({ location: w.location(of_path(params, merchant)) })],
		['PUT', '/v2/locations/:id', ['MERCHANT_PROFILE_WRITE'], 'update_location', update_location],
		['GET', '/v2/webhooks/subscriptions', [], null, w.hook.api.list],
		['POST', '/v2/webhooks/subscriptions', [], 'subscription', w.hook.api.create],
		['GET', '/v2/webhooks/subscriptions/:id', [], null, w.hook.api.get],
		['PUT', '/v2/webhooks/subscriptions/:id', [], 'subscription', w.hook.api.update],
		['DELETE', '/v2/webhooks/subscriptions/:id', [], null, w.hook.api.remove],
		['POST', '/v2/webhooks/subscriptions/:id/test', [], 'test_subscription', w.hook.api.test],
		['POST', '/v2/webhooks/subscriptions/:id/signature-key', [], 'rotate_key', w.hook.api.rotate],
		['POST', '/v2/events/search', [], 'search_events', w.hook.api.search],
	].map(([method, path, scopes, form, handler]) => ({ method, scopes, form, handler, path: new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`), webhook: path.startsWith('/v2/webhooks') }));

	const route_of = (req) => {
		for (const r of ROUTES) {
			const m = r.method === req.method && r.path.exec(req.path);
			if (m)
				return { ...r, params: { id: m.groups?.id && decodeURIComponent(m.groups.id) } };
		}
		throw new Refusal(404, 'NOT_FOUND', `API endpoint for URL path \`${req.path}\` and HTTP method \`${req.method}\` is not found.`);
	};

	const busy = new Map(); /* token → requests at the moment */
	const recent = new Map(); /* token → times of its requests in the last second */
	const limited = (retry_after) => new Refusal(429, 'RATE_LIMITED', 'Your application has reached the rate limit.', undefined,
		{ headers: { 'Retry-After': String(retry_after) } });

	function within_limits(sha) {
		const [rate, most] = [Number(options.rate), Number(options.concurrency)];
		const now = Date.now();
		const times = (recent.get(sha) ?? []).filter((t) => t > now - 1000);
		if ((rate && times.length >= rate) || (most && (busy.get(sha) ?? 0) >= most))
			throw limited(options['retry-after']);
		recent.set(sha, [...times, now]);
	}

	function square_version(req) {
		const v = req.headers['square-version'];
		if (v === undefined)
			return '2025-08-20'; /* the application's pinned version */
		if (!/^\d{4}-\d\d-\d\d$/.test(v) || Number.isNaN(Date.parse(v)))
			throw new Refusal(400, 'INVALID_SQUARE_VERSION_FORMAT', 'The provided Square-Version is incorrectly formatted.', 'Square-Version');
		return v;
	}

	function body_of(req, form) {
		if (form === null)
			return {};
		if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
			throw new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be application/json.');
		let body;
		try {
			body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(req.body));
		} catch { /* refused below */ }
		if (body === null || typeof body !== 'object' || Array.isArray(body))
			throw new Refusal(400, 'EXPECTED_JSON_BODY', 'The request body is not a JSON object.');
		if (form) {
			const { errors, unknown } = check(form, body);
			if (errors.length)
				throw new Refusal(400, errors);
			for (const where of unknown)
				sim.note('ignored_key', { request: req.id, where });
		}
		return body;
	}

	async function answer_to(req) {
		const route = route_of(req);
		const x = { req, params: route.params, body_sha256: digest(req.body), square_version: '2025-08-20' };
		let told = Promise.resolve();

		x.send = (events) => {
			if (req.order?.do === 'early')
				told = w.hook.deliver(events);
			else
				w.hook.later(events);
		};
		if (route.scopes) {
			x.token = w.oauth.bearer(req);
			x.merchant = x.token.merchant;
			w.oauth.needs(x.token, route.scopes, req.order);
			if (route.webhook && !x.token.own)
				throw new Refusal(401, 'UNAUTHORIZED', 'This request could not be authorized.');
			x.square_version = square_version(req);
			within_limits(x.token.sha);
		}
		if (req.order?.do === 'rate_limited')
			throw limited(req.order.retry_after ?? options['retry-after']);
		const sha = x.token?.sha;
		busy.set(sha, (busy.get(sha) ?? 0) + 1);
		try {
			if (Number(options.latency))
				await sleep(Number(options.latency));
			x.body = body_of(req, route.form);
			const body = await route.handler(x);
			await told;
			return body.answer ?? { status: 200, headers: { 'Square-Version': x.square_version }, body };
		} finally {
			busy.set(sha, busy.get(sha) - 1);
			await told;
		}
	}

	/* A kill between a payment and the ticket that it makes: the ticket is there, so it is journalled. */
	function mend() {
		for (const t of w.orders.tickets.values()) {
			if (!t.visible && !t.gone)
				w.orders.show(t);
			w.orders.ended(t, 'unknown');
		}
	}
	setImmediate(mend); /* once the journal has been read back */

	async function handle(req) {
		try {
			if (req.order?.do === 'error')
				throw new Refusal(req.order.status ?? 500, req.order.code ?? 'INTERNAL_SERVER_ERROR', req.order.detail ?? 'An internal error has occurred.');
			return await answer_to(req);
		} catch (e) {
			if (!(e instanceof Refusal))
				throw e;
			w.done('refused', { request: req.id, path: req.path, status: e.answer.status, code: e.code, reason: e.message });
			return e.answer;
		} finally {
			w.flush();
		}
	}

	const first_place = (body) => body.outlet ?? body.location ?? w.locations_of(body.merchant ?? w.merchants[0])[0];
	const control = {
		...w.kitchen.control,
		...w.oauth.control,
		'POST /_sim/stock': w.menu.stock,
		'GET /_sim/menu': () => ({ objects: w.menu.document() }),
		'POST /_sim/menu': (body) => w.menu.edit(body.objects, body.merchant ?? w.merchants[0], body),
		'POST /_sim/menu-changed': (body) => w.menu.edit(w.menu.document(), body.merchant ?? w.merchants[0], body),
		'POST /_sim/store': async (body) => {
			const { outlet, location, merchant, ...rest } = body;
			const change = Object.fromEntries(Object.entries(rest).filter(([k]) => ['status', 'business_hours', 'name', 'timezone', 'description'].includes(k)));
			return { answers: await w.hook.deliver(location_change(first_place({ outlet, location, merchant }), change), body) };
		},
		'POST /_sim/finish': (body) => {
			w.pay.finish(body.payment_id);
			return { payment: w.pay.made.get(body.payment_id)?.payment ?? null };
		},
	};
	for (const [name, run] of Object.entries(control))
		control[name] = async (body, req) => {
			try {
				return await run(body, req);
			} finally {
				w.flush();
			}
		};

	const secrets = ['client-secret', 'access-token', 'refresh-token', 'signature-key'].map((k) => options[k]).filter((v) => v.length > 7);
	const mask = (s) => `sha256:${digest(s).slice(0, 16)}`;

	return {
		handle,
		control,
		refusal: (order) => {
			const status = order.status ?? 400;
			return { status, body: { errors: [error_of(status, order.code ?? 'BAD_REQUEST', order.detail ?? order.message ?? 'Bad request.', order.field)] } };
		},
		misdeeds: Object.fromEntries(Object.keys(OWN).map((name) => [name, { commits: true, send: (x) => x.plain() }])),
		secret: (text) => [...secrets, ...w.hook.keys()].reduce((t, s) => t.split(s).join(mask(s)), text)
			.replace(/\b(EAAA|EQAA|sandbox-sq0cgb-)[\w-]{20,}/g, mask),
		restore: (row) => {
			for (const part of [w.orders, w.pay, w.menu, w.oauth, w.hook])
				part.restore(row);
			w.keys.put(row.key);
			if (row.location)
				places.set(row.outlet, { merchant: places.get(row.outlet)?.merchant, location: row.location });
		},
		reset: () => {
			keys.clear();
			place_all();
			for (const part of [w.orders, w.pay, w.menu, w.oauth, w.hook])
				part.reset();
		},
	};
}

module.exports = { DEFAULTS, OWN, PATHS, canonical, names, square };

if (require.main === module)
	main('square', DEFAULTS, square);
