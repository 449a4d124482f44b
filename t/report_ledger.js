'use strict';
// report_ledger: orders chosen by chance, put straight into the tables, and what reports must say of the rows that are there: in BigInt,
// from openapi.yaml's words alone. Every number is text, as it stands in the answer, so that 180.0 is not 180.00.

const crypto = require('node:crypto');

const COUNTS = ['placed', 'sold', 'completed', 'open', 'unreleased', 'cancelled', 'rejected'];
const MONEYS = ['gross', 'discounts', 'net', 'taxes_added', 'taxes_included', 'packing', 'delivery', 'tips', 'total', 'paid', 'unpaid', 'refunded'];
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const STATUSES = ['received', 'confirmed', 'preparing', 'ready', 'out_for_delivery', 'completed', 'cancelled', 'rejected'];
const DAY_MS = 86400000;

// --- days and hours

const dateOf = (ms) => new Date(ms).toISOString().slice(0, 10);
const msOf = (date) => Date.parse(`${date}T00:00:00Z`);
const weekdayOf = (date) => (new Date(msOf(date)).getUTCDay() + 6) % 7;

function wall(zone, ms) {
	const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
		hour: '2-digit', minute: '2-digit' }).formatToParts(new Date(ms)).map(({ type, value }) => [type, value]));
	return { date: `${parts.year}-${parts.month}-${parts.day}`, hour: Number(parts.hour), minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

// The business day: the latest whose beginning (the first time its wall shows the hour) has come.
function businessDate(zone, starts, ms) {
	const [h, m] = starts.split(':').map(Number);
	const { date, minutes } = wall(zone, ms);
	if (minutes >= h * 60 + m) return date;
	// An hour that is shown twice: the day has begun with the first time.
	for (let before = ms; before > ms - 3 * 3600000; before -= 300000) {
		const then = wall(zone, before);
		if (then.date === date && then.minutes >= h * 60 + m) return date;
	}
	return dateOf(msOf(date) - DAY_MS);
}

// --- filling

const quote = (value) => (value === null ? 'NULL' : typeof value === 'bigint' || typeof value === 'number' ? String(value)
	: value.raw ?? `'${value.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`);
const uuid = () => ({ raw: `0x${crypto.randomBytes(16).toString('hex')}` });

async function insert(world, table, rows) {
	for (let i = 0; i < rows.length; i += 100) {
		const part = rows.slice(i, i + 100);
		await world.sql(`INSERT INTO ${table} (${Object.keys(part[0]).join(', ')}) VALUES ${part.map((row) => `(${Object.values(row).map(quote).join(', ')})`).join(',\n')}`);
	}
}

const NAMES = ['Masala Dosa', '=HYPERLINK("http://x")', 'Paneer, "hot"', '+91 Special', '@home', '-1 Thali', 'Çay ☕', 'Line\nbreak', ' blank ', '\tTab'];
const TAXES = [['CGST', 'percent', 25000, 0], ['SGST', 'percent', 25000, 0], ['CGST', 'percent', 90000, 0], ['VAT', 'percent', 123456, 1], ['=Cess', 'fixed', 0, 0],
	['vat', 'percent', 123456, 1]];

// shop gets .days: the business days there are, from the first to the last.
async function fill(world, shop, { random, orders: n }) {
	const pick = (list) => list[Math.floor(random() * list.length)];
	const chance = (p) => random() < p;
	const [{ id: last }] = await world.sql('SELECT COALESCE(MAX(id), 0) AS id FROM orders');
	// around a change of clocks: Lord Howe on 5 April (by half an hour), New York on 8 March
	const begin = msOf({ sydney: '2026-04-01', kuwait: '2026-03-04' }[shop.slug] ?? '2026-01-28');
	const menu = Array.from({ length: 8 }, (unused, i) => ({ id: shop.id * 1000 + i + 1, public_id: uuid(), names: [pick(NAMES), `${pick(NAMES)} ${i}`],
		variations: i % 3 === 0 ? [] : [0, 1, 2].map((v) => ({ id: shop.id * 10000 + i * 10 + v + 1, public_id: uuid(), name: pick(['Half', 'Full', '=Large', 'Small']) })) }));
	const addons = Array.from({ length: 5 }, (unused, i) => ({ id: shop.id * 1000 + i + 1, public_id: uuid(), names: [pick(NAMES), `Extra ${i}`] }));
	const tables = { orders: [], order_items: [], order_item_addons: [], order_taxes: [] };
	const numbers = new Map();
	for (let k = 0; k < n; k++) {
		const id = Number(last) + k + 1;
		const ms = begin + Math.floor((k + random()) / n * 9 * DAY_MS);
		const date = businessDate(shop.zone, shop.starts, ms);
		const cheap = chance(0.95);
		const amount = () => (cheap ? BigInt(Math.floor(random() * 100000)) : BigInt(Math.floor(random() * 2 ** 40)) * 977n);
		let subtotal = 0n, tax = 0n;
		const lines = 1 + Math.floor(random() * 4);
		for (let line = 1; line <= lines; line++) {
			const item = pick(menu);
			const variation = item.variations.length > 0 && chance(0.9) ? pick(item.variations) : null;
			const quantity = BigInt(1 + Math.floor(random() * 3));
			const price = amount();
			let extra = 0n;
			for (let a = 1; a <= Math.floor(random() * 3); a++) {
				const addon = pick(addons);
				const of = { quantity: BigInt(1 + Math.floor(random() * 2)), price: amount() };
				extra += of.quantity * of.price;
				tables.order_item_addons.push({ order_id: id, line_no: line, addon_no: a, addon_item_id: addon.id, addon_public_id: addon.public_id,
					name: addon.names[k < n / 2 ? 0 : 1], group_name: 'G', price_minor: of.price, quantity: of.quantity });
			}
			subtotal += (price + extra) * quantity;
			tables.order_items.push({ order_id: id, line_no: line, item_id: item.id, item_public_id: item.public_id, item_name: item.names[k < n / 2 ? 0 : 1],
				variation_id: variation?.id ?? null, variation_public_id: variation?.public_id ?? null, variation_name: variation?.name ?? null,
				item_price_minor: price, addons_minor: extra, quantity, line_total_minor: (price + extra) * quantity });
		}
		for (let t = 0, no = 1; t < TAXES.length; t++)
			for (let line = 0; line <= lines; line++)
				if (chance(line === 0 ? 0.2 : 0.5)) {
					const [name, kind, rate, inclusive] = TAXES[t];
					const of = BigInt(Math.floor(random() * 9000));
					if (!inclusive) tax += of;
					tables.order_taxes.push({ order_id: id, line_no: line, tax_no: no++, name, kind, rate_micro: rate, amount_minor: of, is_inclusive: inclusive });
				}
		const discount = chance(0.3) ? subtotal / 10n : 0n;
		const [packing, delivery, tip] = [amount() / 50n, chance(0.3) ? 2000n : 0n, chance(0.2) ? amount() / 20n : 0n];
		const status = chance(0.6) ? 'completed' : pick(STATUSES);
		const method = pick(['cash', 'cash', 'upi']);
		const payment = chance(0.6) ? 'paid' : pick(['pending', 'authorized', 'paid', 'failed', 'partially_refunded', 'refunded']);
		const count = (numbers.get(date) ?? 0) + 1;
		numbers.set(date, count);
		const at = new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
		tables.orders.push({ id, public_id: uuid(), restaurant_id: shop.id, order_number: `ORD-${date.replace(/-/g, '')}-${String(count).padStart(3, '0')}`,
			status, order_type: pick(['dine_in', 'pickup', 'delivery']), currency: chance(0.95) ? shop.currency : 'USD', business_date: date,
			subtotal_minor: subtotal, discount_minor: discount, tax_minor: tax, packing_minor: packing, delivery_charge_minor: delivery, tip_minor: tip,
			total_minor: subtotal - discount + tax + packing + delivery + tip, menu_version: 1, payment_method: method, payment_status: payment,
			released_at: chance(0.92) ? at : null, created_at: at, updated_at: at });
	}
	for (const [table, rows] of Object.entries(tables)) await insert(world, table, rows);
	const dates = [...numbers.keys()].sort();
	shop.days = [];
	for (let ms = msOf(dates[0]); ms <= msOf(dates.at(-1)); ms += DAY_MS) shop.days.push(dateOf(ms));
	// what a restaurant that has taken these orders would have counted
	await world.sql(`UPDATE restaurant_counters SET order_day = '${dates.at(-1)}', order_seq = ${numbers.get(dates.at(-1))} WHERE restaurant_id = ${shop.id}`);
}

// The message that the first order of the last day would have left.
const wanted = (world, shop) => world.sql(`INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
	VALUES ('jobs', 'day_sums', 'day_sums', ${shop.id}, ${shop.id}, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))`);

// --- reading

const big = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, /_minor$|quantity$|rate_micro$/.test(key) && value !== null ? BigInt(value) : value]));
const dashed = (hex) => hex && hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

