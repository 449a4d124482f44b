-- menu_taxes -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT id, external_id, name, kind, rate_micro, amount_minor, order_types, charges, display_order FROM taxes
WHERE restaurant_id = :restaurant_id AND is_active = 1 ORDER BY display_order, id LIMIT 10000

-- menu_item_taxes -> many (menu orders webhooks admin integrations jobs ticketrail)
SELECT it.item_id, it.tax_id FROM item_taxes it JOIN taxes t ON t.id = it.tax_id
WHERE it.restaurant_id = :restaurant_id AND t.is_active = 1
ORDER BY it.item_id, t.display_order, t.id LIMIT 500000

-- tax_rows -> many (webhooks integrations jobs ticketrail)
SELECT id, external_id, name, kind, rate_micro, amount_minor, order_types, charges, is_active, display_order, locked_fields FROM taxes
WHERE restaurant_id = :restaurant_id AND external_id IS NOT NULL LIMIT 20000

-- tax_insert -> newid (catalog jobs)
INSERT INTO taxes (public_id, restaurant_id, external_id, name, kind, rate_micro, amount_minor, order_types, charges,
	is_active, display_order)
VALUES (:public_id, :restaurant_id, :external_id, :name, :kind, :rate_micro, :amount_minor, :order_types, :charges,
	:is_active, :display_order)

-- tax_update -> none (jobs)
UPDATE taxes SET name = :name, kind = :kind, rate_micro = :rate_micro, amount_minor = :amount_minor,
	order_types = :order_types, charges = :charges, is_active = :is_active, display_order = :display_order
WHERE id = :id AND restaurant_id = :restaurant_id

-- tax_retire -> none (jobs)
UPDATE taxes SET is_active = 0 WHERE id = :id AND restaurant_id = :restaurant_id

-- item_tax_rows -> many (webhooks integrations jobs ticketrail)
SELECT item_id, tax_id FROM item_taxes WHERE restaurant_id = :restaurant_id ORDER BY item_id LIMIT 1000000

-- item_tax_put -> none (catalog jobs)
INSERT INTO item_taxes (restaurant_id, item_id, tax_id) VALUES (:restaurant_id, :item_id, :tax_id)

-- item_tax_drop -> none (catalog jobs)
DELETE FROM item_taxes WHERE item_id = :item_id AND tax_id = :tax_id AND restaurant_id = :restaurant_id
