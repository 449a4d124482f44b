/*
 * relay: the only program of the house that calls out.
 *
 * It claims what is due, place by place, asks provider/ what to send, sends it, and has provider/
 * write down how that ended. Between beginning and ending an attempt no transaction is open; a call
 * under way is held by a lease that a heartbeat renews.
 *
 *	claim ── provider_begin (commits the intent) ── transfer ── batch ── provider_end
 *	                                                   ^            │
 *	                                                   └── a step that follows
 *
 * Of a message of several steps the next is begun in the transaction that ended the one before, and
 * the claim is kept; where that may not be, it takes its turn among all that is due.
 *
 * Calls under way are seen to between all this, and while the database is waited for.
 *
 * It may die, freeze, or lose its database at any point: what it had begun is taken over as an
 * attempt of which nothing is known. A relay that comes back too late sends nothing more and
 * changes nothing more. Several may run. Without a database nothing new is begun; what ends
 * meanwhile is kept and written when it is back.
 */
#ifndef TICKETRAIL_RELAY_RELAY_H
#define TICKETRAIL_RELAY_RELAY_H

#define RELAY_CALLS_MAX 1000 /* on the wire at once */
/* And with those that are about to be, or are being written down meanwhile. */
#define RELAY_FLIGHTS_MAX 1250

/* Runs until told to stop (--once: until nothing is left to do). Returns the exit status. */
int relay_main(int argc, char **argv);

#endif
