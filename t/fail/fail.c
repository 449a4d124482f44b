#define _GNU_SOURCE
#include "fail/fail.h"

#include <dirent.h>
#include <errmsg.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <json-c/json.h>
#include <mysql.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>

/* --- the board ------------------------------------------------------------------------------------------------ */

extern const ElfW(Ehdr) __ehdr_start; /* by the linker: where the program begins */

static struct fail_board *board;

static void __attribute__((constructor))
board_find(void)
{
	const char *dir = getenv("TICKETRAIL_FAIL_DIR");
	char path[4096];
	void *p;
	int fd;

	if (dir == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%s.board", dir, program_invocation_short_name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	p = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		board = p;
}

static void
site_count(uint64_t at)
{
	for (size_t i = 0; i < FAIL_SITES_MAX; i++) {
		struct fail_site *s = &board->sites[(at * 7 + i) % FAIL_SITES_MAX];
		uint64_t there = 0;

		if (atomic_compare_exchange_strong(&s->at, &there, at) || there == at) {
			atomic_fetch_add(&s->hits, 1);
			return;
		}
	}
	abort(); /* a larger FAIL_SITES_MAX is needed */
}

/* Takes one away unless there is none left. */
static bool
taken(_Atomic uint32_t *n)
{
	uint32_t left = atomic_load(n);

	while (left != 0)
		if (left == FAIL_FOREVER || atomic_compare_exchange_weak(n, &left, left - 1))
			return true;
	return false;
}

/* The way in which the call that returns to here is to fail; 0: it is made. */
static unsigned
fail_way(const void *here)
{
	uint64_t at;

	if (board == NULL)
		return 0;
	at = (uint64_t)((uintptr_t)here - (uintptr_t)&__ehdr_start);
	site_count(at);
	for (int i = 0; i < 2; i++) {
		struct fail_order *o = &board->orders[i];

		if (atomic_load(&o->at) == at && !taken(&o->skips) && taken(&o->times)) {
			atomic_fetch_add(&o->failed, 1);
			return atomic_load(&o->way);
		}
	}
	return 0;
}

/* --- how things fail ------------------------------------------------------------------------------------------ */

#define FAILED(number) (errno = (number), -1)

static void
cut(MYSQL *m)
{
	int fd = (int)mysql_get_socket(m);

	if (fd >= 0)
		(void)shutdown(fd, SHUT_RDWR);
}

static void
said(MYSQL *m, unsigned number, const char *text)
{
	m->net.last_errno = number;
	(void)snprintf(m->net.last_error, sizeof m->net.last_error, "%s", text);
}

static int
stmt_said(MYSQL_STMT *s, unsigned number)
{
	s->last_errno = number;
	(void)snprintf(s->last_error, sizeof s->last_error, "%s",
	    number == CR_OUT_OF_MEMORY ? "Client run out of memory" : "Lost connection to server during query");
	return 1;
}

int __real_mysql_real_query(MYSQL *, const char *, unsigned long);
int __real_mysql_stmt_execute(MYSQL_STMT *);
MYSQL_RES *__real_mysql_store_result(MYSQL *);
size_t __real_fread(void *, size_t, size_t, FILE *);

/* Done by the server, and the connection gone before it could say so. */
static int
query_unheard(MYSQL *m, const char *sql, unsigned long n)
{
	(void)__real_mysql_real_query(m, sql, n);
	mysql_free_result(__real_mysql_store_result(m));
	cut(m);
	said(m, CR_SERVER_LOST, "Lost connection to server during query");
	return 1;
}

static int
execute_unheard(MYSQL_STMT *s)
{
	(void)__real_mysql_stmt_execute(s);
	cut(s->mysql);
	return stmt_said(s, CR_SERVER_LOST);
}

static MYSQL_RES *
result_lost(MYSQL *m)
{
	MYSQL_RES *rows = __real_mysql_store_result(m);

	if (rows != NULL) {
		mysql_free_result(rows);
		said(m, CR_OUT_OF_MEMORY, "Client run out of memory");
	}
	return NULL;
}

/* A file that cannot be read any more: EBADF, with the stream's error flag up. */
static size_t
fread_cut(void *to, size_t size, size_t n, FILE *f)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)dup2(fd, fileno(f));
		close(fd);
	}
	return __real_fread(to, size, n, f);
}

/* As json-c 0.16 does without memory: it stops, and says success. */
static struct json_object *
tree_cut(struct json_tokener *t)
{
	t->err = json_tokener_success;
	t->char_offset = 0;
	return NULL;
}

static void
no_memory(void)
{
	ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
}

/* The connection of the request under way: a program has one at a time. */
static int request_fd = -1;

