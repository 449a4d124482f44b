'use strict';
/*
 * The limits of Clover's API: new requests a second and requests under way, per token and per app. What is over gets 429 with the
 * header that names the limit; where it was about requests under way also retry-after, and whoever asks again before that waits
 * a second longer each time. Refused requests count for nothing else. 0 switches a limit off.
 */
const { digest } = require('./sim.js');

const PAUSE_MAX_S = 60;

/* In the order in which they are asked. key: of whom it is. */
const LIMITS = [
	{ option: 'concurrent-token', header: 'X-RateLimit-tokenConcurrentLimit', of: 'token', running: true },
	{ option: 'concurrent-app', header: 'X-RateLimit-crossTokenConcurrentLimit', of: 'app', running: true },
	{ option: 'per-token', header: 'X-RateLimit-tokenLimit', of: 'token' },
	{ option: 'per-app', header: 'X-RateLimit-crossTokenLimit', of: 'app' },
];

function answer_of(limit, n, retry_after) {
	return {
		status: 429, headers: { [limit.header]: String(n), ...(retry_after !== undefined && { 'retry-after': String(retry_after) }) },
		body: { message: '429 Too Many Requests' },
	};
}

function clover_limit(options) {
	const users = new Map(); /* name → {stamps, running, pause_until, pause_s} */

	const user_of = (name) => {
		if (!users.has(name))
			users.set(name, { stamps: [], running: 0, pause_until: 0, pause_s: 0 });
		return users.get(name);
	};

	/* The answer that refuses a request, with the name of the limit; or null, and it counts until res is done with. */
	function arrived(req, res) {
		const now = Date.now();
		const of = { app: user_of('app'), token: user_of(`token ${digest(req.headers.authorization ?? '')}`) };

		for (const limit of LIMITS) {
			const n = Number(options[limit.option]);
			const user = of[limit.of];
			if (n === 0)
				continue;
			if (limit.running) {
				const waits = now < user.pause_until;
				if (!waits && user.running < n)
					continue;
				user.pause_s = Math.min(PAUSE_MAX_S, waits ? user.pause_s + 1 : Number(options['retry-after']));
				user.pause_until = (waits ? user.pause_until + 1000 : now + user.pause_s * 1000);
				return { limit: limit.option, answer: answer_of(limit, n, Math.max(1, Math.ceil((user.pause_until - now) / 1000))) };
			}
			while (user.stamps.length > 0 && user.stamps[0] <= now - 1000)
				user.stamps.shift();
			if (user.stamps.length >= n)
				return { limit: limit.option, answer: answer_of(limit, n) };
		}
		for (const user of Object.values(of)) {
			user.stamps.push(now);
			user.running++;
		}
		res.on('close', () => Object.values(of).forEach((user) => { user.running--; }));
		return null;
	}

	return { arrived, reset: () => users.clear() };
}

module.exports = { LIMITS, answer_of, clover_limit };
