/* The schema, row by row of the requirements: columns, unique keys, indexes, foreign keys, and what they do. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "world.h"

/* Columns that a table must have, in any order, with any type that the other tables here do not fix. */
static const struct {
	const char *id, *table, *columns;
} tables[] = {
	{ "DB-01", "pos_providers", "provider_name,display_name,base_api_url,webhook_base_url,webhook_endpoints,global_config,auth_type,is_active,created_at,updated_at" },
	{ "DB-03", "restaurant_pos_integrations", "restaurant_id,pos_type,pos_provider_id,pos_restaurant_id,endpoint,api_key,restaurant_specific_config,active,created_at,updated_at" },
	{ "DB-05", "restaurant_pos_integrations", "pos_type" },
	{ "DB-06", "restaurant_webhook_secrets", "restaurant_id,pos_provider_id,secret_key,is_active,expires_at,created_at,updated_at" },
	{ "DB-08", "orders", "pos_order_id,pos_status_updated_at,estimated_delivery_time,completed_at,cancelled_at,cancellation_reason" },
	{ "DB-09", "orders", "order_number,user_id,status,order_type,subtotal_minor,delivery_charge_minor,total_minor,payment_method,payment_status,special_instructions,estimated_ready_time,delivery_address,created_at,updated_at" },
	{ "DB-10", "orders", "public_id,confirmed_at,failed_at,ready_at,external_id,pos_response" },
	{ "DB-11", "orders", "customer_name,customer_email,customer_phone,scheduled_time,tax_minor,tip_minor,stripe_payment_intent_id" },
	{ "DB-12", "order_items", "order_id,item_name,item_price_minor,quantity,line_total_minor" },
	{ "DB-13", "order_items", "variation_id,variation_name,special_instructions" },
	{ "DB-13", "order_item_addons", "order_id,line_no,addon_item_id,name,price_minor,quantity" },
	{ "DB-14", "order_status_history", "order_id,old_status,new_status,changed_by,change_reason,created_at" },
	{ "DB-15", "notification_queue", "user_id,order_id,type,phone_number,email,message,status,retry_count,created_at,updated_at" },
	{ "DB-16", "webhook_logs", "webhook_type,body,status,error_message,processed_at,headers,restaurant_id,provider,event_key" },
	{ "DB-17", "menu_sync_history", "restaurant_id,sync_type,status,items_synced,categories_synced,errors,started_at,completed_at" },
	{ "DB-18", "categories", "external_id" },
	{ "DB-19", "items", "external_id,restaurant_id" },
	{ "DB-20", "variations", "external_id" },
	{ "DB-21", "addon_groups", "external_id" },
	{ "DB-22 DB-23", "addon_items", "external_id" },
	{ "DB-24", "users", "phone,name,is_active,created_at,updated_at" },
	{ "DB-25", "staff_users", "username,password_hash,role,name,is_active,restaurant_id" },
	{ "DB-26", "categories", "name,display_order,is_active,image_url" },
	{ "DB-27", "items", "category_id,name,description,price_minor,image_url,is_veg,is_available,time_slots,display_order,created_at,updated_at" },
	{ "DB-30", "device_tokens", "user_id,token,platform,is_active,created_at" },
	{ "DB-29", "delivery_assignments", "order_id,staff_id,status,assigned_at,picked_up_at,delivered_at" },
	{ "DB-31", "system_config", "restaurant_id,config_key,value,updated_at,updated_by" },
	{ "DB-33", "restaurants", "slug,name,address,contact,time_zone,pos_provider,pos_location_id" },
	{ "DB-35", "otp_codes", "phone,code_hash,expires_at,used_at" },
	{ "DB-36", "refresh_tokens", "token_hash,family,expires_at,used_at,revoked_at" },
};

