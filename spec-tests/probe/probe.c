/*
 * What busybox cannot show or do. Linked statically, so that it runs in a rootfs without libraries.
 * The first argument chooses; see the table at the end. Output is JSON or one value per line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void print_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\') printf("\\%c", c);
		else if (c < 32) printf("\\u%04x", c);
		else putchar(c);
	}
	putchar('"');
}

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

static int show_self(int argc, char **argv)
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

/* Numbers are given as for strtol; text arguments start with '='. Prints "0" or the errno. */
static int make_syscall(int argc, char **argv)
{
	long a[7] = { 0 };
	for (int i = 2; i < argc && i < 9; i++) a[i - 2] = argv[i][0] == '=' ? (long)(argv[i] + 1) : strtol(argv[i], NULL, 0);
	long result = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
	printf("%d\n", result < 0 ? errno : 0);
	return 0;
}

static int listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4)) fail(path);
	return fd;
}

/* One message with descriptors; @returns how many. */
static int receive(int connection, int *fds, int room, char *data, size_t size)
{
	char control[CMSG_SPACE(sizeof(int) * 8)];
	struct iovec vector = { data, size - 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	if (n < 0) fail("recvmsg");
	data[n] = 0;
	int count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_type != SCM_RIGHTS) continue;
		count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(c), sizeof(int) * (size_t)(count < room ? count : room));
	}
	return count;
}

/*
 * console SOCKET [INPUT…]: receives one pty master, prints {"name","fds","closed","rows","columns"} and then what the terminal shows, until
 * it hangs up. The next INPUT is typed whenever the terminal shows a '?'.
 */
static int receive_console(int argc, char **argv)
{
	int listener = listen_unix(argv[2]);
	fprintf(stderr, "listening\n");
	int connection = accept(listener, NULL, NULL), fds[8];
	if (connection < 0) fail("accept");
	char name[512], rest[8], text[4096];
	int count = receive(connection, fds, 8, name, sizeof name);
	ssize_t more = read(connection, rest, sizeof rest);
	struct winsize size = { 0 };
	if (count > 0) ioctl(fds[0], TIOCGWINSZ, &size);
	printf("{\"name\":");
	print_string(name);
	printf(",\"fds\":%d,\"closed\":%s,\"rows\":%d,\"columns\":%d}\n", count, more == 0 ? "true" : "false", size.ws_row, size.ws_col);
	fflush(stdout);
	int next = 3;
	ssize_t n;
	while (count > 0 && (n = read(fds[0], text, sizeof text)) > 0) {
		if (write(1, text, (size_t)n) < 0) fail("write");
		if (next < argc && memchr(text, '?', (size_t)n)) {
			if (write(fds[0], argv[next], strlen(argv[next])) < 0) fail("type");
			next++;
		}
	}
	return 0;
}

/* What a process sees of its terminal. */
static int show_terminal(int argc, char **argv)
{
	(void)argc, (void)argv;
	struct winsize size = { 0 };
	struct stat in, console;
	int foreign = 0;
	fstat(0, &in);
	ioctl(0, TIOCGWINSZ, &size);
	pid_t session = -1;
	ioctl(0, TIOCGSID, &session);
	for (int fd = 1; fd < 3; fd++) {
		struct stat other;
		if (fstat(fd, &other) || other.st_rdev != in.st_rdev) foreign++;
	}
	int same = !stat("/dev/console", &console) && S_ISCHR(console.st_mode) && console.st_rdev == in.st_rdev;
	char name[256] = "";
	ttyname_r(0, name, sizeof name);
	int controlling = open("/dev/tty", O_RDWR | O_CLOEXEC);
	printf("{\"tty\":%d,\"name\":\"%s\",\"rows\":%d,\"columns\":%d,\"leader\":%d,\"controlling\":%d,\"foreign\":%d,\"console\":%d,\"uid\":%u,\"mode\":%u}\n",
	       isatty(0), name, size.ws_row, size.ws_col, session == getpid(), controlling >= 0, foreign, same, in.st_uid, in.st_mode & 07777);
	return 0;
}

/* subreaper CMD…: runs CMD, then waits for every process it left; prints "NAME PID STATUS" lines. */
static int reap(int argc, char **argv)
{
	(void)argc;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t first = fork();
	if (first == 0) {
		execvp(argv[2], argv + 2);
		fail(argv[2]);
	}
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, 0)) > 0) {
		printf("%s %d %d\n", pid == first ? "command" : "orphan", pid, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		fflush(stdout);
	}
	return 0;
}

/* launch [key=value…] -- CMD…: executes CMD with attributes that a Node process cannot give to a child. */
static int launch(int argc, char **argv)
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
		} else if (!strncmp(argv[i], "enosys=", 7)) {
			/* A kernel without this system call, for CMD and all that it starts. */
			struct sock_filter program[] = {
				{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
				{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)number },
				{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS },
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

/* touch-memory MEGABYTES: uses memory, then says so. */
static int touch_memory(int argc, char **argv)
{
	size_t size = (size_t)(argc > 2 ? atol(argv[2]) : 1) << 20;
	char *block = malloc(size);
	if (!block) fail("malloc");
	for (size_t i = 0; i < size; i += 4096) block[i] = 1;
	printf("touched\n");
	return 0;
}

/* signals: prints the number of every signal it gets; ends on SIGTERM. */
static int print_received(int argc, char **argv)
{
	(void)argc, (void)argv;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		int number = sigwaitinfo(&all, NULL);
		if (number < 0) continue;
		printf("signal %d\n", number);
		fflush(stdout);
		if (number == SIGTERM) return 15;
	}
}

/* forks N: starts N children that wait, prints how many could be started. */
static int make_children(int argc, char **argv)
{
	int wanted = argc > 2 ? atoi(argv[2]) : 1, made = 0;
	pid_t children[256];
	while (made < wanted && made < 256) {
		pid_t pid = fork();
		if (pid < 0) break;
		if (pid == 0) {
			pause();
			_exit(0);
		}
		children[made++] = pid;
	}
	printf("%d\n", made);
	for (int i = 0; i < made; i++) kill(children[i], SIGKILL);
	return 0;
}

/* notify TEXT: sends one datagram to NOTIFY_SOCKET, a path. */
static int notify(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	if (argc < 3 || !path) return 98;
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (sendto(fd, argv[2], strlen(argv[2]), 0, (struct sockaddr *)&address, sizeof address) < 0) fail("sendto");
	return 0;
}

/* exchange A B: gives two files each other's name until it is killed. */
static int exchange(int argc, char **argv)
{
	if (argc < 4) return 98;
	for (;;)
		if (syscall(SYS_renameat2, AT_FDCWD, argv[2], AT_FDCWD, argv[3], 2 /* RENAME_EXCHANGE */)) fail(argv[2]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int, char **);
	} verbs[] = {
		{ "self", show_self },	       { "syscall", make_syscall },	   { "console", receive_console }, { "terminal", show_terminal },
		{ "subreaper", reap },	       { "launch", launch },		   { "memory", touch_memory },	   { "signals", print_received },
		{ "children", make_children },	   { "notify", notify },	   { "exchange", exchange },
	};
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(argv[1], verbs[i].name)) return verbs[i].run(argc, argv);
	fprintf(stderr, "probe: which of self, syscall, console, terminal, subreaper, launch, memory, signals, children, notify, exchange?\n");
	return 98;
}
