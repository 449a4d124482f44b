'use strict';
/*
 * The other side of a simulated Clover: the staff at its devices, and the webhooks that go out.
 *
 * One URL for all merchants of an app. A delivery is {appId, merchants: {mId: [{objectId, type, ts}]}} with the header X-Clover-Auth,
 * a constant; it says that something changed, never what. Every change is told, also those that came through the API, drafts too.
 * Changes close to one another travel together.
 */
const { digest, sleep } = require('./sim.js');

/* How a kitchen's word shows at Clover, which knows neither acceptance nor readiness. */
const STATUSES = ['accepted', 'preparing', 'ready', 'completed', 'paid', 'locked', 'cancelled', 'refunded', 'line_deleted', 'edited'];
/* The same in others' words, the hub's among them. */
const ALIASES = {
	accept: 'accepted', confirm: 'accepted', confirmed: 'accepted', prepare: 'preparing', pickup: 'ready', out_for_delivery: 'ready', complete: 'completed', pay: 'paid',
	lock: 'locked', cancel: 'cancelled', reject: 'cancelled', rejected: 'cancelled', delete: 'cancelled', refund: 'refunded',
};

function clover_kitchen(house) {
	const { sim, options, orders } = house;
	let pending = [];      /* events that have not gone out */
	let collected = null;  /* those of the change that is being made at the till */
	let timer = null;
	let held = [];         /* deliveries kept back by a "reordered" misdeed */

	function notify(outlet, objectId, type) {
		const event = { outlet, objectId, type, ts: house.now() };
		if (collected)
			collected.push(event);
		else if (options.hub && options.echo === 'yes') {
			pending.push(event);
			timer ??= setTimeout(flush, Number(options.batch)).unref();
		}
	}

	async function flush() {
		const events = pending;
		clearTimeout(timer);
		timer = null;
		pending = [];
		return events.length > 0 ? deliver(events, {}) : [];
	}

	/* Runs a change and → the events it caused. */
	function events_of(change) {
		collected = [];
		try {
			change();
			return collected;
		} finally {
			collected = null;
		}
	}

	const hub_url = (how) => how.url ?? (options.hub && `${options.hub.replace(/\/$/, '')}/api/webhooks/clover`);

	function body_of(events) {
		const merchants = {};
		for (const { outlet, objectId, type, ts } of events)
			(merchants[outlet] ??= []).push({ objectId, type, ts });
		return { appId: options['client-id'], merchants };
	}

	async function send(url, headers, bytes, about) {
		const answer = await sim.call('POST', url, { 'Content-Type': 'application/json', ...headers }, bytes);
		sim.effect('webhook', { ...about, url, sent_sha256: digest(bytes), status_code: answer.status ?? null, answer: (answer.body ?? answer.error ?? '').slice(0, 2000) });
		return answer;
	}

	function signature_of(how, misdeed) {
		const code = options['webhook-auth-code'];
		const wish = misdeed.do === 'bad_signature' ? 'bad' : misdeed.do === 'no_signature' ? 'none' : how.signature;
		if (wish === 'none')
			return {};
		return { 'X-Clover-Auth': wish === 'bad' ? code.replace(/.$/, (c) => (c === '0' ? '1' : '0')) : wish ?? code };
	}

	/* One POST with these events, as often and as wrongly as was asked for. → the answers */
	async function deliver(events, how) {
		const url = hub_url(how);
		if (!url || how.none)
			return [];
		const misdeed = sim.take('POST', 'webhook') ?? { do: '' };
		if (misdeed.do)
			sim.journal.add({ kind: 'misdeed', do: misdeed.do, path: 'webhook' }, false);
		const bytes = Buffer.from(how.raw ?? JSON.stringify(how.body ?? body_of(events)));
		const about = { outlet: events[0]?.outlet ?? null, reference: how.reference ?? null, events: events.map((e) => `${e.outlet} ${e.objectId} ${e.type} ${e.ts}`) };
		const go = () => send(url, { ...signature_of(how, misdeed), ...how.headers }, bytes, about);

		if (misdeed.do === 'lost')
			return [{ lost: true }];
		if (misdeed.do === 'reordered') {
			held.push(go);
			return [{ held: true }];
		}
		if (misdeed.do === 'late')
			await sleep(misdeed.ms ?? 2000);
		const copies = misdeed.do === 'duplicate' ? misdeed.copies ?? 2 : how.copies ?? 1;
		const answers = [];
		if (misdeed.concurrent ?? how.concurrent)
			answers.push(...await Promise.all(Array.from({ length: copies }, go)));
		else
			for (let i = 0; i < copies; i++)
				answers.push(await go());
		const overtaken = held;
		held = [];
		for (const one of overtaken)
			answers.push(await one());
		return answers;
	}

	/* --- at the till ------------------------------------------------------------------------------------------------ */

	const tender_of = (outlet) => house.menu(outlet).tenders.find((t) => t.labelKey === 'com.clover.tender.cash')?.id ?? house.menu(outlet).tenders[0].id;

	function refund(order) {
		let amount = 0;
		for (const p of order.payments) {
			amount += p.amount - p.refunded;
			p.refunded = p.amount;
		}
		house.order.commit('order_refunded', order, null, { amount, by: 'kitchen' });
	}

	/* Clover's own state after a status of ours; see STATUSES. */
	function move(order, word, how) {
		const { commit, paid_of, pay } = house.order;
		const status = ALIASES[word] ?? word;
		if (!STATUSES.includes(status))
			throw new Error(`a kitchen has no status ${status}: ${STATUSES.join(' ')}`);
		if (order.deletedTime !== null)
			throw new Error(`order ${order.id} is deleted`);
		if (status === 'preparing')
			order.lines.forEach((l) => { l.printed = true; });
		if (status === 'locked')
			order.state = 'locked';
		if (status === 'line_deleted')
			order.lines.splice(how.line ?? 0, 1);
		if (status === 'edited')
			Object.assign(order, Object.fromEntries(['title', 'note'].filter((k) => how[k] !== undefined).map((k) => [k, how[k]])));
		if (status === 'completed' || status === 'paid') {
			const balance = order.total - paid_of(order);
			if (balance > 0)
				pay(order, null, { tender: how.tender ?? tender_of(order.outlet), amount: balance, by: 'kitchen' });
			else
				order.state = 'locked';
		}
		if ((status === 'cancelled' || status === 'refunded') && paid_of(order) > 0)
			refund(order);
		if (status === 'cancelled') {
			order.deletedTime = house.now();
			commit(order.is_ticket ? 'order_cancelled' : 'draft_deleted', order, null, { by: 'kitchen', status }, 'DELETE');
		} else {
			commit('kitchen_status', order, null, { status });
		}
	}

	/* By its name only what staff can have seen: a draft has an id alone. */
	function order_of(body) {
		const { reference_of } = house.order;
		const is_named = (o) => (body.id !== undefined ? o.id === body.id : o.is_ticket && reference_of(o) === body.reference);
		const all = [...orders.values()].filter((o) => is_named(o) && (body.outlet === undefined || o.outlet === body.outlet));
		const order = all.find((o) => o.deletedTime === null) ?? all[0];
		if (!order)
			throw new Error(`no order ${body.id ?? body.reference}`);
		return order;
	}

	async function kitchen(body) {
		const first = order_of(body);
		const statuses = (body.statuses ?? [body.status]).map(String);
		const how = { reference: house.order.reference_of(first), ...body };
		delete how.body;
		/* Things happen in the order given; it is the news of them that may be shuffled. */
		const news = statuses.map((status) => events_of(() => move(orders.get(first.id), status, body)));
		if (body.shuffle)
			for (let i = news.length - 1; i > 0; i--) {
				const j = Math.floor(sim.random() * (i + 1));
				[news[i], news[j]] = [news[j], news[i]];
			}
		if (body.delay_ms)
			await sleep(body.delay_ms);
		const answers = [];
		if (body.concurrent && news.length > 1)
			answers.push(...(await Promise.all(news.map((events) => deliver(events, how)))).flat());
		else
			for (const events of news)
				answers.push(...await deliver(events, how));
		return { sent: statuses, answers, ...answers[answers.length - 1] };
	}

	/* --auto accepted@500,preparing@2000,…: from the moment the kitchen has the ticket. */
	const steps = options.auto.split(',').filter(Boolean).map((s) => ({ status: s.split('@')[0], ms: Number(s.split('@')[1]) }));

	function live(order) {
		for (const { status, ms } of steps)
			setTimeout(() => {
				const now = orders.get(order.id);
				if (now && now.deletedTime === null)
					deliver(events_of(() => move(now, status, {})), { reference: house.order.reference_of(now) }).catch(() => {});
			}, ms).unref();
	}

	/* Things of the inventory: {outlet?, item | items | modifier, available?, quantity?, hidden?, price?, deleted?}. */
	async function stock(body) {
		const outlet = house.outlet_of(body);
		const menu = house.menu(outlet);
		const values = Object.fromEntries(['available', 'hidden', 'price', 'deleted', 'autoManage', 'quantity'].filter((k) => body[k] !== undefined)
			.map((k) => [k === 'quantity' ? 'stock' : k, body[k]]));
		const events = events_of(() => {
			for (const id of [body.items ?? body.item ?? []].flat()) {
				const row = menu.items.find((i) => i.id === id);
				if (!row)
					throw new Error(`no item ${id}`);
				house.read.change(outlet, 'I', row, values, 'kitchen');
			}
			for (const id of [body.modifier ?? []].flat()) {
				const row = menu.modifier_groups.flatMap((g) => g.modifiers).find((m) => m.id === id);
				if (!row)
					throw new Error(`no modifier ${id}`);
				house.read.change(outlet, 'IM', row, values, 'kitchen');
			}
		});
		const answers = await deliver(events, body);
		return { events, answers, ...answers[answers.length - 1] };
	}

	/* Anything at all: {events: [{outlet?, objectId, type?, ts?}], …} or {body} or {raw}. */
	async function event(body) {
		const events = (body.events ?? [body]).filter((e) => e.objectId).map((e) => ({
			outlet: e.outlet ?? house.outlet_of(body), objectId: e.objectId, type: e.type ?? 'UPDATE', ts: e.ts ?? house.now(),
		}));
		const answers = await deliver(events, body);
		return { events, answers, ...answers[answers.length - 1] };
	}

	/* The button "Send verification code" of the dashboard: no header, no merchant. */
	async function verify(body) {
		const code = body.code ?? digest(`${options.seed} verification`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
		const url = hub_url(body);
		if (!url)
			throw new Error('neither --hub nor url says where to call');
		return { code, ...await send(url, {}, Buffer.from(JSON.stringify({ verificationCode: code })), { outlet: null, events: ['verification'] }) };
	}

	const store = (body) => {
		const outlet = house.outlet_of(body);
		const events = events_of(() => {
			house.set_hours(outlet, body.open !== false);
			notify(outlet, `M:${outlet}`, 'UPDATE');
			notify(outlet, `SH:${house.menu(outlet).opening_hours[0].id}`, 'UPDATE');
		});
		return deliver(events, body).then((answers) => ({ events, answers, ...answers[answers.length - 1] }));
	};

	function forget() {
		pending = [];
		held = [];
	}

	return { event, flush, forget, kitchen, live, notify, stock, store, verify };
}

module.exports = { STATUSES, clover_kitchen };
