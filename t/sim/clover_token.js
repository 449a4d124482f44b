'use strict';
/*
 * Tokens of a simulated Clover app: OAuth v2 with its pairs of an access and a refresh token, and the test tokens that never expire.
 *
 * A refresh token is used once. The access token of an earlier pair lives on until its time is up. Tokens are known here only by
 * their SHA-256, so the journal, from which all this is rebuilt, holds none.
 */
const crypto = require('node:crypto');
const { digest } = require('./sim.js');
const { Refusal } = require('./clover_cart.js');

const CODE_MS = 600000;
const b64 = (x) => Buffer.from(x).toString('base64url');

/* What every merchant has from the start: a test token of the dashboard, and a refresh token of the app's installation. */
const api_token = (options, outlet) => `${options['token-prefix']}${outlet}`;
const first_refresh_token = (outlet) => `clvroar-${digest(`first ${outlet}`).slice(0, 32)}`;

function clover_token(house) {
	const { sim, options } = house;
	const access = new Map();   /* sha256 → {outlet, expires (ms), revoked} */
	const refresh = new Map();  /* sha256 → {outlet, expires, used, revoked, access} */
	const codes = new Map();    /* sha256 → {outlet, expires, used, challenge} */

	function begin() {
		for (const m of [access, refresh, codes])
			m.clear();
		for (const outlet of house.merchants.keys()) {
			if (options['test-tokens'] === 'yes')
				access.set(digest(api_token(options, outlet)), { outlet, expires: Infinity });
			refresh.set(digest(first_refresh_token(outlet)), { outlet, expires: house.now() + Number(options['refresh-seconds']) * 1000 });
		}
	}

	function keep(row) {
		access.set(row.access_sha256, { outlet: row.outlet, expires: row.access_expires * 1000 });
		refresh.set(row.refresh_sha256, { outlet: row.outlet, expires: row.refresh_expires * 1000, access: row.access_sha256 });
		const from = refresh.get(row.from_sha256) ?? codes.get(row.from_sha256);
		if (from)
			from.used = true;
	}

	/* A new pair. Access tokens are JSON web tokens there, so they are long here too. */
	function issue(req, outlet, from_sha256) {
		const now = Math.floor(house.now() / 1000);
		const expires = now + Number(options['access-seconds']);
		const refresh_expires = now + Number(options['refresh-seconds']);
		const claims = { iss: 'Clover', app_id: options['client-id'], merchant_uuid: outlet, iat: now, exp: expires, permission_bitmap: '519167', jti: house.id('jti') };
		const head = `${b64('{"alg":"RS256","typ":"JWT"}')}.${b64(JSON.stringify(claims))}`;
		const tokens = {
			access_token: `${head}.${b64(crypto.createHash('sha512').update(`${options.seed} ${head}`).digest())}`, access_token_expiration: expires,
			refresh_token: `clvroar-${digest(`${options.seed} ${head}`).slice(0, 32)}`, refresh_token_expiration: refresh_expires,
		};
		keep(sim.effect('token_issued', {
			request: req.id, outlet, access_sha256: digest(tokens.access_token), access_expires: expires, refresh_sha256: digest(tokens.refresh_token), refresh_expires, from_sha256,
		}));
		return { status: 200, body: tokens };
	}

	function token_refused(req, outlet, reason, message) {
		sim.effect('token_refused', { request: req.id, outlet: outlet ?? null, reason });
		throw new Refusal(401, message);
	}

	/* {client_id, client_secret, code}, or {client_id, code, code_verifier}. */
	function exchange(req, body) {
		const { client_id, client_secret, code, code_verifier } = body;
		if (typeof client_id !== 'string' || typeof code !== 'string' || (client_secret === undefined && code_verifier === undefined))
			throw new Refusal(400, 'client_id, code and client_secret or code_verifier are required');
		const sha = digest(code);
		const known = codes.get(sha);
		if (client_id !== options['client-id'] || (client_secret !== undefined && client_secret !== options['client-secret']))
			token_refused(req, known?.outlet, 'client', 'Invalid client credentials');
		const proved = !known?.challenge ? client_secret !== undefined
			: crypto.createHash('sha256').update(String(code_verifier)).digest('base64url') === known.challenge;
		if (!known || known.used || known.expires < house.now() || !proved)
			token_refused(req, known?.outlet, !known ? 'unknown code' : known.used ? 'code used twice' : proved ? 'code expired' : 'code verifier', 'Invalid authorization code');
		return issue(req, known.outlet, sha);
	}

	/* {client_id, refresh_token}; no secret. */
	function renew(req, body) {
		if (typeof body.client_id !== 'string' || typeof body.refresh_token !== 'string')
			throw new Refusal(400, 'client_id and refresh_token are required');
		const sha = digest(body.refresh_token);
		const known = refresh.get(sha);
		if (body.client_id !== options['client-id'])
			token_refused(req, known?.outlet, 'client', 'Invalid client credentials');
		if (known && req.order?.do === 'refresh_revoked')
			revoke(req, known.outlet, 'refresh');
		const reason = !known ? 'unknown' : known.used ? 'used twice' : known.revoked ? 'revoked' : known.expires <= house.now() ? 'expired' : null;
		if (reason)
			token_refused(req, known?.outlet, reason, 'Invalid refresh token');
		return issue(req, known.outlet, sha);
	}

	/* The merchant agrees, in the browser or by POST /_sim/authorize. → the code */
	function authorize(req, outlet, challenge) {
		if (!house.merchants.has(outlet))
			throw new Refusal(404, 'Not Found');
		const code = digest(`${options.seed} code ${house.id('code')}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
		const row = sim.effect('code_issued', { request: req?.id, outlet, code_sha256: digest(code), expires: house.now() + CODE_MS, challenge: challenge ?? null });
		codes.set(row.code_sha256, { outlet, expires: row.expires, challenge: row.challenge });
		return code;
	}

	function authorize_page(req) {
		const q = req.query;
		if (q.get('client_id') !== options['client-id'])
			throw new Refusal(401, 'Invalid client credentials');
		const outlet = q.get('merchant_id') ?? [...house.merchants.keys()][0];
		const code = authorize(req, outlet, q.get('code_challenge'));
		const back = new URL(q.get('redirect_uri') ?? 'https://localhost/');
		for (const [k, v] of Object.entries({ merchant_id: outlet, employee_id: 'EMP0000000001', client_id: options['client-id'], code, state: q.get('state') }))
			if (v !== null)
				back.searchParams.set(k, v);
		return { status: 302, headers: { Location: back.href }, body: '' };
	}

	/* What is taken away: access (every live one of the merchant's, test tokens too), refresh, or all. */
	function revoke(req, outlet, what) {
		mark(outlet, what, 'revoked');
		sim.effect('token_revoked', { request: req?.id, outlet, what });
	}

	/* Their time is up, whatever it was. */
	function expire(outlet, what) {
		mark(outlet, what, 'expired');
		sim.effect('token_expired', { outlet, what });
	}

	function mark(outlet, what, how) {
		for (const [kind, map] of [['access', access], ['refresh', refresh]])
			if (what === kind || what === 'all')
				for (const t of map.values())
					if (t.outlet === outlet && (how === 'revoked' || t.expires !== Infinity))
						Object.assign(t, how === 'revoked' ? { revoked: true } : { expires: 0 });
	}

	/* The merchant whose token this is, or null. */
	function outlet_of(header) {
		const m = /^Bearer (\S+)$/.exec(header ?? '');
		const known = m && access.get(digest(m[1]));
		return known && !known.revoked && known.expires > house.now() ? known.outlet : null;
	}

	function restore(row) {
		if (row.effect === 'token_issued')
			keep(row);
		else if (row.effect === 'code_issued')
			codes.set(row.code_sha256, { outlet: row.outlet, expires: row.expires, challenge: row.challenge });
		else if (row.effect === 'token_revoked')
			mark(row.outlet, row.what, 'revoked');
		else if (row.effect === 'token_expired')
			mark(row.outlet, row.what, 'expired');
	}

	const state = (outlet) => ({
		access: [...access.values()].filter((t) => t.outlet === outlet && !t.revoked && t.expires > house.now()).length,
		refresh: [...refresh.values()].filter((t) => t.outlet === outlet && !t.revoked && !t.used && t.expires > house.now()).length,
	});

	return { authorize, authorize_page, begin, exchange, expire, outlet_of, renew, restore, revoke, state };
}

module.exports = { api_token, clover_token, first_refresh_token };
