#!/usr/bin/env node
'use strict';
// make up: the house in the background. Returns when it is ready and var/stack.env says where everything is.

const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const house = require('./house.js');
const { layout } = require('./layout.js');
const { until, tail } = require('./process.js');

async function main() {
	const wished = house.wishes();
	let ended = null;
	if (await house.say('ready') === null) {
		fs.rmSync(house.envFile, { force: true });
		const log = path.join(layout(house.dir).dir, 'stack.log');
		const to = fs.openSync(log, 'w', 0o600);
		const child = spawn(process.execPath, [path.join(__dirname, 'serve.js')], { detached: true, stdio: ['ignore', to, to] });
		child.on('exit', async (code) => {
			if (await house.say('ready') === null) ended = `it ended (${code}):\n${tail(log)}`; // else another was faster
		});
		child.unref();
	}
	const is = await until('the house', house.ready, { ms: 120000, every: 50, alive: () => ended });
	for (const [name, value] of Object.entries(wished))
		if (value !== is[name]) throw new Error(`This checkout is up already, with ${name.toUpperCase()}=${is[name]}; make down ends it.`);
	console.log(fs.readFileSync(house.envFile, 'utf8').match(/^TICKETRAIL_URL='(.*)'/m)[1]);
	console.log(`. ${path.relative(process.cwd(), house.envFile)}    make down ends it`);
}

main().catch((error) => {
	console.error(error.message);
	process.exitCode = 1;
});
