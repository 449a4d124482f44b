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

struct json_write;

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

#define POS_TEXT_MAX 500

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
	bool is_ours;     /* URL: not where we call, but where we are */
	enum pos_core_role role;
	/* INT: the value's bounds; TEXT: at most max code points, 0 is POS_TEXT_MAX */
	int64_t min, max;
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
 * The merged configuration of one restaurant at one POS. Secrets are not in it, only which of them
 * have a value.
 */
struct pos_config {
	const struct pos_adapter *adapter;
	/* one per row of the adapter's fields; NULL: not set. LIST: JSON text; SWITCH: "1", "0" */
	const char *const *values;
	const char *const *secrets;
	size_t secrets_n;
	struct pos_core core;
};

/* The value of a key; NULL when not set, or when there is no such key. */
const char *pos_config_text(const struct pos_config *, const char *key);
int64_t pos_config_int(const struct pos_config *, const char *key, int64_t otherwise);
bool pos_config_is_on(const struct pos_config *, const char *key);
/* Is `member` in the LIST under `key`? */
bool pos_config_has(const struct pos_config *, const char *key, const char *member);
/* Has the secret of that name a value? */
bool pos_config_has_secret(const struct pos_config *, const char *name);

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

/*
 * How a provider's calls to us prove themselves: by a signature, or by a value that was agreed.
 * NONE: they are refused.
 */
enum pos_policy { POS_POLICY_NONE, POS_POLICY_HMAC, POS_POLICY_AUTHORIZATION };

/* Well-known keys, for whichever adapter has them. */
/* Is a successful create the kitchen's yes, for this POS or by the auto-accept flag? */
bool pos_accepts_on_create(const struct pos_config *);
/* Within how many seconds an acceptance by answer alone must be proved; 0: it need not be. */
int pos_proof_s(const struct pos_config *);
enum pos_policy pos_webhook_policy(const struct pos_config *);

/* ---- what we say to a POS, and what it answers ---- */

/*
 * What a conversation with a POS is for. It may take several calls, one after the other: each is a
 * step, and what the steps so far came to is its progress.
 */
enum pos_verb {
	POS_CREATE, /* give it an order */
	POS_CANCEL, /* take one back */
	POS_LOOK,   /* what does it know of an order? */
	POS_MENU,   /* fetch the whole menu */
	POS_LOGIN,  /* get a fresh access token */
	POS_QUOTE,  /* what would an order come to? Changes nothing there */
	POS_CONFIRM, /* is an access token good for this restaurant? */
	/*
	 * See to an order that is there: mark it as paid, have it printed. Whether it is there does
	 * not depend on that any more
	 */
	POS_FOLLOW,
	POS_VERB__MAX
};

#define POS_PROGRESS_MAX 2000

/* What a step is about. */
struct pos_task {
	const struct pos_config *config;
	/*
	 * What the steps before left: JSON of the adapter's own, without secrets and of at most
	 * POS_PROGRESS_MAX bytes; len 0: nothing yet. CREATE, FOLLOW and CANCEL go on from what one
	 * another left.
	 */
	struct bytes progress;
	const char *reference;    /* our name for the order at the POS; NULL: about none */
	const char *pos_order_id; /* theirs; NULL: not known */
	int64_t now;              /* µs */
	int64_t since; /* LOOK: it can not have come there before; TIME_NONE: not known */
	/* CREATE, LOOK: part of what the guest pays, if not of their order */
	int64_t tip_minor;
	/*
	 * CREATE, FOLLOW, CANCEL, QUOTE: whole. Only when a call is made, but for a CREATE or
	 * FOLLOW of an adapter that reads_with_order: what comes after a step then depends on what
	 * was ordered.
	 */
	const struct order *order;
	/* Only when a call is made: */
	/* CREATE: where it is to report; LOGIN: the redirect_uri of an authorisation */
	const char *callback_url;
	const char *reason;        /* CANCEL */
	const char *token; /* CONFIRM: the secret that is the token; NULL: access_token */
};

enum pos_presence { POS_NO_ANSWER, POS_PRESENT, POS_ABSENT };

