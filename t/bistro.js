'use strict';
// bistro: a restaurant of a test's own in a world, with its staff, its guests and its kitchen.
//
//	const bistro = await Bistro.open(world);                   // connected to the simulated PetPooja, menu read; { at: 'toast' }: another
//	const guest = await bistro.guest();
//	const { order } = await guest.ordered(bistro.cart());      // placed, 201
//	await bistro.ticket(order.order_number);                   // it is on the kitchen's screen
//	await bistro.kitchen(order.order_number, 'confirmed');     // the kitchen says yes
//
// What an order costs at PetPooja is computed here from the provider's own menu document, in whole paise, and owes nothing to lib/.
// The other POS add up themselves: their simulators say what it comes to.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const assert = require('node:assert/strict');
const { random_of } = require('./sim/sim.js');
const { PROVIDERS, posOf } = require('./providers.js');
const { newPhone } = require('./story.js');

const REST_ID = PROVIDERS.petpooja.outlet(0);
const STAFF_PHONE = '+919900000101';
const TYPE_NUMBER = { delivery: '1', pickup: '2', dine_in: '3' };
const DELIVERY_MINOR = 2000; // CFG-05: the setting's default

const { document } = PROVIDERS.petpooja;

// "12.5" in hundredths (or another power of ten), without floating point.
function scaled(text, digits = 2) {
	const [whole, fraction = ''] = String(text || '0').split('.');
	return BigInt(whole) * 10n ** BigInt(digits) + BigInt(fraction.padEnd(digits, '0').slice(0, digits) || '0');
}

const halfUp = (n, by) => (2n * n + by) / (2n * by);

// What the provider's document asks for these lines, in paise. A line: {item, variation, addons, quantity} by the provider's ids.
function priceOf(doc, lines, type) {
	let total = type === 'delivery' ? BigInt(DELIVERY_MINOR) : 0n;
	for (const line of lines) {
		const item = doc.items.find((one) => one.itemid === line.item);
		const variation = line.variation && item.variation.find((one) => one.id === line.variation);
		const addons = line.addons.reduce((sum, id) => sum +
			scaled(doc.addongroups.flatMap((group) => group.addongroupitems).find((one) => one.addonitemid === id).addonitem_price), 0n);
		const quantity = BigInt(line.quantity);
		const amount = (scaled((variation || item).price) + addons) * quantity;
		total += amount + scaled((variation || item).item_packingcharges) * quantity;
		for (const id of item.ignore_taxes === '1' ? [] : item.item_tax.split(',').filter(Boolean)) {
			const tax = doc.taxes.find((one) => one.taxid === id);
			if (!item.tax_inclusive && tax.tax_ordertype.split(',').includes(TYPE_NUMBER[type]))
				total += halfUp(amount * scaled(tax.tax, 6), 100n * 1000000n);
		}
	}
	return Number(total);
}

// Key-value pairs of a query row, for people: what did not become true, and what was there instead.
const shown = (row) => (row ? Object.entries(row).map(([name, value]) => `${name}=${value}`).join(' ') : 'no row');

class Bistro {
	constructor(world, slug, hasPos, at = 'petpooja') {
		this.world = world;
		this.slug = slug;
		this.hasPos = hasPos;
		this.base = `/r/${slug}`;
		this.at = at;
		this.provider = PROVIDERS[at];
		this.pos = world.sim[at];
		this.guests = [];
	}

	// Onboards it. pos: false for one without; at: which POS, n: which of its restaurants, config: of that connection, over the row's;
	// settings: of system_config; seed: of everything chosen by chance.
	static async open(world, { slug = 'bistro', pos: hasPos = true, at = 'petpooja', n = 0, config = {}, settings = {}, seed = 1, staffPhone = STAFF_PHONE } = {}) {
		const bistro = new Bistro(world, slug, hasPos, at);
		const { currency, zone, secrets } = bistro.provider;
		const file = path.join(world.at.conf, `${slug}.json`);
		const password = { [`${slug}-admin`]: crypto.randomBytes(9).toString('base64url'), [`${slug}-cook`]: crypto.randomBytes(9).toString('base64url') };
		for (const secret of [...Object.values(password), ...secrets]) world.canary(secret);
		bistro.outlet = bistro.provider.outlet(n);
		bistro.random = random_of(seed);
		bistro.staffPhone = staffPhone;
		fs.writeFileSync(file, JSON.stringify({
			slug, name: `The ${slug}`, contact: '+919900000001', time_zone: zone, currency,
			settings: { max_orders_per_slot: 100000, ...settings },
			staff: [{ username: `${slug}-admin`, role: 'admin', name: 'Asha', phone: staffPhone, password: password[`${slug}-admin`] },
				{ username: `${slug}-cook`, role: 'kitchen', name: 'Ravi', password: password[`${slug}-cook`] }],
			...(hasPos ? { fetch_menu: true, pos: withConfig(posOf(world, at, n, `The ${slug}`), config) } : {}),
		}), { mode: 0o600 });
		await world.ticketrail(['onboard', file]);
		[{ id: bistro.id }] = await world.sql(`SELECT id FROM restaurants WHERE slug = '${slug}'`);
		bistro.admin = await bistro.logIn(`${slug}-admin`, password);
		bistro.cook = await bistro.logIn(`${slug}-cook`, password);
		if (hasPos) await bistro.menuRead();
		return bistro;
	}

