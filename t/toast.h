/*
 * toast: a restaurant at Toast, for tests of its adapter.
 */
#ifndef TICKETRAIL_T_TOAST_H
#define TICKETRAIL_T_TOAST_H

#include "pos/pos.h"

#define TOAST_RESTAURANT_GUID "0b9d0000-0000-4000-8000-00000000b157"
#define TOAST_ORDER_GUID "89488287-0000-4000-8000-00000000abcd"
/* 2026-02-13T17:10:00Z */
#define TOAST_NOW (INT64_C(1771002600) * 1000000)

/*
 * Its settings: those of t/golden/toast/config.json, and over them some of its own. Problems are
 * told by diag(), or are the caller's.
 */
struct pos_config *toast_config(struct arena *, const char *json, const char *currency);
struct pos_config *toast_config_with(
    struct arena *, const char *json, const char *currency, struct pos_problems *);

#endif
