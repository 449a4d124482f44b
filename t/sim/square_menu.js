'use strict';
/*
 * A seller's catalog at the simulated Square: the objects, their versions, what is sold out, the counts of the inventory, and the calls
 * that read them. Old versions are kept, for an order may name one.
 *
 * The menu of its own has every form that a reader must know: nested and hidden categories, variations with prices of their own at a
 * location, a price to be typed in, modifier lists whose bounds stand in the item or (-1) in the list, a list of texts, modifiers sold
 * out or hidden, an item absent at the first location, one archived, one sold out, taxes on top and inside.
 */
const { Refusal } = require('./square_refusal.js');

const usd = (currency) => (amount) => ({ amount, currency });

/* The document: CatalogObjects without version and updated_at. `locations` are the seller's; the first two differ. */
function menu_of(locations, currency) {
	const money = usd(currency);
	const [here, there = here] = locations;
	const everywhere = { is_deleted: false, present_at_all_locations: true };
	const category = (id, name, more = {}) => ({
		type: 'CATEGORY', id, ...everywhere,
		category_data: { name, category_type: 'REGULAR_CATEGORY', is_top_level: true, online_visibility: true, ...more },
	});
	const tax = (id, name, percentage, inclusion_type = 'ADDITIVE', more = {}) => ({
		type: 'TAX', id, ...everywhere,
		tax_data: { name, calculation_phase: 'TAX_SUBTOTAL_PHASE', inclusion_type, percentage, applies_to_custom_amounts: false, enabled: true, ...more },
	});
	const modifier = (id, name, amount, list, more = {}) => ({
		type: 'MODIFIER', id, ...everywhere,
		modifier_data: { name, price_money: money(amount), on_by_default: false, modifier_list_id: list, ...more },
	});
	const modifiers = (id, name, min, max, rows, more = {}) => ({
		type: 'MODIFIER_LIST', id, ...everywhere,
		modifier_list_data: {
			name, selection_type: max === 1 ? 'SINGLE' : 'MULTIPLE', modifier_type: 'LIST', allow_quantities: false,
			min_selected_modifiers: min, max_selected_modifiers: max,
			modifiers: rows.map(([mid, n, amount, m], i) => modifier(mid, n, amount, id, { ordinal: i, ...m })), ...more,
		},
	});
	const item = (id, name, categories, taxes, lists, variations, more = {}, object_more = {}) => ({
		type: 'ITEM', id, ...everywhere, ...object_more,
		item_data: {
			name, description_plaintext: more.description_plaintext ?? '', is_taxable: taxes.length > 0, tax_ids: taxes, is_archived: false,
			product_type: 'FOOD_AND_BEV', categories: categories.map((c, i) => ({ id: c, ordinal: i })), reporting_category: { id: categories[0], ordinal: 0 },
			modifier_list_info: lists.map(([list, min = -1, max = -1], i) => ({
				modifier_list_id: list, min_selected_modifiers: min, max_selected_modifiers: max, enabled: true, ordinal: i,
			})),
			variations: variations.map(([vid, vname, amount, v = {}], i) => ({
				type: 'ITEM_VARIATION', id: vid, ...everywhere, ...object_more,
				item_variation_data: {
					item_id: id, name: vname, sku: '', ordinal: i, sellable: true, stockable: true, track_inventory: false,
					...(amount === null ? { pricing_type: 'VARIABLE_PRICING' } : { pricing_type: 'FIXED_PRICING', price_money: money(amount) }), ...v,
				},
			})),
			...more,
		},
	});

	return [
		category('CATSTARTERS', 'Starters'),
		category('CATMAINS', 'Mains'),
		category('CATCURRIES', 'Curries', { is_top_level: false, parent_category: { id: 'CATMAINS', ordinal: 0 } }),
		category('CATDRINKS', 'Drinks'),
		category('CATSTAFF', 'Staff meals', { online_visibility: false }),
		category('CATLUNCHMENU', 'Lunch menu', { category_type: 'MENU_CATEGORY', availability_period_ids: ['PERIODLUNCH'] }),
		tax('TAXSALES', 'Sales tax', '8.5'),
		tax('TAXCITY', 'City tax', '1.25', 'ADDITIVE', { applies_to_custom_amounts: true }),
		tax('TAXBOTTLE', 'Tax in the price', '10', 'INCLUSIVE'),
		tax('TAXOLD', 'Tax of yesteryear', '3', 'ADDITIVE', { enabled: false }),
		{ type: 'DISCOUNT', id: 'DISCTEN', ...everywhere, discount_data: { name: 'Ten percent', discount_type: 'FIXED_PERCENTAGE', percentage: '10' } },
		{ type: 'IMAGE', id: 'IMGTIKKA', ...everywhere, image_data: { name: 'tikka.jpg', url: 'https://items-images-sandbox.s3.amazonaws.com/tikka.jpg', caption: 'Paneer tikka' } },
		modifiers('MODSPICE', 'Spice level', 1, 1, [['MODMILD', 'Mild', 0, { on_by_default: true }], ['MODMEDIUM', 'Medium', 0], ['MODHOT', 'Andhra hot 🌶️', 0]]),
		modifiers('MODTOPPINGS', 'Extra toppings', 0, 0, [['MODCHEESE', 'Cheese', 150], ['MODPANEER', 'Paneer cubes', 200],
			['MODOLIVES', 'Black olives', 120, { location_overrides: [{ location_id: here, sold_out: true }] }],
			['MODTRUFFLE', 'Truffle', 900, { hidden_online: true }],
			['MODONION', 'Pickled onion', 75, { location_overrides: [{ location_id: there, price_money: money(85) }] }]], { allow_quantities: true }),
		modifiers('MODBREAD', 'Choose your bread', 1, 2, [['MODROTI', 'Tandoori roti', 0], ['MODNAAN', 'Butter naan', 100], ['MODGARLIC', 'Garlic naan', 150]]),
		{
			type: 'MODIFIER_LIST', id: 'MODMESSAGE', ...everywhere,
			modifier_list_data: { name: 'Message on the cake', selection_type: 'SINGLE', modifier_type: 'TEXT', max_length: 40, text_required: true, modifiers: [] },
		},
		item('ITTIKKA', 'Paneer Tikka', ['CATSTARTERS', 'CATLUNCHMENU'], ['TAXSALES'], [['MODSPICE'], ['MODTOPPINGS', 0, 3]],
			[['VARTIKKAHALF', 'Half', 850, { location_overrides: [{ location_id: there, price_money: money(900), pricing_type: 'FIXED_PRICING' }] }], ['VARTIKKAFULL', 'Full', 1499]],
			{ description_plaintext: 'Charcoal-grilled cottage cheese, mint chutney', image_ids: ['IMGTIKKA'] }),
		item('ITSAMOSA', 'Samosa (2 pc)', ['CATSTARTERS'], ['TAXSALES', 'TAXCITY'], [], [['VARSAMOSA', 'Regular', 499]]),
		item('ITMASALA', 'Butter Paneer Masala', ['CATCURRIES'], ['TAXSALES'], [['MODBREAD'], ['MODSPICE']], [['VARMASALA', 'Regular', 1299]]),
		item('ITDAL', 'Dal Makhani', ['CATCURRIES'], ['TAXSALES'], [['MODBREAD', 0, 2]],
			[['VARDAL', 'Regular', 1099, { track_inventory: true, location_overrides: [{ location_id: here, track_inventory: true }] }]]),
		item('ITBIRYANI', 'Biryani', ['CATMAINS'], ['TAXSALES'], [['MODSPICE'], ['MODTOPPINGS']],
			[['VARBIRVEG', 'Vegetable', 1150], ['VARBIREGG', 'Egg', 1250], ['VARBIRCHICKEN', 'Chicken', 1450]]),
		item('ITTHALI', 'Thali of the day', ['CATMAINS'], [], [], [['VARTHALI', 'Regular', 1000, { location_overrides: [{ location_id: here, sold_out: true }] }]]),
		item('ITCATCH', 'Catch of the day', ['CATMAINS'], ['TAXSALES'], [], [['VARCATCH', 'By weight', null]]),
		item('ITCAKE', 'Birthday cake', ['CATMAINS'], ['TAXSALES'], [['MODMESSAGE']], [['VARCAKE', 'Regular', 3500]]),
		item('ITWATER', 'Mineral water', ['CATDRINKS'], ['TAXBOTTLE'], [], [['VARWATER', '1 l', 300]]),
		item('ITLASSI', 'Mango Lassi 🥭', ['CATDRINKS'], ['TAXSALES'], [], [['VARLASSISMALL', 'Small', 350], ['VARLASSILARGE', 'Large', 525]]),
		item('ITTEA', 'Tea', ['CATDRINKS'], [], [], [['VARTEA', 'Cup', 0]]),
		item('ITBEER', 'Beer', ['CATDRINKS'], ['TAXSALES'], [], [['VARBEER', 'Bottle', 600]], {}, { present_at_all_locations: false, present_at_location_ids: [there] }),
		item('ITSTAFF', 'Staff curry', ['CATSTAFF'], [], [], [['VARSTAFF', 'Regular', 100]]),
		item('ITMUTTON', 'Mutton Rogan Josh', ['CATCURRIES'], ['TAXSALES'], [], [['VARMUTTON', 'Regular', 1699]], { is_archived: true }),
	];
}

