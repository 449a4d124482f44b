/* The menu pool, asked over FastCGI: who may, what is shown, what is refused, and nothing that is old. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/rsa.h"
#include "crypto/token.h"
#include "fcgi_client.h"
#include "house.h"
#include "menu/item.h"
#include "menu/menu_doc.h"
#include "menu/menu_import.h"
#include "tap.h"
#include "world.h"

#define GUEST "01900000-0000-7000-8000-000000000001"
#define KITCHEN "01900000-0000-7000-8000-00000000000a"

static struct arena *arena;
static struct rsa_key *key;
static const char *guest, *kitchen;

/* --- the restaurant ------------------------------------------------------------------------------ */

static const char *
token(const char *sub, const char *role, const char *rid)
{
	struct token_claims claims = { .iss = "ticketrail", .sub = sub, .sid = "01900000-0000-7000-8000-00000000000d", .role = role, .rid = rid };
	struct op op;

	world_op(&op, PROGRAM_menu);
	if (db_now(&op) != OK)
		diag("the world has no time");
	claims.iat_s = op.now_us / 1000000 - 30;
	claims.exp_s = op.now_us / 1000000 + 900;
	op_end(&op);
	return arena_printf(arena, "Bearer %s", token_make(arena, key, "k1", &claims));
}

static void
menu_bring(int64_t restaurant_id, int64_t price_minor)
{
	static const char *const slots[] = { "breakfast" };
	const struct menu_doc_category categories[] = {
		{ .external_id = "c1", .name = "Mains", .display_order = 2, .is_active = true },
		{ .external_id = "c2", .name = "Desserts", .display_order = 1, .is_active = true },
		{ .external_id = "c3", .name = "Winter", .display_order = 0 },
	};
	const struct menu_doc_item items[] = {
		{ .external_id = "i1", .category_external_id = "c1", .name = "Idli", .price_minor = price_minor,
		  .is_available = true, .is_active = true, .time_slots = slots, .time_slots_n = 1 },
		{ .external_id = "i2", .category_external_id = "c1", .name = "Dal Makhani", .description = "Black lentils",
		  .price_minor = 22000, .is_available = true, .is_active = true },
		{ .external_id = "i3", .category_external_id = "c2", .name = "Crème brûlée", .price_minor = 15050,
		  .is_available = true, .is_active = true },
	};
	const struct menu_doc doc = { .categories = categories, .categories_n = 3, .items = items, .items_n = 3 };
	const struct menu_import what = { .restaurant_id = restaurant_id, .doc = &doc };
	struct menu_import_result r;
	struct op op;

	world_op(&op, PROGRAM_jobs);
	if (menu_import(&op, &what, &r) != OK)
		house_bail("no menu");
	op_end(&op);
}

