'use strict';
// Requests of which a front and a worker could think differently: where one ends, whom it is for, what it says. Each is refused, or
// is one request and means one thing. The pool is a stand-in that counts what it hears; the bytes go over TLS as they stand here.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { responder } = require('./stack/responder.js');

let world, heard = [];
const pools = [];

before(async () => {
	world = await World.start({ bare: true });
	for (const name of ['orders', 'admin', 'ops'])
		pools.push(await responder(path.join(world.at.run, `${name}.sock`), name, (seen) => { heard.push({ pool: name, ...seen }); return {}; }));
});
after(async () => {
	for (const pool of pools) pool.close();
	await world?.stop();
});

// Sends the bytes and says what came back until nginx closes, or nothing more comes.
function raw(bytes) {
	return new Promise((resolve, reject) => {
		let said = '', timer;
		const socket = tls.connect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ca: fs.readFileSync(world.tls.ca), ALPNProtocols: ['http/1.1'] },
			() => socket.write(Buffer.from(bytes, 'latin1')));
		const wait = () => {
			clearTimeout(timer);
			timer = setTimeout(() => socket.destroy(), 400);
		};
		socket.on('secureConnect', wait);
		socket.on('data', (data) => { said += data.toString('latin1'); wait(); });
		socket.on('error', (error) => (said ? resolve(said) : reject(error)));
		socket.on('close', () => { clearTimeout(timer); resolve(said); });
	});
}

const HIDDEN = 'GET /api/v1/admin/orders HTTP/1.1\r\nHost: localhost\r\n\r\n';
const post = (headers, body) => `POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`;
const params = (one) => new Map(one.params);

// [what, bytes, status of every answer, what the pools hear as "POOL METHOD body"]. A second request that stands there openly and
// whole is a pipelined one and no smuggled one.
const CASES = [
	['length and chunks', post(`Content-Length: ${HIDDEN.length + 5}\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${HIDDEN}`), [400], []],
	['chunks and length', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `5c\r\n${HIDDEN}\r\n0\r\n\r\n`), [400], []],
	['two lengths', post('Content-Length: 0\r\nContent-Length: 50\r\n', HIDDEN), [400], []],
	['two equal lengths', post('Content-Length: 1\r\nContent-Length: 1\r\n', 'x'), [400], []],
	['a list of lengths', post('Content-Length: 1, 1\r\n', 'x'), [400], []],
	['a negative length', post('Content-Length: -1\r\n', HIDDEN), [400], []],
	['a length with a sign', post('Content-Length: +1\r\n', 'x'), [400], []],
	['a length in hexadecimal', post('Content-Length: 0x1\r\n', 'x'), [400], []],
	['a length past counting', post('Content-Length: 99999999999999999999\r\n', 'x'), [400], []],
	['an unknown coding', post('Transfer-Encoding: xchunked\r\n', HIDDEN), [400], []],
	['chunked twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n`), [400], []],
	['chunked and identity', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`), [400], []],
	['a chunk size that is none', post('Transfer-Encoding: chunked\r\n', `zz\r\n${HIDDEN}`), [400], []],
	['a chunk size past counting', post('Transfer-Encoding: chunked\r\n', `fffffffffffffffff\r\n${HIDDEN}`), [400], []],
	['a chunk longer than it says', post('Transfer-Encoding: chunked\r\n', `3\r\nabcdef\r\n0\r\n\r\n`), [400], []],
	['chunks with extensions', post('Connection: close\r\nTransfer-Encoding: chunked\r\n', '3;a="b"\r\nabc\r\n0\r\n\r\n'), [200], ['orders POST abc']],
	['a space before the colon', post('Content-Length : 5\r\n', 'hello'), [400], []],
	['a folded header', post('Content-Length: 5\r\nX-Folded: a\r\n Content-Length: 50\r\n', 'hello'), [400], []],
	['a NUL in a header', post('Content-Length: 5\r\nX-Nul: a\0b\r\n', 'hello'), [400], []],
	['a NUL in the path', `GET /api/v1/orders\0/x HTTP/1.1\r\nHost: localhost\r\n\r\n`, [400], []],
	['a bare CR in a header', post('Content-Length: 5\r\nX-Cr: a\rContent-Length: 50\r\n', 'hello'), [400], []],
	['a line break in the path', 'GET /api/v1/orders%0d%0aX: y HTTP/1.1\r\nHost: localhost\r\n\r\n', [400], []],
	['HTTP/0.9', 'GET /api/v1/orders\r\n\r\n', [], []],
	['HTTP/2.0 by name', 'GET /api/v1/orders HTTP/2.0\r\nHost: localhost\r\n\r\n', [400], []],
	['no host', 'GET /api/v1/orders HTTP/1.1\r\n\r\n', [400], []],
	['two hosts', 'GET /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', [400], []],
	['a host with a path', 'GET /api/v1/orders HTTP/1.1\r\nHost: localhost/x\r\n\r\n', [400], []],
	['CONNECT', 'CONNECT /api/v1/orders HTTP/1.1\r\nHost: localhost\r\n\r\n', [405], []],
];

test('S57 SEC-04 a request that could be read in two ways is refused, or is one', async () => {
	for (const [what, bytes, statuses, expected] of CASES) {
		heard = [];
		const said = await raw(bytes);
		assert.deepEqual([...said.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((one) => Number(one[1])), statuses, `${what}: ${said.slice(0, 300)}`);
		assert.deepEqual(heard.map((one) => `${one.pool} ${params(one).get('REQUEST_METHOD')} ${one.body}`), expected, what);
	}
});

test('S57 the address in the request line is the one that counts', async () => {
	heard = [];
	const said = await raw('GET https://in.the.line/api/v1/orders?x=1 HTTP/1.1\r\nHost: in.the.header\r\nConnection: close\r\n\r\n');
	assert.match(said, /^HTTP\/1\.1 200\b/);
	assert.equal(heard.length, 1);
	assert.equal(params(heard[0]).get('HTTP_HOST'), 'in.the.line');
	assert.equal(params(heard[0]).get('ROUTE_PATH'), '/api/v1/orders');
	assert.equal(heard[0].params.filter(([name]) => name === 'HTTP_HOST').length, 1);
});

test('S57 two requests on one connection are two, the second not part of the first', async () => {
	heard = [];
	const said = await raw(`${post('Content-Length: 5\r\n', 'hello')}GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
	assert.equal([...said.matchAll(/HTTP\/1\.1 200\b/g)].length, 2);
	assert.deepEqual(heard.map((one) => `${one.pool} ${one.body}`), ['orders hello', 'ops ']);
	// A GET with a body: what follows is its body, not a request.
	heard = [];
	await raw(`GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${HIDDEN.length}\r\nConnection: close\r\n\r\n${HIDDEN}`);
	assert.deepEqual(heard.map((one) => one.pool), ['ops']);
	assert.equal(heard[0].body, HIDDEN);
});
