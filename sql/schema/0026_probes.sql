-- Whether a restaurant's POS answers us as it should: the last time that somebody wanted to know. checks: a JSON array.

CREATE TABLE IF NOT EXISTS pos_probes (
	integration_id BIGINT NOT NULL,
	restaurant_id BIGINT NOT NULL,
	status ENUM('running','passed','failed') NOT NULL,
	checks JSON NOT NULL,
	started_at DATETIME(6) NOT NULL,
	completed_at DATETIME(6) NULL,
	PRIMARY KEY (integration_id),
	CONSTRAINT fk_probe_integration FOREIGN KEY (integration_id) REFERENCES restaurant_pos_integrations (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
