-- catalog_categories -> many (catalog)
-- The menu as staff see it: what is not active too, in the order in which it was made, a page at a time.
SELECT id, public_id, external_id, name, display_order, is_active, image_url, locked_fields FROM categories
WHERE restaurant_id = :restaurant_id AND id > :after_id AND (:is_active IS NULL OR is_active = :is_active) ORDER BY id LIMIT :n

-- catalog_category -> one (catalog)
SELECT id, public_id, external_id, name, display_order, is_active, image_url, locked_fields FROM categories
WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- catalog_category_edit -> none (catalog)
UPDATE categories SET name = :name, display_order = :display_order, is_active = :is_active, image_url = :image_url,
	locked_fields = :locked_fields WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_category_unlock -> none (catalog)
-- As the statements like it: `fields` are unlocked.
UPDATE categories SET locked_fields = locked_fields & ~:fields WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_groups -> many (catalog)
SELECT id, public_id, external_id, name, is_active, display_order, locked_fields FROM addon_groups
WHERE restaurant_id = :restaurant_id AND id > :after_id AND (:is_active IS NULL OR is_active = :is_active) ORDER BY id LIMIT :n

-- catalog_group -> one (catalog)
SELECT id, public_id, external_id, name, is_active, display_order, locked_fields FROM addon_groups
WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- catalog_groups_of -> many (catalog)
-- The groups that go with any of some items. By the items, as in catalog_choices and catalog_item_taxes: else a server may read all
-- that the restaurant has, once for each of them.
SELECT DISTINCT g.id AS id, g.public_id AS public_id, g.external_id AS external_id, g.name AS name, g.is_active AS is_active,
	g.display_order AS display_order, g.locked_fields AS locked_fields
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN item_addon_groups l FORCE INDEX (PRIMARY) ON l.item_id = j.id
	STRAIGHT_JOIN addon_groups g ON g.id = l.addon_group_id
WHERE l.restaurant_id = :restaurant_id ORDER BY g.id LIMIT 10000

-- catalog_group_edit -> none (catalog)
UPDATE addon_groups SET name = :name, is_active = :is_active, display_order = :display_order, locked_fields = :locked_fields
WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_group_unlock -> none (catalog)
UPDATE addon_groups SET locked_fields = locked_fields & ~:fields WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_addons -> many (catalog)
-- Of some groups, those of one together.
SELECT a.id AS id, a.public_id AS public_id, a.addon_group_id AS addon_group_id, a.external_id AS external_id, a.name AS name,
	a.price_minor AS price_minor, a.is_available AS is_available, a.is_active AS is_active, a.display_order AS display_order,
	a.returns_at AS returns_at, a.locked_fields AS locked_fields
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN addon_items a ON a.addon_group_id = j.id
WHERE a.restaurant_id = :restaurant_id ORDER BY a.addon_group_id, a.display_order, a.id LIMIT 200000

-- catalog_addon_edit -> none (catalog)
UPDATE addon_items SET name = :name, price_minor = :price_minor, is_available = :is_available, is_active = :is_active,
	display_order = :display_order, returns_at = :returns_at, locked_fields = :locked_fields
WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_addons_unlock -> none (catalog)
UPDATE addon_items SET locked_fields = locked_fields & ~:fields WHERE addon_group_id = :id AND restaurant_id = :restaurant_id

-- catalog_taxes -> many (catalog)
SELECT id, public_id, external_id, name, kind, rate_micro, amount_minor, order_types, charges, is_active, display_order, locked_fields
FROM taxes
WHERE restaurant_id = :restaurant_id AND id > :after_id AND (:is_active IS NULL OR is_active = :is_active) ORDER BY id LIMIT :n

-- catalog_tax -> one (catalog)
SELECT id, public_id, external_id, name, kind, rate_micro, amount_minor, order_types, charges, is_active, display_order, locked_fields
FROM taxes WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- catalog_tax_edit -> none (catalog)
UPDATE taxes SET name = :name, kind = :kind, rate_micro = :rate_micro, amount_minor = :amount_minor, order_types = :order_types,
	charges = :charges, is_active = :is_active, display_order = :display_order, locked_fields = :locked_fields
WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_tax_unlock -> none (catalog)
UPDATE taxes SET locked_fields = locked_fields & ~:fields WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_items -> many (catalog)
SELECT i.id AS id, i.public_id AS public_id, i.category_id AS category_id, i.external_id AS external_id, i.name AS name,
	i.description AS description, i.price_minor AS price_minor, i.packing_minor AS packing_minor, i.image_url AS image_url,
	i.diet AS diet, i.is_available AS is_available, i.is_active AS is_active, i.time_slots AS time_slots_json,
	i.order_types AS order_types, i.tax_inclusive AS tax_inclusive, i.gst_liability AS gst_liability,
	i.display_order AS display_order, i.returns_at AS returns_at, i.locked_fields AS locked_fields, i.created_at AS created_at,
	i.updated_at AS updated_at, c.public_id AS category_public_id, c.name AS category_name
FROM items i JOIN categories c ON c.id = i.category_id
WHERE i.restaurant_id = :restaurant_id AND i.id > :after_id AND (:is_active IS NULL OR i.is_active = :is_active)
	AND (:category_id IS NULL OR i.category_id = :category_id)
ORDER BY i.id LIMIT :n

-- catalog_item -> one (catalog)
SELECT i.id AS id, i.public_id AS public_id, i.category_id AS category_id, i.external_id AS external_id, i.name AS name,
	i.description AS description, i.price_minor AS price_minor, i.packing_minor AS packing_minor, i.image_url AS image_url,
	i.diet AS diet, i.is_available AS is_available, i.is_active AS is_active, i.time_slots AS time_slots_json,
	i.order_types AS order_types, i.tax_inclusive AS tax_inclusive, i.gst_liability AS gst_liability,
	i.display_order AS display_order, i.returns_at AS returns_at, i.locked_fields AS locked_fields, i.created_at AS created_at,
	i.updated_at AS updated_at, c.public_id AS category_public_id, c.name AS category_name
FROM items i JOIN categories c ON c.id = i.category_id
WHERE i.public_id = :public_id AND i.restaurant_id = :restaurant_id

-- catalog_item_edit -> none (catalog)
UPDATE items SET category_id = :category_id, name = :name, description = :description, price_minor = :price_minor,
	packing_minor = :packing_minor, image_url = :image_url, diet = :diet, is_veg = :is_veg, is_available = :is_available,
	is_active = :is_active, time_slots = :time_slots, order_types = :order_types, tax_inclusive = :tax_inclusive,
	display_order = :display_order, returns_at = :returns_at, locked_fields = :locked_fields, updated_at = :now
WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_item_unlock -> none (catalog)
UPDATE items SET locked_fields = locked_fields & ~:fields WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_variations -> many (catalog)
-- Of some items, those of one together, as in the two that follow.
SELECT v.id AS id, v.public_id AS public_id, v.item_id AS item_id, v.external_id AS external_id, v.name AS name,
	v.price_minor AS price_minor, v.packing_minor AS packing_minor, v.is_available AS is_available, v.is_active AS is_active,
	v.display_order AS display_order, v.returns_at AS returns_at, v.locked_fields AS locked_fields
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN variations v ON v.item_id = j.id
WHERE v.restaurant_id = :restaurant_id ORDER BY v.item_id, v.display_order, v.id LIMIT 200000

-- catalog_choices -> many (catalog)
SELECT l.item_id AS item_id, l.variation_id AS variation_id, l.addon_group_id AS addon_group_id, l.min_choices AS min,
	l.max_choices AS max, l.display_order AS display_order
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN item_addon_groups l FORCE INDEX (PRIMARY) ON l.item_id = j.id
WHERE l.restaurant_id = :restaurant_id ORDER BY l.item_id, l.variation_id, l.display_order, l.addon_group_id LIMIT 200000

-- catalog_item_taxes -> many (catalog)
SELECT it.item_id AS item_id, it.tax_id AS tax_id, t.public_id AS public_id
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN item_taxes it FORCE INDEX (PRIMARY) ON it.item_id = j.id
	STRAIGHT_JOIN taxes t ON t.id = it.tax_id
WHERE it.restaurant_id = :restaurant_id ORDER BY it.item_id, t.display_order, t.id LIMIT 200000

-- catalog_variation_edit -> none (catalog)
UPDATE variations SET name = :name, price_minor = :price_minor, packing_minor = :packing_minor, is_available = :is_available,
	is_active = :is_active, display_order = :display_order, returns_at = :returns_at, locked_fields = :locked_fields
WHERE id = :id AND restaurant_id = :restaurant_id

-- catalog_variations_unlock -> none (catalog)
UPDATE variations SET locked_fields = locked_fields & ~:fields WHERE item_id = :id AND restaurant_id = :restaurant_id
