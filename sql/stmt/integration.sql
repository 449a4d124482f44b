-- integration_of -> one (orders webhooks admin integrations relay jobs ticketrail)
-- A restaurant has one POS at a time: the active one.
SELECT i.id AS id, i.restaurant_id AS restaurant_id, p.id AS provider_id, p.provider_name AS provider_name,
	p.display_name AS display_name, p.base_api_url AS base_api_url, p.webhook_base_url AS webhook_base_url,
	p.webhook_endpoints AS webhook_endpoints, p.global_config AS global_config, i.pos_restaurant_id AS pos_restaurant_id,
	i.endpoint AS endpoint, i.restaurant_specific_config AS restaurant_specific_config, i.active AS active,
	i.last_sync_at AS last_sync_at, i.pos_merchant_id AS pos_merchant_id
FROM restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id
WHERE i.restaurant_id = :restaurant_id AND i.active = 1 AND p.is_active = 1 ORDER BY i.id LIMIT 1

-- connection_of -> one (orders admin webhooks integrations relay jobs ticketrail)
-- The restaurant, its active integration and the names of the credentials that are stored, as one picture of them.
SELECT i.id AS `i.id`, i.restaurant_id AS `i.restaurant_id`, p.id AS `i.provider_id`, p.provider_name AS `i.provider_name`,
	p.display_name AS `i.display_name`, p.base_api_url AS `i.base_api_url`, p.webhook_base_url AS `i.webhook_base_url`,
	p.webhook_endpoints AS `i.webhook_endpoints`, p.global_config AS `i.global_config`,
	i.pos_restaurant_id AS `i.pos_restaurant_id`, i.endpoint AS `i.endpoint`,
	i.restaurant_specific_config AS `i.restaurant_specific_config`, i.active AS `i.active`, i.last_sync_at AS `i.last_sync_at`, i.pos_merchant_id AS `i.pos_merchant_id`,
	l.expires_at AS `i.session.expires_at`, l.refreshed_at AS `i.session.refreshed_at`, l.failures AS `i.session.failures`,
	l.is_refused AS `i.session.is_refused`, l.saved_at AS `i.session.saved_at`,
	r.id AS `r.id`, r.slug AS `r.slug`, r.name AS `r.name`, r.address AS `r.address`, r.contact AS `r.contact`,
	r.time_zone AS `r.time_zone`, r.currency AS `r.currency`, r.is_active AS `r.is_active`,
	(SELECT GROUP_CONCAT(s.name ORDER BY s.name) FROM integration_secrets s WHERE s.integration_id = i.id) AS secret_names
FROM restaurants r JOIN restaurant_pos_integrations i ON i.restaurant_id = r.id JOIN pos_providers p ON p.id = i.pos_provider_id
	LEFT JOIN pos_sessions l ON l.integration_id = i.id
WHERE r.id = :restaurant_id AND i.active = 1 AND p.is_active = 1 ORDER BY i.id LIMIT 1

-- connections_of -> many (relay)
-- As connection_of, of several restaurants; of each the first one counts. Sorted here they would go through a temporary file.
SELECT i.id AS `i.id`, i.restaurant_id AS `i.restaurant_id`, p.id AS `i.provider_id`, p.provider_name AS `i.provider_name`,
	p.display_name AS `i.display_name`, p.base_api_url AS `i.base_api_url`, p.webhook_base_url AS `i.webhook_base_url`,
	p.webhook_endpoints AS `i.webhook_endpoints`, p.global_config AS `i.global_config`,
	i.pos_restaurant_id AS `i.pos_restaurant_id`, i.endpoint AS `i.endpoint`,
	i.restaurant_specific_config AS `i.restaurant_specific_config`, i.active AS `i.active`, i.last_sync_at AS `i.last_sync_at`, i.pos_merchant_id AS `i.pos_merchant_id`,
	l.expires_at AS `i.session.expires_at`, l.refreshed_at AS `i.session.refreshed_at`, l.failures AS `i.session.failures`,
	l.is_refused AS `i.session.is_refused`, l.saved_at AS `i.session.saved_at`,
	r.id AS `r.id`, r.slug AS `r.slug`, r.name AS `r.name`, r.address AS `r.address`, r.contact AS `r.contact`,
	r.time_zone AS `r.time_zone`, r.currency AS `r.currency`, r.is_active AS `r.is_active`,
	(SELECT GROUP_CONCAT(s.name ORDER BY s.name) FROM integration_secrets s WHERE s.integration_id = i.id) AS secret_names
