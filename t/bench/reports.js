'use strict';
// reports: three years of one restaurant, a million orders with three lines and six taxes each, as reports tell them. How long summing
// them up takes once; then each report over a week, a year and all of it, through nginx; with some days whose sums are stale; and how
// many orders are placed beside reports that are asked for without end.
//
// ORDERS=100000 takes less of everything. Loading takes minutes.

const path = require('node:path');
const orders = require('./orders.js');
const { median, spread, table } = require('./table.js');
const { run } = require('../stack/process.js');

process.env.POOL = process.env.REPORTS_POOL ?? '2G';

const ORDERS = Number(process.env.ORDERS ?? 1000000);
const DAYS = 1096;
const CHUNK = 50000;
const FIRST = 200000000; // of their ids: beyond all others
const AIM_MS = 1000;
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REPORTS = ['daily-sales', 'item-performance', 'order-volume'];

const say = (text) => process.stderr.write(`${text}\n`);

const CHARGES = 's.seq % 7 * 100';
const LINE = (n) => `(1000 + (s.seq * ${n} * 31) % 150 * 50)`;

// Orders number from to to: each sold but every tenth, paid but every fifth.
function rows(restaurant, from, to) {
	const s = `FROM seq_${from}_to_${to} s`;
	const own = `${FIRST} + s.seq`;
	const day = `UTC_DATE() - INTERVAL ${DAYS - 1} - FLOOR((s.seq - 1) * ${DAYS} / ${ORDERS}) DAY`;
	const at = `TIMESTAMP(${day}) + INTERVAL (s.seq * 7919) % 86400 SECOND`;
	const lines = [1, 2, 3].map(LINE).join(' + ');
	return [`INSERT INTO orders (id, public_id, restaurant_id, order_number, status, order_type, currency, business_date, subtotal_minor, tax_minor, packing_minor,
		total_minor, menu_version, payment_method, payment_status, released_at, created_at, updated_at, history_seq)
		SELECT ${own}, UNHEX(MD5(CONCAT('report', s.seq))), ${restaurant}, CONCAT('R', s.seq), IF(s.seq % 10 = 0, 'cancelled', 'completed'),
		ELT(1 + s.seq % 3, 'dine_in', 'pickup', 'delivery'), 'INR', ${day}, ${lines}, 150, ${CHARGES}, ${lines} + 150 + ${CHARGES}, 1,
		IF(s.seq % 3 = 0, 'upi', 'cash'), IF(s.seq % 5 = 0, 'pending', 'paid'), ${at}, ${at}, ${at}, 1 ${s}`,
	`INSERT INTO order_items (order_id, line_no, item_id, item_public_id, item_name, variation_id, variation_public_id, variation_name, item_price_minor,
		addons_minor, quantity, line_total_minor) SELECT ${own}, l.seq, 1 + (s.seq * l.seq * 31) % 150, UNHEX(MD5((s.seq * l.seq * 31) % 150)),
		CONCAT('Dish ', (s.seq * l.seq * 31) % 150), IF(s.seq % 2, 1, NULL), IF(s.seq % 2, UNHEX(MD5('v')), NULL), IF(s.seq % 2, 'Half', NULL),
		${LINE('l.seq')} - 100, 100, 1, ${LINE('l.seq')} FROM seq_${from}_to_${to} s JOIN seq_1_to_3 l`,
	`INSERT INTO order_item_addons (order_id, line_no, addon_no, addon_item_id, addon_public_id, name, group_name, price_minor, quantity)
		SELECT ${own}, l.seq, 1, 1 + s.seq % 40, UNHEX(MD5(s.seq % 40)), 'Extra', 'Extras', 100, 1 FROM seq_${from}_to_${to} s JOIN seq_1_to_3 l`,
	`INSERT INTO order_taxes (order_id, line_no, tax_no, name, kind, rate_micro, amount_minor, is_inclusive)
		SELECT ${own}, l.seq, t.seq, IF(t.seq = 1, 'CGST', 'SGST'), 'percent', 25000, 25, 0 FROM seq_${from}_to_${to} s JOIN seq_1_to_3 l JOIN seq_1_to_2 t`]
		.join(';\n');
}

async function load(house, restaurant) {
	for (let n = 1; n <= ORDERS; n += CHUNK) {
		await house.sql(`SET SESSION unique_checks = 0, foreign_key_checks = 0; ${rows(restaurant, n, Math.min(ORDERS, n + CHUNK - 1))}`);
		say(`  ${Math.min(ORDERS, n + CHUNK - 1)} orders`);
	}
	await house.sql(`UPDATE restaurant_counters SET order_day = GREATEST(order_day, UTC_DATE()) WHERE restaurant_id = ${restaurant};
		ANALYZE TABLE orders, order_items, order_item_addons, order_taxes`);
}

