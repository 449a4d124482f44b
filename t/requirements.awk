# requirements: what no test has proved.
#
#	awk -f t/requirements.awk t/requirements.tsv build/test/tap/*.tap
#
# A test's name begins with the ids of the requirements it proves: "ok 4 - ORD-06 MENU-08 an empty cart is refused". An id that
# some test proves and another contradicts ("not ok") is not proved. Prints the unproved rows and, last, the count.

BEGIN { FS = "\t" }

FILENAME == ARGV[1] {
	if (FNR > 1 && $1 != "") { ids[++n] = $1; text[$1] = $2 }
	next
}

/^ *(not )?ok [0-9]+/ {
	if ($0 ~ /# (SKIP|TODO)/) next
	fails = $0 ~ /^ *not ok/
	name = $0
	sub(/^ *(not )?ok [0-9]+( - )?/, "", name)
	while (match(name, /^[A-Z]+-[0-9]+[,:]? */)) {
		id = substr(name, 1, RLENGTH)
		sub(/[,:]? *$/, "", id)
		if (!(id in text)) unknown[id] = FILENAME
		if (fails) failed[id] = 1
		else passed[id] = 1
		name = substr(name, RLENGTH + 1)
	}
}

END {
	for (i = 1; i <= n; i++) {
		if (ids[i] in passed && !(ids[i] in failed)) continue
		print ids[i] "\t" text[ids[i]] (ids[i] in failed ? "\t(a test of it fails)" : "")
		unproved++
	}
	for (id in unknown) print id "\tis named by " unknown[id] " and is no requirement"
	print n - unproved " of " n " requirements are proved by a passing test"
}
