'use strict';
// town: two restaurants that have the same of everything, and everybody who may come to their doors. What the matrix asks about.
//
//	const town = await Town.open(world);
//	town.tokens.kitchen                         who asks (CALLERS)
//	town.here.things.item, town.there.things.item, ABSENT        what is asked about (KINDS)
//	await town.fresh('order')                   one of our own that nobody has touched
//
// No relay and no job runs while questions are asked: what changes was changed by who asked.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { Bistro } = require('../bistro.js');
const { routes } = require('./operations.js');

const ABSENT = '0190163d-8694-739b-aea5-966c26f8ad02';
const CALLERS = ['anonymous', 'garbage', 'forged', 'expired guest', 'expired admin', 'guest', 'kitchen', 'delivery', 'admin', 'platform', 'stranger'];
// What each caller is to a route table. A stranger is the other restaurant's admin.
const ROLE = { guest: 'guest', kitchen: 'kitchen', delivery: 'delivery', admin: 'admin', platform: 'platform', stranger: 'admin' };

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

class Town {
	static async open(world) {
		const town = new Town(world);
		await town.build();
		return town;
	}

	constructor(world) {
		this.world = world;
		this.n = 0;
	}

	async build() {
		const { world } = this;
		this.here = await Bistro.open(world, { slug: 'here', pos: false });
		this.there = await Bistro.open(world, { slug: 'there', pos: false });
		[this.ann, this.bob, this.cat] = [await this.here.guest(), await this.here.guest(), await this.here.guest()];
		for (const name of ['relay', 'jobs']) if (world.children.has(name)) await world.kill(name, 'SIGTERM');
		for (const place of [this.here, this.there]) {
			await this.ask(place, place.admin, 'POST', `/api/pos-integration/${place.slug}`, { provider_name: 'petpooja', pos_restaurant_id: `ab12${place.slug}`, endpoint: null, api_key: null,
				restaurant_config: { app_key: 'k', app_secret: 's', access_token: 't' }, webhook_secret: null });
			place.things = {};

			place.riders = [await this.member(place, 'delivery'), await this.member(place, 'delivery')];
			place.delivery = place.riders[0].token;
			for (const kind of Object.keys(KINDS)) place.things[kind] = await this.make(place, kind);
		}
		this.anothers = {};
		for (const [kind, { another }] of Object.entries(KINDS)) if (another) this.anothers[kind] = await another(this, this.here);
		await this.callers();
	}