async function read(world, restaurant) {
	const of = `WHERE order_id IN (SELECT id FROM orders WHERE restaurant_id = ${restaurant})`;
	const orders = (await world.sql(`SELECT id, business_date, currency, order_type, status, released_at, payment_method, payment_status, created_at, subtotal_minor,
		discount_minor, tax_minor, packing_minor, delivery_charge_minor, tip_minor, total_minor FROM orders WHERE restaurant_id = ${restaurant} ORDER BY id`)).map(big);
	const lines = (await world.sql(`SELECT order_id, line_no, item_id, HEX(item_public_id) AS item_public_id, HEX(item_name) AS item_name, variation_id,
		HEX(variation_public_id) AS variation_public_id, HEX(variation_name) AS variation_name, quantity, line_total_minor, addons_minor FROM order_items ${of} ORDER BY order_id, line_no`)).map(big);
	const addons = (await world.sql(`SELECT order_id, line_no, addon_item_id, HEX(addon_public_id) AS addon_public_id, HEX(name) AS name, quantity, price_minor
		FROM order_item_addons ${of} ORDER BY order_id, line_no, addon_no`)).map(big);
	const taxes = (await world.sql(`SELECT order_id, line_no, name, kind, rate_micro, amount_minor, is_inclusive FROM order_taxes ${of} ORDER BY order_id, line_no, tax_no`)).map(big);
	return { orders, lines, addons, taxes };
}

