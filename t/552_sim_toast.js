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

test('POS-03 an order is priced, saved once and answered in Toast\'s words', async () => {
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
