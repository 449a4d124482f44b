#!/bin/sh
# The operator's command: what it says, and with which exit code it ends.
set -u

build=${TICKETRAIL_BUILD:-build/test}
command=$build/ticketrail
dir=$(mktemp -d /tmp/trXXXXXX)
tests=0

finish() {
	t/mariadb.sh stop "$dir/db"
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# is NAME WANTED-CODE WORDS...: runs the command; its stdout and stderr stay in $dir/out and $dir/err.
is() {
	name=$1 want=$2
	shift 2
	tests=$((tests + 1))
	TICKETRAIL_CONFIG=$dir/env "$command" "$@" >"$dir/out" 2>"$dir/err"
	code=$?
	if [ $code = "$want" ]; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		sed 's/^/# /' "$dir/out" "$dir/err"
		echo "# exit code $code, not $want"
	fi
}

# says FILE PATTERN NAME: what the last run wrote there.
says() {
	tests=$((tests + 1))
	if grep -Eq "$2" "$dir/$1"; then
		echo "ok $tests - $3"
	else
		echo "not ok $tests - $3"
		sed 's/^/# /' "$dir/$1"
	fi
}

: >"$dir/env"
chmod 600 "$dir/env"
is 'no word: usage' 64
says err '^usage: ticketrail' 'on stderr'
is '--help is no mistake' 0 --help
says out 'migrate' 'and lists the commands on stdout'
for word in migrate onboard rotate-signing-key check messages replay providers keys config; do
	is "$word --help is no mistake either" 0 "$word" --help
	says out "^usage: ticketrail $word" 'and says what it takes'
done
is 'an unknown command' 64 frobnicate
says err '"frobnicate"' 'is named'
is 'words that a command does not take' 64 migrate now
says err '^usage: ticketrail migrate' 'are answered with those it takes'

is 'providers lists what each POS is set up with' 0 providers
says out '^  app_secret: text of at most 200, required, secret$' 'with kind, bounds and what is to be kept'
says out '^  require_callback_ack_s: integer 60 to 86400, else 600$' 'and what holds when nothing is said'
is 'or something else' 64 providers petpooja

is 'config prints every key' 0 config
says out 'DB_SOCKET=' 'as a file to copy'
is 'keys' 0 keys
says out '^RELAY_SECRET_KEY=[0-9a-f]{64}$' 'prints keys as lines of the configuration'
cp "$dir/out" "$dir/env"
mkdir "$dir/credentials"
is 'DEP-02 keys DIR' 0 keys "$dir/credentials"
says out '^(RELAY|AUTH)_PUBLIC_KEY=[0-9a-f]{64}$' 'prints what is no secret'
grep -vE '^(RELAY|AUTH)_PUBLIC_KEY=' "$dir/out" >"$dir/rest" || echo none >"$dir/rest"
says rest '^none$' 'and no more'
(cd "$dir/credentials" && grep . ./*; stat -c '%a %n' ./*) >"$dir/made"
for key in DB_PASSWORD HASH_KEY RELAY_SECRET_KEY AUTH_SECRET_KEY; do
	says made "^\\./$key:[0-9a-f]{64}\$" "DEP-02 $key is a file of its own"
	says made "^400 \\./$key\$" 'S46 for its owner alone'
done
is 'what is there already' 73 keys "$dir/credentials"
says err 'DB_PASSWORD: File exists' 'is never replaced'

echo "DB_SOCKET=$dir/db/db.sock" >>"$dir/env"
is 'migrate without a server' 69 migrate
says err '^ticketrail migrate: connect as root: 2002' 'says why'

t/mariadb.sh start "$dir/db" >"$dir/out"
is 'DB-41 migrate' 0 migrate
says out '^schema [0-9]{4}: [1-9][0-9]* migrations applied' 'DB-41 says what it did'
is 'DB-41 migrate again' 0 migrate
says out ': 0 migrations applied, 0 statements; privileges: 0 given, 0 taken$' 'DB-41 and now there is nothing to do'

# staff ROLE MEMBERS: a document of a restaurant with one of its staff, who has these members too.
staff() {
	printf '{"slug":"b","name":"B","staff":[{"username":"asha","password":"a good long one","role":"%s","name":"Asha"%s}]}' "$1" "$2" >"$dir/b.json"
}
staff admin ''
is 'DEP-06 a restaurant whose staff have no phone is onboarded' 0 onboard "$dir/b.json"
says err '^ticketrail onboard: nobody at b can be told .*"phone"$' 'with a warning that nobody there can be told'
staff delivery ',"phone":"+919900000051"'
is 'one where a rider has a phone' 0 onboard "$dir/b.json"
says err '^ticketrail onboard: nobody at b' 'as well, who is not told'
staff admin ',"phone":"+919900000051"'
is 'one where an admin has one' 0 onboard "$dir/b.json"
tests=$((tests + 1))
[ -s "$dir/err" ] && echo "not ok $tests - has none" || echo "ok $tests - has none"

echo "INSERT INTO ticketrail.schema_migrations VALUES (9999, '9999_future', '', 1, '2030-01-01')" |
	mariadb --no-defaults --user=root --socket="$dir/db/db.sock"
is 'DB-41 a database of a newer program is a matter of configuration' 78 migrate
says err 'newer than this program: it has migration 9999_future' 'DB-41 and is told so'

echo 'DB_PORT=many' >>"$dir/env"
is 'a wrong configuration' 78 migrate
says err 'DB_PORT' 'names its key'

echo "1..$tests"
