/*
 * Windows, circuits and holds on a fed clock; which addresses are public; what libcurl's codes
 * mean.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "relay/address.h"
#include "relay/destination.h"
#include "relay/transfer.h"
#include "tap.h"

#define SECOND INT64_C(1000000)

/* A seeded source: the same times in every run. */
static uint32_t seed = 1;

static void
seeded(void *data, size_t len)
{
	unsigned char *p = data;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (unsigned char)(seed >> 24);
	}
}

static void
calls(struct destinations *all, struct destination *d, size_t n, enum destination_news news,
    int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		destination_enter(d, now);
		(void)destination_leave(all, d, news, 0, now);
	}
}

static void
test_window(void)
{
	struct destinations *all = destinations_new(seeded);
	struct destination *d = destination_of(all, "petpooja:1", 0);

	is_int(destination_room(d, 0), DESTINATION_WINDOW_FIRST,
	    "a new place begins with a small window");
	for (int i = 0; i < 3; i++)
		destination_enter(d, 0);
	is_int(destination_room(d, 0), DESTINATION_WINDOW_FIRST - 3, "calls under way take room");
	for (int i = 0; i < 3; i++)
		(void)destination_leave(all, d, NEWS_WELL, 0, 0);
	calls(all, d, 3, NEWS_WELL, 0);
	is_int(destination_room(d, 0), DESTINATION_WINDOW_FIRST + 1,
	    "a window's worth of successes opens it by one");
	calls(all, d, 5000, NEWS_WELL, 0);
	is_int(destination_room(d, 0), DESTINATION_WINDOW_MAX, "it has an upper bound");
	calls(all, d, 1, NEWS_FAILURE, 0);
	is_int(destination_room(d, 0), DESTINATION_WINDOW_MAX / 2, "one failure halves it");
	calls(all, d, 1, NEWS_BUSY, 0);
	is_int(destination_room(d, 0), DESTINATION_WINDOW_MAX / 4, "and so does a 429");
	calls(all, d, 20, NEWS_BUSY, 0);
	is_int(destination_room(d, 0), 1,
	    "it never closes by itself, and being busy opens no circuit");
	ok(destination_of(all, "petpooja:1", 0) == d && destination_of(all, "petpooja:2", 0) != d,
	    "places are known by name");
	is_int(destination_room(destination_of(all, "petpooja:2", 0), 0), DESTINATION_WINDOW_FIRST,
	    "one place's trouble is not another's");
	destinations_free(&all);
}

/* A call that hangs in a window that has shrunk to one. */
static void
test_trickle(void)
{
	struct destinations *all = destinations_new(seeded);
	struct destination *d = destination_of(all, "petpooja:1", 0);
	int64_t now = SECOND;

	calls(all, d, 20, NEWS_BUSY, now);
	destination_enter(d, now);
	is_int(destination_room(d, now), 0, "F29 a window of one is full with one");
	is_int(destination_room(d, now + DESTINATION_TRICKLE_US - 1), 0, "F29 for a second");
	for (int i = 1; i < DESTINATION_WINDOW_FIRST; i++) {
		now += DESTINATION_TRICKLE_US;
		is_int(destination_room(d, now), 1, "F29 then one more may begin");
		destination_enter(d, now);
		is_int(destination_room(d, now), 0, "F29 and no other at once");
	}
	is_int(destination_room(d, now + 9 * SECOND), 0, "F29 but never more than a first window's worth");
	calls(all, d, 0, NEWS_NONE, now);
	destination_bar(d, now);
	(void)destination_leave(all, d, NEWS_WELL, 0, now);
	is_int(destination_room(d, now + DESTINATION_TRICKLE_US * 2), 1, "a bar is over after a moment");
	is_int(destination_room(d, now + DESTINATION_BAR_US - 1), 0, "and bars until then");
	destinations_free(&all);
}

