/* retention: what is old enough goes, a batch at a time, and nobody has to wait for it or loses what is younger. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "op/op.h"
#include "provider/connect.h"
#include "retention/purge.h"
#include "tap.h"
#include "till.h"

static struct shop shop;

/* Keys of somebody, so many seconds old, one apart. */
static void
keys_make(const char *principal, int n, int64_t age_s)
{
	world_sql("INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, status, answer, created_at) SELECT '%s', seq, REPEAT('x', 32),"
	    " 201, '{}', UTC_TIMESTAMP(6) - INTERVAL %lld + seq SECOND FROM seq_1_to_%d", principal, (long long)age_s, n);
}

static int64_t
keys_n(const char *principal)
{
	return world_int("SELECT COUNT(*) FROM idempotency_keys WHERE principal = '%s'", principal);
}

static int64_t
messages_n(void)
{
	return world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'purge' AND runner = 'jobs' AND owner = 0");
}

/* In how many seconds it comes again. */
static int64_t
due_s(void)
{
	return world_int("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), MIN(due_at)) FROM outbox WHERE kind = 'purge'");
}

#define WEEK_S (7 * 86400)

static void
test_batches(void)
{
	int64_t id = world_int("SELECT id FROM outbox WHERE kind = 'purge'");

	is_int(messages_n(), 1, "I6 the schema brings the one message");
	ok(due_s() > 3000 && due_s() <= 3600, "I6 an hour ahead");
	keys_make("old", PURGE_BATCH + 200, WEEK_S + 100);
	keys_make("young", 300, WEEK_S - 3600);
	world_sql("INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, created_at) VALUES"
	    " ('edge', 'just under', REPEAT('x', 32), UTC_TIMESTAMP(6) - INTERVAL %d SECOND)", WEEK_S - 60);
	ok(till_job(&shop, MESSAGE_purge, 0), "it is carried out");
	is_int(keys_n("old"), 200, "I6 a batch of the oldest is gone");
	is_int(world_int("SELECT MAX(CAST(idempotency_key AS SIGNED)) FROM idempotency_keys WHERE principal = 'old'"), 200, "the very oldest");
	ok(due_s() <= 1, "and it comes again at once");
	ok(till_job(&shop, MESSAGE_purge, 0), "which it does");
	is_int(keys_n("old"), 0, "I6 what is older than seven days is gone");
	is_int(keys_n("young"), 300, "I6 what is younger is not");
	is_int(keys_n("edge"), 1, "I6 by no minute");
	ok(due_s() > 3000, "an hour later it looks again");
	is_int(messages_n(), 1, "there is one message still");
	is_int(world_int("SELECT id FROM outbox WHERE kind = 'purge'"), id, "the same");
	is_int(world_int("SELECT lost_claims + attempts FROM outbox WHERE kind = 'purge'"), 0, "with nothing held against it");
}

struct dying {
	struct message *m;
};

static enum err
dead_body(struct op *op, void *arg)
{
	enum err e = purge_dead(op, arg, "poison");

	return e != OK ? e : outbox_quarantine(op, arg, "poison");
}

static void
test_dead(void)
{
	struct message *m;
	struct op op;

	world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE kind = 'purge'");
	shop_op(&op, PROGRAM_jobs, &shop);
	m = shop_claim(&op, RUNNER_JOBS, MESSAGE_purge, 0);
	ok(m != NULL && db_tx(&op, dead_body, m) == OK, "one that kills its runners is set aside");
	op_end(&op);
	is_int(messages_n(), 1, "I6 and another one is there");
	ok(due_s() > 3000, "in an hour");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE kind = 'purge' AND outcome = 'DEAD'"), 1, "the first is kept to be looked at");
}

static struct bytes
render(struct arena *arena, const struct order *o)
{
	const char *text = arena_strdup(arena, o->order_number);

	return (struct bytes){ .data = text, .len = strlen(text) };
}

/* What placing under a key comes to, and whether it was there. */
static const char *
place(const char *key, bool *ret_is_answered)
{
	struct idempotency idem = { .principal = "user:1", .key = key, .request = { "once", 4 } };
	struct order_wish w = shop_wish(&shop);
	struct order order;
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_orders, &shop);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = shop.guest_id, .name = "user" };
	e = order_place(&op, &shop.restaurant, NULL, &w, &idem, render, &order);
	*ret_is_answered = idem.is_answered;
	op_end(&op);
	return err_info(e)->name;
}

/* --- what was delivered, carried out, fetched and told ---------------------------------------------------------- */

static void
delivery_make(const char *subject, const char *state, bool is_verified, int days)
{
	world_sql("INSERT INTO webhook_logs (restaurant_id, provider, webhook_type, subject, headers, source_address, body, body_len, body_digest,"
	    " is_verified, state, http_status, trace_id, received_at) VALUES (NULL, 'square', 'events', '%s', '', '192.0.2.1', '{}', 2, REPEAT('x', 32),"
	    " %d, '%s', 200, REPEAT('0', 32), UTC_TIMESTAMP(6) - INTERVAL %d DAY)", subject, is_verified, state, days);
}

static void
done_make(int64_t id, const char *outcome, int days)
{
	world_sql("INSERT INTO outbox_done (id, runner, kind, destination, subject_id, outcome, attempts, trace_id, created_at, finished_at) VALUES"
	    " (%lld, 'relay', 'pos_hint', 'x', 1, '%s', 1, REPEAT('0', 32), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL %d DAY)",
	    (long long)id, outcome, days);
}

static void
sync_make(int64_t id, const char *status, int days)
{
	world_sql("INSERT INTO menu_sync_history (id, restaurant_id, sync_type, status, started_at) VALUES (%lld, %lld, 'full', '%s',"
	    " UTC_TIMESTAMP(6) - INTERVAL %d DAY)", (long long)id, (long long)shop.restaurant.id, status, days);
}

