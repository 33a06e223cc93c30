// What init has beside its own sources in the executable under sanitizers (scripts/hosted-init.js). It is executed in
// the namespaces of the host and never again, so that libraries are at hand; but a report comes from wherever it has
// got to since, where no file of the host can be opened. A page of the file of reports is mapped from the start.
#include <fcntl.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>

namespace {

/** The file as native/tests/sanitized-spec.js makes it, of zeros. */
struct Reports {
  std::atomic<size_t> size;
  char text[INIT_REPORTS_SIZE - sizeof(size_t)];
};

Reports* reports;

void add(const char* report) {
  const size_t length = std::strlen(report);
  const size_t start = reports->size.fetch_add(length);
  const size_t room = start < sizeof(reports->text) ? sizeof(reports->text) - start : 0;
  std::memcpy(reports->text + (room > 0 ? start : 0), report, length < room ? length : room);
}

/** Where the file is not, or cannot be written to, a report is on the standard error stream alone, and ends init all
 * the same. */
[[gnu::constructor]] void map_reports() {
  const int fd = open(INIT_REPORTS, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* mapping = mmap(nullptr, sizeof(Reports), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapping == MAP_FAILED) return;
  reports = static_cast<Reports*>(mapping);
  __asan_set_error_report_callback(add);
}

}  // namespace

/** Undefined behaviour is an instruction that the processor refuses, until init gives signals back what they do by
 * default: then that ends it. */
extern "C" [[gnu::used]] const char* __asan_default_options() {
  return "detect_leaks=0:exitcode=97:handle_sigill=1:detect_stack_use_after_return=0:symbolize=0";
}
