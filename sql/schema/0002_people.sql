-- Guests, staff, one-time passwords, sessions and the keys that sign access tokens.

CREATE TABLE IF NOT EXISTS users (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	phone VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(100) NULL,
	email VARCHAR(254) NULL,
	is_active TINYINT NOT NULL DEFAULT 1,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_users_public (public_id),
	UNIQUE KEY uq_users_phone (phone)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- restaurant_id NULL: staff of the whole platform. scope_key makes the username unique there too.
CREATE TABLE IF NOT EXISTS staff_users (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NULL,
	scope_key BIGINT GENERATED ALWAYS AS (COALESCE(restaurant_id, 0)) STORED,
	username VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	role ENUM('admin','kitchen','delivery') NOT NULL,
	name VARCHAR(100) NOT NULL,
	phone VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
	is_active TINYINT NOT NULL DEFAULT 1,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_staff_public (public_id),
	UNIQUE KEY uq_staff_username (scope_key, username),
	KEY ix_staff_restaurant (restaurant_id, is_active),
	CONSTRAINT fk_staff_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row per code sent. The code itself is only here as a keyed hash; wrong tries are counted per code.
CREATE TABLE IF NOT EXISTS otp_codes (
	id BIGINT NOT NULL AUTO_INCREMENT,
	phone VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	address VARBINARY(45) NOT NULL,
	code_hash BINARY(32) NOT NULL,
	wrong_tries INT NOT NULL DEFAULT 0,
	expires_at DATETIME(6) NOT NULL,
	used_at DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY ix_otp_phone (phone, created_at),
	KEY ix_otp_address (address, created_at)
) ENGINE=InnoDB;

-- Refresh tokens. A family is one login; using a token that was already used ends the family.
CREATE TABLE IF NOT EXISTS refresh_tokens (
	id BIGINT NOT NULL AUTO_INCREMENT,
	token_hash BINARY(32) NOT NULL,
	family BINARY(16) NOT NULL,
	user_id BIGINT NULL,
	staff_id BIGINT NULL,
	expires_at DATETIME(6) NOT NULL,
	used_at DATETIME(6) NULL,
	revoked_at DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_refresh_hash (token_hash),
	KEY ix_refresh_family (family),
	CONSTRAINT fk_refresh_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT fk_refresh_staff FOREIGN KEY (staff_id) REFERENCES staff_users (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- RS256 keys. The private half is sealed to the key of the auth pool; the public half is PEM.
CREATE TABLE IF NOT EXISTS signing_keys (
	id BIGINT NOT NULL AUTO_INCREMENT,
	kid VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	public_pem VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	private_sealed VARBINARY(8000) NOT NULL,
	is_signing TINYINT NOT NULL,
	signing_key TINYINT GENERATED ALWAYS AS (CASE WHEN is_signing = 1 THEN 1 ELSE NULL END) STORED,
	verify_until DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_signing_kid (kid),
	UNIQUE KEY uq_signing_one (signing_key)
) ENGINE=InnoDB;
