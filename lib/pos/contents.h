/*
 * contents: what an order at a POS consists of, in words: "2 x Cola, 1 x Margherita (Cheese)".
 *
 * For people, and for telling whether it was changed there: the text is the same for the same lines
 * in whatever order they come, and equal lines are one. It compares nothing with our own lines,
 * which may have other names. A line without a name makes all of it unknown: some tell the names
 * only later, and that is no change.
 */
#ifndef TICKETRAIL_POS_CONTENTS_H
#define TICKETRAIL_POS_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct json_object;

/* Bytes of the text; lines beyond are only counted. */
#define CONTENTS_MAX 800

struct contents {
	struct arena *arena;
	struct contents_line {
		const char *name;
		int64_t n;
	} *lines;
	size_t n, room;
	bool is_vague; /* something had no name */
};

void contents_init(struct contents *, struct arena *);

/*
 * One line. quantity: a number, or a text that is one; NULL: 1. part_names: what was chosen with
 * it, an array of objects that have their names under that key; NULL: nothing. A line without a
 * name makes it vague.
 */
void contents_add(struct contents *, struct json_object *quantity, struct json_object *name,
    struct json_object *parts, const char *part_key);

/* In the arena; NULL: there is no line, or it is vague. Sorts the lines. */
const char *contents_text(struct contents *);

#endif
