'use strict';
/*
 * The simulated Square is an oracle, so it is tested first: its validation, money, idempotency, look-ups, menu and tokens. Nothing of
 * Ticketrail runs here.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const { test } = require('node:test');
const { DEFAULTS } = require('./sim/square.js');
const { price } = require('./sim/square_price.js');
const { TOTAL, bearer, listener, order, payment, problem, sleep, start, usd } = require('./sim/square_try.js');

test('an order is a draft to everybody but us until it is paid, then it is a ticket', async () => {
	const sq = await start();
	const r = await sq.api('POST', '/v2/orders', order());
	const { order: o } = r.json;
	assert.deepStrictEqual([r.status, o.state, o.version, o.total_money, o.total_tax_money, o.net_amount_due_money, o.fulfillments[0].state, o.line_items[0].name, o.line_items[0].modifiers[0].name],
		[200, 'OPEN', 1, usd(TOTAL), usd(197), usd(TOTAL), 'PROPOSED', 'Paneer Tikka', 'Andhra hot 🌶️']);
	const before = (await sq.screen())['R-1'];
	assert.deepStrictEqual([before.visible, before.paid, before.state, before.due], [false, 0, 'OPEN', TOTAL]);
	assert.strictEqual((await sq.post('/_sim/kitchen', { reference: 'R-1', status: 'accept' })).status, 400, 'nobody sees it');
	const p = await sq.api('POST', '/v2/payments', payment(o));
	assert.deepStrictEqual([p.status, p.json.payment.status, p.json.payment.source_type, p.json.payment.order_id, p.json.payment.total_money], [200, 'COMPLETED', 'EXTERNAL', o.id, usd(TOTAL)]);
	const seen = (await sq.screen())['R-1'];
	assert.deepStrictEqual([seen.visible, seen.paid, seen.state, seen.due, seen.version, seen.note, seen.ticket_name, seen.type, seen.status],
		[true, TOTAL, 'OPEN', 0, 2, 'ring twice', 'Asha', 'PICKUP', 'PROPOSED']);
	assert.deepStrictEqual(seen.lines[0], { id: 'VARTIKKAHALF', name: 'Paneer Tikka', variation: 'Half', quantity: '2', note: 'no onion', total: 2170,
		modifiers: [{ id: 'MODHOT', name: 'Andhra hot 🌶️', quantity: '1' }, { id: 'MODCHEESE', name: 'Cheese', quantity: '1' }] });
	const effects = await sq.seen('kind=effect');
	assert.deepStrictEqual(effects.map((e) => [e.effect, e.outlet, e.reference, e.id, e.total, e.paid]), [
		['draft_saved', 'L1', 'R-1', o.id, TOTAL, 0], ['payment_saved', 'L1', 'R-1', o.id, TOTAL, TOTAL], ['order_saved', 'L1', 'R-1', o.id, TOTAL, TOTAL],
	]);
	assert.strictEqual(new Set(effects.map((e) => e.body_sha256)).size, 1);
	assert.deepStrictEqual(await sq.seen('kind=note'), []);
});

test('each validation of an order', async (t) => {
	const sq = await start();
	const f = (o) => o.fulfillments[0];
	const pickup = (o) => f(o).pickup_details;
	const long = (n) => 'ä'.repeat(n);
	const cases = [
		['no order', (o, b) => { delete b.order; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order'],
		['no location', (o) => { delete o.location_id; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.location_id'],
		['empty location', (o) => { o.location_id = ''; }, 400, 'VALUE_TOO_SHORT', 'order.location_id'],
		['unknown location', (o) => { o.location_id = 'L99'; }, 404, 'NOT_FOUND', 'order.location_id'],
		['long key', (o, b) => { b.idempotency_key = 'k'.repeat(193); }, 400, 'VALUE_TOO_LONG', 'idempotency_key'],
		['long reference', (o) => { o.reference_id = long(41); }, 400, 'VALUE_TOO_LONG', 'order.reference_id'],
		['long ticket name', (o) => { o.ticket_name = long(31); }, 400, 'VALUE_TOO_LONG', 'order.ticket_name'],
		['long customer', (o) => { o.customer_id = long(192); }, 400, 'VALUE_TOO_LONG', 'order.customer_id'],
		['reference as a number', (o) => { o.reference_id = 7; }, 400, 'EXPECTED_STRING', 'order.reference_id'],
		['unknown state', (o) => { o.state = 'PAID'; }, 400, 'INVALID_ENUM_VALUE', 'order.state'],
		['born completed', (o) => { o.state = 'COMPLETED'; }, 400, 'BAD_REQUEST', 'order.state'],
		['a read-only field', (o) => { o.total_money = usd(1); }, 400, 'BAD_REQUEST', 'order.total_money'],
		['lines as an object', (o) => { o.line_items = {}; }, 400, 'EXPECTED_ARRAY', 'order.line_items'],
		['a line of null', (o) => { o.line_items[0] = null; }, 400, 'INVALID_ARRAY_VALUE', 'order.line_items[0]'],
		['501 lines', (o) => { o.line_items = Array(501).fill({ catalog_object_id: 'VARWATER', quantity: '1' }); }, 400, 'ARRAY_LENGTH_TOO_LONG', 'order.line_items'],
		['no quantity', (o) => { delete o.line_items[0].quantity; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.line_items[0].quantity'],
		['quantity as a number', (o) => { o.line_items[0].quantity = 2; }, 400, 'EXPECTED_STRING', 'order.line_items[0].quantity'],
		['quantity in words', (o) => { o.line_items[0].quantity = 'two'; }, 400, 'INVALID_VALUE', 'order.line_items[0].quantity'],
		['long quantity', (o) => { o.line_items[0].quantity = '1000000000000'; }, 400, 'VALUE_TOO_LONG', 'order.line_items[0].quantity'],
		['half a dish', (o) => { o.line_items[0].quantity = '0.5'; }, 400, 'INVALID_VALUE', 'order.line_items[0].quantity'],
		['half a modifier', (o) => { o.line_items[0].modifiers[0].quantity = '0.5'; }, 400, 'INVALID_VALUE', 'order.line_items[0].modifiers[0].quantity'],
		['long note', (o) => { o.line_items[0].note = long(2001); }, 400, 'VALUE_TOO_LONG', 'order.line_items[0].note'],
		['long uid', (o) => { o.line_items[0].uid = long(61); }, 400, 'VALUE_TOO_LONG', 'order.line_items[0].uid'],
		['a uid twice', (o) => { o.line_items[1].uid = 'a'; }, 400, 'BAD_REQUEST', 'order.line_items[1].uid'],
		['unknown variation', (o) => { o.line_items[0].catalog_object_id = 'NONE'; }, 404, 'NOT_FOUND', 'order.line_items[0].catalog_object_id'],
		['an item for a variation', (o) => { o.line_items[0].catalog_object_id = 'ITTIKKA'; }, 404, 'NOT_FOUND', 'order.line_items[0].catalog_object_id'],
		['a version of the future', (o) => { o.line_items[0].catalog_version = 9e12; }, 404, 'NOT_FOUND', 'order.line_items[0].catalog_object_id'],
		['unknown modifier', (o) => { o.line_items[0].modifiers[0].catalog_object_id = 'NONE'; }, 404, 'NOT_FOUND', 'order.line_items[0].modifiers[0].catalog_object_id'],
		['modifier without name', (o) => { o.line_items[0].modifiers[0] = { base_price_money: usd(1) }; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.line_items[0].modifiers[0].name'],
		['long modifier name', (o) => { o.line_items[0].modifiers[0] = { name: long(256), base_price_money: usd(1) }; }, 400, 'VALUE_TOO_LONG', 'order.line_items[0].modifiers[0].name'],
		['open item without name', (o) => { o.line_items[0] = { quantity: '1', base_price_money: usd(1) }; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.line_items[0].name'],
		['open item without price', (o) => { o.line_items[0] = { quantity: '1', name: 'Chai' }; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.line_items[0].base_price_money'],
		['a price to be typed in is not', (o) => { o.line_items[0] = { quantity: '1', catalog_object_id: 'VARCATCH' }; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.line_items[0].base_price_money'],
		['money as text', (o) => { o.line_items[0].base_price_money = { amount: '850', currency: 'USD' }; }, 400, 'EXPECTED_INTEGER', 'order.line_items[0].base_price_money.amount'],
		['money of a fraction', (o) => { o.line_items[0].base_price_money = { amount: 8.5, currency: 'USD' }; }, 400, 'EXPECTED_INTEGER', 'order.line_items[0].base_price_money.amount'],
		['money without currency', (o) => { o.line_items[0].base_price_money = { amount: 850 }; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.line_items[0].base_price_money.currency'],
		['another currency', (o) => { o.line_items[0].base_price_money = { amount: 850, currency: 'INR' }; }, 400, 'CURRENCY_MISMATCH', 'order.line_items[0].base_price_money'],
		['a negative price', (o) => { o.line_items[0].base_price_money = usd(-1); }, 400, 'VALUE_TOO_LOW', 'order.line_items[0].base_price_money.amount'],
		['11 entries of metadata', (o) => { o.metadata = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v'])); }, 400, 'TOO_MANY_MAP_ENTRIES', 'order.metadata'],
		['long metadata key', (o) => { o.metadata = { ['k'.repeat(61)]: 'v' }; }, 400, 'MAP_KEY_LENGTH_TOO_LONG', 'order.metadata'],
		['a metadata key with a blank', (o) => { o.metadata = { 'a b': 'v' }; }, 400, 'INVALID_VALUE', 'order.metadata.a b'],
		['long metadata value', (o) => { o.metadata = { a: long(256) }; }, 400, 'VALUE_TOO_LONG', 'order.metadata.a'],
		['a tax without rate', (o) => { o.taxes = [{ name: 'GST' }]; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.taxes[0].percentage'],
		['a tax rate as a number', (o) => { o.taxes = [{ name: 'GST', percentage: 5 }]; }, 400, 'EXPECTED_STRING', 'order.taxes[0].percentage'],
		['a tax rate with a sign', (o) => { o.taxes = [{ name: 'GST', percentage: '5%' }]; }, 400, 'INVALID_VALUE', 'order.taxes[0].percentage'],
		['a tax of nowhere', (o) => { o.line_items[0].applied_taxes = [{ tax_uid: 'x' }]; }, 400, 'BAD_REQUEST', 'order.line_items[0].applied_taxes[0].tax_uid'],
		['a discount of no size', (o) => { o.discounts = [{ name: 'D' }]; }, 400, 'BAD_REQUEST', 'order.discounts[0]'],
		['a discount of two sizes', (o) => { o.discounts = [{ name: 'D', percentage: '5', amount_money: usd(5) }]; }, 400, 'BAD_REQUEST', 'order.discounts[0]'],
		['a discount of another type', (o) => { o.discounts = [{ name: 'D', percentage: '5', type: 'FIXED_AMOUNT' }]; }, 400, 'CONFLICTING_PARAMETERS', 'order.discounts[0].type'],
		['a charge without phase', (o) => { o.service_charges = [{ name: 'Packing', amount_money: usd(5) }]; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.service_charges[0].calculation_phase'],
		['a taxable charge on the total', (o) => { o.service_charges = [{ name: 'P', amount_money: usd(5), calculation_phase: 'TOTAL_PHASE', taxable: true }]; }, 400, 'BAD_REQUEST', 'order.service_charges[0].taxable'],
		['two fulfillments', (o) => { o.fulfillments.push({ ...f(o), uid: 'g' }); }, 400, 'ARRAY_LENGTH_TOO_LONG', 'order.fulfillments'],
		['a fulfillment without type', (o) => { delete f(o).type; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].type'],
		['dine in before its time', (o) => { o.fulfillments = [{ type: 'IN_STORE' }]; }, 400, 'INVALID_ENUM_VALUE', 'order.fulfillments[0].type'],
		['a fulfillment that is over', (o) => { f(o).state = 'CANCELED'; }, 400, 'BAD_REQUEST', 'order.fulfillments[0].state'],
		['no pickup details', (o) => { delete f(o).pickup_details; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].pickup_details'],
		['details of another type', (o) => { f(o).delivery_details = {}; }, 400, 'CONFLICTING_PARAMETERS', 'order.fulfillments[0].delivery_details'],
		['nobody to pick it up', (o) => { delete pickup(o).recipient; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].pickup_details.recipient.display_name'],
		['scheduled at no time', (o) => { delete pickup(o).schedule_type; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].pickup_details.pickup_at'],
		['a time of its own form', (o) => { pickup(o).pickup_at = '2026-01-05 10:00'; }, 400, 'INVALID_TIME', 'order.fulfillments[0].pickup_details.pickup_at'],
		['a duration of its own form', (o) => { pickup(o).prep_time_duration = '15 min'; }, 400, 'INVALID_VALUE', 'order.fulfillments[0].pickup_details.prep_time_duration'],
		['long pickup note', (o) => { pickup(o).note = long(501); }, 400, 'VALUE_TOO_LONG', 'order.fulfillments[0].pickup_details.note'],
		['long phone', (o) => { pickup(o).recipient.phone_number = '1'.repeat(18); }, 400, 'VALUE_TOO_LONG', 'order.fulfillments[0].pickup_details.recipient.phone_number'],
		['no phone at all', (o) => { pickup(o).recipient.phone_number = 'call me'; }, 400, 'INVALID_PHONE_NUMBER', 'order.fulfillments[0].pickup_details.recipient.phone_number'],
		['no e-mail at all', (o) => { pickup(o).recipient.email_address = 'asha'; }, 400, 'INVALID_EMAIL_ADDRESS', 'order.fulfillments[0].pickup_details.recipient.email_address'],
		['curbside without details', (o) => { pickup(o).is_curbside_pickup = true; }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].pickup_details.curbside_pickup_details'],
		['delivery to nowhere', (o) => { o.fulfillments = [{ type: 'DELIVERY', delivery_details: { schedule_type: 'ASAP', prep_time_duration: 'PT30M', recipient: { display_name: 'A' } } }]; },
			400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].delivery_details.recipient.address'],
		['delivery in no time', (o) => { o.fulfillments = [{ type: 'DELIVERY', delivery_details: { schedule_type: 'ASAP', recipient: { display_name: 'A', address: { locality: 'X' } } } }]; },
			400, 'MISSING_REQUIRED_PARAMETER', 'order.fulfillments[0].delivery_details.prep_time_duration'],
		['long dropoff notes', (o) => { o.fulfillments = [{ type: 'DELIVERY', delivery_details: { dropoff_notes: long(551) } }]; }, 400, 'VALUE_TOO_LONG', 'order.fulfillments[0].delivery_details.dropoff_notes'],
	];
	for (const [name, change, ...want] of cases)
		await t.test(name, async () => {
			for (const where of ['/v2/orders', '/v2/orders/calculate'])
				if (where === '/v2/orders' || !/key/.test(name))
					assert.deepStrictEqual(problem(await sq.api('POST', where, order('V', change))), want, where);
		});
	await t.test('everything wrong is told at once, in Square\'s form', async () => {
		const r = await sq.api('POST', '/v2/orders', order('V', (o) => { o.reference_id = 7; o.state = 'x'; }));
		assert.deepStrictEqual(r.json.errors.map((e) => [e.category, e.code, typeof e.detail]), [['INVALID_REQUEST_ERROR', 'EXPECTED_STRING', 'string'], ['INVALID_REQUEST_ERROR', 'INVALID_ENUM_VALUE', 'string']]);
	});
	assert.deepStrictEqual(await sq.screen(), {}, 'nothing that was refused is there');
	await t.test('what is just short enough is taken', async () => {
		const o = await sq.create('R'.repeat(40), (x) => { x.ticket_name = long(30); pickup(x).note = long(500); x.line_items[0].note = long(2000); });
		assert.strictEqual(o.state, 'OPEN');
	});
	await t.test('dine in with the version that knows it', async () => {
		const r = await sq.api('POST', '/v2/orders', order('TABLE', (o) => { o.fulfillments = [{ type: 'IN_STORE', in_store_details: { note: 'Table 7' } }]; }), bearer(DEFAULTS['access-token'], { 'Square-Version': '2026-09-16' }));
		assert.strictEqual(r.json.order.fulfillments[0].type, 'IN_STORE');
	});
});

test('the door: paths, tokens, versions, bodies', async (t) => {
	const sq = await start(['--merchants', 'MA,MB', '--locations', 'L{1..4}']);
	const cases = [
		['unknown path', ['GET', '/v2/locations/orders/x', undefined], 404, 'NOT_FOUND'],
		['another method', ['GET', '/v2/orders', undefined], 404, 'NOT_FOUND'],
		['no token', ['GET', '/v2/locations', undefined, {}], 401, 'UNAUTHORIZED'],
		['unknown token', ['GET', '/v2/locations', undefined, bearer('EAAAnobody')], 401, 'UNAUTHORIZED'],
		['a version that is none', ['GET', '/v2/locations', undefined, bearer(DEFAULTS['access-token'], { 'Square-Version': 'latest' })], 400, 'INVALID_SQUARE_VERSION_FORMAT'],
		['not JSON', ['POST', '/v2/orders', '{"order":'], 400, 'EXPECTED_JSON_BODY'],
		['a JSON array', ['POST', '/v2/orders', '[]'], 400, 'EXPECTED_JSON_BODY'],
		['another content type', ['POST', '/v2/orders', 'a=1', bearer(DEFAULTS['access-token'], { 'Content-Type': 'text/plain' })], 415, 'UNSUPPORTED_MEDIA_TYPE'],
		['another seller\'s location', ['POST', '/v2/orders', order('X', (o) => { o.location_id = 'L2'; })], 404, 'NOT_FOUND'],
	];
	for (const [name, [method, where, body, headers], ...want] of cases)
		await t.test(name, async () => assert.deepStrictEqual(problem(await sq.api(method, where, body, headers)).slice(0, 2), want));
	assert.strictEqual((await sq.api('GET', '/v2/nothing')).json.errors[0].detail, 'API endpoint for URL path `/v2/nothing` and HTTP method `GET` is not found.');
	const mb = bearer(`${DEFAULTS['access-token']}.MB`);
	assert.deepStrictEqual((await sq.api('GET', '/v2/locations', undefined, mb)).json.locations.map((l) => l.id), ['L2', 'L4']);
	const o = await sq.create('R-1');
	assert.deepStrictEqual(problem(await sq.api('GET', `/v2/orders/${o.id}`, undefined, mb)), [404, 'NOT_FOUND', 'order_id']);
	const grant = (await sq.post('/_sim/grant', { scopes: ['ORDERS_READ'] })).json;
	const r = await sq.api('POST', '/v2/orders', order('R-2'), bearer(grant.access_token));
	assert.deepStrictEqual([...problem(r).slice(0, 2), r.json.errors[0].category], [403, 'INSUFFICIENT_SCOPES', 'AUTHENTICATION_ERROR']);
	assert.match(r.json.errors[0].detail, /ORDERS_WRITE/);
	assert.deepStrictEqual(problem(await sq.api('POST', '/v2/webhooks/subscriptions', {}, bearer(grant.access_token))).slice(0, 2), [401, 'UNAUTHORIZED']);
	const all = (await sq.get('/_sim/seen?all=1')).text;
	for (const secret of [DEFAULTS['access-token'], grant.access_token, grant.refresh_token])
		assert.ok(!all.includes(secret), 'no credential reaches the journal');
});

test('money: taxes on top and inside, discounts, charges, half to even', async (t) => {
	const money_of = (o) => {
		const copy = JSON.parse(JSON.stringify(o));
		price(copy, 'USD', 0, 0, () => crypto.randomUUID());
		return [copy.total_money.amount, copy.total_tax_money.amount, copy.total_discount_money.amount, copy.total_service_charge_money.amount];
	};
	const line = (amount, quantity = '1', more) => ({ quantity, base_price_money: usd(amount), ...more });
	const tax = (percentage, more) => ({ uid: 't', name: 'T', percentage, type: 'ADDITIVE', scope: 'ORDER', ...more });
	const cases = [
		['7.25 % of 10.00 is 0.725, half to even 0.72', { line_items: [line(1000)], taxes: [tax('7.25')] }, [1072, 72, 0, 0]],
		['and 0.975 is 0.98', { line_items: [line(1000)], taxes: [tax('9.75')] }, [1098, 98, 0, 0]],
		['tax inside a price', { line_items: [line(1180)], taxes: [tax('18', { type: 'INCLUSIVE' })] }, [1180, 180, 0, 0]],
		['a discount before tax', { line_items: [line(1000), line(1000)], discounts: [{ uid: 'd', percentage: '10' }], taxes: [tax('10')] }, [1980, 180, 200, 0]],
		['a fixed discount is divided', { line_items: [line(100), line(200)], discounts: [{ uid: 'd', amount_money: usd(100) }] }, [200, 0, 100, 0]],
		['never below nothing', { line_items: [line(100)], discounts: [{ uid: 'd', amount_money: usd(500) }] }, [0, 0, 100, 0]],
		['a discount of one line', { line_items: [line(1000, '1', { applied_discounts: [{ discount_uid: 'd' }] }), line(1000)], discounts: [{ uid: 'd', percentage: '50', scope: 'LINE_ITEM' }] }, [1500, 0, 500, 0]],
		['a tax of one line', { line_items: [line(1000, '1', { applied_taxes: [{ tax_uid: 't' }] }), line(1000)], taxes: [tax('10', { scope: 'LINE_ITEM' })] }, [2100, 100, 0, 0]],
		['a taxable charge', { line_items: [line(1000)], taxes: [tax('10')], service_charges: [{ uid: 'c', amount_money: usd(200), calculation_phase: 'SUBTOTAL_PHASE', taxable: true }] }, [1320, 120, 0, 200]],
		['a charge that is not', { line_items: [line(1000)], taxes: [tax('10')], service_charges: [{ uid: 'c', amount_money: usd(200), calculation_phase: 'SUBTOTAL_PHASE' }] }, [1300, 100, 0, 200]],
		['a percentage of the total', { line_items: [line(1000)], taxes: [tax('10')], service_charges: [{ uid: 'c', percentage: '10', calculation_phase: 'TOTAL_PHASE' }] }, [1210, 100, 0, 110]],
		['an apportioned charge', { line_items: [line(1000)], taxes: [tax('10')], service_charges: [{ uid: 'c', amount_money: usd(100), calculation_phase: 'APPORTIONED_AMOUNT_PHASE' }] }, [1210, 110, 0, 100]],
		['modifiers go with the quantity', { line_items: [line(1000, '3', { modifiers: [{ quantity: '2', base_price_money: usd(50) }] })] }, [3300, 0, 0, 0]],
	];
	for (const [name, o, want] of cases)
		await t.test(name, () => assert.deepStrictEqual(money_of(o), want));
	await t.test('a tax and a discount of the catalog, prices of the place, open items', async () => {
		const sq = await start();
		const o = await sq.create('CAT', (x) => {
			x.location_id = 'L2';
			x.line_items = [{ catalog_object_id: 'VARTIKKAHALF', quantity: '1', modifiers: [{ catalog_object_id: 'MODMILD' }] }, { name: 'Chai', quantity: '1', base_price_money: usd(100) }];
			x.pricing_options = {};
			x.taxes = [{ catalog_object_id: 'TAXSALES' }];
			x.discounts = [{ catalog_object_id: 'DISCTEN' }];
		});
		assert.deepStrictEqual([o.line_items[0].base_price_money, o.total_discount_money, o.total_tax_money], [usd(900), usd(100), usd(77)]);
		assert.deepStrictEqual((await sq.seen('kind=note')).map((n) => n.note), ['open_item']);
		const c = (await sq.api('POST', '/v2/orders/calculate', { order: order('C').order })).json.order;
		assert.deepStrictEqual([c.total_money, 'id' in c, Object.keys(await sq.screen())], [usd(TOTAL), false, ['CAT']]);
	});
	await t.test('what a kitchen would wonder about is noted, not refused', async () => {
		const sq = await start();
		await sq.create('N', (o) => {
			o.line_items = [
				{ catalog_object_id: 'VARTIKKAHALF', quantity: '1', base_price_money: usd(1), modifiers: [{ catalog_object_id: 'MODROTI' }, { catalog_object_id: 'MODCHEESE', base_price_money: usd(1), quantity: '4' }] },
				{ catalog_object_id: 'VARTHALI', quantity: '1' }, { catalog_object_id: 'VARBEER', quantity: '1' },
			];
			o.colour = 'red';
		});
		const notes = (await sq.seen('kind=note')).map((n) => n.note);
		assert.deepStrictEqual(['ignored_key', 'price_differs_from_menu', 'foreign_modifier', 'modifier_count', 'not_on_sale'].filter((n) => !notes.includes(n)), []);
		assert.strictEqual(notes.filter((n) => n === 'not_on_sale').length, 2);
	});
});

test('the same key again gives the first order, another body under it is refused, a forgotten key makes another', async () => {
	const sq = await start();
	const first = (await sq.api('POST', '/v2/orders', order())).json;
	const shuffled = { order: order().order, idempotency_key: 'key-R-1' };
	assert.deepStrictEqual((await sq.api('POST', '/v2/orders', shuffled)).json, first);
	const other = await sq.api('POST', '/v2/orders', order('R-1', (o) => { o.ticket_name = 'Ravi'; }));
	assert.deepStrictEqual([other.status, other.json.errors], [400, [{ category: 'INVALID_REQUEST_ERROR', code: 'BAD_REQUEST', detail: `Order ${first.order.id} already exists.` }]]);
	assert.deepStrictEqual(await sq.effects(), ['draft_saved', 'order_repeated', 'order_repeated', 'refused']);
	assert.deepStrictEqual((await sq.seen('effect=order_repeated')).map((e) => e.same), [true, false]);
	assert.deepStrictEqual(Object.keys(await sq.screen()), ['R-1']);
	const refused = await sq.api('POST', '/v2/orders', order('R-2', (o) => { o.location_id = 'L9'; }));
	assert.strictEqual(refused.status, 404);
	assert.strictEqual((await sq.create('R-2')).state, 'OPEN', 'a refusal does not use up the key');

	const short = await start(['--key-life', '80', '--key-reuse', 'reused']);
	await short.create('R-1');
	assert.deepStrictEqual(problem(await short.api('POST', '/v2/orders', order('R-1', (o) => { delete o.ticket_name; }))), [400, 'IDEMPOTENCY_KEY_REUSED', 'idempotency_key']);
	await sleep(100);
	await short.create('R-1');
	assert.deepStrictEqual(Object.keys(await short.screen()), ['R-1', 'R-1 #2']);
});

test('payments: what pays for an order, and what does not', async (t) => {
	const sq = await start();
	const o = await sq.create('P');
	const l2 = await sq.create('P2', (x) => { x.location_id = 'L2'; });
	const draft = await sq.create('PD', (x) => { x.state = 'DRAFT'; });
	const cases = [
		['no source', { source_id: undefined }, 400, 'MISSING_REQUIRED_PARAMETER', 'source_id'],
		['no key', { idempotency_key: undefined }, 400, 'MISSING_REQUIRED_PARAMETER', 'idempotency_key'],
		['a key of 46', { idempotency_key: 'k'.repeat(46) }, 400, 'VALUE_TOO_LONG', 'idempotency_key'],
		['no amount', { amount_money: undefined }, 400, 'MISSING_REQUIRED_PARAMETER', 'amount_money'],
		['nothing', { amount_money: usd(0) }, 400, 'VALUE_TOO_LOW', 'amount_money.amount'],
		['too little', { amount_money: usd(TOTAL - 1) }, 400, 'BAD_REQUEST', 'amount_money.amount'],
		['too much', { amount_money: usd(TOTAL + 1) }, 400, 'BAD_REQUEST', 'amount_money.amount'],
		['another currency', { amount_money: { amount: TOTAL, currency: 'INR' } }, 400, 'CURRENCY_MISMATCH', 'amount_money'],
		['a card', { source_id: 'cnon:card-nonce-ok' }, 404, 'NOT_FOUND', 'source_id'],
		['external without details', { external_details: undefined }, 400, 'MISSING_REQUIRED_PARAMETER', 'external_details'],
		['external without source', { external_details: { type: 'OTHER' } }, 400, 'MISSING_REQUIRED_PARAMETER', 'external_details.source'],
		['a long type', { external_details: { type: 'x'.repeat(51), source: 'a' } }, 400, 'VALUE_TOO_LONG', 'external_details.type'],
		['a long reference', { reference_id: 'r'.repeat(41) }, 400, 'VALUE_TOO_LONG', 'reference_id'],
		['cash without details', { source_id: 'CASH' }, 400, 'MISSING_REQUIRED_PARAMETER', 'cash_details'],
		['too little cash', { source_id: 'CASH', cash_details: { buyer_supplied_money: usd(1) } }, 400, 'VALUE_TOO_LOW', 'cash_details.buyer_supplied_money'],
		['to be completed later', { autocomplete: false }, 400, 'BAD_REQUEST', 'autocomplete'],
		['unknown order', { order_id: 'none' }, 404, 'NOT_FOUND', 'order_id'],
		['another location', { location_id: 'L2' }, 400, 'LOCATION_MISMATCH', 'location_id'],
		['the main location for an order of another', { order_id: l2.id, location_id: undefined }, 400, 'LOCATION_MISMATCH', 'location_id'],
		['a draft', { order_id: draft.id }, 400, 'BAD_REQUEST', 'order_id'],
	];
	for (const [name, change, ...want] of cases)
		await t.test(name, async () => assert.deepStrictEqual(problem(await sq.api('POST', '/v2/payments', payment(o, change))), want));
	assert.ok(Object.values(await sq.screen()).every((x) => !x.visible && x.paid === 0));
	await t.test('cash with a tip', async () => {
		const r = await sq.api('POST', '/v2/payments', payment(o, { source_id: 'CASH', external_details: undefined, tip_money: usd(100), cash_details: { buyer_supplied_money: usd(3000) } }));
		assert.deepStrictEqual(r.json.payment.cash_details.change_back_money, usd(3000 - TOTAL - 100));
		const now = (await sq.api('GET', `/v2/orders/${o.id}`)).json.order;
		assert.deepStrictEqual([now.total_tip_money, now.total_money, now.net_amount_due_money, now.tenders[0].type, now.state], [usd(100), usd(TOTAL + 100), usd(0), 'CASH', 'OPEN']);
		assert.strictEqual((await sq.screen()).P.visible, true);
	});
	await t.test('the same key again, and with another body; paid is paid', async () => {
		const same = payment(o, { source_id: 'CASH', external_details: undefined, tip_money: usd(100), cash_details: { buyer_supplied_money: usd(3000) } });
		assert.strictEqual((await sq.api('POST', '/v2/payments', same)).status, 200);
		assert.deepStrictEqual(problem(await sq.api('POST', '/v2/payments', { ...same, note: 'x' })), [400, 'IDEMPOTENCY_KEY_REUSED', 'idempotency_key']);
		assert.deepStrictEqual(problem(await sq.api('POST', '/v2/payments', { ...same, idempotency_key: 'new' })), [400, 'BAD_REQUEST', 'order_id']);
		assert.strictEqual((await sq.seen('effect=payment_saved')).length, 1);
	});
	await t.test('an order without a fulfillment is done when it is paid, and no kitchen sees it', async () => {
		const bare = await sq.paid('BARE', (x) => { delete x.fulfillments; });
		assert.deepStrictEqual([bare.state, (await sq.screen()).BARE.visible], ['COMPLETED', false]);
		const kind = await start(['--show-unfulfilled']);
		await kind.paid('BARE', (x) => { delete x.fulfillments; });
		assert.strictEqual((await kind.screen()).BARE.visible, true);
	});
	await t.test('an order of nothing is paid with nothing', async () => {
		const free = await sq.create('FREE', (x) => { x.line_items = [{ catalog_object_id: 'VARTEA', quantity: '1' }]; });
		assert.strictEqual((await sq.screen()).FREE.visible, false);
		assert.deepStrictEqual(problem(await sq.api('POST', `/v2/orders/${free.id}/pay`, {})), [400, 'MISSING_REQUIRED_PARAMETER', 'idempotency_key']);
		assert.deepStrictEqual(problem(await sq.api('POST', `/v2/orders/${free.id}/pay`, { idempotency_key: 'z', order_version: 9 })), [409, 'VERSION_MISMATCH', 'order_version']);
		const pay = () => sq.api('POST', `/v2/orders/${free.id}/pay`, { idempotency_key: 'z', order_version: 1, payment_ids: [] });
		assert.deepStrictEqual([(await pay()).json.order.version, (await pay()).json.order.version, (await sq.screen()).FREE.visible], [2, 2, true]);
		assert.deepStrictEqual(problem(await sq.api('POST', `/v2/orders/${l2.id}/pay`, { idempotency_key: 'y', payment_ids: [] })), [400, 'BAD_REQUEST', 'payment_ids']);
	});
});

test('cancelling: versions, fulfillments, money first', async (t) => {
	const sq = await start();
	const cancel = (o, more = {}, key = crypto.randomUUID()) => sq.api('PUT', `/v2/orders/${o.id}`, { idempotency_key: key,
		order: { location_id: 'L1', version: o.version, state: 'CANCELED', fulfillments: [{ uid: 'f', state: 'CANCELED' }], ...more } });
	const o = await sq.create('C-1');
	const cases = [
		['no version', { version: undefined }, 400, 'BAD_REQUEST', 'order.version'],
		['a version of yesterday', { version: 0 }, 409, 'VERSION_MISMATCH', 'order.version'],
		['no location', { location_id: undefined }, 400, 'MISSING_REQUIRED_PARAMETER', 'order.location_id'],
		['another location', { location_id: 'L2' }, 400, 'BAD_REQUEST', 'order.location_id'],
		['its fulfillment goes on', { fulfillments: undefined }, 400, 'BAD_REQUEST', 'order.fulfillments'],
	];
	for (const [name, more, ...want] of cases)
		await t.test(name, async () => assert.deepStrictEqual(problem(await cancel(o, more)), want));
	assert.strictEqual((await cancel(o, { version: 0 })).json.errors[0].detail, `Supplied version 0 does not match the current version 1 of order ${o.id}.`);
	assert.deepStrictEqual(problem(await cancel({ id: 'none', version: 1 })), [404, 'NOT_FOUND', 'order_id']);
	await t.test('without a new key nothing happens and the answer is 200', async () => {
		const r = await sq.api('PUT', `/v2/orders/${o.id}`, { order: { location_id: 'L1', version: 1, state: 'CANCELED', fulfillments: [{ uid: 'f', state: 'CANCELED' }] } });
		assert.deepStrictEqual([r.status, r.json.order.state], [200, 'OPEN']);
	});
	await t.test('unpaid', async () => {
		const r = await cancel(o, {}, 'c1');
		assert.deepStrictEqual([r.json.order.state, r.json.order.version, r.json.order.fulfillments[0].state], ['CANCELED', 2, 'CANCELED']);
		assert.deepStrictEqual([(await cancel(o, {}, 'c1')).status, problem(await cancel({ ...o, version: 2 }))[1]], [200, 'BAD_REQUEST']);
		assert.deepStrictEqual(Object.keys(await sq.screen()), []);
		assert.strictEqual((await sq.screen('tickets'))['C-1'].state, 'CANCELED');
		assert.deepStrictEqual((await sq.effects()).filter((e) => /cancelled/.test(e)), ['draft_cancelled'], 'there was no ticket');
	});
	await t.test('paid: the money goes back first', async () => {
		const p = await sq.paid('C-2');
		assert.deepStrictEqual(problem(await cancel(p)), [400, 'BAD_REQUEST', 'order.state']);
		const refund = (more) => sq.api('POST', '/v2/refunds', { idempotency_key: 'r', payment_id: p.tenders[0].payment_id, amount_money: usd(TOTAL), reason: 'guest', ...more });
		assert.deepStrictEqual(problem(await refund({ amount_money: usd(TOTAL + 1) })), [400, 'REFUND_AMOUNT_INVALID', 'amount_money.amount']);
		assert.deepStrictEqual(problem(await refund({ payment_id: 'none' })), [404, 'NOT_FOUND', 'payment_id']);
		assert.deepStrictEqual(problem(await refund({ payment_id: undefined })), [400, 'MISSING_REQUIRED_PARAMETER', 'payment_id']);
		assert.deepStrictEqual(problem(await refund({ idempotency_key: 'k'.repeat(46) })), [400, 'VALUE_TOO_LONG', 'idempotency_key']);
		const r = (await refund()).json.refund;
		assert.deepStrictEqual([r.status, (await refund()).json.refund.id, problem(await refund({ reason: 'x' }))[1]], ['COMPLETED', r.id, 'IDEMPOTENCY_KEY_REUSED']);
		assert.strictEqual((await sq.api('GET', `/v2/refunds/${r.id}`)).json.refund.payment_id, p.tenders[0].payment_id);
		assert.deepStrictEqual((await sq.api('GET', `/v2/payments/${r.payment_id}`)).json.payment.refunded_money, usd(TOTAL));
		assert.deepStrictEqual(problem(await cancel(p)), [409, 'VERSION_MISMATCH', 'order.version'], 'the refund moved it on');
		assert.strictEqual((await cancel({ ...p, version: 3 })).json.order.state, 'CANCELED');
		const [gone] = await sq.seen('effect=order_cancelled');
		assert.deepStrictEqual([gone.reference, gone.by, gone.paid, (await sq.seen('effect=order_refunded')).length], ['C-2', 'hub', 0, 1]);
	});
	await t.test('where a refunded order stays, its fulfillment alone can be cancelled', async () => {
		const strict = await start(['--cancel-refunded', 'no', '--mismatch-status', '400']);
		const p = await strict.paid('C-3');
		await strict.api('POST', '/v2/refunds', { idempotency_key: 'r', payment_id: p.tenders[0].payment_id, amount_money: usd(TOTAL) });
		const put = (order_part) => strict.api('PUT', `/v2/orders/${p.id}`, { idempotency_key: crypto.randomUUID(), order: { location_id: 'L1', ...order_part } });
		assert.strictEqual((await put({ version: 1 })).status, 400);
		assert.deepStrictEqual(problem(await put({ version: 3, state: 'CANCELED', fulfillments: [{ uid: 'f', state: 'CANCELED' }] })), [400, 'BAD_REQUEST', 'order.state']);
		assert.strictEqual((await put({ version: 3, fulfillments: [{ uid: 'f', state: 'CANCELED' }] })).json.order.state, 'OPEN');
		assert.strictEqual((await strict.seen('effect=order_cancelled')).length, 1);
	});
	await t.test('other changes: forward only, sparse, priced again, nothing of a paid order\'s lines', async () => {
		const q = await sq.create('C-4');
		const put = (order_part, more) => sq.api('PUT', `/v2/orders/${q.id}`, { idempotency_key: crypto.randomUUID(), order: { location_id: 'L1', ...order_part }, ...more });
		const more = (await put({ version: 1, line_items: [{ uid: 'b', quantity: '2' }, { name: 'Chai', quantity: '1', base_price_money: usd(100) }] })).json.order;
		assert.deepStrictEqual([more.total_money, more.line_items.length, more.version], [usd(TOTAL + 300 + 100 + 1), 3, 2]);
		assert.strictEqual((await put({ version: 2 }, { fields_to_clear: ['line_items[a]', 'ticket_name'] })).json.order.line_items.length, 2);
		assert.strictEqual((await put({ version: 3, fulfillments: [{ uid: 'f', state: 'PREPARED' }] })).json.order.fulfillments[0].pickup_details.ready_at.length, 24);
		assert.deepStrictEqual(problem(await put({ version: 4, fulfillments: [{ uid: 'f', state: 'RESERVED' }] })), [400, 'BAD_REQUEST', 'order.fulfillments[0].state']);
		assert.deepStrictEqual(problem(await put({ version: 4, state: 'COMPLETED' })), [400, 'BAD_REQUEST', 'order.state']);
		const p = await sq.paid('C-5');
		const lines = await sq.api('PUT', `/v2/orders/${p.id}`, { idempotency_key: 'l', order: { location_id: 'L1', version: 2, line_items: [{ uid: 'a', quantity: '9' }] } });
		assert.deepStrictEqual(lines.json.errors[0], { category: 'INVALID_REQUEST_ERROR', code: 'BAD_REQUEST', detail: 'LineItems cannot be modified for finalized tenders.', field: 'order.line_items' });
		const done = await sq.api('PUT', `/v2/orders/${p.id}`, { idempotency_key: 'd', order: { location_id: 'L1', version: 2, state: 'COMPLETED', fulfillments: [{ uid: 'f', state: 'COMPLETED' }] } });
		assert.strictEqual(done.json.order.state, 'COMPLETED');
	});
});

test('look-ups: by id, by ids, by time; never by reference, and not at once', async () => {
	const sq = await start(['--search-lag', '60']);
	const search = (query, more) => sq.api('POST', '/v2/orders/search', { location_ids: ['L1'], ...(query && { query }), ...more });
	const since = new Date(Date.now() - 5000).toISOString();
	const made = [];
	for (let i = 0; i < 5; i++)
		made.push(await sq.create(`S-${i}`));
	const window = { filter: { date_time_filter: { created_at: { start_at: since } }, source_filter: { source_names: ['Ticketrail'] } }, sort: { sort_field: 'CREATED_AT', sort_order: 'ASC' } };
	assert.ok(((await search(window)).json.orders ?? []).length < 5);
	await sleep(80);
	assert.deepStrictEqual((await search(window)).json.orders.map((o) => o.reference_id), ['S-0', 'S-1', 'S-2', 'S-3', 'S-4']);
	const refs = [];
	let cursor, pages = 0;
	do {
		const p = (await search(window, { limit: 2, cursor })).json;
		refs.push(...p.orders.map((o) => o.reference_id));
		({ cursor } = p);
		pages++;
	} while (cursor);
	assert.deepStrictEqual([pages, refs.length], [3, 5]);
	const first = (await search(window, { limit: 2 })).json.cursor;
	assert.deepStrictEqual(problem(await search(undefined, { limit: 2, cursor: first })), [400, 'INVALID_CURSOR', 'cursor']);
	assert.deepStrictEqual(problem(await search({ ...window, sort: { sort_field: 'UPDATED_AT' } })), [400, 'BAD_REQUEST', 'query.sort.sort_field']);
	assert.deepStrictEqual(problem(await search(undefined, { location_ids: [] })), [400, 'ARRAY_EMPTY', 'location_ids']);
	assert.deepStrictEqual(problem(await search(undefined, { location_ids: Array(11).fill('L1') })), [400, 'ARRAY_LENGTH_TOO_LONG', 'location_ids']);
	assert.deepStrictEqual(problem(await search(undefined, { limit: 1001 })), [400, 'INVALID_VALUE', 'limit']);
	assert.deepStrictEqual((await search({ filter: { state_filter: { states: ['COMPLETED'] } } })).json, {});
	assert.deepStrictEqual((await search({ filter: { source_filter: { source_names: ['Till'] } } })).json, {});
	assert.strictEqual((await search({ filter: { fulfillment_filter: { fulfillment_types: ['PICKUP'], fulfillment_states: ['PROPOSED'] } } }, { return_entries: true })).json.order_entries.length, 5);
	assert.strictEqual((await search({ filter: { reference_filter: 'S-1' } })).json.orders.length, 5, 'a filter that it does not know is none');
	assert.strictEqual((await sq.api('GET', `/v2/orders/${made[0].id}`)).json.order.reference_id, 'S-0');
	assert.strictEqual((await sq.api('GET', '/v2/orders/none')).json.errors[0].detail, 'Order not found for id none.');
	assert.strictEqual((await sq.api('POST', '/v2/orders/batch-retrieve', { location_id: 'L1', order_ids: [made[1].id, 'none'] })).json.orders.length, 1);
	assert.deepStrictEqual(problem(await sq.api('POST', '/v2/orders/batch-retrieve', { order_ids: Array(101).fill('x') })), [400, 'ARRAY_LENGTH_TOO_LONG', 'order_ids']);
});

test('the menu: pages, types, deltas, deleted things, stock', async () => {
	const hub = await listener();
	const sq = await start(['--page', '7', '--hub', hub.url]);
	const all = [];
	let cursor = '', pages = 0;
	do {
		const p = (await sq.api('GET', `/v2/catalog/list?types=ITEM,CATEGORY,MODIFIER_LIST,TAX,DISCOUNT,IMAGE&cursor=${cursor}`)).json;
		all.push(...p.objects);
		({ cursor } = p);
		pages++;
	} while (cursor);
	assert.ok(pages >= 4);
	assert.strictEqual(new Set(all.map((o) => o.id)).size, all.length);
	assert.deepStrictEqual(problem(await sq.api('GET', '/v2/catalog/list?types=DISH')).slice(0, 2), [400, 'INVALID_ENUM_VALUE']);
	assert.deepStrictEqual(problem(await sq.api('GET', '/v2/catalog/list?cursor=abc')).slice(0, 2), [400, 'INVALID_CURSOR']);
	const of = (type) => all.filter((o) => o.type === type);
	assert.ok(of('ITEM').some((i) => i.item_data.is_archived) && of('ITEM').some((i) => !i.present_at_all_locations) && of('ITEM').some((i) => i.item_data.variations.length > 1));
	assert.ok(of('MODIFIER_LIST').some((l) => l.modifier_list_data.min_selected_modifiers === 1) && of('MODIFIER_LIST').some((l) => l.modifier_list_data.modifier_type === 'TEXT'));
	assert.ok(of('CATEGORY').some((c) => c.category_data.parent_category) && of('TAX').some((x) => x.tax_data.inclusion_type === 'INCLUSIVE'));
	const menu = (await sq.get('/_sim/menu')).json.objects;
	const search = (body) => sq.api('POST', '/v2/catalog/search', body);
	const { latest_time } = (await search({ limit: 1000 })).json;
	assert.deepStrictEqual((await search({ begin_time: latest_time })).json, { latest_time });
	const old = menu.find((o) => o.id === 'ITSAMOSA').version;
	const next = JSON.parse(JSON.stringify(menu.filter((o) => o.id !== 'ITDAL')));
	next.find((o) => o.id === 'ITSAMOSA').item_data.variations[0].item_variation_data.price_money.amount = 599;
	const changed = (await sq.post('/_sim/menu', { objects: next })).json.changed.sort();
	assert.deepStrictEqual(changed, ['ITDAL', 'ITSAMOSA', 'VARSAMOSA']);
	assert.deepStrictEqual(hub.got.map((g) => g.json.type), ['catalog.version.updated']);
	const delta = (await search({ begin_time: latest_time, include_deleted_objects: true, include_related_objects: true })).json;
	assert.deepStrictEqual(delta.objects.map((o) => [o.id, o.is_deleted]).sort(), [['ITDAL', true], ['ITSAMOSA', false]]);
	assert.ok(delta.related_objects.some((o) => o.id === 'TAXCITY'));
	const one = (id, version) => sq.create(`M-${id}-${version}`, (o) => { o.line_items = [{ catalog_object_id: id, quantity: '1', ...(version && { catalog_version: version }) }]; });
	assert.deepStrictEqual([(await one('VARSAMOSA')).line_items[0].base_price_money, (await one('VARSAMOSA', old)).line_items[0].base_price_money], [usd(599), usd(499)]);
	assert.strictEqual(await one('VARDAL'), undefined, 'what is deleted cannot be ordered');
	assert.deepStrictEqual(problem(await sq.api('GET', '/v2/catalog/object/ITDAL')).slice(0, 2), [404, 'NOT_FOUND']);
	await hub.until(3);
	hub.got.length = 0;

	await sq.post('/_sim/stock', { id: 'VARTIKKAFULL', location: 'L1', sold_out: true });
	const overrides = (await sq.api('GET', '/v2/catalog/object/VARTIKKAFULL')).json.object.item_variation_data.location_overrides;
	assert.deepStrictEqual(overrides, [{ location_id: 'L1', sold_out: true }]);
	await sq.post('/_sim/stock', { id: 'VARSAMOSA', location: 'L2', quantity: '4' });
	const counts = (await sq.api('POST', '/v2/inventory/counts/batch-retrieve', { catalog_object_ids: ['VARSAMOSA'], location_ids: ['L1', 'L2'] })).json.counts;
	assert.deepStrictEqual(counts.map((c) => [c.location_id, c.quantity, c.state]), [['L2', '4', 'IN_STOCK']]);
	const count = (pc) => sq.api('POST', '/v2/inventory/changes/batch-create', { idempotency_key: 'i', changes: [{ type: 'PHYSICAL_COUNT', physical_count: { catalog_object_id: 'VARSAMOSA', state: 'IN_STOCK',
		location_id: 'L1', quantity: '0', occurred_at: new Date().toISOString(), ...pc } }] });
	assert.strictEqual((await count({})).json.counts[0].quantity, '0');
	assert.deepStrictEqual(problem(await count({ quantity: 0 })), [400, 'EXPECTED_STRING', 'changes[0].physical_count.quantity']);
	assert.deepStrictEqual(problem(await count({ catalog_object_id: 'ITTIKKA' })).slice(0, 2), [404, 'NOT_FOUND']);
	await hub.until(3);
	assert.deepStrictEqual(hub.got.map((g) => g.json.type), ['catalog.version.updated', 'inventory.count.updated', 'inventory.count.updated']);
	assert.strictEqual(hub.got[1].json.data.object.inventory_counts[0].catalog_object_id, 'VARSAMOSA');
	hub.close();
});

test('locations: read, changed, told; a closed one takes no order', async () => {
	const hub = await listener();
	const sq = await start(['--hub', hub.url]);
	assert.deepStrictEqual((await sq.api('GET', '/v2/locations')).json.locations.map((l) => [l.id, l.status, l.currency]), [['L1', 'ACTIVE', 'USD'], ['L2', 'ACTIVE', 'USD']]);
	assert.strictEqual((await sq.api('GET', '/v2/locations/main')).json.location.id, 'L1');
	assert.deepStrictEqual(problem(await sq.api('GET', '/v2/locations/L9')).slice(0, 2), [404, 'NOT_FOUND']);
	const put = (location) => sq.api('PUT', '/v2/locations/L1', { location });
	assert.deepStrictEqual(problem(await put({ status: 'PAUSED' })), [400, 'INVALID_ENUM_VALUE', 'location.status']);
	assert.deepStrictEqual(problem(await put({ currency: 'INR' })), [400, 'BAD_REQUEST', 'location.currency']);
	assert.deepStrictEqual(problem(await put({ business_hours: { periods: [{ day_of_week: 'MONDAY' }] } })).slice(0, 2), [400, 'INVALID_VALUE']);
	assert.strictEqual((await put({ status: 'INACTIVE' })).json.location.status, 'INACTIVE');
	assert.deepStrictEqual(problem(await sq.api('POST', '/v2/orders', order())), [400, 'BAD_REQUEST', 'order.location_id']);
	await sq.post('/_sim/store', { location: 'L1', status: 'ACTIVE' });
	assert.strictEqual((await sq.create('R')).state, 'OPEN');
	await hub.until(2);
	assert.deepStrictEqual([hub.got[0].json.type, hub.got[0].json.location_id, hub.got[0].json.data], ['location.updated', 'L1', { type: 'location', id: 'L1' }]);
	hub.close();
});

test('OAuth: codes once, refresh for ever or once, expiry, revocation', async (t) => {
	const hub = await listener();
	const sq = await start(['--access-life', '0.25', '--short-life', '0.1', '--pkce-life', '0.6', '--hub', hub.url]);
	const client = { client_id: DEFAULTS['client-id'], client_secret: DEFAULTS['client-secret'] };
	const token = (body) => sq.ask('POST', '/oauth2/token', { ...client, ...body });
	const refresh = (refresh_token, more) => token({ grant_type: 'refresh_token', refresh_token, ...more });
	const locations = (access) => sq.api('GET', '/v2/locations', undefined, bearer(access));
	const words = (r) => [r.status, r.json.message, r.json.type];
	const no = 'service.not_authorized';

	await t.test('who may ask', async () => {
		assert.deepStrictEqual(words(await refresh(DEFAULTS['refresh-token'], { client_secret: 'wrong' })), [401, 'Not Authorized', no]);
		assert.deepStrictEqual(words(await refresh(DEFAULTS['refresh-token'], { client_id: 'wrong' })), [401, 'Not Authorized', no]);
		assert.deepStrictEqual(words(await refresh('EQAAnobody')), [401, 'Invalid refresh token', no]);
		assert.strictEqual((await token({ grant_type: 'password' })).status, 400);
		assert.strictEqual((await token({})).json.type, 'bad_request.missing_parameter');
		assert.strictEqual((await refresh(undefined)).status, 400);
	});
	await t.test('the code flow', async () => {
		const { code } = (await sq.post('/_sim/code', { redirect_uri: 'https://hub.test/cb' })).json;
		assert.deepStrictEqual(words(await token({ grant_type: 'authorization_code', code, redirect_uri: 'https://else.test/' })), [401, 'Redirect uri does not match', no]);
		const a = (await token({ grant_type: 'authorization_code', code, redirect_uri: 'https://hub.test/cb' })).json;
		assert.deepStrictEqual([a.token_type, a.merchant_id, a.short_lived, 'refresh_token_expires_at' in a], ['bearer', 'MLSIM0001', false, false]);
		assert.match((await token({ grant_type: 'authorization_code', code, redirect_uri: 'https://hub.test/cb' })).json.message, /already claimed/);
		assert.match((await token({ grant_type: 'authorization_code', code: 'sandbox-sq0cgb-none' })).json.message, /not found/);
		const late = (await sq.post('/_sim/code', { ms: -1 })).json.code;
		assert.match((await token({ grant_type: 'authorization_code', code: late })).json.message, /expired/);
		assert.strictEqual((await locations(a.access_token)).status, 200);
		const [b, c] = await Promise.all([refresh(a.refresh_token), refresh(a.refresh_token)]);
		assert.deepStrictEqual([b.json.refresh_token, c.json.refresh_token, b.json.access_token === c.json.access_token], [a.refresh_token, a.refresh_token, false]);
		const status = await sq.api('POST', '/oauth2/token/status', undefined, bearer(b.json.access_token));
		assert.deepStrictEqual([status.json.client_id, status.json.merchant_id, status.json.scopes.includes('ORDERS_WRITE'), status.json.expires_at], [client.client_id, 'MLSIM0001', true, b.json.expires_at]);
		await sleep(300);
		assert.deepStrictEqual(problem(await locations(b.json.access_token)).slice(0, 2), [401, 'ACCESS_TOKEN_EXPIRED']);
		assert.strictEqual((await locations((await refresh(a.refresh_token)).json.access_token)).status, 200);
		const short = (await refresh(a.refresh_token, { short_lived: true, scopes: ['ORDERS_READ'] })).json;
		assert.deepStrictEqual([short.short_lived, (await locations(short.access_token)).status], [true, 403]);
	});
	await t.test('authorize sends the seller back with a code', async () => {
		const r = await sq.get(`/oauth2/authorize?client_id=${client.client_id}&scope=ORDERS_READ+ORDERS_WRITE&session=false&state=s1&redirect_uri=https%3A%2F%2Fhub.test%2Fcb`);
		const to = new URL(r.headers.location);
		assert.deepStrictEqual([r.status, to.host, to.searchParams.get('state')], [302, 'hub.test', 's1']);
		const a = await token({ grant_type: 'authorization_code', code: to.searchParams.get('code'), redirect_uri: 'https://hub.test/cb' });
		assert.strictEqual((await sq.api('POST', '/oauth2/token/status', undefined, bearer(a.json.access_token))).json.scopes.length, 2);
	});
	await t.test('PKCE: a refresh token is used once and ends', async () => {
		const verifier = 'v'.repeat(43);
		const { code } = (await sq.post('/_sim/code', { code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url') })).json;
		const pkce = (body) => sq.ask('POST', '/oauth2/token', { client_id: client.client_id, ...body });
		assert.match((await pkce({ grant_type: 'authorization_code', code, code_verifier: 'x' })).json.message, /verifier/);
		const a = (await pkce({ grant_type: 'authorization_code', code, code_verifier: verifier })).json;
		assert.ok(a.refresh_token_expires_at);
		const b = (await pkce({ grant_type: 'refresh_token', refresh_token: a.refresh_token })).json;
		assert.notStrictEqual(a.refresh_token, b.refresh_token);
		assert.deepStrictEqual(words(await pkce({ grant_type: 'refresh_token', refresh_token: a.refresh_token })), [401, 'Invalid refresh token', no]);
		await sleep(650);
		assert.strictEqual((await pkce({ grant_type: 'refresh_token', refresh_token: b.refresh_token })).status, 401);
	});
	await t.test('revoked by us, and by the seller', async () => {
		const a = (await sq.post('/_sim/grant', { ms: 60000 })).json;
		const revoke = (body, secret = client.client_secret) => sq.ask('POST', '/oauth2/revoke', { client_id: client.client_id, ...body }, { Authorization: `Client ${secret}` });
		assert.strictEqual((await revoke({ merchant_id: a.merchant_id }, 'wrong')).status, 401);
		assert.deepStrictEqual((await revoke({ access_token: a.access_token, revoke_only_access_token: true })).json, { success: true });
		assert.deepStrictEqual(problem(await locations(a.access_token)).slice(0, 2), [401, 'ACCESS_TOKEN_REVOKED']);
		assert.strictEqual((await refresh(a.refresh_token)).status, 200);
		await sq.post('/_sim/revoke', {});
		assert.strictEqual((await refresh(a.refresh_token)).status, 401);
		assert.deepStrictEqual([hub.got[0].json.type, hub.got[0].json.data.object.revocation.revoker_type], ['oauth.authorization.revoked', 'MERCHANT']);
		assert.strictEqual((await sq.api('GET', '/v2/locations')).status, 200, 'the seller\'s own token is his own');
	});
	await t.test('its misdeeds', async () => {
		const next = (row) => sq.post('/_sim/next', [row]);
		const a = (await sq.post('/_sim/grant', { ms: 60000 })).json;
		await next({ do: 'expired_token' });
		assert.deepStrictEqual([problem(await locations(a.access_token))[1], (await locations(a.access_token)).status], ['ACCESS_TOKEN_EXPIRED', 200]);
		await next({ do: 'insufficient_scopes' });
		assert.strictEqual(problem(await locations(a.access_token))[1], 'INSUFFICIENT_SCOPES');
		await next({ do: 'rotate', path: '/oauth2/token' });
		const b = (await refresh(a.refresh_token)).json;
		assert.deepStrictEqual([b.refresh_token === a.refresh_token, (await refresh(a.refresh_token)).status, (await refresh(b.refresh_token)).status], [false, 401, 200]);
		await next({ do: 'short_token', path: '/oauth2/token', ms: -1 });
		assert.strictEqual(problem(await locations((await refresh(b.refresh_token)).json.access_token))[1], 'ACCESS_TOKEN_EXPIRED');
		await next({ do: 'revoke_early', path: '/oauth2/token' });
		assert.strictEqual(problem(await locations((await refresh(b.refresh_token)).json.access_token))[1], 'ACCESS_TOKEN_REVOKED');
		await next({ do: 'token_revoked' });
		assert.deepStrictEqual([problem(await locations(a.access_token))[1], problem(await locations(a.access_token))[1]], ['ACCESS_TOKEN_REVOKED', 'ACCESS_TOKEN_REVOKED']);
	});
	hub.close();
});
