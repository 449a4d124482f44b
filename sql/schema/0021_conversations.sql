-- What a POS that takes several calls for one order has been brought to so far (pos_progress: JSON of its adapter's own, without
-- secrets), what it says the order comes to, why it is not there (outbox/outcome.h, enum cause), and access that has to be renewed.
-- Two POS have longer names of things than the one before: two GUIDs and what stands between them.

ALTER TABLE orders
	ADD COLUMN pos_progress VARBINARY(2000) NULL,
	ADD COLUMN pos_total_minor BIGINT NULL,
	ADD COLUMN pos_cause VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL;

-- One row per integration that logs in. The tokens themselves are rows of integration_secrets.
CREATE TABLE IF NOT EXISTS pos_sessions (
	integration_id BIGINT NOT NULL,
	expires_at DATETIME(6) NULL,
	refresh_expires_at DATETIME(6) NULL,
	refreshed_at DATETIME(6) NULL,
	failures INT NOT NULL DEFAULT 0,
	last_error VARCHAR(500) NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (integration_id),
	CONSTRAINT fk_session_integration FOREIGN KEY (integration_id) REFERENCES restaurant_pos_integrations (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE items MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE variations MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE categories MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE addon_groups MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE addon_items MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE order_items MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	MODIFY variation_external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
ALTER TABLE order_item_addons MODIFY external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	MODIFY group_external_id VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
