'use strict';
/*
 * The reading side of a simulated Clover: lists in pages, with filters and expansions, and the inventory they show.
 *
 * A page has 100 elements unless limit says otherwise, at most 1,000; the envelope is {elements, href} and has no count: the last
 * page is the one that is not full. Filters are repeated and all hold; a field that cannot be filtered by is refused and the
 * answer's header names those that can. What is not expanded is not there. Expanded lists end after 100 elements.
 */
const { Refusal, bad, bool_of, int_of, list_of, text_of } = require('./clover_cart.js');

const LIMIT = 100;
const LIMIT_MAX = 1000;
const NESTED_MAX = 100;

/* Types by name of field; all others are text. */
const NUMBERS = ['createdTime', 'modifiedTime', 'clientCreatedTime', 'total', 'amount', 'price', 'sortOrder', 'stockCount'];
const BOOLEANS = ['testMode', 'hidden', 'deleted', 'available', 'isDefault'];

const COMPARE = {
	'=': (a, b) => a === b, '!=': (a, b) => a !== b, '>': (a, b) => a > b, '<': (a, b) => a < b, '>=': (a, b) => a >= b, '<=': (a, b) => a <= b,
};

function value_of(name, text) {
	if (NUMBERS.includes(name)) {
		if (!/^-?\d+$/.test(text))
			throw bad(`filter ${name} needs a number`);
		return Number(text);
	}
	return BOOLEANS.includes(name) ? text === 'true' : text;
}

