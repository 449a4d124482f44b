'use strict';
// menu: GET /menu/items of two hundred items, whole and as 304, beside the same bytes as a file that nginx gives out itself.

const assert = require('node:assert/strict');

const POOL = 'menu';
const HEAD_MAX = 1000; // more bytes of headers than any answer has

async function prepare(house) {
	await house.pool(POOL);
	await house.world.answers();
	const at = `/r/${house.restaurants.at(-1).slug}/api/v1/menu/items`;
	const answer = await house.world.fetch(at, { token: house.tokens[0] });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.json.items.length, 200);
	const file = await house.staticFile('menu.json', answer.text);
	assert.equal(file.text, answer.text);
	const length = Buffer.byteLength(answer.text);
	const whole = [length, length + HEAD_MAX], none = [50, HEAD_MAX];
	const turn = (name, list, bytes) => {
		const requests = house.requests(name, list);
		return (seconds) => house.wrk(requests, { seconds, bytes });
	};
	const tokens = house.tokens.map((token) => ({ path: at, token }));
	const turns = {
		'ours menu': turn('menu', tokens, whole),
		'ours menu 304': turn('menu 304', tokens.map((one) => ({ ...one, etag: answer.headers.etag })), none),
		'static menu': turn('static menu', [{ path: '/bench/menu.json', token: house.tokens[0] }], whole),
		'static menu 304': turn('static menu 304', [{ path: '/bench/menu.json', token: house.tokens[0], etag: file.headers.etag }], none),
	};
	const row = { unit: 'menu', pool: POOL, warm: () => turns['ours menu'](1) };
	return {
		turns,
		rows: [
			{ ...row, name: 'GET /menu/items, whole', aim: 0.4, ours: 'ours menu', file: 'static menu' },
			{ ...row, name: 'GET /menu/items, 304', aim: 0.6, ours: 'ours menu 304', file: 'static menu' },
			{ ...row, name: '  beside the 304 of the file', ours: 'ours menu 304', file: 'static menu 304' },
		],
		// What everybody was given is what the menu is now.
		complaints: async () => {
			const now = await house.world.fetch(at, { token: house.tokens[0] });
			return now.text === answer.text && now.headers.etag === answer.headers.etag ? [] : ['the menu is another one than at the beginning'];
		},
		said: `A menu of 200 items has ${length} bytes.`,
	};
}

module.exports = { prepare, POOL, restaurants: 1 };
