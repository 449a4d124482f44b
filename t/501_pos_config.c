/*
 * The settings of an integration: what is demanded, what wins over what, what may not be there, and
 * the registry.
 */
#include <stdlib.h>
#include <string.h>

#include "pos/pos.h"
#include "tap.h"

static const char *const secret_names[] = { "app_key", "app_secret", "access_token" };

static const struct pos_core core = {
	.base_api_url = "https://provider.example",
	.pos_restaurant_id = "demo4bistro",
	.restaurant_slug = "my-bistro",
	.restaurant_name = "My Bistro",
	.time_zone = "Asia/Dubai",
};

static struct bytes
text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct pos_config *
merge(struct arena *a, const char *provider, const char *restaurant, const struct pos_core *c,
    struct pos_problems *problems)
{
	*problems = (struct pos_problems){ 0 };
	return pos_config_merge(
	    a, &pos_petpooja, text(provider), text(restaurant), c, secret_names, 3, problems);
}

static void
test_layers(struct arena *a)
{
	struct pos_problems p;
	struct pos_config *c = merge(a,
	    "{\"device_type\":\"WebClient\",\"udid_prefix\":\"web_\",\"base_url\":\"https://"
	    "a.example\","
	    "\"restID\":\"wrong\",\"min_prep_time\":\"20\"}",
	    "{\"device_type\":\"Kiosk\",\"restaurant_name_petpooja\":\"Bistro\",\"restID\":\"also "
	    "wrong\","
	    "\"custom_settings\":{\"enable_auto_accept\":true,\"notification_preferences\":["
	    "\"sms\",\"email\"]}}",
	    &core, &p);

	ok(p.n == 0, "POS-29 both layers are taken");
	is_str(pos_config_text(c, "device_type"), "Kiosk",
	    "POS-29 the restaurant wins over the provider");
	is_str(pos_config_text(c, "udid_prefix"), "web_",
	    "POS-29 the provider's default holds elsewhere");
	is_str(pos_config_text(c, "restID"), "demo4bistro", "POS-29 core fields win over both");
	is_str(
	    pos_config_text(c, "base_url"), "https://a.example", "the JSON wins over base_api_url");
	is_str(pos_config_text(c, "restaurant_name_petpooja"), "Bistro", "a name of its own wins");
	is_str(
	    pos_config_text(c, "timezone"), "Asia/Dubai", "the restaurant's zone is the fallback");
	is_int(pos_config_int(c, "min_prep_time", 0), 20, "a number may come as text");
	ok(pos_accepts_on_create(c), "POS-30 the auto-accept flag");
	ok(pos_config_has(c, "custom_settings.notification_preferences", "email") &&
		!pos_config_has(c, "notification_preferences", "push"),
	    "POS-30 the notification preferences");
	ok(pos_config_is_on(c, "price_includes_addons"),
	    "what nobody says is the schema's default");
	is_int(pos_proof_s(c), 600, "an acceptance is to be proved within ten minutes");
	ok(pos_webhook_policy(c) == POS_POLICY_NONE, "WH-16 no policy unless one is set");
}

static void
test_core(struct arena *a)
{
	struct pos_core own = core;
	struct pos_problems p;
	struct pos_config *c;

	own.endpoint = "https://own.example/V1/";
	c = merge(a, "{\"base_url\":\"https://a.example\"}", "", &own, &p);
	is_str(pos_config_text(c, "base_url"), "https://own.example/V1/",
	    "POS-30 the endpoint override wins");
	is_str(pos_config_text(c, "restaurant_name_petpooja"), "My Bistro",
	    "the restaurant's name is the fallback");
	c = merge(a, "{\"device_type\":\"WebClient\"}", "{\"device_type\":null}", &own, &p);
	is_str(pos_config_text(c, "device_type"), "Web", "null takes a provider's default back");
	c = merge(a, "{\"device_type\":\"WebClient\"}", "{\"device_type\":\"\"}", &own, &p);
	is_str(pos_config_text(c, "device_type"), "WebClient", "an empty value says nothing");
	ok(pos_config_text(c, "no_such_key") == NULL && pos_config_int(c, "no_such_key", 7) == 7,
	    "an unknown key has no value");
	c = merge(a, "",
	    "{\"webhook_policy\":\"hmac\",\"res_name\":\"B\",\"require_callback_ack_s\":90}", &own,
	    &p);
	ok(pos_webhook_policy(c) == POS_POLICY_HMAC && pos_proof_s(c) == 90,
	    "policy and deadline are settings");
	is_str(
	    pos_config_text(c, "restaurant_name_petpooja"), "B", "another spelling is understood");
}

