-- item_rows -> many (webhooks integrations jobs ticketrail)
SELECT id, category_id, external_id, name, description, price_minor, packing_minor, image_url, diet, is_available,
	is_active, time_slots, order_types, tax_inclusive, gst_liability, display_order, locked_fields
FROM items WHERE restaurant_id = :restaurant_id AND external_id IS NOT NULL LIMIT 100000

-- item_insert -> newid (catalog jobs)
INSERT INTO items (public_id, restaurant_id, category_id, external_id, name, description, price_minor, packing_minor,
	image_url, diet, is_veg, is_available, is_active, time_slots, order_types, tax_inclusive, gst_liability,
	display_order, created_at, updated_at)
VALUES (:public_id, :restaurant_id, :category_id, :external_id, :name, :description, :price_minor, :packing_minor,
	:image_url, :diet, :is_veg, :is_available, :is_active, :time_slots, :order_types, :tax_inclusive, :gst_liability,
	:display_order, :now, :now)

-- item_update -> none (jobs)
UPDATE items SET category_id = :category_id, name = :name, description = :description, price_minor = :price_minor,
	packing_minor = :packing_minor, image_url = :image_url, diet = :diet, is_veg = :is_veg,
	is_available = :is_available, is_active = :is_active, time_slots = :time_slots, order_types = :order_types,
	tax_inclusive = :tax_inclusive, gst_liability = :gst_liability, display_order = :display_order, updated_at = :now,
	returns_at = CASE WHEN :is_available = 1 THEN NULL ELSE returns_at END
WHERE id = :id AND restaurant_id = :restaurant_id

-- item_retire -> none (jobs)
UPDATE items SET is_active = 0, updated_at = :now WHERE id = :id AND restaurant_id = :restaurant_id

-- variation_rows -> many (webhooks integrations jobs ticketrail)
SELECT id, item_id, external_id, variation_code, name, price_minor, packing_minor, is_available, is_active, display_order,
	locked_fields
FROM variations WHERE restaurant_id = :restaurant_id AND external_id IS NOT NULL ORDER BY item_id LIMIT 400000

-- variation_insert -> newid (catalog jobs)
INSERT INTO variations (public_id, restaurant_id, item_id, external_id, variation_code, name, price_minor, packing_minor,
	is_available, is_active, display_order)
VALUES (:public_id, :restaurant_id, :item_id, :external_id, :variation_code, :name, :price_minor, :packing_minor,
	:is_available, :is_active, :display_order)

-- variation_update -> none (jobs)
UPDATE variations SET variation_code = :variation_code, name = :name, price_minor = :price_minor,
	packing_minor = :packing_minor, is_available = :is_available, is_active = :is_active, display_order = :display_order,
	returns_at = CASE WHEN :is_available = 1 THEN NULL ELSE returns_at END
WHERE id = :id AND restaurant_id = :restaurant_id

-- variation_retire -> none (jobs)
UPDATE variations SET is_active = 0 WHERE id = :id AND restaurant_id = :restaurant_id

-- item_choice_rows -> many (webhooks integrations jobs ticketrail)
SELECT item_id, variation_id, addon_group_id, min_choices, max_choices, display_order FROM item_addon_groups
WHERE restaurant_id = :restaurant_id ORDER BY item_id LIMIT 1000000

-- item_choice_put -> none (catalog jobs)
INSERT INTO item_addon_groups (restaurant_id, item_id, variation_id, addon_group_id, min_choices, max_choices, display_order)
VALUES (:restaurant_id, :item_id, :variation_id, :addon_group_id, :min_choices, :max_choices, :display_order)
ON DUPLICATE KEY UPDATE min_choices = VALUES(min_choices), max_choices = VALUES(max_choices),
	display_order = VALUES(display_order)

-- item_choice_drop -> none (catalog jobs)
DELETE FROM item_addon_groups WHERE item_id = :item_id AND variation_id = :variation_id
	AND addon_group_id = :addon_group_id AND restaurant_id = :restaurant_id

-- stock_item -> one (webhooks admin jobs ticketrail)
-- The following four find what a POS means by an id, the next three what the API does; three more switch it.
SELECT id, external_id, is_available, returns_at, locked_fields FROM items
WHERE restaurant_id = :restaurant_id AND external_id = :external_id

-- stock_items_placed -> many (webhooks admin jobs ticketrail)
-- Items that a POS sells in several places of its menu: "ID/GROUP", where it may speak of ID alone.
SELECT id, external_id, is_available, returns_at, locked_fields FROM items
WHERE restaurant_id = :restaurant_id AND external_id LIKE CONCAT(:external_id, '/%') ORDER BY id LIMIT 10000

-- stock_variations -> many (webhooks admin jobs ticketrail)
SELECT id, external_id, is_available, returns_at, locked_fields FROM variations
WHERE restaurant_id = :restaurant_id AND external_id = :external_id ORDER BY id LIMIT 10000

-- stock_addons -> many (webhooks admin jobs ticketrail)
-- One add-on of the POS may stand in several groups.
SELECT id, external_id, is_available, returns_at, locked_fields FROM addon_items
WHERE restaurant_id = :restaurant_id AND external_id = :external_id ORDER BY id LIMIT 10000

-- stock_item_public -> one (catalog)
SELECT id, external_id, is_available, returns_at, locked_fields FROM items
WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- stock_variation_public -> one (catalog)
SELECT id, external_id, is_available, returns_at, locked_fields FROM variations
WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- stock_addon_public -> one (catalog)
SELECT id, external_id, is_available, returns_at, locked_fields FROM addon_items
WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- stock_item_set -> none (webhooks admin catalog jobs ticketrail)
UPDATE items SET is_available = :is_available, returns_at = :returns_at, locked_fields = :locked_fields, updated_at = :now
WHERE id = :id AND restaurant_id = :restaurant_id

-- stock_variation_set -> none (webhooks admin catalog jobs ticketrail)
UPDATE variations SET is_available = :is_available, returns_at = :returns_at, locked_fields = :locked_fields
WHERE id = :id AND restaurant_id = :restaurant_id

-- stock_addon_set -> none (webhooks admin catalog jobs ticketrail)
UPDATE addon_items SET is_available = :is_available, returns_at = :returns_at, locked_fields = :locked_fields
WHERE id = :id AND restaurant_id = :restaurant_id

-- stock_items_return -> changed (jobs)
-- What was switched off until now is to be had again; `available` is the bit of FIELD_AVAILABLE.
UPDATE items SET is_available = 1, returns_at = NULL, locked_fields = locked_fields & ~:available, updated_at = :now
WHERE restaurant_id = :restaurant_id AND returns_at <= :now

-- stock_variations_return -> changed (jobs)
UPDATE variations SET is_available = 1, returns_at = NULL, locked_fields = locked_fields & ~:available
WHERE restaurant_id = :restaurant_id AND returns_at <= :now

-- stock_addons_return -> changed (jobs)
UPDATE addon_items SET is_available = 1, returns_at = NULL, locked_fields = locked_fields & ~:available
WHERE restaurant_id = :restaurant_id AND returns_at <= :now
