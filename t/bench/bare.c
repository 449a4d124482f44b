/*
 * bare: what the database alone can take. It runs the statements of recorded requests (t/bench/record.js) over libmariadb,
 * prepared, in the same transactions, from as many processes as a pool has workers, and adds nothing else: what a route is
 * slower than this is ours.
 *
 *	DB_PASSWORD=... bare SOCKET USER DATABASE SCRIPT PROCESSES SECONDS
 *
 * prints one JSON object: requests, seconds, retries, cpu_s of all processes, and per statement how often, how long, and how
 * long the slowest hundredth took.
 *
 * The script has one thing a line:
 *	statement NAME SQL      the first is number 0, and so on
 *	subject ID PUBLIC NUMBER GROUP  something that exists and can be asked about once: its id, public id (hex) and name; what
 *	                        belongs to one group (0, 1, ...) is asked about in the same words
 *	request                 the next lines are one request
 *	say TEXT                without parameters and rows: START TRANSACTION, COMMIT
 *	run N KEEP ARG...       statement N; KEEP is what its insert id is: o the order's, c the counter's two numbers, e the
 *	                        event's number, w the delivery's id, - nothing
 * An ARG is N (NULL), I123, Io (the order's id), Ie (the event's number), Iw (the delivery's id), T5000000 (microseconds from
 * now), B hex bytes, Bu (the public id), or S and pieces between commas: x hex, and what is new in each request: u the public
 * id as text, o its id, n its number of the day, N a subject's name, p the provisional number, k a random key.
 *
 * Without subjects requests are chosen by chance. With subjects each is taken once by the first request of its group, then
 * each by the second, and so on; there must be enough of them for the time. The first requests of all groups come first.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mysql.h>

#define STATEMENTS_MAX 64
#define SAYINGS_MAX 8
#define STEPS_MAX 200
#define ARGS_MAX 256
#define COLS_MAX 64
#define PIECES_MAX 16
#define COL_ROOM 512
#define TEXT_ROOM 4096
#define PROCESSES_MAX 64
#define TIMED_MAX (STATEMENTS_MAX + SAYINGS_MAX)
#define SLOTS_PER_DOUBLING 8
#define SLOTS_MAX (40 * SLOTS_PER_DOUBLING) /* of a histogram of nanoseconds, an eighth of a doubling each */

struct bytes {
	char *data;
	size_t len;
};

struct piece {
	char kind; /* x u o n N p k */
	struct bytes literal;
};

struct arg {
	char kind;    /* N I T B S */
	char special; /* o, e, w or u; 0: the value below */
	int64_t number;
	struct bytes bytes;
	struct piece *pieces;
	size_t pieces_n;
};

struct step {
	bool is_saying;
	size_t what; /* statement or saying */
	char keep;
	struct arg *args;
	size_t args_n;
};

struct request {
	struct step steps[STEPS_MAX];
	size_t steps_n;
};

struct subject {
	int64_t id;
	struct bytes public_id, number;
	size_t group;
};

struct script {
	struct bytes names[STATEMENTS_MAX], sql[STATEMENTS_MAX], sayings[SAYINGS_MAX];
	size_t statements_n, sayings_n, requests_n, subjects_n, groups_n;
	struct request **requests;
	struct subject *subjects;
};

/* What is new in each request. */
struct fresh {
	int64_t now_us, id, event_no, day_no, delivery_id;
	const char *number; /* a subject's */
	unsigned char public_id[16];
	char public_id_text[37], provisional[21], key[37];
};

struct timed {
	int64_t n, ns;
	uint32_t slots[SLOTS_MAX];
};

struct tally {
	int64_t requests, retries, cpu_us;
	struct timed timed[TIMED_MAX];
};

struct shared {
	atomic_int ready, go;
	atomic_size_t next; /* subject */
	_Atomic int64_t until_ns;
	struct tally tallies[PROCESSES_MAX];
};

struct prepared {
	MYSQL_STMT *stmt;
	MYSQL_BIND params[ARGS_MAX], cols[COLS_MAX];
	MYSQL_TIME times[ARGS_MAX];
	int64_t numbers[ARGS_MAX];
	unsigned long lens[ARGS_MAX];
	char *texts[ARGS_MAX];
	char *room;
};

