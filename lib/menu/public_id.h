/*
 * public_id: new ids of rows of a menu, as the API shows them.
 */
#ifndef TICKETRAIL_MENU_PUBLIC_ID_H
#define TICKETRAIL_MENU_PUBLIC_ID_H

#include "op/op.h"

/* UUIDv7 of the op's time, which must have been read. */
struct public_id {
	unsigned char bytes[16];
};
struct public_id public_id_make(struct op *);

#endif
