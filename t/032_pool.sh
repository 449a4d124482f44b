#!/bin/sh
# The pool master and its configuration, which it never reads: as many workers as they say, and what became of a reload for
# whoever asked. The workers are scripts: they say what a file tells them to say, and wait for TERM.
set -u

pool=${TICKETRAIL_BUILD:-build/test}/pool
dir=$(mktemp -d /tmp/trXXXXXX)
tests=0
failed=0
master=

finish() {
	[ -z "$master" ] || kill -9 "$master" 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

verdict() { # status name
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		sed 's/^/# /' "$dir/log" "$dir/said"
		failed=1
	fi
}
soon() { # command...: true within ten seconds
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 500 ] || return 1
		sleep 0.02
	done
}
# Workers that have become one: before its exec a child is still called as its master is.
workers() {
	tr ' ' '\n' <"/proc/$master/task/$master/children" | while read -r pid; do
		{ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q "^/bin/sh $dir/worker" && echo "$pid"
	done
}
are() { # number
	[ "$(workers | wc -l)" = "$1" ]
}
begin() { # words of the master
	: >"$dir/log"
	mkfifo "$dir/ready"
	# the reading end first, for the master's own R
	exec 8<>"$dir/ready"
	READY_FD=9 "$pool" --name test --socket "$dir/socket" "$@" -- /bin/sh "$dir/worker" 9>"$dir/ready" 2>"$dir/log" 8<&- &
	master=$!
	rm "$dir/ready"
}
end() {
	kill "$master"
	wait "$master"
	exec 8<&-
	master=
}
reload() {
	"$pool" --reload "$master" >"$dir/said" 2>&1
}
: >"$dir/said"

cat >"$dir/worker" <<'E2'
trap 'exit 0' TERM
said=$(cat "$0.says")
[ "$said" != die ] || exit 78
while [ -e "$0.slow" ]; do sleep 0.02; done
printf %s "$said" >&"$READY_FD"
exec 3>&-
while :; do sleep 0.02; done
E2

says() {
	echo "$1" >"$dir/worker.says"
}

says R3
begin
soon are 3
verdict $? 'DEP-02 as many workers as the first one read in the configuration'
soon grep -q '"pool_ready".*"workers":3' "$dir/log"
verdict $? 'DEP-02 and the master is ready when all of them are'
before=$(workers)
says R5
reload
verdict $? 'DEP-02 a reload that succeeds ends with 0'
soon are 5 && ! workers | grep -qxF "$before"
verdict $? 'DEP-02 and follows the number up'
says R2
reload && soon are 2
verdict $? 'DEP-02 and down'

before=$(workers)
says die
reload
verdict $((! $?)) 'DEP-02 F47 a reload that fails ends with another'
grep -q 'it failed, the old ones serve on' "$dir/said"
verdict $? 'DEP-02 and says so'
[ "$(workers)" = "$before" ]
verdict $? 'DEP-02 F47 the old workers are the same'

says R2
touch "$dir/worker.slow"
reload &
first=$!
soon grep -q '"pool_reload_failed"' "$dir/log"
"$pool" --reload "$master" 2>"$dir/said" &
second=$!
"$pool" --reload "$master" 2>/dev/null &
gone=$!
sleep 0.1
kill -9 $gone
rm "$dir/worker.slow"
wait $first && wait $second
verdict $? 'whoever asks while another reload is under way hears of the one behind it'
wait $gone 2>/dev/null
kill -0 "$master"
verdict $? 'and whoever asked and has gone does no harm'

touch "$dir/worker.slow"
"$pool" --reload "$master" 2>"$dir/said" &
first=$!
sleep 0.1
kill -9 "$master"
wait $first
verdict $((! $?)) 'a master that dies leaves nobody waiting'
grep -q 'it has ended' "$dir/said"
verdict $? 'and they are told'
wait "$master" 2>/dev/null
rm "$dir/worker.slow"
"$pool" --reload "$master" 2>"$dir/said"
verdict $((! $?)) 'nobody to ask is a failure'
"$pool" --reload none 2>"$dir/said"
[ $? = 78 ]
verdict $? 'so is a word that is no process'
exec 8<&-

says R7
begin --workers 2
soon are 2
soon grep -q '"pool_ready".*"workers":2' "$dir/log"
verdict $? 'DEP-02 --workers is the last word'
reload && soon are 2
verdict $? 'DEP-02 after a reload too'
end
WORKERS=3 begin
soon grep -q '"pool_ready".*"workers":3' "$dir/log"
verdict $? 'DEP-02 and so is WORKERS in the environment: one pool of a number of its own'
end
says R
begin
soon grep -q '"pool_ready".*"workers":1' "$dir/log"
verdict $? 'a worker that names no number is one'
end

echo "1..$tests"
[ $failed = 0 ]
