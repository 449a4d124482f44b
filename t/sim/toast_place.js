'use strict';
/*
 * The restaurants of the simulated Toast: who they are, and what each has configured. Everything has a GUID that follows
 * from the restaurant's name alone, so that a test or a bench can know it without asking:
 *
 *	const { guid_of, place_of, expand } = require('./toast_place.js');
 *	expand('L{1..500}')                     → ['L1', …, 'L500']
 *	place_of('L7').guid                     → the GUID of that restaurant
 *	place_of('L7').dining.TAKE_OUT          → the GUID of its dining option; so too payment, charge, table, …
 *
 * A name that is a GUID is that restaurant's GUID.
 */
const crypto = require('node:crypto');

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const is_guid = (text) => typeof text === 'string' && GUID.test(text);

/* Of the form of a random UUID, but always the same for the same text. */
function guid_of(text) {
	const h = crypto.createHash('sha256').update(`toast ${text}`).digest('hex');
	return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${'89ab'[parseInt(h[16], 16) & 3]}${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/* 'a,L{1..3}' → ['a', 'L1', 'L2', 'L3']; leading zeros of the first number are kept. */
function expand(list) {
	return list.split(',').filter(Boolean).flatMap((name) => {
		const m = /^(.*)\{(\d+)\.\.(\d+)\}(.*)$/.exec(name);
		if (!m)
			return [name];
		const [from, to] = [Number(m[2]), Number(m[3])];
		return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => `${m[1]}${String(from + i).padStart(m[2].length, '0')}${m[4]}`);
	});
}

/* [key, name, behavior, curbside] */
const DINING = [
	['DINE_IN', 'Dine In', 'DINE_IN', false], ['TAKE_OUT', 'Take Out', 'TAKE_OUT', false],
	['CURBSIDE', 'Curbside Pickup', 'TAKE_OUT', true], ['DELIVERY', 'Delivery', 'DELIVERY', false],
];
/* [key, name, type, cents or hundredths of a percent] */
const CHARGES = [['delivery', 'Delivery Fee', 'OPEN', null], ['bag', 'Bag Fee', 'FIXED', 25], ['kitchen', 'Kitchen Appreciation', 'PERCENT', 300]];
const DISCOUNTS = [['welcome', 'Welcome 10 %', 'PERCENT', 1000], ['five', 'Five off', 'FIXED', 500], ['open', 'Manager', 'OPEN_FIXED', null]];
const PAYMENTS = [['online', 'Ticketrail Online'], ['cash', 'Ticketrail Cash']];

const keyed = (rows, guid) => Object.fromEntries(rows.map(([key]) => [key, guid(key)]));

/* One restaurant. Nothing of it ever changes. */
function place_of(name) {
	const guid = is_guid(name) ? name.toLowerCase() : guid_of(`restaurant ${name}`);
	const own = (what) => guid_of(`${guid} ${what}`);
	const place = {
		name, guid,
		dining: keyed(DINING, (k) => own(`dining ${k}`)), charge: keyed(CHARGES, (k) => own(`charge ${k}`)),
		discount: keyed(DISCOUNTS, (k) => own(`discount ${k}`)), payment: keyed(PAYMENTS, (k) => own(`payment ${k}`)),
		table: own('table 1'), revenue_center: own('revenue center'),
	};

	place.behavior_of = new Map(DINING.map(([key, , behavior]) => [place.dining[key], behavior]));
	place.charge_of = new Map(CHARGES.map(([key, label, type, value]) => [place.charge[key], { name: label, type, value }]));
	place.discount_of = new Map(DISCOUNTS.map(([key, label, type, value]) => [place.discount[key], { name: label, type, value }]));
	place.payments = new Set(Object.values(place.payment));
	place.tables = new Set([place.table, own('table 2')]);
	return place;
}

/* What /config/v2/… gives: by path, a list of entities. rates: [{guid, name, ppm}] of the menu. */
function config_of(place, rates) {
	const entity = (guid, type, name, more) => ({ guid, entityType: type, externalId: null, name, ...more });

	return {
		diningOptions: DINING.map(([key, name, behavior, curbside]) => entity(place.dining[key], 'DiningOption', name, { behavior, curbside })),
		alternatePaymentTypes: PAYMENTS.map(([key, name]) => entity(place.payment[key], 'AlternatePaymentType', name)),
		tables: [...place.tables].map((guid, i) => entity(guid, 'Table', String(i + 1), { revenueCenter: { guid: place.revenue_center, entityType: 'RevenueCenter' } })),
		revenueCenters: [entity(place.revenue_center, 'RevenueCenter', 'Online', { description: null })],
		serviceCharges: CHARGES.map(([key, name, type, value]) => entity(place.charge[key], 'ServiceCharge', name, {
			amountType: type, amount: type === 'FIXED' ? value / 100 : null, percent: type === 'PERCENT' ? value / 100 : null,
			gratuity: false, taxable: false, destination: 'RESTAURANT',
		})),
		discounts: DISCOUNTS.map(([key, name, type, value]) => entity(place.discount[key], 'Discount', name, {
			active: true, type, amount: type === 'FIXED' ? value / 100 : null, percentage: type === 'PERCENT' ? value / 100 : null, selectionType: 'CHECK',
		})),
		taxRates: rates.map((r) => entity(r.guid, 'TaxRate', r.name, { isDefault: r.ppm > 0, rate: r.ppm / 1e6, type: 'PERCENT', roundingType: 'HALF_UP' })),
	};
}

/* What the restaurants API says. */
function restaurant_of(place, online) {
	const day = (open, close) => ({ openTime: open, closeTime: close, services: [{ name: 'All day', hours: { startTime: open, endTime: close } }] });

	return {
		guid: place.guid,
		general: {
			name: `Ticketrail Diner ${place.name}`.slice(0, 60), locationName: place.name, locationCode: place.name.slice(0, 12),
			description: 'A simulated restaurant', timeZone: 'America/New_York', closeoutHour: 4, managementGroupGuid: guid_of('group'), currencyCode: 'USD',
		},
		urls: { website: null, facebook: null, twitter: null, orderOnline: null, purchaseGiftCard: null, checkGiftCard: null },
		location: {
			address1: '401 Park Drive', address2: null, city: 'Boston', stateCode: 'MA', administrativeArea: 'MA', zipCode: '02215',
			country: 'US', phone: '6175550100', phoneCountryCode: '1', latitude: 42.3449, longitude: -71.1028,
		},
		schedules: {
			daySchedules: { '101': { ...day('10:00:00.000', '23:00:00.000'), scheduleName: 'Weekday' } },
			weekSchedule: { monday: '101', tuesday: '101', wednesday: '101', thursday: '101', friday: '101', saturday: '101', sunday: null },
		},
		delivery: { enabled: true, minimum: 10, area: null },
		onlineOrdering: { enabled: online, scheduling: true, specialRequests: true, specialRequestsMessage: null, paymentOptions: { delivery: { cash: true, ccSameDay: true }, takeout: { cash: true, ccSameDay: true } } },
		prepTimes: { deliveryPrepTime: 30, takeoutPrepTime: 15, deliveryThrottlingTime: 0, takeoutThrottlingTime: 0, useTakeoutPrepTimeForDelivery: false },
	};
}

module.exports = { config_of, expand, guid_of, is_guid, place_of, restaurant_of };
