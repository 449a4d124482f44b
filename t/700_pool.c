/*
 * pool and front: a real master with real workers, spoken to over FastCGI.
 *
 * The worker is this program itself (POOL_TEST_WORKER), with a few routes that need no database, so
 * that what is tested is the master and the accept loop alone. The master runs a script, so that a
 * test can put another "binary" in its place.
 */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fcgi_client.h"
#include "house.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "tap.h"
#include "text/json_write.h"

#define PIDS_MAX 16

/* --- the worker ------------------------------------------------------------------------------- */

static enum err
ping(struct op *op, const struct request *request, struct reply *reply)
{
	struct json_write *w = reply_json(reply, 200);

	(void)op;
	(void)request;
	json_write_object(w, NULL);
	json_write_int64(w, "pid", getpid());
	json_write_object_end(w);
	return OK;
}

/*
 * Leaves a mark for every body it was given, so that a test sees what was handled and not only what
 * was answered.
 */
static enum err
echo(struct op *op, const struct request *request, struct reply *reply)
{
	const char *marks = getenv("POOL_TEST_MARKS");
	int fd = marks == NULL ? -1 : open(marks, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	(void)op;
	if (fd < 0 || write(fd, "x", 1) != 1)
		abort();
	close(fd);
	reply_raw(reply, 200, "application/octet-stream", request->body);
	return OK;
}

static enum err
forgotten(struct op *op, const struct request *request, struct reply *reply)
{
	(void)op;
	(void)request;
	(void)reply_json(reply, 200);
	return ERR_NO_ROW;
}

struct greeting {
	const char *name;
};
static const struct body_field greeting_fields[] = { BODY_TEXT(struct greeting, name, .min = 1,
    .max = 20) };
static const struct body_shape greeting_shape = BODY_SHAPE(struct greeting, greeting_fields);

static enum err
greet(struct op *op, const struct request *request, struct reply *reply)
{
	const struct greeting *in = request->input;
	struct json_write *w = reply_json(reply, 200);

	(void)op;
	json_write_object(w, NULL);
	json_write_string(w, "hello", in->name);
	json_write_string(w, "key", request->idempotency_key);
	json_write_object_end(w);
	return OK;
}

#define ROW(m, p, h, ...) \
	{ .method = (m), .path = (p), .roles = ROLE_ANYBODY, .handle = (h), .sentence = "a row", __VA_ARGS__ }
static const struct route routes[] = {
	ROW(METHOD_GET, "/ping", ping, .rate = RATE_NONE),
	ROW(METHOD_POST, "/echo", echo, .query = "k", .body = &body_raw, .body_max = 300000),
	ROW(METHOD_GET, "/forgotten", forgotten, .rate = RATE_NONE),
	ROW(METHOD_POST, "/greet", greet, .body = &greeting_shape, .body_max = 100,
	    .idempotency = IDEMPOTENCY_ACCEPTED),
	{ .method = METHOD_GET, .path = "/mine", .roles = ROLE_GUEST, .handle = ping, .sentence = "a guest's" },
};
static const struct pool worker = {
	.name = "ops",
	.program = PROGRAM_ops,
	.routes = ROUTE_TABLE(routes),
	.is_without_db = true,
};

/* --- tools ------------------------------------------------------------------------------------ */

static char marks[96];

static void
script_good(void)
{
	house_script("exec %s", house.self);
}

/* Its children, by pid. */
static int
children(pid_t pid, long ret[PIDS_MAX])
{
	char path[80], text[400] = "", *at = text, *end;
	FILE *f;
	int n = 0;

	(void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
	f = fopen(path, "r");
	if (f == NULL)
		house_bail(path);
	if (fgets(text, sizeof text, f) == NULL)
		text[0] = '\0';
	fclose(f);
	while (n < PIDS_MAX && (ret[n] = strtol(at, &end, 10)) > 0) {
		at = end;
		n++;
	}
	return n;
}

/* Waits until it has so many: those that leave are its children until they have left. */
static bool
children_become(pid_t pid, int n, long ret[PIDS_MAX])
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;

	while (children(pid, ret) != n) {
		if (house_ms() > until)
			return false;
		house_pause(5);
	}
	return true;
}

static bool
process_is_gone(long pid)
{
	char path[64], text[200] = "";
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	if (fgets(text, sizeof text, f) == NULL)
		text[0] = '\0';
	fclose(f);
	/* Whoever inherits it may reap it late. */
	return strstr(text, ") Z ") != NULL || text[0] == '\0';
}

static bool
processes_go(const long *pids, int n)
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;

	for (int i = 0; i < n; i++)
		while (!process_is_gone(pids[i])) {
			if (house_ms() > until)
				return false;
			house_pause(5);
		}
	return true;
}

