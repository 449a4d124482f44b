'use strict';
/*
 * An order's money as Square computes it: line by line, in whole minor units, banker's rounding, in this order: modifiers, discounts
 * (percentages first, then amounts), apportioned service charges, service charges of the subtotal, taxes, service charges of the total.
 * What belongs to a whole order is divided among its lines in proportion, and what rounding leaves over goes to the first lines.
 *
 * Sources: Square's "Order Pricing" guide. BigInt throughout: no floating point comes near money.
 */

/* amount × num / den, half to even. All BigInt, none negative. */
function share(amount, num, den) {
	const twice = 2n * amount * num;
	const down = (amount * num) / den;
	const rest = twice - 2n * down * den;

	return rest > den || (rest === den && down % 2n === 1n) ? down + 1n : down;
}

/* "7.25" → {num, den} of the fraction of one whole: 725 / 10000. */
function percent(text) {
	const [whole, places = ''] = text.split('.');
	return { num: BigInt(whole + places), den: 100n * 10n ** BigInt(places.length) };
}

const decimal = (text) => {
	const [whole, places = ''] = String(text ?? '1').split('.');
	return { num: BigInt(whole + places), den: 10n ** BigInt(places.length) };
};

/* Divides a sum in proportion to weights. → as many BigInts, which add up to it. */
function divide(sum, weights) {
	const all = weights.reduce((a, b) => a + b, 0n);
	if (all === 0n)
		return weights.map((_, i) => (i === 0 ? sum : 0n));
	const out = weights.map((w) => (sum * w) / all);
	let left = sum - out.reduce((a, b) => a + b, 0n);

	for (let i = 0; left > 0n; i = (i + 1) % out.length)
		if (weights[i] > 0n) {
			out[i]++;
			left--;
		}
	return out;
}

const least = (a, b) => (a < b ? a : b);
const sum_of = (list) => list.reduce((a, b) => a + b, 0n);

/*
 * Prices `order` in place: a whole order, whose lines and modifiers have base_price_money and whose taxes, discounts and charges have
 * uids. tip and paid are minor units. uid() makes names for what Square applies by itself.
 */
