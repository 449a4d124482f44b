#include "order/discount.h"

#include <string.h>

#include "menu/menu.h"
#include "mem/arena.h"
#include "text/iso8601.h"
#include "text/money.h"

/* --- which one -------------------------------------------------------------------------------- */

const char *
discount_code(struct arena *arena, const char *text)
{
	char *code;
	size_t len;

	if (text == NULL)
		return NULL;
	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	if (len == 0)
		return NULL;
	code = arena_strndup(arena, text, len);
	for (size_t i = 0; i < len; i++)
		if (code[i] >= 'a' && code[i] <= 'z')
			code[i] = (char)(code[i] - 'a' + 'A');
	return code;
}

const struct menu_discount *
discount_by_code(const struct menu *menu, const char *code)
{
	for (size_t i = 0; i < menu->discounts_n; i++)
		if (menu->discounts[i].code != NULL && strcmp(menu->discounts[i].code, code) == 0)
			return &menu->discounts[i];
	return NULL;
}

const struct menu_discount *
discount_by_id(const struct menu *menu, int64_t id)
{
	for (size_t i = 0; i < menu->discounts_n; i++)
		if (menu->discounts[i].id == id)
			return &menu->discounts[i];
	return NULL;
}

bool
discount_is_limited(const struct menu_discount *d)
{
	return d->uses_max > 0 || d->uses_per_user_max > 0 || d->first_order_only;
}

enum discount_verdict
discount_left(const struct menu_discount *d, const struct discount_use *use)
{
	if (d->first_order_only && use->guest_has_ordered)
		return DISCOUNT_NOT_FIRST;
	if (d->uses_per_user_max > 0 && use->used_by_guest >= d->uses_per_user_max)
		return DISCOUNT_USED_BY_GUEST;
	if (d->uses_max > 0 && use->used >= d->uses_max)
		return DISCOUNT_USED_UP;
	return DISCOUNT_APPLIES;
}

static struct discount_use
use_of(const struct menu_discount *d, const struct discount_uses *uses)
{
	for (size_t i = 0; i < uses->n; i++)
		if (uses->list[i].discount_id == d->id)
			return uses->list[i];
	return (struct discount_use){ .discount_id = d->id };
}

static enum discount_verdict
amount_of(const struct menu_discount *d, int64_t subtotal_minor, int64_t *ret_minor)
{
	int64_t minor = d->amount_minor;

	if (strcmp(d->kind, "percent") == 0) {
		if (!money_scale(subtotal_minor, d->rate_micro, &minor))
			return DISCOUNT_TOO_LARGE;
		if (d->max_discount_minor > 0 && minor > d->max_discount_minor)
			minor = d->max_discount_minor;
	}
	if (minor > subtotal_minor)
		minor = subtotal_minor;
	if (minor <= 0)
		return DISCOUNT_NOTHING;
	*ret_minor = minor;
	return DISCOUNT_APPLIES;
}

enum discount_verdict
discount_look(const struct menu_discount *d, const struct discount_case *c, int64_t *ret_minor)
{
	struct discount_use use = use_of(d, &c->uses);
	enum discount_verdict v;

	if (d->starts_at != TIME_NONE && c->now_us < d->starts_at)
		return DISCOUNT_EARLY;
	if (d->ends_at != TIME_NONE && c->now_us >= d->ends_at)
		return DISCOUNT_OVER;
	if (((unsigned)d->order_types & c->order_type) == 0)
		return DISCOUNT_OTHER_TYPE;
	v = discount_left(d, &use);
	if (v != DISCOUNT_APPLIES)
		return v;
	if (c->subtotal_minor < d->min_subtotal_minor)
		return DISCOUNT_BELOW_MINIMUM;
	return amount_of(d, c->subtotal_minor, ret_minor);
}

const struct menu_discount *
discount_best(const struct menu *menu, const struct discount_case *c, int64_t *ret_minor)
{
	const struct menu_discount *best = NULL;
	int64_t most = 0, minor = 0;

	for (size_t i = 0; i < menu->discounts_n; i++) {
		const struct menu_discount *d = &menu->discounts[i];

		if (d->code != NULL || discount_look(d, c, &minor) != DISCOUNT_APPLIES ||
		    minor <= most)
			continue;
		most = minor;
		best = d;
	}
	if (best != NULL)
		*ret_minor = most;
	return best;
}

/* --- in words --------------------------------------------------------------------------------- */

const char *
discount_sentence(
    struct arena *arena, enum discount_verdict v, const struct menu_discount *d, unsigned exponent)
{
	static const char *const sentences[] = {
		[DISCOUNT_APPLIES] = "applies",
		[DISCOUNT_UNKNOWN] = "is not a code of this restaurant",
		[DISCOUNT_EARLY] = "does not apply yet",
		[DISCOUNT_OVER] = "has expired",
		[DISCOUNT_OTHER_TYPE] = "is not for this type of order",
		[DISCOUNT_BELOW_MINIMUM] = "is for larger orders",
		[DISCOUNT_NOT_FIRST] = "is for a guest's first order",
		[DISCOUNT_USED_UP] = "has been used as often as it may be",
		[DISCOUNT_USED_BY_GUEST] = "has been used by you as often as it may be",
		[DISCOUNT_NOTHING] = "takes nothing off this order",
		[DISCOUNT_TOO_LARGE] = "is on more than can be reckoned with",
	};
	char text[MONEY_TEXT_LEN];

	_Static_assert(sizeof sentences / sizeof sentences[0] == DISCOUNT_VERDICT__MAX,
	    "one sentence per verdict");
	if (v != DISCOUNT_BELOW_MINIMUM)
		return sentences[v];
	money_format(d->min_subtotal_minor, exponent, text);
	return arena_printf(arena, "is for orders of at least %s", text);
}

/* --- over the lines --------------------------------------------------------------------------- */

/* Whose turn it is to have one unit: who lost most and has not had any. */
static size_t
most_owed(const int64_t *lost, size_t n)
{
	size_t at = 0;

	for (size_t i = 1; i < n; i++)
		if (lost[i] > lost[at])
			at = i;
	return at;
}

void
discount_spread(
    struct arena *arena, const int64_t *parts, size_t n, int64_t amount, int64_t *ret_shares)
{
	int64_t *lost = arena_array(arena, n, sizeof *lost);
	int64_t whole = 0, rest = amount;

	for (size_t i = 0; i < n; i++)
		whole += parts[i];
	for (size_t i = 0; i < n; i++) {
		__int128 exact = (__int128)amount * parts[i];

		ret_shares[i] = whole == 0 ? 0 : (int64_t)(exact / whole);
		lost[i] = whole == 0 ? 0 : (int64_t)(exact % whole);
		rest -= ret_shares[i];
	}
	/* Fewer units are left than lines lost something: what was lost adds up to them. */
	for (; rest > 0; rest--) {
		size_t i = most_owed(lost, n);

		ret_shares[i]++;
		lost[i] = 0;
	}
}
