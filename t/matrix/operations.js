'use strict';
// operations: everything the API can be asked, as the programs' own route tables and openapi.yaml say it together.
//
//	operations(build)   → [{id, method, template, roles, tenant, body, parameters, schema, example, answers}]
//
// roles: a Set of words; tenant: none, optional, needed; body: -, json, raw. What nginx answers alone (x-served-by) is there too.

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { POOLS } = require('../stack/pools.js');

const shape = (at) => at.replace(/\{[^}]+\}/g, '{}');

// The rows that a program prints of its routes.
function rows(program) {
	const [heading, ...lines] = execFileSync(program, ['--routes'], { encoding: 'utf8' }).trimEnd().split('\n');
	const names = heading.split('\t');
	return lines.map((line) => ({ pool: path.basename(program), ...Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])) }));
}

function routes(build) {
	return POOLS.map((pool) => path.join(build, pool)).filter((program) => fs.existsSync(program)).flatMap(rows);
}

function operations(build, api) {
	const table = new Map(routes(build).map((row) => [`${row.method} ${shape(row.path)}`, row]));
	const found = api.operations.map((one) => {
		const key = `${one.method} ${shape(one.template)}`;
		const row = table.get(key) ?? (one['x-served-by'] === 'nginx' ? { roles: 'anybody', tenant: 'none', body: '-', body_max: '0' } : null);
		if (!row) throw new Error(`${key} is described, and no program has it`);
		table.delete(key);
		const media = api.resolve(one.requestBody)?.content?.['application/json'];
		const roles = new Set(row.roles.split(',').filter(Boolean));
		if (roles.size === 0 || !one['x-roles']?.length) throw new Error(`${key} does not say who may`);
		return { id: one.operationId, method: one.method, template: one.template, roles, tenant: row.tenant, body: row.body, query: row.query, bodyMax: Number(row.body_max),
			byNginx: one['x-served-by'] === 'nginx', parameters: one.parameters, schema: media?.schema, example: media?.example, answers: one.responses,
			good: Object.keys(one.responses).filter((status) => status < 400).map(Number) };
	});
	if (table.size > 0) throw new Error(`${[...table.keys()].join(', ')}: a program has it, and openapi.yaml does not`);
	return found;
}

module.exports = { operations, routes };
