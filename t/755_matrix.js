'use strict';
// Who may do what to whose: every caller at every operation, with every id in path, query and body being their own, somebody
// else's here, another restaurant's, and nobody's. What must come of it is computed from the route tables; nothing is listed here
// but what an own thing's state does not allow. What is refused changes nothing, and somebody else's is as good as nobody's.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { load } = require('./openapi.js');
const { World } = require('./world.js');
const { operations } = require('./matrix/operations.js');
const { build, idsOf } = require('./matrix/requests.js');
const { sums } = require('./matrix/spoil.js');
const { ABSENT, CALLERS, KINDS, ROLE, Town } = require('./matrix/town.js');

const api = load();
let world, town, all;
let asked = 0;

// What one's own request is answered when its thing's state, or its example, does not allow a better answer, and why.
const STATES = {
	verifyOtp: [400, 'nobody has asked for a code'], refreshSession: [401, 'the token of the example is nobody\'s'], staffLogin: [401, 'nobody has this password'],
	changeOwnPassword: [400, 'the old password of the example is not theirs'], retryPos: [400, 'it has not failed'], decidePos: [409, 'nothing is in doubt'],
	authorizeIntegration: [400, 'PetPooja has no such way'], startAuthorization: [400, 'nobody was given a link'], authorizedIntegration: [400, 'nobody was sent there'],
	getPosTest: [404, 'nobody has tested it before the matrix comes to that'],
};

// Anybody may, where a restaurant has said so; ours have not said anything (C11: public_menu).
const IF_PUBLIC = new Set(['listCategories', 'listItems', 'getItem']);

before(async () => {
	world = await World.start({ onboard: false });
	town = await Town.open(world);
	all = operations(world.build, api).map((one) => ({ ...one, ids: idsOf(api, one, town) }));
	await town.complete();
});
after(() => world?.stop());

// --- the cells, and what must come of each ----------------------------------------------------------------------------------

// {status, code} for who it is and where, null if the caller is let in.
function refusal(operation, caller, place) {
	const { roles, tenant } = operation;
	const role = ROLE[caller];
	if (roles.size === 1 && roles.has('anybody')) return null;
	if (caller === 'anonymous') return roles.has('anybody') && !IF_PUBLIC.has(operation.id) ? null : { status: 401, code: 'INVALID_TOKEN' };
	if (caller.startsWith('expired')) return { status: 401, code: 'TOKEN_EXPIRED' };
	if (!role) return { status: 401, code: 'INVALID_TOKEN' };
	if (!roles.has(role) && !roles.has('anybody') && !(role === 'platform' && roles.has('admin'))) return { status: 403, code: 'INSUFFICIENT_ROLE' };
	if (tenant === 'none' || role === 'guest' || role === 'platform') return null;
	return (caller === 'stranger') === (place === town.there) ? null : { status: 403, code: 'INSUFFICIENT_ROLE' }; // who works elsewhere
}

const ABSENT_ANSWER = { status: 404, code: 'NOT_FOUND' };
const isStaff = (caller) => ['kitchen', 'delivery', 'admin', 'stranger'].includes(caller);

// Is a thing a caller's who is let in?
function isTheirs(caller, { kind }, whose) {
	const { isShared, isPublic, isPersonal, owner } = KINDS[kind];
	if (whose === 'absent' || whose === 'malformed') return false;
	if (isShared) return true;
	if (isPersonal) return whose === 'own' && ROLE[caller] === owner;
	if (whose === 'there') return isPublic && !isStaff(caller); // a guest or the platform's staff may go anywhere
	return caller !== 'stranger' && (whose === 'own' || ROLE[caller] !== owner); // all of a restaurant's orders are its staff's
}

// One's own of everything, at our place or at the other one.
function expectAtPlace(operation, caller, place) {
	const no = refusal(operation, caller, place);
	const own = operation.ids.filter(({ kind, where }) => where !== 'query' && !KINDS[kind].isShared);
	if (no) return no;
	if (operation.body === 'raw') return 'delivery';
	if (operation.tenant === 'none') return own.every((slot) => isTheirs(caller, slot, 'own')) ? 'in' : { status: 403, code: 'INSUFFICIENT_ROLE' };
	if (caller === 'stranger' || place === town.there) {
		if (own.some(({ where }) => where === 'path')) return ABSENT_ANSWER;
		return own.length ? 'refused' : 'in';
	}
	return own.every((slot) => isTheirs(caller, slot, 'own')) ? 'in' : ABSENT_ANSWER;
}

// One id of it is somebody else's.
function expectOfId(operation, caller, place, slot, whose) {
	const no = refusal(operation, caller, place);
	if (no) return no;
	if (operation.body === 'raw') return 'delivery';
	if (operation.tenant === 'none' && !KINDS[slot.kind].isPublic && expectAtPlace(operation, caller, place) !== 'in') return expectAtPlace(operation, caller, place);
	if (isTheirs(caller, slot, whose)) return 'in';
	if (slot.kind === 'restaurant' && ['there', 'own'].includes(whose)) return { status: 403, code: 'INSUFFICIENT_ROLE' };
	if (slot.where === 'path' || slot.kind === 'restaurant') return ABSENT_ANSWER;
	return slot.where === 'body' ? 'refused' : 'as absent';
}

