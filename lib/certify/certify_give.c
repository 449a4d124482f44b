/* Orders are given, looked at, and taken back. */
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"

struct certify_result
certify_passed(const char *sentence)
{
	return (struct certify_result){ CERTIFY_PASSED, sentence };
}

struct certify_result
certify_failed(const char *sentence)
{
	return (struct certify_result){ CERTIFY_FAILED, sentence };
}

struct certify_result
certify_not_here(const char *sentence)
{
	return (struct certify_result){ CERTIFY_NOT_HERE, sentence };
}

static struct pos_task
task_of(struct certify *c, const struct order *o)
{
	return (struct pos_task){ .reference = o->pos_reference,
		.since = o->created_at,
		.callback_url = c->callback_url };
}

struct order *
certify_give(struct certify *c, const struct certify_shape *s, enum certify_mode mode,
    struct certify_talk *t, struct certify_result *ret)
{
	struct certify_talk fetched;
	const char *why = certify_menu(c, &fetched);
	struct order *o = why == NULL ? certify_order(c, s, &why) : NULL;

	if (o == NULL) {
		*ret = certify_not_here(why);
		return NULL;
	}
	*t = (struct certify_talk){
		.verb = POS_CREATE, .mode = mode, .task = task_of(c, o), .order = o
	};
	certify_speak(c, t);
	if (!certify_is_done(t) && !t->has_stopped) {
		*ret = certify_failed(certify_says(c, "It was not taken", &t->outcome));
		certify_take_back(c, o, t);
		return NULL;
	}
	return o;
}

void
certify_void(struct certify *c, const struct order *o, const struct certify_talk *made,
    struct certify_talk *ret)
{
	struct certify_talk look;
	const char *id = made->pos_order_id;

	if (id == NULL && pos_can(c->adapter, POS_LOOK) &&
	    certify_look_for(c, o->pos_reference, NULL, &look))
		id = look.outcome.pos_order_id;
	*ret = (struct certify_talk){ .verb = POS_CANCEL, .task = task_of(c, o), .order = o };
	ret->task.pos_order_id = id;
	ret->task.progress = made->progress;
	ret->task.reason = "Certify: a trial";
	certify_speak(c, ret);
}

void
certify_take_back(
    struct certify *c, const struct order *o, const struct certify_talk *made)
{
	struct certify_talk t;

	if (!pos_can(c->adapter, POS_CANCEL) ||
	    (made->pos_order_id == NULL && !certify_is_done(made)))
		return;
	c->is_quiet = true;
	certify_void(c, o, made, &t);
	c->is_quiet = false;
}

/* ---- shapes ---- */

/* Their id of what was just given: from the answer, else by our name for it. NULL: not found. */
static const char *
id_of(struct certify *c, const struct order *o, const struct certify_talk *made)
{
	struct certify_talk look;

	if (made->pos_order_id != NULL)
		return made->pos_order_id;
	return certify_look_for(c, o->pos_reference, NULL, &look) ? look.outcome.pos_order_id
								  : NULL;
}

static struct certify_result
shape_seen(struct certify *c, const struct order *o, const struct certify_talk *made)
{
	const char *id, *wrong;
	struct certify_talk look;

	if (!pos_can(c->adapter, POS_LOOK))
		return certify_passed("Taken; this POS can not be asked what it has");
	id = id_of(c, o, made);
	if (id == NULL || !certify_look_for(c, o->pos_reference, id, &look))
		return certify_failed("It was taken, but is not there");
	if (!certify_can_view(c))
		return certify_passed("Taken and there; what is in it is not known how to read");
	wrong = certify_differs(c, o, &look);
	if (wrong != NULL)
		return certify_failed(wrong);
	return certify_passed(arena_printf(c->op->arena, "Taken, and there as it was ordered%s",
	    look.total_minor < 0 ? "" : ", sums included"));
}

/* What is done with an order that is there: printing it, say. NULL, or what was wrong. */
static const char *
follow_up(struct certify *c, const struct order *o, struct certify_talk *made)
{
	struct certify_talk t = { .verb = POS_FOLLOW, .task = task_of(c, o), .order = o };

	if (!pos_traits_of(c->config).follows)
		return NULL;
	t.task.pos_order_id = made->pos_order_id;
	t.task.progress = made->progress;
	certify_speak(c, &t);
	made->progress = t.progress;
	if (certify_is_done(&t))
		return NULL;
	return certify_says(c, "It is there, and not all was done", &t.outcome);
}

struct certify_result
certify_shape_taken(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made;
	struct order *o = certify_give(c, check->shape, TALK_PLAIN, &made, &r);
	const char *undone;

	if (o == NULL)
		return r;
	undone = follow_up(c, o, &made);
	r = undone != NULL ? certify_failed(undone) : shape_seen(c, o, &made);
	certify_take_back(c, o, &made);
	return r;
}