function clover_read(house) {
	const { sim } = house;

	function filter_of(text, fields) {
		const m = /^([A-Za-z.]+)(>=|<=|!=|=|>|<)(.*)$/s.exec(text);
		if (!m || !fields.includes(m[1])) {
			const e = new Refusal(400, 'Invalid filter field', m ? m[1] : text);
			e.answer.headers = { 'X-Clover-Allowed-Filter-Fields': fields.join(',') };
			throw e;
		}
		const [, name, op, raw] = m;
		if (op === '=' && raw.endsWith('*') && !NUMBERS.includes(name))
			return { name, holds: (v) => String(v ?? '').startsWith(raw.slice(0, -1)) };
		const wanted = value_of(name, raw);
		return { name, holds: (v) => COMPARE[op](v ?? (typeof wanted === 'number' ? 0 : ''), wanted) };
	}

	function number_of(ctx, name, otherwise, min) {
		const text = ctx.req.query.get(name);
		if (text === null)
			return otherwise;
		if (!/^\d+$/.test(text) || Number(text) < min)
			throw bad(`${name} must be an integer of ${min} or more`);
		return Number(text);
	}

	/* field(row, name): what a filter or an order looks at. */
	function page(ctx, rows, where, { fields, wire, field = (row, name) => row[name] }) {
		const q = ctx.req.query;
		const filters = q.getAll('filter').map((f) => filter_of(f, fields));
		const limit = Math.min(number_of(ctx, 'limit', LIMIT, 1), LIMIT_MAX);
		const offset = number_of(ctx, 'offset', 0, 0);
		let found = rows.filter((row) => filters.every((f) => f.holds(field(row, f.name))));
		const [by, way = 'ASC'] = (q.get('orderBy') ?? '').split(' ');
		if (by) {
			if (!fields.includes(by))
				throw new Refusal(400, 'Invalid orderBy field', by);
			const sign = way.toUpperCase() === 'DESC' ? -1 : 1;
			const key = (row) => field(row, by) ?? '';
			found = [...found].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
		}
		const shown = found.slice(offset, offset + limit);
		return { status: 200, shown_n: shown.length, body: { elements: shown.map(wire), href: `${house.href(ctx, where)}?limit=${limit}&offset=${offset}` } };
	}

	const refs = (list) => ({ elements: list.slice(0, NESTED_MAX) });

	/* --- inventory ------------------------------------------------------------------------------------------------ */

	function group_wire(menu, g, expands) {
		const { modifiers, ...rest } = g;
		return { ...rest, modifierIds: modifiers.map((m) => m.id).join(','),
			...(expands.includes('modifiers') && { modifiers: refs(modifiers.map((m) => ({ ...m, modifierGroup: { id: g.id } }))) }) };
	}

	function item_wire(menu, item, expands) {
		const { categories, modifierGroups, taxRates, stock, itemGroup, options, unitName, ...rest } = item;
		const defaults = item.defaultTaxRates ? menu.tax_rates.filter((t) => t.isDefault).map((t) => t.id) : [];
		const taxes = menu.tax_rates.filter((t) => taxRates.includes(t.id) || defaults.includes(t.id));
		return {
			...rest, ...(unitName && { unitName }), ...(itemGroup && { itemGroup: { id: itemGroup } }),
			...(expands.includes('categories') && { categories: refs(menu.categories.filter((c) => categories.includes(c.id))) }),
			...(expands.includes('modifierGroups') && { modifierGroups: refs(menu.modifier_groups.filter((g) => modifierGroups.includes(g.id)).map((g) => group_wire(menu, g, []))) }),
			...(expands.includes('taxRates') && { taxRates: refs(taxes) }),
			...(expands.includes('options') && { options: refs(menu.options.filter((o) => options.includes(o.id)).map((o) => ({ ...o, attribute: { id: o.attribute } }))) }),
			...(expands.includes('itemStock') && stock !== null && { itemStock: { item: { id: item.id }, stockCount: stock, quantity: stock } }),
		};
	}

	const stock_wire = (item) => ({ item: { id: item.id }, ...(item.stock !== null && { stockCount: item.stock, quantity: item.stock }), modifiedTime: item.modifiedTime });

	const found = (list, id, message = 'invalid ID') => {
		const row = list.find((r) => r.id === id);
		if (!row)
			throw new Refusal(404, message);
		return row;
	};

	function items(ctx) {
		const menu = house.menu(ctx.outlet);
		const expands = house.expands(ctx);
		/* Deleted ones are told only to those who ask for them. */
		const asked = ctx.req.query.getAll('filter').some((f) => f.startsWith('deleted'));
		const answer = page(ctx, menu.items.filter((i) => asked || !i.deleted), 'items', {
			fields: ['id', 'name', 'modifiedTime', 'deleted', 'hidden', 'price', 'alternateName', 'code', 'sku', 'available', 'categoryId'],
			field: (i, name) => (name === 'categoryId' ? i.categories[0] : i[name]), wire: (i) => item_wire(menu, i, expands),
		});
		sim.effect('menu_fetched', { request: ctx.req.id, outlet: ctx.outlet, items: answer.shown_n, offset: Number(ctx.req.query.get('offset') ?? 0) });
		return answer;
	}

	function item(ctx) {
		const menu = house.menu(ctx.outlet);
		return { status: 200, body: item_wire(menu, found(menu.items, ctx.ids[0]), house.expands(ctx)) };
	}

	/* Changed by the hub or at the till. kind: the letters before its id in events; values: {field: value} */
	function change(outlet, kind, row, values, by, request) {
		Object.assign(row, values);
		if (kind === 'I')
			row.modifiedTime = Math.max(house.now(), row.modifiedTime + 1);
		sim.effect('menu_changed', { request, outlet, kind_of: kind, id: row.id, values: { ...values, ...(kind === 'I' && { modifiedTime: row.modifiedTime }) }, by });
		house.notify(outlet, `${kind}:${row.id}`, 'UPDATE');
	}

	/* POST is partial; PUT needs the name and the price. */
	function update_item(ctx) {
		const menu = house.menu(ctx.outlet);
		const row = found(menu.items, ctx.ids[0]);
		const { body } = ctx;
		if (ctx.req.method === 'PUT' && (typeof body.name !== 'string' || !Number.isSafeInteger(body.price)))
			throw bad('name and price are required');
		const values = Object.fromEntries(Object.entries({
			name: text_of(body.name, 'name', 127), price: int_of(body.price, 'price'),
			available: bool_of(body.available, 'available', null), hidden: bool_of(body.hidden, 'hidden', null), autoManage: bool_of(body.autoManage, 'autoManage', null),
		}).filter(([, v]) => v !== null));
		change(ctx.outlet, 'I', row, values, 'hub', ctx.req.id);
		return { status: 200, body: item_wire(menu, row, []) };
	}

	function update_stock(ctx) {
		const row = found(house.menu(ctx.outlet).items, ctx.ids[0]);
		const quantity = int_of(ctx.body.quantity, 'quantity', -Number.MAX_SAFE_INTEGER);
		if (quantity === null)
			throw bad('quantity is required');
		change(ctx.outlet, 'I', row, { stock: quantity }, 'hub', ctx.req.id);
		return { status: 200, body: stock_wire(row) };
	}

	function update_modifier(ctx) {
		const group = found(house.menu(ctx.outlet).modifier_groups, ctx.ids[0]);
		const row = found(group.modifiers, ctx.ids[1]);
		const available = bool_of(ctx.body.available, 'available', row.available);
		change(ctx.outlet, 'IM', row, { available, price: int_of(ctx.body.price, 'price') ?? row.price }, 'hub', ctx.req.id);
		return { status: 200, body: { ...row, modifierGroup: { id: group.id } } };
	}

	/* A list of the menu that is shown as it is. */
	const plain = (key, where, fields) => (ctx) => page(ctx, house.menu(ctx.outlet)[key], where, { fields: ['id', 'name', ...fields], wire: (row) => {
		const { external, ...shown } = row;
		return shown;
	} });

	const modifier_groups = (ctx) => {
		const menu = house.menu(ctx.outlet);
		const expands = house.expands(ctx);
		return page(ctx, menu.modifier_groups, 'modifier_groups', { fields: ['id', 'name'], wire: (g) => group_wire(menu, g, expands) });
	};

	const item_stocks = (ctx) => page(ctx, house.menu(ctx.outlet).items.filter((i) => !i.deleted), 'item_stocks', { fields: ['id', 'stockCount'], wire: stock_wire });
	const item_stock = (ctx) => ({ status: 200, body: stock_wire(found(house.menu(ctx.outlet).items, ctx.ids[0])) });
	const modifier_group = (ctx) => {
		const menu = house.menu(ctx.outlet);
		return { status: 200, body: group_wire(menu, found(menu.modifier_groups, ctx.ids[0]), house.expands(ctx)) };
	};

	const merchant = (ctx) => {
		const { name, currency, timezone } = house.menu(ctx.outlet).merchant;
		return { status: 200, body: { id: ctx.outlet, href: house.href(ctx, '').replace(/\/$/, ''), name, defaultCurrency: currency, timezone } };
	};
	const properties = (ctx) => {
		const { currency, timezone, isVat } = house.menu(ctx.outlet).merchant;
		return { status: 200, body: { defaultCurrency: currency, timezone, vat: isVat, locale: 'en_US', trackStock: true, merchantRef: { id: ctx.outlet } } };
	};

	const default_service_charge = (ctx) => ({ status: 200, body: house.menu(ctx.outlet).service_charges[0] ?? {} });

	/* --- customers ------------------------------------------------------------------------------------------------ */

	function create_customer(ctx) {
		const { body } = ctx;
		const customer = {
			id: house.id('customer'), firstName: text_of(body.firstName, 'firstName', 64) ?? '', lastName: text_of(body.lastName, 'lastName', 64) ?? '',
			emailAddresses: list_of(body.emailAddresses, 'emailAddresses').map((e) => text_of(e.emailAddress, 'emailAddress', 127)),
			phoneNumbers: list_of(body.phoneNumbers, 'phoneNumbers').map((p) => text_of(p.phoneNumber, 'phoneNumber', 21)),
		};
		house.merchants.get(ctx.outlet).customers.set(customer.id, customer);
		sim.effect('customer_saved', { request: ctx.req.id, outlet: ctx.outlet, id: customer.id, customer });
		house.notify(ctx.outlet, `C:${customer.id}`, 'CREATE');
		const { emailAddresses, phoneNumbers, ...shown } = customer;
		return { status: 200, body: { href: house.href(ctx, `customers/${customer.id}`), ...shown } };
	}

	return {
		categories: plain('categories', 'categories', ['sortOrder', 'modifiedTime']), change, create_customer, default_service_charge, item,
		item_groups: plain('item_groups', 'item_groups', []), item_stock, item_stocks, items, merchant, modifier_group, modifier_groups, opening_hours: plain('opening_hours', 'opening_hours', []),
		order_types: plain('order_types', 'order_types', ['label', 'isDefault']), page, properties,
		service_charges: plain('service_charges', 'service_charges', []), tax_rates: plain('tax_rates', 'tax_rates', ['isDefault']),
		tenders: plain('tenders', 'tenders', ['label', 'labelKey']), update_item, update_modifier, update_stock,
	};
}

module.exports = { LIMIT, LIMIT_MAX, clover_read };
