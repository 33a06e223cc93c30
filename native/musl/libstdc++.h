/**
 * What the headers of a libstdc++ made for glibc expect of the C library, for the build of the executable with musl.
 * Included before everything else.
 */
#pragma once

#include <features.h>
#include <locale.h>
#include <pthread.h>

#define __GLIBC_PREREQ(major, minor) 0
#define __locale_t locale_t

/** Declared for the timed locks of <mutex>, which nothing here uses. */
extern "C" int pthread_mutex_clocklock(pthread_mutex_t*, clockid_t, const struct timespec*);
extern "C" int pthread_cond_clockwait(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);
