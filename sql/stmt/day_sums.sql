-- day_sums_earlier -> one (orders)
-- Has the restaurant taken orders before this day?
SELECT 1 AS is_there FROM orders WHERE restaurant_id = :restaurant_id AND business_date < :day LIMIT 1

-- day_sums_spoil -> newid (orders webhooks admin delivery relay jobs)
-- 1: they were true until now. 2: they were stale already.
UPDATE day_sums SET is_stale = LAST_INSERT_ID(is_stale + 1) > 0 WHERE restaurant_id = :restaurant_id
	AND business_date = (SELECT o.business_date FROM orders o WHERE o.id = :order_id AND o.restaurant_id = :restaurant_id)

-- day_sums_begin -> changed (jobs)
-- A row for each day that is over and has none. Days of before the last one that has a row were done, or never had an order.
INSERT IGNORE INTO day_sums (restaurant_id, business_date)
SELECT DISTINCT o.restaurant_id, o.business_date FROM orders o JOIN restaurant_counters c ON c.restaurant_id = o.restaurant_id
WHERE o.restaurant_id = :restaurant_id AND o.business_date < c.order_day
	AND o.business_date > COALESCE((SELECT MAX(d.business_date) FROM day_sums d WHERE d.restaurant_id = :restaurant_id), '1000-01-01')

-- day_sums_due -> many (jobs)
-- Upward: who locks the rows of several days does it in their order.
SELECT TO_DAYS(business_date) - 719528 AS day FROM day_sums WHERE restaurant_id = :restaurant_id AND (is_stale = 1 OR time_zone <> :time_zone)
ORDER BY business_date LIMIT :n

-- day_sums_orders -> one (jobs)
-- Waits for whoever is changing one of them, and has them wait. history_seq is in no index: the rows themselves are locked.
SELECT COUNT(*) AS orders_n FROM orders WHERE restaurant_id = :restaurant_id AND business_date = :day AND history_seq >= 0 LOCK IN SHARE MODE

-- day_sums_take -> one (jobs)
SELECT is_stale, time_zone FROM day_sums WHERE restaurant_id = :restaurant_id AND business_date = :day FOR UPDATE

-- day_sums_done -> none (jobs)
UPDATE day_sums SET is_stale = 0, time_zone = :time_zone WHERE restaurant_id = :restaurant_id AND business_date = :day

-- day_sums_true -> many (reports ticketrail)
SELECT TO_DAYS(business_date) - 719528 AS day FROM day_sums WHERE restaurant_id = :restaurant_id
	AND business_date BETWEEN :day_from AND :day_to AND is_stale = 0 AND time_zone = :time_zone ORDER BY business_date LIMIT :n

-- day_sales_clear -> none (jobs)
DELETE FROM day_sales WHERE restaurant_id = :restaurant_id AND business_date = :day

-- day_hours_clear -> none (jobs)
DELETE FROM day_hours WHERE restaurant_id = :restaurant_id AND business_date = :day

-- day_taxes_clear -> none (jobs)
DELETE FROM day_taxes WHERE restaurant_id = :restaurant_id AND business_date = :day

-- day_items_clear -> none (jobs)
DELETE FROM day_items WHERE restaurant_id = :restaurant_id AND business_date = :day

-- day_addons_clear -> none (jobs)
DELETE FROM day_addons WHERE restaurant_id = :restaurant_id AND business_date = :day

-- day_sales_insert -> rows (jobs)
INSERT INTO day_sales (restaurant_id, business_date, currency, order_type, status, is_released, payment_method, payment_status, orders_n,
	gross_minor, discount_minor, tax_minor, packing_minor, delivery_charge_minor, tip_minor, total_minor)
VALUES (:restaurant_id, :day, :currency, :order_type, :status, :is_released, :payment_method, :payment_status, :orders_n, :gross_minor,
	:discount_minor, :tax_minor, :packing_minor, :delivery_charge_minor, :tip_minor, :total_minor)

-- day_hours_insert -> rows (jobs)
INSERT INTO day_hours (restaurant_id, business_date, hour, status, is_released, orders_n)
VALUES (:restaurant_id, :day, :hour, :status, :is_released, :orders_n)

-- day_taxes_insert -> rows (jobs)
INSERT INTO day_taxes (restaurant_id, business_date, currency, name, kind, rate_micro, is_inclusive, is_of_lines, amount_minor)
VALUES (:restaurant_id, :day, :currency, :name, :kind, :rate_micro, :is_inclusive, :is_of_lines, :amount_minor)

-- day_items_insert -> rows (jobs)
INSERT INTO day_items (restaurant_id, business_date, currency, item_id, variation_id, quantity, gross_minor, addons_minor, orders_n,
	item_orders_n, last_order_id)
VALUES (:restaurant_id, :day, :currency, :item_id, :variation_id, :quantity, :gross_minor, :addons_minor, :orders_n, :item_orders_n,
	:last_order_id)

-- day_addons_insert -> rows (jobs)
INSERT INTO day_addons (restaurant_id, business_date, currency, addon_item_id, quantity, gross_minor, orders_n, last_order_id)
VALUES (:restaurant_id, :day, :currency, :addon_item_id, :quantity, :gross_minor, :orders_n, :last_order_id)
