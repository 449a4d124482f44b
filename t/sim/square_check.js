'use strict';
/*
 * What Square looks at in a body: the type, the length and the words of each field, from its OpenAPI description
 * (connect-api-specification, release 2025-08-20), answered with its error codes. Everything wrong is told at once.
 *
 * A length is counted in characters. null is as good as absent. A key that the description does not know is not refused (Square's
 * answer to those is not published) but noted.
 */
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const PHONE = /^[+0-9 ().-]+$/;
const DURATION = /^P(?=\d|T\d)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const QUANTITY = /^\d{1,12}(\.\d{1,5})?$/;
const PERCENTAGE = /^\d{1,3}(\.\d{1,5})?$/;

const text = (max, min = 0) => ({ kind: 'text', max, min });
const word = (...words) => ({ kind: 'word', words });
const list = (of, max) => ({ kind: 'list', of, max });
const object = (fields) => ({ kind: 'object', fields });
const need = (spec) => ({ ...spec, need: true });
const INT = { kind: 'int' }, BOOL = { kind: 'bool' }, MOMENT_T = { kind: 'moment' }, DURATION_T = { kind: 'duration' }, ANY = { kind: 'any' };
const READ_ONLY = { kind: 'read_only' }, METADATA = { kind: 'metadata' }, PERCENT = { kind: 'percent' };
const MONEY = object({ amount: need(INT), currency: need(text(3, 3)) });

const ADDRESS = object(Object.fromEntries(['address_line_1', 'address_line_2', 'address_line_3', 'locality', 'sublocality',
	'sublocality_2', 'sublocality_3', 'administrative_district_level_1', 'administrative_district_level_2',
	'administrative_district_level_3', 'postal_code', 'country', 'first_name', 'last_name'].map((k) => [k, text()])));
const RECIPIENT = object({
	customer_id: text(191), display_name: text(255), email_address: { ...text(255), email: true },
	phone_number: { ...text(17), phone: true }, address: ADDRESS,
});
const SCHEDULE = word('ASAP', 'SCHEDULED');
const read_only = (...names) => Object.fromEntries(names.map((n) => [n, READ_ONLY]));

