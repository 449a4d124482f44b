/* body: what a table of fields takes and what it refuses. */
#include <string.h>

#include "http/body.h"
#include "tap.h"
#include "text/json_read.h"

struct addon {
	unsigned char id[16];
	int64_t quantity;
};
struct line {
	int64_t quantity;
	const struct addon *addons;
	size_t addons_n;
	const char *note;
};
struct tag {
	const char *text;
};
struct place {
	const char *city;
};
struct input {
	const char *name;
	const char *digits;
	bool has_name;
	int type;
	bool is_gift;
	int64_t tip_minor;
	int64_t at_us;
	int64_t limit;
	const struct line *items;
	size_t items_n;
	const struct tag *tags;
	size_t tags_n;
	const struct place *place;
	struct json_object *extra;
};

static const char *const types[] = { "pickup", "delivery", NULL };

static const struct body_field addon_fields[] = {
	BODY_UUID(struct addon, id, .json_name = "addon_item_id"),
	BODY_I64(struct addon, quantity, .min = 1, .max = 9, .is_optional = true, .absent = 1),
};
static const struct body_shape addon_shape = BODY_SHAPE(struct addon, addon_fields);
static const struct body_field line_fields[] = {
	BODY_I64(struct line, quantity, .min = 1, .max = 999),
	BODY_ARRAY(struct line, addons, addons_n, &addon_shape, .max = 3, .is_optional = true),
	BODY_TEXT(struct line, note, .is_optional = true, .is_nullable = true),
};
static const struct body_shape line_shape = BODY_SHAPE(struct line, line_fields);
static const struct body_field tag_fields[] = {
	BODY_TEXT(struct tag, text, .json_name = "", .min = 1, .max = 5),
};
static const struct body_shape tag_shape = BODY_SHAPE(struct tag, tag_fields);
static const struct body_field place_fields[] = {
	BODY_TEXT(struct place, city, .min = 1, .max = 20),
};
static const struct body_shape place_shape = BODY_SHAPE(struct place, place_fields);
static const struct body_field input_fields[] = {
	BODY_TEXT(struct input, name, .min = 1, .max = 4, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct input, has_name)),
	BODY_TEXT(struct input, digits, .max = 6, .charset = "0123456789", .is_optional = true),
	BODY_WORD(struct input, type, types, .is_optional = true),
	BODY_BOOL(struct input, is_gift, .is_optional = true),
	BODY_MONEY(struct input, tip_minor, .json_name = "tip", .min = 0, .max = 100000, .is_optional = true),
	BODY_TIME(struct input, at_us, .json_name = "at", .is_optional = true),
	BODY_I64(struct input, limit, .is_optional = true, .absent = 20),
	BODY_ARRAY(struct input, items, items_n, &line_shape, .max = 2, .is_optional = true),
	BODY_ARRAY(struct input, tags, tags_n, &tag_shape, .min = 1, .max = 3, .is_optional = true),
	BODY_OBJECT(struct input, place, &place_shape, .is_optional = true),
	BODY_JSON(struct input, extra, .is_optional = true),
};
static const struct body_shape input_shape = BODY_SHAPE(struct input, input_fields);

static const struct body_field must_fields[] = { BODY_BOOL(struct input, is_gift) };
static const struct body_shape must_shape = BODY_SHAPE(struct input, must_fields);
static const struct body_shape open_shape = {
	.size = sizeof(struct input),
	.fields = must_fields,
	.n = 1,
	.takes_unknown = true,
};

static struct op op;

static enum err
read_as(const struct body_shape *shape, const char *type, const char *text, const struct input **ret)
{
	const void *input = NULL;
	enum err e;

	op_forgive(&op);
	e = body_read(&op, shape, type, (struct bytes){ text, strlen(text) }, 2, &input);
	*ret = input;
	return e;
}

static const struct input *
taken(const char *text)
{
	const struct input *in = NULL;

	is_int(read_as(&input_shape, "application/json", text, &in), OK, "taken: %s", text);
	return in;
}

