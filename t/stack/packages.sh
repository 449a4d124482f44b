#!/bin/sh
# packages: installs what .ci/debian-packages lists and this machine lacks, and the packages that are named besides. Needs root
# or sudo only if something is missing.
#
# nginx brings a system service, and it must not start on somebody's machine because they tried our demo: while apt runs a
# policy-rc.d forbids starting anything, and a service that came with nginx is not left enabled for the next boot.
set -eu

list=$(dirname "$0")/../../.ci/debian-packages
missing=
# shellcheck disable=SC2013 # words are meant
for package in $(sed 's/#.*//' "$list") "$@"; do
	case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "Please have these installed: apt-get install$missing" >&2
		exit 1
	}
	as_root=sudo
fi
echo "Installing:$missing"

# The rest as root, in one go: the guard is taken away again whatever happens, and one that a killed run left the next time.
# shellcheck disable=SC2086,SC2016 # a list of package names; expanded by the other shell
$as_root sh -eu -c '
	policy=/usr/sbin/policy-rc.d
	[ ! -e $policy ] || grep -q ticketrail $policy || mv $policy $policy.ticketrail
	give_back() {
		rm -f $policy
		[ ! -e $policy.ticketrail ] || mv $policy.ticketrail $policy
	}
	trap give_back EXIT
	trap "exit 1" HUP INT TERM
	printf "#!/bin/sh\n# while ticketrail installs packages\nexit 101\n" >$policy
	chmod 755 $policy

	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update || true # what is known already may do
	if ! said=$(apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@" </dev/null 2>&1); then
		printf "%s\n" "$said" >&2
		exit 1
	fi
	case " $* " in
	*" nginx "*) ! command -v systemctl >/dev/null || systemctl disable nginx.service >/dev/null 2>&1 || true ;;
	esac
' packages $missing
