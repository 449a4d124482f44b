/*
 * office: the pool in which staff set how a restaurant works, close it for a while and say that the
 * kitchen is busy, and in which everybody may see how it works and whether it is open.
 *
 * Settings are shown with what holds without them and with who set them. An edit may name the ETag
 * it was made of (If-Match). The platform's staff have the same of the platform, which is what
 * restaurants have that say nothing.
 */
#include <string.h>

#include "db/db.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "order/wish.h"
#include "person/role.h"
#include "tenant/day.h"
#include "tenant/opening.h"
#include "tenant/pause.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"

#define ROLES_KITCHEN (ROLE_KITCHEN | ROLE_ADMIN)
#define BODY_MAX 65536 /* a year of holidays */
#define PAUSE_MINUTES_MAX (PAUSE_DAYS_MAX * 24 * 60)
#define BUSY_MAX (24 * 60)

/* --- settings --------------------------------------------------------------------------------- */

static const char *
etag_of(struct op *op, const struct setting *s)
{
	return arena_printf(op->arena, "\"%s\"", setting_tag(op->arena, s));
}

static void
setting_write(struct op *op, struct json_write *w, const char *key, const struct setting *s)
{
	static const char *const sources[] = { [SETTING_DEFAULT] = "default",
		[SETTING_PLATFORM] = "platform",
		[SETTING_RESTAURANT] = "restaurant" };

	json_write_object(w, key);
	json_write_string(w, "key", s->key->name);
	json_write_string(w, "type", setting_type(s->key));
	json_write_raw(w, "value", s->value);
	json_write_raw(w, "default", s->fallback);
	json_write_string(w, "source", sources[s->source]);
	json_write_time(w, "updated_at", s->updated_at);
	json_write_string(w, "updated_by", s->updated_by);
	json_write_string(w, "etag", etag_of(op, s));
	json_write_string(w, "description", s->key->sentence);
	json_write_object_end(w);
}

static enum err
config_list(struct op *op, const struct restaurant *r, struct reply *reply)
{
	struct setting *list = NULL;
	struct json_write *w;
	size_t n = 0;
	enum err e = settings_list(op, r, &list, &n);

	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "config");
	for (size_t i = 0; i < n; i++)
		setting_write(op, w, NULL, &list[i]);
	json_write_array_end(w);
	json_write_object_end(w);
	return OK;
}

static void
setting_reply(struct op *op, struct reply *reply, const struct setting *s)
{
	struct json_write *w = reply_json(reply, 200);

	json_write_object(w, NULL);
	setting_write(op, w, "config", s);
	json_write_object_end(w);
	reply_header(reply, "ETag", etag_of(op, s));
}

static enum err
config_one(struct op *op, const struct request *r, struct reply *reply)
{
	struct setting s;
	enum err e = setting_get(op, r->restaurant, request_path(r, "key"), &s);

	if (e != OK)
		return e;
	if (!reply_not_modified(reply, r, setting_tag(op->arena, &s)))
		setting_reply(op, reply, &s);
	return OK;
}

struct value_input {
	struct json_object *value;
};
static const struct body_field value_fields[] = {
	BODY_JSON(struct value_input, value, .is_nullable = true),
};
static const struct body_shape value_body = BODY_SHAPE(struct value_input, value_fields);

struct edit {
	const struct request *request;
	const char *json; /* NULL: back to the default */
	struct setting setting;
};

static enum err
edit_body(struct op *op, void *arg)
{
	struct edit *x = arg;
	const struct request *r = x->request;
	enum err e = setting_lock(op, r->restaurant, request_path(r, "key"), &x->setting);

	if (e == OK)
		e = request_match(op, r, setting_tag(op->arena, &x->setting));
	return e != OK ? e : setting_put(op, &x->setting, "value", x->json);
}

static enum err
edit(struct op *op, const struct request *r, const char *json, struct reply *reply)
{
	struct edit x = { .request = r, .json = json };
	enum err e = db_tx(op, edit_body, &x);

	if (e == OK)
		setting_reply(op, reply, &x.setting);
	return e;
}