/* The field that is complained about first, and how many complaints there are. */
static void
refused(const char *text, const char *field, const char *sentence, int n)
{
	const struct input *in;
	int got = 0;

	is_int(read_as(&input_shape, "application/json", text, &in), ERR_VALIDATION_ERROR, "refused: %s", text);
	for (const struct fault_field *f = op.fault.fields; f != NULL; f = f->next)
		got++;
	is_int(got, n, "with so many fields");
	if (n > 0) {
		is_str(op.fault.fields->field, field, "the first is this");
		is_str(op.fault.fields->sentence, sentence, "for this reason");
	}
}

static void
test_values(void)
{
	const struct input *in = taken("{}");

	ok(in->name == NULL && !in->has_name && in->type == -1 && in->at_us == TIME_NONE && in->limit == 20 &&
		in->items_n == 0 && in->items == NULL && in->place == NULL && in->tip_minor == 0,
	    "absent fields have their presets");
	in = taken("{\"name\":null}");
	ok(in->name == NULL && !in->has_name, "null is no value");
	in = taken("{\"name\":\"\xc3\xa9t\xc3\xa9\",\"digits\":\"042\",\"type\":\"delivery\",\"is_gift\":true}");
	is_str(in->name, "\xc3\xa9t\xc3\xa9", "text, counted in code points");
	ok(in->has_name && in->type == 1 && in->is_gift, "its mark, a word and a bool");
	in = taken("{\"tip\":12.5,\"at\":\"2026-02-13T14:00:00+05:30\",\"limit\":-3}");
	is_int(in->tip_minor, 1250, "money from a number");
	is_int(in->at_us, INT64_C(1770971400000000), "a time with an offset");
	is_int(in->limit, -3, "a number without bounds");
	is_int(taken("{\"tip\":\"999.99\"}")->tip_minor, 99999, "money from text");
	in = taken("{\"items\":[{\"quantity\":2,\"note\":null},{\"quantity\":999,\"addons\":"
		   "[{\"addon_item_id\":\"0190163d-8694-739b-aea5-966c26f8ad91\"}]}]}");
	is_int((int64_t)in->items_n, 2, "a list of objects");
	is_int(in->items[1].quantity, 999, "with values");
	is_int((int64_t)in->items[1].addons_n, 1, "and lists in them");
	is_int(in->items[1].addons[0].id[0] << 8 | in->items[1].addons[0].id[15], 0x0191, "a UUID");
	is_int(in->items[1].addons[0].quantity, 1, "and a preset of its own");
	in = taken("{\"tags\":[\"a\",\"b\"],\"place\":{\"city\":\"Pune\"},\"extra\":{\"x\":[1]}}");
	is_str(in->tags[1].text, "b", "a list of texts");
	is_str(in->place->city, "Pune", "an object");
	ok(json_is_object(in->extra), "JSON as it is");
}

