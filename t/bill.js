'use strict';
// bill: what a cart costs, by somebody else's arithmetic: in BigInt, from openapi.yaml's and price's words, without a line of the library.
//
//	const menu = await bill.menuOf(world, restaurant);           // the rows a menu is made of
//	const cart = bill.cart(menu, random, more);                  // chosen by chance; {body, lines}
//	bill.of(menu, cart, { discounts, delivery, now })            // every figure, in minor units
//
// A discount here: {id, name, code, kind, rate, amount, min, max, types} as its maker meant it.

const ONE = 1000000n;
const TYPES = { delivery: 1, pickup: 2, dine_in: 4 };
const big = (text) => BigInt(text ?? 0);
const halfUp = (n, by) => (2n * n + by) / (2n * by);
const sum = (list, of) => list.reduce((all, one) => all + of(one), 0n);
const dashed = (hex) => hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

async function menuOf(world, id) {
	const rows = (text) => world.sql(text);
	const taxes = await rows(`SELECT id, name, kind, rate_micro, amount_minor, order_types, charges FROM taxes WHERE restaurant_id = ${id} AND is_active = 1 ORDER BY display_order, id`);
	const linked = await rows(`SELECT item_id, tax_id FROM item_taxes WHERE restaurant_id = ${id}`);
	const groups = await rows(`SELECT item_id, variation_id, addon_group_id, min_choices, max_choices FROM item_addon_groups WHERE restaurant_id = ${id}`);
	const addons = await rows(`SELECT addon_group_id, HEX(public_id) AS public_id, price_minor FROM addon_items a
		WHERE restaurant_id = ${id} AND is_active = 1 AND is_available = 1 AND EXISTS (SELECT 1 FROM addon_groups g WHERE g.id = a.addon_group_id AND g.is_active = 1)`);
	const variations = await rows(`SELECT id, item_id, HEX(public_id) AS public_id, price_minor, packing_minor, is_available FROM variations WHERE restaurant_id = ${id} AND is_active = 1`);
	const items = await rows(`SELECT i.id, HEX(i.public_id) AS public_id, i.price_minor, i.packing_minor, i.order_types, i.tax_inclusive, i.gst_liability FROM items i JOIN categories c ON c.id = i.category_id
		WHERE i.restaurant_id = ${id} AND i.is_active = 1 AND i.is_available = 1 AND c.is_active = 1 AND (i.time_slots IS NULL OR i.time_slots = '[]')`);
	const choices = (item, variation) => groups.filter((g) => g.item_id === item && g.variation_id === variation).map((g) => ({
		group: g.addon_group_id, min: Number(g.min_choices), max: Number(g.max_choices), addons: addons.filter((a) => a.addon_group_id === g.addon_group_id) }));
	return {
		charges: taxes.filter((t) => t.charges !== '0'),
		items: items.map((item) => ({
			id: dashed(item.public_id), price: big(item.price_minor), packing: big(item.packing_minor), types: Number(item.order_types), inclusive: item.tax_inclusive === '1', vendor: item.gst_liability === 'vendor',
			taxes: taxes.filter((t) => linked.some((l) => l.item_id === item.id && l.tax_id === t.id)), choices: choices(item.id, '0'),
			variations: variations.filter((v) => v.item_id === item.id).map((v) => ({ id: dashed(v.public_id), price: big(v.price_minor), packing: big(v.packing_minor),
				available: v.is_available === '1', choices: choices(item.id, v.id) })),
		})).filter((item) => item.variations.every((v) => v.available) && [item, ...item.variations].every((one) => one.choices.every((c) => c.min === 0 || c.addons.length > 0))),
	};
}

// As many of a group as its rule allows, in any quantities.
function chosen(choice, random) {
	const limit = choice.max > 0 ? choice.max : 4;
	let n = Math.max(choice.min, Math.floor(random() * (limit + 1)));
	const list = [];
	for (const addon of [...choice.addons].sort(() => random() - 0.5)) {
		if (n === 0) break;
		const quantity = addon === choice.addons.at(-1) || random() < 0.5 ? n : 1 + Math.floor(random() * n);
		list.push({ id: dashed(addon.public_id), price: big(addon.price_minor), quantity: Math.min(quantity, n, 99) });
		n -= Math.min(quantity, n, 99);
	}
	if (n > 0 && list.length > 0) list[0].quantity += n;
	return list;
}

function cart(menu, random, { lines: most = 6, types = Object.keys(TYPES), tip = () => 0n, digits = 2 } = {}) {
	const type = types[Math.floor(random() * types.length)];
	const dishes = menu.items.filter((item) => item.types & TYPES[type]);
	const lines = Array.from({ length: 1 + Math.floor(random() * most) }, () => {
		const item = dishes[Math.floor(random() * dishes.length)];
		const variation = item.variations.length > 0 ? item.variations[Math.floor(random() * item.variations.length)] : null;
		const rules = [...(variation?.choices ?? []), ...item.choices.filter((c) => !variation?.choices.some((v) => v.group === c.group))];
		return { item, variation, quantity: random() < 0.05 ? 999 : 1 + Math.floor(random() * 5), addons: rules.flatMap((rule) => chosen(rule, random)) };
	});
	const given = tip();
	return { lines, type, tip: given, body: {
		items: lines.map((line) => ({ menu_item_id: line.item.id, variation_id: line.variation?.id ?? null, quantity: line.quantity,
			addons: line.addons.map((a) => ({ addon_item_id: a.id, quantity: a.quantity })) })),
		order_type: type, payment_method: 'cash', tip: text(given, digits),
		...(type === 'delivery' ? { delivery_address: 'Hostel 7' } : {}), ...(type === 'dine_in' ? { table_number: '12' } : {}),
	} };
}

