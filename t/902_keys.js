'use strict';
// Clients that repeat themselves, all at once, through nginx: as many orders as keys, and whoever repeats a key hears the same bytes.
//
//	KEYS=1000 nodejs t/902_keys.js      how many; ten requests each
//	SEED=7                              in which order they come

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { random_of } = require('./sim/sim.js');

const KEYS = Number(process.env.KEYS ?? 200);
const EACH = 10;
const AT_ONCE = 64;
const SEED = Number(process.env.SEED ?? crypto.randomInt(1e9));

let world, bistro, guests;

before(async () => {
	world = await World.start({ onboard: false, workers: 4, crash: true, env: { RELAY_POLL_MS: '50' } });
	bistro = await Bistro.open(world, { seed: 902 });
	guests = await Promise.all([1, 2, 3, 4].map(() => bistro.guest()));
});
after(() => world?.stop());

const code = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();
const orders = async () => Number((await world.sql('SELECT COUNT(*) AS n FROM orders'))[0].n);

test(`E10 F37 I6 ${KEYS * EACH} requests under ${KEYS} keys, ${AT_ONCE} at a time: ${KEYS} orders, the same bytes for a key, nothing that is our fault`, async (t) => {
	const random = random_of(SEED);
	const before_all = await orders();
	// Every second key is said by two guests: to each it is a key of their own.
	const keys = Array.from({ length: KEYS }, (_, n) => ({
		key: n % 2 === 0 ? `key-${n}` : `key-${n - 1}`, guest: guests[n % 4], cart: bistro.cart(bistro.lines(1)), said: [],
	}));
	const requests = keys.flatMap((one) => Array.from({ length: EACH }, () => one));
	// Half of them come one upon the other, the others whenever.
	for (let i = requests.length / 2 - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		[requests[i], requests[j]] = [requests[j], requests[i]];
	}
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		for (let one = requests.pop(); one; one = requests.pop()) one.said.push(await one.guest.place(one.cart, { key: one.key }));
	}));
	const count = {};
	for (const one of keys) {
		assert.equal(one.said.length, EACH);
		const made = one.said.filter((answer) => answer.status === 201);
		assert.ok(made.length >= 1, one.said.map(code).join());
		assert.equal(new Set(made.map((answer) => answer.text)).size, 1, 'the same bytes');
		assert.equal(new Set(made.map((answer) => answer.headers.location)).size, 1);
		assert.equal(made.filter((answer) => answer.headers['idempotent-replayed'] === undefined).length, 1, 'one was the first');
		for (const answer of one.said) {
			count[code(answer)] = (count[code(answer)] ?? 0) + 1;
			if (answer.status === 201) continue;
			assert.equal(code(answer), '409 IDEMPOTENCY_IN_PROGRESS');
			assert.match(answer.headers['retry-after'], /^[1-9][0-9]*$/);
		}
	}
	t.diagnostic(`${JSON.stringify(count)}, SEED=${SEED}`);
	assert.equal(await orders() - before_all, KEYS, 'as many orders as keys');
	assert.equal(new Set(keys.map((one) => one.said.find((answer) => answer.status === 201).json.order.id)).size, KEYS);
	// Later everybody hears it again, and another request under the key is refused.
	for (const one of keys.slice(0, 20)) {
		const again = await one.guest.place(one.cart, { key: one.key });
		assert.equal(again.text, one.said.find((answer) => answer.status === 201).text);
		assert.equal(code(await one.guest.place({ ...one.cart, tip: 1 }, { key: one.key })), '422 IDEMPOTENCY_MISMATCH');
	}
	assert.equal(await orders() - before_all, KEYS);
});

test('I6 F37 a key that is held is 409 at once, with when to come again; the answer is there when it is let go, and free when its holder died', async () => {
	const { pid } = world.child('orders');
	const stop = path.join(world.crashDir('orders'), 'stop.order_place.before_counter');
	const frozen = () => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).find((one) =>
		/\) T /.test(fs.readFileSync(`/proc/${one}/stat`, 'latin1')));
	for (const signal of ['SIGCONT', 'SIGKILL']) {
		const key = crypto.randomUUID(), cart = bistro.cart(), [guest] = guests;
		const before_all = await orders();
		fs.writeFileSync(stop, '');
		const first = guest.place(cart, { key });
		const held = Number(await world.until('a frozen worker', frozen));
		try {
			const other = await guest.place(cart, { key });
			assert.equal(code(other), '409 IDEMPOTENCY_IN_PROGRESS');
			assert.match(other.headers['retry-after'], /^[1-9][0-9]*$/);
		} finally {
			process.kill(held, signal);
		}
		const answer = await first;
		assert.equal(answer.status, signal === 'SIGCONT' ? 201 : 503, answer.text);
		// Its connection is gone with it: the server lets go.
		const last = await world.until('an answer', async () => {
			const said = await guest.place(cart, { key });
			return said.status === 201 ? said : assert.equal(code(said), '409 IDEMPOTENCY_IN_PROGRESS');
		}, { every: 20 });
		assert.equal(last.headers['idempotent-replayed'], signal === 'SIGCONT' ? 'true' : undefined);
		if (signal === 'SIGCONT') assert.equal(last.text, answer.text);
		assert.equal(await orders() - before_all, 1);
	}
});

test('I1 I6 I7 M11 at rest nothing is wrong', async () => {
	await quiet(world, 120000);
	assert.deepEqual(await check(world), []);
});