static void
test_refusals(void)
{
	refused("{\"nmae\":\"x\"}", "nmae", "is not known here", 1);
	refused("{\"name\":\"\"}", "name", "must have between 1 and 4 characters", 1);
	refused("{\"name\":\"12345\"}", "name", "must have between 1 and 4 characters", 1);
	refused("{\"name\":5}", "name", "must be text", 1);
	refused("{\"name\":\"a\\u0007\"}", "name", "has a character that is not allowed here", 1);
	refused("{\"digits\":\"1a\"}", "digits", "has a character that is not allowed here", 1);
	refused("{\"digits\":null}", "digits", "must not be null", 1);
	refused("{\"type\":\"dine\"}", "type", "must be one of pickup, delivery", 1);
	refused("{\"is_gift\":1}", "is_gift", "must be true or false", 1);
	refused("{\"tip\":12.345}", "tip", "must be an amount with at most 2 decimals", 1);
	refused("{\"tip\":-1}", "tip", "must be between 0.00 and 1000.00", 1);
	refused("{\"tip\":true}", "tip", "must be an amount with at most 2 decimals", 1);
	refused("{\"at\":\"2026-02-13\"}", "at", "must be a time such as 2026-02-13T08:30:00Z", 1);
	refused("{\"limit\":1.5}", "limit", "must be a whole number", 1);
	refused("{\"limit\":\"1\"}", "limit", "must be a whole number", 1);
	refused("{\"items\":{}}", "items", "must be a list", 1);
	refused("{\"items\":[{\"quantity\":0}]}", "items[0].quantity", "must be between 1 and 999", 1);
	refused("{\"items\":[{\"quantity\":1},{}]}", "items[1].quantity", "is missing", 1);
	refused("{\"items\":[1]}", "items[0]", "must be an object", 1);
	refused("{\"items\":[null]}", "items[0]", "must be an object", 1);
	refused("{\"items\":[{\"quantity\":1},{\"quantity\":1},{\"quantity\":1}]}", "items",
	    "must have between 0 and 2 elements", 1);
	refused("{\"items\":[{\"quantity\":1,\"addons\":[{\"addon_item_id\":\"x\",\"quantity\":10}]}]}",
	    "items[0].addons[0].addon_item_id", "must be a UUID", 2);
	refused("{\"tags\":[]}", "tags", "must have between 1 and 3 elements", 1);
	refused("{\"tags\":[\"a\",null]}", "tags[1]", "must not be null", 1);
	refused("{\"place\":{\"city\":\"\",\"zip\":1}}", "place.city", "must have between 1 and 20 characters", 2);
	refused("{\"name\":1,\"tip\":\"x\",\"foo\":2}", "name", "must be text", 3);
	refused("[]", NULL, NULL, 0);
	refused("{\"name\":\"a\",}", NULL, NULL, 0);
	refused("{\"name\":\"a\",\"name\":\"b\"}", NULL, NULL, 0);
	refused("nonsense", NULL, NULL, 0);
	refused("{\"a1\":1,\"a2\":1,\"a3\":1,\"a4\":1,\"a5\":1,\"a6\":1,\"a7\":1,\"a8\":1,\"a9\":1,\"b1\":1,\"b2\":1,"
		"\"b3\":1,\"b4\":1,\"b5\":1,\"b6\":1,\"b7\":1,\"b8\":1,\"b9\":1,\"c1\":1,\"c2\":1,\"c3\":1,\"c4\":1}",
	    "a1", "is not known here", BODY_FAULTS_MAX);
}

static void
test_content_type(void)
{
	static const struct {
		const char *type;
		enum err want;
	} cases[] = {
		{ "application/json", OK },
		{ "Application/JSON", OK },
		{ "application/json; charset=utf-8", OK },
		{ "application/json;charset=\"UTF-8\"", OK },
		{ "application/json; charset=latin1", ERR_UNSUPPORTED_MEDIA_TYPE },
		{ "application/jsonp", ERR_UNSUPPORTED_MEDIA_TYPE },
		{ "text/plain", ERR_UNSUPPORTED_MEDIA_TYPE },
		{ "application/x-www-form-urlencoded", ERR_UNSUPPORTED_MEDIA_TYPE },
		{ NULL, ERR_UNSUPPORTED_MEDIA_TYPE },
	};
	const struct input *in;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_int(read_as(&must_shape, cases[i].type, "{\"is_gift\":true}", &in), cases[i].want,
		    "SEC-04 content type %s", cases[i].type ? cases[i].type : "(none)");
	is_int(read_as(&input_shape, NULL, "", &in), OK, "no body is {} where all is optional");
	is_int(read_as(&must_shape, "application/json", "", &in), ERR_VALIDATION_ERROR, "and nowhere else");
	is_int(read_as(&open_shape, "application/json", "{\"is_gift\":true,\"x\":1}", &in), OK,
	    "a foreign body may have more");
}

static void
check(void *shape)
{
	body_check(shape);
}

static void
test_check(void)
{
	static struct body_field wrong_fields[] = {
		BODY_ARRAY(struct input, items, items_n, &addon_shape, .max = 2),
	};
	static struct body_shape wrong_shape = BODY_SHAPE(struct input, wrong_fields);
	static struct body_field endless_fields[] = {
		BODY_ARRAY(struct input, items, items_n, &line_shape),
	};
	static struct body_shape endless_shape = BODY_SHAPE(struct input, endless_fields);
	struct body_shape good = input_shape;

	ok(!tap_aborts(check, &good), "a good shape passes");
	ok(tap_aborts(check, &wrong_shape), "a list of something else aborts");
	ok(tap_aborts(check, &endless_shape), "a list without a largest size aborts");
}

int
main(void)
{
	op_begin(&op, NULL, (size_t)16 * 1024 * 1024, NULL);
	test_values();
	test_refusals();
	test_content_type();
	test_check();
	op_end(&op);
	return tap_done();
}
