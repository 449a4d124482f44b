'use strict';
/*
 * Bills, by somebody else's arithmetic (bill.js): menus, discounts and carts chosen by chance, in currencies of no, two and three
 * decimals; every figure of every answer is compared. What a quote says is what the order costs, what PetPooja was told and what the
 * reports add up.
 *
 *	SEED=7 CARTS=20000 nodejs t/751_bills.js
 */
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Api, load } = require('./openapi.js');
const { exact } = require('./report_ledger.js');
const { random_of } = require('./sim/sim.js');
const bill = require('./bill.js');

const SEED = Number(process.env.SEED ?? crypto.randomInt(1e9));
const CARTS = Number(process.env.CARTS ?? 700); // of each restaurant
const AT_ONCE = 8;
const DELIVERY = { 0: 25n, 2: 2550n, 3: 1255n };

let world, random;
const shops = [];
const pick = (list) => list[Math.floor(random() * list.length)];
const upTo = (n) => BigInt(Math.floor(random() * n));

before(async () => {
	console.log(`# SEED=${SEED}`);
	random = random_of(SEED);
	world = await World.start({ onboard: false, workers: 3, env: { RELAY_POLL_MS: '20' } });
	// The description as it is for currencies of any decimals; which ones there are is looked at here.
	world.api = new Api(JSON.parse(JSON.stringify(load().document).replaceAll('"format":"money"', '"format":"decimal"')));
	for (const [slug, currency, digits] of [['bistro', 'INR', 2], ['goa', 'INR', 2], ['tokyo', 'JPY', 0], ['kuwait', 'KWD', 3]]) {
		const bistro = await Bistro.open(world, { slug, pos: slug === 'bistro', seed: SEED });
		const shop = { bistro, slug, digits, delivery: DELIVERY[digits], guest: await bistro.guest() };
		await world.sql(`UPDATE restaurants SET currency = '${currency}' WHERE id = ${bistro.id};
			REPLACE INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (${bistro.id}, 'delivery_charge', '${bill.text(shop.delivery, digits)}', UTC_TIMESTAMP(6), 'test')`);
		if (slug !== 'bistro') await furnish(shop);
		await charge(shop);
		shop.discounts = await discount(shop);
		shop.menu = await bill.menuOf(world, bistro.id);
		assert.ok(shop.menu.items.length > 5, slug);
		shops.push(shop);
	}
});
after(() => world?.stop());

