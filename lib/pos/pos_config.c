/*
 * The merged configuration: the provider's JSON, the restaurant's JSON, core fields of the tables.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "mem/buf.h"
#include "pos/pos.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"
#include "text/utf8.h"
#include "text/zone.h"

#define KEY_SHOWN_MAX 60
#define LIST_MAX 16

struct merge {
	struct arena *arena;
	const struct pos_adapter *adapter;
	const struct pos_core *core;
	struct pos_problems *problems;
	const char **values;
	bool *is_seen; /* in the layer being read */
};

/* Is the text one of "a|b|c"? */
static bool
is_choice(const char *choices, const char *s)
{
	size_t len = strlen(s);

	while (choices != NULL && len > 0) {
		const char *bar = strchr(choices, '|');
		size_t n = bar == NULL ? strlen(choices) : (size_t)(bar - choices);
		if (n == len && memcmp(choices, s, n) == 0)
			return true;
		choices = bar == NULL ? NULL : bar + 1;
	}
	return false;
}

static bool
problem(struct merge *m, const struct pos_field *f, const char *sentence)
{
	pos_problem_add(m->arena, m->problems, f->key, "%s", sentence);
	return false;
}

static bool
check_url(struct merge *m, const struct pos_field *f, const char *s)
{
	struct url u;

	if (!url_parse(m->arena, s, &u))
		return problem(m, f, "must be an absolute URL, without user, fragment or blanks");
	if (!u.is_https && !m->core->allow_http)
		return problem(m, f, "must begin with https://");
	return true;
}

static bool
text_value(struct merge *m, const struct pos_field *f, const char *s, const char **ret)
{
	size_t max = (size_t)pos_field_text_max(f);
	const char *clean = utf8_sanitise(m->arena, s, SIZE_MAX);

	switch (f->kind) {
	case POS_URL:
		if (!check_url(m, f, s))
			return false;
		clean = s;
		break;
	case POS_CHOICE:
		if (!is_choice(f->choices, s)) {
			pos_problem_add(
			    m->arena, m->problems, f->key, "must be one of %s", f->choices);
			return false;
		}
		break;
	case POS_ZONE:
		if (!zone_is_valid(s))
			return problem(m, f, "must be a time zone such as Asia/Kolkata");
		break;
	default:
		if (utf8_n(clean) > max) {
			pos_problem_add(
			    m->arena, m->problems, f->key, "must have at most %zu characters", max);
			return false;
		}
	}
	*ret = clean;
	return true;
}

static bool
int_value(struct merge *m, const struct pos_field *f, struct json_object *node, const char **ret)
{
	int64_t n;

	if (!json_lax_int64(node, &n) || n < f->min || n > f->max) {
		pos_problem_add(m->arena, m->problems, f->key, "must be a number from %lld to %lld",
		    (long long)f->min, (long long)f->max);
		return false;
	}
	*ret = arena_printf(m->arena, "%lld", (long long)n);
	return true;
}

static bool
list_value(struct merge *m, const struct pos_field *f, struct json_object *node, const char **ret)
{
	struct buf b;
	struct json_write w;
	const char *s;

	buf_init(&b, m->arena, 4096);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < json_array_n(node); i++) {
		if (i >= LIST_MAX || !json_as_string(json_element(node, i), &s) ||
		    !is_choice(f->choices, s)) {
			pos_problem_add(
			    m->arena, m->problems, f->key, "may hold %s, nothing else", f->choices);
			return false;
		}
		json_write_string(&w, NULL, s);
	}
	json_write_array_end(&w);
	json_write_done(&w);
	if (!json_is_array(node))
		return problem(m, f, "must be a list");
	*ret = b.data;
	return true;
}

/* One member of a layer. null takes back what an earlier layer said; "" says nothing. */
static void
take_value(struct merge *m, const struct pos_field *f, struct json_object *node)
{
	const char **value = &m->values[f - m->adapter->fields];
	const char *s;
	bool is_on;

	if (f->is_secret) {
		problem(m, f, "is a secret and may not stand among the readable settings");
		return;
	}
	if (m->is_seen[f - m->adapter->fields]) {
		problem(m, f, "is given twice, in two spellings");
		return;
	}
	m->is_seen[f - m->adapter->fields] = true;
	if (node == NULL) {
		*value = f->def;
		return;
	}
	if (json_as_string(node, &s) && *s == '\0')
		return;
	switch (f->kind) {
	case POS_INT:
		int_value(m, f, node, value);
		break;
	case POS_SWITCH:
		if (json_lax_bool(node, &is_on))
			*value = is_on ? "1" : "0";
		else
			problem(m, f, "must be true or false");
		break;
	case POS_LIST:
		list_value(m, f, node, value);
		break;
	default:
		if (json_lax_string(node, &s))
			text_value(m, f, s, value);
		else
			problem(m, f, "must be text");
	}
}

