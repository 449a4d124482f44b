'use strict';
// usage: what processes have used, out of /proc.

const fs = require('node:fs');

const TICKS = 100; // a second, on every Linux we run on

function read(file) {
	try {
		return fs.readFileSync(file, 'latin1');
	} catch {
		return null; // gone
	}
}

// [comm-free fields of /proc/PID/stat], from the state on.
const stat = (pid) => read(`/proc/${pid}/stat`)?.replace(/^.*\) /s, '').split(' ') ?? null;

function childrenOf(parent) {
	return fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(stat(pid)?.[1]) === parent).map(Number);
}

// Seconds of CPU, of the living among these.
const cpu = (pids) => pids.reduce((sum, pid) => {
	const fields = stat(pid);
	return fields ? sum + (Number(fields[11]) + Number(fields[12])) / TICKS : sum;
}, 0);

// Kilobytes: each page shared among n counts 1/n.
const pss = (pid) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0);

// All of the machine: {busy, all} in ticks.
function machine() {
	const [user, nice, system, idle, wait, irq, softirq, steal] = read('/proc/stat').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
	const busy = user + nice + system + irq + softirq;
	return { busy, wait, steal, all: busy + idle + wait + steal };
}

module.exports = { TICKS, childrenOf, cpu, pss, machine };
