'use strict';
/*
 * From an order as asked for to an order as Square keeps it: what its form does not say by itself, names and prices of the catalog,
 * taxes that apply by themselves, uids, money. Nothing is stored here.
 *
 * What Square takes and a kitchen would wonder about (too few modifiers, a sold out dish, a price that is not the menu's) is not
 * refused: it is noted.
 */
const { price } = require('./square_price.js');
const { Refusal, error_of } = require('./square_refusal.js');

const DETAILS = { PICKUP: 'pickup_details', DELIVERY: 'delivery_details', SHIPMENT: 'shipment_details', IN_STORE: 'in_store_details' };
const IN_STORE_SINCE = '2026-09-16';
const ENDS = ['COMPLETED', 'CANCELED', 'FAILED'];

/* A copy without nulls: null is as good as absent. */
function clean(value) {
	if (Array.isArray(value))
		return value.map(clean);
	if (value === null || typeof value !== 'object')
		return value;
	return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null).map(([k, v]) => [k, clean(v)]));
}

function builder(w) {
	const { menu } = w;
	const refuse = (code, detail, field, status = 400) => {
		throw new Refusal(status, code, detail, field);
	};

	/* Every Money in the order is of the location's currency and none is negative. */
	function currencies(value, field, currency) {
		if (value === null || typeof value !== 'object')
			return;
		if ('amount' in value && 'currency' in value) {
			if (value.currency !== currency)
				refuse('CURRENCY_MISMATCH', `The currency \`${value.currency}\` does not match the location's, \`${currency}\`.`, field);
			if (value.amount < 0)
				refuse('VALUE_TOO_LOW', 'Amount must not be negative.', `${field}.amount`);
			return;
		}
		for (const [k, v] of Object.entries(value))
			currencies(v, Array.isArray(value) ? `${field}[${k}]` : `${field}.${k}`, currency);
	}

	function object_of(wanted, type, field, what) {
		const found = menu.find(wanted.catalog_object_id, wanted.catalog_version);
		if (found?.type !== type)
			refuse('NOT_FOUND', `${what} not found with catalog ID: ${wanted.catalog_object_id}${wanted.catalog_version === undefined ? ''
				: ` and catalog version: ${wanted.catalog_version}`}.`, `${field}.catalog_object_id`, 404);
		return found;
	}

	const at = (data, location) => (data.location_overrides ?? []).find((o) => o.location_id === location) ?? {};

	function modifiers_of(line, item, location, field, note) {
		const chosen = new Map();

		(line.modifiers ?? []).forEach((m, i) => {
			const where = `${field}.modifiers[${i}]`;
			m.quantity = m.quantity ?? '1';
			if (!/^\d+$/.test(m.quantity))
				refuse('INVALID_VALUE', 'Modifier quantity must be a whole number.', `${where}.quantity`);
			if (m.catalog_object_id === undefined) {
				if (m.name === undefined || m.base_price_money === undefined)
					refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${where}.${m.name === undefined ? 'name' : 'base_price_money'}`);
				return;
			}
			const o = object_of(m, 'MODIFIER', where, 'Modifier');
			const { modifier_data: data } = o;
			const here = at(data, location);
			m.name = m.name ?? data.name;
			m.catalog_version = m.catalog_version ?? o.version;
			const listed = here.price_money ?? data.price_money;
			if (m.base_price_money && listed && m.base_price_money.amount !== listed.amount)
				note('price_differs_from_menu', { where, id: o.id, menu: listed.amount, price: m.base_price_money.amount });
			m.base_price_money = m.base_price_money ?? listed ?? { amount: 0, currency: w.options.currency };
			if (here.sold_out || data.hidden_online)
				note('not_on_sale', { where, id: o.id });
			chosen.set(data.modifier_list_id, (chosen.get(data.modifier_list_id) ?? 0) + Number(m.quantity));
		});
		if (!item)
			return;
		const rules = new Map((item.item_data.modifier_list_info ?? []).filter((i) => i.enabled !== false).map((i) => [i.modifier_list_id, i]));
		for (const list of chosen.keys())
			if (!rules.has(list))
				note('foreign_modifier', { where: field, list });
		for (const [list, rule] of rules) {
			const data = menu.modifier_lists().find((l) => l.id === list)?.modifier_list_data;
			if (!data || data.modifier_type === 'TEXT')
				continue;
			const min = rule.min_selected_modifiers === -1 ? data.min_selected_modifiers ?? 0 : rule.min_selected_modifiers ?? 0;
			const max = rule.max_selected_modifiers === -1 ? data.max_selected_modifiers ?? 0 : rule.max_selected_modifiers ?? 0;
			const n = chosen.get(list) ?? 0;
			if (n < min || (max > 0 && n > max))
				note('modifier_count', { where: field, list, chosen: n, min, max });
		}
	}

	function line_of(line, i, location, note) {
		const field = `order.line_items[${i}]`;
		let item;

		if (/\./.test(line.quantity) && !line.quantity_unit)
			refuse('INVALID_VALUE', 'Quantity must be a whole number where no quantity_unit is given.', `${field}.quantity`);
		if (line.catalog_object_id === undefined) {
			line.item_type = line.item_type ?? 'ITEM';
			if (line.item_type === 'ITEM' && line.name === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.name`);
			if (line.base_price_money === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.base_price_money`);
			note('open_item', { where: field, name: line.name });
		} else {
			const o = object_of(line, 'ITEM_VARIATION', field, 'Item variation');
			const data = o.item_variation_data;
			item = menu.find(data.item_id, line.catalog_version);
			const here = at(data, location);
			const listed = here.price_money ?? data.price_money;
			line.item_type = 'ITEM';
			line.name = line.name ?? item.item_data.name;
			line.variation_name = line.variation_name ?? data.name;
			line.catalog_version = line.catalog_version ?? o.version;
			if (line.base_price_money === undefined && (here.pricing_type ?? data.pricing_type) === 'VARIABLE_PRICING')
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter: the item has variable pricing.', `${field}.base_price_money`);
			if (line.base_price_money && listed && line.base_price_money.amount !== listed.amount)
				note('price_differs_from_menu', { where: field, id: o.id, menu: listed.amount, price: line.base_price_money.amount });
			line.base_price_money = line.base_price_money ?? listed;
			if (here.sold_out || !menu.present(o, location) || item.item_data.is_archived)
				note('not_on_sale', { where: field, id: o.id });
		}
		modifiers_of(line, item, location, field, note);
		return item;
	}

	/* Taxes, discounts and charges: a name or an object of the catalog, a size, and references that lead somewhere. */
	function adjustments(order) {
		(order.taxes ?? []).forEach((t, i) => {
			const field = `order.taxes[${i}]`;
			if (t.catalog_object_id !== undefined) {
				const { tax_data: data } = object_of(t, 'TAX', field, 'Tax');
				t.name = t.name ?? data.name;
				t.percentage = t.percentage ?? data.percentage;
				t.type = t.type ?? data.inclusion_type;
			}
			if (t.name === undefined || t.percentage === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${t.name === undefined ? 'name' : 'percentage'}`);
			t.type = t.type ?? 'ADDITIVE';
			t.scope = t.scope ?? 'ORDER';
		});
		(order.discounts ?? []).forEach((d, i) => {
			const field = `order.discounts[${i}]`;
			if (d.catalog_object_id !== undefined) {
				const { discount_data: data } = object_of(d, 'DISCOUNT', field, 'Discount');
				d.name = d.name ?? data.name;
				d.type = d.type ?? data.discount_type;
				d.percentage = d.percentage ?? data.percentage;
				d.amount_money = d.amount_money ?? data.amount_money;
			}
			if (d.name === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.name`);
			if ((d.percentage === undefined) === (d.amount_money === undefined))
				refuse('BAD_REQUEST', 'Exactly one of percentage and amount_money must be set.', field);
			d.type = d.type ?? (d.percentage === undefined ? 'FIXED_AMOUNT' : 'FIXED_PERCENTAGE');
			if (d.type.endsWith('PERCENTAGE') !== (d.percentage !== undefined))
				refuse('CONFLICTING_PARAMETERS', `A discount of type ${d.type} is not given so.`, `${field}.type`);
			d.scope = d.scope ?? 'ORDER';
		});
		(order.service_charges ?? []).forEach((c, i) => {
			const field = `order.service_charges[${i}]`;
			if (c.name === undefined && c.catalog_object_id === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.name`);
			if ((c.percentage === undefined) === (c.amount_money === undefined))
				refuse('BAD_REQUEST', 'Exactly one of percentage and amount_money must be set.', field);
			if (c.calculation_phase === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.calculation_phase`);
			if (c.calculation_phase === 'TOTAL_PHASE' && (c.taxable || c.applied_taxes?.length))
				refuse('BAD_REQUEST', 'Service charges of the TOTAL_PHASE cannot be taxable.', `${field}.taxable`);
			c.taxable = c.taxable ?? false;
		});
	}

	function uids(order, uid) {
		for (const name of ['line_items', 'taxes', 'discounts', 'service_charges', 'fulfillments']) {
			const seen = new Set();
			(order[name] ?? []).forEach((x, i) => {
				x.uid = x.uid ?? uid();
				if (seen.has(x.uid))
					refuse('BAD_REQUEST', `Duplicate uid \`${x.uid}\`.`, `order.${name}[${i}].uid`);
				seen.add(x.uid);
				for (const m of x.modifiers ?? [])
					m.uid = m.uid ?? uid();
			});
		}
		const known = (name) => new Set((order[name] ?? []).map((x) => x.uid));
		const of = { applied_taxes: ['tax_uid', known('taxes')], applied_discounts: ['discount_uid', known('discounts')] };
		(order.line_items ?? []).forEach((line, i) => {
			for (const [list, [key, there]] of Object.entries(of))
				(line[list] ?? []).forEach((a, j) => {
					a.uid = a.uid ?? uid();
					if (!there.has(a[key]))
						refuse('BAD_REQUEST', `No such ${key}: \`${a[key]}\`.`, `order.line_items[${i}].${list}[${j}].${key}`);
				});
		});
	}

	function auto_taxes(order, items, uid) {
		const places = menu.taxes().filter((t) => t.tax_data.enabled && menu.present(t, order.location_id));

		order.line_items?.forEach((line, i) => {
			const mine = items[i] ? (items[i].item_data.is_taxable === false ? [] : places.filter((t) => (items[i].item_data.tax_ids ?? []).includes(t.id)))
				: places.filter((t) => t.tax_data.applies_to_custom_amounts);
			for (const o of mine) {
				order.taxes = order.taxes ?? [];
				let tax = order.taxes.find((t) => t.catalog_object_id === o.id);
				if (!tax)
					order.taxes.push(tax = { uid: uid(), catalog_object_id: o.id, catalog_version: o.version, name: o.tax_data.name, type: o.tax_data.inclusion_type,
						percentage: o.tax_data.percentage, scope: 'LINE_ITEM', auto_applied: true });
				line.applied_taxes = line.applied_taxes ?? [];
				if (!line.applied_taxes.some((a) => a.tax_uid === tax.uid))
					line.applied_taxes.push({ uid: uid(), tax_uid: tax.uid, auto_applied: true });
			}
		});
	}

	function fulfillment(f, i, order, square_version, now) {
		const field = `order.fulfillments[${i}]`;
		if (f.type === undefined)
			refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.type`);
		if (f.type === 'IN_STORE' && square_version < IN_STORE_SINCE)
			refuse('INVALID_ENUM_VALUE', `\`IN_STORE\` is not a valid enum value for \`${field}.type\`.`, `${field}.type`);
		const name = DETAILS[f.type];
		for (const [type, other] of Object.entries(DETAILS))
			if (f[other] && type !== f.type)
				refuse('CONFLICTING_PARAMETERS', `${other} is not of a fulfillment of type ${f.type}.`, `${field}.${other}`);
		f.state = f.state ?? 'PROPOSED';
		if (ENDS.includes(f.state))
			refuse('BAD_REQUEST', `A fulfillment cannot be created in the state ${f.state}.`, `${field}.state`);
		if (f.type === 'IN_STORE')
			f[name] = f[name] ?? {};
		const d = f[name] ?? refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${name}`);
		const who = d.recipient ?? {};
		if (f.type !== 'IN_STORE' && !who.display_name && !who.customer_id && !order.customer_id)
			refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${name}.recipient.display_name`);
		if (f.type === 'DELIVERY' && !who.address)
			refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${name}.recipient.address`);
		if (f.type === 'PICKUP' || f.type === 'DELIVERY') {
			const when = f.type === 'PICKUP' ? 'pickup_at' : 'deliver_at';
			d.schedule_type = d.schedule_type ?? 'SCHEDULED';
			if (d.schedule_type === 'SCHEDULED' && d[when] === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${name}.${when}`);
			if (f.type === 'DELIVERY' && d.schedule_type === 'ASAP' && d.prep_time_duration === undefined)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${name}.prep_time_duration`);
			if (d.is_curbside_pickup && !d.curbside_pickup_details)
				refuse('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', `${field}.${name}.curbside_pickup_details`);
			if (d.schedule_type === 'ASAP')
				d[when] = d[when] ?? new Date(Date.parse(now) + minutes_of(d.prep_time_duration ?? 'PT15M') * 60000).toISOString();
		}
		d.placed_at = now;
	}

	const minutes_of = (text) => {
		const m = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/.exec(text) ?? [];
		const [, weeks = 0, days = 0, hours = 0, mins = 0] = m;
		return Number(weeks) * 10080 + Number(days) * 1440 + Number(hours) * 60 + Number(mins);
	};

	/* A whole order, priced. asked: the order of the request; note(name, what) takes what a kitchen would wonder about. */
	function build(asked, { id, square_version, note, now }) {
		const order = clean(asked);
		const { currency, status } = w.location(order.location_id);
		let n = 0;
		const uid = () => w.digest(`${w.options.seed} uid ${id} ${++n}`).slice(0, 22);

		if (status === 'INACTIVE')
			refuse('BAD_REQUEST', 'The location is not active.', 'order.location_id');
		if (order.state !== undefined && order.state !== 'OPEN' && order.state !== 'DRAFT')
			refuse('BAD_REQUEST', `An order cannot be created in the state ${order.state}.`, 'order.state');
		if ((order.fulfillments ?? []).length > 1)
			throw new Refusal(400, [error_of(400, 'ARRAY_LENGTH_TOO_LONG', 'Orders can be created with at most one fulfillment.', 'order.fulfillments')]);
		currencies(order, 'order', currency);
		const items = (order.line_items ?? []).map((line, i) => line_of(line, i, order.location_id, note));
		adjustments(order);
		uids(order, uid);
		if (order.pricing_options?.auto_apply_taxes)
			auto_taxes(order, items, uid);
		(order.fulfillments ?? []).forEach((f, i) => fulfillment(f, i, order, square_version, now));
		price(order, currency, 0, 0, uid);
		return {
			id, ...order, state: order.state ?? 'OPEN', version: 1, created_at: now, updated_at: now,
			source: { name: w.options['source-name'], ...order.source },
		};
	}

	return { build, clean, fulfillment };
}

module.exports = { DETAILS, ENDS, builder, clean };
