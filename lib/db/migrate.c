#include "db/migrate.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "db/account.h"
#include "db/inside.h"
#include "db/raw.h"
#include "db/script.h"
#include "op/crash.h"

#define STATEMENT_S 3600 /* an ALTER of a large table takes its time */
#define GUARD_TRIES 12   /* each waits for the lock time-out of 5 s */
#define STATEMENT_TRIES 10
#define CHECKSUM_LEN 32

static const char setup_table[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
				  " version INT NOT NULL,"
				  " name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT "
				  "NULL,"
				  " checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT "
				  "NULL," /* of the statements carried out so far */
				  " statements_done INT NOT NULL,"
				  " applied_at DATETIME(6) NULL," /* NULL: not to its end yet */
				  " PRIMARY KEY (version)) ENGINE=InnoDB";

/* Row 0 is no migration: it is what a run locks. */
static const char setup_lock[] = "INSERT IGNORE INTO schema_migrations (version, name, checksum, "
				 "statements_done) VALUES (0, 'lock', '', 0)";

struct state {
	struct op *op;
	const struct migrate_options *options;
	/* Two connections: DDL would end the transaction that holds the lock. */
	struct raw *guard, *sql;
	struct migrate_report report;
};

/* Already there: a statement that was carried out, but not noted, by a run that died in between. */
static bool
is_done_already(unsigned number)
{
	switch (number) {
	case 1050: /* the table exists */
	case 1060: /* the column exists */
	case 1061: /* the key exists */
	case 1091: /* the column or key to drop is gone */
	case 1826: /* the foreign key exists */
	case 3822: /* MySQL: the check exists */
		return true;
	default:
		return false;
	}
}

static void
checksum_start(char hex[2 * CHECKSUM_LEN + 1])
{
	memset(hex, '0', 2 * CHECKSUM_LEN);
	hex[2 * CHECKSUM_LEN] = '\0';
}

/*
 * Each statement is hashed with the sum of those before it, so the sum is known at every statement.
 */
static void
checksum_add(char hex[2 * CHECKSUM_LEN + 1], const char *statement)
{
	unsigned char sum[CHECKSUM_LEN];
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, sizeof sum);
	crypto_generichash_update(&h, (const unsigned char *)hex, 2 * CHECKSUM_LEN);
	crypto_generichash_update(&h, (const unsigned char *)statement, strlen(statement));
	crypto_generichash_final(&h, sum, sizeof sum);
	sodium_bin2hex(hex, 2 * CHECKSUM_LEN + 1, sum, sizeof sum);
}

/* --- one migration ------------------------------------------------------------------------ */

/* A migration as the database knows it. */
struct known {
	bool is_begun, is_finished;
	int done_n;
	const char *checksum;
};

static enum err
known_read(struct state *st, int version, struct known *ret)
{
	size_t n = 0;
	char **c = NULL;
	enum err e = raw_rows(st->op, st->sql, "schema_migrations",
	    arena_printf(st->op->arena,
		"SELECT checksum, statements_done, applied_at IS NOT NULL FROM schema_migrations "
		"WHERE version = %d",
		version),
	    3, &c, &n);

	if (e != OK)
		return e;
	*ret = (struct known){ .is_begun = n != 0 };
	if (n != 0)
		*ret = (struct known){ .is_begun = true, .checksum = c[0],
			.done_n = (int)strtol(c[1], NULL, 10), .is_finished = c[2][0] == '1' };
	return OK;
}

/*
 * The statement and the note that it was carried out. A change of rows commits with its note; DDL
 * commits by itself, so a run can die between the two: the next one finds the thing there already,
 * and for that first statement only it is content with that.
 */
static enum err
statement_run(struct state *st, const struct migration *m, int number, const char *statement,
    const char *checksum, bool is_resumed)
{
	struct op *op = st->op;
	char *what = arena_printf(op->arena, "%s, statement %d", m->name, number);
	unsigned failed = 1;
	enum err e;

	for (int try = 1; failed != 0; try++) {
		e = raw_run(op, st->sql, what, "START TRANSACTION");
		if (e != OK)
			return e;
		failed = raw_try(st->sql, statement);
		if (failed == 0 || (is_resumed && is_done_already(failed)))
			break;
		if (db_classify(failed) != DB_CLASS_RETRY || try == STATEMENT_TRIES)
			return fail(
			    op, ERR_INTERNAL_ERROR, "%s: %u %s", what, failed, raw_error(st->sql));
		(void)raw_try(st->sql, "ROLLBACK");
		db_pause(op, try + 6);
	}
	CRASH_POINT("migrate.before_note");
	e = raw_run(op, st->sql, what,
	    arena_printf(op->arena,
		"UPDATE schema_migrations SET statements_done = %d, checksum = '%s' WHERE version "
		"= %d",
		number, checksum, m->version));
	if (e == OK)
		e = raw_run(op, st->sql, what, "COMMIT");
	CRASH_POINT("migrate.after_note");
	st->report.statements_run++;
	return e;
}

static enum err
changed(struct state *st, const struct migration *m)
{
	return fail(st->op, ERR_CONFLICT,
	    "migration %s was applied to this database with another text; a migration that was "
	    "applied is never edited",
	    m->name);
}

