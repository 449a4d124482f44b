/*
 * submission: an order on its way to the POS (the axis pos_state), by the rules of the submission
 * protocol.
 *
 * These functions change a locked picture (order_lock) and write what follows from the move
 * (messages, notices, the end of the order) in the same transaction; the caller saves the picture.
 * They know no provider: the room that does tells them what it may be trusted with, in struct
 * submission_terms.
 *
 * A move that the table does not have changes nothing and is told by *ret_moved or is OK: a late
 * word about an order that has gone on is normal.
 */
#ifndef TICKETRAIL_ORDER_SUBMISSION_H
#define TICKETRAIL_ORDER_SUBMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "order/move.h"

/* What a POS is and how long things take there. */
struct submission_terms {
	const char *destination;   /* of messages: "petpooja:12" */
	const char *place;         /* the same, and whose it is there: "petpooja:12/rest-7" */
	bool can_cancel;           /* it can be asked to cancel */
	bool accepts_on_create;    /* its answer is the kitchen's yes */
	/* an acceptance by answer alone is proved by then; 0: needs none */
	int64_t needs_proof_us;
	int64_t settle_us;         /* after a claim, so long may the request still take effect */
	bool can_look;             /* it can be asked what it knows of an order */
	/*
	 * "it is not there", from a look after settling, is believed and the order sent again: only
	 * where a repeat would make another
	 */
	bool absence_counts;
	bool holds_scheduled; /* it can be given an order for later at once */
	bool follows;         /* what it has taken is still to be seen to there (pos_follow) */
	bool leaves_drafts;   /* what was begun there and is given up is to be taken off */
	int64_t poll_us; /* an open order is looked at this often; 0: it tells by itself */
};

/*
 * A submission belongs to one place, from its release on. Where the restaurant has meanwhile gone
 * to another POS, or to another account at the same one, nothing more is sent of it, asked about it
 * or taken back there: a POS that never had an order would truly say that it is not there. Staff
 * hear of it when something would have been to do. Other credentials for the same account, or
 * another address, are no other place.
 */
#define SUBMISSION_ELSEWHERE \
	"it belongs to the POS, or the account there, that the restaurant had before"
bool submission_is_elsewhere(const struct order_axes *, const struct submission_terms *);

/*
 * Doubt that nothing has resolved goes to staff this long after it began, or when it has settled,
 * whichever is later; where the POS can be looked at, there is time for a few looks after settling.
 */
#define SUBMISSION_DOUBT_US (INT64_C(90) * 1000000)
#define SUBMISSION_LOOKS_US (INT64_C(30) * 1000000)
/*
 * For what was in doubt and counts as not there the POS is asked for so long all the same, by the
 * name that it was sent under and whatever has become of the order since: a request may be under
 * way for longer than anybody would believe.
 */
#define SUBMISSION_WATCH_US (INT64_C(4) * 3600 * 1000000)
/*
 * An order whose submission is undecided (queued, submitting, unsure) for so long after it was
 * released, or sent again, is told to staff once, whatever the cause: the POS is down, its circuit
 * open, the relay dead. The attempts go on. UNDECIDED_MS of the configuration; this where there is
 * none. An order of a restaurant without a POS is in people's hands from its first moment
 * (by_hand) and has nothing to be undecided about; one that is accepted and unproved has a
 * deadline of its own. Likewise one that the POS is to take back, and has not so long after: the
 * kitchen goes on with it; and one that is there and has not been seen to (submission_follow): the
 * kitchen may not know of it.
 *
 * A failed submission that nobody mends is closed after the restaurant's pos_compensate_minutes
 * (settings.h).
 */
#define SUBMISSION_UNDECIDED_US (INT64_C(90) * 1000000)

/*
 * An order for later is sent when its preparation must start, and so long before that people can
 * still mend what goes wrong; unless the POS itself keeps it until then. The kitchen's time is the
 * setting prep_minutes.
 */
#define SUBMISSION_LEAD_US (INT64_C(300) * 1000000)

