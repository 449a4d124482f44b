#include "text/csv_write.h"

#include <string.h>

#include "mem/buf.h"
#include "text/money.h"

void
csv_write_init(struct csv_write *w, struct buf *out)
{
	*w = (struct csv_write){ .out = out };
}

static void
cell_begin(struct csv_write *w)
{
	if (w->has_cell)
		buf_addc(w->out, ',');
	w->has_cell = true;
}

/* What spreadsheets take for the beginning of a formula; wide forms are read as narrow ones. */
static bool
is_formula(const char *s)
{
	static const char *const begins[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\uff1d",
		"\uff0b", "\uff0d", "\uff20" };

	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (strncmp(s, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* Blanks at an end are part of a cell, and yet some readers drop them. */
static bool
is_quoted(const char *s)
{
	size_t len = strlen(s);

	return strpbrk(s, ",\"\r\n") != NULL || (len > 0 && (s[0] == ' ' || s[len - 1] == ' '));
}

void
csv_write_text(struct csv_write *w, const char *s)
{
	bool quoted;

	cell_begin(w);
	if (s == NULL)
		return;
	quoted = is_quoted(s);
	if (quoted)
		buf_addc(w->out, '"');
	if (is_formula(s))
		buf_addc(w->out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			buf_addc(w->out, '"');
		buf_addc(w->out, *s);
	}
	if (quoted)
		buf_addc(w->out, '"');
}

void
csv_write_int64(struct csv_write *w, int64_t n)
{
	cell_begin(w);
	buf_addf(w->out, "%lld", (long long)n);
}

void
csv_write_money(struct csv_write *w, int64_t minor, unsigned exponent)
{
	char text[MONEY_TEXT_LEN];

	cell_begin(w);
	money_format(minor, exponent, text);
	buf_adds(w->out, text);
}

void
csv_write_empty(struct csv_write *w)
{
	cell_begin(w);
}

void
csv_write_row_end(struct csv_write *w)
{
	buf_adds(w->out, "\r\n");
	w->has_cell = false;
}
