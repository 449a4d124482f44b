/*
 * onboard: a restaurant with its POS and its staff, from one JSON document.
 *
 *	{"slug":"my-bistro", "name":"My Bistro", "address":"...", "contact":"...", "time_zone":"Asia/Kolkata", "currency":"INR",
 *	 "settings":{"delivery_charge":30.00},
 *	 "pos":{"provider_name":"petpooja", "pos_restaurant_id":"ab12cd34ef", "endpoint":null,
 *	        "config":{"app_key":"...", "app_secret":"...", "access_token":"..."}, "webhook_secret":"...", "authorization":"..."},
 *	 "staff":[{"username":"asha", "password":"...", "role":"admin", "name":"Asha", "phone":"+919000000001"}],
 *	 "fetch_menu":true}
 *
 * or the staff of the platform, who are all admins:
 *
 *	{"platform":true, "staff":[{"username":"pia", "password":"...", "name":"Pia"}]}
 *
 * Instead of "password" staff from an older system may bring "password_hash", a bcrypt hash.
 *
 * Everything but slug and name may be missing. Done twice it is done once: rows are found again by
 * slug, provider and username, and brought to what the document says. Credentials are sealed on the
 * way in and are never printed.
 */
#ifndef TICKETRAIL_PROVIDER_ONBOARD_H
#define TICKETRAIL_PROVIDER_ONBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct op;

struct onboarded {
	int64_t restaurant_id; /* 0: it was about the platform */
	const char *slug;      /* NULL then */
	bool has_pos;
	size_t staff_n;
	bool can_tell_staff;   /* somebody there gets the restaurant's notices (notice.h) */
	int64_t sync_id; /* of the menu that is being fetched; 0: none */
};

/* In one transaction of its own. ERR_VALIDATION_ERROR with the fields. */
enum err onboard(struct op *, struct bytes json, struct onboarded *ret);

#endif
