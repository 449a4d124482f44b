#define _GNU_SOURCE /* memfd_create, accept4 */
#include "door.h"

/* Not a header: what a worker does with a connection is nobody's to call but the accept loop's, and ours here. */
#include "http/front.c" /* NOLINT(bugprone-suspicious-include) */

#include <stdio.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "mem/buf.h"
#include "person/user.h"
#include "text/civil.h"
#include "text/json_read.h"
#include "text/json_write.h"

#include "text/utf8.h"

#define ROUTES_MAX 400
#define FCGI_END 3
#define NOW_US (INT64_C(1771000000) * US_PER_SECOND)
#define KEY_TEXT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* The table twice: with the handlers of the pools, and with one that tells what it was given. */
static struct {
	struct route real[ROUTES_MAX], echo[ROUTES_MAX];
	size_t n;
	struct pool pool[2];
	struct front front;
	int log; /* a file of this process's own */
} door;

/* --- all pools -------------------------------------------------------------------------------- */

#define ROW(pool) int pool##_main(int argc, char **argv);
EVERY_POOL(ROW)
#undef ROW

static route_handler echo;

/* A pool's main() comes here. */
int __wrap_front_main(int argc, char **argv, const struct pool *);
int
__wrap_front_main(int argc, char **argv, const struct pool *pool)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < pool->routes.n; i++) {
		must(door.n < ROUTES_MAX, "there is room for all routes");
		door.real[door.n] = door.echo[door.n] = pool->routes.routes[i];
		door.echo[door.n].handle = echo;
		door.n++;
	}
	return 0;
}

/* --- who is let in ---------------------------------------------------------------------------- */

enum err __wrap_guard_check(struct op *, struct guard *, struct request *);
enum err
__wrap_guard_check(struct op *op, struct guard *g, struct request *r)
{
	static const struct restaurant bistro = { .id = 7, .slug = "bistro", .name = "Bistro",
		.address = "1 Street", .contact = "+911234567890", .time_zone = "Asia/Kolkata", .currency = "INR",
		.is_active = true, .menu_version = 1 };
	static const struct user guest = { .id = 9, .public_id = { 1 }, .phone = "+919000000001", .is_active = true };
	int roles = r->route->roles;

	(void)g;
	op->now_us = NOW_US;
	if (r->route->tenant != TENANT_NONE) {
		r->restaurant = &bistro;
		op->restaurant_id = bistro.id;
	}
	if ((roles & ROLE_ANYBODY) != 0 && ((roles & ROLE_GUEST) == 0 || r->authorization == NULL))
		return OK;
	roles &= ~ROLE_ANYBODY;
	op->actor = (struct actor){ .kind = ACTOR_STAFF, .role = roles & -roles, .id = 3, .name = "staff:asha" };
	if (op->actor.role == ROLE_GUEST)
		op->actor = (struct actor){ .kind = ACTOR_USER, .role = ROLE_GUEST, .id = guest.id, .name = "user", .user = &guest };
	else if (op->actor.role != ROLE_PLATFORM)
		op->actor.restaurant_id = bistro.id;
	return OK;
}

/* --- what a handler was given ----------------------------------------------------------------- */

static void shape_echo(struct arena *, struct json_write *, const char *key, const struct body_shape *, const char *at);

static void
text_echo(struct json_write *w, const char *key, const struct body_field *f, const char *text)
{
	int64_t max = f->max != 0 ? f->max : BODY_TEXT_MAX, n = text != NULL ? (int64_t)utf8_n(text) : f->min;

	must(n >= f->min && n <= max, "%s has between %lld and %lld characters: %lld", f->name, (long long)f->min,
	    (long long)max, (long long)n);
	must(text == NULL || utf8_is_valid(text, strlen(text)), "%s is UTF-8", f->name);
	must(text == NULL || f->charset == NULL || strspn(text, f->charset) == strlen(text), "%s is of its bytes", f->name);
	json_write_string(w, key, text);
}

static void
number_echo(struct json_write *w, const char *key, const struct body_field *f, int64_t n)
{
	must((f->min == 0 && f->max == 0) || n == f->absent || (n >= f->min && n <= f->max), "%s lies within its bounds: %lld",
	    f->name, (long long)n);
	if (f->kind == BODY_KIND_MONEY)
		json_write_money(w, key, n, 2);
	else
		json_write_int64(w, key, n);
}

static void
array_echo(struct arena *a, struct json_write *w, const char *key, const struct body_field *f, const char *at)
{
	const char *elements = *(const char *const *)(const void *)(at + f->offset);
	size_t n = *(const size_t *)(const void *)(at + f->count_offset);

	must(n == 0 || ((int64_t)n >= f->min && (int64_t)n <= f->max), "%s has as many elements as it may", f->name);
	must(n == 0 || elements != NULL, "%s has its elements", f->name);
	json_write_array(w, key);
	for (size_t i = 0; i < n; i++)
		shape_echo(a, w, NULL, f->of, elements + i * f->of->size);
	json_write_array_end(w);
}

