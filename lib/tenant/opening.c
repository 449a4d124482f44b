#include "tenant/opening.h"

#include <stddef.h>

#include "mem/buf.h"
#include "tenant/hours.h"
#include "tenant/settings.h"
#include "text/iso8601.h"
#include "text/json_write.h"

#define DETAILS_MAX ((size_t)4096)

const char *
opening_word(enum opening_cause cause)
{
	static const char *const words[] = {
		[OPENING_NOTHING] = NULL,
		[OPENING_CLOSED] = "closed",
		[OPENING_PAUSED] = "paused",
		[OPENING_HOURS] = "outside_hours",
	};
	_Static_assert(sizeof words / sizeof words[0] == OPENING__MAX, "a word for each cause");

	return words[cause];
}

enum opening_cause
opening_cause_at(const struct settings *s, const char *zone, int64_t us)
{
	if (!s->restaurant_open)
		return s->pause.is_on ? OPENING_PAUSED : OPENING_CLOSED;
	return hours_hold(&s->hours, zone, us) ? OPENING_NOTHING : OPENING_HOURS;
}

struct opening
opening_at(const struct settings *s, const char *zone, int64_t us)
{
	struct opening o = { .cause = opening_cause_at(s, zone, us),
		.closes_at = TIME_NONE,
		.opens_at = TIME_NONE };

	switch (o.cause) {
	case OPENING_PAUSED:
		o.reason = s->pause.reason;
		o.opens_at = s->pause.until;
		if (o.opens_at != TIME_NONE && !hours_hold(&s->hours, zone, o.opens_at))
			o.opens_at = hours_open(&s->hours, zone, o.opens_at);
		break;
	case OPENING_HOURS:
		o.opens_at = hours_open(&s->hours, zone, us);
		break;
	case OPENING_NOTHING:
		o.closes_at = hours_close(&s->hours, zone, us);
		break;
	default:
		break;
	}
	return o;
}

const char *
opening_details(struct arena *arena, const struct opening *o)
{
	struct json_write w;
	struct buf buf;

	buf_init(&buf, arena, DETAILS_MAX);
	json_write_init(&w, &buf);
	json_write_object(&w, NULL);
	json_write_string(&w, "cause", opening_word(o->cause));
	json_write_string(&w, "reason", o->reason);
	json_write_time(&w, "opens_at", o->opens_at);
	json_write_object_end(&w);
	json_write_done(&w);
	return buf.data;
}
