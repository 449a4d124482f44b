'use strict';
/*
 * The golden calls for Clover, worked out a second time: from what was ordered (NAME.order.json) by Clover's rules, sharing
 * nothing with the adapter. What each step must be is built here whole, and compared whole. Cents are BigInt until they are
 * written; times go through Intl. Afterwards the simulated Clover's own reading adds every draft up to the same total.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { discount_of, line_of, totals_of } = require('./sim/clover_cart.js');
const { menu_of } = require('./sim/clover_menu.js');

const DIR = path.join(__dirname, 'golden', 'clover');
const names = fs.readdirSync(DIR).filter((f) => f.endsWith('.order.json')).map((f) => f.slice(0, -'.order.json'.length));
const load = (file) => JSON.parse(fs.readFileSync(path.join(DIR, file), 'utf8'));
const golden = (name, step) => {
	const file = `${name}.${step}.json`;
	return fs.existsSync(path.join(DIR, file)) ? load(file) : null;
};

const big = (n) => BigInt(n ?? 0);
const sum = (list, f) => list.reduce((a, x) => a + f(x), 0n);
const dollars = (cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;

/* What people wrote, made fit to be sent: one line, no controls, so many characters, and no secret's name. */
function fit(text, max) {
	const clean = [...(text ?? '').replace(/[\s]+/gu, ' ').replace(/[\u0000-\u001f\u007f]/g, '').trim()].slice(0, max).join('').trim();
	return clean.replace(/\{(?=\{)/g, '{ ');
}

/* The clock on the wall where the restaurant is. */
function wall(instant) {
	const parts = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', hourCycle: 'h23', year: 'numeric', month: '2-digit',
		day: '2-digit', hour: '2-digit', minute: '2-digit' }).formatToParts(new Date(instant));
	const p = Object.fromEntries(parts.map((x) => [x.type, x.value]));
	return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

class Clover {
	constructor(name) {
		this.name = name;
		this.order = load(`${name}.order.json`);
		this.config = this.order.config ?? {};
		const o = this.order;
		this.tip = big(o.tip_minor);
		this.tax = sum(o.lines, (l) => (l.tax_inclusive ? 0n : sum(l.taxes ?? [], (t) => big(t.amount_minor))))
			+ sum(o.taxes ?? [], (t) => big(t.amount_minor));
		const unit = (l) => big(l.price_minor) + sum(l.addons ?? [], (a) => big(a.price_minor) * big(a.quantity ?? 1));
		this.goods = sum(o.lines, (l) => unit(l) * big(l.quantity ?? 1));
		this.total = this.goods - big(o.discount?.amount_minor) + this.tax + big(o.packing_minor) + big(o.delivery_charge_minor);
		this.is_paid = o.payment_status === 'paid';
		this.pays = this.is_paid && this.config.mark_paid_tender_id !== undefined;
		this.records = this.config.customer_mode === 'record';
	}

	item(line) {
		return (line.variation ? line.variation.id : line.id) || null;
	}

	/* One object a piece, as a line of Clover's. */
	pieces(in_one_call) {
		const all = [];
		const rates = (taxes) => (taxes ?? []).map((t) => ({ id: t.id }));
		for (const line of this.order.lines) {
			const item = this.item(line);
			const is_modification = (a) => item !== null && a.id !== '';
			const times = (a) => Array(a.quantity ?? 1).fill(a);
			const note = fit(line.note, 255);
			const own = {};
			if (item !== null)
				own.item = { id: item };
			else
				own.name = fit(line.variation?.name ? `${line.name}, ${line.variation.name}` : line.name, 127);
			if (item === null || !in_one_call)
				own.price = line.price_minor;
			if (note !== '')
				own.note = note;
			const mods = (line.addons ?? []).filter(is_modification).flatMap(times);
			if (mods.length > 0)
				own.modifications = mods.map((a) => ({ modifier: { id: a.id }, name: fit(a.name, 255), amount: a.price_minor }));
			if (item === null)
				own.taxRates = rates(line.taxes);
			for (let q = 0; q < (line.quantity ?? 1); q++) {
				all.push(own);
				for (const a of (line.addons ?? []).filter((x) => !is_modification(x)).flatMap(times))
					all.push({ name: fit(`+ ${a.name}`, 127), price: a.price_minor, note: fit(`for ${line.name}`, 255), taxRates: rates(line.taxes) });
			}
		}
		for (const [name, charge, amount] of [['Packing', 'packing', this.order.packing_minor], ['Delivery', 'delivery', this.order.delivery_charge_minor]])
			if (amount)
				all.push({ name, price: amount, taxRates: rates((this.order.taxes ?? []).filter((t) => (t.charge ?? charge) === charge)) });
		return all;
	}

	note() {
		const o = this.order;
		const words = [];
		if (o.scheduled_time)
			words.push(`For ${wall(o.scheduled_time)}`);
		if (!this.config.order_types?.[o.order_type])
			words.push({ pickup: 'Pickup', delivery: 'Delivery', dine_in: 'Dine-in' }[o.order_type]);
		if (o.table_number)
			words.push(`Table ${fit(o.table_number, 30)}`);
		if (o.delivery_address)
			words.push(`To ${fit(o.delivery_address, 500)}`);
		words.push(fit(o.customer_name || 'Guest', 100));
		if (o.customer_phone)
			words.push(o.customer_phone);
		if (o.customer_email && !this.records)
			words.push(o.customer_email);
		words.push(this.is_paid ? `Paid: ${dollars(this.total + this.tip)}` : `To be paid: ${dollars(this.total + this.tip)}, ${o.payment_method}`);
		if (this.tip > 0n && !this.pays)
			words.push(`of it tip ${dollars(this.tip)}, not in Clover's total`);
		const fixed = words.join('; ');
		const said = fit(o.special_instructions, 2047 - [...fixed].length - 2);
		return said === '' ? fixed : `${fixed}; ${said}`;
	}

	head(customer) {
		const o = this.order;
		const type = this.config.order_types?.[o.order_type];
		return {
			title: o.reference, note: this.note(), currency: o.currency, ...(type && { orderType: { id: type } }),
			...(o.reference.length <= 12 && { externalReferenceId: o.reference }),
			...(this.config.employee_id && { employee: { id: this.config.employee_id } }), ...(customer && { customers: [{ id: customer }] }),
		};
	}

	discounts() {
		return this.order.discount ? [{ name: fit(this.order.discount.name, 64), amount: -this.order.discount.amount_minor }] : [];
	}

	person() {
		const o = this.order;
		const all = fit(o.customer_name || 'Guest', 128);
		const [, first, last] = /^(.*) (\S+)$/.exec(all) ?? [null, all, 'Guest'];
		return { firstName: first, lastName: last, ...(o.customer_email && { emailAddresses: [{ emailAddress: o.customer_email }] }),
			...(o.customer_phone && { phoneNumbers: [{ phoneNumber: o.customer_phone }] }) };
	}

	/* The whole conversation: [step, method, what stands behind the merchant, body]. */
	conversation() {
		const id = 'ORDER00000001';
		const total = Number(this.total);
		const customer = this.records ? 'THING00000001' : null;
		const calls = [];
		if (this.records)
			calls.push(['customer', 'POST', 'customers', this.person()]);
		if (this.config.use_atomic) {
			const discounts = this.discounts();
			calls.push(['atomic', 'POST', 'atomic_order/orders', { orderCart: { ...this.head(customer), lineItems: this.pieces(true),
				...(discounts.length > 0 && { discounts }) } }]);
		} else {
			const pieces = this.pieces(false);
			/* No state: that is what hides it. */
			calls.push(['draft', 'POST', 'orders', { ...this.head(customer), total }]);
			for (let at = 0; at < pieces.length; at += 100)
				calls.push([at === 0 ? 'lines' : `lines${at / 100 + 1}`, 'POST', `orders/${id}/bulk_line_items`, { items: pieces.slice(at, at + 100) }]);
			this.discounts().forEach((d) => calls.push(['discount', 'POST', `orders/${id}/discounts`, d]));
			calls.push(['check', 'GET', pieces.length > 100 ? `orders/${id}/line_items?expand=modifications&limit=1000`
				: `orders/${id}?expand=lineItems,lineItems.modifications`]);
			calls.push(['open', 'POST', `orders/${id}`, { state: 'open', total }]);
		}
		if (this.pays)
			calls.push(['pay', 'POST', `orders/${id}/payments`, { tender: { id: this.config.mark_paid_tender_id }, amount: total,
				...(this.tip > 0n && { tipAmount: Number(this.tip) }), ...(this.tax > 0n && { taxAmount: Number(this.tax) }), externalPaymentId: this.order.reference }]);
		if (this.config.print !== false)
			calls.push(['print', 'POST', 'print_event', { orderRef: { id } }]);
		return calls;
	}
}

const HEADERS = { Authorization: 'Bearer {{secret:access_token}}', Accept: 'application/json', 'User-Agent': 'Ticketrail/1.0 (restaurant order hub)' };

for (const name of names) {
	const clover = new Clover(name);

	test(`POS-10 POS-02 POS-03 ${name}: every step follows from what was ordered`, () => {
		for (const [step, method, where, body] of clover.conversation())
			assert.deepStrictEqual(golden(name, step), {
				method, url: `https://pos.example/v3/merchants/demo4bistro/${where}`, headers: { ...HEADERS, ...(body && { 'Content-Type': 'application/json' }) },
				...(body && { body }),
			}, step);
	});

	test(`POS-10 ${name}: there is no other step`, () => {
		const steps = clover.conversation().map(([step]) => step);
		const files = fs.readdirSync(DIR).filter((f) => f.startsWith(`${name}.`) && f !== `${name}.order.json` && f !== `${name}.quote.json`);
		assert.deepStrictEqual(files.map((f) => f.split('.')[1]).sort(), [...steps].sort());
	});

	test(`POS-10 ${name}: Clover's lengths, and lines that come to the guest's total`, () => {
		const calls = clover.conversation().map(([step]) => golden(name, step));
		const head = calls.map((c) => c.body?.orderCart ?? c.body).find((b) => b?.title);
		const lines = calls.flatMap((c) => c.body?.items ?? c.body?.orderCart?.lineItems ?? []);
		assert.ok(head.title.length <= 127 && [...head.note].length <= 2047);
		for (const l of lines)
			assert.ok([...(l.name ?? '')].length <= 127 && [...(l.note ?? '')].length <= 255);
		if (!clover.config.use_atomic)
			assert.strictEqual(sum(lines, (l) => big(l.price) + sum(l.modifications ?? [], (m) => big(m.amount))) - big(clover.order.discount?.amount_minor)
				+ clover.tax, big(head.total));
		assert.ok(!/\{\{secret:(?!access_token\}\}"|refresh_token\}\}")/.test(JSON.stringify(calls)));
		assert.strictEqual((JSON.stringify(calls).match(/\{\{/g) ?? []).length, calls.length, 'one secret a call, by name');
	});
}

/* What the simulated Clover says to the lines, and what it makes of them. */
for (const name of names)
	test(`POS-16 ${name}: Clover finds nothing to refuse and nothing to pass over`, () => {
		const notes = [];
		const menu = menu_of();
		const clover = new Clover(name);
		const how = { way: clover.config.use_atomic ? 'atomic' : 'bulk', id: (kind) => kind, now: 0, note: (what, data) => notes.push({ what, ...data }) };
		const calls = clover.conversation().map(([step]) => golden(name, step));
		const lines = calls.flatMap((c) => c.body?.items ?? c.body?.orderCart?.lineItems ?? []).map((l, i) => line_of(menu, l, `lines[${i}]`, how));
		const discounts = [...calls.filter((c) => c.url.endsWith('/discounts')).map((c) => c.body), ...(calls[0].body.orderCart?.discounts ?? [])]
			.map((d) => discount_of(d, 'discount', how.id));
		assert.deepStrictEqual(notes, []);
		assert.strictEqual(BigInt(totals_of(menu, { lines, discounts, taxRemoved: true }).total), clover.total - clover.tax, 'but for taxes');
		if (name === 'pickup')
			assert.strictEqual(BigInt(totals_of(menu, { lines, discounts, taxRemoved: false }).total), clover.total, 'with them');
	});

test('POS-10 a quote is the same cart', () => {
	const quote = golden('atomic', 'quote');
	assert.deepStrictEqual(quote.body, golden('atomic', 'atomic').body);
	assert.match(quote.url, /\/atomic_order\/checkouts$/);
});

test('there are golden orders at all', () => assert.ok(names.length >= 18));
