/*
 * outbox: what is to be done later, written in the transaction that makes it necessary.
 *
 * A message is a row: a kind (message.def), a subject, a time at which it falls due. The relay
 * carries out the remote kinds, the job runner the local ones; whoever does claims it first. A
 * claim is a lease: it moves due_at to the lease's end, so that a message whose claimer died falls
 * due by itself, and it raises the token. Every write that finishes or delays a message names the
 * token it was claimed under; a stale one changes no row and is told so.
 *
 * Finished messages move to outbox_done with their outcome. Nothing is ever lost by finishing: what
 * follows from an outcome is written by the caller in the same transaction.
 *
 * A poke tells the runner that something is there (a datagram after the commit, never waited for).
 * It is a hint.
 */
#ifndef TICKETRAIL_OUTBOX_OUTBOX_H
#define TICKETRAIL_OUTBOX_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "outbox/outcome.h"

struct op;

enum runner { RUNNER_RELAY, RUNNER_JOBS };

enum message_kind {
#define MESSAGE_ROW(kind, runner, delay, life, tries, pause, effect, sentence) MESSAGE_##kind,
#include "outbox/message.def"
#undef MESSAGE_ROW
	MESSAGE__MAX
};

struct message_info {
	const char *name;
	enum runner runner;
	int64_t first_delay_us, lifetime_us; /* lifetime 0: does not expire */
	int64_t attempts;                    /* 0: as often as it takes; -1: as configured */
	int64_t pause_us;                    /* before the second attempt; 0: as configured */
	bool is_effect;
	const char *sentence;
};

const struct message_info *message_info(enum message_kind);

/* MESSAGE__MAX: no such kind. */
enum message_kind message_kind_by_name(const char *);

/* "relay" or "jobs". */
const char *runner_name(enum runner);

/* What is asked for. Unset members take the kind's defaults. */
struct message_new {
	enum message_kind kind;
	/* one failing place must not hold up another: "petpooja:12"; NULL: the kind's name */
	const char *destination;
	int64_t lane;             /* 0: none */
	int64_t restaurant_id;    /* 0: the platform */
	int64_t subject_id;       /* the row it is about */
	int64_t subject_no;       /* which try of it: orders.submission_no */
	struct bytes payload;
	int64_t delay_us;         /* beyond the kind's first delay */
};

/* In a transaction. Pokes the runner after the commit if the message is due at once. */
enum err outbox_put(struct op *, const struct message_new *);

/* The same for several, in one statement. Pokes do not say which message they are about. */
enum err outbox_put_all(struct op *, const struct message_new *, size_t n);

/* A claimed message. Lives in the arena of the op that claimed it. */
struct message {
	int64_t id;
	const char *kind_name;
	enum message_kind kind; /* MESSAGE__MAX: a kind this program does not know */
	const char *destination;
	int64_t lane, restaurant_id, subject_id, subject_no;
	struct bytes payload;
	int64_t attempts;    /* begun so far */
	int64_t lost_claims; /* claims that ended without a word */
	int64_t token;
	int64_t expires_at, created_at;
	/*
	 * set: an attempt began under an earlier claim and never ended; it may have sent something
	 */
	int64_t begun_at;
	const char *trace_id;
	/* not 0: it is kept until then for its next step, and the row does not say so yet */
	int64_t kept_until;
};

/* A copy that lives in the arena. */
struct message *message_copy(struct arena *, const struct message *);

/* How many claims may end without a word before a message counts as one that kills its runner. */
#define OUTBOX_LOST_CLAIMS_MAX 3
/*
 * A message that may be the one. It is claimed alone, so that of all that a dying runner had in its
 * hands only the guilty one gets to the maximum; a runner has one such in hand at a time.
 */
#define OUTBOX_LOST_CLAIMS_SUSPECT (OUTBOX_LOST_CLAIMS_MAX - 1)

/*
 * How often a place may be called. It is a row, rates, that whoever claims debits in the
 * transaction of the claim: all live runners share it, and in any time t no more than burst + t /
 * interval are claimed by them together (GCRA: spent_until is when the last of them would have been
 * due at an even pace).
 */
