/** What libstdc++ and libgcc, made for glibc, want from the C library. */
#include <link.h>

#include "found_object.h"

namespace {

int note_unwind_table(struct dl_phdr_info* object, size_t, void* result) {
  auto* found = static_cast<FoundObject*>(result);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type == PT_GNU_EH_FRAME)
      found->eh_frame_header = reinterpret_cast<const void*>(object->dlpi_addr + segment.p_vaddr);
  }
  return 1;
}

}  // namespace

extern "C" {

/** The unwinder's question for the tables of the object at an address; the executable is static, so there is one. */
int _dl_find_object(void* /*address*/, FoundObject* result) {
  *result = {};
  dl_iterate_phdr(note_unwind_table, result);
  return result->eh_frame_header == nullptr ? -1 : 0;
}

/** The executable has one thread. */
char __libc_single_threaded = 1;

}  // extern "C"
