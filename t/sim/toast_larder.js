'use strict';
/*
 * What the simulated Toast's restaurants have to sell: a menu for all, or one of their own, and the stock of what is not plentiful.
 */
const { RATES, STOCK, index_of, menu_of } = require('./toast_menu.js');
const { guid_of } = require('./toast_place.js');

class Larder {
	constructor() {
		this.rates = new Map(RATES.map((r) => [r.guid, r]));
		this.clear();
	}

	clear() {
		this.common = this.shelf_of(menu_of());
		this.own = new Map();
		this.stocks = new Map();
		this.version = 0;
	}

	shelf_of(menu) {
		return { menu, index: index_of(menu), updated: menu.lastUpdated };
	}

	at(place) {
		return this.own.get(place.guid) ?? this.common;
	}

	/* place null: everywhere */
	replace(place, menu, updated) {
		const shelf = this.shelf_of({ ...menu, lastUpdated: updated });
		if (place) {
			this.own.set(place.guid, shelf);
		} else {
			this.own.clear();
			this.common = shelf;
		}
	}

	menu(place) {
		return { ...this.at(place).menu, restaurantGuid: place.guid };
	}

	stock(place) {
		if (!this.stocks.has(place.guid))
			this.stocks.set(place.guid, new Map(STOCK.map(([guid, status, quantity]) => [guid, { status, quantity }])));
		return this.stocks.get(place.guid);
	}

	/* One row of the stock API. */
	stock_row(place, guid) {
		const { status, quantity } = this.stock(place).get(guid) ?? { status: 'IN_STOCK', quantity: null };
		const item = this.at(place).index.items.get(guid)?.item ?? Object.values(this.at(place).menu.modifierOptionReferences).find((o) => o.guid === guid);

		return { guid, multiLocationId: item?.multiLocationId ?? null, itemGuidValidity: item ? 'VALID' : 'INVALID', status, quantity, versionId: guid_of(`version ${guid}`) };
	}

	/* GUID of a GUID, of a multi-location id or, for people, of a name. */
	guid(place, key) {
		const { index, menu } = this.at(place);
		const all = [...[...index.items.values()].map((x) => x.item), ...Object.values(menu.modifierOptionReferences)];
		return all.find((x) => x.guid === key || String(x.multiLocationId) === String(key))?.guid ?? all.find((x) => x.name === key)?.guid ?? null;
	}
}

module.exports = { Larder };
