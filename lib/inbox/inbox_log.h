/*
 * inbox_log: the deliveries that came in, for people to look at: which, when, what became of them,
 * and what was in one.
 *
 * It only reads. A body is never shown as it came (redact.h).
 */
#ifndef TICKETRAIL_INBOX_INBOX_LOG_H
#define TICKETRAIL_INBOX_INBOX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct json_write;
struct op;

/* The words of enum delivery_state, by number, and a NULL behind the last. */
extern const char *const inbox_states[];

struct delivery_log {
	int64_t id, restaurant_id; /* 0: of no restaurant that we know */
	const char *provider, *type, *subject, *state, *status;
	int64_t http_status;
	bool is_verified;
	const char *error;
	int64_t body_len;
	const char *source_address, *trace_id;
	int64_t received_at, processed_at;
	/* of one that is read alone */
	const char *headers;
	struct bytes body; /* as it came; NULL data: it was not kept */
};

struct delivery_filter {
	int64_t restaurant_id; /* 0: of all, and of none */
	const char *type;      /* a provider, or a kind of delivery; NULL: any */
	const char *states;    /* with commas between; NULL: any */
	const char *subject;   /* an order's number, say; NULL: any */
	int64_t since_us, until_us; /* came in within [since, until); TIME_NONE: no bound */
	int64_t before_id;     /* 0: from the newest */
	int64_t n;
};

/* The newest first. */
enum err inbox_list(struct op *, const struct delivery_filter *, struct delivery_log **ret,
    size_t *ret_n);

/* One with headers and body. ERR_NO_ROW (no fault) if the restaurant (0: anybody) has none such. */
enum err inbox_read(struct op *, int64_t restaurant_id, int64_t id, struct delivery_log *ret);

/* As people are shown it, an object: all but headers and body; then with them, without secrets. */
void inbox_log_write(struct json_write *, const char *key, const struct delivery_log *);
void inbox_log_write_whole(
    struct op *, struct json_write *, const char *key, const struct delivery_log *);

#endif
