-- What the orders of business days come to. figures_*: read from the orders. kept_*: the same, as it was written down of days that are
-- over. An order counts as sold when it was released and is neither cancelled nor rejected.

-- figures_sales -> many (reports jobs ticketrail)
SELECT TO_DAYS(o.business_date) - 719528 AS day, o.currency AS currency, o.order_type AS order_type, o.status AS status,
	o.released_at IS NOT NULL AS is_released, o.payment_method AS payment_method, o.payment_status AS payment_status,
	COUNT(*) AS orders_n, CAST(SUM(o.subtotal_minor) AS SIGNED) AS gross_minor, CAST(SUM(o.discount_minor) AS SIGNED) AS discount_minor,
	CAST(SUM(o.tax_minor) AS SIGNED) AS tax_minor, CAST(SUM(o.packing_minor) AS SIGNED) AS packing_minor,
	CAST(SUM(o.delivery_charge_minor) AS SIGNED) AS delivery_charge_minor, CAST(SUM(o.tip_minor) AS SIGNED) AS tip_minor,
	CAST(SUM(o.total_minor) AS SIGNED) AS total_minor
FROM orders o WHERE o.restaurant_id = :restaurant_id AND o.business_date BETWEEN :day_from AND :day_to
GROUP BY o.business_date, o.currency, o.order_type, o.status, o.released_at IS NOT NULL, o.payment_method, o.payment_status
ORDER BY o.business_date LIMIT :n

-- kept_sales -> many (reports jobs ticketrail)
SELECT TO_DAYS(s.business_date) - 719528 AS day, s.currency AS currency, s.order_type AS order_type, s.status AS status,
	s.is_released AS is_released, s.payment_method AS payment_method, s.payment_status AS payment_status, s.orders_n AS orders_n,
	s.gross_minor AS gross_minor, s.discount_minor AS discount_minor, s.tax_minor AS tax_minor, s.packing_minor AS packing_minor,
	s.delivery_charge_minor AS delivery_charge_minor, s.tip_minor AS tip_minor, s.total_minor AS total_minor
FROM day_sales s WHERE s.restaurant_id = :restaurant_id AND s.business_date BETWEEN :day_from AND :day_to
ORDER BY s.business_date LIMIT :n

-- figures_hours -> many (reports jobs ticketrail)
-- By quarters of an hour since 1970: no zone's clock has been set otherwise for a long time, so a quarter lies within one hour of any
-- wall. Which one is not the database's to say: it may know no zones.
SELECT TO_DAYS(o.business_date) - 719528 AS day, TIMESTAMPDIFF(MINUTE, '1970-01-01', o.created_at) DIV 15 AS quarter, o.status AS status,
	o.released_at IS NOT NULL AS is_released, COUNT(*) AS orders_n
FROM orders o WHERE o.restaurant_id = :restaurant_id AND o.business_date BETWEEN :day_from AND :day_to
GROUP BY o.business_date, TIMESTAMPDIFF(MINUTE, '1970-01-01', o.created_at) DIV 15, o.status, o.released_at IS NOT NULL
ORDER BY o.business_date LIMIT :n

-- kept_hours -> many (reports jobs ticketrail)
SELECT TO_DAYS(s.business_date) - 719528 AS day, s.hour AS hour, s.status AS status, s.is_released AS is_released, s.orders_n AS orders_n
FROM day_hours s WHERE s.restaurant_id = :restaurant_id AND s.business_date BETWEEN :day_from AND :day_to
ORDER BY s.business_date LIMIT :n

-- figures_taxes -> many (reports jobs ticketrail)
SELECT u.day AS day, u.currency AS currency, u.tax_name AS tax_name, u.kind AS kind, u.rate_micro AS rate_micro,
	u.is_inclusive AS is_inclusive, u.is_of_lines AS is_of_lines, CAST(SUM(u.amount_minor) AS SIGNED) AS amount_minor
FROM (SELECT TO_DAYS(o.business_date) - 719528 AS day, o.currency AS currency, t.name COLLATE utf8mb4_bin AS tax_name, t.kind AS kind,
		t.rate_micro AS rate_micro, t.is_inclusive AS is_inclusive, t.line_no > 0 AS is_of_lines, t.amount_minor AS amount_minor
	FROM orders o JOIN order_taxes t ON t.order_id = o.id
	WHERE o.restaurant_id = :restaurant_id AND o.business_date BETWEEN :day_from AND :day_to
		AND o.released_at IS NOT NULL AND o.status NOT IN ('cancelled', 'rejected')) u
GROUP BY u.day, u.currency, u.tax_name, u.kind, u.rate_micro, u.is_inclusive, u.is_of_lines ORDER BY u.day LIMIT :n

-- kept_taxes -> many (reports jobs ticketrail)
SELECT TO_DAYS(s.business_date) - 719528 AS day, s.currency AS currency, s.name AS tax_name, s.kind AS kind, s.rate_micro AS rate_micro,
	s.is_inclusive AS is_inclusive, s.is_of_lines AS is_of_lines, s.amount_minor AS amount_minor
FROM day_taxes s WHERE s.restaurant_id = :restaurant_id AND s.business_date BETWEEN :day_from AND :day_to
ORDER BY s.business_date LIMIT :n

