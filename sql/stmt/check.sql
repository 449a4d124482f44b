-- check_restaurants -> many (ticketrail)
SELECT c.restaurant_id AS restaurant_id, c.event_seq AS event_seq, c.order_seq AS order_seq, DATE_FORMAT(c.order_day, '%Y%m%d') AS order_day
FROM restaurant_counters c WHERE c.restaurant_id > :after_id ORDER BY c.restaurant_id LIMIT :n

-- check_outlets -> many (ticketrail)
-- Under which name a provider knows a restaurant.
SELECT restaurant_id, pos_restaurant_id AS outlet FROM restaurant_pos_integrations WHERE pos_restaurant_id IS NOT NULL
ORDER BY restaurant_id, id LIMIT 1000000

-- check_orders -> many (ticketrail)
-- A page of orders, each with how much of what goes with it is there.
SELECT o.id AS id, o.restaurant_id AS restaurant_id, o.order_number AS order_number, o.status AS status, o.pos_state AS pos_state,
	o.payment_status AS payment_status, o.by_hand AS by_hand, o.cancel_wanted AS cancel_wanted, o.submission_no AS submission_no,
	o.pos_reference AS pos_reference, o.pos_proved_at AS pos_proved_at, o.history_seq AS history_seq,
	o.customer_phone IS NOT NULL AS has_phone, COALESCE(d.status, 'none') AS delivery, COALESCE(d.is_open, 0) AS delivery_is_open,
	o.order_type = 'delivery' AS is_delivery,
	CASE WHEN o.payment_status = 'paid' AND o.status NOT IN ('completed', 'cancelled', 'rejected') THEN (SELECT COALESCE(MAX(IF(h.axis = 'payment', h.seq, 0))
		< MIN(IF(h.axis = 'pos' AND h.event = 'claim' AND h.seq > COALESCE((SELECT MAX(r.seq) FROM order_status_history r
			WHERE r.order_id = o.id AND r.axis = 'pos' AND r.event = 'retry'), 0), h.seq, NULL)), 0)
		FROM order_status_history h WHERE h.order_id = o.id) ELSE 0 END AS was_paid_first,
	o.total_minor AS total_minor, o.tip_minor AS tip_minor,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_submit' AND m.subject_id = o.id) AS submits_n,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_void' AND m.subject_id = o.id) AS voids_n,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_deadline' AND m.subject_id = o.id) AS deadlines_n,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_proof' AND m.subject_id = o.id) AS proofs_n,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_compensate' AND m.subject_id = o.id) AS compensations_n,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind IN ('pos_look', 'pos_hint') AND m.subject_id = o.id) AS looks_n,
	(SELECT COUNT(*) FROM outbox m WHERE m.kind = 'pos_follow' AND m.subject_id = o.id) AS follows_n,
	(SELECT COUNT(*) FROM outbox_done d WHERE d.kind = 'pos_submit' AND d.subject_id = o.id) AS submitted_n,
	(SELECT COUNT(*) FROM order_status_history h WHERE h.order_id = o.id AND h.axis = 'pos' AND h.event = 'absent') AS absences_n,
	(SELECT COUNT(*) FROM events e WHERE e.order_id = o.id AND e.kind = 'order_placed') AS announced_n,
	CASE WHEN o.pos_state IN ('failed', 'manual', 'unsure', 'accepted') THEN (SELECT COUNT(*) FROM notification_queue n
		WHERE n.order_id = o.id AND n.staff_id IS NOT NULL AND n.type = 'pos_failed') ELSE 0 END AS told_failed_n,
	CASE WHEN o.pos_state IN ('failed', 'manual', 'unsure', 'accepted') THEN (SELECT COUNT(*) FROM notification_queue n
		WHERE n.order_id = o.id AND n.staff_id IS NOT NULL AND n.type IN ('pos_manual', 'pos_void_refused')) ELSE 0 END AS told_manual_n,
	(SELECT COUNT(*) FROM notification_queue n WHERE n.order_id = o.id AND n.type = 'order_ended') AS told_ended_n,
	(SELECT COUNT(*) FROM notification_queue n WHERE n.order_id = o.id AND n.staff_id IS NOT NULL
		AND n.type IN ('pos_total', 'pos_amended')) AS told_total_n,
	(SELECT COUNT(*) FROM notification_queue n WHERE n.order_id = o.id AND n.type = 'pos_unfinished') AS told_unfinished_n
