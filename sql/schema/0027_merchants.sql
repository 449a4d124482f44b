-- Whose a restaurant is at its POS: news of a merchant concerns all their restaurants, and names none of them. Until when the tokens are
-- good that an authorisation brought, as long as nobody has looked whether they are the restaurant's. And a delivery's name is one of a
-- restaurant, so that the same news may come to several.

ALTER TABLE restaurant_pos_integrations
	ADD COLUMN pos_merchant_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	ADD KEY ix_integration_merchant (pos_provider_id, pos_merchant_id);

ALTER TABLE pos_sessions
	ADD COLUMN new_expires_at DATETIME(6) NULL,
	ADD COLUMN new_refresh_expires_at DATETIME(6) NULL;

ALTER TABLE webhook_logs
	DROP KEY uq_webhook_event,
	ADD UNIQUE KEY uq_webhook_event (provider, event_key, restaurant_id),
	ADD KEY ix_webhook_logs_received (received_at);