struct client {
	MYSQL *mysql;
	struct prepared prepared[STATEMENTS_MAX];
	struct tally *tally;
	uint64_t seed;
};

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bare: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static void *
room(size_t n, size_t size)
{
	void *p = calloc(n != 0 ? n : 1, size);

	if (p == NULL)
		die("out of memory");
	return p;
}

static int64_t
monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- the script ------------------------------------------------------------------------------- */

static struct bytes
text_copy(const char *s)
{
	struct bytes b = { .data = strdup(s), .len = strlen(s) };

	if (b.data == NULL)
		die("out of memory");
	return b;
}

static struct bytes
hex_read(const char *s, size_t len)
{
	struct bytes b = { .data = room(len / 2 + 1, 1), .len = len / 2 };

	for (size_t i = 0; i < b.len; i++) {
		unsigned byte;

		if (sscanf(s + 2 * i, "%2x", &byte) != 1)
			die("not hex: %s", s);
		b.data[i] = (char)byte;
	}
	return b;
}

static void
pieces_read(struct arg *a, char *text)
{
	char *rest = NULL;

	a->pieces = room(PIECES_MAX, sizeof *a->pieces);
	for (char *p = strtok_r(text, ",", &rest); p != NULL; p = strtok_r(NULL, ",", &rest)) {
		if (a->pieces_n == PIECES_MAX)
			die("a text of more than %d pieces", PIECES_MAX);
		a->pieces[a->pieces_n].kind = p[0];
		a->pieces[a->pieces_n++].literal = hex_read(p + 1, strlen(p + 1));
	}
}

static void
arg_read(struct arg *a, char *text)
{
	a->kind = text[0];
	switch (text[0]) {
	case 'N':
		break;
	case 'I':
		if (text[1] == 'o' || text[1] == 'e' || text[1] == 'w')
			a->special = text[1];
		else
			a->number = strtoll(text + 1, NULL, 10);
		break;
	case 'T':
		a->number = strtoll(text + 1, NULL, 10);
		break;
	case 'B':
		if (text[1] == 'u')
			a->special = 'u';
		else
			a->bytes = hex_read(text + 1, strlen(text + 1));
		break;
	case 'S':
		pieces_read(a, text + 1);
		break;
	default:
		die("no such argument: %s", text);
	}
}

static void
run_read(struct step *s, char *text)
{
	char *rest = NULL, *word = strtok_r(text, " ", &rest);

	s->what = strtoul(word, NULL, 10);
	word = strtok_r(NULL, " ", &rest);
	s->keep = word[0];
	s->args = room(ARGS_MAX, sizeof *s->args);
	while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
		if (s->args_n == ARGS_MAX)
			die("more than %d arguments", ARGS_MAX);
		arg_read(&s->args[s->args_n++], word);
	}
}

static size_t
saying_number(struct script *s, const char *text)
{
	for (size_t i = 0; i < s->sayings_n; i++)
		if (strcmp(s->sayings[i].data, text) == 0)
			return i;
	if (s->sayings_n == SAYINGS_MAX)
		die("more than %d sayings", SAYINGS_MAX);
	s->sayings[s->sayings_n] = text_copy(text);
	return s->sayings_n++;
}

static void
statement_read(struct script *s, char *text)
{
	char *sql = strchr(text, ' ');

	if (sql == NULL || s->statements_n == STATEMENTS_MAX)
		die("bad statement: %s", text);
	*sql++ = '\0';
	s->names[s->statements_n] = text_copy(text);
	s->sql[s->statements_n++] = text_copy(sql);
}

static void
subject_read(struct script *s, char *text)
{
	char *rest = NULL, *id = strtok_r(text, " ", &rest), *public_id = strtok_r(NULL, " ", &rest),
	     *number = strtok_r(NULL, " ", &rest), *group = strtok_r(NULL, " ", &rest);
	struct subject *to;

	if (group == NULL || strlen(public_id) != 32)
		die("bad subject");
	if ((s->subjects_n & (s->subjects_n - 1)) == 0)
		s->subjects = realloc(s->subjects, (s->subjects_n == 0 ? 1 : 2 * s->subjects_n) * sizeof *s->subjects);
	if (s->subjects == NULL)
		die("out of memory");
	to = &s->subjects[s->subjects_n++];
	*to = (struct subject){ .id = strtoll(id, NULL, 10), .public_id = hex_read(public_id, 32), .number = text_copy(number),
		.group = strtoul(group, NULL, 10) };
	if (to->group >= s->groups_n)
		s->groups_n = to->group + 1;
}

