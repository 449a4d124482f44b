#include "audit/audit.h"

#include "db/db.h"
#include "op/op.h"

enum err
audit_record(struct op *op, const char *action, const char *subject, const char *detail)
{
	return db_run(op, STMT_audit_record,
	    DB_ARGS(DB_ID("restaurant_id", op->restaurant_id),
		DB_TEXT("actor", op->actor.name != NULL ? op->actor.name : "system"),
		DB_TEXT("action", action), DB_TEXT("subject", subject), DB_TEXT("detail", detail),
		DB_TEXT("trace_id", op->trace_id)));
}
