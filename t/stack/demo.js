'use strict';
// demo: the restaurant everybody meets first, at one of the simulated POS; for each of them it is another. It is open round the clock.
//
// `ticketrail onboard FILE` brings a restaurant to the state a JSON document describes (lib/provider/onboard.h); doing it again
// changes only what differs, here the simulator's address. The menu comes the way every menu comes: the relay fetches it.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { PROVIDERS, posOf } = require('../providers.js');

const NAME = 'Ticketrail Demo Bistro';
const STAFF = [
	{ username: 'asha', role: 'admin', name: 'Asha', phone: '+919900000051' },
	{ username: 'ravi', role: 'kitchen', name: 'Ravi', phone: '+919900000052' },
];

const slugOf = (pos) => (pos === 'petpooja' ? 'demo' : `demo-${pos}`);

// The passwords of the demo's staff are made once and stay.
function passwords(file) {
	if (!fs.existsSync(file)) {
		const made = Object.fromEntries(STAFF.map(({ username }) => [username, crypto.randomBytes(9).toString('base64url')]));
		fs.writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
	}
	return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function description(world, pos, password) {
	const { zone, currency } = PROVIDERS[pos];
	return {
		slug: slugOf(pos),
		name: NAME,
		address: '12 Church Street, Bengaluru 560001',
		contact: '+919900000001',
		time_zone: zone,
		currency,
		settings: { restaurant_open: true, delivery_enabled: true, cash_payment_enabled: true, max_orders_per_slot: 10000 },
		staff: STAFF.map((one) => ({ ...one, password: password[one.username] })),
		pos: posOf(world, pos, 0, NAME),
		fetch_menu: true,
	};
}

// Onboards, and answers what a person or a test needs to play with it.
async function onboard(world) {
	const { pos } = world.options;
	const slug = slugOf(pos);
	const password = passwords(path.join(world.at.conf, 'staff.json'));
	const file = path.join(world.at.conf, `${slug}.json`);
	fs.writeFileSync(file, JSON.stringify(description(world, pos, password), null, '	'), { mode: 0o600 });
	for (const secret of [...Object.values(password), ...PROVIDERS[pos].secrets]) world.canary(secret);
	await world.ticketrail(['onboard', file]);
	return { slug, pos, phone: '+919900000042', staffUser: STAFF[0].username, staffPassword: password[STAFF[0].username],
		kitchenUser: STAFF[1].username, kitchenPassword: password[STAFF[1].username] };
}

// The menu can be read: it was fetched and published.
async function hasMenu(world) {
	const [row] = await world.sql(`SELECT COUNT(*) AS n FROM items i JOIN restaurants r ON r.id = i.restaurant_id WHERE r.slug = '${world.demo.slug}'`);
	return Number(row.n) > 0;
}

module.exports = { onboard, hasMenu, slugOf };