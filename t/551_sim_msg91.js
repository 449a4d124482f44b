'use strict';
/* The simulated MSG91: what it accepts, how it says no, its misdeeds, its journal. Nothing of Ticketrail runs here. */
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { test, after } = require('node:test');
const { start_sim } = require('./sim/start.js');

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tr551-'));
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true }));

const KEY = { authkey: 'a-key-of-the-test' };
const sims = [];
async function start(args = [], dir = fs.mkdtempSync(path.join(temp, 'j'))) {
	const sim = await start_sim('msg91', ['--authkey', KEY.authkey, ...args], { dir });
	sims.push(sim);
	return sim;
}
after(() => Promise.all(sims.map((s) => s.stop())));

const otp_path = (change = {}) => {
	const q = new URLSearchParams({ template_id: 't1', mobile: '919876543210', otp: '123456', otp_expiry: '5', ...change });
	for (const [k, v] of Object.entries(change))
		if (v === null)
			q.delete(k);
	return `/api/v5/otp?${q}`;
};

test('AUTH-21 a code of our own goes out and can be read back by phone', async () => {
	const sim = await start();
	const r = await sim.post(otp_path(), undefined, KEY);
	assert.strictEqual(r.status, 200);
	assert.strictEqual(r.json.type, 'success');
	assert.match(r.json.request_id, /^[0-9a-f]{24}$/);
	await sim.post(otp_path({ otp: '654321' }), { VAR1: 'Demo' }, KEY);
	await sim.post(otp_path({ otp: '111111', mobile: '919000000001' }), undefined, KEY);
	for (const phone of ['%2B919876543210', '+919876543210', '919876543210'])
		assert.strictEqual((await sim.get(`/_sim/otp?phone=${phone}`)).json.otp, '654321');
	assert.strictEqual((await sim.get('/_sim/otp?phone=%2B910000000000')).status, 400);
	assert.strictEqual((await sim.get('/_sim/messages?phone=%2B919876543210')).json.messages.length, 2);
});

test('NOT-01 flow messages carry their variables', async () => {
	const sim = await start();
	const r = await sim.post('/api/v5/flow', { template_id: 'ready', short_url: '0', recipients: [{ mobiles: '919876543210', ORDER: 'ORD-1' }] }, KEY);
	assert.strictEqual(r.json.type, 'success');
	assert.match(r.json.message, /^[0-9a-f]{24}$/);
	const [m] = (await sim.get('/_sim/messages?phone=%2B919876543210')).json.messages;
	assert.deepStrictEqual([m.route, m.template_id, m.variables], ['flow', 'ready', { ORDER: 'ORD-1' }]);
	assert.strictEqual((await sim.get('/_sim/otp?phone=%2B919876543210')).status, 400, 'a flow message is not a code');
});

test('what is wrong is refused: with status 200 and type error, or 401', async (t) => {
	const sim = await start(['--templates', 't1,ready']);
	const otp = (change) => sim.post(otp_path(change), undefined, KEY);
	const flow = (body) => sim.post('/api/v5/flow', body, KEY);
	const cases = [
		['no template', () => otp({ template_id: null })],
		['a template that is not approved', () => otp({ template_id: 'other' })],
		['no mobile', () => otp({ mobile: null })],
		['a mobile with a plus', () => otp({ mobile: '+919876543210' })],
		['a code with letters', () => otp({ otp: '12a456' })],
		['an expiry of two days', () => otp({ otp_expiry: '2880' })],
		['a length of three', () => otp({ otp_length: '3' })],
		['a body that is not JSON', () => sim.post(otp_path(), '{', KEY)],
		['a flow with no recipients', () => flow({ template_id: 'ready', recipients: [] })],
		['a flow with no template', () => flow({ recipients: [{ mobiles: '919876543210' }] })],
		['a flow to a number with a plus', () => flow({ template_id: 'ready', recipients: [{ mobiles: '+919876543210' }] })],
		['a flow that is not JSON', () => flow('{')],
	];
	for (const [name, go] of cases)
		await t.test(name, async () => {
			const r = await go();
			assert.deepStrictEqual([r.status, r.json.type, typeof r.json.message], [200, 'error', 'string']);
		});
	await t.test('no key and a wrong key are 401', async () => {
		assert.strictEqual((await sim.post(otp_path())).status, 401);
		assert.strictEqual((await sim.post(otp_path(), undefined, { authkey: 'x' })).status, 401);
	});
	assert.deepStrictEqual((await sim.get('/_sim/messages')).json.messages, []);
	assert.strictEqual((await sim.seen('effect=refused')).length, cases.length + 2);
});

