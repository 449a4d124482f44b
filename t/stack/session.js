'use strict';
// session: one administrator's session with the database, by the client/server protocol of MariaDB and MySQL
// (https://mariadb.com/kb/en/clientserver-protocol/), as text: starting the mariadb client for each of a test's thousand
// looks would cost more than the looks. It knows a unix socket, a user without a password, and queries.

const net = require('node:net');

const USER = 'root';
const UTF8MB4 = 45;
// Protocol 4.1, plugins, transactions, several statements in a text and their several results.
const CAPABILITIES = 0x00000001 | 0x00000008 | 0x00000200 | 0x00002000 | 0x00008000 | 0x00010000 | 0x00020000 | 0x00080000;
const MORE_RESULTS = 0x0008;
const FATAL_MS = 60000;

// A length-encoded integer at `at`: [value, behind it]; value null for NULL.
function lenenc(data, at) {
	const first = data[at];
	if (first < 0xfb) return [first, at + 1];
	if (first === 0xfb) return [null, at + 1];
	if (first === 0xfc) return [data.readUInt16LE(at + 1), at + 3];
	if (first === 0xfd) return [data.readUIntLE(at + 1, 3), at + 4];
	return [Number(data.readBigUInt64LE(at + 1)), at + 9];
}

function texts(data, n) {
	const found = [];
	for (let i = 0, at = 0; i < n; i++) {
		const [len, begin] = lenenc(data, at);
		found.push(len === null ? null : data.toString('utf8', begin, begin + len));
		at = begin + (len ?? 0);
	}
	return found;
}

function refused(data) {
	const error = new Error(`${data.readUInt16LE(1)} ${data.toString('utf8', data[3] === 0x23 ? 9 : 3)}`);
	error.errno = data.readUInt16LE(1);
	return error;
}

class Session {
	static open(path, database) {
		const session = new Session();
		return new Promise((resolve, reject) => {
			Object.assign(session, { rest: Buffer.alloc(0), database, isOpen: true, waits: { resolve: () => resolve(session), reject }, take: (data) => session.greeted(data) });
			session.socket = net.connect(path);
			session.socket.on('data', (data) => session.read(data)).on('error', (error) => session.end(error))
				.on('close', () => session.end(new Error('the database has closed the connection')));
		});
	}

	// The rows of the last statement that has some, as objects; every value is a string, NULL is null.
	query(text) {
		this.rows = [];
		this.begin();
		this.socket.ref();
		this.write(0, Buffer.concat([Buffer.from([3]), Buffer.from(text)]));
		return new Promise((resolve, reject) => { this.waits = { resolve, reject }; });
	}

	close() {
		this.socket.destroy();
		this.end(new Error('closed'));
	}

	end(error) {
		this.isOpen = false;
		this.socket.destroy();
		this.tell('reject', error);
	}

	tell(how, what) {
		const { waits } = this;
		this.waits = null;
		if (this.isOpen) this.socket.unref();
		waits?.[how](what);
	}

	write(sequence, payload) {
		const head = Buffer.from([payload.length & 255, payload.length >> 8 & 255, payload.length >> 16, sequence]);
		this.socket.write(Buffer.concat([head, payload]));
	}

	read(data) {
		this.rest = this.rest.length ? Buffer.concat([this.rest, data]) : data;
		let at = 0;
		while (this.isOpen && this.rest.length >= at + 4) {
			const len = this.rest.readUIntLE(at, 3);
			if (this.rest.length < at + 4 + len) break;
			this.sequence = this.rest[at + 3];
			this.take(this.rest.subarray(at + 4, at + 4 + len));
			at += 4 + len;
		}
		this.rest = this.rest.subarray(at);
	}

	greeted(data) {
		if (data[0] === 0xff) return this.end(refused(data));
		const head = Buffer.alloc(32);
		head.writeUInt32LE(CAPABILITIES | (this.database ? 8 : 0), 0);
		head.writeUInt32LE(1 << 24, 4);
		head[8] = UTF8MB4;
		this.take = (answer) => this.admitted(answer);
		return this.write(this.sequence + 1, Buffer.concat([head, Buffer.from(`${USER}\0\0${this.database}\0mysql_native_password\0`)]));
	}

	admitted(data) {
		if (data[0] === 0xff) return this.end(refused(data));
		if (data[0] === 0xfe) return this.write(this.sequence + 1, Buffer.alloc(0)); // the proof of no password is empty
		return this.tell('resolve');
	}

	// What follows is the first packet of a result: OK, an error, or the number of columns.
	begin() {
		this.take = (data) => {
			if (data[0] === 0xff) return this.tell('reject', refused(data));
			if (data[0] === 0x00) return this.ended(data, lenenc(data, lenenc(data, 1)[1])[1]);
			[this.left] = lenenc(data, 0);
			this.names = [];
			this.found = [];
			this.take = (column) => this.column(column);
			return undefined;
		};
	}

	// A column's definition: catalog, database, table, original table, name.
	column(data) {
		if (data[0] === 0xfe && data.length < 9) this.take = (row) => this.row(row);
		else this.names.push(texts(data, 5)[4]);
	}

	row(data) {
		if (data[0] === 0xff) return this.tell('reject', refused(data));
		if (data[0] === 0xfe && data.length < 9) {
			if (this.found.length > 0) this.rows = this.found;
			return this.ended(data, 3);
		}
		const values = texts(data, this.names.length);
		this.found.push(Object.fromEntries(this.names.map((name, i) => [name, values[i]])));
		return undefined;
	}

	// The end of one result; the server's status stands at `at`.
	ended(data, at) {
		if (data.readUInt16LE(at) & MORE_RESULTS) return this.begin();
		return this.tell('resolve', this.rows);
	}
}

// Sessions as they are needed: as many as ask at the same time.
class Sessions {
	constructor(path, database) {
		Object.assign(this, { path, database, idle: [], all: new Set() });
	}

	async query(text) {
		let session = this.idle.pop();
		while (session && !session.isOpen) session = this.idle.pop();
		session ??= await Session.open(this.path, this.database);
		this.all.add(session);
		const timer = setTimeout(() => session.end(new Error(`no answer in ${FATAL_MS} ms: ${text}`)), FATAL_MS);
		try {
			return await session.query(text);
		} finally {
			clearTimeout(timer);
			if (session.isOpen) this.idle.push(session);
			else this.all.delete(session);
		}
	}

	close() {
		for (const session of this.all) session.close();
		this.all.clear();
		this.idle = [];
	}
}

module.exports = { Sessions };
