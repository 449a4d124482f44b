'use strict';
/*
 * What Clover looks at in a line, a discount and an order, and how it adds an order up.
 *
 * Sources: the constraint classes of clover-android-sdk (lengths), "Calculate order totals" (line, line discounts, order
 * discounts, service charge, tax; percentages before amounts; half a cent is rounded up), the messages of the atomic endpoints,
 * and what integrators measured: a positive discount is refused, characters beyond the basic plane are stored as "?",
 * externalReferenceId has at most 12 characters, unitQty is in thousandths wherever it stands.
 */
const is_object = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);

/* Thrown by whatever refuses; becomes Clover's {message, details}. */
class Refusal extends Error {
	constructor(status, message, details) {
		super(message);
		this.answer = { status, body: { message, ...(details !== undefined && { details }) } };
	}
}

const bad = (details) => new Refusal(400, 'bad_request', details);

/* Clover keeps text in three bytes a character. */
const stored = (text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, '?');

function text_of(value, where, max) {
	if (value === undefined || value === null)
		return null;
	if (typeof value !== 'string')
		throw bad(`${where} must be a string`);
	if ([...value].length > max)
		throw bad(`${where} must not be longer than ${max} characters`);
	return stored(value);
}

function int_of(value, where, min = 0) {
	if (value === undefined || value === null)
		return null;
	if (!Number.isSafeInteger(value) || value < min)
		throw bad(`${where} must be an integer of ${min} or more`);
	return value;
}

function bool_of(value, where, otherwise) {
	if (value === undefined || value === null)
		return otherwise;
	if (typeof value !== 'boolean')
		throw bad(`${where} must be a boolean`);
	return value;
}

function ref_of(value, where) {
	if (value === undefined || value === null)
		return null;
	if (!is_object(value) || typeof value.id !== 'string')
		throw bad(`${where} must be an object with an id`);
	return value.id;
}

function list_of(value, where) {
	if (value === undefined || value === null)
		return [];
	if (!Array.isArray(value) || !value.every(is_object))
		throw bad(`${where} must be an array of objects`);
	return value;
}

/* amount negative, or percentage of 1 to 100; both or neither are no discount. */
function discount_of(raw, where, id) {
	const name = text_of(raw.name, `${where}.name`, 64);
	const has = ['amount', 'percentage'].filter((k) => raw[k] !== undefined && raw[k] !== null);

	if (has.length !== 1)
		throw new Refusal(400, 'invalid_discount_attribute', `${where} needs either amount or percentage`);
	const value = raw[has[0]];
	const right = Number.isSafeInteger(value) && (has[0] === 'amount' ? value < 0 : value >= 1 && value <= 100);
	if (!right)
		throw new Refusal(400, 'invalid_discount_attribute', `${where}.${has[0]} is ${JSON.stringify(value)}`);
	return { id: id('discount'), name: name ?? '', [has[0]]: value };
}

const modifiers_of = (menu) => menu.modifier_groups.flatMap((g) => g.modifiers.map((m) => ({ ...m, group: g })));

/* With no modifier.id the rest is passed over in silence: null. */
function modification_of(menu, raw, where, id, note) {
	const modifier_id = ref_of(raw.modifier?.id === undefined ? undefined : raw.modifier, `${where}.modifier`);

	if (modifier_id === null) {
		note('modification_ignored', { where });
		return null;
	}
	const modifier = modifiers_of(menu).find((m) => m.id === modifier_id);
	if (!modifier)
		throw new Refusal(400, 'invalid_modifier', modifier_id);
	if (!modifier.available)
		note('modifier_unavailable', { where, modifier: modifier_id });
	const name = text_of(raw.name, `${where}.name`, 255);
	const amount = int_of(raw.amount, `${where}.amount`, -Number.MAX_SAFE_INTEGER);
	const own = name !== null && amount !== null;
	if (!own && (name !== null || amount !== null))
		note('half_override_ignored', { where });
	return { id: id('modification'), modifier: { id: modifier_id }, name: own ? name : modifier.name, amount: own ? amount : modifier.price };
}

const LINE_KEYS = ['item', 'name', 'price', 'note', 'printed', 'unitQty', 'modifications', 'discounts', 'taxRates', 'isRevenue', 'exchanged', 'refunded', 'refund',
	'unitName', 'itemCode', 'binName', 'userData', 'alternateName', 'colorCode', 'tags'];

/*
 * One line as it is stored. way: atomic takes the price of the inventory, whatever the caller says of fixed prices; custom takes
 * the caller's; bulk must be given one.
 */
