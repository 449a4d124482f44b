/*
 * settings: what a restaurant changes while everything runs, and its hours. Every key takes the same JSON: what is taken is
 * shown as JSON that is taken again and shown as the same; what is refused is said why. Input: an instant, a line's end, the JSON.
 */
#include <string.h>

#include "fuzz.h"
#include "tenant/opening.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/iso8601.h"

static void
key_try(struct arena *a, const struct setting_key *key, const char *json, struct settings *all)
{
	struct settings one = { .busy_until = TIME_NONE }, again = { .busy_until = TIME_NONE };
	const char *at = NULL, *shown, *why = setting_take(a, key, json, 2, &one, &at);

	if (why != NULL) {
		must(fuzz_is_printable(why) && at != NULL && fuzz_is_printable(at), "%s: it is said why: %s%s", key->name, at, why);
		return;
	}
	must(fuzz_is_json(a, json), "%s: what is taken is JSON", key->name);
	for (size_t i = 0; i < one.slots_n; i++)
		for (const char *c = one.slots[i].name; *c != '\0'; c++)
			must((unsigned char)*c >= ' ' && *c != 0x7f, "a slot's name has no control characters");
	shown = setting_show(a, key, json, 2);
	must(fuzz_is_json(a, shown), "%s: what is shown is JSON: %s", key->name, shown);
	must(setting_take(a, key, shown, 2, &again, &at) == NULL, "%s: what is shown is taken: %s", key->name, shown);
	must(strcmp(setting_show(a, key, shown, 2), shown) == 0, "%s: and shown the same: %s", key->name, shown);
	must(setting_take(a, key, json, 2, all, &at) == NULL, "%s: and taken beside others", key->name);
}

static void
opening_check(struct arena *a, const struct settings *s, int64_t us)
{
	struct opening o = opening_at(s, "Europe/Berlin", us);

	must(o.cause == opening_cause_at(s, "Europe/Berlin", us), "both say the same");
	must(fuzz_is_json(a, opening_details(a, &o)), "it is said in JSON");
	if (o.cause == OPENING_HOURS && o.opens_at != TIME_NONE)
		must(o.opens_at > us && hours_hold(&s->hours, "Europe/Berlin", o.opens_at), "it opens when it says");
	if (o.cause == OPENING_NOTHING && o.closes_at != TIME_NONE)
		must(o.closes_at > us && !hours_hold(&s->hours, "Europe/Berlin", o.closes_at), "it closes when it says");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes when = fuzz_until(&data, &size, '\n');
	const char *json = fuzz_text(a, data, size);
	struct settings all = { .restaurant_open = true, .busy_until = TIME_NONE };
	const struct setting_key *keys;
	size_t n;
	int64_t us = INT64_C(1771000000) * US_PER_SECOND;

	keys = setting_keys(&n);
	(void)iso8601_parse(fuzz_text(a, when.data, when.len), &us);
	for (size_t i = 0; i < n; i++)
		key_try(a, &keys[i], json, &all);
	if (us > 0 && us < CIVIL_US_MAX - 500 * US_PER_DAY)
		opening_check(a, &all, us);
	arena_free(&a);
	return 0;
}