/* The pid that answers, 0 if no whole 200 came. */
static long
ping_pid(void)
{
	struct fcgi_answer a;
	long pid = 0;

	if (fcgi_request(house.socket, &(struct fcgi_ask){ .method = "GET", .path = "/ping" }, &a) &&
	    a.status == 200 && strncmp(a.body, "{\"pid\":", 7) == 0)
		pid = strtol(a.body + 7, NULL, 10);
	fcgi_answer_free(&a);
	return pid;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
test_ready_gate(void)
{
	struct stat st;
	char gate[100];
	struct master m;

	(void)snprintf(gate, sizeof gate, "%s/gate", house.dir);
	house_script("while [ ! -e %s ]; do sleep 0.02; done\nexec %s", gate, house.self);
	m = master_start("2", false);
	is_int(master_said(&m, 300), -1, "the master is not ready before its workers are");
	ok(stat(house.socket, &st) == 0 && S_ISSOCK(st.st_mode), "but its socket listens already");
	is_int(st.st_mode & 0777, 0660, "SEC-08 for its user and group only");
	close(open(gate, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "then it says so");
	ok(ping_pid() > 0, "and a request is answered");
	is_int(master_stop(&m), 0, "TERM ends it well");
	ok(stat(house.socket, &st) != 0, "and its socket is gone");
	(void)unlink(gate);
	script_good();
}

static void
test_socket(void)
{
	struct master first = master_start("1", false), second;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	is_int(master_said(&first, HOUSE_WAIT_MS), 'R', "a master serves");
	second = master_start("1", true);
	is_int(master_wait(&second), 1, "a second one at the same path gives up");
	ok(ping_pid() > 0, "the first is not disturbed");
	(void)kill(first.pid, SIGKILL);
	(void)master_wait(&first);
	while (ping_pid() > 0) /* its workers hear of it a moment later, and until then the socket is not stale */
		;
	second = master_start("1", true);
	is_int(master_said(&second, HOUSE_WAIT_MS), 'R', "the stale socket of a killed one is replaced");
	ok(ping_pid() > 0, "and served");
	is_int(master_stop(&second), 0, "until TERM");

	close(open(house.socket, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	second = master_start("1", true);
	is_int(master_wait(&second), 78, "a file that is no socket is not touched");
	ok(unlink(house.socket) == 0, "it is still there");

	/* As systemd does it: the socket is descriptor 3. */
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", house.socket);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 16) != 0)
		house_bail("bind");
	fflush(NULL);
	second = (struct master){ .pid = fork(), .ready_fd = -1 };
	if (second.pid == 0) {
		char pid[16], program[500];

		(void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
		(void)setenv("LISTEN_PID", pid, 1);
		(void)setenv("LISTEN_FDS", "1", 1);
		if (fd == 3)
			(void)fcntl(3, F_SETFD, 0);
		else
			(void)dup2(fd, 3);
		(void)snprintf(program, sizeof program, "%s/pool", house.programs);
		execl(program, "pool", "--name", "test", "--workers", "1", "--", house.script, (char *)NULL);
		_exit(127);
	}
	close(fd);
	ok(ping_pid() > 0, "a socket passed by systemd is served");
	is_int(master_stop(&second), 0, "and left where it is");
	ok(unlink(house.socket) == 0, "for it is not ours to remove");
}

static void
test_respawn(void)
{
	struct master m = master_start("1", false);
	long pids[PIDS_MAX], killed;

	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	killed = ping_pid();
	is_int(children(m.pid, pids), 1, "is one process");
	(void)kill((pid_t)killed, SIGKILL);
	ok(ping_pid() > 0 && ping_pid() != killed, "F01 after kill -9 another one answers");
	ok(house_log_reaches("\"worker_back\"", 1) && house_log_n("\"pause_ms\":0,") == 1, "F01 without a pause");
	(void)children(m.pid, pids);
	(void)kill(m.pid, SIGKILL);
	(void)master_wait(&m);
	ok(processes_go(pids, 1), "kill -9 of the master takes its worker along");
}

static void
test_crash_loop(void)
{
	struct master m;
	int died;

	house_script("exit 3");
	m = master_start("1", false);
	is_int(master_said(&m, 1000), -1, "a worker that cannot live is never ready");
	died = house_log_n("\"worker_died\"");
	ok(died >= 2 && died <= 8, "and is tried with growing pauses (%d times in a second)", died);
	script_good();
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "until it can");
	is_int(master_stop(&m), 0, "and ends well");
	house_script("exit 78");
	m = master_start("2", false);
	is_int(master_wait(&m), 78, "a wrong configuration at the first start is passed on");
	script_good();
}

/* Asks until told to stop; the exit status says whether every answer was whole and right. */
static pid_t
asker_start(const int stop[2])
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid != 0)
		return pid;
	close(stop[1]);
	for (;;) {
		struct pollfd fd = { .fd = stop[0], .events = POLLIN };
		char body[3000];
		struct fcgi_answer a;
		struct fcgi_ask ask = { .method = "POST", .path = "/echo", .body = body, .body_len = sizeof body };

		memset(body, 'b', sizeof body);
		if (!fcgi_request(house.socket, &ask, &a) || a.status != 200 || a.body_len != sizeof body ||
		    memcmp(a.body, body, sizeof body) != 0)
			_exit(1);
		fcgi_answer_free(&a);
		if (poll(&fd, 1, 0) != 0)
			_exit(0);
	}
}

static void
test_reload(void)
{
	enum { ASKERS = 4, RELOADS = 6 };
	struct master m = master_start("2", false);
	long before[PIDS_MAX], after[PIDS_MAX];
	pid_t askers[ASKERS];
	int stop[2], bad = 0, status;

	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "two workers");
	(void)children(m.pid, before);
	if (pipe2(stop, O_CLOEXEC) != 0)
		house_bail("pipe");
	for (int i = 0; i < ASKERS; i++)
		askers[i] = asker_start(stop);
	for (int i = 1; i <= RELOADS; i++) {
		(void)kill(m.pid, SIGHUP);
		if (!house_log_reaches("\"pool_reloaded\"", i))
			bad++;
	}
	is_int(bad, 0, "%d reloads come to their end", RELOADS);
	close(stop[1]);
	for (int i = 0; i < ASKERS; i++)
		if (waitpid(askers[i], &status, 0) != askers[i] || status != 0)
			bad++;
	close(stop[0]);
	is_int(bad, 0, "and no request fails meanwhile");
	ok(processes_go(before, 2), "the old workers are gone");

	ok(children_become(m.pid, 2, before), "two workers remain");
	house_script("exit 3");
	(void)kill(m.pid, SIGHUP);
	ok(house_log_reaches("\"pool_reload_failed\"", 1), "a new worker that dies at once ends the reload");
	ok(children_become(m.pid, 2, after), "the two workers");
	ok(memcmp(before, after, 2 * sizeof before[0]) == 0, "are the old ones");
	ok(ping_pid() > 0, "and serve");
	script_good();
	(void)kill(m.pid, SIGHUP);
	ok(house_log_reaches("\"pool_reloaded\"", RELOADS + 1), "the next reload works again");
	ok(processes_go(before, 2), "and now they leave");
	is_int(master_stop(&m), 0, "TERM");
}

static void
test_late_replacement(void)
{
	struct master m;
	long before[PIDS_MAX], after[PIDS_MAX];

	house.ready_within = "1";
	m = master_start("1", false);
	house.ready_within = "10";
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	(void)children(m.pid, before);
	house_script("exec sleep 1000");
	(void)kill(m.pid, SIGHUP);
	ok(house_log_reaches("\"pool_reload_failed\"", 1), "a replacement that is not ready in time is given up");
	ok(children_become(m.pid, 1, after) && before[0] == after[0], "and the old worker stays");
	ok(ping_pid() == before[0], "and serves");
	script_good();
	is_int(master_stop(&m), 0, "TERM");
}

/* What systemd would be told, in the order of telling, on one line. */
static void
notices_read(int fd, char *ret, size_t size)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t n;

	ret[0] = '\0';
	while (poll(&wait, 1, 500) > 0 && strlen(ret) + 200 < size) {
		char *at = ret + strlen(ret);

		n = recv(fd, at, 150, 0);
		at[n > 0 ? n : 0] = '\0';
		at[strlen(at) + 1] = '\0';
		at[strlen(at)] = ';';
	}
}

