#include "certify/certify.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "certify/document.h"
#include "certify/inside.h"
#include "op/clock.h"
#include "op/op.h"
#include "relay/transfer.h"

#define WAIT_MIN_S 5
#define WAIT_MAX_S 600
#define CODE_FAILED 1

struct words {
	const char *provider, *file, *endpoint, *only;
	int64_t wait_s; /* -1: not said */
	bool is_json, is_list;
};

/* ---- the words ---- */

static bool
number_read(const char *s, int64_t *ret)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (*s == '\0' || *end != '\0' || n < 0 || n > WAIT_MAX_S)
		return false;
	*ret = n;
	return true;
}

static bool
words_read(int argc, char **argv, struct words *w)
{
	*w = (struct words){ .wait_s = -1 };
	for (int i = 0; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--json") == 0)
			w->is_json = true;
		else if (strcmp(argv[i], "--checks") == 0)
			w->is_list = true;
		else if (argv[i][0] != '-' && w->provider == NULL)
			w->provider = argv[i];
		else if (value == NULL || argv[i][0] != '-')
			return false;
		else if (strcmp(argv[i], "--config") == 0)
			w->file = argv[++i];
		else if (strcmp(argv[i], "--endpoint") == 0)
			w->endpoint = argv[++i];
		else if (strcmp(argv[i], "--only") == 0)
			w->only = argv[++i];
		else if (strcmp(argv[i], "--wait") != 0 || !number_read(argv[++i], &w->wait_s))
			return false;
	}
	return w->is_list ? argc == 1 : w->provider != NULL;
}

/* Is it one of a list with commas between? NULL: all are. */
static bool
is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; at != NULL;) {
		size_t n = strcspn(at, ",");

		if (n == len && strncmp(at, name, n) == 0)
			return true;
		at = at[n] == ',' ? at + n + 1 : NULL;
	}
	return list == NULL;
}

/* NULL, or what of the list is no check. Samples are the file's, which is not read yet. */
static const char *
unknown_check(struct op *op, const char *list)
{
	for (const char *at = list; at != NULL;) {
		size_t n = strcspn(at, ",");
		const char *name = arena_strndup(op->arena, at, n);
		bool found = strncmp(name, CERTIFY_SAMPLE, strlen(CERTIFY_SAMPLE)) == 0;

		for (size_t i = 0; i < certify_checks_n; i++)
			found = found || strcmp(certify_checks[i].name, name) == 0;
		if (!found)
			return name;
		at = at[n] == ',' ? at + n + 1 : NULL;
	}
	return NULL;
}

/* ---- a run ---- */

static const char *
verb_word(enum pos_verb verb)
{
	static const char *const words[] = {
		[POS_CREATE] = "can not be given orders",
		[POS_CANCEL] = "can not be asked to take an order back",
		[POS_LOOK] = "can not be asked what it has",
		[POS_MENU] = "gives no menu",
		[POS_LOGIN] = "has no login",
		[POS_QUOTE] = "does not say what an order would come to",
		[POS_CONFIRM] = "does not say whom a token is for",
		[POS_FOLLOW] = "needs nothing to be done with an order that it has",
	};
	_Static_assert(sizeof words / sizeof words[0] == POS_VERB__MAX, "a word for each verb");

	return words[verb];
}

static struct certify_result
check_run(struct certify *c, const struct certify_check *check)
{
	struct certify_talk login;

	for (int v = 0; v < POS_VERB__MAX; v++)
		if ((check->needs & (1u << v)) != 0 && !pos_can(c->adapter, (enum pos_verb)v))
			return certify_not_here(arena_printf(c->op->arena, "%s %s",
			    c->adapter->display_name, verb_word((enum pos_verb)v)));
	if (check->run == certify_configuration)
		return check->run(c, check);
	if (c->problems.n > 0)
		c->barred = "The configuration is not complete";
	if (c->barred == NULL && check->needs != 0 && certify_needs_login(c))
		c->barred = certify_log_in(c, &login);
	return c->barred != NULL ? certify_not_here(c->barred) : check->run(c, check);
}

/* What was said in it last, in the order in which it was. */
static void
said_keep(struct certify *c, struct certify_line *l)
{
	size_t from = c->said_n > CERTIFY_SAID_MAX ? c->said_n - CERTIFY_SAID_MAX : 0;

	l->said = arena_array(c->op->arena, CERTIFY_SAID_MAX, sizeof *l->said);
	for (size_t i = from; i < c->said_n; i++)
		l->said[l->said_n++] = c->said[i % CERTIFY_SAID_MAX];
}

