/*
 * starter: whoever started this process and waits to hear from it.
 *
 * Two ways, and a process may be waited for on both or on none:
 *
 *	READY_FD         a pool master, the stack, a test: the writing end of a pipe. "R" is written
 *	                 once, with the number of workers behind it where one is known ("R4"), and it
 *	                 is closed. Closed without a word, the process did not get ready.
 *	NOTIFY_SOCKET    systemd: datagrams of KEY=value lines, sd_notify(3). READY=1, RELOADING=1,
 *	                 STOPPING=1, STATUS=..., and WATCHDOG=1 where WATCHDOG_USEC asks for it.
 *
 * REPLACES=1 says that another serves until this one is ready: it may take its time.
 *
 * Nothing said here is worth waiting for: a starter that has gone, or whose queue is full, does not
 * hear it.
 */
#ifndef TICKETRAIL_PROCESS_STARTER_H
#define TICKETRAIL_PROCESS_STARTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct starter {
	int ready_fd; /* -1: nobody waits there, or it was told */
	bool is_ready;
	bool is_replacement; /* another serves until this one is ready */
	struct sockaddr_un systemd;
	socklen_t systemd_len; /* 0: not started by systemd */
	int64_t watchdog_us;   /* 0: systemd does not watch us */
	int64_t alive_at_us;
};

/*
 * Takes them out of the environment, so that no child of ours speaks for us. The descriptor is
 * close-on-exec and ours.
 */
void starter_find(struct starter *ret_starter);

/*
 * Ready to serve; only the first call says so. workers_n: how many of us the configuration wants, 0
 * where that means nothing. False if somebody waits on the pipe and could not be told; SIGPIPE must
 * be ignored or handled.
 */
bool starter_ready(struct starter *, int64_t workers_n);

/* One datagram of KEY=value lines for systemd; at most 500 bytes. */
void starter_tell(const struct starter *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A reload begins, as systemd wants it told. It ends with starter_tell(s, "READY=1"). */
void starter_reloading(const struct starter *);

/*
 * Says that we are alive, if it is time; to be called by a loop whose turning means just that.
 * now_us: of clock_steady_us(). Returns when it wants to be called again, INT64_MAX for never.
 */
int64_t starter_alive(struct starter *, int64_t now_us);

#endif
