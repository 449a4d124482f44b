/*
 * door: the request front of all pools in one process, without nginx, a pool master or a database.
 *
 * It is lib/http/front.c itself: what a worker does with a connection that it has accepted, by libfcgi, over a pair of
 * sockets. The table is that of all pools together, taken from fcgi/ as it stands. Where the guard would ask the database, a
 * restaurant and a caller of the route's first role are given; the database says that it is away (no_database.c).
 */
#ifndef TICKETRAIL_T_FUZZ_DOOR_H
#define TICKETRAIL_T_FUZZ_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"

/* What a worker may be sent: more would not fit into the sockets, with which nobody else reads. */
#define DOOR_WIRE_MAX ((size_t)64 * 1024)

/* Who answers when all has been checked that a row of the table promises. */
enum door_handler {
	DOOR_ECHO, /* one that tells what it was given, and holds it to the body's shape */
	DOOR_REAL, /* the route's own, up to its first word with the database */
};

struct door_answer {
	bool is_whole; /* with END_REQUEST behind it; else nothing below is set */
	int status;
	const char *head; /* the lines, each with its CRLF */
	const char *type; /* of the content; NULL: none */
	struct bytes body;
};

/*
 * Sends the bytes to a worker and gives its answer, in the arena. The connection is closed afterwards, whatever was sent;
 * what was logged is lines of JSON.
 */
void door_ask(struct arena *, enum door_handler, struct bytes wire, struct door_answer *ret);

/* Is it an answer of ours: a head that is one, a body that is what it says, an error that err.def knows? */
void door_answer_check(struct arena *, const struct door_answer *, bool is_head);

/* One request as records: params are "NAME=value" lines, with CONTENT_LENGTH added where they have none. */
struct bytes door_wire(struct arena *, struct bytes params, struct bytes body);

#endif
