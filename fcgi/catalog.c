/*
 * catalog: the pool in which staff see and change a restaurant's menu.
 *
 * Items, categories, add-on groups, taxes and discounts are served by the same handlers: what
 * differs between them is a row of `kinds`. Every change is one transaction that holds the menu
 * (menu/edit.h), is written into the audit trail and answered with what the row has become; its
 * ETag is a digest of just that, so an If-Match finds any change, in the row or in what belongs to
 * it. Only what guests do to a row (the uses of a discount) is no part of its ETag.
 */
#include <string.h>

#include "audit/audit.h"
#include "crypto/hmac.h"
#include "db/db.h"
#include "http/front.h"
#include "http/reply.h"
#include "idempotency/idempotency.h"
#include "menu/catalog.h"
#include "menu/catalog_json.h"
#include "menu/edit.h"
#include "menu/field.h"
#include "menu/item.h"
#include "menu/menu.h"
#include "menu/public_id.h"
#include "person/role.h"
#include "tenant/restaurant.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/uuid.h"

#include "catalog_body.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 200
#define SEARCH_MAX 100
#define AUDIT_MAX 4096
#define DIGEST_LEN 16
#define PAGE_BYTES ((size_t)2 * 1024 * 1024) /* a page that has as much is full */
#define ROW_BYTES ((size_t)4 * 1024 * 1024)  /* no edit makes a row of more */
#define ROW_BYTES_MAX (REPLY_BODY_MAX - 4096) /* what belongs to it may have grown since */
#define UNTIL_MAX_US (INT64_C(366) * 86400 * 1000000)

/* --- kinds ---------------------------------------------------------------------------------- */

/* How what there is in a menu is shown and changed. */
struct kind {
	enum catalog_kind kind;
	const char *path; /* of the list; those of one thing begin with it */
	const char *list; /* its member in an answer */
	const char *word; /* in the audit trail */
	void (*write)(struct json_write *, const char *key, const void *row, unsigned exponent);
	enum err (*edit)(struct edit *, const void *was, const unsigned char[16], const void *wish);
	enum err (*retire)(struct edit *, const void *was);
	enum err (*unlock)(struct edit *, const void *was, int64_t fields);
	/*
	 * Blanks in a copy what guests change: no tag of what staff edit stands for it. NULL: they
	 * change nothing.
	 */
	void (*steady)(void *row);
};

static void
discount_steady(void *row)
{
	((struct catalog_discount *)row)->uses = 0;
}

#define ITEMS "/api/v1/admin/menu/items"
#define CATEGORIES "/api/v1/admin/menu/categories"
#define GROUPS "/api/v1/admin/menu/addon-groups"
#define TAXES "/api/v1/admin/taxes"
#define DISCOUNTS "/api/v1/admin/discounts"

static const struct kind kinds[] = {
	{ CATALOG_ITEM, ITEMS, "items", "menu.item", catalog_json_item, edit_item,
	    edit_item_retire, edit_item_unlock, NULL },
	{ CATALOG_CATEGORY, CATEGORIES, "categories", "menu.category", catalog_json_category,
	    edit_category, edit_category_retire, edit_category_unlock, NULL },
	{ CATALOG_GROUP, GROUPS, "addon_groups", "menu.addon_group", catalog_json_group,
	    edit_group, edit_group_retire, edit_group_unlock, NULL },
	{ CATALOG_TAX, TAXES, "taxes", "menu.tax", catalog_json_tax, edit_tax, edit_tax_retire,
	    edit_tax_unlock, NULL },
	{ CATALOG_DISCOUNT, DISCOUNTS, "discounts", "discount", catalog_json_discount,
	    edit_discount, edit_discount_retire, edit_discount_unlock, discount_steady },
};

static const struct kind *
kind_of(const struct request *r)
{
	const struct kind *kind = kinds;

	while (strncmp(r->route->path, kind->path, strlen(kind->path)) != 0)
		kind++;
	return kind;
}

/* --- answers -------------------------------------------------------------------------------- */

static unsigned
exponent_of(const struct request *r)
{
	unsigned exponent = 2;

	(void)money_exponent(r->restaurant->currency, &exponent);
	return exponent;
}

/* One row as it is shown, and the tag that stands for exactly that. */
struct shown {
	struct bytes json;
	const char *tag;
};