static enum err
config_put(struct op *op, const struct request *r, struct reply *reply)
{
	const struct value_input *in = r->input;

	return edit(op, r, json_text(op->arena, in->value), reply);
}

static enum err
config_delete(struct op *op, const struct request *r, struct reply *reply)
{
	return edit(op, r, NULL, reply);
}

static enum err
config_get(struct op *op, const struct request *r, struct reply *reply)
{
	return config_list(op, r->restaurant, reply);
}

/* --- the switch ------------------------------------------------------------------------------- */

/* The end of something that begins now: at a time or after minutes, or none. */
struct ending {
	int64_t until, minutes;
	bool has_minutes;
};

static enum err
ending_read(struct op *op, const struct ending *in, const char *minutes_name, int64_t *ret_until)
{
	int64_t most = op->now_us + PAUSE_DAYS_MAX * US_PER_DAY;

	if (in->until != TIME_NONE && in->has_minutes)
		return fail_field(op, minutes_name, "cannot be given together with until");
	if (in->until != TIME_NONE && in->until <= op->now_us)
		return fail_field(op, "until", "must lie in the future");
	if (in->until != TIME_NONE && in->until > most)
		return fail_field(op, "until", "must be within the next %d days", PAUSE_DAYS_MAX);
	*ret_until = in->has_minutes ? op->now_us + in->minutes * US_PER_MINUTE : in->until;
	return OK;
}

/* How the restaurant stands, for its staff. */
static enum err
store_reply(struct op *op, const struct request *r, struct reply *reply)
{
	struct opening opening;
	struct settings s;
	struct setting lever;
	struct json_write *w;
	enum err e = db_now(op);

	if (e == OK)
		e = settings_read(op, r->restaurant->id, r->restaurant->currency, &s);
	if (e == OK)
		e = setting_get(op, r->restaurant, "restaurant_open", &lever);
	if (e != OK)
		return e;
	opening = opening_at(&s, r->restaurant->time_zone, op->now_us);
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_object(w, "store");
	json_write_bool(w, "is_open", opening.cause == OPENING_NOTHING);
	json_write_string(w, "cause", opening_word(opening.cause));
	json_write_time(w, "opens_at", opening.opens_at);
	json_write_time(w, "closes_at", opening.closes_at);
	json_write_bool(w, "is_paused", s.pause.is_on);
	json_write_string(w, "reason", s.pause.is_on ? s.pause.reason : NULL);
	json_write_time(w, "until", s.pause.is_on ? s.pause.until : TIME_NONE);
	json_write_time(w, "changed_at", lever.updated_at);
	json_write_string(w, "changed_by", lever.updated_by);
	json_write_int64(w, "busy_minutes", s.busy_minutes);
	json_write_time(w, "busy_until", s.busy_minutes > 0 ? s.busy_until : TIME_NONE);
	json_write_object_end(w);
	json_write_object_end(w);
	return OK;
}

struct pause_input {
	const char *reason;
	struct ending ending;
};
static const struct body_field pause_fields[] = {
	BODY_TEXT(struct pause_input, reason, .min = 1, .max = PAUSE_REASON_MAX,
	    .is_optional = true, .is_nullable = true),
	BODY_TIME(struct pause_input, ending.until, .json_name = "until", .is_optional = true,
	    .is_nullable = true),
	BODY_I64(struct pause_input, ending.minutes, .json_name = "minutes", .min = 1,
	    .max = PAUSE_MINUTES_MAX, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct pause_input, ending.has_minutes)),
};
static const struct body_shape pause_body = BODY_SHAPE(struct pause_input, pause_fields);

struct throwing {
	const struct restaurant *restaurant;
	bool is_open;
	const char *reason;
	int64_t until;
};

static enum err
throw_body(struct op *op, void *arg)
{
	const struct throwing *t = arg;
	struct setting s;
	enum err e = pause_lock(op, t->restaurant, &s);

	if (e != OK)
		return e;
	return t->is_open ? pause_end(op, &s) : pause_begin(op, &s, t->reason, t->until);
}

