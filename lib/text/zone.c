#include "text/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo/"
#define KNOWN_MAX 8

/* The colon makes glibc take the name as a file and never as a POSIX rule such as "EST5EDT". */
#define TZ_PREFIX "TZ=:"
#define TZ_PREFIX_LEN (sizeof TZ_PREFIX - 1)

/*
 * IANA names begin with a capital; what does not is something else in that directory, above all
 * right/, whose clocks count leap seconds and differ from ours by half a minute.
 */
static bool
name_is_plain(const char *name)
{
	static const char chars[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-";

	return name != NULL && name[0] >= 'A' && name[0] <= 'Z' && strlen(name) <= ZONE_NAME_MAX &&
	    name[strspn(name, chars)] == '\0';
}

/*
 * A zone that cannot be read just now is not a wrong one: an order would be refused for want of a
 * descriptor. As in the arena, a machine that has nothing left ends the op with the process.
 */
static void
must_be_name(int why)
{
	if (why != ENOENT && why != ENOTDIR && why != EISDIR && why != EACCES && why != ELOOP &&
	    why != ENAMETOOLONG)
		abort();
}

static bool
file_is_zone(const char *name)
{
	char path[sizeof ZONE_DIR + ZONE_NAME_MAX] = ZONE_DIR;
	char magic[4] = "";
	size_t got = 0;
	ssize_t n;
	int fd;

	memcpy(path + sizeof ZONE_DIR - 1, name, strlen(name) + 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		must_be_name(errno);
	if (fd < 0)
		return false;
	while ((n = read(fd, magic + got, sizeof magic - got)) > 0)
		got += (size_t)n;
	if (n < 0)
		must_be_name(errno);
	close(fd);
	return got == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

bool
zone_is_valid(const char *name)
{
	/* What was found: a relay asks thousands of times a second, of few zones. */
	static char known[KNOWN_MAX][ZONE_NAME_MAX + 1];
	static size_t oldest;

	if (!name_is_plain(name))
		return false;
	for (size_t i = 0; i < KNOWN_MAX; i++)
		if (strcmp(known[i], name) == 0)
			return true;
	if (!file_is_zone(name))
		return false;
	memcpy(known[oldest], name, strlen(name) + 1);
	oldest = (oldest + 1) % KNOWN_MAX;
	return true;
}

/* Makes a zone the one that localtime_r() uses. */
static bool
zone_use(const char *name)
{
	/* The environment itself, once it is put there: see the header. */
	static char tz[TZ_PREFIX_LEN + ZONE_NAME_MAX + 1] = TZ_PREFIX;
	static bool is_put;

	if (name == NULL)
		return false;
	if (is_put && strcmp(tz + TZ_PREFIX_LEN, name) == 0)
		return true;
	if (!zone_is_valid(name))
		return false;
	memcpy(tz + TZ_PREFIX_LEN, name, strlen(name) + 1);
	if (!is_put && putenv(tz) != 0)
		abort();
	is_put = true;
	tzset();
	return true;
}

/*
 * The offset at an instant in the zone in use; instants a day around any civil time that is valid
 * are fine.
 */
static int64_t
offset_at(int64_t us)
{
	time_t t =
	    (time_t)(us >= 0 ? us / US_PER_SECOND : -((-us + US_PER_SECOND - 1) / US_PER_SECOND));
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0; /* only for years that do not fit an int */
	return tm.tm_gmtoff * US_PER_SECOND;
}

bool
zone_to_civil(const char *name, int64_t us, struct civil *ret)
{
	int64_t local_us;

	if (us < CIVIL_US_MIN || us > CIVIL_US_MAX || !zone_use(name))
		return false;
	local_us = us + offset_at(us);
	if (local_us < CIVIL_US_MIN || local_us > CIVIL_US_MAX)
		return false;
	*ret = civil_from_us(local_us);
	return true;
}

bool
zone_from_civil(const char *name, const struct civil *c, int64_t *ret_us)
{
	int64_t local_us, before, after;

	if (!civil_is_valid(c) || !zone_use(name))
		return false;
	/*
	 * No zone of our days changes its clock twice within two days, so the offset is one of
	 * these two. Where both fit, the wall shows the time twice and the offset before the change
	 * gives the first; where neither fits, it was skipped, and the same offset gives the
	 * instant that much later.
	 */
	local_us = civil_to_us(c);
	before = offset_at(local_us - US_PER_DAY);
	after = offset_at(local_us + US_PER_DAY);
	if (offset_at(local_us - before) != before && offset_at(local_us - after) == after)
		*ret_us = local_us - after;
	else
		*ret_us = local_us - before;
	return true;
}

bool
zone_offset(const char *name, int64_t us, int *ret_offset_s)
{
	if (us < CIVIL_US_MIN || us > CIVIL_US_MAX || !zone_use(name))
		return false;
	*ret_offset_s = (int)(offset_at(us) / US_PER_SECOND);
	return true;
}
