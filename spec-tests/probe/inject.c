/*
 * One fault at one system call of one process of a command. strace counts the occurrences of a call in every process apart and could not tell
 * the runtime's third open from init's; and it stays with the container.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>

#include "probe.h"
#include "registers.h"

#if defined(__x86_64__) || defined(__aarch64__)

enum { options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC };

/* Whom a process belongs to: nobody known yet; the command's engine, a thread of it; the command; what it starts, until that is executed; the init program in the runtime's namespaces; its child. */
enum role { unknown, foreign, runtime, starting, intermediate, init, hook, roles };
static const char *const names[] = { "unknown", "foreign", "runtime", "starting", "intermediate", "init", "hook" };

struct process {
	pid_t pid;
	enum role role;
	/* Stopped before anybody said whose child it is. */
	int waits;
	/* The errno it gets when its system call returns. */
	int error;
};

static struct process processes[256];
static unsigned long counts[roles];
static struct {
	enum role role;
	unsigned long at;
	int error, signal, done;
} fault;
static FILE *report;

static struct process *find(pid_t pid)
{
	struct process *free = NULL;
	for (struct process *p = processes; p < processes + 256; p++) {
		if (p->pid == pid) return p;
		if (!p->pid && !free) free = p;
	}
	if (!free) errno = ENFILE, fail("inject");
	*free = (struct process){ .pid = pid };
	return free;
}

static void forget(struct process *p)
{
	*p = (struct process){ 0 };
}

/* Whose parent was killed before it could say whose child they are. */
static void let_orphans_go(void)
{
	for (struct process *p = processes; p < processes + 256; p++) {
		if (!p->pid || !p->waits) continue;
		ptrace(PTRACE_DETACH, p->pid, 0, 0L);
		forget(p);
	}
}

/* Once its fault has happened, or when it is nobody of ours any more, a process runs on alone. */
static void go_on(struct process *p, int signal, int leave)
{
	if (leave) {
		ptrace(PTRACE_DETACH, p->pid, 0, (long)signal);
		forget(p);
	} else ptrace(PTRACE_SYSCALL, p->pid, 0, (long)signal);
}

/* A path among the arguments, for people. */
static void print_texts(pid_t pid, const __u64 *arguments)
{
	for (int i = 0; i < 6; i++) {
		char text[120] = "";
		struct iovec here = { text, sizeof text - 1 }, there = { (void *)arguments[i], sizeof text - 1 };
		if (arguments[i] < 65536 || process_vm_readv(pid, &here, 1, &there, 1, 0) <= 0) continue;
		size_t length = 0;
		while (text[length] > 32 && text[length] < 127) length++;
		if (length && !text[length]) fprintf(report, " %s", text);
	}
}

/* Which file is read or written, where the call names a descriptor alone. */
static void print_file(pid_t pid, const struct ptrace_syscall_info *call)
{
	if (call->entry.nr != SYS_read && call->entry.nr != SYS_write) return;
	char link[64], path[256] = "";
	snprintf(link, sizeof link, "/proc/%d/fd/%lld", pid, (long long)call->entry.args[0]);
	if (readlink(link, path, sizeof path - 1) > 0) fprintf(report, " %s", path);
}

static void print_call(const struct process *p, const struct ptrace_syscall_info *call)
{
	fprintf(report, "%s %lu %llu %lld", names[p->role], counts[p->role], (unsigned long long)call->entry.nr, (long long)call->entry.args[0]);
	print_texts(p->pid, call->entry.args);
	print_file(p->pid, call);
	fputc('\n', report);
}

static void inject(struct process *p, const struct ptrace_syscall_info *call)
{
	fault.done = 1;
	print_call(p, call);
	fflush(report);
	if (fault.signal) {
		kill(p->pid, fault.signal);
		return;
	}
	p->error = fault.error;
	/* Whatever close(2) says, the descriptor is closed. */
	if (call->entry.nr == SYS_close) return;
	leave_out(p->pid);
}

static void at_call(struct process *p)
{
	struct ptrace_syscall_info call;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof call, &call) <= 0) return;
	if (call.op == PTRACE_SYSCALL_INFO_EXIT && p->error) {
		return_instead(p->pid, -(long long)p->error);
		p->error = 0;
	} else if (call.op == PTRACE_SYSCALL_INFO_ENTRY) {
		counts[p->role]++;
		if (!fault.at) print_call(p, &call);
		else if (!fault.done && p->role == fault.role && counts[p->role] == fault.at) inject(p, &call);
	}
}