/*
 * How a released order starts: queued for the POS, or, with terms NULL (no POS), confirmed, because
 * the restaurant has it by hand. submission_start() only sets the picture, for the row's INSERT;
 * submission_started() writes history and message, once the row is there.
 */
/* How long one for later is kept back before it is sent; 0: it is not. */
enum err submission_held_us(struct op *, const struct order_axes *,
    const struct submission_terms *, int64_t *ret_us);
void submission_start(struct op *, struct order_axes *, const struct submission_terms *);
enum err submission_started(struct op *, struct order_axes *, const struct submission_terms *);

/*
 * An attempt begins: from queued the intent is written (reference, request bytes, settled_at) and
 * the state is submitting; from unsure the same bytes may be sent once more under the same
 * reference. Whoever sends one again that was put off hands in the bytes that are stored: one name
 * has one request. *ret_go false: there is nothing to send any more. `request` NULL data: the
 * stored bytes stay.
 */
enum err submission_begin(struct op *, struct order_axes *, const struct submission_terms *,
    const char *reference, struct bytes request, bool *ret_go);

/*
 * When the first attempt of this submission began, under the name that it still has; TIME_NONE:
 * none has. A POS counts from there for how long it knows the name.
 */
enum err submission_first_sent(struct op *, const struct order_axes *, int64_t *ret_at);

/*
 * Is the answer to an attempt of that submission too late to move anything? People have decided
 * meanwhile that the order is not there, and may have sent it again.
 */
bool submission_is_past(const struct order_axes *, int64_t submission_no);
/* Such an answer says yes: it may be there after all, and staff are told of it. */
enum err submission_late_yes(struct op *, const struct order_axes *, const char *reason);

/*
 * What an attempt came to. reason is a sentence for people. One that is put off after a doubt is in
 * doubt again; one that is refused after a doubt, or with an id at the POS, is watched
 * (submission_watch). A yes that comes when staff have it already takes it from them, and they are
 * told; also if they have entered it by hand, as there may be two.
 */
enum err submission_done(struct op *, struct order_axes *, const struct submission_terms *,
    const char *pos_order_id, int64_t estimated_ready_time, const char *reason);
enum err submission_refused(struct op *, struct order_axes *, const struct submission_terms *,
    const char *reason);
/* is_last: no attempt is left. *ret_again: the message is to be tried again. */
enum err submission_later(struct op *, struct order_axes *, const struct submission_terms *,
    bool is_last, const char *reason, bool *ret_again);
enum err submission_unsure(struct op *, struct order_axes *, const struct submission_terms *,
    bool sender_lost, const char *reason);

/*
 * Nothing more is sent. What is still in doubt is looked for soon: before all that was sent has
 * settled a look may show that it is there.
 */
enum err submission_look_soon(
    struct op *, const struct order_axes *, const struct submission_terms *);

/*
 * A step is done and another is to follow: what is known of it is kept. *ret_goes_on false: people
 * or an event have decided meanwhile, and nothing more is to be sent.
 */
enum err submission_stepped(struct op *, struct order_axes *, const char *pos_order_id,
    const char *reason, bool *ret_goes_on);

/*
 * The step that follows one that is done, under the same reference: its intent is written. Only for
 * whoever knows that nobody has sent it yet: what a lost sender had in submitting is in doubt.
 */
void submission_go_on(struct op *, struct order_axes *, const struct submission_terms *,
    struct bytes request, bool *ret_go);

/* Where the next attempt goes on from; what was sent for the step before is not to be repeated. */
void submission_progress(struct op *, struct order_axes *, struct bytes progress);

/* It counts as not there, and may be all the same: for a while it is looked for by its name. */
enum err submission_watch(
    struct op *, const struct order_axes *, const struct submission_terms *);

/*
 * An order that is there is to be seen to, where that is needed. How far that has come is in its
 * progress, so it may be put again whenever the order is found to be there.
 */
enum err submission_follow(
    struct op *, const struct order_axes *, const struct submission_terms *);
