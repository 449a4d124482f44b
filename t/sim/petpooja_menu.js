#!/usr/bin/env nodejs
'use strict';
/*
 * Writes petpooja_menu.json: the menu of "Ticketrail Demo Bistro" in the shape in which PetPooja hands menus over.
 * The file is committed; a test proves that it is what this program gives.
 *
 * As PetPooja does, nearly every number is text. Ids are of the length and kind seen there. The times of categories stand in
 * categorytimings, a text that holds JSON; only Breakfast and a late-night list have them, all other dishes are always on.
 */

const VEG = '1', NON_VEG = '2', OTHER = '5', EGG = '24';
const GST5 = '11213,20375', GST18 = '21866,21867', NO_TAX = '';

/* Add-on groups: [id, name, active, [[id, name, price, active, attribute], …]] */
const GROUPS = [
	[135699, 'Choose your bread', 1, [[1150783, 'Tandoori Roti', '25.00', 1, VEG], [1150784, 'Butter Naan', '45.00', 1, VEG],
		[1150785, 'Garlic Naan', '60.00', 1, VEG], [1150786, 'Laccha Paratha', '55.00', 1, VEG]]],
	[135700, 'Spice level', 1, [[1150790, 'Mild', '0.00', 1, VEG], [1150791, 'Medium', '0.00', 1, VEG], [1150792, 'Andhra hot 🌶️', '0.00', 1, VEG]]],
	[135701, 'Extra toppings', 1, [[1150800, 'Cheese', '40.00', 1, VEG], [1150801, 'Paneer cubes', '55.00', 1, VEG],
		[1150802, 'Jalapeño', '30.00', 1, VEG], [1150803, 'Chicken tikka', '75.00', 1, NON_VEG], [1150804, 'Black olives', '35.00', 0, VEG]]],
	[135702, 'Add a drink', 1, [[1150810, 'Masala Chaas', '49.00', 1, VEG], [1150811, 'Fresh Lime Soda', '69.00', 1, VEG], [1150812, 'Mineral Water 1 L', '30.00', 1, VEG]]],
	[135703, 'Raita & sides', 1, [[1150820, 'Boondi Raita', '59.00', 1, VEG], [1150821, 'Mirchi ka Salan', '39.00', 1, VEG], [1150822, 'Papad (2 pc)', '25.00', 1, VEG]]],
	[135704, 'Egg your way', 1, [[1150830, 'Extra egg', '20.00', 1, EGG], [1150831, 'Cheese slice', '25.00', 1, VEG]]],
	[135705, 'Milk', 1, [[1150840, 'Full-cream', '0.00', 1, VEG], [1150841, 'Oat milk', '45.00', 1, VEG], [1150842, 'Almond milk', '55.50', 1, VEG]]],
	[135706, 'Festival extras', 0, [[1150850, 'Gulab-jamun dip', '35.00', 1, VEG]]],
];

const BREAD_NEEDED = [135699, 1, 2], SPICE_NEEDED = [135700, 1, 1], TOPPINGS = [135701, 0, 3], DRINK = [135702, 0, 2],
	SIDES = [135703, 0, 3], EGGS = [135704, 0, 2], MILK_NEEDED = [135705, 1, 1], FESTIVAL = [135706, 0, 1];

const MORNING = [{ schedule_name: 'Breakfast', schedule_day: 'All', schedule_time_from: '07:00', schedule_time_to: '11:00' }];
const NIGHT = [{ schedule_name: 'Late night', schedule_day: 'Fri,Sat,Sun', schedule_time_from: '22:00', schedule_time_to: '02:00' }];

const pair = (small, large) => [['Half', small], ['Full', large]];

/*
 * Categories: [id, name, timings, items]; an item is [name, price, diet, tax, {more}], where more may be
 * d description, v variations [[name, price, {addon, packing}]], a add-on rules, by 0 item / 1 variation, p packing,
 * off inactive, out out of stock, incl tax-inclusive, types order types, goods GST as goods, vendor GST owed by the platform.
 */
