#include "menu/public_id.h"

#include "text/uuid.h"

struct public_id
public_id_make(struct op *op)
{
	unsigned char random[UUID_RANDOM_LEN];
	struct public_id id = { { 0 } };

	op_random(op, random, sizeof random);
	uuid_v7(op->now_us, random, id.bytes);
	return id;
}
