'use strict';
// The world that other tests stand on: it leaves nothing behind, whatever happens, and does not keep quiet about what it saw.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { test } = require('node:test');
const { World } = require('./world.js');
const { survivors, until } = require('./stack/process.js');

const QUIET = { programs: [], sims: [] };

test('two worlds live side by side, in directories of any depth, and end without a trace', async () => {
	const deep = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'trail.')), 'd'.repeat(60), 'e'.repeat(60));
	const [one, two] = await Promise.all([World.start(QUIET), World.start({ ...QUIET, dir: deep })]);
	assert.notEqual(one.port, two.port);
	await one.sql('CREATE TABLE only_here (id INT)');
	await assert.rejects(two.sql('SELECT * FROM only_here'), /doesn't exist/);
	for (const world of [one, two]) {
		assert.equal((await world.fetch('/nowhere')).status, 404);
		assert.ok(survivors(world.at.dir).length >= 2);
		await world.stop();
		assert.deepEqual(survivors(world.at.dir), []);
	}
	assert.ok(!fs.existsSync(one.at.dir));
	assert.ok(fs.existsSync(two.at.dir), 'a directory that was given is kept');
	fs.rmSync(two.at.run, { recursive: true });
	fs.rmSync(path.dirname(path.dirname(deep)), { recursive: true });
});

test('a world whose owner is killed dies with it', async () => {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'trail.'));
	const code = `require(${JSON.stringify(path.join(__dirname, 'world.js'))}).World.start({ dir: ${JSON.stringify(dir)}, programs: [], onboard: false })
		.then(() => console.log('up'), (error) => { console.error(error); process.exit(1); })`;
	const owner = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
	await new Promise((resolve, reject) => owner.stdout.once('data', resolve).once('end', () => reject(new Error('it did not start'))));
	assert.ok(survivors(dir).length >= 4);
	owner.kill('SIGKILL');
	await until('the end of all', () => survivors(dir).length === 0, { ms: 10000 });
	fs.rmSync(dir, { recursive: true });
});

test('a killed nginx leaves no worker that holds its port', async () => {
	const world = await World.start({ bare: true });
	await world.kill('nginx');
	await world.startNginx();
	await world.stop();
	assert.deepEqual(survivors(world.at.dir), []);
});

async function complaint(spoil) {
	const world = await World.start(QUIET);
	await spoil(world);
	let said = '';
	await world.stop().catch((error) => { said = error.message; });
	assert.deepEqual(survivors(world.at.dir), []);
	fs.rmSync(world.at.dir, { recursive: true, force: true });
	return said;
}

test('I13 an answer that is not as openapi.yaml says is told', async () => {
	assert.match(await complaint(async (world) => {
		await world.fetch('/openapi.yaml');
		world.api.find('GET', '/openapi.yaml').operation.responses = {};
		await world.fetch('/openapi.yaml');
	}), /^not as openapi.yaml says: GET \/openapi.yaml 200: openapi has no status 200/);
});

test('SEC-06 SEC-10 a secret in a log is told', async () => {
	assert.match(await complaint((world) => fs.writeFileSync(path.join(world.at.log, 'orders.log'),
		`{"key":"${world.config.RELAY_SECRET_KEY}"}\n`)), /orders.log tells a secret/);
	assert.match(await complaint((world) => world.fetch(`/nowhere/${world.canary('c4n4ry-0123456789')}`)), /nginx.access.log tells a secret/);
});

test('a death nobody ordered and a complaint of a sanitizer are told; an ordered death is not', async () => {
	assert.match(await complaint((world) => {
		process.kill(world.child('mariadb').pid, 'SIGKILL');
		return world.child('mariadb').ended;
	}), /mariadb ended \(signal SIGKILL\)/);
	assert.match(await complaint((world) => fs.writeFileSync(path.join(world.at.log, 'sanitizer.7'),
		'==7==ERROR: AddressSanitizer: heap-use-after-free\n')), /AddressSanitizer/);
	assert.equal(await complaint((world) => world.kill('mariadb')), '');
});
