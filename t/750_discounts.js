'use strict';
// Discounts as staff make them and guests have them: codes and those that apply by themselves, their bounds, and what is said of a code
// that does not apply.

const assert = require('node:assert/strict');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');

const NOBODYS = '0190163d-8694-739b-aea5-966c26f8ad02';
const AT = '/api/v1/admin/discounts';
let world, bistro, other, guest, items;

before(async () => {
	world = await World.start({ onboard: false, workers: 3, env: { RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { pos: false, settings: { delivery_charge: '20.00' } });
	other = await Bistro.open(world, { slug: 'other', pos: false });
	guest = await bistro.guest();
	items = await kitchen(bistro);
});
after(() => world?.stop());

const say = (method, at, json, more = {}) => world.fetch(`${(more.of ?? bistro).base}${at}`,
	{ method, token: (more.of ?? bistro).admin, ...(json === undefined ? {} : { json }), ...more });

async function good(method, at, json, status = { POST: 201, DELETE: 204 }[method] ?? 200, more) {
	const answer = await say(method, at, json, more);
	assert.equal(answer.status, status, `${method} ${at}: ${answer.text}`);
	return answer.json;
}

// A dish for 100.00 with 5 % and one for 50.00 that holds its 5 %; packing is 4.00 a piece of the first.
async function kitchen(of) {
	const admin = '/api/v1/admin';
	const category = await good('POST', `${admin}/menu/categories`, { name: 'All' }, 201, { of });
	const tax = await good('POST', `${admin}/taxes`, { name: 'GST', kind: 'percent', percent: '5' }, 201, { of });
	const dish = (name, more) => good('POST', `${admin}/menu/items`, { name, category_id: category.id, tax_ids: [tax.id], ...more }, 201, { of });
	return [await dish('Dosa', { price: 100, packing_charge: 4 }), await dish('Chai', { price: 50, tax_inclusive: true })];
}

const code = (answer) => `${answer.status} ${answer.json?.error?.code}`;
const fields = (answer) => (answer.json.error.details?.fields ?? []).map((one) => one.field);
const cart = (quantity, more = {}) => ({ items: [{ menu_item_id: items[0].id, quantity }], order_type: 'pickup', payment_method: 'cash', ...more });
const quote = async (quantity, more, who = guest) => who.fetch('/api/v1/orders/quote', { method: 'POST', json: cart(quantity, more) });
const make = (json, more) => good('POST', AT, json, 201, more);
const gone = (discount) => good('DELETE', `${AT}/${discount.id}`);
const uses = async (discount) => (await good('GET', `${AT}/${discount.id}`)).uses;

async function refused(quantity, discount_code, words, more = {}, who = guest) {
	for (const answer of [await quote(quantity, { discount_code, ...more }, who), await who.place(cart(quantity, { discount_code, ...more }))]) {
		assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', ['discount_code']], answer.text);
		assert.match(answer.json.error.details.fields[0].message ?? answer.text, words);
	}
}

test('C9 ORD-05 E29 a code takes its percentage off the goods, taxes are on the rest, and the order shows it everywhere', async () => {
	const made = await make({ name: 'Ten off', code: 'welcome-10', kind: 'percent', percent: '10' });
	assert.deepEqual([made.code, made.percent, made.amount, made.min_subtotal, made.max_discount, made.uses, made.uses_max, made.uses_per_guest_max, made.first_order_only, made.is_active, made.starts_at, made.ends_at, made.order_types],
		['WELCOME-10', '10', null, null, null, 0, null, null, false, true, null, null, ['delivery', 'pickup', 'dine_in']]);
	const more = { discount_code: ' Welcome-10\t', tip: 7, order_type: 'delivery', delivery_address: 'Hostel 7' };
	const told = await quote(3, more);
	assert.equal(told.status, 200, told.text);
	const { quote: q } = told.json;
	assert.deepEqual([q.subtotal, q.discount, q.tax, q.packing_charge, q.delivery_charge, q.tip, q.total], [300, 30, 13.5, 12, 20, 7, 322.5]);
	assert.deepEqual(q.discounts, [{ id: made.id, name: 'Ten off', code: 'WELCOME-10', amount: 30 }]);
	assert.deepEqual(q.items.map((line) => [line.line_total, line.discount, line.taxes]), [[300, 30, [{ name: 'GST', amount: 13.5, is_inclusive: false }]]]);
	assert.equal(await uses(made), 0, 'a quote uses nothing');
	const { order } = await guest.ordered(cart(3, more));
	assert.equal(order.total, 322.5);
	assert.equal(await uses(made), 1);
	const whole = (await guest.order(order.id)).json.order;
	const staff = (await say('GET', `/api/v1/admin/orders/${order.id}`)).json.order;
	for (const one of [whole, staff]) {
		assert.deepEqual([one.subtotal, one.discount, one.tax, one.total], [300, 30, 13.5, 322.5]);
		assert.deepEqual(one.discounts, q.discounts);
		assert.deepEqual(one.items, q.items);
	}
	const [listed] = (await guest.fetch('/api/v1/orders')).json.orders;
	assert.deepEqual([listed.id, listed.discount, listed.total], [order.id, 30, 322.5]);
	const board = (await say('GET', '/api/v1/admin/orders')).json.orders.find((one) => one.id === order.id);
	assert.deepEqual([board.discount, board.discounts], [30, q.discounts]);
	const classic = (await guest.fetch(`/api/common/orders/${order.id}/`)).json.order;
	assert.deepEqual([classic.discount_amount, classic.discounts, classic.total_amount], [30, q.discounts, 322.5]);
	const date = (await bistro.row(order.order_number)).business_date;
	const report = await good('GET', `/api/v1/admin/reports/daily-sales?from=${date}&to=${date}`);
	assert.deepEqual([report.totals.gross, report.totals.discounts, report.totals.taxes_added, report.totals.total], [300, 30, 13.5, 322.5]);
	await gone(made);
	assert.deepEqual((await guest.order(order.id)).json.order.discounts, q.discounts, 'what was given stays on the order');
	await refused(3, 'WELCOME-10', /not a code/);
	await good('PUT', `${AT}/${made.id}`, { name: 'Ten off', kind: 'percent', percent: '20', is_active: true });
	assert.equal((await quote(3, more)).json.quote.discount, 60, 'and may come back');
	assert.equal(await uses(made), 1);
	await gone(made);
});

test('C9 E29 without a code the best of those that apply by themselves; with one that one; never both', async () => {
	const five = await make({ name: 'Five', kind: 'percent', percent: '5' });
	const six = await make({ name: 'Six rupees', kind: 'fixed', amount: 6 });
	const again = await make({ name: 'Six again', kind: 'fixed', amount: '6.00' });
	const small = await make({ name: 'Code', code: 'TWO', kind: 'fixed', amount: 2 });
	const has = async (quantity, more) => {
		const { json } = await quote(quantity, more);
		return [json.quote.discount, ...json.quote.discounts.map((one) => one.name)];
	};
	assert.deepEqual(await has(1), [6, 'Six rupees'], 'of equals the first');
	assert.deepEqual(await has(2), [10, 'Five']);
	assert.deepEqual(await has(2, { discount_code: 'two' }), [2, 'Code']);
	for (const blank of ['', '  ', null]) assert.deepEqual(await has(2, { discount_code: blank }), [10, 'Five'], 'a blank code is none');
	await refused(1, 'FIVE', /not a code/);
	await gone(six);
	assert.deepEqual(await has(1), [6, 'Six again']);
	await gone(again);
	assert.deepEqual(await has(1), [5, 'Five']);
	const { order } = await guest.ordered(cart(1));
	assert.equal(order.total, 100 - 5 + 4.75 + 4);
	for (const one of [five, small]) await gone(one);
	assert.deepEqual(await has(1), [0]);
	assert.deepEqual((await guest.order(order.id)).json.order.discount, 5);
});

test('C9 E29 the bounds: least, most, dates, types; a code says why it does not apply', async () => {
	const hour = (n) => new Date(Date.now() + n * 3600000).toISOString();
	const all = { kind: 'fixed', amount: 10 };
	const least = await make({ ...all, name: 'Least', code: 'LEAST', min_subtotal: 200 });
	const most = await make({ name: 'Most', code: 'MOST', kind: 'percent', percent: '50', max_discount: 75.5 });
	const early = await make({ ...all, name: 'Early', code: 'EARLY', starts_at: hour(1) });
	const late = await make({ ...all, name: 'Late', code: 'LATE', starts_at: hour(-2), ends_at: hour(-1) });
	const now = await make({ ...all, name: 'Now', code: 'NOW', starts_at: hour(-1), ends_at: hour(1) });
	const dine = await make({ ...all, name: 'Dine', code: 'DINE', order_types: ['dine_in'] });
	const all_of_it = await make({ name: 'Free', code: 'FREE', kind: 'fixed', amount: 99999 });
	const nothing = await make({ name: 'Little', code: 'LITTLE', kind: 'percent', percent: '0.0001' });
	await refused(1, 'LEAST', /at least 200\.00/);
	assert.equal((await quote(2, { discount_code: 'LEAST' })).json.quote.discount, 10);
	assert.deepEqual([(await quote(1, { discount_code: 'MOST' })).json.quote.discount, (await quote(2, { discount_code: 'MOST' })).json.quote.discount], [50, 75.5]);
	await refused(1, 'EARLY', /not apply yet/);
	await refused(1, 'LATE', /expired/);
	assert.equal((await quote(1, { discount_code: 'NOW', scheduled_time: null })).json.quote.discount, 10);
	await refused(1, 'DINE', /type of order/);
	assert.equal((await quote(1, { discount_code: 'DINE', order_type: 'dine_in', table_number: '7' })).json.quote.discount, 10);
	const free = (await quote(2, { discount_code: 'FREE', tip: 5 })).json.quote;
	assert.deepEqual([free.subtotal, free.discount, free.tax, free.packing_charge, free.total], [200, 200, 0, 8, 13], 'no more than the goods');
	await refused(1, 'LITTLE', /nothing off/);
	await refused(1, 'NOBODYS', /not a code/);
	for (const one of [least, most, early, late, now, dine, all_of_it, nothing]) await gone(one);
});

test('C9 F38 S76 a number of uses, per guest and in all; what is cancelled gives its use back', async () => {
	const second = await bistro.guest(), third = await bistro.guest();
	const once = await make({ name: 'Once', code: 'ONCE', kind: 'fixed', amount: 10, uses_max: 2, uses_per_guest_max: 1 });
	const mine = await guest.ordered(cart(1, { discount_code: 'ONCE' }));
	await refused(1, 'ONCE', /by you/);
	const theirs = await second.ordered(cart(1, { discount_code: 'ONCE' }));
	await refused(1, 'ONCE', /as often as it may/, {}, third);
	assert.equal(await uses(once), 2);
	assert.equal((await second.cancel(theirs.order.id, 'no')).status, 200);
	assert.equal((await second.cancel(theirs.order.id, 'no')).status, 200);
	assert.equal(await uses(once), 1, 'given back once');
	await refused(1, 'ONCE', /by you/);
	await third.ordered(cart(1, { discount_code: 'ONCE' }));
	assert.equal((await bistro.move(mine.order.id, 'rejected', 'no gas')).status, 200);
	assert.equal(await uses(once), 1);
	await guest.ordered(cart(1, { discount_code: 'ONCE' }));
	await refused(1, 'ONCE', /as often as it may/, {}, second);
	await good('PUT', `${AT}/${once.id}`, { name: 'Once', kind: 'fixed', amount: 10, uses_max: null });
	await second.ordered(cart(1, { discount_code: 'ONCE' }));
	assert.equal(await uses(once), 3);
	const kept = await good('PUT', `${AT}/${once.id}`, { name: 'Once', kind: 'fixed', amount: 10, uses_max: 3 });
	assert.equal(kept.uses, 3, 'a bound that is set later knows');
	await refused(1, 'ONCE', /as often as it may/, {}, await bistro.guest());
	await gone(once);
});

test('C9 F38 a first order; one that applies by itself and is used up is passed over for the next', async () => {
	const fresh = await bistro.guest();
	const first = await make({ name: 'First', kind: 'percent', percent: '20', first_order_only: true });
	const few = await make({ name: 'Few', kind: 'fixed', amount: 15, uses_max: 1 });
	const rest = await make({ name: 'Rest', kind: 'fixed', amount: 1 });
	const has = async (who) => (await quote(1, {}, who)).json.quote.discount;
	assert.deepEqual([await has(fresh), await has(guest)], [20, 15]);
	const { order } = await fresh.ordered(cart(1));
	assert.equal(await has(fresh), 15);
	assert.equal((await fresh.cancel(order.id)).status, 200);
	assert.equal(await has(fresh), 20, 'what was cancelled was no order');
	assert.equal((await guest.ordered(cart(1))).order.total, 100 - 15 + 4.25 + 4);
	assert.equal(await has(guest), 1);
	const coded = await make({ name: 'First', code: 'FIRST', kind: 'fixed', amount: 30, first_order_only: true });
	await refused(1, 'FIRST', /first order/);
	assert.equal((await fresh.ordered(cart(1, { discount_code: 'first' }))).order.total, 70 + 3.5 + 4);
	for (const one of [first, few, rest, coded]) await gone(one);
});

test('C9 E30 taxes on packing and delivery are added to them, and to nothing else', async () => {
	const both = await good('POST', '/api/v1/admin/taxes', { name: 'Charges', kind: 'percent', percent: '18', charges: ['delivery', 'packing'] });
	const fixed = await good('POST', '/api/v1/admin/taxes', { name: 'Road', kind: 'fixed', amount: 1.25, charges: ['delivery'], order_types: ['delivery'] });
	assert.deepEqual([both.charges, fixed.charges], [['packing', 'delivery'], ['delivery']]);
	const off = await make({ name: 'Half', kind: 'percent', percent: '50' });
	const q = (await quote(2, { order_type: 'delivery', delivery_address: 'Hostel 7' })).json.quote;
	assert.deepEqual(q.charge_taxes, [{ charge: 'packing', name: 'Charges', amount: 1.44 }, { charge: 'delivery', name: 'Charges', amount: 3.6 }, { charge: 'delivery', name: 'Road', amount: 1.25 }]);
	assert.deepEqual([q.discount, q.tax, q.total], [100, 5 + 1.44 + 3.6 + 1.25, 100 + 11.29 + 8 + 20]);
	const pickup = (await quote(2)).json.quote;
	assert.deepEqual([pickup.charge_taxes.map((one) => one.amount), pickup.tax], [[1.44], 6.44]);
	const { order } = await guest.ordered(cart(2, { order_type: 'delivery', delivery_address: 'Hostel 7' }));
	assert.equal(order.total, q.total);
	const whole = (await guest.order(order.id)).json.order;
	assert.deepEqual([whole.charge_taxes, whole.tax], [q.charge_taxes, q.tax]);
	assert.deepEqual((await good('PUT', `/api/v1/admin/taxes/${both.id}`, { name: 'Charges', kind: 'percent', percent: '18', charges: [] })).charges, []);
	assert.deepEqual((await quote(2)).json.quote.charge_taxes, []);
	for (const wrong of [['packing', 'packing'], ['tip'], 'packing', [1]]) assert.equal(code(await say('PUT', `/api/v1/admin/taxes/${both.id}`, { name: 'Charges', kind: 'percent', percent: '18', charges: wrong })), '400 VALIDATION_ERROR', `${wrong}`);
	for (const one of [both, fixed]) await good('DELETE', `/api/v1/admin/taxes/${one.id}`);
	await gone(off);
});

test('C9 S03 S04 SEC-04 a wrong discount is refused with what is wrong; other people have none of it', async () => {
	const fine = { name: 'Fine', kind: 'percent', percent: '10', code: 'FINE' };
	const made = await make(fine);
	const rows = [
		[{ name: undefined }, 'name'], [{ name: ' ' }, 'name'], [{ kind: 'half' }, 'kind'], [{ kind: undefined }, 'kind'], [{ percent: undefined }, 'percent'], [{ percent: '0' }, 'percent'], [{ percent: '100.0001' }, 'percent'],
		[{ percent: '-1' }, 'percent'], [{ percent: 10 }, 'percent'], [{ amount: 5 }, 'amount'], [{ kind: 'fixed', percent: undefined }, 'amount'], [{ kind: 'fixed', percent: undefined, amount: 0 }, 'amount'],
		[{ kind: 'fixed', amount: 5 }, 'percent'], [{ kind: 'fixed', percent: undefined, amount: 0.001 }, 'amount'], [{ kind: 'fixed', percent: undefined, amount: 5, max_discount: 3 }, 'max_discount'],
		[{ code: 'AB' }, 'code'], [{ code: 'with blank' }, 'code'], [{ code: 'कोड' }, 'code'], [{ code: 'X'.repeat(33) }, 'code'], [{ code: '' }, 'code'], [{ min_subtotal: -1 }, 'min_subtotal'], [{ max_discount: 0 }, 'max_discount'],
		[{ order_types: [] }, 'order_types'], [{ order_types: ['pickup', 'pickup'] }, 'order_types'], [{ starts_at: 'tomorrow' }, 'starts_at'], [{ starts_at: '2026-02-02T00:00:00Z', ends_at: '2026-02-02T00:00:00Z' }, 'ends_at'],
		[{ uses_max: 0 }, 'uses_max'], [{ uses_max: 1.5 }, 'uses_max'], [{ uses_per_guest_max: -1 }, 'uses_per_guest_max'], [{ first_order_only: 'yes' }, 'first_order_only'], [{ uses: 1 }, 'uses'], [{ external_id: 'x' }, 'external_id'],
	];
	for (const [spoil, field] of rows)
		for (const [method, at] of [['POST', AT], ['PUT', `${AT}/${made.id}`]]) {
			const answer = await say(method, at, { ...fine, code: 'OTHER', ...spoil });
			assert.deepEqual([code(answer), fields(answer)], ['400 VALIDATION_ERROR', [field]], `${method} ${JSON.stringify(spoil)} ${answer.text}`);
		}
	const twice = await say('POST', AT, { ...fine, code: 'fine' });
	assert.deepEqual([code(twice), fields(twice)], ['409 CONFLICT', ['code']]);
	assert.equal((await make(fine, { of: other })).code, 'FINE', 'another restaurant may have the same');
	for (const id of [NOBODYS, made.id])
		for (const [method, json] of [['GET'], ['PUT', fine], ['DELETE']]) {
			if (id === made.id) assert.equal(code(await say(method, `${AT}/${id}`, json, { of: other })), '404 NOT_FOUND', `${method} of another restaurant`);
			else assert.equal(code(await say(method, `${AT}/${id}`, json)), '404 NOT_FOUND');
		}
	for (const token of [bistro.cook, guest.token]) assert.equal(code(await say('POST', AT, fine, { token })), '403 INSUFFICIENT_ROLE');
	assert.deepEqual(await good('GET', `${AT}/${made.id}`), made);
	await gone(made);
	const theirs = await quote(1, { discount_code: 'FINE' });
	assert.equal(code(theirs), '400 VALIDATION_ERROR', 'a code of another restaurant is none here');
	await gone(made);
	const now = await make(fine);
	assert.notEqual(now.id, made.id, 'the code of one that is gone is free');
	const back = await say('PUT', `${AT}/${made.id}`, { ...fine, is_active: true });
	assert.deepEqual([code(back), fields(back)], ['409 CONFLICT', ['code']], 'until somebody has it');
	await gone(now);
});

test('C9 a list in pages; an edit names what it was made of, whatever guests use meanwhile; who changed what', async () => {
	const made = [];
	for (let i = 0; i < 5; i++) made.push(await make({ name: `Page ${i}`, code: `PAGE${i}`, kind: 'fixed', amount: 10 }));
	const found = [];
	for (let cursor = ''; cursor !== null;) {
		const page = await good('GET', `${AT}?limit=2${cursor}&active=true`);
		found.push(...page.discounts.map((one) => one.name));
		cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : null;
	}
	assert.deepEqual(found, ['Page 0', 'Page 1', 'Page 2', 'Page 3', 'Page 4']);
	const read = await say('GET', `${AT}/${made[0].id}`);
	await guest.ordered(cart(1, { discount_code: 'PAGE0' }));
	const wish = { name: 'Page 0', kind: 'fixed', amount: 11 };
	const put = (tag) => say('PUT', `${AT}/${made[0].id}`, wish, { headers: { 'if-match': tag } });
	assert.equal((await say('GET', `${AT}/${made[0].id}`, undefined, { headers: { 'if-none-match': read.headers.etag } })).json.uses, 1, 'uses are always told');
	const changed = await put(read.headers.etag);
	assert.equal(changed.status, 200, changed.text);
	assert.deepEqual([changed.json.amount, changed.json.code, changed.json.uses], [11, 'PAGE0', 1], 'what is not sent stays');
	assert.equal(code(await put(read.headers.etag)), '412 PRECONDITION_FAILED');
	const version = async () => (await world.sql(`SELECT menu_version AS v FROM restaurant_counters WHERE restaurant_id = ${bistro.id}`))[0].v;
	const was = await version();
	await good('PUT', `${AT}/${made[0].id}`, wish);
	assert.equal(await version(), was, 'nothing different: nothing is written');
	const audits = await world.sql(`SELECT action, actor, subject FROM audit_log WHERE restaurant_id = ${bistro.id} AND subject = '${made[0].id}' ORDER BY id`);
	assert.deepEqual(audits, [{ action: 'discount.create', actor: 'staff:bistro-admin', subject: made[0].id }, { action: 'discount.update', actor: 'staff:bistro-admin', subject: made[0].id }]);
	for (const one of made) await gone(one);
	assert.deepEqual((await good('GET', `${AT}?active=true`)).discounts, []);
});

test('I6 C9 under one key the use is taken once', async () => {
	const made = await make({ name: 'Key', code: 'KEY', kind: 'fixed', amount: 10 });
	const body = cart(1, { discount_code: 'KEY' }), key = 'a-key-of-one-discount';
	const answers = await Promise.all(Array.from({ length: 6 }, () => guest.place(body, { key })));
	assert.ok(answers.some((one) => one.status === 201));
	assert.equal((await guest.place(body, { key })).status, 201);
	assert.equal(await uses(made), 1);
	await gone(made);
});

test('M11 F38 at rest the uses that are counted are those of the orders', async () => {
	await quiet(world, 60000);
	assert.deepEqual(await check(world), []);
});