static const struct {
	const char *id, *table, *column, *type, *nullable;
} types[] = {
	{ "DB-01", "pos_providers", "auth_type", "enum('api_key','oauth','basic')", "NO" },
	{ "DB-09", "orders", "order_type", "enum('dine_in','pickup','delivery')", "NO" },
	{ "DB-09", "orders", "total_minor", "bigint(20)", "NO" },
	{ "DB-42", "orders", "status", "enum('received','confirmed','preparing','ready','out_for_delivery','completed','cancelled','rejected')", "NO" },
	{ "DB-15", "notification_queue", "status", "enum('pending','sent','failed')", "NO" },
	{ "DB-16", "webhook_logs", "body", "longblob", "YES" },
	{ "DB-17", "menu_sync_history", "sync_type", "varchar(50)", "NO" },
	{ "DB-24", "users", "name", "varchar(100)", "YES" },
	{ "DB-25", "staff_users", "role", "enum('admin','kitchen','delivery')", "NO" },
	{ "DB-30", "device_tokens", "platform", "enum('android','ios')", "NO" },
	{ "DB-29", "delivery_assignments", "status", "enum('assigned','picked_up','delivered')", "NO" },
	{ "DB-35", "otp_codes", "code_hash", "binary(32)", "NO" },
};

/* The columns of an index, in its order. unique: whether it must be. */
static const struct {
	const char *id, *table, *columns;
	bool unique;
} indexes[] = {
	{ "DB-02", "pos_providers", "provider_name", true },
	{ "DB-04", "restaurant_pos_integrations", "restaurant_id,pos_provider_id", true },
	{ "DB-04", "restaurant_pos_integrations", "restaurant_id,active", false },
	{ "DB-06", "restaurant_webhook_secrets", "is_active,expires_at", false },
	{ "DB-07", "restaurant_webhook_secrets", "restaurant_id,pos_provider_id,purpose,active_key", true },
	{ "DB-09", "orders", "restaurant_id,order_number", true },
	{ "DB-10", "orders", "public_id", true },
	{ "DB-14", "order_status_history", "order_id,seq", true },
	{ "DB-14", "order_status_history", "created_at", false },
	{ "DB-15", "notification_queue", "status", false },
	{ "DB-15", "notification_queue", "created_at", false },
	{ "DB-16", "webhook_logs", "webhook_type", false },
	{ "DB-16", "webhook_logs", "state,id", false },
	{ "DB-16 DB-38", "webhook_logs", "processed_at", false },
	{ "DB-24", "users", "phone", true },
	{ "DB-25", "staff_users", "scope_key,username", true },
	{ "DB-26", "categories", "restaurant_id,active_name", true },
	{ "DB-29", "delivery_assignments", "order_id", true },
	{ "DB-31", "system_config", "restaurant_id,config_key", true },
	{ "DB-33", "restaurants", "slug", true },
	{ "DB-38", "orders", "restaurant_id,status", false },
	{ "DB-38", "orders", "pos_order_id", false },
	{ "DB-38", "items", "external_id,restaurant_id", false },
};

