'use strict';
// responder: a FastCGI application that answers every request with what it was told, as JSON. Stands in for a pool where
// nginx itself is under test. Sources: the FastCGI 1.0 specification, sections 3.3 (records), 3.4 (name-value pairs), 5.

const net = require('node:net');

const BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6;

function record(type, id, content) {
	const head = Buffer.alloc(8);
	head[0] = 1;
	head[1] = type;
	head.writeUInt16BE(id, 2);
	head.writeUInt16BE(content.length, 4);
	return Buffer.concat([head, content]);
}

// [[name, value]...]: a list, because a name given twice is something to see.
function pairs(bytes) {
	const found = [];
	let at = 0;
	const length = () => {
		if (bytes[at] < 128) return bytes[at++];
		at += 4;
		return bytes.readUInt32BE(at - 4) & 0x7fffffff;
	};
	const text = (n) => bytes.toString('utf8', at, at += n);
	while (at < bytes.length) {
		const name = length(), value = length();
		found.push([text(name), text(value)]);
	}
	return found;
}

// answer(request) gives {status, headers, body} or "die" (the connection ends without a word), or a promise of it.
function responder(socket, name, answer = () => ({})) {
	const server = net.createServer((connection) => {
		let buffer = Buffer.alloc(0), params = Buffer.alloc(0), body = Buffer.alloc(0);
		connection.on('error', () => {});
		connection.on('data', (data) => {
			buffer = Buffer.concat([buffer, data]);
			while (buffer.length >= 8) {
				const type = buffer[0 + 1], id = buffer.readUInt16BE(2), n = buffer.readUInt16BE(4);
				const end = 8 + n + buffer[6];
				if (buffer.length < end) return;
				const content = buffer.subarray(8, 8 + n);
				buffer = buffer.subarray(end);
				if (type === PARAMS) params = Buffer.concat([params, content]);
				if (type === STDIN && n > 0) body = Buffer.concat([body, content]);
				if (type === STDIN && n === 0) finish(connection, id, { pool: name, params: pairs(params), body: body.toString() });
			}
		});
	});
	async function finish(connection, id, seen) {
		const told = await answer(seen);
		if (told === 'die') return connection.destroy();
		const head = Object.entries({ Status: told.status ?? 200, 'Content-Type': 'application/json', ...told.headers })
			.map(([key, value]) => `${key}: ${value}\r\n`).join('');
		const out = Buffer.from(`${head}\r\n${told.body ?? JSON.stringify(seen)}`);
		for (let at = 0; at < out.length; at += 65528) connection.write(record(STDOUT, id, out.subarray(at, at + 65528)));
		connection.write(record(STDOUT, id, Buffer.alloc(0)));
		connection.end(record(END, id, Buffer.alloc(8)));
	}
	return new Promise((resolve) => server.listen(socket, () => resolve(server)));
}

module.exports = { responder };