const MENU = [
	[500771, 'Breakfast नाश्ता', MORNING, [
		['Masala Dosa', '120.00', VEG, GST5, { d: 'Crisp rice crêpe, potato masala, sambar and two chutneys', p: '10.00' }],
		['Idli Sambar (3 pc)', '80.00', VEG, GST5, { p: '10.00' }],
		['Medu Vada (2 pc)', '85.00', VEG, GST5, {}],
		['Poha पोहा', '70.00', VEG, GST5, { d: 'Flattened rice, peanuts, curry leaf, lemon' }],
		['Aloo Paratha', '95.00', VEG, GST5, { d: 'With curd and pickle', v: [['1 piece', '95.00'], ['2 pieces', '170.00']] }],
		['Masala Omelette', '90.00', EGG, GST5, { a: [EGGS] }],
		['Bun Maska', '50.00', VEG, GST5, { out: true }],
		['Upma', '75.00', VEG, GST5, { off: true }],
	]],
	[500772, 'Starters – Veg', null, [
		['Paneer Tikka', '240.00', VEG, GST5, { d: 'Charcoal-grilled cottage cheese, mint chutney', v: pair('240.00', '420.00'), a: [SPICE_NEEDED], p: '10.00' }],
		['Hara Bhara Kebab', '190.00', VEG, GST5, { a: [SPICE_NEEDED] }],
		['Gobi 65', '180.00', VEG, GST5, { d: 'Cauliflower, curry leaf, red chilli' }],
		['Veg Spring Roll', '170.00', VEG, GST5, {}],
		['Chilli Paneer (Dry)', '250.00', VEG, GST5, { v: pair('250.00', '430.00') }],
		['Dahi ke Sholay', '210.00', VEG, GST5, {}],
		['Crispy Corn', '175.00', VEG, GST5, { out: true }],
	]],
	[500773, 'Starters – Non-Veg', null, [
		['Chicken 65', '260.00', NON_VEG, GST5, { a: [SPICE_NEEDED], p: '10.00' }],
		['Tandoori Chicken', '320.00', NON_VEG, GST5, { v: pair('320.00', '580.00'), a: [SPICE_NEEDED, SIDES], p: '15.00' }],
		['Mutton Seekh Kebab', '360.00', NON_VEG, GST5, { d: 'Six pieces' }],
		['Fish Amritsari', '340.00', NON_VEG, GST5, {}],
		['Egg Pakora', '140.00', EGG, GST5, {}],
		['Prawns Koliwada', '420.00', NON_VEG, GST5, { off: true }],
	]],
	[500774, 'Mains – Veg', null, [
		['Paneer Butter Masala', '280.00', VEG, GST5, { d: 'Tomato, cashew, cream', a: [BREAD_NEEDED, SIDES], p: '15.00' }],
		['Dal Makhani', '240.00', VEG, GST5, { d: 'Black lentils, eighteen hours on the fire', a: [BREAD_NEEDED], p: '15.00' }],
		['Dal Tadka', '199.00', VEG, GST5, { p: '15.00' }],
		['Palak Paneer', '265.00', VEG, GST5, { p: '15.00' }],
		['Chole Bhature', '180.00', VEG, GST5, { a: [SIDES] }],
		['Baingan Bharta', '210.00', VEG, GST5, { p: '15.00' }],
		['Malai Kofta', '290.00', VEG, GST5, { p: '15.00' }],
		['Veg Kolhapuri', '235.00', VEG, GST5, { a: [SPICE_NEEDED], p: '15.00' }],
		['Bhindi Masala', '205.00', VEG, GST5, { p: '15.00' }],
	]],
	[500775, 'Mains – Non-Veg', null, [
		['Butter Chicken', '340.00', NON_VEG, GST5, {
			d: 'Old Delhi style', by: 1, p: '15.00',
			v: [['Half', '340.00', { addon: [BREAD_NEEDED], packing: '15.00' }], ['Full', '620.00', { addon: [[135699, 2, 4], SIDES], packing: '25.00' }]],
		}],
		['Chicken Chettinad', '330.00', NON_VEG, GST5, { a: [SPICE_NEEDED], p: '15.00' }],
		['Rogan Josh', '410.00', NON_VEG, GST5, { a: [BREAD_NEEDED], p: '15.00' }],
		['Kerala Fish Curry – മീൻ കറി', '380.00', NON_VEG, GST5, { p: '15.00' }],
		['Egg Curry', '190.00', EGG, GST5, { a: [EGGS], p: '15.00' }],
		['Laal Maas', '430.00', NON_VEG, GST5, { out: true, p: '15.00' }],
		['Goan Prawn Curry', '450.00', NON_VEG, GST5, { p: '15.00', vendor: true }],
	]],
	[500776, 'Biryani & Rice', null, [
		['Hyderabadi Chicken Biryani', '290.00', NON_VEG, GST5, {
			d: 'Dum-cooked; serves one, two or a table', by: 1, p: '20.00',
			v: [['Regular', '290.00', { addon: [SIDES], packing: '20.00' }], ['Large', '480.00', { addon: [SIDES, DRINK], packing: '25.00' }],
				['Family Bucket', '1150.00', { addon: [[135703, 1, 3], [135702, 0, 4]], packing: '40.00' }]],
		}],
		['Mutton Biryani', '390.00', NON_VEG, GST5, { v: [['Regular', '390.00'], ['Large', '640.00']], a: [SIDES], p: '20.00' }],
		['Veg Dum Biryani', '230.00', VEG, GST5, { v: [['Regular', '230.00'], ['Large', '390.00']], a: [SIDES], p: '20.00' }],
		['Egg Biryani', '240.00', EGG, GST5, { a: [EGGS, SIDES], p: '20.00' }],
		['Jeera Rice', '140.00', VEG, GST5, { p: '10.00' }],
		['Steamed Rice', '110.00', VEG, GST5, { p: '10.00' }],
		['Curd Rice தயிர் சாதம்', '130.00', VEG, GST5, { p: '10.00' }],
	]],
	[500777, 'Breads', null, [
		['Tandoori Roti', '25.00', VEG, GST5, {}],
		['Butter Naan', '45.00', VEG, GST5, {}],
		['Garlic Naan', '60.00', VEG, GST5, {}],
		['Laccha Paratha', '55.00', VEG, GST5, {}],
		['Cheese Kulcha', '85.00', VEG, GST5, {}],
		['Missi Roti', '40.00', VEG, GST5, { off: true }],
	]],
	[500778, 'Pizza & Burgers', null, [
		['Margherita', '220.00', VEG, GST5, { v: [['8 inch', '220.00'], ['12 inch', '390.00']], a: [TOPPINGS, DRINK], p: '20.00' }],
		['Tandoori Paneer Pizza', '290.00', VEG, GST5, {
			by: 1, p: '20.00', v: [['8 inch', '290.00', { addon: [TOPPINGS], packing: '20.00' }], ['12 inch', '490.00', { addon: [[135701, 0, 5], DRINK], packing: '30.00' }]],
		}],
		['Chicken Keema Pizza', '330.00', NON_VEG, GST5, { v: [['8 inch', '330.00'], ['12 inch', '560.00']], a: [TOPPINGS], p: '20.00' }],
		['Aloo Tikki Burger', '99.00', VEG, GST5, { a: [TOPPINGS, DRINK] }],
		['Fried Chicken Burger', '169.00', NON_VEG, GST5, { a: [TOPPINGS, DRINK] }],
		['Egg & Cheese Burger', '129.00', EGG, GST5, { a: [EGGS] }],
	]],
	[500779, 'Beverages', null, [
		['Masala Chai ☕', '40.00', VEG, GST5, { a: [MILK_NEEDED], p: '5.00' }],
		['Filter Coffee', '55.00', VEG, GST5, { a: [MILK_NEEDED], v: [['Small', '55.00'], ['Large', '85.00']], p: '5.00' }],
		['Cold Coffee', '120.00', VEG, GST5, { v: [['Regular', '120.00'], ['With ice cream', '155.00']] }],
		['Mango Lassi', '110.00', VEG, GST5, {}],
		['Masala Chaas', '60.00', VEG, GST5, {}],
		['Fresh Lime Soda', '80.00', VEG, GST5, {}],
		['Cola 300 ml', '60.00', OTHER, GST18, { goods: true, d: 'Aerated drink' }],
		['Tonic Water', '90.00', OTHER, GST18, { goods: true }],
		['Mineral Water 1 L', '30.00', OTHER, GST18, { goods: true, incl: true, d: 'At the printed price, tax included' }],
	]],
	[500780, 'Desserts मिठाई', null, [
		['Gulab Jamun (2 pc)', '90.00', VEG, GST5, { a: [FESTIVAL] }],
		['Rasmalai', '120.00', VEG, GST5, {}],
		['Gajar ka Halwa', '130.00', VEG, GST5, { out: true }],
		['Kulfi Falooda', '150.00', VEG, GST5, {}],
		['Chocolate Brownie', '140.00', EGG, GST5, { incl: true, d: 'Price includes GST' }],
		['Fresh Fruit Bowl', '160.00', VEG, NO_TAX, { d: 'Cut fruit, exempt from GST', types: '1,2' }],
	]],
	[500781, 'Late-night Snacks', NIGHT, [
		['Maggi Masala', '80.00', VEG, GST5, { a: [TOPPINGS] }],
		['Kathi Roll', '150.00', NON_VEG, GST5, { v: [['Single', '150.00'], ['Double', '240.00']] }],
		['Bread Omelette', '85.00', EGG, GST5, { a: [EGGS] }],
		['Peri-peri Fries', '110.00', VEG, GST5, {}],
	]],
	[500782, 'Seasonal', null, [
		['Undhiyu', '260.00', VEG, GST5, { off: true }],
	], 'inactive'],
];

