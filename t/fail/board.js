'use strict';
// board: the other end of t/fail/fail.h. Which calls of a program can be failed, which were made, and the order to fail one.
//
//	const boards = new Boards(build, dir);              // dir goes into TICKETRAIL_FAIL_DIR of the programs
//	boards.of('orders').hits()                          // Map: site → how often, since the last clear()
//	boards.of('orders').arm(site, { way: 1, skips: 0 }) // it fails once
//	boards.of('orders').disarm()                        // how often it did
//
// A site is a call in the machine code: {at, symbol, file, line, fn}. `key` is the same for the same line of the source in
// every program; `name` lasts longer, it has no line number.

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

const ORDER = 24;
const HEAD = 2 * ORDER;
const SITE = 16;
const SITES_MAX = 1000;
const FOREVER = 0xffffffff;

// symbol → in how many ways it fails, from calls.def.
const ways = new Map();
for (const row of fs.readFileSync(path.join(__dirname, 'calls.def'), 'utf8').split(/^(?=CALL)/m).slice(1)) {
	const symbol = /^CALL[A-Z_]*\((\w+)/.exec(row)[1];
	ways.set(symbol, Math.max(1, (row.match(/\bWAY\(/g) ?? []).length));
}

// The calls of one program, by the address to which each returns.
function sitesOf(program) {
	const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', program], { maxBuffer: 256 << 20, encoding: 'utf8' });
	const sites = [];
	let open = null;
	for (const [, at, what] of code.matchAll(/^ *([0-9a-f]+):\t(.*)$/gm)) {
		if (open) sites.push({ ...open, at: parseInt(at, 16) });
		const [, how, symbol] = /^(call|jmp) +[0-9a-f]+ <__wrap_(\w+)>/.exec(what) ?? [];
		if (how === 'jmp') throw new Error(`${program} reaches ${symbol} by a jump: there is no place to return to`);
		open = how ? { call: at, symbol: symbol.replace(/^__(\w+)_chk$/, '$1'), ways: ways.get(symbol) } : null;
	}
	const said = execFileSync('addr2line', ['-f', '-i', '-p', '-a', '-e', program], {
		input: sites.map((site) => site.call).join('\n'), maxBuffer: 64 << 20, encoding: 'utf8' });
	const where = said.split(/^0x/m).slice(1);
	sites.forEach((site, i) => {
		// The innermost of our functions: what the compiler has put in its place is told from the inside out.
		const [, fn, file, line] = /(\w+)(?:\.\w+)* at \S*?\b((?:lib|fcgi|t\/fail)\/\S+):(\d+)/.exec(where[i]) ?? [];
		if (!fn) throw new Error(`${program}: nobody knows where ${site.symbol} is called at ${site.call}`);
		Object.assign(site, { fn, file, key: `${file}:${line} ${site.symbol}`, name: `${file} ${fn} ${site.symbol}` });
	});
	return new Map(sites.filter((site) => !site.file.startsWith('t/')).map((site) => [site.at, site]));
}

class Board {
	constructor(build, dir, program) {
		this.program = program;
		this.sites = sitesOf(path.join(build, program));
		this.fd = fs.openSync(path.join(dir, `${program}.board`), 'w+', 0o600);
		fs.ftruncateSync(this.fd, HEAD + SITES_MAX * SITE);
	}

	// Forgets what was called.
	clear() {
		const zero = Buffer.alloc(4);
		const all = this.read();
		for (let i = 0; i < SITES_MAX; i++)
			if (all.readBigUInt64LE(HEAD + i * SITE) !== 0n) fs.writeSync(this.fd, zero, 0, 4, HEAD + i * SITE + 8);
	}

	read() {
		const all = Buffer.alloc(HEAD + SITES_MAX * SITE);
		fs.readSync(this.fd, all, 0, all.length, 0);
		return all;
	}

	// Which calls were made: Map site → how often.
	hits() {
		const all = this.read();
		const hits = new Map();
		for (let i = 0; i < SITES_MAX; i++) {
			const site = this.sites.get(Number(all.readBigUInt64LE(HEAD + i * SITE)));
			const n = all.readUInt32LE(HEAD + i * SITE + 8);
			if (site && n > 0) hits.set(site, n);
		}
		return hits;
	}

	// From the hit behind `skips` on, `times` hits fail in this way. There can be two orders, 0 and 1.
	arm(site, { way = 1, skips = 0, times = 1, order = 0 } = {}) {
		const text = Buffer.alloc(ORDER);
		text.writeUInt32LE(way, 8);
		text.writeUInt32LE(skips, 12);
		text.writeUInt32LE(times, 16);
		fs.writeSync(this.fd, text, 8, 16, order * ORDER + 8); // the place is written last: only then the order stands
		text.writeBigUInt64LE(BigInt(site.at), 0);
		fs.writeSync(this.fd, text, 0, 8, order * ORDER);
	}

	// Takes an order back; how often it was carried out.
	disarm(order = 0) {
		fs.writeSync(this.fd, Buffer.alloc(8), 0, 8, order * ORDER);
		return this.read().readUInt32LE(order * ORDER + 20);
	}
}

class Boards {
	constructor(build, dir) {
		fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
		Object.assign(this, { build, dir, boards: new Map() });
	}

	of(program) {
		if (!this.boards.has(program)) this.boards.set(program, new Board(this.build, this.dir, program));
		return this.boards.get(program);
	}
}

// Symbols of other people that our objects call, that are neither in calls.def nor in sure.tsv.
function unknown(archive, objects) {
	const nm = (files) => execFileSync('nm', ['-A', ...files], { maxBuffer: 64 << 20, encoding: 'utf8' });
	const ours = new Set();
	const called = new Map();
	for (const line of nm([archive, ...objects]).split('\n')) {
		const [, where, kind, symbol] = /^(\S+):[0-9a-f ]* ([A-Za-z]) (\S+)$/.exec(line) ?? [];
		if (!symbol) continue;
		if (kind === 'U') called.set(symbol, where);
		else ours.add(symbol);
	}
	const plain = (symbol) => symbol.replace(/^__(\w+)_chk$/, '$1');
	return [...called.keys()].filter((symbol) => !ours.has(symbol) && !ways.has(plain(symbol)) && !sure.has(plain(symbol)) &&
		!/^__(asan|ubsan|lsan|sanitizer|stack_chk|odr_asan)|^_GLOBAL_OFFSET_TABLE_$/.test(symbol));
}

// symbol → why it cannot fail.
const sure = new Map();
for (const line of fs.readFileSync(path.join(__dirname, 'sure.tsv'), 'utf8').split('\n').filter((one) => one && !one.startsWith('#'))) {
	const [symbols, why] = line.split('\t');
	for (const symbol of symbols.split(' ')) sure.set(symbol, why);
}

// Sites that the test does not reach, by name, and why.
const unreached = new Map(fs.readFileSync(path.join(__dirname, 'unreached.tsv'), 'utf8').split('\n')
	.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t')));

module.exports = { Boards, FOREVER, sure, unknown, unreached, ways };
