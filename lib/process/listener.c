#include "process/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096  /* a full one is an immediate 502: nginx limits first */
#define LOCK_TRIES 25 /* of 20 ms: a killed master may die a moment later */
#define SYSTEMD_FD 3
#define EXIT_CONFIG 78 /* sysexits.h EX_CONFIG: no use in starting it again */

static int
complain(const char *program, const char *path, const char *why, int status)
{
	fprintf(stderr, "%s: %s: %s\n", program, path, why);
	return status;
}

/* systemd's, if it passed one. */
static int
inherit(const char *program, struct listener *l)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (pid == NULL || n == NULL || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	if (strcmp(n, "1") != 0)
		return complain(program, "LISTEN_FDS", "one socket is expected", EXIT_CONFIG);
	l->fd = SYSTEMD_FD;
	return 0;
}

static bool
lock_take(struct listener *l)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s.lock", l->path);
	l->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	for (int i = 0; l->lock_fd >= 0 && i < LOCK_TRIES; i++) {
		if (fcntl(l->lock_fd, F_SETLK, &lock) == 0)
			return true;
		(void)poll(NULL, 0, 20);
	}
	return false;
}

/*
 * Binds beside the path and renames over it: what stands at the path always listens, and what a
 * killed master left there is replaced without a moment in which there is none.
 */
static bool
bind_over(struct listener *l)
{
	struct sockaddr_un beside = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	bool is_bound;

	(void)snprintf(beside.sun_path, sizeof beside.sun_path, "%s~", l->path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0117);
	(void)unlink(beside.sun_path);
	is_bound = l->fd >= 0 &&
		   bind(l->fd, (struct sockaddr *)&beside, sizeof beside) == 0 &&
		   listen(l->fd, BACKLOG) == 0 && lstat(beside.sun_path, &st) == 0 &&
		   rename(beside.sun_path, l->path) == 0;
	(void)umask(mask);
	if (!is_bound)
		return false;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return true;
}

static int
make(const char *program, struct listener *l)
{
	struct sockaddr_un at;
	struct stat st;

	/* with the "~" of the one beside it */
	if (strlen(l->path) + 1 >= sizeof at.sun_path)
		return complain(program, l->path, "too long for a socket's path", EXIT_CONFIG);
	if (lstat(l->path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return complain(program, l->path, "exists and is not a socket", EXIT_CONFIG);
	if (!lock_take(l))
		return complain(program, l->path,
		    l->lock_fd < 0 ? strerror(errno) : "served by another process", EXIT_FAILURE);
	return bind_over(l) ? 0 : complain(program, l->path, strerror(errno), EXIT_FAILURE);
}

int
listener_open(const char *program, const char *path, struct listener *ret)
{
	struct listener l = { .path = path, .fd = -1, .lock_fd = -1 };
	int status = inherit(program, &l);

	if (status == 0 && path != NULL) {
		if (l.fd < 0)
			status = make(program, &l);
		else
			(void)lock_take(&l); /* nobody puts a socket in the place of systemd's */
	}
	if (status != 0)
		return status;
	if (l.fd >= 0)
		(void)fcntl(l.fd, F_SETFD, FD_CLOEXEC);
	*ret = l;
	return 0;
}

void
listener_close(struct listener *l)
{
	struct stat st;

	if (l->ino != 0 && lstat(l->path, &st) == 0 && st.st_ino == l->ino && st.st_dev == l->dev)
		(void)unlink(l->path);
	if (l->fd >= 0)
		close(l->fd);
	if (l->lock_fd >= 0)
		close(l->lock_fd);
	l->fd = l->lock_fd = -1;
	l->ino = 0;
}
