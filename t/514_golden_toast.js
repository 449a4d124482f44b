'use strict';
/*
 * The golden orders for Toast are right by oracles that the adapter has no part in: the rules, worked out again
 * (golden/toast.js), and the simulated Toast's own validation.
 */
const assert = require('node:assert');
const { test } = require('node:test');
const { golden, names, request, steps } = require('./golden/toast.js');

for (const name of names())
	for (const step of steps(name))
		test(`POS-06 POS-07 ${name}: ${step} follows from what was ordered, byte for byte`, () => {
			assert.strictEqual(golden(name, step).trimEnd(), request(name, step));
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
