/*
 * records: whatever a connection may bring, as libfcgi reads it: records of any kind, length and order, cut anywhere (S60).
 * Nothing ends the worker, the connection is closed, an answer that comes is one, and the next request gets its own.
 *
 * Two things do end a worker, both libfcgi's own (2.4.2-2+deb12u1), found here, and within reach of nobody but nginx, whose
 * the socket is: a parameter of whose two lengths the sum is 2^31 or more (it asserts that it got the memory), and a
 * FCGI_GET_VALUES that names more than three values (it writes them into 64 bytes; a canary stands behind). Inputs that could
 * be either are passed over, so that all else is seen.
 */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "door.h"
#include "fuzz.h"

/*
 * libfcgi 2.4.2 loses 48 bytes at each management record of a type it does not know. nginx sends none, and nobody else has
 * the socket.
 */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfcgi";
}

/* A length of 2^30 has a byte of 0xc0 or more in it; a record for libfcgi itself begins as these. */
static bool
is_known_of_libfcgi(const uint8_t *data, size_t size)
{
	static const uint8_t get_values[] = { 1, 9, 0, 0 };

	for (size_t i = 0; i < size; i++)
		if (data[i] >= 0xc0)
			return true;
	return size > 0 && memmem(data, size, get_values, sizeof get_values) != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char params[] = "REQUEST_METHOD=GET\nROUTE_PATH=/api/v1/menu/items\nQUERY_STRING=search=tea\n";
	struct arena *a = fuzz_arena();
	struct door_answer answer = { 0 }, next = { 0 };

	if (size <= DOOR_WIRE_MAX && !is_known_of_libfcgi(data, size)) {
		door_ask(a, DOOR_ECHO, (struct bytes){ data, size }, &answer);
		if (answer.is_whole) /* a HEAD is as good: nothing is asked after the body then */
			door_answer_check(a, &answer, answer.body.len == 0);
		door_ask(a, DOOR_ECHO, door_wire(a, (struct bytes){ params, sizeof params - 1 }, (struct bytes){ "", 0 }), &next);
		must(next.is_whole && next.status == 200 && memmem(next.body.data, next.body.len, "tea", 3) != NULL,
		    "whoever comes next is served");
	}
	arena_free(&a);
	return 0;
}
