/*
 * config_file: a file of KEY=value lines, in the syntax of systemd's EnvironmentFile=
 * (systemd.exec(5), version 252).
 *
 * Blank lines and lines that begin with # or ; say nothing. A value may be bare (blanks around it
 * go; a backslash takes the next character as it is, at a line's end it continues the line), in
 * 'single quotes' (taken literally) or in "double quotes" (a backslash escapes " \ ` $ and the
 * line's end); quoted pieces may follow one another. Quoted text may go over several lines. Nothing
 * is expanded.
 *
 * Stricter than systemd, so that two readers can not disagree: a line that is no KEY=value, a quote
 * that is not closed, and a comment that ends in a backslash (versions before and after 254 read
 * the next line differently) are mistakes.
 */
#ifndef TICKETRAIL_CONFIG_CONFIG_FILE_H
#define TICKETRAIL_CONFIG_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* One KEY=value as read: texts inside the reader's room. */
struct config_pair {
	const char *key, *value;
	unsigned line; /* where the key stands */
};

struct config_reader {
	const char *data, *end;
	unsigned line;
	char *room; /* for the next pair: what is left of the len + 2 bytes given */
};

/*
 * Reads `len` bytes, none of them NUL, into texts that are put into room[len + 2]; both stay the
 * caller's.
 */
void config_reader_init(struct config_reader *, const char *data, size_t len, char *room);

/*
 * True and the next pair; false at the end, or at a mistake: then *ret_why says what is wrong at
 * reader->line (else it is NULL), and reading can not go on.
 */
bool config_read(struct config_reader *, struct config_pair *ret_pair, const char **ret_why);

#endif