static struct shown
shown_of(struct arena *arena, struct bytes json)
{
	unsigned char mac[HMAC_SIZE];

	hmac_sha256("", 0, json.data, json.len, mac);
	return (struct shown){ json, hex_encode(arena, mac, DIGEST_LEN) };
}

static bool
row_fits(struct op *op, const struct request *r, const void *row, size_t max, struct bytes *ret)
{
	struct json_write w;
	struct buf buf;

	buf_init(&buf, op->arena, max);
	json_write_init(&w, &buf);
	kind_of(r)->write(&w, NULL, row, exponent_of(r));
	json_write_done(&w);
	if (!buf.overflowed)
		*ret = (struct bytes){ buf.data, buf.len };
	return !buf.overflowed;
}

static enum err
row_json(struct op *op, const struct request *r, const void *row, struct bytes *ret)
{
	if (!row_fits(op, r, row, ROW_BYTES_MAX, ret))
		return fail(op, ERR_INTERNAL_ERROR, "It is larger than an answer may be");
	return OK;
}

static enum err
show(struct op *op, const struct request *r, const void *row, struct shown *ret)
{
	const struct kind *kind = kind_of(r);
	struct bytes json, tagged;
	enum err e = row_json(op, r, row, &json);

	tagged = json;
	if (e == OK && kind->steady != NULL) {
		void *copy = arena_bytes(op->arena, row, catalog_row_size(kind->kind));

		kind->steady(copy);
		e = row_json(op, r, copy, &tagged);
	}
	if (e != OK)
		return e;
	*ret = shown_of(op->arena, tagged);
	ret->json = json;
	return OK;
}

static void
shown_reply(struct op *op, struct reply *reply, int status, const struct shown *s)
{
	reply_raw(reply, status, "application/json", s->json);
	reply_header(reply, "ETag", arena_printf(op->arena, "\"%s\"", s->tag));
}

/* --- reading -------------------------------------------------------------------------------- */

static enum err
filter_read(struct op *op, const struct request *r, struct catalog_filter *f)
{
	static const char *const truths[] = { "false", "true", NULL };
	unsigned char *after = arena_alloc(op->arena, UUID_LEN),
		      *category = arena_alloc(op->arena, UUID_LEN);
	bool has_after = false, has_category = false;
	int truth = -1;
	enum err e = request_query_i64(op, r, "limit", 1, PAGE_MAX, &f->n);

	if (e == OK)
		e = request_query_uuid(op, r, "cursor", &has_after, after);
	if (e == OK)
		e = request_query_word(op, r, "active", truths, &truth);
	if (e == OK && kind_of(r)->kind == CATALOG_ITEM) {
		f->search = request_query(r, "search");
		e = request_query_uuid(op, r, "category_id", &has_category, category);
	}
	if (e == OK && f->search != NULL && utf8_n(f->search) > SEARCH_MAX)
		return fail_field(op, "search", "must not be longer than %d characters",
		    SEARCH_MAX);
	if (f->search != NULL && f->search[0] == '\0')
		f->search = NULL;
	f->after = has_after ? after : NULL;
	f->category = has_category ? category : NULL;
	f->has_active = truth >= 0;
	f->is_active = truth == 1;
	return e;
}

/*
 * The rows of a page, until it is full: an item comes with all its add-ons, so that two hundred may
 * be more than an answer holds. What did not find room is on the next one.
 */
static enum err
page_write(struct op *op, const struct request *r, struct json_write *w, struct catalog_page *page)
{
	const size_t size = catalog_row_size(kind_of(r)->kind);
	struct bytes row;

	for (size_t i = 0; i < page->n; i++) {
		enum err e = row_json(op, r, catalog_page_row(page, size, i), &row);

		if (e != OK)
			return e;
		if (i > 0 && w->out->len + row.len > PAGE_BYTES) {
			page->has_more = true;
			catalog_page_row_id(page, size, i - 1, page->last);
			return OK;
		}
		json_write_raw(w, NULL, row.data);
	}
	return OK;
}

static enum err
list_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct catalog_filter filter = { .n = PAGE_DEFAULT };
	const struct kind *kind = kind_of(r);
	struct catalog_page page;
	struct json_write *w;
	enum err e = filter_read(op, r, &filter);

	if (e == OK)
		e = catalog_page(op, kind->kind, r->restaurant->id, &filter, &page);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, kind->list);
	e = page_write(op, r, w, &page);
	json_write_array_end(w);
	json_write_uuid(w, "next_cursor", page.has_more ? page.last : NULL);
	json_write_object_end(w);
	return e;
}

