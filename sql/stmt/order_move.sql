-- text axes_columns
id, restaurant_id, user_id, public_id, order_number, order_type, payment_method, currency, customer_phone, total_minor, tip_minor,
	status, pos_state, payment_status, pos_failure, pos_failure_reason, cancel_wanted, pos_reference, pos_order_id, by_hand,
	is_modified, submission_no, settled_at, pos_proved_at, pos_status_updated_at, released_at, estimated_ready_time,
	estimated_delivery_time, rider_name, rider_phone, cancellation_reason, cancellation_code, pos_completed_at,
	scheduled_time, pos_progress, COALESCE(pos_total_minor, -1) AS pos_total_minor, pos_cause, pos_place, created_at,
	confirmed_at, preparing_at, ready_at, out_for_delivery_at, completed_at, cancelled_at, rejected_at, failed_at, history_seq,
	DATE_FORMAT(slot_date, '%Y-%m-%d') AS slot_date, slot, discount_id, COALESCE(LENGTH(pos_request), 0) > 0 AS has_request

-- order_lock -> one (orders webhooks admin delivery relay jobs)
-- The one lock of an order: taken before any of its children is written or any of its messages touched.
SELECT {axes_columns}
FROM orders WHERE id = :id AND restaurant_id = :restaurant_id FOR UPDATE

-- orders_lock -> many (relay)
-- One by one as they are named, which is in the order of their ids, and no others: rows that are only passed by would be locked too. To
-- sort them the server would make two temporary files.
SELECT {axes_columns}
FROM JSON_TABLE(:orders, '$[*]' COLUMNS (of_restaurant BIGINT PATH '$[0]', order_id BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN orders o FORCE INDEX (PRIMARY) ON o.id = j.order_id AND o.restaurant_id = j.of_restaurant
LIMIT 10000 FOR UPDATE

-- orders_of_summed_days -> many (relay)
-- Asked when the orders are locked already, so whoever makes the sums, and waits for that lock, has not read them yet.
SELECT o.id AS id
FROM JSON_TABLE(:orders, '$[*]' COLUMNS (of_restaurant BIGINT PATH '$[0]', order_id BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN orders o FORCE INDEX (PRIMARY) ON o.id = j.order_id AND o.restaurant_id = j.of_restaurant
	STRAIGHT_JOIN day_sums d ON d.restaurant_id = o.restaurant_id AND d.business_date = o.business_date
LIMIT 10000

-- text order_changes
status = :status, pos_state = :pos_state, payment_status = :payment_status, pos_failure = :pos_failure,
	pos_failure_reason = :pos_failure_reason, cancel_wanted = :cancel_wanted, pos_reference = :pos_reference,
	pos_order_id = :pos_order_id, is_modified = :is_modified, submission_no = :submission_no,
	settled_at = :settled_at, pos_proved_at = :pos_proved_at, pos_status_updated_at = :pos_status_updated_at,
	released_at = :released_at, estimated_ready_time = :estimated_ready_time,
	estimated_delivery_time = :estimated_delivery_time, rider_name = :rider_name, rider_phone = :rider_phone,
	cancellation_reason = :cancellation_reason, cancellation_code = :cancellation_code,
	pos_completed_at = :pos_completed_at, pos_progress = :pos_progress, pos_total_minor = NULLIF(:pos_total_minor, -1),
	pos_cause = :pos_cause, pos_place = :pos_place, confirmed_at = :confirmed_at, preparing_at = :preparing_at,
	ready_at = :ready_at, out_for_delivery_at = :out_for_delivery_at, completed_at = :completed_at,
	cancelled_at = :cancelled_at, rejected_at = :rejected_at, failed_at = :failed_at, history_seq = :history_seq,
	pos_request = COALESCE(:pos_request, pos_request), pos_response = COALESCE(:pos_response, pos_response),
	pos_callback = COALESCE(:pos_callback, pos_callback), updated_at = :now

-- order_save -> newid (orders webhooks admin delivery relay jobs)
-- The axes as they were locked stand in the WHERE as an assertion. What was sent, answered and called back is NULL where it stays.
-- The number says whether the order's day has sums (2) or not (1): they are looked for when the order is locked already, so whoever
-- makes them, and waits for that lock, has not read the order yet.
UPDATE orders FORCE INDEX (PRIMARY) SET {order_changes},
	by_hand = :by_hand + 0 * LAST_INSERT_ID(1 + EXISTS (SELECT 1 FROM day_sums d
	WHERE d.restaurant_id = orders.restaurant_id AND d.business_date = orders.business_date))
WHERE id = :id AND restaurant_id = :restaurant_id AND status = :was_status AND pos_state = :was_pos_state
	AND payment_status = :was_payment

-- orders_save -> changed (relay)
-- Of orders whose days have no sums; the others are saved one by one.
UPDATE orders FORCE INDEX (PRIMARY) SET {order_changes}, by_hand = :by_hand
WHERE id = :id AND restaurant_id = :restaurant_id AND status = :was_status AND pos_state = :was_pos_state
	AND payment_status = :was_payment

-- history_add -> rows (orders webhooks admin delivery relay jobs)
INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, change_reason, trace_id, created_at)
VALUES (:order_id, :seq, :axis, :event, :old_status, :new_status, :changed_by, :change_reason, :trace_id, :now)

-- order_intent -> one (relay)
SELECT pos_request FROM orders WHERE id = :id AND restaurant_id = :restaurant_id

-- order_pos_id_taken -> one (orders webhooks admin relay jobs)
SELECT COUNT(*) AS n FROM orders WHERE restaurant_id = :restaurant_id AND pos_order_id = :pos_order_id

-- order_absences -> one (relay)
-- How often an order that was in doubt turned out not to be there.
SELECT COUNT(*) AS n FROM order_status_history WHERE order_id = :order_id AND axis = 'pos' AND event = 'absent'

-- order_doubts -> one (orders webhooks admin relay jobs)
-- Of the present submission, since it was shown not to be there if it ever was: how often it was in doubt, and when its first attempt
-- began.
SELECT COALESCE(SUM(event <> 'claim'), 0) AS n, MIN(CASE WHEN event = 'claim' THEN created_at END) AS claimed_at
FROM order_status_history WHERE order_id = :order_id AND axis = 'pos' AND event IN ('claim', 'unsure', 'lost')
	AND seq > COALESCE((SELECT MAX(r.seq) FROM order_status_history r
	WHERE r.order_id = :order_id AND r.axis = 'pos' AND r.event IN ('retry', 'absent')), 0)

-- order_paid_first -> one (relay)
-- Was it paid when its present submission was sent for the first time?
SELECT COALESCE(MAX(CASE WHEN axis = 'payment' THEN seq ELSE 0 END) < MIN(CASE WHEN axis = 'pos' AND event = 'claim' AND seq >
	COALESCE((SELECT MAX(r.seq) FROM order_status_history r WHERE r.order_id = :order_id AND r.axis = 'pos' AND r.event = 'retry'), 0)
	THEN seq END), 0) AS is_first
FROM order_status_history WHERE order_id = :order_id

-- order_contents -> one (relay)
SELECT pos_contents AS contents FROM orders WHERE id = :id

-- order_contents_save -> none (relay)
UPDATE orders SET pos_contents = :contents WHERE id = :id
