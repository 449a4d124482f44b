-- device_put -> none (people)
-- Whoever registers it last has it.
INSERT INTO device_tokens (user_id, token, token_hash, platform, is_active, created_at, updated_at)
VALUES (:user_id, :token, :token_hash, :platform, 1, :now, :now)
ON DUPLICATE KEY UPDATE user_id = VALUES(user_id), platform = VALUES(platform), is_active = 1, updated_at = VALUES(updated_at)

-- device_surplus -> none (people)
-- All but the newest few. The inner table is there because MySQL takes no LIMIT in a subquery.
UPDATE device_tokens SET is_active = 0 WHERE user_id = :user_id AND is_active = 1
	AND id NOT IN (SELECT id FROM (SELECT id FROM device_tokens WHERE user_id = :user_id AND is_active = 1
		ORDER BY updated_at DESC, id DESC LIMIT :n) AS newest)

-- device_forget -> none (people)
UPDATE device_tokens SET is_active = 0, updated_at = :now WHERE token_hash = :token_hash AND user_id = :user_id AND is_active = 1
