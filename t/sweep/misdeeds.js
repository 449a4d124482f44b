'use strict';
// misdeeds: every misdeed of every simulator, taken from the simulators' own tables: a new one is swept without an edit here.

const { MISDEEDS } = require('../sim/sim.js');
const { PROVIDERS } = require('../providers.js');

const SIMS = Object.fromEntries([...Object.keys(PROVIDERS), 'msg91'].map((name) => [name, require(`../sim/${name}.js`)]));

// Any number is a misdeed too; these are those that mean something of their own.
const STATUSES = ['401', '404', '408', '429', '500', '503'];

// Shorter and smaller than a simulator does it by itself: a sweep does thousands.
const PARAMETERS = {
	delay_ms: { ms: 150 }, commit_then_delay: { ms: 150 }, refuse_connection: { ms: 150 }, late: { ms: 150 }, slow_drip: { ms: 5 },
	oversize: { bytes: 2 << 20 }, gzip_bomb: { bytes: 2 << 20 }, many_headers: { n: 20000 }, 429: { retry_after: 1 },
	duplicate: { copies: 3, concurrent: true }, index_lag: { ms: 200 }, payment_pending: { ms: 100 }, concurrent: { retry_after: 1 },
	app_concurrent: { retry_after: 1 }, other_total: { minor: 100 },
};

// What is met there: create, void, look, pay, menu, login or news of a POS, a path of MSG91's; nothing: nobody of ours goes there.
const roleOf = (meets, place) => (meets ? meets[place] : place);

// How an order for a misdeed says where.
function aim(place) {
	const [method, like] = place.split(' ');
	if (like) return { method, like };
	if (/^[A-Z]+$/.test(place)) return { method: place };
	return place === '' || place === '*' ? {} : { path: place };
}

// A place that is one of another's kind: what can be done to '/orders' can be done to the opening of an order.
const kin = (meets, places) => [...new Set(places.flatMap((place) => [place,
	...Object.keys(meets ?? {}).filter((one) => place.length > 1 && one.split(' ')[1]?.startsWith(`${place}/`))]))];

// Those of one simulator, at the places that its row of PROVIDERS says are met (a POS): [{do, at: [{role, ...where}], …}].
const misdeedsOf = (sim, meets) => [
	...[...Object.keys(MISDEEDS), ...STATUSES].map((name) => ({ do: name, at: SIMS[sim].PATHS })),
	...Object.entries(SIMS[sim].OWN).map(([name, places]) => ({ do: name, at: [places].flat() })),
].map((one) => ({
	...one, ...PARAMETERS[one.do],
	at: kin(meets, one.at).filter((place) => roleOf(meets, place)).map((place) => ({ role: roleOf(meets, place), where: aim(place) })),
})).filter((one) => one.at.length > 0);

module.exports = { misdeedsOf };
