/*
 * pos: what the house needs to know of a POS system in order to give it orders and to understand it
 * (POS-01, C18).
 *
 * An adapter is a const struct of pure functions and columns: an arena and values in, values out.
 * No socket, no clock, no database, no log; times come in and go out in µs UTC, money in minor
 * units. What an adapter returns lives in the arena it was given. One provider is its own files
 * pos_<provider>*.c and one row in the registry (pos.c).
 *
 * An adapter decides nothing about an order: it says what the POS was told, what it answered and
 * what that proves.
 */
#ifndef TICKETRAIL_POS_POS_H
#define TICKETRAIL_POS_POS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem/arena.h"
#include "menu/menu_doc.h"
#include "order/order.h"
#include "outbox/call.h"
#include "outbox/outcome.h"

/* ---- configuration (POS-13, POS-17, POS-29, POS-30) ---- */

enum pos_field_kind {
	POS_TEXT,
	POS_URL,    /* https, or http where the platform allows it; no user, no fragment */
	POS_INT,
	POS_SWITCH, /* true or false; 1, 0, "1", "0" are understood */
	POS_CHOICE, /* one of `choices` */
	POS_LIST,   /* a JSON array, each member one of `choices` */
	POS_ZONE,   /* a time zone's name */
};

/* Which core field (struct pos_core) a key takes; it wins, or is what the key falls back to. */
enum pos_core_role {
	POS_NO_ROLE,
	POS_ROLE_REST_ID,  /* pos_restaurant_id wins */
	POS_ROLE_BASE_URL, /* endpoint wins; then the key; then base_api_url */
	POS_ROLE_NAME,     /* these four: the key wins, the restaurant's own is the fallback */
	POS_ROLE_ADDRESS,
	POS_ROLE_CONTACT,
	POS_ROLE_TIME_ZONE,
};

/*
 * One key of an adapter's configuration. Nested keys are written with a dot:
 * "custom_settings.enable_auto_accept".
 */
struct pos_field {
	const char *key;
	const char *also; /* another spelling that is understood; NULL: none */
	enum pos_field_kind kind;
	bool is_required;
	bool is_secret;   /* kept sealed, never in the JSON, named in calls as {{secret:key}} */
	enum pos_core_role role;
	int64_t min, max;    /* INT: the value's bounds; TEXT: at most max code points, 0 is 500 */
	const char *choices; /* "hmac|authorization" */
	const char *def;     /* what holds when nobody says anything; NULL: nothing */
	const char *sentence;
};

struct pos_problem {
	const char *field;    /* "app_key", "items[0].name" */
	const char *sentence; /* "is required" */
};

/* Problems found so far; begin with {0}. */
struct pos_problems {
	const struct pos_problem *v;
	size_t n;
};

