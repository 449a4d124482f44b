-- What a restaurant takes off an order, and taxes on what is charged beside the goods.
--
-- A discount belongs to the menu: whoever changes one raises the menu's version, so an order is placed by the discounts of one version.
-- code NULL: it applies by itself. percent: rate_micro of the goods, at most max_discount_minor (0: no bound); fixed: amount_minor.
-- uses_max, uses_per_user_max 0: no bound. external_id: the POS's id. Deleted ones stay with is_active = 0: old orders name them.
CREATE TABLE IF NOT EXISTS discounts (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
	kind ENUM('percent','fixed') NOT NULL,
	rate_micro BIGINT NOT NULL DEFAULT 0,
	amount_minor BIGINT NOT NULL DEFAULT 0,
	min_subtotal_minor BIGINT NOT NULL DEFAULT 0,
	max_discount_minor BIGINT NOT NULL DEFAULT 0,
	order_types TINYINT UNSIGNED NOT NULL DEFAULT 7,
	starts_at DATETIME(6) NULL,
	ends_at DATETIME(6) NULL,
	uses_max BIGINT NOT NULL DEFAULT 0,
	uses_per_user_max BIGINT NOT NULL DEFAULT 0,
	first_order_only TINYINT NOT NULL DEFAULT 0,
	is_active TINYINT NOT NULL DEFAULT 1,
	active_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS (CASE WHEN is_active = 1 THEN code ELSE NULL END) STORED,
	locked_fields INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_discounts_public (public_id),
	UNIQUE KEY uq_discounts_external (restaurant_id, external_id),
	UNIQUE KEY uq_discounts_code (restaurant_id, active_code),
	CONSTRAINT fk_discounts_restaurant FOREIGN KEY (restaurant_id) REFERENCES restaurants (id),
	CONSTRAINT ck_discounts_amounts CHECK (rate_micro >= 0 AND amount_minor >= 0 AND min_subtotal_minor >= 0 AND max_discount_minor >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How many orders that are neither cancelled nor rejected have a discount. A row of its own, without foreign keys: orders write it,
-- staff and imports write the discount.
CREATE TABLE IF NOT EXISTS discount_uses (
	restaurant_id BIGINT NOT NULL,
	discount_id BIGINT NOT NULL,
	used BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (restaurant_id, discount_id),
	CONSTRAINT ck_discount_uses_used CHECK (used >= 0)
) ENGINE=InnoDB;

-- The discount an order was placed with, as it was then.
CREATE TABLE IF NOT EXISTS order_discounts (
	order_id BIGINT NOT NULL,
	discount_no INT NOT NULL,
	discount_id BIGINT NOT NULL,
	discount_public_id BINARY(16) NOT NULL,
	user_id BIGINT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
	kind ENUM('percent','fixed') NOT NULL,
	rate_micro BIGINT NOT NULL,
	amount_minor BIGINT NOT NULL,
	PRIMARY KEY (order_id, discount_no),
	KEY ix_order_discounts_user (discount_id, user_id),
	CONSTRAINT fk_order_discounts_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- discount_id: whose use is given back when the order is cancelled or rejected.
ALTER TABLE orders ADD COLUMN discount_id BIGINT NULL;

-- The line's part of the order's discount.
ALTER TABLE order_items ADD COLUMN discount_minor BIGINT NOT NULL DEFAULT 0;

-- Which charge a tax was on; NULL: a line, or not known.
ALTER TABLE order_taxes ADD COLUMN charge ENUM('packing','delivery') NULL;

-- charges: bits 1 packing, 2 delivery: what the tax is on beside the items that name it.
ALTER TABLE taxes ADD COLUMN charges TINYINT UNSIGNED NOT NULL DEFAULT 0;
