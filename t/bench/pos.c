/*
 * pos: a POS as slow as it is told to be, over HTTPS, for more calls at once than a simulator in JavaScript can hold. It is all four
 * of them (pos/words.c) and accepts every order.
 *
 *	pos CERTIFICATE KEY JOURNAL
 *
 * prints {"port":N} once it listens on 127.0.0.1. Paths:
 *	/N/...                  what restaurant N's POS is asked: answered after the delay (a login at once); never if N hangs
 *	/_pos/set?delay=MS&hang=N&total=MINOR&record=N   from now on, the figures begin again and the journal is emptied. hang=0: nobody
 *	                        hangs; total: what an order comes to at a POS that counts by itself; record: requests of restaurants
 *	                        1 to N, but for logins, are written to JOURNAL.requests as they came, each behind its length and a line feed
 *	/_pos/report            the figures, and journal and requests are all in their files
 *
 * A line of the journal: when the first byte of the request came (microseconds since 1970), N, the order's number, the callback URL,
 * which step it is, and what tells it from others of that step.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "pos/words.h"

#define ROOM 16384
#define PATH_ROOM 512
#define ANSWER_ROOM (SAID_ROOM + 256)
#define EVENTS_MAX 256
#define ANSWERS_MAX ((size_t)4 * 1000 * 1000)

struct connection {
	struct connection *next; /* waiting for its time, in order of due_us */
	SSL *ssl;
	int fd;
	bool is_ready, is_waiting, is_gone;
	int64_t due_us, began_us; /* steady clock; of the day */
	size_t got, out_len, out_sent;
	char in[ROOM + 1], out[ANSWER_ROOM];
};

static struct {
	int epoll, listener;
	SSL_CTX *tls;
	FILE *journal, *requests;
	int64_t delay_us;
	long hang, record;
	struct connection *first, *last; /* waiting */
	size_t in_flight, most_in_flight, requests_n, handshakes, answers_n;
	int64_t *answered_us;
	int64_t cpu_from_us;
} pos;

