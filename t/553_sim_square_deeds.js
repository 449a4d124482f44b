'use strict';
/*
 * The simulated Square, the second part: what it tells us and how it signs that, each of its misdeeds, its limits, many restaurants, its
 * journal after kill -9. Nothing of Ticketrail runs here.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { DEFAULTS, OWN, names } = require('./sim/square.js');
const { TYPES, sign } = require('./sim/square_hook.js');
const { TOTAL, bearer, listener, order, payment, problem, sleep, start, temp, usd } = require('./sim/square_try.js');

test('the official vectors of the signature', () => {
	const url = 'https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9';
	const body = '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}';
	assert.strictEqual(sign('Ibxx_5AKakO-3qeNVR61Dw', url, Buffer.from(body)), 'GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=');
	const at = (id) => sign('signature-key', 'https://webhook.site/webhooks', Buffer.from(`{"data":{"type":"webhooks","id":"${id}"}}`));
	assert.deepStrictEqual([at('fake_id'), at('>id<')], ['W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA=', 'Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=']);
});

/* The signature as anybody would recompute it from what arrived. */
const good = (g, url, key = DEFAULTS['signature-key']) => g.headers['x-square-hmacsha256-signature'] === crypto.createHmac('sha256', key).update(url + g.body).digest('base64');

test('the life of an order is told in signed events', async () => {
	const hub = await listener();
	const sq = await start(['--hub', hub.url]);
	const url = `${hub.url}/api/webhooks/square`;
	const o = await sq.paid('E-1');
	await hub.until(4);
	assert.deepStrictEqual(hub.got.map((g) => g.json.type), ['order.created', 'payment.created', 'order.updated', 'payment.updated']);
	const [created, , updated] = hub.got;
	assert.deepStrictEqual(created.json.data, { type: 'order_created', id: o.id, object: { order_created: { order_id: o.id, version: 1, location_id: 'L1', state: 'OPEN', created_at: o.created_at } } });
	assert.deepStrictEqual([updated.json.merchant_id, updated.json.location_id, updated.json.data.object.order_updated.version], ['MLSIM0001', 'L1', 2]);
	assert.ok(!JSON.stringify(created.json).includes('Paneer'), 'the order itself is not in its events');
	hub.got.length = 0;
	const r = await sq.post('/_sim/kitchen', { reference: 'E-1', statuses: ['accept', 'ready', 'complete'] });
	assert.deepStrictEqual([r.json.sent, r.json.status, r.json.version], [['RESERVED', 'PREPARED', 'COMPLETED'], 200, 5]);
	assert.deepStrictEqual(hub.got.map((g) => g.json.type), Array(3).fill(['order.fulfillment.updated', 'order.updated']).flat());
	const moved = hub.got.filter((g) => g.json.type === 'order.fulfillment.updated').map((g) => g.json.data.object.order_fulfillment_updated);
	assert.deepStrictEqual(moved.map((m) => [m.version, m.state, m.fulfillment_update]), [
		[3, 'OPEN', [{ fulfillment_uid: 'f', old_state: 'PROPOSED', new_state: 'RESERVED' }]], [4, 'OPEN', [{ fulfillment_uid: 'f', old_state: 'RESERVED', new_state: 'PREPARED' }]],
		[5, 'COMPLETED', [{ fulfillment_uid: 'f', old_state: 'PREPARED', new_state: 'COMPLETED' }]],
	]);
	for (const g of hub.got)
		assert.ok(good(g, url) && g.headers['content-type'] === 'application/json' && g.headers['square-environment'] === 'Sandbox' && g.url === '/api/webhooks/square');
	assert.strictEqual(new Set(hub.got.map((g) => g.json.event_id)).size, 6);
	assert.strictEqual((await sq.post('/_sim/kitchen', { reference: 'E-1', status: 'accept' })).status, 400, 'it has ended');
	const rows = await sq.seen('effect=webhook');
	assert.deepStrictEqual([rows.length, rows[9].status_code, rows[9].sent_sha256], [10, 200, crypto.createHash('sha256').update(hub.got[5].body).digest('hex')]);
	hub.close();
});

