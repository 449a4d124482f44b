/*
 * certify: is a POS what its adapter takes it for? (M13)
 *
 * A script of checks is run against any endpoint, a simulator or a vendor's sandbox, through the
 * adapter and the transfers that orders go through, and a report is printed: each check passed,
 * failed, or could not be made here, and of one that failed what was sent and what was answered.
 * Secrets stand in it by name only. The orders that it makes are made up out of the menu that is
 * there, and cancelled where the POS can do that: never run it against a kitchen that cooks.
 *
 * It needs no database and keeps nothing.
 */
#ifndef TICKETRAIL_CERTIFY_CERTIFY_H
#define TICKETRAIL_CERTIFY_CERTIFY_H

struct op;

/*
 * PROVIDER [--config FILE] [--endpoint URL] [--only CHECK,...] [--wait SECONDS] [--json], or
 * --checks, which lists them. argv: the words behind the command's name. 0: nothing failed; 1:
 * something did, or there was no access; else one of sysexits.h, with a complaint on stderr, and
 * nothing was sent (EX_USAGE: how it is used is the caller's to say).
 */
int certify_main(struct op *, int argc, char **argv);

#endif
