# Makes the table of migrations out of sql/schema/NNNN_noun.sql, in order, so that a program carries the schema it was
# built for:  awk -f sql/schema.awk sql/schema/*.sql > schema.c

function die(why)
{
	print FILENAME ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

BEGIN { print "/* Made by sql/schema.awk from sql/schema/. */\n#include \"db/migrate.h\"\n\nconst struct migration migrations[] = {" }

FNR == 1 {
	if (count++)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	if (name !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+\.sql$/)
		die("a migration's name is NNNN_noun.sql")
	sub(/\.sql$/, "", name)
	version = substr(name, 1, 4) + 0
	if (version != count)
		die("migrations are numbered without gaps: expected " count)
	print "\t{ .version = " version ", .name = \"" name "\", .sql ="
}

{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	print "\t    \"" $0 "\\n\""
}

END {
	if (!failed)
		print "\t},\n};\nconst size_t migrations_n = sizeof migrations / sizeof migrations[0];"
}
