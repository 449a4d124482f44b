#define _GNU_SOURCE /* accept4 */
#include "http/front.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "http/body.h"
#include "http/guard.h"
#include "http/reply.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/clock.h"
#include "process/privacy.h"
#include "process/starter.h"
#include "tenant/restaurant.h"
#include "text/money.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
#define IO_TIMEOUT_S 10 /* of one read or write to nginx, which has the whole request already */
/* Longer than the master waits for a replacement (10 s), so that one never serves unready. */
#define READY_PATIENCE_MS 12000
/* Nobody serves instead: whoever waits in the backlog is told soon. */
#define READY_ALONE_MS 400
#define READY_AGAIN_MS 200
#define READY_LATER_MS 1000 /* when it serves already */
/* Guests and providers have given up by then, or will before the answer is there. */
#define QUEUED_MAX_MS 5000
#define QUEUED_AGAIN_S 2
#define QUEUED_SANE_MS 60000 /* nginx gives up after 30 s: what is older is a clock that was set */
#define LARGE_BODY ((size_t)8192) /* more than libfcgi's buffer */
#define RECORD_MAX ((size_t)65528) /* of 65535, in whole eights */
#define FCGI_STDOUT 6
#define EXIT_CONFIG 78         /* sysexits.h EX_CONFIG */

struct front {
	const struct pool *pool;
	struct config config;
	struct db *db;
	struct guard *guard;
	struct starter starter;
	FCGX_Request fcgi;
	int listener, signals;
};

/* One request on its way through. */
struct exchange {
	struct op op;
	struct request request;
	struct reply reply;
	FCGX_Request *fcgi;
	unsigned allowed; /* methods of the path, for Allow */
};

/* --- readiness -------------------------------------------------------------------------------- */

/* Once: the pool master lets the old worker go. */
static void
ready_say(struct front *f)
{
	if (!starter_ready(&f->starter, f->config.workers))
		log_event(LOG_LEVEL_WARN, "ready_unheard", NULL, LOG_NO_FIELDS);
}

static void
op_lend(struct front *f, struct op *op, const char *trace_id)
{
	op_begin(op, f->db, f->pool->arena_max != 0 ? f->pool->arena_max : ARENA_MAX, trace_id);
	op->config = &f->config;
	if (f->pool->has_credentials)
		arena_wipes(op->arena);
	if (f->pool->begin != NULL)
		f->pool->begin(op);
}

static enum err
ready_try(struct front *f)
{
	struct op op;
	enum err e = OK;

	op_lend(f, &op, NULL);
	if (!f->pool->is_without_db)
		e = db_ready(&op);
	if (e == OK && !f->pool->is_without_db)
		e = db_now(&op);
	if (e == OK && f->pool->ready != NULL)
		e = f->pool->ready(&op, &f->config);
	if (e != OK && e != ERR_UNAVAILABLE)
		log_event(LOG_LEVEL_ERROR, "not_ready", op.trace_id,
		    LOG_FIELDS(LOG_TEXT("code", err_info(e)->name),
			LOG_TEXT("sentence", op.fault.sentence),
			LOG_TEXT("internal", op.fault.internal), LOG_TEXT("file", op.fault.file),
			LOG_I64("line", op.fault.line)));
	op_end(&op);
	return e;
}

/* Waits so long for a signal; true if one came. */
static bool
stop_within(const struct front *f, int ms)
{
	struct pollfd fd = { .fd = f->signals, .events = POLLIN };

	return poll(&fd, 1, ms) > 0;
}

/*
 * Tries until the database is there. Without one for too long it goes on unready: a respawned
 * worker must answer 503 rather than leave requests waiting in the backlog, and says 'R' when the
 * database is found, by a request or by looking again. 0, or the exit status.
 */
static int
ready_wait(struct front *f, bool *ret_stop)
{
	int64_t patience_ms = f->starter.is_replacement ? READY_PATIENCE_MS : READY_ALONE_MS;
	int64_t until_us = clock_steady_us() + patience_ms * 1000;
	enum err e;

	while ((e = ready_try(f)) == ERR_UNAVAILABLE && clock_steady_us() < until_us)
		if (stop_within(f, READY_AGAIN_MS)) {
			*ret_stop = true;
			return EXIT_SUCCESS;
		}
	if (e == OK)
		ready_say(f);
	else if (e == ERR_UNAVAILABLE)
		log_event(LOG_LEVEL_ERROR, "serving_without_database", NULL, LOG_NO_FIELDS);
	return e == OK || e == ERR_UNAVAILABLE ? EXIT_SUCCESS : EXIT_CONFIG;
}