test('events as ordered: copies, at once, shuffled, late, wrongly signed, raw, not at all', async () => {
	const hub = await listener();
	const url = `${hub.url}/r/{merchant}/{location}?x=1`;
	const sq = await start(['--notification-url', url, '--signature-key', 'key-of-{merchant}', '--events', 'none']);
	const real = `${hub.url}/r/MLSIM0001/L1?x=1`;
	await sq.paid('O-1');
	await sleep(50);
	assert.strictEqual(hub.got.length, 0, '--events none: the kitchen alone speaks');
	const press = (more) => {
		hub.got.length = 0;
		return sq.post('/_sim/kitchen', { reference: 'O-1', again: true, ...more, status: 'accept' });
	};
	const one = { types: ['order.updated'] };
	await press({ ...one, copies: 3 });
	assert.deepStrictEqual([hub.got.length, new Set(hub.got.map((g) => g.body)).size, hub.got.map((g) => g.headers['square-retry-number'])], [3, 1, [undefined, '1', '2']]);
	assert.ok(hub.got.every((g) => good(g, real, 'key-of-MLSIM0001') && g.url === '/r/MLSIM0001/L1?x=1'));
	await press({ ...one, copies: 4, concurrent: true });
	assert.strictEqual(hub.got.length, 4);
	for (const [signature, want] of [['bad', false], ['other_key', false], ['other_url', false], ['body_only', false], ['bm9uZQ==', false]]) {
		await press({ ...one, signature });
		assert.deepStrictEqual([hub.got.length, good(hub.got[0], real, 'key-of-MLSIM0001'), Boolean(hub.got[0].headers['x-square-hmacsha256-signature'])], [1, want, true], signature);
	}
	await press({ ...one, signature: 'none' });
	assert.strictEqual(hub.got[0].headers['x-square-hmacsha256-signature'], undefined);
	await press({ ...one, body: { type: 'order.exploded' } });
	assert.deepStrictEqual([hub.got[0].json.type, good(hub.got[0], real, 'key-of-MLSIM0001')], ['order.exploded', true]);
	const before = Date.now();
	await press({ ...one, delay_ms: 120 });
	assert.ok(Date.now() - before >= 115);
	await press({ quiet: true });
	assert.strictEqual(hub.got.length, 0);
	const raw = await press({ raw: '{"type":"x"}', location: 'L1' });
	assert.deepStrictEqual([raw.json.status, hub.got[0].body, good(hub.got[0], real, 'key-of-MLSIM0001')], [200, '{"type":"x"}', true]);
	hub.got.length = 0;
	await sq.paid('O-2');
	await sq.post('/_sim/kitchen', { reference: 'O-2', statuses: ['accept', 'ready', 'complete'], shuffle: true });
	const versions = hub.got.map((g) => Object.values(g.json.data.object)[0].version);
	assert.deepStrictEqual([...versions].sort(), [3, 3, 4, 4, 5, 5]);
	assert.notDeepStrictEqual(versions, [3, 3, 4, 4, 5, 5]);
	hub.got.length = 0;
	const sale = (await sq.post('/_sim/foreign', { location: 'L2' })).json;
	assert.deepStrictEqual(hub.got.map((g) => [g.url, g.json.type, g.json.data.id]), [['/r/MLSIM0001/L2?x=1', 'order.created', sale.id], ['/r/MLSIM0001/L2?x=1', 'order.updated', sale.id]]);
	hub.close();
});

