-- menu_sync_begin -> newid (webhooks relay admin integrations jobs ticketrail)
INSERT INTO menu_sync_history (restaurant_id, sync_type, status, delivery_id, started_at)
VALUES (:restaurant_id, :sync_type, 'running', :delivery_id, :now)

-- menu_sync_finish -> none (webhooks admin integrations jobs ticketrail)
UPDATE menu_sync_history SET status = :status, items_synced = :items, categories_synced = :categories,
	changed = :changed, menu_version = :menu_version, errors = :errors, overrides = :overrides, completed_at = :now
WHERE id = :id AND restaurant_id = :restaurant_id

-- menu_sync_fail -> none (webhooks relay admin integrations jobs ticketrail)
UPDATE menu_sync_history SET status = 'failed', errors = :errors, completed_at = :now
WHERE id = :id AND restaurant_id = :restaurant_id

-- menu_syncs -> many (integrations)
-- The newest first. Of what is too much to be shown in a list the number is, and NULL.
SELECT id, sync_type AS type, status, items_synced AS items, categories_synced AS categories, changed, menu_version,
	COALESCE(JSON_LENGTH(errors), 0) AS errors_n, IF(LENGTH(errors) > 65536, NULL, errors) AS errors,
	COALESCE(JSON_LENGTH(overrides), 0) AS overrides_n, IF(LENGTH(overrides) > 65536, NULL, overrides) AS overrides,
	started_at, completed_at
FROM menu_sync_history WHERE restaurant_id = :restaurant_id AND id < :before_id ORDER BY id DESC LIMIT :n

-- menu_fetches -> one (webhooks jobs ticketrail)
-- Those that stand at their beginning will see whatever has changed by now; and when one was last asked for.
SELECT (SELECT COUNT(*) FROM outbox m WHERE m.kind = 'menu_fetch' AND m.restaurant_id = :restaurant_id AND m.owner = 0
	AND (m.payload IS NULL OR m.payload = '')) AS waiting_n,
	(SELECT h.started_at FROM menu_sync_history h WHERE h.restaurant_id = :restaurant_id ORDER BY h.id DESC LIMIT 1) AS last_at
