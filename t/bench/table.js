'use strict';
// table: figures as text.

const median = (list) => {
	const sorted = [...list].sort((a, b) => a - b);
	const half = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const sum = (list) => list.reduce((total, one) => total + one, 0);

// "1234 (1200-1260)"
function spread(list, digits = 0) {
	const show = (value) => value.toFixed(digits);
	return list.length === 1 ? show(list[0]) : `${show(median(list))} (${show(Math.min(...list))}-${show(Math.max(...list))})`;
}

function table(head, rows) {
	const cells = [head, ...rows].map((row) => row.map(String));
	const widths = head.map((unused, c) => Math.max(...cells.map((row) => [...row[c]].length)));
	const line = (row) => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ').trimEnd();
	return [line(cells[0]), widths.map((n) => '-'.repeat(n)).join('  '), ...cells.slice(1).map(line)].join('\n') + '\n';
}

module.exports = { median, sum, spread, table };
