# Makes the pages that a problem's `type` leads to (lib/http/problem.h) out of err.def: one for each code, and a list.
#
#	awk -v dir=build/gen/problems -f nginx/problems.awk lib/err/err.def

BEGIN {
	band["MALFORMED"] = "The request is wrong in itself."
	band["WHO"] = "The caller is not known, or not trusted with this."
	band["NOT_NOW"] = "The request is well formed, but things are not in a state for it."
	band["PROVIDER"] = "Somebody whom the house asked said no."
	band["OURS"] = "The house failed, not the request. Nothing more is told to the outside; the answer's X-Request-Id finds it in the logs."

	more["VALIDATION_ERROR"] = "What is wrong is listed field by field, up to twenty of them: a member of the body by its JSON Pointer, a parameter by its name. Members that are not described are refused, so that a misspelt one is not dropped in silence."
	more["INVALID_OTP"] = "A wrong code, one that has expired, one that was used, and one for a number that never asked are told alike."
	more["NOT_FOUND"] = "An id that belongs to somebody else is answered with the very same words as one that nobody has."
	more["METHOD_NOT_ALLOWED"] = "The header Allow lists what the address has."
	more["UNSUPPORTED_MEDIA_TYPE"] = "Bodies are application/json in UTF-8."
	more["IDEMPOTENCY_MISMATCH"] = "Each new request takes a new key; only a repeat of the same request takes the same one."
	more["IDEMPOTENCY_IN_PROGRESS"] = "The first request with this key has not been answered yet. Ask again shortly, with the same key."
	more["TOKEN_EXPIRED"] = "Exchange the refresh token for a new pair at /api/v1/auth/refresh, and ask again."
	more["INVALID_TOKEN"] = "Send Authorization: Bearer and an access token. Of a token that is refused it is not told why."
	more["INSUFFICIENT_ROLE"] = "Each operation's x-roles say who may. Staff work at one restaurant and are nobody at another."
	more["ITEM_UNAVAILABLE"] = "details.unavailable says of each thing what (id, field), why (cause) and until when if that is known; details.items lists the ids alone. Read the menu again."
	more["ORDER_LIMIT_REACHED"] = "details.max orders are taken for one time slot, and details.current of them are taken. Choose another time."
	more["PRECONDITION_FAILED"] = "If-Match names an older state. Read it again, and decide again."
	more["RATE_LIMITED"] = "The header Retry-After says after how many seconds to ask again."
	more["UNAVAILABLE"] = "The header Retry-After says after how many seconds to ask again. What changes something may have been done: ask again with the same Idempotency-Key."
	more["COMMIT_UNSURE"] = "Whether it was done is not known. Ask again with the same Idempotency-Key: it will have been done once."
}

function page(file, title, body)
{
	print "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">" > file
	print "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">" > file
	printf "<title>%s</title>\n<link rel=\"stylesheet\" href=\"/docs/page.css\">\n</head>\n", title > file
	printf "<body class=\"problem\">\n<main>\n%s</main>\n</body>\n</html>\n", body > file
	close(file)
}

function code(text)
{
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	return "<pre><code>" text "</code></pre>\n"
}

function explain(name, status, of, again, sentence,    slug, shown, body)
{
	slug = tolower(name)
	gsub(/_/, "-", slug)
	body = "<p class=\"path\"><a href=\"/docs\">API</a> / <a href=\"/problems/\">Problems</a></p>\n" \
		"<h1>" sentence "</h1>\n<p><code>" name "</code>, HTTP status " status "</p>\n<p>" band[of] "</p>\n"
	if (name in more)
		body = body "<p>" more[name] "</p>\n"
	body = body "<p>" (again == "true" ? "The same request may be sent again." : "Sent again as it is, it will be refused again.") "</p>\n"
	body = body "<h2>As it is told</h2>\n" code("{\n  \"error\": {\n    \"code\": \"" name "\",\n    \"message\": \"" sentence \
		"\",\n    \"details\": {}\n  }\n}")
	body = body "<p>or, to a client that sends <code>Accept: application/problem+json</code> (RFC 9457),</p>\n" \
		code("{\n  \"type\": \"/problems/" slug "\",\n  \"title\": \"" sentence "\",\n  \"status\": " status \
		",\n  \"detail\": \"" sentence "\",\n  \"code\": \"" name "\",\n  \"details\": {}\n}")
	page(dir "/" slug ".html", name, body)
	shown = name
	gsub(/_/, "_<wbr>", shown)
	list = list "<tr><td>" status "</td><td><a href=\"/problems/" slug "\"><code>" shown "</code></a></td><td>" sentence "</td></tr>\n"
}

/^ERR_ROW\(/ {
	match($0, /".*"/)
	sentence = substr($0, RSTART + 1, RLENGTH - 2)
	split(substr($0, 9, RSTART - 9), part, /, */)
	if (part[1] !~ /^(NO_ROW|DUPLICATE|BUSY)$/) # never leave the house
		explain(part[1], part[2], part[3], part[4], sentence)
}

END {
	page(dir "/index.html", "Problems", "<p class=\"path\"><a href=\"/docs\">API</a></p>\n<h1>Problems</h1>\n" \
		"<p>Every refusal has one of these codes. Programs go by the code; the sentences are for people and may change.</p>\n" \
		"<table>\n<tr><th>Status</th><th>Code</th><th>Meaning</th></tr>\n" list "</table>\n")
}
