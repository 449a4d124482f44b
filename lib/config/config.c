#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "config/config_file.h"
#include "text/hex.h"
#include "text/url.h"
#include "text/utf8.h"

#define FILE_MAX (64 * 1024)
#define ARENA_MAX (2 * 1024 * 1024)

/* Up to TYPE_url a field is a text. */
enum type { TYPE_text, TYPE_file, TYPE_url, TYPE_int, TYPE_bool, TYPE_key32 };

static const char *const type_words[] = {
	[TYPE_text] = "text",
	[TYPE_file] = "absolute path",
	[TYPE_url] = "URL",
	[TYPE_int] = "whole number",
	[TYPE_bool] = "yes or no",
	[TYPE_key32] = "64 hex digits",
};

struct row {
	const char *key;
	enum type type;
	size_t offset;
	const char *preset;
	int64_t min, max;
	bool is_secret;
	const char *programs, *required, *sentence;
};

static const struct row rows[] = {
#define CONFIG_ROW(t, field, name, preset_text, least, most, secret, who, needed, text)            \
	{ .key = #name,                                                                            \
		.type = TYPE_##t,                                                                  \
		.offset = offsetof(struct config, field),                                          \
		.preset = (preset_text),                                                           \
		.min = (least),                                                                    \
		.max = (most),                                                                     \
		.is_secret = (secret),                                                             \
		.programs = who,                                                                   \
		.required = needed,                                                                \
		.sentence = (text) },
#include "config/config.def"
#undef CONFIG_ROW
};
#define ROWS (sizeof rows / sizeof rows[0])

/* One load: what was found so far, and who is told what is wrong with it. */
struct load {
	const char *program;
	const char *path;   /* of the file, NULL without one */
	struct config config;
	const char *given[ROWS]; /* NULL: nobody gave it */
	FILE *complaints;
	unsigned mistakes;
};

static void __attribute__((format(printf, 2, 3)))
complain(struct load *l, const char *format, ...)
{
	va_list args;

	l->mistakes++;
	fprintf(l->complaints, "%s: configuration: ", l->program);
	va_start(args, format);
	vfprintf(l->complaints, format, args);
	va_end(args);
	fputc('\n', l->complaints);
}

/* Is the word one of the blank-separated list, or the list "all"? */
static bool
is_among(const char *word, const char *list)
{
	size_t len = strlen(word);

	if (strcmp(list, "all") == 0)
		return true;
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n;
		list += strspn(list, " ");
	}
	return false;
}

static const struct row *
row_find(const char *key)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].key, key) == 0)
			return &rows[i];
	}
	return NULL;
}

/* A key of the file as it may be shown to people. */
static const char *
shown(struct load *l, const char *key)
{
	return utf8_sanitise(l->config.arena, key, 40);
}

static void
file_pair(struct load *l, const struct config_pair *pair, const struct stat *st)
{
	const struct row *row = row_find(pair->key);

	if (row == NULL) {
		complain(
		    l, "%s:%u: %s: there is no such key", l->path, pair->line, shown(l, pair->key));
	} else if (l->given[row - rows] != NULL) {
		complain(l, "%s:%u: %s: given twice", l->path, pair->line, row->key);
	} else {
		l->given[row - rows] = pair->value;
		if (row->is_secret && pair->value[0] != '\0' && (st->st_mode & 077) != 0)
			complain(l,
			    "%s:%u: %s: the file holds a secret and others may read it (mode %04o, "
			    "must be 0600)",
			    l->path, pair->line, row->key, (unsigned)st->st_mode & 07777);
	}
}

static void
file_parse(struct load *l, const char *data, size_t len, const struct stat *st)
{
	char *room = arena_alloc_wiped(l->config.arena, len + 2);
	struct config_reader reader;
	struct config_pair pair;
	const char *why;

	config_reader_init(&reader, data, len, room);
	for (;;) {
		if (config_read(&reader, &pair, &why)) {
			file_pair(l, &pair, st);
		} else if (why != NULL) {
			complain(l, "%s:%u: %s", l->path, reader.line, why);
			return;
		} else {
			return;
		}
	}
}

/* The whole file, at most FILE_MAX bytes; -1 with errno. */
static ssize_t
read_whole(int fd, char *data)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, data + len, FILE_MAX + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		len += (size_t)n;
		if (n == 0 || len > FILE_MAX)
			return (ssize_t)len;
	}
}

