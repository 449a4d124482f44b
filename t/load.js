'use strict';
// load: many clients at once that look hard at every answer.
//
//	const load = new Load(world);
//	load.add('menu', 2, () => ({ at: '/api/v1/menu/items', token }), (answer) => answer.length === n || 'too short');
//	load.start(); ...; const report = await load.stop();      // {menu: {requests, failures: [...], idle_closes, p50, p99, max}}
//
// Half of a kind's clients keep their connection, the others make a new one for each request. An answer that is not whole, has
// another length than it says, or that the kind's own check finds fault with is a failure. A kept connection that was closed
// before a byte of the answer came is no failure but asked again, as RFC 9112 section 9.3.1 has it: a server may close an idle
// one at any time. How often that happened is told.

const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');

const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Load {
	constructor(world) {
		this.world = world;
		this.ca = fs.readFileSync(world.tls.ca);
		this.kinds = new Map();
	}

	// ask() gives {at, method, body, headers, token, from}; check(answer, asked) true, or what is wrong. pause: ms between two;
	// keeps: every client of the kind keeps its connection, or none.
	add(name, clients, ask, check, { pause = 0, keeps = null } = {}) {
		this.kinds.set(name, { clients, ask, check, pause, keeps, ms: [], failures: [], idle_closes: 0, requests: 0, statuses: {} });
	}

	start() {
		this.isStopping = false;
		this.began = process.hrtime.bigint();
		this.running = [...this.kinds.values()].flatMap((kind) => Array.from({ length: kind.clients }, (_, i) => this.client(kind, kind.keeps ?? i % 2 === 0, i)));
		return this;
	}

	// Lets everyone finish what is under way.
	async stop() {
		this.isStopping = true;
		await Promise.all(this.running ?? []);
		return this.report();
	}

	// The numbers so far; the next report begins anew.
	report() {
		const seconds = Number(process.hrtime.bigint() - (this.began ?? 0n)) / 1e9;
		const report = {};
		for (const [name, kind] of this.kinds) {
			const ms = kind.ms.sort((a, b) => a - b);
			const at = (share) => (ms.length ? ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] : 0);
			report[name] = { requests: kind.requests, failures: kind.failures, idle_closes: kind.idle_closes, statuses: kind.statuses,
				per_s: Math.round(kind.requests / seconds), p50: at(0.5), p99: at(0.99), max: at(1) };
			Object.assign(kind, { ms: [], failures: [], idle_closes: 0, requests: 0, statuses: {} });
		}
		this.began = process.hrtime.bigint();
		return report;
	}

	async client(kind, keeps, nth) {
		// Each is an address of its own: 127.0.0.0/8 is all this host.
		const agent = keeps ? new https.Agent({ keepAlive: true, maxSockets: 1 }) : false;
		while (!this.isStopping) {
			const asked = kind.ask();
			const begun = process.hrtime.bigint();
			let wrong;
			try {
				const answer = await this.once(asked, agent, nth, kind);
				kind.statuses[answer.status] = (kind.statuses[answer.status] ?? 0) + 1;
				wrong = kind.check(answer, asked);
				if (wrong !== true) wrong = `${answer.status} ${wrong} ${answer.body.subarray(0, 200)}`;
			} catch (error) {
				wrong = `${error.code ?? ''} ${error.message}`;
				kind.statuses.none = (kind.statuses.none ?? 0) + 1;
			}
			kind.requests++;
			kind.ms.push(Math.round(Number(process.hrtime.bigint() - begun) / 1e5) / 10);
			if (wrong !== true) kind.failures.push(`${keeps ? 'kept' : 'new'} ${wrong}`);
			// Never without a pause where nobody listens.
			if (!this.isStopping) await sleep(wrong === true ? kind.pause : Math.max(kind.pause, 5));
		}
		if (agent) agent.destroy();
	}

	async once(asked, agent, nth, kind) {
		for (;;) {
			try {
				return await this.send(asked, agent, nth);
			} catch (error) {
				if (!error.wasIdle) throw error;
				kind.idle_closes++;
			}
		}
	}

	send({ at, method, body, headers = {}, token, from }, agent, nth) {
		const all = { host: `localhost:${this.world.port}`, ...headers };
		if (token) all.authorization = `Bearer ${token}`;
		if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
		if (!agent) all.connection = 'close';
		return new Promise((resolve, reject) => {
			const request = https.request({ host: '127.0.0.1', port: this.world.port, servername: 'localhost', ca: this.ca, path: at,
				method: method ?? (body === undefined ? 'GET' : 'POST'), headers: all, agent, timeout: 30000, localAddress: from ?? `127.0.1.${1 + nth % 200}` });
			let response = null;
			const fail = (error) => {
				error.wasIdle = response === null && request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code);
				reject(error);
			};
			request.on('timeout', () => request.destroy(new Error('no answer in 30 s')));
			request.on('error', fail);
			request.on('response', (said) => {
				const parts = [];
				response = said;
				said.on('data', (part) => parts.push(part));
				said.on('error', fail);
				said.on('end', () => {
					const whole = Buffer.concat(parts);
					const length = said.headers['content-length'];
					if (!said.complete || (length !== undefined && Number(length) !== whole.length))
						return fail(new Error(`truncated: ${whole.length} of ${length} bytes`));
					resolve({ status: said.statusCode, headers: said.headers, body: whole });
				});
			});
			request.end(body);
		});
	}
}

// A report for people: one line for each kind.
function lines(report) {
	return Object.entries(report).map(([name, r]) => `${name.padEnd(12)} ${String(r.requests).padStart(6)} requests ${String(r.per_s).padStart(4)}/s, ` +
		`${r.failures.length} failed, ${r.idle_closes} idle closes, p50 ${r.p50} p99 ${r.p99} max ${r.max} ms  ${JSON.stringify(r.statuses)}`);
}

module.exports = { Load, lines, sha256, sleep };
