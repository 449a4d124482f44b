/* Looks, sums and waiting. */
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"

struct certify_result
certify_absent(struct certify *c, const struct certify_check *check)
{
	struct certify_talk look;

	(void)check;
	certify_look(c, certify_reference(c), NULL, &look);
	if (!certify_is_done(&look))
		return certify_failed(certify_says(c, "A look", &look.outcome));
	return look.outcome.presence == POS_ABSENT
		   ? certify_passed(look.outcome.verdict.sentence)
		   : certify_failed("It is said to be there");
}

struct certify_result
certify_status(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made, look;
	struct order *o = certify_give(c, check->shape, TALK_PLAIN, &made, &r);

	if (o == NULL)
		return r;
	if (!certify_look_for(c, o->pos_reference, made.pos_order_id, &look))
		r = certify_failed("It was taken, but is not there");
	else if (look.outcome.status == NULL)
		r = certify_passed("It is there; that it waits is no status of ours");
	else
		r = certify_passed(arena_printf(c->op->arena, "It is %s: %s", look.outcome.status,
		    look.outcome.verdict.sentence));
	certify_take_back(c, o, &made);
	return r;
}

static struct certify_result
quote_result(struct certify *c, int64_t quoted, int64_t made, int64_t seen)
{
	int64_t came_to = seen >= 0 ? seen : made;

	if (quoted < 0)
		return certify_failed("The quote has no sum");
	if (came_to < 0)
		return certify_not_here("What the order came to is not said");
	if (quoted != came_to)
		return certify_failed(arena_printf(c->op->arena,
		    "Quoted %lld, and it came to %lld, in minor units", (long long)quoted,
		    (long long)came_to));
	return certify_passed(
	    arena_printf(c->op->arena, "%lld minor units both times", (long long)quoted));
}

struct certify_result
certify_quote(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk quote, made, look = { .total_minor = -1 };
	const char *why;
	struct certify_talk fetched;
	struct order *asked, *o;

	why = certify_menu(c, &fetched);
	asked = why == NULL ? certify_order(c, check->shape, &why) : NULL;
	if (asked == NULL)
		return certify_not_here(why);
	quote = (struct certify_talk){ .verb = POS_QUOTE, .order = asked };
	quote.task.reference = asked->pos_reference;
	quote.task.since = TIME_NONE;
	certify_speak(c, &quote);
	if (!certify_is_done(&quote))
		return certify_failed(certify_says(c, "Asking for it", &quote.outcome));
	o = certify_give(c, check->shape, TALK_PLAIN, &made, &r);
	if (o == NULL)
		return r;
	if (pos_can(c->adapter, POS_LOOK))
		(void)certify_look_for(c, o->pos_reference, made.pos_order_id, &look);
	r = quote_result(c, quote.total_minor, made.total_minor, look.total_minor);
	certify_take_back(c, o, &made);
	return r;
}

struct certify_result
certify_retry_after(struct certify *c, const struct certify_check *check)
{
	(void)check;
	if (c->busy_n == 0)
		return certify_not_here("Nobody asked us to wait");
	if (c->busy_unsaid_n > 0)
		return certify_failed(arena_printf(c->op->arena,
		    "%d of %d answers with 429 did not say for how long (Retry-After)",
		    c->busy_unsaid_n, c->busy_n));
	return certify_passed(arena_printf(c->op->arena,
	    "Asked %d times, and %d times waited as long as was said, or is known of them, and "
	    "went on",
	    c->busy_n, c->busy_waited_n));
}
