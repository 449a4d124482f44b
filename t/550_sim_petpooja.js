'use strict';
/*
 * The simulated PetPooja is an oracle, so it is tested first: its validation, each of its misdeeds, its journal after kill -9,
 * and the calls it makes to us. Nothing of Ticketrail runs here.
 */
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { test, after } = require('node:test');
const { start_sim } = require('./sim/start.js');
const { DEFAULTS } = require('./sim/petpooja.js');
const { MISDEEDS } = require('./sim/sim.js');
const { menu_of, text_of } = require('./sim/petpooja_menu.js');

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr550-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

const CREDENTIALS = { app_key: DEFAULTS['app-key'], app_secret: DEFAULTS['app-secret'], access_token: DEFAULTS['access-token'] };

const on_menu = (name) => menu_of().items.find((i) => i.itemname === name);
const [HALF] = on_menu('Paneer Tikka').variation;

/* Two Paneer Tikka (half, hot) and one water at its printed price: 2 × 240.00 + 30.00, GST 5 % on the first, packing 20.00. */
function order(id = 'ORD-1', change = () => {}) {
	const body = {
		...CREDENTIALS,
		orderinfo: {
			OrderInfo: {
				Restaurant: { details: { res_name: 'Demo', address: 'x', contact_information: '1', restID: 'demo4bistro' } },
				Customer: { details: { email: '', name: 'Asha', address: 'Hostel 4', phone: '9876543210', latitude: '', longitude: '' } },
				Order: {
					details: {
						orderID: id, preorder_date: '2026-01-15', preorder_time: '12:30:00', advanced_order: 'N', order_type: 'P',
						payment_type: 'COD', total: '554.00', tax_total: '24.00', discount_total: '0.00', discount_type: 'F',
						delivery_charges: '0.00', dc_tax_percentage: '0', dc_tax_amount: '0.00', packing_charges: '20.00',
						pc_tax_percentage: '0', pc_tax_amount: '0.00', description: '', created_on: '2026-01-15 12:30:00',
						enable_delivery: 1, callback_url: 'http://127.0.0.1:9/pp_callback/demo/?k=token',
					},
				},
				OrderItem: {
					details: [{
						id: HALF.id, name: 'Paneer Tikka', tax_inclusive: false, gst_liability: 'restaurant',
						item_tax: [{ id: '11213', name: 'CGST', tax_percentage: '2.5', amount: '6.00' }, { id: '20375', name: 'SGST', tax_percentage: '2.5', amount: '6.00' }],
						item_discount: '0.00', price: '240.00', final_price: '240.00', quantity: '2', variation_name: 'Half', variation_id: HALF.variationid,
						AddonItem: { details: [{ id: '1150792', name: 'Andhra hot', group_name: 'Spice level', price: '0.00', group_id: '135700', quantity: '1' }] },
					}, {
						id: on_menu('Mineral Water 1 L').itemid, name: 'Mineral Water 1 L', tax_inclusive: true, gst_liability: 'restaurant',
						item_tax: [{ id: '21866', name: 'CGST', tax_percentage: '9', amount: '2.29' }, { id: '21867', name: 'SGST', tax_percentage: '9', amount: '2.29' }],
						price: '30.00', final_price: '30.00', quantity: '1',
					}],
				},
				Tax: {
					details: [
						{ id: '11213', title: 'CGST', type: 'P', price: '2.5', tax: '12.00', restaurant_liable_amt: '12.00' },
						{ id: '20375', title: 'SGST', type: 'P', price: '2.5', tax: '12.00', restaurant_liable_amt: '12.00' },
					],
				},
			},
			udid: 'web_1', device_type: 'Web',
		},
	};
	change(body.orderinfo.OrderInfo, body);
	return body;
}

const sims = [];
async function start(args, how) {
	const pp = await start_sim('petpooja', ['--order-id-rate', '0', ...(args ?? [])], { dir: fs.mkdtempSync(path.join(temp, 'j')), ...how });
	sims.push(pp);
	return pp;
}
after(() => Promise.all(sims.map((s) => s.stop())));

