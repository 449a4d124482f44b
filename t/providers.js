'use strict';
// providers: the POS at which a restaurant of a world may be. One row each; whoever needs to know something that one POS has and
// another has not asks its row and never its name.
//
//	const provider = PROVIDERS.toast;
//	provider.pos(world, 0)                        // "pos" of an onboarding document, for its first restaurant
//	provider.press(number, 'ready')               // what its simulator's /_sim/kitchen is told
//	provider.journal(row)                         // a row of its journal in the neutral form (lib/check/journal.h)
//
// A row:
//	name              for people
//	currency, zone    of its restaurants
//	sim(url)          options of its simulator; url is where we are
//	unlimited         more options, for a house that does not keep to the published limits either
//	secrets           what of them must stand in no log
//	outlet(n)         how it names its n-th restaurant
//	pos(world, n)     how that one is connected: "pos" of an onboarding document
//	create            how the path ends of the request that an order comes from
//	screen            what stands at its kitchen's screen, of what /_sim/orders answers: [[name, what is seen of it]]
//	press(number, status, more)   what its kitchen does to an order: a status of ours, or a list of them
//	meets             what for a misdeed of its simulator is met with, by where it is committed (t/sweep/misdeeds.js)
//	hears             the statuses that its kitchen can bring an order to, in the order in which it would
//	accepts           whether it confirms an order by taking it, without anybody's press
//	document          its menu, where that says what an order costs; else only its simulator knows
//	renewing(n)       configuration with which access to it is renewed by itself
//	unseen            misdeeds by which an order is on no screen though its POS says that it is: nobody can know
//	tells(row)        which order the row says we were told of that it is cancelled, where nobody can look
//	broken            misdeeds that break its own promise to keep a name to one order: what comes of them is its fault
//	unlisted          misdeeds by which an order that is there is never listed, where only a list could show it: nobody can know
//	forgets           what is struck out there is as if it had never been, and whoever looks is to send it again
//	ways              of one whose settings change what is called: what of its row is another then, config (those settings), and simArgs
//	of(row)           which order an effect is about: {restaurant, reference}
//	journal(row)      neutral rows of it

const fs = require('node:fs');
const petpooja = require('./sim/petpooja.js').DEFAULTS;
const toast = require('./sim/toast.js').DEFAULTS;
const square = require('./sim/square.js').DEFAULTS;
const clover = require('./sim/clover.js');
const { guid_of, place_of } = require('./sim/toast_place.js');

const PLACES = 20; // restaurants that a simulator knows
const numbered = (name, n) => (n === 0 ? name : `${name}${n}`);
const all = (name) => Array.from({ length: PLACES }, (_, n) => numbered(name, n)).join(',');

const json = (text) => {
	try {
		return JSON.parse(text);
	} catch {
		return {};
	}
};

// --- the neutral form -----------------------------------------------------------------------------------------------------

// A call to us and what we answered. event: a name that the news has, under which it may come again and is kept once.
const delivery = (row, { event, bytes = row.sent_sha256, about }) => (row.status_code === null || row.status_code === undefined ? []
	: [{ what: 'delivery', ...(event && { event }), ...(bytes && { sha256: bytes }), status: row.status_code, about: `${row.effect} ${about ?? ''}`.trim() }]);

// What the three that name orders by "reference" have in common. more: what is still to be done with a ticket.
function effects(row, of, more, news) {
	const rows = [];
	if (row.effect === 'order_saved') rows.push({ what: 'ticket', ...of, ...more, ...(Number.isInteger(row.total) && { total: row.total }) });
	if (['order_saved', 'payment_saved', 'order_refunded'].includes(row.effect) && of.reference && Number.isInteger(row.paid) && row.paid > 0)
		rows.push({ what: 'paid', ...of, total: row.paid });
	if (row.effect === 'order_cancelled') rows.push({ what: 'ticket_gone', ...of });
	if (row.effect === 'print_requested') rows.push({ what: 'printed', ...of });
	if (row.effect === 'webhook') rows.push(...news(row));
	return rows;
}

const request = (row, of, part) => (of.reference ? [{ what: 'request', ...of, sha256: row.body_sha256, ...(part && { part }) }] : []);
const byReference = (row) => ({ restaurant: row.outlet, reference: row.reference });

// --- rows ------------------------------------------------------------------------------------------------------------------

const CODES = { confirmed: '1', out_for_delivery: '4', ready: '5', completed: '10', cancelled: '-1' };
const pressed = (what, status, more) => ({ ...what, ...(Array.isArray(status) ? { statuses: status } : { status }), ...more });
// Our name for an order is a word of the simulator's.
const named = (orders, word) => Object.entries(orders).map(([key, order]) => [key.split(' ')[word], order]);
const hub = (url) => ['--hub', url];

