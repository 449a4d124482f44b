/* The go-between: see between.h. */
#define _GNU_SOURCE /* memmem */
#include "between.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Set by the test, taken back by the go-between when it has cut. */
static volatile struct order {
	enum cut how;
	int passes;
} *cut;

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	return a;
}

static bool
pass(int from, int to, const char *stop_at)
{
	char data[65536];
	ssize_t n = read(from, data, sizeof data);

	if (n <= 0)
		return false;
	if (stop_at != NULL && cut->how != CUT_NOTHING && memmem(data, (size_t)n, stop_at, strlen(stop_at)) != NULL &&
	    cut->passes-- == 0) {
		if (cut->how == CUT_AFTER && write(to, data, (size_t)n) == n)
			(void)!read(to, data, sizeof data); /* the server's "OK", which nobody will see */
		cut->how = CUT_NOTHING;
		return false;
	}
	return write(to, data, (size_t)n) == n;
}

static void
serve(int client, const char *server_path)
{
	struct sockaddr_un a = address(server_path);
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	struct pollfd fds[2] = { { .fd = client, .events = POLLIN }, { .fd = server, .events = POLLIN } };

	if (connect(server, (struct sockaddr *)&a, sizeof a) == 0)
		while (poll(fds, 2, -1) > 0) {
			if (fds[0].revents != 0 && !pass(client, server, "\003COMMIT"))
				break;
			if (fds[1].revents != 0 && !pass(server, client, NULL))
				break;
		}
	close(server);
	close(client);
}

/* A program's connections come one after the other, so one at a time is enough. */
void
between_start(const char *path, const char *server_path)
{
	struct sockaddr_un a = address(path);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	cut = mmap(NULL, sizeof *cut, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cut == MAP_FAILED || bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 8) != 0)
		abort();
	fflush(NULL);
	if (fork() != 0) {
		close(listener);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 3; fd < 64; fd++)
		if (fd != listener)
			close(fd); /* the world's keeper waits for its pipe to close */
	signal(SIGPIPE, SIG_IGN);
	for (;;)
		serve(accept(listener, NULL, NULL), server_path);
}

void
between_cut(enum cut how, int passes)
{
	cut->passes = passes;
	cut->how = how;
}

enum cut
between_waits_for(void)
{
	return cut->how;
}
