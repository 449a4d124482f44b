#include "op/op.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct op_hook {
	struct op_hook *next;
	enum err (*before)(struct op *, void *);
	void (*after)(void *);
	void *arg;
};

static bool
trace_id_ok(const char *s)
{
	return s != NULL && strlen(s) == 32 && strspn(s, "0123456789abcdef") == 32 &&
	    strspn(s, "0") != 32;
}

void
op_begin(struct op *op, struct db *db, size_t arena_max, const char *trace_id)
{
	*op = (struct op){
		.arena = arena_new(arena_max),
		.db = db,
		.now_us = TIME_NONE,
		.random = randombytes_buf,
	};
	if (trace_id_ok(trace_id)) {
		memcpy(op->trace_id, trace_id, sizeof op->trace_id);
	} else {
		unsigned char id[16];
		randombytes_buf(id, sizeof id);
		sodium_bin2hex(op->trace_id, sizeof op->trace_id, id, sizeof id);
	}
}

void
op_end(struct op *op)
{
	arena_free(&op->arena);
	*op = (struct op){ .now_us = TIME_NONE };
}

static void
fault_set(struct op *op, enum err code, const char *file, int line)
{
	op->fault.code = code;
	op->fault.file = file;
	op->fault.line = line;
}

enum err
fail_at(struct op *op, enum err code, const char *file, int line, const char *format, ...)
{
	if (op->fault.code != OK)
		return op->fault.code;
	fault_set(op, code, file, line);
	if (format != NULL) {
		va_list args;

		va_start(args, format);
		op->fault.sentence = arena_vprintf(op->arena, format, args);
		va_end(args);
	}
	return code;
}

enum err
fail_field_at(struct op *op, const char *file, int line, const char *field, const char *format, ...)
{
	struct fault_field **end = &op->fault.fields, *f;
	va_list args;

	if (op->fault.code == OK)
		fault_set(op, ERR_VALIDATION_ERROR, file, line);
	f = arena_alloc(op->arena, sizeof *f);
	f->field = arena_strdup(op->arena, field);
	va_start(args, format);
	f->sentence = arena_vprintf(op->arena, format, args);
	va_end(args);
	while (*end != NULL)
		end = &(*end)->next;
	*end = f;
	return op->fault.code;
}

void
op_forgive(struct op *op)
{
	op->fault = (struct fault){ .code = OK };
}

void
op_random(struct op *op, void *data, size_t len)
{
	op->random(data, len);
}

static void
hook_append(struct op *op, struct op_hook **end, struct op_hook hook)
{
	struct op_hook *x = arena_alloc(op->arena, sizeof *x);

	*x = hook;
	while (*end != NULL)
		end = &(*end)->next;
	*end = x;
}

/* Is it asked for already? */
static bool
hook_waits(const struct op *op, enum err (*do_it)(struct op *, void *), const void *arg)
{
	if (!op->in_transaction)
		abort();
	for (const struct op_hook *x = op->before_commit; x != NULL; x = x->next)
		if (x->before == do_it && x->arg == arg)
			return true;
	return false;
}

void
op_before_commit(struct op *op, enum err (*do_it)(struct op *, void *), void *arg)
{
	if (!hook_waits(op, do_it, arg))
		hook_append(
		    op, &op->before_commit, (struct op_hook){ .before = do_it, .arg = arg });
}

void
op_before_commit_early(struct op *op, enum err (*do_it)(struct op *, void *), void *arg)
{
	struct op_hook *rest = op->before_commit;

	if (hook_waits(op, do_it, arg))
		return;
	op->before_commit = NULL;
	hook_append(op, &op->before_commit, (struct op_hook){ .before = do_it, .arg = arg });
	op->before_commit->next = rest;
}

void
op_after_commit(struct op *op, void (*do_it)(void *), void *arg)
{
	if (!op->in_transaction)
		do_it(arg);
	else
		hook_append(op, &op->after_commit, (struct op_hook){ .after = do_it, .arg = arg });
}

void
op_transaction_begins(struct op *op)
{
	op->before_commit = op->after_commit = NULL;
	op->events = NULL;
	op->places = NULL;
	op->discounts = NULL;
	op->notes = NULL;
	op->orders_ahead = NULL;
	op->integrations_ahead = NULL;
	op->in_transaction = true;
}

enum err
op_transaction_commits(struct op *op)
{
	enum err e = OK;

	for (struct op_hook *x = op->before_commit; x != NULL && e == OK; x = x->next)
		e = x->before(op, x->arg);
	return e;
}

void
op_transaction_ended(struct op *op, bool committed)
{
	struct op_hook *x = op->after_commit;

	op->before_commit = op->after_commit = NULL;
	op->events = NULL;
	op->places = NULL;
	op->discounts = NULL;
	op->notes = NULL;
	op->orders_ahead = NULL;
	op->integrations_ahead = NULL;
	op->in_transaction = false;
	for (; committed && x != NULL; x = x->next)
		x->after(x->arg);
}
