/*
 * shift: one run of a program that carries out messages, from its start until it is told to go
 * home.
 *
 * What the relay and the jobs have in common: the configuration is read and the log begun; signals
 * come as a descriptor, so that one never interrupts anything; the poke socket
 * RUN_DIR/<runner>.poke is bound by whoever of several has it, and the others look by themselves;
 * the database is waited for, and waited for again when it goes away; messages of the dead are
 * taken over once a second; what is due is walked through, place by place, so that each gets its
 * turn.
 *
 * It decides nothing about a message.
 *
 * A shift waits for nobody else's lock for longer than a second, and for the database never for
 * half a lease: whoever waits lets its own leases run out. And it trusts its leases only while its
 * heartbeats are heard: after one that was not it begins nothing until one is.
 */
#ifndef TICKETRAIL_RELAY_SHIFT_H
#define TICKETRAIL_RELAY_SHIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "db/db.h"
#include "err/err.h"
#include "op/op.h"
#include "outbox/due.h"
#include "outbox/outbox.h"
#include "process/starter.h"

/* Bytes that an op of a shift may take. */
#define SHIFT_ARENA_MAX ((size_t)64 * 1024 * 1024)

struct shift {
	enum runner runner;
	enum program program;
	struct config config;
	struct db *db;
	int64_t lease_us;
	bool is_once;       /* goes home when nothing is left to do */
	bool is_stopping;   /* told to go home: nothing new is begun */
	bool is_hurried;    /* told twice: what is under way is not waited for */
	int64_t stop_at_us; /* stopping: what is under way then is given up */
	bool is_idle;       /* the last walk through found nothing to claim */
	bool is_unconfirmed; /* the last heartbeat was not heard: nothing is to be begun */
	int exit_status;

	/* its own */
	struct starter starter;
	int signals, pokes;
	uint64_t poke_inode;
	bool is_poked, has_no_database;
	uint64_t connection_id; /* the connection that holds our leases; 0: none does */
	int64_t database_at_us, database_pause_us;
	int64_t beat_at_us, takeover_at_us, scan_at_us, poke_at_us;
	int64_t begun_us;
	struct op scan; /* holds the places of the walk under way */
	bool has_scan, scan_claimed;
	struct outbox_places places;
	struct outbox_due *due;
	size_t due_n, due_next;
};

/* Options of a program: --once. 0, or the exit status with a line on stderr. */
int shift_begin(struct shift *, enum runner, enum program, int argc, char **argv);
void shift_end(struct shift *);

/*
 * A new op of this shift: database and configuration lent, the runner as the actor. End it with
 * op_end().
 */
void shift_op(struct shift *, struct op *, const char *trace_id);

/* Descriptors to wait for; SHIFT_FDS_N of them, -1 where there is none. */
#define SHIFT_FDS_N 2
void shift_fds(const struct shift *, int ret_fds[SHIFT_FDS_N]);

/*
 * Milliseconds until something is to be done without anybody calling. may_begin: could anything new
 * be begun now?
 */
int shift_wait_ms(const struct shift *, bool may_begin);

/*
 * Reads the signals and drains the pokes that came; tells systemd that the loop turns. To be called
 * in every turn, once a second at the least.
 */
void shift_listen(struct shift *);

/*
 * Is the database there? Connects if it is time to try. The first time it says that the program is
 * ready ('R' on READY_FD, READY=1 to systemd). *ret_is_new: the connection is not the one our
 * leases were last renewed on: beat before anything is claimed.
 */
bool shift_database(struct shift *, bool *ret_is_new);

/*
 * An op has failed: true if for want of the database (gone, or full), which is then left alone for
 * a moment, longer each time. A lock that somebody holds is none of this.
 */
bool shift_has_lost(struct shift *, const struct op *, enum err);
/* An op has failed: true if for want of a lock. Others may fare better. */
bool shift_was_locked(const struct op *, enum err);

/* Is it time for a heartbeat? */
bool shift_beats(const struct shift *, int64_t now_us);
/* Renews the leases of what is held, and makes the present connection their owner. */
enum err shift_beat(struct shift *, const struct message *const *held, size_t n, bool *ret_is_held);

/* Lets what the dead had claimed fall due, if it is time to look. */
void shift_takeover(struct shift *);

/*
 * The next place at which something is due, NULL when the walk is over or it is not time for one. A
 * poke, and shift_look(), make it time. The name is good until the walk goes on.
 */
const char *shift_due(struct shift *);
void shift_look(struct shift *);
/* It is time for a walk at that time, should none come sooner. */
void shift_look_by(struct shift *, int64_t at_us);
/*
 * Something was claimed, or could have been but for a place that is held back: --once is not over.
 */
void shift_claimed(struct shift *);

/* An op's failure that nobody else answers for, in the log. m may be NULL. */
void shift_complain(const char *event, const struct op *, const struct message *);

#endif