function price(order, currency, tip, paid, uid) {
	const money = (n) => ({ amount: Number(n), currency });
	const lines = order.line_items ?? [];
	(order.taxes ?? []).forEach((t) => delete t.applied_money);
	const base = []; /* of each line: what is left to be taxed */
	const discount_of = lines.map(() => 0n), tax_of = lines.map(() => 0n), charge_of = lines.map(() => 0n), inclusive_of = lines.map(() => 0n);

	lines.forEach((line, i) => {
		const quantity = decimal(line.quantity);
		const one = BigInt(line.base_price_money.amount);
		let extra = 0n;
		for (const m of line.modifiers ?? []) {
			const each = BigInt(m.base_price_money.amount) * decimal(m.quantity).num;
			extra += each;
			m.total_price_money = money(share(each, quantity.num, quantity.den));
		}
		line.variation_total_price_money = money(share(one, quantity.num, quantity.den));
		line.gross_sales_money = money(share(one + extra, quantity.num, quantity.den));
		base[i] = BigInt(line.gross_sales_money.amount);
	});
	/* A thing of scope ORDER applies to every line; Square writes the references. */
	const applies = (thing, list, key) => lines.map((line) => {
		if ((thing.scope ?? 'ORDER') === 'ORDER' && !(line[list] ?? []).some((a) => a[key] === thing.uid))
			line[list] = [...(line[list] ?? []), { uid: uid(), [key]: thing.uid }];
		return (line[list] ?? []).find((a) => a[key] === thing.uid);
	});

	const by_percent = (d) => d.percentage !== undefined;
	const discounts = order.discounts ?? [];
	for (const d of [...discounts.filter(by_percent), ...discounts.filter((x) => !by_percent(x))]) {
		const at = applies(d, 'applied_discounts', 'discount_uid');
		const weights = base.map((b, i) => (at[i] ? b : 0n));
		const whole = sum_of(weights);
		const rate = by_percent(d) && percent(d.percentage);
		const total = rate ? share(whole, rate.num, rate.den) : least(BigInt(d.amount_money.amount), whole);
		divide(total, weights.length ? weights : [0n]).forEach((part, i) => {
			if (!at[i])
				return;
			at[i].applied_money = money(part);
			base[i] -= part;
			discount_of[i] += part;
		});
		d.applied_money = money(total);
	}

	const charges = order.service_charges ?? [];
	const subtotal = () => sum_of(base);
	const size = (c, of) => (c.percentage !== undefined ? share(of, percent(c.percentage).num, percent(c.percentage).den) : BigInt(c.amount_money.amount));
	const taxed_charges = []; /* charges that taxes of scope ORDER reach too */
	let charge_total = 0n, charge_tax = 0n;
	const set_charge = (c, amount) => {
		c.applied_money = money(amount);
		c.total_money = money(amount);
		c.total_tax_money = money(0);
		charge_total += amount;
	};
	for (const phase of ['APPORTIONED_PERCENTAGE_PHASE', 'APPORTIONED_AMOUNT_PHASE'])
		for (const c of charges.filter((x) => x.calculation_phase === phase)) {
			const amount = size(c, subtotal());
			divide(amount, base.length ? base : [0n]).forEach((part, i) => {
				if (i >= base.length)
					return;
				base[i] += part;
				charge_of[i] += part;
			});
			set_charge(c, amount);
		}
	for (const c of charges.filter((x) => x.calculation_phase === 'SUBTOTAL_PHASE')) {
		const amount = size(c, subtotal());
		set_charge(c, amount);
		if (c.taxable)
			taxed_charges.push({ c, amount });
	}

	const taxes = order.taxes ?? [];
	const reached = taxes.map((t) => applies(t, 'applied_taxes', 'tax_uid'));
	lines.forEach((line, i) => {
		const mine = taxes.map((t, k) => ({ t, at: reached[k][i] })).filter((x) => x.at);
		const inside = mine.filter((x) => x.t.type === 'INCLUSIVE');
		const scale = 10n ** 9n; /* every percentage has at most five places */
		const inside_rate = sum_of(inside.map((x) => (percent(x.t.percentage).num * scale) / percent(x.t.percentage).den));
		const net = (base[i] * scale) / (scale + inside_rate);
		for (const { t, at } of mine) {
			const rate = percent(t.percentage);
			const part = t.type === 'INCLUSIVE'
				? share(base[i], (rate.num * scale) / rate.den, scale + inside_rate)
				: share(inside.length ? net : base[i], rate.num, rate.den);
			at.applied_money = money(part);
			tax_of[i] += part;
			if (t.type === 'INCLUSIVE')
				inclusive_of[i] += part;
		}
	});
	for (const { c, amount } of taxed_charges)
		for (const t of taxes.filter((x) => x.type !== 'INCLUSIVE' && ((x.scope ?? 'ORDER') === 'ORDER' || c.applied_taxes?.some((a) => a.tax_uid === x.uid)))) {
			const part = share(amount, percent(t.percentage).num, percent(t.percentage).den);
			c.total_tax_money = money(BigInt(c.total_tax_money.amount) + part);
			c.total_money = money(BigInt(c.total_money.amount) + part);
			t.applied_money = money(BigInt(t.applied_money?.amount ?? 0) + part);
			charge_tax += part;
		}
	taxes.forEach((t, k) => {
		const from_lines = sum_of(reached[k].map((a) => BigInt(a?.applied_money.amount ?? 0)));
		t.applied_money = money(BigInt(t.applied_money?.amount ?? 0) + from_lines);
	});
	lines.forEach((line, i) => {
		line.total_tax_money = money(tax_of[i]);
		line.total_discount_money = money(discount_of[i]);
		line.total_service_charge_money = money(charge_of[i]);
		line.total_money = money(base[i] + tax_of[i] - inclusive_of[i]);
	});

	const tax_total = sum_of(tax_of) + charge_tax;
	const on_top = sum_of(taxed_charges.map((x) => x.amount)) + sum_of(charges.filter((c) => c.calculation_phase === 'SUBTOTAL_PHASE' && !c.taxable)
		.map((c) => BigInt(c.applied_money.amount)));
	let total = sum_of(lines.map((l) => BigInt(l.total_money.amount))) + on_top + charge_tax;
	const before = total;
	for (const c of charges.filter((x) => x.calculation_phase === 'TOTAL_PHASE')) {
		const amount = size(c, before);
		set_charge(c, amount);
		total += amount;
	}
	total += BigInt(order.rounding_adjustment?.amount_money.amount ?? 0);
	order.total_tax_money = money(tax_total);
	order.total_discount_money = money(sum_of(discount_of));
	order.total_tip_money = money(tip);
	order.total_service_charge_money = money(charge_total);
	order.total_money = money(total + BigInt(tip));
	order.net_amounts = {
		total_money: order.total_money, tax_money: order.total_tax_money, discount_money: order.total_discount_money,
		tip_money: order.total_tip_money, service_charge_money: order.total_service_charge_money,
	};
	order.net_amount_due_money = money(total + BigInt(tip) - BigInt(paid));
}

module.exports = { price };
