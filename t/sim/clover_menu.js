'use strict';
/*
 * The inventory of a simulated Clover merchant: "Corner Grill", in the words of the v3 API, with associations as lists of ids.
 * It has what an importer trips over: sizes as items of one group, an item in two categories and one in none, hidden, switched
 * off, deleted and sold-out items, prices typed at the till and by weight, a group with no limits, a modifier that is off, a
 * second tax beside the default ones, a flat tax, and the rate NO_TAX_APPLIED that every merchant has.
 *
 * All merchants of one process begin with the same document and the same ids; what is changed later is changed for one of them.
 */

const id = (letters, n) => letters + String(n).padStart(13 - letters.length, '0');

const TAX = { none: id('TAX', 0), sales: id('TAX', 1), alcohol: id('TAX', 2), bottle: id('TAX', 3) };
const CAT = { burgers: id('CAT', 1), pizza: id('CAT', 2), salads: id('CAT', 3), drinks: id('CAT', 4), specials: id('CAT', 5), empty: id('CAT', 6) };
const GROUP = { doneness: id('GRP', 1), toppings: id('GRP', 2), side: id('GRP', 3), extras: id('GRP', 4) };

/* [id, name, minRequired, maxAllowed, showByDefault, [[name, price, available], …]]; null: the merchant set no limit. */
const GROUPS = [
	[GROUP.doneness, 'How done', 1, 1, true, [['Rare', 0], ['Medium', 0], ['Well done', 0]]],
	[GROUP.toppings, 'Toppings', 0, 3, true, [['Cheddar', 150], ['Bacon', 225], ['Avocado', 200], ['Truffle mayo', 300, false]]],
	[GROUP.side, 'Choose a side', 1, 2, true, [['Fries', 0], ['Side salad', 100], ['Onion rings', 175]]],
	[GROUP.extras, 'Kitchen extras', null, null, false, [['No onion', 0], ['Extra sauce', 50], ['Less cheese', -50]]],
];

/* [name, price, categories, groups, {more}]: more overrides fields of the item. */
const ITEMS = [
	['Classic Burger', 1295, [CAT.burgers], [GROUP.doneness, GROUP.toppings, GROUP.side], {}],
	['Double Burger', 1695, [CAT.burgers, CAT.specials], [GROUP.doneness, GROUP.toppings, GROUP.side], {}],
	['Veggie Burger', 1195, [CAT.burgers], [GROUP.toppings, GROUP.side], { alternateName: 'VEG BURG' }],
	['Margherita Small', 999, [CAT.pizza], [GROUP.toppings], { itemGroup: id('IGR', 1), options: [id('OPT', 1)] }],
	['Margherita Medium', 1399, [CAT.pizza], [GROUP.toppings], { itemGroup: id('IGR', 1), options: [id('OPT', 2)] }],
	['Margherita Large', 1799, [CAT.pizza], [GROUP.toppings], { itemGroup: id('IGR', 1), options: [id('OPT', 3)] }],
	['Caesar Salad', 1200, [CAT.salads], [GROUP.extras], {}],
	['Greek Salad – Ελληνική', 1000, [CAT.salads], [GROUP.extras], {}],
	['Soup of the Day', 650, [CAT.specials], [], { autoManage: true, stock: 12 }],
	['Lobster Roll', 2450, [CAT.specials], [GROUP.side], { autoManage: true, stock: 0 }],
	['House Lemonade', 450, [CAT.drinks], [], {}],
	['Draft Beer', 700, [CAT.drinks], [], { defaultTaxRates: false, taxRates: [TAX.sales, TAX.alcohol] }],
	['Bottled Water', 250, [CAT.drinks], [], { defaultTaxRates: false, taxRates: [TAX.bottle] }],
	['Cold Cuts', 1899, [CAT.specials], [], { priceType: 'PER_UNIT', unitName: 'lb' }],
	['Chef\'s Choice', 0, [CAT.specials], [], { priceType: 'VARIABLE' }],
	['Gift Card', 0, [], [], { priceType: 'VARIABLE', isRevenue: false, defaultTaxRates: false, taxRates: [TAX.none] }],
	['Tasting Spoon', 100, [], [], {}],
	['Staff Meal', 500, [CAT.burgers], [], { hidden: true }],
	['Summer Gazpacho', 800, [CAT.salads], [], { available: false }],
	['Old Special', 900, [CAT.specials], [], { deleted: true }],
];

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function item_of([name, price, categories, groups, more], i) {
	return {
		id: id('ITM', i + 1), hidden: false, available: true, autoManage: false, name, alternateName: '', code: '', sku: `SKU-${i + 1}`,
		price, priceType: 'FIXED', defaultTaxRates: true, unitName: '', cost: 0, isRevenue: true, modifiedTime: 1767607200000 + i,
		deleted: false, taxRates: [], categories, modifierGroups: groups, stock: null, itemGroup: null, options: [], ...more,
	};
}