	async callers() {
		const { world, here, there } = this;
		const pia = await this.member(here, 'admin');
		await world.sql(`UPDATE staff_users SET restaurant_id = NULL WHERE username = '${pia.username}'`);
		const key = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }), other = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
		await world.sql(`INSERT INTO signing_keys (kid, public_pem, private_sealed, is_signing, created_at)
			VALUES ('town', '${key.publicKey.export({ type: 'spki', format: 'pem' })}', '', 0, UTC_TIMESTAMP(6))`);
		const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
		const sign = (token, with_key, change) => {
			const text = `${b64({ ...JSON.parse(Buffer.from(token.split('.')[0], 'base64url')), kid: 'town' })}.${b64({ ...claims(token), ...change })}`;
			return `${text}.${crypto.sign('sha256', Buffer.from(text), with_key).toString('base64url')}`;
		};
		const past = { iat: Math.floor(Date.now() / 1000) - 7200, exp: Math.floor(Date.now() / 1000) - 3600 };
		this.signed = (token, change) => sign(token, key.privateKey, change);
		this.tokens = {
			anonymous: undefined, garbage: 'garbage', forged: sign(this.ann.token, other.privateKey, {}),
			'expired guest': this.signed(this.ann.token, past), 'expired admin': this.signed(here.admin, past),
			guest: this.ann.token, kitchen: here.cook, delivery: here.delivery, admin: here.admin, platform: await this.logIn(here, pia), stranger: there.admin,
		};
		await this.keyIsKnown();
		for (const token of Object.values(this.tokens)) if (token && token !== 'garbage') world.canary(token);
	}

	// To every worker of every pool: what makes the expired tokens bad is their age.
	async keyIsKnown() {
		const { world, here } = this;
		for (const pool of new Set(routes(world.build).map((row) => row.pool))) {
			const row = routes(world.build).find((one) => one.pool === pool && one.method === 'GET' && !one.path.includes('{') && /guest|admin/.test(one.roles));
			if (!row) continue;
			const token = row.roles.includes('guest') ? this.ann.token : here.admin;
			for (let inRow = 0; inRow < 6;)
				inRow = await world.until(`${pool} to know the key`, async () => ((await world.fetch(`${here.base}${row.path}`, { token: this.signed(token, {}) })).status === 401 ? 0 : inRow + 1), { every: 100 });
		}
	}

	// What an operation may have left in the way of the next one.
	async mend() {
		for (const place of [this.here, this.there]) {
			await this.ask(place, place.admin, 'POST', '/api/v1/admin/resume');
			for (const [what, id] of [['items', place.things.item], ['variations', place.things.variation], ['addon-items', place.things.addon_item]])
				await this.ask(place, place.admin, 'PATCH', `/api/v1/admin/menu/${what}/${id}/availability`, { is_available: true });
		}
	}

	// A token of somebody who may do it; whoever logs out was never heard of again.
	tokenOf({ id, roles }) {
		if (id === 'logout') return this.signed(this.cat.token, { sid: crypto.randomUUID() });
		return this.tokens[['guest', 'admin', 'kitchen', 'delivery', 'platform'].find((one) => roles.has(one)) ?? 'anonymous'];
	}

	async ask(place, token, method, at, json, headers = {}) {
		const answer = await this.world.fetch(`${place.base}${at}`, { method, token, ...(json === undefined ? {} : { json }), headers });
		assert.ok(answer.status < 300, `${method} ${at}: ${answer.status} ${answer.text}`);
		return answer.json;
	}

	unique(word) {
		return `${word}-${++this.n}`;
	}

	async member(place, role) {
		const username = this.unique(`${place.slug}-${role}`), password = this.world.canary(crypto.randomBytes(9).toString('base64url'));
		const { staff, id = staff?.id } = await this.ask(place, place.admin, 'POST', '/api/v1/admin/staff', { username, password, role, name: 'Ravi' });
		const one = { id, username, password };
		if (role === 'delivery') one.token = await this.logIn(place, one);
		return one;
	}

	logIn(place, { username, password }) {
		return place.logIn(username, { [username]: password });
	}

	// A thing of a kind at a place; parts of what is there already are used.
	make(place, kind) {
		return KINDS[kind].make(this, place);
	}

	// The things of kinds that are known since (requests.js).
	async complete() {
		for (const place of [this.here, this.there])
			for (const kind of Object.keys(KINDS).filter((one) => place.things[one] === undefined)) place.things[kind] = await this.make(place, kind);
	}

	// One of our own, for who uses it up.
	fresh(kind) {
		return KINDS[kind].isStanding ? this.here.things[kind] : this.make(this.here, kind);
	}
}

const admin = (town, place, what, json) => town.ask(place, place.admin, 'POST', `/api/v1/admin/${what}`, json);
const idOf = (json) => json.id ?? Object.values(json).find((one) => one?.id).id;

async function ordered(town, place, guest = town.ann) {
	return (await town.ask(place, guest.token, 'POST', '/api/v1/orders', cart(place), { 'idempotency-key': crypto.randomUUID() })).order.id;
}

function cart(place) {
	const { item, variation, addon_item: addon } = place.things;
	return { items: [{ menu_item_id: item, variation_id: variation, addons: [{ addon_item_id: addon, quantity: 1 }], quantity: 2, special_instructions: null }],
		order_type: 'delivery', delivery_address: 'Room 12', payment_method: 'cash', special_instructions: null };
}

async function assigned(town, place, rider) {
	const id = await ordered(town, place);
	await town.ask(place, place.admin, 'POST', `/api/v1/admin/orders/${id}/assign-delivery`, { staff_id: rider.id });
	for (const status of ['preparing', 'ready']) await town.ask(place, place.admin, 'PATCH', `/api/v1/admin/orders/${id}/status`, { status });
	return id;
}

