#include "db/db.h"
#include "op/op.h"
#include "provider/login.h"
#include "provider/login_state.h"
#include "text/json_write.h"

#define DAY_US (INT64_C(86400) * 1000000)

static const char *
state_of(const struct op *op, const struct login_state *s)
{
	if (s->is_refused)
		return "refused";
	if (s->failures > 0)
		return login_state_is_good(op, s) ? "failing" : "expired";
	if (login_state_is_good(op, s))
		return "valid";
	return s->refreshed_at == TIME_NONE ? "waiting" : "expired";
}

enum err
login_health(struct op *op, int64_t integration_id, struct login_health *ret)
{
	struct login_state s;
	enum err e = login_state_read(op, integration_id, &s);

	*ret = (struct login_health){
		.expires_at = TIME_NONE, .refresh_expires_at = TIME_NONE, .days_left = -1
	};
	if (e == ERR_NO_ROW)
		return OK;
	if (e == OK)
		e = db_now(op);
	if (e != OK)
		return e;
	ret->is_used = true;
	ret->state = state_of(op, &s);
	ret->is_degraded = s.is_refused || s.failures > 0 || !login_state_is_good(op, &s);
	ret->expires_at = s.refreshed_at != TIME_NONE ? s.expires_at : TIME_NONE;
	ret->refresh_expires_at = s.refresh_expires_at;
	if (ret->expires_at != TIME_NONE)
		ret->days_left = ret->expires_at > op->now_us
				     ? (ret->expires_at - op->now_us) / DAY_US
				     : 0;
	ret->last_error = s.last_error;
	return OK;
}

void
login_health_write(struct json_write *w, const struct login_health *h)
{
	if (!h->is_used) {
		json_write_null(w, "token");
		return;
	}
	json_write_object(w, "token");
	json_write_string(w, "state", h->state);
	json_write_time(w, "expires_at", h->expires_at);
	json_write_time(w, "refresh_expires_at", h->refresh_expires_at);
	if (h->days_left < 0)
		json_write_null(w, "days_left");
	else
		json_write_int64(w, "days_left", h->days_left);
	json_write_string(w, "last_error", h->last_error);
	json_write_object_end(w);
}
