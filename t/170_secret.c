/* secret: a sealed value opens in its place, with its key, untouched, and in no other case. */
#include <sodium.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>

#include "crypto/secret.h"
#include "tap.h"

static struct arena *arena;
static struct secret_keypair ours, others;
static const struct secret_place place = { "restaurant_pos_integrations", "api_key", "17", 4 };

static bool
opens(const struct secret_keypair *pair, struct secret_place at, struct bytes sealed)
{
	struct bytes value = { "untouched", 9 };
	enum err e = secret_open(arena, pair, &at, sealed, &value);

	if (e != OK)
		ok(value.len == 9 && e == ERR_INTERNAL_ERROR, "SEC-07 a refusal gives nothing out");
	return e == OK;
}

static bool
shows(struct bytes sealed, const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i + len <= sealed.len; i++) {
		if (memcmp((const char *)sealed.data + i, value, len) == 0)
			return true;
	}
	return false;
}

static void
test_open(void)
{
	struct bytes a = secret_seal(arena, ours.public_key, &place, "s3cret", 6), b, value;

	is_int(a.len, 6 + SECRET_OVERHEAD, "a sealed value is as long as the header says");
	ok(!shows(a, "s3cret"), "SEC-07 it does not show the value");
	is_int(secret_open(arena, &ours, &place, a, &value), OK, "SEC-07 it opens");
	ok(value.len == 6 && strcmp(value.data, "s3cret") == 0, "SEC-07 and is the value, NUL behind it");
	b = secret_seal(arena, ours.public_key, &place, "s3cret", 6);
	ok(memcmp((const char *)a.data + 9, (const char *)b.data + 9, 24) != 0, "SEC-07 each has its own nonce");
	ok(memcmp((const char *)a.data + 33, (const char *)b.data + 33, 80) != 0, "SEC-07 and its own data key");
	b = secret_seal(arena, ours.public_key, &place, "", 0);
	ok(secret_open(arena, &ours, &place, b, &value) == OK && value.len == 0, "an empty value is one");
}

static void
test_swap(void)
{
	struct bytes a = secret_seal(arena, ours.public_key, &place, "s3cret", 6);
	struct secret_place p;

	p = place, p.table = "restaurant_webhook_secrets";
	ok(!opens(&ours, p, a), "S45 not in another table");
	p = place, p.column = "secret";
	ok(!opens(&ours, p, a), "S45 not in another column");
	p = place, p.row = "18";
	ok(!opens(&ours, p, a), "S45 not in another row");
	p = place, p.restaurant_id = 5;
	ok(!opens(&ours, p, a), "S45 not in another restaurant");
	p = place, p.table = "restaurant_pos_integrationsapi", p.column = "_key";
	ok(!opens(&ours, p, a), "S45 not where the parts run together to the same text");
	ok(!opens(&others, place, a), "S45 not with another key");
	ok(opens(&ours, place, a), "S45 but still in its own");
}

static void
test_damage(void)
{
	struct bytes a = secret_seal(arena, ours.public_key, &place, "s3cret", 6), value;
	unsigned char copy[6 + SECRET_OVERHEAD + 1];
	int opened = 0;

	for (size_t bit = 0; bit < a.len * 8; bit++) {
		memcpy(copy, a.data, a.len);
		copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
		opened += secret_open(arena, &ours, &place, (struct bytes){ copy, a.len }, &value) == OK;
	}
	is_int(opened, 0, "S45 no flipped bit of all %zu goes unnoticed", a.len * 8);
	memcpy(copy, a.data, a.len);
	for (size_t len = 0; len < a.len; len++)
		opened += secret_open(arena, &ours, &place, (struct bytes){ copy, len }, &value) == OK;
	copy[a.len] = 0;
	opened += secret_open(arena, &ours, &place, (struct bytes){ copy, a.len + 1 }, &value) == OK;
	is_int(opened, 0, "S45 no other length opens");
	ok(secret_open(arena, &ours, &place, (struct bytes){ NULL, 0 }, &value) != OK, "NULL does not open");
}

