/*
 * Kills a process of a command at a moment of its life: node's timers know milliseconds, and a whole command may take one.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum { most = 64 };

/* Adds the children of a process, and theirs. */
static int add_descendants(pid_t pid, pid_t *found, int count)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	FILE *f = fopen(path, "re");
	int child;
	while (f && count < most && fscanf(f, "%d", &child) == 1) {
		found[count++] = child;
		count = add_descendants(child, found, count);
	}
	if (f) fclose(f);
	return count;
}

static int find_descendants(pid_t command, pid_t *found)
{
	pid_t all[most];
	int count = 0, total = add_descendants(getpid(), all, 0);
	for (int i = 0; i < total; i++) if (all[i] != command) found[count++] = all[i];
	return count;
}

static int open_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* One that the command has started, intermediate, init or a hook. @returns a pidfd, -1 when there is none */
static int open_descendant(pid_t command, long long choice)
{
	pid_t before[most], after[most];
	int count = find_descendants(command, before);
	if (!count) return -1;
	pid_t pid = before[choice % count];
	int pidfd = open_process(pid);
	/* It has to be one still, now that its number cannot become another's. */
	for (int i = find_descendants(command, after); pidfd >= 0 && i-- > 0;) if (after[i] == pid) return pidfd;
	return -1;
}

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/*
 * die FILE NANOSECONDS runtime|descendant|PID COMMAND…: SIGKILL for the command, one of those it has started, or another process, so long after the
 * command has begun. Ends as the command does. FILE gets "killed", or "late" when the process was not there any more or not yet, and the time that
 * the command took.
 */
int die(int argc, char **argv)
{
	FILE *report;
	if (argc < 6 || !(report = fopen(argv[2], "we"))) fail("die");
	long long delay = atoll(argv[3]), start = now();
	int target = atoi(argv[4]), pidfd = target > 1 ? open_process(target) : -1, status;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t command = fork();
	if (command < 0) fail("fork");
	if (!command) {
		execvp(argv[5], argv + 5);
		_exit(99);
	}
	if (!strcmp(argv[4], "runtime")) pidfd = open_process(command);
	struct timespec until = { (start + delay) / 1000000000, (start + delay) % 1000000000 };
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	if (!strcmp(argv[4], "descendant")) pidfd = open_descendant(command, delay);
	/* A zombie takes a signal as well. */
	siginfo_t ended = { .si_pid = 0 };
	waitid(P_PID, (id_t)command, &ended, WEXITED | WNOHANG | WNOWAIT);
	int killed = pidfd >= 0 && !ended.si_pid && !syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	while (waitpid(command, &status, 0) != command);
	fprintf(report, "%s %lld\n", killed ? "killed" : "late", now() - start);
	fclose(report);
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
