#!/bin/sh
# soak: what is too long for a test run: CYCLES cycles of the sweep (t/sweep/), half as many at each of the
# other POS and ways, a minute of looking for each target of t/fuzz/, and the model of the submission searched further (t/310_model.sh).
# Says what was done and found; fails if anything was found.
# SEED= plays the same again.
#
# Takes an hour; what it has done so far is in build/*/soak/*.log.
set -u

cycles=${1:-2000}
build=${TICKETRAIL_BUILD:-build/test}
dir=$build/soak
mkdir -p "$dir"
status=0

part() { # name command...
	name=$1
	shift
	began=$(date +%s)
	if "$@" >"$dir/$name.tap" 2>"$dir/$name.log"; then
		verdict=passed
	else
		verdict=FAILED
		status=1
	fi
	echo "$name: $verdict in $(($(date +%s) - began)) s"
	grep -v '^ ' "$dir/$name.tap" | grep '^not ok\|^# .*\(states in\|cycles,\|SEED=\)' | cut -c1-1000
}

part sweep env CYCLES="$cycles" "${NODE:-nodejs}" --test-reporter=tap t/935_sweep.js
for pos in 934_sweep_atomic 937_sweep_toast 938_sweep_square 939_sweep_clover; do
	part "$pos" env CYCLES=$((cycles / 2)) "${NODE:-nodejs}" --test-reporter=tap "t/$pos.js"
done
targets=$(grep -l '^LLVMFuzzerTestOneInput' t/fuzz/*.c | sed 's|.*/||; s|\.c$||')
for target in $targets; do
	part "fuzz-$target" make -s fuzz F="$target" S=60
done
part model env MODEL=large sh t/310_model.sh
exit $status