FROM orders o LEFT JOIN delivery_assignments d ON d.order_id = o.id WHERE o.id > :after_id ORDER BY o.id LIMIT :n

-- check_history -> many (ticketrail)
SELECT order_id, seq, axis, event, old_status, new_status FROM order_status_history
WHERE order_id >= :from_id AND order_id <= :to_id AND (order_id > :from_id OR seq > :after_seq) ORDER BY order_id, seq LIMIT :n

-- check_events -> many (ticketrail)
SELECT e.seq AS seq, e.kind AS kind, COALESCE(e.order_id, 0) AS order_id, e.order_id IS NOT NULL AND o.id IS NULL AS is_orphan
FROM events e LEFT JOIN orders o ON o.id = e.order_id WHERE e.restaurant_id = :restaurant_id AND e.seq > :after_seq
ORDER BY e.seq LIMIT :n

-- check_days -> many (ticketrail)
-- ORD-20261120-001: the day, and the number within it.
SELECT SUBSTRING(o.order_number, 5, 8) AS day, COUNT(*) AS orders_n, MAX(CAST(SUBSTRING(o.order_number, 14) AS SIGNED)) AS last_n
FROM orders o WHERE o.restaurant_id = :restaurant_id AND o.order_number LIKE 'ORD-________-%'
GROUP BY SUBSTRING(o.order_number, 5, 8) ORDER BY day LIMIT 100000

-- check_places -> many (ticketrail)
-- Parts of days in which the count is not that of the orders that hold a place. One of them may be missing.
SELECT x.slot_date AS day, x.slot AS slot, CAST(SUM(x.taken) AS SIGNED) AS taken_n, CAST(SUM(x.held) AS SIGNED) AS held_n FROM (
	SELECT DATE_FORMAT(slot_date, '%Y-%m-%d') AS slot_date, slot, taken, 0 AS held FROM order_slots WHERE restaurant_id = :restaurant_id
	UNION ALL
	SELECT DATE_FORMAT(slot_date, '%Y-%m-%d') AS slot_date, slot, 0, COUNT(*) FROM orders WHERE restaurant_id = :restaurant_id
		AND slot IS NOT NULL AND status NOT IN ('cancelled', 'rejected') GROUP BY DATE_FORMAT(slot_date, '%Y-%m-%d'), slot
) x GROUP BY x.slot_date, x.slot HAVING SUM(x.taken) <> SUM(x.held) ORDER BY x.slot_date, x.slot LIMIT 1000

-- check_switches -> many (ticketrail)
-- The switch as the restaurant has set it, beside the row that placing an order asserts; and pauses with an end.
SELECT c.restaurant_id AS restaurant_id, c.accepting AS is_accepting,
	c.accepting <> (s.value IS NULL OR CAST(s.value AS CHAR) = 'true') AS is_split
FROM restaurant_counters c
	LEFT JOIN system_config s ON s.restaurant_id = c.restaurant_id AND s.config_key = 'restaurant_open'
	LEFT JOIN system_config p ON p.restaurant_id = c.restaurant_id AND p.config_key = 'pause'
WHERE c.accepting <> (s.value IS NULL OR CAST(s.value AS CHAR) = 'true')
	OR (JSON_TYPE(JSON_EXTRACT(p.value, '$.until')) = 'STRING'
		AND NOT EXISTS (SELECT 1 FROM outbox m WHERE m.kind = 'store_resume' AND m.subject_id = c.restaurant_id))
ORDER BY c.restaurant_id LIMIT 1000