static const struct {
	const char *id, *table, *parent, *on_delete;
} foreign_keys[] = {
	{ "DB-03", "restaurant_pos_integrations", "pos_providers", "RESTRICT" },
	{ "DB-06", "restaurant_webhook_secrets", "pos_providers", "RESTRICT" },
	{ "DB-12", "order_items", "orders", "CASCADE" },
	{ "DB-14 DB-39", "order_status_history", "orders", "CASCADE" },
	{ "DB-15 DB-39", "notification_queue", "orders", "CASCADE" },
	{ "DB-15 DB-39", "notification_queue", "users", "SET NULL" },
	{ "DB-09 DB-39", "orders", "users", "SET NULL" },
	{ "DB-27", "items", "categories", "RESTRICT" },
	{ "DB-29 DB-39", "delivery_assignments", "orders", "CASCADE" },
	{ "DB-29", "delivery_assignments", "staff_users", "RESTRICT" },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define HERE "TABLE_SCHEMA = 'ticketrail'"

static void
text_is(const char *sql, const char *want, const char *name)
{
	char *got = world_text("%s", sql);

	is_str(got, want, "%s", name);
	free(got);
}

static void
test_columns(void)
{
	for (size_t i = 0; i < N(tables); i++) {
		int64_t want = 1;

		for (const char *c = tables[i].columns; *c != '\0'; c++)
			want += *c == ',';
		is_int(world_int("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE " HERE " AND TABLE_NAME = '%s' AND"
		    " FIND_IN_SET(COLUMN_NAME, '%s')", tables[i].table, tables[i].columns), want, "%s %s has %s", tables[i].id,
		    tables[i].table, tables[i].columns);
	}
	for (size_t i = 0; i < N(types); i++) {
		char *type = world_text("SELECT CONCAT(COLUMN_TYPE, ' ', IS_NULLABLE) FROM information_schema.COLUMNS WHERE " HERE
		    " AND TABLE_NAME = '%s' AND COLUMN_NAME = '%s'", types[i].table, types[i].column);
		char want[256];

		(void)snprintf(want, sizeof want, "%s %s", types[i].type, types[i].nullable);
		is_str(type, want, "%s type of %s.%s", types[i].id, types[i].table, types[i].column);
		free(type);
	}
}

static void
test_indexes(void)
{
	for (size_t i = 0; i < N(indexes); i++)
		is_int(world_int("SELECT COUNT(*) > 0 FROM (SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS c, MAX(NON_UNIQUE) AS n"
		    " FROM information_schema.STATISTICS WHERE " HERE " AND TABLE_NAME = '%s' GROUP BY INDEX_NAME) x"
		    " WHERE x.c = '%s' AND (x.n = 0 OR %d = 0)", indexes[i].table, indexes[i].columns, indexes[i].unique), 1,
		    "%s %s %s (%s)", indexes[i].id, indexes[i].table, indexes[i].unique ? "is unique by" : "is indexed by",
		    indexes[i].columns);
	text_is("SELECT COLLATION FROM information_schema.STATISTICS WHERE " HERE
	    " AND TABLE_NAME = 'webhook_logs' AND INDEX_NAME = 'idx_webhook_logs_processed_at'", "D", "DB-38 the latest deliveries come first");
	for (size_t i = 0; i < N(foreign_keys); i++)
		is_int(world_int("SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'ticketrail'"
		    " AND TABLE_NAME = '%s' AND REFERENCED_TABLE_NAME = '%s' AND DELETE_RULE = '%s'", foreign_keys[i].table,
		    foreign_keys[i].parent, foreign_keys[i].on_delete), 1, "%s %s refers to %s, on delete %s", foreign_keys[i].id,
		    foreign_keys[i].table, foreign_keys[i].parent, foreign_keys[i].on_delete);
	is_int(world_int("SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'ticketrail'"
	    " AND REFERENCED_TABLE_NAME = 'restaurant_counters'"), 0, "nothing refers to restaurant_counters, whose row every order locks");
}

/* --- what the constraints do --------------------------------------------------------------------------------- */

static void
test_people(void)
{
	world_sql("INSERT INTO users (id, public_id, phone, created_at, updated_at) VALUES (1, REPEAT('a', 16), '+919876543210', NOW(6), NOW(6))");
	is_int(world_sql_errno("INSERT INTO users (public_id, phone, created_at, updated_at) VALUES (REPEAT('b', 16), '+919876543210',"
	    " NOW(6), NOW(6))"), 1062, "DB-24 a phone belongs to one user");
	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) VALUES (1, 'one', 'One', NOW(6), NOW(6)),"
	    " (2, 'two', 'Two', NOW(6), NOW(6))");
	is_int(world_sql_errno("INSERT INTO restaurants (slug, name, created_at, updated_at) VALUES ('one', 'Other', NOW(6), NOW(6))"), 1062,
	    "DB-33 a slug belongs to one restaurant");
	world_sql("INSERT INTO staff_users (public_id, restaurant_id, username, password_hash, role, name, created_at, updated_at) VALUES"
	    " (REPEAT('c', 16), 1, 'asha', 'x', 'admin', 'Asha', NOW(6), NOW(6)),"
	    " (REPEAT('d', 16), 2, 'asha', 'x', 'kitchen', 'Asha', NOW(6), NOW(6)),"
	    " (REPEAT('e', 16), NULL, 'root', 'x', 'admin', 'Root', NOW(6), NOW(6))");
	ok(true, "DB-25 two restaurants may each have an asha");
	is_int(world_sql_errno("INSERT INTO staff_users (public_id, restaurant_id, username, password_hash, role, name, created_at, updated_at)"
	    " VALUES (REPEAT('f', 16), 1, 'asha', 'x', 'admin', 'A', NOW(6), NOW(6))"), 1062, "DB-25 one restaurant only one");
	is_int(world_sql_errno("INSERT INTO staff_users (public_id, restaurant_id, username, password_hash, role, name, created_at, updated_at)"
	    " VALUES (REPEAT('f', 16), NULL, 'root', 'x', 'admin', 'A', NOW(6), NOW(6))"), 1062, "DB-25 and the platform too");
	is_int(world_sql_errno("INSERT INTO staff_users (public_id, username, password_hash, role, name, created_at, updated_at)"
	    " VALUES (REPEAT('f', 16), 'x', 'x', 'owner', 'A', NOW(6), NOW(6))"), 1265, "DB-25 there is no other role");
}

