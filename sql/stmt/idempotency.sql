-- idempotency_find -> one (orders catalog)
SELECT request_hash, status, answer FROM idempotency_keys WHERE principal = :principal AND idempotency_key = :idempotency_key FOR UPDATE NOWAIT

-- idempotency_take -> none (orders catalog)
INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, created_at) VALUES (:principal, :idempotency_key, :request_hash, :now)

-- idempotency_keep -> none (orders catalog)
UPDATE idempotency_keys SET status = :status, answer = :answer WHERE principal = :principal AND idempotency_key = :idempotency_key
