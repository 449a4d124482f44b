'use strict';
// nginx: fills in nginx/*.conf for one directory and starts it on a socket that is bound already.

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { Child, run, until } = require('./process.js');
const { top } = require('./layout.js');

// The product's own limits, as make install fills them in: {CLIENT_RATE: '100r/m', ...}.
const LIMITS = Object.fromEntries([...fs.readFileSync(path.join(top, 'nginx', 'product.sed'), 'utf8')
	.matchAll(/^s\|@([A-Z_]+_(?:RATE|BURST|OPEN|QUEUE))@\|(.*)\|$/gm)].map(([, word, value]) => [word, value]));
// Where a test or a load generator asks for none: as much as nginx lets one say. A max_conns of 0 is none.
const NONE = { RATE: '100000r/s', BURST: '100000', OPEN: '65535', QUEUE: '0' };
const UNLIMITED = Object.fromEntries(Object.keys(LIMITS).map((word) => [word, NONE[word.replace(/.*_/, '')]]));

// Writes the configuration. port 0 will do for nginx -t. `origins`: whose pages may use the API (nginx/origins.conf).
function render(at, { port, tls, limits = {}, origins = [] }) {
	const files = Math.min(65536, Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || 65536);
	const words = {
		...LIMITS,
		...limits,
		USER: process.getuid() === 0 ? 'user root;' : '',
		WORKERS: String(Math.min(4, Math.max(2, os.cpus().length))),
		FILES: String(files),
		CONNECTIONS: String(Math.min(16384, Math.floor(files / 2))),
		LISTEN: `127.0.0.1:${port}`,
		CERT: tls.cert,
		KEY: tls.key,
		DIR: at.nginx,
		LOG: at.log,
		RUN: at.run,
		HTML: path.join(at.top, 'nginx', 'html'),
		PROBLEMS: path.join(at.top, 'build', 'gen', 'problems'),
		ORIGINS: at.conf,
	};
	fs.mkdirSync(path.join(at.nginx, 'temp'), { recursive: true, mode: 0o700 });
	fs.writeFileSync(path.join(at.conf, 'origins.conf'), origins.map((origin) => `${origin} 1;\n`).join(''));
	for (const file of fs.readdirSync(path.join(at.top, 'nginx')).filter((name) => name.endsWith('.conf'))) {
		const text = fs.readFileSync(path.join(at.top, 'nginx', file), 'utf8').replace(/@([A-Z_]+)@/g, (whole, word) => {
			if (words[word] === undefined) throw new Error(`nginx/${file}: ${whole} means nothing`);
			return words[word];
		});
		fs.writeFileSync(path.join(at.nginx, file), text);
	}
}

function argv(at) {
	return ['nginx', '-p', at.nginx, '-e', path.join(at.log, 'nginx.error.log'), '-c', path.join(at.nginx, 'ticketrail.conf')];
}

// Complains if nginx has anything at all to say against the configuration.
async function check(at) {
	await run([...argv(at), '-t', '-q'], { dir: at.dir });
}

// Binds 127.0.0.1: the wanted port, from `from` on the first free one, or one of the kernel's choice. Nobody can take it
// between this and nginx's start, which inherits it.
async function listen({ port = 0, from = 0 }) {
	for (let n = from || port; ; n++) {
		const server = net.createServer((connection) => connection.destroy());
		try {
			await new Promise((resolve, reject) => {
				server.once('error', reject);
				server.listen({ port: n, host: '127.0.0.1', exclusive: true, backlog: 4096 }, resolve);
			});
			return { port: server.address().port, fd: server._handle.fd, close: () => server.close() };
		} catch (error) {
			if (error.code !== 'EADDRINUSE' || !from || n > from + 100)
				throw new Error(`port ${n} of 127.0.0.1: ${error.message}`);
		}
	}
}

// `listener` from listen(), or null to let nginx bind the configured port again after it was ended.
function start(at, listener) {
	// its workers outlive a master that was killed, and would hold the port
	const options = { dir: at.dir, log: path.join(at.log, 'nginx.log'), group: true };
	if (listener) Object.assign(options, { env: { NGINX: '3;' }, fds: [listener.fd] });
	return new Child('nginx', argv(at), options);
}

// The pids of the worker processes of a master.
function workers(pid) {
	return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
}

// HUP, and waits until no worker of before is left: the last connection of theirs has ended.
async function reload(child, options) {
	const before = new Set(workers(child.pid));
	child.signal('SIGHUP');
	await until('the old workers of nginx to leave', () => {
		const now = workers(child.pid);
		return now.length > 0 && !now.some((pid) => before.has(pid));
	}, { alive: () => child.death(), ...options });
}

module.exports = { LIMITS, UNLIMITED, render, check, listen, start, workers, reload };
