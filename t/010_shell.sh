#!/bin/sh
# Shell that starts and installs things is held to shellcheck. Where there is none, CI has it: nothing is proved then, and
# the test says so by failing.
set -u

status=0
n=0
for file in t/*.sh t/exec t/prove t/stack/*.sh t/systemd/*.sh .ci/run; do
	[ -e "$file" ] || continue
	n=$((n + 1))
	if said=$(shellcheck "$file" 2>&1); then
		echo "ok $n - $file"
	else
		echo "not ok $n - $file"
		printf '%s\n' "$said" | sed 's/^/# /'
		status=1
	fi
done
echo "1..$n"
exit $status
