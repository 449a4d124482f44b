'use strict';
/*
 * What the orders API of the simulated Toast makes of an order that is sent to it: every rule by which it refuses one, and the
 * Order that it answers with. Nothing here is stored; the same is done for /prices and for /orders.
 *
 * As the guide says, Toast looks at neither opening hours nor stock nor visibility: such things are noted, not refused.
 */
const { is_guid } = require('./toast_place.js');
const { Refusal, cents_of, check_sums, item_cents, money, need, option_cents, menu_cents } = require('./toast_price.js');

const CHECKS_MAX = 100;
const SELECTIONS_MAX = 1000;

const is_object = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const given = (v) => v !== undefined && v !== null;

/* What may be sent. What is not here is ignored by Toast and noted by us: it is either response-only or unknown. */
const KEYS = {
	order: ['entityType', 'externalId', 'diningOption', 'promisedDate', 'openedDate', 'paidDate', 'requiredPrepTime', 'numberOfGuests', 'table', 'server',
		'revenueCenter', 'deliveryInfo', 'curbsidePickupInfo', 'marketplaceFacilitatorTaxInfo', 'appliedPackagingInfo', 'checks'],
	check: ['entityType', 'externalId', 'tabName', 'taxExempt', 'customer', 'selections', 'appliedServiceCharges', 'appliedDiscounts', 'payments',
		'appliedLoyaltyInfo', 'openedDate', 'paidDate'],
	selection: ['entityType', 'externalId', 'item', 'itemGroup', 'optionGroup', 'preModifier', 'quantity', 'unitOfMeasure', 'selectionType', 'displayName',
		'openPriceAmount', 'externalPriceAmount', 'modifiers', 'createdDate', 'modifiedDate'],
	customer: ['entityType', 'guid', 'firstName', 'lastName', 'phone', 'phoneCountryCode', 'email'],
	delivery: ['address1', 'address2', 'city', 'state', 'zipCode', 'country', 'administrativeArea', 'latitude', 'longitude', 'notes'],
	payment: ['entityType', 'externalId', 'type', 'amount', 'tipAmount', 'otherPayment', 'paidDate', 'uuid', 'encryptedCardData', 'encryptionKeyId', 'first6', 'last4', 'cardType'],
};

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/;

/* Milliseconds of a moment in the forms of the guide. */
function moment_of(text, where) {
	need(typeof text === 'string' && DATE.test(text), `${where} must be a date and time of ISO 8601 with its zone`);
	const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
	need(!Number.isNaN(ms), `${where} is no date`);
	return ms;
}

const date_text = (ms) => new Date(ms).toISOString().replace('Z', '+0000');

const NEW_YORK = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', year: 'numeric', month: '2-digit', day: '2-digit' });
/* The day's books close at four in the morning. */
const business_date = (ms) => Number(NEW_YORK.format(new Date(ms - 4 * 3600 * 1000)).replaceAll('-', ''));

/* One reading of one order. what it needs of the world: place, index of the menu, rates by GUID, authority, now in ms. */
class Reading {
	/* guid: (name) → the GUID of a part of the order; null for a price call, which stores nothing. */
	constructor({ place, index, rates, authority, now, stock, guid, is_price }) {
		Object.assign(this, { place, index, rates, authority, now, stock, guid: guid ?? (() => null), is_price });
		this.notes = [];
		this.external_ids = []; /* [kind, externalId] of everything that must be unique */
	}

	note(note, where) {
		this.notes.push({ note, where });
	}

	known_keys(kind, value, where) {
		for (const key of Object.keys(value))
			if (!KEYS[kind].includes(key))
				this.note('ignored_key', `${where}.${key}`);
	}