const PICKUP = object({
	recipient: RECIPIENT, schedule_type: SCHEDULE, pickup_at: MOMENT_T, pickup_window_duration: DURATION_T, prep_time_duration: DURATION_T,
	expires_at: MOMENT_T, auto_complete_duration: DURATION_T, note: text(500), cancel_reason: text(100), is_curbside_pickup: BOOL,
	curbside_pickup_details: object({ curbside_details: text(250), buyer_arrived_at: MOMENT_T }),
	...read_only('placed_at', 'accepted_at', 'rejected_at', 'ready_at', 'expired_at', 'picked_up_at', 'canceled_at'),
});
const DELIVERY = object({
	recipient: RECIPIENT, schedule_type: SCHEDULE, deliver_at: MOMENT_T, prep_time_duration: DURATION_T, delivery_window_duration: DURATION_T,
	note: text(550), completed_at: MOMENT_T, cancel_reason: text(100), courier_pickup_at: MOMENT_T, courier_pickup_window_duration: DURATION_T,
	is_no_contact_delivery: BOOL, dropoff_notes: text(550), courier_provider_name: text(255),
	courier_support_phone_number: { ...text(17), phone: true }, square_delivery_id: text(50), external_delivery_id: text(50), managed_delivery: BOOL,
	...read_only('placed_at', 'in_progress_at', 'rejected_at', 'ready_at', 'delivered_at', 'canceled_at'),
});
const SHIPMENT = object({
	recipient: RECIPIENT, carrier: text(50), shipping_note: text(500), shipping_type: text(50), tracking_number: text(100),
	tracking_url: text(2000), expected_shipped_at: MOMENT_T, cancel_reason: text(100), failure_reason: text(100),
	...read_only('placed_at', 'in_progress_at', 'packaged_at', 'shipped_at', 'canceled_at', 'failed_at'),
});
const IN_STORE = object({
	recipient: RECIPIENT, note: text(500),
	...read_only('placed_at', 'in_progress_at', 'prepared_at', 'completed_at', 'canceled_at'),
});
const FULFILLMENT = object({
	uid: text(60), type: word('PICKUP', 'DELIVERY', 'SHIPMENT', 'IN_STORE'),
	state: word('PROPOSED', 'RESERVED', 'PREPARED', 'COMPLETED', 'CANCELED', 'FAILED'), metadata: METADATA,
	pickup_details: PICKUP, delivery_details: DELIVERY, shipment_details: SHIPMENT, in_store_details: IN_STORE,
	...read_only('line_item_application', 'entries'),
});
const applied = (name) => list(object({ uid: text(60), [name]: need(text(60, 1)), applied_money: READ_ONLY, applied_quantity: ANY, auto_applied: READ_ONLY }));
const MODIFIER = object({
	uid: text(60), catalog_object_id: text(192), catalog_version: INT, name: text(255), quantity: { kind: 'quantity' },
	base_price_money: MONEY, total_price_money: READ_ONLY, metadata: METADATA,
});
const LINE = object({
	uid: text(60), name: text(512), quantity: need({ kind: 'quantity' }), quantity_unit: ANY, note: text(2000), catalog_object_id: text(192),
	catalog_version: INT, variation_name: text(400), item_type: word('ITEM', 'CUSTOM_AMOUNT', 'GIFT_CARD'), metadata: METADATA,
	modifiers: list(MODIFIER), applied_taxes: applied('tax_uid'), applied_discounts: applied('discount_uid'),
	applied_service_charges: applied('service_charge_uid'), base_price_money: MONEY, pricing_blocklists: ANY,
	...read_only('variation_total_price_money', 'gross_sales_money', 'total_tax_money', 'total_discount_money', 'total_money', 'total_service_charge_money'),
});
const TAX = object({
	uid: text(60), catalog_object_id: text(192), catalog_version: INT, name: text(255), type: word('ADDITIVE', 'INCLUSIVE'), percentage: PERCENT,
	metadata: METADATA, scope: word('ORDER', 'LINE_ITEM'), applied_money: READ_ONLY, auto_applied: READ_ONLY,
});
const DISCOUNT = object({
	uid: text(60), catalog_object_id: text(192), catalog_version: INT, name: text(255), percentage: PERCENT, amount_money: MONEY,
	type: word('FIXED_PERCENTAGE', 'FIXED_AMOUNT', 'VARIABLE_PERCENTAGE', 'VARIABLE_AMOUNT'), metadata: METADATA, scope: word('ORDER', 'LINE_ITEM'),
	...read_only('applied_money', 'reward_ids', 'pricing_rule_id'),
});
const SERVICE_CHARGE = object({
	uid: text(60), name: text(512), catalog_object_id: text(192), catalog_version: INT, percentage: PERCENT, amount_money: MONEY,
	calculation_phase: word('SUBTOTAL_PHASE', 'TOTAL_PHASE', 'APPORTIONED_PERCENTAGE_PHASE', 'APPORTIONED_AMOUNT_PHASE'), taxable: BOOL,
	applied_taxes: applied('tax_uid'), metadata: METADATA, treatment_type: word('LINE_ITEM_TREATMENT', 'APPORTIONED_TREATMENT'),
	scope: word('ORDER', 'LINE_ITEM'), ...read_only('applied_money', 'total_money', 'total_tax_money', 'type'),
});
const ORDER = object({
	location_id: need(text(undefined, 1)), reference_id: text(40), source: object({ name: text(255) }), customer_id: text(191),
	line_items: list(LINE, 500), taxes: list(TAX), discounts: list(DISCOUNT), service_charges: list(SERVICE_CHARGE),
	fulfillments: list(FULFILLMENT), metadata: METADATA, state: word('OPEN', 'COMPLETED', 'CANCELED', 'DRAFT'), version: INT,
	ticket_name: text(30), pricing_options: object({ auto_apply_discounts: BOOL, auto_apply_taxes: BOOL }),
	...read_only('id', 'returns', 'return_amounts', 'net_amounts', 'rounding_adjustment', 'tenders', 'refunds', 'created_at', 'updated_at', 'closed_at',
		'total_money', 'total_tax_money', 'total_discount_money', 'total_tip_money', 'total_service_charge_money', 'rewards', 'net_amount_due_money'),
});

/* In an update an order is sparse: lines that are there already need no quantity. */
const SPARSE = object({ ...ORDER.fields, id: text(), line_items: list(object({ ...LINE.fields, quantity: { kind: 'quantity' } }), 500) });

