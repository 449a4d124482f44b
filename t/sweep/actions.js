'use strict';
// actions: what guests, staff, kitchens and providers do while somebody dies and a provider misbehaves. The sweep does some of them
// at once and in every cycle others.
//
// A row:
//	calls    what for a misdeed is met by this action: create, void, look, pay, menu, login, news of a POS; paths of MSG91's
//	at       at which POS it is done; absent: at all of them
//	passes   crash points on its way, by the program that passes them; a point that is in no row fails the sweep
//	run(c)   does it; c is the cycle (sweep.js). Nothing is expected of an answer here: what must hold is held afterwards.
//	alone    done in every cycle that wants it, and in no other: it takes long

const crypto = require('node:crypto');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { newPhone } = require('../story.js');

// Points that everybody passes who writes, who claims, who calls out.
const COMMIT = ['db.before_commit', 'db.after_commit'];
const CLAIM = [...COMMIT, 'outbox_claim.before_take', 'outbox_claim.after_commit'];
const CALL = [...CLAIM, 'provider_begin.before_commit', 'provider_begin.after_commit', 'transfer.before_first_byte', 'relay.call_ended', 'relay.before_beat',
	'batch.before_next', 'batch.before_commit', 'batch.after_commit'];
const MOVE = ['order_lock.between_read_and_write', 'event.before_counter'];
const JOB = [...CLAIM, 'job.before_commit'];
const IMPORT = ['menu_import.categories_cleared', 'menu_import.categories_written', 'menu_import.half_of_items', 'menu_import.items_written',
	'menu_import.before_commit', 'menu_import.after_commit', 'event.before_counter'];

const PLACED = ['order_place.before_insert', 'discount_use.before_take', 'discount_use.after_take', 'capacity.before_take', 'capacity.after_take', 'order_place.before_counter', 'order_place.after_counter', ...COMMIT];
const DROPPED = ['discount_use.before_release', 'capacity.before_release'];
const SENT = [...CALL, ...MOVE, 'submit.intent_written', 'submit.before_outcome'];
const TOLD = [...COMMIT, ...MOVE, 'webhook.stored', 'webhook.before_apply_commit'];

