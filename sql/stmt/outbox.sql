-- outbox_put -> newid (auth orders webhooks admin delivery integrations office catalog relay jobs ticketrail)
INSERT INTO outbox (runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, due_at, expires_at, trace_id, created_at)
VALUES (:runner, :kind, :destination, :lane, :restaurant_id, :subject_id, :subject_no, :payload, :due_at, :expires_at, :trace_id, :now)

-- outbox_put_all -> rows (orders webhooks admin relay jobs)
INSERT INTO outbox (runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, due_at, expires_at, trace_id, created_at)
VALUES (:runner, :kind, :destination, :lane, :restaurant_id, :subject_id, :subject_no, :payload, :due_at, :expires_at, :trace_id, :now)

-- outbox_look -> many (relay jobs)
-- What is first at each of these places, NULL for none; and where anything was put lately that is due soon, or is that a poke named. By
-- no more than names and ids, whatever the server's statistics say.
SELECT j.destination AS destination, (SELECT o.due_at FROM outbox o FORCE INDEX (ix_outbox_due)
	WHERE o.runner = :runner AND o.destination = j.destination ORDER BY o.due_at LIMIT 1) AS due_at
FROM JSON_TABLE(:places, '$[*]' COLUMNS (destination VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) j
UNION ALL
SELECT n.destination AS destination, MIN(n.due_at) AS due_at FROM outbox n FORCE INDEX (PRIMARY)
WHERE n.id > :after AND n.runner = :runner AND n.due_at < :soon GROUP BY n.destination
UNION ALL
SELECT k.destination AS destination, k.due_at AS due_at FROM JSON_TABLE(:poked, '$[*]' COLUMNS (id BIGINT PATH '$')) p
	STRAIGHT_JOIN outbox k FORCE INDEX (PRIMARY) ON k.id = p.id AND k.runner = :runner
LIMIT 20000

-- outbox_last -> one (relay jobs)
SELECT MAX(id) AS id FROM outbox

-- outbox_places -> many (relay jobs)
-- Where anything is: a loose index scan over (runner, destination, due_at), if the server thinks so. With runner = :runner
-- MariaDB reads the whole of the runner's part of the index instead; between two bounds that are the same it does not.
SELECT destination, MIN(due_at) AS due_at FROM outbox WHERE runner BETWEEN :runner AND :runner GROUP BY runner, destination LIMIT 10000

-- outbox_place_next -> one (relay jobs)
-- The first place behind this one that has a message; NULL: there is none. A MIN of an index between constants is one dive into it,
-- whatever the server's statistics say, and so is the next one.
SELECT MIN(destination) AS destination FROM outbox WHERE runner = :runner AND destination > :after

-- outbox_place_first -> one (relay jobs)
SELECT MIN(due_at) AS due_at FROM outbox WHERE runner = :runner AND destination = :destination

-- outbox_claimable -> many (relay jobs)
-- Only the first unfinished message of a lane; what somebody else has locked is passed over. :suspect: so many lost claims, or more,
-- are left out; one that still has an owner is about to be lost once more.
SELECT o.id AS id, o.lost_claims + (o.owner <> 0) AS lost_claims FROM outbox o
WHERE o.runner = :runner AND o.destination = :destination AND o.due_at <= :now AND o.lost_claims + (o.owner <> 0) < :suspect
	AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.id < o.id)
ORDER BY o.due_at, o.id LIMIT :n FOR UPDATE SKIP LOCKED

-- text first_at_place
SELECT o.id FROM outbox o FORCE INDEX (ix_outbox_due)
	WHERE o.runner = :runner AND o.destination = j.destination AND o.lost_claims + (o.owner <> 0) < :suspect
		AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.id < o.id)
	ORDER BY o.due_at, o.id

-- text shares_of_places
JSON_TABLE(:places, '$[*]' COLUMNS (place FOR ORDINALITY,
	destination VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin PATH '$[0]', n BIGINT PATH '$[1]')) j

