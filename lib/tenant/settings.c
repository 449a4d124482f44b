#include "tenant/settings.h"

#include <string.h>

#include "audit/audit.h"
#include "db/db.h"
#include "event/event.h"
#include "mem/buf.h"
#include "tenant/pause.h"
#include "tenant/restaurant.h"
#include "text/json_write.h"
#include "text/money.h"

#define DETAIL_MAX ((size_t)128 * 1024)

/* The row that a lock puts where there is none: of nobody, gone before the commit. */
#define NOBODY ""

struct setting_row {
	int64_t restaurant_id, updated_at;
	const char *config_key, *value, *updated_by;
};
static const struct db_col setting_cols[] = {
	COL_I64(struct setting_row, restaurant_id),
	COL_TEXT(struct setting_row, config_key),
	COL_TEXT(struct setting_row, value),
	COL_TIME(struct setting_row, updated_at),
	COL_TEXT(struct setting_row, updated_by),
};
static const struct db_shape setting_shape = DB_SHAPE(struct setting_row, setting_cols);

/* --- all at once ------------------------------------------------------------------------------ */

static enum err
rows_read(struct op *op, int64_t restaurant_id, struct setting_row **ret, size_t *ret_n)
{
	return db_many(op, STMT_settings_of, DB_ARGS(DB_I64("restaurant_id", restaurant_id)),
	    &setting_shape, ret, ret_n);
}

/* The last row of a key among the first n; NULL: none. The platform's come first. */
static const struct setting_row *
row_of(const struct setting_row *rows, size_t n, const struct setting_key *key)
{
	const struct setting_row *row = NULL;

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].config_key, key->name) == 0 && rows[i].updated_by[0] != '\0')
			row = &rows[i];
	return row;
}

static enum err
settings_take(
    struct op *op, const struct setting_row *rows, size_t n, unsigned exponent, struct settings *s)
{
	size_t keys_n;
	const struct setting_key *keys = setting_keys(&keys_n);
	const char *at;

	for (size_t i = 0; i < keys_n; i++) {
		const struct setting_row *row = row_of(rows, n, &keys[i]);
		const char *json = row != NULL ? row->value : keys[i].fallback;

		if (json != NULL &&
		    setting_take(op->arena, &keys[i], json, exponent, s, &at) != NULL)
			return fail(op, ERR_INTERNAL_ERROR, "The setting %s has a wrong value",
			    keys[i].name);
	}
	return OK;
}

enum err
settings_read(struct op *op, int64_t restaurant_id, const char *currency, struct settings *ret)
{
	struct settings s = { .busy_until = TIME_NONE, .pause = { .until = TIME_NONE } };
	struct setting_row *rows;
	unsigned exponent = 0;
	size_t n;
	enum err e;

	if (!money_exponent(currency, &exponent))
		return fail(op, ERR_INTERNAL_ERROR, "Unknown currency");
	e = rows_read(op, restaurant_id, &rows, &n);
	if (e == OK)
		e = settings_take(op, rows, n, exponent, &s);
	if (e != OK)
		return e;
	if (s.busy_until != TIME_NONE && s.busy_until <= op->now_us)
		s.busy_minutes = 0;
	s.pause.is_on &= !s.restaurant_open;
	*ret = s;
	return OK;
}

/* --- one by one ------------------------------------------------------------------------------- */

/*
 * Decimals of amounts: those of the restaurant's currency, or, for the platform, those that any
 * has.
 */
static enum err
exponent_of(struct op *op, const struct restaurant *r, unsigned *ret)
{
	*ret = 0;
	if (r != NULL && !money_exponent(r->currency, ret))
		return fail(op, ERR_INTERNAL_ERROR, "Unknown currency");
	return OK;
}

