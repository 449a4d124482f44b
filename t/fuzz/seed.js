'use strict';
/*
 * seed: what looking for inputs of `front` begins with: every operation of openapi.yaml as its examples ask for it, and with
 * what clients send beside. Not kept: run.sh writes them anew, so that a new route is looked at from its first day.
 *
 *	nodejs t/fuzz/seed.js DIRECTORY
 */
const fs = require('node:fs');
const path = require('node:path');
const api = require('../openapi.js').load();

const dir = process.argv[2];
const doc = api.document;
const UUID = '0190163d-8694-739b-aea5-966c26f8ad91';
const HEADERS = 'HTTP_HOST=localhost\nHTTP_AUTHORIZATION=Bearer a.b.c\nHTTP_IDEMPOTENCY_KEY=k-1\nHTTP_IF_MATCH="1"\nREMOTE_ADDR=192.0.2.1\n';

const found = (node) => (node?.$ref ? found(node.$ref.slice(2).split('/').reduce((o, k) => o[k], doc)) : node);

/* An example of a schema where nobody wrote one. */
function instance(schema, depth = 0) {
	const s = found(schema) ?? {};
	const type = [s.type].flat()[0];
	if (s.example !== undefined || s.examples) return s.example ?? s.examples[0];
	if (s.enum) return s.enum[0];
	if (s.allOf) return Object.assign({}, ...s.allOf.map((one) => instance(one, depth)));
	if (s.oneOf || s.anyOf) return instance((s.oneOf ?? s.anyOf)[0], depth);
	if (type === 'object' || s.properties)
		return depth > 6 ? {} : Object.fromEntries(Object.entries(s.properties ?? {}).map(([k, v]) => [k, instance(v, depth + 1)]));
	if (type === 'array') return [instance(s.items, depth + 1)];
	if (type === 'integer' || type === 'number') return s.minimum ?? 1;
	if (type === 'boolean') return true;
	return { uuid: UUID, 'date-time': '2026-02-13T08:30:00Z', date: '2026-02-13' }[s.format] ?? 'x'.repeat(s.minLength ?? 1);
}

function bodies(operation) {
	const content = found(operation.requestBody)?.content ?? {};
	return Object.entries(content).flatMap(([type, media]) => {
		const examples = Object.values(media.examples ?? {}).map((e) => found(e).value);
		if (media.example !== undefined) examples.push(media.example);
		examples.push(instance(media.schema));
		return examples.map((value) => `CONTENT_TYPE=${type}\n\n${typeof value === 'string' ? value : JSON.stringify(value)}`);
	});
}

fs.mkdirSync(dir, { recursive: true });
let n = 0;
for (const [name, item] of Object.entries(doc.paths))
	for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
		const operation = item[method];
		if (!operation) continue;
		const query = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(found).filter((p) => p.in === 'query')
			.map((p) => `${p.name}=${encodeURIComponent(p.example ?? instance(p.schema))}`).join('&');
		const route = name.replace(/\{[^}]*\}/g, UUID);
		const head = `REQUEST_METHOD=${method.toUpperCase()}\nROUTE_PATH=${route}\nQUERY_STRING=${query}\n`;
		const all = bodies(operation);
		for (const rest of all.length ? all : ['\n']) {
			fs.writeFileSync(path.join(dir, `seed-${n++}`), head + rest);
			fs.writeFileSync(path.join(dir, `seed-${n++}`), head + HEADERS + rest);
		}
	}
