/*
 * json_write: JSON (RFC 8259) as it goes out, streamed into a buf.
 *
 *	struct json_write w;
 *	json_write_init(&w, &buf);
 *	json_write_object(&w, NULL);
 *	json_write_money(&w, "total", 18000, 2);
 *	json_write_array(&w, "items");
 *	json_write_string(&w, NULL, "tea");
 *	json_write_array_end(&w);
 *	json_write_object_end(&w);
 *	json_write_done(&w);                     {"total":180.00,"items":["tea"]}
 *
 * The key is given inside an object and is NULL elsewhere. Misuse (a missing key, an unbalanced
 * end, a second root) is a defect of ours and aborts. The buf is lent; whether it overflowed is
 * asked of it at the end. The output is always valid: bytes that are not UTF-8 become U+FFFD;
 * control characters, DEL, U+2028 and U+2029 are escaped (the latter two end a line in a script or
 * a log). It does not look for a key used twice.
 */
#ifndef TICKETRAIL_TEXT_JSON_WRITE_H
#define TICKETRAIL_TEXT_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define JSON_WRITE_DEPTH_MAX 32

struct json_write {
	struct buf *out;
	unsigned depth;     /* open objects and arrays */
	uint64_t is_object; /* bit d: what is open at depth d + 1 is an object */
	uint64_t has_any;   /* bit d: something was written at depth d */
};

void json_write_init(struct json_write *, struct buf *);

void json_write_object(struct json_write *, const char *key);
void json_write_object_end(struct json_write *);
void json_write_array(struct json_write *, const char *key);
void json_write_array_end(struct json_write *);

/* NULL is null. */
void json_write_string(struct json_write *, const char *key, const char *);
void json_write_string_n(struct json_write *, const char *key, const char *, size_t len);

void json_write_int64(struct json_write *, const char *key, int64_t);
void json_write_bool(struct json_write *, const char *key, bool);
void json_write_null(struct json_write *, const char *key);

/*
 * A JSON number with exactly `exponent` decimals: (18000, 2) is 180.00, (-5, 2) is -0.05, (7, 0) is
 * 7.
 */
void json_write_money(struct json_write *, const char *key, int64_t minor, unsigned exponent);

/* "2026-02-13T08:30:00.123456Z", without a fraction when that is zero; TIME_NONE is null. */
void json_write_time(struct json_write *, const char *key, int64_t us);

/* 16 bytes as "0190163d-8694-739b-aea5-966c26f8ad91"; NULL is null. */
void json_write_uuid(struct json_write *, const char *key, const uint8_t uuid[16]);

/*
 * Text that is JSON already; trusted to be (a document json_read took, or one of ours). NULL is
 * null.
 */
void json_write_raw(struct json_write *, const char *key, const char *json);

/* Asserts that exactly one value was written and everything is closed. */
void json_write_done(const struct json_write *);

#endif