-- figures_items -> many (reports jobs ticketrail)
-- Of all these days together. An order with two lines of one item counts once for it: at the first of them.
SELECT u.currency AS currency, u.item_id AS item_id, u.variation_id AS variation_id, CAST(SUM(u.quantity) AS SIGNED) AS quantity,
	CAST(SUM(u.line_total_minor) AS SIGNED) AS gross_minor, CAST(SUM(u.addons_minor * u.quantity) AS SIGNED) AS addons_minor,
	CAST(SUM(u.line_no = u.first_of_variation) AS SIGNED) AS orders_n, CAST(SUM(u.line_no = u.first_of_item) AS SIGNED) AS item_orders_n,
	MAX(u.order_id) AS last_order_id
FROM (SELECT o.currency AS currency, l.order_id AS order_id, l.line_no AS line_no, l.item_id AS item_id,
		COALESCE(l.variation_id, 0) AS variation_id, l.quantity AS quantity, l.line_total_minor AS line_total_minor,
		l.addons_minor AS addons_minor, MIN(l.line_no) OVER (PARTITION BY l.order_id, l.item_id) AS first_of_item,
		MIN(l.line_no) OVER (PARTITION BY l.order_id, l.item_id, COALESCE(l.variation_id, 0)) AS first_of_variation
	FROM orders o JOIN order_items l ON l.order_id = o.id
	WHERE o.restaurant_id = :restaurant_id AND o.business_date BETWEEN :day_from AND :day_to
		AND o.released_at IS NOT NULL AND o.status NOT IN ('cancelled', 'rejected')) u
GROUP BY u.currency, u.item_id, u.variation_id ORDER BY item_id, variation_id LIMIT :n

-- kept_items -> many (reports jobs ticketrail)
SELECT s.currency AS currency, s.item_id AS item_id, s.variation_id AS variation_id, CAST(SUM(s.quantity) AS SIGNED) AS quantity,
	CAST(SUM(s.gross_minor) AS SIGNED) AS gross_minor, CAST(SUM(s.addons_minor) AS SIGNED) AS addons_minor,
	CAST(SUM(s.orders_n) AS SIGNED) AS orders_n, CAST(SUM(s.item_orders_n) AS SIGNED) AS item_orders_n, MAX(s.last_order_id) AS last_order_id
FROM day_items s WHERE s.restaurant_id = :restaurant_id AND s.business_date BETWEEN :day_from AND :day_to
GROUP BY s.currency, s.item_id, s.variation_id ORDER BY item_id, variation_id LIMIT :n

-- figures_addons -> many (reports jobs ticketrail)
SELECT o.currency AS currency, a.addon_item_id AS addon_item_id, CAST(SUM(a.quantity * l.quantity) AS SIGNED) AS quantity,
	CAST(SUM(a.price_minor * a.quantity * l.quantity) AS SIGNED) AS gross_minor, COUNT(DISTINCT a.order_id) AS orders_n,
	MAX(a.order_id) AS last_order_id
FROM orders o JOIN order_item_addons a ON a.order_id = o.id JOIN order_items l ON l.order_id = a.order_id AND l.line_no = a.line_no
WHERE o.restaurant_id = :restaurant_id AND o.business_date BETWEEN :day_from AND :day_to
	AND o.released_at IS NOT NULL AND o.status NOT IN ('cancelled', 'rejected')
GROUP BY o.currency, a.addon_item_id ORDER BY addon_item_id LIMIT :n

-- kept_addons -> many (reports jobs ticketrail)
SELECT s.currency AS currency, s.addon_item_id AS addon_item_id, CAST(SUM(s.quantity) AS SIGNED) AS quantity,
	CAST(SUM(s.gross_minor) AS SIGNED) AS gross_minor, CAST(SUM(s.orders_n) AS SIGNED) AS orders_n, MAX(s.last_order_id) AS last_order_id
FROM day_addons s WHERE s.restaurant_id = :restaurant_id AND s.business_date BETWEEN :day_from AND :day_to
GROUP BY s.currency, s.addon_item_id ORDER BY addon_item_id LIMIT :n

-- figures_item_names -> many (reports)
-- What they were called in those orders: [[order, item, variation], ...].
SELECT l.item_id AS item_id, COALESCE(l.variation_id, 0) AS variation_id, MIN(l.item_public_id) AS item_public_id,
	MIN(l.item_name) AS item_name, MIN(l.variation_public_id) AS variation_public_id, MIN(l.variation_name) AS variation_name
FROM JSON_TABLE(:keys, '$[*]' COLUMNS (order_id BIGINT PATH '$[0]', item_id BIGINT PATH '$[1]', variation_id BIGINT PATH '$[2]')) j
	JOIN order_items l ON l.order_id = j.order_id AND l.item_id = j.item_id AND COALESCE(l.variation_id, 0) = j.variation_id
	JOIN orders o ON o.id = l.order_id AND o.restaurant_id = :restaurant_id
GROUP BY l.item_id, COALESCE(l.variation_id, 0) ORDER BY item_id, variation_id LIMIT :n

-- figures_addon_names -> many (reports)
SELECT a.addon_item_id AS addon_item_id, MIN(a.addon_public_id) AS addon_public_id, MIN(a.name) AS name
FROM JSON_TABLE(:keys, '$[*]' COLUMNS (order_id BIGINT PATH '$[0]', addon_item_id BIGINT PATH '$[1]')) j
	JOIN order_item_addons a ON a.order_id = j.order_id AND a.addon_item_id = j.addon_item_id
	JOIN orders o ON o.id = a.order_id AND o.restaurant_id = :restaurant_id
GROUP BY a.addon_item_id ORDER BY addon_item_id LIMIT :n