void pos_problem_add(struct arena *, struct pos_problems *, const char *field, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/*
 * What the tables say beside the JSON: the core fields, which win over it, and what it falls back
 * to. NULL: not set.
 */
struct pos_core {
	const char *base_api_url;      /* pos_providers: where the API is */
	/* restaurant_pos_integrations: wins over base_api_url and any base_url */
	const char *endpoint;
	const char *pos_restaurant_id; /* restaurant_pos_integrations: wins over restID */
	const char *restaurant_slug, *restaurant_name, *restaurant_address, *restaurant_contact;
	const char *time_zone, *currency;
	bool allow_http; /* test and demo: addresses may be http */
};

struct pos_adapter;

/*
 * The merged configuration of one restaurant at one POS. Secrets are not in it, only whether they
 * exist.
 */
struct pos_config {
	const struct pos_adapter *adapter;
	/* one per row of the adapter's fields; NULL: not set. LIST: JSON text; SWITCH: "1", "0" */
	const char *const *values;
	struct pos_core core;
};

/* The value of a key; NULL when not set, or when there is no such key. */
const char *pos_config_text(const struct pos_config *, const char *key);
int64_t pos_config_int(const struct pos_config *, const char *key, int64_t otherwise);
bool pos_config_is_on(const struct pos_config *, const char *key);
/* Is `member` in the LIST under `key`? */
bool pos_config_has(const struct pos_config *, const char *key, const char *member);

/*
 * Provider defaults, then the restaurant's overrides, then the core fields (POS-29), every value
 * checked. The two JSON objects may be empty. secret_names: which secrets have a value. What is
 * wrong is added to the problems: a missing required key, a value out of bounds, an unknown key, a
 * secret in clear. Returns the configuration in any case; use it only if no problem was added.
 */
struct pos_config *pos_config_merge(struct arena *, const struct pos_adapter *,
    struct bytes provider_json, struct bytes restaurant_json, const struct pos_core *,
    const char *const *secret_names, size_t secret_names_n, struct pos_problems *);

struct pos_secret {
	const char *name, *value;
};

/*
 * What somebody saves, taken apart: the secrets of the adapter's schema, to be sealed, and the
 * rest, as JSON to be kept readable. A secret that is null or "" stays as it was: it is in neither.
 * False, with problems, when it is not a JSON object or a secret is no usable text.
 */
bool pos_config_split(struct arena *, const struct pos_adapter *, struct bytes json,
    struct bytes *ret_plain, const struct pos_secret **ret_secrets, size_t *ret_secrets_n,
    struct pos_problems *);

/* How a provider's calls to us prove themselves; NONE: they are refused. */
enum pos_policy { POS_POLICY_NONE, POS_POLICY_HMAC, POS_POLICY_AUTHORIZATION };

/* Well-known keys, for whichever adapter has them. */
/* Is a successful create the kitchen's yes, for this POS or by the auto-accept flag? */
bool pos_accepts_on_create(const struct pos_config *);
/* Within how many seconds an acceptance by answer alone must be proved; 0: it need not be. */
int pos_proof_s(const struct pos_config *);
enum pos_policy pos_webhook_policy(const struct pos_config *);

/* ---- giving the POS an order, and what it says ---- */

/* What came of asking the POS for something that changes it. */
struct pos_outcome {
	struct verdict verdict;
	const char *pos_order_id;     /* theirs; NULL: they did not say (an empty one is NULL) */
	/* DONE: the answer itself is the kitchen's yes, not just a receipt */
	bool is_accepted;
	int64_t estimated_ready_time; /* µs, TIME_NONE: they did not say */
};

/* What a look-up by our reference found (POS-05). */
enum pos_presence { POS_NO_ANSWER, POS_PRESENT, POS_ABSENT };

struct pos_status {
	struct verdict verdict;
	enum pos_presence presence;
	const char *pos_order_id;
	const char *status; /* as in pos_event */
	int64_t updated_at, estimated_ready_time;
};

/*
 * Does the POS make one order out of the same request sent twice? (protocol.md, "What each POS can
 * be promised")
 */
enum pos_repeat { POS_REPEAT_NO, POS_REPEAT_CLAIMED, POS_REPEAT_YES };

/* What a limit on requests is counted over. */
enum pos_scope { POS_SCOPE_RESTAURANT, POS_SCOPE_PROVIDER };

struct pos_traits {
	enum pos_repeat repeat_is_safe;
	bool has_lookup;        /* lookup_call, read_lookup */
	bool can_cancel;        /* cancel_call, read_cancel */
	bool can_fetch_menu;    /* fetch_menu_call, read_menu_reply */
	/* a successful create is the acceptance; else it arrives later, by event */
	bool accepts_on_create;
	/* our reference exists only once at the POS: events bind by it (protocol.md rule 10) */
	bool binds_by_reference;
	/* an accepted order must be proved by an event or a look-up this soon; 0: not (rule 13) */
	int needs_proof_s;
	enum pos_scope rate_scope;
	int rate_per_min, rate_burst;
};

/* ---- what the POS calls us with ---- */

/* How a delivery is known to be theirs. */
enum pos_trust {
	POS_TRUST_TOKEN,  /* by the unguessable token in the URL we handed out with the order */
	POS_TRUST_POLICY, /* by the integration's webhook_policy; none set: refused */
	POS_TRUST_AUTHORIZATION, /* by the value of the Authorization header that was agreed */
};

enum pos_event_kind {
	POS_EVENT_ORDER,        /* an order moved */
	POS_EVENT_STOCK,        /* things are or are not to be had */
	POS_EVENT_STORE_ASKED,  /* they ask whether we take orders */
	POS_EVENT_STORE_SET,    /* we are to take, or not to take, orders */
	POS_EVENT_MENU,         /* the body is a menu: read_menu() */
	POS_EVENT_MENU_CHANGED, /* the menu changed: fetch it */
};

enum pos_stock_kind { POS_STOCK_ITEM, POS_STOCK_ADDON };

/* When something switched off comes back by itself. */
enum pos_return { POS_RETURN_NEVER, POS_RETURN_END_OF_DAY, POS_RETURN_AT };

struct pos_event {
	enum pos_event_kind kind;
	const char *rest_id;      /* the provider's id of the restaurant; NULL: not said */
	int64_t occurred_at;      /* µs, TIME_NONE: not said */
	/* ORDER */
	const char *reference;    /* our name for the order; NULL: not said */
	const char *pos_order_id; /* theirs; NULL: not said */
	const char *code;         /* the provider's word, as it came: "5", "CONFIRMED" */
	/* ours: confirmed preparing ready out_for_delivery completed cancelled rejected */
	const char *status;
	const char *cancel_reason;
	int64_t minimum_prep_time_min, minimum_delivery_time_min; /* minutes; -1: not said */
	const char *rider_name, *rider_phone;
	bool is_modified;
	/* STOCK */
	enum pos_stock_kind stock_kind;
	bool is_available;
	const char *const *external_ids; /* items (or variations), or add-on items */
	size_t external_ids_n;
	/* STOCK, STORE_SET: is it, or are we, to be back by itself? */
	enum pos_return back;
	const char *back_local; /* RETURN_AT: "YYYY-MM-DD HH:MM:SS" by the restaurant's clock */
	/* STORE_SET */
	bool is_open;
	const char *reason;
};

/* What the house made of a delivery, for the answer in the provider's form. */
struct pos_answer {
	int http_status;       /* 200, or the error's */
	const char *sentence;  /* what was wrong; NULL: nothing */
	const char *reference; /* ORDER: the order's name */
	const char *status;    /* ORDER: its status, in the words of this surface */
	bool is_open;          /* STORE_ASKED */
	const char *rest_id;
};

/* One kind of call that a provider makes. */
struct pos_delivery {
	const char *name; /* the webhook type, and the last part of its path: "order-status" */
	enum pos_trust trust;
	size_t body_max;
	/* NULL and *ret, or a sentence saying what is wrong with it (400). */
	const char *(*read)(struct arena *, struct bytes body, struct pos_event *ret);
	/* The exact body of the answer, JSON. */
	const char *(*reply)(struct arena *, const struct pos_answer *);
};

/* ---- the adapter ---- */

struct pos_adapter {
	const char *name;         /* pos_providers.provider_name, in lower case */
	const char *display_name;
	/* the secret that the older single `api_key` of an integration stands for; NULL: none */
	const char *api_key_is;
	const struct pos_field *fields;
	size_t fields_n;
	struct call_limits create_limits, menu_limits;
	struct pos_traits traits;
	const struct pos_delivery *deliveries;
	size_t deliveries_n;

	/* Checks across keys that a row of the schema can not say. NULL: none. */
	void (*check_config)(struct arena *, const struct pos_config *, struct pos_problems *);

	/*
	 * The request that gives the POS this order under order->pos_reference. callback_url: where
	 * it is to report. False, with the problems named, when the order lacks what the POS
	 * demands (POS-16): nothing may be sent, which is a REFUSED of cause PAYLOAD.
	 */
	bool (*create_call)(struct arena *, const struct order *, const struct pos_config *,
	    const char *callback_url, struct http_call *ret_call, struct pos_problems *);
	/* reference: the pos_reference the request carried. */
	struct pos_outcome (*read_create)(struct arena *, const char *reference,
	    const struct http_reply *);

	/*
	 * A call (of whatever kind) that ended without a reply: which outcome, and why. Sentence is
	 * constant.
	 */
	struct verdict (*read_failure)(enum call_failure);

	/* The request that withdraws an order, repeatable. NULL unless traits.can_cancel. */
	bool (*cancel_call)(struct arena *, const struct order *, const struct pos_config *,
	    const char *reason, struct http_call *ret_call, struct pos_problems *);
	struct verdict (*read_cancel)(struct arena *, const char *reference,
	    const struct http_reply *);

	/* What the POS knows of an order (get_order_status). NULL unless traits.has_lookup. */
	bool (*lookup_call)(struct arena *, const struct order *, const struct pos_config *,
	    struct http_call *ret_call, struct pos_problems *);
	struct pos_status (*read_lookup)(struct arena *, const char *reference,
	    const struct http_reply *);

	/* The request for the whole menu. NULL unless traits.can_fetch_menu. */
	bool (*fetch_menu_call)(struct arena *, const struct pos_config *,
	    struct http_call *ret_call, struct pos_problems *);
	/* DONE: *ret_menu is set. */
	struct verdict (*read_menu_reply)(struct arena *, const struct http_reply *,
	    const char *currency, struct menu_doc *ret_menu);
	/*
	 * A menu document, fetched or pushed. NULL and *ret_menu, or a sentence saying why nothing
	 * of it can be used. Parts that can not be used are left out and named in its problems.
	 */
	const char *(*read_menu)(struct arena *, struct bytes, const char *currency,
	    struct menu_doc *ret_menu);

	/*
	 * The header that carries the proof under a policy, in lower case; NULL: the policy is not
	 * one of theirs.
	 */
	const char *(*policy_header)(enum pos_policy);
	/*
	 * Is `header` (its value, NULL if absent) the proof of these raw bytes? In constant time.
	 * Policy NONE: false.
	 */
	bool (*verify)(enum pos_policy, struct bytes secret, const char *header, struct bytes body);
	/*
	 * Does an ORDER event mean anything for an order of this type? Otherwise it is recorded and
	 * ignored (C6).
	 */
	bool (*applies_to)(const struct pos_event *, const char *order_type);
};

/*
 * The adapter of that name, whatever its case; NULL: such a POS is not supported (POS-33), see
 * pos_unsupported().
 */
const struct pos_adapter *pos_adapter_find(const char *name);
/* "POS type 'foo' is not supported; supported are: petpooja". */
const char *pos_unsupported(struct arena *, const char *name);
/* All adapters, NULL at the end. */
const struct pos_adapter *const *pos_adapters(void);

/* The delivery of that name ("order-status"); NULL: this POS makes no such call. */
const struct pos_delivery *pos_delivery_find(const struct pos_adapter *, const char *name);

/* "hmac", "authorization"; anything else, or NULL, is NONE. */
enum pos_policy pos_policy_by_name(const char *);

/* The field row of a key in either spelling; NULL: no such key. */
const struct pos_field *pos_field_find(const struct pos_adapter *, const char *key);

extern const struct pos_adapter pos_petpooja;

#endif
