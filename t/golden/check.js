'use strict';
/*
 * The golden orders for PetPooja, worked out a second time: from what was ordered (NAME.order.json) by the rules of the
 * vendor's guide, sharing nothing with the adapter. Rupees are BigInt paise here; times go through Intl.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const DIR = path.join(__dirname, 'petpooja');
const names = () => fs.readdirSync(DIR).filter((f) => f.endsWith('.order.json')).map((f) => f.slice(0, -'.order.json'.length));
const load = (file) => JSON.parse(fs.readFileSync(path.join(DIR, file), 'utf8'));

const big = (n) => BigInt(n ?? 0);
const sum = (list, f) => list.reduce((a, x) => a + f(x), 0n);
const rupees = (paise) => `${paise / 100n}.${String(paise % 100n).padStart(2, '0')}`;
const paise = (text) => {
	assert.match(text, /^\d+\.\d\d$/);
	return BigInt(text.replace('.', ''));
};
const percent = (micro) => String(Number(micro) / 10000);
const nearest = (n, d) => (2n * n + d) / (2n * d);

/* The clock on the wall in Kolkata. */
function wall(instant) {
	const parts = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kolkata', hourCycle: 'h23', year: 'numeric', month: '2-digit',
		day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(new Date(instant));
	const p = Object.fromEntries(parts.map((x) => [x.type, x.value]));
	return { date: `${p.year}-${p.month}-${p.day}`, time: `${p.hour}:${p.minute}:${p.second}` };
}

function check_money(order, body, config) {
	const { Order: { details: o }, OrderItem: { details: items }, Tax: { details: taxes } } = body.orderinfo.OrderInfo;
	const lines = order.lines;
	const unit = (l) => big(l.price_minor) + sum(l.addons ?? [], (a) => big(a.price_minor) * big(a.quantity ?? 1));
	const discount = big(order.discount?.amount_minor);
	assert.strictEqual(discount, sum(lines, (l) => big(l.discount_minor)), 'the lines share the discount');
	assert.strictEqual(paise(o.discount_total), discount);
	assert.strictEqual(o.discount_type, 'F');
	assert.deepStrictEqual(body.orderinfo.OrderInfo.Discount, config.discount_block
		? { details: [{ id: order.discount.id, title: order.discount.name, type: 'F', price: rupees(discount) }] } : undefined);
	const goods = sum(lines, (l) => unit(l) * big(l.quantity ?? 1)) - discount;
	const all = lines.flatMap((l) => (l.taxes ?? []).map((t) => ({ ...t, line: l })));
	const added = (t) => !t.line.tax_inclusive && t.line.gst_liability !== 'vendor';
	const restaurant_owes = (config.gst_liability ?? 'restaurant') === 'restaurant';
	const on_charges = sum(order.taxes ?? [], (t) => big(t.amount_minor));
	const to_pay = goods + sum(all, (t) => (t.line.tax_inclusive ? 0n : big(t.amount_minor))) + on_charges + big(order.packing_minor)
		+ big(order.delivery_charge_minor) + big(order.tip_minor);

	/* total: goods, the GST that the restaurant owes and adds, packing and its GST; no delivery, no tip. */
	assert.strictEqual(paise(o.total), goods + sum(all.filter(added), (t) => big(t.amount_minor)) + big(order.packing_minor)
		+ (restaurant_owes ? paise(o.pc_tax_amount) : 0n), 'total');
	/* What the guest pays beyond it is exactly what PetPooja must not count. */
	assert.strictEqual(to_pay - paise(o.total), big(order.delivery_charge_minor) + paise(o.dc_tax_amount) + big(order.tip_minor)
		+ sum(all.filter((t) => !t.line.tax_inclusive && t.line.gst_liability === 'vendor'), (t) => big(t.amount_minor))
		+ (restaurant_owes ? 0n : paise(o.pc_tax_amount)), 'what total leaves out');
	assert.strictEqual(paise(o.pc_tax_amount) + paise(o.dc_tax_amount), on_charges, 'taxes on charges');
	assert.strictEqual(paise(o.tax_total), sum(all, (t) => big(t.amount_minor)), 'tax_total');
	assert.strictEqual(paise(o.tax_total), sum(taxes, (t) => paise(t.tax)), 'tax_total is the sum of Tax');
	assert.strictEqual(paise(o.packing_charges), big(order.packing_minor));
	assert.strictEqual(paise(o.delivery_charges), big(order.delivery_charge_minor));
	for (const [key, tax] of [['pc_gst_details', o.pc_tax_amount], ['dc_gst_details', o.dc_tax_amount]])
		assert.deepStrictEqual(o[key], [{ gst_liable: 'vendor', amount: restaurant_owes ? '0.00' : tax },
			{ gst_liable: 'restaurant', amount: restaurant_owes ? tax : '0.00' }]);
	assert.strictEqual(o.collect_cash, rupees(order.payment_method === 'cash' && order.payment_status !== 'paid' ? to_pay : 0n));
	for (const t of taxes) {
		const mine = all.filter((x) => x.id === t.id);
		assert.strictEqual(paise(t.tax), sum(mine, (x) => big(x.amount_minor)), `tax ${t.id}`);
		assert.strictEqual(paise(t.restaurant_liable_amt), sum(mine.filter(added), (x) => big(x.amount_minor)), `liable ${t.id}`);
		assert.strictEqual(t.type, mine[0].kind === 'fixed' ? 'F' : 'P');
		assert.strictEqual(t.price, mine[0].kind === 'fixed' ? t.tax : percent(mine[0].rate_micro));
	}
	assert.strictEqual(items.length, lines.length);
	items.forEach((item, i) => {
		const price = config.price_includes_addons === false ? big(lines[i].price_minor) : unit(lines[i]);
		assert.strictEqual(item.price, rupees(price), 'price');
		assert.strictEqual(item.final_price, item.price);
		item.item_tax.forEach((t, k) => assert.strictEqual(t.amount,
			rupees(nearest(big(lines[i].taxes[k].amount_minor), big(lines[i].quantity ?? 1))), 'tax of one piece'));
	});
}

