/*
 * Square: which taxes are told with an order.
 *
 * Square computes them by the seller's own rules (auto_apply_taxes), so those that its catalog has
 * are left to it. Told are: taxes that it does not have, those of lines that are not on its menu,
 * those on charges; and all of them where auto_apply_taxes is off. It knows percentages only: a
 * fixed tax goes as a charge under its name.
 */
#include <string.h>

#include "mem/buf.h"
#include "pos/pos_square.h"
#include "text/json_write.h"
#include "text/money.h"

#define NAME_MAX 255

static bool
is_percent(const struct order_tax *t)
{
	return pos_is_blank(t->kind) || strcmp(t->kind, "fixed") != 0;
}

/* One row there for what is one tax to us: the catalog's by its id, others by name and rate. */
static bool
is_same(const struct order_tax *a, const struct order_tax *b)
{
	if (!pos_is_blank(a->external_id) || !pos_is_blank(b->external_id))
		return !pos_is_blank(a->external_id) && !pos_is_blank(b->external_id) &&
		       strcmp(a->external_id, b->external_id) == 0;
	return a->rate_micro == b->rate_micro && a->is_inclusive == b->is_inclusive &&
	       !pos_is_blank(a->name) && !pos_is_blank(b->name) && strcmp(a->name, b->name) == 0;
}

static bool
is_told(const struct square_taxes *taxes, const struct order_line *line, const struct order_tax *t)
{
	return is_percent(t) &&
	       (!taxes->is_auto || pos_is_blank(t->external_id) || square_line_id(line) == NULL);
}

/* Which charge a tax of the order is on; NULL: none that is there. */
static const char *
charge_of(const struct order *o, const struct order_tax *t)
{
	if (!pos_is_blank(t->charge) && strcmp(t->charge, "packing") == 0)
		return o->packing_minor > 0 ? "packing" : NULL;
	if (!pos_is_blank(t->charge))
		return o->delivery_charge_minor > 0 ? "delivery" : NULL;
	/* One that does not say is of an order of before. */
	return o->delivery_charge_minor > 0 ? "delivery" : o->packing_minor > 0 ? "packing" : NULL;
}

static void
add(struct arena *a, struct square_taxes *taxes, const struct order_tax *t)
{
	for (size_t i = 0; i < taxes->n; i++)
		if (is_same(taxes->v[i].tax, t))
			return;
	taxes->v[taxes->n] =
	    (struct square_tax){ t, arena_printf(a, "tax%zu", taxes->n + 1) };
	taxes->n++;
}

struct square_taxes
square_taxes_of(struct arena *a, const struct order *o, const struct pos_config *config)
{
	struct square_taxes taxes = { .is_auto = pos_config_is_on(config, "auto_apply_taxes") };
	size_t n = o->taxes_n;

	for (size_t i = 0; i < o->lines_n; i++)
		n += o->lines[i].taxes_n;
	taxes.v = arena_array(a, n, sizeof(*taxes.v));
	for (size_t i = 0; i < o->lines_n; i++)
		for (size_t k = 0; k < o->lines[i].taxes_n; k++)
			if (is_told(&taxes, &o->lines[i], &o->lines[i].taxes[k]))
				add(a, &taxes, &o->lines[i].taxes[k]);
	for (size_t i = 0; i < o->taxes_n; i++)
		if (square_tax_as_charge(o, &o->taxes[i]) == 0 && !o->taxes[i].is_inclusive)
			add(a, &taxes, &o->taxes[i]);
	return taxes;
}

/* Millionths as a plain percentage: 25000 is "2.5". */
static void
write_percent(struct json_write *w, const char *key, int64_t rate_micro)
{
	char text[MONEY_TEXT_LEN];
	size_t len;

	money_format(rate_micro, 4, text);
	for (len = strlen(text); text[len - 1] == '0'; len--)
		continue;
	text[text[len - 1] == '.' ? len - 1 : len] = '\0';
	json_write_string(w, key, text);
}

void
square_write_taxes(struct arena *a, struct json_write *w, const struct square_taxes *taxes)
{
	if (taxes->n == 0)
		return;
	json_write_array(w, "taxes");
	for (size_t i = 0; i < taxes->n; i++) {
		const struct order_tax *t = taxes->v[i].tax;
		json_write_object(w, NULL);
		json_write_string(w, "uid", taxes->v[i].uid);
		if (!pos_is_blank(t->external_id)) {
			json_write_string(w, "catalog_object_id",
			    pos_text(a, t->external_id, SQUARE_ID_MAX));
		} else {
			json_write_string(w, "name", pos_text(a, t->name, NAME_MAX));
			json_write_string(w, "type", t->is_inclusive ? "INCLUSIVE" : "ADDITIVE");
			write_percent(w, "percentage", t->rate_micro);
		}
		json_write_string(w, "scope", "LINE_ITEM");
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static const char *
uid_of(const struct square_taxes *taxes, const struct order_tax *t)
{
	for (size_t i = 0; i < taxes->n; i++)
		if (is_same(taxes->v[i].tax, t))
			return taxes->v[i].uid;
	return NULL;
}

static void
write_applied(struct json_write *w, bool *has_any, const char *uid)
{
	if (uid == NULL)
		return;
	if (!*has_any)
		json_write_array(w, "applied_taxes");
	*has_any = true;
	json_write_object(w, NULL);
	json_write_string(w, "tax_uid", uid);
	json_write_object_end(w);
}

void
square_write_line_taxes(
    struct json_write *w, const struct square_taxes *taxes, const struct order_line *line)
{
	bool has_any = false;

	for (size_t i = 0; i < line->taxes_n; i++)
		if (is_told(taxes, line, &line->taxes[i]))
			write_applied(w, &has_any, uid_of(taxes, &line->taxes[i]));
	if (has_any)
		json_write_array_end(w);
}

static bool
is_on(const struct order *o, const struct order_tax *t, const char *charge)
{
	const char *on = charge_of(o, t);

	return on != NULL && strcmp(on, charge) == 0 && is_percent(t) && !t->is_inclusive;
}

bool
square_charge_is_taxed(const struct order *o, const char *charge)
{
	for (size_t i = 0; i < o->taxes_n; i++)
		if (is_on(o, &o->taxes[i], charge))
			return true;
	return false;
}

void
square_write_charge_taxes(struct json_write *w, const struct square_taxes *taxes,
    const struct order *o, const char *charge)
{
	bool has_any = false;

	for (size_t i = 0; i < o->taxes_n; i++)
		if (is_on(o, &o->taxes[i], charge))
			write_applied(w, &has_any, uid_of(taxes, &o->taxes[i]));
	if (has_any)
		json_write_array_end(w);
}

/* A tax that is in the price already adds nothing and is not repeated. */
int64_t
square_tax_as_charge(const struct order *o, const struct order_tax *t)
{
	if (t->is_inclusive)
		return 0;
	if (t->line_no == 0)
		return is_percent(t) && charge_of(o, t) != NULL ? 0 : t->amount_minor;
	return is_percent(t) ? 0 : t->amount_minor;
}
