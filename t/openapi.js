'use strict';
/*
 * openapi: holds answers to what nginx/html/openapi.yaml says about them.
 *
 *   const api = require('./openapi.js').load();
 *   api.check({method, path, status, headers, text})    → [] or sentences saying what is not as documented
 *
 * An answer is right when its path and method are documented, its status is among the operation's, its content type and body are
 * those of that status, and the headers that status demands are there. A path that is not documented may only be answered
 * with one of the house's own refusals. Prices must have two decimals as they stand in the text, not merely as numbers.
 *
 * With TICKETRAIL_SEEN=FILE every checked answer is noted there as "operationId status", so that a whole run can tell which
 * operations it never used.
 *
 * js-yaml and ajv 6 are Debian's node-js-yaml and node-ajv. ajv 6 knows draft-07; t/005_openapi.js sees to it that the
 * document uses no keyword which that draft reads differently.
 */
const fs = require('node:fs');
const path = require('node:path');
const { Module } = require('node:module');

const DEBIAN = '/usr/share/nodejs';
const FILE = path.join(__dirname, '..', 'nginx', 'html', 'openapi.yaml');
const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace'];

/* What nginx and the router say about an address nobody documented, or before anybody looked at the address. */
const REFUSALS = new Set([400, 404, 405, 408, 413, 414, 429, 431, 500, 503]);

/* Debian's modules are found there by Debian's nodejs; by any other they are when NODE_PATH says so. */
function debian(name) {
	if (!(process.env.NODE_PATH ?? '').split(':').includes(DEBIAN)) {
		process.env.NODE_PATH = [process.env.NODE_PATH, DEBIAN].filter(Boolean).join(':');
		Module._initPaths();
	}
	return require(name);
}

/* A copy of the document in which a price is a text of two decimals behind a NUL: what a body's prices become in `prices`. */
function with_prices_as_text(node) {
	if (Array.isArray(node))
		return node.map(with_prices_as_text);
	if (node === null || typeof node !== 'object')
		return node;
	if (node.format === 'money')
		return { type: [node.type].flat().map((t) => (t === 'number' ? 'string' : t)), pattern: '^\\u0000-?[0-9]+\\.[0-9][0-9]$' };
	if (node.format === 'decimal') /* as many decimals as the currency has, or none */
		return { type: [...[node.type].flat(), 'string'], pattern: '^\\u0000-?[0-9]+\\.[0-9]+$' };
	return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, with_prices_as_text(v)]));
}

/* The text of a JSON document with each number that has a point turned into such a text. */
function prices(text) {
	return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:[eE][+-]?\d+)?/g, (m) => (m[0] === '"' ? m : `"\\u0000${m}"`));
}

class Api {
	constructor(document) {
		this.document = document;
		const Ajv = debian('ajv');
		this.ajv = new Ajv({ allErrors: true, jsonPointers: true, unknownFormats: ['int64', 'password', 'binary'], logger: false });
		this.ajv.addSchema({ $id: 'openapi', ...with_prices_as_text({ components: document.components }) });
		this.compiled = new Map();
		this.operations = [];
		for (const [template, item] of Object.entries(document.paths))
			for (const method of METHODS)
				if (item[method])
					this.operations.push({ method: method.toUpperCase(), template, ...item[method],
						parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((p) => this.resolve(p)) });
	}

	/* What a {$ref} points at, or the thing itself. */
	resolve(node) {
		if (!node?.$ref)
			return node;
		return this.resolve(this.at(node.$ref));
	}

	at(ref) {
		let node = this.document;
		if (!ref.startsWith('#/'))
			throw new Error(`${ref} leads out of the document`);
		for (const part of ref.slice(2).split('/')) {
			const key = decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~');
			if (node === null || typeof node !== 'object' || !(key in node))
				throw new Error(`${ref} leads nowhere`);
			node = node[key];
		}
		return node;
	}