	async logIn(username, password) {
		const answer = await this.world.fetch(`${this.base}/api/v1/admin/auth/login`, { json: { username, password: password[username] } });
		assert.equal(answer.status, 200, answer.text);
		this.world.canary(answer.json.refresh_token);
		return this.world.canary(answer.json.access_token);
	}

	// Waits for the menu, and learns which of the provider's ids are which of ours.
	async menuRead() {
		await this.world.until('the menu', async () => (await this.world.sql(
			`SELECT 1 AS n FROM menu_sync_history WHERE restaurant_id = ${this.id} AND status IN ('success', 'partial')`)).length > 0);
		const ids = async (table, key) => new Map((await this.world.sql(`SELECT ${key} AS theirs, LOWER(HEX(public_id)) AS ours FROM ${table}
			WHERE restaurant_id = ${this.id} AND external_id IS NOT NULL`)).map((row) => [row.theirs, uuid(row.ours)]));
		this.items = await ids('items', 'external_id');
		this.addons = await ids('addon_items', 'external_id');
		this.variations = new Map((await this.world.sql(`SELECT CONCAT(i.external_id, ' ', v.external_id) AS theirs, LOWER(HEX(v.public_id)) AS ours
			FROM variations v JOIN items i ON i.id = v.item_id WHERE v.restaurant_id = ${this.id}`)).map((row) => [row.theirs, uuid(row.ours)]));
		this.doc = this.provider.document?.();
		if (!this.doc) return this.menuShown();
		this.dishes = dishesOf(this.doc).filter((dish) => this.items.has(dish.item));
		assert.ok(this.dishes.length > 20, `${this.dishes.length} dishes can be had at any hour`);
		return undefined;
	}

	// What guests can have there now, as they are shown it; dishes and what goes with them are named by our ids.
	async menuShown() {
		const { json: menu } = await (await this.guest()).fetch('/api/v1/menu/items');
		const ids = (list) => list.filter((one) => one.is_available).map((one) => one.id);
		const isPlain = (one) => one.is_available && (one.time_slots ?? []).length === 0 && one.variations.every((v) => (v.addon_groups ?? []).every((group) => !group.min));
		this.dishes = menu.items.filter(isPlain).map((one) => ({
			item: one.id, name: one.name, variations: ids(one.variations),
			groups: one.addon_groups.map((group) => ({ name: group.name, min: group.min ?? 0, addons: ids(group.addon_items) })),
		})).filter((dish) => dish.groups.every((group) => group.addons.length >= group.min));
		assert.ok(this.dishes.length > 5, `${this.dishes.length} dishes can be had at any hour`);
		for (const dish of this.dishes) {
			this.items.set(dish.item, dish.item);
			for (const id of dish.variations) this.variations.set(`${dish.item} ${id}`, id);
			for (const id of dish.groups.flatMap((group) => group.addons)) this.addons.set(id, id);
		}
	}

	// A few lines, by the provider's ids; the same for the same seed.
	lines(n = 1 + Math.floor(this.random() * 3)) {
		const pick = (list) => list[Math.floor(this.random() * list.length)];
		return Array.from({ length: n }, () => {
			const dish = pick(this.dishes);
			const variation = dish.variations.length ? pick(dish.variations) : null;
			return {
				item: dish.item, variation, quantity: 1 + Math.floor(this.random() * 3),
				addons: dish.groups.flatMap((group) => (group.min > 0 || this.random() < 0.4 ? [pick(group.addons)] : [])),
			};
		});
	}

