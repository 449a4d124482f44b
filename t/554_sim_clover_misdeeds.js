'use strict';
/*
 * The simulated Clover misbehaves, tells of changes, and remembers: each misdeed, webhooks and the kitchen behind them, the journal
 * after kill -9, many merchants, the same again from the same seed. Nothing of Ticketrail runs here.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { DEFAULTS, OWN, first_refresh_token, locations_of } = require('./sim/clover.js');
const { MERCHANT, cart, draft, item, listener, modifier, open, start, temp } = require('./sim/clover_client.js');
const { id } = require('./sim/clover_menu.js');
const { MISDEEDS } = require('./sim/sim.js');

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* What the client sees of each misdeed that anybody can commit, and whether the order was saved all the same. */
const FAULTS = {
	delay_ms: { row: { ms: 100 }, saved: true, ok: (r) => r.status === 200 && r.took >= 90 },
	commit_then_delay: { row: { ms: 100 }, saved: true, ok: (r) => r.status === 200 && r.took >= 90 },
	hang: { saved: false, ok: (r) => r.error === 'TIMEOUT' },
	commit_then_hang: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	hang_after_headers: { saved: true, ok: (r) => r.error === 'TIMEOUT' || r.error === 'ECONNRESET' },
	commit_then_drop: { saved: true, ok: (r) => r.error === 'ECONNRESET' },
	drop_then_nothing: { saved: false, ok: (r) => r.error === 'ECONNRESET' },
	commit_then_close: { saved: true, ok: (r) => r.error === 'ECONNRESET' },
	commit_then_500: { saved: true, ok: (r) => r.status === 500 },
	refuse: { row: { message: 'bad_request', details: 'no' }, saved: false, ok: (r) => r.status === 400 && r.json.details === 'no' },
	refuse_connection: { row: { ms: 150 }, saved: false, ok: (r) => r.error === 'ECONNRESET', after: 250 },
	truncate: { saved: true, ok: (r) => r.error === 'ECONNRESET' || r.json === undefined },
	oversize: { row: { bytes: 1 << 20 }, saved: true, ok: (r) => r.bytes?.length === 1 << 20 },
	endless: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	slow_drip: { row: { ms: 1 }, saved: true, ok: (r) => r.json?.state === 'open' && r.took > 300, ms: 20000 },
	html: { saved: false, ok: (r) => r.status === 200 && /^text\/html/.test(r.headers['content-type']) },
	body: { row: { body: '{"id":7}' }, saved: true, ok: (r) => r.json.id === 7 },
	not_utf8: { saved: true, ok: (r) => r.bytes.includes(0xff) },
	duplicate_keys: { saved: true, ok: (r) => r.text.startsWith('{"success":') },
	deep: { saved: true, ok: (r) => r.text.length === 40000 },
	nan: { saved: true, ok: (r) => r.text.includes('NaN') },
	empty: { saved: true, ok: (r) => r.status === 200 && r.bytes.length === 0 },
	redirect: { saved: false, ok: (r) => r.status === 302 && Boolean(r.headers.location) },
	continue_forever: { saved: true, ok: (r) => r.error === 'TIMEOUT' },
	many_headers: { row: { n: 20000 }, saved: true, ok: (r) => r.error === 'HPE_HEADER_OVERFLOW' },
	gzip_bomb: { row: { bytes: 8 << 20 }, saved: true, ok: (r) => r.headers['content-encoding'] === 'gzip' },
	500: { saved: false, ok: (r) => r.status === 500 },
	503: { saved: false, ok: (r) => r.status === 503 },
	rate: { saved: false, ok: (r) => r.status === 429 && r.headers['x-ratelimit-tokenlimit'] === '16' && !('retry-after' in r.headers) },
	app_rate: { saved: false, ok: (r) => r.status === 429 && 'x-ratelimit-crosstokenlimit' in r.headers },
	concurrent: { row: { retry_after: 21 }, saved: false, ok: (r) => r.headers['x-ratelimit-tokenconcurrentlimit'] === '5' && r.headers['retry-after'] === '21' },
	app_concurrent: { saved: false, ok: (r) => r.headers['x-ratelimit-crosstokenconcurrentlimit'] === '10' && r.headers['retry-after'] === '1' },
	unauthorized: { saved: false, ok: (r) => r.status === 401 && r.json.message === '401 Unauthorized' },
};