static void
line_read(struct script *s, char *line)
{
	struct request *o = s->requests_n > 0 ? s->requests[s->requests_n - 1] : NULL;

	if (strncmp(line, "statement ", 10) == 0) {
		statement_read(s, line + 10);
	} else if (strncmp(line, "subject ", 8) == 0) {
		subject_read(s, line + 8);
	} else if (strcmp(line, "request") == 0) {
		s->requests = realloc(s->requests, (s->requests_n + 1) * sizeof *s->requests);
		if (s->requests == NULL)
			die("out of memory");
		s->requests[s->requests_n++] = room(1, sizeof *o);
	} else if (o == NULL || o->steps_n == STEPS_MAX) {
		die("a step where none can be: %s", line);
	} else if (strncmp(line, "say ", 4) == 0) {
		o->steps[o->steps_n++] = (struct step){ .is_saying = true, .what = saying_number(s, line + 4) };
	} else {
		if (strncmp(line, "run ", 4) != 0)
			die("bad line: %s", line);
		run_read(&o->steps[o->steps_n++], line + 4);
	}
}

static struct script *
script_read(const char *file)
{
	struct script *s = room(1, sizeof *s);
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (f == NULL)
		die("%s: %s", file, strerror(errno));
	while ((len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		line_read(s, line);
	}
	free(line);
	fclose(f);
	if (s->requests_n == 0)
		die("%s has no request", file);
	return s;
}

/* --- one request ------------------------------------------------------------------------------ */

static void
uuid_text(const unsigned char id[16], char ret[37])
{
	char *at = ret;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += snprintf(at, 3, "%02x", id[i]);
	}
}

/* A UUIDv7, as the house makes them: consecutive, so that the index grows as it does there. */
static void
fresh_make(struct fresh *f, const struct subject *subject)
{
	struct timespec t;
	unsigned char key[16];

	*f = (struct fresh){ .id = 0 };
	clock_gettime(CLOCK_REALTIME, &t);
	f->now_us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	if (getrandom(f->public_id, sizeof f->public_id, 0) != sizeof f->public_id || getrandom(key, sizeof key, 0) != sizeof key)
		die("no randomness");
	for (size_t i = 0; i < 6; i++)
		f->public_id[i] = (unsigned char)(f->now_us / 1000 >> (40 - 8 * i));
	f->public_id[6] = (unsigned char)(0x70 | (f->public_id[6] & 15));
	f->public_id[8] = (unsigned char)(0x80 | (f->public_id[8] & 63));
	if (subject != NULL) {
		memcpy(f->public_id, subject->public_id.data, sizeof f->public_id);
		f->id = subject->id;
		f->number = subject->number.data;
	}
	uuid_text(f->public_id, f->public_id_text);
	uuid_text(key, f->key);
	f->provisional[0] = '~';
	for (size_t i = 0; i < 9; i++)
		(void)snprintf(f->provisional + 1 + 2 * i, 3, "%02x", f->public_id[i < 2 ? i + 4 : i + 7]);
}

static MYSQL_TIME
time_of(int64_t us)
{
	time_t s = (time_t)(us / 1000000);
	struct tm t;

	gmtime_r(&s, &t);
	return (MYSQL_TIME){ .year = (unsigned)t.tm_year + 1900, .month = (unsigned)t.tm_mon + 1, .day = (unsigned)t.tm_mday,
		.hour = (unsigned)t.tm_hour, .minute = (unsigned)t.tm_min, .second = (unsigned)t.tm_sec,
		.second_part = (unsigned long)(us % 1000000), .time_type = MYSQL_TIMESTAMP_DATETIME };
}

