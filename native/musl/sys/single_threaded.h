#pragma once

/** glibc's, of single_threaded.h(3): whether counters may do without atomic operations. */
extern "C" char __libc_single_threaded;
