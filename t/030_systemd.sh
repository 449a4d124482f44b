#!/bin/sh
# What make install puts where, and what systemd makes of the units: nothing is started, systemd-analyze reads them offline.
# The programs are those the test was built with.
set -u

build=${TICKETRAIL_BUILD:-build/test}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

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
made() { # target, prefix, root
	MAKEFLAGS='' MAKELEVEL=0 make -s VARIANT="${build##*/}" SAN='' DESTDIR="$3" PREFIX="$2" "$1" 2>&1 || echo "make $1 failed"
}
files() { # below
	(cd "$1" && find . ! -type d -printf '%m %p\n' | sed 's|\./||' | LC_ALL=C sort -k 2)
}

root=$dir/root
# What is not built yet is built first: this is about what installing says.
made all /usr "$dir/none" >"$dir/built"
verdict "$(made install /usr "$root")" 'DEP-02 make install says nothing and succeeds'

programs=$(for source in fcgi/*.c; do basename "$source" .c; done)
{
	echo '755 usr/bin/ticketrail'
	for program in $programs; do
		[ "$program" = ticketrail ] || echo "755 usr/lib/ticketrail/$program"
	done
	for pool in auth webhooks; do
		echo "644 usr/lib/systemd/system/ticketrail@$pool.service.d/secret.conf"
	done
	for unit in ticketrail.target ticketrail@.socket ticketrail@.service ticketrail-relay.service ticketrail-jobs.service \
		ticketrail-nginx.service; do
		echo "644 usr/lib/systemd/system/$unit"
	done
	echo '644 usr/lib/sysusers.d/ticketrail.conf'
	echo '644 usr/lib/tmpfiles.d/ticketrail.conf'
	for file in ticketrail pools limits origins fastcgi headers errors page; do
		echo "644 usr/share/ticketrail/nginx/$file.conf"
	done
	echo '644 usr/share/ticketrail/html/openapi.yaml'
	for file in index.html page.css page.mjs yaml.mjs; do
		echo "644 usr/share/ticketrail/html/docs/$file"
	done
	for file in $(sed -n 's/^ERR_ROW(\([A-Z_]*\),.*/\1/p' lib/err/err.def | grep -vxE 'NO_ROW|DUPLICATE|BUSY' | tr 'A-Z_' 'a-z-') index; do
		echo "644 usr/share/ticketrail/html/problems/$file.html"
	done
	echo '644 usr/share/ticketrail/alerts.yml'
	echo '644 usr/share/ticketrail/ticketrail.conf'
} | LC_ALL=C sort -k 2 >"$dir/wanted"
files "$root" >"$dir/found"
verdict "$(diff "$dir/wanted" "$dir/found")" 'DEP-02 every file is where it belongs, with its mode, and no other'
verdict "$(find "$root" -mindepth 1 -type d ! -perm 755)" 'DEP-02 every directory can be entered and only written by its owner'
verdict "$("$root/usr/bin/ticketrail" --help >"$dir/help" 2>&1 || cat "$dir/help")" 'DEP-02 the installed command runs'

# The units

units=$root/usr/lib/systemd/system
pools=$(MAKEFLAGS='' make -s -f - pools <<'E2'
include Makefile
pools: ; @echo $(POOLS)
E2
)
verdict "$(for pool in $pools; do
	[ -x "$root/usr/lib/ticketrail/$pool" ] || echo "there is no program $pool"
	grep -q "^Wants=ticketrail@$pool.socket ticketrail@$pool.service\$" "$units/ticketrail.target" || echo "$pool is not wanted"
	grep -q "server unix:/run/ticketrail/$pool.sock " "$root/usr/share/ticketrail/nginx/pools.conf" || echo "nginx does not know $pool"
done
[ "$(grep -c '^Wants=ticketrail@' "$units/ticketrail.target")" = "$(echo "$pools" | wc -w)" ] || echo 'something else is wanted'
)" 'DEP-02 the target wants every pool with its socket, where nginx looks for it'

