-- settings_of -> many (pools relay jobs ticketrail)
-- The platform's rows first, then the restaurant's. A row of nobody is a lock on one that is not there.
SELECT restaurant_id, config_key, value, updated_at, updated_by FROM system_config WHERE restaurant_id IN (0, :restaurant_id)
ORDER BY restaurant_id, config_key LIMIT 200

-- setting_lock -> none (admin office webhooks jobs ticketrail)
-- Locks the row of a key; where there is none, a new one of nobody, which the same transaction writes or removes. (FOR UPDATE locks
-- nothing where there is no row.)
INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES (:restaurant_id, :config_key, 'null', :now, '')
ON DUPLICATE KEY UPDATE updated_by = updated_by

-- setting_save -> none (admin office webhooks jobs ticketrail)
INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by)
VALUES (:restaurant_id, :config_key, :value, :updated_at, :updated_by)
ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at), updated_by = VALUES(updated_by)

-- setting_remove -> none (admin office webhooks jobs ticketrail)
DELETE FROM system_config WHERE restaurant_id = :restaurant_id AND config_key = :config_key

-- settings_of_key -> many (relay webhooks)
-- Everybody's rows of one key, the platform's first.
SELECT restaurant_id, value FROM system_config WHERE config_key = :config_key AND updated_by <> '' ORDER BY restaurant_id LIMIT 10000
