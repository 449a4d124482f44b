'use strict';
/*
 * The golden requests for Square are right by two oracles that the adapter has no part in: the rules, worked out again
 * (golden/square.js), and the simulated Square, which looks at every body and adds it up.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { check, load, names, steps, totals } = require('./golden/square.js');
const form = require('./sim/square_check.js');
const { DEFAULTS } = require('./sim/square.js');
const { start_sim } = require('./sim/start.js');

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr519-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

for (const name of names())
	test(`POS-11 POS-02 POS-03 ${name}: each step follows from what was ordered`, () => {
		const there = check(name);
		const o = load(`${name}.order.json`);
		const paid = o.config?.mark_paid === 'none' ? [] : [totals(o).total === 0 ? 'free' : 'pay'];
		assert.deepStrictEqual(there.slice(0, 1 + paid.length), ['create', ...paid]);
	});

test('every golden file is one that is looked at', () => {
	const known = new Set(names().flatMap((n) => ['order', ...Object.keys(steps)].map((s) => `${n}.${s}.json`)));
	const all = fs.readdirSync(path.join(__dirname, 'golden', 'square')).filter((f) => f !== 'menu.json' && !f.startsWith('menu_'));
	assert.deepStrictEqual(all.filter((f) => !known.has(f)), []);
	assert.ok(names().length >= 25);
});

test('POS-31 no golden request names a secret that is not its own, nor holds a control character', () => {
	for (const name of names())
		for (const step of Object.keys(steps).filter((s) => fs.existsSync(path.join(__dirname, 'golden', 'square', `${name}.${s}.json`)))) {
			const call = load(`${name}.${step}.json`);
			const body = JSON.stringify(call.body ?? {});
			assert.strictEqual((body.match(/\{\{secret:/g) ?? []).length, step === 'login' ? 2 : 0, `${name}.${step}`);
			assert.ok(!/\\u00[01]|[\u0000-\u001f\u007f]/.test(body), `${name}.${step}`);
		}
});

const FORMS = { create: 'create_order', quote: 'calculate_order', pay: 'create_payment', free: 'pay_order', undo: 'update_order', cancel_void: 'update_order',
	cancel_part: 'update_order', cancel_refund: 'refund_payment', search: 'search_orders', search_on: 'search_orders', find: 'search_orders' };

test('POS-16 Square finds nothing missing, malformed or unknown in any of them', () => {
	for (const name of names())
		for (const [step, what] of Object.entries(FORMS))
			if (fs.existsSync(path.join(__dirname, 'golden', 'square', `${name}.${step}.json`)))
				assert.deepStrictEqual(form.check(what, load(`${name}.${step}.json`).body), { errors: [], unknown: [] }, `${name}.${step}`);
});

for (const currency of ['USD', 'JPY'])
	test(`POS-11 Square adds them up to the same total, and its kitchen has what was ordered (${currency})`, async () => {
		const sq = await start_sim('square', ['--locations', 'demo4bistro', '--currency', currency], { dir: fs.mkdtempSync(path.join(temp, 'j')) });
		const send = (call, id, version) => sq.ask(call.method, new URL(call.url).pathname.replace('ORDER1', id), JSON.parse(JSON.stringify(call.body ?? null).replaceAll('ORDER1', id)),
			{ ...call.headers, Authorization: `Bearer ${DEFAULTS['access-token']}`, 'Square-Version': call.headers['Square-Version'] });
		try {
			for (const name of names().filter((n) => load(`${n}.order.json`).currency === currency)) {
				const o = load(`${name}.order.json`);
				const { total } = totals(o);
				const made = await send(load(`${name}.create.json`), '');
				assert.strictEqual(made.status, 200, `${name}: ${JSON.stringify(made.json)}`);
				const { order } = made.json;
				const none = o.config?.mark_paid === 'none';
				if (!none) {
					const paid = await send(load(`${name}.${total === 0 ? 'free' : 'pay'}.json`), order.id);
					assert.strictEqual(paid.status, 200, `${name}: ${JSON.stringify(paid.json)}`);
				}
				const now = (await sq.ask('GET', `/v2/orders/${order.id}`, undefined, { Authorization: `Bearer ${DEFAULTS['access-token']}` })).json.order;
				assert.strictEqual(now.total_money.amount, total, `${name}: total`);
				assert.strictEqual(now.net_amount_due_money.amount, none ? total : 0, `${name}: due`);
				const ticket = (await sq.get('/_sim/orders')).json.orders[o.reference];
				assert.strictEqual(Boolean(ticket?.visible), !none && o.config?.dine_in_as !== 'none', `${name}: is it seen?`);
			}
		} finally {
			await sq.stop();
		}
	});
