-- Logging in to a POS: when an attempt began, when somebody last saved credentials (what is said of older ones is out of date), and when
-- such that a login would replace; since when it fails, what staff were told of that (0 nothing, 1 that it could not be renewed, 2 that there is none), and whether the
-- POS will have none of what we know, so that nothing is tried any more until somebody saves something else.

ALTER TABLE pos_sessions
	ADD COLUMN begun_at DATETIME(6) NULL,
	ADD COLUMN saved_at DATETIME(6) NULL,
	ADD COLUMN replaced_at DATETIME(6) NULL,
	ADD COLUMN failing_since DATETIME(6) NULL,
	ADD COLUMN told INT NOT NULL DEFAULT 0,
	ADD COLUMN is_refused TINYINT NOT NULL DEFAULT 0;