	external_id(kind, value, where) {
		if (!given(value))
			return null;
		need(typeof value === 'string', `${where}.externalId must be a text`);
		const m = /^([A-Za-z0-9_-]{1,16}):(.{1,256})$/s.exec(value);
		need(m, `${where}.externalId must be of the form AUTHORITY:id`);
		need(m[1] === this.authority, `${where}.externalId has a naming authority that is not this client's`);
		need(!this.external_ids.some(([k, v]) => k === kind && v === value), `${where}.externalId stands twice in this order`);
		this.external_ids.push([kind, value]);
		return value;
	}

	/* A reference to something configured. → its GUID */
	reference(value, known, where, name) {
		need(is_object(value) && is_guid(value.guid), `${where} must be a reference with a GUID`);
		need(known.has(value.guid), `${name} not found: ${value.guid}`);
		return value.guid;
	}

	text(value, max, where) {
		if (!given(value))
			return null;
		need(typeof value === 'string' && [...value].length <= max, `${where} must be a text of at most ${max} characters`);
		return value;
	}

	order(body) {
		need(is_object(body), 'the order must be a JSON object');
		this.known_keys('order', body, 'order');
		const option = this.reference(body.diningOption, this.place.behavior_of, 'diningOption', 'Dining option');
		this.behavior = this.place.behavior_of.get(option);
		need(Array.isArray(body.checks) && body.checks.length > 0, 'checks must not be empty');
		need(body.checks.length <= CHECKS_MAX, 'too many checks', 413);
		need(body.checks.every(is_object), 'a check must be an object');
		const selections = body.checks.reduce((n, c) => n + (Array.isArray(c.selections) ? c.selections.length : 0), 0);
		need(selections <= SELECTIONS_MAX, `more than ${SELECTIONS_MAX} selections`);
		const externalId = this.external_id('order', body.externalId, 'order');
		if (!externalId && !this.is_price)
			this.note('no_external_id', 'order');
		const times = this.times(body);
		const checks = body.checks.map((c, i) => this.check(c, i));
		return {
			guid: this.guid('order'), entityType: 'Order', externalId, openedDate: date_text(times.opened), modifiedDate: date_text(this.now),
			promisedDate: times.promised === null ? null : date_text(times.promised), channelGuid: null, checks,
			diningOption: { guid: option, entityType: 'DiningOption', externalId: null }, deliveryInfo: this.delivery(body.deliveryInfo),
			curbsidePickupInfo: this.curbside(body.curbsidePickupInfo), table: this.table(body.table), serviceArea: null, restaurantService: null,
			revenueCenter: given(body.revenueCenter)
				? { guid: this.reference(body.revenueCenter, new Set([this.place.revenue_center]), 'revenueCenter', 'Revenue center'), entityType: 'RevenueCenter', externalId: null } : null,
			source: 'API', duration: 0, numberOfGuests: this.count(body.numberOfGuests, 'numberOfGuests'), requiredPrepTime: times.prep,
			estimatedFulfillmentDate: this.behavior === 'DINE_IN' ? null : date_text(Math.max(this.now + (times.prep_ms ?? 15 * 60000), times.promised ?? 0)),
			voided: false, voidDate: null, voidBusinessDate: null, paidDate: checks.some((c) => c.payments.length) ? date_text(this.now) : null,
			closedDate: null, deleted: false, deletedDate: '1970-01-01T00:00:00.000+0000', businessDate: business_date(times.opened), server: null,
			pricingFeatures: ['TAXESV2'], approvalStatus: this.is_price ? null : times.is_future ? 'FUTURE' : 'NEEDS_APPROVAL',
			createdDevice: null, createdDate: date_text(this.now), lastModifiedDevice: null, createdInTestMode: false,
			appliedPackagingInfo: body.appliedPackagingInfo ?? null, excessFood: false, displayNumber: null,
		};
	}

	count(value, where) {
		need(!given(value) || (Number.isInteger(value) && value >= 0), `${where} must be a whole number`);
		return value ?? null;
	}

