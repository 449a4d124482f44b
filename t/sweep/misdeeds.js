'use strict';
// misdeeds: every misdeed of every simulator, taken from the simulators' own tables: a new one is swept without an edit here.

const { MISDEEDS } = require('../sim/sim.js');

const SIMS = { petpooja: require('../sim/petpooja.js'), msg91: require('../sim/msg91.js') };

// Any number is a misdeed too; these are those that mean something of their own.
const STATUSES = ['401', '404', '408', '429', '500', '503'];

// Shorter and smaller than a simulator does it by itself: a sweep does thousands.
const PARAMETERS = {
	delay_ms: { ms: 150 }, commit_then_delay: { ms: 150 }, refuse_connection: { ms: 150 }, late: { ms: 150 }, slow_drip: { ms: 5 },
	oversize: { bytes: 2 << 20 }, gzip_bomb: { bytes: 2 << 20 }, many_headers: { n: 20000 }, 429: { retry_after: 1 },
	duplicate: { copies: 3, concurrent: true },
};

// Those of one simulator: [{do, at: the paths at which it may be committed, …}].
const misdeedsOf = (sim) => [
	...[...Object.keys(MISDEEDS), ...STATUSES].map((name) => ({ do: name, at: SIMS[sim].PATHS, ...PARAMETERS[name] })),
	...Object.entries(SIMS[sim].OWN).map(([name, path]) => ({ do: name, at: [path], ...PARAMETERS[name] })),
];

module.exports = { SIMS: Object.keys(SIMS), misdeedsOf };
