/*
 * inside: what the files of this room share.
 *
 * Everything of a run lives in its op's arena. A check says what came of it and why; what was sent
 * meanwhile is remembered for the report by certify_talk.c.
 */
#ifndef TICKETRAIL_CERTIFY_INSIDE_H
#define TICKETRAIL_CERTIFY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menu/menu_doc.h"
#include "order/order.h"
#include "pos/pos.h"

struct certify_check;
struct json_object;
struct op;
struct transfers;

#define SECOND_US (INT64_C(1) * 1000000)
#define CERTIFY_SECRETS_MAX 40
#define CERTIFY_SAID_MAX 12

/* ---- what came of a check ---- */

enum certify_state { CERTIFY_PASSED, CERTIFY_FAILED, CERTIFY_NOT_HERE, CERTIFY_STATE__MAX };

struct certify_result {
	enum certify_state state;
	const char *sentence;
};

struct certify_result certify_passed(const char *sentence);
struct certify_result certify_failed(const char *sentence);
struct certify_result certify_not_here(const char *sentence);

/* One call and its end: the call with secrets by name. */
struct certify_exchange {
	const struct http_call *call;
	bool has_reply;
	struct http_reply reply;
	enum call_failure failure;
};

/* ---- a run ---- */

struct certify {
	struct op *op;
	const struct pos_adapter *adapter;
	const struct pos_config *config;
	struct pos_problems problems; /* of the configuration */
	struct pos_secret secrets[CERTIFY_SECRETS_MAX];
	size_t secrets_n;
	const char *webhook_secret, *authorization; /* by which their calls are known; or NULL */
	const char *endpoint;                       /* as given; NULL: the configuration's */
	struct transfers *transfers;
	int64_t wait_us;    /* how long what was made may take to be seen */
	bool may_use_up;    /* a refresh token that is replaced by being used */
	const char *callback_url;

	/* what orders are made of */
	const char *const *items; /* which to take, by their ids; n 0: any */
	size_t items_n;
	const char *guest_name, *guest_phone, *guest_email, *guest_address, *table;
	int64_t scheduled_in_min;
	struct menu_doc menu;
	bool has_menu;
	const char *no_menu; /* why not, once that was tried */

	/* orders that the file describes, each a check of its own */
	const struct certify_check *samples;
	size_t samples_n;

	/* as it goes */
	const char *name; /* what the references of this run begin with */
	int references_n;
	int busy_n;         /* 429s */
	int busy_unsaid_n;  /* those without a time, or whose time the adapter did not see */
	int busy_waited_n;  /* those after whose time it went on */
	/* why checks that need access can not be made; NULL: they can, as far as is known */
	const char *barred;
	bool is_quiet;      /* what is said now is not for the report */
	struct certify_exchange said[CERTIFY_SAID_MAX]; /* of the check under way: the last ones */
	size_t said_n;      /* how many there were */
};

/* What time it is, µs. */
int64_t certify_now(void);
/* Only the sentence of a verdict, with what was being done: "the first time: ...". */
const char *certify_says(
    struct certify *, const char *what, const struct pos_outcome *);

/* ---- speaking: certify_talk.c ---- */

enum certify_mode {
	TALK_PLAIN,
	TALK_TWICE, /* each step that has an effect is sent again, as it was */
	TALK_CUT,   /* the first step that has an effect: we close the connection once it is sent */
	TALK_STOP,  /* ends before the first step that has an effect */
};

/* A conversation: the first four members are to be set, with the task's config left out. */
struct certify_talk {
	enum pos_verb verb;
	enum certify_mode mode;
	struct pos_task task;
	const struct order *order;

	struct pos_outcome outcome; /* the last step's */
	const char *pos_order_id;
	int64_t total_minor;
	struct bytes progress;
	struct http_reply reply; /* the last one; status 0: there was none */
	struct pos_page *pages;  /* MENU */
	size_t pages_n;
	size_t calls_n;
	bool has_stopped;  /* STOP: where it was to */
	bool was_cut;      /* CUT: it was */
	bool was_unknown;  /* a step was answered by 404 */
	const char *wrong; /* TWICE: what should not have come of the second time; NULL: nothing */
};

/*
 * Steps, pauses they ask for and what is in doubt are gone through by the rules of the relay:
 * protocol.md; what is in doubt is repeated where that is safe, else looked for.
 */
void certify_speak(struct certify *, struct certify_talk *);
/* The same for one look, by their id or, that being NULL, by our reference. */
void certify_look(
    struct certify *, const char *reference, const char *pos_order_id, struct certify_talk *);
