#include "adapter.h"

#include <string.h>

#include "tap.h"

#define SECRETS_MAX 32

struct bytes
adapter_text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

struct pos_config *
adapter_config_with(struct arena *a, const struct pos_adapter *pos, const char *json,
    const char *currency, const char *const *secrets, size_t secrets_n,
    struct pos_problems *problems)
{
	const struct pos_core core = {
		.base_api_url = "https://pos.example",
		.pos_restaurant_id = "demo4bistro",
		.restaurant_slug = "bistro",
		.restaurant_name = "Demo Bistro",
		.restaurant_address = "1 Lake Road",
		.restaurant_contact = "+912012345678",
		.time_zone = strcmp(currency, "INR") == 0 ? "Asia/Kolkata" : "America/New_York",
		.currency = currency,
	};

	return pos_config_merge(a, pos, adapter_text("{}"), adapter_text(json), &core, secrets,
	    secrets_n, problems);
}

struct pos_config *
adapter_config(
    struct arena *a, const struct pos_adapter *pos, const char *json, const char *currency)
{
	const char **secrets = arena_array(a, SECRETS_MAX, sizeof *secrets);
	struct pos_problems problems = { 0 };
	struct pos_config *config;
	size_t n = 0;

	for (size_t i = 0; i < pos->fields_n && n < SECRETS_MAX; i++)
		if (pos->fields[i].is_secret)
			secrets[n++] = pos->fields[i].key;
	config = adapter_config_with(a, pos, json, currency, secrets, n, &problems);
	for (size_t i = 0; i < problems.n; i++)
		diag("%s %s", problems.v[i].field, problems.v[i].sentence);
	return config;
}

bool
adapter_proves(const struct pos_config *config, enum pos_policy policy, struct bytes secret,
    const char *header, struct bytes body)
{
	return config->adapter->verify(policy, secret,
	    &(struct pos_proof){ .header = header, .body = body, .config = config });
}

const char *
adapter_menu(
    struct arena *a, const struct pos_config *config, struct bytes body, struct menu_doc *ret)
{
	return config->adapter->read_menu(
	    a, config, &(struct pos_page){ .body = body }, 1, ret);
}

const char *
adapter_open_items(struct arena *a, const struct pos_adapter *adapter, const struct order *o)
{
	const char *all = "";

	for (size_t i = 0; i < o->lines_n; i++) {
		const struct order_line *line = &o->lines[i];
		if (adapter->is_open_item(a, line, NULL))
			all = arena_printf(a, "%s%s%s", all, *all == '\0' ? "" : ", ", line->item_name);
		for (size_t k = 0; k < line->addons_n; k++)
			if (adapter->is_open_item(a, line, &line->addons[k]))
				all = arena_printf(a, "%s%s%s:%s", all, *all == '\0' ? "" : ", ",
				    line->item_name, line->addons[k].name);
	}
	return all;
}
