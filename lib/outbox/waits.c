/* What waits for a subject. */
#include "db/db.h"
#include "op/op.h"
#include "outbox/outbox.h"

struct waits_row {
	const char *last_error;
};
static const struct db_col waits_cols[] = { COL_TEXT(struct waits_row, last_error) };
static const struct db_shape waits_shape = DB_SHAPE(struct waits_row, waits_cols);

enum err
outbox_waits(struct op *op, enum message_kind kind, int64_t subject_id, int64_t subject_no,
    bool *ret_waits, const char **ret_why)
{
	struct waits_row row;
	enum err e = db_one(op, STMT_outbox_waits,
	    DB_ARGS(DB_TEXT("kind", message_info(kind)->name), DB_I64("subject_id", subject_id),
		DB_I64("subject_no", subject_no)),
	    &waits_shape, &row);

	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_waits = e == OK;
	*ret_why = e == OK ? row.last_error : NULL;
	return OK;
}