/* Looks until it is there, as long as it may take to be seen. False: it is not. */
bool certify_look_for(
    struct certify *, const char *reference, const char *pos_order_id, struct certify_talk *);
bool certify_is_done(const struct certify_talk *);
/* A secret's value; NULL: it has none. */
const char *certify_secret(const struct certify *, const char *name);
void certify_secret_set(struct certify *, const char *name, const char *value);
/* Is there no token yet, and is it had by logging in? */
bool certify_needs_login(const struct certify *);
/* Logs in, where the adapter does. NULL, or why there is no access. */
const char *certify_log_in(struct certify *, struct certify_talk *);

/* ---- orders: certify_order.c ---- */

enum certify_pick { PICK_PLAIN, PICK_VARIED, PICK_WITH_ADDONS, PICK_NAMED };

/* An order as it is described in a table, or in the file. */
struct certify_shape {
	enum certify_pick pick;
	/* NAMED: by their ids; variation NULL: the item's first, if it has some */
	const char *item, *variation;
	const char *const *addons;
	size_t addons_n;
	const char *order_type; /* NULL: "pickup" */
	int64_t quantity;       /* 0: 1 */
	const char *line_note, *note;
	const char *guest_name; /* NULL: the run's */
	int64_t tip_minor;
	bool is_discounted, is_scheduled;
};

/* NULL, with *ret_why: the menu has nothing to make it of. It has a reference of its own. */
struct order *certify_order(
    struct certify *, const struct certify_shape *, const char **ret_why);
/* A reference that nothing bears yet. */
const char *certify_reference(struct certify *);
/* The menu is read, once. NULL, or why it can not be. */
const char *certify_menu(struct certify *, struct certify_talk *);

/* ---- what is there: certify_view.c ---- */

/* Is it known how this POS writes what was ordered? */
bool certify_can_view(const struct certify *);
/* NULL, or how the order that a look has just shown differs from what was ordered. */
const char *certify_differs(
    struct certify *, const struct order *, const struct certify_talk *look);
/* The look's call, with what this POS would else leave out of the answer. */
void certify_view_whole(struct certify *, struct http_call *);
/* Their id of what the steps so far made and nobody sees; NULL: there is none. */
const char *certify_draft(struct certify *, struct bytes progress);

/* ---- the checks ---- */

struct certify_check {
	const char *name;
	unsigned needs; /* bits of verbs, 1u << POS_LOOK */
	struct certify_result (*run)(struct certify *, const struct certify_check *);
	const struct certify_shape *shape;
	const char *sentence;
};

typedef struct certify_result certify_fn(struct certify *, const struct certify_check *);

certify_fn certify_configuration, certify_access, certify_permissions, certify_renewal,
    certify_refusal, certify_menu_check;
certify_fn certify_identity, certify_shape_taken;
certify_fn certify_twice, certify_other_body, certify_cut, certify_hidden;
certify_fn certify_retry_after, certify_absent, certify_status, certify_cancel,
    certify_cancel_twice, certify_cancel_unknown, certify_quote;
certify_fn certify_webhook;

/* Makes an order of a shape; NULL, with *ret, when that could not be done. */
struct order *certify_give(struct certify *, const struct certify_shape *, enum certify_mode,
    struct certify_talk *, struct certify_result *ret);
/* Takes it back, if that can be done; nobody asks how it went. */
void certify_take_back(struct certify *, const struct order *, const struct certify_talk *made);
/* The talk that takes it back. */
void certify_void(struct certify *, const struct order *, const struct certify_talk *made,
    struct certify_talk *ret);

/*
 * "samples" of the file, as checks named sample.NAME. NULL, or what is wrong with them:
 * certify_sample.c
 */
#define CERTIFY_SAMPLE "sample."
#define CERTIFY_SAMPLES_MAX 50
const char *certify_samples_read(struct certify *, struct json_object *list);

/* The table, in the order in which they are run: certify_table.c */
extern const struct certify_check certify_checks[];
extern const size_t certify_checks_n;

/* ---- the report: certify_report.c ---- */

struct certify_line {
	const struct certify_check *check;
	struct certify_result result;
	struct certify_exchange *said; /* of one that failed */
	size_t said_n;
};
void certify_report(struct certify *, const struct certify_line *, size_t n, int64_t took_us);
void certify_report_json(
    struct certify *, const struct certify_line *, size_t n, int64_t took_us);
void certify_list(void);

#endif
