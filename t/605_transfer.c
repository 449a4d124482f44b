/* Every way in which a call can end, each brought about by a server that behaves so. */
#define _GNU_SOURCE /* pipe2 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"
#include "op/clock.h"
#include "relay/transfer.h"
#include "tap.h"

#define FAR INT64_MAX
#define TRACE "0123456789abcdef0123456789abcdef"

static struct hostile hostile;
static struct transfers *all;
static const struct call_limits limits = {
	.connect_ms = 400, .total_ms = 700, .window_ms = 300, .reply_max = 65536
};

struct ask {
	const char *url, *method;
	struct bytes body;
	const struct call_header *headers;
	size_t headers_n;
	int64_t window_until_us, lease_until_us;
};

/* Sends one call and waits for its end. The reply lives in the arena. */
static struct transfer
ask_in(struct arena *a, const struct ask *ask)
{
	struct http_call call = { .method = ask->method != NULL ? ask->method : "GET",
		.url = ask->url,
		.body = ask->body,
		.headers = ask->headers,
		.headers_n = ask->headers_n,
		.body_kind = ask->body.data != NULL ? CALL_BODY_JSON : CALL_BODY_NONE };
	struct transfer t = { .call = &call,
		.limits = &limits,
		.arena = a,
		.trace_id = TRACE,
		.window_until_us = ask->window_until_us,
		.lease_until_us = ask->lease_until_us };

	transfer_start(all, &t);
	while (transfers_ended(all) == NULL) {
		transfers_wait(all, NULL, 0, 100);
		transfers_perform(all);
	}
	return t;
}

static const char *
url_of(struct arena *a, const char *path)
{
	return arena_printf(a, "http://127.0.0.1:%d%s", hostile.port, path);
}

static struct transfer
get(struct arena *a, const char *path)
{
	return ask_in(a,
	    &(struct ask){ .url = url_of(a, path), .window_until_us = FAR, .lease_until_us = FAR });
}

static struct transfer
post(struct arena *a, const char *path, const char *body, size_t len)
{
	return ask_in(a, &(struct ask){ .url = url_of(a, path),
			     .method = "POST",
			     .body = { body, len },
			     .window_until_us = FAR,
			     .lease_until_us = FAR });
}

static void
fails(const struct transfer *t, enum call_failure want, const char *name)
{
	if (t->result.has_reply)
		ok(false, "%s (answered %d)", name, t->result.reply.status);
	else
		is_str(call_failure_name(t->result.failure), call_failure_name(want), "%s", name);
}

static void
test_replies(void)
{
	static const struct call_header headers[] = { { "X-Key", "k" },
		{ "Content-Type", "application/json" }, { "X-None", "" } };
	struct arena *a = arena_new(8u << 20);
	struct transfer t = ask_in(a, &(struct ask){ .url = url_of(a, "/ok"),
					  .method = "POST",
					  .body = { "{}", 2 },
					  .headers = headers,
					  .headers_n = 3,
					  .window_until_us = FAR,
					  .lease_until_us = FAR });

	ok(t.result.has_reply && t.result.reply.status == 200, "an answer");
	is_str(t.result.reply.body.data, "{\"success\":\"1\"}", "its body");
	is_str(http_reply_header(&t.result.reply, "x-kind"), "spaced",
	    "its headers, without the blanks around them");
	is_str(http_reply_header(&t.result.reply, "x-empty"), "", "also empty ones");
	ok(strstr(hostile.seen->last, "POST /ok HTTP/1.1\r\n") == hostile.seen->last,
	    "the request is as asked");
	ok(strstr(hostile.seen->last, "traceparent: 00-" TRACE "-") != NULL,
	    "it carries the trace");
	ok(strstr(hostile.seen->last, "X-Key: k\r\n") != NULL &&
		strstr(hostile.seen->last, "X-None:") != NULL,
	    "its headers");
	ok(strstr(hostile.seen->last, "Expect:") == NULL, "it does not wait for a 100");
	ok(strstr(hostile.seen->last, "Accept-Encoding:") == NULL,
	    "it asks for nothing to be packed");
	ok(strstr(hostile.seen->last, "\r\n\r\n{}") != NULL, "and its body");
	(void)post(a, "/ok", "{}", 2);
	ok(strstr(hostile.seen->last, "urlencoded") == NULL,
	    "a body without a type is not called a form");
	t = get(a, "/redirect");
	is_int(t.result.reply.status, 302, "a redirect is an answer and is not followed");
	t = get(a, "/status/503");
	is_int(t.result.reply.status, 503, "503 is an answer");
	t = get(a, "/gzip");
	is_int(t.result.reply.body.len, 13, "what is packed stays packed");
	t = get(a, "/busy");
	is_int(http_reply_retry_after(&t.result.reply), 1, "Retry-After is read");
	arena_free(&a);
}