/*
 * Not all was done with it that should have been: staff are told, and it is on their list until it
 * ends (trouble.h), with the cause, an enum cause's name. Or all was.
 */
enum err submission_unfinished(
    struct op *, struct order_axes *, const char *cause, const char *reason);
enum err submission_finished(struct op *, struct order_axes *);
/* It is there, and for a while nobody could be asked how it stands: staff are told once. */
enum err submission_unseen(struct op *, const struct order_axes *, const char *reason);

/* Two of it live there, the other one under this name: people must take one off. */
enum err submission_twice(struct op *, const struct order_axes *, const char *other_id);

/*
 * A look that began after settling shows that it is not there, where that counts: from unsure it is
 * sent again, or has failed if it is to be cancelled or no attempt is left.
 */
enum err submission_absent(struct op *, struct order_axes *, const struct submission_terms *,
    bool is_last, const char *reason);

/*
 * An event or a look-up shows that the POS has it: the proof. Accepts from any state but a proved
 * one; staff are told as by submission_done().
 */
enum err submission_present(struct op *, struct order_axes *, const struct submission_terms *,
    const char *pos_order_id, const char *reason);

/*
 * The POS says that it cancelled or rejected the order. Closes it by that event, or as cancelled
 * where it cannot be rejected.
 */
enum err submission_pos_cancelled(
    struct op *, struct order_axes *, enum status_event, const char *reason);

/* The answer to a void. */
enum err submission_voided(struct op *, struct order_axes *, const char *reason);
enum err submission_void_refused(struct op *, struct order_axes *, const char *reason);

/* Deadlines. Each looks whether it still applies. */
enum err submission_undecided(struct op *, struct order_axes *);
enum err submission_doubt_over(struct op *, struct order_axes *, const char *known);
enum err submission_unproved(struct op *, struct order_axes *);
/*
 * The kitchen has not confirmed it in the time that the restaurant gives itself (E8): staff are
 * told, or it is cancelled, at the POS too.
 */
enum err submission_unaccepted(
    struct op *, struct order_axes *, const struct submission_terms *, bool is_to_end);
enum err submission_compensate(struct op *, struct order_axes *, int64_t submission_no);

/*
 * Somebody wants the order cancelled. It ends at once where it is surely not, or only by hand, at
 * the POS; else the wish is kept and decided by what becomes of the submission: *ret_ended says
 * which. ERR_ILLEGAL_TRANSITION with the fault set when the order's state does not allow it.
 */
enum err submission_cancel(struct op *, struct order_axes *, const struct submission_terms *,
    enum status_event, unsigned who, const char *reason, bool *ret_ended);

/*
 * Staff send a failed submission once more: a compare-and-set, so that two clicks send once.
 * *ret_did false: it is not failed, or the order has ended.
 */
enum err submission_retry(
    struct op *, struct order_axes *, const struct submission_terms *, bool *ret_did);

/*
 * Staff have taken the order by hand: from failed or manual it counts as accepted. From manual the
 * POS may have it too: settled_at stands, and a cancel asks the POS to take it back.
 * ERR_ILLEGAL_TRANSITION with the fault set for one that is to be cancelled: a wish is never
 * dropped.
 */
enum err submission_by_hand(struct op *, struct order_axes *, const char *reason);

/*
 * Staff have looked at the POS's screen and say what of an order in manual is there. `there`: it is
 * and stays, which also answers a guest's wish to cancel with no, and the guest is told. `removed`:
 * it was, and they have taken it off: the order ends. `not_there`: it failed, to be sent again,
 * entered by hand, or closed in time; it ends now if it is to be cancelled. Staff decide only when
 * nothing that was sent can still take effect. ERR_ILLEGAL_TRANSITION with the fault set where
 * there is nothing to decide, or not yet.
 */
enum submission_seen { SEEN_THERE, SEEN_REMOVED, SEEN_NOT_THERE, SEEN__MAX };
enum err submission_decide(struct op *, struct order_axes *, const struct submission_terms *,
    enum submission_seen, const char *reason);

#endif