static struct setting
setting_of(struct op *op, const struct setting_key *key, int64_t restaurant_id, unsigned exponent,
    const struct setting_row *rows, size_t n)
{
	const struct setting_row *row, *below;
	struct setting s = { .key = key, .restaurant_id = restaurant_id, .exponent = exponent };
	size_t below_n = 0;

	while (below_n < n && rows[below_n].restaurant_id != restaurant_id)
		below_n++;
	below = row_of(rows, below_n, key);
	row = row_of(rows, n, key);
	s.has_row = row != below;
	s.fallback =
	    setting_show(op->arena, key, below != NULL ? below->value : key->fallback, exponent);
	s.value = row != NULL ? setting_show(op->arena, key, row->value, exponent) : s.fallback;
	s.source = row == NULL               ? SETTING_DEFAULT
		   : row->restaurant_id == 0 ? SETTING_PLATFORM
					     : SETTING_RESTAURANT;
	s.updated_at = row != NULL ? row->updated_at : TIME_NONE;
	s.updated_by = row != NULL ? row->updated_by : NULL;
	return s;
}

enum err
settings_list(struct op *op, const struct restaurant *r, struct setting **ret, size_t *ret_n)
{
	const struct setting_key *keys;
	int64_t restaurant_id = r != NULL ? r->id : 0;
	struct setting_row *rows;
	struct setting *list;
	unsigned exponent;
	size_t n, keys_n, list_n = 0;
	enum err e = exponent_of(op, r, &exponent);

	if (e == OK)
		e = rows_read(op, restaurant_id, &rows, &n);
	if (e != OK)
		return e;
	keys = setting_keys(&keys_n);
	list = arena_array(op->arena, keys_n, sizeof *list);
	for (size_t i = 0; i < keys_n; i++)
		if (!keys[i].is_inner)
			list[list_n++] = setting_of(op, &keys[i], restaurant_id, exponent, rows, n);
	*ret = list;
	*ret_n = list_n;
	return OK;
}

enum err
setting_get(struct op *op, const struct restaurant *r, const char *name, struct setting *ret)
{
	const struct setting_key *key = setting_find(name);
	int64_t restaurant_id = r != NULL ? r->id : 0;
	struct setting_row *rows;
	unsigned exponent;
	size_t n;
	enum err e;

	if (key == NULL || key->is_inner)
		return fail(op, ERR_NOT_FOUND, "There is no such setting");
	e = exponent_of(op, r, &exponent);
	if (e == OK)
		e = rows_read(op, restaurant_id, &rows, &n);
	if (e == OK)
		*ret = setting_of(op, key, restaurant_id, exponent, rows, n);
	return e;
}

enum err
setting_lock(struct op *op, const struct restaurant *r, const char *name, struct setting *ret)
{
	const struct setting_key *key = setting_find(name);
	enum err e;

	if (key == NULL || key->is_inner)
		return fail(op, ERR_NOT_FOUND, "There is no such setting");
	e = db_run(op, STMT_setting_lock,
	    DB_ARGS(DB_I64("restaurant_id", r != NULL ? r->id : 0), DB_TEXT("config_key", name)));
	return e != OK ? e : setting_get(op, r, name, ret);
}

const char *
setting_tag(struct arena *arena, const struct setting *s)
{
	static const char *const letters[] = {
		[SETTING_DEFAULT] = "d", [SETTING_PLATFORM] = "p", [SETTING_RESTAURANT] = "r"
	};

	return arena_printf(arena, "%s-%s-%lld", s->key->name, letters[s->source],
	    s->updated_at != TIME_NONE ? (long long)s->updated_at : 0);
}

static const char *
actor_of(const struct op *op)
{
	return op->actor.name != NULL ? op->actor.name : "system";
}