static void
field_echo(struct arena *a, struct json_write *w, const char *key, const struct body_field *f, const char *at)
{
	const void *value = at + f->offset;
	int word;

	switch (f->kind) {
	case BODY_KIND_TEXT:
		text_echo(w, key, f, *(const char *const *)value);
		break;
	case BODY_KIND_WORD:
		word = *(const int *)value;
		for (int i = 0; i <= word; i++)
			must(f->words[i] != NULL, "%s is one of its words", f->name);
		json_write_string(w, key, word < 0 ? NULL : f->words[word]);
		break;
	case BODY_KIND_I64:
	case BODY_KIND_MONEY:
		number_echo(w, key, f, *(const int64_t *)value);
		break;
	case BODY_KIND_BOOL:
		json_write_bool(w, key, *(const bool *)value);
		break;
	case BODY_KIND_UUID:
		json_write_uuid(w, key, value);
		break;
	case BODY_KIND_TIME:
		json_write_time(w, key, *(const int64_t *)value);
		break;
	case BODY_KIND_ARRAY:
		array_echo(a, w, key, f, at);
		break;
	case BODY_KIND_OBJECT:
		if (*(const char *const *)value != NULL)
			shape_echo(a, w, key, f->of, *(const char *const *)value);
		else
			json_write_null(w, key);
		break;
	case BODY_KIND_JSON:
		json_write_raw(w, key, json_text(a, *(struct json_object *const *)value));
		break;
	}
}

static void
shape_echo(struct arena *a, struct json_write *w, const char *key, const struct body_shape *shape, const char *at)
{
	bool is_bare = shape->n == 1 && shape->fields[0].json_name != NULL && shape->fields[0].json_name[0] == '\0';

	if (is_bare) {
		field_echo(a, w, key, &shape->fields[0], at);
		return;
	}
	json_write_object(w, key);
	for (size_t i = 0; i < shape->n; i++)
		field_echo(a, w, shape->fields[i].name, &shape->fields[i], at);
	json_write_object_end(w);
}

static enum err
echo(struct op *op, const struct request *r, struct reply *reply)
{
	struct json_write *w = reply_json(reply, 200);

	must(r->route->tenant != TENANT_NEEDED || r->restaurant != NULL, "a handler knows the restaurant it needs");
	must(r->body.len == r->content_length, "the body is whole");
	json_write_object(w, NULL);
	json_write_string(w, "path", r->path);
	json_write_array(w, "params");
	for (size_t i = 0; i < r->params_n; i++) {
		must(r->params[i].value[0] != '\0' && strchr(r->params[i].value, '/') == NULL, "a name is one segment");
		json_write_string(w, NULL, r->params[i].value);
	}
	json_write_array_end(w);
	json_write_array(w, "query");
	for (size_t i = 0; i < r->query_n; i++)
		json_write_string(w, NULL, r->query[i].value);
	json_write_array_end(w);
	json_write_string(w, "key", r->idempotency_key);
	if (r->input != NULL)
		shape_echo(op->arena, w, "input", r->route->body, r->input);
	json_write_object_end(w);
	return OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void
door_open(void)
{
	static char *no_arguments[] = { NULL };
	struct front *f = &door.front;

	if (door.n != 0)
		return;
#define ROW(pool) (void)pool##_main(0, no_arguments);
	EVERY_POOL(ROW)
#undef ROW
	door.pool[DOOR_ECHO] = (struct pool){ .name = "fuzz", .routes = { door.echo, door.n }, .is_without_db = true };
	door.pool[DOOR_REAL] = (struct pool){ .name = "fuzz", .routes = { door.real, door.n }, .is_without_db = true };
	route_check(&door.pool[DOOR_ECHO].routes);
	unsetenv("TICKETRAIL_CONFIG");
	setenv("HASH_KEY", KEY_TEXT, 1);
	setenv("RELAY_PUBLIC_KEY", KEY_TEXT, 1);
	setenv("AUTH_PUBLIC_KEY", KEY_TEXT, 1);
	setenv("AUTH_SECRET_KEY", KEY_TEXT, 1);
	setenv("RUN_DIR", "/nonexistent", 1);
	must(config_load("auth", &f->config, stderr) == 0, "there is a configuration");
	must(FCGX_Init() == 0 && FCGX_InitRequest(&f->fcgi, -1, 0) == 0 && sodium_init() >= 0, "the libraries are there");
	log_init("fuzz", LOG_LEVEL_DEBUG, f->config.hash_key.bytes);
	door.log = memfd_create("log", MFD_CLOEXEC);
	must(door.log >= 0, "there is a log");
	log_to_fd(door.log);
}

/* --- one request ------------------------------------------------------------------------------ */

/* What was logged, which is taken away: lines of JSON and nothing else. */
static void
log_check(struct arena *a)
{
	off_t len = lseek(door.log, 0, SEEK_CUR);
	char *lines = arena_alloc(a, (size_t)len + 1), *line = lines, *end;

	must(pread(door.log, lines, (size_t)len, 0) == len, "the log is read");
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		must(fuzz_is_json(a, line) && fuzz_is_printable(line), "a line of the log is JSON: %s", line);
	}
	must(line == lines + len, "the log ends with a line");
	must(ftruncate(door.log, 0) == 0 && lseek(door.log, 0, SEEK_SET) == 0, "the log is emptied");
}

