'use strict';
// client: HTTPS to the stack (and plain HTTP to simulators), trusting only the stack's own CA.

const http = require('node:http');
const https = require('node:https');

class Client {
	constructor(base, ca) {
		this.base = base;
		this.agent = base.startsWith('https:')
			? new https.Agent({ keepAlive: true, ca })
			: new http.Agent({ keepAlive: true });
	}

	// {status, headers, text, json}; json is undefined where the body is none. `json` among the options is a body to send.
	fetch(path, { method, headers = {}, body, json, token, ms = 15000 } = {}) {
		if (json !== undefined) {
			body = JSON.stringify(json);
			headers = { 'content-type': 'application/json', ...headers };
		}
		if (token) headers = { authorization: `Bearer ${token}`, ...headers };
		if (body !== undefined) headers = { 'content-length': Buffer.byteLength(body), ...headers };
		const { protocol, hostname, port } = new URL(this.base);
		const library = protocol === 'https:' ? https : http;
		return new Promise((resolve, reject) => {
			const request = library.request({
				protocol, port, path, // the path as it is: a URL object would resolve the dots in it
				host: hostname === 'localhost' ? '127.0.0.1' : hostname, // some resolve it to ::1 first, or not at all
				servername: hostname,
				method: method ?? (body === undefined ? 'GET' : 'POST'),
				headers: { host: `${hostname}:${port}`, ...headers },
				agent: this.agent, timeout: ms,
			}, (response) => {
				const parts = [];
				response.on('data', (part) => parts.push(part));
				response.on('error', reject);
				response.on('end', () => resolve(answer(response, Buffer.concat(parts).toString('utf8'))));
			});
			request.on('timeout', () => request.destroy(new Error(`${path}: no answer in ${ms} ms`)));
			request.on('error', reject);
			request.end(body);
		});
	}

	close() {
		this.agent.destroy();
	}
}

function answer(response, text) {
	let json;
	try {
		json = JSON.parse(text);
	} catch {
		json = undefined;
	}
	return { status: response.statusCode, headers: response.headers, text, json };
}

module.exports = { Client };