static void
test_circuit(void)
{
	struct destinations *all = destinations_new(seeded);
	struct destination *d = destination_of(all, "petpooja:1", 0);
	int64_t now = SECOND, pause;

	calls(all, d, DESTINATION_FAILURES_OPEN - 1, NEWS_FAILURE, now);
	ok(destination_room(d, now) > 0, "some failures leave the circuit closed");
	calls(all, d, 1, NEWS_WELL, now);
	calls(all, d, DESTINATION_FAILURES_OPEN - 1, NEWS_FAILURE, now);
	ok(destination_room(d, now) > 0, "only failures in a row count");
	destination_enter(d, now);
	ok(destination_leave(all, d, NEWS_FAILURE, 0, now), "E45 one more opens it, and that is told");
	is_int(destination_room(d, now), 0, "E45 an open circuit lets nothing through");
	pause = d->probe_at_us - now;
	ok(pause >= SECOND * 4 / 5 && pause <= SECOND * 6 / 5,
	    "for a second, give or take a fifth");
	is_int(destination_room(d, d->probe_at_us - 1), 0, "not a moment earlier");
	now = d->probe_at_us;
	is_int(destination_room(d, now), 1, "E45 then it is half-open: one call probes");
	destination_enter(d, now);
	is_int(destination_room(d, now), 0, "no second one beside it");
	(void)destination_leave(all, d, NEWS_NONE, 0, now);
	is_int(destination_room(d, now), 1, "a probe that was not sent has proved nothing");
	destination_enter(d, now);
	ok(destination_leave(all, d, NEWS_FAILURE, 0, now), "E45 a failed probe opens it again");
	pause = d->probe_at_us - now;
	ok(pause >= 2 * SECOND * 4 / 5 && pause <= 2 * SECOND * 6 / 5, "for twice as long");
	for (int i = 0; i < 20; i++) {
		now = d->probe_at_us;
		(void)destination_room(d, now);
		calls(all, d, 1, NEWS_FAILURE, now);
	}
	ok(d->probe_at_us - now <= DESTINATION_OPEN_MAX_US * 6 / 5,
	    "but never for longer than its bound");
	now = d->probe_at_us;
	(void)destination_room(d, now);
	calls(all, d, 1, NEWS_WELL, now);
	is_int(destination_room(d, now), 1, "a good probe closes it, with the smallest window");
	calls(all, d, 20, NEWS_WELL, now);
	ok(destination_room(d, now) > 1 && d->open_us == 0, "which grows again");
	destinations_free(&all);
}

static void
test_jitter(void)
{
	struct destinations *all = destinations_new(seeded);
	size_t buckets[5] = { 0 };
	bool is_spread = true;

	for (int i = 0; i < 500; i++) {
		char name[32];
		struct destination *d;

		(void)snprintf(name, sizeof name, "petpooja:%d", i);
		d = destination_of(all, name, 0);
		calls(all, d, DESTINATION_FAILURES_OPEN, NEWS_FAILURE, 0);
		buckets[(d->probe_at_us - SECOND * 4 / 5) * 5 / (SECOND * 2 / 5 + 1)]++;
	}
	for (size_t i = 0; i < 5; i++)
		is_spread = is_spread && buckets[i] > 50 && buckets[i] < 150;
	ok(is_spread, "five hundred that failed together do not come back together");
	is_int(destinations_forget(all, DESTINATION_REST_US - 1), 500, "they are remembered");
	destination_enter(destination_of(all, "petpooja:7", 0), 0);
	is_int(destinations_forget(all, DESTINATION_REST_US), 1,
	    "and forgotten at rest, unless something is on its way");
	destinations_free(&all);
}

static struct provider_result
reply_of(int status, const struct call_header *header)
{
	return (struct provider_result){ .has_reply = true,
		.reply = { .status = status, .headers = header, .headers_n = header != NULL } };
}

