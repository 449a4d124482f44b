'use strict';
// config: the configuration file of one stack. Keys that were made once stay, so that what they sealed can be opened.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { run } = require('./process.js');

// KEY=value lines, as systemd reads them.
function read(file) {
	if (!fs.existsSync(file)) return {};
	const values = {};
	for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
		const found = /^([A-Z0-9_]+)=(.*)$/.exec(line);
		if (found) values[found[1]] = found[2];
	}
	return values;
}

function write(file, values) {
	const text = Object.entries(values).map(([name, value]) => `${name}=${value}\n`).join('');
	fs.writeFileSync(`${file}.new`, text, { mode: 0o600 });
	fs.renameSync(`${file}.new`, file);
}

// The secrets of this stack: made with `ticketrail keys` and kept in a file of their own.
async function keys(at, programs) {
	const file = path.join(at.conf, 'keys.env');
	if (!fs.existsSync(file)) {
		const text = await run([path.join(programs, 'ticketrail'), 'keys'], { dir: at.dir });
		fs.writeFileSync(file, `${text.trimEnd()}\nMSG91_AUTHKEY=${crypto.randomBytes(12).toString('hex')}\n`, { mode: 0o600 });
	}
	return read(file);
}

// The values that must never be seen in a log.
function secrets(values) {
	return Object.entries(values)
		.filter(([name, value]) => /(SECRET_KEY|HASH_KEY|PASSWORD|AUTHKEY)$/.test(name) && value.length > 7)
		.map(([, value]) => value);
}

module.exports = { keys, read, write, secrets };
