/* What a container shows at its paths: see observe() at the end. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "probe.h"

static char answer[1 << 18];

static size_t append(size_t at, const char *text)
{
	size_t size = strlen(text);
	if (at + size >= sizeof answer) fail("too long an answer");
	memcpy(answer + at, text, size + 1);
	return at + size;
}

static const char *kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "directory";
	case S_IFLNK: return "link";
	case S_IFCHR: return "character";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	default: return "socket";
	}
}

static void read_content(const char *path, size_t at)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = -1;
	if (fd >= 0) {
		while ((n = read(fd, answer + at, sizeof answer - 1 - at)) > 0) at += (size_t)n;
		close(fd);
		answer[at] = 0;
	}
	if (n < 0) append(at, strerror(errno));
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Numbers of /proc are of processes, and left out. */
static void read_names(const char *path, size_t at)
{
	DIR *directory = opendir(path);
	char *names[512];
	size_t count = 0;
	if (!directory) {
		append(at, strerror(errno));
		return;
	}
	for (struct dirent *entry; count < 512 && (entry = readdir(directory));)
		if (entry->d_name[0] != '.' && (entry->d_name[0] < '0' || entry->d_name[0] > '9')) names[count++] = strdup(entry->d_name);
	closedir(directory);
	qsort(names, count, sizeof *names, by_name);
	for (size_t i = 0; i < count; i++) at = append(append(at, names[i]), " ");
}

/* kind, mode, owner, device, whether it could be read and written; then the content, the names or the target. */
static void describe(const char *path)
{
	struct stat found;
	if (lstat(path, &found)) {
		append(0, strerror(errno));
		return;
	}
	char text[128];
	snprintf(text, sizeof text, "%s %o %u:%u %u:%u %s%s ", kind(found.st_mode), found.st_mode & 07777, found.st_uid, found.st_gid,
		 S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode) ? major(found.st_rdev) : 0,
		 S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode) ? minor(found.st_rdev) : 0, access(path, R_OK) ? "-" : "r",
		 access(path, W_OK) ? "-" : "w");
	size_t at = append(0, text);
	if (S_ISREG(found.st_mode)) read_content(path, at);
	else if (S_ISDIR(found.st_mode)) read_names(path, at);
	else if (S_ISLNK(found.st_mode)) {
		ssize_t n = readlink(path, answer + at, 4096);
		answer[at + (size_t)(n < 0 ? 0 : n)] = 0;
	}
}

static void make_call(const char *words)
{
	long a[4] = { 0 };
	char *end = (char *)words;
	for (int i = 0; i < 4 && *end; i++) a[i] = strtol(end, &end, 0), end += *end == ',';
	long result = syscall(a[0], a[1], a[2], a[3], 0, 0, 0);
	snprintf(answer, sizeof answer, "%d", result < 0 ? errno : 0);
}

/*
 * observe STATUS GATE [QUESTION…]: what `self` prints; then an object with an answer to each question, a path or @NUMBER,ARGUMENT… for a
 * system call. Ends with the status when somebody has opened the fifo GATE for writing.
 */
int observe(int argc, char **argv)
{
	if (argc < 4) return 98;
	show_self(argc, argv);
	putchar('{');
	for (int i = 4; i < argc; i++) {
		answer[0] = 0;
		if (argv[i][0] == '@') make_call(argv[i] + 1);
		else describe(argv[i]);
		if (i > 4) putchar(',');
		print_string(argv[i]);
		putchar(':');
		print_string(answer);
	}
	printf("}\n");
	fflush(stdout);
	int gate = open(argv[3], O_RDONLY | O_CLOEXEC);
	char nothing;
	if (gate < 0 || read(gate, &nothing, 1) < 0) fail(argv[3]);
	return atoi(argv[2]);
}