static const struct {
	const char *json, *field, *sentence;
} wrong[] = {
	{ "{\"app_key\":\"x\"}", "app_key",
	    "is a secret and may not stand among the readable settings" },
	{ "{\"save_order_endpoint\":\"ftp://a\"}", "save_order_endpoint",
	    "must be an absolute URL, without user, fragment or blanks" },
	{ "{\"save_order_endpoint\":\"http://a.example/\"}", "save_order_endpoint",
	    "must begin with https://" },
	{ "{\"min_prep_time\":601}", "min_prep_time", "must be a number from 0 to 600" },
	{ "{\"min_prep_time\":\"soon\"}", "min_prep_time", "must be a number from 0 to 600" },
	{ "{\"min_prep_time\":1.5}", "min_prep_time", "must be a number from 0 to 600" },
	{ "{\"price_includes_addons\":\"maybe\"}", "price_includes_addons",
	    "must be true or false" },
	{ "{\"gst_liability\":\"guest\"}", "gst_liability", "must be one of restaurant|vendor" },
	{ "{\"webhook_policy\":\"none\"}", "webhook_policy", "must be one of hmac|authorization" },
	{ "{\"timezone\":\"Mars/Olympus\"}", "timezone",
	    "must be a time zone such as Asia/Kolkata" },
	{ "{\"device_type\":[\"Web\"]}", "device_type", "must be text" },
	{ "{\"device_type\":\"0123456789012345678901234567890\"}", "device_type",
	    "must have at most 30 characters" },
	{ "{\"enable_auto_accept\":true,\"custom_settings\":{\"enable_auto_accept\":true}}",
	    "custom_settings.enable_auto_accept", "is given twice, in two spellings" },
	{ "{\"notification_preferences\":[\"fax\"]}", "custom_settings.notification_preferences",
	    "may hold sms|email|push, nothing else" },
	{ "{\"notification_preferences\":\"sms\"}", "custom_settings.notification_preferences",
	    "must be a list" },
	{ "{\"colour\":\"red\"}", "colour", "is not a setting of PetPooja POS" },
	{ "{\"custom_settings\":{\"colour\":1}}", "custom_settings.colour",
	    "is not a setting of PetPooja POS" },
	{ "{\"colours\":{}}", "colours", "is not a setting of PetPooja POS" },
	{ "{\"custom\":{\"enable_auto_accept\":1}}", "custom", "is not a setting of PetPooja POS" },
	{ "[]", "restaurant_config", "must be a JSON object" },
	{ "{\"a\":1,\"a\":2}", "restaurant_config", NULL },
	{ "{", "restaurant_config", NULL },
};

static void
test_wrong(struct arena *a)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct pos_problems p;
		merge(a, "", wrong[i].json, &core, &p);
		ok(p.n == 1, "POS-17 one problem in %s", wrong[i].json);
		is_str(p.n == 0 ? NULL : p.v[0].field, wrong[i].field, "POS-17 it names the field");
		if (wrong[i].sentence != NULL)
			is_str(p.n == 0 ? NULL : p.v[0].sentence, wrong[i].sentence,
			    "POS-32 and says what");
	}
}

static void
test_required(struct arena *a)
{
	static const char *const required[] = { "app_key", "app_secret", "access_token", "restID" };
	struct pos_core bare = { .base_api_url = "http://127.0.0.1:1/V1", .allow_http = true };
	struct pos_problems p = { 0 };

	pos_config_merge(a, &pos_petpooja, text(""), text("{}"), &bare, NULL, 0, &p);
	is_int(p.n, 4, "POS-13 four keys are required");
	for (size_t i = 0; i < 4 && i < p.n; i++) {
		is_str(p.v[i].field, required[i], "POS-13 %s is one of them", required[i]);
		is_str(p.v[i].sentence, "is required", "and is said to be");
	}
	p = (struct pos_problems){ 0 };
	bare.pos_restaurant_id = "r";
	pos_config_merge(a, &pos_petpooja, text(""), text("{}"), &bare, secret_names, 3, &p);
	is_int(p.n, 0, "http is good enough where the platform allows it");
	bare.base_api_url = NULL;
	pos_config_merge(a, &pos_petpooja, text(""), text("{}"), &bare, secret_names, 3, &p);
	is_int(p.n, 2, "POS-17 some address must be known");
}

