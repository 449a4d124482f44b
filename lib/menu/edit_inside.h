/*
 * edit_inside: what the files of menu/edit.h share.
 */
#ifndef TICKETRAIL_MENU_EDIT_INSIDE_H
#define TICKETRAIL_MENU_EDIT_INSIDE_H

#include "menu/edit.h"

/*
 * ERR_VALIDATION_ERROR for an id in a wish: nobody is told whether it is another restaurant's.
 */
enum err edit_missing(struct op *, const char *field, const char *what);

/* ERR_CONFLICT for a name in a wish that is taken. what: "name of another category". */
enum err edit_taken(struct op *, const char *field, const char *what);

/* A name without blanks at its ends and with single ones inside; a blank one is refused. */
enum err edit_name(struct op *, const char *field, const char *name, const char **ret);

/* NULL for none; else it must be an http or https address. */
enum err edit_image(struct op *, const char *url, const char **ret);

/* Bits of the ways of eating; one named twice, or none at all, is refused. */
enum err edit_order_types(struct op *, const struct edit_type *, size_t n, int64_t *ret);

/* Likewise of charges; there may be none. */
enum err edit_charges(struct op *, const struct edit_charge *, size_t n, int64_t *ret);

/*
 * A percentage (in *ret_rate_micro) or an amount, and nothing of the other; what: "tax". least: of
 * either, 0 or 1.
 */
enum err edit_rate(struct op *, const char *what, int kind, const char *percent,
    const int64_t *amount, int64_t least, int64_t *ret_rate_micro, int64_t *ret_amount_minor);

/* Both NULL, or the same text. */
bool edit_same(const char *, const char *);

/* locked_fields of a row in which staff changed some: none where no POS tells the row. */
int64_t edit_locks(const char *external_id, int64_t locked, int64_t changed, bool is_available);

/* The bit if it is other now. */
#define CHANGED(bit, is_same) ((is_same) ? 0 : (bit))

/*
 * The choices that a wish asks for, as rows in a room for n. `at` is the path of the list. Where a
 * group stands in the list is part of what is compared.
 */
enum err edit_choices_read(struct edit *, const char *at, const struct choice_wish *, size_t n,
    struct catalog_choice *ret);
bool edit_choices_same(const struct catalog_choice *, size_t, const struct catalog_choice *,
    size_t);
enum err edit_choices_write(struct edit *, int64_t item_id, int64_t variation_id,
    const struct catalog_choice *was, size_t was_n, const struct catalog_choice *now, size_t now_n);

/* The taxes that a wish asks for; and what differs from those an item (NULL: a new one) has. */
enum err edit_taxes_read(struct edit *, const struct item_wish *, struct catalog_item_tax *ret);
enum err edit_taxes_write(struct edit *, int64_t item_id, const struct catalog_item *was,
    const struct catalog_item_tax *now, size_t now_n, bool *ret_changed);

/* Counts a row that is written. */
void edit_count(struct edit *, int64_t fields);

/* The end of a deed: raises the version if anything was written. */
enum err edit_end(struct edit *, enum err);

#endif