/* Do settings begin so, before a dot? */
static bool
is_prefix(const struct pos_adapter *adapter, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < adapter->fields_n; i++)
		if (strncmp(adapter->fields[i].key, name, len) == 0 &&
		    adapter->fields[i].key[len] == '.')
			return true;
	return false;
}

static void
take_object(struct merge *m, const char *prefix, struct json_object *object)
{
	json_object_object_foreach(object, key, node)
	{
		const char *path =
		    *prefix == '\0' ? key : arena_printf(m->arena, "%s.%s", prefix, key);
		const struct pos_field *f = pos_field_find(m->adapter, path);
		if (f != NULL)
			take_value(m, f, node);
		else if (*prefix == '\0' && json_is_object(node) && is_prefix(m->adapter, key))
			take_object(m, key, node);
		else
			pos_problem_add(m->arena, m->problems,
			    utf8_sanitise(m->arena, path, KEY_SHOWN_MAX), "is not a setting of %s",
			    m->adapter->display_name);
	}
}

/* NULL and a problem unless the bytes are an object; NULL without one when they are empty. */
static struct json_object *
read_object(struct arena *a, struct bytes json, const char *what, struct pos_problems *problems)
{
	struct json_object *top;
	const char *why;

	if (json.len == 0)
		return NULL;
	if (json_read(a, json.data, json.len, &json_limits_default, &top, &why) != OK) {
		pos_problem_add(a, problems, what, "is not JSON: %s", why);
		return NULL;
	}
	if (top != NULL && !json_is_object(top))
		pos_problem_add(a, problems, what, "must be a JSON object");
	return json_is_object(top) ? top : NULL;
}

static void
take_layer(struct merge *m, const char *what, struct bytes json)
{
	struct json_object *top = read_object(m->arena, json, what, m->problems);

	memset(m->is_seen, 0, m->adapter->fields_n * sizeof(*m->is_seen));
	if (top != NULL)
		take_object(m, "", top);
}

static void
take_core_text(struct merge *m, const struct pos_field *f, const char *core)
{
	if (core != NULL && *core != '\0')
		text_value(m, f, core, &m->values[f - m->adapter->fields]);
}

/* wins: the fields that overrule the JSON; else those it falls back to, taken before it. */
static void
take_core(struct merge *m, bool wins)
{
	for (size_t i = 0; i < m->adapter->fields_n; i++) {
		const struct pos_field *f = &m->adapter->fields[i];
		const char *s = NULL;
		switch (f->role) {
		case POS_NO_ROLE:
			continue;
		case POS_ROLE_REST_ID:
			s = wins ? m->core->pos_restaurant_id : NULL;
			break;
		case POS_ROLE_BASE_URL:
			s = wins ? m->core->endpoint : m->core->base_api_url;
			break;
		case POS_ROLE_NAME:
			s = wins ? NULL : m->core->restaurant_name;
			break;
		case POS_ROLE_ADDRESS:
			s = wins ? NULL : m->core->restaurant_address;
			break;
		case POS_ROLE_CONTACT:
			s = wins ? NULL : m->core->restaurant_contact;
			break;
		case POS_ROLE_TIME_ZONE:
			s = wins ? NULL : m->core->time_zone;
			break;
		}
		take_core_text(m, f, s);
	}
}

static bool
is_among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

