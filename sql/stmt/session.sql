-- session_put -> none (auth)
INSERT INTO refresh_tokens (token_hash, family, user_id, staff_id, expires_at, created_at)
VALUES (:token_hash, :family, :user_id, :staff_id, :expires_at, :now)

-- session_staff_holds -> one (auth)
-- Whoever changes the account waits, and then ends this session too.
SELECT id FROM staff_users WHERE id = :staff_id AND password_hash = :password_hash AND is_active = 1 LOCK IN SHARE MODE

-- session_by_hash -> one (auth)
SELECT id, family, user_id, staff_id, expires_at, used_at, revoked_at FROM refresh_tokens WHERE token_hash = :token_hash FOR UPDATE

-- session_has_ended -> one (auth)
-- Asked beside revoked_at: a token that was being made while all sessions of its owner were ended is of one that has ended.
SELECT EXISTS (SELECT 1 FROM ended_sessions WHERE family = :family) AS has_ended

-- session_use -> changed (auth)
UPDATE refresh_tokens SET used_at = :now WHERE id = :id AND used_at IS NULL AND revoked_at IS NULL

-- session_end_family -> none (auth)
UPDATE refresh_tokens SET revoked_at = :now WHERE family = :family AND revoked_at IS NULL

-- session_void_family -> none (auth)
-- Its access tokens are void from now on.
INSERT IGNORE INTO ended_sessions (family, ended_at) VALUES (:family, :now)

-- session_void_user -> none (auth)
INSERT IGNORE INTO ended_sessions (family, ended_at)
SELECT DISTINCT family, :now FROM refresh_tokens WHERE user_id = :user_id AND revoked_at IS NULL

-- session_void_staff -> none (auth people ticketrail)
INSERT IGNORE INTO ended_sessions (family, ended_at)
SELECT DISTINCT family, :now FROM refresh_tokens WHERE staff_id = :staff_id AND revoked_at IS NULL

-- session_end_user -> none (auth)
UPDATE refresh_tokens SET revoked_at = :now WHERE user_id = :user_id AND revoked_at IS NULL

-- session_end_staff -> none (auth people ticketrail)
UPDATE refresh_tokens SET revoked_at = :now WHERE staff_id = :staff_id AND revoked_at IS NULL

-- session_forget -> none (auth)
-- Tokens of this owner that have been too old for a day: nobody can use them, and their reuse tells nothing any more.
DELETE FROM refresh_tokens WHERE expires_at < :before AND (user_id = :user_id OR staff_id = :staff_id)
