#!/bin/sh
# What the house is made of is looked after: versions are pinned with their digests, and CI asks whether a hole in them is known.
# shellcheck disable=SC2015,SC2016 # A or what was said; JavaScript is no shell
set -u

tests=0
verdict() { # findings name
	tests=$((tests + 1))
	if [ -z "$1" ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		printf '%s\n' "$1" | sed 's/^/# /'
	fi
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
here=$PWD

verdict "$(grep '^make' .ci/run | head -1 | grep '^make audit' >/dev/null || echo 'no make audit in .ci/run')" 'SEC-11 CI asks before anything else'
verdict "$(${NODE:-nodejs} -e '
	const lock = require("./t/api/package-lock.json"), pinned = require("./t/api/package.json");
	for (const [name, version] of Object.entries({ ...pinned.dependencies, ...pinned.devDependencies, ...pinned.overrides }))
		if (!/^\d+\.\d+\.\d+$/.test(version)) console.log(`${name} ${version} is no version`);
	for (const [name, one] of Object.entries(lock.packages))
		if (name && !/^sha512-/.test(one.integrity ?? "")) console.log(`${name} has no digest`);
')" 'SEC-11 every package that npm brings has its version and its digest'
verdict "$(grep -rnE '\b(npx|npm (i|install|ci|exec))\b' Makefile .ci t/stack t/systemd t/*.js t/*.sh | grep -v 'npm ci --silent --ignore-scripts' | grep -v '^t/766_audit.sh')" \
	'SEC-11 npm installs what the lock says, runs none of its scripts, and nothing else of npm is run'

# Stand-ins for those who are asked.
cat >"$dir/apt-get" <<'E2'
#!/bin/sh
cat "$UPDATES"
E2
cat >"$dir/npm" <<'E2'
#!/bin/sh
cat "$REPORT"
exit 1
E2
chmod +x "$dir/apt-get" "$dir/npm"
audit() { # updates report
	printf '%s\n' "$1" >"$dir/updates"
	printf '%s\n' "$2" >"$dir/report"
	(cd "$here" && UPDATES=$dir/updates REPORT=$dir/report PATH=$dir:$PATH .ci/audit >"$dir/said" 2>&1; echo $?)
}
none='{"vulnerabilities":{},"metadata":{"vulnerabilities":{"high":0}}}'
high='{"vulnerabilities":{"x":{"name":"x","severity":"high","range":"<2"},"y":{"name":"y","severity":"low","range":"<1"}},"metadata":{"vulnerabilities":{"high":1}}}'
verdict "$([ "$(audit '' "$none")" = 0 ] || cat "$dir/said")" 'SEC-11 nothing is known'
verdict "$([ "$(audit '' "$high")" = 1 ] && grep -q '  x <2: high' "$dir/said" && ! grep -q '  y' "$dir/said" || cat "$dir/said")" 'SEC-11 a hole that is high is named'
verdict "$([ "$(audit 'Inst libssl3 [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])' "$none")" = 1 ] && grep -q libssl3 "$dir/said" || cat "$dir/said")" \
	'SEC-11 so does a security update of Debian that is due'
verdict "$([ "$(audit 'Inst libssl3 [3.0.1] (3.0.2 Debian:12.9/stable [amd64])' "$none")" = 0 ] || cat "$dir/said")" 'SEC-11 any other update does not'
verdict "$([ "$(audit '' '{"message":"no network"}')" = 0 ] && grep -q 'could not be asked' "$dir/said" || cat "$dir/said")" 'SEC-11 who cannot be asked is named, and holds nothing up'

echo "1..$tests"
