-- POS systems: what holds for a provider, what a restaurant overrides, and the secrets of both sides.

CREATE TABLE IF NOT EXISTS pos_providers (
	id BIGINT NOT NULL AUTO_INCREMENT,
	provider_name VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	display_name VARCHAR(100) NOT NULL,
	base_api_url VARCHAR(500) NOT NULL,
	webhook_base_url VARCHAR(500) NULL,
	webhook_endpoints JSON NULL,
	global_config JSON NULL,
	auth_type ENUM('api_key','oauth','basic') NOT NULL DEFAULT 'api_key',
	is_active TINYINT NOT NULL DEFAULT 1,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY unique_provider_name (provider_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A restaurant of the POS is one of ours: its calls name it by that id.
-- pos_type is the older name of the provider and stays readable. api_key is never written in clear:
-- credentials are rows of integration_secrets, and config holds only what may be shown.
CREATE TABLE IF NOT EXISTS restaurant_pos_integrations (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NOT NULL,
	pos_type VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	pos_provider_id BIGINT NOT NULL,
	pos_restaurant_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	endpoint VARCHAR(500) NULL,
	api_key VARCHAR(255) GENERATED ALWAYS AS (NULL) VIRTUAL,
	restaurant_specific_config JSON NULL,
	active TINYINT NOT NULL DEFAULT 1,
	last_sync_at DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY unique_restaurant_provider (restaurant_id, pos_provider_id),
	KEY idx_restaurant_pos_active (restaurant_id, active),
	UNIQUE KEY uq_integration_pos_restaurant (pos_provider_id, pos_restaurant_id),
	CONSTRAINT fk_integration_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id),
	CONSTRAINT fk_integration_provider FOREIGN KEY (pos_provider_id) REFERENCES pos_providers (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Named credentials of an integration, sealed to the relay's public key.
CREATE TABLE IF NOT EXISTS integration_secrets (
	id BIGINT NOT NULL AUTO_INCREMENT,
	integration_id BIGINT NOT NULL,
	name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sealed VARBINARY(4096) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_integration_secret (integration_id, name),
	CONSTRAINT fk_secret_integration FOREIGN KEY (integration_id) REFERENCES restaurant_pos_integrations (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- Secrets by which a provider's calls to us are known. One active per purpose, any number of retired ones,
-- which are accepted until they expire. active_key is NULL for retired rows, and NULLs never collide.
-- digest is a keyed hash, by which the same secret told twice is known without opening anything.
-- purpose: signature (x-petpooja-signature), callback (the token in the status URL), authorization (the header).
CREATE TABLE IF NOT EXISTS restaurant_webhook_secrets (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NOT NULL,
	pos_provider_id BIGINT NOT NULL,
	purpose ENUM('signature','callback','authorization') NOT NULL,
	secret_key VARBINARY(1024) NOT NULL,
	digest BINARY(32) NOT NULL,
	is_active TINYINT NOT NULL DEFAULT 1,
	active_key TINYINT GENERATED ALWAYS AS (CASE WHEN is_active = 1 THEN 1 ELSE NULL END) STORED,
	expires_at DATETIME(6) NULL,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY unique_active_secret (restaurant_id, pos_provider_id, purpose, active_key),
	KEY idx_webhook_secrets_active (is_active, expires_at),
	CONSTRAINT fk_webhook_secret_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id),
	CONSTRAINT fk_webhook_secret_provider FOREIGN KEY (pos_provider_id) REFERENCES pos_providers (id)
) ENGINE=InnoDB;
