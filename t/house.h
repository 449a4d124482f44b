/*
 * house: a directory of its own for a test that runs real pools: socket, log, counters, and a
 * master to start and stop.
 *
 * The master runs HOUSE.script, which a test writes: so it can put another "binary" in a worker's
 * place. The environment is set so that a worker finds a complete configuration whose database does
 * not exist; a test with one says so by setenv().
 */
#ifndef TICKETRAIL_T_HOUSE_H
#define TICKETRAIL_T_HOUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HOUSE_WAIT_MS 15000

struct house {
	char dir[64], socket[96], script[96], log[96];
	char self[400], programs[400]; /* this test's binary; where the house's programs are */
	const char *ready_within;      /* seconds a replacement has, as text */
};
extern struct house house;

struct master {
	pid_t pid;
	int ready_fd;
};

void house_open(void);
void house_close(void);

int64_t house_ms(void);
void house_pause(long ms);
void house_bail(const char *why) __attribute__((noreturn));

/* What the master starts from now on: a shell script's text. */
void house_script(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often a text stands in the log; waits until it stands there n times. */
int house_log_n(const char *needle);
bool house_log_reaches(const char *needle, int n);

/* Starts `pool` with so many workers; keeps_log: behind what stands in the log already. */
struct master master_start(const char *workers, bool keeps_log);

/* 'R' from the master; 0 if its end was closed; -1 if nothing came in time. */
int master_said(const struct master *, int ms);

/* Waits for its end: the exit status, -1 if it had to be killed. */
int master_wait(struct master *);

/* TERM and wait. -2 when a sanitizer complained in the log. */
int master_stop(struct master *);

#endif
