'use strict';
/*
 * The menu of the simulated Toast, in the shape of its menus API, and what orders need to find in it. It is small but has one
 * of everything: nested groups, sizes that set the price, toppings priced by size and by turn, a modifier of a modifier, minimum
 * and maximum, halves, an open item, three tax rates, tax within the price, times of day, hidden and sold-out things.
 *
 * All restaurants start with the same document (GUIDs and all; only restaurantGuid differs).
 */
const { guid_of } = require('./toast_place.js');

const SHOWN = ['POS', 'KIOSK', 'TOAST_ONLINE_ORDERING', 'ORDERING_PARTNERS'];
const HOUSE = ['POS'];

/* Parts per million. */
const RATES = [['Meals Tax', 70000], ['Local Option', 7500], ['Alcohol', 62500], ['Exempt', 0]]
	.map(([name, ppm]) => ({ name, ppm, guid: guid_of(`rate ${name}`) }));
const rate = (name) => RATES.find((r) => r.name === name).guid;
const MEAL = [rate('Meals Tax'), rate('Local Option')];

const NO_RULES = { timeSpecificPricingRules: [], sizeSpecificPricingGuid: null, sizeSequencePricingRules: [] };
const by_size = (prices) => Object.entries(prices).map(([name, list]) => ({
	sizeName: name === 'any' ? null : name, sizeGuid: name === 'any' ? null : guid_of(`size ${name}`),
	sequencePrices: list.map((price, i) => ({ sequence: i + 1, price })),
}));

/* Modifier groups: name → {min, max, mode, strategy?, rules?, options: [[name, price, {groups?, default?, once?, hidden?}]]} */
const GROUPS = {
	'How cooked': { min: 1, max: 1, mode: 'REQUIRED', options: [['Rare', 0], ['Medium', 0, { default: true }], ['Well done', 0]] },
	'Burger extras': {
		min: 0, max: 4, mode: 'OPTIONAL', pre: true,
		options: [['Cheddar', 1], ['Bacon', 2.25, { groups: ['Bacon style'], once: true }], ['Avocado', 1.75], ['Pickles', 0], ['Truffle (staff)', 4, { hidden: true }]],
	},
	'Bacon style': { min: 0, max: 1, mode: 'OPTIONAL_FORCE_SHOW', options: [['Crisp', 0], ['Soft', 0]] },
	'Side': { min: 1, max: 1, mode: 'REQUIRED', options: [['Fries', 0], ['Onion Rings', 1.5], ['Side Salad', 2]] },
	'Pizza size': { min: 1, max: 1, mode: 'REQUIRED', options: [['Small', 11], ['Medium', 15], ['Large', 18.5]] },
	'Pizza toppings': {
		min: 0, max: null, mode: 'OPTIONAL', strategy: 'SIZE_PRICE', rules: { Small: [1.25], Medium: [1.75], Large: [2.25] },
		options: [['Mushrooms', null], ['Pepperoni', null], ['Jalapeños', null], ['Extra cheese', null]],
	},
	'Wing sauce': {
		min: 1, max: 3, mode: 'REQUIRED', strategy: 'SEQUENCE_PRICE', rules: { any: [0, 0.75, 1] },
		options: [['Buffalo', null], ['Honey garlic', null], ['Carolina gold 🌶️', null]],
	},
	'Milk': { min: 0, max: 1, mode: 'OPTIONAL', options: [['Oat milk', 0.8], ['Whole milk', 0]] },
};

/* Items: [name, price, {mods, tax, …}]; groups of items may hold groups. */
const MENUS = [
	['All Day', SHOWN, null, [
		['Burgers', SHOWN, [
			['Cheeseburger', 9.5, { mods: ['How cooked', 'Burger extras', 'Side'], text: 'Six ounces, brioche' }],
			['Veggie Burger', 8.75, { mods: ['Burger extras', 'Side'], tags: ['Vegetarian'] }],
			['Fries', 3.5, { same: 'Fries' }],
		]],
		['Pizza', SHOWN, [
			['Cheese Pizza', null, { size: 'Pizza size', mods: ['Pizza toppings'], portions: true, tags: ['Vegetarian'] }],
			['White Pizza', null, { size: 'Pizza size', mods: ['Pizza toppings'] }],
		]],
		['Wings & Sides', SHOWN, [
			['Wings (8)', 10.99, { mods: ['Wing sauce'], happy: 8.99 }],
			['Lobster Roll', 24, { stock: 'OUT_OF_STOCK' }],
		], [
			['Sides', SHOWN, [
				['Fries', 3.5, { same: 'Fries' }],
				['Onion Rings', 4.75, {}],
				['Side Salad', 5.25, { tags: ['Vegan'] }],
				['Fruit Cup', 4, { tax: ['Exempt'] }],
			]],
		]],
		['Drinks', SHOWN, [
			['Cola', 2.5, {}],
			['Bottled Water', 2, { tax: ['Meals Tax'], included: true }],
			['House Red, glass', 9, { tax: ['Alcohol'] }],
			['Coffee', 3.25, { mods: ['Milk'], strategy: 'MENU_SPECIFIC_PRICE' }],
		]],
		['Desserts', SHOWN, [
			['Cheesecake', 6.5, { stock: 'QUANTITY', quantity: 4 }],
			['Crème brûlée', 7.25, {}],
			['Staff Brownie', 1, { hidden: true }],
		]],
		['Off the menu', SHOWN, [
			['Open Food', null, { open: true }],
		]],
	]],
	['Breakfast', SHOWN, [{ days: ['SATURDAY', 'SUNDAY'], timeRanges: [{ start: '08:00', end: '11:30' }] }], [
		['Eggs', SHOWN, [
			['Two Eggs Any Style', 7.5, { mods: ['Side'] }],
			['Pancakes', 8.25, {}],
		]],
	]],
	['Staff Meals', HOUSE, null, [['Staff', HOUSE, [['Family Meal', 0, {}]]]]],
];

