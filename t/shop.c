#define _GNU_SOURCE /* vasprintf */
#include "shop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "menu/menu.h"
#include "menu/menu_import.h"
#include "op/op.h"
#include "order/state.h"
#include "provider/connect.h"
#include "tap.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)

struct config shop_config = {
	.run_dir = "/nonexistent", .public_url = "https://hub.example", .webhook_base_url = "https://hub.example",
	.backoff_ms = 60000, .lease_ms = 8000, .attempts = 3, .msg91_base_url = "https://msg91.example",
	.msg91_authkey = "MSG91-CANARY", .msg91_otp_template_id = "T-OTP", .msg91_flow_template_id = "T-FLOW",
	.msg91_sender = "TICKET", .delivery_days = 60, .message_days = 30,
};
struct secret_keypair shop_keys;

static struct {
	struct db *dbs[PROGRAM__MAX];
	int64_t shift_us;
	const char *socket;
} shops;

/* --- the menu -------------------------------------------------------------------------------------------------- */

static const char *const gst[] = { "t1", "t2", "t3" }, *const deposit[] = { "t4", "t1" }, *const breakfast[] = { "breakfast" };
static const struct menu_doc_choice cheese[] = { { .group_external_id = "g1", .max = 2 } };
static const struct menu_doc_choice crust[] = { { .group_external_id = "g2", .min = 1, .max = 1 } };
static const struct menu_doc_tax taxes[] = {
	{ .external_id = "t1", .name = "CGST", .is_percent = true, .rate_micro = 25000, .order_types = MENU_ALL_TYPES,
	    .is_active = true, .display_order = 1 },
	{ .external_id = "t2", .name = "SGST", .is_percent = true, .rate_micro = 25000, .order_types = MENU_ALL_TYPES,
	    .is_active = true, .display_order = 2 },
	{ .external_id = "t3", .name = "Cess", .is_percent = true, .rate_micro = 10000, .order_types = MENU_DELIVERY,
	    .is_active = true, .display_order = 3 },
	{ .external_id = "t4", .name = "Deposit", .amount_minor = 150, .order_types = MENU_ALL_TYPES, .is_active = true,
	    .display_order = 4 },
};
static const struct menu_doc_category categories[] = { { .external_id = "c1", .name = "All", .is_active = true } };
static const struct menu_doc_addon cheeses[] = {
	{ .external_id = "a1", .name = "Cheddar", .price_minor = 3000, .is_available = true, .is_active = true },
	{ .external_id = "a2", .name = "Feta", .price_minor = 4050, .is_available = true, .is_active = true },
	{ .external_id = "a3", .name = "Gouda", .price_minor = 3500, .is_active = true },
};
static const struct menu_doc_addon crusts[] = {
	{ .external_id = "b1", .name = "Thin", .is_available = true, .is_active = true },
	{ .external_id = "b2", .name = "Stuffed", .price_minor = 5000, .is_available = true, .is_active = true },
};
static const struct menu_doc_addon_group groups[] = {
	{ .external_id = "g1", .name = "Cheese", .is_active = true, .display_order = 1, .addons = cheeses, .addons_n = 3 },
	{ .external_id = "g2", .name = "Crust", .is_active = true, .display_order = 2, .addons = crusts, .addons_n = 2 },
};
static const struct menu_doc_variation sizes[] = {
	{ .external_id = "v1", .variation_code = "89058", .name = "Small", .price_minor = 20000, .is_available = true,
	    .is_active = true, .choices = crust, .choices_n = 1 },
	{ .external_id = "v2", .variation_code = "89059", .name = "Large", .price_minor = 35000, .packing_minor = 500,
	    .is_available = true, .is_active = true, .display_order = 1 },
};
static const struct menu_doc_variation glasses[] = {
	{ .external_id = "v3", .variation_code = "1", .name = "Half", .price_minor = 3000, .is_active = true },
	{ .external_id = "v4", .variation_code = "2", .name = "Full", .price_minor = 5000, .is_available = true, .is_active = true },
};

