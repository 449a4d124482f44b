'use strict';
// serve: what make up leaves in the background.

const house = require('./house.js');

async function main() {
	let stop, world = null;
	const told = new Promise((resolve) => { stop = resolve; });
	for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop({}));
	process.on('SIGHUP', () => {}); // the terminal it was started from has gone
	await house.control({ world: () => world, down: (done) => stop({ done }) });
	world = await house.open(0);
	const end = await Promise.race([told, house.death(world).then((death) => ({ death }))]);
	if (end.death) console.error(end.death);
	const complaints = await house.close(world);
	for (const complaint of complaints) console.error(complaint);
	end.done?.();
	setImmediate(() => process.exit(end.death || complaints.length > 0 ? 1 : 0));
}

main().catch((error) => {
	console.error(error.message);
	process.exit(1);
});
