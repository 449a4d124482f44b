#include "relay/transfer.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "op/clock.h"
#include "op/crash.h"
#include "relay/address.h"
#include "relay/poller.h"

#define HEADERS_MAX 100
#define HEADERS_LEN_MAX ((size_t)64 * 1024) /* of all headers, interim answers' included */
/*
 * Connections kept, those in use among them: with fewer than may be under way at once, a busy relay
 * would close each one behind its call and shake hands anew for the next. 91 MB for 1,000 with TLS.
 */
#define CACHE_MAX 1000
/*
 * Idle connections are used again only while the other side surely keeps them: Node's servers close
 * after 5 s.
 */
#define IDLE_MAX_S 3
/* A call under way keeps what it sent in here: the least that libcurl takes, 64 kB otherwise. */
#define SEND_BUFFER_LEN (16 * 1024)
/* And it has one of this length for the answer, mostly a few kB; 16 kB otherwise. */
#define RECEIVE_BUFFER_LEN (8 * 1024)
#define FEW 4

TAILQ_HEAD(transfer_list, transfer);

struct transfers {
	CURLM *multi;
	struct poller poller;
	struct transfer_options options;
	struct transfer_list waiting, under_way, ended;
	size_t waiting_n, n; /* n: on the wire */
};

/*
 * Setting an option fails for lack of memory or because this libcurl does not know it: neither can
 * be gone on with.
 */
#define SET(easy, option, value)                                                                   \
	do {                                                                                       \
		if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK)                       \
			abort();                                                                   \
	} while (0)

struct transfers *
transfers_new(const struct transfer_options *options)
{
	struct transfers *all = calloc(1, sizeof *all);

	if (all == NULL || (all->multi = curl_multi_init()) == NULL)
		abort();
	poller_begin(&all->poller, all->multi);
	all->options = *options;
	TAILQ_INIT(&all->waiting);
	TAILQ_INIT(&all->under_way);
	TAILQ_INIT(&all->ended);
	/*
	 * HTTP/1.1 only: a connection carries one request, so what ends a connection ends one
	 * attempt.
	 */
	if (curl_multi_setopt(all->multi, CURLMOPT_MAXCONNECTS, (long)CACHE_MAX) != CURLM_OK)
		abort();
	return all;
}

void
transfers_free(struct transfers **ref)
{
	struct transfers *all = *ref;

	if (all == NULL)
		return;
	if (transfers_n(all) != 0)
		abort();
	curl_multi_cleanup(all->multi);
	poller_end(&all->poller);
	free(all);
	*ref = NULL;
}

size_t
transfers_n(const struct transfers *all)
{
	return all->n + all->waiting_n;
}

size_t
transfers_waiting_n(const struct transfers *all)
{
	return all->waiting_n;
}

/* --- what libcurl asks ------------------------------------------------------------------------ */

/* The connection stands, TLS included, and no byte of the request has left. */
static int
released(void *arg, char *their_ip, char *our_ip, int their_port, int our_port)
{
	struct transfer *t = arg;
	int64_t now;

	CRASH_POINT("transfer.before_first_byte");
	now = clock_steady_us();
	(void)their_ip;
	(void)our_ip;
	(void)their_port;
	(void)our_port;
	if (t->is_released)
		t->is_repeated = true;
	else if (now >= t->window_until_us || now >= t->lease_until_us)
		t->is_too_late = true;
	else {
		t->is_released = true;
		return CURL_PREREQFUNC_OK;
	}
	return CURL_PREREQFUNC_ABORT;
}

