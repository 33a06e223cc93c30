/** Of the executable that is built to be profiled: it ends by _exit(2), which would leave its counts unwritten. */
extern "C" {

void __gcov_dump();
[[noreturn]] void __real__exit(int status);

[[noreturn]] void __wrap__exit(int status) {
  __gcov_dump();
  __real__exit(status);
}

}  // extern "C"
