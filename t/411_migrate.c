/* Migrations: in order, once each, taken up where a run died, and refused where database and program disagree. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/grant.h"
#include "db/migrate.h"
#include "db/script.h"
#include "tap.h"
#include "world.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)

static struct migrate_options
options_of(const char *database, const struct migration *list, size_t n)
{
	struct migrate_options o = { .admin = *world_admin(), .migrations = list, .migrations_n = n, .password = WORLD_PASSWORD };

	o.admin.database = database;
	return o;
}

/* Runs it; *ret_sentence, if asked for, is good until the next run. */
static enum err
run(const char *database, const struct migration *list, size_t n, struct migrate_report *ret, const char **ret_sentence)
{
	static char sentence[512];
	struct migrate_options o = options_of(database, list, n);
	struct op op;
	enum err e;

	op_begin(&op, NULL, ARENA_MAX, NULL);
	e = migrate(&op, &o, ret);
	if (e != OK && ret_sentence != NULL) {
		(void)snprintf(sentence, sizeof sentence, "%s", op.fault.sentence);
		*ret_sentence = sentence;
	}
	op_end(&op);
	return e;
}

static int
statements_of_all(void)
{
	struct arena *a = arena_new(ARENA_MAX);
	int n = 0;

	for (size_t i = 0; i < migrations_n; i++) {
		const char *cursor = migrations[i].sql;

		while (script_next(&cursor, a) != NULL)
			n++;
	}
	arena_free(&a);
	return n;
}