test('what a cook does to a paid order is no refund: it ends COMPLETED, its fulfillment CANCELED', async () => {
	const sq = await start();
	await sq.paid('K-1');
	await sq.post('/_sim/kitchen', { reference: 'K-1', status: 'cancel', reason: 'out of stock' });
	const t = (await sq.screen('tickets'))['K-1'];
	assert.deepStrictEqual([t.state, t.status, t.visible, t.paid, t.order.fulfillments[0].pickup_details.cancel_reason], ['COMPLETED', 'CANCELED', false, TOTAL, 'out of stock']);
	assert.deepStrictEqual(Object.keys(await sq.screen()), []);
	const [gone] = await sq.seen('effect=order_cancelled');
	assert.deepStrictEqual([gone.by, gone.reason, gone.reference, gone.outlet], ['kitchen', 'out of stock', 'K-1', 'L1']);
	await sq.create('K-2');
	await sq.post('/_sim/kitchen', { reference: 'K-2', status: 'cancel', force: true });
	assert.deepStrictEqual([(await sq.screen('tickets'))['K-2'].state, (await sq.seen('effect=draft_cancelled')).length], ['CANCELED', 1]);
	assert.strictEqual((await sq.post('/_sim/kitchen', { reference: 'none', status: 'accept' })).status, 400);
	assert.strictEqual((await sq.post('/_sim/kitchen', { reference: 'K-1', status: 'burn' })).status, 400);
});

test('--auto plays the life of a ticket, from when it is seen', async () => {
	const hub = await listener();
	const sq = await start(['--hub', hub.url, '--auto', 'accept@20,ready@60,complete@100']);
	await sq.create('A-0');
	await sq.paid('A-1');
	await hub.until(1 + 4 + 6);
	const orders = await sq.screen();
	assert.deepStrictEqual([orders['A-0'].status, orders['A-1'].status, orders['A-1'].state], ['PROPOSED', 'COMPLETED', 'COMPLETED']);
	hub.close();
});

test('subscriptions: made, changed, tested, their key turned; past events can be searched', async () => {
	const hub = await listener();
	const sq = await start(['--hub', `${hub.url}/first`]);
	const api = (method, where, body) => sq.api(method, `/v2/webhooks/subscriptions${where}`, body);
	assert.strictEqual((await api('GET', '')).json.subscriptions.length, 1);
	assert.deepStrictEqual(problem(await api('POST', '', { subscription: { notification_url: 'x' } })), [400, 'MISSING_REQUIRED_PARAMETER', 'subscription.event_types']);
	assert.deepStrictEqual(problem(await api('POST', '', { subscription: { notification_url: 'x', event_types: ['tea.ready'] } })), [400, 'INVALID_VALUE', 'subscription.event_types']);
	const s = (await api('POST', '', { subscription: { name: 'two', event_types: ['order.created'], notification_url: `${hub.url}/second` } })).json.subscription;
	assert.ok(s.signature_key && !(await api('GET', '')).json.subscriptions[1].signature_key);
	await api('PUT', '/wbhk_options', { subscription: { enabled: false } });
	await sq.paid('W-1');
	await hub.until(1);
	assert.deepStrictEqual([hub.got[0].url, good(hub.got[0], `${hub.url}/second`, s.signature_key)], ['/second', true]);
	const { signature_key: turned } = (await api('POST', `/${s.id}/signature-key`, {})).json;
	assert.notStrictEqual(turned, s.signature_key);
	const result = (await api('POST', `/${s.id}/test`, { event_type: 'order.created' })).json.subscription_test_result;
	await hub.until(2);
	assert.deepStrictEqual([result.status_code, hub.got[1].body === result.payload, good(hub.got[1], `${hub.url}/second`, turned)], [200, true, true]);
	await api('DELETE', `/${s.id}`);
	assert.deepStrictEqual(problem(await api('GET', `/${s.id}`)).slice(0, 2), [404, 'NOT_FOUND']);
	const found = (await sq.api('POST', '/v2/events/search', { limit: 3, query: { filter: { location_ids: ['L1'] } } })).json;
	assert.deepStrictEqual([found.events.length, Boolean(found.cursor), TYPES.includes(found.events[0].type)], [3, true, true]);
	assert.strictEqual((await sq.api('POST', '/v2/events/search', { query: { filter: { event_types: ['order.created'] } } })).json.events.length, 1);
	assert.ok(!(await sq.get('/_sim/seen?all=1')).text.includes(turned), 'no key reaches the journal');
	hub.close();
});