/* --- one request ------------------------------------------------------------------------------ */

/*
 * Reads exactly Content-Length bytes. A body cut short is never handled: half an order is no order.
 */
static enum err
body_receive(struct exchange *x)
{
	struct request *r = &x->request;
	const struct route *route = r->route;
	char *data;
	size_t got = 0;

	if (route->body == NULL && r->content_length > 0)
		return fail(&x->op, ERR_VALIDATION_ERROR, "This request has no body");
	if (r->content_length > route->body_max)
		return fail(&x->op, ERR_PAYLOAD_TOO_LARGE, "The body may have at most %zu bytes",
		    route->body_max);
	data = arena_alloc(x->op.arena, r->content_length + 1);
	while (got < r->content_length) {
		size_t want = r->content_length - got;
		int n = FCGX_GetStr(data + got, want > 65536 ? 65536 : (int)want, x->fcgi->in);

		if (n <= 0)
			return fail(&x->op, ERR_VALIDATION_ERROR,
			    "The body is shorter than its Content-Length");
		got += (size_t)n;
	}
	r->body = (struct bytes){ data, got };
	return OK;
}

/* When nginx began to wait for a worker: its $msec, "1700000000.123"; 0 if it does not say. */
static int64_t
queued_at_ms(const FCGX_Request *fcgi)
{
	const char *text = FCGX_GetParam("QUEUED_AT", fcgi->envp);
	char *end = NULL;
	long long s = text != NULL ? strtoll(text, &end, 10) : 0;

	if (s <= 0 || s > INT32_MAX * 8LL || strlen(end) != 4 || *end != '.')
		return 0;
	return s * 1000 + strtoll(end + 1, NULL, 10);
}

/*
 * A request that waited too long is not begun: its client has gone or asked again, and the time is
 * better spent on the one behind it. Nothing has happened yet, so that 503 is the whole truth.
 */
static enum err
patience_check(struct exchange *x)
{
	int64_t at_ms = queued_at_ms(x->fcgi), waited_ms;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* nginx's clock, on the same machine */
	waited_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - at_ms;
	if (at_ms == 0 || waited_ms <= QUEUED_MAX_MS || waited_ms > QUEUED_SANE_MS)
		return OK;
	(void)fail(&x->op, ERR_UNAVAILABLE, "It waited for a worker for %lld ms",
	    (long long)waited_ms);
	x->op.fault.retry_after_s = QUEUED_AGAIN_S;
	return ERR_UNAVAILABLE;
}

static enum err
database_get_ready(struct front *f, struct op *op)
{
	enum err e;

	if (f->pool->is_without_db)
		return OK;
	e = db_ready(op);
	if (e == OK && !f->starter.is_ready) {
		e = db_now(op);
		if (e == OK)
			ready_say(f);
	}
	return e;
}

static unsigned
exponent_of(const struct request *r)
{
	unsigned exponent = 2;

	if (r->restaurant != NULL)
		(void)money_exponent(r->restaurant->currency, &exponent);
	return exponent;
}

/* Everything a row of the route table promises, then the handler. */
static enum err
request_handle(struct front *f, struct exchange *x)
{
	struct request *r = &x->request;
	enum err e;

	e = request_read(&x->op, x->fcgi->envp, r);
	if (e == OK)
		e = route_find(&x->op, &f->pool->routes, r, &x->allowed);
	if (e == OK)
		e = body_receive(x);
	if (e == OK)
		e = patience_check(x);
	if (e == OK)
		e = database_get_ready(f, &x->op);
	if (e == OK)
		e = guard_check(&x->op, f->guard, r);
	/* A handler knows the time. Most guests' arrival has told it already. */
	if (e == OK && !f->pool->is_without_db)
		e = db_now(&x->op);
	if (e == OK)
		e = route_query_check(&x->op, r);
	if (e == OK && r->route->body != NULL && r->route->body != &body_raw)
		e = body_read(
		    &x->op, r->route->body, r->content_type, r->body, exponent_of(r), &r->input);
	if (e != OK)
		return e;
	if (r->route->idempotency == IDEMPOTENCY_NONE)
		r->idempotency_key = NULL;
	e = r->route->handle(&x->op, r, &x->reply);
	if (e == OK && x->reply.status == 0)
		e = fail(&x->op, ERR_INTERNAL_ERROR, "The handler left no answer");
	return e;
}

