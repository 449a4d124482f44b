#include "tenant/pause.h"

#include <string.h>

#include "audit/audit.h"
#include "db/db.h"
#include "event/event.h"
#include "mem/buf.h"
#include "op/crash.h"
#include "op/op.h"
#include "outbox/outbox.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/json_write.h"

#define SWITCH_KEY "restaurant_open"
#define BUSY_KEY "busy_minutes"
#define TEXT_MAX ((size_t)4096)

/* --- what follows from the settings ----------------------------------------------------------- */

struct accepting {
	int64_t restaurant_id;
	bool is_open;
};

/* The row that every order locks is locked last. */
static enum err
accepting_flip(struct op *op, void *arg)
{
	const struct accepting *a = arg;

	return restaurant_accepting_set(op, a->restaurant_id, a->is_open);
}

enum err
pause_switched(struct op *op, int64_t restaurant_id, const char *json)
{
	struct accepting *a = arena_alloc(op->arena, sizeof *a);
	enum err e = setting_save_inner(op, restaurant_id, PAUSE_KEY, NULL);

	/*
	 * Without a row of its own nothing of the restaurant forbids an order; a platform that is
	 * closed does so by its setting, which placing reads.
	 */
	*a = (struct accepting){ .restaurant_id = restaurant_id,
		.is_open = json == NULL || strcmp(json, "true") == 0 };
	if (e == OK)
		e = outbox_drop(op, MESSAGE_store_resume, restaurant_id);
	if (e != OK)
		return e;
	op_before_commit(op, accepting_flip, a);
	event_note(op, restaurant_id, a->is_open ? "store_opened" : "store_closed", 0, "{}");
	return OK;
}

enum err
pause_busy_changed(struct op *op, int64_t restaurant_id, const char *json)
{
	enum err e = setting_save_inner(op, restaurant_id, PAUSE_BUSY_KEY, NULL);

	if (e == OK)
		e = outbox_drop(op, MESSAGE_store_calm, restaurant_id);
	if (e == OK)
		event_note(op, restaurant_id, "store_busy", 0,
		    arena_printf(op->arena, "{\"minutes\":%s}", json != NULL ? json : "0"));
	return e;
}

/* --- deeds ------------------------------------------------------------------------------------ */

/* {"reason":...,"until":...}, also with what it was before for the audit. */
static const char *
pause_text(struct op *op, const char *was, const char *reason, int64_t until_us)
{
	struct json_write w;
	struct buf buf;

	buf_init(&buf, op->arena, TEXT_MAX);
	json_write_init(&w, &buf);
	json_write_object(&w, NULL);
	if (was != NULL)
		json_write_raw(&w, "was_open", was);
	json_write_string(&w, "reason", reason);
	json_write_time(&w, "until", until_us);
	json_write_object_end(&w);
	json_write_done(&w);
	return buf.data;
}

static enum err
ending_put(struct op *op, enum message_kind kind, int64_t restaurant_id, int64_t until_us)
{
	return outbox_put(op, &(struct message_new){ .kind = kind,
				  .restaurant_id = restaurant_id,
				  .subject_id = restaurant_id,
				  .delay_us = until_us - op->now_us });
}

enum err
pause_lock(struct op *op, const struct restaurant *r, struct setting *ret)
{
	return setting_lock(op, r, SWITCH_KEY, ret);
}

enum err
pause_begin(struct op *op, struct setting *s, const char *reason, int64_t until_us)
{
	const char *was = s->value;
	enum err e = setting_save(op, s, "false");

	if (e == OK)
		e = setting_save_inner(
		    op, s->restaurant_id, PAUSE_KEY, pause_text(op, NULL, reason, until_us));
	if (e == OK && until_us != TIME_NONE)
		e = ending_put(op, MESSAGE_store_resume, s->restaurant_id, until_us);
	CRASH_POINT("pause.begun");
	return e != OK ? e
		       : audit_record(
			     op, "store.pause", SWITCH_KEY, pause_text(op, was, reason, until_us));
}

enum err
pause_end(struct op *op, struct setting *s)
{
	const char *detail = arena_printf(op->arena, "{\"was_open\":%s}", s->value);
	enum err e = setting_save(op, s, "true");

	return e != OK ? e : audit_record(op, "store.resume", SWITCH_KEY, detail);
}

enum err
pause_busy(struct op *op, const struct restaurant *r, int64_t minutes, int64_t until_us)
{
	char text[ISO8601_LEN];
	struct setting s;
	enum err e = setting_lock(op, r, BUSY_KEY, &s);

	if (e == OK)
		e = setting_put(
		    op, &s, "minutes", arena_printf(op->arena, "%lld", (long long)minutes));
	if (e != OK || until_us == TIME_NONE)
		return e;
	iso8601_format(until_us, text);
	e = setting_save_inner(op, r->id, PAUSE_BUSY_KEY, arena_printf(op->arena, "\"%s\"", text));
	return e != OK ? e : ending_put(op, MESSAGE_store_calm, r->id, until_us);
}

/* --- by themselves ---------------------------------------------------------------------------- */

/* Under its lock: if what is on has an end that has come, it ends, whichever message says so. */
static enum err
ending_apply(struct op *op, const struct message *m, struct setting *locked, int64_t until_us)
{
	bool is_pause = m->kind == MESSAGE_store_resume;
	enum err e;

	if (until_us == TIME_NONE || until_us > op->now_us) {
		e = setting_leave(op, locked);
		if (e != OK)
			return e;
		return until_us == TIME_NONE
			   ? outbox_finish(op, m, OUTCOME_DONE, "It was ended or replaced")
			   : outbox_later(op, m, until_us - op->now_us, "Its time has not come");
	}
	e = setting_save(op, locked, is_pause ? "true" : "0");
	if (e == OK)
		e = audit_record(op, is_pause ? "store.resume" : "store.calm", locked->key->name,
		    pause_text(op, NULL, "Its time has come", until_us));
	return e != OK ? e : outbox_finish(op, m, OUTCOME_DONE, NULL);
}

enum err
pause_apply(struct op *op, const struct message *m)
{
	bool is_pause = m->kind == MESSAGE_store_resume;
	struct settings settings;
	struct restaurant r;
	struct setting s;
	enum err e = restaurant_by_id(op, m->subject_id, &r);

	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_DONE, "The restaurant is gone");
	if (e == OK)
		e = setting_lock(op, &r, is_pause ? SWITCH_KEY : BUSY_KEY, &s);
	if (e == OK)
		e = settings_read(op, r.id, r.currency, &settings);
	if (e != OK)
		return e;
	if (!is_pause)
		return ending_apply(op, m, &s, settings.busy_until);
	return ending_apply(op, m, &s, settings.pause.is_on ? settings.pause.until : TIME_NONE);
}
