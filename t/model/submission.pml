/*
 * submission.pml - one cash order, one relay, one POS, and whatever can come between them.
 *
 * The moves are the tables' own (states.pml, made by states.awk). What is written here is what the programs do around them:
 * lib/order/submission.c, lib/provider/submit.c, apply.c, deadline.c, fcgi/admin.c and orders.c. Each option of world() is one
 * transaction, or one event at the POS; between two of them anything may happen.
 *
 * The POS keeps orders by key: a repeat under the same reference makes no second ticket, also when the first is cancelled,
 * or was answered with success and dropped. Requests and answers get lost; callbacks come early, late, twice or never.
 *
 * Time is not counted. A request that nobody waits for any more (stray) may arrive whenever it likes until the submission is
 * settled, and a doubt's deadline waits for that. That no relay sends later is the relay's own test (610).
 *
 * Properties, looked at after every step:
 *	S1	at most one live ticket, whatever it is called
 *	S4	the status only goes forward, and its ends absorb
 *	L	an order that is open and not accepted: staff were told or a message waits. One that is accepted and has no ticket:
 *		the same, or the POS's word of its end is on its way
 *	T	a cancelled or rejected order has no live ticket, unless staff were told and a void waits, or was refused
 *	W	a wish to cancel an open order is never dropped: it waits for the outcome, for a void, or lies with staff
 *	Q	when nothing else can move, no message is left
 *
 * What is assumed, and can be taken away to see that it matters:
 *
 *	-DREPEAT=0	a repeat would not be safe at this POS: it is not made
 *	-DCAN_VOID=0	this POS cannot be asked to cancel
 */
#include "states.pml"

#ifndef REPEAT
#define REPEAT 1
#endif
#ifndef CAN_VOID
#define CAN_VOID 1
#endif
#ifndef WISHES			/* 0: W is not asked for, to see what else a fault does */
#define WISHES 1
#endif
#ifndef FAULT_FRESH		/* an attempt from unsure is sent under a new reference */
#define FAULT_FRESH 0
#endif
#ifndef FAULT_HAND		/* what staff took by hand ends without a look at the POS */
#define FAULT_HAND 0
#endif
#ifndef FAULT_CLOSE		/* a cancel ends the order while an attempt is under way */
#define FAULT_CLOSE 0
#endif
#ifndef FAULT_ROUND		/* a compensation closes a later submission than its own */
#define FAULT_ROUND 0
#endif
#ifndef FAULT_WISH		/* an acceptance forgets that the order is to be cancelled */
#define FAULT_WISH 0
#endif
#ifndef FAULT_PROOF		/* nobody asks for the proof of an acceptance */
#define FAULT_PROOF 0
#endif
#ifndef FAULT_PAST		/* an answer moves what people have decided, and sent again, meanwhile */
#define FAULT_PAST 0
#endif
#ifndef FAULT_SETTLE		/* a deadline does not wait for what may be under way */
#define FAULT_SETTLE 0
#endif

/* How far it goes: a few million states as it stands; MODEL=large (310_model.sh) takes more of everything. */
#ifndef ATTEMPTS		/* of a submission, and of a void */
#define ATTEMPTS 2
#endif
#ifndef LOST_MAX		/* claims that end without a word before a message is set aside */
#define LOST_MAX 2
#endif
#ifndef RETRIES			/* by staff, of what failed: 1 or 2 */
#define RETRIES 1
#endif
#ifndef LIES			/* successes of the POS that make no ticket */
#define LIES 1
#endif
#ifndef REPORTS			/* callbacks of an order's life */
#define REPORTS 2
#endif
#ifndef LOOKS			/* of staff at the POS's screen, to say what is there */
#define LOOKS 0
#endif
#ifndef MOVES			/* of the status, by staff */
#define MOVES 2
#endif
#define REFS (RETRIES + 2)	/* 1 is the first submission, 2 the second; 0 is none */

/* ---- the order, as it stands in the row -------------------------------------------------------------------------- */

