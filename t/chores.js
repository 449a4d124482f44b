'use strict';
// chores: deeds (deeds.js) of staff, of who brings an order and of guests' telephones: what changes no order's way to the POS.
//
//	const chores = await Chores.open(world, deeds);
//	for (const { deed, good } of chores.all) ...       // good: the status of one that went well
//
// Each is settled as its client would: said again until it is done, and then looked at in the rows. The kitchen that is paused is
// another one than the one that orders are placed in.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { Deed } = require('./deeds.js');
const { Tiffin, hex } = require('./tiffin.js');

const HOUR_MS = 3600000;

class Chores {
	static async open(world, deeds) {
		const chores = new Chores();
		Object.assign(chores, { world, deeds, n: 0, placed: [] });
		chores.tiffin = await Tiffin.open(world, { slug: 'chores' });
		chores.canteen = await Tiffin.open(world, { slug: 'canteen' });
		[chores.ravi, chores.mina] = [await chores.tiffin.hire('Ravi'), await chores.tiffin.hire('Mina')];
		chores.category = (await chores.made('menu/categories', { name: 'Sundries' })).id;
		await chores.made('discounts', { name: 'Ten off', code: 'CHORES', kind: 'percent', percent: '10' });
		chores.all = [
			...chores.ofOrders(), ...chores.ofTheHouse(), ...chores.ofTheMenu(), ...chores.ofPeople(),
		];
		return chores;
	}

	next() {
		return ++this.n;
	}

	async count(sql) {
		return Number((await this.world.sql(`SELECT COUNT(*) AS n FROM ${sql}`))[0].n);
	}

	deed(program, at, token, good, what) {
		const calm = () => this.deeds.answered(() => this.tiffin.fetch(at, { token }));
		const settle = async (it, first) => {
			await this.deeds.repeat(first, () => what.once(it), what.goods ?? [good]);
			await what.look(it);
		};
		return { good, name: what.name, deed: new Deed(this.world, program, { calm, prepare: what.prepare ?? (async () => ({ n: this.next() })), once: what.once, settle }) };
	}

	// Something of the menu, made by the admin.
	async made(at, json) {
		const answer = await this.tiffin.fetch(`/api/v1/admin/${at}`, { token: this.tiffin.admin, json });
		assert.equal(answer.status, 201, answer.text);
		return answer.json;
	}

	// An order for which these were said.
	async order(more, ...said) {
		const it = await this.tiffin.order(more);
		for (const say of said) assert.equal((await say(it)).status, 200);
		return it;
	}

	ofOrders() {
		const { tiffin, ravi, mina } = this;
		const admin = (what) => this.deed('admin', '/api/v1/admin/orders?limit=1', tiffin.admin, 200, what);
		const steps = async (it, axis) => (await tiffin.history(it.id, axis)).map((row) => `${row.old_status} ${row.new_status}`);
		const isTo = (rider) => (it) => tiffin.assign(it.id, rider);
		const isPaid = (it) => tiffin.deed(it.id, '/cash-received');
		return [
			admin({
				name: 'an order is given to somebody to bring', prepare: () => this.order({ order_type: 'delivery' }), once: isTo(ravi),
				look: async (it) => assert.deepEqual(await steps(it, 'delivery'), ['none assigned'], `${it.order_number} was given once`),
			}),
			admin({
				name: 'and then to somebody else', prepare: () => this.order({ order_type: 'delivery' }, isTo(ravi)), once: isTo(mina),
				look: async (it) => {
					assert.equal((await steps(it, 'delivery')).length, 2, `${it.order_number} was given twice`);
					assert.equal(await this.count(`delivery_assignments d JOIN staff_users s ON s.id = d.staff_id JOIN orders o ON o.id = d.order_id
						WHERE o.public_id = ${hex(it.id)} AND s.name = 'Mina'`), 1, 'and is hers');
				},
			}),
			admin({
				name: 'cash was not received after all', prepare: () => this.order({}, isPaid), once: (it) => tiffin.deed(it.id, '/cash-undone', { reason: 'another table' }),
				look: async (it) => assert.deepEqual(await steps(it, 'payment'), ['pending paid', 'paid pending'], `${it.order_number} was undone once`),
			}),
			this.deed('delivery', '/api/v1/delivery/orders', ravi.token, 200, {
				name: 'an order is picked up', prepare: () => this.order({ order_type: 'delivery' }, isTo(ravi)), once: (it) => tiffin.ride(ravi, it.id, { status: 'picked_up' }),
				look: async (it) => {
					assert.deepEqual(await steps(it, 'delivery'), ['none assigned', 'assigned picked_up'], `${it.order_number} was picked up once`);
					assert.equal((await tiffin.row(it.id)).status, 'out_for_delivery');
				},
			}),
			this.deed('orders', '/api/v1/orders?limit=1', tiffin.guest.token, 201, {
				name: 'an order is placed with a code for a discount', prepare: async () => ({ key: crypto.randomUUID() }),
				once: async (it) => {
					const answer = await tiffin.guest.place(tiffin.cart({ discount_code: 'CHORES' }), { key: it.key });
					if (answer.status === 201) it.id = answer.json.order.id;
					return answer;
				},
				look: async (it) => {
					this.placed.push({ id: it.id, key: it.key });
					const [{ used, n }] = await this.world.sql(`SELECT u.used, (SELECT COUNT(*) FROM order_discounts o WHERE o.discount_id = u.discount_id) AS n
						FROM discount_uses u WHERE u.restaurant_id = ${tiffin.id}`);
					assert.deepEqual([Number(used), Number(n)], [this.placed.length, this.placed.length], 'every order counts, and counts once');
				},
			}),
		];
	}

