'use strict';
// sweep: every call that a program makes while it does something, failed in turn.
//
//	const sweep = new Sweep(world, boards, t);
//	await sweep.over('orders', { drive: () => place() });   // once calmly to see the calls, then once per call and way
//	sweep.missed((site) => site.file === 'fcgi/pool.c')      // what was never failed
//
// drive() is told nothing of what fails. It is a client that does not give up, so it ends well or throws: that it ends at all
// proves that the house works afterwards. A call that was failed once in this way is not failed there again; with `deep` hits of
// it are, one after the other, because a statement or a block of memory is another one each time.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { unreached } = require('./board.js');
const { POOLS } = require('../stack/pools.js');

// Calls whose every hit is another matter.
const DEEP = /^(mysql_stmt_execute|mysql_real_query|malloc|mysql_stmt_store_result)$/;

class Sweep {
	constructor(world, boards) {
		Object.assign(this, { world, boards, done: new Set(), keys: new Set(), failures: 0, label: 'nothing', deaths: [], lost: [], slow: [] });
		this.began = Date.now();
	}

	// Starts a runner again whenever it ends, as systemd would.
	keep(name) {
		const child = this.world.child(name);
		child.expected = true;
		child.ended.then((status) => {
			if (child.isOver) return;
			if (!(child.isTold && status === 'signal SIGTERM')) this.died(name, status, this.label); // told before it could listen
			this.start(name);
		});
	}

	// As systemd would: somebody wants to be told when it is ready. this.more: configuration of its own.
	start(name) {
		const told = fs.openSync('/dev/null', 'w');
		this.world.spawn(name, ['prlimit', '--nofile=1024:4096', path.join(this.world.build, name)], { fds: [told], env: { READY_FD: '3', NOTIFY_SOCKET: '@ticketrail-nobody', ...this.more?.[name] } });
		fs.closeSync(told);
		this.keep(name);
	}

	// Ends it; it is started again.
	async restart(name, more = this.more?.[name]) {
		const child = this.world.child(name);
		this.more = { ...this.more, [name]: more };
		child.isTold = true;
		child.signal('SIGTERM');
		await this.world.until(`another ${name}`, () => this.world.child(name) !== child);
	}

	// An end that was meant: out of memory and the like end in abort(), a start that cannot succeed in one of sysexits.h.
	// Whoever could not say that it is ready is killed by its master.
	died(name, status, label) {
		if (status === 'signal 9' && /lib\/process\/starter\.c:\d+ write/.test(label)) return;
		if (!/^(signal SIGABRT|exit (0|64|69|70|71|75|78))$/.test(status)) this.deaths.push(`${name}: ${status} (${label})`);
	}

	workers(pool) {
		const { pid } = this.world.child(pool);
		return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	}

	// What pool masters logged of their workers' ends since the last look.
	poolDeaths(pool) {
		this.read ??= new Map();
		const log = fs.readFileSync(path.join(this.world.at.log, `${pool}.log`), 'utf8');
		const news = log.slice(this.read.get(pool) ?? 0);
		this.read.set(pool, log.length);
		const died = news.split('\n').filter((line) => line.includes('"worker_died"')).map((line) => JSON.parse(line));
		for (const one of died) this.died(pool, one.signal ? `signal ${{ 6: 'SIGABRT' }[one.signal] ?? one.signal}` : `exit ${one.exit}`, this.label);
		return died.length;
	}

	// Fresh workers, whatever fails on the way: then the master is told once more. A master starts a worker later the more often it
	// died of late; this lets it forget the deaths.
	async renew(pool) {
		const old = this.workers(pool);
		const log = path.join(this.world.at.log, `${pool}.log`);
		const from = fs.statSync(log).size;
		let said = 0;
		this.world.child(pool).signal('SIGHUP');
		await this.world.until(`new workers of ${pool}`, () => {
			const failed = fs.readFileSync(log, 'utf8').slice(from).split('"pool_reload_failed"').length - 1;
			if (failed > said) {
				said = failed;
				this.world.child(pool).signal('SIGHUP');
			}
			const now = this.workers(pool);
			return now.length === 1 && now.every((pid) => !old.includes(pid));
		}, { ms: 30000 });
	}

	async rest(program) {
		if (POOLS.includes(program) && this.poolDeaths(program) > 0) await this.renew(program);
	}