static struct bytes
answer_receive(struct arena *a, int fd)
{
	struct buf b;
	char part[65536];
	ssize_t n;

	buf_init(&b, a, (size_t)8 << 20);
	while ((n = read(fd, part, sizeof part)) > 0)
		buf_add(&b, part, (size_t)n);
	return (struct bytes){ b.data, b.len };
}

/* What STDOUT said, in *ret_out; false unless END_REQUEST came. */
static bool
records_read(struct arena *a, struct bytes wire, struct bytes *ret_out)
{
	const unsigned char *at = wire.data;
	size_t left = wire.len, n;
	bool has_ended = false;
	struct buf out;

	buf_init(&out, a, (size_t)8 << 20);
	for (; left > 0; at += n, left -= n) {
		must(left >= 8 && at[0] == 1, "what is sent is records");
		n = 8 + (size_t)(at[4] << 8 | at[5]) + at[6];
		must(left >= n, "each with its content");
		must(!has_ended, "none after the end");
		if (at[1] == FCGI_STDOUT)
			buf_add(&out, at + 8, n - 8 - at[6]);
		/* That of a second request on the connection, which is not begun, says so. */
		has_ended = at[1] == FCGI_END && n >= 16 && at[12] == 0;
	}
	must(!has_ended || out.len > 0, "there is an answer before the end");
	*ret_out = (struct bytes){ out.data, out.len };
	return has_ended;
}

static void
answer_read(struct arena *a, struct bytes wire, struct door_answer *ret)
{
	struct bytes out;
	const char *end, *type;

	*ret = (struct door_answer){ .is_whole = records_read(a, wire, &out) };
	if (!ret->is_whole)
		return;
	must(strlen(out.data) >= out.len || memchr(out.data, '\0', out.len) != NULL, "it is bytes");
	end = strstr(out.data, "\r\n\r\n");
	must(end != NULL, "the head has an end: %s", (const char *)out.data);
	end += 4;
	ret->head = arena_strndup(a, out.data, (size_t)(end - (const char *)out.data) - 2);
	ret->body = (struct bytes){ end, out.len - (size_t)(end - (const char *)out.data) };
	must(sscanf(ret->head, "Status: %3d ", &ret->status) == 1, "the head begins with the status: %s", ret->head);
	type = strstr(ret->head, "\r\nContent-Type: ");
	if (type != NULL)
		ret->type = arena_strndup(a, type + 16, strcspn(type + 16, "\r"));
}

