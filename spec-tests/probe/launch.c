#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

/* launch [key=value…] -- CMD…: executes CMD with attributes that a Node process cannot give to a child. */
int launch(int argc, char **argv)
{
	int i = 2;
	for (; i < argc && strcmp(argv[i], "--"); i++) {
		char *value = strchr(argv[i], '=');
		long number = value ? strtol(value + 1, NULL, 0) : 0;
		if (!strncmp(argv[i], "ignore=", 7)) signal((int)number, SIG_IGN);
		else if (!strncmp(argv[i], "umask=", 6)) umask((mode_t)number);
		else if (!strncmp(argv[i], "pdeathsig=", 10)) prctl(PR_SET_PDEATHSIG, number);
		else if (!strncmp(argv[i], "groups=", 7)) {
			gid_t group = (gid_t)number;
			if (setgroups(1, &group)) fail("setgroups");
		} else if (!strncmp(argv[i], "block=", 6)) {
			sigset_t set;
			sigemptyset(&set);
			sigaddset(&set, (int)number);
			sigprocmask(SIG_BLOCK, &set, NULL);
		} else if (!strncmp(argv[i], "fd=", 3)) {
			int fd = open("/etc", O_RDONLY | O_DIRECTORY);
			if (fd < 0 || dup2(fd, (int)number) < 0) fail("dup2");
			if (fd != number) close(fd);
		} else if (!strncmp(argv[i], "close=", 6)) {
			close((int)number);
		} else if (!strncmp(argv[i], "path=", 5) || !strncmp(argv[i], "socket=", 7)) {
			int fd = argv[i][0] == 'p' ? open("/etc", O_PATH) : socket(AF_UNIX, SOCK_STREAM, 0);
			if (fd < 0 || dup2(fd, (int)number) < 0) fail(argv[i]);
			if (fd != number) close(fd);
		} else if (!strncmp(argv[i], "nofile=", 7)) {
			/* The soft limit alone: what is open above it stays open. */
			struct rlimit limit;
			if (getrlimit(RLIMIT_NOFILE, &limit)) fail("getrlimit");
			limit.rlim_cur = (rlim_t)number;
			if (setrlimit(RLIMIT_NOFILE, &limit)) fail("setrlimit");
		} else if (!strncmp(argv[i], "pipe=", 5)) {
			/* A pipe with text in it, its reading end at this number. */
			int ends[2];
			char text[32];
			if (pipe(ends) || write(ends[1], text, (size_t)sprintf(text, "pipe %ld\n", number)) < 0) fail("pipe");
			close(ends[1]);
			if (ends[0] != number) dup2(ends[0], (int)number), close(ends[0]);
		} else if (!strncmp(argv[i], "oom=", 4)) {
			FILE *f = fopen("/proc/self/oom_score_adj", "we");
			if (!f || fprintf(f, "%ld", number) < 0 || fclose(f)) fail("oom_score_adj");
		} else if (!strncmp(argv[i], "cpu=", 4)) {
			cpu_set_t cpus;
			CPU_ZERO(&cpus);
			CPU_SET((int)number, &cpus);
			if (sched_setaffinity(0, sizeof cpus, &cpus)) fail("affinity");
		} else if (!strncmp(argv[i], "enosys=", 7) || !strncmp(argv[i], "enosys-after=", 13) || !strncmp(argv[i], "eperm=", 6) || !strncmp(argv[i], "einval=", 7)) {
			/* A kernel without this system call, or those of larger numbers, or a caller who may not use it, for CMD and all it starts. */
			uint32_t answer = argv[i][1] == 'n' ? ENOSYS : argv[i][1] == 'p' ? EPERM : EINVAL;
			uint16_t comparison = argv[i][6] == '-' ? BPF_JGT : BPF_JEQ;
			struct sock_filter program[] = {
				{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
				{ (uint16_t)(BPF_JMP | comparison | BPF_K), 0, 1, (uint32_t)number },
				{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | answer },
				{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
			};
			struct sock_fprog filter = { 4, program };
			if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) fail("seccomp");
		} else if (!strcmp(argv[i], "listen-pid")) {
			char text[32];
			sprintf(text, "%d", getpid());
			setenv("LISTEN_PID", text, 1);
		} else {
			errno = EINVAL;
			fail(argv[i]);
		}
	}
	execvp(argv[i + 1], argv + i + 1);
	fail(argv[i + 1]);
	return 99;
}
