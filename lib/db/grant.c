#include "db/grant.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

const char *const grant_names[GRANTS_N] = { "SELECT", "INSERT", "UPDATE", "DELETE" };

/* A name, a keyword, or one other character. Quoted text is passed over. */
struct word {
	const char *at;
	size_t len;
};

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool
word_next(const char **cursor, struct word *ret)
{
	const char *s = *cursor;

	for (;;) {
		s += strspn(s, " \t\n`");
		if (*s != '\'')
			break;
		s++;
		s += strcspn(s, "'");
		s += *s != '\0';
	}
	if (*s == '\0')
		return false;
	ret->at = s++;
	if (is_name(*ret->at))
		while (is_name(*s))
			s++;
	ret->len = (size_t)(s - ret->at);
	*cursor = s;
	return true;
}

static bool
word_is(const struct word *w, const char *text)
{
	return w->len == strlen(text) && strncasecmp(w->at, text, w->len) == 0;
}

/* What the statement as a whole does, besides where the table stands in it. */
struct traits {
	enum { READS, INSERTS, UPDATES, DELETES } verb;
	bool is_upsert, is_locking;
};

static struct traits
traits_of(const char *sql)
{
	struct traits t = { .verb = READS };
	struct word w, before = { "", 0 };

	for (bool is_first = true; word_next(&sql, &w); before = w, is_first = false) {
		if (is_first && word_is(&w, "INSERT"))
			t.verb = INSERTS;
		else if (is_first && word_is(&w, "UPDATE"))
			t.verb = UPDATES;
		else if (is_first && word_is(&w, "DELETE"))
			t.verb = DELETES;
		else if (word_is(&w, "UPDATE") && word_is(&before, "KEY"))
			t.is_upsert = true;
		else if ((word_is(&w, "UPDATE") && word_is(&before, "FOR")) ||
		    (word_is(&w, "IN") && word_is(&before, "LOCK")))
			t.is_locking = true;
	}
	return t;
}

/*
 * What one mention of the table means. is_tail: behind the first table, where things are only read.
 */
static unsigned
mention(const struct traits *t, bool is_tail)
{
	if (!is_tail && t->verb == INSERTS)
		return GRANT_INSERT | (t->is_upsert ? GRANT_SELECT | GRANT_UPDATE : 0u);
	if (!is_tail && t->verb == UPDATES)
		return GRANT_SELECT | GRANT_UPDATE;
	if (!is_tail && t->verb == DELETES)
		return GRANT_SELECT | GRANT_DELETE;
	/* MySQL wants more than SELECT for a locking read; UPDATE is the least that does. */
	return GRANT_SELECT | (t->is_locking ? GRANT_UPDATE : 0u);
}

/* What ends the part of a statement that names the table it changes. */
static const char *const tail_words[] = { "SET", "VALUES", "SELECT", "WHERE", "JOIN", "," };

unsigned
grant_needed(const char *sql, const char *table)
{
	struct traits t = traits_of(sql);
	struct word w, before = { "", 0 };
	bool is_tail = false;
	unsigned need = 0;

	for (; word_next(&sql, &w); before = w) {
		if (word_is(&w, table) && !word_is(&before, ".") && !word_is(&before, "AS"))
			need |= mention(&t, is_tail);
		for (size_t i = 0; i < sizeof tail_words / sizeof tail_words[0]; i++)
			is_tail = is_tail || word_is(&w, tail_words[i]);
	}
	return need;
}

unsigned
grant_of_program(enum program program, const char *table)
{
	unsigned need = 0;

	for (size_t s = 0; s < STMT__MAX; s++)
		if ((stmt_texts[s].programs >> program & 1u) != 0)
			need |= grant_needed(stmt_texts[s].sql, table);
	return need;
}
