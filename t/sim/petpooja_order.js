'use strict';
/*
 * What PetPooja looks at in an order: its shape (which it refuses), its arithmetic and its agreement with the menu (which it
 * does not refuse: it prints a wrong bill, so the journal says so).
 *
 * The convention for taxes: Tax.details[].restaurant_liable_amt is GST the restaurant owes. A tax that is inside a
 * tax_inclusive price may stand there too; the total is right if it counts either no such tax or, exactly, all of it not.
 */
const is_object = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const MONEY = /^\d{1,9}(\.\d{1,2})?$/;
const RATE = /^\d{1,3}(\.\d{1,4})?$/;

/* Paise of a decimal string; NaN for anything else. Text all the way: no floating point comes near money. */
function paise(text) {
	const m = /^(-?)(\d{1,11})(?:\.(\d{1,2}))?$/.exec(String(text ?? ''));
	if (!m)
		return NaN;
	return (m[1] ? -1 : 1) * (Number(m[2]) * 100 + Number((m[3] ?? '').padEnd(2, '0')));
}

/* Ten-thousandths of a percent. */
function rate_of(text) {
	const m = /^(\d{1,3})(?:\.(\d{1,4}))?%?$/.exec(String(text ?? ''));
	return m ? Number(m[1]) * 10000 + Number((m[2] ?? '').padEnd(4, '0')) : NaN;
}