/* A place that callbacks can be sent to. */
async function listener(answer = { http_code: 200 }) {
	const got = [];
	const server = http.createServer((req, res) => {
		let body = '';
		req.on('data', (c) => { body += c; });
		req.on('end', () => {
			got.push({ method: req.method, url: req.url, headers: req.headers, body, json: JSON.parse(body || 'null') });
			res.end(JSON.stringify(answer));
		});
	});
	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	server.unref();
	return { got, server, url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

test('TEST-04 an order in the form of the guide is saved once and answered in PetPooja\'s words', async () => {
	const pp = await start();
	const r = await pp.post('/V1/save_order', order());
	assert.deepStrictEqual([r.status, r.json], [200, { success: '1', message: 'Your order is saved.', restID: 'demo4bistro', clientOrderID: 'ORD-1', orderID: '' }]);
	const live = (await pp.get('/_sim/orders')).json.orders;
	assert.deepStrictEqual(Object.keys(live), ['demo4bistro ORD-1']);
	const effects = await pp.seen('kind=effect');
	assert.deepStrictEqual(effects.map((e) => e.effect), ['order_saved']);
	assert.deepStrictEqual(await pp.seen('kind=note'), []);
});

test('the credentials never reach the journal', async () => {
	const pp = await start();
	await pp.post('/save_order', order());
	await pp.post('/V1/mapped_restaurant_menus', { restID: 'demo4bistro' },
		{ 'app-key': CREDENTIALS.app_key, 'app-secret': CREDENTIALS.app_secret, 'access-token': CREDENTIALS.access_token });
	const all = (await pp.get('/_sim/seen?all=1')).text;
	for (const secret of Object.values(CREDENTIALS))
		assert.ok(!all.includes(secret));
});

test('each validation that PetPooja is known to make', async (t) => {
	const pp = await start();
	const details = (info) => info.Order.details;
	const MISSING = 'Please provide all request parameters.';
	const RELAY = 'Invalid order relay payload ';
	const cases = [
		['wrong app_key', (i, b) => { b.app_key = 'x'; }, 'Invalid client credentials.', 'GN_105'],
		['wrong app_secret', (i, b) => { b.app_secret = 'x'; }, 'Invalid client credentials.', 'GN_105'],
		['wrong access_token', (i, b) => { b.access_token = 'x'; }, 'Invalid Token', 'GN_102'],
		['no access_token', (i, b) => { delete b.access_token; }, MISSING],
		['unknown restID', (i) => { i.Restaurant.details.restID = 'nowhere'; }, 'There were some error in restaurant mapping.', 'MS_101'],
		['no restID', (i) => { delete i.Restaurant.details.restID; }, MISSING],
		['no customer', (i) => { delete i.Customer; }, MISSING],
		['no customer name', (i) => { i.Customer.details.name = ''; }, MISSING],
		['no customer address', (i) => { delete i.Customer.details.address; }, MISSING],
		...['orderID', 'preorder_date', 'preorder_time', 'advanced_order', 'order_type', 'payment_type', 'total', 'tax_total',
			'dc_tax_percentage', 'pc_tax_percentage', 'created_on', 'enable_delivery', 'callback_url']
			.map((k) => [`no ${k}`, (i) => { delete details(i)[k]; }, MISSING]),
		['no OrderItem', (i) => { delete i.OrderItem; }, MISSING],
		['no line', (i) => { i.OrderItem.details = []; }, MISSING],
		['total as a number', (i) => { details(i).total = 554; }, RELAY],
		['total with three places', (i) => { details(i).total = '554.000'; }, RELAY],
		['quantity as a number', (i) => { i.OrderItem.details[0].quantity = 2; }, RELAY],
		['price as a number', (i) => { i.OrderItem.details[0].price = 240; }, RELAY],
		['tax_inclusive as text', (i) => { i.OrderItem.details[0].tax_inclusive = '0'; }, RELAY],
		['enable_delivery as text', (i) => { details(i).enable_delivery = '1'; }, RELAY],
		['enable_delivery 2', (i) => { details(i).enable_delivery = 2; }, RELAY],
		['order_type of another house', (i) => { details(i).order_type = 'PICKUP'; }, RELAY],
		['payment_type of another house', (i) => { details(i).payment_type = 'cash'; }, RELAY],
		['created_on in ISO 8601', (i) => { details(i).created_on = '2026-01-15T12:30:00Z'; }, RELAY],
		['callback_url that is none', (i) => { details(i).callback_url = '/pp_callback/demo/'; }, RELAY],
		['a tax rate with a sign', (i) => { i.Tax.details[0].price = '2.5%'; }, RELAY],
		['no item id', (i) => { delete i.OrderItem.details[0].id; }, MISSING],
		['an add-on with no group', (i) => { delete i.OrderItem.details[0].AddonItem.details[0].group_id; }, MISSING],
		['AddonItem as a bare array', (i) => { i.OrderItem.details[0].AddonItem = []; }, RELAY],
	];
	for (const [name, change, message, code] of cases)
		await t.test(name, async () => {
			const r = await pp.post('/V1/save_order', order('ORD-V', change));
			assert.deepStrictEqual([r.status, r.json.success, r.json.message, r.json.errorCode], [200, '0', message, code]);
		});
	await t.test('restID errors are listed', async () => {
		const r = await pp.post('/V1/save_order', order('ORD-V', (i) => { i.Restaurant.details.restID = 'nowhere'; }));
		assert.ok(Array.isArray(r.json.validation_errors.restID));
	});
	await t.test('not JSON', async () => {
		const r = await pp.post('/V1/save_order', '{"app_key":');
		assert.deepStrictEqual([r.status, r.json], [200, { success: '0', message: RELAY }]);
	});
	await t.test('form encoding is 415', async () => {
		assert.strictEqual((await pp.post('/V1/save_order', 'a=1', { 'Content-Type': 'application/x-www-form-urlencoded' })).status, 415);
	});
	await t.test('unknown paths, another case and another method are the gateway\'s 403', async () => {
		for (const [method, where, message] of [['POST', '/v1/save_order', 'Forbidden'], ['POST', '/V1/saveorder', 'Missing Authentication Token'], ['GET', '/V1/save_order', 'Missing Authentication Token']]) {
			const r = await pp.ask(method, where, method === 'GET' ? undefined : order());
			assert.deepStrictEqual([r.status, r.json], [403, { message }]);
		}
	});
	assert.deepStrictEqual((await pp.get('/_sim/orders')).json.orders, {}, 'nothing that was refused is live');
});

test('D5 a bare OrderItem or Tax array is answered with success and dropped', async () => {
	const pp = await start();
	for (const key of ['OrderItem', 'Tax']) {
		const r = await pp.post('/save_order', order(`BARE-${key}`, (i) => { i[key] = i[key].details; }));
		assert.deepStrictEqual([r.json.success, r.json.orderID], ['1', '']);
	}
	assert.deepStrictEqual((await pp.seen('kind=effect')).map((e) => e.effect), ['silently_dropped', 'silently_dropped']);
	assert.deepStrictEqual((await pp.get('/_sim/orders')).json.orders, {});
});

test('the same orderID again changes nothing, and another body under it is journalled', async () => {
	const pp = await start();
	await pp.post('/save_order', order());
	const again = await pp.post('/save_order', order());
	const other = await pp.post('/save_order', order('ORD-1', (i) => { i.Order.details.description = 'no onion'; }));
	assert.deepStrictEqual([again.json.success, other.json.success], ['1', '1']);
	assert.deepStrictEqual((await pp.seen('kind=effect')).map((e) => e.effect), ['order_saved', 'repeat', 'ignored']);
	assert.strictEqual((await pp.get('/_sim/orders')).json.orders['demo4bistro ORD-1'].order.Order.details.description, '');
});

test('the bill is added up to the paisa', async (t) => {
	const pp = await start();
	const mismatches = async (change) => {
		await pp.ask('DELETE', '/_sim');
		await pp.post('/save_order', order('SUM', change));
		return (await pp.seen('kind=effect')).map((e) => e.effect).filter((e) => /mismatch/.test(e));
	};
	await t.test('right', async () => assert.deepStrictEqual(await mismatches(() => {}), []));
	await t.test('one paisa too much', async () => assert.deepStrictEqual(await mismatches((i) => { i.Order.details.total = '554.01'; }), ['total_mismatch']));
	await t.test('delivery inside the total', async () => assert.deepStrictEqual(
		await mismatches((i) => { Object.assign(i.Order.details, { delivery_charges: '20.00', total: '574.00' }); }), ['total_mismatch']));
	await t.test('delivery beside the total', async () => assert.deepStrictEqual(await mismatches((i) => { i.Order.details.delivery_charges = '20.00'; }), []));
	await t.test('GST that the platform owes is not in the total', async () => assert.deepStrictEqual(
		await mismatches((i) => { i.Tax.details.forEach((x) => { x.restaurant_liable_amt = '0.00'; }); i.Order.details.total = '530.00'; }), []));
	await t.test('discounts, fixed and by percent', async () => {
		assert.deepStrictEqual(await mismatches((i) => { Object.assign(i.Order.details, { discount_total: '10.00', total: '544.00' }); }), []);
		assert.deepStrictEqual(await mismatches((i) => { Object.assign(i.Order.details, { discount_total: '10', discount_type: 'P', total: '503.00' }); }), []);
	});
	await t.test('inclusive tax listed among the taxes is not added twice', async () => {
		const listed = (i) => {
			i.Tax.details.push({ id: '21866', title: 'CGST', type: 'P', price: '9', tax: '2.29', restaurant_liable_amt: '2.29' },
				{ id: '21867', title: 'SGST', type: 'P', price: '9', tax: '2.29', restaurant_liable_amt: '2.29' });
			i.Order.details.tax_total = '28.58';
		};
		assert.deepStrictEqual(await mismatches(listed), []);
		assert.deepStrictEqual(await mismatches((i) => { listed(i); i.Order.details.total = '556.29'; }), ['total_mismatch']);
	});
	await t.test('tax_total and final_price', async () => assert.deepStrictEqual(
		await mismatches((i) => { i.Order.details.tax_total = '24.01'; i.OrderItem.details[1].item_discount = '5.00'; }),
		['tax_total_mismatch', 'final_price_mismatch']));
});

test('what the menu says otherwise is noted, not refused', async () => {
	const pp = await start();
	await pp.post('/save_order', order('N', (i) => {
		const [tikka, water] = i.OrderItem.details;
		tikka.price = tikka.final_price = '250.00';
		tikka.variation_id = '1';
		tikka.AddonItem.details = [];
		tikka.addon_items = [];
		water.id = '99';
		i.Customer.details.phone = '+919876543210';
	}));
	const notes = (await pp.seen('kind=note')).map((n) => n.note);
	for (const want of ['price_differs_from_menu', 'variation_pair', 'addon_count', 'ignored_key', 'unknown_item', 'phone_form'])
		assert.ok(notes.includes(want), want);
});

test('POS-14 the menu: headers or body, wrong key, unknown outlet, withdrawn', async () => {
	const pp = await start(['--rest-ids', 'demo4bistro,second']);
	const headers = { 'app-key': CREDENTIALS.app_key, 'app-secret': CREDENTIALS.app_secret, 'access-token': CREDENTIALS.access_token };
	const r = await pp.post('/V1/mapped_restaurant_menus', { restID: 'second' }, headers);
	assert.deepStrictEqual([r.json.success, r.json.restaurants[0].details.menusharingcode, r.json.items.length], ['1', 'second', menu_of().items.length]);
	assert.strictEqual((await pp.post('/mapped_restaurant_menus', { restID: 'second', ...CREDENTIALS })).json.success, '1');
	assert.strictEqual((await pp.post('/V1/mapped_restaurant_menus', { restID: 'second' }, { ...headers, 'app-secret': 'x' })).json.errorCode, 'GN_105');
	assert.strictEqual((await pp.post('/V1/mapped_restaurant_menus', { restID: 'third' }, headers)).json.errorCode, 'MS_101');
	await pp.post('/_sim/next', [{ do: 's3_withdrawn' }]);
	assert.deepStrictEqual((await pp.post('/V1/mapped_restaurant_menus', { restID: 'second' }, headers)).json, { success: '0', message: 'unable to fetch Object from s3 bucket' });
});

test('cancelling works before acceptance only, is repeatable, and knows only -1', async () => {
	const pp = await start();
	const hub = await listener();
	const cancel = (id, status = '-1') => pp.post('/V1/update_order_status', { ...CREDENTIALS, restID: 'demo4bistro', orderID: '', clientorderID: id, cancelReason: 'guest', status });
	for (const id of ['C-1', 'C-2'])
		await pp.post('/save_order', order(id, (i) => { i.Order.details.callback_url = hub.url; }));
	assert.strictEqual((await cancel('C-1', '4')).json.errorCode, 'GN_103');
	assert.deepStrictEqual((await cancel('C-1')).json, { success: '1', message: 'Order status updated successfully.', restID: 'demo4bistro', clientOrderID: 'C-1', status: '-1' });
	assert.strictEqual((await cancel('C-1')).json.success, '1');
	await pp.post('/_sim/kitchen', { orderID: 'C-2', status: '1' });
	assert.strictEqual((await cancel('C-2')).json.success, '0');
	assert.strictEqual((await cancel('C-9')).json.success, '0');
	assert.deepStrictEqual(Object.keys((await pp.get('/_sim/orders')).json.orders), ['demo4bistro C-2']);
	assert.strictEqual((await pp.seen('effect=order_cancelled')).length, 1);
	hub.close();
});

test('rider updates answer with the word success', async () => {
	const pp = await start();
	const r = await pp.post('/V1/rider_status_update', { ...CREDENTIALS, order_id: 'X', outlet_id: 'demo4bistro', status: 'rider-assigned', rider_data: { rider_name: 'R', rider_phone_number: '1' }, external_order_id: '' });
	assert.deepStrictEqual([r.json.code, r.json.success], [200, 'success']);
});

/* What the client sees of each misdeed, and whether the order was saved all the same. */
const FAULTS = {
	delay_ms: { row: { ms: 200 }, saved: true, ok: (r) => r.json.success === '1' && r.took >= 190 },
	commit_then_delay: { row: { ms: 200 }, saved: true, ok: (r) => r.json.success === '1' && r.took >= 190 },
	hang: { saved: false, ok: (r) => r.error === 'TIMEOUT' },
	commit_then_hang: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	hang_after_headers: { saved: true, ok: (r) => r.error === 'TIMEOUT' || r.error === 'ECONNRESET' },
	commit_then_drop: { saved: true, ok: (r) => r.error === 'ECONNRESET' },
	drop_then_nothing: { saved: false, ok: (r) => r.error === 'ECONNRESET' },
	commit_then_close: { saved: true, ok: (r) => r.error === 'ECONNRESET' },
	commit_then_500: { saved: true, ok: (r) => r.status === 500 },
	refuse: { row: { code: 'GN_103' }, saved: false, ok: (r) => r.json.success === '0' && r.json.errorCode === 'GN_103' },
	refuse_connection: { row: { ms: 300 }, saved: false, ok: (r) => r.error === 'ECONNRESET', after: 400 },
	truncate: { saved: true, ok: (r) => r.error === 'ECONNRESET' || r.json === undefined },
	oversize: { row: { bytes: 2 << 20 }, saved: true, ok: (r) => r.bytes?.length === 2 << 20 },
	endless: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	slow_drip: { row: { ms: 5 }, saved: true, ok: (r) => r.json.success === '1' && r.took > 300, ms: 5000 },
	html: { saved: false, ok: (r) => r.status === 200 && /^text\/html/.test(r.headers['content-type']) },
	body: { row: { body: '{"success":"2"}' }, saved: true, ok: (r) => r.json.success === '2' },
	not_utf8: { saved: true, ok: (r) => r.bytes.includes(0xff) },
	duplicate_keys: { saved: true, ok: (r) => r.text.split('"success"').length === 3 },
	deep: { saved: true, ok: (r) => r.text.length === 40000 },
	nan: { saved: true, ok: (r) => r.text.includes('NaN') },
	empty: { saved: true, ok: (r) => r.status === 200 && r.bytes.length === 0 },
	redirect: { saved: false, ok: (r) => r.status === 302 && Boolean(r.headers.location) },
	continue_forever: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	many_headers: { row: { n: 20000 }, saved: true, ok: (r) => r.error === 'HPE_HEADER_OVERFLOW' },
	gzip_bomb: { row: { bytes: 8 << 20 }, saved: true, ok: (r) => r.headers['content-encoding'] === 'gzip' && r.bytes.length < 1 << 16 },
	empty_order_id: { saved: true, ok: (r) => r.json.orderID === '' },
	order_id: { row: { order_id: 'PP-7' }, saved: true, ok: (r) => r.json.orderID === 'PP-7' },
	wrong_client_order_id: { saved: true, ok: (r) => r.json.clientOrderID === 'F-wrong_client_order_id0' },
	drop_silently: { saved: false, ok: (r) => r.json.success === '1' },
	500: { saved: false, ok: (r) => r.status === 500 },
	502: { saved: false, ok: (r) => r.status === 502 },
	503: { saved: false, ok: (r) => r.status === 503 },
	429: { row: { retry_after: 7 }, saved: false, ok: (r) => r.status === 429 && r.headers['retry-after'] === '7' },
	204: { saved: false, ok: (r) => r.status === 204 },
};

test('F23 F24 F25 F26 F27 F28 every misdeed fires, and the journal knows what took effect', async (t) => {
	for (const name of Object.keys(MISDEEDS))
		assert.ok(name in FAULTS, `${name} is tested`);
	const pp = await start();
	for (const [name, fault] of Object.entries(FAULTS))
		await t.test(name, async () => {
			await pp.post('/_sim/next', [{ path: '/save_order', do: name, ...fault.row }]);
			const before = Date.now();
			const r = await pp.post('/V1/save_order', order(`F-${name}`), {}, fault.ms ?? 600).catch((e) => ({ error: e.code ?? e.message }));
			r.took = Date.now() - before;
			assert.ok(fault.ok(r), `got ${r.error} ${r.status} ${r.text?.slice(0, 80)}`);
			if (name === 'refuse_connection') {
				const closed = await pp.get('/_sim/next').catch((e) => e.code);
				assert.strictEqual(closed, 'ECONNREFUSED');
			}
			if (fault.after)
				await new Promise((done) => setTimeout(done, fault.after));
			assert.strictEqual((await pp.seen('kind=misdeed')).filter((m) => m.do === name).length, 1);
			assert.strictEqual(`demo4bistro F-${name}` in (await pp.get('/_sim/orders')).json.orders, fault.saved);
			assert.strictEqual((await pp.get('/_sim/next')).json.orders.length, 0);
		});
	await t.test('an unknown one is refused when it is ordered', async () => {
		assert.strictEqual((await pp.post('/_sim/next', [{ do: 'sulk' }])).status, 400);
	});
	await t.test('"commit" turns round whether it takes effect', async () => {
		await pp.post('/_sim/next', [{ do: '503', commit: true }]);
		await pp.post('/save_order', order('F-turned'));
		assert.ok('demo4bistro F-turned' in (await pp.get('/_sim/orders')).json.orders);
	});
});

test('misdeeds are taken in order, by path, so many times, and by chance from the seed', async () => {
	const run = async (seed) => {
		const pp = await start(['--seed', seed]);
		await pp.post('/_sim/next', [{ path: '/update_order_status', do: '502' }, { do: '503', times: 2 }, { do: '429' }, { do: ['500', '504'], p: 0.5, times: 20 }]);
		const got = [];
		for (let i = 0; i < 24; i++)
			got.push((await pp.post('/save_order', order(`T-${i}`))).status);
		assert.strictEqual((await pp.post('/update_order_status', {})).status, 502);
		return got;
	};
	const [a, b, c] = await Promise.all([run('7'), run('7'), run('8')]);
	assert.deepStrictEqual(a.slice(0, 3), [503, 503, 429]);
	assert.deepStrictEqual(a, b);
	assert.notDeepStrictEqual(a, c);
	assert.strictEqual(a[23], 200);
});

test('I3 the journal is complete after kill -9, and the simulator goes on where it was', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 'k'));
	let pp = await start([], { dir });
	const answered = [];
	const flood = (async () => {
		for (let i = 0; i < 400; i++) {
			const r = await pp.post('/save_order', order(`K-${i}`)).catch(() => null);
			if (!r)
				return;
			answered.push(`demo4bistro K-${i}`);
		}
	})();
	while (answered.length < 40)
		await new Promise((done) => setTimeout(done, 2));
	await pp.kill();
	await flood;
	fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"seq":99999,"kind":"effect","eff');
	pp = await start([], { dir });
	const live = Object.keys((await pp.get('/_sim/orders')).json.orders);
	for (const key of answered)
		assert.ok(live.includes(key), key);
	assert.ok(live.length - answered.length <= 1, 'at most the one that was under way');
	assert.strictEqual((await pp.post('/save_order', order('K-0'))).json.success, '1');
	const rows = await pp.seen();
	assert.deepStrictEqual(rows.map((r) => r.seq), rows.map((_, i) => i + 1), 'no gap, no half row');
	assert.strictEqual(rows.filter((r) => r.effect === 'repeat').length, 1);
});

