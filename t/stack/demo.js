'use strict';
// demo: the restaurant everybody meets first, connected to the simulated PetPooja. It is open round the clock.
//
// `ticketrail onboard FILE` brings a restaurant to the state a JSON document describes (lib/provider/onboard.h); doing it again
// changes only what differs, here the simulator's address. The menu comes the way every menu comes: the relay fetches it.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const pos = require('../sim/petpooja.js').DEFAULTS;

const SLUG = 'demo';
const STAFF = [
	{ username: 'asha', role: 'admin', name: 'Asha', phone: '+919900000051' },
	{ username: 'ravi', role: 'kitchen', name: 'Ravi', phone: '+919900000052' },
];

// The passwords of the demo's staff are made once and stay.
function passwords(file) {
	if (!fs.existsSync(file)) {
		const made = Object.fromEntries(STAFF.map(({ username }) => [username, crypto.randomBytes(9).toString('base64url')]));
		fs.writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
	}
	return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function description(world, password) {
	return {
		slug: SLUG,
		name: 'Ticketrail Demo Bistro',
		address: '12 Church Street, Bengaluru 560001',
		contact: '+919900000001',
		time_zone: 'Asia/Kolkata',
		currency: 'INR',
		settings: { restaurant_open: true, delivery_enabled: true, cash_payment_enabled: true, max_orders_per_slot: 10000 },
		staff: STAFF.map((one) => ({ ...one, password: password[one.username] })),
		pos: {
			provider_name: 'petpooja',
			pos_restaurant_id: pos['rest-ids'],
			endpoint: world.sim.petpooja.url,
			webhook_secret: pos['webhook-secret'],
			authorization: pos.authorization,
			config: {
				app_key: pos['app-key'], app_secret: pos['app-secret'], access_token: pos['access-token'], webhook_policy: 'hmac',
				restaurant_name_petpooja: 'Ticketrail Demo Bistro',
			},
		},
		fetch_menu: true,
	};
}

// Onboards, and answers what a person or a test needs to play with it.
async function onboard(world) {
	const password = passwords(path.join(world.at.conf, 'staff.json'));
	const file = path.join(world.at.conf, `${SLUG}.json`);
	fs.writeFileSync(file, JSON.stringify(description(world, password), null, '\t'), { mode: 0o600 });
	for (const secret of [...Object.values(password), pos['app-key'], pos['app-secret'], pos['access-token'], pos.authorization,
		pos['webhook-secret']]) world.canary(secret);
	await world.ticketrail(['onboard', file]);
	return { slug: SLUG, phone: '+919900000042', staffUser: STAFF[0].username, staffPassword: password[STAFF[0].username],
		kitchenUser: STAFF[1].username, kitchenPassword: password[STAFF[1].username] };
}

// The menu can be read: it was fetched and published.
async function hasMenu(world) {
	const [row] = await world.sql('SELECT COUNT(*) AS n FROM items');
	return Number(row.n) > 0;
}

module.exports = { onboard, hasMenu };
