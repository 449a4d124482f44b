#!/usr/bin/env node
'use strict';
// make run: the whole house in the foreground, one order's story, then open for business until Ctrl-C.

const house = require('./house.js');
const story = require('../story.js');

async function main() {
	house.wishes();
	let stop, world = null, end = null;
	const told = new Promise((resolve) => { stop = (how) => resolve(end ??= how); });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop({}));
	await house.control({ world: () => world, down: (done) => stop({ done }) });

	console.log('Bringing the house up...');
	try {
		world = await house.open(8443);
	} catch (error) {
		if (end === null) throw error;
		console.log('\nGone down before it was up.'); // Ctrl-C is for whatever was being run as well
		return end.done?.();
	}
	let status = 0;
	try {
		const how = end ?? await open_for_business(world, told);
		if (how.error || how.death) {
			status = 1;
			console.error(how.error ? `The story broke off: ${how.error.stack}` : how.death);
		}
	} finally {
		console.log('\nGoing down...');
		for (const complaint of await house.close(world)) {
			status = 1;
			console.error(complaint);
		}
	}
	end?.done?.();
	process.exitCode = status;
}

// The story, and then whatever people do, until we are told to stop or something dies: why it is over.
async function open_for_business(world, told) {
	const death = house.death(world).then((what) => ({ death: what }));
	console.log(`${world.url} is up. A new guest orders:\n`);
	const play = story.play(world, { say: (line) => console.log(line) }).then(() => null, (error) => ({ error }));
	const first = await Promise.race([play, told, death]);
	if (first !== null) return first;
	console.log(`\n${invitation(world)}`);
	return Promise.race([told, death]);
}

function invitation(world) {
	return [
		`The house stays up at ${world.url} until Ctrl-C; what happened here is kept in var/ for the next time.`,
		`  . var/stack.env`,
		`  curl --cacert "$TICKETRAIL_CA" "$TICKETRAIL_URL/health"`,
		`  curl --cacert "$TICKETRAIL_CA" --json '{"phone":"${world.demo.phone}"}' "$TICKETRAIL_URL/api/v1/auth/request-otp"`,
		`  $TICKETRAIL_OTP_CMD ${world.demo.phone}`,
		`Logs are in ${world.at.log}; staff log in as ${world.demo.staffUser} with the password in var/stack.env.`,
	].join('\n');
}

main().then(() => process.exit(), (error) => {
	console.error(error.message);
	process.exit(1);
});