const text = (hex) => (hex === null ? null : Buffer.from(hex, 'hex').toString('utf8'));

// --- what must be said

function money(minor, digits) {
	const sign = minor < 0n ? '-' : '';
	const s = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
	return digits === 0 ? sign + s : `${sign}${s.slice(0, -digits)}.${s.slice(-digits)}`;
}
const halfUp = (n, by) => (2n * n + by) / (2n * by);
const isSold = (o) => o.released_at !== null && o.status !== 'cancelled' && o.status !== 'rejected';
const sum = (list, of) => list.reduce((all, one) => all + of(one), 0n);
const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function counts(orders) {
	const n = (test) => String(orders.filter(test).length);
	const ended = (o) => o.status === 'cancelled' || o.status === 'rejected';
	return {
		placed: n(() => true), sold: n(isSold), completed: n((o) => isSold(o) && o.status === 'completed'), open: n((o) => isSold(o) && o.status !== 'completed'),
		unreleased: n((o) => o.released_at === null && !ended(o)), cancelled: n((o) => o.status === 'cancelled'), rejected: n((o) => o.status === 'rejected'),
	};
}

function head(shop, from, to) {
	return { from, to, time_zone: shop.zone, day_starts_at: shop.starts };
}

function dates(from, to) {
	const list = [];
	for (let ms = msOf(from); ms <= msOf(to); ms += DAY_MS) list.push(dateOf(ms));
	return list;
}

function groups(list, key) {
	const found = new Map();
	for (const one of list) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
	return [...found.values()];
}

function rate({ kind, rate_micro: micro }) {
	return kind === 'percent' ? money(micro, 4).replace(/\.?0+$/, '') : null;
}