static void
test_failures(void)
{
	static char big[3 << 20];
	struct arena *a = arena_new(8u << 20);
	struct transfer t;

	memset(big, 'x', sizeof big);
	t = get(a, "/hang");
	fails(&t, CALL_TIMED_OUT, "F23 a POS that says nothing: timed out");
	ok(t.elapsed_us < 1500000, "F23 at its hard deadline");
	t = get(a, "/hang-headers");
	fails(&t, CALL_TIMED_OUT, "F23 hangs within the headers: timed out");
	t = get(a, "/drip");
	fails(&t, CALL_TIMED_OUT, "F27 a byte now and then: timed out");
	t = get(a, "/continue");
	fails(&t, CALL_TIMED_OUT, "F24 100 for ever: timed out");
	t = get(a, "/large");
	fails(&t, CALL_REPLY_TOO_LARGE, "F27 100 MiB by its own word");
	t = get(a, "/flood");
	fails(&t, CALL_REPLY_TOO_LARGE, "F27 an endless body");
	t = get(a, "/headers");
	fails(&t, CALL_REPLY_TOO_LARGE, "F27 endless headers");
	t = get(a, "/short");
	fails(&t, CALL_REPLY_BROKEN, "F28 shorter than its length");
	t = get(a, "/chunk");
	ok(!t.result.has_reply && call_failure_is_after_send(t.result.failure),
	    "F27 a chunk with no end leaves the doubt");
	t = get(a, "/garbage");
	fails(&t, CALL_REPLY_BROKEN, "F28 not HTTP");
	t = get(a, "/http09");
	fails(&t, CALL_REPLY_BROKEN, "F28 a page without a head is no answer");
	t = post(a, "/reset", "{}", 2);
	fails(&t, CALL_CUT_WAITING, "F25 reset after the request was read");
	t = post(a, "/commit", "{}", 2);
	fails(&t, CALL_CUT_WAITING, "F25 committed, then closed without a word");
	t = post(a, "/unread", big, sizeof big);
	fails(&t, CALL_CUT_SENDING, "reset while the request was being sent");
	arena_free(&a);
}

static void
test_nothing_sent(void)
{
	struct arena *a = arena_new(8u << 20);
	int before = hostile.seen->requests;
	int64_t now = clock_steady_us();
	struct transfer t;

	t = ask_in(
	    a, &(struct ask){ .url = arena_printf(a, "http://127.0.0.1:%d/", hostile_free_port()),
		   .window_until_us = FAR,
		   .lease_until_us = FAR });
	fails(&t, CALL_NOT_CONNECTED, "refused");
	t = ask_in(a, &(struct ask){ .url = "http://no-such-host.invalid/",
			  .window_until_us = FAR,
			  .lease_until_us = FAR });
	ok(!t.result.has_reply &&
		(t.result.failure == CALL_NOT_RESOLVED || t.result.failure == CALL_NOT_CONNECTED),
	    "F44 a name that does not exist, or a resolver that does not answer");
	t = ask_in(
	    a, &(struct ask){
		   .url = "ftp://127.0.0.1/", .window_until_us = FAR, .lease_until_us = FAR });
	fails(&t, CALL_NOT_CONNECTED, "no other protocol");
	t = ask_in(
	    a, &(struct ask){ .url = "http://", .window_until_us = FAR, .lease_until_us = FAR });
	fails(&t, CALL_NOT_CONNECTED, "a URL that is none");
	t = ask_in(a, &(struct ask){ .url = url_of(a, "/commit"),
			  .method = "POST",
			  .body = { "{}", 2 },
			  .window_until_us = now,
			  .lease_until_us = FAR });
	fails(&t, CALL_WINDOW_CLOSED, "F04 nothing leaves after the window");
	t = ask_in(a, &(struct ask){ .url = url_of(a, "/commit"),
			  .method = "POST",
			  .body = { "{}", 2 },
			  .window_until_us = FAR,
			  .lease_until_us = now });
	fails(&t, CALL_WINDOW_CLOSED, "F07 nothing leaves without a confirmed lease");
	is_int(hostile.seen->requests, before, "and indeed nothing did");
	setenv("http_proxy", url_of(a, ""), 1);
	t = ask_in(a, &(struct ask){ .url = "http://localhost.invalid/ok",
			  .window_until_us = FAR,
			  .lease_until_us = FAR });
	ok(!t.result.has_reply, "no proxy of the environment is used");
	unsetenv("http_proxy");
	arena_free(&a);
}

