/* What a process says to whoever started it: the pipe of READY_FD, the datagrams of systemd. */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/starter.h"
#include "tap.h"

static void
env_number(const char *name, long value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%ld", value);
	(void)setenv(name, text, 1);
}

/* A pipe whose writing end is offered as READY_FD; the reading end. */
static int
ready_pipe(int *ret_written)
{
	int fds[2];

	if (pipe(fds) != 0)
		abort();
	env_number("READY_FD", fds[1]);
	*ret_written = fds[1];
	return fds[0];
}

/* What systemd hears next, "" when nothing came. */
static const char *
heard(int systemd)
{
	static char text[600];
	ssize_t n = recv(systemd, text, sizeof text - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Stands in for systemd at a name of the abstract space, or at a path. */
static int
systemd_listen(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(at.sun_path, name, strlen(name));
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	if (fd < 0 || bind(fd, (struct sockaddr *)&at,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) != 0)
		abort();
	(void)setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
test_nobody(void)
{
	struct starter s;

	starter_find(&s);
	ok(starter_ready(&s, 4), "started by nobody who waits: nothing to say, and no fault");
	starter_tell(&s, "STATUS=%d", 1);
	ok(starter_alive(&s, 1) == INT64_MAX, "nor is anybody watching");
}

static void
test_pipe(void)
{
	struct starter s;
	char text[16] = "";
	int written, fd = ready_pipe(&written);

	starter_find(&s);
	ok(getenv("READY_FD") == NULL, "READY_FD is gone from the environment of our children");
	ok((fcntl(written, F_GETFD) & FD_CLOEXEC) != 0, "and the descriptor does not reach them");
	ok(starter_ready(&s, 4) && read(fd, text, sizeof text) == 2 && strcmp(text, "R4") == 0,
	    "R and the number of workers come in one piece");
	ok(read(fd, text, sizeof text) == 0, "and the pipe is closed");
	ok(starter_ready(&s, 4), "the second time it says nothing");
	close(fd);

	fd = ready_pipe(&written);
	close(fd);
	starter_find(&s);
	ok(!starter_ready(&s, 0), "whoever cannot be told is told of");

	for (const char *const *wrong = (const char *const[]){ "1", "-3", "x", "3x", "",
		 "99999999999999999999", NULL };
	     *wrong != NULL; wrong++) {
		(void)setenv("READY_FD", *wrong, 1);
		starter_find(&s);
		ok(s.ready_fd < 0, "READY_FD=%s is none", *wrong);
	}
}

static void
test_systemd(const char *name)
{
	struct starter s;
	int systemd = systemd_listen(name);
	char before[500];

	starter_find(&s);
	ok(getenv("NOTIFY_SOCKET") == NULL, "DEP-02 NOTIFY_SOCKET is for this process alone");
	ok(starter_ready(&s, 4) && strcmp(heard(systemd), "READY=1") == 0, "DEP-02 READY=1 to %s",
	    name);
	(void)starter_ready(&s, 4);
	ok(strcmp(heard(systemd), "") == 0, "once");
	starter_reloading(&s);
	(void)snprintf(before, sizeof before, "%s", heard(systemd));
	ok(strncmp(before, "RELOADING=1\nMONOTONIC_USEC=", 27) == 0 && strlen(before) > 30,
	    "DEP-02 a reload with its time: sd_notify(3)");
	starter_tell(&s, "STATUS=%s", "half way");
	ok(strcmp(heard(systemd), "STATUS=half way") == 0, "a status");
	ok(starter_alive(&s, 1) == INT64_MAX, "no watchdog was asked for");
	close(systemd);
	starter_tell(&s, "STOPPING=1");
	ok(true, "a systemd that has gone is no fault");
	if (name[0] == '/')
		(void)unlink(name);
}

static void
test_watchdog(void)
{
	struct starter s;
	int systemd = systemd_listen("@ticketrail-t-031-watch");

	env_number("WATCHDOG_USEC", 3000000);
	env_number("WATCHDOG_PID", getpid());
	starter_find(&s);
	ok(starter_alive(&s, 10000000) == 11000000 && strcmp(heard(systemd), "WATCHDOG=1") == 0,
	    "DEP-02 alive is said, and again within a third of the time");
	ok(starter_alive(&s, 10999999) == 11000000 && strcmp(heard(systemd), "") == 0,
	    "not before it is time");
	ok(starter_alive(&s, 11000000) == 12000000 && strcmp(heard(systemd), "WATCHDOG=1") == 0,
	    "then it is");
	env_number("WATCHDOG_USEC", 3000000);
	env_number("WATCHDOG_PID", getpid() + 1);
	(void)setenv("NOTIFY_SOCKET", "@ticketrail-t-031-watch", 1);
	starter_find(&s);
	ok(starter_alive(&s, 1) == INT64_MAX, "another's watchdog is none of ours");
	ok(getenv("WATCHDOG_USEC") == NULL && getenv("WATCHDOG_PID") == NULL,
	    "and our children hear of none");
	close(systemd);
}

int
main(void)
{
	char path[64];

	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("READY_FD");
	(void)unsetenv("NOTIFY_SOCKET");
	test_nobody();
	test_pipe();
	test_systemd("@ticketrail-t-031");
	(void)snprintf(path, sizeof path, "/tmp/ticketrail-t-031.%d", (int)getpid());
	test_systemd(path);
	test_watchdog();
	return tap_done();
}
