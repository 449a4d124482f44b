/*
 * ticketrail: the operator's command.
 *
 *	ticketrail COMMAND [WORDS]     `ticketrail --help` lists them
 *
 * Configuration as for every program: TICKETRAIL_CONFIG and the environment. Answers go to stdout,
 * complaints to stderr; the exit code is one of sysexits.h: 64 wrong words, 65 wrong data, 69 the
 * database cannot be reached, 70 a bug, 73 a file cannot be made, 75 try again, 77 not allowed, 78
 * the configuration, or a database that does not go with this program; `check` ends with 1 when it
 * found something.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "audit/audit.h"
#include "certify/certify.h"
#include "check/check.h"
#include "config/config.h"
#include "db/db.h"
#include "db/migrate.h"
#include "mem/buf.h"
#include "op/op.h"
#include "outbox/dead.h"
#include "person/signing_key.h"
#include "pos/pos.h"
#include "process/privacy.h"
#include "provider/onboard.h"
#include "text/json_write.h"

#define ARENA_MAX ((size_t)256 * 1024 * 1024) /* a person waits for it, and it is gone in a moment */

/* What a command wants to find in its op: nothing, the configuration, or a ready connection too. */
enum needs { NEEDS_NOTHING, NEEDS_CONFIG, NEEDS_DB };

/*
 * argv: the words behind the command's name, NULL-terminated. Returns an exit code; see failed()
 * and misused().
 */
typedef int command_fn(struct op *, int argc, char **argv);

struct command {
	const char *name, *words;
	command_fn *run;
	enum needs needs;
	const char *sentence;
};

static command_fn run_migrate, run_keys, run_config, run_onboard, run_rotate, run_check,
    run_messages, run_replay, run_providers, run_certify;

static const struct command commands[] = {
	{ "migrate", "", run_migrate, NEEDS_CONFIG,
	    "bring the database to this program's schema, and its users to their privileges" },
	{ "onboard", "FILE", run_onboard, NEEDS_DB,
	    "make or update a restaurant, its POS and its staff from a JSON document (- is "
	    "stdin)" },
	{ "rotate-signing-key", "", run_rotate, NEEDS_DB,
	    "sign access tokens with a new key; the one before verifies until its tokens have "
	    "expired" },
	{ "check", "[--json] [--journal FILE]... | --kinds", run_check, NEEDS_DB,
	    "hold the database to its invariants, and to what providers have journalled; reads "
	    "only; ends with 1 if something is wrong, 75 if all is well and messages are due; "
	    "--kinds lists what can be found" },
	{ "messages", "[--dead]", run_messages, NEEDS_DB,
	    "list the messages that wait; --dead: those that were set aside, because they killed "
	    "whoever took them or failed too often" },
	{ "replay", "[--dry-run] ID...", run_replay, NEEDS_DB,
	    "put dead messages back, as new, once the reason is mended; all of them or none" },
	{ "providers", "[--json]", run_providers, NEEDS_NOTHING,
	    "list the POS that are spoken here, with every setting of each" },
	{ "certify",
	    "PROVIDER [--config FILE] [--endpoint URL] [--only CHECK,...] [--wait SECONDS] "
	    "[--json] | --checks",
	    run_certify, NEEDS_NOTHING,
	    "try a POS out through its adapter, with orders made up from its menu, and report; "
	    "ends with 1 if a check failed; --checks lists them. Never against a kitchen that "
	    "cooks" },
	{ "keys", "[DIR]", run_keys, NEEDS_NOTHING,
	    "make fresh keys and a password: lines for the configuration file, or with DIR a file "
	    "there for each secret and lines for the others" },
	{ "config", "", run_config, NEEDS_NOTHING,
	    "print every configuration key with its default" },
};
#define COMMANDS_N (sizeof commands / sizeof commands[0])

static const struct command *current; /* the command under way, for complaints */

/* --- answering ---------------------------------------------------------------------------- */

static int
usage(FILE *out, int code)
{
	fputs("usage: ticketrail COMMAND [WORDS]\n\n", out);
	for (size_t i = 0; i < COMMANDS_N; i++)
		fprintf(out, "  %s%s%s\n\t%s\n", commands[i].name,
		    commands[i].words[0] != '\0' ? " " : "", commands[i].words,
		    commands[i].sentence);
	return code;
}

/* The words were not what the command takes. */
static int
misused(void)
{
	fprintf(stderr, "usage: ticketrail %s %s\n", current->name, current->words);
	return EX_USAGE;
}

static int
explained(void)
{
	printf("usage: ticketrail %s %s\n\t%s\n", current->name, current->words,
	    current->sentence);
	return EX_OK;
}

