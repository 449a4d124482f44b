/* redact: what of a body a log may say, and what it may not, wherever it stands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inbox/redact.h"
#include "mem/arena.h"
#include "mem/buf.h"
#include "op/op.h"
#include "tap.h"

#define ENOUGH ((size_t)64 * 1024)

static const char *
logged(struct op *op, struct redact_hidden *hidden, const char *body)
{
	const char *shown = redact_for_log(op, (struct bytes){ .data = body, .len = strlen(body) }, ENOUGH, hidden);

	return shown != NULL ? shown : "(nothing)";
}

static void
test_names(void)
{
	static const struct {
		const char *body, *shown, *why;
	} rows[] = {
		{ "{\"Customer\":{\"details\":{\"name\":\"Asha Rao\",\"tags\":[\"vip\",7]}}}",
		    "{\"Customer\":{\"details\":{\"name\":\"[redacted]\",\"tags\":[\"[redacted]\",\"[redacted]\"]}}}", "all of a person" },
		{ "{\"name\":\"Asha\",\"full_name\":\"Asha\",\"username\":\"asha\"}",
		    "{\"name\":\"[redacted]\",\"full_name\":\"[redacted]\",\"username\":\"[redacted]\"}", "a name is somebody's" },
		{ "{\"OrderItem\":{\"details\":[{\"name\":\"Dal\",\"id\":\"118829149\"}]},\"itemname\":\"Dal\",\"category_name\":\"Soup\",\"res_name\":\"Bistro\"}",
		    "{\"OrderItem\":{\"details\":[{\"name\":\"Dal\",\"id\":\"118829149\"}]},\"itemname\":\"Dal\",\"category_name\":\"Soup\",\"res_name\":\"Bistro\"}",
		    "unless it is told to be a thing's" },
		{ "{\"restaurant\":{\"name\":\"Bistro\",\"owner_name\":\"Asha\"},\"items\":[{\"customer\":{\"name\":\"Asha\"}}]}",
		    "{\"restaurant\":{\"name\":\"Bistro\",\"owner_name\":\"[redacted]\"},\"items\":[{\"customer\":{\"name\":\"[redacted]\"}}]}",
		    "among things people stay people" },
		{ "{\"contact_information\":9900000001,\"deliveryAddress\":\"\",\"lat-itude\":null,\"is_user\":true}",
		    "{\"contact_information\":\"[redacted]\",\"deliveryAddress\":\"\",\"lat-itude\":null,\"is_user\":true}", "numbers too; nothing is nothing" },
		{ "{\"app_key\":\"{{secret:app_key}}\",\"token\":\"{{secret:x}} and more\",\"OTP\":1234}",
		    "{\"app_key\":\"{{secret:app_key}}\",\"token\":\"[redacted]\",\"OTP\":\"[redacted]\"}", "a secret by its name alone" },
		{ "{\"a\":\"call +919876543210 or 98765432100000\",\"b\":9876543210,\"c\":\"ab@example.org, x\",\"d\":\"2026-02-13 12:30:05\",\"e\":123456789}",
		    "{\"a\":\"call +[redacted] or [redacted]\",\"b\":\"[redacted]\",\"c\":\"[redacted], x\",\"d\":\"2026-02-13 12:30:05\",\"e\":123456789}",
		    "what can be called or written to is told by its looks" },
		{ "{\"u\":\"see https://x.example/a?k=abc&v=1 now?\"}", "{\"u\":\"see https://x.example/a?[redacted] now?\"}", "a URL without its query" },
		{ "{\"message\":\"Rao lives at 7 Lake Road, Raorani\",\"address\":\"7 Lake Road\",\"customer_name\":\"Asha Rao\"}",
		    "{\"message\":\"[redacted] lives at [redacted], Raorani\",\"address\":\"[redacted]\",\"customer_name\":\"[redacted]\"}",
		    "what is told late is not said early; whole words" },
		{ "\"Asha\"", "\"Asha\"", "a bare text" },
		{ "{\"name\":\"Asha\"", "(nothing)", "broken JSON is not shown" },
		{ " [1,", "(nothing)", "nor what begins as it" },
		{ "", "", "nothing of nothing" },
		{ "Bad gateway", "Bad gateway", "other text is" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct redact_hidden hidden = { .n = 0 };
		struct op op;

		op_begin(&op, NULL, (size_t)64 << 20, NULL);
		is_str(logged(&op, &hidden, rows[i].body), rows[i].shown, "CFG-09 SEC-10 %s", rows[i].why);
		op_end(&op);
	}
}

static void
test_again(void)
{
	struct redact_hidden hidden = { .n = 0 };
	struct op op;

	op_begin(&op, NULL, (size_t)64 << 20, NULL);
	redact_hide(&op, &hidden, "s3cr3t-value");
	redact_hide(&op, &hidden, NULL);
	(void)logged(&op, &hidden, "{\"phone\":\"+919876543210\",\"name\":\"Zoë Quill\",\"note\":\"4\"}");
	is_str(logged(&op, &hidden, "Zoë? zoë quill s3cr3t-valued 9876543210 table 4"),
	    "[redacted]? [redacted] [redacted]d [redacted] table 4", "CFG-09 SEC-10 an answer does not say again what was left out");
	is_str(logged(&op, &hidden, "{\"m\":[\"S3CR3T-VALUE\",{\"x\":\"Quill's\"}]}"), "{\"m\":[\"[redacted]\",{\"x\":\"[redacted]'s\"}]}",
	    "CFG-09 nor at any depth");
	for (size_t i = 0; i <= REDACT_HIDDEN_MAX; i++)
		redact_hide(&op, &hidden, arena_printf(op.arena, "secret-%zu", i));
	is_str(logged(&op, &hidden, "{\"m\":1}"), "(nothing)", "CFG-09 when not all of it is known any more nothing is shown");
	op_end(&op);
}

/* The largest body of anybody, in the arena of a request. */
static void
test_large(void)
{
	struct redact_hidden hidden = { .n = 0 };
	const char *shown;
	struct buf b;
	struct op op;

	op_begin(&op, NULL, (size_t)64 << 20, NULL);
	buf_init(&b, op.arena, (size_t)2 << 20);
	buf_adds(&b, "{\"items\":[");
	while (b.len < 1000000)
		buf_adds(&b, "{\"name\":\"Dal\",\"x\":[\"a b c\",1.5]},");
	buf_adds(&b, "0]}");
	shown = redact_for_log(&op, (struct bytes){ .data = b.data, .len = b.len }, 4096, &hidden);
	ok(shown != NULL && strlen(shown) > 4000 && strlen(shown) <= 4096, "CFG-09 of a large body the beginning is shown");
	memset(b.data, 'x', b.len);
	shown = redact_for_log(&op, (struct bytes){ .data = b.data, .len = b.len }, 4096, &hidden);
	ok(shown != NULL && strlen(shown) == 4096, "CFG-09 whatever it is");
	shown = redact_for_log(&op, (struct bytes){ .data = b.data, .len = (size_t)2 << 20 }, 4096, &hidden);
	ok(shown == NULL, "CFG-09 of one that is too large nothing");
	op_end(&op);
}

int
main(void)
{
	test_names();
	test_again();
	test_large();
	return tap_done();
}
