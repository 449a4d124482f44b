/* discard: what is given back later is given back all the same, and once. */
#include <string.h>

#include "relay/discard.h"
#include "tap.h"

static int freed;

static void
count(void *object)
{
	(void)object;
	freed++;
}

static struct arena *
arena_counted(void)
{
	struct arena *a = arena_new(1 << 20);

	arena_adopt(a, count, a);
	return a;
}

int
main(void)
{
	static struct discards d;
	struct arena *a = arena_counted(), *none = NULL;
	struct op op;

	discard_arena(&d, &a);
	ok(a == NULL && freed == 0, "it is kept for later");
	discard_arena(&d, &none);
	is_int(d.n, 1, "nothing is nothing");
	op_begin(&op, NULL, 1 << 20, NULL);
	arena_adopt(op.arena, count, &op);
	discard_op(&d, &op);
	ok(op.arena == NULL && op.now_us == TIME_NONE && freed == 0, "an op's memory too, and the op is over");
	discards_free(&d, 1);
	is_int(freed, 1, "so many are given back");
	discards_free(&d, 5);
	is_int(freed, 2, "and the others");
	for (int i = 0; i < DISCARDS_MAX; i++) {
		a = arena_counted();
		discard_arena(&d, &a);
	}
	is_int(freed, 2, "as many as there is room for are kept");
	a = arena_counted();
	discard_arena(&d, &a);
	is_int(freed, 3, "one beyond them is given back at once");
	discards_free(&d, DISCARDS_MAX);
	ok(freed == 3 + DISCARDS_MAX && d.n == 0, "each once");
	return tap_done();
}