/* The secret that an authorisation leaves. It is gone once a login has used it. */
#define POS_CODE "authorization_code"
/* What that login brought, as secrets, until a CONFIRM has said that it is the restaurant's. */
#define POS_NEW_ACCESS "unconfirmed_access_token"
#define POS_NEW_REFRESH "unconfirmed_refresh_token"

/* The tokens that a login came to. */
struct pos_session {
	const char *access_token;  /* kept as the secret of that name */
	const char *refresh_token; /* likewise; NULL: the one before goes on */
	/* µs, TIME_NONE: they did not say */
	int64_t expires_at, refresh_expires_at;
};

/*
 * What came of a step. Begin with pos_outcome_of(). A step without an effect that anybody could see
 * is never UNSURE: whatever goes wrong with it is LATER, and progress says where to go on. Nor is
 * one of a FOLLOW: where it may have been done, the next step is to look.
 */
struct pos_outcome {
	struct verdict verdict;
	/* with DONE: another step is to follow; FOLLOW: with REFUSED too, one worth doing yet */
	bool has_next;
	struct bytes progress; /* from now on; data NULL: as it was */
	/*
	 * Theirs; NULL: they did not say (an empty one is NULL). Of a step that is not the last
	 * only if it can not become another: the first one that is told stays.
	 */
	const char *pos_order_id;
	int64_t estimated_ready_time; /* µs, TIME_NONE: they did not say */
	int64_t total_minor;          /* what the order comes to there; -1: they did not say */
	/* CREATE, LOOK: its lines there, in words (contents.h); NULL: they did not say */
	const char *contents;
	/* LOOK, with DONE */
	enum pos_presence presence;
	const char *status;   /* as in pos_event; NULL: nothing that we have a word for */
	const char *other_id; /* a second one lives there under our name: theirs; NULL: none */
	/* MENU, with DONE */
	/* which part of the menu this answer is, for read_menu(): a word; NULL: all of it */
	const char *page;
	/* LOGIN, with DONE */
	struct pos_session session;
	/* LOGIN, CONFIRM: whose access it is, where a merchant has several restaurants; or NULL */
	const char *merchant_id;
};

/* With that verdict, and nothing else said. */
struct pos_outcome pos_outcome_of(struct verdict);
/*
 * What the end of a call without a reply means, by what the transport knows alone: UNSURE once a
 * byte of the request may have left, if it is one that has an effect.
 */
struct verdict pos_failure(enum call_failure, bool has_effect);

/* How a verb is spoken; call NULL: this POS has no such thing. */
struct pos_talk {
	/*
	 * The next step's request. False, with the problems named, when what is needed for it is
	 * missing (POS-16): nothing may be sent, which is a REFUSED of cause PAYLOAD. Of a FOLLOW
	 * also without any: nothing is left to be done.
	 */
	bool (*call)(struct arena *, const struct pos_task *, struct http_call *ret_call,
	    struct pos_problems *);
	struct pos_outcome (*read)(
	    struct arena *, const struct pos_task *, const struct http_reply *);
};

/*
 * Does the POS make one order out of the same request sent twice? (protocol.md, "What each POS can
 * be promised") Of several steps, those that can be UNSURE are meant.
 */
enum pos_repeat { POS_REPEAT_NO, POS_REPEAT_CLAIMED, POS_REPEAT_YES };

/* What a limit on requests is counted over. */
enum pos_scope { POS_SCOPE_RESTAURANT, POS_SCOPE_PROVIDER };

struct pos_traits {
	enum pos_repeat repeat_is_safe;
	/*
	 * for so long after the first time; then the POS may have forgotten it, and a repeat make
	 * another order (protocol.md rule 12); 0: for as long as it has the order
	 */
	int repeat_lasts_s;
	/* a successful create is the acceptance; else it arrives later, by event */
	bool accepts_on_create;
	/* our reference exists only once at the POS: events bind by it (protocol.md rule 10) */
	bool binds_by_reference;
	/* it takes lines that are not on its menu, by name and price (E38) */
	bool takes_open_items;
	/* it can be given an order for later at once, and tells the kitchen in time (E7) */
	bool holds_scheduled;
	/* what it has taken is still to be seen to, by FOLLOW */
	bool follows;
	/*
	 * what a CREATE has begun and not finished stands there until CANCEL, with its progress and
	 * no id, takes it off
	 */
	bool leaves_drafts;
	/* an accepted order must be proved by an event or a look this soon; 0: not (rule 13) */
	int needs_proof_s;
	/* an open order is looked at this often, lest an event was lost; 0: never */
	int poll_s;
	/* and its menu, with what is sold out, fetched this often, for the same reason; 0: never */
	int menu_poll_s;
	/* how its calls to us prove themselves; NONE: as webhook_policy of the integration says */
	enum pos_policy policy;
	enum pos_scope rate_scope;
	int rate_per_min, rate_burst;
	int concurrency; /* calls under way at once, over the same scope; 0: no limit */
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
	POS_EVENT_REVOKED,      /* our access was taken away */
	POS_EVENT_HELLO,        /* they try the address out; code is to be told to the operator */
	POS_EVENT_NOTHING,      /* well-formed, and nothing to us */
};

