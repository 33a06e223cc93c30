/*
 * What busybox cannot show or do. Linked statically, so that it runs in a rootfs without libraries.
 * The first argument chooses; see the table at the end. Output is JSON or one value per line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "probe.h"

void fail(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(99);
}

void print_string(const char *s)
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

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int, char **);
	} verbs[] = {
		{ "self", show_self },	       { "syscall", make_syscall },	   { "console", receive_console }, { "terminal", show_terminal },
		{ "subreaper", reap },	       { "launch", launch },		   { "memory", touch_memory },	   { "signals", print_received },
		{ "children", make_children },	   { "notify", notify },	   { "race", run_race },
		{ "look", look },		   { "hunt", hunt },		   { "confine", confine },	   { "enter", enter },
		{ "observe", observe },
		{ "inject", inject_fault },	   { "die", die },
	};
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(argv[1], verbs[i].name)) return verbs[i].run(argc, argv);
	fprintf(stderr, "probe: which of self, syscall, console, terminal, subreaper, launch, memory, signals, children, notify, race, look, hunt, confine, enter, inject, die?\n");
	return 98;
}
