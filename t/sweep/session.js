'use strict';
// session: one connection to a world's database that stays open, for those who ask often. As world.sql(), but a question takes a
// millisecond and not a process.

const { spawn } = require('node:child_process');

class Session {
	constructor({ socket, name }) {
		this.child = spawn('mariadb', ['--no-defaults', '--user=root', `--socket=${socket}`, '--batch', '--unbuffered', '--force',
			'--default-character-set=utf8mb4', name], { stdio: ['pipe', 'pipe', 'pipe'] });
		this.gone = new Promise((resolve) => this.child.on('exit', resolve));
		this.asked = [];
		this.text = '';
		this.error = '';
		this.n = 0;
		this.child.stdin.on('error', () => {});
		this.child.stdout.setEncoding('utf8').on('data', (text) => this.take(text));
		this.child.stderr.setEncoding('utf8').on('data', (text) => { this.error += text; });
		this.gone.then(() => this.asked.splice(0).forEach((one) => one.reject(new Error(`the session with the database ended ${this.error}`))));
	}

	// Rows as objects of strings; of several statements the last may have some.
	rows(text) {
		const mark = `end-${++this.n}`;
		return new Promise((resolve, reject) => {
			this.asked.push({ mark, resolve, reject });
			this.child.stdin.write(`${text};\nSELECT '${mark}' AS mark;\n`);
		});
	}

	take(text) {
		this.text += text;
		for (;;) {
			const one = this.asked[0];
			const end = one && this.text.indexOf(`mark\n${one.mark}\n`);
			if (one === undefined || end < 0) return;
			const lines = this.text.slice(0, end).split('\n').filter((line) => line !== '');
			this.text = this.text.slice(end + `mark\n${one.mark}\n`.length);
			this.asked.shift();
			const names = lines.length ? lines[0].split('\t') : [];
			one.resolve(lines.slice(1).map((line) => Object.fromEntries(line.split('\t').map((value, n) => [names[n], value === 'NULL' ? null : value]))));
		}
	}

	async end() {
		this.child.stdin.end();
		await this.gone;
	}
}

module.exports = { Session };
