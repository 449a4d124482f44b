/*
 * config: what the operator decides, read once at start.
 *
 * config.def declares every key. The values come from the file named by TICKETRAIL_CONFIG
 * (KEY=value, the syntax of systemd's EnvironmentFile=: comments, quotes, continued lines) and the
 * environment overrides the file. A secret may instead be a file named as its key in the directory
 * CREDENTIALS_DIRECTORY (systemd's LoadCredential=), so that what one program must know does not
 * lie in a file that all of them can read. A wrong value, an unknown key in the file, a key given
 * twice, or a file with a secret that others may read stops the program before it listens: all
 * complaints are written, each naming its key, and the program exits with EX_CONFIG (78).
 *
 * A program gets only the keys meant for it; the others stay at zero in its struct, so a secret is
 * not even in the memory of a program that has no business with it. The struct owns its texts until
 * config_free().
 */
#ifndef TICKETRAIL_CONFIG_CONFIG_H
#define TICKETRAIL_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mem/arena.h"

/* 32 bytes, written as 64 hex digits. */
struct config_key {
	unsigned char bytes[32];
	bool is_set;
};

/* The C type of each type of config.def. Texts are never NULL in a loaded struct. */
#define CONFIG_TYPE_text const char *
#define CONFIG_TYPE_file const char *
#define CONFIG_TYPE_url const char *
#define CONFIG_TYPE_int int64_t
#define CONFIG_TYPE_bool bool
#define CONFIG_TYPE_key32 struct config_key

struct config {
	struct arena *arena; /* of the texts */
#define CONFIG_ROW(type, field, key, preset, min, max, secret, programs, required, sentence)       \
	CONFIG_TYPE_##type field;
#include "config/config.def"
#undef CONFIG_ROW
};

/*
 * The configuration of a program ("orders", "relay", ...). 0, or EX_CONFIG with a line per mistake
 * on `complaints` and the struct empty. After it db_user is never empty for a program with a
 * database, nor webhook_base_url.
 */
int config_load(const char *program, struct config *ret_config, FILE *complaints);

/* Wipes the secrets, frees the texts, empties the struct. An empty struct is fine. */
void config_free(struct config *);

/* Every key with its sentence and default, as a file to copy: .env.example is exactly this. */
void config_print_template(FILE *);

#endif
