'use strict';
/*
 * What stands before every call of the simulated Toast: machine tokens, scopes, the restaurant header, and the rate limits.
 *
 * Tokens are as the developer guide has them: a login gives the token that is in force, with the seconds it has left, until
 * its last minute (--token-margin), when the next one is given; there is no refresh token. A token is a JWT that can be made
 * again from what the journal says of it, so none is ever journalled.
 */
const crypto = require('node:crypto');
const { guid_of, is_guid } = require('./toast_place.js');

const DOOR_DEFAULTS = {
	'client-id': 'simulated-toast-client-0123456789abcdef',
	'client-secret': 'simulated-toast-secret-0123456789abcdef0123456789abcdef',
	authority: 'TICKETRAIL',
	scopes: 'orders:read,orders.orders:write,orders.channel:read,orders:void,orders.channel:void,orders.delivery_info:write,menus:read,'
		+ 'menus.channel:read,stock:read,stock:write,guest.pi:read,delivery_info.address:read,config:read,restaurants:read',
	'token-life': '86400',
	'token-margin': '60',
	rate: '20',
	'rate-long': '10000/900',
	'menu-rate': '1',
	'bulk-rate': '5',
};

/* Codes: 10025 is one that Toast's guide shows for a 400; the others are ours, for nobody may rely on them. */
function error(status, message, more = {}) {
	return {
		status,
		headers: more.headers,
		body: {
			status, code: more.code ?? (status === 400 ? 10025 : 10000 + status), message, messageKey: null, fieldName: null, link: null,
			requestId: crypto.randomUUID(), developerMessage: more.developer ?? null, errors: [], canRetry: null,
		},
	};
}

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

class Tokens {
	constructor(sim) {
		this.sim = sim;
		this.options = sim.options;
		this.issued = new Map(); /* sha256 of the token → {client_id, iat, exp, no, revoked} */
		this.newest = null;
	}

	/* The same facts give the same token. */
	text_of({ client_id, iat, exp, no }) {
		const head = base64url({ alg: 'HS256', typ: 'JWT' });
		const claims = base64url({
			'https://toasttab.com/client_name': this.options.authority, 'https://toasttab.com/access_type': 'TOAST_MACHINE_CLIENT',
			iss: 'https://toast-sim.example/', sub: `${client_id}@clients`, aud: 'https://toast-sim.example/', azp: client_id, gty: 'client-credentials',
			iat, exp, scope: this.options.scopes.split(',').join(' '), jti: guid_of(`${this.options.seed} token ${no}`),
		});
		const sign = crypto.createHmac('sha256', `${this.options.seed} ${this.options['client-secret']}`).update(`${head}.${claims}`).digest('base64url');
		return `${head}.${claims}.${sign}`;
	}

	key_of(text) {
		return crypto.createHash('sha256').update(text).digest('hex');
	}

	remember(facts) {
		const key = this.key_of(this.text_of(facts));
		this.issued.set(key, facts);
		this.newest = facts;
		return key;
	}

	login(req) {
		let body;
		if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
			return error(415, 'Unsupported Media Type');
		try {
			body = JSON.parse(req.body.toString());
		} catch {
			return error(400, 'Bad Request', { developer: 'the body is not JSON' });
		}
		const misses = ['clientId', 'clientSecret', 'userAccessType'].filter((k) => typeof body?.[k] !== 'string' || body[k] === '');
		if (misses.length || body.userAccessType !== 'TOAST_MACHINE_CLIENT') {
			this.sim.effect('token_refused', { request: req.id, reason: misses.length ? `${misses[0]} is missing` : 'userAccessType' });
			return error(400, 'Bad Request', { developer: misses.length ? `${misses[0]} is missing` : 'userAccessType is not TOAST_MACHINE_CLIENT' });
		}
		if (body.clientId !== this.options['client-id'] || body.clientSecret !== this.options['client-secret']) {
			this.sim.effect('token_refused', { request: req.id, reason: 'bad credentials' });
			return error(401, 'Unauthorized');
		}
		return this.answer(req, this.in_force(req, body.clientId));
	}

	/* The token in force, or a new one when that is in its last minute. */
	in_force(req, client_id) {
		const now = Math.floor(Date.now() / 1000);
		const how = req.order?.do;
		const short = how === 'short_token' || how === 'dead_token';
		let facts = this.newest;

		if (short || !facts || facts.revoked || facts.exp - now <= Number(this.options['token-margin'])) {
			const life = how === 'short_token' ? Number(req.order.seconds ?? 1) : Number(this.options['token-life']);
			facts = { client_id, iat: now, exp: now + life, no: req.id };
			const key = this.remember(facts);
			this.sim.effect('token_issued', { request: req.id, token_sha256: key, ...facts });
		} else {
			this.sim.effect('token_repeated', { request: req.id, token_sha256: this.key_of(this.text_of(facts)), expires_in: facts.exp - now });
		}
		if (how === 'dead_token')
			this.revoke();
		return facts;
	}

	answer(req, facts) {
		const token = req.order?.do === 'login_without_token' ? null : {
			tokenType: 'Bearer', scope: null, expiresIn: Math.max(0, facts.exp - Math.floor(Date.now() / 1000)),
			accessToken: this.text_of(facts), idToken: null, refreshToken: null,
		};
		return { status: 200, body: { token, status: 'SUCCESS' } };
	}

