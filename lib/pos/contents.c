#include "pos/contents.h"

#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "text/json_read.h"
#include "text/utf8.h"

#define NAME_MAX 100 /* code points of a name */
#define PARTS_MAX 20 /* of a line, that are named */
#define QUANTITY_MAX 1000000

void
contents_init(struct contents *c, struct arena *a)
{
	*c = (struct contents){ .arena = a };
}

static const char *
name_of(struct contents *c, struct json_object *node)
{
	const char *s = "";

	if (!json_as_string(node, &s) || *s == '\0')
		c->is_vague = true;
	return utf8_sanitise(c->arena, s, NAME_MAX);
}

static const char *
with_parts(
    struct contents *c, const char *name, struct json_object *parts, const char *key)
{
	size_t n = json_array_n(parts);

	for (size_t i = 0; i < n && i < PARTS_MAX; i++)
		name = arena_printf(c->arena, "%s%s%s", name, i == 0 ? " (" : ", ",
		    name_of(c, json_member(json_element(parts, i), key)));
	return n == 0 ? name : arena_printf(c->arena, "%s)", name);
}

void
contents_add(struct contents *c, struct json_object *quantity, struct json_object *name,
    struct json_object *parts, const char *part_key)
{
	const char *text = with_parts(c, name_of(c, name), parts, part_key), *fraction;
	struct contents_line *grown;
	int64_t n = 1;

	if (quantity != NULL &&
	    (!json_lax_int64(quantity, &n) || n < 0 || n > QUANTITY_MAX)) {
		n = 1;
		if (json_lax_decimal(quantity, &fraction))
			text = arena_printf(c->arena, "%.20s %s", fraction, text);
	}
	if (c->n == c->room) {
		c->room = c->room == 0 ? 16 : 2 * c->room;
		grown = arena_array(c->arena, c->room, sizeof *grown);
		if (c->n > 0)
			memcpy(grown, c->lines, c->n * sizeof *grown);
		c->lines = grown;
	}
	c->lines[c->n++] = (struct contents_line){ .name = text, .n = n };
}

static int
by_name(const void *a, const void *b)
{
	const struct contents_line *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Equal ones become one; how many are left. */
static size_t
lines_merge(struct contents *c)
{
	size_t kept = 0;

	qsort(c->lines, c->n, sizeof *c->lines, by_name);
	for (size_t i = 0; i < c->n; i++)
		if (kept > 0 && strcmp(c->lines[kept - 1].name, c->lines[i].name) == 0)
			c->lines[kept - 1].n += c->lines[i].n;
		else
			c->lines[kept++] = c->lines[i];
	return kept;
}

const char *
contents_text(struct contents *c)
{
	struct buf b;

	if (c->n == 0 || c->is_vague)
		return NULL;
	c->n = lines_merge(c);
	buf_init(&b, c->arena, 2 * CONTENTS_MAX);
	for (size_t i = 0; i < c->n; i++) {
		if (b.len + strlen(c->lines[i].name) > CONTENTS_MAX) {
			buf_addf(&b, " and %zu more", c->n - i);
			break;
		}
		buf_addf(&b, "%s%lld x %s", i == 0 ? "" : ", ", (long long)c->lines[i].n,
		    c->lines[i].name);
	}
	return b.data;
}
