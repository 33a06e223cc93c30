#pragma once

/** Put in front of QuickJS where it is fuzzed: tells libFuzzer which instructions of a script were carried out. */

#include <stdint.h>

#define SCRIPT_COUNTERS (1u << 16)

#ifdef __cplusplus
extern "C"
#else
extern
#endif
    uint8_t script_counters[SCRIPT_COUNTERS];

/** A function is known by its name and its length, which are the same in every process. */
#define count_instruction(function, pc)                                                                            \
  (script_counters[((uint32_t)(function)->func_name * 0x9E3779B1u + (uint32_t)(function)->byte_code_len * 40503u + \
                    (uint32_t)((pc) - (function)->byte_code_buf)) %                                                \
                   SCRIPT_COUNTERS] = 1)
