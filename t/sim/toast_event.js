'use strict';
/*
 * What the simulated Toast says to us. An event is an envelope {timestamp, eventCategory, eventType, guid, details}, signed with
 * Base64(HMAC-SHA256(secret, body ‖ timestamp)) in Toast-Signature, where timestamp is the text in the envelope. Two seconds are
 * waited for an answer. Events about orders carry no externalId and nothing about the guest.
 */
const crypto = require('node:crypto');
const { guid_of } = require('./toast_place.js');
const { digest, sleep } = require('./sim.js');

const EVENT_DEFAULTS = { hub: '', 'webhook-secret': 'simulated-toast-webhook-secret', 'webhook-secret-of': [], events: 'order,guest', 'api-events': 'yes', 'event-delay': '0' };

const ANSWER_MS = 2000;

/* kind: [eventCategory, eventType] */
const KINDS = {
	order: ['order_updated', 'order_updated'], channel_order: ['channel_order_updated', 'channel_order_updated'],
	guest: ['guest_order_status', 'guestOrderStatusUpdated'], menu: ['menus', 'menus_updated'],
	in_stock: ['stock', 'in_stock'], out_of_stock: ['stock', 'out_of_stock'], low_quantity: ['stock', 'low_quantity'],
	online: ['restaurant_availability', 'availability_online'], offline: ['restaurant_availability', 'availability_offline'],
	schedule: ['ordering_schedule_updated', 'ordering_schedule_updated'], packaging: ['packaging_updated', 'packaging_updated'],
	partner_added: ['partners', 'partner_added'], partner_removed: ['partners', 'partner_removed'],
};

function signature_of(secret, bytes, timestamp) {
	return crypto.createHmac('sha256', secret).update(bytes).update(timestamp).digest('base64');
}

/* An order as events show it. */
function for_event(order) {
	const selection = (s) => ({ ...s, externalId: null, modifiers: s.modifiers.map(selection) });

	return {
		...order, externalId: null,
		deliveryInfo: order.deliveryInfo && { ...order.deliveryInfo, address1: null, address2: null, city: null, state: null, zipCode: null, latitude: null, longitude: null, notes: null },
		curbsidePickupInfo: null,
		checks: order.checks.map((c) => ({ ...c, externalId: null, customer: null, tabName: null, selections: c.selections.map(selection), payments: c.payments.map((p) => ({ ...p, externalId: null })) })),
	};
}

class Events {
	constructor(sim, options) {
		this.sim = sim;
		this.options = options;
		this.n = 0;
		this.held = new Map(); /* sendings kept back by a "reordered" misdeed, by order */
		this.secrets = new Map(options['webhook-secret-of'].map((s) => [s.slice(0, s.indexOf('=')), s.slice(s.indexOf('=') + 1)]));
	}

	url(place, how) {
		if (!how.url && !this.options.hub)
			throw new Error('neither --hub nor url says where to call');
		return how.url ?? `${this.options.hub.replaceAll('{location}', encodeURIComponent(place.name)).replace(/\/$/, '')}/api/webhooks/toast`;
	}

	/* An envelope not yet sent. about: what the journal says beside it. */
	event(place, kind, details, about = {}, how = {}) {
		const [eventCategory, eventType] = KINDS[kind] ?? [how.category, how.type];
		const guid = how.guid ?? guid_of(`${this.options.seed} event ${++this.n} ${this.sim.journal.seq}`);
		const more = typeof details === 'function' ? details(guid) : details;

		return { place, kind, about: { outlet: place.guid, ...about },
			envelope: { timestamp: how.timestamp ?? new Date().toISOString(), eventCategory, eventType, guid, details: { ...more, ...how.details } } };
	}

