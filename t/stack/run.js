#!/usr/bin/env node
'use strict';
// make run: the whole house in the foreground, one order's story, then open for business until Ctrl-C.

const house = require('./house.js');
const story = require('../story.js');

async function main() {
	let stop, ready = false;
	const told = new Promise((resolve) => { stop = resolve; });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop({}));
	await house.control({ ready: () => ready, down: (done) => stop({ done }) });

	console.log('Bringing the house up...');
	const world = await house.open(8443);
	ready = true;
	let status = 0, end = {};
	try {
		console.log(`${world.url} is up. A new guest orders:\n`);
		const play = story.play(world, { say: (line) => console.log(line) }).then(() => null, (error) => ({ error }));
		const first = await Promise.race([play, told, house.death(world).then((death) => ({ death }))]);
		if (first === null) {
			console.log(`\n${invitation(world)}`);
			end = await Promise.race([told, house.death(world).then((death) => ({ death }))]);
		} else {
			end = first;
		}
		if (end.error || end.death) {
			status = 1;
			console.error(end.error ? `The story broke off: ${end.error.stack}` : end.death);
		}
	} finally {
		console.log('\nGoing down...');
		for (const complaint of await house.close(world)) {
			status = 1;
			console.error(complaint);
		}
	}
	end.done?.();
	process.exitCode = status;
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
