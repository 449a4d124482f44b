/*
 * hello: a FastCGI worker that knows its answer. It takes in the whole request, as ours must, and gives back the bytes of a
 * file with status 201: what nginx, TLS and FastCGI cost without us. Runs under `pool`, as any worker.
 *
 *	hello FILE
 */
#include <fcgiapp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX 65536

static void
ready_say(void)
{
	const char *text = getenv("READY_FD");
	int fd = text != NULL ? (int)strtol(text, NULL, 10) : -1;

	if (fd > STDERR_FILENO && write(fd, "R", 1) == 1)
		close(fd);
}

static void
answer(FCGX_Request *r, const char *body, size_t len)
{
	static char taken[BODY_MAX];

	while (FCGX_GetStr(taken, sizeof taken, r->in) == (int)sizeof taken)
		;
	FCGX_FPrintF(r->out, "Status: 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
	    "Cache-Control: no-store\r\nLocation: /api/v1/orders/00000000-0000-7000-8000-000000000000\r\n\r\n", (int)len);
	FCGX_PutStr(body, (int)len, r->out);
}

/* As in http/front: the workers share a listener that does not block, and each connection is one request. */
static void
serve(const char *body, size_t len)
{
	struct pollfd listener = { .fd = STDIN_FILENO, .events = POLLIN };
	FCGX_Request r;

	if (FCGX_InitRequest(&r, -1, 0) != 0)
		exit(1);
	while (poll(&listener, 1, -1) > 0) {
		r.ipcFd = accept4(STDIN_FILENO, NULL, NULL, SOCK_CLOEXEC);
		if (r.ipcFd < 0)
			continue;
		r.keepConnection = 1;
		if (FCGX_Accept_r(&r) < 0)
			continue;
		r.keepConnection = 0;
		answer(&r, body, len);
		FCGX_Finish_r(&r);
	}
}

int
main(int argc, char **argv)
{
	static char body[BODY_MAX];
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
	size_t len;

	if (f == NULL) {
		fprintf(stderr, "usage: hello FILE\n");
		return 64;
	}
	len = fread(body, 1, sizeof body, f);
	fclose(f);
	if (FCGX_Init() != 0)
		return 1;
	ready_say();
	serve(body, len);
	return 0;
}