/* Each misdeed of a create: what is answered, how many orders there are, and how many after an identical repeat. */
const CREATES = {
	forget_key: [200, undefined, 1, 2],
	conflict: [409, 'CONFLICT', 0, 1],
	drop_silently: [200, undefined, 0, 1],
	answer_exists: [400, 'BAD_REQUEST', 1, 1],
	answer_reused: [400, 'IDEMPOTENCY_KEY_REUSED', 1, 1],
	lines_lost: [200, undefined, 1, 1],
	other_total: [200, undefined, 1, 1],
	rate_limited: [429, 'RATE_LIMITED', 0, 1],
	expired_token: [401, 'ACCESS_TOKEN_EXPIRED', 0, 1],
	insufficient_scopes: [403, 'INSUFFICIENT_SCOPES', 0, 1],
	error: [503, 'SERVICE_UNAVAILABLE', 0, 1],
	refuse: [400, 'BAD_REQUEST', 0, 1],
	commit_then_500: [500, undefined, 1, 1],
	503: [503, undefined, 0, 1],
};

test('misdeeds of a create', async (t) => {
	const sq = await start();
	const count = async (ref) => Object.values(await sq.screen()).filter((o) => o.reference === ref).length;
	for (const [name, [status, code, there, then]] of Object.entries(CREATES))
		await t.test(name, async () => {
			const ref = `D-${name}`;
			await sq.post('/_sim/next', [{ path: '/v2/orders', do: name, ...(name === 'error' && { status: 503, code: 'SERVICE_UNAVAILABLE' }), ...(name === 'rate_limited' && { retry_after: 7 }) }]);
			const r = await sq.api('POST', '/v2/orders', order(ref));
			assert.deepStrictEqual([...problem(r).slice(0, 2), await count(ref)], [status, code, there]);
			assert.strictEqual(r.headers['retry-after'], name === 'rate_limited' ? '7' : undefined);
			if (name === 'lines_lost' || name === 'other_total')
				assert.deepStrictEqual([r.json.order.line_items.length, r.json.order.total_money.amount], name === 'lines_lost' ? [1, TOTAL - 300] : [2, TOTAL + 1]);
			assert.strictEqual((await sq.api('POST', '/v2/orders', order(ref))).status, 200);
			assert.strictEqual(await count(ref), then);
		});
	await t.test('duplicate_refused: an identical repeat is answered "already exists"', async () => {
		const o = await sq.create('DR');
		await sq.post('/_sim/next', [{ path: '/v2/orders', do: 'duplicate_refused' }]);
		assert.strictEqual((await sq.api('POST', '/v2/orders', order('DR'))).json.errors[0].detail, `Order ${o.id} already exists.`);
	});
	await t.test('commit_then_drop: the answer is lost, the order is not', async () => {
		await sq.post('/_sim/next', [{ path: '/v2/orders', do: 'commit_then_drop' }]);
		await assert.rejects(sq.api('POST', '/v2/orders', order('LOST')));
		assert.strictEqual(await count('LOST'), 1);
	});
});

