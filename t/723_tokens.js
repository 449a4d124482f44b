'use strict';
// Tokens that are no good, through nginx at every pool's kind of route. They are made here, with node's own cryptography and a key
// that the house trusts, so that each differs from a good one in one thing; the good one stands among them.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { World } = require('./world.js');

let world, guest, asha;
const KID = 'test-key-1';
const keys = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = keys.publicKey.export({ type: 'spki', format: 'pem' });
const stranger = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const edwards = crypto.generateKeyPairSync('ed25519');
const password = crypto.randomBytes(9).toString('base64url');

before(async () => {
	world = await World.start({ onboard: false, programs: ['auth', 'admin', 'orders', 'menu', 'people', 'catalog', 'office', 'reports', 'integrations', 'ops', 'relay'], sims: ['msg91'] });
	const file = path.join(world.at.conf, 'demo.json');
	fs.writeFileSync(file, JSON.stringify({ slug: 'demo', name: 'Demo', staff: [{ username: 'asha', password, role: 'admin', name: 'Asha' }] }));
	world.canary(password);
	await world.ticketrail(['onboard', file]);
	// A key of this test's own beside the house's: it verifies, and no program can sign with it.
	await world.sql(`INSERT INTO signing_keys (kid, public_pem, private_sealed, is_signing, verify_until, created_at)
		VALUES ('${KID}', '${pem}', 'x', 0, UTC_TIMESTAMP(6) + INTERVAL 1 DAY, UTC_TIMESTAMP(6))`);
	const phone = '+14155580001';
	await world.fetch('/api/v1/auth/request-otp', { json: { phone } });
	guest = keep((await world.fetch('/api/v1/auth/verify-otp', { json: { phone, otp: await world.otp(phone) } })).json);
	asha = keep((await login()).json);
	guest.claims = claimsOf(guest.access_token);
	await world.until('the key', async () => (await get(token())).status === 200, { every: 300 });
});
after(() => world?.stop());

const login = () => world.fetch('/api/v1/admin/auth/login', { json: { username: 'asha', password } });

function keep(session) {
	world.canary(session.access_token);
	world.canary(session.refresh_token);
	return session;
}

const claimsOf = (text) => JSON.parse(Buffer.from(text.split('.')[1], 'base64url'));
const headerOf = (text) => JSON.parse(Buffer.from(text.split('.')[0], 'base64url'));
const get = (text, at = '/api/v1/users/me') => world.fetch(at, { headers: { authorization: `Bearer ${text}` } });
const b64 = (data) => Buffer.from(data).toString('base64url');
const rs256 = (data, key = keys.privateKey, hash = 'RSA-SHA256') => crypto.sign(hash, Buffer.from(data), key).toString('base64url');
const HEADER = { alg: 'RS256', typ: 'at+jwt', kid: KID };
const now_s = () => Math.floor(Date.now() / 1000);

// A token of these parts, given as values or as the text of their JSON, signed as it should be unless told otherwise.
function token({ header = {}, claims = {}, without = [], sign = rs256 } = {}) {
	const text = (base, change) => {
		if (typeof change === 'string') return change;
		const whole = { ...base, ...change };
		for (const name of without) delete whole[name];
		return JSON.stringify(whole);
	};
	const data = `${b64(text(HEADER, header))}.${b64(text({ ...guest.claims, iat: now_s() - 10, exp: now_s() + 600 }, claims))}`;
	return `${data}.${sign(data)}`;
}

const claims_text = (name, value) => JSON.stringify({ ...guest.claims, iat: now_s() - 10, exp: now_s() + 600, [name]: '@' }).replace('"@"', value);
const hmac = (secret, hash = 'sha256') => (data) => crypto.createHmac(hash, secret).update(data).digest('base64url');

