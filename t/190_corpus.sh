#!/bin/sh
# What fuzzing has kept (t/fuzz/): every input of every target runs through it once more, built by the compiler that builds
# everything. A target without inputs, or inputs without a target, fails.
set -u

build=${TICKETRAIL_BUILD:-build/test}
tests=0
verdict() { # status name
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; fi
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

targets=$(grep -l '^LLVMFuzzerTestOneInput' t/fuzz/*.c | sed 's|.*/||; s|\.c$||')
for target in $targets; do
	n=$(find "t/fuzz/corpus/$target" -type f 2>/dev/null | wc -l)
	ran=0
	[ "$n" = 0 ] || ran=$("$build/fuzz/$target" "t/fuzz/corpus/$target" 2>"$log") || {
		tail -n 30 "$log" | sed 's/^/# /'
		ran=0
	}
	[ "$n" -gt 0 ] && [ "${ran:-0}" = "$n" ]
	verdict $? "S85 $target keeps its promises for $n kept inputs"
done

lost=$(for dir in t/fuzz/corpus/* t/fuzz/dict/*; do
	[ ! -e "$dir" ] || echo "$targets" | grep -qx "${dir##*/}" || echo "$dir"
done)
[ -z "$lost" ] || echo "# without a target: $lost"
[ -z "$lost" ]
verdict $? 'S85 whatever is kept is run'

size=$(find t/fuzz/corpus -type f -exec cat {} + | wc -c)
[ "$size" -lt 600000 ]
verdict $? "S85 what is kept is small: $size bytes"
echo "1..$tests"