struct outbox_rate {
	const char *name;    /* of what is counted over: "petpooja:12", "msg91" */
	int64_t interval_us; /* between two calls at an even pace */
	int64_t burst;       /* that may go at once after a rest */
	int64_t concurrency; /* held at once of each place by all claimers together; 0: any */
};

/*
 * Claims up to n due messages of one destination in a transaction of its own, for lease_us. The
 * first of a lane bars the others. What another claimer holds is passed over, never waited for. If
 * there is a suspect among them it is all that is claimed; without_suspects there is none.
 */
enum err outbox_claim(struct op *, enum runner, const char *destination, size_t n,
    bool without_suspects, int64_t lease_us, struct message **ret, size_t *ret_n);
bool message_is_suspect(const struct message *);

/* What a claimer wants; rate NULL: any number. */
struct outbox_want {
	enum runner runner;
	const char *destination;
	size_t n;
	bool without_suspects;
	int64_t lease_us;
	const struct outbox_rate *rate;
};

/*
 * The same, no more of them than the rate allows. What is beyond it stays due, and *ret_wait_us
 * says for how long nothing more can be claimed under that rate; 0: more can.
 */
enum err outbox_claim_within(struct op *, const struct outbox_want *, struct message **ret,
    size_t *ret_n, int64_t *ret_wait_us);

/*
 * The same of several destinations in one transaction: of each at most so many, and n in all;
 * wait_us and is_cut of each are set. No more places than n: then each of them gets one at least of
 * what is due there, and what one leaves over goes to those behind it. They must be in the order of
 * their rates' names, so that two claimers never wait for each other.
 */
struct outbox_place {
	const char *destination;
	size_t n;
	const struct outbox_rate *rate; /* NULL: any number */
	int64_t wait_us;
	bool is_cut; /* there may be more to be had than its share */
};
/* As in qsort: places in the order of their rates' names. */
int outbox_place_compare(const void *, const void *);
enum err outbox_claim_places(struct op *, enum runner, struct outbox_place *, size_t places_n,
    size_t n, bool without_suspects, int64_t lease_us, struct message **ret, size_t *ret_n);

/*
 * In a transaction: debits the rates of places as a claim does, for as many messages as `n` of each
 * says, which are held already. n is what may go; what is beyond it has to wait. The places must be
 * in the order of their rates' names; one without a rate is left alone.
 */
enum err outbox_debit(struct op *, struct outbox_place *, size_t places_n);

/*
 * Renews the leases of these messages for lease_us from now and makes this connection their owner:
 * a claim outlives the connection it was made on for as long as nobody else has taken the message.
 * ret_is_held[i] says whether the token of held[i] is still the newest.
 */
enum err outbox_heartbeat(
    struct op *, const struct message *const *held, size_t n, int64_t lease_us, bool *ret_is_held);

/*
 * After a commit whose answer was lost: was the ending written that this claim was to write? Waits
 * for the lost session. Outside of a transaction.
 */
enum err outbox_ended(struct op *, const struct message *, bool *ret_is_ended);

/*
 * In a transaction: locks the message until it ends, so that work that takes longer than a lease
 * keeps it: claimers pass over what is locked. For a kind whose work locks no order (an order is
 * locked before its messages). ERR_CONFLICT with the fault set when the token is stale.
 */
enum err outbox_hold(struct op *, const struct message *);

/*
 * Gives a claim back unused, to be claimed again after delay_us. It counts neither as an attempt
 * nor as lost; an attempt that was begun under it stays begun, and the next claimer takes care.
 * Nothing happens, and it is no fault, when the token is stale.
 */
enum err outbox_release(struct op *, const struct message *, int64_t delay_us);

/*
 * Messages whose claimer's connection is gone fall due now; what a transaction has locked is passed
 * over.
 */
enum err outbox_takeover(struct op *, enum runner, int64_t *ret_n);

/*
 * In a transaction, after the row it is about was locked. ERR_CONFLICT with the fault set when the
 * token is stale: roll back, somebody else has the message. finish, later, anew and next use the
 * token up: done again after a commit whose answer was lost they are stale: ask outbox_ended()
 * first.
 */
