'use strict';
/*
 * The golden orders are right by two oracles that the adapter has no part in: the rules, worked out again (golden/check.js),
 * and the simulated PetPooja's own validation and arithmetic.
 */
const assert = require('node:assert');
const { test } = require('node:test');
const { check, names } = require('./golden/check.js');
const { arithmetic, shape } = require('./sim/petpooja_order.js');

for (const name of names()) {
	let body;
	test(`POS-12 POS-02 POS-03 ${name}: amounts and words follow from what was ordered`, () => {
		body = check(name);
	});
	test(`POS-16 ${name}: PetPooja finds nothing missing, malformed or unknown`, () => {
		assert.deepStrictEqual(shape(body), { notes: [] });
	});
	/* With add-ons priced apart PetPooja, which reads price as the whole, finds another sum: that is what the switch is for. */
	if (name !== 'addons_apart')
		test(`POS-12 ${name}: PetPooja adds it up to the same total`, () => {
			assert.deepStrictEqual(arithmetic(body.orderinfo.OrderInfo), []);
		});
}

test('there are golden orders at all', () => assert.ok(names().length >= 14));
