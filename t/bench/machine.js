'use strict';
// machine: what the machine under a measurement can do at all.

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const usage = require('./usage.js');

// The median of what a flush of this disk takes.
function flushMicroseconds(file) {
	const fd = fs.openSync(file, 'w');
	const took = [];
	for (let i = 0; i < 200; i++) {
		fs.writeSync(fd, Buffer.alloc(512, i), 0, 512, i * 512);
		const begin = process.hrtime.bigint();
		fs.fdatasyncSync(fd);
		took.push(Number(process.hrtime.bigint() - begin) / 1000);
	}
	fs.closeSync(fd);
	return took.sort((a, b) => a - b)[100];
}

// What an RS256 signature costs to verify.
function verifyMicroseconds(token) {
	const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
	const text = Buffer.from(token);
	const signature = crypto.sign('sha256', text, privateKey);
	const begin = process.cpuUsage();
	for (let i = 0; i < 1000; i++) crypto.verify('sha256', text, publicKey, signature);
	const { user, system } = process.cpuUsage(begin);
	return (user + system) / 1000;
}

// {kb of each worker}
const pssOfPool = (house, pool) => usage.childrenOf(house.world.child(pool).pid).map(usage.pss);

const facts = (house) => ({
	machine: { cpus: os.cpus().length, model: os.cpus()[0].model },
	flush_us: flushMicroseconds(house.file('flush')),
	verify_us: verifyMicroseconds(house.tokens[0]),
});

module.exports = { facts, pssOfPool };
