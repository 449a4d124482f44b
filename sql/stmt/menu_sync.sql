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