#define ITEM(id, title, price, ...) { .external_id = (id), .category_external_id = "c1", .name = (title), .price_minor = (price), \
	.is_available = true, .is_active = true, .order_types = MENU_ALL_TYPES, .gst_liability = "restaurant", __VA_ARGS__ }
static const struct menu_doc_item items_fresh[] = {
	ITEM("i1", "Paneer Tikka", 18000, .packing_minor = 700, .tax_external_ids = gst, .taxes_n = 3),
	ITEM("i2", "Margherita", 0, .variations = sizes, .variations_n = 2, .choices = cheese, .choices_n = 1,
	    .tax_external_ids = gst, .taxes_n = 2),
	ITEM("i3", "Masala Chai", 2500, .display_order = 3),
	ITEM("i4", "Thali", 9999, .tax_inclusive = true, .tax_external_ids = gst, .taxes_n = 3),
	ITEM("i5", "Cola", 4020, .tax_external_ids = deposit, .taxes_n = 2),
	ITEM("i6", "Poha", 6000, .time_slots = breakfast, .time_slots_n = 1),
	ITEM("i7", "Raclette", 90000, .display_order = 7),
	ITEM("i8", "Jalebi", 5000, .display_order = 8),
	ITEM("i9", "Lassi", 0, .variations = glasses, .variations_n = 2),
	ITEM("i10", "Gold Leaf", 1000000000000, .display_order = 10),
};
#define ITEMS_N (sizeof items_fresh / sizeof items_fresh[0])
static struct menu_doc_item items[ITEMS_N];
static struct menu_doc doc = {
	.taxes = taxes, .taxes_n = 4, .categories = categories, .categories_n = 1, .addon_groups = groups, .addon_groups_n = 2,
	.items = items, .items_n = ITEMS_N,
};

struct menu_doc *
shop_menu(void)
{
	memcpy(items, items_fresh, sizeof items);
	shop_menu_item("i7")->order_types = MENU_DINE_IN;
	shop_menu_item("i8")->is_available = false;
	return &doc;
}

struct menu_doc_item *
shop_menu_item(const char *external_id)
{
	size_t i = 0;

	while (strcmp(items[i].external_id, external_id) != 0)
		i++;
	return &items[i];
}

/* --- programs -------------------------------------------------------------------------------------------------- */

void
shop_op(struct op *op, enum program program, const struct shop *s)
{
	struct db_options o = world_options(program);

	o.clock_shift_us = shops.shift_us;
	if (shops.socket != NULL)
		o.socket = shops.socket;
	if (shops.dbs[program] == NULL)
		shops.dbs[program] = db_new(&o);
	op_begin(op, shops.dbs[program], ARENA_MAX, NULL);
	if (db_ready(op) != OK || db_now(op) != OK) {
		printf("Bail out! %s: %s\n", program_names[program], op->fault.internal);
		exit(1);
	}
	op->config = &shop_config;
	op->restaurant_id = s != NULL ? s->restaurant.id : 0;
}

void
shop_cut(enum program program)
{
	db_free(&shops.dbs[program]);
}

static void
all_cut(void)
{
	for (size_t p = 0; p < PROGRAM__MAX; p++)
		db_free(&shops.dbs[p]);
}

void
shop_clock(int64_t shift_us)
{
	shops.shift_us = shift_us;
	all_cut();
}

void
shop_socket(const char *path)
{
	shops.socket = path;
	all_cut();
}

/* --- making ---------------------------------------------------------------------------------------------------- */

static void
must(struct op *op, enum err e, const char *what)
{
	if (e == OK)
		return;
	printf("Bail out! %s: %s %s %s\n", what, err_info(e)->name, op->fault.sentence != NULL ? op->fault.sentence : "",
	    op->fault.internal != NULL ? op->fault.internal : "");
	for (const struct fault_field *f = op->fault.fields; f != NULL; f = f->next)
		printf("# %s %s\n", f->field, f->sentence);
	exit(1);
}

