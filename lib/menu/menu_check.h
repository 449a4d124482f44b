/*
 * menu_check: what of a provider's menu can be kept, before anybody compares it with the tables.
 *
 * Pure. A checked document holds only rows with usable and unique ids, names that are there and
 * fit, prices that are not negative, JSON that is JSON. What was left out or changed for that
 * stands among the problems. Whether references lead anywhere is not its affair
 * (menu/menu_import.h): a partial document may refer to what is stored.
 */
#ifndef TICKETRAIL_MENU_MENU_CHECK_H
#define TICKETRAIL_MENU_MENU_CHECK_H

#include <stddef.h>

#include "mem/arena.h"
#include "menu/menu_doc.h"

/* More than so many are only counted: nobody reads the thousandth. */
#define PROBLEMS_MAX 500

struct problems {
	struct arena *arena;
	struct menu_doc_problem *list; /* room for PROBLEMS_MAX */
	size_t n;
	size_t lost; /* found beyond PROBLEMS_MAX */
};

void problems_init(struct problems *, struct arena *);

/* "item", "7765862", "names category %s, ..." */
void problem_add(struct problems *, const char *kind, const char *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The document without what cannot be kept. Its strings and arrays are those of `doc` or in the
 * arena of `problems`.
 */
struct menu_doc menu_check(const struct menu_doc *doc, struct problems *);

#endif
