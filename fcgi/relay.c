/*
 * relay: carries messages out of the house (relay/relay.h).
 *
 *	relay [--once]
 *
 * It reads TICKETRAIL_CONFIG, connects as its own database user and writes 'R' to READY_FD when it
 * has done so for the first time. TERM or INT: it finishes what is under way, for 25 s at most, and
 * goes; a second one, or QUIT: at once, writing down what it does not know.
 */
#include "relay/relay.h"

int
main(int argc, char **argv)
{
	return relay_main(argc, argv);
}
