'use strict';
/*
 * Starts a simulator as a process of its own and talks to it; for tests and for the demo.
 *
 *   const pp = await start_sim('petpooja', ['--auto-accept', '50'], {dir});
 *   await pp.post('/_sim/next', [{path: '/save_order', do: '503'}]);
 *   (await pp.get('/_sim/seen?effect=order_saved')).json.rows
 *   await pp.stop();            pp.kill() is SIGKILL; start_sim with the same dir goes on where it was
 */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');

/* One request to a simulator. → {status, headers, text, json?}; rejects when the connection breaks or timeout_ms pass. */
function ask(sim, method, where, body, headers = {}, timeout_ms = 10000) {
	return new Promise((done, fail) => {
		const bytes = body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body
			: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
		const req = (sim.ca ? https : http).request({ host: '127.0.0.1', port: sim.port, method, path: where, ca: sim.ca, servername: sim.ca && 'localhost',
			agent: false, headers: { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers } }, (res) => {
			const chunks = [];
			res.on('data', (c) => chunks.push(c));
			res.on('error', fail);
			res.on('end', () => {
				const out = { status: res.statusCode, headers: res.headers, bytes: Buffer.concat(chunks) };
				out.text = out.bytes.toString();
				try {
					out.json = JSON.parse(out.text);
				} catch { /* the test decides what that means */ }
				done(out);
			});
		});
		const timer = setTimeout(() => req.destroy(Object.assign(new Error('timed out'), { code: 'TIMEOUT' })), timeout_ms);
		req.on('error', fail);
		req.on('close', () => clearTimeout(timer));
		req.end(bytes);
	});
}

function start_sim(name, args = [], { dir, tls, ca } = {}) {
	const argv = [path.join(__dirname, `${name}.js`), '--die-with-stdin', ...(dir ? ['--dir', dir] : []),
		...(tls ? ['--tls-key', tls.key, '--tls-cert', tls.cert] : []), ...args];
	const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
	const gone = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));

	return new Promise((done, fail) => {
		let line = '';
		gone.then((how) => fail(new Error(`sim ${name} ended: ${JSON.stringify(how)}`)));
		child.stdout.on('data', (c) => {
			line += c;
			if (!line.includes('\n'))
				return;
			const sim = { name, child, pid: child.pid, port: JSON.parse(line).port, ca: ca && fs.readFileSync(ca), gone };
			sim.url = `${ca ? 'https' : 'http'}://127.0.0.1:${sim.port}`;
			sim.get = (where, headers, ms) => ask(sim, 'GET', where, undefined, headers, ms);
			sim.post = (where, body, headers, ms) => ask(sim, 'POST', where, body, headers, ms);
			sim.ask = (method, where, body, headers, ms) => ask(sim, method, where, body, headers, ms);
			sim.seen = async (query = '') => (await sim.get(`/_sim/seen?${query}`)).json.rows;
			sim.stop = () => {
				child.stdin.end();
				return gone;
			};
			sim.kill = () => {
				child.kill('SIGKILL');
				return gone;
			};
			done(sim);
		});
	});
}

module.exports = { ask, start_sim };