test('an effect is on disk before its answer', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 's'));
	const trace = path.join(dir, 'order.txt');
	const hook = path.join(dir, 'hook.js');
	fs.writeFileSync(hook, `const fs=require('fs'),h=require('http'),f=fs.fsyncSync,t=${JSON.stringify(trace)};
fs.fsyncSync=(d)=>{f(d);fs.appendFileSync(t,'fsync ')};
const w=h.ServerResponse.prototype.writeHead;h.ServerResponse.prototype.writeHead=function(...a){fs.appendFileSync(t,'answer ');return w.apply(this,a)};`);
	process.env.NODE_OPTIONS = `--require ${hook}`;
	const pp = await start([], { dir }).finally(() => delete process.env.NODE_OPTIONS);
	await pp.post('/save_order', order());
	assert.strictEqual(fs.readFileSync(trace, 'utf8'), 'fsync answer ');
});

test('reset forgets, but the past stays in the journal', async () => {
	const pp = await start();
	await pp.post('/save_order', order());
	await pp.post('/_sim/next', [{ do: '500' }]);
	await pp.ask('DELETE', '/_sim');
	assert.deepStrictEqual((await pp.get('/_sim/orders')).json.orders, {});
	assert.deepStrictEqual((await pp.get('/_sim/next')).json.orders, []);
	assert.deepStrictEqual(await pp.seen(), []);
	assert.strictEqual((await pp.seen('all=1&effect=order_saved')).length, 1);
});

