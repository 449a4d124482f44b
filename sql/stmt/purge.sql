-- purge_idempotency_keys -> changed (jobs)
DELETE FROM idempotency_keys WHERE created_at < :before ORDER BY created_at LIMIT :n

-- purge_otp_codes -> changed (jobs)
DELETE FROM otp_codes WHERE created_at < :before ORDER BY created_at LIMIT :n

-- purge_otp_phones -> changed (jobs)
DELETE FROM otp_phones WHERE asked_at < :before ORDER BY asked_at LIMIT :n

-- purge_refresh_tokens -> changed (jobs)
DELETE FROM refresh_tokens WHERE expires_at < :before ORDER BY expires_at LIMIT :n

-- purge_ended_sessions -> changed (jobs)
DELETE FROM ended_sessions WHERE ended_at < :before ORDER BY ended_at LIMIT :n

-- purge_budgets -> changed (jobs)
DELETE FROM budgets WHERE spent_until < :before ORDER BY spent_until LIMIT :n

-- purge_staff_networks -> changed (jobs)
DELETE FROM staff_networks WHERE last_at < :before ORDER BY last_at LIMIT :n

-- purge_device_tokens -> changed (jobs)
DELETE FROM device_tokens WHERE is_active = 0 AND updated_at < :before ORDER BY updated_at LIMIT :n

-- purge_deliveries -> changed (jobs)
-- What is still to be applied stays, however old.
DELETE FROM webhook_logs WHERE received_at < :before AND state NOT IN ('received', 'parked') ORDER BY received_at LIMIT :n

-- purge_webhook_secrets -> changed (jobs)
DELETE FROM restaurant_webhook_secrets WHERE is_active = 0 AND expires_at < :before ORDER BY is_active, expires_at LIMIT :n

-- purge_messages -> changed (jobs)
-- What was set aside stays until somebody has seen to it.
DELETE FROM outbox_done WHERE finished_at < :before AND outcome <> 'DEAD' ORDER BY finished_at LIMIT :n

-- purge_menu_syncs -> changed (jobs)
DELETE FROM menu_sync_history WHERE started_at < :before AND status <> 'running' ORDER BY started_at LIMIT :n

-- purge_notices -> changed (jobs)
-- Those about an order are part of its record: that staff were told is looked for (check.sql).
DELETE FROM notification_queue WHERE created_at < :before AND order_id IS NULL AND status <> 'pending' ORDER BY created_at LIMIT :n
