#!/bin/sh
# A room includes only rooms of lower floors, and rooms on one floor do not see each other: what a file may depend on can be
# read off its directory. lib/README.md says why each room is where it is.
set -u

floors='
1 mem
1 err
2 text
3 log
3 metric
3 config
3 crypto
3 process
4 op
5 db
6 outbox
6 inbox
6 event
6 idempotency
6 audit
7 tenant
7 person
7 retention
8 menu
8 notice
9 payment
10 order
11 pos
11 gateway
11 notify
11 image
12 provider
13 relay
13 http
13 check
14 certify
'
tests=0
say() { # status name
	tests=$((tests + 1))
	echo "$1 $tests - $2"
}

# "room/file includes room": everything in lib that looks upwards or sideways.
wrong=$(printf '%s' "$floors" | awk '
	FILENAME == "-" { if (NF == 2) floor[$2] = $1; next }
	FNR == 1 { split(FILENAME, at, "/"); room = at[2] }
	match($0, /^#[ \t]*include "[a-z_]+\//) {
		seen = substr($0, RSTART, RLENGTH - 1)
		sub(/.*"/, "", seen)
		if (seen != room && !(seen in floor && room in floor && floor[seen] < floor[room]))
			print FILENAME ":" FNR " includes " seen
	}' - lib/*/*.[ch])
status=ok
[ -z "$wrong" ] || { status='not ok'; printf '%s\n' "$wrong" | sed 's/^/# /'; }
say "$status" 'ARC-05 a room includes only rooms of lower floors'

strange=
for room in lib/*/; do
	room=${room#lib/}
	printf '%s' "$floors" | grep -q "^[0-9]* ${room%/}\$" || strange="$strange ${room%/}"
done
status=ok
[ -z "$strange" ] || { status='not ok'; echo "# no floor:$strange"; }
say "$status" 'ARC-05 every room of lib has its floor'

# The domain has never heard of a provider by name, or of the way to one. (-w: the preprocessor, told that a file has been
# through it, takes a macro with __VA_ARGS__ for a mistake.)
named=$(for room in order payment menu notice tenant person outbox inbox event idempotency audit; do
	for file in lib/"$room"/*.c; do
		[ ! -e "$file" ] || ${CC:-gcc} -w -fpreprocessed -dD -E -P "$file" | # without comments
			grep -iwE 'petpooja|toast|clover|square|razorpay|phonepe|stripe|msg91|twilio' | sed "s|^|$file: |"
	done
done)
status=ok
[ -z "$named" ] || { status='not ok'; printf '%s\n' "$named" | sed 's/^/# /'; }
say "$status" 'ARC-08 the domain rooms name no provider'

echo "1..$tests"