function line_of(menu, raw, where, { way, id, note, now }) {
	const item_id = ref_of(raw.item, `${where}.item`);
	const item = item_id === null ? null : menu.items.find((i) => i.id === item_id && !i.deleted);

	if (item_id !== null && !item)
		throw new Refusal(400, 'item_does_not_exist', item_id);
	for (const key of Object.keys(raw))
		if (!LINE_KEYS.includes(key))
			note('ignored_key', { where: `${where}.${key}` });
	const price = int_of(raw.price, `${where}.price`);
	const name = text_of(raw.name, `${where}.name`, 127);
	const unit_qty = int_of(raw.unitQty, `${where}.unitQty`);
	if (way === 'bulk' && price === null)
		throw new Refusal(400, 'Each item must include a price', where);
	if (!item && price === null)
		throw new Refusal(400, 'Requests must include a price or an inventory item id', where);
	if (!item && name === null && way === 'atomic')
		throw bad(`${where} needs a name or an item`);
	if (item && (item.hidden || !item.available || (item.autoManage && !(item.stock > 0))))
		note('item_unavailable', { where, item: item_id });
	const typed = item && way === 'atomic' && item.priceType === 'FIXED';
	if (typed && price !== null && price !== item.price)
		note('price_ignored', { where, item: item_id, sent: price, menu: item.price });
	if (unit_qty !== null && item && item.priceType !== 'PER_UNIT')
		note('unit_qty_on_fixed', { where, item: item_id });
	const taxes = raw.taxRates === undefined ? null : list_of(raw.taxRates, `${where}.taxRates`).map((t) => ref_of(t, `${where}.taxRates`));
	for (const tax of taxes ?? [])
		if (!menu.tax_rates.some((t) => t.id === tax))
			throw bad(`${where}.taxRates: no tax rate ${tax}`);
	return {
		id: id('line'), item: item_id === null ? null : { id: item_id }, name: name ?? item?.name ?? '', price: typed || price === null ? item.price : price,
		note: text_of(raw.note, `${where}.note`, 255), unitQty: typed ? null : unit_qty, printed: bool_of(raw.printed, `${where}.printed`, false),
		modifications: list_of(raw.modifications, `${where}.modifications`)
			.map((m, i) => modification_of(menu, m, `${where}.modifications[${i}]`, id, note)).filter(Boolean),
		discounts: list_of(raw.discounts, `${where}.discounts`).map((d, i) => discount_of(d, `${where}.discounts[${i}]`, id)),
		taxRates: taxes, createdTime: now,
	};
}

/* What a kitchen would not expect of a line: Clover says nothing to it, the journal does. */
function against_menu(menu, line, where, note) {
	const item = menu.items.find((i) => i.id === line.item?.id);
	const chosen = line.modifications.map((m) => m.modifier.id);

	for (const group of menu.modifier_groups.filter((g) => item?.modifierGroups.includes(g.id))) {
		const n = group.modifiers.filter((m) => chosen.includes(m.id)).length;
		if (n < (group.minRequired ?? 0))
			note('modifier_min', { where, group: group.id, n });
		if (group.maxAllowed !== undefined && n > group.maxAllowed)
			note('modifier_max', { where, group: group.id, n });
	}
	for (const m of modifiers_of(menu))
		if (chosen.includes(m.id) && item && !item.modifierGroups.includes(m.group.id))
			note('modifier_foreign', { where, modifier: m.id });
}

/* Half up, also below zero as seen from zero. numerator and denominator are whole, the first below 2^53. */
function divided(numerator, denominator) {
	const n = BigInt(Math.abs(numerator)), d = BigInt(denominator);
	const q = Number((2n * n + d) / (2n * d));
	return numerator < 0 ? -q : q;
}

/* x × y / z, half up, with no bound on what lies between. */
function scaled(x, y, z) {
	const n = BigInt(Math.abs(x)) * BigInt(y), d = BigInt(z);
	const q = Number((2n * n + d) / (2n * d));
	return x < 0 ? -q : q;
}

/* What is left of an amount: percentages first, then amounts, never below nothing. */
function discounted(amount, discounts) {
	let left = amount;

	for (const d of discounts)
		if (d.percentage !== undefined)
			left -= divided(amount * d.percentage, 100);
	for (const d of discounts)
		if (d.amount !== undefined)
			left += d.amount;
	return Math.max(0, left);
}

function taxes_of(menu, line) {
	if (line.taxRates)
		return menu.tax_rates.filter((t) => line.taxRates.includes(t.id));
	const item = menu.items.find((i) => i.id === line.item?.id);
	if (item && !item.defaultTaxRates)
		return menu.tax_rates.filter((t) => item.taxRates.includes(t.id));
	return menu.tax_rates.filter((t) => t.isDefault);
}

/* → {subtotal, discount, service, tax, total, taxes: [{id, name, rate, taxable, amount}]} of an order's lines, in cents. */
function totals_of(menu, order) {
	const lines = order.lines.map((line) => {
		const gross = (line.unitQty === null ? line.price : divided(line.price * line.unitQty, 1000))
			+ line.modifications.reduce((sum, m) => sum + m.amount, 0);
		return { line, net: discounted(gross, line.discounts) };
	});
	const before = lines.reduce((sum, l) => sum + l.net, 0);
	const subtotal = discounted(before, order.discounts);
	const service = order.serviceCharge ? scaled(subtotal, order.serviceCharge.percentageDecimal, 1000000) : 0;
	const taxable = new Map();

	for (const { line, net } of order.taxRemoved ? [] : lines)
		for (const tax of taxes_of(menu, line)) {
			const row = taxable.get(tax.id) ?? { id: tax.id, name: tax.name, rate: tax.rate, taxable: 0, flat: 0 };
			row.taxable += net;
			row.flat += tax.taxAmount ?? 0;
			taxable.set(tax.id, row);
		}
	const taxes = [...taxable.values()].map(({ flat, ...row }) => {
		const base = before === 0 ? 0 : scaled(row.taxable, subtotal, before);
		const amount = menu.merchant.isVat ? scaled(base, row.rate, 10000000 + row.rate) : scaled(base, row.rate, 10000000) + flat;
		return { ...row, taxable: base, amount };
	}).filter((t) => t.amount !== 0 || t.rate !== 0);
	const tax = taxes.reduce((sum, t) => sum + t.amount, 0);
	return { subtotal: before, discount: before - subtotal, service, tax, total: subtotal + service + (menu.merchant.isVat ? 0 : tax), taxes };
}

module.exports = { Refusal, against_menu, bad, bool_of, discount_of, int_of, is_object, line_of, list_of, modification_of, ref_of, stored, text_of, totals_of };
