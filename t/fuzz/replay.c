/*
 * replay: a target as a plain program: runs the inputs of the directories and files that are named through it, each in its
 * turn, and says how many there were. Made by the ordinary compiler: who tests needs no clang.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define PATH_MAX_LEN 4096

static unsigned inputs_n;

static void
file_run(const char *path, size_t len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(len > 0 ? len : 1);

	if (f == NULL || data == NULL || fread(data, 1, len, f) != len) {
		perror(path);
		exit(1);
	}
	fclose(f);
	/* Said before, so that the last line names the one that ended it. */
	fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput(data, len);
	free(data);
	inputs_n++;
}

static void
run(const char *path)
{
	char inner[PATH_MAX_LEN];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) != 0) {
		perror(path);
		exit(1);
	}
	if (!S_ISDIR(st.st_mode)) {
		file_run(path, (size_t)st.st_size);
		return;
	}
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		run(inner);
	}
	if (dir != NULL)
		closedir(dir);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	printf("%u\n", inputs_n);
	return inputs_n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