-- outbox_firsts -> many (relay jobs)
-- As outbox_claimable, of many places, at most four of each, and without a lock. A LIMIT for each row of a join is a subquery; whether
-- what it found is due is asked afterwards, or it would read on through all that is not.
SELECT f.place AS place, d.id AS id
FROM (SELECT j.place AS place, ({first_at_place} LIMIT 1) AS id FROM {shares_of_places} WHERE j.n > 0
	UNION ALL SELECT j.place, ({first_at_place} LIMIT 1 OFFSET 1) FROM {shares_of_places} WHERE j.n > 1
	UNION ALL SELECT j.place, ({first_at_place} LIMIT 1 OFFSET 2) FROM {shares_of_places} WHERE j.n > 2
	UNION ALL SELECT j.place, ({first_at_place} LIMIT 1 OFFSET 3) FROM {shares_of_places} WHERE j.n > 3) f
	STRAIGHT_JOIN outbox d FORCE INDEX (PRIMARY) ON d.id = f.id
WHERE d.due_at <= :now LIMIT 1000

-- outbox_seen_lock -> many (relay jobs)
-- What of that is still to be had, in the order in which it was due at each place.
SELECT j.place AS place, o.id AS id, o.lost_claims + (o.owner <> 0) AS lost_claims
FROM JSON_TABLE(:seen, '$[*]' COLUMNS (place BIGINT PATH '$[0]', id BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id
WHERE o.due_at <= :now AND o.lost_claims + (o.owner <> 0) < :suspect
	AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.id < o.id)
ORDER BY j.place, o.due_at, o.id LIMIT 1000 FOR UPDATE SKIP LOCKED

-- outbox_crowds -> many (relay)
-- How many of these places are held by anybody.
SELECT o.destination AS destination, COUNT(*) AS n
FROM JSON_TABLE(:destinations, '$[*]' COLUMNS (destination VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) j
	JOIN outbox o ON o.runner = :runner AND o.destination = j.destination AND o.due_at > :now
WHERE o.owner <> 0 GROUP BY o.destination ORDER BY o.destination LIMIT 1000

-- outbox_take -> changed (relay jobs)
-- By their ids, in this order of tables: of a short queue the server would read all, and wait for what somebody else has locked.
-- A message that still had an owner was lost by it: its lease ran out.
UPDATE JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id
SET o.token = o.token + 1, o.lost_claims = o.lost_claims + (o.owner <> 0), o.owner = CONNECTION_ID(),
	o.lease_until = :lease_until, o.due_at = :lease_until

-- outbox_taken -> many (relay jobs)
SELECT o.id AS id, o.kind AS kind_name, o.destination AS destination, o.lane AS lane, o.restaurant_id AS restaurant_id,
	o.subject_id AS subject_id, o.subject_no AS subject_no, o.payload AS payload, o.attempts AS attempts,
	o.lost_claims AS lost_claims, o.token AS token, o.expires_at AS expires_at, o.begun_at AS begun_at,
	o.created_at AS created_at, o.trace_id AS trace_id
FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id LIMIT 10000

-- outbox_heartbeat -> changed (relay jobs)
-- By token and not by owner: a claim made on a connection that has broken since is renewed on the new one.
UPDATE JSON_TABLE(:held, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id AND o.token = j.token
SET o.owner = CONNECTION_ID(), o.lease_until = :lease_until, o.due_at = :lease_until

-- outbox_held -> many (relay jobs)
SELECT o.id AS id FROM JSON_TABLE(:held, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]')) j
	JOIN outbox o ON o.id = j.id AND o.token = j.token LIMIT 10000

-- outbox_release -> changed (relay jobs)
UPDATE outbox SET due_at = :due_at, lease_until = NULL, owner = 0 WHERE id = :id AND token = :token

-- outbox_orphans -> many (relay jobs)
-- A user sees its own connections in PROCESSLIST without any privilege, and claimers of a runner share a user.
SELECT id, token, owner FROM outbox WHERE runner = :runner AND owner <> 0 AND due_at > :now
	AND owner NOT IN (SELECT p.ID FROM information_schema.PROCESSLIST p) ORDER BY id LIMIT 1000

-- outbox_orphans_lock -> many (relay jobs)
-- Those that are orphans still. What a transaction has locked is passed over: it is frozen, or it is just being finished.
SELECT o.id AS id FROM JSON_TABLE(:orphans, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]', owner BIGINT PATH '$[2]')) j
	JOIN outbox o ON o.id = j.id AND o.token = j.token AND o.owner = j.owner ORDER BY o.id LIMIT 1000 FOR UPDATE SKIP LOCKED

-- outbox_orphans_free -> changed (relay jobs)
UPDATE JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id
SET o.due_at = :now, o.lease_until = :now

-- outbox_begin -> changed (relay jobs)
UPDATE outbox SET attempts = attempts + 1, begun_at = :now WHERE id = :id AND token = :token

-- outbox_begin_all -> changed (relay)
-- As outbox_begin, of several.
UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id AND o.token = j.token
SET o.attempts = o.attempts + 1, o.begun_at = :now

-- outbox_later -> changed (relay jobs)
-- The attempt has ended: a begun_at that stands when a message is claimed belongs to an attempt that was lost, and lost claims are
-- those in a row. The token is used up: whoever does not know whether this was committed looks at ended_token.
UPDATE outbox SET ended_token = token, token = token + 1, due_at = :due_at, lease_until = NULL, owner = 0, begun_at = NULL,
	lost_claims = 0, last_error = :last_error
WHERE id = :id AND token = :token

-- outbox_yield -> changed (relay)
-- As outbox_later, of an attempt that does not count: we were asked for peace, and nothing was done.
UPDATE outbox SET ended_token = token, token = token + 1, due_at = :due_at, lease_until = NULL, owner = 0, begun_at = NULL,
	lost_claims = 0, attempts = attempts - (attempts > 0), last_error = :last_error
WHERE id = :id AND token = :token

-- outbox_anew -> changed (relay)
-- As outbox_later, of something that takes several steps and is over: nothing is left of them.
UPDATE outbox SET ended_token = token, token = token + 1, due_at = :due_at, lease_until = NULL, owner = 0, begun_at = NULL,
	lost_claims = 0, attempts = 0, payload = NULL, last_error = :last_error
WHERE id = :id AND token = :token

-- outbox_done -> changed (relay jobs)
INSERT INTO outbox_done (id, runner, kind, destination, restaurant_id, subject_id, outcome, attempts, last_error, token, trace_id,
	created_at, finished_at)
SELECT id, runner, kind, destination, restaurant_id, subject_id, :outcome, attempts, :last_error, token, trace_id, created_at, :now
FROM outbox WHERE id = :id AND token = :token

-- outbox_done_all -> changed (relay)
-- As outbox_done, of several.
INSERT INTO outbox_done (id, runner, kind, destination, restaurant_id, subject_id, outcome, attempts, last_error, token, trace_id,
	created_at, finished_at)
SELECT o.id, o.runner, o.kind, o.destination, o.restaurant_id, o.subject_id, j.outcome, o.attempts, j.last_error, o.token, o.trace_id,
	o.created_at, :now
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]', outcome VARCHAR(20) PATH '$[2]',
	last_error VARCHAR(500) PATH '$[3]')) j STRAIGHT_JOIN outbox o ON o.id = j.id AND o.token = j.token

