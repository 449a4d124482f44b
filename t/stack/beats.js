'use strict';
// beats: a proxy between a runner and the database through which everything passes but its heartbeats.
//
//	const beats = await Beats.start(path, world.database.socket);
//	beats.mode = 'refuse';    // the statement is answered with an error     'drop': its connection is closed
//	                          // 'swallow': it is never answered             'pass': all is well
//
// Which statement that is it learns when it is prepared (MySQL's protocol: COM_STMT_PREPARE, COM_STMT_EXECUTE).

const net = require('node:net');

const PREPARE = 0x16, EXECUTE = 0x17;
const HEARTBEAT = /^UPDATE JSON_TABLE.*token BIGINT.*SET o\.owner = CONNECTION_ID\(\)/s;

// "Query execution was interrupted", as KILL QUERY does it.
function refusal() {
	const text = Buffer.from('#70100Query execution was interrupted');
	const payload = Buffer.concat([Buffer.from([0xff, 1317 & 0xff, 1317 >> 8]), text]);
	return Buffer.concat([Buffer.from([payload.length & 0xff, payload.length >> 8, 0, 1]), payload]);
}

class Beats {
	static start(path, target) {
		const beats = new Beats(path, target);
		return new Promise((done, fail) => {
			beats.server.once('error', fail);
			beats.server.listen(path, () => done(beats));
		});
	}

	constructor(path, target) {
		this.path = path;
		this.mode = 'pass';
		this.stopped = 0; // heartbeats that did not pass
		this.sockets = new Set();
		this.server = net.createServer((client) => this.serve(client, net.connect(target)));
	}

	serve(client, server) {
		let pending = Buffer.alloc(0), heartbeat = null, isPreparing = false;
		for (const one of [client, server]) {
			this.sockets.add(one);
			one.on('error', () => {});
			one.on('close', () => {
				this.sockets.delete(one);
				(one === client ? server : client).destroy();
			});
		}
		server.on('data', (data) => {
			if (isPreparing && data.length >= 9) {
				if (data[4] === 0) heartbeat = data.readUInt32LE(5);
				isPreparing = false;
			}
			client.write(data);
		});
		client.on('data', (data) => {
			pending = Buffer.concat([pending, data]);
			while (pending.length >= 4 && pending.length >= 4 + pending.readUIntLE(0, 3)) {
				const packet = pending.subarray(0, 4 + pending.readUIntLE(0, 3));
				pending = pending.subarray(packet.length);
				const command = packet[3] === 0 ? packet[4] : -1;
				if (command === PREPARE) isPreparing = HEARTBEAT.test(packet.subarray(5).toString());
				const isBeat = command === EXECUTE && packet.readUInt32LE(5) === heartbeat;
				if (!isBeat || this.mode === 'pass') {
					server.write(packet);
					continue;
				}
				this.stopped++;
				if (this.mode === 'refuse') client.write(refusal());
				else if (this.mode === 'drop') client.destroy();
			}
		});
	}

	stop() {
		for (const one of this.sockets) one.destroy();
		this.server.close();
	}
}

module.exports = { Beats };
