-- ops_queue -> many (ops)
-- How much waits, how much of it could be carried out now, and since when. Done messages are elsewhere, so this reads the
-- index of what is unfinished only.
SELECT runner, COUNT(*) AS waiting_n,
	CAST(SUM(CASE WHEN due_at <= :now THEN 1 ELSE 0 END) AS SIGNED) AS due_n,
	CAST(COALESCE(MAX(CASE WHEN due_at <= :now THEN TIMESTAMPDIFF(SECOND, due_at, :now) END), 0) AS SIGNED) AS oldest_s
FROM outbox GROUP BY runner ORDER BY runner LIMIT 10