static enum err
pause_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct pause_input *in = r->input;
	struct throwing t = { .restaurant = r->restaurant, .reason = in->reason };
	enum err e = db_now(op);

	if (e == OK)
		e = ending_read(op, &in->ending, "minutes", &t.until);
	if (e == OK)
		e = db_tx(op, throw_body, &t);
	return e != OK ? e : store_reply(op, r, reply);
}

static enum err
resume_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct throwing t = { .restaurant = r->restaurant, .is_open = true };
	enum err e = db_tx(op, throw_body, &t);

	return e != OK ? e : store_reply(op, r, reply);
}

struct busy_input {
	int64_t minutes;
	struct ending ending;
};
static const struct body_field busy_fields[] = {
	BODY_I64(struct busy_input, minutes, .min = 0, .max = BUSY_MAX),
	BODY_TIME(struct busy_input, ending.until, .json_name = "until", .is_optional = true,
	    .is_nullable = true),
	BODY_I64(struct busy_input, ending.minutes, .json_name = "for_minutes", .min = 1,
	    .max = PAUSE_MINUTES_MAX, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct busy_input, ending.has_minutes)),
};
static const struct body_shape busy_body = BODY_SHAPE(struct busy_input, busy_fields);

struct hurry {
	const struct restaurant *restaurant;
	int64_t minutes, until;
};

static enum err
busy_in_tx(struct op *op, void *arg)
{
	const struct hurry *h = arg;

	return pause_busy(op, h->restaurant, h->minutes, h->until);
}

static enum err
busy_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct busy_input *in = r->input;
	struct hurry h = { .restaurant = r->restaurant, .minutes = in->minutes };
	enum err e = db_now(op);

	if (e == OK)
		e = ending_read(op, &in->ending, "for_minutes", &h.until);
	if (e == OK)
		e = db_tx(op, busy_in_tx, &h);
	return e != OK ? e : store_reply(op, r, reply);
}

/* --- for everybody ---------------------------------------------------------------------------- */

static const char *const order_types[] = { "dine_in", "pickup", "delivery", NULL };
static const char *const payment_methods[] = { "cash", "upi", NULL };

static void
words_write(struct json_write *w, const char *key, const char *const *words,
    const struct settings *s, bool (*has)(const struct settings *, const char *))
{
	json_write_array(w, key);
	for (; *words != NULL; words++)
		if (has(s, *words))
			json_write_string(w, NULL, *words);
	json_write_array_end(w);
}

static void
opening_write(struct json_write *w, const struct opening *o)
{
	json_write_bool(w, "is_open", o->cause == OPENING_NOTHING);
	json_write_string(w, "cause", opening_word(o->cause));
	json_write_string(w, "reason", o->reason);
	json_write_time(w, "opens_at", o->opens_at);
	json_write_time(w, "closes_at", o->closes_at);
}

static void
terms_write(struct json_write *w, const struct restaurant *r, const struct settings *s)
{
	unsigned exponent = 0;

	(void)money_exponent(r->currency, &exponent);
	words_write(w, "order_types", order_types, s, wish_is_offered);
	words_write(w, "payment_methods", payment_methods, s, wish_is_taken);
	json_write_money(w, "delivery_charge", s->delivery_charge_minor, exponent);
	json_write_int64(w, "prep_minutes", s->prep_minutes);
	json_write_int64(w, "busy_minutes", s->busy_minutes);
	json_write_int64(w, "schedule_days_max", s->schedule_days_max);
	json_write_object(w, "time_slots");
	for (size_t i = 0; i < s->slots_n; i++)
		hours_span_write(w, s->slots[i].name, s->slots[i].start_min, s->slots[i].end_min);
	json_write_object_end(w);
}

