-- delivery_of_order -> one (orders webhooks admin delivery relay jobs)
-- Whoever has it, with what has become of them.
SELECT d.order_id AS order_id, d.staff_id AS staff_id, s.public_id AS staff_public_id, s.name AS staff_name, d.status AS status,
	d.is_open AS is_open, s.is_active = 1 AND s.restaurant_id <=> d.restaurant_id AND s.role IN ('delivery', 'admin') AS staff_can,
	d.assigned_at AS assigned_at, d.picked_up_at AS picked_up_at, d.delivered_at AS delivered_at
FROM delivery_assignments d JOIN staff_users s ON s.id = d.staff_id
WHERE d.order_id = :order_id AND d.restaurant_id = :restaurant_id

-- deliveries_of_orders -> many (orders webhooks admin delivery relay jobs ticketrail)
SELECT d.order_id AS order_id, d.staff_id AS staff_id, s.public_id AS staff_public_id, s.name AS staff_name, d.status AS status,
	d.is_open AS is_open, s.is_active = 1 AND s.restaurant_id <=> d.restaurant_id AND s.role IN ('delivery', 'admin') AS staff_can,
	d.assigned_at AS assigned_at, d.picked_up_at AS picked_up_at, d.delivered_at AS delivered_at
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ord FOR ORDINALITY, id BIGINT PATH '$')) j
	JOIN delivery_assignments d ON d.order_id = j.id JOIN staff_users s ON s.id = d.staff_id
WHERE d.restaurant_id = :restaurant_id ORDER BY j.ord LIMIT 200

-- delivery_assign -> none (admin)
-- Under the order's lock, which nobody takes it through any more who has left with it.
INSERT INTO delivery_assignments (order_id, restaurant_id, staff_id, assigned_at) VALUES (:order_id, :restaurant_id, :staff_id, :now)
ON DUPLICATE KEY UPDATE staff_id = :staff_id, assigned_at = :now

-- delivery_unassign -> none (admin)
DELETE FROM delivery_assignments WHERE order_id = :order_id AND restaurant_id = :restaurant_id AND status = 'assigned'

-- delivery_save -> changed (orders webhooks admin delivery relay jobs)
UPDATE delivery_assignments SET status = :status, is_open = :is_open, picked_up_at = :picked_up_at, delivered_at = :delivered_at
WHERE order_id = :order_id AND restaurant_id = :restaurant_id AND staff_id = :staff_id

-- deliveries_of_staff -> many (delivery)
-- What somebody has to bring, open ones first; behind a place in that order.
SELECT order_id AS id FROM delivery_assignments
WHERE staff_id = :staff_id AND restaurant_id = :restaurant_id AND is_open <= :cursor_open
	AND (is_open < :cursor_open OR order_id < :cursor_id)
ORDER BY is_open DESC, order_id DESC LIMIT :n