	times(body) {
		let prep_ms = null;
		if (given(body.requiredPrepTime)) {
			const m = /^PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?$/.exec(body.requiredPrepTime);
			const minutes = m ? Number(m[1] ?? 0) * 60 + Number(m[2] ?? 0) : 0;
			need(minutes > 0 && minutes % 5 === 0, 'requiredPrepTime must be a duration of some five minutes, such as PT15M');
			prep_ms = minutes * 60000;
		}
		const promised = given(body.promisedDate) ? moment_of(body.promisedDate, 'promisedDate') : null;
		const opened = given(body.openedDate) ? moment_of(body.openedDate, 'openedDate') : this.now;
		need(promised === null || !given(body.openedDate) || promised >= opened, 'promisedDate must not be before openedDate');
		if (promised !== null && promised < this.now)
			this.note('promised_in_the_past', 'order.promisedDate');
		return { opened, promised, prep: body.requiredPrepTime ?? null, prep_ms, is_future: promised !== null && promised - (prep_ms ?? 15 * 60000) > this.now };
	}

	table(value) {
		if (!given(value))
			return null;
		return { guid: this.reference(value, this.place.tables, 'table', 'Table'), entityType: 'Table', externalId: null };
	}

	delivery(value) {
		if (this.behavior !== 'DELIVERY') {
			if (given(value))
				this.note('ignored_key', 'order.deliveryInfo');
			return null;
		}
		if (!given(value) && this.is_price)
			return null;
		need(is_object(value), 'deliveryInfo is required for a delivery');
		this.known_keys('delivery', value, 'order.deliveryInfo');
		for (const key of ['address1', 'city', 'state', 'zipCode'])
			need(typeof value[key] === 'string' && value[key].trim() !== '', `deliveryInfo.${key} is required`);
		need(/^[A-Z]{2}$/.test(value.state), 'deliveryInfo.state must be of two letters');
		for (const key of ['latitude', 'longitude'])
			need(!given(value[key]) || typeof value[key] === 'number', `deliveryInfo.${key} must be a number`);
		const address = Object.fromEntries(KEYS.delivery.map((k) => [k, value[k] ?? null]));
		return { ...address, deliveredDate: null, dispatchedDate: null, deliveryEmployee: null, deliveryState: 'PENDING', originatingService: null, originatingServiceLabel: null };
	}

	curbside(value) {
		if (!given(value))
			return null;
		need(is_object(value), 'curbsidePickupInfo must be an object');
		return { transportDescription: this.text(value.transportDescription, 255, 'transportDescription'), transportColor: this.text(value.transportColor, 255, 'transportColor'),
			notes: this.text(value.notes, 1000, 'curbsidePickupInfo.notes') };
	}

	customer(value, where) {
		if (!given(value)) {
			need(this.is_price || this.behavior === 'DINE_IN', `${where}.customer is required for take-out and delivery`);
			return null;
		}
		need(is_object(value), `${where}.customer must be an object`);
		this.known_keys('customer', value, `${where}.customer`);
		for (const key of ['firstName', 'lastName', 'phone', 'email'])
			need(typeof value[key] === 'string' && value[key].trim() !== '', `${where}.customer.${key} is required`);
		for (const key of ['firstName', 'lastName'])
			this.text(value[key], 255, `${where}.customer.${key}`);
		need(/^\d{10}$/.test(value.phone), `${where}.customer.phone must be of ten digits`);
		need(value.email.length <= 53 && /^[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}$/.test(value.email), `${where}.customer.email is not valid`);
		return { guid: this.guid(`${where} customer`), entityType: 'Customer', firstName: value.firstName, lastName: value.lastName, phone: value.phone,
			phoneCountryCode: value.phoneCountryCode ?? '1', email: value.email };
	}

