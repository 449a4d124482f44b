/*
 * import_rows: the tables' side of a menu import, and the pairing of it with the document's side.
 *
 * For menu/menu_import.c and its parts only (import_parts.c, import_items.c). Everything lives in
 * the op's arena and for one run of the transaction's body.
 */
#ifndef TICKETRAIL_MENU_IMPORT_ROWS_H
#define TICKETRAIL_MENU_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "menu/field.h"
#include "menu/menu_check.h"
#include "menu/menu_doc.h"
#include "menu/menu_import.h"
#include "op/op.h"

/* Rows as the statements *_rows give them: id first, then the parent where there is one. */
struct tax_row {
	int64_t id;
	const char *external_id, *name, *kind;
	int64_t rate_micro, amount_minor, order_types, charges;
	bool is_active;
	int64_t display_order, locked_fields;
};

struct category_row {
	int64_t id;
	const char *external_id, *name;
	int64_t display_order;
	bool is_active;
	const char *image_url, *timings;
	int64_t locked_fields;
};

struct group_row {
	int64_t id;
	const char *external_id, *name;
	bool is_active;
	int64_t display_order, locked_fields;
};

struct addon_row {
	int64_t id, addon_group_id;
	const char *external_id, *name;
	int64_t price_minor;
	bool is_available, is_active;
	int64_t display_order, locked_fields;
};

struct item_row {
	int64_t id, category_id;
	const char *external_id, *name, *description;
	int64_t price_minor, packing_minor;
	const char *image_url, *diet;
	bool is_available, is_active;
	const char *time_slots;
	int64_t order_types;
	bool tax_inclusive;
	const char *gst_liability;
	int64_t display_order, locked_fields;
};

struct variation_row {
	int64_t id, item_id;
	const char *external_id, *variation_code, *name;
	int64_t price_minor, packing_minor;
	bool is_available, is_active;
	int64_t display_order, locked_fields;
};

struct item_choice_row {
	int64_t item_id, variation_id, addon_group_id, min_choices, max_choices, display_order;
};

struct item_tax_row {
	int64_t item_id, tax_id;
};

struct import_rows {
	struct tax_row *taxes;
	struct category_row *categories;
	struct group_row *groups;
	struct addon_row *addons;         /* those of a group together, by addon_group_id */
	struct item_row *items;
	struct variation_row *variations; /* by item_id */
	struct item_choice_row *choices;  /* by item_id */
	struct item_tax_row *item_taxes;  /* by item_id */
	size_t taxes_n, categories_n, groups_n, addons_n, items_n, variations_n, choices_n,
	    item_taxes_n;
};

enum err import_rows_read(struct op *, int64_t restaurant_id, struct import_rows *ret);

/* --- pairing ------------------------------------------------------------------------------- */

#define PAIR_NONE SIZE_MAX

/* One external id: which row has it, and which entry of the document. */
struct pair {
	const char *external_id;
	size_t row, doc;   /* indexes, or PAIR_NONE */
	int64_t id;        /* of the row; set after an insert too; 0 before */
	int64_t locked;    /* of the row: its locked_fields */
	bool is_row_active;
};

struct pairs {
	struct pair *list; /* by external_id */
	size_t n;
};

/*
 * Rows or entries of the document: n records of a size, with a `const char *`, a bool and, in rows,
 * the locks at offsets.
 */
struct keyed {
	const void *records;
	size_t n, size, id_offset, active_offset, locked_offset;
};
#define KEYED(array, count, type) \
	((struct keyed){ (array), (count), sizeof(type), offsetof(type, external_id), \
	    offsetof(type, is_active), 0 })
#define KEYED_ROWS(array, count, type) \
	((struct keyed){ (array), (count), sizeof(type), offsetof(type, external_id), \
	    offsetof(type, is_active), offsetof(type, locked_fields) })

struct pairs pairs_make(struct arena *, struct keyed rows, struct keyed docs);

/* NULL if neither side has it. */
struct pair *pairs_find(const struct pairs *, const char *external_id);

/*
 * The records of one parent in an array that is ordered by it: n records of a size, the parent's id
 * at an offset. Sets the first index and how many.
 */
void rows_of_parent(const void *rows, size_t n, size_t size, size_t parent_offset, int64_t parent,
    size_t *ret_first, size_t *ret_n);

/* --- one import ---------------------------------------------------------------------------- */

/* Where the document says one thing of a locked field and the row another. */
struct override {
	const char *kind, *id;
	enum field_bit field;
	const char *ours, *theirs; /* as text; NULL: nothing */
};
#define OVERRIDES_MAX 200
#define OVERRIDES_JSON_MAX ((size_t)4 * 1024 * 1024)
struct overrides {
	struct override *list; /* room for OVERRIDES_MAX, once there is one */
	size_t n, lost;
};

struct import {
	struct op *op;
	int64_t restaurant_id;
	enum menu_sync sync;
	const struct menu_doc *told; /* checked */
	const struct menu_doc *doc;  /* the same, but what is locked is as the rows have it */
	unsigned exponent;           /* of the restaurant's currency */
	struct overrides overrides;
	struct import_rows rows;
	struct pairs taxes, categories, groups, items;
	struct problems problems;
	int64_t changed;            /* rows written */
	int64_t items_n;    /* usable items of the document */
	int64_t sellable_n; /* those of them that are active */
};

/*
 * Each brings one kind of rows into line with the document. The order is this one: later ones refer
 * to earlier ones.
 */
enum err import_taxes(struct import *);
enum err import_categories(struct import *);
enum err import_groups(struct import *);
enum err import_items(struct import *);

/* Makes im->doc of im->told. */
enum err import_locks_apply(struct import *);

/* The same for what stands in a group or an item: the record becomes what the row has locked. */
void lock_variation(struct import *, const struct variation_row *, struct menu_doc_variation *);
void lock_addon(struct import *, const struct addon_row *, struct menu_doc_addon *);

/* Whether a row that the document no longer names is to stay all the same. */
bool lock_keeps(struct import *, const char *kind, const char *id, int64_t locked);

void override_add(struct import *, const char *kind, const char *id, enum field_bit,
    const char *ours, const char *theirs);
const char *overrides_json(struct arena *, const struct overrides *);

/* The words of items.diet by enum menu_diet. */
extern const char *const diet_words[];

/* The pair that a reference in the document leads to, if it leads to something: else NULL. */
const struct pair *import_reference(const struct import *, const struct pairs *,
    const char *external_id);

/* Whether what the document does not name is to be retired. */
bool import_is_full(const struct import *);

/* Both NULL, or the same text. */
bool text_is_same(const char *, const char *);

/* Both NULL, or the same JSON value: a database may give JSON back in a form of its own. */
bool json_is_same(struct arena *, const char *, const char *);

#endif