function salesOf(all, orders, digits) {
	const sold = orders.filter(isSold);
	const ids = new Set(sold.map((o) => o.id));
	const taxes = all.taxes.filter((t) => ids.has(t.order_id));
	const total = (column) => sum(sold, (o) => o[column]);
	const paidAs = (...words) => sum(sold.filter((o) => words.includes(o.payment_status)), (o) => o.total_minor);
	const within = (test) => sum(taxes.filter((t) => t.is_inclusive === '1' && test(t)), (t) => t.amount_minor);
	const amounts = {
		gross: total('subtotal_minor'), discounts: total('discount_minor'), net: total('subtotal_minor') - total('discount_minor') - within((t) => t.line_no !== '0'),
		taxes_added: total('tax_minor'), taxes_included: within(() => true), packing: total('packing_minor'), delivery: total('delivery_charge_minor'),
		tips: total('tip_minor'), total: total('total_minor'), paid: paidAs('paid', 'partially_refunded'), unpaid: paidAs('pending', 'authorized', 'failed'),
		refunded: paidAs('refunded'),
	};
	if (amounts.total !== amounts.gross - amounts.discounts + amounts.taxes_added + amounts.packing + amounts.delivery + amounts.tips ||
		amounts.total !== amounts.paid + amounts.unpaid + amounts.refunded) throw new Error('the ledger contradicts itself');
	const refunds = orders.filter((o) => o.payment_status === 'refunded');
	return {
		orders: counts(orders),
		...Object.fromEntries(Object.entries(amounts).map(([key, value]) => [key, money(value, digits)])),
		average_order_value: sold.length === 0 ? null : money(halfUp(amounts.total, BigInt(sold.length)), digits),
		taxes: groups(taxes, (t) => `${t.name} ${t.kind} ${t.rate_micro}`).sort(([a], [b]) => bytes(a.name, b.name) || bytes(a.kind, b.kind) || Number(a.rate_micro - b.rate_micro))
			.map((of) => ({ name: of[0].name, rate: rate(of[0]), added: sum(of.filter((t) => t.is_inclusive === '0'), (t) => t.amount_minor),
				included: sum(of.filter((t) => t.is_inclusive === '1'), (t) => t.amount_minor) }))
			.filter((t) => t.added !== 0n || t.included !== 0n)
			.map((t) => ({ ...t, added: money(t.added, digits), included: money(t.included, digits) })),
		payments: groups(sold, (o) => `${o.payment_method} ${o.payment_status}`)
			.map((of) => ({ payment_method: of[0].payment_method, payment_status: of[0].payment_status, orders: String(of.length), total: money(sum(of, (o) => o.total_minor), digits) }))
			.sort((a, b) => bytes(a.payment_method, b.payment_method) || bytes(a.payment_status, b.payment_status)),
		refunds: { orders: String(refunds.length), amount: money(sum(refunds, (o) => o.total_minor), digits),
			partial_orders: String(orders.filter((o) => o.payment_status === 'partially_refunded').length) },
	};
}

function others(orders, shop) {
	const found = [];
	for (const o of orders) if (o.currency !== shop.currency && !found.includes(o.currency)) found.push(o.currency);
	return found;
}

const within = (all, from, to) => all.orders.filter((o) => o.business_date >= from && o.business_date <= to);

function sales(all, shop, from, to) {
	const orders = within(all, from, to);
	const ours = orders.filter((o) => o.currency === shop.currency);
	return {
		...head(shop, from, to), currency: shop.currency, other_currencies: others(orders, shop), totals: salesOf(all, ours, shop.digits),
		days: dates(from, to).map((date) => ({ business_date: date, ...salesOf(all, ours.filter((o) => o.business_date === date), shop.digits) })),
	};
}

function soldOf(lines, all, digits) {
	const gross = sum(lines, (l) => l.line_total_minor);
	return {
		quantity: String(sum(lines, (l) => l.quantity)), gross: money(gross, digits), addons: money(sum(lines, (l) => l.addons_minor * l.quantity), digits),
		orders: String(new Set(lines.map((l) => l.order_id)).size), share: money(all === 0n ? 0n : halfUp(gross * 10000n, all), 2),
	};
}

