'use strict';
// clones: many orders at once, copied in the database from one of each POS that was placed as orders are, lines, taxes, history and event
// included, each with its message to the POS. Their ids lie below all others, so that the numbers that count orders never meet them.

const { place } = require('./orders.js');
const places = require('./places.js');
const { FAR, SHOWN, slug } = require('./town.js');

const FIRST_ID = 100000000; // of the clones; above every event number
const LAST_ID = FAR - 1;
const EVENTS_KEPT = 1000; // of a restaurant that was just opened
const CHILDREN = { order_items: {}, order_item_addons: {}, order_taxes: {}, order_status_history: {} };

const id = (n) => FIRST_ID + n;
const number = (n) => `B${n}`;
const publicId = (n) => `${id(n).toString(16).padStart(12, '0')}7000a${n.toString(16).padStart(15, '0')}`;

// The columns of a table that can be written.
async function columns(house, table) {
	const rows = await house.sql(`SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
		AND TABLE_NAME = '${table}' AND EXTRA NOT LIKE '%GENERATED%' ORDER BY ORDINAL_POSITION`);
	return rows.map(({ name }) => name);
}

// INSERT ... SELECT of every column as it is in t, but for those in `other`.
async function copy(house, table, other, from) {
	const names = (await columns(house, table)).filter((name) => other[name] !== null);
	return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.map((name) => other[name] ?? `t.${name}`).join(', ')} ${from};`;
}

// The orders that all are copied from, and where the copies may go: bench_places.
async function template(house, restaurants) {
	const from = [];
	for (const name of places.names()) {
		const restaurant = house.restaurants.find(({ n }) => places.at(n) === name);
		const { row } = await place(house, { restaurant, token: house.tokens[0] });
		from.push(`SELECT '${name}' AS provider, ${row.id} AS order_id`);
	}
	await house.sql(`UPDATE outbox SET due_at = due_at + INTERVAL 1 YEAR WHERE runner = 'relay' AND kind <> 'pos_login';
		CREATE OR REPLACE TABLE bench_places (n INT PRIMARY KEY, restaurant_id BIGINT, destination VARCHAR(80), pos_place VARCHAR(200), order_id BIGINT) ENGINE=InnoDB;
		INSERT INTO bench_places SELECT ROW_NUMBER() OVER (ORDER BY r.slug = '${slug(SHOWN.n)}', r.id) - 1, r.id, CONCAT(p.provider_name, ':', i.id),
		CONCAT(p.provider_name, ':', i.id, '/', COALESCE(i.pos_restaurant_id, '')), f.order_id
		FROM restaurant_pos_integrations i JOIN restaurants r ON r.id = i.restaurant_id JOIN pos_providers p ON p.id = i.pos_provider_id
		JOIN (${from.join(' UNION ALL ')}) f ON f.provider = p.provider_name
		ORDER BY r.slug = '${slug(SHOWN.n)}', r.id LIMIT ${restaurants}`);
	return { restaurants };
}

const OWN = `${FIRST_ID} + s.seq`;
const numbered = (restaurants, from, to) => `FROM seq_${from}_to_${to} s STRAIGHT_JOIN bench_places p ON p.n = s.seq % ${restaurants}`;

// The SQL that puts their messages, due then.
async function messages(house, { restaurants }, from, to, due) {
	return copy(house, 'outbox', { id: null, destination: 'p.destination', lane: OWN, restaurant_id: 'p.restaurant_id', subject_id: OWN,
		due_at: due, created_at: due, expires_at: 'UTC_TIMESTAMP(6) + INTERVAL 1 DAY' },
	`${numbered(restaurants, from, to)} JOIN outbox t ON t.subject_id = p.order_id AND t.kind = 'pos_submit'`);
}

// Copies number from to to. due: SQL of when their messages are, null for none; begin: SQL to be said before.
async function make(house, of, from, to, due = 'UTC_TIMESTAMP(6)', begin = '') {
	const { restaurants } = of;
	const made = numbered(restaurants, from, to);
	const own = OWN;
	const sql = [await copy(house, 'orders', {
		id: own, restaurant_id: 'p.restaurant_id', order_number: "CONCAT('B', s.seq)", pos_place: 'p.pos_place',
		public_id: "UNHEX(CONCAT(LPAD(LOWER(HEX(100000000 + s.seq)), 12, '0'), '7000a', LPAD(LOWER(HEX(s.seq)), 15, '0')))",
	}, `${made} JOIN orders t ON t.id = p.order_id`)];
	for (const table of Object.keys(CHILDREN)) {
		const has_id = (await columns(house, table)).includes('id');
		sql.push(await copy(house, table, { ...(has_id ? { id: null } : {}), order_id: own }, `${made} JOIN ${table} t ON t.order_id = p.order_id`));
	}
	sql.push(await copy(house, 'events', { restaurant_id: 'p.restaurant_id', seq: `${EVENTS_KEPT} + s.seq`, order_id: own },
		`${made} JOIN events t ON t.order_id = p.order_id AND t.kind = 'order_placed'`));
	if (due) sql.push(await messages(house, of, from, to, due));
	await house.sql(begin + sql.join('\n'));
}

// The first number that is free.
async function next(house) {
	const [{ id: last }] = await house.sql(`SELECT COALESCE(MAX(id), ${FIRST_ID}) AS id FROM orders WHERE id BETWEEN ${FIRST_ID} AND ${LAST_ID}`);
	return Number(last) - FIRST_ID + 1;
}

module.exports = { template, make, messages, next, id, number, publicId, FIRST_ID };
