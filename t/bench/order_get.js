'use strict';
// order_get: GET /orders/{id}, by its guest.

const { place } = require('./orders.js');

const POOL = 'orders';
const ORDERS = 100;

async function prepare(house) {
	const asked = [];
	let answer;
	await house.pool(POOL);
	await house.world.answers();
	for (let i = 0; i < ORDERS; i++) {
		const restaurant = house.restaurants[i % (house.restaurants.length - 1)], token = house.tokens[i % house.tokens.length];
		const { answer: placed } = await place(house, { restaurant, token });
		asked.push({ path: `/r/${restaurant.slug}/api/v1/orders/${placed.json.order.id}`, token });
	}
	const lines = [];
	const recorder = await house.recording(POOL, async (rec) => {
		for (const one of asked)
			lines.push(await rec.usual('SELECT id, public_id, restaurant_id, user_id, order_number', async () => {
				answer = await house.world.fetch(one.path, { token: one.token });
				if (answer.status !== 200) throw new Error(answer.text);
				return { now_us: 0n };
			}));
	});
	const script = recorder.write(house.file('script.get'), lines);
	const path = house.helloKnows('get', answer);
	const requests = house.requests('get', asked), hello = house.requests('hello get', [{ path, token: house.tokens[0] }]);
	const length = Buffer.byteLength(answer.text);
	return {
		turns: {
			'ours get': (seconds) => house.wrk(requests, { seconds, bytes: [length, length + 1000] }),
			'bare get': (seconds) => house.bare(POOL, script, { seconds }),
			'alone get': () => house.bare(POOL, script, { seconds: 2, processes: 1 }),
			'hello get': (seconds) => house.wrk(hello, { seconds, bytes: [length, length + 1000] }),
		},
		rows: [{ name: 'GET /orders/{id}', unit: 'look at an order', pool: POOL, ours: 'ours get', bare: 'bare get', hello: 'hello get', alone: 'alone get',
			steps: recorder.usualSteps, warm: () => house.wrk(requests, { seconds: 1 }) }],
		said: `An order's answer has ${length} bytes.`,
	};
}

module.exports = { prepare, POOL, restaurants: 4 };