test('WH-02 the kitchen calls the order\'s own URL, unsigned, with the documented body', async () => {
	const pp = await start();
	const hub = await listener();
	await pp.post('/save_order', order('CB', (i) => { i.Order.details.callback_url = `${hub.url}/pp_callback/demo/?k=secret`; }));
	const r = await pp.post('/_sim/kitchen', { orderID: 'CB', status: '1', body: { minimum_prep_time: 25 } });
	assert.deepStrictEqual([r.json.status, r.json.json], [200, { http_code: 200 }]);
	const [call] = hub.got;
	assert.strictEqual(call.url, '/pp_callback/demo/?k=secret');
	assert.deepStrictEqual(call.json, {
		restID: 'demo4bistro', orderID: 'CB', status: '1', cancel_reason: '', minimum_prep_time: 25, minimum_delivery_time: '',
		rider_name: '', rider_phone_number: '', is_modified: 'No', autoaccept: '0',
	});
	assert.ok(!('authorization' in call.headers) && !('x-petpooja-signature' in call.headers));
	await pp.post('/_sim/kitchen', { orderID: 'CB', status: '5', as: 'number' });
	assert.strictEqual(hub.got[1].json.status, 5);
	assert.ok(!JSON.stringify(await pp.seen('effect=callback')).includes('secret'), 'the token is not journalled');
	assert.strictEqual((await pp.post('/_sim/kitchen', { orderID: 'nobody', status: '1' })).status, 400);
	assert.strictEqual((await pp.post('/_sim/kitchen', { orderID: 'nobody', status: '1', url: `${hub.url}/x` })).json.status, 200);
	hub.close();
});