static void __attribute__((noreturn))
die(const char *what)
{
	fprintf(stderr, "pos: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
clock_us(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void
answer_json(struct connection *c, int status, const char *json)
{
	c->out_sent = 0;
	c->out_len = (size_t)snprintf(c->out, sizeof c->out,
	    "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status, status == 200 ? "OK" : "No",
	    strlen(json), json);
}

/* When so many of a thousand had been answered; 0 without any. */
static int64_t
answered_at(size_t thousandths)
{
	return pos.answers_n == 0 ? 0 : pos.answered_us[(pos.answers_n - 1) * thousandths / 1000];
}

static void
report(struct connection *c)
{
	char json[512];

	fflush(pos.journal);
	fflush(pos.requests);
	(void)snprintf(json, sizeof json,
	    "{\"requests\":%zu,\"answers\":%zu,\"most_in_flight\":%zu,\"handshakes\":%zu,\"from_us\":%" PRId64 ",\"p10_us\":%" PRId64
	    ",\"p90_us\":%" PRId64 ",\"to_us\":%" PRId64 ",\"cpu_s\":%.3f}",
	    pos.requests_n, pos.answers_n, pos.most_in_flight, pos.handshakes, answered_at(0), answered_at(100), answered_at(900),
	    answered_at(1000), (double)(clock_us(CLOCK_PROCESS_CPUTIME_ID) - pos.cpu_from_us) / 1e6);
	answer_json(c, 200, json);
}

static void
set(struct connection *c, const char *query)
{
	const char *delay = strstr(query, "delay="), *hang = strstr(query, "hang="), *total = strstr(query, "total="),
		   *record = strstr(query, "record=");

	if (delay != NULL)
		pos.delay_us = strtol(delay + 6, NULL, 10) * 1000;
	if (hang != NULL)
		pos.hang = strtol(hang + 5, NULL, 10);
	if (total != NULL)
		words_total(strtol(total + 6, NULL, 10));
	pos.record = record != NULL ? strtol(record + 7, NULL, 10) : 0;
	pos.requests_n = pos.answers_n = pos.handshakes = 0;
	pos.most_in_flight = pos.in_flight;
	pos.cpu_from_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	if (ftruncate(fileno(pos.journal), 0) != 0)
		die("journal");
	rewind(pos.journal);
	answer_json(c, 200, "{}");
}

/* Into its parts. */
static void
asked_read(const char *in, const char *body, char *room, struct asked *ret)
{
	size_t method = strcspn(in, " "), path = strcspn(in + method + 1, " ");
	char *at;

	(void)snprintf(room, PATH_ROOM, "%.*s", (int)(method + 1 + path), in);
	room[method] = '\0';
	at = room + method + 1;
	*ret = (struct asked){ .method = room, .query = "", .body = body };
	ret->who = strtol(at + (*at == '/'), &at, 10);
	ret->path = at + (*at == '/');
	at = strchr(at, '?');
	if (at != NULL) {
		*at = '\0';
		ret->query = at + 1;
	}
}

static void
call_take(struct connection *c, const char *body)
{
	static struct said said;
	char room[PATH_ROOM];
	struct asked asked;
	long who;

	asked_read(c->in, body, room, &asked);
	words_answer(&asked, &said);
	answer_json(c, said.status, said.json);
	if (said.is_instant)
		return;
	who = asked.who;
	if (who <= pos.record && (fprintf(pos.requests, "%zu\n", c->got) < 0 || fwrite(c->in, 1, c->got, pos.requests) != c->got))
		die("requests");
	fprintf(pos.journal, "%" PRId64 "\t%ld\t%s\t%s\t%s\t%s\n", c->began_us, who, said.number, said.url, said.step, said.more);
	pos.requests_n++;
	if (++pos.in_flight > pos.most_in_flight)
		pos.most_in_flight = pos.in_flight;
	c->is_waiting = true;
	if (pos.hang != 0 && who == pos.hang)
		return; /* until they hang up */
	c->due_us = clock_us(CLOCK_MONOTONIC) + pos.delay_us;
	c->next = NULL;
	if (pos.last != NULL)
		pos.last->next = c;
	else
		pos.first = c;
	pos.last = c;
}

/* --- a connection ----------------------------------------------------------------------------- */

/* One that waits for its time is freed when it comes. */
static void
connection_end(struct connection *c)
{
	epoll_ctl(pos.epoll, EPOLL_CTL_DEL, c->fd, NULL);
	close(c->fd);
	SSL_free(c->ssl);
	c->ssl = NULL;
	c->is_gone = true;
	if (c->is_waiting && c->due_us != 0)
		return;
	if (c->is_waiting)
		pos.in_flight--;
	free(c);
}

/* False: it has ended. */
static bool
send_rest(struct connection *c)
{
	while (c->out_sent < c->out_len) {
		int n = SSL_write(c->ssl, c->out + c->out_sent, (int)(c->out_len - c->out_sent));

		if (n <= 0 && SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_WRITE)
			return true;
		if (n <= 0) {
			connection_end(c);
			return false;
		}
		c->out_sent += (size_t)n;
	}
	c->out_len = 0;
	return true;
}

/* A whole request is there: false if not. Clients here send no other before its answer. */
static bool
request_take(struct connection *c)
{
	char *end = strstr(c->in, "\r\n\r\n"), *length;
	size_t want;

	if (end == NULL)
		return false;
	length = strcasestr(c->in, "\r\ncontent-length:");
	want = (size_t)(end + 4 - c->in) + (length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0);
	if (c->got < want)
		return false;
	if (strncmp(c->in, "GET /_pos/report", 16) == 0)
		report(c);
	else if (strncmp(c->in, "GET /_pos/set", 13) == 0)
		set(c, c->in);
	else
		call_take(c, end + 4);
	c->got = 0;
	return true;
}

static void
connection_read(struct connection *c)
{
	for (;;) {
		int n = SSL_read(c->ssl, c->in + c->got, (int)(ROOM - c->got));

		if (n <= 0) {
			int e = SSL_get_error(c->ssl, n);

			if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
				connection_end(c);
			return;
		}
		if (!c->is_ready) {
			c->is_ready = true;
			pos.handshakes++;
		}
		if (c->got == 0)
			c->began_us = clock_us(CLOCK_REALTIME);
		c->got += (size_t)n;
		c->in[c->got] = '\0';
		if (request_take(c) && !c->is_waiting && !send_rest(c))
			return;
	}
}

static void
connection_accept(void)
{
	int fd, one = 1;

	while ((fd = accept4(pos.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct connection *c = calloc(1, sizeof *c);
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

		if (c == NULL || (c->ssl = SSL_new(pos.tls)) == NULL)
			die("memory");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		c->fd = fd;
		SSL_set_fd(c->ssl, fd);
		SSL_set_accept_state(c->ssl);
		if (epoll_ctl(pos.epoll, EPOLL_CTL_ADD, fd, &event) != 0)
			die("epoll_ctl");
	}
}

/* Sends the answers whose time has come. Milliseconds until the next one, -1 for none. */
static int
answers_send(void)
{
	int64_t now = clock_us(CLOCK_MONOTONIC);

	while (pos.first != NULL && pos.first->due_us <= now) {
		struct connection *c = pos.first;

		pos.first = c->next;
		if (pos.first == NULL)
			pos.last = NULL;
		pos.in_flight--;
		c->is_waiting = false;
		c->due_us = 0;
		if (c->is_gone) {
			free(c);
			continue;
		}
		if (pos.answers_n < ANSWERS_MAX)
			pos.answered_us[pos.answers_n++] = now;
		(void)send_rest(c);
	}
	return pos.first == NULL ? -1 : (int)((pos.first->due_us - now) / 1000 + 1);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static void
listener_open(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	socklen_t len = sizeof at;

	pos.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (pos.listener < 0 || bind(pos.listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(pos.listener, 4096) != 0 ||
	    getsockname(pos.listener, (struct sockaddr *)&at, &len) != 0)
		die("listen");
	if ((pos.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 || epoll_ctl(pos.epoll, EPOLL_CTL_ADD, pos.listener, &event) != 0)
		die("epoll");
	printf("{\"port\":%d}\n", ntohs(at.sin_port));
	fflush(stdout);
}

static void
tls_open(const char *certificate, const char *key)
{
	pos.tls = SSL_CTX_new(TLS_server_method());
	if (pos.tls == NULL || SSL_CTX_use_certificate_chain_file(pos.tls, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(pos.tls, key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	SSL_CTX_set_mode(pos.tls, SSL_MODE_RELEASE_BUFFERS);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_MAX];
	struct rlimit files = { .rlim_cur = 8192, .rlim_max = 8192 };
	char requests[PATH_ROOM];

	if (argc != 4) {
		fprintf(stderr, "usage: pos CERTIFICATE KEY JOURNAL\n");
		return 64;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	pos.delay_us = 500000;
	pos.journal = fopen(argv[3], "w+");
	(void)snprintf(requests, sizeof requests, "%s.requests", argv[3]);
	pos.requests = fopen(requests, "w");
	pos.answered_us = malloc(ANSWERS_MAX * sizeof *pos.answered_us);
	if (pos.journal == NULL || pos.requests == NULL || pos.answered_us == NULL)
		die(argv[3]);
	tls_open(argv[1], argv[2]);
	listener_open();
	for (;;) {
		int n = epoll_wait(pos.epoll, events, EVENTS_MAX, answers_send());

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				connection_accept();
			else
				connection_read(events[i].data.ptr);
		}
	}
}
