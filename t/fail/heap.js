'use strict';
// heap: the other end of t/fail/heap.h. How many allocations a program makes, and the order that one of them gets no memory.
//
//	const heap = new Heap(dir, 'orders');        // dir goes into TICKETRAIL_FAIL_DIR of the programs
//	heap.clear(); await drive(); heap.made()     // how many it made
//	heap.arm(17, 1); await drive();              // the 17th fails
//	heap.disarm()                                // how many did; heap.who(): who asked for the first of them

const fs = require('node:fs');
const path = require('node:path');

const MADE = 0, AT = 8, TIMES = 16, FAILED = 20, WHO = 32, WHO_LEN = 96;
const SIZE = WHO + WHO_LEN;

class Heap {
	constructor(dir, program) {
		this.fd = fs.openSync(path.join(dir, `${program}.heap`), 'w+', 0o600);
		fs.ftruncateSync(this.fd, SIZE);
	}

	read() {
		const all = Buffer.alloc(SIZE);
		fs.readSync(this.fd, all, 0, SIZE, 0);
		return all;
	}

	clear() {
		fs.writeSync(this.fd, Buffer.alloc(SIZE), 0, SIZE, 0);
	}

	made() {
		return Number(this.read().readBigUInt64LE(MADE));
	}

	// The at-th from now on, and as many as follow it in the same process, `times` in all.
	arm(at, times) {
		this.clear();
		const order = Buffer.alloc(4);
		order.writeUInt32LE(times);
		fs.writeSync(this.fd, order, 0, 4, TIMES);
		const place = Buffer.alloc(8);
		place.writeBigUInt64LE(BigInt(at));
		fs.writeSync(this.fd, place, 0, 8, AT); // last: only then the order stands
	}

	disarm() {
		fs.writeSync(this.fd, Buffer.alloc(12), 0, 12, AT); // none, and no more of those that follow
		return this.read().readUInt32LE(FAILED);
	}

	who() {
		return this.read().subarray(WHO).toString().replace(/\0.*/s, '');
	}
}

module.exports = { Heap };