/* Tells the op's fault and returns the exit code that goes with it. */
static int
failed(const struct op *op)
{
	const struct fault *f = &op->fault;
	const struct err_info *info = err_info(f->code);

	fprintf(stderr, "ticketrail %s: %s\n", current->name,
	    f->sentence != NULL ? f->sentence : info->sentence);
	for (const struct fault_field *x = f->fields; x != NULL; x = x->next)
		fprintf(stderr, "  %s %s\n", x->field, x->sentence);
	if (f->internal != NULL)
		fprintf(stderr, "  (%s)\n", f->internal);
	switch (info->band) {
	case BAND_MALFORMED:
		return EX_DATAERR;
	case BAND_WHO:
		return EX_NOPERM;
	case BAND_NOT_NOW:
		return EX_TEMPFAIL;
	case BAND_PROVIDER:
		return EX_UNAVAILABLE;
	case BAND_OURS:
	case BAND_NONE:
		break;
	}
	return f->code == ERR_UNAVAILABLE     ? EX_UNAVAILABLE
	       : f->code == ERR_COMMIT_UNSURE ? EX_TEMPFAIL
					      : EX_SOFTWARE;
}

/* --- migrate ------------------------------------------------------------------------------ */

static int
run_migrate(struct op *op, int argc, char **argv)
{
	const struct config *c = op->config;
	const struct migrate_options options = {
		.admin = {
			.socket = c->db_socket[0] != '\0' ? c->db_socket : NULL,
			.host = c->db_host,
			.port = (unsigned)c->db_port,
			.user = c->db_admin_user,
			.password = c->db_admin_password,
			.database = c->db_name,
			.program = PROGRAM_ticketrail,
		},
		.migrations = migrations,
		.migrations_n = migrations_n,
		.password = c->db_password,
	};
	struct migrate_report r;
	int code;

	(void)argv;
	if (argc != 0)
		return misused();
	if (migrate(op, &options, &r) != OK) {
		code = failed(op);
		/*
		 * A program and a database that do not go together: nothing gets better by trying
		 * again.
		 */
		return op->fault.code == ERR_CONFLICT ? EX_CONFIG : code;
	}
	printf(
	    "schema %04d: %d migrations applied, %d statements; privileges: %d given, %d taken\n",
	    r.version, r.migrations_applied, r.statements_run, r.granted, r.revoked);
	return EX_OK;
}

/* --- keys --------------------------------------------------------------------------------- */

#define SECRETS_N 4

/* Fresh secrets, and the lines about them that are none. */
struct fresh {
	struct secret {
		const char *key;
		char hex[2 * 32 + 1];
	} secrets[SECRETS_N];
	char relay_public[2 * 32 + 1], auth_public[2 * 32 + 1];
};

