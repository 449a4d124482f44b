-- menu_version -> one (menu orders webhooks admin integrations catalog jobs ticketrail)
-- What makes a menu in memory stale, read at every use of one.
SELECT c.menu_version AS version, r.currency FROM restaurant_counters c JOIN restaurants r ON r.id = c.restaurant_id
WHERE c.restaurant_id = :restaurant_id

-- menu_categories -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT id, public_id, external_id, name, display_order, image_url FROM categories
WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY display_order, id LIMIT 10000

-- menu_items -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT id, public_id, category_id, external_id, name, description, price_minor, packing_minor, image_url, is_veg,
	is_available, time_slots AS time_slots_json, order_types, tax_inclusive, gst_liability, display_order,
	returns_at
FROM items WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY display_order, id LIMIT 50000

-- menu_variations -> many (menu orders webhooks admin integrations jobs ticketrail)
-- Those of one item stand together, as in the following lists.
SELECT id, public_id, item_id, external_id, variation_code, name, price_minor, packing_minor, is_available, display_order,
	returns_at
FROM variations WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY item_id, display_order, id LIMIT 200000

-- menu_addon_groups -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT id, public_id, external_id, name, display_order FROM addon_groups
WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY display_order, id LIMIT 10000

-- menu_addons -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT id, public_id, addon_group_id, external_id, name, price_minor, is_available, display_order, returns_at FROM addon_items
WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY addon_group_id, display_order, id LIMIT 200000

-- menu_choices -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT item_id, variation_id, addon_group_id, min_choices AS min, max_choices AS max FROM item_addon_groups
WHERE restaurant_id = :restaurant_id ORDER BY item_id, variation_id, display_order, addon_group_id LIMIT 500000

-- menu_absent -> many (orders)
-- Of things that a menu has not, those of the restaurant that were once in it, and whether they themselves were taken off it.
SELECT i.public_id AS public_id, i.is_active = 0 AS is_gone
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id CHAR(36) PATH '$')) j
	STRAIGHT_JOIN items i ON i.public_id = UNHEX(REPLACE(j.id, '-', '')) WHERE i.restaurant_id = :restaurant_id
UNION ALL SELECT v.public_id, v.is_active = 0
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id CHAR(36) PATH '$')) j
	STRAIGHT_JOIN variations v ON v.public_id = UNHEX(REPLACE(j.id, '-', '')) WHERE v.restaurant_id = :restaurant_id
UNION ALL SELECT a.public_id, a.is_active = 0
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id CHAR(36) PATH '$')) j
	STRAIGHT_JOIN addon_items a ON a.public_id = UNHEX(REPLACE(j.id, '-', '')) WHERE a.restaurant_id = :restaurant_id
LIMIT 10000

-- menu_take -> none (webhooks admin integrations catalog jobs ticketrail)
-- Held until the commit: one writer of a menu at a time.
INSERT INTO menus (restaurant_id, written_at) VALUES (:restaurant_id, :now)
ON DUPLICATE KEY UPDATE written_at = VALUES(written_at)

-- menu_version_bump -> changed (webhooks admin integrations catalog jobs ticketrail)
UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = :restaurant_id

-- category_rows -> many (webhooks integrations jobs ticketrail)
-- All a POS ever told, for comparing; without what the staff made themselves, as in the lists like it.
SELECT id, external_id, name, display_order, is_active, image_url, timings, locked_fields FROM categories
WHERE restaurant_id = :restaurant_id AND external_id IS NOT NULL LIMIT 20000

-- category_insert -> newid (catalog jobs)
INSERT INTO categories (public_id, restaurant_id, external_id, name, display_order, is_active, image_url, timings)
VALUES (:public_id, :restaurant_id, :external_id, :name, :display_order, :is_active, :image_url, :timings)

-- category_update -> none (jobs)
UPDATE categories SET name = :name, display_order = :display_order, is_active = :is_active, image_url = :image_url,
	timings = :timings WHERE id = :id AND restaurant_id = :restaurant_id

-- category_retire -> none (jobs)
UPDATE categories SET is_active = 0 WHERE id = :id AND restaurant_id = :restaurant_id

-- category_name_taken -> one (webhooks integrations jobs ticketrail)
-- Whether another category is shown under the name, by the collation's idea of the same.
SELECT COUNT(*) AS n FROM categories WHERE restaurant_id = :restaurant_id AND active_name = :name AND id <> :id

-- addon_group_rows -> many (webhooks integrations jobs ticketrail)
SELECT id, external_id, name, is_active, display_order, locked_fields FROM addon_groups
WHERE restaurant_id = :restaurant_id AND external_id IS NOT NULL LIMIT 20000

-- addon_group_insert -> newid (catalog jobs)
INSERT INTO addon_groups (public_id, restaurant_id, external_id, name, is_active, display_order)
VALUES (:public_id, :restaurant_id, :external_id, :name, :is_active, :display_order)

-- addon_group_update -> none (jobs)
UPDATE addon_groups SET name = :name, is_active = :is_active, display_order = :display_order
WHERE id = :id AND restaurant_id = :restaurant_id

-- addon_group_retire -> none (jobs)
UPDATE addon_groups SET is_active = 0 WHERE id = :id AND restaurant_id = :restaurant_id

-- addon_rows -> many (webhooks integrations jobs ticketrail)
SELECT id, addon_group_id, external_id, name, price_minor, is_available, is_active, display_order, locked_fields FROM addon_items
WHERE restaurant_id = :restaurant_id AND external_id IS NOT NULL ORDER BY addon_group_id LIMIT 400000

-- addon_insert -> newid (catalog jobs)
INSERT INTO addon_items (public_id, restaurant_id, addon_group_id, external_id, name, price_minor, is_available, is_active,
	display_order)
VALUES (:public_id, :restaurant_id, :addon_group_id, :external_id, :name, :price_minor, :is_available, :is_active,
	:display_order)

-- addon_update -> none (jobs)
UPDATE addon_items SET name = :name, price_minor = :price_minor, is_available = :is_available, is_active = :is_active,
	display_order = :display_order, returns_at = CASE WHEN :is_available = 1 THEN NULL ELSE returns_at END
WHERE id = :id AND restaurant_id = :restaurant_id

-- addon_retire -> none (jobs)
UPDATE addon_items SET is_active = 0 WHERE id = :id AND restaurant_id = :restaurant_id
