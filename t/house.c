#define _GNU_SOURCE /* pipe2 */
#include "house.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

struct house house;

int64_t
house_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
house_pause(long ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

void
house_bail(const char *why)
{
	printf("Bail out! %s: %s\n", why, strerror(errno));
	exit(1);
}

/* Renamed into place: nobody ever executes half of it. */
void
house_script(const char *format, ...)
{
	char beside[100];
	va_list args;
	FILE *f;
	int n;

	(void)snprintf(beside, sizeof beside, "%s~", house.script);
	f = fopen(beside, "w");
	if (f == NULL || fputs("#!/bin/sh\n", f) < 0)
		house_bail(house.script);
	va_start(args, format);
	n = vfprintf(f, format, args);
	va_end(args);
	if (n < 0 || fclose(f) != 0 || chmod(beside, 0700) != 0 || rename(beside, house.script) != 0)
		house_bail(house.script);
}

int
house_log_n(const char *needle)
{
	char *text = tap_file(house.log, NULL);
	int n = 0;

	for (const char *at = text; (at = strstr(at, needle)) != NULL; at++)
		n++;
	free(text);
	return n;
}

bool
house_log_reaches(const char *needle, int n)
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;

	while (house_log_n(needle) < n) {
		if (house_ms() > until)
			return false;
		house_pause(5);
	}
	return true;
}

struct master
master_start(const char *workers, bool keeps_log)
{
	struct master m;
	int ready[2], log;

	log = open(house.log, O_WRONLY | O_CREAT | O_APPEND | (keeps_log ? 0 : O_TRUNC), 0600);
	if (log < 0 || pipe2(ready, O_CLOEXEC) != 0)
		house_bail("start");
	fflush(NULL);
	m.pid = fork();
	if (m.pid == 0) {
		char fd[12], program[500];

		(void)dup2(log, STDERR_FILENO);
		(void)fcntl(ready[1], F_SETFD, 0);
		(void)snprintf(fd, sizeof fd, "%d", ready[1]);
		(void)setenv("READY_FD", fd, 1);
		(void)snprintf(program, sizeof program, "%s/pool", house.programs);
		execl(program, "pool", "--name", "test", "--socket", house.socket, "--workers", workers,
		    "--ready-within", house.ready_within, "--", house.script, (char *)NULL);
		_exit(127);
	}
	close(log);
	close(ready[1]);
	m.ready_fd = ready[0];
	return m;
}

int
master_said(const struct master *m, int ms)
{
	struct pollfd fd = { .fd = m->ready_fd, .events = POLLIN };
	char said = 0;

	if (poll(&fd, 1, ms) <= 0)
		return -1;
	return read(m->ready_fd, &said, 1) == 1 ? said : 0;
}

int
master_wait(struct master *m)
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;
	int status = 0;

	close(m->ready_fd);
	while (waitpid(m->pid, &status, WNOHANG) == 0) {
		if (house_ms() > until) {
			(void)kill(m->pid, SIGKILL);
			(void)waitpid(m->pid, &status, 0);
			return -1;
		}
		house_pause(5);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
master_stop(struct master *m)
{
	int status;

	(void)kill(m->pid, SIGTERM);
	status = master_wait(m);
	/* In a build with sanitizers the workers' complaints are in the log, and nowhere else. */
	return house_log_n("Sanitizer") + house_log_n("runtime error:") > 0 ? -2 : status;
}

void
house_open(void)
{
	static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	ssize_t n = readlink("/proc/self/exe", house.self, sizeof house.self - 1);
	char *slash;

	(void)snprintf(house.dir, sizeof house.dir, "/tmp/tr-pool-XXXXXX");
	if (n <= 0 || mkdtemp(house.dir) == NULL)
		house_bail("mkdtemp");
	house.self[n] = '\0';
	house.ready_within = "10";
	(void)snprintf(house.programs, sizeof house.programs, "%s", house.self);
	/* build/test/t/700_pool: the programs are in build/test */
	for (int i = 0; i < 2 && (slash = strrchr(house.programs, '/')) != NULL; i++)
		*slash = '\0';
	(void)snprintf(house.socket, sizeof house.socket, "%s/s", house.dir);
	(void)snprintf(house.script, sizeof house.script, "%s/worker", house.dir);
	(void)snprintf(house.log, sizeof house.log, "%s/log", house.dir);
	(void)setenv("RUN_DIR", house.dir, 1);
	(void)setenv("PUBLIC_URL", "https://localhost", 1);
	(void)setenv("DB_SOCKET", "/nonexistent/mysqld.sock", 1);
	(void)setenv("HASH_KEY", key, 1);
	(void)setenv("RELAY_PUBLIC_KEY", key, 1);
	(void)unsetenv("TICKETRAIL_CONFIG");
	(void)unsetenv("NOTIFY_SOCKET");
}

void
house_close(void)
{
	char command[100];

	(void)snprintf(command, sizeof command, "rm -rf %s", house.dir);
	if (system(command) != 0)
		diag("%s stays behind", house.dir);
}
