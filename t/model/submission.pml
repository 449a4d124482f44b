/*
 * submission.pml - one cash order, one relay, one POS, and whatever can come between them.
 *
 * The moves are the tables' own (states.pml, made by states.awk). What is written here is what the programs do around them:
 * lib/order/submission.c, lib/provider/submit.c, look.c, apply.c, deadline.c, fcgi/admin.c and orders.c. Each option of world()
 * is one transaction, or one event at the POS; between two of them anything may happen.
 *
 * What the POS is like (-DKIND):
 *
 *	KEYED	keeps orders by key: a repeat under the same reference makes no second ticket, also when the first is cancelled, or
 *		was answered with success and dropped. Nothing can be asked; callbacks tell, and prove (PetPooja)
 *	SEEN	the same, and it can be asked, which shows that an order is there and never that it is not. A step before, that
 *		nobody sees, may be made again (Toast's prices; Square's order, which is there once its payment is). If a repeat of
 *		what is in doubt is refused it may be asked how the order stands, which is undone if it is not there (Square)
 *	DRAFT	a draft that nobody sees, opened by its id; it can be asked, and what is there is still to be seen to (Clover, step
 *		by step)
 *	BARE	every create makes one more; it can be asked, and shows an order only after a while (Clover, in one call)
 *
 * Requests and answers get lost; callbacks, looks and hints come early, late, twice or never.
 *
 * Time is not counted. A request that nobody waits for any more (stray) may arrive whenever it likes until the submission is
 * settled; a doubt's deadline and the look that may show absence wait for that. That no relay sends later is the relay's own
 * test (610). With -DLATE=1 one request does stay under way for longer than anybody believes.
 *
 * Properties, looked at after every step:
 *	S1	at most one live ticket, whatever it is called
 *	S4	the status only goes forward, and its ends absorb
 *	L	an order that is open and not accepted: staff were told or a message waits. One that is accepted and has no ticket:
 *		the same, or the POS's word of its end is on its way
 *	T	a cancelled or rejected order has no live ticket, unless staff were told and a void waits, or was refused
 *	W	a wish to cancel an open order is never dropped: it waits for the outcome, for a void, or lies with staff
 *	Q	when nothing else can move, no message is left
 *	F	what is there and still to be seen to is, or a message waits for that
 *
 * With -DRESIDUE=1, for what no client can exclude (lib/README.md), S1 and T allow for what is there against all
 * reason as long as it is watched for, or staff were told: never silent.
 *
 * What is assumed, and can be taken away to see that it matters:
 *
 *	-DREPEAT=0	a repeat would not be safe at this POS: it is not made
 *	-DCAN_VOID=0	this POS cannot be asked to cancel
 */
#define KEYED 1
#define SEEN 2
#define DRAFT 3
#define BARE 4
#ifndef KIND
#define KIND KEYED
#endif
#include "states.pml"

#ifndef REPEAT
#define REPEAT (KIND != BARE)
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
#ifndef FAULT_EARLY		/* "not there" is believed of a look that began before settling */
#define FAULT_EARLY 0
#endif
#ifndef FAULT_ABSENT		/* ... and where a repeat would be safe */
#define FAULT_ABSENT 0
#endif
#ifndef FAULT_EFFECT		/* a lost step with an effect counts as one without */
#define FAULT_EFFECT 0
#endif
#ifndef FAULT_RESET		/* a draft is forgotten when its opening is in doubt */
#define FAULT_RESET 0
#endif
#ifndef FAULT_STICKY		/* a step by which a doubt was to be ended, and that is put off, ends it */
#define FAULT_STICKY 0
#endif
#ifndef FAULT_FENCE		/* a relay whose claim is over begins a step, and finishes it */
#define FAULT_FENCE 0
#endif
#ifndef FAULT_FOLLOW		/* what a look has shown to be there is not seen to */
#define FAULT_FOLLOW 0
#endif
#ifndef FAULT_WATCH		/* what was believed not to be there is not looked at again */
#define FAULT_WATCH 0
#endif
#ifndef FAULT_ROUNDS		/* ... once it is sent under another name */
#define FAULT_ROUNDS 0
#endif
#ifndef LATE			/* requests that are under way for longer than anybody believes */
#define LATE 0
#endif
#ifndef RESIDUE
#define RESIDUE 0
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
#define LIES (KIND == KEYED)
#endif
#ifndef REPORTS			/* callbacks of an order's life */
#define REPORTS (KIND == KEYED -> 2 : 1)
#endif
#ifndef HINTS			/* callbacks that only say that something changed */
#define HINTS 1
#endif
#ifndef ABSENCES		/* times that it is sent again for not being there */
#define ABSENCES 1
#endif
#ifndef CHECKS			/* it is asked how an order stands after a repeat was refused */
#define CHECKS (KIND == SEEN)
#endif
#ifndef LOOKS			/* of staff at the POS's screen, to say what is there */
#define LOOKS 0
#endif
#ifndef MOVES			/* of the status, by staff */
#define MOVES (KIND == KEYED -> 2 : 1)
#endif
#define REFS (RETRIES + 2)	/* 1 is the first submission, 2 the second; 0 is none */

