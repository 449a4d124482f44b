#include "tap.h"
#include "world.h"

int
main(void)
{
	struct op op;
	world_op(&op, PROGRAM_ticketrail);
	ok(db_now(&op) == OK, "time");
	diag("%lld", (long long)op.now_us);
	op_end(&op);
	return tap_done();
}