/* A file's bytes with a NUL behind them; NULL when it is not there, or with a complaint. */
static char *
text_load(struct load *l, const char *path, bool may_miss, size_t *ret_len, struct stat *ret_st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = NULL;
	ssize_t len;
	char *data;

	if (fd < 0 || fstat(fd, ret_st) != 0) {
		if (!may_miss || errno != ENOENT)
			complain(l, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	data = arena_alloc_wiped(l->config.arena, FILE_MAX + 1);
	len = S_ISREG(ret_st->st_mode) ? read_whole(fd, data) : -1;
	if (len < 0)
		why = S_ISREG(ret_st->st_mode) ? strerror(errno) : "is not a regular file";
	else if (len > FILE_MAX)
		why = "is too long";
	else if (memchr(data, '\0', (size_t)len) != NULL)
		why = "holds a NUL byte";
	close(fd);
	if (why != NULL) {
		complain(l, "%s: %s", path, why);
		return NULL;
	}
	data[len] = '\0';
	*ret_len = (size_t)len;
	return data;
}

static void
file_load(struct load *l)
{
	struct stat st;
	size_t len;
	char *data = text_load(l, l->path, false, &len, &st);

	if (data != NULL)
		file_parse(l, data, len, &st);
}

/*
 * The secrets that systemd hands over: files named as their keys. They lie in a directory that only
 * this unit sees, so their mode says nothing. An empty one was not given.
 */
static void
credentials_load(struct load *l, const char *dir)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct stat st;
		size_t len;
		char *text;

		if (!row->is_secret || !is_among(l->program, row->programs))
			continue;
		text = text_load(
		    l, arena_printf(l->config.arena, "%s/%s", dir, row->key), true, &len, &st);
		if (text == NULL)
			continue;
		if (len > 0 && text[len - 1] == '\n')
			text[len - 1] = '\0';
		if (text[0] == '\0')
			continue;
		if (l->given[i] != NULL && l->given[i][0] != '\0')
			complain(l, "%s: given twice, in %s and as a credential", row->key,
			    l->path);
		l->given[i] = text;
	}
}

static const char *
check_text(const struct row *row, const char *text)
{
	int64_t len = (int64_t)strlen(text);

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7F)
			return "may not hold control characters";
	}
	if (!utf8_is_valid(text, (size_t)len))
		return "is not UTF-8";
	return len < row->min ? "may not be empty" : len > row->max ? "is too long" : NULL;
}

static const char *
check_url(struct arena *arena, const char *text)
{
	struct url url;

	if (text[0] == '\0')
		return NULL;
	if (!url_parse(arena, text, &url))
		return "must be an http or https URL";
	if (url.query != NULL || text[strlen(text) - 1] == '/')
		return "may have neither query nor closing slash";
	return NULL;
}

static const char *
parse_int(const struct row *row, const char *text, int64_t *ret)
{
	const char *digits = text + (text[0] == '-');
	long long value;

	if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits))
		return "must be a whole number";
	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno != 0 || value < row->min || value > row->max)
		return "is out of bounds";
	*ret = value;
	return NULL;
}

static const char *
parse_bool(const char *text, bool *ret)
{
	static const char *const words[] = { "no", "yes", "0", "1", "false", "true" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(text, words[i]) == 0) {
			*ret = i % 2 != 0;
			return NULL;
		}
	}
	return "must be yes or no";
}

/* Puts a value into its field; NULL, or what is wrong with it. */
static const char *
row_set(struct load *l, const struct row *row, const char *text)
{
	void *field = (char *)&l->config + row->offset;
	struct config_key *key = field;
	const char *why;
	char *copy;

	switch (row->type) {
	case TYPE_int:
		return parse_int(row, text, field);
	case TYPE_bool:
		return parse_bool(text, field);
	case TYPE_key32:
		if (text[0] == '\0')
			return NULL;
		key->is_set = hex_decode(text, key->bytes, sizeof key->bytes);
		return key->is_set ? NULL : "must be 64 hex digits";
	case TYPE_text:
	case TYPE_file:
	case TYPE_url:
		break;
	}
	why = check_text(row, text);
	if (why == NULL && row->type == TYPE_file && text[0] != '\0' && text[0] != '/')
		why = "must be an absolute path";
	if (why == NULL && row->type == TYPE_url)
		why = check_url(l->config.arena, text);
	copy = arena_alloc_wiped(l->config.arena, strlen(text) + 1);
	memcpy(copy, text, strlen(text) + 1);
	*(const char **)field = copy;
	return why;
}