/* The text of an argument: its own where it is one literal, else put together in room. */
static struct bytes
text_make(const struct arg *a, const struct fresh *f, char *to)
{
	char number[24];
	size_t len = 0;

	if (a->pieces_n == 1 && a->pieces[0].kind == 'x')
		return a->pieces[0].literal;
	for (size_t i = 0; i < a->pieces_n; i++) {
		const struct piece *p = &a->pieces[i];
		const char *what = p->kind == 'x' ? p->literal.data : p->kind == 'u' ? f->public_id_text :
		    p->kind == 'p' ? f->provisional : p->kind == 'k' ? f->key : p->kind == 'N' ? f->number : number;
		size_t n;

		if (p->kind == 'o')
			(void)snprintf(number, sizeof number, "%" PRId64, f->id);
		if (p->kind == 'n')
			(void)snprintf(number, sizeof number, "%03" PRId64, f->day_no);
		n = p->kind == 'x' ? p->literal.len : strlen(what);
		if (len + n > TEXT_ROOM)
			die("a text of more than %d bytes", TEXT_ROOM);
		memcpy(to + len, what, n);
		len += n;
	}
	return (struct bytes){ .data = to, .len = len };
}

static void
param_set(struct prepared *p, size_t k, const struct arg *a, struct fresh *f)
{
	MYSQL_BIND *b = &p->params[k];
	struct bytes value;

	*b = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_NULL };
	switch (a->kind) {
	case 'I':
		p->numbers[k] = a->special == 'o' ? f->id : a->special == 'e' ? f->event_no :
		    a->special == 'w' ? f->delivery_id : a->number;
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = &p->numbers[k];
		break;
	case 'T':
		p->times[k] = time_of(f->now_us + a->number);
		b->buffer_type = MYSQL_TYPE_DATETIME;
		b->buffer = &p->times[k];
		break;
	case 'B':
	case 'S':
		value = a->kind == 'S' ? text_make(a, f, p->texts[k]) :
		    a->special == 'u' ? (struct bytes){ .data = (char *)f->public_id, .len = sizeof f->public_id } : a->bytes;
		p->lens[k] = value.len;
		b->buffer_type = a->kind == 'S' ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		b->buffer = value.data;
		b->buffer_length = value.len;
		b->length = &p->lens[k];
		break;
	default:
		break;
	}
}

/* 0, or the server's error number. */
static unsigned
rows_read(struct prepared *p)
{
	int got;

	if (mysql_stmt_field_count(p->stmt) == 0)
		return 0;
	if (mysql_stmt_bind_result(p->stmt, p->cols) != 0 || mysql_stmt_store_result(p->stmt) != 0)
		return mysql_stmt_errno(p->stmt);
	while ((got = mysql_stmt_fetch(p->stmt)) == 0 || got == MYSQL_DATA_TRUNCATED)
		;
	mysql_stmt_free_result(p->stmt);
	return 0;
}

static unsigned
statement_run(struct client *c, const struct step *s, struct fresh *f)
{
	struct prepared *p = &c->prepared[s->what];
	int64_t number;
	unsigned e;

	for (size_t k = 0; k < s->args_n; k++)
		param_set(p, k, &s->args[k], f);
	if ((s->args_n != 0 && mysql_stmt_bind_param(p->stmt, p->params) != 0) || mysql_stmt_execute(p->stmt) != 0)
		return mysql_stmt_errno(p->stmt);
	e = rows_read(p);
	if (e != 0 || s->keep == '-')
		return e;
	if (mysql_stmt_affected_rows(p->stmt) != 1)
		die("the counters did not match: the menu changed, or the restaurant is closed");
	number = (int64_t)mysql_stmt_insert_id(p->stmt);
	if (s->keep == 'o') {
		f->id = number;
	} else if (s->keep == 'w') {
		f->delivery_id = number;
	} else if (s->keep == 'e') {
		f->event_no = number;
	} else {
		f->event_no = number / 1000000;
		f->day_no = number % 1000000;
	}
	return 0;
}

static unsigned
step_run(struct client *c, const struct script *script, const struct step *s, struct fresh *f)
{
	const struct bytes *said;

	if (!s->is_saying)
		return statement_run(c, s, f);
	said = &script->sayings[s->what];
	return mysql_real_query(c->mysql, said->data, said->len) == 0 ? 0 : mysql_errno(c->mysql);
}

