'use strict';
/*
 * The simulated Clover is an oracle, so it is tested first: both ways to a ticket, each of its refusals, sums, look-ups, the inventory
 * in pages, payments, tokens and limits. Nothing of Ticketrail runs here. Misdeeds, webhooks and the journal: 554_sim_clover_misdeeds.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const { test } = require('node:test');
const { DEFAULTS, api_token, first_refresh_token } = require('./sim/clover.js');
const { MERCHANT, cart, draft, item, modifier, open, start } = require('./sim/clover_client.js');
const { CAT, GROUP, TAX, id, menu_of } = require('./sim/clover_menu.js');

test('TEST-04 an atomic order is a ticket at once, priced and taxed by Clover', async () => {
	const s = await start();
	const r = await s.api('POST', 'atomic_order/orders', cart());
	assert.strictEqual(r.status, 200, r.text);
	assert.deepStrictEqual([r.json.state, r.json.paymentState, r.json.title, r.json.externalReferenceId, r.json.note, r.json.orderType.id],
		['open', 'OPEN', 'HUB-1', 'HUB-1', 'PICKUP 18:30', id('OTY', 1)]);
	assert.match(r.json.id, /^[0-9A-Z]{13}$/);
	assert.strictEqual(r.json.total, 2553, '23.45 and 8.875 %');
	const [burger] = r.json.lineItems.elements;
	assert.deepStrictEqual(burger.modifications.elements.map((m) => [m.name, m.amount]), [['Medium', 0], ['Cheddar', 150], ['Fries', 0]]);
	const live = await s.live();
	assert.deepStrictEqual(Object.keys(live), [`${MERCHANT} HUB-1`]);
	const seen = live[`${MERCHANT} HUB-1`];
	assert.deepStrictEqual([seen.way, seen.visible, seen.total, seen.paid, seen.order_type, seen.lines.length], ['atomic', true, 2553, 0, 'Pickup', 3]);
	const [row] = await s.seen('effect=order_saved');
	assert.deepStrictEqual([row.outlet, row.reference, row.id, row.total, row.paid, row.visible], [MERCHANT, 'HUB-1', r.json.id, 2553, 0, true]);
	assert.deepStrictEqual(await s.effects(), ['order_saved']);
	assert.deepStrictEqual(await s.seen('kind=note'), []);
});

test('TEST-04 an order made in steps is seen by nobody until it is opened', async () => {
	const s = await start();
	const order_id = await draft(s, 'HUB-2');
	assert.deepStrictEqual(await s.live(), {});
	assert.deepStrictEqual((await s.api('GET', 'orders')).json.elements, [], 'an order without state is in no list');
	const hidden = await s.api('GET', `orders/${order_id}?expand=lineItems.modifications`);
	assert.deepStrictEqual([hidden.status, 'state' in hidden.json, hidden.json.lineItems.elements.length, hidden.json.total], [200, false, 3, 0]);
	const ticket = (await s.get('/_sim/tickets')).json.orders[`${MERCHANT} HUB-2`];
	assert.deepStrictEqual([ticket.visible, ticket.state], [false, null]);
	const opened = await open(s, order_id);
	assert.deepStrictEqual([opened.status, opened.json.state, opened.json.total], [200, 'open', 2553]);
	assert.deepStrictEqual((await s.api('GET', 'orders?filter=title=HUB-2')).json.elements.map((o) => o.id), [order_id]);
	const live = (await s.live())[`${MERCHANT} HUB-2`];
	assert.deepStrictEqual([live.id, live.way, live.lines[0].modifications.length], [order_id, 'steps', 3]);
	const again = await open(s, order_id);
	assert.deepStrictEqual([again.status, again.json.state], [200, 'open']);
	assert.deepStrictEqual(await s.effects(), ['draft_saved', 'lines_saved', 'modification_saved', 'modification_saved', 'modification_saved', 'order_saved',
		'order_repeated']);
	assert.deepStrictEqual(Object.keys(await s.live()), [`${MERCHANT} HUB-2`], 'opening twice is one ticket');
	await s.api('POST', 'orders', { title: 'HUB-3', state: 'Open' });
	assert.strictEqual((await s.seen('effect=order_saved')).length, 2, 'with a state it is seen from the first step, with no lines yet');
	assert.strictEqual((await s.live())[`${MERCHANT} HUB-3`].lines.length, 0);
});

test('nothing is idempotent', async () => {
	const s = await start();
	const first = await s.api('POST', 'atomic_order/orders', cart('TWICE'));
	const second = await s.api('POST', 'atomic_order/orders', cart('TWICE'));
	assert.notStrictEqual(first.json.id, second.json.id);
	assert.deepStrictEqual(Object.keys(await s.live()), [`${MERCHANT} TWICE`, `${MERCHANT} TWICE #2`]);
	for (const field of ['title', 'externalReferenceId'])
		assert.strictEqual((await s.api('GET', `orders?filter=${field}=TWICE`)).json.elements.length, 2);
	const pay = () => s.api('POST', `orders/${first.json.id}/payments`, { tender: { id: id('TND', 3) }, amount: 1000, externalPaymentId: 'pay_1' });
	await pay();
	await pay();
	assert.strictEqual((await s.live())[`${MERCHANT} TWICE`].paid, 2000);
	const order_id = await draft(s, 'LINES');
	await s.api('POST', `orders/${order_id}/bulk_line_items`, { items: [{ name: 'Again', price: 100 }] });
	await s.api('POST', `orders/${order_id}/bulk_line_items`, { items: [{ name: 'Again', price: 100 }] });
	assert.strictEqual((await s.get('/_sim/tickets')).json.orders[`${MERCHANT} LINES`].lines.length, 5);
});

test('each refusal of an atomic order', async (t) => {
	const s = await start();
	const line = (o) => o.lineItems[0];
	const long = (n) => 'x'.repeat(n);
	const cases = [
		['no cart', (o, b) => { delete b.orderCart; }, 'cart_is_empty_or_missing'],
		['no line', (o) => { o.lineItems = []; }, 'cart_is_empty_or_missing'],
		['an unknown item', (o) => { line(o).item.id = 'NOSUCHITEM000'; }, 'item_does_not_exist', 'NOSUCHITEM000'],
		['a deleted item', (o) => { line(o).item.id = item('Old Special'); }, 'item_does_not_exist', item('Old Special')],
		['an unknown modifier', (o) => { line(o).modifications[0].modifier.id = 'NOSUCHMOD0000'; }, 'invalid_modifier', 'NOSUCHMOD0000'],
		['an unknown service charge', (o) => { o.serviceCharge = { id: 'NOSUCHSVC0000' }; }, 'service_charge_does_not_exist', 'NOSUCHSVC0000'],
		['a positive discount', (o) => { o.discounts = [{ name: 'x', amount: 100 }]; }, 'invalid_discount_attribute'],
		['a discount of 120 %', (o) => { line(o).discounts = [{ name: 'x', percentage: 120 }]; }, 'invalid_discount_attribute'],
		['a discount of two kinds', (o) => { o.discounts = [{ name: 'x', percentage: 10, amount: -100 }]; }, 'invalid_discount_attribute'],
		['a discount of no kind', (o) => { o.discounts = [{ name: 'x' }]; }, 'invalid_discount_attribute'],
		['an unknown customer', (o) => { o.customers = [{ id: 'NOSUCHCUST000' }]; }, 'insufficient_customer_info'],
		['an unknown order type', (o) => { o.orderType = { id: 'NOSUCHTYPE000' }; }, 'bad_request'],
		['an unknown employee', (o) => { o.employee = { id: 'NOSUCHEMP0000' }; }, 'bad_request'],
		['an unknown tax rate', (o) => { line(o).taxRates = [{ id: 'NOSUCHTAX0000' }]; }, 'bad_request'],
		['another currency', (o) => { o.currency = 'INR'; }, 'bad_request'],
		['a title of 128', (o) => { o.title = long(128); }, 'bad_request'],
		['a note of 2048', (o) => { o.note = long(2048); }, 'bad_request'],
		['a reference of 13', (o) => { o.externalReferenceId = long(13); }, 'bad_request'],
		['a line note of 256', (o) => { line(o).note = long(256); }, 'bad_request'],
		['a line name of 128', (o) => { o.lineItems.push({ name: long(128), price: 1 }); }, 'bad_request'],
		['a modification name of 256', (o) => { Object.assign(line(o).modifications[0], { name: long(256), amount: 1 }); }, 'bad_request'],
		['a discount name of 65', (o) => { o.discounts = [{ name: long(65), amount: -1 }]; }, 'bad_request'],
		['a price with a fraction', (o) => { o.lineItems.push({ name: 'x', price: 1.5 }); }, 'bad_request'],
		['a price as text', (o) => { o.lineItems.push({ name: 'x', price: '100' }); }, 'bad_request'],
		['a price below nothing', (o) => { o.lineItems.push({ name: 'x', price: -1 }); }, 'bad_request'],
		['an ad-hoc line with no price', (o) => { o.lineItems.push({ name: 'x' }); }, 'Requests must include a price or an inventory item id'],
		['an ad-hoc line with no name', (o) => { o.lineItems.push({ price: 1 }); }, 'bad_request'],
		['a title that is a number', (o) => { o.title = 7; }, 'bad_request'],
		['groupLineItems as text', (o) => { o.groupLineItems = 'false'; }, 'bad_request'],
		['2,501 lines', (o) => { o.lineItems = Array(2501).fill({ name: 'x', price: 1 }); }, 'bad_request'],
	];
	for (const [name, change, message, details] of cases)
		await t.test(name, async () => {
			const body = cart('REFUSED');
			change(body.orderCart, body);
			for (const where of ['atomic_order/orders', 'atomic_order/checkouts']) {
				const r = await s.api('POST', where, body);
				assert.deepStrictEqual([r.status, r.json.message], [400, message], r.text);
				if (details)
					assert.strictEqual(r.json.details, details);
			}
		});
	assert.deepStrictEqual((await s.get('/_sim/tickets')).json.orders, {}, 'nothing that was refused came to be');
	assert.ok((await s.effects()).every((e) => e === 'refused'));
	await t.test('at the limits it is taken', async () => {
		const r = await s.api('POST', 'atomic_order/orders', cart('LIMITS', (o) => {
			Object.assign(o, { title: long(127), note: long(2047), externalReferenceId: long(12) });
			Object.assign(line(o), { note: long(255) });
			o.lineItems.push({ name: long(127), price: 0 });
		}));
		assert.strictEqual(r.status, 200, r.text);
	});
});

const NO_PAYMENT = 'Payment must include a positive amount and a valid tender ID';

test('each refusal of the steps', async (t) => {
	const s = await start();
	const order_id = await draft(s, 'STEPS');
	const line_id = (await s.api('GET', `orders/${order_id}?expand=lineItems`)).json.lineItems.elements[0].id;
	const bulk = `orders/${order_id}/bulk_line_items`;
	const cases = [
		['a title of 128', 'orders', { title: 'x'.repeat(128) }, 400, 'bad_request'],
		['a reference of 13', 'orders', { externalReferenceId: 'x'.repeat(13) }, 400, 'bad_request'],
		['a total below nothing', 'orders', { total: -1 }, 400, 'bad_request'],
		['a state that is no text', 'orders', { state: 1 }, 400, 'bad_request'],
		['no such order', 'orders/NOSUCHORDER00', { state: 'open' }, 404, 'Not Found'],
		['lines to no such order', 'orders/NOSUCHORDER00/bulk_line_items', { items: [{ name: 'x', price: 1 }] }, 404, 'Not Found'],
		['no lines', bulk, { items: [] }, 400, 'bad_request'],
		['lines as a bare array', bulk, '[{"name":"x","price":1}]', 400, 'bad_request'],
		['101 lines', bulk, { items: Array(101).fill({ name: 'x', price: 1 }) }, 400, 'bad_request'],
		['a bulk line with no price', bulk, { items: [{ item: { id: item('House Lemonade') } }] }, 400, 'Each item must include a price'],
		['an unknown item', bulk, { items: [{ item: { id: 'NOSUCHITEM000' }, price: 1 }] }, 400, 'item_does_not_exist'],
		['a line with neither price nor item', `orders/${order_id}/line_items`, { name: 'x' }, 400, 'Requests must include a price or an inventory item id'],
		['an unknown modifier', `orders/${order_id}/line_items/${line_id}/modifications`, { modifier: { id: 'NOSUCHMOD0000' } }, 400, 'invalid_modifier'],
		['a modification of nothing', `orders/${order_id}/line_items/${line_id}/modifications`, { name: 'Cheddar', amount: 150 }, 400, 'invalid_modifier'],
		['no such line', `orders/${order_id}/line_items/NOSUCHLINE000/modifications`, { modifier: { id: modifier('Cheddar') } }, 404, 'Not Found'],
		['a positive discount', `orders/${order_id}/discounts`, { name: 'x', amount: 100 }, 400, 'invalid_discount_attribute'],
		['a payment of nothing', `orders/${order_id}/payments`, { tender: { id: id('TND', 3) }, amount: 0 }, 400, NO_PAYMENT],
		['a payment by an unknown tender', `orders/${order_id}/payments`, { tender: { id: 'x' }, amount: 1 }, 400, NO_PAYMENT],
		['a payment by card', `orders/${order_id}/payments`, { tender: { id: id('TND', 2) }, amount: 1 }, 400, NO_PAYMENT],
		['a payment by a tender that is off', `orders/${order_id}/payments`, { tender: { id: id('TND', 4) }, amount: 1 }, 400, NO_PAYMENT],
		['printing nothing', 'print_event', {}, 400, 'order_uuid_is_null'],
		['more than three expansions', `orders/${order_id}?expand=lineItems,payments,discounts,customers`, { note: 'x' }, 400, 'bad_request'],
	];
	const before = (await s.get('/_sim/tickets')).json.orders;
	for (const [name, where, body, status, message] of cases)
		await t.test(name, async () => {
			const r = await s.api('POST', where, body);
			assert.deepStrictEqual([r.status, r.json.message], [status, message], r.text);
		});
	assert.deepStrictEqual((await s.get('/_sim/tickets')).json.orders, before, 'what was refused changed nothing');
	await t.test('2,500 lines are an order, one more is not', async () => {
		const items = Array(100).fill({ name: 'x', price: 1 });
		for (let i = 0; i < 24; i++)
			await s.api('POST', bulk, { items });
		assert.strictEqual((await s.api('POST', bulk, { items })).status, 400);
		assert.strictEqual((await s.api('POST', bulk, { items: items.slice(0, 97) })).status, 200);
		assert.strictEqual((await s.api('POST', `orders/${order_id}/line_items`, { name: 'x', price: 1 })).status, 400);
		assert.strictEqual((await s.api('GET', `orders/${order_id}?expand=lineItems`)).json.lineItems.elements.length, 100, 'nested lists end after 100');
	});
});

test('who may ask, and how', async (t) => {
	const s = await start(['--locations', 'A000000000001,A000000000002', '--permissions', 'ORDERS_R,INVENTORY_R,ORDERS_W']);
	const how = { outlet: 'A000000000001' };
	const cases = [
		['no token', 'GET', 'items', undefined, { headers: { Authorization: '' } }, 401, '401 Unauthorized'],
		['a wrong token', 'GET', 'items', undefined, { token: 'x' }, 401, '401 Unauthorized'],
		['another merchant\'s token', 'GET', 'items', undefined, { token: api_token(DEFAULTS, 'A000000000002') }, 401, '401 Unauthorized'],
		['an unknown merchant', 'GET', '/v3/merchants/A000000000009/items', undefined, {}, 401, '401 Unauthorized'],
		['a permission the app has not', 'POST', `orders/x/payments`, {}, {}, 401, '401 Unauthorized'],
		['no User-Agent', 'GET', 'items', undefined, { headers: { 'User-Agent': '' } }, 400, 'User-Agent header is required'],
		['a form', 'POST', 'orders', 'a=1', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415, '415 Unsupported Media Type'],
		['half a body', 'POST', 'orders', '{"title":', {}, 400, 'bad_request'],
		['an unknown path', 'GET', 'order', undefined, {}, 404, 'Not Found'],
		['outside of v3', 'GET', '/v2/merchant/x', undefined, {}, 404, 'Not Found'],
		['another method', 'PATCH', 'orders', {}, {}, 405, '405 Method Not Allowed'],
	];
	for (const [name, method, where, body, more, status, message] of cases)
		await t.test(name, async () => {
			const r = await s.api(method, where, body, { ...how, token: api_token(DEFAULTS, 'A000000000001'), ...more });
			assert.deepStrictEqual([r.status, r.json.message], [status, message], r.text);
		});
	const europe = await start(['--atomic', 'no']);
	assert.strictEqual((await europe.api('POST', 'atomic_order/orders', cart())).status, 404);
});

test('what Clover passes over in silence is noted', async () => {
	const s = await start(['--external-reference', 'dropped']);
	const r = await s.api('POST', 'atomic_order/orders', cart('SILENT', (o) => {
		const [burger] = o.lineItems;
		burger.modifications = [{ name: 'Extra love', amount: 500 }, { modifier: { id: modifier('Truffle mayo') } }, { modifier: { id: modifier('No onion') } },
			{ modifier: { id: modifier('Rare') } }, { modifier: { id: modifier('Medium') }, name: 'half' }];
		Object.assign(burger, { price: 1, quantity: 3, unitQty: 2000 });
		o.lineItems.push({ item: { id: item('Staff Meal') } }, { item: { id: item('Summer Gazpacho') } }, { item: { id: item('Lobster Roll') } });
		o.total = 7;
		o.note = 'Tacos 🌮 für Zoë 你好';
	}));
	assert.strictEqual(r.status, 200, r.text);
	assert.deepStrictEqual([r.json.lineItems.elements[0].price, r.json.lineItems.elements.length, r.json.note, r.json.externalReferenceId], [1295, 6, 'Tacos ? für Zoë 你好', undefined]);
	const notes = (await s.seen('kind=note')).map((n) => n.note);
	for (const want of ['modification_ignored', 'modifier_unavailable', 'modifier_foreign', 'modifier_max', 'modifier_min', 'half_override_ignored', 'price_ignored',
		'unit_qty_on_fixed', 'ignored_key', 'item_unavailable'])
		assert.ok(notes.includes(want), want);
	assert.strictEqual(notes.filter((n) => n === 'item_unavailable').length, 3);
	assert.ok(`${MERCHANT} SILENT` in await s.live(), 'the oracle knows the reference that Clover forgot');
	const made = await s.api('POST', 'orders', { title: 'INLINE' });
	const sent = Array.from({ length: 12 }, (_, i) => ({ name: `L${i}`, price: i, ...(i === 0 && { modifications: [{ modifier: { id: modifier('Rare') } }] }) }));
	const lines = await s.api('POST', `orders/${made.json.id}/bulk_line_items`, { items: sent });
	assert.notDeepStrictEqual(lines.json.map((l) => l.name), sent.map((l) => l.name), 'the answer is in no order');
	assert.deepStrictEqual(lines.json.map((l) => l.name).sort(), sent.map((l) => l.name).sort());
	assert.deepStrictEqual((await s.get('/_sim/tickets')).json.orders[`${MERCHANT} INLINE`].lines[0].modifications, [], 'modifications in bulk lines are lost');
	const kept = await start(['--inline-modifications', 'kept', '--bulk-answer', 'items', '--answer-order', 'kept']);
	const k = await kept.api('POST', 'orders', { title: 'INLINE' });
	const answer = await kept.api('POST', `orders/${k.json.id}/bulk_line_items`, { items: sent });
	assert.deepStrictEqual(answer.json.items.map((l) => l.name), sent.map((l) => l.name));
	assert.strictEqual((await kept.get('/_sim/tickets')).json.orders[`${MERCHANT} INLINE`].lines[0].modifications.length, 1);
});

test('orders are added up as the documentation does', async (t) => {
	const s = await start();
	const sums = async (change) => {
		const body = cart('SUM');
		body.orderCart.lineItems = [];
		change(body.orderCart);
		const r = await s.api('POST', 'atomic_order/checkouts', body);
		assert.strictEqual(r.status, 200, r.text);
		return r.json;
	};
	const two = (n) => n.map((name) => ({ modifier: { id: modifier(name) }, name, amount: 100 }));
	await t.test('the salads of the documentation, before tax', async () => {
		const r = await sums((o) => o.lineItems.push(
			{ item: { id: item('Caesar Salad') }, modifications: two(['No onion', 'Extra sauce']), discounts: [{ name: 'Lunch deal', amount: -100 }] },
			{ item: { id: item('Greek Salad – Ελληνική') }, modifications: two(['No onion', 'Extra sauce']), discounts: [{ name: '25% off', percentage: 25 }] }));
		assert.deepStrictEqual([r.subtotal, r.totalTaxAmount, r.total], [2200, 195, 2395]);
		assert.deepStrictEqual(r.taxSummaries, [{ id: TAX.sales, name: 'Sales Tax', rate: 887500, amount: 195 }]);
	});
	await t.test('a discount of the order, a service charge', async () => {
		const r = await sums((o) => {
			o.lineItems.push({ item: { id: item('Caesar Salad') } });
			o.discounts = [{ name: 'a', amount: -80 }, { name: 'b', percentage: 10 }];
			o.serviceCharge = { id: id('SVC', 1) };
		});
		assert.deepStrictEqual([r.subtotal, r.totalTaxAmount, r.total], [1200, 89, 1200 - 120 - 80 + 100 + 89]);
	});
	await t.test('percentages go before amounts, nothing falls below zero', async () => {
		const r = await sums((o) => o.lineItems.push({ item: { id: item('Tasting Spoon') }, discounts: [{ name: 'a', amount: -500 }] }));
		assert.deepStrictEqual([r.subtotal, r.total], [0, 0]);
	});
	await t.test('two taxes, a flat one, none, and one named on the line', async () => {
		assert.strictEqual((await sums((o) => o.lineItems.push({ item: { id: item('Draft Beer') } }))).totalTaxAmount, 62 + 21);
		assert.strictEqual((await sums((o) => o.lineItems.push({ item: { id: item('Bottled Water') } }, { item: { id: item('Bottled Water') } }))).totalTaxAmount, 10);
		assert.strictEqual((await sums((o) => o.lineItems.push({ item: { id: item('Gift Card') }, price: 2500 }))).total, 2500);
		assert.strictEqual((await sums((o) => o.lineItems.push({ item: { id: item('House Lemonade') }, taxRates: [{ id: TAX.none }] }))).total, 450);
	});
	await t.test('by weight, and ad hoc', async () => {
		assert.strictEqual((await sums((o) => o.lineItems.push({ item: { id: item('Cold Cuts') }, unitQty: 1500 }))).subtotal, 2849);
		assert.strictEqual((await sums((o) => o.lineItems.push({ name: 'Delivery', price: 300 }))).total, 327);
	});
	await t.test('nothing of it was stored', async () => assert.deepStrictEqual((await s.get('/_sim/tickets')).json.orders, {}));
	await t.test('inclusive prices', async () => {
		const menu = menu_of();
		menu.merchant.isVat = true;
		await s.post('/_sim/menu', menu);
		assert.strictEqual((await sums((o) => o.lineItems.push({ item: { id: item('House Lemonade') } }))).total, 450);
	});
	await t.test('in steps the caller\'s prices count, and the caller\'s total but with --totals dynamic', async () => {
		const d = await start(['--totals', 'dynamic']);
		for (const [sim, total] of [[d, 100], [s, 123]]) {
			await sim.post('/_sim/menu', menu_of());
			const made = await sim.api('POST', 'orders', { title: 'POSTED', total: 123, taxRemoved: true });
			await sim.api('POST', `orders/${made.json.id}/line_items`, { item: { id: item('House Lemonade') }, price: 100 });
			assert.strictEqual((await sim.api('GET', `orders/${made.json.id}`)).json.total, total);
		}
		const milli = await d.api('POST', 'orders', { title: 'MILLI', taxRemoved: true });
		await d.api('POST', `orders/${milli.json.id}/bulk_line_items`, { items: [{ name: 'x', price: 500, unitQty: 2 }] });
		assert.strictEqual((await d.api('GET', `orders/${milli.json.id}`)).json.total, 1, 'a quantity of 2 is two thousandths');
	});
});

test('look-ups know an order only after the index has heard of it', async () => {
	const s = await start(['--index-lag', '300']);
	const look = async (filter) => (await s.api('GET', `orders?filter=${filter}`)).json.elements.map((o) => o.title);
	await s.api('POST', 'atomic_order/orders', cart('LAG-1'));
	assert.deepStrictEqual([await look('title=LAG-1'), await look('externalReferenceId=LAG-1'), await look('createdTime>=0')], [[], [], []]);
	assert.strictEqual((await s.seen('effect=order_saved')).length, 1);
	await new Promise((done) => setTimeout(done, 330));
	assert.deepStrictEqual([await look('title=LAG-1'), await look('externalReferenceId=LAG-1')], [['LAG-1'], ['LAG-1']]);
	await s.next({ do: 'index_lost', path: '/atomic_order/orders' }, { do: 'index_lag', path: '/atomic_order/orders', ms: 600 });
	const lost = await s.api('POST', 'atomic_order/orders', cart('LOST'));
	await s.api('POST', 'atomic_order/orders', cart('LATE'));
	await new Promise((done) => setTimeout(done, 330));
	assert.deepStrictEqual([await look('title=LOST'), await look('title=LATE')], [[], []]);
	assert.strictEqual((await s.api('GET', `orders/${lost.json.id}`)).json.title, 'LOST', 'by its id it is always found');
	await new Promise((done) => setTimeout(done, 330));
	assert.deepStrictEqual([await look('title=LOST'), await look('title=LATE')], [[], ['LATE']]);
});

test('filters all hold, pages follow one another, and what cannot be filtered by is named', async () => {
	const s = await start();
	for (let i = 0; i < 7; i++)
		await s.api('POST', 'atomic_order/orders', cart(`F-${i}`, (o) => { o.note = i % 2 ? 'odd' : 'even'; }));
	const titles = async (query) => (await s.api('GET', `orders?${query}`)).json.elements.map((o) => o.title);
	assert.deepStrictEqual(await titles('filter=note=odd&orderBy=title'), ['F-1', 'F-3', 'F-5']);
	assert.deepStrictEqual(await titles('filter=note=odd&filter=title=F-3'), ['F-3']);
	assert.deepStrictEqual(await titles('filter=title=F-*&limit=3&offset=6&orderBy=title'), ['F-6']);
	assert.deepStrictEqual((await titles('limit=3&offset=3&orderBy=title%20DESC')), ['F-3', 'F-2', 'F-1']);
	assert.deepStrictEqual(await titles(`filter=total>${2553}`), []);
	assert.strictEqual((await titles(`filter=total>=2553&filter=state=open`)).length, 7);
	const [one] = (await s.api('GET', 'orders?filter=title=F-2')).json.elements;
	assert.deepStrictEqual(await titles(`filter=modifiedTime>=${one.modifiedTime}&filter=modifiedTime<=${one.modifiedTime}`), ['F-2']);
	assert.deepStrictEqual([await titles('filter=title!=F-2&orderBy=title'), await titles('filter=title=none')], [['F-0', 'F-1', 'F-3', 'F-4', 'F-5', 'F-6'], []]);
	const bad = await s.api('GET', 'orders?filter=colour=red');
	assert.strictEqual(bad.status, 400);
	assert.match(bad.headers['x-clover-allowed-filter-fields'], /(^|,)externalReferenceId(,|$)/);
	for (const query of ['filter=total=abc', 'filter=title', 'limit=-1', 'offset=x', 'orderBy=colour', 'expand=lineItems,payments,customers,discounts'])
		assert.strictEqual((await s.api('GET', `orders?${query}`)).status, 400, query);
	assert.ok(!('lineItems' in one) && !('payments' in one), 'what is not expanded is not there');
	assert.strictEqual((await s.api('GET', 'orders?expand=lineItems,voidedLineItems&filter=title=F-1')).json.elements[0].lineItems.elements.length, 3);
});

test('POS-14 the inventory in pages, with what was asked for', async (t) => {
	const s = await start(['--more-items', '1200']);
	const all = async (where, limit) => {
		const got = [];
		for (;;) {
			const r = await s.api('GET', `${where}${where.includes('?') ? '&' : '?'}limit=${limit}&offset=${got.length}`);
			assert.strictEqual(r.status, 200, r.text);
			got.push(...r.json.elements);
			if (r.json.elements.length < limit)
				return got;
		}
	};
	const menu = menu_of(1200);
	await t.test('items: 100 unless told, 1,000 at most, deleted ones for those who ask', async () => {
		assert.strictEqual((await s.api('GET', 'items')).json.elements.length, 100);
		assert.strictEqual((await s.api('GET', 'items?limit=5000')).json.elements.length, 1000);
		const got = await all('items', 500);
		assert.deepStrictEqual(got.map((i) => i.id), menu.items.filter((i) => !i.deleted).map((i) => i.id));
		assert.deepStrictEqual((await s.api('GET', 'items?filter=deleted=true')).json.elements.map((i) => i.name), ['Old Special']);
		const pages = (await s.seen('effect=menu_fetched')).map((e) => [e.outlet, e.offset, e.items]);
		assert.deepStrictEqual(pages.slice(2, 5), [[MERCHANT, 0, 500], [MERCHANT, 500, 500], [MERCHANT, 1000, 219]]);
	});
	await t.test('expansions', async () => {
		const plain = (await s.api('GET', `items/${item('Double Burger')}`)).json;
		assert.ok(['categories', 'modifierGroups', 'taxRates', 'itemStock'].every((k) => !(k in plain)));
		const full = (await s.api('GET', `items/${item('Double Burger')}?expand=categories,modifierGroups,taxRates`)).json;
		assert.deepStrictEqual(full.categories.elements.map((c) => c.id), [CAT.burgers, CAT.specials]);
		assert.deepStrictEqual(full.modifierGroups.elements.map((g) => g.id), [GROUP.doneness, GROUP.toppings, GROUP.side]);
		assert.deepStrictEqual(full.taxRates.elements.map((x) => x.id), [TAX.sales]);
		assert.strictEqual((await s.api('GET', 'items?expand=categories,modifierGroups,taxRates,itemStock')).status, 400);
		assert.strictEqual((await s.api('GET', `items/${item('Lobster Roll')}?expand=itemStock`)).json.itemStock.quantity, 0);
		assert.strictEqual((await s.api('GET', `items/${item('Margherita Large')}?expand=options`)).json.options.elements[0].name, 'Large');
		assert.deepStrictEqual((await s.api('GET', 'items/NOSUCHITEM000')).json, { message: 'invalid ID' });
	});
	await t.test('groups, taxes, types and the rest', async () => {
		const groups = (await s.api('GET', 'modifier_groups?expand=modifiers')).json.elements;
		assert.deepStrictEqual(groups.map((g) => [g.minRequired, g.maxAllowed]), [[1, 1], [0, 3], [1, 2], [undefined, undefined]]);
		assert.deepStrictEqual(groups[1].modifiers.elements.filter((m) => !m.available).map((m) => m.name), ['Truffle mayo']);
		assert.ok((await s.api('GET', 'modifier_groups')).json.elements.every((g) => !('modifiers' in g) && g.modifierIds.includes(',')));
		assert.deepStrictEqual((await s.api('GET', 'tax_rates')).json.elements.map((x) => [x.name, x.rate]),
			[['NO_TAX_APPLIED', 0], ['Sales Tax', 887500], ['Alcohol', 300000], ['Bottle Deposit', 0]]);
		assert.deepStrictEqual((await all('categories', 4)).map((c) => c.sortOrder), [1, 2, 3, 4, 5, 6]);
		assert.deepStrictEqual((await s.api('GET', 'order_types')).json.elements.map((o) => o.label), ['Pickup', 'Delivery', 'Dine In']);
		assert.ok((await s.api('GET', 'tenders')).json.elements.every((x) => !('external' in x)));
		for (const where of ['item_groups', 'item_stocks', 'opening_hours', 'service_charges', 'properties'])
			assert.strictEqual((await s.api('GET', where)).status, 200, where);
		const house = await s.api('GET', `/v3/merchants/${MERCHANT}`);
		assert.deepStrictEqual([house.json.id, house.json.name], [MERCHANT, 'Corner Grill']);
	});
	await t.test('POST changes what it names, PUT needs name and price', async () => {
		const where = `items/${item('House Lemonade')}`;
		const off = await s.api('POST', where, { available: false });
		assert.deepStrictEqual([off.json.available, off.json.price], [false, 450]);
		assert.strictEqual((await s.api('PUT', where, { available: true })).status, 400);
		assert.strictEqual((await s.api('POST', where, { price: -1 })).status, 400);
		assert.deepStrictEqual((await s.api('POST', `item_stocks/${item('Lobster Roll')}`, { quantity: 4 })).json.quantity, 4);
		assert.strictEqual((await s.api('POST', `item_stocks/${item('Lobster Roll')}`, {})).status, 400);
		assert.strictEqual((await s.api('POST', `modifier_groups/${GROUP.toppings}/modifiers/${modifier('Bacon')}`, { available: false })).json.available, false);
		const since = (await s.api('GET', `items?filter=modifiedTime>=${off.json.modifiedTime}`)).json.elements.map((i) => i.name);
		assert.deepStrictEqual(since.sort(), ['House Lemonade', 'Lobster Roll']);
	});
	await t.test('a new menu replaces it', async () => {
		assert.strictEqual((await s.post('/_sim/menu', { items: [] })).status, 400);
		await s.post('/_sim/menu', { ...menu, items: menu.items.slice(0, 3) });
		assert.strictEqual((await s.api('GET', 'items')).json.elements.length, 3);
		assert.strictEqual((await s.get('/_sim/menu')).json.items.length, 3);
	});
});

test('payments lock the order, printing marks its lines, paid orders cannot be deleted', async () => {
	const s = await start(['--totals', 'dynamic']);
	const made = await s.api('POST', 'atomic_order/orders', cart('PAID'));
	const where = `orders/${made.json.id}`;
	const part = await s.api('POST', `${where}/payments`, { tender: { id: id('TND', 3) }, amount: 2000, tipAmount: 100, externalPaymentId: 'pay_1' });
	assert.deepStrictEqual([part.status, part.json.result, part.json.amount, part.json.order.id, part.json.tender.id], [200, 'SUCCESS', 2000, made.json.id, id('TND', 3)]);
	assert.deepStrictEqual(await s.api('GET', where).then((r) => [r.json.paymentState, r.json.state, r.json.unpaidBalance]), ['PARTIALLY_PAID', 'open', 553]);
	await s.api('POST', `${where}/payments`, { tender: { id: id('TND', 3) }, amount: 553 });
	const paid = (await s.api('GET', `${where}?expand=payments`)).json;
	assert.deepStrictEqual([paid.paymentState, paid.state, paid.payments.elements.length], ['PAID', 'locked', 2]);
	assert.strictEqual((await s.api('GET', `${where}/payments`)).json.elements.length, 2);
	assert.strictEqual((await s.api('POST', `${where}/line_items`, { name: 'x', price: 1 })).status, 400, 'locked');
	assert.strictEqual((await s.api('DELETE', where)).status, 400);
	assert.strictEqual((await s.api('GET', `payments/${part.json.id}`)).json.order.id, made.json.id);
	assert.strictEqual((await s.api('GET', 'payments/NOSUCHPAYMEN')).status, 404);
	assert.deepStrictEqual((await s.api('GET', 'payments?filter=amount=2000')).json.elements.map((p) => p.externalPaymentId), ['pay_1']);
	assert.deepStrictEqual([(await s.api('POST', 'refunds', {})).status, (await s.api('GET', 'refunds')).json.elements], [405, []]);
	const rows = await s.seen('effect=payment_saved');
	assert.deepStrictEqual(rows.map((r) => [r.outlet, r.reference, r.amount, r.paid, r.total, r.external_payment_id]), [
		[MERCHANT, 'PAID', 2000, 2000, 2553, 'pay_1'], [MERCHANT, 'PAID', 553, 2553, 2553, null]]);
	const printed = await s.api('POST', 'print_event', { orderRef: { id: made.json.id } });
	assert.deepStrictEqual([printed.status, printed.json.state], [200, 'CREATED']);
	assert.ok((await s.live())[`${MERCHANT} PAID`].lines.every((l) => l.printed));
	const other = await s.api('POST', 'atomic_order/orders', cart('GONE'));
	assert.strictEqual((await s.api('DELETE', `orders/${other.json.id}`)).status, 200);
	assert.deepStrictEqual((await s.api('GET', `orders/${other.json.id}`)).json, { message: 'Not Found', details: 'Order not found' });
	assert.strictEqual((await s.api('DELETE', `orders/${other.json.id}`)).status, 404);
	assert.deepStrictEqual(Object.keys(await s.live()), [`${MERCHANT} PAID`]);
	assert.deepStrictEqual((await s.seen('effect=order_cancelled')).map((r) => [r.outlet, r.reference, r.by]), [[MERCHANT, 'GONE', 'hub']]);
	const order_id = await draft(s, 'DRAFT');
	await s.api('DELETE', `orders/${order_id}`);
	assert.strictEqual((await s.seen('effect=draft_deleted')).length, 1);
	assert.strictEqual((await open(s, order_id)).status, 404);
	const customer = await s.api('POST', 'customers', { firstName: 'Asha', lastName: 'Rao', phoneNumbers: [{ phoneNumber: '+15550100' }], emailAddresses: [{ emailAddress: 'a@b.example' }] });
	assert.deepStrictEqual([customer.status, 'phoneNumbers' in customer.json], [200, false]);
	await s.api('POST', 'atomic_order/orders', cart('CUST', (o) => { o.customers = [{ id: customer.json.id }]; }));
	assert.strictEqual((await s.live())[`${MERCHANT} CUST`].customers[0].phoneNumbers[0], '+15550100');
	const discounted = await draft(s, 'DISC');
	const line = (await s.api('GET', `orders/${discounted}?expand=lineItems`)).json.lineItems.elements[1];
	await s.api('POST', `orders/${discounted}/discounts`, { name: 'Ten', percentage: 10 });
	await s.api('POST', `orders/${discounted}/line_items/${line.id}/discounts`, { name: 'Half', percentage: 50 });
	await s.api('DELETE', `orders/${discounted}/line_items/${line.id}`);
	const left = await s.api('GET', `orders/${discounted}?expand=lineItems,discounts`);
	assert.deepStrictEqual([left.json.lineItems.elements.length, left.json.discounts.elements[0].percentage, left.json.total], [2, 10, 1705 + 151]);
});

test('tokens: a code once, a refresh token once, and lives that end', async () => {
	const s = await start(['--access-seconds', '1800']);
	const app = { client_id: DEFAULTS['client-id'], client_secret: DEFAULTS['client-secret'] };
	const take = (body) => s.post('/oauth/v2/token', body);
	const renew = (refresh_token) => s.post('/oauth/v2/refresh', { client_id: app.client_id, refresh_token });
	const items = async (token) => (await s.api('GET', 'items?limit=1', undefined, { token })).status;
	const code = (await s.post('/_sim/authorize', {})).json.code;
	assert.strictEqual((await take({ ...app, client_secret: 'x', code })).status, 401);
	const pair = await take({ ...app, code });
	assert.deepStrictEqual([pair.status, Object.keys(pair.json)], [200, ['access_token', 'access_token_expiration', 'refresh_token', 'refresh_token_expiration']]);
	const now = Date.now() / 1000;
	assert.ok(Math.abs(pair.json.access_token_expiration - now - 1800) < 3 && Math.abs(pair.json.refresh_token_expiration - now - 31536000) < 3, 'epoch seconds');
	assert.match(pair.json.access_token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
	assert.match(pair.json.refresh_token, /^clvroar-[0-9a-f]{32}$/);
	assert.strictEqual((await take({ ...app, code })).status, 401, 'a code is used once');
	assert.strictEqual((await take({ ...app, code: 'never' })).status, 401);
	assert.strictEqual((await take({ client_id: app.client_id, code })).status, 400);
	assert.strictEqual(await items(pair.json.access_token), 200);

	const second = await renew(pair.json.refresh_token);
	assert.strictEqual(second.status, 200);
	assert.notStrictEqual(second.json.access_token, pair.json.access_token);
	const reused = await renew(pair.json.refresh_token);
	assert.deepStrictEqual([reused.status, reused.json.message], [401, 'Invalid refresh token']);
	assert.deepStrictEqual([await items(pair.json.access_token), await items(second.json.access_token)], [200, 200], 'the earlier access token lives on');
	assert.strictEqual((await renew('clvroar-0')).status, 401);
	assert.strictEqual((await s.post('/oauth/v2/refresh', { client_id: 'x', refresh_token: second.json.refresh_token })).status, 401);
	assert.strictEqual((await s.post('/oauth/v2/refresh', { client_id: app.client_id })).status, 400);

	await s.post('/_sim/tokens', { expire: 'access' });
	assert.deepStrictEqual([await items(second.json.access_token), await items()], [401, 200], 'the test token of the dashboard does not expire');
	const third = await renew(second.json.refresh_token);
	await s.next({ do: 'token_revoked' });
	assert.deepStrictEqual([await items(third.json.access_token), await items(third.json.access_token)], [401, 401]);
	await s.next({ do: 'commit_then_drop', path: '/oauth/v2/refresh' });
	await assert.rejects(renew(third.json.refresh_token));
	assert.strictEqual((await renew(third.json.refresh_token)).status, 401, 'the pair that was lost on its way has used it up');
	const first = await renew(first_refresh_token(MERCHANT));
	assert.strictEqual(first.status, 200, 'what the merchant had from the start');
	await s.next({ do: 'refresh_revoked', path: '/oauth/v2/refresh' });
	assert.strictEqual((await renew(first.json.refresh_token)).status, 401);
	assert.deepStrictEqual((await s.seen('effect=token_refused')).map((r) => r.reason), ['client', 'code used twice', 'unknown code', 'used twice', 'unknown', 'client', 'used twice', 'revoked']);
	assert.strictEqual((await s.get('/oauth/v2/refresh')).status, 405);
	assert.strictEqual((await s.post('/oauth/token', {})).status, 404);

	const verifier = 'v'.repeat(43);
	const challenge = crypto.createHash('sha256').update(verifier).digest('base64url');
	const page = await s.get(`/oauth/v2/authorize?client_id=${app.client_id}&redirect_uri=https%3A%2F%2Fhub.test%2Fcb&state=s1&code_challenge=${challenge}`);
	const back = new URL(page.headers.location);
	assert.deepStrictEqual([page.status, back.origin + back.pathname, back.searchParams.get('merchant_id'), back.searchParams.get('state')], [302, 'https://hub.test/cb', MERCHANT, 's1']);
	const pkce = (code_verifier) => take({ client_id: app.client_id, code: back.searchParams.get('code'), code_verifier });
	assert.deepStrictEqual([(await pkce('wrong')).status, (await pkce(verifier)).status], [401, 200]);
	const short = await start(['--access-seconds', '1', '--test-tokens', 'no']);
	const brief = await short.post('/oauth/v2/refresh', { client_id: app.client_id, refresh_token: first_refresh_token(MERCHANT) });
	const ask = async (token) => (await short.api('GET', 'items?limit=1', undefined, { token })).status;
	assert.deepStrictEqual([await ask(brief.json.access_token), await ask()], [200, 401]);
	await new Promise((done) => setTimeout(done, 1100));
	assert.strictEqual(await ask(brief.json.access_token), 401);

	const all = (await s.get('/_sim/seen?all=1')).text;
	for (const secret of [app.client_secret, api_token(DEFAULTS, MERCHANT), first_refresh_token(MERCHANT), pair.json.access_token, pair.json.refresh_token, third.json.refresh_token])
		assert.ok(!all.includes(secret), 'no secret is journalled');
});

test('limits: so many a second and so many at a time, by token and by app', async (t) => {
	const s = await start(['--locations', 'L00000000000{1..4}', '--per-token', '16', '--per-app', '50']);
	const ask = (n, outlet) => Promise.all(Array.from({ length: n }, () => s.api('GET', 'tax_rates', undefined, { outlet })));
	const codes = (list) => list.map((r) => r.status);
	await t.test('16 a second for a token', async () => {
		const got = [];
		for (let i = 0; i < 18; i++)
			got.push(...await ask(1, 'L000000000001'));
		assert.deepStrictEqual(codes(got.slice(0, 16)).concat(codes(got.slice(16))), [...Array(16).fill(200), 429, 429]);
		assert.strictEqual(got[16].headers['x-ratelimit-tokenlimit'], '16');
		assert.ok(!('retry-after' in got[16].headers), 'only those about requests under way say when');
		await new Promise((done) => setTimeout(done, 1050));
		assert.deepStrictEqual(codes(await ask(1, 'L000000000001')), [200]);
	});
	await t.test('50 a second for the app', async () => {
		await new Promise((done) => setTimeout(done, 1050));
		const got = [];
		for (let i = 0; i < 60; i++)
			got.push(...await ask(1, `L00000000000${1 + i % 4}`));
		assert.strictEqual(got.filter((r) => r.status === 200).length, 50);
		assert.strictEqual(got[59].headers['x-ratelimit-crosstokenlimit'], '50');
	});
	await t.test('5 at a time for a token, whatever holds them; who comes back too soon waits longer', async () => {
		await new Promise((done) => setTimeout(done, 1050));
		await s.next({ do: 'delay_ms', ms: 150, times: 5 });
		const got = await ask(6, 'L000000000001');
		assert.deepStrictEqual(codes(got).sort(), [200, 200, 200, 200, 200, 429]);
		const over = got.find((r) => r.status === 429);
		assert.deepStrictEqual([over.headers['x-ratelimit-tokenconcurrentlimit'], over.headers['retry-after']], ['5', '1']);
		const [soon] = await ask(1, 'L000000000001');
		assert.deepStrictEqual([soon.status, soon.headers['retry-after']], [429, '2']);
		assert.deepStrictEqual(codes(await ask(1, 'L000000000002')), [200], 'others do not wait');
	});
	await t.test('10 at a time for the app', async () => {
		await s.next({ do: 'delay_ms', ms: 150, times: 10 });
		const got = (await Promise.all([ask(4, 'L000000000002'), ask(4, 'L000000000003'), ask(4, 'L000000000004')])).flat();
		assert.strictEqual(got.filter((r) => r.status === 200).length, 10);
		assert.ok(got.some((r) => r.headers['x-ratelimit-crosstokenconcurrentlimit'] === '10'));
	});
	await t.test('a request that the client gave up counts no more', async () => {
		const f = await start();
		await f.next({ do: 'hang', times: 5 });
		await Promise.all(Array.from({ length: 5 }, () => assert.rejects(f.api('GET', 'tax_rates', undefined, { ms: 60 }))));
		await new Promise((done) => setTimeout(done, 30));
		assert.strictEqual((await f.api('GET', 'tax_rates')).status, 200);
	});
	const limits = new Set((await s.seen('effect=rate_limited')).map((r) => r.limit));
	assert.deepStrictEqual([...limits].sort(), ['concurrent-app', 'concurrent-token', 'per-app', 'per-token']);
});