const id_of = (text) => String(100000000000 + parseInt(guid_of(text).slice(0, 8), 16));

/* Reference ids are numbered as they come, as Toast does. */
class References {
	constructor() {
		this.groups = {};
		this.options = {};
		this.pre = {};
		this.ids = new Map();
	}

	pre_modifiers() {
		if (!this.pre['900'])
			this.pre['900'] = {
				name: 'Amounts', guid: guid_of('pre group'), referenceId: 900, multiLocationId: id_of('pre group'),
				preModifiers: [['No', 0], ['Extra', 0.5], ['On the side', 0]].map(([name, price], i) => ({
					name, guid: guid_of(`pre ${name}`), multiLocationId: id_of(`pre ${name}`), fixedPrice: price, multiplicationFactor: 1,
					displayMode: 'PREFIX', posName: name, default: i === -1,
				})),
			};
		return 900;
	}

	option(group, [name, price, more = {}]) {
		const referenceId = 500 + Object.keys(this.options).length;
		this.options[referenceId] = {
			referenceId, name, kitchenName: name.slice(0, 18), guid: guid_of(`option ${group} ${name}`), multiLocationId: id_of(`option ${group} ${name}`),
			masterId: null, description: '', posName: '', posButtonColorLight: '#DCDCDC', calories: null, image: null,
			visibility: more.hidden ? HOUSE : SHOWN, price, pricingStrategy: 'BASE_PRICE', pricingRules: null,
			taxInfo: [], modifierOptionTaxInfo: { taxRateGuids: [], overrideItemTaxRates: false }, itemTags: [], plu: '', sku: '',
			isDefault: Boolean(more.default), allowsDuplicates: !more.once, portions: [], prices: [], modifierGroupReferences: [],
		};
		this.options[referenceId].modifierGroupReferences = (more.groups ?? []).map((g) => this.group(g));
		return referenceId;
	}

	group(name) {
		if (this.ids.has(name))
			return this.ids.get(name);
		const g = GROUPS[name];
		const referenceId = 100 + this.ids.size;
		this.ids.set(name, referenceId);
		this.groups[referenceId] = {
			name, guid: guid_of(`group ${name}`), referenceId, multiLocationId: id_of(`group ${name}`), masterId: null, posName: '', visibility: SHOWN,
			pricingStrategy: g.strategy ?? 'NONE', pricingRules: g.rules ? { ...NO_RULES, sizeSequencePricingRules: by_size(g.rules) } : NO_RULES,
			defaultOptionsChargePrice: 'NO', defaultOptionsSubstitutionPricing: 'NO', requiredMode: g.mode, minSelections: g.min, maxSelections: g.max,
			isMultiSelect: g.max !== 1, preModifierGroupReference: g.pre ? this.pre_modifiers() : null, modifierOptionReferences: [],
		};
		this.groups[referenceId].modifierOptionReferences = g.options.map((o) => this.option(name, o));
		return referenceId;
	}
}