const say = async (shop, at, json) => {
	const answer = await world.fetch(`${shop.bistro.base}/api/v1/admin${at}`, { method: 'POST', token: shop.bistro.admin, json });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const percent = () => pick(['2.5', '5', '9', '12.3456', '0.0001', '18', '100', '33.3333']);
const types = () => pick([['delivery', 'pickup', 'dine_in'], ['delivery'], ['pickup', 'dine_in']]);

// A menu that nobody would print.
async function furnish(shop) {
	const money = (n) => bill.text(upTo(n), shop.digits);
	const some = (list) => list.filter(() => random() < 0.4);
	const category = await say(shop, '/menu/categories', { name: 'All' });
	const taxes = [];
	for (let i = 0; i < 7; i++) taxes.push(await say(shop, '/taxes', { name: `T${i}`, order_types: types(), display_order: Math.floor(random() * 3), ...(i % 3 === 2 ? { kind: 'fixed', amount: money(300) } : { kind: 'percent', percent: percent() }) }));
	const groups = [];
	for (let i = 0; i < 4; i++) groups.push(await say(shop, '/menu/addon-groups', { name: `G${i}`, addon_items: [0, 1, 2].map((n) => ({ name: `A${i}${n}`, price: money(4000) })) }));
	const choices = () => some(groups).map((group) => ({ id: group.id, ...pick([{ min: 0, max: 0 }, { min: 1, max: 2 }, { min: 0, max: 5 }]) }));
	for (let i = 0; i < 14; i++)
		await say(shop, '/menu/items', { name: `I${i}`, category_id: category.id, price: bill.text(1n + upTo(pick([10, 1000, 100000])), shop.digits), packing_charge: money(pick([1, 3, 900])), tax_inclusive: random() < 0.4,
			tax_ids: some(taxes).map((t) => t.id), addon_groups: choices(), order_types: i < 4 ? ['delivery', 'pickup', 'dine_in'] : types(),
			variations: i % 3 === 0 ? [] : [1, 2].map((n) => ({ name: `V${n}`, price: bill.text(1n + upTo(50000), shop.digits), packing_charge: money(700), addon_groups: choices() })) });
}

async function charge(shop) {
	await say(shop, '/taxes', { name: 'On packing', kind: 'percent', percent: '18', charges: ['packing'] });
	await say(shop, '/taxes', { name: 'On both', kind: 'percent', percent: percent(), charges: ['packing', 'delivery'], order_types: ['delivery', 'pickup'] });
	await say(shop, '/taxes', { name: 'Toll', kind: 'fixed', amount: bill.text(1n, shop.digits), charges: ['delivery'] });
}

async function discount(shop) {
	const made = [];
	for (let i = 0; i < 10; i++) {
		const kind = i % 2 === 0 ? 'percent' : 'fixed';
		const rate = kind === 'percent' ? pick(['0.5', '10', '12.5', '33.3333', '100', '50']) : null;
		const [amount, min, max] = [1n + upTo(20000), random() < 0.5 ? upTo(60000) : 0n, random() < 0.6 ? 1n + upTo(9000) : null];
		const d = { name: `D${i}`, code: i < 4 ? null : `CODE-${i}`, kind, rate: rate && BigInt(Math.round(Number(rate) * 10000)), amount, min, max: kind === 'percent' ? max : null, types: types() };
		const { id } = await say(shop, '/discounts', { name: d.name, code: d.code, kind, order_types: d.types, min_subtotal: bill.text(min, shop.digits),
			...(kind === 'percent' ? { percent: rate, max_discount: max === null ? null : bill.text(max, shop.digits) } : { amount: bill.text(amount, shop.digits) }),
			...(i % 3 === 0 ? { uses_max: 1000000, uses_per_guest_max: 1000000 } : {}) });
		made.push({ ...d, id });
	}
	return made;
}

function chance(shop, more) {
	const cart = bill.cart(shop.menu, random, { digits: shop.digits, tip: () => (random() < 0.3 ? upTo(9000) : 0n), ...more });
	const code = random() < 0.5 ? pick(shop.discounts.filter((d) => d.code !== null)).code : undefined;
	if (code !== undefined) cart.body.discount_code = random() < 0.5 ? code.toLowerCase() : ` ${code}`;
	return { cart, code, bill: bill.of(shop.menu, cart, { discounts: shop.discounts, delivery: shop.delivery, code }) };
}

function holds(shop, answer, one, member) {
	const what = `${shop.slug} SEED=${SEED} ${JSON.stringify(one.cart.body)}`;
	if (one.bill.refused) {
		assert.equal(answer.status, 400, what);
		assert.deepEqual(answer.json.error.details.fields.map((f) => f.field), ['discount_code'], what);
		return false;
	}
	assert.equal(answer.status, 200, `${what} ${answer.text}`);
	assert.deepEqual(bill.seen(JSON.parse(JSON.stringify(exact(answer.text)[member]))), bill.shown(one.bill, shop.digits), what);
	return true;
}

async function each(list, work) {
	let next = 0;
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (next < list.length) await work(list[next++]);
	}));
}

test(`ORD-04 ORD-05 ORD-19 C9 DB-11 E29 E30 ${CARTS} carts at each of four restaurants cost what they cost`, async (t) => {
	const told = { carts: 0, refused: 0, discounted: 0, charged: 0, inclusive: 0 };
	for (const shop of shops)
		await each(Array.from({ length: CARTS }, () => chance(shop)), async (one) => {
			const answer = await shop.guest.fetch('/api/v1/orders/quote', { method: 'POST', json: one.cart.body });
			told.carts++;
			if (!holds(shop, answer, one, 'quote')) told.refused++;
			else {
				told.discounted += one.bill.discount > 0n ? 1 : 0;
				told.charged += one.bill.charged.length > 0 ? 1 : 0;
				told.inclusive += one.bill.lines.some((line) => line.taxes.some((tax) => tax.inclusive && tax.amount > 0n)) ? 1 : 0;
			}
		});
	t.diagnostic(JSON.stringify(told));
	for (const n of Object.values(told)) assert.ok(n > CARTS / 8, JSON.stringify(told));
});

