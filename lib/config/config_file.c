#include "config/config_file.h"

#include <string.h>

void
config_reader_init(struct config_reader *r, const char *data, size_t len, char *room)
{
	*r = (struct config_reader){ .data = data, .end = data + len, .line = 1, .room = room };
}

/* The next byte, -1 at the end. */
static int
peek(const struct config_reader *r)
{
	return r->data < r->end ? (unsigned char)*r->data : -1;
}

static int
take(struct config_reader *r)
{
	int c = peek(r);

	if (c >= 0)
		r->data++;
	if (c == '\n')
		r->line++;
	return c;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
put(struct config_reader *r, int c)
{
	*r->room++ = (char)c;
}

/* Over blank lines and comments to the next key. False at a comment that ends in a backslash. */
static bool
find_key(struct config_reader *r)
{
	for (;;) {
		int c = peek(r), last = 0;

		if (is_blank(c) || c == '\n') {
			take(r);
			continue;
		}
		if (c != '#' && c != ';')
			return true;
		while (peek(r) >= 0 && peek(r) != '\n')
			last = take(r);
		if (last == '\\')
			return false;
	}
}

static bool
quoted_piece(struct config_reader *r, int quote)
{
	int c;

	take(r);
	while ((c = take(r)) >= 0 && c != quote) {
		if (c == '\\' && quote == '"') {
			int next = take(r);

			if (next == '\n')
				continue;
			if (next < 0)
				return false;
			if (strchr("\"\\`$", next) == NULL)
				put(r, '\\');
			c = next;
		}
		put(r, c);
	}
	return c == quote;
}

/* A bare piece goes to the end of the line; quotes inside of it are characters. */
static void
bare_piece(struct config_reader *r)
{
	char *kept = r->room; /* behind the last character that is no trailing blank */
	int c;

	while ((c = take(r)) >= 0 && c != '\n') {
		if (c == '\\') {
			c = take(r);
			if (c < 0 || c == '\n')
				continue;
			put(r, c);
			kept = r->room;
		} else {
			put(r, c);
			if (!is_blank(c))
				kept = r->room;
		}
	}
	r->room = kept;
}

static bool
read_value(struct config_reader *r)
{
	for (;;) {
		int c = peek(r);

		if (c < 0 || c == '\n') {
			take(r);
			return true;
		}
		if (is_blank(c)) {
			take(r);
		} else if (c == '"' || c == '\'') {
			if (!quoted_piece(r, c))
				return false;
		} else {
			bare_piece(r);
			return true;
		}
	}
}

bool
config_read(struct config_reader *r, struct config_pair *ret_pair, const char **ret_why)
{
	struct config_pair pair;
	int c;

	*ret_why = NULL;
	if (!find_key(r)) {
		*ret_why = "a comment may not end in a backslash";
		return false;
	}
	if (peek(r) < 0)
		return false;
	pair.line = r->line;
	pair.key = r->room;
	while ((c = peek(r)) >= 0 && c != '=' && c != '\n')
		put(r, take(r));
	if (c != '=') {
		*ret_why = "this is not KEY=value";
		return false;
	}
	take(r);
	while (r->room > pair.key && is_blank((unsigned char)r->room[-1]))
		r->room--;
	put(r, '\0');
	pair.value = r->room;
	if (!read_value(r)) {
		r->line = pair.line;
		*ret_why = "a quote is not closed";
		return false;
	}
	put(r, '\0');
	*ret_pair = pair;
	return true;
}