FROM JSON_TABLE(:restaurants, '$[*]' COLUMNS (restaurant_id BIGINT PATH '$')) j
	STRAIGHT_JOIN restaurants r ON r.id = j.restaurant_id
	STRAIGHT_JOIN restaurant_pos_integrations i ON i.restaurant_id = r.id AND i.active = 1
	STRAIGHT_JOIN pos_providers p ON p.id = i.pos_provider_id AND p.is_active = 1
	LEFT JOIN pos_sessions l ON l.integration_id = i.id
LIMIT 10000

-- integration_with -> one (webhooks integrations relay jobs ticketrail)
SELECT i.id AS id, i.restaurant_id AS restaurant_id, p.id AS provider_id, p.provider_name AS provider_name,
	p.display_name AS display_name, p.base_api_url AS base_api_url, p.webhook_base_url AS webhook_base_url,
	p.webhook_endpoints AS webhook_endpoints, p.global_config AS global_config, i.pos_restaurant_id AS pos_restaurant_id,
	i.endpoint AS endpoint, i.restaurant_specific_config AS restaurant_specific_config, i.active AS active,
	i.last_sync_at AS last_sync_at, i.pos_merchant_id AS pos_merchant_id
FROM restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id
WHERE i.restaurant_id = :restaurant_id AND p.provider_name = :provider_name

-- integration_lock -> one (integrations ticketrail)
-- Before anything else of it is read: who saves a part of it saves all that it had.
SELECT id FROM restaurant_pos_integrations
WHERE restaurant_id = :restaurant_id AND pos_provider_id = (SELECT p.id FROM pos_providers p WHERE p.provider_name = :provider_name) FOR UPDATE

-- integration_by_pos_restaurant -> one (webhooks)
-- The provider's own id of a restaurant; the tenant comes out of it, under a secret that proves it.
SELECT i.id AS id, i.restaurant_id AS restaurant_id, p.id AS provider_id, p.provider_name AS provider_name,
	p.display_name AS display_name, p.base_api_url AS base_api_url, p.webhook_base_url AS webhook_base_url,
	p.webhook_endpoints AS webhook_endpoints, p.global_config AS global_config, i.pos_restaurant_id AS pos_restaurant_id,
	i.endpoint AS endpoint, i.restaurant_specific_config AS restaurant_specific_config, i.active AS active,
	i.last_sync_at AS last_sync_at, i.pos_merchant_id AS pos_merchant_id
FROM restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id
WHERE p.provider_name = :provider_name AND i.pos_restaurant_id = :pos_restaurant_id AND i.active = 1 ORDER BY i.id LIMIT 1

-- integrations_of_merchant -> many (webhooks)
-- Those that are known to be the merchant's, oldest first.
SELECT i.id AS id, i.restaurant_id AS restaurant_id, p.id AS provider_id, p.provider_name AS provider_name,
	p.display_name AS display_name, p.base_api_url AS base_api_url, p.webhook_base_url AS webhook_base_url,
	p.webhook_endpoints AS webhook_endpoints, p.global_config AS global_config, i.pos_restaurant_id AS pos_restaurant_id,
	i.endpoint AS endpoint, i.restaurant_specific_config AS restaurant_specific_config, i.active AS active,
	i.last_sync_at AS last_sync_at, i.pos_merchant_id AS pos_merchant_id
FROM restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id
WHERE p.provider_name = :provider_name AND i.pos_merchant_id = :pos_merchant_id AND i.active = 1 ORDER BY i.id LIMIT 100