#define NOBODY 0
#define GUEST 1
#define HOUSE 2
byte wanted;			/* cancel_wanted */
bool may_live;			/* by_hand, and the POS may have it too: settled_at stands */
bool by_hand, proved, told;	/* told: staff were, of how the submission stands now */
byte no = 1;			/* submission_no */
byte ref;			/* pos_reference; 0: none yet */

/* ---- messages that wait, and the relay --------------------------------------------------------------------------- */

bool submit, submit_begun, void_waits;
byte submit_tries, submit_lost, void_tries;
bool doubt[REFS], proof[REFS], compensate[REFS];	/* deadlines, by submission_no */
mtype:relay = { IDLE, BEGUN, SENT, DONE, REFUSED, LATER, UNSURE };
mtype:relay relay = IDLE;	/* of the submission: SENT and on its way; then what came of it */
byte relay_no;			/* the submission_no of its message */
mtype:relay relay_void = IDLE;

/* ---- the POS ----------------------------------------------------------------------------------------------------- */

mtype:ticket = { NONE, LIVE, GONE, DROPPED };	/* dropped: said yes and made nothing */
mtype:ticket ticket[REFS] = NONE;
byte stray[REFS];		/* requests under way that nobody waits for */
bool off[REFS];			/* the restaurant cancelled it there, and we have not been told */

/* what is left of what people and chance may do */
byte lies = LIES, cancels_guest = 1, cancels_staff = 1, moves_staff = MOVES, looks = LOOKS, retries = RETRIES, reports = REPORTS, repeats_off = 1,
	strikes = 1;

#define ENDED (status == STATUS_completed || status == STATUS_cancelled || status == STATUS_rejected)
#define STRUCK (status == STATUS_cancelled || status == STATUS_rejected)
#if RETRIES > 1
#define LIVES ((ticket[1] == LIVE) + (ticket[2] == LIVE) + (ticket[3] == LIVE))
#define STRAYS (stray[1] + stray[2] + stray[3])
#define OFF (off[1] || off[2] || off[3])
#else
#define LIVES ((ticket[1] == LIVE) + (ticket[2] == LIVE))
#define STRAYS (stray[1] + stray[2])
#define OFF (off[1] || off[2])
#endif
#define WAITS (submit || void_waits || doubt[no] || proof[no] || compensate[no])
#define SETTLED (FAULT_SETTLE || (STRAYS == 0 && relay != SENT && relay != BEGUN))
#define LOOKABLE (pos_state == POS_manual && SETTLED)
#define PAST (!FAULT_PAST && (relay_no != no || pos_state == POS_failed))
#define VOIDED (void_waits || pos_state == POS_manual)

bool S1 = true, S4 = true, L = true, W = true, T = true, Q = true;

inline check()
{
	S1 = LIVES <= 1;
	assert(S1);
	L = (ENDED || told || WAITS || (pos_state == POS_accepted &&
	    (by_hand || LIVES == 1 || OFF)));
	assert(L);
	T = (!STRUCK || LIVES == 0 || (told && VOIDED));
	assert(T);
	W = (!WISHES || ENDED || wanted == NOBODY || void_waits || pos_state == POS_submitting || pos_state == POS_unsure ||
	    pos_state == POS_manual);
	assert(W)
}

/* ---- lib/order --------------------------------------------------------------------------------------------------- */

mtype:status was;
bool may;

inline status_move(event, who)
{
	was = status;
	status_step(event, who);
	S4 = (!moved || (STATUS_RANK(status) > STATUS_RANK(was) &&
	    was != STATUS_completed && was != STATUS_cancelled && was != STATUS_rejected));
	assert(S4)
}

inline status_may(event, who)
{
	was = status;
	status_step(event, who);
	may = moved;
	status = was
}

inline close_as_wanted()
{
	if
	:: wanted == GUEST -> status_move(STATUS_EVENT_cancel, (WHO_GUEST | WHO_HOUSE))
	:: else -> status_move(STATUS_EVENT_cancel, WHO_HOUSE)
	fi
}

