#!/bin/sh
# What the compiler and the linker were asked for against mistakes of ours is in the programs.
set -u

build=${TICKETRAIL_BUILD:-build/test}
tests=0
failed=0
verdict() { # findings name
	tests=$((tests + 1))
	if [ -z "$1" ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		printf '%s\n' "$1" | sed 's/^/# /'
		failed=1
	fi
}
# All programs of which readelf does not say this; with ! those of which it does.
without() { # [!], option, pattern
	wanted=0
	[ "$1" != ! ] || { wanted=1; shift; }
	for source in fcgi/*.c; do
		program=$(basename "$source" .c)
		LC_ALL=C readelf -W "$1" "$build/$program" >"$said" 2>&1 || echo "$program: readelf fails"
		grep -qE -e "$2" "$said"
		[ $? = $wanted ] || echo "$program"
	done
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT

verdict "$(without -d 'FLAGS_1.*PIE')" 'S82 position independent'
verdict "$(without -l 'GNU_RELRO'; without -d 'BIND_NOW')" 'S82 what the linker fills in is read-only before main()'
verdict "$(without -l 'GNU_STACK.* RW  ')" 'S82 no code on the stack'
verdict "$(without ! -l ' RWE ')" 'S82 no memory that can be written and run'
verdict "$(without --dyn-syms '__stack_chk_fail')" 'S82 canaries'
case $build in
*san) ;; # it has its own
*) verdict "$(without --dyn-syms '__[a-z]*printf_chk')" 'S82 calls of libc that know the size of their target' ;;
esac
verdict "$(without ! -d 'TEXTREL|RPATH|RUNPATH')" 'S82 no library from a place of ours, no code that is patched'
verdict "$(for object in "$build"/fcgi/*.o "$build"/fcgi/*/*.o; do
	LC_ALL=C readelf -n "$object" | grep -q 'IBT, SHSTK' || echo "$object"
done)" 'S82 jumps go where jumps may go (CET)'

echo "1..$tests"
[ $failed = 0 ]
