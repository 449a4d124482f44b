/*
 * between: a go-between on a database's socket that cuts the connection at a COMMIT: before the server has it, or after it
 * has answered, so that nobody knows what became of it.
 *
 * It is a process of its own that ends with the test. One connection at a time goes through it.
 */
#ifndef TICKETRAIL_BETWEEN_H
#define TICKETRAIL_BETWEEN_H

enum cut { CUT_NOTHING, CUT_BEFORE, CUT_AFTER };

/* Listens at path and passes everything on to server_path. Once per test program. */
void between_start(const char *path, const char *server_path);

/* The COMMIT after `passes` others is cut. */
void between_cut(enum cut, int passes);

/* What has not been cut yet. */
enum cut between_waits_for(void);

#endif
