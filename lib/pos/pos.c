#include "pos/pos.h"

#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/json_write.h"
#include "text/utf8.h"

/* The registry: one row per POS. */
static const struct pos_adapter *const adapters[] = {
	&pos_petpooja,
	&pos_toast,
	&pos_square,
	&pos_clover,
	NULL,
};

const struct pos_adapter *const *
pos_adapters(void)
{
	return adapters;
}

const struct pos_adapter *
pos_adapter_find(const char *name)
{
	for (size_t i = 0; name != NULL && adapters[i] != NULL; i++)
		if (strcasecmp(adapters[i]->name, name) == 0)
			return adapters[i];
	return NULL;
}

const char *
pos_unsupported(struct arena *a, const char *name)
{
	struct buf b;

	buf_init(&b, a, 1024);
	buf_addf(&b, "POS type '%s' is not supported; supported are:",
	    name == NULL ? "" : utf8_sanitise(a, name, 50));
	for (size_t i = 0; adapters[i] != NULL; i++)
		buf_addf(&b, "%s %s", i == 0 ? "" : ",", adapters[i]->name);
	return b.data;
}

void
pos_call_with(struct arena *a, const char *token, struct http_call *call)
{
	struct call_header *headers = arena_array(a, call->headers_n, sizeof *headers);
	const char **secrets = arena_array(a, 1, sizeof *secrets);

	if (token == NULL)
		return;
	for (size_t i = 0; i < call->headers_n; i++) {
		headers[i] = call->headers[i];
		if (strcmp(headers[i].name, "Authorization") == 0)
			headers[i].value = arena_printf(a, "Bearer %s", call_secret(a, token));
	}
	secrets[0] = token;
	call->headers = headers;
	call->secrets = secrets;
	call->secrets_n = 1;
}

bool
pos_can(const struct pos_adapter *adapter, enum pos_verb verb)
{
	return adapter->talks[verb].call != NULL;
}

struct pos_traits
pos_traits_of(const struct pos_config *config)
{
	struct pos_traits traits = config->adapter->traits;

	if (config->adapter->traits_of != NULL)
		config->adapter->traits_of(config, &traits);
	return traits;
}

struct pos_outcome
pos_outcome_of(struct verdict verdict)
{
	return (struct pos_outcome){ .verdict = verdict,
		.estimated_ready_time = TIME_NONE,
		.total_minor = -1,
		.session = { .expires_at = TIME_NONE, .refresh_expires_at = TIME_NONE } };
}

struct pos_event
pos_event_of(enum pos_event_kind kind)
{
	return (struct pos_event){ .kind = kind,
		.occurred_at = TIME_NONE,
		.ready_at = TIME_NONE,
		.minimum_prep_time_min = -1,
		.minimum_delivery_time_min = -1 };
}

struct verdict
pos_failure(enum call_failure failure, bool has_effect)
{
	struct verdict v = { OUTCOME_UNSURE, CAUSE_NETWORK, call_failure_sentence(failure), 0 };

	switch (failure) {
	case CALL_NOT_RESOLVED:  /* no address, no packet */
	case CALL_NOT_CONNECTED: /* no connection, no request */
	case CALL_NOT_TRUSTED: /* the handshake failed: the request waits until it has succeeded */
	case CALL_WINDOW_CLOSED: /* we stopped ourselves before the first byte */
		v.outcome = OUTCOME_LATER;
		break;
	case CALL_NOT_FILLED: /* nothing was sent, nor can be until somebody sets the credential */
		v.outcome = OUTCOME_REFUSED;
		v.cause = CAUSE_CONFIG;
		break;
	case CALL_REPLY_TOO_LARGE: /* an answer came, so it was there; which one, we can not tell */
	case CALL_REPLY_BROKEN:
		v.cause = CAUSE_GARBLED;
		break;
	case CALL_CUT_SENDING: /* our last bytes may have arrived although we were told otherwise */
	case CALL_CUT_WAITING: /* it was sent */
	case CALL_TIMED_OUT:   /* likewise: they may still be at it */
	case CALL_SENDER_LOST: /* nobody knows how far it came */
	case CALL_FAILURE__MAX:
		break;
	}
	if (v.outcome == OUTCOME_UNSURE && !has_effect)
		v.outcome = OUTCOME_LATER;
	return v;
}

#define PLAIN_MAX 4096
#define PLAIN_SENTENCE_MAX 255

const char *
pos_reply_plain(struct arena *a, const struct pos_answer *answer)
{
	bool is_good = answer->http_status >= 200 && answer->http_status <= 299;
	struct json_write w;
	struct buf b;

	buf_init(&b, a, PLAIN_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_bool(&w, "success", is_good);
	if (!is_good)
		json_write_string(&w, "message",
		    answer->sentence == NULL
			? "Failed"
			: utf8_sanitise(a, answer->sentence, PLAIN_SENTENCE_MAX));
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

const struct pos_delivery *
pos_delivery_find(const struct pos_adapter *adapter, const char *name)
{
	for (size_t i = 0; name != NULL && i < adapter->deliveries_n; i++)
		if (strcmp(adapter->deliveries[i].name, name) == 0)
			return &adapter->deliveries[i];
	return NULL;
}

enum pos_policy
pos_policy_by_name(const char *name)
{
	if (name != NULL && strcmp(name, "hmac") == 0)
		return POS_POLICY_HMAC;
	if (name != NULL && strcmp(name, "authorization") == 0)
		return POS_POLICY_AUTHORIZATION;
	return POS_POLICY_NONE;
}

const struct pos_field *
pos_field_find(const struct pos_adapter *adapter, const char *key)
{
	for (size_t i = 0; i < adapter->fields_n; i++) {
		const struct pos_field *f = &adapter->fields[i];
		if (strcmp(f->key, key) == 0 || (f->also != NULL && strcmp(f->also, key) == 0))
			return f;
	}
	return NULL;
}

void
pos_problem_add(struct arena *a, struct pos_problems *p, const char *field, const char *format, ...)
{
	struct pos_problem *grown;
	va_list ap;

	/* The array has room up to the next power of two; it grows when n is one. */
	if ((p->n & (p->n - 1)) == 0) {
		grown = arena_array(a, p->n == 0 ? 1 : 2 * p->n, sizeof(*grown));
		if (p->n > 0)
			memcpy(grown, p->v, p->n * sizeof(*grown));
		p->v = grown;
	}
	grown = (struct pos_problem *)p->v;
	va_start(ap, format);
	grown[p->n].field = arena_strdup(a, field);
	grown[p->n++].sentence = arena_vprintf(a, format, ap);
	va_end(ap);
}
