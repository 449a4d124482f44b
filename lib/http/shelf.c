#define _GNU_SOURCE /* O_TMPFILE */
#include "http/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "http/reply.h"
#include "http/request.h"
#include "log/log.h"
#include "op/clock.h"
#include "op/op.h"
#include "text/hex.h"

#define DIGEST_LEN 16
#define BYTES_MIN ((size_t)16 * 1024) /* below, sending it costs less than naming it */
#define BYTES_MAX ((int64_t)64 * 1024 * 1024)
#define AGAIN_US 10000000

const char *
shelf_name(struct op *op, int64_t owner_id, struct bytes body)
{
	unsigned char digest[DIGEST_LEN];

	(void)crypto_generichash(digest, sizeof digest, body.data, body.len, NULL, 0);
	return arena_printf(op->arena, "%lld-%s", (long long)owner_id,
	    hex_encode(op->arena, digest, sizeof digest));
}

static const char *
path_of(struct op *op, const char *dir, const char *name)
{
	return arena_printf(op->arena, "%s/%s", dir, name);
}

/* --- laying ----------------------------------------------------------------------------------- */

/*
 * One of another length is somebody else's doing, and goes. One that is not there stays untouched:
 * another worker may have laid it by now, and named it in an answer.
 */
static bool
is_there(const char *path, size_t len)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	if (st.st_size == (off_t)len)
		return true;
	(void)unlink(path);
	return false;
}

static bool
all_written(int fd, struct bytes body)
{
	const char *at = body.data, *end = at + body.len;

	while (at < end) {
		ssize_t n = write(fd, at, (size_t)(end - at));

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			at += n;
	}
	return true;
}

/* A file without a name, in a directory that nginx passes through and nobody lists; -1. */
static int
file_begin(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	/* the umask is not asked: nginx is another user */
	if ((mkdir(dir, 0711) != 0 && errno != EEXIST) || chmod(dir, 0711) != 0)
		return -1;
	return open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
}

/* On the disk before it has its name: what a power cut leaves under a name must be whole, too. */
static bool
file_lay(struct op *op, const char *dir, const char *path, struct bytes body)
{
	int fd = file_begin(dir), why;
	bool is_laid;

	if (fd < 0)
		return false;
	is_laid = all_written(fd, body) && fchmod(fd, 0644) == 0 && fsync(fd) == 0 &&
	    (linkat(AT_FDCWD, arena_printf(op->arena, "/proc/self/fd/%d", fd), AT_FDCWD, path,
		 AT_SYMLINK_FOLLOW) == 0 || (errno == EEXIST && is_there(path, body.len)));
	why = errno;
	(void)close(fd);
	errno = why;
	return is_laid;
}

/* --- tidying ---------------------------------------------------------------------------------- */

/* Takes away the owner's other files, or all others. How many bytes of others stay. */
static int64_t
others_remove(struct op *op, const char *dir, const char *name, bool is_all)
{
	size_t owner_len = strcspn(name, "-") + 1;
	const struct dirent *entry;
	int64_t stay = 0;
	DIR *list = opendir(dir);

	if (list == NULL)
		return 0;
	while ((entry = readdir(list)) != NULL) {
		const char *path = path_of(op, dir, entry->d_name);
		struct stat st;

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, name) == 0)
			continue;
		if (is_all || strncmp(entry->d_name, name, owner_len) == 0)
			(void)unlink(path);
		else if (stat(path, &st) == 0)
			stay += st.st_size;
	}
	(void)closedir(list);
	return stay;
}

/* --- both ------------------------------------------------------------------------------------- */

/* True if the file of that name has these bytes now. */
static bool
shelf_put(struct shelf *shelf, struct op *op, const char *name, struct bytes body)
{
	const char *dir = path_of(op, op->config->run_dir, "shelf"), *path = path_of(op, dir, name);
	int64_t max_bytes = shelf->max_bytes > 0 ? shelf->max_bytes : BYTES_MAX;

	if (is_there(path, body.len))
		return true;
	if (clock_steady_us() < shelf->again_us)
		return false;
	if (!file_lay(op, dir, path, body)) {
		shelf->again_us = clock_steady_us() + AGAIN_US;
		log_event(LOG_LEVEL_WARN, "not_shelved", op->trace_id,
		    LOG_FIELDS(LOG_TEXT("why", strerror(errno)), LOG_TEXT("dir", dir)));
		return false;
	}
	if (others_remove(op, dir, name, false) + (int64_t)body.len > max_bytes)
		(void)others_remove(op, dir, name, true);
	return true;
}

bool
shelf_reply(struct shelf *shelf, struct op *op, const struct request *request,
    struct reply *reply, const char *name, struct bytes body)
{
	if (request->shelf == NULL || body.len < BYTES_MIN || !shelf_put(shelf, op, name, body))
		return false;
	reply_raw(reply, 200, "application/json", (struct bytes){ 0 });
	reply_header(
	    reply, "X-Accel-Redirect", arena_printf(op->arena, "%s%s", request->shelf, name));
	return true;
}