static curl_socket_t
socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = arg;

	(void)purpose;
	if (!address_is_public(&to->addr)) {
		t->is_forbidden = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t
body_take(char *data, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)one; /* 1, says curl_easy_setopt(3) */
	if (n > t->limits->reply_max - t->body.len) {
		t->is_too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	buf_add(&t->body, data, n);
	return n;
}

static void
header_add(struct transfer *t, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t name_len, from;

	if (colon == NULL || t->headers_n == HEADERS_MAX)
		return;
	name_len = (size_t)(colon - line);
	for (from = name_len + 1; from < len && (line[from] == ' ' || line[from] == '\t'); from++)
		continue;
	while (
	    len > from && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	if (t->headers == NULL)
		t->headers = arena_array(t->arena, HEADERS_MAX, sizeof *t->headers);
	t->headers[t->headers_n].name = arena_strndup(t->arena, line, name_len);
	t->headers[t->headers_n].value = arena_strndup(t->arena, line + from, len - from);
	t->headers_n++;
}

static size_t
header_take(char *line, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)one;
	if (n > HEADERS_LEN_MAX - t->headers_len) {
		t->is_too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	t->headers_len += n;
	/* A status line: what came before belongs to an interim answer. */
	if (n >= 5 && strncmp(line, "HTTP/", 5) == 0)
		t->headers_n = 0;
	else
		header_add(t, line, n);
	return n;
}

/* --- the start -------------------------------------------------------------------------------- */

static void
line_add(struct transfer *t, const char *line)
{
	struct curl_slist *lines = curl_slist_append(t->lines, line);

	if (lines == NULL)
		abort();
	t->lines = lines;
}

/* version 00, our trace, a span of its own for this call, sampled: W3C Trace Context. */
static void
traceparent_add(struct transfer *t)
{
	unsigned char span[8];
	char hex[17];

	randombytes_buf(span, sizeof span);
	span[0] |= 1; /* all zero is not valid */
	sodium_bin2hex(hex, sizeof hex, span, sizeof span);
	line_add(t, arena_printf(t->arena, "traceparent: 00-%s-%s-01", t->trace_id, hex));
}

static void
headers_set(struct transfer *t)
{
	bool has_type = false;

	for (size_t i = 0; i < t->call->headers_n; i++) {
		const struct call_header *h = &t->call->headers[i];

		has_type = has_type || strcasecmp(h->name, "content-type") == 0;
		/* libcurl takes "Name:" for "do not send it" and "Name;" for an empty value. */
		line_add(t, h->value[0] != '\0'
				? arena_printf(t->arena, "%s: %s", h->name, h->value)
				: arena_printf(t->arena, "%s;", h->name));
	}
	if (!has_type)
		line_add(t, "Content-Type:"); /* libcurl would call every body a form */
	line_add(t, "Expect:"); /* or it waits a second for a 100 before larger bodies */
	traceparent_add(t);
	SET(t->easy, CURLOPT_HTTPHEADER, t->lines);
}

static void
request_set(struct transfer *t)
{
	const struct http_call *call = t->call;
	bool is_head = strcmp(call->method, "HEAD") == 0;
	bool has_body = call->body_kind != CALL_BODY_NONE || strcmp(call->method, "POST") == 0;

	SET(t->easy, CURLOPT_URL, call->url);
	if (is_head)
		SET(t->easy, CURLOPT_NOBODY, 1L);
	else if (has_body) {
		SET(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
		SET(t->easy, CURLOPT_POSTFIELDS,
		    call->body.data != NULL ? call->body.data : ""); /* not copied */
	}
	if (!is_head)
		SET(t->easy, CURLOPT_CUSTOMREQUEST, call->method);
	headers_set(t);
}

/*
 * Everything that libcurl would otherwise take from the environment, the other side, or its own
 * kindness.
 */
static void
rules_set(const struct transfers *all, struct transfer *t)
{
	SET(t->easy, CURLOPT_NOSIGNAL, 1L);
	SET(t->easy, CURLOPT_PROTOCOLS_STR, all->options.allow_http ? "http,https" : "https");
	SET(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(t->easy, CURLOPT_PROXY, "");
	SET(t->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(t->easy, CURLOPT_ACCEPT_ENCODING, NULL);
	SET(t->easy, CURLOPT_USERAGENT, "ticketrail");
	SET(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(t->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(t->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (all->options.ca_file != NULL && all->options.ca_file[0] != '\0')
		SET(t->easy, CURLOPT_CAINFO, all->options.ca_file);
	SET(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)t->limits->connect_ms);
	SET(t->easy, CURLOPT_TIMEOUT_MS, (long)t->limits->total_ms);
	SET(t->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->limits->reply_max);
	SET(t->easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
	SET(t->easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER_LEN);
	SET(t->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER_LEN);
	if (!all->options.allow_http) {
		SET(t->easy, CURLOPT_OPENSOCKETFUNCTION, socket_open);
		SET(t->easy, CURLOPT_OPENSOCKETDATA, t);
	}
	SET(t->easy, CURLOPT_PREREQFUNCTION, released);
	SET(t->easy, CURLOPT_PREREQDATA, t);
	SET(t->easy, CURLOPT_WRITEFUNCTION, body_take);
	SET(t->easy, CURLOPT_WRITEDATA, t);
	SET(t->easy, CURLOPT_HEADERFUNCTION, header_take);
	SET(t->easy, CURLOPT_HEADERDATA, t);
	SET(t->easy, CURLOPT_PRIVATE, t);
}

static void
launch(struct transfers *all, struct transfer *t)
{
	t->easy = curl_easy_init();
	if (t->easy == NULL)
		abort();
	t->started_us = clock_steady_us();
	buf_init(&t->body, t->arena, t->limits->reply_max);
	rules_set(all, t);
	request_set(t);
	if (curl_multi_add_handle(all->multi, t->easy) != CURLM_OK)
		abort();
	TAILQ_INSERT_TAIL(&all->under_way, t, entry);
	all->n++;
}

void
transfer_start(struct transfers *all, struct transfer *t)
{
	t->started_us = clock_steady_us();
	TAILQ_INSERT_TAIL(&all->waiting, t, entry);
	all->waiting_n++;
}

static void
queue_leave(struct transfers *all, struct transfer *t)
{
	TAILQ_REMOVE(&all->waiting, t, entry);
	all->waiting_n--;
}

static bool
may_launch(const struct transfers *all)
{
	return all->waiting_n > 0 && (all->options.most == 0 || all->n < all->options.most);
}

static void
launch_waiting(struct transfers *all, int most)
{
	for (; most > 0 && may_launch(all); most--) {
		struct transfer *t = TAILQ_FIRST(&all->waiting);

		queue_leave(all, t);
		launch(all, t);
	}
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Before a byte of the request could leave. */
static enum call_failure
failure_before(const struct transfer_end *end)
{
	if (end->is_too_late)
		return CALL_WINDOW_CLOSED;
	switch (end->code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return CALL_NOT_RESOLVED;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_USE_SSL_FAILED:
		return CALL_NOT_TRUSTED;
	default:
		/*
		 * Refused, unreachable, too slow to connect, an address that is not public, a URL
		 * that is none.
		 */
		return CALL_NOT_CONNECTED;
	}
}

enum call_failure
transfer_failure(const struct transfer_end *end)
{
	if (!end->is_released)
		return failure_before(end);
	/* The connection died before an answer; whether the request was read is not known. */
	if (end->is_repeated)
		return CALL_CUT_WAITING;
	if (end->is_too_large || end->code == CURLE_FILESIZE_EXCEEDED)
		return CALL_REPLY_TOO_LARGE;
	switch (end->code) {
	case CURLE_OPERATION_TIMEDOUT:
		return CALL_TIMED_OUT;
	case CURLE_WEIRD_SERVER_REPLY:   /* headers that are none */
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: a body without headers */
	case CURLE_PARTIAL_FILE:         /* shorter than its Content-Length, or a chunk missing */
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_HTTP2:
	case CURLE_OUT_OF_MEMORY: /* 7.88: one header line of more than 100 kB */
		return CALL_REPLY_BROKEN;
	default:
		/* SEND_ERROR, RECV_ERROR, GOT_NOTHING and whatever else ends a connection. */
		return end->is_sent_whole ? CALL_CUT_WAITING : CALL_CUT_SENDING;
	}
}

static bool
is_sent_whole(const struct transfer *t)
{
	curl_off_t sent = 0;
	long head = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &head);
	return head > 0 && sent >= (curl_off_t)t->call->body.len;
}

bool
transfer_is_sent(const struct transfer *t)
{
	return t->is_released && is_sent_whole(t);
}

static void
reply_read(struct transfer *t)
{
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->result = (struct provider_result){
		.has_reply = true,
		.reply = { .status = (int)status,
		    .headers = t->headers,
		    .headers_n = t->headers_n,
		    .body = { t->body.data != NULL ? t->body.data : "", t->body.len } },
	};
}

static void
failure_read(struct transfer *t, CURLcode code)
{
	t->detail = t->is_forbidden ? "The address is not public" : curl_easy_strerror(code);
	t->result = (struct provider_result){
		.failure = transfer_failure(&(struct transfer_end){
		    .code = code,
		    .is_released = t->is_released,
		    .is_repeated = t->is_repeated,
		    .is_too_large = t->is_too_large,
		    .is_too_late = t->is_too_late,
		    .is_sent_whole = is_sent_whole(t),
		}),
	};
}

static void
wire_leave(struct transfers *all, struct transfer *t)
{
	if (curl_multi_remove_handle(all->multi, t->easy) != CURLM_OK)
		abort();
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
	for (struct curl_slist *line = t->lines; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(t->lines);
	t->lines = NULL;
	TAILQ_REMOVE(&all->under_way, t, entry);
	all->n--;
}

static void
transfer_end(struct transfers *all, struct transfer *t)
{
	t->elapsed_us = clock_steady_us() - t->started_us;
	if (t->easy != NULL)
		wire_leave(all, t);
	else
		queue_leave(all, t);
	TAILQ_INSERT_TAIL(&all->ended, t, entry);
	t->is_over = true;
}

void
transfer_abandon(struct transfers *all, struct transfer *t)
{
	if (t->is_over)
		return;
	t->result = (struct provider_result){ .failure = t->is_released ? CALL_SENDER_LOST
									: CALL_WINDOW_CLOSED };
	t->detail = "Given up";
	transfer_end(all, t);
}

static void
perform(struct transfers *all, int most)
{
	const CURLMsg *m;
	int left;

	launch_waiting(all, most);
	poller_perform(&all->poller, most);
	while ((m = curl_multi_info_read(all->multi, &left)) != NULL) {
		CURLcode code = m->data.result;
		char *private = NULL;
		struct transfer *t;

		if (m->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
			abort();
		t = (struct transfer *)(void *)private;
		if (code == CURLE_OK)
			reply_read(t);
		else
			failure_read(t, code);
		transfer_end(all, t);
	}
}

void
transfers_perform(struct transfers *all)
{
	perform(all, POLLER_ALL);
}

void
transfers_perform_few(struct transfers *all)
{
	perform(all, FEW);
}

struct transfer *
transfers_ended(struct transfers *all)
{
	struct transfer *t = TAILQ_FIRST(&all->ended);

	if (t != NULL)
		TAILQ_REMOVE(&all->ended, t, entry);
	return t;
}

void
transfers_wait(struct transfers *all, const int *fds, size_t fds_n, int timeout_ms)
{
	bool can_go_on = !TAILQ_EMPTY(&all->ended) || may_launch(all);

	poller_wait(&all->poller, fds, fds_n, can_go_on ? 0 : timeout_ms);
}

int
transfers_fd(const struct transfers *all)
{
	return all->poller.epoll;
}

int64_t
transfers_at_us(const struct transfers *all)
{
	return may_launch(all) ? 0 : all->poller.timer_at_us;
}
