#pragma once

// What the headers of Linux before 5.14 do not have, such as those of Debian 11; numbers are the same on every
// processor.
#include <asm/unistd.h>
#include <linux/close_range.h>
#include <linux/ioctl.h>
#include <linux/mount.h>
#include <linux/types.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
struct mount_attr {
  __u64 attr_set;
  __u64 attr_clr;
  __u64 propagation;
  __u64 userns_fd;
};
#endif

#ifndef PIDFD_GET_INFO
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
/* Of Linux 6.13, in its first size. */
struct pidfd_info {
  __u64 mask;
  __u64 cgroupid;
  __u32 pids[3];
  __u32 ids[8];
  __s32 exit_code;
};
#endif

#ifndef PIDFD_INFO_EXIT
#define PIDFD_INFO_EXIT (1UL << 3)
#endif

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
