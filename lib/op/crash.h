/*
 * crash: named places at which a test may kill or freeze the process.
 *
 * In a program built without CRASH_POINTS the macro is nothing. Built with it, and with the
 * environment variable TICKETRAIL_CRASH_DIR naming a directory, reaching CRASH_POINT("name")
 *   - appends the name to DIR/seen, so that a harness can list the points and find the unreached;
 *   - removes DIR/kill.name if it exists, and whoever removed it raises SIGKILL on itself;
 *   - removes DIR/stop.name if it exists, and whoever removed it raises SIGSTOP on itself;
 *   - removes DIR/skip.name if it exists, to let exactly one hit pass before the above;
 *     DIR/skip.1.name to DIR/skip.9.name let one more pass each.
 * A file is consumed by exactly one process, so the restarted one gets past the point.
 */
#ifndef TICKETRAIL_OP_CRASH_H
#define TICKETRAIL_OP_CRASH_H

#ifdef CRASH_POINTS
void crash_point(const char *name);
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
