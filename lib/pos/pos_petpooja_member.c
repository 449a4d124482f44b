#include "pos/pos_petpooja_member.h"

#include <json-c/json.h>
#include <string.h>

#include "mem/buf.h"
#include "menu/menu_doc.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"
#include "text/utf8.h"

#define TYPES_TEXT_MAX 100
#define TIMINGS_MAX 4000

const char *
member_text(struct arena *a, struct json_object *o, const char *key, size_t max)
{
	const char *s;

	if (!json_lax_string(json_member(o, key), &s))
		return NULL;
	s = utf8_sanitise(a, s, max);
	return *s == '\0' ? NULL : s;
}

const char *
member_id(struct arena *a, struct json_object *o, const char *key)
{
	const char *s = member_text(a, o, key, PETPOOJA_MEMBER_ID_MAX + 1);

	return s == NULL || utf8_n(s) > PETPOOJA_MEMBER_ID_MAX ? NULL : s;
}

int64_t
member_int(struct json_object *o, const char *key, int64_t otherwise)
{
	int64_t n;

	return json_lax_int64(json_member(o, key), &n) ? n : otherwise;
}

bool
member_flag(struct json_object *o, const char *key, bool otherwise)
{
	bool is_on;

	return json_lax_bool(json_member(o, key), &is_on) ? is_on : otherwise;
}

bool
member_is_in_stock(struct json_object *o)
{
	bool is_on;

	return !json_lax_bool(json_member(o, "in_stock"), &is_on) || is_on;
}

bool
member_amount(unsigned exponent, struct json_object *o, const char *key, int64_t *ret_minor)
{
	struct json_object *node = json_member(o, key);
	const char *s;

	if (node == NULL || (json_as_string(node, &s) && *s == '\0')) {
		*ret_minor = 0;
		return true;
	}
	return json_lax_decimal(node, &s) && money_parse_rounded(s, exponent, ret_minor) &&
	       *ret_minor >= 0;
}

bool
member_has_amount(struct json_object *o, const char *key)
{
	struct json_object *node = json_member(o, key);
	const char *s;

	return node != NULL && !(json_as_string(node, &s) && *s == '\0');
}

unsigned
member_order_types(struct arena *a, struct json_object *o, const char *key)
{
	const char *s = member_text(a, o, key, TYPES_TEXT_MAX);
	unsigned types = 0;

	for (; s != NULL && *s != '\0'; s++) {
		if (*s == '1')
			types |= MENU_DELIVERY;
		else if (*s == '2')
			types |= MENU_PICKUP;
		else if (*s == '3')
			types |= MENU_DINE_IN;
	}
	return types == 0 ? MENU_ALL_TYPES : types;
}

const char *
member_json(struct arena *a, struct json_object *node)
{
	struct json_survey survey;
	struct json_write w;
	struct buf b;
	const char *s, *why;

	if (json_is_object(node) || json_is_array(node)) {
		s = json_text(a, node);
		return strlen(s) > TIMINGS_MAX ? NULL : s;
	}
	if (!json_lax_string(node, &s) || *s == '\0' || strlen(s) > TIMINGS_MAX)
		return NULL;
	if ((*s == '[' || *s == '{') &&
	    json_scan(a, s, strlen(s), &json_limits_default, &survey, &why) == OK)
		return arena_strdup(a, s);
	buf_init(&b, a, 8 * TIMINGS_MAX);
	json_write_init(&w, &b);
	json_write_string(&w, NULL, s);
	json_write_done(&w);
	return b.data;
}
