/* One order, one ticket: what the promises of the protocol rest on. */
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"

static bool
is_keyed(const struct certify *c)
{
	return pos_traits_of(c->config).repeat_is_safe != POS_REPEAT_NO;
}

static struct certify_result
not_keyed(void)
{
	return certify_not_here(
	    "This POS makes another order of every request: nothing is ever repeated to it");
}

/* What nobody can see from here: a person has to look. */
static struct certify_result
screen(struct certify *c, const struct order *o, const char *what)
{
	return certify_not_here(arena_printf(c->op->arena,
	    "%s; that it is one ticket can not be proved from here: on the kitchen's screen %s "
	    "must stand once",
	    what, o->pos_reference));
}

/* Is it there, once, and is it the one that was answered? */
static struct certify_result
once(struct certify *c, const struct order *o, const struct certify_talk *made,
    const char *sentence)
{
	struct certify_talk look;
	const char *id;

	if (!certify_look_for(c, o->pos_reference, NULL, &look))
		return certify_failed("It is not found under our name for it");
	id = look.outcome.pos_order_id;
	if (look.outcome.other_id != NULL)
		return certify_failed(arena_printf(c->op->arena,
		    "It is there twice: %s and %s", id, look.outcome.other_id));
	if (id != NULL && made->pos_order_id != NULL && strcmp(id, made->pos_order_id) != 0)
		return certify_failed(arena_printf(c->op->arena,
		    "The answer said %s, and under our name is %s", made->pos_order_id, id));
	return certify_passed(sentence);
}

struct certify_result
certify_twice(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made;
	struct order *o;

	if (!is_keyed(c))
		return not_keyed();
	o = certify_give(c, check->shape, TALK_TWICE, &made, &r);
	if (o == NULL)
		return r;
	if (made.wrong != NULL)
		r = certify_failed(made.wrong);
	else if (!pos_can(c->adapter, POS_LOOK))
		r = screen(c, o, "Both were answered with success");
	else
		r = once(c, o, &made, "There is one");
	certify_take_back(c, o, &made);
	return r;
}

/* ---- another body under the same name ---- */

/* The same name, and more of it. */
static struct order *
changed(struct certify *c, const struct order *o)
{
	struct order *other = arena_alloc(c->op->arena, sizeof *other);
	struct order_line *line = arena_alloc(c->op->arena, sizeof *line);

	*other = *o;
	*line = o->lines[0];
	line->quantity++;
	line->line_total_minor = (line->item_price_minor + line->addons_minor) * line->quantity;
	other->lines = line;
	other->subtotal_minor = line->line_total_minor;
	other->total_minor += line->line_total_minor - o->lines[0].line_total_minor;
	return other;
}

static struct certify_result
other_result(struct certify *c, const struct order *o, const struct certify_talk *first,
    const struct certify_talk *second)
{
	bool is_another = first->pos_order_id != NULL && second->pos_order_id != NULL &&
			  strcmp(first->pos_order_id, second->pos_order_id) != 0;
	struct certify_talk look;
	const char *wrong;

	if (is_another)
		return certify_failed(arena_printf(c->op->arena, "It became another order: %s",
		    second->pos_order_id));
	if (!pos_can(c->adapter, POS_LOOK))
		return screen(c, o, second->outcome.verdict.sentence);
	if (!certify_look_for(c, o->pos_reference, first->pos_order_id, &look))
		return certify_failed("The first one is not there any more");
	wrong = certify_can_view(c) ? certify_differs(c, o, &look) : NULL;
	if (wrong != NULL)
		return certify_failed(
		    arena_printf(c->op->arena, "The first one was changed: %s", wrong));
	return once(c, o, first, second->outcome.verdict.sentence);
}

struct certify_result
certify_other_body(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk first, second;
	struct order *o, *other;

	if (!is_keyed(c))
		return not_keyed();
	if (!pos_traits_of(c->config).binds_by_reference)
		return certify_not_here("Names are not keys to this POS: what is repeated is a "
					"step, by the id that an earlier one made");
	o = certify_give(c, check->shape, TALK_PLAIN, &first, &r);
	if (o == NULL)
		return r;
	other = changed(c, o);
	second = (struct certify_talk){ .verb = POS_CREATE, .task = first.task, .order = other };
	second.task.progress = (struct bytes){ NULL, 0 };
	certify_speak(c, &second);
	r = other_result(c, o, &first, &second);
	certify_take_back(c, o, &first);
	return r;
}

/* ---- cut ---- */

struct certify_result
certify_cut(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made;
	struct order *o = certify_give(c, check->shape, TALK_CUT, &made, &r);

	if (o == NULL)
		return r;
	if (!made.was_cut)
		r = certify_not_here("No step of it could be in doubt");
	else if (!pos_can(c->adapter, POS_LOOK))
		r = screen(c, o, "Repeated, and answered with success");
	else
		r = once(c, o, &made,
		    is_keyed(c) ? "Repeated, and there is one" : "Looked for, and there is one");
	certify_take_back(c, o, &made);
	return r;
}

/* ---- what is not to be seen yet ---- */

/* From where it stopped to its end. */
static struct certify_result
hidden_open(struct certify *c, const struct order *o, struct certify_talk *t)
{
	struct certify_talk look;
	const char *wrong;

	t->mode = TALK_PLAIN;
	t->has_stopped = false;
	certify_speak(c, t);
	if (!certify_is_done(t))
		return certify_failed(certify_says(c, "Going on", &t->outcome));
	if (!certify_look_for(c, o->pos_reference, t->pos_order_id, &look))
		return certify_failed("The last step did not show it");
	wrong = certify_can_view(c) ? certify_differs(c, o, &look) : NULL;
	return wrong != NULL
		   ? certify_failed(wrong)
		   : certify_passed("Hidden until the last step, and then as it was ordered");
}

struct certify_result
certify_hidden(struct certify *c, const struct certify_check *check)
{
	struct certify_result r;
	struct certify_talk made, look;
	struct order *o = certify_give(c, check->shape, TALK_STOP, &made, &r);

	if (o == NULL)
		return r;
	if (made.calls_n == 0)
		return certify_not_here("It has no steps before the one that shows it");
	certify_look(c, o->pos_reference, certify_draft(c, made.progress), &look);
	if (!certify_is_done(&look))
		r = certify_failed(certify_says(c, "A look", &look.outcome));
	else if (look.outcome.presence == POS_PRESENT)
		r = certify_failed("It is seen before its last step");
	else
		r = hidden_open(c, o, &made);
	certify_take_back(c, o, &made);
	return r;
}
