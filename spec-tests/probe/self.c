/* What the process itself is and has. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

extern char **environ;

static void print_strings(const char *key, char **list)
{
	printf("\"%s\":[", key);
	for (int i = 0; list[i]; i++) {
		if (i) putchar(',');
		print_string(list[i]);
	}
	printf("],");
}

static void print_link(const char *key, const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof target - 1);
	target[n < 0 ? 0 : n] = 0;
	printf("\"%s\":", key);
	print_string(target);
}

/* First line of a file, or "" when it cannot be read. */
static void print_file(const char *key, const char *path)
{
	char line[4096] = "";
	FILE *f = fopen(path, "re");
	if (f) {
		if (!fgets(line, sizeof line, f)) line[0] = 0;
		fclose(f);
	}
	line[strcspn(line, "\n")] = 0;
	printf("\"%s\":", key);
	print_string(line);
	putchar(',');
}

static void print_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data)) fail("capget");
	uint64_t bounding = 0, ambient = 0;
	for (int c = 0; c < 64; c++) {
		if (prctl(PR_CAPBSET_READ, c) == 1) bounding |= 1ull << c;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, c, 0, 0) == 1) ambient |= 1ull << c;
	}
#define SET(f) (unsigned long long)(data[0].f | (uint64_t)data[1].f << 32)
	printf("\"capabilities\":{\"effective\":\"%llx\",\"permitted\":\"%llx\",\"inheritable\":\"%llx\",\"bounding\":\"%llx\",\"ambient\":\"%llx\"},",
	       SET(effective), SET(permitted), SET(inheritable), (unsigned long long)bounding, (unsigned long long)ambient);
}

static void print_rlimits(void)
{
	static const char *names[] = { "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE",
				       "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME" };
	printf("\"rlimits\":{");
	for (int i = 0; i < 16; i++) {
		struct rlimit limit;
		getrlimit(i, &limit);
		printf("%s\"RLIMIT_%s\":[\"%llu\",\"%llu\"]", i ? "," : "", names[i], (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_max);
	}
	printf("},");
}

static void print_signals(void)
{
	sigset_t blocked;
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	const char *separator = "";
	printf("\"blocked\":[");
	for (int s = 1; s < 65; s++)
		if (sigismember(&blocked, s) == 1) printf("%s%d", separator, s), separator = ",";
	printf("],\"ignored\":[");
	separator = "";
	for (int s = 1; s < 65; s++) {
		struct sigaction action;
		if (!sigaction(s, NULL, &action) && action.sa_handler == SIG_IGN) printf("%s%d", separator, s), separator = ",";
	}
	printf("],");
}

static void print_descriptors(void)
{
	const char *separator = "";
	printf("\"fds\":[");
	for (int fd = 0; fd < 20000; fd++)
		if (fcntl(fd, F_GETFD) >= 0) printf("%s%d", separator, fd), separator = ",";
	printf("],");
}

struct scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static void print_scheduling(void)
{
	struct scheduling s = { 0 };
	syscall(SYS_sched_getattr, 0, &s, sizeof s, 0);
	printf("\"scheduler\":{\"policy\":%u,\"nice\":%d,\"priority\":%u,\"flags\":%llu,\"runtime\":%llu,\"deadline\":%llu,\"period\":%llu},", s.policy,
	       s.nice, s.priority, (unsigned long long)s.flags, (unsigned long long)s.runtime, (unsigned long long)s.deadline,
	       (unsigned long long)s.period);
	long io = syscall(SYS_ioprio_get, 1, 0);
	printf("\"ioPriority\":{\"class\":%ld,\"level\":%ld},", io >> 13, io & 7);
	cpu_set_t cpus;
	sched_getaffinity(0, sizeof cpus, &cpus);
	printf("\"cpus\":%d,", CPU_COUNT(&cpus));
}

static void print_namespaces(void)
{
	static const char *names[] = { "pid", "net", "ipc", "uts", "mnt", "user", "cgroup", "time" };
	printf("\"namespaces\":{");
	for (int i = 0; i < 8; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		if (i) putchar(',');
		print_link(names[i], path);
	}
	printf("},");
}

int show_self(int argc, char **argv)
{
	(void)argc;
	uid_t r, e, s;
	gid_t rg, eg, sg;
	getresuid(&r, &e, &s);
	getresgid(&rg, &eg, &sg);
	mode_t mask = umask(0);
	umask(mask);
	gid_t groups[128];
	int count = getgroups(128, groups);
	char cwd[4096] = "";
	if (!getcwd(cwd, sizeof cwd)) cwd[0] = 0;
	char keyring[256] = "";
	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, keyring, sizeof keyring - 1);
	printf("{\"pid\":%d,\"ppid\":%d,\"sid\":%d,\"pgid\":%d,", getpid(), getppid(), getsid(0), getpgrp());
	printf("\"uids\":[%u,%u,%u],\"gids\":[%u,%u,%u],\"umask\":%u,\"groups\":[", r, e, s, rg, eg, sg, mask);
	for (int i = 0; i < count; i++) printf("%s%u", i ? "," : "", groups[i]);
	printf("],\"cwd\":");
	print_string(cwd);
	printf(",\"keyring\":");
	print_string(keyring);
	printf(",\"noNewPrivileges\":%d,\"seccomp\":%d,\"dumpable\":%d,", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_SECCOMP),
	       prctl(PR_GET_DUMPABLE));
	printf("\"personality\":%d,\"pdeathsig\":", personality(0xffffffff));
	int deathsig = 0;
	prctl(PR_GET_PDEATHSIG, &deathsig);
	printf("%d,", deathsig);
	print_strings("args", argv);
	print_strings("env", environ);
	print_capabilities();
	print_rlimits();
	print_signals();
	print_descriptors();
	print_scheduling();
	print_namespaces();
	print_file("oomScoreAdj", "/proc/self/oom_score_adj");
	print_file("appArmor", "/proc/self/attr/current");
	print_link("exe", "/proc/self/exe");
	printf("}\n");
	return 0;
}
