#include "order/cancel_reason.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *const cancel_reason_codes[] = {
#define CANCEL_REASON(code, sentence) [CANCEL_REASON_##code] = #code,
#include "order/cancel_reason.def"
#undef CANCEL_REASON
	NULL
};
_Static_assert(COUNT(cancel_reason_codes) == CANCEL_REASON__MAX + 1, "a code per reason");

static const char *const sentences[] = {
#define CANCEL_REASON(code, sentence) [CANCEL_REASON_##code] = (sentence),
#include "order/cancel_reason.def"
#undef CANCEL_REASON
};
_Static_assert(COUNT(sentences) == CANCEL_REASON__MAX, "a sentence per reason");

const char *
cancel_reason_sentence(enum cancel_reason reason)
{
	return sentences[reason];
}
