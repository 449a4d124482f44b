/*
 * catalog: the pool in which staff see and change a restaurant's menu.
 *
 * Items, categories, add-on groups and taxes are served by the same handlers: what differs between
 * them is a row of `kinds`. Every change is one transaction that holds the menu (menu/edit.h), is
 * written into the audit trail and answered with what the row has become; its ETag is a digest of
 * just that, so an If-Match finds any change, in the row or in what belongs to it.
 */
#include <string.h>

#include "audit/audit.h"
#include "crypto/hmac.h"
#include "db/db.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
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
#include "text/json_write.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 200
#define SEARCH_MAX 100
#define AUDIT_MAX 4096
#define DIGEST_LEN 16
#define THINGS_MAX 400 /* switched at once */
#define UNTIL_MAX_US (INT64_C(366) * 86400 * 1000000)

/* --- bodies --------------------------------------------------------------------------------- */

#define ORDER_MAX INT32_MAX
#define PRICE(type, member, least, ...) \
	BODY_MONEY(type, member, .min = (least), .max = EDIT_PRICE_MAX, __VA_ARGS__)
#define DISPLAY_ORDER(type) \
	BODY_I64(type, display_order, .min = -ORDER_MAX, .max = ORDER_MAX, .is_optional = true, \
	    BODY_HAS(type, has_display_order))