static enum err
one_get(struct op *op, const struct request *r, struct reply *reply)
{
	const enum catalog_kind kind = kind_of(r)->kind;
	void *row = arena_alloc(op->arena, catalog_row_size(kind));
	unsigned char id[UUID_LEN];
	struct shown shown;
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = catalog_row(op, kind, r->restaurant->id, id, row);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		e = show(op, r, row, &shown);
	if (e != OK)
		return e;
	reply_header(reply, "Cache-Control", "private, no-cache");
	if (kind_of(r)->steady != NULL || !reply_not_modified(reply, r, shown.tag))
		shown_reply(op, reply, 200, &shown);
	return OK;
}

/* --- changing ------------------------------------------------------------------------------- */

/* One change of one thing, in a transaction that holds the menu. */
struct deed {
	const struct request *request;
	unsigned char id[UUID_LEN];
	bool is_new;
	struct idempotency *key; /* NULL: none was sent */
	const char *verb;        /* in the audit trail */
	enum err (*act)(struct edit *, struct deed *, const void *was);
	struct shown shown; /* what it has become */
};

/* What was changed by whom stands in the audit trail, not what it was and is. */
static enum err
deed_audit(struct op *op, const struct deed *d, const struct edit *edit)
{
	char id[UUID_TEXT_LEN];
	struct json_write w;
	struct buf buf;

	uuid_format(d->id, id);
	buf_init(&buf, op->arena, AUDIT_MAX);
	json_write_init(&w, &buf);
	json_write_object(&w, NULL);
	fields_write(&w, "fields", edit->fields);
	json_write_int64(&w, "rows", edit->rows);
	json_write_object_end(&w);
	return audit_record(op,
	    arena_printf(op->arena, "%s.%s", kind_of(d->request)->word, d->verb), id, buf.data);
}

static enum err
deed_read(struct op *op, const struct deed *d, void *row)
{
	const struct request *r = d->request;
	enum err e = catalog_row(op, kind_of(r)->kind, r->restaurant->id, d->id, row);

	return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, NULL) : e;
}

static enum err edit_act(struct edit *, struct deed *, const void *was);

/* What an edit has made, if it can be shown whole, also among others. */
static enum err
deed_show(struct op *op, struct deed *d, const void *row)
{
	const struct request *r = d->request;
	bool has_items = kind_of(r)->kind == CATALOG_GROUP;
	struct bytes json;

	if (d->act == edit_act && !row_fits(op, r, row, ROW_BYTES, &json))
		return fail_field(op, has_items ? "addon_items" : "addon_groups",
		    "with all that belongs to them are more than can be shown");
	return show(op, r, row, &d->shown);
}

static enum err
deed_act(struct op *op, struct deed *d)
{
	const struct request *r = d->request;
	struct edit edit = { .op = op, .restaurant = r->restaurant };
	const size_t size = catalog_row_size(kind_of(r)->kind);
	void *row = arena_alloc(op->arena, size);
	struct shown was;
	int64_t version;
	enum err e = menu_take(op, r->restaurant->id, &version);

	if (e == OK && !d->is_new) {
		e = deed_read(op, d, row);
		if (e == OK)
			e = show(op, r, row, &was);
		if (e == OK)
			e = request_match(op, r, was.tag);
	}
	if (e == OK)
		e = d->act(&edit, d, d->is_new ? NULL : row);
	if (e == OK && edit.rows > 0)
		e = deed_audit(op, d, &edit);
	if (e == OK)
		e = deed_read(op, d, memset(row, 0, size));
	return e != OK ? e : deed_show(op, d, row);
}

static enum err
deed_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	enum err e = d->key != NULL ? idempotency_take(op, d->key) : OK;

	if (e == OK && d->key != NULL && d->key->is_answered)
		return OK;
	if (e == OK)
		e = deed_act(op, d);
	return e != OK || d->key == NULL ? e
					 : idempotency_keep(op, d->key, 201, d->shown.json);
}

static enum err
deed_do(struct op *op, const struct request *r, struct deed *d)
{
	enum err e = db_now(op);

	d->request = r;
	if (d->is_new)
		memcpy(d->id, public_id_make(op).bytes, sizeof d->id);
	else if (e == OK)
		e = request_path_uuid(op, r, "id", d->id);
	return e != OK ? e : db_tx(op, deed_body, d);
}

static enum err
edit_act(struct edit *edit, struct deed *d, const void *was)
{
	return kind_of(d->request)->edit(edit, was, d->id, d->request->input);
}