	check(check, no) {
		const where = `checks[${no}]`;
		this.known_keys('check', check, where);
		const externalId = this.external_id('check', check.externalId, where);
		need(Array.isArray(check.selections) && check.selections.length > 0, `${where}.selections must not be empty`);
		const tabName = this.text(check.tabName, 255, `${where}.tabName`);
		need(!given(check.taxExempt) || typeof check.taxExempt === 'boolean', `${where}.taxExempt must be true or false`);
		const customer = this.customer(check.customer, where);
		const lines = check.selections.map((s, i) => this.line(s, `${where}.selections[${i}]`));
		const discounts = this.discounts(check.appliedDiscounts ?? [], where);
		const charges = this.charges(check.appliedServiceCharges ?? [], where);
		const sums = check_sums(lines, discounts, charges, check.taxExempt === true);
		for (const l of lines)
			this.settle(l);
		const payments = this.payments(check.payments ?? [], where);
		return this.check_of({ check, where, externalId, tabName, customer, lines, discounts, charges, sums, payments });
	}

	check_of({ check, where, externalId, tabName, customer, lines, discounts, charges, sums, payments }) {
		const paid = payments.reduce((n, p) => n + Math.round(p.amount * 100), 0);
		if (payments.length && paid !== sums.total)
			this.note('payment_differs_from_total', where);
		return {
			guid: this.guid(where), entityType: 'Check', externalId, createdDate: date_text(this.now), openedDate: date_text(this.now), closedDate: null,
			modifiedDate: date_text(this.now), deletedDate: '1970-01-01T00:00:00.000+0000', deleted: false, selections: lines.map((l) => l.selection), customer,
			appliedLoyaltyInfo: null, taxExempt: check.taxExempt === true, displayNumber: null,
			appliedServiceCharges: charges.map((c, i) => ({ guid: this.guid(`${where} charge ${i}`), entityType: 'AppliedServiceCharge',
				serviceCharge: { guid: c.guid, entityType: 'ServiceCharge' }, name: c.kind.name, chargeType: c.kind.type, chargeAmount: money(sums.charges[i]), gratuity: false, taxable: false })),
			amount: money(sums.amount), taxAmount: money(sums.tax), totalAmount: money(sums.total), payments, tabName,
			paymentStatus: payments.length && paid >= sums.total ? 'CLOSED' : 'OPEN',
			appliedDiscounts: discounts.map((d, i) => ({ guid: this.guid(`${where} discount ${i}`), entityType: 'AppliedCustomDiscount',
				discount: { guid: d.guid, entityType: 'Discount' }, name: d.kind.name, discountAmount: money(sums.discounts[i]), processingState: 'APPLIED' })),
			voided: false, voidDate: null, voidBusinessDate: null, paidDate: payments.length ? date_text(this.now) : null, createdDevice: null,
			lastModifiedDevice: null, duration: 0, openedBy: null,
		};
	}

	discounts(list, where) {
		need(Array.isArray(list) && list.length <= 1, `${where}.appliedDiscounts: one discount per check`);
		return list.map((d) => {
			const guid = this.reference(d?.discount, this.place.discount_of, `${where}.appliedDiscounts[0].discount`, 'Discount');
			const kind = this.place.discount_of.get(guid);
			const is_open = kind.type === 'OPEN_FIXED';
			need(!is_open || given(d.discountAmount), `${where}.appliedDiscounts[0].discountAmount is required for an open discount`);
			return { guid, kind, given: is_open ? cents_of(d.discountAmount, 'discountAmount') : null };
		});
	}

	charges(list, where) {
		need(Array.isArray(list), `${where}.appliedServiceCharges must be a list`);
		return list.map((c, i) => {
			const at = `${where}.appliedServiceCharges[${i}]`;
			const guid = this.reference(c?.serviceCharge, this.place.charge_of, `${at}.serviceCharge`, 'Service charge');
			const kind = this.place.charge_of.get(guid);
			need(kind.type === 'OPEN' || !given(c.chargeAmount), `${at}.chargeAmount: only an open service charge can be told its amount`);
			need(kind.type !== 'OPEN' || given(c.chargeAmount), `${at}.chargeAmount is required for an open service charge`);
			return { guid, kind, given: kind.type === 'OPEN' ? cents_of(c.chargeAmount, `${at}.chargeAmount`) : null };
		});
	}

