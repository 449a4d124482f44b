/*
 * front: a request's parameters and body in, the answer out, through every pool's own table (door.h).
 *
 * The input is "NAME=value" lines as nginx/fastcgi.conf sends them, an empty line, and the body. It is asked twice: of a
 * handler that tells what it was given, and of the route's own with the database away. No input is answered with a 5xx but
 * that database's 503, and what the front refuses it refuses the same way whoever would have handled it.
 */
#include <string.h>

#include "door.h"
#include "fuzz.h"

#define INPUT_MAX 16384

/* The first line of that name, up to a NUL as a worker takes it; { NULL, 0 } if there is none. */
static struct bytes
line_find(struct bytes params, const char *name)
{
	const uint8_t *at = params.data;
	size_t left = params.len;

	while (left > 0) {
		struct bytes line = fuzz_until(&at, &left, '\n');
		const uint8_t *value = line.data;
		size_t len = line.len;
		struct bytes n = fuzz_until(&value, &len, '=');

		if (n.len == strlen(name) && memcmp(n.data, name, n.len) == 0)
			return (struct bytes){ value, strnlen((const char *)value, len) };
	}
	return (struct bytes){ NULL, 0 };
}

/* The lines up to the empty one, which goes. */
static struct bytes
params_take(const uint8_t **data, size_t *len)
{
	const uint8_t *from = *data;
	size_t n = 0;

	while (*len > 0 && fuzz_until(data, len, '\n').len > 0)
		n = (size_t)(*data - from);
	return (struct bytes){ from, n };
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct door_answer echo = { 0 }, real = { 0 };
	struct bytes params, method, wire;
	bool is_head, is_late;

	if (size > INPUT_MAX) {
		arena_free(&a);
		return 0;
	}
	params = params_take(&data, &size);
	wire = door_wire(a, params, (struct bytes){ data, size });
	door_ask(a, DOOR_ECHO, wire, &echo);
	if (echo.is_whole) {
		method = line_find(params, "REQUEST_METHOD");
		is_head = method.len == 4 && memcmp(method.data, "HEAD", 4) == 0;
		is_late = line_find(params, "QUEUED_AT").data != NULL; /* and the clock decides */
		must(echo.status < 500 || (echo.status == 503 && is_late), "the front is answered %d", echo.status);
		door_answer_check(a, &echo, is_head);
		door_ask(a, DOOR_REAL, wire, &real);
		must(real.is_whole, "the second time too");
		must(real.status < 500 || real.status == 503, "a handler answers %d:\n%.*s", real.status, (int)real.body.len,
		    (const char *)real.body.data);
		must(echo.status == 200 || real.status == echo.status || is_late, "%d and %d: the front refuses for its own reasons",
		    echo.status, real.status);
		door_answer_check(a, &real, is_head);
	}
	arena_free(&a);
	return 0;
}
