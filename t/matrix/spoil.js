'use strict';
// spoil: what may be wrong with a body that is JSON, made from its schema: each member missing, null, of every other type, at and past
// its bounds. What comes of it is known: a refusal that names the member, or, where the schema allows it, anything but a failure.

const { described } = require('./requests.js');

// ['items', 0, 'quantity'] as lib/http/body.h names it.
const pathText = (at) => at.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? '.' : ''}${key}`)).join('');

// Everything there is, in one number for each table: of all rows in any order. (CHECKSUM TABLE is another one each time where
// a column is generated.)
const questions = new WeakMap();
async function sums(world) {
	if (!questions.has(world)) {
		const columns = await world.sql(`SELECT TABLE_NAME AS name, GROUP_CONCAT('COALESCE(HEX(', COLUMN_NAME, '), "-")') AS list FROM information_schema.COLUMNS
			JOIN information_schema.TABLES USING (TABLE_SCHEMA, TABLE_NAME) WHERE TABLE_SCHEMA = 'ticketrail' AND TABLE_TYPE = 'BASE TABLE' AND EXTRA NOT LIKE '%GENERATED%' GROUP BY TABLE_NAME`);
		questions.set(world, columns.map(({ name, list }) => `SELECT '${name}' AS name, CONCAT(COUNT(*), ' ', COALESCE(SUM(CRC32(CONCAT_WS(' ', ${list}))), 0)) AS sum FROM ${name}`).join(' UNION ALL '));
	}
	return Object.fromEntries((await world.sql(questions.get(world))).map((row) => [row.name, row.sum]));
}

// ask(one) for each of a list, four at a time.
async function each(list, ask) {
	const rest = list.values();
	await Promise.all(Array.from({ length: 4 }, async () => {
		for (const one of rest) await ask(one);
	}));
}

// A value of each type, with the name of it in a schema. Written as text, so that numbers stay what they are.
const VALUES = [['null', 'null'], ['boolean', 'true'], ['number', '1.5'], ['integer', '7'], ['string', '"seven"'], ['array', '[]'], ['array', '[[]]'], ['object', '{}'], ['object', '{"x":1}']];
const NUMBERS = ['0', '-1', '-0', '1.0', '0.001', '1e2', '1e-2', '1e400', '-1e400', '2147483647', '2147483648', '4294967296', '9007199254740993', '9223372036854775807', '9223372036854775808',
	'18446744073709551616', '-9223372036854775808', '-9223372036854775809', '1'.repeat(400)];
const TEXTS = ['""', '" "', '"\\u0000"', '"a\\u0000b"', '"\\u0007"', '"\\u007f"', '"\\u0085"', '"\\u202e"', '"\\ufeff"', '"\\ud83c\\udf36"', '"\\u2028"', '"<script>"', '"\' OR 1=1 -- "', '"%s%n"', '"../../etc/passwd"', '"\\r\\nSet-Cookie: x=y"', '"\\u0130"'];

const typesOf = (api, schema) => {
	const one = api.resolve(schema) ?? {};
	const all = [one.type, ...(one.oneOf ?? one.anyOf ?? []).flatMap((s) => typesOf(api, s)), ...(one.enum ?? []).map((value) => (value === null ? 'null' : typeof value)),
		...(one.const !== undefined ? [typeof one.const] : [])].flat().filter(Boolean);
	return all.includes('number') ? [...all, 'integer'] : all;
};

// [what, the member's new text, must it be refused?]; text undefined: the member is taken out.
function* spoilt(api, schema, isNeeded) {
	const one = described(api, schema), types = typesOf(api, schema), isFree = types.length === 0; // a setting's value
	yield ['missing', undefined, isNeeded];
	const isMoney = one.format === 'money' || (types.includes('number') && types.includes('string'));
	for (const [type, text] of VALUES) {
		const fits = isFree || types.includes(type) || (isMoney && ['integer', 'number', 'string'].includes(type));
		if (!fits) yield [`${type} ${text}`, text, true];
		else yield [`${type} ${text}`, text, false];
	}
	if (types.includes('integer') || types.includes('number'))
		for (const text of NUMBERS) {
			const value = Number(text);
			const isOut = (one.minimum !== undefined && value < one.minimum) || (one.maximum !== undefined && value > one.maximum);
			const isWhole = types.includes('number') || /^-?\d+$/.test(text);
			const isHuge = Math.abs(value) >= 2 ** 63; // no amount or number of anything
			yield [`the number ${text.slice(0, 30)}`, text, isOut || !isWhole || isHuge];
		}
	if (types.includes('string')) {
		const max = one.maxLength;
		for (const text of TEXTS) {
			const value = JSON.parse(text);
			const isOut = one.enum || (one.pattern && !new RegExp(one.pattern, 'u').test(value)) || [...value].length < (one.minLength ?? 0) || /[\u0000-\u0008\u007f-\u009f]/.test(value);
			yield [`the text ${text}`, text, Boolean(isOut) && !isMoney];
		}
		if (max !== undefined) yield ['a text one too long', JSON.stringify('x'.repeat(max + 1)), true];
		yield ['a text much too long', JSON.stringify('y'.repeat(30000)), max !== undefined || Boolean(one.enum) || one.format !== undefined];
	}
	if (types.includes('array')) {
		yield ['a thousand elements', JSON.stringify(Array.from({ length: 1000 }, () => null)), one.items !== undefined];
		if (one.minItems) yield ['no elements', '[]', true];
	}
}

// A body as text with the member at the path given another text, or taken out.
function textOf(body, at, text) {
	const clone = structuredClone(body), mark = '\u0001there\u0001';
	const holder = at.slice(0, -1).reduce((node, key) => node[key], clone);
	if (text === undefined) delete holder[at.at(-1)];
	else holder[at.at(-1)] = mark;
	return JSON.stringify(clone).replace(JSON.stringify(mark), () => text);
}

// Every member of a body that its schema describes: {at, schema, isNeeded}.
function* membersOf(api, schema, value, at = []) {
	const one = described(api, schema);
	if (Array.isArray(value)) {
		for (const [i, element] of value.entries()) yield* membersOf(api, one.items, element, [...at, i]);
		return;
	}
	if (value === null || typeof value !== 'object') return;
	for (const [name, member] of Object.entries(one.properties ?? {})) {
		yield { at: [...at, name], schema: member, isNeeded: Boolean(one.required?.includes(name)) };
		if (Object.hasOwn(value, name)) yield* membersOf(api, member, value[name], [...at, name]);
	}
}

module.exports = { each, membersOf, pathText, spoilt, sums, textOf };
