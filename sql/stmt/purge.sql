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