-- check_discounts -> many (ticketrail)
-- Discounts whose uses are not those of the orders that have them. The row of uses may be missing.
SELECT x.discount_id AS discount_id, CAST(SUM(x.used) AS SIGNED) AS used_n, CAST(SUM(x.held) AS SIGNED) AS held_n FROM (
	SELECT discount_id, used, 0 AS held FROM discount_uses WHERE restaurant_id = :restaurant_id
	UNION ALL
	SELECT discount_id, 0, COUNT(*) FROM orders WHERE restaurant_id = :restaurant_id
		AND discount_id IS NOT NULL AND status NOT IN ('cancelled', 'rejected') GROUP BY discount_id
) x GROUP BY x.discount_id HAVING SUM(x.used) <> SUM(x.held) ORDER BY x.discount_id LIMIT 1000

-- check_bills -> many (ticketrail)
-- Of a page of orders those whose sums are not the sums of their parts.
SELECT o.restaurant_id AS restaurant_id, o.order_number AS order_number FROM orders o
	LEFT JOIN (SELECT order_id, SUM(line_total_minor) AS goods, SUM(discount_minor) AS discounts, SUM(packing_minor) AS packing,
		MIN(line_total_minor = (item_price_minor + addons_minor) * quantity AND discount_minor BETWEEN 0 AND line_total_minor) AS is_right
		FROM order_items WHERE order_id BETWEEN :from_id AND :to_id GROUP BY order_id) l ON l.order_id = o.id
	LEFT JOIN (SELECT order_id, SUM(amount_minor) AS added FROM order_taxes
		WHERE is_inclusive = 0 AND order_id BETWEEN :from_id AND :to_id GROUP BY order_id) t ON t.order_id = o.id
	LEFT JOIN (SELECT order_id, SUM(amount_minor) AS given FROM order_discounts
		WHERE order_id BETWEEN :from_id AND :to_id GROUP BY order_id) d ON d.order_id = o.id
WHERE o.id BETWEEN :from_id AND :to_id AND NOT (o.total_minor = o.subtotal_minor - o.discount_minor + o.tax_minor + o.packing_minor
	+ o.delivery_charge_minor + o.tip_minor AND o.total_minor >= 0 AND o.subtotal_minor = COALESCE(l.goods, 0)
	AND o.discount_minor = COALESCE(l.discounts, 0) AND o.discount_minor = COALESCE(d.given, 0)
	AND o.packing_minor = COALESCE(l.packing, 0) AND o.tax_minor = COALESCE(t.added, 0) AND COALESCE(l.is_right, 1))
ORDER BY o.id LIMIT 1000

-- check_waiting -> one (ticketrail)
SELECT CAST(COALESCE(SUM(owner <> 0), 0) AS SIGNED) AS held_n, CAST(COALESCE(SUM(owner = 0 AND due_at <= :now), 0) AS SIGNED) AS due_n FROM outbox

-- check_messages_late -> many (ticketrail)
SELECT m.kind AS kind, m.destination AS destination, m.owner <> 0 AS is_held, COUNT(*) AS messages_n, MIN(m.id) AS id, MIN(m.due_at) AS due_at
FROM outbox m WHERE m.due_at < :late_at OR (m.owner <> 0 AND m.lease_until < :late_at)
GROUP BY m.kind, m.destination, m.owner <> 0 ORDER BY kind, destination, is_held LIMIT 1000

-- check_messages_twice -> many (ticketrail)
SELECT m.id AS id, m.kind AS kind, m.subject_id AS subject_id FROM outbox m JOIN outbox_done d ON d.id = m.id ORDER BY m.id LIMIT 1000

-- check_deliveries_lost -> many (ticketrail)
-- Taken in, not applied, and no message will.
SELECT w.id AS id, COALESCE(w.restaurant_id, 0) AS restaurant_id, w.webhook_type AS type, w.subject AS subject, w.state AS state
FROM webhook_logs w WHERE w.state IN ('received', 'parked') AND w.is_verified = 1
	AND NOT EXISTS (SELECT 1 FROM outbox m WHERE m.kind = 'inbox_apply' AND m.subject_id = w.id)
	AND NOT EXISTS (SELECT 1 FROM outbox m WHERE m.kind = 'menu_publish' AND m.subject_id = w.id) ORDER BY w.id LIMIT 1000

