/* Square: what its steps leave to the steps behind them, as JSON. */
#include <string.h>

#include "mem/buf.h"
#include "pos/pos_square.h"
#include "text/json_read.h"
#include "text/json_write.h"

static const char *
text_of(struct json_object *top, const char *key)
{
	const char *s;

	return json_as_string(json_member(top, key), &s) && *s != '\0' ? s : NULL;
}

static int64_t
int_of(struct json_object *top, const char *key, int64_t otherwise)
{
	int64_t n;

	return json_as_int64(json_member(top, key), &n) ? n : otherwise;
}

/* Nothing that can be read: from the start. Every step's key makes that safe. */
struct square_progress
square_progress_read(struct arena *a, struct bytes json)
{
	struct json_object *top = NULL;
	const char *complaint = NULL;

	if (json.len > 0)
		(void)json_read(a, json.data, json.len, &json_limits_default, &top, &complaint);
	return (struct square_progress){
		.step = text_of(top, "step"),
		.reference = text_of(top, "reference"),
		.order = text_of(top, "order"),
		.version = int_of(top, "version", 0),
		.minor = int_of(top, "minor", -1),
		.payment = text_of(top, "payment"),
		.fulfillment = text_of(top, "fulfillment"),
		.kind = text_of(top, "kind"),
		.has_asked = int_of(top, "has_asked", 0) != 0,
		.why = text_of(top, "why"),
		.cause = int_of(top, "cause", 0),
		.cursor = text_of(top, "cursor"),
		.other = text_of(top, "other"),
		.page = int_of(top, "page", 1),
		.merchant = text_of(top, "merchant"),
	};
}

static void
put_text(struct json_write *w, const char *key, const char *s)
{
	if (s != NULL)
		json_write_string(w, key, s);
}

static void
put_int(struct json_write *w, const char *key, int64_t n, int64_t unless)
{
	if (n != unless)
		json_write_int64(w, key, n);
}

struct bytes
square_progress_write(struct arena *a, const struct square_progress *p)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, a, POS_PROGRESS_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	put_text(&w, "step", p->step);
	put_text(&w, "reference", p->reference);
	put_text(&w, "order", p->order);
	put_int(&w, "version", p->version, 0);
	put_int(&w, "minor", p->minor, -1);
	put_text(&w, "payment", p->payment);
	put_text(&w, "fulfillment", p->fulfillment);
	put_text(&w, "kind", p->kind);
	put_int(&w, "has_asked", p->has_asked ? 1 : 0, 0);
	put_int(&w, "cause", p->cause, 0);
	put_text(&w, "cursor", p->cursor);
	put_text(&w, "other", p->other);
	put_int(&w, "page", p->page, 1);
	put_text(&w, "merchant", p->merchant);
	put_text(&w, "why", p->why);
	json_write_object_end(&w);
	json_write_done(&w);
	/* Every member has its bound; together they are far from this one. */
	return b.overflowed ? (struct bytes){ "{}", 2 } : (struct bytes){ b.data, b.len };
}

bool
square_is_step(const struct square_progress *p, const char *step)
{
	return p->step != NULL && strcmp(p->step, step) == 0;
}
