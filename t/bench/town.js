'use strict';
// town: restaurants and guests for a measurement.
//
// Restaurants are onboarded by `ticketrail onboard`, each connected to the slow POS (places.js). Their menus are written by SQL, forty items
// each, the same everywhere, so that a cart's price can be said here and not be read from what is measured; one more restaurant
// has two hundred items and only shows them. Guests log in as guests do.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Story } = require('../story.js');
const places = require('./places.js');

const ITEMS = 40;
const GUESTS = 8;
const SHOWN = { n: 700, items: 200 }; // the one that is only looked at
const CATEGORIES = 5;
const FAR = 900000000; // ids and numbers from here on cannot be mistaken for a quantity or a line's number
const EVENTS_FROM = 50000000; // event numbers too; below the clones' ids (clones.js)

// Nobody's business day ends while we measure.
const zone = () => (new Date().getUTCHours() >= 22 ? 'Asia/Kolkata' : 'Etc/UTC');

const slug = (n) => `bench-${n}`;

// A public id that can be told from what it names.
function publicId(kind, n) {
	const hex = crypto.createHash('sha256').update(`${kind} ${n}`).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
const binary = (kind, n) => `X'${publicId(kind, n).replaceAll('-', '')}'`;

// The one that is only looked at is of no account.
const providerOf = (n) => (n === SHOWN.n ? places.names()[0] : places.at(n));

async function restaurant(world, n, pos) {
	const file = path.join(world.at.conf, `${slug(n)}.json`);
	fs.writeFileSync(file, JSON.stringify({
		slug: slug(n), name: `Kitchen ${n}`, address: '1 Test Road, Bengaluru', contact: '+919900000001', time_zone: zone(),
		currency: 'INR', settings: { restaurant_open: true, cash_payment_enabled: true, max_orders_per_slot: 1000000 },
		pos: { ...places.pos(providerOf(n), n), endpoint: `${pos}/${n}` },
	}), { mode: 0o600 });
	await world.ticketrail(['onboard', file]);
}

// The rows of one restaurant's menu, whose ids begin at n thousand. Every second item comes in two sizes and with extras.
function menuRows(id, n, items) {
	const rows = { categories: [], items: [], variations: [], addon_groups: [], addon_items: [], item_addon_groups: [], taxes: [],
		item_taxes: [] };
	const at = n * 1000, ext = places.ids(providerOf(n));
	rows.addon_groups.push(`(${at + 1}, ${binary('group', n)}, ${id}, '${ext('group', 1)}', 'Extras', 1, 0)`);
	for (let a = 1; a <= 3; a++)
		rows.addon_items.push(`(${at + a}, ${binary('addon', at + a)}, ${id}, ${at + 1}, '${ext('addon', a)}', 'Extra ${a}', ${1000 * a}, 1, 1, ${a})`);
	for (const [k, name] of [[1, 'CGST'], [2, 'SGST']])
		rows.taxes.push(`(${at + k}, ${id}, '${ext('tax', k)}', '${name}', 'percent', 25000, 0, 7, 1, ${k})`);
	for (let c = 1; c <= CATEGORIES; c++)
		rows.categories.push(`(${at + c}, ${binary('category', at + c)}, ${id}, '${ext('category', c)}', 'Category ${c}', ${c}, 1)`);
	for (let i = 1; i <= items; i++) {
		rows.items.push(`(${at + i}, ${binary('item', at + i)}, ${id}, ${at + 1 + i % CATEGORIES}, '${ext('item', i)}', 'Dish number ${i}', ` +
			`'A dish of the house, made of what the market had today', ${9000 + 20 * i}, 7, ${i}, NOW(6), NOW(6))`);
		for (const k of [1, 2]) rows.item_taxes.push(`(${id}, ${at + i}, ${at + k})`);
		if (i % 2 === 1) continue;
		for (const v of [1, 2])
			rows.variations.push(`(${at + 2 * i + v}, ${binary('variation', at + 2 * i + v)}, ${id}, ${at + i}, '${ext('variation', `${i}-${v}`)}', '${ext('code', v)}', ` +
				`'${v === 1 ? 'Half' : 'Full'}', ${9000 * v}, ${v})`);
		rows.item_addon_groups.push(`(${id}, ${at + i}, 0, ${at + 1}, 0, 3, 1)`);
	}
	return rows;
}

const COLUMNS = {
	categories: 'id, public_id, restaurant_id, external_id, name, display_order, is_active',
	items: 'id, public_id, restaurant_id, category_id, external_id, name, description, price_minor, order_types, display_order, ' +
		'created_at, updated_at',
	variations: 'id, public_id, restaurant_id, item_id, external_id, variation_code, name, price_minor, display_order',
	addon_groups: 'id, public_id, restaurant_id, external_id, name, is_active, display_order',
	addon_items: 'id, public_id, restaurant_id, addon_group_id, external_id, name, price_minor, is_available, is_active, display_order',
	item_addon_groups: 'restaurant_id, item_id, variation_id, addon_group_id, min_choices, max_choices, display_order',
	taxes: 'id, restaurant_id, external_id, name, kind, rate_micro, amount_minor, order_types, is_active, display_order',
	item_taxes: 'restaurant_id, item_id, tax_id',
};

async function menus(world, restaurants) {
	const all = restaurants.map(({ id, n }) => menuRows(id, n, n === SHOWN.n ? SHOWN.items : ITEMS));
	for (const table of Object.keys(COLUMNS))
		await world.sql(`INSERT INTO ${table} (${COLUMNS[table]}) VALUES ${all.flatMap((rows) => rows[table]).join(',\n')}`);
	await world.sql('UPDATE restaurant_counters SET menu_version = menu_version + 1');
}

// Two lines, one in a size and with two extras, each with two taxes, and what that costs.
function cart(n, code) {
	const at = n * 1000;
	return {
		...(code ? { discount_code: code } : {}),
		items: [
			{ menu_item_id: publicId('item', at + 2), variation_id: publicId('variation', at + 6), quantity: 2,
				special_instructions: 'not too hot',
				addons: [1, 2].map((a) => ({ addon_item_id: publicId('addon', at + a), quantity: 1 })) },
			{ menu_item_id: publicId('item', at + 5), variation_id: null, quantity: 1, special_instructions: null, addons: [] },
		],
		order_type: 'pickup', payment_method: 'cash', special_instructions: 'no cutlery', delivery_address: null,
	};
}
// (180.00 + 10.00 + 20.00) * 2 + 91.00, and twice 2.5 % of each line: 10.50 and 2.28 (2.275 rounded half up).
const TOTAL_MINOR = (18000 + 1000 + 2000) * 2 + 9100 + 2 * 1050 + 2 * 228;

// Ten percent off, by a code whose uses have a bound, and, for who sends none, by itself and without a bound.
const CODE = 'BENCH10';
// 42.00 of the first line and 9.10 of the second; taxes are on the rest: 9.45 and 2.05 (2.0475 rounded half up) each, twice.
const DISCOUNTED_MINOR = (42000 - 4200) + (9100 - 910) + 2 * 945 + 2 * 205;

async function discounts(world, restaurants) {
	const rows = restaurants.flatMap(({ id, n }) => [[1, `'${CODE}'`, 1000000000], [2, 'NULL', 0]].map(([k, code, most]) =>
		`(${n * 1000 + k}, ${binary('discount', n * 1000 + k)}, ${id}, 'Ten off', ${code}, 'percent', 100000, ${most}, NOW(6), NOW(6))`));
	const uses = restaurants.flatMap(({ id, n }) => [1, 2].map((k) => `(${n * 1000 + k}, ${id}, 0)`));
	await world.sql(`INSERT INTO discounts (id, public_id, restaurant_id, name, code, kind, rate_micro, uses_max, created_at, updated_at) VALUES ${rows};
		INSERT INTO discount_uses (discount_id, restaurant_id, used) VALUES ${uses};
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id IN (${restaurants.map(({ id }) => id)})`);
}

async function guests(world, n) {
	const tokens = [];
	for (let i = 0; i < n; i++) {
		const story = new Story(world);
		await story.logIn();
		tokens.push(story.token);
	}
	return tokens;
}

// Everything: [{id, n, slug}], the shown one last, and the ids and numbers from which orders go on.
async function settle(world, count, pos) {
	const wanted = [...Array.from({ length: count - 1 }, (unused, i) => i + 2), SHOWN.n];
	await restaurant(world, 1, pos); // makes the signing key, which only one may do
	for (let i = 0; i < wanted.length; i += 4) await Promise.all(wanted.slice(i, i + 4).map((n) => restaurant(world, n, pos)));
	const ids = await world.sql("SELECT id, slug FROM restaurants WHERE slug LIKE 'bench-%'");
	const restaurants = ids.map((row) => ({ id: Number(row.id), slug: row.slug, n: Number(row.slug.slice(6)) }))
		.sort((a, b) => a.n - b.n);
	await menus(world, restaurants);
	await world.sql(`ALTER TABLE orders AUTO_INCREMENT = ${FAR}; ALTER TABLE webhook_logs AUTO_INCREMENT = ${FAR};
		UPDATE restaurant_counters SET event_seq = ${EVENTS_FROM}`);
	return restaurants;
}

module.exports = { settle, guests, cart, discounts, slug, GUESTS, SHOWN, FAR, EVENTS_FROM, TOTAL_MINOR, DISCOUNTED_MINOR, CODE };
