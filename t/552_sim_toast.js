'use strict';
/*
 * The simulated Toast is an oracle, so it is tested first: its tokens and limits, each rule of its orders, what it charges, look-up,
 * menus, its misdeeds, its journal after kill -9, and what it tells us. Nothing of Ticketrail runs here.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { test, after } = require('node:test');
const { start_sim } = require('./sim/start.js');
const { DEFAULTS, OWN } = require('./sim/toast.js');
const { RATES, for_partners, index_of, menu_of } = require('./sim/toast_menu.js');
const { expand, guid_of, place_of } = require('./sim/toast_place.js');

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr552-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const LOGIN = { clientId: DEFAULTS['client-id'], clientSecret: DEFAULTS['client-secret'], userAccessType: 'TOAST_MACHINE_CLIENT' };
const NO_LIMITS = ['--rate', '0', '--rate-long', '0/1', '--menu-rate', '0', '--bulk-rate', '0'];
const diner = place_of('diner');
const index = index_of(menu_of());

const item = (name) => [...index.items.values()].find((x) => x.item.name === name).item;
const group = (name) => [...index.groups.values()].find((g) => g.group.name === name);
const mod = (group_name, name, quantity = 1, more = {}) => ({
	item: { guid: [...group(group_name).options.values()].find((o) => o.name === name).guid }, optionGroup: { guid: group(group_name).group.guid }, quantity, ...more,
});
const line = (name, quantity = 1, modifiers = [], more = {}) => {
	const { item: of, groups } = [...index.items.values()].find((x) => x.item.name === name);
	return { entityType: 'MenuItemSelection', item: { guid: of.guid }, itemGroup: { guid: [...groups][0] }, quantity, modifiers, ...more };
};
const BURGER = (quantity = 1) => line('Cheeseburger', quantity, [mod('How cooked', 'Rare', quantity), mod('Burger extras', 'Bacon', quantity), mod('Side', 'Onion Rings', quantity)]);
const CUSTOMER = { firstName: 'Asha', lastName: 'Rao', phone: '9876543210', email: 'asha@example.com' };
const ADDRESS = { address1: '1 Elm St', city: 'Boston', state: 'MA', zipCode: '02215' };

/* Two cheeseburgers with bacon and onion rings, 2 × 13.25, and a cola, 2.50: 29.00; meals tax 2.03, local option 0.22. */
function order(id = 'ORD-1', change = () => {}, place = diner) {
	const body = {
		entityType: 'Order', externalId: `TICKETRAIL:${id}`, diningOption: { guid: place.dining.TAKE_OUT, entityType: 'DiningOption' },
		checks: [{ entityType: 'Check', externalId: `TICKETRAIL:${id}-1`, tabName: id, customer: { ...CUSTOMER }, selections: [BURGER(2), line('Cola')] }],
	};
	change(body, body.checks[0], body.checks[0].selections[0]);
	return body;
}

const sims = [];
after(() => Promise.all(sims.map((s) => s.stop())));

/* A simulator with a token, and calls that carry it. */
async function start(args = [], { limits = false, login = true, ...how } = {}) {
	const toast = await start_sim('toast', [...(limits ? [] : NO_LIMITS), ...args], { dir: fs.mkdtempSync(path.join(temp, 'j')), ...how });
	sims.push(toast);
	toast.login = async () => {
		const r = await toast.post('/authentication/v1/authentication/login', LOGIN);
		toast.token = r.json?.token?.accessToken;
		return r;
	};
	toast.call = (method, where, body, headers = {}, ms) => toast.ask(method, where, body, { Authorization: `Bearer ${toast.token}`, 'Toast-Restaurant-External-ID': diner.guid, ...headers }, ms);
	toast.save = (body, headers, ms) => toast.call('POST', '/orders/v2/orders', body, headers, ms);
	toast.orders = async () => (await toast.get('/_sim/orders')).json.orders;
	toast.effects = async () => (await toast.seen('kind=effect')).map((e) => e.effect).filter((e) => !/^token_/.test(e));
	if (login)
		await toast.login();
	return toast;
}

