#define _GNU_SOURCE /* memmem */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 60

static int
listener_make(int *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	*ret_port = ntohs(at.sin_port);
	return fd;
}

int
hostile_free_port(void)
{
	int port;

	close(listener_make(&port));
	return port;
}

int
hostile_mute_port(void)
{
	int port;

	(void)listener_make(&port); /* the kernel takes connections into its backlog */
	return port;
}

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static void
say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void
end_with_reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
	_exit(0);
}

static void
say_for_ever(int fd, const char *text, long ms)
{
	for (;;) {
		say(fd, text);
		if (ms > 0)
			pause_ms(ms);
	}
}

/* Until somebody ends it: the other side hangs up, or the test is over. */
static void
hang(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		continue;
	_exit(0);
}

static void
reply(int fd, const char *status, const char *headers, const char *body)
{
	char head[512];

	(void)snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status,
	    strlen(body), headers, body);
	say(fd, head);
}

static bool
path_is(const char *path, const char *name)
{
	size_t len = strlen(name);

	return strncmp(path, name, len) == 0 && strchr(" /?", path[len]) != NULL;
}

/*
 * What a path says first, what it goes on saying (every so many ms) until nobody listens, and
 * whether it then waits.
 */
static const struct manner {
	const char *path, *first, *then;
	long pause_ms;
	bool hangs;
} manners[] = {
	{ "/hang", NULL, NULL, 0, true },
	{ "/hang-headers", "HTTP/1.1 200 OK\r\nContent-Len", NULL, 0, true },
	{ "/drip", "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", "x", 20, false },
	{ "/large", "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", "0123456789", 0,
	    false },
	{ "/flood", "HTTP/1.1 200 OK\r\n\r\n", "0123456789", 0, false },
	{ "/headers", "HTTP/1.1 200 OK\r\n", "X-Header: 0123456789\r\n", 0, false },
	{ "/continue", NULL, "HTTP/1.1 100 Continue\r\n\r\n", 5, false },
	{ "/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\":\"1\"}", NULL, 0,
	    false },
	{ "/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"success\"", NULL,
	    0, false },
	{ "/garbage", "\x15\x03\x03 what\r\n\r\n", NULL, 0, false },
	{ "/http09", "<html>success</html>", NULL, 0, false },
};

static bool
mannerly(int fd, const char *path)
{
	for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
		const struct manner *m = &manners[i];

		if (!path_is(path, m->path))
			continue;
		if (m->first != NULL)
			say(fd, m->first);
		if (m->then != NULL)
			say_for_ever(fd, m->then, m->pause_ms);
		if (m->hangs)
			hang(fd);
		return true;
	}
	return false;
}

/* Answers one request; true if the connection is kept. nth: which of the connection it is. */
static bool
answer(struct hostile_seen *seen, int fd, const char *path, int nth)
{
	char status[32] = "200 OK";
	const char *headers = "X-Empty:\r\nX-Kind: \t spaced \r\n", *body = "{\"success\":\"1\"}";

	if (path_is(path, "/reset"))
		end_with_reset(fd);
	if (mannerly(fd, path))
		return false;
	if (path_is(path, "/slow"))
		pause_ms(strtol(path + 6, NULL, 10));
	if (path_is(path, "/status"))
		(void)snprintf(status, sizeof status, "%.3s Word", path + 8);
	else if (path_is(path, "/busy")) {
		(void)snprintf(status, sizeof status, "429 Too Many");
		headers = "Retry-After: 1\r\n";
	} else if (path_is(path, "/redirect")) {
		(void)snprintf(status, sizeof status, "302 Found");
		headers = "Location: /ok\r\n";
	} else if (path_is(path, "/gzip")) {
		headers = "Content-Encoding: gzip\r\n";
		body = "\x1f\x8b not really";
	} else
		seen->effects++;
	if (path_is(path, "/commit") || (path_is(path, "/once") && nth > 0))
		return false;
	reply(fd, status, headers, body);
	return true;
}

/* Reads one request whole into the room: true and the length of its head. */
static bool
request_read(int fd, char *room, size_t size, size_t *len, size_t *ret_whole)
{
	for (;;) {
		char *end = memmem(room, *len, "\r\n\r\n", 4), *length;
		ssize_t n;

		if (end != NULL) {
			*ret_whole = (size_t)(end - room) + 4;
			length = memmem(room, *ret_whole, "Content-Length: ", 16);
			if (length != NULL)
				*ret_whole += strtoul(length + 16, NULL, 10);
			if (*len >= *ret_whole)
				return true;
		}
		n = *len < size ? recv(fd, room + *len, size - *len, 0) : -1;
		if (n <= 0)
			return false;
		*len += (size_t)n;
	}
}

static void
serve(struct hostile_seen *seen, int fd)
{
	static char room[4 << 20];
	size_t len = 0, whole;
	bool is_kept = true;

	/*
	 * Only the first bytes: most of the request is still on its way when the connection is
	 * reset.
	 */
	if (recv(fd, room, 64, MSG_PEEK) > 12 && memmem(room, 64, " /unread", 8) != NULL)
		end_with_reset(fd);
	for (int nth = 0; is_kept && request_read(fd, room, sizeof room - 1, &len, &whole); nth++) {
		const char *path = memchr(room, ' ', len);
		int now = ++seen->under_way;

		if (path == NULL)
			break;
		if (now > seen->most_under_way)
			seen->most_under_way = now;
		seen->requests++;
		(void)snprintf(seen->last, sizeof seen->last, "%.*s",
		    (int)(whole < 8000 ? whole : 8000), room);
		is_kept = answer(seen, fd, path + 1, nth);
		seen->under_way--;
		memmove(room, room + whole, len - whole);
		len -= whole;
	}
}

/* Every child ends with its parent, and by itself should that be overlooked. */
static void
become_child(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, SIG_DFL);
	signal(SIGCHLD, SIG_IGN);
}

static void __attribute__((noreturn)) accept_all(struct hostile_seen *seen, int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		seen->connections++;
		if (fork() == 0) {
			become_child();
			alarm(PATIENCE_S);
			serve(seen, fd);
			_exit(0);
		}
		close(fd);
	}
}

struct hostile
hostile_start(void)
{
	struct hostile h;
	int listener = listener_make(&h.port);

	h.seen =
	    mmap(NULL, sizeof *h.seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (h.seen == MAP_FAILED)
		abort();
	fflush(NULL);
	if (fork() == 0) {
		become_child();
		close(STDOUT_FILENO); /* prove waits for its end */
		accept_all(h.seen, listener);
	}
	close(listener);
	return h;
}