void
door_ask(struct arena *a, enum door_handler handler, struct bytes wire, struct door_answer *ret)
{
	struct timeval limit = { .tv_sec = 1 };
	int fd[2];

	door_open();
	must(wire.len <= DOOR_WIRE_MAX, "it fits");
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0, "there are sockets");
	(void)setsockopt(fd[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	must(write(fd[1], wire.data, wire.len) == (ssize_t)wire.len, "it is sent");
	must(shutdown(fd[1], SHUT_WR) == 0, "and is all");
	door.front.pool = &door.pool[handler];
	connection_serve(&door.front, fd[0]);
	must(fcntl(fd[0], F_GETFD) == -1 && errno == EBADF, "the connection is closed");
	answer_read(a, answer_receive(a, fd[1]), ret);
	close(fd[1]);
	log_check(a);
}

/* --- what an answer must be ------------------------------------------------------------------- */

static void
head_check(const struct door_answer *answer, bool is_head)
{
	const char *length = strstr(answer->head, "\r\nContent-Length: ");
	bool has_length = answer->status != 204 && answer->status != 304;

	for (const char *line = answer->head, *end; *line != '\0'; line = end + 2) {
		size_t name_len = strcspn(line, ":");

		end = strstr(line, "\r\n");
		must(end != NULL, "a line ends");
		must(name_len > 0 && line + name_len + 1 < end && line[name_len + 1] == ' ', "a line is a header");
		for (const char *c = line; c < end; c++)
			must((unsigned char)*c >= ' ' && *c != 0x7f, "nothing moves in a header: %s", line);
	}
	must((length != NULL) == has_length, "the length is said where there is one");
	if (length != NULL && !is_head)
		must(strtoull(length + 18, NULL, 10) == answer->body.len, "the length is the body's");
	must(!is_head || answer->body.len == 0, "HEAD has no body");
	must(strstr(answer->head, "\r\nCache-Control: ") != NULL, "it is said how long it may be kept");
}

/* The error's code is one of ours and goes with the status. */
static void
error_check(struct json_object *top, const struct door_answer *answer)
{
	struct json_object *error = json_member(top, "error");
	const char *code = NULL, *message = NULL;
	bool is_known = false;
	int64_t status;

	if (strcmp(answer->type, "application/problem+json") == 0) {
		must(json_as_string(json_member(top, "code"), &code) && json_as_string(json_member(top, "detail"), &message) &&
			json_as_int64(json_member(top, "status"), &status) && status == answer->status,
		    "a problem has what RFC 9457 says");
	} else
		must(json_as_string(json_member(error, "code"), &code) && json_as_string(json_member(error, "message"), &message) &&
			json_is_object(json_member(error, "details")),
		    "an error has its envelope");
	for (enum err e = OK + 1; e < ERR__MAX; e++)
		if (strcmp(err_info(e)->name, code) == 0)
			is_known = err_info(e)->status == answer->status;
	must(is_known, "%s goes with %d", code, answer->status);
	must(fuzz_is_printable(message), "the sentence can be shown: %s", message);
}

void
door_answer_check(struct arena *a, const struct door_answer *answer, bool is_head)
{
	struct json_object *top = NULL;
	const char *why = NULL;

	head_check(answer, is_head);
	if (answer->type == NULL || strstr(answer->type, "json") == NULL || is_head)
		return;
	must(json_read(a, answer->body.data, answer->body.len, &json_limits_menu, &top, &why) == OK,
	    "what is said to be JSON is: %s", why);
	/* /health says in a form of its own that it is not well. */
	if (answer->status >= 400 && (answer->status != 503 || json_has_member(top, "error") || json_has_member(top, "code")))
		error_check(top, answer);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
record_add(struct buf *b, int type, const void *data, size_t len)
{
	const char *at = data;

	do {
		size_t n = len < 32768 ? len : 32768;
		unsigned char head[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n };

		buf_add(b, head, sizeof head);
		buf_add(b, at, n);
		at = len > n ? at + n : at;
		len -= n;
	} while (len > 0);
}

static void
length_add(struct buf *b, size_t n)
{
	unsigned char four[4] = { (unsigned char)(0x80 | n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };

	if (n < 128)
		buf_addc(b, (char)n);
	else
		buf_add(b, four, sizeof four);
}

static void
param_add(struct buf *b, const char *name, size_t name_len, const char *value, size_t value_len)
{
	length_add(b, name_len);
	length_add(b, value_len);
	buf_add(b, name, name_len);
	buf_add(b, value, value_len);
}

struct bytes
door_wire(struct arena *a, struct bytes params, struct bytes body)
{
	static const char length_name[] = "CONTENT_LENGTH", begin[8] = { 0, 1 };
	const uint8_t *at = params.data;
	size_t left = params.len;
	bool has_length = false;
	const char *length = arena_printf(a, "%zu", body.len);
	struct buf list, wire;

	buf_init(&list, a, DOOR_WIRE_MAX);
	buf_init(&wire, a, DOOR_WIRE_MAX);
	while (left > 0) {
		struct bytes value = fuzz_until(&at, &left, '\n');
		const uint8_t *rest = value.data;
		size_t n = value.len;
		struct bytes name = fuzz_until(&rest, &n, '=');

		has_length = has_length || (name.len == sizeof length_name - 1 && memcmp(name.data, length_name, name.len) == 0);
		param_add(&list, name.data, name.len, (const char *)rest, n);
	}
	if (!has_length)
		param_add(&list, length_name, sizeof length_name - 1, length, strlen(length));
	record_add(&wire, 1, begin, sizeof begin);
	record_add(&wire, 4, list.data, list.len);
	record_add(&wire, 4, NULL, 0);
	if (body.len > 0)
		record_add(&wire, 5, body.data, body.len);
	record_add(&wire, 5, NULL, 0);
	must(!list.overflowed && !wire.overflowed, "a request fits");
	return (struct bytes){ wire.data, wire.len };
}