-- integration_merchant -> none (webhooks relay)
UPDATE restaurant_pos_integrations SET pos_merchant_id = :pos_merchant_id WHERE id = :id AND restaurant_id = :restaurant_id

-- integration_provider -> one (integrations ticketrail)
SELECT 0 AS id, 0 AS restaurant_id, p.id AS provider_id, p.provider_name AS provider_name, p.display_name AS display_name,
	p.base_api_url AS base_api_url, p.webhook_base_url AS webhook_base_url, p.webhook_endpoints AS webhook_endpoints,
	p.global_config AS global_config, NULL AS pos_restaurant_id, NULL AS endpoint, NULL AS restaurant_specific_config,
	p.is_active AS active, p.updated_at AS last_sync_at, NULL AS pos_merchant_id
FROM pos_providers p WHERE p.provider_name = :provider_name AND p.is_active = 1

-- integration_update -> changed (integrations ticketrail)
-- Of another place we do not know whose it is; the old one is asked before it is gone.
UPDATE restaurant_pos_integrations SET pos_merchant_id = IF(pos_restaurant_id <=> :pos_restaurant_id AND endpoint <=> :endpoint, pos_merchant_id, NULL),
	pos_restaurant_id = :pos_restaurant_id, endpoint = :endpoint,
	restaurant_specific_config = :config, active = :active, updated_at = :now
WHERE restaurant_id = :restaurant_id AND pos_provider_id = :pos_provider_id

-- integration_others_off -> changed (integrations ticketrail)
-- A restaurant has one POS at a time.
UPDATE restaurant_pos_integrations SET active = 0, updated_at = :now
WHERE restaurant_id = :restaurant_id AND pos_provider_id <> :pos_provider_id AND active = 1

-- integration_insert -> none (integrations ticketrail)
-- No ON DUPLICATE KEY UPDATE: the row it would hit may be another restaurant's, which has the same id at the POS.
INSERT INTO restaurant_pos_integrations (restaurant_id, pos_type, pos_provider_id, pos_restaurant_id, endpoint,
	restaurant_specific_config, active, created_at, updated_at)
VALUES (:restaurant_id, :pos_type, :pos_provider_id, :pos_restaurant_id, :endpoint, :config, :active, :now, :now)

-- integration_synced -> none (jobs)
UPDATE restaurant_pos_integrations SET last_sync_at = :now WHERE id = :id AND restaurant_id = :restaurant_id

-- integration_secret_put -> none (integrations relay ticketrail)
INSERT INTO integration_secrets (integration_id, name, sealed, updated_at) VALUES (:integration_id, :name, :sealed, :now)
ON DUPLICATE KEY UPDATE sealed = VALUES(sealed), updated_at = VALUES(updated_at)

-- integration_secret_drop -> none (integrations relay ticketrail)
DELETE FROM integration_secrets WHERE integration_id = :integration_id AND name = :name

-- integration_secrets_forget -> none (integrations ticketrail)
DELETE FROM integration_secrets WHERE integration_id = :integration_id

-- integration_secret_names -> many (orders admin webhooks integrations relay jobs ticketrail)
SELECT name FROM integration_secrets WHERE integration_id = :integration_id ORDER BY name LIMIT 50

-- integration_secrets -> many (relay)
SELECT name, sealed FROM integration_secrets WHERE integration_id = :integration_id ORDER BY name LIMIT 50

-- integrations_secrets -> many (relay)
-- Those of the active integrations of several restaurants.
SELECT s.integration_id AS owner_id, 0 AS provider_id, s.name AS name, s.sealed AS sealed
FROM JSON_TABLE(:restaurants, '$[*]' COLUMNS (restaurant_id BIGINT PATH '$')) j
	STRAIGHT_JOIN restaurant_pos_integrations i ON i.restaurant_id = j.restaurant_id AND i.active = 1
	STRAIGHT_JOIN integration_secrets s FORCE INDEX (uq_integration_secret) ON s.integration_id = i.id ORDER BY s.integration_id, s.name LIMIT 10000

