/*
 * account: one database user per program, ticketrail_<program>, with exactly the privileges its
 * statements need.
 *
 * What is missing is given before anything is taken, so programs that run meanwhile go on.
 */
#ifndef TICKETRAIL_DB_ACCOUNT_H
#define TICKETRAIL_DB_ACCOUNT_H

#include "db/raw.h"

struct account_options {
	const char *database;
	const char *host;     /* of the users: "localhost", or "%" when programs come by TCP */
	const char *password; /* NULL or "": the users exist already and log in some other way */
};

/* Adds to *granted and *revoked. */
enum err accounts_settle(
    struct op *, struct raw *, const struct account_options *, int *granted, int *revoked);

#endif