static void
fcgi_cut(void)
{
	if (request_fd >= 0)
		(void)shutdown(request_fd, SHUT_RDWR);
}

/* --- the calls ------------------------------------------------------------------------------------------------ */

#define WAY(failure)                                                                                                   \
	if (way-- == 1)                                                                                                \
		return failure;
#define NOTE(what) what;
#define CALL_BY_HAND(name)
#define CALL(name, type, parameters, arguments, ways)                                                                  \
	type __real_##name parameters;                                                                                 \
	type __wrap_##name parameters;                                                                                 \
	type __wrap_##name parameters                                                                                  \
	{                                                                                                              \
		unsigned way = fail_way(__builtin_return_address(0));                                                  \
                                                                                                                       \
		ways return __real_##name arguments;                                                                   \
	}
#include "fail/calls.def"
#undef CALL
#undef CALL_BY_HAND
#undef NOTE
#undef WAY

/* Those that take a variable list. */

int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, ...);
int
__wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if ((flags & (O_CREAT | __O_TMPFILE)) != 0)
		mode = va_arg(args, mode_t);
	va_end(args);
	return fail_way(__builtin_return_address(0)) != 0 ? FAILED(EMFILE) : __real_open(path, flags, mode);
}

int __real_openat(int, const char *, int, ...);
int __wrap_openat(int, const char *, int, ...);
int
__wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if ((flags & (O_CREAT | __O_TMPFILE)) != 0)
		mode = va_arg(args, mode_t);
	va_end(args);
	return fail_way(__builtin_return_address(0)) != 0 ? FAILED(EMFILE) : __real_openat(dir, path, flags, mode);
}

/* What follows is a number, a pointer or nothing: one register in any case. */
static void *
next_of(va_list *args)
{
	return va_arg(*args, void *);
}

#define CALL_VA(name, type, first, first_type, second, second_type, failure)                                           \
	type __real_##name(first_type, second_type, ...);                                                              \
	type __wrap_##name(first_type, second_type, ...);                                                              \
	type __wrap_##name(first_type first, second_type second, ...)                                                  \
	{                                                                                                              \
		va_list args;                                                                                          \
		void *third;                                                                                           \
                                                                                                                       \
		va_start(args, second);                                                                                \
		third = next_of(&args);                                                                                \
		va_end(args);                                                                                          \
		return fail_way(__builtin_return_address(0)) != 0 ? (failure) : __real_##name(first, second, third);   \
	}
CALL_VA(fcntl, int, fd, int, what, int, FAILED(EBADF))
CALL_VA(curl_easy_setopt, CURLcode, easy, CURL *, option, CURLoption, CURLE_OUT_OF_MEMORY)
CALL_VA(curl_easy_getinfo, CURLcode, easy, CURL *, info, CURLINFO, CURLE_BAD_FUNCTION_ARGUMENT)
CALL_VA(curl_multi_setopt, CURLMcode, multi, CURLM *, option, CURLMoption, CURLM_UNKNOWN_OPTION)

int __real_prctl(int, ...);
int __wrap_prctl(int, ...);
int
__wrap_prctl(int what, ...)
{
	unsigned long value;
	va_list args;

	va_start(args, what);
	value = va_arg(args, unsigned long);
	va_end(args);
	return fail_way(__builtin_return_address(0)) != 0 ? FAILED(EINVAL) : __real_prctl(what, value);
}

EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *, const char *, const char *, ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *, const char *, const char *, ...);
EVP_PKEY *
__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *lib, const char *query, const char *type, ...)
{
	size_t bits;
	va_list args;

	va_start(args, type);
	bits = va_arg(args, size_t);
	va_end(args);
	return fail_way(__builtin_return_address(0)) != 0
		   ? (no_memory(), NULL)
		   : __real_EVP_PKEY_Q_keygen(lib, query, type, bits);
}

int __wrap_dprintf(int, const char *, ...) __attribute__((format(printf, 2, 3)));
int
__wrap_dprintf(int fd, const char *format, ...)
{
	va_list args;
	int n;

	if (fail_way(__builtin_return_address(0)) != 0)
		return FAILED(ENOSPC);
	va_start(args, format);
	n = vdprintf(fd, format, args);
	va_end(args);
	return n;
}

/* The same under its name in a program built with _FORTIFY_SOURCE. */
int __wrap___dprintf_chk(int, int, const char *, ...) __attribute__((format(printf, 3, 4)));
int
__wrap___dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	if (fail_way(__builtin_return_address(0)) != 0)
		return FAILED(ENOSPC);
	va_start(args, format);
	n = vdprintf(fd, format, args);
	va_end(args);
	return n;
}
