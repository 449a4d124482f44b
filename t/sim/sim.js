'use strict';
/*
 * sim: what every simulated provider has in common.
 *
 * A simulator owns its sockets and has three faces on one port of 127.0.0.1:
 *   - the provider's API, with the provider's own validation (the provider's file);
 *   - POST /_sim/next, which orders the next misdeeds;
 *   - GET /_sim/seen, the journal of requests seen and effects committed. It is the oracle of the tests:
 *     an effect is on disk (fsync) before a byte of the answer leaves, so it survives kill -9 and any drop.
 *
 * A simulator that is started again in the same --dir knows what it knew: its state is rebuilt from the journal.
 * It shares no line with the adapter it faces. Node 18, built-in modules only.
 *
 * Options of every simulator:
 *   --port N            port to listen on (default: the kernel chooses); {"port":N} is printed once listening
 *   --dir DIR           where journal.jsonl lives (default: a new temporary directory)
 *   --tls-key --tls-cert  PEM files: serve HTTPS
 *   --ca FILE           CA that signs the certificates of those we call
 *   --resolve NAME=ADDR where a host name of an outgoing call really is (may be repeated)
 *   --seed N            of everything random (default 1)
 *   --die-with-stdin    end when standard input closes, so that no test leaves us behind
 *
 * Control face:
 *   POST   /_sim/next    [{"do":…, "path"?, "like"?, "method"?, "times"?, "p"?, …}] misdeeds, taken in order (see MISDEEDS);
 *                        path is how the path ends, like a regular expression that it fits
 *   GET    /_sim/next    those not yet done           DELETE /_sim/next   forget them
 *   GET    /_sim/seen    ?kind= &effect= &since=SEQ &all=1   {"rows":[…],"next":SEQ}
 *   DELETE /_sim         forget everything; the journal keeps its past and says "reset"
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');

const BODY_MAX = 8 << 20;

/*
 * The misdeeds every provider can commit. `commits` says whether the request takes effect before we misbehave;
 * an order may turn that round with "commit": true or false. `send` writes what the client gets.
 * Any three-digit number is a misdeed too: that status, and nothing happens.
 */
const MISDEEDS = {
	delay_ms: { commits: true, before: true, send: (x) => x.plain() },
	commit_then_delay: { commits: true, send: async (x) => { await sleep(x.order.ms ?? 500); x.plain(); } },
	hang: { commits: false, send: () => {} },
	commit_then_hang: { commits: true, send: () => {} },
	hang_after_headers: { commits: true, send: (x) => { x.head(); } },
	commit_then_drop: { commits: true, send: (x) => x.reset() },
	drop_then_nothing: { commits: false, send: (x) => x.reset() },
	commit_then_close: { commits: true, send: (x) => x.socket.destroy() },
	commit_then_500: { commits: true, send: (x) => x.status(500) },
	refuse: { commits: false, send: (x) => x.refusal() },
	refuse_connection: { commits: false, send: (x) => { x.sim.close_door(x.order.ms ?? 1000); x.reset(); } },
	truncate: { commits: true, send: (x) => { x.head(); x.socket.end(x.bytes.subarray(0, x.bytes.length >> 1)); } },
	oversize: { commits: true, send: (x) => x.raw_body(Buffer.alloc(x.order.bytes ?? (4 << 20), ' ')) },
	endless: { commits: true, send: (x) => x.endless() },
	slow_drip: { commits: true, send: (x) => x.drip(x.order.ms ?? 100) },
	html: {
		commits: false,
		send: (x) => x.raw_body(Buffer.from('<!DOCTYPE html><title>Welcome</title><p>Please sign in to the network.'),
			'text/html; charset=utf-8'),
	},
	body: { commits: true, send: (x) => x.raw_body(Buffer.from(x.order.body ?? '', x.order.encoding ?? 'utf8')) },
	not_utf8: { commits: true, send: (x) => x.raw_body(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])) },
	duplicate_keys: {
		commits: true,
		send: (x) => x.raw_body(Buffer.from(x.bytes.toString().replace(/^\{/, '{"success":"0","type":"error",'))),
	},
	deep: { commits: true, send: (x) => x.raw_body(Buffer.from('['.repeat(20000) + ']'.repeat(20000))) },
	nan: { commits: true, send: (x) => x.raw_body(Buffer.from('{"success":NaN,"type":NaN}')) },
	empty: { commits: true, send: (x) => x.raw_body(Buffer.alloc(0)) },
	redirect: { commits: false, send: (x) => x.status(302, { Location: x.order.location ?? '/_sim/elsewhere' }) },
	continue_forever: { commits: true, send: (x) => x.continue_forever(x.order.ms ?? 50) },
	many_headers: { commits: true, send: (x) => x.many_headers(x.order.n ?? 100000) },
	gzip_bomb: { commits: true, send: (x) => x.gzip_bomb(x.order.bytes ?? (64 << 20)) },
};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const digest = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

