/*
 * terms: what restaurants and the platform say of a POS, and calls as they are kept. A configuration without a problem has values
 * within their bounds and no secret among them; what is split and merged again is the same; a call that is loaded and stored
 * again is the same, and a filled one names no secret. Input: the provider's JSON, a line's end, the restaurant's.
 */
#include <string.h>

#include "fuzz.h"
#include "outbox/call.h"
#include "pos/pos.h"
#include "text/utf8.h"
#include "text/url.h"

static const struct pos_core core = { .base_api_url = "https://pos.example/v1/", .pos_restaurant_id = "r1",
	.restaurant_slug = "bistro", .restaurant_name = "Bistro", .restaurant_address = "1 Street",
	.restaurant_contact = "+911234567890", .time_zone = "Asia/Kolkata", .currency = "INR" };

static void
problems_check(const struct pos_problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		must(fuzz_is_printable(p->v[i].field) && fuzz_is_printable(p->v[i].sentence), "a problem can be shown");
}

static void
values_check(struct arena *a, const struct pos_config *config)
{
	struct url u;

	for (size_t i = 0; i < config->adapter->fields_n; i++) {
		const struct pos_field *f = &config->adapter->fields[i];
		const char *value = config->values[i];

		must(value != NULL || !f->is_required || f->is_secret, "%s is there", f->key);
		if (value == NULL)
			continue;
		must(!f->is_secret, "%s is not in the clear", f->key);
		must(utf8_is_valid(value, strlen(value)), "%s is UTF-8", f->key);
		if (f->kind == POS_URL)
			must(url_parse(a, value, &u) && u.is_https, "%s is a URL", f->key);
		if (f->kind == POS_INT)
			must(pos_config_int(config, f->key, f->min - 1) >= f->min && pos_config_int(config, f->key, f->max + 1) <= f->max,
			    "%s is within its bounds", f->key);
		if (f->kind == POS_SWITCH)
			must(strcmp(value, "0") == 0 || strcmp(value, "1") == 0 || f->def == value, "%s is on or off", f->key);
		if (f->kind == POS_LIST)
			must(fuzz_is_json(a, value), "%s is a list", f->key);
	}
}

static void
merge_check(struct arena *a, const struct pos_adapter *pos, struct bytes provider, struct bytes restaurant)
{
	static const char *const names[] = { "app_key", "app_secret", "access_token" };
	struct pos_problems problems = { 0 }, others = { 0 };
	struct pos_config *config = pos_config_merge(a, pos, provider, restaurant, &core, names, 3, &problems);
	const struct pos_secret *secrets = NULL;
	struct bytes plain = { NULL, 0 };
	size_t secrets_n = 0;

	problems_check(&problems);
	if (problems.n == 0)
		values_check(a, config);
	if (pos_config_split(a, pos, restaurant, &plain, &secrets, &secrets_n, &others)) {
		must(others.n == 0 && fuzz_is_json(a, arena_strndup(a, plain.data, plain.len)), "what is split off can be kept");
		for (size_t i = 0; i < secrets_n; i++)
			must(secrets[i].value[0] != '\0' && pos_field_find(pos, secrets[i].name)->is_secret, "a secret is one");
	} else
		must(others.n > 0, "it is said what is wrong");
	problems_check(&others);
}

static bool
lookup(void *arg, const char *name, const char **ret_value)
{
	(void)arg;
	*ret_value = strcmp(name, "lines") == 0 ? "one\r\ntwo" : "v\"al\\ue";
	return true;
}

static void
call_check(struct arena *a, struct bytes bytes)
{
	struct http_call call, again, filled;
	const char *missing = NULL;
	struct bytes stored, twice;

	if (!call_load(a, bytes, &call))
		return;
	stored = call_store(a, &call);
	must(call_load(a, stored, &again), "what is stored is loaded");
	twice = call_store(a, &again);
	must(twice.len == stored.len && memcmp(twice.data, stored.data, stored.len) == 0, "as the same");
	if (call_fill(a, &call, lookup, NULL, &filled, &missing)) {
		must(filled.secrets_n == 0 && strstr(filled.url, "{{secret:") == NULL, "what is filled names no secret");
		for (size_t i = 0; i < call.headers_n; i++)
			must(strpbrk(call.headers[i].value, "\r\n") != NULL || strpbrk(filled.headers[i].value, "\r\n") == NULL,
			    "no secret ends a header");
	} else
		must(missing != NULL, "it is said which secret is missing");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes whole = fuzz_bytes(a, data, size), provider = fuzz_until(&data, &size, '\n'),
		     restaurant = fuzz_bytes(a, data, size);

	call_check(a, whole);
	for (const struct pos_adapter *const *pos = pos_adapters(); *pos != NULL; pos++)
		merge_check(a, *pos, provider, restaurant);
	arena_free(&a);
	return 0;
}
