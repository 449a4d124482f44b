-- Who has switched something on, whichever restaurant it is.
ALTER TABLE system_config ADD KEY ix_system_config_key (config_key, restaurant_id);
