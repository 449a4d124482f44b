/*
 * text: the small readers of lib/text, one text for all of them. What is read and written again is the same; what is written
 * is in its one form; nothing is taken that has two.
 */
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "mem/buf.h"
#include "menu/search.h"
#include "outbox/call.h"
#include "text/civil.h"
#include "text/csv_write.h"
#include "text/form.h"
#include "text/hex.h"
#include "text/iso8601.h"
#include "text/json_scan.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/uuid.h"
#include "text/zone.h"

#define YEAR_US (366 * US_PER_DAY)

static void
money_check(const char *text)
{
	char form[MONEY_TEXT_LEN];
	int64_t minor, again, rounded, part, sum;

	for (unsigned exponent = 0; exponent <= MONEY_EXPONENT_MAX; exponent++) {
		if (!money_parse_rounded(text, exponent, &rounded))
			must(!money_parse(text, exponent, &minor), "what is exact can be rounded");
		if (!money_parse(text, exponent, &minor))
			continue;
		must(money_parse_rounded(text, exponent, &rounded) && rounded == minor, "what is exact is not rounded");
		money_format(minor, exponent, form);
		must(json_is_number(form) && money_parse(form, exponent, &again) && again == minor, "%s is what it was", form);
		for (int64_t rate = 0; rate <= 1000000; rate += 62500) {
			must(money_tax_within(minor, rate, &part) && (minor < 0 ? part <= 0 && part >= minor : part >= 0 && part <= minor) &&
				money_sub(minor, part, &sum),
			    "a tax is part of what contains it");
			must(money_scale(minor, rate, &part) && (minor < 0 ? part <= 0 && part >= minor : part >= 0 && part <= minor),
			    "a share is no more than the whole");
		}
	}
	(void)money_parse_percent(text, &minor);
}

static void
time_check(const char *text)
{
	char form[ISO8601_LEN], civil_form[CIVIL_TEXT_LEN];
	struct civil c, d;
	int64_t us, again;

	if (iso8601_parse(text, &us)) {
		iso8601_format(us, form);
		must(iso8601_parse(form, &again) && again == us, "%s is the same instant", form);
		c = civil_from_us(us);
		must(civil_to_us(&c) == us, "and the same day");
	}
	if (civil_parse(text, &c)) {
		must(civil_is_valid(&c), "it exists");
		civil_format(&c, civil_form);
		c.us = 0;
		must(civil_parse(civil_form, &d) && memcmp(&c, &d, sizeof c) == 0, "%s is the same", civil_form);
	}
}

/* "zone us": what a wall shows at an instant, and when it shows that. */
static void
zone_check(struct arena *a, const char *text)
{
	const char *zone = arena_strndup(a, text, strcspn(text, " "));
	int64_t us, again;
	struct civil c, d;
	int offset_s;

	if (strlen(zone) == strlen(text) || !zone_is_valid(zone) || !iso8601_parse(text + strlen(zone) + 1, &us))
		return;
	must(strstr(zone, "..") == NULL && zone[0] != '/', "a zone is no path: %s", zone);
	if (!zone_to_civil(zone, us, &c) || us < YEAR_US || us > CIVIL_US_MAX - YEAR_US)
		return;
	must(zone_offset(zone, us, &offset_s) && offset_s > -86400 && offset_s < 86400, "a wall is within a day of Greenwich");
	must(civil_to_us(&c) - us == offset_s * US_PER_SECOND, "and shows that");
	must(zone_from_civil(zone, &c, &again) && again <= us && us - again < US_PER_DAY, "the first time comes first");
	must(zone_to_civil(zone, again, &d) && memcmp(&c, &d, sizeof c) == 0, "and it shows the same then");
}

