/*
 * login_state: the row of pos_sessions in which access to a POS is kept account of (login.h): how
 * long the token is good and how getting one goes. Only login*.c include this.
 */
#ifndef TICKETRAIL_PROVIDER_LOGIN_STATE_H
#define TICKETRAIL_PROVIDER_LOGIN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"

struct op;

/* What staff were told of an outage. */
enum told { TOLD_NOTHING, TOLD_NOT_RENEWED, TOLD_NO_ACCESS };

struct login_state {
	int64_t expires_at, refresh_expires_at, refreshed_at, begun_at;
	/* by people: any credentials, and such that a login would replace */
	int64_t saved_at, replaced_at;
	int64_t failing_since;
	int64_t failures, told;
	bool is_refused;
	const char *last_error;
	/* of the tokens that are to be confirmed (pos.h, POS_NEW_ACCESS) */
	int64_t new_expires_at, new_refresh_expires_at;
};

/* Made if there is none. Whoever has it decides alone. In a transaction. */
enum err login_state_lock(struct op *, int64_t integration_id, struct login_state *ret);
/* ERR_NO_ROW (no fault): nobody ever logged in. */
enum err login_state_read(struct op *, int64_t integration_id, struct login_state *ret);
enum err login_state_save(struct op *, int64_t integration_id, const struct login_state *);
enum err login_state_drop(struct op *, int64_t integration_id);

/* Will a token that was got then, if ever, still be good when a call with it arrives? */
bool login_state_reaches(int64_t refreshed_at, int64_t expires_at, int64_t now_us);
bool login_state_is_good(const struct op *, const struct login_state *);
/* Of two times that may be none. */
bool time_is_after(int64_t at, int64_t other);

#endif
