/*
 * setting: one key of what a restaurant may change while everything runs: its name, what its JSON
 * must be, what holds without it, and where it goes in struct settings. The table in setting.c is
 * the list of all of them.
 *
 * Amounts are decimals of the restaurant's currency in JSON and minor units inside. Functions of
 * values alone; rows and who may write them are settings.h's.
 */
#ifndef TICKETRAIL_TENANT_SETTING_H
#define TICKETRAIL_TENANT_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct arena;
struct op;
struct settings;

enum setting_kind {
	SETTING_BOOL,
	SETTING_MONEY,
	SETTING_INTEGER,
	SETTING_MORNING,  /* a time of day up to noon */
	SETTING_SLOTS,    /* names and times of day */
	SETTING_WEEK,     /* hours.h */
	SETTING_HOLIDAYS,
	SETTING_PAUSE,    /* pause.h */
	SETTING_UNTIL,    /* an instant, RFC 3339 */
};

struct setting_key {
	const char *name;
	enum setting_kind kind;
	size_t offset;        /* of its member */
	const char *fallback; /* JSON that holds without a row; NULL: the member stays as it is */
	int64_t min, max;     /* INTEGER, MONEY (minor units) */
	/* written by its own routes only: no key of the configuration */
	bool is_inner;
	/* what else must happen when a restaurant's row has been written or removed (NULL) */
	enum err (*changed)(struct op *, int64_t restaurant_id, const char *json);
	const char *sentence;
};

/* All keys, the inner ones last. */
const struct setting_key *setting_keys(size_t *ret_n);
/* NULL: there is no such key. */
const struct setting_key *setting_find(const char *name);

/* "boolean", "money", "integer", "time", "slots", "hours", "dates": what clients are told. */
const char *setting_type(const struct setting_key *);

/*
 * Puts a key's JSON into its member. NULL, or a sentence saying what it must be, and in *ret_at the
 * place within the value (".lunch.start"; "" for all of it). exponent: decimals of the currency.
 */
const char *setting_take(struct arena *, const struct setting_key *, const char *json,
    unsigned exponent, struct settings *ret, const char **ret_at);

/* JSON that setting_take() took, as it is shown: amounts with all their decimals. */
const char *setting_show(
    struct arena *, const struct setting_key *, const char *json, unsigned exponent);

#endif
