#include "process/asker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define YES SIGUSR1
#define NO SIGUSR2

static void
answer(int fd, bool is_good)
{
	(void)pidfd_send_signal(fd, is_good ? YES : NO, NULL, 0);
	close(fd);
}

void
askers_add(struct askers *a, pid_t pid)
{
	int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

	/* Whoever cannot be remembered is not left waiting. */
	if (fd < 0 && pid > 0)
		(void)kill(pid, NO);
	else if (fd >= 0 && a->n == ASKERS_MAX)
		answer(fd, false);
	else if (fd >= 0)
		a->fds[a->n++] = fd;
}

void
askers_begin(struct askers *a)
{
	a->now_n = a->n;
}

void
askers_answer(struct askers *a, bool is_good)
{
	for (size_t i = 0; i < a->now_n; i++)
		answer(a->fds[i], is_good);
	a->n -= a->now_n;
	memmove(a->fds, a->fds + a->now_n, a->n * sizeof a->fds[0]);
	a->now_n = 0;
}

static int
complain(const char *what)
{
	fprintf(stderr, "reload: %s\n", what);
	return EXIT_FAILURE;
}

int
asker_run(pid_t pid)
{
	struct signalfd_siginfo si = { .ssi_signo = 0 };
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, YES);
	sigaddset(&set, NO);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	fds[0].fd = signalfd(-1, &set, SFD_CLOEXEC);
	fds[1].fd = pidfd_open(pid, 0);
	if (fds[0].fd < 0 || fds[1].fd < 0 ||
	    sigqueue(pid, ASKER_SIGNAL, (union sigval){ .sival_int = 0 }) != 0)
		return complain(strerror(errno));
	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return complain(strerror(errno));
	if (fds[0].revents == 0 || read(fds[0].fd, &si, sizeof si) != (ssize_t)sizeof si)
		return complain("it has ended");
	if (si.ssi_signo != YES)
		return complain("it failed, the old ones serve on; the log says why");
	return EXIT_SUCCESS;
}
