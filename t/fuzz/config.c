/*
 * config: the configuration file, read pair by pair and as a whole by several programs. It stays in the room it was given, says
 * where a mistake is, and either all is well and within bounds or there is a complaint and nothing at all.
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/config_file.h"
#include "fuzz.h"

static const char *const programs[] = { "orders", "auth", "relay", "ticketrail" };

static void
pairs_check(struct arena *a, struct bytes file)
{
	size_t room_len = file.len + 2, used = 0;
	char *room = malloc(room_len); /* to the byte, for the sanitizer */
	struct config_reader reader;
	struct config_pair pair;
	const char *why = NULL;
	unsigned line = 0;

	must(room != NULL, "there is room");
	arena_adopt(a, free, room);
	config_reader_init(&reader, file.data, file.len, room);
	while (config_read(&reader, &pair, &why)) {
		used += strlen(pair.key) + strlen(pair.value) + 2;
		must(used <= room_len + 1 && pair.line >= line, "pairs come one behind the other");
		must(strchr(pair.key, '=') == NULL && strchr(pair.key, '\n') == NULL, "a key is one");
		line = pair.line;
	}
	must(why == NULL || (fuzz_is_printable(why) && reader.line >= 1), "a mistake is said");
}

static void
bounds_check(const struct config *c)
{
#define CHECK_text(v, least, most) must((v) != NULL && strlen(v) <= (size_t)(most), "a text has its length: %s", (v))
#define CHECK_file(v, least, most) must((v) != NULL && ((v)[0] == '\0' || (v)[0] == '/'), "a path is absolute: %s", (v))
#define CHECK_url(v, least, most) must((v) != NULL && ((v)[0] == '\0' || strncasecmp((v), "http", 4) == 0), "a URL is one: %s", (v))
#define CHECK_int(v, least, most) must((v) == 0 || ((v) >= (least) && (v) <= (most)), "a number is within bounds")
#define CHECK_bool(v, least, most) must((v) == false || (v) == true, "a truth is one")
#define CHECK_key32(v, least, most) must((v).is_set == false || (v).is_set == true, "a key is set or not")
#define CONFIG_ROW(type, field, key, preset, least, most, secret, who, needed, text) CHECK_##type(c->field, least, most);
#include "config/config.def"
#undef CONFIG_ROW
	must(c->allow_http || c->msg91_base_url[0] == '\0' || strncasecmp(c->msg91_base_url, "https:", 6) == 0, "what is confidential is not sent openly: %s",
	    c->msg91_base_url);
}

static void
load_check(struct arena *a, struct bytes file, const char *program)
{
	struct config c = { .arena = NULL };
	char *said = NULL;
	size_t said_len = 0;
	FILE *complaints = open_memstream(&said, &said_len);
	int fd = memfd_create("config", MFD_CLOEXEC), status;

	must(fd >= 0 && complaints != NULL && write(fd, file.data, file.len) == (ssize_t)file.len, "there is a file");
	must(fchmod(fd, 0600) == 0, "nobody else's");
	setenv("TICKETRAIL_CONFIG", arena_printf(a, "/proc/self/fd/%d", fd), 1);
	status = config_load(program, &c, complaints);
	fclose(complaints);
	close(fd);
	must(status == 0 ? said_len == 0 : status == 78 && said_len > 0 && c.arena == NULL, "it loads, or says why not");
	for (char *line = said, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		must(fuzz_is_printable(line), "a complaint can be shown: %s", line);
	}
	if (status == 0)
		bounds_check(&c);
	config_free(&c);
	free(said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes file = fuzz_bytes(a, data, size);

	if (size == 0 || memchr(data, '\0', size) == NULL)
		pairs_check(a, file);
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		load_check(a, file, programs[i]);
	arena_free(&a);
	return 0;
}
