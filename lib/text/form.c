#include "text/form.h"

#include <stdbool.h>
#include <string.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "text/url.h"

static bool
bytes_are_printable(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return true;
}

/* A name or a value: + is a space here, and only here. */
static bool
part_decode(struct arena *a, const char *s, size_t len, const char **ret)
{
	char *copy = arena_bytes(a, s, len);

	for (size_t i = 0; i < len; i++)
		if (copy[i] == '+')
			copy[i] = ' ';
	return url_decode(a, copy, len, ret);
}

static bool
may_repeat(const char *name)
{
	size_t len = strlen(name);

	return len >= 2 && strcmp(name + len - 2, "[]") == 0;
}

static const char *
pair_read(struct arena *a, const char *s, size_t len, struct form *form)
{
	const char *equals = memchr(s, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - s);
	struct form_pair pair = { .value = "" };

	if (form->n == FORM_PAIRS_MAX)
		return "there are too many parameters";
	if (!part_decode(a, s, name_len, &pair.name) ||
	    (equals != NULL && !part_decode(a, equals + 1, len - name_len - 1, &pair.value)))
		return "a parameter is not percent-encoded UTF-8";
	if (form_get(form, pair.name) != NULL && !may_repeat(pair.name))
		return "a parameter is given twice";
	form->pairs[form->n++] = pair;
	return NULL;
}

enum err
form_read(struct arena *a, const char *data, size_t len, struct form *ret, const char **ret_why)
{
	struct form form = { .n = 0 };
	const char *why = NULL;
	size_t pairs_n = 1;

	if (!bytes_are_printable(data, len)) {
		*ret_why = "the parameters hold a character that must be percent-encoded";
		return ERR_VALIDATION_ERROR;
	}
	for (size_t i = 0; i < len; i++)
		pairs_n += data[i] == '&';
	form.pairs =
	    arena_array(a, pairs_n < FORM_PAIRS_MAX ? pairs_n : FORM_PAIRS_MAX, sizeof *form.pairs);
	while (len > 0 && why == NULL) {
		const char *amp = memchr(data, '&', len);
		size_t n = amp == NULL ? len : (size_t)(amp - data);

		if (n > 0) /* "a=1&&b=2" is two pairs, as everywhere */
			why = pair_read(a, data, n, &form);
		data += n + (amp != NULL);
		len -= n + (amp != NULL);
	}
	if (why != NULL) {
		*ret_why = why;
		return ERR_VALIDATION_ERROR;
	}
	*ret = form;
	return OK;
}

const char *
form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (strcmp(form->pairs[i].name, name) == 0)
			return form->pairs[i].value;
	return NULL;
}

void
form_write(struct buf *b, const char *name, const char *value)
{
	if (b->len > 0)
		buf_addc(b, '&');
	buf_adds(b, url_encode(b->arena, name));
	buf_addc(b, '=');
	buf_adds(b, url_encode(b->arena, value));
}
