/*
 * Clover: how far an order has come there, as JSON of at most POS_PROGRESS_MAX bytes.
 *
 * What is read is checked like anything else from outside this file: what is not as it is written
 * here is as if nothing stood there. Only drafts are kept in that case too, wherever they can be
 * read, so that none is forgotten.
 */
#include <string.h>

#include "mem/buf.h"
#include "pos/pos_clover.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define WHY_MAX 200 /* code points */

static const char *const step_names[] = {
	[CLOVER_FIRST] = "first",
	[CLOVER_SWEEP] = "sweep",
	[CLOVER_CUSTOMER] = "customer",
	[CLOVER_DRAFT] = "draft",
	[CLOVER_LINES] = "lines",
	[CLOVER_DISCOUNT] = "discount",
	[CLOVER_CHECK] = "check",
	[CLOVER_MODIFY] = "modify",
	[CLOVER_OPEN] = "open",
	[CLOVER_DROP] = "drop",
	[CLOVER_STEP_ATOMIC] = "atomic",
	[CLOVER_PRINTING] = "print",
	[CLOVER_SEE_PRINTED] = "see_printed",
	[CLOVER_PAY] = "pay",
	[CLOVER_SEE_PAID] = "see_paid",
	[CLOVER_FOLLOWED] = "followed",
	[CLOVER_VOID_READ] = "void_read",
	[CLOVER_VOID_DOUBTED] = "void_doubted",
	[CLOVER_VOID] = "void",
};
_Static_assert(
    sizeof(step_names) / sizeof(step_names[0]) == CLOVER_STEP__MAX, "every step has a name");

static enum clover_step
step_of(struct json_object *node)
{
	const char *s;

	for (size_t i = 0; json_as_string(node, &s) && i < CLOVER_STEP__MAX; i++)
		if (strcmp(s, step_names[i]) == 0)
			return (enum clover_step)i;
	return CLOVER_FIRST;
}

static const char *
text_of(struct arena *a, struct json_object *node, size_t max)
{
	const char *s;

	if (!json_as_string(node, &s))
		return NULL;
	s = utf8_sanitise(a, s, max);
	return *s == '\0' ? NULL : s;
}

/* From 0 to what an order can hold. */
static int64_t
count_of(struct json_object *node)
{
	int64_t n;

	return json_as_int64(node, &n) && n >= 0 && n <= CLOVER_PIECES_MAX ? n : 0;
}

static void
old_add(struct clover_progress *p, const char *id)
{
	if (id == NULL)
		return;
	for (size_t i = 0; i < p->old_n; i++)
		if (strcmp(p->old[i], id) == 0)
			return;
	if (p->old_n < CLOVER_OLD_MAX)
		p->old[p->old_n++] = id;
}

static void
read_lists(struct arena *a, struct json_object *top, struct clover_progress *p)
{
	struct json_object *list = json_member(top, "again");

	for (size_t i = 0; i < json_array_n(list) && i < CLOVER_BULK_MAX; i++)
		p->again[p->again_n++] = count_of(json_element(list, i));
	list = json_member(top, "fix");
	for (size_t i = 0; i < json_array_n(list) && p->fix_n < CLOVER_FIXES_MAX; i++) {
		struct json_object *o = json_element(list, i);
		struct clover_fix f = { clover_id(a, json_element(o, 0)),
			count_of(json_element(o, 1)), count_of(json_element(o, 2)) };
		if (f.line != NULL)
			p->fix[p->fix_n++] = f;
	}
}

static bool
needs_draft(enum clover_step step)
{
	switch (step) {
	case CLOVER_FIRST:
	case CLOVER_SWEEP:
	case CLOVER_CUSTOMER:
	case CLOVER_DRAFT:
	case CLOVER_STEP_ATOMIC:
		return false;
	default:
		return true;
	}
}

/* Another submission, of a corrected order perhaps: its draft is none of ours. */
static bool
is_another(const struct pos_task *task, const struct clover_progress *p)
{
	return p->reference != NULL && task->reference != NULL &&
	       strcmp(p->reference, task->reference) != 0;
}