	ofTheHouse() {
		const { canteen } = this;
		const at = (what) => `/api/v1/admin/${what}`;
		const office = (what) => this.deed('office', at('config/prep_minutes'), this.tiffin.admin, 200, what);
		const waits = (kind) => this.count(`outbox WHERE kind = '${kind}' AND restaurant_id = ${canteen.id}`);
		const said = (what, json) => canteen.fetch(at(what), { method: 'POST', token: canteen.admin, ...(json ? { json } : {}) });
		return [
			office({
				name: 'a setting is changed', once: (it) => canteen.fetch(at('config/prep_minutes'), { method: 'PUT', token: canteen.admin, json: { value: 10 + it.n % 100 } }),
				look: async (it) => {
					const { json } = await canteen.fetch(at('config/prep_minutes'), { token: canteen.admin });
					assert.equal(json.config.value, 10 + it.n % 100, 'it is what was said');
				},
			}),
			office({
				name: 'the kitchen takes no orders for a while', prepare: async () => ({ reason: `No gas ${this.next()}`, until: new Date(Date.now() + HOUR_MS).toISOString() }),
				once: (it) => said('pause', it),
				look: async (it) => {
					const { json } = await canteen.fetch(at('pause'), { token: canteen.admin });
					assert.match(JSON.stringify(json), new RegExp(it.reason), 'for this reason');
					assert.equal(await waits('store_resume'), 1, 'and it ends by itself, once');
					assert.equal((await said('resume')).status, 200);
					assert.equal(await waits('store_resume'), 0);
				},
			}),
		];
	}

	ofTheMenu() {
		const { tiffin } = this;
		const at = (what) => `/api/v1/admin/${what}`;
		const catalog = (good, what) => this.deed('catalog', at('taxes?limit=1'), tiffin.admin, good, what);
		const keyed = async () => ({ n: this.next(), key: crypto.randomUUID() });
		const make = (where, json) => (it) => tiffin.fetch(at(where), { token: tiffin.admin, headers: { 'idempotency-key': it.key }, json: json(it) });
		const item = (n, price) => ({ name: `Pickle ${n}`, price, category_id: this.category });
		return [
			catalog(201, {
				name: 'an item is made', prepare: keyed, once: make('menu/items', (it) => item(it.n, 30)),
				look: async (it) => assert.equal(await this.count(`items WHERE name = 'Pickle ${it.n}'`), 1, 'it was made once'),
			}),
			catalog(200, {
				name: 'an item gets another price', prepare: async () => {
					const n = this.next();
					return { n, id: (await this.made('menu/items', item(n, 30))).id };
				},
				once: (it) => tiffin.fetch(at(`menu/items/${it.id}`), { method: 'PUT', token: tiffin.admin, json: item(it.n, 45) }),
				look: async (it) => {
					const menu = await tiffin.guest.fetch('/api/v1/menu/items?limit=1000');
					const shown = menu.json.items?.find((one) => one.id === it.id) ?? (await tiffin.guest.fetch(`/api/v1/menu/items/${it.id}`)).json;
					assert.equal((shown.item ?? shown).price, 45, 'guests are shown it');
				},
			}),
			catalog(201, {
				name: 'a discount is made', prepare: keyed, once: make('discounts', (it) => ({ name: `Pickles ${it.n}`, code: `PICKLE-${it.n}`, kind: 'fixed', amount: 5 })),
				look: async (it) => assert.equal(await this.count(`discounts WHERE code = 'PICKLE-${it.n}'`), 1, 'it was made once'),
			}),
		];
	}

	ofPeople() {
		const { tiffin } = this;
		const people = (good, what) => this.deed('people', '/api/v1/users/me', tiffin.guest.token, good, what);
		return [
			people(201, {
				name: 'somebody is hired', prepare: async () => ({ username: `hand-${this.next()}`, password: this.world.canary(crypto.randomBytes(9).toString('base64url')) }),
				once: (it) => tiffin.fetch('/api/v1/admin/staff', { token: tiffin.admin, json: { ...it, role: 'kitchen', name: 'A hand' } }),
				goods: [201, 409], // who was not told, and asks again, hears that the name is taken
				look: async (it) => assert.equal(await this.count(`staff_users WHERE username = '${it.username}'`), 1, 'one account'),
			}),
			people(200, {
				name: 'a telephone is to be told', prepare: async () => ({ token: `telephone:${this.next()}`, platform: 'ios' }),
				once: (it) => this.world.fetch('/api/v1/users/device-token', { token: tiffin.guest.token, json: it }),
				look: async (it) => assert.equal(await this.count(`device_tokens WHERE token = '${it.token}'`), 1, 'one telephone'),
			}),
		];
	}
}

module.exports = { Chores };
