'use strict';
// The whole menu, given out by nginx from the shelf (lib/http/shelf.h): it is the answer that the worker gives itself, never an
// older one and never another restaurant's, and nothing is lost when the shelf is.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { World } = require('./world.js');
const { Bistro } = require('./bistro.js');

let world, bistro, other, guest, shelf;

before(async () => {
	world = await World.start({ onboard: false, workers: 3 });
	bistro = await Bistro.open(world);
	other = await Bistro.open(world, { slug: 'other', pos: false });
	guest = await bistro.guest();
	shelf = path.join(world.at.run, 'shelf');
	await world.sql(`INSERT INTO categories (public_id, restaurant_id, name, display_order) VALUES (UNHEX(MD5('c')), ${other.id}, 'All', 1);
		INSERT INTO items (public_id, restaurant_id, category_id, name, description, price_minor, created_at, updated_at)
		SELECT UNHEX(MD5(seq)), ${other.id}, LAST_INSERT_ID(), CONCAT('Other ', seq), REPEAT('d', 500), 100, NOW(6), NOW(6) FROM seq_1_to_50;
		UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${other.id}`);
});
after(() => world?.stop());

const whole = (of, headers = {}, method = 'GET') => world.fetch(`${of.base}/api/v1/menu/items`, { token: guest.token, headers, method });
const files = () => fs.readdirSync(shelf);
const own = (of) => files().filter((name) => name.startsWith(`${of.id}-`));

// A transaction that everybody sees when it is over, as any change of a menu is.
const priced = (minor) => world.sql(`START TRANSACTION; UPDATE items SET price_minor = ${minor} WHERE restaurant_id = ${other.id};
	UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = ${other.id}; COMMIT`);

// All that a client sees but what is another's for each request.
const seen = ({ status, headers: { date, 'x-request-id': id, ...headers }, text }) => ({ status, headers, text });

test('MENU-09 PERF-03 the whole menu is a file that nginx gives out; who asks for a part of it, or knows it, does without', async () => {
	const answer = await whole(bistro);
	assert.equal(answer.status, 200);
	assert.deepEqual(own(bistro).length, 1);
	const file = path.join(shelf, own(bistro)[0]);
	assert.equal(fs.readFileSync(file, 'utf8'), answer.text);
	fs.rmSync(shelf, { recursive: true });
	assert.equal((await whole(bistro, { 'if-none-match': answer.headers.etag })).status, 304);
	assert.equal((await world.fetch(`${bistro.base}/api/v1/menu/items?search=a`, { token: guest.token })).status, 200);
	assert.equal((await world.fetch(`${bistro.base}/api/v1/menu/items`)).status, 401);
	assert.ok(!fs.existsSync(shelf));
	assert.equal((await whole(bistro)).text, answer.text);
	// That nginx gives it out: letters changed behind everybody's back are seen.
	fs.writeFileSync(file, answer.text.replace(/"name":"[A-Z]/, '"name":"#'));
	assert.match((await whole(bistro)).text, /"name":"#/);
	fs.rmSync(file);
	assert.equal((await whole(bistro)).text, answer.text);
});

test('MENU-09 D9 whoever asks after a change is shown it, from the shelf and by every worker, and old files go', async () => {
	for (let i = 1; i <= 60; i++) {
		await priced(1000 + i);
		const answers = await Promise.all(Array.from({ length: 6 }, () => whole(other)));
		for (const { status, json } of answers) {
			assert.equal(status, 200);
			assert.deepEqual([...new Set(json.items.map(({ price }) => price))], [(1000 + i) / 100]);
		}
	}
	assert.equal((await whole(other)).status, 200);
	assert.equal(own(other).length, 1, `${files()}`);
});

test('D9 a version that was another menu once, as after a restored backup, is not shown as that', async () => {
	await priced(7000);
	const once = await whole(other);
	await world.sql(`UPDATE items SET price_minor = 8000 WHERE restaurant_id = ${other.id}`); // what the backup's successors made of this version
	await world.child('menu').stop();
	world.children.delete('menu');
	await world.startPool('menu');
	const now = await whole(other);
	assert.equal(now.headers.etag, once.headers.etag);
	assert.ok(now.json.items.every(({ price }) => price === 80), now.text.slice(0, 300));
});

test('ARC-02 each restaurant has a file of its own', async () => {
	const [a, b] = [await whole(bistro), await whole(other)];
	assert.equal(own(bistro).length, 1);
	assert.equal(own(other).length, 1);
	assert.equal(fs.readFileSync(path.join(shelf, own(bistro)[0]), 'utf8'), a.text);
	assert.equal(fs.readFileSync(path.join(shelf, own(other)[0]), 'utf8'), b.text);
	assert.ok(b.json.items.every(({ name }) => name.startsWith('Other')) && !a.text.includes('Other 1"'));
});

test('MENU-09 F18 without a shelf, and with one that nginx cannot read, every answer is the same to the letter', async () => {
	await whole(bistro);
	const changed = fs.statSync(path.join(shelf, own(bistro)[0])).mtime.toUTCString();
	const asked = [[{}], [{}, 'HEAD'], [{ range: 'bytes=0-99' }], [{ 'if-modified-since': changed }], [{ 'if-none-match': '"none"' }],
		[{ origin: 'https://elsewhere.example' }]];
	const all = async () => {
		const answers = [];
		for (const [headers, method] of asked) answers.push(seen(await whole(bistro, headers, method)));
		return answers;
	};
	const conf = path.join(world.at.nginx, 'ticketrail.conf'), good = fs.readFileSync(conf, 'utf8');
	const shelved = await all();
	assert.ok(shelved.every(({ status }) => status === 200));
	fs.writeFileSync(conf, good.replace(`alias ${world.at.run}/shelf/`, `alias ${world.at.run}/nowhere/`));
	await world.reloadNginx();
	assert.deepEqual(await all(), shelved, 'nginx finds no file');
	const missed = await world.untilLogged('nginx.access', (line) => /^200 : 200$/.test(line.worker_status));
	assert.deepEqual(missed.filter((line) => line.tenant !== 'bistro'), [], 'what was named was there, however many laid it at once');
	fs.writeFileSync(conf, good);
	await world.reloadNginx();
	fs.rmSync(shelf, { recursive: true });
	fs.writeFileSync(shelf, ''); // no directory
	for (let i = 0; i < 3; i++) assert.deepEqual(await all(), shelved, 'nothing can be laid');
	const menu_log = fs.readFileSync(path.join(world.at.log, 'menu.log'), 'utf8').split('\n').filter((line) => line.includes('"not_shelved"'));
	assert.ok(menu_log.length >= 1 && menu_log.length <= 3, `${menu_log.length} complaints of three workers`);
	fs.rmSync(shelf);
	await world.until('a shelf again', async () => (await whole(bistro)).status === 200 && fs.existsSync(shelf), { ms: 30000, every: 300 });
	assert.deepEqual(await all(), shelved);
});

test('MENU-09 files that vanish under everybody\'s hands fail nobody', async () => {
	let stop = false;
	const wanted = (await whole(bistro)).text;
	const vanish = (async () => {
		for (; !stop; await new Promise((resolve) => setTimeout(resolve, 1))) for (const name of files()) fs.rmSync(path.join(shelf, name), { force: true });
	})();
	try {
		for (let i = 0; i < 60; i++) for (const answer of await Promise.all(Array.from({ length: 8 }, () => whole(bistro)))) {
			assert.equal(answer.status, 200);
			assert.ok(answer.text === wanted);
		}
	} finally {
		stop = true;
		await vanish;
	}
});
