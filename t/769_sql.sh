#!/bin/sh
# No value of anybody's becomes SQL: statements are prepared by number, and the few texts that are sent as they are are ours. Who may
# send a text is listed here, with the reason; a new one is looked at by whoever adds it.
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

# db.c: BEGIN, COMMIT, ROLLBACK and what a session is set to; wait.c: the same, for db.c; raw.c: migrations, by the operator's command
# alone.
calls='mysql_(query|real_query|send_query|real_query_start|query_start)'
verdict "$(grep -lE "\\<$calls *\\(" lib/*/*.c fcgi/*.c fcgi/*/*.c | grep -vxE 'lib/db/(db|raw|wait)\.c'
grep -lE '\<db_wait_query *\(' lib/*/*.c fcgi/*.c fcgi/*/*.c | grep -vxE 'lib/db/(db|wait)\.c')" 'SEC-05 S70 only the connection and the migrations send SQL as text'
verdict "$(grep -n 'mysql_stmt_prepare *(' lib/*/*.c fcgi/*.c fcgi/*/*.c | grep -v '^lib/db/stmt\.c:')" 'SEC-05 S70 one place prepares statements'
verdict "$(grep -nE '(printf|buf_add[a-z]*) *\(.*\<(SELECT|INSERT|UPDATE|DELETE|REPLACE) ' lib/*/*.c fcgi/*.c fcgi/*/*.c | grep -vE '^lib/db/(db|raw|migrate|grant)\.c:')" \
	'SEC-05 S70 nobody puts a statement together'
verdict "$(grep -lE 'include "db/raw\.h"' lib/*/*.c fcgi/*.c fcgi/*/*.c | grep -vxE 'lib/db/[a-z_]*\.c|fcgi/ticketrail\.c')" 'SEC-05 the operator alone has a way to send SQL as text'

echo "1..$tests"