/* A place that events can be sent to. */
async function listener() {
	const got = [];
	const server = http.createServer((req, res) => {
		const chunks = [];
		req.on('data', (c) => chunks.push(c));
		req.on('end', () => {
			const bytes = Buffer.concat(chunks);
			got.push({ url: req.url, headers: req.headers, bytes, json: JSON.parse(bytes.toString() || 'null') });
			res.end('{}');
		});
	});
	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	server.unref();
	return { got, url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

/* An error as Toast words it. */
function is_error(r, status, words) {
	assert.strictEqual(r.status, status, r.text);
	assert.deepStrictEqual(Object.keys(r.json), ['status', 'code', 'message', 'messageKey', 'fieldName', 'link', 'requestId', 'developerMessage', 'errors', 'canRetry']);
	assert.strictEqual(r.json.status, status);
	assert.match(r.json.requestId, /^[0-9a-f-]{36}$/);
	if (words)
		assert.match(`${r.json.message} ${r.json.developerMessage}`, words);
}

const signature = (secret, bytes) => crypto.createHmac('sha256', secret).update(Buffer.concat([bytes, Buffer.from(JSON.parse(bytes).timestamp)])).digest('base64');

test('TEST-04 an order is priced, saved once and answered in Toast\'s words', async () => {
	const toast = await start();
	const priced = await toast.call('POST', '/orders/v2/prices', order());
	assert.deepStrictEqual([priced.status, priced.json.guid, priced.json.checks[0].guid, priced.json.checks[0].amount, priced.json.checks[0].taxAmount, priced.json.checks[0].totalAmount],
		[200, null, null, 29, 2.25, 31.25]);
	assert.deepStrictEqual(await toast.orders(), {}, 'a price call stores nothing');
	const r = await toast.save(order('ORD-1', (o, c) => { c.payments = [{ type: 'OTHER', amount: 31.25, tipAmount: 0, otherPayment: { guid: diner.payment.online } }]; }));
	assert.strictEqual(r.status, 200);
	assert.match(r.json.guid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.deepStrictEqual([r.json.entityType, r.json.externalId, r.json.approvalStatus, r.json.source, r.json.displayNumber, r.json.checks[0].totalAmount, r.json.checks[0].paymentStatus],
		['Order', 'TICKETRAIL:ORD-1', 'NEEDS_APPROVAL', 'API', '1', 31.25, 'CLOSED']);
	const [burger, cola] = r.json.checks[0].selections;
	assert.deepStrictEqual([burger.displayName, burger.price, burger.fulfillmentStatus, cola.price, cola.modifiers], ['Cheeseburger', 26.5, 'NEW', 2.5, []]);
	const { 'ORD-1': live } = await toast.orders();
	assert.deepStrictEqual([live.outlet, live.id, live.state, live.visible, live.total, live.paid, live.tabName, live.type], [diner.guid, r.json.guid, 'placed', true, 3125, 3125, 'ORD-1', 'TAKE_OUT']);
	assert.deepStrictEqual(live.lines.map((l) => [l.name, l.quantity, l.modifiers, l.price]), [['Cheeseburger', 2, ['Rare', 'Bacon', 'Onion Rings'], 2650], ['Cola', 1, [], 250]]);
	const [saved] = await toast.seen('effect=order_saved');
	assert.deepStrictEqual([saved.outlet, saved.reference, saved.id, saved.total, saved.paid, saved.visible], [diner.guid, 'ORD-1', r.json.guid, 3125, 3125, true]);
	assert.deepStrictEqual((await toast.seen('kind=note')).map((n) => n.note), ['priced']);
});

test('tokens: one a day, the same until its last minute, refused when bad, expired or revoked', async (t) => {
	const toast = await start(['--token-life', '3', '--token-margin', '1'], { login: false });
	const login = (body, headers) => toast.post('/authentication/v1/authentication/login', body, headers);
	await t.test('bad credentials and bad requests', async () => {
		is_error(await login({ ...LOGIN, clientSecret: 'x' }), 401);
		is_error(await login({ ...LOGIN, clientId: 'x' }), 401);
		is_error(await login({ ...LOGIN, clientSecret: undefined }), 400, /clientSecret/);
		is_error(await login({ ...LOGIN, userAccessType: 'X' }), 400, /userAccessType/);
		is_error(await login('{'), 400);
		is_error(await login('a=1', { 'Content-Type': 'application/x-www-form-urlencoded' }), 415);
		is_error(await toast.get('/authentication/v1/authentication/login'), 405);
	});
	let first;
	await t.test('the same token again, with what it has left', async () => {
		first = (await toast.login()).json;
		assert.deepStrictEqual([first.status, first.token.tokenType, first.token.scope, first.token.refreshToken, first.token.idToken], ['SUCCESS', 'Bearer', null, null, null]);
		assert.ok(first.token.expiresIn <= 3 && first.token.expiresIn >= 2);
		const claims = JSON.parse(Buffer.from(first.token.accessToken.split('.')[1], 'base64url'));
		assert.strictEqual(claims['https://toasttab.com/client_name'], 'TICKETRAIL');
		const again = (await toast.login()).json;
		assert.strictEqual(again.token.accessToken, first.token.accessToken);
		assert.strictEqual((await toast.call('GET', '/menus/v2/metadata')).status, 200);
	});
	await t.test('none, a foreign one, no scheme', async () => {
		for (const value of ['', 'Bearer x.y.z', `Basic ${toast.token}`, toast.token])
			is_error(await toast.call('GET', '/menus/v2/metadata', undefined, { Authorization: value }), 401);
	});
	await t.test('in its last minute there is a new one, and the old one still works until it ends', async () => {
		await sleep(2100);
		const old = toast.token;
		const next = (await toast.login()).json;
		assert.notStrictEqual(next.token.accessToken, old);
		await sleep(1100);
		is_error(await toast.call('GET', '/menus/v2/metadata', undefined, { Authorization: `Bearer ${old}` }), 401, /expired/);
		assert.strictEqual((await toast.call('GET', '/menus/v2/metadata')).status, 200);
	});
	await t.test('revoked', async () => {
		await toast.login();
		await toast.post('/_sim/tokens', { do: 'revoke' });
		is_error(await toast.call('GET', '/menus/v2/metadata'), 401, /revoked/);
		await toast.login();
		assert.strictEqual((await toast.call('GET', '/menus/v2/metadata')).status, 200);
	});
	await t.test('no secret and no token is journalled', async () => {
		const all = (await toast.get('/_sim/seen?all=1')).text;
		for (const secret of [LOGIN.clientSecret, first.token.accessToken, toast.token])
			assert.ok(!all.includes(secret));
	});
});

test('the restaurant is named in a header, and the client may do what its scopes say', async () => {
	const toast = await start(['--scopes', 'orders.channel:read,menus.channel:read,orders.orders:write']);
	const at = (id) => toast.call('GET', '/menus/v3/metadata', undefined, { 'Toast-Restaurant-External-ID': id });
	is_error(await at(''), 400);
	is_error(await at('diner'), 400);
	is_error(await at(guid_of('nowhere')), 404);
	assert.strictEqual((await at(diner.guid.toUpperCase())).status, 200);
	is_error(await toast.call('GET', '/menus/v2/menus'), 403, /menus:read/);
	is_error(await toast.call('POST', `/orders/v2/orders/${diner.guid}/void`, {}), 403);
	is_error(await toast.call('GET', '/stock/v1/inventory'), 403);
	is_error(await toast.call('GET', '/nowhere'), 404);
	is_error(await toast.call('DELETE', '/orders/v2/orders'), 405);
	const { id } = (await toast.post('/_sim/foreign', { name: 'Soup' })).json;
	is_error(await toast.call('GET', `/orders/v2/orders/${id}`), 404);
	const mine = (await toast.save(order('D', (o) => { o.diningOption.guid = diner.dining.DELIVERY; o.deliveryInfo = { ...ADDRESS }; }))).json;
	assert.deepStrictEqual([mine.checks[0].customer, mine.deliveryInfo.address1], [null, null], 'no scope, no guest');
	await toast.post('/_sim/partners', { connected: false });
	is_error(await at(diner.guid), 404);
	await toast.post('/_sim/partners', { connected: true });
	assert.strictEqual((await at(diner.guid)).status, 200);
});

test('limits: twenty a second, menus one, by client and restaurant, told in the headers', async () => {
	const toast = await start(['--locations', 'diner,other', '--rate', '5', '--rate-long', '12/900'], { limits: true });
	const statuses = async (n, where, place = diner) => (await Promise.all(Array.from({ length: n }, () => toast.call('GET', where, undefined, { 'Toast-Restaurant-External-ID': place.guid }))));
	const many = await statuses(8, '/menus/v2/metadata');
	const refused = many.filter((r) => r.status === 429);
	assert.strictEqual(many.filter((r) => r.status === 200).length, 5);
	is_error(refused[0], 429);
	assert.strictEqual(refused[0].headers['retry-after'], '1');
	assert.deepStrictEqual([refused[0].headers['x-toast-ratelimit-by'], refused[0].headers['x-toast-ratelimit-remaining']], ['GLOBAL', '0']);
	assert.ok(Math.abs(Number(refused[0].headers['x-toast-ratelimit-reset']) - Date.now() / 1000) < 3);
	assert.strictEqual((await statuses(1, '/menus/v2/metadata', place_of('other')))[0].status, 200, 'another restaurant has its own');
	await sleep(1050);
	const menus = await statuses(2, '/menus/v2/menus');
	assert.deepStrictEqual(menus.map((r) => r.status).sort(), [200, 429]);
	assert.strictEqual(menus.find((r) => r.status === 429).headers['x-toast-ratelimit-by'], 'ENDPOINT');
	await sleep(1050);
	assert.strictEqual((await statuses(5, '/menus/v2/metadata')).filter((r) => r.status === 200).length, 5);
	await sleep(1050);
	const last = (await statuses(3, '/menus/v2/metadata')).filter((r) => r.status === 429);
	assert.ok(last.length >= 2 && Number(last[0].headers['retry-after']) > 800, 'the long window');
});

/* [what, change, words of the refusal, status] */
const REFUSED = [
	['no dining option', (o) => { delete o.diningOption; }, /diningOption/],
	['an unknown dining option', (o) => { o.diningOption.guid = guid_of('x'); }, /Dining option not found/],
	['another restaurant\'s dining option', (o) => { o.diningOption.guid = place_of('other').dining.TAKE_OUT; }, /Dining option not found/],
	['no checks', (o) => { o.checks = []; }, /checks/],
	['too many checks', (o, c) => { o.checks = Array.from({ length: 101 }, () => c); }, /too many checks/, 413],
	['a check with nothing', (o, c) => { c.selections = []; }, /selections must not be empty/],
	['more than a thousand lines', (o, c) => { c.selections = Array.from({ length: 1001 }, () => line('Cola')); }, /1000/],
	['externalId of another authority', (o) => { o.externalId = 'SOMEBODY:1'; }, /naming authority/],
	['externalId with no authority', (o) => { o.externalId = '1'; }, /AUTHORITY:id/],
	['externalId with a long authority', (o) => { o.externalId = `${'A'.repeat(17)}:1`; }, /AUTHORITY:id/],
	['externalId too long', (o) => { o.externalId = `TICKETRAIL:${'1'.repeat(257)}`; }, /AUTHORITY:id/],
	['a line\'s externalId twice', (o, c) => { c.selections.forEach((s) => { s.externalId = 'TICKETRAIL:a'; }); }, /twice/],
	['a date with no zone', (o) => { o.promisedDate = '2026-01-05T10:00:00.000'; }, /promisedDate/],
	['a date that is none', (o) => { o.promisedDate = '2026-13-05T10:00:00.000Z'; }, /promisedDate/],
	['promised before opened', (o) => { o.openedDate = '2030-01-05T10:00:00.000+0000'; o.promisedDate = '2030-01-05T09:00:00.000+0000'; }, /before openedDate/],
	['a preparation of seven minutes', (o) => { o.requiredPrepTime = 'PT7M'; }, /requiredPrepTime/],
	['half a guest', (o) => { o.numberOfGuests = 0.5; }, /numberOfGuests/],
	['an unknown table', (o) => { o.table = { guid: guid_of('x') }; }, /Table not found/],
	['an unknown revenue center', (o) => { o.revenueCenter = { guid: guid_of('x') }; }, /Revenue center not found/],
	['no customer', (o, c) => { delete c.customer; }, /customer is required/],
	...['firstName', 'lastName', 'phone', 'email'].map((k) => [`no ${k}`, (o, c) => { c.customer[k] = ''; }, new RegExp(`${k} is required`)]),
	['a phone with its country', (o, c) => { c.customer.phone = '+919876543210'; }, /ten digits/],
	['a phone with dashes', (o, c) => { c.customer.phone = '987-654-3210'; }, /ten digits/],
	['a long e-mail address', (o, c) => { c.customer.email = `${'a'.repeat(45)}@example.com`; }, /email/],
	['an e-mail address that is none', (o, c) => { c.customer.email = 'asha'; }, /email/],
	['a long tab name', (o, c) => { c.tabName = 'x'.repeat(256); }, /tabName/],
	['taxExempt as text', (o, c) => { c.taxExempt = 'no'; }, /taxExempt/],
	['a delivery to nowhere', (o) => { o.diningOption.guid = diner.dining.DELIVERY; }, /deliveryInfo is required/],
	...['address1', 'city', 'state', 'zipCode'].map((k) => [`a delivery with no ${k}`, (o) => { o.diningOption.guid = diner.dining.DELIVERY; o.deliveryInfo = { ...ADDRESS, [k]: undefined }; }, new RegExp(`${k} is required`)]),
	['a state in full', (o) => { o.diningOption.guid = diner.dining.DELIVERY; o.deliveryInfo = { ...ADDRESS, state: 'Massachusetts' }; }, /two letters/],
	['latitude as text', (o) => { o.diningOption.guid = diner.dining.DELIVERY; o.deliveryInfo = { ...ADDRESS, latitude: '42' }; }, /latitude/],
	['an unknown item', (o, c, s) => { s.item.guid = guid_of('x'); }, /Menu item not found/],
	['an item by name', (o, c, s) => { s.item = { name: 'Cola' }; }, /guid or a multiLocationId/],
	['an item of another menu group', (o, c, s) => { s.itemGroup.guid = guid_of('menu group Drinks'); }, /not in menu group/],
	['no quantity', (o, c, s) => { delete s.quantity; }, /quantity/],
	['quantity as text', (o, c, s) => { s.quantity = '2'; }, /quantity/],
	['quantity zero', (o, c, s) => { s.quantity = 0; }, /quantity/],
	['a modifier with no group', (o, c, s) => { delete s.modifiers[0].optionGroup; }, /optionGroup is required/],
	['a modifier of a foreign group', (o, c, s) => { s.modifiers[0] = mod('Wing sauce', 'Buffalo', 2); }, /does not belong/],
	['a modifier in the wrong group', (o, c, s) => { s.modifiers[0].item = mod('Side', 'Fries').item; }, /not in group/],
	['a modifier in another quantity', (o, c, s) => { s.modifiers[0].quantity = 1; }, /quantity must be that of its parent/],
	['a required modifier missing', (o, c, s) => { s.modifiers.shift(); }, /How cooked needs at least 1/],
	['two where one is allowed', (o, c, s) => { s.modifiers.push(mod('How cooked', 'Rare', 2)); }, /allows at most 1/],
	['five where four are allowed', (o, c, s) => { s.modifiers.push(...Array.from({ length: 4 }, () => mod('Burger extras', 'Pickles', 2))); }, /allows at most 4/],
	['twice what can be had once', (o, c, s) => { s.modifiers.push(mod('Burger extras', 'Bacon', 2)); }, /chosen twice/],
	['a modifier of a modifier twice', (o, c, s) => { s.modifiers[1].modifiers = [mod('Bacon style', 'Crisp', 2), mod('Bacon style', 'Soft', 2)]; }, /allows at most 1/],
	['an unknown pre-modifier', (o, c, s) => { s.modifiers[1].preModifier = { guid: guid_of('x') }; }, /pre-modifier/],
	['an open item that has a price', (o, c, s) => { s.selectionType = 'OPEN_ITEM'; s.openPriceAmount = 5; }, /no open price/],
	['a negative price', (o, c) => { c.selections.push(line('Open Food', 1, [], { selectionType: 'OPEN_ITEM', openPriceAmount: -1 })); }, /negative/],
	['a price in mills', (o, c) => { c.selections.push(line('Open Food', 1, [], { openPriceAmount: 1.005 })); }, /no amount/],
	['a price as text', (o, c) => { c.selections.push(line('Open Food', 1, [], { openPriceAmount: '5.00' })); }, /must be a number/],
	['a marketplace\'s price', (o, c, s) => { s.externalPriceAmount = 5; }, /marketplace/],
	['selling a gift card', (o, c, s) => { s.selectionType = 'TOAST_CARD_SELL'; }, /can not be ordered/],
	['a special request that says nothing', (o, c, s) => { s.modifiers.push({ selectionType: 'SPECIAL_REQUEST' }); }, /displayName is required/],
	['a special request too long', (o, c, s) => { s.modifiers.push({ selectionType: 'SPECIAL_REQUEST', displayName: 'x'.repeat(1001) }); }, /1000/],
	['an unknown portion', (o, c, s) => { s.modifiers.push({ selectionType: 'PORTION', item: { guid: guid_of('x') }, quantity: 2 }); }, /no such portion/],
	['two discounts', (o, c) => { c.appliedDiscounts = [{ discount: { guid: diner.discount.five } }, { discount: { guid: diner.discount.five } }]; }, /one discount/],
	['an unknown discount', (o, c) => { c.appliedDiscounts = [{ discount: { guid: guid_of('x') } }]; }, /Discount not found/],
	['an open discount of nothing said', (o, c) => { c.appliedDiscounts = [{ discount: { guid: diner.discount.open } }]; }, /discountAmount is required/],
	['an unknown service charge', (o, c) => { c.appliedServiceCharges = [{ serviceCharge: { guid: guid_of('x') } }]; }, /Service charge not found/],
	['an open charge of nothing said', (o, c) => { c.appliedServiceCharges = [{ serviceCharge: { guid: diner.charge.delivery } }]; }, /chargeAmount is required/],
	['a fixed charge told its amount', (o, c) => { c.appliedServiceCharges = [{ serviceCharge: { guid: diner.charge.bag }, chargeAmount: 1 }]; }, /only an open/],
	['cash', (o, c) => { c.payments = [{ type: 'CASH', amount: 1, tipAmount: 0 }]; }, /OTHER or CREDIT/],
	['a card with no authorization', (o, c) => { c.payments = [{ type: 'CREDIT', amount: 1, tipAmount: 0 }]; }, /authorization/],
	['another payment of no type', (o, c) => { c.payments = [{ type: 'OTHER', amount: 1, tipAmount: 0 }]; }, /otherPayment/],
	['an unknown payment type', (o, c) => { c.payments = [{ type: 'OTHER', amount: 1, tipAmount: 0, otherPayment: { guid: guid_of('x') } }]; }, /Payment type not found/],
	['a payment with no tip said', (o, c) => { c.payments = [{ type: 'OTHER', amount: 1, otherPayment: { guid: diner.payment.cash } }]; }, /tipAmount/],
	['a payment as text', (o, c) => { c.payments = [{ type: 'OTHER', amount: '1.00', tipAmount: 0, otherPayment: { guid: diner.payment.cash } }]; }, /amount must be a number/],
];

test('each rule by which Toast refuses an order', async (t) => {
	const toast = await start();
	for (const [what, change, words, status] of REFUSED)
		await t.test(what, async () => is_error(await toast.save(order('V', change)), status ?? 400, words));
	await t.test('not JSON, not declared as JSON, too much of it', async () => {
		is_error(await toast.save('{"checks":'), 400);
		is_error(await toast.save('[]'), 400);
		is_error(await toast.save(order(), { 'Content-Type': 'text/plain' }), 415);
		is_error(await toast.save(order('B', (o) => { o.padding = 'x'.repeat(1 << 20); })), 400, /1 MB/);
	});
	await t.test('/prices has the same rules, but needs neither guest nor address', async () => {
		is_error(await toast.call('POST', '/orders/v2/prices', order('V', (o, c, s) => { s.modifiers.shift(); })), 400, /at least 1/);
		assert.strictEqual((await toast.call('POST', '/orders/v2/prices', order('V', (o, c) => { delete c.customer; o.diningOption.guid = diner.dining.DELIVERY; }))).status, 200);
	});
	assert.deepStrictEqual(await toast.orders(), {}, 'nothing that was refused is live');
	assert.strictEqual((await toast.seen('effect=refused')).length, REFUSED.length + 5);
});

test('what Toast does not refuse is noted', async () => {
	const toast = await start();
	const r = await toast.save(order('N', (o, c, s) => {
		delete o.externalId;
		Object.assign(o, { guid: guid_of('mine'), promisedDate: '2026-01-01T00:00:00.000Z', deliveryInfo: ADDRESS });
		delete s.itemGroup;
		Object.assign(s, { displayName: 'My burger', openPriceAmount: 1, price: 3 });
		c.selections.push(line('Lobster Roll'), line('Staff Brownie'), { selectionType: 'SPECIAL_REQUEST', displayName: 'no napkins' });
		c.payments = [{ type: 'OTHER', amount: 1, tipAmount: 0, otherPayment: { guid: diner.payment.cash } }];
	}));
	assert.deepStrictEqual([r.status, r.json.checks[0].paymentStatus, r.json.checks[0].selections[0].displayName], [200, 'OPEN', 'Cheeseburger']);
	const notes = (await toast.seen('kind=note')).map((n) => n.note);
	for (const want of ['no_external_id', 'ignored_key', 'promised_in_the_past', 'no_item_group', 'display_name_ignored', 'open_price_ignored', 'out_of_stock', 'hidden_item',
		'special_request_unseen', 'payment_differs_from_total'])
		assert.ok(notes.includes(want), want);
	const [live] = Object.values(await toast.orders());
	assert.deepStrictEqual([live.reference, live.lines.length, live.paid], [null, 4, 100], 'a request that is no modifier is not seen');
});

test('what things cost: sizes, turns, pre-modifiers, open items, tax within, discounts, charges', async (t) => {
	const toast = await start();
	const cost = async (selections, more = {}) => {
		const r = await toast.call('POST', '/orders/v2/prices', order('P', (o, c) => Object.assign(c, { selections, ...more })));
		assert.strictEqual(r.status, 200, r.text);
		return [r.json.checks[0].amount, r.json.checks[0].taxAmount, r.json.checks[0].totalAmount];
	};
	const pizza = (size, ...toppings) => line('Cheese Pizza', 1, [mod('Pizza size', size), ...toppings.map((n) => mod('Pizza toppings', n))]);
	const cases = [
		['the size has the price, and toppings go with it', [pizza('Small', 'Mushrooms')], [12.25, 0.95, 13.2]],
		['a large one, and the order in which things are chosen does not matter', [{ ...pizza('Large'), modifiers: [mod('Pizza toppings', 'Mushrooms'), mod('Pizza size', 'Large')] }], [20.75, 1.61, 22.36]],
		['halves have toppings of their own', [{ ...pizza('Medium'), modifiers: [mod('Pizza size', 'Medium'),
			{ selectionType: 'PORTION', item: { guid: item('Cheese Pizza').portions[0].guid }, quantity: 1, modifiers: [mod('Pizza toppings', 'Pepperoni')] }] }], [16.75, 1.3, 18.05]],
		['by turn: the first is free, the same may come again', [line('Wings (8)', 1, [mod('Wing sauce', 'Buffalo'), mod('Wing sauce', 'Buffalo'), mod('Wing sauce', 'Honey garlic')])], [12.74, 0.99, 13.73]],
		['a modifier of a modifier', [line('Cheeseburger', 1, [mod('How cooked', 'Rare'), mod('Side', 'Fries'), mod('Burger extras', 'Bacon', 1, { modifiers: [mod('Bacon style', 'Crisp')] })])], [11.75, 0.91, 12.66]],
		['extra costs, none costs nothing', [line('Veggie Burger', 1, [mod('Side', 'Fries'), mod('Burger extras', 'Cheddar', 1, { preModifier: { guid: guid_of('pre Extra') } }),
			mod('Burger extras', 'Avocado', 1, { preModifier: { guid: guid_of('pre No') } })])], [10.25, 0.8, 11.05]],
		['an open item costs what is said', [line('Open Food', 2, [{ selectionType: 'SPECIAL_REQUEST', displayName: 'Daily special' }], { selectionType: 'OPEN_ITEM', openPriceAmount: 7.25 })], [14.5, 1.13, 15.63]],
		['and nothing when nothing is said', [line('Open Food')], [0, 0, 0]],
		['tax within the price', [line('Bottled Water', 3)], [5.61, 0.39, 6]],
		['no tax', [line('Fruit Cup')], [4, 0, 4]],
		['exempt', [line('Cola')], [2.5, 0, 2.5], { taxExempt: true }],
		['a tenth off', [line('Cola', 4)], [9, 0.7, 9.7], { appliedDiscounts: [{ discount: { guid: diner.discount.welcome } }] }],
		['more off than there is', [line('Cola')], [0, 0, 0], { appliedDiscounts: [{ discount: { guid: diner.discount.five } }] }],
		['charges of all kinds', [line('Fruit Cup')], [8.36, 0, 8.36], { appliedServiceCharges: [{ serviceCharge: { guid: diner.charge.delivery }, chargeAmount: 3.99 },
			{ serviceCharge: { guid: diner.charge.bag } }, { serviceCharge: { guid: diner.charge.kitchen } }] }],
		['by the id that restaurants share', [{ item: { multiLocationId: item('Cola').multiLocationId }, quantity: 1 }], [2.5, 0.2, 2.7]],
		['by weight', [line('Fruit Cup', 0.5)], [2, 0, 2]],
	];
	for (const [what, selections, want, more] of cases)
		await t.test(what, async () => assert.deepStrictEqual(await cost(selections, more), want));
});

test('the same externalId fails, whatever the bytes, and makes nothing new', async () => {
	const toast = await start();
	const first = (await toast.save(order())).json;
	is_error(await toast.save(order()), 400, /order with externalId TICKETRAIL:ORD-1 already exists/);
	is_error(await toast.save(order('ORD-1', (o, c) => { c.tabName = 'changed'; })), 400, /already exists/);
	is_error(await toast.save(order('ORD-2', (o, c) => { c.externalId = 'TICKETRAIL:ORD-1-1'; })), 400, /check with externalId/);
	assert.deepStrictEqual(await toast.effects(), ['order_saved', 'order_repeated', 'order_repeated', 'order_repeated']);
	assert.deepStrictEqual((await toast.seen('effect=order_repeated')).map((r) => [r.kind_of, r.same, r.id]), [['order', true, first.guid], ['order', false, first.guid], ['check', false, first.guid]]);
	assert.strictEqual(Object.keys(await toast.orders()).length, 1);
	const strict = await start(['--duplicate', '409', '--locations', 'diner,other']);
	await strict.save(order());
	is_error(await strict.save(order()), 409);
	const other = place_of('other');
	assert.strictEqual((await strict.save(order('ORD-1', () => {}, other), { 'Toast-Restaurant-External-ID': other.guid })).status, 200, 'unique at one restaurant');
	const both = await strict.orders();
	assert.deepStrictEqual(Object.keys(both), ['ORD-1', `ORD-1 ${other.guid}`]);
	assert.deepStrictEqual(Object.keys((await strict.get('/_sim/orders?location=other')).json.orders), ['ORD-1']);
});

test('look-up: by GUID, in bulk by time, day and page, and by externalId only when told to', async (t) => {
	const toast = await start();
	const before = Date.now();
	const ids = [];
	for (let i = 0; i < 5; i++)
		ids.push((await toast.save(order(`L-${i}`))).json.guid);
	const when = (ms, form = (s) => s) => encodeURIComponent(form(new Date(ms).toISOString()));
	const bulk = (query) => toast.call('GET', `/orders/v2/ordersBulk?${query}`);
	const window = `startDate=${when(before)}&endDate=${when(Date.now() + 1000)}`;

	await t.test('by GUID', async () => {
		assert.strictEqual((await toast.call('GET', `/orders/v2/orders/${ids[0]}`)).json.externalId, 'TICKETRAIL:L-0');
		is_error(await toast.call('GET', `/orders/v2/orders/${guid_of('x')}`), 404);
		is_error(await toast.call('GET', '/orders/v2/orders/TICKETRAIL%3AL-0'), 400, /not a valid GUID/);
		is_error(await toast.call('GET', '/orders/v2/orders/%zz'), 400, /not a valid GUID/);
	});
	await t.test('by time, in pages', async () => {
		const r = await bulk(`${window}&pageSize=2`);
		assert.deepStrictEqual(r.json.map((o) => o.guid), ids.slice(0, 2));
		assert.match(r.headers.link, /page=2>; rel="next"|page=2.*rel="next"/);
		const last = await bulk(`${window}&pageSize=2&page=3`);
		assert.deepStrictEqual([last.json.map((o) => o.guid), last.headers.link], [[ids[4]], undefined]);
		assert.deepStrictEqual((await bulk(`${window}&page=9`)).json, []);
		assert.deepStrictEqual((await toast.call('GET', `/orders/v2/orders?${window}`)).json, ids);
	});
	await t.test('the start is inside, the end is not, and a change counts', async () => {
		await sleep(5);
		const at = Date.now();
		await sleep(5);
		await toast.post('/_sim/kitchen', { id: ids[1], status: 'accept' });
		const { modifiedDate } = (await toast.call('GET', `/orders/v2/orders/${ids[1]}`)).json;
		const moment = Date.parse(modifiedDate.replace('+0000', 'Z'));
		assert.deepStrictEqual((await bulk(`startDate=${when(at)}&endDate=${when(moment)}`)).json, []);
		assert.deepStrictEqual((await bulk(`startDate=${when(moment, (s) => s.replace('Z', '+0000'))}&endDate=${when(moment + 1)}`)).json.map((o) => o.guid), [ids[1]]);
	});
	await t.test('by business day', async () => {
		const { businessDate } = (await toast.call('GET', `/orders/v2/orders/${ids[0]}`)).json;
		assert.strictEqual((await bulk(`businessDate=${businessDate}`)).json.length, 5);
		assert.strictEqual((await bulk('businessDate=20200101')).json.length, 0);
	});
	await t.test('what is asked wrongly', async () => {
		is_error(await bulk(''), 400);
		is_error(await bulk(`startDate=${when(before)}`), 400);
		is_error(await bulk(`startDate=${new Date(before).toISOString().replace('Z', '+0000')}&endDate=${when(before)}`), 400, /startDate/);
		is_error(await bulk(`startDate=${when(before + 1)}&endDate=${when(before)}`), 400);
		is_error(await bulk(`${window}&pageSize=101`), 400);
		is_error(await bulk(`${window}&page=0`), 400);
		is_error(await bulk('businessDate=today'), 400);
	});
	await t.test('a lag, a lost row, and look-up by externalId', async () => {
		const slow = await start(['--bulk-lag', '300', '--get-by-external-id']);
		await slow.save(order('LAG'));
		const get = () => slow.call('GET', `/orders/v2/ordersBulk?startDate=${when(before)}&endDate=${when(Date.now() + 1000)}`);
		assert.deepStrictEqual((await get()).json, []);
		await sleep(320);
		await slow.post('/_sim/next', [{ path: '/ordersBulk', do: 'bulk_lost' }]);
		assert.deepStrictEqual([(await get()).json.length, (await get()).json.length], [0, 1]);
		assert.strictEqual((await slow.call('GET', '/orders/v2/orders/TICKETRAIL%3ALAG')).json.externalId, 'TICKETRAIL:LAG');
		is_error(await slow.call('GET', '/orders/v2/orders/TICKETRAIL%3ANO'), 404);
	});
});

test('voiding, paying, adding, delivering', async (t) => {
	const toast = await start();
	const VOID = { selections: { voidAll: true }, payments: { voidAll: true } };
	const paid = (o, c) => { c.payments = [{ type: 'OTHER', amount: 31.25, tipAmount: 2, otherPayment: { guid: diner.payment.online } }]; };
	const cancel = (id, body = VOID) => toast.call('POST', `/orders/v2/orders/${id}/void`, body);

	await t.test('a void is for all of it, once', async () => {
		const { guid } = (await toast.save(order('V-1', paid))).json;
		is_error(await cancel(guid, {}), 400, /selections.voidAll/);
		is_error(await cancel(guid, { selections: { voidAll: true } }), 400, /payments.voidAll/);
		is_error(await cancel(guid_of('x')), 404);
		const r = (await cancel(guid)).json;
		assert.deepStrictEqual([r.voided, r.checks[0].voided, r.checks[0].selections[0].voided, r.checks[0].totalAmount, r.checks[0].payments[0].paymentStatus], [true, true, true, 0, 'VOIDED']);
		is_error(await cancel(guid), 400, /voided/);
		assert.deepStrictEqual(await toast.orders(), {});
		const [gone] = await toast.seen('effect=order_cancelled');
		assert.deepStrictEqual([gone.reference, gone.by, gone.total, gone.paid], ['V-1', 'hub', 0, 0]);
		is_error(await toast.save(order('V-1')), 400, /already exists/);
	});
	await t.test('what was paid at the counter can not be voided', async () => {
		const { guid } = (await toast.save(order('V-2'))).json;
		await toast.post('/_sim/kitchen', { reference: 'V-2', status: 'pay' });
		is_error(await cancel(guid), 400, /type OTHER/);
	});
	await t.test('payments and lines can be added, a tip changed', async () => {
		const made = (await toast.save(order('V-3'))).json;
		const at = `/orders/v2/orders/${made.guid}/checks/${made.checks[0].guid}`;
		const more = (await toast.call('POST', `${at}/selections`, [line('Cola')])).json;
		assert.deepStrictEqual([more.checks[0].selections.length, more.checks[0].totalAmount], [3, 33.95]);
		is_error(await toast.call('POST', `${at}/selections`, [line('Cola', 0)]), 400);
		const given = (await toast.call('POST', `${at}/payments`, [{ type: 'OTHER', amount: 33.95, tipAmount: 0, otherPayment: { guid: diner.payment.online } }])).json;
		assert.deepStrictEqual([given.checks[0].paymentStatus, given.checks[0].payments.length], ['CLOSED', 1]);
		const tipped = await toast.call('PATCH', `${at}/payments/${given.checks[0].payments[0].guid}`, { tipAmount: 5 });
		assert.strictEqual(tipped.json.checks[0].payments[0].tipAmount, 5);
		is_error(await toast.call('POST', `/orders/v2/orders/${made.guid}/checks/${guid_of('x')}/payments`, []), 404);
		const [saved] = await toast.seen('effect=payment_saved');
		assert.deepStrictEqual([saved.reference, saved.total, saved.paid], ['V-3', 3395, 3395]);
	});
	await t.test('a delivery moves on', async () => {
		const { guid } = (await toast.save(order('V-4', (o) => { o.diningOption.guid = diner.dining.DELIVERY; o.deliveryInfo = { ...ADDRESS, notes: 'gate 4' }; }))).json;
		const r = await toast.call('PATCH', `/orders/v2/orders/${guid}/deliveryInfo`, { deliveryState: 'PICKED_UP' });
		assert.deepStrictEqual([r.json.deliveryInfo.deliveryState, r.json.deliveryInfo.address1], ['PICKED_UP', '1 Elm St']);
		is_error(await toast.call('PATCH', `/orders/v2/orders/${guid}/deliveryInfo`, { deliveryState: 'EATEN' }), 400);
		const { 'V-4': live } = await toast.orders();
		assert.deepStrictEqual([live.state, live.notes], ['out_for_delivery', ['gate 4']]);
	});
});

test('an order for later waits, out of sight, until it is time', async () => {
	const toast = await start(['--auto', 'accept@30,ready@60']);
	const later = (ms) => (o) => { o.openedDate = o.promisedDate = new Date(Date.now() + ms).toISOString(); o.requiredPrepTime = 'PT5M'; };
	assert.strictEqual((await toast.save(order('F-1', later(3600000)))).json.approvalStatus, 'FUTURE');
	await toast.save(order('F-2', later(300000 + 1500)));
	await toast.save(order('F-3', later(60000)));
	const states = async () => Object.values(await toast.orders()).map((o) => [o.reference, o.visible, o.state]);
	while ((await states())[2][2] !== 'ready')
		await sleep(10);
	assert.deepStrictEqual(await states(), [['F-1', false, 'placed'], ['F-2', false, 'placed'], ['F-3', true, 'ready']]);
	while ((await states())[1][2] !== 'ready')
		await sleep(20);
	assert.deepStrictEqual((await states()).slice(0, 2), [['F-1', false, 'placed'], ['F-2', true, 'ready']]);
});

test('the menu: its stamp first, the whole for the house, what partners may sell for partners', async () => {
	const toast = await start();
	const get = async (where) => (await toast.call('GET', where)).json;
	const { restaurantGuid, lastUpdated } = await get('/menus/v2/metadata');
	assert.deepStrictEqual([restaurantGuid, lastUpdated], [diner.guid, menu_of().lastUpdated]);
	assert.deepStrictEqual(await get('/menus/v2/menus'), menu_of(diner.guid));
	const partner = await get('/menus/v3/menus');
	assert.deepStrictEqual(partner, for_partners(menu_of(diner.guid)));
	const text = JSON.stringify(partner);
	for (const hidden of ['Staff Meals', 'Staff Brownie', 'Truffle'])
		assert.ok(!text.includes(hidden), hidden);
	const smaller = menu_of();
	smaller.menus = smaller.menus.slice(1);
	const published = (await toast.post('/_sim/menu', { menu: smaller })).json;
	assert.ok(published.lastUpdated > lastUpdated);
	assert.strictEqual((await get('/menus/v2/metadata')).lastUpdated, published.lastUpdated);
	assert.deepStrictEqual((await get('/menus/v2/menus')).menus.map((m) => m.name), ['Breakfast', 'Staff Meals']);
	is_error(await toast.save(order()), 400, /Menu item not found/);
	await toast.post('/_sim/next', [{ path: '/metadata', do: 'menu_stale' }]);
	assert.strictEqual((await get('/menus/v2/metadata')).lastUpdated, menu_of().lastUpdated);
	assert.strictEqual((await toast.seen('effect=menu_fetched')).length, 3);
	assert.strictEqual((await toast.post('/_sim/menu', { nothing: 1 })).status, 400);
});

test('the menu holds one of everything, and holds together', () => {
	const menu = menu_of();
	const items = [...index.items.values()];
	const refs = new Set(Object.keys(menu.modifierGroupReferences).map(Number));
	const rates = new Set(RATES.map((r) => r.guid));
	assert.ok(items.every(({ item: i }) => i.modifierGroupReferences.every((r) => refs.has(r)) && i.taxInfo.every((r) => rates.has(r))));
	assert.ok(Object.values(menu.modifierOptionReferences).every((o) => o.modifierGroupReferences.every((r) => refs.has(r))));
	for (const strategy of ['BASE_PRICE', 'MENU_SPECIFIC_PRICE', 'TIME_SPECIFIC_PRICE', 'SIZE_PRICE', 'OPEN_PRICE'])
		assert.ok(items.some(({ item: i }) => i.pricingStrategy === strategy), strategy);
	for (const strategy of ['NONE', 'SIZE_PRICE', 'SEQUENCE_PRICE'])
		assert.ok([...index.groups.values()].some((g) => g.group.pricingStrategy === strategy), strategy);
	for (const mode of ['REQUIRED', 'OPTIONAL', 'OPTIONAL_FORCE_SHOW'])
		assert.ok([...index.groups.values()].some((g) => g.group.requiredMode === mode), mode);
	assert.ok(items.some((x) => x.groups.size > 1) && items.some((x) => x.item.portions.length) && items.some((x) => x.item.taxInclusion === 'TAX_INCLUDED'));
	assert.ok([...index.groups.values()].some((g) => g.group.maxSelections === null));
	assert.ok(Object.values(menu.modifierOptionReferences).some((o) => o.modifierGroupReferences.length));
	const guids = [...items.map((x) => x.item.guid), ...index.groups.keys(), ...Object.values(menu.modifierOptionReferences).map((o) => o.guid)];
	assert.strictEqual(new Set(guids).size, guids.length);
});

test('stock, configuration and restaurant', async () => {
	const toast = await start();
	const call = async (method, where, body) => (await toast.call(method, where, body)).json;
	const rows = (list) => list.map((r) => [r.guid, r.status, r.quantity]);
	const [lobster, cake, cola] = ['Lobster Roll', 'Cheesecake', 'Cola'].map((n) => item(n).guid);
	assert.deepStrictEqual(rows(await call('GET', '/stock/v1/inventory')), [[lobster, 'OUT_OF_STOCK', null], [cake, 'QUANTITY', 4]]);
	assert.deepStrictEqual(rows(await call('GET', '/stock/v1/inventory?status=OUT_OF_STOCK')), [[lobster, 'OUT_OF_STOCK', null]]);
	await call('PUT', '/stock/v1/inventory/update', [{ guid: cola, status: 'QUANTITY', quantity: 9 }, { multiLocationId: item('Lobster Roll').multiLocationId, status: 'IN_STOCK' }]);
	const search = await call('POST', '/stock/v1/inventory/search', { guids: [cola, lobster, guid_of('x')] });
	assert.deepStrictEqual(search.map((r) => [r.status, r.quantity, r.itemGuidValidity]), [['QUANTITY', 9, 'VALID'], ['IN_STOCK', null, 'VALID'], ['IN_STOCK', null, 'INVALID']]);
	is_error(await toast.call('PUT', '/stock/v1/inventory/update', [{ guid: cola, status: 'QUANTITY' }]), 400);
	is_error(await toast.call('POST', '/stock/v1/inventory/search', {}), 400);
	is_error(await toast.call('GET', '/stock/v1/inventory?status=IN_STOCK'), 400);
	assert.deepStrictEqual((await call('GET', '/config/v2/diningOptions')).map((o) => [o.guid, o.behavior, o.curbside]),
		[[diner.dining.DINE_IN, 'DINE_IN', false], [diner.dining.TAKE_OUT, 'TAKE_OUT', false], [diner.dining.CURBSIDE, 'TAKE_OUT', true], [diner.dining.DELIVERY, 'DELIVERY', false]]);
	for (const what of ['alternatePaymentTypes', 'tables', 'serviceCharges', 'revenueCenters', 'discounts', 'taxRates'])
		assert.ok((await call('GET', `/config/v2/${what}`)).length > 0, what);
	assert.strictEqual((await call('GET', `/config/v2/tables/${diner.table}`)).name, '1');
	is_error(await toast.call('GET', '/config/v2/nonsense'), 404);
	const place = await call('GET', `/restaurants/v1/restaurants/${diner.guid}`);
	assert.deepStrictEqual([place.general.timeZone, place.onlineOrdering.enabled, place.prepTimes.takeoutPrepTime], ['America/New_York', true, 15]);
	await toast.post('/_sim/store', { online: false });
	assert.strictEqual((await call('GET', `/restaurants/v1/restaurants/${diner.guid}`)).onlineOrdering.enabled, false);
	is_error(await toast.call('GET', `/restaurants/v1/restaurants/${guid_of('x')}`), 404);
});

test('the kitchen\'s moves are told, signed over body and timestamp, with nothing of the guest', async (t) => {
	const hub = await listener();
	const toast = await start(['--hub', `${hub.url}/r/{location}`, '--webhook-secret', 'toast-secret', '--webhook-secret-of', 'guest=guest-secret', '--api-events', 'no']);
	const { guid } = (await toast.save(order('W-1', (o, c) => { c.selections[0].externalId = 'TICKETRAIL:W-1-a'; }))).json;
	const kitchen = async (body) => {
		hub.got.length = 0;
		const r = await toast.post('/_sim/kitchen', { reference: 'W-1', ...body });
		assert.strictEqual(r.status, 200, r.text);
		return hub.got;
	};

	await t.test('the vector of the provider\'s facts', () => {
		const bytes = Buffer.from('{"timestamp":"2024-03-28T15:11:01.050Z","eventCategory":"order_updated","eventType":"order_updated","guid":"e1"}');
		assert.strictEqual(signature('toast-secret', bytes), 'cJC0Y3h9u2rjRotykC9ascU5gaJUXbyKedpmerNciQo=');
		assert.strictEqual(require('./sim/toast_event.js').signature_of('toast-secret', bytes, '2024-03-28T15:11:01.050Z'), 'cJC0Y3h9u2rjRotykC9ascU5gaJUXbyKedpmerNciQo=');
	});
	await t.test('an order and a guest event of one move', async () => {
		const [about_order, about_guest] = await kitchen({ status: 'preparing' });
		assert.deepStrictEqual([about_order.url, about_order.headers['toast-event-type'], about_order.headers['toast-event-category'], about_order.headers['toast-restaurant-external-id'],
			about_order.headers['toast-attempt-number']], ['/r/diner/api/webhooks/toast', 'order_updated', 'order_updated', diner.guid, '1']);
		assert.strictEqual(about_order.headers['toast-signature'], signature('toast-secret', about_order.bytes));
		assert.strictEqual(about_guest.headers['toast-signature'], signature('guest-secret', about_guest.bytes));
		assert.deepStrictEqual(Object.keys(about_order.json), ['timestamp', 'eventCategory', 'eventType', 'guid', 'details']);
		const { order: told, restaurantGuid } = about_order.json.details;
		assert.deepStrictEqual([restaurantGuid, told.guid, told.externalId, told.approvalStatus, told.checks[0].selections[0].fulfillmentStatus], [diner.guid, guid, null, 'APPROVED', 'SENT']);
		for (const never of ['TICKETRAIL', CUSTOMER.phone, CUSTOMER.email, 'Asha'])
			assert.ok(!about_order.bytes.toString().includes(never), never);
		assert.deepStrictEqual([about_guest.json.eventType, about_guest.json.details.orderGuid, about_guest.json.details.guestOrderStatus, about_guest.json.details.eventGuid],
			['guestOrderStatusUpdated', guid, 'IN_PREPARATION', about_guest.json.guid]);
	});
	await t.test('which events, and none', async () => {
		assert.deepStrictEqual((await kitchen({ status: 'ready', events: ['channel_order'] })).map((g) => g.json.eventType), ['channel_order_updated']);
		assert.deepStrictEqual(await kitchen({ status: 'prepare', quiet: true }), []);
		assert.strictEqual((await toast.orders())['W-1'].state, 'preparing');
		assert.deepStrictEqual((await kitchen({ guest: 'BURNT' })).map((g) => g.json.details.guestOrderStatus), ['BURNT']);
		assert.strictEqual((await toast.orders())['W-1'].state, 'preparing', 'only news');
	});
	await t.test('copies are the same event, told again', async () => {
		const copies = await kitchen({ status: 'ready', events: ['guest'], copies: 3 });
		assert.deepStrictEqual(copies.map((g) => g.headers['toast-attempt-number']), ['1', '2', '3']);
		assert.strictEqual(new Set(copies.map((g) => g.bytes.toString())).size, 1);
		const renewed = await kitchen({ status: 'ready', events: ['guest'], copies: 2, renew: true });
		assert.ok(renewed[0].json.guid === renewed[1].json.guid);
		assert.strictEqual((await kitchen({ status: 'ready', events: ['guest'], copies: 3, concurrent: true })).length, 3);
	});
	await t.test('bad, none, foreign and of one\'s own making', async () => {
		for (const [how, expected] of [[{ signature: 'bad' }, false], [{ secret: 'other' }, false], [{ signature: 'abc' }, false], [{ timestamp: '2020-01-01T00:00:00.000Z' }, true]]) {
			const [got] = await kitchen({ status: 'ready', events: ['order'], ...how });
			assert.strictEqual(got.headers['toast-signature'] === signature('toast-secret', got.bytes), expected, JSON.stringify(how));
		}
		assert.strictEqual((await kitchen({ status: 'ready', events: ['order'], signature: 'none' }))[0].headers['toast-signature'], undefined);
		assert.strictEqual((await kitchen({ status: 'ready', events: ['order'], raw: '{"x":1}' }))[0].bytes.toString(), '{"x":1}');
		assert.strictEqual((await kitchen({ status: 'ready', events: ['order'], url: `${hub.url}/elsewhere` }))[0].url, '/elsewhere');
	});
	await t.test('shuffled: all happens in order, the news of it does not', async () => {
		const words = (await kitchen({ statuses: ['accept', 'prepare', 'ready', 'complete'], events: ['guest'], shuffle: true })).map((g) => g.json.details.guestOrderStatus);
		assert.deepStrictEqual([...words].sort(), ['CLOSED', 'IN_PREPARATION', 'READY_FOR_PICKUP', 'RECEIVED']);
		assert.strictEqual((await toast.orders())['W-1'].state, 'completed');
	});
	await t.test('each call is journalled with its answer, and no secret with it', async () => {
		const calls = await toast.seen('effect=webhook');
		assert.ok(calls.every((c) => c.outlet === diner.guid && c.reference === 'W-1' && c.id === guid && c.status_code === 200 && /^[0-9a-f]{64}$/.test(c.sent_sha256)));
	});
	assert.strictEqual((await toast.post('/_sim/kitchen', { reference: 'nobody', status: 'ready' })).status, 400);
	assert.strictEqual((await toast.post('/_sim/kitchen', { reference: 'W-1', status: 'eaten' })).status, 400);
	hub.close();
});

test('what the API did is told too, unless it is told not to', async () => {
	const hub = await listener();
	const told = () => hub.got.map((g) => g.json.details.guestOrderStatus ?? g.json.details.order?.approvalStatus ?? g.json.eventType).sort();
	const until = async (n) => {
		while (hub.got.length < n)
			await sleep(5);
		return told();
	};
	const toast = await start(['--hub', hub.url, '--approval', 'auto', '--event-delay', '20', '--latency', '50']);
	const before = Date.now();
	const { guid, approvalStatus } = (await toast.save(order())).json;
	assert.ok(Date.now() - before >= 49 && approvalStatus === 'APPROVED');
	assert.deepStrictEqual(await until(2), ['APPROVED', 'RECEIVED']);
	hub.got.length = 0;
	await toast.call('POST', `/orders/v2/orders/${guid}/void`, { selections: { voidAll: true } });
	assert.deepStrictEqual(await until(2), ['APPROVED', 'VOIDED']);
	assert.ok(hub.got.some((g) => g.json.details.order?.voided));
	hub.got.length = 0;
	await toast.call('PUT', '/stock/v1/inventory/update', [{ guid: item('Cola').guid, status: 'OUT_OF_STOCK' }]);
	assert.deepStrictEqual(await until(1), ['out_of_stock']);
	const quiet = await start(['--hub', hub.url, '--api-events', 'no']);
	hub.got.length = 0;
	await quiet.save(order());
	await sleep(60);
	assert.deepStrictEqual(told(), []);
	hub.close();
});

test('each move leaves the order where a kitchen would', async () => {
	const toast = await start();
	const expected = { accept: 'confirmed', preparing: 'preparing', ready: 'ready', pickup: 'out_for_delivery', delivered: 'completed' };
	await toast.save(order('M', (o) => { o.diningOption.guid = diner.dining.DELIVERY; o.deliveryInfo = ADDRESS; }));
	for (const [status, state] of Object.entries(expected)) {
		await toast.post('/_sim/kitchen', { reference: 'M', status });
		assert.strictEqual((await toast.orders()).M.state, state);
	}
	for (const [status, state] of [['reject', 'rejected'], ['cancel', 'cancelled'], ['delete', 'cancelled'], ['hold', 'placed'], ['complete', 'completed']]) {
		await toast.save(order(status));
		await toast.post('/_sim/kitchen', { reference: status, status });
		const ticket = (await toast.get('/_sim/tickets')).json.orders[status];
		assert.strictEqual(ticket.state, state, status);
	}
	assert.strictEqual((await toast.get('/_sim/tickets')).json.orders.complete.paid, 3125);
	assert.deepStrictEqual((await toast.seen('effect=order_cancelled')).map((r) => [r.reference, r.by, r.how]), [['reject', 'kitchen', 'reject'], ['cancel', 'kitchen', 'cancel'], ['delete', 'kitchen', 'delete']]);
	await toast.save(order('line'));
	await toast.post('/_sim/kitchen', { reference: 'line', status: 'void_line', line: 1 });
	const { line: shorter } = await toast.orders();
	assert.deepStrictEqual([shorter.lines.map((l) => l.voided), shorter.total], [[false, true], 2855]);
});

test('what is told beside orders: menu, stock, store, schedule, partners, guests at the counter', async () => {
	const hub = await listener();
	const toast = await start(['--hub', hub.url]);
	const cola = item('Cola');
	await toast.post('/_sim/menu-changed', {});
	await toast.post('/_sim/stock', { items: ['Cola', cola.guid], status: 'OUT_OF_STOCK' });
	await toast.post('/_sim/stock', { items: 'Cola', status: 'QUANTITY', quantity: 3 });
	await toast.post('/_sim/stock', { items: 'Cola', status: 'IN_STOCK', signature: 'none' });
	await toast.post('/_sim/store', { online: false });
	await toast.post('/_sim/store', { online: true });
	await toast.post('/_sim/schedule-changed', {});
	await toast.post('/_sim/packaging', {});
	await toast.post('/_sim/partners', { connected: false });
	await toast.post('/_sim/foreign', { name: 'Soup' });
	await toast.post('/_sim/event', { category: 'weather', type: 'rain', details: { mm: 3 } });
	assert.deepStrictEqual(hub.got.map((g) => `${g.json.eventCategory} ${g.json.eventType}`), ['menus menus_updated', 'stock out_of_stock', 'stock out_of_stock', 'stock low_quantity',
		'stock in_stock', 'restaurant_availability availability_offline', 'restaurant_availability availability_online', 'ordering_schedule_updated ordering_schedule_updated',
		'packaging_updated packaging_updated', 'partners partner_removed', 'order_updated order_updated', 'weather rain']);
	assert.ok(hub.got.every((g) => g.url === '/api/webhooks/toast' && g.json.details.restaurantGuid === diner.guid));
	assert.deepStrictEqual([hub.got[3].json.details.itemGuid, hub.got[3].json.details.status, hub.got[3].json.details.quantity, hub.got[3].json.details.multiLocationId], [cola.guid, 'QUANTITY', 3, cola.multiLocationId]);
	assert.strictEqual(hub.got[4].headers['toast-signature'], undefined);
	assert.strictEqual((await toast.post('/_sim/stock', { items: 'Nectar', status: 'IN_STOCK' })).status, 400);
	hub.close();
	const quiet = await start([]);
	assert.deepStrictEqual((await quiet.post('/_sim/store', { online: false })).json, { sent: [], answers: [] }, 'with no hub things happen, and nobody is told');
});

/* What the client sees of each misdeed of an order, and whether there is one all the same. */
const FAULTS = {
	commit_then_drop: { saved: true, ok: (r) => r.error === 'ECONNRESET' },
	drop_then_nothing: { saved: false, ok: (r) => r.error === 'ECONNRESET' },
	commit_then_hang: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	commit_then_500: { saved: true, ok: (r) => r.status === 500 },
	refuse: { row: { status: 422, message: 'no', code: 7 }, saved: false, ok: (r) => r.status === 422 && r.json.code === 7 },
	truncate: { saved: true, ok: (r) => r.error === 'ECONNRESET' || r.json === undefined },
	503: { saved: false, ok: (r) => r.status === 503 },
	429: { row: { retry_after: 3 }, saved: false, ok: (r) => r.status === 429 && r.headers['retry-after'] === '3' },
	order_wrapped: { saved: true, ok: (r) => r.json.orders.length === 1 && r.json.orders[0].externalId.startsWith('TICKETRAIL:') },
	drop_silently: { saved: false, ok: (r) => r.status === 200 && r.json.guid },
	not_approved: { saved: false, ok: (r) => r.status === 200 && r.json.approvalStatus === 'NOT_APPROVED' },
	hidden: { saved: true, ok: (r) => r.status === 200, also: (live) => assert.strictEqual(live.visible, false) },
	lines_lost: { saved: true, ok: (r) => r.json.checks[0].selections.length === 1, also: (live) => assert.deepStrictEqual([live.lines.length, live.total], [1, 2855]) },
	total_differs: { saved: true, ok: (r) => r.json.checks[0].totalAmount === 32.25 },
	unauthorized_once: { saved: false, ok: (r) => r.status === 401 },
	forbidden_once: { saved: false, ok: (r) => r.status === 403 },
};

test('F23 F24 F25 every misdeed fires, and the journal knows what took effect', async (t) => {
	const toast = await start();
	for (const [name, fault] of Object.entries(FAULTS))
		await t.test(name, async () => {
			await toast.post('/_sim/next', [{ path: '/orders', do: name, ...fault.row }]);
			const r = await toast.save(order(`F-${name}`), {}, 400).catch((e) => ({ error: e.code }));
			assert.ok(fault.ok(r), `got ${r.error} ${r.status} ${r.text?.slice(0, 200)}`);
			assert.strictEqual((await toast.seen('kind=misdeed')).filter((m) => m.do === name).length, 1);
			const live = (await toast.orders())[`F-${name}`];
			assert.strictEqual(live !== undefined, fault.saved);
			fault.also?.(live);
		});
	const next = (...rows) => toast.post('/_sim/next', rows);
	await t.test('duplicate_409', async () => {
		await toast.save(order('D'));
		await next({ path: '/orders', do: 'duplicate_409' });
		is_error(await toast.save(order('D')), 409);
	});
	for (const name of ['external_id_lost', 'key_forgotten'])
		await t.test(name, async () => {
			await next({ path: '/orders', do: name });
			const first = (await toast.save(order(name))).json;
			assert.strictEqual(first.externalId, name === 'key_forgotten' ? `TICKETRAIL:${name}` : null);
			const second = (await toast.save(order(name))).json;
			assert.notStrictEqual(second.guid, first.guid);
			assert.strictEqual((await toast.seen('effect=order_saved')).filter((r) => r.reference === name).length, 2);
		});
	await t.test('token_revoked', async () => {
		await next({ do: 'token_revoked' });
		is_error(await toast.save(order('T')), 401);
		is_error(await toast.save(order('T')), 401);
		await toast.login();
		assert.strictEqual((await toast.save(order('T'))).status, 200);
	});
	await t.test('short_token, dead_token, login_without_token', async () => {
		await next({ path: '/login', do: 'short_token', seconds: 1 });
		assert.ok((await toast.login()).json.token.expiresIn <= 1);
		await sleep(1100);
		is_error(await toast.call('GET', '/menus/v2/metadata'), 401, /expired/);
		await next({ path: '/login', do: 'dead_token' });
		await toast.login();
		is_error(await toast.call('GET', '/menus/v2/metadata'), 401, /revoked/);
		await next({ path: '/login', do: 'login_without_token' });
		assert.deepStrictEqual((await toast.login()).json, { token: null, status: 'SUCCESS' });
	});
	await t.test('an unknown one is refused', async () => assert.strictEqual((await next({ do: 'sulk' })).status, 400));
	const tested = fs.readFileSync(__filename, 'utf8');
	for (const name of Object.keys(OWN))
		assert.ok(tested.includes(name), `${name} is tested`);
});

test('F33 events come early, twice, late, out of order, forged, in other letters, big and not at all', async () => {
	const hub = await listener();
	const toast = await start(['--hub', hub.url, '--events', 'guest', '--api-events', 'no', '--webhook-secret', 'a secret of the test']);
	const words = () => hub.got.map((g) => g.json.details.guestOrderStatus);
	const is_signed = (g) => g.headers['toast-signature'] === signature('a secret of the test', g.bytes);
	const play = async (misdeed, body) => {
		hub.got.length = 0;
		await toast.post('/_sim/next', [{ path: 'webhook', ...misdeed }]);
		await toast.post('/_sim/kitchen', { reference: 'E', ...body });
		return hub.got;
	};
	await toast.post('/_sim/next', [{ path: '/orders', do: 'early' }]);
	const answered = toast.save(order('E')).then(() => hub.got.push({ json: { details: { guestOrderStatus: 'answer' } } }));
	await answered;
	assert.deepStrictEqual(words(), ['RECEIVED', 'answer']);
	assert.strictEqual((await play({ do: 'duplicate', copies: 3, concurrent: true }, { status: 'ready' })).length, 3);
	const before = Date.now();
	await play({ do: 'late', ms: 150 }, { status: 'ready' });
	assert.ok(Date.now() - before >= 140);
	await play({ do: 'reordered' }, { statuses: ['prepare', 'ready'] });
	assert.deepStrictEqual(words(), ['READY_FOR_PICKUP', 'IN_PREPARATION']);
	assert.deepStrictEqual(await play({ do: 'lost' }, { status: 'ready' }), []);
	for (const [name, good] of [['bad_signature', false], ['no_signature', false], ['other_secret', false], ['old_timestamp', true], ['other_case', true], ['big', true]])
		assert.strictEqual(is_signed((await play({ do: name }, { status: 'ready' }))[0]), good, name);
	assert.ok(hub.got[0].bytes.length > 600000);
	assert.ok(Date.now() - Date.parse((await play({ do: 'old_timestamp' }, { status: 'ready' }))[0].json.timestamp) > 3000000);
	assert.strictEqual((await play({ do: 'other_case' }, { status: 'ready' }))[0].json.eventCategory, 'GUEST ORDER STATUS');
	hub.close();
});

test('--auto plays an order\'s life', async () => {
	const hub = await listener();
	const toast = await start(['--hub', hub.url, '--events', 'guest', '--auto', 'accept@20,ready@60,completed@120']);
	await toast.save(order('A'));
	while (hub.got.length < 3)
		await sleep(10);
	assert.deepStrictEqual(hub.got.map((g) => g.json.details.guestOrderStatus), ['RECEIVED', 'READY_FOR_PICKUP', 'CLOSED']);
	hub.close();
});

test('I3 the journal is complete after kill -9, and the simulator goes on where it was', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 'k'));
	let toast = await start([], { dir });
	const { token } = toast;
	await toast.save(order('K-moved', (o, c) => { c.payments = [{ type: 'OTHER', amount: 31.25, tipAmount: 0, otherPayment: { guid: diner.payment.online } }]; }));
	await toast.save(order('K-void'));
	await toast.post('/_sim/kitchen', { reference: 'K-moved', statuses: ['accept', 'prepare', 'void_line'], line: 1 });
	await toast.call('POST', `/orders/v2/orders/${(await toast.orders())['K-void'].id}/void`, { selections: { voidAll: true } });
	await toast.post('/_sim/stock', { items: 'Cola', status: 'OUT_OF_STOCK' });
	await toast.post('/_sim/store', { online: false });
	const smaller = menu_of();
	smaller.menus[0].menuGroups = smaller.menus[0].menuGroups.filter((g) => g.name !== 'Desserts');
	await toast.post('/_sim/menu', { menu: smaller });
	const known = (await toast.get('/_sim/tickets')).json.orders;
	const answered = [];
	const flood = (async () => {
		for (let i = 0; i < 400; i++) {
			const r = await toast.save(order(`K-${i}`)).catch(() => null);
			if (!r)
				return;
			answered.push(`K-${i}`);
		}
	})();
	while (answered.length < 30)
		await sleep(2);
	await toast.kill();
	await flood;
	fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"seq":99999,"kind":"effect","eff');
	toast = await start([], { dir, login: false });
	toast.token = token;
	const live = await toast.orders();
	for (const reference of answered)
		assert.ok(reference in live, reference);
	assert.ok(Object.keys(live).length - 1 - answered.length <= 1, 'at most the one that was under way');
	const again = (await toast.get('/_sim/tickets')).json.orders;
	for (const reference of ['K-moved', 'K-void'])
		assert.deepStrictEqual(again[reference], known[reference]);
	assert.strictEqual((await toast.call('GET', '/menus/v2/metadata')).status, 200, 'the token is still good');
	assert.strictEqual((await toast.login()).json.token.accessToken, token, 'and still the one in force');
	is_error(await toast.save(order('K-0')), 400, /already exists/);
	assert.strictEqual((await toast.call('GET', '/stock/v1/inventory?status=OUT_OF_STOCK')).json.length, 2);
	assert.ok(!JSON.stringify((await toast.call('GET', '/menus/v2/menus')).json.menus).includes('Desserts'));
	assert.strictEqual((await toast.call('GET', `/restaurants/v1/restaurants/${diner.guid}`)).json.onlineOrdering.enabled, false);
	const rows = await toast.seen();
	assert.deepStrictEqual(rows.map((r) => r.seq), rows.map((_, i) => i + 1), 'no gap, no half row');
});

