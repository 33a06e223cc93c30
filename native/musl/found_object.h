#pragma once

/** glibc's dl_find_object of <dlfcn.h>. */
struct FoundObject {
  unsigned long long flags;
  void* map_start;
  void* map_end;
  void* link_map;
  const void* eh_frame_header;
  unsigned long long reserved[7];
};
