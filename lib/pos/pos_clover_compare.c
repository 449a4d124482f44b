/*
 * Clover: is what was read back what was wanted?
 *
 * Lines come back in no order and bear no mark of ours (what integrators saw; names are theirs, and
 * characters beyond the basic plane become "?"), so every line found is given to a wanted piece
 * that it can be: of the same item, with no add-on too many, best with the same price and all
 * add-ons. A price that is not ours is no difference: it is the till's, and shows in the total.
 */
#include <string.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"

/* A line as it stands there. */
struct found {
	const char *id, *item_id;
	int64_t price_minor;
	const char **modifiers;
	size_t modifiers_n;
	bool is_taken;
};

struct compare {
	struct arena *arena;
	const struct clover_piece *pieces;
	size_t pieces_n;
	struct found **given; /* by piece; NULL: nothing yet */
	struct found *found;
	size_t found_n;
};

/* {"elements":[…]}, or the list itself. */
static struct json_object *
elements(struct json_object *o)
{
	return json_is_array(o) ? o : json_member(o, "elements");
}

static void
read_found(struct compare *c, struct json_object *list)
{
	list = elements(list);
	c->found = arena_array(c->arena, json_array_n(list), sizeof(*c->found));
	for (size_t i = 0; i < json_array_n(list); i++) {
		struct json_object *o = json_element(list, i);
		struct json_object *mods = elements(json_member(o, "modifications"));
		struct found *f = &c->found[c->found_n++];
		f->id = clover_id(c->arena, json_member(o, "id"));
		f->item_id = clover_id(c->arena, json_member(json_member(o, "item"), "id"));
		if (!json_as_int64(json_member(o, "price"), &f->price_minor))
			f->price_minor = -1;
		f->modifiers = arena_array(c->arena, json_array_n(mods), sizeof(char *));
		for (size_t k = 0; k < json_array_n(mods); k++) {
			struct json_object *m = json_member(json_element(mods, k), "modifier");
			const char *id = clover_id(c->arena, json_member(m, "id"));
			f->modifiers[f->modifiers_n++] = id == NULL ? "" : id;
		}
	}
}

/* The place of an add-on of that id among those of the line that no other one stands for. */
static bool
take_modifier(const struct found *f, const char *id, bool *is_used)
{
	for (size_t i = 0; i < f->modifiers_n; i++)
		if (!is_used[i] && strcmp(f->modifiers[i], id) == 0)
			return is_used[i] = true;
	return false;
}

/*
 * How many of the piece's add-ons the line lacks, and which those are; -1 if it has one too many.
 */
static int64_t
lacking(const struct clover_piece *piece, const struct found *f, size_t *ret_missing)
{
	bool is_used[CLOVER_NESTED_MAX] = { 0 };
	const struct order_addon *addon;
	size_t used = 0, lacks = 0;

	if (f->modifiers_n > CLOVER_NESTED_MAX)
		return -1;
	for (size_t k = 0; (addon = clover_modification(piece, k)) != NULL; k++) {
		if (take_modifier(f, addon->external_id, is_used))
			used++;
		else if (ret_missing != NULL)
			ret_missing[lacks++] = k;
		else
			lacks++;
	}
	return used == f->modifiers_n ? (int64_t)lacks : -1;
}

static bool
is_same_item(const struct clover_piece *piece, const struct found *f)
{
	if (piece->item_id == NULL || f->item_id == NULL)
		return piece->item_id == NULL && f->item_id == NULL &&
		       piece->price_minor == f->price_minor;
	return strcmp(piece->item_id, f->item_id) == 0;
}

/* Gives lines to pieces as far as these conditions allow. */
static void
give(struct compare *c, bool same_price, bool all_addons)
{
	for (size_t i = 0; i < c->pieces_n; i++)
		for (size_t k = 0; k < c->found_n && c->given[i] == NULL; k++) {
			struct found *f = &c->found[k];
			int64_t lacks;
			if (f->is_taken || !is_same_item(&c->pieces[i], f) ||
			    (same_price && f->price_minor != c->pieces[i].price_minor))
				continue;
			lacks = lacking(&c->pieces[i], f, NULL);
			if (lacks == 0 || (lacks > 0 && !all_addons)) {
				f->is_taken = true;
				c->given[i] = f;
			}
		}
}

/* What is to be added, as much as one round may hold. */
static enum clover_match
list_fixes(const struct compare *c, struct clover_progress *p)
{
	size_t missing[CLOVER_NESTED_MAX];

	for (size_t i = 0; i < c->pieces_n; i++) {
		int64_t lacks;
		if (c->given[i] == NULL) {
			if (p->again_n < CLOVER_BULK_MAX)
				p->again[p->again_n++] = (int64_t)i;
			continue;
		}
		lacks = lacking(&c->pieces[i], c->given[i], missing);
		for (int64_t k = 0; k < lacks && p->fix_n < CLOVER_FIXES_MAX; k++)
			p->fix[p->fix_n++] = (struct clover_fix){ c->given[i]->id, (int64_t)i,
				(int64_t)missing[k] };
	}
	if (p->again_n > 0)
		p->fix_n = 0; /* lines first; then it is read again */
	return p->again_n > 0 ? CLOVER_LACKS_LINES
	       : p->fix_n > 0 ? CLOVER_LACKS_ADDONS
			      : CLOVER_SAME;
}

enum clover_match
clover_compare(struct arena *a, const struct pos_task *task, struct json_object *lines,
    struct clover_progress *p)
{
	struct compare c = { .arena = a };

	c.pieces = clover_pieces(a, task->order, &c.pieces_n);
	c.given = arena_array(a, c.pieces_n, sizeof(struct found *));
	p->again_n = p->fix_n = 0;
	if (json_array_n(elements(lines)) > c.pieces_n)
		return CLOVER_DIFFERS;
	read_found(&c, lines);
	give(&c, true, true);
	give(&c, true, false);
	give(&c, false, true);
	give(&c, false, false);
	for (size_t k = 0; k < c.found_n; k++)
		if (!c.found[k].is_taken || c.found[k].id == NULL)
			return CLOVER_DIFFERS;
	return list_fixes(&c, p);
}