static void
notice_make(const char *key, int64_t order_id, const char *status, int days)
{
	world_sql("INSERT INTO notification_queue (restaurant_id, order_id, type, channel, status, dedupe_key, created_at, updated_at) VALUES"
	    " (%lld, NULLIF(%lld, 0), 'pos_access', 'sms', '%s', '%s', UTC_TIMESTAMP(6) - INTERVAL %d DAY, UTC_TIMESTAMP(6))",
	    (long long)shop.restaurant.id, (long long)order_id, status, key, days);
}

static void
test_logs(void)
{
	int64_t order = shop_order(&shop);

	delivery_make("old", "processed", true, 61);
	delivery_make("old-unproved", "failed", false, 61);
	delivery_make("old-dead", "dead", true, 61);
	delivery_make("old-parked", "parked", true, 61);
	delivery_make("young", "processed", true, 59);
	done_make(9000001, "DONE", 31);
	done_make(9000002, "DEAD", 31);
	done_make(9000003, "DONE", 29);
	sync_make(9001, "success", 31);
	sync_make(9002, "running", 31);
	sync_make(9003, "failed", 29);
	notice_make("n-old", 0, "sent", 31);
	notice_make("n-pending", 0, "pending", 31);
	notice_make("n-order", order, "sent", 31);
	notice_make("n-young", 0, "sent", 29);
	world_sql("INSERT INTO restaurant_webhook_secrets (restaurant_id, pos_provider_id, purpose, secret_key, digest, is_active, expires_at, created_at,"
	    " updated_at) SELECT %lld, MIN(id), 'signature', CONCAT('k', d), REPEAT('x', 32), 0, UTC_TIMESTAMP(6) - INTERVAL d DAY, UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6) FROM pos_providers JOIN (SELECT 31 AS d UNION SELECT 29) x GROUP BY d", (long long)shop.restaurant.id);
	ok(till_job(&shop, MESSAGE_purge, 0), "what is old goes");
	is_str(shop_text("SELECT GROUP_CONCAT(subject ORDER BY id SEPARATOR ' ') FROM webhook_logs WHERE provider = 'square'"), "old-parked young",
	    "SEC-12 of what was delivered nothing is kept for more than DELIVERY_DAYS but what waits");
	is_str(shop_text("SELECT GROUP_CONCAT(id ORDER BY id SEPARATOR ' ') FROM outbox_done WHERE id > 9000000"), "9000002 9000003",
	    "of what was carried out nothing for more than MESSAGE_DAYS but what was set aside");
	is_str(shop_text("SELECT GROUP_CONCAT(id ORDER BY id SEPARATOR ' ') FROM menu_sync_history WHERE id > 9000"), "9002 9003",
	    "nor of menus, but what is not at an end");
	is_str(shop_text("SELECT GROUP_CONCAT(dedupe_key ORDER BY id SEPARATOR ' ') FROM notification_queue WHERE dedupe_key LIKE 'n-%%'"),
	    "n-pending n-order n-young", "nor of notices, but what is still to be told, or is an order's");
	is_str(shop_text("SELECT GROUP_CONCAT(secret_key) FROM restaurant_webhook_secrets WHERE is_active = 0"), "k29",
	    "nor a secret that is accepted no more");
	world_sql("DELETE FROM webhook_logs");
	delivery_make("old", "processed", true, 4000);
	shop_config.delivery_days = 0;
	ok(till_job(&shop, MESSAGE_purge, 0), "where nobody has said for how long");
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs"), 1, "nothing goes");
	shop_config.delivery_days = 60;
}

/* While one who deletes stands before its commit, everybody else goes on. */
static void
test_nobody_waits(void)
{
	char dir[] = "/tmp/trcXXXXXX", path[100];
	bool is_answered;
	int status;
	pid_t pid;

	if (mkdtemp(dir) == NULL)
		return;
	is_str(place("yesterday", &is_answered), "OK", "one orders");
	keys_make("old", 100, WEEK_S + 200);
	(void)snprintf(path, sizeof path, "%s/stop.purge.before_later", dir);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	shop_cut(PROGRAM_jobs);
	shop_cut(PROGRAM_orders);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		world_own();
		setenv("TICKETRAIL_CRASH_DIR", dir, 1);
		_exit(till_job(&shop, MESSAGE_purge, 0) ? 0 : 1);
	}
	waitpid(pid, &status, WUNTRACED);
	ok(WIFSTOPPED(status), "one who deletes has not committed");
	is_str(place("today", &is_answered), "OK", "I6 others order meanwhile");
	is_str(place("yesterday", &is_answered), "OK", "I6 and ask again");
	ok(is_answered, "I6 under a key that is kept");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (shop_open() > 0)
		;
	is_int(keys_n("old"), 100, "who deletes dies: nothing is gone");
	world_sql("UPDATE outbox SET owner = 0, lost_claims = 0 WHERE kind = 'purge'");
	ok(till_job(&shop, MESSAGE_purge, 0), "the next one");
	is_int(keys_n("old"), 0, "I6 does it");
	world_sql("UPDATE idempotency_keys SET created_at = created_at - INTERVAL 8 DAY WHERE idempotency_key = 'yesterday'");
	ok(till_job(&shop, MESSAGE_purge, 0), "a week later");
	is_str(place("yesterday", &is_answered), "OK", "I6 the key is free");
	ok(!is_answered, "I6 and stands for another order");
	(void)snprintf(path, sizeof path, "%s/seen", dir);
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	shop_make(&shop, "purge");
	test_batches();
	test_dead();
	test_nobody_waits();
	test_logs();
	return tap_done();
}
