-- What is to be done (outbox), what was done (outbox_done), what was told to people (notification_queue) and
-- what came in from outside (webhook_logs).

-- runner: who carries it out. destination: one failing place must not hold up another. lane: messages of one lane
-- go strictly one after the other (one order at one POS). due_at: when it may be claimed; a claim moves it to the
-- end of its lease, so an abandoned message falls due by itself. token: raised by every claim; a write that finishes a
-- message names the token it was claimed under. begun_at: an effect may have left the house under this claim.
CREATE TABLE IF NOT EXISTS outbox (
	id BIGINT NOT NULL AUTO_INCREMENT,
	runner ENUM('relay','jobs') NOT NULL,
	kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	destination VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	lane BIGINT NULL,
	restaurant_id BIGINT NULL,
	subject_id BIGINT NOT NULL DEFAULT 0,
	subject_no INT NOT NULL DEFAULT 0,
	payload LONGBLOB NULL,
	due_at DATETIME(6) NOT NULL,
	expires_at DATETIME(6) NULL,
	attempts INT NOT NULL DEFAULT 0,
	lost_claims INT NOT NULL DEFAULT 0,
	token BIGINT NOT NULL DEFAULT 0,
	owner BIGINT NOT NULL DEFAULT 0,
	lease_until DATETIME(6) NULL,
	begun_at DATETIME(6) NULL,
	last_error VARCHAR(500) NULL,
	trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY ix_outbox_due (runner, destination, due_at),
	KEY ix_outbox_lane (lane, id),
	KEY ix_outbox_owner (runner, owner),
	KEY ix_outbox_subject (kind, subject_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS outbox_done (
	id BIGINT NOT NULL,
	runner ENUM('relay','jobs') NOT NULL,
	kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	destination VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	restaurant_id BIGINT NULL,
	subject_id BIGINT NOT NULL,
	outcome ENUM('DONE','REFUSED','LATER','UNSURE','DEAD') NOT NULL,
	attempts INT NOT NULL,
	last_error VARCHAR(500) NULL,
	trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(6) NOT NULL,
	finished_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	KEY ix_outbox_done_subject (kind, subject_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row per order, event, channel and recipient. status follows the outbox message that carries it.
CREATE TABLE IF NOT EXISTS notification_queue (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NOT NULL,
	user_id BIGINT NULL,
	staff_id BIGINT NULL,
	order_id BIGINT NULL,
	type VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	channel ENUM('sms','email','push') NOT NULL,
	phone_number VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
	email VARCHAR(255) NULL,
	message TEXT NULL,
	status ENUM('pending','sent','failed') NOT NULL DEFAULT 'pending',
	retry_count INT NOT NULL DEFAULT 0,
	dedupe_key VARBINARY(120) NOT NULL,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_notification_dedupe (dedupe_key),
	KEY idx_notification_queue_status (status),
	KEY idx_notification_queue_created_at (created_at),
	CONSTRAINT fk_notification_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
	CONSTRAINT fk_notification_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Every delivery as it came, verified or not. event_key is set only on a verified delivery whose event id its signature
-- covers. state says how far it got; status is the older two-valued view of it.
CREATE TABLE IF NOT EXISTS webhook_logs (
	id BIGINT NOT NULL AUTO_INCREMENT,
	restaurant_id BIGINT NULL,
	provider VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	webhook_type VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	subject VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
	headers TEXT NOT NULL,
	source_address VARBINARY(45) NOT NULL,
	body LONGBLOB NULL,
	body_len BIGINT NOT NULL,
	body_digest BINARY(32) NOT NULL,
	is_verified TINYINT NOT NULL,
	event_key VARBINARY(120) NULL,
	state ENUM('received','processed','duplicate','ignored','parked','failed','dead') NOT NULL DEFAULT 'received',
	status VARCHAR(10) GENERATED ALWAYS AS (CASE WHEN state IN ('failed','dead') THEN 'failed' ELSE 'success' END) VIRTUAL,
	http_status INT NOT NULL,
	error_message VARCHAR(500) NULL,
	trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	received_at DATETIME(6) NOT NULL,
	processed_at DATETIME(6) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY uq_webhook_event (provider, event_key),
	KEY idx_webhook_logs_type (webhook_type),
	KEY idx_webhook_logs_state (state, id),
	KEY idx_webhook_logs_processed_at (processed_at DESC),
	KEY ix_webhook_logs_unverified (is_verified, restaurant_id, received_at),
	KEY ix_webhook_logs_subject (restaurant_id, provider, subject, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
