'use strict';
// certify, and whether it can be trusted: each simulated POS passes, and one that does something wrong fails the check that is about
// that and no other. The wrong is done by a proxy between the two, which knows neither the adapter nor the simulator.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { test, after } = require('node:test');
const { start_sim } = require('./sim/start.js');
const { PROVIDERS, posOf } = require('./providers.js');

const PROGRAM = path.join(process.env.TICKETRAIL_BUILD || path.join(__dirname, '../build/test'), 'ticketrail');
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr525-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

// Without limits, and quick to show what they have.
const QUICK = {
	petpooja: [],
	toast: ['--rate', '0', '--rate-long', '0/1', '--menu-rate', '0', '--bulk-rate', '0'],
	square: [],
	clover: ['--per-token', '0', '--per-app', '0', '--concurrent-token', '0', '--concurrent-app', '0', '--index-lag', '0'],
};
const HUB = { url: 'https://hub.example' };

const sims = new Map();
const closers = [];
after(async () => {
	for (const close of closers) await close();
	for (const sim of sims.values()) await sim.stop();
});

async function simOf(name) {
	if (!sims.has(name))
		sims.set(name, await start_sim(name, [...PROVIDERS[name].sim('http://127.0.0.1:9').slice(2), ...QUICK[name]],
			{ dir: fs.mkdtempSync(path.join(temp, name)) }));
	return sims.get(name);
}

// --- the proxy --------------------------------------------------------------------------------------------------------------

const parsed = (bytes) => {
	try {
		return JSON.parse(bytes.toString());
	} catch {
		return undefined;
	}
};

const collect = (stream) => new Promise((done, fail) => {
	const chunks = [];
	stream.on('data', (chunk) => chunks.push(chunk));
	stream.on('error', fail);
	stream.on('end', () => done(Buffer.concat(chunks)));
});

const forward = (to, req, body) => new Promise((done, fail) => {
	const out = http.request(`${to}${req.url}`, { method: req.method, agent: false,
		headers: { ...req.headers, host: new URL(to).host, 'content-length': body.length } }, async (res) => {
		done({ status: res.statusCode, headers: res.headers, body: await collect(res) });
	});
	out.on('error', fail);
	out.end(body);
});

