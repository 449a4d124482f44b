-- order_insert -> newid (orders)
INSERT INTO orders (public_id, restaurant_id, user_id, order_number, status, pos_state, pos_place, by_hand, submission_no, order_type, table_number,
	customer_name, customer_phone, delivery_address, special_instructions, scheduled_time, currency, subtotal_minor, discount_minor,
	tax_minor, packing_minor, delivery_charge_minor, tip_minor, total_minor, menu_version, payment_method, estimated_ready_time,
	business_date, slot_date, slot, discount_id, released_at, confirmed_at, created_at, updated_at)
VALUES (:public_id, :restaurant_id, :user_id, :order_number, :status, :pos_state, :pos_place, :by_hand, :submission_no, :order_type, :table_number,
	:customer_name, :customer_phone, :delivery_address, :special_instructions, :scheduled_time, :currency, :subtotal_minor,
	:discount_minor, :tax_minor, :packing_minor, :delivery_charge_minor, :tip_minor, :total_minor, :menu_version, :payment_method,
	:estimated_ready_time, :business_date, :slot_date, :slot, :discount_id, :released_at, :confirmed_at, :now, :now)

-- order_item_insert -> rows (orders)
INSERT INTO order_items (order_id, line_no, item_id, item_public_id, external_id, item_name, variation_id, variation_public_id,
	variation_external_id, variation_code, variation_name, item_price_minor, addons_minor, quantity, line_total_minor, discount_minor,
	packing_minor, tax_inclusive, gst_liability, special_instructions)
VALUES (:order_id, :line_no, :item_id, :item_public_id, :external_id, :item_name, :variation_id, :variation_public_id,
	:variation_external_id, :variation_code, :variation_name, :item_price_minor, :addons_minor, :quantity, :line_total_minor,
	:discount_minor, :packing_minor, :tax_inclusive, :gst_liability, :special_instructions)

-- order_addon_insert -> rows (orders)
INSERT INTO order_item_addons (order_id, line_no, addon_no, addon_item_id, addon_public_id, external_id, name, group_external_id,
	group_name, price_minor, quantity)
VALUES (:order_id, :line_no, :addon_no, :addon_item_id, :addon_public_id, :external_id, :name, :group_external_id, :group_name,
	:price_minor, :quantity)

-- order_tax_insert -> rows (orders)
INSERT INTO order_taxes (order_id, line_no, tax_no, external_id, name, kind, rate_micro, amount_minor, is_inclusive, charge)
VALUES (:order_id, :line_no, :tax_no, :external_id, :name, :kind, :rate_micro, :amount_minor, :is_inclusive, :charge)

-- order_number_take -> newid (orders)
-- Both numbers in one: the event's times a million plus the order's of the day. Assignments are made from left to right. No row:
-- the menu is another one by now, the restaurant does not take orders, or its day is a later one already: the count of a day never
-- begins twice.
UPDATE restaurant_counters SET order_seq = IF(order_day = :day, order_seq + 1, 1), order_day = :day,
	event_seq = LAST_INSERT_ID((event_seq + 1) * 1000000 + order_seq) DIV 1000000
WHERE restaurant_id = :restaurant_id AND menu_version = :priced_at AND accepting = 1 AND order_day <= :day

-- order_day -> one (orders)
SELECT DATE_FORMAT(order_day, '%Y%m%d') AS day FROM restaurant_counters WHERE restaurant_id = :restaurant_id AND order_day > :day

-- order_number_set -> none (orders)
-- With it the number of the last row of history: the next mover counts on from there.
UPDATE orders FORCE INDEX (PRIMARY) SET order_number = :order_number, history_seq = :history_seq WHERE id = :id AND restaurant_id = :restaurant_id

-- order_is_there -> one (orders)
SELECT id FROM orders WHERE public_id = :public_id AND restaurant_id = :restaurant_id FOR UPDATE
