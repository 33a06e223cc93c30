// What a container sees of its protections: look WORD…, a token for each, and "end".
//   in PATH,PATH… NAME  what follows is relative to the first PATH that holds NAME; looks again for as long as none
//   does type PATH           f d l p s, cMAJOR:MINOR, bMAJOR:MINOR; a symlink is not followed read PATH           its
//   first word write PATH          "open" if it can be opened for writing, which alone changes nothing owner PATH
//   UID:GID mode PATH           in octal digits mounts NAME         "PATH:ro" or ":rw" of every mount from this source,
//   or whose root ends in this name; or "none" cwd, host           the working directory, the host name next a bar;
//   what follows is relative to the working directory again
// A name of an errno stands for what failed. /proof is where a procfs is mounted that nobody takes away.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe.h"

enum { LOOKS = 100000 };

static int base = AT_FDCWD;

/* Of the C library since its version 2.32; before, names of what is met here, and numbers. */
static void say_error(void) {
#if __GLIBC_PREREQ(2, 32)
  printf("%s ", strerrorname_np(errno));
#else
  static const struct { int number; const char *name; } known[] = {
    { ENOENT, "ENOENT" }, { EROFS, "EROFS" }, { EACCES, "EACCES" }, { EPERM, "EPERM" }, { ENOTDIR, "ENOTDIR" }, { ELOOP, "ELOOP" },
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (known[i].number == errno) {
      printf("%s ", known[i].name);
      return;
    }
  }
  printf("E%d ", errno);
#endif
}

static void look_in(char *paths, const char *name) {
  char copy[4096];
  struct stat status;
  for (int look = 0; look < LOOKS; look++) {
    snprintf(copy, sizeof copy, "%s", paths);
    for (char *path = strtok(copy, ","); path; path = strtok(NULL, ",")) {
      const int found = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
      if (found >= 0 && !fstatat(found, name, &status, AT_SYMLINK_NOFOLLOW)) {
        base = found;
        return;
      }
      if (found >= 0) close(found);
    }
  }
  printf("nowhere ");
}

static void say_type(const char *path) {
  struct stat status;
  if (fstatat(base, path, &status, AT_SYMLINK_NOFOLLOW)) {
    say_error();
    return;
  }
  const char letter = "?pc?d?b?f?l?s???"[status.st_mode >> 12 & 15];
  printf("%c", letter);
  if (letter == 'c' || letter == 'b') printf("%u:%u", major(status.st_rdev), minor(status.st_rdev));
  putchar(' ');
}

static void say_content(const char *path) {
  char text[64];
  const int fd = openat(base, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (size < 0) {
    say_error();
    return;
  }
  text[size] = 0;
  text[strcspn(text, " \n")] = 0;
  printf("%s ", *text ? text : "empty");
}

static void say_writable(const char *path) {
  const int fd = openat(base, path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    say_error();
  else
    printf("open ");
}

static void say_owner(const char *path) {
  struct stat status;
  if (fstatat(base, path, &status, 0))
    say_error();
  else
    printf("%u:%u ", status.st_uid, status.st_gid);
}

static void say_mode(const char *path) {
  struct stat status;
  if (fstatat(base, path, &status, 0))
    say_error();
  else
    printf("%o ", status.st_mode & 07777);
}

static int ends_in(const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  return slash && !strcmp(slash + 1, name);
}

static void say_mounts(const char *name) {
  char line[8192], root[4096], point[4096], options[256], source[256];
  const char *separator = "";
  FILE *mounts = fopen("/proof/self/mountinfo", "re");
  while (mounts && fgets(line, sizeof line, mounts)) {
    const char *rest = strstr(line, " - ");
    if (sscanf(line, "%*s %*s %*s %4095s %4095s %255s", root, point, options) != 3) continue;
    if (!rest || sscanf(rest, " - %*s %255s", source) != 1) continue;
    if (strcmp(source, name) && !ends_in(root, name)) continue;
    printf("%s%s:%.2s", separator, point, options);
    separator = ",";
  }
  printf(*separator ? " " : mounts ? "none " : "unknown ");
}

static void say_directory(void) {
  char path[4096];
  if (getcwd(path, sizeof path))
    printf("%s ", path);
  else
    say_error();
}

int look(int argc, char **argv) {
  for (int i = 2; i < argc; i++) {
    char *word = argv[i], *path = i + 1 < argc ? argv[i + 1] : NULL;
    struct utsname system;
    if (!strcmp(word, "cwd"))
      say_directory();
    else if (!strcmp(word, "host"))
      uname(&system), printf("%s ", system.nodename);
    else if (!strcmp(word, "next"))
      base = AT_FDCWD, printf("| ");
    else if (!path)
      return 98;
    else if (!strcmp(word, "in") && i + 2 < argc)
      look_in(path, argv[i + 2]), i += 2;
    else if (!strcmp(word, "type"))
      say_type(path), i++;
    else if (!strcmp(word, "read"))
      say_content(path), i++;
    else if (!strcmp(word, "write"))
      say_writable(path), i++;
    else if (!strcmp(word, "owner"))
      say_owner(path), i++;
    else if (!strcmp(word, "mode"))
      say_mode(path), i++;
    else if (!strcmp(word, "mounts"))
      say_mounts(path), i++;
    else
      return 98;
  }
  printf("end\n");
  return 0;
}