	// A dish with a size and an extra, always the same.
	usual() {
		const hasAddons = (one) => one.groups.some((group) => group.addons.length > 0);
		const dish = this.dishes.find((one) => one.variations.length > 0 && hasAddons(one)) ?? this.dishes.find(hasAddons);
		return [{ item: dish.item, variation: dish.variations[0] ?? null, quantity: 2, addons: dish.groups.flatMap((group) => group.addons.slice(0, 1)) }];
	}

	// The body of POST /orders.
	cart(lines = this.usual(), more = {}) {
		return {
			items: lines.map((line) => ({
				menu_item_id: this.items.get(line.item),
				variation_id: line.variation === null ? null : this.variations.get(`${line.item} ${line.variation}`),
				addons: line.addons.map((id) => ({ addon_item_id: this.addons.get(id), quantity: 1 })),
				quantity: line.quantity, special_instructions: null,
			})),
			order_type: 'pickup', payment_method: 'cash', special_instructions: null,
			...more,
		};
	}

	priceOf(lines, type = 'pickup', doc = this.doc) {
		return priceOf(doc, lines, type);
	}

	async guest(phone = newPhone()) {
		const guest = new Guest(this, phone);
		await guest.logIn();
		this.guests.push(guest);
		return guest;
	}

	// What staff do; answers are returned as they are.
	staff(method, id, what = '', json, token = this.admin) {
		return this.world.fetch(`${this.base}/api/v1/admin/orders/${id}${what}`, { method, token, ...(json === undefined ? {} : { json }) });
	}

	move(id, status, reason) {
		return this.staff('PATCH', id, '/status', { status, ...(reason === undefined ? {} : { reason }) });
	}

	// What they see of it on the POS's screen: there, removed, not_there, by_hand.
	decide(id, decision, more) {
		return this.staff('POST', id, '/pos-decision', { decision, ...more });
	}

	// The orders row, its ids as text; undefined if there is none.
	async row(number) {
		return (await this.world.sql(`SELECT *, LOWER(HEX(public_id)) AS public_id, NULL AS pos_request, NULL AS pos_response, NULL AS pos_callback
			FROM orders WHERE restaurant_id = ${this.id} AND order_number = '${number}'`))[0];
	}

	// Looks at the row until it is so.
	async becomes(number, what, ms = 20000) {
		const isSo = typeof what === 'function' ? what : (row) => Object.entries(what).every(([name, value]) => row[name] === value);
		let row;
		try {
			return await this.world.until('the order', async () => {
				row = await this.row(number);
				return row && await isSo(row) ? row : null;
			}, { ms, every: 30 });
		} catch {
			throw new Error(`order ${number} did not become ${typeof what === 'function' ? what : shown(what)}, it is ` +
				shown(row && { status: row.status, pos_state: row.pos_state, failure: row.pos_failure_reason, cancel_wanted: row.cancel_wanted }));
		}
	}

	// Waits until the POS has committed the order.
	ticket(number, ms = 20000) {
		return this.world.until(`the ticket of ${number}`, async () => (await this.effects('order_saved', number))[0], { ms, every: 30 });
	}

	// What its simulator did about an order.
	async effects(effect, number) {
		return (await this.pos.seen(`?effect=${effect}`)).filter((row) => {
			const of = this.provider.of(row);
			return of.reference === number && of.restaurant === this.outlet;
		});
	}

	async requests(number) {
		return (await this.pos.seen('?kind=request')).filter((row) => row.path.endsWith(this.provider.create) && row.method === 'POST' &&
			new RegExp(`[":]${number}"`).test(row.body));
	}

	// What stands on the kitchen's screen, by our names.
	async screen() {
		return new Map(this.provider.screen((await this.pos.control('/orders')).orders));
	}

	// The kitchen presses a button, in our words, or in the simulator's own: the news of it comes to us. → {status, json, answers}
	kitchen(number, status, more = {}) {
		return this.pos.control('/kitchen', { json: this.provider.press(number, status, more) });
	}

	// What was sent to staff by SMS about this order.
	async texts(number, phone = this.staffPhone) {
		const { messages } = await this.world.sim.msg91.control(`/messages?phone=${encodeURIComponent(phone)}`);
		return messages.filter((one) => one.route === 'flow').map((one) => String(one.variables.message ?? JSON.stringify(one.variables)))
			.filter((text) => text.includes(number));
	}

	told(number, words, phone) {
		return this.world.until(`a text about ${number}: ${words}`, async () => (await this.texts(number, phone)).find((text) => words.test(text)));
	}

