#include "text/json_write.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "mem/buf.h"
#include "text/iso8601.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/uuid.h"

static uint64_t
bit(unsigned depth)
{
	return UINT64_C(1) << depth;
}

/* The escape of one character; NULL if it stands for itself. */
static const char *
escape_of(uint32_t cp, char room[8])
{
	static const char digits[] = "0123456789abcdef";

	switch (cp) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	case 0x2028:
		return "\\u2028";
	case 0x2029:
		return "\\u2029";
	}
	if (cp >= 0x20 && cp != 0x7f)
		return NULL;
	memcpy(room, "\\u00", 4);
	room[4] = digits[cp >> 4];
	room[5] = digits[cp & 0x0f];
	room[6] = '\0';
	return room;
}

static void
string_put(struct buf *b, const char *s, size_t len)
{
	size_t plain = 0; /* bytes at s that go out as they are */
	char room[8];

	buf_addc(b, '"');
	while (plain < len) {
		uint32_t cp;
		size_t n = utf8_next(s + plain, len - plain, &cp);
		const char *escape = n == 0 ? "\xef\xbf\xbd" : escape_of(cp, room);

		if (escape == NULL) {
			plain += n;
			continue;
		}
		buf_add(b, s, plain);
		buf_adds(b, escape);
		n += n == 0;
		s += plain + n;
		len -= plain + n;
		plain = 0;
	}
	buf_add(b, s, plain);
	buf_addc(b, '"');
}

/* Whatever stands in front of a value: comma and key. */
static void
value_begin(struct json_write *w, const char *key)
{
	bool in_object = (w->is_object & bit(w->depth)) != 0;

	assert((key != NULL) == in_object);
	if ((w->has_any & bit(w->depth)) != 0) {
		assert(w->depth > 0); /* one root only */
		buf_addc(w->out, ',');
	}
	w->has_any |= bit(w->depth);
	if (key != NULL) {
		string_put(w->out, key, strlen(key));
		buf_addc(w->out, ':');
	}
}

static void
list_begin(struct json_write *w, const char *key, bool is_object)
{
	value_begin(w, key);
	assert(w->depth < JSON_WRITE_DEPTH_MAX);
	w->depth++;
	w->has_any &= ~bit(w->depth);
	w->is_object &= ~bit(w->depth);
	if (is_object)
		w->is_object |= bit(w->depth);
	buf_addc(w->out, is_object ? '{' : '[');
}

static void
list_end(struct json_write *w, bool is_object)
{
	assert(w->depth > 0 && ((w->is_object & bit(w->depth)) != 0) == is_object);
	w->depth--;
	buf_addc(w->out, is_object ? '}' : ']');
}

void
json_write_init(struct json_write *w, struct buf *out)
{
	*w = (struct json_write){ .out = out };
}

void
json_write_object(struct json_write *w, const char *key)
{
	list_begin(w, key, true);
}

void
json_write_object_end(struct json_write *w)
{
	list_end(w, true);
}

void
json_write_array(struct json_write *w, const char *key)
{
	list_begin(w, key, false);
}

void
json_write_array_end(struct json_write *w)
{
	list_end(w, false);
}

void
json_write_string(struct json_write *w, const char *key, const char *s)
{
	json_write_string_n(w, key, s, s == NULL ? 0 : strlen(s));
}

void
json_write_string_n(struct json_write *w, const char *key, const char *s, size_t len)
{
	if (s == NULL) {
		json_write_null(w, key);
		return;
	}
	value_begin(w, key);
	string_put(w->out, s, len);
}

void
json_write_int64(struct json_write *w, const char *key, int64_t v)
{
	value_begin(w, key);
	buf_addf(w->out, "%" PRId64, v);
}

void
json_write_bool(struct json_write *w, const char *key, bool v)
{
	json_write_raw(w, key, v ? "true" : "false");
}

void
json_write_null(struct json_write *w, const char *key)
{
	json_write_raw(w, key, "null");
}

void
json_write_money(struct json_write *w, const char *key, int64_t minor, unsigned exponent)
{
	char text[MONEY_TEXT_LEN];

	money_format(minor, exponent, text);
	json_write_raw(w, key, text);
}

void
json_write_time(struct json_write *w, const char *key, int64_t us)
{
	char text[ISO8601_LEN];

	iso8601_format(us, text);
	json_write_string(w, key, us == TIME_NONE ? NULL : text);
}

void
json_write_uuid(struct json_write *w, const char *key, const uint8_t uuid[16])
{
	char text[UUID_TEXT_LEN];

	if (uuid == NULL) {
		json_write_null(w, key);
		return;
	}
	uuid_format(uuid, text);
	json_write_string(w, key, text);
}

void
json_write_raw(struct json_write *w, const char *key, const char *json)
{
	value_begin(w, key);
	buf_adds(w->out, json == NULL ? "null" : json);
}

void
json_write_done(const struct json_write *w)
{
	assert(w->depth == 0 && (w->has_any & bit(0)) != 0);
}
