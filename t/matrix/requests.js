'use strict';
// requests: for each operation a request of which nothing is wrong, and every place in it where an id stands.
//
//	const ids = idsOf(api, operation)           [{where, name, at, kind}]: the places, and what kind of thing each names
//	const request = await build(town, operation, ids, things)      {at, method, json, headers}; things: kind to id
//
// All of it is made from openapi.yaml: its examples, with the ids of this town in them. What no example can know stands in the
// tables here; an operation for which they lack something is named with what it lacks.

const crypto = require('node:crypto');
const { KINDS, cart } = require('./town.js');

// What {id} is, by the path before it.
const PATHS = [
	[/^\/api\/(v1|common)\/orders\/$/, 'order'], [/^\/api\/v1\/admin\/orders\/$/, 'order'], [/^\/api\/v1\/delivery\/orders\/$/, 'brought'],
	[/^\/api\/v1\/(admin\/)?menu\/items\/$/, 'item'], [/^\/api\/v1\/admin\/menu\/categories\/$/, 'category'], [/^\/api\/v1\/admin\/menu\/addon-groups\/$/, 'addon_group'],
	[/^\/api\/v1\/admin\/menu\/variations\/$/, 'variation'], [/^\/api\/v1\/admin\/menu\/addon-items\/$/, 'addon_item'], [/^\/api\/v1\/admin\/taxes\/$/, 'tax'],
	[/^\/api\/v1\/admin\/discounts\/$/, 'discount'],
	[/^\/api\/v1\/admin\/staff\/$/, 'staff'], [/^\/api\/webhooks\/logs\/$/, 'delivery_log'],
];
// What a member or a parameter names that holds an id, whatever it lies in.
const NAMES = {
	restaurant: 'restaurant', slug: 'slug', provider: 'provider', key: 'setting', problem: 'problem', category_id: 'category', tax_ids: 'tax', menu_item_id: 'item', item_id: 'item',
	variation_id: 'variation', addon_item_id: 'addon_item', staff_id: 'rider', 'addon_groups.id': 'addon_group', 'variations.id': 'variation', 'addon_items.id': 'addon_item',
	items: 'item', addon_items: 'addon_item', variations: 'variation', order_id: 'order', 'body.id': null,
};
// A page begins behind one of those that are listed.
const CURSORS = { listOrders: 'order', listStaffOrders: 'order', listPosFailures: 'order', listStaffItems: 'item', listStaffCategories: 'category', listStaffAddonGroups: 'addon_group', listStaffTaxes: 'tax', listStaffDiscounts: 'discount',
	listStaff: 'staff' };

// What an example cannot know.
const BODIES = {
	placeOrder: (town, place) => cart(place),
	quoteOrder: (town, place) => cart(place),
	requestOtp: (town) => ({ phone: `+9198${String(10000000 + ++town.n)}` }),
	staffLogin: (town) => ({ username: town.unique('nobody'), password: 'saffron-thali-42' }),
	saveIntegration: (town) => ({ provider_name: 'petpooja', pos_restaurant_id: town.unique('ab12'), endpoint: null, api_key: null,
		restaurant_config: { app_key: 'k', app_secret: 's', access_token: 't' }, webhook_secret: null }),
	moveOrder: () => ({ status: 'preparing' }),
	setConfig: () => ({ value: 25 }),
	setPlatformConfig: () => ({ value: 25 }),
	setItemAvailability: () => ({ is_available: false, until_end_of_day: true }),
	replaceItem: (town, place) => item(town, place),
	createItem: (town, place) => item(town, place),
	replaceDiscount: (town) => discount(town),
	createDiscount: (town) => discount(town),
	moveDeliveryOrder: () => ({ status: 'picked_up' }),
};
const item = (town, { things }) => ({ name: town.unique('Paneer'), description: null, price: 180, category_id: things.category, diet: 'veg', tax_ids: [things.tax],
	variations: [{ name: 'Full', price: 180 }], addon_groups: [{ id: things.addon_group, min: 0, max: 2 }] });
const discount = (town) => ({ name: 'Ten off', code: `CODE-${++town.n}`, kind: 'percent', percent: '10', min_subtotal: 200, max_discount: 75, order_types: ['pickup'], starts_at: '2026-02-13T08:30:00Z',
	ends_at: '2026-12-31T18:30:00Z', uses_max: 500, uses_per_guest_max: 1, first_order_only: true, is_active: true });
// Parameters that must be there, and have no example.
const QUERIES = { reportDailySales: { from: '2026-02-13', to: '2026-02-13' }, reportItemPerformance: { from: '2026-02-13', to: '2026-02-13' },
	reportOrderVolume: { from: '2026-02-13', to: '2026-02-13' } };

const isId = (schema) => [schema?.format].flat().includes('uuid');

