-- Where an order was to be sent: provider, integration and the restaurant there (submission.h). NULL: before this was kept.

ALTER TABLE orders
	ADD COLUMN pos_place VARCHAR(330) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
