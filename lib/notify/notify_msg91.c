/*
 * MSG91 (control.msg91.com, API v5): one-time passwords by /otp, all other texts by /flow.
 *
 * Sources: docs.msg91.com (OTP, Flow), msg91.com/help. Not documented there and therefore from
 * integrators: that HTTP 200 can carry type "error", and the flow call's answer. Numbers are
 * written without "+". In India every text is an approved template; what is sent are its variables.
 */
#define _GNU_SOURCE /* strcasestr */
#include "notify/notify.h"

#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "text/form.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define SECRET "msg91_authkey"
#define URL_MAX 2048
#define BODY_MAX (32u << 10)
#define VARS_MAX 20
#define VAR_NAME_MAX 50
#define VALUE_MAX 480 /* code points, as a notice has; an SMS has 160, or several do */
#define MESSAGE_MAX 120
#define REQUEST_ID_MAX 64

static const char *const secrets[] = { SECRET, NOTIFY_OTP_SECRET };

/* E.164 without its "+"; NULL if it is none. */
static const char *
number(const char *phone)
{
	size_t n;

	if (phone == NULL || *phone != '+')
		return NULL;
	n = strspn(phone + 1, "0123456789");
	return n >= 8 && n <= 15 && phone[1 + n] == '\0' && phone[1] != '0' ? phone + 1 : NULL;
}

static bool
is_blank(const char *s)
{
	return s == NULL || *s == '\0';
}

static bool
no(const char **ret_problem, const char *sentence)
{
	*ret_problem = sentence;
	return false;
}

/*
 * The key goes in a header; MSG91 takes it as a query parameter too, where every proxy would log
 * it.
 */
static struct http_call
post(struct arena *a, const char *url, struct bytes body, size_t secrets_n)
{
	struct call_header *headers = arena_array(a, 3, sizeof(*headers));

	headers[0] = (struct call_header){ "authkey", call_secret(a, SECRET) };
	headers[1] = (struct call_header){ "Content-Type", "application/json" };
	headers[2] = (struct call_header){ "Accept", "application/json" };
	return (struct http_call){
		.method = "POST",
		.url = url,
		.headers = headers,
		.headers_n = 3,
		.body_kind = CALL_BODY_JSON,
		.body = body,
		.secrets = secrets,
		.secrets_n = secrets_n,
	};
}

/* base_url and a path, whether or not the former ends in a slash. */
static const char *
address(struct arena *a, const struct notify_config *config, const char *path)
{
	size_t len = strlen(config->base_url);

	while (len > 0 && config->base_url[len - 1] == '/')
		len--;
	return arena_printf(a, "%.*s%s", (int)len, config->base_url, path);
}

/*
 * POST /api/v5/otp with a code of ours; the expiry is in minutes, so what MSG91 believes is never
 * shorter than what we do.
 */
static bool
otp_call(struct arena *a, const struct notify_config *config, const char *phone, const char *code,
    int64_t ttl_s, struct http_call *ret_call, const char **ret_problem)
{
	const char *to = number(phone);
	size_t digits = code == NULL ? 0 : strspn(code, "0123456789");
	int64_t minutes = (ttl_s + 59) / 60;
	struct buf query;

	if (is_blank(config->base_url) || is_blank(config->otp_template_id))
		return no(ret_problem, "MSG91 is not configured for one-time passwords");
	if (to == NULL)
		return no(ret_problem, "The phone number is not in the form +919000000001");
	if (digits < 4 || digits > 9 || code[digits] != '\0')
		return no(ret_problem, "A one-time password has 4 to 9 digits");
	if (minutes < 1 || minutes > 1440)
		return no(ret_problem, "A one-time password lives 1 to 1440 minutes");
	buf_init(&query, a, URL_MAX);
	form_write(&query, "template_id", config->otp_template_id);
	form_write(&query, "mobile", to);
	form_write(&query, "otp_length", arena_printf(a, "%zu", digits));
	form_write(&query, "otp_expiry", arena_printf(a, "%lld", (long long)minutes));
	buf_addf(&query, "&otp=%s", call_secret(a, NOTIFY_OTP_SECRET));
	if (query.overflowed)
		return no(ret_problem, "The template's id is too long");
	*ret_call = post(a, address(a, config, arena_printf(a, "/api/v5/otp?%s", query.data)),
	    (struct bytes){ "{}", 2 }, 2);
	return true;
}

