'use strict';
// orders: POST /orders with one restaurant and with many, and with many that take something off: for a code, and by themselves.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const town = require('./town.js');

const MANY = 100;
const POOL = 'orders';

// Who orders where and what: every restaurant, and with few of them every guest.
const pairs = (house, { from = 0, many, code, total_minor = town.TOTAL_MINOR }) => Array.from({ length: Math.max(many, town.GUESTS) }, (unused, i) => {
	const restaurant = house.restaurants[from + i % many];
	return { restaurant, token: house.tokens[i % town.GUESTS], cart: town.cart(restaurant.n, code), total_minor };
});

const microsecondsOf = (text) => {
	const [whole, part] = text.split('.');
	return BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(part);
};

// Places one order: {answer, row}.
async function place(house, { restaurant, token, cart = town.cart(restaurant.n), total_minor = town.TOTAL_MINOR }, key) {
	const answer = await house.world.fetch(`/r/${restaurant.slug}/api/v1/orders`, { token, json: cart,
		headers: key ? { 'idempotency-key': key } : {} });
	assert.equal(answer.status, 201, answer.text);
	const [row] = await house.sql(`SELECT o.id, o.order_number, o.total_minor, o.created_at, e.seq FROM orders o
		JOIN events e ON e.restaurant_id = o.restaurant_id AND e.order_id = o.id AND e.kind = 'order_placed'
		WHERE o.public_id = X'${answer.json.order.id.replaceAll('-', '')}'`);
	assert.equal(Number(row.total_minor), total_minor);
	return { answer, row };
}

// What is new in an order, in bare's words.
async function placed(house, pair) {
	const key = house.settings.keys ? crypto.randomUUID() : undefined;
	const { answer, row } = await place(house, pair, key);
	const id = answer.json.order.id, head = row.order_number.slice(0, row.order_number.lastIndexOf('-') + 1);
	house.placed = answer;
	return {
		now_us: microsecondsOf(row.created_at),
		texts: { [id]: 'u', [row.id]: 'o', [row.order_number]: `x${Buffer.from(head).toString('hex')},n`, ...(key ? { [key]: 'k' } : {}) },
		numbers: { [row.id]: 'Io', [row.seq]: 'Ie' },
		bytes: { [id.replaceAll('-', '')]: 'Bu' },
	};
}

const count = (house) => house.count('orders', `id >= ${town.FAR}`);

// 201 every time, as the database sees it: what was answered is there, and no more besides than was under way at the end, and at
// the end of the turn before.
async function ours(house, requests, seconds) {
	const before = await count(house);
	const figures = await house.wrk(requests, { seconds, keys: house.settings.keys });
	const made = await count(house) - before;
	assert.ok(made >= figures.n && made <= figures.n + 2 * house.settings.clients, `${figures.n} answers of 201, ${made} orders`);
	return figures;
}

