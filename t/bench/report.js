'use strict';
// report: what a run of bench found, as tables; the ratios first.

const { TICKS } = require('./usage.js');
const { median, sum, spread, table } = require('./table.js');

const PROCESSES = ['wrk', 'nginx', 'workers', 'hello', 'bare', 'mariadbd'];

const floor = (bare, hello) => 1 / (1 / bare + 1 / hello);

// One row over all rounds: {ours, bare, hello, file} as turns, {floor} as rates, and the two ratios.
function figures(row, results) {
	const at = (name) => (name ? results[name] : null);
	const f = { row, ours: at(row.ours), bare: at(row.bare), hello: at(row.hello), file: at(row.file), alone: at(row.alone)?.[0] };
	f.floor = f.ours.map((unused, r) => (f.file ? f.file[r].rate : floor(f.bare[r].rate, f.hello[r].rate)));
	f.ratio = f.ours.map(({ rate }, r) => rate / f.floor[r]);
	f.byCpu = f.ours.map((turn, r) => (f.file ? each(f.file[r]) : each(f.bare[r]) + each(f.hello[r])) / each(turn));
	return f;
}

// What a turn used for each of its requests, in seconds of CPU.
const each = (turn) => sum(PROCESSES.map((process) => turn.cpu[process] ?? 0)) / turn.n;

// The part of the machine that was taken by what is not ours.
const othersShare = (turn) => (turn.machine.busy - each(turn) * turn.n * TICKS) / turn.machine.all;

// "by CPU" is the same ratio of what the turns used, which holds on a machine that others work on too.
const ratios = (all) => table(['', 'ours / floor', 'by CPU', 'aim', '', 'ours /s', 'floor /s', 'bare /s', 'hello /s'], all.map((f) => {
	const { aim } = f.row;
	return [f.row.name, spread(f.ratio, 2), spread(f.byCpu, 2), aim ? aim.toFixed(2) : '', aim ? (median(f.ratio) >= aim ? 'met' : 'MISSED') : '',
		spread(f.ours.map(({ rate }) => rate)), spread(f.floor), ...[f.bare, f.hello].map((turns) => (turns ? spread(turns.map(({ rate }) => rate)) : '(file)'))];
}));

function latency(all) {
	const ms = (list) => (median(list) / 1000).toFixed(1);
	return table(['ms from request to answer', 'p50', 'p99', 'slowest'], all.map((f) =>
		[f.row.name, ...['p50_us', 'p99_us', 'max_us'].map((name) => ms(f.ours.map((turn) => turn[name])))]));
}

// CPU seconds for a thousand requests, and how busy the machine was.
function cpu(all) {
	const rows = new Map();
	for (const f of all)
		for (const name of ['file', 'hello', 'bare', 'ours'].filter((one) => f[one])) {
			const turns = f[name];
			const used = (process) => median(turns.map((turn) => 1000 * (turn.cpu[process] ?? 0) / turn.n));
			const busy = median(turns.map(({ machine }) => 100 * machine.busy / machine.all));
			const others = 100 * median(turns.map(othersShare));
			rows.set(f.row[name], [f.row[name], ...PROCESSES.map((process) => (used(process) < 0.0005 ? '-' : used(process).toFixed(3))),
				sum(PROCESSES.map(used)).toFixed(3), `${busy.toFixed(0)} %`, `${Math.max(0, others).toFixed(0)} %`]);
		}
	return table(['CPU s per 1,000', ...PROCESSES, 'all', 'machine busy', 'by others'], [...rows.values()]);
}

function database(all) {
	const rows = [];
	for (const f of all.filter(({ bare }) => bare))
		for (const name of ['bare', 'ours']) {
			const turns = f[name];
			const per = (what) => sum(turns.map(({ status }) => status[what])) / sum(turns.map(({ n }) => n));
			rows.push([f.row[name], per('Innodb_data_fsyncs').toFixed(2), per('Innodb_os_log_written').toFixed(0),
				per('Innodb_row_lock_waits').toFixed(3), per('Innodb_row_lock_time').toFixed(2), sum(turns.map(({ status }) => status.Innodb_deadlocks)),
				sum(turns.map((turn) => (name === 'bare' ? turn.retries : turn.status.retries)))]);
		}
	return rows.length === 0 ? '' : table(['for each request', 'fsyncs', 'redo bytes', 'lock waits', 'lock wait ms', 'deadlocks in all', 'retries in all'], rows);
}