test('F33 callbacks come early, twice, late, reordered, as numbers and not at all', async () => {
	const pp = await start();
	const hub = await listener();
	const save = (id) => pp.post('/save_order', order(id, (i) => { i.Order.details.callback_url = `${hub.url}/${id}`; }));
	const statuses = (id) => hub.got.filter((g) => g.url === `/${id}`).map((g) => g.json.status);
	const next = (row) => pp.post('/_sim/next', [row]);

	await next({ path: '/save_order', do: 'early' });
	const answered = save('early').then(() => hub.got.push({ url: '/early', json: { status: 'answer' } }));
	await answered;
	assert.deepStrictEqual(statuses('early'), ['1', 'answer']);

	for (const id of ['twice', 'late', 'reordered', 'number', 'lost', 'many'])
		await save(id);
	await next({ path: 'callback', do: 'duplicate', copies: 3, concurrent: true });
	await pp.post('/_sim/kitchen', { orderID: 'twice', status: '1' });
	assert.deepStrictEqual(statuses('twice'), ['1', '1', '1']);

	await next({ path: 'callback', do: 'late', ms: 150 });
	const before = Date.now();
	await pp.post('/_sim/kitchen', { orderID: 'late', status: '1' });
	assert.ok(Date.now() - before >= 140);

	await next({ path: 'callback', do: 'reordered' });
	await pp.post('/_sim/kitchen', { orderID: 'reordered', statuses: ['1', '5'] });
	assert.deepStrictEqual(statuses('reordered'), ['5', '1']);

	await next({ path: 'callback', do: 'number' });
	await pp.post('/_sim/kitchen', { orderID: 'number', status: '-1' });
	assert.deepStrictEqual(statuses('number'), [-1]);

	await next({ path: 'callback', do: 'lost' });
	await pp.post('/_sim/kitchen', { orderID: 'lost', status: '1' });
	assert.deepStrictEqual(statuses('lost'), []);
	assert.strictEqual((await pp.get('/_sim/orders')).json.orders['demo4bistro lost'].status, '1');

	await next({ do: '503' });
	await pp.post('/_sim/kitchen', { orderID: 'many', status: '2' });
	assert.deepStrictEqual([statuses('many').pop(), (await save('later')).status], ['2', 503], 'a misdeed without a path is meant for requests');
	hub.got.length = 0;

	await pp.post('/_sim/kitchen', { orderID: 'many', statuses: ['1', '5', '4', '10'], shuffle: true });
	assert.deepStrictEqual(statuses('many').sort(), ['1', '10', '4', '5']);
	hub.close();
});

