-- One row per number that ever asked for a code. Requests and tries of a number lock it, so that two of them never count
-- the same budget at the same time; at READ COMMITTED counting rows of otp_codes alone would let parallel requests through.
CREATE TABLE IF NOT EXISTS otp_phones (
	phone VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	asked_at DATETIME(6) NOT NULL,
	PRIMARY KEY (phone)
) ENGINE=InnoDB;
