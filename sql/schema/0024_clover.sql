-- The Clover provider: where its API is (US and Canada), where its calls to us go.

INSERT INTO pos_providers (provider_name, display_name, base_api_url, webhook_base_url, webhook_endpoints, global_config, auth_type, is_active, created_at, updated_at)
VALUES ('clover', 'Clover', 'https://api.clover.com', NULL, '{"events": ""}', '{}', 'oauth', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE display_name = VALUES(display_name), webhook_endpoints = VALUES(webhook_endpoints);
