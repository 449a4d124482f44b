/*
 * sender: the calls of the relay without the relay: as many at once as it is told, by curl_multi, each on a kept connection where
 * there is one, until so many have been answered. They are requests that the relay made, one after the other and again from the
 * first (pos.c recorded them). It knows no order, no database and no lease.
 *
 *	sender URL CA REQUESTS CALLS AT_ONCE
 *
 * prints one JSON object when it has ended: calls, seconds, failed, connections, cpu_s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>

#include <curl/curl.h>

#define REQUESTS_MAX 256

struct request {
	char *url, *body; /* body NULL: a GET */
	long body_len;
	struct curl_slist *headers;
};

static struct {
	CURLM *multi;
	const char *url, *ca;
	struct request requests[REQUESTS_MAX];
	size_t requests_n, next;
	long left, answered, failed, connections;
} sender;

static size_t
answer_take(char *data, size_t one, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return one * n;
}

/* As the relay sets them, where they change what goes over the wire or what it costs. */
static void
call_start(CURL *easy)
{
	const struct request *r = &sender.requests[sender.next++ % sender.requests_n];

	curl_easy_setopt(easy, CURLOPT_URL, r->url);
	if (r->body == NULL) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	} else {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, r->body_len);
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, sender.ca);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 60000L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, answer_take);
	if (curl_multi_add_handle(sender.multi, easy) != CURLM_OK)
		exit(1);
	sender.left--;
}

static void
answers_read(void)
{
	const CURLMsg *m;
	int queued;

	while ((m = curl_multi_info_read(sender.multi, &queued)) != NULL) {
		CURL *easy = m->easy_handle;
		long status = 0, connects = 0;

		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
		sender.connections += connects;
		if (m->data.result != CURLE_OK || status != 200)
			sender.failed++;
		sender.answered++;
		curl_multi_remove_handle(sender.multi, easy);
		if (sender.left > 0)
			call_start(easy);
		else
			curl_easy_cleanup(easy);
	}
}

/* One as it came over the wire. curl says by itself for whom it is and how long. */
static void
request_read(char *text, size_t len, struct request *ret)
{
	char *end = strstr(text, "\r\n\r\n"), *path = strchr(text, ' '), *line = strstr(text, "\r\n"), url[1024];

	if (end == NULL || path == NULL || line == NULL || (strncmp(text, "POST ", 5) != 0 && strncmp(text, "GET ", 4) != 0))
		exit(1);
	(void)snprintf(url, sizeof url, "%s%.*s", sender.url, (int)strcspn(path + 1, " "), path + 1);
	*ret = (struct request){ .url = strdup(url), .headers = curl_slist_append(NULL, "Expect:") };
	if (*text == 'P') {
		ret->body_len = (long)(len - (size_t)(end + 4 - text));
		ret->body = end + 4;
	}
	while (line < end) {
		char *next = strstr(line + 2, "\r\n");

		*next = '\0';
		if (strncasecmp(line + 2, "host:", 5) != 0 && strncasecmp(line + 2, "content-length:", 15) != 0)
			ret->headers = curl_slist_append(ret->headers, line + 2);
		line = next;
	}
}

static void
requests_read(const char *file)
{
	FILE *f = fopen(file, "r");
	size_t len;

	if (f == NULL)
		exit(1);
	while (sender.requests_n < REQUESTS_MAX && fscanf(f, "%zu", &len) == 1 && fgetc(f) == '\n') {
		char *text = calloc(1, len + 1);

		if (text == NULL || fread(text, 1, len, f) != len)
			exit(1);
		request_read(text, len, &sender.requests[sender.requests_n++]);
	}
	fclose(f);
	if (sender.requests_n == 0)
		exit(1);
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct rlimit files = { .rlim_cur = 8192, .rlim_max = 8192 };
	struct rusage used;
	long calls, at_once;
	double begun;

	if (argc != 6) {
		fprintf(stderr, "usage: sender URL CA REQUESTS CALLS AT_ONCE\n");
		return 64;
	}
	(void)setrlimit(RLIMIT_NOFILE, &files);
	sender.url = argv[1];
	sender.ca = argv[2];
	curl_global_init(CURL_GLOBAL_DEFAULT);
	requests_read(argv[3]);
	calls = sender.left = strtol(argv[4], NULL, 10);
	at_once = strtol(argv[5], NULL, 10);
	sender.multi = curl_multi_init();
	curl_multi_setopt(sender.multi, CURLMOPT_MAXCONNECTS, at_once);
	begun = now_s();
	for (long i = 0; i < at_once && sender.left > 0; i++)
		call_start(curl_easy_init());
	while (sender.answered < calls) {
		int running;

		if (curl_multi_perform(sender.multi, &running) != CURLM_OK)
			return 1;
		answers_read();
		if (sender.answered < calls && curl_multi_poll(sender.multi, NULL, 0, 1000, NULL) != CURLM_OK)
			return 1;
	}
	getrusage(RUSAGE_SELF, &used);
	printf("{\"calls\":%ld,\"seconds\":%.6f,\"failed\":%ld,\"connections\":%ld,\"cpu_s\":%.6f}\n", sender.answered, now_s() - begun,
	    sender.failed, sender.connections,
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	curl_multi_cleanup(sender.multi);
	return 0;
}
