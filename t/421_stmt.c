/* Every statement: it prepares on the real schema as its program's own user, and keeps the rules of the house. */

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/grant.h"
#include "db/inside.h"
#include "tap.h"
#include "world.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)

static bool
matches(const char *text, const char *pattern)
{
	regex_t r;
	bool yes;

	if (regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	yes = regexec(&r, text, 0, NULL, 0) == 0;
	regfree(&r);
	return yes;
}

/* --- preparing ----------------------------------------------------------------------------------------------- */

/* The shape says whether there are rows; the server knows. */
static bool
prepares(MYSQL *m, const struct stmt_text *t)
{
	MYSQL_STMT *s = mysql_stmt_init(m);
	bool wants_rows = t->shape == STMT_ONE || t->shape == STMT_MANY, good;

	good = mysql_stmt_prepare(s, t->sql, (unsigned long)strlen(t->sql)) == 0;
	if (!good)
		diag("%s: %s", t->name, mysql_stmt_error(s));
	else if ((mysql_stmt_field_count(s) != 0) != wants_rows) {
		diag("%s: gives %s", t->name, wants_rows ? "no rows" : "rows");
		good = false;
	}
	mysql_stmt_close(s);
	return good;
}

static void
test_prepare(enum program p)
{
	struct db_options o = world_options(p);
	struct arena *a = arena_new(ARENA_MAX);
	const char *why = NULL;
	MYSQL *m = db_open(&o, a, &why);
	int good = 0, all = 0;

	if (!ok(m != NULL, "%s connects as its own user", program_names[p])) {
		diag("%s", why);
		arena_free(&a);
		return;
	}
	for (size_t s = 0; s < STMT__MAX; s++)
		if ((stmt_texts[s].programs >> p & 1u) != 0) {
			all++;
			good += prepares(m, &stmt_texts[s]);
		}
	is_int(good, all, "and may prepare all of its statements");
	mysql_close(m);
	arena_free(&a);
}

/* --- rules --------------------------------------------------------------------------------------------------- */

static void
test_rules(void)
{
	static const struct {
		const char *rule;
		bool many_only, must;
		const char *pattern;
	} rules[] = {
		{ "every `many` has a LIMIT", true, true, " LIMIT ([0-9]+|\\?)( FOR UPDATE( SKIP LOCKED)?)?$" },
		{ "and an order, unless it is all there is and the limit a mere cap", true, true, " ORDER BY | LIMIT [0-9]{5,}( FOR UPDATE)?$" },
		{ "columns are named, not starred", false, false, "SELECT \\*|\\.\\*" },
		{ "no OFFSET but of a few rows: pages go by key", false, false, " OFFSET ([0-9]{2,}|\\?)| LIMIT [0-9?]+, " },
		{ "the server's own clock is asked only where an op begins", false, false,
		    "(NOW|SYSDATE|CURDATE|CURTIME|UTC_TIMESTAMP|UNIX_TIMESTAMP|CURRENT_TIMESTAMP)\\b" },
	};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		int wrong = 0;

		for (size_t s = 0; s < STMT__MAX; s++) {
			const struct stmt_text *t = &stmt_texts[s];

			if ((rules[i].many_only && t->shape != STMT_MANY) || s == STMT_op_now || s == STMT_access_guest)
				continue;
			if (matches(t->sql, rules[i].pattern) != rules[i].must) {
				diag("%s: %s", t->name, t->sql);
				wrong++;
			}
		}
		is_int(wrong, 0, "%s", rules[i].rule);
	}
}

/* --- tenants ------------------------------------------------------------------------------------------------- */

/*
 * A statement that touches a table with a restaurant_id names it, or goes by a key that belongs to one restaurant only: a
 * row's own id, which the caller has from a row it was allowed to see. These go by something else:
 */
static const struct {
	const char *statement, *why;
} across[] = {
	{ "outbox_*", "the runners carry out everybody's messages; a message says whose it is" },
	{ "check_*", "the operator looks after the whole house; these only read" },
	{ "purge_*", "what is old enough is deleted, whosever it was" },
	{ "ops_*", "the operator looks after the whole house; these only count" },
};

static bool
is_across(const char *name)
{
	for (size_t i = 0; i < sizeof across / sizeof across[0]; i++) {
		size_t n = strcspn(across[i].statement, "*");

		if (strncmp(name, across[i].statement, n) == 0 && (across[i].statement[n] == '*' || name[n] == '\0'))
			return true;
	}
	return false;
}

static bool
goes_by_key(const char *sql)
{
	return matches(sql, "\\b(restaurant_id|scope_key)\\b") || matches(sql, "\\b(id|order_id|item_id|integration_id|staff_id) = \\?");
}

static void
test_tenants(void)
{
	char *tables = world_text("SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'ticketrail'"
	    " AND COLUMN_NAME = 'restaurant_id'"), *table, *rest = tables;
	int wrong = 0, seen = 0;

	while ((table = strsep(&rest, ",")) != NULL)
		for (size_t s = 0; s < STMT__MAX; s++) {
			const struct stmt_text *t = &stmt_texts[s];

			if (grant_needed(t->sql, table) == 0)
				continue;
			seen++;
			if (!goes_by_key(t->sql) && !is_across(t->name)) {
				diag("%s on %s: %s", t->name, table, t->sql);
				wrong++;
			}
		}
	ok(seen > 20, "statements on tables of tenants: %d", seen);
	is_int(wrong, 0, "C1 ARC-02 TEN every one of them is for one restaurant");
	free(tables);
}

int
main(void)
{
	world_begin();
	for (int p = 0; p < PROGRAM__MAX; p++)
		test_prepare((enum program)p);
	test_rules();
	test_tenants();
	return tap_done();
}
