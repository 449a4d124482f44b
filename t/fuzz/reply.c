/*
 * reply: what providers answer. Whatever comes is one of the four outcomes with a sentence that can be shown; only a 2xx whose
 * body is JSON is DONE, or a 4xx that proves what was asked for (it is there already, it is gone), and a text that is no JSON
 * proves no refusal by its words. Input: the status and Retry-After in one line ("200 120"), and the body.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "notify/notify.h"
#include "pos/pos.h"
#include "text/json_read.h"

#define STEPS_MAX 5

struct sample {
	struct arena *arena;
	struct http_reply reply;
	bool is_json; /* the body */
};

static void
verdict_check(const struct sample *s, const struct verdict *v)
{
	bool is_good = s->reply.status >= 200 && s->reply.status <= 299;

	must((unsigned)v->outcome < OUTCOME__MAX && (unsigned)v->cause < CAUSE__MAX, "a verdict is one of ours");
	must(v->sentence != NULL && v->sentence[0] != '\0' && fuzz_is_printable(v->sentence) && strlen(v->sentence) < 2000,
	    "its sentence can be shown");
	must(v->retry_after_s >= 0 && v->retry_after_s <= 3600, "nobody is silenced for longer than an hour");
	if (v->outcome == OUTCOME_DONE)
		must((is_good ? s->is_json : s->reply.status >= 400 && s->reply.status < 500) && v->cause == CAUSE_NONE,
		    "done is what was said so, or what their refusal proves");
	else
		must(v->cause != CAUSE_NONE, "all else has a cause");
	if (v->outcome == OUTCOME_REFUSED && is_good)
		must(s->is_json, "no refusal is read into %d and garbage", s->reply.status);
	if (s->reply.status >= 500 && s->reply.status <= 599)
		must(v->outcome != OUTCOME_DONE && v->outcome != OUTCOME_REFUSED, "who fails has decided nothing");
}

static void
id_check(const char *id)
{
	must(id == NULL || (id[0] != '\0' && fuzz_is_printable(id) && strlen(id) <= 4 * 255), "an id can be kept");
}

/* The same reply at every step that it leads to; an order with a name of theirs, and one without. */
static void
pos_try(const struct sample *s, const struct pos_adapter *pos, enum pos_verb verb, const char *pos_order_id)
{
	struct pos_task task = { .config = fuzz_config(s->arena, pos), .reference = "A-1", .pos_order_id = pos_order_id };
	struct pos_outcome o = { .has_next = true };

	for (int step = 0; o.has_next && step < STEPS_MAX; step++) {
		o = pos->talks[verb].read(s->arena, &task, &s->reply);
		verdict_check(s, &o.verdict);
		id_check(o.pos_order_id);
		id_check(o.other_id);
		must(!o.has_next || o.verdict.outcome == OUTCOME_DONE, "only what is done goes on");
		must(o.progress.len <= POS_PROGRESS_MAX, "progress can be kept");
		must(o.presence == POS_NO_ANSWER || o.verdict.outcome == OUTCOME_DONE, "who is found was looked up");
		if (o.progress.data != NULL)
			task.progress = o.progress;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes line = fuzz_until(&data, &size, '\n');
	char *after = NULL, *status = fuzz_text(a, line.data, line.len < 64 ? line.len : 64);
	struct call_header header = { "Retry-After", "" };
	struct json_object *tree;
	const char *why;
	struct notify_outcome sent;
	struct sample s = { .arena = a, .reply = { .headers = &header, .headers_n = 1, .body = fuzz_bytes(a, data, size) } };

	s.reply.status = (int)(strtoul(status, &after, 10) % 1000);
	header.value = *after == ' ' ? after + 1 : after;
	s.is_json = json_read(a, s.reply.body.data, s.reply.body.len, &json_limits_menu, &tree, &why) == OK;
	for (const struct pos_adapter *const *pos = pos_adapters(); *pos != NULL; pos++)
		for (int verb = 0; verb < POS_VERB__MAX; verb++)
			if ((*pos)->talks[verb].read != NULL) {
				pos_try(&s, *pos, (enum pos_verb)verb, NULL);
				pos_try(&s, *pos, (enum pos_verb)verb, "89488287-0000-4000-8000-00000000abcd");
			}
	sent = notify_msg91.read_reply(a, &s.reply);
	verdict_check(&s, &sent.verdict);
	id_check(sent.request_id);
	arena_free(&a);
	return 0;
}
