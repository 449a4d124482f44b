/*
 * ops and front with a database: health, metrics, readiness that waits for the database, and 503
 * while it is away. The second worker is this program itself (OPS_TEST_WORKER).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi_client.h"
#include "house.h"
#include "http/front.h"
#include "http/reply.h"
#include "tap.h"
#include "text/json_write.h"
#include "world.h"

static enum err
clock_route(struct op *op, const struct request *request, struct reply *reply)
{
	struct json_write *w = reply_json(reply, 200);

	(void)request;
	json_write_object(w, NULL);
	json_write_time(w, "now", op->now_us);
	json_write_object_end(w);
	return OK;
}

static const struct route routes[] = {
	{ .method = METHOD_GET, .path = "/clock", .roles = ROLE_ANYBODY, .handle = clock_route, .sentence = "The time" },
};
static const struct pool worker = {
	.name = "ops",
	.program = PROGRAM_ops,
	.routes = ROUTE_TABLE(routes),
	.db_timeout_s = 2,
};

/* The status; 0 if no whole answer came. The answer stays in *ret until fcgi_answer_free(). */
static int
get(const char *path, struct fcgi_answer *ret)
{
	return fcgi_request(house.socket, &(struct fcgi_ask){ .method = "GET", .path = path }, ret) ? ret->status : 0;
}

static bool
body_has(const struct fcgi_answer *a, const char *text)
{
	return a->body != NULL && strstr(a->body, text) != NULL;
}

static int
get_status(const char *path)
{
	struct fcgi_answer a;
	int status = get(path, &a);

	fcgi_answer_free(&a);
	return status;
}

/* Asks until the answer has this status. */
static bool
becomes(const char *path, int status)
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;

	while (get_status(path) != status) {
		if (house_ms() > until)
			return false;
		house_pause(20);
	}
	return true;
}

static void
test_health(void)
{
	struct fcgi_answer a;

	is_int(get("/health", &a), 200, "OBS-01 with a database it is well");
	ok(body_has(&a, "{\"status\":\"healthy\",\"database\":\"connected\",\"redis\":\"not_used\",\"queue\":{\"due\":0,"
			"\"oldest_s\":0},\"realtime\":\"not_used\",\"version\":\"") &&
		body_has(&a, "\"timestamp\":\"20"),
	    "OBS-01 and says so: %s", a.body);
	is_str(fcgi_header(&a, "Cache-Control"), "no-store", "and nobody may keep it");
	fcgi_answer_free(&a);
	world_sql("INSERT INTO outbox (runner, kind, destination, due_at, trace_id, created_at) VALUES"
		  " ('relay', 'k', 'd', UTC_TIMESTAMP(6) - INTERVAL 90 SECOND, REPEAT('0', 32), UTC_TIMESTAMP(6)),"
		  " ('relay', 'k', 'd', UTC_TIMESTAMP(6) + INTERVAL 90 SECOND, REPEAT('0', 32), UTC_TIMESTAMP(6)),"
		  " ('jobs', 'k', 'd', UTC_TIMESTAMP(6) - INTERVAL 10 SECOND, REPEAT('0', 32), UTC_TIMESTAMP(6))");
	(void)get("/health", &a);
	ok(body_has(&a, "\"queue\":{\"due\":2,\"oldest_s\":9"), "OBS-01 the queue is told: %s", a.body);
	fcgi_answer_free(&a);
}

/*
 * The text format 0.0.4 as promtool checks it: every family is introduced by its HELP and TYPE
 * exactly once, its samples follow directly, a counter ends in _total. Returns the first line that
 * is wrong, NULL if none is.
 */
