-- The Toast provider: where its API is. Toast hands the host out with the credentials; a sandbox is an endpoint of its own.

INSERT INTO pos_providers (provider_name, display_name, base_api_url, webhook_base_url, webhook_endpoints, global_config, auth_type, is_active, created_at, updated_at)
VALUES ('toast', 'Toast', 'https://ws-api.toasttab.com', NULL, '{"events": ""}', '{}', 'oauth', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE display_name = VALUES(display_name), webhook_endpoints = VALUES(webhook_endpoints);
