/*
 * privacy: a process that holds keys is nobody else's to look into.
 *
 * Not by ptrace, /proc/PID/mem or /proc/PID/root of another process of the same user (one pool must
 * not read another's keys), and not by what it leaves when it dies: there is no core. prctl(2),
 * PR_SET_DUMPABLE.
 *
 * Programs built for tests stay open: a leak checker and a debugger have to look inside.
 */
#ifndef TICKETRAIL_PROCESS_PRIVACY_H
#define TICKETRAIL_PROCESS_PRIVACY_H

/* From now on, and before the first secret is read. An exec ends it. */
void privacy_begin(void);

#endif