/* Everything that makes a schema, in one number. */
static int64_t
schema_sum(const char *database)
{
	return world_int("SELECT COALESCE(SUM(CRC32(CONCAT_WS('|', TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE,"
	    " COLUMN_DEFAULT, EXTRA, COLLATION_NAME))), 0) + (SELECT COALESCE(SUM(CRC32(CONCAT_WS('|', TABLE_NAME, INDEX_NAME, NON_UNIQUE,"
	    " SEQ_IN_INDEX, COLUMN_NAME))), 0) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '%s') +"
	    " (SELECT COALESCE(SUM(CRC32(CONCAT_WS('|', TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE))), 0) FROM"
	    " information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = '%s')"
	    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '%s'", database, database, database);
}

/* --- the text ------------------------------------------------------------------------------------------------ */

static void
test_script(void)
{
	static const char text[] = "-- a; b\nSELECT 'x;--y', \"/*z\", `;` /* ; */, 'it''s', '\\';' ;;\n# c;\n  UPDATE t\n SET a = 1--1 -- d\n;\n--\n";
	struct arena *a = arena_new(1024 * 1024);
	const char *cursor = text;

	is_str(script_next(&cursor, a), "SELECT 'x;--y', \"/*z\", `;` , 'it''s', '\\';'", "quotes hide semicolons and comments");
	is_str(script_next(&cursor, a), "UPDATE t\n SET a = 1--1", "a comment needs a blank behind its dashes");
	ok(script_next(&cursor, a) == NULL, "and that is all");
	arena_free(&a);
}

/* --- once and in order --------------------------------------------------------------------------------------- */

static void
test_whole(void)
{
	struct migrate_report r = { .version = 0 };

	ok(run("whole", migrations, migrations_n, &r, NULL) == OK, "DB-41 the whole schema is applied to nothing");
	is_int(r.version, (int)migrations_n, "DB-41 up to the last version");
	is_int(r.statements_run, statements_of_all(), "DB-41 statement by statement");
	is_int(world_int("SELECT COUNT(*) FROM whole.schema_migrations WHERE applied_at IS NOT NULL AND version > 0"),
	    (int)migrations_n, "DB-41 and the database knows what was applied");
	ok(r.granted > 0, "the programs' users get their privileges");
	ok(run("whole", migrations, migrations_n, &r, NULL) == OK && r.statements_run == 0 && r.migrations_applied == 0 &&
	    r.granted == 0 && r.revoked == 0, "DB-41 a second run has nothing to do");
	is_int(world_int("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'whole' AND ENGINE <> 'InnoDB'"), 0,
	    "every table is InnoDB");
	is_int(world_int("SELECT COUNT(*) FROM information_schema.TABLES t WHERE TABLE_SCHEMA = 'whole' AND NOT EXISTS (SELECT 1 FROM"
	    " information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = t.TABLE_SCHEMA AND s.TABLE_NAME = t.TABLE_NAME AND"
	    " s.INDEX_NAME = 'PRIMARY')"), 0, "and has a primary key");
	is_int(world_int("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'whole' AND"
	    " DEFAULT_CHARACTER_SET_NAME = 'utf8mb4'"), 1, "text is utf8mb4");
}

static void
test_petpooja(void)
{
	is_int(world_int("SELECT COUNT(*) FROM whole.pos_providers WHERE provider_name = 'petpooja'"), 1,
	    "DB-43 the check after migrating finds the petpooja provider");
	is_int(world_int("SELECT is_active = 1 AND auth_type = 'api_key' AND display_name <> '' AND base_api_url LIKE 'https://%%'"
	    " FROM whole.pos_providers WHERE provider_name = 'petpooja'"), 1, "DB-43 active, with its API's address");
	is_int(world_int("SELECT JSON_LENGTH(webhook_endpoints) >= 3 AND JSON_EXTRACT(webhook_endpoints, '$.\"order-status\"') IS NOT NULL"
	    " FROM whole.pos_providers WHERE provider_name = 'petpooja'"), 1, "DB-43 DB-44 and a map of its webhooks");
}

/* --- dying --------------------------------------------------------------------------------------------------- */

/* A run in a process of its own that dies at the crash point, or at none. True: it ran to its end. */
static bool
run_and_die(const char *dir, const char *point)
{
	struct migrate_report r;
	char path[128];
	int status = 0;
	pid_t pid;

	(void)snprintf(path, sizeof path, "%s/kill.%s", dir, point);
	fclose(fopen(path, "w"));
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setenv("TICKETRAIL_CRASH_DIR", dir, 1);
		_exit(run("dying", migrations, migrations_n, &r, NULL) == OK ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	unlink(path);
	if (WIFSIGNALED(status))
		return false;
	if (WEXITSTATUS(status) != 0)
		diag("a run failed");
	return true;
}

static void
test_dying(void)
{
	static const char *const points[] = { "migrate.before_note", "migrate.after_note" };
	const char *socket = world_admin()->socket;
	struct migrate_report r = { .version = 0 };
	char dir[96];
	int deaths = 0;

	(void)snprintf(dir, sizeof dir, "%s.crash", socket);
	ok(mkdir(dir, 0700) == 0, "a place for crashes");
	while (deaths < 1000 && !run_and_die(dir, points[deaths % 2]))
		deaths++;
	ok(deaths >= statements_of_all(), "DB-41 a run is killed at every statement (%d times)", deaths);
	ok(run("dying", migrations, migrations_n, &r, NULL) == OK && r.statements_run == 0, "DB-41 the last one has finished it");
	ok(schema_sum("dying") == schema_sum("whole") && schema_sum("dying") != 0, "DB-41 the schema is that of one whole run");
	is_int(world_int("SELECT COUNT(*) FROM dying.pos_providers"), world_int("SELECT COUNT(*) FROM whole.pos_providers"),
	    "DB-41 rows were changed once");
}

static void
test_crowd(void)
{
	int status, good = 0;
	pid_t pids[3];

	fflush(NULL);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct migrate_report r = { .statements_run = 0 };
			const char *why = "";

			if (run("crowd", migrations, migrations_n, &r, &why) != OK) {
				diag("%s", why);
				_exit(200);
			}
			_exit(r.statements_run == 0 ? 0 : r.statements_run == statements_of_all() ? 1 : 100);
		}
	}
	for (int i = 0, did = 0; i < 3; i++) {
		waitpid(pids[i], &status, 0);
		did += WEXITSTATUS(status);
		good = did;
	}
	is_int(good, 1, "DB-41 of three runs at once one does it all and the others find it done");
	ok(schema_sum("crowd") == schema_sum("whole"), "DB-41 with the same schema");
}

/* --- refusing ------------------------------------------------------------------------------------------------ */

