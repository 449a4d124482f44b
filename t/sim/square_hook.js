'use strict';
/*
 * What Square says to us: events, signed with Base64(HMAC-SHA256(signature key, notification URL followed by the raw body)).
 *
 * Events of one subject are sent one after the other; of several subjects at the same time. Retries are not played: "copies" sends the
 * same event again as a retry would be. Subscriptions and the search of past events are here too.
 */
const crypto = require('node:crypto');
const { sleep } = require('./sim.js');
const { Refusal } = require('./square_refusal.js');

const TYPES = ['order.created', 'order.updated', 'order.fulfillment.updated', 'catalog.version.updated', 'inventory.count.updated',
	'payment.created', 'payment.updated', 'refund.created', 'refund.updated', 'location.created', 'location.updated',
	'oauth.authorization.revoked'];
const SPAN_MS = 28 * 86400000;
const ANSWER_MS = 10000;

function sign(key, url, bytes) {
	return crypto.createHmac('sha256', key).update(url).update(bytes).digest('base64');
}

function hooks(w) {
	const { sim, options } = w;
	const past = [];             /* events, oldest first */
	const under_way = new Map(); /* subject → promise of the last sending */
	const held = new Map();      /* subject → sending kept back by "reordered" */
	let subscriptions = [];

	const first_url = () => options['notification-url'] || (options.hub && `${options.hub.replace(/\/$/, '')}/api/webhooks/square`);

	/* The key of a subscription follows from the seed and how often it was changed. */
	function key_of(id, key_no) {
		return { key_no, signature_key: id === 'wbhk_options' && key_no === 0 ? options['signature-key'] : w.digest(`${options.seed} key ${id} ${key_no}`).slice(0, 22) };
	}

	/* The subscription of the options, unless it was deleted by the API. {merchant} and {location} in its URL and key are filled in. */
	function seed() {
		const url = first_url();
		subscriptions = url ? [{ id: 'wbhk_options', name: 'of the options', enabled: true, event_types: TYPES, notification_url: url,
			api_version: '2025-08-20', ...key_of('wbhk_options', 0), created_at: '2026-01-05T10:00:00Z', updated_at: '2026-01-05T10:00:00Z' }] : [];
	}

	function event(merchant, location, type, data_type, id, object) {
		return {
			merchant_id: merchant, ...(location && { location_id: location }), type, event_id: w.uuid(), created_at: w.now(),
			data: { type: data_type, id, ...(object && { object }) },
		};
	}

	const subject_of = (e) => e.data.object?.payment?.order_id ?? e.data.object?.refund?.order_id ?? e.data.id;
	const location_in = (e) => e.location_id ?? Object.values(e.data.object ?? {})[0]?.location_id ?? '';
	const filled = (text, e) => text.replaceAll('{merchant}', e.merchant_id).replaceAll('{location}', location_in(e) || w.locations_of(e.merchant_id)[0]);

	function signature(how, key, url, bytes) {
		const good = sign(key, url, bytes);
		switch (how) {
		case undefined:
			return good;
		case 'none':
			return null;
		case 'bad':
			return good.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'));
		case 'other_key':
			return sign(`${key}x`, url, bytes);
		case 'other_url':
			return sign(key, `${url}/`, bytes);
		case 'body_only':
			return sign(key, '', bytes);
		default:
			return how;
		}
	}

	async function post(e, url, key, bytes, how, nth) {
		const value = signature(how.signature, key, how.signed_url ?? url, bytes);
		w.flush();
		const answer = await sim.call('POST', url, {
			'Content-Type': 'application/json', 'User-Agent': 'Square Connect v2', 'square-environment': options.environment === 'production' ? 'Production' : 'Sandbox',
			'square-initial-delivery-timestamp': w.now(), ...(nth > 0 && { 'square-retry-number': String(nth), 'square-retry-reason': 'http_timeout' }),
			...(value !== null && { 'x-square-hmacsha256-signature': value }), ...how.headers,
		}, bytes, ANSWER_MS);
		w.done('webhook', { outlet: e ? location_in(e) : '', id: e?.data.id ?? '', type: e?.type ?? 'raw', event_id: e?.event_id ?? null, url,
			sent_sha256: crypto.createHash('sha256').update(bytes).digest('hex'), status_code: answer.status ?? null,
			answer: (answer.body ?? answer.error ?? '').slice(0, 2000) });
		return answer;
	}

	/* One event to whoever asked for it, as ordered: {copies, concurrent, signature, url, body}. → answers */
	async function send(e, order) {
		const misdeed = sim.take('POST', 'webhook') ?? { do: '' };
		if (misdeed.do)
			sim.journal.add({ kind: 'misdeed', do: misdeed.do, path: 'webhook', type: e.type }, false);
		const how = { ...order };
		if (misdeed.do === 'bad_signature')
			how.signature = 'bad';
		if (misdeed.do === 'no_signature')
			how.signature = 'none';
		const copies = misdeed.do === 'duplicate' ? misdeed.copies ?? 2 : how.copies ?? 1;
		const bytes = Buffer.from(JSON.stringify({ ...e, ...how.body }));
		const go = async () => {
			const answers = [];
			for (const s of subscriptions.filter((x) => x.enabled && x.event_types.includes(e.type))) {
				const url = how.url ?? filled(s.notification_url, e);
				const one = (_, i) => post(e, url, filled(s.signature_key, e), bytes, how, i);
				const list = Array.from({ length: copies });
				if (misdeed.concurrent ?? how.concurrent)
					answers.push(...await Promise.all(list.map(one)));
				else
					for (let i = 0; i < copies; i++)
						answers.push(await one(null, i));
			}
			return answers;
		};
		const subject = subject_of(e);

		if (misdeed.do === 'lost')
			return [{ lost: true }];
		if (misdeed.do === 'reordered') {
			held.set(subject, go);
			return [{ held: true }];
		}
		if (misdeed.do === 'late')
			await sleep(misdeed.ms ?? 2000);
		const answers = await go();
		const overtaken = held.get(subject);
		if (overtaken) {
			held.delete(subject);
			answers.push(...await overtaken());
		}
		return answers;
	}

	function shuffle(list) {
		for (let i = list.length - 1; i > 0; i--) {
			const j = Math.floor(sim.random() * (i + 1));
			[list[i], list[j]] = [list[j], list[i]];
		}
		return list;
	}

	/* Sends events now, in their order or as asked, and waits for the answers. */
	async function deliver(events, how = {}) {
		const list = events.filter((e) => !how.types || how.types.includes(e.type));
		if (how.delay_ms)
			await sleep(how.delay_ms);
		if (how.shuffle)
			shuffle(list);
		if (how.concurrent)
			return (await Promise.all(list.map((e) => send(e, how)))).flat();
		const answers = [];
		for (const e of list)
			answers.push(...await send(e, how));
		return answers;
	}

	/* Sends events after the answer to whoever caused them, behind what is still under way for the same subject. */
	function later(events) {
		if (!subscriptions.length || !events.length || options.events === 'none')
			return;
		setTimeout(() => {
			for (const e of events) {
				const subject = subject_of(e);
				const done = (under_way.get(subject) ?? Promise.resolve()).then(() => send(e, {})).catch(() => {});
				under_way.set(subject, done);
				done.then(() => {
					if (under_way.get(subject) === done)
						under_way.delete(subject);
				});
			}
		}, Number(options['event-delay'])).unref();
	}

	/* Anything at all to anywhere: {raw, url?, signature?, key?} */
	async function raw(body) {
		const url = body.url ?? first_url();
		if (!url)
			throw new Error('neither --hub nor --notification-url nor url says where to call');
		const e = { merchant_id: body.merchant ?? w.merchants[0], location_id: body.location, data: {} };
		const to = filled(url, e);
		return post(null, to, body.key ?? filled(options['signature-key'], e), Buffer.from(body.raw, body.encoding ?? 'utf8'), body, 0);
	}

	/* --- the API of subscriptions and events ------------------------------------------------------------------------ */

	/* Keys are told by their number only. */
	const keep = () => w.done('subscriptions_saved', { subscriptions: subscriptions.map((s) => shown(s)) });
	const shown = (s, with_key) => ({ ...s, ...(with_key ? { key_no: undefined } : { signature_key: undefined }) });
	const one = (id) => subscriptions.find((s) => s.id === id) ?? (() => {
		throw new Refusal(404, 'NOT_FOUND', `Webhook subscription ${id} not found.`, 'subscription_id');
	})();

	function check_subscription(s, whole) {
		if (whole && !s.event_types?.length)
			throw new Refusal(400, 'MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'subscription.event_types');
		if (whole && !s.notification_url)
			throw new Refusal(400, 'MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'subscription.notification_url');
		for (const t of s.event_types ?? [])
			if (!TYPES.includes(t))
				throw new Refusal(400, 'INVALID_VALUE', `Unknown event type \`${t}\`.`, 'subscription.event_types');
	}

	const api = {
		list: () => ({ subscriptions: subscriptions.map((s) => shown(s)) }),
		get: ({ params }) => ({ subscription: shown(one(params.id), true) }),
		create: ({ body }) => {
			check_subscription(body.subscription, true);
			const id = `wbhk_${w.digest(`${options.seed} subscription ${w.uuid()}`).slice(0, 24)}`;
			const s = { name: 'webhook', enabled: true, api_version: '2025-08-20', ...body.subscription, id, ...key_of(id, 0), created_at: w.now(), updated_at: w.now() };
			subscriptions = [...subscriptions, s];
			keep();
			return { subscription: shown(s, true) };
		},
		update: ({ body, params }) => {
			const s = one(params.id);
			check_subscription(body.subscription, false);
			Object.assign(s, body.subscription, { updated_at: w.now() });
			keep();
			return { subscription: shown(s) };
		},
		remove: ({ params }) => {
			const gone = one(params.id);
			subscriptions = subscriptions.filter((s) => s !== gone);
			keep();
			return {};
		},
		rotate: ({ params }) => {
			const s = one(params.id);
			Object.assign(s, key_of(s.id, s.key_no + 1));
			s.updated_at = w.now();
			keep();
			return { signature_key: s.signature_key };
		},
		test: async ({ params, body, merchant }) => {
			const s = one(params.id);
			const e = event(merchant, undefined, body.event_type ?? s.event_types[0], 'webhooks', w.uuid());
			const bytes = Buffer.from(JSON.stringify(e));
			const answer = await post(e, filled(s.notification_url, e), filled(s.signature_key, e), bytes, {}, 0);
			return { subscription_test_result: { id: e.event_id, status_code: answer.status ?? 0, payload: bytes.toString(), created_at: e.created_at, updated_at: w.now() } };
		},
		search: ({ body, merchant }) => {
			const f = body.query?.filter ?? {};
			const since = Date.now() - SPAN_MS;
			const rows = past.filter((e) => e.merchant_id === merchant && Date.parse(e.created_at) > since && (!f.event_types?.length || f.event_types.includes(e.type))
				&& (!f.location_ids?.length || f.location_ids.includes(location_in(e)))
				&& (!f.created_at?.start_at || Date.parse(e.created_at) >= Date.parse(f.created_at.start_at))
				&& (!f.created_at?.end_at || Date.parse(e.created_at) < Date.parse(f.created_at.end_at))).reverse();
			const p = w.menu.page(rows, Math.min(body.limit ?? 100, 100), body.cursor, `events ${JSON.stringify(f)}`);
			return { ...(p.rows.length && { events: p.rows }), ...(p.cursor && { cursor: p.cursor }) };
		},
	};

	seed();
	return {
		api, event, deliver, later, raw, sign,
		remember: (events) => past.push(...events),
		restore: (row) => {
			if (row.subscriptions)
				subscriptions = row.subscriptions.map((s) => ({ ...s, ...key_of(s.id, s.key_no) }));
			past.push(...row.events ?? []);
		},
		keys: () => subscriptions.map((s) => s.signature_key),
		reset: () => {
			past.length = 0;
			held.clear();
			seed();
		},
	};
}

module.exports = { TYPES, hooks, sign };
