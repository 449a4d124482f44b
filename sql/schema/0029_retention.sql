-- By which what is old enough is found (retention/purge.def).

ALTER TABLE outbox_done ADD KEY ix_outbox_done_finished (finished_at);
ALTER TABLE menu_sync_history ADD KEY ix_menu_sync_started (started_at);
