#!/usr/bin/env nodejs
'use strict';
/*
 * A simulated PetPooja: the Online Ordering API v2.1.0 as its guides and its integrators describe it.
 *
 * Sources: PetPooja's "API Guide for Placing Orders" and "Sandbox Guide for Integration Testing"; the Apiary page
 * onlineorderingapisv210; observations by integrators (a bare OrderItem array is answered with success and dropped;
 * a repeated orderID is answered with success and changes nothing; messages with a trailing blank).
 *
 * Options beside those of sim.js:
 *   --app-key --app-secret --access-token    the credentials of every outlet (defaults below)
 *   --rest-ids a,b           outlets that are mapped (default: demo4bistro)
 *   --menu FILE              the menu document (default: petpooja_menu.json beside this file)
 *   --hub URL                where our webhook endpoints are, for /_sim/push-menu and its like
 *   --authorization VALUE    what the dashboard was told to send as Authorization
 *   --webhook-secret VALUE   key of x-petpooja-signature
 *   --auto-accept MS         accept each order after MS; --auto 1@500,5@3000,10@9000 plays more of its life
 *   --order-id-rate R        how often save_order answers with an orderID of PetPooja's own (default 0.1; else "")
 *   --cancel-until N         an order can be cancelled until it has status N (default 1: only before acceptance)
 *
 * Control face beside that of sim.js:
 *   GET  /_sim/orders              {"restID orderID": …} tickets on the kitchen's screen, dropped ones not among them
 *   POST /_sim/kitchen             {orderID, restID?, status | statuses, as?:"number", copies?, concurrent?, shuffle?,
 *                                  body?:{…}, raw?, url?, delay_ms?} → calls the order's callback_url, tells the answers
 *   POST /_sim/push-menu           {restID?, menu?, authorization?, url?}           POST /_sim/menu  replaces the menu
 *   POST /_sim/stock               {itemID:[…], inStock, type?, restID?, …}         GET /_sim/menu   shows it
 *   POST /_sim/store               {store_status, turn_on_time?, reason?}           → store-status-update
 *   POST /_sim/store-get           {restID?}                                        → store-status
 *   POST /_sim/order-status        {order_id, status, pos_order_id?, secret?, signature?:"bad"|"none"|text, raw?}
 *   POST /_sim/menu-update, /_sim/inventory-update                                  signed in the same way
 *
 * Misdeeds beside those of sim.js: empty_order_id, order_id (order_id:"…"), wrong_client_order_id, drop_silently (success, no
 * ticket), early (status:"1": the callback arrives before the answer), s3_withdrawn (menu);
 * and with path "callback": duplicate (copies, concurrent), late (ms), reordered, number, lost.
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { digest, main, random_of, sleep } = require('./sim.js');
const order_check = require('./petpooja_order.js');

const DEFAULTS = {
	'app-key': 'simulated-app-key-0123456789abcd',
	'app-secret': 'simulated-app-secret-0123456789abcdef012',
	'access-token': 'simulated-access-token-0123456789abcdef0',
	'rest-ids': 'demo4bistro',
	menu: path.join(__dirname, 'petpooja_menu.json'),
	hub: '',
	authorization: 'simulated-client-authorization',
	'webhook-secret': 'simulated-webhook-secret',
	'auto-accept': '',
	auto: '',
	'order-id-rate': '0.1',
	'cancel-until': '1',
};

/* Misdeeds of PetPooja's own, and where they are committed: at a path of the API, or in a callback. */
const OWN = {
	empty_order_id: '/save_order', order_id: '/save_order', wrong_client_order_id: '/save_order', drop_silently: '/save_order',
	early: '/save_order', s3_withdrawn: '/mapped_restaurant_menus',
	duplicate: 'callback', late: 'callback', reordered: 'callback', number: 'callback', lost: 'callback',
};
/* Where a misdeed that anybody can commit is to be met with. */
const PATHS = ['/save_order', '/update_order_status', '/mapped_restaurant_menus'];

