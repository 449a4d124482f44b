'use strict';
// check: what must be true of a house that has come to rest, by what providers committed and what the database holds.
//
//	assert.deepEqual(await check(world), []);       // sentences, each saying what is wrong; world.until(... isQuiet) first
//
// Almost all of it is `ticketrail check` with the simulators' journals (journal.js); 930_check.js shows that it sees. Here is
// only what no command can know: what clients were promised.

const path = require('node:path');
const { execFile } = require('node:child_process');
const { Journals } = require('./journal.js');

const journals = new WeakMap(); // of a world

// The operator's command as a person runs it. → {code, out, err}
function command(world, words) {
	return new Promise((resolve, reject) => {
		execFile(path.join(world.build, 'ticketrail'), ['check', ...words], {
			cwd: world.at.dir, env: { ...process.env, ...world.environment() }, maxBuffer: 64 << 20,
		}, (error, out, err) => {
			if (error && typeof error.code !== 'number') reject(error);
			else resolve({ code: error?.code ?? 0, out, err });
		});
	});
}

// As the command says it: [{invariant, kind, sentence}]. journal: false leaves the providers out of it.
async function findings(world, { journal = true } = {}) {
	if (!journals.has(world)) journals.set(world, new Journals(world));
	const files = journal ? journals.get(world).update() : [];
	const { code, out, err } = await command(world, ['--json', ...files.flatMap((file) => ['--journal', file])]);
	const found = out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	if (![0, 1, 75].includes(code) || (code === 1) !== (found.length > 0)) throw new Error(`ticketrail check ended with ${code}: ${err}${out}`);
	if (code === 75 || /not at rest/.test(err)) found.push({ invariant: 'I8', kind: 'not_at_rest', sentence: err.trim() });
	return found;
}

// placed: [{key, id}] of what clients were told, if the caller knows.
async function check(world, { placed = [] } = {}) {
	const wrong = (await findings(world)).map((one) => `${one.invariant} ${one.sentence}`);
	if (placed.length === 0) return wrong;
	const ids = new Set((await world.sql('SELECT LOWER(HEX(public_id)) AS id FROM orders')).map((row) => row.id));
	for (const one of placed) if (!ids.has(one.id.replaceAll('-', ''))) wrong.push(`I6 order ${one.id} was promised and is not there`);
	if (new Set(placed.map((one) => one.id)).size !== new Set(placed.map((one) => one.key)).size) wrong.push('I6 keys and orders are not one to one');
	return wrong;
}

// Nothing is due and nothing is held: only what waits for its time is left.
async function isQuiet(world) {
	const [row] = await world.sql(`SELECT COUNT(*) AS n FROM outbox WHERE owner <> 0 OR due_at <= UTC_TIMESTAMP(6) + INTERVAL
		IF(kind IN ('pos_undecided', 'pos_deadline', 'pos_proof', 'pos_compensate', 'store_resume', 'store_calm')
			OR (kind = 'inbox_apply' AND subject_id IN (SELECT id FROM webhook_logs WHERE state = 'parked')), 0, 20) SECOND`);
	return row.n === '0';
}

const quiet = (world, ms = 30000) => world.until('rest', () => isQuiet(world), { ms, every: 50 });

module.exports = { check, command, findings, isQuiet, quiet };
