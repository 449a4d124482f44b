/*
 * config: what the operator wrote, or a complaint that names the key and an exit before anything listens.
 * `160_config --template` prints .env.example.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "config/config.h"
#include "tap.h"

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEYS "HASH_KEY=" KEY "\nRELAY_PUBLIC_KEY=" KEY "\nRELAY_SECRET_KEY=" KEY "\nAUTH_PUBLIC_KEY=" KEY \
	"\nAUTH_SECRET_KEY=" KEY "\n"

static char path[] = "/tmp/config.XXXXXX";
static char *said;

/* Loads a file of that text and mode; what was complained is in `said`. */
static int
load_mode(const char *program, const char *text, size_t len, mode_t mode, struct config *ret)
{
	FILE *f, *complaints;
	size_t said_len;
	int rc;

	chmod(path, 0600); /* the one before may have been 0400, which only root may write to */
	f = fopen(path, "w");
	fwrite(text, 1, len, f);
	fclose(f);
	chmod(path, mode);
	free(said);
	complaints = open_memstream(&said, &said_len);
	rc = config_load(program, ret, complaints);
	fclose(complaints);
	return rc;
}

static int
load(const char *program, const char *text, struct config *ret)
{
	return load_mode(program, text, strlen(text), 0600, ret);
}

static void
test_values(void)
{
	struct config c;

	is_int(load("orders", KEYS "DB_NAME=tk\nDB_PORT=3307\nWORKERS=8\nPUBLIC_URL=https://eat.example\n", &c), 0,
	    "CFG-08 a good file is taken");
	is_str(c.db_name, "tk", "CFG-08 a text");
	is_int(c.db_port, 3307, "CFG-08 a number");
	is_int(c.hash_key.is_set ? c.hash_key.bytes[1] : 0, 0x11, "a key is its bytes");
	is_str(c.db_user, "ticketrail_orders", "each program has its own database user");
	is_str(c.webhook_base_url, "https://eat.example", "CFG-08 the webhook base URL is the public one");
	is_int(c.lease_ms, 0, "what is not for this program stays zero");
	ok(!c.relay_secret_key.is_set && !c.auth_secret_key.is_set, "SEC-06 a pool does not get the relay's or the auth pool's key");
	config_free(&c);
	ok(!c.hash_key.is_set && c.db_name == NULL && c.hash_key.bytes[1] == 0, "config_free leaves nothing");
	is_int(load("relay", KEYS "WEBHOOK_BASE_URL=https://hooks.example/x\nALLOW_HTTP=yes\nMSG91_BASE_URL=http://127.0.0.1:1\n", &c), 0,
	    "the relay's file");
	ok(c.relay_secret_key.is_set && !c.auth_secret_key.is_set && c.allow_http, "SEC-06 the relay gets its key only");
	is_int(c.lease_ms, 8000, "a preset");
	is_str(c.webhook_base_url, "https://hooks.example/x", "CFG-08 the webhook base URL of its own");
	config_free(&c);
	is_int(load("auth", KEYS, &c), 0, "the auth pool's file");
	ok(c.auth_secret_key.is_set && !c.relay_secret_key.is_set, "SEC-06 the auth pool gets its key only");
	config_free(&c);
}

static void
test_environment(void)
{
	struct config c;

	setenv("DB_NAME", "from_env", 1);
	setenv("HASH_KEY", "ff" KEY, 1);
	is_int(load("orders", KEYS "DB_NAME=tk\n", &c), EX_CONFIG, "a wrong value in the environment counts");
	ok(strstr(said, "HASH_KEY: must be 64 hex digits") != NULL, "F47 and is named");
	ok(strstr(said, KEY) == NULL, "SEC-06 but not shown");
	unsetenv("HASH_KEY");
	is_int(load("orders", KEYS "DB_NAME=tk\n", &c), 0, "CFG-08 the environment");
	is_str(c.db_name, "from_env", "CFG-08 overrides the file");
	config_free(&c);
	unsetenv("DB_NAME");
	unsetenv("TICKETRAIL_CONFIG");
	setenv("HASH_KEY", KEY, 1);
	setenv("RELAY_PUBLIC_KEY", KEY, 1);
	is_int(config_load("orders", &c, stderr), 0, "CFG-08 no file at all, environment only");
	config_free(&c);
	unsetenv("HASH_KEY");
	unsetenv("RELAY_PUBLIC_KEY");
	setenv("TICKETRAIL_CONFIG", path, 1);
}

