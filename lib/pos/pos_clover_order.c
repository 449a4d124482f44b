/*
 * Clover: an order in their words. Steps give each line's price, as they must; in one call Clover
 * takes its own.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_clover.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define BODY_MAX (1u << 20)
#define DISCOUNT_NAME_MAX 64
#define PAYMENT_ID_MAX 32
/* externalReferenceId takes no more, as integrators measured: a longer one is a 400. */
#define EXTERNAL_REFERENCE_MAX 12

static struct buf *
body_begin(struct arena *a, struct json_write *w)
{
	struct buf *b = arena_alloc(a, sizeof(*b));

	buf_init(b, a, BODY_MAX);
	json_write_init(w, b);
	json_write_object(w, NULL);
	return b;
}

static struct buf *
body_end(struct json_write *w, struct buf *b)
{
	json_write_object_end(w);
	json_write_done(w);
	return b;
}

/* {"key":{"id":…}}, where there is an id. */
static void
put_ref(struct json_write *w, const char *key, const char *id)
{
	if (pos_is_blank(id))
		return;
	json_write_object(w, key);
	json_write_string(w, "id", id);
	json_write_object_end(w);
}

static const char *
setting(struct arena *a, const struct pos_task *task, const char *key)
{
	return pos_text(a, pos_config_text(task->config, key), CLOVER_ID_MAX);
}

/* Without the tip, which is no part of an order there. */
static int64_t
total_of(const struct order *o)
{
	return o->total_minor - o->tip_minor;
}

/* What an order has in one call as well as step by step. */
static void
put_head(struct json_write *w, struct arena *a, const struct pos_task *task, const char *customer)
{
	const struct order *o = task->order;

	json_write_string(w, "title", o->pos_reference);
	json_write_string(w, "note", clover_note(a, task));
	json_write_string(w, "currency", o->currency);
	put_ref(w, "orderType", pos_text(a, clover_order_type_id(a, task), CLOVER_ID_MAX));
	if (strlen(o->pos_reference) <= EXTERNAL_REFERENCE_MAX)
		json_write_string(w, "externalReferenceId", o->pos_reference);
	put_ref(w, "employee", setting(a, task, "employee_id"));
	if (customer != NULL) {
		json_write_array(w, "customers");
		put_ref(w, NULL, customer);
		json_write_array_end(w);
	}
}

/*
 * state is left out: that is what hides it. The total is for us to post ("if your app modifies an
 * order, it must update the total as well"), where Clover does not work it out itself.
 */
struct buf *
clover_draft_body(struct arena *a, const struct pos_task *task, const char *customer_id)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	put_head(&w, a, task, customer_id);
	json_write_int64(&w, "total", total_of(task->order));
	return body_end(&w, b);
}

/* With name and amount both it is ours that counts, else the menu's. */
static void
put_modification(struct json_write *w, struct arena *a, const struct order_addon *addon)
{
	put_ref(w, "modifier", pos_text(a, addon->external_id, CLOVER_ID_MAX));
	json_write_string(w, "name", pos_text(a, addon->name, CLOVER_LINE_NOTE_MAX));
	json_write_int64(w, "amount", addon->price_minor);
}

static void
put_modifications(struct json_write *w, struct arena *a, const struct clover_piece *piece)
{
	const struct order_addon *addon;

	if (clover_modification(piece, 0) == NULL)
		return;
	json_write_array(w, "modifications");
	for (size_t k = 0; (addon = clover_modification(piece, k)) != NULL; k++) {
		json_write_object(w, NULL);
		put_modification(w, a, addon);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/*
 * An open item bears the taxes that are said of it, none if none are; without the list it would
 * bear the merchant's default ones.
 */
static void
put_taxes(struct json_write *w, struct arena *a, const struct clover_piece *piece)
{
	json_write_array(w, "taxRates");
	for (size_t i = 0; i < piece->taxes_n; i++) {
		const struct order_tax *tax = &piece->taxes[i];
		if (piece->charge != NULL && tax->charge != NULL &&
		    strcmp(tax->charge, piece->charge) != 0)
			continue;
		put_ref(w, NULL, pos_text(a, tax->external_id, CLOVER_ID_MAX));
	}
	json_write_array_end(w);
}

static void
put_piece(
    struct json_write *w, struct arena *a, const struct clover_piece *piece, bool in_one_call)
{
	json_write_object(w, NULL);
	put_ref(w, "item", pos_text(a, piece->item_id, CLOVER_ID_MAX));
	if (piece->item_id == NULL)
		json_write_string(w, "name", piece->name);
	if (piece->item_id == NULL || !in_one_call)
		json_write_int64(w, "price", piece->price_minor);
	if (*piece->note != '\0')
		json_write_string(w, "note", piece->note);
	put_modifications(w, a, piece);
	if (piece->item_id == NULL)
		put_taxes(w, a, piece);
	json_write_object_end(w);
}

struct buf *
clover_lines_body(struct arena *a, const struct clover_piece *const *pieces, size_t n)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	json_write_array(&w, "items");
	for (size_t i = 0; i < n; i++)
		put_piece(&w, a, pieces[i], false);
	json_write_array_end(&w);
	return body_end(&w, b);
}

struct buf *
clover_modification_body(struct arena *a, const struct order_addon *addon)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	put_modification(&w, a, addon);
	return body_end(&w, b);
}

