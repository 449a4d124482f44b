-- requests: what wrk sends. BENCH_REQUESTS names a file of lines "method TAB path TAB token TAB etag TAB body", sent one after
-- the other, again and again, each on a connection that stays; an empty token, etag or body is none. With BENCH_KEYS=1 each has
-- an Idempotency-Key of its own. With BENCH_ONCE=1 no line is sent twice: there must be enough of them for the time.
-- At the end one line of JSON.

local requests, n, at, key = {}, 0, 0, 0
local keys, once = os.getenv("BENCH_KEYS") == "1", os.getenv("BENCH_ONCE") == "1"
local run = tostring(os.time()) .. "-" .. tostring(os.clock())
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init()
	spent = 0
	for line in io.lines(os.getenv("BENCH_REQUESTS")) do
		local method, path, token, etag, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
		local headers = { ["Host"] = wrk.headers["Host"] }
		if token ~= "" then headers["Authorization"] = "Bearer " .. token end
		if etag ~= "" then headers["If-None-Match"] = etag end
		if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
		if keys then headers["Idempotency-Key"] = "@KEY@" end
		local text = wrk.format(method, path, headers, body)
		n = n + 1
		local head, tail = text:match("^(.*)@KEY@(.*)$")
		requests[n] = keys and { head, tail } or text
	end
end

function request()
	at = at + 1
	if at > n then
		if once then spent = spent + 1 end
		at = 1
	end
	if not keys then return requests[at] end
	key = key + 1
	return requests[at][1] .. "bench-" .. run .. "-" .. key .. requests[at][2]
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format('\n{"requests":%d,"us":%d,"bytes":%d,"refused":%d,"broken":%d,"spent":%d,"p50_us":%d,"p99_us":%d,' ..
		'"max_us":%d,"cpu_s":%f}\n', summary.requests, summary.duration, summary.bytes, e.status,
		e.connect + e.read + e.write + e.timeout, threads[1]:get("spent"), latency:percentile(50), latency:percentile(99),
		latency.max, os.clock()))
end