test('F23 F24 F25 F26 F27 F28 every misdeed fires in both ways, and the journal knows what took effect', async (t) => {
	for (const name of Object.keys(MISDEEDS))
		assert.ok(name in FAULTS, `${name} is tested`);
	const s = await start();
	const way = {
		atomic: { where: () => 'atomic_order/orders', row: { path: '/atomic_order/orders' }, prepare: () => null, body: (name) => cart(name) },
		steps: { where: (order_id) => `orders/${order_id}`, row: { like: '/orders/[0-9A-Z]{13}$' }, prepare: (name) => draft(s, name), body: () => ({ state: 'open' }) },
	};
	for (const [how, { where, row, prepare, body }] of Object.entries(way))
		for (const [i, [name, fault]] of Object.entries(FAULTS).entries())
			await t.test(`${how}: ${name}`, async () => {
				const title = `${how}-${i}`; /* twelve characters at most */
				const order_id = await prepare(title);
				await s.next({ do: name, ...row, ...fault.row });
				const before = Date.now();
				const r = await s.api('POST', where(order_id), body(title), { ms: fault.ms ?? 300 }).catch((e) => ({ error: e.code ?? e.message }));
				r.took = Date.now() - before;
				assert.ok(fault.ok(r), `got ${r.error} ${r.status} ${r.text?.slice(0, 80)}`);
				if (fault.after)
					await pause(fault.after);
				const saved = (await s.seen('effect=order_saved')).filter((e) => e.reference === title);
				assert.strictEqual(saved.length, fault.saved ? 1 : 0);
				assert.strictEqual(`${MERCHANT} ${title}` in await s.live(), fault.saved);
				assert.strictEqual((await s.get('/_sim/next')).json.orders.length, 0);
			});
});

