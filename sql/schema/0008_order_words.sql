-- One vocabulary for an order's status. Words of older systems are converted first, then the column admits no others.
-- (failed and pos_failed say nothing about the kitchen: the order stays received and its pos_state says failed.)

UPDATE orders SET pos_state = 'failed', pos_failure = 'exhausted', failed_at = COALESCE(failed_at, updated_at) WHERE status IN ('failed', 'pos_failed');

UPDATE orders SET status = CASE LOWER(status)
	WHEN 'processing' THEN 'received'
	WHEN 'new' THEN 'received'
	WHEN 'failed' THEN 'received'
	WHEN 'pos_failed' THEN 'received'
	WHEN 'in_progress' THEN 'preparing'
	WHEN 'food_ready' THEN 'ready'
	WHEN 'dispatched' THEN 'out_for_delivery'
	WHEN 'delivered' THEN 'completed'
	ELSE LOWER(status) END;

ALTER TABLE orders MODIFY status ENUM('received','confirmed','preparing','ready','out_for_delivery','completed','cancelled','rejected') NOT NULL DEFAULT 'received';
