'use strict';
/*
 * Square's no: a status and {"errors":[{category, code, detail, field}]}. The words are those that integrators quote where any do.
 */
const AUTHENTICATION = new Set(['UNAUTHORIZED', 'ACCESS_TOKEN_EXPIRED', 'ACCESS_TOKEN_REVOKED', 'FORBIDDEN', 'INSUFFICIENT_SCOPES']);
const REFUND = new Set(['REFUND_AMOUNT_INVALID', 'PAYMENT_NOT_REFUNDABLE', 'REFUND_ALREADY_PENDING']);

function category_of(status, code) {
	if (AUTHENTICATION.has(code))
		return 'AUTHENTICATION_ERROR';
	if (code === 'RATE_LIMITED')
		return 'RATE_LIMIT_ERROR';
	if (REFUND.has(code))
		return 'REFUND_ERROR';
	return status >= 500 ? 'API_ERROR' : 'INVALID_REQUEST_ERROR';
}

const error_of = (status, code, detail, field) => ({ category: category_of(status, code), code, detail, ...(field && { field }) });

class Refusal extends Error {
	/* code may be the whole list of errors. body, if given, is said instead. */
	constructor(status, code, detail, field, { headers, body } = {}) {
		const errors = Array.isArray(code) ? code : [error_of(status, code, detail, field)];
		super(errors[0].detail);
		this.answer = { status, headers, body: body ?? { errors } };
		this.code = errors[0].code;
	}
}

module.exports = { Refusal, error_of };
