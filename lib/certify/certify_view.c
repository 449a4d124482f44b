/*
 * How each POS writes an order where it can be looked at, and whether that is what was ordered. It
 * is not the adapters who say so: they ask for a status and a sum, and what is held against them
 * must not be read by them.
 */
#include <json-c/json.h>
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"
#include "text/json_read.h"

/* Where things stand: names with dots between; a name of an array means each of its elements. */
struct view {
	const char *adapter;
	const char *lines; /* the array, from the answer's top or from within one order of a list */
	const char *item, *quantity; /* of a line; quantity NULL: each is one piece */
	const char *addons;          /* the array, of a line */
	const char *addon, *addon_quantity;
	bool addons_are_of_all;      /* counted for all pieces of the line, not for each */
	const char *from, *to;       /* in the address of a look: what is to stand there instead */
	const char *draft; /* of the progress: their id of what is not to be seen yet; NULL: none */
};

static const struct view views[] = {
	{ .adapter = "toast",
	    .lines = "checks.selections",
	    .item = "item.guid",
	    .quantity = "quantity",
	    .addons = "modifiers",
	    .addon = "item.guid",
	    .addon_quantity = "quantity",
	    .addons_are_of_all = true },
	{ .adapter = "square",
	    .lines = "order.line_items",
	    .item = "catalog_object_id",
	    .quantity = "quantity",
	    .addons = "modifiers",
	    .addon = "catalog_object_id",
	    .addon_quantity = "quantity" },
	{ .adapter = "clover",
	    .lines = "lineItems.elements",
	    .item = "item.id",
	    .addons = "modifications.elements",
	    .addon = "modifier.id",
	    .from = "expand=lineItems,payments",
	    .to = "expand=lineItems,lineItems.modifications,payments",
	    .draft = "draft" },
};

static const struct view *
view_of(const struct certify *c)
{
	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
		if (strcmp(views[i].adapter, c->adapter->name) == 0)
			return &views[i];
	return NULL;
}

bool
certify_can_view(const struct certify *c)
{
	return view_of(c) != NULL && pos_can(c->adapter, POS_LOOK);
}

void
certify_view_whole(struct certify *c, struct http_call *call)
{
	const struct view *v = view_of(c);
	const char *at = v == NULL || v->from == NULL ? NULL : strstr(call->url, v->from);

	if (at != NULL)
		call->url = arena_printf(c->op->arena, "%.*s%s%s", (int)(at - call->url),
		    call->url, v->to, at + strlen(v->from));
}

const char *
certify_draft(struct certify *c, struct bytes progress)
{
	const struct view *v = view_of(c);
	struct json_object *top = NULL;
	const char *why, *id;

	if (v == NULL || v->draft == NULL || progress.len == 0 ||
	    json_read(c->op->arena, progress.data, progress.len, &json_limits_default, &top,
		&why) != OK ||
	    !json_as_string(json_member(top, v->draft), &id))
		return NULL;
	return id;
}

/* ---- walking ---- */

typedef void visit_fn(void *arg, struct json_object *);

/* Each object at the end of the path. */
static void
each(struct json_object *node, const char *path, visit_fn *visit, void *arg)
{
	char name[64];
	size_t len;

	if (json_is_array(node)) {
		for (size_t i = 0; i < json_array_n(node); i++)
			each(json_element(node, i), path, visit, arg);
		return;
	}
	if (*path == '\0') {
		visit(arg, node);
		return;
	}
	len = strcspn(path, ".");
	if (node == NULL || len >= sizeof name)
		return;
	memcpy(name, path, len);
	name[len] = '\0';
	each(json_member(node, name), path + len + (path[len] == '.' ? 1 : 0), visit, arg);
}

static struct json_object *
at_path(struct json_object *node, const char *path)
{
	char name[64];
	size_t len = strcspn(path, ".");

	if (*path == '\0' || node == NULL || len >= sizeof name)
		return node;
	memcpy(name, path, len);
	name[len] = '\0';
	return at_path(json_member(node, name), path + len + (path[len] == '.' ? 1 : 0));
}

static int64_t
quantity_at(struct json_object *node, const char *path)
{
	int64_t n;

	return path != NULL && json_lax_int64(at_path(node, path), &n) ? n : 1;
}

