/*
 * body: a JSON body decoded by a table of fields into a struct.
 *
 * The table is the whole of input validation: a handler sees lengths, bounds, words and ids that
 * hold. What is not in the table is refused, because a misspelt optional member would otherwise be
 * dropped in silence. All wrong fields are told at once, by path ("items[0].quantity"), up to
 * BODY_FAULTS_MAX.
 *
 *	struct cancel_input { const char *reason; bool has_reason; };
 *	static const struct body_field cancel_fields[] = {
 *		BODY_TEXT(struct cancel_input, reason, .min = 1, .max = 300, .is_optional = true),
 *	};
 *	static const struct body_shape cancel_body = BODY_SHAPE(struct cancel_input, cancel_fields);
 *
 * and in the handler: const struct cancel_input *in = request->input;
 *
 * Absent or null leaves: text NULL, numbers 0 (or .absent), bool false, uuid zeroes, time
 * TIME_NONE, word -1, array NULL and 0, object NULL. Where absent and null must be told apart from
 * a value, BODY_HAS names a bool that is set for a value; where null must be told apart from
 * absent, BODY_GIVEN names one that is set for null and for a value. Money is read from the text of
 * the number, never through a double.
 */
#ifndef TICKETRAIL_HTTP_BODY_H
#define TICKETRAIL_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "op/op.h"

#define BODY_FAULTS_MAX 20

enum body_kind {
	BODY_KIND_TEXT,   /* const char *; min, max in code points; no controls but \t \r \n */
	BODY_KIND_WORD,   /* int: index into .words */
	BODY_KIND_I64,    /* int64_t within min..max; 1.0 and "1" are refused */
	BODY_KIND_BOOL,   /* bool */
	BODY_KIND_UUID,   /* unsigned char[16] */
	BODY_KIND_MONEY,  /* int64_t minor units within min..max; 180, 180.5, 180.00 and "180.00" */
	BODY_KIND_TIME,   /* int64_t µs UTC from RFC 3339 with an offset */
	/* const struct x * and its size_t count; min and max elements of shape .of */
	BODY_KIND_ARRAY,
	BODY_KIND_OBJECT, /* const struct x * of shape .of */
	BODY_KIND_JSON,   /* struct json_object *: any value, see text/json_read.h */
};

struct body_shape;
struct json_object;

struct body_field {
	const char *name;      /* the member, and its name in the JSON unless: */
	/* another name; "" in a shape of bare elements (an array of strings) */
	const char *json_name;
	enum body_kind kind;
	size_t offset;
	size_t count_offset; /* ARRAY */
	size_t has_offset;   /* of a bool, plus one; 0: none */
	size_t given_offset; /* likewise */
	size_t of_size;      /* ARRAY, OBJECT: sizeof of what is pointed to; must be the shape's */
	const struct body_shape *of;
	bool is_optional; /* may be missing */
	bool is_nullable; /* may be null */
	int64_t min,
	    max; /* text: code points, max 0 is BODY_TEXT_MAX; numbers: both 0 is unbounded;
	                   * arrays: elements, max needed */
	int64_t absent;   /* I64, MONEY: the value when missing */
	const char *charset;      /* text: these bytes only; NULL: any printable Unicode */
	const char *const *words; /* WORD: NULL-terminated */
};

/* The bound of a text whose row names none. */
#define BODY_TEXT_MAX 255

struct body_shape {
	size_t size;
	const struct body_field *fields;
	size_t n;
	/* unknown members are passed over: for bodies that somebody else defines */
	bool takes_unknown;
};
#define BODY_SHAPE(type, array) \
	{ .size = sizeof(type), .fields = (array), .n = sizeof(array) / sizeof((array)[0]) }

/* Not decoded at all: request->body holds the bytes. For webhooks. */
extern const struct body_shape body_raw;

#define BODY_CHECK(type, member, want) \
	(0 * sizeof(struct { int wrong_type : _Generic(((type *)0)->member, want : 1, default : -1); }))
#define BODY_FIELD(type, member, k, want, ...) \
	{ .name = #member, .kind = (k), \
	  .offset = offsetof(type, member) + BODY_CHECK(type, member, want), __VA_ARGS__ }

/*
 * Further columns follow the member: BODY_TEXT(struct x, reason, .max = 300, .is_optional = true)
 */
#define BODY_TEXT(type, member, ...) \
	BODY_FIELD(type, member, BODY_KIND_TEXT, const char *, __VA_ARGS__)
#define BODY_WORD(type, member, list, ...) \
	BODY_FIELD(type, member, BODY_KIND_WORD, int, .words = (list), __VA_ARGS__)
#define BODY_I64(type, member, ...) BODY_FIELD(type, member, BODY_KIND_I64, int64_t, __VA_ARGS__)
#define BODY_BOOL(type, member, ...) BODY_FIELD(type, member, BODY_KIND_BOOL, bool, __VA_ARGS__)
#define BODY_MONEY(type, member, ...) \
	BODY_FIELD(type, member, BODY_KIND_MONEY, int64_t, __VA_ARGS__)
#define BODY_TIME(type, member, ...) BODY_FIELD(type, member, BODY_KIND_TIME, int64_t, __VA_ARGS__)
#define BODY_JSON(type, member, ...) \
	BODY_FIELD(type, member, BODY_KIND_JSON, struct json_object *, __VA_ARGS__)
#define BODY_UUID(type, member, ...) \
	BODY_FIELD(type, member, BODY_KIND_UUID, unsigned char *, __VA_ARGS__)
#define BODY_OBJECT(type, member, shape, ...) \
	{ .name = #member, .kind = BODY_KIND_OBJECT, .offset = offsetof(type, member), \
	  .of_size = sizeof *((type *)0)->member, .of = (shape), __VA_ARGS__ }
#define BODY_ARRAY(type, member, count, shape, ...) \
	{ .name = #member, .kind = BODY_KIND_ARRAY, .offset = offsetof(type, member), \
	  .count_offset = offsetof(type, count) + BODY_CHECK(type, count, size_t), \
	  .of_size = sizeof *((type *)0)->member, .of = (shape), __VA_ARGS__ }

/* Among the options of a row: BODY_HAS(struct x, has_reason). */
#define BODY_HAS(type, member) \
	.has_offset = offsetof(type, member) + BODY_CHECK(type, member, bool) + 1
#define BODY_GIVEN(type, member) \
	.given_offset = offsetof(type, member) + BODY_CHECK(type, member, bool) + 1

/*
 * Decodes one body into a new struct of the shape's size in the arena. `exponent` is the number of
 * decimals of the currency money is in. ERR_UNSUPPORTED_MEDIA_TYPE unless the content type is
 * application/json (in UTF-8); ERR_VALIDATION_ERROR with the wrong fields. An empty body is {}
 * where every field is optional.
 */
enum err body_read(struct op *, const struct body_shape *, const char *content_type, struct bytes,
    unsigned exponent, const void **ret);

/* Aborts with a message when a shape contradicts itself: called for every route at start. */
void body_check(const struct body_shape *);

#endif
