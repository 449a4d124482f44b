/*
 * asker: who asks a process to reload, and waits to hear what became of it.
 *
 * SIGHUP asks without an answer. `pool --reload PID`, which the units use, asks with a signal that
 * is queued and says who sent it (SIGRTMIN, sigqueue(3)); the answer is SIGUSR1 (the new ones
 * serve) or SIGUSR2 (the old ones stay), sent through a pidfd taken when it asked: whoever has its
 * number by then is left in peace.
 */
#ifndef TICKETRAIL_PROCESS_ASKER_H
#define TICKETRAIL_PROCESS_ASKER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ASKER_SIGNAL SIGRTMIN /* to be blocked and read from a signalfd by who is asked */
#define ASKERS_MAX 8

/* Those who wait, oldest first. All zero is nobody. */
struct askers {
	int fds[ASKERS_MAX];
	size_t n;
	size_t now_n; /* of them for the reload under way; the others asked later */
};

/* This process asked. The ninth at a time is not heard, and learns so: it is answered no. */
void askers_add(struct askers *, pid_t);

/* A reload begins: it is for all who have asked by now. */
void askers_begin(struct askers *);

/* It has ended. */
void askers_answer(struct askers *, bool is_good);

/*
 * Asks and waits, for as long as the other lives: the exit status, with a line on stderr when it
 * is not 0.
 */
int asker_run(pid_t);

#endif
