'use strict';
// tiffin: a restaurant without a POS, with one dish and as many staff as a test wants, in a world.
//
//	const tiffin = await Tiffin.open(world);            // slug: another name
//	const rider = await tiffin.hire('Ravi Kumar');      // {id, username, name, token}; role: delivery unless told
//	const { id } = await tiffin.order({ order_type: 'delivery' });
//	await tiffin.put(id, 'ready');                      // straight into the rows, as if it had come there

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { Bistro } = require('./bistro.js');

const ITEM_MINOR = 4550;
const hex = (uuid) => `UNHEX('${uuid.replaceAll('-', '')}')`;

class Tiffin {
	static async open(world, { slug = 'tiffin', settings } = {}) {
		const tiffin = new Tiffin();
		tiffin.world = world;
		tiffin.bistro = await Bistro.open(world, { slug, pos: false, settings });
		Object.assign(tiffin, { id: tiffin.bistro.id, base: tiffin.bistro.base, admin: tiffin.bistro.admin, cook: tiffin.bistro.cook, slug });
		await tiffin.menuWrite();
		tiffin.guest = await tiffin.bistro.guest();
		return tiffin;
	}

	async menuWrite() {
		this.item = crypto.randomUUID();
		await this.world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (${hex(crypto.randomUUID())}, ${this.id}, 'Thali', 1);
			INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at)
			VALUES (${hex(this.item)}, ${this.id}, LAST_INSERT_ID(), 'Thali of the day', ${ITEM_MINOR}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
			UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${this.id}`);
	}

	fetch(at, options) {
		return this.world.fetch(`${this.base}${at}`, options);
	}

	// Somebody new, made by the admin as the back office does it, and logged in.
	async hire(name, role = 'delivery') {
		const username = `${role}-${crypto.randomBytes(4).toString('hex')}`;
		const password = this.world.canary(crypto.randomBytes(9).toString('base64url'));
		const made = await this.fetch('/api/v1/admin/staff', { token: this.admin, json: { username, password, role, name } });
		assert.equal(made.status, 201, made.text);
		return { id: made.json.staff.id, username, name, role, token: await this.bistro.logIn(username, { [username]: password }) };
	}

	// Staff of the whole platform: made here, and taken out of the restaurant before they log in.
	async platform() {
		const username = `pia-${crypto.randomBytes(4).toString('hex')}`;
		const password = this.world.canary(crypto.randomBytes(9).toString('base64url'));
		await this.fetch('/api/v1/admin/staff', { token: this.admin, json: { username, password, role: 'admin', name: 'Pia' } });
		await this.world.sql(`UPDATE staff_users SET restaurant_id = NULL WHERE username = '${username}'`);
		return { username, name: 'Pia', role: 'platform', token: await this.bistro.logIn(username, { [username]: password }) };
	}

	cart(more) {
		return { items: [{ menu_item_id: this.item, quantity: 2 }], order_type: 'pickup', payment_method: 'cash', ...more };
	}

	// Placed by a guest: {id, order_number, total}. What is to be delivered has an address.
	async order(more = {}, guest = this.guest) {
		const address = more.order_type === 'delivery' ? { delivery_address: 'Hostel 7, room 42' } : {};
		return (await guest.ordered(this.cart({ ...address, ...more }))).order;
	}

	deed(id, what, json, { token = this.admin, method = 'POST', headers } = {}) {
		return this.fetch(`/api/v1/admin/orders/${id}${what}`, { method, token, headers, ...(json === undefined ? {} : { json }) });
	}

	move(id, status, more = {}, token = this.cook) {
		return this.deed(id, '/status', { status, ...more }, { method: 'PATCH', token });
	}

	assign(id, rider, options) {
		return this.deed(id, '/assign-delivery', { staff_id: rider.id ?? rider }, options);
	}

	// The rider's own way.
	ride(rider, id, json) {
		return this.fetch(`/api/v1/delivery/orders/${id}`, { method: 'PATCH', token: rider.token, json });
	}

	// As if that had been its way: its history leads there in one step, with the stamp and whatever else is said of the row. An order
	// that has not ended; what is held for it is as it was.
	async put(id, status, columns = {}) {
		const event = { received: null, confirmed: 'confirm', preparing: 'prepare', ready: 'ready', out_for_delivery: 'depart', completed: 'complete',
			cancelled: 'cancel', rejected: 'reject' }[status];
		const row = (seq, word, from, to) => `(SELECT id FROM orders WHERE public_id = ${hex(id)}), ${seq}, 'status', '${word}', '${from}', '${to}', 'test', REPEAT('0', 32), UTC_TIMESTAMP(6)`;
		const steps = [row(1, 'place', 'none', 'received'), ...(event ? [row(2, event, 'received', status)] : [])];
		const all = { status, history_seq: steps.length, ...columns };
		const sets = Object.entries(all).map(([name, value]) => `${name} = ${value === null ? 'NULL' : typeof value === 'number' ? value : `'${value}'`}`);
		const stamps = Object.keys({ confirmed: 0, preparing: 0, ready: 0, out_for_delivery: 0, completed: 0, cancelled: 0, rejected: 0 })
			.map((name) => `${name}_at = ${name === status ? 'UTC_TIMESTAMP(6)' : 'NULL'}`);
		await this.world.sql(`DELETE FROM order_status_history WHERE order_id = (SELECT id FROM orders WHERE public_id = ${hex(id)});
			${steps.map((values) => `INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, trace_id, created_at) SELECT ${values};`).join('\n')}
			UPDATE orders SET ${[...sets, ...stamps].join(', ')} WHERE public_id = ${hex(id)}`);
	}

	async row(id) {
		return (await this.world.sql(`SELECT *, LOWER(HEX(public_id)) AS public_id, NULL AS pos_request, NULL AS pos_response, NULL AS pos_callback
			FROM orders WHERE public_id = ${hex(id)}`))[0];
	}

	history(id, axis) {
		return this.world.sql(`SELECT h.event, h.old_status, h.new_status, h.changed_by, h.change_reason FROM order_status_history h
			JOIN orders o ON o.id = h.order_id WHERE o.public_id = ${hex(id)} ${axis ? `AND h.axis = '${axis}'` : ''} ORDER BY h.seq`);
	}

	events(id, kind) {
		return this.world.sql(`SELECT e.kind, e.data FROM events e JOIN orders o ON o.id = e.order_id WHERE o.public_id = ${hex(id)}
			${kind ? `AND e.kind = '${kind}'` : ''} ORDER BY e.seq`);
	}

	audits(action) {
		return this.world.sql(`SELECT actor, subject, detail FROM audit_log WHERE restaurant_id = ${this.id} AND action = '${action}' ORDER BY id`);
	}
}

// "409 ILLEGAL_TRANSITION", or "200" of one that went well.
const said = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();
const fields = (answer) => (answer.json?.error?.details?.fields ?? []).map((one) => one.field);

module.exports = { Tiffin, said, fields, hex, ITEM_MINOR };
