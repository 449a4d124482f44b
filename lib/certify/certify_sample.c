/* Orders that the file describes: of things that this restaurant has and others have not. */
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"
#include "text/json_read.h"

#define QUANTITY_MAX 999
#define SUM_MAX 100000000

static const char *
text(struct json_object *o, const char *name)
{
	const char *s;

	return json_as_string(json_member(o, name), &s) && *s != '\0' ? s : NULL;
}

static bool
flag(struct json_object *o, const char *name)
{
	bool is_on;

	return json_as_bool(json_member(o, name), &is_on) && is_on;
}

/* 0 where it is not said; false: it is no number within its bounds. */
static bool
number(struct json_object *o, const char *name, int64_t max, int64_t *ret)
{
	*ret = 0;
	return !json_has_member(o, name) ||
	       (json_as_int64(json_member(o, name), ret) && *ret >= 0 && *ret <= max);
}

static bool
is_order_type(const char *s)
{
	return s == NULL || strcmp(s, "pickup") == 0 || strcmp(s, "delivery") == 0 ||
	       strcmp(s, "dine_in") == 0;
}

/* NULL, or what is wrong. */
static const char *
addons_read(struct certify *c, struct json_object *list, struct certify_shape *s)
{
	size_t n = json_array_n(list);
	const char **ids = arena_array(c->op->arena, n + 1, sizeof *ids);

	for (size_t i = 0; i < n; i++)
		if (!json_as_string(json_element(list, i), &ids[i]))
			return "\"addons\" must be a list of ids";
	s->addons = ids;
	s->addons_n = n;
	return list != NULL && !json_is_array(list) ? "\"addons\" must be a list of ids" : NULL;
}

static const char *
shape_read(struct certify *c, struct json_object *o, struct certify_shape *s)
{
	*s = (struct certify_shape){ .pick = PICK_NAMED,
		.item = text(o, "item"),
		.variation = text(o, "variation"),
		.order_type = text(o, "order_type"),
		.line_note = text(o, "line_note"),
		.note = text(o, "note"),
		.guest_name = text(o, "guest_name"),
		.is_discounted = flag(o, "discounted"),
		.is_scheduled = flag(o, "scheduled") };
	if (s->item == NULL)
		return "\"item\" must be an id";
	if (!is_order_type(s->order_type))
		return "\"order_type\" must be pickup, delivery or dine_in";
	if (!number(o, "quantity", QUANTITY_MAX, &s->quantity) ||
	    !number(o, "tip_minor", SUM_MAX, &s->tip_minor))
		return "\"quantity\" or \"tip_minor\" is no number that can be";
	return addons_read(c, json_member(o, "addons"), s);
}

static const char *
sample_read(struct certify *c, struct json_object *o, struct certify_check *ret)
{
	struct certify_shape *s = arena_alloc(c->op->arena, sizeof *s);
	const char *name = text(o, "name");

	if (name == NULL || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
		return "\"name\" must be of small letters, digits and _";
	*ret = (struct certify_check){
		.name = arena_printf(c->op->arena, CERTIFY_SAMPLE "%s", name),
		.needs = 1u << POS_CREATE,
		.run = certify_shape_taken,
		.shape = s,
		.sentence = "An order that the file describes",
	};
	return shape_read(c, o, s);
}

const char *
certify_samples_read(struct certify *c, struct json_object *list)
{
	size_t n = json_array_n(list);
	struct certify_check *checks = arena_array(c->op->arena, n + 1, sizeof *checks);
	const char *why = NULL;

	if ((list != NULL && !json_is_array(list)) || n > CERTIFY_SAMPLES_MAX)
		return "\"samples\" must be a list, of 50 orders at most";
	for (size_t i = 0; i < n && why == NULL; i++) {
		why = sample_read(c, json_element(list, i), &checks[i]);
		if (why != NULL)
			why = arena_printf(c->op->arena, "\"samples\", order %zu: %s", i + 1, why);
	}
	c->samples = checks;
	c->samples_n = n;
	return why;
}
