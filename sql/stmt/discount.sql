-- menu_discounts -> many (menu orders webhooks admin integrations jobs ticketrail)
-- Those that are over too: a guest is told so.
SELECT id, public_id, external_id, name, code, kind, rate_micro, amount_minor, min_subtotal_minor, max_discount_minor, order_types,
	starts_at, ends_at, uses_max, uses_per_user_max, first_order_only
FROM discounts WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY id LIMIT 10000

-- catalog_discounts -> many (catalog)
SELECT d.id AS id, d.public_id AS public_id, d.external_id AS external_id, d.name AS name, d.code AS code, d.kind AS kind,
	d.rate_micro AS rate_micro, d.amount_minor AS amount_minor, d.min_subtotal_minor AS min_subtotal_minor,
	d.max_discount_minor AS max_discount_minor, d.order_types AS order_types, d.starts_at AS starts_at, d.ends_at AS ends_at,
	d.uses_max AS uses_max, d.uses_per_user_max AS uses_per_user_max, d.first_order_only AS first_order_only,
	d.is_active AS is_active, d.locked_fields AS locked_fields, d.created_at AS created_at, d.updated_at AS updated_at,
	COALESCE(u.used, 0) AS uses
FROM discounts d LEFT JOIN discount_uses u ON u.restaurant_id = d.restaurant_id AND u.discount_id = d.id
WHERE d.restaurant_id = :restaurant_id AND d.id > :after_id AND (:is_active IS NULL OR d.is_active = :is_active) ORDER BY d.id LIMIT :n

-- catalog_discount -> one (catalog)
SELECT d.id AS id, d.public_id AS public_id, d.external_id AS external_id, d.name AS name, d.code AS code, d.kind AS kind,
	d.rate_micro AS rate_micro, d.amount_minor AS amount_minor, d.min_subtotal_minor AS min_subtotal_minor,
	d.max_discount_minor AS max_discount_minor, d.order_types AS order_types, d.starts_at AS starts_at, d.ends_at AS ends_at,
	d.uses_max AS uses_max, d.uses_per_user_max AS uses_per_user_max, d.first_order_only AS first_order_only,
	d.is_active AS is_active, d.locked_fields AS locked_fields, d.created_at AS created_at, d.updated_at AS updated_at,
	COALESCE(u.used, 0) AS uses
FROM discounts d LEFT JOIN discount_uses u ON u.restaurant_id = d.restaurant_id AND u.discount_id = d.id
WHERE d.public_id = :public_id AND d.restaurant_id = :restaurant_id

-- discount_insert -> newid (catalog jobs)
INSERT INTO discounts (public_id, restaurant_id, external_id, name, code, kind, rate_micro, amount_minor, min_subtotal_minor,
	max_discount_minor, order_types, starts_at, ends_at, uses_max, uses_per_user_max, first_order_only, is_active, created_at,
	updated_at)
VALUES (:public_id, :restaurant_id, :external_id, :name, :code, :kind, :rate_micro, :amount_minor, :min_subtotal_minor,
	:max_discount_minor, :order_types, :starts_at, :ends_at, :uses_max, :uses_per_user_max, :first_order_only, :is_active, :now,
	:now)

-- discount_edit -> none (catalog)
UPDATE discounts SET name = :name, code = :code, kind = :kind, rate_micro = :rate_micro, amount_minor = :amount_minor,
	min_subtotal_minor = :min_subtotal_minor, max_discount_minor = :max_discount_minor, order_types = :order_types,
	starts_at = :starts_at, ends_at = :ends_at, uses_max = :uses_max, uses_per_user_max = :uses_per_user_max,
	first_order_only = :first_order_only, is_active = :is_active, locked_fields = :locked_fields, updated_at = :now
WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_discount_unlock -> none (catalog)
UPDATE discounts SET locked_fields = locked_fields & ~:fields WHERE id = :id AND restaurant_id = :restaurant_id

-- discount_uses_of -> many (orders)
-- How often some discounts are used, by everybody and by one guest, and whether the guest has ordered: orders that are neither cancelled
-- nor rejected, beside the one that is being placed.
SELECT j.id AS discount_id, COALESCE(u.used, 0) AS used,
	(SELECT COUNT(*) FROM order_discounts x JOIN orders o ON o.id = x.order_id
		WHERE x.discount_id = j.id AND x.user_id = :user_id AND o.status NOT IN ('cancelled', 'rejected') AND o.id <> :order_id) AS used_by_guest,
	EXISTS (SELECT 1 FROM orders e WHERE e.user_id = :user_id AND e.restaurant_id = :restaurant_id
		AND e.status NOT IN ('cancelled', 'rejected') AND e.id <> :order_id) AS guest_has_ordered
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j 
	LEFT JOIN discount_uses u ON u.restaurant_id = :restaurant_id AND u.discount_id = j.id LIMIT 10000

-- discount_use_take -> changed (orders)
-- By its primary key, locked for the few statements that are left of placing an order.
UPDATE discount_uses SET used = used + 1
WHERE discount_id = :discount_id AND restaurant_id = :restaurant_id AND (:uses_max = 0 OR used < :uses_max)

-- discount_use_lock -> one (orders)
SELECT used FROM discount_uses WHERE discount_id = :discount_id AND restaurant_id = :restaurant_id FOR UPDATE

-- discount_use_make -> none (orders)
-- Held alone, as the row of a place is (capacity_make).
INSERT INTO discount_uses (discount_id, restaurant_id, used) VALUES (:discount_id, :restaurant_id, 0) ON DUPLICATE KEY UPDATE used = used

-- first_order_lock -> none (orders)
-- Made or found, the row is held alone.
INSERT INTO first_orders (restaurant_id, user_id) VALUES (:restaurant_id, :user_id) ON DUPLICATE KEY UPDATE user_id = user_id

-- discount_use_release -> none (orders webhooks admin relay jobs)
UPDATE discount_uses SET used = used - :uses WHERE discount_id = :discount_id AND restaurant_id = :restaurant_id AND used >= :uses

-- order_discount_insert -> rows (orders)
INSERT INTO order_discounts (order_id, discount_no, discount_id, discount_public_id, user_id, external_id, name, code, kind, rate_micro,
	amount_minor)
VALUES (:order_id, :discount_no, :discount_id, :discount_public_id, :user_id, :external_id, :name, :code, :kind, :rate_micro,
	:amount_minor)

-- order_discounts -> many (orders admin delivery webhooks relay jobs ticketrail)
SELECT order_id, discount_no, discount_id, discount_public_id, external_id, name, code, kind, rate_micro, amount_minor
FROM order_discounts WHERE order_id = :order_id ORDER BY discount_no LIMIT 10

-- discounts_of_orders -> many (admin delivery relay)
-- Of a page of orders, which has at most 200.
SELECT order_id, discount_no, discount_id, discount_public_id, external_id, name, code, kind, rate_micro, amount_minor
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ord FOR ORDINALITY, page_id BIGINT PATH '$')) j JOIN order_discounts d ON d.order_id = j.page_id
ORDER BY j.ord, d.discount_no LIMIT 2000
