/*
 * err: the closed list of ways to fail (err.def). 0 is OK, everything else is a row of the table.
 *
 * A function that can fail returns enum err; its outputs are untouched on failure.
 */
#ifndef TICKETRAIL_ERR_ERR_H
#define TICKETRAIL_ERR_ERR_H

#include <stdbool.h>

enum err {
	OK = 0,
#define ERR_ROW(name, status, band, retry, sentence) ERR_##name,
#include "err/err.def"
#undef ERR_ROW
	ERR__MAX
};

enum err_band { BAND_NONE, BAND_MALFORMED, BAND_WHO, BAND_NOT_NOW, BAND_PROVIDER, BAND_OURS };

struct err_info {
	const char *name;     /* the code of the error envelope */
	const char *sentence; /* default sentence for people */
	int status;           /* HTTP status */
	enum err_band band;
	bool may_retry; /* the same request may be sent again */
};

/* The row of an error; never NULL. */
const struct err_info *err_info(enum err);

#endif