static void
test_news(void)
{
	static const struct call_header ten = { "Retry-After", "10" },
					long_peace = { "retry-after", "3600" };
	struct destinations *all = destinations_new(seeded);
	struct destination *d = destination_of(all, "x", 0);
	struct provider_result r = reply_of(200, NULL);
	int peace = -1;

	is_int(destination_news_of(&r, &peace), NEWS_WELL, "200 is well");
	is_int(peace, 0, "and asks for no peace");
	r = reply_of(422, NULL);
	is_int(destination_news_of(&r, &peace), NEWS_WELL, "a refusal is an answer");
	r = reply_of(503, &ten);
	is_int(destination_news_of(&r, &peace), NEWS_FAILURE, "503 is a failure");
	is_int(peace, 10, "which may ask for peace");
	r = reply_of(429, &ten);
	is_int(destination_news_of(&r, &peace), NEWS_BUSY, "429 is busy");
	destination_enter(d, 0);
	(void)destination_leave(all, d, NEWS_BUSY, peace, 0);
	is_int(destination_room(d, 10 * SECOND - 1), 0, "peace is kept");
	ok(destination_room(d, 10 * SECOND) > 0, "exactly as long as asked for");
	r = reply_of(429, &long_peace);
	(void)destination_news_of(&r, &peace);
	destination_enter(d, 0);
	(void)destination_leave(all, d, NEWS_BUSY, peace, 0);
	ok(destination_room(d, DESTINATION_HOLD_MAX_US) > 0,
	    "or as long as one answer may silence a place");
	for (int f = 0; f < CALL_FAILURE__MAX; f++) {
		bool is_ours =
		    f == CALL_WINDOW_CLOSED || f == CALL_NOT_FILLED || f == CALL_SENDER_LOST;

		r = (struct provider_result){ .failure = (enum call_failure)f };
		is_int(destination_news_of(&r, &peace), is_ours ? NEWS_NONE : NEWS_FAILURE,
		    "%s is %s", call_failure_name((enum call_failure)f),
		    is_ours ? "no news" : "a failure");
	}
	destinations_free(&all);
}

static void
test_addresses(void)
{
	static const struct {
		const char *text;
		bool is_public;
	} rows[] = {
		{ "8.8.8.8", true },
		{ "13.232.0.1", true },
		{ "172.15.255.255", true },
		{ "172.32.0.0", true },
		{ "100.63.255.255", true },
		{ "100.128.0.0", true },
		{ "223.255.255.255", true },
		{ "198.20.0.0", true },
		{ "0.0.0.0", false },
		{ "10.1.2.3", false },
		{ "127.0.0.1", false },
		{ "127.255.255.255", false },
		{ "169.254.169.254", false },
		{ "172.16.0.1", false },
		{ "172.31.255.255", false },
		{ "192.168.1.1", false },
		{ "100.64.0.1", false },
		{ "192.0.0.8", false },
		{ "192.0.2.1", false },
		{ "198.18.0.1", false },
		{ "198.19.255.255", false },
		{ "198.51.100.1", false },
		{ "203.0.113.9", false },
		{ "224.0.0.1", false },
		{ "239.255.255.255", false },
		{ "240.0.0.1", false },
		{ "255.255.255.255", false },
		{ "2404:6800:4009::8", true },
		{ "2600:1f18::1", true },
		{ "::", false },
		{ "::1", false },
		{ "::ffff:127.0.0.1", false },
		{ "::ffff:10.0.0.1", false },
		{ "::ffff:8.8.8.8", true },
		{ "::127.0.0.1", false },
		{ "64:ff9b::a00:1", false },
		{ "64:ff9b::808:808", true },
		{ "64:ff9b:1::1", false },
		{ "100::1", false },
		{ "fc00::1", false },
		{ "fd12:3456::1", false },
		{ "fe80::1", false },
		{ "fec0::1", false },
		{ "ff02::1", false },
		{ "2001:db8::1", false },
		{ "2001::1", false },
		{ "2002:7f00:1::1", false },
		{ "2002:808:808::1", true },
		{ "3fff::1", false },
	};
	static const struct sockaddr local = { .sa_family = AF_UNIX };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
		struct sockaddr_in four = { .sin_family = AF_INET };
		bool got, is_six = strchr(rows[i].text, ':') != NULL;

		if (inet_pton(is_six ? AF_INET6 : AF_INET, rows[i].text,
			is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1)
			abort();
		got =
		    address_is_public(is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four);
		ok(got == rows[i].is_public, "%s is %s", rows[i].text,
		    rows[i].is_public ? "public" : "not public");
	}
	ok(!address_is_public(&local), "a unix socket is not");
}

