/*
 * Clover: an order's pieces. There are no quantities, so each is a line. Packing and delivery, for
 * which there is only a service charge in percent, are lines of their own, and so is an add-on that
 * Clover does not know: money is never in a note alone.
 */

#include "op/op.h"
#include "pos/pos_clover.h"

static const char *
item_id(const struct order_line *line)
{
	const char *id = line->variation_id != 0 ? line->variation_external_id : line->external_id;

	return pos_is_blank(id) ? NULL : id;
}

/* Modifications need an item they belong to. */
static bool
is_modification(const struct order_line *line, const struct order_addon *addon)
{
	return item_id(line) != NULL && !pos_is_blank(addon->external_id);
}

bool
clover_is_open_item(
    struct arena *a, const struct order_line *line, const struct order_addon *addon)
{
	(void)a;
	return addon == NULL ? item_id(line) == NULL : !is_modification(line, addon);
}

const struct order_addon *
clover_modification(const struct clover_piece *piece, size_t k)
{
	for (size_t i = 0; piece->line != NULL && i < piece->line->addons_n; i++) {
		const struct order_addon *addon = &piece->line->addons[i];
		if (!is_modification(piece->line, addon))
			continue;
		if (k < (size_t)addon->quantity)
			return addon;
		k -= (size_t)addon->quantity;
	}
	return NULL;
}

/* Of one piece of it: the line itself, and the add-ons that go as lines. */
static int64_t
pieces_of_one(const struct order_line *line)
{
	int64_t n = 1;

	for (size_t i = 0; i < line->addons_n; i++)
		if (!is_modification(line, &line->addons[i]))
			n += line->addons[i].quantity;
	return n;
}

int64_t
clover_pieces_n(const struct order *o)
{
	int64_t n = (o->packing_minor > 0) + (o->delivery_charge_minor > 0);

	for (size_t i = 0; i < o->lines_n && n <= CLOVER_PIECES_MAX; i++)
		n += o->lines[i].quantity * pieces_of_one(&o->lines[i]);
	return n;
}

/* An open item has one name: the variation stands behind it. */
static const char *
open_name(struct arena *a, const struct order_line *line)
{
	if (line->variation_id == 0 || pos_is_blank(line->variation_name))
		return pos_text(a, line->item_name, CLOVER_NAME_MAX);
	return pos_text(a,
	    arena_printf(a, "%s, %s", line->item_name, line->variation_name), CLOVER_NAME_MAX);
}

struct pieces {
	struct clover_piece *v;
	size_t n, max;
};

static void
add_piece(struct pieces *all, const struct clover_piece *piece)
{
	if (all->n < all->max)
		all->v[all->n++] = *piece;
}

/* Each piece of it, and behind each its add-ons that are no modifications. */
static void
add_line(struct arena *a, struct pieces *all, const struct order_line *line)
{
	const struct clover_piece piece = { .item_id = item_id(line),
		.name = open_name(a, line),
		.price_minor = line->item_price_minor,
		.note = pos_text(a, line->special_instructions, CLOVER_LINE_NOTE_MAX),
		.line = line,
		.taxes = line->taxes,
		.taxes_n = line->taxes_n };
	struct clover_piece open = { .note = pos_text(a,
					 arena_printf(a, "for %s", line->item_name),
					 CLOVER_LINE_NOTE_MAX),
		.taxes = line->taxes,
		.taxes_n = line->taxes_n };

	for (int64_t q = 0; q < line->quantity && all->n < all->max; q++) {
		add_piece(all, &piece);
		for (size_t i = 0; i < line->addons_n; i++) {
			const struct order_addon *addon = &line->addons[i];
			if (is_modification(line, addon))
				continue;
			open.name = pos_text(
			    a, arena_printf(a, "+ %s", addon->name), CLOVER_NAME_MAX);
			open.price_minor = addon->price_minor;
			for (int64_t k = 0; k < addon->quantity; k++)
				add_piece(all, &open);
		}
	}
}

static void
add_charge(struct pieces *all, const struct order *o, const char *name, const char *charge,
    int64_t minor)
{
	const struct clover_piece piece = { .name = name,
		.price_minor = minor,
		.note = "",
		.taxes = o->taxes,
		.taxes_n = o->taxes_n,
		.charge = charge };

	if (minor > 0)
		add_piece(all, &piece);
}

const struct clover_piece *
clover_pieces(struct arena *a, const struct order *o, size_t *ret_n)
{
	int64_t n = clover_pieces_n(o);
	struct pieces all = { .max = n > CLOVER_PIECES_MAX ? CLOVER_PIECES_MAX : (size_t)n };

	all.v = arena_array(a, all.max, sizeof(*all.v));
	for (size_t i = 0; i < o->lines_n; i++)
		add_line(a, &all, &o->lines[i]);
	add_charge(&all, o, "Packing", "packing", o->packing_minor);
	add_charge(&all, o, "Delivery", "delivery", o->delivery_charge_minor);
	*ret_n = all.n;
	return all.v;
}
