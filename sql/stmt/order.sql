-- text order_columns
id, public_id, restaurant_id, user_id, order_number, status, pos_state, payment_status, payment_method, order_type, table_number,
	customer_name, customer_email, customer_phone, delivery_address, special_instructions, scheduled_time, currency, subtotal_minor,
	discount_minor, tax_minor, packing_minor, delivery_charge_minor, tip_minor, total_minor, menu_version, pos_reference, pos_order_id, pos_failure,
	pos_failure_reason, pos_cause, COALESCE(pos_total_minor, -1) AS pos_total_minor, cancel_wanted, cancellation_reason, cancellation_code, submission_no, estimated_ready_time, estimated_delivery_time, created_at,
	updated_at, released_at, confirmed_at, preparing_at, ready_at, out_for_delivery_at, completed_at, cancelled_at, rejected_at,
	failed_at, pos_status_updated_at, pos_proved_at, pos_completed_at, history_seq,
	is_modified, IF(is_modified, pos_contents, NULL) AS pos_contents

-- order_by_id -> one (orders admin webhooks relay jobs ticketrail)
SELECT {order_columns}
FROM orders WHERE id = :id AND restaurant_id = :restaurant_id

-- order_by_public_id -> one (orders admin delivery webhooks)
SELECT {order_columns}
FROM orders WHERE public_id = :public_id AND restaurant_id = :restaurant_id

-- orders_of_user -> many (orders)
SELECT {order_columns}
FROM orders WHERE user_id = :user_id AND restaurant_id = :restaurant_id AND id < :before_id
	AND (:status IS NULL OR status = :status) AND (:pos_state IS NULL OR pos_state = :pos_state)
	AND (:order_type IS NULL OR order_type = :order_type) AND (:payment_status IS NULL OR payment_status = :payment_status)
	AND (:since IS NULL OR created_at >= :since) AND (:until IS NULL OR created_at < :until)
ORDER BY id DESC LIMIT :n

-- orders_of_ids -> many (admin delivery)
-- In the order of the ids.
SELECT {order_columns}
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ord FOR ORDINALITY, page_id BIGINT PATH '$')) j JOIN orders o ON o.id = j.page_id
WHERE o.restaurant_id = :restaurant_id ORDER BY j.ord LIMIT 200

-- order_by_reference -> one (webhooks jobs)
SELECT id FROM orders WHERE restaurant_id = :restaurant_id AND pos_reference = :pos_reference

-- order_by_number -> one (webhooks jobs)
SELECT id FROM orders WHERE restaurant_id = :restaurant_id AND order_number = :order_number

-- order_by_pos_order_id -> one (webhooks jobs)
SELECT id FROM orders WHERE restaurant_id = :restaurant_id AND pos_order_id = :pos_order_id

-- orders_by_id -> many (relay)
-- In any order.
SELECT {order_columns}
FROM JSON_TABLE(:orders, '$[*]' COLUMNS (of_restaurant BIGINT PATH '$[0]', order_id BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN orders o FORCE INDEX (PRIMARY) ON o.id = j.order_id AND o.restaurant_id = j.of_restaurant LIMIT 10000

-- order_lines -> many (orders admin delivery webhooks relay jobs ticketrail)
-- A row for each line, and for each of its add-ons where it has any.
SELECT i.order_id AS order_id, i.line_no AS line_no, i.item_id AS item_id, i.item_public_id AS item_public_id, i.external_id AS external_id,
	i.item_name AS item_name, i.variation_id AS variation_id, i.variation_public_id AS variation_public_id,
	i.variation_external_id AS variation_external_id, i.variation_code AS variation_code, i.variation_name AS variation_name,
	i.item_price_minor AS item_price_minor, i.addons_minor AS addons_minor, i.quantity AS quantity,
	i.line_total_minor AS line_total_minor, i.discount_minor AS discount_minor, i.packing_minor AS packing_minor, i.tax_inclusive AS tax_inclusive,
	i.gst_liability AS gst_liability, i.special_instructions AS special_instructions,
	a.addon_no AS addon_no, a.addon_item_id AS addon_item_id, a.addon_public_id AS addon_public_id,
	a.external_id AS addon_external_id, a.name AS addon_name, a.group_external_id AS group_external_id,
	a.group_name AS group_name, a.price_minor AS addon_price_minor, a.quantity AS addon_quantity
FROM order_items i LEFT JOIN order_item_addons a ON a.order_id = i.order_id AND a.line_no = i.line_no
WHERE i.order_id = :order_id ORDER BY i.line_no, a.addon_no LIMIT 5100

-- text tax_columns
order_id, line_no, tax_no, external_id, name, kind, rate_micro, amount_minor, is_inclusive, charge

-- order_taxes -> many (orders admin delivery webhooks relay jobs ticketrail)
SELECT {tax_columns}
FROM order_taxes WHERE order_id = :order_id ORDER BY line_no, tax_no LIMIT 5000

-- lines_of_orders -> many (admin delivery relay)
-- Of a page of orders; the LIMITs of these three are known to who asks (order.c).
SELECT order_id, line_no, item_id, item_public_id, external_id, item_name, variation_id, variation_public_id, variation_external_id,
	variation_code, variation_name, item_price_minor, addons_minor, quantity, line_total_minor, discount_minor, packing_minor, tax_inclusive,
	gst_liability, special_instructions
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ord FOR ORDINALITY, page_id BIGINT PATH '$')) j JOIN order_items l ON l.order_id = j.page_id
ORDER BY j.ord, l.line_no LIMIT 2001

-- addons_of_orders -> many (admin delivery relay)
SELECT order_id, line_no, addon_no, addon_item_id, addon_public_id, external_id, name, group_external_id, group_name, price_minor, quantity
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ord FOR ORDINALITY, page_id BIGINT PATH '$')) j JOIN order_item_addons a ON a.order_id = j.page_id
ORDER BY j.ord, a.line_no, a.addon_no LIMIT 10001

-- taxes_of_orders -> many (admin delivery relay)
SELECT {tax_columns}
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ord FOR ORDINALITY, page_id BIGINT PATH '$')) j JOIN order_taxes t ON t.order_id = j.page_id
ORDER BY j.ord, t.line_no, t.tax_no LIMIT 10001

-- order_history -> many (orders admin ticketrail)
SELECT seq, axis, event, old_status, new_status, changed_by, change_reason, created_at
FROM order_status_history WHERE order_id = :order_id ORDER BY seq LIMIT 1000

-- orders_in_trouble -> many (admin)
-- Orders that somebody must see to, the oldest first: not at the POS, or nobody knows, or there and not seen to, or to be cancelled
-- there in vain. What has ended meanwhile is looked for among those of a week.
SELECT t.id AS id FROM (SELECT o.id FROM orders o FORCE INDEX (idx_orders_restaurant_status)
	WHERE o.restaurant_id = :restaurant_id AND o.status IN ('received', 'confirmed', 'preparing', 'ready', 'out_for_delivery')
		AND (o.pos_state IN ('failed', 'manual', 'unsure') OR (o.pos_state = 'accepted' AND o.pos_cause IS NOT NULL))
	UNION ALL SELECT o.id FROM orders o FORCE INDEX (idx_orders_restaurant_status)
	WHERE o.restaurant_id = :restaurant_id AND o.status IN ('cancelled', 'rejected') AND o.pos_state IN ('manual', 'unsure')
		AND o.updated_at > :now - INTERVAL 7 DAY) t
WHERE t.id > :after ORDER BY t.id LIMIT :n
