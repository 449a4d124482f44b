/* log: whatever is logged, each event is one valid JSON line, and nobody's number is in it. */
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/log.h"
#include "tap.h"

static int pipes[2];
static char line[3 * LOG_LINE_MAX];

/* What was written since the last call, NUL-terminated. */
static size_t
written(void)
{
	ssize_t n = read(pipes[0], line, sizeof line - 1);

	n = n < 0 ? 0 : n;
	line[n] = '\0';
	return (size_t)n;
}

/* The line parsed by a reader that knows nothing of ours; NULL unless it is exactly one line and one JSON value. */
static struct json_object *
parsed(void)
{
	size_t len = written();
	struct json_tokener *t = json_tokener_new();
	struct json_object *o = NULL;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (len > 0 && line[len - 1] == '\n' && memchr(line, '\n', len - 1) == NULL && len <= LOG_LINE_MAX) {
		o = json_tokener_parse_ex(t, line, (int)len);
		if (json_tokener_get_error(t) != json_tokener_success) {
			json_object_put(o);
			o = NULL;
		}
	}
	json_tokener_free(t);
	return o;
}

static const char *
member(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void
test_fields(void)
{
	struct json_object *o;

	log_event(LOG_LEVEL_INFO, "order_placed", "4bf92f3577b34da6a3ce929d0e0e4736",
	    LOG_FIELDS(LOG_TEXT("order", "AB-17"), LOG_I64("total_minor", -18000), LOG_BOOL("is_cash", true),
	    LOG_TEXT("note", NULL)));
	o = parsed();
	ok(o != NULL, "OBS-07 a line is one JSON object");
	is_str(member(o, "level"), "info", "OBS-07 it has a level");
	is_str(member(o, "program"), "orders", "OBS-07 it has a program");
	is_str(member(o, "event"), "order_placed", "OBS-07 it has an event");
	is_str(member(o, "trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736", "OBS-07 it has a trace id");
	is_int(json_object_get_int64(json_object_object_get(o, "pid")), getpid(), "it has the pid");
	is_str(member(o, "order"), "AB-17", "a text field");
	is_int(json_object_get_int64(json_object_object_get(o, "total_minor")), -18000, "a number field");
	ok(json_object_get_boolean(json_object_object_get(o, "is_cash")), "a boolean field");
	ok(strstr(line, "\"note\":null") != NULL, "a missing text is null");
	is_int(strlen(member(o, "time")), 27, "the time has microseconds");
	ok(member(o, "time")[26] == 'Z', "the time is UTC");
	json_object_put(o);
	log_event(LOG_LEVEL_INFO, "alone", NULL, LOG_NO_FIELDS);
	o = parsed();
	ok(o != NULL && json_object_object_get(o, "trace_id") == NULL, "no trace id, no member");
	json_object_put(o);
}

static void
test_bytes(void)
{
	struct json_object *o;
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_BYTES("v", all, sizeof all)));
	o = parsed();
	ok(o != NULL, "S51 all 256 bytes give one valid line");
	json_object_put(o);
	for (const char *p = line; *p != '\0' && *p != '\n'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			ok(false, "S51 a control character came through");
	}
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("v", "a\r\n\x1b[2Jb\xe2\x80\xa8" "c\xc2\x9b" "d\"\\ \xe2\x82\xb9")));
	o = parsed();
	ok(strstr(line, "\"a\\u000d\\u000a\\u001b[2Jb\\u2028c\\u009bd\\u0022\\u005c \xe2\x82\xb9\"") != NULL,
	    "S51 CR LF ESC U+2028 and C1 are escaped, other text is not");
	is_str(member(o, "v"), "a\r\n\x1b[2Jb\xe2\x80\xa8" "c\xc2\x9b" "d\"\\ \xe2\x82\xb9", "and it reads back as it was");
	json_object_put(o);
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("v", "a\xff\xc0\xaf\xed\xa0\x80\xf5z")));
	o = parsed();
	is_str(member(o, "v"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz",
	    "S51 each byte that is no UTF-8 is U+FFFD");
	json_object_put(o);
	log_event(LOG_LEVEL_INFO, "x", "trace\"\n", LOG_NO_FIELDS);
	o = parsed();
	ok(o != NULL, "S51 a forged trace id can not break out");
	json_object_put(o);
}