function item_of([name, price, more], refs) {
	const strategy = more.size ? 'SIZE_PRICE' : more.open ? 'OPEN_PRICE' : more.happy ? 'TIME_SPECIFIC_PRICE' : more.strategy ?? 'BASE_PRICE';
	const rules = more.size ? { ...NO_RULES, sizeSpecificPricingGuid: guid_of(`group ${more.size}`) }
		: more.happy ? { ...NO_RULES, timeSpecificPricingRules: [{ timeSpecificPrice: more.happy, basePrice: price, schedule: [{ days: ['TUESDAY'], timeRanges: [{ start: '16:00', end: '18:00' }] }] }] }
			: null;
	const portion = (side) => ({ name: side, guid: guid_of(`portion ${name} ${side}`), modifierGroupReferences: [refs.group('Pizza toppings')] });

	return {
		name, kitchenName: name.slice(0, 18), guid: guid_of(`item ${name}`), multiLocationId: id_of(`item ${name}`), masterId: null,
		description: more.text ?? '', posName: '', posButtonColorLight: '#DCDCDC', image: null, visibility: more.hidden ? HOUSE : SHOWN,
		price: more.happy ? null : price, pricingStrategy: strategy, pricingRules: rules, isDeferred: false, isDiscountable: true,
		taxInfo: more.tax ? more.tax.map(rate) : MEAL, taxInclusion: more.included ? 'TAX_INCLUDED' : 'TAX_NOT_INCLUDED',
		itemTags: (more.tags ?? []).map((tag) => ({ name: tag, guid: guid_of(`tag ${tag}`) })), plu: '', sku: '', calories: null, contentAdvisories: null,
		unitOfMeasure: 'NONE', portions: more.portions ? ['Left half', 'Right half'].map(portion) : [], prepTime: null, prepStations: [],
		modifierGroupReferences: [...(more.size ? [more.size] : []), ...(more.mods ?? [])].map((g) => refs.group(g)), eligiblePaymentAssistancePrograms: [],
		length: 0, height: 0, width: 0, dimensionUnitOfMeasure: null, weight: 0, weightUnitOfMeasure: null, salesCategory: { name: 'Food', guid: guid_of('sales food') },
	};
}

function group_of([name, visibility, items, groups = []], refs) {
	return {
		name, guid: guid_of(`menu group ${name}`), multiLocationId: id_of(`menu group ${name}`), masterId: null, description: '', posName: '', image: null,
		visibility, itemTags: [], menuGroups: groups.map((g) => group_of(g, refs)), menuItems: items.map((i) => item_of(i, refs)),
	};
}

function menu_of(restaurantGuid = null, lastUpdated = '2026-01-05T10:00:00.000+0000') {
	const refs = new References();
	const menus = MENUS.map(([name, visibility, schedule, groups]) => ({
		name, guid: guid_of(`menu ${name}`), multiLocationId: id_of(`menu ${name}`), masterId: null, description: '', posName: '', image: null, visibility,
		availability: { alwaysAvailable: !schedule, schedule: schedule ?? null }, menuGroups: groups.map((g) => group_of(g, refs)),
	}));

	return {
		restaurantGuid, lastUpdated, restaurantTimeZone: 'America/New_York', menus,
		modifierGroupReferences: refs.groups, modifierOptionReferences: refs.options, preModifierGroupReferences: refs.pre,
	};
}

/* What is not plentiful when the day begins: [guid, status, quantity]. */
const STOCK = MENUS.flatMap(([, , , groups]) => groups.flatMap((g) => g[2])).filter(([, , more]) => more.stock)
	.map(([name, , more]) => [guid_of(`item ${name}`), more.stock, more.quantity ?? null]);

/* What the ordering-partner face shows: nothing that lacks ORDERING_PARTNERS. */
function for_partners(menu) {
	const shown = (x) => x.visibility.includes('ORDERING_PARTNERS');
	const group = (g) => ({ ...g, menuGroups: g.menuGroups.filter(shown).map(group), menuItems: g.menuItems.filter(shown) });
	const options = Object.fromEntries(Object.entries(menu.modifierOptionReferences).filter(([, o]) => shown(o)));
	const groups = Object.fromEntries(Object.entries(menu.modifierGroupReferences).filter(([, g]) => shown(g))
		.map(([id, g]) => [id, { ...g, modifierOptionReferences: g.modifierOptionReferences.filter((o) => o in options) }]));

	return { ...menu, menus: menu.menus.filter(shown).map((m) => ({ ...m, menuGroups: m.menuGroups.filter(shown).map(group) })),
		modifierGroupReferences: groups, modifierOptionReferences: options };
}

/* What an order needs of a menu: items by GUID and multi-location id, groups and options by GUID. */
function index_of(menu) {
	const index = { items: new Map(), by_multi: new Map(), groups: new Map(), pre: new Map(), menu };
	const walk = (group) => {
		for (const item of group.menuItems ?? []) {
			const known = index.items.get(item.guid) ?? { item, groups: new Set() };
			known.groups.add(group.guid);
			index.items.set(item.guid, known);
			if (item.multiLocationId)
				index.by_multi.set(String(item.multiLocationId), item.guid);
		}
		(group.menuGroups ?? []).forEach(walk);
	};

	for (const m of menu.menus)
		(m.menuGroups ?? []).forEach(walk);
	for (const [id, group] of Object.entries(menu.modifierGroupReferences ?? {})) {
		const options = group.modifierOptionReferences.map((o) => menu.modifierOptionReferences[o]).filter(Boolean);
		index.groups.set(group.guid, { id: Number(id), group, options: new Map(options.map((o) => [o.guid, o])),
			by_multi: new Map(options.map((o) => [String(o.multiLocationId), o.guid])) });
	}
	for (const p of Object.values(menu.preModifierGroupReferences ?? {}))
		for (const m of p.preModifiers)
			index.pre.set(m.guid, m);
	return index;
}

module.exports = { RATES, STOCK, for_partners, index_of, menu_of };