// The object a schema describes, also where it is one of several.
function described(api, schema) {
	const one = api.resolve(schema) ?? {};
	if (one.properties || one.items) return one;
	return (one.oneOf ?? one.anyOf ?? []).map((s) => described(api, s)).find((s) => s.properties || s.items || isId(s)) ?? one;
}

// Every value of an example, with the path to it and the schema of it.
function* leaves(api, schema, value, at = [], names = ['body']) {
	const one = described(api, schema);
	if (Array.isArray(value)) for (const [i, element] of value.entries()) yield* leaves(api, one.items, element, [...at, i], names);
	else if (value !== null && typeof value === 'object') {
		for (const [name, member] of Object.entries(value)) yield* leaves(api, one.properties?.[name], member, [...at, name], [...names, name]);
	} else yield { at, names, value, schema: one };
}

function bodyOf(operation, town, place) {
	if (operation.body !== 'json') return undefined;
	if (BODIES[operation.id]) return BODIES[operation.id](town, place);
	const body = structuredClone(operation.example);
	if (operation.good.includes(201) || operation.method === 'PUT') {
		for (const name of ['name', 'username']) if (typeof body[name] === 'string') body[name] = town.unique(body[name].toLowerCase());
		if (typeof body.code === 'string') body.code = `CODE${++town.n}`;
	}
	return body;
}

// A collection that can be added to makes its own things: a kind of that name, from the example of its POST.
function madeBy(api, collection) {
	const post = api.operations.find((one) => one.template === collection && one.method === 'POST' && '201' in one.responses);
	const example = api.resolve(post?.requestBody)?.content?.['application/json']?.example;
	if (!example || !collection.startsWith('/api/v1/admin/')) return undefined;
	KINDS[collection] ??= {
		make: async (town, place) => {
			const json = await town.ask(place, place.admin, 'POST', collection, bodyOf({ id: post.operationId, body: 'json', method: 'POST', good: [201], example }, town, place));
			return json.id ?? Object.values(json).find((one) => one?.id).id;
		},
	};
	return collection;
}

// The places where ids stand. Throws what is lacking.
function idsOf(api, operation, town) {
	const found = [];
	for (const one of operation.parameters) {
		if (one.in === 'header') continue;
		let kind = NAMES[one.name];
		if (one.name === 'cursor' && isId(api.resolve(one.schema))) kind = CURSORS[operation.id] ?? madeBy(api, operation.template);
		else if (one.in === 'path' && one.name === 'id') kind = PATHS.find(([pattern]) => pattern.test(operation.template.split('{id}')[0]))?.[1] ??
			madeBy(api, operation.template.split('/{id}')[0]);
		else if (one.in === 'query' && one.name !== 'restaurant' && !isId(api.resolve(one.schema))) continue;
		if (!KINDS[kind]) throw new Error(`${operation.method} ${operation.template}: t/matrix/requests.js does not say what ${one.name} of the ${one.in} names`);
		found.push({ where: one.in, name: one.name, kind });
	}
	const body = bodyOf(operation, town, town.here);
	if (body !== undefined)
		for (const { at, names, value, schema } of leaves(api, operation.schema, body)) {
			if (!isId(schema) || value === null) continue;
			const kind = NAMES[names.slice(-2).join('.')] ?? NAMES[names.at(-1)];
			if (!KINDS[kind]) throw new Error(`${operation.method} ${operation.template}: t/matrix/requests.js does not say what ${names.slice(1).join('.')} of the body names`);
			found.push({ where: 'body', name: names.slice(1).join('.'), at, kind });
		}
	return found;
}

const put = (body, at, value) => at.slice(0, -1).reduce((node, key) => node[key], body)[at.at(-1)] = value;

// A request about the town's own things, those of `instead` ([slot, id]...) in their places.
async function build(town, operation, ids, instead = [], { isFresh = false } = {}) {
	const given = new Map(instead), values = new Map();
	await town.complete();
	for (const slot of ids.filter((one) => one.where !== 'query' || given.has(one)))
		values.set(slot, given.has(slot) ? given.get(slot) : isFresh && slot.where === 'path' ? await town.fresh(slot.kind) : town.here.things[slot.kind]);
	const query = new URLSearchParams(QUERIES[operation.id]);
	let at = operation.template;
	for (const [slot, value] of values) {
		if (slot.where === 'path') at = at.replace(`{${slot.name}}`, encodeURIComponent(value));
		if (slot.where === 'query') query.set(slot.name, value);
	}
	const json = bodyOf(operation, town, town.here);
	for (const [slot, value] of values) if (slot.where === 'body') put(json, slot.at, value);
	const headers = operation.parameters.some((one) => one.name === 'Idempotency-Key') ? { 'idempotency-key': crypto.randomUUID() } : {};
	return { at: `${at}${query.size ? `?${query}` : ''}`, method: operation.method, ...(json === undefined ? {} : { json }), headers };
}

module.exports = { bodyOf, build, idsOf, leaves, described };
