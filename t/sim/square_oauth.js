'use strict';
/*
 * Square's OAuth: codes, access tokens and refresh tokens. A token is kept by its digest only, so that none reaches the journal.
 *
 * Access tokens live 30 days (24 hours when short_lived). The refresh token of the code flow is the same again at each refresh and
 * lasts until the seller revokes; that of the PKCE flow is used once and lives 90 days. A code is used once within five minutes.
 * The errors are the old ones, {"message", "type"}, which integrators still quote.
 */
const { Refusal } = require('./square_refusal.js');

const ALL_SCOPES = ['ORDERS_WRITE', 'ORDERS_READ', 'ITEMS_READ', 'ITEMS_WRITE', 'INVENTORY_READ', 'INVENTORY_WRITE', 'MERCHANT_PROFILE_READ',
	'MERCHANT_PROFILE_WRITE', 'PAYMENTS_READ', 'PAYMENTS_WRITE', 'CUSTOMERS_READ', 'CUSTOMERS_WRITE'];
const CODE_MS = 300000;

const old_style = (status, type, message) => new Refusal(status, 'UNAUTHORIZED', message, undefined, { body: { message, type } });
const not_authorized = (message) => old_style(401, 'service.not_authorized', message);

function oauth(w) {
	const { options } = w;
	const tokens = new Map(); /* digest → {kind, merchant, scopes, expires_ms?, pkce, short_lived, revoked?, used?, own?} */
	let issued = 0;

	const life = (name) => Number(options[name]) * 1000;

	/* What was there from the start: each seller's own token, which never expires, and a refresh token of the code flow. */
	function seed() {
		w.merchants.forEach((merchant, i) => {
			for (const suffix of i === 0 ? ['', `.${merchant}`] : [`.${merchant}`]) {
				tokens.set(w.digest(options['access-token'] + suffix), { kind: 'access', merchant, scopes: ALL_SCOPES, own: true });
				tokens.set(w.digest(options['refresh-token'] + suffix), { kind: 'refresh', merchant, scopes: ALL_SCOPES });
			}
		});
	}

	const fresh = (kind, prefix) => {
		issued++;
		return prefix + Buffer.from(w.digest(`${options.seed} ${kind} ${issued} a`) + w.digest(`${options.seed} ${kind} ${issued} b`), 'hex').toString('base64url').slice(0, 60);
	};

	/* → the token's text. Nothing is journalled yet: rows() is what is to be. */
	function add(rows, kind, prefix, facts) {
		const text = fresh(kind, prefix);
		const row = { sha256: w.digest(text), token: { kind, ...facts } };
		tokens.set(row.sha256, row.token);
		rows.push(row);
		return text;
	}

	function refuse(req, refusal, merchant) {
		w.done('token_refused', { request: req?.id, merchant: merchant ?? null, reason: refusal.message });
		throw refusal;
	}

	const stamp = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

	function client_of(req, body, secret_needed) {
		if (body.client_id === undefined || body.client_id === '')
			refuse(req, old_style(400, 'bad_request.missing_parameter', "Missing required parameter 'client_id'"));
		if (body.client_id !== options['client-id'])
			refuse(req, not_authorized('Not Authorized'));
		if (secret_needed ? body.client_secret !== options['client-secret'] : body.client_secret !== undefined && body.client_secret !== options['client-secret'])
			refuse(req, not_authorized('Not Authorized'));
	}

	function code_grant(req, body) {
		const code = body.code === undefined ? undefined : tokens.get(w.digest(body.code));
		const app = `app [${options['client-id']}]`;

		if (body.code === undefined)
			refuse(req, old_style(400, 'bad_request.missing_parameter', "Missing required parameter 'code'"));
		client_of(req, body, !code?.challenge);
		if (code?.kind !== 'code')
			refuse(req, not_authorized(`Authorization code not found for ${app}`));
		if (code.used)
			refuse(req, not_authorized(`Authorization code is already claimed for ${app}`), code.merchant);
		if (code.expires_ms < Date.now())
			refuse(req, not_authorized(`Authorization code is expired for ${app}`), code.merchant);
		if (code.redirect_uri && body.redirect_uri !== code.redirect_uri)
			refuse(req, not_authorized('Redirect uri does not match'), code.merchant);
		if (code.challenge && require('node:crypto').createHash('sha256').update(String(body.code_verifier ?? '')).digest('base64url') !== code.challenge)
			refuse(req, not_authorized('Invalid code verifier'), code.merchant);
		return { from: code, pkce: Boolean(code.challenge), used: w.digest(body.code) };
	}

	function refresh_grant(req, body) {
		const token = body.refresh_token === undefined ? undefined : tokens.get(w.digest(body.refresh_token));

		if (body.refresh_token === undefined)
			refuse(req, old_style(400, 'bad_request.missing_parameter', "Missing required parameter 'refresh_token'"));
		client_of(req, body, !token?.pkce);
		if (token?.kind !== 'refresh' || token.revoked || token.used || (token.expires_ms !== undefined && token.expires_ms < Date.now()))
			refuse(req, not_authorized('Invalid refresh token'), token?.merchant);
		return { from: token, pkce: Boolean(token.pkce), used: token.pkce || req.order?.do === 'rotate' ? w.digest(body.refresh_token) : null, same: body.refresh_token };
	}

	function obtain({ req, body }) {
		if (body.grant_type === undefined)
			refuse(req, old_style(400, 'bad_request.missing_parameter', "Missing required parameter 'grant_type'"));
		if (body.grant_type !== 'authorization_code' && body.grant_type !== 'refresh_token')
			refuse(req, old_style(400, 'bad_request.invalid_parameter', `Invalid grant_type '${body.grant_type}'`));
		const { from, pkce, used, same } = body.grant_type === 'refresh_token' ? refresh_grant(req, body) : code_grant(req, body);
		for (const s of body.scopes ?? [])
			if (!from.scopes.includes(s))
				refuse(req, not_authorized(`Scope ${s} was not granted`), from.merchant);
		const scopes = body.scopes?.length ? body.scopes : from.scopes;
		const short_lived = Boolean(body.short_lived);
		const expires_ms = Date.now() + (req.order?.do === 'short_token' ? req.order.ms ?? 1000 : life(short_lived ? 'short-life' : 'access-life'));
		const rows = [];
		const { merchant } = from;
		const access = add(rows, 'access', 'EAAA', { merchant, scopes, expires_ms, short_lived });
		/* A refresh token of the code flow stays what it is; a used one is replaced. */
		const keep = same !== undefined && used === null;
		const refresh_ms = pkce ? Date.now() + life('pkce-life') : undefined;
		const refresh = keep ? same : add(rows, 'refresh', 'EQAA', { merchant, scopes, pkce, expires_ms: refresh_ms });
		if (used)
			tokens.get(used).used = true;
		w.done('token_issued', { request: req.id, merchant, grant: body.grant_type, expires_at: stamp(expires_ms), rotated: !keep && same !== undefined, tokens: rows, used });
		if (req.order?.do === 'revoke_early')
			revoke_rows([w.digest(access)], merchant);
		return {
			access_token: access, token_type: 'bearer', expires_at: stamp(expires_ms), merchant_id: merchant, refresh_token: refresh, short_lived,
			...(pkce && { refresh_token_expires_at: stamp(refresh_ms) }),
		};
	}

	function revoke_rows(shas, merchant) {
		shas.forEach((s) => {
			tokens.get(s).revoked = true;
		});
		w.done('token_revoked', { merchant, revoked: shas });
	}

	/* All that a seller ever granted, or access tokens alone. His own token is not the application's to lose. */
	const granted = (merchant, access_only) => [...tokens].filter(([, t]) => t.merchant === merchant && !t.own && !t.revoked && (!access_only || t.kind === 'access')).map(([s]) => s);

	const revoked_event = (merchant, revoker_type) => w.event(merchant, undefined, 'oauth.authorization.revoked', 'revocation', w.uuid(),
		{ revocation: { revoked_at: w.now(), revoker_type } });

	function revoke(x) {
		const { req, body } = x;
		if (req.headers.authorization !== `Client ${options['client-secret']}` || body.client_id !== options['client-id'])
			throw not_authorized('Not Authorized');
		if ((body.access_token === undefined) === (body.merchant_id === undefined))
			throw old_style(400, 'bad_request.bad_parameter', 'Exactly one of access_token and merchant_id must be given');
		const one = body.access_token === undefined ? undefined : tokens.get(w.digest(body.access_token));
		const merchant = body.merchant_id ?? one?.merchant;
		if (!w.merchants.includes(merchant) || (body.access_token !== undefined && one.kind !== 'access'))
			throw old_style(404, 'not_found', 'Access token not found');
		revoke_rows(body.revoke_only_access_token && body.access_token !== undefined ? [w.digest(body.access_token)] : granted(merchant, body.revoke_only_access_token), merchant);
		if (!body.revoke_only_access_token)
			w.hook.later([revoked_event(merchant, 'APPLICATION')]);
		return { success: true };
	}

	/* The token of a request, or the refusal that it deserves. */
	function bearer(req) {
		const m = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '');
		const sha = m && w.digest(m[1]);
		const token = sha && tokens.get(sha);

		if (token?.kind !== 'access')
			throw new Refusal(401, 'UNAUTHORIZED', 'This request could not be authorized.');
		if (req.order?.do === 'token_revoked' && !token.revoked)
			revoke_rows([sha], token.merchant);
		if (token.revoked)
			throw new Refusal(401, 'ACCESS_TOKEN_REVOKED', 'The provided access token has been revoked.');
		if (req.order?.do === 'expired_token' || (token.expires_ms !== undefined && token.expires_ms < Date.now()))
			throw new Refusal(401, 'ACCESS_TOKEN_EXPIRED', 'The provided access token has expired.');
		return { ...token, sha };
	}

	function needs(token, scopes, order) {
		const short = order?.do === 'insufficient_scopes' ? scopes : scopes.filter((s) => !token.scopes.includes(s));
		if (short.length)
			throw new Refusal(403, 'INSUFFICIENT_SCOPES', `The merchant has not given your application sufficient permissions to do that. The merchant must authorize your application for the following scopes: ${short.join(', ')}`);
	}

	const status = ({ token }) => ({ scopes: token.scopes, ...(token.expires_ms !== undefined && { expires_at: stamp(token.expires_ms) }),
		client_id: options['client-id'], merchant_id: token.merchant });

	function grant_code({ merchant = w.merchants[0], scopes = ALL_SCOPES, code_challenge: challenge, redirect_uri, ms = CODE_MS }) {
		if (!w.merchants.includes(merchant))
			throw new Error(`no merchant ${merchant}`);
		const rows = [];
		const code = add(rows, 'code', 'sandbox-sq0cgb-', { merchant, scopes, expires_ms: Date.now() + ms, challenge, redirect_uri });
		w.done('code_issued', { merchant, tokens: rows });
		return { code };
	}

	/* The page on which the seller says yes: he does so at once. */
	function authorize({ req }) {
		const q = req.query;
		if (q.get('client_id') !== options['client-id'])
			throw not_authorized('Not Authorized');
		const asked = (q.get('scope') ?? '').split(/[ +]/).filter(Boolean);
		const { code } = grant_code({ merchant: q.get('merchant') ?? undefined, scopes: asked.length ? asked.filter((s) => ALL_SCOPES.includes(s)) : ['MERCHANT_PROFILE_READ'],
			code_challenge: q.get('code_challenge') ?? undefined, redirect_uri: q.get('redirect_uri') ?? undefined });
		const to = new URL(q.get('redirect_uri') ?? 'http://127.0.0.1/');
		to.searchParams.set('code', code);
		to.searchParams.set('response_type', 'code');
		if (q.get('state'))
			to.searchParams.set('state', q.get('state'));
		return { answer: { status: 302, headers: { Location: to.href }, body: '' } };
	}

	seed();
	return {
		obtain, revoke, status, authorize, bearer, needs,
		control: {
			'POST /_sim/code': grant_code,
			/* A whole grant at once: what obtain() answers to a code. */
			'POST /_sim/grant': (body) => {
				const rows = [], { merchant = w.merchants[0], scopes = ALL_SCOPES, pkce = false } = body;
				const expires_ms = Date.now() + (body.ms ?? life('access-life'));
				const access_token = add(rows, 'access', 'EAAA', { merchant, scopes, expires_ms, short_lived: false });
				const refresh_token = add(rows, 'refresh', 'EQAA', { merchant, scopes, pkce, expires_ms: pkce ? Date.now() + life('pkce-life') : undefined });
				w.done('token_issued', { merchant, grant: 'control', expires_at: stamp(expires_ms), tokens: rows });
				return { access_token, refresh_token, merchant_id: merchant, expires_at: stamp(expires_ms) };
			},
			/* The seller takes it all back in his dashboard. */
			'POST /_sim/revoke': async (body) => {
				const merchant = body.merchant ?? w.merchants[0];
				revoke_rows(granted(merchant, false), merchant);
				return { answers: await w.hook.deliver([revoked_event(merchant, 'MERCHANT')], body) };
			},
		},
		restore: (row) => {
			for (const { sha256, token } of row.effect === 'token_issued' || row.effect === 'code_issued' ? row.tokens : []) {
				tokens.set(sha256, token);
				issued++;
			}
			if (row.used && tokens.has(row.used))
				tokens.get(row.used).used = true;
			for (const sha of row.revoked ?? [])
				if (tokens.has(sha))
					tokens.get(sha).revoked = true;
		},
		reset: () => {
			tokens.clear();
			seed();
		},
	};
}

module.exports = { ALL_SCOPES, oauth };
