-- The menu. external_id is the POS's id of the row; a sync finds a row again by it. Rows that a sync no longer
-- sees are marked is_active = 0 and never deleted: old orders name them.

-- One row per restaurant, held by whoever changes its menu (import, 86, staff) until the commit: writers of one menu
-- go one after the other, in whatever order they find the rows. No order and no foreign key ever touches it.
CREATE TABLE IF NOT EXISTS menus (
	restaurant_id BIGINT NOT NULL,
	written_at DATETIME(6) NOT NULL,
	PRIMARY KEY (restaurant_id)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS categories (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	display_order INT NOT NULL DEFAULT 0,
	is_active TINYINT NOT NULL DEFAULT 1,
	active_name VARCHAR(100) GENERATED ALWAYS AS (CASE WHEN is_active = 1 THEN name ELSE NULL END) STORED,
	image_url VARCHAR(1000) NULL,
	timings JSON NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_categories_public (public_id),
	UNIQUE KEY uq_categories_external (restaurant_id, external_id),
	UNIQUE KEY uq_categories_name (restaurant_id, active_name),
	CONSTRAINT fk_categories_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- time_slots: JSON array of slot names; NULL is always. order_types: bits 1 delivery, 2 pickup, 4 dine_in.
-- diet: is_veg is what the API shows, diet keeps the finer word.
CREATE TABLE IF NOT EXISTS items (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	category_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(200) NOT NULL,
	description VARCHAR(2000) NULL,
	price_minor BIGINT NOT NULL,
	packing_minor BIGINT NOT NULL DEFAULT 0,
	image_url VARCHAR(1000) NULL,
	diet ENUM('veg','non_veg','egg','other') NOT NULL DEFAULT 'veg',
	is_veg TINYINT NOT NULL DEFAULT 1,
	is_available TINYINT NOT NULL DEFAULT 1,
	is_active TINYINT NOT NULL DEFAULT 1,
	time_slots JSON NULL,
	order_types TINYINT UNSIGNED NOT NULL DEFAULT 7,
	tax_inclusive TINYINT NOT NULL DEFAULT 0,
	gst_liability ENUM('restaurant','vendor') NOT NULL DEFAULT 'restaurant',
	display_order INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_items_public (public_id),
	UNIQUE KEY uq_items_external (restaurant_id, external_id),
	KEY idx_items_external_restaurant (external_id, restaurant_id),
	KEY ix_items_category (category_id, display_order),
	CONSTRAINT fk_items_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id),
	CONSTRAINT fk_items_category FOREIGN KEY (category_id) REFERENCES categories (id),
	CONSTRAINT ck_items_price CHECK (price_minor >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- external_id is PetPooja's `id` of the pair (item, variation); variation_code is its `variationid`.
CREATE TABLE IF NOT EXISTS variations (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	item_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	variation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	price_minor BIGINT NOT NULL,
	packing_minor BIGINT NOT NULL DEFAULT 0,
	is_available TINYINT NOT NULL DEFAULT 1,
	is_active TINYINT NOT NULL DEFAULT 1,
	display_order INT NOT NULL DEFAULT 0,
	PRIMARY KEY (id),
	UNIQUE KEY uq_variations_public (public_id),
	UNIQUE KEY uq_variations_external (restaurant_id, item_id, external_id),
	KEY ix_variations_external (restaurant_id, external_id),
	CONSTRAINT fk_variations_item FOREIGN KEY (item_id) REFERENCES items (id),
	CONSTRAINT ck_variations_price CHECK (price_minor >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS addon_groups (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	is_active TINYINT NOT NULL DEFAULT 1,
	display_order INT NOT NULL DEFAULT 0,
	PRIMARY KEY (id),
	UNIQUE KEY uq_addon_groups_public (public_id),
	UNIQUE KEY uq_addon_groups_external (restaurant_id, external_id),
	CONSTRAINT fk_addon_groups_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS addon_items (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	addon_group_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	price_minor BIGINT NOT NULL,
	is_available TINYINT NOT NULL DEFAULT 1,
	is_active TINYINT NOT NULL DEFAULT 1,
	display_order INT NOT NULL DEFAULT 0,
	PRIMARY KEY (id),
	UNIQUE KEY uq_addon_items_public (public_id),
	UNIQUE KEY uq_addon_items_external (restaurant_id, addon_group_id, external_id),
	KEY ix_addon_items_external (restaurant_id, external_id),
	CONSTRAINT fk_addon_items_group FOREIGN KEY (addon_group_id) REFERENCES addon_groups (id),
	CONSTRAINT ck_addon_items_price CHECK (price_minor >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Which groups go with an item (variation_id 0) or with one of its variations only.
CREATE TABLE IF NOT EXISTS item_addon_groups (
	restaurant_id BIGINT NOT NULL,
	item_id BIGINT NOT NULL,
	variation_id BIGINT NOT NULL DEFAULT 0,
	addon_group_id BIGINT NOT NULL,
	min_choices INT NOT NULL DEFAULT 0,
	max_choices INT NOT NULL DEFAULT 0,
	display_order INT NOT NULL DEFAULT 0,
	PRIMARY KEY (item_id, variation_id, addon_group_id),
	KEY ix_item_addon_groups_restaurant (restaurant_id),
	CONSTRAINT fk_item_addon_groups_item FOREIGN KEY (item_id) REFERENCES items (id),
	CONSTRAINT fk_item_addon_groups_group FOREIGN KEY (addon_group_id) REFERENCES addon_groups (id)
) ENGINE=InnoDB;

-- rate_micro: 2.5 % is 25000 (millionths of one); a fixed tax has amount_minor instead.
CREATE TABLE IF NOT EXISTS taxes (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	kind ENUM('percent','fixed') NOT NULL,
	rate_micro BIGINT NOT NULL DEFAULT 0,
	amount_minor BIGINT NOT NULL DEFAULT 0,
	order_types TINYINT UNSIGNED NOT NULL DEFAULT 7,
	is_active TINYINT NOT NULL DEFAULT 1,
	display_order INT NOT NULL DEFAULT 0,
	PRIMARY KEY (id),
	UNIQUE KEY uq_taxes_external (restaurant_id, external_id),
	CONSTRAINT fk_taxes_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS item_taxes (
	restaurant_id BIGINT NOT NULL,
	item_id BIGINT NOT NULL,
	tax_id BIGINT NOT NULL,
	PRIMARY KEY (item_id, tax_id),
	KEY ix_item_taxes_restaurant (restaurant_id),
	CONSTRAINT fk_item_taxes_item FOREIGN KEY (item_id) REFERENCES items (id),
	CONSTRAINT fk_item_taxes_tax FOREIGN KEY (tax_id) REFERENCES taxes (id)
) ENGINE=InnoDB;

-- delivery_id: the webhook_logs row that holds the document this sync came from.
CREATE TABLE IF NOT EXISTS menu_sync_history (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NOT NULL,
	sync_type VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	status ENUM('running','success','failed','partial') NOT NULL,
	items_synced INT NOT NULL DEFAULT 0,
	categories_synced INT NOT NULL DEFAULT 0,
	changed INT NOT NULL DEFAULT 0,
	menu_version BIGINT NULL,
	delivery_id BIGINT NULL,
	errors JSON NULL,
	started_at DATETIME(6) NOT NULL,
	completed_at DATETIME(6) NULL,
	PRIMARY KEY (id),
	KEY idx_menu_sync_history_restaurant (restaurant_id),
	KEY idx_menu_sync_history_status (status),
	CONSTRAINT fk_menu_sync_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
