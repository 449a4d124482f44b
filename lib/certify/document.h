/*
 * document: what a run is told about the restaurant at the POS.
 *
 * A JSON object, as the "pos" of an onboarding document is one. Each member may be missing, and no
 * other may be there:
 *
 *	config             as in an onboarding document's "pos", secrets among it or in
 *	secrets            {"client_secret": "..."}; the environment wins: CERTIFY_CLIENT_SECRET
 *	webhook_secret, authorization   likewise: CERTIFY_WEBHOOK_SECRET, CERTIFY_AUTHORIZATION
 *	pos_restaurant_id, endpoint, currency, time_zone
 *	restaurant         {"name", "address", "contact"}
 *	items              ids of the items that may be ordered; else any
 *	guest              {"name", "phone", "email", "address", "table"}
 *	samples            orders to try beside those of the table, of one line each: [{"name",
 *	                   "item", "variation", "addons": [ids], "quantity", "line_note", "note",
 *	                   "order_type", "guest_name", "tip_minor", "discounted", "scheduled"}];
 *	                   without addons those that the item demands are taken
 *	scheduled_in_min   how far ahead an order for later is
 *	renew              true: a refresh token that is used up by renewing may be
 *	callback_url       where the POS is told to report
 *	allow_http, ca_file   for simulators
 */
#ifndef TICKETRAIL_CERTIFY_DOCUMENT_H
#define TICKETRAIL_CERTIFY_DOCUMENT_H

#include <stdbool.h>

struct certify;

struct certify_document {
	const char *ca_file; /* NULL: the system's */
	bool allow_http;
};

/*
 * Reads the file (NULL: there is none) and the environment into *c, whose op, adapter and endpoint
 * are set. NULL, or why it can not be used; a configuration that is not fit for use is no such
 * reason: its problems are in *c.
 */
const char *certify_document(struct certify *c, const char *file, struct certify_document *ret);

#endif
