-- staff_by_id -> one (auth people ticketrail)
SELECT s.id AS id, s.public_id AS public_id, s.restaurant_id AS restaurant_id, r.slug AS restaurant_slug, s.username AS username,
	s.password_hash AS password_hash, s.role AS role_name, s.name AS name, s.phone AS phone, s.is_active AS is_active, s.created_at AS created_at
FROM staff_users s LEFT JOIN restaurants r ON r.id = s.restaurant_id WHERE s.id = :id

-- staff_of_session -> one (pools)
-- Every pool asks this who a token names; none of them looks at a password.
SELECT s.id AS id, s.public_id AS public_id, s.restaurant_id AS restaurant_id, r.slug AS restaurant_slug, s.username AS username,
	s.role AS role_name, s.name AS name, s.phone AS phone, s.is_active AS is_active, s.created_at AS created_at,
	EXISTS (SELECT 1 FROM ended_sessions e WHERE e.family = :family) AS has_ended
FROM staff_users s LEFT JOIN restaurants r ON r.id = s.restaurant_id WHERE s.public_id = :public_id

-- staff_for_login -> one (auth)
-- The restaurant's own before the platform's: 0 is the smallest scope_key.
SELECT s.id AS id, s.public_id AS public_id, s.restaurant_id AS restaurant_id, r.slug AS restaurant_slug, s.username AS username,
	s.password_hash AS password_hash, s.role AS role_name, s.name AS name, s.phone AS phone, s.is_active AS is_active, s.created_at AS created_at
FROM staff_users s LEFT JOIN restaurants r ON r.id = s.restaurant_id
WHERE s.username = :username AND s.scope_key IN (:restaurant_id, 0) ORDER BY s.scope_key DESC LIMIT 1

-- staff_of_restaurant -> one (people admin)
SELECT s.id AS id, s.public_id AS public_id, s.restaurant_id AS restaurant_id, r.slug AS restaurant_slug, s.username AS username,
	s.role AS role_name, s.name AS name, s.phone AS phone, s.is_active AS is_active, s.created_at AS created_at
FROM staff_users s JOIN restaurants r ON r.id = s.restaurant_id
WHERE s.public_id = :public_id AND s.restaurant_id = :restaurant_id

-- staff_list -> many (people)
SELECT s.id AS id, s.public_id AS public_id, s.restaurant_id AS restaurant_id, r.slug AS restaurant_slug, s.username AS username,
	s.role AS role_name, s.name AS name, s.phone AS phone, s.is_active AS is_active, s.created_at AS created_at
FROM staff_users s JOIN restaurants r ON r.id = s.restaurant_id
WHERE s.restaurant_id = :restaurant_id AND s.id > :after_id AND (:role IS NULL OR s.role = :role)
	AND (:is_active IS NULL OR s.is_active = :is_active)
ORDER BY s.id LIMIT :n

-- staff_admins_lock -> many (people)
-- Whoever would take an admin away waits for whoever else would.
SELECT id FROM staff_users WHERE restaurant_id = :restaurant_id AND is_active = 1 AND role = 'admin' ORDER BY id LIMIT 1000 FOR UPDATE

-- staff_lock_public -> one (people)
SELECT id FROM staff_users WHERE public_id = :public_id AND restaurant_id = :restaurant_id FOR UPDATE

-- staff_lock -> one (ticketrail)
-- Without the restaurant: locking its row would hold up every order there.
SELECT id FROM staff_users WHERE scope_key = :restaurant_id AND username = :username FOR UPDATE

-- staff_make -> newid (people ticketrail)
INSERT INTO staff_users (public_id, restaurant_id, username, password_hash, role, name, phone, is_active, created_at, updated_at)
VALUES (:public_id, :restaurant_id, :username, :password_hash, :role, :name, :phone, :is_active, :now, :now)

-- staff_update -> changed (people ticketrail)
UPDATE staff_users SET password_hash = :password_hash, role = :role, name = :name, phone = :phone, is_active = :is_active,
	updated_at = :now
WHERE id = :id

-- staff_rehash -> changed (auth)
-- The same password under today's costs; not if somebody has changed it meanwhile.
UPDATE staff_users SET password_hash = :password_hash WHERE id = :id AND password_hash = :old_hash

-- staff_network_is_known -> one (auth)
SELECT EXISTS (SELECT 1 FROM staff_networks WHERE staff_id = :staff_id AND network = :network AND last_at > :since) AS is_known

-- staff_network_put -> none (auth)
INSERT INTO staff_networks (staff_id, network, last_at) VALUES (:staff_id, :network, :now)
ON DUPLICATE KEY UPDATE last_at = VALUES(last_at)