test('I14 two equal requests are two messages', async () => {
	const sim = await start();
	await sim.post(otp_path(), undefined, KEY);
	await sim.post(otp_path(), undefined, KEY);
	assert.strictEqual((await sim.seen('effect=sms')).length, 2);
});

test('its misdeeds fire', async (t) => {
	const sim = await start();
	const cases = {
		refuse: { row: { message: 'Same message within 10 seconds', code: '311' }, sent: 0, ok: (r) => r.status === 200 && r.json.type === 'error' && r.json.code === '311' },
		no_balance: { sent: 0, ok: (r) => r.json.code === '301' },
		ip_refused: { sent: 0, ok: (r) => r.status === 418 },
		commit_then_drop: { sent: 1, ok: (r) => r === 'ECONNRESET' },
		drop_then_nothing: { sent: 0, ok: (r) => r === 'ECONNRESET' },
		hang: { sent: 0, ok: (r) => r === 'TIMEOUT' },
		500: { sent: 0, ok: (r) => r.status === 500 },
		429: { row: { retry_after: 3 }, sent: 0, ok: (r) => r.headers['retry-after'] === '3' },
		html: { sent: 0, ok: (r) => /^text\/html/.test(r.headers['content-type']) },
		truncate: { sent: 1, ok: (r) => r === 'ECONNRESET' || r.json === undefined },
		duplicate_keys: { sent: 1, ok: (r) => r.text.split('"type"').length === 3 },
	};
	for (const [name, c] of Object.entries(cases))
		await t.test(name, async () => {
			const before = (await sim.seen('effect=sms')).length;
			await sim.post('/_sim/next', [{ path: '/api/v5/otp', do: name, ...c.row }]);
			const r = await sim.post(otp_path(), undefined, KEY, 400).catch((e) => e.code);
			assert.ok(c.ok(r), `got ${r.status ?? r}`);
			assert.strictEqual((await sim.seen('effect=sms')).length - before, c.sent);
		});
});

test('I11 a code is in the journal after kill -9, readable by its owner only, and in no output', async () => {
	const dir = fs.mkdtempSync(path.join(temp, 'k'));
	let sim = await start([], dir);
	let printed = '';
	sim.child.stdout.on('data', (c) => { printed += c; });
	await sim.post(otp_path({ otp: '271828' }), undefined, KEY);
	await sim.kill();
	assert.ok(!printed.includes('271828'));
	assert.strictEqual(fs.statSync(path.join(dir, 'journal.jsonl')).mode & 0o077, 0);
	assert.ok(!fs.readFileSync(path.join(dir, 'journal.jsonl'), 'utf8').includes(KEY.authkey), 'the key is not journalled');
	sim = await start([], dir);
	assert.strictEqual((await sim.get('/_sim/otp?phone=%2B919876543210')).json.otp, '271828');
});

test('it sends delivery reports, and forgets on request', async () => {
	const sim = await start();
	const got = [];
	const server = http.createServer((req, res) => {
		let body = '';
		req.on('data', (c) => { body += c; });
		req.on('end', () => { got.push(new URLSearchParams(body).get('data')); res.end('ok'); });
	});
	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	const sent = await sim.post(otp_path(), undefined, KEY);
	await sim.post('/_sim/report', { url: `http://127.0.0.1:${server.address().port}/`, status: '2' });
	const [row] = JSON.parse(got[0]);
	assert.deepStrictEqual([row.requestId, row.report[0].number, row.report[0].status], [sent.json.request_id, '919876543210', '2']);
	server.closeAllConnections();
	server.close();
	await sim.ask('DELETE', '/_sim');
	assert.deepStrictEqual((await sim.get('/_sim/messages')).json.messages, []);
});

test('a wrong option is said and ends it with 64', () => {
	assert.throws(() => execFileSync(process.execPath, [path.join(__dirname, 'sim', 'msg91.js'), '--nonsense'], { stdio: 'pipe' }),
		(e) => e.status === 64 && /nonsense/.test(String(e.stderr)));
});
