/* shelf: what lies there, for whom, and that nothing depends on it. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/shelf.h"
#include "op/op.h"
#include "tap.h"

#define LEN ((size_t)20000)

static char dir[200], shelf_dir[220];
static struct config config = { .run_dir = dir };
static struct op op;
static struct request request = { .shelf = "/_shelf/" };
static struct reply reply;
static struct shelf shelf;

/* Twenty kilobytes of one letter. */
static struct bytes
letters(char letter)
{
	char *text = arena_alloc(op.arena, LEN);

	memset(text, letter, LEN);
	return (struct bytes){ text, LEN };
}

static bool
put(const char *name, struct bytes body)
{
	reply_init(&reply, op.arena);
	return shelf_reply(&shelf, &op, &request, &reply, name, body);
}

static const char *
lay(int64_t owner, char letter)
{
	struct bytes body = letters(letter);
	const char *name = shelf_name(&op, owner, body);

	return put(name, body) ? name : NULL;
}

static const char *
path_of(const char *name)
{
	return arena_printf(op.arena, "%s/%s", shelf_dir, name);
}

static bool
holds(const char *name, struct bytes want)
{
	FILE *f = fopen(path_of(name), "r");
	char *text = arena_alloc(op.arena, want.len + 1);
	bool is_it = f != NULL && fread(text, 1, want.len + 1, f) == want.len && memcmp(text, want.data, want.len) == 0;

	if (f != NULL)
		fclose(f);
	return is_it;
}

static int
files_n(void)
{
	DIR *list = opendir(shelf_dir);
	struct dirent *entry;
	int n = 0;

	while (list != NULL && (entry = readdir(list)) != NULL)
		n += entry->d_name[0] != '.';
	if (list != NULL)
		closedir(list);
	return n;
}

static void
begin(void)
{
	DIR *list = opendir(shelf_dir);
	struct dirent *entry;

	while (list != NULL && (entry = readdir(list)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlink(path_of(entry->d_name));
	if (list != NULL)
		closedir(list);
	(void)rmdir(shelf_dir);
	(void)unlink(shelf_dir);
	shelf = (struct shelf){ 0 };
}

static int
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void
test_names(void)
{
	const char *a = shelf_name(&op, 7, letters('a'));

	is_str(shelf_name(&op, 7, letters('a')), a, "MENU-09 the same bytes have the same name: %s", a);
	ok(strncmp(a, "7-", 2) == 0, "MENU-09 that says whose they are");
	ok(strcmp(shelf_name(&op, 7, letters('b')), a) != 0, "D9 other bytes have another");
	ok(strcmp(shelf_name(&op, 8, letters('a')), a) != 0, "ARC-02 and so have another's");
}

static void
test_laying(void)
{
	mode_t mask = umask(0077);
	const char *name;

	begin();
	name = lay(7, 'a');
	ok(name != NULL, "MENU-09 it is laid");
	if (name == NULL)
		return;
	(void)umask(mask);
	ok(holds(name, letters('a')), "MENU-09 all of it");
	is_int(mode_of(path_of(name)), 0644, "DEP-02 nginx may read it, whatever the umask");
	is_int(mode_of(shelf_dir), 0711, "DEP-02 and pass through, but nobody lists");
	is_str(reply_head(&reply).data, arena_printf(op.arena, "Status: 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 0\r\nCache-Control: no-store\r\nX-Accel-Redirect: /_shelf/%s\r\n\r\n", name),
	    "MENU-09 the answer names it");
	ok(lay(7, 'a') != NULL && files_n() == 1, "MENU-09 once");
	is_int(truncate(path_of(name), 100), 0, "somebody cuts it");
	ok(lay(7, 'a') != NULL && holds(name, letters('a')), "MENU-09 it is mended before it is named");
	request.shelf = NULL;
	ok(!put(name, letters('a')) && reply.status == 0, "MENU-09 where nginx has no shelf, it is not used");
	request.shelf = "/_shelf/";
	ok(!put("7-x", (struct bytes){ "{}", 2 }) && files_n() == 1, "PERF-03 nor for what is small");
}

static void
test_tidying(void)
{
	const char *a, *b, *other;

	begin();
	other = lay(77, 'o');
	a = lay(7, 'a');
	b = lay(7, 'b');
	ok(a != NULL && b != NULL && other != NULL && files_n() == 2, "MENU-09 a new one replaces its owner's");
	ok(b != NULL && holds(b, letters('b')), "MENU-09 it stays");
	ok(other != NULL && holds(other, letters('o')), "ARC-02 and what is another's");
	shelf.max_bytes = (int64_t)LEN * 3;
	ok(lay(8, 'c') != NULL && files_n() == 3, "F18 as much as there may be");
	ok(lay(9, 'd') != NULL && files_n() == 1, "F18 and no more: the shelf is emptied but for the newest");
	ok(lay(7, 'b') != NULL && files_n() == 2, "MENU-09 what was there is laid again");
}

static void
test_failing(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY }, small = { 4096, RLIM_INFINITY };
	FILE *f;

	begin();
	ok(lay(7, 'a') != NULL, "a shelf");
	(void)setrlimit(RLIMIT_FSIZE, &small);
	ok(lay(7, 'b') == NULL && reply.status == 0 && reply.headers_n == 0, "F18 a file that cannot be written is not named");
	(void)setrlimit(RLIMIT_FSIZE, &none);
	is_int(files_n(), 1, "F18 and nothing is left of it");
	ok(lay(7, 'b') == NULL, "F18 nor tried again at once");
	ok(lay(7, 'a') != NULL, "F18 what lies there is named still");
	shelf.again_us = 1;
	ok(lay(7, 'b') != NULL, "F18 later it is");
	begin();
	f = fopen(shelf_dir, "w");
	ok(f != NULL && lay(7, 'a') == NULL, "F18 no shelf can be made: the answer is given here");
	if (f != NULL)
		fclose(f);
	begin();
}

int
main(void)
{
	(void)snprintf(dir, sizeof dir, "%s/shelf.XXXXXX", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(shelf_dir, sizeof shelf_dir, "%s/shelf", dir);
	(void)signal(SIGXFSZ, SIG_IGN);
	op_begin(&op, NULL, (size_t)16 * 1024 * 1024, NULL);
	op.config = &config;
	test_names();
	test_laying();
	test_tidying();
	test_failing();
	op_end(&op);
	(void)rmdir(dir);
	return tap_done();
}