static void
test_secrets(void)
{
	static const char add[] = "INSERT INTO restaurant_webhook_secrets (restaurant_id, pos_provider_id, purpose, secret_key, digest, is_active,"
	    " created_at, updated_at) SELECT 1, id, 'signature', 's', REPEAT('d', 32), 1, NOW(6), NOW(6) FROM pos_providers WHERE provider_name = 'petpooja'";
	static const char retire[] = "UPDATE restaurant_webhook_secrets SET is_active = 0, expires_at = NOW(6) WHERE is_active = 1";

	is_int(world_sql_errno("INSERT INTO pos_providers (provider_name, display_name, base_api_url, created_at, updated_at) VALUES"
	    " ('petpooja', 'x', 'x', NOW(6), NOW(6))"), 1062, "DB-02 a provider's name is its own");
	world_sql("%s", add);
	is_int(world_sql_errno("%s", add), 1062, "DB-07 there is no second active secret");
	world_sql("%s", retire);
	is_int(world_sql_errno("%s", add), 0, "DB-07 a secret can be rotated");
	world_sql("%s", retire);
	is_int(world_sql_errno("%s", add), 0, "DB-07 and rotated again");
	is_int(world_int("SELECT SUM(is_active = 0) * 10 + SUM(is_active) FROM restaurant_webhook_secrets"), 21,
	    "DB-07 which leaves two retired and one active");
	is_int(world_sql_errno("INSERT INTO restaurant_pos_integrations (restaurant_id, pos_type, pos_provider_id, api_key, created_at, updated_at)"
	    " SELECT 1, 'petpooja', id, 'clear text', NOW(6), NOW(6) FROM pos_providers"), 1906, "DB-03 an api_key cannot be stored in clear");
	is_int(world_sql_errno("INSERT INTO restaurant_pos_integrations (restaurant_id, pos_type, pos_provider_id, created_at, updated_at)"
	    " SELECT 1, 'petpooja', id, NOW(6), NOW(6) FROM pos_providers WHERE provider_name = 'petpooja'"), 0, "DB-04 an integration");
	is_int(world_sql_errno("INSERT INTO restaurant_pos_integrations (restaurant_id, pos_type, pos_provider_id, created_at, updated_at)"
	    " SELECT 1, 'petpooja', id, NOW(6), NOW(6) FROM pos_providers WHERE provider_name = 'petpooja'"), 1062,
	    "DB-04 one per restaurant and provider");
}

