/*
 * log: one JSON object per line on a descriptor (stderr until told otherwise).
 *
 *	{"time":"2026-02-13T08:30:00.123456Z","level":"info","program":"orders","pid":42,
 *	 "event":"order_placed","trace_id":"4bf9...","order":"AB-17","total_minor":18000}
 *
 * An event is a fixed word in the code; whatever varies is a typed field. Every byte of a value is
 * escaped as needed, so that any input (CR, LF, ESC, NUL, U+2028, broken UTF-8) gives one valid
 * line that a terminal shows as text (OWASP ASVS 16.4.1). A line is written by one write(2) and is
 * at most LOG_LINE_MAX bytes, but for log_event_long(); what does not fit is cut and the line says
 * "truncated":true. A line that cannot be written is dropped: the log never stops the service.
 *
 * It will not print a telephone number: LOG_PHONE prints a keyed digest, the same for the same
 * number, so that the lines about one guest can be found by who holds the key. Secrets are not
 * passed here at all. The sink is one of the few globals of the house; a process has one thread.
 */
#ifndef TICKETRAIL_LOG_LOG_H
#define TICKETRAIL_LOG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX 8192
/* Of log_event_long(): journald(8) splits what is longer than 48 K (LineMax). */
#define LOG_LONG_MAX (44 * 1024)
#define LOG_KEY_SIZE 32

/*
 * error: somebody must look. warn: it went wrong and was handled. info: what happened. debug: how.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum log_kind { LOG_KIND_NULL, LOG_KIND_TEXT, LOG_KIND_I64, LOG_KIND_BOOL, LOG_KIND_PHONE };

struct log_field {
	const char *name; /* a literal: lower case, digits, _ */
	enum log_kind kind;
	const char *text; /* TEXT, PHONE */
	size_t len;       /* of text */
	int64_t i64;      /* I64, BOOL */
};

#define LOG_TEXT(n, v) log_field_text((n), (v))                  /* NULL becomes null */
#define LOG_BYTES(n, p, l) log_field_bytes((n), (p), (l)) /* no NUL behind it, or no text */
#define LOG_I64(n, v) ((struct log_field){ .name = (n), .kind = LOG_KIND_I64, .i64 = (v) })
#define LOG_BOOL(n, v) ((struct log_field){ .name = (n), .kind = LOG_KIND_BOOL, .i64 = (v) })
#define LOG_PHONE(n, v) log_field_phone((n), (v))                /* prints "#" and 12 hex digits */
struct log_field log_field_text(const char *name, const char *text);
struct log_field log_field_bytes(const char *name, const void *data, size_t len);
struct log_field log_field_phone(const char *name, const char *phone);

#define LOG_FIELDS(...) \
	((const struct log_field[]){ __VA_ARGS__ }), \
	    (sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define LOG_NO_FIELDS NULL, 0

/*
 * Who is speaking, how much is said, and the key of the digests (LOG_KEY_SIZE bytes, copied; NULL:
 * digests are empty). The program's name is not copied. Before this call the program is "-" and the
 * level info.
 */
void log_init(const char *program, enum log_level, const unsigned char *hash_key);

/* Lines go to fd from now on; the descriptor stays the caller's. */
void log_to_fd(int fd);

/* True if a line of this level is written at all. */
bool log_speaks(enum log_level);

/*
 * One line. trace_id NULL or "" leaves it out.
 *	log_event(LOG_LEVEL_INFO, "order_placed", op->trace_id,
 *	    LOG_FIELDS(LOG_TEXT("order", no), LOG_I64("lines", n)));
 */
void log_event(
    enum log_level, const char *event, const char *trace_id, const struct log_field *, size_t n);

/* The same for what somebody has asked to see whole: a line of up to LOG_LONG_MAX bytes. */
void log_event_long(
    enum log_level, const char *event, const char *trace_id, const struct log_field *, size_t n);

/* "error", "warn", "info", "debug" to the level; false for any other word. */
bool log_level_parse(const char *, enum log_level *ret_level);

#endif