	// As if all that was sent for this order had surely arrived by now, or never will.
	settled(number) {
		return this.world.sql(`UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND
			WHERE restaurant_id = ${this.id} AND order_number = '${number}' AND settled_at IS NOT NULL`);
	}

	// Lets a deadline of this order fall due now, as if its minutes had passed; waits until it was carried out.
	async deadline(number, kind) {
		const which = `kind = '${kind}' AND subject_id = (SELECT id FROM orders WHERE restaurant_id = ${this.id} AND order_number = '${number}')`;
		const [{ n }] = await this.world.sql(`SELECT COUNT(*) AS n FROM outbox WHERE ${which}`);
		assert.ok(Number(n) > 0, `${number} has a ${kind} before it`);
		await this.settled(number);
		await this.world.sql(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE ${which} AND owner = 0`);
		await this.world.until(`the ${kind} of ${number}`, async () => (await this.world.sql(`SELECT COUNT(*) AS n FROM outbox WHERE ${which}`))[0].n === '0');
	}

	history(number, axis) {
		return this.world.sql(`SELECT h.seq, h.axis, h.event, h.old_status, h.new_status, h.changed_by, h.change_reason FROM order_status_history h
			JOIN orders o ON o.id = h.order_id WHERE o.restaurant_id = ${this.id} AND o.order_number = '${number}'
			${axis ? `AND h.axis = '${axis}'` : ''} ORDER BY h.seq`);
	}
}

class Guest {
	constructor(bistro, phone) {
		this.bistro = bistro;
		this.world = bistro.world;
		this.phone = phone;
	}

	async logIn() {
		const { world } = this;
		const asked = await world.fetch('/api/v1/auth/request-otp', { json: { phone: this.phone } });
		assert.equal(asked.status, 200, asked.text);
		const said = await world.fetch('/api/v1/auth/verify-otp', { json: { phone: this.phone, otp: await world.otp(this.phone) } });
		assert.equal(said.status, 200, said.text);
		this.token = world.canary(said.json.access_token);
		this.session = said.json;
		world.canary(said.json.refresh_token);
	}

	fetch(at, options = {}) {
		return this.world.fetch(`${this.bistro.base}${at}`, { token: this.token, ...options });
	}

	place(cart = this.bistro.cart(), { key = crypto.randomUUID(), ...options } = {}) {
		return this.fetch('/api/v1/orders', { method: 'POST', json: cart, ...options, headers: { ...(key ? { 'idempotency-key': key } : {}), ...options.headers } });
	}

	// Placed, or it fails; the answer's body.
	async ordered(cart, options) {
		const answer = await this.place(cart, options);
		assert.equal(answer.status, 201, answer.text);
		return answer.json;
	}

	order(id, what = '') {
		return this.fetch(`/api/v1/orders/${id}${what}`);
	}

	cancel(id, reason) {
		return this.fetch(`/api/v1/orders/${id}/cancel`, { method: 'POST', json: reason === undefined ? {} : { reason } });
	}
}

// With other values of some of its keys; those within an object too.
function withConfig(one, config) {
	const merged = Object.fromEntries(Object.entries(config).map(([key, value]) => [key,
		value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...one.config[key], ...value } : value]));
	return { ...one, config: { ...one.config, ...merged } };
}

const uuid = (hex) => hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

// What can be ordered at any hour, with its sizes and the extras that go with it whatever the size.
function dishesOf(doc) {
	const timed = new Set(doc.categories.filter((one) => one.categorytimings || one.active !== '1').map((one) => one.categoryid));
	return doc.items.filter((one) => one.active === '1' && one.in_stock === '2' && !timed.has(one.item_categoryid) &&
		one.item_ordertype === '1,2,3' && one.variation.every((v) => v.addon.length === 0)).map((one) => ({
		item: one.itemid,
		variations: one.variation.filter((v) => v.active === '1').map((v) => v.id),
		groups: one.addon.map((choice) => {
			const group = doc.addongroups.find((g) => g.addongroupid === choice.addon_group_id);
			return { min: Number(choice.addon_item_selection_min), addons: group && group.active === '1'
				? group.addongroupitems.filter((a) => a.active === '1').map((a) => a.addonitemid) : [] };
		}),
	})).filter((dish) => dish.groups.every((group) => group.addons.length > 0));
}

module.exports = { Bistro, Guest, REST_ID, STAFF_PHONE, document, priceOf, uuid };
