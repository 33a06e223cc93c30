#pragma once
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct hierarchy {
  char name[64];    // controllers as in /proc/self/cgroup; empty: cgroup v2
  char path[1024];  // of the container's cgroup
};

extern struct hierarchy hierarchies[16];
extern int hierarchy_count;
// Whether the machine has cgroup v2 alone.
extern int is_unified_only;

// Ends the process when a call failed; of init too: whose message it is does not matter here.
void check(int failed, const char* what);
int exists(const char* path);

void find_hierarchies(const char* name);
// The cgroup of v2, in which init starts. @returns its descriptor, -1 without one
int make_unified_cgroup(void);
void make_other_cgroups(void);
// A single-threaded process moves itself without waiting for the kernel's grace period.
void enter_cgroups(void);
void remove_cgroups(void);

// The working directory is the rootfs for these two.
void mount_all(void);
void make_devices(void);
void change_root(void);
// Masks and read-only paths, in the new root.
void protect(void);
