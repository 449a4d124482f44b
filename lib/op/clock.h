/*
 * clock: how much time passes. For what o'clock it is, ask the database (db_now).
 *
 * CLOCK_BOOTTIME: it never jumps, and goes on while the machine sleeps, so that whoever wakes up
 * knows that it is late.
 */
#ifndef TICKETRAIL_OP_CLOCK_H
#define TICKETRAIL_OP_CLOCK_H

#include <stdint.h>

int64_t clock_steady_us(void);

#endif
