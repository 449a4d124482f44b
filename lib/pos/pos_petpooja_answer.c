/*
 * PetPooja's calls to us: how they prove themselves, and the exact words they are answered in.
 *
 * Two senders with different trust. The dashboard's webhooks (menu, stock, store) bring an
 * Authorization value agreed there, or a signature where an integration has one. The status
 * callback of an order comes from another service, unsigned: its proof is the token in the URL we
 * handed out.
 */
#include <string.h>

#include "crypto/hmac.h"
#include "mem/buf.h"
#include "pos/pos_petpooja.h"
#include "text/hex.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define SENTENCE_MAX 255
#define REPLY_MAX 4096

/* ---- proof ---- */

const char *
petpooja_policy_header(enum pos_policy policy)
{
	switch (policy) {
	case POS_POLICY_HMAC:
		return "x-petpooja-signature";
	case POS_POLICY_AUTHORIZATION:
		return "authorization";
	case POS_POLICY_NONE:
		break;
	}
	return NULL;
}

/* "sha256=" and 64 hex digits: the HMAC-SHA256 of the bytes as they came (WH-16, D3). */
static bool
verify_hmac(struct bytes secret, const char *header, struct bytes body)
{
	static const char prefix[] = "sha256=";
	unsigned char given[HMAC_SIZE], computed[HMAC_SIZE];

	if (strncmp(header, prefix, sizeof(prefix) - 1) != 0 ||
	    !hex_decode(header + sizeof(prefix) - 1, given, sizeof(given)))
		return false;
	hmac_sha256(secret.data, secret.len, body.data, body.len, computed);
	return hmac_equal(given, computed, sizeof(given));
}

/* Digests are compared, so that not even the length of the agreed value shows. */
static bool
verify_value(struct bytes secret, const char *header)
{
	static const char key[] = "authorization";
	unsigned char given[HMAC_SIZE], wanted[HMAC_SIZE];

	hmac_sha256(key, sizeof(key) - 1, header, strlen(header), given);
	hmac_sha256(key, sizeof(key) - 1, secret.data, secret.len, wanted);
	return hmac_equal(given, wanted, sizeof(given));
}

bool
petpooja_verify(enum pos_policy policy, struct bytes secret, const struct pos_proof *proof)
{
	if (proof->header == NULL || secret.len == 0)
		return false;
	switch (policy) {
	case POS_POLICY_HMAC:
		return verify_hmac(secret, proof->header, proof->body);
	case POS_POLICY_AUTHORIZATION:
		return verify_value(secret, proof->header);
	case POS_POLICY_NONE:
		break;
	}
	return false;
}

/* ---- answering ---- */

/* One member of an answer. */
struct member {
	const char *key;
	enum { TEXT, NUMBER, YES_NO } kind;
	const char *text;
	int64_t number;
};

static const char *
write_members(struct arena *a, const struct member *members, size_t n)
{
	struct buf b;
	struct json_write w;

	buf_init(&b, a, REPLY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		if (members[i].kind == TEXT)
			json_write_string(&w, members[i].key, members[i].text);
		else if (members[i].kind == NUMBER)
			json_write_int64(&w, members[i].key, members[i].number);
		else
			json_write_bool(&w, members[i].key, members[i].number != 0);
	}
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

#define WRITE(a, ...)                                                                              \
	write_members((a), (const struct member[]){ __VA_ARGS__ },                                 \
	    sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))

static bool
is_good(const struct pos_answer *answer)
{
	return answer->http_status >= 200 && answer->http_status < 300;
}

static const char *
sentence(struct arena *a, const struct pos_answer *answer)
{
	return answer->sentence == NULL ? "Failed"
					: utf8_sanitise(a, answer->sentence, SENTENCE_MAX);
}

/* s0, section 6.3. */
const char *
petpooja_reply_callback(struct arena *a, const struct pos_answer *answer)
{
	if (!is_good(answer))
		return WRITE(
		    a, { "success", YES_NO, NULL, 0 }, { "message", TEXT, sentence(a, answer), 0 });
	return WRITE(a, { "success", YES_NO, NULL, 1 },
	    { "message", TEXT, "Order status updated successfully", 0 },
	    { "order_id", TEXT, answer->reference, 0 }, { "new_status", TEXT, answer->status, 0 });
}

/* s1: an error is a plain string (C22). */
static const char *
reply_plain(struct arena *a, const struct pos_answer *answer, const char *message)
{
	if (!is_good(answer))
		return WRITE(a, { "error", TEXT, sentence(a, answer), 0 });
	return WRITE(a, { "success", YES_NO, NULL, 1 }, { "message", TEXT, message, 0 });
}

const char *
petpooja_reply_order_status(struct arena *a, const struct pos_answer *answer)
{
	return is_good(answer) ? petpooja_reply_callback(a, answer) : reply_plain(a, answer, NULL);
}

const char *
petpooja_reply_menu_update(struct arena *a, const struct pos_answer *answer)
{
	return reply_plain(a, answer, "Menu update received");
}

const char *
petpooja_reply_inventory_update(struct arena *a, const struct pos_answer *answer)
{
	return reply_plain(a, answer, "Inventory updated successfully");
}

const char *
petpooja_reply_push_menu(struct arena *a, const struct pos_answer *answer)
{
	if (!is_good(answer))
		return WRITE(
		    a, { "success", TEXT, "0", 0 }, { "message", TEXT, sentence(a, answer), 0 });
	return WRITE(a, { "success", TEXT, "1", 0 },
	    { "message", TEXT, "Menu items are successfully listed.", 0 });
}

const char *
petpooja_reply_item_stock(struct arena *a, const struct pos_answer *answer)
{
	bool good = is_good(answer);

	return WRITE(a, { "code", NUMBER, NULL, answer->http_status },
	    { "status", TEXT, good ? "success" : "failed", 0 },
	    { "message", TEXT, good ? "Stock status updated successfully" : sentence(a, answer),
		0 });
}

static const char *
reply_store_failure(struct arena *a, const struct pos_answer *answer)
{
	return WRITE(a, { "http_code", NUMBER, NULL, answer->http_status },
	    { "status", TEXT, "failed", 0 }, { "message", TEXT, sentence(a, answer), 0 });
}

const char *
petpooja_reply_store_status(struct arena *a, const struct pos_answer *answer)
{
	if (!is_good(answer))
		return reply_store_failure(a, answer);
	return WRITE(a, { "http_code", NUMBER, NULL, answer->http_status },
	    { "status", TEXT, "success", 0 },
	    { "store_status", TEXT, answer->is_open ? "1" : "0", 0 },
	    { "message", TEXT, "Store Delivery Status fetched successfully", 0 });
}

const char *
petpooja_reply_store_update(struct arena *a, const struct pos_answer *answer)
{
	if (!is_good(answer))
		return reply_store_failure(a, answer);
	return WRITE(a, { "http_code", NUMBER, NULL, answer->http_status },
	    { "status", TEXT, "success", 0 },
	    { "message", TEXT,
		arena_printf(a, "Store Status updated successfully for store %s",
		    answer->rest_id == NULL ? "" : answer->rest_id),
		0 });
}