/* The table's, the last of which speaks of all the others, with the file's before that one. */
static const struct certify_check *
check_at(const struct certify *c, size_t i)
{
	size_t before = certify_checks_n - 1;

	if (i >= before && i < before + c->samples_n)
		return &c->samples[i - before];
	return &certify_checks[i < before ? i : before];
}

/* One that is asked for; and what a configuration lacks is told in any case. */
static bool
is_wanted(const struct certify *c, const struct words *w, const struct certify_check *check)
{
	return is_listed(w->only, check->name) ||
	       (check->run == certify_configuration && c->problems.n > 0);
}

static int
run(struct certify *c, const struct words *w)
{
	size_t all_n = certify_checks_n + c->samples_n, n = 0, failed = 0;
	struct certify_line *lines = arena_array(c->op->arena, all_n, sizeof *lines);
	int64_t began = clock_steady_us(), took;

	for (size_t i = 0; i < all_n; i++) {
		struct certify_line *l = &lines[n];

		if (!is_wanted(c, w, check_at(c, i)))
			continue;
		c->said_n = 0;
		l->check = check_at(c, i);
		l->result = check_run(c, l->check);
		if (l->result.state == CERTIFY_FAILED) {
			said_keep(c, l);
			failed++;
		}
		n++;
	}
	took = clock_steady_us() - began;
	if (w->is_json)
		certify_report_json(c, lines, n, took);
	else
		certify_report(c, lines, n, took);
	return failed > 0 || c->barred != NULL ? CODE_FAILED : EX_OK;
}

/*
 * Ours among all that were ever given to this POS, by the second and by chance; with "-01" behind
 * it twelve characters, more than which some do not keep.
 */
static const char *
run_name(struct op *op)
{
	static const char digits[] = "0123456789ABCDEFGHJKLMNPQRSTUVWX";
	uint64_t n = (uint64_t)(certify_now() / SECOND_US);
	unsigned char chance[2];
	char name[10] = "C";

	op_random(op, chance, sizeof chance);
	n = n << 10 | ((uint64_t)chance[0] << 8 | chance[1]) % 1024;
	for (int i = 8; i > 0; i--, n >>= 5)
		name[i] = digits[n & 31];
	return arena_strdup(op->arena, name);
}

static int
certify_with(struct certify *c, const struct words *w, const struct certify_document *d)
{
	int64_t lag_s = c->adapter->create_limits.lag_ms / 1000;
	int code;

	c->wait_us = (w->wait_s >= 0 ? w->wait_s : lag_s > WAIT_MIN_S ? lag_s : WAIT_MIN_S) *
		     SECOND_US;
	c->name = run_name(c->op);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fputs("ticketrail certify: libcurl cannot be used\n", stderr);
		return EX_SOFTWARE;
	}
	c->transfers = transfers_new(
	    &(struct transfer_options){ .ca_file = d->ca_file, .allow_http = d->allow_http });
	code = run(c, w);
	transfers_free(&c->transfers);
	curl_global_cleanup();
	return code;
}

int
certify_main(struct op *op, int argc, char **argv)
{
	struct certify c = { .op = op };
	struct certify_document d = { .ca_file = NULL };
	const char *unknown, *why;
	struct words w;

	if (!words_read(argc, argv, &w))
		return EX_USAGE;
	if (w.is_list) {
		certify_list();
		return EX_OK;
	}
	c.adapter = pos_adapter_find(w.provider);
	unknown = unknown_check(op, w.only);
	if (c.adapter == NULL || unknown != NULL) {
		fprintf(stderr, "ticketrail certify: %s\n",
		    c.adapter == NULL
			? pos_unsupported(op->arena, w.provider)
			: arena_printf(op->arena,
			      "there is no check \"%s\"; --checks lists them", unknown));
		return EX_USAGE;
	}
	arena_wipes(op->arena);
	c.endpoint = w.endpoint;
	why = certify_document(&c, w.file, &d);
	if (why != NULL) {
		fprintf(stderr, "ticketrail certify: %s\n", why);
		return EX_DATAERR;
	}
	return certify_with(&c, &w, &d);
}
