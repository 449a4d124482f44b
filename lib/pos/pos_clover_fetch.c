/*
 * Clover: fetching its menu: seven lists, each in pages, one page a step.
 */
#include <string.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"

#define LIMIT 1000 /* theirs, of a page */
#define OFFSET_MAX 100000

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

bool
clover_part_find(const char *name, size_t len, enum clover_part *ret)
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
	    !clover_part_find(name, strlen(name), &at.part))
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
	if (json_array_n(list) >= LIMIT && at.offset + LIMIT <= OFFSET_MAX)
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