function items(all, shop, from, to, sort) {
	const orders = within(all, from, to).filter(isSold);
	const ours = new Set(orders.filter((o) => o.currency === shop.currency).map((o) => o.id));
	const lines = all.lines.filter((l) => ours.has(l.order_id));
	const addons = all.addons.filter((a) => ours.has(a.order_id)).map((a) => ({ ...a,
		times: a.quantity * lines.find((l) => l.order_id === a.order_id && l.line_no === a.line_no).quantity }));
	const gross = sum(lines, (l) => l.line_total_minor);
	const figures = (of) => ({ gross: sum(of, (l) => l.line_total_minor ?? l.times * l.price_minor), quantity: sum(of, (l) => l.times ?? l.quantity) });
	const best = (id) => (a, b) => {
		const [x, y] = [figures(a), figures(b)];
		const more = (key) => (x[key] < y[key] ? 1 : x[key] > y[key] ? -1 : 0);
		return (sort === 'revenue' ? more('gross') || more('quantity') : more('quantity') || more('gross')) || bytes(a[0][id] ?? '', b[0][id] ?? '');
	};
	const inItems = groups(lines, (l) => l.item_id).sort(best('item_public_id'));
	return {
		...head(shop, from, to), currency: shop.currency, other_currencies: others(orders, shop),
		totals: { items: String(inItems.length), quantity: String(sum(lines, (l) => l.quantity)), gross: money(gross, shop.digits),
			addons: money(sum(lines, (l) => l.addons_minor * l.quantity), shop.digits) },
		items: inItems.map((of) => ({
			item_id: dashed(of[0].item_public_id), name: text(of.at(-1).item_name), ...soldOf(of, gross, shop.digits),
			variations: of.every((l) => l.variation_id === null) ? [] : groups(of, (l) => l.variation_id).sort(best('variation_public_id')).map((v) => ({
				variation_id: dashed(v[0].variation_public_id), name: text(v.at(-1).variation_name), ...soldOf(v, gross, shop.digits) })),
		})),
		addons: groups(addons, (a) => a.addon_item_id).sort(best('addon_public_id')).map((of) => ({
			addon_item_id: dashed(of[0].addon_public_id), name: text(of.at(-1).name), quantity: String(figures(of).quantity), gross: money(figures(of).gross, shop.digits),
			orders: String(new Set(of.map((a) => a.order_id)).size) })),
	};
}

function volume(all, shop, from, to) {
	const orders = within(all, from, to).map((o) => ({ ...o, hour: wall(shop.zone, Date.parse(`${o.created_at.replace(' ', 'T').slice(0, 23)}Z`)).hour }));
	const days = dates(from, to).map((date) => ({ business_date: date, ...counts(orders.filter((o) => o.business_date === date)) }));
	const hours = Array.from({ length: 24 }, (unused, hour) => ({ hour: String(hour), ...counts(orders.filter((o) => o.hour === hour)) }));
	const most = (list) => list.reduce((top, one) => (Number(one.placed) > Number(top?.placed ?? 0) ? one : top), null);
	const [day, hour] = [most(days), most(hours)];
	return {
		...head(shop, from, to), totals: counts(orders), days, hours,
		weekdays: WEEKDAYS.map((weekday, w) => {
			const of = orders.filter((o) => weekdayOf(o.business_date) === w);
			return { weekday, ...counts(of), hours: Array.from({ length: 24 }, (unused, h) => String(of.filter((o) => o.hour === h).length)) };
		}),
		order_types: ['dine_in', 'pickup', 'delivery'].map((word) => ({ order_type: word, ...counts(orders.filter((o) => o.order_type === word)) })),
		payment_methods: ['cash', 'upi'].map((word) => ({ payment_method: word, ...counts(orders.filter((o) => o.payment_method === word)) })),
		statuses: STATUSES.map((status) => ({ status, placed: String(orders.filter((o) => o.status === status).length) })),
		peak: { day: day && { business_date: day.business_date, placed: day.placed }, hour: hour && { hour: hour.hour, placed: hour.placed } },
	};
}

// --- both forms

// JSON with its numbers as they are written.
const exact = (json) => JSON.parse(json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (one) => (one[0] === '"' ? one : `"${one}"`)));

