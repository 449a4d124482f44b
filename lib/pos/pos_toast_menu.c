/*
 * Toast: fetching the menu: the menus themselves, the tax rates that they name, and what is out of
 * stock. Progress: {"step":"taxes"}, {"step":"stock"}; {} or nothing: the menus.
 */
#include <string.h>

#include "op/op.h"
#include "pos/pos_toast.h"
#include "text/json_read.h"

#define PAGE_MENUS "menus"
#define PAGE_TAXES "taxes"
#define PAGE_STOCK "stock"

/* Of two APIs that may be left out the answers are not waited for. */
static const struct {
	const char *page, *switch_key; /* NULL: always */
} pages[] = {
	{ PAGE_MENUS, NULL },
	{ PAGE_TAXES, "use_tax_rates" },
	{ PAGE_STOCK, "use_stock" },
};
#define PAGES_N (sizeof(pages) / sizeof(pages[0]))

static size_t
page_of(struct arena *a, const struct pos_task *task)
{
	const char *step = toast_progress(a, task, "step");

	for (size_t i = 0; i < PAGES_N; i++)
		if (strcmp(step, pages[i].page) == 0)
			return i;
	return 0;
}

static const char *
path_of(const struct pos_config *config, size_t page)
{
	const char *version = pos_config_text(config, TOAST_MENUS_API);

	if (strcmp(pages[page].page, PAGE_TAXES) == 0)
		return "/config/v2/taxRates";
	if (strcmp(pages[page].page, PAGE_STOCK) == 0)
		return "/stock/v1/inventory?status=OUT_OF_STOCK";
	return version != NULL && strcmp(version, "v3") == 0 ? "/menus/v3/menus"
							     : "/menus/v2/menus";
}

bool
toast_menu_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	const char *url =
	    toast_url(a, task->config, path_of(task->config, page_of(a, task)), problems);

	if (url == NULL)
		return false;
	*ret_call = toast_call(a, task->config, url, NULL, 0);
	return true;
}

/* A menus page must be a menu; the others must be lists. */
static const char *
fault_of(struct arena *a, const struct pos_task *task, size_t page, const struct http_reply *r,
    struct json_object *top)
{
	struct pos_page only = { PAGE_MENUS, r->body };
	struct menu_doc doc;

	if (page > 0)
		return json_is_array(top) ? NULL : "Toast's answer is not a list";
	return toast_read_menu(a, task->config, &only, 1, &doc);
}

static void
go_on(struct arena *a, const struct pos_task *task, size_t page, struct pos_outcome *o)
{
	const char *progress;

	do
		page++;
	while (page < PAGES_N && !pos_config_is_on(task->config, pages[page].switch_key));
	if (page == PAGES_N)
		return;
	progress = arena_printf(a, "{\"step\":\"%s\"}", pages[page].page);
	o->progress = (struct bytes){ progress, strlen(progress) };
	o->has_next = true;
}

struct pos_outcome
toast_menu_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	size_t page = page_of(a, task);
	struct json_object *top = NULL;
	struct pos_outcome o = pos_outcome_of(toast_verdict(a, task, r, false, &top));
	const char *why;

	if (o.verdict.outcome == OUTCOME_REFUSED && page > 0)
		o.verdict.sentence = arena_printf(a, "%s; %s off would do without",
		    o.verdict.sentence, pages[page].switch_key);
	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	why = fault_of(a, task, page, r, top);
	if (why != NULL)
		return pos_outcome_of(toast_verdict_of(OUTCOME_LATER, CAUSE_GARBLED, why));
	o.verdict.sentence = arena_printf(a, "Toast sent its %s", pages[page].page);
	o.page = pages[page].page;
	go_on(a, task, page, &o);
	return o;
}