inline void_refused()
{
	pos_step(POS_EVENT_void_refused);
	if :: moved -> told = true :: else fi
}

/* accepted(): it is there. The caller has moved the axis. */
inline accepted()
{
	told = false;
	if :: STRUCK -> told = true; if :: wanted == NOBODY -> wanted = HOUSE :: else fi :: else fi;
	wish_take()
}

inline wish_take()
{
	if
	:: wanted != NOBODY && !FAULT_WISH && CAN_VOID -> void_waits = true; void_tries = 0
	:: wanted != NOBODY && !FAULT_WISH && !CAN_VOID -> void_refused()
	:: else
	fi
}

inline failed()
{
	if
	:: wanted != NOBODY -> close_as_wanted()
	:: wanted == NOBODY && !ENDED -> told = true; compensate[no] = true
	:: else
	fi
}

inline present()
{
	pos_step(POS_EVENT_present);
	proved = true;
	if :: moved -> accepted() :: else fi
}

/* submission_later(): `again` says whether the message is tried once more. */
bool again;
inline later(is_last)
{
	again = false;
	if
	:: pos_state == POS_unsure -> again = !(is_last)
	:: else ->
		if
		:: wanted != NOBODY -> pos_step(POS_EVENT_cancelled)
		:: wanted == NOBODY && (is_last) -> pos_step(POS_EVENT_exhausted)
		:: else -> pos_step(POS_EVENT_later)
		fi;
		if
		:: moved && pos_state == POS_failed -> failed()
		:: moved && pos_state != POS_failed -> again = true
		:: else
		fi
	fi
}

inline in_doubt(event)
{
	pos_step(event);
	if :: moved -> doubt[no] = true :: else fi
}

inline pos_cancelled(event)
{
	if
	:: status == STATUS_completed -> told = true
	:: else ->
		pos_step(POS_EVENT_pos_cancelled);
		if :: moved && relay == IDLE -> submit_end() :: else fi;
		status_may(event, WHO_POS);
		if
		:: may -> status_move(event, WHO_POS)
		:: else -> status_move(STATUS_EVENT_cancel, WHO_POS)
		fi
	fi
}

/* submission_cancel(): the event was allowed; who_wants is GUEST or HOUSE. */
inline cancel(event, who, who_wants)
{
	if
	:: pos_state == POS_queued ->
		pos_step(POS_EVENT_cancelled);
		submit_end();
		status_move(event, who)
	:: pos_state == POS_not_required || pos_state == POS_failed || (pos_state == POS_accepted && by_hand && (FAULT_HAND || !may_live)) ||
	    (FAULT_CLOSE && pos_state == POS_submitting) ->
		status_move(event, who)
	:: else ->
		if
		:: wanted == NOBODY ->
			wanted = who_wants;
			if :: pos_state == POS_accepted -> told = false; wish_take() :: else fi
		:: else
		fi
	fi
}

/* ---- the submission's message ------------------------------------------------------------------------------------ */

inline submit_end()
{
	submit = false; submit_begun = false; submit_tries = 0; submit_lost = 0
}

inline submit_later()
{
	submit_begun = false
}

inline attempt_begin()
{
	relay = BEGUN; relay_no = no; submit_begun = true;
	if :: submit_tries < ATTEMPTS -> submit_tries++ :: else fi
}

inline submit_dead()
{
	if
	:: pos_state == POS_queued -> later(true)
	:: else -> in_doubt(POS_EVENT_lost)
	fi;
	submit_end()
}

inline submit_begin()
{
	if
	:: submit_begun && pos_state == POS_unsure -> submit_end()	/* the repeat was lost too */
	:: else ->
		if :: pos_state == POS_submitting -> in_doubt(POS_EVENT_lost) :: else fi;
		if
		:: pos_state == POS_unsure && (!REPEAT) -> submit_end()
		:: pos_state == POS_unsure && REPEAT && !ENDED ->
			if :: FAULT_FRESH && ref < REFS - 1 -> ref++ :: else fi;
			attempt_begin()
		:: pos_state == POS_queued && !ENDED && wanted == NOBODY ->
			pos_step(POS_EVENT_claim);
			if :: moved -> ref = no; attempt_begin() :: else -> submit_end() fi
		/* nothing may be sent and nobody says so: set aside once its claims are spent */
		:: (pos_state == POS_unsure && REPEAT && ENDED) ||
		    (pos_state == POS_queued && (ENDED || wanted != NOBODY)) -> submit_dead()
		:: else -> submit_end()
		fi
	fi
}