/*
 * libcurl sends again when a kept connection is dead. A POS that acted and closed would act twice.
 */
static void
test_once(void)
{
	struct arena *a = arena_new(8u << 20);
	int connections, requests;
	struct transfer t = post(a, "/once", "{}", 2);

	ok(t.result.has_reply, "F25 the first request is answered and the connection kept");
	connections = hostile.seen->connections;
	requests = hostile.seen->requests;
	t = post(a, "/once", "{}", 2);
	fails(&t, CALL_CUT_WAITING, "F25 the second finds it closed after its body went");
	is_int(hostile.seen->requests, requests + 1, "F25 it was sent once and not again");
	ok(hostile.seen->connections <= connections + 1, "though another connection was to be had");
	arena_free(&a);
}

static void
test_abandon(void)
{
	struct arena *a = arena_new(8u << 20);
	struct http_call call = { .method = "GET", .url = url_of(a, "/hang") };
	struct transfer sent = { .call = &call,
		.limits = &limits,
		.arena = a,
		.trace_id = TRACE,
		.window_until_us = FAR,
		.lease_until_us = FAR },
			unsent = sent;
	int before = hostile.seen->requests;

	transfer_start(all, &sent);
	while (hostile.seen->requests == before) {
		transfers_wait(all, NULL, 0, 10);
		transfers_perform(all);
	}
	transfer_start(all, &unsent);
	transfer_abandon(all, &sent);
	transfer_abandon(all, &unsent);
	ok(transfers_ended(all) == &sent && transfers_ended(all) == &unsent &&
		transfers_ended(all) == NULL,
	    "F41 given up");
	fails(&sent, CALL_SENDER_LOST, "F41 what had left may have been applied");
	fails(&unsent, CALL_WINDOW_CLOSED, "F41 what had not is surely not");
	unsent = get(a, "/ok");
	transfer_abandon(all, &unsent);
	ok(transfers_ended(all) == NULL && unsent.result.has_reply, "F41 what came in time is not given up");
	arena_free(&a);
}

/* --- TLS and addresses ------------------------------------------------------------------------ */

static void
sh(const char *script)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execl("/bin/sh", "sh", "-ec", script, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		printf("Bail out! %s\n", script);
		exit(1);
	}
}

/* openssl s_server -www with that certificate: its port. */
static int
tls_start(const char *dir, const char *name, const char *protocol, pid_t *ret_pid)
{
	char cert[96], key[96], line[256];
	int out[2], port = 0;
	FILE *f;

	(void)snprintf(cert, sizeof cert, "%s/%s.crt", dir, name);
	(void)snprintf(key, sizeof key, "%s/%s.key", dir, name);
	if (pipe2(out, O_CLOEXEC) != 0)
		abort();
	fflush(NULL);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		execlp("openssl", "openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert",
		    cert, "-key", key, protocol, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	while (f != NULL && port == 0 && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "ACCEPT ", 7) == 0 && strrchr(line, ':') != NULL)
			port = (int)strtol(strrchr(line, ':') + 1, NULL, 10);
	(void)f; /* stays open: the server must not die of its own words */
	return port;
}

