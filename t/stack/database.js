'use strict';
// database: the private MariaDB of one stack (t/mariadb.sh knows how), as a child of ours, and questions to it.

const path = require('node:path');
const { Child, run, until } = require('./process.js');
const { Sessions } = require('./session.js');

class Database {
	// under: a command that runs the server's, such as unshare.
	constructor(at, flush, under = []) {
		this.at = at;
		this.under = under;
		this.flush = flush;
		this.name = 'ticketrail';
		this.socket = path.join(at.run, 'db.sock');
	}

	async start() {
		const child = new Child('mariadb', [...this.under, path.join(this.at.top, 't', 'mariadb.sh'), 'serve', this.at.db], {
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
	rows(text) {
		this.sessions ??= new Sessions(this.socket, this.name);
		return this.sessions.query(text);
	}

	// Nobody asks any more.
	close() {
		this.sessions?.close();
	}
}

module.exports = { Database };
