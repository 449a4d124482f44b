/*
 * audit: who did what to whom, for every operation on POS, configuration, people and payments.
 */
#ifndef TICKETRAIL_AUDIT_AUDIT_H
#define TICKETRAIL_AUDIT_AUDIT_H

#include "err/err.h"

struct op;

/*
 * One record in the transaction of the deed, by the op's actor at the op's restaurant. action is a
 * word such as "integration.save"; subject names the thing; detail is a JSON object without
 * secrets, or NULL.
 */
enum err audit_record(struct op *, const char *action, const char *subject, const char *detail);

#endif