static void
code_check(struct arena *a, const char *text)
{
	size_t len = strlen(text);
	unsigned char id[UUID_LEN], *raw = arena_alloc(a, len + 1);
	char form[UUID_TEXT_LEN];
	struct bytes bytes;

	if (uuid_parse(text, id)) {
		uuid_format(id, form);
		must(strlen(text) == 36 && strcasecmp(form, text) == 0, "a UUID has one form");
	}
	if (len % 2 == 0 && hex_decode(text, raw, len / 2))
		must(strcasecmp(hex_encode(a, raw, len / 2), text) == 0, "hex has one form");
	if (base64_decode(a, text, len, &bytes))
		must(strcmp(base64_encode(a, bytes.data, bytes.len), text) == 0, "base64 has one form");
	if (base64url_decode(a, text, len, &bytes))
		must(strcmp(base64url_encode(a, bytes.data, bytes.len), text) == 0, "base64url has one form");
}

static void
form_check(struct arena *a, const char *text)
{
	struct form form, again;
	struct buf b;
	const char *why = NULL;

	if (form_read(a, text, strlen(text), &form, &why) != OK) {
		must(why != NULL && fuzz_is_printable(why), "it is said why");
		return;
	}
	buf_init(&b, a, 6 * strlen(text) + 16);
	for (size_t i = 0; i < form.n; i++)
		form_write(&b, form.pairs[i].name, form.pairs[i].value);
	must(!b.overflowed && form_read(a, b.data, b.len, &again, &why) == OK && again.n == form.n, "it is read again: %s", b.data);
	for (size_t i = 0; i < form.n; i++)
		must(strcmp(form.pairs[i].name, again.pairs[i].name) == 0 && strcmp(form.pairs[i].value, again.pairs[i].value) == 0,
		    "as the same pairs");
}

static void
people_check(struct arena *a, const char *text)
{
	const char *clean = utf8_sanitise(a, text, 50), *call = call_text(a, text);

	must(utf8_n(clean) <= 50 && fuzz_is_printable(clean), "what is made fit is fit: %s", clean);
	must(strcmp(utf8_sanitise(a, clean, 50), clean) == 0, "and stays so");
	must(utf8_n(utf8_truncate(a, text, 7)) <= 7 && strncmp(utf8_truncate(a, text, 7), text, strlen(utf8_truncate(a, text, 7))) == 0,
	    "what is cut is its beginning");
	must(strstr(call, "{{") == NULL && strcmp(call_text(a, call), call) == 0, "no text names a secret");
	if (utf8_is_valid(text, strlen(text)))
		must(strcmp(search_fold(a, search_fold(a, text)), search_fold(a, text)) == 0, "what is folded is folded once");
	must(search_finds(a, text, search_fold(a, text)), "a text is found in itself");
}

/* One cell as RFC 4180 has it, read back. */
static void
csv_check(struct arena *a, const char *text)
{
	struct csv_write w;
	struct buf b, cell;
	const char *at;
	bool is_quoted;

	buf_init(&b, a, 2 * strlen(text) + 16);
	buf_init(&cell, a, 2 * strlen(text) + 16);
	csv_write_init(&w, &b);
	csv_write_text(&w, text);
	csv_write_int64(&w, -1);
	csv_write_row_end(&w);
	at = b.data;
	is_quoted = *at == '"';
	for (at += is_quoted; is_quoted ? *at != '"' || at[1] == '"' : *at != ','; at++) {
		must(*at != '\0' && (is_quoted || strchr("\"\r\n", *at) == NULL), "a cell has its end: %s", b.data);
		at += is_quoted && *at == '"';
		buf_addc(&cell, *at);
	}
	must(strcmp(at + is_quoted, ",-1\r\n") == 0, "and the row goes on behind it");
	must(cell.len == 0 || strchr("=+-@\t\r\n", cell.data[0]) == NULL, "no cell is a formula: %s", cell.data);
	must(strcmp(cell.data + (cell.data[0] == '\'' && text[0] != '\''), text) == 0, "it holds the text");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	char *text = fuzz_text(a, data, size);

	money_check(text);
	time_check(text);
	zone_check(a, text);
	code_check(a, text);
	form_check(a, text);
	people_check(a, text);
	csv_check(a, text);
	arena_free(&a);
	return 0;
}