inline submit_answer()
{
	if
	/* people have said that it is not there, and may have sent it again */
	:: PAST ->
		if :: relay == DONE -> told = true :: else fi;
		if :: relay_no == no -> submit_end() :: else fi
	:: relay == DONE && !PAST ->
		pos_step(POS_EVENT_done);
		if
		:: moved ->
			accepted();
			if :: wanted == NOBODY && !FAULT_PROOF -> proof[no] = true :: else fi
		:: else
		fi;
		submit_end()
	:: relay == REFUSED && !PAST ->
		pos_step(POS_EVENT_refused);
		if :: moved -> failed() :: else fi;
		submit_end()
	:: relay == LATER && !PAST ->
		later(submit_tries >= ATTEMPTS);
		if :: again -> submit_later() :: else -> submit_end() fi
	:: relay == UNSURE && !PAST ->
		may = (pos_state == POS_submitting);
		in_doubt(POS_EVENT_unsure);
		if :: may && REPEAT -> submit_later() :: else -> submit_end() fi
	:: else
	fi;
	relay = IDLE
}

inline void_end()
{
	if
	:: (relay_void == LATER || relay_void == UNSURE) && void_tries < ATTEMPTS
	:: relay_void == DONE ->
		pos_step(POS_EVENT_voided);
		if :: moved -> failed() :: else fi;
		void_waits = false
	:: else -> void_refused(); void_waits = false
	fi;
	relay_void = IDLE
}

/* A request reaches the POS. What it keeps by key it does not make again. */
inline arrive(r)
{
	if :: ticket[r] == NONE -> ticket[r] = LIVE :: else fi
}

inline deadline_doubt(n)
{
	doubt[n] = false;
	if
	:: n == no -> pos_step(POS_EVENT_deadline); if :: moved -> told = true :: else fi
	:: else
	fi
}

inline deadline_proof(n)
{
	proof[n] = false;
	if
	:: n == no && !proved && !by_hand && wanted == NOBODY && !ENDED ->
		pos_step(POS_EVENT_unproved);
		if :: moved -> told = true :: else fi
	:: else
	fi
}

inline deadline_compensate(n)
{
	compensate[n] = false;
	if
	:: (n == no || FAULT_ROUND) && (pos_state == POS_failed || (FAULT_ROUND && n != no)) && !ENDED ->
		status_move(STATUS_EVENT_cancel, WHO_HOUSE)
	:: else
	fi
}

/* ---- callbacks --------------------------------------------------------------------------------------------------- */

/* They bind by the reference; one of an earlier submission is shown to staff. */
inline report(r, event)
{
	if
	:: r == ref -> present(); status_move(event, WHO_POS)
	:: else -> told = true
	fi
}

inline report_off(r, event)
{
	if
	:: r == ref -> pos_cancelled(event)
	:: else -> told = true
	fi
}

/* ---- staff ------------------------------------------------------------------------------------------------------- */

inline staff_move(event)
{
	status_may(event, WHO_STAFF);
	if
	:: may && !(wanted != NOBODY && (pos_state == POS_failed || pos_state == POS_manual)) ->
		if
		:: pos_state == POS_failed || pos_state == POS_manual ->
			may_live = (pos_state == POS_manual);
			pos_step(POS_EVENT_staff_by_hand);
			if :: moved -> by_hand = true :: else fi
		:: else
		fi;
		status_move(event, WHO_STAFF)
	:: else
	fi
}