test('misdeeds of Clover\'s own', async (t) => {
	const s = await start();
	const tested = new Set(['index_lag', 'index_lost', 'token_revoked', 'refresh_revoked', 'rate', 'app_rate', 'concurrent', 'app_concurrent', 'unauthorized',
		'duplicate', 'late', 'reordered', 'lost', 'bad_signature', 'no_signature', 'early']);
	const case_of = (name, run) => {
		tested.add(name);
		return t.test(name, run);
	};
	const shown = async (title) => (await s.get('/_sim/tickets')).json.orders[`${MERCHANT} ${title}`];
	await case_of('hidden', async () => {
		await s.next({ do: 'hidden', path: '/atomic_order/orders' });
		const atomic = await s.api('POST', 'atomic_order/orders', cart('HID-1'));
		assert.strictEqual(atomic.json.state, 'open', 'it says so');
		const order_id = await draft(s, 'HID-2');
		await s.next({ do: 'hidden', like: '/orders/[0-9A-Z]{13}$', method: 'POST' });
		assert.strictEqual((await open(s, order_id)).json.state, 'open');
		assert.deepStrictEqual(await s.live(), {});
		assert.ok(!('state' in (await s.api('GET', `orders/${order_id}`)).json), 'a second look shows it');
		assert.deepStrictEqual((await s.api('GET', 'orders')).json.elements, []);
		await open(s, order_id);
		assert.deepStrictEqual(Object.keys(await s.live()), [`${MERCHANT} HID-2`], 'opened again it is there');
	});
	await case_of('total_differs', async () => {
		await s.next({ do: 'total_differs', path: '/atomic_order/orders', by: 7 });
		assert.strictEqual((await s.api('POST', 'atomic_order/orders', cart('TOT'))).json.total, 2560);
	});
	await case_of('reference_dropped', async () => {
		await s.next({ do: 'reference_dropped', path: '/atomic_order/orders' });
		assert.ok(!('externalReferenceId' in (await s.api('POST', 'atomic_order/orders', cart('REF'))).json));
		assert.strictEqual((await shown('REF')).title, 'REF');
	});
	await case_of('lines_lost', async () => {
		await s.next({ do: 'lines_lost', path: '/bulk_line_items' });
		const made = await s.api('POST', 'orders', { title: 'LINES' });
		const r = await s.api('POST', `orders/${made.json.id}/bulk_line_items`, { items: Array.from({ length: 4 }, (_, i) => ({ name: `L${i}`, price: 1 })) });
		assert.deepStrictEqual([r.status, r.json.length, (await shown('LINES')).lines.length], [200, 4, 2]);
		assert.strictEqual((await s.api('GET', `orders/${made.json.id}?expand=lineItems`)).json.lineItems.elements.length, 2);
	});
	await case_of('modification_lost', async () => {
		await s.next({ do: 'modification_lost', path: '/modifications' });
		await draft(s, 'MODS');
		assert.deepStrictEqual((await shown('MODS')).lines[0].modifications.map((m) => m.name), ['Cheddar', 'Fries']);
	});
	await case_of('opened_by_line', async () => {
		await s.next({ do: 'opened_by_line', path: '/bulk_line_items' });
		const order_id = await draft(s, 'EARLY');
		assert.strictEqual((await shown('EARLY')).visible, true);
		const [row] = (await s.seen('effect=order_saved')).filter((r) => r.reference === 'EARLY');
		assert.deepStrictEqual([row.step, row.lines], ['lines_saved', 3]);
		await open(s, order_id);
		assert.strictEqual((await s.seen('effect=order_saved')).filter((r) => r.reference === 'EARLY').length, 1);
		const always = await start(['--lines-open', 'yes']);
		await draft(always, 'ALWAYS');
		assert.deepStrictEqual(Object.keys(await always.live()), [`${MERCHANT} ALWAYS`]);
	});
	await case_of('draft_deleted', async () => {
		const order_id = await draft(s, 'DEL');
		await s.next({ do: 'draft_deleted', like: '/orders/[0-9A-Z]{13}$' });
		const r = await open(s, order_id);
		assert.deepStrictEqual([r.status, r.json.details], [404, 'Order not found']);
		assert.strictEqual((await shown('DEL')).deleted, true);
	});
	assert.deepStrictEqual(Object.keys(OWN).filter((name) => !tested.has(name)), [], 'each is tested, here or below');
});

test('misdeeds are taken in order, by path or form, so many times, and by chance from the seed', async () => {
	const run = async (seed) => {
		const s = await start(['--seed', seed]);
		await s.next({ like: '/orders/X+$', do: '502' }, { do: '503', times: 2 }, { do: ['500', '504'], p: 0.5, times: 12 });
		const got = [];
		for (let i = 0; i < 15; i++) {
			const r = await s.api('POST', 'atomic_order/orders', cart(`T-${i}`));
			got.push(r.json.id ?? r.status);
		}
		assert.strictEqual((await s.api('GET', 'orders/XXXX')).status, 502);
		return got;
	};
	const [a, b, c] = [await run('7'), await run('7'), await run('8')];
	assert.deepStrictEqual(a.slice(0, 2), [503, 503]);
	assert.deepStrictEqual(a, b, 'the same seed, the same ids and mishaps');
	assert.notDeepStrictEqual(a, c);
	const s = await start();
	assert.strictEqual((await s.next({ do: 'sulk' })).status, 400);
});

