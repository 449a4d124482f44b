/* The reading side of the counters: sums over all files, and what /metrics says. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "metric/counter_file.h"

#define PROGRAMS_MAX 64

struct sums {
	struct arena *arena;
	struct counter_sum *rows;
	size_t n;
};

static int
by_program(const void *a, const void *b)
{
	return strcmp(
	    ((const struct counter_sum *)a)->program, ((const struct counter_sum *)b)->program);
}

/* The row of the program whose name is the first len bytes; NULL when there are too many. */
static struct counter_sum *
row_of(struct sums *s, const char *program, size_t len)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strlen(s->rows[i].program) == len &&
		    strncmp(s->rows[i].program, program, len) == 0)
			return &s->rows[i];
	}
	if (s->n == PROGRAMS_MAX)
		return NULL;
	s->rows[s->n].program = arena_strndup(s->arena, program, len);
	return &s->rows[s->n++];
}

static void
add_cells(struct counter_sum *row, const struct counter_file *file)
{
	size_t n = atomic_load(&file->n);

	for (size_t i = 0; i < n && i < COUNTER_CELLS_MAX; i++) {
		for (int c = 0; c < COUNTER__MAX; c++) {
			if (strncmp(file->cells[i].name, counter_info((enum counter)c)->name,
				COUNTER_NAME_SIZE) == 0)
				row->value[c] += atomic_load_explicit(
				    &file->cells[i].value, memory_order_relaxed);
		}
	}
}

/* One of the right size and magic is added. False, with errno: it could not be looked at. */
static bool
add_open_file(struct sums *s, int fd, const char *name, size_t program_len)
{
	const struct counter_file *file;
	struct counter_sum *row;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (!S_ISREG(st.st_mode) || st.st_size != sizeof *file)
		return true;
	file = mmap(NULL, sizeof *file, PROT_READ, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return false;
	if (memcmp(file->magic, COUNTER_MAGIC, sizeof file->magic) == 0 &&
	    (row = row_of(s, name, program_len)) != NULL)
		add_cells(row, file);
	munmap((void *)(uintptr_t)file, sizeof *file);
	return true;
}

/*
 * A file called <program>.<digits>; anything else is somebody else's. False when one of ours cannot
 * be read: a counter without it would go back, and whoever watches would take that for a restart.
 */
static bool
add_file(struct sums *s, int dir, const char *name)
{
	const char *dot = strrchr(name, '.');
	bool done;
	int fd;

	if (dot == NULL || dot == name || dot[1] == '\0' ||
	    strspn(dot + 1, "0123456789") != strlen(dot + 1))
		return true;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP || errno == EACCES || errno == ENXIO;
	done = add_open_file(s, fd, name, (size_t)(dot - name));
	close(fd);
	return done;
}

/* The next name; NULL at the end or with errno. */
static const char *
next_name(DIR *dir)
{
	struct dirent *entry;

	errno = 0;
	entry = readdir(dir);
	return entry != NULL ? entry->d_name : NULL;
}

enum err
counters_sum(struct arena *arena, const char *run_dir, struct counter_sum **ret_sums, size_t *ret_n)
{
	struct sums s = { .arena = arena };
	const char *path = arena_printf(arena, "%s/counters", run_dir);
	DIR *dir = opendir(path);
	const char *name;
	bool done = true;

	if (dir == NULL && errno != ENOENT)
		return ERR_INTERNAL_ERROR;
	s.rows = arena_array(arena, PROGRAMS_MAX, sizeof *s.rows);
	while (dir != NULL && done && (name = next_name(dir)) != NULL)
		done = add_file(&s, dirfd(dir), name);
	done = done && (dir == NULL || errno == 0);
	if (dir != NULL)
		closedir(dir);
	if (!done)
		return ERR_INTERNAL_ERROR;
	qsort(s.rows, s.n, sizeof *s.rows, by_program);
	*ret_sums = s.rows;
	*ret_n = s.n;
	return OK;
}

static bool
is_histogram(enum counter c)
{
	return strcmp(counter_info(c)->family, "request_seconds") == 0;
}

/* Buckets say how many were at most so long, so each includes those before it. */
static void
print_histogram(struct buf *out, const struct counter_sum *s)
{
	const char *family = "request_seconds";
	uint64_t n = 0, us = s->value[COUNTER_request_us_sum];

	for (int c = COUNTER_request_le_5ms; c <= COUNTER_request_le_inf; c++) {
		n += s->value[c];
		buf_addf(out, "ticketrail_%s_bucket{program=\"%s\",%s} %llu\n", family, s->program,
		    counter_info((enum counter)c)->label, (unsigned long long)n);
	}
	buf_addf(out, "ticketrail_%s_sum{program=\"%s\"} %llu.%06llu\n", family, s->program,
	    (unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000));
	buf_addf(out, "ticketrail_%s_count{program=\"%s\"} %llu\n", family, s->program,
	    (unsigned long long)n);
}

static void
print_family(struct buf *out, int from, int to, const struct counter_sum *sums, size_t n)
{
	const struct counter_info *info = counter_info((enum counter)from);

	buf_addf(out, "# HELP ticketrail_%s %s.\n", info->family, info->sentence);
	buf_addf(out, "# TYPE ticketrail_%s %s\n", info->family,
	    is_histogram((enum counter)from) ? "histogram" : "counter");
	for (size_t i = 0; i < n; i++) {
		if (is_histogram((enum counter)from)) {
			print_histogram(out, &sums[i]);
			continue;
		}
		for (int c = from; c < to; c++) {
			const char *label = counter_info((enum counter)c)->label;

			buf_addf(out, "ticketrail_%s{program=\"%s\"%s%s} %llu\n", info->family,
			    sums[i].program, label[0] != '\0' ? "," : "", label,
			    (unsigned long long)sums[i].value[c]);
		}
	}
}

enum err
counters_print(struct arena *arena, const char *run_dir, struct buf *out)
{
	struct counter_sum *sums;
	enum err e;
	size_t n;
	int to;

	e = counters_sum(arena, run_dir, &sums, &n);
	if (e != OK)
		return e;
	for (int from = 0; from < COUNTER__MAX; from = to) {
		const char *family = counter_info((enum counter)from)->family;

		for (to = from + 1; to < COUNTER__MAX; to++) {
			if (strcmp(counter_info((enum counter)to)->family, family) != 0)
				break;
		}
		print_family(out, from, to, sums, n);
	}
	return OK;
}