/* All of both, or false. The time of a write is limited by the socket. */
static bool
write_both(int fd, struct iovec *io)
{
	int at = 0;

	while (at < 2) {
		ssize_t n = writev(fd, io + at, 2 - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		for (; at < 2 && (size_t)n >= io[at].iov_len; at++)
			n -= (ssize_t)io[at].iov_len;
		if (at < 2) {
			io[at].iov_base = (char *)io[at].iov_base + n;
			io[at].iov_len -= (size_t)n;
		}
	}
	return true;
}

/*
 * The body as records of our own making (FastCGI 1.0, section 3.3): libfcgi cuts it into pieces of
 * eight kilobytes, each a system call here and a wake-up in nginx. What libfcgi has is sent before,
 * and it ends the stream behind. A record with its head is 64k: no sum of those and a head of
 * less than 15k is a multiple of nginx's buffers (nginx/fastcgi.conf says why none may be).
 */
static bool
body_send(const FCGX_Request *fcgi, struct bytes body)
{
	const char *at = body.data, *end = at + body.len;

	while (at < end) {
		size_t n = (size_t)(end - at) < RECORD_MAX ? (size_t)(end - at) : RECORD_MAX;
		unsigned char head[8] = { 1, FCGI_STDOUT, (unsigned char)(fcgi->requestId >> 8),
			(unsigned char)fcgi->requestId, (unsigned char)(n >> 8), (unsigned char)n };
		struct iovec io[2] = { { head, sizeof head }, { (void *)(uintptr_t)at, n } };

		if (!write_both(fcgi->ipcFd, io))
			return false;
		at += n;
	}
	return true;
}

/*
 * True if all of it went out. With the end of the request where it fits: one system call here and
 * one wake-up in nginx, which else has often hung up before it is told the end.
 */
static bool
reply_send(struct exchange *x)
{
	struct bytes head = reply_head(&x->reply), body = x->reply.body;
	FCGX_Stream *out = x->fcgi->out;
	bool has_body = x->request.method != METHOD_HEAD && body.len > 0;
	bool is_large = has_body && body.len > LARGE_BODY;

	(void)FCGX_PutStr(head.data, (int)head.len, out);
	if (has_body && !is_large)
		(void)FCGX_PutStr(body.data, (int)body.len, out);
	if (!is_large)
		return FCGX_FClose(x->fcgi->err) == 0 && FCGX_FClose(out) == 0;
	if (FCGX_FFlush(out) != 0 || FCGX_GetError(out) != 0)
		return false;
	return body_send(x->fcgi, body);
}

static void
request_log(const struct exchange *x, bool was_sent, int64_t elapsed_us)
{
	const struct request *r = &x->request;
	const struct op *op = &x->op;
	const struct fault *fault = &op->fault;
	bool failed = x->reply.status >= 400 && fault->code != OK;
	bool is_ours = failed && err_info(fault->code)->band == BAND_OURS;

	log_event(is_ours ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "request", op->trace_id,
	    LOG_FIELDS(LOG_TEXT("method", r->method_name),
		LOG_TEXT("route", r->route != NULL ? r->route->path : "-"),
		LOG_I64("status", x->reply.status), LOG_I64("ms", elapsed_us / 1000),
		LOG_TEXT("actor", op->actor.name != NULL ? op->actor.name : "-"),
		LOG_I64("actor_id", op->actor.id), LOG_I64("restaurant_id", op->restaurant_id),
		LOG_TEXT("request_id", r->request_id), LOG_BOOL("sent", was_sent),
		LOG_TEXT("fault", failed ? err_info(fault->code)->name : NULL),
		LOG_TEXT("file", failed ? fault->file : NULL),
		LOG_I64("line", failed ? fault->line : 0),
		LOG_TEXT("internal", failed ? fault->internal : NULL)));
}

static void
serve(struct front *f, FCGX_Request *fcgi)
{
	struct exchange x = { .fcgi = fcgi };
	int64_t begun_us = clock_steady_us(), elapsed_us;
	bool was_sent;
	enum err e;

	op_lend(f, &x.op, FCGX_GetParam("TRACE_ID", fcgi->envp));
	reply_init(&x.reply, x.op.arena);
	e = request_handle(f, &x);
	if (e != OK) {
		/* A code returned without fail() is a forgotten case of a handler. */
		if (x.op.fault.code == OK)
			(void)fail(&x.op, e, NULL);
		reply_fault(&x.reply, &x.op, &x.request);
		if (x.allowed != 0)
			reply_header(&x.reply, "Allow", route_allow(x.op.arena, x.allowed));
	} else
		op_forgive(&x.op); /* what was tried and had an answer */
	reply_close(&x.reply);
	was_sent = reply_send(&x);
	elapsed_us = clock_steady_us() - begun_us;
	counter_request(x.reply.status, elapsed_us);
	request_log(&x, was_sent, elapsed_us);
	op_end(&x.op);
}

/* --- the accept loop -------------------------------------------------------------------------- */

/* One connection is one request: a kept one would pin this worker to an idle nginx connection. */
static void
connection_serve(struct front *f, int fd)
{
	FCGX_Request *fcgi = &f->fcgi;
	struct timeval limit = { .tv_sec = IO_TIMEOUT_S };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	fcgi->ipcFd = fd;
	/* Accept_r begins with Finish_r, which would close our new connection */
	fcgi->keepConnection = 1;
	if (FCGX_Accept_r(fcgi) < 0)
		return; /* a protocol error: it has closed the connection */
	fcgi->keepConnection = 0;
	serve(f, fcgi);
	FCGX_Finish_r(fcgi);
}

static void
accept_loop(struct front *f)
{
	for (;;) {
		struct pollfd fds[2] = {
			{ .fd = f->signals, .events = POLLIN },
			{ .fd = f->listener, .events = POLLIN },
		};
		int ready, fd;

		/* Without a database it also looks for one by itself: nobody may come for long. */
		ready = poll(fds, 2, f->starter.is_ready ? -1 : READY_LATER_MS);
		if (ready == 0 && ready_try(f) == OK)
			ready_say(f);
		if (ready <= 0)
			continue;
		if (fds[0].revents != 0)
			break; /* told to stop: nothing was accepted, nothing is lost */
		fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			connection_serve(f, fd);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED &&
			 stop_within(f, 20))
			break; /* no descriptors, no memory: not a reason to spin */
	}
}

