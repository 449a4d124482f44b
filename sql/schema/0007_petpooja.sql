-- The PetPooja provider: where its API is, where its calls to us go. No credential: those belong to a restaurant.

INSERT INTO pos_providers (provider_name, display_name, base_api_url, webhook_base_url, webhook_endpoints, global_config, auth_type, is_active, created_at, updated_at)
VALUES ('petpooja', 'PetPooja POS', 'https://pponlineordercb.petpooja.com', NULL,
	'{"order-status": "/order-status", "menu-update": "/menu-update", "inventory-update": "/inventory-update", "push-menu": "/push-menu", "item-stock": "/item-stock", "store-status": "/store-status", "store-status-update": "/store-status-update"}',
	'{"device_type": "Web", "udid_prefix": "web_"}', 'api_key', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE display_name = VALUES(display_name), webhook_endpoints = VALUES(webhook_endpoints);
