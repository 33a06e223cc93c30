// Only in the executable whose memory is checked (scripts/toolchain.js).
#ifdef __SANITIZE_ADDRESS__

/**
 * An error of a command ends it with 1; these say that memory was misused. A command frees nothing at its end. Reports
 * go to files, because a caller may have closed the standard streams, or expect a command to fail.
 */
extern "C" [[gnu::visibility("default"), gnu::used]] const char* __asan_default_options() {
  return "detect_leaks=0:exitcode=99:log_path=" SANITIZER_REPORTS;
}

extern "C" [[gnu::visibility("default"), gnu::used]] const char* __ubsan_default_options() {
  return "print_stacktrace=1:exitcode=98:log_path=" SANITIZER_REPORTS;
}

#endif
