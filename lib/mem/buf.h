/*
 * buf: bytes that grow inside an arena up to a maximum set at birth.
 *
 * Writing past the maximum writes nothing more and marks the buffer `overflowed`; the mark sticks,
 * so a writer looks once, at the end. The data is always NUL-terminated behind `len`.
 */
#ifndef TICKETRAIL_MEM_BUF_H
#define TICKETRAIL_MEM_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct buf {
	struct arena *arena;
	char *data;
	size_t len, cap, max;
	bool overflowed;
};

/* An empty buffer that may hold at most `max` bytes. */
void buf_init(struct buf *, struct arena *, size_t max);

void buf_add(struct buf *, const void *, size_t);
void buf_adds(struct buf *, const char *);
void buf_addc(struct buf *, char);
void buf_addf(struct buf *, const char *, ...) __attribute__((format(printf, 2, 3)));

/* Forgets the content, keeps the room. */
void buf_clear(struct buf *);

#endif