/* Types a value may have. The strings are what makes an integration fail first: PetPooja wants numbers as text. */
const IS = {
	text: (v) => typeof v === 'string',
	filled: (v) => typeof v === 'string' && v.trim() !== '',
	money: (v) => typeof v === 'string' && MONEY.test(v),
	rate: (v) => typeof v === 'string' && RATE.test(v),
	rate_or_money: (v) => IS.rate(v) || IS.money(v), /* a fixed tax has its amount there */
	count: (v) => typeof v === 'string' && /^[1-9]\d{0,3}$/.test(v),
	int: (v) => Number.isInteger(v) && v >= 0,
	zero_one: (v) => v === 0 || v === 1,
	bool: (v) => typeof v === 'boolean',
	date: (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\d$/.test(v) && !Number.isNaN(Date.parse(v)),
	time: (v) => typeof v === 'string' && /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(v),
	moment: (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(v) && !Number.isNaN(Date.parse(v.replace(' ', 'T'))),
	url: (v) => typeof v === 'string' && /^https?:\/\/[^\s/]+/.test(v),
	order_type: (v) => ['H', 'P', 'D'].includes(v),
	payment_type: (v) => ['COD', 'CARD', 'ONLINE', 'CREDIT', 'OTHER'].includes(v),
	yes_no: (v) => v === 'Y' || v === 'N',
	f_p: (v) => v === 'F' || v === 'P' || v === '',
	liability: (v) => v === 'vendor' || v === 'restaurant',
	gst_details: (v) => Array.isArray(v) && v.every((g) => is_object(g) && IS.liability(g.gst_liable) && IS.money(g.amount)),
	details: (v) => is_object(v) && Array.isArray(v.details),
	any: () => true,
};

/* key: [type, required?]. What is not listed is ignored by PetPooja and noted by us. */
const RESTAURANT = { restID: ['filled', true], res_name: ['text'], address: ['text'], contact_information: ['text'] };
const CUSTOMER = {
	name: ['filled', true], address: ['filled', true], email: ['text'], phone: ['text'], latitude: ['text'], longitude: ['text'],
};
const ORDER = {
	orderID: ['filled', true], preorder_date: ['date', true], preorder_time: ['time', true], advanced_order: ['yes_no', true],
	order_type: ['order_type', true], payment_type: ['payment_type', true], total: ['money', true], tax_total: ['money', true],
	dc_tax_percentage: ['rate', true], pc_tax_percentage: ['rate', true], created_on: ['moment', true],
	enable_delivery: ['zero_one', true], callback_url: ['url', true],
	urgent_order: ['bool'], urgent_time: ['int'], discount_total: ['money'], discount_type: ['f_p'],
	delivery_charges: ['money'], dc_tax_amount: ['money'], dc_gst_details: ['gst_details'],
	packing_charges: ['money'], pc_tax_amount: ['money'], pc_gst_details: ['gst_details'],
	service_charge: ['money'], sc_tax_amount: ['money'], description: ['text'], table_no: ['text'], no_of_persons: ['text'],
	min_prep_time: ['int'], collect_cash: ['money'], otp: ['text'], ondc_bap: ['text'],
};
const ITEM = {
	id: ['filled', true], name: ['filled', true], tax_inclusive: ['bool', true], item_tax: ['any', true], price: ['money', true],
	final_price: ['money', true], quantity: ['count', true],
	gst_liability: ['liability'], item_discount: ['money'], description: ['text'], variation_name: ['text'], variation_id: ['text'],
	AddonItem: ['details'],
};
const ITEM_TAX = { id: ['filled', true], name: ['text', true], amount: ['money', true], tax_percentage: ['rate'] };
const ADDON = {
	id: ['filled', true], name: ['filled', true], group_name: ['text', true], price: ['money', true], group_id: ['any', true],
	quantity: ['count', true],
};
const TAX = {
	id: ['filled', true], title: ['text', true], type: ['f_p', true], price: ['rate_or_money', true], tax: ['money', true],
	restaurant_liable_amt: ['money', true],
};
const DISCOUNT = { id: ['text'], title: ['text', true], type: ['f_p', true], price: ['money', true] };

/*
 * What PetPooja says about the form. → {missing: "where"} or {malformed: "why"}, or {bare?: "OrderItem", notes: […]}.
 * bare: OrderItem or Tax came as a plain array, which PetPooja answers with success and drops.
 */
function shape(body) {
	const out = { notes: [] };
	let bad = null;
	const missing = (where) => { bad ??= { missing: where }; };
	const malformed = (why) => { bad ??= { malformed: why }; };
	const check = (table, value, where) => {
		if (!is_object(value))
			return value === undefined ? missing(where) : malformed(`${where} is not an object`);
		for (const [key, [type, required]] of Object.entries(table)) {
			const absent = value[key] === undefined || value[key] === null;
			if (required && (absent || (type === 'filled' && value[key] === '')))
				missing(`${where}.${key}`);
			else if (!absent && !IS[type](value[key]))
				malformed(`${where}.${key} is not of the form ${type}`);
		}
		for (const key of Object.keys(value))
			if (!(key in table))
				out.notes.push({ note: 'ignored_key', where: `${where}.${key}` });
	};

	if (!is_object(body.orderinfo))
		return body.orderinfo === undefined ? { missing: 'orderinfo' } : { malformed: 'orderinfo is not an object' };
	const info = body.orderinfo.OrderInfo;
	if (!is_object(info))
		return info === undefined ? { missing: 'OrderInfo' } : { malformed: 'OrderInfo is not an object' };
	for (const key of ['Restaurant', 'Customer', 'Order'])
		if (!is_object(info[key]) || !is_object(info[key].details))
			return info[key] === undefined ? { missing: key } : { malformed: `${key} has no details object` };
	check(RESTAURANT, info.Restaurant.details, 'Restaurant.details');
	check(CUSTOMER, info.Customer.details, 'Customer.details');
	check(ORDER, info.Order.details, 'Order.details');
	if (bad)
		return bad;
	for (const key of ['OrderItem', 'Tax', 'Discount']) {
		const part = info[key];
		if (part === undefined) {
			if (key === 'OrderItem')
				return { missing: key };
		} else if (Array.isArray(part)) {
			out.bare ??= `${key} is a bare array`;
		} else if (!IS.details(part)) {
			return { malformed: `${key} has no details array` };
		}
	}
	if (out.bare)
		return out;
	if (!info.OrderItem.details.length)
		return { missing: 'OrderItem.details' };
	info.OrderItem.details.forEach((item, i) => {
		const where = `OrderItem.details[${i}]`;
		check(ITEM, item, where);
		if (bad)
			return;
		if (!Array.isArray(item.item_tax))
			return malformed(`${where}.item_tax is not an array`);
		item.item_tax.forEach((t, j) => check(ITEM_TAX, t, `${where}.item_tax[${j}]`));
		(item.AddonItem?.details ?? []).forEach((a, j) => check(ADDON, a, `${where}.AddonItem.details[${j}]`));
	});
	(info.Tax?.details ?? []).forEach((t, i) => check(TAX, t, `Tax.details[${i}]`));
	(info.Discount?.details ?? []).forEach((d, i) => check(DISCOUNT, d, `Discount.details[${i}]`));
	if (bad)
		return bad;
	const { phone } = info.Customer.details;
	if (phone && !/^\d{10}$/.test(phone))
		out.notes.push({ note: 'phone_form', where: 'Customer.details.phone is not 10 digits' });
	for (const key of ['udid', 'device_type'])
		if (body[key] !== undefined)
			out.notes.push({ note: 'ignored_key', where: `${key} at the root` });
	return out;
}

const half_up = (n, d) => Math.floor((2 * n + d) / (2 * d));

/* The restaurant's part of a charge's own tax. */
const restaurant_part = (list) => (list ?? []).filter((g) => g.gst_liable === 'restaurant').reduce((sum, g) => sum + paise(g.amount), 0);

/* Taxes that are inside tax_inclusive prices, computed from the rates: line × rate / (100 % + all rates), half up, per tax. */
function inclusive_tax(items) {
	let sum = 0;

	for (const item of items.filter((i) => i.tax_inclusive && i.gst_liability !== 'vendor')) {
		const rates = item.item_tax.map((t) => rate_of(t.tax_percentage));
		const all = rates.reduce((a, b) => a + b, 0);
		for (const rate of rates)
			sum += half_up(paise(item.final_price) * Number(item.quantity) * rate, 1000000 + all);
	}
	return sum;
}

/* The bill as PetPooja adds it up. → effects: [] when every sum is right. */
function arithmetic(info) {
	const order = info.Order.details;
	const items = info.OrderItem.details;
	const taxes = info.Tax?.details ?? [];
	const out = [];
	const goods = items.reduce((sum, i) => sum + paise(i.final_price) * Number(i.quantity), 0);
	const given_discount = paise(order.discount_total ?? '0');
	const discount = order.discount_type === 'P' ? half_up(goods * given_discount, 10000) : given_discount;
	const charges = paise(order.packing_charges ?? '0') + restaurant_part(order.pc_gst_details)
		+ paise(order.service_charge ?? '0') + paise(order.sc_tax_amount ?? '0');
	const gst = taxes.reduce((sum, t) => sum + paise(t.restaurant_liable_amt), 0);
	const expected = [goods - discount + gst + charges];
	if (items.some((i) => i.tax_inclusive))
		expected.push(expected[0] - inclusive_tax(items));
	const total = paise(order.total);
	if (!expected.includes(total))
		out.push({ effect: 'total_mismatch', expected_paise: expected, total_paise: total, goods, discount, gst, charges });
	if (!(discount >= 0 && discount <= goods))
		out.push({ effect: 'discount_mismatch', discount, goods });
	const named = (info.Discount?.details ?? []).reduce((sum, d) => sum + (d.type === 'P' ? half_up(goods * paise(d.price), 10000) : paise(d.price)), 0);
	if (info.Discount !== undefined && named !== discount)
		out.push({ effect: 'discount_mismatch', discount, named });
	/* Each tax of a charge is rounded by itself. */
	for (const [charge, rate, tax] of [['packing_charges', 'pc_tax_percentage', 'pc_tax_amount'], ['delivery_charges', 'dc_tax_percentage', 'dc_tax_amount']]) {
		const least = half_up(paise(order[charge] ?? '0') * rate_of(order[rate] ?? '0'), 1000000) - 2;
		if (paise(order[tax] ?? '0') < least)
			out.push({ effect: 'charge_tax_mismatch', charge, tax: order[tax] ?? '0', least });
	}
	const tax_sum = taxes.reduce((sum, t) => sum + paise(t.tax), 0);
	if (tax_sum !== paise(order.tax_total))
		out.push({ effect: 'tax_total_mismatch', expected_paise: tax_sum, total_paise: paise(order.tax_total) });
	items.forEach((item, i) => {
		if (paise(item.price) - paise(item.item_discount ?? '0') !== paise(item.final_price))
			out.push({ effect: 'final_price_mismatch', line: i, price: item.price, item_discount: item.item_discount ?? '0', final_price: item.final_price });
	});
	return out;
}

/*
 * Whether the order can be cooked and is priced as the menu says. Unit price includes add-ons, as the guide's text has it.
 * A variation is named by its own `id` as the item's id, and by `variationid` in variation_id.
 */
function against_menu(info, menu) {
	const out = [];
	const item_by_id = new Map(menu.items.map((i) => [String(i.itemid), { item: i }]));
	const addon_by_id = new Map();

	for (const item of menu.items)
		for (const v of item.variation ?? [])
			item_by_id.set(String(v.id), { item, variation: v });
	for (const group of menu.addongroups)
		for (const a of group.addongroupitems)
			addon_by_id.set(`${group.addongroupid} ${a.addonitemid}`, a);
	info.OrderItem.details.forEach((line, i) => {
		const found = item_by_id.get(line.id);
		if (!found) {
			out.push({ note: 'unknown_item', line: i, id: line.id });
			return;
		}
		const { item, variation } = found;
		if (variation ? line.variation_id !== String(variation.variationid) : Boolean(line.variation_id))
			out.push({ note: 'variation_pair', line: i, id: line.id, variation_id: line.variation_id ?? null });
		if (!variation && Number(item.itemallowvariation))
			out.push({ note: 'variation_missing', line: i, id: line.id });
		const thing = variation ?? item;
		if (String(thing.active) !== '1' || String(item.active) !== '1' || ['0', 'false'].includes(String(item.in_stock)))
			out.push({ note: 'not_on_sale', line: i, id: line.id });
		let price = paise(thing.price);
		const chosen = new Map();
		for (const a of line.AddonItem?.details ?? []) {
			const known = addon_by_id.get(`${a.group_id} ${a.id}`);
			if (!known)
				out.push({ note: 'unknown_addon', line: i, id: a.id, group_id: a.group_id });
			else if (paise(known.addonitem_price) !== paise(a.price))
				out.push({ note: 'addon_price', line: i, id: a.id });
			price += paise(a.price) * Number(a.quantity);
			chosen.set(String(a.group_id), (chosen.get(String(a.group_id)) ?? 0) + Number(a.quantity));
		}
		const rules = variation?.addon?.length ? variation.addon : item.addon ?? [];
		for (const rule of rules) {
			const n = chosen.get(String(rule.addon_group_id)) ?? 0;
			if (n < Number(rule.addon_item_selection_min) || (Number(rule.addon_item_selection_max) && n > Number(rule.addon_item_selection_max)))
				out.push({ note: 'addon_count', line: i, group_id: rule.addon_group_id, chosen: n });
		}
		if (price !== paise(line.price))
			out.push({ note: 'price_differs_from_menu', line: i, id: line.id, menu_paise: price, price_paise: paise(line.price) });
	});
	return out;
}

module.exports = { against_menu, arithmetic, paise, shape };