// [what, token]: S10 algorithms, S11 headers, S12 claims, S13 spelling.
const NEGATIVES = {
	S10: () => [
		['alg none, no signature', token({ header: { alg: 'none' }, sign: () => '' })],
		['alg None', token({ header: { alg: 'None' }, sign: () => '' })],
		['alg NONE with a good signature', token({ header: { alg: 'NONE' } })],
		['alg nOnE', token({ header: { alg: 'nOnE' }, sign: () => '' })],
		['alg empty', token({ header: { alg: '' } })],
		['alg null', token({ header: { alg: null } })],
		['alg a list', token({ header: { alg: ['RS256'] } })],
		['alg absent', token({ without: ['alg'] })],
		['alg in small letters', token({ header: { alg: 'rs256' } })],
		['HS256 with the public key in PEM', token({ header: { alg: 'HS256' }, sign: hmac(pem) })],
		['HS256 with the public key in PEM, less its line end', token({ header: { alg: 'HS256' }, sign: hmac(pem.trim()) })],
		['HS256 with the public key in DER', token({ header: { alg: 'HS256' }, sign: hmac(keys.publicKey.export({ type: 'spki', format: 'der' })) })],
		['HS256 with the modulus', token({ header: { alg: 'HS256' }, sign: hmac(Buffer.from(keys.publicKey.export({ format: 'jwk' }).n, 'base64url')) })],
		['HS256 with an empty key', token({ header: { alg: 'HS256' }, sign: hmac('') })],
		['HS512 with the public key', token({ header: { alg: 'HS512' }, sign: hmac(pem, 'sha512') })],
		['RS256 in the header, an HMAC for a signature', token({ sign: hmac(pem) })],
		['RS512, rightly signed', token({ header: { alg: 'RS512' }, sign: (data) => rs256(data, keys.privateKey, 'RSA-SHA512') })],
		['RS256 in the header, SHA-512 signed', token({ sign: (data) => rs256(data, keys.privateKey, 'RSA-SHA512') })],
		['PS256, rightly signed', token({ header: { alg: 'PS256' }, sign: (data) => crypto.sign('RSA-SHA256', Buffer.from(data), { key: keys.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }).toString('base64url') })],
		['RS256 in the header, PSS for a signature', token({ sign: (data) => crypto.sign('RSA-SHA256', Buffer.from(data), { key: keys.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }).toString('base64url') })],
		['ES256 with a key of its own', token({ header: { alg: 'ES256' }, sign: (data) => crypto.sign('sha256', Buffer.from(data), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url') })],
		['RS256 in the header, ES256 for a signature', token({ sign: (data) => crypto.sign('sha256', Buffer.from(data), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url') })],
		['ES256 of r and s zero', token({ header: { alg: 'ES256' }, sign: () => b64(Buffer.alloc(64)) })],
		['EdDSA', token({ header: { alg: 'EdDSA' }, sign: (data) => crypto.sign(null, Buffer.from(data), edwards.privateKey).toString('base64url') })],
		['signed by a stranger', token({ sign: (data) => rs256(data, stranger.privateKey) })],
		['a signature of zeroes', token({ sign: () => b64(Buffer.alloc(256)) })],
		['a signature of ones', token({ sign: () => b64(Buffer.alloc(256, 255)) })],
		['crit, of what is known', token({ header: { crit: ['exp'] } })],
		['crit, empty', token({ header: { crit: [] } })],
		['b64 false', token({ header: { b64: false, crit: ['b64'] } })],
		['b64 true', token({ header: { b64: true } })],
		['an encrypted one (five parts)', [{ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: KID }, 'k', 'iv', 'text', 'tag'].map((part) => b64(typeof part === 'string' ? part : JSON.stringify(part))).join('.')],
		['enc beside alg', token({ header: { enc: 'A256GCM' } })],
		['a JWS in JSON', JSON.stringify({ protected: b64(JSON.stringify(HEADER)), payload: b64('{}'), signature: 'x' })],
	],
	S11: () => [
		['kid unknown', token({ header: { kid: 'nobody' } })],
		['kid of another case', token({ header: { kid: KID.toUpperCase() } })],
		['kid with a path', token({ header: { kid: `../../keys/${KID}` } })],
		['kid /dev/null, signed with nothing', token({ header: { alg: 'HS256', kid: '/dev/null' }, sign: hmac('') })],
		['kid with a path, and a good signature', token({ header: { kid: `./${KID}` } })],
		['kid with SQL', token({ header: { kid: `x' UNION SELECT '${KID}` } })],
		['kid with SQL that is true', token({ header: { kid: `${KID}' OR '1'='1` } })],
		['kid with a comment', token({ header: { kid: `${KID}'-- ` } })],
		['kid with NUL behind', token({ header: JSON.stringify({ ...HEADER, kid: '@' }).replace('@', `${KID}\\u0000`) })],
		['kid with NUL in front', token({ header: JSON.stringify({ ...HEADER, kid: '@' }).replace('@', `\\u0000${KID}`) })],
		['kid of 2 kB', token({ header: { kid: 'k'.repeat(2000) } })],
		['kid empty', token({ header: { kid: '' } })],
		['kid null', token({ header: { kid: null } })],
		['kid a number', token({ header: { kid: 1 } })],
		['kid a list', token({ header: { kid: [KID] } })],
		['kid an object', token({ header: { kid: { $ne: '' } } })],
		['kid absent', token({ without: ['kid'] })],
		['kid a URL', token({ header: { kid: 'http://127.0.0.1:9/key' } })],
		['jku', token({ header: { jku: 'http://127.0.0.1:9/jwks.json' } })],
		['x5u', token({ header: { x5u: 'http://127.0.0.1:9/x5u' } })],
		['x5u, a file', token({ header: { x5u: 'file:///etc/passwd' } })],
		['jwk, and signed with it', token({ header: { jwk: stranger.publicKey.export({ format: 'jwk' }) }, sign: (data) => rs256(data, stranger.privateKey) })],
		['jwk in the place of kid', token({ header: { jwk: stranger.publicKey.export({ format: 'jwk' }) }, without: ['kid'], sign: (data) => rs256(data, stranger.privateKey) })],
		['x5c', token({ header: { x5c: ['MIIB'] } })],
		['cty', token({ header: { cty: 'JWT' } })],
		['zip', token({ header: { zip: 'DEF' } })],
	],
	S12: () => [
		...['iss', 'sub', 'user_id', 'sid', 'role', 'rid', 'iat', 'exp'].map((name) => [`${name} absent`, token({ without: [name] })]),
		...['exp', 'iat'].flatMap((name) => [['text', '"1800000000"'], ['a fraction', '1800000000.5'], ['with an exponent', '1.8e9'], ['negative', '-1'], ['2^63', '9223372036854775808'],
			['2^53+1, far too late', '9007199254740993'], ['null', 'null'], ['true', 'true'], ['a list', '[1800000000]'], ['an object', '{}'], ['1e400', '1e400'], ['empty text', '""']]
			.filter(([what]) => !(name === 'exp' && what.startsWith('2^53'))).map(([what, value]) => [`${name} ${what}`, token({ claims: claims_text(name, value) })])),
		['exp before iat', token({ claims: { iat: now_s() - 10, exp: now_s() - 20 } })],
		['made more than a minute from now', token({ claims: { iat: now_s() + 75, exp: now_s() + 700 } })],
		['nbf, even of the past', token({ claims: { nbf: now_s() - 10 } })],
		['aud', token({ claims: { aud: 'somebody' } })],
		['aud of our own name', token({ claims: { aud: 'ticketrail' } })],
		['iss of another', token({ claims: { iss: 'somebody' } })],
		['iss a list', token({ claims: { iss: ['ticketrail'] } })],
		['iss with a blank', token({ claims: { iss: 'ticketrail ' } })],
		['typ JWT', token({ header: { typ: 'JWT' } })],
		['typ in capitals', token({ header: { typ: 'AT+JWT' } })],
		['typ of a refresh token', token({ header: { typ: 'rt+jwt' } })],
		['typ of a one-time password', token({ header: { typ: 'otp+jwt' } })],
		['typ absent', token({ without: ['typ'] })],
		['role of more', token({ claims: { role: 'admin' } })],
		['role of the platform', token({ claims: { role: 'platform' } })],
		['role unknown', token({ claims: { role: 'root' } })],
		['role a list', token({ claims: { role: ['guest'] } })],
		['sub of nobody', token({ claims: { sub: '0190163d-8694-739b-aea5-966c26f8ad91', user_id: '0190163d-8694-739b-aea5-966c26f8ad91' } })],
		['sub and user_id of two', token({ claims: { user_id: asha.user.id } })],
		['sub of staff, as a guest', token({ claims: { sub: asha.user.id, user_id: asha.user.id } })],
		['sub with SQL', token({ claims: { sub: "' OR 1=1 -- ", user_id: "' OR 1=1 -- " } })],
		['a claim more', token({ claims: { admin: true } })],
		['claims a list', token({ claims: '[]' })],
		['claims empty', token({ claims: '{}' })],
		['the refresh token of the same session', guest.refresh_token],
		['a refresh token between dots', `${guest.refresh_token}.${guest.refresh_token}.${guest.refresh_token}`],
		['a one-time password', '123456'],
	],
	S13: () => {
		const good = token();
		const [h, c, s] = good.split('.');
		const loose = s.slice(0, -1) + String.fromCharCode(s.charCodeAt(s.length - 1) + 1);
		return [
			['nothing', ''], ['a dot', '.'], ['two dots', '..'], ['three dots', '...'], ['a word', 'token'],
			['two parts', `${h}.${c}`], ['an empty signature', `${h}.${c}.`], ['a fourth part', `${good}.x`], ['a dot behind', `${good}.`], ['a dot in front', `.${good}`],
			['padding of the signature', `${good}==`], ['padding of the claims', `${h}.${c}=.${s}`],
			['signed padding', (() => { const data = `${h}.${c}==`; return `${data}.${rs256(data)}`; })()],
			['trailing bits that are not zero', `${h}.${c}.${loose}`],
			['plus and slash for minus and underscore', `${h}.${c}.${s.replaceAll('-', '+').replaceAll('_', '/')}`],
			['a blank inside', `${h}.${c.slice(0, 9)} ${c.slice(9)}.${s}`],
			['a comma and another', `${good},${good}`],
			['twice', `${good}${good}`],
			['cut short', good.slice(0, -8)],
			['longer', `${good}AAAA`],
			['one letter changed in the claims', `${h}.${c.slice(0, 20)}${c[20] === 'A' ? 'B' : 'A'}${c.slice(21)}.${s}`],
			['header and claims changed over', (() => { const data = `${c}.${h}`; return `${data}.${rs256(data)}`; })()],
			['duplicate alg', token({ header: JSON.stringify(HEADER).replace('{', '{"alg":"none",') })],
			['duplicate kid', token({ header: JSON.stringify(HEADER).replace('}', `,"kid":"${KID}"}`) })],
			['duplicate role', token({ claims: claims_text('role', '"guest"').replace('}', ',"role":"admin"}') })],
			['duplicate exp, written otherwise', token({ claims: claims_text('iss', '"ticketrail"').replace('}', ',"\\u0065xp":9999999999}') })],
			['a byte order mark', token({ claims: `\ufeff${claims_text('role', '"guest"')}` })],
			['invalid UTF-8 in the header', (() => { const data = `${Buffer.concat([Buffer.from('{"alg":"RS256","typ":"at+jwt","kid":"'), Buffer.from([0xff]), Buffer.from('"}')]).toString('base64url')}.${c}`; return `${data}.${rs256(data)}`; })()],
			['claims of depth 60', token({ claims: claims_text('rid', `${'['.repeat(60)}${']'.repeat(60)}`) })],
			['a good one with 4 kB of blanks', token({ claims: claims_text('role', '"guest"') + ' '.repeat(4000) })],
			['7 kB of one letter', 'A'.repeat(7000)],
			['7 kB of dots', '.'.repeat(7000)],
			['an array for JSON', token({ header: JSON.stringify(['RS256', 'at+jwt', KID]) })],
			['JSON and more behind it', token({ claims: `${claims_text('role', '"guest"')}{}` })],
			['Infinity', token({ claims: claims_text('exp', 'Infinity') })],
		];
	},
};

test('AUTH-07 AUTH-11 the token that all others differ from is good', async () => {
	for (const at of ['/api/v1/users/me', '/api/v1/orders', '/r/demo/api/v1/orders']) assert.equal((await get(token(), at)).status, 200, at);
});

for (const row of Object.keys(NEGATIVES))
	test(`${row} SEC-09 AUTH-16 tokens that are none: all are 401 with one body, and nothing is fetched or opened for them`, async (t) => {
		const list = NEGATIVES[row]();
		const bodies = new Set(), wrong = [];
		for (const [what, text] of list) {
			const answer = await get(text);
			bodies.add(answer.text);
			if (answer.status !== 401 || answer.json?.error?.code !== 'INVALID_TOKEN' || !/^Bearer/.test(answer.headers['www-authenticate'] ?? ''))
				wrong.push(`${what}: ${answer.status} ${answer.text}`);
		}
		assert.deepEqual(wrong, []);
		assert.equal(bodies.size, 1, [...bodies].join('\n'));
		t.diagnostic(`${list.length - wrong.length} of ${list.length}`);
	});

test('S10 S11 S12 S13 there are more than sixty of them, each once, and as many are refused where staff go and by every pool', async (t) => {
	const all = Object.values(NEGATIVES).flatMap((list) => list());
	assert.ok(all.length >= 60, `${all.length}`);
	assert.equal(new Set(all.map(([what]) => what)).size, all.length, 'each has a name of its own');
	const routes = ['/api/v1/admin/orders', '/api/v1/menu/items', '/api/v1/orders', '/api/pos-integration/health', '/api/v1/admin/menu/items', '/api/v1/admin/staff'];
	const wrong = [];
	for (const [i, [what, text]] of all.entries()) {
		const answer = await get(text, routes[i % routes.length]);
		if (answer.status !== 401 || answer.json?.error?.code !== 'INVALID_TOKEN') wrong.push(`${routes[i % routes.length]} ${what}: ${answer.status}`);
	}
	assert.deepEqual(wrong, []);
	t.diagnostic(`${all.length} of ${all.length} negatives`);
});

test('S13 what is larger than a header may be does not get to a worker', async () => {
	for (const [n, status] of [[10000, 431], [65536, 431]]) assert.equal((await get('A'.repeat(n))).status, status, `${n} bytes`);
	assert.equal((await get(token({ header: { kid: 'k'.repeat(10000) } }))).status, 431, 'a kid of 10 kB');
});

test('S12 AUTH-16 expired is told apart from invalid, to the second; a forged one is invalid however old', async () => {
	for (const age of [1, 61, 86400]) {
		const answer = await get(token({ claims: { iat: now_s() - 100000, exp: now_s() - age } }));
		assert.deepEqual([answer.status, answer.json.error.code], [401, 'TOKEN_EXPIRED'], `${age} s ago`);
	}
	const forged = await get(token({ claims: { iat: now_s() - 100000, exp: now_s() - 1000 }, sign: (data) => rs256(data, stranger.privateKey) }));
	assert.equal(forged.json.error.code, 'INVALID_TOKEN');
	assert.equal((await get(token({ claims: { iat: now_s() + 30, exp: now_s() + 600 } }))).status, 200, 'another host\'s clock may be half a minute ahead');
});

test('S14 D15 a token in the address is no token, and no log has it', async () => {
	const good = world.canary(token());
	for (const name of ['token', 'access_token', 'authorization', 'bearer', 'jwt', 'Authorization'])
		for (const at of ['/api/v1/users/me', '/api/v1/orders', '/api/v1/admin/orders']) {
			const answer = await world.fetch(`${at}?${name}=${encodeURIComponent(good)}`);
			assert.deepEqual([answer.status, answer.json.error.code], [401, 'INVALID_TOKEN'], `${at}?${name}`);
		}
	for (const headers of [{ authorization: good }, { authorization: `Token ${good}` }, { authorization: `Basic ${b64(`x:${good}`)}` }, { authorization: `Bearer${good}` },
		{ cookie: `access_token=${good}` }, { 'x-access-token': good }, { 'proxy-authorization': `Bearer ${good}` }])
		assert.equal((await world.fetch('/api/v1/users/me', { headers })).status, 401, Object.keys(headers)[0]);
	assert.equal((await world.fetch('/api/v1/users/me', { headers: { authorization: `bearer  ${good}` } })).status, 200, 'RFC 6750: the scheme in any case');
});

test('S15 AUTH-11 keys change without a restart: the new one signs, every pool learns it, the old one verifies until its tokens are over', async (t) => {
	const old = keep((await login()).json);
	await world.ticketrail(['rotate-signing-key']);
	const young = await world.until('a token of the new key', async () => {
		const session = keep((await login()).json);
		return headerOf(session.access_token).kid !== headerOf(old.access_token).kid ? session : null;
	}, { every: 100 });
	const routes = ['/api/v1/admin/orders', '/api/v1/menu/items', '/api/pos-integration/health', '/api/v1/admin/menu/items', '/api/v1/admin/staff'];
	for (const at of routes)
		for (const session of [old, young]) await world.until(`${at} knows it`, async () => (await get(session.access_token, at)).status === 200, { every: 100, ms: 5000 });
	t.diagnostic(`${routes.length} pools, no program started again`);
	await world.sql(`UPDATE signing_keys SET verify_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE kid = '${headerOf(old.access_token).kid}'`);
	assert.ok(!(await world.fetch('/.well-known/jwks.json')).text.includes(headerOf(old.access_token).kid), 'over: it is not shown');
	assert.equal((await get(young.access_token, '/api/v1/admin/orders')).status, 200);
});
