/*
 * menu_import: brings a menu as a POS told it (menu_doc) into the tables, as one menu version.
 *
 * Rows are found again by the POS's ids, so public ids and our own ids stay. What is written is
 * only what differs: importing the same document twice changes no row and does not raise the
 * version. A row that a full document no longer names becomes is_active = 0 and is never deleted.
 * Rows without external_id were made by the staff and are left alone. A document that is partly
 * unusable is imported without those parts, each named as a problem (status "partial"); one with
 * nothing to sell in it is refused, because it would close the shop.
 *
 * time_slots: a document that names none for an item does not speak of them (PetPooja has no such
 * thing), and the item keeps what it has.
 *
 * Writers of one restaurant's menu go one after the other (table `menus`); an order never waits for
 * them until the last statement, the raising of menu_version in restaurant_counters.
 */
#ifndef TICKETRAIL_MENU_MENU_IMPORT_H
#define TICKETRAIL_MENU_MENU_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "menu/menu_doc.h"
#include "op/op.h"

/*
 * What a document speaks for. FULL: the whole menu, what is missing is gone. The others leave
 * missing rows as they are: PARTIAL brings whatever is in it, CATEGORIES only categories, ITEMS
 * only items with their variations.
 */
enum menu_sync { MENU_SYNC_FULL, MENU_SYNC_PARTIAL, MENU_SYNC_CATEGORIES, MENU_SYNC_ITEMS };

struct menu_import {
	int64_t restaurant_id;
	const struct menu_doc *doc;
	enum menu_sync sync;
	int64_t sync_id;     /* of a history row made by menu_sync_begin; 0: one is made */
	int64_t delivery_id; /* webhook_logs.id that holds the document; 0: none */
};

struct menu_import_result {
	int64_t sync_id;    /* menu_sync_history.id */
	const char *status; /* "success" or "partial" */
	int64_t items, categories; /* in the document and usable */
	int64_t changed;    /* rows written */
	int64_t version;    /* of the menu now */
	const struct menu_doc_problem *problems; /* the document's and the import's, in the arena */
	size_t problems_n;
};

/*
 * Imports, and writes the history row, in one transaction: the caller's if one is under way (its
 * body may run twice), else its own. On failure of its own transaction the old menu stands whole
 * and the history says "failed"; in the caller's transaction that is the caller's to do
 * (menu_sync_fail). ERR_MENU_SYNC_ERROR: nothing usable in the document. ERR_CONFLICT: an import of
 * the same new rows won; try again.
 */
enum err menu_import(struct op *, const struct menu_import *, struct menu_import_result *ret);

/* A history row in state "running", for a sync that begins with asking the POS. */
enum err menu_sync_begin(struct op *, int64_t restaurant_id, enum menu_sync, int64_t delivery_id,
    int64_t *ret_sync_id);

/* The sync failed before there was a document, or the import did: "failed" with the sentence. */
enum err menu_sync_fail(struct op *, int64_t restaurant_id, int64_t sync_id, const char *sentence);

#endif
