'use strict';
/*
 * What the tests of the simulated Square have in common: an order, a payment for it, the simulator with the calls they make of it, and
 * a place that events can be sent to.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after } = require('node:test');
const { start_sim } = require('./start.js');
const { DEFAULTS } = require('./square.js');

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr553-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

const bearer = (token, more) => ({ Authorization: `Bearer ${token}`, 'Square-Version': '2025-08-20', ...more });
const OWN_TOKEN = bearer(DEFAULTS['access-token']);
const usd = (amount) => ({ amount, currency: 'USD' });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* Two half Paneer Tikka (hot, cheese) and a water with the tax in its price: 2 × (8.50 + 1.50) + 3.00, 8.5 % on the first. */
function order(reference = 'R-1', change = () => {}) {
	const body = {
		idempotency_key: `key-${reference}`,
		order: {
			location_id: 'L1', reference_id: reference, source: { name: 'Ticketrail' }, ticket_name: 'Asha', metadata: { number: reference },
			line_items: [
				{ uid: 'a', catalog_object_id: 'VARTIKKAHALF', quantity: '2', note: 'no onion', modifiers: [{ catalog_object_id: 'MODHOT' }, { catalog_object_id: 'MODCHEESE', quantity: '1' }] },
				{ uid: 'b', catalog_object_id: 'VARWATER', quantity: '1' },
			],
			pricing_options: { auto_apply_taxes: true },
			fulfillments: [{ uid: 'f', type: 'PICKUP', state: 'PROPOSED', pickup_details: { schedule_type: 'ASAP', prep_time_duration: 'PT15M', note: 'ring twice',
				recipient: { display_name: 'Asha', phone_number: '+919876543210' } } }],
		},
	};
	change(body.order, body);
	return body;
}
const TOTAL = 2470; /* 2000 + 170 + 300 */

const payment = (o, more) => ({ idempotency_key: `pay-${o.reference_id ?? o.id}`.slice(0, 45), source_id: 'EXTERNAL', amount_money: o.net_amount_due_money, order_id: o.id,
	location_id: o.location_id, external_details: { type: 'OTHER', source: 'Ticketrail' }, ...more });

const sims = [];
async function start(args, how) {
	const sq = await start_sim('square', args ?? [], { dir: fs.mkdtempSync(path.join(temp, 'j')), ...how });
	sims.push(sq);
	sq.api = (method, where, body, headers = OWN_TOKEN) => sq.ask(method, where, body, headers);
	sq.create = async (reference, change) => (await sq.api('POST', '/v2/orders', order(reference, change))).json.order;
	sq.paid = async (reference, change) => {
		const o = await sq.create(reference, change);
		assert.strictEqual((await sq.api('POST', '/v2/payments', payment(o))).status, 200);
		return (await sq.api('GET', `/v2/orders/${o.id}`)).json.order;
	};
	sq.screen = async (what = 'orders') => (await sq.get(`/_sim/${what}`)).json.orders;
	sq.effects = async () => (await sq.seen('kind=effect')).map((e) => e.effect).filter((e) => e !== 'webhook');
	return sq;
}
after(() => Promise.all(sims.map((s) => s.stop())));

/* A place that events can be sent to; answers with a status after ms. */
async function listener(ms = 0) {
	const got = [];
	const server = http.createServer((req, res) => {
		let body = '';
		req.on('data', (c) => { body += c; });
		req.on('end', () => setTimeout(() => {
			got.push({ url: req.url, headers: req.headers, body, json: JSON.parse(body) });
			res.end('{}');
		}, ms));
	});
	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	server.unref();
	const until = async (n) => {
		for (let i = 0; got.length < n && i < 300; i++)
			await sleep(10);
		assert.ok(got.length >= n, `${got.length} events of ${n}`);
		return got;
	};
	return { got, until, url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

const problem = (r) => [r.status, r.json.errors?.[0].code, r.json.errors?.[0].field];

module.exports = { OWN_TOKEN, TOTAL, bearer, listener, order, payment, problem, sleep, start, temp, usd };