/* The step of an attempt that has an effect, which is the last one, and how many tickets there can be. */
#if KIND == KEYED
#define EFFECT 0
#define TICKETS REFS
#elif KIND == SEEN
#define EFFECT 1
#define TICKETS REFS
#elif KIND == DRAFT
#define EFFECT 1
#define TICKETS 4
#else
#define EFFECT 0
#define TICKETS 5
#endif
#define FOLLOWS (KIND == DRAFT)
#define CAN_LOOK (KIND != KEYED)
#if KIND == KEYED || KIND == SEEN
#define IS_NUMBERED 0
#define NAMED ref		/* the ticket that the row knows */
#define CALLED(t, n) (t == n)
#else
#define IS_NUMBERED 1		/* tickets have the POS's ids, and not our names */
#define NAMED id
#define CALLED(t, n) (name_of[t] == n)
#endif

/* ---- the order, as it stands in the row -------------------------------------------------------------------------- */

#define NOBODY 0
#define GUEST 1
#define HOUSE 2
byte wanted;			/* cancel_wanted */
bool may_live;			/* by_hand, and the POS may have it too: settled_at stands */
bool by_hand, proved, told;	/* told: staff were, of how the submission stands now */
byte no = 1;			/* submission_no */
byte ref;			/* pos_reference; 0: none yet */
bool doubted, checking;		/* this submission was in doubt; it is asked how it stands after that */
byte step, id;			/* pos_progress: steps that are done; pos_order_id, or that of the draft */
byte absences;

/* ---- messages that wait, and the relay --------------------------------------------------------------------------- */

bool submit, submit_begun, void_waits;
bool follow, followed;		/* pos_follow; all was done, which pos_progress says */
byte submit_tries, submit_lost, void_tries;
bool doubt[REFS], proof[REFS], compensate[REFS];	/* deadlines, by submission_no */
mtype:relay = { IDLE, BEGUN, SENT, DONE, REFUSED, LATER, UNSURE };
mtype:relay relay = IDLE;	/* of the submission: SENT and on its way; then what came of it */
byte relay_no;			/* the submission_no of its message */
byte relay_step, relay_target;	/* what it sends, and of which ticket or name */
mtype:relay relay_void = IDLE;
bool look, watch[REFS];		/* pos_look, and pos_watch by submission_no */
mtype:sight = { NOTHING, ASKED, THERE, OVER_THERE, NOT_THERE };
mtype:sight sight = NOTHING;	/* of a look that has begun */
byte sight_no, sight_id;
bool ghost;			/* a relay that was given up on has a first step done */

/* ---- the POS ----------------------------------------------------------------------------------------------------- */

mtype:ticket = { NONE, HIDDEN, LIVE, GONE, DROPPED, UNDONE };	/* dropped: said yes and made nothing; undone: nobody has seen it */
mtype:ticket ticket[TICKETS] = NONE;
byte tickets;			/* numbered ones that there are */
byte name_of[TICKETS];		/* their names */
byte fresh;			/* made, and not to be seen by a look yet */
byte stray[TICKETS];		/* requests under way that nobody waits for */
byte late[TICKETS];		/* ... and of which nobody believes any more that they are */
bool off[TICKETS];		/* the restaurant cancelled it there, and we have not been told */
bool twice;			/* staff were told of a second one */

