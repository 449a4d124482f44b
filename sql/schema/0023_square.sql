-- The provider Square: where its API is. No credential: those belong to a restaurant.

INSERT INTO pos_providers (provider_name, display_name, base_api_url, webhook_base_url, webhook_endpoints, global_config, auth_type, is_active, created_at, updated_at)
VALUES ('square', 'Square', 'https://connect.squareup.com', NULL, '{"events": ""}', '{}', 'oauth', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE display_name = VALUES(display_name), webhook_endpoints = VALUES(webhook_endpoints);