static void
test_refusals(void)
{
	const struct migration first = { .version = 1, .name = "0001_a", .sql = "CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB;" };
	const struct migration broken[] = { first, { .version = 2, .name = "0002_b",
		.sql = "CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1); CREATE TABLE a (id INT PRIMARY KEY);" } };
	const struct migration mended[] = { first, { .version = 2, .name = "0002_b",
		.sql = "CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1); CREATE TABLE c (id INT PRIMARY KEY);" } };
	const struct migration changed[] = { first, { .version = 2, .name = "0002_b",
		.sql = "CREATE TABLE b (id BIGINT PRIMARY KEY); INSERT INTO b VALUES (1); CREATE TABLE c (id INT PRIMARY KEY);" } };
	const struct migration commented[] = { first, { .version = 2, .name = "0002_b",
		.sql = "-- hello\nCREATE TABLE b (id INT PRIMARY KEY);\n INSERT INTO b VALUES (1);  CREATE TABLE c (id INT PRIMARY KEY)" } };
	struct migrate_report r = { .version = -1 };
	const char *why = "";

	ok(run("small", &first, 1, &r, NULL) == OK && r.version == 1, "a small one");
	ok(run("small", broken, 2, &r, &why) == ERR_INTERNAL_ERROR, "a statement that fails stops the run");
	ok(strstr(why, "0002_b, statement 3: 1050") != NULL, "which says where and why: %s", why);
	ok(run("small", changed, 2, &r, &why) == ERR_CONFLICT, "what was carried out of it must not be edited");
	ok(run("small", mended, 2, &r, &why) == OK && r.statements_run == 1, "what was not may be mended, and the run goes on there");
	ok(run("small", commented, 2, &r, &why) == OK && r.statements_run == 0, "comments and blanks do not count");
	ok(run("small", changed, 2, &r, &why) == ERR_CONFLICT && strstr(why, "0002_b") != NULL, "an applied migration is never edited: %s", why);
	r.version = -1;
	ok(run("small", &first, 1, &r, &why) == ERR_CONFLICT && strstr(why, "newer") != NULL, "a newer database is refused: %s", why);
	is_int(r.version, -1, "and nothing is reported");
	ok(run("small`; DROP", &first, 1, &r, &why) == ERR_CONFLICT, "a database's name is a name");
}

/* --- words --------------------------------------------------------------------------------------------------- */

static void
test_words(void)
{
	static const struct {
		const char *old, *new;
	} words[] = {
		{ "processing", "received" }, { "new", "received" }, { "failed", "received" }, { "pos_failed", "received" },
		{ "in_progress", "preparing" }, { "food_ready", "ready" }, { "dispatched", "out_for_delivery" },
		{ "delivered", "completed" }, { "CONFIRMED", "confirmed" }, { "Preparing", "preparing" }, { "ready", "ready" },
		{ "completed", "completed" }, { "cancelled", "cancelled" }, { "rejected", "rejected" },
		{ "out_for_delivery", "out_for_delivery" }, { "received", "received" },
	};
	struct migrate_report r;

	ok(run("words", migrations, 7, &r, NULL) == OK, "a database of before the one vocabulary");
	world_sql("USE words");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		world_sql("INSERT INTO orders (public_id, restaurant_id, order_number, status, order_type, currency, subtotal_minor, total_minor,"
		    " menu_version, payment_method, created_at, updated_at) VALUES (UNHEX('%032zx'), 1, 'W-%zu', '%s', 'pickup', 'INR', 1, 1, 1,"
		    " 'cash', '2026-01-01', '2026-01-02')", i, i, words[i].old);
	ok(run("words", migrations, migrations_n, &r, NULL) == OK && r.migrations_applied == (int)migrations_n - 7, "DB-42 is brought up to date");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		char *now = world_text("SELECT status FROM words.orders WHERE order_number = 'W-%zu'", i);

		is_str(now, words[i].new, "DB-42 %s becomes %s", words[i].old, words[i].new);
		free(now);
	}
	is_int(world_int("SELECT COUNT(*) FROM words.orders WHERE pos_state = 'failed' AND pos_failure = 'exhausted' AND failed_at = '2026-01-02'"), 2,
	    "DB-42 failed and pos_failed live on as the state at the POS");
	is_int(world_sql_errno("UPDATE words.orders SET status = 'food_ready'"), 1265, "DB-42 and no other word goes in any more");
}

/* --- users --------------------------------------------------------------------------------------------------- */

/* What a user may do, minus what its program's statements need, and the other way round: both must be nothing. */
static int64_t
difference(enum program p)
{
	struct op op;
	char *tables, *table, *next;
	int64_t wrong = 0;

	op_begin(&op, NULL, ARENA_MAX, NULL);
	world_sql("SET SESSION group_concat_max_len = 100000");
	tables = world_text("SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'whole'");
	for (table = tables; table != NULL; table = next) {
		unsigned want;

		next = strchr(table, ',');
		if (next != NULL)
			*next++ = '\0';
		want = grant_of_program(p, table) | (strcmp(table, "schema_migrations") == 0 ? GRANT_SELECT : 0u);
		for (int b = 0; b < GRANTS_N; b++)
			wrong += world_int("SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = 'whole' AND"
			    " GRANTEE LIKE '%%ticketrail\\_%s\\'@%%' AND TABLE_NAME = '%s' AND PRIVILEGE_TYPE = '%s'", program_names[p], table,
			    grant_names[b]) != (int)(want >> b & 1u);
	}
	free(tables);
	op_end(&op);
	return wrong;
}

