#include "provider/onboard.h"

#include <string.h>

#include <json-c/json.h>

#include "audit/audit.h"
#include "db/db.h"
#include "notice/notice.h"
#include "op/op.h"
#include "person/staff.h"
#include "provider/connect.h"
#include "provider/menu.h"
#include "tenant/settings.h"
#include "text/json_read.h"
#include "text/money.h"
#include "text/zone.h"

#define STAFF_MAX 50

struct onboarding {
	struct json_object *doc;
	struct restaurant restaurant;
	struct onboarded done;
};

/* An optional text member; a fault names the field when it is something else. */
static const char *
text_of(struct op *op, struct json_object *of, const char *name, const char *otherwise)
{
	const char *text = otherwise;
	struct json_object *node = json_member(of, name);

	if (node != NULL && !json_as_string(node, &text))
		fail_field(op, name, "must be text");
	return text;
}

static void
members_known(struct op *op, struct json_object *of, const char *where, const char *const *names)
{
	json_object_object_foreach(of, name, value) {
		size_t i = 0;

		(void)value;
		while (names[i] != NULL && strcmp(names[i], name) != 0)
			i++;
		if (names[i] == NULL)
			fail_field(
			    op, arena_printf(op->arena, "%s%s", where, name), "is not known");
	}
}

static enum err
restaurant_read(struct op *op, struct onboarding *o)
{
	static const char *const names[] = { "slug", "name", "address", "contact", "time_zone",
		"currency", "settings", "pos", "staff", "fetch_menu", NULL };
	struct restaurant *r = &o->restaurant;
	unsigned exponent;

	members_known(op, o->doc, "", names);
	r->slug = text_of(op, o->doc, "slug", "");
	r->name = text_of(op, o->doc, "name", "");
	r->address = text_of(op, o->doc, "address", "");
	r->contact = text_of(op, o->doc, "contact", "");
	r->time_zone = text_of(op, o->doc, "time_zone", "Asia/Kolkata");
	r->currency = text_of(op, o->doc, "currency", "INR");
	r->is_active = true;
	if (!restaurant_slug_ok(r->slug))
		fail_field(op, "slug", "must be 1 to 64 of a-z, 0-9 and -");
	if (r->name[0] == '\0')
		fail_field(op, "name", "is needed");
	if (!zone_is_valid(r->time_zone))
		fail_field(op, "time_zone", "is not a time zone");
	if (!money_exponent(r->currency, &exponent))
		fail_field(op, "currency", "is not a currency we know");
	return op->fault.code;
}

/* Staff of the platform stand in a document of their own, which is of no restaurant. */
static enum err
platform_read(struct op *op, const struct onboarding *o)
{
	static const char *const names[] = { "platform", "staff", NULL };
	bool is_platform = false;

	members_known(op, o->doc, "", names);
	if (!json_as_bool(json_member(o->doc, "platform"), &is_platform) || !is_platform)
		fail_field(op, "platform", "must be true, or not there");
	return op->fault.code;
}

static enum err
settings_save(struct op *op, struct onboarding *o)
{
	struct json_object *settings = json_member(o->doc, "settings");
	enum err e = OK;

	if (settings == NULL)
		return OK;
	if (!json_is_object(settings))
		return fail_field(op, "settings", "must be an object");
	json_object_object_foreach(settings, name, value) {
		if (e == OK)
			e = settings_write(op, o->done.restaurant_id, name,
			    json_text(op->arena, value));
	}
	return e;
}

static enum err
pos_save(struct op *op, struct onboarding *o)
{
	static const char *const names[] = { "provider_name", "pos_restaurant_id", "endpoint",
		"config", "api_key", "webhook_secret", "authorization", NULL };
	struct json_object *pos = json_member(o->doc, "pos"), *config = json_member(pos, "config");
	struct connection_wish wish;
	struct connection c;
	enum err e;

	if (pos == NULL)
		return OK;
	if (!json_is_object(pos))
		return fail_field(op, "pos", "must be an object");
	members_known(op, pos, "pos.", names);
	wish = (struct connection_wish){
		.provider_name = text_of(op, pos, "provider_name", ""),
		.pos_restaurant_id = text_of(op, pos, "pos_restaurant_id", NULL),
		.endpoint = text_of(op, pos, "endpoint", NULL),
		.api_key = text_of(op, pos, "api_key", NULL),
		.webhook_secret = text_of(op, pos, "webhook_secret", NULL),
		.authorization = text_of(op, pos, "authorization", NULL),
	};
	if (op->fault.code != OK)
		return op->fault.code;
	if (config != NULL) {
		const char *text = json_text(op->arena, config);

		wish.config = (struct bytes){ .data = text, .len = strlen(text) };
	}
	e = connection_save(op, &o->restaurant, &wish, &c);
	o->done.has_pos = e == OK;
	return e;
}

