#include "inbox/redact.h"

#include <string.h>

#include <json-c/json.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define NAME_MAX 64
#define GROWTH 8 /* a character written as \u0000 takes six, and commas and quotes the rest */
#define DIGITS_SHOWN 4

/* Parts of names, in small letters without _ and -. */
static const char *const secrets[] = { "token", "secret", "password", "signature", "authorization",
	"apikey", "appkey", "otp", "credential" };
static const char *const numbers[] = { "phone", "mobile", "contact", "email" };

static bool
has_part(const char *name, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(name, parts[i]) != NULL)
			return true;
	return false;
}

static void
plain_name(const char *name, char ret[NAME_MAX])
{
	size_t n = 0;

	for (; *name != '\0' && n < NAME_MAX - 1; name++)
		if (*name != '_' && *name != '-' && *name != ' ')
			ret[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a')
								 : *name;
	ret[n] = '\0';
}

static void
tail_write(struct json_write *w, const char *key, const char *text)
{
	char masked[DIGITS_SHOWN + 8] = "******";
	size_t len = strlen(text);
	const char *tail = len > 2 * DIGITS_SHOWN ? text + len - DIGITS_SHOWN : "";

	if (strspn(tail, "0123456789") == DIGITS_SHOWN)
		memcpy(masked + 6, tail, DIGITS_SHOWN + 1);
	json_write_string(w, key, len == 0 ? "" : masked);
}

static void value_write(
    struct op *, struct json_write *, const char *key, struct json_object *, bool is_number);

/* By what its name says of it, or a name around it. */
static void
member_write(struct op *op, struct json_write *w, const char *key, struct json_object *value,
    bool is_number)
{
	char name[NAME_MAX];

	plain_name(key, name);
	if (value != NULL && has_part(name, secrets, sizeof secrets / sizeof secrets[0]))
		json_write_string(w, key, "[redacted]");
	else
		value_write(op, w, key, value,
		    is_number || has_part(name, numbers, sizeof numbers / sizeof numbers[0]));
}

static void
scalar_write(struct op *op, struct json_write *w, const char *key, struct json_object *value,
    bool is_number)
{
	const char *text;

	if (!is_number || value == NULL) {
		json_write_raw(w, key, json_text(op->arena, value));
		return;
	}
	if (!json_as_string(value, &text))
		text = json_text(op->arena, value);
	tail_write(w, key, text);
}

/* As deep as the reader goes. What is a number by its name is one down to its last element. */
static void
value_write(struct op *op, struct json_write *w, const char *key, struct json_object *value,
    bool is_number)
{
	if (json_is_object(value)) {
		json_write_object(w, key);
		json_object_object_foreach(value, name, member)
		    member_write(op, w, name, member, is_number);
		json_write_object_end(w);
	} else if (json_is_array(value)) {
		json_write_array(w, key);
		for (size_t i = 0; i < json_array_n(value); i++)
			value_write(op, w, NULL, json_element(value, i), is_number);
		json_write_array_end(w);
	} else {
		scalar_write(op, w, key, value, is_number);
	}
}

const char *
redact_json(struct op *op, struct bytes body)
{
	struct json_object *top;
	struct json_write w;
	struct buf b;
	const char *why;

	if (body.data == NULL ||
	    json_read(op->arena, body.data, body.len, &json_limits_menu, &top, &why) != OK)
		return NULL;
	buf_init(&b, op->arena, GROWTH * body.len + 64);
	json_write_init(&w, &b);
	value_write(op, &w, NULL, top, false);
	json_write_done(&w);
	return b.overflowed ? NULL : b.data;
}