static void
test_users(void)
{
	struct migrate_report r = { .revoked = 0 };

	for (int p = 0; p < PROGRAM__MAX; p++)
		is_int(difference((enum program)p), 0, "%s may do what its statements do, and nothing else", program_names[p]);
	is_int(world_int("SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE LIKE '\\'ticketrail%%' AND"
	    " PRIVILEGE_TYPE <> 'USAGE'"), 0, "no program has FILE, SUPER, PROCESS or anything else on the whole server");
	is_int(world_int("SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE LIKE '\\'ticketrail%%' AND"
	    " PRIVILEGE_TYPE NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')"), 0, "nor may it change a table");
	world_sql("GRANT FILE ON *.* TO ticketrail_menu@localhost");
	world_sql("GRANT CREATE, DROP ON whole.* TO ticketrail_menu@localhost");
	world_sql("GRANT DELETE, ALTER ON whole.orders TO ticketrail_menu@localhost");
	world_sql("REVOKE SELECT ON whole.items FROM ticketrail_menu@localhost");
	ok(run("whole", migrations, migrations_n, &r, NULL) == OK && r.revoked == 5, "what was given by hand is taken (%d)", r.revoked);
	is_int(r.granted, 1, "what was taken by hand is given");
	is_int(difference(PROGRAM_menu), 0, "and all is as it should be");
	is_int(world_int("SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE LIKE '\\'ticketrail%%' AND"
	    " PRIVILEGE_TYPE <> 'USAGE'") + world_int("SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE LIKE"
	    " '\\'ticketrail%%'"), 0, "everywhere");
}

static void
test_grant_reading(void)
{
	static const struct {
		const char *sql, *table;
		unsigned need;
	} rows[] = {
		{ "SELECT a FROM orders o WHERE o.items = 1", "orders", GRANT_SELECT },
		{ "SELECT a FROM orders o WHERE o.items = 1", "items", 0 },
		{ "SELECT a AS items FROM orders", "items", 0 },
		{ "SELECT 'items' FROM orders", "items", 0 },
		{ "SELECT a FROM orders, items", "items", GRANT_SELECT },
		{ "SELECT a FROM orders JOIN items ON 1 FOR UPDATE", "items", GRANT_SELECT | GRANT_UPDATE },
		{ "SELECT a FROM orders LOCK IN SHARE MODE", "orders", GRANT_SELECT | GRANT_UPDATE },
		{ "INSERT INTO orders (a) VALUES (?)", "orders", GRANT_INSERT },
		{ "INSERT IGNORE INTO orders (a) SELECT b FROM items", "orders", GRANT_INSERT },
		{ "INSERT INTO orders (a) SELECT b FROM items", "items", GRANT_SELECT },
		{ "INSERT INTO orders (a) VALUES (?) ON DUPLICATE KEY UPDATE a = 1", "orders", GRANT_SELECT | GRANT_INSERT | GRANT_UPDATE },
		{ "UPDATE orders SET a = (SELECT b FROM items)", "orders", GRANT_SELECT | GRANT_UPDATE },
		{ "UPDATE orders SET a = (SELECT b FROM items)", "items", GRANT_SELECT },
		{ "UPDATE orders o JOIN items i ON 1 SET o.a = 1", "items", GRANT_SELECT },
		{ "DELETE FROM orders WHERE a IN (SELECT b FROM items)", "orders", GRANT_SELECT | GRANT_DELETE },
		{ "DELETE FROM orders WHERE a IN (SELECT b FROM items)", "items", GRANT_SELECT },
		{ "DELETE FROM orders_old", "orders", 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(grant_needed(rows[i].sql, rows[i].table), rows[i].need, "%s: %s", rows[i].table, rows[i].sql);
}

static void
test_unreachable(void)
{
	struct migrate_options o = options_of("nowhere", migrations, migrations_n);
	struct migrate_report r;
	struct op op;

	o.admin.socket = "/nowhere/s";
	op_begin(&op, NULL, ARENA_MAX, NULL);
	ok(migrate(&op, &o, &r) == ERR_UNAVAILABLE && op.fault.sentence != NULL, "no server: %s", op.fault.sentence);
	op_end(&op);
}

int
main(void)
{
	world_begin_empty();
	test_script();
	test_grant_reading();
	test_whole();
	test_petpooja();
	test_dying();
	test_crowd();
	test_refusals();
	test_users();
	test_words();
	test_unreachable();
	return tap_done();
}
