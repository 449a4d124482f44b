'use strict';
// The story that make run tells, played for proof, and what the house and the provider remember of it.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { PROVIDERS } = require('./providers.js');
const { World } = require('./world.js');
const story = require('./story.js');

let world;
before(async () => {
	world = await World.start();
});
after(async () => {
	await world?.stop();
});

test('TEST-04 ORD-25 WH-01 WH-03 ADM-05 ADM-06 a new guest logs in, orders, and is served', async (t) => {
	const facts = await story.play(world, { say: (line) => t.diagnostic(line) });
	assert.equal(facts.order.status, 'completed');
	assert.equal(facts.order.payment_status, 'paid');
	assert.equal(facts.tickets, 1);
	const [row] = await world.sql(`SELECT status, payment_status, pos_state, total_minor FROM orders WHERE order_number = '${facts.number}'`);
	assert.equal(row.status, 'completed');
	assert.equal(Number(row.total_minor), Math.round(facts.total * 100));
	const history = await world.sql(`SELECT h.new_status FROM order_status_history h JOIN orders o ON o.id = h.order_id
		WHERE o.order_number = '${facts.number}' AND h.axis = 'status' ORDER BY h.id`);
	assert.deepEqual(history.map((one) => one.new_status).filter((word) => word !== 'received'), ['confirmed', 'ready', 'completed']);
});

for (const pos of Object.keys(PROVIDERS).filter((name) => name !== 'petpooja')) {
	test(`TEST-04 POS-01 the same at ${PROVIDERS[pos].name}, as make run POS=${pos} tells it`, async (t) => {
		const other = await World.start({ pos });
		try {
			const facts = await story.play(other, { say: (line) => t.diagnostic(line) });
			assert.deepEqual([facts.order.status, facts.order.payment_status, facts.tickets], ['completed', 'paid', 1]);
			const steps = await other.sql(`SELECT h.new_status FROM order_status_history h JOIN orders o ON o.id = h.order_id
				WHERE o.order_number = '${facts.number}' AND h.axis = 'status' ORDER BY h.id`);
			for (const step of ['confirmed', 'ready', 'completed']) assert.ok(steps.some((one) => one.new_status === step), `it is ${step} on the way`);
		} finally {
			await other.stop();
		}
	});
}

test('ORD-03 ARC-06 ten guests at once: ten numbers, ten tickets', async () => {
	const all = await Promise.all(Array.from({ length: 10 }, () => story.play(world)));
	assert.equal(new Set(all.map((facts) => facts.number)).size, 10);
	for (const facts of all) assert.equal(facts.tickets, 1);
});