const PROVIDERS = {
	petpooja: {
		name: 'PetPooja', currency: 'INR', zone: 'Asia/Kolkata',
		sim: (url) => [...hub(url), '--rest-ids', all(petpooja['rest-ids'])],
		unlimited: [],
		secrets: ['app-key', 'app-secret', 'access-token', 'authorization', 'webhook-secret'].map((key) => petpooja[key]),
		outlet: (n) => numbered(petpooja['rest-ids'], n),
		pos: (world, n, name) => ({
			webhook_secret: petpooja['webhook-secret'], authorization: petpooja.authorization,
			config: { app_key: petpooja['app-key'], app_secret: petpooja['app-secret'], access_token: petpooja['access-token'],
				webhook_policy: 'hmac', restaurant_name_petpooja: name },
		}),
		create: '/save_order',
		meets: { '/save_order': 'create', '/update_order_status': 'void', '/mapped_restaurant_menus': 'menu', callback: 'news' },
		renewing: () => ({}), broken: [],
		screen: (orders) => named(orders, 1),
		press(number, status, more) {
			const code = (word) => CODES[word] ?? word;
			return pressed({ orderID: number }, Array.isArray(status) ? status.map(code) : code(status), more);
		},
		hears: ['confirmed', 'ready', 'completed'], accepts: false,
		document: () => json(fs.readFileSync(petpooja.menu, 'utf8')),
		of: (row) => ({ restaurant: row.restID, reference: row.orderID }),
		tells: (row) => (row.effect === 'callback' && row.status === '-1' && row.status_code === 200 ? row.orderID : undefined),
		journal(row) {
			const of = this.of(row);
			if (row.kind === 'request' && row.path.endsWith('/save_order')) {
				const said = (name) => new RegExp(`"${name}":"([^"]*)"`).exec(row.body)?.[1];
				return said('orderID') === undefined ? [] : request(row, { restaurant: said('restID') ?? '', reference: said('orderID') });
			}
			if (row.kind !== 'effect') return [];
			if (row.effect === 'order_saved') return [{ what: 'ticket', ...of }];
			if (row.effect === 'order_cancelled' || (row.effect === 'kitchen_status' && row.status === '-1')) return [{ what: 'ticket_gone', ...of }];
			return row.sent_sha256 ? delivery(row, { about: row.orderID ?? row.restID }) : [];
		},
	},

	toast: {
		name: 'Toast', currency: 'USD', zone: 'America/New_York',
		sim: (url) => [...hub(url), '--locations', all(toast.locations)],
		unlimited: ['--rate', '0', '--rate-long', '0/1', '--menu-rate', '0', '--bulk-rate', '0'],
		secrets: [toast['client-id'], toast['client-secret'], toast['webhook-secret']],
		outlet: (n) => place_of(numbered(toast.locations, n)).guid,
		pos(world, n) {
			const place = place_of(numbered(toast.locations, n));
			return {
				webhook_secret: toast['webhook-secret'],
				config: {
					client_id: toast['client-id'], client_secret: toast['client-secret'], naming_authority: toast.authority,
					dining_options: { pickup: place.dining.TAKE_OUT, delivery: place.dining.DELIVERY, dine_in: place.dining.DINE_IN },
					other_payment_guid: place.payment.online, delivery_fee_service_charge_guid: place.charge.delivery, tip_service_charge_guid: place.charge.delivery,
					open_item_guid: `${guid_of('item Open Food')}/${guid_of('menu group Off the menu')}`, open_discount_guid: place.discount.open, default_table_guid: place.table, revenue_center_guid: place.revenue_center,
				},
			};
		},
		create: '/orders/v2/orders',
		meets: {
			'/login': 'login', '/prices': 'create', '/orders': 'create', '/ordersBulk': 'look', '/void': 'void', '/menus': 'menu', '/metadata': 'menu',
			'': 'create', webhook: 'news',
		},
		renewing: () => ({}), broken: ['external_id_lost', 'key_forgotten'],
		screen: (orders) => named(orders, 0),
		press: (number, status, more) => pressed({ reference: number }, status, more),
		hears: ['confirmed', 'preparing', 'ready', 'completed'], accepts: false,
		of: byReference,
		journal(row) {
			if (row.kind === 'request' && row.method === 'POST' && row.path.endsWith('/orders/v2/orders')) {
				const { externalId } = json(row.body);
				return request(row, { restaurant: row.headers['toast-restaurant-external-id'] ?? '', reference: String(externalId ?? '').replace(/^[^:]*:([^.:]*\.)?/, '') });
			}
			if (row.kind !== 'effect') return [];
			return effects(row, this.of(row), { to_pay: 'paid' }, (news) => delivery(news, { event: news.event, about: `${news.kind_of} of ${news.reference ?? news.outlet}` }));
		},
	},

	square: {
		name: 'Square', currency: 'USD', zone: 'America/New_York',
		sim: (url) => [...hub(url), '--locations', `L{1..${PLACES}}`],
		unlimited: [],
		secrets: [square['access-token'], square['client-secret'], square['refresh-token'], square['signature-key']],
		outlet: (n) => `L${n + 1}`,
		pos: (world) => ({
			webhook_secret: square['signature-key'],
			config: { access_token: square['access-token'], notification_url: `${world.url}/api/webhooks/square` },
		}),
		create: '/v2/orders',
		meets: {
			'/v2/orders': 'create', '/v2/payments': 'create', '/v2/orders/search': 'look', '/search': 'look', GET: 'look', PUT: 'void',
			'/v2/catalog/list': 'menu', '/oauth2/token': 'login', '': 'create', webhook: 'news',
		},
		renewing: () => ({ access_token: undefined, client_id: square['client-id'], client_secret: square['client-secret'], refresh_token: square['refresh-token'] }),
		broken: ['forget_key'], unseen: ['hide_order'],
		screen: (orders) => named(orders, 0).filter(([, one]) => one.visible),
		press: (number, status, more) => pressed({ reference: number }, status, more),
		hears: ['ready', 'completed'], accepts: true,
		of: byReference,
		journal(row) {
			if (row.kind === 'request' && row.method === 'POST' && ['/v2/orders', '/v2/payments'].includes(row.path)) {
				const { order = json(row.body), idempotency_key: key } = json(row.body);
				return request(row, { restaurant: order.location_id ?? '', reference: order.reference_id }, row.path === '/v2/orders' ? '' : `payment ${key}`);
			}
			if (row.kind !== 'effect') return [];
			return effects(row, this.of(row), { to_pay: 'all' }, (news) => delivery(news, { event: news.event_id, about: `${news.type} of ${news.id}` }));
		},
	},

	clover: {
		name: 'Clover', currency: 'USD', zone: 'America/New_York',
		sim: (url) => [...hub(url), '--locations', `${clover.DEFAULTS.locations},DEMO4BISTRO{02..${PLACES}}`],
		unlimited: ['--per-token', '0', '--per-app', '0'],
		secrets: [clover.DEFAULTS['client-secret'], clover.DEFAULTS['webhook-auth-code'], clover.DEFAULTS['token-prefix']],
		outlet: (n) => `DEMO4BISTRO${String(n + 1).padStart(2, '0')}`,
		pos(world, n) {
			const type = (i) => `OTY${String(i).padStart(10, '0')}`;
			return {
				authorization: clover.DEFAULTS['webhook-auth-code'],
				config: { access_token: clover.api_token(clover.DEFAULTS, this.outlet(n)), order_types: { pickup: type(1), delivery: type(2), dine_in: type(3) },
					mark_paid_tender_id: 'TND0000000003' },
			};
		},
		create: '/orders',
		// The second: the opening of a draft.
		meets: {
			'/orders': 'create', 'POST /orders/[0-9A-Z]{13}$': 'create', '/bulk_line_items': 'create', '/modifications': 'create', '/print_event': 'create', '/payments': 'pay',
			'/items': 'menu', '/oauth/v2/refresh': 'login', '*': 'create', webhook: 'news',
		},
		renewing(n) {
			return { access_token: undefined, client_id: clover.DEFAULTS['client-id'], refresh_token: clover.first_refresh_token(this.outlet(n)) };
		},
		broken: ['opened_by_line'],
		// One call does it all, and may leave a doubt.
		ways: { atomic: {
			name: 'Clover, by atomic orders,', config: { use_atomic: true }, simArgs: ['--index-lag', '0'], // who hurries the clock waits for no index
			unlisted: ['index_lost'], forgets: true,
			meets: { '/atomic_order/orders': 'create', '/print_event': 'create', '/payments': 'pay', '/items': 'menu', '/oauth/v2/refresh': 'login', '*': 'create', webhook: 'news' },
		} },
		screen: (orders) => named(orders, 1),
		press: (number, status, more) => pressed({ reference: number }, status, more),
		hears: ['completed'], accepts: true,
		of: byReference,
		// One body has news of many things: each is kept by itself, under its name.
		journal(row) {
			return row.kind !== 'effect' ? [] : effects(row, this.of(row), { to_print: true, to_pay: 'paid' }, (news) => (news.events ?? [])
				.filter((one) => one.includes(':'))
				.flatMap((one) => delivery(news, { event: one.replaceAll(' ', '/'), bytes: null, about: `${one} ${news.reference ?? ''}` })));
		},
	},
};

// What a row is missing of an onboarding document's "pos" is the same for all.
function posOf(world, name, n = 0, label = 'A restaurant') {
	return { provider_name: name, pos_restaurant_id: PROVIDERS[name].outlet(n), endpoint: world.sim[name].url, ...PROVIDERS[name].pos(world, n, label) };
}

module.exports = { PROVIDERS, posOf };
