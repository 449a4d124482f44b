#include "certify/document.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"
#include "text/json_read.h"
#include "text/url.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define CALLBACK_URL "https://certify.invalid/callback"
#define CALLBACK_TOKEN "callback_token"
#define SCHEDULED_IN_MIN 120
#define SCHEDULED_MAX_MIN (7 * 24 * 60)

static struct bytes
text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static const char *
member(struct json_object *o, const char *name, const char *otherwise)
{
	const char *s;

	return json_as_string(json_member(o, name), &s) && *s != '\0' ? s : otherwise;
}

static bool
is_true(struct json_object *o, const char *name)
{
	bool is_on;

	return json_as_bool(json_member(o, name), &is_on) && is_on;
}

static const char *
file_read(struct op *op, const char *name, struct json_object **ret)
{
	char *data = arena_alloc(op->arena, FILE_MAX + 1);
	const char *why = NULL;
	size_t len;
	FILE *f = fopen(name, "rbe");

	if (f == NULL)
		return arena_printf(op->arena, "%s: %s", name, strerror(errno));
	len = fread(data, 1, FILE_MAX + 1, f);
	if (ferror(f) || len > FILE_MAX)
		why = "cannot be read, or is too large";
	fclose(f);
	if (why == NULL && json_read(op->arena, data, len, &json_limits_menu, ret, &why) == OK) {
		if (json_is_object(*ret))
			return NULL;
		why = "is not a JSON object";
	}
	return arena_printf(op->arena, "%s: %s", name, why);
}

/* CERTIFY_CLIENT_SECRET; NULL: not set. */
static const char *
from_environment(struct op *op, const char *name)
{
	char *key = arena_printf(op->arena, "CERTIFY_%s", name);
	const char *value;

	for (char *s = key; *s != '\0'; s++)
		*s = *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s == '.' ? '_' : *s;
	value = getenv(key);
	return value != NULL && *value != '\0' ? arena_strdup(op->arena, value) : NULL;
}

/* ---- secrets and configuration ---- */

static const char *
secrets_read(struct certify *c, struct json_object *top, struct bytes *ret_plain)
{
	struct json_object *config = json_member(top, "config"),
			   *apart = json_member(top, "secrets");
	const char *json = config == NULL ? "{}" : json_text(c->op->arena, config);
	const struct pos_secret *found;
	size_t n;

	if (!pos_config_split(
		c->op->arena, c->adapter, text(json), ret_plain, &found, &n, &c->problems))
		return "\"config\" is not a JSON object, or a secret in it is no usable text";
	for (size_t i = 0; i < n; i++)
		certify_secret_set(c, found[i].name, found[i].value);
	for (size_t i = 0; i < c->adapter->fields_n; i++) {
		const struct pos_field *f = &c->adapter->fields[i];
		const char *value = !f->is_secret ? NULL : from_environment(c->op, f->key);

		if (f->is_secret && value == NULL)
			value = member(apart, f->key, NULL);
		if (value != NULL)
			certify_secret_set(c, f->key, value);
	}
	return NULL;
}

static const char *
webhook_read(struct certify *c, struct json_object *top, const char *name)
{
	const char *value = from_environment(c->op, name);

	return value != NULL ? value : member(top, name, NULL);
}

/* The zone that a POS is at home in, where it says so. */
static const char *
home_zone(const struct pos_adapter *adapter)
{
	for (size_t i = 0; i < adapter->fields_n; i++)
		if (adapter->fields[i].role == POS_ROLE_TIME_ZONE &&
		    adapter->fields[i].def != NULL)
			return adapter->fields[i].def;
	return "America/New_York";
}

static void
config_make(struct certify *c, struct json_object *top, struct bytes plain, bool allow_http)
{
	struct json_object *restaurant = json_member(top, "restaurant");
	const char *zone = member(top, "time_zone", home_zone(c->adapter));
	const struct pos_core core = {
		.endpoint = c->endpoint,
		.pos_restaurant_id = member(top, "pos_restaurant_id", NULL),
		.restaurant_slug = "certify",
		.restaurant_name = member(restaurant, "name", "Certify"),
		.restaurant_address = member(restaurant, "address", "1 Certify Street"),
		.restaurant_contact = member(restaurant, "contact", "+14155550100"),
		.time_zone = zone,
		.currency = member(
		    top, "currency", strcmp(zone, "Asia/Kolkata") == 0 ? "INR" : "USD"),
		.allow_http = allow_http,
	};
	const char **names = arena_array(c->op->arena, CERTIFY_SECRETS_MAX, sizeof *names);

	for (size_t i = 0; i < c->secrets_n; i++)
		names[i] = c->secrets[i].name;
	c->config = pos_config_merge(c->op->arena, c->adapter, text("{}"), plain, &core, names,
	    c->secrets_n, &c->problems);
}