static void
test_notify(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct master m;
	char told[2000];

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", house.dir);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		house_bail("notify");
	(void)setenv("NOTIFY_SOCKET", at.sun_path, 1);
	m = master_start("1", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	notices_read(fd, told, sizeof told);
	ok(strncmp(told, "READY=1", 7) == 0, "systemd is told READY=1");
	(void)kill(m.pid, SIGHUP);
	(void)house_log_reaches("\"pool_reloaded\"", 1);
	notices_read(fd, told, sizeof told);
	ok(strncmp(told, "RELOADING=1\nMONOTONIC_USEC=", 27) == 0 && strstr(told, ";READY=1\n") != NULL,
	    "RELOADING=1 with its time, and READY=1 again");
	is_int(master_stop(&m), 0, "TERM");
	notices_read(fd, told, sizeof told);
	is_str(told, "STOPPING=1;", "and STOPPING=1");
	(void)unsetenv("NOTIFY_SOCKET");
	close(fd);
}

/* True when the worker has read all that was sent to it: then the connection is accepted. */
static bool
all_is_read(int fd)
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;
	int unread = 1;

	while (house_ms() < until && ioctl(fd, SIOCOUTQ, &unread) == 0 && unread != 0)
		house_pause(2);
	return unread == 0;
}

static void
test_drain(void)
{
	struct master m = master_start("1", false);
	struct fcgi_ask ask = { .method = "POST", .path = "/echo", .content_length = "6" };
	struct fcgi_answer a;
	int fd;

	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	fd = fcgi_connect(house.socket);
	ok(fcgi_head(fd, &ask) && fcgi_send(fd, FCGI_REC_STDIN, "abc", 3) && all_is_read(fd), "is in a request");
	(void)kill(m.pid, SIGTERM);
	ok(house_log_n("\"pool_stopped\"") == 0, "when TERM comes");
	house_pause(50);
	ok(fcgi_body(fd, "def", 3), "the rest of the body is still taken");
	fcgi_receive(fd, &a);
	close(fd);
	ok(a.is_whole && a.status == 200 && a.body_len == 6, "and answered whole");
	fcgi_answer_free(&a);
	is_int(master_wait(&m), 0, "then the pool ends");
}

