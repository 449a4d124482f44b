/*
 * order_file: an order written down as JSON for tests of adapters (t/golden/<provider>/<name>.order.json).
 *
 * The file says what was ordered; sums that follow from it (add-ons, lines, subtotal, tax, total) are added here the way
 * order/price.h promises them, so that a file can not contradict itself.
 */
#ifndef TICKETRAIL_ORDER_FILE_H
#define TICKETRAIL_ORDER_FILE_H

#include "mem/arena.h"
#include "order/order.h"

/* The order of a file, in the arena. Ends the test if the file is missing or no such order. */
struct order *order_file(struct arena *, const char *path);

/* The member "config" of the file as JSON text, "{}" if there is none. */
const char *order_file_config(struct arena *, const char *path);

/* A JSON file without the blanks between its values, NUL-terminated: what is written for people, as it is sent. */
char *json_file_compact(struct arena *, const char *path);

#endif