test('auto-accept plays an order\'s life', async () => {
	const pp = await start(['--auto-accept', '20', '--auto', '5@60,10@120']);
	const hub = await listener();
	await pp.post('/save_order', order('AUTO', (i) => { i.Order.details.callback_url = hub.url; }));
	while (hub.got.length < 3)
		await new Promise((done) => setTimeout(done, 10));
	assert.deepStrictEqual(hub.got.map((g) => g.json.status), ['1', '5', '10']);
	hub.close();
});

test('WH-16 the dashboard\'s calls carry Authorization, order-status an HMAC of the raw body', async () => {
	const hub = await listener({ success: '1' });
	const pp = await start(['--hub', hub.url, '--authorization', 'Bearer abc', '--webhook-secret', 'topsecret']);
	await pp.post('/_sim/push-menu', {});
	await pp.post('/_sim/stock', { itemID: ['10464001'], inStock: false, autoTurnOnTime: 'endofday' });
	await pp.post('/_sim/store', { store_status: '0', reason: 'holiday' });
	await pp.post('/_sim/store-get', {});
	await pp.post('/_sim/push-menu', { authorization: null });
	assert.deepStrictEqual(hub.got.map((g) => [g.url.replace('/api/webhooks/petpooja/', ''), g.headers.authorization]), [
		['push-menu', 'Bearer abc'], ['item-stock', 'Bearer abc'], ['store-status-update', 'Bearer abc'], ['store-status', 'Bearer abc'], ['push-menu', undefined],
	]);
	assert.deepStrictEqual(hub.got[1].json, { restID: 'demo4bistro', type: 'item', inStock: false, itemID: ['10464001'], autoTurnOnTime: 'endofday', customTurnOnTime: '' });
	assert.deepStrictEqual(hub.got[2].json, { restID: 'demo4bistro', store_status: '0', turn_on_time: '', reason: 'holiday' });
	assert.strictEqual((await pp.get('/_sim/menu')).json.items[0].in_stock, '0', 'a pull agrees with what was pushed');
	hub.got.length = 0;
	const hmac = (text) => `sha256=${crypto.createHmac('sha256', 'topsecret').update(text).digest('hex')}`;
	await pp.post('/_sim/order-status', { order_id: '123', pos_order_id: 'PP_456', status: 'CONFIRMED' });
	await pp.post('/_sim/order-status', { order_id: '123', status: 'CONFIRMED', signature: 'bad' });
	await pp.post('/_sim/order-status', { order_id: '123', status: 'CONFIRMED', signature: 'none' });
	await pp.post('/_sim/inventory-update', { item_id: '10464001', availability: true });
	const [good, bad, none, stock] = hub.got;
	assert.strictEqual(good.headers['x-petpooja-signature'], hmac(good.body));
	assert.notStrictEqual(bad.headers['x-petpooja-signature'], hmac(bad.body));
	assert.strictEqual(none.headers['x-petpooja-signature'], undefined);
	assert.strictEqual(stock.headers['x-petpooja-signature'], hmac(stock.body));
	assert.deepStrictEqual(Object.keys(good.json), ['order_id', 'pos_order_id', 'status', 'timestamp', 'restaurant_id']);
	hub.close();
});

