#pragma once

/** What quickjs.h and quickjs.c count with (scripts/quickjs.js). A count from here on never changes, and what has it is
 * never freed. */
#define IMMORTAL_REFERENCES (1 << 29)
#define HOLD_REFERENCE(count) ((count) < IMMORTAL_REFERENCES ? (void)(count)++ : (void)0)
#define DROP_REFERENCE(count) ((count) < IMMORTAL_REFERENCES ? --(count) : (count))
