'use strict';
// exercised: did a whole test run use every operation that openapi.yaml describes, and get one good answer from each?
//
//	nodejs t/exercised.js FILE      FILE: "operationId status" a line, as t/openapi.js notes them

const fs = require('node:fs');
const { METHODS, load } = require('./openapi.js');

const seen = new Map();
for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)) {
	const [operation, status] = line.split(' ');
	seen.set(operation, (seen.get(operation) ?? new Set()).add(Number(status)));
}

const never = [];
for (const [path, item] of Object.entries(load().document.paths))
	for (const method of METHODS.filter((one) => item[one])) {
		const { operationId } = item[method];
		const good = [...(seen.get(operationId) ?? [])].some((status) => status < 400);
		if (!good) never.push(`${method.toUpperCase()} ${path} (${operationId})`);
	}

if (never.length) {
	console.log(`No test had a good answer from:\n${never.map((one) => `  ${one}`).join('\n')}`);
	process.exitCode = 1;
} else console.log(`Every one of ${seen.size} operations was used.`);