-- webhook_secret_retire -> none (integrations ticketrail)
UPDATE restaurant_webhook_secrets SET is_active = 0, expires_at = :expires_at, updated_at = :now
WHERE restaurant_id = :restaurant_id AND pos_provider_id = :pos_provider_id AND purpose = :purpose AND is_active = 1

-- webhook_secret_put -> none (integrations ticketrail)
INSERT INTO restaurant_webhook_secrets (restaurant_id, pos_provider_id, purpose, secret_key, digest, is_active, created_at, updated_at)
VALUES (:restaurant_id, :pos_provider_id, :purpose, :secret_key, :digest, 1, :now, :now)

-- webhook_secret_is_active -> one (integrations ticketrail)
SELECT COUNT(*) AS n FROM restaurant_webhook_secrets WHERE restaurant_id = :restaurant_id AND pos_provider_id = :pos_provider_id
	AND purpose = :purpose AND is_active = 1 AND digest = :digest

-- webhook_secrets -> many (webhooks relay integrations ticketrail)
-- The active one first, then those retired ones that are still accepted.
SELECT purpose AS name, secret_key AS sealed FROM restaurant_webhook_secrets
WHERE restaurant_id = :restaurant_id AND pos_provider_id = :pos_provider_id AND purpose = :purpose
	AND (is_active = 1 OR expires_at > :now) ORDER BY is_active DESC, id DESC LIMIT 10

-- callback_keys -> many (relay)
-- As webhook_secrets for the purpose of callbacks, of several restaurants.
SELECT w.restaurant_id AS owner_id, w.pos_provider_id AS provider_id, w.purpose AS name, w.secret_key AS sealed
FROM JSON_TABLE(:restaurants, '$[*]' COLUMNS (restaurant_id BIGINT PATH '$')) j
	STRAIGHT_JOIN restaurant_webhook_secrets w FORCE INDEX (unique_active_secret)
		ON w.restaurant_id = j.restaurant_id AND w.purpose = 'callback'
		AND (w.is_active = 1 OR w.expires_at > :now)
ORDER BY w.restaurant_id, w.pos_provider_id, w.is_active DESC, w.id DESC LIMIT 10000

-- integrations_list -> many (integrations)
-- The active ones of a restaurant, or of all (restaurant_id 0).
SELECT i.id AS id, i.restaurant_id AS restaurant_id, p.id AS provider_id, p.provider_name AS provider_name,
	p.display_name AS display_name, p.base_api_url AS base_api_url, p.webhook_base_url AS webhook_base_url,
	p.webhook_endpoints AS webhook_endpoints, p.global_config AS global_config, i.pos_restaurant_id AS pos_restaurant_id,
	i.endpoint AS endpoint, i.restaurant_specific_config AS restaurant_specific_config, i.active AS active,
	i.last_sync_at AS last_sync_at, i.pos_merchant_id AS pos_merchant_id
FROM restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id
WHERE i.active = 1 AND (:restaurant_id = 0 OR i.restaurant_id = :restaurant_id) ORDER BY i.id LIMIT 1000

-- pos_probe_begin -> none (integrations)
INSERT INTO pos_probes (integration_id, restaurant_id, status, checks, started_at) VALUES (:integration_id, :restaurant_id, 'running', :checks, :now)
ON DUPLICATE KEY UPDATE status = 'running', checks = :checks, started_at = :now, completed_at = NULL

-- pos_probe_read -> one (integrations relay)
SELECT status, checks, started_at, completed_at FROM pos_probes WHERE integration_id = :integration_id AND restaurant_id = :restaurant_id

-- pos_probe_lock -> one (integrations)
SELECT status, checks, started_at, completed_at FROM pos_probes WHERE integration_id = :integration_id AND restaurant_id = :restaurant_id
FOR UPDATE

-- pos_probe_write -> none (relay)
UPDATE pos_probes SET checks = :checks, status = :status, completed_at = :completed_at
WHERE integration_id = :integration_id AND restaurant_id = :restaurant_id