	/* Where and as what it goes out, misdeeds counted in. */
	request(event, attempt, how, misdeed) {
		let { envelope } = event;
		if (misdeed.do === 'old_timestamp')
			envelope = { ...envelope, timestamp: new Date(Date.now() - (misdeed.ms ?? 3600000)).toISOString() };
		if (misdeed.do === 'other_case')
			envelope = { ...envelope, eventCategory: envelope.eventCategory.toUpperCase().replaceAll('_', ' ') };
		if (misdeed.do === 'big')
			envelope = { ...envelope, details: { ...envelope.details, padding: 'x'.repeat(misdeed.bytes ?? 700000) } };
		if (attempt > 1 && how.renew)
			envelope = { ...envelope, timestamp: new Date().toISOString() };
		const bytes = Buffer.from(how.raw ?? JSON.stringify(envelope));
		const secret = misdeed.do === 'other_secret' ? 'another subscription' : how.secret ?? this.secrets.get(event.kind) ?? this.options['webhook-secret'];
		const good = signature_of(secret, bytes, envelope.timestamp);
		const wish = misdeed.do === 'bad_signature' ? 'bad' : misdeed.do === 'no_signature' ? 'none' : how.signature;
		const signature = wish === 'none' ? null : wish === 'bad' ? good.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) : wish ?? good;

		return { bytes, headers: {
			'Content-Type': 'application/json', ...(signature !== null && { 'Toast-Signature': signature }), 'Toast-Event-Type': envelope.eventType,
			'Toast-Event-Category': envelope.eventCategory, 'Toast-Restaurant-External-ID': event.place.guid, 'Toast-Attempt-Number': String(attempt), ...how.headers,
		} };
	}

	async post(event, attempt, how, misdeed) {
		const { bytes, headers } = this.request(event, attempt, how, misdeed);
		const url = this.url(event.place, how);
		const answer = await this.sim.call('POST', url, headers, bytes, ANSWER_MS);

		this.sim.effect('webhook', { ...event.about, kind_of: event.kind, event: event.envelope.guid, url, attempt, sent_sha256: digest(bytes),
			status_code: answer.status ?? null, answer: (answer.body ?? answer.error ?? '').slice(0, 2000) });
		return answer;
	}

	/* Sends one event: so many copies, one after the other or all at once. → the answers */
	async send(event, how = {}) {
		const misdeed = this.sim.take('POST', 'webhook') ?? this.sim.take('POST', 'callback') ?? { do: '' };
		const key = event.about.id ?? event.place.guid;
		const copies = misdeed.do === 'duplicate' ? misdeed.copies ?? 2 : how.copies ?? 1;
		const go = (_, i = 0) => this.post(event, i + 1, how, misdeed);

		if (misdeed.do)
			this.sim.journal.add({ kind: 'misdeed', do: misdeed.do, path: 'webhook', event: event.envelope.guid }, false);
		if (misdeed.do === 'lost')
			return [{ lost: true }];
		if (misdeed.do === 'reordered') {
			this.held.set(key, go);
			return [{ held: true }];
		}
		if (misdeed.do === 'late')
			await sleep(misdeed.ms ?? 2000);
		const answers = [];
		if (misdeed.concurrent ?? how.concurrent)
			answers.push(...await Promise.all(Array.from({ length: copies }, go)));
		else
			for (let i = 0; i < copies; i++)
				answers.push(await go(null, i));
		const overtaken = this.held.get(key);
		if (overtaken) {
			this.held.delete(key);
			answers.push(await overtaken());
		}
		return answers;
	}

	/* Events that belong together: in order, in any order, or all at once. */
	async send_all(events, how) {
		if (how.shuffle)
			for (let i = events.length - 1; i > 0; i--) {
				const j = Math.floor(this.sim.random() * (i + 1));
				[events[i], events[j]] = [events[j], events[i]];
			}
		if (how.delay_ms)
			await sleep(how.delay_ms);
		if (how.concurrent && events.length > 1)
			return (await Promise.all(events.map((e) => this.send(e, how)))).flat();
		const answers = [];
		for (const e of events)
			answers.push(...await this.send(e, how));
		return answers;
	}
}

module.exports = { EVENT_DEFAULTS, Events, KINDS, for_event, signature_of };