const STATUS_WORDS = { '-1': 'cancelled', 1: 'accepted', 2: 'accepted', 3: 'accepted', 4: 'dispatched', 5: 'food ready', 10: 'delivered' };

const SAVED = 'Your order is saved.';

const no = (code, message, more) => ({ status: 200, body: { success: '0', errorCode: code, message, ...more } });
const missing = () => ({ status: 200, body: { success: '0', code: '100', message: 'Please provide all request parameters.' } });
const malformed = () => ({ status: 200, body: { success: '0', message: 'Invalid order relay payload ' } });
/* What the API gateway in front says before PetPooja sees anything. */
const gateway = (status, message) => ({ status, body: { message } });

function petpooja(sim) {
	const { options } = sim;
	const outlets = new Set(options['rest-ids'].split(',').filter(Boolean));
	let menu = JSON.parse(fs.readFileSync(options.menu, 'utf8'));
	const orders = new Map(); /* "restID orderID" → ticket */
	const held = new Map();   /* callbacks kept back by a "reordered" misdeed */
	const steps = [
		...(options['auto-accept'] ? [{ status: '1', ms: Number(options['auto-accept']) }] : []),
		...options.auto.split(',').filter(Boolean).map((s) => ({ status: s.split('@')[0], ms: Number(s.split('@')[1]) })),
	];

	const key_of = (rest_id, order_id) => `${rest_id} ${order_id}`;

	/* null, or the answer that refuses these credentials. */
	function credentials_refused(given) {
		if (['app_key', 'app_secret', 'access_token'].some((k) => typeof given[k] !== 'string' || given[k] === ''))
			return missing();
		if (given.app_key !== options['app-key'] || given.app_secret !== options['app-secret'])
			return no('GN_105', 'Invalid client credentials.');
		if (given.access_token !== options['access-token'])
			return no('GN_102', 'Invalid Token');
		return null;
	}

	function not_mapped(rest_id) {
		return no('MS_101', 'There were some error in restaurant mapping.', {
			validation_errors: { restID: [`Restaurant mapping not found for ${rest_id}.`] },
		});
	}

	/* A JSON body that is an object, or the answer that refuses it. */
	function body_or_refusal(req) {
		if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
			return { refusal: gateway(415, 'Unsupported Media Type') };
		try {
			const body = JSON.parse(req.body.toString());
			if (body === null || typeof body !== 'object' || Array.isArray(body))
				return { refusal: malformed() };
			return { body };
		} catch {
			return { refusal: malformed() };
		}
	}

	function refused(req, answer, reason) {
		sim.effect('refused', { request: req.id, path: req.path, reason: reason ?? answer.body.message,
			code: answer.body.errorCode ?? answer.body.code ?? null });
		return answer;
	}

	/* Usually PetPooja answers with no id of its own. Whether this order gets one depends on the seed and its id only. */
	function pos_order_id(req, rest_id, order_id) {
		const how = req.order?.do;
		if (how === 'empty_order_id')
			return '';
		if (how === 'order_id')
			return String(req.order.order_id ?? '');
		const chance = random_of(`${options.seed} ${rest_id} ${order_id}`);
		return chance() < Number(options['order-id-rate']) ? String(100000 + Math.floor(chance() * 900000)) : '';
	}

	async function save_order(req) {
		const { body, refusal } = body_or_refusal(req);
		if (refusal)
			return refused(req, refusal, 'not a JSON object of type application/json');
		const stranger = credentials_refused(body);
		if (stranger)
			return refused(req, stranger);
		const found = order_check.shape(body);
		if (found.missing)
			return refused(req, missing(), `${found.missing} is missing`);
		if (found.malformed)
			return refused(req, malformed(), found.malformed);
		const info = body.orderinfo.OrderInfo;
		const rest_id = info.Restaurant.details.restID;
		const order_id = info.Order.details.orderID;
		if (!outlets.has(rest_id))
			return refused(req, not_mapped(rest_id));
		const answer = (id) => ({
			status: 200,
			body: { success: '1', message: SAVED, restID: rest_id, clientOrderID: req.order?.do === 'wrong_client_order_id' ? `${order_id}0` : order_id, orderID: id },
		});
		if (found.bare || req.order?.do === 'drop_silently') {
			sim.effect('silently_dropped', { request: req.id, restID: rest_id, orderID: order_id, reason: found.bare ?? 'ordered' });
			return answer('');
		}
		const key = key_of(rest_id, order_id);
		const body_sha256 = digest(req.body);
		const before = orders.get(key);
		if (before) {
			const same = before.body_sha256 === body_sha256;
			sim.effect(same ? 'repeat' : 'ignored', { request: req.id, restID: rest_id, orderID: order_id,
				body_sha256, first_sha256: before.body_sha256 });
			return answer(before.pos_order_id);
		}
		const ticket = {
			restID: rest_id, orderID: order_id, pos_order_id: pos_order_id(req, rest_id, order_id), status: '0',
			callback_url: info.Order.details.callback_url, body_sha256, order: info,
		};
		orders.set(key, ticket);
		sim.effect('order_saved', { request: req.id, ...ticket });
		for (const m of order_check.arithmetic(info))
			sim.effect(m.effect, { request: req.id, restID: rest_id, orderID: order_id, ...m });
		for (const n of [...found.notes, ...order_check.against_menu(info, menu)])
			sim.note(n.note, { request: req.id, restID: rest_id, orderID: order_id, ...n });
		for (const step of steps)
			setTimeout(() => callback(ticket, step.status, {}), step.ms).unref();
		if (req.order?.do === 'early')
			await callback(ticket, req.order.status ?? '1', {});
		return answer(ticket.pos_order_id);
	}

	function cancel_order(req) {
		const { body, refusal } = body_or_refusal(req);
		if (refusal)
			return refused(req, refusal, 'not a JSON object of type application/json');
		const stranger = credentials_refused(body);
		if (stranger)
			return refused(req, stranger);
		/* The request spells it clientorderID, the answer clientOrderID. One integrator sends orderID instead. */
		const order_id = body.clientorderID || body.orderID;
		if (typeof order_id !== 'string' || typeof body.restID !== 'string' || body.status === undefined)
			return refused(req, missing(), 'clientorderID, restID or status is missing');
		if (String(body.status) !== '-1')
			return refused(req, no('GN_103', 'Invalid request'), `status ${body.status}: only -1 is accepted`);
		/* The sandbox does not check restID, so neither do we: the order is found by its id alone. */
		const ticket = orders.get(key_of(body.restID, order_id)) ?? [...orders.values()].find((t) => t.orderID === order_id);
		if (!ticket)
			return refused(req, no('GN_103', 'Invalid request'), `no order ${order_id}`);
		const so_far = Number(ticket.status);
		if (so_far !== -1 && so_far >= Number(options['cancel-until']))
			return refused(req, no('GN_103', 'Order can not be cancelled.'), `status is ${ticket.status}`);
		if (so_far !== -1) {
			ticket.status = '-1';
			sim.effect('order_cancelled', { request: req.id, restID: ticket.restID, orderID: order_id, by: 'hub',
				reason: body.cancelReason ?? body.cancel_reason ?? '' });
		} else {
			sim.effect('repeat_cancel', { request: req.id, restID: ticket.restID, orderID: order_id });
		}
		return { status: 200, body: { success: '1', message: 'Order status updated successfully.', restID: body.restID, clientOrderID: order_id, status: '-1' } };
	}

	function rider_update(req) {
		const { body, refusal } = body_or_refusal(req);
		if (refusal)
			return refused(req, refusal, 'not a JSON object of type application/json');
		const stranger = credentials_refused(body);
		if (stranger)
			return refused(req, stranger);
		if (!body.order_id || !body.outlet_id || !body.status || typeof body.rider_data !== 'object')
			return refused(req, missing(), 'order_id, outlet_id, status or rider_data is missing');
		if (!['rider-assigned', 'rider-arrived', 'pickedup', 'delivered'].includes(body.status))
			return refused(req, no('GN_103', 'Invalid request'), `rider status ${body.status}`);
		sim.effect('rider_status', { request: req.id, restID: body.outlet_id, orderID: body.order_id, status: body.status });
		return { status: 200, body: { code: 200, success: 'success', message: 'Rider status updated successfully.' } };
	}

	/* Credentials in the headers by the guide; some integrators send them in the body, which works as well. */
	function fetch_menu(req) {
		const { body, refusal } = body_or_refusal(req);
		if (refusal)
			return refused(req, refusal, 'not a JSON object of type application/json');
		const stranger = credentials_refused({
			app_key: req.headers['app-key'] ?? body.app_key,
			app_secret: req.headers['app-secret'] ?? body.app_secret,
			access_token: req.headers['access-token'] ?? body.access_token,
		});
		if (stranger)
			return refused(req, stranger);
		if (typeof body.restID !== 'string' || body.restID === '')
			return refused(req, missing(), 'restID is missing');
		if (!outlets.has(body.restID))
			return refused(req, not_mapped(body.restID));
		if (req.order?.do === 's3_withdrawn')
			return refused(req, { status: 200, body: { success: '0', message: 'unable to fetch Object from s3 bucket' } });
		const document = menu_for(body.restID);
		sim.effect('menu_fetched', { request: req.id, restID: body.restID, items: document.items.length });
		return { status: 200, body: document };
	}

	function menu_for(rest_id, of = menu) {
		const copy = JSON.parse(JSON.stringify(of));
		for (const r of copy.restaurants ?? [])
			r.details.menusharingcode = rest_id;
		return copy;
	}

	/* --- what PetPooja says to us ------------------------------------------------------------------------------- */

	async function send(what, url, headers, bytes, about) {
		const answer = await sim.call('POST', url, { 'Content-Type': 'application/json', ...headers }, bytes);
		sim.effect(what, { ...about, url: url.replace(/([?&]k=)[^&]*/, '$1…'), sent_sha256: digest(bytes),
			status_code: answer.status ?? null, answer: (answer.body ?? answer.error ?? '').slice(0, 2000) });
		return answer;
	}

	/* One status callback: unsigned, no authorization, to the URL that came with the order. */
	async function callback(ticket, status, how) {
		const misdeed = sim.take('POST', 'callback') ?? { do: '' };
		if (misdeed.do)
			sim.journal.add({ kind: 'misdeed', do: misdeed.do, path: 'callback', orderID: ticket.orderID }, false);
		const as_number = how.as === 'number' || misdeed.do === 'number';
		const body = {
			restID: ticket.restID, orderID: ticket.orderID, status: as_number ? Number(status) : String(status),
			cancel_reason: String(status) === '-1' ? 'Item out of stock' : '', minimum_prep_time: 20, minimum_delivery_time: '',
			rider_name: '', rider_phone_number: '', is_modified: 'No', autoaccept: '0', ...how.body,
		};
		const bytes = Buffer.from(how.raw ?? JSON.stringify(body));
		const key = key_of(ticket.restID, ticket.orderID);
		const about = { restID: ticket.restID, orderID: ticket.orderID, status: String(status) };
		const go = () => send('callback', how.url ?? ticket.callback_url, how.headers, bytes, about);

		/* What the kitchen decided holds, whether or not the news of it ever arrives. */
		if (ticket.status !== String(status) && !how.raw && ticket.live !== false) {
			ticket.status = String(status);
			sim.effect('kitchen_status', about);
		}
		if (misdeed.do === 'lost')
			return [{ lost: true }];
		if (misdeed.do === 'reordered') {
			held.set(key, go);
			return [{ held: true }];
		}
		if (misdeed.do === 'late')
			await sleep(misdeed.ms ?? 2000);
		const copies = misdeed.do === 'duplicate' ? misdeed.copies ?? 2 : how.copies ?? 1;
		const answers = [];
		if (misdeed.concurrent ?? how.concurrent)
			answers.push(...await Promise.all(Array.from({ length: copies }, go)));
		else
			for (let i = 0; i < copies; i++)
				answers.push(await go());
		const overtaken = held.get(key);
		if (overtaken) {
			held.delete(key);
			answers.push(await overtaken());
		}
		return answers;
	}

	/* The order as the kitchen knows it; an unknown one can be called about too, if the caller gives a url. */
	function ticket_of(body) {
		const rest_id = body.restID ?? [...outlets][0];
		const ticket = orders.get(key_of(rest_id, body.orderID)) ?? [...orders.values()].find((t) => t.orderID === body.orderID);
		if (ticket && (body.restID === undefined || body.restID === ticket.restID))
			return ticket;
		if (!body.url)
			throw new Error(`no live order ${body.orderID}`);
		return { restID: rest_id, orderID: body.orderID, callback_url: body.url, live: false };
	}

	async function kitchen(body) {
		const ticket = ticket_of(body);
		const statuses = (body.statuses ?? [body.status]).map(String);
		if (body.shuffle)
			for (let i = statuses.length - 1; i > 0; i--) {
				const j = Math.floor(sim.random() * (i + 1));
				[statuses[i], statuses[j]] = [statuses[j], statuses[i]];
			}
		if (body.delay_ms)
			await sleep(body.delay_ms);
		const one = (status) => callback(ticket, status, body);
		const answers = [];
		if (body.concurrent && statuses.length > 1)
			answers.push(...(await Promise.all(statuses.map(one))).flat());
		else
			for (const status of statuses)
				answers.push(...await one(status));
		return { sent: statuses, answers, ...answers[answers.length - 1] };
	}

	const hub = (body, endpoint) => {
		const base = body.url ? '' : options.hub;
		if (!body.url && !base)
			throw new Error('neither --hub nor url says where to call');
		return body.url ?? `${base.replace(/\/$/, '')}/api/webhooks/petpooja/${endpoint}`;
	};

	/* Calls configured in the dashboard carry the value agreed there as Authorization. null sends none. */
	const dashboard = (endpoint, content) => async (body) => {
		const value = body.authorization === undefined ? options.authorization : body.authorization;
		const bytes = Buffer.from(body.raw ?? JSON.stringify(content(body)));
		return send(endpoint, hub(body, endpoint), value === null ? {} : { Authorization: value }, bytes,
			{ restID: body.restID ?? [...outlets][0] });
	};

	const signed = (endpoint, content) => async (body) => {
		const bytes = Buffer.from(body.raw ?? JSON.stringify(content(body)));
		const good = `sha256=${crypto.createHmac('sha256', body.secret ?? options['webhook-secret']).update(bytes).digest('hex')}`;
		const value = body.signature === 'none' ? null
			: body.signature === 'bad' ? good.replace(/.$/, (c) => (c === '0' ? '1' : '0'))
				: body.signature ?? good;
		return send(endpoint, hub(body, endpoint), value === null ? {} : { 'x-petpooja-signature': value }, bytes,
			{ orderID: body.order_id ?? null });
	};

	const rest_of = (body) => body.restID ?? [...outlets][0];

	function stock(body) {
		const ids = new Set([body.itemID].flat().map(String));
		const state = body.inStock ? '2' : '0';
		if (body.type !== 'addon')
			for (const item of menu.items)
				if (ids.has(String(item.itemid)))
					item.in_stock = state;
		return {
			restID: rest_of(body), type: body.type ?? 'item', inStock: body.inStock, itemID: body.itemID,
			autoTurnOnTime: body.autoTurnOnTime ?? '', customTurnOnTime: body.customTurnOnTime ?? '',
		};
	}

	const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

	const control = {
		'GET /_sim/orders': () => ({ orders: Object.fromEntries([...orders].filter(([, t]) => t.status !== '-1')) }),
		'GET /_sim/tickets': () => ({ orders: Object.fromEntries(orders) }),
		'DELETE /_sim/orders': () => {
			orders.clear();
			sim.effect('orders_forgotten', {});
			return { orders: {} };
		},
		'POST /_sim/kitchen': kitchen,
		'GET /_sim/menu': () => menu,
		'POST /_sim/menu': (body) => {
			menu = body;
			sim.note('menu_replaced', { items: menu.items.length });
			return { items: menu.items.length };
		},
		'POST /_sim/push-menu': dashboard('push-menu', (body) => menu_for(rest_of(body), body.menu ?? menu)),
		'POST /_sim/stock': dashboard('item-stock', stock),
		'POST /_sim/store': dashboard('store-status-update', (body) => ({
			restID: rest_of(body), store_status: body.store_status, turn_on_time: body.turn_on_time ?? '', reason: body.reason ?? '',
		})),
		'POST /_sim/store-get': dashboard('store-status', (body) => ({ restID: rest_of(body) })),
		'POST /_sim/order-status': signed('order-status', (body) => ({
			order_id: body.order_id, pos_order_id: body.pos_order_id ?? '', status: body.status,
			timestamp: body.timestamp ?? now(), restaurant_id: body.restaurant_id ?? rest_of(body),
		})),
		'POST /_sim/menu-update': signed('menu-update', (body) => ({
			restaurant_id: body.restaurant_id ?? rest_of(body), items_updated: body.items_updated ?? [], timestamp: body.timestamp ?? now(),
		})),
		'POST /_sim/inventory-update': signed('inventory-update', (body) => ({
			restaurant_id: body.restaurant_id ?? rest_of(body), item_id: body.item_id, availability: body.availability, timestamp: body.timestamp ?? now(),
		})),
	};

	const routes = {
		'/save_order': save_order, '/V1/save_order': save_order,
		'/update_order_status': cancel_order, '/V1/update_order_status': cancel_order,
		'/rider_status_update': rider_update, '/V1/rider_status_update': rider_update,
		'/mapped_restaurant_menus': fetch_menu, '/V1/mapped_restaurant_menus': fetch_menu,
	};
	const secrets = ['app-key', 'app-secret', 'access-token', 'authorization', 'webhook-secret'].map((k) => options[k]).filter((v) => v.length > 7);

	return {
		/* The path is compared letter by letter, as the gateway does; a wrong method is the gateway's 403 too. */
		handle: (req) => (req.method === 'POST' && routes[req.path] ? routes[req.path](req)
			: refused(req, gateway(403, req.path.startsWith('/V1/') ? 'Missing Authentication Token' : 'Forbidden'))),
		refusal: (order) => no(order.code ?? 'GN_103', order.message ?? 'Invalid request'),
		control,
		misdeeds: Object.fromEntries(Object.keys(OWN).map((name) => [name, { commits: true, send: (x) => x.plain() }])),
		secret: (text) => secrets.reduce((t, s) => t.split(s).join(`sha256:${digest(s).slice(0, 16)}`), text),
		restore: (row) => {
			const key = key_of(row.restID, row.orderID);
			if (row.effect === 'order_saved') {
				const { restID, orderID, pos_order_id: id, status, callback_url, body_sha256, order } = row;
				orders.set(key, { restID, orderID, pos_order_id: id, status, callback_url, body_sha256, order });
			} else if (row.effect === 'kitchen_status' && orders.has(key)) {
				orders.get(key).status = row.status;
			} else if (row.effect === 'order_cancelled' && orders.has(key)) {
				orders.get(key).status = '-1';
			} else if (row.effect === 'orders_forgotten') {
				orders.clear();
			}
		},
		reset: () => {
			orders.clear();
			held.clear();
		},
	};
}

module.exports = { DEFAULTS, OWN, PATHS, STATUS_WORDS, petpooja };

if (require.main === module)
	main('petpooja', DEFAULTS, petpooja);