#define FLAG(type, member) \
	BODY_BOOL(type, member, .is_optional = true, BODY_HAS(type, has_##member))
#define NULLABLE_TEXT(type, member, longest) \
	BODY_TEXT(type, member, .max = (longest), .is_optional = true, .is_nullable = true, \
	    BODY_GIVEN(type, member##_given))

static const struct body_field id_fields[] = { BODY_UUID(struct edit_id, id, .json_name = "") };
static const struct body_shape id_shape = BODY_SHAPE(struct edit_id, id_fields);
static const struct body_field slot_fields[] = {
	BODY_TEXT(struct edit_slot, name, .json_name = "", .min = 1, .max = 64),
};
static const struct body_shape slot_shape = BODY_SHAPE(struct edit_slot, slot_fields);
static const struct body_field type_fields[] = {
	BODY_WORD(struct edit_type, bit, catalog_order_types, .json_name = ""),
};
static const struct body_shape type_shape = BODY_SHAPE(struct edit_type, type_fields);

static const struct body_field choice_fields[] = {
	BODY_UUID(struct choice_wish, id),
	BODY_I64(struct choice_wish, min, .min = 0, .max = EDIT_CHOICES_MAX, .is_optional = true),
	BODY_I64(struct choice_wish, max, .min = 0, .max = EDIT_CHOICES_MAX, .is_optional = true),
};
static const struct body_shape choice_shape = BODY_SHAPE(struct choice_wish, choice_fields);

static const struct body_field variation_fields[] = {
	BODY_UUID(struct variation_wish, id, .is_optional = true,
	    BODY_HAS(struct variation_wish, has_id)),
	BODY_TEXT(struct variation_wish, name, .min = 1, .max = 100),
	PRICE(struct variation_wish, price, 1, .is_optional = false),
	PRICE(struct variation_wish, packing_charge, 0, .is_optional = true,
	    BODY_HAS(struct variation_wish, has_packing_charge)),
	FLAG(struct variation_wish, is_available),
	FLAG(struct variation_wish, is_active),
	DISPLAY_ORDER(struct variation_wish),
	BODY_ARRAY(struct variation_wish, addon_groups, addon_groups_n, &choice_shape,
	    .max = EDIT_GROUPS_MAX, .is_optional = true,
	    BODY_HAS(struct variation_wish, has_addon_groups)),
};
static const struct body_shape variation_shape =
    BODY_SHAPE(struct variation_wish, variation_fields);

static const struct body_field item_fields[] = {
	BODY_TEXT(struct item_wish, name, .min = 1, .max = 200),
	NULLABLE_TEXT(struct item_wish, description, 2000),
	PRICE(struct item_wish, price, 0, .is_optional = false),
	BODY_UUID(struct item_wish, category_id),
	NULLABLE_TEXT(struct item_wish, image_url, 1000),
	FLAG(struct item_wish, is_veg),
	BODY_WORD(struct item_wish, diet, edit_diets, .is_optional = true),
	FLAG(struct item_wish, is_available),
	FLAG(struct item_wish, is_active),
	FLAG(struct item_wish, tax_inclusive),
	PRICE(struct item_wish, packing_charge, 0, .is_optional = true,
	    BODY_HAS(struct item_wish, has_packing_charge)),
	DISPLAY_ORDER(struct item_wish),
	BODY_ARRAY(struct item_wish, time_slots, time_slots_n, &slot_shape, .max = EDIT_SLOTS_MAX,
	    .is_optional = true, BODY_HAS(struct item_wish, has_time_slots)),
	BODY_ARRAY(struct item_wish, order_types, order_types_n, &type_shape, .max = 3,
	    .is_optional = true, BODY_HAS(struct item_wish, has_order_types)),
	BODY_ARRAY(struct item_wish, tax_ids, tax_ids_n, &id_shape, .max = EDIT_TAXES_MAX,
	    .is_optional = true, BODY_HAS(struct item_wish, has_tax_ids)),
	BODY_ARRAY(struct item_wish, addon_groups, addon_groups_n, &choice_shape,
	    .max = EDIT_GROUPS_MAX, .is_optional = true,
	    BODY_HAS(struct item_wish, has_addon_groups)),
	BODY_ARRAY(struct item_wish, variations, variations_n, &variation_shape,
	    .max = EDIT_VARIATIONS_MAX, .is_optional = true,
	    BODY_HAS(struct item_wish, has_variations)),
};
static const struct body_shape item_body = BODY_SHAPE(struct item_wish, item_fields);

static const struct body_field category_fields[] = {
	BODY_TEXT(struct category_wish, name, .min = 1, .max = 100),
	NULLABLE_TEXT(struct category_wish, image_url, 1000),
	FLAG(struct category_wish, is_active),
	DISPLAY_ORDER(struct category_wish),
};
static const struct body_shape category_body = BODY_SHAPE(struct category_wish, category_fields);

static const struct body_field addon_fields[] = {
	BODY_UUID(struct addon_wish, id, .is_optional = true, BODY_HAS(struct addon_wish, has_id)),
	BODY_TEXT(struct addon_wish, name, .min = 1, .max = 100),
	PRICE(struct addon_wish, price, 0, .is_optional = false),
	FLAG(struct addon_wish, is_available),
	FLAG(struct addon_wish, is_active),
	DISPLAY_ORDER(struct addon_wish),
};
static const struct body_shape addon_shape = BODY_SHAPE(struct addon_wish, addon_fields);

static const struct body_field group_fields[] = {
	BODY_TEXT(struct group_wish, name, .min = 1, .max = 100),
	FLAG(struct group_wish, is_active),
	DISPLAY_ORDER(struct group_wish),
	BODY_ARRAY(struct group_wish, addon_items, addon_items_n, &addon_shape,
	    .max = EDIT_ADDONS_MAX, .is_optional = true,
	    BODY_HAS(struct group_wish, has_addon_items)),
};
static const struct body_shape group_body = BODY_SHAPE(struct group_wish, group_fields);

static const struct body_field tax_fields[] = {
	BODY_TEXT(struct tax_wish, name, .min = 1, .max = 100),
	BODY_WORD(struct tax_wish, kind, edit_tax_kinds),
	BODY_TEXT(struct tax_wish, percent, .max = 16, .is_optional = true, .is_nullable = true),
	PRICE(struct tax_wish, amount, 0, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct tax_wish, has_amount)),
	BODY_ARRAY(struct tax_wish, order_types, order_types_n, &type_shape, .max = 3,
	    .is_optional = true, BODY_HAS(struct tax_wish, has_order_types)),
	FLAG(struct tax_wish, is_active),
	DISPLAY_ORDER(struct tax_wish),
};
static const struct body_shape tax_body = BODY_SHAPE(struct tax_wish, tax_fields);

struct unlock_field {
	int bit;
};
static const struct body_field unlock_field_fields[] = {
	BODY_WORD(struct unlock_field, bit, field_words, .json_name = ""),
};
static const struct body_shape unlock_field_shape =
    BODY_SHAPE(struct unlock_field, unlock_field_fields);
struct unlock_input {
	const struct unlock_field *fields;
	size_t fields_n;
	bool has_fields;
};
static const struct body_field unlock_fields[] = {
	BODY_ARRAY(struct unlock_input, fields, fields_n, &unlock_field_shape, .min = 1,
	    .max = FIELD_BIT__MAX, .is_optional = true, BODY_HAS(struct unlock_input, has_fields)),
};
static const struct body_shape unlock_body = BODY_SHAPE(struct unlock_input, unlock_fields);

struct available_input {
	const struct edit_id *items, *variations, *addon_items;
	size_t items_n, variations_n, addon_items_n;
	bool is_available, until_end_of_day;
	int64_t until;
};
#define UNTIL(type) \
	BODY_BOOL(type, is_available), \
	    BODY_TIME(type, until, .is_optional = true, .is_nullable = true), \
	    BODY_BOOL(type, until_end_of_day, .is_optional = true)
static const struct body_field available_fields[] = { UNTIL(struct available_input) };
static const struct body_shape available_body =
    BODY_SHAPE(struct available_input, available_fields);
#define THINGS(member) \
	BODY_ARRAY(struct available_input, member, member##_n, &id_shape, .max = THINGS_MAX, \
	    .is_optional = true)
static const struct body_field all_available_fields[] = {
	THINGS(items),
	THINGS(variations),
	THINGS(addon_items),
	UNTIL(struct available_input),
};
static const struct body_shape all_available_body =
    BODY_SHAPE(struct available_input, all_available_fields);

/* --- kinds ---------------------------------------------------------------------------------- */

typedef enum err page_reader(
    struct op *, int64_t, const struct catalog_filter *, struct catalog_page *);

/* What there is in a menu, and how it is read, shown and changed. */
struct kind {
	const char *path; /* of the list; those of one thing begin with it */
	const char *list; /* its member in an answer */
	const char *word; /* in the audit trail */
	size_t size;      /* of a row */
	page_reader *page;
	enum err (*read)(struct op *, int64_t restaurant_id, const unsigned char[16], void *ret);
	void (*write)(struct json_write *, const char *key, const void *row, unsigned exponent);
	enum err (*edit)(struct edit *, const void *was, const unsigned char[16], const void *wish);
	enum err (*retire)(struct edit *, const void *was);
	enum err (*unlock)(struct edit *, const void *was, int64_t fields);
};

static enum err
item_read(struct op *op, int64_t restaurant_id, const unsigned char id[16], void *ret)
{
	return catalog_item(op, restaurant_id, id, ret);
}

static enum err
category_read(struct op *op, int64_t restaurant_id, const unsigned char id[16], void *ret)
{
	return catalog_category(op, restaurant_id, id, ret);
}

static enum err
group_read(struct op *op, int64_t restaurant_id, const unsigned char id[16], void *ret)
{
	return catalog_group(op, restaurant_id, id, ret);
}

static enum err
tax_read(struct op *op, int64_t restaurant_id, const unsigned char id[16], void *ret)
{
	return catalog_tax(op, restaurant_id, id, ret);
}

#define ITEMS "/api/v1/admin/menu/items"
#define CATEGORIES "/api/v1/admin/menu/categories"
#define GROUPS "/api/v1/admin/menu/addon-groups"
#define TAXES "/api/v1/admin/taxes"

static const struct kind kinds[] = {
	{ ITEMS, "items", "menu.item", sizeof(struct catalog_item), catalog_items, item_read,
	    catalog_json_item, edit_item, edit_item_retire, edit_item_unlock },
	{ CATEGORIES, "categories", "menu.category", sizeof(struct catalog_category),
	    catalog_categories, category_read, catalog_json_category, edit_category,
	    edit_category_retire, edit_category_unlock },
	{ GROUPS, "addon_groups", "menu.addon_group", sizeof(struct catalog_group), catalog_groups,
	    group_read, catalog_json_group, edit_group, edit_group_retire, edit_group_unlock },
	{ TAXES, "taxes", "menu.tax", sizeof(struct catalog_tax), catalog_taxes, tax_read,
	    catalog_json_tax, edit_tax, edit_tax_retire, edit_tax_unlock },
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

static enum err
show(struct op *op, const struct request *r, const void *row, struct shown *ret)
{
	unsigned char mac[HMAC_SIZE];
	struct json_write w;
	struct buf buf;

	buf_init(&buf, op->arena, REPLY_BODY_MAX);
	json_write_init(&w, &buf);
	kind_of(r)->write(&w, NULL, row, exponent_of(r));
	json_write_done(&w);
	if (buf.overflowed)
		return fail(op, ERR_INTERNAL_ERROR, "It is larger than an answer may be");
	hmac_sha256("", 0, buf.data, buf.len, mac);
	*ret = (struct shown){ { buf.data, buf.len }, hex_encode(op->arena, mac, DIGEST_LEN) };
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
	if (e == OK && kind_of(r) == kinds) {
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

static enum err
list_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct catalog_filter filter = { .n = PAGE_DEFAULT };
	const struct kind *kind = kind_of(r);
	struct catalog_page page;
	struct json_write *w;
	enum err e = filter_read(op, r, &filter);

	if (e == OK)
		e = kind->page(op, r->restaurant->id, &filter, &page);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, kind->list);
	for (size_t i = 0; i < page.n; i++)
		kind->write(w, NULL, (const char *)page.rows + i * kind->size, exponent_of(r));
	json_write_array_end(w);
	json_write_uuid(w, "next_cursor", page.has_more ? page.last : NULL);
	json_write_object_end(w);
	return OK;
}

static enum err
one_get(struct op *op, const struct request *r, struct reply *reply)
{
	const struct kind *kind = kind_of(r);
	void *row = arena_alloc(op->arena, kind->size);
	unsigned char id[UUID_LEN];
	struct shown shown;
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = kind->read(op, r->restaurant->id, id, row);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		e = show(op, r, row, &shown);
	if (e != OK)
		return e;
	reply_header(reply, "Cache-Control", "private, no-cache");
	if (!reply_not_modified(reply, r, shown.tag))
		shown_reply(op, reply, 200, &shown);
	return OK;
}

/* --- changing ------------------------------------------------------------------------------- */

/* One change of one thing, in a transaction that holds the menu. */
struct deed {
	const struct request *request;
	unsigned char id[UUID_LEN];
	bool is_new;
	const char *verb; /* in the audit trail */
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
	enum err e = kind_of(r)->read(op, r->restaurant->id, d->id, row);

	return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, NULL) : e;
}

static enum err
deed_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	const struct request *r = d->request;
	struct edit edit = { .op = op, .restaurant = r->restaurant };
	void *row = arena_alloc(op->arena, kind_of(r)->size);
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
		e = deed_read(op, d, memset(row, 0, kind_of(r)->size));
	return e != OK ? e : show(op, r, row, &d->shown);
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

static enum err
list_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = edit_act, .verb = "create", .is_new = true };
	char id[UUID_TEXT_LEN];
	enum err e = deed_do(op, r, &d);

	if (e != OK)
		return e;
	uuid_format(d.id, id);
	shown_reply(op, reply, 201, &d.shown);
	reply_header(reply, "Location", arena_printf(op->arena, "%s/%s", r->route->path, id));
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
		return fail_field(op, "until", "is for what is not available");
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

static enum err
one_available(struct op *op, const struct request *r, struct reply *reply, enum thing_kind kind)
{
	struct thing thing = { .kind = kind };
	struct switching s = { .request = r, .things = &thing, .n = 1 };
	enum err e = request_path_uuid(op, r, "id", thing.public_id);

	return e != OK ? e : switching_do(op, &s, reply);
}

static enum err
item_available(struct op *op, const struct request *r, struct reply *reply)
{
	return one_available(op, r, reply, THING_ITEM);
}

static enum err
variation_available(struct op *op, const struct request *r, struct reply *reply)
{
	return one_available(op, r, reply, THING_VARIATION);
}

static enum err
addon_available(struct op *op, const struct request *r, struct reply *reply)
{
	return one_available(op, r, reply, THING_ADDON);
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
/* The kitchen knows first. */
#define SWITCH(p, shape, max, handler, words) \
	STAFF_ROUTE(ROLE_ADMIN | ROLE_KITCHEN, METHOD_PATCH, p, shape, max, RATE_WRITE, handler, \
	    words)

static const struct route routes[] = {
	READ(ITEMS, list_get, "All items, those that are not active too"),
	WRITE(METHOD_POST, ITEMS, &item_body, 65536, list_post, "A new item"),
	READ(ITEMS "/{id}", one_get, "One item as staff see it"),
	WRITE(METHOD_PUT, ITEMS "/{id}", &item_body, 65536, one_put,
	    "An item with its variations, taxes and add-on groups"),
	WRITE(METHOD_DELETE, ITEMS "/{id}", NULL, 0, one_delete, "Take an item off the menu"),
	WRITE(METHOD_POST, ITEMS "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what an item is"),

	SWITCH(ITEMS "/{id}/availability", &available_body, 4096, item_available,
	    "Say whether an item is to be had"),
	SWITCH("/api/v1/admin/menu/variations/{id}/availability", &available_body, 4096,
	    variation_available, "Say whether a variation is to be had"),
	SWITCH("/api/v1/admin/menu/addon-items/{id}/availability", &available_body, 4096,
	    addon_available, "Say whether an add-on item is to be had"),
	SWITCH("/api/v1/admin/menu/availability", &all_available_body, 32768, all_available,
	    "Say of several things at once whether they are to be had"),

	READ(CATEGORIES, list_get, "All categories, those that are not active too"),
	WRITE(METHOD_POST, CATEGORIES, &category_body, 16384, list_post, "A new category"),
	READ(CATEGORIES "/{id}", one_get, "One category as staff see it"),
	WRITE(METHOD_PUT, CATEGORIES "/{id}", &category_body, 16384, one_put, "A category"),
	WRITE(METHOD_DELETE, CATEGORIES "/{id}", NULL, 0, one_delete,
	    "Take a category and its items off the menu"),
	WRITE(METHOD_POST, CATEGORIES "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what a category is"),

	READ(GROUPS, list_get, "All add-on groups, those that are not active too"),
	WRITE(METHOD_POST, GROUPS, &group_body, 65536, list_post, "A new add-on group"),
	READ(GROUPS "/{id}", one_get, "One add-on group as staff see it"),
	WRITE(METHOD_PUT, GROUPS "/{id}", &group_body, 65536, one_put,
	    "An add-on group with its add-on items"),
	WRITE(METHOD_DELETE, GROUPS "/{id}", NULL, 0, one_delete,
	    "Take an add-on group off the menu"),
	WRITE(METHOD_POST, GROUPS "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what an add-on group is"),

	READ(TAXES, list_get, "All taxes, those that are not active too"),
	WRITE(METHOD_POST, TAXES, &tax_body, 4096, list_post, "A new tax"),
	READ(TAXES "/{id}", one_get, "One tax"),
	WRITE(METHOD_PUT, TAXES "/{id}", &tax_body, 4096, one_put, "A tax"),
	WRITE(METHOD_DELETE, TAXES "/{id}", NULL, 0, one_delete, "Take no such tax any more"),
	WRITE(METHOD_POST, TAXES "/{id}/unlock", &unlock_body, 4096, unlock_post,
	    "Let the POS say again what a tax is"),
};

static const struct pool pool = {
	.name = "catalog", .program = PROGRAM_catalog, .routes = ROUTE_TABLE(routes)
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
