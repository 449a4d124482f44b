-- event_next -> newid (orders webhooks admin relay jobs integrations ticketrail)
UPDATE restaurant_counters SET event_seq = LAST_INSERT_ID(event_seq + 1) WHERE restaurant_id = :restaurant_id

-- event_insert -> none (orders webhooks admin relay jobs integrations ticketrail)
INSERT INTO events (restaurant_id, seq, kind, order_id, data, created_at) VALUES (:restaurant_id, :seq, :kind, :order_id, :data, :now)