test('ORD-04 ORD-05 ORD-19 C9 DB-11 ADM-17 what was quoted is what is placed, kept, shown and reported', async () => {
	for (const shop of shops.slice(1)) {
		const placed = [];
		await each(Array.from({ length: 40 }, () => chance(shop)).filter((one) => !one.bill.refused), async (one) => {
			const answer = await shop.guest.place(one.cart.body);
			assert.equal(answer.status, 201, answer.text);
			assert.equal(exact(answer.text).order.total, bill.text(one.bill.total, shop.digits));
			placed.push({ ...one, ...answer.json.order });
		});
		for (const one of placed) {
			holds(shop, await shop.guest.order(one.id), one, 'order');
			holds(shop, await shop.bistro.staff('GET', one.id), one, 'order');
		}
		const [{ business_date: date }] = await world.sql(`SELECT business_date FROM orders WHERE restaurant_id = ${shop.bistro.id} LIMIT 1`);
		const report = await world.fetch(`${shop.bistro.base}/api/v1/admin/reports/daily-sales?from=${date}&to=${date}`, { token: shop.bistro.admin });
		const { totals } = exact(report.text);
		const all = (of) => bill.text(placed.reduce((sum, one) => sum + of(one.bill), 0n), shop.digits);
		assert.deepEqual([totals.gross, totals.discounts, totals.taxes_added, totals.packing, totals.delivery, totals.tips, totals.total],
			[all((b) => b.subtotal), all((b) => b.discount), all((b) => b.tax), all((b) => b.packing), all((b) => b.delivery), all((b) => b.tip), all((b) => b.total)]);
		const contained = placed.reduce((sum, one) => sum + one.bill.lines.flatMap((l) => l.taxes).filter((t) => t.inclusive).reduce((a, t) => a + t.amount, 0n), 0n);
		assert.equal(totals.taxes_included, bill.text(contained, shop.digits));
	}
});

test('POS-02 POS-12 ORD-05 C19 PetPooja is told the same sums, and adds them up to the same', async () => {
	const [shop] = shops;
	const placed = [];
	await each(Array.from({ length: 60 }, () => chance(shop, { lines: 4 })).filter((one) => !one.bill.refused), async (one) => {
		const answer = await shop.guest.place(one.cart.body);
		assert.equal(answer.status, 201, answer.text);
		placed.push({ ...one, ...answer.json.order });
	});
	assert.ok(placed.some((one) => one.bill.discount > 0n) && placed.some((one) => one.bill.charged.length > 0));
	const money = (minor) => bill.text(minor, 2);
	for (const one of placed) {
		await shop.bistro.ticket(one.order_number);
		const [request] = await shop.bistro.requests(one.order_number);
		const info = JSON.parse(request.body).orderinfo.OrderInfo;
		const { total, tax_total, discount_total, discount_type, packing_charges, delivery_charges, pc_tax_amount, dc_tax_amount, collect_cash } = info.Order.details;
		const on = (charge) => money(one.bill.charged.filter((t) => t.charge === charge).reduce((sum, t) => sum + t.amount, 0n));
		assert.deepEqual({ total, tax_total, discount_total, discount_type, packing_charges, delivery_charges, pc_tax_amount, dc_tax_amount, collect_cash }, {
			total: money(one.bill.pos), tax_total: money(one.bill.pos_tax), discount_total: money(one.bill.discount), discount_type: 'F', packing_charges: money(one.bill.packing),
			delivery_charges: money(one.bill.delivery), pc_tax_amount: on('packing'), dc_tax_amount: on('delivery'), collect_cash: money(one.bill.total) }, one.order_number);
	}
	const found = (await shop.bistro.pos.seen()).filter((row) => /mismatch/.test(row.effect ?? ''));
	assert.deepEqual(found, [], 'PetPooja finds nothing wrong');
});

test('M11 M12 at rest no bill is wrong and no use is miscounted', async () => {
	await quiet(world, 60000);
	assert.deepEqual(await check(world), []);
});
