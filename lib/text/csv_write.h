/*
 * csv_write: a table as RFC 4180 has it, row by row into a buf: commas between cells, CRLF behind
 * rows, quotes around what needs them. UTF-8, no byte order mark.
 *
 * A spreadsheet takes a text that begins like a formula for one. Such a text gets an apostrophe in
 * front (OWASP, "CSV Injection"): names are typed by people who are not those who open the file.
 * Numbers are ours and stay numbers.
 */
#ifndef TICKETRAIL_TEXT_CSV_WRITE_H
#define TICKETRAIL_TEXT_CSV_WRITE_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct csv_write {
	struct buf *out;
	bool has_cell; /* in the row under way */
};

void csv_write_init(struct csv_write *, struct buf *);

/* NULL is an empty cell. */
void csv_write_text(struct csv_write *, const char *);
void csv_write_int64(struct csv_write *, int64_t);
/* (18000, 2) is 180.00, (-5, 2) is -0.05, (7, 0) is 7. */
void csv_write_money(struct csv_write *, int64_t minor, unsigned exponent);
void csv_write_empty(struct csv_write *);
void csv_write_row_end(struct csv_write *);

#endif
