/* guard: which restaurant, and who asks, with the rows it reads. */
#include <string.h>

#include "config/config.h"
#include "crypto/rsa.h"
#include "crypto/token.h"
#include "http/guard.h"
#include "http/route.h"
#include "tap.h"
#include "tenant/restaurant.h"
#include "world.h"

#define GUEST "01900000-0000-7000-8000-000000000001"
#define GONE_GUEST "01900000-0000-7000-8000-000000000002"
#define ADMIN_A "01900000-0000-7000-8000-00000000000a"
#define KITCHEN_B "01900000-0000-7000-8000-00000000000b"
#define SESSION "01900000-0000-7000-8000-00000000000d"
#define PLATFORM "01900000-0000-7000-8000-00000000000c"

static struct config config = {
	.jwt_issuer = "ticketrail",
	.public_url = "https://food.example",
	.default_restaurant = "a",
};
static struct arena *arena;
static struct guard *guard;
static struct rsa_key *key;

static void
rows_make(void)
{
	world_sql("INSERT INTO restaurants (id, slug, host_name, name, is_active, created_at, updated_at) VALUES"
		  " (1, 'a', NULL, 'A', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),"
		  " (2, 'b', 'b.example', 'B', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),"
		  " (3, 'shut', NULL, 'C', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	world_sql("INSERT INTO users (id, public_id, phone, is_active, created_at, updated_at) VALUES"
		  " (11, UNHEX(REPLACE('" GUEST "', '-', '')), '+911', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),"
		  " (12, UNHEX(REPLACE('" GONE_GUEST "', '-', '')), '+912', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	world_sql("INSERT INTO staff_users (id, public_id, restaurant_id, username, password_hash, role, name, is_active,"
		  " created_at, updated_at) VALUES"
		  " (21, UNHEX(REPLACE('" ADMIN_A "', '-', '')), 1, 'asha', '-', 'admin', 'Asha', 1, UTC_TIMESTAMP(6),"
		  " UTC_TIMESTAMP(6)), (22, UNHEX(REPLACE('" KITCHEN_B "', '-', '')), 2, 'bela', '-', 'kitchen', 'Bela', 1,"
		  " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (23, UNHEX(REPLACE('" PLATFORM "', '-', '')), NULL, 'pia', '-',"
		  " 'admin', 'Pia', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	world_sql("INSERT INTO signing_keys (kid, public_pem, private_sealed, is_signing, created_at) VALUES"
		  " ('k1', '%s', '', 1, UTC_TIMESTAMP(6))", rsa_public_pem(arena, key));
}

static const char *
token(const char *kid, const char *sub, const char *role, const char *rid, int64_t life_s)
{
	struct op op;
	struct token_claims claims = { .iss = "ticketrail", .sub = sub, .sid = SESSION, .role = role, .rid = rid };

	world_op(&op, PROGRAM_orders);
	if (db_now(&op) != OK)
		diag("the world has no time");
	claims.iat_s = op.now_us / 1000000 - 30;
	claims.exp_s = op.now_us / 1000000 + life_s;
	op_end(&op);
	return arena_printf(arena, "Bearer %s", token_make(arena, key, kid, &claims));
}

struct seen {
	enum err e;
	struct actor actor;
	int64_t restaurant_id; /* op's */
	int64_t tenant_id;     /* of the request's restaurant; 0: none */
};

static struct seen
check(int roles, enum route_tenant tenant, struct request r)
{
	struct route route = { .roles = roles, .tenant = tenant };
	struct seen seen;
	struct op op;

	world_op(&op, PROGRAM_orders);
	op.config = &config;
	r.route = &route;
	seen.e = guard_check(&op, guard, &r);
	seen.actor = op.actor;
	seen.actor.name = arena_strdup(arena, op.actor.name);
	seen.restaurant_id = op.restaurant_id;
	seen.tenant_id = r.restaurant != NULL ? r.restaurant->id : 0;
	if (seen.e != OK)
		is_int(op.fault.code, seen.e, "the fault is what is returned");
	op_end(&op);
	return seen;
}
#define CHECK(roles, tenant, ...) check((roles), (tenant), (struct request){ __VA_ARGS__ })

static void
test_tokens(void)
{
	const char *guest = token("k1", GUEST, "guest", NULL, 900);
	struct seen s;

	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = NULL);
	is_int(s.e, ERR_INVALID_TOKEN, "ERR-03 without a token");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = guest);
	is_int(s.e, OK, "SEC-09 with a good one");
	ok(s.actor.kind == ACTOR_USER && s.actor.id == 11 && s.actor.role == ROLE_GUEST, "the guest is known");
	is_str(s.actor.name, "user", "by no name");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = token("k1", GUEST, "guest", NULL, -1));
	is_int(s.e, ERR_TOKEN_EXPIRED, "ERR-03 an expired one");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = token("k1", GONE_GUEST, "guest", NULL, 900));
	is_int(s.e, ERR_INVALID_TOKEN, "one of a guest who is disabled since");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = token("k9", GUEST, "guest", NULL, 900));
	is_int(s.e, ERR_INVALID_TOKEN, "one of another key");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = token("k1", ADMIN_A, "guest", NULL, 900));
	is_int(s.e, ERR_INVALID_TOKEN, "one for a guest that is none");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = "Basic dXNlcjpwYXNz");
	is_int(s.e, ERR_INVALID_TOKEN, "another scheme");
	s = CHECK(ROLE_GUEST, TENANT_NONE, .authorization = "Bearer ");
	is_int(s.e, ERR_INVALID_TOKEN, "an empty token");
	world_sql("INSERT INTO ended_sessions (family, ended_at) VALUES (UNHEX(REPLACE('" SESSION "', '-', '')), UTC_TIMESTAMP(6))");
	is_int(CHECK(ROLE_GUEST, TENANT_NONE, .authorization = guest).e, ERR_INVALID_TOKEN, "S05 one of a session that was ended");
	is_int(CHECK(ROLE_GUEST, TENANT_NEEDED, .authorization = guest).e, ERR_INVALID_TOKEN, "S05 at a restaurant too");
	is_int(CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = token("k1", ADMIN_A, "admin", "a", 900)).e, ERR_INVALID_TOKEN,
	    "S05 and one of staff");
	world_sql("DELETE FROM ended_sessions");
	s = CHECK(ROLE_ADMIN, TENANT_NONE, .authorization = guest);
	is_int(s.e, ERR_INSUFFICIENT_ROLE, "ERR-04 a guest at an admin's route");
	s = CHECK(ROLE_ANYBODY, TENANT_NONE, .authorization = "Bearer rubbish");
	is_int(s.e, OK, "a public route does not look at tokens");
	s = CHECK(ROLE_ANYBODY | ROLE_GUEST, TENANT_NONE, .authorization = NULL);
	ok(s.e == OK && s.actor.kind == ACTOR_NOBODY, "where one may come without a token");
	s = CHECK(ROLE_ANYBODY | ROLE_GUEST, TENANT_NONE, .authorization = guest);
	ok(s.e == OK && s.actor.id == 11, "one with a token is known");
	s = CHECK(ROLE_ANYBODY | ROLE_GUEST, TENANT_NONE, .authorization = "Bearer rubbish");
	is_int(s.e, ERR_INVALID_TOKEN, "but a bad one is refused");
}