static void
pair_make(struct secret *secret, char public_hex[2 * 32 + 1])
{
	unsigned char public[crypto_box_PUBLICKEYBYTES], bytes[crypto_box_SECRETKEYBYTES];

	crypto_box_keypair(public, bytes);
	sodium_bin2hex(public_hex, 2 * 32 + 1, public, sizeof public);
	sodium_bin2hex(secret->hex, sizeof secret->hex, bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
}

static void
random_make(struct secret *secret)
{
	unsigned char bytes[32];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(secret->hex, sizeof secret->hex, bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
}

static bool
secret_write(const struct secret *s, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	bool is_there = fd >= 0 && dprintf(fd, "%s\n", s->hex) > 0 && fsync(fd) == 0;
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !is_there)
		(void)unlink(path); /* half a key would stand in the way of a whole one */
	errno = why;
	return is_there;
}

/*
 * Each in a file named as its key. All or none, and none that is there already is replaced: what it
 * sealed would be lost.
 */
static int
secrets_save(struct op *op, const struct fresh *f, const char *dir)
{
	const char *paths[SECRETS_N];

	for (size_t i = 0; i < SECRETS_N; i++) {
		paths[i] = arena_printf(op->arena, "%s/%s", dir, f->secrets[i].key);
		if (access(paths[i], F_OK) == 0) {
			fprintf(stderr, "ticketrail keys: %s: %s\n", paths[i], strerror(EEXIST));
			return EX_CANTCREAT;
		}
	}
	for (size_t i = 0; i < SECRETS_N; i++)
		if (!secret_write(&f->secrets[i], paths[i])) {
			fprintf(stderr, "ticketrail keys: %s: %s\n", paths[i], strerror(errno));
			for (size_t made = 0; made < i; made++)
				(void)unlink(paths[made]);
			return EX_CANTCREAT;
		}
	return EX_OK;
}

static int
run_keys(struct op *op, int argc, char **argv)
{
	struct fresh f = { .secrets = { { .key = "DB_PASSWORD" }, { .key = "HASH_KEY" },
			       { .key = "RELAY_SECRET_KEY" }, { .key = "AUTH_SECRET_KEY" } } };
	int code = EX_OK;

	if (argc > 1)
		return misused();
	random_make(&f.secrets[0]);
	random_make(&f.secrets[1]);
	pair_make(&f.secrets[2], f.relay_public);
	pair_make(&f.secrets[3], f.auth_public);
	if (argc == 1)
		code = secrets_save(op, &f, argv[0]);
	for (size_t i = 0; argc == 0 && i < SECRETS_N; i++)
		printf("%s=%s\n", f.secrets[i].key, f.secrets[i].hex);
	if (code == EX_OK)
		printf("RELAY_PUBLIC_KEY=%s\nAUTH_PUBLIC_KEY=%s\n", f.relay_public, f.auth_public);
	sodium_memzero(&f, sizeof f);
	return code;
}

/* --- config ------------------------------------------------------------------------------- */

static int
run_config(struct op *op, int argc, char **argv)
{
	(void)op;
	(void)argv;
	if (argc != 0)
		return misused();
	config_print_template(stdout);
	return EX_OK;
}

/* --- providers ---------------------------------------------------------------------------- */

#define PROVIDERS_MAX ((size_t)256 * 1024)

static void
field_print(const struct pos_field *f)
{
	printf("  %s", f->key);
	if (f->also != NULL)
		printf(" (or %s)", f->also);
	printf(": %s", pos_kind_name(f->kind));
	if (f->choices != NULL)
		printf(" %s", f->choices);
	if (f->kind == POS_INT)
		printf(" %lld to %lld", (long long)f->min, (long long)f->max);
	else if (f->kind == POS_TEXT)
		printf(" of at most %lld", (long long)pos_field_text_max(f));
	if (f->def != NULL)
		printf(", else %s", f->def);
	printf("%s%s\n\t%s\n", f->is_required ? ", required" : "",
	    f->is_secret ? ", secret" : "", f->sentence);
}

static void
providers_print_json(struct op *op)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, PROVIDERS_MAX);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (const struct pos_adapter *const *a = pos_adapters(); *a != NULL; a++) {
		json_write_object(&w, NULL);
		pos_form_write(&w, *a);
		json_write_object_end(&w);
	}
	json_write_array_end(&w);
	json_write_done(&w);
	puts(b.data);
}

static int
run_providers(struct op *op, int argc, char **argv)
{
	bool is_json = argc == 1 && strcmp(argv[0], "--json") == 0;

	if (argc != 0 && !is_json)
		return misused();
	if (is_json)
		providers_print_json(op);
	for (const struct pos_adapter *const *a = pos_adapters(); !is_json && *a != NULL; a++) {
		printf("%s: %s\n", (*a)->name, (*a)->display_name);
		for (size_t i = 0; i < (*a)->fields_n; i++)
			field_print(&(*a)->fields[i]);
	}
	return EX_OK;
}

/* --- onboard ------------------------------------------------------------------------------ */

#define DOCUMENT_MAX ((size_t)1024 * 1024)

/* The whole of a file, or of stdin for "-"; false with a complaint written. */
static bool
file_read(struct op *op, const char *name, struct bytes *ret)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	char *data = arena_alloc(op->arena, DOCUMENT_MAX + 1);
	size_t len;
	bool is_whole;

	if (f == NULL) {
		perror(name);
		return false;
	}
	len = fread(data, 1, DOCUMENT_MAX + 1, f);
	is_whole = !ferror(f) && len <= DOCUMENT_MAX;
	if (!is_whole)
		fprintf(stderr, "%s: %s\n", name,
		    len > DOCUMENT_MAX ? "is too large" : "cannot be read");
	if (f != stdin)
		fclose(f);
	*ret = (struct bytes){ .data = data, .len = len };
	return is_whole;
}

static enum err
key_change(struct op *op,
    enum err (*change)(struct op *, const unsigned char *, const char **), const char **ret_kid)
{
	if (!op->config->auth_public_key.is_set)
		return fail(op, ERR_VALIDATION_ERROR, "AUTH_PUBLIC_KEY is not set");
	return change(op, op->config->auth_public_key.bytes, ret_kid);
}

