/*
 * Toast: who ordered, and where it is to go. Toast demands of everybody a first and a last name, a
 * phone of exactly ten digits and an e-mail address of at most 53 characters, and of a delivery a
 * street, a town and a ZIP code; our guests say a name, a number, and an address in one line.
 */
#include <string.h>
#include <strings.h>

#include "pos/pos_toast.h"
#include "text/utf8.h"

#define NAME_MAX 50
#define EMAIL_MAX 53
#define OTHER_EMAIL_MAX 80 /* shown to people */
#define PHONE_LEN 10
#define ADDRESS_MAX 500 /* none is published */
#define CITY_MAX 100
#define PARTS_MAX 16
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static const char *
setting(struct arena *a, const struct pos_config *config, const char *key, size_t max)
{
	return toast_text(a, pos_config_text(config, key), max);
}

/* The last word is the last name; one word alone is the first (POS-08). */
static void
split_name(struct arena *a, const struct pos_config *config, const char *name,
    struct toast_guest *g)
{
	const char *whole = toast_text(a, name, 2 * NAME_MAX), *last = strrchr(whole, ' ');

	if (*whole == '\0')
		whole = setting(a, config, "default_first_name", NAME_MAX);
	if (last == NULL) {
		g->first_name = toast_text(a, whole, NAME_MAX);
		g->last_name = setting(a, config, "default_last_name", NAME_MAX);
		return;
	}
	g->first_name =
	    toast_text(a, arena_strndup(a, whole, (size_t)(last - whole)), NAME_MAX);
	g->last_name = toast_text(a, last + 1, NAME_MAX);
}

/* Countries whose own numbers have ten digits, always. */
static const char *const ten_digit_codes[] = { "1", "44", "52", "91" };

/* A number in E.164 that Toast's ten digits can hold. */
static bool
split_phone(struct arena *a, const char *e164, struct toast_guest *g)
{
	if (e164 == NULL || *e164 != '+' || e164[1 + strspn(e164 + 1, DIGITS)] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(ten_digit_codes) / sizeof(ten_digit_codes[0]); i++) {
		const char *code = ten_digit_codes[i];
		size_t len = strlen(code);
		if (strncmp(e164 + 1, code, len) != 0 || strlen(e164 + 1 + len) != PHONE_LEN)
			continue;
		g->phone = arena_strdup(a, e164 + 1 + len);
		g->country_code = code;
		return true;
	}
	return false;
}

/* Of the restricted kind that Toast takes. */
static bool
is_email(const char *s)
{
	const char *at = strchr(s, '@'), *dot = strrchr(s, '.');

	if (strlen(s) > EMAIL_MAX || at == NULL || at == s || dot == NULL || dot < at + 2)
		return false;
	return strstr(at, "..") == NULL && at[1] != '.' &&
	       strspn(s, LETTERS DIGITS "._%+-") == (size_t)(at - s) &&
	       at[1 + strspn(at + 1, LETTERS DIGITS ".-")] == '\0' && strlen(dot) > 2 &&
	       dot[1 + strspn(dot + 1, LETTERS)] == '\0';
}

void
toast_guest(struct arena *a, const struct pos_config *config, const struct order *order,
    struct toast_guest *ret)
{
	struct toast_guest g = { 0 };
	const char *fallback = pos_config_text(config, "fallback_phone");

	split_name(a, config, order->customer_name, &g);
	if (!split_phone(a, order->customer_phone, &g)) {
		g.phone = fallback != NULL ? toast_text(a, fallback, PHONE_LEN) : NULL;
		if (order->customer_phone != NULL && *order->customer_phone != '\0')
			g.other_phone = toast_text(a, order->customer_phone, 20);
	}
	if (order->customer_email != NULL && is_email(order->customer_email)) {
		g.email = arena_strdup(a, order->customer_email);
	} else {
		g.email = setting(a, config, "fallback_email", EMAIL_MAX);
		if (!pos_is_blank(order->customer_email))
			g.other_email = toast_text(a, order->customer_email, OTHER_EMAIL_MAX);
	}
	*ret = g;
}

