'use strict';
/*
 * The golden requests for Square, worked out a second time: from what was ordered (NAME.order.json) by the rules of Square's
 * description and of our settings, sharing nothing with the adapter. Each step of an order is built here and compared whole.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const DIR = path.join(__dirname, 'square');
const LOCATION = 'demo4bistro';
const names = () => fs.readdirSync(DIR).filter((f) => f.endsWith('.order.json')).map((f) => f.slice(0, -'.order.json'.length)).sort();
const load = (file) => JSON.parse(fs.readFileSync(path.join(DIR, file), 'utf8'));
const has = (file) => fs.existsSync(path.join(DIR, file));

/* Text as it may be sent: one line, nothing invisible, so many code points, naming no secret. */
function text(s, max) {
	const clean = (s ?? '').replace(/[\p{Z}\s]+/gu, ' ').replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, '').trim();
	return [...clean].slice(0, max).join('').trim().replaceAll('{{', '{ {');
}

const sum = (list, f) => (list ?? []).reduce((a, x) => a + f(x), 0);
const key = (order, what, more = '') => `${what}-${crypto.createHmac('sha256', LOCATION).update(`${what}:${order.reference}:${more}`).digest('hex').slice(0, 32)}`;
const is_fixed = (t) => t.kind === 'fixed';
const line_id = (l) => (l.variation ? l.variation.id : l.id) || undefined;

function totals(o) {
	const unit = (l) => l.price_minor + sum(l.addons, (a) => a.price_minor * (a.quantity ?? 1));
	const goods = sum(o.lines, (l) => unit(l) * (l.quantity ?? 1)) - (o.discount?.amount_minor ?? 0);
	const taxes = sum(o.lines, (l) => (l.tax_inclusive ? 0 : sum(l.taxes, (t) => t.amount_minor))) + sum(o.taxes, (t) => t.amount_minor);
	const tip = o.tip_minor ?? 0;
	const bill = goods + taxes + (o.packing_minor ?? 0) + (o.delivery_charge_minor ?? 0);
	return { bill, tip, total: bill + tip };
}

const settings = (o) => ({ mark_paid: 'external', tip_as: 'payment', auto_apply_taxes: true, square_version: '2025-08-20', source_name: 'Ticketrail',
	external_type: 'OTHER', prep_time_min: 15, default_customer_name: 'Guest', ...o.config });

function tip_is_paid(o) {
	const c = settings(o);
	const { bill, tip } = totals(o);
	return tip > 0 && bill > 0 && c.mark_paid !== 'none' && c.tip_as === 'payment';
}

function fulfillment_of(o) {
	const c = settings(o);
	if (o.order_type !== 'dine_in')
		return o.order_type;
	return c.dine_in_as ?? (c.square_version >= '2026-09-16' ? 'in_store' : 'pickup');
}

const PHONE = /^(?=.{1,17}$)\+?\d{7,}$/;
const EMAIL = /^[!-?A-z|-~]+@[!-?A-z|-~]+$/;

function note(o, max) {
	const extra = [];
	const to = fulfillment_of(o);
	if (o.order_type === 'dine_in')
		extra.push(`[${['Dine-in', o.table_number && `table ${text(o.table_number, 60)}`].filter(Boolean).join(', ')}]`);
	if (o.scheduled_time && to !== 'pickup' && to !== 'delivery') {
		const p = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', hourCycle: 'h23', year: 'numeric', month: '2-digit',
			day: '2-digit', hour: '2-digit', minute: '2-digit' }).formatToParts(new Date(o.scheduled_time)).map((x) => [x.type, x.value]));
		extra.push(`[For ${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}]`);
	}
	if (o.payment_method === 'cash' && o.payment_status !== 'paid' && totals(o).total > 0)
		extra.push(`[Cash to collect: ${o.currency} ${o.currency === 'JPY' ? totals(o).total : (totals(o).total / 100).toFixed(2)}]`);
	if (o.customer_name && to === 'none')
		extra.push(`[Guest: ${text(o.customer_name, 255)}]`);
	if (o.customer_phone && (to === 'none' || !PHONE.test(o.customer_phone)))
		extra.push(`[Phone: ${text(o.customer_phone, 80)}]`);
	if (o.customer_email && (to === 'none' || !EMAIL.test(o.customer_email)))
		extra.push(`[E-mail: ${text(o.customer_email, 80)}]`);
	const room = max - (extra.length ? [...extra.join(' ')].length + 1 : 0);
	return [text(o.special_instructions, room), ...extra].filter(Boolean).join(' ');
}

/* Which taxes Square is told: not those that it applies by itself to what is on its menu. */
function told(o, line, t) {
	return !is_fixed(t) && !(settings(o).auto_apply_taxes && t.id && line_id(line));
}

function charge_of(o, t) {
	if (is_fixed(t))
		return undefined;
	return t.charge === 'packing' ? (o.packing_minor ? 'packing' : undefined) : (o.delivery_charge_minor ? 'delivery' : undefined);
}

