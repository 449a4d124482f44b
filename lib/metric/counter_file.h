/*
 * counter_file: how a file of counters lies on the disk; between counter.c and counter_sum.c only.
 *
 * One cell per cache line, so that two counters never contend. Cells are only ever added behind the
 * last one, under the file's flock; values are added to without it.
 */
#ifndef TICKETRAIL_METRIC_COUNTER_FILE_H
#define TICKETRAIL_METRIC_COUNTER_FILE_H

#include <stdatomic.h>
#include <stdint.h>

#define COUNTER_MAGIC "tkcount1"
#define COUNTER_NAME_SIZE 48
#define COUNTER_CELLS_MAX 127

struct counter_cell {
	char name[COUNTER_NAME_SIZE];
	_Atomic uint64_t value;
	uint64_t unused;
};

struct counter_file {
	char magic[8];
	_Atomic uint64_t n;
	uint64_t unused[6];
	struct counter_cell cells[COUNTER_CELLS_MAX];
};
_Static_assert(sizeof(struct counter_file) == 8192, "two pages");
_Static_assert(
    ATOMIC_LLONG_LOCK_FREE == 2, "processes share the cells: their atomics must need no lock");

#endif
