// page: openapi.yaml as a page for people. Everything that is shown comes from the document and is put in as text, never as HTML.

import { parse } from './yaml.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const DEPTH_MAX = 8;
let api;

// h('p', {class: 'x'}, 'text', node, null...): an element.
function h(name, attributes = {}, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes))
		if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
	element.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== ''));
	return element;
}

function resolve(node) {
	while (node?.$ref) node = node.$ref.slice(2).split('/').reduce((at, key) => at[key.replace(/~1/g, '/').replace(/~0/g, '~')], api);
	return node;
}

const nameOf = (ref) => ref?.$ref?.split('/').at(-1) ?? null;

// Paragraphs, lists with dashes and `code`: as much of Markdown as the descriptions are written in.
function prose(text) {
	if (!text) return [];
	return text.trim().split(/\n\s*\n/).map((part) => {
		if (!/^- /.test(part)) return h('p', {}, words(part));
		return h('ul', {}, part.split(/\n(?=- )/).map((item) => h('li', {}, words(item.slice(2)))));
	});
}

function words(text) {
	return text.replace(/\s+/g, ' ').split(/(`[^`]+`)/).map((part) => (part.startsWith('`') ? h('code', {}, part.slice(1, -1)) : part));
}

// --- schemas -------------------------------------------------------------------------------------------------------------

function typeOf(schema) {
	const one = resolve(schema) ?? {};
	if (one.const !== undefined) return JSON.stringify(one.const);
	if (one.enum) return one.enum.map((value) => (value === null ? 'null' : String(value))).join(' | ');
	if (one.oneOf ?? one.anyOf) return (one.oneOf ?? one.anyOf).map(typeOf).join(' or ');
	const types = [one.type ?? 'anything'].flat().map((type) => {
		if (type === 'array') return `list of ${nameOf(one.items) ?? typeOf(one.items)}`;
		if (type === 'string' || type === 'number') return one.format ?? type;
		return type;
	});
	return types.join(' or ');
}

function boundsOf(schema) {
	const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern, default: preset } = resolve(schema) ?? {};
	const range = (low, high, what) => {
		if (low === undefined && high === undefined) return null;
		if (low === undefined) return `at most ${high}${what}`;
		if (high === undefined) return `at least ${low}${what}`;
		return `${low} to ${high}${what}`;
	};
	return [range(minimum, maximum, ''), range(minLength, maxLength, ' characters'), range(minItems, maxItems, ' elements'),
		pattern ? `matches ${pattern}` : null, preset !== undefined ? `${JSON.stringify(preset)} if absent` : null].filter(Boolean).join(', ');
}

// The members of what a schema describes, those of objects in it to be opened.
function members(schema, depth = 0) {
	const one = resolve(schema) ?? {};
	const inner = [one.type].flat().includes('array') ? one.items : (one.oneOf ?? one.anyOf)?.find((s) => membersIn(s)) ?? null;
	if (!one.properties) return inner && depth < DEPTH_MAX ? members(inner, depth) : null;
	return h('dl', { class: 'members' }, Object.entries(one.properties).map(([name, member]) => {
		const more = depth < DEPTH_MAX && membersIn(member) ? members(member, depth + 1) : null;
		const bounds = boundsOf(member);
		return [
			h('dt', {}, h('code', {}, name), ' ', h('span', { class: 'type' }, typeOf(member)),
				one.required?.includes(name) ? h('span', { class: 'needed' }, 'needed') : null),
			h('dd', {}, bounds ? h('span', { class: 'bounds' }, bounds) : null, words(resolve(member)?.description ?? ''),
				more ? h('details', {}, h('summary', {}, 'members'), more) : null),
		];
	}));
}

function membersIn(schema) {
	const one = resolve(schema) ?? {};
	return Boolean(one.properties) || (one.items ? membersIn(one.items) : false) || (one.oneOf ?? one.anyOf ?? []).some(membersIn);
}

// An example as its schema writes it: money has two decimals, which neither YAML nor JSON.parse keeps.
function example(value, schema) {
	const priced = (at, one) => {
		const here = resolve(one) ?? {};
		if (typeof at === 'number' && here.format === 'money') return `\u0001${at.toFixed(2)}\u0001`;
		if (Array.isArray(at)) return at.map((element) => priced(element, here.items));
		if (at === null || typeof at !== 'object') return at;
		const alternatives = [here, ...(here.oneOf ?? here.anyOf ?? []).map(resolve)];
		const property = (key) => alternatives.map((s) => s?.properties?.[key]).find(Boolean);
		return Object.fromEntries(Object.entries(at).map(([key, element]) => [key, priced(element, property(key))]));
	};
	const text = typeof value === 'string' ? value : JSON.stringify(priced(value, schema), null, 2).replace(/"\\u0001([^"]*)\\u0001"/g, '$1');
	return h('pre', {}, h('code', {}, text));
}

function media(content) {
	const [type, one] = Object.entries(content ?? {})[0] ?? [];
	if (!one) return null;
	const list = members(one.schema);
	const shown = one.example ?? Object.values(one.examples ?? {})[0]?.value;
	return [
		type === 'application/json' ? null : h('p', { class: 'type' }, type),
		list ? h('details', { open: true }, h('summary', {}, nameOf(one.schema) ?? 'Members'), list) : null,
		shown === undefined ? null : example(shown, one.schema),
	];
}