/* Under an Idempotency-Key the request is what it was: restaurant, path and body. */
static struct idempotency
idempotency_of(struct op *op, const struct request *r)
{
	struct buf whole;

	buf_init(&whole, op->arena, r->body.len + strlen(r->path) + 64);
	buf_addf(&whole, "%lld POST %s\n", (long long)r->restaurant->id, r->path);
	buf_add(&whole, r->body.data, r->body.len);
	return (struct idempotency){
		.principal = arena_printf(op->arena, "staff:%lld", (long long)op->actor.id),
		.key = r->idempotency_key,
		.request = { .data = whole.data, .len = whole.len },
	};
}

/* The answer as it was; where the thing is stands in it. */
static void
replayed_reply(struct op *op, struct reply *reply, const struct deed *d)
{
	struct shown shown = shown_of(op->arena, d->key->answer);
	struct json_object *top;
	const char *id, *why;

	shown_reply(op, reply, d->key->status, &shown);
	reply_header(reply, "Idempotent-Replayed", "true");
	if (json_read(op->arena, shown.json.data, shown.json.len, &json_limits_default, &top,
		&why) == OK &&
	    json_as_string(json_member(top, "id"), &id))
		reply_location(reply, d->request,
		    arena_printf(op->arena, "%s/%s", d->request->route->path, id));
}

static enum err
list_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = edit_act, .verb = "create", .is_new = true };
	struct idempotency key;
	char id[UUID_TEXT_LEN];
	enum err e;

	if (r->idempotency_key != NULL) {
		key = idempotency_of(op, r);
		d.key = &key;
	}
	e = deed_do(op, r, &d);
	if (e != OK)
		return e;
	if (d.key != NULL && d.key->is_answered) {
		replayed_reply(op, reply, &d);
		return OK;
	}
	uuid_format(d.id, id);
	shown_reply(op, reply, 201, &d.shown);
	reply_location(reply, r, arena_printf(op->arena, "%s/%s", r->route->path, id));
	return OK;
}

static enum err
one_put(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = edit_act, .verb = "update" };
	enum err e = deed_do(op, r, &d);

	if (e == OK)
		shown_reply(op, reply, 200, &d.shown);
	return e;
}

static enum err
retire_act(struct edit *edit, struct deed *d, const void *was)
{
	return kind_of(d->request)->retire(edit, was);
}

static enum err
one_delete(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = retire_act, .verb = "delete" };
	enum err e = deed_do(op, r, &d);

	if (e == OK)
		reply_empty(reply, 204);
	return e;
}

static enum err
unlock_act(struct edit *edit, struct deed *d, const void *was)
{
	const struct unlock_input *in = d->request->input;
	int64_t fields = in->has_fields ? 0 : FIELDS_ALL;

	for (size_t i = 0; i < in->fields_n; i++)
		fields |= INT64_C(1) << in->fields[i].bit;
	edit->fields = fields;
	edit->rows++;
	return kind_of(d->request)->unlock(edit, was, fields);
}

static enum err
unlock_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = unlock_act, .verb = "unlock" };
	enum err e = deed_do(op, r, &d);

	if (e == OK)
		shown_reply(op, reply, 200, &d.shown);
	return e;
}

/* --- on and off ----------------------------------------------------------------------------- */

/* Things that are switched together. */
struct switching {
	const struct request *request;
	struct thing *things;
	size_t n;
	int64_t returns_at, changed;
};

/* When it is to be had again, if that is said. */
static enum err
until_read(struct op *op, const struct request *r, int64_t *ret)
{
	const struct available_input *in = r->input;

	*ret = in->until;
	if (in->is_available && (in->until != TIME_NONE || in->until_end_of_day))
		return fail_field(op, in->until != TIME_NONE ? "until" : "until_end_of_day",
		    "is for what is not available");
	if (in->until != TIME_NONE && in->until_end_of_day)
		return fail_field(op, "until", "does not go with until_end_of_day");
	if (in->until_end_of_day)
		return item_day_end(op, r->restaurant, op->now_us, ret);
	if (in->until != TIME_NONE &&
	    (in->until <= op->now_us || in->until > op->now_us + UNTIL_MAX_US))
		return fail_field(op, "until", "must be within a year from now");
	return OK;
}

