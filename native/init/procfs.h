#pragma once

#include "../core/result.h"

namespace runts {

/** Whether a descriptor belongs to a procfs. `path` names it in the error. */
Result is_procfs(int fd, Str path, bool& is);

}  // namespace runts
