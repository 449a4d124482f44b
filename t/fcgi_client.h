/*
 * fcgi_client: the other end of a FastCGI worker's socket, for tests. It speaks the records of the
 * FastCGI specification (version 1) by hand, so that it can also speak them wrongly. Every call
 * gives up after FCGI_CLIENT_WAIT_S.
 */
#ifndef TICKETRAIL_T_FCGI_CLIENT_H
#define TICKETRAIL_T_FCGI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define FCGI_CLIENT_WAIT_S 10

enum fcgi_record { FCGI_REC_BEGIN = 1, FCGI_REC_ABORT = 2, FCGI_REC_END = 3, FCGI_REC_PARAMS = 4, FCGI_REC_STDIN = 5,
	FCGI_REC_STDOUT = 6, FCGI_REC_STDERR = 7 };

struct fcgi_ask {
	const char *method, *path; /* REQUEST_METHOD, ROUTE_PATH */
	const char *query, *content_type, *tenant;
	const char *const *params; /* further name, value, name, value, NULL */
	const void *body;
	size_t body_len;
	const char *content_length; /* NULL: body_len */
};

struct fcgi_answer {
	int status;       /* of the Status header; 0 if nothing came */
	char *head, *body; /* NUL-terminated, in one block: fcgi_answer_free() */
	size_t body_len;
	bool is_whole;    /* END_REQUEST was seen */
};

/* A connection, -1 if there is none. */
int fcgi_connect(const char *socket_path);

/* One record; false if the peer is gone. */
bool fcgi_send(int fd, enum fcgi_record, const void *, size_t);

/* BEGIN_REQUEST and all PARAMS with their end; what fcgi_body() then adds completes the request. */
bool fcgi_head(int fd, const struct fcgi_ask *);
bool fcgi_body(int fd, const void *, size_t);

/* Reads until END_REQUEST or the end of the connection. */
void fcgi_receive(int fd, struct fcgi_answer *ret);

/* Connects, asks, receives, closes. True if a whole answer came. */
bool fcgi_request(const char *socket_path, const struct fcgi_ask *, struct fcgi_answer *ret);

void fcgi_answer_free(struct fcgi_answer *);

/* The value of a header of the answer, in a static buffer; NULL if there is none. */
const char *fcgi_header(const struct fcgi_answer *, const char *name);

#endif
