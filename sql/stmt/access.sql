-- access_guest -> one (pools)
-- All that a request of a guest at a restaurant begins with: the op's time, who asks, and where, with the version of its menu; has_ended is the session.
SELECT UTC_TIMESTAMP(6) + INTERVAL @clock_shift MICROSECOND AS now_us, u.id AS user_id, u.public_id AS user_public_id,
	u.phone AS phone, u.name AS user_name, u.email AS email, u.is_active AS user_is_active,
	EXISTS (SELECT 1 FROM ended_sessions e WHERE e.family = :family) AS has_ended, r.id AS restaurant_id, r.slug AS slug,
	r.name AS restaurant_name, r.address AS address, r.contact AS contact, r.time_zone AS time_zone, r.currency AS currency,
	r.is_active AS restaurant_is_active, c.menu_version AS menu_version
FROM users u JOIN restaurants r JOIN restaurant_counters c ON c.restaurant_id = r.id
WHERE u.public_id = :user_public_id AND r.slug = :slug
