'use strict';
// frost: programs of a world (crash: true) that are frozen with SIGSTOP, at a crash point or at an instant, and what can be seen
// when they thaw.
//
//	const frost = new Frost(world);
//	await frost.runners('relay', ['relay-1', 'relay-2']);       // started, connected, and put to sleep
//	frost.arm('relay-1', 'relay.call_ended');                   // at the next hit; skips: later
//	frost.wake('relay-1'); ... await frost.frozen('relay-1', 'relay.call_ended');

const fs = require('node:fs');
const path = require('node:path');

// Everything that a runner may change.
const TABLES = ['orders', 'order_items', 'order_status_history', 'outbox', 'outbox_done', 'events', 'notification_queue', 'webhook_logs',
	'restaurant_counters', 'restaurant_pos_integrations', 'menu_sync_history'];

class Frost {
	constructor(world) {
		this.world = world;
	}

	file(name, what, point) {
		return path.join(this.world.crashDir(name), `${what}.${point}`);
	}

	// what: stop or kill.
	arm(name, point, { skips = 0, what = 'stop' } = {}) {
		for (let i = 0; i < skips; i++) fs.writeFileSync(this.file(name, i === 0 ? 'skip' : `skip.${i}`, point), '');
		fs.writeFileSync(this.file(name, what, point), '');
	}

	frozen(name, point) {
		return this.world.until(`${name} at ${point}`, () => !fs.existsSync(this.file(name, 'stop', point)), { every: 5 });
	}

	sleep(name) {
		this.world.child(name).signal('SIGSTOP');
	}

	wake(name) {
		this.world.child(name).signal('SIGCONT');
	}

	// Whatever went wrong: who is asleep cannot end.
	wakeAll() {
		for (const child of this.world.children.values()) child.signal('SIGCONT');
	}

	// How many runners of a kind have a connection on which something was asked within the last second.
	async awake(runner) {
		return Number((await this.world.sql(`SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST
			WHERE USER = 'ticketrail_${runner}' AND TIME_MS < 1000`))[0].n);
	}

	// More runners, beside the world's own: connected, and asleep.
	async runners(runner, names) {
		const n = await this.awake(runner);
		for (const name of names) this.world.startRunner(runner, name);
		await this.world.until(`${names.length} of ${runner}`, async () => await this.awake(runner) >= n + names.length);
		for (const name of names) this.sleep(name);
	}

	async end(names) {
		for (const name of names) this.wake(name);
		await Promise.all(names.map((name) => this.world.kill(name, 'SIGTERM')));
	}

	// The database's clock, as text that SQL understands.
	async now() {
		return (await this.world.sql('SELECT UTC_TIMESTAMP(6) AS t'))[0].t;
	}

	async checksum() {
		return JSON.stringify(await this.world.sql(`CHECKSUM TABLE ${TABLES.join(', ')} EXTENDED`));
	}

	async counted(family, program) {
		const { text } = await this.world.fetch('/metrics');
		return Number(new RegExp(`^ticketrail_${family}\\{program="${program}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
	}
}

// "1.02 / 4.10 / 8.21 s" of milliseconds.
function spread(list) {
	if (list.length === 0) return 'none';
	const sorted = [...list].sort((a, b) => a - b);
	const shown = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]].map((ms) => (ms / 1000).toFixed(2));
	return `${shown.join(' / ')} s (${list.length})`;
}

module.exports = { Frost, spread };