static enum err
staff_one(struct op *op, struct onboarding *o, struct json_object *node)
{
	static const char *const names[] = { "username", "password", "password_hash", "role",
		"name", "phone", NULL };
	struct staff_draft draft;
	struct staff saved;

	if (!json_is_object(node))
		return fail_field(op, "staff", "must be objects");
	members_known(op, node, "staff.", names);
	draft = (struct staff_draft){
		.restaurant_id = o->done.restaurant_id,
		.username = text_of(op, node, "username", ""),
		.password = text_of(op, node, "password", NULL),
		.bcrypt = text_of(op, node, "password_hash", NULL),
		.role_name =
		    text_of(op, node, "role", o->done.restaurant_id != 0 ? "kitchen" : "admin"),
		.phone = text_of(op, node, "phone", NULL),
		.is_active = true,
	};
	draft.name = text_of(op, node, "name", draft.username);
	return op->fault.code != OK ? op->fault.code : staff_save(op, &draft, &saved);
}

static enum err
staff_save_all(struct op *op, struct onboarding *o)
{
	struct json_object *staff = json_member(o->doc, "staff");
	enum err e = OK;

	if (staff == NULL)
		return OK;
	if (!json_is_array(staff) || json_array_n(staff) > STAFF_MAX)
		return fail_field(op, "staff", "must be an array of at most %d", STAFF_MAX);
	for (size_t i = 0; i < json_array_n(staff) && e == OK; i++)
		e = staff_one(op, o, json_element(staff, i));
	o->done.staff_n = json_array_n(staff);
	return e;
}

static enum err
menu_wanted(struct op *op, struct onboarding *o)
{
	struct json_object *node = json_member(o->doc, "fetch_menu");
	bool is_wanted = false;

	if (node != NULL && !json_as_bool(node, &is_wanted))
		return fail_field(op, "fetch_menu", "must be true or false");
	return is_wanted ? menu_sync_start(op, o->done.restaurant_id, &o->done.sync_id) : OK;
}

static enum err
onboard_body(struct op *op, void *arg)
{
	struct onboarding *o = arg;
	enum err e;

	if (json_member(o->doc, "platform") != NULL) {
		e = platform_read(op, o);
		if (e == OK)
			e = staff_save_all(op, o);
		return e != OK ? e : audit_record(op, "platform.onboard", "platform", NULL);
	}
	e = restaurant_read(op, o);
	if (e == OK)
		e = restaurant_save(op, &o->restaurant, &o->done.restaurant_id);
	if (e != OK)
		return e;
	op->restaurant_id = o->restaurant.id = o->done.restaurant_id;
	o->done.slug = o->restaurant.slug;
	e = settings_save(op, o);
	if (e == OK)
		e = pos_save(op, o);
	if (e == OK)
		e = staff_save_all(op, o);
	if (e == OK)
		e = menu_wanted(op, o);
	if (e == OK)
		e = notice_staff_any(op, o->done.restaurant_id, &o->done.can_tell_staff);
	return e != OK ? e : audit_record(op, "restaurant.onboard", o->restaurant.slug, NULL);
}

enum err
onboard(struct op *op, struct bytes json, struct onboarded *ret)
{
	struct onboarding o = { 0 };
	const char *why;
	enum err e;

	if (json_read(op->arena, json.data, json.len, &json_limits_default, &o.doc, &why) != OK)
		return fail(op, ERR_VALIDATION_ERROR, "The document is not JSON: %s", why);
	if (!json_is_object(o.doc))
		return fail(op, ERR_VALIDATION_ERROR, "The document must be an object");
	e = db_tx(op, onboard_body, &o);
	if (e == OK)
		*ret = o.done;
	return e;
}
