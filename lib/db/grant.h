/*
 * grant: what a program's database user must be allowed, read off the statements that name the
 * program.
 *
 * The header line of a statement is the only place where somebody decides that a program may do
 * something; the privileges follow from the text. So a user can neither lack a right its program
 * needs nor keep one it lost.
 */
#ifndef TICKETRAIL_DB_GRANT_H
#define TICKETRAIL_DB_GRANT_H

#include "db/stmt.h"

enum grant { GRANT_SELECT = 1, GRANT_INSERT = 2, GRANT_UPDATE = 4, GRANT_DELETE = 8 };
#define GRANTS_N 4

/* "SELECT" for bit 0, and so on. */
extern const char *const grant_names[GRANTS_N];

/*
 * What a statement needs on a table, as a set of bits; 0: it does not touch it. It is its first
 * table that a statement changes; one that is joined to it is only read.
 */
unsigned grant_needed(const char *sql, const char *table);

/* What all statements of a program need on a table. */
unsigned grant_of_program(enum program, const char *table);

#endif