/* ---- what orders are made of ---- */

static const char *
order_words_read(struct certify *c, struct json_object *top)
{
	struct json_object *guest = json_member(top, "guest"), *list = json_member(top, "items");
	bool is_indian = strcmp(c->config->core.currency, "INR") == 0;
	const char **items =
	    arena_array(c->op->arena, json_array_n(list) + 1, sizeof *items);

	c->items = items;
	for (size_t i = 0; i < json_array_n(list); i++)
		if (!json_as_string(json_element(list, i), &items[c->items_n++]))
			return "\"items\" must be a list of ids";
	c->guest_name = member(guest, "name", "Asha Rao");
	c->guest_phone =
	    member(guest, "phone", is_indian ? "+919876543210" : "+16175550123");
	c->guest_email = member(guest, "email", "certify@example.org");
	c->guest_address = member(guest, "address",
	    is_indian ? "12 Lake Road, Pune 411001" : "12 Main Street, Boston, MA 02110");
	c->table = member(guest, "table", "1");
	c->scheduled_in_min = SCHEDULED_IN_MIN;
	if (json_has_member(top, "scheduled_in_min") &&
	    (!json_as_int64(json_member(top, "scheduled_in_min"), &c->scheduled_in_min) ||
		c->scheduled_in_min < 1 || c->scheduled_in_min > SCHEDULED_MAX_MIN))
		return "\"scheduled_in_min\" must be a number of minutes, at most a week";
	return NULL;
}

/* What a document may hold: what is read here, and what else an onboarding document's "pos" has. */
static const char *const members[] = { "config", "secrets", "webhook_secret", "authorization",
	"pos_restaurant_id", "endpoint", "currency", "time_zone", "restaurant", "items", "guest",
	"samples", "scheduled_in_min", "renew", "callback_url", "allow_http", "ca_file",
	"provider_name", "api_key" };

static bool
is_member(const char *name)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i], name) == 0)
			return true;
	return false;
}

/* NULL, or why it is not a document for this: a word that is misspelt would be passed over. */
static const char *
members_check(struct certify *c, struct json_object *top)
{
	const char *provider = member(top, "provider_name", c->adapter->name);

	if (json_has_member(top, "pos"))
		return "this is a whole onboarding document: what stands under its \"pos\" is "
		       "wanted";
	if (top != NULL) {
		json_object_object_foreach (top, name, value) {
			(void)value;
			if (!is_member(name))
				return arena_printf(c->op->arena, "\"%s\" is not known", name);
		}
	}
	return strcmp(provider, c->adapter->name) == 0
		   ? NULL
		   : arena_printf(c->op->arena, "the document is of \"%s\"", provider);
}

/* A simulator on this machine needs nobody's permission. */
static bool
is_local(struct certify *c)
{
	struct url u;

	return c->endpoint != NULL && url_parse(c->op->arena, c->endpoint, &u) &&
	       (strcmp(u.host, "127.0.0.1") == 0 || strcmp(u.host, "::1") == 0 ||
		   strcmp(u.host, "localhost") == 0);
}

const char *
certify_document(struct certify *c, const char *file, struct certify_document *ret)
{
	struct json_object *top = NULL;
	struct bytes plain = { "{}", 2 };
	const char *why = file == NULL ? NULL : file_read(c->op, file, &top);

	if (why == NULL)
		why = members_check(c, top);
	if (why != NULL)
		return why;
	if (c->endpoint == NULL)
		c->endpoint = member(top, "endpoint", NULL);
	ret->ca_file = member(top, "ca_file", NULL);
	ret->allow_http = is_true(top, "allow_http") || is_local(c);
	why = secrets_read(c, top, &plain);
	if (why != NULL)
		return why;
	config_make(c, top, plain, ret->allow_http);
	certify_secret_set(c, CALLBACK_TOKEN, "certify-0callback0token0");
	c->webhook_secret = webhook_read(c, top, "webhook_secret");
	c->authorization = webhook_read(c, top, "authorization");
	c->callback_url = member(top, "callback_url", CALLBACK_URL);
	c->may_use_up = is_true(top, "renew");
	why = order_words_read(c, top);
	return why != NULL ? why : certify_samples_read(c, json_member(top, "samples"));
}
