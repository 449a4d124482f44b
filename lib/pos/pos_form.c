/*
 * What an adapter's settings are, told to who draws a form of them or fills in a document.
 */
#include <stdlib.h>
#include <string.h>

#include "pos/pos.h"
#include "text/json_write.h"

static const char *const kinds[] = {
	[POS_TEXT] = "text",
	[POS_URL] = "url",
	[POS_INT] = "integer",
	[POS_SWITCH] = "switch",
	[POS_CHOICE] = "choice",
	[POS_LIST] = "list",
	[POS_ZONE] = "time_zone",
};
_Static_assert(sizeof kinds / sizeof kinds[0] == POS_ZONE + 1, "a word per kind");

/* As the members of an integration and of a restaurant are called. */
static const char *const roles[] = {
	[POS_NO_ROLE] = NULL,
	[POS_ROLE_REST_ID] = "pos_restaurant_id",
	[POS_ROLE_BASE_URL] = "endpoint",
	[POS_ROLE_NAME] = "name",
	[POS_ROLE_ADDRESS] = "address",
	[POS_ROLE_CONTACT] = "contact",
	[POS_ROLE_TIME_ZONE] = "time_zone",
};
_Static_assert(sizeof roles / sizeof roles[0] == POS_ROLE_TIME_ZONE + 1, "a word per role");

static const char *const verbs[] = {
	[POS_CREATE] = "create",
	[POS_CANCEL] = "cancel",
	[POS_LOOK] = "look",
	[POS_MENU] = "menu",
	[POS_LOGIN] = "login",
	[POS_QUOTE] = "quote",
	[POS_CONFIRM] = "confirm",
	[POS_FOLLOW] = "follow",
};
_Static_assert(sizeof verbs / sizeof verbs[0] == POS_VERB__MAX, "a word per verb");

static const char *const policies[] = {
	[POS_POLICY_NONE] = NULL,
	[POS_POLICY_HMAC] = "hmac",
	[POS_POLICY_AUTHORIZATION] = "authorization",
};

const char *
pos_kind_name(enum pos_field_kind kind)
{
	return kinds[kind];
}

int64_t
pos_field_text_max(const struct pos_field *f)
{
	return f->max > 0 ? f->max : POS_TEXT_MAX;
}

/* As it stands in JSON: a number, true or false, or text. */
static void
default_write(struct json_write *w, const struct pos_field *f)
{
	if (f->def != NULL && f->kind == POS_INT)
		json_write_int64(w, "default", strtoll(f->def, NULL, 10));
	else if (f->def != NULL && f->kind == POS_SWITCH)
		json_write_bool(w, "default", strcmp(f->def, "1") == 0);
	else
		json_write_string(w, "default", f->def);
}

static void
bounds_write(struct json_write *w, const struct pos_field *f)
{
	if (f->kind == POS_INT)
		json_write_int64(w, "min", f->min);
	else
		json_write_null(w, "min");
	if (f->kind == POS_INT)
		json_write_int64(w, "max", f->max);
	else if (f->kind == POS_TEXT)
		json_write_int64(w, "max", pos_field_text_max(f));
	else
		json_write_null(w, "max");
}

static void
choices_write(struct json_write *w, const struct pos_field *f)
{
	const char *s = f->choices;

	if (s == NULL) {
		json_write_null(w, "choices");
		return;
	}
	json_write_array(w, "choices");
	while (*s != '\0') {
		size_t len = strcspn(s, "|");

		json_write_string_n(w, NULL, s, len);
		s += len + (s[len] == '|');
	}
	json_write_array_end(w);
}

static void
field_write(struct json_write *w, const struct pos_field *f)
{
	json_write_object(w, NULL);
	json_write_string(w, "key", f->key);
	json_write_string(w, "also", f->also);
	json_write_string(w, "kind", kinds[f->kind]);
	json_write_bool(w, "is_required", f->is_required);
	json_write_bool(w, "is_secret", f->is_secret);
	json_write_string(w, "stands_for", roles[f->role]);
	default_write(w, f);
	bounds_write(w, f);
	choices_write(w, f);
	json_write_string(w, "description", f->sentence);
	json_write_object_end(w);
}

void
pos_form_write(struct json_write *w, const struct pos_adapter *adapter)
{
	json_write_string(w, "name", adapter->name);
	json_write_string(w, "display_name", adapter->display_name);
	json_write_array(w, "can");
	for (int verb = 0; verb < POS_VERB__MAX; verb++)
		if (pos_can(adapter, (enum pos_verb)verb))
			json_write_string(w, NULL, verbs[verb]);
	json_write_array_end(w);
	json_write_string(w, "webhook_policy", policies[adapter->traits.policy]);
	json_write_string(w, "api_key_is", adapter->api_key_is);
	json_write_array(w, "fields");
	for (size_t i = 0; i < adapter->fields_n; i++)
		field_write(w, &adapter->fields[i]);
	json_write_array_end(w);
}