static int
run_onboard(struct op *op, int argc, char **argv)
{
	struct onboarded done;
	struct bytes json;
	const char *kid;

	if (argc != 1)
		return misused();
	if (!op->config->relay_public_key.is_set || !op->config->hash_key.is_set) {
		fputs("ticketrail onboard: RELAY_PUBLIC_KEY and HASH_KEY are needed to seal "
		      "secrets\n",
		    stderr);
		return EX_CONFIG;
	}
	if (!file_read(op, argv[0], &json))
		return EX_NOINPUT;
	if (key_change(op, signing_key_ensure, &kid) != OK || onboard(op, json, &done) != OK)
		return failed(op);
	if (done.restaurant_id == 0) {
		printf("platform: %zu staff\n", done.staff_n);
		return EX_OK;
	}
	printf("restaurant %s (%lld): %s, %zu staff%s\n", done.slug, (long long)done.restaurant_id,
	    done.has_pos ? "POS connected" : "no POS in the document", done.staff_n,
	    done.sync_id != 0 ? ", menu is being fetched" : "");
	if (!done.can_tell_staff)
		fprintf(stderr,
		    "ticketrail onboard: nobody at %s can be told when an order needs somebody: "
		    "no active admin or kitchen staff has a \"phone\"\n",
		    done.slug);
	return EX_OK;
}

static int
run_rotate(struct op *op, int argc, char **argv)
{
	const char *kid = "";

	(void)argv;
	if (argc != 0)
		return misused();
	if (key_change(op, signing_key_rotate, &kid) != OK)
		return failed(op);
	printf("tokens are signed with %s from now on\n", kid);
	return EX_OK;
}

/* --- check -------------------------------------------------------------------------------- */

/* One line for each, so that they can be counted and searched. */
static void
finding_print(void *arg, const struct finding *f)
{
	const struct finding_info *info = finding_info(f->kind);

	(void)arg;
	printf("%s %s\n", info->invariant, f->sentence);
}

static void
finding_print_json(void *arg, const struct finding *f)
{
	const struct finding_info *info = finding_info(f->kind);
	struct op *op = arg;
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, 65536);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "invariant", info->invariant);
	json_write_string(&w, "kind", info->name);
	if (f->restaurant_id != 0)
		json_write_int64(&w, "restaurant_id", f->restaurant_id);
	json_write_string(&w, "sentence", f->sentence);
	json_write_object_end(&w);
	json_write_done(&w);
	puts(b.data);
}

static int
kinds_print(void)
{
	for (enum finding_kind k = 0; k < FINDING__MAX; k++) {
		const struct finding_info *info = finding_info(k);

		printf("%s %s: %s%s\n", info->invariant, info->name, info->meaning,
		    info->needs_journal ? " (with --journal)" : "");
	}
	return EX_OK;
}

/* The exit code that goes with a report, and a word of it on stderr. */
static int
check_end(const struct check_report *r, size_t journals_n)
{
	bool is_at_rest = r->messages_due_n + r->messages_held_n == 0;

	fprintf(stderr, "ticketrail check: %lld orders, %lld findings\n", (long long)r->orders_n,
	    (long long)r->findings_n);
	if (!is_at_rest)
		fprintf(stderr, "ticketrail check: not at rest: %lld messages due, %lld held%s\n",
		    (long long)r->messages_due_n, (long long)r->messages_held_n,
		    journals_n > 0 ? "; journals were not compared" : "");
	return r->findings_n > 0 ? 1 : is_at_rest ? EX_OK : EX_TEMPFAIL;
}

static int
run_check(struct op *op, int argc, char **argv)
{
	const char **journals = arena_array(op->arena, (size_t)argc + 1, sizeof *journals);
	struct check_options options = { .tell = finding_print, .arg = op, .journals = journals };
	struct check_report report;

	if (argc == 1 && strcmp(argv[0], "--kinds") == 0)
		return kinds_print();
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--json") == 0)
			options.tell = finding_print_json;
		else if (strcmp(argv[i], "--journal") == 0 && i + 1 < argc)
			journals[options.journals_n++] = argv[++i];
		else
			return misused();
	if (check_run(op, &options, &report) != OK)
		return failed(op);
	return check_end(&report, options.journals_n);
}

/* --- messages ----------------------------------------------------------------------------- */

#define PAGE_N 1000

/* One line, fields by tabs: what a script cuts, and a person reads. */
static void
print_message(const struct outbox_row *r)
{
	char at[ISO8601_LEN];

	iso8601_format(r->at, at);
	printf("%lld\t%s\t%s\t%lld\t%lld\t%lld\t%lld\t%s\t%s\t%s\t%s\n", (long long)r->id,
	    r->kind_name, r->destination, (long long)r->restaurant_id, (long long)r->subject_id,
	    (long long)r->attempts, (long long)r->lost_claims, r->is_held ? "held" : "waits", at,
	    r->trace_id, r->last_error != NULL ? r->last_error : "");
}