verdict "$(grep -q "alias $(sed -n 's/^d \([^ ]*\) 0711 ticketrail ticketrail .*/\1/p' "$root/usr/lib/tmpfiles.d/ticketrail.conf")/shelf/;" \
	"$root/usr/share/ticketrail/nginx/ticketrail.conf" || echo 'not there')" 'DEP-02 nginx looks for the shelf where the pools may write'

# A system around them: what the units call and lean on and other packages bring.
system=$dir/system
mkdir -p "$system/usr/sbin" "$system/bin" "$system/etc/systemd/system"
cp -R "$root/usr/lib" "$system/usr"
for program in usr/sbin/nginx bin/kill; do
	printf '#!/bin/sh\n' >"$system/$program"
	chmod 755 "$system/$program"
done
for target in sysinit basic sockets network network-online nss-lookup shutdown multi-user; do
	printf '[Unit]\nDescription=%s\n' $target >"$system/etc/systemd/system/$target.target"
done
# shellcheck disable=SC2046 # names of ours
verdict "$(systemd-analyze verify --root="$system" --man=no --generators=no \
	ticketrail.target ticketrail-relay.service ticketrail-jobs.service ticketrail-nginx.service \
	$(for pool in $pools; do echo "ticketrail@$pool.socket" "ticketrail@$pool.service"; done) 2>&1 || echo "exit $?"
)" 'DEP-02 systemd finds no fault with the units'
printf '[Service]\nWrong=yes\n' | cat "$units/ticketrail-jobs.service" - >"$system/etc/systemd/system/wrong.service"
verdict "$(systemd-analyze verify --root="$system" --man=no --generators=no wrong.service 2>&1 |
	grep -q 'Unknown key' || echo 'it found no fault with a wrong one')" 'a wrong unit would be found'

exposure() { # unit, most in tenths
	said=$(systemd-analyze security --offline=yes --no-pager --threshold="$2" --root="$system" "$1" 2>&1) ||
		printf '%s\n' "$said"
}
verdict "$(exposure ticketrail@orders.service 8)" 'DEP-02 S81 a pool is exposed 0.8 at most: unix sockets only'
verdict "$(exposure ticketrail-jobs.service 8)" 'DEP-02 S81 the jobs likewise'
verdict "$(exposure ticketrail-relay.service 15)" 'DEP-02 S81 the relay, which has a network, 1.5 at most'

settings() { # unit, without comments
	sed '/^#/d; /^$/d' "$units/$1"
}
needs() { # unit, lines it must have
	unit=$1
	shift
	for line; do
		settings "$unit" | grep -qxF -e "$line" || echo "$unit: no $line"
	done
}
verdict "$(for unit in ticketrail@.service ticketrail-relay.service ticketrail-jobs.service; do
	needs $unit User=ticketrail NoNewPrivileges=yes CapabilityBoundingSet= LimitCORE=0 ProtectSystem=strict \
		MemoryDenyWriteExecute=yes Type=notify Restart=on-failure RestartPreventExitStatus=78 TimeoutStopSec=30 \
		PartOf=ticketrail.target
	settings "$unit" | grep -q '^WatchdogSec=[1-9]' || echo "$unit: no watchdog"
done)" 'DEP-02 S87 no privilege, no core; a wrong configuration (78) is not tried again'
verdict "$(for unit in ticketrail@.service ticketrail-jobs.service; do
	needs $unit PrivateNetwork=yes RestrictAddressFamilies=AF_UNIX IPAddressDeny=any
done)" 'DEP-02 a pool has no network'
verdict "$(needs ticketrail@.socket Backlog=4096 SocketUser=ticketrail SocketGroup=www-data SocketMode=0660)" \
	'DEP-02 whose the sockets are, and how many may wait'

# Which program takes which secret is said in config.def; its unit hands it that and no other.
printf '%s\n' '#define CONFIG_ROW(type, field, key, preset, min, max, secret, programs, required, sentence) key secret programs' \
	'#include "config/config.def"' | ${CC:-gcc} -E -P -Ilib - | tr -d '"' | awk '$2 == "true"' >"$dir/secrets"
