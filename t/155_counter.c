/* counter: sums only grow, whoever adds, whoever dies, whichever version made the file. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "metric/counter_file.h"
#include "tap.h"

static char dir[] = "/tmp/counters.XXXXXX";

/* In a process of its own, as a worker of a slot: n adds. */
static void
worker(const char *program, const char *slot, uint64_t n)
{
	if (fork() != 0)
		return;
	setenv("COUNTER_SLOT", slot, 1);
	if (counter_init(dir, program) != OK)
		_exit(1);
	for (uint64_t i = 0; i < n; i++)
		counter_add(COUNTER_orders_placed, 1);
	counter_request(200, 7000);
	counter_request(404, 6000000);
	_exit(0);
}

static int
workers_wait(void)
{
	int status, bad = 0;

	while (wait(&status) > 0)
		bad += status != 0;
	return bad;
}

static uint64_t
sum(const char *program, enum counter c)
{
	struct arena *arena = arena_new(1 << 20);
	struct counter_sum *sums;
	uint64_t value = 0;
	size_t n;

	if (counters_sum(arena, dir, &sums, &n) == OK) {
		for (size_t i = 0; i < n; i++) {
			if (strcmp(sums[i].program, program) == 0)
				value = sums[i].value[c];
		}
	}
	arena_free(&arena);
	return value;
}

static void
test_sharing(void)
{
	worker("orders", "0", 20000);
	worker("orders", "0", 20000);
	worker("orders", "1", 10000);
	worker("menu", "0", 7);
	is_int(workers_wait(), 0, "OBS-08 workers count into files");
	is_int(sum("orders", COUNTER_orders_placed), 50000, "two processes in one slot and one in another lose nothing");
	is_int(sum("menu", COUNTER_orders_placed), 7, "another program counts by itself");
	worker("orders", "0", 5);
	workers_wait();
	is_int(sum("orders", COUNTER_orders_placed), 50005, "a new worker of the slot goes on where the dead one stopped");
	is_int(sum("orders", COUNTER_requests_2xx), 4, "requests are counted by class");
	is_int(sum("orders", COUNTER_request_le_10ms), 4, "7 ms fall under 10 ms");
	is_int(sum("orders", COUNTER_request_le_inf), 4, "6 s fall under no bound");
	is_int(sum("orders", COUNTER_request_us_sum), 4 * 6007000, "their times are summed");
}

/* A file as a program of another version left it: cells in another order, one that we do not know. */
static void
test_versions(void)
{
	struct counter_file *file = calloc(1, sizeof *file);
	char path[100];
	int fd;

	memcpy(file->magic, COUNTER_MAGIC, sizeof file->magic);
	file->n = 2;
	strcpy(file->cells[0].name, "from_the_future");
	file->cells[0].value = 99;
	strcpy(file->cells[1].name, "orders_placed");
	file->cells[1].value = 1000;
	snprintf(path, sizeof path, "%s/counters/jobs.3", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ok(write(fd, file, sizeof *file) == (ssize_t)sizeof *file, "a file of another version");
	close(fd);
	free(file);
	worker("jobs", "3", 1);
	workers_wait();
	is_int(sum("jobs", COUNTER_orders_placed), 1001, "cells are found by name");
	is_int(sum("jobs", COUNTER_requests_2xx), 1, "missing cells are added");
}

static void
test_strangers(void)
{
	static const char *const names[] = { "orders.x", "README", ".9", "orders.", "relay.7" };
	char path[100];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/counters/%s", dir, names[i]);
		close(open(path, O_WRONLY | O_CREAT, 0600));
	}
	is_int(sum("relay", COUNTER_orders_placed), 0, "an empty file counts as nothing");
	is_int(sum("orders", COUNTER_orders_placed), 50005, "files with other names are passed over");
	worker("relay", "7", 2);
	is_int(workers_wait(), 0, "an empty file is made good");
	is_int(sum("relay", COUNTER_orders_placed), 2, "and counts");
	setenv("COUNTER_SLOT", "../../evil", 1);
	worker("gone", "../../evil", 1);
	is_int(workers_wait(), 0, "a slot that is no number is not used as a path");
	is_int(sum("gone", COUNTER_orders_placed), 1, "the pid stands in for it");
}

static void
test_print(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf out;
	FILE *promtool;

	buf_init(&out, arena, 1 << 20);
	is_int(counters_print(arena, dir, &out), OK, "OBS-02 the counters as Prometheus reads them");
	ok(strstr(out.data, "# TYPE ticketrail_requests_total counter\n") != NULL, "OBS-02 a family has a type");
	ok(strstr(out.data, "ticketrail_requests_total{program=\"orders\",class=\"2xx\"} 4\n") != NULL, "OBS-02 a labelled counter");
	ok(strstr(out.data, "ticketrail_orders_placed_total{program=\"orders\"} 50005\n") != NULL, "OBS-02 a plain counter");
	ok(strstr(out.data, "ticketrail_request_seconds_bucket{program=\"orders\",le=\"0.01\"} 4\n") != NULL &&
	    strstr(out.data, "ticketrail_request_seconds_bucket{program=\"orders\",le=\"5\"} 4\n") != NULL &&
	    strstr(out.data, "ticketrail_request_seconds_bucket{program=\"orders\",le=\"+Inf\"} 8\n") != NULL,
	    "OBS-02 buckets include the smaller ones");
	ok(strstr(out.data, "ticketrail_request_seconds_sum{program=\"orders\"} 24.028000\n") != NULL, "OBS-02 the sum is in seconds");
	ok(strstr(out.data, "ticketrail_request_seconds_count{program=\"orders\"} 8\n") != NULL, "OBS-02 and the count");
	if (access("/usr/bin/promtool", X_OK) == 0) {
		promtool = popen("promtool check metrics 2>&1 | sed 's/^/# /'", "w");
		fwrite(out.data, 1, out.len, promtool);
		is_int(pclose(promtool), 0, "OBS-02 promtool reads them");
	}
	arena_free(&arena);
}

/* In a process of its own: no room for the file. It is not counted then, and nobody dies of it. */
static void
test_no_room(void)
{
	int status = -1;

	if (fork() == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 512, 512 }) != 0)
			_exit(2);
		setenv("COUNTER_SLOT", "9", 1);
		if (counter_init(dir, "cramped") == OK)
			_exit(3);
		counter_add(COUNTER_orders_placed, 1);
		_exit(0);
	}
	(void)wait(&status);
	is_int(status, 0, "F18 without room for the file nothing is counted, and nobody dies");
}

static void
test_table(void)
{
	int split = 0;

	for (int c = 1; c < COUNTER__MAX; c++) {
		const char *family = counter_info((enum counter)c)->family;

		for (int d = 0; d < c - 1; d++) {
			split += strcmp(counter_info((enum counter)d)->family, family) == 0 &&
			    strcmp(counter_info((enum counter)(c - 1))->family, family) != 0;
		}
	}
	is_int(split, 0, "rows of one family stand together");
}

int
main(void)
{
	char command[100];

	counter_add(COUNTER_orders_placed, 1);
	ok(true, "adding before counter_init does nothing");
	if (mkdtemp(dir) == NULL)
		return 1;
	is_int(sum("orders", COUNTER_orders_placed), 0, "no files, no sums");
	test_sharing();
	test_versions();
	test_strangers();
	test_print();
	test_table();
	test_no_room();
	ok(counter_init("/nonexistent", "orders") != OK, "without a directory there is no file");
	counter_add(COUNTER_orders_placed, 1);
	ok(true, "and adding goes on doing nothing");
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command) != 0 ? 1 : tap_done();
}
