#include "check/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "op/op.h"
#include "text/json_read.h"

#define SLOTS_FIRST 1024 /* doubled when they are two thirds full */
#define LINE_ARENA_MAX ((size_t)64 * 1024 * 1024)

struct journal {
	struct arena *arena;
	struct journal_entry **slots;
	size_t slots_n, n;
	struct journal_entry *first, **last;
};

struct journal *
journal_new(struct arena *arena)
{
	struct journal *j = arena_alloc(arena, sizeof *j);

	j->arena = arena;
	j->slots_n = SLOTS_FIRST;
	j->slots = arena_array(arena, j->slots_n, sizeof(struct journal_entry *));
	j->last = &j->first;
	return j;
}

const char *
journal_key(struct arena *arena, const char *first, const char *second)
{
	return arena_printf(arena, "%s\n%s", first, second);
}

struct journal_entry *
journal_first(const struct journal *j)
{
	return j->first;
}

/* FNV-1a: an operator's own files, nobody chooses names that collide. */
static size_t
hash_of(enum journal_kind kind, const char *key)
{
	uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)kind;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

/* The slot of a key: where it is, or where it would be. */
static struct journal_entry **
slot_of(struct journal_entry **slots, size_t n, enum journal_kind kind, const char *key)
{
	size_t i = hash_of(kind, key) & (n - 1);

	while (slots[i] != NULL && (slots[i]->kind != kind || strcmp(slots[i]->key, key) != 0))
		i = (i + 1) & (n - 1);
	return &slots[i];
}

struct journal_entry *
journal_find(struct journal *j, enum journal_kind kind, const char *key)
{
	return *slot_of(j->slots, j->slots_n, kind, key);
}

static void
grow(struct journal *j)
{
	size_t n = j->slots_n * 2;
	struct journal_entry **slots = arena_array(j->arena, n, sizeof(struct journal_entry *));

	for (struct journal_entry *x = j->first; x != NULL; x = x->next)
		*slot_of(slots, n, x->kind, x->key) = x;
	j->slots = slots;
	j->slots_n = n;
}

static struct journal_entry *
entry_of(struct journal *j, enum journal_kind kind, const char *key, const char *about)
{
	struct journal_entry *x = journal_find(j, kind, key);

	if (x != NULL)
		return x;
	if (j->n >= j->slots_n / 3 * 2)
		grow(j);
	x = arena_alloc(j->arena, sizeof *x);
	x->kind = kind;
	x->key = arena_strdup(j->arena, key);
	x->about = arena_strdup(j->arena, about);
	x->total_minor = -1;
	*slot_of(j->slots, j->slots_n, kind, key) = x;
	*j->last = x;
	j->last = &x->next;
	j->n++;
	return x;
}

/* --- lines -------------------------------------------------------------------------------- */

struct line {
	struct arena *arena;
	struct json_object *object;
	const char *problem; /* NULL: nothing is wrong so far */
};

static const char *
word(struct line *l, const char *name)
{
	const char *text = NULL;

	if (!json_as_string(json_member(l->object, name), &text) && l->problem == NULL)
		l->problem = arena_printf(l->arena, "\"%s\" is not a text", name);
	return text;
}

static int64_t
number(struct line *l, const char *name)
{
	int64_t n = 0;

	if (!json_as_int64(json_member(l->object, name), &n) && l->problem == NULL)
		l->problem = arena_printf(l->arena, "\"%s\" is not a number", name);
	return n;
}

static bool
has(const struct line *l, const char *name)
{
	return json_has_member(l->object, name);
}

static struct journal_entry *
ticket_of(struct journal *j, struct line *l)
{
	const char *outlet = word(l, "restaurant"), *reference = word(l, "reference");

	if (l->problem != NULL)
		return NULL;
	return entry_of(j, JOURNAL_TICKET, journal_key(l->arena, outlet, reference), reference);
}

/* NULL: not at all. */
static const char *
to_pay_of(struct line *l)
{
	const char *to_pay = has(l, "to_pay") ? word(l, "to_pay") : NULL;

	if (to_pay != NULL && strcmp(to_pay, "all") != 0 && strcmp(to_pay, "paid") != 0 &&
	    l->problem == NULL)
		l->problem = "\"to_pay\" is neither \"all\" nor \"paid\"";
	return to_pay;
}

static void
ticket_line(struct journal *j, struct line *l)
{
	int64_t total = has(l, "total") ? number(l, "total") : -1;
	const char *to_pay = to_pay_of(l);
	bool is_to_print = false;
	struct journal_entry *x = ticket_of(j, l);

	if (x == NULL)
		return;
	(void)json_as_bool(json_member(l->object, "to_print"), &is_to_print);
	x->made_n++;
	x->total_minor = total;
	x->is_to_print = is_to_print;
	x->to_pay = to_pay == NULL ? NULL : arena_strdup(j->arena, to_pay);
}