test('I3 after kill -9 it goes on where it was, drafts, tokens and stock too', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 'k'));
	let s = await start([], { dir });
	const waiting = await draft(s, 'WAITING');
	const pair = (await s.post('/oauth/v2/refresh', { client_id: DEFAULTS['client-id'], refresh_token: first_refresh_token(MERCHANT) })).json;
	await s.post('/_sim/stock', { item: item('House Lemonade'), available: false });
	const customer = (await s.api('POST', 'customers', { firstName: 'Asha' })).json.id;
	const answered = [];
	const flood = (async () => {
		for (let i = 0; i < 400; i++) {
			const r = await s.api('POST', 'atomic_order/orders', cart(`K-${i}`)).catch(() => null);
			if (!r)
				return;
			answered.push(r.json.id);
		}
	})();
	while (answered.length < 40)
		await pause(2);
	await s.kill();
	await flood;
	fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"seq":99999,"kind":"effect","eff');
	s = await start([], { dir });
	const live = Object.values(await s.live()).map((o) => o.id);
	assert.deepStrictEqual(Object.keys((await s.get('/_sim/tickets?reference=WAITING')).json.orders), [`${MERCHANT} WAITING`]);
	assert.deepStrictEqual((await s.get('/_sim/orders?outlet=NOBODY0000001')).json.orders, {});
	for (const order_id of answered)
		assert.ok(live.includes(order_id), order_id);
	assert.ok(live.length - answered.length <= 1, 'at most the one that was under way');
	assert.strictEqual((await s.api('GET', `orders/${answered[0]}?expand=lineItems`)).json.lineItems.elements.length, 3);
	assert.strictEqual((await open(s, waiting)).status, 200, 'the draft was kept');
	assert.strictEqual((await s.live())[`${MERCHANT} WAITING`].lines[0].modifications.length, 3);
	const renew = async (refresh_token) => (await s.post('/oauth/v2/refresh', { client_id: DEFAULTS['client-id'], refresh_token })).status;
	assert.strictEqual((await s.api('GET', 'items', undefined, { token: pair.access_token })).status, 200);
	assert.deepStrictEqual([await renew(first_refresh_token(MERCHANT)), await renew(pair.refresh_token), await renew(pair.refresh_token)], [401, 200, 401]);
	assert.strictEqual((await s.api('GET', `items/${item('House Lemonade')}`)).json.available, false);
	assert.strictEqual((await s.api('POST', 'atomic_order/orders', cart('CUST', (o) => { o.customers = [{ id: customer }]; }))).status, 200);
	const rows = await s.seen();
	assert.deepStrictEqual(rows.map((r) => r.seq), rows.map((_, i) => i + 1), 'no gap, no half row');
	const ids = rows.filter((r) => r.effect === 'order_saved').map((r) => r.id);
	assert.strictEqual(new Set(ids).size, ids.length, 'no id comes twice');
	await s.ask('DELETE', '/_sim');
	assert.deepStrictEqual([await s.live(), await s.seen()], [{}, []]);
	assert.strictEqual((await s.seen('all=1&effect=order_saved')).length, ids.length);
});

test('an effect is on disk before its answer', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 's'));
	const trace = path.join(dir, 'order.txt');
	const hook = path.join(dir, 'hook.js');
	fs.writeFileSync(hook, `const fs=require('fs'),h=require('http'),f=fs.fsyncSync,t=${JSON.stringify(trace)};
fs.fsyncSync=(d)=>{f(d);fs.appendFileSync(t,'fsync ')};
const w=h.ServerResponse.prototype.writeHead;h.ServerResponse.prototype.writeHead=function(...a){fs.appendFileSync(t,'answer ');return w.apply(this,a)};`);
	process.env.NODE_OPTIONS = `--require ${hook}`;
	const s = await start([], { dir }).finally(() => delete process.env.NODE_OPTIONS);
	await s.api('POST', 'atomic_order/orders', cart());
	const made = await s.api('POST', 'orders', { title: 'S' });
	await s.api('POST', `orders/${made.json.id}/bulk_line_items`, { items: [{ name: 'x', price: 1 }] });
	await open(s, made.json.id);
	assert.strictEqual(fs.readFileSync(trace, 'utf8'), 'fsync answer '.repeat(4));
});