test('misdeeds of payments, look-ups, changes', async () => {
	const hub = await listener();
	const sq = await start(['--hub', hub.url]);
	const next = (row) => sq.post('/_sim/next', [row]);
	const pay = (o, more) => sq.api('POST', '/v2/payments', payment(o, more));

	await next({ path: '/v2/payments', do: 'hide_order' });
	assert.strictEqual((await pay(await sq.create('M-1'))).status, 200);
	assert.deepStrictEqual([(await sq.screen())['M-1'].visible, (await sq.screen())['M-1'].paid], [false, TOTAL]);

	await next({ path: '/v2/payments', do: 'payment_pending' });
	const late = await sq.create('M-2');
	const p = (await pay(late)).json.payment;
	assert.deepStrictEqual([p.status, (await sq.screen())['M-2'].visible, (await sq.api('GET', `/v2/orders/${late.id}`)).json.order.net_amount_due_money], ['APPROVED', false, usd(TOTAL)]);
	assert.deepStrictEqual(problem(await pay(late, { idempotency_key: 'again' })), [400, 'BAD_REQUEST', 'order_id']);
	assert.strictEqual((await sq.post('/_sim/finish', { payment_id: p.id })).json.payment.status, 'COMPLETED');
	assert.strictEqual((await sq.screen())['M-2'].visible, true);
	await next({ path: '/v2/payments', do: 'payment_pending', ms: 30 });
	await pay(await sq.create('M-3'));
	await sleep(100);
	assert.strictEqual((await sq.screen())['M-3'].visible, true);

	await next({ path: '/v2/payments', do: 'forget_key' });
	const twice = await sq.create('M-4');
	assert.deepStrictEqual([(await pay(twice)).status, problem(await pay(twice))[1]], [200, 'BAD_REQUEST'], 'an order is paid once all the same');

	const o = await sq.paid('M-5');
	await next({ method: 'GET', do: 'stale' });
	assert.deepStrictEqual([(await sq.api('GET', `/v2/orders/${o.id}`)).json.order.version, (await sq.api('GET', `/v2/orders/${o.id}`)).json.order.version], [1, 2]);
	await next({ path: '/search', do: 'search_empty' });
	assert.deepStrictEqual((await sq.api('POST', '/v2/orders/search', { location_ids: ['L1'] })).json, {});
	assert.ok((await sq.api('POST', '/v2/orders/search', { location_ids: ['L1'] })).json.orders.length >= 5);
	await next({ method: 'PUT', do: 'version_moves' });
	const ready = (version) => sq.api('PUT', `/v2/orders/${o.id}`, { idempotency_key: crypto.randomUUID(), order: { location_id: 'L1', version, fulfillments: [{ uid: 'f', state: 'PREPARED' }] } });
	assert.deepStrictEqual([problem(await ready(2)), (await ready(3)).status], [[409, 'VERSION_MISMATCH', 'order.version'], 200]);

	await hub.until(15);
	await sleep(60);
	hub.got.length = 0;
	await next({ path: '/v2/orders', do: 'early' });
	const early = sq.api('POST', '/v2/orders', order('M-6')).then(() => hub.got.push('answer'));
	await early;
	assert.deepStrictEqual(hub.got.map((g) => g.json?.type ?? g), ['order.created', 'answer']);
	hub.close();
});

test('misdeeds of events', async () => {
	const hub = await listener();
	const sq = await start(['--hub', hub.url, '--events', 'none']);
	const url = `${hub.url}/api/webhooks/square`;
	await sq.paid('E');
	const with_deed = async (row, states, more) => {
		hub.got.length = 0;
		await sq.post('/_sim/next', [{ path: 'webhook', ...row }]);
		const before = Date.now();
		await sq.post('/_sim/kitchen', { reference: 'E', again: true, statuses: states ?? ['accept'], types: ['order.updated'], ...more });
		return [hub.got.length, Date.now() - before];
	};
	assert.strictEqual((await with_deed({ do: 'duplicate', copies: 3, concurrent: true }))[0], 3);
	assert.ok((await with_deed({ do: 'late', ms: 100 }))[1] >= 95);
	assert.strictEqual((await with_deed({ do: 'lost' }))[0], 0);
	await with_deed({ do: 'bad_signature' });
	assert.strictEqual(good(hub.got[0], url), false);
	await with_deed({ do: 'no_signature' });
	assert.strictEqual(hub.got[0].headers['x-square-hmacsha256-signature'], undefined);
	await with_deed({ do: 'reordered' }, ['accept', 'accept']);
	const [a, b] = hub.got.map((g) => g.json.data.object.order_updated.version);
	assert.strictEqual(a, b + 1);
	await sq.post('/_sim/next', [{ do: '503' }]);
	await sq.post('/_sim/kitchen', { reference: 'E', again: true, status: 'accept' });
	assert.strictEqual((await sq.api('GET', '/v2/locations')).status, 503, 'a misdeed without a path is meant for requests');
	const tested = fs.readFileSync(__filename, 'utf8') + fs.readFileSync(path.join(__dirname, '553_sim_square.js'), 'utf8');
	for (const name of Object.keys(OWN))
		assert.ok(tested.includes(`'${name}'`) || name in CREATES, `${name} is tested`);
	hub.close();
});

