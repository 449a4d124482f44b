#define _GNU_SOURCE /* memmem */
#include "fcgi_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PARAMS_LEN_MAX 60000

int
fcgi_connect(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = FCGI_CLIENT_WAIT_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof to.sun_path)
		return -1;
	memcpy(to.sun_path, path, strlen(path) + 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
send_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

bool
fcgi_send(int fd, enum fcgi_record type, const void *data, size_t len)
{
	unsigned char head[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	return send_all(fd, head, sizeof head) && send_all(fd, data, len);
}

static size_t
length_put(unsigned char *at, size_t n)
{
	if (n < 128) {
		at[0] = (unsigned char)n;
		return 1;
	}
	at[0] = (unsigned char)(0x80 | (n >> 24));
	at[1] = (unsigned char)(n >> 16);
	at[2] = (unsigned char)(n >> 8);
	at[3] = (unsigned char)n;
	return 4;
}

static void
param_put(unsigned char *block, size_t *len, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len;

	if (value == NULL)
		return;
	value_len = strlen(value);
	if (*len + name_len + value_len + 8 > PARAMS_LEN_MAX)
		abort();
	*len += length_put(block + *len, name_len);
	*len += length_put(block + *len, value_len);
	memcpy(block + *len, name, name_len);
	memcpy(block + *len + name_len, value, value_len);
	*len += name_len + value_len;
}

bool
fcgi_head(int fd, const struct fcgi_ask *ask)
{
	static const unsigned char begin[8] = { 0, 1, 0, 0, 0, 0, 0, 0 }; /* responder, do not keep the connection */
	static unsigned char block[PARAMS_LEN_MAX];
	char length[32];
	size_t len = 0;

	(void)snprintf(length, sizeof length, "%zu", ask->body_len);
	param_put(block, &len, "REQUEST_METHOD", ask->method);
	param_put(block, &len, "ROUTE_PATH", ask->path);
	param_put(block, &len, "QUERY_STRING", ask->query != NULL ? ask->query : "");
	param_put(block, &len, "CONTENT_TYPE", ask->content_type != NULL ? ask->content_type : "");
	param_put(block, &len, "CONTENT_LENGTH", ask->content_length != NULL ? ask->content_length : length);
	param_put(block, &len, "TENANT", ask->tenant != NULL ? ask->tenant : "");
	param_put(block, &len, "REMOTE_ADDR", "192.0.2.1");
	for (size_t i = 0; ask->params != NULL && ask->params[i] != NULL; i += 2)
		param_put(block, &len, ask->params[i], ask->params[i + 1]);
	return fcgi_send(fd, FCGI_REC_BEGIN, begin, sizeof begin) && fcgi_send(fd, FCGI_REC_PARAMS, block, len) &&
	    fcgi_send(fd, FCGI_REC_PARAMS, NULL, 0);
}

bool
fcgi_body(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		size_t n = len > 32000 ? 32000 : len;

		if (!fcgi_send(fd, FCGI_REC_STDIN, p, n))
			return false;
		p += n;
		len -= n;
	}
	return fcgi_send(fd, FCGI_REC_STDIN, NULL, 0);
}

static bool
read_all(int fd, void *into, size_t len)
{
	char *p = into;

	while (len > 0) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Cuts what came on standard output into head and body. */
static void
answer_cut(struct fcgi_answer *a, char *text, size_t len)
{
	char *end = memmem(text, len, "\r\n\r\n", 4);

	a->head = text;
	if (end == NULL)
		return;
	end[2] = '\0';
	a->body = end + 4;
	a->body_len = len - (size_t)(a->body - text);
	if (strncmp(text, "Status: ", 8) == 0)
		a->status = (int)strtol(text + 8, NULL, 10);
}

void
fcgi_receive(int fd, struct fcgi_answer *ret)
{
	unsigned char head[8], content[65536 + 256];
	size_t len = 0;
	char *text = calloc(1, 1);

	*ret = (struct fcgi_answer){ 0 };
	while (read_all(fd, head, sizeof head)) {
		size_t n = (size_t)head[4] << 8 | head[5];

		if (head[0] != 1 || !read_all(fd, content, n + head[6]))
			break;
		if (head[1] == FCGI_REC_END) {
			ret->is_whole = true;
			break;
		}
		if (head[1] != FCGI_REC_STDOUT || n == 0)
			continue;
		text = realloc(text, len + n + 1);
		if (text == NULL)
			abort();
		memcpy(text + len, content, n);
		len += n;
		text[len] = '\0';
	}
	answer_cut(ret, text, len);
}

bool
fcgi_request(const char *path, const struct fcgi_ask *ask, struct fcgi_answer *ret)
{
	int fd = fcgi_connect(path);

	*ret = (struct fcgi_answer){ 0 };
	if (fd < 0)
		return false;
	/* A worker that refuses early may answer before it has read everything. */
	if (fcgi_head(fd, ask))
		(void)fcgi_body(fd, ask->body, ask->body_len);
	fcgi_receive(fd, ret);
	close(fd);
	return ret->is_whole && ret->status != 0;
}

void
fcgi_answer_free(struct fcgi_answer *a)
{
	free(a->head);
	*a = (struct fcgi_answer){ 0 };
}

const char *
fcgi_header(const struct fcgi_answer *a, const char *name)
{
	static char value[1000];
	size_t len = strlen(name);

	for (const char *line = a->head; line != NULL && *line != '\0'; line = strstr(line, "\r\n") + 2)
		if (strncasecmp(line, name, len) == 0 && strncmp(line + len, ": ", 2) == 0) {
			(void)snprintf(value, sizeof value, "%.*s", (int)strcspn(line + len + 2, "\r"),
			    line + len + 2);
			return value;
		}
	return NULL;
}