test('WH-16 every change is told, with the constant header, and never what it was', async () => {
	const hub = await listener();
	const s = await start(['--hub', hub.url, '--batch', '20']);
	const order_id = (await s.api('POST', 'atomic_order/orders', cart('WEB'))).json.id;
	await hub.until(1);
	const [call] = hub.got;
	assert.deepStrictEqual([call.url, call.headers['x-clover-auth'], call.headers['content-type']], ['/api/webhooks/clover', DEFAULTS['webhook-auth-code'], 'application/json']);
	assert.deepStrictEqual(Object.keys(call.json), ['appId', 'merchants']);
	assert.deepStrictEqual([call.json.appId, Object.keys(call.json.merchants)], [DEFAULTS['client-id'], [MERCHANT]]);
	const [event] = call.json.merchants[MERCHANT];
	assert.deepStrictEqual([event.objectId, event.type], [`O:${order_id}`, 'CREATE']);
	assert.ok(Math.abs(event.ts - Date.now()) < 5000);
	hub.got.length = 0;
	const r = await s.post('/_sim/kitchen', { reference: 'WEB', status: 'preparing' });
	assert.deepStrictEqual([r.json.status, r.json.sent, hub.got.length], [200, ['preparing'], 1]);
	assert.ok((await s.live())[`${MERCHANT} WEB`].lines.every((l) => l.printed));
	const rows = await s.seen('effect=webhook');
	const digest = require('node:crypto').createHash('sha256').update(hub.got[0].body).digest('hex');
	assert.deepStrictEqual([rows[1].outlet, rows[1].reference, rows[1].status_code, rows[1].sent_sha256], [MERCHANT, 'WEB', 200, digest]);
	const told = async (body) => {
		hub.got.length = 0;
		assert.strictEqual((await s.post('/_sim/kitchen', body)).status, 200);
		return hub.got.flatMap((g) => Object.values(g.json.merchants).flat().map((e) => `${e.objectId[0]} ${e.type}`));
	};
	assert.deepStrictEqual(await told({ id: order_id, status: 'completed' }), ['O UPDATE', 'P CREATE', 'O UPDATE']);
	assert.deepStrictEqual(await s.api('GET', `orders/${order_id}`).then((x) => [x.json.state, x.json.paymentState]), ['locked', 'PAID']);
	assert.deepStrictEqual(await told({ reference: 'WEB', status: 'cancelled' }), ['O UPDATE', 'O DELETE']);
	assert.strictEqual((await s.api('GET', `orders/${order_id}`)).status, 404);
	assert.deepStrictEqual((await s.seen('effect=order_refunded')).map((e) => [e.reference, e.amount, e.paid]), [['WEB', 2553, 0]]);
	assert.deepStrictEqual((await s.seen('effect=order_cancelled')).map((e) => [e.reference, e.by]), [['WEB', 'kitchen']]);
	await s.api('POST', 'atomic_order/orders', cart('MORE'));
	assert.deepStrictEqual(await told({ reference: 'MORE', status: 'accept', none: true }), []);
	await told({ reference: 'MORE', status: 'line_deleted', line: 0 });
	await told({ reference: 'MORE', status: 'edited', note: 'moved to table 4' });
	const more = (await s.live())[`${MERCHANT} MORE`];
	assert.deepStrictEqual([more.lines.length, more.note], [2, 'moved to table 4']);
	await told({ reference: 'MORE', statuses: ['paid', 'refunded'] });
	assert.strictEqual((await s.live())[`${MERCHANT} MORE`].paymentState, 'REFUNDED');
	assert.deepStrictEqual((await s.seen('effect=kitchen_status')).map((e) => e.status), ['preparing', 'completed', 'accepted', 'line_deleted', 'edited', 'paid', 'refunded']);
	await s.api('POST', 'orders', { title: 'DRAFT', currency: 'USD' });
	for (const body of [{ reference: 'nobody', status: 'ready' }, { reference: 'MORE', status: 'sing' }, { reference: 'DRAFT', status: 'completed' }])
		assert.strictEqual((await s.post('/_sim/kitchen', body)).status, 400);
	hub.close();
});

