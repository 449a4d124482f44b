-- otp_phone_ask -> none (auth)
-- Makes or locks the row of the number.
INSERT INTO otp_phones (phone, asked_at) VALUES (:phone, :now) ON DUPLICATE KEY UPDATE asked_at = VALUES(asked_at)

-- otp_phone_lock -> one (auth)
SELECT phone FROM otp_phones WHERE phone = :phone FOR UPDATE

-- otp_budget -> one (auth)
-- What a number has used up: codes of the short window, codes and wrong tries of the day, and when the oldest of each was.
SELECT CAST(COALESCE(SUM(created_at > :short_from), 0) AS SIGNED) AS short_n, COUNT(*) AS day_n,
	CAST(COALESCE(SUM(wrong_tries), 0) AS SIGNED) AS wrong_n,
	MIN(CASE WHEN created_at > :short_from THEN created_at END) AS short_first, MIN(created_at) AS day_first,
	MIN(CASE WHEN wrong_tries > 0 THEN created_at END) AS wrong_first
FROM otp_codes WHERE phone = :phone AND created_at > :day_from

-- otp_make -> newid (auth)
INSERT INTO otp_codes (phone, address, code_hash, expires_at, created_at)
VALUES (:phone, :address, :code_hash, :expires_at, :now)

-- otp_newest -> one (auth)
SELECT id, code_hash, wrong_tries, expires_at, used_at FROM otp_codes WHERE phone = :phone ORDER BY id DESC LIMIT 1 FOR UPDATE

-- otp_wrong -> none (auth)
UPDATE otp_codes SET wrong_tries = wrong_tries + 1 WHERE id = :id

-- otp_use -> changed (auth)
UPDATE otp_codes SET used_at = :now WHERE id = :id AND used_at IS NULL

-- otp_forget -> none (auth)
-- Codes that count for nothing any more.
DELETE FROM otp_codes WHERE phone = :phone AND created_at <= :day_from
