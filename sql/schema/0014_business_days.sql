-- The business day that an order belongs to, as it stands in its number, and what was taken off its lines. Orders of before have
-- their day in their number too; one that has another number gets the date on its restaurant's wall, if the server knows its zone,
-- else the date of Greenwich. (Programs of before, which serve while this runs, write no day: the default is for them.)
ALTER TABLE orders
	ADD COLUMN business_date DATE NOT NULL DEFAULT (UTC_DATE()),
	ADD COLUMN discount_minor BIGINT NOT NULL DEFAULT 0;

UPDATE orders o LEFT JOIN restaurants r ON r.id = o.restaurant_id
SET o.business_date = CASE WHEN o.order_number REGEXP '^ORD-[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])-'
	THEN STR_TO_DATE(SUBSTRING(o.order_number, 5, 8), '%Y%m%d')
	ELSE COALESCE(DATE(CONVERT_TZ(o.created_at, '+00:00', r.time_zone)), DATE(o.created_at)) END;

ALTER TABLE orders ADD KEY ix_orders_day (restaurant_id, business_date);

-- The sums of days that are over. day_sums has a row for each day that has, or is about to have, sums; they are as true as the orders
-- while is_stale is 0. Whoever changes an order of such a day sets it, in the same transaction (lib/order/day_sums.h). A day is over
-- when its restaurant has taken an order of a later one. time_zone is that by whose clock the hours were told.
CREATE TABLE IF NOT EXISTS day_sums (
	restaurant_id BIGINT NOT NULL,
	business_date DATE NOT NULL,
	is_stale TINYINT NOT NULL DEFAULT 1,
	time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	PRIMARY KEY (restaurant_id, business_date)
) ENGINE=InnoDB;

-- Orders by where they stand, all of them.
CREATE TABLE IF NOT EXISTS day_sales (
	restaurant_id BIGINT NOT NULL,
	business_date DATE NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	order_type VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	status VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	is_released TINYINT NOT NULL,
	payment_method VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	payment_status VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	orders_n BIGINT NOT NULL,
	gross_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	packing_minor BIGINT NOT NULL,
	delivery_charge_minor BIGINT NOT NULL,
	tip_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, business_date, currency, order_type, status, is_released, payment_method, payment_status)
) ENGINE=InnoDB;

-- Orders by the hour of the wall's clock at which they came, all of them.
CREATE TABLE IF NOT EXISTS day_hours (
	restaurant_id BIGINT NOT NULL,
	business_date DATE NOT NULL,
	hour TINYINT NOT NULL,
	status VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	is_released TINYINT NOT NULL,
	orders_n BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, business_date, hour, status, is_released)
) ENGINE=InnoDB;

-- What each tax took from the orders that count as sold.
CREATE TABLE IF NOT EXISTS day_taxes (
	restaurant_id BIGINT NOT NULL,
	business_date DATE NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	rate_micro BIGINT NOT NULL,
	is_inclusive TINYINT NOT NULL,
	is_of_lines TINYINT NOT NULL,
	amount_minor BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, business_date, currency, name, kind, rate_micro, is_inclusive, is_of_lines)
) ENGINE=InnoDB;

-- What was sold; variation_id 0 is none. item_orders_n counts an order at one variation of an item only. last_order_id is the newest
-- order with it: there stands what it is called.
CREATE TABLE IF NOT EXISTS day_items (
	restaurant_id BIGINT NOT NULL,
	business_date DATE NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	item_id BIGINT NOT NULL,
	variation_id BIGINT NOT NULL,
	quantity BIGINT NOT NULL,
	gross_minor BIGINT NOT NULL,
	addons_minor BIGINT NOT NULL,
	orders_n BIGINT NOT NULL,
	item_orders_n BIGINT NOT NULL,
	last_order_id BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, business_date, currency, item_id, variation_id)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS day_addons (
	restaurant_id BIGINT NOT NULL,
	business_date DATE NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	addon_item_id BIGINT NOT NULL,
	quantity BIGINT NOT NULL,
	gross_minor BIGINT NOT NULL,
	orders_n BIGINT NOT NULL,
	last_order_id BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, business_date, currency, addon_item_id)
) ENGINE=InnoDB;

-- The days there are already: one message for each restaurant, which sums up what is over. Not at once: whoever changes orders
-- must be a program that knows of sums.
INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at)
SELECT 'jobs', 'day_sums', 'day_sums', r.id, r.id, UTC_TIMESTAMP(6) + INTERVAL 5 MINUTE, REPEAT('0', 32), UTC_TIMESTAMP(6) FROM restaurants r
WHERE EXISTS (SELECT 1 FROM orders o WHERE o.restaurant_id = r.id);