static long
marks_n(void)
{
	struct stat st;

	return stat(marks, &st) == 0 ? (long)st.st_size : 0;
}

static void
test_malformed(void)
{
	static const struct {
		const char *name;
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "nothing", "", 0 },
		{ "noise", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27 },
		{ "another version", "\x07\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00", 16 },
		{ "half a header", "\x01\x01\x00", 3 },
		{ "a short BEGIN", "\x01\x01\x00\x01\x00\x02\x00\x00\x00\x01", 10 },
		{ "parameters first", "\x01\x04\x00\x01\x00\x04\x00\x00\x01\x01" "ab", 12 },
		{ "an unknown type", "\x01\x63\x00\x01\x00\x00\x00\x00", 8 },
		{ "an unknown role", "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00", 16 },
		{ "a name of 2 GiB (CVE-2025-23016)",
		    "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
		    "\x01\x04\x00\x01\x00\x0c\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff" "abcd"
		    "\x01\x04\x00\x01\x00\x00\x00\x00",
		    44 },
		{ "an abort in the middle",
		    "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01\x02\x00\x01\x00\x00\x00\x00",
		    24 },
		{ "a length past the end of its record",
		    "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
		    "\x01\x04\x00\x01\x00\x04\x00\x00\x7f\x7f" "ab" "\x01\x04\x00\x01\x00\x00\x00\x00",
		    36 },
	};
	struct master m = master_start("1", false);
	long pid;

	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	pid = ping_pid();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int fd = fcgi_connect(house.socket);

		if (send(fd, cases[i].bytes, cases[i].len, MSG_NOSIGNAL) < 0)
			house_bail("send");
		close(fd);
		is_int(ping_pid(), pid, "S60 %s harms nobody", cases[i].name);
	}
	is_int(master_stop(&m), 0, "TERM");
}

