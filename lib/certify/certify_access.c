/* The configuration, the way in, and the menu. */
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"

#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)
#define PROBLEMS_TOLD 5

static bool
logs_in(const struct certify *c)
{
	return c->adapter->logs_in != NULL && c->adapter->logs_in(c->config) &&
	       pos_can(c->adapter, POS_LOGIN);
}

/* How a document says it too. */
static const char *
known_as(const struct certify *c, const char *field)
{
	const struct pos_field *f = pos_field_find(c->adapter, field);

	if (f == NULL)
		return "";
	return f->role == POS_ROLE_REST_ID    ? " (\"pos_restaurant_id\")"
	       : f->role == POS_ROLE_BASE_URL ? " (\"endpoint\")"
					      : "";
}

/* "field sentence; field sentence" */
static const char *
problems_text(struct certify *c)
{
	const char *all = "";

	for (size_t i = 0; i < c->problems.n && i < PROBLEMS_TOLD; i++)
		all = arena_printf(c->op->arena, "%s%s%s%s %s", all, i == 0 ? "" : "; ",
		    c->problems.v[i].field, known_as(c, c->problems.v[i].field),
		    c->problems.v[i].sentence);
	return all;
}

struct certify_result
certify_configuration(struct certify *c, const struct certify_check *check)
{
	(void)check;
	return c->problems.n > 0 ? certify_failed(problems_text(c))
				 : certify_passed("Nothing is missing");
}

/* Something that needs access and changes nothing. NULL, or what came of it. */
static const char *
ask(struct certify *c, struct certify_talk *ret)
{
	if (!pos_can(c->adapter, POS_LOOK)) {
		*ret = (struct certify_talk){ .verb = POS_MENU, .task.since = TIME_NONE };
		certify_speak(c, ret);
	} else
		certify_look(c, certify_reference(c), NULL, ret);
	return certify_is_done(ret) ? NULL : certify_says(c, "A question", &ret->outcome);
}

static const char *
life_text(struct certify *c, int64_t us)
{
	int64_t unit = us >= 2 * DAY_US ? DAY_US : us >= 2 * HOUR_US ? HOUR_US : SECOND_US;

	return arena_printf(c->op->arena, "%lld %s", (long long)(us / unit),
	    unit == DAY_US ? "days" : unit == HOUR_US ? "hours" : "seconds");
}

static struct certify_result
token_result(struct certify *c, const struct pos_session *s)
{
	if (s->expires_at == TIME_NONE)
		return certify_passed("Logged in; how long the token lives is not said");
	if (s->expires_at <= certify_now())
		return certify_failed("The token that the login brought is over already");
	return certify_passed(arena_printf(c->op->arena, "Logged in; the token lives for %s",
	    life_text(c, s->expires_at - certify_now())));
}

struct certify_result
certify_access(struct certify *c, const struct certify_check *check)
{
	struct certify_talk login, t;
	bool fresh = certify_needs_login(c);
	const char *why = fresh ? certify_log_in(c, &login) : NULL;

	(void)check;
	if (why == NULL)
		why = ask(c, &t);
	if (why != NULL) {
		c->barred = "There is no access";
		return certify_failed(why);
	}
	return fresh ? token_result(c, &login.outcome.session)
		     : certify_passed("The credentials are taken");
}

struct certify_result
certify_permissions(struct certify *c, const struct certify_check *check)
{
	struct certify_talk t = { .verb = POS_CONFIRM, .task.since = TIME_NONE };

	(void)check;
	certify_speak(c, &t);
	return certify_is_done(&t)
		   ? certify_passed(t.outcome.verdict.sentence)
		   : certify_failed(
			 certify_says(c, "What our access is good for", &t.outcome));
}

struct certify_result
certify_renewal(struct certify *c, const struct certify_check *check)
{
	struct certify_talk login, t;
	const char *why;

	(void)check;
	if (!logs_in(c))
		return certify_not_here("With these credentials nobody logs in");
	if (certify_secret(c, "refresh_token") != NULL && !c->may_use_up)
		return certify_not_here(
		    "It would use up the refresh token: say \"renew\": true in the file if that "
		    "one is for this");
	why = certify_log_in(c, &login);
	if (why == NULL)
		why = ask(c, &t);
	return why != NULL ? certify_failed(why) : token_result(c, &login.outcome.session);
}

/* Every secret with another last character. */
static void
secrets_spoil(struct certify *c)
{
	for (size_t i = 0; i < c->secrets_n; i++) {
		char *value = arena_strdup(c->op->arena, c->secrets[i].value);
		size_t len = strlen(value);

		if (len > 0)
			value[len - 1] = value[len - 1] == 'x' ? 'y' : 'x';
		c->secrets[i].value = value;
	}
}

struct certify_result
certify_refusal(struct certify *c, const struct certify_check *check)
{
	struct pos_secret kept[CERTIFY_SECRETS_MAX];
	size_t kept_n = c->secrets_n;
	struct certify_talk t;

	(void)check;
	memcpy(kept, c->secrets, sizeof kept);
	secrets_spoil(c);
	if (logs_in(c))
		(void)certify_log_in(c, &t);
	else
		(void)ask(c, &t);
	memcpy(c->secrets, kept, sizeof kept);
	c->secrets_n = kept_n;
	if (certify_is_done(&t))
		return certify_failed("Wrong credentials are taken");
	if (t.outcome.verdict.cause != CAUSE_AUTH)
		return certify_failed(certify_says(
		    c, "It is refused, but not for the credentials", &t.outcome));
	return certify_passed(t.outcome.verdict.sentence);
}

struct certify_result
certify_menu_check(struct certify *c, const struct certify_check *check)
{
	struct certify_talk t;
	const char *why, *problem = "";

	(void)check;
	c->has_menu = false;
	c->no_menu = NULL;
	why = certify_menu(c, &t);
	if (why != NULL)
		return certify_failed(why);
	if (c->menu.items_n == 0)
		return certify_failed("There is nothing on the menu");
	for (size_t i = 0; i < c->menu.problems_n && i < PROBLEMS_TOLD; i++)
		problem = arena_printf(c->op->arena, "%s; %s %s", problem,
		    c->menu.problems[i].what, c->menu.problems[i].sentence);
	return certify_passed(arena_printf(c->op->arena,
	    "%zu items and %zu groups of add-ons in %zu calls; %zu problems%s", c->menu.items_n,
	    c->menu.addon_groups_n, t.calls_n, c->menu.problems_n, problem));
}
