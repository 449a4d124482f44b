#include "toast.h"

#include <string.h>

#include "order_file.h"
#include "tap.h"

struct pos_config *
toast_config_with(
    struct arena *a, const char *json, const char *currency, struct pos_problems *problems)
{
	static const char *const secrets[] = { "client_id", "client_secret", "access_token" };
	const char *base = json_file_compact(a, "t/golden/toast/config.json");
	const struct pos_core core = {
		.base_api_url = "https://toast.example/",
		.pos_restaurant_id = TOAST_RESTAURANT_GUID,
		.restaurant_slug = "bistro",
		.time_zone = "America/New_York",
		.currency = currency,
	};

	return pos_config_merge(a, &pos_toast, (struct bytes){ base, strlen(base) },
	    (struct bytes){ json, strlen(json) }, &core, secrets, 3, problems);
}

struct pos_config *
toast_config(struct arena *a, const char *json, const char *currency)
{
	struct pos_problems problems = { 0 };
	struct pos_config *config = toast_config_with(a, json, currency, &problems);

	for (size_t i = 0; i < problems.n; i++)
		diag("%s %s", problems.v[i].field, problems.v[i].sentence);
	ok(problems.n == 0, "POS-17 the settings %s are right", json);
	return config;
}