/* ---- addresses ---- */

/* The parts between the commas, without blanks around them and without empty ones. */
static size_t
split_parts(struct arena *a, const char *text, const char **parts)
{
	size_t n = 0;

	for (const char *at = text; *at != '\0';) {
		size_t len = strcspn(at, ",");
		const char *part = utf8_sanitise(a, arena_strndup(a, at, len), ADDRESS_MAX);
		if (*part != '\0' && n == PARTS_MAX) /* too many: the rest stays together */
			parts[n - 1] = arena_printf(a, "%s, %s", parts[n - 1], part);
		else if (*part != '\0')
			parts[n++] = part;
		at += len + (at[len] == ',');
	}
	return n;
}

/* "02215" or "02215-1234" */
static bool
is_zip(const char *s)
{
	size_t n = strspn(s, DIGITS);

	if (n != 5)
		return false;
	return s[5] == '\0' ||
	       (s[5] == '-' && strspn(s + 6, DIGITS) == 4 && s[10] == '\0');
}

static bool
is_country(const char *s)
{
	return strcasecmp(s, "USA") == 0 || strcasecmp(s, "US") == 0 ||
	       strcasecmp(s, "United States") == 0;
}

static const char *
upper(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *c = copy; *c != '\0'; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
	return copy;
}

/* Takes "MA 02215", "02215" or "MA" out of the last part; what stays of it is a town, or "". */
static const char *
take_zip(struct arena *a, const char *part, struct toast_address *t)
{
	const char *blank = strrchr(part, ' '), *last = blank == NULL ? part : blank + 1;
	const char *rest = part;

	if (is_zip(last)) {
		t->zip = arena_strdup(a, last);
		rest = blank == NULL ? "" : arena_strndup(a, part, (size_t)(blank - part));
	}
	blank = strrchr(rest, ' ');
	last = blank == NULL ? rest : blank + 1;
	if (t->zip != NULL && strlen(last) == 2 && strspn(last, LETTERS) == 2) {
		t->state = upper(a, last);
		rest = blank == NULL ? "" : arena_strndup(a, rest, (size_t)(blank - rest));
	}
	return rest;
}

static const char *
join(struct arena *a, const char *const *parts, size_t n)
{
	const char *s = "";

	for (size_t i = 0; i < n; i++)
		s = arena_printf(a, "%s%s%s", s, i == 0 ? "" : ", ", parts[i]);
	return s;
}

/*
 * "401 Park Drive, Apt 2, Boston, MA 02215" is street, town, state and ZIP. An address that does
 * not end so goes whole into the first line, and the rest is what the settings say.
 */
bool
toast_address(struct arena *a, const struct pos_config *config, const char *text,
    struct toast_address *ret)
{
	const char *whole = toast_text(a, text, ADDRESS_MAX), *town;
	const char *parts[PARTS_MAX];
	struct toast_address t = { 0 };
	size_t n = split_parts(a, whole, parts);

	if (n > 1 && is_country(parts[n - 1]))
		n--;
	town = n == 0 ? "" : take_zip(a, parts[n - 1], &t);
	if (t.zip != NULL && *town == '\0' && n > 2)
		town = parts[--n - 1];
	if (t.state == NULL)
		t.state = upper(a, setting(a, config, "delivery_state", 2));
	if (t.zip != NULL && *town != '\0' && n > 1) {
		t.city = toast_text(a, town, CITY_MAX);
		t.address1 = join(a, parts, n - 1);
	} else {
		t = (struct toast_address){ .address1 = whole,
			.city = setting(a, config, "delivery_city", CITY_MAX),
			.state = upper(a, setting(a, config, "delivery_state", 2)),
			.zip = setting(a, config, "delivery_zip", 10) };
	}
	*ret = t;
	return *t.address1 != '\0' && *t.city != '\0' && strlen(t.state) == 2 && *t.zip != '\0';
}