/* Two of a kind: the second one's name leads to it and not to the first. */
static struct certify_result
identity_of(struct certify *c, const struct order *first, const struct certify_talk *one,
    const struct order *second, const struct certify_talk *two)
{
	struct certify_talk by_name;
	const char *id = two->pos_order_id;

	if (one->pos_order_id != NULL && id != NULL && strcmp(one->pos_order_id, id) == 0)
		return certify_failed(arena_printf(c->op->arena,
		    "%s was answered with the id of %s, %s", second->pos_reference,
		    first->pos_reference, id));
	if (!certify_look_for(c, second->pos_reference, NULL, &by_name))
		return certify_failed(arena_printf(c->op->arena,
		    "Nothing is found under our name for it, %s", second->pos_reference));
	if (by_name.outcome.pos_order_id == NULL)
		return certify_failed("What is found under our name for it has no id");
	if (id != NULL && strcmp(by_name.outcome.pos_order_id, id) != 0)
		return certify_failed(arena_printf(c->op->arena,
		    "The answer said %s, and under our name is %s", id,
		    by_name.outcome.pos_order_id));
	return certify_passed("Both names lead to the same order");
}

struct certify_result
certify_identity(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk one, two;
	struct order *second, *first = certify_give(c, check->shape, TALK_PLAIN, &one, &r);

	if (first == NULL)
		return r;
	second = certify_give(c, check->shape, TALK_PLAIN, &two, &r);
	if (second != NULL) {
		r = identity_of(c, first, &one, second, &two);
		certify_take_back(c, second, &two);
	}
	certify_take_back(c, first, &one);
	return r;
}

/* ---- cancelling ---- */

static struct certify_result
is_cancelled(struct certify *c, const struct order *o, const char *id)
{
	struct certify_talk look;

	if (!pos_can(c->adapter, POS_LOOK))
		return certify_passed("Said to be; this POS can not be asked whether it is");
	certify_look(c, o->pos_reference, id, &look);
	if (!certify_is_done(&look))
		return certify_failed(certify_says(c, "A look", &look.outcome));
	if (look.outcome.presence == POS_ABSENT)
		return certify_passed("It is not there any more");
	if (look.outcome.status == NULL || strcmp(look.outcome.status, "cancelled") != 0)
		return certify_failed(
		    arena_printf(c->op->arena, "Cancelled, and a look says that it is %s",
			look.outcome.status != NULL ? look.outcome.status : "there"));
	return certify_passed("A look says so too");
}

struct certify_result
certify_cancel(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made, t;
	struct order *o = certify_give(c, check->shape, TALK_PLAIN, &made, &r);

	if (o == NULL)
		return r;
	certify_void(c, o, &made, &t);
	return certify_is_done(&t) ? is_cancelled(c, o, t.task.pos_order_id)
				   : certify_failed(certify_says(c, "Cancelling", &t.outcome));
}

struct certify_result
certify_cancel_twice(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made, t;
	struct order *o = certify_give(c, check->shape, TALK_PLAIN, &made, &r);

	if (o == NULL)
		return r;
	certify_void(c, o, &made, &t);
	if (!certify_is_done(&t))
		return certify_failed(certify_says(c, "Cancelling", &t.outcome));
	certify_void(c, o, &made, &t);
	return certify_is_done(&t) ? certify_passed(t.outcome.verdict.sentence)
				   : certify_failed(certify_says(c, "Again", &t.outcome));
}

/* An id of their form that is nobody's: one of theirs with its last characters changed. */
static const char *
id_of_nobody(struct certify *c, const char *id)
{
	char *other = arena_strdup(c->op->arena, id);
	size_t len = strlen(other);

	for (size_t i = len > 6 ? len - 6 : 0; i < len; i++)
		other[i] = other[i] == '7' ? '3' : other[i] == '-' ? '-' : '7';
	return other;
}

struct certify_result
certify_cancel_unknown(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made, t;
	struct order ghost, *o = certify_give(c, check->shape, TALK_PLAIN, &made, &r);

	if (o == NULL)
		return r;
	ghost = *o;
	ghost.pos_reference = ghost.order_number = certify_reference(c);
	t = (struct certify_talk){
		.verb = POS_CANCEL, .task = task_of(c, &ghost), .order = &ghost
	};
	t.task.reason = "Certify: a trial";
	t.task.pos_order_id =
	    made.pos_order_id != NULL ? id_of_nobody(c, made.pos_order_id) : NULL;
	certify_speak(c, &t);
	/* That it is not there is an answer, and all that cancelling is for. */
	if (certify_is_done(&t) && !t.was_unknown && t.reply.status >= 200 &&
	    t.reply.status < 300)
		r = certify_failed(
		    certify_says(c, "Nothing was there, and it was cancelled", &t.outcome));
	else if (!certify_is_done(&t) && t.outcome.verdict.outcome != OUTCOME_REFUSED)
		r = certify_failed(certify_says(c, "It is not known", &t.outcome));
	else
		r = certify_passed(t.outcome.verdict.sentence);
	certify_take_back(c, o, &made);
	return r;
}
