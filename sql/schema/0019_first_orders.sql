-- Whoever places a guest's first order for less holds this row: the locks of several discounts do not keep one guest's orders apart. A row
-- without foreign keys, and nothing is read from it: to have ordered is told by the orders.
CREATE TABLE IF NOT EXISTS first_orders (
	restaurant_id BIGINT NOT NULL,
	user_id BIGINT NOT NULL,
	PRIMARY KEY (restaurant_id, user_id)
) ENGINE=InnoDB;