// mutant.request(call) may change call.json, or answer by itself; mutant.answer(call, answer) may change answer.json or its status.
async function proxyTo(to, mutant) {
	const server = http.createServer(async (req, res) => {
		try {
			const bytes = await collect(req);
			const call = { method: req.method, path: req.url, json: parsed(bytes), headers: req.headers };
			const before = JSON.stringify(call.json);
			let answer = mutant.request?.(call);
			if (!answer) {
				const body = JSON.stringify(call.json) === before ? bytes : Buffer.from(JSON.stringify(call.json));
				answer = await forward(to, { method: req.method, url: req.url, headers: call.headers }, body);
				answer.json = parsed(answer.body);
				mutant.answer?.(call, answer);
			}
			const body = Buffer.from(answer.json === undefined ? answer.body ?? '' : JSON.stringify(answer.json));
			const { 'content-length': length, 'transfer-encoding': encoding, connection, ...headers } = answer.headers ?? {};
			res.writeHead(answer.status, { ...headers, 'content-length': body.length });
			res.end(body);
		} catch {
			req.socket.destroy();
		}
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	closers.push(() => new Promise((done) => {
		server.close(done);
		server.closeAllConnections?.();
	}));
	return `http://127.0.0.1:${server.address().port}`;
}

// Every object within a document.
function each(node, visit) {
	if (node === null || typeof node !== 'object') return;
	if (!Array.isArray(node)) visit(node);
	for (const value of Object.values(node)) each(value, visit);
}

// --- the program ------------------------------------------------------------------------------------------------------------

const run = (args, env = {}) => new Promise((done) => {
	const child = spawn(PROGRAM, ['certify', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
	const out = [collect(child.stdout), collect(child.stderr)];
	child.on('close', async (code) => {
		const [stdout, stderr] = (await Promise.all(out)).map(String);
		done({ code, stdout, stderr });
	});
});

function fileOf(name, sim, more = {}, base = posOf({ ...HUB, sim: { [name]: sim } }, name)) {
	const file = path.join(temp, `${name}-${Math.random().toString(36).slice(2)}.json`);
	fs.writeFileSync(file, JSON.stringify({ ...base, ...more }), { mode: 0o600 });
	return file;
}

const named = (report, result) => report.checks.filter((one) => one.result === result).map((one) => one.name);

async function certify(name, { endpoint, more, args = [], wait = '0' } = {}) {
	const sim = await simOf(name);
	const { code, stdout, stderr } = await run([name, '--config', fileOf(name, sim, more), '--json', '--wait', wait,
		...(endpoint ? ['--endpoint', endpoint] : []), ...args]);
	assert.equal(stderr, '');
	for (const secret of PROVIDERS[name].secrets) assert.ok(!stdout.includes(secret), `a secret of ${name} is printed`);
	const report = JSON.parse(stdout);
	assert.equal(code, report.failed > 0 ? 1 : 0);
	return report;
}

// --- they pass --------------------------------------------------------------------------------------------------------------

const CAN_NOT = {
	petpooja: ['permissions', 'renewal', 'identity', 'twice', 'other_body', 'cut', 'hidden', 'absent', 'status', 'quote', 'retry_after'],
	toast: ['retry_after'],
	square: ['renewal', 'retry_after'],
	clover: ['renewal', 'other_body', 'retry_after'],
};

for (const name of Object.keys(PROVIDERS))
	test(`M13 TEST-04 the simulated ${PROVIDERS[name].name} passes, and what it can not be asked is said`, async () => {
		const report = await certify(name);
		assert.deepEqual(report.checks.filter((one) => one.result === 'failed'), []);
		assert.deepEqual(named(report, 'not possible here'), CAN_NOT[name]);
		assert.equal(report.adapter, name);
		assert.match(report.version, /^\d+\.\d+\.\d+$/);
		const sim = await simOf(name);
		assert.equal(report.endpoint, sim.url);
		assert.deepEqual(PROVIDERS[name].screen((await sim.get('/_sim/orders')).json.orders ?? (await sim.get('/_sim/orders')).json)
			.filter((key) => name !== 'petpooja'), [], 'every order that can be taken back has been');
	});

test('M13 a login by refresh token is tried only if it may be used up', async () => {
	const sim = await simOf('clover');
	const merchants = (await sim.get('/_sim/merchants')).json;
	const { refresh_token: token } = merchants.find((one) => one.outlet === PROVIDERS.clover.outlet(0));
	const { config } = posOf({ ...HUB, sim: { clover: sim } }, 'clover');
	const more = { config: { ...config, refresh_token: token, client_id: require('./sim/clover.js').DEFAULTS['client-id'] } };
	const kept = await certify('clover', { more, args: ['--only', 'renewal'] });
	assert.deepEqual(named(kept, 'not possible here'), ['renewal']);
	const used = await certify('clover', { more: { ...more, renew: true }, args: ['--only', 'renewal,order'] });
	assert.deepEqual(named(used, 'passed'), ['renewal', 'order']);
});

test('M13 where every request makes another order nothing is repeated, and what was cut off is looked for', async () => {
	const { config } = posOf({ ...HUB, sim: { clover: await simOf('clover') } }, 'clover');
	const report = await certify('clover', { more: { config: { ...config, use_atomic: true } }, args: ['--only', 'order,order.modifiers,twice,other_body,cut,hidden'] });
	assert.deepEqual(named(report, 'passed'), ['order', 'order.modifiers', 'cut']);
	assert.deepEqual(named(report, 'failed'), []);
	assert.match(report.checks.find((one) => one.name === 'cut').sentence, /^Looked for/);
});

test('M13 where nobody answers access fails, and the rest is not tried', async () => {
	const { code, stdout } = await run(['petpooja', '--config', fileOf('petpooja', await simOf('petpooja')), '--endpoint', 'http://127.0.0.1:9', '--json']);
	assert.equal(code, 1);
	const report = JSON.parse(stdout);
	assert.deepEqual(named(report, 'failed'), ['access']);
	assert.deepEqual(named(report, 'passed'), ['configuration']);
	assert.match(report.checks.find((one) => one.name === 'order').sentence, /^There is no access$/);
});

test('M13 orders that the file describes are tried too, and what the menu has not is said', async () => {
	const samples = [
		{ name: 'tikka', item: 'ITTIKKA', variation: 'VARTIKKAFULL', addons: ['MODCHEESE', 'MODMILD'], quantity: 2, order_type: 'delivery', line_note: 'cut it', tip_minor: 100 },
		{ name: 'unicorn', item: 'ITUNICORN' },
	];
	const report = await certify('square', { more: { samples }, args: ['--only', 'sample.tikka,sample.unicorn'] });
	assert.deepEqual(named(report, 'passed'), ['sample.tikka'], JSON.stringify(report));
	assert.deepEqual(named(report, 'not possible here'), ['sample.unicorn']);
	const bad = await run(['square', '--config', fileOf('square', await simOf('square'), { samples: [{ name: 'x', item: 'I', quantity: 0.5 }] })]);
	assert.equal(bad.code, 65);
	assert.match(bad.stderr, /"samples", order 1: "quantity"/);
});

// --- mutants ----------------------------------------------------------------------------------------------------------------

const again = () => Math.random().toString(36).slice(2);
const ORDERS = { toast: '/orders/v2/orders', square: '/v2/orders' };
const gives = (call, name) => call.method === 'POST' && call.path === ORDERS[name];

// Two kinds of answer about our orders are lists: what is found by our name for it.
const LISTS = {
	toast: (call, answer) => call.path.includes('/ordersBulk') && (answer.json = []),
	square: (call, answer) => call.path === '/v2/orders/search' && delete answer.json.orders,
	clover: (call, answer) => call.method === 'GET' && /\/orders\?/.test(call.path) && (answer.json = { elements: [] }),
};

const MUTANTS = [
	...['toast', 'square'].map((name) => ({
		name, what: 'loses add-ons', fails: ['order.modifiers'],
		make: () => ({
			request: ({ json }) => each(json, (node) => {
				// At Toast the first may be the size, and a note is one too.
				if (Array.isArray(node.modifiers))
					node.modifiers = node.modifiers.filter((one, i) => name === 'toast' && (i === 0 || one.selectionType === 'SPECIAL_REQUEST'));
			}),
		}),
	})),
	...['toast', 'square'].map((name) => ({
		name, what: 'cooks one less than was ordered', fails: ['order.quantity'],
		make: () => ({
			request: ({ json }) => each(json, (node) => {
				if (Number(node.quantity) > 1) node.quantity = typeof node.quantity === 'string' ? String(node.quantity - 1) : node.quantity - 1;
			}),
		}),
	})),
	...['toast', 'square', 'clover'].map((name) => ({
		name, what: 'loses notes', fails: ['order.notes'],
		make: () => ({
			request: ({ json }) => each(json, (node) => {
				for (const key of Object.keys(node))
					if (typeof node[key] === 'string') node[key] = node[key].replace(/no onions|ring twice/, 'nothing');
			}),
		}),
	})),
	{
		name: 'square', what: 'knows no keys', fails: ['twice', 'other_body'],
		make: () => ({
			request: ({ json }) => {
				if (json?.idempotency_key) json.idempotency_key = again();
			},
		}),
	},
	{
		name: 'toast', what: 'forgets names that were used', fails: ['twice', 'other_body', 'cut'],
		make: () => ({
			request: (call) => {
				if (gives(call, 'toast')) call.json.externalId += again().slice(0, 4);
			},
			answer: (call, answer) => {
				const strip = (node) => typeof node.externalId === 'string' && (node.externalId = node.externalId.replace(/(-\d\d).*/, '$1'));
				each(answer.json, strip);
			},
		}),
	},
	...['toast', 'square'].map((name) => ({
		name, what: 'answers with another order, once', fails: ['identity'],
		make: () => {
			const ids = [];
			return {
				answer: (call, answer) => {
					if (!gives(call, name) || answer.status !== 200) return;
					const order = answer.json.order ?? answer.json, key = order.guid ? 'guid' : 'id';
					ids.push(order[key]);
					if (ids.length === 2) order[key] = ids[0];
				},
			};
		},
	})),
	...['toast', 'square', 'clover'].map((name) => ({
		name, what: 'hides orders from its lists', fails: ['identity', 'twice', ...(name === 'clover' ? [] : ['other_body']), 'cut'],
		make: () => ({ answer: LISTS[name] }),
	})),
	{
		name: 'clover', what: 'shows drafts', fails: ['hidden'],
		make: () => ({
			answer: (call, answer) => {
				if (call.method === 'GET' && /\/orders\/[0-9A-Z]{13}\?expand=lineItems,lineItems.modifications,payments/.test(call.path) && answer.json?.id)
					answer.json.state ??= 'open';
			},
		}),
	},
	{
		name: 'toast', what: 'says that it has voided', fails: ['cancel', 'cancel.twice'],
		make: () => ({ request: (call) => (call.path.endsWith('/void') ? { status: 200, json: {} } : undefined) }),
	},
	...['square', 'clover'].map((name) => ({
		name, what: 'quotes a cent too much', fails: ['quote'],
		make: () => ({
			answer: (call, answer) => {
				if (/\/orders\/calculate$/.test(call.path)) {
					answer.json.order.total_money.amount++;
					if (answer.json.order.net_amount_due_money) answer.json.order.net_amount_due_money.amount++;
				}
				if (/\/atomic_order\/checkouts$/.test(call.path)) answer.json.total++;
			},
		}),
	})),
	...['square', 'clover'].map((name) => ({
		name, what: 'takes any credentials', fails: ['wrong_credentials'],
		make: () => {
			let good;
			return {
				request: (call) => {
					good ??= call.headers.authorization;
					if (call.headers.authorization) call.headers.authorization = good;
				},
			};
		},
	})),
	{
		name: 'square', what: 'says that we may not write orders', fails: ['permissions'],
		make: () => ({ answer: (call, answer) => call.path === '/oauth2/token/status' && (answer.json.scopes = answer.json.scopes.filter((one) => one !== 'ORDERS_WRITE')) }),
	},
	{
		name: 'square', what: 'cancels what is not there', fails: ['cancel.unknown'],
		make: () => ({
			request: (call) => (/\/orders\/[^/]*[37]{6}$/.test(call.path)
				? { status: 200, json: { order: { id: decodeURIComponent(call.path.split('/').pop()), location_id: 'L1', state: 'CANCELED', version: 2,
					total_money: { amount: 100, currency: 'USD' } } } } : undefined),
		}),
	},
];

for (const { name, what, fails, make } of MUTANTS)
	test(`M13 a ${PROVIDERS[name].name} that ${what} fails ${fails.join(', ')} and nothing else`, async () => {
		const sim = await simOf(name);
		const report = await certify(name, { endpoint: await proxyTo(sim.url, make()) });
		assert.deepEqual(named(report, 'failed'), fails, JSON.stringify(report.checks.filter((one) => one.result === 'failed'), null, 1).slice(0, 3000));
		for (const one of report.checks.filter((check) => check.result === 'failed'))
			assert.ok(one.exchanges.length > 0 && one.sentence.length > 0, 'what was said is told');
	});

// --- waiting ----------------------------------------------------------------------------------------------------------------

// Busy for two seconds at the third look.
function busy(headers, seen) {
	let n = 0;
	return {
		request: (call) => {
			if (!call.path.startsWith('/v2/orders/search')) return undefined;
			n++;
			seen.push(Date.now());
			return n === 2 ? { status: 429, headers, json: { errors: [{ category: 'RATE_LIMIT_ERROR', code: 'RATE_LIMITED' }] } } : undefined;
		},
	};
}

test('M13 POS-23 a POS that asks to be left alone for two seconds is, and passes for having said so', async () => {
	const seen = [];
	const sim = await simOf('square');
	const report = await certify('square', { endpoint: await proxyTo(sim.url, busy({ 'retry-after': '2' }, seen)),
		args: ['--only', 'access,absent,retry_after'] });
	assert.deepEqual(named(report, 'passed'), ['access', 'absent', 'retry_after']);
	assert.ok(seen[2] - seen[1] >= 1990, `it was asked again after ${seen[2] - seen[1]} ms`);
});

test('M13 POS-23 one that does not say for how long fails retry_after and nothing else', async () => {
	const sim = await simOf('square');
	const report = await certify('square', { endpoint: await proxyTo(sim.url, busy({}, [])), args: ['--only', 'access,absent,retry_after'] });
	assert.deepEqual(named(report, 'failed'), ['retry_after']);
});

// --- the command ------------------------------------------------------------------------------------------------------------

test('M13 the report for people: a line for each check, what was said of one that failed, and a summary', async () => {
	const sim = await simOf('square');
	const endpoint = await proxyTo(sim.url, { answer: LISTS.square });
	const { code, stdout } = await run(['square', '--config', fileOf('square', sim), '--endpoint', endpoint, '--wait', '0', '--only', 'order,identity']);
	assert.equal(code, 1);
	assert.match(stdout, /^failed +identity +Nothing is found under our name for it, C\w+-\d\d$/m);
	assert.match(stdout, /^ {4}> POST \S+\/v2\/orders\/search$/m);
	assert.match(stdout, /^ {4}< 200$/m);
	assert.match(stdout, /^passed +order +Taken, and there as it was ordered, sums included$/m);
	assert.match(stdout, /^1 passed, 1 failed, 0 not possible here$/m);
	assert.match(stdout, /^ticketrail \S+, adapter square, at http:\S+, \d{4}-\d\d-\d\dT\S+Z, in \d+\.\d s$/m);
	for (const secret of PROVIDERS.square.secrets) assert.ok(!stdout.includes(secret));
});

test('M13 SEC-01 secrets come from the environment too, and a missing one is named', async () => {
	const sim = await simOf('square');
	const { config: { access_token: token, ...config }, ...base } = posOf({ ...HUB, sim: { square: sim } }, 'square');
	const file = fileOf('square', sim, {}, { ...base, config });
	const without = await run(['square', '--config', file, '--only', 'configuration,order']);
	assert.equal(without.code, 1);
	assert.match(without.stdout, /^failed +configuration +access_token /m);
	assert.match(without.stdout, /^not possible here +order +The configuration is not complete$/m);
	const given = await run(['square', '--config', file, '--only', 'configuration,order'], { CERTIFY_ACCESS_TOKEN: token });
	assert.equal(given.code, 0, given.stdout);
	assert.ok(!given.stdout.includes(token));
});

test('M13 a document that is not one for this, or is misspelt, is refused with what is wrong about it', async () => {
	const base = posOf({ ...HUB, sim: { square: await simOf('square') } }, 'square');
	for (const [document, complaint] of [
		[{ slug: 'x', pos: base }, /this is a whole onboarding document: what stands under its "pos" is wanted/],
		[{ ...base, pos_restarant_id: 'L1' }, /"pos_restarant_id" is not known/],
		[{ ...base, provider_name: 'toast' }, /the document is of "toast"/],
	]) {
		const { code, stderr, stdout } = await run(['square', '--config', fileOf('square', null, {}, document)]);
		assert.deepEqual([code, stdout], [65, '']);
		assert.match(stderr, complaint);
	}
});

test('M13 what the configuration lacks is told whichever checks are asked for, by the name that it has in the document', async () => {
	const { pos_restaurant_id: id, ...base } = posOf({ ...HUB, sim: { square: await simOf('square') } }, 'square');
	assert.ok(id);
	const { code, stdout } = await run(['square', '--config', fileOf('square', null, {}, base), '--only', 'access']);
	assert.equal(code, 1);
	assert.match(stdout, /^failed +configuration +location_id \("pos_restaurant_id"\) is required$/m);
	assert.match(stdout, /^not possible here +access +The configuration is not complete$/m);
	const bad = await run(['square', '--config', fileOf('square', null, {}, { ...base, pos_restaurant_id: id }), '--endpoint', 'nowhere', '--only', 'access']);
	assert.match(bad.stdout, /^failed +configuration +base_url \("endpoint"\) must be an absolute URL/m);
});

test('M13 POS-23 where a POS that does not say how long is known to want a second, that is waited, and no fault of it', async () => {
	let n = 0;
	const { headers, ...none } = { headers: {}, status: 429, json: { message: '429 Too Many Requests' } };
	const endpoint = await proxyTo((await simOf('clover')).url, { request: (call) => (/\/orders\?/.test(call.path) && ++n === 2 ? { ...none, headers } : undefined) });
	const report = await certify('clover', { endpoint, args: ['--only', 'access,absent,retry_after'] });
	assert.deepEqual(named(report, 'passed'), ['access', 'absent', 'retry_after']);
});

test('M13 wrong words are refused before anything is sent', async () => {
	for (const [words, complaint] of [
		[[], /^usage: /], [['square', '--wait', 'soon'], /^usage: /], [['square', 'toast'], /^usage: /],
		[['tills'], /POS type 'tills' is not supported/], [['square', '--only', 'order,nothing'], /there is no check "nothing"/],
	]) {
		const { code, stderr, stdout } = await run(words);
		assert.equal(code, 64, words.join(' '));
		assert.match(stderr, complaint);
		assert.equal(stdout, '');
	}
	const { code, stderr } = await run(['square', '--config', path.join(temp, 'none.json')]);
	assert.equal(code, 65);
	assert.match(stderr, /none\.json: No such file/);
});

test('M13 --checks lists every check with its sentence', async () => {
	const { code, stdout } = await run(['--checks']);
	assert.equal(code, 0);
	const listed = stdout.trim().split('\n').map((line) => line.split(' ')[0]);
	const report = await certify('petpooja');
	assert.deepEqual(listed, report.checks.map((one) => one.name));
	for (const line of stdout.trim().split('\n')) assert.match(line, /^[a-z_.]+ +[A-Z].*\w$/);
});
