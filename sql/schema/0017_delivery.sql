-- Who brings a delivery order to its guest. One row per order, written under the order's lock. A row is open until the order has
-- ended; status says how far its staff got. What became of assignments taken back stands in the order's history.
CREATE TABLE IF NOT EXISTS delivery_assignments (
	order_id BIGINT NOT NULL,
	restaurant_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	status ENUM('assigned','picked_up','delivered') NOT NULL DEFAULT 'assigned',
	is_open TINYINT NOT NULL DEFAULT 1,
	assigned_at DATETIME(6) NOT NULL,
	picked_up_at DATETIME(6) NULL,
	delivered_at DATETIME(6) NULL,
	PRIMARY KEY (order_id),
	KEY ix_delivery_staff (staff_id, is_open, order_id),
	CONSTRAINT fk_delivery_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
	CONSTRAINT fk_delivery_staff FOREIGN KEY (staff_id) REFERENCES staff_users (id)
) ENGINE=InnoDB;

ALTER TABLE order_status_history MODIFY axis ENUM('status','pos','payment','delivery') NOT NULL;

-- pos_completed_at: the POS said that it was handed over while the cash was not confirmed. cancellation_code: of the standard
-- reasons. Lists of staff are by time, from whose index the order of ids follows.
ALTER TABLE orders
	ADD COLUMN pos_completed_at DATETIME(6) NULL,
	ADD COLUMN cancellation_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
	ADD KEY ix_orders_created (restaurant_id, created_at),
	DROP KEY ix_orders_restaurant_id;

-- A restaurant's deliveries, the newest first.
ALTER TABLE webhook_logs ADD KEY ix_webhook_logs_restaurant (restaurant_id, id);
