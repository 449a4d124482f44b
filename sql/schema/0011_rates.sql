-- How often a place may be called by all relays together (outbox.h, struct outbox_rate). A row is made when a place is called for
-- the first time. spent_until: when the last call that was granted would have been due at an even pace; it may lie ahead by a burst.
-- granted and told are what the last debit came to.

CREATE TABLE IF NOT EXISTS rates (
	name VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	spent_until DATETIME(6) NOT NULL,
	granted INT NOT NULL DEFAULT 0,
	told BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (name)
) ENGINE=InnoDB;
