// The cgroups of the container, in every hierarchy.
#include <sys/stat.h>

#include "floor.h"

struct hierarchy hierarchies[16];
int hierarchy_count;
int is_unified_only;

void find_hierarchies(const char* name) {
  is_unified_only = exists("/sys/fs/cgroup/cgroup.controllers");
  FILE* file = fopen("/proc/self/cgroup", "re");
  check(!file, "/proc/self/cgroup");
  char line[1024];
  while (fgets(line, sizeof line, file) && hierarchy_count < (int)COUNT(hierarchies)) {
    char* controllers = strchr(line, ':') + 1;
    char* path = strchr(controllers, ':');
    *path++ = '\0';
    path[strcspn(path, "\n")] = '\0';
    struct hierarchy* each = &hierarchies[hierarchy_count++];
    const char* equals = strchr(controllers, '=');
    snprintf(each->name, sizeof each->name, "%s", equals ? equals + 1 : controllers);
    const char* mount = *each->name ? each->name : is_unified_only ? "." : "unified";
    snprintf(each->path, sizeof each->path, "/sys/fs/cgroup/%s%s", mount, strcmp(path, "/") ? path : "");
    // /proc tells of every hierarchy, also of those that others have mounted where this process does not see them.
    if (!exists(each->path)) {
      hierarchy_count--;
      continue;
    }
    strncat(each->path, "/", sizeof each->path - strlen(each->path) - 1);
    strncat(each->path, name, sizeof each->path - strlen(each->path) - 1);
  }
  fclose(file);
}

static void make_cgroup(const struct hierarchy* each) {
  check(mkdir(each->path, 0755), each->path);
}

int make_unified_cgroup(void) {
  for (int i = 0; i < hierarchy_count; i++) {
    if (*hierarchies[i].name) continue;
    make_cgroup(&hierarchies[i]);
    return open(hierarchies[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  return -1;
}

static void write_value(const char* directory, const char* name, const char* value) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  check(file < 0 || write(file, value, strlen(value)) < 0, path);
  close(file);
}

static void copy_from_parent(const char* directory, const char* name) {
  char path[PATH_MAX], value[4096];
  snprintf(path, sizeof path, "%s/../%s", directory, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t size = read(file, value, sizeof value - 1);
  check(size < 0, path);
  close(file);
  value[size] = '\0';
  write_value(directory, name, value);
}

static const char* const allowed_devices[] = {
    "c *:* m",   "b *:* m",   "c 1:3 rwm", "c 1:5 rwm",   "c 1:7 rwm",    "c 1:8 rwm",
    "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm",
};

void make_other_cgroups(void) {
  for (int i = 0; i < hierarchy_count; i++) {
    const struct hierarchy* each = &hierarchies[i];
    if (!*each->name) continue;
    make_cgroup(each);
    if (strcmp(each->name, "cpuset") == 0) {
      copy_from_parent(each->path, "cpuset.cpus");
      copy_from_parent(each->path, "cpuset.mems");
    } else if (strcmp(each->name, "devices") == 0) {
      write_value(each->path, "devices.deny", "a");
      for (size_t rule = 0; rule < COUNT(allowed_devices); rule++)
        write_value(each->path, "devices.allow", allowed_devices[rule]);
    }
  }
}

void enter_cgroups(void) {
  for (int i = 0; i < hierarchy_count; i++) {
    if (*hierarchies[i].name) write_value(hierarchies[i].path, "tasks", "0");
  }
}

void remove_cgroups(void) {
  for (int i = hierarchy_count - 1; i >= 0; i--) {
    // The last process may still be on its way out.
    while (rmdir(hierarchies[i].path) && errno == EBUSY) usleep(100);
  }
}
