/*
 * Clover: fetching its menu: seven lists, each in pages, one page a step; and the lists out of
 * these.
 */
#include <string.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"

#define LIMIT 1000 /* theirs, of a page */
#define OFFSET_MAX 50000 /* no menu is so long */

static const struct {
	const char *name, *expand;
} parts[] = {
	[CLOVER_PROPERTIES] = { "properties", NULL },
	[CLOVER_CATEGORIES] = { "categories", NULL },
	[CLOVER_TAX_RATES] = { "tax_rates", NULL },
	[CLOVER_GROUPS] = { "modifier_groups", "modifiers" },
	[CLOVER_ITEM_GROUPS] = { "item_groups", NULL },
	[CLOVER_STOCKS] = { "item_stocks", NULL },
	[CLOVER_ITEMS] = { "items", "categories,modifierGroups,taxRates" }, /* three at most */
};
_Static_assert(sizeof(parts) / sizeof(parts[0]) == CLOVER_PART__MAX, "every part has a row");

struct place {
	enum clover_part part;
	int64_t offset;
};

static bool
part_find(const char *name, size_t len, enum clover_part *ret)
{
	for (size_t i = 0; i < CLOVER_PART__MAX; i++)
		if (strlen(parts[i].name) == len && memcmp(parts[i].name, name, len) == 0) {
			*ret = (enum clover_part)i;
			return true;
		}
	return false;
}

const char *
clover_part_name(enum clover_part part)
{
	return parts[part].name;
}

static struct place
place_of(struct arena *a, const struct pos_task *task)
{
	struct place at = { CLOVER_PROPERTIES, 0 };
	struct json_object *top = NULL;
	const char *name, *why;

	if (task->progress.len == 0 || json_read(a, task->progress.data, task->progress.len,
					   &json_limits_default, &top, &why) != OK)
		return at;
	if (!json_as_string(json_member(top, "part"), &name) ||
	    !part_find(name, strlen(name), &at.part))
		return at;
	if (!json_as_int64(json_member(top, "offset"), &at.offset) || at.offset < 0 ||
	    at.offset > OFFSET_MAX)
		at.offset = 0;
	return at;
}

bool
clover_menu_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct place at = place_of(a, task);
	const char *path = parts[at.part].name, *expand = parts[at.part].expand;

	(void)problems;
	if (at.part != CLOVER_PROPERTIES)
		path = arena_printf(a, "%s?%s%s%slimit=%d&offset=%lld", path,
		    expand == NULL ? "" : "expand=", expand == NULL ? "" : expand,
		    expand == NULL ? "" : "&", LIMIT, (long long)at.offset);
	*ret_call = clover_call(a, task->config, "GET", path, NULL);
	return true;
}

/* Asking changes nothing: what can not be understood is asked again later. */
struct pos_outcome
clover_menu_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct place at = place_of(a, task);
	struct clover_reply reply = clover_reply_read(a, r);
	struct json_object *list = json_member(reply.top, "elements");
	struct pos_outcome o = pos_outcome_of(clover_without_effect(reply.verdict));
	const char *progress;

	if (reply.kind != CLOVER_SAID)
		return o;
	if (!json_is_object(reply.top) || (at.part != CLOVER_PROPERTIES && !json_is_array(list)))
		return pos_outcome_of((struct verdict){
		    OUTCOME_LATER, CAUSE_GARBLED, "Clover's answer is not a list", 0 });
	o.verdict = clover_done("Clover sent a part of its menu");
	o.page = arena_printf(a, "%s/%lld", parts[at.part].name, (long long)at.offset);
	if (json_array_n(list) >= LIMIT && at.offset + LIMIT > OFFSET_MAX)
		return pos_outcome_of((struct verdict){
		    OUTCOME_LATER, CAUSE_GARBLED, "Clover's list does not end", 0 });
	if (json_array_n(list) >= LIMIT)
		at.offset += LIMIT;
	else {
		at.part++;
		at.offset = 0;
	}
	o.has_next = at.part < CLOVER_PART__MAX;
	if (o.has_next) {
		progress = arena_printf(a, "{\"part\":\"%s\",\"offset\":%lld}",
		    parts[at.part].name, (long long)at.offset);
		o.progress = (struct bytes){ progress, strlen(progress) };
	}
	return o;
}

/* ---- documents ---- */

/* One document's share of a part: the properties themselves, or the elements of a list. */
static void
add_rows(struct arena *a, struct clover_rows *rows, enum clover_part part, struct json_object *top)
{
	struct json_object *list = json_member(top, "elements");
	size_t more = part == CLOVER_PROPERTIES ? 1 : json_array_n(list);
	struct json_object **grown = arena_array(a, rows->n + more, sizeof(*grown));

	if (rows->n > 0)
		memcpy(grown, rows->v, rows->n * sizeof(*grown));
	rows->v = grown;
	if (part == CLOVER_PROPERTIES)
		rows->v[rows->n++] = top;
	for (size_t i = 0; part != CLOVER_PROPERTIES && i < more; i++)
		if (json_is_object(json_element(list, i)))
			rows->v[rows->n++] = json_element(list, i);
}

const char *
clover_rows_add(struct arena *a, struct clover_rows *rows, const struct pos_page *page)
{
	struct json_object *top;
	const char *why, *slash;
	enum clover_part part;

	if (json_read(a, page->body.data, page->body.len, &json_limits_menu, &top, &why) != OK)
		return arena_printf(a, "The menu is not JSON: %s", why);
	if (!json_is_object(top))
		return "The menu is not a JSON object";
	if (page->name == NULL) {
		for (size_t i = 0; i < CLOVER_PART__MAX; i++)
			if (json_is_object(json_member(top, parts[i].name)))
				add_rows(a, &rows[i], (enum clover_part)i,
				    json_member(top, parts[i].name));
		return NULL;
	}
	slash = strchr(page->name, '/');
	if (!part_find(page->name,
		slash == NULL ? strlen(page->name) : (size_t)(slash - page->name), &part))
		return arena_printf(a, "The menu has no part '%s'", page->name);
	add_rows(a, &rows[part], part, top);
	return NULL;
}
