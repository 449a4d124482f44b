/*
 * pos_petpooja: PetPooja's Online Ordering API v2.1.0, the parts of one adapter. Only
 * pos_petpooja*.c include this.
 *
 * Sources: PetPooja "API Guide for Placing Orders on Petpooja POS", "Sandbox Guide for Integration
 * Testing", onlineorderingapisv210.docs.apiary.io. Where these are silent, observations by
 * integrators; each such place says so. Amounts go out as decimal strings in rupees with two
 * places, percentages as plain strings ("2.5").
 */
#ifndef TICKETRAIL_POS_POS_PETPOOJA_H
#define TICKETRAIL_POS_POS_PETPOOJA_H

#include "pos/pos.h"
#include "pos/pos_reply.h"
#include "pos/pos_text.h"

/* Our paise. */
#define PETPOOJA_CURRENCY "INR"
#define PETPOOJA_EXPONENT 2

/* Settings, beyond those that only pos_petpooja.c reads. */
#define PP_REST_ID "restID"
#define PP_ZONE "timezone"


/* The address of one of their calls: its own setting if there is one, else base_url and the path.
 */
const char *petpooja_url(
    struct arena *, const struct pos_config *, const char *key, const char *path);

/* A POST of JSON with the credentials' names declared. */
struct http_call petpooja_post(const char *url, const char *body, size_t len);

/* app_key, app_secret and access_token, by name. */
struct json_write;
void petpooja_write_credentials(struct arena *, struct json_write *);

#define PETPOOJA_ID_MAX 64

/*
 * pos_petpooja_check.c: "H", "P", "D", or NULL (POS-15); and what keeps an order from being sent.
 */
const char *petpooja_order_type(const char *order_type);
void petpooja_check_order(struct arena *, const struct order *, const struct pos_config *,
    const char *callback_url, struct pos_problems *);

/* pos_petpooja_order.c */
bool petpooja_create_call(struct arena *, const struct pos_task *, struct http_call *ret_call,
    struct pos_problems *);

/* pos_petpooja_menu.c */
const char *petpooja_read_menu(struct arena *, const struct pos_config *, const struct pos_page *,
    size_t pages_n, struct menu_doc *ret_menu);

/* pos_petpooja_event.c */
#define PETPOOJA_DELIVERIES_N 8
extern const struct pos_delivery petpooja_deliveries[PETPOOJA_DELIVERIES_N];
bool petpooja_applies_to(const struct pos_event *, const char *order_type);

/* pos_petpooja_answer.c */
const char *petpooja_policy_header(enum pos_policy);
bool petpooja_verify(enum pos_policy, struct bytes secret, const struct pos_proof *);
const char *petpooja_reply_callback(struct arena *, const struct pos_answer *);
const char *petpooja_reply_order_status(struct arena *, const struct pos_answer *);
const char *petpooja_reply_menu_update(struct arena *, const struct pos_answer *);
const char *petpooja_reply_inventory_update(struct arena *, const struct pos_answer *);
const char *petpooja_reply_push_menu(struct arena *, const struct pos_answer *);
const char *petpooja_reply_item_stock(struct arena *, const struct pos_answer *);
const char *petpooja_reply_store_status(struct arena *, const struct pos_answer *);
const char *petpooja_reply_store_update(struct arena *, const struct pos_answer *);

#endif