/* ANY: all that goes by the id, and items that go by it and by what they stand in ("ID/GROUP"). */
enum pos_stock_kind { POS_STOCK_ITEM, POS_STOCK_ADDON, POS_STOCK_ANY };

/* When something switched off comes back by itself. */
enum pos_return { POS_RETURN_NEVER, POS_RETURN_END_OF_DAY, POS_RETURN_AT };

struct pos_event {
	enum pos_event_kind kind;
	const char *rest_id;      /* the provider's id of the restaurant; NULL: not said */
	/* theirs of who has it, if they may have several; alone it is news of all of these */
	const char *merchant_id;
	int64_t occurred_at;      /* µs, TIME_NONE: not said */
	/* a name of this event that the proof covers and no other one has; NULL: it has none */
	const char *event_id;
	/* ORDER */
	bool is_hint;    /* it does not say how the order stands: look */
	bool is_anybodys; /* they tell of all orders of the restaurant, not only of ours */
	const char *reference;    /* our name for the order; NULL: not said */
	const char *pos_order_id; /* theirs; NULL: not said */
	/* the provider's word, as it came: "5", "CONFIRMED"; HELLO: what to tell */
	const char *code;
	/* ours: confirmed preparing ready out_for_delivery completed cancelled rejected */
	const char *status;
	const char *cancel_reason;
	int64_t minimum_prep_time_min, minimum_delivery_time_min; /* minutes; -1: not said */
	int64_t ready_at; /* µs, TIME_NONE: not said */
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

/* Of that kind, and nothing else said. */
struct pos_event pos_event_of(enum pos_event_kind);

/* What the house made of a delivery, for the answer in the provider's form. */
struct pos_answer {
	int http_status;       /* 200, or the error's */
	const char *sentence;  /* what was wrong; NULL: nothing */
	const char *reference; /* ORDER: the order's name */
	const char *status;    /* ORDER: its status, in the words of this surface */
	bool is_open;          /* STORE_ASKED */
	const char *rest_id;
};

/*
 * {"success":true}, or {"success":false,"message":"..."}: for a POS that looks at the status alone.
 */
const char *pos_reply_plain(struct arena *, const struct pos_answer *);

/* What a delivery is proved with. */
struct pos_proof {
	const char *header; /* the value of policy_header()'s header; NULL: absent */
	struct bytes body;  /* raw */
	const struct pos_config *config;
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
	/*
	 * A call that brings news of several things, or restaurants, at once: its parts, each a
	 * body for read(), all proved by the call's header. n 0: it has none, or is none of these.
	 * NULL: a call is one piece of news.
	 */
	void (*split)(struct arena *, struct bytes body, const struct bytes **ret, size_t *ret_n);
};

/* A document that a menu consists of. */
struct pos_page {
	const char *name; /* as pos_outcome.page; NULL: the whole menu */
	struct bytes body;
};

/* ---- the adapter ---- */

struct pos_adapter {
	const char *name;         /* pos_providers.provider_name, in lower case */
	const char *display_name;
	/* the secret that the older single `api_key` of an integration stands for; NULL: none */
	const char *api_key_is;
	const struct pos_field *fields;
	size_t fields_n;
	struct call_limits create_limits; /* CREATE, FOLLOW, CANCEL */
	struct call_limits ask_limits;    /* LOOK, LOGIN, QUOTE */
	struct call_limits menu_limits;   /* MENU: a step of it */
	struct pos_traits traits;
	const struct pos_delivery *deliveries;
	size_t deliveries_n;