struct clover_progress
clover_progress_read(struct arena *a, const struct pos_task *task)
{
	struct clover_progress p = { .step = CLOVER_FIRST, .total_minor = -1 };
	struct json_object *top = NULL, *list;
	const char *why;
	int64_t cause;

	if (task->progress.len > 0 && (json_read(a, task->progress.data, task->progress.len,
					   &json_limits_default, &top, &why) != OK))
		top = NULL;
	list = json_member(top, "old");
	for (size_t i = 0; i < json_array_n(list); i++)
		old_add(&p, clover_id(a, json_element(list, i)));
	p.step = step_of(json_member(top, "step"));
	p.reference = text_of(a, json_member(top, "reference"), CLOVER_TITLE_MAX);
	p.draft = clover_id(a, json_member(top, "draft"));
	p.customer = clover_id(a, json_member(top, "customer"));
	p.at = count_of(json_member(top, "at"));
	p.rounds = count_of(json_member(top, "rounds"));
	p.cause = json_as_int64(json_member(top, "cause"), &cause) && cause > CAUSE_NONE &&
			  cause < CAUSE__MAX
		      ? (enum cause)cause
		      : CAUSE_PROVIDER;
	p.why = text_of(a, json_member(top, "why"), WHY_MAX);
	read_lists(a, top, &p);
	if (is_another(task, &p)) {
		p = clover_progress_anew(&p);
		p.reference = p.customer = NULL;
	} else if (p.draft == NULL && needs_draft(p.step))
		p = clover_progress_anew(&p);
	if (p.step == CLOVER_FIRST && p.old_n > 0)
		p.step = CLOVER_SWEEP;
	if (p.reference == NULL)
		p.reference = task->reference;
	return p;
}

struct clover_progress
clover_progress_anew(const struct clover_progress *p)
{
	struct clover_progress fresh = { .step = CLOVER_FIRST,
		.reference = p->reference,
		.customer = p->customer,
		.total_minor = -1 };

	for (size_t i = 0; i < p->old_n; i++)
		old_add(&fresh, p->old[i]);
	old_add(&fresh, p->draft);
	return fresh;
}

static void
write_lists(struct json_write *w, const struct clover_progress *p)
{
	if (p->old_n > 0) {
		json_write_array(w, "old");
		for (size_t i = 0; i < p->old_n; i++)
			json_write_string(w, NULL, p->old[i]);
		json_write_array_end(w);
	}
	if (p->again_n > 0) {
		json_write_array(w, "again");
		for (size_t i = 0; i < p->again_n; i++)
			json_write_int64(w, NULL, p->again[i]);
		json_write_array_end(w);
	}
	if (p->fix_n > 0) {
		json_write_array(w, "fix");
		for (size_t i = 0; i < p->fix_n; i++) {
			json_write_array(w, NULL);
			json_write_string(w, NULL, p->fix[i].line);
			json_write_int64(w, NULL, p->fix[i].piece);
			json_write_int64(w, NULL, p->fix[i].mod);
			json_write_array_end(w);
		}
		json_write_array_end(w);
	}
}

static void
write_text(struct json_write *w, const char *key, const char *s)
{
	if (s != NULL)
		json_write_string(w, key, s);
}

static void
write_count(struct json_write *w, const char *key, int64_t n)
{
	if (n > 0)
		json_write_int64(w, key, n);
}

static void
write_all(struct buf *b, struct arena *a, const struct clover_progress *p)
{
	struct json_write w;

	json_write_init(&w, b);
	json_write_object(&w, NULL);
	json_write_string(&w, "step", step_names[p->step]);
	write_text(&w, "reference", p->reference);
	write_text(&w, "draft", p->draft);
	write_text(&w, "customer", p->customer);
	write_count(&w, "at", p->at);
	write_count(&w, "rounds", p->rounds);
	if (p->why != NULL) {
		json_write_int64(&w, "cause", (int64_t)p->cause);
		json_write_string(&w, "why", utf8_sanitise(a, p->why, WHY_MAX));
	}
	write_lists(&w, p);
	json_write_object_end(&w);
	json_write_done(&w);
}

/*
 * Ids of 13 characters leave plenty of room. Should something be longer than anybody has seen, the
 * lists go: reading the draft back makes them anew.
 */
struct bytes
clover_progress_write(struct arena *a, const struct clover_progress *p)
{
	struct clover_progress bare = *p;
	struct buf b;

	buf_init(&b, a, POS_PROGRESS_MAX);
	write_all(&b, a, p);
	if (b.overflowed) {
		bare.again_n = bare.fix_n = 0;
		bare.why = p->why == NULL ? NULL : utf8_truncate(a, p->why, WHY_MAX / 4);
		if (bare.step == CLOVER_MODIFY || bare.step == CLOVER_LINES)
			bare.step = CLOVER_CHECK;
		buf_init(&b, a, POS_PROGRESS_MAX);
		write_all(&b, a, &bare);
	}
	return (struct bytes){ b.data, b.len };
}