// The job until it has nothing to do; in seconds.
async function sumUp(house, restaurant) {
	await house.sql(`INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
		VALUES ('jobs', 'day_sums', 'day_sums', ${restaurant}, ${restaurant}, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))`);
	const begun = Date.now();
	await run([path.join(house.world.build, 'jobs'), '--once'], { dir: house.world.at.dir, env: house.world.environment('jobs') });
	return (Date.now() - begun) / 1000;
}

const date = (back) => new Date(Date.now() - back * 86400000).toISOString().slice(0, 10);

async function ask(house, { slug, token }, report, days, more = '', expected = 200) {
	const begun = process.hrtime.bigint();
	const answer = await house.world.fetch(`/r/${slug}/api/v1/admin/reports/${report}?from=${date(days - 1)}&to=${date(0)}${more}`, { token, ms: 60000 });
	if (answer.status !== expected) throw new Error(`${report}: ${answer.status} ${answer.text.slice(0, 300)}`);
	return { ms: Number(process.hrtime.bigint() - begun) / 1e6, kb: answer.text.length / 1024 };
}

async function timed(house, who, name, of) {
	const list = [];
	for (const report of REPORTS)
		for (const [days, more] of of) {
			await ask(house, who, report, days, more);
			const times = [];
			let kb;
			for (let i = 0; i < ROUNDS; i++) {
				const one = await ask(house, who, report, days, more);
				times.push(one.ms);
				kb = one.kb;
			}
			list.push([`${report}${name}`, `${days} days${more && ', CSV'}`, spread(times), kb.toFixed(0), median(times) <= AIM_MS ? 'met' : 'MISSED']);
		}
	return list;
}

// Orders a second with and without reports beside them, in turns.
async function beside(house, who) {
	const part = await orders.prepare(house);
	await house.pool('orders');
	const row = part.rows[0];
	await row.warm();
	const found = { alone: [], beside: [] };
	let asked = 0;
	for (let r = 0; r < ROUNDS; r++)
		for (const how of ['alone', 'beside']) {
			let is_over = false;
			const loop = how === 'alone' ? null : (async () => {
				for (; !is_over; asked++) await ask(house, who, REPORTS[asked % 3], DAYS);
			})();
			found[how].push((await house.turn(() => part.turns[row.ours](house.settings.seconds))).rate);
			is_over = true;
			await loop;
		}
	return { name: row.name, ...found, asked };
}

async function prepare(house) {
	await house.pool('reports');
	return { own: () => measure(house) };
}

async function measure(house) {
	const { world } = house;
	const [{ id, slug }] = await house.sql('SELECT id, slug FROM restaurants ORDER BY id LIMIT 1');
	const password = world.canary(require('node:crypto').randomBytes(9).toString('base64url'));
	const file = path.join(world.at.conf, 'boss.json');
	require('node:fs').writeFileSync(file, JSON.stringify({ slug, name: 'Kitchen', time_zone: 'Etc/UTC', staff: [{ username: 'boss', role: 'admin', name: 'Boss', password }] }), { mode: 0o600 });
	await world.ticketrail(['onboard', file]);
	await house.sql(`UPDATE restaurants SET time_zone = 'Etc/UTC', currency = 'INR' WHERE id = ${id}`);
	const login = await world.fetch(`/r/${slug}/api/v1/admin/auth/login`, { json: { username: 'boss', password } });
	world.canary(login.json.refresh_token);
	const who = { slug, token: world.canary(login.json.access_token) };
	say(`loading ${ORDERS} orders`);
	const begun = Date.now();
	await load(house, id);
	say(`loaded in ${((Date.now() - begun) / 1000).toFixed(0)} s; summing up`);
	const cold = [];
	for (const report of REPORTS) cold.push([`${report}, no sums`, '31 days', ((await ask(house, who, report, 31)).ms).toFixed(0), '', '']);
	const summing = await sumUp(house, id);
	say('asking');
	const list = await timed(house, who, '', [[7, ''], [365, ''], [DAYS, ''], [DAYS, '&format=csv']]);
	await house.sql(`UPDATE day_sums SET is_stale = 1 WHERE restaurant_id = ${id} AND business_date IN (SELECT d FROM (SELECT UTC_DATE() - INTERVAL seq * 30 DAY AS d FROM seq_1_to_20) x)`);
	list.push(...await timed(house, who, ', 20 days stale', [[DAYS, '']]));
	say('placing beside');
	const placed = await beside(house, who);
	return { wrong: [], text: `${ORDERS} orders of one restaurant in ${DAYS} days. Summed up by the job in ${summing.toFixed(0)} s.

${table(['', 'of', 'ms', 'kB', `<= ${AIM_MS} ms`], [...cold, ...list])}
${table(['orders a second', 'alone', `beside ${placed.asked} reports of all days`], [[placed.name, spread(placed.alone), spread(placed.beside)]])}` };
}

module.exports = { prepare, POOL: 'orders', restaurants: orders.restaurants };