const RANGE = object({ start_at: MOMENT_T, end_at: MOMENT_T });
const BODIES = {
	create_order: object({ idempotency_key: text(192), order: need(ORDER) }),
	calculate_order: object({ order: need(ORDER), proposed_rewards: ANY }),
	update_order: object({ idempotency_key: text(192), order: object({ ...SPARSE.fields }), fields_to_clear: list(text()) }),
	pay_order: object({ idempotency_key: need(text(192, 1)), order_version: INT, payment_ids: list(text()) }),
	batch_retrieve: object({ location_id: text(), order_ids: need(list(text(), 100)) }),
	search_orders: object({
		location_ids: list(text()), cursor: text(), limit: INT, return_entries: BOOL,
		query: object({
			filter: object({
				state_filter: object({ states: need(list(word('OPEN', 'COMPLETED', 'CANCELED', 'DRAFT'))) }),
				date_time_filter: object({ created_at: RANGE, updated_at: RANGE, closed_at: RANGE }),
				source_filter: object({ source_names: list(text(), 10) }),
				fulfillment_filter: object({
					fulfillment_types: list(word('PICKUP', 'DELIVERY', 'SHIPMENT', 'IN_STORE')), fulfillment_states: list(FULFILLMENT.fields.state),
				}),
				customer_filter: object({ customer_ids: list(text(), 10) }),
			}),
			sort: object({ sort_field: need(word('CREATED_AT', 'UPDATED_AT', 'CLOSED_AT')), sort_order: word('ASC', 'DESC') }),
		}),
	}),
	create_payment: object({
		source_id: need(text(undefined, 1)), idempotency_key: need(text(45, 1)), amount_money: MONEY, tip_money: MONEY, app_fee_money: MONEY,
		delay_duration: DURATION_T, delay_action: word('CANCEL', 'COMPLETE'), autocomplete: BOOL, order_id: text(), customer_id: text(),
		location_id: text(), team_member_id: text(), reference_id: text(40), verification_token: text(), accept_partial_authorization: BOOL,
		buyer_email_address: { ...text(255), email: true }, buyer_phone_number: text(), billing_address: ADDRESS, shipping_address: ADDRESS,
		note: text(500), statement_description_identifier: text(20), customer_details: ANY, offline_payment_details: ANY,
		cash_details: object({ buyer_supplied_money: need(MONEY), change_back_money: MONEY }),
		external_details: object({ type: need(text(50)), source: need(text(255)), source_id: text(255), source_fee_money: MONEY }),
	}),
	refund_payment: object({
		idempotency_key: need(text(45, 1)), amount_money: need(MONEY), app_fee_money: MONEY, payment_id: text(), destination_id: text(),
		unlinked: BOOL, location_id: text(50), customer_id: text(), reason: text(192), payment_version_token: text(), team_member_id: text(192),
		cash_details: ANY, external_details: ANY,
	}),
	search_catalog: object({
		cursor: text(), object_types: list(text()), include_deleted_objects: BOOL, include_related_objects: BOOL, begin_time: MOMENT_T,
		query: ANY, limit: INT, include_category_path_to_root: BOOL,
	}),
	inventory_counts: object({
		catalog_object_ids: list(text(), 1000), location_ids: list(text()), updated_after: MOMENT_T, cursor: text(),
		states: list(text()), limit: INT,
	}),
	inventory_changes: object({
		idempotency_key: need(text(128, 1)), ignore_unchanged_counts: BOOL,
		changes: need(list(object({
			type: need(word('PHYSICAL_COUNT', 'ADJUSTMENT')), adjustment: ANY,
			physical_count: object({
				reference_id: text(255), catalog_object_id: need(text(100)), state: need(word('IN_STOCK', 'SOLD', 'WASTE')), location_id: need(text(100)),
				quantity: need({ kind: 'quantity' }), occurred_at: need(MOMENT_T), employee_id: text(100), team_member_id: text(100),
			}),
		}), 100)),
	}),
	update_location: object({ location: need(ANY) }),
	search_events: object({
		cursor: text(), limit: INT,
		query: object({ filter: object({ event_types: list(text()), merchant_ids: list(text()), location_ids: list(text()), created_at: RANGE }), sort: ANY }),
	}),
	subscription: object({
		idempotency_key: text(45),
		subscription: need(object({ id: READ_ONLY, name: text(64), enabled: BOOL, event_types: list(text()), notification_url: text(), api_version: text(),
			signature_key: READ_ONLY, created_at: READ_ONLY, updated_at: READ_ONLY })),
	}),
	test_subscription: object({ event_type: text() }),
	rotate_key: object({ idempotency_key: text(45) }),
};

const length = (s) => [...s].length;

const ALIKE = {
	moment: [MOMENT, 'INVALID_TIME', 'Invalid RFC 3339 timestamp.'],
	duration: [DURATION, 'INVALID_VALUE', 'Invalid RFC 3339 duration.'],
	quantity: [QUANTITY, 'INVALID_VALUE', 'Quantity must be a decimal number.'],
	percent: [PERCENTAGE, 'INVALID_VALUE', 'Percentage must be a decimal number between 0 and 100.'],
};

class Checker {
	constructor() {
		this.errors = [];
		this.unknown = [];
	}

	bad(code, field, detail) {
		this.errors.push({ category: 'INVALID_REQUEST_ERROR', code, detail, field });
	}