handed() { # unit or drop-in: the keys it hands over
	[ ! -e "$units/$1" ] || settings "$1" | sed -n 's|^LoadCredential=\([A-Z0-9_]*\):/etc/ticketrail/credentials/\1$|\1|p'
}
verdict "$([ -s "$dir/secrets" ] || echo 'there are none'
for program in $pools relay jobs; do
	awk -v program="$program" '{ for (i = 3; i <= NF; i++) if ($i == program || $i == "all") print $1 }' "$dir/secrets" |
		sort >"$dir/takes"
	case $program in
	relay | jobs) handed "ticketrail-$program.service" ;;
	*) handed ticketrail@.service; handed "ticketrail@$program.service.d/secret.conf" ;;
	esac | sort | diff "$dir/takes" - | sed "s/^/$program: /"
done)" 'DEP-02 S46 a unit hands its program the secrets it takes, and no other'
verdict "$(grep -h '^LoadCredential=' "$units"/*.service "$units"/*/*.conf | sed 's/^Load\(.*:\).*/Set\1\\n/' | sort >"$dir/loaded"
grep -h '^SetCredential=' "$units"/*.service "$units"/*/*.conf | sort | diff "$dir/loaded" -)" \
	'DEP-02 who keeps them in ticketrail.conf may: a missing file is an empty secret'

# Accounts and directories, by systemd's own tools where nothing is changed outside the root.
verdict "$(systemd-sysusers --dry-run --root="$system" ticketrail.conf >"$dir/said" 2>&1 || cat "$dir/said"
grep -q "user 'ticketrail'" "$dir/said" || cat "$dir/said")" 'DEP-02 the user is made'
verdict "$(grep -v '^#' "$root/usr/lib/tmpfiles.d/ticketrail.conf" | awk '
	$2 == "/run/ticketrail" { run = $3 " " $4 }
	$2 == "/etc/ticketrail/ticketrail.conf" { config = $1 " " $3 " " $4 }
	$2 == "/etc/ticketrail/credentials" { secrets = $3 " " $4 }
	END {
		if (secrets != "0700 root") print "credentials: " secrets
		if (run != "0711 ticketrail") print "/run/ticketrail: " run
		if (config != "z 0400 ticketrail") print "ticketrail.conf: " config
	}')" 'DEP-02 the configuration is for one reader, who may not write it'

# The front

verdict "$(grep -Hn '@[A-Z_]*@' "$root"/usr/share/ticketrail/nginx/*.conf)" 'DEP-02 nothing is left to fill in for nginx'
mkdir -p "$dir/nginx/temp"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 \
	-keyout "$dir/nginx/key.pem" -out "$dir/nginx/cert.pem" 2>/dev/null
cp "$root"/usr/share/ticketrail/nginx/*.conf "$dir/nginx"
sed -i "s|/etc/ticketrail/tls|$dir/nginx|; s|/var/lib/ticketrail-nginx|$dir/nginx|; s|/var/log/nginx|$dir/nginx|; s|/usr/share/ticketrail|$dir/root&|
	s|^user .*||; s|listen 443|listen unix:$dir/nginx/socket|" "$dir/nginx/ticketrail.conf"
verdict "$(PATH=$PATH:/usr/sbin nginx -t -q -e "$dir/nginx/error.log" -p "$dir/nginx" -c "$dir/nginx/ticketrail.conf" 2>&1)" \
	'DEP-02 nginx finds no fault with its files'

# Away again

verdict "$(made uninstall /usr "$root"; files "$root"; find "$root" -name '*ticketrail*')" \
	'DEP-02 make uninstall leaves nothing of ours'
verdict "$(made install /usr/local "$root"; grep -rnE '/usr/(lib|share)/ticketrail' "$root"
	grep -q '^ExecStart=/usr/local/lib/ticketrail/pool .* -- /usr/local/lib/ticketrail/%i$' \
		"$root/usr/local/lib/systemd/system/ticketrail@.service" || echo 'the pools would not be found')" \
	'DEP-02 another PREFIX is meant everywhere'
verdict "$(made uninstall /usr/local "$root"; files "$root"; find "$root" -name '*ticketrail*')" 'and left as clean'

echo "1..$tests"
exit $failed
