/*
 * words: what a POS of each kind answers to what it is asked on an order's way from the first call to acceptance, and to a look at
 * it afterwards: true enough that an adapter goes its whole way. It judges nothing: the simulators in t/sim do, and the shapes are
 * theirs. What was ordered is echoed, so that answers are as long as real ones.
 */
#ifndef TICKETRAIL_BENCH_POS_WORDS_H
#define TICKETRAIL_BENCH_POS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define ID_MAX 64
#define IDS_MAX 3
#define SAID_ROOM 20000

/* A whole request; strings end with a zero. */
struct asked {
	const char *method;
	const char *path; /* behind the restaurant's part, without the query */
	const char *query;
	const char *body;
	long who; /* the restaurant's number */
	char ids[IDS_MAX][ID_MAX]; /* what stands in the path where the route has a star */
};

struct said {
	int status;
	const char *step; /* "prices" */
	bool is_instant;  /* not after the delay */
	char number[ID_MAX]; /* the order's; "": it is about none */
	char more[2 * ID_MAX]; /* what tells it from others of the same step; "": nothing */
	char url[512];       /* where the order is to be reported; "": nowhere */
	char json[SAID_ROOM];
	size_t len;
};

/* What every order comes to at a POS that counts by itself; in the currency of town.js. */
void words_total(long minor);
void words_answer(struct asked *, struct said *);

#endif