function addons_of(rules) {
	return rules.map(([id, min, max]) => ({
		addon_group_id: String(id), addon_item_selection_min: String(min), addon_item_selection_max: String(max),
	}));
}

function item_of([name, price, diet, tax, more], category_id, rank, no) {
	const id = 10464000 + no;

	return {
		itemid: String(id),
		itemallowvariation: more.v ? '1' : '0',
		itemrank: String(rank),
		item_categoryid: String(category_id),
		item_ordertype: more.types ?? '1,2,3',
		item_packingcharges: more.p ?? '',
		itemallowaddon: more.a || more.by ? '1' : '0',
		itemaddonbasedon: String(more.by ?? 0),
		item_favorite: '0',
		ignore_taxes: tax === NO_TAX ? '1' : '0',
		ignore_discounts: '0',
		in_stock: more.out ? '0' : '2',
		cuisine: [],
		variation_groupname: more.v ? 'Quantity' : '',
		variation: (more.v ?? []).map(([v_name, v_price, v_more = {}], i) => ({
			id: String(7765000 + no * 10 + i),
			variationid: String(89050 + (i + no) % 40),
			name: v_name,
			groupname: 'Quantity',
			price: v_price,
			active: '1',
			item_packingcharges: v_more.packing ?? more.p ?? '',
			variationrank: String(i + 1),
			addon: addons_of(v_more.addon ?? []),
			variationallowaddon: v_more.addon ? 1 : 0,
		})),
		addon: addons_of(more.a ?? []),
		is_recommend: String(no % 17 === 0 ? 1 : 0),
		itemname: name,
		item_attributeid: diet,
		itemdescription: more.d ?? '',
		minimumpreparationtime: String(10 + (no % 4) * 5),
		price,
		active: more.off ? '0' : '1',
		item_image_url: '',
		item_tags: diet === NON_VEG && no % 3 === 0 ? ['spicy'] : [],
		item_info: { spice_level: 'not-applicable' },
		nutrition: {},
		markup_price: '',
		is_combo: '0',
		tax_inclusive: Boolean(more.incl),
		gst_type: more.goods ? 'goods' : 'services',
		gst_liability: more.vendor ? 'vendor' : 'restaurant',
		item_tax: tax,
	};
}

