/*
 * Memory runs out: the allocations of a program, those of the libraries that it uses too, counted and failed (heap.h).
 *
 * These definitions stand before the C library's for the program and everything it loads; what they do not fail they pass on.
 */
#define _GNU_SOURCE
#include "fail/heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The allocators behind them, under the names by which nobody else overrides them. */
#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
void *REAL(malloc)(size_t);
void *REAL(calloc)(size_t, size_t);
void *REAL(realloc)(void *, size_t);

/* Asked before a sanitizer has begun: what it adds to functions would look at memory that is not there yet. */
#define PLAIN __attribute__((no_sanitize_address, no_sanitize_undefined))

static struct heap_board *board;

static void __attribute__((constructor))
board_find(void)
{
	const char *dir = getenv("TICKETRAIL_FAIL_DIR");
	char path[4096];
	void *p;
	int fd;

	if (dir == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%s.heap", dir, program_invocation_short_name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	p = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		board = p;
}

static void
note(const void *here)
{
	Dl_info at;
	const char *file;

	if (dladdr(here, &at) == 0)
		return;
	file = strrchr(at.dli_fname, '/');
	(void)snprintf(board->who, sizeof board->who, "%s %s", file != NULL ? file + 1 : at.dli_fname,
	    at.dli_sname != NULL ? at.dli_sname : "?");
}

/* Is it the turn of this allocation? From then on it is that of all others of this process, as many as are ordered. */
static bool PLAIN
is_out(const void *here)
{
	uint32_t nobody = 0, me;

	if (board == NULL)
		return false;
	me = (uint32_t)getpid();
	if (atomic_load(&board->victim) != me) {
		uint64_t n = atomic_fetch_add(&board->made, 1) + 1;

		if (n != atomic_load(&board->at) || !atomic_compare_exchange_strong(&board->victim, &nobody, me))
			return false;
		note(here);
	}
	if (atomic_load(&board->failed) == atomic_load(&board->times))
		return false;
	atomic_fetch_add(&board->failed, 1);
	errno = ENOMEM;
	return true;
}

void *PLAIN
malloc(size_t n)
{
	return is_out(__builtin_return_address(0)) ? NULL : REAL(malloc)(n);
}

void *PLAIN
calloc(size_t n, size_t size)
{
	return is_out(__builtin_return_address(0)) ? NULL : REAL(calloc)(n, size);
}

void *PLAIN
realloc(void *old, size_t n)
{
	return is_out(__builtin_return_address(0)) ? NULL : REAL(realloc)(old, n);
}
