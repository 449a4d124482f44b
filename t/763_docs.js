'use strict';
// The description as a page: the script that reads openapi.yaml reads it as everybody does, and the page has all of it.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { debian, load } = require('./openapi.js');
const { World } = require('./world.js');

const DOCS = path.join(__dirname, '../nginx/html/docs');
const text = fs.readFileSync(path.join(__dirname, '../nginx/html/openapi.yaml'), 'utf8');
const yaml = debian('js-yaml');
const theirs = (source) => yaml.load(source, { schema: yaml.CORE_SCHEMA });
let parse, world;

before(async () => {
	({ parse } = await import(pathToFileURL(path.join(DOCS, 'yaml.mjs'))));
	world = await World.start({ bare: true });
});
after(() => world?.stop());

test('the page reads openapi.yaml to the same document as js-yaml does', () => {
	assert.deepEqual(parse(text), theirs(text));
});

test('and other YAML too, or says on which line it cannot', () => {
	for (const source of ['a: 1', 'a:\n  b: 1\n  c: [1, "two", {d: ~}]', '- 1\n- a: 2\n  b: 3\n-\n  - x\n  - y\n- - z', 'a:\n- 1\n- 2\nb: 3', 'a: |\n  x\n    y\n\n  z\nb: >\n  one\n  two\n\n  three\n',
		'a: >-\n  one\n  two', 'a: |-\n  x\n', "a: 'it''s'", 'a: "t\\tab"', 'a: b # c', 'a: b#c', "'a b': c", '"a": {b: c,\n  d: e}', 'a: plain text\n  that goes on\nb: 1', 'a: http://x/y', 'a: {b: http://x/y}',
		'a: -1\nb: 1.5\nc: 1e3\nd: true\ne: null\nf: "1"\ng: 2026-02-13', '{}', '[]', 'a: {}\nb: []', 'a: {b, c: }', '# only\na: 1 # one\n\n# end', "a: ['x, y', z]", 'a: {pattern: "^[a-z]+$"}', "a: '^#(/.*)?$'"])
		assert.deepEqual(parse(source), theirs(source), source);
	for (const source of ['a: 1\na: 2', 'a: {b: c', 'a: b: c', 'a: &x 1', 'a: *x', 'a: !!str 1', 'a: 1\n   b: 2', 'a: [1, 2', "a: 'x", 'a: {b: c} d', '- 1\nb: 2', 'a: @x', 'a: {[x]}'])
		assert.throws(() => parse(source), /^Error: line \d+: /, source);
});

// As much of a document as the page uses.
class Node {
	constructor(name) {
		Object.assign(this, { name, attributes: {}, children: [], dataset: {}, listeners: [] });
	}

	setAttribute(name, value) {
		assert.equal(typeof value, 'string', name);
		this.attributes[name] = value;
	}

	append(...all) {
		for (const one of all) assert.ok(one instanceof Node || typeof one === 'string' || typeof one === 'number', `${this.name}: ${typeof one}`);
		this.children.push(...all);
	}

	replaceChildren(...all) {
		this.children = [];
		this.append(...all);
	}

	addEventListener() {}

	get all() {
		return [this, ...this.children.flatMap((one) => one.all ?? [])];
	}

	get text() {
		return this.children.map((one) => one.text ?? String(one)).join('');
	}
}

test('ARC-11 the page shows every operation with its path, parameters, body, answers and codes, and every link leads somewhere', async () => {
	const ids = { contents: new Node('nav'), main: new Node('main'), wait: new Node('p') };
	Object.assign(globalThis, {
		document: { createElement: (name) => new Node(name), getElementById: (id) => ids[id] }, window: { matchMedia: () => ({ matches: true }) }, location: { hash: '' },
		fetch: async (at) => ({ ok: at === '/openapi.yaml', text: async () => text }),
	});
	await import(pathToFileURL(path.join(DOCS, 'page.mjs')));
	assert.equal(ids.wait.text, '', 'it has nothing to complain of');
	const nodes = [...ids.main.all, ...ids.contents.all];
	const sections = new Map(nodes.filter((one) => one.name === 'section').map((one) => [one.attributes.id, one]));
	const api = load();
	assert.ok(api.operations.length > 60);
	for (const one of api.operations) {
		const shown = sections.get(one.operationId)?.text;
		assert.ok(shown, one.operationId);
		for (const word of [one.method, one.template, one.summary, ...one.parameters.map((p) => p.name), ...Object.keys(one.responses)]) assert.ok(shown.includes(word), `${one.operationId}: ${word}`);
		const schema = api.resolve(api.resolve(one.requestBody)?.content?.['application/json']?.schema);
		for (const name of Object.keys(schema?.properties ?? {})) assert.ok(shown.includes(name), `${one.operationId}: ${name}`);
	}
	assert.equal(sections.size, api.operations.length);
	const targets = new Set(nodes.map((one) => one.attributes.id).filter(Boolean));
	const links = new Set(nodes.map((one) => one.attributes.href).filter(Boolean));
	for (const link of links)
		if (link.startsWith('#')) assert.ok(targets.has(link.slice(1)), link);
		else assert.equal((await world.fetch(link)).status, 200, link);
	assert.ok([...links].filter((link) => link.startsWith('/problems/')).length > 20);
	assert.match(sections.get('placeOrder').text, /"total": \d+\.\d\d\b/, 'money as it is written');
});

test('S52 S59 the pages are only read, load nothing of others, and may not be framed', async () => {
	for (const [at, type] of [['/docs', 'text/html; charset=utf-8'], ['/docs/page.css', 'text/css'], ['/docs/page.mjs', 'text/javascript'], ['/docs/yaml.mjs', 'text/javascript'],
		['/problems/', 'text/html; charset=utf-8'], ['/problems/conflict', 'text/html; charset=utf-8']]) {
		const page = await world.fetch(at);
		assert.equal(page.status, 200, at);
		assert.equal(page.headers['content-type'], type, at);
		assert.equal(page.headers['x-content-type-options'], 'nosniff');
		assert.match(page.headers['strict-transport-security'], /^max-age=\d{8}/);
		const policy = page.headers['content-security-policy'];
		assert.ok(policy.includes("default-src 'none'") && policy.includes("frame-ancestors 'none'") && !/unsafe|https?:|\*/.test(policy), policy);
		assert.ok(!/(src|href)="(?!\/(docs|problems|openapi))|https?:|<script>|style=|\son\w+=/.test(page.text) || !type.startsWith('text/html'), at);
		const again = await world.fetch(at, { headers: { 'if-none-match': page.headers.etag } });
		assert.equal(`${again.status} ${again.text}`, '304 ');
		const head = await world.fetch(at, { method: 'HEAD' });
		assert.equal(`${head.status} ${head.headers['content-length']} ${head.text}`, `200 ${Buffer.byteLength(page.text)} `);
		for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
			const said = await world.fetch(at, { method, body: '{}' });
			assert.equal(`${said.status} ${said.headers.allow}`, '405 GET, HEAD', `${method} ${at}`);
		}
	}
	for (const at of ['/docs/', '/docs/../docs/index.html'])
		assert.equal((await world.fetch(at)).headers['content-type'], 'text/html; charset=utf-8');
	for (const at of ['/docs/..%2fticketrail.conf', '/docs/nothing', '/docs/.git', '/docs/page.css/', '/docs/page.mjs~'])
		assert.equal((await world.fetch(at)).status, 404, at);
});
