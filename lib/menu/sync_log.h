/*
 * sync_log: what became of the menus that a POS told, for people to look at: what was brought, what
 * could not be used, and where the POS and what staff locked differed.
 *
 * It only reads; menu_import.h writes.
 */
#ifndef TICKETRAIL_MENU_SYNC_LOG_H
#define TICKETRAIL_MENU_SYNC_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct json_write;
struct op;

struct sync_log {
	int64_t id;
	const char *type, *status;
	int64_t items, categories, changed;
	int64_t menu_version; /* 0: it came to none */
	int64_t errors_n, overrides_n;
	const char *errors, *overrides; /* JSON arrays; NULL: none, or too much for a list */
	int64_t started_at, completed_at;
};

/* The newest first, older than before_id (0: from the newest). Rows live in the op. */
enum err sync_log_list(struct op *, int64_t restaurant_id, int64_t before_id, int64_t n,
    struct sync_log **ret, size_t *ret_n);

/* As people are shown it, an object in an array. */
void sync_log_write(struct json_write *, const struct sync_log *);

#endif
