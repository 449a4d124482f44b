/* Binding, decoding, answers that are no faults, time, reconnecting. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "op/clock.h"
#include "tap.h"
#include "text/civil.h"
#include "world.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
#define TRACE "0123456789abcdef0123456789abcdef"
#define BLOB_LEN ((size_t)3 * 1024 * 1024 + 17)

struct delivery {
	int64_t id, restaurant_id, http_status, received_at;
	const char *provider, *type, *subject, *state, *trace_id;
	struct bytes body;
	bool is_verified;
};
static const struct db_col delivery_cols[] = {
	COL_I64(struct delivery, id), COL_I64(struct delivery, restaurant_id), COL_TEXT(struct delivery, provider),
	COL_TEXT(struct delivery, type), COL_TEXT(struct delivery, subject), COL_TEXT(struct delivery, state),
	COL_BYTES(struct delivery, body), COL_BOOL(struct delivery, is_verified), COL_I64(struct delivery, http_status),
	COL_TIME(struct delivery, received_at), COL_TEXT(struct delivery, trace_id),
};
static const struct db_shape delivery_shape = DB_SHAPE(struct delivery, delivery_cols);

struct key_row {
	unsigned char request_hash[32];
	int64_t status;
	struct bytes answer;
};
static const struct db_col key_cols[] = {
	COL_FIXED(struct key_row, request_hash), COL_I64(struct key_row, status), COL_BYTES(struct key_row, answer),
};
static const struct db_shape key_shape = DB_SHAPE(struct key_row, key_cols);

struct short_key_row {
	unsigned char request_hash[16]; /* too short for the column */
	int64_t status;
	struct bytes answer;
};
static const struct db_col short_key_cols[] = {
	COL_FIXED(struct short_key_row, request_hash), COL_I64(struct short_key_row, status),
	COL_BYTES(struct short_key_row, answer),
};
static const struct db_shape short_key_shape = DB_SHAPE(struct short_key_row, short_key_cols);

struct due_row {
	const char *destination;
	int64_t due_at;
};
static const struct db_col due_cols[] = { COL_TEXT(struct due_row, destination), COL_TIME(struct due_row, due_at) };
static const struct db_shape due_shape = DB_SHAPE(struct due_row, due_cols);

/* --- helpers ------------------------------------------------------------------------------------------------- */

static enum err
store(struct op *op, int64_t restaurant_id, const char *subject, const void *body, size_t len, const char *event_key,
    int64_t *ret_id)
{
	static const unsigned char digest[32] = { 1, 2, 3 };

	return db_newid(op, STMT_inbox_store,
	    DB_ARGS(DB_ID("restaurant_id", restaurant_id), DB_TEXT("provider", "petpooja"),
		DB_TEXT("webhook_type", "order_status"), DB_TEXT("subject", subject), DB_TEXT("headers", "{}"),
		DB_TEXT("source_address", "127.0.0.1"), DB_BYTES("body", body, len), DB_I64("body_len", (int64_t)len),
		DB_BYTES("body_digest", digest, sizeof digest), DB_I64("is_verified", event_key != NULL),
		DB_TEXT("event_key", event_key), DB_TEXT("state", "received"), DB_I64("http_status", -200),
		DB_NULL("error_message"), DB_TEXT("trace_id", TRACE)),
	    ret_id);
}

static enum err
put(struct op *op, const char *destination, int64_t due_at, int64_t *ret_id)
{
	return db_newid(op, STMT_outbox_put,
	    DB_ARGS(DB_TEXT("runner", "relay"), DB_TEXT("kind", "test"), DB_TEXT("destination", destination), DB_NULL("lane"),
		DB_ID("restaurant_id", 0), DB_I64("subject_id", INT64_MAX), DB_I64("subject_no", -5),
		DB_BYTES("payload", "", 0), DB_TIME("due_at", due_at), DB_TIME("expires_at", TIME_NONE),
		DB_TEXT("trace_id", TRACE)),
	    ret_id);
}

/* --- values there and back ----------------------------------------------------------------------------------- */