-- check_deliveries_empty -> many (ticketrail)
SELECT w.id AS id, COALESCE(w.restaurant_id, 0) AS restaurant_id, w.webhook_type AS type, w.subject AS subject, w.state AS state
FROM webhook_logs w WHERE w.is_verified = 1 AND w.body IS NULL ORDER BY w.id LIMIT 1000

-- check_deliveries -> many (ticketrail)
SELECT w.id AS id, LOWER(SHA2(w.body, 256)) AS digest, CAST(w.event_key AS CHAR) AS event_key FROM webhook_logs w
WHERE w.id > :after_id AND w.is_verified = 1 AND w.body IS NOT NULL ORDER BY w.id LIMIT :n

-- check_syncs_lost -> many (ticketrail)
SELECT s.id AS id, s.restaurant_id AS restaurant_id FROM menu_sync_history s WHERE s.status = 'running'
	AND NOT EXISTS (SELECT 1 FROM outbox m WHERE m.kind = 'menu_fetch' AND m.subject_id = s.id)
	AND NOT EXISTS (SELECT 1 FROM outbox m WHERE m.kind = 'menu_publish' AND m.subject_no = s.id AND m.restaurant_id = s.restaurant_id)
ORDER BY s.id LIMIT 1000

-- check_notices_lost -> many (ticketrail)
SELECT n.id AS id, n.restaurant_id AS restaurant_id, n.type AS type FROM notification_queue n WHERE n.status = 'pending'
	AND NOT EXISTS (SELECT 1 FROM outbox m WHERE m.kind = 'notice_sms' AND m.subject_id = n.id) ORDER BY n.id LIMIT 1000

-- check_notices_again -> many (ticketrail)
SELECT n.id AS id, n.restaurant_id AS restaurant_id, n.type AS type FROM outbox m JOIN notification_queue n ON n.id = m.subject_id
WHERE m.kind = 'notice_sms' AND n.status <> 'pending' ORDER BY n.id LIMIT 1000

-- check_notices -> many (ticketrail)
-- With how often it may have been sent.
SELECT n.id AS id, n.restaurant_id AS restaurant_id, n.type AS type, n.phone_number AS phone_number, n.message AS message,
	n.status AS status,
	COALESCE((SELECT d.attempts FROM outbox_done d WHERE d.kind = 'notice_sms' AND d.subject_id = n.id ORDER BY d.id LIMIT 1), 0)
	+ COALESCE((SELECT m.attempts + m.lost_claims FROM outbox m WHERE m.kind = 'notice_sms' AND m.subject_id = n.id ORDER BY m.id LIMIT 1), 0)
	AS attempts
FROM notification_queue n WHERE n.id > :after_id AND n.channel = 'sms' ORDER BY n.id LIMIT :n

-- check_keys_wrong -> many (ticketrail)
-- Kept without an answer, or with the answer of an order that is not there. An answer begins {"order":{"id":"...
SELECT k.principal AS principal, k.idempotency_key AS idempotency_key, k.status IS NULL AS is_unanswered FROM idempotency_keys k
WHERE k.status IS NULL OR (LEFT(k.answer, 16) = '{"order":{"id":"'
	AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.public_id = UNHEX(REPLACE(SUBSTRING(k.answer, 17, 36), '-', ''))))
ORDER BY k.principal, k.idempotency_key LIMIT 1000

-- check_sums -> many (ticketrail)
-- Days whose sums are said to be true.
SELECT restaurant_id, TO_DAYS(business_date) - 719528 AS day, DATE_FORMAT(business_date, '%Y-%m-%d') AS business_date, time_zone FROM day_sums
WHERE is_stale = 0 AND (restaurant_id > :after_id OR (restaurant_id = :after_id AND business_date > :after))
ORDER BY restaurant_id, business_date LIMIT :n
