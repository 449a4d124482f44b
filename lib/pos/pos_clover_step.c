/*
 * Clover: the call that an order's next step is.
 */
#include "mem/buf.h"
#include "pos/pos_clover.h"

static bool
is_atomic(const struct pos_task *task)
{
	return pos_config_is_on(task->config, CLOVER_ATOMIC);
}

enum clover_step
clover_order_step(const struct pos_task *task)
{
	return is_atomic(task) ? CLOVER_STEP_ATOMIC : CLOVER_DRAFT;
}

/* Where one is; what comes first is decided by the settings and the order. */
struct clover_progress
clover_where(struct arena *a, const struct pos_task *task)
{
	struct clover_progress p = clover_progress_read(a, task);

	if (p.step >= CLOVER_VOID_READ)
		p = clover_progress_anew(&p);
	/* A version before did what follows in the same breath: it is opened once more. */
	if (p.step >= CLOVER_PRINTING && p.step <= CLOVER_FOLLOWED)
		p.step = CLOVER_OPEN;
	if (p.step == CLOVER_FIRST)
		p.step = task->order != NULL && p.customer == NULL && clover_wants_customer(task)
			     ? CLOVER_CUSTOMER
			     : clover_order_step(task);
	return p;
}

static const char *
order_path(struct arena *a, const char *id, const char *rest)
{
	return arena_printf(a, "orders/%s%s", id, rest);
}

/* The next hundred pieces, or just those that are missing. */
static struct buf *
lines_body(struct arena *a, const struct pos_task *task, const struct clover_progress *p)
{
	size_t n, some_n = 0;
	const struct clover_piece *all = clover_pieces(a, task->order, &n);
	const struct clover_piece *some[CLOVER_BULK_MAX];

	for (size_t i = 0; i < p->again_n; i++)
		if ((size_t)p->again[i] < n)
			some[some_n++] = &all[p->again[i]];
	for (size_t i = (size_t)p->at; p->again_n == 0 && i < n && some_n < CLOVER_BULK_MAX; i++)
		some[some_n++] = &all[i];
	return clover_lines_body(a, some, some_n);
}

static struct http_call
check_call(struct arena *a, const struct pos_task *task, const struct clover_progress *p)
{
	const char *rest = clover_pieces_n(task->order) > CLOVER_NESTED_MAX
			       ? "/line_items?expand=modifications&limit=1000"
			       : "?expand=lineItems,lineItems.modifications";

	return clover_call(a, task->config, "GET", order_path(a, p->draft, rest), NULL);
}

/* The add-on that is to be added next; NULL: there is none (no such list was written by us). */
static const struct order_addon *
next_fix(struct arena *a, const struct pos_task *task, const struct clover_progress *p)
{
	size_t n;
	const struct clover_piece *all = clover_pieces(a, task->order, &n);

	if (p->fix_n == 0 || (size_t)p->fix[0].piece >= n)
		return NULL;
	return clover_modification(&all[p->fix[0].piece], (size_t)p->fix[0].mod);
}

/* The steps that have no body. */
static bool
bare_call(struct arena *a, const struct pos_task *task, const struct clover_progress *p,
    struct http_call *ret_call)
{
	const struct pos_config *config = task->config;

	switch (p->step) {
	case CLOVER_SWEEP:
		*ret_call = clover_call(a, config, "DELETE", order_path(a, p->old[0], ""), NULL);
		return true;
	case CLOVER_DROP:
		*ret_call = clover_call(a, config, "DELETE", order_path(a, p->draft, ""), NULL);
		return true;
	case CLOVER_CHECK:
		*ret_call = check_call(a, task, p);
		return true;
	default:
		return false;
	}
}

/* The others: what is posted, and where. NULL: the progress is not of this order. */
static struct buf *
step_body(struct arena *a, const struct pos_task *task, const struct clover_progress *p,
    const char **ret_path)
{
	const struct order_addon *addon;
	const struct order_discount *discount;

	switch (p->step) {
	case CLOVER_CUSTOMER:
		*ret_path = "customers";
		return clover_customer_body(a, task);
	case CLOVER_DRAFT:
		*ret_path = "orders";
		return clover_draft_body(a, task, p->customer);
	case CLOVER_STEP_ATOMIC:
		*ret_path = "atomic_order/orders";
		return clover_cart_body(a, task, p->customer);
	case CLOVER_LINES:
		*ret_path = order_path(a, p->draft, "/bulk_line_items");
		return lines_body(a, task, p);
	case CLOVER_DISCOUNT:
		*ret_path = order_path(a, p->draft, "/discounts");
		discount = clover_discount(task->order, (size_t)p->at);
		return discount == NULL ? NULL : clover_discount_body(a, discount);
	case CLOVER_MODIFY:
		addon = next_fix(a, task, p);
		if (addon == NULL)
			return NULL;
		*ret_path = order_path(a, p->draft,
		    arena_printf(a, "/line_items/%s/modifications", p->fix[0].line));
		return clover_modification_body(a, addon);
	case CLOVER_OPEN:
		*ret_path = order_path(a, p->draft, "");
		return clover_open_body(a, task);
	default:
		return NULL;
	}
}

static bool
is_beginning(enum clover_step step)
{
	return step == CLOVER_CUSTOMER || step == CLOVER_DRAFT || step == CLOVER_STEP_ATOMIC;
}

bool
clover_create_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct clover_progress p = clover_where(a, task);
	size_t before = problems->n;
	const char *path = NULL;
	struct buf *body;

	if (is_beginning(p.step))
		clover_check_order(a, task->order, task->config, problems);
	if (problems->n > before)
		return false;
	if (bare_call(a, task, &p, ret_call))
		return true;
	body = step_body(a, task, &p, &path);
	if (body == NULL || body->overflowed) {
		pos_problem_add(a, problems, body == NULL ? "progress" : "items",
		    body == NULL ? "is of another order" : "are too many to send");
		return false;
	}
	*ret_call = clover_call(a, task->config, "POST", path, body);
	return true;
}

/* "Checkout an atomic order": stores nothing. */
bool
clover_quote_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct order order = *task->order;
	struct pos_task named = *task;
	size_t before = problems->n;
	struct buf *body;

	/* It has a name there only once it is sent. */
	order.pos_reference =
	    order.pos_reference != NULL ? order.pos_reference : order.order_number;
	named.order = &order;
	clover_check_order(a, &order, task->config, problems);
	if (problems->n > before)
		return false;
	body = clover_cart_body(a, &named, NULL);
	if (body->overflowed) {
		pos_problem_add(a, problems, "items", "are too many to send");
		return false;
	}
	*ret_call = clover_call(a, task->config, "POST", "atomic_order/checkouts", body);
	return true;
}