	text(spec, value, field) {
		if (typeof value !== 'string')
			return this.bad('EXPECTED_STRING', field, 'Expected a string value.');
		if (length(value) < (spec.min ?? 0))
			return this.bad('VALUE_TOO_SHORT', field, `Field must not be less than ${spec.min} in length`);
		if (spec.max !== undefined && length(value) > spec.max)
			return this.bad('VALUE_TOO_LONG', field, `Field must not be greater than ${spec.max} in length`);
		if (spec.email && value && !EMAIL.test(value))
			return this.bad('INVALID_EMAIL_ADDRESS', field, 'Invalid email address.');
		if (spec.phone && value && !PHONE.test(value))
			return this.bad('INVALID_PHONE_NUMBER', field, 'Invalid phone number.');
		return undefined;
	}

	alike(spec, value, field) {
		const [pattern, code, detail] = ALIKE[spec.kind];

		if (typeof value !== 'string')
			this.bad('EXPECTED_STRING', field, 'Expected a string value.');
		else if (spec.kind === 'quantity' && length(value) > 12)
			this.bad('VALUE_TOO_LONG', field, 'Field must not be greater than 12 in length');
		else if (!pattern.test(value) || (spec.kind === 'moment' && Number.isNaN(Date.parse(value))) || (spec.kind === 'percent' && Number(value) > 100))
			this.bad(code, field, detail);
	}

	metadata(value, field) {
		if (typeof value !== 'object' || Array.isArray(value))
			return this.bad('EXPECTED_MAP', field, 'Expected a map.');
		if (Object.keys(value).length > 10)
			this.bad('TOO_MANY_MAP_ENTRIES', field, 'Too many entries in the map: at most 10.');
		for (const [k, v] of Object.entries(value)) {
			if (k === '')
				this.bad('MAP_KEY_LENGTH_TOO_SHORT', field, 'Map key is too short.');
			else if (k.length > 60)
				this.bad('MAP_KEY_LENGTH_TOO_LONG', field, 'Map key must not be greater than 60 in length.');
			else if (!/^[A-Za-z0-9_-]+$/.test(k))
				this.bad('INVALID_VALUE', `${field}.${k}`, 'Metadata key has a character that is not allowed.');
			this.text(text(255), v, `${field}.${k}`);
		}
		return undefined;
	}

	object(spec, value, field) {
		if (typeof value !== 'object' || Array.isArray(value))
			return this.bad('EXPECTED_OBJECT', field, 'Expected an object.');
		for (const [key, inner] of Object.entries(spec.fields)) {
			const where = field ? `${field}.${key}` : key;
			if (value[key] !== undefined && value[key] !== null)
				this.value(inner, value[key], where);
			else if (inner.need)
				this.bad('MISSING_REQUIRED_PARAMETER', where, 'Missing required parameter.');
		}
		for (const key of Object.keys(value))
			if (!(key in spec.fields))
				this.unknown.push(field ? `${field}.${key}` : key);
		return undefined;
	}

	value(spec, value, field) {
		switch (spec.kind) {
		case 'text':
			return this.text(spec, value, field);
		case 'object':
			return this.object(spec, value, field);
		case 'metadata':
			return this.metadata(value, field);
		case 'int':
			return Number.isSafeInteger(value) ? undefined : this.bad('EXPECTED_INTEGER', field, 'Expected an integer value.');
		case 'bool':
			return typeof value === 'boolean' ? undefined : this.bad('EXPECTED_BOOLEAN', field, 'Expected a boolean value.');
		case 'word':
			if (typeof value !== 'string')
				return this.bad('EXPECTED_STRING', field, 'Expected a string value.');
			return spec.words.includes(value) ? undefined
				: this.bad('INVALID_ENUM_VALUE', field, `\`${value}\` is not a valid enum value for \`${field}\`.`);
		case 'list':
			if (!Array.isArray(value))
				return this.bad('EXPECTED_ARRAY', field, 'Expected an array.');
			if (spec.max !== undefined && value.length > spec.max)
				this.bad('ARRAY_LENGTH_TOO_LONG', field, `Array must not have more than ${spec.max} elements.`);
			return value.forEach((v, i) => (v === null
				? this.bad('INVALID_ARRAY_VALUE', `${field}[${i}]`, 'Array element must not be null.')
				: this.value(spec.of, v, `${field}[${i}]`)));
		case 'read_only':
			return this.bad('BAD_REQUEST', field, 'Read-only field cannot be set.');
		case 'any':
			return undefined;
		default:
			return this.alike(spec, value, field);
		}
	}
}

/* → {errors: […] empty when all is well, unknown: [paths of keys that Square does not know]} */
function check(name, body) {
	const c = new Checker();

	c.value(BODIES[name], body, '');
	return { errors: c.errors, unknown: c.unknown };
}

module.exports = { check };
