'use strict';
/*
 * The golden orders for Toast are right by oracles that the adapter has no part in: the rules, worked out again
 * (golden/toast.js), and the simulated Toast's own validation.
 */
const assert = require('node:assert');
const { test } = require('node:test');
const { golden, names, request, steps } = require('./golden/toast.js');
const { index_of } = require('./sim/toast_menu.js');
const { Reading } = require('./sim/toast_order.js');

/* The restaurant and the menu of the golden orders. */
const guid = (n) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const option = (n, more) => ({ guid: guid(n), name: `option ${n}`, price: 1, pricingStrategy: 'BASE_PRICE', modifierGroupReferences: [], allowsDuplicates: true, ...more });
const group = (n, options, more) => ({ guid: guid(n), name: `group ${n}`, pricingStrategy: 'NONE', minSelections: 0, maxSelections: null, modifierOptionReferences: options, ...more });
const item = (n, more) => ({ guid: guid(n), name: `item ${n}`, price: 9.5, pricingStrategy: 'BASE_PRICE', visibility: ['ORDERING_PARTNERS'], taxInfo: [], portions: [],
	modifierGroupReferences: [], ...more });
const shelf = (n, ...items) => ({ guid: guid(n), menuItems: items, menuGroups: [] });
const menu = {
	menus: [{ menuGroups: [
		shelf(0x2001, item(0x1001, { modifierGroupReferences: [1] })), shelf(0x2002, item(0x1002)), shelf(0x78, item(0x77, { pricingStrategy: 'OPEN_PRICE', price: null })),
		shelf(0x2003, item(0x1003, { pricingStrategy: 'SIZE_PRICE', price: null, pricingRules: { sizeSpecificPricingGuid: guid(0x4003) }, modifierGroupReferences: [2, 3] })),
	] }],
	modifierGroupReferences: { 1: group(0x4001, [1, 2]), 2: group(0x4002, [3]), 3: group(0x4003, [4], { minSelections: 1, maxSelections: 1 }) },
	modifierOptionReferences: { 1: option(0x3001), 2: option(0x3002), 3: option(0x3003), 4: option(0x5002) }, preModifierGroupReferences: {},
};
const place = {
	behavior_of: new Map([[guid(0xd1), 'TAKE_OUT'], [guid(0xd2), 'DELIVERY'], [guid(0xd3), 'DINE_IN'], [guid(0xd4), 'TAKE_OUT']]),
	charge_of: new Map([0xc1, 0xc2, 0xc3].map((n) => [guid(n), { name: 'charge', type: 'OPEN' }])),
	discount_of: new Map([[guid(0xd0), { name: 'open', type: 'OPEN_FIXED' }], [guid(0xdd), { name: 'own', type: 'PERCENT', value: 1000 }]]),
	payments: new Set([guid(0xaa)]), tables: new Set([0x12, 0x13, 0x99].map(guid)), revenue_center: guid(0x66),
};
/* What the simulator remarks and is as it should be: an open item is shown by its own name, a bare item has no group. */
const FINE = new Set(['display_name_ignored', 'no_item_group', 'promised_in_the_past', 'payment_differs_from_total']);

for (const name of names())
	for (const step of steps(name))
		test(`POS-06 POS-07 ${name}: ${step} follows from what was ordered, byte for byte`, () => {
			assert.strictEqual(golden(name, step).trimEnd(), request(name, step));
		});

for (const name of names())
	for (const step of steps(name))
		test(`POS-16 ${name}: Toast finds nothing wrong with its ${step}`, () => {
			const reading = new Reading({ place, index: index_of(menu), rates: new Map(), authority: 'TICKETRAIL', now: Date.parse('2026-02-13T17:00:10Z'),
				stock: () => 'IN_STOCK', guid: () => null, is_price: step === 'prices' });
			const { body } = JSON.parse(golden(name, step));
			const order = reading.order(body);
			assert.deepStrictEqual(reading.notes.filter((n) => !FINE.has(n.note)), []);
			assert.strictEqual(order.checks[0].selections.length, body.checks[0].selections.length);
		});

test('POS-06 modifiers stand in the quantity of their selection, and no text is too long', () => {
	for (const name of names())
		for (const check of JSON.parse(golden(name, 'orders')).body.checks) {
			for (const s of check.selections)
				for (const m of s.modifiers ?? []) {
					assert.strictEqual(m.quantity, s.quantity);
					assert.ok([...m.displayName ?? ''].length <= 1000);
				}
			assert.ok([...check.tabName].length <= 255);
			assert.ok(!check.customer || /^\d{10}$/.test(check.customer.phone));
		}
});

test('there are golden orders at all', () => assert.ok(names().length >= 28));
