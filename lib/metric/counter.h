/*
 * counter: numbers that only grow, in a file that outlives the process which adds to them.
 *
 * counter.def lists them. Each process maps RUN_DIR/counters/<program>.<slot>, an array of named
 * 64-bit cells. The pool master gives each worker its slot (COUNTER_SLOT; default: the pid), so a
 * worker that takes over a slot goes on where the last one stopped, and while both live their
 * atomic adds meet in the same cells: sums never go back. A cell is found by its name, so programs
 * of two versions can share a file.
 *
 * counters_sum() reads all files, for /metrics. Whoever adds before counter_init() adds to nothing:
 * tests and the operator's command need no files.
 */
#ifndef TICKETRAIL_METRIC_COUNTER_H
#define TICKETRAIL_METRIC_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct arena;
struct buf;

enum counter {
#define COUNTER_ROW(name, family, label, unit, sentence) COUNTER_##name,
#include "metric/counter.def"
#undef COUNTER_ROW
	COUNTER__MAX
};

struct counter_info {
	const char *name;     /* of the cell, "requests_2xx" */
	const char *family;   /* what /metrics calls it, without prefix: "requests_total" */
	const char *label;    /* class="2xx", or "" */
	const char *unit;     /* "requests", "seconds" (kept in µs), ... */
	const char *sentence;
};

/* The row of a counter; never NULL. */
const struct counter_info *counter_info(enum counter);

/*
 * Maps this process's file, made if missing. OK, or ERR_INTERNAL_ERROR with errno set; adds go on
 * being nothing then, and the program may run without counting. Call once; a second call does
 * nothing.
 */
enum err counter_init(const char *run_dir, const char *program);

/* Adds n. Safe before counter_init. */
void counter_add(enum counter, uint64_t n);

/* One answered request: its status class, its time bucket, the sum of times. */
void counter_request(int status, int64_t elapsed_us);

/* What all processes of one program counted together. */
struct counter_sum {
	const char *program; /* "orders" */
	uint64_t value[COUNTER__MAX];
};

/*
 * Sums of all files under run_dir, by program, sorted by name, in the arena. A file that is not
 * ours is passed over.
 */
enum err counters_sum(
    struct arena *, const char *run_dir, struct counter_sum **ret_sums, size_t *ret_n);

/*
 * The sums in the Prometheus text format 0.0.4, all names prefixed `ticketrail_`, labelled by
 * program.
 */
enum err counters_print(struct arena *, const char *run_dir, struct buf *);

#endif
