-- text board_wanted
o.created_at >= :from_at AND (o.created_at > :from_at OR o.id > :from_id)
	AND o.created_at <= :to_at AND (o.created_at < :to_at OR o.id < :to_id)
	AND (:statuses IS NULL OR FIND_IN_SET(o.status, :statuses) > 0)
	AND (:order_types IS NULL OR FIND_IN_SET(o.order_type, :order_types) > 0)
	AND (:payment_statuses IS NULL OR FIND_IN_SET(o.payment_status, :payment_statuses) > 0)
	AND (:pos_states IS NULL OR FIND_IN_SET(o.pos_state, :pos_states) > 0)
	AND (:released < 0 OR (o.released_at IS NOT NULL) = :released)
	AND (:order_number IS NULL OR o.order_number = :order_number)
	AND (:tail IS NULL OR o.order_number LIKE CONCAT('%', :tail) OR (:tail_is_number = 0 AND o.customer_phone LIKE CONCAT('%', :tail)))

-- board_newest -> many (admin)
-- Ids of a page: placed between two moments, both ends with an id within the moment.
SELECT o.id AS id FROM orders o WHERE o.restaurant_id = :restaurant_id
	AND {board_wanted}
ORDER BY o.created_at DESC, o.id DESC LIMIT :n

-- board_oldest -> many (admin)
SELECT o.id AS id FROM orders o WHERE o.restaurant_id = :restaurant_id
	AND {board_wanted}
ORDER BY o.created_at, o.id LIMIT :n

-- board_open -> many (admin)
-- Among the open orders, which are few however many have ended: the index by status is named, because an optimizer that counts on
-- filling the page soon would walk through all the others in order of time. delivery: enum board_delivery.
SELECT o.id AS id FROM orders o FORCE INDEX (idx_orders_restaurant_status)
	LEFT JOIN delivery_assignments d ON d.order_id = o.id LEFT JOIN staff_users s ON s.id = d.staff_id
WHERE o.restaurant_id = :restaurant_id AND o.status IN ('received', 'confirmed', 'preparing', 'ready', 'out_for_delivery')
	AND {board_wanted}
	AND (:delivery = 0 OR (:delivery = 1 AND o.order_type = 'delivery' AND d.order_id IS NULL)
		OR (:delivery = 2 AND d.status = 'assigned') OR (:delivery = 3 AND d.status = 'picked_up')
		OR (:delivery = 4 AND NOT (s.is_active = 1 AND s.restaurant_id <=> d.restaurant_id AND s.role IN ('delivery', 'admin'))))
ORDER BY CASE WHEN :oldest_first = 1 THEN o.created_at END, CASE WHEN :oldest_first = 1 THEN o.id END, o.created_at DESC, o.id DESC LIMIT :n