function menu_of() {
	const items = [];

	MENU.forEach(([category_id, , , rows]) => rows.forEach((row, i) => items.push(item_of(row, category_id, i + 1, items.length + 1))));
	return {
		success: '1',
		restaurants: [{
			restaurantid: '106335',
			active: '1',
			details: {
				menusharingcode: 'demo4bistro', restaurantname: 'Ticketrail Demo Bistro', address: '12 Church Street, Bengaluru 560001',
				contact: '9900000001', currency_html: '₹', country: 'India', city: 'Bengaluru', state: 'Karnataka',
				latitude: '12.975300', longitude: '77.605300', minimumorderamount: '0', minimumdeliverytime: '30Minutes',
				minimum_prep_time: '20', deliverycharge: '20', sc_applicable_on: 'D', sc_type: '2', sc_calculate_on: '2', sc_value: '0',
				tax_on_sc: '0', calculatetaxonpacking: 0, pc_taxes_id: '', calculatetaxondelivery: 0, dc_taxes_id: '',
				packaging_applicable_on: 'ITEM', packaging_charge: '', packaging_charge_type: '',
			},
		}],
		ordertypes: [{ ordertypeid: 1, ordertype: 'Delivery' }, { ordertypeid: 2, ordertype: 'Pick Up' }, { ordertypeid: 3, ordertype: 'Dine In' }],
		categories: MENU.map(([id, name, timings, , inactive], i) => ({
			categoryid: String(id), active: inactive ? '0' : '1', categoryrank: String(i + 1), parent_category_id: '0', group_category_id: '0',
			categoryname: name, categorytimings: timings ? JSON.stringify(timings) : '', category_image_url: '', tags: [],
		})),
		parentcategories: [],
		group_categories: [],
		items,
		variations: [],
		addongroups: GROUPS.map(([id, name, active, rows], i) => ({
			addongroupid: String(id), addongroup_rank: String(i + 1), active: String(active), addongroup_name: name,
			addongroupitems: rows.map(([a_id, a_name, price, a_active, attribute], j) => ({
				addonitemid: String(a_id), addonitem_name: a_name, addonitem_price: price, active: String(a_active),
				attributes: attribute, addonitem_rank: String(j + 1),
			})),
		})),
		attributes: [
			{ attributeid: VEG, attribute: 'veg', active: '1' }, { attributeid: NON_VEG, attribute: 'non-veg', active: '1' },
			{ attributeid: OTHER, attribute: 'other', active: '1' }, { attributeid: EGG, attribute: 'egg', active: '1' },
		],
		discounts: [{
			discountid: '363', discountname: 'Introductory Offer', discounttype: '1', discount: '10', discountordertype: '1,2,3',
			discountapplicableon: 'Items', discountdays: 'All', active: '0', discountstarts: '', discountends: '',
			discounttimefrom: '', discounttimeto: '', discountminamount: '500', discountmaxamount: '', discounthascoupon: '0',
			discountcategoryitemids: '10464009,10464010', discountmaxlimit: '100',
		}],
		taxes: [
			['11213', 'CGST', '2.5', 1], ['20375', 'SGST', '2.5', 2], ['21866', 'CGST', '9', 3], ['21867', 'SGST', '9', 4],
		].map(([taxid, taxname, tax, rank]) => ({
			taxid, taxname, tax, taxtype: '1', tax_ordertype: '1,2,3', active: '1', tax_coreortotal: '2', tax_taxtype: '1',
			rank: String(rank), consider_in_core_amount: '0', description: '',
		})),
		serverdatetime: '2026-01-15 11:26:29',
		db_version: '1.0',
		application_version: '4.0',
		http_code: 200,
		message: '',
	};
}

/* Text that changes only where the menu does: one item, category or group per line. */
function text_of(menu) {
	const value = (v) => (Array.isArray(v) && v.length
		? `[\n${v.map((e) => `    ${JSON.stringify(e)}`).join(',\n')}\n  ]`
		: JSON.stringify(v));

	return `{\n${Object.entries(menu).map(([k, v]) => `  ${JSON.stringify(k)}: ${value(v)}`).join(',\n')}\n}\n`;
}

module.exports = { menu_of, text_of };

if (require.main === module)
	process.stdout.write(text_of(menu_of()));