test('over TLS it serves, calls, and can still reset a connection', async () => {
	const file = (n) => path.join(temp, n);
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		'-addext', 'subjectAltName=DNS:localhost,DNS:hub.test,IP:127.0.0.1', '-keyout', file('key.pem'), '-out', file('cert.pem')], { stdio: 'ignore' });
	const tls = { tls: { key: file('key.pem'), cert: file('cert.pem') }, ca: file('cert.pem') };
	const hub = await start([], tls); /* it answers 403 to what it does not know: enough to be called */
	const pp = await start(['--ca', file('cert.pem'), '--resolve', 'hub.test=127.0.0.1'], tls);
	await pp.post('/save_order', order('TLS', (i) => { i.Order.details.callback_url = `https://hub.test:${hub.port}/cb`; }));
	assert.strictEqual((await pp.post('/_sim/kitchen', { orderID: 'TLS', status: '1' })).json.status, 403);
	await pp.post('/_sim/next', [{ do: 'commit_then_drop' }, { do: 'truncate' }]);
	const dropped = await pp.post('/save_order', order('TLS-2')).catch((e) => e.code);
	assert.strictEqual(dropped, 'ECONNRESET');
	const half = await pp.post('/save_order', order('TLS-3')).catch((e) => e.code);
	assert.ok(half === 'ECONNRESET' || half.json === undefined);
	assert.ok('demo4bistro TLS-2' in (await pp.get('/_sim/orders')).json.orders);
	const distrustful = await start([], {});
	assert.ok((await distrustful.post('/_sim/kitchen', { orderID: 'x', status: '1', url: `https://127.0.0.1:${hub.port}/` })).json.error, 'no CA, no call');
});