/* --- start ------------------------------------------------------------------------------------ */

static int
listener_find(void)
{
	const char *pid = getenv("LISTEN_PID");
	int fd = pid != NULL && strtol(pid, NULL, 10) == (long)getpid() ? 3 : 0, listens = 0;
	socklen_t len = sizeof listens;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0 || !listens)
		return -1;
	/*
	 * Several workers wait for the same connection and one gets it: the others must not block.
	 */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
		return -1;
	return fd;
}

static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
log_begin(const struct pool *pool, const struct config *config)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)log_level_parse(config->log_level, &level);
	log_init(pool->name, level, config->hash_key.is_set ? config->hash_key.bytes : NULL);
	if (counter_init(config->run_dir, pool->name) != OK)
		log_event(LOG_LEVEL_WARN, "not_counting", NULL,
		    LOG_FIELDS(
			LOG_TEXT("why", strerror(errno)), LOG_TEXT("run_dir", config->run_dir)));
}

static int
front_run(struct front *f)
{
	bool stop = false;
	int status;

	/* Before it is said that all is ready. Socket -1: libfcgi has no accept to block in. */
	f->signals = signals_open();
	if (f->signals < 0 || FCGX_Init() != 0 || FCGX_InitRequest(&f->fcgi, -1, 0) != 0 ||
	    sodium_init() < 0)
		abort();
	f->db = db_of_program(f->pool->program, &f->config, f->pool->db_timeout_s);
	f->guard = guard_new(&f->config);
	status = ready_wait(f, &stop);
	if (status == EXIT_SUCCESS && !stop)
		accept_loop(f);
	FCGX_Free(&f->fcgi, 0);
	guard_free(&f->guard);
	db_free(&f->db);
	return status;
}

int
front_main(int argc, char **argv, const struct pool *pool)
{
	struct front f = { .pool = pool };
	int status;

	privacy_begin();
	starter_find(&f.starter);
	route_check(&pool->routes);
	if (argc == 2 && strcmp(argv[1], "--routes") == 0) {
		route_print(&pool->routes, stdout);
		return EXIT_SUCCESS;
	}
	if (argc != 1) {
		fprintf(stderr, "usage: %s [--routes]\n", argv[0]);
		return 64;
	}
	status = config_load(program_names[pool->program], &f.config, stderr);
	if (status != 0)
		return status;
	log_begin(pool, &f.config);
	f.listener = listener_find();
	if (f.listener < 0) {
		fprintf(stderr,
		    "%s: descriptor 0 is not a listening socket; start it with `pool`\n", argv[0]);
		config_free(&f.config);
		return 64;
	}
	status = front_run(&f);
	config_free(&f.config);
	return status;
}