void
shop_menu_import(const struct shop *s)
{
	struct menu_import_result result;
	struct op op;

	shop_op(&op, PROGRAM_jobs, s);
	must(&op, menu_import(&op, &(struct menu_import){ .restaurant_id = s->restaurant.id, .doc = &doc, .sync = MENU_SYNC_FULL },
	    &result), "menu");
	for (size_t i = 0; i < result.problems_n; i++)
		diag("menu: %s %s", result.problems[i].what, result.problems[i].sentence);
	op_end(&op);
}

void
shop_make(struct shop *s, const char *slug)
{
	static const unsigned char key[32] = { 7 };
	static int guests;
	int64_t id;

	world_sql("INSERT IGNORE INTO system_config VALUES (0, 'max_orders_per_slot', '1000000', NOW(6), 'test')");
	if (!shop_config.relay_public_key.is_set) {
		secret_keypair_new(&shop_keys);
		memcpy(shop_config.relay_public_key.bytes, shop_keys.public_key, 32);
		memcpy(shop_config.hash_key.bytes, key, sizeof key);
		shop_config.relay_public_key.is_set = shop_config.hash_key.is_set = true;
	}
	world_sql("INSERT INTO restaurants (slug, name, address, contact, created_at, updated_at)"
	    " VALUES ('%s', 'Demo Bistro', '12 Church Street, Bengaluru', '9900000001', NOW(6), NOW(6))", slug);
	id = world_int("SELECT id FROM restaurants WHERE slug = '%s'", slug);
	world_sql("INSERT INTO restaurant_counters (restaurant_id) VALUES (%lld)", (long long)id);
	world_sql("INSERT INTO staff_users (public_id, restaurant_id, username, name, password_hash, role, phone, created_at, updated_at)"
	    " VALUES (UNHEX(REPLACE(UUID(), '-', '')), %lld, 'asha', 'Asha', 'x', 'kitchen', '+919900000002', NOW(6), NOW(6))", (long long)id);
	*s = (struct shop){ .restaurant = { .id = id, .slug = slug, .name = "Demo Bistro",
	    .address = "12 Church Street, Bengaluru", .contact = "9900000001", .time_zone = "Asia/Kolkata", .currency = "INR",
	    .is_active = true } };
	s->staff_id = world_int("SELECT id FROM staff_users WHERE restaurant_id = %lld", (long long)id);
	(void)snprintf(s->guest_phone, sizeof s->guest_phone, "+9198%08d", ++guests);
	world_sql("INSERT INTO users (public_id, phone, created_at, updated_at)"
	    " VALUES (UNHEX(REPLACE(UUID(), '-', '')), '%s', NOW(6), NOW(6))", s->guest_phone);
	s->guest_id = world_int("SELECT id FROM users WHERE phone = '%s'", s->guest_phone);
	shop_menu();
	shop_menu_import(s);
}

struct connecting {
	const struct shop *shop;
	const char *config;
};

static enum err
connect_body(struct op *op, void *arg)
{
	const struct connecting *c = arg;
	struct connection connection;

	return connection_save(op, &c->shop->restaurant, &(struct connection_wish){ .provider_name = "petpooja",
	    .pos_restaurant_id = arena_printf(op->arena, "rest-%s", c->shop->restaurant.slug), .endpoint = "https://pos.example",
	    .config = { .data = c->config, .len = strlen(c->config) }, .webhook_secret = "signing secret",
	    .authorization = "agreed value" }, &connection);
}

void
shop_connect(const struct shop *s, const char *config)
{
	struct op op;
	struct connecting c = { .shop = s };

	shop_op(&op, PROGRAM_integrations, s);
	c.config = arena_printf(op.arena, "{\"app_key\":\"CANARY-KEY\",\"app_secret\":\"CANARY-SECRET\","
	    "\"access_token\":\"CANARY-TOKEN\"%s%s}", config != NULL ? "," : "", config != NULL ? config : "");
	must(&op, db_tx(&op, connect_body, &c), "connection");
	op_end(&op);
}

/* --- carts and orders ------------------------------------------------------------------------------------------ */