inline staff_retry()
{
	moved = false;
	if :: !ENDED -> pos_step(POS_EVENT_retry) :: else fi;
	if :: moved -> no++; told = false; submit_end(); submit = true :: else fi
}

/* submission_decide(): they look at the POS's screen, and say what is there. */
inline staff_there()
{
	pos_step(POS_EVENT_staff_there);
	proved = true; told = false; wanted = NOBODY;
	status_move(STATUS_EVENT_confirm, WHO_STAFF)
}

inline staff_gone(event)
{
	pos_step(event);
	if
	:: ENDED
	:: !ENDED && wanted != NOBODY -> close_as_wanted()
	:: !ENDED && wanted == NOBODY && event == POS_EVENT_staff_removed -> status_move(STATUS_EVENT_cancel, WHO_STAFF)
	:: else -> compensate[no] = true
	fi
}

/* ---- the world --------------------------------------------------------------------------------------------------- */

#define STRAY(r) \
	:: d_step { stray[r] -> stray[r]--; arrive(r); check() } \
	:: d_step { stray[r] -> stray[r]--; check() }

#define DEADLINES(n) \
	:: d_step { doubt[n] && SETTLED -> printf("deadline: doubt\n"); deadline_doubt(n); check() } \
	:: d_step { proof[n] -> printf("deadline: proof\n"); deadline_proof(n); check() } \
	:: d_step { compensate[n] -> printf("deadline: compensation\n"); deadline_compensate(n); check() }

#define CALLBACKS(r) \
	:: d_step { (ticket[r] == LIVE || ticket[r] == GONE) && reports -> printf("callback: accepted %d\n", r); \
		reports--; report(r, STATUS_EVENT_confirm); check() } \
	:: d_step { (ticket[r] == LIVE || ticket[r] == GONE) && reports -> printf("callback: ready %d\n", r); \
		reports--; report(r, STATUS_EVENT_ready); check() } \
	:: d_step { ticket[r] == LIVE && strikes -> printf("POS: the restaurant cancels %d\n", r); \
		strikes--; ticket[r] = GONE; off[r] = true; check() } \
	:: d_step { off[r] -> printf("callback: cancelled %d\n", r); \
		off[r] = false; report_off(r, STATUS_EVENT_cancel); check() } \
	:: d_step { off[r] -> printf("callback: rejected %d\n", r); \
		off[r] = false; report_off(r, STATUS_EVENT_reject); check() } \
	:: d_step { off[r] && repeats_off -> printf("callback: cancelled %d, to come again\n", r); \
		repeats_off--; report_off(r, STATUS_EVENT_cancel); check() }