static enum err
switching_audit(struct op *op, const struct switching *s)
{
	const struct available_input *in = s->request->input;
	char first[UUID_TEXT_LEN];
	struct json_write w;
	struct buf buf;

	uuid_format(s->things[0].public_id, first);
	buf_init(&buf, op->arena, AUDIT_MAX + s->n * UUID_TEXT_LEN * 2);
	json_write_init(&w, &buf);
	json_write_object(&w, NULL);
	json_write_bool(&w, "is_available", in->is_available);
	json_write_time(&w, "until", s->returns_at);
	json_write_array(&w, "ids");
	for (size_t i = 0; i < s->n; i++)
		json_write_uuid(&w, NULL, s->things[i].public_id);
	json_write_array_end(&w);
	json_write_object_end(&w);
	return audit_record(op, "menu.availability", first, buf.data);
}

static enum err
switching_body(struct op *op, void *arg)
{
	struct switching *s = arg;
	const struct available_input *in = s->request->input;
	enum err e = item_available_set(op, s->request->restaurant->id, s->things, s->n,
	    in->is_available, s->returns_at, &s->changed);

	return e != OK ? e : switching_audit(op, s);
}

static enum err
switching_do(struct op *op, struct switching *s, struct reply *reply)
{
	const struct available_input *in = s->request->input;
	struct json_write *w;
	enum err e = db_now(op);

	if (e == OK)
		e = until_read(op, s->request, &s->returns_at);
	if (e == OK)
		e = db_tx(op, switching_body, s);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_bool(w, "is_available", in->is_available);
	json_write_time(w, "available_at", s->returns_at);
	json_write_int64(w, "changed", s->changed);
	json_write_object_end(w);
	return OK;
}

#define MENU "/api/v1/admin/menu/"
static const char *const thing_paths[] = {
	[THING_ITEM] = MENU "items/{id}/availability",
	[THING_VARIATION] = MENU "variations/{id}/availability",
	[THING_ADDON] = MENU "addon-items/{id}/availability",
};
_Static_assert(sizeof thing_paths / sizeof thing_paths[0] == THING__MAX, "a path per kind");

static enum err
one_available(struct op *op, const struct request *r, struct reply *reply)
{
	struct thing thing = { .kind = THING_ITEM };
	struct switching s = { .request = r, .things = &thing, .n = 1 };
	enum err e = request_path_uuid(op, r, "id", thing.public_id);

	while (strcmp(thing_paths[thing.kind], r->route->path) != 0)
		thing.kind++;
	return e != OK ? e : switching_do(op, &s, reply);
}

static void
things_add(struct op *op, struct switching *s, enum thing_kind kind, const char *member,
    const struct edit_id *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct thing *thing = &s->things[s->n++];

		thing->kind = kind;
		thing->field = arena_printf(op->arena, "%s[%zu]", member, i);
		memcpy(thing->public_id, ids[i].id, sizeof thing->public_id);
	}
}

static enum err
all_available(struct op *op, const struct request *r, struct reply *reply)
{
	const struct available_input *in = r->input;
	size_t n = in->items_n + in->variations_n + in->addon_items_n;
	struct switching s = { .request = r };

	if (n == 0)
		return fail_field(op, "items", "are none, nor are variations or addon_items");
	if (n > THINGS_MAX)
		return fail_field(op, "items", "are, with the others, more than %d", THINGS_MAX);
	s.things = arena_array(op->arena, n, sizeof *s.things);
	things_add(op, &s, THING_ITEM, "items", in->items, in->items_n);
	things_add(op, &s, THING_VARIATION, "variations", in->variations, in->variations_n);
	things_add(op, &s, THING_ADDON, "addon_items", in->addon_items, in->addon_items_n);
	return switching_do(op, &s, reply);
}

/* --- routes --------------------------------------------------------------------------------- */

#define STAFF_ROUTE(who, m, p, shape, max, class, handler, words) \
	{ .method = (m), .path = (p), .roles = (who), .tenant = TENANT_NEEDED, \
	  .body = (shape), .body_max = (max), .rate = (class), .handle = (handler), \
	  .sentence = (words) }
#define READ(p, handler, words) \
	STAFF_ROUTE(ROLE_ADMIN, METHOD_GET, p, NULL, 0, RATE_READ, handler, words)
#define WRITE(m, p, shape, max, handler, words) \
	STAFF_ROUTE(ROLE_ADMIN, m, p, shape, max, RATE_WRITE, handler, words)