/* what is left of what people and chance may do */
byte lies = LIES, cancels_guest = 1, cancels_staff = 1, moves_staff = MOVES, looks = LOOKS, retries = RETRIES, reports = REPORTS, repeats_off = 1,
	strikes = 1, hints = HINTS, lates = LATE, zombies = FAULT_FENCE;

#define ENDED (status == STATUS_completed || status == STATUS_cancelled || status == STATUS_rejected)
#define STRUCK (status == STATUS_cancelled || status == STATUS_rejected)
#if TICKETS == 3
#define SUM(a) (a[1] + a[2])
#define LIVES ((ticket[1] == LIVE) + (ticket[2] == LIVE))
#elif TICKETS == 4
#define SUM(a) (a[1] + a[2] + a[3])
#define LIVES ((ticket[1] == LIVE) + (ticket[2] == LIVE) + (ticket[3] == LIVE))
#else
#define SUM(a) (a[1] + a[2] + a[3] + a[4])
#define LIVES ((ticket[1] == LIVE) + (ticket[2] == LIVE) + (ticket[3] == LIVE) + (ticket[4] == LIVE))
#endif
#if RETRIES > 1
#define WATCHED (watch[1] || watch[2] || watch[3])
#else
#define WATCHED (watch[1] || watch[2])
#endif
#define STRAYS SUM(stray)
#define OFF SUM(off)
#define WAITS (submit || follow || void_waits || doubt[no] || proof[no] || compensate[no])
#define WATCHES (CAN_LOOK && (look || WATCHED))
#define SETTLED (FAULT_SETTLE || (STRAYS == 0 && relay != SENT && relay != BEGUN && !fresh))
/* Is there anything that looking could tell? */
#define LOOKS_AT(n) (CAN_LOOK && n == no && (pos_state == POS_unsure || pos_state == POS_manual || UNNAMED || (pos_state == POS_accepted && \
	!ENDED && wanted == NOBODY && !(by_hand && !may_live))))
/* to be taken off, and nobody has told under what name it is there */
#define UNNAMED (CAN_LOOK && pos_state == POS_accepted && wanted != NOBODY && !NAMED)
#define BELIEVES_ABSENCE (KIND == BARE || FAULT_ABSENT)
#define LOOKABLE (pos_state == POS_manual && SETTLED)
#define PAST (!FAULT_PAST && (relay_no != no || pos_state == POS_failed))
#define VOIDED (void_waits || pos_state == POS_manual)

bool S1 = true, S4 = true, L = true, W = true, T = true, Q = true, F = true;

inline check()
{
	S1 = (LIVES <= 1 || (RESIDUE && (twice || WATCHED)));
	assert(S1);
	L = (ENDED || told || WAITS || (pos_state == POS_accepted &&
	    (by_hand || LIVES >= 1 || OFF)));
	assert(L);
	T = (!STRUCK || LIVES == 0 || (told && VOIDED) || (RESIDUE && (twice || WATCHED)));
	assert(T);
	W = (!WISHES || ENDED || wanted == NOBODY || void_waits || pos_state == POS_submitting || pos_state == POS_unsure ||
	    pos_state == POS_manual);
	assert(W);
	F = (!FOLLOWS || pos_state != POS_accepted || by_hand || wanted != NOBODY || ENDED || follow || followed);
	assert(F)
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
	wish_take();
	if :: CAN_LOOK && wanted == NOBODY -> look = true :: else fi;
	follow_put()
}

/* submission_follow() */
inline follow_put()
{
	if :: FOLLOWS && wanted == NOBODY && !ENDED -> follow = true :: else fi
}

