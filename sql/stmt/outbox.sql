-- outbox_put -> newid (auth orders webhooks admin integrations relay jobs ticketrail)
INSERT INTO outbox (runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, due_at, expires_at, trace_id, created_at)
VALUES (:runner, :kind, :destination, :lane, :restaurant_id, :subject_id, :subject_no, :payload, :due_at, :expires_at, :trace_id, :now)

-- outbox_due -> many (relay jobs)
-- Where something is due: a loose index scan over (runner, destination, due_at), quick at any length of the queue.
SELECT destination, MIN(due_at) AS due_at FROM outbox WHERE runner = :runner GROUP BY destination
HAVING MIN(due_at) <= :now ORDER BY due_at LIMIT 10000

-- outbox_claimable -> many (relay jobs)
-- Only the first unfinished message of a lane; what somebody else has locked is passed over.
SELECT o.id AS id FROM outbox o
WHERE o.runner = :runner AND o.destination = :destination AND o.due_at <= :now
	AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.id < o.id)
ORDER BY o.due_at, o.id LIMIT :n FOR UPDATE SKIP LOCKED

-- outbox_take -> changed (relay jobs)
-- A message that still had an owner was lost by it: its lease ran out.
UPDATE outbox o JOIN JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j ON j.id = o.id
SET o.token = o.token + 1, o.lost_claims = o.lost_claims + (o.owner <> 0), o.owner = CONNECTION_ID(),
	o.lease_until = :lease_until, o.due_at = :lease_until

-- outbox_taken -> many (relay jobs)
SELECT o.id AS id, o.kind AS kind_name, o.destination AS destination, o.lane AS lane, o.restaurant_id AS restaurant_id,
	o.subject_id AS subject_id, o.subject_no AS subject_no, o.payload AS payload, o.attempts AS attempts,
	o.lost_claims AS lost_claims, o.token AS token, o.expires_at AS expires_at, o.begun_at AS begun_at,
	o.created_at AS created_at, o.trace_id AS trace_id
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN outbox o ON o.id = j.id ORDER BY o.id LIMIT 256

-- outbox_heartbeat -> changed (relay jobs)
-- By token and not by owner: a claim made on a connection that has broken since is renewed on the new one.
UPDATE outbox o JOIN JSON_TABLE(:held, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]')) j
	ON j.id = o.id AND j.token = o.token
SET o.owner = CONNECTION_ID(), o.lease_until = :lease_until, o.due_at = :lease_until

-- outbox_held -> many (relay jobs)
SELECT o.id AS id FROM JSON_TABLE(:held, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]')) j
	JOIN outbox o ON o.id = j.id AND o.token = j.token LIMIT 10000

-- outbox_release -> changed (relay jobs)
UPDATE outbox SET due_at = :due_at, lease_until = NULL, owner = 0 WHERE id = :id AND token = :token

-- outbox_takeover -> changed (relay jobs)
-- A user sees its own connections in PROCESSLIST without any privilege, and claimers of a runner share a user.
UPDATE outbox SET due_at = :now, lease_until = :now WHERE runner = :runner AND owner <> 0 AND due_at > :now
	AND owner NOT IN (SELECT p.ID FROM information_schema.PROCESSLIST p)

-- outbox_begin -> changed (relay jobs)
UPDATE outbox SET attempts = attempts + 1, begun_at = :now WHERE id = :id AND token = :token

-- outbox_later -> changed (relay jobs)
-- The attempt has ended: a begun_at that stands when a message is claimed belongs to an attempt that was lost. The token is used up:
-- whoever does not know whether this was committed and does it again is told so.
UPDATE outbox SET token = token + 1, due_at = :due_at, lease_until = NULL, owner = 0, begun_at = NULL, last_error = :last_error
WHERE id = :id AND token = :token

-- outbox_done -> changed (relay jobs)
INSERT INTO outbox_done (id, runner, kind, destination, restaurant_id, subject_id, outcome, attempts, last_error, trace_id, created_at, finished_at)
SELECT id, runner, kind, destination, restaurant_id, subject_id, :outcome, attempts, :last_error, trace_id, created_at, :now
FROM outbox WHERE id = :id AND token = :token

-- outbox_delete -> changed (relay jobs)
DELETE FROM outbox WHERE id = :id AND token = :token

-- outbox_drop -> none (orders webhooks admin relay jobs)
-- What nobody holds and is not needed any more. A held one finds out by itself.
DELETE FROM outbox WHERE kind = :kind AND subject_id = :subject_id AND owner = 0