test('F33 webhooks come early, twice, late, reordered, unsigned, in one parcel, and not at all', async () => {
	const hub = await listener();
	const s = await start(['--locations', 'W000000000001,W000000000002', '--hub', hub.url, '--echo', 'yes', '--batch', '30']);
	const outlet = 'W000000000001';
	const make = async (title, at = outlet) => (await s.api('POST', 'atomic_order/orders', cart(title), { outlet: at })).json.id;
	const auth = () => hub.got.map((g) => g.headers['x-clover-auth'] ?? null);
	const good = DEFAULTS['webhook-auth-code'];

	await Promise.all([make('PARCEL-1'), make('PARCEL-2', 'W000000000002')]);
	await hub.until(1);
	assert.deepStrictEqual(Object.keys(hub.got[0].json.merchants).sort(), ['W000000000001', 'W000000000002'], 'several merchants in one delivery');
	await s.next({ do: 'early', path: '/atomic_order/orders' });
	hub.got.length = 0;
	await make('EARLY-1').then(() => hub.got.push('answer'));
	assert.deepStrictEqual([hub.got.length, hub.got[1]], [2, 'answer']);
	const order_id = await make('KIT-1');
	await pause(80);
	hub.got.length = 0;
	const move = (more) => s.post('/_sim/kitchen', { reference: 'KIT-1', status: 'ready', ...more });
	await s.next({ do: 'duplicate', path: 'webhook', copies: 3, concurrent: true });
	await move();
	await move({ copies: 2 });
	assert.strictEqual(hub.got.length, 5);
	assert.strictEqual(new Set(hub.got.slice(0, 3).map((g) => g.body)).size, 1, 'copies are the same to the byte');
	hub.got.length = 0;
	await s.next({ do: 'bad_signature', path: 'webhook' });
	await move();
	await s.next({ do: 'no_signature', path: 'webhook' });
	await move();
	await move({ signature: 'bad' });
	await move({ signature: 'none' });
	await move({ signature: 'hello' });
	assert.deepStrictEqual(auth().map((a) => a === good), [false, false, false, false, false]);
	assert.deepStrictEqual(auth().slice(1, 5).map((a, i) => (i === 1 ? a.length : a)), [null, 36, null, 'hello']);
	hub.got.length = 0;
	await s.next({ do: 'lost', path: 'webhook' });
	await move();
	assert.strictEqual(hub.got.length, 0);
	await s.next({ do: 'reordered', path: 'webhook' });
	await move({ statuses: ['preparing', 'ready'] });
	const stamps = hub.got.map((g) => g.json.merchants[outlet][0].ts);
	assert.ok(stamps.length === 2 && stamps[0] >= stamps[1], 'the later one first');
	await s.next({ do: 'late', path: 'webhook', ms: 120 });
	const before = Date.now();
	await move();
	assert.ok(Date.now() - before >= 115);
	hub.got.length = 0;
	await move({ statuses: ['preparing', 'ready', 'accepted', 'ready'], shuffle: true, concurrent: true });
	assert.strictEqual(hub.got.length, 4);
	hub.got.length = 0;
	await s.post('/_sim/event', { objectId: `O:${order_id}`, type: 'DELETE', ts: 1 });
	await s.post('/_sim/event', { events: [{ outlet: 'NOBODY0000001', objectId: 'O:X', type: 'CREATE' }, { outlet, objectId: 'ZZ:Y' }] });
	await s.post('/_sim/event', { raw: '{"appId":' });
	assert.strictEqual(hub.got[2].body, '{"appId":');
	assert.deepStrictEqual(hub.got[0].json.merchants, { W000000000001: [{ objectId: `O:${order_id}`, type: 'DELETE', ts: 1 }] });
	assert.deepStrictEqual(Object.keys(hub.got[1].json.merchants), ['NOBODY0000001', outlet]);
	hub.got.length = 0;
	const code = (await s.post('/_sim/verify', {})).json.code;
	assert.deepStrictEqual([hub.got[0].json, auth()], [{ verificationCode: code }, [null]]);
	hub.got.length = 0;
	await s.post('/_sim/stock', { outlet, items: [item('House Lemonade'), item('Draft Beer')], available: false });
	await s.post('/_sim/stock', { outlet, modifier: modifier('Bacon'), available: false });
	await s.post('/_sim/stock', { outlet, item: item('Soup of the Day'), quantity: 0 });
	await s.post('/_sim/store', { outlet, open: false });
	assert.deepStrictEqual(hub.got.map((g) => g.json.merchants[outlet].map((e) => e.objectId)), [[`I:${item('House Lemonade')}`, `I:${item('Draft Beer')}`], [`IM:${modifier('Bacon')}`],
		[`I:${item('Soup of the Day')}`], [`M:${outlet}`, `SH:${id('HRS', 1)}`]]);
	const there = (where, at = outlet) => s.api('GET', where, undefined, { outlet: at }).then((r) => r.json);
	assert.deepStrictEqual([(await there(`items/${item('Draft Beer')}`)).available, (await there(`items/${item('Draft Beer')}`, 'W000000000002')).available], [false, true]);
	assert.deepStrictEqual((await there('opening_hours')).elements[0].monday, []);
	assert.strictEqual((await s.post('/_sim/stock', { item: 'NOSUCHITEM000', available: true })).status, 400);
	const quiet = await start(['--hub', hub.url, '--echo', 'no', '--batch', '1']);
	hub.got.length = 0;
	await quiet.api('POST', 'atomic_order/orders', cart('QUIET'));
	await pause(30);
	assert.strictEqual(hub.got.length, 0);
	hub.close();
});