/* Eighths of a doubling: the bits below the highest one tell which. */
static size_t
slot_of(int64_t ns)
{
	uint64_t v = ns < 16 ? 16 : (uint64_t)ns;
	size_t top = 63 - (size_t)__builtin_clzll(v), slot = (top - 3) * SLOTS_PER_DOUBLING + (v >> (top - 3) & 7);

	return slot < SLOTS_MAX ? slot : SLOTS_MAX - 1;
}

/* The lower bound of a slot. */
static int64_t
slot_ns(size_t slot)
{
	size_t top = slot / SLOTS_PER_DOUBLING + 3;

	return (int64_t)((8 + (uint64_t)slot % SLOTS_PER_DOUBLING) << (top - 3));
}

static void
timed_add(struct timed *t, int64_t ns)
{
	t->n++;
	t->ns += ns;
	t->slots[slot_of(ns)]++;
}

/* False: a deadlock or a lock's time-out, rolled back. */
static bool
request_run(struct client *c, const struct script *script, const struct request *o, const struct subject *subject)
{
	struct fresh f;
	int64_t then = monotonic_ns();

	fresh_make(&f, subject);
	for (size_t i = 0; i < o->steps_n; i++) {
		const struct step *s = &o->steps[i];
		unsigned e = step_run(c, script, s, &f);
		int64_t now = monotonic_ns();

		timed_add(&c->tally->timed[s->is_saying ? STATEMENTS_MAX + s->what : s->what], now - then);
		then = now;
		if (e == 1213 || e == 1205) {
			if (mysql_rollback(c->mysql) != 0)
				die("ROLLBACK: %s", mysql_error(c->mysql));
			return false;
		}
		if (e != 0)
			die("%s: %u", s->is_saying ? script->sayings[s->what].data : script->names[s->what].data, e);
	}
	return true;
}

/* --- the processes ---------------------------------------------------------------------------- */