test('limits of one token: so many a second, so many at once', async () => {
	const sq = await start(['--rate', '5', '--retry-after', '2', '--merchants', 'MA,MB', '--locations', 'L{1..2}']);
	const ask = (token) => sq.api('GET', '/v2/locations', undefined, bearer(token));
	const all = await Promise.all(Array.from({ length: 8 }, () => ask(DEFAULTS['access-token'])));
	assert.deepStrictEqual(all.map((r) => r.status).sort(), [200, 200, 200, 200, 200, 429, 429, 429]);
	const no = all.find((r) => r.status === 429);
	assert.deepStrictEqual([no.headers['retry-after'], no.json.errors[0].category, no.json.errors[0].code], ['2', 'RATE_LIMIT_ERROR', 'RATE_LIMITED']);
	assert.strictEqual((await ask(`${DEFAULTS['access-token']}.MB`)).status, 200, 'another token has its own');
	await sleep(1010);
	assert.strictEqual((await ask(DEFAULTS['access-token'])).status, 200);
	const narrow = await start(['--concurrency', '2', '--latency', '80']);
	const five = await Promise.all(Array.from({ length: 5 }, () => narrow.api('GET', '/v2/locations')));
	assert.deepStrictEqual(five.map((r) => r.status).sort(), [200, 200, 429, 429, 429]);
	assert.strictEqual((await narrow.api('GET', '/v2/locations')).status, 200);
});

test('500 locations of 500 sellers in one process', async () => {
	assert.deepStrictEqual(names('A,L{1..3}x'), ['A', 'L1x', 'L2x', 'L3x']);
	const sq = await start(['--merchants', 'M{1..500}', '--locations', 'L{1..500}']);
	const numbers = [1, 2, 250, 499, 500];
	await Promise.all(numbers.map(async (n) => {
		const token = bearer(`${DEFAULTS['access-token']}.M${n}`);
		const { order: o } = (await sq.api('POST', '/v2/orders', order(`R-${n}`, (x) => { x.location_id = `L${n}`; }), token)).json;
		assert.strictEqual((await sq.api('POST', '/v2/payments', payment(o, { location_id: undefined }), token)).status, 200, 'each is the main location of its seller');
		const other = bearer(`${DEFAULTS['access-token']}.M${(n % 500) + 1}`);
		assert.strictEqual((await sq.api('POST', '/v2/orders', order('X', (x) => { x.location_id = `L${n}`; }), other)).status, 404);
	}));
	const orders = await sq.screen();
	assert.deepStrictEqual(numbers.map((n) => [orders[`R-${n}`].outlet, orders[`R-${n}`].merchant, orders[`R-${n}`].visible]), numbers.map((n) => [`L${n}`, `M${n}`, true]));
	assert.deepStrictEqual(Object.keys((await sq.get('/_sim/orders?location=L250')).json.orders), ['R-250']);
});