function check_words(order, body) {
	const { Customer: { details: c }, Order: { details: o }, OrderItem: { details: items }, Restaurant: { details: r } } = body.orderinfo.OrderInfo;
	const due = wall(order.scheduled_time ?? order.created_at);
	const created = wall(order.created_at);

	assert.strictEqual(o.orderID, order.reference);
	assert.strictEqual(o.preorder_date, due.date);
	assert.strictEqual(o.preorder_time, due.time);
	assert.strictEqual(o.created_on, `${created.date} ${created.time}`);
	assert.strictEqual(o.advanced_order, order.scheduled_time ? 'Y' : 'N');
	assert.strictEqual(o.order_type, { delivery: 'H', pickup: 'P', dine_in: 'D' }[order.order_type]);
	assert.strictEqual(o.payment_type, order.payment_method === 'cash' ? 'COD' : 'ONLINE');
	assert.strictEqual(c.phone, (order.customer_phone ?? '').replace(/^\+91/, ''));
	assert.match(c.phone, /^(\d{10})?$/);
	assert.ok(c.name !== '' && c.address !== '' && r.restID !== '');
	items.forEach((item, i) => {
		const line = order.lines[i];
		assert.strictEqual(item.id, line.variation?.id ?? line.id);
		assert.strictEqual(item.variation_id, line.variation?.code ?? '');
		assert.strictEqual(item.quantity, String(line.quantity ?? 1));
		assert.strictEqual(item.gst_liability, line.gst_liability ?? 'restaurant');
		assert.strictEqual(item.tax_inclusive, line.tax_inclusive ?? false);
		assert.deepStrictEqual(item.AddonItem.details.map((a) => [a.id, a.group_id, a.quantity, a.price]),
			(line.addons ?? []).map((a) => [a.id, a.group_id, String(a.quantity ?? 1), rupees(big(a.price_minor))]));
	});
	if (order.tip_minor)
		assert.ok(o.description.includes(rupees(big(order.tip_minor))), 'a tip is in the note');
	const text = JSON.stringify(body);
	assert.strictEqual((text.match(/\{\{secret:/g) ?? []).length, 3, 'three secrets, by name');
	assert.ok(!/\\u00[01]|[\u0000-\u001f\u007f]/.test(text), 'no control character');
	for (const [s, max] of [[c.name, 100], [c.address, 500], [o.description, 600], ...items.flatMap((i) => [[i.name, 100], [i.description, 600]])])
		assert.ok([...s].length <= max, 'no text is too long');
}

function check(name) {
	const order = load(`${name}.order.json`);
	const body = load(`${name}.json`);

	check_money(order, body, order.config ?? {});
	check_words(order, body);
	return body;
}

module.exports = { check, names };