struct pos_config *
pos_config_merge(struct arena *a, const struct pos_adapter *adapter, struct bytes provider_json,
    struct bytes restaurant_json, const struct pos_core *core, const char *const *secret_names,
    size_t secret_names_n, struct pos_problems *problems)
{
	size_t n = adapter->fields_n, problems_before = problems->n;
	struct pos_config *config = arena_alloc(a, sizeof(*config));
	struct merge m = { a, adapter, core, problems, arena_array(a, n, sizeof(char *)),
		arena_array(a, n, sizeof(bool)) };

	for (size_t i = 0; i < n; i++)
		m.values[i] = adapter->fields[i].def;
	take_core(&m, false);
	take_layer(&m, "provider_config", provider_json);
	take_layer(&m, "restaurant_config", restaurant_json);
	take_core(&m, true);
	for (size_t i = 0; i < n; i++) {
		const struct pos_field *f = &adapter->fields[i];
		bool is_set = f->is_secret ? is_among(secret_names, secret_names_n, f->key)
					   : m.values[i] != NULL;
		if (f->is_required && !is_set)
			problem(&m, f, "is required");
	}
	*config = (struct pos_config){ .adapter = adapter,
		.values = m.values,
		.secrets = secret_names,
		.secrets_n = secret_names_n,
		.core = *core };
	if (adapter->check_config != NULL && problems->n == problems_before)
		adapter->check_config(a, config, problems);
	return config;
}

static bool
secret_is_usable(const struct pos_field *f, const char *s)
{
	size_t max = (size_t)pos_field_text_max(f);

	for (const char *c = s; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return utf8_is_valid(s, strlen(s)) && utf8_n(s) <= max;
}

bool
pos_config_split(struct arena *a, const struct pos_adapter *adapter, struct bytes json,
    struct bytes *ret_plain, const struct pos_secret **ret_secrets, size_t *ret_secrets_n,
    struct pos_problems *problems)
{
	size_t before = problems->n, n = 0;
	struct json_object *top = read_object(a, json, "restaurant_config", problems), *node;
	struct pos_secret *secrets = arena_array(a, adapter->fields_n, sizeof(*secrets));
	const char *value;

	for (size_t i = 0; top != NULL && i < adapter->fields_n; i++) {
		const struct pos_field *f = &adapter->fields[i];
		if (!f->is_secret || !json_object_object_get_ex(top, f->key, &node))
			continue;
		if (node != NULL && (!json_as_string(node, &value) || !secret_is_usable(f, value)))
			pos_problem_add(
			    a, problems, f->key, "must be a line of text, not too long");
		else if (node != NULL && *value != '\0')
			secrets[n++] = (struct pos_secret){ f->key, arena_strdup(a, value) };
		json_object_object_del(top, f->key);
	}
	if (problems->n > before)
		return false;
	value = top == NULL ? "{}" : json_text(a, top);
	*ret_plain = (struct bytes){ value, strlen(value) };
	*ret_secrets = secrets;
	*ret_secrets_n = n;
	return true;
}

const char *
pos_config_text(const struct pos_config *config, const char *key)
{
	const struct pos_field *f = pos_field_find(config->adapter, key);

	return f == NULL ? NULL : config->values[f - config->adapter->fields];
}

int64_t
pos_config_int(const struct pos_config *config, const char *key, int64_t otherwise)
{
	const char *s = pos_config_text(config, key);

	return s == NULL ? otherwise : (int64_t)strtoll(s, NULL, 10);
}

bool
pos_config_is_on(const struct pos_config *config, const char *key)
{
	const char *s = pos_config_text(config, key);

	return s != NULL && strcmp(s, "1") == 0;
}

bool
pos_config_has_secret(const struct pos_config *config, const char *name)
{
	return is_among(config->secrets, config->secrets_n, name);
}

bool
pos_accepts_on_create(const struct pos_config *config)
{
	return pos_traits_of(config).accepts_on_create ||
	       pos_config_is_on(config, "custom_settings.enable_auto_accept");
}

int
pos_proof_s(const struct pos_config *config)
{
	int s = pos_traits_of(config).needs_proof_s;

	return s == 0 ? 0 : (int)pos_config_int(config, "require_callback_ack_s", s);
}

enum pos_policy
pos_webhook_policy(const struct pos_config *config)
{
	enum pos_policy theirs = pos_traits_of(config).policy;

	return theirs != POS_POLICY_NONE
		   ? theirs
		   : pos_policy_by_name(pos_config_text(config, "webhook_policy"));
}

/* Choices hold nothing that JSON escapes, so a quoted member is found as it stands. */
bool
pos_config_has(const struct pos_config *config, const char *key, const char *member)
{
	const char *s = pos_config_text(config, key);
	char quoted[64];
	size_t len = strlen(member);

	if (s == NULL || len + 3 > sizeof(quoted))
		return false;
	quoted[0] = '"';
	memcpy(quoted + 1, member, len);
	quoted[len + 1] = '"';
	quoted[len + 2] = '\0';
	return strstr(s, quoted) != NULL;
}
