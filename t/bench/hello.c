/*
 * hello: a FastCGI worker that knows its answers. It takes in the whole request, as ours must, and gives back a file, headers
 * included: what nginx, TLS and FastCGI cost without us. The file is the one of DIR that is named as the last part of the
 * path. Runs under `pool`, as any worker.
 *
 *	hello DIR
 */
#include <dirent.h>
#include <fcgiapp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)1024 * 1024)
#define ANSWERS_MAX 32
#define BODY_MAX 65536

struct answer {
	char name[64];
	char *text;
	size_t len;
};

static struct answer answers[ANSWERS_MAX];
static size_t answers_n;

static void
ready_say(void)
{
	const char *text = getenv("READY_FD");
	int fd = text != NULL ? (int)strtol(text, NULL, 10) : -1;

	if (fd > STDERR_FILENO && write(fd, "R", 1) == 1)
		close(fd);
}

static void
answer_read(const char *dir, const char *name)
{
	struct answer *a = &answers[answers_n];
	char path[4096];
	FILE *f;

	if (answers_n == ANSWERS_MAX || strlen(name) >= sizeof a->name)
		exit(1);
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "r");
	if (f == NULL || (a->text = malloc(ANSWER_MAX)) == NULL)
		exit(1);
	memcpy(a->name, name, strlen(name) + 1);
	a->len = fread(a->text, 1, ANSWER_MAX, f);
	fclose(f);
	answers_n++;
}

static void
answer(FCGX_Request *r)
{
	static char taken[BODY_MAX];
	const char *path = FCGX_GetParam("ROUTE_PATH", r->envp), *name;

	while (FCGX_GetStr(taken, sizeof taken, r->in) == (int)sizeof taken)
		;
	name = path != NULL ? strrchr(path, '/') : NULL;
	for (size_t i = 0; name != NULL && i < answers_n; i++)
		if (strcmp(answers[i].name, name + 1) == 0) {
			FCGX_PutStr(answers[i].text, (int)answers[i].len, r->out);
			return;
		}
	FCGX_PutS("Status: 404 Not Found\r\n\r\n", r->out);
}

/* As in http/front: the workers share a listener that does not block, and each connection is one request. */
static void
serve(void)
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
		answer(&r);
		FCGX_Finish_r(&r);
	}
}

int
main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;

	if (dir == NULL) {
		fprintf(stderr, "usage: hello DIR\n");
		return 64;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			answer_read(argv[1], entry->d_name);
	closedir(dir);
	if (FCGX_Init() != 0)
		return 1;
	ready_say();
	serve();
	return 0;
}
