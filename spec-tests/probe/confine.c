#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static const int namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;

/* As struct mount_attr of linux/mount.h, whose header disagrees with libc's on some systems. */
struct attributes {
	uint64_t set, clear, propagation, userns;
};

/* Flags of statvfs(3) that a remount keeps only if it is given them; mount(2) has the same numbers. */
static const unsigned long kept = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/* Makes the mount at the path read-only or writable, as mount_setattr(2) of Linux 5.12 would. */
static void remount(const char *path, int writable)
{
	struct statvfs now;
	if (statvfs(path, &now)) fail(path);
	unsigned long flags = now.f_flag & kept;
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags | (writable ? 0 : MS_RDONLY), NULL)) fail(path);
}

/* Calls `act` with every place where something is mounted that can be reached by its name, if only of types that begin so. */
static void for_mounts(const char *type_begins, void (*act)(const char *))
{
	char line[8192], point[4096], type[64];
	FILE *mounts = fopen("/proc/self/mounts", "re");
	if (!mounts) fail("/proc/self/mounts");
	while (fgets(line, sizeof line, mounts)) {
		if (sscanf(line, "%*s %4095s %63s", point, type) != 2 || strncmp(type, type_begins, strlen(type_begins)) != 0) continue;
		if (access(point, F_OK) == 0) act(point);
	}
	fclose(mounts);
}

static void make_writable(const char *path)
{
	struct attributes attributes = { .clear = MS_RDONLY };
	if (syscall(SYS_mount_setattr, -1, path, 0, &attributes, sizeof attributes) == 0) return;
	if (errno != ENOSYS) fail(path);
	remount(path, 1);
}

static void make_read_only(const char *path)
{
	remount(path, 0);
}

static void make_all_read_only(void)
{
	struct attributes attributes = { .set = MS_RDONLY };
	if (syscall(SYS_mount_setattr, -1, "/", AT_RECURSIVE, &attributes, sizeof attributes) == 0) return;
	if (errno != ENOSYS) fail("/");
	for_mounts("", make_read_only);
}

/* A null device of its own: crun gives the standard streams to the user of the container, and with the host's that would be everybody's. */
static void own_null(const char *directory)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/null-device", directory);
	if (mknod(path, S_IFCHR, makedev(1, 3)) || chmod(path, 0666)) fail(path);
	if (mount(path, "/dev/null", NULL, MS_BIND, NULL)) fail("/dev/null");
}

/* Makes everything read-only but the path; `without`, unless empty, is a mount in whose place there is a tmpfs. */
static void close_host(const char *writable, const char *without)
{
	if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail("private mounts");
	make_all_read_only();
	if (mount(writable, writable, NULL, MS_BIND, NULL)) fail(writable);
	make_writable(writable);
	/* The hierarchies of cgroups are the host's: whoever makes a container has to make one there. */
	for_mounts("cgroup", make_writable);
	own_null(writable);
	if (*without && ((umount2(without, MNT_DETACH) && errno != EINVAL) || mount("tmpfs", without, "tmpfs", 0, NULL))) fail(without);
	/* The procfs of the host would show, and give access to, what is not of this pid namespace. */
	umount2("/proc", MNT_DETACH);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) fail("/proc");
}

static void reap_all(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (;;) {
		while (waitpid(-1, NULL, WNOHANG) > 0) {}
		sigwaitinfo(&set, NULL);
	}
}

/*
 * confine WRITABLE [WITHOUT]: namespaces in which only the directory WRITABLE and the cgroups can be changed. Prints "confined PID", the process that
 * keeps them: everything in them ends with it, and so does this, when all have ended.
 */
int confine(int argc, char **argv)
{
	int ready[2];
	char byte;
	if (argc < 3) return 98;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(namespaces) || pipe(ready)) fail("unshare");
	pid_t keeper = fork();
	if (keeper < 0) fail("fork");
	if (keeper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		close_host(argv[2], argc > 3 ? argv[3] : "");
		if (write(ready[1], "", 1) != 1) fail("ready");
		close(ready[1]);
		reap_all();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) return 99;
	printf("confined %d\n", keeper);
	fflush(stdout);
	waitpid(keeper, NULL, 0);
	return 0;
}

/* The null device on the standard input is the one of these namespaces from here on. */
static void own_input(void)
{
	struct stat input;
	if (fstat(0, &input) || !S_ISCHR(input.st_mode) || input.st_rdev != makedev(1, 3)) return;
	int null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, 0) < 0) fail("/dev/null");
	close(null);
}

/* enter PID -- CMD…: executes CMD where `confine` has printed PID, in the directory of the same name as here. */
int enter(int argc, char **argv)
{
	int status;
	char directory[4096];
	if (argc < 5) return 98;
	int keeper = (int)syscall(SYS_pidfd_open, atoi(argv[2]), 0);
	if (!getcwd(directory, sizeof directory)) fail("getcwd");
	if (keeper < 0 || setns(keeper, namespaces)) fail("setns");
	close(keeper);
	if (chdir(directory)) fail(directory);
	own_input();
	pid_t child = fork();
	if (child < 0) fail("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[4], argv + 4);
		fail(argv[4]);
	}
	if (waitpid(child, &status, 0) != child) fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