static void
rows_make(void)
{
	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) VALUES"
	    " (1, 'a', 'A', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (2, 'b', 'B', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	world_sql("INSERT INTO restaurant_counters (restaurant_id) VALUES (1), (2)");
	world_sql("INSERT INTO users (id, public_id, phone, is_active, created_at, updated_at) VALUES"
	    " (11, UNHEX(REPLACE('" GUEST "', '-', '')), '+911', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	world_sql("INSERT INTO staff_users (id, public_id, restaurant_id, username, password_hash, role, name, is_active,"
	    " created_at, updated_at) VALUES (21, UNHEX(REPLACE('" KITCHEN "', '-', '')), 1, 'asha', '-', 'kitchen', 'Asha', 1,"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	world_sql("INSERT INTO signing_keys (kid, public_pem, private_sealed, is_signing, created_at) VALUES"
	    " ('k1', '%s', '', 1, UTC_TIMESTAMP(6))", rsa_public_pem(arena, key));
	menu_bring(1, 6000);
	menu_bring(2, 7000);
}

/* --- asking -------------------------------------------------------------------------------------- */

static struct fcgi_answer answer;

/* Asks, and keeps the answer until the next call. */
static int
get_as(const char *authorization, const char *tenant, const char *path, const char *query, const char *if_none_match)
{
	const char *params[] = { "HTTP_AUTHORIZATION", authorization, "HTTP_IF_NONE_MATCH", if_none_match, NULL };
	struct fcgi_ask ask = { .method = "GET", .path = path, .query = query, .tenant = tenant, .params = params };

	if (if_none_match == NULL)
		params[2] = NULL;
	if (authorization == NULL)
		ask.params = NULL;
	fcgi_answer_free(&answer);
	return fcgi_request(house.socket, &ask, &answer) ? answer.status : 0;
}

static int
get(const char *path, const char *query)
{
	return get_as(guest, "a", path, query, NULL);
}

static bool
has(const char *text)
{
	bool is_there = answer.body != NULL && strstr(answer.body, text) != NULL;

	if (!is_there)
		diag("no %s in %s", text, answer.body);
	return is_there;
}

static const char *
id_of(const char *table, int64_t restaurant_id, const char *external_id)
{
	char *text = world_text("SELECT LOWER(CONCAT_WS('-', SUBSTR(HEX(public_id), 1, 8), SUBSTR(HEX(public_id), 9, 4),"
	    " SUBSTR(HEX(public_id), 13, 4), SUBSTR(HEX(public_id), 17, 4), SUBSTR(HEX(public_id), 21))) FROM %s"
	    " WHERE restaurant_id = %lld AND external_id = '%s'", table, (long long)restaurant_id, external_id);
	const char *id = arena_strdup(arena, text);

	free(text);
	return id;
}

/* --- tests --------------------------------------------------------------------------------------- */

static void
test_who(void)
{
	static const char *const paths[] = { "/api/v1/menu/categories", "/api/v1/menu/items",
	    "/api/v1/menu/items/01900000-0000-7000-8000-000000000001" };

	for (size_t i = 0; i < 3; i++) {
		is_int(get_as(NULL, "a", paths[i], NULL, NULL), 401, "MENU-06 nobody is shown %s", paths[i]);
		ok(has("\"code\":\"INVALID_TOKEN\""), "MENU-06 and told why");
	}
	is_int(get("/api/v1/menu/categories", NULL), 200, "MENU-06 a guest may");
	is_int(get_as(kitchen, "a", "/api/v1/menu/categories", NULL, NULL), 200, "MENU-06 so may the kitchen");
	is_int(get_as(kitchen, "b", "/api/v1/menu/categories", NULL, NULL), 403, "MENU-06 but not another restaurant's");
	is_int(get_as(guest, "nowhere", "/api/v1/menu/items", NULL, NULL), 404, "ARC-02 of no restaurant there is none");
}

static void
test_shown(void)
{
	const char *id = id_of("items", 1, "i3");

	is_int(get("/api/v1/menu/categories", NULL), 200, "MENU-01 categories");
	ok(has("{\"categories\":[{\"id\":\"") && strstr(answer.body, "Desserts") < strstr(answer.body, "Mains") &&
		strstr(answer.body, "Winter") == NULL,
	    "MENU-01 active ones in display order");
	is_str(fcgi_header(&answer, "Content-Type"), "application/json", "as JSON");
	is_int(get("/api/v1/menu/items", NULL), 200, "MENU-02 items");
	ok(has("\"total\":3}") && has("\"name\":\"Idli\",\"description\":null,\"price\":60.00,"), "MENU-02 and how many");
	is_int(get("/api/v1/menu/items", NULL), 200, "MENU-09 again");
	ok(has("\"total\":3}") && has("\"price\":60.00,"), "MENU-09 the same from memory");
	is_int(get(arena_printf(arena, "/api/v1/menu/items/%s", id), NULL), 200, "MENU-03 one item");
	ok(has(arena_printf(arena, "{\"id\":\"%s\",\"name\":\"Crème brûlée\"", id)) && has("\"price\":150.50,"),
	    "MENU-03 is that item");
	is_int(get_as(guest, "b", "/api/v1/menu/items", NULL, NULL), 200, "ARC-02 another restaurant");
	ok(has("\"price\":70.00,") && strstr(answer.body, "60.00") == NULL, "ARC-02 has a menu of its own");
	is_int(get_as(guest, "b", arena_printf(arena, "/api/v1/menu/items/%s", id), NULL, NULL), 404,
	    "ARC-02 without the first one's items");
	is_int(get("/api/v1/menu/items/01900000-0000-7000-8000-000000000001", NULL), 404, "MENU-03 an unknown item");
	is_int(get("/api/v1/menu/items/7", NULL), 404, "MENU-03 what is no id names nothing");
}

static void
test_filters(void)
{
	const char *mains = id_of("categories", 1, "c1"), *theirs = id_of("categories", 2, "c1");

	is_int(get("/api/v1/menu/items", arena_printf(arena, "category_id=%s", mains)), 200, "MENU-02 of a category");
	ok(has("\"total\":2}"), "MENU-02 both");
	is_int(get("/api/v1/menu/items", arena_printf(arena, "category_id=%s&time_slot=lunch", mains)), 200,
	    "MENU-02 at lunch");
	ok(has("\"total\":1}") && has("Dal Makhani"), "MENU-02 without what is for breakfast");
	is_int(get("/api/v1/menu/items", "time_slot=breakfast"), 200, "MENU-02 at breakfast");
	ok(has("\"total\":3}"), "MENU-02 with what is always there");
	is_int(get("/api/v1/menu/items", "search=CREME+brulee"), 200, "MENU-02 by words");
	ok(has("\"total\":1}") && has("Crème"), "MENU-02 as people type them");
	is_int(get("/api/v1/menu/items", "search=LENTIL"), 200, "MENU-02 in the description");
	ok(has("\"total\":1}") && has("Dal"), "MENU-02 too");
	is_int(get("/api/v1/menu/items", "search=burger"), 200, "MENU-02 what is not there");
	ok(has("{\"items\":[],\"total\":0}"), "MENU-02 is an empty list");
	is_int(get("/api/v1/menu/items", arena_printf(arena, "category_id=%s", theirs)), 200,
	    "ARC-02 another restaurant's category");
	ok(has("\"total\":0}"), "ARC-02 is empty here");
	is_int(get("/api/v1/menu/items", "category_id=7"), 400, "ERR-02 a category that is no id");
	ok(has("\"code\":\"VALIDATION_ERROR\"") && has("\"field\":\"category_id\""), "ERR-02 is refused by name");
	is_int(get("/api/v1/menu/items", "time_slot=brunch"), 400, "ERR-02 a slot that there is not");
	ok(has("\"field\":\"time_slot\""), "ERR-02 is refused by name");
	is_int(get("/api/v1/menu/items", arena_printf(arena, "search=%0101d", 0)), 400, "ERR-02 a novel");
	ok(has("\"field\":\"search\""), "ERR-02 is refused by name");
	is_int(get("/api/v1/menu/items", "search=%zz"), 400, "ERR-02 what is not encoded");
	is_int(get("/api/v1/menu/items", "search=a&search=b"), 400, "ERR-02 two of one");
}

static void
stock(const char *external_id, bool is_available)
{
	int64_t changed = 0;
	struct op op;

	world_op(&op, PROGRAM_webhooks);
	if (item_stock_set(&op, 1, &external_id, 1, STOCK_ITEM, is_available, TIME_NONE, &changed, NULL, NULL) != OK || changed != 1)
		house_bail("no stock");
	op_end(&op);
}

static void
test_fresh(void)
{
	const char *etag, *item = arena_printf(arena, "/api/v1/menu/items/%s", id_of("items", 1, "i2"));
	int stale = 0, status = 0;

	get("/api/v1/menu/items", NULL);
	etag = arena_strdup(arena, fcgi_header(&answer, "ETag"));
	ok(etag != NULL && etag[0] == '"', "MENU-09 an answer names its version: %s", etag);
	is_str(fcgi_header(&answer, "Cache-Control"), "private, no-cache", "MENU-09 and may be kept, but not trusted");
	is_int(get_as(guest, "a", "/api/v1/menu/items", NULL, etag), 304, "MENU-09 who has it is told so");
	is_int(answer.body_len, 0, "MENU-09 in no words");
	is_int(get_as(guest, "a", "/api/v1/menu/items", "search=dal", etag), 304, "MENU-09 for a part of it too");
	is_int(get_as(guest, "a", "/api/v1/menu/items/7", NULL, etag), 404, "but not for what is not there");
	is_int(get_as(guest, "a", "/api/v1/menu/items", "time_slot=brunch", etag), 400, "nor for what makes no sense");
	is_int(get_as(NULL, "a", "/api/v1/menu/items", NULL, NULL), 401, "nor for nobody");
	for (int i = 0; i < 50; i++) {
		stock("i2", i % 2 == 1);
		for (int j = 0; j < 4; j++) {
			status = get(item, NULL);
			stale += status != 200 || strstr(answer.body, i % 2 == 1 ? "\"is_available\":true"
			    : "\"is_available\":false") == NULL;
		}
	}
	is_int(stale, 0, "D9 MENU-09 an 86 is seen by every worker's next answer, 200 times");
	is_int(get_as(guest, "a", "/api/v1/menu/items", NULL, etag), 200, "D9 the old version is no longer known");
	ok(strcmp(fcgi_header(&answer, "ETag"), etag) != 0, "D9 there is a new one");
	menu_bring(1, 6500);
	is_int(get("/api/v1/menu/items", NULL), 200, "D9 after a sync");
	ok(has("\"price\":65.00,"), "D9 the new price");
}

static void
test_large(void)
{
	world_sql("INSERT INTO items (public_id, restaurant_id, category_id, external_id, name, description, price_minor,"
	    " created_at, updated_at) SELECT UNHEX(MD5(seq)), 1, (SELECT id FROM categories WHERE restaurant_id = 1 AND"
	    " external_id = 'c1'), CONCAT('big', seq), CONCAT('Big ', seq), REPEAT('d', 500), seq, NOW(6), NOW(6)"
	    " FROM seq_1_to_2000");
	world_sql("UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = 1");
	is_int(get("/api/v1/menu/items", NULL), 200, "SYNC-09 a menu of 2000 items");
	ok(has("\"total\":2003}") && answer.body_len > 1000000, "SYNC-09 is shown whole: %zu bytes", answer.body_len);
	is_int(get("/api/v1/menu/items", "search=big+1999"), 200, "SYNC-09 and searched");
	ok(has("\"total\":1}"), "SYNC-09 one is found");
}

int
main(void)
{
	struct master m;

	arena = arena_new((size_t)64 * 1024 * 1024);
	house_open();
	world_begin();
	key = rsa_generate();
	rows_make();
	guest = token(GUEST, "guest", NULL);
	kitchen = token(KITCHEN, "kitchen", "a");
	(void)setenv("DB_SOCKET", world_admin()->socket, 1);
	(void)setenv("DB_NAME", world_admin()->database, 1);
	(void)setenv("DB_PASSWORD", WORLD_PASSWORD, 1);
	house_script("exec %s/menu", house.programs);
	m = master_start("3", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "the pool is ready");
	test_who();
	test_shown();
	test_filters();
	test_fresh();
	test_large();
	is_int(master_stop(&m), 0, "TERM");
	fcgi_answer_free(&answer);
	house_close();
	rsa_free(&key);
	arena_free(&arena);
	return tap_done();
}
