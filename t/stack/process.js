'use strict';
// process: one program that the stack runs, and the certainty that it ends when the stack does.
//
// Each is started through setpriv --pdeathsig, so that it gets SIGTERM even if this process is killed with SIGKILL; each
// has the world's directory as its working directory and in TICKETRAIL_WORLD, by which survivors() finds what was left.

const fs = require('node:fs');
const path = require('node:path');
const { spawn, execFile } = require('node:child_process');

process.env.PATH += ':/usr/sbin'; // where Debian keeps nginx; an ordinary user's PATH has it not

const running = new Set();
process.on('exit', () => {
	for (const child of running) child.signal('SIGKILL');
});

// Asks again and again until fn answers something true; what is the name of the thing in the complaint.
// `alive`, if given, is asked too: waiting for something that has died is over at once.
async function until(what, fn, { ms = 20000, every = 15, alive = () => null } = {}) {
	const end = process.hrtime.bigint() + BigInt(ms) * 1000000n;
	let last;
	for (;;) {
		const death = alive();
		if (death) throw new Error(`waiting for ${what}: ${death}`);
		try {
			const answer = await fn();
			if (answer) return answer;
		} catch (error) {
			last = error;
		}
		if (process.hrtime.bigint() > end)
			throw new Error(`waited ${ms} ms for ${what}` + (last ? `: ${last.message}` : ''));
		await new Promise((resolve) => setTimeout(resolve, every));
	}
}

// Whoever has gone needs no signal.
function kill(pid, signal) {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if (error.code !== 'ESRCH') throw error;
	}
}

class Child {
	// argv[0] is found by PATH. Standard output and error go to `log`; with `lines` standard output is ours instead. With
	// `group` what it leaves of its process group is killed when it ends.
	constructor(name, argv, { dir, log, env = {}, lines = false, group = false, fds = [] }) {
		this.name = name;
		this.log = log;
		this.status = null; // "exit 0", "signal SIGKILL" once it has ended
		this.expected = false; // whoever ends it on purpose says so first
		this.out = '';
		const to = fs.openSync(log, 'a', 0o600);
		this.process = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...argv], {
			cwd: dir,
			env: { ...process.env, TICKETRAIL_WORLD: dir, ...env },
			detached: true, // Ctrl-C is for us: we end them in order
			stdio: ['ignore', lines ? 'pipe' : to, to, ...fds],
		});
		fs.closeSync(to);
		this.pid = this.process.pid;
		if (lines) this.process.stdout.setEncoding('utf8').on('data', (text) => { this.out += text; });
		running.add(this);
		this.ended = new Promise((resolve) => {
			const end = (status) => {
				if (group && this.pid) kill(-this.pid, 'SIGKILL');
				this.status = status;
				running.delete(this);
				resolve(status);
			};
			this.process.on('error', (error) => end(error.message));
			this.process.on('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit ${code}`));
		});
	}

	signal(name) {
		if (this.status === null) kill(this.pid, name);
	}

	// Asks it to end and waits. False if it had to be killed after the grace.
	async stop({ signal = 'SIGTERM', ms = 15000 } = {}) {
		let isKilled = false;
		this.expected = true;
		this.signal(signal);
		const timer = setTimeout(() => {
			isKilled = true;
			this.signal('SIGKILL');
		}, ms);
		await this.ended;
		clearTimeout(timer);
		return !isKilled;
	}

	// A complaint if it is dead, with the end of what it said; else null.
	death() {
		if (this.status === null) return null;
		return `${this.name} ended (${this.status})\n${tail(this.log)}`;
	}

	// The first whole line of its standard output (needs `lines`).
	line(ms = 10000) {
		return until(`the first line of ${this.name}`, () => {
			const end = this.out.indexOf('\n');
			return end < 0 ? null : this.out.slice(0, end);
		}, { ms, alive: () => this.death() });
	}
}

function tail(file, lines = 15) {
	try {
		return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
	} catch {
		return '';
	}
}

// Runs a program to its end: its standard output, or an Error with everything it said.
function run(argv, { dir, env = {}, input } = {}) {
	return new Promise((resolve, reject) => {
		const child = execFile(argv[0], argv.slice(1), {
			cwd: dir,
			env: { ...process.env, ...(dir ? { TICKETRAIL_WORLD: dir } : {}), ...env },
			maxBuffer: 64 << 20,
		}, (error, stdout, stderr) => {
			if (!error) return resolve(stdout);
			const what = new Error(`${argv.slice(0, 3).join(' ')}: ${stderr.trim() || stdout.trim() || error.message}`);
			what.code = error.code;
			what.stderr = stderr;
			reject(what);
		});
		child.stdin.on('error', () => {});
		child.stdin.end(input);
	});
}

// Processes that belong to this directory and have not ended, as "pid command". Zombies have. They bear the world's mark, or
// work in its directory and have no terminal: a person's shell that looks at the logs there is none of ours.
function survivors(dir) {
	const mark = `\0TICKETRAIL_WORLD=${dir}\0`;
	const found = [];
	for (const pid of fs.readdirSync('/proc')) {
		if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
		try {
			const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
			const [, parent, , , terminal] = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ').map(Number);
			if (parent === 0) continue;
			const here = terminal === 0 && (cwd === dir || cwd.startsWith(dir + path.sep));
			if (!here && !('\0' + fs.readFileSync(`/proc/${pid}/environ`, 'latin1')).includes(mark)) continue;
			found.push(`${pid} ${fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').replace(/\0/g, ' ').trim()}`);
		} catch {
			// gone between listing and reading, or somebody else's
		}
	}
	return found;
}

module.exports = { Child, run, until, tail, survivors };
