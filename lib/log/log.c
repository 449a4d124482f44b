#include "log/log.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text/utf8.h"

/* What ends a line that was cut; this much room is never given to anything else. */
#define TAIL ",\"truncated\":true}\n"
#define ROOM(max) ((max) - (sizeof TAIL - 1))

static struct {
	const char *program;
	enum log_level level;
	int fd;
	bool has_key;
	unsigned char key[LOG_KEY_SIZE];
} sink = { .program = "-", .level = LOG_LEVEL_INFO, .fd = STDERR_FILENO };

static const char *const level_words[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};
_Static_assert(
    sizeof level_words / sizeof level_words[0] == LOG_LEVEL_DEBUG + 1, "a word per level");

struct line {
	char *data;
	size_t len, room;
	bool cut;
};

/*
 * Two signals end whoever writes to a file that has reached its limit, or to a reader that has
 * gone. A log that cannot be written is no reason to stop serving.
 */
void
log_init(const char *program, enum log_level level, const unsigned char *hash_key)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	sink.program = program;
	sink.level = level;
	sink.has_key = hash_key != NULL;
	if (hash_key != NULL)
		memcpy(sink.key, hash_key, sizeof sink.key);
	else
		sodium_memzero(sink.key, sizeof sink.key);
}

void
log_to_fd(int fd)
{
	sink.fd = fd;
}

bool
log_speaks(enum log_level level)
{
	return level <= sink.level;
}

bool
log_level_parse(const char *word, enum log_level *ret_level)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(word, level_words[i]) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

struct log_field
log_field_bytes(const char *name, const void *data, size_t len)
{
	return (struct log_field){
		.name = name,
		.kind = data != NULL ? LOG_KIND_TEXT : LOG_KIND_NULL,
		.text = data,
		.len = data != NULL ? len : 0,
	};
}

struct log_field
log_field_text(const char *name, const char *text)
{
	return log_field_bytes(name, text, text != NULL ? strlen(text) : 0);
}

struct log_field
log_field_phone(const char *name, const char *phone)
{
	struct log_field f = log_field_text(name, phone);

	if (phone != NULL)
		f.kind = LOG_KIND_PHONE;
	return f;
}

/* All or nothing; false when the line is full. */
static bool
add(struct line *l, const char *data, size_t len)
{
	if (l->cut || len > l->room - l->len) {
		l->cut = true;
		return false;
	}
	memcpy(l->data + l->len, data, len);
	l->len += len;
	return true;
}

static bool
add_text(struct line *l, const char *text)
{
	return add(l, text, strlen(text));
}

/* snprintf counts, so that no caller can overrun. */
static bool __attribute__((format(printf, 2, 3)))
add_format(struct line *l, const char *format, ...)
{
	char text[64];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return n >= 0 && (size_t)n < sizeof text && add(l, text, (size_t)n);
}

/*
 * Control characters of ASCII and Latin-1 steer terminals; U+2028 and U+2029 end lines for some
 * readers.
 */
static bool
must_escape(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == '"' || c == '\\' || c == 0x2028 ||
	       c == 0x2029 || c == 0xFFFD;
}

static void
add_string(struct line *l, const char *text, size_t len)
{
	size_t n;

	/* The closing quote is written even where the text was cut: its byte is set aside here. */
	if (l->cut || l->room - l->len < 2) {
		l->cut = true;
		return;
	}
	l->data[l->len++] = '"';
	for (size_t i = 0; i < len; i += n) {
		char escaped[8];
		uint32_t c = 0xFFFD; /* stands for every byte that is not UTF-8 */
		size_t need;

		n = utf8_next(text + i, len - i, &c);
		if (n == 0)
			n = 1;
		need = must_escape(c) ? 6 : n;

		if (need + 1 > l->room - l->len) {
			l->cut = true;
			break;
		}
		if (must_escape(c))
			snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c);
		memcpy(l->data + l->len, must_escape(c) ? escaped : text + i, need);
		l->len += need;
	}
	l->data[l->len++] = '"';
}

static void
add_phone(struct line *l, const char *phone, size_t len)
{
	unsigned char hash[crypto_generichash_BYTES];
	static const unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = "log.phone";
	char hex[13] = "";

	if (sink.has_key &&
	    crypto_generichash_blake2b_salt_personal(hash, sizeof hash,
		(const unsigned char *)phone, len, sink.key, sizeof sink.key, NULL, personal) == 0)
		sodium_bin2hex(hex, sizeof hex, hash, (sizeof hex - 1) / 2);
	add_format(l, "\"#%s\"", hex);
}

/*
 * A field is begun only if name and the smallest value fit, so that what stands in the line is
 * always whole.
 */
static void
add_field(struct line *l, struct log_field f)
{
	size_t name_len = strlen(f.name);

	if (l->cut || name_len + 4 + 32 > l->room - l->len) {
		l->cut = true;
		return;
	}
	add_text(l, ",\"");
	add(l, f.name, name_len);
	add_text(l, "\":");
	switch (f.kind) {
	case LOG_KIND_NULL:
		add_text(l, "null");
		break;
	case LOG_KIND_TEXT:
		add_string(l, f.text, f.len);
		break;
	case LOG_KIND_I64:
		add_format(l, "%lld", (long long)f.i64);
		break;
	case LOG_KIND_BOOL:
		add_text(l, f.i64 != 0 ? "true" : "false");
		break;
	case LOG_KIND_PHONE:
		add_phone(l, f.text, f.len);
		break;
	}
}

static void
add_head(struct line *l, enum log_level level, const char *event, const char *trace_id)
{
	struct timespec now;
	struct tm tm;
	char when[40];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	add_format(l, "{\"time\":\"%s.%06ldZ\"", when, now.tv_nsec / 1000);
	add_field(l, LOG_TEXT("level", level_words[level]));
	add_field(l, LOG_TEXT("program", sink.program));
	add_field(l, LOG_I64("pid", getpid()));
	add_field(l, LOG_TEXT("event", event));
	if (trace_id != NULL && trace_id[0] != '\0')
		add_field(l, LOG_TEXT("trace_id", trace_id));
}

/* data: room for max bytes. */
static void
line_write(char *data, size_t max, enum log_level level, const char *event, const char *trace_id,
    const struct log_field *fields, size_t n)
{
	struct line l = { .data = data, .room = ROOM(max) };
	const char *end;

	add_head(&l, level, event, trace_id);
	for (size_t i = 0; i < n; i++)
		add_field(&l, fields[i]);
	end = l.cut ? TAIL : "}\n";
	memcpy(l.data + l.len, end, strlen(end));
	l.len += strlen(end);
	while (write(sink.fd, l.data, l.len) < 0 && errno == EINTR)
		continue;
}

void
log_event(enum log_level level, const char *event, const char *trace_id,
    const struct log_field *fields, size_t n)
{
	char data[LOG_LINE_MAX];

	if (log_speaks(level))
		line_write(data, sizeof data, level, event, trace_id, fields, n);
}

void
log_event_long(enum log_level level, const char *event, const char *trace_id,
    const struct log_field *fields, size_t n)
{
	char data[LOG_LONG_MAX];

	if (log_speaks(level))
		line_write(data, sizeof data, level, event, trace_id, fields, n);
}
