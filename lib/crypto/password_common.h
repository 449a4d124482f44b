/*
 * password_common: the passwords that everybody tries first (password_common.txt), as a table.
 */
#ifndef TICKETRAIL_CRYPTO_PASSWORD_COMMON_H
#define TICKETRAIL_CRYPTO_PASSWORD_COMMON_H

#include <stddef.h>

#define PASSWORD_COMMON_SIZE 24 /* with the NUL; a longer one does not compile */

/* By strcmp(), lower case. */
extern const char password_common[][PASSWORD_COMMON_SIZE];
extern const size_t password_common_n;

#endif