test('an effect is on disk before its answer', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 's'));
	const trace = path.join(dir, 'order.txt');
	const hook = path.join(dir, 'hook.js');
	fs.writeFileSync(hook, `const fs=require('fs'),h=require('http'),f=fs.fsyncSync,t=${JSON.stringify(trace)};
fs.fsyncSync=(d)=>{f(d);fs.appendFileSync(t,'fsync ')};
const w=h.ServerResponse.prototype.writeHead;h.ServerResponse.prototype.writeHead=function(...a){fs.appendFileSync(t,'answer ');return w.apply(this,a)};`);
	process.env.NODE_OPTIONS = `--require ${hook}`;
	const toast = await start([], { dir }).finally(() => delete process.env.NODE_OPTIONS);
	await toast.save(order());
	assert.strictEqual(fs.readFileSync(trace, 'utf8'), 'fsync answer fsync answer ');
});

test('five hundred restaurants in one process, each with its own orders and configuration', async () => {
	assert.deepStrictEqual(expand('a,L{08..11}x'), ['a', 'L08x', 'L09x', 'L10x', 'L11x']);
	const toast = await start(['--locations', 'L{1..500}']);
	const { locations } = (await toast.get('/_sim/locations')).json;
	assert.strictEqual(locations.length, 500);
	assert.strictEqual(new Set(locations.map((l) => l.guid)).size, 500);
	const { name, guid, dining } = place_of('L77');
	assert.deepStrictEqual([locations[76].name, locations[76].guid, locations[76].dining], [name, guid, dining]);
	const saved = await Promise.all(locations.map((l) => toast.save(order('ORD-1', () => {}, l), { 'Toast-Restaurant-External-ID': l.guid })));
	assert.ok(saved.every((r) => r.status === 200));
	assert.strictEqual(new Set(saved.map((r) => r.json.guid)).size, 500);
	is_error(await toast.save(order('X', () => {}, locations[1]), { 'Toast-Restaurant-External-ID': locations[0].guid }), 400, /Dining option/);
	is_error(await toast.call('GET', `/orders/v2/orders/${saved[0].json.guid}`, undefined, { 'Toast-Restaurant-External-ID': locations[1].guid }), 404);
	assert.strictEqual((await toast.seen('effect=order_saved')).length, 500);
});