/* A small seeded generator (mulberry32): the same seed gives the same run. Returns a function to [0, 1). */
function random_of(seed) {
	let state = typeof seed === 'number' ? seed >>> 0 : parseInt(digest(String(seed)).slice(0, 8), 16);

	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

/* --name value and --name=value; a name listed in flags stands alone; one listed in lists may be repeated. */
function arguments_of(argv, defaults) {
	const known = {
		port: '0', dir: '', 'tls-key': '', 'tls-cert': '', ca: '', resolve: [], seed: '1', 'die-with-stdin': false,
		...defaults,
	};

	for (let i = 0; i < argv.length; i++) {
		const m = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(argv[i]);
		if (!m || !(m[1] in known))
			throw new Error(`no such option: ${argv[i]}`);
		if (known[m[1]] === false || known[m[1]] === true) {
			known[m[1]] = true;
			continue;
		}
		const value = m[2] ?? argv[++i];
		if (value === undefined)
			throw new Error(`--${m[1]} needs a value`);
		if (Array.isArray(known[m[1]]))
			known[m[1]] = [...known[m[1]], value];
		else
			known[m[1]] = value;
	}
	return known;
}

/* The journal: one JSON object a line, only ever appended to. It is never printed: it holds what guests wrote. */
class Journal {
	constructor(dir) {
		fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
		this.file = path.join(dir, 'journal.jsonl');
		this.fd = fs.openSync(this.file, 'a+', 0o600);
		this.seq = 0;
		const rows = this.rows(true);
		/* A kill can leave half a line; its effect was never answered for, and the next row must not join it. */
		const size = fs.fstatSync(this.fd).size;
		if (this.whole_len < size)
			fs.ftruncateSync(this.fd, this.whole_len);
		if (rows.length)
			this.seq = rows[rows.length - 1].seq;
	}

	add(row, durable) {
		const line = { seq: ++this.seq, at: new Date().toISOString(), ...row };
		fs.writeSync(this.fd, JSON.stringify(line) + '\n');
		if (durable)
			fs.fsyncSync(this.fd);
		return line;
	}

	/* Every whole row on disk; without `all` only those after the last reset. */
	rows(all) {
		const text = fs.readFileSync(this.file);
		this.whole_len = text.lastIndexOf(10) + 1;
		let rows = text.subarray(0, this.whole_len).toString().split('\n').filter(Boolean).map((l) => JSON.parse(l));
		if (!all) {
			const last = rows.map((r) => r.kind).lastIndexOf('reset');
			rows = rows.slice(last + 1);
		}
		return rows;
	}
}

/* One answer under way: the plain way to send it, and all the ways of sending it wrongly. */
class Exchange {
	constructor(sim, req, res, answer, order) {
		Object.assign(this, { sim, req, res, order, socket: res.socket, answer });
		const body = answer?.body;
		this.bytes = body === undefined ? Buffer.alloc(0)
			: Buffer.isBuffer(body) ? body
				: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
	}

	headers(more) {
		return { 'Content-Type': 'application/json', ...(this.answer?.headers ?? {}), ...more };
	}

	plain() {
		if (this.socket.destroyed)
			return;
		this.res.writeHead(this.answer?.status ?? 200, this.headers({ 'Content-Length': this.bytes.length }));
		this.res.end(this.bytes);
	}

	status(code, headers) {
		const name = http.STATUS_CODES[code] ?? 'Unknown';
		const body = code === 204 || code === 304 ? '' : JSON.stringify({ message: name });
		this.res.writeHead(code, { ...(body && { 'Content-Type': 'application/json' }),
			...(this.order.retry_after !== undefined && { 'Retry-After': String(this.order.retry_after) }), ...headers });
		this.res.end(body);
	}

	/* The provider's own definite no. */
	refusal() {
		const a = this.sim.provider.refusal?.(this.order, this.req) ?? { status: 400, body: { message: 'refused' } };
		this.answer = a;
		this.bytes = Buffer.from(JSON.stringify(a.body));
		this.plain();
	}

	/* The head of the true answer by hand, so that what follows can break its promise. */
	head(more = {}) {
		const lines = Object.entries(this.headers({ 'Content-Length': this.bytes.length, Connection: 'close', ...more }));
		this.socket.write(`HTTP/1.1 ${this.answer?.status ?? 200} OK\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`);
	}

	raw_body(bytes, type) {
		this.res.writeHead(this.order.status ?? 200, { 'Content-Type': type ?? 'application/json', 'Content-Length': bytes.length });
		this.res.end(bytes);
	}

	reset() {
		reset_socket(this.socket);
	}

	/* Whole and correct, but one byte at a time. */
	async drip(ms) {
		this.head();
		for (const byte of this.bytes) {
			if (this.socket.destroyed)
				return;
			this.socket.write(Buffer.from([byte]));
			await sleep(ms);
		}
		this.socket.end();
	}

	async endless() {
		this.res.writeHead(200, { 'Content-Type': 'application/json' });
		const chunk = Buffer.alloc(65536, ' ');
		while (!this.socket.destroyed) {
			if (!this.res.write(chunk))
				await Promise.race([new Promise((r) => this.res.once('drain', r)), sleep(1000)]);
			await sleep(1);
		}
	}

	async continue_forever(ms) {
		while (!this.socket.destroyed) {
			this.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
			await sleep(ms);
		}
	}

	many_headers(n) {
		this.socket.write('HTTP/1.1 200 OK\r\n');
		for (let i = 0; i < n; i += 1000) {
			let block = '';
			for (let j = i; j < Math.min(n, i + 1000); j++)
				block += `X-Filler-${j}: ${j}\r\n`;
			this.socket.write(block);
		}
		this.socket.end(`Content-Length: ${this.bytes.length}\r\n\r\n${this.bytes}`);
	}

	gzip_bomb(bytes) {
		const packed = zlib.gzipSync(Buffer.alloc(bytes, ' '));
		this.res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Content-Length': packed.length });
		this.res.end(packed);
	}
}

/* RST rather than FIN. Under TLS the TCP socket below is what we accepted, so it is ours to reset. */
function reset_socket(socket) {
	const tcp = socket.sim_tcp ?? socket;

	if (tcp.resetAndDestroy && !tcp.destroyed)
		tcp.resetAndDestroy();
	if (!socket.destroyed)
		socket.destroy();
}

class Sim {
	/*
	 * provider(sim) → {
	 *   handle(req) → answer {status, headers, body}; may be async; commits with sim.effect()
	 *   control: {'METHOD /_sim/x': (body, req) → answer body}     restore(row)  an effect read back from the journal
	 *   misdeeds: more of MISDEEDS    refusal(order, req) → answer    reset()    secret(text) → what may be journalled
	 *   arrived(req, res): a request of the API is there, before any misdeed; for those that count what is under way
	 * }
	 */
	constructor(name, options, provider) {
		this.name = name;
		this.options = options;
		this.dir = options.dir || fs.mkdtempSync(path.join(os.tmpdir(), `sim-${name}-`));
		this.random = random_of(Number(options.seed));
		this.journal = new Journal(this.dir);
		this.orders = []; /* misdeeds not yet done */
		this.request_no = 0;
		this.provider = provider(this);
		this.misdeeds = { ...MISDEEDS, ...(this.provider.misdeeds ?? {}) };
		this.where = new Map(options.resolve.map((r) => r.split('=')));
		this.ca = options.ca ? fs.readFileSync(options.ca) : undefined;
		for (const row of this.journal.rows(false)) {
			this.request_no = Math.max(this.request_no, row.request ?? 0);
			if (row.kind === 'effect')
				this.provider.restore?.(row);
		}
	}

	/* An effect is committed when this returns: the row is on disk. */
	effect(effect, data) {
		return this.journal.add({ kind: 'effect', effect, ...data }, true);
	}

	/* Something worth knowing that changed nothing. */
	note(note, data) {
		return this.journal.add({ kind: 'note', note, ...data }, false);
	}

	/*
	 * The first waiting misdeed that fits, used up by one. A row with p fits that often; an array in do is a lottery.
	 * What is no request (a callback) is meant only by those that name it.
	 */
	take(method, where) {
		for (let i = 0; i < this.orders.length; i++) {
			const order = this.orders[i];
			if (order.method && order.method !== method)
				continue;
			if (order.path ? !where.endsWith(order.path) : !where.startsWith('/'))
				continue;
			if (order.like && !new RegExp(order.like).test(where))
				continue;
			if (--order.times <= 0)
				this.orders.splice(i, 1);
			if (order.p !== undefined && this.random() >= order.p)
				return null;
			const what = Array.isArray(order.do) ? order.do[Math.floor(this.random() * order.do.length)] : order.do;
			return { ...order, do: String(what) };
		}
		return null;
	}

	misdeed_of(name) {
		if (/^[1-5][0-9][0-9]$/.test(name))
			return { commits: false, send: (x) => x.status(Number(name)) };
		return this.misdeeds[name];
	}

	order_misdeeds(list) {
		for (const order of Array.isArray(list) ? list : [list]) {
			for (const name of [order.do].flat())
				if (!this.misdeed_of(String(name)))
					throw new Error(`no such misdeed: ${name}`);
			this.orders.push({ ...order, times: order.times ?? 1 });
		}
		return { waiting: this.orders.length };
	}

	async serve(req, res) {
		const url = new URL(req.url, 'http://sim');
		const body = await body_of(req);
		const seen = {
			id: ++this.request_no, method: req.method, path: url.pathname, query: url.searchParams,
			headers: req.headers, body, socket: req.socket,
		};

		if (seen.path === '/_sim' || seen.path.startsWith('/_sim/'))
			return this.control(seen, res);
		this.journal.add({
			kind: 'request', request: seen.id, method: seen.method, path: seen.path,
			query: this.masked(url.search), headers: this.masked_headers(req.headers),
			body: this.masked(body.toString()), body_sha256: digest(body),
		}, false);
		this.provider.arrived?.(seen, res);
		const order = this.take(seen.method, seen.path);
		const misdeed = order && this.misdeed_of(order.do);
		seen.order = order;
		if (order)
			this.journal.add({ kind: 'misdeed', request: seen.id, do: order.do, path: seen.path }, false);
		if (misdeed?.before)
			await sleep(order.ms ?? 500);
		let answer;
		if (!misdeed || (order.commit ?? misdeed.commits))
			answer = await this.provider.handle(seen);
		if (answer)
			this.journal.add({ kind: 'answer', request: seen.id, status: answer.status ?? 200,
				body: this.masked(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? '')).slice(0, 4000),
				...(order && { misdeed: order.do }) }, false);
		const x = new Exchange(this, seen, res, answer, order ?? {});
		if (misdeed)
			await misdeed.send(x);
		else
			x.plain();
	}

	masked(text) {
		return this.provider.secret ? this.provider.secret(text) : text;
	}

	masked_headers(headers) {
		const out = {};
		for (const [k, v] of Object.entries(headers))
			out[k] = /^(authorization|authkey|app-key|app-secret|access-token|cookie)$/.test(k) ? `sha256:${digest(v).slice(0, 16)}` : v;
		return out;
	}

	async control(req, res) {
		const answer = (status, body) => {
			const bytes = Buffer.from(JSON.stringify(body) + '\n');
			res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
			res.end(bytes);
		};
		const own = this.provider.control ?? {};
		const name = `${req.method} ${req.path}`;

		try {
			const body = req.body.length ? JSON.parse(req.body.toString()) : {};
			if (name === 'POST /_sim/next')
				return answer(200, this.order_misdeeds(body));
			if (name === 'GET /_sim/next')
				return answer(200, { orders: this.orders });
			if (name === 'DELETE /_sim/next') {
				this.orders = [];
				return answer(200, { waiting: 0 });
			}
			if (name === 'GET /_sim/seen')
				return answer(200, this.seen(req.query));
			if (name === 'DELETE /_sim') {
				this.orders = [];
				this.provider.reset?.();
				this.journal.add({ kind: 'reset' }, true);
				return answer(200, { reset: true });
			}
			if (own[name])
				return answer(200, await own[name](body, req));
			return answer(404, { error: `the simulator has no ${name}` });
		} catch (e) {
			return answer(400, { error: e.message });
		}
	}

	seen(query) {
		const since = Number(query.get('since') ?? 0);
		const rows = this.journal.rows(query.get('all') === '1').filter((r) => r.seq > since
			&& (!query.has('kind') || r.kind === query.get('kind'))
			&& (!query.has('effect') || r.effect === query.get('effect')));

		return { rows, next: this.journal.seq };
	}

	/* Calls somebody else, the way the provider would. → {status, headers, body, json?} or {error}; never throws. */
	call(method, url, headers, body, timeout_ms = 15000) {
		return new Promise((done) => {
			let u;
			try {
				u = new URL(url);
			} catch (e) {
				done({ error: e.message });
				return;
			}
			const agent = u.protocol === 'https:' ? https : http;
			const lookup = (host, opts, cb) => {
				const addr = this.where.get(host);
				if (!addr)
					return require('node:dns').lookup(host, opts, cb);
				return opts.all ? cb(null, [{ address: addr, family: 4 }]) : cb(null, addr, 4);
			};
			const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body ?? '');
			const req = agent.request(u, { method, agent: false, ca: this.ca, lookup, family: 4, timeout: timeout_ms,
				headers: { 'Content-Length': bytes.length, ...headers } }, (res) => {
				const chunks = [];
				res.on('data', (c) => chunks.push(c));
				res.on('error', (e) => done({ error: e.message }));
				res.on('end', () => {
					const text = Buffer.concat(chunks).toString();
					const out = { status: res.statusCode, headers: res.headers, body: text };
					try {
						out.json = JSON.parse(text);
					} catch { /* not JSON: the text says what it was */ }
					done(out);
				});
			});
			req.on('timeout', () => req.destroy(new Error('timed out')));
			req.on('error', (e) => done({ error: e.message }));
			req.end(bytes);
		});
	}

	/* Nobody answers the door for a while: connections are refused by the kernel. */
	close_door(ms) {
		const port = this.port;

		this.server.close();
		setTimeout(() => this.server.listen(port, '127.0.0.1'), ms);
	}

	listen() {
		const { options } = this;
		const on_request = (req, res) => {
			this.serve(req, res).catch((e) => {
				/* Never the content: only what went wrong, and where. */
				process.stderr.write(`sim ${this.name}: ${e.stack.split('\n').slice(0, 3).join(' |')}\n`);
				res.socket?.destroy();
			});
		};
		const tls_on = options['tls-key'] && options['tls-cert'];
		const inner = tls_on
			? https.createServer({ key: fs.readFileSync(options['tls-key']), cert: fs.readFileSync(options['tls-cert']) }, on_request)
			: http.createServer(on_request);

		inner.keepAliveTimeout = 30000;
		inner.requestTimeout = 0;
		inner.on('clientError', (e, socket) => socket.destroy());
		if (tls_on)
			inner.on('secureConnection', (s) => {
				s.sim_tcp = this.sockets.get(s.remotePort);
			});
		this.sockets = new Map();
		this.server = net.createServer((socket) => {
			const peer = socket.remotePort;
			this.sockets.set(peer, socket);
			socket.on('close', () => this.sockets.delete(peer));
			socket.on('error', () => {});
			inner.emit('connection', socket);
		});
		return new Promise((done, fail) => {
			this.server.once('error', fail);
			this.server.listen(Number(options.port), '127.0.0.1', () => {
				this.port = this.server.address().port;
				done(this.port);
			});
		});
	}
}

function body_of(req) {
	return new Promise((done, fail) => {
		const chunks = [];
		let len = 0;

		req.on('data', (c) => {
			len += c.length;
			if (len > BODY_MAX)
				req.socket.destroy();
			else
				chunks.push(c);
		});
		req.on('end', () => done(Buffer.concat(chunks)));
		req.on('error', fail);
	});
}

/* Runs a simulator as a program: reads options, listens, prints {"port":N}. */
async function main(name, defaults, provider) {
	let options;

	try {
		options = arguments_of(process.argv.slice(2), defaults);
	} catch (e) {
		process.stderr.write(`${name}: ${e.message}\n`);
		process.exit(64);
	}
	const sim = new Sim(name, options, provider);
	const port = await sim.listen();
	process.stdout.write(JSON.stringify({ port }) + '\n');
	if (options['die-with-stdin']) {
		process.stdin.on('end', () => process.exit(0));
		process.stdin.on('error', () => process.exit(0));
		process.stdin.resume();
	}
	return sim;
}

module.exports = { MISDEEDS, Sim, arguments_of, digest, main, random_of, sleep };