active proctype world()
{
	d_step { pos_step(POS_EVENT_release); submit = moved; check() }
end:	do
	/* the relay: intent, send, answer */
	:: d_step { submit && relay == IDLE && submit_lost < LOST_MAX ->
		printf("relay: begin\n"); submit_begin(); check() }
	:: d_step { submit && relay == IDLE && submit_lost >= LOST_MAX ->
		printf("relay: set aside\n"); submit_dead(); check() }
	:: d_step { relay == BEGUN -> printf("relay: sent\n"); relay = SENT; check() }
	:: d_step { relay == BEGUN -> printf("relay: not sent\n"); relay = LATER; check() }
	:: d_step { relay == SENT -> printf("POS: takes it\n"); arrive(ref); relay = DONE; check() }
	:: d_step { relay == SENT -> printf("POS: takes it, the answer is lost\n"); arrive(ref); relay = UNSURE; check() }
	:: d_step { relay == SENT && lies && ticket[ref] == NONE ->
		printf("POS: says yes and drops it\n"); lies--; ticket[ref] = DROPPED; relay = DONE; check() }
	:: d_step { relay == SENT -> printf("POS: refuses\n"); relay = REFUSED; check() }
	:: d_step { relay == SENT -> printf("POS: not now\n"); relay = LATER; check() }
	:: d_step { relay == SENT -> printf("the request is lost\n"); relay = UNSURE; check() }
	:: d_step { relay == SENT -> printf("time-out, it is on its way\n"); stray[ref]++; relay = UNSURE; check() }
	:: d_step { relay != IDLE && relay != BEGUN && relay != SENT ->
		printf("relay: outcome %e\n", relay); submit_answer(); check() }
	:: d_step { relay != IDLE && submit_lost < LOST_MAX ->
		printf("relay: dies\n");
		if :: relay == SENT -> stray[ref]++ :: else fi;
		if :: relay_no == no -> submit_lost++ :: else fi; relay = IDLE; check() }
	STRAY(1)
	STRAY(2)
#if RETRIES > 1
	STRAY(3)
#endif

	/* the void; it stands behind the submission in the order's lane */
	:: d_step { void_waits && !submit && relay_void == IDLE ->
		printf("relay: void\n");
		if
		:: pos_state == POS_accepted && wanted != NOBODY -> relay_void = BEGUN; void_tries++
		:: else -> void_waits = false
		fi;
		check() }
	:: d_step { relay_void == BEGUN -> printf("POS: cancels it\n");
		ticket[ref] = (ticket[ref] == LIVE -> GONE : ticket[ref]); relay_void = DONE; check() }
	:: d_step { relay_void == BEGUN -> printf("POS: cancels it, the answer is lost\n");
		ticket[ref] = (ticket[ref] == LIVE -> GONE : ticket[ref]); relay_void = UNSURE; check() }
	:: d_step { relay_void == BEGUN -> printf("POS: does not cancel\n"); relay_void = REFUSED; check() }
	:: d_step { relay_void == BEGUN -> printf("the void is lost\n"); relay_void = UNSURE; check() }
	:: d_step { relay_void != IDLE && relay_void != BEGUN -> printf("relay: void %e\n", relay_void); void_end(); check() }

	DEADLINES(1)
	DEADLINES(2)
	CALLBACKS(1)
	CALLBACKS(2)
#if RETRIES > 1
	DEADLINES(3)
	CALLBACKS(3)
#endif

	/* people */
	:: d_step { cancels_guest -> printf("guest: cancel\n"); cancels_guest--;
		status_may(STATUS_EVENT_cancel, WHO_GUEST);
		if :: may -> cancel(STATUS_EVENT_cancel, WHO_GUEST, GUEST) :: else fi; check() }
	:: d_step { cancels_staff -> printf("staff: cancel\n"); cancels_staff--;
		status_may(STATUS_EVENT_cancel, WHO_STAFF);
		if :: may -> cancel(STATUS_EVENT_cancel, WHO_STAFF, HOUSE) :: else fi; check() }
	:: d_step { cancels_staff -> printf("staff: reject\n"); cancels_staff--;
		status_may(STATUS_EVENT_reject, WHO_STAFF);
		if :: may -> cancel(STATUS_EVENT_reject, WHO_STAFF, HOUSE) :: else fi; check() }
	:: d_step { moves_staff -> printf("staff: confirm\n");
		moves_staff--; staff_move(STATUS_EVENT_confirm); check() }
	:: d_step { moves_staff -> printf("staff: complete\n");
		moves_staff--; staff_move(STATUS_EVENT_complete); check() }
	:: d_step { looks && LOOKABLE && LIVES == 1 && !ENDED -> printf("staff: it is there, and stays\n");
		looks--; staff_there(); check() }
	:: d_step { looks && LOOKABLE && LIVES == 1 -> printf("staff: it is there, and taken off\n"); looks--;
		ticket[1] = (ticket[1] == LIVE -> GONE : ticket[1]);
		ticket[2] = (ticket[2] == LIVE -> GONE : ticket[2]);
		staff_gone(POS_EVENT_staff_removed); check() }
	:: d_step { looks && LOOKABLE && LIVES == 0 -> printf("staff: it is not there\n");
		looks--; staff_gone(POS_EVENT_staff_not_there); check() }
	:: d_step { retries -> printf("staff: retry\n"); retries--; staff_retry(); check() }

	:: timeout -> Q = !(WAITS); assert(Q); break
	od
}
