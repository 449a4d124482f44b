'use strict';
// pools: which there are, from nginx's own list of them; and what runs beside them.

const fs = require('node:fs');
const path = require('node:path');

const conf = fs.readFileSync(path.join(__dirname, '..', '..', 'nginx', 'pools.conf'), 'utf8');
const POOLS = [...conf.matchAll(/^upstream (\w+) /gm)].map(([, name]) => name);
const RUNNERS = ['relay', 'jobs'];

module.exports = { POOLS, RUNNERS };
