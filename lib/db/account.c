#include "db/account.h"

#include <string.h>

#include "db/grant.h"

struct account {
	enum program program;
	const char *user; /* 'ticketrail_orders'@'localhost' */
	const char *grantee; /* the same, quoted once more, as information_schema writes it */
};

static struct account
account_of(struct op *op, struct raw *r, const char *host, enum program program)
{
	struct account a = { .program = program };

	a.user = arena_printf(
	    op->arena, "'ticketrail_%s'@%s", program_names[program], raw_quote(op, r, host));
	a.grantee = raw_quote(op, r, a.user);
	return a;
}

static enum err
account_make(struct op *op, struct raw *r, const struct account *a, const char *password)
{
	const char *quoted;
	enum err e;

	if (password == NULL || password[0] == '\0')
		return OK;
	quoted = raw_quote(op, r, password);
	e = raw_run(op, r, a->user,
	    arena_printf(
		op->arena, "CREATE USER IF NOT EXISTS %s IDENTIFIED BY %s", a->user, quoted));
	if (e == OK)
		e = raw_run(op, r, a->user,
		    arena_printf(op->arena, "ALTER USER %s IDENTIFIED BY %s", a->user, quoted));
	return e;
}

/*
 * Whatever somebody gave by hand for the whole server or database goes; table privileges are
 * compared one by one.
 */
static enum err
account_narrow(
    struct op *op, struct raw *r, const struct account *a, const char *database, int *revoked)
{
	char **cells;
	size_t n;
	enum err e;

	e = raw_rows(op, r, a->user,
	    arena_printf(op->arena,
		"SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES"
		" WHERE GRANTEE = %s AND PRIVILEGE_TYPE <> 'USAGE'",
		a->grantee),
	    1, &cells, &n);
	for (size_t i = 0; e == OK && i < n; i++, ++*revoked)
		e = raw_run(op, r, a->user,
		    arena_printf(op->arena, "REVOKE %s ON *.* FROM %s", cells[i], a->user));
	if (e != OK)
		return e;
	e = raw_rows(op, r, a->user,
	    arena_printf(op->arena,
		"SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES"
		" WHERE GRANTEE = %s AND TABLE_SCHEMA = '%s'",
		a->grantee, database),
	    1, &cells, &n);
	for (size_t i = 0; e == OK && i < n; i++, ++*revoked)
		e = raw_run(op, r, a->user,
		    arena_printf(
			op->arena, "REVOKE %s ON `%s`.* FROM %s", cells[i], database, a->user));
	return e;
}

static int
grant_bit(const char *name)
{
	for (int b = 0; b < GRANTS_N; b++)
		if (strcmp(grant_names[b], name) == 0)
			return 1 << b;
	return 0;
}

/* One table: gives what is missing, then takes what is too much. held: (table, privilege) pairs. */
static enum err
table_settle(struct op *op, struct raw *r, const struct account_options *o, const struct account *a,
    const char *table, char **held, size_t held_n, int *granted, int *revoked)
{
	unsigned want = grant_of_program(a->program, table), have = 0;
	enum err e = OK;

	/*
	 * Every program may know which schema this is; and without any privilege it could not even
	 * connect.
	 */
	if (strcmp(table, "schema_migrations") == 0)
		want |= GRANT_SELECT;
	for (size_t i = 0; i < held_n; i++)
		if (strcmp(held[2 * i], table) == 0)
			have |= (unsigned)grant_bit(held[2 * i + 1]);
	for (int b = 0; e == OK && b < GRANTS_N; b++)
		if ((want & ~have & 1u << b) != 0) {
			e = raw_run(op, r, a->user,
			    arena_printf(op->arena, "GRANT %s ON `%s`.`%s` TO %s", grant_names[b],
				o->database, table, a->user));
			++*granted;
		}
	for (size_t i = 0; e == OK && i < held_n; i++)
		if (strcmp(held[2 * i], table) == 0 &&
		    (want & (unsigned)grant_bit(held[2 * i + 1])) == 0) {
			e = raw_run(op, r, a->user,
			    arena_printf(op->arena, "REVOKE %s ON `%s`.`%s` FROM %s",
				held[2 * i + 1], o->database, table, a->user));
			++*revoked;
		}
	return e;
}

static enum err
account_settle(struct op *op, struct raw *r, const struct account_options *o,
    const struct account *a, char **tables, size_t tables_n, int *granted, int *revoked)
{
	size_t held_n;
	char **held;
	enum err e;

	e = account_make(op, r, a, o->password);
	if (e == OK)
		e = account_narrow(op, r, a, o->database, revoked);
	if (e == OK)
		e = raw_rows(op, r, a->user,
		    arena_printf(op->arena,
			"SELECT TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES"
			" WHERE GRANTEE = %s AND TABLE_SCHEMA = '%s'",
			a->grantee, o->database),
		    2, &held, &held_n);
	for (size_t i = 0; e == OK && i < tables_n; i++)
		e = table_settle(op, r, o, a, tables[i], held, held_n, granted, revoked);
	return e;
}

enum err
accounts_settle(
    struct op *op, struct raw *r, const struct account_options *o, int *granted, int *revoked)
{
	size_t tables_n;
	char **tables;
	enum err e;

	e = raw_rows(op, r, "tables",
	    arena_printf(op->arena,
		"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '%s' ORDER "
		"BY TABLE_NAME",
		o->database),
	    1, &tables, &tables_n);
	for (int p = 0; e == OK && p < PROGRAM__MAX; p++) {
		struct account a = account_of(op, r, o->host, (enum program)p);

		e = account_settle(op, r, o, &a, tables, tables_n, granted, revoked);
	}
	return e;
}
