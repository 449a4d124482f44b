'use strict';
// callback: PetPooja says where an order stands: accepted, then ready. Each order can be told each once, so there are many of
// them: cloned, and sent to the slow POS by the relay, which gives each its callback URL. Before every turn they are as the
// relay left them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const clones = require('./clones.js');
const { microseconds } = require('./record.js');
const relay = require('./relay.js');
const { EVENTS_FROM } = require('./town.js');

const POOL = 'webhooks';
const STATUSES = ['1', '5']; // of the kitchen: confirmed, ready
const RESTAURANTS = 100;
const PER_SECOND = 700; // orders for each second of a turn: twice as many callbacks are enough for this machine

const bodyOf = (who, number, status) => JSON.stringify({ restID: `bench${who}`, orderID: number, status, cancel_reason: '', minimum_prep_time: 20,
	minimum_delivery_time: '', rider_name: '', rider_phone_number: '', is_modified: 'No', autoaccept: '0' });

// [{number, n, who, at}] of the orders that the POS has seen.
function told(house) {
	return fs.readFileSync(house.file('pos.journal'), 'utf8').trim().split('\n').map((line) => {
		const [, who, number, url] = line.split('\t');
		const { pathname, search } = new URL(url);
		return { number, n: Number(number.slice(1)), who, at: pathname + search };
	});
}

async function prepare(house) {
	const orders = Math.ceil(PER_SECOND * house.settings.seconds);
	await house.pool('orders');
	await house.world.answers();
	const of = await clones.template(house, Math.min(RESTAURANTS, house.restaurants.length - 1));
	const first = await clones.next(house), last = first + orders - 1;
	await clones.make(house, of, first, last);
	const { wrong } = await relay.carryOut(house, first, last, { delay_ms: 0 });
	assert.deepEqual(wrong, []);
	const tickets = told(house);
	const range = `BETWEEN ${clones.id(first)} AND ${clones.id(last)}`;

	// As the relay left them, once those that were under way at a turn's end are through.
	const deliveries = () => house.count('webhook_logs');
	const reset = async () => {
		for (let before = -1, now = await deliveries(); now !== before;) {
			await new Promise((resolve) => setTimeout(resolve, 300));
			[before, now] = [now, await deliveries()];
		}
		await house.sql(`UPDATE orders SET status = 'received', history_seq = 4, confirmed_at = NULL, ready_at = NULL,
			estimated_ready_time = NULL, pos_callback = NULL WHERE id ${range};
		DELETE FROM order_status_history WHERE order_id ${range} AND seq > 4; DELETE FROM webhook_logs;`);
	};
	const post = (ticket, status) => ({ method: 'POST', path: ticket.at, body: bodyOf(ticket.who, ticket.number, status) });

	let answer;
	const lines = [];
	const places = [...new Set(tickets.map(({ who }) => who))];
	const tell = async (ticket, status) => {
		const { path, body } = post(ticket, status);
		answer = await house.world.fetch(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
		assert.equal(answer.status, 200, answer.text);
	};
	const recorder = await house.recording(POOL, async (rec) => {
		await tell(tickets.at(-1), STATUSES[0]); // the first one has the worker connect and read its settings
		for (const status of STATUSES)
			for (const place of places)
				lines.push(await rec.usual('INSERT INTO webhook_logs ', async () => {
					const ticket = tickets.find(({ who }) => who === place);
					await tell(ticket, status);
					return known(house, ticket);
				}));
	});
	const subjects = tickets.map(({ n, number, who }) => ({ id: clones.id(n), public_id: clones.publicId(n), number, group: places.indexOf(who) }));
	const script = recorder.write(house.file('script.callback'), lines, subjects);
	const requests = house.requests('callback', STATUSES.flatMap((status) => tickets.map((ticket) => post(ticket, status))));
	const path = house.helloKnows('callback', answer);
	const hello = house.requests('hello callback', tickets.map((ticket) => ({ ...post(ticket, '1'), path })));
	const turns = {
		'ours callback': async (seconds) => {
			const figures = await house.wrk(requests, { seconds, once: true });
			const done = await house.count('webhook_logs', "state = 'processed'");
			const moved = await house.count('order_status_history', `order_id ${range} AND seq > 4`);
			for (const n of [done, moved]) // no more than were under way at the end besides
				assert.ok(n >= figures.n && n <= figures.n + house.settings.clients, `${figures.n} answers of 200, ${done} applied, ${moved} moves`);
			return figures;
		},
		'bare callback': async (seconds) => {
			const figures = await house.bare(POOL, script, { seconds });
			const moved = await house.count('order_status_history', `order_id ${range} AND seq > 4`);
			const ready = await house.count('orders', `id ${range} AND status <> 'received'`);
			assert.ok(moved === figures.n && ready === Math.min(figures.n, orders), `${figures.n} of bare, ${moved} moves, ${ready} orders`);
			return figures;
		},
		'alone callback': () => house.bare(POOL, script, { seconds: 1, processes: 1 }),
		'hello callback': (seconds) => house.wrk(hello, { seconds }),
	};
	for (const name of ['ours callback', 'bare callback', 'alone callback']) turns[name].before = reset;
	return {
		turns,
		rows: [{ name: 'PetPooja status callback', unit: 'callback', pool: POOL, aim: 0.8, ours: 'ours callback', bare: 'bare callback', hello: 'hello callback',
			alone: 'alone callback', steps: recorder.usualSteps, warm: async () => {
				await reset();
				await turns['ours callback'](1);
			} }],
		said: 'A callback is stored and applied, in two transactions.',
	};
}

// What is new in a callback, in bare's words.
async function known(house, { n, number }) {
	const id = clones.id(n), hex = clones.publicId(n);
	const [row] = await house.sql('SELECT id, received_at FROM webhook_logs ORDER BY id DESC LIMIT 1');
	const events = await house.sql(`SELECT seq FROM events WHERE order_id = ${id} AND seq > ${EVENTS_FROM}`); // its status, and when it is ready
	const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
	return {
		now_us: microseconds(row.received_at),
		texts: { [uuid]: 'u', [number]: 'N' },
		numbers: { [id]: 'Io', [row.id]: 'Iw', ...Object.fromEntries(events.map(({ seq }) => [seq, 'Ie'])) },
		bytes: { [hex]: 'Bu' },
	};
}

module.exports = { prepare, POOL, restaurants: RESTAURANTS };