static const char *
metrics_wrong(char *text)
{
	static char family[100], type[20], seen[20000];

	seen[0] = family[0] = '\0';
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		char name[100], key[120];
		size_t len;

		if (*line == '\0')
			continue;
		if (sscanf(line, "# HELP %99s ", name) == 1) {
			(void)snprintf(key, sizeof key, "|%s|", name);
			if (strstr(seen, key) != NULL)
				return line;
			strncat(seen, key, sizeof seen - strlen(seen) - 1);
			(void)snprintf(family, sizeof family, "%s", name);
			type[0] = '\0';
		} else if (sscanf(line, "# TYPE %99s %19s", name, type) == 2) {
			if (strcmp(name, family) != 0)
				return line;
			len = strlen(name);
			if (strcmp(type, "counter") == 0 && (len < 6 || strcmp(name + len - 6, "_total") != 0))
				return line;
		} else {
			char *space = strrchr(line, ' '), *end;

			len = strlen(family);
			if (space == NULL || type[0] == '\0' || strncmp(line, family, len) != 0 ||
			    strchr("{ _", line[len]) == NULL)
				return line;
			(void)strtoll(space + 1, &end, 10);
			if (end == space + 1 || strspn(end, ".0123456789") != strlen(end))
				return line;
		}
	}
	return NULL;
}

static void
test_metrics(void)
{
	struct fcgi_answer a;

	(void)get_status("/nothing");
	is_int(get("/metrics", &a), 200, "OBS-02 metrics");
	is_str(fcgi_header(&a, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8", "OBS-02 in the text format");
	ok(body_has(&a, "\nticketrail_outbox_messages{runner=\"relay\"} 2\n") &&
		body_has(&a, "\nticketrail_outbox_due_messages{runner=\"relay\"} 1\n") &&
		body_has(&a, "\nticketrail_database_up 1\n"),
	    "OBS-02 with the queue by runner");
	ok(body_has(&a, "class=\"4xx\"") && body_has(&a, "program=\"ops\""), "OBS-02 and the counters of this program");
	is_str(metrics_wrong(a.body), NULL, "OBS-02 as Prometheus reads it");
	fcgi_answer_free(&a);
}

static void
test_ops(void)
{
	struct master m;
	struct fcgi_answer a;
	int64_t begun;

	house_script("exec %s/ops", house.programs);
	m = master_start("1", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "ops is ready");
	test_health();
	test_metrics();
	world_server_kill();
	begun = house_ms();
	is_int(get("/health", &a), 503, "OBS-01 without its database it is not well");
	ok(body_has(&a, "\"status\":\"unhealthy\",\"database\":\"disconnected\"") && body_has(&a, "\"queue\":null"),
	    "OBS-01 and says so: %s", a.body);
	ok(house_ms() - begun < 5000, "OBS-01 soon");
	fcgi_answer_free(&a);
	is_int(get("/metrics", &a), 200, "OBS-02 metrics are there all the same");
	ok(body_has(&a, "\nticketrail_database_up 0\n"), "OBS-02 with that said");
	fcgi_answer_free(&a);
	world_server_start();
	ok(becomes("/health", 200), "OBS-01 with it back it is well again");
	is_int(master_stop(&m), 0, "TERM");
}

static void
test_database(void)
{
	struct master m;
	struct fcgi_answer a;

	house_script("OPS_TEST_WORKER=1 exec %s", house.self);
	world_server_kill();
	m = master_start("1", false);
	is_int(master_said(&m, 500), -1, "a worker is not ready before the database is");
	world_server_start();
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "and is as soon as it is");
	is_int(get("/clock", &a), 200, "then it answers");
	ok(body_has(&a, "{\"now\":\"20"), "with the database's time");
	fcgi_answer_free(&a);
	world_server_kill();
	is_int(get("/clock", &a), 503, "F02 without a database a request is answered 503");
	ok(body_has(&a, "\"code\":\"UNAVAILABLE\"") && !body_has(&a, "mysql") && !body_has(&a, "socket"),
	    "ERR-09 without internals: %s", a.body);
	is_str(fcgi_header(&a, "Retry-After"), "1", "and when to come again");
	fcgi_answer_free(&a);
	world_server_start();
	ok(becomes("/clock", 200), "F02 and served again when it is back");
	is_int(master_stop(&m), 0, "TERM");
}

int
main(int argc, char **argv)
{
	if (getenv("OPS_TEST_WORKER") != NULL)
		return front_main(argc, argv, &worker);
	house_open();
	world_begin();
	(void)setenv("DB_SOCKET", world_admin()->socket, 1);
	(void)setenv("DB_NAME", world_admin()->database, 1);
	(void)setenv("DB_PASSWORD", WORLD_PASSWORD, 1);
	test_ops();
	test_database();
	house_close();
	return tap_done();
}