// 12345 with two digits is "123.45".
function text(minor, digits) {
	const s = String(minor).padStart(digits + 1, '0');
	return digits === 0 ? s : `${s.slice(0, -digits)}.${s.slice(-digits)}`;
}

const applies = (tax, type) => (Number(tax.order_types) & TYPES[type]) !== 0;

function off(discount, goods, type) {
	if (!discount.types.includes(type) || goods < discount.min) return 0n;
	let amount = discount.kind === 'fixed' ? discount.amount : halfUp(goods * discount.rate, ONE);
	if (discount.kind === 'percent' && discount.max !== null && amount > discount.max) amount = discount.max;
	return amount > goods ? goods : amount;
}

// Largest remainders: of equals the first.
function spread(parts, amount) {
	const whole = sum(parts, (p) => p);
	if (whole === 0n) return parts.map(() => 0n);
	const shares = parts.map((p) => amount * p / whole);
	const order = parts.map((p, i) => ({ i, lost: amount * p % whole })).sort((a, b) => (a.lost === b.lost ? a.i - b.i : a.lost > b.lost ? -1 : 1));
	for (let rest = amount - sum(shares, (s) => s), k = 0; rest > 0n; rest--, k++) shares[order[k].i]++;
	return shares;
}

function lineTaxes(line, net, type) {
	const taxes = line.item.taxes.filter((t) => applies(t, type));
	const rates = sum(taxes.filter((t) => t.kind === 'percent'), (t) => big(t.rate_micro));
	const within = halfUp(net * rates, ONE + rates);
	const last = taxes.map((t) => t.kind).lastIndexOf('percent');
	let rest = within;
	return taxes.map((t, i) => {
		let amount;
		if (t.kind === 'fixed') amount = big(t.amount_minor) * BigInt(line.quantity);
		else if (!line.item.inclusive) amount = halfUp(net * big(t.rate_micro), ONE);
		else {
			amount = i === last ? rest : rates === 0n ? 0n : within * big(t.rate_micro) / rates;
			rest -= amount;
		}
		return { name: t.name, amount, inclusive: line.item.inclusive };
	});
}

// code: what the guest said; undefined: nothing. refused: the code does not apply.
function of(menu, { lines, type, tip }, { discounts = [], delivery, code }) {
	const totals = lines.map((line) => ((line.variation ?? line.item).price + sum(line.addons, (a) => a.price * BigInt(a.quantity))) * BigInt(line.quantity));
	const goods = sum(totals, (t) => t);
	const candidates = code === undefined ? discounts.filter((d) => d.code === null) : discounts.filter((d) => d.code === code);
	const best = candidates.reduce((most, d) => (off(d, goods, type) > (most ? off(most, goods, type) : 0n) ? d : most), null);
	if (code !== undefined && best === null) return { refused: true };
	const discount = best ? off(best, goods, type) : 0n;
	const shares = spread(totals, discount);
	const taxes = lines.map((line, i) => lineTaxes(line, totals[i] - shares[i], type));
	const packing = sum(lines, (line) => (line.variation ?? line.item).packing * BigInt(line.quantity));
	const carriage = type === 'delivery' ? delivery : 0n;
	const charged = [['packing', 1, packing], ['delivery', 2, carriage]].flatMap(([charge, bit, amount]) => (amount === 0n ? [] : menu.charges
		.filter((t) => (Number(t.charges) & bit) && applies(t, type))
		.map((t) => ({ charge, name: t.name, amount: t.kind === 'fixed' ? big(t.amount_minor) : halfUp(amount * big(t.rate_micro), ONE) }))));
	const tax = sum(taxes.flat().filter((t) => !t.inclusive), (t) => t.amount) + sum(charged, (t) => t.amount);
	return {
		best, subtotal: goods, discount, tax, packing, delivery: carriage, tip, total: goods - discount + tax + packing + carriage + tip,
		charged, lines: lines.map((line, i) => ({ total: totals[i], discount: shares[i], taxes: taxes[i] })),
		// what is due to the restaurant at its POS: not the GST that the platform owes
		pos: goods - discount + sum(taxes.flatMap((list, i) => (lines[i].item.vendor ? [] : list)).filter((t) => !t.inclusive), (t) => t.amount) + packing + sum(charged.filter((t) => t.charge === 'packing'), (t) => t.amount),
		pos_tax: sum(taxes.flat(), (t) => t.amount),
	};
}

// The figures as an order's JSON shows them, numbers as text.
function shown(bill, digits) {
	const money = (minor) => text(minor, digits);
	return {
		subtotal: money(bill.subtotal), discount: money(bill.discount), tax: money(bill.tax), packing_charge: money(bill.packing), delivery_charge: money(bill.delivery),
		tip: money(bill.tip), total: money(bill.total),
		discounts: bill.best ? [{ id: bill.best.id, name: bill.best.name, code: bill.best.code, amount: money(bill.discount) }] : [],
		charge_taxes: bill.charged.map((t) => ({ charge: t.charge, name: t.name, amount: money(t.amount) })),
		lines: bill.lines.map((line) => [money(line.total), money(line.discount), line.taxes.map((t) => ({ name: t.name, amount: money(t.amount), is_inclusive: t.inclusive }))]),
	};
}

function seen(order) {
	const { subtotal, discount, tax, packing_charge, delivery_charge, tip, total, discounts, charge_taxes } = order;
	return { subtotal, discount, tax, packing_charge, delivery_charge, tip, total, discounts, charge_taxes, lines: order.items.map((line) => [line.line_total, line.discount, line.taxes]) };
}

module.exports = { cart, menuOf, of, seen, shown, spread, text };