/* One value as systemd would read it. */
static void
test_syntax(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "DB_NAME=tk", "tk" },
		{ "DB_NAME = tk", "tk" },
		{ "  DB_NAME=  tk  \t\r\n", "tk" },
		{ "# note\n; note\n\nDB_NAME=tk\n", "tk" },
		{ "DB_NAME=a#b;c", "a#b;c" },
		{ "DB_NAME=a b c ", "a b c" },
		{ "DB_NAME=\"a b \"", "a b " },
		{ "DB_NAME='a \"b\\n'", "a \"b\\n" },
		{ "DB_NAME=\"a\\\"b\\\\c\\`\\$\\n\"", "a\"b\\c`$\\n" },
		{ "DB_NAME=\"ab\\\ncd\"", "abcd" },
		{ "DB_NAME=ab\\\ncd", "abcd" },
		{ "DB_NAME=a\\ b\\ ", "a b " },
		{ "DB_NAME=\"a\"'b'c", "abc" },
		{ "DB_NAME=\"a\" 'b'", "ab" },
		{ "DB_NAME=a\"b\"", "a\"b\"" },
		{ "DB_NAME=$HOME%h", "$HOME%h" },
		{ "DB_NAME=\"\"x", "x" },
		{ "DB_NAME=\"caf\xc3\xa9\"", "caf\xc3\xa9" },
	};
	char text[1000];
	struct config c;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, KEYS "%s", rows[i].text);
		if (load("orders", text, &c) != 0)
			diag("%s", said);
		is_str(c.db_name, rows[i].want, "CFG-08 syntax, row %zu", i);
		config_free(&c);
	}
}

static void
test_mistakes(void)
{
	static const struct {
		const char *program, *text, *want;
	} rows[] = {
		{ "orders", "DB_NAMEE=x\n", ":6: DB_NAMEE: there is no such key" },
		{ "orders", "DB_NAME=x\nDB_NAME=y\n", ":7: DB_NAME: given twice" },
		{ "orders", "DB_NAME\n", ":6: this is not KEY=value" },
		{ "orders", "DB_NAME=\"x\nWORKERS=3\n", ":6: a quote is not closed" },
		{ "orders", "# x \\\nWORKERS=3\n", ":6: a comment may not end in a backslash" },
		{ "orders", "DB_NAME=\n", "DB_NAME: may not be empty" },
		{ "orders", "DB_NAME=\"a\nb\"\n", "DB_NAME: may not hold control characters" },
		{ "orders", "DB_NAME=\xff\n", "DB_NAME: is not UTF-8" },
		{ "orders", "DB_PORT=0\n", "DB_PORT: is out of bounds" },
		{ "orders", "DB_PORT=65536\n", "DB_PORT: is out of bounds" },
		{ "orders", "DB_PORT=99999999999999999999\n", "DB_PORT: is out of bounds" },
		{ "orders", "DB_PORT=0x10\n", "DB_PORT: must be a whole number" },
		{ "orders", "DB_PORT=\n", "DB_PORT: must be a whole number" },
		{ "orders", "DB_PORT=-\n", "DB_PORT: must be a whole number" },
		{ "orders", "RUN_DIR=run\n", "RUN_DIR: must be an absolute path" },
		{ "orders", "PUBLIC_URL=ftp://x\n", "PUBLIC_URL: must be an http or https URL" },
		{ "orders", "PUBLIC_URL=https://x/\n", "PUBLIC_URL: may have neither" },
		{ "orders", "PUBLIC_URL=https://x?a=1\n", "PUBLIC_URL: may have neither" },
		{ "orders", "PUBLIC_URL=https://a:b@x\n", "PUBLIC_URL: must be an http or https URL" },
		{ "orders", "LOG_LEVEL=loud\n", "LOG_LEVEL: must be error, warn, info or debug" },
		{ "orders", "DEFAULT_RESTAURANT=A/B\n", "DEFAULT_RESTAURANT: " },
		{ "orders", "DB_SOCKET=\nDB_HOST=\n", "DB_HOST: needed" },
		{ "relay", "ALLOW_HTTP=maybe\n", "ALLOW_HTTP: must be yes or no" },
		{ "relay", "MSG91_BASE_URL=http://x\n", "MSG91_BASE_URL: must be https" },
		{ "relay", "MSG91_BASE_URL=hTTp://x\n", "MSG91_BASE_URL: must be https" },
	};
	char text[1000];
	struct config c;
	FILE *null;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, KEYS "%s", rows[i].text);
		ok(load(rows[i].program, text, &c) == EX_CONFIG && strstr(said, rows[i].want) != NULL && c.arena == NULL,
		    "F47 %s", rows[i].want);
		if (strstr(said, rows[i].want) == NULL)
			diag("said: %s", said);
	}
	is_int(load("orders", "", &c), EX_CONFIG, "F47 nothing given");
	ok(strstr(said, "HASH_KEY: needed") != NULL && strstr(said, "RELAY_PUBLIC_KEY: needed") != NULL,
	    "F47 every missing key is named at once");
	is_int(load("ticketrail", "", &c), 0, "the operator's command starts without keys: it makes them");
	config_free(&c);
	is_int(load_mode("orders", "DB_NAME=a\0b", 11, 0600, &c), EX_CONFIG, "F47 a NUL byte");
	unlink(path);
	null = fopen("/dev/null", "w");
	setenv("TICKETRAIL_CONFIG", "/nonexistent/x", 1);
	is_int(config_load("orders", &c, null), EX_CONFIG, "F47 a file that is not there");
	setenv("TICKETRAIL_CONFIG", "/tmp", 1);
	is_int(config_load("orders", &c, null), EX_CONFIG, "F47 a directory");
	fclose(null);
	setenv("TICKETRAIL_CONFIG", path, 1);
}

