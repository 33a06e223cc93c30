/* A wall clock that somebody sets forward by an hour whenever it is looked at; preloaded into a dynamic program. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long steps;

int clock_gettime(clockid_t clock, struct timespec *to) {
  long failed = syscall(SYS_clock_gettime, clock, to);
  if (failed == 0 && clock == CLOCK_REALTIME) to->tv_sec += 3600 * __atomic_add_fetch(&steps, 1, __ATOMIC_RELAXED);
  return (int)failed;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  to->tv_sec = now.tv_sec;
  to->tv_usec = now.tv_nsec / 1000;
  return 0;
}
