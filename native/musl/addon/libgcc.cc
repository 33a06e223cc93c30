/** As ../libgcc.cc, for a library among others, in a process with threads. */
#include <link.h>
#include <stdint.h>

#include "../found_object.h"

namespace {

struct Search {
  uintptr_t address;
  FoundObject* result;
};

/** Stops at the object that the address is in. */
int note_if_inside(struct dl_phdr_info* object, size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  bool inside = false;
  FoundObject found = {};
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_GNU_EH_FRAME) found.eh_frame_header = reinterpret_cast<const void*>(begin);
    if (segment.p_type != PT_LOAD || search->address < begin || search->address - begin >= segment.p_memsz) continue;
    inside = true;
    found.map_start = reinterpret_cast<void*>(begin);
    found.map_end = reinterpret_cast<void*>(begin + segment.p_memsz);
  }
  if (inside) *search->result = found;
  return inside ? 1 : 0;
}

}  // namespace

extern "C" {

/** The unwinder's question for the tables of the object at an address. */
int _dl_find_object(void* address, FoundObject* result) {
  Search search = {.address = reinterpret_cast<uintptr_t>(address), .result = result};
  *result = {};
  dl_iterate_phdr(note_if_inside, &search);
  return result->eh_frame_header == nullptr ? -1 : 0;
}

/** The library's threads, and those of Node. */
char __libc_single_threaded = 0;

}  // extern "C"