// --- operations ----------------------------------------------------------------------------------------------------------

function parameters(list) {
	if (!list.length) return null;
	return [h('h3', {}, 'Parameters'), h('dl', { class: 'members' }, list.map((one) => [
		h('dt', {}, h('code', {}, one.name), ' ', h('span', { class: 'type' }, `${one.in}, ${typeOf(one.schema)}`),
			one.required ? h('span', { class: 'needed' }, 'needed') : null),
		h('dd', {}, h('span', { class: 'bounds' }, boundsOf(one.schema)), words(one.description ?? '')),
	]))];
}

// The codes of a refusal, each with the page that explains it.
function codes(response) {
	const schema = resolve(resolve(response).content?.['application/json']?.schema);
	return (schema?.properties?.error?.properties?.code?.enum ?? []).map((code) =>
		[' ', h('a', { href: `/problems/${code.toLowerCase().replace(/_/g, '-')}` }, h('code', {}, code))]);
}

function answers(responses) {
	const good = Object.entries(responses).filter(([status]) => status < 400);
	const bad = Object.entries(responses).filter(([status]) => status >= 400);
	return [
		good.map(([status, given]) => {
			const one = resolve(given);
			const headers = Object.keys(one.headers ?? {});
			return [h('h3', {}, h('span', { class: 'status' }, status), ' ', one.description),
				headers.length ? h('p', {}, 'Headers: ', headers.map((name, i) => [i ? ', ' : '', h('code', {}, name)])) : null, media(one.content)];
		}),
		h('details', { class: 'refusals' }, h('summary', {}, `Refusals: ${bad.map(([status]) => status).join(' ')}`),
			h('ul', {}, bad.map(([status, given]) => h('li', {}, h('span', { class: 'status bad' }, status), ' ', resolve(given).description, codes(given))))),
	];
}

function operation(path, method, one, shared) {
	const title = h('h2', {}, h('span', { class: `method ${method}` }, method.toUpperCase()), ' ', h('code', {}, breakable(path)));
	const roles = one['x-roles'] ?? [];
	return h('section', { id: one.operationId, class: 'operation' }, title, h('p', { class: 'summary' }, one.summary),
		h('p', { class: 'roles' }, roles.includes('anybody') ? 'For everybody' : `For ${roles.join(', ')}`), prose(one.description),
		parameters([...shared, ...(one.parameters ?? [])].map(resolve)),
		one.requestBody ? [h('h3', {}, 'Body'), media(resolve(one.requestBody).content)] : null, answers(one.responses));
}

// A long path may be broken behind a slash.
function breakable(path) {
	return path.split(/(?<=\/)/).map((part) => [part, h('wbr')]);
}

// --- the whole -----------------------------------------------------------------------------------------------------------

function operations() {
	return Object.entries(api.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method])
		.map((method) => ({ path, method, one: item[method], shared: item.parameters ?? [] })));
}

function contents(all) {
	const list = api.tags.map(({ name }) => h('li', {}, h('a', { href: `#tag-${name.replace(/ /g, '-')}` }, name),
		h('ul', {}, all.filter(({ one }) => one.tags.includes(name)).map(({ path, method, one }) =>
			h('li', { 'data-words': `${method} ${path} ${one.summary}`.toLowerCase() }, h('a', { href: `#${one.operationId}`, title: `${method.toUpperCase()} ${path}` },
				h('span', { class: `method ${method}` }, method), h('span', {}, one.summary)))))));
	const search = h('input', { type: 'search', placeholder: 'Find an operation', 'aria-label': 'Find an operation' });
	search.addEventListener('input', () => {
		const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
		for (const item of document.querySelectorAll('nav li[data-words]'))
			item.hidden = !wanted.every((word) => item.dataset.words.includes(word));
		for (const tag of document.querySelectorAll('nav > details > ul > li')) tag.hidden = !tag.querySelector('li:not([hidden])');
	});
	const box = h('details', { open: window.matchMedia('(min-width: 60rem)').matches }, h('summary', {}, api.info.title), search, h('ul', {}, list));
	box.addEventListener('click', (event) => { // on a phone the contents make room for what was chosen
		if (event.target.closest('a') && !window.matchMedia('(min-width: 60rem)').matches) box.open = false;
	});
	return box;
}

function show() {
	const all = operations();
	document.title = `${api.info.title} ${api.info.version}`;
	document.getElementById('contents').append(contents(all));
	document.getElementById('main').replaceChildren(...[
		h('h1', {}, `${api.info.title} `, h('span', { class: 'type' }, api.info.version)), h('p', { class: 'summary' }, api.info.summary),
		prose(api.info.description), h('p', {}, h('a', { href: '/openapi.yaml' }, 'openapi.yaml'), ' · ', h('a', { href: '/problems/' }, 'all error codes')),
		api.tags.map(({ name, description }) => [
			h('h2', { id: `tag-${name.replace(/ /g, '-')}`, class: 'tag' }, name, h('small', {}, ` ${description ?? ''}`)),
			all.filter(({ one }) => one.tags.includes(name)).map(({ path, method, one, shared }) => operation(path, method, one, shared)),
		]),
	].flat(Infinity));
	if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

try {
	const answer = await fetch('/openapi.yaml');
	if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
	api = parse(await answer.text());
	show();
} catch (error) {
	document.getElementById('wait').append(` It could not be shown (${error.message}).`);
}
