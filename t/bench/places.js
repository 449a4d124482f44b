'use strict';
// places: at which POS the restaurants of a measurement are: all at PetPooja, or, with POS=mixed, at all four in turn; and what an
// order says to each of them on its way. pos.c answers for all.
//
//	names()               the providers, in the order in which restaurants are dealt out to them
//	at(n)                 restaurant n's
//	pos(name, n)          how it is connected: "pos" of an onboarding document
//	ids(name)             its ids of what is on the menu: (kind, number) → text
//	STEPS[name]           the calls of the order that is measured (town.cart), sorted
//	SEQ[name]             so many entries has its history then

const MIXED = ['petpooja', 'toast', 'square', 'clover'];

function names() {
	const wanted = process.env.POS ?? 'petpooja';
	if (wanted !== 'petpooja' && wanted !== 'mixed') throw new Error(`POS=${wanted}: there is petpooja, mixed`);
	return wanted === 'mixed' ? MIXED : [wanted];
}

const isMixed = () => names().length > 1;
const at = (n) => names()[(n - 1) % names().length];

// A GUID that can be told from what it names.
const guid = (head, number) => `${head.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

const CONFIGS = {
	petpooja: (n) => ({
		pos_restaurant_id: `bench${n}`, webhook_secret: 'bench-webhook-secret', authorization: 'bench-authorization',
		config: { app_key: 'bench-app-key', app_secret: 'bench-app-secret', access_token: 'bench-access-token',
			webhook_policy: 'hmac', restaurant_name_petpooja: `Kitchen ${n}` },
	}),
	toast: (n) => ({
		pos_restaurant_id: guid(1, n), webhook_secret: 'bench-webhook-secret',
		config: { client_id: `bench-client-${n}`, client_secret: 'bench-client-secret', naming_authority: 'BENCH',
			dining_options: { pickup: guid(2, 1) }, fallback_phone: '6175550100' },
	}),
	square: (n) => ({
		pos_restaurant_id: `L${n}`, webhook_secret: 'bench-webhook-secret', config: { access_token: `bench-access-token-${n}` },
	}),
	clover: (n) => ({
		pos_restaurant_id: `M${String(n).padStart(12, '0')}`, authorization: 'bench-authorization',
		config: { access_token: `bench-access-token-${n}`, order_types: { pickup: 'OTY0000000001' } },
	}),
};

const pos = (name, n) => ({ provider_name: name, ...CONFIGS[name](n) });

const HEADS = { category: 'c', item: 'i', variation: 'v', code: 's', group: 'g', addon: 'a', tax: 't' };
const short = (kind, number) => HEADS[kind] + number;
// An item goes by itself and by the group it stands in; so do the others by GUIDs of their own.
const guids = (kind, number) => {
	const own = guid(16 + Object.keys(HEADS).indexOf(kind), Number(String(number).replace('-', '00')));
	return kind === 'item' ? `${own}/${guid(3, 1)}` : own;
};
const ids = (name) => (name === 'toast' ? guids : short);

// Two pieces with two add-ons each and one without: Clover takes add-ons one by one, behind the lines.
const STEPS = {
	petpooja: ['save_order'],
	toast: ['order', 'prices'],
	square: ['order', 'pay'],
	clover: ['check', 'check', 'draft', 'lines', 'modify', 'modify', 'modify', 'modify', 'open', 'print'],
};
const SEQ = { petpooja: 4, toast: 4, square: 5, clover: 5 };
// So many calls an order is, on the average.
const callsOfOrder = () => names().reduce((sum, name) => sum + STEPS[name].length, 0) / names().length;
// What a POS allows to be under way at once of one restaurant. The relay keeps to it; the bare sender knows nothing of it.
const AT_ONCE = { clover: 5 };
// How many of `pace` calls a second get through at all, if each takes so long and so many restaurants share the orders.
function callsAllowed(pace, restaurants, seconds) {
	const orders = pace / callsOfOrder() / names().length;
	return names().reduce((sum, name) => sum + Math.min(orders * STEPS[name].length,
		restaurants / names().length * (AT_ONCE[name] ?? Infinity) / seconds), 0);
}

module.exports = { names, isMixed, at, pos, ids, callsOfOrder, callsAllowed, STEPS, SEQ };
