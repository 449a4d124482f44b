/*
 * arena: memory that lives exactly as long as one op.
 *
 * Everything a request, a delivery or a message needs is taken from its arena and goes with it;
 * nothing in a handler is freed by hand. An arena is capped: a program that would take more than
 * its cap, or finds the machine out of memory, aborts. A worker is cheap, the database rolls back,
 * one caller sees a 502; a half-handled request would be worse.
 *
 * It will not give memory back piece by piece, and it is not for things that outlive the op.
 */
#ifndef TICKETRAIL_MEM_ARENA_H
#define TICKETRAIL_MEM_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* Bytes that are not text: a raw body, a key. Not owned, not NUL-terminated. */
struct bytes {
	const void *data;
	size_t len;
};

/* A new arena that may hold at most `max` bytes. Never NULL. */
struct arena *arena_new(size_t max);

/*
 * Ends every adopted object (last adopted first), frees all blocks, nulls the pointer. NULL is
 * fine.
 */
void arena_free(struct arena **);

/*
 * As arena_free and arena_new in one, keeping the first block: for loops that serve one op after
 * another.
 */
void arena_reset(struct arena *);

/*
 * From now on everything the arena holds is overwritten before it is given back: for ops that
 * handle credentials.
 */
void arena_wipes(struct arena *);

/* Zeroed memory, aligned for any type. Never NULL; aborts past the cap. */
void *arena_alloc(struct arena *, size_t);

/* As arena_alloc, for what must not be left behind in memory: overwritten when the arena ends. */
void *arena_alloc_wiped(struct arena *, size_t);

/* Zeroed room for n objects of a size; aborts when the product overflows. */
void *arena_array(struct arena *, size_t n, size_t size);

/* Copies into the arena. arena_strdup(NULL) is NULL. arena_bytes adds a NUL behind the copy. */
char *arena_strdup(struct arena *, const char *);
char *arena_strndup(struct arena *, const char *, size_t);
void *arena_bytes(struct arena *, const void *, size_t);

/* printf into the arena. */
char *arena_printf(struct arena *, const char *, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *, va_list) __attribute__((format(printf, 2, 0)));

/* A foreign object (json-c, libcurl, OpenSSL) ends with the arena: done(object) is called once. */
void arena_adopt(struct arena *, void (*done)(void *), void *object);

/* How many bytes have been handed out since birth or the last reset. */
size_t arena_used(const struct arena *);

#endif