/* As lib/db opens its own. */
static void
client_open(struct client *c, const char *socket, const char *user, const char *database)
{
	c->mysql = mysql_init(NULL);
	if (c->mysql == NULL)
		die("out of memory");
	mysql_options(c->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(c->mysql, NULL, user, getenv("DB_PASSWORD"), database, 0, socket, CLIENT_FOUND_ROWS) == NULL ||
	    mysql_query(c->mysql, "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, time_zone = '+00:00', innodb_lock_wait_timeout = 5,"
		" autocommit = 1, @clock_shift = 0") != 0 ||
	    mysql_query(c->mysql, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED") != 0)
		die("%s: %s", socket, mysql_error(c->mysql));
}

static void
statement_prepare(struct client *c, struct prepared *p, const struct bytes *sql)
{
	unsigned cols_n;

	p->stmt = mysql_stmt_init(c->mysql);
	if (p->stmt == NULL || mysql_stmt_prepare(p->stmt, sql->data, sql->len) != 0)
		die("prepare %s: %s", sql->data, mysql_error(c->mysql));
	cols_n = mysql_stmt_field_count(p->stmt);
	if (cols_n > COLS_MAX || mysql_stmt_param_count(p->stmt) > ARGS_MAX)
		die("too wide: %s", sql->data);
	p->room = room(cols_n, COL_ROOM);
	for (size_t i = 0; i < cols_n; i++)
		p->cols[i] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = p->room + i * COL_ROOM, .buffer_length = COL_ROOM };
	for (size_t i = 0; i < mysql_stmt_param_count(p->stmt); i++)
		p->texts[i] = room(TEXT_ROOM, 1);
}

static const struct request *
request_choose(struct client *c, const struct script *script, struct shared *shared, const struct subject **ret_subject)
{
	size_t n;

	*ret_subject = NULL;
	c->seed ^= c->seed << 13;
	c->seed ^= c->seed >> 7;
	c->seed ^= c->seed << 17;
	if (script->subjects_n == 0)
		return script->requests[c->seed % script->requests_n];
	n = atomic_fetch_add(&shared->next, 1);
	if (n >= script->subjects_n * (script->requests_n / script->groups_n))
		die("%zu subjects are not enough for the time", script->subjects_n);
	*ret_subject = &script->subjects[n % script->subjects_n];
	return script->requests[n / script->subjects_n * script->groups_n + (*ret_subject)->group];
}

static void
client_work(struct client *c, const struct script *script, struct shared *shared)
{
	struct rusage before, after;

	atomic_fetch_add(&shared->ready, 1);
	while (atomic_load(&shared->go) == 0)
		usleep(500);
	getrusage(RUSAGE_SELF, &before);
	while (monotonic_ns() < atomic_load(&shared->until_ns)) {
		const struct subject *subject;
		const struct request *o = request_choose(c, script, shared, &subject);

		while (!request_run(c, script, o, subject))
			c->tally->retries++;
		c->tally->requests++;
	}
	getrusage(RUSAGE_SELF, &after);
	c->tally->cpu_us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 +
	    after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec;
}

static void
process_begin(char **argv, const struct script *script, struct shared *shared, size_t number)
{
	struct client *c;
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return;
	c = room(1, sizeof *c);
	c->tally = &shared->tallies[number];
	c->seed = 88172645463325252u + number * 7919;
	client_open(c, argv[1], argv[2], argv[3]);
	for (size_t i = 0; i < script->statements_n; i++)
		statement_prepare(c, &c->prepared[i], &script->sql[i]);
	client_work(c, script, shared);
	mysql_close(c->mysql);
	exit(0);
}

static void
tally_add(struct tally *sum, const struct tally *t)
{
	sum->requests += t->requests;
	sum->retries += t->retries;
	sum->cpu_us += t->cpu_us;
	for (size_t k = 0; k < TIMED_MAX; k++) {
		sum->timed[k].n += t->timed[k].n;
		sum->timed[k].ns += t->timed[k].ns;
		for (size_t i = 0; i < SLOTS_MAX; i++)
			sum->timed[k].slots[i] += t->timed[k].slots[i];
	}
}

/* What 99 of 100 stay below. */
static int64_t
timed_p99(const struct timed *t)
{
	int64_t left = t->n / 100;
	size_t i = SLOTS_MAX;

	while (i > 0 && (left -= t->slots[i - 1]) >= 0)
		i--;
	return slot_ns(i);
}

static void
tally_print(const struct script *script, const struct shared *shared, size_t processes, double seconds)
{
	static struct tally sum;
	const char *comma = "";

	for (size_t i = 0; i < processes; i++)
		tally_add(&sum, &shared->tallies[i]);
	printf("{\"requests\":%" PRId64 ",\"seconds\":%.6f,\"retries\":%" PRId64 ",\"cpu_s\":%.6f,\"steps\":[", sum.requests, seconds,
	    sum.retries, (double)sum.cpu_us / 1e6);
	for (size_t k = 0; k < TIMED_MAX; k++) {
		const struct bytes *name = k < STATEMENTS_MAX ? &script->names[k] : &script->sayings[k - STATEMENTS_MAX];
		const struct timed *t = &sum.timed[k];

		if (t->n == 0)
			continue;
		printf("%s{\"name\":\"%s\",\"n\":%" PRId64 ",\"ns\":%" PRId64 ",\"p99_ns\":%" PRId64 "}", comma, name->data, t->n, t->ns,
		    timed_p99(t));
		comma = ",";
	}
	printf("]}\n");
}

int
main(int argc, char **argv)
{
	size_t processes = argc == 7 ? strtoul(argv[5], NULL, 10) : 0;
	int64_t begun, length_ns;
	struct script *script;
	struct shared *shared;
	int status;

	if (processes < 1 || processes > PROCESSES_MAX) {
		fprintf(stderr, "usage: bare SOCKET USER DATABASE SCRIPT PROCESSES SECONDS\n");
		return 64;
	}
	script = script_read(argv[4]);
	length_ns = (int64_t)(strtod(argv[6], NULL) * 1e9);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	for (size_t i = 0; i < processes; i++)
		process_begin(argv, script, shared, i);
	while (atomic_load(&shared->ready) < (int)processes && waitpid(-1, &status, WNOHANG) == 0)
		usleep(500);
	begun = monotonic_ns();
	atomic_store(&shared->until_ns, begun + length_ns);
	atomic_store(&shared->go, 1);
	for (size_t i = 0; i < processes; i++)
		if (wait(&status) < 0 || status != 0)
			die("a process failed");
	tally_print(script, shared, processes, (double)(monotonic_ns() - begun) / 1e9);
	return 0;
}