static void
test_length(void)
{
	static char big[3 * LOG_LINE_MAX];
	struct json_object *o;
	int bad = 0;

	for (size_t len = LOG_LINE_MAX - 300; len < LOG_LINE_MAX + 20; len++) {
		memset(big, len % 2 == 0 ? 'x' : '\n', len);
		big[len] = '\0';
		log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("v", big), LOG_I64("after", 1)));
		o = parsed();
		bad += o == NULL;
		if (o != NULL && json_object_object_get(o, "after") == NULL)
			bad += !json_object_get_boolean(json_object_object_get(o, "truncated"));
		json_object_put(o);
	}
	is_int(bad, 0, "texts around the limit give valid lines, marked when cut");
	memset(big, '\n', sizeof big - 1);
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("a", "kept"), LOG_TEXT("v", big), LOG_TEXT("w", "lost")));
	o = parsed();
	ok(json_object_get_boolean(json_object_object_get(o, "truncated")), "a line that was cut says so");
	is_str(member(o, "a"), "kept", "what stood before the cut is there");
	json_object_put(o);
	for (size_t i = 0; i < sizeof big / 3; i++)
		memcpy(big + 3 * i, "\xe2\x82\xb9", 3);
	big[sizeof big - sizeof big % 3 - 3] = '\0';
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("v", big)));
	o = parsed();
	ok(o != NULL, "a character of several bytes is not cut in two");
	json_object_put(o);
}

/* More than a pipe takes at once, so into a file. */
static void
test_long(void)
{
	static char big[2 * LOG_LONG_MAX], got[2 * LOG_LONG_MAX];
	FILE *file = tmpfile();
	struct json_object *o;
	size_t n;

	memset(big, 'x', sizeof big - 1);
	log_to_fd(fileno(file));
	log_event_long(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("v", big)));
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_TEXT("v", big)));
	log_event_long(LOG_LEVEL_DEBUG, "x", NULL, LOG_FIELDS(LOG_TEXT("v", big)));
	log_to_fd(pipes[1]);
	rewind(file);
	n = fread(got, 1, sizeof got - 1, file);
	got[n] = '\0';
	is_int(strcspn(got, "\n") + 1, LOG_LONG_MAX, "CFG-09 a long line may be long");
	ok(n - strcspn(got, "\n") - 1 <= LOG_LINE_MAX, "others may not; each has its level");
	got[strcspn(got, "\n")] = '\0';
	o = json_tokener_parse(got);
	ok(o != NULL && json_object_get_boolean(json_object_object_get(o, "truncated")), "what does not fit even there is cut and says so");
	json_object_put(o);
	fclose(file);
}

static void
test_phone(void)
{
	char first[64];
	struct json_object *o;

	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_PHONE("phone", "+919876543210")));
	o = parsed();
	snprintf(first, sizeof first, "%s", member(o, "phone"));
	ok(strstr(line, "98765") == NULL && strlen(first) == 13 && first[0] == '#', "SEC-10 a phone is a digest in the log");
	json_object_put(o);
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_PHONE("phone", "+919876543211")));
	o = parsed();
	ok(strcmp(first, member(o, "phone")) != 0, "another phone has another digest");
	json_object_put(o);
	log_init("orders", LOG_LEVEL_INFO, (const unsigned char[LOG_KEY_SIZE]){ 2 });
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_PHONE("phone", "+919876543210")));
	o = parsed();
	ok(strcmp(first, member(o, "phone")) != 0, "another key gives another digest");
	json_object_put(o);
	log_init("orders", LOG_LEVEL_INFO, NULL);
	log_event(LOG_LEVEL_INFO, "x", NULL, LOG_FIELDS(LOG_PHONE("phone", "+919876543210")));
	o = parsed();
	is_str(member(o, "phone"), "#", "without a key there is no digest at all");
	json_object_put(o);
}

static void
test_levels(void)
{
	enum log_level level = LOG_LEVEL_INFO;

	log_event(LOG_LEVEL_DEBUG, "x", NULL, LOG_NO_FIELDS);
	is_int(written(), 0, "debug is silent at level info");
	log_init("orders", LOG_LEVEL_ERROR, NULL);
	log_event(LOG_LEVEL_WARN, "x", NULL, LOG_NO_FIELDS);
	is_int(written(), 0, "warn is silent at level error");
	log_event(LOG_LEVEL_ERROR, "x", NULL, LOG_NO_FIELDS);
	ok(written() > 0, "error is never silent");
	ok(log_level_parse("debug", &level) && level == LOG_LEVEL_DEBUG, "a level by its word");
	ok(!log_level_parse("loud", &level) && level == LOG_LEVEL_DEBUG, "no such level");
}

int
main(void)
{
	if (pipe(pipes) != 0 || fcntl(pipes[0], F_SETFL, O_NONBLOCK) != 0)
		return 1;
	log_to_fd(pipes[1]);
	log_init("orders", LOG_LEVEL_INFO, (const unsigned char[LOG_KEY_SIZE]){ 1 });
	test_fields();
	test_bytes();
	test_length();
	test_long();
	test_phone();
	test_levels();
	return tap_done();
}