static void
test_split(struct arena *a)
{
	struct bytes plain = { 0 };
	const struct pos_secret *secrets = NULL;
	struct pos_problems p = { 0 };
	size_t n = 0;

	ok(pos_config_split(a, &pos_petpooja,
	       text("{\"app_key\":\"k\\\"1\",\"udid\":\"u/"
		    "1\",\"app_secret\":\"\",\"access_token\":null,"
		    "\"custom_settings\":{\"enable_auto_accept\":false}}"),
	       &plain, &secrets, &n, &p),
	    "SEC-07 settings and secrets are taken apart");
	ok(n == 1 && strcmp(secrets[0].name, "app_key") == 0 &&
		strcmp(secrets[0].value, "k\"1") == 0,
	    "SEC-07 only a secret with a value is one");
	is_str(plain.data, "{\"udid\":\"u/1\",\"custom_settings\":{\"enable_auto_accept\":false}}",
	    "SEC-07 no secret is left in what is kept readable");
	ok(!pos_config_split(
	       a, &pos_petpooja, text("{\"app_key\":\"a\\nb\"}"), &plain, &secrets, &n, &p) &&
		p.n == 1 && strcmp(p.v[0].field, "app_key") == 0,
	    "a secret is one line");
	p = (struct pos_problems){ 0 };
	ok(!pos_config_split(a, &pos_petpooja, text("{\"app_key\":7}"), &plain, &secrets, &n, &p),
	    "a secret is text");
	ok(!pos_config_split(a, &pos_petpooja, text("7"), &plain, &secrets, &n, &p),
	    "settings are an object");
	ok(pos_config_split(
	       a, &pos_petpooja, text(""), &plain, &secrets, &n, &(struct pos_problems){ 0 }) &&
		n == 0 && strcmp(plain.data, "{}") == 0,
	    "nothing is no setting");
}

static void
test_schema(void)
{
	for (size_t k = 0; pos_adapters()[k] != NULL; k++)
		for (size_t i = 0; i < pos_adapters()[k]->fields_n; i++) {
			const struct pos_field *f = &pos_adapters()[k]->fields[i];
			bool has_choices = f->kind == POS_CHOICE || f->kind == POS_LIST;
			ok(f->sentence != NULL && (f->choices != NULL) == has_choices &&
				(f->kind != POS_INT || f->max > 0) &&
				(!f->is_secret || f->kind == POS_TEXT) &&
				pos_field_find(pos_adapters()[k], f->key) == f,
			    "POS-17 %s is well described", f->key);
		}
}

static void
test_registry(struct arena *a)
{
	ok(pos_adapter_find("petpooja") == &pos_petpooja &&
		pos_adapter_find("PetPooja") == &pos_petpooja,
	    "POS-33 a POS is found whatever its case");
	ok(pos_adapter_find("toastt") == NULL && pos_adapter_find("") == NULL &&
		pos_adapter_find(NULL) == NULL,
	    "POS-33 another is not");
	is_str(pos_unsupported(a, "foo"),
	    "POS type 'foo' is not supported; supported are: petpooja, toast, square, clover",
	    "POS-33 and is said not to be");
	for (size_t k = 0; pos_adapters()[k] != NULL; k++) {
		const struct pos_adapter *p = pos_adapters()[k];
		const struct call_limits *l = &p->create_limits;
		ok(pos_can(p, POS_CREATE) && p->read_failure && p->read_menu && p->applies_to,
		    "POS-01 %s can create, read and judge", p->name);
		for (int v = 0; v < POS_VERB__MAX; v++)
			ok((p->talks[v].call != NULL) == (p->talks[v].read != NULL),
			    "POS-01 %s reads what it asks, and nothing else (%d)", p->name, v);
		ok((p->is_open_item != NULL) == p->traits.takes_open_items,
		    "E38 %s says what goes as an open item, if anything can", p->name);
		ok(p->traits.poll_s == 0
			? p == &pos_petpooja
			: p->traits.poll_s <= 300 && p->traits.menu_poll_s > 0 && p->traits.menu_poll_s <= 3600,
		    "E48 %s: what its calls tell of is asked for too, an hour later at the latest", p->name);
		ok((p->logs_in != NULL) == pos_can(p, POS_LOGIN),
		    "POS-19 %s says when it logs in, if it can", p->name);
		ok(l->connect_ms > 0 && l->total_ms >= l->connect_ms &&
			l->flight_ms >= l->total_ms && l->window_ms > 0,
		    "POS-01 %s: a sent request may be under way longer than we wait", p->name);
		ok(p->traits.rate_per_min > 0 && p->traits.rate_burst > 0, "POS-18 %s has a rate",
		    p->name);
	}
	ok(!pos_can(&pos_petpooja, POS_LOOK) && !pos_petpooja.traits.accepts_on_create &&
		pos_petpooja.traits.repeat_is_safe == POS_REPEAT_CLAIMED &&
		pos_petpooja.traits.needs_proof_s > 0,
	    "POS-05 PetPooja tells of an order by callback only, so its yes must be proved");
	ok(pos_petpooja.create_limits.connect_ms == 3000 &&
		pos_petpooja.create_limits.total_ms == 10000,
	    "PetPooja has 3 s to connect and 10 s in all");
}

int
main(void)
{
	struct arena *a = arena_new(64u << 20);

	test_layers(a);
	test_core(a);
	test_wrong(a);
	test_required(a);
	test_split(a);
	test_schema();
	test_registry(a);
	arena_free(&a);
	return tap_done();
}
