/*
 * Every statement on tables that have grown: none reads its way through one of them, and the hot ones take the index that
 * was made for them (the golden lines below: table, how it is read, by which key).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/stmt.h"
#include "tap.h"
#include "world.h"

#define ROWS "100000"
#define FEW "20000"
#define READ_MAX 5000 /* rows that a scan may expect to meet: more is a table that grows */

/* --- a house that has been open for a while --------------------------------------------------------------------- */

static const char *const loads[] = {
	"INSERT INTO restaurants (id, slug, name, time_zone, currency, created_at, updated_at) SELECT seq, CONCAT('r', seq), 'R',"
	" 'Asia/Kolkata', 'INR', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_50",
	"INSERT INTO restaurant_counters (restaurant_id, event_seq) SELECT seq, 2000 FROM seq_1_to_50",
	"INSERT INTO restaurant_pos_integrations (restaurant_id, pos_type, pos_provider_id, pos_restaurant_id, created_at, updated_at)"
	" SELECT seq, 'petpooja', (SELECT MIN(id) FROM pos_providers), CONCAT('rest-', seq), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
	" FROM seq_1_to_50",
	"INSERT INTO staff_users (public_id, restaurant_id, username, password_hash, role, name, phone, created_at, updated_at) SELECT"
	" UNHEX(MD5(CONCAT('s', seq))), 1 + seq MOD 50, CONCAT('s', seq), 'x', 'kitchen', 'S', CONCAT('+91', seq), UTC_TIMESTAMP(6),"
	" UTC_TIMESTAMP(6) FROM seq_1_to_500",
	"INSERT INTO users (public_id, phone, created_at, updated_at) SELECT UNHEX(MD5(CONCAT('u', seq))), CONCAT('+91', 9000000000 + seq),"
	" UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO orders (id, public_id, restaurant_id, user_id, order_number, status, order_type, currency, subtotal_minor, total_minor,"
	" menu_version, payment_method, pos_state, pos_reference, pos_order_id, business_date, released_at, created_at, updated_at) SELECT seq, UNHEX(MD5(CONCAT('o', seq))),"
	" 1 + seq MOD 50, 1 + seq MOD " FEW ", CONCAT('ORD-', seq), IF(seq MOD 40 < 4, ELT(1 + seq MOD 4, 'received', 'confirmed',"
	" 'preparing', 'cancelled'), 'completed'), 'pickup', 'INR', 1, 1, 1, 'cash', 'accepted', CONCAT('ORD-', seq), CONCAT('PP-', seq),"
	" '2026-01-01' + INTERVAL seq DIV 1000 DAY, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	"INSERT INTO order_items (order_id, line_no, item_id, item_public_id, item_name, item_price_minor, quantity, line_total_minor) SELECT"
	" seq, 1, 1, UNHEX(MD5(seq)), 'I', 1, 1, 1 FROM seq_1_to_" ROWS,
	"INSERT INTO order_item_addons (order_id, line_no, addon_no, addon_item_id, addon_public_id, name, group_name, price_minor, quantity)"
	" SELECT seq, 1, 1, 1, UNHEX(MD5(seq)), 'A', 'G', 1, 1 FROM seq_1_to_" ROWS,
	"INSERT INTO order_taxes (order_id, line_no, tax_no, name, kind, rate_micro, amount_minor, is_inclusive)"
	" SELECT seq, 1, 1, 'T', 'percent', 1, 1, 0 FROM seq_1_to_" ROWS,
	"INSERT INTO delivery_assignments (order_id, restaurant_id, staff_id, status, is_open, assigned_at) SELECT seq, 1 + seq MOD 50,"
	" (SELECT MIN(id) FROM staff_users) + seq MOD 500, 'delivered', seq MOD 100 = 0, UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, trace_id, created_at) SELECT seq, 1,"
	" 'status', 'place', 'none', 'received', 'user', REPEAT('0', 32), UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	"INSERT INTO events (restaurant_id, seq, kind, order_id, data, created_at) SELECT 1 + seq MOD 50, seq DIV 50, 'order_placed', seq, '{}',"
	" UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	/* three of four due, as after a bad night */
	"INSERT INTO outbox (runner, kind, destination, lane, restaurant_id, subject_id, due_at, owner, trace_id, created_at) SELECT"
	" IF(seq MOD 5 = 0, 'jobs', 'relay'), ELT(1 + seq MOD 5, 'pos_deadline', 'pos_submit', 'notice_sms', 'pos_submit', 'pos_submit'),"
	" CONCAT('petpooja:', 1 + seq MOD 50), seq, 1 + seq MOD 50, seq, UTC_TIMESTAMP(6) - INTERVAL 50 MINUTE + INTERVAL seq MOD 4000 SECOND,"
	" IF(seq MOD 1000 = 0, 7, 0), REPEAT('0', 32), UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	"INSERT INTO outbox_done (id, runner, kind, destination, restaurant_id, subject_id, outcome, attempts, trace_id, created_at, finished_at)"
	" SELECT 1000000 + seq, 'relay', 'pos_submit', 'petpooja:1', 1, seq, IF(seq MOD 10000 = 0, 'DEAD', 'DONE'), 1, REPEAT('0', 32),"
	" UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	"INSERT INTO webhook_logs (restaurant_id, provider, webhook_type, subject, headers, source_address, body, body_len, body_digest,"
	" is_verified, state, http_status, trace_id, received_at, processed_at) SELECT 1 + seq MOD 50, 'petpooja', 'callback',"
	" CONCAT('ORD-', seq), '', '192.0.2.1', '{}', 2, REPEAT('x', 32), seq MOD 20 <> 0, IF(seq MOD 500 = 0, 'parked', 'processed'), 200,"
	" REPEAT('0', 32), UTC_TIMESTAMP(6) - INTERVAL seq SECOND, UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	"INSERT INTO notification_queue (restaurant_id, staff_id, order_id, type, channel, phone_number, message, status, dedupe_key, created_at,"
	" updated_at) SELECT 1 + seq MOD 50, 1, seq, 'pos_failed', 'sms', '+911', 'x', 'sent', seq, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
	" FROM seq_1_to_" ROWS,
	"INSERT INTO otp_codes (phone, address, code_hash, expires_at, created_at) SELECT CONCAT('+91', 9000000000 + seq), '192.0.2.1',"
	" REPEAT('x', 32), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL seq MINUTE FROM seq_1_to_" FEW,
	"INSERT INTO otp_phones (phone, asked_at) SELECT CONCAT('+91', 9000000000 + seq), UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO refresh_tokens (token_hash, family, user_id, expires_at, created_at) SELECT UNHEX(SHA2(seq, 256)), UNHEX(MD5(seq)), seq,"
	" UTC_TIMESTAMP(6) + INTERVAL 1 DAY, UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO ended_sessions (family, ended_at) SELECT UNHEX(MD5(seq)), UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO budgets (name, spent_until) SELECT CONCAT('petpooja:', seq), UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO device_tokens (user_id, token, token_hash, platform, is_active, created_at, updated_at) SELECT seq, seq, UNHEX(SHA2(seq, 256)),"
	" 'ios', seq MOD 20 > 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO staff_networks (staff_id, network, last_at) SELECT 1 + seq MOD 500, CONCAT('n', seq), UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, created_at) SELECT CONCAT('u', seq), seq, REPEAT('x', 32),"
	" UTC_TIMESTAMP(6) FROM seq_1_to_" FEW,
	"INSERT INTO order_slots (restaurant_id, slot_date, slot, taken, max_orders) SELECT 1 + seq MOD 50, '2026-01-01' + INTERVAL seq DIV 200 DAY,"
	" ELT(1 + seq DIV 50 MOD 4, 'breakfast', 'lunch', 'dinner', 'other'), 1, 50 FROM seq_1_to_" FEW,
	"INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) SELECT seq DIV 10, CONCAT('key', seq MOD 10), 'true',"
	" UTC_TIMESTAMP(6), 'test' FROM seq_1_to_" FEW,
	/* a menu of two thousand items for each */
	"INSERT INTO categories (id, public_id, restaurant_id, external_id, name) SELECT seq, UNHEX(MD5(CONCAT('c', seq))), 1 + seq MOD 50, seq,"
	" CONCAT('C', seq) FROM seq_1_to_2000",
	"INSERT INTO items (id, public_id, restaurant_id, category_id, external_id, name, price_minor, is_active, created_at, updated_at) SELECT"
	" seq, UNHEX(MD5(CONCAT('i', seq))), 1 + seq MOD 50, 1 + (seq - 1) MOD 2000, seq, CONCAT('I', seq), 100, seq MOD 9 > 0,"
	" UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_" ROWS,
	"INSERT INTO variations (id, public_id, restaurant_id, item_id, external_id, name, price_minor) SELECT seq, UNHEX(MD5(CONCAT('v', seq))),"
	" 1 + seq MOD 50, seq, seq, 'Half', 100 FROM seq_1_to_" ROWS,
	"INSERT INTO addon_groups (id, public_id, restaurant_id, external_id, name) SELECT seq, UNHEX(MD5(CONCAT('g', seq))), 1 + seq MOD 50,"
	" seq, 'Cheese' FROM seq_1_to_" FEW,
	"INSERT INTO addon_items (id, public_id, restaurant_id, addon_group_id, external_id, name, price_minor) SELECT seq,"
	" UNHEX(MD5(CONCAT('a', seq))), 1 + seq MOD 50, 1 + (seq - 1) MOD " FEW ", seq, 'Feta', 100 FROM seq_1_to_" ROWS,
	"INSERT INTO item_addon_groups (restaurant_id, item_id, addon_group_id) SELECT 1 + seq MOD 50, seq, 1 + (seq - 1) MOD " FEW
	" FROM seq_1_to_" ROWS,
	"INSERT INTO taxes (id, restaurant_id, external_id, name, kind) SELECT seq, 1 + seq MOD 50, seq, 'CGST', 'percent' FROM seq_1_to_200",
	"INSERT INTO item_taxes (restaurant_id, item_id, tax_id) SELECT 1 + seq MOD 50, seq, 1 + (seq - 1) MOD 200 FROM seq_1_to_" ROWS,
	"INSERT INTO menu_sync_history (restaurant_id, sync_type, status, started_at) SELECT 1 + seq MOD 50, 'full', 'success', UTC_TIMESTAMP(6)"
	" FROM seq_1_to_" FEW,
	/* five and a half years of days for each */
	"INSERT INTO day_sums (restaurant_id, business_date, is_stale) SELECT 1 + seq MOD 50, '2020-10-01' + INTERVAL seq DIV 50 DAY,"
	" seq MOD 2000 = 0 FROM seq_1_to_" ROWS,
	"INSERT INTO day_sales SELECT 1 + seq MOD 50, '2020-10-01' + INTERVAL seq DIV 50 DAY, 'INR', 'pickup', 'completed', 1, 'cash', 'paid', 9,"
	" 9, 0, 0, 0, 0, 0, 9 FROM seq_1_to_" ROWS,
	"INSERT INTO day_hours SELECT 1 + seq MOD 50, '2020-10-01' + INTERVAL seq DIV 50 DAY, 12, 'completed', 1, 9 FROM seq_1_to_" ROWS,
	"INSERT INTO day_taxes SELECT 1 + seq MOD 50, '2020-10-01' + INTERVAL seq DIV 50 DAY, 'INR', 'CGST', 'percent', 25000, 0, 1, 9"
	" FROM seq_1_to_" ROWS,
	"INSERT INTO day_items SELECT 1 + seq MOD 50, '2020-10-01' + INTERVAL seq DIV 50 DAY, 'INR', 77, 0, 9, 9, 0, 9, 9, seq"
	" FROM seq_1_to_" ROWS,
	"INSERT INTO day_addons SELECT 1 + seq MOD 50, '2020-10-01' + INTERVAL seq DIV 50 DAY, 'INR', 77, 9, 9, 9, seq FROM seq_1_to_" ROWS,
	"ANALYZE TABLE categories, items, variations, addon_groups, addon_items, item_addon_groups, taxes, item_taxes, menu_sync_history,"
	" day_sums, day_sales, day_hours, day_taxes, day_items, day_addons",
	"ANALYZE TABLE system_config, order_slots, restaurants, users, staff_users, orders, order_items, order_item_addons, order_taxes, delivery_assignments, order_status_history, events,"
	" outbox, outbox_done, webhook_logs, notification_queue, otp_codes, otp_phones, refresh_tokens, ended_sessions, budgets, device_tokens, staff_networks, idempotency_keys",
};

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* What stands for a parameter: of the column's own type, else no index could be used. Others are numbers. */
static const struct {
	const char *name, *literal;
} values[] = {
	{ "now", "UTC_TIMESTAMP(6)" }, { "public_id", "UNHEX(MD5('o77'))" }, { "user_public_id", "UNHEX(MD5('u77'))" },
	{ "id", "77" }, { "order_id", "77" }, { "restaurant_id", "28" }, { "user_id", "78" }, { "n", "50" }, { "until", "NULL" },
	{ "since", "NULL" }, { "status", "NULL" }, { "pos_state", "NULL" }, { "payment_status", "NULL" }, { "order_type", "NULL" },
	{ "before_id", "99000" }, { "after_id", "99000" }, { "after", "99000" }, { "from_id", "99000" }, { "to_id", "100000" },
	{ "order_number", "'ORD-77'" }, { "pos_reference", "'ORD-77'" }, { "pos_order_id", "'PP-77'" }, { "subject", "'ORD-77'" },
	{ "provider", "'petpooja'" }, { "provider_name", "'petpooja'" }, { "webhook_type", "'callback'" }, { "phone", "'+919000000077'" },
	{ "address", "'192.0.2.7'" }, { "slug", "'r28'" }, { "host_name", "'r7.example'" }, { "username", "'s77'" },
	{ "pos_restaurant_id", "'rest-28'" }, { "external_id", "'x'" }, { "token_hash", "UNHEX(SHA2(77, 256))" }, { "old_hash", "UNHEX(SHA2(77, 256))" },
	{ "slot_date", "'2026-02-13'" }, { "slot", "'lunch'" }, { "family", "UNHEX(MD5(77))" }, { "principal", "'u77'" }, { "idempotency_key", "'77'" }, { "runner", "'relay'" },
	{ "destination", "'petpooja:28'" }, { "kind", "'pos_submit'" }, { "ids", "'[77,78]'" }, { "held", "'[[77,1],[78,1]]'" },
	{ "orphans", "'[[77,1],[78,1]]'" }, { "lease_until", "UTC_TIMESTAMP(6)" }, { "due_at", "UTC_TIMESTAMP(6)" }, { "expires_at", "UTC_TIMESTAMP(6)" },
	{ "from_at", "UTC_TIMESTAMP(6) - INTERVAL 1 YEAR" }, { "to_at", "UTC_TIMESTAMP(6) + INTERVAL 1 DAY" }, { "to_id", "100000" },
	{ "statuses", "'received,confirmed,preparing,ready,out_for_delivery'" }, { "order_types", "NULL" }, { "payment_statuses", "NULL" },
	{ "pos_states", "NULL" }, { "released", "-1" }, { "tail", "NULL" }, { "delivery", "4" }, { "staff_id", "77" }, { "cursor_id", "99000" },
	{ "type", "'petpooja'" }, { "states", "NULL" }, { "poked", "'[70,50000,7000000]'" }, { "places", "'[\"petpooja:28\",\"petpooja:7\",\"none\"]'" },
	{ "finished_at", "UTC_TIMESTAMP(6)" }, { "late_at", "UTC_TIMESTAMP(6)" }, { "before", "UTC_TIMESTAMP(6)" }, { "name", "'petpooja:7'" },
	{ "state", "'processed'" }, { "axis", "'status'" }, { "day", "'20260213'" }, { "day_from", "'20260213'" }, { "day_to", "'20260219'" },
	{ "keys", "'[[77,1,0],[78,1,0]]'" }, { "destinations", "'[\"petpooja:28\",\"petpooja:7\"]'" }, { "is_active", "NULL" },
	{ "category_id", "NULL" }, { "kid", "'k'" }, { "orders", "'[[28,77],[28,78],[29,79]]'" }, { "wanted", "'[[28,1],[29,2]]'" },
	{ "restaurants", "'[28,29]'" }, { "names", "'[\"petpooja:28\",\"petpooja:7\"]'" },
	{ "purpose", "'callback'" }, { "config_key", "'k'" }, { "was_status", "'completed'" }, { "was_pos_state", "'accepted'" },
	{ "was_payment", "'pending'" }, { "outcome", "'DONE'" }, { "short_from", "UTC_TIMESTAMP(6)" }, { "verify_until", "UTC_TIMESTAMP(6)" },
};

static const char *
literal_of(const struct stmt_text *t, const char *name)
{
	/* a filter there, which is seldom asked for */
	if (strncmp(t->name, "board_", 6) == 0 && strcmp(name, "order_number") == 0)
		return "NULL";
	if (t == &stmt_texts[STMT_inbox_list] && strcmp(name, "subject") == 0)
		return "NULL";
	if (strncmp(t->name, "catalog_", 8) == 0 && strcmp(name, "public_id") == 0)
		return "UNHEX(MD5('i77'))";
	if (t == &stmt_texts[STMT_menu_absent] && strcmp(name, "ids") == 0)
		return "'[\"0190163d-8694-739b-aea5-966c26f8ad91\",\"0190163d-8694-739b-aea5-966c26f8ad92\"]'";
	if (t == &stmt_texts[STMT_user_of_session] && strcmp(name, "public_id") == 0)
		return "UNHEX(MD5('u77'))";
	if (t == &stmt_texts[STMT_staff_of_session] && strcmp(name, "public_id") == 0)
		return "UNHEX(MD5('s77'))";
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (strcmp(values[i].name, name) == 0)
			return values[i].literal;
	return "1";
}

/* The statement with literals in place of its question marks, to be freed. */
static char *
filled(const struct stmt_text *t)
{
	size_t size = strlen(t->sql) * 40 + 100, n = 0, p = 0;
	char *sql = malloc(size), quote = '\0';

	for (const char *s = t->sql; *s != '\0'; s++) {
		if (quote != '\0' || *s != '?') {
			quote = *s == quote ? '\0' : quote == '\0' && (*s == '\'' || *s == '`') ? *s : quote;
			sql[n++] = *s;
		} else
			n += (size_t)snprintf(sql + n, size - n, "%s", literal_of(t, t->params[p++]));
	}
	sql[n] = '\0';
	return sql;
}

struct step {
	char table[40], type[24], key[60];
	long long rows;
};

/* The text of a member behind `at`, before the next table; "" if it has none. */
static void
member(const char *at, const char *end, const char *name, char *ret, size_t size)
{
	char quoted[40];
	const char *found;

	(void)snprintf(quoted, sizeof quoted, "\"%s\": ", name);
	found = strstr(at, quoted);
	ret[0] = '\0';
	if (found == NULL || (end != NULL && found > end))
		return;
	found += strlen(quoted);
	found += *found == '"';
	(void)snprintf(ret, size, "%.*s", (int)strcspn(found, "\",\n"), found);
}

#define STEPS_MAX 16
static size_t
steps_of(const char *sql, struct step steps[STEPS_MAX])
{
	char *json = world_text("EXPLAIN FORMAT=JSON %s", sql), rows[24];
	size_t n = 0;

	for (const char *at = json; json != NULL && n < STEPS_MAX && (at = strstr(at, "\"table_name\": ")) != NULL; at++) {
		const char *end = strstr(at + 1, "\"table_name\": ");
		struct step *s = &steps[n++];

		member(at, end, "table_name", s->table, sizeof s->table);
		member(at, end, "access_type", s->type, sizeof s->type);
		member(at, end, "key", s->key, sizeof s->key);
		member(at, end, "rows", rows, sizeof rows);
		s->rows = strtoll(rows, NULL, 10);
	}
	free(json);
	return n;
}

/* --- no statement reads a whole table that grows -------------------------------------------------------------------- */

/* But these, each for a reason. */
static const struct {
	const char *statement, *why;
} scans[] = {
	{ "ops_queue", "counts what is unfinished, by an index alone, for /metrics" },
	{ "check_", "the operator's check looks at everything, by pages" },
	{ "outbox_waiting", "the operator's list, a page of it by id" },
};

static bool
may_scan(const char *name)
{
	for (size_t i = 0; i < sizeof scans / sizeof scans[0]; i++)
		if (strncmp(name, scans[i].statement, strlen(scans[i].statement)) == 0)
			return true;
	return false;
}

static void
test_all(void)
{
	int asked = 0, wrong = 0;

	for (size_t i = 0; i < STMT__MAX; i++) {
		const struct stmt_text *t = &stmt_texts[i];
		struct step steps[STEPS_MAX];
		char *sql;
		size_t n;

		/* A row written by its values finds nothing. */
		if (strncmp(t->sql, "INSERT", 6) == 0 && strstr(t->sql, " SELECT ") == NULL)
			continue;
		sql = filled(t);
		n = steps_of(sql, steps);
		asked++;
		for (size_t k = 0; k < n; k++)
			if ((strcmp(steps[k].type, "ALL") == 0 || strcmp(steps[k].type, "index") == 0) && steps[k].rows > READ_MAX && !may_scan(t->name)) {
				diag("%s: %s is read by %s %s, %lld rows: %s", t->name, steps[k].table, steps[k].type, steps[k].key, steps[k].rows, sql);
				wrong++;
			}
		free(sql);
	}
	ok(asked > 100, "%d statements were asked", asked);
	is_int(wrong, 0, "PERF-01 no statement reads its way through a table that grows");
}

/* --- the hot ones ------------------------------------------------------------------------------------------------------ */

static const struct {
	enum stmt stmt;
	const char *golden;
} hot[] = {
#define HOT(name, text) { STMT_##name, text }
	/* a guest */
	HOT(access_guest, "u const uq_users_public, r const uq_restaurants_slug, c const PRIMARY, e const PRIMARY"),
	HOT(restaurant_by_slug, "restaurants const uq_restaurants_slug"),
	HOT(idempotency_find, "idempotency_keys const PRIMARY"),
	HOT(order_number_take, "restaurant_counters range PRIMARY"),
	HOT(event_next, "restaurant_counters range PRIMARY"),
	HOT(discount_use_take, "discount_uses range PRIMARY"),
	HOT(capacity_take, "order_slots range PRIMARY"),
	HOT(capacity_lock, "order_slots const PRIMARY"),
	HOT(order_is_there, "orders const uq_orders_public"),
	HOT(order_by_pos_order_id, "orders const uq_orders_pos_order"),
	HOT(order_by_public_id, "orders const uq_orders_public"),
	HOT(orders_of_user, "orders range ix_orders_user"),
	HOT(order_lines, "i ref uq_order_items_line, a ref PRIMARY"),
	HOT(order_taxes, "order_taxes ref PRIMARY"),
	HOT(order_history, "order_status_history ref idx_order_status_history_order_id"),
	HOT(user_by_phone, "users const uq_users_phone"),
	HOT(otp_budget, "otp_codes range ix_otp_phone"),
	HOT(otp_newest, "otp_codes ref ix_otp_phone"),
	HOT(session_by_hash, "refresh_tokens const uq_refresh_hash"),
	HOT(user_of_session, "users const uq_users_public, e const PRIMARY"),
	HOT(budget_take, "budgets range PRIMARY"),
	HOT(budget_read, "budgets const PRIMARY"),
	HOT(menu_absent, "j ALL, i eq_ref uq_items_public, j ALL, v eq_ref uq_variations_public, j ALL, a eq_ref uq_addon_items_public"),
	HOT(day_sums_earlier, "orders range ix_orders_day"),
	HOT(day_sums_spoil, "day_sums range PRIMARY, o const PRIMARY"),
	/* staff */
	HOT(board_newest, "o range ix_orders_created"),
	HOT(board_oldest, "o range ix_orders_created"),
	HOT(board_open, "o range idx_orders_restaurant_status, d eq_ref PRIMARY, s eq_ref PRIMARY"),
	HOT(orders_of_ids, "j ALL, o eq_ref PRIMARY"),
	HOT(lines_of_orders, "j ALL, l ref uq_order_items_line"),
	HOT(addons_of_orders, "j ALL, a ref PRIMARY"),
	HOT(taxes_of_orders, "j ALL, t ref PRIMARY"),
	HOT(deliveries_of_orders, "j ALL, d eq_ref PRIMARY, s eq_ref PRIMARY"),
	HOT(delivery_of_order, "d const PRIMARY, s const PRIMARY"),
	HOT(deliveries_of_staff, "delivery_assignments range ix_delivery_staff"),
	HOT(inbox_list, "webhook_logs range ix_webhook_logs_restaurant"),
	HOT(staff_of_session, "s const uq_staff_public, r const PRIMARY, e const PRIMARY"),
	HOT(staff_for_login, "s range uq_staff_username, r eq_ref PRIMARY"),
	HOT(notice_staff, "staff_users ref ix_staff_restaurant"),
	HOT(orders_in_trouble, "<derived2> ALL, o range idx_orders_restaurant_status, o range idx_orders_restaurant_status"),
	/* the back office */
	HOT(catalog_categories, "categories range PRIMARY"),
	HOT(catalog_items, "i range PRIMARY, c eq_ref PRIMARY"),
	HOT(catalog_item, "i const uq_items_public, c const PRIMARY"),
	HOT(catalog_groups_of, "j ALL, l ref PRIMARY, g eq_ref PRIMARY"),
	HOT(catalog_addons, "j ALL, a ref fk_addon_items_group"),
	HOT(catalog_variations, "j ALL, v ref fk_variations_item"),
	HOT(catalog_choices, "j ALL, l ref PRIMARY"),
	HOT(catalog_item_taxes, "j ALL, it ref PRIMARY, t eq_ref PRIMARY"),
	HOT(figures_sales, "o range ix_orders_day"),
	HOT(figures_hours, "o range ix_orders_day"),
	HOT(figures_taxes, "o range ix_orders_day, t ref PRIMARY"),
	HOT(figures_items, "<derived2> ALL, o range ix_orders_day, l ref uq_order_items_line"),
	HOT(figures_addons, "o range ix_orders_day, a ref PRIMARY, l eq_ref uq_order_items_line"),
	HOT(figures_item_names, "j ALL, o eq_ref PRIMARY, l ref uq_order_items_line"),
	HOT(figures_addon_names, "j ALL, o eq_ref PRIMARY, a ref PRIMARY"),
	HOT(kept_sales, "s range PRIMARY"),
	HOT(kept_hours, "s range PRIMARY"),
	HOT(kept_taxes, "s range PRIMARY"),
	HOT(kept_items, "s range PRIMARY"),
	HOT(kept_addons, "s range PRIMARY"),
	HOT(day_sums_true, "day_sums range PRIMARY"),
	HOT(menu_syncs, "menu_sync_history range idx_menu_sync_history_restaurant"),
	/* a callback */
	HOT(order_by_reference, "orders const uq_orders_reference"),
	HOT(order_by_pos_order_id, "orders const uq_orders_pos_order"),
	HOT(order_lock, "orders const PRIMARY"),
	HOT(integration_by_pos_restaurant, "p const unique_provider_name, i const uq_integration_pos_restaurant"),
	HOT(inbox_lock, "webhook_logs const PRIMARY"),
	HOT(inbox_is_repeat, "l ref ix_webhook_logs_subject, d const PRIMARY"),
	HOT(inbox_unverified_count, "webhook_logs range ix_webhook_logs_unverified"),
	HOT(inbox_errors, "webhook_logs range idx_webhook_logs_state"),
	/* the runners */
	HOT(outbox_places, "outbox range ix_outbox_due"),
	HOT(outbox_look, "j ALL, o ref ix_outbox_due, n range PRIMARY, p ALL, k eq_ref PRIMARY"),
	HOT(outbox_claimable, "o range ix_outbox_due, e ref ix_outbox_lane"),
	HOT(outbox_firsts, "<derived2> ALL, j ALL, o ref ix_outbox_due, e ref ix_outbox_lane, j ALL, o ref ix_outbox_due, e ref ix_outbox_lane, "
		"j ALL, o ref ix_outbox_due, e ref ix_outbox_lane, j ALL, o ref ix_outbox_due, e ref ix_outbox_lane, d eq_ref PRIMARY"),
	HOT(outbox_seen_lock, "j ALL, o eq_ref PRIMARY, e ref ix_outbox_lane"),
	HOT(orders_of_summed_days, "j ALL, o eq_ref PRIMARY, d eq_ref PRIMARY"),
	HOT(outbox_crowds, "o range ix_outbox_owner, j ALL"),
	HOT(order_absences, "order_status_history ref idx_order_status_history_order_id"),
	HOT(order_doubts, "order_status_history range idx_order_status_history_order_id, r ref idx_order_status_history_order_id"),
	HOT(outbox_pending, "outbox ref ix_outbox_subject"),
	HOT(outbox_hasten, "outbox range PRIMARY"),
	HOT(outbox_place_next, ""), /* one dive, and no table is left to read */
	HOT(outbox_place_first, ""),
	HOT(outbox_done_all, "j ALL, o eq_ref PRIMARY"),
	HOT(outbox_begin_all, "j ALL, o eq_ref PRIMARY"),
	HOT(outbox_delete_all, "j ALL, o eq_ref PRIMARY"),
	HOT(inbox_unpark_all, "j ALL, l ref ix_webhook_logs_subject, o ref ix_outbox_subject"),
	HOT(outbox_take, "j ALL, o eq_ref PRIMARY"),
	HOT(outbox_taken, "j ALL, o eq_ref PRIMARY"),
	HOT(outbox_heartbeat, "j ALL, o eq_ref PRIMARY"),
	HOT(outbox_begin, "outbox range PRIMARY"),
	HOT(outbox_later, "outbox range PRIMARY"),
	HOT(outbox_delete, "outbox range PRIMARY"),
	HOT(outbox_drop, "outbox range ix_outbox_subject"),
	HOT(discount_use_release, "discount_uses range PRIMARY"),
	HOT(capacity_release, "order_slots range PRIMARY"),
	HOT(purge_deliveries, "webhook_logs range ix_webhook_logs_received"),
	HOT(purge_messages, "outbox_done range ix_outbox_done_finished"),
	HOT(purge_idempotency_keys, "idempotency_keys range ix_idempotency_created"),
	HOT(rate_spend, "rates range PRIMARY"),
	HOT(rates_lock, "j ALL, r eq_ref PRIMARY"),
	HOT(orders_lock, "j ALL, o eq_ref PRIMARY"),
	HOT(orders_by_id, "j ALL, o eq_ref PRIMARY"),
	HOT(connections_of, "j ALL, r eq_ref PRIMARY, i ref idx_restaurant_pos_active, l eq_ref PRIMARY, p ALL, s ref uq_integration_secret"),
	HOT(integrations_secrets, "j ALL, i ref idx_restaurant_pos_active, s ref uq_integration_secret"),
	HOT(callback_keys, "j ALL, w ref unique_active_secret"),
	HOT(settings_of_key, "system_config ref ix_system_config_key"),
	HOT(notice_read, "notification_queue const PRIMARY"),
};

static void
is_plan(enum stmt stmt, const char *golden, const char *why)
{
	const struct stmt_text *t = &stmt_texts[stmt];
	char *sql = filled(t), got[600] = "";
	struct step steps[STEPS_MAX];
	size_t n = steps_of(sql, steps), at = 0;

	for (size_t k = 0; k < n; k++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%s %s%s%s", k == 0 ? "" : ", ", steps[k].table, steps[k].type,
		    steps[k].key[0] != '\0' ? " " : "", steps[k].key);
	is_str(got, golden, "%s %s", why, t->name);
	free(sql);
}

static void
test_hot(void)
{
	for (size_t i = 0; i < sizeof hot / sizeof hot[0]; i++)
		is_plan(hot[i].stmt, hot[i].golden, "PERF-01");
}

/* Of a few orders any index is as good to the server as the order's own, but by another one it waits for other people's orders. */
static void
test_few(void)
{
	static const enum stmt stmts[] = { STMT_order_number_set, STMT_orders_save };

	world_sql("INSERT INTO orders (public_id, restaurant_id, order_number, status, order_type, currency, subtotal_minor, total_minor,"
	    " menu_version, payment_method, created_at, updated_at) SELECT UNHEX(MD5(CONCAT('f', seq))), 1, CONCAT('FEW-', seq), 'received',"
	    " 'pickup', 'INR', 1, 1, 1, 'cash', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_3");
	for (size_t i = 0; i < sizeof stmts / sizeof stmts[0]; i++)
		is_plan(stmts[i], "orders range PRIMARY", "F12 by its id alone:");
	is_plan(STMT_order_save, "orders range PRIMARY, d eq_ref PRIMARY", "F12 by its id alone:");
	world_sql("DELETE FROM orders");
}

/*
 * What the stated indexes are for. Two are for what a unique key of ours answers too, once the restaurant is known: they answer whoever does
 * not know it.
 */
static const struct {
	const char *sql, *golden;
} stated[] = {
	{ "SELECT id FROM orders WHERE restaurant_id = 3 AND status = 'preparing'", "orders ref idx_orders_restaurant_status" },
	{ "SELECT id FROM orders WHERE pos_order_id = 'PP-77'", "orders ref idx_orders_pos_order_id" },
	{ "SELECT id FROM items WHERE external_id = '77'", "items ref idx_items_external_restaurant" },
	{ "SELECT id, subject FROM webhook_logs ORDER BY processed_at DESC LIMIT 10", "webhook_logs index idx_webhook_logs_processed_at" },
};

static void
test_stated(void)
{
	for (size_t i = 0; i < sizeof stated / sizeof stated[0]; i++) {
		struct step steps[STEPS_MAX];
		char got[200] = "";

		if (steps_of(stated[i].sql, steps) == 1)
			(void)snprintf(got, sizeof got, "%s %s %s", steps[0].table, steps[0].type, steps[0].key);
		is_str(got, stated[i].golden, "PERF-01 a stated index is used: %s", stated[i].sql);
	}
}

/* What EXPLAIN calls a range may still be all of it: index entries that were stepped over say so. */
static void
test_due(enum stmt stmt, int most)
{
	static const char read_next[] = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'HANDLER_READ_NEXT'";
	char *sql = filled(&stmt_texts[stmt]);
	int64_t before = world_int("%s", read_next), stepped;

	(void)world_int("SELECT COUNT(*) FROM (%s) d", sql);
	stepped = world_int("%s", read_next) - before;
	ok(stepped < most, "PERF-01 F49 %s: where something is due among " ROWS " messages is found in %lld steps, not by reading them",
	    stmt_texts[stmt].name, (long long)stepped);
	free(sql);
}

/* Behind a JSON_TABLE the server sorts by way of temporary files, a table on disk if a text is long: what many wait for it does not sort. */
static void
test_unsorted(void)
{
	static const char sorts[] = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SORT_SCAN'";
	static const enum stmt stmts[] = { STMT_orders_lock, STMT_orders_by_id, STMT_orders_of_summed_days, STMT_connections_of, STMT_event_seqs,
		STMT_outbox_taken, STMT_rates_lock };

	for (size_t i = 0; i < sizeof stmts / sizeof stmts[0]; i++) {
		char *sql = filled(&stmt_texts[stmts[i]]), *lock = strstr(sql, " FOR UPDATE");
		int64_t before = world_int("%s", sorts);

		if (lock != NULL)
			*lock = '\0';
		(void)world_int("SELECT COUNT(*) FROM (%s) d", sql);
		is_int(world_int("%s", sorts) - before, 0, "PERF-03 %s sorts nothing", stmt_texts[stmts[i]].name);
		free(sql);
	}
}

/* The server goes by statistics from when it opened the table. A look does not. */
static void
test_due_misled(void)
{
	world_sql("ALTER TABLE outbox STATS_AUTO_RECALC = 0");
	world_sql("CREATE TABLE outbox_kept AS SELECT * FROM outbox");
	world_sql("DELETE FROM outbox WHERE id > 3");
	world_sql("ANALYZE TABLE outbox");
	world_sql("INSERT INTO outbox SELECT * FROM outbox_kept WHERE id > 3");
	test_due(STMT_outbox_look, 1100);
	world_sql("DROP TABLE outbox_kept");
}

/*
 * Ten thousand rows at once: a busy machine takes longer for all of them than a connection waits. But messages, whose ids are to
 * have no gaps: test_due() counts from one on.
 */
static void
load(const char *sql)
{
	static const char all[] = "seq_1_to_" ROWS;
	const char *end = strstr(sql, "INTO outbox ") == NULL ? strstr(sql, all) : NULL;

	if (end == NULL)
		world_sql("%s", sql);
	for (int k = 0; end != NULL && k < 10; k++)
		world_sql("%.*sseq_%d_to_%d%s", (int)(end - sql), sql, 1 + k * 10000, (k + 1) * 10000, end + strlen(all));
}

int
main(void)
{
	world_begin();
	load(loads[0]);
	test_few();
	for (size_t i = 1; i < sizeof loads / sizeof loads[0]; i++)
		load(loads[i]);
	test_hot();
	test_stated();
	test_all();
	test_due(STMT_outbox_places, 1000);
	test_due(STMT_outbox_look, 1100); /* a thousand of them are new */
	test_due_misled();
	test_unsorted();
	return tap_done();
}