void
shop_id(const struct shop *s, const char *table, const char *external_id, unsigned char ret[16])
{
	char *hex = world_text("SELECT HEX(public_id) FROM %s WHERE restaurant_id = %lld AND external_id = '%s'", table,
	    (long long)s->restaurant.id, external_id);

	for (size_t i = 0; i < 16; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		ret[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	free(hex);
}

struct cart_line
shop_line(const struct shop *s, const char *item, const char *variation, int64_t quantity)
{
	struct cart_line line = { .quantity = quantity, .has_variation = variation != NULL };

	shop_id(s, "items", item, line.menu_item_id);
	if (variation != NULL)
		shop_id(s, "variations", variation, line.variation_id);
	return line;
}

struct cart_line
shop_line_with(const struct shop *s, const char *item, const char *variation, int64_t quantity, const char *addon,
    int64_t addon_quantity)
{
	static struct cart_addon addons[64];
	static size_t n;
	struct cart_line line = shop_line(s, item, variation, quantity);
	struct cart_addon *a = &addons[n++ % 64];

	shop_id(s, "addon_items", addon, a->addon_item_id);
	a->quantity = addon_quantity;
	line.addons = a;
	line.addons_n = 1;
	return line;
}

struct order_wish
shop_wish(const struct shop *s)
{
	static struct cart_line lines[16];
	static size_t n;
	struct cart_line *line = &lines[n++ % 16];

	*line = shop_line(s, "i1", NULL, 1);
	return (struct order_wish){ .cart = { .lines = line, .lines_n = 1, .order_type = "pickup" }, .payment_method = "cash",
		.customer_name = "Ravi", .customer_phone = s->guest_phone, .user_id = s->guest_id, .scheduled_time = TIME_NONE };
}

int64_t
shop_place(const struct shop *s, const struct order_wish *wish)
{
	struct submission_terms terms;
	struct order order = { .id = 0 };
	bool has_pos;
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_orders, s);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = s->guest_id, .name = "user" };
	e = connection_terms(&op, &s->restaurant, &has_pos, &terms);
	if (e == OK)
		e = order_place(&op, &s->restaurant, has_pos ? &terms : NULL, wish, NULL, NULL, &order);
	if (e != OK)
		diag("placing: %s %s %s", err_info(e)->name, op.fault.sentence != NULL ? op.fault.sentence : "",
		    op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK ? order.id : 0;
}

int64_t
shop_order(const struct shop *s)
{
	struct order_wish wish = shop_wish(s);

	return shop_place(s, &wish);
}

/* --- looking --------------------------------------------------------------------------------------------------- */

const char *
shop_text(const char *format, ...)
{
	static char *texts[16];
	static size_t n;
	char *sql = NULL, *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&sql, format, args) < 0)
		abort();
	va_end(args);
	text = world_text("%s", sql);
	free(sql);
	if (text == NULL)
		text = strdup("NULL");
	free(texts[n % 16]);
	return texts[n++ % 16] = text;
}

const char *
shop_column(int64_t order_id, const char *column)
{
	return shop_text("SELECT %s FROM orders WHERE id = %lld", column, (long long)order_id);
}

const char *
shop_axes(int64_t order_id)
{
	return shop_text("SELECT CONCAT_WS('/', status, pos_state, payment_status) FROM orders WHERE id = %lld", (long long)order_id);
}

const char *
shop_messages(int64_t order_id)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(kind, ':', subject_no ORDER BY id SEPARATOR ' '), '') FROM outbox"
	    " WHERE subject_id = %lld AND kind LIKE 'pos\\_%%'", (long long)order_id);
}

const char *
shop_notices(int64_t order_id)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(type ORDER BY id SEPARATOR ' '), '') FROM notification_queue"
	    " WHERE order_id = %lld", (long long)order_id);
}