	/* Checks across keys that a row of the schema can not say. NULL: none. */
	void (*check_config)(struct arena *, const struct pos_config *, struct pos_problems *);
	/* Traits that depend on the configuration: changes *ret. NULL: none do. */
	void (*traits_of)(const struct pos_config *, struct pos_traits *ret);
	/*
	 * Is an access token to be got, and renewed, by LOGIN? (Else it is a secret like any
	 * other, or there is none.) NULL: no.
	 */
	bool (*logs_in)(const struct pos_config *);
	/*
	 * Where a merchant is sent to give us access. They come back to the redirect_uri with a
	 * code, and the state as it is; the code is then the secret POS_CODE, which LOGIN exchanges
	 * before it renews anything. NULL: this POS has no such thing; answering NULL: not with
	 * this configuration.
	 */
	const char *(*authorize_url)(struct arena *, const struct pos_config *,
	    const char *redirect_uri, const char *state);

	/* CREATE is always there. */
	struct pos_talk talks[POS_VERB__MAX];
	bool reads_with_order; /* read, and read_failure, of a CREATE need task->order */
	/*
	 * Does a line, or an add-on of it where one is given, go as an open item, by its name and
	 * price, since it is none of their menu (E38)? NULL: nothing does.
	 */
	bool (*is_open_item)(
	    struct arena *, const struct order_line *, const struct order_addon *);
	/*
	 * Which amounts of an order they are not told in figures, so that it comes to another sum
	 * there, and what of the settings is missing for it: words for staff. The note to the
	 * kitchen has them too. NULL: none.
	 */
	const char *(*untold)(
	    struct arena *, const struct pos_config *, const struct order *);
	/*
	 * A step that ended without a reply: which outcome, and why; progress as in read. Sentence
	 * is constant.
	 */
	struct pos_outcome (*read_failure)(
	    struct arena *, enum pos_verb, const struct pos_task *, enum call_failure);

	/*
	 * A menu out of its documents, fetched or pushed. NULL and *ret_menu, or a sentence saying
	 * why nothing of it can be used. Parts that can not be used are left out and named in its
	 * problems.
	 */
	const char *(*read_menu)(struct arena *, const struct pos_config *,
	    const struct pos_page *pages, size_t pages_n, struct menu_doc *ret_menu);

	/*
	 * The header that carries the proof under a policy, in lower case; NULL: the policy is not
	 * one of theirs.
	 */
	const char *(*policy_header)(enum pos_policy);
	/* Is it proved by this secret? In constant time. Policy NONE: false. */
	bool (*verify)(enum pos_policy, struct bytes secret, const struct pos_proof *);
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
/* A call that carries another token than access_token; NULL: as it is. */
void pos_call_with(struct arena *, const char *token, struct http_call *);

/* Does it speak the verb? */
bool pos_can(const struct pos_adapter *, enum pos_verb);
/* What holds for this configuration. */
struct pos_traits pos_traits_of(const struct pos_config *);

/* All adapters, NULL at the end. */
const struct pos_adapter *const *pos_adapters(void);

/* The delivery of that name ("order-status"); NULL: this POS makes no such call. */
const struct pos_delivery *pos_delivery_find(const struct pos_adapter *, const char *name);

/* "hmac", "authorization"; anything else, or NULL, is NONE. */
enum pos_policy pos_policy_by_name(const char *);

/* The field row of a key in either spelling; NULL: no such key. */
const struct pos_field *pos_field_find(const struct pos_adapter *, const char *key);
/* How many code points the value of a TEXT may have. */
int64_t pos_field_text_max(const struct pos_field *);
/* "text", "url", "integer", "switch", "choice", "list", "time_zone". */
const char *pos_kind_name(enum pos_field_kind);

/*
 * What there is to know of an adapter before it is set up, as members of an object that is open:
 * its names, what it can, how its calls to us prove themselves (null: as its webhook_policy is
 * set), which secret the older api_key is, and its settings.
 */
void pos_form_write(struct json_write *, const struct pos_adapter *);

extern const struct pos_adapter pos_petpooja, pos_toast, pos_square,
    pos_clover;

#endif
