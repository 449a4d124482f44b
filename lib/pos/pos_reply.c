#include "pos/pos_reply.h"

#include <stdlib.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)
#define RESET_MAX_S 3600
#define RESET_DIGITS_MAX 12

static const struct pos_status everywhere[] = {
	/* A redirect is answered before the application sees the request, and we follow none. */
	{ 301, OUTCOME_REFUSED, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 302, OUTCOME_REFUSED, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 307, OUTCOME_REFUSED, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 308, OUTCOME_REFUSED, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 410, OUTCOME_REFUSED, CAUSE_CONFIG, "There is nothing at this address any more" },
};

static const struct pos_status *
row_of(const struct pos_status *rows, size_t n, int status)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].status == status)
			return &rows[i];
	return NULL;
}

const struct pos_status *
pos_status_of(const struct pos_status *own, size_t n, int status)
{
	const struct pos_status *row = row_of(own, n, status);

	return row != NULL
		   ? row
		   : row_of(everywhere, sizeof(everywhere) / sizeof(everywhere[0]), status);
}

int
pos_reset_s(const struct http_reply *r, const char *header, int64_t now_us)
{
	const char *reset = http_reply_header(r, header);
	int64_t left;

	if (reset == NULL || *reset == '\0' || strlen(reset) > RESET_DIGITS_MAX ||
	    reset[strspn(reset, "0123456789")] != '\0')
		return -1;
	left = (int64_t)strtoll(reset, NULL, 10) - now_us / US_PER_S;
	return left < 0 ? 0 : left > RESET_MAX_S ? RESET_MAX_S : (int)left;
}

struct verdict
pos_in_doubt(bool has_effect, enum cause cause, const char *sentence)
{
	return (struct verdict){
		has_effect ? OUTCOME_UNSURE : OUTCOME_LATER, cause, sentence, 0
	};
}
