'use strict';
// layout: where everything of one running stack lies.
//
//	DIR/log        what every program says        DIR/tls     a private CA and the certificate of localhost
//	DIR/conf       configuration files, 0600      DIR/nginx   the rendered configuration and nginx's own files
//	DIR/db         MariaDB                        DIR/run     sockets and counters
//
// A unix socket's path has at most 107 bytes. Where DIR is too deep for that, DIR/run is a link into /tmp, named after
// DIR, so that two checkouts never meet.

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { POOLS } = require('./pools.js');

const top = path.resolve(__dirname, '..', '..');
const UNFIT = /[\s"'\\;{}$#]/;
const SOCKET_PATH_MAX = 107;
const LONGEST_SOCKET = `/${[...POOLS].sort((a, b) => b.length - a.length)[0]}.sock.next`;
const RUN_DIR_MAX = 80; // lib/config/config.def

function layout(given) {
	fs.mkdirSync(given, { recursive: true, mode: 0o700 });
	const dir = fs.realpathSync(given);
	try {
		fs.accessSync(dir, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
	} catch {
		throw new Error(`${dir} is another user's (did sudo make it?): run as that user, or remove it`);
	}
	for (const one of [top, dir])
		if (UNFIT.test(one)) throw new Error(`${one}: a path with a space, a quote or one of \\ ; { } $ # is beyond mariadb-install-db or nginx`);
	const at = { top, dir };
	for (const name of ['log', 'tls', 'conf', 'nginx', 'db']) {
		at[name] = path.join(dir, name);
		fs.mkdirSync(at[name], { recursive: true, mode: 0o700 });
	}
	at.run = runDir(dir);
	return at;
}

function runDir(dir) {
	const wanted = path.join(dir, 'run');
	if (Buffer.byteLength(wanted) <= RUN_DIR_MAX && Buffer.byteLength(wanted + LONGEST_SOCKET) <= SOCKET_PATH_MAX) {
		fs.mkdirSync(wanted, { recursive: true, mode: 0o700 });
		return wanted;
	}
	const name = crypto.createHash('sha256').update(dir).digest('hex').slice(0, 12);
	const short = `/tmp/ticketrail-${os.userInfo().uid}-${name}`;
	try {
		fs.mkdirSync(short, { mode: 0o700 });
	} catch (error) {
		// In /tmp anybody could have made it first.
		const found = fs.lstatSync(short);
		if (error.code !== 'EEXIST' || !found.isDirectory() || found.uid !== os.userInfo().uid || found.mode & 0o077)
			throw new Error(`${short} exists and is not a private directory of ours`);
	}
	fs.rmSync(wanted, { recursive: true, force: true });
	fs.symlinkSync(short, wanted);
	return short;
}

// Ends what a world had: its directory and, where it had one, the short one.
function remove(at) {
	fs.rmSync(at.run, { recursive: true, force: true });
	fs.rmSync(at.dir, { recursive: true, force: true });
}

module.exports = { layout, remove, top };