	payments(list, where) {
		need(Array.isArray(list), `${where}.payments must be a list`);
		return list.map((p, i) => {
			const at = `${where}.payments[${i}]`;
			need(is_object(p), `${at} must be an object`);
			this.known_keys('payment', p, at);
			need(p.type === 'OTHER' || p.type === 'CREDIT', `${at}.type must be OTHER or CREDIT`);
			need(p.type !== 'CREDIT' || typeof p.encryptedCardData === 'string', `${at}: a credit payment needs its authorization`);
			const other = p.type === 'OTHER' ? this.reference(p.otherPayment, this.place.payments, `${at}.otherPayment`, 'Payment type') : null;
			const amount = cents_of(p.amount, `${at}.amount`);
			const paid_ms = given(p.paidDate) ? moment_of(p.paidDate, `${at}.paidDate`) : this.now;
			return {
				guid: this.guid(at), entityType: 'OrderPayment', externalId: this.external_id('payment', p.externalId, at), paidDate: date_text(paid_ms),
				paidBusinessDate: business_date(paid_ms), type: p.type, cardEntryMode: null, amount: money(amount), tipAmount: money(cents_of(p.tipAmount, `${at}.tipAmount`)),
				amountTendered: money(amount), cardType: null, last4Digits: null, originalProcessingFee: null, refund: null, refundStatus: 'NONE', voidInfo: null,
				houseAccount: null, otherPayment: other ? { guid: other, entityType: 'AlternatePaymentType', externalId: null } : null, createdDevice: null,
				checkGuid: this.guid(where), orderGuid: this.guid('order'), paymentStatus: 'CAPTURED',
			};
		});
	}

	/* --- selections ------------------------------------------------------------------------------------------------ */

	quantity(value, where) {
		need(typeof value === 'number' && Number.isFinite(value) && value > 0 && value <= 9999, `${where}.quantity must be a number above zero`);
		return value;
	}

	/* The key by which things are named: a GUID, or the id that all restaurants share. */
	named(value, by_multi, where) {
		need(is_object(value), `${where} must be a reference`);
		if (is_guid(value.guid))
			return value.guid;
		need(given(value.multiLocationId), `${where} must have a guid or a multiLocationId`);
		return by_multi.get(String(value.multiLocationId)) ?? null;
	}

	/* A line of a check. → {gross, rates, included, selection} */
	line(s, where) {
		need(is_object(s), `${where} must be an object`);
		this.known_keys('selection', s, where);
		const externalId = this.external_id('selection', s.externalId, where);
		if (s.selectionType === 'SPECIAL_REQUEST') {
			this.note('special_request_unseen', where);
			return { gross: 0, rates: [], included: false, selection: this.special(s, where, 1, externalId) };
		}
		need([undefined, null, 'NONE', 'OPEN_ITEM'].includes(s.selectionType), `${where}.selectionType ${s.selectionType} can not be ordered`);
		const guid = this.named(s.item, this.index.by_multi, `${where}.item`);
		const found = guid && this.index.items.get(guid);
		need(found, `Menu item not found: ${s.item.guid ?? s.item.multiLocationId}`);
		const { item, groups } = found;
		if (given(s.itemGroup)) {
			need(is_object(s.itemGroup) && (is_guid(s.itemGroup.guid) || given(s.itemGroup.multiLocationId)), `${where}.itemGroup must be a reference`);
			need(!is_guid(s.itemGroup.guid) || groups.has(s.itemGroup.guid), `Menu item ${item.guid} is not in menu group ${s.itemGroup.guid}`);
		} else {
			this.note('no_item_group', where);
		}
		const is_open = item.pricingStrategy === 'OPEN_PRICE';
		need(s.selectionType !== 'OPEN_ITEM' || is_open, `${where}: this item has no open price`);
		const open = given(s.openPriceAmount) ? cents_of(s.openPriceAmount, `${where}.openPriceAmount`) : null;
		if (open !== null && !is_open)
			this.note('open_price_ignored', where);
		need(!given(s.externalPriceAmount), `${where}.externalPriceAmount is for marketplace facilitators`);
		if (given(s.displayName))
			this.note('display_name_ignored', where);
		if (!item.visibility.includes('ORDERING_PARTNERS'))
			this.note('hidden_item', where);
		if (this.stock(item.guid) === 'OUT_OF_STOCK')
			this.note('out_of_stock', where);
		const quantity = this.quantity(s.quantity, where);
		const mods = this.modifiers(s.modifiers, item.modifierGroupReferences, quantity, where, { item, size: null });
		const unit = item_cents(item, open) + mods.unit;
		return {
			gross: Math.round(unit * quantity), rates: item.taxInfo.map((r) => this.rates.get(r)).filter(Boolean), included: item.taxInclusion === 'TAX_INCLUDED', unit,
			selection: this.selection({ externalId, where, item, quantity, modifiers: mods.list, type: s.selectionType ?? 'NONE',
				itemGroup: s.itemGroup?.guid ?? [...groups][0], base: item_cents(item, open) }),
		};
	}

