#pragma once

#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <linux/time_types.h>

#include "arch.h"
#include "newer.h"
#include "types.h"

/**
 * System calls as they are: the value, or -errno. No errno variable, no cancellation, no emulation.
 * What has no wrapper goes through `call(__NR_…, …)`.
 */
namespace runts::sys {

template <typename T>
inline long word(T value) {
  if constexpr (__is_enum(T)) {
    return static_cast<long>(value);
  } else {
    return (long)value;  // pointers and numbers of every width
  }
}

inline long word(decltype(nullptr)) {
  return 0;
}

inline long call(long number) {
  return raw_syscall(number, 0, 0, 0, 0, 0, 0);
}
template <typename A>
inline long call(long number, A a) {
  return raw_syscall(number, word(a), 0, 0, 0, 0, 0);
}
template <typename A, typename B>
inline long call(long number, A a, B b) {
  return raw_syscall(number, word(a), word(b), 0, 0, 0, 0);
}
template <typename A, typename B, typename C>
inline long call(long number, A a, B b, C c) {
  return raw_syscall(number, word(a), word(b), word(c), 0, 0, 0);
}
template <typename A, typename B, typename C, typename D>
inline long call(long number, A a, B b, C c, D d) {
  return raw_syscall(number, word(a), word(b), word(c), word(d), 0, 0);
}
template <typename A, typename B, typename C, typename D, typename E>
inline long call(long number, A a, B b, C c, D d, E e) {
  return raw_syscall(number, word(a), word(b), word(c), word(d), word(e), 0);
}
template <typename A, typename B, typename C, typename D, typename E, typename F>
inline long call(long number, A a, B b, C c, D d, E e, F f) {
  return raw_syscall(number, word(a), word(b), word(c), word(d), word(e), word(f));
}

// --- files ----------------------------------------------------------------------------------------------------
inline long openat(int dir, const char* path, int flags, u32 mode = 0) {
  return call(__NR_openat, dir, path, flags, mode);
}
inline long openat2(int dir, const char* path, const open_how* how) {
  return call(__NR_openat2, dir, path, how, sizeof(*how));
}
inline long close(int fd) {
  return call(__NR_close, fd);
}
inline long read(int fd, void* to, u64 size) {
  return call(__NR_read, fd, to, size);
}
inline long write(int fd, const void* from, u64 size) {
  return call(__NR_write, fd, from, size);
}
inline long dup3(int from, int to, int flags) {
  return call(__NR_dup3, from, to, flags);
}
inline long fcntl(int fd, int command, long argument) {
  return call(__NR_fcntl, fd, command, argument);
}
inline long ioctl(int fd, u64 request, u64 argument) {
  return call(__NR_ioctl, fd, request, argument);
}
inline long ioctl(int fd, u64 request, void* argument) {
  return call(__NR_ioctl, fd, request, argument);
}
inline long pipe2(int* fds, int flags) {
  return call(__NR_pipe2, fds, flags);
}
inline long statx(int dir, const char* path, int flags, u32 mask, struct statx* to) {
  return call(__NR_statx, dir, path, flags, mask, to);
}
inline long fstatfs(int fd, void* to) {
  return call(__NR_fstatfs, fd, to);
}
inline long faccessat(int dir, const char* path, int mode) {
  return call(__NR_faccessat, dir, path, mode);
}
inline long faccessat2(int dir, const char* path, int mode, int flags) {
  return call(__NR_faccessat2, dir, path, mode, flags);
}
inline long mkdirat(int dir, const char* path, u32 mode) {
  return call(__NR_mkdirat, dir, path, mode);
}
inline long mknodat(int dir, const char* path, u32 mode, u64 device) {
  return call(__NR_mknodat, dir, path, mode, device);
}
inline long linkat(int from, const char* old, int dir, const char* path, int flags) {
  return call(__NR_linkat, from, old, dir, path, flags);
}
inline long symlinkat(const char* target, int dir, const char* path) {
  return call(__NR_symlinkat, target, dir, path);
}
inline long readlinkat(int dir, const char* path, char* to, u64 size) {
  return call(__NR_readlinkat, dir, path, to, size);
}
inline long unlinkat(int dir, const char* path, int flags) {
  return call(__NR_unlinkat, dir, path, flags);
}
inline long fchmodat(int dir, const char* path, u32 mode) {
  return call(__NR_fchmodat, dir, path, mode);
}
/** Newer than the kernel headers we build with; the number is the same on every processor. */
inline long fchmodat2(int dir, const char* path, u32 mode, int flags) {
  return call(452, dir, path, mode, flags);
}
inline long fchown(int fd, u32 uid, u32 gid) {
  return call(__NR_fchown, fd, uid, gid);
}
inline long fchownat(int dir, const char* path, u32 uid, u32 gid, int flags) {
  return call(__NR_fchownat, dir, path, uid, gid, flags);
}
inline long getdents64(int fd, void* to, u64 size) {
  return call(__NR_getdents64, fd, to, size);
}
/** From the beginning (SEEK_SET) unless told otherwise. */
inline long lseek(int fd, i64 offset, int whence = 0) {
  return call(__NR_lseek, fd, offset, whence);
}
inline long ftruncate(int fd, u64 size) {
  return call(__NR_ftruncate, fd, size);
}
inline long sendfile(int to, int from, i64* offset, u64 size) {
  return call(__NR_sendfile, to, from, offset, size);
}
inline long utimensat(int dir, const char* path, const __kernel_timespec* times, int flags) {
  return call(__NR_utimensat, dir, path, times, flags);
}
inline long chdir(const char* path) {
  return call(__NR_chdir, path);
}
inline long fchdir(int fd) {
  return call(__NR_fchdir, fd);
}
inline long chroot(const char* path) {
  return call(__NR_chroot, path);
}
inline long getcwd(char* to, u64 size) {
  return call(__NR_getcwd, to, size);
}
inline long umask(u32 mask) {
  return call(__NR_umask, mask);
}
inline long close_range(u32 first, u32 last, u32 flags) {
  return call(__NR_close_range, first, last, flags);
}
inline long mmap(void* at, u64 size, int protection, int flags, int fd, u64 offset) {
  return call(__NR_mmap, at, size, protection, flags, fd, offset);
}
inline long munmap(void* at, u64 size) {
  return call(__NR_munmap, at, size);
}

// --- mounts ---------------------------------------------------------------------------------------------------
inline long mount(const char* source, const char* target, const char* type, u64 flags, const void* data) {
  return call(__NR_mount, source, target, type, flags, data);
}
inline long umount2(const char* target, int flags) {
  return call(__NR_umount2, target, flags);
}
inline long pivot_root(const char* root, const char* old) {
  return call(__NR_pivot_root, root, old);
}
inline long open_tree(int dir, const char* path, u32 flags) {
  return call(__NR_open_tree, dir, path, flags);
}
inline long move_mount(int from, const char* from_path, int to, const char* to_path, u32 flags) {
  return call(__NR_move_mount, from, from_path, to, to_path, flags);
}
inline long fsopen(const char* type, u32 flags) {
  return call(__NR_fsopen, type, flags);
}
inline long fsconfig(int fd, u32 command, const char* key, const void* value, int aux) {
  return call(__NR_fsconfig, fd, command, key, value, aux);
}
inline long fsmount(int fd, u32 flags, u32 attributes) {
  return call(__NR_fsmount, fd, flags, attributes);
}
inline long fspick(int dir, const char* path, u32 flags) {
  return call(__NR_fspick, dir, path, flags);
}
inline long mount_setattr(int dir, const char* path, u32 flags, const void* attributes, u64 size) {
  return call(__NR_mount_setattr, dir, path, flags, attributes, size);
}

// --- processes ------------------------------------------------------------------------------------------------
[[noreturn]] inline void exit(int status) {
  for (;;) call(__NR_exit_group, status);
}
inline long getpid() {
  return call(__NR_getpid);
}
inline long setns(int fd, u32 flags) {
  return call(__NR_setns, fd, flags);
}
inline long unshare(u64 flags) {
  return call(__NR_unshare, flags);
}
inline long clone3(const void* arguments, u64 size) {
  return call(__NR_clone3, arguments, size);
}
/**
 * clone(2): the child goes on with a copy of our memory.
 * @param pidfd set to one of the child with CLONE_PIDFD among the flags
 */
inline long clone(u64 flags, int* pidfd) {
#ifdef __s390x__
  return call(__NR_clone, 0, flags, pidfd, nullptr, 0);
#else
  return call(__NR_clone, flags, 0, pidfd, nullptr, 0);
#endif
}
inline long setsid() {
  return call(__NR_setsid);
}
inline long setpgid(int pid, int group) {
  return call(__NR_setpgid, pid, group);
}
inline long kill(int pid, int signal) {
  return call(__NR_kill, pid, signal);
}
inline long wait4(int pid, int* status, int options) {
  return call(__NR_wait4, pid, status, options, 0);
}
inline long execve(const char* path, const char* const* argv, const char* const* envp) {
  return call(__NR_execve, path, argv, envp);
}
inline long prctl(int option, u64 a = 0, u64 b = 0, u64 c = 0, u64 d = 0) {
  return call(__NR_prctl, option, a, b, c, d);
}
inline long ppoll(void* fds, u64 count, const __kernel_timespec* timeout) {
  return call(__NR_ppoll, fds, count, timeout, nullptr, 8);
}
inline long clock_gettime(int clock, __kernel_timespec* to) {
  return call(__NR_clock_gettime, clock, to);
}
inline long sendmsg(int fd, const void* message, int flags) {
  return call(__NR_sendmsg, fd, message, flags);
}
inline long recvmsg(int fd, void* message, int flags) {
  return call(__NR_recvmsg, fd, message, flags);
}

}  // namespace runts::sys
