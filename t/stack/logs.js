'use strict';
// logs: what must not be found in anything that was said while the stack ran.

const fs = require('node:fs');
const path = require('node:path');

const BAD = [
	[/^nginx\.error\.log$/, /\[(emerg|alert|crit)\](?!.*SSL_do_handshake)/],
	[/./, /AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|stack smashing detected/],
	[/^mariadb/, /got signal \d+|\[ERROR\] .*(corrupt|assertion)/i],
	[/^(?!mariadb)/, /Assertion .* failed|double free|free\(\): invalid/],
];

// What an earlier run left is set aside once, as NAME.old, so that complaints are about this run.
function begin(at) {
	for (const name of fs.readdirSync(at.log)) {
		if (!name.endsWith('.old')) fs.renameSync(path.join(at.log, name), path.join(at.log, `${name}.old`));
	}
}

function files(at) {
	const found = fs.readdirSync(at.log).filter((name) => !name.endsWith('.old')).map((name) => path.join(at.log, name));
	for (const name of ['error.log', 'install.log']) {
		const file = path.join(at.db, name);
		if (fs.existsSync(file)) found.push(file);
	}
	return found;
}

// A secret of digits only, a one-time password, could be a part of any number: it counts where it stands alone.
function tells(text, secret) {
	return /^\d{1,9}$/.test(secret) ? new RegExp(`(?<![\\w.])${secret}(?!\\w)`).test(text) : text.includes(secret);
}

function complaints(at, secrets) {
	const found = [];
	for (const file of files(at)) {
		const name = path.basename(file);
		const text = fs.readFileSync(file, 'latin1');
		for (const [of, bad] of BAD) {
			if (!of.test(name)) continue;
			const line = text.split('\n').find((one) => bad.test(one));
			if (line) found.push(`${name}: ${line}`);
		}
		for (const secret of secrets) {
			if (tells(text, secret)) found.push(`${name} tells a secret (${secret.slice(0, 3)}..., ${secret.length} characters)`);
		}
	}
	return found;
}

module.exports = { begin, complaints };
