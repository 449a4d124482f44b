'use strict';
// story: one order's whole life, from a phone number nobody has seen to a plate somebody carried off. make run plays it for
// people, the tests play it for proof: every step is checked where it happens, and the answer holds what was said.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');

const { PROVIDERS } = require('./providers.js');

const COOKING = { confirmed: 'accepts: the order is confirmed', preparing: 'cooks', ready: 'the food is ready' };

// An Indian mobile number that nobody here used before. Nobody is sent anything: MSG91 is a simulator.
const newPhone = () => `+9199${String(crypto.randomInt(1e8)).padStart(8, '0')}`;

class Story {
	constructor(world, { say = () => {}, phone = newPhone() } = {}) {
		this.world = world;
		this.phone = phone;
		this.say = say;
		this.began = process.hrtime.bigint();
		this.facts = { phone };
	}

	tell(who, what) {
		const seconds = Number(process.hrtime.bigint() - this.began) / 1e9;
		this.say(`${seconds.toFixed(3).padStart(8)} s  ${who.padEnd(8)} ${what}`);
	}

	// One request that must be answered with this status.
	async ask(expected, path, options) {
		const answer = await this.world.fetch(path, options);
		assert.equal(answer.status, expected, `${options?.method ?? ''} ${path} answered ${answer.status}: ${answer.text}`);
		return answer.json;
	}

	// Looks at the order until it is in this state, as the guest's page would.
	async order(what, isSo) {
		return this.world.until(what, async () => {
			const { order } = await this.ask(200, `/api/v1/orders/${this.facts.id}`, { token: this.token });
			return isSo(order) ? order : null;
		}, { ms: 15000, every: 40 });
	}

	async logIn() {
		await this.ask(200, '/api/v1/auth/request-otp', { json: { phone: this.phone } });
		this.tell('guest', `${this.phone} asks for a code`);
		const otp = await this.world.otp(this.phone);
		this.tell('sms', `the code ${otp} arrives`);
		const session = await this.ask(200, '/api/v1/auth/verify-otp', { json: { phone: this.phone, otp } });
		this.token = this.world.canary(session.access_token);
		this.world.canary(session.refresh_token);
		this.facts.user = session.user;
		this.tell('guest', 'is logged in, for the first time');
	}

	// Something that has extras and, if anything there does, sizes; can be had now, and is had at any hour.
	async choose() {
		const menu = await this.ask(200, '/api/v1/menu/items', { token: this.token });
		const fit = menu.items.filter((one) => one.is_available && (one.time_slots ?? []).length === 0 &&
			one.addon_groups.some((g) => g.addon_items.some((a) => a.is_available)));
		const item = fit.find((one) => one.variations.some((v) => v.is_available)) ?? fit.find((one) => one.variations.length === 0);
		assert.ok(item, 'the menu has an item with add-ons');
		const variation = item.variations.find((one) => one.is_available);
		const addons = item.addon_groups.flatMap((group) => group.addon_items.filter((one) => one.is_available)
			.slice(0, Math.max(group.min ?? 0, 1)));
		this.tell('guest', `reads ${menu.total ?? menu.items.length} dishes and takes two ${item.name}${variation ? ` (${variation.name})` : ''} ` +
			`with ${addons.map((one) => one.name).join(', ')}`);
		return {
			menu_item_id: item.id, variation_id: variation?.id ?? null, quantity: 2, special_instructions: 'not too hot',
			addons: addons.map((one) => ({ addon_item_id: one.id, quantity: 1 })),
		};
	}

	async place(line) {
		const placed = await this.ask(201, '/api/v1/orders', {
			token: this.token, headers: { 'idempotency-key': crypto.randomUUID() },
			json: { items: [line], order_type: 'pickup', payment_method: 'cash', special_instructions: 'no cutlery', delivery_address: null },
		});
		assert.equal(placed.order.status, 'received');
		assert.equal(placed.order.payment_status, 'pending');
		assert.equal(placed.payment, null);
		Object.assign(this.facts, { id: placed.order.id, number: placed.order.order_number, total: placed.order.total });
		this.tell('hub', `order ${this.facts.number} is received, ${placed.order.total.toFixed(2)} to pay in cash`);
	}

	// The ticket is on the kitchen's screen: somebody there accepts it, cooks it, and puts it on the counter, as far as its POS has
	// buttons for that.
	async cook() {
		const provider = PROVIDERS[this.world.demo.pos];
		const pos = this.world.sim[this.world.demo.pos];
		const { number } = this.facts;
		const mine = async (effect) => (await pos.seen(`?effect=${effect}`)).filter((row) => provider.of(row).reference === number);
		await this.world.until('the ticket', async () => (await mine('order_saved')).length > 0, { ms: 15000, every: 40 });
		this.tell('kitchen', `${provider.name} prints the ticket`);
		if (provider.accepts) {
			await this.order('confirmed', (order) => order.status === 'confirmed');
			this.tell('hub', `${provider.name} has it: the order is confirmed`);
		}
		for (const status of provider.hears.filter((one) => one !== 'completed')) {
			const said = await pos.control('/kitchen', { json: provider.press(number, status) });
			assert.equal(said.status, 200, `news of ${status}: ${JSON.stringify(said)}`);
			await this.order(status, (order) => order.status === status);
			this.tell('kitchen', COOKING[status]);
		}
		if (!provider.hears.includes('ready')) await this.cookByHand(provider);
		this.facts.tickets = (await mine('order_saved')).length;
		assert.equal(this.facts.tickets, 1);
	}

	// Where the POS has no word for cooking, the kitchen says it here.
	async cookByHand(provider) {
		const { kitchenUser, kitchenPassword } = this.world.demo;
		const token = await this.staffToken(kitchenUser, kitchenPassword);
		this.tell('staff', `${kitchenUser} of the kitchen logs in: ${provider.name} has no buttons for cooking`);
		for (const status of ['preparing', 'ready']) {
			await this.ask(200, `/api/v1/admin/orders/${this.facts.id}/status`, { method: 'PATCH', token, json: { status } });
			await this.order(status, (order) => order.status === status);
			this.tell('kitchen', COOKING[status]);
		}
	}

	async staffToken(username, password) {
		const session = await this.ask(200, '/api/v1/admin/auth/login', { json: { username, password } });
		return this.world.canary(session.access_token);
	}

	async handOver() {
		const { staffUser, staffPassword } = this.world.demo;
		const token = await this.staffToken(staffUser, staffPassword);
		this.tell('staff', `${staffUser} logs in`);
		const at = `/api/v1/admin/orders/${this.facts.id}`;
		await this.ask(409, `${at}/status`, { method: 'PATCH', token, json: { status: 'completed' } });
		this.tell('staff', 'cannot close an order that is not paid');
		await this.ask(200, `${at}/cash-received`, { method: 'POST', token });
		this.tell('staff', `takes ${this.facts.total.toFixed(2)} in cash`);
		await this.ask(200, `${at}/status`, { method: 'PATCH', token, json: { status: 'completed' } });
		const order = await this.order('completed', (one) => one.status === 'completed');
		assert.equal(order.payment_status, 'paid');
		this.facts.order = order;
		this.tell('guest', `sees that order ${this.facts.number} is completed and paid`);
	}
}

async function play(world, options) {
	const story = new Story(world, options);
	await story.logIn();
	await story.place(await story.choose());
	await story.cook();
	await story.handOver();
	return story.facts;
}

module.exports = { Story, play, newPhone };
