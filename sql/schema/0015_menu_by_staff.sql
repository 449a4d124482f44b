-- What staff change in a menu by themselves.
--
-- locked_fields: bits of lib/menu/field.def: what staff changed in a row that a POS tells too, and an import therefore leaves
-- alone. returns_at: something sold out is to be had again then; NULL: until somebody says so. overrides: where a document and
-- locked rows differed, as a JSON array.

ALTER TABLE categories ADD COLUMN locked_fields INT NOT NULL DEFAULT 0;

ALTER TABLE items
	ADD COLUMN locked_fields INT NOT NULL DEFAULT 0,
	ADD COLUMN returns_at DATETIME(6) NULL,
	ADD KEY ix_items_returns (restaurant_id, returns_at);

ALTER TABLE variations
	ADD COLUMN locked_fields INT NOT NULL DEFAULT 0,
	ADD COLUMN returns_at DATETIME(6) NULL,
	ADD KEY ix_variations_returns (restaurant_id, returns_at);

ALTER TABLE addon_groups ADD COLUMN locked_fields INT NOT NULL DEFAULT 0;

ALTER TABLE addon_items
	ADD COLUMN locked_fields INT NOT NULL DEFAULT 0,
	ADD COLUMN returns_at DATETIME(6) NULL,
	ADD KEY ix_addon_items_returns (restaurant_id, returns_at);

-- The default gives the taxes that are there their ids, and serves programs of the version before while they still run.
ALTER TABLE taxes
	ADD COLUMN public_id BINARY(16) NOT NULL DEFAULT (UNHEX(REPLACE(UUID(), '-', ''))),
	ADD COLUMN locked_fields INT NOT NULL DEFAULT 0,
	ADD UNIQUE KEY uq_taxes_public (public_id);

ALTER TABLE menu_sync_history ADD COLUMN overrides JSON NULL;