#define PAGES "active cursor limit"
#define LIST(p, names, words) \
	{ .method = METHOD_GET, .path = (p), .roles = ROLE_ADMIN, .tenant = TENANT_NEEDED, \
	  .query = (names), .rate = RATE_READ, .handle = list_get, .sentence = (words) }
/* Twice under one Idempotency-Key is once. */
#define CREATE(p, shape, max, words) \
	{ .method = METHOD_POST, .path = (p), .roles = ROLE_ADMIN, .tenant = TENANT_NEEDED, \
	  .body = (shape), .body_max = (max), .rate = RATE_WRITE, \
	  .idempotency = IDEMPOTENCY_ACCEPTED, .handle = list_post, .sentence = (words) }
/* The kitchen knows first. */
#define SWITCH(p, shape, max, handler, words) \
	STAFF_ROUTE(ROLE_ADMIN | ROLE_KITCHEN, METHOD_PATCH, p, shape, max, RATE_WRITE, handler, \
	    words)

static const struct route routes[] = {
	LIST(ITEMS, "category_id search " PAGES,
	    "All items, those that are not active too"),
	CREATE(ITEMS, &item_body, 65536, "A new item"),
	READ(ITEMS "/{id}", one_get, "One item as staff see it"),
	WRITE(METHOD_PUT, ITEMS "/{id}", &item_body, 65536, one_put,
	    "An item with its variations, taxes and add-on groups"),
	WRITE(METHOD_DELETE, ITEMS "/{id}", NULL, 0, one_delete, "Take an item off the menu"),
	WRITE(METHOD_POST, ITEMS "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what an item is"),

	SWITCH(MENU "items/{id}/availability", &available_body, 4096, one_available,
	    "Say whether an item is to be had"),
	SWITCH(MENU "variations/{id}/availability", &available_body, 4096, one_available,
	    "Say whether a variation is to be had"),
	SWITCH(MENU "addon-items/{id}/availability", &available_body, 4096, one_available,
	    "Say whether an add-on item is to be had"),
	SWITCH(MENU "availability", &all_available_body, 32768, all_available,
	    "Say of several things at once whether they are to be had"),

	LIST(CATEGORIES, PAGES, "All categories, those that are not active too"),
	CREATE(CATEGORIES, &category_body, 16384, "A new category"),
	READ(CATEGORIES "/{id}", one_get, "One category as staff see it"),
	WRITE(METHOD_PUT, CATEGORIES "/{id}", &category_body, 16384, one_put, "A category"),
	WRITE(METHOD_DELETE, CATEGORIES "/{id}", NULL, 0, one_delete,
	    "Take a category and its items off the menu"),
	WRITE(METHOD_POST, CATEGORIES "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what a category is"),

	LIST(GROUPS, PAGES, "All add-on groups, those that are not active too"),
	CREATE(GROUPS, &group_body, 65536, "A new add-on group"),
	READ(GROUPS "/{id}", one_get, "One add-on group as staff see it"),
	WRITE(METHOD_PUT, GROUPS "/{id}", &group_body, 65536, one_put,
	    "An add-on group with its add-on items"),
	WRITE(METHOD_DELETE, GROUPS "/{id}", NULL, 0, one_delete,
	    "Take an add-on group off the menu"),
	WRITE(METHOD_POST, GROUPS "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what an add-on group is"),

	LIST(TAXES, PAGES, "All taxes, those that are not active too"),
	CREATE(TAXES, &tax_body, 4096, "A new tax"),
	READ(TAXES "/{id}", one_get, "One tax"),
	WRITE(METHOD_PUT, TAXES "/{id}", &tax_body, 4096, one_put, "A tax"),
	WRITE(METHOD_DELETE, TAXES "/{id}", NULL, 0, one_delete, "Take no such tax any more"),
	WRITE(METHOD_POST, TAXES "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what a tax is"),

	LIST(DISCOUNTS, PAGES, "All discounts, those that are not active too, and their uses"),
	CREATE(DISCOUNTS, &discount_body, 4096, "A new discount"),
	READ(DISCOUNTS "/{id}", one_get, "One discount and its uses"),
	WRITE(METHOD_PUT, DISCOUNTS "/{id}", &discount_body, 4096, one_put, "A discount"),
	WRITE(METHOD_DELETE, DISCOUNTS "/{id}", NULL, 0, one_delete,
	    "Give no such discount any more"),
};

static const struct pool pool = {
	.name = "catalog", .program = PROGRAM_catalog, .routes = ROUTE_TABLE(routes)
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