/* extra_n: plain items more, for menus that take several pages. */
function menu_of(extra_n = 0) {
	const items = ITEMS.map(item_of);

	for (let i = 0; i < extra_n; i++)
		items.push(item_of([`Extra ${String(i + 1).padStart(4, '0')}`, 100 + i % 900, [CAT.specials], [], {}], ITEMS.length + i));
	return {
		merchant: { name: 'Corner Grill', currency: 'USD', timezone: 'America/New_York', isVat: false },
		tax_rates: [
			{ id: TAX.none, name: 'NO_TAX_APPLIED', rate: 0, isDefault: false, taxType: 'NO_TAX' },
			{ id: TAX.sales, name: 'Sales Tax', rate: 887500, isDefault: true, taxType: 'PERCENTAGE' },
			{ id: TAX.alcohol, name: 'Alcohol', rate: 300000, isDefault: false, taxType: 'PERCENTAGE' },
			{ id: TAX.bottle, name: 'Bottle Deposit', rate: 0, taxAmount: 5, isDefault: false, taxType: 'FLAT' },
		],
		categories: [
			[CAT.burgers, 'Burgers'], [CAT.pizza, 'Pizza'], [CAT.salads, 'Salads'], [CAT.drinks, 'Drinks'], [CAT.specials, 'Specials'], [CAT.empty, 'Brunch'],
		].map(([c, name], i) => ({ id: c, name, sortOrder: i + 1, deleted: false })),
		modifier_groups: GROUPS.map(([g, name, min, max, shown, rows], i) => ({
			id: g, name, showByDefault: shown, ...(min !== null && { minRequired: min }), ...(max !== null && { maxAllowed: max }), sortOrder: i + 1,
			modifiers: rows.map(([m_name, price, available = true], j) => ({ id: id('MOD', (i + 1) * 100 + j + 1), name: m_name, price, available })),
		})),
		items,
		item_groups: [{ id: id('IGR', 1), name: 'Margherita' }],
		attributes: [{ id: id('ATT', 1), name: 'Size', itemGroup: id('IGR', 1) }],
		options: ['Small', 'Medium', 'Large'].map((name, i) => ({ id: id('OPT', i + 1), name, attribute: id('ATT', 1) })),
		order_types: [['Pickup', 'pickup', true], ['Delivery', 'delivery', false], ['Dine In', 'dine_in', false]].map(([label, key, first], i) => ({
			id: id('OTY', i + 1), label, labelKey: `com.clover.order.type.${key}`, taxable: true, isDefault: first, isHidden: false, filterCategories: false,
			minOrderAmount: 0, maxOrderAmount: 0, fee: 0, avgOrderTime: 20, hoursAvailable: 'BUSINESS',
		})),
		tenders: [['Cash', 'cash', true], ['Credit Card', 'credit_card', false], ['Online (hub)', 'external_payment', true], ['Old Voucher', 'custom', true]].map(
			([label, key, external], i) => ({ id: id('TND', i + 1), editable: false, labelKey: `com.clover.tender.${key}`, label, opensCashDrawer: i === 0,
				enabled: i !== 3, visible: true, external })),
		service_charges: [{ id: id('SVC', 1), name: 'Service', enabled: true, percentageDecimal: 100000 }],
		employees: [{ id: id('EMP', 1), name: 'Owner', role: 'ADMIN' }],
		opening_hours: [{ id: id('HRS', 1), name: 'Business hours', ...Object.fromEntries(DAYS.map((d) => [d, [{ start: 1100, end: 2200 }]])) }],
	};
}

module.exports = { CAT, DAYS, GROUP, TAX, id, menu_of };
