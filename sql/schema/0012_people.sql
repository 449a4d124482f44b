-- Sessions that were ended before their tokens were too old: a logout, a new password, another role, a refresh token that came
-- twice. Every access token names its session, and every request asks here by the primary key; most tables of this kind are
-- empty. A row stays for as long as a refresh token of the session may be good.
CREATE TABLE IF NOT EXISTS ended_sessions (
	family BINARY(16) NOT NULL,
	ended_at DATETIME(6) NOT NULL,
	PRIMARY KEY (family),
	KEY ix_ended_sessions_at (ended_at)
) ENGINE=InnoDB;

-- Where the apps of a guest are told of what happens (push). A token is the app's on one device: whoever registers it last has it.
-- It may be longer than an index takes, so its SHA-256 is what is unique.
CREATE TABLE IF NOT EXISTS device_tokens (
	id BIGINT NOT NULL AUTO_INCREMENT,
	user_id BIGINT NOT NULL,
	token VARCHAR(4096) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	token_hash BINARY(32) NOT NULL,
	platform ENUM('android','ios') NOT NULL,
	is_active TINYINT NOT NULL DEFAULT 1,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_device_tokens_hash (token_hash),
	KEY ix_device_tokens_user (user_id, is_active, updated_at),
	KEY ix_device_tokens_age (is_active, updated_at),
	CONSTRAINT fk_device_tokens_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What may be asked for only so often by somebody (person/budget.h): at an even pace, and so many at once after a rest.
-- spent_until: when the last that was granted would have been due at that pace; it may lie ahead.
CREATE TABLE IF NOT EXISTS budgets (
	name VARBINARY(80) NOT NULL,
	spent_until DATETIME(6) NOT NULL,
	PRIMARY KEY (name),
	KEY ix_budgets_spent (spent_until)
) ENGINE=InnoDB;

-- The networks from which staff have logged in lately: strangers who guess at an account do not keep its owner out.
CREATE TABLE IF NOT EXISTS staff_networks (
	staff_id BIGINT NOT NULL,
	network VARBINARY(48) NOT NULL,
	last_at DATETIME(6) NOT NULL,
	PRIMARY KEY (staff_id, network),
	KEY ix_staff_networks_at (last_at),
	CONSTRAINT fk_staff_networks_staff FOREIGN KEY (staff_id) REFERENCES staff_users (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- What is deleted by age (retention/purge.def) is found by it.
ALTER TABLE otp_codes ADD INDEX ix_otp_age (created_at);
ALTER TABLE otp_phones ADD INDEX ix_otp_phones_asked (asked_at);
ALTER TABLE refresh_tokens ADD INDEX ix_refresh_expires (expires_at);
