-- notice_staff -> many (orders webhooks admin relay jobs)
SELECT id AS staff_id, phone FROM staff_users WHERE restaurant_id = :restaurant_id AND is_active = 1 AND phone IS NOT NULL
	AND role IN ('admin', 'kitchen') ORDER BY id LIMIT 50

-- notice_staff_any -> one (ticketrail)
SELECT EXISTS (SELECT 1 FROM staff_users WHERE restaurant_id = :restaurant_id AND is_active = 1 AND phone IS NOT NULL
	AND role IN ('admin', 'kitchen')) AS is_any

-- notice_put -> newid (orders webhooks admin relay jobs)
INSERT INTO notification_queue (restaurant_id, user_id, staff_id, order_id, type, channel, phone_number, message, dedupe_key, created_at, updated_at)
VALUES (:restaurant_id, :user_id, :staff_id, :order_id, :type, 'sms', :phone_number, :message, :dedupe_key, :now, :now)

-- notice_read -> one (relay)
SELECT id, type, phone_number, message, status, retry_count FROM notification_queue WHERE id = :id

-- notice_mark -> none (relay)
UPDATE notification_queue SET status = :status, retry_count = retry_count + 1, updated_at = :now WHERE id = :id