// [{name, n, alone_us, together_us}] of one client alone and of all at once, in the order in which they first happen, for one request each.
function steps(f) {
	const together = new Map();
	for (const turn of f.bare)
		for (const { name, ns } of turn.steps) together.set(name, (together.get(name) ?? 0) + ns);
	const requests = sum(f.bare.map(({ n }) => n));
	const alone = new Map(f.alone.steps.map(({ name, ns }) => [name, ns]));
	const names = f.row.steps.map((step) => step.say ?? step.name.replaceAll(' ', '_'));
	return [...new Set(names)].map((name) => ({ name, n: names.filter((one) => one === name).length,
		alone_us: (alone.get(name) ?? 0) / f.alone.n / 1000, together_us: (together.get(name) ?? 0) / requests / 1000 }));
}

function timed(measured, head, rows) {
	const all = { name: 'all', ...Object.fromEntries(['n', 'alone_us', 'together_us'].map((what) => [what, sum(rows.map((row) => row[what]))])) };
	const percent = (row, what) => `${(100 * row[what] / all[what]).toFixed(0)} %`;
	return table([head, 'round trips', 'alone us', '', `${measured.settings.workers} at once us`, ''], [...rows, all].map((row) =>
		[row.name, row.n, row.alone_us.toFixed(0), percent(row, 'alone_us'), row.together_us.toFixed(0), percent(row, 'together_us')]));
}

function shares(measured, f) {
	const used = (turns, process) => median(turns.map((turn) => 1e6 * (turn.cpu[process] ?? 0) / turn.n));
	const known = [['what bare uses too (libmariadb, the kernel)', used(f.bare, 'bare')], ['what hello uses too (FastCGI)', used(f.hello, 'hello')]];
	const parts = [
		['mariadbd', used(f.ours, 'mariadbd')],
		...known.map(([name, us]) => [`worker: ${name}`, us]),
		['worker: the rest (token, JSON, prices, reply, log, counters)', used(f.ours, 'workers') - sum(known.map(([, us]) => us))],
		['nginx: TLS, HTTP, FastCGI, access log', used(f.ours, 'nginx')],
		['the load generator', used(f.ours, 'wrk')],
	];
	const all = sum(parts.map(([, us]) => us));
	return table([`CPU of one ${f.row.unit}`, 'us', ''], [...parts.map(([name, us]) => [name, us.toFixed(0), `${(100 * us / all).toFixed(0)} %`]),
		['all', all.toFixed(0), '']]);
}

// What bounds one row, and where its time in the database goes.
function bound(measured, f) {
	const middle = (of) => median(f.ours.map(of));
	const busy = middle(({ machine }) => machine.busy / machine.all), waiting = middle(({ machine }) => machine.wait / machine.all);
	return `${f.row.name}

One ${f.row.unit} is ${f.row.steps.length} round trips to the database and ${middle(({ status, n }) => status.Innodb_data_fsyncs / n).toFixed(2)} flushes at ${measured.settings.clients} clients. ` +
`${busy > 0.9 ? `Bound by the CPU: ${(100 * busy).toFixed(0)} % busy, load generator included.`
		: `Not bound by the CPU (${(100 * busy).toFixed(0)} % busy, ${(100 * waiting).toFixed(0)} % waiting for the disk): by commits and locks.`}

${shares(measured, f)}
${timed(measured, 'statement', steps(f))}`;
}

function disturbed(all) {
	const others = Math.max(...all.map((f) => median(f.ours.map(othersShare))));
	return others > 0.1 ? `Others took up to ${(100 * others).toFixed(0)} % of the machine: rates are too low and uneven; believe "by CPU".\n` : '';
}

function text(measured) {
	const { seconds, rounds, workers, clients, keys } = measured.settings;
	const all = measured.parts.flatMap(({ rows }) => rows ?? []).map((row) => figures(row, measured.results));
	const pss = Object.entries(measured.pools).map(([name, kb]) => `${name} ${spread(kb)}`).join(', ');
	const many = all.filter(({ row }) => row.steps);
	return `
${measured.machine.cpus} x ${measured.machine.model}; a flush of this disk takes ${measured.flush_us.toFixed(0)} us, an RS256 signature ${measured.verify_us.toFixed(0)} us to verify.
${rounds} rounds of ${seconds} s a turn, ${clients} kept TLS connections, ${workers} workers a pool, innodb_flush_log_at_trx_commit=1,
${keys ? 'orders with an Idempotency-Key' : 'no Idempotency-Key'}. ${measured.parts.map(({ said }) => said).filter(Boolean).join(' ')}
Medians (least-most); floor = 1 / (1 / bare + 1 / hello), or the file's rate.

${all.length > 0 ? `${ratios(all)}${disturbed(all)}
${latency(all)}
${cpu(all)}
${database(all)}
` : ''}${measured.texts.join('\n')}
${many.map((f) => bound(measured, f)).join('\n\n')}
PSS of a worker, kB: ${pss}.
Afterwards: ${measured.wrong.length === 0 ? 'everything that was written is as it must be' : `WRONG: ${measured.wrong.join('; ')}`}.
`;
}

module.exports = { text };
