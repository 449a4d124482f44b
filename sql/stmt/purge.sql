-- purge_idempotency_keys -> changed (jobs)
DELETE FROM idempotency_keys WHERE created_at < :before ORDER BY created_at LIMIT :n
