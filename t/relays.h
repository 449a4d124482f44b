/*
 * relays: the relay as a process of a test: the test itself, started again (RELAY_TEST), which has a
 * provider room of its own (relays_room.h).
 */
#ifndef TICKETRAIL_T_RELAYS_H
#define TICKETRAIL_T_RELAYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "hostile.h"
#include "outbox/outbox.h"

#define POLL_MS "50"

#define DONE_N "SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DONE'"
#define LEFT_N "SELECT COUNT(*) FROM outbox"

struct relays {
	struct hostile hostile;
	char dir[24]; /* RUN_DIR, logs, crash files */
};
extern struct relays relays;

/* What main() does: the relay, or these tests in a world. */
int relays_main(int argc, char **argv, void (*tests)(void));

struct relay_process {
	pid_t pid;
	int ready_fd;
	char log[64];
};

struct relay_process relay_start(const char *lease_ms, bool is_once);
bool relay_is_ready(struct relay_process *);
/* Started and ready, or the test is over. */
struct relay_process relay_ready(const char *lease_ms);
/* Its exit status, 1000 and the signal's number, or -1: it had to be killed. */
int relay_wait(const struct relay_process *);
int relay_stop(const struct relay_process *);

/* How often its log has this. */
int relay_log_n(const struct relay_process *, const char *needle);
bool relay_log_reaches(const struct relay_process *, const char *needle);

/* Nothing in the outbox, nothing seen. */
void relays_fresh(void);
/* A message that is due now; lane 0: none. */
void relays_put(const char *destination, int64_t lane, const char *path);
/* Waits until a number in the database is as wanted. */
bool relays_reach(const char *sql, int64_t want);
/* Waits until the server has seen so many requests. */
bool relays_requests(int n);
/* "kill.POINT" or "stop.POINT": what happens to whoever gets there (op/crash.h). */
void relays_crash(const char *name);

void pause_ms(long);
int64_t now_ms(void);

#endif