/*
 * The status of an answer to one request, -1 without a whole one; the answer's code in *ret_code
 * (static).
 */
static int
ask_status(const struct fcgi_ask *ask, const char **ret_code)
{
	static char code[64];
	struct fcgi_answer a;
	int status = fcgi_request(house.socket, ask, &a) ? a.status : -1;
	const char *at = a.body != NULL ? strstr(a.body, "\"code\":\"") : NULL;

	(void)snprintf(code, sizeof code, "%.*s", at ? (int)strcspn(at + 8, "\"") : 0, at ? at + 8 : "");
	*ret_code = code;
	fcgi_answer_free(&a);
	return status;
}

static void
test_short_body(void)
{
	struct fcgi_ask ask = { .method = "POST", .path = "/echo", .content_length = "1000" };
	long before = marks_n();
	struct fcgi_answer a;
	const char *code;
	int fd = fcgi_connect(house.socket);

	/* The end of the connection in the middle of the body, as when nginx dies. */
	ok(fcgi_head(fd, &ask) && fcgi_send(fd, FCGI_REC_STDIN, "half", 4), "half a body");
	close(fd);
	/* A clean end of standard input that comes too early. */
	fd = fcgi_connect(house.socket);
	ok(fcgi_head(fd, &ask) && fcgi_body(fd, "half", 4), "and a body that ends early");
	fcgi_receive(fd, &a);
	close(fd);
	is_int(a.status, 400, "is refused");
	fcgi_answer_free(&a);
	ok(ping_pid() > 0, "while the worker lives on");
	is_int(marks_n(), before, "F01 a short body is never handled");
	ask.content_length = NULL;
	ask.body = "whole";
	ask.body_len = 5;
	is_int(ask_status(&ask, &code), 200, "a whole one");
	is_int(marks_n(), before + 1, "is");
}

