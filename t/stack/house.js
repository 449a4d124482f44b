'use strict';
// house: the stack for people. One per checkout, in var/ (or TICKETRAIL_VAR), with data that stay from one run to the next.
//
// Whoever holds the control socket is the house; `make up` and `make down` find it there and nowhere else, so there is
// no stale pid to believe.

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { PROVIDERS } = require('../providers.js');
const { World } = require('../world.js');
const { layout, top } = require('./layout.js');

const dir = path.resolve(top, process.env.TICKETRAIL_VAR || 'var');
const envFile = path.join(dir, 'stack.env');

const controlSocket = () => path.join(layout(dir).run, 'stack.sock');

// Says a word to the house of this checkout and answers what it answers until it hangs up; null if there is none.
function say(word) {
	return new Promise((resolve, reject) => {
		let said = '';
		const socket = net.connect(controlSocket(), () => socket.write(`${word}\n`));
		socket.on('data', (data) => { said += data; });
		socket.on('error', (error) => (['ENOENT', 'ECONNREFUSED'].includes(error.code) ? resolve(null) : reject(error)));
		socket.on('close', () => resolve(said));
	});
}

// Takes the control socket. on.down(done) is called when somebody says "down"; done() lets them go.
async function control(on) {
	if (await say('ready') !== null) throw new Error('This checkout is up already; make down ends it.');
	const file = controlSocket();
	fs.rmSync(file, { force: true });
	const server = net.createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', (data) => {
			if (String(data).trim() === 'down') on.down(() => socket.end());
			else socket.end(on.ready() ? 'ready' : 'starting');
		});
	});
	await new Promise((resolve, reject) => server.once('error', reject).listen(file, resolve));
	server.unref();
}

// Port: PORT= if given; else 8443 or the next free one for `make run`, any for `make up`.
function portOf(first) {
	if (!process.env.PORT) return { from: first };
	const port = Number(process.env.PORT);
	if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`PORT=${process.env.PORT} is no port`);
	return { port };
}

// POS= if given: at which POS the demo restaurant is.
function posOf() {
	const name = process.env.POS || 'petpooja';
	if (!Object.hasOwn(PROVIDERS, name)) throw new Error(`POS=${name} is none of ${Object.keys(PROVIDERS).join(', ')}`);
	return name;
}

// Starts everything and answers the world with var/stack.env written.
async function open(first) {
	const world = await World.start({ dir, flush: 1, limits: 'product', pos: posOf(), ...portOf(first) });
	try {
		writeEnv(world);
	} catch (error) {
		await world.end();
		throw error;
	}
	return world;
}

async function close(world) {
	fs.rmSync(envFile, { force: true });
	return world.end();
}

// var/stack.env, to be sourced by a shell.
function writeEnv(world) {
	const otp = path.join(dir, 'otp');
	fs.writeFileSync(otp, `#!/bin/sh\n# Prints the newest one-time password that was sent to a phone: ${otp} +919876543210\n` +
		`exec '${process.execPath}' '${path.join(__dirname, 'otp.js')}' '${dir}' '${world.sim.msg91.url}' "$@"\n`, { mode: 0o755 });
	const values = {
		TICKETRAIL_URL: world.url,
		TICKETRAIL_CA: world.tls.ca,
		TICKETRAIL_DB_SOCKET: world.database.socket,
		TICKETRAIL_SIM_URL: world.sim[world.demo.pos].url,
		TICKETRAIL_RESTAURANT: world.demo.slug,
		TICKETRAIL_PHONE: world.demo.phone,
		TICKETRAIL_OTP_CMD: otp,
		TICKETRAIL_STAFF_USER: world.demo.staffUser,
		TICKETRAIL_STAFF_PASSWORD: world.demo.staffPassword,
	};
	const text = Object.entries(values).map(([name, value]) => `${name}='${String(value).replace(/'/g, `'\\''`)}'\n`).join('');
	fs.writeFileSync(`${envFile}.new`, text, { mode: 0o600 });
	fs.renameSync(`${envFile}.new`, envFile);
}

// The first program that ends though nobody asked it to.
function death(world) {
	return Promise.race([...world.children.values()].map((child) => new Promise((resolve) => {
		child.ended.then(() => child.expected || resolve(child.death()));
	})));
}

module.exports = { dir, envFile, say, control, open, close, death };
