-- capacity_take -> changed (orders)
-- The hot row of a busy evening: by its primary key, locked for the two statements that are left of placing an order.
UPDATE order_slots SET taken = taken + 1, max_orders = :max_orders
WHERE restaurant_id = :restaurant_id AND slot_date = :slot_date AND slot = :slot AND taken < :max_orders

-- capacity_lock -> one (orders)
SELECT taken FROM order_slots WHERE restaurant_id = :restaurant_id AND slot_date = :slot_date AND slot = :slot FOR UPDATE

-- capacity_make -> none (orders)
-- An INSERT IGNORE would hold the row shared where somebody has made it meanwhile, and two who hold it so and want to change it are a
-- deadlock. This way it is held alone.
INSERT INTO order_slots (restaurant_id, slot_date, slot, taken, max_orders) VALUES (:restaurant_id, :slot_date, :slot, 0, :max_orders)
ON DUPLICATE KEY UPDATE taken = taken

-- capacity_look -> one (orders)
SELECT taken FROM order_slots WHERE restaurant_id = :restaurant_id AND slot_date = :slot_date AND slot = :slot

-- capacity_release -> none (orders webhooks admin relay jobs)
UPDATE order_slots SET taken = taken - :places
WHERE restaurant_id = :restaurant_id AND slot_date = :slot_date AND slot = :slot AND taken >= :places
