'use strict';
// report: what a run of bench found, as tables.

const { TICKS } = require('./usage.js');

const median = (list) => {
	const sorted = [...list].sort((a, b) => a - b);
	const half = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const sum = (list) => list.reduce((total, one) => total + one, 0);

// "1234 (1200-1260)"
function spread(list, digits = 0) {
	const show = (value) => value.toFixed(digits);
	return `${show(median(list))} (${show(Math.min(...list))}-${show(Math.max(...list))})`;
}

function table(head, rows) {
	const cells = [head, ...rows].map((row) => row.map(String));
	const widths = head.map((unused, c) => Math.max(...cells.map((row) => [...row[c]].length)));
	const line = (row) => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ').trimEnd();
	return [line(cells[0]), widths.map((n) => '-'.repeat(n)).join('  '), ...cells.slice(1).map(line)].join('\n') + '\n';
}

const PROCESSES = ['wrk', 'nginx', 'workers', 'hello', 'bare_order', 'mariadbd'];

const floor = (bare, hello) => 1 / (1 / bare + 1 / hello);

// One size of the town over all rounds.
function figures(rounds, index) {
	const of = rounds.map((round) => ({ ...round.sizes[index], hello: round.hello }));
	return {
		count: of[0].count,
		of,
		ours: of.map(({ ours }) => ours.rate),
		bare: of.map(({ bare }) => bare.rate),
		hello: of.map(({ hello }) => hello.rate),
		floor: of.map(({ bare, hello }) => floor(bare.rate, hello.rate)),
		ratio: of.map(({ ours, bare, hello }) => ours.rate / floor(bare.rate, hello.rate)),
	};
}

// What a turn used for each of its orders or answers, in seconds of CPU.
const each = (turn) => sum(PROCESSES.map((process) => turn.cpu[process] ?? 0)) / turn.n;

// The part of the machine that was taken by what is not ours.
const othersShare = (turn) => (turn.machine.busy - each(turn) * turn.n * TICKS) / turn.machine.all;

// "by CPU" is the same ratio of what the turns used, which holds on a machine that others work on too.
function rates(sizes) {
	return table(['restaurants', 'ours /s', 'bare /s', 'hello /s', 'floor /s', 'ours / floor', 'by CPU'],
		sizes.map((size) => [size.count, spread(size.ours), spread(size.bare), spread(size.hello), spread(size.floor), spread(size.ratio, 2),
			spread(size.of.map(({ ours, bare, hello }) => (each(bare) + each(hello)) / each(ours)), 2)]));
}

function latency(sizes) {
	const ms = (list) => (median(list) / 1000).toFixed(1);
	return table(['ms from request to answer', 'p50', 'p99', 'slowest'], sizes.map(({ count, of }) =>
		[`ours, ${count} restaurants`, ...['p50_us', 'p99_us', 'max_us'].map((name) => ms(of.map(({ ours }) => ours[name])))]));
}

// CPU seconds for a thousand orders or answers, and how busy the machine was.
function cpu(sizes) {
	const rows = [];
	const add = (name, turns) => {
		const used = (process) => median(turns.map((turn) => 1000 * (turn.cpu[process] ?? 0) / turn.n));
		const busy = median(turns.map(({ machine }) => 100 * machine.busy / machine.all));
		const others = 100 * median(turns.map(othersShare));
		rows.push([name, ...PROCESSES.map((process) => (used(process) < 0.005 ? '-' : used(process).toFixed(3))),
			sum(PROCESSES.map(used)).toFixed(3), `${busy.toFixed(0)} %`, `${Math.max(0, others).toFixed(0)} %`]);
	};
	add('hello', sizes[0].of.map(({ hello }) => hello));
	for (const size of sizes) {
		add(`bare, ${size.count}`, size.of.map(({ bare }) => bare));
		add(`ours, ${size.count}`, size.of.map(({ ours }) => ours));
	}
	return table(['CPU s per 1,000', ...PROCESSES, 'all', 'machine busy', 'by others'], rows);
}

function database(sizes) {
	const rows = [];
	for (const size of sizes)
		for (const name of ['bare', 'ours']) {
			const turns = size.of.map((one) => one[name]);
			const per = (what) => sum(turns.map(({ status }) => status[what])) / sum(turns.map(({ n }) => n));
			rows.push([`${name}, ${size.count}`, per('Innodb_data_fsyncs').toFixed(2), per('Innodb_os_log_written').toFixed(0),
				per('Innodb_row_lock_waits').toFixed(3), per('Innodb_row_lock_time').toFixed(2), sum(turns.map(({ status }) => status.Innodb_deadlocks)),
				sum(turns.map((turn) => (name === 'bare' ? turn.retries : turn.status.retries)))]);
		}
	return table(['for each order', 'fsyncs', 'redo bytes', 'lock waits', 'lock wait ms', 'deadlocks in all', 'retries in all'], rows);
}

// [{name, n, ns}] of one client alone and of all at once, in the order in which they first happen, for one order each.
function steps(facts, size) {
	const together = new Map();
	for (const { bare } of size.of)
		for (const { name, ns } of bare.steps) together.set(name, (together.get(name) ?? 0) + ns);
	const orders = sum(size.of.map(({ bare }) => bare.n));
	const alone = new Map(facts.alone.steps.map(({ name, ns }) => [name, ns]));
	const names = facts.steps.map((step) => step.say ?? step.name.replaceAll(' ', '_'));
	return [...new Set(names)].map((name) => ({ name, n: names.filter((one) => one === name).length,
		alone_us: alone.get(name) / facts.alone.n / 1000, together_us: together.get(name) / orders / 1000 }));
}

function timed(facts, head, rows) {
	const all = { name: 'all', ...Object.fromEntries(['n', 'alone_us', 'together_us'].map((what) => [what, sum(rows.map((row) => row[what]))])) };
	const percent = (row, what) => `${(100 * row[what] / all[what]).toFixed(0)} %`;
	return table([head, 'round trips', 'alone us', '', `${facts.settings.WORKERS} at once us`, ''], [...rows, all].map((row) =>
		[row.name, row.n, row.alone_us.toFixed(0), percent(row, 'alone_us'), row.together_us.toFixed(0), percent(row, 'together_us')]));
}

// The same by what they are for. From order_number_take on the restaurant's counters are locked.
function phases(facts, size) {
	const sums = ['reading', 'writing', 'holding the counters', 'COMMIT'].map((name) => ({ name, n: 0, alone_us: 0, together_us: 0 }));
	let phase = 0;
	for (const row of steps(facts, size)) {
		if (row.name === 'START TRANSACTION') phase = 1;
		if (row.name === 'order_number_take') phase = 2;
		if (row.name === 'COMMIT') phase = 3;
		for (const what of ['n', 'alone_us', 'together_us']) sums[phase][what] += row[what];
	}
	return sums;
}

function shares(facts, size) {
	const turns = (name) => size.of.map((one) => one[name]);
	const used = (name, process) => median(turns(name).map((turn) => 1e6 * (turn.cpu[process] ?? 0) / turn.n));
	const parts = [
		['mariadbd', used('ours', 'mariadbd')],
		['worker: what bare_order uses too (libmariadb, the kernel)', used('bare', 'bare_order')],
		['worker: what hello uses too (FastCGI)', used('hello', 'hello')],
		['worker: verifying the token (RS256)', facts.verify_us],
	];
	parts.push(['worker: the rest (JSON, prices, reply, log, counters)', used('ours', 'workers') - sum(parts.slice(1).map(([, us]) => us))]);
	parts.push(['nginx: TLS, HTTP, FastCGI, access log', used('ours', 'nginx')], ['the load generator', used('ours', 'wrk')]);
	const all = sum(parts.map(([, us]) => us));
	return table(['CPU of one order', 'us', ''], [...parts.map(([name, us]) => [name, us.toFixed(0), `${(100 * us / all).toFixed(0)} %`]),
		['all', all.toFixed(0), '']]);
}

function verdict(facts, sizes) {
	const size = sizes.at(-1);
	const busy = median(size.of.map(({ ours }) => ours.machine.busy / ours.machine.all));
	const waiting = median(size.of.map(({ ours }) => ours.machine.wait / ours.machine.all));
	const commits = median(size.of.map(({ ours }) => ours.status.Innodb_data_fsyncs / ours.n));
	const others = median(size.of.map(({ ours }) => othersShare(ours)));
	return [`One order is ${facts.steps.length} round trips to the database. A flush of this disk takes ${facts.flush_us.toFixed(0)} us (median of 200), ` +
		`${commits.toFixed(2)} of them per order at ${facts.settings.CLIENTS} clients.`,
	busy > 0.9 ? `Bound by the CPU: the machine's ${facts.machine.cpus} cores are ${(100 * busy).toFixed(0)} % busy, load generator included.`
		: `Not bound by the CPU (${(100 * busy).toFixed(0)} % busy, ${(100 * waiting).toFixed(0)} % waiting for the disk): by commits and locks.`,
	...(others > 0.1 ? [`Others took ${(100 * others).toFixed(0)} % of the machine: rates are too low and uneven; believe "by CPU" and the CPU of one order.`] : []),
	''].join('\n');
}

function text(facts, rounds) {
	const { SECONDS, ROUNDS, WORKERS, CLIENTS, KEYS } = facts.settings;
	const sizes = rounds[0].sizes.map((unused, index) => figures(rounds, index));
	return `
POST /api/v1/orders and its floor: ${ROUNDS} rounds of ${SECONDS} s each, ${CLIENTS} kept TLS connections, ${WORKERS} workers, innodb_flush_log_at_trx_commit=1,
${KEYS ? 'each with an Idempotency-Key' : 'no Idempotency-Key'}; 2 lines, 1 variation, 2 add-ons, 2 taxes a line. The relay is off. Menus of 40 items were written by SQL.
${facts.machine.cpus} x ${facts.machine.model}. Medians (least-most); floor = 1 / (1 / bare + 1 / hello).

${rates(sizes)}
${latency(sizes)}
${cpu(sizes)}
${database(sizes)}
What bounds it (${sizes.at(-1).count} restaurants)

${verdict(facts, sizes)}
${shares(facts, sizes.at(-1))}
Where an order's time in the database goes, as bare_order measures it:

${timed(facts, '', phases(facts, sizes.at(-1)))}
${timed(facts, 'statement', steps(facts, sizes.at(-1)))}
PSS of a worker: ${spread(facts.pss_kb)} kB, with ${Math.max(...sizes.map(({ count }) => count))} menus in its cache.
Afterwards, of ${facts.orders} orders: ${facts.wrong.length === 0 ? 'order and event numbers without a gap, every total right, every line, tax and submission there once'
	: `WRONG: ${facts.wrong.join('; ')}`}.
`;
}

module.exports = { text };
