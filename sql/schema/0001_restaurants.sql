-- Tenants, their counters and settings, and the audit trail.
-- restaurants is written by single-statement transactions only; whatever an order must lock stands in
-- restaurant_counters, which no foreign key points at (a foreign key check would share-lock the row).

CREATE TABLE IF NOT EXISTS restaurants (
	id BIGINT NOT NULL AUTO_INCREMENT,
	slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	host_name VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NULL,
	name VARCHAR(200) NOT NULL,
	address VARCHAR(500) NOT NULL DEFAULT '',
	contact VARCHAR(100) NOT NULL DEFAULT '',
	time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'Asia/Kolkata',
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'INR',
	pos_provider VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NULL,
	pos_location_id VARCHAR(255) NULL,
	is_active TINYINT NOT NULL DEFAULT 1,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_restaurants_slug (slug),
	UNIQUE KEY uq_restaurants_host (host_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS restaurant_counters (
	restaurant_id BIGINT NOT NULL,
	event_seq BIGINT NOT NULL DEFAULT 0,
	order_day DATE NOT NULL DEFAULT '2000-01-01',
	order_seq INT NOT NULL DEFAULT 0,
	menu_version BIGINT NOT NULL DEFAULT 0,
	accepting TINYINT NOT NULL DEFAULT 1,
	PRIMARY KEY (restaurant_id)
) ENGINE=InnoDB;

-- restaurant_id 0 is the platform-wide fallback row of a key.
CREATE TABLE IF NOT EXISTS system_config (
	restaurant_id BIGINT NOT NULL DEFAULT 0,
	config_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	value JSON NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	updated_by VARCHAR(100) NOT NULL,
	PRIMARY KEY (restaurant_id, config_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS audit_log (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NULL,
	actor VARCHAR(100) NOT NULL,
	action VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	subject VARCHAR(100) NOT NULL DEFAULT '',
	detail JSON NULL,
	trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY ix_audit_restaurant (restaurant_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
