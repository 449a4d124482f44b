-- idempotency_find -> one (orders)
SELECT request_hash, status, answer FROM idempotency_keys WHERE principal = :principal AND idempotency_key = :idempotency_key FOR UPDATE NOWAIT

-- idempotency_take -> none (orders)
INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, created_at) VALUES (:principal, :idempotency_key, :request_hash, :now)

-- idempotency_keep -> none (orders)
UPDATE idempotency_keys SET status = :status, answer = :answer WHERE principal = :principal AND idempotency_key = :idempotency_key
