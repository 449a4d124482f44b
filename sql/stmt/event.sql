-- event_next -> newid (orders webhooks admin delivery relay jobs integrations office catalog ticketrail)
UPDATE restaurant_counters SET event_seq = LAST_INSERT_ID(event_seq + 1) WHERE restaurant_id = :restaurant_id

-- event_seqs_take -> changed (orders webhooks admin delivery relay jobs integrations office catalog ticketrail)
-- Numbers of several restaurants; their rows are locked in the order in which they are named.
UPDATE JSON_TABLE(:wanted, '$[*]' COLUMNS (restaurant_id BIGINT PATH '$[0]', n BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN restaurant_counters c ON c.restaurant_id = j.restaurant_id
SET c.event_seq = c.event_seq + j.n

-- event_seqs -> many (orders webhooks admin delivery relay jobs integrations office catalog ticketrail)
-- The last ones that were taken.
SELECT c.restaurant_id AS restaurant_id, c.event_seq AS seq
FROM JSON_TABLE(:wanted, '$[*]' COLUMNS (restaurant_id BIGINT PATH '$[0]')) j
	STRAIGHT_JOIN restaurant_counters c ON c.restaurant_id = j.restaurant_id LIMIT 10000

-- event_insert -> rows (orders webhooks admin delivery relay jobs integrations office catalog ticketrail)
INSERT INTO events (restaurant_id, seq, kind, order_id, data, created_at) VALUES (:restaurant_id, :seq, :kind, :order_id, :data, :now)
