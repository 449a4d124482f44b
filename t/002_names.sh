#!/bin/sh
# The words and sizes we keep out of the house. What is banned is banned in code; comments may speak of it.
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

sources=$(ls lib/*/*.[ch] lib/*/*.def fcgi/*.[ch] fcgi/*/*.[ch] 2>/dev/null)
statements=$(ls sql/*.sql sql/*/*.sql 2>/dev/null)

# Comments go, strings and line numbers stay: SQL or JSON in a string is code too.
stripped() {
	awk '{
		line = $0
		for (;;) {
			if (inside) {
				if (!(at = index(line, "*/"))) { line = ""; break }
				line = substr(line, at + 2)
				inside = 0
			}
			if (!(at = index(line, "/*"))) break
			print FILENAME ":" FNR ": " substr(line, 1, at - 1)
			line = substr(line, at + 2)
			inside = 1
		}
		sub(/^[ \t]*--.*/, "", line)
		if (line != "") print FILENAME ":" FNR ": " line
	}' "$@"
}

# shellcheck disable=SC2086 # lists of our own file names
verdict "$(stripped $sources $statements | grep -wE 'double|float|DOUBLE|FLOAT|REAL')" \
	'no binary fractions: money is an integer of minor units'
# shellcheck disable=SC2086
verdict "$(stripped $sources | grep -E '\<(sprintf|vsprintf|strcpy|strcat|strncpy|strncat|atoi|atol|strtok|gets|alloca|system|popen|scanf|sscanf) *\(')" \
	'no function that cannot be told where to stop'
# shellcheck disable=SC2086
verdict "$(stripped $sources $statements | grep -wiE 'GET_LOCK|RELEASE_LOCK|LOCK TABLES|CREATE TRIGGER|RETURNING|FOR SHARE')" \
	'no lock that is not a row, and no SQL that only one server knows'
# shellcheck disable=SC2086
verdict "$(grep -nE '\b(TODO|FIXME|HACK)\b' $sources $statements t/*.[ch] t/*.js t/*/*.js)" \
	'nothing is left for later in a comment'
verdict "$(find lib t -type d \( -name util -o -name utils -o -name common -o -name misc -o -name helpers -o -name shared \))" \
	'ARC-05 no room for things that have no name'
# shellcheck disable=SC2086
verdict "$(wc -l $sources | awk '$2 != "total" { max = $2 ~ /^fcgi\/[^\/]*$/ ? 800 : 600; if ($1 > max) print $2 " has " $1 " lines, more than " max }')" \
	'a file holds one noun: at most 600 lines, a pool 800'
# shellcheck disable=SC2086
verdict "$(awk 'FNR == 1 { from = 0 } /^{/ { from = FNR } /^}/ { if (from && FNR - from > 60) print FILENAME ":" from " is a function of " FNR - from - 1 " lines"; from = 0 }' $sources)" \
	'a function is less than 60 lines'

# Tables and macros are read by the row, examples in comments by the tab.
# shellcheck disable=SC2086
verdict "$(for file in $(printf '%s\n' $sources | grep '\.[ch]$'); do expand $file | LC_ALL=C.UTF-8 awk -v file=$file 'length > 100 && !/\\$/ && !/^#define/ && !/^ \* {6,}/ && !last { print file ":" FNR " is " length " columns" } { last = /\\$/ }'; done)" \
	'a line has at most 100 columns'

echo "1..$tests"