	settle({ selection, gross, net, tax, taxes }) {
		if (net === undefined)
			return;
		Object.assign(selection, { preDiscountPrice: money(gross), price: money(net), tax: money(tax),
			appliedTaxes: taxes.map((t) => ({ guid: null, entityType: 'AppliedTaxRate', taxRate: { guid: t.guid, entityType: 'TaxRate' }, name: t.name, rate: t.ppm / 1e6, taxAmount: money(t.cents), type: 'PERCENT' })) });
	}

	/*
	 * The modifiers of something that has these groups: each in a group that it has, as often as the group allows, in the quantity
	 * of what it belongs to. → {unit: cents, list}
	 */
	modifiers(list, group_ids, quantity, where, of) {
		need(!given(list) || Array.isArray(list), `${where}.modifiers must be a list`);
		const allowed = new Map([...this.index.groups].filter(([, g]) => group_ids.includes(g.id)));
		const size_group = of.item?.pricingRules?.sizeSpecificPricingGuid;
		const chosen = (list ?? []).find((m) => size_group && m?.optionGroup?.guid === size_group);
		const size = of.size ?? (chosen && allowed.get(size_group)?.options.get(chosen.item?.guid)?.name) ?? null;
		const turns = new Map();
		let unit = 0;

		const out = (list ?? []).map((m, i) => {
			const made = this.modifier(m, { allowed, turns, quantity, size, item: of.item, where: `${where}.modifiers[${i}]` });
			unit += made.unit;
			return made.selection;
		});
		for (const { group } of allowed.values()) {
			const n = turns.get(group.guid) ?? 0;
			need(n >= (group.minSelections ?? 0), `${where}: modifier group ${group.name} needs at least ${group.minSelections}`);
			need(!given(group.maxSelections) || n <= group.maxSelections, `${where}: modifier group ${group.name} allows at most ${group.maxSelections}`);
		}
		return { unit, list: out };
	}