// What there is. make: its id, made at a place, in the order in which one needs the other; isStanding: asking uses none up;
// another: one of our restaurant that is not the asking guest's, or rider's (owner); isPersonal: and then nobody else's either;
// isShared: the same for everybody; isPublic: everybody may know that it is there; absent: what nobody has, if it is not a UUID.
const KINDS = {
	category: { make: async (town, place) => idOf(await admin(town, place, 'menu/categories', { name: town.unique('Starters') })) },
	discount: { make: async (town, place) => idOf(await admin(town, place, 'discounts', { name: town.unique('Off'), code: `OFF-${++town.n}`, kind: 'fixed', amount: 10 })) },
	tax: { make: async (town, place) => idOf(await admin(town, place, 'taxes', { name: town.unique('CGST'), kind: 'percent', percent: '2.5', order_types: ['delivery', 'pickup', 'dine_in'] })) },
	addon_group: { make: async (town, place) => idOf(await admin(town, place, 'menu/addon-groups', { name: town.unique('Cheese'), addon_items: [{ name: 'Feta', price: 30 }] })) },
	item: {
		make: async (town, place) => idOf(await admin(town, place, 'menu/items', { name: town.unique('Paneer'), price: 180, diet: 'veg', category_id: place.things.category,
			tax_ids: [place.things.tax], variations: [{ name: 'Half', price: 110 }], addon_groups: [{ id: place.things.addon_group, min: 0, max: 2 }] })),
	},
	variation: { isStanding: true, make: (town, place) => partOf(town, place, 'variations', 'item_id', place.things.item) },
	addon_item: { isStanding: true, make: (town, place) => partOf(town, place, 'addon_items', 'addon_group_id', place.things.addon_group) },
	staff: { make: async (town, place) => (await town.member(place, 'kitchen')).id },
	rider: { isStanding: true, make: async (town, place) => place.riders[0].id },
	order: { make: ordered, another: (town, place) => ordered(town, place, town.bob), owner: 'guest' },
	brought: { make: (town, place) => assigned(town, place, place.riders[0]), another: (town, place) => assigned(town, place, place.riders[1]), owner: 'delivery', isPersonal: true },
	restaurant: { isStanding: true, isPublic: true, make: async (town, place) => place.slug, absent: 'nowhere' },
	slug: { isStanding: true, isPublic: true, make: async (town, place) => place.slug, absent: 'nowhere' },
	provider: { isStanding: true, isShared: true, make: async () => 'petpooja', absent: 'nobody' },
	setting: { isStanding: true, isShared: true, make: async () => 'prep_minutes', absent: 'no_such_setting' },
	problem: { isStanding: true, isShared: true, make: async () => 'not-found', absent: 'no-such-problem' },
	delivery_log: {
		isStanding: true, absent: '999999999',
		make: async ({ world }, { id }) => {
			await world.sql(`INSERT INTO webhook_logs (restaurant_id, provider, webhook_type, headers, source_address, body, body_len, body_digest, is_verified, http_status, trace_id, received_at)
				VALUES (${id}, 'petpooja', 'callback', '', '127.0.0.1', '{}', 2, REPEAT('x', 32), 1, 200, REPEAT('0', 32), UTC_TIMESTAMP(6))`);
			return (await world.sql(`SELECT MAX(id) AS id FROM webhook_logs WHERE restaurant_id = ${id}`))[0].id;
		},
	},
};

async function partOf(town, place, table, key, whole) {
	const [row] = await town.world.sql(`SELECT LOWER(HEX(p.public_id)) AS id FROM ${table} p JOIN ${table === 'variations' ? 'items' : 'addon_groups'} w ON w.id = p.${key}
		WHERE w.public_id = UNHEX(REPLACE('${whole}', '-', ''))`);
	return row.id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

module.exports = { ABSENT, CALLERS, KINDS, ROLE, Town, cart };
