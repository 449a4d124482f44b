/*
 * deed: what a request of staff does to one order of their restaurant.
 *
 * The order is the one of the path's {id}: one that is not there, or somebody else's, is 404. Its
 * row is locked; what If-Match names is held against what the row is; the deed is done, the picture
 * saved, and who did it recorded, all in one transaction that may run more than once.
 */
#ifndef TICKETRAIL_HTTP_DEED_H
#define TICKETRAIL_HTTP_DEED_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "http/request.h"
#include "order/move.h"
#include "order/submission.h"

struct op;
struct reply;

struct deed {
	/* under the lock; what it leaves in the picture is saved */
	enum err (*act)(struct op *, struct deed *, struct order_axes *);
	const char *audit;  /* the action's word */
	const char *detail; /* for the record: a JSON object, which act may set; NULL: none */
	int status;         /* of the answer; 0 is 200 */
	bool wants_pos;     /* has_pos and terms are asked for */
	/* filled in before act */
	const struct request *request;
	int64_t order_id;
	bool has_pos;
	struct submission_terms terms;
};

/* OK with everything done; ERR_NOT_FOUND, ERR_PRECONDITION_FAILED, or what act said. */
enum err deed_do(struct op *, const struct request *, struct deed *);

/*
 * Ends the JSON of an answer that shows an order, and sets its ETag: the order's place in its
 * history, and a digest of all that is shown. To who reads and has just that it is a 304. If-Match
 * holds the first part only: whatever else may have changed, as an estimate or the name of who
 * brings it, nobody has moved the order.
 */
void order_tag(struct op *, const struct request *, struct reply *, int64_t history_seq);

#endif