	/* Everything issued so far is refused from now on. */
	revoke() {
		for (const facts of this.issued.values())
			facts.revoked = true;
		this.sim.effect('token_revoked', { tokens: this.issued.size });
	}

	/* The token of a request, or why there is none. */
	bearer(req) {
		const m = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '');
		const facts = m && this.issued.get(this.key_of(m[1]));

		if (!m)
			return { reason: 'no bearer token' };
		if (!facts)
			return { reason: 'a token that was never issued' };
		if (facts.revoked)
			return { reason: 'a revoked token' };
		if (facts.exp <= Date.now() / 1000)
			return { reason: 'an expired token' };
		return { facts };
	}

	restore(row) {
		if (row.effect === 'token_issued')
			this.remember({ client_id: row.client_id, iat: row.iat, exp: row.exp, no: row.no });
		else if (row.effect === 'token_revoked')
			for (const facts of this.issued.values())
				facts.revoked = true;
	}
}

/* Published limits: so many a second in a sliding second, so many in a long window, each by client and restaurant. */
class Rates {
	constructor(options) {
		this.second = Number(options.rate);
		[this.long, this.window_s] = options['rate-long'].split('/').map(Number);
		this.own = { menus: Number(options['menu-rate']), ordersBulk: Number(options['bulk-rate']) };
		this.recent = new Map(); /* key → times within the last second */
		this.windows = new Map();
	}

	/* A sliding second with at most max requests of this key; max 0 is no limit. */
	second_of(by, key, max, now) {
		if (!max)
			return null;
		const times = (this.recent.get(key) ?? []).filter((t) => t > now - 1000);
		this.recent.set(key, times);
		return { by, left: max - times.length, wait_ms: times.length >= max ? times[0] + 1000 - now : 0, count: () => times.push(now) };
	}

	window_of(by, key, now) {
		if (!this.long)
			return null;
		let w = this.windows.get(key);
		if (!w || now >= w.ends)
			this.windows.set(key, w = { n: 0, ends: now + this.window_s * 1000 });
		return { by, left: this.long - w.n, wait_ms: w.n >= this.long ? w.ends - now : 0, count: () => w.n++ };
	}

	/* Counts a request, unless it is one too many. → {headers, refused} */
	take(outlet, endpoint) {
		const now = Date.now();
		const limits = [this.second_of('ENDPOINT', `${outlet} ${endpoint}`, this.own[endpoint] ?? 0, now), this.second_of('GLOBAL', outlet, this.second, now),
			this.window_of('GLOBAL', outlet, now)].filter(Boolean);
		const worst = [...limits].sort((a, b) => b.wait_ms - a.wait_ms || a.left - b.left)[0];

		if (!worst)
			return { headers: {}, refused: false };
		const refused = worst.wait_ms > 0;
		if (!refused)
			limits.forEach((l) => l.count());
		return { refused, headers: {
			'X-Toast-RateLimit-By': worst.by, 'X-Toast-RateLimit-Remaining': String(refused ? 0 : worst.left - 1),
			'X-Toast-RateLimit-Reset': String(Math.ceil((now + (worst.wait_ms || 1000)) / 1000)),
			...(refused && { 'Retry-After': String(Math.max(1, Math.ceil(worst.wait_ms / 1000))) }),
		} };
	}
}

class Door {
	/* places: Map of GUID to restaurant */
	constructor(sim, places) {
		this.sim = sim;
		this.places = places;
		this.tokens = new Tokens(sim);
		this.rates = new Rates(sim.options);
		this.scopes = new Set(sim.options.scopes.split(',').filter(Boolean));
	}

	/* → {place, headers} when the call may go in, else {refusal}. scopes: any of them will do. */
	enter(req, scopes, endpoint) {
		const how = req.order?.do;
		if (how === 'token_revoked')
			this.tokens.revoke();
		const { reason } = how === 'unauthorized_once' ? { reason: 'ordered' } : this.tokens.bearer(req);
		if (reason) {
			this.sim.effect('token_refused', { request: req.id, reason });
			return { refusal: error(401, 'Unauthorized', { developer: reason }) };
		}
		const outlet = req.headers['toast-restaurant-external-id'];
		if (!is_guid(outlet))
			return { refusal: error(400, 'Toast-Restaurant-External-ID is missing or is not a GUID') };
		const place = this.places.get(outlet.toLowerCase());
		const { headers, refused } = this.rates.take(outlet.toLowerCase(), endpoint);
		if (refused)
			return { refusal: error(429, 'Too Many Requests', { headers }) };
		if (!place || place.disconnected)
			return { refusal: error(404, 'Restaurant not found', { headers, developer: 'unknown, or not connected to this client' }) };
		if (how === 'forbidden_once' || !scopes.some((s) => this.scopes.has(s)))
			return { refusal: error(403, 'Forbidden', { headers, developer: `needs ${scopes.join(' or ')}` }) };
		return { place, headers };
	}
}

module.exports = { DOOR_DEFAULTS, Door, Rates, Tokens, error };