test('the same seed gives the same run', async () => {
	const run = async (seed) => {
		const toast = await start(['--seed', seed]);
		await toast.post('/_sim/next', [{ do: ['500', '503'], p: 0.5, times: 12, path: '/orders' }]);
		const got = [];
		for (let i = 0; i < 12; i++) {
			const r = await toast.save(order(`S-${i}`));
			got.push(r.json.guid ?? r.status);
		}
		return got;
	};
	const [a, b, c] = await Promise.all([run('7'), run('7'), run('8')]);
	assert.deepStrictEqual(a, b);
	assert.notDeepStrictEqual(a, c);
});

test('reset forgets, but the past stays in the journal', async () => {
	const toast = await start();
	await toast.save(order());
	await toast.post('/_sim/menu', { menu: { ...menu_of(), menus: [] } });
	await toast.ask('DELETE', '/_sim');
	assert.deepStrictEqual([await toast.orders(), await toast.seen()], [{}, []]);
	assert.strictEqual((await toast.save(order())).status, 200, 'the first menu, and no key, and the token stays');
	assert.strictEqual((await toast.seen('all=1&effect=order_saved')).length, 2);
	await toast.ask('DELETE', '/_sim/orders');
	assert.deepStrictEqual(await toast.orders(), {});
	assert.deepStrictEqual(await toast.stop(), { code: 0, signal: null });
});
