#!/usr/bin/env node
'use strict';
// wishes: complains of a POS= or a PORT= that is none, before anything is built for it.

const house = require('./house.js');

try {
	house.wishes();
} catch (error) {
	console.error(error.message);
	process.exitCode = 1;
}
