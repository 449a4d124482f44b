#!/bin/sh
# run: looks for inputs that break a target's promises, for so many seconds; make fuzz calls it. What it finds is in
# build/fuzz/found/TARGET/, what it learned in build/fuzz/corpus/TARGET/, and none of that is kept by itself:
#
#	t/fuzz/run.sh json 60     looks
#	t/fuzz/run.sh json keep   adds to t/fuzz/corpus/json what of the learned reaches anything new
#
# A finding is kept as t/fuzz/corpus/TARGET/found-WHAT when its cause is mended: 190_corpus.sh runs it ever after.
set -u

target=$1
seconds=$2
build=build/fuzz
learned=$build/corpus/$target
found=$build/found/$target
seeds=$build/seed/$target
kept=t/fuzz/corpus/$target

mkdir -p "$learned" "$found" "$seeds" "$kept"
[ "$target" != front ] || "${NODE:-nodejs}" t/fuzz/seed.js "$seeds" || exit 1
# libFuzzer counts what is asked of malloc as used: a length in a record may ask for gigabytes and touch none.
set -- -timeout=10 -rss_limit_mb=4096 -malloc_limit_mb=0
[ ! -e "t/fuzz/dict/$target" ] || set -- "$@" "-dict=t/fuzz/dict/$target"

if [ "$seconds" = keep ]; then
	before=$(find "$kept" -type f | wc -l)
	"$build/fuzz/$target" "$@" -set_cover_merge=1 -use_counters=0 "$kept" "$learned" "$seeds" >"$found/keep.log" 2>&1 || { tail -20 "$found/keep.log"; exit 1; }
	echo "$target: $(find "$kept" -type f | wc -l) inputs kept, $before before"
	exit
fi
"$build/fuzz/$target" "$@" -print_final_stats=1 -max_total_time="$seconds" -artifact_prefix="$found/" \
	"$learned" "$kept" "$seeds" >"$found/run.log" 2>&1
status=$?
grep '^#[0-9]' "$found/run.log" | tail -1 | sed "s/^/$target: /"
grep 'a promise is broken\|runtime error\|^==.*ERROR\|^SUMMARY\|^artifact_prefix\|stat::number_of_executed' "$found/run.log"
exit $status
