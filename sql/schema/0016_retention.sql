-- The one message that deletes what is old enough (retention/purge.h). It puts itself off for ever.

INSERT INTO outbox (runner, kind, destination, due_at, trace_id, created_at)
SELECT 'jobs', 'purge', 'purge', UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, LOWER(REPLACE(UUID(), '-', '')), UTC_TIMESTAMP(6)
FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE kind = 'purge');