	modifier(m, { allowed, turns, quantity, size, item, where }) {
		need(is_object(m), `${where} must be an object`);
		this.known_keys('selection', m, where);
		const externalId = this.external_id('selection', m.externalId, where);
		if (m.selectionType === 'SPECIAL_REQUEST')
			return { unit: 0, selection: this.special(m, where, quantity, externalId) };
		if (m.selectionType === 'PORTION')
			return this.portion(m, { quantity, size, item, where, externalId });
		need([undefined, null, 'NONE'].includes(m.selectionType), `${where}.selectionType ${m.selectionType} can not be ordered as a modifier`);
		need(is_object(m.optionGroup) && is_guid(m.optionGroup.guid), `${where}.optionGroup is required for a modifier`);
		const found = allowed.get(m.optionGroup.guid);
		need(found, `${where}: modifier group ${m.optionGroup.guid} does not belong to what it modifies`);
		const guid = this.named(m.item, found.by_multi, `${where}.item`);
		const option = guid && found.options.get(guid);
		need(option, `${where}: modifier ${m.item.guid ?? m.item.multiLocationId} is not in group ${found.group.name}`);
		need(this.quantity(m.quantity, where) === quantity, `${where}.quantity must be that of its parent selection`);
		if (given(m.preModifier))
			need(this.index.pre.has(m.preModifier?.guid), `${where}: pre-modifier not found`);
		const turn = turns.get(found.group.guid) ?? 0;
		turns.set(found.group.guid, turn + 1);
		const key = `${found.group.guid} ${guid}`;
		need(option.allowsDuplicates || !turns.has(key), `${where}: ${option.name} can not be chosen twice`);
		turns.set(key, 1);
		const below = this.modifiers(m.modifiers, option.modifierGroupReferences, quantity, where, { item: null, size });
		const pre = given(m.preModifier) ? this.index.pre.get(m.preModifier.guid) : null;
		const own = pre?.name === 'No' ? 0 : option_cents(found.group, option, turn, size) + (pre ? menu_cents(pre.fixedPrice) : 0);
		return {
			unit: own + below.unit,
			selection: this.selection({ externalId, where, item: option, quantity, modifiers: below.list, type: 'NONE', optionGroup: found.group.guid, base: own, pre }),
		};
	}

	/* One part of an item, with toppings of its own. */
	portion(m, { quantity, size, item, where, externalId }) {
		const portion = item?.portions.find((p) => p.guid === m.item?.guid);
		need(portion, `${where}: no such portion of this item`);
		need(this.quantity(m.quantity, where) === quantity, `${where}.quantity must be that of its parent selection`);
		const below = this.modifiers(m.modifiers, portion.modifierGroupReferences, quantity, where, { item: null, size });
		return { unit: below.unit, selection: this.selection({ externalId, where, item: portion, quantity, modifiers: below.list, type: 'PORTION', base: 0 }) };
	}

	special(m, where, quantity, externalId) {
		need(typeof m.displayName === 'string' && m.displayName.trim() !== '', `${where}.displayName is required for a special request`);
		this.text(m.displayName, 1000, `${where}.displayName`);
		return this.selection({ externalId, where, item: null, quantity, modifiers: [], type: 'SPECIAL_REQUEST', base: 0, name: m.displayName });
	}

	selection({ externalId, where, item, quantity, modifiers, type, itemGroup, optionGroup, base, pre, name }) {
		const ref = (guid, entityType) => (guid ? { guid, entityType, multiLocationId: null, externalId: null } : null);
		return {
			guid: this.guid(where), entityType: 'MenuItemSelection', externalId, item: item && { ...ref(item.guid, 'MenuItem'), multiLocationId: item.multiLocationId ?? null },
			itemGroup: ref(itemGroup, 'MenuGroup'), optionGroup: ref(optionGroup, 'MenuOptionGroup'), preModifier: pre ? ref(pre.guid, 'PreModifier') : null, quantity,
			seatNumber: -1, unitOfMeasure: 'NONE', selectionType: type, salesCategory: null, appliedDiscounts: [], deferred: false, preDiscountPrice: money(Math.round(base * quantity)),
			price: money(Math.round(base * quantity)), tax: 0, voided: false, voidDate: null, voidBusinessDate: null, voidReason: null, refundDetails: null,
			displayName: name ?? `${pre ? `${pre.name} ` : ''}${item.name}`, createdDate: date_text(this.now), modifiedDate: date_text(this.now), modifiers, fulfillmentStatus: 'NEW',
			taxInclusion: optionGroup || type === 'PORTION' ? 'INHERITED' : item?.taxInclusion === 'TAX_INCLUDED' ? 'INCLUDED' : 'NOT_INCLUDED', appliedTaxes: [],
			receiptLinePrice: money(base),
		};
	}
}

module.exports = { Reading, Refusal, business_date, date_text, moment_of };
