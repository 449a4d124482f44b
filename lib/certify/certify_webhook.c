/*
 * Calls of theirs: the vectors that a provider publishes (or, where it publishes none, one computed
 * elsewhere), and a call signed here. The signing is written down apart from the adapters that
 * verify it.
 */
#include <string.h>

#include "certify/inside.h"
#include "crypto/hmac.h"
#include "mem/buf.h"
#include "op/op.h"
#include "text/hex.h"

/* What is signed, in which order: parts of a text. */
enum signed_part { SIGNED_END, SIGNED_BODY, SIGNED_URL, SIGNED_TIME };
enum signed_form { FORM_BASE64, FORM_SHA256_HEX, FORM_AS_IT_IS };

#define TRIAL_TIME "2026-01-02T03:04:05.678Z"
#define TRIAL_BODY "{\"timestamp\":\"" TRIAL_TIME "\",\"event\":\"certify\"}"
#define TRIAL_URL "https://certify.invalid/webhook"

static const struct signing {
	const char *adapter;
	enum pos_policy policy;
	enum signed_part parts[3];
	enum signed_form form;
	/* a vector; NULL: there is none */
	const char *secret, *url, *body, *header, *source;
} signings[] = {
	{ .adapter = "petpooja",
	    .policy = POS_POLICY_HMAC,
	    .parts = { SIGNED_BODY },
	    .form = FORM_SHA256_HEX,
	    .secret = "s3cret",
	    .body = "{\"a\":1}",
	    .header = "sha256="
		      "5910e62016ef5034272c926c27071992a465c2335cecf41851bda071577f4f6d",
	    .source = "computed with OpenSSL" },
	{ .adapter = "petpooja", .policy = POS_POLICY_AUTHORIZATION, .form = FORM_AS_IT_IS },
	{ .adapter = "toast",
	    .policy = POS_POLICY_HMAC,
	    .parts = { SIGNED_BODY, SIGNED_TIME },
	    .form = FORM_BASE64,
	    .secret = "toast-secret",
	    .body = "{\"timestamp\":\"2024-03-28T15:11:01.050Z\",\"eventCategory\":"
		    "\"order_updated\",\"eventType\":\"order_updated\",\"guid\":\"e1\"}",
	    .header = "cJC0Y3h9u2rjRotykC9ascU5gaJUXbyKedpmerNciQo=",
	    .source = "computed with Python" },
	{ .adapter = "square",
	    .policy = POS_POLICY_HMAC,
	    .parts = { SIGNED_URL, SIGNED_BODY },
	    .form = FORM_BASE64,
	    .secret = "signature-key",
	    .url = "https://webhook.site/webhooks",
	    .body = "{\"data\":{\"type\":\"webhooks\",\"id\":\"fake_id\"}}",
	    .header = "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA=",
	    .source = "of Square's SDK" },
	{ .adapter = "clover", .policy = POS_POLICY_AUTHORIZATION, .form = FORM_AS_IT_IS },
};

static struct bytes
text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

/* The adapter's configuration with another address of the webhook. */
static const struct pos_config *
config_with(struct certify *c, const char *url)
{
	struct pos_problems ignored = { 0 };
	const char *json = arena_printf(c->op->arena, "{\"notification_url\":\"%s\"}", url);

	return pos_config_merge(c->op->arena, c->adapter, text("{}"), text(json),
	    &c->config->core, NULL, 0, &ignored);
}

static bool
is_believed(struct certify *c, const struct signing *s, const struct pos_config *config,
    const char *secret, const char *header, struct bytes body)
{
	return c->adapter->verify(s->policy, text(secret),
	    &(struct pos_proof){ .header = header, .body = body, .config = config });
}

/* What it would carry, were it theirs. */
static const char *
sign(struct certify *c, const struct signing *s, const char *secret, const char *url)
{
	unsigned char mac[HMAC_SIZE];
	struct buf b;

	if (s->form == FORM_AS_IT_IS)
		return secret;
	buf_init(&b, c->op->arena, 4096);
	for (size_t i = 0; i < 3; i++)
		if (s->parts[i] != SIGNED_END)
			buf_adds(&b, s->parts[i] == SIGNED_BODY	 ? TRIAL_BODY
				     : s->parts[i] == SIGNED_URL ? url
								 : TRIAL_TIME);
	hmac_sha256(secret, strlen(secret), b.data, b.len, mac);
	if (s->form == FORM_BASE64)
		return base64_encode(c->op->arena, mac, sizeof mac);
	return arena_printf(
	    c->op->arena, "sha256=%s", hex_encode(c->op->arena, mac, sizeof mac));
}

/* The secret that was agreed, without those behind a blank; where there is none, one of ours. */
static const char *
secret_of(struct certify *c, const struct signing *s)
{
	const char *set =
	    s->policy == POS_POLICY_HMAC ? c->webhook_secret : c->authorization;

	return set == NULL ? "certify-made-this-one-up"
			   : arena_strndup(c->op->arena, set, strcspn(set, " "));
}

static const char *
trial(struct certify *c, const struct signing *s)
{
	const char *own = pos_config_text(c->config, "notification_url");
	const char *url = own != NULL ? own : TRIAL_URL, *secret = secret_of(c, s);
	const struct pos_config *config = own != NULL ? c->config : config_with(c, url);
	const char *header = sign(c, s, secret, url);
	char *forged = arena_strdup(c->op->arena, header);

	forged[strlen(forged) / 2] = forged[strlen(forged) / 2] == 'a' ? 'b' : 'a';
	if (!is_believed(c, s, config, secret, header, text(TRIAL_BODY)))
		return "A call that was signed as theirs are is not believed";
	if (is_believed(c, s, config, secret, forged, text(TRIAL_BODY)))
		return "A call with a forged proof is believed";
	if (is_believed(c, s, config, secret, NULL, text(TRIAL_BODY)))
		return "A call without a proof is believed";
	if (s->form != FORM_AS_IT_IS &&
	    is_believed(c, s, config, secret, header, text(TRIAL_BODY " ")))
		return "A call that was changed is believed";
	return NULL;
}

static const char *
vector(struct certify *c, const struct signing *s)
{
	const struct pos_config *config = s->url != NULL ? config_with(c, s->url) : c->config;

	if (s->secret == NULL)
		return NULL;
	if (!is_believed(c, s, config, s->secret, s->header, text(s->body)))
		return arena_printf(c->op->arena, "The vector %s is not believed", s->source);
	return is_believed(c, s, config, s->secret, s->header, text(TRIAL_BODY))
		   ? "The vector's proof is believed of another body"
		   : NULL;
}

/* The way that holds for this configuration. */
static const struct signing *
signing_of(const struct certify *c)
{
	enum pos_policy policy = pos_webhook_policy(c->config);

	for (size_t i = 0; i < sizeof signings / sizeof signings[0]; i++)
		if (strcmp(signings[i].adapter, c->adapter->name) == 0 &&
		    signings[i].policy == policy)
			return &signings[i];
	return NULL;
}

struct certify_result
certify_webhook(struct certify *c, const struct certify_check *check)
{
	const struct signing *s = signing_of(c);
	const char *why;

	(void)check;
	if (s == NULL)
		return certify_not_here("No way is set by which their calls prove themselves");
	why = vector(c, s);
	if (why == NULL)
		why = trial(c, s);
	if (why != NULL)
		return certify_failed(why);
	return certify_passed(
	    s->secret == NULL ? "By the agreed value"
			      : arena_printf(c->op->arena,
				    "The vector %s, and one signed here", s->source));
}
