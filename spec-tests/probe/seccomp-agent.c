// The agent behind listenerPath: seccomp-agent SOCKET [NUMBER ERRNO]…
// For each connection it prints `state MESSAGES-WITH-FDS FDS JSON` when the sender has closed it, then answers the
// listener: a call whose NUMBER is given fails with ERRNO, all others go on in the kernel. For each call it prints
// `call NUMBER PID`.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int listen_on(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0) fail("listen");
  return fd;
}

/** Reads one connection to its end. @return the first descriptor that came with the first message, or -1 */
static int receive_state(int connection) {
  static char text[65536];
  size_t size = 0;
  int listener = -1, count = 0, carriers = 0;
  for (;;) {
    union {
      struct cmsghdr header;
      char bytes[CMSG_SPACE(16 * sizeof(int))];
    } control;
    struct iovec vector = {text + size, sizeof(text) - 1 - size};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    if (got < 0) fail("recvmsg");
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    if (part != NULL && part->cmsg_type == SCM_RIGHTS) {
      carriers++;
      // Descriptors belong to the first message.
      if (size > 0) carriers += 100;
      count += (int)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      memcpy(&listener, CMSG_DATA(part), sizeof(listener));
    }
    if (got == 0) break;
    size += (size_t)got;
  }
  text[size] = '\0';
  printf("state %d %d %s\n", carriers, count, text);
  return listener;
}

static void answer(int listener, int rules, char **rule) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof(call));
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
    if (errno == ENOENT || errno == EINTR) return;
    fail("SECCOMP_IOCTL_NOTIF_RECV");
  }
  struct seccomp_notif_resp reply = {.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  for (int i = 0; i + 1 < rules; i += 2) {
    if (atoi(rule[i]) != call.data.nr) continue;
    reply.flags = 0;
    reply.error = -atoi(rule[i + 1]);
  }
  printf("call %d %u\n", call.data.nr, call.pid);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) < 0 && errno != ENOENT) fail("SECCOMP_IOCTL_NOTIF_SEND");
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct pollfd fds[32] = {{.fd = listen_on(argv[1]), .events = POLLIN}};
  nfds_t count = 1;
  printf("ready\n");
  for (;;) {
    if (poll(fds, count, -1) < 0) fail("poll");
    for (nfds_t i = 1; i < count; i++) {
      if ((fds[i].revents & POLLIN) != 0) answer(fds[i].fd, argc - 2, argv + 2);
      // Nobody is left that has the filter.
      if ((fds[i].revents & POLLHUP) != 0) {
        close(fds[i].fd);
        fds[i--] = fds[--count];
      }
    }
    if ((fds[0].revents & POLLIN) == 0) continue;
    int connection = accept(fds[0].fd, NULL, NULL);
    if (connection < 0) fail("accept");
    int listener = receive_state(connection);
    close(connection);
    if (listener >= 0 && count < 32) fds[count++] = (struct pollfd){.fd = listener, .events = POLLIN};
  }
}