enum err
setting_save(struct op *op, struct setting *s, const char *json)
{
	int64_t at = op->now_us;
	enum err e;

	/* A tag is never used twice, be the clock as it may. */
	if (s->updated_at != TIME_NONE && s->updated_at >= at)
		at = s->updated_at + 1;
	if (json == NULL)
		e = db_run(op, STMT_setting_remove,
		    DB_ARGS(DB_I64("restaurant_id", s->restaurant_id),
			DB_TEXT("config_key", s->key->name)));
	else
		e = db_run(op, STMT_setting_save,
		    DB_ARGS(DB_I64("restaurant_id", s->restaurant_id),
			DB_TEXT("config_key", s->key->name), DB_TEXT("value", json),
			DB_TIME("updated_at", at), DB_TEXT("updated_by", actor_of(op))));
	if (e == OK && s->key->changed != NULL && s->restaurant_id != 0)
		e = s->key->changed(op, s->restaurant_id, json);
	if (e != OK)
		return e;
	s->has_row = json != NULL;
	s->value = json != NULL ? setting_show(op->arena, s->key, json, s->exponent) : s->fallback;
	return OK;
}

enum err
setting_leave(struct op *op, const struct setting *s)
{
	return s->has_row ? OK : setting_save_inner(op, s->restaurant_id, s->key->name, NULL);
}

/* As it stands after a change, whatever holds now: read again. */
static enum err
setting_again(struct op *op, struct setting *s)
{
	struct setting_row *rows;
	size_t n;
	enum err e = rows_read(op, s->restaurant_id, &rows, &n);

	if (e == OK)
		*s = setting_of(op, s->key, s->restaurant_id, s->exponent, rows, n);
	return e;
}

static enum err
change_record(struct op *op, const struct setting *s, const char *old, bool is_reset)
{
	struct json_write w;
	struct buf detail, note;

	buf_init(&detail, op->arena, DETAIL_MAX);
	json_write_init(&w, &detail);
	json_write_object(&w, NULL);
	json_write_string(&w, "scope", s->restaurant_id == 0 ? "platform" : "restaurant");
	json_write_raw(&w, "old", old);
	json_write_raw(&w, "new", s->value);
	json_write_object_end(&w);
	json_write_done(&w);
	if (s->restaurant_id != 0) {
		buf_init(&note, op->arena, 200);
		json_write_init(&w, &note);
		json_write_object(&w, NULL);
		json_write_string(&w, "key", s->key->name);
		json_write_object_end(&w);
		event_note(op, s->restaurant_id, "config_changed", 0, note.data);
	}
	return audit_record(
	    op, is_reset ? "config.reset" : "config.set", s->key->name, detail.data);
}

enum err
setting_put(struct op *op, struct setting *s, const char *field, const char *json)
{
	const char *old = s->value, *at, *why = NULL;
	struct settings scratch;
	enum err e;

	/* What could be written and not be read would close the restaurant. */
	if (json != NULL)
		why = setting_take(op->arena, s->key, json, s->exponent, &scratch, &at);
	if (why != NULL)
		return fail_field(op, arena_printf(op->arena, "%s%s", field, at), "%s", why);
	/* An amount that came as text is a number from now on. */
	if (json != NULL)
		json = setting_show(op->arena, s->key, json, s->exponent);
	e = setting_save(op, s, json);
	if (e == OK)
		e = setting_again(op, s);
	return e != OK ? e : change_record(op, s, old, json == NULL);
}

enum err
setting_save_inner(struct op *op, int64_t restaurant_id, const char *name, const char *json)
{
	if (json == NULL)
		return db_run(op, STMT_setting_remove,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("config_key", name)));
	return db_run(op, STMT_setting_save,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("config_key", name),
		DB_TEXT("value", json), DB_TIME("updated_at", op->now_us),
		DB_TEXT("updated_by", actor_of(op))));
}

enum err
settings_write(struct op *op, int64_t restaurant_id, const char *name, const char *json)
{
	const struct setting_key *key = setting_find(name);
	struct restaurant r = { .id = 0 };
	struct setting s;
	enum err e = OK;

	if (key == NULL || key->is_inner)
		return fail_field(op, name, "is not a setting");
	if (restaurant_id != 0)
		e = restaurant_by_id(op, restaurant_id, &r);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_INTERNAL_ERROR, "No such restaurant");
	if (e == OK)
		e = setting_lock(op, restaurant_id != 0 ? &r : NULL, name, &s);
	return e != OK ? e : setting_put(op, &s, name, json);
}
