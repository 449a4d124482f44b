# Makes the statement table out of sql/stmt/*.sql.
#
#	awk -v want=header -f sql/stmt.awk sql/stmt/*.sql > stmt.h     the numbers
#	awk -v want=table  -f sql/stmt.awk sql/stmt/*.sql > stmt.c     the texts
#	awk -v want=list   -f sql/stmt.awk sql/stmt/*.sql              for people: name, shape, programs, file
#
# A statement is
#	-- order_lock -> one (orders admin webhooks)
#	-- Prose, as many lines as it needs.
#	SELECT ... WHERE id = :id FOR UPDATE
#
# The name becomes STMT_order_lock, the programs say who may prepare it ("pools" is every pool), :id becomes a bound parameter.
# What several statements have in common is
#	-- text order_columns
#	id, restaurant_id, ...
# and stands in those that come after it as {order_columns}.

BEGIN {
	pools = "auth menu orders webhooks admin integrations delivery people office catalog reports ops"
	split(pools " relay jobs ticketrail", names, " ")
	for (i = 1; i in names; i++)
		program[names[i]] = i - 1
	programs = i - 1
	split("none one many changed newid rows", shapes, " ")
	for (i = 1; i in shapes; i++)
		shape_ok[shapes[i]] = 1
}

function die(why)
{
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	failed = 1
	exit 1
}

# Turns :name into ? outside of quotes and remembers the names in order.
function bind(sql,    out, i, c, quote, name)
{
	params = ""
	out = ""
	quote = ""
	for (i = 1; i <= length(sql); i++) {
		c = substr(sql, i, 1)
		if (quote != "") {
			if (c == quote)
				quote = ""
			out = out c
		} else if (c == "'" || c == "`") {
			quote = c
			out = out c
		} else if (c == ":" && substr(sql, i + 1) ~ /^[a-z_]/) {
			match(substr(sql, i + 1), /^[a-z0-9_]+/)
			name = substr(sql, i + 1, RLENGTH)
			params = params "\"" name "\", "
			out = out "?"
			i += RLENGTH
		} else
			out = out c
	}
	return out
}

# Puts the texts in the places of their names.
function fill(sql,    out, at)
{
	out = ""
	while (match(sql, /\{[a-z0-9_]+\}/)) {
		at = substr(sql, RSTART + 1, RLENGTH - 2)
		if (!(at in texts))
			die("statement " name ": no text is called " at)
		out = out substr(sql, 1, RSTART - 1) texts[at]
		sql = substr(sql, RSTART + RLENGTH)
	}
	return out sql
}

function finish(    text)
{
	if (text_name != "")
		texts[text_name] = body
	if (text_name != "" || name == "") {
		text_name = body = ""
		return
	}
	body = fill(body)
	if (shape == "rows" && body !~ /^[ \t]*INSERT INTO [^?]* VALUES \([^()]*\);?[ \t]*$/)
		die("statement " name ": rows are inserted by an INSERT that ends with VALUES and one row")
	text = body
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	sub(/;? *$/, "", text)
	if (text == "")
		die("statement " name " has no text")
	count++
	stmt_name[count] = name
	stmt_shape[count] = shape
	stmt_mask[count] = mask
	stmt_users[count] = users
	stmt_text[count] = bind(text)
	stmt_params[count] = params
	stmt_file[count] = file
	name = body = ""
}

FNR == 1 { finish() }

/^-- text [a-z0-9_]+$/ {
	finish()
	text_name = $3
	if (text_name in texts)
		die("text " text_name " exists already")
	next
}

/^-- [a-z0-9_]+ -> / {
	finish()
	if ($0 !~ /^-- [a-z0-9_]+ -> [a-z]+ \([a-z ]+\)$/)
		die("a statement's first line is: -- name -> shape (programs)")
	name = $2
	shape = $4
	file = FILENAME
	if (name in known)
		die("statement " name " exists already")
	known[name] = 1
	if (!(shape in shape_ok))
		die("no such shape: " shape)
	users = $0
	sub(/^[^(]*\(/, "", users)
	sub(/\).*/, "", users)
	sub(/\<pools\>/, pools, users)
	n = split(users, list, " ")
	mask = 0
	for (i = 1; i <= n; i++) {
		if (!(list[i] in program))
			die("no such program: " list[i])
		mask += 2 ^ program[list[i]]
	}
	next
}

/^--/ { next }
/^[ \t]*$/ { next }

{
	if (name == "" && text_name == "")
		die("SQL outside of a statement")
	body = body " " $0
}

function quoted(s)
{
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

END {
	if (failed)
		exit 1
	finish()
	if (want == "list") {
		for (i = 1; i <= count; i++)
			printf "%-32s %-8s %-40s %s\n", stmt_name[i], stmt_shape[i], stmt_users[i], stmt_file[i]
		exit
	}
	print "/* Made by sql/stmt.awk from sql/stmt/. */"
	if (want == "header") {
		print "#ifndef TICKETRAIL_DB_STMT_H\n#define TICKETRAIL_DB_STMT_H\n"
		print "#include <stdint.h>\n"
		print "enum program {"
		for (i = 1; i <= programs; i++)
			print "\tPROGRAM_" names[i] ","
		print "\tPROGRAM__MAX\n};\n\nenum stmt {"
		for (i = 1; i <= count; i++)
			print "\tSTMT_" stmt_name[i] ","
		print "\tSTMT__MAX\n};\n"
		print "enum stmt_shape { STMT_NONE, STMT_ONE, STMT_MANY, STMT_CHANGED, STMT_NEWID, STMT_ROWS };\n"
		print "struct stmt_text {"
		print "\tconst char *name, *sql;"
		print "\tenum stmt_shape shape;"
		print "\tuint32_t programs;          /* bit per enum program */"
		print "\tconst char *const *params;  /* in the order of the question marks, NULL-terminated */"
		print "};\n"
		print "extern const struct stmt_text stmt_texts[STMT__MAX];"
		print "extern const char *const program_names[PROGRAM__MAX];\n"
		print "#endif"
		exit
	}
	print "#include <stddef.h>\n\n#include \"db/stmt.h\"\n"
	print "const char *const program_names[PROGRAM__MAX] = {"
	for (i = 1; i <= programs; i++)
		print "\t[PROGRAM_" names[i] "] = \"" names[i] "\","
	print "};\n\nconst struct stmt_text stmt_texts[STMT__MAX] = {"
	for (i = 1; i <= count; i++)
		printf "\t[STMT_%s] = { \"%s\", %s,\n\t    STMT_%s, 0x%x, (const char *const[]){ %sNULL } },\n", \
		    stmt_name[i], stmt_name[i], quoted(stmt_text[i]), toupper(stmt_shape[i]), stmt_mask[i], stmt_params[i]
	print "};"
}