-- outbox_bury -> changed (relay jobs)
-- As outbox_done, with everything that would be needed to do it after all.
INSERT INTO outbox_done (id, runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, outcome, attempts,
	lost_claims, last_error, token, trace_id, created_at, finished_at)
SELECT id, runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, 'DEAD', attempts,
	lost_claims, :last_error, token, trace_id, created_at, :now
FROM outbox WHERE id = :id AND token = :token

-- outbox_ended -> one (relay jobs)
-- A message whose ending may have been committed under this token. FOR UPDATE waits for the lost session.
SELECT token, ended_token FROM outbox WHERE id = :id FOR UPDATE

-- outbox_done_by -> one (relay jobs)
SELECT token FROM outbox_done WHERE id = :id

-- outbox_delete -> changed (relay jobs)
DELETE FROM outbox WHERE id = :id AND token = :token

-- outbox_delete_all -> changed (relay)
-- As outbox_delete, of several.
DELETE o FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', token BIGINT PATH '$[1]')) j
	STRAIGHT_JOIN outbox o FORCE INDEX (PRIMARY) ON o.id = j.id AND o.token = j.token

-- outbox_drop -> changed (orders webhooks admin integrations office relay jobs ticketrail)
-- What nobody holds and is not needed any more. A held one finds out by itself.
DELETE FROM outbox WHERE kind = :kind AND subject_id = :subject_id AND owner = 0