/* Every key with every kind of value that it may not have, as config.def has them. */
static const struct keyed {
	const char *key, *type, *programs, *required;
	int64_t min, max;
} keyed[] = {
#define CONFIG_ROW(t, field, name, preset, least, most, secret, who, needed, sentence) \
	{ #name, #t, who, needed, least, most },
#include "config/config.def"
#undef CONFIG_ROW
};
#define ALL "auth menu orders webhooks admin integrations people office catalog reports ops relay jobs ticketrail"

/* Every program that takes the key refuses this value, naming the key; how many did not. */
static int
taken(const struct keyed *k, const char *list, const char *value)
{
	char programs[200], expected[80], *rest = programs, *program;
	struct config c;
	int wrong = 0;

	(void)snprintf(programs, sizeof programs, "%s", strcmp(list, "all") == 0 ? ALL : list);
	(void)snprintf(expected, sizeof expected, "configuration: %s: ", k->key);
	setenv(k->key, value, 1);
	while ((program = strsep(&rest, " ")) != NULL) {
		if (load(program, KEYS, &c) == EX_CONFIG && strstr(said, expected) != NULL)
			continue;
		diag("%s takes %s=%.40s", program, k->key, value);
		config_free(&c);
		wrong++;
	}
	unsetenv(k->key);
	return wrong;
}

static int
wrong_values_taken(const struct keyed *k)
{
	char long_text[5000], number[24];
	int wrong = 0;

	if (strcmp(k->type, "int") == 0) {
		(void)snprintf(number, sizeof number, "%lld", (long long)k->min - 1);
		wrong += taken(k, k->programs, number);
		(void)snprintf(number, sizeof number, "%lld", (long long)k->max + 1);
		wrong += taken(k, k->programs, number) + taken(k, k->programs, "") + taken(k, k->programs, "7 ");
	} else if (strcmp(k->type, "bool") == 0)
		wrong += taken(k, k->programs, "maybe") + taken(k, k->programs, "");
	else if (strcmp(k->type, "key32") == 0)
		wrong += taken(k, k->programs, "00112233") + taken(k, k->programs, KEY "00");
	else {
		memset(long_text, '/', sizeof long_text);
		long_text[k->max + 1] = '\0';
		wrong += taken(k, k->programs, long_text) + taken(k, k->programs, "/\t") + taken(k, k->programs, "/\xff");
	}
	if (k->required[0] != '\0' && strcmp(k->type, "int") != 0)
		wrong += taken(k, k->required, "");
	return wrong;
}

static void
test_every_key(void)
{
	for (size_t i = 0; i < sizeof keyed / sizeof keyed[0]; i++)
		is_int(wrong_values_taken(&keyed[i]), 0, "F47 %s: out of bounds, of another kind, or missing where it is needed",
		    keyed[i].key);
}

static void
test_mode(void)
{
	struct config c;

	is_int(load_mode("orders", KEYS, strlen(KEYS), 0640, &c), EX_CONFIG, "S46 a secret in a file that the group reads");
	ok(strstr(said, "HASH_KEY") != NULL && strstr(said, "0640") != NULL, "S46 is refused, naming key and mode");
	is_int(load_mode("orders", KEYS, strlen(KEYS), 0604, &c), EX_CONFIG, "S46 or others");
	is_int(load_mode("orders", KEYS, strlen(KEYS), 0400, &c), 0, "S46 0400 is fine");
	config_free(&c);
	is_int(load_mode("ticketrail", "HASH_KEY=\nDB_NAME=x\n", 20, 0644, &c), 0, "a file without secrets may be open");
	config_free(&c);
}

/* Puts a secret into the directory of credentials, or with NULL takes it away. */
static void
credential(const char *dir, const char *key, const char *text)
{
	char name[128];
	FILE *f;

	(void)snprintf(name, sizeof name, "%s/%s", dir, key);
	unlink(name);
	if (text == NULL)
		return;
	f = fopen(name, "w");
	fputs(text, f);
	fclose(f);
}

static void
test_credentials(void)
{
	static const char public_keys[] = "RELAY_PUBLIC_KEY=" KEY "\nAUTH_PUBLIC_KEY=" KEY "\nDB_PASSWORD=\n";
	char dir[] = "/tmp/credentials.XXXXXX";
	struct config c;

	ok(mkdtemp(dir) != NULL && setenv("CREDENTIALS_DIRECTORY", dir, 1) == 0, "a directory of credentials");
	is_int(load("relay", public_keys, &c), EX_CONFIG, "S46 a secret that is neither in the file nor a credential");
	ok(strstr(said, "HASH_KEY") != NULL && strstr(said, "RELAY_SECRET_KEY") != NULL, "S46 is asked for by name");
	credential(dir, "HASH_KEY", KEY "\n");
	credential(dir, "RELAY_SECRET_KEY", KEY);
	credential(dir, "AUTH_SECRET_KEY", KEY);
	credential(dir, "DB_PASSWORD", "from credential\n");
	credential(dir, "DB_NAME", "elsewhere");
	is_int(load_mode("relay", public_keys, strlen(public_keys), 0644, &c), 0, "DEP-02 S46 secrets come as credentials, and the file may be open");
	ok(c.hash_key.is_set && c.relay_secret_key.is_set && c.hash_key.bytes[1] == 0x11, "DEP-02 with or without a newline at the end");
	is_str(c.db_password, "from credential", "DEP-02 a text likewise");
	is_str(c.db_name, "ticketrail", "what is no secret is no credential");
	ok(!c.auth_secret_key.is_set, "SEC-06 a program takes its own only");
	config_free(&c);
	is_int(load("relay", "HASH_KEY=" KEY "\nRELAY_PUBLIC_KEY=" KEY "\n", &c), EX_CONFIG, "given in the file as well");
	ok(strstr(said, "HASH_KEY: given twice") != NULL, "is a mistake that names the key");
	credential(dir, "HASH_KEY", "");
	is_int(load("relay", "HASH_KEY=" KEY "\nRELAY_PUBLIC_KEY=" KEY "\n", &c), 0, "an empty credential was not given");
	config_free(&c);
	credential(dir, "RELAY_SECRET_KEY", "no key at all");
	is_int(load("relay", KEYS, &c), EX_CONFIG, "a wrong one");
	ok(strstr(said, "RELAY_SECRET_KEY") != NULL && strstr(said, "no key at all") == NULL, "is named and not shown");
	for (const char *const *key = (const char *const[]){ "HASH_KEY", "RELAY_SECRET_KEY", "AUTH_SECRET_KEY", "DB_PASSWORD",
		 "DB_NAME", NULL }; *key != NULL; key++)
		credential(dir, *key, NULL);
	ok(rmdir(dir) == 0 && unsetenv("CREDENTIALS_DIRECTORY") == 0, "nothing is left");
}

static void
test_template(void)
{
	char *text, *want = tap_file(".env.example", NULL);
	struct config c;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	config_print_template(f);
	fclose(f);
	ok(strcmp(text, want) == 0, "CFG-08 .env.example is the table of keys (else: 160_config --template > .env.example)");
	is_int(load_mode("ticketrail", text, len, 0644, &c), 0, "CFG-08 and can be read as it is");
	config_free(&c);
	free(text);
	free(want);
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc > 1 && strcmp(argv[1], "--template") == 0) {
		config_print_template(stdout);
		return 0;
	}
	fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	setenv("TICKETRAIL_CONFIG", path, 1);
	test_values();
	test_environment();
	test_syntax();
	test_mistakes();
	test_every_key();
	test_mode();
	test_credentials();
	test_template();
	unlink(path);
	free(said);
	return tap_done();
}