static void
printed_line(struct journal *j, struct line *l)
{
	struct journal_entry *x = ticket_of(j, l);

	if (x != NULL)
		x->is_printed = true;
}

static void
paid_line(struct journal *j, struct line *l)
{
	int64_t total = number(l, "total");
	struct journal_entry *x = ticket_of(j, l);

	if (x != NULL)
		x->paid_minor = total;
}

static void
ticket_gone_line(struct journal *j, struct line *l)
{
	struct journal_entry *x = ticket_of(j, l);

	if (x != NULL)
		x->gone_n++;
}

/* The name stands for a ticket, whether or not there comes to be one. */
static void
request_line(struct journal *j, struct line *l)
{
	const char *digest = word(l, "sha256"), *part = has(l, "part") ? word(l, "part") : "";
	struct journal_entry *ticket = ticket_of(j, l), *x;

	if (ticket == NULL)
		return;
	x = entry_of(j, JOURNAL_REQUEST, journal_key(l->arena, ticket->key, part), ticket->about);
	if (x->digest == NULL)
		x->digest = arena_strdup(j->arena, digest);
	else if (strcmp(x->digest, digest) != 0)
		x->is_changed = true;
}

static void
delivery_line(struct journal *j, struct line *l)
{
	const char *event = has(l, "event") ? word(l, "event") : NULL;
	const char *digest = event == NULL || has(l, "sha256") ? word(l, "sha256") : NULL;
	const char *about = word(l, "about");
	int64_t status = number(l, "status");
	struct journal_entry *named = NULL, *x;

	if (l->problem != NULL || status < 200 || status > 299)
		return;
	if (event != NULL) {
		named = entry_of(j, JOURNAL_EVENT, journal_key(l->arena, "", event), about);
		named->made_n++;
		named->has_bytes |= digest != NULL;
	}
	if (digest != NULL) {
		x = entry_of(j, JOURNAL_DELIVERY, journal_key(l->arena, "", digest), about);
		x->made_n++;
		x->event = named;
	}
}

static void
text_line(struct journal *j, struct line *l)
{
	const char *to = word(l, "to"), *text = word(l, "text");

	if (l->problem == NULL)
		entry_of(j, JOURNAL_TEXT, journal_key(l->arena, to, text), text)->made_n++;
}

static const struct {
	const char *what;
	void (*take)(struct journal *, struct line *);
} lines[] = {
	{ "ticket", ticket_line },
	{ "ticket_gone", ticket_gone_line },
	{ "printed", printed_line },
	{ "paid", paid_line },
	{ "request", request_line },
	{ "delivery", delivery_line },
	{ "text", text_line },
};

/* What is wrong with the line, or NULL. */
static const char *
line_take(struct journal *j, struct arena *arena, const char *text, size_t len)
{
	static const struct json_limits limits = { .len_max = (size_t)16 * 1024 * 1024,
		.depth_max = JSON_DEPTH_MAX,
		.node_max = 1000000 };
	struct line l = { .arena = arena };
	const char *what;

	if (json_read(arena, text, len, &limits, &l.object, &l.problem) != OK)
		return l.problem;
	if (!json_is_object(l.object))
		return "it is not an object";
	if (!json_has_member(l.object, "what"))
		return NULL;
	what = word(&l, "what");
	for (size_t i = 0; what != NULL && i < sizeof lines / sizeof lines[0]; i++)
		if (strcmp(lines[i].what, what) == 0) {
			lines[i].take(j, &l);
			return l.problem;
		}
	return l.problem != NULL ? l.problem
				 : arena_printf(arena, "\"%s\" is not known here", what);
}

static enum err
file_read(struct op *op, struct journal *j, const char *path, FILE *f, struct arena *arena)
{
	size_t room = 0, line_no = 0;
	char *text = NULL;
	ssize_t len;
	enum err e = OK;

	while (e == OK && (len = getline(&text, &room, f)) > 0) {
		const char *problem;

		line_no++;
		if (text[len - 1] == '\n')
			len--;
		if (len == 0)
			continue;
		arena_reset(arena);
		problem = line_take(j, arena, text, (size_t)len);
		if (problem != NULL)
			e = fail(op, ERR_VALIDATION_ERROR, "%s:%zu: %s", path, line_no, problem);
	}
	/* Out of memory, getline() leaves no error in the stream. */
	if (e == OK && feof(f) == 0)
		e = fail(op, ERR_VALIDATION_ERROR, "%s: %s", path, strerror(errno));
	free(text);
	return e;
}

enum err
journal_read(struct op *op, struct journal *j, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct arena *arena;
	enum err e;

	if (f == NULL)
		return fail(op, ERR_VALIDATION_ERROR, "%s: %s", path, strerror(errno));
	arena = arena_new(LINE_ARENA_MAX);
	e = file_read(op, j, path, f, arena);
	arena_free(&arena);
	fclose(f);
	return e;
}
