/*
 * people: the pool in which guests see to themselves and their devices, and admins to the
 * restaurant's staff.
 *
 * Passwords come in here and are hashed; whoever logs in does so at the auth pool.
 */
#include <string.h>

#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "person/device.h"
#include "person/role.h"
#include "person/staff.h"
#include "person/user.h"
#include "tenant/restaurant.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define BODY_LARGEST 8192
#define PAGE_DEFAULT 50
#define PAGE_MAX 200

/* --- guests ----------------------------------------------------------------------------------- */

struct profile_input {
	const char *name, *email;
	bool has_email;
};
static const struct body_field profile_fields[] = {
	BODY_TEXT(struct profile_input, name, .min = 1, .max = 100),
	BODY_TEXT(struct profile_input, email, .max = 300, .is_optional = true,
	    .is_nullable = true, BODY_GIVEN(struct profile_input, has_email)),
};
static const struct body_shape profile_body = BODY_SHAPE(struct profile_input, profile_fields);

static const char *const platforms[] = { "android", "ios", NULL };

struct device_input {
	const char *token;
	int platform;
};
static const struct body_field device_fields[] = {
	BODY_TEXT(struct device_input, token, .min = 1, .max = DEVICE_TOKEN_MAX,
	    .charset = DEVICE_TOKEN_CHARS),
	BODY_WORD(struct device_input, platform, platforms),
};
static const struct body_shape device_body = BODY_SHAPE(struct device_input, device_fields);

static const struct body_field gone_fields[] = {
	BODY_TEXT(struct device_input, token, .min = 1, .max = DEVICE_TOKEN_MAX,
	    .charset = DEVICE_TOKEN_CHARS),
};
static const struct body_shape gone_body = BODY_SHAPE(struct device_input, gone_fields);

static enum err
profile_reply(struct op *op, struct reply *reply)
{
	struct user_profile p;
	struct json_write *w;
	enum err e = user_profile(op, op->actor.id, &p);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_uuid(w, "id", p.user.public_id);
	json_write_string(w, "phone", p.user.phone);
	json_write_string(w, "name", p.user.name);
	json_write_string(w, "email", p.user.email);
	json_write_time(w, "created_at", p.created_at);
	json_write_object_end(w);
	return OK;
}

static enum err
me_get(struct op *op, const struct request *r, struct reply *reply)
{
	(void)r;
	return profile_reply(op, reply);
}

static enum err
me_put(struct op *op, const struct request *r, struct reply *reply)
{
	const struct profile_input *in = r->input;
	enum err e = user_update(op, op->actor.id, in->name, in->has_email, in->email);

	return e == OK ? profile_reply(op, reply) : e;
}

static enum err
told(struct reply *reply, const char *message)
{
	struct json_write *w = reply_json(reply, 200);

	json_write_object(w, NULL);
	json_write_string(w, "message", message);
	json_write_object_end(w);
	return OK;
}

static enum err
device_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct device_input *in = r->input;
	enum err e = device_register(op, op->actor.id, in->token, platforms[in->platform]);

	return e == OK ? told(reply, "Device registered") : e;
}

static enum err
device_delete(struct op *op, const struct request *r, struct reply *reply)
{
	const struct device_input *in = r->input;
	enum err e = device_forget(op, op->actor.id, in->token);

	return e == OK ? told(reply, "Device unregistered") : e;
}

/* --- staff ------------------------------------------------------------------------------------ */

static const char *const roles[] = { "admin", "kitchen", "delivery", NULL };
static const char *const truths[] = { "false", "true", NULL };

struct staff_input {
	const char *username, *password, *name, *phone;
	int role;
	bool is_active, has_phone, has_is_active;
};
static const struct body_field staff_fields[] = {
	BODY_TEXT(struct staff_input, username, .min = 1, .max = STAFF_USERNAME_MAX),
	BODY_TEXT(struct staff_input, password, .min = 1, .max = STAFF_PASSWORD_MAX),
	BODY_WORD(struct staff_input, role, roles),
	BODY_TEXT(struct staff_input, name, .min = 1, .max = 100),
	BODY_TEXT(struct staff_input, phone, .max = 32, .is_optional = true, .is_nullable = true),
};
static const struct body_shape staff_body = BODY_SHAPE(struct staff_input, staff_fields);

static const struct body_field change_fields[] = {
	BODY_TEXT(struct staff_input, name, .min = 1, .max = 100, .is_optional = true),
	BODY_TEXT(struct staff_input, phone, .max = 32, .is_optional = true, .is_nullable = true,
	    BODY_GIVEN(struct staff_input, has_phone)),
	BODY_WORD(struct staff_input, role, roles, .is_optional = true),
	BODY_BOOL(struct staff_input, is_active, .is_optional = true,
	    BODY_HAS(struct staff_input, has_is_active)),
	BODY_TEXT(struct staff_input, password, .min = 1, .max = STAFF_PASSWORD_MAX,
	    .is_optional = true),
};
static const struct body_shape change_body = BODY_SHAPE(struct staff_input, change_fields);

static void
staff_write(struct json_write *w, const char *key, const struct staff *s)
{
	json_write_object(w, key);
	json_write_uuid(w, "id", s->public_id);
	json_write_string(w, "username", s->username);
	json_write_string(w, "name", s->name);
	json_write_string(w, "phone", s->phone);
	json_write_string(w, "role", role_word(staff_role(s)));
	json_write_string(w, "restaurant", s->restaurant_slug);
	json_write_bool(w, "is_active", s->is_active);
	json_write_time(w, "created_at", s->created_at);
	json_write_object_end(w);
}

