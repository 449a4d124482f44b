'use strict';
/*
 * A client of the simulated Clover, for the tests of it: calls with a token, the same order made at once or in steps, a place
 * that webhooks can be sent to. What a process starts here ends with it.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after } = require('node:test');
const { start_sim } = require('./start.js');
const { DEFAULTS, api_token } = require('./clover.js');
const { id, menu_of } = require('./clover_menu.js');

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr554-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

const MERCHANT = DEFAULTS.locations;
const at = (where, outlet = MERCHANT) => `/v3/merchants/${outlet}/${where}`;
const headers_of = (outlet = MERCHANT, token = api_token(DEFAULTS, outlet)) => ({ Authorization: `Bearer ${token}`, 'User-Agent': 'test/1.0 (554)' });
const item = (name) => menu_of().items.find((i) => i.name === name).id;
const modifier = (name) => menu_of().modifier_groups.flatMap((g) => g.modifiers).find((m) => m.name === name).id;

const FREE = ['--per-token', '0', '--per-app', '0', '--index-lag', '0'];
const sims = [];
after(() => Promise.all(sims.map((s) => s.stop())));

/* A simulator with the calls of a client of one merchant. */
async function start(args = [], how) {
	const s = await start_sim('clover', [...FREE, ...args], { dir: fs.mkdtempSync(path.join(temp, 'j')), ...how });
	sims.push(s);
	s.api = (method, where, body, { outlet, token, headers, ms } = {}) =>
		s.ask(method, where.startsWith('/') ? where : at(where, outlet), body, { ...headers_of(outlet, token), ...headers }, ms);
	s.effects = async () => (await s.seen('kind=effect')).map((e) => e.effect);
	s.live = async () => (await s.get('/_sim/orders')).json.orders;
	s.next = (...rows) => s.post('/_sim/next', rows);
	return s;
}

/* A burger done medium with cheddar and fries, and two lemonades: 12.95 + 1.50 + 2 × 4.50. */
function cart(title = 'HUB-1', change = () => {}) {
	const order = {
		title, externalReferenceId: title, note: 'PICKUP 18:30', currency: 'USD', orderType: { id: id('OTY', 1) },
		lineItems: [
			{ item: { id: item('Classic Burger') }, note: 'no pickles', modifications: ['Medium', 'Cheddar', 'Fries'].map((n) => ({ modifier: { id: modifier(n) } })) },
			{ item: { id: item('House Lemonade') } }, { item: { id: item('House Lemonade') } },
		],
	};
	change(order);
	return { orderCart: order };
}

/* The same order step by step, up to but not including the opening. → the draft's id */
async function draft(s, title, { outlet } = {}) {
	const made = await s.api('POST', 'orders', { title, externalReferenceId: title, note: 'PICKUP 18:30', orderType: { id: id('OTY', 1) } }, { outlet });
	assert.strictEqual(made.status, 200, made.text);
	const lines = await s.api('POST', `orders/${made.json.id}/bulk_line_items`, { items: [
		{ item: { id: item('Classic Burger') }, price: 1295, name: 'Classic Burger', note: 'no pickles' },
		...[1, 2].map(() => ({ item: { id: item('House Lemonade') }, price: 450, name: 'House Lemonade' })),
	] }, { outlet });
	assert.strictEqual(lines.status, 200, lines.text);
	const burger = lines.json.find((l) => l.name === 'Classic Burger');
	for (const name of ['Medium', 'Cheddar', 'Fries']) {
		const r = await s.api('POST', `orders/${made.json.id}/line_items/${burger.id}/modifications`, { modifier: { id: modifier(name) } }, { outlet });
		assert.strictEqual(r.status, 200, r.text);
	}
	return made.json.id;
}
const open = (s, order_id, how) => s.api('POST', `orders/${order_id}`, { state: 'open', total: 2553 }, how);

/* A place that webhooks can be sent to. */
async function listener() {
	const got = [];
	const server = http.createServer((req, res) => {
		let body = '';
		req.on('data', (c) => { body += c; });
		req.on('end', () => {
			const call = { url: req.url, headers: req.headers, body };
			try {
				call.json = JSON.parse(body);
			} catch { /* sent raw */ }
			got.push(call);
			res.end('{}');
		});
	});
	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	server.unref();
	const until = async (n) => {
		for (let i = 0; got.length < n && i < 400; i++)
			await new Promise((done) => setTimeout(done, 5));
		assert.ok(got.length >= n, `${got.length} of ${n} deliveries`);
	};
	return { got, until, url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

module.exports = { MERCHANT, at, cart, draft, headers_of, item, listener, modifier, open, start, temp };
