-- What an order consists of at its POS, in words, as it was seen last: whether it is changed there is told by it.

ALTER TABLE orders
	ADD COLUMN pos_contents VARCHAR(1000) NULL;
