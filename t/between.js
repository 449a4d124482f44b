'use strict';
// between: a go-between on the database's socket that reads along (the client/server protocol of MariaDB and MySQL:
// https://mariadb.com/kb/en/clientserver-protocol/) and can cut, hang or refuse at any command.
//
//	const world = await World.start({ between: true, ... });      // every program talks through world.between
//	world.between.rule = (command) => command.sql === 'COMMIT' && command.program === 'orders' ? { do: 'cut_after' } : null;
//
// A command is {program, kind, sql, connection, n}: kind CONNECT, QUERY, PREPARE, EXECUTE, QUIT ...; sql of an EXECUTE is that of its
// PREPARE. It is not one by itself when the server does not answer it (closing a statement). The rule answers what to do:
//	null                        pass it on
//	{do: 'cut_before'}          the connection ends and the server never gets it
//	{do: 'cut_after'}           the server carries it out; the connection ends in place of the answer
//	{do: 'cut_within'}          the connection ends behind the first bytes of the answer
//	{do: 'hang'}                nothing goes through any more, in either direction; the connection stays
//	{do: 'hang_after'}          the same, but the server carries it out
//	{do: 'error', errno, rolls_back}    it is refused in the server's name, which never gets it; rolls_back: what is done of the
//	                            transaction is undone, as a deadlock does
//	{do: 'wait', until: promise}        it is passed on later

const net = require('node:net');
const fs = require('node:fs');

const KINDS = new Map([[0x01, 'QUIT'], [0x03, 'QUERY'], [0x0e, 'PING'], [0x16, 'PREPARE'], [0x17, 'EXECUTE'], [0x1a, 'RESET'], [0x1f, 'RESET_CONNECTION']]);
const UNANSWERED = new Set([0x18, 0x19]); // long data, closing a statement
const SETUP = /^SET (NAMES|SESSION)\b/;
const STATES = { 1040: '08004', 1047: '08S01', 1205: 'HY000', 1213: '40001', 1317: '70100' };

function packet(sequence, payload) {
	const head = Buffer.from([payload.length & 255, payload.length >> 8 & 255, payload.length >> 16, sequence]);
	return Buffer.concat([head, payload]);
}

const refusal = (errno, sequence = 1) => packet(sequence, Buffer.concat([Buffer.from([0xff, errno & 255, errno >> 8]),
	Buffer.from(`#${STATES[errno] ?? 'HY000'}said by the go-between`)]));

// Whole packets out of a stream: [{sequence, payload}], and what is left.
function packets(data) {
	const found = [];
	while (data.length >= 4) {
		const len = data[0] | data[1] << 8 | data[2] << 16;
		if (data.length < 4 + len) break;
		found.push({ sequence: data[3], payload: data.subarray(4, 4 + len), whole: data.subarray(0, 4 + len) });
		data = data.subarray(4 + len);
	}
	return { found, rest: data };
}

class Connection {
	constructor(between, client, id) {
		Object.assign(this, { between, client, id, program: null, statements: new Map(), n: 0, rest: Buffer.alloc(0), answer: null });
		client.on('error', () => {});
		client.on('close', () => this.end());
		client.on('data', (data) => this.said(data));
		const what = this.decide({ kind: 'CONNECT', sql: null });
		if (what?.do === 'error') client.end(refusal(what.errno, 0));
		else if (what?.do === 'cut_before') this.end();
		else if (what?.do !== 'hang') this.reach();
	}

	reach() {
		this.server = net.connect(this.between.target);
		this.server.on('error', () => {});
		this.server.on('close', () => this.end());
		this.server.on('data', (data) => this.answered(data));
	}

	end() {
		this.isOver = true;
		this.client.destroy();
		this.server?.destroy();
		this.between.connections.delete(this);
	}

	decide(command) {
		const whole = { program: this.program, connection: this.id, n: this.n++, ...command };
		const what = this.between.rule?.(whole) ?? null;
		this.between.record?.push({ ...whole, what });
		return what;
	}

	// What the client sends. Everything before its name, and each command (they begin with sequence 0).
	said(data) {
		const { found, rest } = packets(Buffer.concat([this.rest, data]));
		this.rest = rest;
		for (const one of found) {
			if (this.isOver || this.isHung) return;
			if (one.sequence === 0 && this.program !== null) this.command(one);
			else {
				if (this.program === null) this.program = name_of(one.payload);
				this.server?.write(one.whole);
			}
		}
	}

	command({ payload, whole }) {
		const code = payload[0], kind = KINDS.get(code) ?? String(code);
		if (UNANSWERED.has(code)) {
			this.server.write(whole);
			return;
		}
		const sql = kind === 'QUERY' || kind === 'PREPARE' ? payload.subarray(1).toString()
			: kind === 'EXECUTE' ? this.statements.get(payload.readUInt32LE(1)) ?? null : null;
		this.answer = kind === 'PREPARE' ? { prepares: sql } : null;
		this.act(this.decide({ kind, sql }), whole);
	}

	act(what, whole) {
		switch (what?.do) {
		case 'cut_before':
			return this.end();
		case 'cut_after':
		case 'cut_within':
		case 'hang_after':
			this.answer = { ends: what.do };
			return this.server.write(whole);
		case 'hang':
			this.isHung = true;
			return undefined;
		case 'wait':
			return what.until.then(() => this.isOver || this.server.write(whole));
		case 'error':
			if (!what.rolls_back) return this.client.write(refusal(what.errno));
			this.answer = { instead: refusal(what.errno) };
			return this.server.write(packet(0, Buffer.from('\x03ROLLBACK')));
		default:
			return this.server.write(whole);
		}
	}

	answered(data) {
		const { answer } = this;
		this.answer = null;
		if (this.isHung) return;
		if (answer?.ends === 'cut_after') this.end();
		else if (answer?.ends === 'cut_within') this.client.write(data.subarray(0, 5), () => this.end());
		else if (answer?.ends === 'hang_after') this.isHung = true;
		else if (answer?.instead) this.client.write(answer.instead);
		else {
			if (answer?.prepares && data[4] === 0) this.statements.set(data.readUInt32LE(5), answer.prepares);
			this.client.write(data);
		}
	}
}

// The user in the client's first packet: capabilities, largest packet, character set, reserved, name.
function name_of(payload) {
	return payload.subarray(32, payload.indexOf(0, 32)).toString().replace(/^ticketrail_/, '');
}

class Between {
	static start(path, target) {
		const between = new Between();
		Object.assign(between, { path, target, rule: null, record: null, connections: new Set(), count: 0 });
		fs.rmSync(path, { force: true });
		between.server = net.createServer((client) => between.connections.add(new Connection(between, client, between.count++)));
		return new Promise((resolve, reject) => {
			between.server.on('error', reject);
			between.server.listen(path, () => resolve(between));
		});
	}

	// Does it, and answers [what it answered, the commands meanwhile].
	async during(what) {
		const record = this.record = [];
		const answer = await what();
		this.record = null;
		return [answer, record];
	}

	stop() {
		this.rule = null;
		for (const one of this.connections) one.end();
		return new Promise((resolve) => { this.server.close(resolve); });
	}
}

// Is it what a program says to a fresh connection before it is of use?
const isSetup = (command) => command.kind === 'CONNECT' || command.kind === 'PREPARE' || SETUP.test(command.sql ?? '');

module.exports = { Between, isSetup };
