#include "mem/buf.h"

#include <stdarg.h>
#include <string.h>

#include "mem/arena.h"

#define FIRST_CAP ((size_t)256)

void
buf_init(struct buf *b, struct arena *arena, size_t max)
{
	*b = (struct buf){ .arena = arena, .max = max };
	b->cap = max < FIRST_CAP ? max : FIRST_CAP;
	b->data = arena_alloc(arena, b->cap + 1);
}

static bool
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *data;

	if (b->overflowed || n > b->max - b->len) {
		b->overflowed = true;
		return false;
	}
	if (n <= cap - b->len)
		return true;
	while (n > cap - b->len)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	data = arena_alloc(b->arena, cap + 1);
	memcpy(data, b->data, b->len);
	b->data = data;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *data, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->data + b->len, data, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = arena_vprintf(b->arena, format, args);
	va_end(args);
	buf_adds(b, s);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->data[0] = '\0';
	b->overflowed = false;
}