static void
test_orders(void)
{
	world_sql("INSERT INTO orders (id, public_id, restaurant_id, user_id, order_number, order_type, currency, subtotal_minor, total_minor,"
	    " menu_version, payment_method, created_at, updated_at) VALUES (1, REPEAT('o', 16), 1, 1, 'A-1', 'pickup', 'INR', 100, 100, 1, 'cash',"
	    " NOW(6), NOW(6)), (2, REPEAT('p', 16), 2, 1, 'A-1', 'pickup', 'INR', 100, 100, 1, 'cash', NOW(6), NOW(6))");
	is_int(world_sql_errno("UPDATE orders SET restaurant_id = 1 WHERE id = 2"), 1062, "DB-09 an order's number is its own in its restaurant");
	world_sql("UPDATE orders SET pos_order_id = 'PP-1' WHERE id = 1");
	text_is("SELECT external_id FROM orders WHERE id = 1", "PP-1", "DB-10 external_id is pos_order_id");
	is_int(world_sql_errno("INSERT INTO order_items (order_id, line_no, item_id, item_public_id, item_name, item_price_minor, quantity,"
	    " line_total_minor) VALUES (1, 1, 9, REPEAT('i', 16), 'Dosa', 100, 0, 0)"), 4025, "DB-12 nobody orders none of something");
	world_sql("INSERT INTO order_items (order_id, line_no, item_id, item_public_id, item_name, item_price_minor, quantity,"
	    " line_total_minor) VALUES (1, 1, 9, REPEAT('i', 16), 'Dosa', 100, 1, 100)");
	world_sql("INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, trace_id, created_at)"
	    " VALUES (1, 1, 'status', 'placed', '', 'received', 'user', '', NOW(6))");
	world_sql("INSERT INTO notification_queue (restaurant_id, user_id, order_id, type, channel, dedupe_key, created_at, updated_at)"
	    " VALUES (1, 1, 1, 'order_placed', 'sms', 'k', NOW(6), NOW(6)), (1, 1, NULL, 'hello', 'sms', 'l', NOW(6), NOW(6))");
	is_int(world_sql_errno("INSERT INTO notification_queue (restaurant_id, type, channel, dedupe_key, created_at, updated_at)"
	    " VALUES (1, 'order_placed', 'sms', 'k', NOW(6), NOW(6))"), 1062, "DB-15 a notice is queued once");
	world_sql("DELETE FROM users WHERE id = 1");
	is_int(world_int("SELECT COUNT(*) FROM orders WHERE user_id IS NULL"), 2, "DB-39 an order outlives its user");
	is_int(world_int("SELECT COUNT(*) FROM notification_queue WHERE user_id IS NULL"), 2, "DB-39 DB-15 as does a notice");
	world_sql("DELETE FROM orders WHERE id = 1");
	is_int(world_int("SELECT (SELECT COUNT(*) FROM order_items) + (SELECT COUNT(*) FROM order_status_history)"), 0,
	    "DB-39 DB-14 an order's lines and history go with it");
	is_int(world_int("SELECT COUNT(*) FROM notification_queue"), 1, "DB-39 DB-15 and its notices");
}

static void
test_menu(void)
{
	world_sql("INSERT INTO categories (id, public_id, restaurant_id, external_id, name, is_active) VALUES (1, REPEAT('1', 16), 1, 'x', 'Dosa', 1),"
	    " (2, REPEAT('2', 16), 1, 'y', 'Idli', 0), (3, REPEAT('3', 16), 1, 'z', 'Idli', 0), (4, REPEAT('4', 16), 2, 'x', 'Dosa', 1)");
	is_int(world_sql_errno("INSERT INTO categories (public_id, restaurant_id, name) VALUES (REPEAT('5', 16), 1, 'Dosa')"), 1062,
	    "DB-26 a category's name is its own among the active ones of a restaurant");
	is_int(world_sql_errno("INSERT INTO categories (public_id, restaurant_id, external_id, name) VALUES (REPEAT('5', 16), 1, 'x', 'Vada')"), 1062,
	    "DB-18 as is the POS's id");
	is_int(world_sql_errno("INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, created_at, updated_at) VALUES"
	    " (REPEAT('6', 16), 1, 1, 'Free', -1, NOW(6), NOW(6))"), 4025, "DB-27 nothing costs less than nothing");
	is_int(world_sql_errno("INSERT INTO items (public_id, restaurant_id, category_id, name, price_minor, time_slots, created_at, updated_at)"
	    " VALUES (REPEAT('6', 16), 1, 1, 'Dosa', 100, '{', NOW(6), NOW(6))"), 4025, "DB-27 time slots are JSON");
	world_sql("INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (0, 'a', '1', NOW(6), 'x'),"
	    " (1, 'a', '2', NOW(6), 'x')");
	is_int(world_sql_errno("INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (1, 'a', '3', NOW(6), 'x')"),
	    1062, "DB-31 a setting has one value per restaurant");
	is_int(world_sql_errno("UPDATE system_config SET value = 'no JSON'"), 4025, "DB-31 which is JSON");
	world_sql("INSERT INTO webhook_logs (provider, webhook_type, headers, source_address, body, body_len, body_digest, is_verified, state,"
	    " http_status, trace_id, received_at) VALUES ('petpooja', 't', '', '', X'00ff0d0a', 4, REPEAT('d', 32), 0, 'dead', 200, '', NOW(6))");
	text_is("SELECT CONCAT(status, HEX(body)) FROM webhook_logs", "failed00FF0D0A",
	    "DB-16 a delivery is kept byte by byte, and its status is the older word for its state");
}

int
main(void)
{
	world_begin();
	test_columns();
	test_indexes();
	test_people();
	test_secrets();
	test_orders();
	test_menu();
	return tap_done();
}
