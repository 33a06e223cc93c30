#pragma once

namespace runts {

/** Whether a descriptor belongs to a procfs. */
bool is_procfs(int fd);

}  // namespace runts
