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
		const command = path.join(programs, 'ticketrail');
		const text = fs.existsSync(command) ? await run([command, 'keys'], { dir: at.dir }) : pairs();
		fs.writeFileSync(file, `${text.trimEnd()}\nMSG91_AUTHKEY=${crypto.randomBytes(12).toString('hex')}\n`, { mode: 0o600 });
	}
	return read(file);
}

// Keys of the right form for a stack without programs.
function pairs() {
	const lines = [`HASH_KEY=${crypto.randomBytes(32).toString('hex')}`];
	for (const name of ['RELAY', 'AUTH']) {
		const { d, x } = crypto.generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
		lines.push(`${name}_PUBLIC_KEY=${Buffer.from(x, 'base64url').toString('hex')}`);
		lines.push(`${name}_SECRET_KEY=${Buffer.from(d, 'base64url').toString('hex')}`);
	}
	return lines.join('\n');
}

// The values that must never be seen in a log.
function secrets(values) {
	return Object.entries(values)
		.filter(([name, value]) => /(SECRET_KEY|HASH_KEY|PASSWORD|AUTHKEY)$/.test(name) && value.length > 7)
		.map(([, value]) => value);
}

module.exports = { keys, read, write, secrets };
