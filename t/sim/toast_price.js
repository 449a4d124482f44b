'use strict';
/*
 * What an order costs at the simulated Toast. Money is counted in whole cents; JSON has it as decimal numbers.
 *
 * Prices of items and modifiers follow pricingStrategy and pricingRules of the menu; a price by time of day is its basePrice
 * here. A line's price has its modifiers in it. Discounts of a check are spread over its lines; taxes are added up per rate and
 * check and rounded half up once; a tax within the price is taken out of it line by line.
 */

class Refusal extends Error {
	constructor(message, status = 400) {
		super(message);
		this.status = status;
	}
}

function need(holds, message, status) {
	if (!holds)
		throw new Refusal(message, status);
}

/* Cents of a JSON number; refused unless it is a non-negative amount of whole cents. */
function cents_of(value, where) {
	need(typeof value === 'number' && Number.isFinite(value), `${where} must be a number`);
	need(value >= 0, `${where} must not be negative`);
	const cents = Math.round(value * 100);
	need(Math.abs(cents - value * 100) < 1e-6 && cents < 1e11, `${where} is no amount of money`);
	return cents;
}

const money = (cents) => cents / 100;

/* A menu's own price; what has none costs nothing by itself. */
const menu_cents = (price) => (typeof price === 'number' ? Math.round(price * 100) : 0);

/* The unit price of an item without its modifiers. open: cents of an open price. */
function item_cents(item, open) {
	if (item.pricingStrategy === 'OPEN_PRICE')
		return open ?? 0;
	if (item.pricingStrategy === 'SIZE_PRICE')
		return 0; /* the chosen size has the price */
	if (item.pricingStrategy === 'TIME_SPECIFIC_PRICE')
		return menu_cents(item.pricingRules?.timeSpecificPricingRules?.[0]?.basePrice ?? item.price);
	return menu_cents(item.price);
}

/*
 * The unit price of a modifier: turn is its number among those chosen in its group, from 0; size the name of the size that
 * was chosen for the item, or null.
 */
function option_cents(group, option, turn, size) {
	const strategy = group.pricingStrategy;
	if (!['SIZE_PRICE', 'SEQUENCE_PRICE', 'SIZE_SEQUENCE_PRICE'].includes(strategy))
		return menu_cents(option.price);
	const rules = group.pricingRules?.sizeSequencePricingRules ?? [];
	const rule = strategy === 'SEQUENCE_PRICE' ? rules[0] : rules.find((r) => r.sizeName === size) ?? rules[0];
	const prices = rule?.sequencePrices ?? [];
	if (!prices.length)
		return menu_cents(option.price);
	return menu_cents(prices[strategy === 'SIZE_PRICE' ? 0 : Math.min(turn, prices.length - 1)].price);
}

/* Half up, of non-negative numbers whose product is exact in a double. */
const share = (cents, part, whole) => Math.floor((cents * part * 2 + whole) / (whole * 2));

/* Takes a discount off the lines, each its part, the last cents from the dearest. Changes net. */
function spread(lines, discount) {
	const sum = lines.reduce((n, l) => n + l.gross, 0);
	let left = Math.min(discount, sum);
	for (const l of lines) {
		l.off = sum ? Math.floor(l.gross * Math.min(discount, sum) / sum) : 0;
		left -= l.off;
	}
	for (const l of [...lines].sort((a, b) => b.gross - a.gross)) {
		const more = Math.min(left, l.gross - l.off);
		l.off += more;
		left -= more;
	}
}

/* { amountType, value } of a service charge, or of a discount, on so many cents */
function part_of(kind, given, base) {
	if (kind.type === 'PERCENT')
		return share(base, kind.value, 10000);
	return kind.type === 'FIXED' ? kind.value : given;
}

/*
 * The sums of a check. lines: [{gross, rates: [{guid, name, ppm}], included}] in cents for the whole quantity; discounts and
 * charges: [{kind, given}]. Sets net, tax and taxes of each line. → {amount, tax, total, discounts: [cents], charges: [cents]}
 */
function check_sums(lines, discounts, charges, is_exempt) {
	const gross = lines.reduce((n, l) => n + l.gross, 0);
	const off = discounts.map((d) => Math.min(gross, part_of(d.kind, d.given, gross)));
	const by_rate = new Map();
	let tax = 0;

	spread(lines, off.reduce((n, x) => n + x, 0));
	for (const l of lines) {
		const price = l.gross - l.off;
		const rates = is_exempt ? [] : l.rates;
		const ppm = rates.reduce((n, r) => n + r.ppm, 0);
		const inside = l.included ? share(price, ppm, 1000000 + ppm) : 0;
		l.net = price - inside;
		l.taxes = rates.map((r) => ({ ...r, cents: l.included ? (ppm ? inside * r.ppm / ppm : 0) : share(price, r.ppm, 1000000) }));
		l.tax = l.included ? inside : l.taxes.reduce((n, t) => n + t.cents, 0);
		tax += inside;
		if (!l.included)
			for (const r of rates)
				by_rate.set(r.guid, { ppm: r.ppm, base: (by_rate.get(r.guid)?.base ?? 0) + price });
	}
	for (const { ppm, base } of by_rate.values())
		tax += share(base, ppm, 1000000);
	const fees = charges.map((c) => part_of(c.kind, c.given, gross));
	const amount = lines.reduce((n, l) => n + l.net, 0) + fees.reduce((n, x) => n + x, 0);
	return { amount, tax, total: amount + tax, discounts: off, charges: fees };
}

module.exports = { Refusal, cents_of, check_sums, item_cents, menu_cents, money, need, option_cents };
