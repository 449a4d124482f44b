# Makes the table of common passwords out of password_common.txt: sorted, of one width, so that it needs no pointers.
BEGIN {
	print "/* Made by lib/crypto/password_common.awk. */"
	print "#include \"crypto/password_common.h\"\n"
	print "const char password_common[][PASSWORD_COMMON_SIZE] = {"
}
/^#/ || /^$/ { next }
{
	if (($0 "") <= (before "")) {
		print FILENAME ":" FNR ": not sorted: " $0 > "/dev/stderr"
		exit failed = 1
	}
	before = $0
	gsub(/[\\"]/, "\\\\&")
	printf "\t\"%s\",\n", $0
}
END {
	if (failed)
		exit 1
	print "};\nconst size_t password_common_n = sizeof password_common / sizeof password_common[0];"
}