/* Names are case-sensitive, and MSG91's own members must not be overwritten by a variable. */
static bool
is_variable(const char *name)
{
	static const char *const taken[] = { "mobiles", "clientId", "CRQID" };
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcasecmp(taken[i], name) == 0)
			return false;
	return n > 0 && n <= VAR_NAME_MAX && name[n] == '\0';
}

/* POST /api/v5/flow: one recipient. */
static bool
text_call(struct arena *a, const struct notify_config *config, const char *phone,
    const char *template_id, const struct notify_var *vars, size_t vars_n,
    struct http_call *ret_call, const char **ret_problem)
{
	const char *template = is_blank(template_id) ? config->flow_template_id : template_id;
	const char *to = number(phone);
	struct buf body;
	struct json_write w;

	if (is_blank(config->base_url) || is_blank(template))
		return no(ret_problem, "MSG91 is not configured for texts of this kind");
	if (to == NULL)
		return no(ret_problem, "The phone number is not in the form +919000000001");
	if (vars_n > VARS_MAX)
		return no(ret_problem, "A text has at most 20 variables");
	buf_init(&body, a, BODY_MAX);
	json_write_init(&w, &body);
	json_write_object(&w, NULL);
	json_write_string(&w, "template_id", call_text(a, template));
	json_write_string(&w, "short_url", "0");
	if (!is_blank(config->sender))
		json_write_string(&w, "sender", call_text(a, config->sender));
	json_write_array(&w, "recipients");
	json_write_object(&w, NULL);
	json_write_string(&w, "mobiles", to);
	for (size_t i = 0; i < vars_n; i++) {
		if (!is_variable(vars[i].name))
			return no(ret_problem,
			    "A variable of the text has a name that MSG91 can not take");
		json_write_string(&w, vars[i].name,
		    vars[i].value == NULL
			? ""
			: call_text(a, utf8_sanitise(a, vars[i].value, VALUE_MAX)));
	}
	json_write_object_end(&w);
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
	*ret_call =
	    post(a, address(a, config, "/api/v5/flow"), (struct bytes){ body.data, body.len }, 1);
	return true;
}

static struct verdict
verdict(enum outcome outcome, enum cause cause, const char *sentence, int retry_after_s)
{
	return (struct verdict){ outcome, cause, sentence, retry_after_s };
}

/*
 * Refusals by the older numeric codes, which resellers list and the present documentation does not;
 * those that are not here are refusals too, of a cause that only the words tell.
 */
static const struct {
	const char *code;
	enum outcome outcome;
	enum cause cause;
	const char *sentence;
	int retry_after_s;
} codes[] = {
	{ "201", OUTCOME_REFUSED, CAUSE_AUTH, "MSG91 does not accept our key", 0 },
	{ "207", OUTCOME_REFUSED, CAUSE_AUTH, "MSG91 does not accept our key", 0 },
	{ "208", OUTCOME_REFUSED, CAUSE_CONFIG, "MSG91 does not accept our IP address", 0 },
	{ "301", OUTCOME_REFUSED, CAUSE_CONFIG, "The MSG91 account has no balance", 0 },
	{ "302", OUTCOME_REFUSED, CAUSE_AUTH, "The MSG91 key has expired", 0 },
	{ "303", OUTCOME_REFUSED, CAUSE_CONFIG, "The MSG91 account is banned", 0 },
	{ "311", OUTCOME_LATER, CAUSE_BUSY, "MSG91 takes the same text once in ten seconds", 10 },
	{ "418", OUTCOME_REFUSED, CAUSE_CONFIG, "MSG91 does not accept our IP address", 0 },
};

static struct verdict
read_error(struct arena *a, struct json_object *top)
{
	const char *message = "", *code = "";

	json_lax_string(json_member(top, "message"), &message);
	if (!json_lax_string(json_member(top, "code"), &code))
		json_lax_string(json_member(top, "errorCode"), &code);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return verdict(codes[i].outcome, codes[i].cause, codes[i].sentence,
			    codes[i].retry_after_s);
	if (strcasestr(message, "authkey") != NULL || strcasestr(message, "authentication") != NULL)
		return verdict(OUTCOME_REFUSED, CAUSE_AUTH, "MSG91 does not accept our key", 0);
	return verdict(OUTCOME_REFUSED, CAUSE_PAYLOAD,
	    arena_printf(a, "MSG91 refused it (%s)", utf8_sanitise(a, message, MESSAGE_MAX)), 0);
}

