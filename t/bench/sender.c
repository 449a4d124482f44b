/*
 * sender: the calls of the relay without the relay: as many POSTs at once as it is told, by curl_multi, each on a kept
 * connection where there is one, until so many have been answered. It knows no order, no database and no lease.
 *
 *	sender URL CA BODY CALLS AT_ONCE
 *
 * prints one JSON object when it has ended: calls, seconds, failed, connections, cpu_s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <curl/curl.h>

static struct {
	CURLM *multi;
	struct curl_slist *headers;
	const char *url, *ca;
	char *body;
	long body_len, left, answered, failed, connections;
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
	curl_easy_setopt(easy, CURLOPT_URL, sender.url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sender.body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, sender.body_len);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, sender.headers);
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

static void
body_read(const char *file)
{
	FILE *f = fopen(file, "r");

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (sender.body_len = ftell(f)) <= 0 ||
	    (sender.body = malloc((size_t)sender.body_len)) == NULL)
		exit(1);
	rewind(f);
	if (fread(sender.body, 1, (size_t)sender.body_len, f) != (size_t)sender.body_len)
		exit(1);
	fclose(f);
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
		fprintf(stderr, "usage: sender URL CA BODY CALLS AT_ONCE\n");
		return 64;
	}
	(void)setrlimit(RLIMIT_NOFILE, &files);
	sender.url = argv[1];
	sender.ca = argv[2];
	body_read(argv[3]);
	calls = sender.left = strtol(argv[4], NULL, 10);
	at_once = strtol(argv[5], NULL, 10);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	sender.multi = curl_multi_init();
	sender.headers = curl_slist_append(NULL, "Content-Type: application/json");
	sender.headers = curl_slist_append(sender.headers, "Expect:");
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
	curl_slist_free_all(sender.headers);
	return 0;
}