/* Is it the id, or a part of one that is made of several, ID/GROUP? */
static bool
names(const char *ours, const char *theirs)
{
	size_t len = strlen(theirs);

	for (const char *at = ours; at != NULL && *theirs != '\0';) {
		if (strncmp(at, theirs, len) == 0 && (at[len] == '\0' || at[len] == '/'))
			return true;
		at = strchr(at, '/');
		at = at == NULL ? NULL : at + 1;
	}
	return false;
}

/* ---- counting ---- */

struct count {
	const struct view *view;
	const struct order_line *line;   /* what is counted: pieces of it, */
	const struct order_addon *addon; /* or this with it */
	int64_t line_quantity;
	int64_t n;
};

static void
addon_count(void *arg, struct json_object *node)
{
	struct count *k = arg;
	const char *id;
	int64_t n = quantity_at(node, k->view->addon_quantity);

	if (json_as_string(at_path(node, k->view->addon), &id) &&
	    names(k->addon->external_id, id))
		k->n += k->view->addons_are_of_all ? n : n * k->line_quantity;
}

static void
line_count(void *arg, struct json_object *node)
{
	struct count *k = arg;
	const char *id;

	if (!json_as_string(at_path(node, k->view->item), &id) ||
	    (!names(k->line->external_id, id) && !names(k->line->variation_external_id, id)))
		return;
	k->line_quantity = quantity_at(node, k->view->quantity);
	if (k->addon == NULL)
		k->n += k->line_quantity;
	else
		each(node, k->view->addons, addon_count, k);
}

static void
nothing_but_count(void *arg, struct json_object *node)
{
	(void)node;
	++*(size_t *)arg;
}

/* ---- text, wherever it stands ---- */

static bool
says(struct json_object *node, const char *text)
{
	const char *s;

	if (json_as_string(node, &s))
		return strstr(s, text) != NULL;
	for (size_t i = 0; i < json_array_n(node); i++)
		if (says(json_element(node, i), text))
			return true;
	if (json_is_object(node)) {
		json_object_object_foreach(node, key, value)
		{
			(void)key;
			if (says(value, text))
				return true;
		}
	}
	return false;
}

static const char *
text_differs(struct certify *c, const struct order *o, struct json_object *top)
{
	const char *const texts[] = { o->special_instructions, o->lines[0].special_instructions };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i] != NULL && !says(top, texts[i]))
			return arena_printf(
			    c->op->arena, "The note \"%s\" is not there", texts[i]);
	return NULL;
}

static const char *
line_differs(struct certify *c, const struct view *v, const struct order_line *line,
    struct json_object *top)
{
	struct count k = { .view = v, .line = line };

	each(top, v->lines, line_count, &k);
	if (k.n != line->quantity)
		return arena_printf(c->op->arena, "%lld of \"%s\" were ordered and %lld are there",
		    (long long)line->quantity, line->item_name, (long long)k.n);
	for (size_t i = 0; i < line->addons_n; i++) {
		const struct order_addon *a = &line->addons[i];

		k = (struct count){ .view = v, .line = line, .addon = a };
		each(top, v->lines, line_count, &k);
		if (k.n != a->quantity * line->quantity)
			return arena_printf(c->op->arena,
			    "%lld of \"%s\" with \"%s\" were ordered and %lld are there",
			    (long long)(a->quantity * line->quantity), a->name,
			    line->item_name, (long long)k.n);
	}
	return NULL;
}

/* With the tip or without it: some count it to the payment. */
static const char *
sum_differs(struct certify *c, const struct order *o, int64_t total_minor)
{
	if (total_minor < 0 || total_minor == o->total_minor ||
	    total_minor == o->total_minor - o->tip_minor)
		return NULL;
	return arena_printf(c->op->arena, "It comes to %lld there and to %lld here, in minor units",
	    (long long)total_minor, (long long)o->total_minor);
}

const char *
certify_differs(struct certify *c, const struct order *o, const struct certify_talk *look)
{
	const struct view *v = view_of(c);
	struct json_object *top = NULL;
	const char *why = NULL, *wrong;
	size_t lines_n = 0;

	if (json_read(c->op->arena, look->reply.body.data, look->reply.body.len,
		&json_limits_menu, &top, &why) != OK)
		return why;
	each(top, v->lines, nothing_but_count, &lines_n);
	wrong = lines_n == 0 ? "It is there without its lines" : NULL;
	for (size_t i = 0; i < o->lines_n && wrong == NULL; i++)
		wrong = line_differs(c, v, &o->lines[i], top);
	if (wrong == NULL)
		wrong = text_differs(c, o, top);
	return wrong != NULL ? wrong : sum_differs(c, o, look->total_minor);
}