test('the same seed gives the same ids and the same chances', async () => {
	const run = async (seed) => {
		const sq = await start(['--seed', seed]);
		await sq.post('/_sim/next', [{ path: '/v2/orders', do: ['500', '504'], p: 0.5, times: 12 }]);
		const got = [];
		for (let i = 0; i < 14; i++) {
			const r = await sq.api('POST', '/v2/orders', order(`T-${i}`));
			got.push(r.json?.order?.id ?? r.status);
		}
		got.push((await sq.post('/_sim/grant', {})).json.access_token);
		return got;
	};
	const [a, b, c] = await Promise.all([run('7'), run('7'), run('8')]);
	assert.deepStrictEqual(a, b);
	assert.notDeepStrictEqual(a, c);
	assert.ok(a.includes(500) || a.includes(504));
});

test('the journal is complete after kill -9, and the simulator goes on where it was', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 'k'));
	let sq = await start([], { dir });
	const menu = (await sq.get('/_sim/menu')).json.objects.filter((o) => o.id !== 'ITBEER');
	await sq.post('/_sim/menu', { objects: menu });
	await sq.post('/_sim/store', { location: 'L2', status: 'INACTIVE' });
	await sq.post('/_sim/stock', { id: 'VARSAMOSA', location: 'L1', quantity: 3 });
	const grant = (await sq.post('/_sim/grant', { pkce: true })).json;
	const sub = (await sq.api('POST', '/v2/webhooks/subscriptions', { subscription: { event_types: ['order.created'], notification_url: 'http://127.0.0.1:9/' } })).json.subscription;
	const cancelled = await sq.create('K-C');
	await sq.api('PUT', `/v2/orders/${cancelled.id}`, { idempotency_key: 'c', order: { location_id: 'L1', version: 1, state: 'CANCELED', fulfillments: [{ uid: 'f', state: 'CANCELED' }] } });
	await sq.paid('K-K');
	await sq.post('/_sim/kitchen', { reference: 'K-K', status: 'ready' });
	await sq.post('/_sim/kitchen', { reference: 'K-K', again: true, status: 'ready' });
	const back = await sq.paid('K-R');
	await sq.api('POST', '/v2/refunds', { idempotency_key: 'b', payment_id: back.tenders[0].payment_id, amount_money: usd(100) });
	const edited = await sq.create('K-E');
	await sq.api('PUT', `/v2/orders/${edited.id}`, { idempotency_key: 'e', fields_to_clear: ['ticket_name'], order: { location_id: 'L1', version: 1, line_items: [{ uid: 'b', quantity: '3' }] } });
	const before = await sq.screen('tickets');
	const answered = new Map();
	const flood = (async () => {
		for (let i = 0; i < 400; i++) {
			const r = await sq.api('POST', '/v2/orders', order(`K-${i}`)).catch(() => null);
			if (!r)
				return;
			const p = await sq.api('POST', '/v2/payments', payment(r.json.order)).catch(() => null);
			if (!p)
				return;
			answered.set(`K-${i}`, [r.json.order.id, p.json.payment.id]);
		}
	})();
	while (answered.size < 30)
		await sleep(2);
	await sq.kill();
	await flood;
	fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"seq":99999,"kind":"effect","eff');
	sq = await start([], { dir });
	const orders = await sq.screen();
	const now = await sq.screen('tickets');
	assert.deepStrictEqual(Object.fromEntries(Object.keys(before).map((ref) => [ref, now[ref]])), before, 'every order to the last field');
	for (const [ref, [id]] of answered)
		assert.deepStrictEqual([orders[ref].id, orders[ref].visible, orders[ref].paid], [id, true, TOTAL]);
	assert.ok(Object.keys(orders).length - answered.size - 3 <= 1, 'at most the one that was under way');
	assert.deepStrictEqual([orders['K-K'].status, orders['K-K'].version, (await sq.screen('tickets'))['K-C'].state], ['PREPARED', 4, 'CANCELED']);
	const [id, payment_id] = answered.get('K-0');
	const again = (await sq.api('POST', '/v2/orders', order('K-0'))).json.order;
	assert.deepStrictEqual([again.id, again.version], [id, 2]);
	assert.strictEqual((await sq.api('POST', '/v2/payments', payment({ ...again, net_amount_due_money: usd(TOTAL) }))).json.payment.id, payment_id);
	assert.strictEqual((await sq.api('GET', '/v2/orders/search')).status, 404);
	assert.deepStrictEqual(problem(await sq.api('GET', '/v2/catalog/object/ITBEER'))[0], 404);
	assert.strictEqual((await sq.api('GET', '/v2/locations/L2')).json.location.status, 'INACTIVE');
	assert.strictEqual((await sq.api('POST', '/v2/inventory/counts/batch-retrieve', { catalog_object_ids: ['VARSAMOSA'] })).json.counts[0].quantity, '3');
	assert.strictEqual((await sq.api('GET', '/v2/locations', undefined, bearer(grant.access_token))).status, 200);
	assert.strictEqual((await sq.api('GET', `/v2/webhooks/subscriptions/${sub.id}`)).json.subscription.signature_key, sub.signature_key);
	assert.ok((await sq.api('POST', '/v2/events/search', {})).json.events.length > 30);
	const rows = await sq.seen();
	assert.deepStrictEqual(rows.map((r) => r.seq), rows.map((_, i) => i + 1), 'no gap, no half row');
	const saved = rows.filter((r) => r.effect === 'order_saved').map((r) => r.reference);
	assert.strictEqual(new Set(saved).size, saved.length, 'one ticket each');
});

