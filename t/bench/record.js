'use strict';
// record: what a pool says to the database for one request, as a script for bare.
//
// The server's general log holds each statement with its values. Held against the texts of the statement table it gives
// the values back; those that are new in each request (ids, numbers, the time) become words that bare fills in. So the floor
// always runs the statements of the day, whatever they are.

const fs = require('node:fs');
const path = require('node:path');

// {sql: name} of every statement, out of the generated table.
function statements(top) {
	const text = fs.readFileSync(path.join(top, 'build', 'gen', 'stmt.c'), 'utf8');
	const found = new Map();
	for (const [, name, quoted, shape] of text.matchAll(/\[STMT_\w+\] = \{ "(\w+)", "((?:[^"\\]|\\.)*)",\s+STMT_(\w+),/g)) {
		const sql = JSON.parse(`"${quoted}"`);
		const row = /\bVALUES (\(.*)$/.exec(sql)?.[1];
		found.set(sql, name);
		if (shape === 'ROWS') for (const rows of [2, 4, 8]) found.set(sql + `, ${row}`.repeat(rows - 1), `${name}, ${rows} rows`);
	}
	return found;
}

// One value of the log at `at`: {kind, value, end}. Texts are byte strings (latin1).
function valueAt(line, at) {
	const rest = line.slice(at);
	const plain = /^(NULL|-?\d+)/.exec(rest);
	if (plain) return { kind: plain[0] === 'NULL' ? 'N' : 'I', value: plain[0], end: at + plain[0].length };
	const quoted = /^(TIMESTAMP)?'((?:[^'\\]|\\[^]|'')*)'/.exec(rest);
	if (!quoted) throw new Error(`the log has something else than a value: ${rest.slice(0, 60)}`);
	const value = quoted[2].replace(/\\([^])|''/g, (whole, c) => (whole === "''" ? "'" : { n: '\n', r: '\r', t: '\t', 0: '\0', Z: '\x1a' }[c] ?? c));
	return { kind: quoted[1] ? 'T' : 'S', value, end: at + quoted[0].length };
}

// The values of `line` where it is that statement, else null.
function match(sql, line) {
	const parts = sql.split('?');
	if (!line.startsWith(parts[0])) return null;
	const values = [];
	let at = parts[0].length;
	for (const part of parts.slice(1)) {
		let value;
		try {
			value = valueAt(line, at);
		} catch {
			return null;
		}
		values.push(value);
		if (!line.startsWith(part, value.end)) return null;
		at = value.end + part.length;
	}
	return at === line.length ? values : null;
}

// The steps of one request: [{say} | {name, sql, values}]. `log`: what the server wrote meanwhile; `marker`: how a statement begins
// that only the wanted connection runs.
function steps(log, table, marker) {
	const said = [];
	let wanted = null;
	for (const line of log.split('\n')) {
		const found = /^(?:\d{6}\s+[\d:]+)?\t+\s*(\d+) (Execute|Query)\t(.*)$/s.exec(line);
		if (!found) continue;
		said.push({ id: found[1], verb: found[2], text: found[3] });
		if (found[3].startsWith(marker)) wanted = found[1];
	}
	return said.filter(({ id }) => id === wanted).map(({ verb, text }) => {
		if (verb === 'Query') return { say: text };
		for (const [sql, name] of table) {
			const values = match(sql, text);
			if (values) return { name, sql, values };
			if (text === sql) return { name, sql, values: [] }; // many rows at once: the log has none of them
		}
		throw new Error(`no statement of ours: ${text.slice(0, 100)}`);
	});
}

const hex = (text) => Buffer.from(text, 'latin1').toString('hex');
const microseconds = (text) => {
	const [whole, part = ''] = text.split('.');
	return BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(part.padEnd(6, '0') || 0);
};

// What is new in each request, as bare's words: {texts: {text: pieces}, numbers: {number: word}, bytes: {hex: word}, now_us}.

// A text in pieces: what is new stands between what is always the same.
function textPieces(value, known) {
	if (/^~[0-9a-f]{18}$/.test(value)) return 'p';
	for (const [text, pieces] of Object.entries(known.texts)) {
		const at = value.indexOf(text);
		if (at < 0) continue;
		const sides = [value.slice(0, at), value.slice(at + text.length)].map((side) => (side === '' ? '' : textPieces(side, known)));
		return [sides[0], pieces, sides[1]].filter((one) => one !== '').join(',');
	}
	return `x${hex(value)}`;
}

function argument({ kind, value }, known = { texts: {}, numbers: {}, bytes: {} }) {
	if (kind === 'N') return 'N';
	if (kind === 'I') return known.numbers[value] ?? `I${value}`;
	if (kind === 'T') return `T${microseconds(value) - known.now_us}`;
	const bytes = hex(value);
	if (known.bytes[bytes]) return known.bytes[bytes];
	if (/[^\t\n -~]/.test(value)) return `B${bytes}`;
	return `S${textPieces(value, known)}`;
}

const KEEP = { order_insert: 'o', order_number_take: 'c', event_next: 'e', inbox_store: 'w' };

class Recorder {
	constructor(top, logFile) {
		this.table = statements(top);
		this.file = logFile;
		this.known = []; // statements in use
	}

	size() {
		return fs.existsSync(this.file) ? fs.statSync(this.file).size : 0;
	}

	// The steps of one connection in all of the log.
	steps(marker) {
		return steps(fs.readFileSync(this.file, 'latin1'), this.table, marker);
	}

	// Asks `ask` for one request (it answers what is new in it) and answers the request's lines; null if it was not a usual one.
	async record(marker, ask) {
		const begin = this.size();
		const known = { texts: {}, numbers: {}, bytes: {}, ...await ask() };
		const log = fs.readFileSync(this.file, 'latin1').slice(begin);
		const recorded = steps(log, this.table, marker);
		if (recorded.length === 0) throw new Error(`nobody said ${marker}`);
		if (recorded.some(({ name }) => ['menu_items', 'signing_key_publics'].includes(name))) return null; // it did not know the menu, or the keys
		this.usualSteps = recorded;
		return ['request', ...recorded.map((step) => (step.say ? `say ${step.say}`
			: ['run', this.number(step), KEEP[step.name] ?? '-', ...step.values.map((value) => argument(value, known))].join(' ')))];
	}

	// As record(), until it was a usual one.
	async usual(marker, ask) {
		for (let tries = 0; tries < 20; tries++) {
			const lines = await this.record(marker, ask);
			if (lines) return lines;
		}
		throw new Error(`no usual request says ${marker}`);
	}

	number(step) {
		const at = this.known.findIndex(({ name }) => name === step.name);
		return at >= 0 ? at : this.known.push(step) - 1;
	}

	// subjects: [{id, public_id (hex), number, group}]
	write(file, requests, subjects = []) {
		fs.writeFileSync(file, [...this.known.map(({ name, sql }) => `statement ${name.replaceAll(' ', '_')} ${sql}`),
			...subjects.map(({ id, public_id, number, group }) => `subject ${id} ${public_id} ${number} ${group}`), ...requests.flat(), ''].join('\n'));
		return file;
	}
}

module.exports = { Recorder, argument, microseconds };
