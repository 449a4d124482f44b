/* order/day_sums: which day an order belongs to, when days are summed up, and that no change of an old order is missed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"
#include "op/op.h"
#include "order/day_sums.h"
#include "order/move.h"
#include "shop.h"
#include "tap.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

static struct shop shop;

/* --- deeds, each in a process of its own ---------------------------------------------------------------------- */

static enum err
job_body(struct op *op, void *arg)
{
	return day_sums_write(op, arg);
}

/* One claim of the job. 0: done; 1: there is no message. */
static int
job_round(void)
{
	struct message *m;
	struct op op;
	int said = 1;

	shop_op(&op, PROGRAM_jobs, &shop);
	m = shop_claim(&op, RUNNER_JOBS, MESSAGE_day_sums, shop.restaurant.id);
	if (m != NULL)
		said = db_tx(&op, job_body, m) == OK ? 0 : 9;
	op_end(&op);
	return said;
}

struct moving {
	int64_t order_id;
	int ready, go; /* -1: at once */
};

static enum err
move_body(struct op *op, void *arg)
{
	struct moving *m = arg;
	struct order_axes x;
	bool moved;
	char c = 'x';
	enum err e = order_lock(op, shop.restaurant.id, m->order_id, &x);

	if (e == OK)
		e = order_status_move(op, &x, STATUS_EVENT_cancel, WHO_STAFF, "gone", &moved);
	if (e == OK)
		e = order_save(op, &x);
	if (m->ready >= 0 && (write(m->ready, &c, 1) != 1 || read(m->go, &c, 1) != 1))
		abort();
	return e;
}

static int
cancel(struct moving *m)
{
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_admin, &shop);
	e = db_tx(&op, move_body, m);
	op_end(&op);
	return e == OK ? 0 : 9;
}

static pid_t
start(int (*deed)(struct moving *), struct moving *m)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(m != NULL ? deed(m) : job_round());
	return pid;
}

static int
ended(pid_t pid)
{
	int status = -1;

	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *
stale(void)
{
	return shop_text("SELECT is_stale FROM day_sums WHERE restaurant_id = %lld ORDER BY business_date", (long long)shop.restaurant.id);
}

static int64_t
messages(void)
{
	return world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'day_sums' AND restaurant_id = %lld", (long long)shop.restaurant.id);
}

/* --- tests ---------------------------------------------------------------------------------------------------- */

/* Orders of a day and of the next, at noon there. */
static void
test_days(int64_t old[3], int64_t *ret_next)
{
	int64_t now = world_int("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))");
	int64_t noon = DAY_US - (now + INT64_C(19800) * 1000000) % DAY_US + DAY_US / 2;

	shop_clock(noon);
	for (int i = 0; i < 3; i++)
		old[i] = shop_order(&shop);
	is_int(world_int("SELECT COUNT(*) FROM orders WHERE restaurant_id = %lld AND DATE_FORMAT(business_date, '%%Y%%m%%d') = SUBSTRING(order_number, 5, 8)",
	    (long long)shop.restaurant.id), 3, "E5 DB-32 an order belongs to the business day of its number");
	is_int(messages(), 0, "the first day of all has none before it");
	shop_clock(noon + DAY_US);
	*ret_next = shop_order(&shop);
	(void)shop_order(&shop);
	is_int(messages(), 1, "ARC-06 the first order of a day, and only that, has what is over summed up");
}

static void
test_race(int64_t order_id)
{
	struct moving m = { .order_id = order_id };
	int ready[2], go[2];
	pid_t mover, job;
	char c;

	if (pipe(ready) != 0 || pipe(go) != 0)
		abort();
	m.ready = ready[1];
	m.go = go[0];
	mover = start(cancel, &m);
	ok(read(ready[0], &c, 1) == 1, "somebody has changed an old order and not committed; its day had no sums");
	is_int(ended(start(NULL, NULL)), 0, "the job says which days are to have sums");
	is_str(stale(), "1", "which they have not yet");
	job = start(NULL, NULL);
	is_int(shop_waiting(), 1, "making them waits for whoever could not know");
	ok(write(go[1], "x", 1) == 1, "who goes on");
	is_int(ended(mover), 0, "and commits");
	is_int(ended(job), 0, "then they are made");
	is_str(stale(), "0", "and true");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT(status, ':', orders_n) ORDER BY status SEPARATOR ' ') FROM day_sales WHERE restaurant_id = %lld", (long long)shop.restaurant.id),
	    "cancelled:1 confirmed:2", "ADM-17 with the change in them");
}

struct due {
	int64_t day;
};

/* Two that sum up the days of one restaurant take their rows in one order. */
static void
test_order(void)
{
	static const struct db_col cols[] = { COL_I64(struct due, day) };
	static const struct db_shape shape = DB_SHAPE(struct due, cols);
	struct due *due = NULL;
	struct op op;
	size_t n = 0;

	world_sql("INSERT INTO day_sums (restaurant_id, business_date, is_stale) SELECT %lld, '2020-01-01' + INTERVAL (7 * seq) MOD 10 DAY, 1 FROM seq_1_to_10",
	    (long long)shop.restaurant.id);
	shop_op(&op, PROGRAM_jobs, &shop);
	is_int(db_many(&op, STMT_day_sums_due,
		   DB_ARGS(DB_I64("restaurant_id", shop.restaurant.id), DB_TEXT("time_zone", "Asia/Kolkata"), DB_I64("n", 4)), &shape, &due, &n),
	    OK, "days that are due");
	is_int((int64_t)n, 4, "some of them");
	is_int(due[0].day, 18262, "F32 the first of all first");
	for (size_t i = 1; i < n; i++)
		is_int(due[i].day, due[i - 1].day + 1, "F32 and then upward");
	op_end(&op);
	world_sql("DELETE FROM day_sums WHERE restaurant_id = %lld AND business_date < '2021-01-01'", (long long)shop.restaurant.id);
}

static void
test_spoiled(const int64_t old[3], int64_t next)
{
	struct moving m = { .order_id = next, .ready = -1, .go = -1 };
	int64_t before;

	while (ended(start(NULL, NULL)) == 0)
		;
	before = messages();
	is_int(before, 0, "the message ends with the last of them");
	is_int(ended(start(cancel, &m)), 0, "an order of the day that is not over is changed");
	is_str(stale(), "0", "which is nothing to the sums of others");
	is_int(messages(), 0, "and leaves no message");
	m.order_id = old[1];
	is_int(ended(start(cancel, &m)), 0, "an order of the day that is over is changed");
	is_str(stale(), "1", "ADM-17 in the same transaction its sums are stale");
	is_int(messages(), 1, "and there is a message that they be made anew");
	m.order_id = old[2];
	is_int(ended(start(cancel, &m)), 0, "another one");
	is_int(messages(), 1, "needs no other message");
	while (ended(start(NULL, NULL)) == 0)
		;
	is_str(stale(), "0", "then they are true again");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT(status, ':', orders_n) ORDER BY status SEPARATOR ' ') FROM day_sales WHERE restaurant_id = %lld", (long long)shop.restaurant.id),
	    "cancelled:3", "and say what is so");
	is_int(world_int("SELECT COUNT(*) FROM day_items WHERE restaurant_id = %lld", (long long)shop.restaurant.id), 0, "nothing was sold that day");
}

int
main(void)
{
	int64_t old[3], next;

	shop_make(&shop, "sums");
	test_days(old, &next);
	test_race(old[0]);
	test_spoiled(old, next);
	test_order();
	return tap_done();
}