test('it ends with its standard input, and says nothing but its port', async () => {
	const pp = await start();
	const how = await pp.stop();
	assert.deepStrictEqual(how, { code: 0, signal: null });
});

test('the committed menu is what its program gives, and is as wide as promised', () => {
	const menu = menu_of();
	assert.strictEqual(fs.readFileSync(path.join(__dirname, 'sim', 'petpooja_menu.json'), 'utf8'), text_of(menu));
	const { items, categories, addongroups, taxes } = menu;
	const timed = new Set(categories.filter((c) => c.categorytimings).map((c) => c.categoryid));
	const addon_groups = new Set(addongroups.map((g) => g.addongroupid));
	const tax_ids = new Set(taxes.map((t) => t.taxid));
	assert.ok(items.length >= 64 && categories.length >= 8);
	assert.ok(items.filter((i) => i.variation.length).length >= 10);
	assert.ok(addongroups.length >= 6);
	assert.ok(items.filter((i) => !timed.has(i.item_categoryid)).length >= items.length / 2);
	assert.ok(items.some((i) => i.itemaddonbasedon === '1' && i.variation.some((v) => v.addon.length)));
	const rules = items.flatMap((i) => [...i.addon, ...i.variation.flatMap((v) => v.addon)]);
	assert.ok(rules.some((r) => r.addon_item_selection_min === '1') && rules.some((r) => r.addon_item_selection_min === '0'));
	assert.ok(rules.every((r) => addon_groups.has(r.addon_group_id)));
	for (const kind of ['1', '2', '5', '24'])
		assert.ok(items.some((i) => i.item_attributeid === kind), `diet ${kind}`);
	assert.ok(items.every((i) => i.item_tax.split(',').filter(Boolean).every((t) => tax_ids.has(t))));
	assert.ok(items.some((i) => i.item_tax === '') && items.some((i) => i.tax_inclusive) && items.some((i) => i.item_tax === '21866,21867'));
	assert.ok(items.some((i) => i.active === '0') && items.some((i) => i.in_stock === '0') && items.some((i) => i.item_packingcharges !== ''));
	assert.ok(items.some((i) => /[^\x00-\u024f\u2010-\u20bf]/.test(i.itemname)));
	assert.strictEqual(new Set(items.map((i) => i.itemid)).size, items.length);
	const variation_ids = items.flatMap((i) => i.variation.map((v) => v.id));
	assert.strictEqual(new Set(variation_ids).size, variation_ids.length);
	assert.ok(items.every((i) => new Set(i.variation.map((v) => v.variationid)).size === i.variation.length));
});
