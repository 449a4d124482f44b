#include "op/crash.h"

#ifdef CRASH_POINTS

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
seen(const char *dir, const char *name)
{
	char path[PATH_MAX], line[128];
	int fd, n;

	(void)snprintf(path, sizeof path, "%s/seen", dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	n = snprintf(line, sizeof line, "%s\n", name);
	if (n > 0 && write(fd, line, (size_t)n) < 0)
		perror(path);
	close(fd);
}

/* Hits that can be let pass, one file each: skip.name, skip.1.name ... skip.9.name. */
#define SKIPS_MAX 10

/* Whoever unlinks the file has been chosen. */
static bool
chosen(const char *dir, const char *what, const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s.%s", dir, what, name);
	return unlink(path) == 0;
}

static bool
skipped(const char *dir, const char *name)
{
	char what[] = "skip.0";

	if (chosen(dir, "skip", name))
		return true;
	for (int i = 1; i < SKIPS_MAX; i++) {
		what[sizeof what - 2] = (char)('0' + i);
		if (chosen(dir, what, name))
			return true;
	}
	return false;
}

void
crash_point(const char *name)
{
	const char *dir = getenv("TICKETRAIL_CRASH_DIR");

	if (dir == NULL)
		return;
	seen(dir, name);
	if (skipped(dir, name))
		return;
	if (chosen(dir, "kill", name))
		(void)raise(SIGKILL);
	if (chosen(dir, "stop", name))
		(void)raise(SIGSTOP);
}

#else
typedef int crash_points_are_off;
#endif