-- outbox_waits -> one (jobs)
-- What the last attempt of a message came to that still waits.
SELECT last_error FROM outbox WHERE kind = :kind AND subject_id = :subject_id AND subject_no = :subject_no ORDER BY id LIMIT 1

-- outbox_next -> changed (relay)
-- As outbox_later, for the next step of something that takes several.
UPDATE outbox SET ended_token = token, token = token + 1, due_at = :now, lease_until = NULL, owner = 0, begun_at = NULL,
	lost_claims = 0, attempts = 0, payload = :payload, last_error = NULL
WHERE id = :id AND token = :token

-- outbox_go_on -> changed (relay)
-- As outbox_next, by whoever keeps the claim: under the token that follows. And as outbox_begin, with one attempt.
UPDATE outbox SET ended_token = token, token = token + 1, due_at = :lease_until, lease_until = :lease_until, begun_at = :begun_at,
	lost_claims = 0, attempts = :attempts, payload = :payload, last_error = NULL
WHERE id = :id AND token = :token

-- outbox_pending -> one (webhooks integrations relay jobs ticketrail)
SELECT id, owner <> 0 AS is_held, due_at FROM outbox WHERE kind = :kind AND subject_id = :subject_id ORDER BY id LIMIT 1

-- outbox_hasten -> changed (webhooks integrations relay jobs ticketrail)
UPDATE outbox SET due_at = :due_at WHERE id = :id AND owner = 0 AND due_at > :due_at

-- outbox_others -> one (relay jobs)
SELECT COUNT(*) AS n FROM outbox WHERE kind = :kind AND subject_id = :subject_id AND subject_no = :subject_no AND id <> :id

-- outbox_begun -> one (relay)
SELECT begun_at FROM outbox WHERE id = :id AND token = :token

-- outbox_waiting -> many (ticketrail)
-- By id, a page at a time.
SELECT id, kind AS kind_name, destination, restaurant_id, subject_id, attempts, lost_claims, owner <> 0 AS is_held, due_at AS at, last_error, trace_id
FROM outbox WHERE id > :after ORDER BY id LIMIT :n

-- outbox_dead -> many (ticketrail)
SELECT id, kind AS kind_name, destination, restaurant_id, subject_id, attempts, lost_claims, 0 AS is_held, finished_at AS at, last_error, trace_id
FROM outbox_done WHERE outcome = 'DEAD' AND id > :after ORDER BY id LIMIT :n

-- outbox_dead_lock -> one (ticketrail)
SELECT id, kind AS kind_name, destination, restaurant_id, subject_id, attempts, lost_claims, 0 AS is_held, finished_at AS at, last_error, trace_id
FROM outbox_done WHERE id = :id AND outcome = 'DEAD' FOR UPDATE

-- outbox_revive -> changed (ticketrail)
-- As new: due now, no attempt, no lost claim; under its old id, and a token that nobody has had.
INSERT INTO outbox (id, runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, due_at, expires_at, token, trace_id, created_at)
SELECT id, runner, kind, destination, lane, restaurant_id, subject_id, subject_no, payload, :now, :expires_at, token + 1, trace_id, created_at
FROM outbox_done WHERE id = :id AND outcome = 'DEAD'

-- outbox_dead_delete -> changed (ticketrail)
DELETE FROM outbox_done WHERE id = :id AND outcome = 'DEAD'

-- rate_put -> changed (relay)
INSERT IGNORE INTO rates (name, spent_until) VALUES (:name, :now)

-- rates_lock -> many (relay)
-- One by one as they are named, which is in the order of names, and no others: rows that are only passed by would be locked too.
SELECT r.name AS name, r.spent_until AS spent_until
FROM JSON_TABLE(:names, '$[*]' COLUMNS (name VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) j
	STRAIGHT_JOIN rates r FORCE INDEX (PRIMARY) ON r.name = j.name LIMIT 10000 FOR UPDATE

-- rate_spend -> changed (relay)
UPDATE rates SET spent_until = :spent_until WHERE name = :name
