#!/usr/bin/env nodejs
'use strict';
/*
 * A simulated MSG91: the one-time-password route and the flow route, as docs.msg91.com describes them.
 *
 * MSG91 says no with status 200 and {"type":"error"}; a refused address is 418, an unknown key 401. There is no duplicate
 * suppression: two equal requests are two messages, and the journal counts both.
 *
 * Options beside those of sim.js: --authkey VALUE (default: any key is good), --templates a,b (those approved; default: any).
 *
 * Control face beside that of sim.js:
 *   GET /_sim/otp?phone=+91…    {"otp","mobile","template_id","n"} the newest code sent there, 404 in "error" if none
 *   GET /_sim/messages?phone=   every message "delivered", oldest first
 *   POST /_sim/report           {url, number?, status?, requestId?} → a delivery report (v2) to url
 *
 * Misdeeds beside those of sim.js: refuse takes message and code; no_balance (type error), ip_refused (418).
 */
const { digest, main } = require('./sim.js');

const DEFAULTS = { authkey: '', templates: '' };
/* Misdeeds of MSG91's own, and where anybody's are to be met with. */
const OWN = { no_balance: '/api/v5/flow', ip_refused: '/api/v5/flow' };
const PATHS = ['/api/v5/otp', '/api/v5/flow'];

function msg91(sim) {
	const { options } = sim;
	const templates = new Set(options.templates.split(',').filter(Boolean));
	let messages = [];

	const error = (message, status = 200, more) => ({ status, body: { type: 'error', message, ...more } });

	/* 24 hex digits, the same for the same run. */
	const request_id = (req) => digest(`${options.seed} ${req.id}`).slice(0, 24);

	function refused(req, answer) {
		sim.effect('refused', { request: req.id, path: req.path, reason: answer.body.message });
		return answer;
	}

	function key_refused(req) {
		if (!req.headers.authkey)
			return error('Authkey missing', 401, { code: '201' });
		if (options.authkey && req.headers.authkey !== options.authkey)
			return error('Invalid authkey', 401, { code: '207' });
		return null;
	}

	/* Country code and number, no plus. */
	const is_mobile = (text) => /^[1-9]\d{9,14}$/.test(text ?? '');

	const is_template = (text) => Boolean(text) && (templates.size === 0 || templates.has(text));

	function send_otp(req) {
		const q = req.query;
		const otp_len = Number(q.get('otp_length') ?? 4);
		let variables = {};

		if (req.body.length) {
			try {
				variables = JSON.parse(req.body.toString());
			} catch {
				return refused(req, error('Invalid request body'));
			}
		}
		if (!is_template(q.get('template_id')))
			return refused(req, error(q.get('template_id') ? 'Invalid template id' : 'Template ID Missing'));
		if (!is_mobile(q.get('mobile')))
			return refused(req, error('Please provide valid mobile number'));
		if (q.has('otp') && !/^\d{4,9}$/.test(q.get('otp')))
			return refused(req, error('otp should be between 4 and 9 digits'));
		if (!Number.isInteger(otp_len) || otp_len < 4 || otp_len > 9)
			return refused(req, error('otp_length should be between 4 and 9'));
		const expiry = Number(q.get('otp_expiry') ?? 1440);
		if (!Number.isInteger(expiry) || expiry < 1 || expiry > 1440)
			return refused(req, error('otp_expiry should be between 1 and 1440 minutes'));
		const otp = q.get('otp') ?? String(Math.floor(sim.random() * 10 ** otp_len)).padStart(otp_len, '0');
		const id = request_id(req);
		keep(sim.effect('sms', { request: req.id, route: 'otp', requestId: id, mobile: q.get('mobile'), otp,
			template_id: q.get('template_id'), otp_expiry: expiry, variables }));
		return { status: 200, body: { type: 'success', request_id: id } };
	}

	function send_flow(req) {
		let body;

		if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
			return refused(req, error('Invalid content type', 415));
		try {
			body = JSON.parse(req.body.toString());
		} catch {
			return refused(req, error('Invalid request body'));
		}
		if (!is_template(body.template_id ?? body.flow_id))
			return refused(req, error('template_id missing or invalid'));
		if (!Array.isArray(body.recipients) || !body.recipients.length)
			return refused(req, error('recipients missing'));
		if (!body.recipients.every((r) => is_mobile(r?.mobiles)))
			return refused(req, error('Please provide valid mobile number'));
		const id = request_id(req);
		for (const { mobiles, ...variables } of body.recipients)
			keep(sim.effect('sms', { request: req.id, route: 'flow', requestId: id, mobile: mobiles,
				template_id: body.template_id ?? body.flow_id, sender: body.sender ?? '', variables }));
		return { status: 200, body: { type: 'success', message: id } };
	}

	function keep({ mobile, otp, template_id, variables, route, requestId }) {
		messages.push({ n: messages.length + 1, route, mobile, otp, template_id, variables, requestId });
	}

	const routes = { '/api/v5/otp': send_otp, '/api/v5/flow': send_flow, '/api/v5/flow/': send_flow };

	function to(req) {
		/* A plus in a query is a blank to URLSearchParams; people type it all the same. */
		const phone = (req.query.get('phone') ?? '').trim().replace(/^\+/, '');
		return phone ? messages.filter((m) => m.mobile === phone) : messages;
	}

	return {
		handle(req) {
			if (req.order?.do === 'ip_refused')
				return refused(req, error('IP is not whitelisted', 418, { code: '418' }));
			if (req.method !== 'POST' || !routes[req.path])
				return refused(req, error('Not found', 404));
			const stranger = key_refused(req);
			if (stranger)
				return refused(req, stranger);
			if (req.order?.do === 'no_balance')
				return refused(req, error('Insufficient balance', 200, { code: '301' }));
			return routes[req.path](req);
		},
		refusal: (order) => error(order.message ?? 'Invalid request', 200, order.code ? { code: order.code } : {}),
		misdeeds: Object.fromEntries(Object.keys(OWN).map((name) => [name, { commits: true, send: (x) => x.plain() }])),
		secret: (text) => (options.authkey ? text.split(options.authkey).join(`sha256:${digest(options.authkey).slice(0, 16)}`) : text),
		control: {
			'GET /_sim/otp': (_, req) => {
				const newest = to(req).filter((m) => m.route === 'otp').pop();
				if (!newest)
					throw new Error('no code was sent there');
				return newest;
			},
			'GET /_sim/messages': (_, req) => ({ messages: to(req) }),
			'POST /_sim/report': (body) => {
				const newest = messages[messages.length - 1] ?? {};
				const report = [{ senderId: 'TICKTR', requestId: body.requestId ?? newest.requestId ?? '', userId: '1000', campaignName: 'api',
					report: [{ date: '2026-01-02 12:00:05', number: body.number ?? newest.mobile ?? '', status: String(body.status ?? '1'), desc: 'DELIVERED' }] }];
				return sim.call('POST', body.url, { 'Content-Type': 'application/x-www-form-urlencoded' },
					`data=${encodeURIComponent(JSON.stringify(report))}`);
			},
		},
		restore: (row) => row.effect === 'sms' && keep(row),
		reset: () => {
			messages = [];
		},
	};
}

module.exports = { DEFAULTS, OWN, PATHS, msg91 };

if (require.main === module)
	main('msg91', DEFAULTS, msg91);
