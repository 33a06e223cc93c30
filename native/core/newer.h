#pragma once

// What the headers of Linux before 5.14 do not have, such as those of Debian 11; numbers are the same on every
// processor.
#include <asm/unistd.h>
#include <linux/close_range.h>
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

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