/* A key32 that is all zero, or a text that is empty, is a value that was not given. */
static bool
is_empty(const struct row *row, const struct config *c)
{
	const void *field = (const char *)c + row->offset;

	if (row->type == TYPE_key32)
		return !((const struct config_key *)field)->is_set;
	return row->type <= TYPE_url && (*(const char *const *)field)[0] == '\0';
}

static void
rows_set(struct load *l)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		const char *text = getenv(row->key), *why;

		if (!is_among(l->program, row->programs)) {
			/* Texts are never NULL, so that nobody must know whose they are. */
			if (row->type <= TYPE_url)
				*(const char **)((char *)&l->config + row->offset) = "";
			continue;
		}
		if (text == NULL)
			text = l->given[i] != NULL ? l->given[i] : row->preset;
		why = row_set(l, row, text);
		if (why != NULL)
			complain(l, "%s: %s (%s; %s)", row->key, why, type_words[row->type],
			    row->sentence);
		else if (is_among(l->program, row->required) && is_empty(row, &l->config))
			complain(l, "%s: needed and not given (%s; %s)", row->key,
			    type_words[row->type], row->sentence);
	}
}

/* What no single row can say. */
static void
check_together(struct load *l)
{
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	struct config *c = &l->config;
	bool is_level = false;

	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		is_level = is_level || strcmp(c->log_level, levels[i]) == 0;
	if (!is_level)
		complain(l, "LOG_LEVEL: must be error, warn, info or debug");
	if (strspn(c->default_restaurant, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
	    strlen(c->default_restaurant))
		complain(l, "DEFAULT_RESTAURANT: a slug has lower-case letters, digits and - only");
	if (c->db_name[0] != '\0' && c->db_socket[0] == '\0' && c->db_host[0] == '\0')
		complain(l, "DB_HOST: needed when DB_SOCKET is empty");
	if (strncasecmp(c->msg91_base_url, "http://", 7) == 0 && !c->allow_http)
		complain(l, "MSG91_BASE_URL: must be https unless ALLOW_HTTP is yes");
}

static void
derive(struct load *l)
{
	struct config *c = &l->config;

	if (c->db_name[0] != '\0' && c->db_user[0] == '\0')
		c->db_user = arena_printf(c->arena, "ticketrail_%s", l->program);
	if (c->webhook_base_url[0] == '\0')
		c->webhook_base_url = c->public_url;
}

int
config_load(const char *program, struct config *ret_config, FILE *complaints)
{
	struct load l = { .program = program, .complaints = complaints };
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	*ret_config = (struct config){ .arena = NULL };
	if (sodium_init() < 0) {
		fputs("libsodium cannot be used\n", complaints);
		return EX_SOFTWARE;
	}
	l.config.arena = arena_new(ARENA_MAX);
	l.path = getenv("TICKETRAIL_CONFIG");
	if (l.path != NULL && l.path[0] != '\0')
		file_load(&l);
	if (dir != NULL && dir[0] != '\0')
		credentials_load(&l, dir);
	if (l.mistakes == 0)
		rows_set(&l);
	if (l.mistakes == 0)
		check_together(&l);
	if (l.mistakes != 0) {
		config_free(&l.config);
		return EX_CONFIG;
	}
	derive(&l);
	*ret_config = l.config;
	sodium_memzero(&l, sizeof l);
	return 0;
}

void
config_free(struct config *c)
{
	arena_free(&c->arena);
	sodium_memzero(c, sizeof *c);
}

void
config_print_template(FILE *out)
{
	fputs(
	    "# The configuration of Ticketrail: every key with its default. Copy it, fill it in,\n"
	    "# keep it to yourself (mode 0600) and name it in TICKETRAIL_CONFIG. The syntax is\n"
	    "# that of systemd's EnvironmentFile=; the environment overrides the file; a key that\n"
	    "# is not here is a mistake. A secret may be a file of its own, named as its key, in\n"
	    "# CREDENTIALS_DIRECTORY: the units take them from /etc/ticketrail/credentials.\n"
	    "# `ticketrail keys` makes the keys.\n",
	    out);
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];

		fprintf(out, "\n# %s.\n# %c%s", row->sentence, type_words[row->type][0] & ~0x20,
		    type_words[row->type] + 1);
		if (row->type == TYPE_int)
			fprintf(out, ", %" PRId64 " to %" PRId64, row->min, row->max);
		fprintf(out, "%s. Read by: %s.", row->is_secret ? ", secret" : "", row->programs);
		if (row->required[0] != '\0' && row->preset[0] == '\0')
			fprintf(out, " Needed by: %s.", row->required);
		fprintf(out, "\n%s=%s\n", row->key, row->preset);
	}
}