static void
test_answers(void)
{
	static char large[300001];
	static const char *const bearer[] = { "HTTP_AUTHORIZATION", "Basic YTpi", NULL };
	static const char *const key[] = { "HTTP_IDEMPOTENCY_KEY", "k-1", NULL };
	static const struct {
		struct fcgi_ask ask;
		int status;
		const char *code;
	} cases[] = {
		{ { .method = "GET", .path = "/nothing" }, 404, "NOT_FOUND" },
		{ { .method = "DELETE", .path = "/ping" }, 405, "METHOD_NOT_ALLOWED" },
		{ { .method = "POST", .path = "/echo", .body = large, .body_len = 300000 }, 200, "" },
		{ { .method = "POST", .path = "/echo", .body = large, .body_len = 300001 }, 413, "PAYLOAD_TOO_LARGE" },
		{ { .method = "GET", .path = "/ping", .body = "x", .body_len = 1 }, 400, "VALIDATION_ERROR" },
		{ { .method = "GET", .path = "/mine" }, 401, "INVALID_TOKEN" },
		{ { .method = "GET", .path = "/mine", .params = bearer }, 401, "INVALID_TOKEN" },
		{ { .method = "GET", .path = "/ping", .params = bearer }, 200, "" },
		{ { .method = "GET", .path = "/forgotten" }, 500, "INTERNAL_ERROR" },
		{ { .method = "POST", .path = "/greet", .content_type = "text/plain", .body = "{}", .body_len = 2 }, 415,
		    "UNSUPPORTED_MEDIA_TYPE" },
		{ { .method = "POST", .path = "/greet", .content_type = "application/json", .body = "{}", .body_len = 2 },
		    400, "VALIDATION_ERROR" },
	};
	struct fcgi_ask ask = { .method = "POST", .path = "/greet", .content_type = "application/json",
		.body = "{\"name\":\"Asha\"}", .body_len = 15, .params = key };
	struct fcgi_answer a;
	const char *code;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		is_int(ask_status(&cases[i].ask, &code), cases[i].status, "%s %s", cases[i].ask.method,
		    cases[i].ask.path);
		is_str(code, cases[i].code, "ERR-01 with its code");
	}
	(void)fcgi_request(house.socket, &ask, &a);
	is_str(a.body, "{\"hello\":\"Asha\",\"key\":\"k-1\"}", "a decoded body and the key reach the handler");
	fcgi_answer_free(&a);
	(void)fcgi_request(house.socket, &(struct fcgi_ask){ .method = "DELETE", .path = "/ping" }, &a);
	is_str(fcgi_header(&a, "Allow"), "GET, HEAD", "a 405 says what is allowed");
	fcgi_answer_free(&a);
	(void)fcgi_request(house.socket, &(struct fcgi_ask){ .method = "HEAD", .path = "/ping" }, &a);
	ok(a.status == 200 && a.body_len == 0 && fcgi_header(&a, "Content-Length") != NULL,
	    "HEAD is GET without the body");
	fcgi_answer_free(&a);
}

static void
test_log(void)
{
	static const char *const trace[] = { "TRACE_ID", "0af7651916cd43dd8448eb211c80319c", "HTTP_AUTHORIZATION",
		"Bearer canary-token", NULL };
	struct fcgi_ask ask = { .method = "POST", .path = "/echo", .query = "k=canary-query", .params = trace,
		.body = "canary-body", .body_len = 11 };
	const char *code;

	is_int(ask_status(&ask, &code), 200, "a request with secrets in it");
	ok(house_log_reaches("0af7651916cd43dd8448eb211c80319c", 1), "OBS-07 is logged with its trace id");
	ok(house_log_n("\"route\":\"/echo\"") > 0, "OBS-07 and its route");
	is_int(house_log_n("canary"), 0, "SEC-11 but without query, token or body");
	is_int(house_log_n("NO_ROW"), 1, "a fault is logged once");
}

static void
test_one_worker(void)
{
	struct master m = master_start("1", false);

	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	test_short_body();
	test_answers();
	test_log();
	is_int(master_stop(&m), 0, "TERM");
}

int
main(int argc, char **argv)
{
	if (getenv("POOL_TEST_WORKER") != NULL)
		return front_main(argc, argv, &worker);
	house_open();
	(void)setenv("POOL_TEST_WORKER", "1", 1);
	(void)snprintf(marks, sizeof marks, "%s/marks", house.dir);
	(void)setenv("POOL_TEST_MARKS", marks, 1);
	script_good();
	test_ready_gate();
	test_socket();
	test_respawn();
	test_crash_loop();
	test_reload();
	test_late_replacement();
	test_notify();
	test_drain();
	test_malformed();
	test_one_worker();
	house_close();
	return tap_done();
}
