#include "process/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX 500

/* A whole number of the environment, which then no longer has it; -1 without one. */
static int64_t
number_take(const char *name)
{
	const char *text = getenv(name);
	int64_t value = -1;

	if (text != NULL && text[0] != '\0' && strlen(text) <= 18 &&
	    strspn(text, "0123456789") == strlen(text))
		value = strtoll(text, NULL, 10);
	(void)unsetenv(name);
	return value;
}

static int
ready_fd_take(void)
{
	int64_t fd = number_take("READY_FD");

	if (fd <= STDERR_FILENO || fd > 1023 || fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return (int)fd;
}

/* A path, or @ and a name in the abstract space. */
static void
systemd_take(struct starter *s)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path != NULL ? strlen(path) : 0;

	s->systemd.sun_family = AF_UNIX;
	if (len > 1 && len < sizeof s->systemd.sun_path && (path[0] == '/' || path[0] == '@')) {
		memcpy(s->systemd.sun_path, path, len);
		if (path[0] == '@')
			s->systemd.sun_path[0] = '\0';
		s->systemd_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	}
	(void)unsetenv("NOTIFY_SOCKET");
}

void
starter_find(struct starter *ret_starter)
{
	struct starter s = { .ready_fd = ready_fd_take(),
		.is_replacement = number_take("REPLACES") == 1 };
	int64_t pid = number_take("WATCHDOG_PID"), us = number_take("WATCHDOG_USEC");

	systemd_take(&s);
	if (s.systemd_len > 0 && us > 0 && (pid < 0 || pid == getpid()))
		s.watchdog_us = us;
	*ret_starter = s;
}

void
starter_tell(const struct starter *s, const char *format, ...)
{
	char text[TEXT_MAX + 1];
	va_list args;
	int fd, n;

	if (s->systemd_len == 0)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (n > 0)
		(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
		    (const struct sockaddr *)&s->systemd, s->systemd_len);
	close(fd);
}

bool
starter_ready(struct starter *s, int64_t workers_n)
{
	char text[24] = "R";
	bool was_heard;
	ssize_t n;

	if (s->is_ready)
		return true;
	s->is_ready = true;
	starter_tell(s, "READY=1");
	if (s->ready_fd < 0)
		return true;
	if (workers_n > 0)
		(void)snprintf(text, sizeof text, "R%" PRId64, workers_n);
	while ((n = write(s->ready_fd, text, strlen(text))) < 0 && errno == EINTR)
		continue;
	was_heard = n == (ssize_t)strlen(text);
	close(s->ready_fd);
	s->ready_fd = -1;
	return was_heard;
}

void
starter_reloading(const struct starter *s)
{
	struct timespec t;

	/* systemd orders RELOADING and READY by this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	starter_tell(s, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

int64_t
starter_alive(struct starter *s, int64_t now_us)
{
	if (s->watchdog_us == 0)
		return INT64_MAX;
	if (now_us >= s->alive_at_us) {
		starter_tell(s, "WATCHDOG=1");
		s->alive_at_us = now_us + s->watchdog_us / 3;
	}
	return s->alive_at_us;
}