inline wish_take()
{
	if
	:: wanted != NOBODY && !FAULT_WISH && CAN_VOID -> follow = false; void_waits = true; void_tries = 0
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

/* What is known does not take an order back that staff have. */
inline present()
{
	moved = false;
	if :: !(pos_state == POS_manual && proved) -> pos_step(POS_EVENT_present) :: else fi;
	proved = true;
	if :: moved -> accepted(); if :: FAULT_FOLLOW -> follow = false :: else fi :: else fi
}

inline done()
{
	moved = false;
	if :: !(pos_state == POS_manual && proved) -> pos_step(POS_EVENT_done) :: else fi;
	if
	:: moved ->
		accepted();
		if :: KIND == KEYED && wanted == NOBODY && !FAULT_PROOF -> proof[no] = true :: else fi
	:: else
	fi
}

inline watch_put()
{
	if :: CAN_LOOK && !FAULT_WATCH -> watch[no] = true :: else fi
}

/* submission_absent(): a look after settling. */
inline absent()
{
	pos_step(POS_EVENT_absent);
	doubted = false;
	watch_put();
	if
	:: wanted == NOBODY && absences < ABSENCES -> absences++; submit_end(); submit = true
	:: else ->
		if
		:: wanted != NOBODY -> pos_step(POS_EVENT_cancelled)
		:: else -> pos_step(POS_EVENT_exhausted)
		fi;
		failed()
	fi
}

/* submission_later(): `again` says whether the message is tried once more. */
bool again;
inline later(is_last)
{
	again = false;
	if
	:: pos_state == POS_unsure -> again = !(is_last)
	:: pos_state == POS_submitting && doubted && !FAULT_STICKY -> pos_step(POS_EVENT_unsure); in_doubt(); again = !(is_last)
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

/* submission_unsure(): the axis was moved. */
inline in_doubt()
{
	if :: moved -> doubt[no] = true; doubted = true; look = CAN_LOOK :: else fi
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
	relay = BEGUN; relay_no = no; relay_step = (checking -> EFFECT + 1 : step); relay_target = (KIND == DRAFT -> id : ref); submit_begun = true;
	if :: submit_tries < ATTEMPTS -> submit_tries++ :: else fi
}

/* Whoever had it is gone: a doubt, if the step is one with an effect. */
inline sender_lost()
{
	if
	:: step == EFFECT && !checking && !FAULT_EFFECT -> pos_step(POS_EVENT_lost); in_doubt()
	:: else ->
		if :: KIND == DRAFT -> step = 0; id = 0 :: else fi;
		later(submit_tries >= ATTEMPTS)
	fi
}

inline submit_dead()
{
	if
	:: pos_state == POS_queued -> later(true)
	:: else -> pos_step(POS_EVENT_lost); in_doubt()
	fi;
	submit_end()
}

inline submit_begin()
{
	if
	:: submit_begun && pos_state == POS_unsure -> submit_end()	/* the repeat was lost too */
	:: else ->
		if :: submit_begun && pos_state == POS_submitting -> sender_lost() :: else fi;
		if
		:: pos_state == POS_unsure && REPEAT && !ENDED ->
			if :: FAULT_FRESH && ref < REFS - 1 -> ref++ :: else fi;
			attempt_begin()
		:: pos_state == POS_queued && !ENDED && wanted == NOBODY ->
			pos_step(POS_EVENT_claim);
			if :: moved -> ref = no; attempt_begin() :: else -> submit_end() fi
		:: pos_state == POS_submitting && !ENDED -> attempt_begin()	/* the step that follows */
		:: (pos_state == POS_queued && (ENDED || wanted != NOBODY)) || (pos_state == POS_submitting && ENDED) ->
			later(true); submit_end()
		:: else -> submit_end()
		fi
	fi
}

/* A step is done, and another follows; unless others have decided meanwhile. */
inline stepped(to)
{
	if :: pos_state == POS_unsure -> pos_step(POS_EVENT_step) :: else fi;
	if :: KIND == DRAFT && to == 1 && tickets < TICKETS - 1 ->
		tickets++; ticket[tickets] = HIDDEN; name_of[tickets] = no; id = tickets
	:: else
	fi;
	step = to
}

inline submit_answer()
{
	if
	/* people have said that it is not there, and may have sent it again */
	:: PAST ->
		if :: relay == DONE && relay_step >= EFFECT -> told = true :: else fi;
		if :: relay_no == no -> submit_end() :: else fi
	:: relay == DONE && relay_step < EFFECT && !PAST ->
		stepped(relay_step + 1);
		if
		:: pos_state == POS_submitting -> submit_begun = false; submit_tries = 0; submit_lost = 0
		:: else -> submit_end()
		fi
	:: relay == DONE && relay_step >= EFFECT && !PAST ->
		if :: KIND == BARE && !id -> id = relay_target :: else fi;
		done();
		submit_end()
#if CHECKS
	:: relay == REFUSED && relay_step == EFFECT && pos_state == POS_unsure && !PAST ->
		stepped(EFFECT); checking = true;
		submit_begun = false; submit_tries = 0; submit_lost = 0
	:: relay == REFUSED && relay_step > EFFECT && !PAST ->
		if :: pos_state == POS_unsure -> pos_step(POS_EVENT_step) :: else fi;
		pos_step(POS_EVENT_refused);
		if :: moved -> watch_put(); failed() :: else fi;
		submit_end()
#endif
	:: relay == REFUSED && !(CHECKS && (relay_step > EFFECT || (relay_step == EFFECT && pos_state == POS_unsure))) && !PAST ->
		pos_step(POS_EVENT_refused);
		if :: moved -> failed() :: else fi;
		submit_end()
	:: relay == LATER && !PAST ->
		later(submit_tries >= ATTEMPTS);
		if :: again -> submit_later() :: else -> submit_end() fi
	:: relay == UNSURE && !PAST ->
		may = (pos_state == POS_submitting);
		if :: FAULT_RESET -> step = 0; id = 0 :: else fi;
		pos_step(POS_EVENT_unsure); in_doubt();
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
#if KIND == BARE
	assert(tickets < TICKETS - 1);
	tickets++; ticket[tickets] = LIVE; name_of[tickets] = r; fresh = tickets
#elif KIND == DRAFT
	if :: ticket[r] == HIDDEN -> ticket[r] = LIVE :: else fi
#else
	if :: ticket[r] == NONE -> ticket[r] = LIVE :: else fi
#endif
}

inline taken_off(t)
{
	if :: ticket[t] == LIVE || ticket[t] == HIDDEN -> ticket[t] = GONE :: else fi
}

/* ---- looks ------------------------------------------------------------------------------------------------------- */

#define SHOWS(t, n) (ticket[t] == LIVE && t != fresh && CALLED(t, n))

/* What the POS says of the row's order: by its id, or by its name where it has none. */
inline ask()
{
	if
	:: NAMED && ticket[NAMED] == LIVE -> sight = THERE; sight_id = NAMED
	:: NAMED && (ticket[NAMED] == GONE || ticket[NAMED] == UNDONE) -> sight = OVER_THERE; sight_id = NAMED
	:: KIND == BARE && !id && SHOWS(1, ref) -> sight = THERE; sight_id = 1
	:: KIND == BARE && !id && !SHOWS(1, ref) && SHOWS(2, ref) -> sight = THERE; sight_id = 2
#if TICKETS > 4
	:: KIND == BARE && !id && !SHOWS(1, ref) && !SHOWS(2, ref) && SHOWS(3, ref) -> sight = THERE; sight_id = 3
	:: KIND == BARE && !id && !SHOWS(1, ref) && !SHOWS(2, ref) && !SHOWS(3, ref) && SHOWS(4, ref) -> sight = THERE; sight_id = 4
#endif
	:: else -> sight = NOT_THERE
	fi
}

/* One that the POS itself counts as over was there only for an order that was. */
inline seen(is_look)
{
	if
	:: sight == THERE ->
		if :: KIND == BARE && !id -> id = sight_id :: else fi;
		present();
		status_move(STATUS_EVENT_confirm, WHO_POS)
	:: sight == OVER_THERE && pos_state != POS_failed -> off[sight_id] = false; pos_cancelled(STATUS_EVENT_cancel)
	:: sight == NOT_THERE && is_look && pos_state == POS_unsure && BELIEVES_ABSENCE && (FAULT_EARLY || SETTLED) -> absent()
	:: sight == NOT_THERE && is_look && UNNAMED && BELIEVES_ABSENCE && (FAULT_EARLY || SETTLED) ->
		watch_put();
		pos_step(POS_EVENT_voided);
		if :: moved -> failed() :: else fi
	:: else
	fi
}

inline look_end()
{
	if :: LOOKS_AT(sight_no) -> seen(true) :: else fi;
	if :: !LOOKS_AT(no) -> look = false :: else fi;
	sight = NOTHING; sight_id = 0
}

/* pos_watch: by name, and of whichever submission. */
inline watched(n, t)
{
	if
	:: SHOWS(t, n) && n == no && pos_state != POS_accepted && pos_state != POS_queued && pos_state != POS_submitting &&
	    (!IS_NUMBERED || !id || id == t) -> id = (IS_NUMBERED -> t : 0); present()
	:: SHOWS(t, n) && !(n == no && pos_state == POS_accepted && (!IS_NUMBERED || id == t)) &&
	    !(n == no && pos_state != POS_accepted && (!IS_NUMBERED || !id || id == t)) -> twice = true
	:: else
	fi
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
	if
	:: moved ->
		if :: FAULT_ROUNDS -> watch[no] = false :: else fi;
		no++; told = false; proved = false; followed = false; doubted = false; checking = false; step = 0; id = 0; absences = 0; submit_end(); submit = true
	:: else
	fi
}

/* submission_decide(): they look at the POS's screen, and say what is there. */
inline staff_there()
{
	pos_step(POS_EVENT_staff_there);
	proved = true; told = false; wanted = NOBODY;
	status_move(STATUS_EVENT_confirm, WHO_STAFF);
	follow_put()
}

/* They have said that it is not there any more. */
inline staff_gone(was_removed)
{
	if :: was_removed -> pos_step(POS_EVENT_staff_removed) :: else -> pos_step(POS_EVENT_staff_not_there); watch_put() fi;
	if
	:: ENDED
	:: !ENDED && wanted != NOBODY -> close_as_wanted()
	:: !ENDED && wanted == NOBODY && was_removed -> status_move(STATUS_EVENT_cancel, WHO_STAFF)
	:: else -> compensate[no] = true
	fi
}

/* ---- the world --------------------------------------------------------------------------------------------------- */

#if TICKETS > 4
#define TAKEN_OFF_MORE taken_off(3); taken_off(4)
#elif TICKETS > 3
#define TAKEN_OFF_MORE taken_off(3)
#else
#define TAKEN_OFF_MORE skip
#endif

#define STRAY(r) \
	:: d_step { stray[r] -> stray[r]--; arrive(r); check() } \
	:: d_step { stray[r] -> stray[r]--; check() } \
	LATER_ONES(r)

#if LATE
#define LATER_ONES(r) \
	:: d_step { stray[r] && lates -> printf("a request stays under way\n"); lates--; stray[r]--; late[r]++; check() } \
	:: d_step { late[r] -> printf("it arrives, late\n"); late[r]--; arrive(r); check() } \
	:: d_step { late[r] -> late[r]--; check() }
#else
#define LATER_ONES(r)
#endif

#define DEADLINES(n) \
	:: d_step { doubt[n] && SETTLED -> printf("deadline: doubt\n"); deadline_doubt(n); check() } \
	:: d_step { proof[n] -> printf("deadline: proof\n"); deadline_proof(n); check() } \
	:: d_step { compensate[n] -> printf("deadline: compensation\n"); deadline_compensate(n); check() }

#define WATCH(n) \
	:: d_step { watch[n] -> printf("watch: %d\n", n); watched(n, 1); watched(n, 2); WATCH_MORE(n); check() } \
	/* they outlast what nobody believed, and whatever else is under way */ \
	:: d_step { watch[n] && SUM(late) == 0 && STRAYS == 0 && !fresh && (pos_state == POS_accepted || pos_state == POS_failed || \
	    pos_state == POS_manual) -> printf("watch: %d, for the last time\n", n); \
		watch[n] = false; watched(n, 1); watched(n, 2); WATCH_MORE(n); check() }
#if TICKETS > 4
#define WATCH_MORE(n) watched(n, 3); watched(n, 4)
#elif TICKETS > 3
#define WATCH_MORE(n) watched(n, 3)
#else
#define WATCH_MORE(n) skip
#endif

#define STRIKE(t) \
	:: d_step { ticket[t] == LIVE && strikes -> printf("POS: the restaurant cancels %d\n", t); \
		strikes--; ticket[t] = GONE; off[t] = true; check() }

#define CALLBACKS(r) \
	:: d_step { (ticket[r] == LIVE || ticket[r] == GONE) && reports -> printf("callback: accepted %d\n", r); \
		reports--; report(r, STATUS_EVENT_confirm); check() } \
	:: d_step { (ticket[r] == LIVE || ticket[r] == GONE) && reports -> printf("callback: ready %d\n", r); \
		reports--; report(r, STATUS_EVENT_ready); check() } \
	STRIKE(r) \
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
	/* a step that nobody sees */
	:: d_step { relay == BEGUN && relay_step < EFFECT -> printf("POS: step %d\n", relay_step); relay = DONE; check() }
	:: d_step { relay == BEGUN && relay_step < EFFECT -> printf("POS: refuses step %d\n", relay_step); relay = REFUSED; check() }
	:: d_step { relay == BEGUN && relay_step < EFFECT -> printf("step %d is lost\n", relay_step); relay = LATER; check() }
	/* the one that matters */
	:: d_step { relay == BEGUN && relay_step == EFFECT -> printf("relay: sent\n"); relay = SENT; check() }
	:: d_step { relay == BEGUN && relay_step == EFFECT -> printf("relay: not sent\n"); relay = LATER; check() }
#if CHECKS
	/* how does it stand, after a repeat was refused: what is not there is undone, and can not come any more */
	:: d_step { relay == BEGUN && relay_step > EFFECT && ticket[relay_target] == LIVE -> printf("POS: it is there\n"); relay = DONE; check() }
	:: d_step { relay == BEGUN && relay_step > EFFECT && ticket[relay_target] != LIVE -> printf("POS: undone\n");
		if :: ticket[relay_target] == NONE -> ticket[relay_target] = UNDONE :: else fi; relay = REFUSED; check() }
	:: d_step { relay == BEGUN && relay_step > EFFECT -> printf("it can not be asked\n"); relay = LATER; check() }
#endif
	:: d_step { relay == SENT -> printf("POS: takes it\n"); arrive(relay_target);
		relay_target = (KIND == BARE -> tickets : relay_target);
		relay = (KIND == DRAFT && ticket[relay_target] == GONE -> REFUSED : DONE); check() }
	:: d_step { relay == SENT -> printf("POS: takes it, the answer is lost\n"); arrive(relay_target); relay = UNSURE; check() }
	:: d_step { relay == SENT && lies && ticket[ref] == NONE ->
		printf("POS: says yes and drops it\n"); lies--; ticket[ref] = DROPPED; relay = DONE; check() }
	:: d_step { relay == SENT -> printf("POS: refuses\n"); relay = REFUSED; check() }
	:: d_step { relay == SENT -> printf("POS: not now\n"); relay = LATER; check() }
	:: d_step { relay == SENT -> printf("the request is lost\n"); relay = UNSURE; check() }
	:: d_step { relay == SENT -> printf("time-out, it is on its way\n"); stray[relay_target]++; relay = UNSURE; check() }
	:: d_step { relay != IDLE && relay != BEGUN && relay != SENT ->
		printf("relay: outcome %e\n", relay); submit_answer(); check() }
	:: d_step { relay != IDLE && submit_lost < LOST_MAX ->
		printf("relay: dies\n");
		if
		:: relay == SENT -> stray[relay_target]++
		/* the pause that nobody can exclude, between the last look at the clock and the first byte */
		:: relay == BEGUN && relay_step == EFFECT && lates -> lates--; late[relay_target]++
		:: else
		fi;
		if :: relay_no == no -> submit_lost++ :: else fi; relay = IDLE; check() }
#if FAULT_FENCE
	:: d_step { zombies && relay_step == EFFECT && (relay == BEGUN || relay == SENT) ->
		printf("another relay sends it too\n"); zombies--; stray[relay_target]++; check() }
	:: d_step { zombies && relay_step < EFFECT && relay != IDLE ->
		printf("another relay makes the step too\n"); zombies--; ghost = true; check() }
	:: d_step { ghost -> printf("the other relay finishes\n"); ghost = false; stepped(1); check() }
#endif
	STRAY(1)
	STRAY(2)
#if TICKETS > 3
	STRAY(3)
#endif
#if TICKETS > 4
	STRAY(4)
#endif
#if CAN_LOOK
	:: d_step { fresh -> fresh = 0; check() }
	:: d_step { look && sight == NOTHING && LOOKS_AT(no) && ((pos_state != POS_unsure && !UNNAMED) || SETTLED || FAULT_EARLY) ->
		printf("look\n"); sight = ASKED; sight_no = no; check() }
	:: d_step { look && sight == NOTHING && !LOOKS_AT(no) -> look = false; check() }
	:: d_step { look && sight == NOTHING && pos_state != POS_unsure -> printf("look: the hours are over\n"); look = false; check() }
	:: d_step { sight == ASKED -> ask(); printf("POS: %e\n", sight); check() }
	:: d_step { sight == ASKED -> sight = NOTHING; check() }
	:: d_step { sight != NOTHING && sight != ASKED -> printf("look: %e\n", sight); look_end(); check() }
	:: d_step { hints && sight == NOTHING && NAMED && (LOOKS_AT(no) || pos_state == POS_failed) -> printf("hint\n");
		hints--; ask(); seen(false); sight = NOTHING; sight_id = 0; check() }
	WATCH(1)
	WATCH(2)
#if RETRIES > 1
	WATCH(3)
#endif
#endif

	/* what is there is seen to, or staff are told that it could not be */
#if FOLLOWS
	:: d_step { follow -> printf("relay: follow\n"); follow = false;
		if :: pos_state == POS_accepted && !by_hand && wanted == NOBODY && !ENDED -> followed = true :: else fi;
		check() }
#endif

	/* the void; it stands behind the submission in the order's lane */
	:: d_step { void_waits && !submit && relay_void == IDLE ->
		printf("relay: void\n");
		if
		/* nobody has told by what name: it can not be asked for, and is looked for a while */
		:: UNNAMED && !look && status != STATUS_completed -> look = true
		:: pos_state == POS_accepted && wanted != NOBODY && !NAMED && status != STATUS_completed -> void_refused(); void_waits = false
		:: pos_state == POS_accepted && wanted != NOBODY && NAMED && status != STATUS_completed -> relay_void = BEGUN; void_tries++
		:: else -> void_waits = false
		fi;
		check() }
	:: d_step { relay_void == BEGUN -> printf("POS: cancels it\n"); taken_off(NAMED); relay_void = DONE; check() }
	:: d_step { relay_void == BEGUN -> printf("POS: cancels it, the answer is lost\n"); taken_off(NAMED); relay_void = UNSURE; check() }
	:: d_step { relay_void == BEGUN -> printf("POS: does not cancel\n"); relay_void = REFUSED; check() }
	:: d_step { relay_void == BEGUN -> printf("the void is lost\n"); relay_void = UNSURE; check() }
	:: d_step { relay_void != IDLE && relay_void != BEGUN -> printf("relay: void %e\n", relay_void); void_end(); check() }

	DEADLINES(1)
	DEADLINES(2)
#if RETRIES > 1
	DEADLINES(3)
#endif
#if IS_NUMBERED
	STRIKE(1)
	STRIKE(2)
#else
	CALLBACKS(1)
	CALLBACKS(2)
#if RETRIES > 1
	CALLBACKS(3)
#endif
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
		taken_off(1); taken_off(2); TAKEN_OFF_MORE;
		staff_gone(true); check() }
	:: d_step { looks && LOOKABLE && LIVES == 0 -> printf("staff: it is not there\n");
		looks--; staff_gone(false); check() }
	:: d_step { retries -> printf("staff: retry\n"); retries--; staff_retry(); check() }

	:: timeout -> Q = !(WAITS || look || WATCHED); assert(Q); break
	od
}
