#include "err/err.h"

static const struct err_info infos[] = {
	[OK] = { "OK", "OK", 200, BAND_NONE, false },
#define ERR_ROW(code, http, in_band, retry, text) \
	[ERR_##code] = { .name = #code, .sentence = (text), .status = (http), .band = BAND_##in_band, .may_retry = (retry) },
#include "err/err.def"
#undef ERR_ROW
};
_Static_assert(sizeof infos / sizeof infos[0] == ERR__MAX, "one row per error");

const struct err_info *
err_info(enum err e)
{
	return e < ERR__MAX ? &infos[e] : &infos[ERR_INTERNAL_ERROR];
}
