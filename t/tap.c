#include "tap.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int tests, failures;

static bool
report(bool good, const char *file, int line, const char *name, va_list args)
{
	printf("%sok %d - ", good ? "" : "not ", ++tests);
	vprintf(name, args);
	putchar('\n');
	if (!good) {
		failures++;
		printf("# failed at %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}

bool
tap_ok(bool good, const char *file, int line, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	report(good, file, line, name, args);
	va_end(args);
	return good;
}

bool
tap_is_str(const char *got, const char *want, const char *file, int line, const char *name, ...)
{
	bool good = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);
	va_list args;

	va_start(args, name);
	report(good, file, line, name, args);
	va_end(args);
	if (!good)
		diag("got  '%s'\n# want '%s'", got ? got : "(null)", want ? want : "(null)");
	return good;
}

bool
tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	report(got == want, file, line, name, args);
	va_end(args);
	if (got != want)
		diag("got  %lld\n# want %lld", (long long)got, (long long)want);
	return got == want;
}

void
diag(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

bool
tap_aborts(void (*fn)(void *), void *arg)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		signal(SIGABRT, SIG_DFL);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		fn(arg);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

char *
tap_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	char *data = NULL;
	long len = -1;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		len = ftell(f);
	if (len >= 0 && fseek(f, 0, SEEK_SET) == 0)
		data = calloc(1, (size_t)len + 1);
	if (data == NULL || fread(data, 1, (size_t)len, f) != (size_t)len) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	fclose(f);
	if (ret_len != NULL)
		*ret_len = (size_t)len;
	return data;
}

int
tap_done(void)
{
	printf("1..%d\n", tests);
	return failures != 0 || tests == 0;
}
