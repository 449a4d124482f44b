#include "inbox/redact.h"

#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define NAME_MAX 64
#define GROWTH 8 /* a character written as \u0000 takes six, and commas and quotes the rest */
#define DIGITS_SHOWN 4
#define REDACTED "[redacted]"
#define SECRET_NAME "{{secret:" /* outbox/call.h: a secret's name, not its value */
#define PHONE_DIGITS_MIN 10
#define SECRET_MIN 4
#define LOGGED_MAX ((size_t)1024 * 1024) /* what is larger is not read for a log */

/* Parts of names, in small letters without _ and -. */
static const char *const secrets[] = { "token", "secret", "password", "signature", "authorization",
	"apikey", "appkey", "otp", "credential" };
static const char *const numbers[] = { "phone", "mobile", "contact", "email" };
/* For a log: who somebody is, and where; what people write by hand. */
static const char *const persons[] = { "phone", "mobile", "contact", "email", "customer", "guest",
	"user", "rider", "driver", "deliveryboy", "person", "address", "latitude",
	"longitude", "landmark", "locality", "pincode", "note", "comment", "instruction",
	"description", "remark", "reason" };
/* What has a name that is nobody's. */
static const char *const things[] = { "item", "addon", "category", "categories", "restaurant",
	"resname", "tax", "discount", "variation", "attribute", "group", "ordertype" };

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

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

/* --- what must not be said again -------------------------------------------------------------- */

static void
hidden_add(struct op *op, struct redact_hidden *h, const char *text, size_t len, bool is_word)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].len == len && memcmp(h->v[i].text, text, len) == 0)
			return;
	h->has_more |= h->n == REDACT_HIDDEN_MAX;
	if (!h->has_more)
		h->v[h->n++] = (struct redact_word){
			.text = arena_strndup(op->arena, text, len), .len = len, .is_word = is_word
		};
}

void
redact_hide(struct op *op, struct redact_hidden *h, const char *text)
{
	if (text != NULL && strlen(text) >= SECRET_MIN)
		hidden_add(op, h, text, strlen(text), false);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Every character that is not ASCII is taken for a letter. */
static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* What a person is called, or wrote: all of it, and each word. "12" says nothing by itself. */
static void
hide_words(struct op *op, struct redact_hidden *h, const char *text)
{
	size_t len = strlen(text), digits_n = strspn(text, "0123456789");

	if (len >= SECRET_MIN)
		hidden_add(op, h, text, len, false);
	else if (len >= 2 && digits_n < len)
		hidden_add(op, h, text, len, true);
	for (size_t i = 0, n; i < len; i += n > 0 ? n : 1) {
		for (n = 0; i + n < len && is_letter(text[i + n]); n++)
			continue;
		if (n >= 3)
			hidden_add(op, h, text + i, n, true);
		if (n > 0)
			continue;
		for (n = 0; i + n < len && is_digit(text[i + n]); n++)
			continue;
		if (n >= 6)
			hidden_add(op, h, text + i, n, false);
	}
}

/* How much of what begins at `at` must not be said; 0: nothing. */
static size_t
hidden_len(const struct redact_hidden *h, const char *text, size_t at, size_t len)
{
	size_t most = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct redact_word *w = &h->v[i];
		size_t end = at + w->len;

		if (w->len <= most || end > len || strncasecmp(text + at, w->text, w->len) != 0 ||
		    (w->is_word && ((at > 0 && is_letter(text[at - 1])) ||
				       (end < len && is_letter(text[end])))))
			continue;
		most = w->len;
	}
	return most;
}

/* A number that can be called. */
static size_t
phone_len(const char *text, size_t at, size_t len)
{
	size_t n = 0;

	if (at > 0 && is_digit(text[at - 1]))
		return 0;
	while (at + n < len && is_digit(text[at + n]))
		n++;
	return n >= PHONE_DIGITS_MIN ? n : 0;
}

/* At the beginning of a word: an e-mail address, or what follows the ? of a URL that ends there. */
static size_t
word_len(const char *text, size_t at, size_t len, size_t *ret_skip)
{
	static const char ends[] = " \t\r\n\"'<>(),;";
	size_t n = 0, question = 0;
	bool is_mail = false, is_url = false;

	*ret_skip = 0;
	if (at > 0 && strchr(ends, text[at - 1]) == NULL)
		return 0;
	for (; at + n < len && (text[at + n] == '\0' || strchr(ends, text[at + n]) == NULL); n++) {
		is_mail |= text[at + n] == '@';
		is_url |= n >= 2 && memcmp(text + at + n - 2, "://", 3) == 0;
		if (text[at + n] == '?' && is_url && question == 0)
			question = n + 1;
	}
	if (is_mail)
		return n;
	*ret_skip = question;
	return question > 0 ? n - question : 0;
}

/* The text without what must not be said, in a buffer that the next one takes over. */
static const char *
text_shown(struct buf *b, const struct redact_hidden *h, const char *text, size_t len)
{
	buf_clear(b);
	for (size_t at = 0; at < len;) {
		size_t skip = 0, n = hidden_len(h, text, at, len), phone = phone_len(text, at, len);

		n = phone > n ? phone : n;
		if (n == 0)
			n = word_len(text, at, len, &skip);
		buf_add(b, text + at, skip);
		at += skip + n;
		if (n > 0)
			buf_adds(b, REDACTED);
		else if (skip == 0)
			buf_addc(b, text[at++]);
	}
	return b->data;
}

/* --- documents -------------------------------------------------------------------------------- */

struct reader {
	struct op *op;
	struct json_write *w;
	struct redact_hidden *hidden; /* NULL: for staff */
	struct buf *scratch;
};