// Until no worker meets a menu any more that it has not read: an order is then the recorded statements and no others.
async function warm(house, requests, usual) {
	const executed = async () => Number((await house.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'"))[0].Value);
	for (let tries = 0; ; tries++) {
		const before = { executed: await executed(), orders: await count(house) };
		await ours(house, requests, 2);
		const each = (await executed() - before.executed) / (await count(house) - before.orders);
		if (each < usual + 0.05) return;
		if (tries === 30) throw new Error(`an order is ${each.toFixed(2)} statements, not ${usual}: workers still read menus`);
	}
}

// What must hold of all orders, ours and bare's. Answers the complaints.
async function complaints(house, less) {
	const wrong = [];
	const check = async (what, sql) => {
		const [row] = await house.sql(sql);
		if (Number(row.n) !== 0) wrong.push(`${what}: ${row.n}`);
	};
	const ordered = `(SELECT * FROM orders WHERE id >= ${town.FAR})`;
	await check('restaurants whose order numbers have a gap or a repetition', `SELECT COUNT(*) AS n FROM (SELECT o.restaurant_id
		FROM ${ordered} o JOIN restaurant_counters c ON c.restaurant_id = o.restaurant_id GROUP BY o.restaurant_id
		HAVING COUNT(DISTINCT o.order_number) <> COUNT(*) OR MIN(CAST(SUBSTRING_INDEX(o.order_number, '-', -1) AS UNSIGNED)) <> 1
		OR MAX(CAST(SUBSTRING_INDEX(o.order_number, '-', -1) AS UNSIGNED)) <> COUNT(*) OR MAX(c.order_seq) <> COUNT(*)) x`);
	await check('restaurants whose events have a gap', `SELECT COUNT(*) AS n FROM (SELECT e.restaurant_id
		FROM events e JOIN restaurant_counters c ON c.restaurant_id = e.restaurant_id WHERE e.seq > ${town.EVENTS_FROM}
		GROUP BY e.restaurant_id HAVING MIN(e.seq) <> ${town.EVENTS_FROM} + 1 OR MAX(e.seq) <> MAX(c.event_seq)
		OR COUNT(*) <> MAX(c.event_seq) - ${town.EVENTS_FROM}) x`);
	await check('orders with another total', `SELECT COUNT(*) AS n FROM ${ordered} o
		WHERE total_minor <> IF(restaurant_id IN (${less.map(({ id }) => id)}), ${town.DISCOUNTED_MINOR}, ${town.TOTAL_MINOR})`);
	await check('discounts whose uses are not counted', `SELECT COUNT(*) AS n FROM discount_uses u LEFT JOIN
		(SELECT discount_id, COUNT(*) AS k FROM order_discounts GROUP BY discount_id) d ON d.discount_id = u.discount_id WHERE u.used <> COALESCE(d.k, 0)`);
	await check('orders whose lines and taxes do not add up', `SELECT COUNT(*) AS n FROM ${ordered} o LEFT JOIN
		(SELECT order_id, SUM(line_total_minor) AS s, COUNT(*) AS k FROM order_items GROUP BY order_id) i ON i.order_id = o.id LEFT JOIN
		(SELECT order_id, SUM(amount_minor) AS s, COUNT(*) AS k FROM order_taxes GROUP BY order_id) t ON t.order_id = o.id
		WHERE NOT (i.k <=> 2 AND t.k <=> 4 AND i.s <=> o.subtotal_minor AND i.s + t.s - o.discount_minor <=> o.total_minor)`);
	await check('orders without their two add-ons', `SELECT COUNT(*) AS n FROM ${ordered} o LEFT JOIN
		(SELECT order_id, COUNT(*) AS k FROM order_item_addons GROUP BY order_id) a ON a.order_id = o.id WHERE NOT (a.k <=> 2)`);
	await check('orders without exactly one submission in the outbox', `SELECT COUNT(*) AS n FROM ${ordered} o LEFT JOIN
		(SELECT subject_id, COUNT(*) AS k FROM outbox WHERE kind = 'pos_submit' GROUP BY subject_id) m ON m.subject_id = o.id
		WHERE NOT (m.k <=> 1)`);
	return wrong;
}

const SIZES = [
	{ name: '1 restaurant', many: 1 },
	{ name: '100 restaurants', many: MANY },
	{ name: '100 restaurants, a code', many: MANY, from: MANY, code: town.CODE, total_minor: town.DISCOUNTED_MINOR },
	{ name: '100 restaurants, less by itself', many: MANY, from: MANY, total_minor: town.DISCOUNTED_MINOR },
];

async function prepare(house) {
	const sizes = SIZES.map((size) => ({ ...size, pairs: pairs(house, size) }));
	const less = house.restaurants.slice(MANY, 2 * MANY);
	await town.discounts(house.world, less);
	const recorder = await house.recording(POOL, async (rec) => {
		for (const size of sizes) {
			size.lines = [];
			for (const pair of size.pairs) size.lines.push(await rec.usual('INSERT INTO orders ', () => placed(house, pair)));
			size.steps = rec.usualSteps;
		}
	});
	const turns = {};
	const rows = sizes.map(({ name, steps, ...size }) => {
		const requests = house.requests(name, size.pairs.map(({ restaurant, token, cart }) => ({ method: 'POST', token,
			path: `/r/${restaurant.slug}/api/v1/orders`, body: JSON.stringify(cart) })));
		const script = recorder.write(house.file(`script.${name.replace(/\W+/g, '-')}`), size.lines);
		const usual = steps.filter((step) => step.name).length;
		turns[`ours ${name}`] = (seconds) => ours(house, requests, seconds);
		turns[`bare ${name}`] = (seconds) => house.bare(POOL, script, { seconds });
		turns[`alone ${name}`] = () => house.bare(POOL, script, { seconds: 2, processes: 1 });
		return { name: `POST /orders, ${name}`, unit: 'order', pool: POOL, aim: 0.85, ours: `ours ${name}`, bare: `bare ${name}`, hello: 'hello order',
			alone: `alone ${name}`, steps, warm: () => warm(house, requests, usual) };
	});
	const path = house.helloKnows('order', house.placed);
	const hello = house.requests('hello order', sizes.at(-1).pairs.map(({ restaurant, token, cart }) => ({ method: 'POST', token,
		path: `/r/${restaurant.slug}${path}`, body: JSON.stringify(cart) })));
	turns['hello order'] = (seconds) => house.wrk(hello, { seconds, keys: house.settings.keys });
	return { turns, rows, complaints: () => complaints(house, less),
		said: 'An order has 2 lines, 1 variation, 2 add-ons, 2 taxes a line. The relay is off.' };
}

module.exports = { prepare, place, POOL, restaurants: 2 * MANY + 1 }; // the last one only shows its menu
