#!/usr/bin/env node
'use strict';
// make down: ends the house of this checkout and returns when it has ended.

const fs = require('node:fs');
const path = require('node:path');
const house = require('./house.js');
const { until, survivors } = require('./process.js');
const { layout } = require('./layout.js');

async function main() {
	const wasUp = await house.say('down') !== null;
	if (!wasUp) console.log('This checkout is not up.');
	fs.rmSync(house.envFile, { force: true });
	const { dir } = layout(house.dir);
	await until('the end of all', () => survivors(dir).length === 0, { ms: 20000 })
		.catch(() => { throw new Error(`still running:\n${survivors(dir).join('\n')}`); });
	const complaints = path.join(dir, 'stack.log');
	const said = fs.existsSync(complaints) ? fs.readFileSync(complaints, 'utf8') : '';
	if (said !== '') console.error(`${wasUp ? '' : 'It ended by itself:\n'}${said.trimEnd()}`);
	fs.rmSync(complaints, { force: true }); // told once
}

main().catch((error) => {
	console.error(error.message);
	process.exitCode = 1;
});