static void
test_keys(void)
{
	struct secret_keypair again, zero = { .memory = NULL };
	char hex[SECRET_KEY_HEX];
	unsigned char key[SECRET_KEY_SIZE];

	secret_keypair_from(ours.secret_key, &again);
	ok(memcmp(&again, &ours, sizeof ours) == 0, "the public half follows from the secret one");
	secret_key_hex(ours.public_key, hex);
	ok(secret_key_parse(hex, key) == OK && memcmp(key, ours.public_key, sizeof key) == 0, "hex there and back");
	hex[63] = 'g';
	is_int(secret_key_parse(hex, key), ERR_VALIDATION_ERROR, "no hex digit");
	hex[63] = '\0';
	is_int(secret_key_parse(hex, key), ERR_VALIDATION_ERROR, "one digit short");
	is_int(secret_key_parse(NULL, key), ERR_VALIDATION_ERROR, "nothing");
	secret_keypair_wipe(&again);
	ok(memcmp(&again, &zero, sizeof zero) == 0, "a wiped pair is empty");
}

static void
test_memory(void)
{
	struct secret_place other = place;
	unsigned char nothing[SECRET_OVERHEAD + 1] = { 0 };
	struct secret_keypair pair;
	struct bytes sealed, value;

	secret_keypair_from(ours.secret_key, &pair);
	secret_keypair_remember(&pair);
	sealed = secret_seal(arena, pair.public_key, &place, "salt", 4);
	other.row = "18";
	for (int i = 0; i < 2; i++) {
		ok(secret_open(arena, &pair, &place, sealed, &value) == OK && value.len == 4 && memcmp(value.data, "salt", 4) == 0,
		    "S45 a pair that remembers opens it");
		ok(secret_open(arena, &pair, &other, sealed, &value) != OK, "S45 and not at another place");
	}
	((unsigned char *)(uintptr_t)sealed.data)[sealed.len - 1] ^= 1;
	ok(secret_open(arena, &pair, &place, sealed, &value) != OK, "S45 nor when it was changed since");
	nothing[0] = 1;
	memcpy(nothing + 1, (const unsigned char *)sealed.data + 1, 8);
	ok(secret_open(arena, &pair, &place, (struct bytes){ nothing, sizeof nothing }, &value) != OK,
	    "S45 an empty place of the memory opens nothing");
	secret_keypair_wipe(&pair);
}

/* A relay has a few for each of its restaurants. Without its secret half a pair opens what it remembers. */
static void
test_many(void)
{
	enum { N = 1500 };
	struct bytes sealed[N], value;
	struct secret_keypair pair;
	int known = 0;

	secret_keypair_from(ours.secret_key, &pair);
	secret_keypair_remember(&pair);
	for (int i = 0; i < N; i++) {
		sealed[i] = secret_seal(arena, pair.public_key, &place, "salt", 4);
		if (secret_open(arena, &pair, &place, sealed[i], &value) != OK)
			known -= N;
	}
	memset(pair.secret_key, 0, sizeof pair.secret_key);
	for (int i = 0; i < N; i++)
		known += secret_open(arena, &pair, &place, sealed[i], &value) == OK && memcmp(value.data, "salt", 4) == 0;
	ok(known > N - N / 50, "PERF-03 of %d keys it remembers all but a few: %d", N, known);
	secret_keypair_wipe(&pair);
}

static void
seal_too_long(void *arg)
{
	(void)arg;
	secret_seal(arena, ours.public_key, &place, "", SECRET_VALUE_MAX + 1);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	arena = arena_new(64 << 20);
	secret_keypair_new(&ours);
	secret_keypair_new(&others);
	test_open();
	test_swap();
	test_damage();
	test_keys();
	test_memory();
	test_many();
	ok(tap_aborts(seal_too_long, NULL), "a value of more than a megabyte is a bug");
	arena_free(&arena);
	return tap_done();
}