test('--auto plays an order\'s life from the moment it is seen', async () => {
	const hub = await listener();
	const s = await start(['--hub', hub.url, '--echo', 'no', '--auto', 'accept@20,preparing@50,completed@80']);
	const order_id = await draft(s, 'AUTO');
	await pause(120);
	assert.strictEqual(hub.got.length, 0, 'a draft has none');
	await open(s, order_id);
	await hub.until(3);
	await pause(20);
	assert.deepStrictEqual((await s.seen('effect=kitchen_status')).map((e) => e.status), ['accepted', 'preparing', 'completed']);
	hub.close();
});

test('500 merchants in one process, each for itself', async () => {
	assert.deepStrictEqual(locations_of('A,M{08..11}Z,B{1..2}'), ['A', 'M08Z', 'M09Z', 'M10Z', 'M11Z', 'B1', 'B2']);
	const s = await start(['--locations', 'M{000000000001..000000000500}', '--concurrent-app', '0', '--concurrent-token', '0']);
	const all = (await s.get('/_sim/merchants')).json;
	assert.strictEqual(all.length, 500);
	const answers = await Promise.all(all.filter((_, i) => i % 10 === 0).map(({ outlet, api_token: token }) =>
		s.api('POST', 'atomic_order/orders', cart('SAME'), { outlet, token }).then((r) => [r.status, outlet])));
	assert.ok(answers.length === 50 && answers.every(([status]) => status === 200));
	assert.strictEqual(Object.keys(await s.live()).length, 50);
	const [a, b] = [all[0].outlet, all[10].outlet];
	const there = Object.values(await s.live()).find((o) => o.outlet === b);
	assert.strictEqual((await s.api('GET', `orders/${there.id}`, undefined, { outlet: a })).status, 404, 'another\'s order is not there');
	assert.deepStrictEqual((await s.api('GET', 'orders?filter=title=SAME', undefined, { outlet: a })).json.elements.length, 1);
	const pairs = await Promise.all([a, b].map((outlet) => s.post('/oauth/v2/refresh', { client_id: DEFAULTS['client-id'], refresh_token: first_refresh_token(outlet) })));
	assert.deepStrictEqual(await Promise.all([[a, 0], [b, 0], [a, 1], [b, 1]].map(([outlet, i]) =>
		s.api('GET', 'tax_rates', undefined, { outlet, token: pairs[i].json.access_token }).then((r) => r.status))), [200, 401, 401, 200]);
});
