/*
 * fail: calls to other people's code, failed on purpose (calls.def).
 *
 * A program finds its board in the directory named by TICKETRAIL_FAIL_DIR: a file PROGRAM.board of FAIL_BOARD_SIZE
 * zeroes which the test has made; without one nothing happens. On it stand the places from which wrapped calls were
 * made, with how often, and the order which of them is to fail. All processes of a program share the board, also those
 * that are started again. Numbers are the machine's own; t/fail/board.js has the other end.
 *
 * Linked into programs built for tests only.
 */
#ifndef TICKETRAIL_T_FAIL_H
#define TICKETRAIL_T_FAIL_H

#include <stdatomic.h>
#include <stdint.h>

#define FAIL_SITES_MAX 1000
#define FAIL_FOREVER UINT32_MAX

/* A place: where a call returns to, counted from the program's beginning, so that it is the same in every process. */
struct fail_site {
	_Atomic uint64_t at;
	_Atomic uint32_t hits;
	uint32_t unused;
};

struct fail_order {
	_Atomic uint64_t at;     /* the place that is to fail; 0: none */
	_Atomic uint32_t way;    /* from 1, in the order of calls.def */
	_Atomic uint32_t skips;  /* so many hits of it pass before */
	_Atomic uint32_t times;  /* so many then fail; FAIL_FOREVER */
	_Atomic uint32_t failed; /* so many did */
};

/* Two orders: what is done about a failure can fail too. */
struct fail_board {
	struct fail_order orders[2];
	struct fail_site sites[FAIL_SITES_MAX];
};

#endif
