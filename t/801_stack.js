'use strict';
// make up and make down, as a person or a script uses them: everything they need is in var/stack.env.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { test } = require('node:test');
const { run, survivors } = require('./stack/process.js');
const { top } = require('./stack/layout.js');

// A directory of its own, so that whatever runs in this checkout's var/ is left alone.
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'trail.'));
// The PATH is an ordinary user's, without the directories of the system's own programs.
const env = { TICKETRAIL_VAR: dir, PATH: process.env.PATH.split(':').filter((at) => !at.endsWith('/sbin')).join(':') };
const stack = (verb, more = {}) => run([process.execPath, path.join(top, 't/stack', `${verb}.js`)], { env: { ...env, ...more } });
const shell = (script) => run(['sh', '-euc', `. '${dir}/stack.env'; ${script}`]);

test('DEP-01 the house comes up in the background, is there for scripts, goes down, and keeps its data', async () => {
	await stack('up');
	try {
		const names = ['URL', 'CA', 'DB_SOCKET', 'SIM_URL', 'RESTAURANT', 'PHONE', 'OTP_CMD', 'STAFF_USER', 'STAFF_PASSWORD'];
		for (const name of names) assert.notEqual((await shell(`echo "\${TICKETRAIL_${name}}"`)).trim(), '', name);
		assert.match(await shell('curl -sS --http2 --cacert "$TICKETRAIL_CA" "$TICKETRAIL_URL/health" -w "%{http_version}"'), /healthy.*2$/s);
		assert.match(await shell('mariadb --no-defaults -uroot -S "$TICKETRAIL_DB_SOCKET" -BN -e "SELECT slug FROM ticketrail.restaurants"'), /^demo$/m);
		assert.match(await shell('curl -sS "$TICKETRAIL_SIM_URL/_sim/orders"'), /"orders"/);
		assert.match(await shell(`curl -sS --cacert "$TICKETRAIL_CA" --json "{\\"phone\\":\\"$TICKETRAIL_PHONE\\"}" \\
			"$TICKETRAIL_URL/r/$TICKETRAIL_RESTAURANT/api/v1/auth/request-otp" >/dev/null; "$TICKETRAIL_OTP_CMD" "$TICKETRAIL_PHONE"`), /^\d{6}$/m);
		assert.match(await stack('up'), /https:/, 'up again is no error');
		await assert.rejects(stack('up', { POS: 'toast' }), /is up already, with POS=petpooja; make down ends it/, 'but nobody takes one POS for another');
		await assert.rejects(stack('run'), /is up already; make down ends it/);
		assert.match(await stack('up', { POS: 'petpooja' }), /https:/);
	} finally {
		await stack('down');
	}
	assert.deepEqual(survivors(fs.realpathSync(dir)), []);
	assert.ok(!fs.existsSync(path.join(dir, 'stack.env')));
	await stack('up');
	try {
		assert.equal((await shell('mariadb --no-defaults -uroot -S "$TICKETRAIL_DB_SOCKET" -BN -e "SELECT COUNT(*) FROM ticketrail.users"')).trim(), '0');
		assert.equal((await shell('mariadb --no-defaults -uroot -S "$TICKETRAIL_DB_SOCKET" -BN -e "SELECT COUNT(*) FROM ticketrail.restaurants"')).trim(), '1');
	} finally {
		await stack('down');
	}
	await assert.rejects(stack('up', { PORT: 'none' }), /PORT=none is no port/);
	for (const verb of ['wishes', 'up', 'run'])
		await assert.rejects(stack(verb, { POS: 'tills' }), /^Error: .*POS=tills is none of petpooja, toast, square, clover$/s, verb);
});

// What make run prints, and how it ended. `at(said)` is asked whenever it has said more; true: Ctrl-C, which reaches every process of
// the terminal that is not in a group of its own.
function foreground(env_, at) {
	const child = spawn(process.execPath, [path.join(top, 't/stack/run.js')], { env: { ...process.env, ...env, ...env_ }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '', isTold = false;
	const heard = (data) => {
		said += data;
		if (isTold || !at(said)) return;
		isTold = true;
		process.kill(-child.pid, 'SIGINT');
	};
	child.stdout.on('data', heard);
	child.stderr.on('data', heard);
	return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, said })));
}

test('DEP-01 make run tells its story and stays until Ctrl-C, which leaves nothing behind; while it comes up it may be ended too', async () => {
	const early = await foreground({}, (said) => said.includes('Bringing'));
	assert.deepEqual([early.code, early.signal], [0, null], early.said);
	assert.match(early.said, /^Bringing the house up\.\.\.\n\n(Gone down before it was up|Going down\.\.)\.\n$/);
	assert.deepEqual(survivors(fs.realpathSync(dir)), []);
	const whole = await foreground({ POS: 'clover' }, (said) => said.includes('until Ctrl-C'));
	assert.deepEqual([whole.code, whole.signal], [0, null], whole.said);
	assert.match(whole.said, /is received.*Clover prints the ticket.*is confirmed.*ravi of the kitchen.*the food is ready.*in cash.*completed and paid.*Going down\.\.\.\n$/s);
	assert.deepEqual(survivors(fs.realpathSync(dir)), []);
	fs.rmSync(dir, { recursive: true });
});
