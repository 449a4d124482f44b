-- settings_of -> many (menu orders webhooks admin integrations catalog relay jobs)
-- The platform's rows first, then the restaurant's.
SELECT config_key, value FROM system_config WHERE restaurant_id IN (0, :restaurant_id) ORDER BY restaurant_id, config_key LIMIT 200

-- setting_save -> none (admin webhooks ticketrail)
INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by)
VALUES (:restaurant_id, :config_key, :value, :now, :updated_by)
ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at), updated_by = VALUES(updated_by)
