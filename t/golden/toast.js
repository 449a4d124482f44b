'use strict';
/*
 * The golden orders for Toast, worked out a second time: from what was ordered (NAME.order.json) and the restaurant's settings
 * (config.json, and `config` of the order) by the rules of Toast's guide, sharing nothing with the adapter. What comes out is a
 * whole request: method, URL, headers, body, members in the order in which the guide shows them.
 */
const fs = require('node:fs');
const path = require('node:path');

const DIR = path.join(__dirname, 'toast');
const HOST = 'https://toast.example';
const RESTAURANT = '0b9d0000-0000-4000-8000-00000000b157';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const names = () => fs.readdirSync(DIR).filter((f) => f.endsWith('.order.json')).map((f) => f.slice(0, -'.order.json'.length));
const load = (file) => JSON.parse(fs.readFileSync(path.join(DIR, file), 'utf8'));

/* A number as JSON has it is kept as text, so that 8.50 stays 8.50. */
class Num {
	constructor(text) {
		this.text = text;
	}
}
const money = (minor, exponent) => {
	const digits = String(minor).padStart(exponent + 1, '0');
	return new Num(exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`);
};
const write = (v) => {
	if (v instanceof Num)
		return v.text;
	if (Array.isArray(v))
		return `[${v.map(write).join(',')}]`;
	if (v && typeof v === 'object')
		return `{${Object.entries(v).filter(([, x]) => x !== undefined).map(([k, x]) => `${JSON.stringify(k)}:${write(x)}`).join(',')}}`;
	return JSON.stringify(v);
};

const cut = (text, n) => [...text].slice(0, n).join('');
const clean = (text, n) => cut(cut((text ?? '').replace(/[ \t\r\n]+/g, ' ').replace(/[\u0000-\u001f\u007f\u202a-\u202e]/g, '').trim(), n)
	.replaceAll('{{', '{ {'), n);
const guid = (text) => GUID.test(text ?? '');
const sum = (list, f) => list.reduce((a, x) => a + f(x), 0);

function settings(order) {
	const base = load('config.json');
	const own = order.config ?? {};
	const all = { ...base, ...own, dining_options: { ...base.dining_options, ...own.dining_options } };

	return { fallback_email: 'guest@example.com', default_first_name: 'Guest', default_last_name: 'Guest', use_price_call: true, ...all };
}

function phone(order, s) {
	const m = /^\+(1|44|52|91)(\d{10})$/.exec(order.customer_phone ?? '');
	if (m)
		return { phone: m[2], phoneCountryCode: m[1] };
	return s.fallback_phone ? { phone: s.fallback_phone, phoneCountryCode: undefined } : undefined;
}

function customer(order, s) {
	const number = phone(order, s);
	const words = clean(order.customer_name, 100).split(' ').filter(Boolean);
	if (!number)
		return undefined;
	const [first, last] = words.length > 1 ? [words.slice(0, -1).join(' '), words.at(-1)]
		: [words[0] ?? s.default_first_name, s.default_last_name];
	const email = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9._%+-]+\.[A-Za-z0-9]{2,}$/.test(order.customer_email ?? '') && order.customer_email.length <= 53
		? order.customer_email : s.fallback_email;
	return { firstName: cut(first, 50), lastName: cut(last, 50), ...number, email };
}

function address(text, s) {
	const parts = text.split(',').map((p) => p.trim()).filter(Boolean);
	if (/^(US|USA|United States)$/i.test(parts.at(-1)))
		parts.pop();
	const m = /^(?:(.*?) ?)??(?:\b([A-Za-z]{2}) )?(\d{5}(?:-\d{4})?)$/.exec(parts.at(-1));
	if (!m)
		return { address1: clean(text, 500), city: s.delivery_city, state: s.delivery_state, zipCode: s.delivery_zip };
	parts.pop();
	return { city: m[1] || parts.pop(), state: m[2], zipCode: m[3], address1: parts.join(', ') };
}

const SIZES = { USD: 2, JPY: 0 };

function request(name, step) {
	const order = load(`${name}.order.json`);
	const s = settings(order);
	const exponent = SIZES[order.currency];
	const m = (minor) => money(minor, exponent);
	const show = (minor) => m(minor).text;
	const key = (id) => (id ?? '').split('/');
	const is_paid = order.payment_status === 'paid';
	const told = is_paid && Boolean(s.other_payment_guid);
	const tip = order.tip_minor ?? 0;
	const unit = (l) => l.price_minor + sum(l.addons ?? [], (a) => a.price_minor * (a.quantity ?? 1));
	const off = order.discount?.amount_minor ?? 0;
	const total = sum(order.lines, (l) => unit(l) * (l.quantity ?? 1)) + sum(order.lines.flatMap((l) => (l.tax_inclusive ? [] : l.taxes ?? [])), (t) => t.amount_minor)
		- off + (order.delivery_charge_minor ?? 0) + (order.packing_minor ?? 0) + tip;
	const tables = Object.fromEntries((s.tables ?? '').split(/[ ,]+/).filter(Boolean).map((t) => t.split('=')));
	const table = tables[order.table_number];
	const discount = !off ? undefined : s.open_discount_guid ? { discount: { guid: s.open_discount_guid }, discountAmount: m(off) }
		: guid(order.discount.id) ? { discount: { guid: order.discount.id } } : undefined;

	const extra = [];
	if (order.table_number && !table)
		extra.push(`[Table ${order.table_number}]`);
	if (order.customer_phone && !/^\+(1|44|52|91)\d{10}$/.test(order.customer_phone))
		extra.push(`[Phone ${order.customer_phone}]`);
	if (order.customer_email && (order.customer_email.length > 53 || !/^[A-Za-z0-9._%+-]+@[A-Za-z0-9._%+-]+\.[A-Za-z0-9]{2,}$/.test(order.customer_email)))
		extra.push(`[E-mail ${clean(order.customer_email, 80)}]`);
	if (is_paid && !told)
		extra.push(`[Paid ${show(total)}, nothing to collect]`);
	if (order.delivery_charge_minor && !s.delivery_fee_service_charge_guid)
		extra.push(`[Delivery charge ${show(order.delivery_charge_minor)}, not in the total]`);
	if (order.packing_minor && !s.packing_service_charge_guid)
		extra.push(`[Packing ${show(order.packing_minor)}, not in the total]`);
	if (tip && !told && !s.tip_service_charge_guid)
		extra.push(`[Tip ${show(tip)}, not in the total]`);
	if (off && !discount)
		extra.push(`[Discount ${show(off)}, not taken off]`);
	const ours = extra.join(' ');
	const note = [clean(order.special_instructions, ours ? 999 - ours.length : 1000), ours].filter(Boolean).join(' ');

	const selection = (x) => ({ entityType: 'MenuItemSelection', ...x });
	const ask = (text, quantity) => selection({ selectionType: 'SPECIAL_REQUEST', displayName: clean(text, 1000), quantity });
	const open = (what, quantity, price, asked) => selection({
		selectionType: 'OPEN_ITEM', item: { guid: key(s.open_item_guid)[0] }, itemGroup: { guid: key(s.open_item_guid)[1] }, quantity,
		displayName: what, openPriceAmount: m(price), modifiers: [ask(what, quantity), ...asked],
	});
	const selections = order.lines.flatMap((l, i) => {
		const quantity = l.quantity ?? 1;
		const addons = l.addons ?? [];
		const [item, group] = key(l.id);
		const known = guid(item) && (!l.variation || (guid(l.variation.id) && guid(l.variation.code)));
		const has = (a) => guid(a.id) && guid(key(a.group_id)[0]);
		const asked = [...(l.note ? [ask(l.note, quantity)] : []), ...(i === 0 && note ? [ask(note, quantity)] : [])];
		if (!known) {
			const size = l.variation?.name ? ` (${clean(l.variation.name, 97)})` : '';
			return [open(`${clean(l.name, 100)}${size}`, quantity, unit(l), [...addons.map((a) => ask(`${a.quantity ?? 1} x ${clean(a.name, 200)}`, quantity)), ...asked])];
		}
		const modifier = (id, of) => selection({ item: { guid: id }, optionGroup: { guid: of }, quantity });
		return [selection({
			item: { guid: item }, itemGroup: group ? { guid: group } : undefined, quantity,
			modifiers: [...(l.variation ? [modifier(l.variation.id, l.variation.code)] : []),
				...addons.filter(has).flatMap((a) => Array(a.quantity ?? 1).fill(modifier(a.id, key(a.group_id)[0]))), ...asked],
		}), ...addons.filter((a) => !has(a)).map((a) => open(`${clean(a.name, 92)} (with ${clean(l.name, 100)})`, quantity * (a.quantity ?? 1), a.price_minor, []))];
	});
	const charges = [[s.delivery_fee_service_charge_guid, order.delivery_charge_minor], [s.packing_service_charge_guid, order.packing_minor],
		[s.tip_service_charge_guid, told ? 0 : tip]].filter(([id, amount]) => id && amount)
		.map(([id, amount]) => ({ serviceCharge: { guid: id }, chargeAmount: m(amount) }));
	const amount = s.use_price_call ? new Num(order.priced) : m(total - tip);
	const when = order.scheduled_time?.replace(/(\.\d{3})?Z$/, (z, ms) => `${ms ?? '.000'}+0000`);
	const curbside = order.order_type === 'pickup' && !s.dining_options.pickup;
	const own_table = table ?? (order.order_type === 'dine_in' ? s.default_table_guid : undefined);

	const body = {
		entityType: 'Order', externalId: `${s.naming_authority}:bistro.${order.reference}`,
		diningOption: { guid: s.dining_options[curbside ? 'curbside' : order.order_type], entityType: 'DiningOption' },
		promisedDate: when, openedDate: when,
		requiredPrepTime: s.required_prep_time && !when ? `PT${Math.ceil(s.required_prep_time / 5) * 5}M` : undefined,
		table: own_table ? { guid: own_table } : undefined,
		revenueCenter: s.revenue_center_guid ? { guid: s.revenue_center_guid } : undefined,
		curbsidePickupInfo: curbside ? { notes: note } : undefined,
		deliveryInfo: order.order_type === 'delivery' ? (({ address1, city, state, zipCode }) => ({ address1, city, state, zipCode, notes: note }))(address(order.delivery_address, s)) : undefined,
		checks: [{
			entityType: 'Check',
			tabName: `${clean(order.customer_name, 100) || order.reference}${order.table_number ? `, table ${order.table_number}` : ''}`,
			customer: customer(order, s), selections,
			appliedServiceCharges: charges.length ? charges : undefined,
			appliedDiscounts: discount ? [discount] : undefined,
			payments: step === 'orders' && told ? [{ type: 'OTHER', amount, tipAmount: m(tip), otherPayment: { guid: s.other_payment_guid } }] : undefined,
		}],
	};
	return write({
		method: 'POST', url: `${HOST}/orders/v2/${step}`,
		headers: { Authorization: 'Bearer {{secret:access_token}}', 'Toast-Restaurant-External-ID': RESTAURANT, Accept: 'application/json',
			'Content-Type': 'application/json' },
		body,
	});
}

/* Which steps an order takes. */
const steps = (name) => (settings(load(`${name}.order.json`)).use_price_call ? ['prices', 'orders'] : ['orders']);
const golden = (name, step) => fs.readFileSync(path.join(DIR, `${name}.${step}.json`), 'utf8');

module.exports = { golden, names, request, steps };
