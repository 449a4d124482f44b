'use strict';
// tls: a private certificate authority and a certificate for localhost, made once per directory with openssl.

const fs = require('node:fs');
const path = require('node:path');
const { run } = require('./process.js');

const CONFIG = `
[req]
distinguished_name = name
prompt = no
x509_extensions = ca
[name]
CN = Ticketrail local CA
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
`;

async function key(file) {
	await run(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file]);
	fs.chmodSync(file, 0o600);
}

// True if the certificate is there and good for another week.
async function isGood(file) {
	if (!fs.existsSync(file)) return false;
	return run(['openssl', 'x509', '-in', file, '-noout', '-checkend', '604800']).then(() => true, () => false);
}

// {ca, cert, key}: file names. The CA stays the same over the years, so that a browser has to be told only once.
async function certificates(dir) {
	const at = (name) => path.join(dir, name);
	const files = { ca: at('ca.crt'), cert: at('localhost.crt'), key: at('localhost.key') };
	fs.writeFileSync(at('openssl.cnf'), CONFIG);
	if (!await isGood(files.ca)) {
		await key(at('ca.key'));
		await run(['openssl', 'req', '-x509', '-new', '-config', at('openssl.cnf'), '-key', at('ca.key'), '-sha256',
			'-days', '3650', '-out', files.ca]);
		fs.rmSync(files.cert, { force: true });
	}
	if (!await isGood(files.cert)) {
		await key(files.key);
		await run(['openssl', 'req', '-new', '-config', at('openssl.cnf'), '-key', files.key, '-subj', '/CN=localhost',
			'-out', at('localhost.csr')]);
		await run(['openssl', 'x509', '-req', '-in', at('localhost.csr'), '-CA', files.ca, '-CAkey', at('ca.key'),
			'-CAcreateserial', '-sha256', '-days', '397', '-extfile', at('openssl.cnf'), '-extensions', 'leaf',
			'-out', files.cert]);
	}
	return files;
}

module.exports = { certificates };