// RFC 4180, strictly: CRLF behind every row, quotes doubled.
function parseCsv(csv) {
	const rows = [];
	let row = [], at = 0;
	while (at < csv.length) {
		const cell = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(csv.slice(at));
		if (!cell) throw new Error(`no CSV: ${JSON.stringify(csv.slice(at, at + 60))}`);
		row.push(cell[1] !== undefined ? cell[1].replace(/""/g, '"') : cell[2]);
		if (cell[3] === '\r\n') {
			rows.push(row);
			row = [];
		}
		at += cell[0].length;
	}
	return rows;
}

const safe = (cell) => (cell === null ? '' : /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell);
const none = (n) => Array(n).fill('');

const TABLES = {
	'daily-sales'(report) {
		const taxes = report.totals.taxes.flatMap(({ name, rate: of }) => ['added', 'included'].map((kind) => ({ name, rate: of, kind, heading: `tax ${name} ${of === null ? 'fixed' : `${of}%`} ${kind}` })));
		const zero = money(0n, report.totals.total.split('.')[1]?.length ?? 0);
		const row = (first, day) => [first, report.currency, ...COUNTS.map((c) => day.orders[c]), ...MONEYS.map((m) => day[m]), day.average_order_value ?? '',
			day.refunds.orders, day.refunds.amount, day.refunds.partial_orders,
			...taxes.map((t) => day.taxes.find((one) => one.name === t.name && one.rate === t.rate)?.[t.kind] ?? zero),
			...report.totals.payments.flatMap((p) => {
				const of = day.payments.find((one) => one.payment_method === p.payment_method && one.payment_status === p.payment_status);
				return [of?.orders ?? '0', of?.total ?? zero];
			})];
		return [['business_date', 'currency', ...COUNTS, ...MONEYS, 'average_order_value', 'refunds_orders', 'refunds_amount', 'refunds_partial_orders',
			...taxes.map((t) => t.heading), ...report.totals.payments.flatMap((p) => ['orders', 'total'].map((of) => `${p.payment_method} ${p.payment_status} ${of}`))],
		...report.days.map((day) => row(day.business_date, day)), row('total', report.totals)];
	},
	'item-performance'(report) {
		const sold = (one) => [report.currency, one.quantity, one.gross, one.addons, one.orders, one.share];
		return [['kind', 'item_id', 'item', 'variation_id', 'variation', 'addon_item_id', 'addon', 'currency', 'quantity', 'gross', 'addons', 'orders', 'share'],
			...report.items.flatMap((item) => [['item', item.item_id, safe(item.name), ...none(4), ...sold(item)],
				...item.variations.map((v) => ['variation', item.item_id, safe(item.name), v.variation_id ?? '', safe(v.name), ...none(2), ...sold(v)])]),
			...report.addons.map((a) => ['addon', ...none(4), a.addon_item_id, safe(a.name), report.currency, a.quantity, a.gross, '', a.orders, '']),
			['total', ...none(6), report.currency, report.totals.quantity, report.totals.gross, report.totals.addons, '', '']];
	},
	'order-volume'(report) {
		const row = (by, value, of) => [by, value, ...COUNTS.map((c) => of[c] ?? '')];
		return [['by', 'value', ...COUNTS], ...report.days.map((d) => row('business_date', d.business_date, d)), ...report.hours.map((h) => row('hour', h.hour, h)),
			...report.weekdays.map((d) => row('weekday', d.weekday, d)),
			...report.weekdays.flatMap((d) => d.hours.map((placed, h) => row('weekday_hour', `${d.weekday} ${h}`, { placed }))),
			...report.order_types.map((t) => row('order_type', t.order_type, t)), ...report.payment_methods.map((t) => row('payment_method', t.payment_method, t)),
			...report.statuses.map((s) => row('status', s.status, s)), row('total', '', report.totals)];
	},
};
const csvOf = (report, expected) => TABLES[report](expected);

module.exports = { businessDate, csvOf, exact, fill, insert, items, parseCsv, read, sales, volume, wanted, uuid };
