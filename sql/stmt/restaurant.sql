-- restaurant_by_slug -> one (pools relay jobs ticketrail)
SELECT id, slug, name, address, contact, time_zone, currency, is_active FROM restaurants WHERE slug = :slug

-- restaurant_by_host -> one (pools)
SELECT id, slug, name, address, contact, time_zone, currency, is_active FROM restaurants WHERE host_name = :host_name

-- restaurant_by_id -> one (pools relay jobs ticketrail)
SELECT id, slug, name, address, contact, time_zone, currency, is_active FROM restaurants WHERE id = :id

-- restaurant_save -> none (ticketrail)
INSERT INTO restaurants (slug, name, address, contact, time_zone, currency, is_active, created_at, updated_at)
VALUES (:slug, :name, :address, :contact, :time_zone, :currency, :is_active, :now, :now)
ON DUPLICATE KEY UPDATE name = VALUES(name), address = VALUES(address), contact = VALUES(contact),
	time_zone = VALUES(time_zone), currency = VALUES(currency), is_active = VALUES(is_active), updated_at = VALUES(updated_at)

-- restaurant_pos_set -> none (integrations ticketrail)
-- The POS a restaurant is connected to, as its own row tells it.
UPDATE restaurants SET pos_provider = :pos_provider, pos_location_id = :pos_location_id, updated_at = :now WHERE id = :restaurant_id

-- restaurant_counters_make -> none (ticketrail)
INSERT INTO restaurant_counters (restaurant_id) VALUES (:restaurant_id) ON DUPLICATE KEY UPDATE restaurant_id = VALUES(restaurant_id)

-- restaurant_accepting -> one (orders webhooks admin)
SELECT accepting FROM restaurant_counters WHERE restaurant_id = :restaurant_id

-- restaurant_accepting_set -> none (webhooks admin office ticketrail jobs)
UPDATE restaurant_counters SET accepting = :accepting WHERE restaurant_id = :restaurant_id
