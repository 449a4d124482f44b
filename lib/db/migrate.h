/*
 * migrate: brings a database to the schema this program was built with, and each program's database
 * user to exactly the privileges its statements need.
 *
 * Migrations are numbered, only go forward and are applied once each. A run that dies at any
 * statement is taken up there by the next one. One runs at a time: a row is locked meanwhile, which
 * also holds on a cluster, where GET_LOCK would not. Nothing is done to a database that knows a
 * migration this program does not know, or another text of one.
 *
 * This is the one place that runs SQL which is not in the statement table: before it there are no
 * tables to prepare on.
 */
#ifndef TICKETRAIL_DB_MIGRATE_H
#define TICKETRAIL_DB_MIGRATE_H

#include <stddef.h>

#include "db/db.h"

/* sql/schema/NNNN_noun.sql */
struct migration {
	int version;
	const char *name, *sql; /* "0001_restaurants" */
};
extern const struct migration migrations[];
extern const size_t migrations_n;

struct migrate_options {
	/*
	 * Where, and who: a user that may create the database, tables and users. `database` is made
	 * if it is missing.
	 */
	struct db_options admin;
	const struct migration *migrations; /* versions 1, 2, 3 ... */
	size_t migrations_n;
	/*
	 * Of the programs' users, ticketrail_<program>. NULL or "": the users exist and log in some
	 * other way.
	 */
	const char *password;
};

struct migrate_report {
	int version;            /* of the schema, now */
	int migrations_applied; /* by this run */
	int statements_run;
	int granted, revoked;   /* privileges */
};

/*
 * OK, or with a sentence for the operator: ERR_UNAVAILABLE when the database cannot be reached,
 * ERR_CONFLICT when another run is under way or files and database contradict each other,
 * ERR_INTERNAL_ERROR when a statement failed. The op needs no db.
 */
enum err migrate(struct op *, const struct migrate_options *, struct migrate_report *ret);

#endif