/*
 * What a status says whatever the body. 5xx may come from a gateway with the text already on its
 * way.
 */
static bool
read_status(struct arena *a, const struct http_reply *r, struct verdict *ret)
{
	switch (r->status) {
	case 401:
		*ret = verdict(OUTCOME_REFUSED, CAUSE_AUTH, "MSG91 does not accept our key", 0);
		return true;
	case 403:
	case 418: /* the key's list of IP addresses, which is on by default */
		*ret = verdict(
		    OUTCOME_REFUSED, CAUSE_CONFIG, "MSG91 does not accept our IP address", 0);
		return true;
	case 301:
	case 302:
	case 307:
	case 308:
	case 404:
	case 405:
	case 415:
		*ret = verdict(OUTCOME_REFUSED, CAUSE_CONFIG, "MSG91's address is wrong", 0);
		return true;
	case 429:
		*ret = verdict(OUTCOME_LATER, CAUSE_BUSY, "MSG91 asks us to slow down",
		    http_reply_retry_after(r));
		return true;
	default:
		if (r->status == 400 || r->status == 422 || (r->status >= 200 && r->status <= 299))
			return false;
		*ret = verdict(OUTCOME_UNSURE, r->status >= 500 ? CAUSE_PROVIDER : CAUSE_GARBLED,
		    arena_printf(a, "MSG91 answered HTTP %d", r->status),
		    http_reply_retry_after(r));
		return true;
	}
}

/* The OTP call names its request in request_id, the flow call in message. */
static const char *
read_request_id(struct arena *a, struct json_object *top)
{
	const char *id;

	if (!json_lax_string(json_member(top, "request_id"), &id) &&
	    !json_lax_string(json_member(top, "message"), &id))
		return NULL;
	return *id == '\0' || strlen(id) > REQUEST_ID_MAX ? NULL
							  : utf8_sanitise(a, id, REQUEST_ID_MAX);
}

static struct notify_outcome
read_reply(struct arena *a, const struct http_reply *r)
{
	struct notify_outcome o = { .request_id = NULL };
	struct json_object *top = NULL;
	const char *type, *why;

	if (read_status(a, r, &o.verdict))
		return o;
	if (json_read(a, r->body.data, r->body.len, &json_limits_default, &top, &why) != OK ||
	    !json_as_string(json_member(top, "type"), &type))
		type = "";
	if (strcasecmp(type, "error") == 0) {
		o.verdict = read_error(a, top);
	} else if (r->status >= 400) {
		o.verdict =
		    verdict(OUTCOME_REFUSED, CAUSE_PAYLOAD, "MSG91 calls the request invalid", 0);
	} else if (strcasecmp(type, "success") == 0) {
		o.request_id = read_request_id(a, top);
		o.verdict = verdict(OUTCOME_DONE, CAUSE_NONE, "MSG91 took it", 0);
	} else {
		o.verdict = verdict(
		    OUTCOME_UNSURE, CAUSE_GARBLED, "MSG91's answer can not be understood", 0);
	}
	return o;
}

/*
 * MSG91 has no key under which a repeat would be recognised and no look-up: a byte sent may be a
 * text delivered.
 */
static struct verdict
read_failure(enum call_failure f)
{
	const char *sentence = call_failure_sentence(f);

	if (f == CALL_NOT_FILLED)
		return verdict(OUTCOME_REFUSED, CAUSE_CONFIG, sentence, 0);
	if (!call_failure_is_after_send(f))
		return verdict(OUTCOME_LATER, CAUSE_NETWORK, sentence, 0);
	return verdict(OUTCOME_UNSURE, CAUSE_NETWORK, sentence, 0);
}

const struct notify_adapter notify_msg91 = {
	.name = "msg91",
	.display_name = "MSG91",
	.secret = SECRET,
	.limits = {
		.connect_ms = 3000,
		.total_ms = 10000,
		.window_ms = 5000,
		.flight_ms = 30000,
		.reply_max = 64u << 10,
	},
	/* None published; ten a second is beyond what the codes and notices of a city need. */
	.rate_per_min = 600,
	.rate_burst = 20,
	.otp_repeat_after_s = 0,
	.text_repeat_after_s = 60,
	.otp_call = otp_call,
	.text_call = text_call,
	.read_reply = read_reply,
	.read_failure = read_failure,
};
