#!/bin/sh
# A private MariaDB in DIR: no network, nobody else's files, a unix socket.
#
#	t/mariadb.sh start DIR    initialises DIR if it is new, starts the server in the background, waits until it answers
#	t/mariadb.sh serve DIR    the same in the foreground: becomes the server, and does not wait
#	t/mariadb.sh stop DIR     ends it and waits until it has ended
#	t/mariadb.sh socket DIR   prints the path of the socket
#
# FLUSH=1 (innodb_flush_log_at_trx_commit) is for data that must survive the machine; tests take 2. SOCKET names another
# place for the socket where DIR is too deep (a socket's path has at most 107 bytes). REDO and POOL are the sizes of the
# redo log and the buffer pool: small for tests, of which many run at once; a measurement takes what a house would.
# Each has a tmpdir of its own: a starting server deletes #sql files in a shared /tmp, which breaks one being initialised.
set -eu

PATH=$PATH:/usr/sbin # where Debian keeps the server; an ordinary user's PATH has it not
verb=$1 dir=$2
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
socket=${SOCKET:-$dir/db.sock}
pid_file=$dir/db.pid
as_root=
[ "$(id -u)" != 0 ] || as_root=--user=root

# --force: where not even "localhost" can be looked up, as in a bare container, that is no concern of a unix socket.
init() {
	mkdir -p "$dir/tmp"
	[ ! -e "$dir/data/ready" ] || return 0
	rm -rf "$dir/data"
	TMPDIR=$dir/tmp mariadb-install-db --no-defaults $as_root --tmpdir="$dir/tmp" --datadir="$dir/data" --skip-test-db --force \
		--skip-name-resolve --auth-root-authentication-method=normal --innodb-log-file-size="${REDO:-16M}" >"$dir/install.log" 2>&1 ||
		{ cat "$dir/install.log" >&2; exit 1; }
	: >"$dir/data/ready"
}

serve() {
	rm -f "$socket"
	exec mariadbd --no-defaults $as_root --datadir="$dir/data" --socket="$socket" --pid-file="$pid_file" --tmpdir="$dir/tmp" \
		--log-error="$dir/error.log" --skip-networking --skip-name-resolve --innodb-log-file-size="${REDO:-16M}" \
		--innodb-buffer-pool-size="${POOL:-64M}" --innodb-flush-log-at-trx-commit="${FLUSH:-2}" --performance-schema=0 \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
		--sql-mode=STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY \
		--transaction-isolation=READ-COMMITTED --default-time-zone=+00:00 --max-connections=200 --innodb-lock-wait-timeout=5 --innodb-print-all-deadlocks=1 \
		--table-open-cache-instances=1
}

answers() {
	mariadb --no-defaults --user=root --socket="$socket" --execute='DO 1' >/dev/null 2>&1
}

# The server's pid if it runs and is ours.
server() {
	[ -s "$pid_file" ] || return 1
	pid=$(cat "$pid_file")
	tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--datadir=$dir/data" || return 1
	echo "$pid"
}

case $verb in
start)
	init
	(serve) </dev/null >"$dir/server.log" 2>&1 &
	tries=0
	until answers; do
		tries=$((tries + 1))
		if [ $tries -gt 400 ] || ! kill -0 $! 2>/dev/null; then
			cat "$dir/error.log" >&2
			exit 1
		fi
		sleep 0.05
	done
	echo "$socket"
	;;
serve)
	init
	serve
	;;
stop)
	if pid=$(server); then
		kill "$pid"
		while server >/dev/null; do sleep 0.05; done
	fi
	;;
socket)
	echo "$socket"
	;;
*)
	echo "usage: $0 start|serve|stop|socket DIR" >&2
	exit 64
	;;
esac
