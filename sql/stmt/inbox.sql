-- inbox_unverified_count -> one (webhooks)
-- Of the last minute; restaurant NULL is nobody's.
SELECT COUNT(*) AS n FROM webhook_logs WHERE is_verified = 0 AND restaurant_id <=> :restaurant_id AND received_at > :now - INTERVAL 1 MINUTE
	AND (state = 'ignored') = :is_nothing

-- inbox_store -> newid (webhooks relay)
INSERT INTO webhook_logs (restaurant_id, provider, webhook_type, subject, headers, source_address, body, body_len, body_digest,
	is_verified, event_key, state, http_status, error_message, trace_id, received_at)
VALUES (:restaurant_id, :provider, :webhook_type, :subject, :headers, :source_address, :body, :body_len, :body_digest,
	:is_verified, :event_key, :state, :http_status, :error_message, :trace_id, :now)

-- inbox_lock -> one (webhooks jobs ticketrail)
SELECT id, restaurant_id, provider, webhook_type AS type, subject, state, body, is_verified, http_status, received_at, trace_id
FROM webhook_logs WHERE id = :id FOR UPDATE

-- inbox_set -> none (webhooks relay jobs ticketrail)
UPDATE webhook_logs SET state = :state, error_message = :error_message, processed_at = :now WHERE id = :id

-- inbox_forget -> none (webhooks jobs ticketrail)
DELETE FROM webhook_logs WHERE id = :id

-- inbox_is_repeat -> one (webhooks jobs ticketrail)
-- Equal to the last one that was applied about the same subject; an older equal one does not count: on, off, on. The last applied need
-- not have arrived last: of several at once any may be first.
SELECT (SELECT d.body_digest FROM webhook_logs d WHERE d.id = :id) = l.body_digest AS n FROM webhook_logs l
WHERE l.restaurant_id <=> :restaurant_id AND l.provider = :provider AND l.subject = :subject AND l.webhook_type = :webhook_type
	AND l.state = 'processed' AND l.id <> :id ORDER BY l.processed_at DESC, l.id DESC LIMIT 1

-- inbox_unpark -> changed (webhooks relay jobs)
UPDATE outbox o JOIN webhook_logs l ON l.id = o.subject_id AND o.kind = 'inbox_apply'
SET o.due_at = :now WHERE l.restaurant_id = :restaurant_id AND l.provider = :provider AND l.subject = :subject
	AND l.state = 'parked' AND o.owner = 0

-- inbox_unpark_all -> changed (relay)
-- As inbox_unpark, of several.
UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (of_restaurant BIGINT PATH '$[0]',
		provider VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin PATH '$[1]',
		subject VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]')) j
	STRAIGHT_JOIN webhook_logs l FORCE INDEX (ix_webhook_logs_subject)
		ON l.restaurant_id = j.of_restaurant AND l.provider = j.provider AND l.subject = j.subject
	STRAIGHT_JOIN outbox o FORCE INDEX (ix_outbox_subject) ON o.kind = 'inbox_apply' AND o.subject_id = l.id
SET o.due_at = :now WHERE l.state = 'parked' AND o.owner = 0

-- inbox_errors -> many (integrations)
-- What went wrong lately with deliveries that were theirs.
SELECT error_message AS sentence FROM webhook_logs WHERE restaurant_id = :restaurant_id AND provider = :provider
	AND state IN ('failed', 'dead') AND is_verified = 1 AND received_at > :now - INTERVAL 1 DAY ORDER BY id DESC LIMIT 5

-- inbox_list -> many (integrations)
-- restaurant NULL: of all. A type is a provider's name or a kind of delivery.
SELECT id, restaurant_id, provider, webhook_type AS type, subject, state, status, http_status, is_verified, error_message AS error,
	body_len, CONVERT(source_address USING utf8mb4) AS source_address, trace_id, received_at, processed_at
FROM webhook_logs WHERE (:restaurant_id IS NULL OR restaurant_id = :restaurant_id) AND id < :before_id
	AND (:type IS NULL OR provider = :type OR webhook_type = :type) AND (:states IS NULL OR FIND_IN_SET(state, :states) > 0)
	AND (:subject IS NULL OR subject = :subject) AND (:since IS NULL OR received_at >= :since) AND (:until IS NULL OR received_at < :until)
ORDER BY id DESC LIMIT :n

-- inbox_read -> one (integrations)
SELECT id, restaurant_id, provider, webhook_type AS type, subject, state, status, http_status, is_verified, error_message AS error,
	body_len, CONVERT(source_address USING utf8mb4) AS source_address, trace_id, received_at, processed_at, headers, body
FROM webhook_logs WHERE id = :id AND (:restaurant_id IS NULL OR restaurant_id = :restaurant_id)
