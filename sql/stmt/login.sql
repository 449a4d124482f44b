-- login_lock -> one (webhooks integrations relay ticketrail)
-- Whoever has it decides alone whether the integration is logged in anew.
SELECT expires_at, refresh_expires_at, refreshed_at, begun_at, saved_at, replaced_at, failing_since, failures, told, is_refused, last_error,
	new_expires_at, new_refresh_expires_at
FROM pos_sessions WHERE integration_id = :integration_id FOR UPDATE

-- login_read -> one (integrations)
SELECT expires_at, refresh_expires_at, refreshed_at, begun_at, saved_at, replaced_at, failing_since, failures, told, is_refused, last_error,
	new_expires_at, new_refresh_expires_at
FROM pos_sessions WHERE integration_id = :integration_id

-- login_add -> none (webhooks integrations relay ticketrail)
-- One that is there is locked as it is: two who add it at once wait for each other in turn.
INSERT INTO pos_sessions (integration_id, updated_at) VALUES (:integration_id, :now) ON DUPLICATE KEY UPDATE updated_at = updated_at

-- login_save -> none (webhooks integrations relay ticketrail)
UPDATE pos_sessions SET expires_at = :expires_at, refresh_expires_at = :refresh_expires_at, refreshed_at = :refreshed_at,
	begun_at = :begun_at, saved_at = :saved_at, replaced_at = :replaced_at, failing_since = :failing_since, failures = :failures, told = :told,
	is_refused = :is_refused, last_error = :last_error, new_expires_at = :new_expires_at,
	new_refresh_expires_at = :new_refresh_expires_at, updated_at = :now
WHERE integration_id = :integration_id

-- login_drop -> none (integrations relay ticketrail)
DELETE FROM pos_sessions WHERE integration_id = :integration_id