static enum err
staff_reply(const struct staff *s, int status, struct reply *reply)
{
	struct json_write *w = reply_json(reply, status);

	json_write_object(w, NULL);
	staff_write(w, "staff", s);
	json_write_object_end(w);
	return OK;
}

/* The one in the path; another restaurant's is nobody. */
static enum err
staff_of_path(struct op *op, const struct request *r, struct staff *ret)
{
	unsigned char id[UUID_LEN];
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = staff_of_restaurant(op, r->restaurant->id, id, ret);
	return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, NULL) : e;
}

static enum err
cursor_read(struct op *op, const struct request *r, int64_t *ret_after_id)
{
	unsigned char id[UUID_LEN];
	struct staff last;
	bool is_there = false;
	enum err e = request_query_uuid(op, r, "cursor", &is_there, id);

	if (e != OK || !is_there)
		return e;
	e = staff_of_restaurant(op, r->restaurant->id, id, &last);
	if (e == ERR_NO_ROW)
		return fail_field(op, "cursor", "is not one of ours");
	if (e == OK)
		*ret_after_id = last.id;
	return e;
}

static enum err
filter_read(struct op *op, const struct request *r, struct staff_filter *f)
{
	int role = -1;
	enum err e = request_query_i64(op, r, "limit", 1, PAGE_MAX, &f->n);

	if (e == OK)
		e = request_query_word(op, r, "role", roles, &role);
	if (e == OK)
		e = request_query_word(op, r, "is_active", truths, &f->is_active);
	if (role >= 0)
		f->role_name = roles[role];
	return e != OK ? e : cursor_read(op, r, &f->after_id);
}

static enum err
staff_list_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct staff_filter f = { .is_active = -1, .n = PAGE_DEFAULT };
	char cursor[UUID_TEXT_LEN];
	struct staff *staff = NULL;
	struct json_write *w;
	size_t n = 0;
	enum err e = filter_read(op, r, &f);

	if (e == OK)
		e = staff_list(op, r->restaurant->id, &f, &staff, &n);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "staff");
	for (size_t i = 0; i < n; i++)
		staff_write(w, NULL, &staff[i]);
	json_write_array_end(w);
	if (n > 0)
		uuid_format(staff[n - 1].public_id, cursor);
	json_write_string(w, "next_cursor", (int64_t)n == f.n ? cursor : NULL);
	json_write_object_end(w);
	return OK;
}

static enum err
staff_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct staff_input *in = r->input;
	struct staff_draft draft = { .restaurant_id = r->restaurant->id,
		.username = in->username,
		.password = in->password,
		.role_name = roles[in->role],
		.name = in->name,
		.phone = in->phone,
		.is_active = true };
	struct staff made;
	enum err e = staff_add(op, &draft, &made);

	return e == OK ? staff_reply(&made, 201, reply) : e;
}

static enum err
staff_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct staff s;
	enum err e = staff_of_path(op, r, &s);

	return e == OK ? staff_reply(&s, 200, reply) : e;
}

/* Whoever asks; of the platform's staff too. */
static enum err
staff_me_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct staff s;
	enum err e = staff_by_id(op, op->actor.id, &s);

	(void)r;
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	return e == OK ? staff_reply(&s, 200, reply) : e;
}

static enum err
staff_patch(struct op *op, const struct request *r, struct reply *reply)
{
	const struct staff_input *in = r->input;
	struct staff_change change = { .name = in->name,
		.role_name = in->role >= 0 ? roles[in->role] : NULL,
		.password = in->password,
		.has_phone = in->has_phone,
		.phone = in->phone,
		.has_is_active = in->has_is_active,
		.is_active = in->is_active };
	unsigned char id[UUID_LEN];
	struct staff s;
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = staff_alter(op, r->restaurant->id, id, &change, &s);
	return e == OK ? staff_reply(&s, 200, reply) : e;
}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/users/me",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_OPTIONAL,
	    .rate = RATE_READ,
	    .handle = me_get,
	    .sentence = "The guest who asks" },
	{ .method = METHOD_PUT,
	    .path = "/api/v1/users/me",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_OPTIONAL,
	    .body = &profile_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_WRITE,
	    .handle = me_put,
	    .sentence = "Give oneself a name and an e-mail address" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/users/device-token",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_OPTIONAL,
	    .body = &device_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_WRITE,
	    .handle = device_post,
	    .sentence = "Be told of orders on this device" },
	{ .method = METHOD_DELETE,
	    .path = "/api/v1/users/device-token",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_OPTIONAL,
	    .body = &gone_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_WRITE,
	    .handle = device_delete,
	    .sentence = "Be told nothing on this device any more" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/staff",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .query = "limit cursor is_active role",
	    .rate = RATE_READ,
	    .handle = staff_list_get,
	    .sentence = "The restaurant's staff, active or not" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/staff",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .body = &staff_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_WRITE,
	    .handle = staff_post,
	    .sentence = "Make an account for somebody who works here" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/staff/me",
	    .roles = ROLES_STAFF,
	    .tenant = TENANT_OPTIONAL,
	    .rate = RATE_READ,
	    .handle = staff_me_get,
	    .sentence = "The member of staff who asks" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/staff/{id}",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = staff_get,
	    .sentence = "One of the staff" },
	{ .method = METHOD_PATCH,
	    .path = "/api/v1/admin/staff/{id}",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .body = &change_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_WRITE,
	    .handle = staff_patch,
	    .sentence = "Change an account: name, phone, role, active or not, password" },
};

static const struct pool pool = {
	.name = "people",
	.program = PROGRAM_people,
	.routes = ROUTE_TABLE(routes),
	.has_credentials = true,
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
