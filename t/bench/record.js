'use strict';
// record: what the orders pool says to the database for one order, as a script for bare_order.
//
// The server's general log holds each statement with its values. Held against the texts of the statement table it gives
// the values back; those that are new in each order (its ids, its numbers, the time) become words that bare_order fills in.
// So the floor always runs the statements of the day, whatever they are.

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

// The steps of one order: [{say} | {name, sql, values}]. `log`: what the server wrote while it was placed.
function steps(log, table) {
	const said = [];
	let placer = null;
	for (const line of log.split('\n')) {
		const found = /^(?:\d{6}\s+[\d:]+)?\t+\s*(\d+) (Execute|Query)\t(.*)$/s.exec(line);
		if (!found) continue;
		said.push({ id: found[1], verb: found[2], text: found[3] });
		if (found[3].startsWith('INSERT INTO orders ')) placer = found[1];
	}
	return said.filter(({ id }) => id === placer).map(({ verb, text }) => {
		if (verb === 'Query') return { say: text };
		for (const [sql, name] of table) {
			const values = match(sql, text);
			if (values) return { name, sql, values };
		}
		throw new Error(`no statement of ours: ${text.slice(0, 100)}`);
	});
}

const hex = (text) => Buffer.from(text, 'latin1').toString('hex');
const microseconds = (text) => {
	const [whole, part = ''] = text.split('.');
	return BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(part.padEnd(6, '0') || 0);
};

// A text in pieces: what is new in each order stands between what is always the same.
function textPieces(value, order) {
	const words = [[order.public_id, 'u'], [String(order.id), 'o'], [order.number, `x${hex(order.number_head)},n`]];
	if (order.key) words.push([order.key, 'k']);
	if (/^~[0-9a-f]{18}$/.test(value)) return 'p';
	for (const [word, piece] of words) {
		const at = value.indexOf(word);
		if (at < 0) continue;
		const sides = [value.slice(0, at), value.slice(at + word.length)].map((side) => (side === '' ? '' : textPieces(side, order)));
		return [sides[0], piece, sides[1]].filter((one) => one !== '').join(',');
	}
	return `x${hex(value)}`;
}

function argument({ kind, value }, order) {
	if (kind === 'N') return 'N';
	if (kind === 'I') return Number(value) === order.id ? 'Io' : Number(value) === order.event_no ? 'Ie' : `I${value}`;
	if (kind === 'T') return `T${microseconds(value) - order.now_us}`;
	if (hex(value) === order.public_id.replaceAll('-', '')) return 'Bu';
	if (/[^\t\n -~]/.test(value)) return `B${hex(value)}`;
	return `S${textPieces(value, order)}`;
}

const keep = (name) => ({ order_insert: 'o', order_number_take: 'c' }[name] ?? '-');

// order: {id, public_id, number, event_no, now_us, key}.
function orderLines(recorded, order, numbers) {
	const head = order.number.lastIndexOf('-') + 1;
	const known = { ...order, number_head: order.number.slice(0, head) };
	return ['order', ...recorded.map((step) => (step.say ? `say ${step.say}`
		: ['run', numbers(step), keep(step.name), ...step.values.map((value) => argument(value, known))].join(' ')))];
}

class Recorder {
	constructor(top, logFile) {
		this.table = statements(top);
		this.file = logFile;
		this.known = []; // statements in use
	}

	size() {
		return fs.existsSync(this.file) ? fs.statSync(this.file).size : 0;
	}

	// Places one order with `post` (which answers its row) and answers its lines; null if it was not a usual one.
	async record(post) {
		const begin = this.size();
		const order = await post();
		const log = fs.readFileSync(this.file, 'latin1').slice(begin);
		const recorded = steps(log, this.table);
		if (recorded.some(({ name }) => name === 'menu_items')) return null; // the worker did not know the menu yet
		this.steps = recorded;
		return orderLines(recorded, order, (step) => {
			if (!this.known.some(({ name }) => name === step.name)) this.known.push(step);
			return this.known.findIndex(({ name }) => name === step.name);
		});
	}

	write(file, orders) {
		fs.writeFileSync(file, [...this.known.map(({ name, sql }) => `statement ${name.replaceAll(' ', '_')} ${sql}`), ...orders.flat(), ''].join('\n'));
	}
}

module.exports = { Recorder };
