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

// The house of this checkout, if it is up and ready: {pos, port}.
async function ready() {
	const [word, pos, port] = (await say('ready') ?? '').split(' ');
	return word === 'ready' ? { pos, port: Number(port) } : null;
}

// Takes the control socket. on.down(done) is called when somebody says "down", and done() lets them go; on.world() is the world,
// once it is ready.
async function control(on) {
	if (await say('ready') !== null) throw new Error('This checkout is up already; make down ends it.');
	const file = controlSocket();
	fs.rmSync(file, { force: true });
	const server = net.createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', (data) => {
			if (String(data).trim() === 'down') on.down(() => socket.end());
			else socket.end(on.world() ? ['ready', on.world().demo.pos, on.world().port].join(' ') : 'starting');
		});
	});
	await new Promise((resolve, reject) => server.once('error', reject).listen(file, resolve));
	server.unref();
}

// What is asked for: {pos} by POS= and {port} by PORT=; a member that is not has none.
function wishes() {
	const { POS: pos, PORT: port } = process.env, wished = {};
	if (pos && !Object.hasOwn(PROVIDERS, pos)) throw new Error(`POS=${pos} is none of ${Object.keys(PROVIDERS).join(', ')}`);
	if (pos) wished.pos = pos;
	if (port) wished.port = Number(port);
	if (port && (!Number.isInteger(wished.port) || wished.port < 1 || wished.port > 65535)) throw new Error(`PORT=${port} is no port`);
	return wished;
}

// Starts everything and answers the world with var/stack.env written. Unless a port is asked for it is the first that is free from
// there on, or with 0 any.
async function open(first) {
	const wished = wishes();
	const world = await World.start({ dir, flush: 1, limits: 'product', from: wished.port ? 0 : first, ...wished });
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

module.exports = { dir, envFile, say, ready, wishes, control, open, close, death };
