# Makes Promela out of the tables of transitions: what the model checker runs are the rows that the programs run.
#
#	awk -f t/model/states.awk lib/order/order_state.def lib/order/pos_state.def > states.pml
#
# Words become mtype values named as in C (STATUS_ready, STATUS_EVENT_ready, POS_unsure, POS_EVENT_lost). The axes are the
# variables `status` and `pos_state`. status_step(event, who) and pos_step(EVENT) make the table's move and set `moved`, or
# make none; each row is one line, so that a test can take one out or put one in. What pos_step is given is an event's name and
# nothing that stands for one: each has rows of its own, which keeps what spin makes of it small.

function die(why)
{
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	failed = 1
	exit 1
}

function words(kind, n, word,    i)
{
	if (n == 0)
		die("no " kind)
	printf "mtype:%s = {", kind
	for (i = 1; i <= n; i++)
		printf "%s %s", (i > 1 ? "," : ""), word[i]
	print " };"
}

/^[A-Z]+_(STATE|EVENT|ROW)\(.*\)$/ {
	kind = $0
	sub(/\(.*/, "", kind)
	rest = $0
	sub(/^[A-Z_]+\(/, "", rest)
	sub(/\)$/, "", rest)
	n = split(rest, arg, / *, */)
	if (kind == "STATUS_STATE" && n == 2)
		status[++statuses] = "STATUS_" arg[1]
	else if (kind == "STATUS_EVENT" && n == 1)
		status_event[++status_events] = "STATUS_EVENT_" arg[1]
	else if (kind == "STATUS_ROW" && n == 4)
		status_row[++status_rows] = "\t:: status == STATUS_" arg[1] " && (event) == STATUS_EVENT_" arg[2] \
		    " && ((who) & (" arg[4] ")) -> status = STATUS_" arg[3] "; moved = true"
	else if (kind == "POS_STATE" && n == 1)
		pos[++poses] = "POS_" arg[1]
	else if (kind == "POS_EVENT" && n == 1)
		pos_event[++pos_events] = "POS_EVENT_" arg[1]
	else if (kind == "POS_ROW" && n == 3)
		pos_row[arg[2]] = pos_row[arg[2]] "\t:: pos_state == POS_" arg[1] " -> pos_state = POS_" arg[3] \
		    "; moved = true\t/* POS_EVENT_" arg[2] " */\n"
	else
		die("not a row that this program knows: " $0)
}

END {
	if (failed)
		exit 1
	words("status", statuses, status)
	words("status_event", status_events, status_event)
	words("pos_state", poses, pos)
	words("pos_event", pos_events, pos_event)
	print "#define WHO_GUEST 1\n#define WHO_STAFF 2\n#define WHO_POS 4\n#define WHO_HOUSE 8\n#define WHO_DELIVERY 16"
	printf "mtype:status status = %s;\nmtype:pos_state pos_state = %s;\nbool moved;\n", status[1], pos[1]
	# How far along a status is: its place in the table.
	printf "#define STATUS_RANK(s) ("
	for (i = 1; i < statuses; i++)
		printf "(s) == %s -> %d : (", status[i], i
	printf "%d", statuses
	for (i = 1; i <= statuses; i++)
		printf ")"
	print ""
	print "\ninline status_step(event, who)\n{\n\tmoved = false;\n\tif"
	for (i = 1; i <= status_rows; i++)
		print status_row[i]
	print "\t:: else -> skip\n\tfi\n}"
	print "\n#define pos_step(event) pos_on_##event()"
	for (i = 1; i <= pos_events; i++) {
		event = pos_event[i]
		sub(/^POS_EVENT_/, "", event)
		printf "\ninline pos_on_POS_EVENT_%s()\n{\n\tmoved = false;\n\tif\n%s\t:: else -> skip\n\tfi\n}\n", event, pos_row[event]
	}
}