	async over(program, { drive, only = () => true, deep = 0, deepAt = DEEP, before = () => {} }) {
		const board = this.boards.of(program);
		for (let calm = 0; calm < 2; calm++) { // the second time nothing is done that is done once only
			await before();
			board.clear();
			this.label = `${program}: nothing failed`;
			await drive();
		}
		const calm = board.hits();
		const most = await this.held(program);
		for (const [site, n] of calm) {
			if (!only(site)) continue;
			for (let way = 1; way <= site.ways; way++) {
				const hits = deepAt.test(site.symbol) ? Math.max(1, Math.min(deep, n)) : 1;
				if (hits === 1 && this.done.has(`${site.key} ${way}`)) continue;
				for (let skips = 0; skips < hits; skips++) {
					for (let tries = 0; tries < 3 && !await this.once(program, { drive, before, most }, [{ site, way, skips }]) && !this.keys.has(site.key); tries++);
					// What was called only because of that can fail as well.
					for (const next of board.hits().keys())
						if (only(next) && !calm.has(next) && !this.done.has(`${next.key} 1`)) await this.once(program, { drive, before, most }, [{ site, way, skips }, { site: next, way: 1 }]);
				}
			}
		}
	}

	// The most descriptors that a worker of a pool holds.
	descriptors(program) {
		const pids = POOLS.includes(program) && this.world.children.has(program) ? this.workers(program) : [];
		return Math.max(0, ...pids.map((pid) => {
			try {
				return fs.readdirSync(`/proc/${pid}/fd`).length;
			} catch {
				return 0; // ended between the two looks
			}
		}));
	}

	// At rest, when all went well: the connection to nginx is closed a moment after the answer.
	async held(program) {
		let least = Infinity;
		for (let looks = 0; looks < 10; looks++) {
			await new Promise((resolve) => setTimeout(resolve, 5));
			least = Math.min(least, this.descriptors(program));
		}
		return least;
	}

	// One run with one or two failures ordered. Did all of them come to pass?
	async once(program, { drive, before, most }, orders) {
		const board = this.boards.of(program);
		this.label = `${program}: ${orders.map(({ site, way, skips }) => `${site.key}, way ${way}, hit ${(skips ?? 0) + 1}`).join(', then ')}`;
		await before();
		const began = Date.now();
		board.clear();
		orders.forEach(({ site, ...more }, order) => board.arm(site, { ...more, order }));
		try {
			await drive();
			// A READY_FD that is no descriptor, says fcntl() then, is left alone.
			if (POOLS.includes(program) && /lib\/process\/starter\.c:\d+ fcntl/.test(this.label)) await this.renew(program);
			await this.world.until(`${program} to hold ${most} descriptors as before, not more`, () => this.descriptors(program) <= most, { ms: 3000, every: 5 });
			await this.rest(program);
		} catch (error) {
			throw new Error(`${this.label}: ${error.message}`, { cause: error });
		}
		let reached = true;
		orders.forEach(({ site, way }, order) => {
			if (board.disarm(order) === 0) {
				this.lost.push(this.label);
				reached = false;
				return;
			}
			this.done.add(`${site.key} ${way}`);
			this.keys.add(site.key);
			this.failures++;
		});
		if (Date.now() - began > 3000) this.slow.push(`${this.label}: ${Date.now() - began} ms`);
		return reached;
	}

	// Calls of these programs that nobody failed: what is left after unreached.tsv, and what stands there wrongly.
	missed(programs, mine = () => true) {
		const all = new Map();
		for (const program of programs)
			for (const site of this.boards.of(program).sites.values()) if (mine(site)) all.set(site.key, site);
		const missed = [...all.values()].filter((site) => !this.keys.has(site.key));
		const names = new Set([...all.values()].map((site) => site.name));
		const missedNames = new Set(missed.map((site) => site.name));
		return {
			n: all.size,
			missed: missed.filter((site) => !unreached.has(site.name)).map((site) => `${site.key} (${site.fn})`).sort(),
			wrong: [...unreached.keys()].filter((name) => names.has(name) && !missedNames.has(name)),
			exempt: missed.filter((site) => unreached.has(site.name)).length,
		};
	}

	assertDeaths() {
		assert.deepEqual(this.deaths, [], 'ends that nobody meant');
	}
}

module.exports = { Sweep, POOLS };
