/*
 * script: a text of SQL statements, taken apart at its semicolons. Comments go; quoted text stays
 * as it is.
 *
 * It knows no DELIMITER, hence no stored programs.
 */
#ifndef TICKETRAIL_DB_SCRIPT_H
#define TICKETRAIL_DB_SCRIPT_H

#include "mem/arena.h"

/*
 * The next statement, without semicolon and surrounding blanks, in the arena; *cursor moves behind
 * it. NULL at the end.
 */
char *script_next(const char **cursor, struct arena *);

#endif
