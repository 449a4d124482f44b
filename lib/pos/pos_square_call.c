/* Square: what every call to it has in common. */
#include <string.h>

#include "crypto/hmac.h"
#include "pos/pos_square.h"
#include "text/hex.h"
#include "text/json_write.h"

#define PRODUCTION "https://connect.squareup.com"
#define SANDBOX "https://connect.squareupsandbox.com"
#define KEY_HASH_BYTES 16

/* The sandbox has a host of its own; whoever names another address means that one. */
const char *
square_url(struct arena *a, const struct pos_config *config, const char *path)
{
	const char *base = pos_config_text(config, "base_url");
	const char *environment = pos_config_text(config, "environment");

	base = base == NULL ? PRODUCTION : pos_url(a, base, "");
	if (environment != NULL && strcmp(environment, "sandbox") == 0 &&
	    strcmp(base, PRODUCTION) == 0)
		base = SANDBOX;
	return pos_url(a, base, path);
}

struct http_call
square_call(struct arena *a, const struct pos_config *config, const char *method, const char *url,
    struct bytes body)
{
	static const char *const secrets[] = { "access_token" };
	struct call_header *headers = arena_array(a, 4, sizeof(*headers));
	size_t n = 0;

	headers[n++] = (struct call_header){ "Authorization",
		arena_printf(a, "Bearer %s", call_secret(a, secrets[0])) };
	headers[n++] = (struct call_header){ "Square-Version",
		pos_text(a, pos_config_text(config, SQ_VERSION), 10) };
	if (body.len > 0)
		headers[n++] = (struct call_header){ "Content-Type", "application/json" };
	headers[n++] = (struct call_header){ "Accept", "application/json" };
	return (struct http_call){
		.method = method,
		.url = url,
		.headers = headers,
		.headers_n = n,
		.body_kind = body.len > 0 ? CALL_BODY_JSON : CALL_BODY_NONE,
		.body = body,
		.secrets = secrets,
		.secrets_n = 1,
	};
}

/* One seller may have several locations, and two of them the same reference. */
const char *
square_key(struct arena *a, const struct pos_task *task, const char *what, const char *more)
{
	const char *location = pos_config_text(task->config, SQ_LOCATION);
	const char *name = arena_printf(
	    a, "%s:%s:%s", what, task->reference == NULL ? "" : task->reference, more);
	unsigned char mac[HMAC_SIZE];

	if (location == NULL)
		location = "";
	hmac_sha256(location, strlen(location), name, strlen(name), mac);
	return arena_printf(a, "%s-%s", what, hex_encode(a, mac, KEY_HASH_BYTES));
}

void
square_write_money(struct json_write *w, const char *key, int64_t minor, const char *currency)
{
	json_write_object(w, key);
	json_write_int64(w, "amount", minor);
	json_write_string(w, "currency", currency);
	json_write_object_end(w);
}

enum square_paid
square_paid(const struct pos_config *config)
{
	const char *s = pos_config_text(config, "mark_paid");

	if (s != NULL && strcmp(s, "none") == 0)
		return SQUARE_PAID_NONE;
	return s != NULL && strcmp(s, "cash") == 0 ? SQUARE_PAID_CASH : SQUARE_PAID_EXTERNAL;
}