	/* /r/{slug}/api/... is /api/... of one restaurant. */
	static path_of(url) {
		const at = url.split(/[?#]/)[0];
		const of_one = /^\/r\/[^/]+(\/api\/.*)$/.exec(at);
		return of_one ? of_one[1] : at;
	}

	/* The templates a path fits, the most literal first. */
	templates(at) {
		const parts = at.split('/');
		const fits = (template) => {
			const want = template.split('/');
			return want.length === parts.length && want.every((w, i) => (/^\{.+\}$/.test(w) ? parts[i] !== '' : w === parts[i]));
		};
		return Object.keys(this.document.paths).filter(fits)
			.sort((a, b) => a.split('{').length - b.split('{').length || a.localeCompare(b));
	}

	/* {template?, operation?} of a request; HEAD is GET. */
	find(method, url) {
		const [template] = this.templates(Api.path_of(url));
		const wanted = method === 'HEAD' ? 'GET' : method;
		return { template, operation: this.operations.find((o) => o.template === template && o.method === wanted) };
	}

	/* What is wrong with a JSON text under a schema of the document; [] if nothing is. */
	complaints(schema, text) {
		let validate = this.compiled.get(schema);
		if (!validate) {
			validate = this.ajv.compile(with_prices_as_text(JSON.parse(JSON.stringify(schema), (k, v) => (k === '$ref' ? `openapi${v}` : v))));
			this.compiled.set(schema, validate);
		}
		try {
			JSON.parse(text);
		} catch (e) {
			return [`is not JSON: ${e.message}`];
		}
		if (validate(JSON.parse(prices(text))))
			return [];
		return validate.errors.map((e) => `${e.dataPath || '/'} ${e.message}${e.params.additionalProperty ? ` (${e.params.additionalProperty})` : ''}${e.params.allowedValues ? ` (${e.params.allowedValues.join(', ')})` : ''}`);
	}

	/* See above. `headers` have lower-case names, as node gives them. */
	check({ method = 'GET', path: url, status, headers = {}, text = '' }) {
		const { template, operation } = this.find(method, url);
		const where = `${method} ${Api.path_of(url)} ${status}`;

		if (!operation) {
			if (!REFUSALS.has(status))
				return [`${where}: ${template ? `${template} has no ${method}` : 'no such path'} in openapi.yaml`];
			return this.check_content(where, method, this.document.components.responses[`E${status}`], headers, text);
		}
		if (process.env.TICKETRAIL_SEEN)
			fs.appendFileSync(process.env.TICKETRAIL_SEEN, `${operation.operationId} ${status}\n`);
		const response = operation.responses[status];
		if (!response)
			return [`${where}: ${operation.operationId} has no status ${status} in openapi.yaml: ${text.slice(0, 200)}`];
		return this.check_content(where, method, response, headers, text);
	}

	check_content(where, method, given, headers, text) {
		const response = this.resolve(given);
		const out = [];

		if (!response)
			return [`${where}: not documented`];
		for (const [name, header] of Object.entries(response.headers ?? {})) {
			const { required, schema } = this.resolve(header);
			const value = [headers[name.toLowerCase()]].flat()[0]; /* node has those of Set-Cookie as a list */
			if (value === undefined) {
				if (required)
					out.push(`${where}: header ${name} is missing`);
			} else {
				const numeric = schema.type === 'integer' && /^\d+$/.test(value);
				out.push(...this.complaints(schema, numeric ? value : JSON.stringify(value)).map((c) => `${where}: header ${name} ${c}`));
			}
		}
		const content = response.content ?? {};
		if (method === 'HEAD')
			return out;
		if (!Object.keys(content).length)
			return text === '' ? out : [...out, `${where}: has a body where none is documented`];
		const type = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
		const media = content[type];
		if (!media)
			return [...out, `${where}: content type "${type}", documented: ${Object.keys(content).join(', ')}`];
		if (/[/+]json$/.test(type))
			out.push(...this.complaints(media.schema, text).map((c) => `${where}: ${c}`));
		else if (text === '')
			out.push(`${where}: is empty`);
		return out;
	}
}

function load(file = FILE) {
	const yaml = debian('js-yaml');
	return new Api(yaml.load(fs.readFileSync(file, 'utf8'), { schema: yaml.CORE_SCHEMA }));
}

module.exports = { Api, METHODS, debian, load };