static enum err
restaurant_get(struct op *op, const struct request *request, struct reply *reply)
{
	const struct restaurant *r = request->restaurant;
	struct opening opening;
	struct settings s;
	struct json_write *w;
	int64_t today = 0;
	enum err e = db_now(op);

	if (e == OK)
		e = settings_read(op, r->id, r->currency, &s);
	if (e == OK && !day_of(r->time_zone, 0, op->now_us, &today))
		e = fail(op, ERR_INTERNAL_ERROR, "The restaurant's time zone is unknown");
	if (e != OK)
		return e;
	opening = opening_at(&s, r->time_zone, op->now_us);
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_object(w, "restaurant");
	json_write_string(w, "slug", r->slug);
	json_write_string(w, "name", r->name);
	json_write_string(w, "address", r->address);
	json_write_string(w, "contact", r->contact);
	json_write_string(w, "time_zone", r->time_zone);
	json_write_string(w, "currency", r->currency);
	opening_write(w, &opening);
	hours_week_write(w, "weekly_hours", &s.hours);
	/* What began yesterday may not be over. */
	hours_holidays_write(w, "holidays", &s.hours, today - 1);
	terms_write(w, r, &s);
	json_write_object_end(w);
	json_write_object_end(w);
	return OK;
}

/* --- routes ----------------------------------------------------------------------------------- */

#define PLATFORM(verb, more, ...) \
	{ \
		.method = METHOD_##verb, .path = "/api/v1/admin/platform-config" more, \
		.roles = ROLE_PLATFORM, .tenant = TENANT_NONE, __VA_ARGS__ \
	}
#define CONFIG(verb, more, ...) \
	{ \
		.method = METHOD_##verb, .path = "/api/v1/admin/config" more, .roles = ROLE_ADMIN, \
		.tenant = TENANT_NEEDED, __VA_ARGS__ \
	}
#define STORE(verb, last, ...) \
	{ \
		.method = METHOD_##verb, .path = "/api/v1/admin/" last, .roles = ROLES_KITCHEN, \
		.tenant = TENANT_NEEDED, __VA_ARGS__ \
	}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/restaurant",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = restaurant_get,
	    .sentence = "The restaurant, its hours, and whether it is open" },
	CONFIG(GET, "", .rate = RATE_READ, .handle = config_get,
	    .sentence = "How the restaurant works, who set it and when"),
	CONFIG(GET, "/{key}", .rate = RATE_READ, .handle = config_one, .sentence = "One setting"),
	CONFIG(PUT, "/{key}", .body = &value_body, .body_max = BODY_MAX, .rate = RATE_WRITE,
	    .handle = config_put, .sentence = "Change a setting"),
	CONFIG(DELETE, "/{key}", .rate = RATE_WRITE, .handle = config_delete,
	    .sentence = "Put a setting back to what holds without it"),
	PLATFORM(GET, "", .rate = RATE_READ, .handle = config_get,
	    .sentence = "What holds for restaurants that say nothing"),
	PLATFORM(GET, "/{key}", .rate = RATE_READ, .handle = config_one,
	    .sentence = "One setting of the platform"),
	PLATFORM(PUT, "/{key}", .body = &value_body, .body_max = BODY_MAX, .rate = RATE_WRITE,
	    .handle = config_put, .sentence = "Change a setting of the platform"),
	PLATFORM(DELETE, "/{key}", .rate = RATE_WRITE, .handle = config_delete,
	    .sentence = "Put a setting of the platform back to its default"),
	STORE(GET, "pause", .rate = RATE_READ, .handle = store_reply,
	    .sentence = "Whether orders are taken, why not, and who said so"),
	STORE(POST, "pause", .body = &pause_body, .body_max = 4096, .rate = RATE_WRITE,
	    .handle = pause_post,
	    .sentence = "Take no orders, for a while or until further notice"),
	STORE(POST, "resume", .rate = RATE_WRITE, .handle = resume_post,
	    .sentence = "Take orders again"),
	STORE(POST, "busy", .body = &busy_body, .body_max = 4096, .rate = RATE_WRITE,
	    .handle = busy_post,
	    .sentence = "Add minutes to every promise; 0: the kitchen is calm"),
};

static const struct pool pool = {
	.name = "office", .program = PROGRAM_office, .routes = ROUTE_TABLE(routes)
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