static void
test_tenants(void)
{
	static const struct {
		const char *slug, *host;
		enum route_tenant tenant;
		enum err want;
		int64_t id;
	} cases[] = {
		{ "b", NULL, TENANT_NEEDED, OK, 2 },
		{ "b", "food.example", TENANT_OPTIONAL, OK, 2 },
		{ NULL, "food.example", TENANT_NEEDED, OK, 1 },
		{ NULL, "b.example", TENANT_NEEDED, OK, 2 },
		{ NULL, "unknown.example", TENANT_NEEDED, OK, 1 },
		{ "a", "b.example", TENANT_NEEDED, OK, 1 },
		{ "nobody", NULL, TENANT_NEEDED, ERR_NOT_FOUND, 0 },
		{ "nobody", NULL, TENANT_OPTIONAL, ERR_NOT_FOUND, 0 },
		{ "B", NULL, TENANT_NEEDED, ERR_NOT_FOUND, 0 },
		{ "shut", NULL, TENANT_NEEDED, ERR_NOT_FOUND, 0 },
		{ "b", NULL, TENANT_NONE, OK, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct seen s = CHECK(ROLE_ANYBODY, cases[i].tenant, .tenant_slug = cases[i].slug, .host = cases[i].host);

		is_int(s.e, cases[i].want, "slug %s, host %s", cases[i].slug ? cases[i].slug : "-",
		    cases[i].host ? cases[i].host : "-");
		is_int(s.tenant_id, cases[i].id, "is this restaurant");
		is_int(s.restaurant_id, cases[i].id, "also the op's");
	}
	config.default_restaurant = "";
	is_int(CHECK(ROLE_ANYBODY, TENANT_NEEDED, .host = "food.example").e, ERR_NOT_FOUND, "no default, none named");
	is_int(CHECK(ROLE_ANYBODY, TENANT_OPTIONAL, .host = "food.example").e, OK, "is fine where none is needed");
	config.default_restaurant = "a";
}

static void
test_staff(void)
{
	const char *asha = token("k1", ADMIN_A, "admin", "a", 900), *bela = token("k1", KITCHEN_B, "kitchen", "b", 900);
	const char *pia = token("k1", PLATFORM, "platform", NULL, 900);
	struct seen s;

	s = CHECK(ROLE_ADMIN, TENANT_NEEDED, .authorization = asha);
	ok(s.e == OK && s.actor.kind == ACTOR_STAFF && s.actor.id == 21 && s.actor.restaurant_id == 1 && s.tenant_id == 1,
	    "staff at their restaurant");
	is_str(s.actor.name, "staff:asha", "are known by name");
	s = CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = asha, .tenant_slug = "b");
	is_int(s.e, ERR_INSUFFICIENT_ROLE, "SEC-14 at another one they get 403");
	s = CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = asha, .host = "b.example");
	is_int(s.e, ERR_INSUFFICIENT_ROLE, "SEC-14 by host name too");
	s = CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = bela, .host = "food.example");
	ok(s.e == OK && s.tenant_id == 2, "where only the default was meant, theirs is taken");
	s = CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = bela, .tenant_slug = "b");
	ok(s.e == OK && s.tenant_id == 2, "as when they name it");
	s = CHECK(ROLE_ADMIN, TENANT_NEEDED, .authorization = bela);
	is_int(s.e, ERR_INSUFFICIENT_ROLE, "ERR-04 kitchen staff at an admin's route");
	s = CHECK(ROLE_ADMIN, TENANT_NEEDED, .authorization = pia, .tenant_slug = "b");
	ok(s.e == OK && s.tenant_id == 2 && s.restaurant_id == 2 && s.actor.role == ROLE_PLATFORM,
	    "platform staff are admins of every restaurant");
	s = CHECK(ROLE_ADMIN, TENANT_NEEDED, .authorization = pia, .tenant_slug = "shut");
	ok(s.e == OK && s.tenant_id == 3, "even of one that is not active");
	s = CHECK(ROLES_STAFF, TENANT_NONE, .authorization = bela);
	ok(s.e == OK && s.tenant_id == 0 && s.restaurant_id == 2, "a route about no restaurant knows theirs");
	is_int(CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = token("k1", KITCHEN_B, "admin", "b", 900)).e, ERR_INVALID_TOKEN,
	    "S05 a token of a role that they no longer have is void");
	is_int(CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = token("k1", KITCHEN_B, "kitchen", "a", 900)).e, ERR_INVALID_TOKEN,
	    "S05 as is one of a restaurant that they have left");
	is_int(CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = token("k1", KITCHEN_B, "kitchen", NULL, 900)).e, ERR_INVALID_TOKEN,
	    "S05 or of none");
	world_sql("UPDATE staff_users SET is_active = 0 WHERE id = 22");
	s = CHECK(ROLES_STAFF, TENANT_NEEDED, .authorization = bela);
	is_int(s.e, ERR_INVALID_TOKEN, "staff disabled since are refused");
}

int
main(void)
{
	arena = arena_new((size_t)8 * 1024 * 1024);
	key = rsa_generate();
	world_begin();
	rows_make();
	guard = guard_new(&config);
	test_tokens();
	test_tenants();
	test_staff();
	guard_free(&guard);
	rsa_free(&key);
	arena_free(&arena);
	return tap_done();
}
