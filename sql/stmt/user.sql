-- user_by_phone -> one (auth)
SELECT id, public_id, phone, name, email, is_active FROM users WHERE phone = :phone

-- user_by_id -> one (auth menu webhooks admin integrations relay jobs)
SELECT id, public_id, phone, name, email, is_active FROM users WHERE id = :id

-- user_of_session -> one (pools)
-- Who a token names, and whether its session has ended.
SELECT id, public_id, phone, name, email, is_active, EXISTS (SELECT 1 FROM ended_sessions e WHERE e.family = :family) AS has_ended
FROM users WHERE public_id = :public_id

-- user_make -> none (auth)
-- Two first logins of one number at the same time make one user.
INSERT INTO users (public_id, phone, is_active, created_at, updated_at)
VALUES (:public_id, :phone, 1, :now, :now)
ON DUPLICATE KEY UPDATE phone = VALUES(phone)

-- user_lock -> one (people)
SELECT id FROM users WHERE id = :id FOR UPDATE

-- user_profile -> one (people)
SELECT id, public_id, phone, name, email, is_active, created_at FROM users WHERE id = :id

-- user_update -> changed (people)
UPDATE users SET name = :name, email = CASE WHEN :has_email = 1 THEN :email ELSE email END, updated_at = :now WHERE id = :id