function the_order(o, tip_is_charge) {
	const c = settings(o);
	const money = (amount) => ({ amount, currency: o.currency });
	const to = fulfillment_of(o);
	const taxes = new Map();
	const tax_uid = (t, inclusive) => {
		const name = t.id ? `id ${t.id}` : `${t.name} ${t.rate_micro} ${inclusive}`;
		if (!taxes.has(name))
			taxes.set(name, { uid: `tax${taxes.size + 1}`, ...(t.id ? { catalog_object_id: t.id }
				: { name: t.name, type: inclusive ? 'INCLUSIVE' : 'ADDITIVE', percentage: String(t.rate_micro / 10000) }), scope: 'LINE_ITEM' });
		return { tax_uid: taxes.get(name).uid };
	};
	const line_items = o.lines.map((l, i) => {
		const id = line_id(l);
		const applied = (l.taxes ?? []).filter((t) => told(o, l, t)).map((t) => tax_uid(t, Boolean(l.tax_inclusive)));
		const extra = i > 0 ? '' : to === 'none' ? note(o, 1000) : note(o, to === 'delivery' ? 550 : 500).startsWith(text(o.special_instructions, 500)) ? ''
			: `[For the whole order: ${text(o.special_instructions, 500)}]`;
		const words = [text(l.note, extra ? 999 : 2000), extra].filter(Boolean).join(' ');
		return {
			uid: String(i + 1), quantity: String(l.quantity ?? 1),
			...(id ? { catalog_object_id: id } : { name: text(l.name, 512), ...(l.variation?.name && { variation_name: text(l.variation.name, 400) }) }),
			base_price_money: money(l.price_minor),
			...(l.addons && { modifiers: l.addons.map((a, k) => ({ uid: `${i + 1}-${k + 1}`, ...(id && a.id ? { catalog_object_id: a.id } : { name: text(a.name, 255) }),
				quantity: String(a.quantity ?? 1), base_price_money: money(a.price_minor) })) }),
			...(applied.length && { applied_taxes: applied }),
			...(words && { note: words }),
		};
	});
	const charges = [];
	for (const [uid, name, amount] of [['packing', 'Packing', o.packing_minor], ['delivery', 'Delivery', o.delivery_charge_minor]]) {
		const on = (o.taxes ?? []).filter((t) => charge_of(o, t) === uid).map((t) => tax_uid(t, false));
		if (amount)
			charges.push({ uid, name, amount_money: money(amount), calculation_phase: 'SUBTOTAL_PHASE', taxable: on.length > 0, ...(on.length && { applied_taxes: on }) });
	}
	const last = (uid, name, amount) => charges.push({ uid, name, amount_money: money(amount), calculation_phase: 'TOTAL_PHASE', taxable: false });
	o.lines.forEach((l, i) => (l.taxes ?? []).forEach((t, k) => is_fixed(t) && last(`tax-${i + 1}-${k + 1}`, t.name, t.amount_minor)));
	(o.taxes ?? []).forEach((t, k) => charge_of(o, t) === undefined && last(`tax-0-${k + 1}`, t.name, t.amount_minor));
	if (tip_is_charge && o.tip_minor)
		last('tip', 'Tip', o.tip_minor);
	const recipient = {
		display_name: text(o.customer_name || c.default_customer_name, 255),
		...(EMAIL.test(o.customer_email ?? '') && { email_address: o.customer_email }),
		...(PHONE.test(o.customer_phone ?? '') && { phone_number: o.customer_phone }),
		...(to === 'delivery' && { address: { address_line_1: text(o.delivery_address, 500) } }),
	};
	const when = (name) => (o.scheduled_time ? { schedule_type: 'SCHEDULED', [name]: o.scheduled_time } : { schedule_type: 'ASAP', prep_time_duration: `PT${c.prep_time_min}M` });
	const words = note(o, to === 'delivery' ? 550 : 500);
	const form = {
		pickup: ['PICKUP', 'pickup_details', when('pickup_at')], delivery: ['DELIVERY', 'delivery_details', when('deliver_at')],
		in_store: ['IN_STORE', 'in_store_details', {}],
	}[to];
	return {
		location_id: LOCATION, reference_id: o.reference, source: { name: c.source_name },
		ticket_name: text(o.order_type === 'dine_in' && o.table_number ? `Table ${o.table_number}` : o.reference, 30), state: 'OPEN', line_items,
		...(taxes.size && { taxes: [...taxes.values()] }),
		...(o.discount && { discounts: [{ uid: 'discount1', name: o.discount.name, type: 'FIXED_AMOUNT', amount_money: money(o.discount.amount_minor), scope: 'ORDER' }] }),
		...(charges.length && { service_charges: charges }),
		...(form && { fulfillments: [{ uid: '1', type: form[0], state: 'PROPOSED', [form[1]]: { recipient, ...form[2], ...(words && { note: words }) } }] }),
		...(c.auto_apply_taxes && { pricing_options: { auto_apply_taxes: true } }),
	};
}