enum err outbox_begin(struct op *, const struct message *);
enum err outbox_finish(struct op *, const struct message *, enum outcome, const char *last_error);
enum err outbox_later(
    struct op *, const struct message *, int64_t delay_us, const char *last_error);
/* The same, of a message whose steps are over: the next attempt begins with the first of them. */
enum err outbox_anew(
    struct op *, const struct message *, int64_t delay_us, const char *last_error);
/*
 * The attempt is done and another, of something else, follows under the same message at once: it
 * begins with no attempts made, and the payload is what it goes on from.
 */
enum err outbox_next(struct op *, const struct message *, struct bytes payload);
/*
 * The same, and whoever has the message keeps it, for lease_us from now: *ret_next is what a claim
 * would give. It lives in the op's arena. In this transaction its next step is begun, which writes
 * both, or outbox_keep() is called, and until then nothing of the row is read.
 */
enum err outbox_go_on(struct op *, const struct message *, struct bytes payload, int64_t lease_us,
    struct message **ret_next);
/* Of one that is kept and does not begin: it is over, or put off, under its new token. */
enum err outbox_keep(struct op *, const struct message *);

/*
 * In a transaction: a message that nobody can carry out moves to outbox_done as DEAD, with all that
 * is needed to try it after all (outbox/dead.h). ERR_CONFLICT as above.
 */
enum err outbox_quarantine(struct op *, const struct message *, const char *why);

/* More peace than this is not kept, however much the other side asks for. */
#define OUTBOX_RETRY_AFTER_MAX_S 900

/*
 * How long to wait before the next attempt of a message whose present one has failed: the kind's
 * first pause, doubled per attempt, at most an hour, give or take a fifth; never less than the
 * other side asked for, up to OUTBOX_RETRY_AFTER_MAX_S: a guest is waiting.
 */
int64_t outbox_pause(struct op *, const struct message *, int retry_after_s);

/*
 * Is the present attempt (begun after the claim) the last one the kind allows, or its lifetime
 * over?
 */
bool outbox_is_last(const struct op *, const struct message *);

/*
 * We were asked for peace before anything was done: this does not count as an attempt, in the first
 * OUTBOX_YIELD_US of a message's life. Several may share what is allowed there, and whoever came
 * last has done nothing wrong; but who is sent away for longer than that is as good as not served.
 */
#define OUTBOX_YIELD_US (INT64_C(120) * 1000000)
bool outbox_may_yield(const struct op *, const struct message *);
/*
 * In a transaction: such an attempt has ended. Again after what the other side asked for (s; up to
 * OUTBOX_RETRY_AFTER_MAX_S), and not before a second, or a quarter of the time that it has waited
 * already. ERR_CONFLICT as above.
 */
enum err outbox_yield(
    struct op *, const struct message *, int retry_after_s, const char *last_error);

/*
 * In a transaction, under a lock of the caller's that everybody takes who puts or finishes such a
 * message: the one message of that kind and subject is put if there is none, else it falls due when
 * a new one would. One that is due sooner, or is held, is left alone. It never waits for the end of
 * the transaction to be written.
 */
enum err outbox_hasten(struct op *, const struct message_new *);

/* When the attempt began that is under way. ERR_CONFLICT as in outbox_begin(). */
enum err outbox_begun(struct op *, const struct message *, int64_t *ret_begun_at);

/*
 * In a transaction, under such a lock: is there another message of its kind for the same subject
 * and try? Then what goes on for ever need not go on twice.
 */
enum err outbox_has_another(struct op *, const struct message *, bool *ret_has);

/*
 * Does a message of that kind still wait for that try of a subject, held or not? If so *ret_why is
 * what its last attempt came to, NULL if it has made none.
 */
enum err outbox_waits(struct op *, enum message_kind, int64_t subject_id, int64_t subject_no,
    bool *ret_waits, const char **ret_why);

/* Makes what waits for a subject and is held by nobody disappear: in a transaction. */
enum err outbox_drop(struct op *, enum message_kind, int64_t subject_id);

/* Sends the datagram to RUN_DIR/<runner>.poke. */
void outbox_poke(const char *run_dir, enum runner, int64_t message_id);

#endif