static void
certificates_make(const char *dir)
{
	char script[2048];

	(void)snprintf(script, sizeof script,
	    "cd %s; exec 2>/dev/null;"
	    "ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
	    "-days 2 -subj /CN=$1"
	    " -keyout $1.key -out $1.crt; };"
	    "leaf() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
	    "/CN=$1 -keyout $1.key -out $1.csr;"
	    " printf 'subjectAltName=%%s\\n' $3 >ext;"
	    " openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -days $4 "
	    "-extfile ext -out $1.crt; };"
	    "ca ours; ca theirs; leaf good ours IP:127.0.0.1 2; leaf other ours "
	    "DNS:elsewhere.example 2; leaf stranger theirs IP:127.0.0.1 2;"
	    "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=old "
	    "-keyout old.key -out old.csr;"
	    "openssl x509 -req -in old.csr -CA ours.crt -CAkey ours.key -days -1 -extfile ext -out "
	    "old.crt",
	    dir);
	sh(script);
}

static struct transfer
tls_ask(struct arena *a, int port)
{
	return ask_in(a, &(struct ask){ .url = arena_printf(a, "https://127.0.0.1:%d/", port),
			     .window_until_us = FAR,
			     .lease_until_us = FAR });
}

static void
test_tls(const char *dir)
{
	static const struct {
		const char *certificate, *protocol, *name;
	} rows[] = {
		{ "other", "-no_comp", "F45 a certificate for another name" },
		{ "stranger", "-no_comp", "F45 a certificate of somebody else's authority" },
		{ "old", "-no_comp", "F45 a certificate that has expired" },
		{ "ours", "-no_comp", "F45 a certificate that names nobody" },
		{ "good", "-tls1_1", "F45 only TLS 1.1" },
	};
	struct arena *a = arena_new(8u << 20);
	struct transfer t;
	pid_t pid;

	t = tls_ask(a, tls_start(dir, "good", "-no_comp", &pid));
	ok(t.result.has_reply && t.result.reply.status == 200, "F45 a good certificate is trusted");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		t = tls_ask(a, tls_start(dir, rows[i].certificate, rows[i].protocol, &pid));
		fails(&t, CALL_NOT_TRUSTED, rows[i].name);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	t = tls_ask(a, hostile.port);
	ok(!t.result.has_reply && !call_failure_is_after_send(t.result.failure),
	    "F45 no plaintext where TLS was asked for");
	t = tls_ask(a, hostile_mute_port());
	fails(&t, CALL_NOT_CONNECTED, "F45 a handshake that stalls: not connected");
	ok(t.elapsed_us < 1000000, "within the time for connecting");
	arena_free(&a);
}

static void
test_guard(const char *ca)
{
	struct transfers *demo = all;
	struct arena *a = arena_new(8u << 20);
	int before = hostile.seen->connections;
	struct transfer t;

	all = transfers_new(&(struct transfer_options){ .ca_file = ca, .allow_http = false });
	t = get(a, "/ok");
	fails(&t, CALL_NOT_CONNECTED, "F36 in production http is refused");
	t = tls_ask(a, hostile.port);
	fails(&t, CALL_NOT_CONNECTED, "F36 and so are addresses that are not public");
	is_str(t.detail, "The address is not public", "which is said");
	is_int(hostile.seen->connections, before, "nobody was even called");
	transfers_free(&all);
	all = demo;
	arena_free(&a);
}

/* --- many ------------------------------------------------------------------------------------- */

#define MANY 100