static int is_thread(pid_t pid)
{
	char path[64], line[128];
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *f = fopen(path, "re");
	int group = pid;
	while (f && fgets(line, sizeof line, f)) if (sscanf(line, "Tgid: %d", &group) == 1) break;
	if (f) fclose(f);
	return group != pid;
}

static void at_birth(struct process *parent)
{
	unsigned long pid = 0;
	ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &pid);
	struct process *child = find((pid_t)pid);
	child->role = parent->role == runtime ? starting : parent->role == intermediate ? init : hook;
	if (is_thread((pid_t)pid)) child->role = foreign;
	if (child->waits) {
		child->waits = 0;
		go_on(child, 0, child->role == foreign);
	}
}

/* @returns whether it is still one of ours. */
static int at_exec(struct process *p)
{
	char path[64], program[256] = "";
	snprintf(path, sizeof path, "/proc/%d/exe", p->pid);
	if (readlink(path, program, sizeof program - 1) < 0) return 0;
	if (p->role == runtime) return 1;
	if (p->role == starting) p->role = intermediate;
	/* For a restore it becomes CRIU, which traces others itself. */
	return p->role == intermediate && strstr(program, "runts-init");
}

static void at_stop(pid_t pid, int status)
{
	struct process *p = find(pid);
	int signal = WSTOPSIG(status), event = status >> 16, stay = 1;
	if (p->role == unknown && !fault.done) {
		p->waits = 1;
		return;
	}
	if (p->role == foreign || p->role == unknown) {
		go_on(p, event ? 0 : signal, 1);
		return;
	}
	if (signal == (SIGTRAP | 0x80)) at_call(p), signal = 0;
	else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) at_birth(p), signal = 0;
	else if (event == PTRACE_EVENT_EXEC) stay = at_exec(p), signal = 0;
	else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		ptrace(PTRACE_LISTEN, pid, 0, 0);
		return;
	} else if (event) signal = 0;
	go_on(p, signal, !stay || (fault.done && !p->error));
}

static pid_t start_stopped(char **command)
{
	int gate[2];
	if (pipe(gate)) fail("pipe");
	pid_t pid = fork();
	if (pid < 0) fail("fork");
	if (!pid) {
		char byte;
		close(gate[1]);
		if (read(gate[0], &byte, 1) != 1) _exit(99);
		close(gate[0]);
		fclose(report);
		execvp(command[0], command);
		_exit(99);
	}
	close(gate[0]);
	if (ptrace(PTRACE_SEIZE, pid, 0, (long)options) || ptrace(PTRACE_INTERRUPT, pid, 0, 0)) fail("ptrace");
	int status;
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) fail("waitpid");
	find(pid)->role = runtime;
	/* Counted from its execve on. */
	ptrace(PTRACE_CONT, pid, 0, 0);
	if (write(gate[1], "", 1) != 1) fail("write");
	close(gate[1]);
	return pid;
}

static enum role role_of(const char *name)
{
	for (int role = runtime; role < roles; role++) if (!strcmp(names[role], name)) return (enum role)role;
	errno = EINVAL;
	fail(name);
	return unknown;
}

/*
 * inject FILE [ROLE COUNT error=E|signal=S] -- COMMAND…: ends as COMMAND does. FILE gets a line "ROLE COUNT NUMBER ARGUMENT TEXT…" for every system
 * call, or, when one of them is named, for that one alone, which then fails without effect or brings its process a signal.
 */
int inject_fault(int argc, char **argv)
{
	int i = 3;
	if (argc < 5 || !(report = fopen(argv[2], "we"))) fail("inject");
	if (strcmp(argv[i], "--")) {
		fault.role = role_of(argv[3]);
		fault.at = strtoul(argv[4], NULL, 10);
		if (!strncmp(argv[5], "signal=", 7)) fault.signal = atoi(argv[5] + 7);
		else fault.error = atoi(argv[5] + 6);
		i = 6;
	}
	pid_t command = start_stopped(argv + i + 1);
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);
		if (pid < 0) fail("waitpid");
		if (WIFSTOPPED(status)) {
			at_stop(pid, status);
			continue;
		}
		forget(find(pid));
		if (fault.done) let_orphans_go();
		if (pid != command) continue;
		fflush(report);
		/* Whom we still trace is let go by our end. */
		_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	}
}

#else

int inject_fault(int argc, char **argv)
{
	(void)argc, (void)argv;
	errno = ENOSYS;
	fail("inject");
	return 99;
}

#endif