/* Runs what is left of a migration. */
static enum err
migration_run(struct state *st, const struct migration *m, const struct known *known)
{
	const char *cursor = m->sql, *statement;
	char checksum[2 * CHECKSUM_LEN + 1];
	int number = 0;
	enum err e = OK;

	checksum_start(checksum);
	if (!known->is_begun)
		e = raw_run(st->op, st->sql, m->name,
		    arena_printf(st->op->arena,
			"INSERT INTO schema_migrations (version, name, checksum, statements_done) "
			"VALUES (%d, '%s', '%s', 0)",
			m->version, m->name, checksum));
	while (e == OK && (statement = script_next(&cursor, st->op->arena)) != NULL) {
		if (known->is_begun && number == known->done_n &&
		    strcmp(checksum, known->checksum) != 0)
			return changed(st, m);
		checksum_add(checksum, statement);
		if (++number > known->done_n && !known->is_finished)
			e = statement_run(st, m, number, statement, checksum,
			    known->is_begun && number == known->done_n + 1);
	}
	if (e != OK || known->is_finished)
		return e != OK || strcmp(checksum, known->checksum) == 0 ? e : changed(st, m);
	if (number < known->done_n)
		return changed(st, m);
	st->report.migrations_applied++;
	return raw_run(st->op, st->sql, m->name,
	    arena_printf(st->op->arena,
		"UPDATE schema_migrations SET applied_at = UTC_TIMESTAMP(6) WHERE version = %d",
		m->version));
}

/* --- all of them -------------------------------------------------------------------------- */

static enum err
refuse_newer(struct state *st)
{
	const struct migrate_options *o = st->options;
	size_t n = 0;
	char **c = NULL;
	enum err e = raw_rows(st->op, st->sql, "schema_migrations",
	    arena_printf(st->op->arena,
		"SELECT name FROM schema_migrations WHERE version > %zu ORDER BY version LIMIT 1",
		o->migrations_n),
	    1, &c, &n);

	if (e == OK && n != 0)
		e = fail(st->op, ERR_CONFLICT,
		    "the database is newer than this program: it has migration %s; install the "
		    "newer program",
		    c[0]);
	return e;
}

static enum err
run_all(struct state *st)
{
	const struct migrate_options *o = st->options;
	enum err e = refuse_newer(st);

	for (size_t i = 0; e == OK && i < o->migrations_n; i++) {
		struct known known = { .is_begun = false };

		e = known_read(st, o->migrations[i].version, &known);
		if (e == OK)
			e = migration_run(st, &o->migrations[i], &known);
		if (e == OK)
			st->report.version = o->migrations[i].version;
	}
	return e;
}

/* One run at a time. The lock goes with the connection, so a dead run holds up nobody. */
static enum err
guard_take(struct state *st)
{
	/* Writing row 0 waits for whoever has locked it, too: then it is there. */
	unsigned written = raw_try(st->sql, setup_lock);

	if (written != 0 && written != 1205)
		return fail(st->op, ERR_INTERNAL_ERROR, "schema_migrations: %u %s", written,
		    raw_error(st->sql));
	for (int try = 1;; try++) {
		unsigned failed = raw_try(st->guard, "START TRANSACTION");

		if (failed == 0)
			failed = raw_try(st->guard,
			    "SELECT version FROM schema_migrations WHERE version = 0 FOR UPDATE");
		if (failed == 0)
			return OK;
		if (failed != 1205)
			return fail(st->op, ERR_INTERNAL_ERROR, "schema_migrations: %u %s", failed,
			    raw_error(st->guard));
		(void)raw_try(st->guard, "ROLLBACK");
		if (try == GUARD_TRIES)
			return fail(st->op, ERR_CONFLICT,
			    "another migration of this database is under way");
	}
}

static bool
name_ok(const char *name)
{
	size_t n = strlen(name);

	return n >= 1 && n <= 64 &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == n;
}

/*
 * Both connections, and the database: an administrator who may not create it may still use one that
 * is there.
 */
static enum err
connect_both(struct state *st)
{
	struct db_options admin = st->options->admin;
	const char *name = admin.database;
	struct raw *maker = NULL;
	enum err e;

	if (!name_ok(name))
		return fail(st->op, ERR_CONFLICT,
		    "a database's name has only letters, digits and _, not \"%s\"", name);
	admin.timeout_s = STATEMENT_S;
	admin.database = NULL;
	e = raw_open(st->op, &admin, &maker);
	if (e != OK)
		return e;
	(void)raw_try(maker, arena_printf(st->op->arena,
				 "CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4 COLLATE "
				 "utf8mb4_unicode_ci",
				 name));
	raw_close(&maker);
	admin.database = name;
	e = raw_open(st->op, &admin, &st->sql);
	if (e == OK)
		e = raw_open(st->op, &admin, &st->guard);
	return e;
}

enum err
migrate(struct op *op, const struct migrate_options *options, struct migrate_report *ret)
{
	struct state st = { .op = op, .options = options };
	const struct account_options accounts = {
		.database = options->admin.database,
		.host = options->admin.socket != NULL ? "localhost" : "%",
		.password = options->password,
	};
	enum err e = connect_both(&st);

	if (e == OK)
		e = raw_run(op, st.sql, "schema_migrations", setup_table);
	if (e == OK)
		e = guard_take(&st);
	if (e == OK)
		e = run_all(&st);
	if (e == OK)
		e = accounts_settle(op, st.sql, &accounts, &st.report.granted, &st.report.revoked);
	raw_close(&st.guard);
	raw_close(&st.sql);
	if (e == OK)
		*ret = st.report;
	return e;
}