static void
test_kinds(void)
{
	static const char body[] = "a\0b\xff";
	struct delivery d = { .id = -1 };
	struct op op;
	int64_t id = 0;

	world_op(&op, PROGRAM_webhooks);
	ok(store(&op, 7, "सब्ज़ी 🍛 'quoted\\'", body, sizeof body, "e1", &id) == OK && id > 0, "an insert gives its id");
	ok(db_one(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", id)), &delivery_shape, &d) == OK, "the row is read back");
	is_int(d.id, id, "int64");
	is_int(d.restaurant_id, 7, "a reference");
	is_int(d.http_status, -200, "a negative number");
	is_str(d.subject, "सब्ज़ी 🍛 'quoted\\'", "text of any plane, quotes and backslash");
	ok(d.body.len == sizeof body && memcmp(d.body.data, body, sizeof body) == 0, "bytes with NUL and 0xff");
	ok(d.is_verified, "bool");
	is_int(d.received_at, op.now_us, ":now is bound to the op's time, to the microsecond");
	is_str(d.trace_id, TRACE, "CHAR");

	ok(store(&op, 0, NULL, NULL, 0, NULL, &id) == OK, "NULLs go in");
	ok(db_one(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", id)), &delivery_shape, &d) == OK, "and are read");
	is_int(d.restaurant_id, 0, "DB_ID 0 is NULL and NULL reads as 0");
	is_int(world_int("SELECT restaurant_id IS NULL FROM webhook_logs WHERE id = %lld", (long long)id), 1, "it is NULL there");
	ok(d.subject == NULL, "NULL text is NULL");
	ok(d.body.data == NULL && d.body.len == 0, "NULL bytes are nothing");
	ok(!d.is_verified, "0 is false");

	ok(store(&op, 0, "", "", 0, NULL, &id) == OK &&
	    db_one(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", id)), &delivery_shape, &d) == OK, "empty values");
	is_str(d.subject, "", "empty text is not NULL");
	ok(d.body.data != NULL && d.body.len == 0, "empty bytes are not NULL");
	op_end(&op);
}

static void
long_and_back(struct op *op, const char *body)
{
	struct delivery d = { .id = 0 };
	int64_t id = 0;

	ok(store(op, 0, "long", body, BLOB_LEN, NULL, &id) == OK, "3 MB go in");
	ok(db_one(op, STMT_inbox_lock, DB_ARGS(DB_I64("id", id)), &delivery_shape, &d) == OK, "and come back");
	ok(d.body.len == BLOB_LEN && memcmp(d.body.data, body, BLOB_LEN) == 0, "every byte of them");
}

static int64_t
always(void *arg)
{
	(void)arg;
	return 0;
}

static void
count(void *arg)
{
	++*(int64_t *)arg;
}

/* In many pieces, each of which is waited for. */
static void
long_meanwhile(const char *body)
{
	struct db_options o = world_options(PROGRAM_webhooks);
	int64_t n = 0;
	struct db_meanwhile m = { .fd = -1, .at_us = always, .work = count, .arg = &n };
	struct db *db;
	struct op op;

	o.meanwhile = &m;
	db = db_new(&o);
	op_begin(&op, db, ARENA_MAX, NULL);
	is_int(db_ready(&op), OK, "with other work to be done");
	long_and_back(&op, body);
	ok(n > 1, "which is done meanwhile");
	op_end(&op);
	db_free(&db);
}

static void
test_long(void)
{
	char *body = malloc(BLOB_LEN);
	struct op op;
	int64_t id;

	if (body == NULL)
		abort();
	for (size_t i = 0; i < BLOB_LEN; i++)
		body[i] = (char)(i * 31 + (i >> 11));
	world_op(&op, PROGRAM_webhooks);
	long_and_back(&op, body);
	op_end(&op);
	long_meanwhile(body);

	world_op(&op, PROGRAM_webhooks);
	memset(body, 'x', 101);
	body[101] = '\0';
	id = -1;
	ok(store(&op, 0, body, "", 0, NULL, &id) == ERR_INTERNAL_ERROR, "text that is too long is refused, never cut");
	is_int(id, -1, "and the output is untouched");
	ok(op.fault.sentence == NULL && op.fault.internal != NULL && strstr(op.fault.internal, "1406") != NULL,
	    "the server's words are for the log only");
	free(body);
	op_end(&op);
}

/* Columns of names, numbers and words are ASCII; clients are not. */
static void
test_characters(void)
{
	struct op op;
	int64_t id;

	world_op(&op, PROGRAM_relay);
	ok(put(&op, "caf\xc3\xa9", 0, &id) == ERR_VALIDATION_ERROR, "an accent in an ASCII column is the caller's mistake, not ours");
	op_end(&op);
	world_op(&op, PROGRAM_relay);
	ok(db_changed(&op, STMT_outbox_drop, DB_ARGS(DB_TEXT("kind", "k\xc3\xa9"), DB_I64("subject_id", 0)), &id) ==
	    ERR_VALIDATION_ERROR, "also where it is only compared");
	op_end(&op);
	world_op(&op, PROGRAM_webhooks);
	ok(store(&op, 0, "\xff\xfe", "", 0, NULL, &id) == ERR_VALIDATION_ERROR, "as is text that is not UTF-8");
	op_end(&op);
}

static void
test_fixed(void)
{
	unsigned char hash[32];
	struct short_key_row s;
	struct key_row k = { .status = 9 };
	struct op op;

	world_op(&op, PROGRAM_orders);
	for (size_t i = 0; i < sizeof hash; i++)
		hash[i] = (unsigned char)(255 - i);
	ok(db_run(&op, STMT_idempotency_take,
	    DB_ARGS(DB_TEXT("principal", "u1"), DB_TEXT("idempotency_key", "k1"), DB_BYTES("request_hash", hash, sizeof hash))) ==
	    OK, "a write");
	ok(db_one(&op, STMT_idempotency_find, DB_ARGS(DB_TEXT("idempotency_key", "k1"), DB_TEXT("principal", "u1")), &key_shape,
	    &k) == OK, "arguments may come in any order");
	ok(memcmp(k.request_hash, hash, sizeof hash) == 0, "fixed bytes");
	is_int(k.status, 0, "NULL number is 0");
	ok(db_one(&op, STMT_idempotency_find, DB_ARGS(DB_TEXT("principal", "u1"), DB_TEXT("idempotency_key", "K1")), &key_shape,
	    &k) == ERR_NO_ROW, "keys do not fold case");
	ok(db_one(&op, STMT_idempotency_find, DB_ARGS(DB_TEXT("principal", "u1"), DB_TEXT("idempotency_key", "k1")),
	    &short_key_shape, &s) == ERR_INTERNAL_ERROR, "fixed bytes of another length are not cut");
	op_forgive(&op);
	ok(db_one(&op, STMT_idempotency_find, DB_ARGS(DB_TEXT("principal", "u1"), DB_TEXT("idempotency_key", "k1")), &key_shape,
	    &k) == OK, "another shape for the same statement");
	op_end(&op);
}

static void
test_many(void)
{
	const struct civil first = { 1, 1, 1, 0, 0, 0, 0 }, last = { 2026, 2, 28, 23, 59, 59, 999999 };
	const int64_t times[] = { civil_to_us(&first), -1, 0, civil_to_us(&last) };
	struct due_row *rows = NULL;
	size_t n = 9;
	struct op op;
	int64_t id;

	world_op(&op, PROGRAM_relay);
	ok(db_many(&op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", "relay")), &due_shape, &rows, &n) == OK && n == 0,
	    "no rows are none, not a fault");
	for (size_t i = 0; i < 4; i++)
		ok(put(&op, (const char *const[]){ "a", "b", "c", "d" }[i], times[i], &id) == OK, "put %zu", i);
	ok(db_many(&op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", "relay")), &due_shape, &rows, &n) == OK, "many rows");
	is_int(n, 4, "all of them");
	for (size_t i = 0; i < n; i++)
		ok(rows[i].due_at == times[i] && rows[i].destination[0] == "abcd"[i], "time %lld there and back",
		    (long long)times[i]);
	ok(put(&op, "e", INT64_MAX, &id) == ERR_INTERNAL_ERROR && strstr(op.fault.internal, "due_at") != NULL,
	    "a time outside of the calendar is refused before it is sent");
	op_end(&op);
}

/* --- answers that are no faults ------------------------------------------------------------------------------ */

static void
test_answers(void)
{
	struct delivery d = { .id = -1 };
	struct op op;
	int64_t n = -1;

	world_op(&op, PROGRAM_webhooks);
	ok(db_one(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", 999999)), &delivery_shape, &d) == ERR_NO_ROW && d.id == -1,
	    "no row is an answer");
	ok(store(&op, 999, NULL, "", 0, "twice", &n) == OK, "the first");
	ok(store(&op, 999, NULL, "", 0, "twice", &n) == ERR_DUPLICATE, "a second of the same key is an answer");
	ok(db_duplicate_is(&op, "uq_webhook_event") && !db_duplicate_is(&op, "PRIMARY"), "which tells the key");
	is_int(op.fault.code, OK, "none of them is a fault");
	ok(db_newid(&op, STMT_event_next, DB_ARGS(DB_I64("restaurant_id", 999)), &n) == ERR_NO_ROW,
	    "an UPDATE that matches nothing has no LAST_INSERT_ID");
	world_sql("INSERT INTO restaurant_counters (restaurant_id, event_seq) VALUES (5, 41)");
	ok(db_newid(&op, STMT_event_next, DB_ARGS(DB_I64("restaurant_id", 5)), &n) == OK && n == 42, "LAST_INSERT_ID(expr)");
	op_end(&op);

	world_op(&op, PROGRAM_relay);
	world_sql("INSERT INTO outbox (id, runner, kind, destination, due_at, owner, trace_id, created_at) VALUES"
	    " (900, 'jobs', 'k', 'd', '2026-01-01', CONNECTION_ID(), '', '2026-01-01')");
	world_sql("UPDATE outbox SET begun_at = NULL, attempts = 0 WHERE id = 900");
	ok(db_changed(&op, STMT_outbox_begin, DB_ARGS(DB_I64("id", 900), DB_I64("token", 1)), &n) == OK && n == 0,
	    "0 rows changed");
	ok(db_changed(&op, STMT_outbox_release, DB_ARGS(DB_I64("id", 900), DB_I64("token", 0),
	    DB_TIME("due_at", 0)), &n) == OK && n == 1, "1 row changed");
	ok(db_changed(&op, STMT_outbox_release, DB_ARGS(DB_I64("id", 900), DB_I64("token", 0),
	    DB_TIME("due_at", 0)), &n) == OK && n == 1, "a row that matches counts, even if nothing in it changes");
	world_sql("DELETE FROM outbox");
	op_end(&op);
}

/* --- many rows at once --------------------------------------------------------------------------------------- */

#define TAX_ARGS 10

struct rows {
	int64_t order_id;
	size_t n;
	bool is_twice;
};

static enum err
rows_in_tx(struct op *op, void *arg)
{
	const struct rows *r = arg;
	struct db_arg *args = arena_array(op->arena, r->n, TAX_ARGS * sizeof *args);

	for (size_t i = 0; i < r->n; i++) {
		int64_t no = r->is_twice && i == r->n - 1 ? 1 : (int64_t)i + 1;
		const struct db_arg row[TAX_ARGS] = {
			DB_I64("order_id", r->order_id), DB_I64("line_no", 1), DB_I64("tax_no", no),
			DB_TEXT("external_id", i % 2 == 0 ? NULL : "é"), DB_TEXT("name", arena_printf(op->arena, "tax %zu", i + 1)),
			DB_TEXT("kind", "percent"), DB_I64("rate_micro", 25000), DB_I64("amount_minor", 100 + (int64_t)i),
			DB_I64("is_inclusive", 0), DB_TEXT("charge", NULL),
		};

		memcpy(args + i * TAX_ARGS, row, sizeof row);
	}
	return db_insert(op, STMT_order_tax_insert, args, TAX_ARGS, r->n);
}

static void
test_rows(void)
{
	static const size_t counts[] = { 0, 1, 2, 3, 4, 7, 8, 9, 15, 31 };
	struct rows r = { .n = 12, .is_twice = true };
	struct op op;

	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) VALUES (77, 'rows', 'R', '2026-01-01', '2026-01-01')");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		long long id = 7000 + (long long)i;

		world_sql("INSERT INTO orders (id, public_id, restaurant_id, order_number, status, order_type, currency, subtotal_minor,"
		    " total_minor, menu_version, payment_method, created_at, updated_at) VALUES (%lld, UNHEX(LPAD('%lld', 32, '0')), 77, 'n%lld',"
		    " 'received', 'pickup', 'INR', 0, 0, 1, 'cash', '2026-01-01', '2026-01-01')", id, id, id);
		r = (struct rows){ .order_id = id, .n = counts[i] };
		world_op(&op, PROGRAM_orders);
		ok(db_tx(&op, rows_in_tx, &r) == OK, "%zu rows", r.n);
		is_int(world_int("SELECT COUNT(*) FROM order_taxes WHERE order_id = %lld AND name = CONCAT('tax ', tax_no)"
		    " AND amount_minor = 99 + tax_no AND (external_id <=> IF(tax_no %% 2 = 1, NULL, 'é'))", id), (int64_t)r.n,
		    "each with its own values");
		op_end(&op);
	}
	world_sql("DELETE FROM order_taxes");
	r = (struct rows){ .order_id = 7000, .n = 12, .is_twice = true };
	world_op(&op, PROGRAM_orders);
	ok(db_tx(&op, rows_in_tx, &r) == ERR_DUPLICATE, "a key that is there twice");
	is_int(world_int("SELECT COUNT(*) FROM order_taxes"), 0, "and none of them is kept");
	world_sql("KILL %llu", (unsigned long long)db_connection_id(op.db));
	r.is_twice = false;
	ok(db_tx(&op, rows_in_tx, &r) == OK, "a connection that broke");
	is_int(world_int("SELECT COUNT(*) FROM order_taxes WHERE order_id = 7000"), 12, "is made again, for many rows too");
	op_end(&op);
	world_sql("DELETE FROM orders WHERE restaurant_id = 77");
	world_sql("DELETE FROM restaurants WHERE id = 77");
}

static enum err
strange_rows_in_tx(struct op *op, void *unused)
{
	struct db_arg args[2 * TAX_ARGS];
	static const char *const names[] = { "order_id", "line_no", "tax_no", "external_id", "name", "kind", "rate_micro", "amount_minor",
		"is_inclusive", "charge" };

	(void)unused;
	for (size_t i = 0; i < 2 * TAX_ARGS; i++)
		args[i] = DB_I64(names[i < TAX_ARGS ? i : 2 * TAX_ARGS - 1 - i], 1);
	return db_insert(op, STMT_order_tax_insert, args, TAX_ARGS, 2);
}

static void
use_rows(void *arg)
{
	struct db_options o = world_options(PROGRAM_orders);
	struct db *db = db_new(&o);
	struct op op;

	op_begin(&op, db, ARENA_MAX, NULL);
	if (db_ready(&op) != OK)
		return;
	if (*(const char *)arg == 't')
		(void)db_insert(&op, STMT_order_tax_insert, DB_ARGS(DB_I64("order_id", 1)), 1);
	else
		(void)db_tx(&op, strange_rows_in_tx, NULL);
}

static void
test_row_bugs(void)
{
	ok(tap_aborts(use_rows, "t"), "rows outside of a transaction are a bug");
	ok(tap_aborts(use_rows, "o"), "so are rows whose arguments stand in another order");
}

/* --- bugs abort ---------------------------------------------------------------------------------------------- */

static void
use(void *arg)
{
	struct db_options o = world_options(PROGRAM_webhooks);
	struct db *db = db_new(&o);
	struct delivery d;
	struct key_row k;
	struct op op;
	int64_t n;

	op_begin(&op, db, ARENA_MAX, NULL);
	if (db_ready(&op) != OK)
		return;
	switch (*(const char *)arg) {
	case 'm':
		db_one(&op, STMT_inbox_lock, DB_NO_ARGS, &delivery_shape, &d);
		break;
	case 'x':
		db_one(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", 1), DB_I64("other", 1)), &delivery_shape, &d);
		break;
	case 'd':
		db_changed(&op, STMT_inbox_set, DB_ARGS(DB_I64("id", 1), DB_I64("id", 1)), &n);
		break;
	case 's':
		db_one(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", 1)), &key_shape, &k);
		break;
	case 'w':
		db_run(&op, STMT_inbox_lock, DB_ARGS(DB_I64("id", 1)));
		break;
	case 'p':
		db_one(&op, STMT_idempotency_find, DB_ARGS(DB_TEXT("principal", "a"), DB_TEXT("idempotency_key", "b")),
		    &key_shape, &k);
		break;
	default:
		break;
	}
}

static void
test_bugs(void)
{
	ok(tap_aborts(use, "m"), "a missing argument aborts");
	ok(tap_aborts(use, "x"), "an argument that is no parameter aborts");
	ok(tap_aborts(use, "d"), "an argument given twice aborts");
	ok(tap_aborts(use, "s"), "a shape that is not the result's aborts");
	ok(tap_aborts(use, "w"), "running a statement as another shape aborts");
	ok(tap_aborts(use, "p"), "another program's statement aborts");
	ok(!tap_aborts(use, "-"), "and nothing else does");
}

/* --- the clock and the connection ---------------------------------------------------------------------------- */

static void
test_clock(void)
{
	struct db_options o = world_options(PROGRAM_jobs);
	int64_t real_us, day_us = US_PER_DAY;
	struct op op;
	struct db *db;

	o.clock_shift_us = -day_us;
	db = db_new(&o);
	world_op(&op, PROGRAM_jobs);
	ok(db_now(&op) == OK, "the op's time");
	real_us = op.now_us;
	ok(db_now(&op) == OK && op.now_us == real_us, "is read once");
	op_end(&op);
	is_int(real_us / day_us, world_int("SELECT DATEDIFF(UTC_TIMESTAMP(), '1970-01-01')"), "it is UTC");
	op_begin(&op, db, ARENA_MAX, NULL);
	ok(db_ready(&op) == OK && db_now(&op) == OK, "a connection with a shifted clock");
	ok(op.now_us > real_us - day_us && op.now_us < real_us - day_us + 60 * US_PER_SECOND, "is that far off");
	op_end(&op);
	db_free(&db);
}

/* Statements that were executed, by anybody. */
static int64_t
executed(void)
{
	return world_int("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_STMT_EXECUTE'");
}

/* The time of a new op; what it has cost. */
static int64_t
time_of(struct db *db, int64_t *ret_statements)
{
	int64_t before = executed(), us;
	struct op op;

	op_begin(&op, db, ARENA_MAX, NULL);
	us = db_ready(&op) == OK && db_now(&op) == OK ? op.now_us : 0;
	op_end(&op);
	*ret_statements = executed() - before;
	return us;
}

static void
kill_connection(const struct db *db)
{
	unsigned long long id = db_connection_id(db);

	world_sql("KILL %llu", id);
	while (world_int("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %llu", id) > 0)
		continue;
}

static void
test_clock_kept(void)
{
	struct db_options o = world_options(PROGRAM_jobs);
	struct db *every, *kept;
	int64_t n = 1, first = 0, later, real_us;

	every = db_new(&o);
	o.clock_kept_us = 60 * US_PER_SECOND;
	kept = db_new(&o);
	(void)time_of(every, &n);
	(void)time_of(every, &n);
	is_int(n, 1, "each op asks what o'clock it is");
	for (int i = 0; i < 1000 && n != 0; i++) /* an answer that takes long is not kept */
		first = time_of(kept, &n);
	is_int(n, 0, "but where a reading is kept");
	real_us = time_of(every, &n);
	ok(first <= real_us && first > real_us - US_PER_SECOND, "which is as good, and never ahead");
	later = time_of(kept, &n);
	ok(later > first && later > real_us - 1000 && later <= time_of(every, &n), "time goes on meanwhile");
	kill_connection(kept);
	(void)time_of(kept, &n);
	is_int(n, 1, "another connection asks anew: it may lead elsewhere");
	db_free(&every);
	db_free(&kept);
}

/* --- other work meanwhile ------------------------------------------------------------------------------------ */

struct other_work {
	int64_t at_us;
	int read_fd;
	int done_n, bytes_n;
	bool is_over; /* the last of it lets the statement go on */
};

static int64_t
other_at_us(void *arg)
{
	const struct other_work *w = arg;

	return w->at_us;
}

static void
other_work(void *arg)
{
	struct other_work *w = arg;
	char c;

	w->done_n++;
	if (w->at_us != INT64_MAX) {
		w->at_us = INT64_MAX;
		world_sql("ROLLBACK");
	} else if (read(w->read_fd, &c, 1) == 1 && ++w->bytes_n == 3) {
		w->at_us = clock_steady_us() + 20000;
	}
}

static enum err
wait_body(struct op *op, void *arg)
{
	int64_t *changed = arg;

	return db_changed(op, STMT_rate_spend, DB_ARGS(DB_TEXT("name", "slow"), DB_TIME("spent_until", op->now_us)), changed);
}

/* The row is locked by somebody who gives it free when our other work says so, and not before. */
static void
test_meanwhile(void)
{
	struct db_options o = world_options(PROGRAM_relay);
	struct db *db = db_new(&o);
	int fds[2];
	struct other_work w = { .at_us = INT64_MAX };
	struct db_meanwhile m = { .at_us = other_at_us, .work = other_work, .arg = &w };
	int64_t changed = 0;
	struct op op;

	if (pipe(fds) != 0 || write(fds[1], "abc", 3) != 3)
		abort();
	m.fd = w.read_fd = fds[0];
	world_sql("INSERT INTO rates (name, spent_until) VALUES ('slow', UTC_TIMESTAMP(6))");
	world_sql("START TRANSACTION");
	world_sql("SELECT * FROM rates WHERE name = 'slow' FOR UPDATE");
	db_meanwhile(db, &m);
	op_begin(&op, db, ARENA_MAX, NULL);
	is_int(db_ready(&op), OK, "a connection with other work");
	is_int(db_tx(&op, wait_body, &changed), OK, "a statement that waits for a lock");
	is_int(changed, 1, "is done when the lock is free");
	is_int(w.bytes_n, 3, "meanwhile what came was seen to");
	is_int(w.done_n, 4, "and at its time what was to be done then");
	op_end(&op);
	db_meanwhile(db, NULL);
	op_begin(&op, db, ARENA_MAX, NULL);
	is_int(db_tx(&op, wait_body, &changed), OK, "without it the connection is as good");
	op_end(&op);
	w = (struct other_work){ .at_us = INT64_MAX, .read_fd = fds[0] };
	db_meanwhile(db, &m);
	kill_connection(db);
	op_begin(&op, db, ARENA_MAX, NULL);
	ok(db_ready(&op) == OK && db_tx(&op, wait_body, &changed) == OK, "one that is lost is replaced, and waits as the first did");
	op_end(&op);
	world_sql("DELETE FROM rates");
	db_free(&db);
	close(fds[0]);
	close(fds[1]);
}

static pid_t
server_pid(void)
{
	char *path = world_text("SELECT @@pid_file");
	FILE *f = fopen(path, "r");
	char text[24];
	long pid;

	if (f == NULL || fgets(text, sizeof text, f) == NULL || (pid = strtol(text, NULL, 10)) <= 1)
		abort();
	fclose(f);
	free(path);
	return (pid_t)pid;
}

/* A server that says nothing: the read time-out holds. */
static void
test_meanwhile_silent(void)
{
	struct db_options o = world_options(PROGRAM_relay);
	struct other_work w = { .at_us = INT64_MAX, .read_fd = -1 };
	struct db_meanwhile m = { .fd = -1, .at_us = other_at_us, .work = other_work, .arg = &w };
	int64_t begun_us, took_us = 0;
	enum err e = OK;
	struct op op;
	struct db *db;
	pid_t server = server_pid();

	o.timeout_s = 2;
	o.meanwhile = &m;
	db = db_new(&o);
	op_begin(&op, db, ARENA_MAX, NULL);
	is_int(db_ready(&op), OK, "a connection");
	op_end(&op);
	kill(server, SIGSTOP);
	for (int i = 0; i < 1000 && e == OK; i++) { /* it stops when it gets to it */
		op_begin(&op, db, ARENA_MAX, NULL);
		begun_us = clock_steady_us();
		e = db_now(&op);
		took_us = clock_steady_us() - begun_us;
		op_end(&op);
	}
	is_int(e, ERR_UNAVAILABLE, "a frozen server is not waited for without end");
	ok(took_us > US_PER_SECOND && took_us < 20 * US_PER_SECOND, "but as long as is said");
	kill(server, SIGCONT);
	db_free(&db);
}

static void
test_session(void)
{
	struct op op;
	char *mode;

	world_op(&op, PROGRAM_ops);
	mode = world_text("SELECT GROUP_CONCAT(USER) FROM information_schema.PROCESSLIST WHERE ID = %llu",
	    (unsigned long long)db_connection_id(op.db));
	is_str(mode, "ticketrail_ops", "a program is known to the server by its own user");
	free(mode);
	op_end(&op);
}

static void
test_reconnect(void)
{
	struct restaurant_row {
		int64_t id;
	};
	struct due_row *rows;
	struct op op;
	uint64_t before;
	size_t n;

	world_op(&op, PROGRAM_relay);
	before = db_connection_id(op.db);
	world_sql("KILL %llu", (unsigned long long)before);
	/* It was killed in the middle of the op: the op finds out. */
	ok(db_many(&op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", "relay")), &due_shape, &rows, &n) == ERR_UNAVAILABLE,
	    "a statement on a killed connection");
	ok(op.fault.retry_after_s > 0, "may be asked again soon");
	is_int(db_connection_id(op.db), 0, "the connection is given up at once");
	ok(db_many(&op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", "relay")), &due_shape, &rows, &n) == ERR_UNAVAILABLE,
	    "and not made again behind the op's back");
	op_end(&op);
	world_op(&op, PROGRAM_relay);
	ok(db_connection_id(op.db) != before, "the next op has a new one");
	ok(db_many(&op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", "relay")), &due_shape, &rows, &n) == OK,
	    "with all statements prepared");
	before = db_connection_id(op.db);
	op_end(&op);
	world_sql("KILL %llu", (unsigned long long)before);
	while (world_int("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %llu", (unsigned long long)before) != 0)
		;
	world_op(&op, PROGRAM_relay);
	ok(db_many(&op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", "relay")), &due_shape, &rows, &n) == OK,
	    "a connection that died between two ops is noticed before it is used");
	op_end(&op);
}

static void
test_lost_write(void)
{
	struct op op;
	int64_t id;

	world_op(&op, PROGRAM_relay);
	world_sql("KILL %llu", (unsigned long long)db_connection_id(op.db));
	ok(put(&op, "x", 0, &id) == ERR_UNAVAILABLE || op.fault.code == ERR_COMMIT_UNSURE, "a lost time is only unavailable");
	op_end(&op);
	world_op(&op, PROGRAM_relay);
	ok(db_now(&op) == OK, "time");
	world_sql("KILL %llu", (unsigned long long)db_connection_id(op.db));
	ok(put(&op, "x", 0, &id) == ERR_COMMIT_UNSURE, "a lone write without an answer is unsure");
	op_end(&op);
}

static void
test_down(void)
{
	struct db_options o;
	struct db *db;
	struct op op;

	world_op(&op, PROGRAM_relay);
	op_end(&op);
	world_server_kill();
	op_begin(&op, world_db(PROGRAM_relay), ARENA_MAX, NULL);
	ok(db_ready(&op) == ERR_UNAVAILABLE && op.fault.retry_after_s > 0, "no server: unavailable");
	ok(op.fault.sentence == NULL && op.fault.internal != NULL, "why is for the log");
	op_end(&op);
	world_server_start();
	op_begin(&op, world_db(PROGRAM_relay), ARENA_MAX, NULL);
	ok(db_ready(&op) == OK, "back again");
	op_end(&op);
	o = world_options(PROGRAM_relay);
	o.password = "wrong";
	db = db_new(&o);
	op_begin(&op, db, ARENA_MAX, NULL);
	ok(db_ready(&op) == ERR_UNAVAILABLE && strstr(op.fault.internal, "wrong") == NULL, "a wrong password, which is not told");
	op_end(&op);
	db_free(&db);
}

int
main(void)
{
	world_begin();
	test_kinds();
	test_long();
	test_characters();
	test_fixed();
	test_many();
	test_answers();
	test_rows();
	test_row_bugs();
	test_bugs();
	test_clock();
	test_clock_kept();
	test_meanwhile();
	test_meanwhile_silent();
	test_session();
	test_reconnect();
	test_lost_write();
	test_down();
	return tap_done();
}
