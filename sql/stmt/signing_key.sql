-- signing_key_publics -> many (pools)
SELECT kid, public_pem FROM signing_keys WHERE verify_until IS NULL OR verify_until > :now ORDER BY id DESC LIMIT 16

-- signing_key_current -> one (auth)
SELECT kid, private_sealed FROM signing_keys WHERE signing_key = 1

-- signing_key_kid -> one (ticketrail)
SELECT kid FROM signing_keys WHERE signing_key = 1

-- signing_key_lock -> one (ticketrail)
SELECT kid FROM signing_keys WHERE signing_key = 1 FOR UPDATE

-- signing_key_retire -> changed (ticketrail)
UPDATE signing_keys SET is_signing = 0, verify_until = :verify_until WHERE is_signing = 1

-- signing_key_make -> none (ticketrail)
INSERT INTO signing_keys (kid, public_pem, private_sealed, is_signing, created_at)
VALUES (:kid, :public_pem, :private_sealed, 1, :now)
