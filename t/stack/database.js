'use strict';
// database: the private MariaDB of one stack (t/mariadb.sh knows how), as a child of ours, and questions to it.

const path = require('node:path');
const { Child, run, until } = require('./process.js');

class Database {
	constructor(at, flush) {
		this.at = at;
		this.flush = flush;
		this.name = 'ticketrail';
		this.socket = path.join(at.run, 'db.sock');
	}

	async start() {
		const child = new Child('mariadb', [path.join(this.at.top, 't', 'mariadb.sh'), 'serve', this.at.db], {
			dir: this.at.dir, log: path.join(this.at.log, 'mariadb.log'), env: { FLUSH: String(this.flush), SOCKET: this.socket },
		});
		await until('mariadb', () => this.batch('DO 1', []).then(() => true), { ms: 60000, every: 40, alive: () => child.death() });
		return child;
	}

	batch(text, args = [this.name]) {
		return run(['mariadb', '--no-defaults', '--user=root', `--socket=${this.socket}`, '--batch',
			'--default-character-set=utf8mb4', ...args], { dir: this.at.dir, input: text });
	}

	// The rows of the last statement that has some, as objects; every value is a string, NULL is null.
	async rows(text) {
		const lines = (await this.batch(text)).split('\n').filter((line) => line !== '');
		if (lines.length === 0) return [];
		const names = lines[0].split('\t');
		return lines.slice(1).map((line) => Object.fromEntries(line.split('\t').map((value, n) => [names[n], unescaped(value)])));
	}
}

// What --batch does to a value.
function unescaped(value) {
	if (value === 'NULL') return null;
	return value.replace(/\\([nt0\\])/g, (whole, letter) => ({ n: '\n', t: '\t', 0: '\0', '\\': '\\' })[letter]);
}

module.exports = { Database };