test('a ticket whose payment was journalled but not itself is journalled after the kill', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 'm'));
	let sq = await start([], { dir });
	await sq.paid('HALF');
	await sq.kill();
	const file = path.join(dir, 'journal.jsonl');
	const lines = fs.readFileSync(file, 'utf8').split('\n');
	fs.writeFileSync(file, `${lines.slice(0, lines.findIndex((l) => l.includes('"order_saved"'))).join('\n')}\n`);
	sq = await start([], { dir });
	assert.strictEqual((await sq.screen()).HALF.visible, true);
	assert.strictEqual((await sq.seen('effect=order_saved')).length, 1);
});

test('an effect is on disk before its answer', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 's'));
	const trace = path.join(dir, 'order.txt');
	const hook = path.join(dir, 'hook.js');
	fs.writeFileSync(hook, `const fs=require('fs'),h=require('http'),f=fs.fsyncSync,t=${JSON.stringify(trace)};
fs.fsyncSync=(d)=>{f(d);fs.appendFileSync(t,'fsync ')};
const w=h.ServerResponse.prototype.writeHead;h.ServerResponse.prototype.writeHead=function(...a){fs.appendFileSync(t,'answer ');return w.apply(this,a)};`);
	process.env.NODE_OPTIONS = `--require ${hook}`;
	const sq = await start([], { dir }).finally(() => delete process.env.NODE_OPTIONS);
	await sq.create('DISK');
	assert.strictEqual(fs.readFileSync(trace, 'utf8'), 'fsync answer ');
});

test('reset forgets, but the past stays in the journal; orders alone can be forgotten too', async () => {
	const sq = await start();
	await sq.paid('Z');
	await sq.post('/_sim/next', [{ do: '500' }]);
	await sq.ask('DELETE', '/_sim');
	assert.deepStrictEqual([await sq.screen('tickets'), (await sq.get('/_sim/next')).json.orders, await sq.seen()], [{}, [], []]);
	assert.strictEqual((await sq.seen('all=1&effect=order_saved')).length, 1);
	assert.strictEqual((await sq.create('Z')).version, 1);
	await sq.ask('DELETE', '/_sim/orders');
	assert.deepStrictEqual(await sq.screen('tickets'), {});
	assert.deepStrictEqual(await sq.stop(), { code: 0, signal: null });
});