static void
test_many(void)
{
	static const struct call_limits patient = {
		.connect_ms = 5000, .total_ms = 20000, .reply_max = 4096
	};
	static struct transfer flights[MANY];
	struct arena *a = arena_new(64u << 20);
	struct http_call call = { .method = "GET", .url = url_of(a, "/slow/200") };
	int64_t begun = clock_steady_us();
	int64_t waited_us;
	int answered = 0;

	for (size_t i = 0; i < MANY; i++) {
		flights[i] = (struct transfer){ .call = &call,
			.limits = &patient,
			.arena = a,
			.trace_id = TRACE,
			.window_until_us = FAR,
			.lease_until_us = FAR };
		transfer_start(all, &flights[i]);
	}
	while (transfers_n(all) > 0) {
		transfers_wait(all, NULL, 0, 100);
		transfers_perform(all);
	}
	waited_us = clock_steady_us();
	transfers_wait(all, NULL, 0, 5000);
	waited_us = clock_steady_us() - waited_us;
	ok(waited_us < INT64_C(2500) * 1000, "what has ended and was not taken is not slept over");
	for (struct transfer *t; (t = transfers_ended(all)) != NULL;)
		answered += t->result.has_reply;
	is_int(answered, MANY, "a hundred at once are all answered");
	ok(clock_steady_us() - begun < INT64_C(10) * 1000000,
	    "at once, and not one after the other");
	arena_free(&a);
}

/* Two at once: those beyond wait for room, in the order in which they came. */
static void
test_most(const char *ca)
{
	struct transfers *others = all;
	struct arena *a = arena_new(8u << 20);
	struct http_call slow = { .method = "GET", .url = url_of(a, "/slow/200") };
	struct transfer t[6], *given_up = &t[4], *late = &t[5];
	int before = hostile.seen->requests;
	size_t on_wire = 0, ended = 0;
	bool in_order = true;

	all = transfers_new(&(struct transfer_options){ .ca_file = ca, .allow_http = true, .most = 2 });
	is_int(transfers_at_us(all), INT64_MAX, "nothing is to be done");
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		t[i] = (struct transfer){ .call = &slow,
			.limits = &limits,
			.arena = a,
			.trace_id = TRACE,
			.window_until_us = &t[i] == late ? clock_steady_us() : FAR,
			.lease_until_us = FAR };
		transfer_start(all, &t[i]);
	}
	is_int(transfers_at_us(all), 0, "what can leave is told to whoever waits for something else");
	transfer_abandon(all, given_up);
	ok(transfers_ended(all) == given_up, "one that waits is given up");
	fails(given_up, CALL_WINDOW_CLOSED, "and has surely not left");
	is_int(transfers_n(all), 5, "five are under way");
	while (transfers_n(all) > 0) {
		struct pollfd p = { .fd = transfers_fd(all), .events = POLLIN };
		struct transfer *e;

		transfers_perform_few(all);
		if (transfers_n(all) - transfers_waiting_n(all) > on_wire)
			on_wire = transfers_n(all) - transfers_waiting_n(all);
		for (; (e = transfers_ended(all)) != NULL; ended++)
			in_order = in_order && (e == &t[ended] || (ended < 2 && (e == &t[0] || e == &t[1])) || e == &t[3] || e == late);
		if (transfers_at_us(all) > clock_steady_us())
			(void)poll(&p, 1, 20);
	}
	while (transfers_ended(all) != NULL)
		ended++;
	is_int(on_wire, 2, "two at once");
	ok(in_order, "the first goes first");
	is_int(ended, 5, "all end");
	is_int(t[3].result.reply.status, 200, "the last of them too");
	ok(t[3].elapsed_us < INT64_C(400) * 1000 || t[3].elapsed_us < t[0].elapsed_us * 2, "whose time began when it left");
	fails(late, CALL_WINDOW_CLOSED, "but one that had to wait for too long");
	is_int(hostile.seen->requests, before + 4, "so many were sent");
	transfers_free(&all);
	all = others;
	arena_free(&a);
}

int
main(void)
{
	char dir[] = "/tmp/trailXXXXXX", ca[64], clean[96];

	if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    mkdtemp(dir) == NULL)
		abort();
	signal(SIGPIPE, SIG_IGN);
	hostile = hostile_start();
	certificates_make(dir);
	(void)snprintf(ca, sizeof ca, "%s/ours.crt", dir);
	all = transfers_new(&(struct transfer_options){ .ca_file = ca, .allow_http = true });
	test_replies();
	test_failures();
	test_nothing_sent();
	test_once();
	test_abandon();
	test_tls(dir);
	test_guard(ca);
	test_many();
	test_most(ca);
	transfers_free(&all);
	curl_global_cleanup();
	(void)snprintf(clean, sizeof clean, "rm -rf %s", dir);
	sh(clean);
	return tap_done();
}
