-- How many orders each part of a restaurant's business day has taken (order/capacity.h). taken: the orders promised for it that are
-- neither cancelled nor rejected. max_orders: the limit by which the last place was taken. No foreign key: a check of one would lock
-- the restaurant's row.

CREATE TABLE IF NOT EXISTS order_slots (
	restaurant_id BIGINT NOT NULL,
	slot_date DATE NOT NULL,
	slot VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	taken INT NOT NULL DEFAULT 0,
	max_orders BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, slot_date, slot),
	CONSTRAINT ck_order_slots_taken CHECK (taken >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The place that an order holds until it is cancelled or rejected. Orders of before have none.
ALTER TABLE orders
	ADD COLUMN slot_date DATE NULL,
	ADD COLUMN slot VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
