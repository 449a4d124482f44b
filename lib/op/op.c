#include "op/op.h"

#include <sodium.h>
#include <stdarg.h>
#include <string.h>

struct after_commit {
	struct after_commit *next;
	void (*do_it)(void *);
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

void
op_after_commit(struct op *op, void (*do_it)(void *), void *arg)
{
	struct after_commit *x, **end = &op->after_commit;

	if (!op->in_transaction) {
		do_it(arg);
		return;
	}
	x = arena_alloc(op->arena, sizeof *x);
	*x = (struct after_commit){ .do_it = do_it, .arg = arg };
	while (*end != NULL)
		end = &(*end)->next;
	*end = x;
}

void
op_after_commit_drop(struct op *op)
{
	op->after_commit = NULL;
}

void
op_after_commit_run(struct op *op)
{
	struct after_commit *x = op->after_commit;

	op->after_commit = NULL;
	for (; x != NULL; x = x->next)
		x->do_it(x->arg);
}