/* Every object of a document, those inside others too. */
function* flat(objects) {
	for (const o of objects) {
		yield o;
		yield* flat(o.item_data?.variations ?? []);
		yield* flat(o.modifier_list_data?.modifiers ?? []);
	}
}

const present = (o, location) => (o.present_at_all_locations
	? !(o.absent_at_location_ids ?? []).includes(location) : (o.present_at_location_ids ?? []).includes(location));

/* The menu of every seller of the simulator: one document, the locations in it those of all. */
function catalog(w) {
	const { options } = w;
	let objects = [];        /* as they are now, deleted ones too */
	const past = new Map();  /* id → [objects, oldest first] */
	const counts = new Map(); /* "variation location" → {quantity, calculated_at} */
	let version = 0, restored = false;

	const remember = () => {
		for (const o of flat(objects)) {
			const before = past.get(o.id) ?? [];
			if (before[before.length - 1]?.version !== o.version)
				past.set(o.id, [...before, o]);
		}
	};

	/* Takes a document; what it leaves out is deleted. Objects that did not change keep their version. → changed ids */
	function replace(document, at_ms) {
		const was = new Map([...flat(objects)].map((o) => [o.id, o]));
		const bare = (o) => JSON.stringify({ ...o, version: 0, updated_at: 0, is_deleted: false, item_data: o.item_data && { ...o.item_data, variations: o.item_data.variations?.map(bare) },
			modifier_list_data: o.modifier_list_data && { ...o.modifier_list_data, modifiers: o.modifier_list_data.modifiers?.map(bare) } });
		const changed = [];
		version = Math.max(version + 1, at_ms);
		const stamp = (o) => {
			const inner = { ...o };
			if (o.item_data)
				inner.item_data = { ...o.item_data, variations: (o.item_data.variations ?? []).map(stamp) };
			if (o.modifier_list_data)
				inner.modifier_list_data = { ...o.modifier_list_data, modifiers: (o.modifier_list_data.modifiers ?? []).map(stamp) };
			const before = was.get(o.id);
			const same = before && !before.is_deleted && bare(before) === bare(o);
			if (!same)
				changed.push(o.id);
			return { ...inner, version: same ? before.version : version, updated_at: same ? before.updated_at : new Date(version).toISOString(), is_deleted: false };
		};
		const next = document.map(stamp);
		const kept = new Set([...flat(next)].map((o) => o.id));
		for (const o of objects.filter((x) => !kept.has(x.id))) {
			if (!o.is_deleted)
				changed.push(o.id);
			next.push(o.is_deleted ? o : { type: o.type, id: o.id, version, updated_at: new Date(version).toISOString(), is_deleted: true });
		}
		objects = next;
		remember();
		return changed;
	}

	/* The object as it was in a catalog version (the newest without one), or undefined if there is or was none. */
	function find(id, at_version) {
		const all = past.get(id) ?? [];
		const top = objects.find((o) => o.id === id) ?? [...flat(objects)].find((o) => o.id === id);
		if (at_version === undefined || at_version === null)
			return top && !top.is_deleted ? top : undefined;
		if (at_version > version)
			return undefined;
		const then = all.filter((o) => o.version <= at_version).pop();
		return then && !then.is_deleted ? then : undefined;
	}

	const listed = () => objects.filter((o) => !o.is_deleted);

	/* A page of a list. The cursor says which list it goes on with, and where. */
	function page(rows, size, cursor, about) {
		const tag = w.digest(`${about} ${options.seed}`).slice(0, 12);
		let from = 0;
		if (cursor) {
			const [mark, at] = Buffer.from(cursor, 'base64url').toString().split(' ');
			if (mark !== tag || !/^\d+$/.test(at ?? ''))
				throw new Refusal(400, 'INVALID_CURSOR', 'The pagination cursor included in the request is invalid.', 'cursor');
			from = Number(at);
		}
		const next = from + size < rows.length ? Buffer.from(`${tag} ${from + size}`).toString('base64url') : undefined;
		return { rows: rows.slice(from, from + size), ...(next && { cursor: next }) };
	}

	const TYPES = ['ITEM', 'IMAGE', 'CATEGORY', 'ITEM_VARIATION', 'TAX', 'DISCOUNT', 'MODIFIER_LIST', 'MODIFIER', 'PRICING_RULE', 'PRODUCT_SET',
		'TIME_PERIOD', 'MEASUREMENT_UNIT', 'SUBSCRIPTION_PLAN', 'SUBSCRIPTION_PLAN_VARIATION', 'ITEM_OPTION', 'ITEM_OPTION_VAL',
		'CUSTOM_ATTRIBUTE_DEFINITION', 'QUICK_AMOUNTS_SETTINGS', 'AVAILABILITY_PERIOD'];
	const of_types = (types, field) => {
		for (const t of types)
			if (!TYPES.includes(t))
				throw new Refusal(400, 'INVALID_ENUM_VALUE', `\`${t}\` is not a valid enum value for \`${field}\`.`, field);
		return (o) => !types.length || types.includes(o.type);
	};

	function list({ req, merchant }) {
		const types = (req.query.get('types') ?? '').split(',').map((t) => t.trim()).filter(Boolean);
		const wanted = of_types(types, 'types');
		const rows = (types.includes('ITEM_VARIATION') || types.includes('MODIFIER') ? [...flat(listed())] : listed()).filter(wanted);
		const p = page(rows, Number(options.page), req.query.get('cursor'), `list ${types} ${version}`);
		if (!p.cursor)
			w.done('menu_fetched', { request: req.id, merchant, objects: rows.length });
		return { ...(p.rows.length && { objects: p.rows }), ...(p.cursor && { cursor: p.cursor }) };
	}

	function search({ req, merchant, body }) {
		if (body.query)
			throw new Refusal(400, 'BAD_REQUEST', 'This simulator searches the catalog by type and time only.', 'query');
		if (body.limit !== undefined && (body.limit < 1 || body.limit > 1000))
			throw new Refusal(400, 'INVALID_VALUE', 'Limit must be between 1 and 1000.', 'limit');
		const wanted = of_types(body.object_types ?? [], 'object_types');
		const since = body.begin_time ? Date.parse(body.begin_time) : -1;
		const rows = objects.filter((o) => wanted(o) && (body.include_deleted_objects || !o.is_deleted) && Date.parse(o.updated_at) > since);
		const p = page(rows, body.limit ?? Number(options.page), body.cursor, `search ${body.object_types} ${body.begin_time} ${version}`);
		const named = new Set(p.rows.flatMap((o) => [...(o.item_data?.tax_ids ?? []), ...(o.item_data?.image_ids ?? []), ...(o.item_data?.categories ?? []).map((c) => c.id),
			...(o.item_data?.modifier_list_info ?? []).map((m) => m.modifier_list_id)]));
		const related = body.include_related_objects ? listed().filter((o) => named.has(o.id)) : [];
		if (!p.cursor)
			w.done('menu_fetched', { request: req.id, merchant, objects: rows.length });
		return { ...(p.rows.length && { objects: p.rows }), ...(related.length && { related_objects: related }),
			latest_time: new Date(version).toISOString(), ...(p.cursor && { cursor: p.cursor }) };
	}

	function get({ params }) {
		const found = find(params.id);
		if (!found)
			throw new Refusal(404, 'NOT_FOUND', `Catalog object with ID \`${params.id}\` not found.`, 'object_id');
		return { object: found };
	}

	const count_row = (id, location) => {
		const c = counts.get(`${id} ${location}`);
		return c && { catalog_object_id: id, catalog_object_type: 'ITEM_VARIATION', state: 'IN_STOCK', location_id: location, quantity: c.quantity, calculated_at: c.calculated_at };
	};

	function inventory({ body, merchant }) {
		const places = body.location_ids?.length ? body.location_ids : w.locations_of(merchant);
		const since = body.updated_after ? Date.parse(body.updated_after) : -1;
		const ids = body.catalog_object_ids?.length ? body.catalog_object_ids : [...new Set([...counts.keys()].map((k) => k.split(' ')[0]))];
		const rows = ids.flatMap((id) => places.map((l) => count_row(id, l))).filter((r) => r && Date.parse(r.calculated_at) > since);
		const p = page(rows, body.limit ?? 100, body.cursor, `counts ${ids} ${places}`);
		return { ...(p.rows.length && { counts: p.rows }), ...(p.cursor && { cursor: p.cursor }) };
	}

	/* Counts a variation at a place; told by inventory.count.updated. */
	function count(merchant, rows) {
		const at = w.now();
		const events = [w.event(merchant, undefined, 'inventory.count.updated', 'inventory_counts', w.uuid(), { inventory_counts: rows.map((r) => ({ calculated_at: at,
			catalog_object_id: r.id, catalog_object_type: 'ITEM_VARIATION', location_id: r.location, quantity: r.quantity, state: 'IN_STOCK' })) })];
		w.done('stock_saved', { merchant, counts: rows.map((r) => ({ ...r, calculated_at: at })), events });
		rows.forEach((r) => counts.set(`${r.id} ${r.location}`, { quantity: r.quantity, calculated_at: at }));
		return events;
	}

	function change({ body, merchant }) {
		const rows = body.changes.map((c, i) => {
			const field = `changes[${i}].physical_count`;
			if (c.type !== 'PHYSICAL_COUNT' || !c.physical_count)
				throw new Refusal(400, 'BAD_REQUEST', 'This simulator takes physical counts only.', `changes[${i}].type`);
			if (find(c.physical_count.catalog_object_id)?.type !== 'ITEM_VARIATION')
				throw new Refusal(404, 'NOT_FOUND', 'Item variation not found.', `${field}.catalog_object_id`);
			if (!w.locations_of(merchant).includes(c.physical_count.location_id))
				throw new Refusal(404, 'NOT_FOUND', 'Location not found.', `${field}.location_id`);
			return { id: c.physical_count.catalog_object_id, location: c.physical_count.location_id, quantity: c.physical_count.quantity };
		});
		w.hook.later(count(merchant, rows));
		return { counts: rows.map((r) => count_row(r.id, r.location)) };
	}

	const version_event = (merchant) => w.event(merchant, undefined, 'catalog.version.updated', 'catalog_version', w.uuid(),
		{ catalog_version: { updated_at: new Date(version).toISOString() } });

	/* The seller edits the menu: → {changed, answers}. Every seller has it, but only `merchant` is told of. */
	async function edit(document, merchant, how) {
		const at_ms = Date.now();
		const changed = replace(document, at_ms);
		const events = [version_event(merchant)];
		w.done('menu_replaced', { merchant, at_ms, changed, document, events });
		return { version, changed, answers: how.quiet ? [] : await w.hook.deliver(events, how) };
	}

	/* POST /_sim/stock: {id, location?, sold_out} marks a variation or a modifier; {id, location?, quantity} counts one. */
	async function stock(body) {
		const merchant = body.merchant ?? w.merchants[0];
		const places = body.location ? [body.location] : w.locations_of(merchant);
		const ids = [body.id].flat();
		for (const id of ids)
			if (!find(id))
				throw new Error(`no catalog object ${id}`);
		if (body.quantity !== undefined)
			return { answers: await w.hook.deliver(count(merchant, ids.flatMap((id) => places.map((location) => ({ id, location, quantity: String(body.quantity) })))), body) };
		const document = JSON.parse(JSON.stringify(listed()));
		for (const o of flat(document))
			if (ids.includes(o.id)) {
				const data = o.item_variation_data ?? o.modifier_data;
				if (!data)
					throw new Error(`${o.id} is neither a variation nor a modifier`);
				for (const location_id of places) {
					data.location_overrides = data.location_overrides ?? [];
					let row = data.location_overrides.find((x) => x.location_id === location_id);
					if (!row)
						data.location_overrides.push(row = { location_id });
					row.sold_out = Boolean(body.sold_out);
					delete row.sold_out_valid_until;
					if (body.until)
						row.sold_out_valid_until = body.until;
				}
			}
		return edit(document, merchant, body);
	}

	replace(menu_of(w.all_locations(), options.currency), Date.parse('2026-01-05T10:00:00Z'));
	return {
		list, search, get, inventory, change, edit, find, stock, page, present,
		document: () => listed(),
		modifier_lists: () => listed().filter((o) => o.type === 'MODIFIER_LIST'),
		taxes: () => listed().filter((o) => o.type === 'TAX'),
		restore: (row) => {
			if (row.effect === 'menu_replaced')
				replace(row.document, row.at_ms);
			for (const c of row.counts ?? [])
				counts.set(`${c.id} ${c.location}`, { quantity: c.quantity, calculated_at: c.calculated_at });
			restored = true;
		},
		reset: () => {
			counts.clear();
			if (restored || version !== Date.parse('2026-01-05T10:00:00Z')) {
				objects = [];
				past.clear();
				version = 0;
				replace(menu_of(w.all_locations(), options.currency), Date.parse('2026-01-05T10:00:00Z'));
			}
		},
	};
}

module.exports = { catalog, flat, menu_of, present };
