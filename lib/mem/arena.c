#include "mem/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One request rarely takes more than this; the first block is kept over a reset. */
#define BLOCK_LEN ((size_t)16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t len, used;
	_Alignas(max_align_t) char data[];
};

struct adopted {
	struct adopted *next;
	void (*done)(void *);
	void *object;
};

struct arena {
	struct block *blocks; /* newest first; the last one is the first that was made */
	struct adopted *adopted;
	size_t used, max;
	bool wipes;
};

static void __attribute__((noreturn))
die(const char *why)
{
	fprintf(stderr, "arena: %s\n", why);
	abort();
}

static struct block *
block_new(size_t len)
{
	struct block *b = malloc(sizeof *b + len);

	if (b == NULL)
		die("out of memory");
	*b = (struct block){ .len = len };
	return b;
}

struct arena *
arena_new(size_t max)
{
	struct arena *a = malloc(sizeof *a);

	if (a == NULL)
		die("out of memory");
	*a = (struct arena){ .blocks = block_new(BLOCK_LEN), .max = max };
	return a;
}

static void
adopted_end(struct arena *a)
{
	/* The records lie in the blocks: they are read before any block goes. */
	for (struct adopted *x = a->adopted; x != NULL; x = x->next)
		x->done(x->object);
	a->adopted = NULL;
}

void
arena_wipes(struct arena *a)
{
	a->wipes = true;
}

void
arena_reset(struct arena *a)
{
	adopted_end(a);
	for (struct block *b = a->blocks, *next;; b = next) {
		next = b->next;
		if (a->wipes)
			explicit_bzero(b->data, b->used);
		if (next == NULL)
			break;
		free(b);
		a->blocks = next;
	}
	a->blocks->used = 0;
	a->used = 0;
}

void
arena_free(struct arena **ap)
{
	struct arena *a = *ap;

	if (a == NULL)
		return;
	arena_reset(a);
	free(a->blocks);
	free(a);
	*ap = NULL;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t need;
	void *p;

	if (n > SIZE_MAX / 2)
		die("absurd size");
	need = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (need > a->max - a->used)
		die("cap reached");
	if (need > a->blocks->len - a->blocks->used) {
		struct block *b = block_new(need > BLOCK_LEN ? need : BLOCK_LEN);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = a->blocks->data + a->blocks->used;
	a->blocks->used += need;
	a->used += need;
	return memset(p, 0, need);
}

struct wipe {
	void *data;
	size_t len;
};

static void
wipe_done(void *arg)
{
	struct wipe *w = arg;

	explicit_bzero(w->data, w->len);
}

void *
arena_alloc_wiped(struct arena *a, size_t n)
{
	struct wipe *w = arena_alloc(a, sizeof *w);

	*w = (struct wipe){ .data = arena_alloc(a, n), .len = n };
	arena_adopt(a, wipe_done, w);
	return w->data;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		die("absurd size");
	return arena_alloc(a, all);
}

void *
arena_bytes(struct arena *a, const void *data, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	return len == 0 ? p : memcpy(p, data, len);
}

char *
arena_strndup(struct arena *a, const char *s, size_t max)
{
	return arena_bytes(a, s, strnlen(s, max));
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_bytes(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		die("bad format");
	p = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(p, (size_t)n + 1, format, args);
	return p;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *p;

	va_start(args, format);
	p = arena_vprintf(a, format, args);
	va_end(args);
	return p;
}

void
arena_adopt(struct arena *a, void (*done)(void *), void *object)
{
	struct adopted *x = arena_alloc(a, sizeof *x);

	*x = (struct adopted){ .next = a->adopted, .done = done, .object = object };
	a->adopted = x;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