function request(o, method, where, body) {
	const c = settings(o);
	const base = c.environment === 'sandbox' ? 'https://connect.squareupsandbox.com' : 'https://pos.example';
	return {
		method, url: base + where,
		headers: { Authorization: 'Bearer {{secret:access_token}}', 'Square-Version': c.square_version,
			...(body && { 'Content-Type': 'application/json' }), Accept: 'application/json' },
		secrets: ['access_token'], ...(body && { body }),
	};
}

function payment(o) {
	const c = settings(o);
	const { bill, total } = totals(o);
	const tip = tip_is_paid(o) ? o.tip_minor : 0;
	const amount = tip ? bill : total;
	const money = (n) => ({ amount: n, currency: o.currency });
	const in_cash = c.mark_paid === 'cash' && o.payment_method === 'cash';
	return {
		idempotency_key: key(o, 'pay', 'ORDER1'), source_id: in_cash ? 'CASH' : 'EXTERNAL',
		...(in_cash ? { cash_details: { buyer_supplied_money: money(amount + tip) } }
			: { external_details: { type: c.external_type, source: text(c.external_source ?? c.source_name, 255), source_id: o.reference } }),
		amount_money: money(amount), ...(tip && { tip_money: money(tip) }), order_id: 'ORDER1', location_id: LOCATION, reference_id: o.reference,
		autocomplete: true,
	};
}

const REASON = 'Guest changed their mind { {secret:access_token}}';
const cancelled = (o, what, version, more) => request(o, 'PUT', '/v2/orders/ORDER1', {
	idempotency_key: key(o, what, `ORDER1:${version}`), order: { location_id: LOCATION, version, ...more } });
const search = (o, start_at, cursor) => request(o, 'POST', '/v2/orders/search', {
	location_ids: [LOCATION], query: { filter: { state_filter: { states: ['OPEN', 'COMPLETED', 'CANCELED'] }, date_time_filter: { created_at: { start_at } } },
		sort: { sort_field: 'CREATED_AT', sort_order: 'ASC' } }, limit: 100, ...(cursor && { cursor }) });
const voided = (kind) => ({ fulfillments: [{ uid: '1', state: 'CANCELED', ...(kind && { [kind]: { cancel_reason: REASON } }) }] });
const LIST = '/v2/catalog/list?types=ITEM,CATEGORY,MODIFIER_LIST,TAX,IMAGE';

/* What each step of an order sends; the state between them is the test's. */
const steps = {
	create: (o) => request(o, 'POST', '/v2/orders', { idempotency_key: key(o, 'order'), order: the_order(o, !tip_is_paid(o)) }),
	pay: (o) => request(o, 'POST', '/v2/payments', payment(o)),
	free: (o) => request(o, 'POST', '/v2/orders/ORDER1/pay', { idempotency_key: key(o, 'free', 'ORDER1'), payment_ids: [] }),
	quote: (o) => request(o, 'POST', '/v2/orders/calculate', { order: the_order(o, true) }),
	find: (o) => search(o, '2026-02-13T16:50:05Z', 'abc+/='),
	check: (o) => request(o, 'GET', '/v2/orders/ORD%2FER%201'),
	undo: (o) => cancelled(o, 'undo', 1, { state: 'CANCELED', ...voided('pickup_details') }),
	cancel_read: (o) => request(o, 'GET', '/v2/orders/ORDER1'),
	cancel_payment: (o) => request(o, 'GET', '/v2/payments/PAY1'),
	cancel_refund: (o) => request(o, 'POST', '/v2/refunds', { idempotency_key: key(o, 'refund', 'PAY1:1509'), payment_id: 'PAY1',
		amount_money: { amount: totals(o).total, currency: o.currency }, reason: REASON }),
	cancel_again: (o) => request(o, 'GET', '/v2/orders/ORDER1'),
	cancel_void: (o) => cancelled(o, 'void', 5, { state: 'CANCELED', ...voided('delivery_details') }),
	cancel_part: (o) => cancelled(o, 'part', 5, voided()),
	look: (o) => request(o, 'GET', '/v2/orders/ORDER1'),
	search: (o) => search(o, '2026-02-13T16:55:05Z'),
	search_on: (o) => search(o, '2026-02-13T16:55:05Z', 'abc+/='),
	menu: (o) => request(o, 'GET', LIST),
	menu_on: (o) => request(o, 'GET', `${LIST}&cursor=abc%2B%2F%3D`),
	login: (o) => {
		const { headers: { Authorization, ...headers }, ...r } = request(o, 'POST', '/oauth2/token', {
			client_id: 'sq0idp-abc', client_secret: '{{secret:client_secret}}', grant_type: 'refresh_token', refresh_token: '{{secret:refresh_token}}' });
		return { ...r, headers, secrets: ['client_secret', 'refresh_token'] };
	},
};

/* → [step] of which there are files; each is what it has to be. */
function check(name) {
	const o = load(`${name}.order.json`);
	const there = Object.keys(steps).filter((step) => has(`${name}.${step}.json`));

	for (const step of there)
		assert.deepStrictEqual(load(`${name}.${step}.json`), steps[step](o), `${name}.${step}`);
	return there;
}

module.exports = { check, load, names, steps, totals };