static int
run_messages(struct op *op, int argc, char **argv)
{
	bool dead = argc == 1 && strcmp(argv[0], "--dead") == 0;
	struct outbox_row *rows;
	int64_t after = 0;
	size_t n = PAGE_N;

	if (argc != 0 && !dead)
		return misused();
	puts("#id\tkind\tdestination\trestaurant\tsubject\tattempts\tlost_claims\tstate\t"
	     "at\ttrace\twhy");
	for (; n == PAGE_N; after = n > 0 ? rows[n - 1].id : 0) {
		if (outbox_list(op, dead, after, PAGE_N, &rows, &n) != OK)
			return failed(op);
		for (size_t i = 0; i < n; i++)
			print_message(&rows[i]);
	}
	return EX_OK;
}

struct replay {
	int64_t *ids;
	struct outbox_row *rows;
	size_t n;
	bool is_dry;
};

static enum err
replay_body(struct op *op, void *arg)
{
	const struct replay *r = arg;
	enum err e = OK;

	for (size_t i = 0; i < r->n && e == OK; i++) {
		e = r->is_dry ? outbox_dead(op, r->ids[i], &r->rows[i])
			      : outbox_replay(op, r->ids[i], &r->rows[i]);
		if (e == OK && !r->is_dry)
			e = audit_record(op, "message.replay",
			    arena_printf(op->arena, "%lld", (long long)r->ids[i]), NULL);
	}
	return e;
}

static bool
id_read(const char *text, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0 && *ret > 0 && *end == '\0';
}

static int
run_replay(struct op *op, int argc, char **argv)
{
	struct replay r = { .is_dry = argc > 0 && strcmp(argv[0], "--dry-run") == 0 };
	int first = r.is_dry ? 1 : 0;

	if (argc <= first)
		return misused();
	r.n = (size_t)(argc - first);
	r.ids = arena_array(op->arena, r.n, sizeof *r.ids);
	r.rows = arena_array(op->arena, r.n, sizeof *r.rows);
	for (size_t i = 0; i < r.n; i++)
		if (!id_read(argv[first + (int)i], &r.ids[i]))
			return misused();
	if (db_tx(op, replay_body, &r) != OK)
		return failed(op);
	for (size_t i = 0; i < r.n; i++)
		printf("%lld %s %s\n", (long long)r.rows[i].id, r.rows[i].kind_name,
		    r.is_dry ? "would be put back" : "is put back");
	return EX_OK;
}

/* --- certify ------------------------------------------------------------------------------ */

static int
run_certify(struct op *op, int argc, char **argv)
{
	int code = certify_main(op, argc, argv);

	return code == EX_USAGE ? misused() : code;
}

/* --- starting ----------------------------------------------------------------------------- */

static int
run(const struct command *c, int argc, char **argv)
{
	struct config config = { .arena = NULL };
	struct db *db = NULL;
	struct op op;
	int code = EX_OK;

	if (c->needs >= NEEDS_CONFIG)
		code = config_load("ticketrail", &config, stderr);
	if (code != EX_OK)
		return code;
	if (c->needs >= NEEDS_DB)
		db = db_of_program(PROGRAM_ticketrail, &config, 0);
	op_begin(&op, db, ARENA_MAX, NULL);
	op.config = &config;
	op.actor = (struct actor){ .kind = ACTOR_SYSTEM, .name = "operator" };
	code = db == NULL || db_ready(&op) == OK ? c->run(&op, argc, argv) : failed(&op);
	op_end(&op);
	db_free(&db);
	config_free(&config);
	if (fflush(stdout) != 0 && code == EX_OK) {
		perror("ticketrail: stdout");
		code = EX_IOERR;
	}
	return code;
}

int
main(int argc, char **argv)
{
	privacy_begin();
	if (sodium_init() < 0) {
		fputs("ticketrail: libsodium cannot be used\n", stderr);
		return EX_SOFTWARE;
	}
	if (argc < 2)
		return usage(stderr, EX_USAGE);
	if (strcmp(argv[1], "--help") == 0)
		return usage(stdout, EX_OK);
	for (size_t i = 0; i < COMMANDS_N; i++)
		if (strcmp(commands[i].name, argv[1]) == 0) {
			current = &commands[i];
			if (argc == 3 && strcmp(argv[2], "--help") == 0)
				return explained();
			return run(current, argc - 2, argv + 2);
		}
	fprintf(stderr, "ticketrail: there is no command \"%s\"; ticketrail --help lists them\n",
	    argv[1]);
	return EX_USAGE;
}
