#!/bin/sh
# run.sh: the installed house, booted by systemd in a container of Debian 12 (make test-systemd).
#
# It makes the container's root once (build/systemd/base), installs into a copy of that, boots it, runs booted.js inside, boots
# it again, and uninstalls.
#
# Needs root, debootstrap and systemd-nspawn (systemd-container), and for the base a Debian mirror. PID 1 of the machine may be
# anything. Nothing outside build/systemd is touched; TICKETRAIL_KEEP=1 keeps what was installed and booted.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${TICKETRAIL_BUILD:-build/release}
base=$top/build/systemd/base
work=$top/build/systemd/$$
packages=systemd,systemd-sysv,dbus,mariadb-server,nginx,libfcgi0ldbl,libjson-c5,libmariadb3,libcurl4,libsodium23,libssl3
packages=$packages,openssl,ca-certificates,tzdata,nodejs,node-ajv,node-js-yaml
nspawn=

refuse() {
	echo "make test-systemd: $1" >&2
	exit 1
}

# Everything that was begun, in the order in which it can be ended. A second call finds nothing.
finish() {
	status=$?
	trap - EXIT HUP INT TERM
	halt
	mountpoint -q "$work/root" && umount "$work/root"
	for hierarchy in $hierarchies; do
		find "$hierarchy/ticketrail.$$" -depth -type d -exec rmdir {} + 2>/dev/null || :
	done
	[ -n "${TICKETRAIL_KEEP:-}" ] || rm -rf "$work"
	exit "$status"
}

# Where systemd keeps its cgroups: cgroup v2, or v1 with one or two hierarchies of its own.
find_hierarchies() {
	for at in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
		[ ! -e "$at/cgroup.procs" ] || echo "$at"
	done
}

# A systemd that is PID 1 gives the container a scope; without one it gets a cgroup of its own below the root.
container() {
	if [ -d /run/systemd/system ]; then
		set --
	else
		set -- --keep-unit
		for hierarchy in $hierarchies; do
			mkdir -p "$hierarchy/ticketrail.$$"
			sh -c "echo \$PPID >'$hierarchy/ticketrail.$$/cgroup.procs'"
		done
	fi
	exec systemd-nspawn --quiet --register=no "$@" --directory="$work/root" --machine="ticketrail-$$" --private-network \
		--link-journal=no --bind-ro="$top:/srv/ticketrail" --boot
}

boot() {
	(container) </dev/null >>"$work/console" 2>&1 &
	nspawn=$!
	tries=0
	rm -f "$work/state"
	until leader=$(pgrep -P $nspawn -x systemd) && inside systemctl is-system-running --wait >"$work/state" 2>/dev/null ||
		grep -qE 'degraded' "$work/state" 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 60 ] || ! kill -0 $nspawn 2>/dev/null; then
			tail -n 20 "$work/console" >&2
			refuse 'the container does not boot (above its console)'
		fi
		sleep 1
	done
}

inside() {
	nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup -- "$@"
}

halt() {
	[ -n "$nspawn" ] || return 0
	inside systemctl poweroff >/dev/null 2>&1 || :
	tries=0
	while kill -0 $nspawn 2>/dev/null && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.3
	done
	kill -9 $nspawn 2>/dev/null || :
	wait $nspawn 2>/dev/null || :
	nspawn=
}

booted() { # stage
	inside env -i PATH=/usr/sbin:/usr/bin HOME=/root LANG=C.UTF-8 STAGE="$1" \
		nodejs --test-reporter="${REPORTER:-spec}" /srv/ticketrail/t/systemd/booted.js
}

[ "$(id -u)" = 0 ] || refuse 'only root can make and boot a container'
for program in debootstrap systemd-nspawn nsenter pgrep; do
	command -v $program >/dev/null || refuse "$program is missing (apt-get install debootstrap systemd-container util-linux procps)"
done
hierarchies=$(find_hierarchies)
[ -n "$hierarchies" ] || [ -d /run/systemd/system ] || refuse 'this machine has no cgroups in /sys/fs/cgroup: systemd cannot boot here'

if [ "$(cat "$base/packages" 2>/dev/null)" != "$packages" ]; then
	echo "Debian 12 for the container, once (a few minutes) ..."
	rm -rf "$base" "$base.new"
	mkdir -p "$base.new"
	debootstrap --variant=minbase --include="$packages" bookworm "$base.new" >"$base.log" 2>&1 || {
		tail -n 5 "$base.log" >&2
		refuse "debootstrap failed ($base.log)"
	}
	echo "$packages" >"$base.new/packages"
	mv "$base.new" "$base"
fi

trap finish EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/root" "$work/upper" "$work/overlay"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/overlay" "$work/root" 2>/dev/null ||
	cp -a "$base/." "$work/root"

install() { # target
	MAKEFLAGS='' make -s -C "$top" VARIANT="${build##*/}" DESTDIR="$work/root" PREFIX=/usr "$1"
}
install install
boot
status=0
booted first || status=1
if [ $status = 0 ]; then
	echo
	echo 'Booted again ...'
	halt
	boot
	booted again || status=1
fi
halt

# What an operator wrote stays, and nothing of ours.
if [ $status = 0 ]; then
	install uninstall
	left=$(cd "$work/root" && find . -xdev -name '*ticketrail*' ! -path './srv/*' ! -path './proc/*' ! -path './var/lib/mysql/*' \
		! -path './etc/ticketrail*' ! -path './etc/systemd/system/*' ! -path './var/lib/ticketrail-nginx*' ! -path './var/log/*' \
		! -path './var/lib/systemd/*' ! -path './run/*' ! -path './var/tmp/*' ! -path './tmp/*')
	if [ -n "$left" ]; then
		printf 'make uninstall left behind:\n%s\n' "$left" >&2
		status=1
	elif [ ! -e "$work/root/etc/systemd/system/ticketrail@orders.service.d/override.conf" ] ||
		[ ! -e "$work/root/etc/ticketrail/ticketrail.conf" ]; then
		echo 'make uninstall took what the operator wrote' >&2
		status=1
	else
		echo 'make uninstall leaves the configuration, and nothing of ours.'
	fi
fi
[ $status = 0 ]
