/*
 * catalog_json: the menu's rows as the API shows them to staff.
 *
 * An item is what a guest sees of it (menu/menu_json.h) with what is not active, and more. Amounts
 * are decimals; a tax's percent is text, because a percentage is no amount of money.
 */
#ifndef TICKETRAIL_MENU_CATALOG_JSON_H
#define TICKETRAIL_MENU_CATALOG_JSON_H

#include "menu/catalog.h"
#include "text/json_write.h"

/* The words of the ways of eating, as bits 0, 1, 2 of order_types; NULL behind them. */
extern const char *const catalog_order_types[4];
/* The same of what a tax is on beside items: bits 0, 1 of charges. */
extern const char *const catalog_charges[3];

/* Each writes one object; row is a struct catalog_item ... */
void catalog_json_item(struct json_write *, const char *key, const void *row, unsigned exponent);
void catalog_json_category(
    struct json_write *, const char *key, const void *row, unsigned exponent);
void catalog_json_group(struct json_write *, const char *key, const void *row, unsigned exponent);
void catalog_json_tax(struct json_write *, const char *key, const void *row, unsigned exponent);
void catalog_json_discount(
    struct json_write *, const char *key, const void *row, unsigned exponent);

#endif
