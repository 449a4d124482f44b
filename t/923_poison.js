'use strict';
// Messages that kill whoever takes them, one of each kind: after three claims that ended so they are set aside, people are told, and
// everything else goes on. Then the operator looks at them and puts them back.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');
const { check, quiet } = require('./check.js');
const { Frost } = require('./frost.js');
const { newPhone } = require('./story.js');

const LOST_MAX = 3;
const KINDS = [...fs.readFileSync(path.join(__dirname, '..', 'lib', 'outbox', 'message.def'), 'utf8').matchAll(/^MESSAGE_ROW\((\w+), (\w+)/gm)]
	.map(([, kind, runner]) => ({ kind, runner: runner.toLowerCase() }));

let world, bistro, frost, guest;
const dead = new Map(); // kind → {id, ...what it was about}

before(async () => {
	world = await World.start({ onboard: false, crash: true, env: { BACKOFF_MS: '60', RELAY_POLL_MS: '20' } });
	bistro = await Bistro.open(world, { seed: 923 });
	frost = new Frost(world);
	guest = await bistro.guest();
});
after(() => world?.stop());

const misdeed = (what, more) => bistro.pos.next({ path: '/save_order', do: what, ...more });
const order = async () => (await guest.ordered(bistro.cart(bistro.lines()))).order;
const idOf = async (number) => (await bistro.row(number)).id;
const due = (kind, id) => world.sql(`UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = ${id} AND settled_at IS NOT NULL;
	UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = '${kind}' AND subject_id = ${id}`);

const inAnHour = () => new Date(Date.now() + 3600000).toISOString();
async function store(what, json) {
	const answer = await world.fetch(`${bistro.base}/api/v1/admin/${what}`, { method: 'POST', ...(json ? { json } : {}), token: bistro.cook });
	assert.equal(answer.status, 200, answer.text);
}

async function accepted() {
	const { order_number: number, id } = await order();
	await bistro.becomes(number, { pos_state: 'accepted' });
	await quiet(world);
	return { number, id };
}

async function unproved() {
	const { number } = await accepted();
	return { number, make: async () => due('pos_proof', await idOf(number)) };
}

async function doubtful(kind) {
	await misdeed('500', { times: 2 });
	const { order_number: number } = await order();
	const id = await idOf(number);
	await bistro.becomes(number, async (row) => row.pos_state === 'unsure' && (await bistro.requests(number)).length === 2);
	await quiet(world);
	return { number, make: () => due(kind, id) };
}

// PetPooja is neither looked at nor logged in to: what is put here for it has nothing to do, once it can be carried out.
const put = (kind, subject, runner = 'relay') => world.sql(`INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, subject_no, due_at, trace_id, created_at)
	SELECT '${runner}', '${kind}', ${runner === 'jobs' ? "'orders'" : "CONCAT('petpooja:', id)"}, restaurant_id, ${subject}, 1, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6)
	FROM restaurant_pos_integrations WHERE restaurant_id = ${bistro.id}`);

// How a message of each kind comes about: first what is needed for it, then `make`, after which it is due.
const WAYS = {
	otp_sms: async () => ({ make: () => world.fetch('/api/v1/auth/request-otp', { json: { phone: newPhone() } }) }),
	notice_sms: unproved,
	pos_submit: async () => {
		const about = {};
		about.make = async () => { about.number = (await order()).order_number; };
		return about;
	},
	pos_void: async () => {
		const { number, id } = await accepted();
		return { number, make: () => guest.cancel(id) };
	},
	...Object.fromEntries([['pos_follow'], ['pos_tidy'], ['pos_look'], ['pos_watch'], ['pos_hint'], ['pos_accept', 'jobs']].map(([kind, runner]) => [kind, async () => {
		const { number } = await accepted();
		return { number, make: async () => put(kind, await idOf(number), runner) };
	}])),
	pos_login: async () => ({ make: () => put('pos_login', 'id') }),
	pos_probe: async () => ({ make: () => world.fetch(`/api/pos-integration/${bistro.slug}/test`, { method: 'POST', token: bistro.admin }) }),
	menu_fetch: async () => ({ make: () => world.sql(`INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
		SELECT 'relay', 'menu_fetch', destination, restaurant_id, subject_id, UTC_TIMESTAMP(6), trace_id, created_at FROM outbox_done WHERE kind = 'menu_fetch'`) }),
	inbox_apply: async () => {
		const { number } = await accepted();
		frost.arm('webhooks', 'webhook.stored', { what: 'kill' }); // so that it is left for the job
		return { number, make: async () => {
			await bistro.kitchen(number, '1');
			await world.until('the delivery', async () => (await world.sql("SELECT id FROM outbox WHERE kind = 'inbox_apply'")).length > 0);
			await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'inbox_apply'");
		} };
	},
	stock_return: async () => ({ make: async () => {
		const at = `${bistro.base}/api/v1/admin/menu/items/${bistro.items.get('10464023')}/availability`;
		await world.fetch(at, { method: 'PATCH', json: { is_available: false, until: inAnHour() }, token: bistro.cook });
		await world.sql("UPDATE items SET returns_at = UTC_TIMESTAMP(6) WHERE returns_at IS NOT NULL; UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'stock_return'");
	} }),
	store_resume: async () => ({
		make: async () => {
			await store('pause', { reason: 'No gas', until: inAnHour() });
			await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'store_resume'");
		},
		mend: () => store('resume'), // staff see that nothing opens it
	}),
	store_calm: async () => ({ make: async () => {
		await store('busy', { minutes: 15, until: inAnHour() });
		await world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'store_calm'");
	} }),
	// As the first order of a day puts it.
	day_sums: async () => ({ make: () => world.sql(`INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
		VALUES ('jobs', 'day_sums', 'day_sums', ${bistro.id}, ${bistro.id}, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))`) }),
	purge: async () => ({ make: () => world.sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'purge'") }),
	menu_poll: async () => ({ make: () => put('menu_poll', 'restaurant_id', 'jobs') }),
	menu_publish: async () => ({ make: () => bistro.pos.control('/push-menu', { json: {} }) }),
	pos_undecided: () => doubtful('pos_undecided'),
	pos_deadline: () => doubtful('pos_deadline'),
	pos_proof: unproved,
	pos_compensate: async () => {
		await misdeed('refuse', { message: 'Out of it' });
		const { order_number: number } = await order();
		await bistro.becomes(number, { pos_state: 'failed' });
		const id = await idOf(number);
		await quiet(world);
		return { number, make: () => due('pos_compensate', id) };
	},
};

for (const { kind, runner } of KINDS) {
	test(`F48 I1 I9 ${kind}: it is set aside when it has killed three, and others proceed`, async () => {
		assert.ok(WAYS[kind], `${kind} has a test`);
		await quiet(world);
		const about = await WAYS[kind]();
		const isMine = `kind = '${kind}' AND outcome = 'DEAD'`;
		for (let deaths = 0; deaths < LOST_MAX; deaths++) {
			frost.arm(runner, 'outbox_claim.after_commit', { what: 'kill' });
			world.child(runner).expected = true;
			if (deaths === 0) await about.make();
			await world.child(runner).ended;
			world.startRunner(runner);
		}
		const [row] = await world.until(`a dead ${kind}`, async () => {
			const rows = await world.sql(`SELECT id, lost_claims, trace_id FROM outbox_done WHERE ${isMine}`);
			return rows.length > 0 ? rows : null;
		});
		dead.set(kind, { ...about, id: row.id });
		assert.equal(Number(row.lost_claims), LOST_MAX);
		await world.until('the log', () => fs.readFileSync(path.join(world.at.log, `${runner}.log`), 'utf8').split('\n')
			.some((line) => line.includes('"event":"message_dead"') && line.includes(`"message":${row.id}`)));
		assert.ok(await frost.counted('messages_dead_total', runner) >= 1);
		await about.mend?.();
		const { order_number: next } = await order();
		await bistro.becomes(next, { pos_state: 'accepted' });
		assert.equal((await bistro.kitchen(next, '1')).status, 200);
	});
}

test('F48 I1 people were told of the orders: not at the POS, in doubt, not taken back, not closed', async () => {
	await bistro.told(dead.get('pos_submit').number, /is NOT at the POS/);
	await bistro.told(dead.get('pos_void').number, /the POS did not cancel it/);
	for (const kind of ['pos_deadline', 'pos_proof', 'pos_compensate']) await bistro.told(dead.get(kind).number, /Whoever carried it out died of it/);
	assert.equal((await world.sql(`SELECT state FROM webhook_logs WHERE subject = '${dead.get('inbox_apply').number}'`))[0].state, 'dead');
});

test('F48 I4 ticketrail lists the dead and puts them back: each is carried out, or has nothing left to do', async () => {
	const listed = (await world.ticketrail(['messages', '--dead'])).trim().split('\n').slice(1).map((line) => line.split('\t'));
	for (const { kind } of KINDS) {
		const line = listed.find((fields) => fields[0] === dead.get(kind).id);
		assert.deepEqual([line?.[1], line?.[6]], [kind, String(LOST_MAX)]);
		assert.match(line[10], /died of it/);
	}
	const ids = listed.map((fields) => fields[0]);
	await assert.rejects(world.ticketrail(['replay', ids[0], '999999']), /No dead message has the id 999999/);
	assert.match(await world.ticketrail(['replay', '--dry-run', ...ids]), /would be put back/);
	assert.equal((await world.sql("SELECT COUNT(*) AS n FROM outbox_done WHERE outcome = 'DEAD'"))[0].n, String(ids.length), 'all or none');
	assert.equal((await world.ticketrail(['replay', ...ids])).trim().split('\n').length, ids.length);
	await assert.rejects(world.ticketrail(['replay', ids[0]]), /No dead message/);
	await quiet(world);
	await bistro.becomes(dead.get('inbox_apply').number, { status: 'confirmed' });
	await bistro.becomes(dead.get('pos_proof').number, { pos_state: 'manual' });
	await bistro.becomes(dead.get('pos_deadline').number, { pos_state: 'manual' });
	await bistro.becomes(dead.get('pos_compensate').number, { status: 'cancelled' });
	await bistro.told(dead.get('notice_sms').number, /no word from the kitchen/);
	assert.equal((await bistro.requests(dead.get('pos_submit').number)).length, 0, 'staff were told, and decide');
	const [{ n }] = await world.sql("SELECT COUNT(*) AS n FROM audit_log WHERE action = 'message.replay'");
	assert.equal(Number(n), ids.length);
	assert.equal((await world.ticketrail(['messages', '--dead'])).trim().split('\n').length, 1);
	assert.equal((await world.sql("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'purge'"))[0].n, '1', 'one for ever, not two');
	const waiting = await world.ticketrail(['messages']);
	assert.match(waiting, /\tpos_proof\t/);
	assert.deepEqual(await check(world), []);
});