// Whose an id may be, besides one's own. What is another's to us is our own to the stranger.
function ownerships(caller, slot) {
	const { another, isShared } = KINDS[slot.kind];
	return [another && 'another', !isShared && (caller === 'stranger' ? 'own' : 'there'), 'absent', slot.where === 'path' && 'malformed'].filter(Boolean);
}

function* plan(operation) {
	for (const caller of CALLERS) {
		for (const place of operation.tenant === 'none' ? [town.here] : [town.here, town.there])
			yield { caller, place, whose: 'own', expect: expectAtPlace(operation, caller, place) };
		const place = caller === 'stranger' && operation.tenant !== 'none' ? town.there : town.here;
		for (const slot of operation.ids)
			for (const whose of ownerships(caller, slot)) yield { caller, place, slot, whose, expect: expectOfId(operation, caller, place, slot, whose) };
	}
}

// --- asking ------------------------------------------------------------------------------------------------------------------

const idOf = ({ slot, whose }) => ({ own: () => town.here.things[slot.kind], another: () => town.anothers[slot.kind], there: () => town.there.things[slot.kind],
	absent: () => KINDS[slot.kind].absent ?? ABSENT, malformed: () => 'seven' })[whose]();

async function ask(operation, cell, id) {
	asked++;
	const { at, ...request } = await build(town, operation, operation.ids, cell.slot ? [[cell.slot, id]] : [], { isFresh: cell.expect === 'in' });
	const prefix = at.startsWith('/api/') && operation.tenant !== 'none' ? cell.place.base : '';
	return world.fetch(`${prefix}${at}`, { ...request, token: town.tokens[cell.caller], ...(operation.body === 'raw' ? { body: '{}' } : {}) });
}

const told = (answer) => `${answer.status} ${answer.json?.error?.code ?? ''}`.trim();
const shown = ({ caller, place, slot, whose }, answer) => `${caller} at ${place.slug}, ${slot ? `${slot.where} ${slot.name} is ${whose}` : 'own'}: ${answer.status} ${answer.text.slice(0, 400)}`;

// What was refused, and that an id of somebody else's is told as one of nobody's. A restaurant's name is no secret.
async function refused(operation, list) {
	const seen = new Map();
	for (const cell of list) {
		const id = cell.slot && idOf(cell);
		const answer = await ask(operation, cell, id);
		const where = shown(cell, answer);
		const { expect } = cell;
		if (operation.byNginx) assert.equal(answer.status, 404, where);
		else if (expect.status) assert.equal(told(answer), `${expect.status} ${expect.code}`, where);
		else assert.ok(answer.status < 500 && (answer.status >= 400 || expect === 'as absent'), where);
		if (!cell.slot || cell.whose === 'malformed' || KINDS[cell.slot.kind].isPublic) continue;
		const key = `${cell.caller} ${cell.slot.where} ${cell.slot.name}`;
		seen.set(key, { ...seen.get(key), [cell.whose]: `${answer.status} ${answer.text.split(id).join('ID')}` });
	}
	for (const [key, { absent, ...others }] of seen)
		for (const [whose, text] of Object.entries(others)) if (absent !== undefined) assert.equal(text, absent, `${key}: ${whose} is told as absent`);
}

// What was let in is answered well, or as its state allows.
async function let_in(operation, list) {
	for (const cell of list) {
		const id = cell.slot && (cell.whose === 'another' ? await KINDS[cell.slot.kind].another(town, town.here) : idOf(cell));
		const answer = await ask(operation, cell, id);
		const where = shown(cell, answer);
		const [status, why] = STATES[operation.id] ?? [];
		if (cell.expect === 'delivery') assert.ok([400, 401, 404].includes(answer.status), where); // it proves itself, and this one does not
		else if (status) assert.equal(answer.status, status, `${where}: ${why}`);
		else assert.ok(operation.good.includes(answer.status), `${where}. If its state does not allow more, say so in STATES; if its example does not, in t/matrix/requests.js`);
	}
	if (operation.template.startsWith('/api/v1/admin/')) await town.mend();
}

test('S01 S02 AUTH-15 AUTH-16 AUTH-17 AUTH-18 ERR-03 ERR-04 ERR-05 SEC-12 SEC-14 every caller, every operation, everybody\'s things', async (t) => {
	const total = { cells: 0, refused: 0, raw: 0 };
	for (const operation of all)
		await t.test(`${operation.method} ${operation.template}`, async () => {
			const cells = [...plan(operation)];
			const isIn = ({ expect }) => expect === 'in' || expect === 'delivery';
			total.cells += cells.length;
			total.refused += cells.filter((cell) => !isIn(cell)).length;
			total.raw += cells.filter(({ expect }) => expect === 'delivery').length;
			const sums_before = await sums(world);
			await refused(operation, cells.filter((cell) => !isIn(cell)));
			const sums_after = await sums(world);
			assert.deepEqual(Object.keys(sums_after).filter((name) => sums_before[name] !== sums_after[name]), [], 'what was refused has written');
			await let_in(operation, cells.filter(isIn));
		});
	t.diagnostic(`${asked} of ${total.cells} cells: ${total.refused} refused, ${total.raw} deliveries without proof, the rest let in; ${all.length} operations, ${CALLERS.length} callers`);
	assert.equal(asked, total.cells, '100 %');
});