/* One axis' history is a path of its table from where an order begins to where it stands. */
static bool
is_path(const struct order_move *moves, size_t n, const char *axis, const char *first, const char *last)
{
	const char *at = first;

	for (size_t i = 0; i < n; i++) {
		const struct order_move *m = &moves[i];
		bool is_row = strcmp(m->old_status, m->new_status) == 0; /* recorded, changed nothing */

		if (strcmp(m->axis, axis) != 0)
			continue;
		for (size_t r = 0; r < status_rows_n && strcmp(axis, "status") == 0; r++)
			is_row |= strcmp(status_name(status_rows[r].from), m->old_status) == 0 &&
			    strcmp(status_event_name(status_rows[r].event), m->event) == 0 &&
			    strcmp(status_name(status_rows[r].to), m->new_status) == 0;
		for (size_t r = 0; r < pos_rows_n && strcmp(axis, "pos") == 0; r++)
			is_row |= strcmp(pos_state_name(pos_rows[r].from), m->old_status) == 0 &&
			    strcmp(pos_event_name(pos_rows[r].event), m->event) == 0 &&
			    strcmp(pos_state_name(pos_rows[r].to), m->new_status) == 0;
		is_row |= strcmp(m->event, "place") == 0 && i == 0;
		is_row |= strcmp(m->event, "cash_received") == 0 && strcmp(axis, "payment") == 0;
		if (!is_row || strcmp(at, m->old_status) != 0) {
			diag("%s: %s -%s-> %s stands behind %s", axis, m->old_status, m->event, m->new_status, at);
			return false;
		}
		at = m->new_status;
	}
	if (strcmp(at, last) != 0)
		diag("%s: history ends in %s, the order is %s", axis, at, last);
	return strcmp(at, last) == 0;
}

bool
shop_check(const struct shop *s, int64_t order_id, const char *name)
{
	struct order_move *moves = NULL;
	size_t n = 0;
	struct op op;
	long long id = (long long)order_id, shop = (long long)s->restaurant.id;
	bool good;

	shop_op(&op, PROGRAM_orders, s);
	must(&op, order_history(&op, order_id, &moves, &n), "history");
	good = is_path(moves, n, "status", "none", shop_column(order_id, "status"));
	good &= is_path(moves, n, "pos", "not_required", shop_column(order_id, "pos_state"));
	good &= is_path(moves, n, "payment", "pending", shop_column(order_id, "payment_status"));
	for (size_t i = 0; i < n; i++)
		good &= moves[i].seq == (int64_t)i + 1;
	op_end(&op);
	if (world_int("SELECT COUNT(*) = MAX(seq) AND MAX(seq) = (SELECT event_seq FROM restaurant_counters"
	    " WHERE restaurant_id = %lld) FROM events WHERE restaurant_id = %lld", shop, shop) != 1) {
		diag("the events have a gap");
		good = false;
	}
	if (world_int("SELECT COUNT(*) FROM outbox WHERE lane = %lld AND owner <> 0", id) > 1) {
		diag("two messages of one lane are held");
		good = false;
	}
	if (world_int("SELECT COUNT(*) FROM outbox o JOIN outbox_done d ON d.id = o.id") != 0) {
		diag("a finished message waits");
		good = false;
	}
	return ok(good, "I3 I5 I8 %s", name);
}

#define PICTURE_NS 110000000

int64_t
shop_waiting(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = PICTURE_NS }, NULL);
	return world_int("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'");
}

int64_t
shop_open(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = PICTURE_NS }, NULL);
	return world_int("SELECT COUNT(*) FROM information_schema.INNODB_TRX");
}

/* --- moving ---------------------------------------------------------------------------------------------------- */

struct message *
shop_claim(struct op *op, enum runner runner, enum message_kind kind, int64_t subject_id)
{
	const char *destination = shop_text("SELECT destination FROM outbox WHERE kind = '%s' AND subject_id = %lld ORDER BY id LIMIT 1",
	    message_info(kind)->name, (long long)subject_id);
	struct message *messages = NULL;
	size_t n = 0;

	must(op, outbox_claim(op, runner, destination, 64, false, INT64_C(60) * 1000000, &messages, &n), "claim");
	for (size_t i = 0; i < n; i++)
		if (messages[i].kind == kind && messages[i].subject_id == subject_id)
			return &messages[i];
	return NULL;
}