const struct order_discount *
clover_discount(const struct order *o, size_t k)
{
	for (size_t i = 0; i < o->discounts_n; i++)
		if (o->discounts[i].amount_minor > 0 && k-- == 0)
			return &o->discounts[i];
	return NULL;
}

/* An amount that is not below nothing is refused. */
static void
put_discount(struct json_write *w, struct arena *a, const struct order_discount *d)
{
	const char *name = pos_is_blank(d->name) ? "Discount" : d->name;

	json_write_string(w, "name", pos_text(a, name, DISCOUNT_NAME_MAX));
	json_write_int64(w, "amount", -d->amount_minor);
}

struct buf *
clover_discount_body(struct arena *a, const struct order_discount *d)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	put_discount(&w, a, d);
	return body_end(&w, b);
}

/* The last blank parts first and last name (POS-08). */
static void
put_person(struct json_write *w, struct arena *a, const struct pos_task *task)
{
	const char *last = pos_text(
	    a, pos_config_text(task->config, "default_last_name"), CLOVER_PERSON_MAX);
	const char *name = pos_text(a,
	    pos_is_blank(task->order->customer_name)
		? pos_config_text(task->config, "default_customer_name")
		: task->order->customer_name,
	    2 * CLOVER_PERSON_MAX);
	const char *blank = strrchr(name, ' ');
	const char *first =
	    blank == NULL ? name : arena_strndup(a, name, (size_t)(blank - name));

	json_write_string(w, "firstName", utf8_truncate(a, first, CLOVER_PERSON_MAX));
	json_write_string(
	    w, "lastName", utf8_truncate(a, blank == NULL ? last : blank + 1, CLOVER_PERSON_MAX));
}

/* [{"key": value}], if there is a value. */
static void
put_contact(struct json_write *w, const char *list, const char *key, const char *value)
{
	if (*value == '\0')
		return;
	json_write_array(w, list);
	json_write_object(w, NULL);
	json_write_string(w, key, value);
	json_write_object_end(w);
	json_write_array_end(w);
}

struct buf *
clover_customer_body(struct arena *a, const struct pos_task *task)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	put_person(&w, a, task);
	put_contact(&w, "emailAddresses", "emailAddress",
	    pos_text(a, task->order->customer_email, CLOVER_EMAIL_MAX));
	put_contact(&w, "phoneNumbers", "phoneNumber",
	    pos_text(a, task->order->customer_phone, CLOVER_PHONE_MAX));
	return body_end(&w, b);
}

/* By externalPaymentId a payment is later known as ours. */
struct buf *
clover_payment_body(struct arena *a, const struct pos_task *task)
{
	const struct order *o = task->order;
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	put_ref(&w, "tender", setting(a, task, CLOVER_TENDER));
	json_write_int64(&w, "amount", total_of(o));
	if (o->tip_minor > 0)
		json_write_int64(&w, "tipAmount", o->tip_minor);
	if (o->tax_minor > 0)
		json_write_int64(&w, "taxAmount", o->tax_minor);
	json_write_string(
	    &w, "externalPaymentId", utf8_truncate(a, o->pos_reference, PAYMENT_ID_MAX));
	return body_end(&w, b);
}

struct buf *
clover_open_body(struct arena *a, const struct pos_task *task)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	json_write_string(&w, "state", "open");
	json_write_int64(&w, "total", total_of(task->order));
	return body_end(&w, b);
}

struct buf *
clover_print_body(struct arena *a, const char *order_id)
{
	struct json_write w;
	struct buf *b = body_begin(a, &w);

	put_ref(&w, "orderRef", order_id);
	return body_end(&w, b);
}

struct buf *
clover_cart_body(struct arena *a, const struct pos_task *task, const char *customer_id)
{
	const struct order *o = task->order;
	struct json_write w;
	struct buf *b = body_begin(a, &w);
	size_t n;
	const struct clover_piece *pieces = clover_pieces(a, o, &n);
	const struct order_discount *d;

	json_write_object(&w, "orderCart");
	put_head(&w, a, task, customer_id);
	json_write_array(&w, "lineItems");
	for (size_t i = 0; i < n; i++)
		put_piece(&w, a, &pieces[i], true);
	json_write_array_end(&w);
	if (clover_discount(o, 0) != NULL) {
		json_write_array(&w, "discounts");
		for (size_t i = 0; (d = clover_discount(o, i)) != NULL; i++) {
			json_write_object(&w, NULL);
			put_discount(&w, a, d);
			json_write_object_end(&w);
		}
		json_write_array_end(&w);
	}
	json_write_object_end(&w);
	return body_end(&w, b);
}