/* What a member is by its name and the names around it. */
struct within {
	bool is_number, is_person, is_thing;
};

static void value_write(
    const struct reader *, const char *key, struct json_object *, struct within);

static struct within
within_of(const struct reader *r, const char *name, struct within around)
{
	struct within in = around;
	bool is_thing = has_part(name, things, N_OF(things));

	if (r->hidden == NULL) {
		in.is_number |= has_part(name, numbers, N_OF(numbers));
		return in;
	}
	in.is_thing |= is_thing;
	in.is_person |= has_part(name, persons, N_OF(persons));
	/* Somebody's, unless it is told to be the name of something. */
	if (strstr(name, "name") != NULL)
		in.is_person |= !is_thing && !(around.is_thing && strcmp(name, "name") == 0);
	return in;
}

/* By what its name says of it, or a name around it. */
static void
member_write(const struct reader *r, const char *key, struct json_object *value, struct within in)
{
	char name[NAME_MAX];
	const char *text;

	plain_name(key, name);
	if (value == NULL || !has_part(name, secrets, N_OF(secrets)) ||
	    (r->hidden != NULL && json_as_string(value, &text) &&
		strncmp(text, SECRET_NAME, strlen(SECRET_NAME)) == 0 &&
		strcmp(text + strcspn(text, "}"), "}}") == 0)) {
		value_write(r, key, value, within_of(r, name, in));
		return;
	}
	if (r->hidden != NULL)
		redact_hide(r->op, r->hidden,
		    json_as_string(value, &text) ? text : json_text(r->op->arena, value));
	json_write_string(r->w, key, REDACTED);
}

/* For a log. */
static void
scalar_log(const struct reader *r, const char *key, struct json_object *value, struct within in)
{
	const char *text, *shown;
	bool is_string = json_as_string(value, &text);

	if (!is_string)
		text = json_text(r->op->arena, value);
	if (in.is_person && (is_string || is_digit(text[0]) || text[0] == '-')) {
		hide_words(r->op, r->hidden, text);
		json_write_string(r->w, key, text[0] == '\0' ? "" : REDACTED);
		return;
	}
	shown = text_shown(r->scratch, r->hidden, text, strlen(text));
	if (is_string || strcmp(shown, text) != 0)
		json_write_string(r->w, key, shown);
	else
		json_write_raw(r->w, key, text);
}

static void
scalar_write(const struct reader *r, const char *key, struct json_object *value, struct within in)
{
	const char *text;

	if (r->hidden != NULL && value != NULL) {
		scalar_log(r, key, value, in);
		return;
	}
	if (!in.is_number || value == NULL) {
		json_write_raw(r->w, key, json_text(r->op->arena, value));
		return;
	}
	if (!json_as_string(value, &text))
		text = json_text(r->op->arena, value);
	tail_write(r->w, key, text);
}

/* As deep as the reader goes. What holds for a name holds down to the last element within. */
static void
value_write(const struct reader *r, const char *key, struct json_object *value, struct within in)
{
	if (json_is_object(value)) {
		json_write_object(r->w, key);
		json_object_object_foreach(value, name, member)
		    member_write(r, name, member, in);
		json_write_object_end(r->w);
	} else if (json_is_array(value)) {
		json_write_array(r->w, key);
		for (size_t i = 0; i < json_array_n(value); i++)
			value_write(r, NULL, json_element(value, i), in);
		json_write_array_end(r->w);
	} else {
		scalar_write(r, key, value, in);
	}
}

static void
document_write(
    struct op *op, struct json_object *top, struct redact_hidden *hidden, struct buf *out)
{
	struct json_write w;
	struct buf scratch;
	struct reader r = { .op = op, .w = &w, .hidden = hidden, .scratch = &scratch };

	buf_clear(out);
	buf_init(&scratch, op->arena, (sizeof REDACTED) * LOGGED_MAX);
	json_write_init(&w, out);
	value_write(&r, NULL, top, (struct within){ .is_number = false });
	json_write_done(&w);
}

static bool
document_read(struct op *op, struct bytes body, struct json_object **ret)
{
	const char *why;

	return body.data != NULL &&
	       json_read(op->arena, body.data, body.len, &json_limits_menu, ret, &why) == OK;
}

const char *
redact_json(struct op *op, struct bytes body)
{
	struct json_object *top;
	struct buf b;

	if (!document_read(op, body, &top))
		return NULL;
	buf_init(&b, op->arena, GROWTH * body.len + 64);
	document_write(op, top, NULL, &b);
	return b.overflowed ? NULL : b.data;
}

/* Broken JSON has names that nobody reads. */
static bool
begins_as_json(const char *text)
{
	text += strspn(text, " \t\r\n");
	return *text == '{' || *text == '[' || *text == '"';
}

const char *
redact_for_log(struct op *op, struct bytes body, size_t max, struct redact_hidden *hidden)
{
	struct json_object *top;
	const char *text;
	struct buf b;

	if (body.data == NULL || body.len > LOGGED_MAX || hidden->has_more)
		return NULL;
	if (document_read(op, body, &top)) {
		/* Twice: what is found at the end is not to be said at the beginning either. */
		buf_init(&b, op->arena, max);
		document_write(op, top, hidden, &b);
		document_write(op, top, hidden, &b);
		return hidden->has_more ? NULL : b.data;
	}
	text = arena_strndup(op->arena, body.data, body.len);
	if (begins_as_json(text))
		return NULL;
	buf_init(&b, op->arena, (sizeof REDACTED) * (body.len + 1));
	text = text_shown(&b, hidden, text, strlen(text));
	return arena_strndup(op->arena, text, b.len < max ? b.len : max);
}
