/*
 * heap: memory that runs out, wherever it is asked for: in our code, in libmariadb, libcurl, OpenSSL, json-c, libfcgi or the
 * C library itself.
 *
 * A program finds its board in the directory named by TICKETRAIL_FAIL_DIR: a file PROGRAM.heap of zeroes, which the test has made;
 * without one nothing happens. All processes of a program count together, and the one whose allocation is the at-th since the
 * count was last zero gets none, nor for the next `times` - 1; others are served. t/fail/heap.js has the other end.
 *
 * What fail.h does is about calls of our own code and about how each of them fails; here nobody knows whose turn it is.
 * Linked into programs built for tests only.
 */
#ifndef TICKETRAIL_T_FAIL_HEAP_H
#define TICKETRAIL_T_FAIL_HEAP_H

#include <stdatomic.h>
#include <stdint.h>

#define HEAP_WHO_LEN 96

struct heap_board {
	_Atomic uint64_t made;   /* allocations since this was last zero */
	_Atomic uint64_t at;     /* the one that fails; 0: none */
	_Atomic uint32_t times;  /* so many fail from there on */
	_Atomic uint32_t failed; /* so many have */
	_Atomic uint32_t victim; /* the process to which that happens; 0: none yet */
	uint32_t unused;
	char who[HEAP_WHO_LEN]; /* asked for the first of them: library and function, as far as its symbols tell */
};

#endif
