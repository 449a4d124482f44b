'use strict';
/*
 * What openapi.yaml says of a POS's settings is what the adapters' own tables say: every key with its type, its bounds, what holds
 * when it is not set, and its sentence.
 */
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { debian, load } = require('./openapi.js');

const build = path.resolve(__dirname, '..', process.env.TICKETRAIL_BUILD || 'build/test');
const providers = JSON.parse(execFileSync(path.join(build, 'ticketrail'), ['providers', '--json'], { encoding: 'utf8' }));
const { schemas } = load().document.components;

const KINDS = {
	text: ({ max }) => ({ type: 'string', maxLength: max }),
	url: () => ({ type: 'string', format: 'uri' }),
	integer: ({ min, max }) => ({ type: 'integer', minimum: min, maximum: max }),
	switch: () => ({ type: 'boolean' }),
	choice: ({ choices }) => ({ type: 'string', enum: choices }),
	list: ({ choices }) => ({ type: 'array', items: { type: 'string', enum: choices } }),
	time_zone: () => ({ type: 'string', example: 'Asia/Kolkata' }),
};
const STANDS_FOR = {
	pos_restaurant_id: 'The member pos_restaurant_id wins over it.', endpoint: 'The member endpoint wins over it.',
	name: 'Not set: the restaurant\'s own name.', address: 'Not set: the restaurant\'s own address.', contact: 'Not set: the restaurant\'s own contact.',
	time_zone: 'Not set: the restaurant\'s own time zone.',
};

function described(field) {
	const words = [field.is_required ? 'Required.' : '', `${field.description}.`, STANDS_FOR[field.stands_for] ?? '', field.also ? `${field.also} is understood too.` : ''];
	return { ...KINDS[field.kind](field), ...(field.is_secret ? { format: 'password' } : {}), ...(field.default === null ? {} : { default: field.default }),
		description: words.filter(Boolean).join(' ') };
}

const nameOf = ({ name }) => `${name[0].toUpperCase()}${name.slice(1)}Settings`;

test('POS-17 POS-33 each POS that is spoken is described, and no other', () => {
	assert.deepStrictEqual(Object.keys(schemas).filter((name) => /^[A-Z][a-z]+Settings$/.test(name)), providers.map(nameOf));
	assert.deepStrictEqual(schemas.SaveIntegration.properties.restaurant_config.anyOf.map(({ $ref, type }) => $ref ?? type),
		[...providers.map((one) => `#/components/schemas/${nameOf(one)}`), 'null']);
});

for (const provider of providers)
	test(`POS-17 POS-29 the settings of ${provider.name} are described as its table has them`, () => {
		const properties = Object.fromEntries(provider.fields.map((field) => [field.key, described(field)]));
		const wanted = { [nameOf(provider)]: { type: 'object', properties } };
		assert.deepStrictEqual(schemas[nameOf(provider)]?.properties, properties,
			`openapi.yaml should say:\n${debian('js-yaml').dump(wanted, { flowLevel: 3, lineWidth: -1 }).replace(/^/gm, '    ')}`);
		assert.deepStrictEqual(provider.fields.filter((field) => field.is_secret && field.default !== null), [], 'a secret with a default');
	});
