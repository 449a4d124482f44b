-- Orders. status holds any word until 0008 brings older words into the one vocabulary.
-- An order's own numbers, its charges and names are snapshots: nothing here looks into the menu again.

CREATE TABLE IF NOT EXISTS orders (
	id BIGINT NOT NULL AUTO_INCREMENT,
	public_id BINARY(16) NOT NULL,
	restaurant_id BIGINT NOT NULL,
	user_id BIGINT NULL,
	order_number VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	status VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'received',
	order_type ENUM('dine_in','pickup','delivery') NOT NULL,
	table_number VARCHAR(20) NULL,
	customer_name VARCHAR(100) NULL,
	customer_email VARCHAR(254) NULL,
	customer_phone VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
	delivery_address VARCHAR(500) NULL,
	special_instructions VARCHAR(500) NULL,
	scheduled_time DATETIME(6) NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	subtotal_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL DEFAULT 0,
	packing_minor BIGINT NOT NULL DEFAULT 0,
	delivery_charge_minor BIGINT NOT NULL DEFAULT 0,
	tip_minor BIGINT NOT NULL DEFAULT 0,
	total_minor BIGINT NOT NULL,
	menu_version BIGINT NOT NULL,
	payment_method ENUM('cash','upi') NOT NULL,
	payment_status ENUM('pending','authorized','paid','failed','partially_refunded','refunded') NOT NULL DEFAULT 'pending',
	stripe_payment_intent_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
	pos_state ENUM('not_required','queued','submitting','unsure','accepted','failed','manual') NOT NULL DEFAULT 'not_required',
	pos_failure ENUM('refused','exhausted','cancelled') NULL,
	pos_failure_reason VARCHAR(500) NULL,
	by_hand TINYINT NOT NULL DEFAULT 0,
	cancel_wanted ENUM('guest','house') NULL,
	submission_no INT NOT NULL DEFAULT 0,
	pos_reference VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
	pos_request LONGBLOB NULL,
	settled_at DATETIME(6) NULL,
	pos_order_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	external_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin GENERATED ALWAYS AS (pos_order_id) VIRTUAL,
	pos_response LONGBLOB NULL,
	pos_callback LONGBLOB NULL,
	pos_proved_at DATETIME(6) NULL,
	pos_status_updated_at DATETIME(6) NULL,
	rider_name VARCHAR(100) NULL,
	rider_phone VARCHAR(20) NULL,
	is_modified TINYINT NOT NULL DEFAULT 0,
	estimated_ready_time DATETIME(6) NULL,
	estimated_delivery_time DATETIME(6) NULL,
	released_at DATETIME(6) NULL,
	confirmed_at DATETIME(6) NULL,
	preparing_at DATETIME(6) NULL,
	ready_at DATETIME(6) NULL,
	out_for_delivery_at DATETIME(6) NULL,
	completed_at DATETIME(6) NULL,
	cancelled_at DATETIME(6) NULL,
	rejected_at DATETIME(6) NULL,
	failed_at DATETIME(6) NULL,
	cancellation_reason VARCHAR(255) NULL,
	history_seq INT NOT NULL DEFAULT 0,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_orders_public (public_id),
	UNIQUE KEY uq_orders_number (restaurant_id, order_number),
	UNIQUE KEY uq_orders_reference (restaurant_id, pos_reference),
	UNIQUE KEY uq_orders_pos_order (restaurant_id, pos_order_id),
	KEY idx_orders_restaurant_status (restaurant_id, status),
	KEY idx_orders_pos_order_id (pos_order_id),
	KEY ix_orders_user (user_id, id),
	KEY ix_orders_restaurant_id (restaurant_id, id),
	CONSTRAINT fk_orders_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row per line. item_id, variation_id have no foreign key: they say what was sold, not what is on sale.
CREATE TABLE IF NOT EXISTS order_items (
	id BIGINT NOT NULL AUTO_INCREMENT,
	order_id BIGINT NOT NULL,
	line_no INT NOT NULL,
	item_id BIGINT NOT NULL,
	item_public_id BINARY(16) NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	item_name VARCHAR(200) NOT NULL,
	variation_id BIGINT NULL,
	variation_public_id BINARY(16) NULL,
	variation_external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	variation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	variation_name VARCHAR(100) NULL,
	item_price_minor BIGINT NOT NULL,
	addons_minor BIGINT NOT NULL DEFAULT 0,
	quantity INT NOT NULL,
	line_total_minor BIGINT NOT NULL,
	packing_minor BIGINT NOT NULL DEFAULT 0,
	tax_inclusive TINYINT NOT NULL DEFAULT 0,
	gst_liability ENUM('restaurant','vendor') NOT NULL DEFAULT 'restaurant',
	special_instructions VARCHAR(255) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_order_items_line (order_id, line_no),
	CONSTRAINT fk_order_items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
	CONSTRAINT ck_order_items_quantity CHECK (quantity >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Add-ons chosen on a line (the modifiers of other systems).
CREATE TABLE IF NOT EXISTS order_item_addons (
	order_id BIGINT NOT NULL,
	line_no INT NOT NULL,
	addon_no INT NOT NULL,
	addon_item_id BIGINT NOT NULL,
	addon_public_id BINARY(16) NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	group_external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	group_name VARCHAR(100) NOT NULL,
	price_minor BIGINT NOT NULL,
	quantity INT NOT NULL,
	PRIMARY KEY (order_id, line_no, addon_no),
	CONSTRAINT fk_order_item_addons_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What each tax took, per line (line_no 0: on the order as a whole).
CREATE TABLE IF NOT EXISTS order_taxes (
	order_id BIGINT NOT NULL,
	line_no INT NOT NULL,
	tax_no INT NOT NULL,
	external_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	name VARCHAR(100) NOT NULL,
	kind ENUM('percent','fixed') NOT NULL,
	rate_micro BIGINT NOT NULL,
	amount_minor BIGINT NOT NULL,
	is_inclusive TINYINT NOT NULL,
	PRIMARY KEY (order_id, line_no, tax_no),
	CONSTRAINT fk_order_taxes_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Every move of every axis. seq counts per order; a repeated or ignored event leaves a row too, with is_move = 0.
CREATE TABLE IF NOT EXISTS order_status_history (
	id BIGINT NOT NULL AUTO_INCREMENT,
	order_id BIGINT NOT NULL,
	seq INT NOT NULL,
	axis ENUM('status','pos','payment') NOT NULL,
	event VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	old_status VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	new_status VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	changed_by VARCHAR(100) NOT NULL,
	change_reason TEXT NULL,
	trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY idx_order_status_history_order_id (order_id, seq),
	KEY idx_order_status_history_created_at (created_at),
	CONSTRAINT fk_history_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What everybody who watches a restaurant can see, numbered without gaps per restaurant.
CREATE TABLE IF NOT EXISTS events (
	restaurant_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	kind VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	order_id BIGINT NULL,
	data JSON NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (restaurant_id, seq),
	KEY ix_events_order (order_id, seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS idempotency_keys (
	principal VARBINARY(40) NOT NULL,
	idempotency_key VARBINARY(255) NOT NULL,
	request_hash BINARY(32) NOT NULL,
	status INT NULL,
	answer LONGBLOB NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (principal, idempotency_key),
	KEY ix_idempotency_created (created_at)
) ENGINE=InnoDB;
