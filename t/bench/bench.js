'use strict';
// bench: what the house does beside the floor under it, in one run on one machine.
//
//	ours     wrk → nginx (TLS, HTTP/1.1, kept connections) → a pool → MariaDB, real tokens
//	bare     the same statements from as many processes as the pool has workers, nothing in front (bare.c)
//	hello    wrk → the same nginx → a worker that answers a constant of the same size (hello.c)
//	floor    1 / (1 / bare + 1 / hello): what the two cost one after the other
//	file     wrk → the same nginx → a file of the same bytes
//
// They take turns, a few seconds each, several rounds; the ratio is taken within a round. MariaDB flushes at every commit.
// The relay stands beside a sender that only sends (relay.js).
//
// Environment: PART=orders,menu,order,callback,relay,hung (all of these) or million or reports (which are long), S seconds a turn (3), ROUNDS (5), RELAYS that share the work (1),
// POS=mixed: restaurants at all four POS (relay, hung), WORKERS (8), CLIENTS (16), KEYS=1: orders with an Idempotency-Key.

process.env.REDO ??= '512M';
process.env.POOL ??= '1G';

const fs = require('node:fs');
const { House } = require('./house.js');
const report = require('./report.js');
const machine = require('./machine.js');
const places = require('./places.js');

const PARTS = {
	orders: './orders.js',
	menu: './menu.js',
	order: './order_get.js',
	callback: './callback.js',
	relay: './relay.js',
	hung: './hung.js',
	million: './million.js',
	reports: './reports.js',
};
const DEFAULT = ['orders', 'menu', 'order', 'callback', 'relay', 'hung'];

const number = (name, preset) => Number(process.env[name] ?? preset);

function chosen() {
	const names = process.env.PART ? process.env.PART.split(/[\s,|]+/) : DEFAULT;
	for (const name of names)
		if (!PARTS[name]) throw new Error(`PART=${name}: there is ${Object.keys(PARTS).join(', ')}`);
	if (places.isMixed() && names.some((name) => name !== 'relay' && name !== 'hung'))
		throw new Error('POS=mixed: for PART=relay,hung');
	return names.map((name) => ({ name, ...require(PARTS[name]) }));
}

// The turns of these parts, round after round: {turn: [figures of each round]}.
async function rounds(house, parts) {
	const turns = Object.assign({}, ...parts.map(({ turns: of }) => of));
	const rows = parts.flatMap(({ rows: of }) => of);
	const names = [...new Set(rows.flatMap(({ ours, bare, hello, file }) => [bare, ours, hello, file].filter(Boolean)))];
	const results = Object.fromEntries(names.map((name) => [name, []]));
	for (const { warm } of rows) await warm();
	const take = async (name, run) => {
		await turns[name].before?.();
		return run(turns[name]);
	};
	for (const name of names.filter((one) => !one.startsWith('ours'))) await take(name, (turn) => turn(1));
	for (let r = 0; r < house.settings.rounds; r++) {
		for (const name of r % 2 === 0 ? names : [...names].reverse()) results[name].push(await take(name, (turn) => house.turn(() => turn(house.settings.seconds))));
		process.stderr.write(`round ${r + 1} of ${house.settings.rounds}\n`);
	}
	for (const { alone } of rows) if (alone) results[alone] = [await take(alone, (turn) => turn())];
	return results;
}

async function measure(house, parts) {
	const begun = Date.now();
	const say = (what) => process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
	const prepared = [];
	for (const part of parts) {
		say(`preparing ${part.name}`);
		prepared.push({ ...part, ...await part.prepare(house) });
	}
	const inTurns = prepared.filter(({ turns }) => turns);
	for (const name of new Set(prepared.map(({ POOL }) => POOL))) await house.pool(name);
	let results = {};
	if (inTurns.length > 0) {
		await house.helloStart();
		results = await rounds(house, inTurns);
	}
	const pools = Object.fromEntries(inTurns.map(({ POOL }) => [POOL, machine.pssOfPool(house, POOL)]));
	const wrong = [];
	for (const { complaints } of prepared) if (complaints) wrong.push(...await complaints());
	const texts = [];
	for (const { name, own } of prepared.filter((part) => part.own)) {
		say(`measuring ${name}`);
		const found = await own();
		texts.push(found.text);
		wrong.push(...found.wrong);
	}
	return { settings: house.settings, parts: prepared, results, texts, pools, wrong, ...machine.facts(house) };
}

async function main() {
	const parts = chosen();
	const house = await House.open({ seconds: number('S', 3), rounds: number('ROUNDS', 5), workers: number('WORKERS', 8),
		clients: number('CLIENTS', 16), keys: number('KEYS', 0) === 1, restaurants: Math.max(...parts.map(({ restaurants }) => restaurants)) });
	let measured;
	try {
		measured = await measure(house, parts);
		if (process.env.BENCH_JSON) fs.writeFileSync(process.env.BENCH_JSON, JSON.stringify(measured, null, '\t'));
		process.stdout.write(report.text(measured));
	} catch (error) {
		house.posClient.close();
		console.error((await house.world.end()).join('\n'));
		throw error;
	}
	house.posClient.close();
	await house.world.stop();
	process.exitCode = measured.wrong.length > 0 ? 1 : 0;
}

main().catch((error) => {
	console.error(error.stack);
	process.exit(1);
});
