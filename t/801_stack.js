'use strict';
// make up and make down, as a person or a script uses them: everything they need is in var/stack.env.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
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
	fs.rmSync(dir, { recursive: true });
});
