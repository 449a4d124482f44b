-- Which claim ended a message: whoever lost the answer to its COMMIT can look. And of a message that was set aside, everything that
-- is needed to carry it out after all.
ALTER TABLE outbox ADD COLUMN ended_token BIGINT NOT NULL DEFAULT 0;

ALTER TABLE outbox_done
	ADD COLUMN token BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN lane BIGINT NULL,
	ADD COLUMN subject_no INT NOT NULL DEFAULT 0,
	ADD COLUMN payload LONGBLOB NULL,
	ADD COLUMN lost_claims INT NOT NULL DEFAULT 0,
	ADD KEY ix_outbox_done_outcome (outcome, id);
