#include "metric/counter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem/arena.h"
#include "metric/counter_file.h"

static const struct counter_info infos[] = {
#define COUNTER_ROW(cell, fam, lab, u, text)                                                       \
	[COUNTER_##cell] = {                                                                       \
		.name = #cell, .family = (fam), .label = (lab), .unit = (u), .sentence = (text)    \
	},
#include "metric/counter.def"
#undef COUNTER_ROW
};
_Static_assert(sizeof infos / sizeof infos[0] == COUNTER__MAX, "one row per counter");

#define COUNTER_ROW(name, family, label, unit, sentence)                                           \
	_Static_assert(                                                                            \
	    sizeof #name <= COUNTER_NAME_SIZE, "the name of a counter fits into its cell");
#include "metric/counter.def"
#undef COUNTER_ROW

/* The cells of this process; NULL until counter_init, and then for the life of the process. */
static struct counter_cell *cells[COUNTER__MAX];
static bool is_mapped;

const struct counter_info *
counter_info(enum counter c)
{
	return &infos[c];
}

static struct counter_cell *
cell_find(struct counter_file *file, const char *name)
{
	for (size_t i = 0; i < file->n; i++) {
		if (strncmp(file->cells[i].name, name, COUNTER_NAME_SIZE) == 0)
			return &file->cells[i];
	}
	return NULL;
}

/*
 * The cell called so, made behind the others if the file comes from a program that did not know it.
 */
static struct counter_cell *
cell_take(struct counter_file *file, const char *name)
{
	struct counter_cell *cell = cell_find(file, name);

	if (cell != NULL || file->n == COUNTER_CELLS_MAX)
		return cell;
	cell = &file->cells[file->n];
	snprintf(cell->name, sizeof cell->name, "%s", name);
	/* Readers take no lock: the cell is whole before it counts as there. */
	atomic_store(&file->n, file->n + 1);
	return cell;
}

/* The file mapped whole, made or repaired under its lock. NULL with errno. */
static struct counter_file *
file_map(int fd)
{
	struct counter_file *file;
	struct stat st;
	int e;

	if (flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0)
		return NULL;
	if (st.st_size != sizeof *file && ftruncate(fd, sizeof *file) != 0)
		return NULL;
	/* Every block must be there: touching one for which there is no room ends the process. */
	e = posix_fallocate(fd, 0, sizeof *file);
	if (e != 0) {
		errno = e;
		return NULL;
	}
	file = mmap(NULL, sizeof *file, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return NULL;
	if (memcmp(file->magic, COUNTER_MAGIC, sizeof file->magic) != 0 ||
	    file->n > COUNTER_CELLS_MAX) {
		memset(file, 0, sizeof *file);
		memcpy(file->magic, COUNTER_MAGIC, sizeof file->magic);
	}
	for (int c = 0; c < COUNTER__MAX; c++)
		cells[c] = cell_take(file, infos[c].name);
	/* The mapping would hold the lock for as long as we live, and nobody else could begin. */
	if (flock(fd, LOCK_UN) != 0) {
		memset(cells, 0, sizeof cells);
		munmap(file, sizeof *file);
		return NULL;
	}
	return file;
}

/* The slot's name is part of a path: only what a pool master gives, or the pid. */
static void
slot_name(char *ret_slot, size_t size)
{
	const char *slot = getenv("COUNTER_SLOT");

	if (slot != NULL && slot[0] != '\0' && strlen(slot) < size &&
	    strspn(slot, "0123456789") == strlen(slot))
		snprintf(ret_slot, size, "%s", slot);
	else
		snprintf(ret_slot, size, "%d", (int)getpid());
}

enum err
counter_init(const char *run_dir, const char *program)
{
	char path[4096], slot[16];
	int fd, n;

	if (is_mapped)
		return OK;
	n = snprintf(path, sizeof path, "%s/counters", run_dir);
	if (n < 0 || (size_t)n >= sizeof path - 100 || strlen(program) > 60) {
		errno = ENAMETOOLONG;
		return ERR_INTERNAL_ERROR;
	}
	if (mkdir(path, 0750) != 0 && errno != EEXIST)
		return ERR_INTERNAL_ERROR;
	slot_name(slot, sizeof slot);
	snprintf(path + n, sizeof path - (size_t)n, "/%s.%s", program, slot);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return ERR_INTERNAL_ERROR;
	is_mapped = file_map(fd) != NULL;
	n = errno;
	close(fd);
	errno = n;
	return is_mapped ? OK : ERR_INTERNAL_ERROR;
}

void
counter_add(enum counter c, uint64_t n)
{
	if (cells[c] != NULL)
		atomic_fetch_add_explicit(&cells[c]->value, n, memory_order_relaxed);
}

void
counter_request(int status, int64_t elapsed_us)
{
	static const struct {
		int64_t most_us;
		enum counter counter;
	} buckets[] = {
		{ 5000, COUNTER_request_le_5ms },
		{ 10000, COUNTER_request_le_10ms },
		{ 25000, COUNTER_request_le_25ms },
		{ 50000, COUNTER_request_le_50ms },
		{ 100000, COUNTER_request_le_100ms },
		{ 250000, COUNTER_request_le_250ms },
		{ 500000, COUNTER_request_le_500ms },
		{ 1000000, COUNTER_request_le_1s },
		{ 2500000, COUNTER_request_le_2s5 },
		{ 5000000, COUNTER_request_le_5s },
		{ INT64_MAX, COUNTER_request_le_inf },
	};
	size_t i = 0;

	if (elapsed_us < 0)
		elapsed_us = 0;
	while (elapsed_us > buckets[i].most_us)
		i++;
	counter_add(buckets[i].counter, 1);
	counter_add(COUNTER_request_us_sum, (uint64_t)elapsed_us);
	counter_add(status < 300 ? COUNTER_requests_2xx : status < 400 ? COUNTER_requests_3xx :
	    status < 500 ? COUNTER_requests_4xx : COUNTER_requests_5xx, 1);
	if (status == 401 || status == 403)
		counter_add(status == 401 ? COUNTER_auth_refused_401 : COUNTER_auth_refused_403, 1);
}
