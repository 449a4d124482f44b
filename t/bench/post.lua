-- post: what wrk sends. BENCH_REQUESTS names a file of lines "path TAB token TAB body", sent one after the other, again and
-- again, each as a POST on a connection that stays. With BENCH_KEYS=1 each has an Idempotency-Key of its own.
-- At the end one line of JSON.

local requests, n, at, key = {}, 0, 0, 0
local keys = os.getenv("BENCH_KEYS") == "1"
local run = tostring(os.time()) .. "-" .. tostring(os.clock())

function init()
	for line in io.lines(os.getenv("BENCH_REQUESTS")) do
		local path, token, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
		local headers = { ["Host"] = wrk.headers["Host"], ["Content-Type"] = "application/json",
			["Authorization"] = "Bearer " .. token }
		if keys then headers["Idempotency-Key"] = "@KEY@" end
		local text = wrk.format("POST", path, headers, body)
		n = n + 1
		local head, tail = text:match("^(.*)@KEY@(.*)$")
		requests[n] = keys and { head, tail } or text
	end
end

function request()
	at = at % n + 1
	if not keys then return requests[at] end
	key = key + 1
	return requests[at][1] .. "bench-" .. run .. "-" .. key .. requests[at][2]
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format('\n{"requests":%d,"us":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,"cpu_s":%f}\n',
		summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
		latency:percentile(50), latency:percentile(99), latency.max, os.clock()))
end
