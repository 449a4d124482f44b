'use strict';
// otp: prints the newest one-time password that the simulated MSG91 "delivered" to a phone. It is sent after the request that
// asked for it was answered, so one that was printed before is given a moment to be followed by a newer one.

const fs = require('node:fs');
const path = require('node:path');
const { Client } = require('./client.js');
const { until } = require('./process.js');

async function main() {
	const [dir, url, phone] = process.argv.slice(2);
	if (!phone) throw new Error('usage: otp PHONE');
	const file = path.join(dir, 'otp.json');
	const printed = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
	const client = new Client(url);
	let newest = null;
	const isNew = async () => {
		const answer = await client.fetch(`/_sim/otp?phone=${encodeURIComponent(phone)}`);
		if (answer.status === 200) newest = answer.json;
		return newest && newest.requestId !== printed[phone];
	};
	await until('it', isNew, { ms: 3000, every: 50 }).catch(() => {});
	if (!newest) throw new Error(`no one-time password was sent to ${phone}`);
	fs.writeFileSync(file, JSON.stringify({ ...printed, [phone]: newest.requestId }), { mode: 0o600 });
	console.log(newest.otp);
}

main().then(() => process.exit(), (error) => {
	console.error(error.message);
	process.exit(1);
});