const ACTIONS = {
	// An order, and the kitchen says yes.
	order: {
		calls: ['create', 'news'],
		passes: { orders: PLACED, relay: SENT, webhooks: TOLD },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			await c.yes(order);
		},
	},

	// From the first word of the kitchen to the table.
	life: {
		calls: ['create', 'news'],
		passes: { orders: PLACED, relay: SENT, webhooks: TOLD, admin: [...COMMIT, ...MOVE] },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			await c.yes(order);
			await c.staff('PATCH', order, '/status', { status: 'preparing' });
			await c.staff('POST', order, '/cash-received');
			await c.kitchen(order, 'ready');
			await c.staff('PATCH', order, '/status', { status: 'completed' });
		},
	},

	// A guest thinks better of it once the POS has it: a void, and a text.
	cancel: {
		calls: ['create', 'void'],
		passes: { orders: [...PLACED, ...MOVE], relay: [...SENT, ...DROPPED] },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			await c.cancel(order);
			await c.moved(order);
		},
	},

	// Staff do not want it; the kitchen may have said yes at the same moment.
	reject: {
		calls: ['create', 'void', 'news'],
		passes: { orders: PLACED, relay: SENT, admin: [...COMMIT, ...MOVE], webhooks: TOLD },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			await Promise.all([c.staff('PATCH', order, '/status', { status: 'rejected', reason: 'the gas is out' }), c.yes(order)]);
		},
	},

	// The kitchen strikes it out; but for one in doubt where nobody could know of it: that is sent again.
	struck: {
		calls: ['create', 'news'],
		passes: { orders: PLACED, relay: SENT, webhooks: [...TOLD, ...DROPPED] },
		async run(c) {
			const order = await c.place();
			if (!await c.accepted(order) && c.provider.forgets) return;
			await c.kitchen(order, 'cancelled');
		},
	},

	// The kitchen strikes it out, and no news of that arrives: whoever looks will see.
	unheard: {
		at: ['toast', 'square', 'clover'],
		calls: ['create', 'look'],
		passes: { orders: PLACED, relay: [...SENT, 'look.before_save'] },
		async run(c) {
			const order = await c.place();
			if (!await c.accepted(order)) return;
			await c.deaf();
			await c.kitchen(order, 'cancelled');
		},
	},

	// Nothing proves the acceptance in time: staff are told.
	unproved: {
		calls: ['create'],
		passes: { orders: PLACED, relay: SENT, jobs: [...JOB, ...MOVE] },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			await c.due(order, 'pos_proof');
			await c.moved(order, (row) => row.pos_state === 'manual');
		},
	},

	// The worker that takes the kitchen's word dies between storing and applying it: a job applies it.
	by_job: {
		calls: ['create', 'news'],
		passes: { orders: PLACED, relay: SENT, webhooks: ['webhook.stored'], jobs: [...JOB, ...MOVE] },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			c.kill('webhooks', 'webhook.stored');
			await c.yes(order);
			await c.sql.rows(`UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'inbox_apply' AND owner = 0 AND id > ${c.since.message}`);
			await c.moved(order);
		},
	},

	// The relay dies with an order in its hands, and the next one takes over.
	taken_over: {
		calls: ['create', 'news'],
		passes: { relay: ['outbox_takeover.before_free'] },
		async run(c) {
			const is_near = c.kill('relay', 'outbox_claim.after_commit');
			const order = await c.place();
			await c.until(() => c.isDead(is_near) && c.isDead(c.armed[0]), 2500);
			await c.accepted(order);
			await c.yes(order);
		},
	},

	// Nobody hears what the kitchen says: it is looked at.
	polled: {
		at: ['toast', 'square', 'clover'],
		calls: ['create', 'look', 'news'],
		passes: { orders: PLACED, relay: [...SENT, 'look.before_save'] },
		async run(c) {
			const order = await c.place();
			await c.accepted(order);
			await c.yes(order);
			await c.due(order, 'pos_look');
			await c.moved(order);
		},
	},

	// The POS does not take it, the guest pays meanwhile, and staff send it again: it is paid before it is there. Some are cancelled
	// then, which a till may be needed for.
	prepaid: {
		calls: ['create', 'pay', 'void'],
		passes: { orders: PLACED, relay: SENT, admin: [...COMMIT, ...MOVE] },
		async run(c) {
			let order = null;
			// What others order meanwhile may be what is refused.
			for (let tries = 0; tries < 3 && (order === null || (await c.row(order)).pos_state === 'accepted'); tries++) {
				await c.misdeed({ path: c.provider.create, do: 'refuse' });
				order = await c.place();
				await c.accepted(order);
			}
			await c.staff('POST', order, '/cash-received');
			await c.staff('POST', order, '/retry-pos');
			await c.accepted(order);
			if (c.n % 3 === 1) await c.cancel(order);
		},
	},

	// Access to the POS is renewed, while an order is on its way.
	renewed: {
		at: ['toast', 'square', 'clover'],
		calls: ['login', 'create'],
		passes: { relay: [...CALL, 'login.answered', 'login.before_commit'] },
		async run(c) {
			await c.sql.rows(`UPDATE pos_sessions SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND;
				UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_login' AND owner = 0`);
			const order = await c.place();
			await c.accepted(order);
		},
	},

	// A restaurant without a POS: cancelled at once, and the guest is told by a text, whatever the POS of others does.
	by_hand: {
		at: ['petpooja'],
		calls: ['/api/v5/flow'],
		passes: { orders: [...PLACED, ...MOVE, ...DROPPED], relay: CALL },
		async run(c) {
			const order = await c.place(c.tiffin);
			await c.cancel(order);
			await c.until(async () => (await c.sql.rows(`SELECT id FROM outbox WHERE kind = 'notice_sms' AND id > ${c.since.message}`)).length === 0);
		},
	},

	// Somebody brings it, and takes the cash at the door.
	brought: {
		at: ['petpooja'],
		calls: [],
		passes: { orders: PLACED, admin: [...COMMIT, ...MOVE], delivery: [...COMMIT, ...MOVE] },
		async run(c) {
			const { tiffin, world } = c;
			const order = await c.place(tiffin, { order_type: 'delivery', delivery_address: 'Hostel 7' });
			if (!order) return;
			const ride = (json) => c.ask(() => world.fetch(`${tiffin.base}/api/v1/delivery/orders/${order.id}`, { method: 'PATCH', token: tiffin.rider.token, json }), [200]);
			await c.ask(() => world.fetch(`${tiffin.base}/api/v1/admin/orders/${order.id}/assign-delivery`, { token: tiffin.admin, json: { staff_id: tiffin.rider.id } }), [200]);
			await ride({ status: 'picked_up' });
			await ride({ status: 'delivered', cash_received: true });
		},
	},

	// Somebody new logs in.
	login: {
		at: ['petpooja'],
		calls: ['/api/v5/otp'],
		passes: {
			auth: ['otp_request.before_commit', 'otp_verify.before_commit', 'session_begin.before_commit', 'session_refresh.before_commit', ...COMMIT],
			relay: CALL,
		},
		async run(c) {
			const post = (at, json) => c.ask(() => c.world.fetch(`/api/v1/auth/${at}`, { json }), [200]);
			let said = null;
			// Whose code does not come tries another number.
			for (let tries = 0; tries < 2 && said === null; tries++) {
				const phone = newPhone();
				const sent = await post('request-otp', { phone }) && await c.until(() => c.world.sim.msg91.otp(phone).catch(() => null));
				said = sent && await post('verify-otp', { phone, otp: sent.otp });
			}
			const again = said && await post('refresh', { refresh_token: said.json.refresh_token });
			for (const one of [said, again])
				for (const name of ['access_token', 'refresh_token']) if (one?.json[name]) c.world.canary(one.json[name]);
		},
	},

	// A guest's device, somebody new in the kitchen, another password of theirs.
	staff: {
		at: ['petpooja'],
		calls: [],
		passes: {
			people: ['device_register.before_commit', 'staff_add.before_commit', 'staff_alter.before_commit', ...COMMIT],
			auth: ['staff_password_change.before_commit', 'session_begin.before_commit', ...COMMIT],
		},
		async run(c) {
			const at = `/r/${c.bistro.slug}/api/v1/admin`;
			const username = `sweep-${c.seed}-${c.n}`.toLowerCase().replace(/[^a-z0-9-]/g, '').slice(0, 50);
			const [password, other] = [1, 2].map(() => c.world.canary(`sw-${crypto.randomBytes(9).toString('base64url')}`));
			const ask = (where, options, good) => c.ask(() => c.world.fetch(where, options), good);
			await ask('/api/v1/users/device-token', { json: { token: `${c.seed}:${c.n}`, platform: 'ios' }, token: c.sweep.guest.token }, [200]);
			await ask(`${at}/staff`, { json: { username, password, role: 'kitchen', name: 'S' }, token: c.bistro.admin }, [201, 409]);
			const list = await ask(`${at}/staff?limit=200&role=kitchen`, { token: c.bistro.admin }, [200]);
			const made = list?.json.staff.find((one) => one.username === username);
			if (made) await ask(`${at}/staff/${made.id}`, { method: 'PATCH', json: { name: 'Somebody' }, token: c.bistro.admin }, [200]);
			const session = made && await ask(`${at}/auth/login`, { json: { username, password } }, [200]);
			const again = session && await ask(`${at}/auth/password`, { json: { old_password: password, new_password: other }, token: session.json.access_token }, [200, 401]);
			for (const one of [session, again])
				for (const name of ['access_token', 'refresh_token']) if (one?.json[name]) c.world.canary(one.json[name]);
		},
	},

	// The merchant pushes the menu, with another price.
	menu_push: {
		at: ['petpooja'],
		calls: [],
		passes: { webhooks: COMMIT, jobs: [...JOB, ...IMPORT] },
		async run(c) {
			await c.push('push-menu', { menu: c.menu() });
			await c.published();
		},
	},

	// Staff ask for the menu.
	menu_fetch: {
		calls: ['menu'],
		passes: { integrations: COMMIT, relay: CALL, jobs: JOB },
		async run(c) {
			await c.ask(() => c.world.fetch(`/api/menu-sync/${c.bistro.slug}/sync`, { method: 'POST', token: c.bistro.admin }), [202]);
			await c.published();
		},
	},

	// A dish runs out and is back.
	stock: {
		at: ['petpooja'],
		calls: [],
		passes: { webhooks: ['webhook.stored', 'webhook.before_apply_commit', 'item_stock.before_version', 'event.before_counter', ...COMMIT] },
		async run(c) {
			await c.push('stock', { itemID: [c.dish], inStock: false });
			await c.push('stock', { itemID: [c.dish], inStock: true });
		},
	},

	// Staff make a dish and change it, it runs out for a while, and comes back.
	catalog: {
		at: ['petpooja'],
		calls: [],
		passes: {
			catalog: ['menu_edit.links_written', 'menu_edit.before_version', 'item_stock.before_version', 'event.before_counter', ...COMMIT],
			jobs: [...JOB, 'item_return.before_version'],
		},
		async run(c) {
			const admin = (method, at, json, wanted) => c.ask(() => c.world.fetch(`${c.tiffin.base}/api/v1/admin/menu${at}`, { method, json, token: c.tiffin.admin }), wanted);
			const [{ id: category }] = await c.sql.rows(`SELECT LOWER(HEX(public_id)) AS id FROM categories WHERE restaurant_id = ${c.tiffin.id} ORDER BY id LIMIT 1`);
			const wish = { name: `Dish ${c.n}`, price: 10, category_id: category.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), variations: [{ name: 'Half', price: 6 }] };
			const made = await admin('POST', '/items', wish, [201]);
			if (!made) return;
			const at = `/items/${made.json.id}`;
			await admin('PUT', at, { ...wish, name: `Dish ${c.n}, better`, variations: [{ name: 'Whole', price: 9 }] }, [200]);
			await admin('PATCH', `${at}/availability`, { is_available: false, until: new Date(Date.now() + 60000).toISOString() }, [200]);
			await c.sql.rows(`UPDATE items SET returns_at = UTC_TIMESTAMP(6) WHERE restaurant_id = ${c.tiffin.id} AND returns_at IS NOT NULL;
				UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'stock_return' AND owner = 0`);
			await c.until(async () => (await c.sql.rows(`SELECT id FROM outbox WHERE kind = 'stock_return' AND id > ${c.since.message}`)).length === 0);
			await admin('DELETE', at, undefined, [204]);
		},
	},

	// Word of an order that nobody here knows waits for it.
	parked: {
		at: ['petpooja'],
		calls: [],
		passes: { webhooks: ['webhook.stored', 'webhook.before_apply_commit', ...COMMIT] },
		async run(c) {
			await c.push('order-status', { order_id: '', pos_order_id: `PP${c.seed}-${c.n}`, status: 'CONFIRMED' });
		},
	},

	// An order of yesterday, whose day is summed up, is paid for.
	old_day: {
		at: ['petpooja'],
		calls: ['create'],
		passes: { orders: PLACED, relay: SENT, admin: [...COMMIT, ...MOVE, 'day_sums.before_spoil'], jobs: [...JOB, 'day_sums.between_locks', 'day_sums.before_done'] },
		async run(c) {
			const order = await c.place();
			if (!await c.accepted(order)) return;
			const { id } = await c.row(order);
			const summed = () => c.until(async () => (await c.sql.rows(`SELECT 1 AS n FROM day_sums d JOIN orders o USING (restaurant_id, business_date)
				WHERE o.id = ${id} AND d.is_stale = 0`)).length > 0);
			await c.sql.rows(`START TRANSACTION; UPDATE orders SET business_date = business_date - INTERVAL 1 DAY WHERE id = ${id};
				INSERT INTO day_sums (restaurant_id, business_date) SELECT restaurant_id, business_date FROM orders WHERE id = ${id} ON DUPLICATE KEY UPDATE is_stale = 1;
				INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
				SELECT 'jobs', 'day_sums', 'day_sums', restaurant_id, restaurant_id, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6) FROM orders WHERE id = ${id}; COMMIT`);
			await summed();
			await c.staff('POST', order, '/cash-received');
			await summed();
		},
	},

	// A kitchen takes no orders for a moment, and then is busy for one; both end by themselves.
	pause: {
		at: ['petpooja'],
		calls: [],
		passes: { office: ['pause.begun', 'event.before_counter', ...COMMIT], jobs: JOB },
		async run(c) {
			const { tiffin } = c;
			const say = (what, json) => c.ask(() => c.world.fetch(`${tiffin.base}/api/v1/admin/${what}`, { token: tiffin.cook,
				json: { ...json, until: new Date(Date.now() + 300).toISOString() } }), [200]);
			const waits = async (kind) => (await c.sql.rows(`SELECT 1 AS n FROM outbox WHERE kind = '${kind}'`)).length > 0;
			if (await say('pause', { reason: 'the sweep' })) await c.until(async () => !await waits('store_resume'));
			if (await say('busy', { minutes: 5 })) await c.until(async () => !await waits('store_calm'));
		},
	},

	// What is old enough is deleted.
	purge: {
		at: ['petpooja'],
		calls: [],
		passes: { jobs: [...JOB, 'purge.before_later'] },
		async run(c) {
			await c.sql.rows(`INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, status, answer, created_at)
				VALUES ('sweep', '${c.seed}-${c.n}', REPEAT('x', 32), 201, '{}', UTC_TIMESTAMP(6) - INTERVAL 8 DAY)`);
			await c.sql.rows("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'purge' AND owner = 0");
			await c.until(async () => (await c.sql.rows("SELECT 1 AS n FROM idempotency_keys WHERE principal = 'sweep'")).length === 0);
		},
	},

	// The schema is brought up to date, in a database of its own.
	migrate: {
		at: ['petpooja'],
		alone: true,
		calls: [],
		passes: { ticketrail: ['migrate.before_note', 'migrate.after_note'] },
		async run(c) {
			const name = `sweep_${c.n}`;
			const migrate = () => new Promise((resolve) => {
				const child = spawn(path.join(c.world.build, 'ticketrail'), ['migrate'], { cwd: c.world.at.dir, stdio: 'ignore',
					env: { ...process.env, ...c.world.environment('ticketrail'), TICKETRAIL_WORLD: c.world.at.dir, DB_NAME: name } });
				child.on('exit', (code, signal) => resolve(signal ?? code));
			});
			await c.sql.rows(`CREATE DATABASE ${name}`);
			const first = await migrate(), second = await migrate(), third = await migrate();
			if (first === 'SIGKILL' ? second !== 0 : first !== 0 || second !== 0 || third !== 0) c.complain(`migrate ended with ${first}, ${second}, ${third}`);
			const missing = (of, other) => `SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name FROM information_schema.COLUMNS a WHERE TABLE_SCHEMA = '${of}'
				AND NOT EXISTS (SELECT 1 FROM information_schema.COLUMNS b WHERE b.TABLE_SCHEMA = '${other}' AND b.TABLE_NAME = a.TABLE_NAME AND b.COLUMN_NAME = a.COLUMN_NAME)`;
			for (const row of await c.sql.rows(missing(c.world.database.name, name))) c.complain(`a migration that was cut short left out ${row.name}`);
			await c.sql.rows(`DROP DATABASE ${name}`);
		},
	},
};

module.exports = { ACTIONS };