static void
test_codes(void)
{
	static const struct {
		struct transfer_end end;
		enum call_failure want;
	} rows[] = {
		{ { .code = CURLE_COULDNT_RESOLVE_HOST }, CALL_NOT_RESOLVED },
		{ { .code = CURLE_COULDNT_CONNECT }, CALL_NOT_CONNECTED },
		{ { .code = CURLE_OPERATION_TIMEDOUT }, CALL_NOT_CONNECTED },
		{ { .code = CURLE_URL_MALFORMAT }, CALL_NOT_CONNECTED },
		{ { .code = CURLE_UNSUPPORTED_PROTOCOL }, CALL_NOT_CONNECTED },
		{ { .code = CURLE_PEER_FAILED_VERIFICATION }, CALL_NOT_TRUSTED },
		{ { .code = CURLE_SSL_CONNECT_ERROR }, CALL_NOT_TRUSTED },
		{ { .code = CURLE_ABORTED_BY_CALLBACK, .is_too_late = true }, CALL_WINDOW_CLOSED },
		{ { .code = CURLE_ABORTED_BY_CALLBACK, .is_released = true, .is_repeated = true },
		    CALL_CUT_WAITING },
		{ { .code = CURLE_COULDNT_CONNECT, .is_released = true, .is_sent_whole = false },
		    CALL_CUT_SENDING },
		{ { .code = CURLE_SEND_ERROR, .is_released = true }, CALL_CUT_SENDING },
		{ { .code = CURLE_SEND_ERROR, .is_released = true, .is_sent_whole = true },
		    CALL_CUT_WAITING },
		{ { .code = CURLE_RECV_ERROR, .is_released = true, .is_sent_whole = true },
		    CALL_CUT_WAITING },
		{ { .code = CURLE_GOT_NOTHING, .is_released = true, .is_sent_whole = true },
		    CALL_CUT_WAITING },
		{ { .code = CURLE_OPERATION_TIMEDOUT, .is_released = true, .is_sent_whole = true },
		    CALL_TIMED_OUT },
		{ { .code = CURLE_OPERATION_TIMEDOUT, .is_released = true }, CALL_TIMED_OUT },
		{ { .code = CURLE_WRITE_ERROR, .is_released = true, .is_too_large = true },
		    CALL_REPLY_TOO_LARGE },
		{ { .code = CURLE_FILESIZE_EXCEEDED, .is_released = true }, CALL_REPLY_TOO_LARGE },
		{ { .code = CURLE_PARTIAL_FILE, .is_released = true, .is_sent_whole = true },
		    CALL_REPLY_BROKEN },
		{ { .code = CURLE_WEIRD_SERVER_REPLY, .is_released = true }, CALL_REPLY_BROKEN },
		{ { .code = CURLE_UNSUPPORTED_PROTOCOL, .is_released = true }, CALL_REPLY_BROKEN },
	};
	bool all_doubt = true, none_sent = true;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(call_failure_name(transfer_failure(&rows[i].end)),
		    call_failure_name(rows[i].want), "%s%s", curl_easy_strerror(rows[i].end.code),
		    rows[i].end.is_released ? ", released" : "");
	for (int code = 1; code < (int)CURL_LAST; code++) {
		struct transfer_end end = { .code = (CURLcode)code };

		none_sent = none_sent && !call_failure_is_after_send(transfer_failure(&end));
		end.is_released = true;
		all_doubt = all_doubt && call_failure_is_after_send(transfer_failure(&end));
	}
	ok(none_sent, "before the release no code of libcurl means that something was sent");
	ok(all_doubt, "after it, every code of libcurl leaves the doubt");
}

int
main(void)
{
	test_window();
	test_trickle();
	test_circuit();
	test_jitter();
	test_news();
	test_addresses();
	test_codes();
	return tap_done();
}
