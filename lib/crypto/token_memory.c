#include "crypto/token_memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A third of a megabyte at most, of which only what is used is there. */
#define ENTRIES_N 1024
#define HASH_LEN 24
#define UUID_SIZE 37
#define WORD_MAX 64
#define ISS_MAX 128

struct entry {
	unsigned char hash[HASH_LEN]; /* all zero: free */
	char iss[ISS_MAX + 1], sub[UUID_SIZE], sid[UUID_SIZE], role[WORD_MAX + 1];
	char rid[WORD_MAX + 1]; /* "": none */
	int64_t iat_s, exp_s;
};

struct token_memory {
	unsigned char key[crypto_generichash_KEYBYTES];
	struct entry *entries;
};

struct token_memory *
token_memory_new(void)
{
	struct token_memory *memory = calloc(1, sizeof *memory);

	if (memory != NULL)
		memory->entries = calloc(ENTRIES_N, sizeof *memory->entries);
	if (memory == NULL || memory->entries == NULL)
		abort();
	randombytes_buf(memory->key, sizeof memory->key);
	return memory;
}

void
token_memory_free(struct token_memory **memory)
{
	if (*memory == NULL)
		return;
	free((*memory)->entries);
	free(*memory);
	*memory = NULL;
}

/* Nothing that is not there is touched, so that memory which was never used is not used now. */
void
token_memory_forget(struct token_memory *memory)
{
	for (size_t i = 0; i < ENTRIES_N; i++)
		if (!sodium_is_zero(memory->entries[i].hash, HASH_LEN))
			memory->entries[i] = (struct entry){ .iat_s = 0 };
}

/* Where these bytes belong, and their hash. */
static struct entry *
entry_of(const struct token_memory *memory, const char *token, size_t len,
    unsigned char ret_hash[HASH_LEN])
{
	uint32_t number;

	crypto_generichash(ret_hash, HASH_LEN, (const unsigned char *)token, len, memory->key,
	    sizeof memory->key);
	memcpy(&number, ret_hash, sizeof number);
	return &memory->entries[number % ENTRIES_N];
}

bool
token_memory_find(const struct token_memory *memory, struct arena *arena, const char *token,
    size_t len, struct token_claims *ret_claims)
{
	unsigned char hash[HASH_LEN];
	const struct entry *e = entry_of(memory, token, len, hash);

	if (sodium_memcmp(e->hash, hash, sizeof hash) != 0)
		return false;
	*ret_claims = (struct token_claims){
		.iss = arena_strdup(arena, e->iss),
		.sub = arena_strdup(arena, e->sub),
		.sid = arena_strdup(arena, e->sid),
		.role = arena_strdup(arena, e->role),
		.rid = e->rid[0] != '\0' ? arena_strdup(arena, e->rid) : NULL,
		.iat_s = e->iat_s,
		.exp_s = e->exp_s,
	};
	return true;
}

static bool
text_keep(char *to, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		return false;
	memcpy(to, text, len + 1);
	return true;
}

void
token_memory_keep(
    struct token_memory *memory, const char *token, size_t len, const struct token_claims *c)
{
	struct entry entry = { .iat_s = c->iat_s, .exp_s = c->exp_s };
	struct entry *e = entry_of(memory, token, len, entry.hash);

	if (text_keep(entry.iss, sizeof entry.iss, c->iss) &&
	    text_keep(entry.sub, sizeof entry.sub, c->sub) &&
	    text_keep(entry.sid, sizeof entry.sid, c->sid) &&
	    text_keep(entry.role, sizeof entry.role, c->role) &&
	    text_keep(entry.rid, sizeof entry.rid, c->rid != NULL ? c->rid : ""))
		*e = entry;
}
